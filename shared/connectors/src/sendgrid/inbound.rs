//! What SendGrid tells of mails: its event webhook, a list of events a call, signed with ECDSA
//! (<https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event>,
//! <https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features>).
//! Only a webhook whose signature is switched on is believed.

use connector_kit::inbound::{Tree, base64_of, ecdsa_p256, fresh, is_key_of_p256, unknown, unreadable};
use domain::inbound::{Heard, MessageStanding, Person, Standing, What};
use jiff::Timestamp;
use ports::{Ask, Call, Inbound, Made, Proofs, Proved, Refused, SourceField, SourceForm};
use secrecy::ExposeSecret as _;
use serde_json::Value;

/// What people enter for it.
pub(crate) const FORM: SourceForm = SourceForm {
    slug: "sendgrid",
    name: "SendGrid",
    help: "Under Settings, Mail Settings, make an Event Webhook with the address, switch its Signature Verification on, and make the source with the Verification Key: its address changes with the source.",
    fields: &[SourceField {
        name: "public_key",
        what: "the Verification Key of the event webhook: one line of base64",
        made: Made::Nothing,
        check: is_key_of_p256,
    }],
};

/// Its event webhook.
pub(crate) struct Events;

impl Inbound for Events {
    fn form(&self) -> &'static SourceForm {
        &FORM
    }

    fn prove(&self, ask: &Ask<'_>, proofs: &Proofs, now: Timestamp) -> Result<Proved, Refused> {
        let header = |name| ask.header(name).ok_or(Refused::Unproved);
        let at = header("x-twilio-email-event-webhook-timestamp")?;
        let tag = header("x-twilio-email-event-webhook-signature")?;
        // How old one may be is ours to say.
        fresh(at, now)?;
        let key = base64_of(proofs.of("public_key").expose_secret());
        ecdsa_p256(key, &[at.as_bytes(), ask.body].concat(), base64_of(tag))?;
        Ok(Proved::default())
    }

    fn read(&self, call: &Call<'_>) -> Vec<Heard> {
        let Ok(body) = serde_json::from_slice::<Value>(call.body) else { return unreadable(call.name) };
        let heard: Vec<Heard> = Tree(&body).list().enumerate().map(|(n, one)| event(call.name, n, one)).collect();
        if heard.is_empty() { unreadable(call.name) } else { heard }
    }
}

fn event(call: &str, n: usize, event: Tree<'_>) -> Heard {
    let id = event.text("sg_event_id").unwrap_or_else(|| format!("{call}/{n}"));
    let (kind, at) = (event.word("event"), event.seconds("timestamp"));
    let message = event.text("sg_message_id");
    let reason = event.text("status").or(event.text("type"));
    let person = || Person { address: event.word("email"), reason: reason.clone(), message: message.clone() };
    let standing = |status| What::Status {
        message: format!("{}/{}", message.clone().unwrap_or_default(), event.word("email")),
        recipient: event.text("email"),
        standing: Standing { status, at: at.unwrap_or(Timestamp::UNIX_EPOCH), code: event.text("status") },
    };
    let what = match kind.as_str() {
        // Deferred: the receiving server puts it off.
        "processed" | "deferred" => standing(MessageStanding::Queued),
        "delivered" => standing(MessageStanding::Delivered),
        "dropped" => standing(MessageStanding::Failed),
        // Blocked mails may go through another time.
        "bounce" => What::Bounce { permanent: event.word("type") != "blocked", person: person() },
        "spamreport" => What::Complaint(person()),
        "unsubscribe" | "group_unsubscribe" => What::OptOut(person()),
        "group_resubscribe" => What::OptIn(person()),
        _ => return Heard { at, ..unknown(id, kind) },
    };
    Heard { id, at, to: None, what }
}

#[cfg(test)]
mod tests;
