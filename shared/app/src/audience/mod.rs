//! The audience: contacts, their lists, segments, and why somebody is left alone.
//!
//! What a person says (that they leave a list, that they want nothing more) is applied to their record whatever it has become since, and
//! tried again where somebody else writes it at that moment. What one of ours changes of a contact names the revision that they saw.

mod attributes;
mod check;
mod contacts;
mod edit;
mod key;
mod lists;
mod segments;
mod subscriptions;
mod suppressions;
#[cfg(test)]
mod tests;
mod walk;

pub use attributes::{attributes, declare};
pub use contacts::{ContactFilter, NewContact, contact, contacts, create_contact, erase_contact, find_contact};
pub use edit::{ContactEdit, PersonEdit, edit_contact};
pub(crate) use key::reseal as reseal_audience;
pub use lists::{ListEdit, NewList, contact_list, contact_lists, create_list, edit_list, remove_list};
pub use segments::{
    NewSegment, Preview, SegmentEdit, create_segment, edit_segment, preview, remove_segment, segment, segments,
};
pub use subscriptions::{SubscriptionChange, change_subscription};
pub use suppressions::{LiftedFrom, NewSuppression, Who, lift, suppress, suppressions};

use crate::audit::entry;
use crate::mutate::{Encode, commit};
use crate::{Deps, Error, Once, Reply};
use domain::ContactId;
use domain::access::Caller;
use domain::audience::Contact;
use ports::{Record, Versioned, Write};
use serde_json::Value;

/// Times a change is made again that somebody else's came in between of.
const TRIES: usize = 5;

/// What is told in the audit log of a change.
struct Told {
    action: &'static str,
    facts: Option<Value>,
}

/// Changes a contact as it is now, whatever became of it since it was last seen: `change` is asked anew for each try.
async fn changed(
    deps: &Deps,
    caller: &Caller,
    id: ContactId,
    once: &Once,
    encode: Encode<'_, Versioned<Contact>>,
    change: &(dyn Fn(&mut Contact) -> Result<Told, Error> + Sync),
) -> Result<Reply, Error> {
    let mut last = Error::NotFound("contact");
    for _ in 0..TRIES {
        let found = deps.ledger.contact(caller.tenant, id).await?.ok_or(Error::NotFound("contact"))?;
        let mut next = found.value.clone();
        let told = change(&mut next)?;
        match replace(deps, caller, &found, next, told, once, encode).await {
            Err(conflict @ Error::Conflict { code: "changed_meanwhile", .. }) => last = conflict,
            other => return other,
        }
    }
    Err(last)
}

/// Commits the next state of a contact with what is told of it and the answer.
async fn replace(
    deps: &Deps,
    caller: &Caller,
    found: &Versioned<Contact>,
    next: Contact,
    told: Told,
    once: &Once,
    encode: Encode<'_, Versioned<Contact>>,
) -> Result<Reply, Error> {
    bounded(&next)?;
    let next = Versioned { value: next, rev: found.rev + 1, unsent: Vec::new() };
    let reply = encode(&next);
    let audit = entry(deps, caller, told.action, next.value.id, told.facts);
    let record = Record::Contact(Box::new(next.value));
    commit(deps, caller.tenant, once, vec![Write::replace(found, record), audit], reply).await
}

fn bounded(contact: &Contact) -> Result<(), Error> {
    if contact.is_bounded() {
        return Ok(());
    }
    let detail = "all that is kept of a contact has at most 24 KB: shorten its attributes";
    Err(Error::invalid("contact_too_large", "/attributes", detail))
}

/// There is nobody any more who could be changed.
fn nobody() -> Error {
    Error::conflict(
        "contact_erased",
        "this contact was forgotten: make it again with its address, if they came back themselves",
    )
}
