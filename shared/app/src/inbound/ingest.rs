//! What a call tells is read and stored, each event once: its record is named by its source and its name there, and is created
//! or already there. So a call may be read any number of times, and a crash anywhere only has it read again.

use super::packed::unpack;
use super::{InboundDeps, interaction};
use crate::accounts::access_taken_back;
use crate::{Error, relay, sha256_hex};
use domain::accounts::Account;
use domain::events::Event;
use domain::inbound::{
    Heard, Incoming, MAX_HEARD, MAX_MARKS, MessageStatus, Reading, Receipt, Standing, TOO_MANY, What,
};
use domain::{AccountId, IncomingId};
use jiff::{SignedDuration, Timestamp};
use ports::{Call, IngestJob, OutboxRef, Record, StoreError, Versioned, Write};
use uuid::Uuid;

/// Times an event is tried again when another worker has just changed the status of its message.
const TRIES: usize = 5;

/// Seconds after which a visit stores no more: ten messages of a batch, two side by side, are done within the time that the process
/// has.
const STEP_S: i64 = 8;
/// Seconds before the process is stopped after which no other event is begun: one is stored, told, and the place kept.
const RESERVE_S: i64 = 10;

/// What reading a call came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ingested {
    /// It was read, and this visit found so many events that were not known.
    Read(u32),
    /// So many of its events are stored; a tick has the rest read.
    Further(u32),
    /// There was nothing to do: it was read before, or is not there any more.
    Idle,
}

/// What was stored and the bus is still to be told.
type ToRelay = Vec<(OutboxRef, Vec<Event>)>;

