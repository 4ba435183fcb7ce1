//! Approvals, and the rule that asks for them, as the API shows them.

use app::publishing::Verdict;
use domain::publishing::{Approval, ApprovalRule, ApprovalStep, Rules};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One step of an approval's history.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ApprovalStepBody {
    /// When (RFC 3339).
    pub at: String,
    /// The member who did it.
    pub member_id: String,
    /// asked, changed, approved, rejected or `called_off`.
    pub step: String,
    /// The hash of what the post said, to whom and when, at that moment.
    pub hash: String,
    /// What they wrote with it.
    pub comment: Option<String>,
}

/// The approval of a post. It stands for exactly what the post says now, to whom and when: an edit takes it back.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ApprovalBody {
    /// waiting, approved, rejected or `called_off`.
    pub status: String,
    /// The hash of what the post says, to whom and when. An answer must name it, so that it cannot hit another content.
    pub hash: String,
    /// The last instant at which approving it helps. What nobody has approved by then is missed.
    pub approve_by: String,
    /// The member who wrote it or changed it last.
    pub made_by: String,
    /// The member who asked last.
    pub requested_by: String,
    /// What was done, oldest first: the first step and the latest.
    pub history: Vec<ApprovalStepBody>,
}

impl ApprovalBody {
    /// The body of an approval.
    pub fn of(approval: &Approval) -> Self {
        let step = |s: &ApprovalStep| ApprovalStepBody {
            at: s.at.to_string(),
            member_id: s.by.to_string(),
            step: s.act.name().into(),
            hash: s.hash.clone(),
            comment: s.comment.clone(),
        };
        Self {
            status: approval.standing.name().into(),
            hash: approval.hash.clone(),
            approve_by: approval.until.to_string(),
            made_by: approval.made_by.to_string(),
            requested_by: approval.asked_by.to_string(),
            history: approval.steps.iter().map(step).collect(),
        }
    }
}

/// `POST …/posts/{post_id}/approval`.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskBody {
    /// For whoever approves it.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub comment: Option<String>,
}

/// `POST …/posts/{post_id}/approve` and `…/reject`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerdictBody {
    /// The `hash` that the approval showed when you looked.
    pub hash: String,
    /// For whoever wrote it; a rejection needs one.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub comment: Option<String>,
}

impl VerdictBody {
    /// The verdict this body means.
    pub fn verdict(&self) -> Verdict {
        Verdict { hash: self.hash.clone(), comment: self.comment.clone() }
    }
}

/// Whose posts somebody has to approve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RequiredFor {
    /// Nobody's.
    Nobody,
    /// Editors'; owners publish as they like.
    Editors,
    /// Everybody's, owners' too.
    Everyone,
}

/// The tenant's rule for approvals.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApprovalRulesBody {
    /// Whose posts somebody has to approve.
    pub required_for: RequiredFor,
}

impl ApprovalRulesBody {
    /// The body of a tenant's rules.
    pub fn of(rules: &Rules) -> Self {
        let required_for = match rules.approval {
            ApprovalRule::Nobody => RequiredFor::Nobody,
            ApprovalRule::Editors => RequiredFor::Editors,
            ApprovalRule::Everyone => RequiredFor::Everyone,
        };
        Self { required_for }
    }

    /// The rule this body means.
    pub fn rule(self) -> ApprovalRule {
        match self.required_for {
            RequiredFor::Nobody => ApprovalRule::Nobody,
            RequiredFor::Editors => ApprovalRule::Editors,
            RequiredFor::Everyone => ApprovalRule::Everyone,
        }
    }
}
