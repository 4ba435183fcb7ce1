//! Slack, the Web API, as a bot. What is particular to it, with sources, is in this folder's README.

mod amend;
pub(crate) mod announce;
mod api;
mod auth;
mod error;
mod file;
mod find;
pub(crate) mod inbound;
mod media;
mod publish;
mod text;
mod thread;

#[cfg(test)]
mod tests;

use crate::words;
use connector_kit::http::{Base, repeatable};
use connector_kit::{Answer, Call, Http, encoded, is_number};
use domain::accounts::Profile;
use domain::platform::{
    AmendRule, Descriptor, DocumentRule, EncodingRule, Feature, Limits, OAuth, Quota, QuotaScope, VideoRule,
};
use domain::publishing::Failure;
use domain::text::TextRule;
use jiff::Timestamp;
use ports::{Auth, Connect, Connector, PlatformApp};
use secrecy::SecretString;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Where the methods are.
const API: Base = Base { name: "api", default: "https://slack.com/api" };
/// Where people consent. Messages are at their workspace's own address, unless this one is replaced.
const WEB: Base = Base { name: "web", default: "https://slack.com" };
/// What the addresses of workspaces end with.
const WORKSPACES: &str = ".slack.com";

/// Largest video or document in bytes. Ours: a file goes up in one request, and whatever breaks it off begins it anew.
const FILE: u64 = 50_000_000;

/// The connector.
pub(crate) struct Slack {
    http: Http,
    descriptor: Descriptor,
    oauth: OAuth,
}

impl Slack {
    pub(crate) fn new(http: Http) -> Self {
        Self { http, descriptor: descriptor(), oauth: auth::profile() }
    }

    /// Makes a call that publishes nothing, and wants success.
    async fn ask<T: DeserializeOwned>(&self, token: &SecretString, call: Call, now: Timestamp) -> Result<T, Failure> {
        let answer = self.http.call(call.bearer(token)).await.map_err(|lost| repeatable(lost.into()))?;
        good(&answer).ok_or_else(|| repeatable(error::refusal(&answer, now)))
    }
}

impl Connector for Slack {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }
    fn hosts(&self) -> &'static [&'static str] {
        &["slack.com"]
    }
}

impl Connect for Slack {
    fn auth(&self) -> Option<&dyn Auth> {
        Some(self)
    }
}

/// What a success says; none when it is none, or of another shape.
fn good<T: DeserializeOwned>(answer: &Answer) -> Option<T> {
    #[derive(Deserialize)]
    struct Said {
        ok: bool,
    }
    let ok = answer.is_success() && answer.json::<Said>().is_some_and(|said| said.ok);
    if ok { answer.json() } else { None }
}

/// A method that reads.
fn get(app: &PlatformApp, method: &str, arguments: &[(&str, &str)]) -> Call {
    Call::get(format!("{}/{method}?{}", API.of(app), encoded(arguments.iter().copied())))
}

/// A method that changes something.
fn post(app: &PlatformApp, method: &str, arguments: &[(&str, &str)]) -> Call {
    Call::post(format!("{}/{method}", API.of(app))).fields(arguments.iter().copied())
}

/// Whether it is an id as Slack spells them: `C012AB3CD`, `T0G9PQBBK`.
fn is_id(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    (2..=20).contains(&text.len()) && text.bytes().all(fits)
}

/// Workspace and channel of an account: a channel is one of a workspace.
fn place(external_id: &str) -> Option<(&str, &str)> {
    external_id.split_once('/').filter(|(team, channel)| is_id(team) && is_id(channel))
}

/// Whether it is the `ts` of a message, which is its id in its channel: `1503435956.000247`.
fn is_ts(text: &str) -> bool {
    text.split_once('.').is_some_and(|(s, us)| s.len() == 10 && us.len() == 6 && is_number(s, 10) && is_number(us, 6))
}

/// Where people see a message, and, where it is a reply, what it is one to.
fn web(app: &PlatformApp, profile: &Profile, ts: &str, root: Option<&str>) -> Option<String> {
    let (_, channel) = place(&profile.external_id)?;
    let site = match profile.handle.as_deref() {
        _ if app.bases.contains_key(WEB.name) => WEB.of(app),
        Some(workspace) => format!("https://{workspace}{WORKSPACES}"),
        None => return None,
    };
    let thread = root.map(|root| format!("?thread_ts={root}&cid={channel}")).unwrap_or_default();
    Some(format!("{site}/archives/{channel}/p{}{thread}", ts.replace('.', "")))
}

fn descriptor() -> Descriptor {
    Descriptor {
        id: crate::slug("slack"),
        aliases: Vec::new(),
        name: "Slack".into(),
        color: "#4a154b".into(),
        queue: "chat".into(),
        limits: Limits {
            // A picture stands in a block, with the text in others; a video is shared by its upload.
            amend: Some(AmendRule { beside_media: false, titles: false }),
            // No limit of the API; the product's own.
            thread_parts: 25,
            // Of the 50 blocks of a message; the product's own, as is the size: files may be far larger.
            images: 10,
            image_bytes: 10 * 1024 * 1024,
            image_types: words(&["image/jpeg", "image/png", "image/gif"]),
            alt_text: 2_000,
            // A file like any other, which Slack plays in place where it can.
            video: Some(VideoRule {
                most: 1,
                bytes: FILE,
                min_ms: 0,
                max_ms: u64::MAX,
                types: words(&["video/mp4", "video/quicktime"]),
                codecs: Vec::new(),
                beside_pictures: false,
                // What is said of a file is a "description of image".
                alt_text: false,
                title: true,
                alt_chars: None,
                shape: None,
                captions: None,
                cover_at: false,
                encoding: EncodingRule::default(),
            }),
            // One message a second and channel, with bursts: over a minute no more than that.
            quotas: vec![Quota::new("messages-1m", QuotaScope::Account, 60, 60)],
            document: Some(DocumentRule {
                most: 1,
                bytes: FILE,
                types: words(&["application/pdf"]),
                needs_title: false,
                beside_others: false,
            }),
            has: vec![Feature::Reply],
            flat_threads: true,
            // What Slack recommends, counted as it is sent.
            ..Limits::text_only(TextRule::Entities { limit: 4_000 })
        },
        // 15 minutes in which a request may still take effect; channels are read at once.
        settle_s: 900,
    }
}
