//! The functions of the stack, as schedules and queues invoke them.

use super::run::{Back, Duty, End, Sim};
use crate::engine::Happening;
use crate::{Kind, Mutant};
use app::publishing::{Executed, execute, reconcile, tick};
use app::webhooks::{Attempted, Batch, Visit, attempt, fan_out, go_on};
use domain::events::Event;
use futures_util::future::join_all;
use jiff::SignedDuration;
use ports::{Job, PublishJob, RecoverJob, WebhookJob};
use std::sync::Arc;
use store::Table;

/// Seconds the functions may run, as the template sets them.
const TICK_S: i64 = 60;
const WORKER_S: i64 = domain::publishing::WORKER_LIFE_S;
const RECONCILER_S: i64 = 120;
const NOTIFIER_S: i64 = 60;
/// Times a publish message shows before it goes to the dead-letter queue.
const MAX_RECEIVE: u32 = 5;
/// Most messages of a batch, as the template sets it.
const BATCH: usize = 10;

impl Sim<'_> {
    pub(super) fn work(&mut self) {
        while self.world.queues.any_visible() {
            if self.stage.count(Kind::Worker) >= self.setup.workers {
                self.world.engine.after(500, Happening::Poll);
                return;
            }
            let backlog = self.world.queues.visible() > BATCH;
            let most =
                self.world.engine.chance(|rng| if backlog || rng.permille(500) { rng.index(BATCH) + 1 } else { 1 });
            let (mut publish, mut webhooks) = (Vec::new(), Vec::new());
            for (id, message) in self.world.queues.receive(most) {
                match message.job {
                    Job::Publish { .. } if message.received > MAX_RECEIVE => self.world.queues.delete(id),
                    Job::Publish { job, .. } => publish.push((id, job)),
                    Job::Recover(job) => self.recover(id, job, Visit { receives: message.received }),
                    // Nobody calls a source in these worlds.
                    Job::Ingest(_) => self.world.queues.delete(id),
                    Job::Webhook(job) => webhooks.push((id, job, Visit { receives: message.received })),
                }
            }
            self.publish(publish);
            if !webhooks.is_empty() {
                self.notify(webhooks);
            }
        }
    }

    fn publish(&mut self, batch: Vec<(u64, PublishJob)>) {
        let messages = batch.iter().map(|(id, _)| *id).collect();
        self.start(Kind::Worker, WORKER_S, Duty { messages, ..Duty::default() }, move |process, _| {
            Box::pin(async move {
                let deadline = process.deps.clock.now() + SignedDuration::from_secs(WORKER_S);
                let one = async |(id, job)| {
                    let done = execute(&process.publishing(), &job, deadline).await;
                    (id, if matches!(done, Ok(Executed::Done)) { Back::Done } else { Back::Failed })
                };
                End::Messages(join_all(batch.into_iter().map(one)).await)
            })
        });
    }

    fn notify(&mut self, batch: Vec<(u64, WebhookJob, Visit)>) {
        let messages = batch.iter().map(|(id, ..)| *id).collect();
        self.start(Kind::Notifier, NOTIFIER_S, Duty { messages, ..Duty::default() }, move |process, _| {
            Box::pin(async move {
                let one = async |(id, job, visit): (u64, WebhookJob, Visit)| {
                    let done = attempt(&process.deps, job.tenant, job.endpoint, job.event, &job.cid, visit).await;
                    (id, Back::of(&process, done.map(Attempted::again_at)))
                };
                End::Messages(join_all(batch.into_iter().map(one)).await)
            })
        });
    }

    fn recover(&mut self, id: u64, job: RecoverJob, visit: Visit) {
        self.start(Kind::Notifier, NOTIFIER_S, Duty { messages: vec![id], ..Duty::default() }, move |process, _| {
            Box::pin(async move {
                let done = go_on(&process.deps, job.tenant, job.endpoint, job.recovery, visit).await;
                End::Messages(vec![(id, Back::of(&process, done))])
            })
        });
    }

    /// Event number `n` of the bus shows. It is fetched at once, or together with what shows meanwhile.
    pub(super) fn show(&mut self, n: usize) {
        self.shown.push(n);
        match self.world.engine.chance(|rng| rng.permille(500).then(|| rng.between(1, 1_000))) {
            Some(later) => self.world.engine.after(later, Happening::Poll),
            None => self.tell(),
        }
    }

    /// The notifier gets what shows.
    pub(super) fn tell(&mut self) {
        while !self.shown.is_empty() {
            let most = self.world.engine.chance(|rng| rng.index(BATCH) + 1);
            let events: Vec<usize> = self.shown.drain(..most.min(self.shown.len())).collect();
            // A message that the bus sent twice comes for the first time twice.
            let visit = |n| Visit { receives: 1 + self.back.get(&n).copied().unwrap_or_default() };
            let bus = &self.world.bus;
            let batch: Vec<_> = events.iter().filter_map(|n| Some((*n, bus.event(*n)?, visit(*n)))).collect();
            if self.setup.mutant == Mutant::DeletedBeforeRecorded {
                events.iter().for_each(|n| bus.heard(*n));
            }
            self.start(Kind::Notifier, NOTIFIER_S, Duty { events, ..Duty::default() }, move |process, _| {
                Box::pin(async move {
                    let shared = Batch::default();
                    let one = async |(n, event, visit): (usize, Event, Visit)| {
                        let done = fan_out(&shared, &process.deps, &event, visit).await;
                        (n, Back::of(&process, done.map(|told| told.again_at)))
                    };
                    End::Events(join_all(batch.into_iter().map(one)).await)
                })
            });
        }
    }

    pub(super) fn tick(&mut self) {
        let engine = Arc::clone(&self.world.engine);
        let here = engine.now_ms();
        if engine.strikes(self.setup.weather.ticks) {
            self.outage_until = here + engine.chance(|rng| rng.between(60_000, 3_600_000));
        }
        if here >= self.outage_until {
            let times = 1 + i32::from(engine.strikes(self.setup.weather.ticks));
            for _ in 0..times {
                self.start(Kind::Tick, TICK_S, Duty::default(), |process, _| {
                    Box::pin(async move {
                        let deadline = process.deps.clock.now() + SignedDuration::from_secs(TICK_S);
                        drop(tick(&process.deps, deadline, "tick").await);
                        End::Nothing
                    })
                });
            }
        }
        let hour = here + 3_600_000;
        // What the reconciler decides may be due at once.
        let undecided = self.has_due("UNK#");
        let next = self.next_need().map_or(hour, |at| if undecided { hour.min(at - 240_000) } else { at - 240_000 });
        engine.at(next.max(here + 60_000), Happening::Tick);
    }

    /// When anything will need a tick; nothing is gained by ticking through the hours before.
    pub(super) fn next_need(&self) -> Option<i64> {
        let here = self.world.engine.now_ms();
        let busy = self.stage.count(Kind::Api) + self.stage.count(Kind::Worker) > 0;
        let telling = self.setup.webhooks.is_some() && !self.world.bus.waiting().is_empty();
        if busy || telling || !self.world.queues.is_empty() {
            return Some(here);
        }
        let asked =
            (0..self.plan.acts.len()).filter(|n| !self.settled.contains(n)).map(|n| self.plan.acts[n].0.max(here));
        self.next_due().into_iter().chain(asked).min()
    }

    /// When the first record is due: at once where one has events that were not sent.
    pub(super) fn next_due(&self) -> Option<i64> {
        let memory = &self.world.memory;
        if memory.look(Table::Core, |items| items.filter_map(|i| i.outbox.as_ref()).next().is_some()) {
            return Some(self.world.engine.now_ms());
        }
        memory.look(Table::Core, |items| {
            let due = items.filter_map(|i| i.due.as_ref()).filter(|k| k.pk.starts_with("DUE#"));
            due.filter_map(|k| k.sk.split('#').next()?.parse().ok()).min()
        })
    }

    pub(super) fn reconcile(&mut self) {
        let engine = Arc::clone(&self.world.engine);
        if self.has_due("UNK#") {
            self.start(Kind::Reconciler, RECONCILER_S, Duty::default(), |process, _| {
                Box::pin(async move {
                    let deadline = process.deps.clock.now() + SignedDuration::from_secs(RECONCILER_S);
                    drop(reconcile(&process.finding(), deadline, "reconcile").await);
                    End::Nothing
                })
            });
        }
        engine.after(300_000, Happening::Reconcile);
    }
}
