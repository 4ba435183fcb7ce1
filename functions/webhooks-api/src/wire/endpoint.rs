//! Endpoints, as the API takes them.

use super::destination::NewDestinationBody;
use super::filter;
use app::webhooks::{EndpointEdit, NewEndpoint, Rotation};
use domain::events::EVENT_TYPES;
use domain::webhooks::{Format, Order, Signature};
use domain::{AccountId, PlatformId};
use runtime::http::whole_number;
use runtime::openapi::{one_of, some_of};
use secrecy::SecretString;
use serde::Deserialize;
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
    #[serde(default, deserialize_with = "whole_number")]
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
    #[serde(default, deserialize_with = "whole_number")]
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
