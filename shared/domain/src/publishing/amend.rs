//! Amending: other words for what is live. Setting a text is harmless to repeat, so nobody reads back what became of a lost request:
//! the delivery keeps what it says for certain, and the same words may be sent again. Other words may follow an unknown outcome only
//! when it can take effect no more, or the older ones might arrive last.

use super::{Delivery, Doubt, Failure, Note, Post, Refused, Transition, Variant, WORKER_LIFE_S};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Seconds after which a request to amend counts as lost when its outcome was not recorded: longer than any function lives that
/// makes one.
pub const AMEND_LEASE_S: i64 = 60;

/// What came of the latest change of a delivery's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amendment {
    /// Hash of the content that it is to say.
    pub to: String,
    /// When its requests were about to leave.
    pub at: Timestamp,
    /// Until when a request of an earlier change, or of this one, may still take effect although nobody saw an answer to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost_until: Option<Timestamp>,
    /// Parts of which it is not known whether they say the old or the new, as far as requests for them may have left.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<u16>,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: AmendOutcome,
}

/// What a change of words came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum AmendOutcome {
    /// Its requests are about to leave, or under way.
    Leaving,
    /// The platform shows the new words.
    Done,
    /// The platform refused them; what it shows is what it showed, but for parts that it took before.
    Refused {
        /// Stable code.
        code: String,
        /// In words.
        detail: String,
    },
    /// It gave no proof: the new words may be there, or may come.
    Unknown {
        /// What was seen instead of an answer.
        detail: String,
    },
}

impl Amendment {
    /// Until when some request of it, or of one before it, may still take effect.
    fn may_arrive_until(&self, settle_s: u32) -> Option<Timestamp> {
        let settled = || self.at.checked_add(SignedDuration::from_secs(i64::from(settle_s) + WORKER_LIFE_S)).ok();
        let own = match self.outcome {
            AmendOutcome::Leaving | AmendOutcome::Unknown { .. } => settled(),
            AmendOutcome::Done | AmendOutcome::Refused { .. } => None,
        };
        own.max(self.lost_until)
    }
}

impl Delivery {
    /// What it says, as far as anybody knows: what the post says, unless that was changed and the change has not reached it.
    pub fn content<'a>(&'a self, post: &'a Post) -> &'a Variant {
        self.says.as_deref().unwrap_or_else(|| post.variant_for(&self.platform))
    }

    /// The parts that must be sent so that it says `wanted` instead of `says`: those whose words differ, and those of which nobody
    /// knows what they say.
    pub fn to_amend(&self, says: &Variant, wanted: &Variant) -> Vec<u16> {
        let unsure = |part: u16| self.amendment.as_ref().is_some_and(|a| a.parts.contains(&part));
        // Titles and summaries go with the first part.
        let words = |variant: &Variant, part: usize| {
            let beside = (part == 0).then(|| (variant.title.clone(), variant.summary.clone()));
            (variant.parts.get(part).map(|part| part.text.clone()), beside)
        };
        let live = (0_u16..).zip(&self.parts).filter(|(_, record)| record.receipt.is_some());
        live.map(|(part, _)| part)
            .filter(|part| unsure(*part) || words(says, usize::from(*part)) != words(wanted, usize::from(*part)))
            .collect()
    }

    /// Requests for these parts are about to leave; `says` is what it said before. Committed with the post before the first leaves.
    ///
    /// # Errors
    /// Nothing of it is live, something is under way, or an older change may still arrive.
    pub fn amending(&self, says: &Variant, to: String, parts: &[u16], now: Timestamp) -> Result<Transition, Refused> {
        if !self.state.is_terminal() || !self.any_live() || self.removed_at.is_some() {
            return Err(Refused::Wrong(self.state.name()));
        }
        let (mut unsure, mut lost_until) = (Vec::new(), None);
        if let Some(before) = &self.amendment {
            let leaving = before.outcome == AmendOutcome::Leaving;
            if leaving && now < before.at + SignedDuration::from_secs(AMEND_LEASE_S) {
                return Err(Refused::Wrong("being changed"));
            }
            lost_until = before.may_arrive_until(self.settle_s).filter(|until| now < *until);
            if let Some(until) = lost_until.filter(|_| before.to != to) {
                return Err(Refused::NotSettled(until));
            }
            unsure.clone_from(&before.parts);
        }
        unsure.extend(parts);
        unsure.sort_unstable();
        unsure.dedup();
        let mut next = self.clone();
        next.says = Some(Box::new(says.clone()));
        next.amendment = Some(Amendment { to, at: now, lost_until, parts: unsure, outcome: AmendOutcome::Leaving });
        Ok(Transition { next, events: Vec::new() })
    }

    /// What the requests came to that were about to leave at `began`: the `done` parts say what `wanted` says, and the one after them
    /// `failed`, if any did. `hash` is how a delivery freezes what it says.
    ///
    /// # Errors
    /// It is about another change than the latest.
    pub fn amended(
        &self,
        began: Timestamp,
        (wanted, hash): (&Variant, &dyn Fn(&Variant) -> String),
        (done, failed): (&[u16], Option<&Failure>),
        now: Timestamp,
    ) -> Result<Transition, Refused> {
        let (mut next, settle_s) = (self.clone(), self.settle_s);
        let of_this = |a: &&mut Amendment| a.at == began && a.outcome == AmendOutcome::Leaving;
        let (Some(amendment), Some(says)) = (next.amendment.as_mut().filter(of_this), next.says.as_mut()) else {
            return Err(Refused::Fenced);
        };
        amendment.outcome = match failed {
            None => AmendOutcome::Done,
            Some(Failure::Unconfirmed { detail } | Failure::Taken { detail }) => {
                AmendOutcome::Unknown { detail: detail.clone() }
            }
            Some(failure) => AmendOutcome::Refused { code: failure.code().into(), detail: failure.to_string() },
        };
        amendment.lost_until = amendment.may_arrive_until(settle_s);
        amendment.parts.retain(|part| failed.is_some() && !done.contains(part));
        let note = match &amendment.outcome {
            AmendOutcome::Unknown { detail } => Note::AmendmentUnknown { detail: detail.clone() },
            AmendOutcome::Refused { detail, .. } => Note::NotAmended { detail: detail.clone() },
            AmendOutcome::Leaving | AmendOutcome::Done => Note::Amended,
        };
        for part in done.iter().map(|part| usize::from(*part)) {
            if let (Some(said), Some(new)) = (says.parts.get_mut(part), wanted.parts.get(part)) {
                said.text.clone_from(&new.text);
            }
            if part == 0 {
                says.title.clone_from(&wanted.title);
                says.summary.clone_from(&wanted.summary);
            }
        }
        next.content_hash = hash(says);
        if failed.is_none() {
            next.content_hash = hash(wanted);
            next.says = None;
        }
        next.note(now, note);
        Ok(Transition { next, events: Vec::new() })
    }

    /// It ended without anything live, and goes on saying what it was accepted with, or takes the new content for its next try
    /// (`hash`): where an earlier request may have left something, the platform is asked of it by what it said.
    #[must_use]
    pub fn keeps_or_takes(&self, says: &Variant, hash: String) -> Self {
        let mut next = self.clone();
        if self.any_live() || self.has_former() || self.doubt != Doubt::Clear || self.removed_at.is_some() {
            next.says = Some(Box::new(says.clone()));
        } else {
            next.says = None;
            next.content_hash = hash;
        }
        next
    }
}
