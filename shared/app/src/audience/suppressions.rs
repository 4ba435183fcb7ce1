//! Leaving people alone on a channel, and writing to them again.

use super::{Told, changed, check, key};
use crate::audit::entry;
use crate::mutate::{Encode, commit, require};
use crate::{Deps, Error, Once, Reply};
use domain::ContactId;
use domain::access::{Caller, Permission};
use domain::audience::{Channel, Contact, Suppression, SuppressionReason};
use ports::{Page, Record, Versioned, Write};
use serde_json::json;

/// Most contacts of a page.
const MAX_PAGE: u32 = 100;

/// Who is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// A contact.
    Contact(ContactId),
    /// Whoever has this address, a contact or not.
    Address(String),
}

/// A suppression to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSuppression {
    /// Who is left alone.
    pub who: Who,
    /// On which channel.
    pub channel: Channel,
    /// Why.
    pub reason: SuppressionReason,
    /// What proves it; may be empty.
    pub evidence: String,
}

/// A suppression to lift.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiftedFrom {
    /// Who is written to again.
    pub who: Who,
    /// On which channel.
    pub channel: Channel,
    /// Why; may be empty where one of ours, a person's leaving or a bounce is lifted.
    pub why: String,
}

/// Leaves somebody alone on a channel. An address that is no contact is kept as its hash alone. Where they are left alone already the stronger
/// reason stays.
///
/// # Errors
/// There is no such contact; somebody is forgotten only by erasing them.
pub async fn suppress(
    deps: &Deps,
    caller: &Caller,
    new: &NewSuppression,
    once: &Once,
    encode: Encode<'_, Versioned<Contact>>,
) -> Result<Reply, Error> {
    require(caller, Permission::Publish)?;
    if let Some(reply) = once.earlier(deps, caller.tenant).await? {
        return Ok(reply);
    }
    if new.reason == SuppressionReason::Erased {
        let detail = "who is to be forgotten is erased as a contact: give another reason";
        return Err(Error::invalid("reason_invalid", "/reason", detail));
    }
    let evidence = check::evidence(&new.evidence, "/evidence")?;
    let suppression = Suppression { reason: new.reason, since: deps.clock.now(), evidence };
    let (channel, facts) = (new.channel, json!({ "channel": new.channel.name(), "reason": new.reason.name() }));
    let id = match &new.who {
        Who::Contact(id) => *id,
        Who::Address(text) => {
            let address = check::address(text, "/address")?;
            let id = key::id_of(deps, caller.tenant, &address).await?;
            if deps.ledger.contact(caller.tenant, id).await?.is_none() {
                let mut stranger = Contact::stranger(id, caller.tenant, deps.clock.now());
                stranger.suppress(channel, Suppression { evidence: None, ..suppression.clone() });
                let made = Versioned { value: stranger, rev: 1, unsent: Vec::new() };
                let reply = encode(&made);
                let audit = entry(deps, caller, "contact.suppressed", id, Some(facts.clone()));
                let write = Write::create(Record::Contact(Box::new(made.value)));
                match commit(deps, caller.tenant, once, vec![write, audit], reply).await {
                    // They became a contact at this moment: as one of these, then.
                    Err(Error::Conflict { code: "changed_meanwhile", .. }) => {}
                    other => return other,
                }
            }
            id
        }
    };
    let apply = |contact: &mut Contact| {
        // Of those who were forgotten nothing is kept that may tell of them.
        let evidence = suppression.evidence.clone().filter(|_| !contact.is_erased());
        contact.suppress(channel, Suppression { evidence, ..suppression.clone() });
        Ok(Told { action: "contact.suppressed", facts: Some(facts.clone()) })
    };
    changed(deps, caller, id, once, encode, &apply).await
}

/// Lets somebody be written to again on a channel.
///
/// # Errors
/// Nobody leaves them alone there; or a complaint, or that they were forgotten, is lifted without saying why.
pub async fn lift(
    deps: &Deps,
    caller: &Caller,
    lifted: &LiftedFrom,
    once: &Once,
    encode: Encode<'_, Versioned<Contact>>,
) -> Result<Reply, Error> {
    require(caller, Permission::Publish)?;
    if let Some(reply) = once.earlier(deps, caller.tenant).await? {
        return Ok(reply);
    }
    let why = check::evidence(&lifted.why, "/why")?.unwrap_or_default();
    let id = match &lifted.who {
        Who::Contact(id) => *id,
        Who::Address(text) => {
            let address = check::address(text, "/address")?;
            key::known_id(deps, caller.tenant, &address).await?.ok_or(Error::NotFound("contact"))?
        }
    };
    let now = deps.clock.now();
    let apply = |contact: &mut Contact| {
        let Some(known) = contact.suppressions.get(&lifted.channel) else {
            return Err(Error::conflict("not_suppressed", "nobody leaves them alone on this channel"));
        };
        let reason = known.reason;
        if reason.needs_a_reason_to_lift() && why.is_empty() {
            let detail = format!("they {}: say in why what makes it right to write to them again", said(reason));
            return Err(Error::invalid("why_missing", "/why", detail));
        }
        let kept = if contact.is_erased() { String::new() } else { why.clone() };
        contact.lift(lifted.channel, caller.member, kept, now);
        let facts = json!({ "channel": lifted.channel.name(), "was": reason.name() });
        Ok(Told { action: "contact.unsuppressed", facts: Some(facts) })
    };
    changed(deps, caller, id, once, encode, &apply).await
}

fn said(reason: SuppressionReason) -> &'static str {
    match reason {
        SuppressionReason::Complained => "called what they got spam",
        SuppressionReason::Erased => "were forgotten",
        SuppressionReason::Manual | SuppressionReason::Unsubscribed | SuppressionReason::Bounced => "are left alone",
    }
}

/// Those who are left alone on some channel, the one for whom that was last said first.
pub async fn suppressions(
    deps: &Deps,
    caller: &Caller,
    cursor: Option<&str>,
    limit: u32,
) -> Result<Page<Contact>, Error> {
    require(caller, Permission::Read)?;
    let page = deps.ledger.suppressed(caller.tenant, cursor, limit.clamp(1, MAX_PAGE)).await?;
    let mut items = Vec::new();
    for id in page.items {
        let found = deps.ledger.contact(caller.tenant, id).await?.map(|found| found.value);
        // The index is behind: they may be written to again.
        items.extend(found.filter(|contact| !contact.suppressions.is_empty()));
    }
    Ok(Page { items, next: page.next })
}
