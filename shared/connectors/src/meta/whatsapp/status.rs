//! What became of messages that WhatsApp took. It knows each by an id that no other delivery has, and tells by it whether the message was
//! sent; what it says it never tells.

use super::api::{Event, History, List};
use super::error::ended;
use super::{Conversation, WhatsApp, is_message};
use connector_kit::Call;
use domain::publishing::{Failure, Receipt};
use ports::PublishCall;

/// What is asked for of a message.
const FIELDS: &str = "id,message_id,events{delivery_status,error_description,timestamp}";

/// How a message stands.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It was sent.
    Sent,
    /// WhatsApp has it, and has not said more.
    Taken,
    /// It was not delivered and will not be: a code, and why.
    Never(String, String),
}

/// The proof for a message. Nobody sees it at an address.
pub(super) fn receipt(id: &str) -> Receipt {
    Receipt { id: Some(id.to_owned()), url: None }
}

/// What all that is told of a message comes to. That it arrived says more than that it failed, and this more than that it was sent.
fn of_events(events: &[Event], free: bool) -> Standing {
    let failed = events.iter().find(|event| matches!(event.delivery_status.as_str(), "FAILED" | "ERROR"));
    let said = |words: &[&str]| events.iter().any(|event| words.contains(&event.delivery_status.as_str()));
    match failed {
        _ if said(&["DELIVERED", "READ"]) => Standing::Sent,
        Some(event) => {
            let (code, detail) = ended(event.error_description.as_deref(), free);
            Standing::Never(code, detail)
        }
        None if said(&["SENT"]) => Standing::Sent,
        // Nothing is concluded from a word that is not known, nor from its deletion.
        None => Standing::Taken,
    }
}

/// Asks how a message stands.
pub(super) async fn of(
    whatsapp: &WhatsApp,
    call: &PublishCall<'_>,
    with: &Conversation<'_>,
    id: &str,
) -> Result<Standing, Failure> {
    let path = format!("{}/message_history", with.phone);
    let url = whatsapp.graph(call.app).at(&path, &[("message_id", id), ("fields", FIELDS)], &with.token);
    let answer = whatsapp.ask(call, with, Call::get(url)).await?;
    let list = answer.json::<List<History>>().ok_or(Failure::Unavailable)?;
    let of_it = list.data.into_iter().filter(|entry| entry.message_id == id);
    // In its own words, and without the recipient in them.
    let told = |event: Event| {
        let error_description = event.error_description.map(|said| answer.words(&said));
        Event { error_description, ..event }
    };
    let events: Vec<Event> = of_it.flat_map(|entry| entry.events.data).map(told).collect();
    Ok(of_events(&events, call.variant.template.is_none()))
}

/// What messages come to, all of them together.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum All {
    /// This one was sent.
    Sent(Receipt),
    /// One may be, or WhatsApp says why not.
    Taken,
    /// None was; of the newest a code, and why.
    None(Option<(String, String)>),
}

/// Asks how all of these stand, oldest first. That one cannot be asked hides nothing that another says.
pub(super) async fn of_all(whatsapp: &WhatsApp, call: &PublishCall<'_>, ids: &[String]) -> Result<All, Failure> {
    let with = Conversation::of(call.account, call.token)?;
    let (mut taken, mut never, mut unasked) = (false, None, None);
    for id in ids.iter().filter(|id| is_message(id)) {
        match of(whatsapp, call, &with, id).await {
            Ok(Standing::Sent) => return Ok(All::Sent(receipt(id))),
            Ok(Standing::Taken) => taken = true,
            Ok(Standing::Never(code, detail)) => never = Some((code, detail)),
            Err(failure) => unasked = Some(failure),
        }
    }
    match (taken, unasked) {
        (true, _) => Ok(All::Taken),
        (_, Some(failure)) => Err(failure),
        (_, None) => Ok(All::None(never)),
    }
}
