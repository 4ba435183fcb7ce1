//! What a world of webhooks is judged by.

use super::HookAct;
use crate::Mood;
use crate::egress::Heard;
use crate::now;
use crate::sim::check::{Report, Verdict};
use crate::sim::run::Sim;
use app::webhooks::{LogFilter, message, messages};
use domain::events::{Event, EventData};
use domain::webhooks::{
    ASKED_TO_WAIT, DELETED, DISABLED, EXHAUSTED, GONE, LANE_FULL, LINE_FULL, SLOW_MOST_S, WAITS_S, WebhookMessage,
    WebhookState,
};
use std::collections::{BTreeMap, BTreeSet};

/// Reasons for a dead message that the API documents.
const REASONS: [&str; 7] = [EXHAUSTED, ASKED_TO_WAIT, LINE_FULL, LANE_FULL, DISABLED, DELETED, GONE];
/// Requests to one endpoint from which on many are under way at once.
const CROWD: usize = 150;
/// Milliseconds until everybody knows what an endpoint answered.
const SPREADS_MS: i64 = 3_000;
/// Milliseconds by which an attempt may be off: those that it may begin early, and the whole seconds in which a queue counts.
const GRAIN_MS: i64 = 1_500;
/// Milliseconds that the tick, the index and what waits beside it may add.
const LATE_MS: i64 = 240_000;

/// Milliseconds for which an endpoint that does not answer is left alone at most, with the tenth over which what waits is spread.
const SILENCE_MS: i64 = SLOW_MOST_S * 1_100;

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    verdict: Verdict,
    states: BTreeMap<String, u64>,
}

impl Found {
    pub(crate) fn tell(self, report: &mut Report) {
        let (v, found) = (&mut report.verdict, self.verdict);
        v.unheard += found.unheard;
        v.early += found.early;
        v.crowded += found.crowded;
        v.out_of_order += found.out_of_order;
        v.off_schedule += found.off_schedule;
        v.left_dead += found.left_dead;
        v.unreplayed += found.unreplayed;
        report.hooks = self.states;
    }
}

