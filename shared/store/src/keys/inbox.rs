//! Keys of what people say to accounts, and of those who tell it.

use super::{
    ASKING, BOX, INTERACTION, INTERACTION_SK, REACTED, SAID, SOURCE, TENANT, THREAD, id, key, ms, tenant_pk, under,
};
use crate::Key;
use domain::inbox::InboxState;
use domain::{AccountId, InteractionId, TenantId};
use jiff::Timestamp;

/// The start of the sort keys of sources.
pub(crate) fn sources() -> &'static str {
    SOURCE
}

/// The start of the sort keys of accounts that are asked.
pub(crate) fn askings() -> &'static str {
    ASKING
}

pub(crate) fn asking(t: TenantId, account: AccountId) -> Key {
    key(tenant_pk(t), format!("{ASKING}{}", account.uuid().simple()))
}

pub(crate) fn interaction(t: TenantId, id: InteractionId) -> Key {
    key(format!("{}{}", under(t, INTERACTION), id.uuid().simple()), INTERACTION_SK)
}

/// What stands so in the inbox.
pub(crate) fn box_pk(t: TenantId, state: InboxState) -> String {
    format!("{}{}", under(t, BOX), state.name())
}

pub(crate) fn in_box(t: TenantId, state: InboxState, at: Timestamp, id: InteractionId) -> Key {
    key(box_pk(t, state), format!("{}#{}", ms(at), id.uuid().simple()))
}

pub(crate) fn thread_pk(t: TenantId, thread: &str) -> String {
    format!("{}{thread}", under(t, THREAD))
}

/// The start of the sort keys of what was said in a conversation, or of the reactions in it.
pub(crate) fn in_thread_prefix(reaction: bool) -> &'static str {
    if reaction { REACTED } else { SAID }
}

pub(crate) fn in_thread(t: TenantId, thread: &str, reaction: bool, at: Timestamp, id: InteractionId) -> Key {
    key(thread_pk(t, thread), format!("{}{}#{}", in_thread_prefix(reaction), ms(at), id.uuid().simple()))
}

/// The interaction whose record has this key.
pub(crate) fn parse_interaction(item: &Key) -> Option<InteractionId> {
    id(InteractionId::PREFIX, item.pk.strip_prefix(TENANT)?.split_once(INTERACTION)?.1)
}
