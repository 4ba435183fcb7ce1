//! Medium, API v1, with the integration tokens that it gave out until the end of 2024. What is particular to it, with sources, is
//! in this folder's README.

mod api;
mod error;
mod keys;
mod publish;

#[cfg(test)]
mod tests;

use connector_kit::http::Base;
use connector_kit::{Call, Http, is_word};
use domain::platform::{Descriptor, Feature, KeyForm, Limits, LinkWords, TagRule, TitleRule};
use domain::publishing::ContentKind;
use domain::text::TextRule;
use ports::{Connect, Connector, Keys, PlatformApp};
use secrecy::SecretString;
use std::collections::BTreeMap;

/// Where the API is.
const API: Base = Base { name: "api", default: "https://api.medium.com/v1" };
/// Where people read.
const WEB: Base = Base { name: "web", default: "https://medium.com" };
/// Longest id that is taken. Those of users have 65 digits.
const MAX_ID: usize = 80;

/// The connector.
pub(crate) struct Medium {
    http: Http,
    descriptor: Descriptor,
    form: KeyForm,
}

impl Medium {
    pub(crate) fn new(http: Http) -> Self {
        Self { http, descriptor: descriptor(), form: keys::form() }
    }
}

impl Connector for Medium {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }
    fn hosts(&self) -> &'static [&'static str] {
        &["api.medium.com"]
    }
}

impl Connect for Medium {
    fn keys(&self) -> Option<&dyn Keys> {
        Some(self)
    }
}

/// A call with a token.
fn signed(call: Call, token: &SecretString) -> Call {
    call.bearer(token).hiding(token)
}

fn api(app: &PlatformApp, path: &str) -> String {
    format!("{}/{path}", API.of(app))
}

/// Where an account's stories are made: its id is the path, `users/…` or `publications/…`.
fn place(external_id: &str) -> Option<(&str, &str)> {
    external_id.split_once('/').filter(|(kind, id)| matches!(*kind, "users" | "publications") && is_word(id, MAX_ID))
}

fn reasons() -> BTreeMap<Feature, String> {
    let picture = "Medium has not supported its API since March 2023, and the tokens there are promise no uploads: add pictures to \
                   the story on Medium";
    let video = "Medium's API takes no videos: put the address of the video into the text";
    let visibility = "Herald publishes on Medium for everybody, or leaves a draft: make an unlisted story of it there";
    BTreeMap::from([
        (Feature::Picture, picture.into()),
        (Feature::Video, video.into()),
        (Feature::Visibility, visibility.into()),
        (Feature::Amend, "Medium has no API that changes a story: change it there".into()),
    ])
}

fn descriptor() -> Descriptor {
    Descriptor {
        id: crate::slug("medium"),
        aliases: Vec::new(),
        name: "Medium".into(),
        color: "#000000".into(),
        queue: "blog".into(),
        limits: Limits {
            // A longer one is ignored.
            title: Some(TitleRule { text: TextRule::Utf16 { limit: 100 }, required: true }),
            // Medium ignores a fourth one.
            tags: Some(TagRule::new(3, 25)),
            kinds: vec![ContentKind::Post, ContentKind::Article],
            has: vec![Feature::Draft],
            reasons: reasons(),
            link_words: LinkWords::Title,
            // No limit of the API; the product's own.
            ..Limits::text_only(TextRule::Chars { limit: 100_000 })
        },
        // 15 minutes in which a request may still take effect. Nothing can be read: it only delays asking a person.
        settle_s: 900,
    }
}
