//! A customer's endpoint, as it is stored.

use super::{Destination, Format, Order, Signature};
use crate::{AccountId, EndpointId, PlatformId, TenantId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most endpoints of a tenant.
pub const MAX_ENDPOINTS: usize = 20;

/// Longest description in characters.
pub const MAX_DESCRIPTION: usize = 500;
/// Hours for which the secret before the last rotation signs as well.
pub const ROTATION_H: i64 = 24;
/// Why an endpoint is off: it answered 410.
pub const GONE: &str = "gone";
/// Why an endpoint is off: for days nothing was taken.
pub const FAILING: &str = "failing";
/// Why an endpoint is off: a person switched it off.
pub const BY_HAND: &str = "by_hand";

/// The signing secret before the last rotation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retiring {
    /// The secret, sealed.
    pub secret: String,
    /// The public key that belongs to it, where it is the private one of a pair.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
    /// Until when it signs as well.
    pub until: Timestamp,
}

/// That the receiver was asked whether it wants to be sent to, and does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validated {
    /// When it said so.
    pub at: Timestamp,
    /// Most requests a minute that it takes; none when it did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<u32>,
}

/// Whether an endpoint gets events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum EndpointStatus {
    /// It does.
    Active,
    /// Switched off.
    Disabled {
        /// Since when.
        since: Timestamp,
        /// Stable code: [`GONE`], [`FAILING`] or [`BY_HAND`].
        reason: String,
    },
}

/// A customer's endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// Id; `webhook_id` on the wire.
    pub id: EndpointId,
    /// Tenant.
    pub tenant: TenantId,
    /// What the customer calls it.
    pub name: String,
    /// What it is for, in the customer's words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Where its messages go, as people may see it: an absolute https address, the address of a queue, the ARN of a bus; of a chat's
    /// address, which is a secret, as much as tells it from others.
    pub url: String,
    /// The way there.
    #[serde(default, skip_serializing_if = "Destination::is_https")]
    pub destination: Destination,
    /// Event types wanted; empty means all.
    pub events: Vec<String>,
    /// Accounts of which it wants to hear; empty means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<AccountId>,
    /// Platforms of which it wants to hear; empty means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub platforms: Vec<PlatformId>,
    /// Most requests to it in any minute; none where there is no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_per_minute: Option<u32>,
    /// What the receiver agreed to, of an endpoint that asks it first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validated: Option<Validated>,
    /// Whether what it is told keeps an order.
    #[serde(default, skip_serializing_if = "Order::is_none")]
    pub order: Order,
    /// In which form it is told. A message keeps the form that its endpoint had when it was made.
    #[serde(default, skip_serializing_if = "Format::is_standard")]
    pub format: Format,
    /// Extra headers of every request.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// With what its requests are signed.
    #[serde(default, skip_serializing_if = "Signature::is_v1")]
    pub signature: Signature,
    /// The signing secret, or the private key, sealed; empty where nothing is signed.
    pub secret: String,
    /// The public key that belongs to it, `whpk_` and base64, where the secret is the private one of a pair.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
    /// The secret before it, which signs as well until its time is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retiring: Option<Retiring>,
    /// Whether it gets events.
    #[serde(flatten)]
    pub status: EndpointStatus,
    /// When it was registered.
    pub created_at: Timestamp,
}

impl Endpoint {
    /// Whether it subscribed to events of this type, on or off.
    pub(super) fn subscribes(&self, kind: &str) -> bool {
        self.events.is_empty() || self.events.iter().any(|e| e == kind)
    }

    /// Whether it gets events.
    pub fn is_on(&self) -> bool {
        self.status == EndpointStatus::Active
    }

    /// The secret before the last rotation, while it still signs.
    pub fn still_signs(&self, now: Timestamp) -> Option<&str> {
        self.still_there(now).map(|old| old.secret.as_str())
    }

    /// The public key before the last rotation, while its private one still signs.
    pub fn old_public_key(&self, now: Timestamp) -> Option<&str> {
        self.still_there(now)?.public_key.as_deref()
    }

    /// The secret before the last rotation, while it still signs, with when that ends.
    pub fn still_there(&self, now: Timestamp) -> Option<&Retiring> {
        self.retiring.as_ref().filter(|old| now < old.until)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// As the version before descriptions and rotation wrote it.
    const STORED: &str = r#"{"id":"ep_00000000000000000000000000000001","tenant":"ten_00000000000000000000000000000002","name":"CRM","url":"https://crm.example/hook","events":["post.published"],"headers":{"X-A":"sealed"},"secret":"sealed","status":"disabled","since":"2026-01-01T00:00:00Z","reason":"gone","created_at":"2025-12-01T00:00:00Z"}"#;

    #[test]
    fn an_endpoint_stored_before_the_newer_fields_reads_and_is_written_back_as_it_was() {
        let endpoint: Endpoint = serde_json::from_str(STORED).unwrap();
        assert!(endpoint.retiring.is_none() && endpoint.format == Format::Standard);
        assert!(endpoint.destination.is_https() && endpoint.external_id().is_none());
        assert!(endpoint.order.is_none() && endpoint.signature == Signature::V1 && endpoint.public_key.is_none());
        assert_eq!(serde_json::to_string(&endpoint).unwrap(), STORED);
    }

    #[test]
    fn each_destination_is_stored_by_its_name_on_the_wire_and_only_a_role_needs_an_external_id() {
        let role_arn = String::from("arn:aws:iam::123456789012:role/herald-events-a");
        let chat = Destination::Chat { platform: "chirp".parse().unwrap(), address: "sealed".into() };
        let queue = Destination::Queue { role_arn: role_arn.clone() };
        for (destination, by_role) in [(queue, true), (Destination::Bus { role_arn }, true), (chat, false)] {
            let endpoint = Endpoint { destination, ..serde_json::from_str(STORED).unwrap() };
            let stored = serde_json::to_value(&endpoint).unwrap();
            assert_eq!(stored["destination"]["kind"], endpoint.destination.name());
            assert_eq!(endpoint.external_id(), by_role.then(|| endpoint.tenant.to_string()));
            assert_eq!(serde_json::from_value::<Endpoint>(stored).unwrap(), endpoint);
        }
    }

    #[test]
    fn the_secret_before_a_rotation_signs_until_its_hour_and_not_in_it() {
        let until: Timestamp = "2026-01-02T00:00:00Z".parse().unwrap();
        let retiring = Some(Retiring { secret: "old".into(), public_key: Some("whpk_old".into()), until });
        let endpoint = Endpoint { retiring, ..serde_json::from_str(STORED).unwrap() };
        let before = "2026-01-01T23:59:59Z".parse().unwrap();
        assert_eq!((endpoint.still_signs(before), endpoint.old_public_key(before)), (Some("old"), Some("whpk_old")));
        assert_eq!((endpoint.still_signs(until), endpoint.old_public_key(until)), (None, None));
    }
}
