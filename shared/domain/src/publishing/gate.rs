//! The account's gate: one delivery at a time goes through it (I13), in due order, and none while the platform has asked
//! for quiet.

use super::{Meters, WORKER_LIFE_S};
use crate::{AccountId, PostId, TenantId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Seconds a gate stays taken when its owner never leaves. A thread may send its last part near the end of its worker's
/// life, so the gate must outlive the worker; the rest is for clocks that differ.
pub const GATE_LEASE_S: i64 = WORKER_LIFE_S + 15;
/// Deliveries that may queue at a gate; more are found again by the tick.
pub const MAX_WAITING: usize = 100;

/// A delivery that found the gate taken.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Waiting {
    /// When it was due: the order of service.
    pub due_at: Timestamp,
    /// The post; the account is the gate's.
    pub post: PostId,
}

/// The gate of one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gate {
    /// Tenant.
    pub tenant: TenantId,
    /// Account.
    pub account: AccountId,
    /// Who is inside; none when open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The post whose delivery is inside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inside: Option<PostId>,
    /// How many workers in a row went in for that post and never left.
    #[serde(default, skip_serializing_if = "crate::is_zero")]
    pub lost: u8,
    /// When an owner that never left counts as gone.
    pub until: Timestamp,
    /// Who found it taken; whoever leaves serves them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waiting: Vec<Waiting>,
    /// Until when the platform wants quiet on this account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet_until: Option<Timestamp>,
    /// The use of the quotas that the account has for itself. Whoever is inside counts, and writes it down when they leave.
    #[serde(default, skip_serializing_if = "Meters::is_empty")]
    pub meters: Meters,
}

// serde hands over a reference.
/// What somebody who knocks is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Knock {
    /// Come in: commit this gate.
    Enter(Gate),
    /// Taken: commit this gate (it has you on its list) and go.
    Wait(Gate),
    /// The platform wants quiet until then.
    Quiet(Timestamp),
}

impl Gate {
    /// A gate nobody used yet.
    pub fn new(tenant: TenantId, account: AccountId) -> Self {
        Self {
            tenant,
            account,
            owner: None,
            inside: None,
            lost: 0,
            until: Timestamp::UNIX_EPOCH,
            waiting: Vec::new(),
            quiet_until: None,
            meters: Meters::default(),
        }
    }

    /// Knocks for the delivery of `post`.
    pub fn knock(&self, owner: &str, post: PostId, due_at: Timestamp, now: Timestamp) -> Knock {
        if let Some(until) = self.quiet_until
            && until > now
        {
            return Knock::Quiet(until);
        }
        let mut next = self.clone();
        if self.owner.is_some() && self.until > now {
            let me = Waiting { due_at, post };
            if !next.waiting.contains(&me) && next.waiting.len() < MAX_WAITING {
                next.waiting.push(me);
                next.waiting.sort();
            }
            return Knock::Wait(next);
        }
        // An owner that is still there and gone never came to an end with its delivery.
        let again = self.owner.is_some() && self.inside == Some(post);
        next.lost = if again { self.lost.saturating_add(1) } else { 0 };
        next.inside = Some(post);
        next.owner = Some(owner.into());
        next.until = now + SignedDuration::from_secs(GATE_LEASE_S);
        next.quiet_until = None;
        next.waiting.retain(|w| w.post != post);
        Knock::Enter(next)
    }

    /// Leaves: the gate to commit, and who to serve next (the gate then stays taken in their name).
    pub fn leave(&self, quiet_until: Option<Timestamp>, now: Timestamp) -> (Self, Option<Waiting>) {
        let mut next = self.clone();
        next.quiet_until = quiet_until.filter(|q| *q > now);
        (next.inside, next.lost) = (None, 0);
        if next.quiet_until.is_none() && !next.waiting.is_empty() {
            let first = next.waiting.remove(0);
            next.until = now + SignedDuration::from_secs(GATE_LEASE_S);
            next.inside = Some(first.post);
            return (next, Some(first));
        }
        next.owner = None;
        // Whoever still waits is found by the tick once the quiet is over.
        next.waiting.clear();
        (next, None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn workers_that_go_in_for_a_post_and_never_leave_are_counted_until_one_leaves() {
        let mut now = Timestamp::UNIX_EPOCH;
        let (post, other) = (PostId::from_uuid(Uuid::from_u128(1)), PostId::from_uuid(Uuid::from_u128(2)));
        let mut gate = Gate::new(TenantId::from_uuid(Uuid::nil()), AccountId::from_uuid(Uuid::nil()));
        let enter = |gate: &Gate, post, now| match gate.knock("w", post, now, now) {
            Knock::Enter(gate) => gate,
            other => unreachable!("{other:?}"),
        };
        for n in 0..4 {
            gate = enter(&gate, post, now);
            assert_eq!(gate.lost, n);
            now += SignedDuration::from_secs(GATE_LEASE_S + 1);
        }
        assert_eq!(enter(&gate, other, now).lost, 0, "another post is not to blame");
        let (left, _) = gate.leave(None, now);
        assert_eq!(enter(&left, post, now).lost, 0);
    }

    #[test]
    fn a_gate_stays_taken_for_longer_than_its_owner_can_live() {
        let now = Timestamp::UNIX_EPOCH;
        let (post, other) = (PostId::from_uuid(Uuid::from_u128(1)), PostId::from_uuid(Uuid::from_u128(2)));
        let gate = Gate::new(TenantId::from_uuid(Uuid::nil()), AccountId::from_uuid(Uuid::nil()));
        let Knock::Enter(taken) = gate.knock("a", post, now, now) else { unreachable!("it was open") };
        let end_of_life = now + SignedDuration::from_secs(WORKER_LIFE_S + 10);
        assert!(matches!(taken.knock("b", other, now, end_of_life), Knock::Wait(_)));
        let gone = now + SignedDuration::from_secs(GATE_LEASE_S + 1);
        assert!(matches!(taken.knock("b", other, now, gone), Knock::Enter(_)));
    }
}
