//! What was sent to an endpoint: its log, single messages, and what is sent again.

use super::endpoint_form::option;
use super::webhooks::endpoint_href;
use super::{Reader, Wall};
use crate::view::{
    Action, ActionStyle, AgainForm, Fact, FieldError, LogForm, MessagePage, MessageRow, RecoveryRow, TryRow, TryView,
};
use crate::words::{self, MESSAGE_STATES};
use app::webhooks::{LogFilter, Range};
use domain::access::Permission;
use domain::events::EVENT_TYPES;
use domain::time::OnGap;
use domain::webhooks::{Endpoint, Recovery, WebhookAttempt, WebhookMessage, WebhookState};
use jiff::{SignedDuration, Timestamp};

/// Tries of a message that a list shows.
const SHOWN: usize = 3;

/// An instant as a form has it, to the minute.
fn local(reader: &Reader<'_>, at: Timestamp) -> String {
    reader.local(at).strftime("%Y-%m-%dT%H:%M").to_string()
}

/// The instant of a local time that was typed; none when nothing was.
fn instant(typed: &str, zone: &str, field: &str) -> Result<Option<Timestamp>, FieldError> {
    if typed.is_empty() {
        return Ok(None);
    }
    let wrong = |text: String| FieldError { field: field.into(), text };
    let (date, time) = typed.split_once('T').unwrap_or((typed, ""));
    let wall = Wall { date, time, zone }.read().map_err(|error| wrong(error.text))?;
    let resolved = wall.resolve(OnGap::Reject).map_err(|error| wrong(words::sentence(&error.to_string())))?;
    Ok(Some(resolved.at))
}

/// What the log is narrowed to, as it was asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogDraft {
    /// A state; empty: any.
    pub state: String,
    /// An event type; empty: any.
    pub event: String,
    /// A local time; empty: from the first on.
    pub from: String,
    /// A local time; empty: until the last.
    pub to: String,
}

impl LogDraft {
    /// Which messages it asks for. A state or a type that there is none of narrows nothing.
    pub fn filter(&self, zone: &str) -> Result<LogFilter, Vec<FieldError>> {
        let from = instant(&self.from, zone, "from");
        match (from, instant(&self.to, zone, "to")) {
            (Ok(from), Ok(to)) => Ok(LogFilter {
                from,
                to,
                state: MESSAGE_STATES.iter().any(|(name, _)| *name == self.state).then(|| self.state.clone()),
                kind: EVENT_TYPES.contains(&self.event.as_str()).then(|| self.event.clone()),
            }),
            (from, to) => Err([from.err(), to.err()].into_iter().flatten().collect()),
        }
    }

    /// How it stands in an address, with a cursor.
    pub fn query(&self, after: &str) -> String {
        let texts = [&self.state, &self.event, &self.from, &self.to].map(String::as_str);
        let names = ["state", "event", "from", "to"];
        let given = names.into_iter().zip(texts).chain([("after", after)]).filter(|(_, value)| !value.is_empty());
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(given).finish()
    }

    /// The form.
    pub fn form(&self, endpoint: &Endpoint, zone: &str) -> LogForm {
        let states = MESSAGE_STATES.iter().map(|(name, label)| option(name, label, *name == self.state));
        let events = EVENT_TYPES.iter().map(|name| option(name, name, *name == self.event));
        LogForm {
            href: endpoint_href(endpoint),
            states: std::iter::once(option("", "Any", false)).chain(states).collect(),
            events: std::iter::once(option("", "Any", false)).chain(events).collect(),
            from: self.from.clone(),
            to: self.to.clone(),
            zone: zone.to_owned(),
            narrowed: *self != Self::default(),
        }
    }
}

/// Which messages are to be sent again, as it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AgainDraft {
    /// A local time.
    pub since: String,
    /// A local time; empty: until now.
    pub until: String,
    /// Whether what was taken is sent again as well.
    pub every: bool,
}

impl AgainDraft {
    /// What failed since a time; without one, since a day before now.
    pub fn since(reader: &Reader<'_>, at: Option<Timestamp>) -> Self {
        let yesterday = || reader.now.checked_sub(SignedDuration::from_hours(24)).ok();
        let since = at.or_else(yesterday).map(|at| local(reader, at)).unwrap_or_default();
        Self { since, ..Self::default() }
    }

    /// The time that it asks for.
    pub fn range(&self, zone: &str) -> Result<Range, Vec<FieldError>> {
        let missing = || FieldError { field: "since".into(), text: "Give a date and a time.".into() };
        let since = instant(&self.since, zone, "since").and_then(|since| since.ok_or_else(missing));
        match (since, instant(&self.until, zone, "until")) {
            (Ok(since), Ok(until)) => Ok(Range { since, until, every: self.every }),
            (since, until) => Err([since.err(), until.err()].into_iter().flatten().collect()),
        }
    }

