//! Where each record lies: its table, its keys and index keys, and when it may be forgotten.

mod arrivals;
mod audience;
mod campaigns;

use crate::{Key, Table, keys};
use arrivals::{incoming, interaction, receipt};
use audience::contact;
use campaigns::{chunk, run_shard};
use domain::inbound::INCOMING_D;
use domain::publishing::{Approval, Delivery, Gate, Post, Standing, State, Wake};
use domain::webhooks::{Pace, Turnstile, WebhookMessage, WebhookState};
use domain::{AccountId, PlatformId, TenantId};
use jiff::{SignedDuration, Timestamp};
use ports::{Record, StoreError};
use serde::Serialize;

/// Hours an expired record is kept before DynamoDB may delete it: more than clocks can differ.
const MARGIN_H: i64 = 1;
/// Days a past queue slot, an unused gate and an unused governor are kept: longer than the longest window of a quota.
const IDLE_D: i64 = 7;
/// Days an ended webhook message stays visible in its endpoint's log.
const MESSAGE_D: i64 = 30;
/// Days for which it is kept how an endpoint fares, when nothing new is told of it.
const PACE_D: i64 = 30;
/// Days for which it is kept what an endpoint's limit let through, after the last place in its line.
const TURNSTILE_D: i64 = 1;

/// Days for which a lane is kept in which nothing stands: longer than anybody holds what was read of it.
const LANE_D: i64 = 1;

/// Types of items (`t`).
pub(crate) mod kind {
    pub(crate) const TENANT: &str = "tenant";
    pub(crate) const MEMBER: &str = "member";
    pub(crate) const API_KEY: &str = "key";
    pub(crate) const SESSION: &str = "session";
    pub(crate) const ACCOUNT: &str = "account";
    pub(crate) const CONSENT: &str = "consent";
    pub(crate) const POST: &str = "post";
    pub(crate) const DELIVERY: &str = "delivery";
    pub(crate) const APPROVAL: &str = "approval";
    pub(crate) const RULES: &str = "rules";
    pub(crate) const SERIES: &str = "series";
    pub(crate) const MEDIA: &str = "media";
    pub(crate) const SLOT: &str = "slot";
    pub(crate) const SLOT_PLAN: &str = "plan";
    pub(crate) const ENGAGEMENT: &str = "engagement";
    pub(crate) const ASKING: &str = "asking";
    pub(crate) const GATE: &str = "gate";
    pub(crate) const GOVERNOR: &str = "governor";
    pub(crate) const ENDPOINT: &str = "endpoint";
    pub(crate) const PACE: &str = "pace";
    pub(crate) const TURNSTILE: &str = "turnstile";
    pub(crate) const LANE: &str = "lane";
    pub(crate) const RECOVERY: &str = "recovery";
    pub(crate) const MESSAGE: &str = "message";
    pub(crate) const IDEMPOTENCY: &str = "idempotency";
    pub(crate) const AUDIT: &str = "audit";
    pub(crate) const SWEEP: &str = "sweep";
    pub(crate) const BOOTSTRAPPED: &str = "bootstrapped";
    pub(crate) const LETTER: &str = "letter";
    pub(crate) const SOURCE: &str = "source";
    pub(crate) const SOURCE_KEY: &str = "source_key";
    pub(crate) const RECEIPT: &str = "receipt";
    pub(crate) const INCOMING: &str = "incoming";
    pub(crate) const STATUS: &str = "status";
    pub(crate) const INTERACTION: &str = "interaction";
    pub(crate) const AUDIENCE_KEY: &str = "audience_key";
    pub(crate) const ATTRIBUTES: &str = "attributes";
    pub(crate) const CONTACT: &str = "contact";
    pub(crate) const CONTACT_LIST: &str = "list";
    pub(crate) const SEGMENT: &str = "segment";
    pub(crate) const RUN_SHARD: &str = "shard";
    pub(crate) const CHUNK: &str = "chunk";
}

/// A record's place.
pub(crate) struct Placed {
    pub table: Table,
    pub key: Key,
    pub kind: &'static str,
    pub doc: String,
    pub created_at: Option<Timestamp>,
    pub due: Option<Key>,
    pub list: Option<Key>,
    /// When it stops counting, for records that do.
    pub expires_at: Option<Timestamp>,
    pub ttl: Option<Timestamp>,
}

impl Placed {
    fn new<T: Serialize>(table: Table, kind: &'static str, key: Key, doc: &T) -> Result<Self, StoreError> {
        let doc = json(kind, &doc)?;
        Ok(Self { table, key, kind, doc, created_at: None, due: None, list: None, expires_at: None, ttl: None })
    }

