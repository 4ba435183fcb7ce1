//! Which attributes a tenant's contacts may have.

use crate::audit::entry;
use crate::mutate::{Encode, commit, require};
use crate::{Deps, Error, Once, Reply};
use domain::access::{Caller, Permission};
use domain::audience::{AttributeKind, AttributeSet, MAX_ATTRIBUTE_NAME, MAX_ATTRIBUTES, is_attribute_name};
use domain::publishing::Violation;
use ports::{Record, Versioned, Write};
use serde_json::json;
use std::collections::BTreeMap;

/// The attributes that were declared, with their revision; 0 before the first.
pub async fn attributes(deps: &Deps, caller: &Caller) -> Result<Versioned<AttributeSet>, Error> {
    require(caller, Permission::Read)?;
    let none = || Versioned { value: AttributeSet::none(caller.tenant), rev: 0, unsent: Vec::new() };
    Ok(deps.ledger.attributes(caller.tenant).await?.unwrap_or_else(none))
}

/// Declares the attributes that contacts may have from now on, all of them. What contacts have of others stays with them, is shown, and
/// cannot be set any more. The kind of one that is declared stays as it is: contacts have values of it.
///
/// # Errors
/// A name that is none, another kind than before, too many; or they were changed since revision `rev`.
pub async fn declare(
    deps: &Deps,
    caller: &Caller,
    rev: u64,
    kinds: &BTreeMap<String, AttributeKind>,
    once: &Once,
    encode: Encode<'_, Versioned<AttributeSet>>,
) -> Result<Reply, Error> {
    require(caller, Permission::Publish)?;
    if let Some(reply) = once.earlier(deps, caller.tenant).await? {
        return Ok(reply);
    }
    let found = deps.ledger.attributes(caller.tenant).await?;
    if found.as_ref().map_or(0, |found| found.rev) != rev {
        let detail = "the attributes were changed: read them again before you change them";
        return Err(Error::conflict("changed_meanwhile", detail));
    }
    let known = found.as_ref().map(|found| &found.value.kinds);
    let mut wrong = Vec::new();
    for (name, kind) in kinds {
        let at = || format!("/attributes/{}", name.replace('~', "~0").replace('/', "~1"));
        if !is_attribute_name(name) {
            let detail =
                format!("give a name of a to z, 0 to 9 and _, at most {MAX_ATTRIBUTE_NAME}, that starts with a letter");
            wrong.push(Violation::new("attribute_name_invalid", at(), detail));
        } else if let Some(was) = known.and_then(|known| known.get(name)).filter(|was| *was != kind) {
            let detail = format!("it is {} and stays so, since contacts have it: declare another", was.name());
            wrong.push(Violation::new("attribute_kind_changed", at(), detail));
        }
    }
    if kinds.len() > MAX_ATTRIBUTES {
        let detail = format!("declare at most {MAX_ATTRIBUTES} attributes");
        wrong.push(Violation::new("too_many_attributes", "/attributes", detail));
    }
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let next = AttributeSet { tenant: caller.tenant, kinds: kinds.clone() };
    let next = Versioned { value: next, rev: rev + 1, unsent: Vec::new() };
    let reply = encode(&next);
    let record = Record::AttributeSet(next.value);
    let write =
        found.as_ref().map_or_else(|| Write::create(record.clone()), |found| Write::replace(found, record.clone()));
    let names: Vec<&String> = kinds.keys().collect();
    let audit = entry(deps, caller, "attributes.declared", caller.tenant, Some(json!({ "attributes": names })));
    commit(deps, caller.tenant, once, vec![write, audit], reply).await
}
