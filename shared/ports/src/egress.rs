//! Calls to addresses that customers gave us: webhook endpoints and media. Both go through the one guarded client.

use async_trait::async_trait;
use bytes::Bytes;
use domain::egress::EgressPolicy;
use domain::publishing::{Media, Piece};
use futures_util::stream::BoxStream;
use secrecy::SecretString;
use std::collections::BTreeMap;

/// Why an address may not be called. One message for all reasons: what resolves where is nobody's business.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this address may not be called: give a public https address")]
pub struct UrlNotAllowed;

/// A signed webhook request.
#[derive(Debug)]
pub struct WebhookCall<'a> {
    /// Where to.
    pub url: &'a str,
    /// What the tenant allows its endpoints.
    pub policy: &'a EgressPolicy,
    /// The customer's own headers.
    pub headers: &'a BTreeMap<String, String>,
    /// `webhook-id`.
    pub id: String,
    /// `webhook-timestamp`, seconds of this attempt.
    pub timestamp: i64,
    /// The exact body.
    pub body: &'a str,
    /// Headers that belong to the body, names in small letters: `content-type` and those that begin with `ce-`, which the
    /// customer's own cannot be. Without a type it is JSON.
    pub content_headers: &'a BTreeMap<String, String>,
    /// The signing secrets (`whsec_…`) or private keys (`whsk_…`), newest first; all of them sign. With none nothing is signed, and
    /// nothing is sent of what belongs to a signature.
    pub secrets: &'a [SecretString],
}

/// What an endpoint answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebhookAnswer {
    /// Status; none when there was no answer.
    pub status: Option<u16>,
    /// The beginning of the body, or what went wrong in words.
    pub excerpt: String,
    /// `Retry-After` in seconds, in full.
    pub retry_after_s: Option<u64>,
    /// Headers of an answer that was no success, as they came.
    pub headers: BTreeMap<String, String>,
}

/// The question to a receiver whether it wants to be sent to, which `CloudEvents`' web hooks ask before the first event (version 1.0.2,
/// 4.1, <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/http-webhook.md>).
#[derive(Debug, Clone, Copy)]
pub struct ValidationCall<'a> {
    /// Where to.
    pub url: &'a str,
    /// What the tenant allows its endpoints.
    pub policy: &'a EgressPolicy,
    /// What names us in the DNS: the host of our own address.
    pub origin: &'a str,
    /// Requests a minute that we would like to send; none when nobody said.
    pub rate: Option<u32>,
}

/// What a receiver agreed to that was asked whether it wants to be sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Agreed {
    /// Most requests a minute that it takes; none when it did not say, or as many as we like.
    pub rate: Option<u32>,
}

/// Why a receiver did not agree, in words. Nothing that it said is among them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotAgreed(pub String);

