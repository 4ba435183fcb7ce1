//! Every interleaving of the delivery machine, driven by the real `domain` functions: two workers, one reconciler, one
//! user, duplicate messages, a platform that commits or not, now or later, and answers or not (F24).
//!
//! The store is a value with a revision, as the ledger is. Time moves in steps to the next instant at which anything can
//! change. What the model takes for granted is what the documents promise: a worker, and with it every request it sends, is
//! over at the function's timeout, which is longer than a lease; and a request takes effect within Δ or never.
// Test support and proofs: the pedantic group is for what ships.
#![allow(clippy::pedantic)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use domain::publishing::{
    Clearance, Delivery, Doubt, FORMER, Failure, Finding, NewDelivery, Question, Receipt, Refused, RetryReason,
    State as At, WORKER_LIFE_S, Wake, Wakened,
};
use domain::{AccountId, DeliveryId, PostId, TenantId};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use stateright::{Checker, HasDiscoveries, Model, Property};
use std::hash::{DefaultHasher, Hash, Hasher};
use uuid::Uuid;

/// Δ of the modelled platform in seconds.
const SETTLE_S: i64 = 300;
/// Most seconds the post may start late.
const LATENESS_S: u32 = 900;

/// A guard taken away, to show that the model would notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Without {
    Nothing,
    /// Writes ignore the revision.
    Revision,
    /// An expired DISPATCHING goes back to the queue.
    Doubt,
    /// Absence counts at the first listing.
    Settle,
    /// No answer counts as "not committed".
    Unconfirmed,
    /// A person's "not there" counts before everything that left has settled.
    Patience,
    /// A person's answer counts for whatever is open when it arrives.
    Question,
    /// Workers take what nobody approved.
    Approval,
    /// What a platform took counts as what it gave no answer to.
    Taken,
    /// One reading that says "never" is believed.
    Twice,
    /// Nothing is kept of what its connector names its requests by.
    Names,
}

#[derive(Debug, Clone, Copy)]
struct House {
    parts: usize,
    readable: bool,
    /// Listings never show what is live, and the platform refuses duplicates.
    blind: bool,
    /// It takes a post and publishes it later, or never, and says which.
    takes: bool,
    /// How often it is told of what is under way that it never will be there.
    early: u8,
    posts: u8,
    cancels: bool,
    people: bool,
    /// Somebody has to approve it, and its author changes it once.
    approval: bool,
    /// The change forgets to take the approval back.
    forgetful: bool,
    without: Without,
}

/// Where a worker stands.
#[derive(Debug, Clone, PartialEq)]
enum Worker {
    Idle,
    /// Decided on what it read; about to write: the claim alone (something slow comes first) or claim and DISPATCHING at
    /// once.
    Woke {
        next: Delivery,
        rev: u64,
        claims: bool,
        at: i64,
    },
    /// Holds the claim.
    Claimed {
        held: Delivery,
        rev: u64,
        base: i64,
        at: i64,
    },
    /// DISPATCHING is durable, nothing has left.
    Dispatched {
        held: Delivery,
        rev: u64,
        at: i64,
    },
    /// The request left and this came back; may report at any later time.
    Posted {
        fence: u32,
        part: u16,
        outcome: Result<Receipt, Failure>,
    },
    /// Read the record to report on it; about to write.
    Reports {
        fence: u32,
        part: u16,
        outcome: Result<Receipt, Failure>,
        next: Delivery,
        rev: u64,
    },
}

#[derive(Debug, Clone, PartialEq)]
struct Sys {
    now: i64,
    store: Delivery,
    rev: u64,
    workers: [Worker; 2],
    reconciler: Option<(Delivery, u64)>,
    user: Option<(Delivery, u64)>,
    /// The author, who has changed it and is about to write.
    author: Option<(Delivery, u64)>,
    edit_left: bool,
    approve_left: bool,
    /// What somebody approved, as it was committed.
    approved: Option<String>,
    /// What a person has looked up and not answered yet: the question, and whether they saw the part.
    asked: Option<(Question, bool)>,
    cancel_left: bool,
    decide_left: bool,
    retry_left: bool,
    bad_reads_left: u8,
    posts: u8,
    /// Commits of each part, and when its last request left: until Δ after it, a commit may still happen or be missing
    /// from listings.
    commits: Vec<(u8, i64)>,
    /// Requests under way that may still commit: part and when they left.
    pending: Vec<(u16, i64)>,
    /// What the platform took and may still publish, however long that takes: the parts.
    taken: Vec<u16>,
    /// How often it may still be told of what is under way that it never will be there; of two readings that are written down one
    /// after the other it is one at most.
    early_left: u8,
    read_early: bool,
    early_last: bool,
    broken: Option<&'static str>,
}

