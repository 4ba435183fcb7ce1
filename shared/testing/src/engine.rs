//! Virtual time and the order of things. Every call of a port stops at a *point*; the simulator decides when it goes on,
//! whether the process dies there, or sleeps. Outside a simulation nothing waits.

use crate::{Point, Rng};
use jiff::Timestamp;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::fmt::Write as _;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

/// The instant at which every world starts: a Monday at 08:00 in Berlin, six days before its clocks go back.
pub const START_MS: i64 = 1_792_389_600_000;

/// Invocations of the same course at whose points crashes are tried.
const MOST_ALIKE: usize = 2;
/// FNV-1a (Fowler, Noll and Vo), of 64 bits.
const FNV: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0100_0000_01b3;

/// The points of a read from the store.
const STORE_READS: [&str; 4] = ["store get", "store got", "store query", "store listed"];

/// A running invocation of a function.
pub type TaskId = u64;

/// What kind of function an invocation is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An API request.
    Api,
    /// The scheduler's tick.
    Tick,
    /// The publisher, with a batch of messages.
    Worker,
    /// The reconciler.
    Reconciler,
    /// The notifier, with an event or with another try of a webhook.
    Notifier,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Api, Self::Tick, Self::Worker, Self::Reconciler, Self::Notifier];
}

/// Something that happens at a time.
#[derive(Debug)]
pub enum Happening {
    /// A port call of this invocation goes on.
    Resume(TaskId, Waker),
    /// The invocation's time is over.
    Deadline(TaskId),
    /// A message shows in its queue.
    Message(u64),
    /// Event n of the bus shows in the webhook queue.
    Event(usize),
    /// Workers look for messages again.
    Poll,
    /// The schedule fires the scheduler.
    Tick,
    /// The schedule fires the reconciler.
    Reconcile,
    /// Planned act number n of the clients.
    Client(usize),
    /// People look at what needs them.
    People,
    /// Writes that were under way arrive.
    Land,
    /// A mutant does its work.
    Sabotage,
}

/// How likely an invocation meets its end, or a pause, at each point; in ten thousand.
#[derive(Debug, Clone, Copy, Default)]
pub struct Fates {
    /// The process dies.
    pub crash: u32,
    /// The process sleeps for 10 to 30 minutes after a platform's answer and then goes on.
    pub pause: u32,
    /// The only kind that sleeps; every kind when there is none.
    pub sleeper: Option<Kind>,
    /// The machine's clock jumps by up to 20 minutes, either way, or back to right.
    pub jump: u32,
}

/// The invocation being polled.
pub(crate) struct Running {
    pub task: TaskId,
    pub kind: Kind,
    pub offset: Arc<AtomicI64>,
}

struct Entry {
    at: i64,
    seq: u64,
    what: Happening,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.seq) == (other.at, other.seq)
    }
}
impl Eq for Entry {}
impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Entry {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.seq).cmp(&(other.at, other.seq))
    }
}

struct State {
    now: i64,
    rng: Rng,
    scheduled: bool,
    stormy: bool,
    heap: BinaryHeap<Reverse<Entry>>,
    seq: u64,
    running: Option<Running>,
    doomed: bool,
    frozen: Option<i64>,
    fates: Fates,
    /// Crash the invocation of this kind at its n-th point, counted over the whole run.
    crash_at: Option<(Kind, u64)>,
    points: [u64; Kind::ALL.len()],
    /// Those of them before which, or after which, something outside may have changed.
    telling: Vec<(Kind, TaskId, u64)>,
    /// What each invocation did, as a hash.
    courses: BTreeMap<TaskId, u64>,
    tasks: TaskId,
    hash: u64,
    lines: Option<Vec<String>>,
}

/// Time, chance and the agenda of one world.
pub struct Engine(Mutex<State>);

