//! Where that lies which comes in.

use super::{Placed, days, kind};
use crate::{Key, Table, keys};
use domain::inbound::{INCOMING_D, Incoming, RECEIPT_D, Receipt};
use domain::inbox::{Interaction, InteractionKind, REACTION_D};
use ports::StoreError;

/// A call of a source, with its entry in the due index until it was read.
pub(super) fn receipt(r: &Receipt) -> Result<Placed, StoreError> {
    let key = keys::receipt(r.tenant, r.source, r.id);
    let placed = Placed::new(Table::Core, kind::RECEIPT, key, r)?.made(r.received_at);
    let shard = keys::due_shard(r.id.uuid().as_bytes());
    let due = r.wake.as_ref().map(|wake| Key { pk: keys::due_pk(shard), sk: keys::due_sk(wake, None) });
    // What nobody has read stays, however long that takes: its caller will not send it again.
    Ok(Placed { due, ..placed.kept_once(r.read.map(|read| read.at), days(RECEIPT_D)) })
}

/// An event that came in, listed by when it did.
pub(super) fn incoming(r: &Incoming) -> Result<Placed, StoreError> {
    let key = keys::incoming(r.tenant, r.source, r.id);
    let placed = Placed::new(Table::Core, kind::INCOMING, key, r)?.made(r.received_at);
    let list = Some(keys::listed_incoming(r.tenant, r.source, r.received_at, r.id));
    Ok(Placed { list, ..placed.kept(r.received_at, days(INCOMING_D)) })
}

/// What somebody said or did: in the inbox by where it stands there, and in its conversation while it is there.
pub(super) fn interaction(r: &Interaction) -> Result<Placed, StoreError> {
    let reaction = r.kind == InteractionKind::Reaction;
    let placed = Placed::new(Table::Core, kind::INTERACTION, keys::interaction(r.tenant, r.id), r)?.made(r.at);
    let list = r.state().map(|state| keys::in_box(r.tenant, state, r.at, r.id));
    let due = r.is_there().then(|| keys::in_thread(r.tenant, &r.thread, reaction, r.at, r.id));
    // Only what nobody answers is forgotten.
    Ok(Placed { due, list, ..placed.kept_once(reaction.then_some(r.received_at), days(REACTION_D)) })
}
