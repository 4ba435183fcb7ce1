//! Endpoints and what was sent to them.

use super::Reader;
use crate::view::{ActionStyle, AttemptRow, EndpointRow, EventOption};
use crate::words;
use domain::access::Permission;
use domain::events::EVENT_TYPES;
use domain::webhooks::{Endpoint, EndpointStatus, WebhookAttempt, WebhookMessage, WebhookState};

/// Characters of an answer that the page shows.
const EXCERPT: usize = 300;

/// One endpoint. `last` is its latest message.
pub fn endpoint_row(reader: &Reader<'_>, endpoint: &Endpoint, last: Option<&WebhookMessage>) -> EndpointRow {
    let at = format!("/console/webhooks/{}", endpoint.id);
    let manages = reader.may(Permission::ManageWebhooks);
    let failing = last.is_some_and(|m| match m.state {
        WebhookState::Dead { .. } => true,
        WebhookState::Pending | WebhookState::Sending { .. } => !m.attempts.is_empty(),
        WebhookState::Delivered { .. } => false,
    });
    let delete = reader.action(format!("{at}/delete"), "Delete", ActionStyle::Danger);
    EndpointRow {
        id: endpoint.id.to_string(),
        url: endpoint.url.clone(),
        description: Some(endpoint.name.clone()).filter(|name| !name.is_empty() && *name != endpoint.url),
        status: words::endpoint(endpoint, failing),
        events: endpoint.events.clone(),
        last: last.and_then(|m| m.attempts.last()).map(|attempt| reader.moment(attempt.at)),
        test: (manages && endpoint.status == EndpointStatus::Active)
            .then(|| reader.action(format!("{at}/test"), "Send test", ActionStyle::Plain)),
        delete: manages.then(|| delete.asking("Events that still wait for this address are not sent any more.")),
        href: at,
    }
}

/// The attempts of messages, newest first.
pub fn attempts(reader: &Reader<'_>, messages: &[WebhookMessage]) -> Vec<AttemptRow> {
    let mut rows: Vec<(jiff::Timestamp, AttemptRow)> = Vec::new();
    for message in messages {
        for (i, attempt) in message.attempts.iter().enumerate() {
            rows.push((attempt.at, row(reader, message, attempt, i + 1)));
        }
    }
    rows.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    rows.into_iter().map(|(_, row)| row).collect()
}

fn row(reader: &Reader<'_>, message: &WebhookMessage, attempt: &WebhookAttempt, number: usize) -> AttemptRow {
    let last = number == message.attempts.len();
    AttemptRow {
        at: reader.precise(attempt.at),
        event: message.kind.clone(),
        webhook_id: message.event.to_string(),
        number: u32::try_from(number).unwrap_or(u32::MAX),
        state: words::message(message, number),
        status: attempt.status,
        latency_ms: Some(attempt.latency_ms.into()),
        excerpt: Some(attempt.excerpt.chars().take(EXCERPT).collect::<String>()).filter(|text| !text.is_empty()),
        next: message.wake.filter(|_| last).map(|wake| reader.precise(wake.at)),
    }
}

/// The event types to choose from. A test is sent by its own button, whatever an endpoint subscribed to.
pub fn event_options(ticked: &[String]) -> Vec<EventOption> {
    let option = |name: &&str| EventOption {
        name: (*name).into(),
        text: words::event(name).into(),
        checked: ticked.iter().any(|event| event == name),
    };
    EVENT_TYPES.iter().filter(|name| **name != "webhook.test").map(option).collect()
}
