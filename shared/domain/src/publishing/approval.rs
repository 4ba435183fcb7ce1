//! Approval: what leaves only when somebody has said yes to exactly this content at this time.
//!
//! It stands in two places that commit together. Each delivery has a [`Clearance`], because claiming, approving and editing
//! meet in its compare-and-set: a worker needs to look nowhere else. The post has an [`Approval`], which people read.

use super::{Delivery, Note, Refused, State, Transition, Wake};
use crate::{MemberId, PostId, TenantId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Most characters of a comment: what somebody writes beside a post, not instead of it.
pub const MAX_COMMENT_CHARS: usize = 500;
/// Steps kept of a post's approval; older ones but the first make room. With their comments they are at most 40 KB in an
/// answer that is remembered, beside [`super::MAX_CONTENT_BYTES`].
pub const MAX_STEPS: usize = 20;

/// Whether a delivery may leave, as far as approval goes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clearance {
    /// Nobody has to approve it.
    #[default]
    Free,
    /// Nobody has approved it (any more).
    Awaited,
    /// Somebody approved the content that has this hash.
    Approved(String),
}

impl Clearance {
    /// Whether nobody has to approve it: the field is not written then.
    pub fn is_free(&self) -> bool {
        *self == Self::Free
    }
}

impl Delivery {
    /// Whether it may leave, as far as approval goes: nobody has to approve it, or what was approved is what it says.
    pub fn is_cleared(&self) -> bool {
        match &self.clearance {
            Clearance::Free => true,
            Clearance::Awaited => false,
            Clearance::Approved(hash) => *hash == self.content_hash,
        }
    }

    /// It leaves only when somebody approves it as it is now. Until then nothing wakes it but the end of its time, at which
    /// it is missed.
    pub fn awaiting(mut self, now: Timestamp) -> Self {
        self.clearance = Clearance::Awaited;
        self.state = State::Scheduled;
        self.note(now, Note::ApprovalAwaited);
        let over = self.latest_start() + SignedDuration::from_secs(1);
        self.wake = Some(Wake { at: over, set_at: now, sent: false });
        self
    }

    /// Somebody approved it as it is now: it leaves at its time or, when that has come, at once.
    pub fn approved(&self, now: Timestamp) -> Result<Transition, Refused> {
        self.still_waits(now)?;
        let mut next = self.clone();
        next.clearance = Clearance::Approved(self.content_hash.clone());
        next.note(now, Note::Approved);
        next.wake_at(self.due_at.max(now), now);
        Ok(Transition { next, events: Vec::new() })
    }

    /// An approval is taken back, or asked for although nobody had to give one, while it only waits for its time.
    pub fn held_for_approval(&self, now: Timestamp) -> Result<Transition, Refused> {
        self.still_waits(now)?;
        Ok(Transition { next: self.clone().awaiting(now), events: Vec::new() })
    }

    fn still_waits(&self, now: Timestamp) -> Result<(), Refused> {
        match self.state {
            State::Scheduled if now > self.latest_start() => Err(Refused::TimeOver),
            State::Scheduled => Ok(()),
            _ => Err(Refused::TooLate(self.state.name())),
        }
    }
}

/// How an approval stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Somebody has to look.
    Waiting,
    /// It may leave.
    Approved,
    /// It may not, unless it is changed or asked for again.
    Rejected,
    /// The post was called off.
    CalledOff,
}

impl Standing {
    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::CalledOff => "called_off",
        }
    }
}

/// What somebody did about an approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalAct {
    /// Asked for it.
    Asked,
    /// Changed content or time, which takes back what was said of the post before.
    Changed,
    /// Said yes.
    Approved,
    /// Said no.
    Rejected,
    /// Called the post off.
    CalledOff,
}

impl ApprovalAct {
    /// Whether an author does it, and not an approver.
    fn is_of_author(self) -> bool {
        matches!(self, Self::Asked | Self::Changed)
    }

    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Changed => "changed",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::CalledOff => "called_off",
        }
    }
}

/// One step of an approval's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalStep {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: MemberId,
    /// What.
    pub act: ApprovalAct,
    /// The hash of what the post said, to whom and when, at that moment.
    pub hash: String,
    /// What they wrote with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// The approval of a post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Tenant.
    pub tenant: TenantId,
    /// The post.
    pub post: PostId,
    /// How it stands.
    pub standing: Standing,
    /// The hash of what the post says, to whom and when. An answer names it, so that it cannot hit another content.
    pub hash: String,
    /// The last instant at which approving it helps: later it would start too late, and it is missed.
    pub until: Timestamp,
    /// Who wrote or last changed it.
    pub made_by: MemberId,
    /// Who last asked.
    pub asked_by: MemberId,
    /// What was done, oldest first.
    pub steps: Vec<ApprovalStep>,
    /// Who wrote, changed or asked in a step that is not kept any more; and of a run, everybody whose content or targets stand in
    /// its series.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<MemberId>,
}

