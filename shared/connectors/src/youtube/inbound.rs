//! What YouTube pushes of a channel: its feed of videos, through Google's hub, as W3C WebSub has it
//! (<https://developers.google.com/youtube/v3/guides/push_notifications>, <https://www.w3.org/TR/websub/>). A hub asks before it
//! subscribes or ends a subscription, and signs what it sends with the secret that it was given. Comments are not among it.

mod feed;

use connector_kit::inbound::{hex_of, hmac_sha1, is_secret, param, same, unknown, unreadable};
use domain::inbound::{Heard, MessageStanding, Standing, What};
use feed::Item;
use jiff::Timestamp;
use ports::{Ask, Call, Greeting, Inbound, Made, Proofs, Proved, Refused, SourceField, SourceForm};
use secrecy::ExposeSecret as _;

/// What people enter for it.
pub(crate) const FORM: SourceForm = SourceForm {
    slug: "youtube",
    name: "YouTube",
    help: "At https://pubsubhubbub.appspot.com/subscribe enter the address as Callback URL, https://www.youtube.com/feeds/videos.xml?channel_id= and the channel's id as Topic URL, and the secret as HMAC secret. A subscription ends after the lease that you choose there: subscribe again before.",
    fields: &[
        SourceField {
            name: "channel_id",
            what: "the id of the channel: UC and 22 letters, digits, _ and -",
            made: Made::Nothing,
            check: is_channel,
        },
        SourceField {
            name: "secret",
            what: "1 to 199 visible characters without spaces",
            made: Made::Token,
            check: is_short_secret,
        },
    ],
};

/// The feed of a channel. Both forms of its address stand on Google's page.
const TOPICS: [&str; 2] = [
    "https://www.youtube.com/feeds/videos.xml?channel_id=",
    "https://www.youtube.com/xml/feeds/videos.xml?channel_id=",
];

/// Longest challenge that is given back: no length is documented, hubs send some dozens of characters.
const MAX_CHALLENGE: usize = 256;

fn is_channel(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    text.len() == 24 && text.starts_with("UC") && text.bytes().all(plain)
}

/// A `hub.secret` has less than 200 bytes (WebSub, 5.1).
fn is_short_secret(text: &str) -> bool {
    is_secret(text) && text.len() < 200
}

/// The feed of one channel.
pub(crate) struct Feed;

impl Inbound for Feed {
    fn form(&self) -> &'static SourceForm {
        &FORM
    }

    /// The hub asks whether we want what somebody asked for under our address: only the channel of this source, and only to begin
    /// or to end it (WebSub, 5.3).
    fn greet(&self, ask: &Ask<'_>, proofs: &Proofs, _: Timestamp) -> Result<Option<Greeting>, Refused> {
        if ask.method != "GET" {
            return Ok(None);
        }
        let of = |name| param(ask.query, name).ok_or(Refused::Unproved);
        let (mode, topic, challenge) = (of("hub.mode")?, of("hub.topic")?, of("hub.challenge")?);
        let channel = TOPICS.iter().find_map(|start| topic.strip_prefix(start)).ok_or(Refused::Wrong)?;
        same(proofs.of("channel_id").expose_secret().as_bytes(), channel.as_bytes())?;
        let plain =
            (1..=MAX_CHALLENGE).contains(&challenge.len()) && challenge.bytes().all(|byte| byte.is_ascii_graphic());
        if matches!(mode.as_str(), "subscribe" | "unsubscribe") && plain && is_channel(channel) {
            Ok(Some(Greeting::text(challenge)))
        } else {
            Err(Refused::Wrong)
        }
    }

    fn prove(&self, ask: &Ask<'_>, proofs: &Proofs, _: Timestamp) -> Result<Proved, Refused> {
        let tag = ask.header("x-hub-signature").and_then(|it| it.strip_prefix("sha1=")).ok_or(Refused::Unproved)?;
        hmac_sha1(proofs.of("secret").expose_secret().as_bytes(), &[ask.body], hex_of(tag))?;
        Ok(Proved::default())
    }

    fn read(&self, call: &Call<'_>) -> Vec<Heard> {
        let Some(items) = feed::items(call.body).filter(|items| !items.is_empty()) else {
            return unreadable(call.name);
        };
        items.into_iter().enumerate().map(|(n, item)| heard(call.name, n, item)).collect()
    }
}

/// A video that is in the feed can be seen. The feed tells of it again whenever its title or its description changes, and says
/// nothing of why: each video counts once.
fn heard(call: &str, n: usize, item: Item) -> Heard {
    match item {
        Item::Video { id, channel, published } => {
            let at = published.as_deref().and_then(|at| at.parse().ok());
            let standing = Standing {
                at: at.unwrap_or(Timestamp::UNIX_EPOCH),
                ..Standing::untimed(MessageStanding::Delivered, None)
            };
            let what = What::Status { message: id.clone(), recipient: None, standing };
            Heard { id: format!("video/{id}"), at, to: channel, what }
        }
        Item::Other { kind, id, at } => {
            let name = id
                .map_or_else(|| format!("{call}/{n}"), |id| format!("{kind}/{id}/{}", at.clone().unwrap_or_default()));
            Heard { at: at.and_then(|at| at.parse().ok()), ..unknown(name, kind) }
        }
    }
}

#[cfg(test)]
mod tests;
