//! Typed, prefixed identifiers: `post_0198c…` can never be passed where an account is meant.
//!
//! An id is its prefix and the 32 hex digits of a UUID version 7, so ids sort by the time they were made.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// A string that is not an id of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected an id like {prefix}_0198…")]
pub struct BadId {
    /// The prefix that was expected.
    pub prefix: &'static str,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Uuid);

        impl $name {
            /// The text before the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// Makes the id from a UUID (version 7 in production, a counter in tests).
            pub fn from_uuid(uuid: Uuid) -> Self { Self(uuid) }

            /// The UUID inside.
            pub fn uuid(self) -> Uuid { self.0 }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { fmt::Display::fmt(self, f) }
        }

        impl FromStr for $name {
            type Err = BadId;
            fn from_str(s: &str) -> Result<Self, BadId> {
                s.strip_prefix(concat!($prefix, "_"))
                    // Exactly the simple form: one spelling per id, or two keys could name one thing.
                    .filter(|hex| hex.len() == 32 && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)))
                    .and_then(|hex| Uuid::parse_str(hex).ok())
                    .map(Self)
                    .ok_or(BadId { prefix: $prefix })
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadId;
            fn try_from(s: String) -> Result<Self, BadId> { s.parse() }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String { id.to_string() }
        }
    )*};
}

ids! {
    /// One customer organisation; every stored key starts from it.
    TenantId = "ten";
    /// A person of a tenant.
    MemberId = "mem";
    /// An API key or a member's personal access key.
    KeyId = "key";
    /// A console session.
    SessionId = "ses";
    /// A connected account on a platform.
    AccountId = "acc";
    /// A post; `pack_id` on the wire of the requirement documents.
    PostId = "post";
    /// One post to one account.
    DeliveryId = "dlv";
    /// A series of posts.
    SeriesId = "ser";
    /// A picture, a video, a document or captions that posts refer to.
    MediaId = "med";
    /// A customer's webhook endpoint.
    EndpointId = "ep";
    /// The sending again of what an endpoint was not told.
    RecoveryId = "rec";
    /// A domain event; also `webhook-id` on the wire, the same on every retry.
    EventId = "evt";
    /// A line of the audit log.
    AuditId = "aud";
    /// An address of ours that a platform or another system calls.
    SourceId = "src";
    /// A call of such an address, made from what names the call.
    ReceiptId = "rcp";
    /// An event that came in, made from its source and its name there.
    IncomingId = "inc";
    /// Something that somebody said to an account, made from its source, the account and the platform's id.
    InteractionId = "int";
    /// A person of a tenant's audience, made from their address ([`crate::audience::contact_id`]).
    ContactId = "con";
    /// A list of contacts.
    ListId = "lst";
    /// Contacts told by a rule.
    SegmentId = "seg";
    /// An e-mail campaign.
    CampaignId = "cmp";
    /// One edition of a campaign, as it goes out: a campaign that recurs has one for each occurrence.
    RunId = "run";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_exactly_one_spelling() {
        let id = PostId::from_uuid(Uuid::from_u128(7));
        assert_eq!(id.to_string().parse::<PostId>(), Ok(id));
        for bad in
            ["", "post_", "post_7", "acc_00000000000000000000000000000007", "post_0000000000000000000000000000000G"]
        {
            assert!(bad.parse::<PostId>().is_err(), "{bad}");
        }
        assert!(id.to_string().to_uppercase().parse::<PostId>().is_err());
    }
}
