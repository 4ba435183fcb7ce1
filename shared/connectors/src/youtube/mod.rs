//! YouTube, Data API v3: videos. What is particular to it, with sources, is in this folder's README.

mod amend;
mod api;
mod auth;
mod captions;
mod comment;
mod error;
pub(crate) mod inbound;
mod listen;
mod prepare;
mod publish;
mod reply;
mod thumbnail;
mod video;

#[cfg(test)]
mod tests;

use crate::words;
use connector_kit::http::{Base, repeatable};
use connector_kit::{Answer, Call, Http, is_word};
use domain::platform::{
    AmendRule, AskRule, CaptionRule, Descriptor, EncodingRule, Feature, Limits, OAuth, Quota, QuotaScope, TagRule,
    TitleRule, VideoRule,
};
use domain::publishing::{Failure, MAX_CAPTIONS, SUBRIP, Visibility, WEBVTT};
use domain::text::TextRule;
use jiff::Timestamp;
use ports::{Auth, Connect, Connector, PlatformApp, PublishCall};
use secrecy::SecretString;
use std::collections::BTreeMap;

/// Where the API is, uploads included.
const API: Base = Base { name: "api", default: "https://www.googleapis.com" };
/// Where people consent.
const ACCOUNTS: Base = Base { name: "authorize", default: "https://accounts.google.com" };
/// Where tokens are exchanged.
const TOKENS: Base = Base { name: "token", default: "https://oauth2.googleapis.com" };
/// Where people watch.
const WEB: Base = Base { name: "web", default: "https://www.youtube.com" };

/// Uploads of an application in a day.
const UPLOADS_24H: &str = "uploads-24h";

/// The connector.
pub(crate) struct YouTube {
    http: Http,
    descriptor: Descriptor,
    oauth: OAuth,
}

impl YouTube {
    pub(crate) fn new(http: Http) -> Self {
        Self { http, descriptor: descriptor(), oauth: auth::profile() }
    }

    /// Makes a call that publishes nothing, and wants success.
    async fn ask(&self, call: &PublishCall<'_>, request: Call) -> Result<Answer, Failure> {
        self.ask_as(call.token, request, call.now).await
    }

    async fn ask_as(&self, token: &SecretString, request: Call, now: Timestamp) -> Result<Answer, Failure> {
        let answer = self.http.call(request.bearer(token)).await.map_err(|lost| repeatable(lost.into()))?;
        if answer.is_success() { Ok(answer) } else { Err(repeatable(error::refusal(&answer, now))) }
    }
}

impl Connector for YouTube {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }
    fn hosts(&self) -> &'static [&'static str] {
        &["www.googleapis.com", "oauth2.googleapis.com", "accounts.google.com"]
    }
}

impl Connect for YouTube {
    fn auth(&self) -> Option<&dyn Auth> {
        Some(self)
    }
}

/// An address of the API.
fn api(app: &PlatformApp, path: &str) -> String {
    format!("{}/youtube/v3/{path}", API.of(app))
}

/// An address that takes files.
fn upload(app: &PlatformApp, path: &str) -> String {
    format!("{}/upload/youtube/v3/{path}", API.of(app))
}

/// Where people watch a video.
fn web(app: &PlatformApp, id: &str) -> String {
    format!("{}/watch?v={id}", WEB.of(app))
}

/// Whether it can be the id of a video: those that YouTube gives have eleven characters.
fn is_video(id: &str) -> bool {
    id.len() == 11 && is_word(id, 11)
}

/// What people expect of YouTube and its API does not give, with the rule.
fn reasons() -> BTreeMap<Feature, String> {
    let community =
        "YouTube has no API for community posts, and so none for polls, pictures and texts: only videos are published";
    let short = "YouTube makes a Short by itself of an upright video of at most three minutes: send it as a plain post";
    let told = "YouTube has no such posts: only videos are published";
    BTreeMap::from([
        (Feature::Poll, community.into()),
        (Feature::Picture, community.into()),
        (Feature::Reel, short.into()),
        (Feature::Story, told.into()),
        (Feature::Article, told.into()),
        (Feature::Document, told.into()),
        (Feature::Quote, told.into()),
    ])
}

/// How long a comment is.
const COMMENT: TextRule = TextRule::Chars { limit: 10_000 };
/// What an answer takes, in words.
const WORDS_ALONE: &str = "Herald answers on YouTube with a comment, which is words alone: leave all else out";

fn descriptor() -> Descriptor {
    Descriptor {
        id: crate::slug("youtube"),
        aliases: Vec::new(),
        name: "YouTube".into(),
        color: "#ff0033".into(),
        queue: "blog".into(),
        limits: Limits {
            amend: Some(AmendRule { beside_media: true, titles: true }),
            needs_media: true,
            needs_video: true,
            video: Some(VideoRule {
                most: 1,
                bytes: 274_877_906_944,
                min_ms: 0,
                // 15 minutes on a channel that is not verified, which YouTube says itself.
                max_ms: 12 * 3_600_000,
                // Of those that Herald reads; YouTube takes every video/*.
                types: words(&["video/mp4", "video/quicktime"]),
                codecs: Vec::new(),
                // A picture beside the video is its thumbnail.
                beside_pictures: true,
                alt_text: false,
                title: false,
                alt_chars: None,
                shape: None,
                // No most is documented; each costs 400 units of 10,000 a day.
                captions: Some(CaptionRule {
                    most: 10,
                    bytes: MAX_CAPTIONS,
                    types: words(&[SUBRIP, WEBVTT]),
                    two_letters: false,
                    by_name: true,
                }),
                cover_at: false,
                encoding: EncodingRule::default(),
            }),
            images: 1,
            // What clients meet; the discovery document has 50 MiB since 2025.
            image_bytes: 2 * 1024 * 1024,
            image_types: words(&["image/jpeg", "image/png"]),
            title: Some(TitleRule { text: TextRule::Chars { limit: 100 }, required: true }),
            // No number of tags is documented, only what they have together.
            tags: Some(TagRule { together: Some(500), ..TagRule::new(250, 500) }),
            categories: Some(TagRule::new(1, 100)),
            visibilities: vec![Visibility::Public, Visibility::Unlisted, Visibility::Private],
            has: vec![Feature::Draft, Feature::MadeForKids, Feature::Reply],
            first_comment: Some(COMMENT),
            answer: Some(Box::new(Limits {
                amend: Some(AmendRule::default()),
                ..Limits::of_comment(COMMENT, WORDS_ALONE)
            })),
            // YouTube turns comments off there; below what is made for children, too.
            uncommented: vec![Visibility::Private],
            forbidden: "<>".into(),
            quotas: vec![Quota::new(UPLOADS_24H, QuotaScope::App, 100, 24 * 3_600)],
            // Ids in one request (https://developers.google.com/youtube/v3/docs/videos/list).
            engagement_of: Some(50),
            // Ours: each asking costs one of the 10,000 units that all accounts of the project share.
            asked: Some(AskRule { least_min: 60, scarce: true }),
            reasons: reasons(),
            // 5,000 bytes. A character has at least one.
            ..Limits::text_only(TextRule::Graphemes { limit: 5_000, url: None, bytes: Some(5_000) })
        },
        // Nothing is documented: as long as the slowest platform we know.
        settle_s: 1_800,
    }
}
