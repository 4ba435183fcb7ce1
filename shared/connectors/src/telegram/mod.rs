//! Telegram, Bot API. What is particular to it, with sources, is in this folder's README.

mod amend;
mod api;
mod error;
pub(crate) mod inbound;
mod keys;
mod publish;

#[cfg(test)]
mod tests;

use crate::words;
use connector_kit::http::Base;
use connector_kit::{Call, Http, is_number, is_word};
use domain::inbox::InteractionKind;
use domain::platform::{
    AmendRule, Descriptor, DocumentRule, EncodingRule, Feature, GifRule, KeyForm, Limits, PollRule, Quota, QuotaScope,
    VideoRule,
};
use domain::text::TextRule;
use ports::{Connect, Connector, Keys, PlatformApp};
use secrecy::{ExposeSecret as _, SecretString};

/// Where the API is.
const API: Base = Base { name: "api", default: "https://api.telegram.org" };
/// Where people are.
const WEB: Base = Base { name: "web", default: "https://t.me" };

/// The connector.
pub(crate) struct Telegram {
    http: Http,
    descriptor: Descriptor,
    form: KeyForm,
}

impl Telegram {
    pub(crate) fn new(http: Http) -> Self {
        Self { http, descriptor: descriptor(), form: keys::form() }
    }
}

impl Connector for Telegram {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }
    fn hosts(&self) -> &'static [&'static str] {
        &["api.telegram.org"]
    }
}

impl Connect for Telegram {
    fn keys(&self) -> Option<&dyn Keys> {
        Some(self)
    }
}

/// A call of a method. The token is part of the address; none when it is no token, and must not become part of one.
fn method(app: &PlatformApp, token: &SecretString, name: &str) -> Option<Call> {
    let text = token.expose_secret();
    is_token(text).then(|| Call::post(format!("{}/bot{text}/{name}", API.of(app))).hiding(token))
}

/// Whether it looks like a bot's token: the bot's id, a colon, and a secret.
fn is_token(text: &str) -> bool {
    text.split_once(':').is_some_and(|(bot, secret)| is_number(bot, 20) && is_word(secret, 100))
}

/// Where people see a message: in a public chat by its name, in a private supergroup or channel by its number. Messages of
/// small groups have no address.
fn web(app: &PlatformApp, chat: &str, username: Option<&str>, message: &str) -> Option<String> {
    let place = match username {
        Some(name) => name.to_owned(),
        None => format!("c/{}", chat.strip_prefix("-100")?),
    };
    Some(format!("{}/{place}/{message}", WEB.of(app)))
}

/// Largest video, GIF or document in bytes. Telegram takes 50 MB. This is what surely leaves within the time of one request: what is cut
/// off is a doubt, and here nothing can be read back.
const FILE: u64 = 20_000_000;

/// What there is, and Herald does not do there, with what to do instead.
const UNDONE: [(Feature, &str); 2] = [
    (
        Feature::Story,
        "stories on Telegram are those of people and business accounts, and Herald writes to channels and groups as a bot: send it as a post",
    ),
    (Feature::Mixed, "Herald sends a video to Telegram alone: put the pictures into another part of a thread"),
];

fn descriptor() -> Descriptor {
    Descriptor {
        id: crate::slug("telegram"),
        aliases: Vec::new(),
        name: "Telegram".into(),
        color: "#2aabee".into(),
        queue: "chat".into(),
        limits: Limits {
            // Beside them the request holds the caption.
            media_bytes: Some(publish::REQUEST - 256 * 1024),
            amend: Some(AmendRule { beside_media: true, titles: false }),
            caption: Some(TextRule::Utf16 { limit: 1_024 }),
            // No limit of the API; the product's own.
            thread_parts: 25,
            images: 10,
            image_bytes: 10 * 1024 * 1024,
            // "width and height must not exceed 10000 in total", "ratio must be at most 20".
            image_sides: Some(10_000),
            image_ratio: Some(20),
            image_types: words(&["image/jpeg", "image/png", "image/webp", "image/gif"]),
            // An animation, which no album holds.
            gif: Some(GifRule { bytes: FILE, alone: true, max_pixels: None }),
            video: Some(VideoRule {
                most: 1,
                bytes: FILE,
                min_ms: 0,
                max_ms: u64::MAX,
                types: words(&["video/mp4"]),
                codecs: Vec::new(),
                beside_pictures: false,
                alt_text: false,
                title: false,
                alt_chars: None,
                shape: None,
                captions: None,
                cover_at: false,
                encoding: EncodingRule::default(),
            }),
            // "20 messages per minute to the same group"; for channels no figure but one a second is given, and the same is kept.
            quotas: vec![Quota::new("messages-1m", QuotaScope::Account, 20, 60)],
            document: Some(DocumentRule {
                most: 1,
                bytes: FILE,
                types: words(&["application/pdf"]),
                needs_title: false,
                beside_others: false,
            }),
            has: vec![Feature::Reply],
            // Comments on a channel's posts stand in its group, which is another chat.
            unanswered: vec![InteractionKind::Comment, InteractionKind::Message],
            reasons: crate::reasons(&UNDONE),
            poll: Some(PollRule {
                options: (1, 12),
                option_chars: 100,
                question_chars: Some(300),
                // "5-2628000" seconds: a minute is the shortest that a content can ask for.
                minutes: (1, 43_800),
                durations: Vec::new(),
                whole_hours: false,
                multiple: true,
                beside_media: false,
                // The poll's description.
                text: Some(TextRule::Utf16 { limit: 1_024 }),
            }),
            // Photos and videos have no alternative text.
            alt_text: 0,
            // "1-4096 characters": which unit is not said; UTF-16 units never count too little.
            ..Limits::text_only(TextRule::Utf16 { limit: 4_096 })
        },
        // 15 minutes, as where nothing is documented; nothing is read back, so no listing can lag.
        settle_s: 900,
    }
}
