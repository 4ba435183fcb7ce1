//! Pages of Facebook. Nobody may post for a person or a group through the API, so an account is always a page.

mod amend;
mod api;
mod auth;
mod chunks;
mod find;
mod media;
mod publish;
mod standing;
mod video;
mod whole;

#[cfg(test)]
mod tests;

use super::graph::{Graph, version};
use crate::words;
use connector_kit::http::Base;
use connector_kit::{Http, is_number};
use domain::accounts::Account;
use domain::platform::{
    AmendRule, Descriptor, EncodingRule, Feature, KindRule, Limits, LinkCards, OAuth, Quota, QuotaScope, Ratios,
    VideoRule,
};
use domain::publishing::{ContentKind, Failure};
use domain::text::TextRule;
use ports::{Auth, Connect, Connector, PlatformApp};

/// Where the API is.
const GRAPH: Base = Base { name: "graph", default: "https://graph.facebook.com" };
/// Where people are, and the dialog.
const WEB: Base = Base { name: "web", default: "https://www.facebook.com" };

/// Most bytes of a video that goes up in one request; ours, what surely leaves in the time that a worker has.
const SENT_AT_ONCE: u64 = 50_000_000;

/// The connector.
pub(crate) struct Facebook {
    http: Http,
    descriptor: Descriptor,
    oauth: OAuth,
}

impl Facebook {
    pub(crate) fn new(http: Http) -> Self {
        Self { http, descriptor: descriptor(), oauth: auth::profile() }
    }

    fn graph<'a>(&'a self, app: &'a PlatformApp) -> Graph<'a> {
        Graph { http: &self.http, app, base: GRAPH, proof: true, version: version(app) }
    }
}

impl Connector for Facebook {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }
    fn hosts(&self) -> &'static [&'static str] {
        &["graph.facebook.com", "www.facebook.com"]
    }
}

impl Connect for Facebook {
    fn auth(&self) -> Option<&dyn Auth> {
        Some(self)
    }
}

/// The page's id, fit for addresses.
fn page(account: &Account) -> Result<&str, Failure> {
    let id = account.profile.external_id.as_str();
    let detail = "the account has no id of a page".to_owned();
    if is_number(id, 20) { Ok(id) } else { Err(Failure::Rejected { code: "account_invalid".into(), detail }) }
}

/// Whether it can be the id of a video, a photo or a session.
fn is_id(id: &str) -> bool {
    is_number(id, 20)
}

/// Whether it names a post: `PAGE_POST`.
fn is_post(id: &str) -> bool {
    id.split_once('_').is_some_and(|(page, post)| is_number(page, 20) && is_number(post, 20))
}

/// What there is, and Herald does not do there, with what to do instead.
const UNDONE: [(Feature, &str); 1] =
    [(Feature::Targeting, "Herald does not choose whom a post on Facebook is shown to yet: leave it out")];
/// What a comment takes, in words.
const WORDS_ALONE: &str = "Herald answers on Facebook with a comment, which is words alone: leave all else out";
/// Ours: no limit is documented.
const COMMENT: TextRule = TextRule::Utf16 { limit: 8_000 };

/// Reels that a page publishes through the API in a day.
const REELS_24H: &str = "reels-24h";

/// What the video of a reel or a story may be; its bytes go up in one request.
fn upright(kind: ContentKind, max_ms: u64) -> KindRule {
    let shape = Some(Ratios { narrowest: (9, 16), widest: (9, 16) });
    KindRule {
        kind,
        video: VideoRule {
            bytes: SENT_AT_ONCE,
            min_ms: 3_000,
            max_ms,
            shape,
            types: words(&["video/mp4"]),
            encoding: EncodingRule {
                min_pixels: Some((540, 960)),
                frame_rate: Some((24, 60)),
                ..EncodingRule::default()
            },
            ..video_rule()
        },
        cover: false,
    }
}

/// What a video of a post may be.
fn video_rule() -> VideoRule {
    VideoRule {
        most: 1,
        // Ours: Facebook is said to take 10 GB.
        bytes: 512 * 1024 * 1024,
        min_ms: 0,
        // Four hours are reported.
        max_ms: 4 * 3_600_000,
        types: words(&["video/mp4", "video/quicktime"]),
        codecs: Vec::new(),
        beside_pictures: false,
        alt_text: false,
        title: true,
        alt_chars: None,
        shape: None,
        captions: None,
        cover_at: false,
        encoding: EncodingRule::default(),
    }
}

fn descriptor() -> Descriptor {
    Descriptor {
        id: crate::slug("facebook"),
        aliases: Vec::new(),
        name: "Facebook".into(),
        color: "#0866ff".into(),
        queue: "meta".into(),
        limits: Limits {
            amend: Some(AmendRule { beside_media: true, titles: false }),
            // Ours: no number is documented.
            images: 10,
            // 4 MB are reported, and of what counts as one the smaller is meant to be safe.
            image_bytes: 4_000_000,
            image_types: words(&["image/jpeg", "image/png"]),
            // Ours: no limit is documented.
            alt_text: 1_000,
            // The page is read; a post carries pictures or a link.
            link_card: Some(LinkCards { needs_title: false, beside_media: false }),
            kinds: vec![ContentKind::Post, ContentKind::Story, ContentKind::Reel],
            video: Some(video_rule()),
            kind_rules: vec![upright(ContentKind::Reel, 90_000), upright(ContentKind::Story, 60_000)],
            has: vec![Feature::Draft, Feature::Reply],
            answer: Some(Box::new(Limits {
                amend: Some(AmendRule::default()),
                ..Limits::of_comment(COMMENT, WORDS_ALONE)
            })),
            quotas: vec![Quota::new(REELS_24H, QuotaScope::Account, 30, 24 * 3_600).of_kind(ContentKind::Reel)],
            refuses_repeats: true,
            unlinked_hosts: words(&["facebook.com", "fb.com"]),
            scopes: [Feature::FirstComment, Feature::Reply].map(|asked| (asked, words(&[auth::ENGAGES]))).into(),
            engagement_of: Some(1),
            reasons: crate::reasons(&UNDONE),
            first_comment: Some(COMMENT),
            // Whether characters or UTF-16 units are counted is not documented; units never undercount.
            ..Limits::text_only(TextRule::Utf16 { limit: 63_206 })
        },
        // Nothing is documented: as long as the slowest platform we know.
        settle_s: 1_800,
    }
}
