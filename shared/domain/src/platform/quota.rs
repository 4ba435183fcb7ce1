//! What a platform documents of how much may be published through it, as data.

use super::Limits;
use crate::publishing::ContentKind;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// So many requests to publish in so long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    /// Its name in records and answers: lower-case letters, digits and dashes. It does not change: what is counted is kept
    /// under it.
    pub name: String,
    /// Whose it is.
    pub scope: QuotaScope,
    /// Requests.
    pub limit: u32,
    /// Seconds in which they may be made.
    pub window_s: u32,
    /// The kind of posts that count for it; none where all do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<ContentKind>,
}

impl Quota {
    /// A quota of this many requests in so many seconds.
    pub fn new(name: &str, scope: QuotaScope, limit: u32, window_s: u32) -> Self {
        Self { name: name.into(), scope, limit, window_s, kind: None }
    }

    /// The same, for which only posts of this kind count.
    #[must_use]
    pub fn of_kind(self, kind: ContentKind) -> Self {
        Self { kind: Some(kind), ..self }
    }
}

impl Limits {
    /// Of so many steps, those that quotas count; `commented` tells whether the last is a first comment. Where there are threads that
    /// is one more post, elsewhere it is none.
    pub fn counted(&self, steps: usize, commented: bool) -> usize {
        let comments_count = self.thread_parts > 1;
        steps.saturating_sub(usize::from(commented && !comments_count))
    }

    /// The quotas that a post of this kind counts for, or one that `answers` another.
    pub fn quotas_for(&self, kind: ContentKind, answers: bool) -> Vec<Quota> {
        let limits = self.answer.as_deref().filter(|_| answers).unwrap_or(self);
        limits.quotas.iter().filter(|quota| quota.kind.is_none_or(|of| of == kind)).cloned().collect()
    }
}

/// Those of `quotas` that are of this scope.
pub fn quotas_of(quotas: &[Quota], scope: QuotaScope) -> Vec<&Quota> {
    quotas.iter().filter(|quota| quota.scope == scope).collect()
}

/// Whose a quota is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuotaScope {
    /// Each account has its own.
    Account,
    /// All accounts of all tenants share it: it is that of the platform app.
    App,
}

/// How a quota stands, as an answer of the platform tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    /// The quota's name.
    pub quota: String,
    /// How many requests the platform grants; none where it does not say.
    pub limit: Option<u32>,
    /// How many are left until then.
    pub left: u32,
    /// When it begins anew.
    pub resets_at: Timestamp,
}
