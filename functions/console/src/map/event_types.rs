//! The catalogue of events.

use super::Reader;
use super::endpoint_form::{option, own_name};
use crate::view::{EventTypePage, EventTypeRow, FieldError};
use crate::words;
use app::Error;
use app::webhooks::EventType;
use domain::access::Permission;
use domain::webhooks::Endpoint;
use serde_json::Value;

/// An event type in the list.
pub fn event_type_row(kind: &EventType) -> EventTypeRow {
    EventTypeRow {
        href: format!("/console/webhooks/events/{}", kind.name),
        name: kind.name.into(),
        version: kind.version,
        text: words::event(kind.name).into(),
    }
}

/// The page of one. `chosen` is the endpoint that was chosen for its sample.
pub fn event_type_page(
    reader: &Reader<'_>,
    kind: &EventType,
    endpoints: &[Endpoint],
    chosen: &str,
    errors: Vec<FieldError>,
) -> Result<EventTypePage, Error> {
    let named = |endpoint: &Endpoint| {
        let id = endpoint.id.to_string();
        option(&id, &own_name(endpoint).unwrap_or_else(|| endpoint.url.clone()), id == chosen)
    };
    let row = event_type_row(kind);
    Ok(EventTypePage {
        about: kind.about.into(),
        sample: pretty(&kind.sample_body()?)?,
        schema: pretty(&kind.schema())?,
        send_href: reader.may(Permission::ManageWebhooks).then(|| row.href.clone()),
        idempotency_key: reader.fresh(),
        endpoints: endpoints.iter().filter(|endpoint| endpoint.is_on()).map(named).collect(),
        errors,
        row,
    })
}

fn pretty(value: &Value) -> Result<String, Error> {
    serde_json::to_string_pretty(value).map_err(|error| Error::Internal(error.to_string()))
}
