//! What follows the storm: machines that are well work until nothing is due any more.

use super::HOUR_MS;
use crate::messaging::Message;
use crate::sim::run::{Back, Sim};
use crate::{Process, now};
use app::publishing::tick;
use app::webhooks::{Attempted, Batch, Visit, attempt, fan_out, go_on};
use domain::webhooks::LIFE_D;
use jiff::SignedDuration;
use ports::Job;

/// Milliseconds from one tick to the next.
const TICK_MS: i64 = 60_000;

/// What a queue brings.
enum Brought {
    Job(Job),
    /// An event of the bus, by its number.
    Event(usize),
}

/// A message of a queue.
struct Held {
    brought: Brought,
    /// When it shows next.
    shows_ms: i64,
    /// How often it was brought so far.
    receives: u32,
}

impl Sim<'_> {
    /// Works in calm weather until nothing is due any more: messages show when they are to and not before, and the scheduler
    /// ticks each minute in which it is needed. False when something is still due after longer than any message lives.
    pub(super) fn drain(&self) -> bool {
        let (engine, process) = (&self.world.engine, self.world.process());
        let ends_at = engine.now_ms() + (LIFE_D + 1) * 24 * HOUR_MS;
        let (mut held, mut ticks_at) = (Vec::new(), engine.now_ms());
        loop {
            self.gather(&mut held);
            let showing;
            (showing, held) = held.into_iter().partition(|one: &Held| one.shows_ms <= engine.now_ms());
            held.extend(showing.into_iter().filter_map(|one| self.worked(&process, one)));
            self.gather(&mut held);
            let tick_ms = self.next_due().map(|at| at.max(ticks_at));
            let Some(next) = held.iter().map(|one| one.shows_ms).chain(tick_ms).min() else { return true };
            if next > ends_at {
                return false;
            }
            engine.advance_ms((next - engine.now_ms()).max(0));
            if tick_ms == Some(next) {
                ticks_at = engine.now_ms() + TICK_MS;
                let deadline = process.deps.clock.now() + SignedDuration::from_secs(60);
                drop(now(tick(&process.deps, deadline, "drain")));
            }
        }
    }

    /// Takes what the queues have been given meanwhile.
    fn gather(&self, held: &mut Vec<Held>) {
        let world = &self.world;
        held.extend(world.queues.take().into_iter().map(|Message { job, received, shows_ms }| Held {
            brought: Brought::Job(job),
            shows_ms,
            receives: received,
        }));
        for n in world.bus.waiting() {
            if !held.iter().any(|one| matches!(one.brought, Brought::Event(known) if known == n)) {
                let receives = self.back.get(&n).copied().unwrap_or_default();
                held.push(Held { brought: Brought::Event(n), shows_ms: world.engine.now_ms(), receives });
            }
        }
    }

    /// Gives a message to the notifier; the message as it shows again, or none when it is done with.
    fn worked(&self, process: &Process, one: Held) -> Option<Held> {
        let (deps, receives) = (&process.deps, one.receives + 1);
        let visit = Visit { receives };
        let back = match &one.brought {
            Brought::Job(Job::Webhook(job)) => {
                let done = now(attempt(deps, job.tenant, job.endpoint, job.event, &job.cid, visit));
                Back::of(process, done.map(Attempted::again_at))
            }
            Brought::Job(Job::Recover(job)) => {
                Back::of(process, now(go_on(deps, job.tenant, job.endpoint, job.recovery, visit)))
            }
            // Nobody posts and nobody calls a source in these worlds.
            Brought::Job(Job::Publish { .. } | Job::Ingest(_)) => Back::Done,
            Brought::Event(n) => {
                let event = self.world.bus.event(*n)?;
                let back =
                    Back::of(process, now(fan_out(&Batch::default(), deps, &event, visit)).map(|told| told.again_at));
                if matches!(back, Back::Done) {
                    self.world.bus.heard(*n);
                }
                back
            }
        };
        let shows_ms = self.world.engine.now_ms() + self.hidden_ms(back);
        (!matches!(back, Back::Done)).then_some(Held { shows_ms, receives, ..one })
    }
}
