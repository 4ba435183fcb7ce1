//! Members and keys.

use app::access::{KeyMade, NewKey, NewMember};
use domain::MemberId;
use domain::access::{ApiKey, Member, Permission, Role};
use jiff::Timestamp;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a member is trusted with.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoleBody {
    /// Reads.
    Viewer,
    /// Reads, and decides what others wrote.
    Approver,
    /// Writes, schedules, publishes.
    Editor,
    /// Everything.
    Owner,
}

impl From<RoleBody> for Role {
    fn from(role: RoleBody) -> Self {
        match role {
            RoleBody::Viewer => Self::Viewer,
            RoleBody::Approver => Self::Approver,
            RoleBody::Editor => Self::Editor,
            RoleBody::Owner => Self::Owner,
        }
    }
}

impl From<Role> for RoleBody {
    fn from(role: Role) -> Self {
        match role {
            Role::Viewer => Self::Viewer,
            Role::Approver => Self::Approver,
            Role::Editor => Self::Editor,
            Role::Owner => Self::Owner,
        }
    }
}

/// One kind of action.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PermissionBody {
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

impl From<PermissionBody> for Permission {
    fn from(permission: PermissionBody) -> Self {
        match permission {
            PermissionBody::Read => Self::Read,
            PermissionBody::Publish => Self::Publish,
            PermissionBody::Resolve => Self::Resolve,
            PermissionBody::Approve => Self::Approve,
            PermissionBody::ManageAccounts => Self::ManageAccounts,
            PermissionBody::ManageWebhooks => Self::ManageWebhooks,
            PermissionBody::Administer => Self::Administer,
        }
    }
}

impl From<Permission> for PermissionBody {
    fn from(permission: Permission) -> Self {
        match permission {
            Permission::Read => Self::Read,
            Permission::Publish => Self::Publish,
            Permission::Resolve => Self::Resolve,
            Permission::Approve => Self::Approve,
            Permission::ManageAccounts => Self::ManageAccounts,
            Permission::ManageWebhooks => Self::ManageWebhooks,
            Permission::Administer => Self::Administer,
        }
    }
}

/// A member to add.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMemberBody {
    /// The name colleagues see.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// What the member may do.
    pub role: RoleBody,
}

impl From<NewMemberBody> for NewMember {
    fn from(body: NewMemberBody) -> Self {
        Self { name: body.name, role: body.role.into() }
    }
}

/// Another role.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeRoleBody {
    /// What the member may do from now on.
    pub role: RoleBody,
}

/// A member.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MemberBody {
    /// Id.
    pub member_id: String,
    /// The name colleagues see.
    pub name: String,
    /// What the member may do.
    pub role: RoleBody,
    /// When the member joined.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

impl From<&Member> for MemberBody {
    fn from(member: &Member) -> Self {
        let Member { id, name, role, created_at, .. } = member;
        Self { member_id: id.to_string(), name: name.clone(), role: (*role).into(), created_at: *created_at }
    }
}

/// The members.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MembersBody {
    /// The members, oldest first.
    pub items: Vec<MemberBody>,
}

/// A key to make.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewKeyBody {
    /// What it is for.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// In whose name it acts; yours when left out.
    #[schema(value_type = Option<String>)]
    pub member_id: Option<MemberId>,
    /// What it may do at most; all the member's role may do when left out or empty.
    pub scopes: Option<Vec<PermissionBody>>,
    /// When it stops working; never when left out.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
}

impl From<NewKeyBody> for NewKey {
    fn from(body: NewKeyBody) -> Self {
        let scopes = body.scopes.unwrap_or_default().into_iter().map(Into::into).collect();
        Self { name: body.name, member: body.member_id, scopes, expires_at: body.expires_at }
    }
}

/// A key.
#[derive(Clone, Serialize, ToSchema)]
pub struct KeyBody {
    /// Id.
    pub key_id: String,
    /// In whose name it acts.
    pub member_id: String,
    /// What it is for.
    pub name: String,
    /// What it may do at most; empty: all the member's role may do.
    pub scopes: Vec<PermissionBody>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it stops working, if ever.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// The key itself: in the answer to making it, and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub api_key: Option<String>,
}

impl KeyBody {
    /// A key without its text.
    pub fn of(key: &ApiKey) -> Self {
        Self {
            key_id: key.id.to_string(),
            member_id: key.member.to_string(),
            name: key.name.clone(),
            scopes: key.scopes.iter().map(|s| (*s).into()).collect(),
            created_at: key.created_at,
            expires_at: key.expires_at,
            api_key: None,
        }
    }

    /// A key that was just made, with its text.
    pub fn made(made: &KeyMade) -> Self {
        Self { api_key: Some(made.secret.expose_secret().to_owned()), ..Self::of(&made.key) }
    }
}

/// The keys.
#[derive(Serialize, ToSchema)]
pub struct KeysBody {
    /// The keys, oldest first; who may not administer sees their own.
    pub items: Vec<KeyBody>,
}
