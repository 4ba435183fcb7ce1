//! The event catalogue: each type that endpoints are told of, with its version, its schema and a sample.

use super::payload;
use crate::Error;
use crate::mutate::require;
use Form::{Id, Text, Time};
use domain::access::{Caller, Permission};
use domain::events::{Event, EventData};
use serde_json::{Map, Value, json};

/// An event type.
pub struct EventType {
    /// Its name on the wire.
    pub name: &'static str,
    /// The version of its form. A change that could break a reader is a new version.
    pub version: u16,
    /// What it tells, in a sentence.
    pub about: &'static str,
    fields: &'static [Field],
    /// Its golden file, which is its sample as well.
    sample: &'static str,
}

/// A field of an event's data: its name, what it looks like, whether it is always there, and what it is.
struct Field(&'static str, Form, bool, &'static str);

/// What a field looks like.
#[derive(Clone, Copy)]
enum Form {
    /// An id with this prefix.
    Id(&'static str),
    /// An instant.
    Time,
    /// Any text.
    Text,
}

impl Form {
    fn schema(self, about: &str) -> Value {
        let mut schema = json!({ "type": "string", "description": about });
        match self {
            Self::Id(prefix) => schema["pattern"] = format!("^{prefix}_[0-9a-f]{{32}}$").into(),
            Self::Time => schema["format"] = "date-time".into(),
            Self::Text => {}
        }
        schema
    }
}

const POST_ID: Field = Field("post_id", Id("post"), true, "The post.");
const ACCOUNT_ID: Field = Field("account_id", Id("acc"), true, "The account.");
const PLATFORM: Field = Field("platform", Text, true, "Slug of the platform.");
const INCOMING_ID: Field = Field("incoming_id", Id("inc"), true, "What came in.");
const SOURCE_ID: Field = Field("source_id", Id("src"), true, "The source that was called.");
const CONCERNED: Field =
    Field("account_id", Id("acc"), false, "The account that it concerns, where it is one of the tenant's.");
const TOLD_BY: Field = Field("platform", Text, true, "Slug of who told it.");

const POST: &[Field] = &[POST_ID, Field("due_at", Time, false, "When it is due; none for a draft.")];
const DELIVERY: &[Field] = &[
    POST_ID,
    Field("delivery_id", Id("dlv"), true, "Its delivery to the account."),
    ACCOUNT_ID,
    PLATFORM,
    Field("status", Text, true, "Where the delivery stands, in one word."),
    Field("platform_post_id", Text, false, "The platform's id of the post."),
    Field("url", Text, false, "Where people see the post."),
    Field("interaction_id", Id("int"), false, "What of the inbox it answers."),
    Field("error_code", Text, false, "Stable code of a failure."),
];
const APPROVAL: &[Field] = &[
    POST_ID,
    Field("hash", Text, true, "The hash of what the post says, to whom and when."),
    Field("approve_by", Time, true, "The last instant at which approving it helps."),
    Field("member_id", Id("mem"), true, "Who asked, approved or rejected."),
];
const SERIES: &[Field] = &[
    Field("series_id", Id("ser"), true, "The series."),
    Field("due_at", Time, false, "The time of the run that is told of."),
    Field("post_id", Id("post"), false, "That run's post, where it has one."),
    Field("reason", Text, false, "Stable code of the reason, where there is one."),
];
const ACCOUNT: &[Field] =
    &[ACCOUNT_ID, PLATFORM, Field("reason", Text, false, "Stable code of the reason, where there is one.")];
const EXPIRY: &[Field] = &[
    ACCOUNT_ID,
    PLATFORM,
    Field("expires_at", Time, true, "From when on nothing can go out through it unless a person connects it again."),
];
const ENDPOINT: &[Field] = &[
    Field("endpoint_id", Id("ep"), true, "The endpoint; `webhook_id` in the API."),
    Field("reason", Text, true, "Stable code of the reason."),
];
const INTERACTION: &[Field] = &[
    INCOMING_ID,
    SOURCE_ID,
    CONCERNED,
    TOLD_BY,
    Field("kind", Text, true, "`comment`, `mention`, `message` or `reaction`."),
    Field("change", Text, true, "Whether it is new, or was changed or taken back."),
];
const STATUS: &[Field] = &[
    INCOMING_ID,
    SOURCE_ID,
    CONCERNED,
    TOLD_BY,
    Field("status", Text, true, "Where the message stands, in one word."),
    Field("error_code", Text, false, "The platform's code of a failure."),
];
const ADDRESS: &[Field] = &[
    INCOMING_ID,
    SOURCE_ID,
    CONCERNED,
    TOLD_BY,
    Field("reason", Text, false, "Why, as a code of the platform's, where it says."),
];

macro_rules! entry {
    ($name:literal, $version:literal, $fields:ident, $about:literal) => {
        EventType {
            name: $name,
            version: $version,
            about: $about,
            fields: $fields,
            sample: include_str!(concat!("../../../../events/domain/", $name, ".v", $version, ".json")),
        }
    };
}

/// Every type that an endpoint can subscribe to, in the order of [`domain::events::EVENT_TYPES`].
pub(super) const CATALOGUE: &[EventType] = &[
    entry!("post.scheduled", 1, POST, "A post was accepted for its time."),
    entry!("post.published", 1, DELIVERY, "A post is live on one account."),
    entry!(
        "post.failed",
        1,
        DELIVERY,
        "A post ended on one account without success; `status` is `partial` when a thread ended half-way."
    ),
    entry!("post.missed", 1, DELIVERY, "A post's time passed before it could start."),
    entry!("post.canceled", 1, DELIVERY, "A post was called off on one account."),
    entry!("post.outcome_unknown", 1, DELIVERY, "No machine can tell whether a post is live; a person must look."),
    entry!(
        "post.approval_requested",
        1,
        APPROVAL,
        "Somebody has to approve a post before it leaves: it is new, was changed, or is asked for again."
    ),
    entry!("post.approved", 1, APPROVAL, "A post was approved, as it is."),
    entry!("post.rejected", 1, APPROVAL, "A post was rejected, or its approval was taken back."),
    entry!(
        "series.run_waits",
        1,
        SERIES,
        "A run of a series was too late, or may not say what it says, and its post waits as a draft for a person."
    ),
    entry!("series.run_skipped", 1, SERIES, "A run of a series was left out."),
    entry!("series.paused", 1, SERIES, "A series was paused by the machine; a person must look."),
    entry!("series.ended", 1, SERIES, "The last run of a series was dealt with."),
    entry!("account.connected", 1, ACCOUNT, "An account was connected."),
    entry!("account.disconnected", 1, ACCOUNT, "An account was disconnected."),
    entry!("account.needs_reconnect", 1, ACCOUNT, "An account must be connected again."),
    entry!("account.expiring", 1, EXPIRY, "An account's access ends soon, and nothing renews it but a person."),
    entry!("endpoint.disabled", 1, ENDPOINT, "A webhook endpoint was switched off."),
    entry!("endpoint.failing", 1, ENDPOINT, "A webhook endpoint has taken nothing for days; it will be switched off."),
    entry!("webhook.test", 1, ENDPOINT, "Somebody tried an endpoint out."),
    entry!(
        "interaction.received",
        1,
        INTERACTION,
        "Somebody commented, named an account, wrote to it or reacted, or took that back."
    ),
    entry!("message.status_changed", 1, STATUS, "More is known of what became of a message."),
    entry!("contact.opted_out", 1, ADDRESS, "Somebody wants no more messages."),
    entry!("mail.bounced", 1, ADDRESS, "A mail came back."),
    entry!("mail.complained", 1, ADDRESS, "Somebody called a mail spam."),
];

impl EventType {
    /// The type of this name.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        CATALOGUE.iter().find(|entry| entry.name == name)
    }

