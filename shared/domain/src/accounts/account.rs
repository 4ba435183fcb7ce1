//! A connected account: whom we may speak for, and whether we still may.

use super::TokenState;
use crate::{AccountId, MemberId, PlatformId, TenantId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What kind of author an account is; platforms treat them differently (what can be read back, for one).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// A person.
    Person,
    /// A page or organisation.
    Organisation,
}

/// Whether the account can be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum AccountStatus {
    /// Usable.
    Active,
    /// The platform refuses our tokens for good; its deliveries are parked.
    NeedsReconnect {
        /// Since when.
        since: Timestamp,
        /// Stable code.
        reason: String,
    },
    /// Somebody disconnected it; the record stays, so that connecting it again finds its deliveries.
    Disconnected {
        /// Since when.
        since: Timestamp,
    },
}

/// Who the platform says we speak for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The platform's id of the author: in all of the platform, where it has no home, or says its place itself (`place/author`), and else
    /// on its home alone.
    pub external_id: String,
    /// The name people see.
    pub name: String,
    /// The handle, where the platform has handles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handle: Option<String>,
    /// Person or organisation.
    pub kind: AccountKind,
    /// The server it lives on, where a platform has many: an address without a slash at its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<String>,
}

impl Profile {
    /// Whether both are the same author; names and handles change, and so does a home that is only where people read it.
    pub fn is_same(&self, other: &Self) -> bool {
        self.external_id == other.external_id && self.issuer() == other.issuer()
    }

    /// The server that gave the id, where it is good on that one alone.
    pub fn issuer(&self) -> Option<&str> {
        self.home.as_deref().filter(|_| !self.external_id.contains('/'))
    }
}

/// A connected account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Id.
    pub id: AccountId,
    /// Tenant.
    pub tenant: TenantId,
    /// Platform.
    pub platform: PlatformId,
    /// Who it is.
    pub profile: Profile,
    /// Whether it can be used.
    #[serde(flatten)]
    pub status: AccountStatus,
    /// Who connected it.
    pub connected_by: MemberId,
    /// When it was first connected.
    pub connected_at: Timestamp,
    /// When its present access was given: at its last connecting. None in records of before this was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consented_at: Option<Timestamp>,
    /// What the platform granted.
    pub scopes: Vec<String>,
    /// The stored token pair's version, expiry and refresh lease (never the tokens).
    pub token: TokenState,
    /// The account whose token pair this one uses; none when it has its own. One consent can connect a person and the
    /// person's pages, and gives one pair: a rotating refresh token needs one owner, or one account's refresh would end
    /// the access of the others (I20, I22).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<AccountId>,
}

impl Account {
    /// Whether deliveries may go out through it.
    pub fn is_active(&self) -> bool {
        self.status == AccountStatus::Active
    }

    /// Whether it was disconnected by hand: to clients it is as if it were not there.
    pub fn is_disconnected(&self) -> bool {
        matches!(self.status, AccountStatus::Disconnected { .. })
    }

    /// When its own pair is renewed though nobody needs it: of one that is connected, or whose pair others live on.
    pub fn ahead_at(&self) -> Option<Timestamp> {
        self.token.ahead_at().filter(|_| self.is_used())
    }

    /// When its pair is to be looked at though nobody needs it: to renew it, or to tell its people that it ends.
    pub fn attention_at(&self) -> Option<Timestamp> {
        let warning = self.token.warning(self.granted_at()).map(|(at, _)| at).filter(|_| self.is_used());
        self.ahead_at().into_iter().chain(warning).min()
    }

    /// The account with all that is due said of the end of its pair, and that end; none when nothing is due.
    pub fn warned(&self, now: Timestamp) -> Option<(Self, Timestamp)> {
        let (token, ends_at) = self.token.warned(self.granted_at(), now).filter(|_| self.is_used())?;
        Some((Self { token, ..self.clone() }, ends_at))
    }

    /// Since when its present access may be used. Of old records, since when it is known at all.
    pub fn granted_at(&self) -> Timestamp {
        self.consented_at.unwrap_or(self.connected_at)
    }

    fn is_used(&self) -> bool {
        self.is_active() || self.holder.is_some()
    }

    /// The account whose stored token pair this one uses.
    pub fn credential(&self) -> AccountId {
        self.holder.unwrap_or(self.id)
    }

    /// From when on nothing can go out through it unless a person connects it again; `all` are the tenant's accounts, of
    /// which one may hold its token pair. In the past for an account that must be reconnected already; none where the
    /// access is renewed, or does not end.
    pub fn access_ends_at(&self, all: &[Self]) -> Option<Timestamp> {
        match &self.status {
            AccountStatus::NeedsReconnect { since, .. } | AccountStatus::Disconnected { since } => Some(*since),
            AccountStatus::Active => {
                let holder = all.iter().find(|account| account.id == self.credential());
                holder.unwrap_or(self).token.ends_at()
            }
        }
    }

    /// The account after somebody disconnected it: nothing of its token pair is left.
    pub fn disconnected(&self, now: Timestamp) -> Self {
        let mut next = self.clone();
        next.status = AccountStatus::Disconnected { since: now };
        next.token = TokenState::none(self.token.version);
        next.holder = None;
        next
    }

    /// The account after the platform refused its tokens for good.
    pub fn needs_reconnect(&self, reason: &str, now: Timestamp) -> Self {
        let mut next = self.clone();
        next.status = AccountStatus::NeedsReconnect { since: now, reason: reason.into() };
        next.token.lease = None;
        next
    }
}
