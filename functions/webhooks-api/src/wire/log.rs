//! The delivery log as the API shows it.

use app::webhooks::{LogFilter, state_name};
use domain::webhooks::{WebhookAttempt, WebhookMessage, WebhookState};
use jiff::Timestamp;
use runtime::openapi::one_of;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::openapi::schema::Object;
use utoipa::{IntoParams, ToSchema};

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
    /// The beginning of the answer's body, or what went wrong: in a list 256 bytes of it, of a single message all that is kept.
    pub excerpt: String,
    /// The headers of an answer that was no success. Where one may be secret, its value is left out. None in a list.
    pub headers: BTreeMap<String, String>,
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
    /// Why it was given up: a stable code. `exhausted` after ten attempts, `asked_to_wait` when the endpoint asked for more time
    /// than a message has, `line_full` when its limit lets so much through only after days, `lane_full` when too many of
    /// its key are before it, `gone`, `disabled`, `deleted`, `given_up` by a person.
    pub reason: Option<String>,
    /// The member who gave it up, where one did.
    pub given_up_by: Option<String>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When a person last had it sent again.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub again_at: Option<Timestamp>,
    /// When it is tried next; null for one that waits for those before it.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_at: Option<Timestamp>,
    /// The tries, oldest first.
    pub attempts: Vec<AttemptBody>,
}

/// Bytes of an answer's body that a list shows. A page has a hundred messages of up to twenty attempts, and what a function answers has at most
/// 6 MB, in which quotation marks may count fourfold.
const LISTED: usize = 256;

impl MessageBody {
    /// A message as a list shows it.
    pub fn listed(message: &WebhookMessage) -> Self {
        let mut body = Self::of(message);
        for attempt in &mut body.attempts {
            attempt.excerpt.truncate(attempt.excerpt.floor_char_boundary(LISTED));
            attempt.headers.clear();
        }
        body
    }

    /// A message as people see it.
    pub fn of(message: &WebhookMessage) -> Self {
        let (reason, by) = match &message.state {
            WebhookState::Dead { reason, by, .. } => (Some(reason.clone()), *by),
            _ => (None, None),
        };
        let open = matches!(message.state, WebhookState::Pending);
        let attempt = |a: &WebhookAttempt| AttemptBody {
            at: a.at,
            status: a.status,
            latency_ms: a.latency_ms,
            excerpt: a.excerpt.clone(),
            headers: a.headers.clone(),
        };
        Self {
            event_id: message.event.to_string(),
            event: message.kind.clone(),
            state: state_name(&message.state),
            reason,
            given_up_by: by.map(|member| member.to_string()),
            created_at: message.created_at,
            again_at: message.again_at,
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

/// One message with what was sent.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WholeMessageBody {
    /// The message.
    #[serde(flatten)]
    pub message: MessageBody,
    /// The body of every request, as it was signed.
    pub body: String,
    /// The headers of every request that belong to the body, names in small letters.
    pub content_headers: BTreeMap<String, String>,
}

impl WholeMessageBody {
    /// A message as people see it, with its body.
    pub fn of(message: &WebhookMessage) -> Self {
        let mut content_headers = message.content_headers.clone();
        content_headers.entry("content-type".into()).or_insert_with(|| "application/json".into());
        Self { message: MessageBody::of(message), body: message.body.clone(), content_headers }
    }
}

/// Which page of the log, and of which messages.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MessageFilter {
    /// Only those that stand so.
    #[param(schema_with = states)]
    pub state: Option<State>,
    /// Only those of this event type.
    #[param(example = "post.failed")]
    pub event: Option<String>,
    /// Only those whose events happened then or later.
    #[param(value_type = Option<String>, format = DateTime)]
    pub from: Option<Timestamp>,
    /// Only those whose events happened then or before.
    #[param(value_type = Option<String>, format = DateTime)]
    pub to: Option<Timestamp>,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// Items per page, 1 to 100; 20 when left out. With a filter a page may hold fewer before the last.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u32>,
}

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // each is the state of its name
pub enum State {
    Pending,
    Sending,
    Delivered,
    Dead,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sending => "sending",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
        }
    }
}

fn states() -> Object {
    one_of(&["pending", "sending", "delivered", "dead"])
}

impl From<&MessageFilter> for LogFilter {
    fn from(query: &MessageFilter) -> Self {
        let state = query.state.map(|state| state.name().to_owned());
        Self { from: query.from, to: query.to, state, kind: query.event.clone() }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    #[test]
    fn the_largest_page_fits_into_what_a_function_answers_and_a_single_message_shows_all_that_is_kept() {
        let at = "2026-01-01T00:00:00Z";
        let headers: BTreeMap<String, String> = (0..20).map(|n| (format!("x-{n}"), "\"".repeat(200))).collect();
        let attempt = json!({
            "at": at, "status": 500, "latency_ms": 15_000, "excerpt": "\"".repeat(16 * 1_024), "headers": headers,
        });
        let message: WebhookMessage = serde_json::from_value(json!({
            "event": format!("evt_{}", "0".repeat(32)), "endpoint": format!("ep_{}", "0".repeat(32)),
            "tenant": format!("ten_{}", "0".repeat(32)), "kind": "post.published", "body": "{}", "state": "pending",
            "attempts": vec![attempt; 20], "created_at": at,
        }))
        .unwrap();
        let page = AttemptsBody { items: vec![MessageBody::listed(&message); 100], next_cursor: None };
        // The function's answer carries the body as a text, in which each quotation mark is escaped once more.
        let answer = serde_json::to_string(&serde_json::to_string(&page).unwrap()).unwrap();
        assert!(answer.len() < 5_000_000, "{} bytes", answer.len());
        let one = MessageBody::of(&message).attempts;
        assert!(one.iter().all(|one| one.excerpt.len() == 16 * 1_024 && one.headers.len() == 20));
    }
}
