//! Making, finding, listing and forgetting contacts.

use super::edit::{PersonEdit, declared};
use super::subscriptions::listed;
use super::walk::{Walk, walk};
use super::{Told, bounded, changed, check, key};
use crate::audit::entry;
use crate::mutate::{Encode, commit, require};
use crate::{Deps, Error, Once, Reply};
use domain::access::{Caller, Permission};
use domain::audience::{Contact, MAX_SUBSCRIPTIONS, NewConsent, Person, SubscriptionState};
use domain::{ContactId, ListId};
use ports::{Page, Record, Versioned, Write};
use serde_json::json;
use std::collections::BTreeSet;

/// Most contacts of a page.
const MAX_PAGE: u32 = 100;
/// Most contacts that are looked at for one page: a filter that nearly nobody passes still gets an answer.
const MAX_SEEN: usize = 2_000;

/// A contact to make.
#[derive(Debug, Clone, Default)]
pub struct NewContact {
    /// Their address.
    pub address: String,
    /// What else is known.
    pub person: PersonEdit,
    /// Lists to put them on.
    pub lists: Vec<ListId>,
    /// What they agreed to for these lists.
    pub consent: Option<NewConsent>,
    /// Whether they said yes to that already, where a list asks for it.
    pub confirmed: bool,
}

/// Which contacts; those who were forgotten are among none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContactFilter {
    /// Those who are on this list.
    pub list: Option<ListId>,
    /// Those who have this tag.
    pub tag: Option<String>,
}

impl ContactFilter {
    fn lets_through(&self, contact: &Contact) -> bool {
        let Some(person) = &contact.person else { return false };
        let on = |list: &ListId| {
            contact.subscriptions.get(list).is_some_and(|known| known.state == SubscriptionState::Subscribed)
        };
        self.list.as_ref().is_none_or(on) && self.tag.as_ref().is_none_or(|tag| person.tags.contains(tag))
    }
}

/// Makes a contact. Of an address that was forgotten, or is only left alone, what keeps it from being written to stays.
///
/// # Errors
/// There is a contact with this address, or what it is made of breaks rules.
pub async fn create_contact(
    deps: &Deps,
    caller: &Caller,
    new: &NewContact,
    once: &Once,
    encode: Encode<'_, Versioned<Contact>>,
) -> Result<Reply, Error> {
    require(caller, Permission::Publish)?;
    if let Some(reply) = once.earlier(deps, caller.tenant).await? {
        return Ok(reply);
    }
    let address = check::address(&new.address, "/address")?;
    let now = deps.clock.now();
    let consent = new.consent.as_ref().map(|consent| check::consent(consent, now)).transpose()?;
    let person = check::person(Person::at(address.clone()), &new.person, &declared(deps, caller.tenant).await?)?;
    let wanted: BTreeSet<ListId> = new.lists.iter().copied().collect();
    if wanted.len() > MAX_SUBSCRIPTIONS {
        let detail = format!("a contact stands to at most {MAX_SUBSCRIPTIONS} lists");
        return Err(Error::invalid("too_many_lists", "/list_ids", detail));
    }
    let mut lists = Vec::new();
    for id in wanted {
        let missing = || Error::invalid("list_not_found", "/list_ids", "there is no such list: name one of yours");
        lists.push(deps.ledger.contact_list(caller.tenant, id).await?.ok_or_else(missing)?.value);
    }
    let id = key::id_of(deps, caller.tenant, &address).await?;
    let known = deps.ledger.contact(caller.tenant, id).await?;
    let mut contact = match &known {
        None => Contact::new(id, caller.tenant, person, now),
        Some(known) if known.value.is_erased() => known.value.clone().again(person, now),
        Some(_) => return Err(exists(id)),
    };
    for list in &lists {
        listed(&mut contact, list, consent.clone(), new.confirmed, now)?;
    }
    bounded(&contact)?;
    let made = Versioned { rev: known.as_ref().map_or(1, |known| known.rev + 1), value: contact, unsent: Vec::new() };
    let reply = encode(&made);
    let facts = json!({ "lists": lists.iter().map(|list| list.id).collect::<Vec<_>>(), "again": known.is_some() });
    let record = Record::Contact(Box::new(made.value));
    let write =
        known.as_ref().map_or_else(|| Write::create(record.clone()), |known| Write::replace(known, record.clone()));
    let audit = entry(deps, caller, "contact.made", id, Some(facts));
    match commit(deps, caller.tenant, once, vec![write, audit], reply).await {
        Err(Error::Conflict { code: "changed_meanwhile", .. }) => Err(exists(id)),
        other => other,
    }
}

fn exists(id: ContactId) -> Error {
    Error::conflict("contact_exists", format!("there is a contact with this address: change {id} instead"))
}

/// One contact; of one who was forgotten, what keeps it from being written to.
pub async fn contact(deps: &Deps, caller: &Caller, id: ContactId) -> Result<Versioned<Contact>, Error> {
    require(caller, Permission::Read)?;
    deps.ledger.contact(caller.tenant, id).await?.ok_or(Error::NotFound("contact"))
}

/// The contact with this address.
pub async fn find_contact(deps: &Deps, caller: &Caller, address: &str) -> Result<Versioned<Contact>, Error> {
    require(caller, Permission::Read)?;
    let address = check::address(address, "/address")?;
    let id = key::known_id(deps, caller.tenant, &address).await?.ok_or(Error::NotFound("contact"))?;
    deps.ledger.contact(caller.tenant, id).await?.ok_or(Error::NotFound("contact"))
}

/// A page of the contacts that pass a filter, in the order of their ids, which means nothing. It may hold fewer than were asked for and not be
/// the last: the cursor says where to go on.
pub async fn contacts(
    deps: &Deps,
    caller: &Caller,
    filter: &ContactFilter,
    cursor: Option<&str>,
    limit: u32,
) -> Result<Page<Contact>, Error> {
    require(caller, Permission::Read)?;
    let limit = limit.clamp(1, MAX_PAGE) as usize;
    let after: Option<ContactId> = match cursor {
        Some(cursor) => Some(cursor.parse().map_err(|_| Error::bad_request("bad_cursor", "start again without it"))?),
        None => None,
    };
    let (mut items, mut seen) = (Vec::new(), 0);
    let each = |contact: Contact| {
        seen += 1;
        if filter.lets_through(&contact) {
            items.push(contact);
        }
        if items.len() >= limit || seen >= MAX_SEEN { Walk::Stop } else { Walk::On }
    };
    let next = walk(deps, caller.tenant, after, each, || false).await?;
    Ok(Page { items, next: next.map(|id| id.to_string()) })
}

/// Forgets a contact: nothing is kept but that this id is left alone. Again, it changes nothing.
pub async fn erase_contact(
    deps: &Deps,
    caller: &Caller,
    id: ContactId,
    once: &Once,
    encode: Encode<'_, Versioned<Contact>>,
) -> Result<Reply, Error> {
    require(caller, Permission::Publish)?;
    if let Some(reply) = once.earlier(deps, caller.tenant).await? {
        return Ok(reply);
    }
    let now = deps.clock.now();
    let forget = |contact: &mut Contact| {
        *contact = contact.clone().erased(now);
        Ok(Told { action: "contact.erased", facts: None })
    };
    changed(deps, caller, id, once, encode, &forget).await
}