    /// The type of an event.
    pub(super) fn of(data: &EventData) -> Result<&'static Self, Error> {
        Self::named(data.kind()).ok_or_else(|| Error::Internal("an event's type is not in the catalogue".into()))
    }

    /// What a body in the form of Standard Webhooks looks like, as JSON Schema 2020-12. Fields may be added to it without a new
    /// version. The part below `data` is that of a `CloudEvent`'s data, too.
    pub fn schema(&self) -> Value {
        let tenant = Field("tenant_id", Id("ten"), true, "The tenant whose event it is.");
        let (mut properties, mut required) = (Map::new(), Vec::new());
        for Field(name, form, always, about) in self.fields.iter().chain([&tenant]) {
            properties.insert((*name).to_owned(), form.schema(about));
            required.extend(always.then_some(*name));
        }
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": self.name,
            "description": self.about,
            "type": "object",
            "required": ["id", "type", "version", "timestamp", "data"],
            "properties": {
                "id": Id("evt").schema("The event's id; the same in `webhook-id`."),
                "type": { "const": self.name },
                "version": { "const": self.version },
                "test": { "const": true, "description": "Only in what was sent to try an endpoint out." },
                "timestamp": Time.schema("When it happened."),
                "data": { "type": "object", "required": required, "properties": properties },
            },
        })
    }

    /// An event of this type, as it might have happened.
    pub(super) fn sample(&self) -> Result<Event, Error> {
        serde_json::from_str(self.sample).map_err(|e| Error::Internal(e.to_string()))
    }

    /// The body of its sample, in the form of Standard Webhooks.
    pub fn sample_body(&self) -> Result<Value, Error> {
        payload::standard(&self.sample()?, false)
    }

    /// The fields of its data but the tenant's, each with a value: every text is this one.
    #[cfg(test)]
    pub(super) fn filled(&self, text: &str) -> Map<String, Value> {
        let value = |form: Form| match form {
            Id(prefix) => format!("{prefix}_{}", "0123456789abcdef".repeat(2)),
            Time => "2026-12-01T08:00:00.123456789Z".to_owned(),
            Text => text.to_owned(),
        };
        self.fields.iter().map(|field| (field.0.to_owned(), value(field.1).into())).collect()
    }
}

/// Every event type there is.
pub fn event_types(caller: &Caller) -> Result<&'static [EventType], Error> {
    require(caller, Permission::Read)?;
    Ok(CATALOGUE)
}

/// One event type.
pub fn event_type(caller: &Caller, name: &str) -> Result<&'static EventType, Error> {
    require(caller, Permission::Read)?;
    EventType::named(name).ok_or(Error::NotFound("event type"))
}
