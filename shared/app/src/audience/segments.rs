//! Segments: making them, and who belongs to one.

use super::edit::declared;
use super::walk::{Walk, walk};
use crate::audit::entry;
use crate::mutate::{Encode, commit, named, require, seen};
use crate::{Deps, Error, Once, Reply};
use domain::access::{Caller, Permission};
use domain::audience::{Contact, Exclusion, MAX_SEGMENTS, MailKind, Moment, Rule, Segment};
use domain::{ContactId, SegmentId, TenantId};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use ports::{Record, Versioned, Write};
use serde_json::Value;
use std::collections::BTreeMap;

/// Milliseconds for which a preview counts: well within the time that a request has.
const BUDGET_MS: i64 = 4_000;
/// Contacts that a preview shows.
const SAMPLE: usize = 10;

/// A segment to make.
#[derive(Debug, Clone, PartialEq)]
pub struct NewSegment {
    /// What people call it.
    pub name: String,
    /// Who belongs to it.
    pub rule: Value,
}

/// What to change of a segment; what is none stays.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SegmentEdit {
    /// Another name.
    pub name: Option<String>,
    /// Another rule.
    pub rule: Option<Value>,
}

/// Who belongs to a rule, as far as was counted.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// Contacts that were looked at.
    pub seen: u64,
    /// Those who belong to it.
    pub matched: u64,
    /// Those among them who may be sent a mail that they did not cause.
    pub mailable: u64,
    /// The others among them, by the reason.
    pub excluded: BTreeMap<Exclusion, u64>,
    /// Some of them.
    pub sample: Vec<Contact>,
    /// Behind whom to go on counting; none where everybody was counted.
    pub next: Option<ContactId>,
}

/// Reads a rule, and sees that its lists are there.
async fn read(deps: &Deps, tenant: TenantId, json: &Value) -> Result<Rule, Error> {
    let rule = Rule::read(json, "/rule", &declared(deps, tenant).await?).map_err(Error::Invalid)?;
    for id in rule.lists() {
        if deps.ledger.contact_list(tenant, id).await?.is_none() {
            let detail = format!("there is no list {id}: name one of yours");
            return Err(Error::invalid("list_not_found", "/rule", detail));
        }
    }
    Ok(rule)
}

/// Makes a segment.
pub async fn create_segment(
    deps: &Deps,
    caller: &Caller,
    new: &NewSegment,
    once: &Once,
    encode: Encode<'_, Versioned<Segment>>,
) -> Result<Reply, Error> {
    require(caller, Permission::Publish)?;
    if let Some(reply) = once.earlier(deps, caller.tenant).await? {
        return Ok(reply);
    }
    let name = named(&new.name, "/name")?;
    read(deps, caller.tenant, &new.rule).await?;
    if deps.ledger.segments(caller.tenant).await?.len() >= MAX_SEGMENTS {
        let detail = format!("a tenant has at most {MAX_SEGMENTS} segments: delete one first");
        return Err(Error::conflict("too_many_segments", detail));
    }
    let (id, created_at) = (SegmentId::from_uuid(deps.uuid()), deps.clock.now());
    let segment = Segment { id, tenant: caller.tenant, name, rule: new.rule.clone(), created_at };
    let made = Versioned { value: segment, rev: 1, unsent: Vec::new() };
    let reply = encode(&made);
    let writes = vec![Write::create(Record::Segment(made.value)), entry(deps, caller, "segment.made", id, None)];
    commit(deps, caller.tenant, once, writes, reply).await
}

