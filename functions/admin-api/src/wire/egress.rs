//! What webhook endpoints may be, as the API shows and takes it.

use domain::egress::EgressPolicy;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::{Array, ArrayBuilder, KnownFormat, ObjectBuilder, SchemaFormat, Type};

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
    #[schema(schema_with = ports)]
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

/// Ports as the description has them: derived, an item would be any number of 32 bits, which the reading of the body refuses.
fn ports() -> Array {
    let port = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
        .minimum(Some(0))
        .maximum(Some(u16::MAX));
    ArrayBuilder::new().items(port).description(Some("Other ports: of 8008, 8080, 8443 and 9443.")).build()
}