impl Engine {
    /// A world's engine. Nothing waits until [`Engine::schedule`] is called.
    pub fn new(seed: u64) -> Arc<Self> {
        Arc::new(Self(Mutex::new(State {
            now: START_MS,
            rng: Rng::new(seed),
            scheduled: false,
            stormy: false,
            heap: BinaryHeap::new(),
            seq: 0,
            running: None,
            doomed: false,
            frozen: None,
            fates: Fates::default(),
            crash_at: None,
            points: [0; Kind::ALL.len()],
            telling: Vec::new(),
            courses: BTreeMap::new(),
            tasks: 0,
            hash: FNV,
            lines: None,
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// True time in milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        self.state().now
    }

    /// True time.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.now_ms()).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// Lets time pass, outside a simulation.
    pub fn advance_ms(&self, ms: i64) {
        self.state().now += ms;
    }

    /// Draws from the world's chance.
    pub fn chance<T>(&self, draw: impl FnOnce(&mut Rng) -> T) -> T {
        draw(&mut self.state().rng)
    }

    /// Lets faults strike, or not.
    pub fn storm(&self, on: bool) {
        self.state().stormy = on;
    }

    /// Whether faults strike at all.
    pub fn stormy(&self) -> bool {
        self.state().stormy
    }

    /// Rolls for a fault that strikes so many calls in a thousand.
    pub fn strikes(&self, permille: u32) -> bool {
        let mut s = self.state();
        s.stormy && s.rng.permille(permille)
    }

    /// From now on calls take time and fates strike.
    pub fn schedule(&self, fates: Fates, crash_at: Option<(Kind, u64)>) {
        let mut s = self.state();
        (s.scheduled, s.fates, s.crash_at) = (true, fates, crash_at);
    }

    /// No more faults of any kind.
    pub fn calm(&self) {
        let mut s = self.state();
        (s.fates, s.crash_at, s.stormy) = (Fates::default(), None, false);
    }

    /// Keeps the event log as text.
    pub fn verbose(&self) {
        self.state().lines = Some(Vec::new());
    }

    /// Puts something on the agenda.
    pub fn at(&self, at: i64, what: Happening) {
        let mut s = self.state();
        s.push(at, what);
    }

    /// Puts something on the agenda, so many milliseconds from now.
    pub fn after(&self, ms: i64, what: Happening) {
        let mut s = self.state();
        let at = s.now + ms;
        s.push(at, what);
    }

    /// Moves to the next thing on the agenda.
    pub(crate) fn next(&self) -> Option<Happening> {
        let mut s = self.state();
        let Reverse(entry) = s.heap.pop()?;
        s.now = s.now.max(entry.at);
        Some(entry.what)
    }

    /// The id of the next invocation; no two of a world share one.
    pub(crate) fn new_task(&self) -> TaskId {
        let mut s = self.state();
        s.tasks += 1;
        s.tasks
    }

    /// What is polled from here on belongs to this invocation.
    pub(crate) fn begin(&self, running: Running) {
        let mut s = self.state();
        (s.running, s.doomed, s.frozen) = (Some(running), false, None);
    }

    /// Ends polling: whether the process died, and until when it sleeps.
    pub(crate) fn end(&self) -> (bool, Option<i64>) {
        let mut s = self.state();
        s.running = None;
        (std::mem::take(&mut s.doomed), s.frozen.take())
    }

    /// Points passed by invocations of a kind so far.
    pub fn points(&self, kind: Kind) -> u64 {
        self.state().points[kind as usize]
    }

    /// The points of a kind at which a crash makes a difference of its own: whoever dies while it reads from the store leaves what it
    /// would have left at the point before or after, where something is written or somebody else is called. Of
    /// invocations that made the same calls and wrote the same records, as ticks do all day, two are enough.
    pub fn telling_points(&self, kind: Kind) -> Vec<u64> {
        let s = self.state();
        let mut alike: BTreeMap<u64, BTreeSet<TaskId>> = BTreeMap::new();
        let mut kept = Vec::new();
        for (_, task, n) in s.telling.iter().filter(|(of, ..)| *of == kind) {
            let same = alike.entry(s.courses.get(task).copied().unwrap_or_default()).or_default();
            if same.len() < MOST_ALIKE {
                same.insert(*task);
            }
            if same.contains(task) {
                kept.push(*n);
            }
        }
        kept
    }

    /// Notes what happened: for the replay and for the hash that two runs of a seed must share.
    pub fn log(&self, what: &'static str, detail: impl FnOnce(&mut String)) {
        let mut s = self.state();
        let now = s.now;
        let mut text = String::new();
        detail(&mut text);
        for byte in what.bytes().chain(text.bytes()).chain(now.to_le_bytes()) {
            s.hash = (s.hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME);
        }
        let task = s.running.as_ref().map_or(0, |r| r.task);
        if task > 0 {
            s.course(task, what);
            s.course(task, &text);
        }
        if let Some(lines) = &mut s.lines {
            let mut line = String::new();
            let _ = write!(line, "{:>9.3}s #{task:<4} {what} {text}", Seconds(now - START_MS));
            lines.push(line);
        }
    }

    /// The hash of everything that happened, and the log if it was kept.
    pub fn story(&self) -> (u64, Vec<String>) {
        let mut s = self.state();
        (s.hash, s.lines.take().unwrap_or_default())
    }

    /// An invocation stops at a point that takes `low..=high` milliseconds: until when it waits there, none when nothing
    /// waits. One whose process dies waits for ever: it is dropped after this poll.
    pub(crate) fn stop(&self, what: &'static str, low: i64, high: i64, answer: bool, waker: &Waker) -> Option<i64> {
        let mut s = self.state();
        let running = s.running.as_ref().filter(|_| s.scheduled)?;
        let (task, kind, offset) = (running.task, running.kind, Arc::clone(&running.offset));
        s.points[kind as usize] += 1;
        let here = (kind, s.points[kind as usize]);
        if !STORE_READS.contains(&what) {
            s.telling.push((kind, task, here.1));
            s.course(task, what);
        }
        let fates = s.fates;
        let strikes = |rng: &mut Rng, n: u32| n > 0 && rng.draw() % 10_000 < u64::from(n);
        if s.crash_at == Some(here) || strikes(&mut s.rng, fates.crash) {
            s.doomed = true;
            drop(s);
            self.log("crash at", |t| t.push_str(what));
            return Some(i64::MAX);
        }
        if strikes(&mut s.rng, fates.jump) {
            let to = if s.rng.permille(500) { 0 } else { s.rng.between(-1_200_000, 1_200_000) };
            offset.store(to, Ordering::Relaxed);
        }
        let mut wait = s.rng.between(low, high);
        // An API request that slept would be killed by its own timeout; a tick may be late by any time.
        let sleeps = (answer || kind == Kind::Tick) && fates.sleeper.is_none_or(|sleeper| sleeper == kind);
        if sleeps && strikes(&mut s.rng, fates.pause) {
            wait += s.rng.between(600_000, 1_800_000);
            s.frozen = Some(s.now + wait);
        }
        let until = s.now + wait;
        s.push(until, Happening::Resume(task, waker.clone()));
        Some(until)
    }

    /// A point of a port call that takes `low..=high` milliseconds. `answer` marks a platform's answer, after which a
    /// process may sleep.
    pub fn point(self: &Arc<Self>, what: &'static str, low: i64, high: i64, answer: bool) -> Point {
        Point::new(self, what, low, high, answer)
    }
}

struct Seconds(i64);

impl std::fmt::Display for Seconds {
    #[allow(clippy::cast_precision_loss)] // for people
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        (self.0 as f64 / 1000.0).fmt(f)
    }
}

impl State {
    /// The invocation did this as well.
    fn course(&mut self, task: TaskId, did: &str) {
        let hash = self.courses.entry(task).or_insert(FNV);
        for byte in did.bytes() {
            *hash = (*hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME);
        }
    }

    fn push(&mut self, at: i64, what: Happening) {
        self.seq += 1;
        let entry = Entry { at: at.max(self.now), seq: self.seq, what };
        self.heap.push(Reverse(entry));
    }
}
