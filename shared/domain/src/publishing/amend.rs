//! Amending: other words for what is live. Setting a text is harmless to repeat, so nobody reads back what became of a lost request:
//! the delivery keeps what it says for certain, and the same words may be sent again. Other words may follow an unknown outcome only
//! when it can take effect no more, or the older ones might arrive last.

use super::{Clearance, Delivery, Doubt, Failure, Note, PartRecord, Post, Refused, Transition, Variant, WORKER_LIFE_S};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Seconds after which a request to amend counts as lost when its outcome was not recorded: longer than any function lives that
/// makes one.
pub const AMEND_LEASE_S: i64 = 60;

/// How what a delivery says is frozen: by a hash of the content.
pub type Hashing<'a> = &'a dyn Fn(&Variant) -> String;

/// The latest change of a delivery's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amendment {
    /// Hash of the content that it is to say.
    pub to: String,
    /// When its requests were about to leave, on the store's clock.
    pub at: Timestamp,
    /// Until when a request of an earlier change, or of this one, may still take effect although nobody saw an answer to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost_until: Option<Timestamp>,
    /// The parts that are being sent, while they are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sending: Vec<u16>,
    /// Parts of which a request was lost before, so that nobody knows what they say.
    #[serde(default, skip_serializing_if = "Vec::is_empty", rename = "unsure")]
    unsure_before: Vec<u16>,
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
    /// The new words were not taken; what the platform shows is what it showed, but for parts that it took before.
    Refused {
        /// Stable code.
        code: String,
        /// In words.
        detail: String,
    },
    /// The platform gave no proof: the new words may be there, or may come.
    Unknown {
        /// What was seen instead of an answer.
        detail: String,
    },
}

impl From<Failure> for AmendOutcome {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Unconfirmed { detail } | Failure::Taken { detail, .. } => Self::Unknown { detail },
            failure => Self::Refused { code: failure.code().into(), detail: failure.to_string() },
        }
    }
}

impl Amendment {
    /// Whether its requests are under way, or may be. `now` is the store's clock.
    pub fn is_leaving(&self, now: Timestamp) -> bool {
        self.outcome == AmendOutcome::Leaving && now < self.at + SignedDuration::from_secs(AMEND_LEASE_S)
    }

    /// Parts of which nobody knew what they say before this change.
    pub fn unsure_before(&self) -> &[u16] {
        &self.unsure_before
    }

    /// Parts of which nobody knows what they say.
    pub fn unsure(&self) -> Vec<u16> {
        let mut all = self.unsure_before.clone();
        all.extend(&self.sending);
        all.sort_unstable();
        all.dedup();
        all
    }

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

    /// The same as it is to be told: a change whose sender did not come back is one of which nobody knows. `now` is the store's clock.
    #[must_use]
    pub fn told_at(mut self, now: Timestamp) -> Self {
        if let Some(latest) =
            self.amendment.as_mut().filter(|a| a.outcome == AmendOutcome::Leaving && !a.is_leaving(now))
        {
            latest.outcome = AmendOutcome::Unknown { detail: "whoever sent it did not come back".into() };
        }
        self
    }

    /// The parts that must be sent so that it says `wanted` instead of `says`: those whose words differ, and those of which nobody
    /// knows what they say. What was deleted there says nothing any more.
    pub fn to_amend(&self, says: &Variant, wanted: &Variant) -> Vec<u16> {
        let unsure = self.amendment.as_ref().map(Amendment::unsure).unwrap_or_default();
        let differs = |part| says.words_of(part) != wanted.words_of(part);
        let live =
            (0_u16..).zip(&self.parts).filter(|(_, record)| record.receipt.is_some() && record.removed_at.is_none());
        live.map(|(part, _)| part).filter(|part| unsure.contains(part) || differs(usize::from(*part))).collect()
    }