/// Changes a segment as it was at revision `rev`.
pub async fn edit_segment(
    deps: &Deps,
    caller: &Caller,
    id: SegmentId,
    rev: u64,
    edit: &SegmentEdit,
    once: &Once,
    encode: Encode<'_, Versioned<Segment>>,
) -> Result<Reply, Error> {
    require(caller, Permission::Publish)?;
    if let Some(reply) = once.earlier(deps, caller.tenant).await? {
        return Ok(reply);
    }
    let found = segment(deps, caller, id).await?;
    seen(&found, rev, "the segment was changed: read it again before you change it")?;
    let mut next = found.value.clone();
    if let Some(name) = &edit.name {
        next.name = named(name, "/name")?;
    }
    if let Some(rule) = &edit.rule {
        read(deps, caller.tenant, rule).await?;
        next.rule = rule.clone();
    }
    let next = Versioned { value: next, rev: rev + 1, unsent: Vec::new() };
    let reply = encode(&next);
    let writes =
        vec![Write::replace(&found, Record::Segment(next.value)), entry(deps, caller, "segment.changed", id, None)];
    commit(deps, caller.tenant, once, writes, reply).await
}

/// Deletes a segment. Nothing of a contact changes.
pub async fn remove_segment(
    deps: &Deps,
    caller: &Caller,
    id: SegmentId,
    once: &Once,
    encode: Encode<'_, Versioned<Segment>>,
) -> Result<Reply, Error> {
    require(caller, Permission::Publish)?;
    if let Some(reply) = once.earlier(deps, caller.tenant).await? {
        return Ok(reply);
    }
    let found = segment(deps, caller, id).await?;
    let reply = encode(&found);
    let gone = Write::delete(&found, Record::Segment(found.value.clone()));
    commit(deps, caller.tenant, once, vec![gone, entry(deps, caller, "segment.deleted", id, None)], reply).await
}

/// One segment.
pub async fn segment(deps: &Deps, caller: &Caller, id: SegmentId) -> Result<Versioned<Segment>, Error> {
    require(caller, Permission::Read)?;
    deps.ledger.segment(caller.tenant, id).await?.ok_or(Error::NotFound("segment"))
}

/// All segments, the oldest first.
pub async fn segments(deps: &Deps, caller: &Caller) -> Result<Vec<Segment>, Error> {
    require(caller, Permission::Read)?;
    let mut all: Vec<_> = deps.ledger.segments(caller.tenant).await?.into_iter().map(|found| found.value).collect();
    all.sort_by_key(|segment| segment.id);
    Ok(all)
}

/// Counts who belongs to a rule, behind `after` where counting stopped there, for as long as a request may take. What was not looked at by
/// then is not guessed: `next` says where to go on.
///
/// # Errors
/// What is wrong with the rule.
pub async fn preview(deps: &Deps, caller: &Caller, rule: &Value, after: Option<ContactId>) -> Result<Preview, Error> {
    require(caller, Permission::Read)?;
    let rule = read(deps, caller.tenant, rule).await?;
    let now = deps.clock.now();
    let zone = deps.ledger.tenant(caller.tenant).await?.and_then(|found| TimeZone::get(&found.value.zone).ok());
    let moment = Moment { now, zone: zone.unwrap_or(TimeZone::UTC) };
    let until = now + SignedDuration::from_millis(BUDGET_MS);
    let mut found =
        Preview { seen: 0, matched: 0, mailable: 0, excluded: BTreeMap::new(), sample: Vec::new(), next: None };
    let count = |contact: Contact| {
        // Of those who were forgotten, and of addresses that are only left alone, nothing is known that could be counted.
        found.seen += u64::from(!contact.is_erased());
        if rule.matches(&contact, &moment) {
            found.matched += 1;
            match contact.may_be_mailed(MailKind::Marketing, &[], now) {
                Ok(()) => found.mailable += 1,
                Err(why) => *found.excluded.entry(why).or_default() += 1,
            }
            if found.sample.len() < SAMPLE {
                found.sample.push(contact);
            }
        }
        Walk::On
    };
    // Looked at between pages: a page that was read is counted whole.
    let next = walk(deps, caller.tenant, after, count, || deps.clock.now() >= until).await?;
    Ok(Preview { next, ..found })
}
