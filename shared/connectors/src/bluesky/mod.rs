//! Bluesky and every other personal data server of the AT Protocol, by handle and app password. What is particular to it, with
//! sources, is in this folder's README.

mod api;
mod error;
mod facets;
mod find;
mod keys;
mod listen;
mod others;
mod prepare;
mod publish;
mod record_key;

#[cfg(test)]
mod tests;

use crate::words;
use connector_kit::http::{Base, repeatable};
use connector_kit::{Answer, Call, Http, is_word};
use domain::accounts::Account;
use domain::platform::{AskRule, Descriptor, EncodingRule, Feature, KeyForm, Limits, LinkCards, VideoRule};
use domain::publishing::{Failure, ReplyRestriction};
use domain::text::TextRule;
use jiff::Timestamp;
use ports::{Connect, Connector, Keys, PlatformApp};

/// Where people read: the app, whichever server an account is on.
const WEB: Base = Base { name: "web", default: "https://bsky.app" };
/// The collection that posts are records of.
const POSTS: &str = "app.bsky.feed.post";
/// The collection of who may reply to a post; the record has the post's key.
const GATES: &str = "app.bsky.feed.threadgate";

/// The connector.
pub(crate) struct Bluesky {
    http: Http,
    descriptor: Descriptor,
    form: KeyForm,
}

impl Bluesky {
    pub(crate) fn new(http: Http) -> Self {
        Self { http, descriptor: descriptor(), form: keys::form() }
    }

    /// A call that publishes nothing, for its success.
    async fn ask(&self, call: Call, now: Timestamp) -> Result<Answer, Failure> {
        let answer = self.http.call(call).await.map_err(|lost| repeatable(lost.into()))?;
        if answer.is_success() { Ok(answer) } else { Err(repeatable(error::refusal(&answer, now))) }
    }
}

impl Connector for Bluesky {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }
    fn hosts(&self) -> &'static [&'static str] {
        &[]
    }
}

impl Connect for Bluesky {
    fn keys(&self) -> Option<&dyn Keys> {
        Some(self)
    }
}

/// The address of a method on a server.
fn xrpc(home: &str, method: &str) -> String {
    format!("{home}/xrpc/{method}")
}

/// The server of an account. The record is ours, so only one that cannot be has none.
fn home(account: &Account) -> Result<&str, Failure> {
    let missing = || Failure::Misconfigured { detail: "the account names no server".into() };
    account.profile.home.as_deref().ok_or_else(missing)
}

/// The account's identifier, fit for addresses.
fn did(account: &Account) -> Result<&str, Failure> {
    let did = account.profile.external_id.as_str();
    let invalid = || Failure::Misconfigured { detail: "the account has no identifier of the AT Protocol".into() };
    is_did(did).then_some(did).ok_or_else(invalid)
}

/// Whether the text is a decentralised identifier as the protocol allows them; they are put into addresses.
fn is_did(text: &str) -> bool {
    let method = |rest: &str| {
        rest.split_once(':').is_some_and(|(method, id)| {
            let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b':' | b'-');
            !method.is_empty()
                && method.bytes().all(|b| b.is_ascii_lowercase())
                && !id.is_empty()
                && !id.ends_with(':')
                && id.bytes().all(fits)
        })
    };
    text.len() <= 256 && text.strip_prefix("did:").is_some_and(method)
}

/// Whether the text is a handle: a domain name of two labels or more.
fn is_handle(text: &str) -> bool {
    let edge = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
    let label = |label: &str| {
        let bytes = label.as_bytes();
        bytes.len() <= 63 && edge(bytes.first()) && edge(bytes.last()) && is_word(label, 63) && !label.contains('_')
    };
    let top = text.rsplit('.').next().and_then(|top| top.bytes().next());
    text.len() <= 253
        && text.contains('.')
        && text.split('.').all(label)
        && top.is_some_and(|first| first.is_ascii_alphabetic())
}

/// Where people see a post.
fn web(app: &PlatformApp, did: &str, key: &str) -> String {
    format!("{}/profile/{did}/post/{key}", WEB.of(app))
}

/// What there is, and Herald does not do there, with what to do instead.
const UNDONE: [(Feature, &str); 1] =
    [(Feature::Amend, "Bluesky shows no changes of a post: delete it and make a new one")];

fn descriptor() -> Descriptor {
    Descriptor {
        id: crate::slug("bluesky"),
        aliases: words(&["bsky"]),
        name: "Bluesky".into(),
        color: "#1185fe".into(),
        queue: "chat".into(),
        limits: Limits {
            // No limit of the protocol; the product's own.
            thread_parts: 25,
            images: 4,
            image_bytes: 1_000_000,
            image_types: words(&["image/jpeg", "image/png", "image/webp"]),
            // No limit of the protocol; that of Bluesky's own app.
            alt_text: 2_000,
            video: Some(VideoRule {
                most: 1,
                // What the lexicon took before it took 100 MB: servers check records by the one that they have.
                bytes: 50_000_000,
                min_ms: 0,
                max_ms: u64::MAX,
                types: words(&["video/mp4"]),
                codecs: Vec::new(),
                beside_pictures: false,
                alt_text: true,
                title: false,
                // 1,000 graphemes and 10,000 bytes; characters are never fewer than graphemes.
                alt_chars: Some(1_000),
                shape: None,
                captions: None,
                cover_at: false,
                encoding: EncodingRule::default(),
            }),
            link_card: Some(LinkCards { needs_title: true, beside_media: false }),
            reply_restrictions: vec![
                ReplyRestriction::Everyone,
                ReplyRestriction::Following,
                ReplyRestriction::Mentioned,
            ],
            asked: Some(AskRule { least_min: 5, scarce: false }),
            has: vec![Feature::Quote, Feature::Reply],
            reasons: crate::reasons(&UNDONE),
            ..Limits::text_only(TextRule::Graphemes { limit: 300, url: None, bytes: Some(3_000) })
        },
        // 15 minutes in which a request may still take effect; a server reads its own records at once.
        settle_s: 900,
    }
}
