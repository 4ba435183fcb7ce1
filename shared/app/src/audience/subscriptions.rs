//! How contacts stand to lists.

use super::{Told, changed, check, nobody};
use crate::mutate::{Encode, require};
use crate::{Deps, Error, Once, Reply};
use domain::access::{Caller, Permission};
use domain::audience::{Contact, ContactList, NewConsent, SubscriptionState, TooManyLists};
use domain::{ContactId, ListId};
use jiff::Timestamp;
use ports::Versioned;
use serde_json::json;

/// What becomes of a contact and a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SubscriptionChange {
    /// They are put on it.
    Subscribe {
        /// What they agreed to.
        consent: Option<NewConsent>,
        /// Whether they said yes to that already, where the list asks for it.
        confirmed: bool,
    },
    /// They leave it.
    Unsubscribe,
}

impl From<TooManyLists> for Error {
    fn from(e: TooManyLists) -> Self {
        Self::conflict("too_many_lists", e.to_string())
    }
}

/// Puts a contact on a list. Who left it comes back only with a consent that is younger than that.
pub(super) fn listed(
    contact: &mut Contact,
    list: &ContactList,
    consent: Option<NewConsent>,
    confirmed: bool,
    now: Timestamp,
) -> Result<(), Error> {
    let left = contact.subscriptions.get(&list.id).filter(|known| known.state == SubscriptionState::Unsubscribed);
    if let Some(left) = left
        && consent.as_ref().is_none_or(|consent| consent.at < left.since)
    {
        let detail = "they left this list: give a consent that they gave after that";
        return Err(Error::conflict("left_the_list", detail));
    }
    let pending = contact.subscriptions.get(&list.id).is_some_and(|known| known.state == SubscriptionState::Pending);
    match consent {
        Some(consent) if pending && confirmed => {
            contact.confirm(list.id, consent, now);
            Ok(())
        }
        consent => Ok(contact.subscribe(list, consent, confirmed, now)?),
    }
}

/// Puts a contact on a list, or takes them off it, whatever else is changed of them at the moment.
///
/// # Errors
/// They left and have not agreed since; a confirmation without what they agreed to; too many lists.
pub async fn change_subscription(
    deps: &Deps,
    caller: &Caller,
    (id, list): (ContactId, ListId),
    change: &SubscriptionChange,
    once: &Once,
    encode: Encode<'_, Versioned<Contact>>,
) -> Result<Reply, Error> {
    require(caller, Permission::Publish)?;
    if let Some(reply) = once.earlier(deps, caller.tenant).await? {
        return Ok(reply);
    }
    let now = deps.clock.now();
    let found = deps.ledger.contact_list(caller.tenant, list).await?.ok_or(Error::NotFound("list"))?.value;
    let checked = match change {
        SubscriptionChange::Unsubscribe => None,
        SubscriptionChange::Subscribe { consent, confirmed } => {
            let consent = consent.as_ref().map(|consent| check::consent(consent, now)).transpose()?;
            if *confirmed && consent.is_none() {
                let detail = "give what they said yes to, and where: a confirmation without that proves nothing";
                return Err(Error::invalid("consent_missing", "/consent", detail));
            }
            Some((found, consent, *confirmed))
        }
    };
    let apply = |contact: &mut Contact| {
        if contact.is_erased() {
            return Err(nobody());
        }
        let action = if let Some((list, consent, confirmed)) = &checked {
            listed(contact, list, consent.clone(), *confirmed, now)?;
            "contact.subscribed"
        } else {
            contact.unsubscribe(list, now)?;
            "contact.unsubscribed"
        };
        let state = contact.subscriptions.get(&list).map(|known| known.state.name());
        Ok(Told { action, facts: Some(json!({ "list": list, "state": state })) })
    };
    changed(deps, caller, id, once, encode, &apply).await
}
