//! What the API takes and shows.

mod catalogue;
mod filter;
mod inbox;
mod log;
mod recovery;
mod sources;

pub use catalogue::{EventTypeBody, EventTypesBody, WholeEventTypeBody};
pub use inbox::{ConversationBody, InboxBody, InboxEditBody, InboxQuery, InteractionBody};
pub use log::{AttemptBody, AttemptsBody, MessageBody, MessageFilter, WholeMessageBody};
pub use recovery::{RecoverBody, RecoveriesBody, RecoveryBody};
pub use sources::{IncomingBody, IncomingPageBody, NewSourceBody, SourceBody, SourcesBody};

use app::webhooks::{EndpointEdit, NewEndpoint, Registered, Rotation, TestSent};
use domain::events::EVENT_TYPES;
use domain::webhooks::{Endpoint, EndpointStatus, Format, Signature};
use domain::{AccountId, EndpointId, PlatformId};
use jiff::Timestamp;
use runtime::openapi::{one_of, some_of};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Array, Object};

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
    /// What it is for, in your words.
    #[schema(max_length = 500)]
    pub description: Option<String>,
    /// Event types wanted; all when left out or empty.
    #[schema(schema_with = event_types)]
    pub events: Option<Vec<String>>,
    /// Accounts of which it wants to hear; all when left out or empty. Events that carry no account are told whatever is named.
    #[schema(schema_with = filter::account_ids)]
    pub accounts: Option<Vec<AccountId>>,
    /// Platforms of which it wants to hear; all when left out or empty. Events that carry no platform are told whatever is named.
    #[schema(schema_with = filter::platforms)]
    pub platforms: Option<Vec<PlatformId>>,
    /// In which form it is told: as Standard Webhooks recommends, or as a `CloudEvent` in structured or binary mode. `standard` when left
    /// out.
    #[schema(schema_with = formats)]
    pub format: Option<Format>,
    /// Headers of your own in every request, at most 10. They can be replaced but not read back.
    pub headers: Option<BTreeMap<String, String>>,
    /// With what its requests are signed: `v1`, HMAC-SHA256 under a secret, or `v1a`, Ed25519 under a key pair of which you get the
    /// public key only. `v1` when left out. It cannot be changed.
    #[schema(schema_with = signatures)]
    pub signature: Option<Signature>,
    /// A signing secret of your own: `whsec_` and the base64 of 24 to 64 random bytes. One is made when left out. Not with `v1a`.
    #[schema(value_type = Option<String>, write_only)]
    pub secret: Option<SecretString>,
}

/// What to change of an endpoint; what is left out stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookEditBody {
    /// A public https address. Failures and waits of the one before are forgotten.
    #[schema(max_length = 2048)]
    pub url: Option<String>,
    /// What you call it.
    #[schema(max_length = 100)]
    pub name: Option<String>,
    /// What it is for, in your words.
    #[schema(max_length = 500)]
    pub description: Option<String>,
    /// Event types wanted; all when empty.
    #[schema(schema_with = event_types)]
    pub events: Option<Vec<String>>,
    /// Accounts of which it wants to hear; all when empty.
    #[schema(schema_with = filter::account_ids)]
    pub accounts: Option<Vec<AccountId>>,
    /// Platforms of which it wants to hear; all when empty.
    #[schema(schema_with = filter::platforms)]
    pub platforms: Option<Vec<PlatformId>>,
    /// In which form it is told from the next event on. Messages that there are keep theirs.
    #[schema(schema_with = formats)]
    pub format: Option<Format>,
    /// Headers of your own to set, or with null to leave out from now on. The others stay.
    pub headers: Option<BTreeMap<String, Option<String>>>,
    /// Whether it gets events. True also forgets failures and waits, of one that is on as well.
    pub enabled: Option<bool>,
}

impl From<WebhookEditBody> for EndpointEdit {
    fn from(body: WebhookEditBody) -> Self {
        Self {
            name: body.name,
            description: body.description,
            url: body.url,
            events: body.events,
            accounts: body.accounts,
            platforms: body.platforms,
            format: body.format,
            headers: body.headers.unwrap_or_default(),
            on: body.enabled,
        }
    }
}

/// Which secret to change to.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RotationBody {
    /// A signing secret of your own: `whsec_` and the base64 of 24 to 64 random bytes. One is made when left out. Not with `v1a`.
    #[schema(value_type = Option<String>, write_only)]
    pub secret: Option<SecretString>,
    /// Go on though the last rotation is not over: the secret before that one then signs no more, at once.
    pub force: Option<bool>,
}

