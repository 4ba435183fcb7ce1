//! Calls of Twilio: forms, signed over the address and all their fields
//! (<https://www.twilio.com/docs/usage/security#validating-requests>).

use connector_kit::inbound::{Pairs, base64_of, hex_of, hmac_sha1, is_hash_of, is_secret, param, unknown, unreadable};
use domain::inbound::{Heard, MessageStanding, Person, Said, Standing, What};
use jiff::Timestamp;
use ports::{Ask, Call, Greeting, Inbound, Made, Proofs, Proved, Refused, SourceField, SourceForm};
use secrecy::ExposeSecret as _;

/// What people enter for it.
pub(crate) const FORM: SourceForm = SourceForm {
    slug: "twilio",
    name: "Twilio",
    help: "Enter the address as Status callback URL of your messages or Messaging Service, and as the address that is called when a message comes in.",
    fields: &[SourceField {
        name: "auth_token",
        what: "the primary Auth Token of the account, not that of an API key",
        made: Made::Nothing,
        check: is_secret,
    }],
};

/// The code of a message to somebody who has opted out.
const OPTED_OUT: &str = "21610";

/// Its callbacks.
pub(crate) struct Callbacks;

impl Inbound for Callbacks {
    fn form(&self) -> &'static SourceForm {
        &FORM
    }

    fn prove(&self, ask: &Ask<'_>, proofs: &Proofs, _: Timestamp) -> Result<Proved, Refused> {
        let tag = ask.header("x-twilio-signature").ok_or(Refused::Unproved)?;
        let fields = match param(ask.query, "bodySHA256") {
            Some(hash) => hashed(&hash, ask.body)?,
            None => form(ask.body),
        };
        let key = proofs.of("auth_token").expose_secret().as_bytes();
        // Both are looked at, whichever holds: the time says nothing.
        let with = hmac_sha1(key, &[with_port(ask.url).as_bytes(), &fields], base64_of(tag));
        let without = hmac_sha1(key, &[ask.url.as_bytes(), &fields], base64_of(tag));
        with.or(without).map(|()| Proved::default())
    }

    /// An answer that says nothing to whoever wrote.
    fn thanks(&self) -> Greeting {
        Greeting::of("text/xml", "<Response/>")
    }

    fn read(&self, call: &Call<'_>) -> Vec<Heard> {
        let form = Pairs::of(call.body);
        let text = |name: &str| form.get(name).filter(|value| !value.is_empty()).map(str::to_owned);
        let id = text("MessageSid").or_else(|| text("SmsSid")).or_else(|| text("CallSid"));
        let Some(id) = id else { return unreadable(call.name) };
        if let Some(status) = text("MessageStatus").or_else(|| text("CallStatus")) {
            return status_of(&id, &status, text("To"), text("ErrorCode"), call.name);
        }
        if form.get("Body").is_none() {
            return vec![unknown(call.name, "callback")];
        }
        let (from, to) = (text("From"), text("To"));
        let mut all = Vec::new();
        let person = || Person {
            address: from.clone().unwrap_or_default(),
            reason: text("OptOutType"),
            message: Some(id.clone()),
        };
        let choice = match text("OptOutType").as_deref() {
            Some("STOP") => Some(What::OptOut(person())),
            Some("START") => Some(What::OptIn(person())),
            _ => None,
        };
        all.extend(choice.map(|what| Heard { id: format!("{id}/choice"), at: None, to: to.clone(), what }));
        let said = Said { external_id: id.clone(), author: from.clone(), text: text("Body"), ..Said::default() };
        all.push(Heard { id, at: None, to, what: What::Message(said) });
        all
    }
}

/// The fields as they are signed: sorted by name, name and value one behind the other.
fn form(body: &[u8]) -> Vec<u8> {
    Pairs::of(body).sorted().into_iter().flat_map(|(name, value)| (name + &value).into_bytes()).collect()
}

/// A body of which the address tells the hash is not signed itself.
fn hashed(hash: &str, body: &[u8]) -> Result<Vec<u8>, Refused> {
    is_hash_of(hex_of(hash), body)?;
    Ok(Vec::new())
}

/// The same address with its port.
fn with_port(url: &str) -> String {
    let Some(rest) = url.strip_prefix("https://") else { return url.to_owned() };
    let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    if host.contains(':') { url.to_owned() } else { format!("https://{host}:443{path}") }
}

/// What a status says. It tells no time of its own: of two statuses that say as much, either will do.
fn status_of(id: &str, status: &str, recipient: Option<String>, code: Option<String>, call: &str) -> Vec<Heard> {
    let Some(standing) = standing(status) else { return vec![unknown(call, format!("status.{status}"))] };
    let mut all = Vec::new();
    if let Some(address) = recipient.clone().filter(|_| code.as_deref() == Some(OPTED_OUT)) {
        let person = Person { address, reason: code.clone(), message: Some(id.to_owned()) };
        all.push(Heard { id: format!("{id}/{status}/choice"), at: None, to: None, what: What::OptOut(person) });
    }
    let standing = Standing::untimed(standing, code);
    let what = What::Status { message: id.to_owned(), recipient, standing };
    all.push(Heard { id: format!("{id}/{status}"), at: None, to: None, what });
    all
}

fn standing(status: &str) -> Option<MessageStanding> {
    Some(match status {
        "accepted" | "scheduled" | "queued" | "sending" | "initiated" => MessageStanding::Queued,
        "sent" | "ringing" | "in-progress" => MessageStanding::Sent,
        "delivered" | "completed" => MessageStanding::Delivered,
        "read" => MessageStanding::Read,
        "failed" | "undelivered" | "canceled" | "busy" | "no-answer" => MessageStanding::Failed,
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
