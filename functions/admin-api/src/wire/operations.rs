//! Health, the first tenant, the key ring and the audit log.

use app::access::{Bootstrapped, FirstTenant};
use domain::audit::AuditEntry;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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
    #[schema(min_length = 1, max_length = 100)]
    pub tenant: String,
    /// The first owner's name.
    #[schema(min_length = 1, max_length = 100)]
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
