//! What endpoints may be, on the page of members and keys.

use serde::Serialize;

use super::SelectOption;

/// What endpoints may be, of `GET /console/team`.
///
/// The form posts `egress_http`, `egress_port` (any number), `csrf`, `idempotency_key`. The error field is `egress`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct EgressForm {
    /// Where it posts to; absent for roles that may only look.
    pub action: Option<String>,
    /// A fresh key per rendering.
    pub idempotency_key: String,
    /// Whether plain http is allowed.
    pub http: bool,
    /// The ports that can be allowed.
    pub ports: Vec<SelectOption>,
    /// What is allowed besides https, for who may not change it; empty: nothing.
    pub says: String,
}