    fn made(mut self, at: Timestamp) -> Self {
        self.created_at = Some(at);
        self
    }

    fn expires(mut self, at: Timestamp) -> Self {
        self.expires_at = Some(at);
        self.kept(at, SignedDuration::from_hours(MARGIN_H))
    }

    fn kept(mut self, from: Timestamp, for_: SignedDuration) -> Self {
        self.ttl = from.checked_add(for_).ok();
        self
    }

    /// Kept for so long after something happened, and until that does for as long as it takes.
    fn kept_once(self, happened: Option<Timestamp>, for_: SignedDuration) -> Self {
        if let Some(at) = happened { self.kept(at, for_) } else { self }
    }
}

/// Where something about an account waits that no post waits for.
fn ahead(account: AccountId, at: Timestamp, platform: &PlatformId) -> Key {
    let wake = Wake { at, set_at: at, sent: false };
    let shard = keys::due_shard(account.uuid().as_bytes());
    Key { pk: keys::ahead_pk(shard), sk: keys::due_sk(&wake, Some(platform)) }
}

/// Finds a record's place.
pub(crate) fn place(record: &Record) -> Result<Placed, StoreError> {
    use Table::{Audit, Core, Ephemeral};
    let idle = SignedDuration::from_hours(IDLE_D * 24);
    Ok(match record {
        Record::Tenant(r) => Placed::new(Core, kind::TENANT, keys::tenant(r.id), r)?.made(r.created_at),
        Record::Member(r) => Placed::new(Core, kind::MEMBER, keys::member(r.tenant, r.id), r)?.made(r.created_at),
        Record::ApiKey(r) => Placed::new(Core, kind::API_KEY, keys::api_key(r.tenant, r.id), r)?.made(r.created_at),
        Record::Session(r) => {
            Placed::new(Ephemeral, kind::SESSION, keys::session(r.tenant, r.id), r)?.expires(r.expires_at)
        }
        Record::Account(r) => {
            let placed = Placed::new(Core, kind::ACCOUNT, keys::account(r.tenant, r.id), r)?.made(r.connected_at);
            Placed { due: r.attention_at().map(|at| ahead(r.id, at, &r.platform)), ..placed }
        }
        Record::Consent(hash, r) => {
            Placed::new(Ephemeral, kind::CONSENT, keys::consent(hash), r)?.expires(r.expires_at)
        }
        Record::Post(r) => {
            let placed = Placed::new(Core, kind::POST, keys::post(r.tenant, r.id), r)?.made(r.created_at);
            Placed { list: listed(r), due: aside(r), ..placed }
        }
        Record::Delivery(r) => {
            let placed = Placed::new(Core, kind::DELIVERY, keys::delivery(r.tenant, r.post, r.account), r)?;
            let created_at = r.timeline.first().map(|entry| entry.at);
            let doc = without_ids(kind::DELIVERY, r, &placed.key)?;
            Placed { doc, due: delivery_due(r), list: waiting(r), created_at, ..placed }
        }
        Record::Approval(r) => {
            let placed = Placed::new(Core, kind::APPROVAL, keys::approval(r.tenant, r.post), r)?;
            Placed { list: to_approve(r), created_at: r.steps.first().map(|step| step.at), ..placed }
        }
        Record::Rules(r) => Placed::new(Core, kind::RULES, keys::rules(r.tenant), r)?,
        Record::Series(r) => {
            let placed = Placed::new(Core, kind::SERIES, keys::series(r.tenant, r.id), r)?.made(r.created_at);
            let shard = keys::due_shard(r.id.uuid().as_bytes());
            let due = r.wake.as_ref().map(|wake| Key { pk: keys::due_pk(shard), sk: keys::due_sk(wake, None) });
            Placed { due, ..placed }
        }
        Record::Media(r) => {
            let placed = Placed::new(Core, kind::MEDIA, keys::media(r.tenant, r.id), r)?.made(r.created_at);
            Placed { list: Some(keys::listed_medium(r.tenant, r.created_at, r.id)), ..placed }
        }
        Record::Slot(r) => Placed::new(Core, kind::SLOT, keys::slot(r.tenant, r.at), r)?.kept(r.at, idle),
        Record::SlotPlan(r) => Placed::new(Core, kind::SLOT_PLAN, keys::slot_plan(r.tenant, r.account), r)?,
        Record::Engagement(r) => {
            let placed = Placed::new(Core, kind::ENGAGEMENT, keys::engagement(r.tenant, r.account), r)?;
            Placed { due: r.wake_at.map(|at| ahead(r.account, at, &r.platform)), ..placed }
        }
        Record::Gate(r) => {
            Placed::new(Ephemeral, kind::GATE, keys::gate(r.tenant, r.account), r)?.kept(busy_until(r), idle)
        }
        Record::Governor(r) => {
            Placed::new(Ephemeral, kind::GOVERNOR, keys::governor(&r.platform), r)?.kept(r.asked_at, idle)
        }
        Record::Endpoint(r) => Placed::new(Core, kind::ENDPOINT, keys::endpoint(r.tenant, r.id), r)?.made(r.created_at),
        Record::Pace(r) => pace(r)?,
        Record::Turnstile(r) => turnstile(r)?,
        Record::Lane(r) => {
            let placed = Placed::new(Core, kind::LANE, keys::lane(r.tenant, r.endpoint, &r.key), r)?;
            // What stands in it may stand for longer than any time that could be named here.
            placed.kept_once(r.line.is_empty().then_some(r.at), days(LANE_D))
        }
        Record::WebhookMessage(r) => message(r)?,
        Record::Recovery(r) => {
            let key = keys::recovery(r.tenant, r.endpoint, r.id);
            let placed = Placed::new(Core, kind::RECOVERY, key, r)?.made(r.created_at);
            let shard = keys::due_shard(r.id.uuid().as_bytes());
            let due = r.wake.as_ref().map(|wake| Key { pk: keys::due_pk(shard), sk: keys::due_sk(wake, None) });
            let placed = Placed { due, ..placed };
            placed.kept_once(r.ended_at, days(MESSAGE_D))
        }
        Record::Idempotency(r) => {
            Placed::new(Ephemeral, kind::IDEMPOTENCY, keys::idempotency(r.tenant, &r.route, &r.key), r)?
                .expires(r.expires_at)
        }
        Record::Audit(r) => Placed::new(Audit, kind::AUDIT, keys::audit(r.tenant, r.at, r.id), r)?.made(r.at),
        Record::Sweep(r) => Placed::new(Ephemeral, kind::SWEEP, keys::sweep(), r)?,
        Record::Source(r) => Placed::new(Core, kind::SOURCE, keys::source(r.tenant, r.id), r)?.made(r.created_at),
        Record::Asking(r) => {
            let placed = Placed::new(Core, kind::ASKING, keys::asking(r.tenant, r.account), r)?;
            Placed { due: r.wake_at.map(|at| ahead(r.account, at, &r.platform)), ..placed }
        }
        Record::SourceKey(r) => Placed::new(Core, kind::SOURCE_KEY, keys::source_key(&r.hash), r)?,
        Record::Receipt(r) => receipt(r)?,
        Record::Incoming(r) => incoming(r)?,
        Record::MessageStatus(r) => {
            let key = keys::message_status(r.tenant, r.source, &r.hash);
            Placed::new(Core, kind::STATUS, key, r)?.kept(r.heard_at.unwrap_or(r.standing.at), days(INCOMING_D))
        }
        Record::Interaction(r) => interaction(r)?,
        Record::AudienceKey(r) => Placed::new(Core, kind::AUDIENCE_KEY, keys::audience_key(r.tenant), r)?,
        Record::AttributeSet(r) => Placed::new(Core, kind::ATTRIBUTES, keys::attributes(r.tenant), r)?,
        Record::Contact(r) => contact(r)?,
        Record::Segment(r) => Placed::new(Core, kind::SEGMENT, keys::segment(r.tenant, r.id), r)?.made(r.created_at),
        Record::ContactList(r) => {
            Placed::new(Core, kind::CONTACT_LIST, keys::contact_list(r.tenant, r.id), r)?.made(r.created_at)
        }
        Record::RunShard(r) => run_shard(r)?,
        Record::Chunk(r) => chunk(r)?,
        Record::Bootstrapped(tenant) => Placed::new(Core, kind::BOOTSTRAPPED, keys::bootstrapped(), tenant)?,
    })
}

