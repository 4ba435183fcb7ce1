//! Where a message stands. Platforms tell it more than once and in any order, so standings are merged, not replaced: whatever
//! the order, the same is left.

use crate::{SourceId, TenantId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What became of a message, from the least that is known to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageStanding {
    /// It waits to be sent.
    Queued,
    /// It was sent.
    Sent,
    /// It did not arrive. What arrived after all counts more.
    Failed,
    /// It arrived.
    Delivered,
    /// It was read.
    Read,
    /// It came back for good, after it was taken.
    Bounced,
    /// Its reader called it spam.
    Complained,
}

/// Where a message stands, and since when. The order of the fields is the order in which two standings are compared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Standing {
    /// What became of it.
    pub status: MessageStanding,
    /// When.
    pub at: Timestamp,
    /// Why it failed, as the platform's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

impl Standing {
    /// One that tells no time: it counts from when it came in.
    pub fn untimed(status: MessageStanding, code: Option<String>) -> Self {
        Self { status, at: Timestamp::UNIX_EPOCH, code }
    }

    /// Both standings taken together: the larger one. So the order and the number of tellings do not matter.
    #[must_use]
    pub fn merged(self, other: Self) -> Self {
        self.max(other)
    }
}

/// A message that was sent, by its platform's id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageStatus {
    /// Tenant.
    pub tenant: TenantId,
    /// Who tells of it.
    pub source: SourceId,
    /// SHA-256 (hex) of the platform's id of it, shortened.
    pub hash: String,
    /// The platform's id of it.
    pub message: String,
    /// Where it stands.
    pub standing: Standing,
    /// When that came in, whatever time it tells; none in records of before this was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use MessageStanding::{Bounced, Complained, Delivered, Failed, Queued, Read, Sent};

    fn standing(status: MessageStanding, second: i64, code: Option<&str>) -> Standing {
        let at = Timestamp::from_second(1_800_000_000 + second).unwrap();
        Standing { status, at, code: code.map(str::to_owned) }
    }

    /// Every order of so many things (Heap's algorithm).
    fn orders(n: usize, list: &mut Vec<Standing>, each: &mut impl FnMut(&[Standing])) {
        if n <= 1 {
            return each(list);
        }
        for i in 0..n {
            orders(n - 1, list, each);
            list.swap(if n.is_multiple_of(2) { i } else { 0 }, n - 1);
        }
    }

    #[test]
    fn whatever_the_order_and_however_often_the_same_is_left() {
        let tellings = [
            vec![standing(Sent, 1, None), standing(Delivered, 3, None), standing(Read, 2, None)],
            vec![standing(Queued, 0, None), standing(Sent, 1, None), standing(Failed, 2, Some("131026"))],
            vec![standing(Failed, 5, Some("a")), standing(Failed, 5, Some("b")), standing(Failed, 4, None)],
            vec![
                standing(Queued, 9, None),
                standing(Sent, 1, None),
                standing(Delivered, 2, None),
                standing(Failed, 8, Some("x")),
                standing(Bounced, 3, None),
                standing(Complained, 0, None),
            ],
        ];
        let mut tried = 0;
        for told in tellings {
            let most = told.iter().max().unwrap().clone();
            let mut list = told.clone();
            let n = list.len();
            orders(n, &mut list, &mut |order| {
                tried += 1;
                // Each told twice, the second time after all others.
                let all = order.iter().chain(order).cloned();
                assert_eq!(all.reduce(Standing::merged).unwrap(), most, "{order:?}");
            });
        }
        assert_eq!(tried, 3 * 6 + 720);
    }

    #[test]
    fn what_arrived_counts_more_than_a_failure_and_what_came_back_counts_most() {
        let after = |one: MessageStanding, other: MessageStanding| {
            standing(one, 9, None).merged(standing(other, 1, None)).status
        };
        assert_eq!(after(Sent, Failed), Failed);
        assert_eq!(after(Failed, Delivered), Delivered);
        assert_eq!(after(Queued, Read), Read);
        assert_eq!(after(Delivered, Bounced), Bounced);
        assert_eq!(after(Bounced, Complained), Complained);
    }
}