/// Reads a call and stores what it tells, in steps: what there is no time for is due at once, so that the next tick sends another
/// message for it. This function sends none to the queue that calls it.
/// `deadline` is when this process is stopped.
pub async fn ingest(deps: &InboundDeps, job: &IngestJob, deadline: Timestamp) -> Result<Ingested, Error> {
    let Some(receipt) = deps.ledger.receipt(job.tenant, job.source, job.receipt).await? else {
        return Ok(Ingested::Idle);
    };
    if receipt.value.read.is_some() {
        return Ok(Ingested::Idle);
    }
    let heard = heard(deps, &receipt.value)?;
    let accounts = accounts(deps, &receipt.value, &heard).await?;
    let (all, unknown) = (count(heard.len()), count(heard.iter().filter(|one| is_unknown(one)).count()));
    let until = (deps.clock.now() + SignedDuration::from_secs(STEP_S)).min(before(deadline));
    let mut told = ToRelay::new();
    let (mut done, mut new) = (receipt.value.done.min(all), 0);
    for one in heard.into_iter().skip(done as usize) {
        taken_back(deps, &receipt.value, &accounts, &one, &job.cid).await?;
        let to = one.to.clone();
        let account = receipt.value.asked.or_else(|| to.as_deref().and_then(|to| concerned(&accounts, to)));
        let incoming = incoming(&receipt.value, one, account);
        new += u32::from(store(deps, &incoming, to.as_deref(), &job.cid, &mut told).await?);
        done += 1;
        if deps.clock.now() >= until {
            break;
        }
    }
    // Before the call counts as read: what is not told here is left to the tick.
    relay(deps, &told).await;
    let now = deps.clock.now();
    let next = if done < all {
        receipt.value.further(done, now)
    } else {
        receipt.value.read(Reading { at: now, events: all, unknown })
    };
    match deps.ledger.commit(vec![Write::replace(&receipt, Record::Receipt(next))]).await {
        Ok(_) if done < all => Ok(Ingested::Further(done)),
        Ok(_) => Ok(Ingested::Read(new)),
        // Another worker has read it meanwhile, or is at it.
        Err(StoreError::Conflict { .. }) => Ok(Ingested::Idle),
        Err(other) => Err(other.into()),
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn before(deadline: Timestamp) -> Timestamp {
    deadline.checked_sub(SignedDuration::from_secs(RESERVE_S)).unwrap_or(deadline)
}

fn is_unknown(heard: &Heard) -> bool {
    matches!(heard.what, What::Unknown { .. })
}

/// What a call tells, the first of it where that is too much; the rest is there as one event that says so. Of an account that was asked it
/// is what was heard, in our own form.
fn heard(deps: &InboundDeps, receipt: &Receipt) -> Result<Vec<Heard>, Error> {
    if receipt.asked.is_some() {
        let wrong = |_| Error::Internal("what was heard cannot be read back".into());
        return serde_json::from_slice(&unpack(receipt)?).map_err(wrong);
    }
    let Some(inlet) = deps.inlets.get(&receipt.platform) else {
        return Err(Error::Internal("a call of a platform that this build does not know".into()));
    };
    let unpacked = unpack(receipt)?;
    let body = unpacked.as_ref();
    let rest = || {
        tracing::warn!(source = %receipt.source, receipt = %receipt.id, "a call tells more than is read of one");
        let (id, what) = (format!("{}/rest", receipt.id), What::Unknown { kind: TOO_MANY.into() });
        Heard { id, at: None, to: None, what }
    };
    if body.iter().filter(|byte| b",{[&".contains(byte)).count() > MAX_MARKS {
        return Ok(vec![rest()]);
    }
    let mut heard = inlet.read(&Call { name: &receipt.id.to_string(), content_type: &receipt.content_type, body });
    if heard.len() > MAX_HEARD {
        heard.truncate(MAX_HEARD);
        heard.push(rest());
    }
    Ok(heard)
}

/// The tenant's accounts there, where one is named at all.
async fn accounts(deps: &InboundDeps, receipt: &Receipt, heard: &[Heard]) -> Result<Vec<Account>, Error> {
    if receipt.asked.is_some() || heard.iter().all(|one| one.to.is_none()) {
        return Ok(Vec::new());
    }
    let all = deps.ledger.accounts(receipt.tenant).await?.into_iter().map(|account| account.value);
    Ok(all.filter(|account| account.platform == receipt.platform).collect())
}

/// The accounts with this id there. Ids of several parts begin with it.
fn all_concerned<'a>(accounts: &'a [Account], to: &'a str) -> impl Iterator<Item = &'a Account> {
    let is = move |id: &str| id == to || id.strip_prefix(to).is_some_and(|rest| rest.starts_with('/'));
    accounts.iter().filter(move |account| is(&account.profile.external_id))
}

/// The one account with this id there; of two, nobody can say which is meant.
fn concerned(accounts: &[Account], to: &str) -> Option<AccountId> {
    let mut found = all_concerned(accounts, to);
    let one = found.next()?;
    found.next().is_none().then_some(one.id)
}

/// Where an event says that an access was taken back, and when, the accounts that live on it need a person: all that it concerns, and
/// before it counts as stored, so that a crash in between leaves nothing out. One that does not say when proves nothing: it may be older
/// than the present access.
async fn taken_back(
    deps: &InboundDeps,
    receipt: &Receipt,
    accounts: &[Account],
    heard: &Heard,
    cid: &str,
) -> Result<(), Error> {
    let (What::Unknown { kind }, Some(at), Some(to)) = (&heard.what, heard.at, &heard.to) else { return Ok(()) };
    let Some(reason) = deps.inlets.get(&receipt.platform).and_then(|inlet| inlet.ends_access(kind)) else {
        return Ok(());
    };
    for account in all_concerned(accounts, to) {
        if access_taken_back(deps, (account.tenant, account.id), at, reason, cid).await? {
            tracing::info!(account = %account.id, reason, "the platform says that the access was taken back");
        }
    }
    Ok(())
}

fn incoming(receipt: &Receipt, heard: Heard, account: Option<AccountId>) -> Incoming {
    let named = sha256_hex(format!("{}|{}", receipt.source, heard.id).as_bytes());
    Incoming {
        id: IncomingId::from_uuid(uuid_of(&named)),
        tenant: receipt.tenant,
        source: receipt.source,
        platform: receipt.platform.clone(),
        receipt: receipt.id,
        account,
        at: heard.at.unwrap_or(receipt.received_at),
        received_at: receipt.received_at,
        what: heard.what.cut().timed(receipt.received_at),
    }
}

/// The first half of a SHA-256 in hex, as an id.
pub(super) fn uuid_of(sha256: &str) -> Uuid {
    sha256.get(..32).and_then(|half| Uuid::parse_str(half).ok()).unwrap_or_default()
}

/// Stores an event, with the status of its message where it moves that, what is in the inbox where it tells of that, and what
/// customers are told of it. `to` is the platform's id of the account that it concerns. False when it was stored before.
async fn store(
    deps: &InboundDeps,
    incoming: &Incoming,
    to: Option<&str>,
    cid: &str,
    told: &mut ToRelay,
) -> Result<bool, Error> {
    let mut last = StoreError::Conflict { index: 0 };
    for _ in 0..TRIES {
        let (known, hash) = status(deps, incoming).await?;
        let moved = incoming.moves(known.as_ref().map(|known| &known.value));
        let data = incoming.told(moved.is_some());
        let events = deps.events(incoming.tenant, cid, data);
        let mut writes = vec![Write::create(Record::Incoming(incoming.clone())).telling(events)];
        writes.extend(moved.and_then(|standing| moves(incoming, known.as_ref(), hash, standing)));
        writes.extend(interaction::merges(deps, incoming, to).await?);
        match deps.ledger.commit(writes).await {
            Ok(committed) => {
                told.extend(committed.outbox);
                return Ok(true);
            }
            Err(StoreError::Conflict { index: 0 }) => return Ok(false),
            // Another event of the same thing came between: what both make of it is the same in either order.
            Err(conflict @ StoreError::Conflict { .. }) => last = conflict,
            Err(other) => return Err(other.into()),
        }
    }
    Err(last.into())
}

/// Where the message of an event stands now, and the hash of its id.
async fn status(deps: &InboundDeps, incoming: &Incoming) -> Result<(Option<Versioned<MessageStatus>>, String), Error> {
    let What::Status { message, .. } = &incoming.what else { return Ok((None, String::new())) };
    let hash = sha256_hex(message.as_bytes())[..32].to_owned();
    Ok((deps.ledger.message_status(incoming.tenant, incoming.source, &hash).await?, hash))
}

fn moves(
    incoming: &Incoming,
    known: Option<&Versioned<MessageStatus>>,
    hash: String,
    standing: Standing,
) -> Option<Write> {
    let What::Status { message, .. } = &incoming.what else { return None };
    let (tenant, source, message) = (incoming.tenant, incoming.source, message.clone());
    let heard_at = Some(incoming.received_at);
    let next = Record::MessageStatus(MessageStatus { tenant, source, hash, message, standing, heard_at });
    Some(match known {
        Some(known) => Write::replace(known, next),
        None => Write::create(next),
    })
}
