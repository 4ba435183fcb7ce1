//! Trying an endpoint out.

use app::webhooks::TestSent;
use domain::EndpointId;
use domain::events::EVENT_TYPES;
use runtime::openapi::one_of;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;

fn one_event_type() -> Object {
    one_of(EVENT_TYPES)
}

/// Which endpoint to try out.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TestBody {
    /// The endpoint.
    #[schema(value_type = String)]
    pub webhook_id: EndpointId,
    /// The event type of which a sample is sent; `webhook.test` when left out.
    #[schema(schema_with = one_event_type)]
    pub event: Option<String>,
}

/// A test message on its way.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TestSentBody {
    /// The endpoint.
    pub webhook_id: String,
    /// The event; its attempts are in the endpoint's log.
    pub event_id: String,
}

impl From<&TestSent> for TestSentBody {
    fn from(sent: &TestSent) -> Self {
        Self { webhook_id: sent.endpoint.to_string(), event_id: sent.event.to_string() }
    }
}
