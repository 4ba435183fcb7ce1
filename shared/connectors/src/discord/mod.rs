//! Discord, API v10, as a bot. What is particular to it, with sources, is in this folder's README.

mod amend;
pub(crate) mod announce;
mod api;
mod error;
mod find;
pub(crate) mod inbound;
mod keys;
mod publish;

#[cfg(test)]
mod tests;

use crate::words;
use connector_kit::http::Base;
use connector_kit::{Call, Http, is_number};
use domain::platform::{
    AmendRule, Descriptor, DocumentRule, EncodingRule, Feature, KeyForm, Limits, PollRule, VideoRule,
};
use domain::text::TextRule;
use ports::{Connect, Connector, Keys, PlatformApp};
use secrecy::{ExposeSecret as _, SecretString};

/// Where the API is.
const API: Base = Base { name: "api", default: "https://discord.com/api/v10" };
/// Where people are.
const WEB: Base = Base { name: "web", default: "https://discord.com" };
/// What Discord wants to hear from bots: others may be blocked.
const AGENT: &str = concat!("DiscordBot (Herald, ", env!("CARGO_PKG_VERSION"), ")");

/// The connector.
pub(crate) struct Discord {
    http: Http,
    descriptor: Descriptor,
    form: KeyForm,
}

impl Discord {
    pub(crate) fn new(http: Http) -> Self {
        Self { http, descriptor: descriptor(), form: keys::form() }
    }
}

impl Connector for Discord {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }
    fn hosts(&self) -> &'static [&'static str] {
        &["discord.com", "discordapp.com"]
    }
}

impl Connect for Discord {
    fn keys(&self) -> Option<&dyn Keys> {
        Some(self)
    }
}

/// A call as the bot.
fn as_bot(call: Call, token: &SecretString) -> Call {
    let authorization = format!("Bot {}", token.expose_secret());
    call.header("authorization", authorization).header("user-agent", AGENT).hiding(token)
}

fn api(app: &PlatformApp, path: &str) -> String {
    format!("{}/{path}", API.of(app))
}

/// Server and channel of an account: its id names both, because the address of a message does.
fn place(external_id: &str) -> Option<(&str, &str)> {
    external_id.split_once('/').filter(|(guild, channel)| is_number(guild, 20) && is_number(channel, 20))
}

/// Where people see a message.
fn web(app: &PlatformApp, external_id: &str, message: &str) -> String {
    format!("{}/channels/{external_id}/{message}", WEB.of(app))
}

/// What there is, and Herald does not do there, with what to do instead.
const UNDONE: [(Feature, &str); 1] =
    [(Feature::Mixed, "Herald sends a video to Discord alone: put the pictures into another part of a thread")];

fn descriptor() -> Descriptor {
    Descriptor {
        id: crate::slug("discord"),
        aliases: Vec::new(),
        name: "Discord".into(),
        color: "#5865f2".into(),
        queue: "chat".into(),
        limits: Limits {
            // An edit names what it changes; attachments that it does not name stay.
            amend: Some(AmendRule { beside_media: true, titles: false }),
            // No limit of the API; the product's own.
            thread_parts: 25,
            images: 10,
            image_bytes: 10 * 1024 * 1024,
            image_types: words(&["image/jpeg", "image/png", "image/gif", "image/webp"]),
            // Beside them the request holds the text, and what describes them.
            media_bytes: Some(publish::REQUEST - 256 * 1024),
            alt_text: 1_024,
            // A file like any other: only its size is limited.
            video: Some(VideoRule {
                most: 1,
                bytes: 10 * 1024 * 1024,
                min_ms: 0,
                max_ms: u64::MAX,
                types: words(&["video/mp4", "video/quicktime"]),
                codecs: Vec::new(),
                beside_pictures: false,
                alt_text: true,
                title: false,
                alt_chars: None,
                shape: None,
                captions: None,
                cover_at: false,
                encoding: EncodingRule::default(),
            }),
            // Nor are these: of any type to Discord, of which Herald knows one.
            document: Some(DocumentRule {
                most: 10,
                bytes: 10 * 1024 * 1024,
                types: words(&["application/pdf"]),
                needs_title: false,
                beside_others: false,
            }),
            has: vec![Feature::Reply],
            reasons: crate::reasons(&UNDONE),
            poll: Some(PollRule {
                options: (1, 10),
                option_chars: 55,
                question_chars: Some(300),
                // 1 to 768 hours.
                minutes: (60, 46_080),
                durations: Vec::new(),
                whole_hours: true,
                multiple: true,
                // What becomes of files beside a poll is not documented.
                beside_media: false,
                text: None,
            }),
            // Which unit is counted is not documented; UTF-16 units never count too little.
            ..Limits::text_only(TextRule::Utf16 { limit: 2_000 })
        },
        // 15 minutes in which a request may still take effect; channels are read at once.
        settle_s: 900,
    }
}