/// Sends webhooks.
#[async_trait]
pub trait WebhookSender: Send + Sync {
    /// Whether an address may be registered: public, no credentials in it, scheme and port as this policy allows. Resolves the
    /// name.
    async fn check(&self, url: &str, policy: &EgressPolicy) -> Result<(), UrlNotAllowed>;
    /// Asks the receiver whether it wants to be sent to.
    async fn validate(&self, call: ValidationCall<'_>) -> Result<Agreed, NotAgreed>;
    /// Signs and sends, once: no redirects, no silent retry.
    async fn send(&self, call: WebhookCall<'_>) -> WebhookAnswer;
}

/// An event for a customer's own cloud account.
#[derive(Debug, Clone, Copy)]
pub struct CloudCall<'a> {
    /// Where to.
    pub target: CloudTarget<'a>,
    /// The role there that is taken on to send it.
    pub role_arn: &'a str,
    /// What the role's trust policy asks for: our tenant. Nothing that was had for one tenant may be used for another.
    pub external_id: &'a str,
    /// The event's id, the same at every attempt.
    pub id: &'a str,
    /// The event's type.
    pub kind: &'a str,
    /// What keeps its order, where the target keeps any.
    pub group: &'a str,
    /// The exact body, JSON.
    pub body: &'a str,
}

/// Where in a customer's cloud account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloudTarget<'a> {
    /// The queue of this address.
    Queue(&'a str),
    /// The bus of this ARN.
    Bus(&'a str),
}

/// Sends events to customers' own cloud accounts.
#[async_trait]
pub trait CloudTargets: Send + Sync {
    /// Sends it, once. A refusal, also that of the role, has the status that an endpoint would have answered with: 403 for what is
    /// not allowed, 404 for what is not there, 429 for what is too much. Without an answer nobody knows whether it was taken.
    async fn send(&self, call: CloudCall<'_>) -> WebhookAnswer;
}

/// The targets of a function that sends to none.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoTargets;

#[async_trait]
impl CloudTargets for NoTargets {
    async fn send(&self, _: CloudCall<'_>) -> WebhookAnswer {
        WebhookAnswer { excerpt: "not sent: this function sends nothing there".into(), ..WebhookAnswer::default() }
    }
}

/// A medium's bytes.
pub struct MediaBytes {
    /// Size, if known beforehand.
    pub length: Option<u64>,
    /// Media type as declared.
    pub media_type: Option<String>,
    /// The bytes, streamed.
    pub stream: BoxStream<'static, Result<Bytes, MediaError>>,
}

/// The beginning of a medium.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peek {
    /// The first bytes.
    pub head: Bytes,
    /// Size of the whole; none where there is more than these bytes, and nobody told how much.
    pub length: Option<u64>,
    /// Which version of an object of our bucket these bytes are of.
    pub version: Option<String>,
}

/// An object of our bucket.
pub struct Object {
    /// Size of the whole in bytes.
    pub length: u64,
    /// Tells these bytes from others under the same key: the bucket's entity tag.
    pub version: Option<String>,
    /// The bytes, streamed.
    pub stream: BoxStream<'static, Result<Bytes, MediaError>>,
}

/// Why a medium's bytes could not be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MediaError {
    /// The address may not be called.
    #[error(transparent)]
    NotAllowed(#[from] UrlNotAllowed),
    /// Nothing is there.
    #[error("there is nothing at this address")]
    Absent,
    /// It could not be read now.
    #[error("it could not be read: {0}")]
    Unavailable(String),
    /// It is larger than allowed.
    #[error("it is larger than {0} bytes")]
    TooLarge(u64),
    /// Other bytes lie there now than those that were looked at when it was registered.
    #[error("it was replaced after it had been checked: register it anew")]
    Changed,
}

/// Reads media by address or from the bucket.
#[async_trait]
pub trait MediaReader: Send + Sync {
    /// The whole, streamed: of one that was looked at exactly as many bytes as it had then, or [`MediaError::Changed`].
    async fn open(&self, media: &Media) -> Result<MediaBytes, MediaError>;
    /// The first `n` bytes: enough to tell type and size of a picture.
    async fn peek(&self, media: &Media, n: u32) -> Result<Peek, MediaError>;
    /// Exactly this piece: no more of a medium than that is held at once. `version` is the one that was looked at, where one
    /// is known; when other bytes lie there now, that is [`MediaError::Changed`].
    async fn piece(&self, media: &Media, piece: Piece, version: Option<&str>) -> Result<Bytes, MediaError> {
        let _ = (media, piece, version);
        Err(MediaError::Unavailable("it is not read by pieces".into()))
    }
    /// An address at which the platform itself can get the bytes, for an hour at least: the medium's own, or one that opens
    /// our bucket for this object alone. Whoever has it can read the medium, so it is kept like a secret.
    async fn public_address(&self, media: &Media) -> Result<SecretString, MediaError> {
        let _ = media;
        Err(MediaError::Unavailable("there is no public address of it".into()))
    }
}

/// The bucket of uploaded media.
#[async_trait]
pub trait Uploads: Send + Sync {
    /// An address to which the browser may PUT this object for 15 minutes.
    async fn presign_put(&self, object: &str, media_type: &str) -> Result<String, MediaError>;
    /// The origin those addresses have (scheme, host and port), for the policy of a page from which a browser uploads; none
    /// where there is no such address.
    async fn origin(&self) -> Option<String> {
        None
    }
    /// An address at which anybody can GET this object for an hour.
    async fn presign_get(&self, object: &str) -> Result<SecretString, MediaError> {
        let _ = object;
        Err(MediaError::Unavailable("this bucket gives no addresses".into()))
    }
    /// Stores bytes that came through a function (the console's form). A bucket that only browsers write to refuses.
    async fn put(&self, object: &str, media_type: &str, bytes: Bytes) -> Result<(), MediaError> {
        let _ = (object, media_type, bytes);
        Err(MediaError::Unavailable("this bucket takes no bytes from functions".into()))
    }
    /// The object, or what it has of a piece. Where a version is given and the object has another one now, nothing of it is
    /// read: [`MediaError::Changed`].
    async fn read(&self, object: &str, piece: Option<Piece>, version: Option<&str>) -> Result<Object, MediaError>;
}
