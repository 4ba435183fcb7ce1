//! Where contacts and what belongs to them lie.

use super::{Placed, kind, without_ids};
use crate::backend::Table;
use crate::keys;
use domain::audience::Contact;
use ports::StoreError;

/// A contact: in its partition, and while it is left alone on some channel among those who are.
pub(super) fn contact(r: &Contact) -> Result<Placed, StoreError> {
    let placed = Placed::new(Table::Core, kind::CONTACT, keys::contact(r.tenant, r.id), r)?.made(r.created_at);
    let last = r.suppressions.values().map(|suppression| suppression.since).max();
    let due = last.map(|since| keys::suppressed(r.tenant, since, r.id));
    Ok(Placed { doc: without_ids(kind::CONTACT, r, &placed.key)?, due, ..placed })
}
