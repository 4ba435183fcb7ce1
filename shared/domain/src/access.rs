//! Who may do what: members, roles, keys and sessions.

use crate::{KeyId, MemberId, SessionId, TenantId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A customer organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenant {
    /// Id.
    pub id: TenantId,
    /// Its name.
    pub name: String,
    /// IANA zone in which people of this tenant plan by default.
    pub zone: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What a member is trusted with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads.
    Viewer,
    /// Reads, and decides what others wrote: approves it, and settles unknown outcomes.
    Approver,
    /// Writes, schedules, publishes, and settles unknown outcomes. Does not approve: who writes asks somebody else.
    Editor,
    /// Everything, including accounts, members, keys and webhooks.
    Owner,
}

/// One kind of action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// See posts, accounts, endpoints and outcomes.
    Read,
    /// Write, schedule, edit, cancel, retry and delete posts.
    Publish,
    /// Decide an unknown outcome.
    Resolve,
    /// Approve and reject posts that need it.
    Approve,
    /// Connect and disconnect accounts.
    ManageAccounts,
    /// Register and delete webhook endpoints.
    ManageWebhooks,
    /// Members, keys, key ring, audit log.
    Administer,
}

impl Permission {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Read,
        Self::Publish,
        Self::Resolve,
        Self::Approve,
        Self::ManageAccounts,
        Self::ManageWebhooks,
        Self::Administer,
    ];

    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Publish => "publish",
            Self::Resolve => "resolve",
            Self::Approve => "approve",
            Self::ManageAccounts => "manage_accounts",
            Self::ManageWebhooks => "manage_webhooks",
            Self::Administer => "administer",
        }
    }
}

impl Role {
    /// The role × permission matrix.
    pub fn may(self, permission: Permission) -> bool {
        match permission {
            Permission::Read => true,
            Permission::Resolve => self >= Self::Approver,
            Permission::Approve => matches!(self, Self::Approver | Self::Owner),
            Permission::Publish => self >= Self::Editor,
            Permission::ManageAccounts | Permission::ManageWebhooks | Permission::Administer => self == Self::Owner,
        }
    }
}

/// A person of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Id.
    pub id: MemberId,
    /// Tenant.
    pub tenant: TenantId,
    /// The name colleagues see.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// When they joined.
    pub created_at: Timestamp,
}

/// An API key or a member's personal access key. The secret itself is shown once and never stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// Id.
    pub id: KeyId,
    /// Tenant.
    pub tenant: TenantId,
    /// In whose name it acts.
    pub member: MemberId,
    /// What it is for.
    pub name: String,
    /// What it may do at most; the member's role bounds it too. Empty: all the role may do.
    pub scopes: Vec<Permission>,
    /// SHA-256 (hex) of the 256-bit random secret; a slow hash would add nothing for a random key.
    pub secret_hash: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working, if ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// A console session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Id.
    pub id: SessionId,
    /// Tenant.
    pub tenant: TenantId,
    /// Member.
    pub member: MemberId,
    /// The key it was opened with: revoking the key ends the session.
    pub key: KeyId,
    /// SHA-256 (hex) of the cookie's secret.
    pub secret_hash: String,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Who is asking, after authentication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Tenant; everything the caller can reach starts from it.
    pub tenant: TenantId,
    /// Member.
    pub member: MemberId,
    /// The member's role now.
    pub role: Role,
    /// The key in use.
    pub key: KeyId,
    /// The key's limits; empty means none.
    pub scopes: Vec<Permission>,
    /// The correlation id of this request.
    pub cid: String,
}

impl Caller {
    /// Whether the caller may do this: by role, and by the key's own limits.
    pub fn may(&self, permission: Permission) -> bool {
        self.role.may(permission) && (self.scopes.is_empty() || self.scopes.contains(&permission))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_never_may_more_than_its_member() {
        let caller = |role, scopes: &[Permission]| Caller {
            tenant: TenantId::from_uuid(uuid::Uuid::nil()),
            member: MemberId::from_uuid(uuid::Uuid::nil()),
            role,
            key: KeyId::from_uuid(uuid::Uuid::nil()),
            scopes: scopes.to_vec(),
            cid: String::new(),
        };
        assert!(!caller(Role::Viewer, &[Permission::Publish]).may(Permission::Publish));
        assert!(!caller(Role::Owner, &[Permission::Read]).may(Permission::Publish));
        assert!(caller(Role::Editor, &[]).may(Permission::Publish));
    }
}
