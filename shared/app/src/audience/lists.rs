//! Lists of contacts.

use super::check;
use crate::audit::entry;
use crate::mutate::{Encode, commit, named, require, seen};
use crate::{Deps, Error, Once, Reply};
use domain::ListId;
use domain::access::{Caller, Permission};
use domain::audience::{ContactList, MAX_DESCRIPTION, MAX_LISTS, OptIn};
use ports::{Record, Versioned, Write};
use serde_json::json;

/// A list to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewList {
    /// What people call it.
    pub name: String,
    /// What it is for; may be empty.
    pub description: String,
    /// What it takes to be on it.
    pub opt_in: OptIn,
}

/// What to change of a list; what is none stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListEdit {
    /// Another name.
    pub name: Option<String>,
    /// Another description.
    pub description: Option<String>,
    /// What it takes to be on it from now on; who is on it stays.
    pub opt_in: Option<OptIn>,
}

fn described(description: &str) -> Result<String, Error> {
    let detail = || format!("give at most {MAX_DESCRIPTION} characters on one line");
    check::line(description, MAX_DESCRIPTION)
        .ok_or_else(|| Error::invalid("description_invalid", "/description", detail()))
}

/// Makes a list.
pub async fn create_list(
    deps: &Deps,
    caller: &Caller,
    new: &NewList,
    once: &Once,
    encode: Encode<'_, Versioned<ContactList>>,
) -> Result<Reply, Error> {
    require(caller, Permission::Publish)?;
    if let Some(reply) = once.earlier(deps, caller.tenant).await? {
        return Ok(reply);
    }
    let list = ContactList {
        id: ListId::from_uuid(deps.uuid()),
        tenant: caller.tenant,
        name: named(&new.name, "/name")?,
        description: described(&new.description)?,
        opt_in: new.opt_in,
        created_at: deps.clock.now(),
    };
    if deps.ledger.contact_lists(caller.tenant).await?.len() >= MAX_LISTS {
        let detail = format!("a tenant has at most {MAX_LISTS} lists: delete one first");
        return Err(Error::conflict("too_many_lists", detail));
    }
    let audit = entry(deps, caller, "list.made", list.id, Some(json!({ "opt_in": list.opt_in })));
    let made = Versioned { value: list, rev: 1, unsent: Vec::new() };
    let reply = encode(&made);
    let writes = vec![Write::create(Record::ContactList(made.value)), audit];
    commit(deps, caller.tenant, once, writes, reply).await
}

/// Changes a list as it was at revision `rev`.
pub async fn edit_list(
    deps: &Deps,
    caller: &Caller,
    id: ListId,
    rev: u64,
    edit: &ListEdit,
    once: &Once,
    encode: Encode<'_, Versioned<ContactList>>,
) -> Result<Reply, Error> {
    require(caller, Permission::Publish)?;
    if let Some(reply) = once.earlier(deps, caller.tenant).await? {
        return Ok(reply);
    }
    let found = contact_list(deps, caller, id).await?;
    seen(&found, rev, "the list was changed: read it again before you change it")?;
    let mut next = found.value.clone();
    if let Some(name) = &edit.name {
        next.name = named(name, "/name")?;
    }
    if let Some(description) = &edit.description {
        next.description = described(description)?;
    }
    next.opt_in = edit.opt_in.unwrap_or(next.opt_in);
    let audit = entry(deps, caller, "list.changed", id, Some(json!({ "opt_in": next.opt_in })));
    let next = Versioned { value: next, rev: rev + 1, unsent: Vec::new() };
    let reply = encode(&next);
    let writes = vec![Write::replace(&found, Record::ContactList(next.value)), audit];
    commit(deps, caller.tenant, once, writes, reply).await
}

/// Deletes a list. What contacts agreed to for it stays with them, and reaches nobody any more.
pub async fn remove_list(
    deps: &Deps,
    caller: &Caller,
    id: ListId,
    once: &Once,
    encode: Encode<'_, Versioned<ContactList>>,
) -> Result<Reply, Error> {
    require(caller, Permission::Publish)?;
    if let Some(reply) = once.earlier(deps, caller.tenant).await? {
        return Ok(reply);
    }
    let found = contact_list(deps, caller, id).await?;
    let reply = encode(&found);
    let gone = Write::delete(&found, Record::ContactList(found.value.clone()));
    commit(deps, caller.tenant, once, vec![gone, entry(deps, caller, "list.deleted", id, None)], reply).await
}

/// One list.
pub async fn contact_list(deps: &Deps, caller: &Caller, id: ListId) -> Result<Versioned<ContactList>, Error> {
    require(caller, Permission::Read)?;
    deps.ledger.contact_list(caller.tenant, id).await?.ok_or(Error::NotFound("list"))
}

/// All lists, the oldest first.
pub async fn contact_lists(deps: &Deps, caller: &Caller) -> Result<Vec<ContactList>, Error> {
    require(caller, Permission::Read)?;
    let mut lists: Vec<_> =
        deps.ledger.contact_lists(caller.tenant).await?.into_iter().map(|found| found.value).collect();
    lists.sort_by_key(|list| list.id);
    Ok(lists)
}