impl Sim<'_> {
    /// Judges what the storm left; mends the endpoints, sends again what they were not told, and judges that; then all of it once more.
    pub(crate) fn judge_hooks(&mut self) -> Found {
        let mut found = Found::default();
        let heard = self.world.listener.heard();
        for at in 0..self.hooks.endpoints.len() {
            self.told(at, &heard, &mut found);
            if self.hooks.ordered && self.counts_hold() {
                found.verdict.out_of_order += self.out_of_order(at, &heard);
            }
        }
        for (at, (_, url)) in self.hooks.endpoints.iter().enumerate() {
            self.world.listener.is(url, Mood::Well);
            found.verdict.left_dead += u64::from(!self.calmly(at, HookAct::On(at), 0));
        }
        let ended = |found: &mut Found, ok: bool| found.verdict.left_dead += u64::from(!ok);
        ended(&mut found, self.drain());
        for at in 0..self.hooks.endpoints.len() {
            let asked = self.calmly(at, HookAct::Recover(at, false), 1);
            ended(&mut found, asked);
        }
        ended(&mut found, self.drain());
        let before = self.sent();
        for at in 0..self.hooks.endpoints.len() {
            found.verdict.left_dead +=
                self.events_of(at).iter().filter(|event| !self.is_delivered(at, event)).count() as u64;
            let asked = self.calmly(at, HookAct::Recover(at, true), 2);
            found.verdict.unreplayed += u64::from(!asked);
        }
        found.verdict.unreplayed += u64::from(!self.drain());
        let after = self.sent();
        for at in 0..self.hooks.endpoints.len() {
            let url = &self.hooks.endpoints[at].1;
            for event in self.events_of(at) {
                let key = (url.clone(), event.id.to_string());
                found.verdict.unreplayed += u64::from(after.get(&key) <= before.get(&key));
            }
        }
        if self.counts_hold() {
            let heard = self.world.listener.heard();
            for at in 0..self.hooks.endpoints.len() {
                found.verdict.crowded += self.crowded(at, &heard);
            }
        }
        found
    }

    /// What endpoint `at` is to hear of: everything but what tells of itself.
    pub(super) fn events_of(&self, at: usize) -> Vec<Event> {
        let own = self.hooks.endpoints[at].0;
        let itself = |event: &Event| match &event.data {
            EventData::EndpointDisabled(facts) | EventData::EndpointFailing(facts) => facts.endpoint_id == own,
            _ => false,
        };
        self.world.bus.taken().into_iter().filter(|event| !itself(event)).collect()
    }

    fn is_delivered(&self, at: usize, event: &Event) -> bool {
        let (endpoint, url) = &self.hooks.endpoints[at];
        let id = event.id.to_string();
        let taken = self.world.listener.heard().iter().any(|h| h.taken && h.url == *url && h.id == id);
        let message = self.world.message(*endpoint, event.id);
        taken && message.is_some_and(|m| matches!(m.state, WebhookState::Delivered { .. }))
    }

    /// Each event is delivered, or dead for a reason that the API shows, or will be tried; under one id, with the same words, at the
    /// times it is to be.
    fn told(&self, at: usize, heard: &[Heard], found: &mut Found) {
        let (endpoint, url) = &self.hooks.endpoints[at];
        let mine: Vec<&Heard> = heard.iter().filter(|h| h.url == *url).collect();
        let mut by_id: BTreeMap<&str, Vec<&Heard>> = BTreeMap::new();
        for h in &mine {
            by_id.entry(&h.id).or_default().push(h);
        }
        let log = self.log_of(at);
        let deps = self.world.deps();
        let silences = self.silences_of(at);
        let mut known = BTreeSet::new();
        for event in self.events_of(at) {
            let id = event.id.to_string();
            let sent = by_id.get(id.as_str()).cloned().unwrap_or_default();
            known.insert(id);
            let Ok(m) = now(message(&deps, &self.world.caller, *endpoint, event.id)) else {
                found.verdict.unheard += 1;
                self.world.engine.log("unheard", |t| *t = format!("{url} {} has no message", event.id));
                continue;
            };
            let taken = sent.iter().any(|h| h.taken);
            let (state, good) = match &m.state {
                WebhookState::Delivered { .. } => ("delivered".to_owned(), taken),
                WebhookState::Dead { reason, .. } => (format!("dead: {reason}"), REASONS.contains(&reason.as_str())),
                WebhookState::Pending | WebhookState::Sending { .. } => {
                    let behind = m.wake.is_none() && self.stands_behind(at, &m);
                    (if behind { "behind" } else { "under way" }.to_owned(), behind || m.wake.is_some())
                }
            };
            *found.states.entry(state).or_default() += 1;
            if !good || log.get(&event.id) != Some(&m.state) {
                found.verdict.unheard += 1;
                let listed = log.get(&event.id);
                self.world.engine.log("unheard", |t| *t = format!("{url} {m:?}, listed {listed:?}"));
            }
            found.verdict.unheard += sent.iter().filter(|h| h.body != m.body).count() as u64;
            if m.stood_s > 0 {
                *found.states.entry("in line".to_owned()).or_default() += 1;
            }
            self.timely(&m, &sent, (&mine, &silences), self.hooks.limits[at].is_some(), found);
        }
        for h in mine.iter().filter(|h| !known.contains(&h.id)) {
            found.verdict.unheard += 1;
            self.world.engine.log("unheard", |t| *t = format!("{url} {} is not what it was to hear", h.id));
        }
        // Of many attempts that end at once not each may get to say what it was told: the next one tells it anew.
        let few = mine.len() < CROWD;
        if !self.is_rough() && few {
            found.verdict.early += self.disturbed(at, &mine);
        }
    }

    /// When attempts at an endpoint ended without an answer.
    fn silences_of(&self, at: usize) -> Vec<i64> {
        let messages =
            self.events_of(at).into_iter().filter_map(|e| self.world.message(self.hooks.endpoints[at].0, e.id));
        let silent = |m: WebhookMessage| m.attempts.into_iter().filter(|attempt| attempt.status.is_none());
        messages.flat_map(silent).map(|a| a.at.as_millisecond() + i64::from(a.latency_ms)).collect()
    }

    /// Every message of an endpoint's log as the API pages through it.
    fn log_of(&self, at: usize) -> BTreeMap<domain::EventId, WebhookState> {
        let (deps, endpoint) = (self.world.deps(), self.hooks.endpoints[at].0);
        let (filter, mut all, mut cursor) = (LogFilter::default(), BTreeMap::new(), None::<String>);
        loop {
            let page = messages(&deps, &self.world.caller, endpoint, &filter, cursor.as_deref(), 100);
            let Ok(page) = now(page) else { return all };
            all.extend(page.items.into_iter().map(|m| (m.event, m.state)));
            cursor = page.next;
            if cursor.is_none() {
                return all;
            }
        }
    }

    /// What is recorded of a message's attempts since it was last sent again, against the schedule and what was asked for.
    fn timely(
        &self,
        m: &WebhookMessage,
        sent: &[&Heard],
        (mine, silences): (&[&Heard], &[i64]),
        limited: bool,
        found: &mut Found,
    ) {
        let skew = 2 * self.setup.weather.skew_ms;
        let before = usize::try_from(m.before).unwrap_or_default().min(m.attempts.len());
        let attempts = &m.attempts[before..];
        for (n, pair) in attempts.windows(2).enumerate() {
            let began = pair[1].at.as_millisecond();
            let ended = pair[0].at.as_millisecond() + i64::from(pair[0].latency_ms);
            // Somebody took over whose answer came first, or both were told of it at once and their clocks differ.
            if began < ended + skew {
                continue;
            }
            let wait = WAITS_S[n.min(WAITS_S.len() - 1)] * 1_000;
            let early = (began - ended) + GRAIN_MS + skew < wait * 4 / 5;
            let asked = mine.iter().filter(|h| h.at_ms < began).filter_map(|h| h.asked_ms).max();
            let quiet = asked.is_some_and(|until| until > pair[0].at.as_millisecond());
            // Each silence may have it left alone once.
            let silent = silences.iter().filter(|at| (ended - SILENCE_MS..began).contains(*at)).count();
            let held = i64::try_from(silent).unwrap_or(i64::MAX).saturating_mul(SILENCE_MS);
            let most = (wait * 6 / 5 + LATE_MS).saturating_add(held);
            let late = !self.is_rough() && !limited && !quiet && (began - ended) > most;
            found.verdict.off_schedule += u64::from(early || late);
            if early || late {
                let (event, waited) = (m.event, (began - ended) / 1000);
                self.world
                    .engine
                    .log("off schedule", |t| *t = format!("{event} attempt {n} {waited} s {asked:?} {began}"));
            }
            // A request whose answer was lost may stand beside the one that is recorded.
            let near = |h: &&&Heard| (h.at_ms - pair[0].at.as_millisecond()).abs() <= 1_000 + skew;
            let busy = matches!(pair[0].status, Some(429 | 503));
            let own = sent.iter().filter(near).filter_map(|h| h.asked_ms).min().filter(|_| busy);
            let too_early = own.is_some_and(|until| began + skew + GRAIN_MS < until);
            if too_early {
                found.verdict.early += 1;
                self.world.engine.log("early", |t| *t = format!("{} attempt {n} {own:?} {began}", m.event));
            }
        }
    }

    /// Requests with which more arrived within a minute than the endpoint's own limit allows.
    fn crowded(&self, at: usize, heard: &[Heard]) -> u64 {
        let (Some(limit), url) = (self.hooks.limits[at], &self.hooks.endpoints[at].1) else { return 0 };
        let mut times: Vec<i64> = heard.iter().filter(|h| h.url == *url).map(|h| h.at_ms).collect();
        times.sort_unstable();
        let over = times.windows(usize::try_from(limit).unwrap_or(usize::MAX) + 1);
        over.filter(|some| some[some.len() - 1] - some[0] < 60_000).count() as u64
    }

    /// Requests that arrived although the endpoint had asked to be left alone, and everybody knew.
    fn disturbed(&self, at: usize, mine: &[&Heard]) -> u64 {
        let forgiven = |from: i64, to: i64| {
            self.hooks.forgiven.iter().any(|(whose, when)| *whose == at && *when + 300_000 >= from && *when <= to)
        };
        let mut early = 0;
        for h in mine {
            let broken = mine.iter().find(|asker| {
                asker.at_ms + SPREADS_MS < h.at_ms
                    && asker.asked_ms.is_some_and(|until| h.at_ms + GRAIN_MS < until)
                    && !forgiven(asker.at_ms, h.at_ms)
            });
            if let Some(asker) = broken {
                early += 1;
                self.world.engine.log("disturbed", |t| {
                    let (url, asked) = (&h.url, asker.asked_ms.unwrap_or_default());
                    *t = format!("{url} {} at {} asked {} until {asked}", h.id, h.at_ms, asker.at_ms);
                });
            }
        }
        early
    }
}
