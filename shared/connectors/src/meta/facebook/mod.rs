//! Pages of Facebook. Nobody may post for a person or a group through the API, so an account is always a page.

mod amend;
mod api;
mod auth;
mod find;
mod media;
mod publish;
mod standing;
mod video;

#[cfg(test)]
mod tests;

use super::graph::Graph;
use crate::words;
use connector_kit::http::Base;
use connector_kit::{Http, is_number};
use domain::accounts::Account;
use domain::platform::{AmendRule, Descriptor, Feature, Limits, LinkCards, OAuth, VideoRule};
use domain::publishing::{ContentKind, Failure};
use domain::text::TextRule;
use ports::{Auth, Connect, Connector, PlatformApp};

/// Where the API is.
const GRAPH: Base = Base { name: "graph", default: "https://graph.facebook.com" };
/// Where people are, and the dialog.
const WEB: Base = Base { name: "web", default: "https://www.facebook.com" };

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
        Graph { http: &self.http, app, base: GRAPH, proof: true }
    }
}

impl Connector for Facebook {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
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

/// Whether it names a post: `PAGE_POST`.
fn is_post(id: &str) -> bool {
    id.split_once('_').is_some_and(|(page, post)| is_number(page, 20) && is_number(post, 20))
}

/// What there is, and Herald does not do there, with what to do instead.
const UNDONE: [(Feature, &str); 3] = [
    (
        Feature::Reel,
        "Herald does not publish reels on Facebook by itself yet: publish it as a post, which Facebook may show as a reel",
    ),
    (Feature::Draft, "Herald does not leave drafts on Facebook: keep it as a draft in Herald"),
    (Feature::Reply, "Herald does not answer what stands on Facebook yet: a first comment stands below its own post"),
];

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
            kinds: vec![ContentKind::Post, ContentKind::Story],
            picture_stories: true,
            video: Some(VideoRule {
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
            }),
            reasons: crate::reasons(&UNDONE),
            // Ours: no limit is documented.
            first_comment: Some(TextRule::Utf16 { limit: 8_000 }),
            // Whether characters or UTF-16 units are counted is not documented; units never undercount.
            ..Limits::text_only(TextRule::Utf16 { limit: 63_206 })
        },
        // Nothing is documented: as long as the slowest platform we know.
        settle_s: 1_800,
    }
}
