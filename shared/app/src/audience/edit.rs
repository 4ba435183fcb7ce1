//! Changing what is known of a contact.

use super::{Told, check, nobody, replace};
use crate::mutate::{Encode, require, seen};
use crate::{Deps, Error, Once, Reply};
use domain::access::{Caller, Permission};
use domain::audience::{AttributeSet, Contact, MAX_TOPICS, Preferences};
use domain::{ContactId, TenantId};
use ports::Versioned;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What is to be known of a person; what is none stays as it is, and what is empty goes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PersonEdit {
    /// Given name.
    pub given_name: Option<String>,
    /// Family name.
    pub family_name: Option<String>,
    /// IANA zone.
    pub zone: Option<String>,
    /// Language tag.
    pub locale: Option<String>,
    /// All tags.
    pub tags: Option<Vec<String>>,
    /// Attributes to set, or with null to take away. The others stay.
    pub attributes: BTreeMap<String, Value>,
}

/// What to change of a contact.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ContactEdit {
    /// Of the person.
    pub person: PersonEdit,
    /// All of what they want, if that changes.
    pub preferences: Option<Preferences>,
}

/// The attributes that a tenant declared.
pub(super) async fn declared(deps: &Deps, tenant: TenantId) -> Result<AttributeSet, Error> {
    Ok(deps.ledger.attributes(tenant).await?.map_or_else(|| AttributeSet::none(tenant), |found| found.value))
}

/// Changes a contact as it was at revision `rev`.
///
/// # Errors
/// It was changed since, or forgotten; or what it is changed to breaks rules.
pub async fn edit_contact(
    deps: &Deps,
    caller: &Caller,
    id: ContactId,
    rev: u64,
    edit: &ContactEdit,
    once: &Once,
    encode: Encode<'_, Versioned<Contact>>,
) -> Result<Reply, Error> {
    require(caller, Permission::Publish)?;
    if let Some(reply) = once.earlier(deps, caller.tenant).await? {
        return Ok(reply);
    }
    let found = deps.ledger.contact(caller.tenant, id).await?.ok_or(Error::NotFound("contact"))?;
    seen(&found, rev, "the contact was changed, here or by themselves: read it again before you change it")?;
    let mut next = found.value.clone();
    let person = next.person.take().ok_or_else(nobody)?;
    let declared = declared(deps, caller.tenant).await?;
    next.person = Some(check::person(person, &edit.person, &declared)?);
    if let Some(preferences) = &edit.preferences {
        next.preferences = checked(preferences)?;
    }
    let attributes: Vec<&String> = edit.person.attributes.keys().collect();
    let facts = (!attributes.is_empty()).then(|| json!({ "attributes": attributes }));
    replace(deps, caller, &found, next, Told { action: "contact.changed", facts }, once, encode).await
}

fn checked(preferences: &Preferences) -> Result<Preferences, Error> {
    let is_topic = |topic: &String| !topic.is_empty() && check::line(topic, 50).as_ref() == Some(topic);
    if preferences.topics.len() > MAX_TOPICS || !preferences.topics.keys().all(is_topic) {
        let detail = format!("give at most {MAX_TOPICS} topics of 1 to 50 characters on one line");
        return Err(Error::invalid("topic_invalid", "/preferences/topics", detail));
    }
    Ok(preferences.clone())
}
