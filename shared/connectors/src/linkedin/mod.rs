//! LinkedIn, the versioned API. What is particular to it, with sources, is in this folder's README.

mod amend;
mod api;
mod auth;
mod comment;
mod error;
mod find;
pub(crate) mod inbound;
mod media;
mod publish;
mod targeting;
mod text;
mod video;

#[cfg(test)]
mod tests;

use crate::words;
use connector_kit::http::{Base, repeatable};
use connector_kit::{Answer, Call, Http, is_number, is_word};
use domain::platform::{
    AmendRule, Descriptor, DocumentRule, EncodingRule, Feature, Limits, LinkCards, OAuth, PollRule, Ratios, VideoRule,
};
use domain::publishing::{Failure, GoodTimes, Visibility};
use domain::text::TextRule;
use jiff::Timestamp;
use ports::{Auth, Connect, Connector, PlatformApp};
use secrecy::SecretString;
use std::collections::BTreeMap;

/// Where the API is.
const API: Base = Base { name: "api", default: "https://api.linkedin.com" };
/// Where consent and tokens are.
const OAUTH: Base = Base { name: "oauth", default: "https://www.linkedin.com/oauth/v2" };
/// The monthly version used unless the setting `linkedin_version` names another. Each lives for at least a year.
const VERSION: &str = "202607";

/// The connector.
pub(crate) struct LinkedIn {
    http: Http,
    descriptor: Descriptor,
    oauth: OAuth,
}

impl LinkedIn {
    pub(crate) fn new(http: Http) -> Self {
        Self { http, descriptor: descriptor(), oauth: auth::profile() }
    }

    /// Makes a call of the versioned API, whatever comes of it.
    async fn rest(&self, app: &PlatformApp, token: &SecretString, call: Call) -> Result<Answer, Failure> {
        let version = app.settings.get("linkedin_version").map_or(VERSION, String::as_str);
        let call = call.bearer(token).header("linkedin-version", version).header("x-restli-protocol-version", "2.0.0");
        Ok(self.http.call(call).await?)
    }

    /// Makes a call that publishes nothing, and wants success.
    async fn ask(
        &self,
        app: &PlatformApp,
        token: &SecretString,
        call: Call,
        now: Timestamp,
    ) -> Result<Answer, Failure> {
        let answer = self.rest(app, token, call).await.map_err(repeatable)?;
        if answer.is_success() { Ok(answer) } else { Err(repeatable(error::refusal(app, &answer, now))) }
    }
}

impl Connector for LinkedIn {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }
    fn hosts(&self) -> &'static [&'static str] {
        &["api.linkedin.com", "www.linkedin.com"]
    }
}

impl Connect for LinkedIn {
    fn auth(&self) -> Option<&dyn Auth> {
        Some(self)
    }
}

/// An address of the API.
fn api(app: &PlatformApp, path: &str) -> String {
    format!("{}/{path}", API.of(app))
}

/// Where people are: the site that the OAuth service belongs to.
fn site(app: &PlatformApp) -> String {
    let oauth = OAUTH.of(app);
    oauth.strip_suffix("/oauth/v2").unwrap_or(&oauth).to_owned()
}

/// Where people see a post.
fn web(app: &PlatformApp, urn: &str) -> String {
    format!("{}/feed/update/{urn}/", site(app))
}

/// Whether it names a post: `urn:li:share:1`, `urn:li:ugcPost:1`, `urn:li:activity:1`.
fn is_post(urn: &str) -> bool {
    let number = ["share", "ugcPost", "activity"].iter().find_map(|k| urn.strip_prefix("urn:li:")?.strip_prefix(k));
    number.and_then(|rest| rest.strip_prefix(':')).is_some_and(|id| is_number(id, 20))
}

/// Whether it names something uploaded: `urn:li:image:C4E…`, `urn:li:document:C4E…`, `urn:li:video:C4E…`.
fn is_asset(urn: &str) -> bool {
    let id = ["urn:li:image:", "urn:li:document:", video::VIDEO].iter().find_map(|kind| urn.strip_prefix(kind));
    id.is_some_and(|id| is_word(id, 100))
}