    /// The form; nobody is offered to send something to an endpoint that is off.
    pub fn form(&self, reader: &Reader<'_>, endpoint: &Endpoint) -> Option<AgainForm> {
        (reader.may(Permission::ManageWebhooks) && endpoint.is_on()).then(|| AgainForm {
            href: format!("{}/recover", endpoint_href(endpoint)),
            idempotency_key: reader.fresh(),
            since: self.since.clone(),
            until: self.until.clone(),
            every: self.every,
            zone: reader.zone.to_owned(),
        })
    }
}

/// Whether it is still being tried.
pub fn is_open(message: &WebhookMessage) -> bool {
    matches!(message.state, WebhookState::Pending | WebhookState::Sending { .. })
}

/// A message in the log of its endpoint, which is none where it was deleted.
pub fn message_row(reader: &Reader<'_>, endpoint: Option<&Endpoint>, message: &WebhookMessage) -> MessageRow {
    let at = format!("/console/webhooks/{}/messages/{}", message.endpoint, message.event);
    let listens = endpoint.is_some_and(Endpoint::is_on) && reader.may(Permission::ManageWebhooks);
    let resend = || -> Action { reader.action(format!("{at}/resend"), "Send again", ActionStyle::Plain) };
    let tries = message.attempts.iter().enumerate().rev().take(SHOWN);
    MessageRow {
        created: reader.precise(message.created_at),
        event: message.kind.clone(),
        webhook_id: message.event.to_string(),
        state: words::message(message),
        why: words::gave_up(message).map(Into::into),
        tries: tries.map(|(i, attempt)| try_row(reader, i, attempt)).collect(),
        earlier: message.attempts.len().saturating_sub(SHOWN),
        next: message.wake.filter(|_| message.state == WebhookState::Pending).map(|wake| reader.precise(wake.at)),
        resend: (listens && !is_open(message)).then(resend),
        href: at,
    }
}

fn try_row(reader: &Reader<'_>, i: usize, attempt: &WebhookAttempt) -> TryRow {
    TryRow {
        at: reader.precise(attempt.at),
        number: i + 1,
        status: attempt.status,
        taken: attempt.status.is_some_and(|status| (200..300).contains(&status)),
        latency_ms: attempt.latency_ms,
    }
}

/// The page of a message; `by` is who gave it up, where a person did.
pub fn message_page(
    reader: &Reader<'_>,
    endpoint: Option<&Endpoint>,
    message: &WebhookMessage,
    by: Option<&str>,
) -> MessagePage {
    let facts = |headers: &std::collections::BTreeMap<String, String>| -> Vec<Fact> {
        headers.iter().map(|(name, value)| Fact { label: name.clone(), value: value.clone() }).collect()
    };
    let tried = |(i, attempt): (usize, &WebhookAttempt)| TryView {
        row: try_row(reader, i, attempt),
        headers: facts(&attempt.headers),
        excerpt: attempt.excerpt.clone(),
    };
    let mut content_headers = message.content_headers.clone();
    content_headers.entry("content-type".into()).or_insert_with(|| "application/json".into());
    let mut row = message_row(reader, endpoint, message);
    row.why = by.map(words::given_up_by).or(row.why);
    let give_up = || {
        reader.action(format!("{}/give_up", row.href), "Give up", ActionStyle::Plain).asking(
            "It is not tried any more, and what waits behind it goes next. It can be sent again for 30 days, after those.",
        )
    };
    MessagePage {
        back_href: endpoint.map(endpoint_href),
        give_up: (message.state == WebhookState::Pending && reader.may(Permission::ManageWebhooks)).then(give_up),
        row,
        again: message.again_at.map(|at| reader.precise(at)),
        moving: is_open(message),
        headers: facts(&content_headers),
        body: message.body.clone(),
        body_hint: words::body(endpoint.map(|endpoint| &endpoint.destination)).into(),
        tries: message.attempts.iter().enumerate().rev().map(tried).collect(),
    }
}

/// What was asked to be sent again.
pub fn recovery_row(reader: &Reader<'_>, recovery: &Recovery) -> RecoveryRow {
    let (state, text) = words::recovery(recovery);
    RecoveryRow {
        created: reader.moment(recovery.created_at),
        since: reader.moment(recovery.from),
        until: reader.moment(recovery.to),
        every: recovery.every,
        state,
        text,
    }
}
