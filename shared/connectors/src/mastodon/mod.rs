//! Mastodon's REST API, at the server that each account lives on. What is particular to it, with sources, is in this folder's
//! README.

mod answered;
mod api;
mod content;
mod error;
mod find;
mod keys;
mod listen;
mod media;
mod poll;
mod publish;

#[cfg(test)]
mod tests;

use self::api::{Configuration, Instance};
use crate::words;
use connector_kit::http::repeatable;
use connector_kit::{Answer, Call, Http, is_id};
use domain::accounts::Account;
use domain::platform::{
    AskRule, Descriptor, EncodingRule, Feature, GifRule, KeyForm, Limits, PollRule, Quota, QuotaScope, VideoRule,
};
use domain::publishing::{Failure, Visibility};
use domain::text::TextRule;
use ports::{Connect, Connector, Keys, PublishCall};
use secrecy::SecretString;

/// Characters of a status: what every server takes unless its operator changed it. One that takes less is not connected.
const MAX_CHARACTERS: u32 = 500;
/// Characters that a link counts, whatever its length.
const LINK_CHARACTERS: u32 = 23;

/// The connector.
pub(crate) struct Mastodon {
    http: Http,
    descriptor: Descriptor,
    form: KeyForm,
}

impl Mastodon {
    pub(crate) fn new(http: Http) -> Self {
        Self { http, descriptor: descriptor(), form: keys::form() }
    }

    /// Makes a call that publishes nothing, whatever its status.
    async fn ask(&self, call: &PublishCall<'_>, request: Call) -> Result<Answer, Failure> {
        self.ask_as(call.token, request).await
    }

    async fn ask_as(&self, token: &SecretString, request: Call) -> Result<Answer, Failure> {
        self.http.call(request.theirs().bearer(token)).await.map_err(|lost| repeatable(lost.into()))
    }

    /// What the account's own server takes, as it says itself; none where it does not say.
    async fn configuration(&self, call: &PublishCall<'_>, place: &Place<'_>) -> Result<Option<Configuration>, Failure> {
        let answer = self.ask(call, Call::get(place.api("v2/instance"))).await?;
        if matches!(answer.status, 408 | 429 | 500..) || !answer.whole {
            return Err(repeatable(error::refusal(&answer, 0, call.now)));
        }
        Ok(answer.json::<Instance>().filter(|_| answer.status == 200).map(|instance| instance.configuration))
    }
}

impl Connector for Mastodon {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }
    fn hosts(&self) -> &'static [&'static str] {
        &[]
    }
}

impl Connect for Mastodon {
    fn keys(&self) -> Option<&dyn Keys> {
        Some(self)
    }
}

/// Where an account is: its server, without a slash at the end, and its number there.
struct Place<'a> {
    home: &'a str,
    author: &'a str,
}

impl<'a> Place<'a> {
    /// # Errors
    /// The account is none that was connected here.
    fn of(account: &'a Account) -> Result<Self, Failure> {
        let author = account.profile.external_id.as_str();
        match account.profile.home.as_deref() {
            Some(home) if is_id(author) => Ok(Self { home, author }),
            _ => Err(Failure::Misconfigured { detail: "the account has no server, or no number there".into() }),
        }
    }

    /// An address of the server's API.
    fn api(&self, path: &str) -> String {
        format!("{}/api/{path}", self.home)
    }
}

/// What there is, and Herald does not do there, and what there is not, with what to do instead.
const REASONS: [(Feature, &str); 3] = [
    (
        Feature::Visibility,
        "Mastodon shows a post to everybody, to whoever has its address, or to the author's followers: choose public, unlisted or connections",
    ),
    (Feature::Quote, "Herald does not quote posts on Mastodon yet: link to the post instead"),
    (Feature::Amend, "Herald does not change posts on Mastodon yet: change it there"),
];

/// The quota of an account that the headers tell of.
const CALLS_5MIN: &str = "calls-5min";

fn descriptor() -> Descriptor {
    Descriptor {
        id: crate::slug("mastodon"),
        aliases: Vec::new(),
        name: "Mastodon".into(),
        color: "#6364ff".into(),
        queue: "chat".into(),
        limits: Limits {
            // No limit of the API; the product's own.
            thread_parts: 25,
            images: 4,
            // As servers are set up.
            image_bytes: 16 * 1024 * 1024,
            image_types: words(&["image/jpeg", "image/png", "image/gif", "image/webp"]),
            alt_text: 1_500,
            video: Some(VideoRule {
                most: 1,
                // Ours: it goes up in one request. What the account's own server takes is asked before.
                bytes: 40 * 1024 * 1024,
                min_ms: 0,
                max_ms: u64::MAX,
                types: words(&["video/mp4", "video/quicktime"]),
                codecs: Vec::new(),
                beside_pictures: false,
                alt_text: true,
                title: false,
                alt_chars: None,
                shape: None,
                captions: None,
                cover_at: false,
                encoding: EncodingRule::default(),
            }),
            // As servers are set up. What the account's own server takes is asked before.
            poll: Some(PollRule {
                options: (2, 4),
                option_chars: 50,
                question_chars: None,
                // 300 to 2,629,746 seconds.
                minutes: (5, 43_829),
                durations: Vec::new(),
                whole_hours: false,
                multiple: true,
                beside_media: false,
                text: None,
            }),
            // A server's `private` is for followers.
            visibilities: vec![Visibility::Public, Visibility::Connections, Visibility::Unlisted],
            // Calls of every kind, of which the headers tell how many are left.
            quotas: vec![Quota::new(CALLS_5MIN, QuotaScope::Account, 300, 5 * 60)],
            has: vec![Feature::Reply],
            // Whom a status does not mention is told nothing of it.
            names_answered: true,
            engagement_of: Some(1),
            // One or a few of the 300 calls in five minutes.
            asked: Some(AskRule { least_min: 5, scarce: false }),
            reasons: crate::reasons(&REASONS),
            gif: Some(GifRule { bytes: 16 * 1024 * 1024, alone: true, max_pixels: None }),
            ..Limits::text_only(TextRule::Graphemes { limit: MAX_CHARACTERS, url: Some(LINK_CHARACTERS), bytes: None })
        },
        // A status is stored before it is answered; the rest is for requests that wait in an overloaded server. Well below the
        // hour for which the key against doubles is kept.
        settle_s: 900,
    }
}
