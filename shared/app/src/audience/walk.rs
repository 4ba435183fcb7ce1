//! Going through the whole audience.

use crate::{Deps, Error};
use domain::audience::{CONTACT_SHARDS, Contact, contact_shard, end_of_shard};
use domain::{ContactId, TenantId};

/// Contacts read at a time.
const CHUNK: u32 = 500;

/// Whether to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Walk {
    /// With the next.
    On,
    /// Stop behind this one.
    Stop,
}

/// Goes through the contacts of a tenant behind `after`, in the order of their ids, each once. Answers with whom it stopped behind, because `each`
/// wanted so or `is_over` said so between two pages; with none when it met everybody.
pub(super) async fn walk(
    deps: &Deps,
    tenant: TenantId,
    after: Option<ContactId>,
    mut each: impl FnMut(Contact) -> Walk + Send,
    is_over: impl Fn() -> bool + Send,
) -> Result<Option<ContactId>, Error> {
    let mut last = after;
    let first = after.map_or(0, |id| {
        let shard = contact_shard(id);
        // Nobody of this partition is left, and to ask would be all that a call with little time gets to.
        if id == end_of_shard(shard) { shard + 1 } else { shard }
    });
    for shard in first..CONTACT_SHARDS {
        let mut behind = after.filter(|id| contact_shard(*id) == shard);
        loop {
            let page = deps.ledger.contacts(tenant, shard, behind, CHUNK).await?;
            for found in page.items {
                last = Some(found.value.id);
                if each(found.value) == Walk::Stop {
                    return Ok(last);
                }
            }
            behind = page.next;
            if behind.is_none() {
                // Behind everybody of this partition, so that each call gets further, however little time it had.
                last = Some(end_of_shard(shard));
            }
            if behind.is_none() && shard + 1 == CONTACT_SHARDS {
                return Ok(None);
            }
            if is_over() {
                return Ok(last);
            }
            if behind.is_none() {
                break;
            }
        }
    }
    Ok(None)
}