    /// Requests for `parts` are about to leave, so that it says `wanted` instead of `says`. Committed with the post before the first
    /// leaves. What is not live yet takes the new words at once, for whenever it is sent. `now` is the store's clock.
    ///
    /// # Errors
    /// Nothing of it is live, something is under way, or an older change may still arrive.
    pub fn amending(
        &self,
        says: &Variant,
        wanted: &Variant,
        hash: Hashing<'_>,
        parts: Vec<u16>,
        now: Timestamp,
    ) -> Result<Transition, Refused> {
        if !self.state.is_terminal() || !self.any_live() || self.removed_at.is_some() {
            return Err(Refused::Wrong(self.state.name()));
        }
        let to = hash(wanted);
        let (mut unsure, mut lost_until) = (Vec::new(), None);
        if let Some(before) = &self.amendment {
            if before.is_leaving(now) {
                return Err(Refused::Wrong("being changed"));
            }
            lost_until = before.may_arrive_until(self.settle_s).filter(|until| now < *until);
            if let Some(until) = lost_until.filter(|_| before.to != to) {
                return Err(Refused::NotSettled(until));
            }
            unsure = before.unsure();
        }
        let mut says = says.clone();
        if self.doubt == Doubt::Clear && !self.has_former() {
            for (part, _) in self.parts.iter().enumerate().filter(|(_, record)| record.receipt.is_none()) {
                says.take_words(part, wanted);
            }
        }
        let mut next = self.clone();
        next.note(now, Note::Amending);
        next.amendment = Some(Amendment {
            to,
            at: now,
            lost_until,
            sending: parts,
            unsure_before: unsure,
            outcome: AmendOutcome::Leaving,
        });
        // Also where it is what is wanted: an earlier change may have reached it.
        let mut next = next.saying(Some(says.clone()), wanted, hash);
        next.says = Some(Box::new(says));
        Ok(Transition { next, events: Vec::new() })
    }

    /// What the requests came to that were about to leave at `began`: the `done` parts say what `wanted` says, and of the one after
    /// them came `failed`, if one failed. `now` is for the timeline.
    ///
    /// # Errors
    /// It is about another change than the latest.
    pub fn amended(
        &self,
        began: Timestamp,
        (wanted, hash): (&Variant, Hashing<'_>),
        (done, failed): (&[u16], Option<AmendOutcome>),
        now: Timestamp,
    ) -> Result<Transition, Refused> {
        let (mut next, settle_s) = (self.clone(), self.settle_s);
        let of_this = |a: &&mut Amendment| a.at == began && a.outcome == AmendOutcome::Leaving;
        let (Some(amendment), Some(mut says)) = (next.amendment.as_mut().filter(of_this), next.says.take()) else {
            return Err(Refused::Fenced);
        };
        let is_lost = matches!(failed, Some(AmendOutcome::Unknown { .. }));
        let note = match &failed {
            Some(AmendOutcome::Unknown { detail }) => Note::AmendmentUnknown { detail: detail.clone() },
            Some(AmendOutcome::Refused { detail, .. }) => Note::NotAmended { detail: detail.clone() },
            Some(AmendOutcome::Leaving | AmendOutcome::Done) | None => Note::Amended,
        };
        amendment.outcome = failed.unwrap_or(AmendOutcome::Done);
        amendment.lost_until = amendment.may_arrive_until(settle_s);
        let sending = std::mem::take(&mut amendment.sending);
        let lost = sending.into_iter().find(|part| !done.contains(part)).filter(|_| is_lost);
        amendment.unsure_before.retain(|part| !done.contains(part) && Some(*part) != lost);
        amendment.unsure_before.extend(lost);
        for part in done {
            says.take_words(usize::from(*part), wanted);
        }
        next.note(now, note);
        Ok(Transition { next: next.saying(Some(*says), wanted, hash), events: Vec::new() })
    }

    /// What is wanted differs from `says` in what its platform has no place for: where it is known what it says, it says the new content
    /// already.
    #[must_use]
    pub fn says_already(&self, says: &Variant, wanted: &Variant, hash: Hashing<'_>) -> Self {
        let is_unsure = self.amendment.as_ref().is_some_and(|latest| !latest.unsure().is_empty());
        self.clone().saying(is_unsure.then(|| says.clone()), wanted, hash)
    }

    /// It ended without anything live. It takes the new content for its next try, or goes on saying what it was accepted with: where
    /// an earlier request may have left something, the platform is asked of it by what it said.
    #[must_use]
    pub fn keeps_or_takes(&self, says: &Variant, wanted: &Variant, hash: Hashing<'_>) -> Self {
        let mut next = self.clone();
        if !self.takes_content() {
            return next.saying(Some(says.clone()), wanted, hash);
        }
        next.parts = vec![PartRecord::default(); wanted.steps()];
        next.shaped(wanted).saying(None, wanted, hash)
    }

    /// Whether it takes another content as [`Self::keeps_or_takes`] has it.
    pub fn takes_content(&self) -> bool {
        !self.any_live() && !self.has_former() && self.doubt == Doubt::Clear && self.removed_at.is_none()
    }

    /// With this said where the post says `wanted`; what was approved stays approved, since who may change it needs no approval.
    fn saying(mut self, says: Option<Variant>, wanted: &Variant, hash: Hashing<'_>) -> Self {
        let before = self.content_hash;
        self.says = says.filter(|says| says != wanted).map(Box::new);
        self.content_hash = hash(self.says.as_deref().unwrap_or(wanted));
        if self.clearance == Clearance::Approved(before) {
            self.clearance = Clearance::Approved(self.content_hash.clone());
        }
        self
    }
}
