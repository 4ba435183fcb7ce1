//! The provider of a life: takes mails, and says what it likes.

use super::Missing;
use crate::{Engine, Happening, Weather};
use async_trait::async_trait;
use domain::campaigns::{EntryRef, EntryState, Finding};
use ports::{Mail, Mailed, Mailer};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A mail that the provider took.
#[derive(Debug, Clone)]
pub(super) struct Taken {
    pub(super) entry: EntryRef,
    /// When its request left, in milliseconds.
    pub(super) sent_ms: i64,
}

/// What it tells of one.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) entry: EntryRef,
    pub(super) found: Finding,
    /// Whether somebody listened, and kept it.
    pub(super) heard: bool,
}

#[derive(Default)]
pub(super) struct Books {
    pub(super) taken: Vec<Taken>,
    pub(super) told: Vec<Told>,
    pub(super) requests: u64,
}

/// The provider.
pub(super) struct Office {
    engine: Arc<Engine>,
    weather: Weather,
    books: Mutex<Books>,
}

/// What becomes of a request.
#[derive(Clone, Copy)]
enum Fate {
    Fine,
    Slow,
    AnswerLost,
    RequestLost,
    TakenLate,
    NotNow,
    Refused,
}

impl Office {
    pub(super) fn new(engine: &Arc<Engine>, weather: Weather) -> Self {
        Self { engine: Arc::clone(engine), weather, books: Mutex::default() }
    }

    pub(super) fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// It has the mail, and tells of it what it does: out of order, some of it twice, and some never.
    fn takes(&self, entry: EntryRef, sent_ms: i64, id: &str) {
        let mut books = self.books();
        books.taken.push(Taken { entry, sent_ms });
        self.engine.log("taken", |t| *t = format!("{} {}", entry.key, entry.contact));
        let stormy = self.weather.platform > 0;
        let tells = self.engine.chance(|rng| {
            let mut tells = vec![Finding::accepted(id)];
            let bounce = |permanent| Finding::of(EntryState::Bounced { permanent, code: "5.1.1".into() });
            match rng.between(0, 99) {
                0..4 => tells.push(bounce(true)),
                4..8 => tells.extend([Finding::of(EntryState::Delivered), bounce(false)]),
                _ => {}
            }
            match rng.between(0, 99) {
                0..85 => tells.push(Finding::of(EntryState::Delivered)),
                85..90 => tells.push(Finding::of(EntryState::Complained)),
                _ => {}
            }
            let mut all = Vec::new();
            for found in tells {
                if stormy && rng.permille(50) {
                    continue;
                }
                let times = if stormy && rng.permille(100) { 2 } else { 1 };
                for _ in 0..times {
                    all.push((found.clone(), rng.between(20, 900_000)));
                }
            }
            all
        });
        for (found, after_ms) in tells {
            books.told.push(Told { entry, found, heard: false });
            self.engine.after(after_ms, Happening::Event(books.told.len() - 1));
        }
    }

    fn fate(&self) -> Fate {
        if !self.engine.strikes(self.weather.platform) {
            return Fate::Fine;
        }
        let faults = [
            (4, Fate::Slow),
            (3, Fate::AnswerLost),
            (2, Fate::RequestLost),
            (1, Fate::TakenLate),
            (2, Fate::NotNow),
            (2, Fate::Refused),
        ];
        self.engine.chance(|rng| rng.weighted(&faults)).unwrap_or(Fate::Fine)
    }

    async fn answered(&self, mail: &Mail) -> Mailed {
        let tag = |name: &str| mail.tags.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str());
        let Some(entry) = EntryRef::from_tags(tag) else {
            return Mailed::Rejected { code: "no_tags".into(), permanent: false };
        };
        let sent_ms = self.engine.now_ms();
        self.engine.log("mail", |t| *t = format!("{} {}", entry.key, entry.contact));
        let n = {
            let mut books = self.books();
            books.requests += 1;
            books.requests
        };
        let id = format!("m-{n}");
        self.engine.point("mail sent", 5, 120, false).await;
        let silence = |detail: &str| Mailed::Unknown { detail: detail.into() };
        match self.fate() {
            Fate::Fine => {
                self.takes(entry, sent_ms, &id);
                self.engine.point("mail answered", 5, 120, true).await;
                Mailed::Accepted { id }
            }
            Fate::Slow => {
                self.takes(entry, sent_ms, &id);
                self.engine.point("mail answered", 1_000, 40_000, true).await;
                Mailed::Accepted { id }
            }
            Fate::AnswerLost => {
                self.takes(entry, sent_ms, &id);
                self.engine.point("no answer", 1_000, 10_000, true).await;
                silence("reset")
            }
            Fate::RequestLost => {
                self.engine.point("no answer", 1_000, 10_000, true).await;
                silence("timeout")
            }
            Fate::TakenLate => {
                self.engine.point("no answer", 1_000, 10_000, true).await;
                // It takes it although nobody waits any more.
                self.takes(entry, sent_ms, &id);
                silence("timeout")
            }
            Fate::NotNow => {
                self.engine.point("mail answered", 5, 120, true).await;
                let retry_after_s = self.engine.chance(|rng| rng.permille(500).then(|| rng.between(1, 300)));
                Mailed::NotNow { retry_after_s: retry_after_s.and_then(|s| u32::try_from(s).ok()) }
            }
            Fate::Refused => {
                self.engine.point("mail answered", 5, 120, true).await;
                Mailed::Rejected { code: "blocked".into(), permanent: true }
            }
        }
    }
}

/// The provider as one process asks it.
pub(super) struct Counter {
    pub(super) office: Arc<Office>,
    pub(super) missing: Missing,
}

#[async_trait]
impl Mailer for Counter {
    async fn send(&self, mail: &Mail) -> Mailed {
        match self.office.answered(mail).await {
            Mailed::Unknown { .. } if self.missing == Missing::SilenceIsNo => Mailed::NotNow { retry_after_s: None },
            said => said,
        }
    }
}
