//! What Meta's platforms tell of pages, professional accounts and numbers: one form of call for all of the house, signed with the
//! app's secret (<https://developers.facebook.com/docs/graph-api/webhooks/getting-started>; the fields:
//! <https://developers.facebook.com/docs/graph-api/webhooks/reference/page/>, `…/reference/instagram/`, and
//! <https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages>). The older header
//! with SHA-1 is not looked at.

mod number;
mod people;

use connector_kit::inbound::{Tree, hex_of, hmac_sha256, is_secret, param, same, unknown, unreadable};
use connector_kit::short_key;
use domain::inbound::{Heard, What};
use jiff::Timestamp;
use ports::{Ask, Call, Greeting, Inbound, Made, Proofs, Proved, Refused, SourceField, SourceForm};
use secrecy::ExposeSecret as _;
use serde_json::Value;

const SECRET: SourceField = SourceField {
    name: "app_secret",
    what: "the App Secret, from the app's basic settings (with a login through Instagram: the Instagram app secret)",
    made: Made::Nothing,
    check: is_secret,
};
const VERIFY: SourceField =
    SourceField { name: "verify_token", what: "a word without spaces", made: Made::Token, check: is_secret };
const HELP: &str = "In the app's dashboard, under Webhooks, enter the address as Callback URL and the verify_token as Verify Token, and subscribe to the fields that you want.";

pub(crate) const FACEBOOK: SourceForm =
    SourceForm { slug: "facebook", name: "Facebook", help: HELP, fields: &[SECRET, VERIFY] };
pub(crate) const INSTAGRAM: SourceForm =
    SourceForm { slug: "instagram", name: "Instagram", help: HELP, fields: &[SECRET, VERIFY] };
pub(crate) const WHATSAPP: SourceForm =
    SourceForm { slug: "whatsapp", name: "WhatsApp", help: HELP, fields: &[SECRET, VERIFY] };

/// Longest challenge that is given back.
const MAX_CHALLENGE: usize = 256;

/// The webhooks of one of the platforms. Each reads what any of them tells: an app has one address for each of its products, and
/// two may have the same.
pub(crate) struct Hooks(pub(crate) &'static SourceForm);

impl Inbound for Hooks {
    fn form(&self) -> &'static SourceForm {
        self.0
    }

    fn greet(&self, ask: &Ask<'_>, proofs: &Proofs, _: Timestamp) -> Result<Option<Greeting>, Refused> {
        if ask.method != "GET" {
            return Ok(None);
        }
        let of = |name| param(ask.query, name).ok_or(Refused::Unproved);
        let (mode, token, challenge) = (of("hub.mode")?, of("hub.verify_token")?, of("hub.challenge")?);
        same(proofs.of("verify_token").expose_secret().as_bytes(), token.as_bytes())?;
        let plain = challenge.len() <= MAX_CHALLENGE && challenge.bytes().all(|byte| byte.is_ascii_graphic());
        if mode == "subscribe" && plain { Ok(Some(Greeting::text(challenge))) } else { Err(Refused::Wrong) }
    }

    fn prove(&self, ask: &Ask<'_>, proofs: &Proofs, _: Timestamp) -> Result<Proved, Refused> {
        let tag =
            ask.header("x-hub-signature-256").and_then(|it| it.strip_prefix("sha256=")).ok_or(Refused::Unproved)?;
        hmac_sha256(proofs.of("app_secret").expose_secret().as_bytes(), &[ask.body], hex_of(tag))?;
        Ok(Proved::default())
    }

    fn read(&self, call: &Call<'_>) -> Vec<Heard> {
        let Ok(body) = serde_json::from_slice::<Value>(call.body) else { return unreadable(call.name) };
        let heard: Vec<Heard> = Tree(&body).at("entry").list().flat_map(entry).collect();
        if heard.is_empty() { unreadable(call.name) } else { heard }
    }
}

/// What an entry tells: changes, or messages. What names each is what it says: when it was sent, which an entry says as well, is
/// another time at a repetition.
fn entry(entry: Tree<'_>) -> Vec<Heard> {
    let mut all = Vec::new();
    for change in entry.at("changes").list() {
        let (field, value) = (change.word("field"), change.at("value"));
        if value.at("statuses").is() || (field == "messages" && value.at("metadata").is()) {
            all.extend(number::read(&entry.word("id"), value));
            continue;
        }
        all.push(heard(entry, &field, change, people::change(&field, value)));
    }
    for message in entry.at("messaging").list() {
        all.extend(people::messages(message).into_iter().map(|(kind, what)| heard(entry, kind, message, what)));
    }
    all
}

fn heard(entry: Tree<'_>, kind: &str, said: Tree<'_>, what: Result<What, String>) -> Heard {
    let page = entry.word("id");
    // Messages of one entry that say the same about several things differ in what they say of each.
    let told = what.as_ref().map_or_else(String::clone, |what| serde_json::to_string(what).unwrap_or_default());
    let id = short_key(&format!("{page}|{kind}|{}|{told}", said.0), 64);
    let value = said.at("value");
    let at = said.seconds("timestamp").or_else(|| value.seconds("created_time")).or_else(|| entry.seconds("time"));
    match what {
        Ok(what) => Heard { id, at, to: Some(page), what },
        Err(kind) => Heard { at, to: Some(page), ..unknown(id, kind) },
    }
}

#[cfg(test)]
mod tests;
