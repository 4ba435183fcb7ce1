//! A slot of a tenant's queues, as it is stored.

use domain::{AccountId, PostId, TenantId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A slot of a tenant's queues that posts have taken: each for its own accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// Tenant.
    pub tenant: TenantId,
    /// The slot's instant.
    pub at: Timestamp,
    /// Who has it; of several, one of them. Who had it last, when it is free.
    pub post: PostId,
    /// Who has it for which account. Empty in what earlier releases stored: then `post` has it for all of them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub taken: BTreeMap<AccountId, PostId>,
    /// Whether nobody has it any more. Its record stays, so that its revision goes on counting: whoever read it before it was
    /// freed, and taken by another, cannot mistake the one for the other.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub free: bool,
}

impl Slot {
    /// The post that has it for this account.
    pub fn holder(&self, account: AccountId) -> Option<PostId> {
        if self.free {
            return None;
        }
        if self.taken.is_empty() { Some(self.post) } else { self.taken.get(&account).copied() }
    }

    /// The same slot with a post that has it for these accounts, beside those that have it for others.
    #[must_use]
    pub fn with(&self, post: PostId, accounts: impl Iterator<Item = AccountId>) -> Self {
        let mut slot = Self { free: false, ..self.clone() };
        slot.taken.extend(accounts.map(|account| (account, post)));
        slot.post = if self.free { post } else { slot.post };
        slot
    }

    /// What is left of it without this post.
    #[must_use]
    pub fn without(&self, post: PostId) -> Self {
        let mut rest = self.clone();
        rest.taken.retain(|_, holder| *holder != post);
        if let Some(holder) = rest.taken.values().next() {
            rest.post = *holder;
        } else if self.post == post {
            // Its last, or its only one, which an earlier release stored without accounts.
            rest.free = true;
        }
        rest
    }
}