fn json<T: Serialize>(kind: &str, doc: &T) -> Result<String, StoreError> {
    serde_json::to_string(doc).map_err(|_| StoreError::Corrupt(format!("{kind} has no JSON form")))
}

/// A document without the ids that its key has: with them each revision would cost a second write unit, and a delivery is
/// written about five times, a webhook message twice, a chunk twice and its shard with each, and a contact read for every campaign.
/// `Item::decode` puts them back.
fn without_ids<T: Serialize>(kind: &str, record: &T, key: &Key) -> Result<String, StoreError> {
    let mut doc = serde_json::to_value(record).map_err(|_| StoreError::Corrupt(format!("{kind} has no JSON form")))?;
    if let (Some(fields), Some(ids)) = (doc.as_object_mut(), keys::ids(kind, key)) {
        for (name, _) in ids {
            fields.remove(name);
        }
    }
    json(kind, &doc)
}

/// Events on their own: for a change that leaves no core record to carry them.
pub(crate) fn letter(tenant: TenantId, token: &str) -> Result<Placed, StoreError> {
    Placed::new(Table::Core, kind::LETTER, keys::letter(tenant, token), &())
}

fn listed(post: &Post) -> Option<Key> {
    let at = post.schedule.due_at().unwrap_or(post.created_at);
    (!post.archived).then(|| keys::listed_post(post.tenant, at, post.id))
}