/// What is asked to be approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToApprove {
    /// [`Approval::hash`].
    pub hash: String,
    /// [`Approval::until`].
    pub until: Timestamp,
    /// Who wrote or last changed it.
    pub made_by: MemberId,
}

impl Approval {
    /// Somebody asks for it for the first time.
    pub fn asked(
        (tenant, post): (TenantId, PostId),
        asked: ToApprove,
        by: MemberId,
        comment: Option<String>,
        now: Timestamp,
    ) -> Self {
        let ToApprove { hash, until, made_by } = asked;
        let steps = Vec::new();
        let (standing, earlier) = (Standing::Waiting, Vec::new());
        let new = Self { tenant, post, standing, hash, until, made_by, asked_by: by, steps, earlier };
        new.with(ApprovalAct::Asked, by, comment, now)
    }

    fn with(mut self, act: ApprovalAct, by: MemberId, comment: Option<String>, at: Timestamp) -> Self {
        if self.steps.len() >= MAX_STEPS {
            // The first says who asked for it; keep it.
            let gone = self.steps.remove(1);
            if gone.act.is_of_author() && !self.earlier.contains(&gone.by) {
                self.earlier.push(gone.by);
            }
        }
        self.steps.push(ApprovalStep { at, by, act, hash: self.hash.clone(), comment });
        self.standing = match act {
            ApprovalAct::Asked | ApprovalAct::Changed => Standing::Waiting,
            ApprovalAct::Approved => Standing::Approved,
            ApprovalAct::Rejected => Standing::Rejected,
            ApprovalAct::CalledOff => Standing::CalledOff,
        };
        self
    }

    /// Somebody changed content or time: whatever was said before was said of something else.
    pub fn changed(&self, asked: ToApprove, now: Timestamp) -> Self {
        let ToApprove { hash, until, made_by } = asked;
        let changed = Self { hash, until, made_by, asked_by: made_by, ..self.clone() };
        changed.with(ApprovalAct::Changed, made_by, None, now)
    }

    /// Somebody asks again after a "no".
    pub fn asked_again(&self, by: MemberId, comment: Option<String>, now: Timestamp) -> Result<Self, Refused> {
        self.stands_at(&[Standing::Rejected])?;
        self.in_time(now)?;
        Ok(Self { asked_by: by, ..self.clone() }.with(ApprovalAct::Asked, by, comment, now))
    }

    /// Somebody says yes to what has this hash.
    pub fn approved(&self, hash: &str, by: MemberId, comment: Option<String>, now: Timestamp) -> Result<Self, Refused> {
        self.stands_at(&[Standing::Waiting])?;
        self.is_of(hash)?;
        self.in_time(now)?;
        Ok(self.clone().with(ApprovalAct::Approved, by, comment, now))
    }

    /// Somebody says no to what has this hash, or takes back a "yes" while the post waits for its time.
    pub fn rejected(&self, hash: &str, by: MemberId, comment: String, now: Timestamp) -> Result<Self, Refused> {
        self.stands_at(&[Standing::Waiting, Standing::Approved])?;
        self.is_of(hash)?;
        self.in_time(now)?;
        Ok(self.clone().with(ApprovalAct::Rejected, by, Some(comment), now))
    }

    /// The post was called off.
    pub fn called_off(&self, by: MemberId, now: Timestamp) -> Self {
        self.clone().with(ApprovalAct::CalledOff, by, None, now)
    }

    /// Whether it is what this member changed or asked for last.
    pub fn is_of_member(&self, member: MemberId) -> bool {
        [self.made_by, self.asked_by].contains(&member)
    }

    /// Whether `member` answers it as far as authorship goes, when `author` wrote the post first and `approvers` are all who
    /// may approve. Whoever wrote, changed or asked does not, if there is somebody who did neither. Where all of them did,
    /// whoever changed and asked last does not; and where nobody else is left, anybody does.
    pub fn is_answered_by(&self, member: MemberId, author: MemberId, approvers: &[MemberId]) -> bool {
        let acted = |m| self.steps.iter().any(|step| step.by == m && step.act.is_of_author());
        let last = |m: MemberId| self.is_of_member(m);
        let any = |m: MemberId| m == author || last(m) || acted(m) || self.earlier.contains(&m);
        let others = || approvers.iter().copied().filter(|m| *m != member);
        !(any(member) && others().any(|m| !any(m)) || last(member) && others().any(|m| !last(m)))
    }

    fn stands_at(&self, where_: &[Standing]) -> Result<(), Refused> {
        if where_.contains(&self.standing) { Ok(()) } else { Err(Refused::Stands(self.standing.name())) }
    }

    fn is_of(&self, hash: &str) -> Result<(), Refused> {
        if self.hash == hash { Ok(()) } else { Err(Refused::OtherContent) }
    }

    fn in_time(&self, now: Timestamp) -> Result<(), Refused> {
        if now > self.until { Err(Refused::TimeOver) } else { Ok(()) }
    }
}
