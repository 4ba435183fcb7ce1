//! Deciding an unknown outcome from what reading the platform shows. Reading proves a commit at once; absence is proved
//! only by time: after Δ nothing that left us can still take effect, and several complete listings agree.

use super::{Delivery, Doubt, Failure, Finding, Proof, Refused, State, Transition};
use jiff::{SignedDuration, Timestamp};

/// Complete listings without the post that it takes before it counts as absent.
pub const NEGATIVE_READS: u8 = 3;
/// Seconds that lie between two listings that count.
pub const READ_SPACING_S: i64 = 240;
/// Hours after which a person is asked.
pub const ASK_AFTER_H: i64 = 24;

impl Delivery {
    /// Decides with what a read found. `store_now` is the store's clock, the same on which `base_date` was taken: our own
    /// clock may jump, and Δ must not shrink with it.
    pub fn reconciled(
        &self,
        finding: &Result<Finding, Failure>,
        store_now: Timestamp,
        now: Timestamp,
    ) -> Result<Transition, Refused> {
        let State::Unknown { part, since, neg_reads, last_neg_at, resembled, never } = self.state else {
            return Err(Refused::Wrong(self.state.name()));
        };
        let mut next = self.clone();
        let later = now + SignedDuration::from_secs(READ_SPACING_S);
        let waited_enough = now > since + SignedDuration::from_hours(ASK_AFTER_H) || now > self.horizon();
        let counts = last_neg_at.is_none_or(|at| now >= at + SignedDuration::from_secs(READ_SPACING_S));
        let reads = neg_reads.saturating_add(u8::from(counts));
        match finding {
            Ok(Finding::Found(receipt) | Finding::Proved(receipt) | Finding::Live(receipt)) => {
                Ok(next.confirms(part, receipt.clone(), Proof::ReadBack, now))
            }
            Ok(Finding::Unreadable) => {
                Ok(next.asks_people(now, part, "this account's posts cannot be read back".into()))
            }
            Ok(Finding::Several(n)) => {
                Ok(next.asks_people(now, part, format!("{n} posts on the platform look like this one")))
            }
            Ok(Finding::Pending) => {
                // From now on only the platform ends it, whatever was read before.
                next.doubt = Doubt::Taken;
                if waited_enough {
                    let reason = "the platform took it, and did not say in time what became of it";
                    return Ok(next.asks_people(now, part, reason.into()));
                }
                next.state = State::Unknown { part, since, neg_reads: 0, last_neg_at: None, resembled, never: false };
                Ok(next.reads_again(now, later))
            }
            Ok(Finding::Refused { code, detail }) if counts && never => {
                // Each of its requests was answered with a definite "no".
                next.doubt = Doubt::Clear;
                Ok(next.gives_up(now, code, detail.clone()))
            }
            Ok(Finding::Refused { detail, .. }) if waited_enough => Ok(next.asks_people(
                now,
                part,
                format!("{detail}, and its time is over before that could be asked again"),
            )),
            Ok(Finding::Refused { .. }) if counts => {
                // It may be older than what became of it: another reading must say the same.
                next.state = State::Unknown { part, since, neg_reads, last_neg_at, resembled, never: true };
                Ok(next.not_there(now, reads, later))
            }
            Ok(finding @ (Finding::Absent | Finding::Resembling(_))) => {
                let settled = self.settles_at().is_some_and(|at| store_now > at);
                let enough = settled && reads >= NEGATIVE_READS;
                // Once seen it stays seen, whatever becomes of it on the platform meanwhile.
                let resembled = resembled || matches!(finding, Finding::Resembling(_));
                next.state = State::Unknown { part, since, neg_reads, last_neg_at, resembled, never: never && !counts };
                if enough && resembled {
                    let reason = match finding {
                        &Finding::UNSHOWN => {
                            "reading does not show it, which proves nothing on this platform".to_owned()
                        }
                        Finding::Resembling(n) => {
                            format!("it is not there as it was written, but {n} posts resemble it")
                        }
                        _ => "a post that resembled it was there, and is not any more".to_owned(),
                    };
                    return Ok(next.asks_people(now, part, reason));
                }
                let said = match self.doubt {
                    Doubt::Duplicate => Some("the platform refused it as a duplicate, and reading does not show it"),
                    Doubt::Taken => Some("the platform took it, and reading does not show it"),
                    Doubt::Clear | Doubt::Denied | Doubt::Unseen => None,
                };
                if let Some(reason) = said.filter(|_| enough) {
                    return Ok(next.asks_people(now, part, reason.into()));
                }
                if enough {
                    return Ok(next.proved_absent(now));
                }
                if waited_enough {
                    return Ok(next.asks_people(now, part, "a day of reading did not settle it".into()));
                }
                if counts { Ok(next.not_there(now, reads, later)) } else { Ok(next.reads_again(now, later)) }
            }
            Err(_) if waited_enough && self.doubt == Doubt::Taken => {
                let reason = "the platform took it, and did not say in time what became of it";
                Ok(next.asks_people(now, part, reason.into()))
            }
            Err(_) if waited_enough => {
                Ok(next.asks_people(now, part, "the platform could not be read for a day".into()))
            }
            Ok(Finding::Refused { .. }) | Err(_) => Ok(next.reads_again(now, later)),
        }
    }
}