/// The entry of a post that may have been sent when the list does not show it.
fn aside(post: &Post) -> Option<Key> {
    let deleted = || post.schedule.due_at().filter(|_| post.archived);
    let at = post.sent_again_at.or_else(deleted)?;
    Some(keys::post_aside(post.tenant, at, post.id))
}

/// The entry in the due index. It depends on the wake-up and on whether the outcome is unknown, and on nothing a claim
/// changes: claiming and dispatching cost no index write.
fn delivery_due(d: &Delivery) -> Option<Key> {
    let wake = d.wake.as_ref()?;
    let shard = keys::due_shard(d.id.uuid().as_bytes());
    let pk = match &d.state {
        State::Scheduled
        | State::Queued
        | State::Retry { .. }
        | State::Processing
        | State::Leased { .. }
        | State::Dispatching { .. }
        | State::BlockedAuth { .. } => keys::due_pk(shard),
        State::Unknown { .. } => keys::unknown_pk(shard),
        _ => return None,
    };
    Some(Key { pk, sk: keys::due_sk(wake, Some(&d.platform)) })
}

/// The entry among what waits for a person.
fn waiting(d: &Delivery) -> Option<Key> {
    match &d.state {
        State::Attention { since, .. } => Some(keys::attention(d.tenant, *since, d.post, d.account)),
        State::BlockedAuth { since } => Some(keys::parked(d.tenant, d.account, *since, d.post)),
        _ => None,
    }
}

/// The entry among what waits for an approval.
fn to_approve(approval: &Approval) -> Option<Key> {
    let waits = approval.standing == Standing::Waiting;
    waits.then(|| keys::waiting_approval(approval.tenant, approval.until, approval.post))
}

fn busy_until(gate: &Gate) -> Timestamp {
    gate.quiet_until.map_or(gate.until, |quiet| quiet.max(gate.until))
}

fn pace(r: &Pace) -> Result<Placed, StoreError> {
    // As long as it is asked to be left alone, however long that is.
    let from = r.quiet_until.map_or(r.at, |until| until.max(r.at));
    Ok(Placed::new(Table::Core, kind::PACE, keys::pace(r.tenant, r.endpoint), r)?.kept(from, days(PACE_D)))
}

fn turnstile(r: &Turnstile) -> Result<Placed, StoreError> {
    let from = r.until().map_or(r.at, |until| until.max(r.at));
    let placed = Placed::new(Table::Core, kind::TURNSTILE, keys::turnstile(r.tenant, r.endpoint), r)?;
    Ok(placed.kept(from, days(TURNSTILE_D)))
}

fn message(m: &WebhookMessage) -> Result<Placed, StoreError> {
    let key = keys::message(m.tenant, m.endpoint, m.event);
    let placed = Placed::new(Table::Core, kind::MESSAGE, key, m)?.made(m.created_at);
    let placed = Placed { doc: without_ids(kind::MESSAGE, m, &placed.key)?, ..placed };
    Ok(match &m.state {
        WebhookState::Delivered { at } | WebhookState::Dead { at, .. } => placed.kept(*at, days(MESSAGE_D)),
        WebhookState::Pending | WebhookState::Sending { .. } => {
            let mut id = m.event.uuid().as_bytes().to_vec();
            id.extend(m.endpoint.uuid().as_bytes());
            let entry = |wake| Key { pk: keys::due_pk(keys::due_shard(&id)), sk: keys::due_sk(wake, None) };
            Placed { due: m.wake.as_ref().map(entry), ..placed }
        }
    })
}

fn days(n: i64) -> SignedDuration {
    SignedDuration::from_hours(n * 24)
}
