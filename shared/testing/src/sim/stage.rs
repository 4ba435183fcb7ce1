//! The processor of a simulated world: invocations are polled one at a time, in the order the agenda says.

use crate::engine::{Happening, Running};
use crate::{Engine, Kind, Process, TaskId, World};
use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// What an invocation does.
pub type Body<T> = Pin<Box<dyn Future<Output = T> + Send>>;

struct Task<T> {
    kind: Kind,
    process: Process,
    body: Body<T>,
    frozen_until: i64,
    woken: Arc<Woken>,
}

/// Whether a part of an invocation woke another one that had been polled before it: one that waited for its lock.
#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// An invocation that is over.
pub(crate) struct Over<T> {
    pub id: TaskId,
    pub kind: Kind,
    /// The process, if it lives on.
    pub process: Option<Process>,
    /// What it came to; none when the process died.
    pub end: Option<T>,
}

/// The invocations under way.
pub(crate) struct Stage<T> {
    engine: Arc<Engine>,
    tasks: BTreeMap<TaskId, Task<T>>,
}

impl<T> Stage<T> {
    pub(crate) fn new(engine: &Arc<Engine>) -> Self {
        Self { engine: Arc::clone(engine), tasks: BTreeMap::new() }
    }

    /// How many of a kind are under way.
    pub(crate) fn count(&self, kind: Kind) -> usize {
        self.tasks.values().filter(|t| t.kind == kind).count()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    /// Drops everything under way.
    pub(crate) fn clear(&mut self) {
        self.tasks.clear();
    }

    /// Starts invocation `id`, which is stopped after `limit_s` seconds.
    pub(crate) fn start(
        &mut self,
        id: TaskId,
        kind: Kind,
        process: Process,
        limit_s: i64,
        body: Body<T>,
    ) -> Option<Over<T>> {
        self.tasks.insert(id, Task { kind, process, body, frozen_until: 0, woken: Arc::default() });
        self.engine.after(limit_s * 1000, Happening::Deadline(id));
        self.poll(id)
    }

    /// A port call of an invocation goes on.
    pub(crate) fn resume(&mut self, id: TaskId, waker: &Waker) -> Option<Over<T>> {
        let task = self.tasks.get(&id)?;
        if task.frozen_until > self.engine.now_ms() {
            self.engine.at(task.frozen_until, Happening::Resume(id, waker.clone()));
            return None;
        }
        waker.wake_by_ref();
        self.poll(id)
    }

    fn poll(&mut self, id: TaskId) -> Option<Over<T>> {
        let task = self.tasks.get_mut(&id)?;
        let waker = Waker::from(Arc::clone(&task.woken));
        let (polled, died) = loop {
            task.woken.0.store(false, Ordering::Relaxed);
            let offset = Arc::clone(&task.process.offset);
            self.engine.begin(Running { task: id, kind: task.kind, offset });
            let polled = task.body.as_mut().poll(&mut Context::from_waker(&waker));
            let (died, frozen) = self.engine.end();
            if let Some(until) = frozen {
                task.frozen_until = until;
            }
            let again = polled.is_pending() && !died && frozen.is_none() && task.woken.0.load(Ordering::Relaxed);
            if !again {
                break (polled, died);
            }
        };
        match polled {
            _ if died => self.kill(id),
            Poll::Ready(end) => {
                let task = self.tasks.remove(&id)?;
                Some(Over { id, kind: task.kind, process: Some(task.process), end: Some(end) })
            }
            Poll::Pending => None,
        }
    }

    /// The process dies where it stands, unless it sleeps: its future is dropped, and with it everything it knew.
    pub(crate) fn kill(&mut self, id: TaskId) -> Option<Over<T>> {
        if self.tasks.get(&id)?.frozen_until > self.engine.now_ms() {
            return None;
        }
        let task = self.tasks.remove(&id)?;
        let kind = task.kind;
        self.engine.log("killed", |t| *t = format!("{kind:?} #{id}"));
        Some(Over { id, kind, process: None, end: None })
    }
}

/// Runs `bodies` at the same time until all are over; what each came to, none for those that died. Each is an invocation
/// of an API function in a process of its own.
pub fn together<T>(world: &World, bodies: Vec<(Process, Body<T>)>) -> Vec<Option<T>> {
    let mut stage = Stage::new(&world.engine);
    let mut ends: Vec<Option<T>> = Vec::new();
    let mut places = BTreeMap::new();
    let settle = |over: Option<Over<T>>, ends: &mut Vec<Option<T>>, places: &BTreeMap<TaskId, usize>| {
        if let Some(over) = over
            && let Some(end) = places.get(&over.id).and_then(|at| ends.get_mut(*at))
        {
            *end = over.end;
        }
    };
    for (process, body) in bodies {
        let id = world.engine.new_task();
        places.insert(id, ends.len());
        ends.push(None);
        let over = stage.start(id, Kind::Api, process, 60, body);
        settle(over, &mut ends, &places);
    }
    while !stage.is_empty() {
        let over = match world.engine.next() {
            None => break,
            Some(Happening::Resume(id, waker)) => stage.resume(id, &waker),
            Some(Happening::Deadline(id)) => stage.kill(id),
            Some(Happening::Land) => {
                world.memory.land();
                None
            }
            Some(_) => None,
        };
        settle(over, &mut ends, &places);
    }
    ends
}
