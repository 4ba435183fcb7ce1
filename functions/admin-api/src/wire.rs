//! Tenants, members, keys and the audit log as the API shows them.

use app::access::{Bootstrapped, FirstTenant, KeyMade, NewKey, NewMember};
use domain::MemberId;
use domain::access::{ApiKey, Member, Permission, Role};
use domain::audit::AuditEntry;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
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
            Permission::ManageAccounts => Self::ManageAccounts,
            Permission::ManageWebhooks => Self::ManageWebhooks,
            Permission::Administer => Self::Administer,
        }
    }
}

/// Whether we are here.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct HealthBody {
    /// Always `ok`: whoever cannot say so does not answer.
    #[schema(example = "ok")]
    pub status: &'static str,
    /// The version that runs.
    pub version: &'static str,
}

/// The first tenant to make.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BootstrapBody {
    /// The stack's bootstrap token.
    #[schema(value_type = String, write_only)]
    pub token: SecretString,
    /// The organisation's name.
    #[schema(max_length = 100)]
    pub tenant: String,
    /// The first owner's name.
    #[schema(max_length = 100)]
    pub owner: String,
    /// IANA zone in which its people plan; UTC when left out.
    #[schema(example = "Europe/Berlin")]
    pub zone: Option<String>,
}

impl BootstrapBody {
    /// The tenant this body means.
    pub fn first(&self) -> FirstTenant {
        let zone = self.zone.clone().unwrap_or_else(|| "UTC".to_owned());
        FirstTenant { tenant: self.tenant.clone(), zone, owner: self.owner.clone() }
    }
}

/// The first tenant, its owner and the owner's key.
#[derive(Clone, Serialize, ToSchema)]
pub struct BootstrappedBody {
    /// The tenant.
    pub tenant_id: String,
    /// Its owner.
    pub member_id: String,
    /// The owner's key; it cannot be shown again.
    pub api_key: String,
}

impl From<&Bootstrapped> for BootstrappedBody {
    fn from(made: &Bootstrapped) -> Self {
        Self {
            tenant_id: made.tenant.id.to_string(),
            member_id: made.owner.id.to_string(),
            api_key: made.secret.expose_secret().to_owned(),
        }
    }
}

/// A member to add.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMemberBody {
    /// The name colleagues see.
    #[schema(max_length = 100)]
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
    #[schema(max_length = 100)]
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

/// The key ring after a rotation.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct RotatedBody {
    /// The number of the key that everything is sealed under from now on.
    pub active: u32,
}

/// A line of the audit log.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AuditBody {
    /// Id.
    pub audit_id: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The member who did it; none for Herald itself.
    pub actor: Option<String>,
    /// What, such as `key.created`.
    pub action: String,
    /// To what: the id of the thing.
    pub subject: String,
    /// Stable facts about it.
    #[schema(value_type = Option<Object>)]
    pub facts: Option<serde_json::Value>,
    /// The correlation id of the request it happened in.
    pub correlation_id: String,
}

impl From<AuditEntry> for AuditBody {
    fn from(entry: AuditEntry) -> Self {
        Self {
            audit_id: entry.id.to_string(),
            at: entry.at,
            actor: entry.actor.map(|id| id.to_string()),
            action: entry.action,
            subject: entry.subject,
            facts: entry.facts,
            correlation_id: entry.cid,
        }
    }
}

/// A page of the audit log.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AuditPageBody {
    /// The lines, newest first.
    pub items: Vec<AuditBody>,
    /// Where the next page starts; none at the end.
    pub next_cursor: Option<String>,
}
