//! What an event tells of something said, merged with what is known of it.

use super::ingest::uuid_of;
use crate::{Deps, Error, sha256_hex, sha256_short};
use domain::inbound::Incoming;
use domain::inbox::Interaction;
use domain::{InteractionId, SourceId};
use ports::{Record, Write};

/// Most characters that are kept of the platform's id of an account.
const MAX_TO: usize = 512;

/// The id of what a platform calls so. Its ids name something within the account that it tells of (`to`); another account's, or another
/// source's, may be the same.
pub(crate) fn interaction_id(source: SourceId, to: Option<&str>, external_id: &str) -> InteractionId {
    let to = to.unwrap_or_default();
    let named = sha256_hex(format!("{source}|{}|{to}|{external_id}", to.len()).as_bytes());
    InteractionId::from_uuid(uuid_of(&named))
}

/// The name of a conversation in keys.
pub(crate) fn thread(conversation: &str) -> String {
    sha256_short(conversation.as_bytes())
}

/// The write that leaves what is known of a thing together with what `incoming` tells of it; none where that tells of no such thing, or
/// nothing that was not known. `to` is the platform's id of the account that it concerns.
pub(super) async fn merges(deps: &Deps, incoming: &Incoming, to: Option<&str>) -> Result<Option<Write>, Error> {
    let Some((_, said)) = Interaction::said(&incoming.what) else { return Ok(None) };
    let to: Option<String> = to.map(|to| to.chars().take(MAX_TO).collect());
    // What its platform has no id for is like nothing else.
    let unnamed = incoming.id.to_string();
    let external_id = if said.external_id.is_empty() { &unnamed } else { &said.external_id };
    let id = interaction_id(incoming.source, to.as_deref(), external_id);
    let Some(told) = Interaction::told(id, incoming, to.as_deref()) else { return Ok(None) };
    let known = deps.ledger.interaction(incoming.tenant, id).await?;
    let mut next = known.as_ref().map_or_else(|| told.clone(), |known| known.value.clone().merged(&told));
    next.thread = thread(&next.conversation());
    let record = |next| Record::Interaction(Box::new(next));
    Ok(match known {
        Some(known) if known.value == next => None,
        Some(known) => Some(Write::replace(&known, record(next))),
        None => Some(Write::create(record(next))),
    })
}
