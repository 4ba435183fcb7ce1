//! The places where port calls stop: there the simulator decides whether a process goes on, sleeps or dies.

use crate::Engine;
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

impl Point {
    pub(crate) fn new(engine: &Arc<Engine>, what: &'static str, low: i64, high: i64, answer: bool) -> Self {
        Self { engine: Arc::clone(engine), what, low, high, answer, until: None }
    }
}

impl Future for Point {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(until) = self.until {
            return if self.engine.now_ms() >= until { Poll::Ready(()) } else { Poll::Pending };
        }
        match self.engine.stop(self.what, self.low, self.high, self.answer, cx.waker()) {
            None => Poll::Ready(()),
            until => {
                self.until = until;
                Poll::Pending
            }
        }
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