#[derive(Debug, Clone, PartialEq)]
enum Act {
    Pass,
    Wake(usize),
    Claim(usize),
    ClaimAndDispatch(usize),
    Dispatch(usize),
    Post(usize, Reply),
    Read(usize),
    Report(usize),
    Crash(usize),
    Land(usize),
    Vanish(usize),
    Publish,
    Drop,
    Listing(Listing),
    Reconcile,
    AskCancel,
    AskApproval,
    Edit,
    AuthorWrites,
    AskAgain,
    Look,
    Decide,
    UserWrites,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Reply {
    Live,
    LiveSilent,
    Silent,
    LaterSilent,
    Unreachable,
    Throttled,
    Rejected,
    Duplicate,
    Taken,
    TakenSilent,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Listing {
    True,
    Stale,
    Broken,
    /// "It never will be there", of a post that nothing will make live any more.
    Never,
    /// The same, of one that is under way: older than what becomes of it.
    Early,
    /// None of what the platform said before that it has.
    Contrary,
}

fn ts(s: i64) -> Timestamp {
    Timestamp::from_second(s).unwrap()
}

fn receipt() -> Receipt {
    Receipt { id: Some("1".into()), url: None }
}

impl House {
    fn delivery(&self) -> Delivery {
        let due = ts(1000);
        let new = NewDelivery {
            id: DeliveryId::from_uuid(Uuid::nil()),
            tenant: TenantId::from_uuid(Uuid::nil()),
            post: PostId::from_uuid(Uuid::nil()),
            account: AccountId::from_uuid(Uuid::nil()),
            platform: "model".parse().unwrap(),
            content_hash: String::new(),
            parts: self.parts,
            due_at: due,
            max_lateness_s: LATENESS_S,
            settle_s: u32::try_from(SETTLE_S).unwrap(),
        };
        let mut accepted = Delivery::accepted(new, ts(0));
        if self.approval {
            accepted = accepted.awaiting(ts(0));
        }
        accepted.timeline.clear();
        accepted
    }

    /// Commits `next` if the record is still at `rev`; checks what must hold for every move.
    fn commit(&self, s: &mut Sys, mut next: Delivery, rev: u64) -> bool {
        if s.rev != rev && self.without != Without::Revision {
            return false;
        }
        next.timeline.clear();
        let before = &s.store;
        let open = matches!(before.state, At::Dispatching { .. } | At::Unknown { .. });
        if open && matches!(next.state, At::Scheduled | At::Queued) {
            s.broken = Some("an open outcome went back to the queue");
        }
        if matches!(before.state, At::Published { .. }) && !matches!(next.state, At::Published { .. }) {
            s.broken = Some("published was taken back (I4)");
        }
        for (i, (old, new)) in before.parts.iter().zip(&next.parts).enumerate() {
            if old.receipt.is_some() && new.receipt.is_none() {
                s.broken = Some("proof of a part was lost (I4)");
            }
            if new.receipt.is_some() && s.commits[i].0 == 0 {
                s.broken = Some("a part counts as live without a commit (I3)");
            }
        }
        let waits_for_people = matches!(next.state, At::Attention { .. });
        if !next.state.is_terminal() && !waits_for_people && next.wake.is_none() {
            s.broken = Some("nothing will ever look at it again (I2)");
        }
        s.store = next;
        s.rev += 1;
        true
    }

    /// A write that will be refused changes nothing: whoever holds an old revision is taken to have noticed.
    fn forget_what_cannot_matter(&self, s: &mut Sys) {
        if self.without == Without::Revision {
            return;
        }
        let rev_now = s.rev;
        for worker in &mut s.workers {
            match worker {
                Worker::Woke { rev, .. } | Worker::Claimed { rev, .. } if *rev != rev_now => *worker = Worker::Idle,
                Worker::Reports { rev, fence, part, outcome, .. } if *rev != rev_now => {
                    *worker = Worker::Posted { fence: *fence, part: *part, outcome: outcome.clone() };
                }
                _ => {}
            }
            if let Worker::Posted { fence, part, outcome } = worker
                && matches!(s.store.outcome(*fence, *part, outcome, ts(s.now), 0), Err(Refused::Fenced))
            {
                *worker = Worker::Idle;
            }
        }
        s.reconciler.take_if(|(_, rev)| *rev != rev_now);
        s.user.take_if(|(_, rev)| *rev != rev_now);
        s.author.take_if(|(_, rev)| *rev != rev_now);
    }

    fn next_instant(&self, s: &Sys) -> Option<i64> {
        let d = &s.store;
        let mut instants = vec![d.horizon().as_second() + 1];
        if !d.started {
            instants.push(d.due_at.as_second() + i64::from(LATENESS_S) + 1);
        }
        instants.extend(d.wake.map(|w| w.at.as_second()));
        match &d.state {
            At::Leased { lease_until, .. } | At::Dispatching { lease_until, .. } => {
                instants.push(lease_until.as_second() + 1);
            }
            At::Unknown { since, last_neg_at, .. } => {
                instants.push(since.as_second() + 24 * 3600 + 1);
                instants.extend(last_neg_at.map(|t| t.as_second() + 240));
                instants.extend(d.base_date.map(|t| t.as_second() + SETTLE_S + WORKER_LIFE_S + 1));
            }
            _ => {}
        }
        instants.extend(s.pending.iter().map(|(_, at)| at + SETTLE_S));
        instants.extend(s.commits.iter().filter(|c| c.0 > 0).map(|c| c.1 + SETTLE_S));
        let next = instants.into_iter().filter(|t| *t > s.now).min()?;
        // A request that is out takes effect within Δ or never: time does not pass over it undecided.
        s.pending.iter().all(|(_, at)| next <= at + SETTLE_S).then_some(next)
    }

    fn post(&self, s: &mut Sys, w: usize, reply: Reply) {
        let Worker::Dispatched { held, .. } = &s.workers[w] else { return };
        let (fence, part) = (held.fence, held.next_part().unwrap());
        let i = usize::from(part);
        if s.commits[..i].iter().any(|c| c.0 == 0) {
            s.broken = Some("a part left before the one it answers (I5)");
        }
        if matches!(s.store.state, At::Canceled { .. }) {
            s.broken = Some("a request left after the cancel was confirmed (I6)");
        }
        if self.approval && s.approved.as_ref() != Some(&held.content_hash) {
            s.broken = Some("a request left with what nobody approved (I32)");
        }
        s.posts += 1;
        let silent = || Err(Failure::Unconfirmed { detail: String::new() });
        let outcome = match reply {
            Reply::Live => Ok(receipt()),
            Reply::LiveSilent | Reply::Silent | Reply::LaterSilent | Reply::TakenSilent => silent(),
            Reply::Unreachable => Err(Failure::Unavailable),
            Reply::Throttled => Err(Failure::RateLimited { until: None }),
            Reply::Rejected => Err(Failure::Rejected { code: "no".into(), detail: String::new() }),
            Reply::Duplicate => Err(Failure::Duplicate { existing: None }),
            Reply::Taken if self.without == Without::Taken => silent(),
            Reply::Taken => Err(Failure::taken("")),
        };
        match reply {
            Reply::Live | Reply::LiveSilent => s.commits[i].0 += 1,
            Reply::LaterSilent => s.pending.push((part, s.now)),
            Reply::Taken | Reply::TakenSilent => s.taken.push(part),
            _ => {}
        }
        if !matches!(reply, Reply::Duplicate) {
            s.commits[i].1 = s.now;
        }
        let outcome = match outcome {
            Err(Failure::Unconfirmed { .. }) if self.without == Without::Unconfirmed => Err(Failure::Unavailable),
            other => other,
        };
        s.workers[w] = Worker::Posted { fence, part, outcome };
    }

    /// What its connector finds when it prepares, of what was sent before.
    fn earlier(&self, s: &Sys) -> Option<Failure> {
        let live = s.commits.iter().any(|commit| commit.0 > 0);
        match self.takes {
            true if live => Some(Failure::Duplicate { existing: Some(receipt()) }),
            true if !s.taken.is_empty() => Some(Failure::taken("")),
            _ => None,
        }
    }

    /// The store's clock, by which a person's "not there" is judged.
    fn persons_clock(&self, now: Timestamp) -> Timestamp {
        if self.without == Without::Patience { Timestamp::MAX } else { now }
    }

    fn read_back(&self, s: &Sys, listing: Listing) -> Result<Finding, Failure> {
        if !self.readable {
            return Ok(Finding::Unreadable);
        }
        let At::Unknown { part, .. } = s.store.state else { return Ok(Finding::Absent) };
        match listing {
            Listing::Broken => Err(Failure::Unavailable),
            Listing::Stale | Listing::Contrary => Ok(Finding::Absent),
            Listing::Never | Listing::Early => Ok(Finding::Refused { code: "no".into(), detail: String::new() }),
            Listing::True if s.taken.contains(&part) => Ok(Finding::Pending),
            Listing::True if self.blind => Ok(Finding::Absent),
            Listing::True if s.commits[usize::from(part)].0 > 0 => Ok(Finding::Found(receipt())),
            Listing::True => Ok(Finding::Absent),
        }
    }
}

impl Model for House {
    type State = Sys;
    type Action = Act;

    fn init_states(&self) -> Vec<Sys> {
        vec![Sys {
            now: 1000,
            store: self.delivery(),
            rev: 1,
            workers: [Worker::Idle, Worker::Idle],
            reconciler: None,
            user: None,
            author: None,
            edit_left: self.approval,
            approve_left: self.approval,
            approved: None,
            asked: None,
            cancel_left: self.cancels,
            decide_left: self.people,
            retry_left: self.people,
            bad_reads_left: if self.takes { 2 * self.early } else { u8::from(self.parts == 1) },
            posts: 0,
            commits: vec![(0, 0); self.parts],
            pending: Vec::new(),
            taken: Vec::new(),
            early_left: self.early,
            read_early: false,
            early_last: false,
            broken: None,
        }]
    }

    fn actions(&self, s: &Sys, out: &mut Vec<Act>) {
        if s.broken.is_some() {
            return;
        }
        if !s.store.state.is_terminal() || !s.pending.is_empty() || !s.taken.is_empty() {
            out.push(Act::Pass);
        }
        for (i, worker) in s.workers.iter().enumerate() {
            match worker {
                Worker::Idle => out.push(Act::Wake(i)),
                Worker::Woke { claims, .. } => {
                    out.push(Act::Claim(i));
                    // What it took before it is asked first, and that is slow.
                    if *claims && !self.takes {
                        out.push(Act::ClaimAndDispatch(i));
                    }
                }
                Worker::Claimed { .. } => out.push(Act::Dispatch(i)),
                Worker::Dispatched { .. } if s.posts < self.posts && self.takes => {
                    out.extend([Reply::Taken, Reply::TakenSilent].map(|r| Act::Post(i, r)));
                }
                Worker::Dispatched { held, .. } if s.posts < self.posts => {
                    let live = s.commits[usize::from(held.next_part().unwrap())].0 > 0;
                    if !(live && self.blind) {
                        out.extend([Reply::Live, Reply::LiveSilent, Reply::LaterSilent].map(|r| Act::Post(i, r)));
                    }
                    out.push(Act::Post(i, Reply::Unreachable));
                    if self.parts == 1 && !(live && self.blind) {
                        out.extend([Reply::Silent, Reply::Throttled, Reply::Rejected].map(|r| Act::Post(i, r)));
                    }
                    if live {
                        out.push(Act::Post(i, Reply::Duplicate));
                    }
                }
                Worker::Dispatched { .. } => {}
                Worker::Posted { .. } => out.push(Act::Read(i)),
                Worker::Reports { .. } => out.push(Act::Report(i)),
            }
            if !matches!(worker, Worker::Idle) {
                out.push(Act::Crash(i));
            }
        }
        for i in 0..s.pending.len() {
            out.push(Act::Land(i));
            out.push(Act::Vanish(i));
        }
        if !s.taken.is_empty() {
            out.extend([Act::Publish, Act::Drop]);
        }
        if s.reconciler.is_some() {
            out.push(Act::Reconcile);
        } else if let At::Unknown { part, .. } = s.store.state
            && s.store.wake.is_some_and(|w| w.at.as_second() <= s.now)
        {
            // Each time that it says "I have it" counts: it may say so for a day, and nothing else happens meanwhile.
            if s.bad_reads_left > 0 || !s.taken.contains(&part) {
                out.push(Act::Listing(Listing::True));
            }
            let (n, at) = s.commits[usize::from(part)];
            // What it took it reads under an id of its own, and never forgets.
            if n > 0 && s.now < at + SETTLE_S && !self.takes {
                out.push(Act::Listing(Listing::Stale));
            }
            if s.bad_reads_left > 0 && !self.takes {
                out.push(Act::Listing(Listing::Broken));
            }
            if self.takes && n == 0 && s.pending.is_empty() && s.taken.is_empty() {
                out.push(Act::Listing(Listing::Never));
            }
            if s.taken.contains(&part) && (s.store.doubt == Doubt::Taken || self.without == Without::Taken) {
                out.push(Act::Listing(Listing::Contrary));
            }
            if s.early_left > 0 && !s.early_last && n == 0 && !s.taken.is_empty() {
                out.push(Act::Listing(Listing::Early));
            }
        }
        if s.author.is_some() {
            out.push(Act::AuthorWrites);
        } else if s.edit_left {
            out.push(Act::Edit);
        }
        if s.user.is_some() {
            out.push(Act::UserWrites);
        } else {
            if s.cancel_left {
                out.push(Act::AskCancel);
            }
            if s.approve_left {
                out.push(Act::AskApproval);
            }
            if s.retry_left && matches!(s.store.state, At::Failed { .. } | At::Partial { .. } | At::Missed { .. }) {
                out.push(Act::AskAgain);
            }
            // People tell the truth about what they saw, whenever they looked. "Not there" is taken from them only when the
            // page offers it.
            if s.asked.is_some() {
                out.push(Act::Decide);
            } else if s.decide_left && s.store.question().is_some() {
                out.push(Act::Look);
            }
        }
    }

    fn next_state(&self, last: &Sys, action: Act) -> Option<Sys> {
        let mut s = last.clone();
        let now = ts(s.now);
        match action {
            Act::Pass => {
                s.now = self.next_instant(&s)?;
                for worker in &mut s.workers {
                    // Its lease may be over, and others at work, while it still sends.
                    if let Worker::Woke { at, .. } | Worker::Claimed { at, .. } | Worker::Dispatched { at, .. } = worker
                        && s.now > *at + WORKER_LIFE_S
                    {
                        *worker = Worker::Idle;
                    }
                }
            }
            Act::Wake(w) => {
                let owner = format!("w{w}");
                if self.without == Without::Doubt
                    && let At::Dispatching { lease_until, .. } = &s.store.state
                    && *lease_until < now
                {
                    s.store.state = At::Retry { reason: RetryReason::Unavailable };
                    s.rev += 1;
                    return Some(s);
                }
                let looked = if self.without == Without::Approval {
                    // At its time, as everything else.
                    let wake = s.store.wake.map(|wake| Wake { at: wake.at.min(s.store.due_at), ..wake });
                    Delivery { clearance: Clearance::Free, wake, ..s.store.clone() }
                } else {
                    s.store.clone()
                };
                let (moved, claims) = match looked.wakened(&owner, now) {
                    Wakened::Claimed(t) => (t, true),
                    Wakened::Ended(t) => (t, false),
                    Wakened::Idle(_) | Wakened::Parked => return None,
                };
                s.workers[w] = Worker::Woke { next: moved.next, rev: s.rev, claims, at: s.now };
            }
            Act::Claim(w) => {
                let Worker::Woke { next, rev, claims, at } = s.workers[w].clone() else { return None };
                let done = self.commit(&mut s, next, rev);
                s.workers[w] = if done && claims {
                    Worker::Claimed { held: s.store.clone(), rev: s.rev, base: s.now, at }
                } else {
                    Worker::Idle
                };
            }
            Act::Dispatch(w) | Act::ClaimAndDispatch(w) => {
                // A worker's life counts from its wake-up, not from its last step.
                let (held, rev, base, at) = match s.workers[w].clone() {
                    Worker::Claimed { held, rev, base, at } => (held, rev, base, at),
                    Worker::Woke { next, rev, at, .. } => (next, rev, at, at),
                    _ => return None,
                };
                let owner = format!("w{w}");
                let moved = match self.earlier(&s) {
                    Some(failure) => held.held_back(&owner, &failure, now, 0).ok(),
                    // What it names its requests by is kept with the record that one leaves.
                    None if self.takes && self.without != Without::Names => {
                        let named = Delivery { progress: Some(json!({ FORMER: ["v"] })), ..held };
                        named.dispatching(&owner, ts(base), now).ok()
                    }
                    None => held.dispatching(&owner, ts(base), now).ok(),
                };
                let leaves = moved.as_ref().is_some_and(|t| matches!(t.next.state, At::Dispatching { .. }));
                let done = moved.is_some_and(|t| self.commit(&mut s, t.next, rev));
                s.workers[w] = if done && leaves {
                    Worker::Dispatched { held: s.store.clone(), rev: s.rev, at }
                } else {
                    Worker::Idle
                };
            }
            Act::Post(w, reply) => self.post(&mut s, w, reply),
            Act::Read(w) => {
                let Worker::Posted { fence, part, outcome } = s.workers[w].clone() else { return None };
                s.workers[w] = match s.store.outcome(fence, part, &outcome, now, 0) {
                    Ok(moved) => Worker::Reports { fence, part, outcome, next: moved.next, rev: s.rev },
                    Err(_) => Worker::Idle,
                };
            }
            Act::Report(w) => {
                let Worker::Reports { fence, part, outcome, next, rev } = s.workers[w].clone() else { return None };
                s.workers[w] = if !self.commit(&mut s, next, rev) {
                    Worker::Posted { fence, part, outcome }
                } else if matches!(&s.store.state, At::Leased { owner, .. } if *owner == format!("w{w}")) {
                    Worker::Claimed { held: s.store.clone(), rev: s.rev, base: s.now, at: s.now }
                } else {
                    Worker::Idle
                };
            }
            Act::Crash(w) => {
                s.workers[w] = Worker::Idle;
            }
            Act::Land(i) => {
                let (part, _) = s.pending.remove(i);
                s.commits[usize::from(part)].0 += 1;
            }
            Act::Vanish(i) => {
                s.pending.remove(i);
            }
            Act::Publish => {
                let part = s.taken.pop()?;
                s.commits[usize::from(part)] = (s.commits[usize::from(part)].0 + 1, s.now);
            }
            Act::Drop => {
                s.taken.pop()?;
            }
            Act::Listing(listing) => {
                let unread = listing == Listing::Broken || (listing == Listing::True && !s.taken.is_empty());
                s.bad_reads_left -= u8::from(unread);
                s.read_early = listing == Listing::Early;
                s.early_left -= u8::from(s.read_early);
                let finding = self.read_back(&s, listing);
                if self.without == Without::Settle && matches!(finding, Ok(Finding::Absent)) {
                    let mut next = s.store.clone();
                    next.state = At::Retry { reason: RetryReason::Absent };
                    s.reconciler = Some((next, s.rev));
                } else if self.without == Without::Twice && matches!(finding, Ok(Finding::Refused { .. })) {
                    let At::Unknown { part, since, neg_reads, last_neg_at, resembled, .. } = s.store.state else {
                        return None;
                    };
                    let state = At::Unknown { part, since, neg_reads, last_neg_at, resembled, never: true };
                    let read = Delivery { state, ..s.store.clone() };
                    s.reconciler = read.reconciled(&finding, now, now).ok().map(|t| (t.next, s.rev));
                } else {
                    s.reconciler = s.store.reconciled(&finding, now, now).ok().map(|t| (t.next, s.rev));
                }
            }
            Act::Reconcile => {
                let (next, rev) = s.reconciler.take()?;
                if self.commit(&mut s, next, rev) {
                    s.early_last = s.read_early;
                }
                s.read_early = false;
            }
            Act::AskCancel => {
                s.cancel_left = false;
                s.user = s.store.canceled(now).ok().map(|t| (t.next, s.rev));
            }
            Act::AskApproval => {
                s.approve_left = false;
                s.user = s.store.approved(now).ok().map(|t| (t.next, s.rev));
            }
            Act::Edit => {
                s.edit_left = false;
                let moved = s.store.edited(s.store.due_at, self.parts, "changed".into(), now).ok();
                s.author = moved.map(|t| {
                    let (clearance, wake) = (s.store.clearance.clone(), s.store.wake);
                    let next = if self.forgetful { Delivery { clearance, wake, ..t.next } } else { t.next };
                    (next, s.rev)
                });
            }
            Act::AuthorWrites => {
                let (next, rev) = s.author.take()?;
                self.commit(&mut s, next, rev);
            }
            Act::AskAgain => {
                s.retry_left = false;
                s.user = s.store.retry_asked(&[], now, now).ok().map(|t| (t.next, s.rev));
            }
            Act::Look => {
                let question = s.store.question()?;
                let live = s.commits[usize::from(question.part)].0 > 0;
                s.store.decided(question, live.then_some(Receipt::NAMELESS), self.persons_clock(now), now).ok()?;
                s.asked = Some((question, live));
            }
            Act::Decide => {
                s.decide_left = false;
                let (mut question, live) = s.asked.take()?;
                if self.without == Without::Question {
                    question = s.store.question()?;
                }
                let moved = s.store.decided(question, live.then_some(Receipt::NAMELESS), self.persons_clock(now), now);
                s.user = moved.ok().map(|t| (t.next, s.rev));
            }
            Act::UserWrites => {
                let (next, rev) = s.user.take()?;
                let yes = matches!(next.clearance, Clearance::Approved(_)).then(|| next.content_hash.clone());
                if self.commit(&mut s, next, rev) {
                    s.approved = yes.or(s.approved.take());
                }
            }
        }
        self.forget_what_cannot_matter(&mut s);
        Some(s)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("every part is committed at most once (I1)", |_, s: &Sys| {
                s.commits.iter().all(|c| c.0 <= 1)
            }),
            Property::always("published means every part committed exactly once (I3)", |_, s: &Sys| {
                !matches!(s.store.state, At::Published { .. }) || s.commits.iter().all(|c| c.0 == 1)
            }),
            Property::always(
                "failed, missed and canceled mean nothing was committed or still can be (I3)",
                |_, s: &Sys| {
                    let ended = matches!(s.store.state, At::Failed { .. } | At::Missed { .. } | At::Canceled { .. });
                    !ended || (s.pending.is_empty() && s.taken.is_empty() && s.commits.iter().all(|c| c.0 == 0))
                },
            ),
            Property::always("partial means some parts and not all (I3)", |_, s: &Sys| {
                let live = s.commits.iter().filter(|c| c.0 > 0).count();
                !matches!(s.store.state, At::Partial { .. }) || (live > 0 && live < s.commits.len())
            }),
            Property::always("no move breaks a rule (I2, I3, I4, I5, I6)", |_, s: &Sys| s.broken.is_none()),
            Property::sometimes("it gets published", |_, s: &Sys| matches!(s.store.state, At::Published { .. })),
            Property::sometimes("a person is asked", |_, s: &Sys| matches!(s.store.state, At::Attention { .. })),
            Property::sometimes("it gets canceled", |_, s: &Sys| matches!(s.store.state, At::Canceled { .. })),
            Property::sometimes("it gets missed", |_, s: &Sys| matches!(s.store.state, At::Missed { .. })),
            Property::sometimes("it fails", |_, s: &Sys| matches!(s.store.state, At::Failed { .. })),
            Property::sometimes("it is sent again after it was proved absent or a person said so", |_, s: &Sys| {
                s.store.doubt != Doubt::Clear && matches!(s.store.state, At::Leased { .. })
            }),
        ]
    }

    fn within_boundary(&self, s: &Sys) -> bool {
        usize::from(s.store.claims) + self.parts <= 3
    }
}

/// Seconds from `now` on; everything past counts alike.
fn ahead(t: Timestamp, now: i64) -> i64 {
    (t.as_second() - now).max(-1)
}

/// Seconds since, as far as they matter.
fn ago(t: Timestamp, now: i64, most: i64) -> i64 {
    (now - t.as_second()).min(most)
}

fn hash_delivery<H: Hasher>(d: &Delivery, now: i64, h: &mut H) {
    d.state.name().hash(h);
    match &d.state {
        At::Leased { lease_until, .. } => ahead(*lease_until, now).hash(h),
        At::Dispatching { part, lease_until, .. } => (part, ahead(*lease_until, now)).hash(h),
        At::Unknown { part, since, neg_reads, last_neg_at, resembled, never } => {
            let neg = last_neg_at.map(|t| ago(t, now, 240));
            (part, ago(*since, now, 24 * 3600 + 1), neg_reads, neg, resembled, never).hash(h);
        }
        At::Attention { part, .. } => part.hash(h),
        _ => {}
    }
    (&d.clearance, &d.content_hash).hash(h);
    d.wake.map(|w| ahead(w.at, now)).hash(h);
    (d.claims, d.attempts, d.started, d.doubt, d.progress.is_some()).hash(h);
    d.base_date.map(|t| ago(t, now, SETTLE_S + WORKER_LIFE_S + 1)).hash(h);
    (
        ahead(d.horizon(), now),
        if d.started { 0 } else { ahead(d.due_at + SignedDuration::from_secs(LATENESS_S.into()), now) },
    )
        .hash(h);
    for part in &d.parts {
        part.receipt.as_ref().map(|r| r.id.is_some()).hash(h);
    }
}

impl Hash for Sys {
    /// Two states are one if they differ only in the names of instants, revisions, fences and workers.
    fn hash<H: Hasher>(&self, h: &mut H) {
        let now = self.now;
        hash_delivery(&self.store, now, h);
        let held = |d: &Delivery, rev: u64, h: &mut DefaultHasher| {
            (self.rev.wrapping_sub(rev)).hash(h);
            hash_delivery(d, now, h);
        };
        let behind = |fence: &u32| self.store.fence.wrapping_sub(*fence);
        let mut workers = self.workers.each_ref().map(|worker| {
            let h = &mut DefaultHasher::new();
            std::mem::discriminant(worker).hash(h);
            match worker {
                Worker::Idle => {}
                Worker::Woke { next, rev, claims, at } => {
                    (claims, now - at).hash(h);
                    held(next, *rev, h);
                }
                Worker::Claimed { held: d, rev, base, at } => {
                    (now - base, now - at).hash(h);
                    held(d, *rev, h);
                }
                Worker::Dispatched { held: d, at, .. } => (now - at, behind(&d.fence), d.next_part()).hash(h),
                Worker::Posted { fence, part, outcome } => (behind(fence), part, code(outcome)).hash(h),
                Worker::Reports { fence, part, outcome, next, rev } => {
                    (behind(fence), part, code(outcome)).hash(h);
                    held(next, *rev, h);
                }
            }
            h.finish()
        });
        workers.sort_unstable();
        workers.hash(h);
        for other in [&self.reconciler, &self.user, &self.author] {
            let other = other.as_ref().map(|(next, rev)| {
                let h = &mut DefaultHasher::new();
                held(next, *rev, h);
                h.finish()
            });
            other.hash(h);
        }
        self.asked.map(|(q, live)| (q.part, behind(&q.fence), live)).hash(h);
        (self.cancel_left, self.decide_left, self.retry_left, self.bad_reads_left, self.posts).hash(h);
        for (n, at) in &self.commits {
            (n, if *n > 0 { (now - at).min(SETTLE_S) } else { 0 }).hash(h);
        }
        for (part, at) in &self.pending {
            (part, now - at).hash(h);
        }
        (&self.taken, self.early_left, self.read_early, self.early_last).hash(h);
        (self.edit_left, self.approve_left, &self.approved).hash(h);
        self.broken.hash(h);
    }
}

fn code(outcome: &Result<Receipt, Failure>) -> &str {
    match outcome {
        Ok(_) => "ok",
        Err(failure) => failure.code(),
    }
}

fn explore(name: &str, house: House) {
    let checker = house.checker().threads(2).finish_when(HasDiscoveries::AnyFailures).spawn_bfs().join();
    println!(
        "model {name}: {} states explored ({} unique), depth {}, {} violations",
        checker.state_count(),
        checker.unique_state_count(),
        checker.max_depth(),
        checker.discoveries().keys().filter(|k| k.contains("(I")).count(),
    );
    if let Some((rule, path)) = checker.discoveries().into_iter().find(|(k, _)| k.contains("(I")) {
        panic!("{name}: {rule}\n{:#?}\nlast: {:#?}", path.clone().into_actions(), path.last_state());
    }
}

const READABLE: House = House {
    parts: 1,
    readable: true,
    blind: false,
    takes: false,
    early: 0,
    posts: 2,
    cancels: true,
    people: false,
    approval: false,
    forgetful: false,
    without: Without::Nothing,
};

/// It takes what it publishes much later, and is asked of that before more is sent.
const TAKES: House = House { takes: true, early: 1, cancels: false, ..READABLE };

/// Somebody has to approve it; few things besides.
const APPROVED: House = House { posts: 1, cancels: false, approval: true, ..READABLE };

#[test]
fn every_interleaving_on_a_readable_platform_keeps_the_promises() {
    explore("readable", READABLE);
}

#[test]
fn every_interleaving_on_a_write_only_platform_keeps_the_promises() {
    explore("write-only", House { readable: false, people: true, cancels: false, ..READABLE });
}

#[test]
fn every_interleaving_where_no_listing_shows_what_is_live_and_duplicates_are_refused_keeps_the_promises() {
    explore("blind", House { blind: true, cancels: false, ..READABLE });
}

#[test]
fn every_interleaving_where_what_is_taken_is_published_whenever_or_never_keeps_the_promises() {
    explore("takes", TAKES);
}

#[test]
fn every_interleaving_where_it_is_said_twice_too_early_that_what_is_taken_never_will_be_there_keeps_the_promises() {
    explore("takes, told early twice", House { early: 2, posts: 1, ..TAKES });
}

#[test]
fn every_interleaving_with_people_who_look_before_what_is_taken_is_published_keeps_the_promises() {
    explore("takes, with people", House { people: true, early: 0, posts: 1, ..TAKES });
}

#[test]
fn every_interleaving_of_a_thread_of_two_parts_keeps_the_promises() {
    explore("thread", House { parts: 2, posts: 3, cancels: false, ..READABLE });
}

#[test]
fn every_interleaving_of_an_approver_an_author_and_two_workers_sends_only_what_was_approved() {
    explore("approval", APPROVED);
}

#[test]
fn every_interleaving_with_an_author_who_forgets_to_take_the_approval_back_sends_only_what_was_approved() {
    explore("forgetful", House { forgetful: true, ..APPROVED });
}

#[test]
fn the_model_notices_every_guard_that_is_taken_away() {
    let asked = House { people: true, cancels: false, ..READABLE };
    for house in [
        House { without: Without::Revision, ..READABLE },
        House { without: Without::Doubt, ..READABLE },
        House { without: Without::Settle, ..READABLE },
        House { without: Without::Unconfirmed, ..READABLE },
        House { without: Without::Patience, readable: false, ..asked },
        House { without: Without::Question, posts: 3, ..asked },
        House { without: Without::Approval, ..APPROVED },
        House { without: Without::Taken, cancels: true, ..TAKES },
        House { without: Without::Names, people: true, early: 0, posts: 1, ..TAKES },
        House { without: Without::Twice, ..TAKES },
    ] {
        let without = house.without;
        let checker = house.checker().threads(2).finish_when(HasDiscoveries::AnyFailures);
        let checker = checker.spawn_bfs().join();
        let found: Vec<_> = checker.discoveries().into_keys().filter(|k| k.contains("(I")).collect();
        println!("model without {without:?}: {found:?}");
        assert!(!found.is_empty(), "without {without:?} nothing was noticed");
    }
}
