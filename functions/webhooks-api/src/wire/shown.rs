//! An endpoint as the API shows it.

use super::destination::DestinationBody;
use app::webhooks::{Health, Registered};
use domain::webhooks::{Endpoint, EndpointStatus};
use jiff::Timestamp;
use secrecy::ExposeSecret;
use serde::Serialize;
use utoipa::ToSchema;
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
