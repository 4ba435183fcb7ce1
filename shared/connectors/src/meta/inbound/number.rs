//! Messages to a number, and what became of those from it. Both have an id; a message has several statuses, in any order.

use crate::meta::conversation::account_id;
use connector_kit::inbound::{Tree, unknown};
use domain::inbound::{Changed, Heard, MessageStanding, Person, Said, Standing, What};
use domain::inbox::Interaction;
use jiff::Timestamp;

/// The code of a message that its reader does not want: they stopped marketing messages
/// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes>).
const UNWANTED: &str = "131050";

/// What the value of a change of `messages` tells, of a number of the business account `business`. What a person says concerns the
/// account that is the conversation with them, and no other of the same number: an answer goes to whom the account is with. A status
/// concerns the number.
pub(super) fn read(business: &str, value: Tree<'_>) -> Vec<Heard> {
    let to = value.at("metadata").text("phone_number_id");
    let names: Vec<(String, String)> =
        value.at("contacts").list().map(|one| (one.word("wa_id"), one.at("profile").word("name"))).collect();
    let mut all: Vec<Heard> = value.at("messages").list().map(|one| message(one, &names)).collect();
    all.extend(value.at("statuses").list().flat_map(status));
    if all.is_empty() {
        all.push(unknown(connector_kit::short_key(&value.0.to_string(), 64), "messages"));
    }
    for heard in &mut all {
        heard.to = match (&to, Interaction::said(&heard.what)) {
            (Some(phone), Some((_, said))) => said.author.as_deref().map(|from| account_id(phone, business, from)),
            (to, _) => to.clone(),
        };
    }
    all
}

fn message(message: Tree<'_>, names: &[(String, String)]) -> Heard {
    let from = message.text("from");
    let handle =
        names.iter().find(|(id, name)| Some(id) == from.as_ref() && !name.is_empty()).map(|(_, name)| name.clone());
    let (id, kind) = (message.word("id"), message.word("type"));
    let mut said = Said {
        external_id: id.clone(),
        on: message.at("context").text("id"),
        author: from,
        handle,
        text: message.at("text").text("body").or_else(|| message.at(&kind).text("caption")),
        change: Changed::Added,
    };
    let what = if kind == "reaction" {
        let reaction = message.at("reaction");
        said.on = reaction.text("message_id");
        said.text = reaction.text("emoji");
        // Taking a reaction back sends one without an emoji.
        said.change = if said.text.is_none() { Changed::Removed } else { Changed::Added };
        What::Reaction(said)
    } else {
        What::Message(said)
    };
    Heard { id, at: message.seconds("timestamp"), to: None, what }
}

fn status(status: Tree<'_>) -> Vec<Heard> {
    let (message, name, at) = (status.word("id"), status.word("status"), status.seconds("timestamp"));
    let id = format!("{message}/{name}");
    let standing = match name.as_str() {
        "sent" => MessageStanding::Sent,
        "delivered" => MessageStanding::Delivered,
        "read" | "played" => MessageStanding::Read,
        "failed" => MessageStanding::Failed,
        other => return vec![Heard { at, ..unknown(id, format!("status.{other}")) }],
    };
    let code = status.at("errors").list().find_map(|error| error.text("code"));
    let recipient = status.text("recipient_id");
    let mut all = Vec::new();
    if let Some(address) = recipient.clone().filter(|_| code.as_deref() == Some(UNWANTED)) {
        let person = Person { address, reason: code.clone(), message: Some(message.clone()) };
        all.push(Heard { id: format!("{id}/unwanted"), at, to: None, what: What::OptOut(person) });
    }
    let standing = Standing { status: standing, at: at.unwrap_or(Timestamp::UNIX_EPOCH), code };
    all.push(Heard { id, at, to: None, what: What::Status { message, recipient, standing } });
    all
}
