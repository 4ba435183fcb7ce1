//! A tenant's own rules: for what is published in its name, and for where its events go.

use super::BrandRules;
use crate::TenantId;
use crate::access::{Caller, Permission, Role};
use crate::egress::EgressPolicy;
use serde::{Deserialize, Serialize};

/// Whose posts somebody has to approve before they leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalRule {
    /// Nobody's.
    #[default]
    Nobody,
    /// Editors'; owners publish as they like.
    Editors,
    /// Everybody's, owners' too.
    Everyone,
}

impl ApprovalRule {
    /// Whether what this caller writes or changes has to be approved. A key of an owner's that may not approve is no owner.
    pub fn binds_caller(self, caller: &Caller) -> bool {
        self.binds(caller.role) || (self == Self::Editors && !caller.may(Permission::Approve))
    }

    /// Whether what a member of this role writes or changes has to be approved.
    pub fn binds(self, role: Role) -> bool {
        match self {
            Self::Nobody => false,
            Self::Editors => role < Role::Owner,
            Self::Everyone => true,
        }
    }
}

/// The rules of a tenant. One record, so that accepting a post reads them at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// Tenant.
    pub tenant: TenantId,
    /// Whose posts somebody has to approve.
    #[serde(default)]
    pub approval: ApprovalRule,
    /// Words, links and hashtags that it wants or does not want.
    #[serde(default, skip_serializing_if = "BrandRules::is_empty")]
    pub brand: BrandRules,
    /// What its webhook endpoints may be.
    #[serde(default, skip_serializing_if = "EgressPolicy::is_strict")]
    pub egress: EgressPolicy,
}

impl Rules {
    /// What holds while a tenant has said nothing.
    pub fn none(tenant: TenantId) -> Self {
        Self { tenant, approval: ApprovalRule::default(), brand: BrandRules::default(), egress: EgressPolicy::STRICT }
    }
}
