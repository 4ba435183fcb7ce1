//! The catalogue of events.

use serde::Serialize;

use super::{FieldError, SelectOption};

/// `GET /console/webhooks/events`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct EventTypesPage {
    /// Every type there is.
    pub items: Vec<EventTypeRow>,
}

/// An event type in the list.
#[derive(Debug, Clone, Default, Serialize)]
pub struct EventTypeRow {
    /// Its page.
    pub href: String,
    /// The type on the wire, such as `post.published`.
    pub name: String,
    /// The version of its form.
    pub version: u16,
    /// What it tells.
    pub text: String,
}

/// `GET /console/webhooks/events/{event_type}`, and the answer to its form with errors.
///
/// The form posts `endpoint` (an id), `csrf`, `idempotency_key`. The error field is `endpoint`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct EventTypePage {
    /// What the list says of it.
    pub row: EventTypeRow,
    /// What it tells, in full.
    pub about: String,
    /// A body of it.
    pub sample: String,
    /// The JSON Schema of its bodies.
    pub schema: String,
    /// Where the sample is sent from; absent for roles that may only look.
    pub send_href: Option<String>,
    /// A fresh key per rendering.
    pub idempotency_key: String,
    /// The endpoints that are on.
    pub endpoints: Vec<SelectOption>,
    /// What was wrong with the last try.
    pub errors: Vec<FieldError>,
}
