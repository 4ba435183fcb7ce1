//! One endpoint: how it stands, its log, what is sent again, and how to verify what it gets.

use serde::Serialize;

use super::{Action, Badge, EndpointRow, Fact, FieldError, Moment, NewSecret, SelectOption, Tone};

/// `GET /console/webhooks/{webhook_id}`.
///
/// The form of the log asks with `state`, `event`, `from` and `to` (local times). Error fields: `from`, `to`, and those of [`RotateForm`] and
/// [`AgainForm`].
#[derive(Debug, Clone, Default, Serialize)]
pub struct EndpointPage {
    /// The endpoint.
    pub endpoint: EndpointRow,
    /// When it was made.
    pub created: Moment,
    /// What is the matter with it.
    pub matter: Option<Matter>,
    /// The secret or key that was just made.
    pub made: Option<NewSecret>,
    /// What was wrong with the last form.
    pub errors: Vec<FieldError>,
    /// What else it is.
    pub facts: Vec<Fact>,
    /// The public keys, the newest first; none where a secret signs.
    pub public_keys: Vec<String>,
    /// Where it is changed; absent for roles that may only look.
    pub edit_href: Option<String>,
    /// Switches it off or on, or has what waits tried at once.
    pub switches: Vec<Action>,
    /// Changes the secret; absent where nothing is signed.
    pub rotate: Option<RotateForm>,
    /// Whether something is under way of which the page shows more soon.
    pub moving: bool,
    /// Which messages are shown.
    pub filter: LogForm,
    /// What was sent, the newest first.
    pub messages: Vec<MessageRow>,
    /// The next page.
    pub older_href: Option<String>,
    /// The first page, when this is not it.
    pub newest_href: Option<String>,
    /// Sends again the messages of a time; absent while it is off, and for roles that may only look.
    pub again: Option<AgainForm>,
    /// What was asked to be sent again, the newest first.
    pub recoveries: Vec<RecoveryRow>,
    /// How to verify what it gets; none where nothing is signed.
    pub snippets: Vec<Snippet>,
}

/// What is the matter with an endpoint.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Matter {
    /// How it is meant.
    pub tone: Tone,
    /// What it is; a time follows.
    pub title: String,
    /// Since when, or until when.
    pub at: Moment,
    /// What it means and what to do.
    pub text: String,
}

/// The form that changes an endpoint's secret or key pair.
///
/// It posts `own_secret` (empty: one is made), `force`, `csrf`, `idempotency_key`. Error fields: `rotate` (the whole form), `own_secret`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RotateForm {
    /// Where it posts to.
    pub href: String,
    /// A fresh key per rendering.
    pub idempotency_key: String,
    /// Whether somebody can bring a secret along.
    pub own: bool,
    /// Until when the secret before the last rotation signs, while it does: it has to be ended first.
    pub until: Option<Moment>,
}

/// What the log is narrowed to, as the form has it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LogForm {
    /// Where it asks.
    pub href: String,
    /// The states.
    pub states: Vec<SelectOption>,
    /// The event types.
    pub events: Vec<SelectOption>,
    /// From when on, `YYYY-MM-DDTHH:MM`.
    pub from: String,
    /// Until when.
    pub to: String,
    /// The zone of both.
    pub zone: String,
    /// Whether it is narrowed at all.
    pub narrowed: bool,
}

/// The delivery of one event, in a list.
#[derive(Debug, Clone, Default, Serialize)]
pub struct MessageRow {
    /// Its page.
    pub href: String,
    /// When it was made.
    pub created: Moment,
    /// The event's type.
    pub event: String,
    /// The value of the `webhook-id` header, the same over all tries.
    pub webhook_id: String,
    /// `Delivered`, `Will retry`, `Gave up`.
    pub state: Badge,
    /// Why it was given up.
    pub why: Option<String>,
    /// The last tries, the newest first.
    pub tries: Vec<TryRow>,
    /// How many more there were before.
    pub earlier: usize,
    /// When it is tried next.
    pub next: Option<Moment>,
    /// Sends it again; only of one that has ended.
    pub resend: Option<Action>,
}

/// One try to deliver one event.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TryRow {
    /// When.
    pub at: Moment,
    /// Which try it was, from 1.
    pub number: usize,
    /// The HTTP status; absent when there was no answer.
    pub status: Option<u16>,
    /// Whether it was taken.
    pub taken: bool,
    /// Milliseconds until the answer or the failure.
    pub latency_ms: u32,
}

/// The form that sends again the messages of a time.
///
/// It posts `since`, `until` (local times; `until` may be empty), `every`, `csrf`, `idempotency_key`. Error fields: `again` (the whole form),
/// `since`, `until`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AgainForm {
    /// Where it posts to.
    pub href: String,
    /// A fresh key per rendering.
    pub idempotency_key: String,
    /// From when on, `YYYY-MM-DDTHH:MM`.
    pub since: String,
    /// Until when; empty: now.
    pub until: String,
    /// Whether what was taken is sent again as well.
    pub every: bool,
    /// The zone of both.
    pub zone: String,
}

/// What was asked to be sent again.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RecoveryRow {
    /// When it was asked for.
    pub created: Moment,
    /// From when on.
    pub since: Moment,
    /// Until when.
    pub until: Moment,
    /// Whether what was taken is sent again as well.
    pub every: bool,
    /// `Under way`, `Done`, `Stopped`.
    pub state: Badge,
    /// How far it is.
    pub text: String,
}

/// A program that verifies, in one language.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Snippet {
    /// What makes its place on the page unique.
    pub id: String,
    /// The language.
    pub language: String,
    /// The program.
    pub text: String,
}

/// `GET /console/webhooks/{webhook_id}/messages/{event_id}`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct MessagePage {
    /// The endpoint's page; absent where it was deleted.
    pub back_href: Option<String>,
    /// What its list says of it.
    pub row: MessageRow,
    /// Gives it up; only of one that waits.
    pub give_up: Option<Action>,
    /// When a person last had it sent again.
    pub again: Option<Moment>,
    /// Whether it is still being tried.
    pub moving: bool,
    /// The headers that belong to the body.
    pub headers: Vec<Fact>,
    /// The body of every request, as it was signed; of a chat the event that its words are made of.
    pub body: String,
    /// What that is.
    pub body_hint: String,
    /// Every try, the newest first.
    pub tries: Vec<TryView>,
}

/// One try with what was answered.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TryView {
    /// The try.
    pub row: TryRow,
    /// The headers of an answer that was no success.
    pub headers: Vec<Fact>,
    /// The beginning of the answer's body, or why there was none; may be empty.
    pub excerpt: String,
}
