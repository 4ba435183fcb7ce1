//! A world of webhooks: endpoints that are well, broken, busy, mute, moody or gone by turns, people who switch them off and on and
//! send again what they were not told, and events all the while.

mod check;
mod drain;
mod order;

use super::clients::{Answer, answer, once};
use super::crowd::API_S;
use super::plan::{Act, Plan};
use super::run::{Duty, End, Sim};
use crate::{Kind, Mood, Process, Rng, START_MS, World, now};
use app::webhooks::{EndpointEdit, NewEndpoint, Range, Registered, edit_endpoint, recover, register};
use domain::access::Caller;
use domain::events::{AccountFacts, EventData};
use domain::webhooks::{Order, Recovery};
use domain::{AccountId, EndpointId};
use jiff::Timestamp;
use ports::{Bus, Connector, StoredReply};
use std::collections::BTreeMap;
use uuid::Uuid;

const HOUR_MS: i64 = 3_600_000;
/// Limits of endpoints that have any.
const LIMITS: [u32; 5] = [1, 2, 3, 7, 20];
/// Most events that come at once where endpoints have limits, or are told in order.
const BURST: i64 = 12;
/// Accounts to which something happens where endpoints are told in order.
const KEYS: usize = 3;

/// What a world of webhooks is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Webhooks {
    /// Endpoints.
    pub endpoints: usize,
    /// Events, at most.
    pub events: i64,
    /// Days in which all of it happens.
    pub days: i64,
    /// Whether endpoints have limits of their own, and events come many at once.
    pub limited: bool,
    /// Whether endpoints are told in order, of few accounts, and events come many at once.
    pub ordered: bool,
}

/// Something about endpoint n.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookAct {
    /// Something happens of which every endpoint is told.
    Happens,
    /// From now on the endpoint is so.
    Turns(usize, Mood),
    /// A person switches it off.
    Off(usize),
    /// A person switches it on.
    On(usize),
    /// A person has it sent again what it was not told, or everything.
    Recover(usize, bool),
}

/// The endpoints of a world of webhooks.
#[derive(Debug, Default)]
pub(crate) struct Hooks {
    /// Each with its address.
    pub endpoints: Vec<(EndpointId, String)>,
    /// The limit of each, in requests a minute.
    pub limits: Vec<Option<u32>>,
    /// When somebody had the waits of an endpoint forgotten.
    pub forgiven: Vec<(usize, i64)>,
    /// When somebody first asked for what an endpoint was not told.
    pub recovered: Vec<(usize, i64)>,
    /// Whether they are told in order.
    pub ordered: bool,
}

fn mood(rng: &mut Rng) -> Mood {
    let busy = [2, 21, 90, 401, 4_000, 90_001];
    let n = busy[rng.index(busy.len())];
    let moods =
        [(3, Mood::Well), (3, Mood::Moody), (2, Mood::Broken), (2, Mood::Busy(n)), (1, Mood::Mute), (1, Mood::Gone)];
    rng.weighted(&moods).unwrap_or(Mood::Well)
}

fn done<T>(_: &T) -> StoredReply {
    StoredReply { status: 200, body: String::new() }
}

impl Hooks {
    /// Registers the endpoints and adds what happens to the plan.
    #[allow(clippy::panic)] // a fault of the simulator itself
    pub(super) fn begin(world: &World, wanted: Webhooks, plan: &mut Plan) -> Self {
        let deps = world.deps();
        let mut hooks = Self { ordered: wanted.ordered, ..Self::default() };
        for n in 0..wanted.endpoints {
            let url = format!("https://r{n}.test/hook");
            let limit = wanted.limited.then(|| LIMITS[world.engine.chance(|rng| rng.index(LIMITS.len()))]);
            let new = NewEndpoint {
                name: format!("r{n}"),
                url: url.clone(),
                rate_per_minute: limit,
                order: if wanted.ordered { Order::Key } else { Order::None },
                ..NewEndpoint::default()
            };
            hooks.limits.push(limit);
            let encode = |made: &Registered| StoredReply { status: 201, body: made.endpoint.id.to_string() };
            let once = once("POST /webhooks", url.clone());
            match now(register(&deps, &world.caller, &new, "https://herald.test", &once, &encode)) {
                Ok(reply) => hooks.endpoints.extend(reply.stored.body.parse().ok().map(|id| (id, url))),
                Err(error) => panic!("an endpoint could not be registered in calm weather: {error}"),
            }
        }
        plan.posts.clear();
        plan.acts = world.engine.chance(|rng| drawn(rng, wanted));
        hooks
    }
}

