//! The account's gate, as commits: at most one delivery of an account is in flight, and whoever leaves serves the next. The
//! quotas that the account has for itself are counted in it, so that counting costs no write.

use crate::Deps;
use domain::platform::Quota;
use domain::publishing::{Asking, Delivery, Gate, Knock, MAX_WAITING, Meters, Waiting};
use domain::{AccountId, TenantId};
use jiff::Timestamp;
use ports::{Expect, Record, StoreError, Versioned, Write};

/// Times a gate write is repeated when others knock at the same moment. Each conflict is somebody else's write that went
/// through, and each of them writes once: as many as fit on the list can be in the way. Giving up earlier is dear: whoever
/// fails to leave keeps everybody out until the lease ends.
const TRIES: usize = MAX_WAITING;

/// What knocking came to.
pub(super) enum Entry {
    /// Inside, under this owner token. So many before us went in for this delivery and never came back.
    Inside {
        /// Those workers.
        lost: u8,
        /// How many requests the account's quotas let through.
        taken: u32,
        /// The use of these quotas, which is ours to count until we leave.
        meters: Meters,
    },
    /// Somebody else is; we are on the list.
    Listed,
    /// The platform wants quiet until then.
    Quiet(Timestamp),
    /// A quota of the account is used up until then.
    Spent(Timestamp),
}

/// Who asks of the quotas of an account: it shares them with nobody.
pub(super) const ALONE: &str = "";

/// Knocks for a delivery, which needs so much of the account's `quotas`.
pub(super) async fn enter(
    deps: &Deps,
    delivery: &Delivery,
    owner: &str,
    quotas: &[&Quota],
    asking: Asking<'_>,
) -> Result<Entry, StoreError> {
    let mut last = StoreError::Conflict { index: 0 };
    for _ in 0..TRIES {
        let found = read(deps, delivery.tenant, delivery.account).await?;
        let now = deps.clock.now();
        let (gate, entry) = match found.value.knock(owner, delivery.post, delivery.due_at, now) {
            Knock::Quiet(until) => return Ok(Entry::Quiet(until)),
            Knock::Enter(mut gate) => match gate.meters.ask(quotas, asking, now) {
                Ok(taken) => {
                    let inside = Entry::Inside { lost: gate.lost, taken, meters: gate.meters.clone() };
                    (gate, inside)
                }
                // It stays as it was, but for the line.
                Err(until) => (Gate { meters: gate.meters, ..found.value.clone() }, Entry::Spent(until)),
            },
            Knock::Wait(gate) => (gate, Entry::Listed),
        };
        if gate == found.value {
            return Ok(entry);
        }
        match put(deps, &found, gate).await {
            Ok(()) => return Ok(entry),
            Err(error @ StoreError::Conflict { .. }) => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}

/// Leaves, and learns who to serve next under the same owner token. `meters` is what was counted inside. A failure leaves the
/// gate to its lease, and what was counted since the last write is not known.
pub(super) async fn leave(
    deps: &Deps,
    tenant: TenantId,
    account: AccountId,
    owner: &str,
    quiet_until: Option<Timestamp>,
    may_serve: bool,
    meters: &Meters,
) -> Option<Waiting> {
    for _ in 0..TRIES {
        let found = match read(deps, tenant, account).await {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(%error, "an account's gate could not be read; its lease ends it");
                return None;
            }
        };
        if found.value.owner.as_deref() != Some(owner) {
            return None;
        }
        let (mut gate, next) = found.value.leave(quiet_until, deps.clock.now());
        gate.meters.clone_from(meters);
        if !may_serve && next.is_some() {
            // No time left to serve anyone: open the gate; the tick wakes those who waited.
            (gate.owner, gate.inside) = (None, None);
            gate.waiting.clear();
        }
        match put(deps, &found, gate).await {
            Ok(()) => return next.filter(|_| may_serve),
            Err(StoreError::Conflict { .. }) => {}
            Err(error) => {
                tracing::warn!(%error, "an account's gate could not be left; its lease ends it");
                return None;
            }
        }
    }
    tracing::warn!("an account's gate could not be left, since others wrote it again and again; its lease ends it");
    None
}

async fn read(deps: &Deps, tenant: TenantId, account: AccountId) -> Result<Versioned<Gate>, StoreError> {
    let found = deps.ledger.gate(tenant, account).await?;
    Ok(found.unwrap_or_else(|| Versioned { value: Gate::new(tenant, account), rev: 0, unsent: Vec::new() }))
}

async fn put(deps: &Deps, found: &Versioned<Gate>, gate: Gate) -> Result<(), StoreError> {
    let expect = if found.rev == 0 { Expect::Absent } else { Expect::Rev(found.rev) };
    let write = Write { record: Record::Gate(gate), expect, delete: false, events: Vec::new() };
    deps.ledger.commit(vec![write]).await.map(|_| ())
}
