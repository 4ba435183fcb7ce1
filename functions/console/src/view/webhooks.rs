//! Webhook endpoints and what was sent to them.

use serde::Serialize;

use super::{Action, Badge, FieldError, Moment};

/// `GET /console/webhooks`.
///
/// The create form posts `url`, `description`, `event` (once per ticked type; none = all), `csrf`, `idempotency_key`.
/// Error fields: `url`, `description`, `events`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct WebhooksPage {
    /// Where the create form posts to; absent for roles that may only look.
    pub create_action: Option<String>,
    /// A fresh key per rendering.
    pub idempotency_key: String,
    /// What was wrong with the last try.
    pub errors: Vec<FieldError>,
    /// The address as it was typed.
    pub url: String,
    /// The description as it was typed.
    pub description: String,
    /// The event types.
    pub events: Vec<EventOption>,
    /// The secret of the endpoint that was just made; shown this once.
    pub created: Option<NewSecret>,
    /// The endpoints.
    pub endpoints: Vec<EndpointRow>,
}

/// A kind of event one can subscribe to.
#[derive(Debug, Clone, Default, Serialize)]
pub struct EventOption {
    /// The type on the wire, such as `post.published`.
    pub name: String,
    /// What it tells.
    pub text: String,
    /// Whether it is ticked.
    pub checked: bool,
}

/// A secret that is shown once.
#[derive(Debug, Clone, Default, Serialize)]
pub struct NewSecret {
    /// The endpoint's address.
    pub url: String,
    /// The signing secret.
    pub secret: String,
}

/// One endpoint in the list.
#[derive(Debug, Clone, Default, Serialize)]
pub struct EndpointRow {
    /// The endpoint's id.
    pub id: String,
    /// Its page.
    pub href: String,
    /// Where events are sent.
    pub url: String,
    /// What it is for.
    pub description: Option<String>,
    /// `Active`, `Failing`, `Disabled`.
    pub status: Badge,
    /// The types it gets; empty = all.
    pub events: Vec<String>,
    /// The last attempt.
    pub last: Option<Moment>,
    /// Sends a test event.
    pub test: Option<Action>,
    /// Deletes it; asks first.
    pub delete: Option<Action>,
}

/// `GET /console/webhooks/{webhook_id}`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct EndpointPage {
    /// The endpoint.
    pub endpoint: EndpointRow,
    /// When it was made.
    pub created: Moment,
    /// What was sent, newest first.
    pub attempts: Vec<AttemptRow>,
    /// The next page.
    pub older_href: Option<String>,
}

/// One try to deliver one event.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AttemptRow {
    /// When.
    pub at: Moment,
    /// The event's type.
    pub event: String,
    /// The value of the `webhook-id` header, the same over all tries of an event.
    pub webhook_id: String,
    /// Which try it was, from 1.
    pub number: u32,
    /// `Delivered`, `Will retry`, `Gave up`.
    pub state: Badge,
    /// The HTTP status; absent when there was no answer.
    pub status: Option<u16>,
    /// Milliseconds until the answer or the failure.
    pub latency_ms: Option<u64>,
    /// The beginning of the answer, or why there was none.
    pub excerpt: Option<String>,
    /// When it is tried again.
    pub next: Option<Moment>,
}
