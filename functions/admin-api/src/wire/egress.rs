//! What webhook endpoints may be, as the API shows and takes it.

use domain::egress::EgressPolicy;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What webhook endpoints may be, beside https on port 443, which is always allowed. Only public addresses are called, whatever
/// stands here.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EgressPolicyBody {
    /// Whether plain http is allowed, on port 80 and those of `ports`. Whoever is on the way can read what is sent.
    #[serde(default)]
    pub http: bool,
    /// Other ports: of 8008, 8080, 8443 and 9443.
    #[serde(default)]
    pub ports: Vec<u16>,
}

impl EgressPolicyBody {
    /// The body of a policy.
    pub fn of(policy: &EgressPolicy) -> Self {
        let EgressPolicy { http, ports } = policy.clone();
        Self { http, ports }
    }

    /// The policy this body means.
    pub fn policy(self) -> EgressPolicy {
        let Self { http, ports } = self;
        EgressPolicy { http, ports }
    }
}
