//! What the API takes and shows.

mod catalogue;
mod destination;
mod filter;
mod inbox;
mod log;
mod recovery;
mod sources;
mod test;

pub use catalogue::{EventTypeBody, EventTypesBody, WholeEventTypeBody};
pub use destination::{DestinationBody, NewDestinationBody};
pub use inbox::{ConversationBody, InboxBody, InboxEditBody, InboxQuery, InteractionBody};
pub use log::{AttemptBody, AttemptsBody, MessageBody, MessageFilter, WholeMessageBody};
pub use recovery::{RecoverBody, RecoveriesBody, RecoveryBody};
pub use sources::{AskedBody, IncomingBody, IncomingPageBody, New, NewSourceBody, SourceBody, SourcesBody};
pub use test::{TestBody, TestSentBody};

use app::webhooks::{EndpointEdit, Health, NewEndpoint, Registered, Rotation};
use domain::events::EVENT_TYPES;
use domain::webhooks::{Endpoint, EndpointStatus, Format, Order, Signature};
use domain::{AccountId, PlatformId};
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
    /// A public https address. Either this or `destination`.
    #[schema(max_length = 2048, example = "https://example.com/hooks/herald")]
    pub url: Option<String>,
    /// A queue, bus or chat instead: events are told there without a signature and without headers of yours.
    pub destination: Option<NewDestinationBody>,
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
    /// Most requests to it in any minute; no limit when left out. What is over it stands in line.
    #[schema(minimum = 1, maximum = 1000)]
    pub rate_per_minute: Option<u32>,
    /// Whether the receiver is asked first whether it wants to be told, as web hooks of `CloudEvents` do (`OPTIONS` with
    /// `WebHook-Request-Origin`). Unless it agrees nothing is registered. Not asked when left out.
    pub validate: Option<bool>,
    /// `key` for an endpoint that is told in order: of what belongs to one post, series, account, source or endpoint an event is sent when those before it
    /// were taken or given up. `none` when left out.
    #[schema(schema_with = orders)]
    pub order: Option<Order>,
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
    /// A public https address, of an endpoint that has one. Failures and waits of the one before are forgotten.
    #[schema(max_length = 2048)]
    pub url: Option<String>,
    /// Another queue, bus or chat, of an endpoint that has one of this kind. Failures and waits of the one before are forgotten.
    pub destination: Option<NewDestinationBody>,
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
    /// Most requests to it in any minute; 0 takes the limit away. What stands in line keeps its time.
    #[schema(minimum = 0, maximum = 1000)]
    pub rate_per_minute: Option<u32>,
    /// True asks the receiver now whether it wants to be told; unless it agrees nothing is changed. False asks no more, also not when
    /// the address changes.
    pub validate: Option<bool>,
    /// Whether it is told in order, from the next event on. What stands in line goes on in its order.
    #[schema(schema_with = orders)]
    pub order: Option<Order>,
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
            destination: body.destination.map(Into::into),
            events: body.events,
            accounts: body.accounts,
            platforms: body.platforms,
            rate_per_minute: body.rate_per_minute,
            validate: body.validate,
            order: body.order,
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

fn orders() -> Object {
    one_of(Order::NAMES)
}

fn formats() -> Object {
    one_of(Format::NAMES)
}

fn signatures() -> Object {
    one_of(Signature::NAMES)
}

fn event_types() -> Array {
    some_of(EVENT_TYPES)
}

impl From<NewWebhookBody> for NewEndpoint {
    fn from(body: NewWebhookBody) -> Self {
        Self {
            name: body.name.unwrap_or_default(),
            url: body.url.unwrap_or_default(),
            destination: body.destination.map(Into::into),
            events: body.events.unwrap_or_default(),
            accounts: body.accounts.unwrap_or_default(),
            platforms: body.platforms.unwrap_or_default(),
            rate_per_minute: body.rate_per_minute,
            validate: body.validate.unwrap_or_default(),
            order: body.order.unwrap_or_default(),
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
    /// Where events are sent: an address, or the ARN of a bus; of a chat's address, which is a secret, as much as tells it from others.
    pub url: String,
    /// Which way they go there.
    pub destination: DestinationBody,
    /// Event types wanted; empty means all.
    pub events: Vec<String>,
    /// Accounts of which it wants to hear; empty means all.
    pub accounts: Vec<String>,
    /// Platforms of which it wants to hear; empty means all.
    pub platforms: Vec<String>,
    /// Most requests to it in any minute, where there is a limit.
    pub rate_per_minute: Option<u32>,
    /// When the receiver said that it wants to be told, where it is asked.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub validated_at: Option<Timestamp>,
    /// Most requests a minute that the receiver agreed to, where it named a number; 1000 where it named more.
    pub allowed_rate: Option<u32>,
    /// Whether it is told in order: `none`, or `key` for the order of what belongs to one post, series, account, source or endpoint.
    #[schema(example = "none")]
    pub order: &'static str,
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
    /// Since when it has taken nothing; not shown in the answers to changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime, required = false)]
    pub failing_since: Option<Timestamp>,
    /// Until when nothing is sent to it, since it asked for that or was overloaded; not shown in the answers to changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime, required = false)]
    pub quiet_until: Option<Timestamp>,
    /// With what its requests are signed: `v1` or `v1a`; `none` where there is a destination besides https.
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
    /// Until when the secret before the last rotation signs as well, while it does.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub old_secret_until: Option<Timestamp>,
    /// When it was registered.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// The signing secret: in the answer to registering it or rotating it, and never again; not with `v1a`, and not where nothing is
    /// signed.
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
            destination: DestinationBody::of(endpoint),
            events: endpoint.events.clone(),
            accounts: endpoint.accounts.iter().map(ToString::to_string).collect(),
            platforms: endpoint.platforms.iter().map(ToString::to_string).collect(),
            rate_per_minute: endpoint.rate_per_minute,
            validated_at: endpoint.validated.map(|validated| validated.at),
            allowed_rate: endpoint.validated.and_then(|validated| validated.rate),
            order: endpoint.order.name(),
            format: endpoint.format.name(),
            header_names: endpoint.headers.keys().cloned().collect(),
            status,
            reason,
            since,
            failing_since: None,
            quiet_until: None,
            signature: if endpoint.destination.is_https() { endpoint.signature.name() } else { "none" },
            public_key: endpoint.public_key.clone(),
            old_public_key: endpoint.old_public_key(now).map(str::to_owned),
            old_secret_until: endpoint.still_there(now).map(|old| old.until),
            created_at: endpoint.created_at,
            secret: None,
        }
    }

    /// An endpoint with how it fares.
    pub fn faring(endpoint: &Endpoint, health: Health, now: Timestamp) -> Self {
        let Health { failing_since, quiet_until } = health;
        Self { failing_since, quiet_until, ..Self::of(endpoint, now) }
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
