//! TikTok, Content Posting API: videos and pictures. What is particular to it, with sources, is in this folder's README.

mod api;
mod auth;
mod error;
pub(crate) mod inbound;
mod photo;
mod prepare;
mod publish;
mod status;
mod upload;

#[cfg(test)]
mod tests;

use crate::words;
use api::{Envelope, good};
use connector_kit::http::{Base, repeatable};
use connector_kit::{Answer, Call, Http, Served};
use domain::platform::{Descriptor, EncodingRule, Feature, Limits, OAuth, PictureRule, Quota, QuotaScope, VideoRule};
use domain::publishing::{Failure, Visibility};
use domain::text::TextRule;
use ports::{Auth, Connect, Connector, PlatformApp, PublishCall};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// Where the API is.
const API: Base = Base { name: "api", default: "https://open.tiktokapis.com" };
/// Where people consent and watch.
const WEB: Base = Base { name: "web", default: "https://www.tiktok.com" };

/// The connector.
pub(crate) struct TikTok {
    http: Http,
    descriptor: Descriptor,
    oauth: OAuth,
}

impl TikTok {
    pub(crate) fn new(http: Http) -> Self {
        Self { descriptor: descriptor(http.served()), http, oauth: auth::profile() }
    }

    /// Makes a call that publishes nothing, and wants what it tells.
    async fn ask<T: DeserializeOwned>(
        &self,
        call: &PublishCall<'_>,
        path: &str,
        asked: &impl Serialize,
    ) -> Result<T, Failure> {
        let request = Call::post(api(call.app, path)).bearer(call.token).json(asked);
        let answer = self.http.call(request).await.map_err(|lost| repeatable(lost.into()))?;
        told(&answer, call)
    }
}

/// What an answer of the API tells, if it is one of success.
fn told<T: DeserializeOwned>(answer: &Answer, call: &PublishCall<'_>) -> Result<T, Failure> {
    match good::<T>(answer) {
        Some(Envelope { data, .. }) => Ok(data),
        None if answer.is_success() && answer.json::<api::Refusal>().is_none_or(|told| told.error.is_ok()) => {
            Err(Failure::Unavailable)
        }
        None => Err(repeatable(error::refusal(answer, call.now))),
    }
}

impl Connector for TikTok {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }
    fn hosts(&self) -> &'static [&'static str] {
        &["open.tiktokapis.com", "www.tiktok.com"]
    }
}

impl Connect for TikTok {
    fn auth(&self) -> Option<&dyn Auth> {
        Some(self)
    }
}

/// An address of the API.
fn api(app: &PlatformApp, path: &str) -> String {
    format!("{}/v2/{path}", API.of(app))
}

/// Whether it can be somebody's name there.
fn is_name(name: &str) -> bool {
    (1..=100).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'.')
}

/// Why there are no pictures on a stack without an address that is verified, and how to mend it.
const UNSERVED: &str = "TikTok fetches pictures itself, and only from an address that was verified with it, which this installation of \
                        Herald has not: have the operator set VerifiedMediaUrl, make a video of them, or post them in TikTok's app";

/// What people expect of TikTok and its API does not give, with the rule. `pictures` are given where they have an address.
fn reasons(pictures: bool) -> BTreeMap<Feature, String> {
    let video = if pictures {
        "TikTok has no such posts: only videos and pictures are published"
    } else {
        "TikTok has no such posts: only videos are published"
    };
    let comment = "TikTok has no API for comments: write them in its app";
    let unserved = (!pictures).then(|| (Feature::Picture, UNSERVED.into()));
    let all = [
        (Feature::Poll, video.into()),
        (Feature::Story, video.into()),
        (Feature::Article, video.into()),
        (Feature::Document, video.into()),
        (Feature::Quote, video.into()),
        (Feature::Reel, "every video on TikTok is one: send it as a plain post".into()),
        (Feature::Reply, comment.into()),
        (Feature::FirstComment, comment.into()),
        (Feature::Amend, "TikTok has no API that changes a post: change it in its app".into()),
    ];
    all.into_iter().chain(unserved).collect()
}

/// What is asked of pictures that lie below this address.
fn of_pictures(served: &Served) -> PictureRule {
    PictureRule {
        text: TextRule::Utf16 { limit: 4_000 },
        title: Some(TextRule::Utf16 { limit: 90 }),
        below: served.as_str().into(),
    }
}

fn descriptor(served: Option<&Served>) -> Descriptor {
    Descriptor {
        id: crate::slug("tiktok"),
        aliases: Vec::new(),
        name: "TikTok".into(),
        color: "#010101".into(),
        queue: "blog".into(),
        limits: Limits {
            needs_media: true,
            needs_video: served.is_none(),
            images: if served.is_some() { 35 } else { 0 },
            image_bytes: 20_000_000,
            image_types: words(&["image/jpeg", "image/webp"]),
            // 1080p, in whichever direction.
            image_pixels: Some(1_080 * 1_920),
            pictures: served.map(of_pictures),
            video: Some(VideoRule {
                most: 1,
                bytes: 4_000_000_000,
                min_ms: 3_000,
                // The most that anybody may have; the account's own limit is asked for.
                max_ms: 600_000,
                // Of those that Herald reads; TikTok takes WebM, too.
                types: words(&["video/mp4", "video/quicktime"]),
                codecs: Vec::new(),
                beside_pictures: false,
                alt_text: false,
                title: false,
                alt_chars: None,
                shape: None,
                captions: None,
                cover_at: true,
                encoding: EncodingRule {
                    min_pixels: Some((360, 360)),
                    frame_rate: Some((23, 60)),
                    ..EncodingRule::default()
                },
            }),
            visibilities: vec![Visibility::Public, Visibility::Connections, Visibility::Private],
            has: vec![Feature::Draft],
            wordless_drafts: true,
            quotas: vec![Quota::new("uploads-1m", QuotaScope::Account, 6, 60)],
            scopes: BTreeMap::from([(Feature::Draft, words(&[auth::UPLOADS]))]),
            reasons: reasons(served.is_some()),
            ..Limits::text_only(TextRule::Utf16 { limit: 2_200 })
        },
        // The address that takes a file is good for an hour, and nothing that went there later counts.
        settle_s: 7_200,
    }
}