/// Whether it names an author: `urn:li:person:…`, `urn:li:organization:1`.
fn is_author(urn: &str) -> bool {
    let (person, organization) = (urn.strip_prefix("urn:li:person:"), urn.strip_prefix("urn:li:organization:"));
    person.is_some_and(|id| is_word(id, 64)) || organization.is_some_and(|id| is_number(id, 20))
}

/// What people expect of LinkedIn and its API does not give, with the rule.
fn reasons() -> BTreeMap<Feature, String> {
    let article = "LinkedIn has no API for articles: give a link with a title, which becomes a card";
    let draft = "what LinkedIn does with drafts of its API is not documented: keep the draft here";
    let cover = "Herald sends no picture that stands for a video on LinkedIn yet: LinkedIn takes one of the video";
    let all = [(Feature::Article, article), (Feature::Draft, draft), (Feature::Mixed, cover)];
    all.into_iter().map(|(feature, why)| (feature, why.to_owned())).collect()
}

/// How long a comment is: the product's limit; the API's is not documented.
const COMMENT: TextRule = TextRule::Utf16 { limit: 1_250 };

/// What an answer may be: a comment, whose words Herald does not change.
fn answer() -> Limits {
    let words = "Herald answers on LinkedIn with a comment, which is words alone: leave all else out";
    let mut limits = Limits::of_comment(COMMENT, words);
    let amend = "Herald does not change comments on LinkedIn yet: change it there, or delete it and answer again";
    limits.reasons.insert(Feature::Amend, amend.into());
    limits
}

fn descriptor() -> Descriptor {
    Descriptor {
        id: crate::slug("linkedin"),
        aliases: Vec::new(),
        name: "LinkedIn".into(),
        color: "#0a66c2".into(),
        queue: "linkedin".into(),
        limits: Limits {
            amend: Some(AmendRule { beside_media: true, titles: false }),
            images: 20,
            // A guideline: no byte limit is documented.
            image_bytes: 5 * 1024 * 1024,
            // Fewer than 36,152,320 pixels.
            image_pixels: Some(36_152_319),
            image_types: words(&["image/jpeg", "image/png", "image/gif"]),
            // Our own: no limit is documented.
            alt_text: 1_000,
            // The page is not read, so that a card without a title is refused; and a post carries one kind of content.
            link_card: Some(LinkCards { needs_title: true, beside_media: false }),
            document: Some(DocumentRule {
                most: 1,
                // LinkedIn takes 100 MB; Herald reads media of at most this.
                bytes: connector_kit::MAX_MEDIA_BYTES,
                types: words(&["application/pdf"]),
                needs_title: true,
                beside_others: false,
            }),
            video: Some(VideoRule {
                most: 1,
                bytes: 500_000_000,
                min_ms: 3_000,
                max_ms: 30 * 60_000,
                types: words(&["video/mp4"]),
                // Nothing is documented: LinkedIn says itself what it cannot process.
                codecs: Vec::new(),
                beside_pictures: false,
                alt_text: false,
                title: true,
                alt_chars: None,
                // 1:2.4 to 2.4:1.
                shape: Some(Ratios { narrowest: (5, 12), widest: (12, 5) }),
                captions: None,
                cover_at: false,
                encoding: EncodingRule::default(),
            }),
            poll: Some(PollRule {
                options: (2, 4),
                option_chars: 30,
                question_chars: Some(140),
                minutes: (1_440, 20_160),
                durations: publish::DURATIONS.iter().map(|(minutes, _)| *minutes).collect(),
                whole_hours: false,
                multiple: false,
                beside_media: false,
                text: None,
            }),
            first_comment: Some(COMMENT),
            answer: Some(Box::new(answer())),
            targeting: Some(targeting::rule()),
            has: vec![Feature::Quote, Feature::Reply],
            good_times: Some(GoodTimes::new(&[(7, 30), (12, 0), (17, 30)], &[(10, 0), (19, 0)])),
            refuses_repeats: true,
            reasons: reasons(),
            visibilities: vec![Visibility::Public, Visibility::Connections, Visibility::LoggedIn],
            // Whether LinkedIn counts characters or UTF-16 units is not documented; units never undercount.
            ..Limits::text_only(TextRule::Utf16 { limit: 3_000 })
        },
        // Nothing is documented: as long as the slowest platform we know.
        settle_s: 1_800,
    }
}
