//! The places where port calls stop: there the simulator decides whether a process goes on, sleeps or dies.

use crate::engine::Happening;
use crate::{Engine, Kind, Rng};
use jiff::Timestamp;
use ports::Clock;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::task::{Context, Poll};

/// A place where a port call waits, or its process ends.
#[must_use]
pub struct Point {
    engine: Arc<Engine>,
    what: &'static str,
    low: i64,
    high: i64,
    answer: bool,
    until: Option<i64>,
}

impl Future for Point {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let engine = Arc::clone(&self.engine);
        let mut s = engine.state();
        if let Some(until) = self.until {
            return if s.now >= until { Poll::Ready(()) } else { Poll::Pending };
        }
        let Some(running) = s.running.as_ref().filter(|_| s.scheduled) else { return Poll::Ready(()) };
        let (task, kind, offset) = (running.task, running.kind, Arc::clone(&running.offset));
        s.points[kind as usize] += 1;
        let here = (kind, s.points[kind as usize]);
        let fates = s.fates;
        let ten_thousandth = |rng: &mut Rng, n: u32| n > 0 && rng.draw() % 10_000 < u64::from(n);
        if s.crash_at == Some(here) || ten_thousandth(&mut s.rng, fates.crash) {
            s.doomed = true;
            drop(s);
            engine.log("crash at", |t| t.push_str(self.what));
            return Poll::Pending;
        }
        if ten_thousandth(&mut s.rng, fates.jump) {
            let to = if s.rng.permille(500) { 0 } else { s.rng.between(-1_200_000, 1_200_000) };
            offset.store(to, Ordering::Relaxed);
        }
        let mut wait = s.rng.between(self.low, self.high);
        // An API request that slept would be killed by its own timeout; a tick may be late by any time.
        let may_sleep = self.answer || kind == Kind::Tick;
        if may_sleep && ten_thousandth(&mut s.rng, fates.pause) {
            wait += s.rng.between(600_000, 1_800_000);
            s.frozen = Some(s.now + wait);
        }
        let until = s.now + wait;
        s.push(until, Happening::Resume(task, cx.waker().clone()));
        drop(s);
        self.until = Some(until);
        Poll::Pending
    }
}

/// A machine's clock: true time and how far it is off.
pub struct SkewedClock {
    pub(crate) engine: Arc<Engine>,
    pub(crate) offset: Arc<AtomicI64>,
}

impl Clock for SkewedClock {
    fn now(&self) -> Timestamp {
        let ms = self.engine.now_ms() + self.offset.load(Ordering::Relaxed);
        Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}