impl From<RotationBody> for Rotation {
    fn from(body: RotationBody) -> Self {
        Self { secret: body.secret, force: body.force.unwrap_or_default() }
    }
}

fn formats() -> Object {
    one_of(Format::NAMES)
}

fn signatures() -> Object {
    one_of(Signature::NAMES)
}

fn one_event_type() -> Object {
    one_of(EVENT_TYPES)
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
            accounts: body.accounts.unwrap_or_default(),
            platforms: body.platforms.unwrap_or_default(),
            format: body.format.unwrap_or_default(),
            headers: body.headers.unwrap_or_default(),
            description: body.description.unwrap_or_default(),
            signature: body.signature.unwrap_or_default(),
            secret: body.secret,
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
    /// What it is for; may be empty.
    pub description: String,
    /// Where events are sent.
    pub url: String,
    /// Event types wanted; empty means all.
    pub events: Vec<String>,
    /// Accounts of which it wants to hear; empty means all.
    pub accounts: Vec<String>,
    /// Platforms of which it wants to hear; empty means all.
    pub platforms: Vec<String>,
    /// In which form it is told: `standard`, `cloudevents` or `cloudevents_binary`.
    #[schema(example = "standard")]
    pub format: &'static str,
    /// The names of its own headers.
    pub header_names: Vec<String>,
    /// `active` or `disabled`.
    #[schema(example = "active")]
    pub status: &'static str,
    /// Why it is disabled: a stable code. `gone` after a 410, `failing` after five days in which it took nothing, `by_hand`.
    pub reason: Option<String>,
    /// Since when it has been disabled.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<Timestamp>,
    /// Until when nothing is sent to it, since it asked for that or was overloaded; not shown in the answers to changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime, required = false)]
    pub quiet_until: Option<Timestamp>,
    /// With what its requests are signed: `v1` or `v1a`.
    #[schema(example = "v1")]
    pub signature: &'static str,
    /// The public key by which requests are verified, `whpk_` and the base64 of its 32 bytes; with `v1a` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub public_key: Option<String>,
    /// The public key before the last rotation; with `v1a` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub old_public_key: Option<String>,
    /// Until when the secret before the last rotation signs as well; none before the first rotation.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub old_secret_until: Option<Timestamp>,
    /// When it was registered.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// The signing secret: in the answer to registering it or rotating it, and never again; not with `v1a`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub secret: Option<String>,
}

impl WebhookBody {
    /// An endpoint without its secrets, as it is now.
    pub fn of(endpoint: &Endpoint, now: Timestamp) -> Self {
        let (status, reason, since) = match &endpoint.status {
            EndpointStatus::Active => ("active", None, None),
            EndpointStatus::Disabled { since, reason } => ("disabled", Some(reason.clone()), Some(*since)),
        };
        Self {
            webhook_id: endpoint.id.to_string(),
            name: endpoint.name.clone(),
            description: endpoint.description.clone(),
            url: endpoint.url.clone(),
            events: endpoint.events.clone(),
            accounts: endpoint.accounts.iter().map(ToString::to_string).collect(),
            platforms: endpoint.platforms.iter().map(ToString::to_string).collect(),
            format: endpoint.format.name(),
            header_names: endpoint.headers.keys().cloned().collect(),
            status,
            reason,
            since,
            quiet_until: None,
            signature: endpoint.signature.name(),
            public_key: endpoint.public_key.clone(),
            old_public_key: endpoint.old_public_key(now).map(str::to_owned),
            old_secret_until: endpoint.retiring.as_ref().map(|old| old.until),
            created_at: endpoint.created_at,
            secret: None,
        }
    }

    /// An endpoint with the time until which nothing is sent to it.
    pub fn waiting(endpoint: &Endpoint, quiet_until: Option<Timestamp>, now: Timestamp) -> Self {
        Self { quiet_until, ..Self::of(endpoint, now) }
    }

    /// An endpoint that has just got a signing secret, with it.
    pub fn registered(made: &Registered, now: Timestamp) -> Self {
        let secret = made.secret.as_ref().map(|secret| secret.expose_secret().to_owned());
        Self { secret, ..Self::of(&made.endpoint, now) }
    }
}

/// A list of endpoints.
#[derive(Serialize, ToSchema)]
pub struct WebhooksBody {
    /// The endpoints, oldest first.
    pub items: Vec<WebhookBody>,
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
