//! Endpoints and messages as the API shows them.

use app::webhooks::{NewEndpoint, Registered, TestSent};
use domain::EndpointId;
use domain::events::EVENT_TYPES;
use domain::webhooks::{Endpoint, EndpointStatus, WebhookMessage, WebhookState};
use jiff::Timestamp;
use runtime::openapi::some_of;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa::openapi::schema::Array;

/// An endpoint to register.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWebhookBody {
    /// A public https address.
    #[schema(max_length = 2048, example = "https://example.com/hooks/herald")]
    pub url: String,
    /// What you call it; its address when left out.
    #[schema(max_length = 100)]
    pub name: Option<String>,
    /// Event types wanted; all when left out or empty.
    #[schema(schema_with = event_types)]
    pub events: Option<Vec<String>>,
    /// Headers of your own in every request, at most 10. They can be replaced but not read back.
    pub headers: Option<BTreeMap<String, String>>,
    /// A signing secret of your own: `whsec_` and the base64 of 24 to 64 random bytes. One is made when left out.
    #[schema(value_type = Option<String>, write_only)]
    pub secret: Option<SecretString>,
}

fn event_types() -> Array {
    some_of(EVENT_TYPES)
}

impl From<NewWebhookBody> for NewEndpoint {
    fn from(body: NewWebhookBody) -> Self {
        Self {
            name: body.name.unwrap_or_default(),
            url: body.url,
            events: body.events.unwrap_or_default(),
            headers: body.headers.unwrap_or_default(),
            secret: body.secret,
            ..Self::default()
        }
    }
}

/// An endpoint.
#[derive(Clone, Serialize, ToSchema)]
pub struct WebhookBody {
    /// Id.
    pub webhook_id: String,
    /// What you call it.
    pub name: String,
    /// Where events are sent.
    pub url: String,
    /// Event types wanted; empty means all.
    pub events: Vec<String>,
    /// The names of its own headers.
    pub header_names: Vec<String>,
    /// `active` or `disabled`.
    #[schema(example = "active")]
    pub status: &'static str,
    /// Why it is disabled: a stable code, such as `gone` after a 410.
    pub reason: Option<String>,
    /// Since when it has been disabled.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<Timestamp>,
    /// When it was registered.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// The signing secret: in the answer to registering it, and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub secret: Option<String>,
}

impl WebhookBody {
    /// An endpoint without its secrets.
    pub fn of(endpoint: &Endpoint) -> Self {
        let (status, reason, since) = match &endpoint.status {
            EndpointStatus::Active => ("active", None, None),
            EndpointStatus::Disabled { since, reason } => ("disabled", Some(reason.clone()), Some(*since)),
        };
        Self {
            webhook_id: endpoint.id.to_string(),
            name: endpoint.name.clone(),
            url: endpoint.url.clone(),
            events: endpoint.events.clone(),
            header_names: endpoint.headers.keys().cloned().collect(),
            status,
            reason,
            since,
            created_at: endpoint.created_at,
            secret: None,
        }
    }

    /// An endpoint that was just registered, with its signing secret.
    pub fn registered(made: &Registered) -> Self {
        Self { secret: Some(made.secret.expose_secret().to_owned()), ..Self::of(&made.endpoint) }
    }
}

/// A list of endpoints.
#[derive(Serialize, ToSchema)]
pub struct WebhooksBody {
    /// The endpoints, oldest first.
    pub items: Vec<WebhookBody>,
}

/// One try to deliver.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AttemptBody {
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The status code; none when there was no answer.
    pub status: Option<u16>,
    /// How long it took in milliseconds.
    pub latency_ms: u32,
    /// The beginning of the answer's body, or what went wrong.
    pub excerpt: String,
}

/// The delivery of one event to the endpoint.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MessageBody {
    /// The event; `webhook-id` of every request.
    pub event_id: String,
    /// The event's type.
    pub event: String,
    /// `pending`, `sending`, `delivered` or `dead`.
    #[schema(example = "delivered")]
    pub state: &'static str,
    /// Why it was given up: a stable code.
    pub reason: Option<String>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it is tried next.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_at: Option<Timestamp>,
    /// The tries, oldest first.
    pub attempts: Vec<AttemptBody>,
}

impl MessageBody {
    /// A message as people see it.
    pub fn of(message: &WebhookMessage) -> Self {
        let (state, reason) = match &message.state {
            WebhookState::Pending => ("pending", None),
            WebhookState::Sending { .. } => ("sending", None),
            WebhookState::Delivered { .. } => ("delivered", None),
            WebhookState::Dead { reason, .. } => ("dead", Some(reason.clone())),
        };
        let open = matches!(message.state, WebhookState::Pending);
        let attempt = |a: &domain::webhooks::WebhookAttempt| AttemptBody {
            at: a.at,
            status: a.status,
            latency_ms: a.latency_ms,
            excerpt: a.excerpt.clone(),
        };
        Self {
            event_id: message.event.to_string(),
            event: message.kind.clone(),
            state,
            reason,
            created_at: message.created_at,
            next_at: message.wake.as_ref().filter(|_| open).map(|w| w.at),
            attempts: message.attempts.iter().map(attempt).collect(),
        }
    }
}

/// A page of an endpoint's log.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AttemptsBody {
    /// The messages, newest first.
    pub items: Vec<MessageBody>,
    /// Where the next page starts; none at the end.
    pub next_cursor: Option<String>,
}

/// Which endpoint to try out.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TestBody {
    /// The endpoint.
    #[schema(value_type = String)]
    pub webhook_id: EndpointId,
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
