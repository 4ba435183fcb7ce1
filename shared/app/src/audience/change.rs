//! Changing a contact, with what is told of it.

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
pub(super) struct Told {
    pub(super) action: &'static str,
    pub(super) facts: Option<Value>,
}

/// Changes a contact as it is now, whatever became of it since it was last seen: `change` is asked anew for each try.
pub(super) async fn changed(
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
pub(super) async fn replace(
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

pub(super) fn bounded(contact: &Contact) -> Result<(), Error> {
    if contact.is_bounded() {
        return Ok(());
    }
    let detail = "all that is kept of a contact has at most 24 KB: shorten its attributes";
    Err(Error::invalid("contact_too_large", "/attributes", detail))
}

/// There is nobody any more who could be changed.
pub(super) fn nobody() -> Error {
    Error::conflict(
        "contact_erased",
        "this contact was forgotten: make it again with its address, if they came back themselves",
    )
}
