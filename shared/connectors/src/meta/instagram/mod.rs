//! Professional accounts of Instagram. What is published is a container: made first, waited for, and then published by its id.

mod api;
mod auth;
mod find;
mod making;
mod publish;

#[cfg(test)]
mod tests;

use super::container::is_id;
use super::graph::{Graph, version};
use crate::words;
use connector_kit::Http;
use connector_kit::http::Base;
use domain::accounts::Account;
use domain::inbox::InteractionKind;
use domain::platform::{Descriptor, Feature, KindRule, Limits, MixedRule, OAuth, Quota, QuotaScope, Ratios, VideoRule};
use domain::publishing::{ContentKind, Failure};
use domain::text::TextRule;
use ports::{Auth, Connect, Connector, PlatformApp};
use std::collections::BTreeMap;

/// Where the API is, for accounts that were connected at Instagram itself.
const GRAPH: Base = Base { name: "graph", default: "https://graph.instagram.com" };
/// Where codes are exchanged there.
const API: Base = Base { name: "api", default: "https://api.instagram.com" };
/// Where people are, and the consent page there.
const WEB: Base = Base { name: "web", default: "https://www.instagram.com" };
/// Where the API is, for accounts that were connected through a page of Facebook.
const PAGE_GRAPH: Base = Base { name: "facebook_graph", default: "https://graph.facebook.com" };
/// Where the dialog is for those.
const PAGE_WEB: Base = Base { name: "facebook_web", default: "https://www.facebook.com" };

/// Where a person gives access: the operator decides, for it is another registration, other scopes and another host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Login {
    /// At Instagram.
    Own,
    /// At Facebook, through the page that the account belongs to.
    Page,
}

impl Login {
    fn of(app: &PlatformApp) -> Self {
        if app.settings.get("login").is_some_and(|login| login == "facebook") { Self::Page } else { Self::Own }
    }
}

/// The connector.
pub(crate) struct Instagram {
    http: Http,
    descriptor: Descriptor,
    oauth: OAuth,
}

impl Instagram {
    pub(crate) fn new(http: Http) -> Self {
        Self { http, descriptor: descriptor(), oauth: auth::profile() }
    }

    fn graph<'a>(&'a self, app: &'a PlatformApp) -> Graph<'a> {
        let (base, proof) = match Login::of(app) {
            Login::Own => (GRAPH, false),
            Login::Page => (PAGE_GRAPH, true),
        };
        Graph { http: &self.http, app, base, proof, version: version(app) }
    }
}

impl Connector for Instagram {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }
    fn hosts(&self) -> &'static [&'static str] {
        &["graph.instagram.com", "api.instagram.com", "www.instagram.com", "graph.facebook.com"]
    }
}

impl Connect for Instagram {
    fn auth(&self) -> Option<&dyn Auth> {
        Some(self)
    }
}

/// The account's id, fit for addresses.
fn user(account: &Account) -> Result<&str, Failure> {
    let id = account.profile.external_id.as_str();
    let detail = "the account has no id of Instagram".to_owned();
    if is_id(id) { Ok(id) } else { Err(Failure::Rejected { code: "account_invalid".into(), detail }) }
}

/// What Instagram does not let anybody do, and what to do instead.
fn reasons() -> BTreeMap<Feature, String> {
    let amend = "Instagram has no API that changes a caption: change it in its app";
    BTreeMap::from([(Feature::Amend, amend.into())])
}

/// How long a comment is.
const COMMENT: TextRule = TextRule::Utf16 { limit: 300 };

/// What an answer may be: a comment, which nobody can change.
fn answer() -> Limits {
    let mut limits = Limits::of_comment(
        COMMENT,
        "Herald answers on Instagram with a comment, which is words alone: leave all else out",
    );
    let amend = "Instagram has no API that changes a comment: delete it, and answer again";
    limits.reasons.insert(Feature::Amend, amend.into());
    limits
}

/// What a video may be.
fn video_rule() -> VideoRule {
    VideoRule {
        most: 10,
        bytes: 300 * 1024 * 1024,
        min_ms: 3_000,
        max_ms: 15 * 60_000,
        types: words(&["video/mp4", "video/quicktime"]),
        codecs: words(&["h264", "hevc"]),
        beside_pictures: true,
        alt_text: false,
        title: false,
        alt_chars: None,
        shape: Some(Ratios { narrowest: (1, 100), widest: (10, 1) }),
        captions: None,
        cover_at: true,
        encoding: super::encoding(),
    }
}

fn descriptor() -> Descriptor {
    Descriptor {
        id: crate::slug("instagram"),
        aliases: Vec::new(),
        name: "Instagram".into(),
        color: "#e4405f".into(),
        queue: "meta".into(),
        limits: Limits {
            // Mentions are answered by an edge of their own, `/mentions`.
            unanswered: vec![InteractionKind::Mention, InteractionKind::Message],
            images: 10,
            needs_media: true,
            image_bytes: 8 * 1024 * 1024,
            image_types: words(&["image/jpeg"]),
            // The width is no limit: outside of 320 to 1440 pixels a picture is scaled.
            image_shape: Some(Ratios { narrowest: (4, 5), widest: (191, 100) }),
            // Ours: no limit is documented.
            alt_text: 1_000,
            kinds: vec![ContentKind::Post, ContentKind::Story, ContentKind::Reel],
            // A video alone is a reel, whatever it is called; with others it is shown in a carousel.
            video: Some(video_rule()),
            mixed: Some(MixedRule { most: 10, max_ms: 60_000 }),
            kind_rules: vec![
                // A picture beside it is its cover.
                KindRule { kind: ContentKind::Reel, video: VideoRule { most: 1, ..video_rule() }, cover: true },
                KindRule {
                    kind: ContentKind::Story,
                    video: VideoRule {
                        most: 1,
                        bytes: 100_000_000,
                        max_ms: 60_000,
                        beside_pictures: false,
                        cover_at: false,
                        ..video_rule()
                    },
                    cover: false,
                },
            ],
            first_comment: Some(COMMENT),
            has: vec![Feature::Reply],
            answer: Some(Box::new(answer())),
            hashtags: Some(30),
            mentions: Some(20),
            // Posts made through the API in 24 hours, whatever they show; one of several pictures is one.
            quotas: vec![Quota::new("posts-24h", QuotaScope::Account, 100, 24 * 3_600)],
            scopes: [Feature::FirstComment, Feature::Reply].map(|asked| (asked, words(&auth::COMMENTS))).into(),
            engagement_of: Some(1),
            reasons: reasons(),
            // Whether characters or UTF-16 units are counted is not documented; units never undercount.
            ..Limits::text_only(TextRule::Utf16 { limit: 2_200 })
        },
        // Nothing is documented: as long as the slowest platform we know.
        settle_s: 1_800,
    }
}