fn drawn(rng: &mut Rng, wanted: Webhooks) -> Vec<(i64, Act)> {
    // Most of it happens in the first hours of its days, so that the schedule of what failed is seen to its end.
    let span = wanted.days * 8 * HOUR_MS;
    let mut acts: Vec<(i64, HookAct)> = (0..rng.between(wanted.events.min(2), wanted.events))
        .map(|_| (rng.between(0, span), HookAct::Happens))
        .collect();
    if wanted.limited || wanted.ordered {
        let first: Vec<i64> = acts.iter().map(|(at, _)| *at).collect();
        for at in first {
            let more = 0..rng.between(0, BURST);
            acts.extend(more.map(|_| (at + rng.between(0, 5_000), HookAct::Happens)));
        }
    }
    for n in 0..wanted.endpoints {
        let mut at = 0;
        while at < span {
            acts.push((at, HookAct::Turns(n, mood(rng))));
            let most = if rng.permille(300) { wanted.days * 24 } else { 12 };
            at += rng.between(60_000, most * HOUR_MS);
        }
        for _ in 0..rng.index(3) {
            let off = rng.between(0, span);
            acts.push((off, HookAct::Off(n)));
        }
        for _ in 0..rng.index(4) {
            let on = rng.between(0, span);
            acts.push((on, HookAct::On(n)));
            acts.push((on + rng.between(1_000, HOUR_MS), HookAct::Recover(n, rng.permille(300))));
        }
    }
    acts.sort_by_key(|(at, _)| *at);
    acts.into_iter().map(|(at, act)| (START_MS + at, Act::Hook(act))).collect()
}

/// What a person asks for.
async fn asked(process: &Process, caller: &Caller, endpoint: EndpointId, act: HookAct, n: usize) -> Answer {
    let deps = &process.deps;
    match act {
        HookAct::Off(_) | HookAct::On(_) => {
            let Ok(Some(found)) = deps.ledger.endpoint(caller.tenant, endpoint).await else { return Answer::Again };
            let edit = EndpointEdit { on: Some(matches!(act, HookAct::On(_))), ..EndpointEdit::default() };
            let once = once("PATCH /webhooks", format!("switch {n}"));
            let base = "https://herald.test";
            answer(edit_endpoint(deps, caller, endpoint, found.rev, &edit, base, &once, &done).await)
        }
        HookAct::Recover(_, every) => {
            // A machine whose clock is behind made its first events before the world began.
            let since = Timestamp::from_millisecond(START_MS - 60_000).unwrap_or(Timestamp::UNIX_EPOCH);
            let once = once("POST /recover", format!("recover {n}"));
            let range = Range { since, until: None, every };
            answer(recover(deps, caller, endpoint, range, &once, &done::<Recovery>).await)
        }
        HookAct::Happens | HookAct::Turns(..) => Answer::Refused,
    }
}

impl Sim<'_> {
    /// Performs act number `n` of a world of webhooks.
    pub(super) fn hook(&mut self, n: usize, act: HookAct) {
        match act {
            HookAct::Happens => {
                let account = if self.hooks.ordered { n % KEYS } else { n };
                let account_id = AccountId::from_uuid(Uuid::from_u128(account as u128));
                let facts = AccountFacts {
                    account_id,
                    platform: self.world.platforms[0].descriptor().id.clone(),
                    reason: None,
                };
                let made =
                    self.world.deps().events(self.world.caller.tenant, "hook", [EventData::AccountConnected(facts)]);
                // The outbox of whoever tells it would bring it again.
                while now(self.world.bus.publish(&made)).contains(&false) {}
                self.settled.insert(n);
            }
            HookAct::Turns(at, mood) => {
                self.world.listener.is(&self.hooks.endpoints[at].1, mood);
                self.settled.insert(n);
            }
            HookAct::Off(at) | HookAct::On(at) | HookAct::Recover(at, _) => {
                let now_ms = self.world.engine.now_ms();
                match act {
                    HookAct::On(_) => self.hooks.forgiven.push((at, now_ms)),
                    HookAct::Recover(..) => self.hooks.recovered.push((at, now_ms)),
                    _ => {}
                }
                let endpoint = self.hooks.endpoints[at].0;
                self.start(Kind::Api, API_S, Duty { act: Some(n), ..Duty::default() }, move |process, world| {
                    Box::pin(async move { End::Client(n, asked(&process, &world.caller, endpoint, act, n).await) })
                });
            }
        }
    }

    /// A person asks in calm weather, in this turn of all endpoints. Whether it was done.
    fn calmly(&self, at: usize, act: HookAct, turn: usize) -> bool {
        // Later than whatever another machine's clock said before.
        self.world.engine.advance_ms(60_000);
        let (process, endpoint) = (self.world.process(), self.hooks.endpoints[at].0);
        // Numbers that no act of the plan has.
        let n = usize::MAX - turn * self.hooks.endpoints.len() - at;
        matches!(now(asked(&process, &self.world.caller, endpoint, act, n)), Answer::Done(_))
    }

    /// How often each endpoint was sent each event.
    fn sent(&self) -> BTreeMap<(String, String), u64> {
        let mut sent = BTreeMap::new();
        for heard in self.world.listener.heard() {
            *sent.entry((heard.url, heard.id)).or_default() += 1;
        }
        sent
    }

    /// Whether a clock may be off, a call fail or a process die.
    fn is_rough(&self) -> bool {
        let weather = &self.setup.weather;
        weather.fates.crash > 0
            || weather.store_throttled > 0
            || weather.skew_ms > 0
            || weather.ticks > 0
            || self.setup.crash_at.is_some()
    }

    /// Whether clocks are right and nobody sleeps between a count and its request, however else the weather is.
    fn counts_hold(&self) -> bool {
        let weather = &self.setup.weather;
        weather.fates.pause == 0 && weather.fates.jump == 0 && weather.skew_ms == 0
    }
}
