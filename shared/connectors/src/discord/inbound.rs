//! What Discord tells an application: its webhook events, signed with Ed25519
//! (<https://discord.com/developers/docs/events/webhook-events>, <https://discord.com/developers/docs/interactions/overview>).
//! Messages of servers are not among them: those come through the gateway only. That somebody took the application away
//! (`APPLICATION_DEAUTHORIZED`) names that person and neither a server nor a channel, so it ends no access. Discord tries an address with wrong signatures
//! now and then, and takes one that does not refuse them away.

use connector_kit::inbound::{Tree, ed25519, fresh, hex_of, question, unknown, unreadable};
use domain::inbound::Heard;
use jiff::Timestamp;
use ports::{Ask, Call, Greeting, Inbound, Made, Proofs, Proved, Refused, SourceField, SourceForm};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

/// What people enter for it.
pub(crate) const FORM: SourceForm = SourceForm {
    slug: "discord",
    name: "Discord",
    help: "In your application's settings, under Webhooks, enter the address as Endpoint URL and choose the events.",
    fields: &[SourceField {
        name: "public_key",
        what: "the Public Key of the application, 64 hex digits",
        made: Made::Nothing,
        check: is_key,
    }],
};

fn is_key(text: &str) -> bool {
    hex_of(text).is_some_and(|bytes| bytes.len() == 32)
}

/// Its webhook events.
pub(crate) struct Events;

impl Inbound for Events {
    fn form(&self) -> &'static SourceForm {
        &FORM
    }

    /// A ping is signed like every other call: of webhook events it is of type 0, of interactions of type 1.
    fn greet(&self, ask: &Ask<'_>, proofs: &Proofs, now: Timestamp) -> Result<Option<Greeting>, Refused> {
        let Some(body) = question(ask) else { return Ok(None) };
        let event = Tree(&body).at("event").is();
        match body["type"].as_u64() {
            Some(0) => self.prove(ask, proofs, now).map(|_| Some(Greeting::empty(204))),
            Some(1) if !event => self.prove(ask, proofs, now).map(|_| Some(Greeting::json(&json!({ "type": 1 })))),
            _ => Ok(None),
        }
    }

    fn prove(&self, ask: &Ask<'_>, proofs: &Proofs, now: Timestamp) -> Result<Proved, Refused> {
        let at = ask.header("x-signature-timestamp").ok_or(Refused::Unproved)?;
        let tag = ask.header("x-signature-ed25519").ok_or(Refused::Unproved)?;
        fresh(at, now)?;
        let key = hex_of(proofs.of("public_key").expose_secret());
        ed25519(key, &[at.as_bytes(), ask.body].concat(), hex_of(tag))?;
        Ok(Proved::default())
    }

    fn thanks(&self) -> Greeting {
        Greeting::empty(204)
    }

    fn read(&self, call: &Call<'_>) -> Vec<Heard> {
        let Ok(body) = serde_json::from_slice::<Value>(call.body) else { return unreadable(call.name) };
        let event = Tree(&body).at("event");
        let Some(kind) = event.text("type") else { return unreadable(call.name) };
        let at = event.text("timestamp").and_then(|at| at.parse().ok());
        vec![Heard { at, ..unknown(call.name, kind) }]
    }
}

#[cfg(test)]
mod tests;
