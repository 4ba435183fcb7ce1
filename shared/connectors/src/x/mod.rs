//! X, API v2. What is particular to it, with sources, is in this folder's README.

mod api;
mod article;
mod auth;
mod error;
mod find;
pub(crate) mod inbound;
mod media;
mod publish;
mod rows;
mod subtitles;
mod video;

#[cfg(test)]
mod tests;

use crate::words;
use connector_kit::Http;
use connector_kit::http::Base;
use domain::platform::{
    CaptionRule, Descriptor, EncodingRule, Feature, GifRule, Limits, OAuth, PollRule, Price, Quota, QuotaScope, Ratios,
    VideoRule,
};
use domain::publishing::{ContentKind, GoodTimes, MAX_CAPTIONS, ReplyRestriction, SUBRIP, WEBVTT};
use domain::text::TextRule;
use ports::{Auth, Connect, Connector, PlatformApp};
use std::collections::BTreeMap;

/// Where the API is.
const API: Base = Base { name: "api", default: "https://api.x.com" };
/// Where people are: consent and posts.
const WEB: Base = Base { name: "authorize", default: "https://x.com" };

/// Posts of a user in a quarter of an hour.
const POSTS_15MIN: &str = "posts-15min";
/// Posts of an application in a day.
const POSTS_24H: &str = "posts-24h";

/// The connector.
pub(crate) struct X {
    http: Http,
    descriptor: Descriptor,
    oauth: OAuth,
}

impl X {
    pub(crate) fn new(http: Http) -> Self {
        Self { http, descriptor: descriptor(), oauth: auth::profile() }
    }
}

impl Connector for X {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }
    fn hosts(&self) -> &'static [&'static str] {
        &["api.x.com", "x.com"]
    }
}

impl Connect for X {
    fn auth(&self) -> Option<&dyn Auth> {
        Some(self)
    }
}

/// An address of the API.
fn api(app: &PlatformApp, path: &str) -> String {
    format!("{}/2/{path}", API.of(app))
}

/// An address for people.
fn web(app: &PlatformApp, path: &str) -> String {
    format!("{}/{path}", WEB.of(app))
}

/// What people expect of X and its API does not give, with the rule.
fn reasons() -> BTreeMap<Feature, String> {
    let quote =
        "since April 2026 X lets only Enterprise customers quote through its API: put the post's address in the text";
    let reply = "since February 2026 X takes answers through its API only to posts that mention or quote the account: they are \
                 not offered here";
    let cashtag =
        "since 2026 X takes at most one cashtag ($NAME) in a post through its API: leave the $ of the others out";
    let amend = "an edit on X is another post under another id, for Premium accounts and for a short time only: delete the post and \
                 make a new one";
    let draft = "X has drafts of articles only: keep the draft here, or make an article of it";
    let title = "only articles have a title there";
    BTreeMap::from([
        (Feature::Quote, quote.into()),
        (Feature::Reply, reply.into()),
        (Feature::Cashtags, cashtag.into()),
        (Feature::Title, title.into()),
        (Feature::Draft, draft.into()),
        (Feature::Amend, amend.into()),
    ])
}

fn descriptor() -> Descriptor {
    let limits = posts();
    Descriptor {
        id: crate::slug("x"),
        aliases: words(&["twitter"]),
        name: "X".into(),
        color: "#000000".into(),
        queue: "x".into(),
        limits: Limits { article: Some(Box::new(article::limits(&limits))), ..limits },
        // 15 minutes in which a request may still take effect, and 15 by which listings were seen to lag.
        settle_s: 1_800,
    }
}

/// What holds of posts.
fn posts() -> Limits {
    Limits {
        // No limit of the API; the product's own.
        thread_parts: 25,
        images: 4,
        image_bytes: 5 * 1024 * 1024,
        image_types: words(&["image/jpeg", "image/png", "image/gif", "image/webp"]),
        // Four photos or one GIF, which may be larger.
        gif: Some(GifRule { bytes: 15 * 1024 * 1024, alone: true, max_pixels: Some((1_280, 1_080)) }),
        alt_text: 1_000,
        // How large at most is X's to judge: the documented 1280 x 1024 pixels would refuse the usual 1920 x 1080.
        video: Some(VideoRule {
            most: 1,
            bytes: 512 * 1024 * 1024,
            min_ms: 500,
            max_ms: 140_000,
            types: words(&["video/mp4", "video/quicktime"]),
            codecs: words(&["h264"]),
            beside_pictures: false,
            alt_text: false,
            title: false,
            alt_chars: None,
            shape: Some(Ratios { narrowest: (1, 3), widest: (3, 1) }),
            // No most is documented.
            captions: Some(CaptionRule {
                most: 10,
                bytes: MAX_CAPTIONS,
                types: words(&[SUBRIP, WEBVTT]),
                two_letters: true,
                by_name: false,
            }),
            cover_at: false,
            encoding: EncodingRule {
                min_pixels: Some((32, 32)),
                frame_rate: Some((1, 60)),
                audio_codecs: words(&["aac"]),
                ..EncodingRule::default()
            },
        }),
        kinds: vec![ContentKind::Post, ContentKind::Article],
        reply_restrictions: vec![ReplyRestriction::Everyone, ReplyRestriction::Following, ReplyRestriction::Mentioned],
        poll: Some(PollRule {
            options: (2, 4),
            option_chars: 25,
            question_chars: None,
            minutes: (5, 10_080),
            durations: Vec::new(),
            whole_hours: false,
            multiple: false,
            beside_media: false,
            text: None,
        }),
        cashtags: Some(1),
        price: Some(Price { step_usd_micros: 15_000, link_usd_micros: 200_000 }),
        quotas: vec![
            Quota::new(POSTS_15MIN, QuotaScope::Account, 100, 15 * 60),
            Quota::new(POSTS_24H, QuotaScope::App, 10_000, 24 * 3_600),
        ],
        good_times: Some(GoodTimes::new(&[(8, 0), (12, 0), (17, 0), (21, 0)], &[(9, 0), (19, 0), (20, 0)])),
        refuses_repeats: true,
        reasons: reasons(),
        // twitter-text configuration v3; its scale of 100 is divided out.
        ..Limits::text_only(TextRule::Weighted {
            limit: 280,
            light: vec![(0, 4351), (8192, 8205), (8208, 8223), (8242, 8247)],
            heavy: 2,
            url: 23,
            emoji: 2,
        })
    }
}
