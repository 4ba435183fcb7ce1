//! Threads. What is published is a container, as on Instagram; the parts of a thread and a first comment are replies.

mod api;
mod auth;
mod find;
mod making;
mod publish;

#[cfg(test)]
mod tests;

use super::container::is_id;
use super::graph::Graph;
use crate::words;
use connector_kit::Http;
use connector_kit::http::Base;
use domain::accounts::Account;
use domain::platform::{
    Descriptor, Feature, Limits, LinkCards, MixedRule, OAuth, Quota, QuotaScope, Ratios, VideoRule,
};
use domain::publishing::{Failure, ReplyRestriction};
use domain::text::TextRule;
use ports::{Auth, Connect, Connector, PlatformApp};

/// Where the API is, and where codes are exchanged.
const GRAPH: Base = Base { name: "graph", default: "https://graph.threads.net" };
/// Where people are, and the consent page.
const WEB: Base = Base { name: "web", default: "https://threads.com" };
/// The version of the API unless the setting `graph_version` names another.
const VERSION: &str = "v1.0";
/// Most media of one part.
const MOST: u16 = 20;
/// Most milliseconds of a video.
const MAX_MS: u64 = 300_000;

/// The connector.
pub(crate) struct Threads {
    http: Http,
    descriptor: Descriptor,
    oauth: OAuth,
}

impl Threads {
    pub(crate) fn new(http: Http) -> Self {
        Self { http, descriptor: descriptor(), oauth: auth::profile() }
    }

    fn graph<'a>(&'a self, app: &'a PlatformApp) -> Graph<'a> {
        let version = app.settings.get("graph_version").map_or(VERSION, String::as_str);
        Graph { http: &self.http, app, base: GRAPH, proof: false, version }
    }
}

impl Connector for Threads {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }
    fn hosts(&self) -> &'static [&'static str] {
        &["graph.threads.net", "threads.com"]
    }
}

impl Connect for Threads {
    fn auth(&self) -> Option<&dyn Auth> {
        Some(self)
    }
}

/// The account's id, fit for addresses.
fn user(account: &Account) -> Result<&str, Failure> {
    let id = account.profile.external_id.as_str();
    let detail = "the account has no id of Threads".to_owned();
    if is_id(id) { Ok(id) } else { Err(Failure::Rejected { code: "account_invalid".into(), detail }) }
}

/// What Threads lacks, or Herald does not do there, and what to do instead.
const REASONS: [(Feature, &str); 3] = [
    (Feature::Amend, "Threads has no API that changes a post: delete it and make a new one"),
    (
        Feature::Poll,
        "Herald makes no polls on Threads: its API does not let anybody say how long one is open, which Herald's polls do",
    ),
    (
        Feature::Targeting,
        "Herald does not choose whom Threads shows a post to: its API knows countries alone, and only for some accounts",
    ),
];

fn descriptor() -> Descriptor {
    Descriptor {
        id: crate::slug("threads"),
        aliases: Vec::new(),
        name: "Threads".into(),
        color: "#000000".into(),
        queue: "meta".into(),
        limits: Limits {
            // No limit of the API; the product's own.
            thread_parts: 25,
            images: MOST,
            // The smaller of the meanings of 8 MB.
            image_bytes: 8_000_000,
            image_types: words(&["image/jpeg", "image/png"]),
            // The width is no limit: outside of 320 to 1440 pixels a picture is scaled.
            image_ratio: Some(10),
            alt_text: 1_000,
            video: Some(VideoRule {
                most: MOST,
                // The smaller of the meanings of 1 GB.
                bytes: 1_000_000_000,
                min_ms: 1,
                max_ms: MAX_MS,
                types: words(&["video/mp4", "video/quicktime"]),
                codecs: words(&["h264", "hevc"]),
                beside_pictures: true,
                alt_text: true,
                title: false,
                alt_chars: None,
                shape: Some(Ratios { narrowest: (1, 100), widest: (10, 1) }),
                captions: None,
                cover_at: false,
                encoding: super::encoding(),
            }),
            mixed: Some(MixedRule { most: MOST, max_ms: MAX_MS }),
            link_card: Some(LinkCards { needs_title: false, beside_media: false }),
            links: Some(5),
            reply_restrictions: vec![
                ReplyRestriction::Everyone,
                ReplyRestriction::Following,
                ReplyRestriction::Mentioned,
            ],
            has: vec![Feature::Quote, Feature::Reply],
            // Nothing is documented of both at once.
            answers_without: vec![Feature::Quote],
            // Replies have a quota of their own, of a thousand; here they are taken from that of posts, too, which is never too much.
            quotas: vec![Quota::new("posts-24h", QuotaScope::Account, 250, 24 * 3_600)],
            reasons: crate::reasons(&REASONS),
            ..Limits::text_only(TextRule::EmojiBytes { limit: 500 })
        },
        // Nothing is documented: as long as the slowest platform we know.
        settle_s: 1_800,
    }
}
