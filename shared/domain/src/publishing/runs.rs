//! A step of a series: what becomes of its next run.

use super::{PastRun, RunOutcome, Series, SeriesStatus};
use crate::events::EventData;
use crate::time::Occurrence;
use jiff::Timestamp;

/// What the tick does for a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunStep {
    /// Its post is made, due at the run's instant.
    Make {
        /// The run.
        run: Occurrence,
        /// Seconds its post may start late.
        lateness_s: u32,
    },
    /// Its post is made as a draft.
    Draft {
        /// The run.
        run: Occurrence,
    },
    /// Nothing but the series changes.
    Nothing,
}

/// A step of a series: what is to be done, and the series after it.
#[derive(Debug, Clone, PartialEq)]
pub struct Stepped {
    /// What is to be done.
    pub step: RunStep,
    /// The series after it; the two commit together.
    pub next: Series,
    /// What the world is told.
    pub events: Vec<EventData>,
}

impl Stepped {
    /// The same step, but that the post of its run waits as a draft and the series is paused for `reason`: a person must look
    /// before anything of it goes out.
    pub fn held(mut self, reason: &str, now: Timestamp) -> Self {
        let RunStep::Make { run, .. } = self.step.clone() else { return self };
        if let Some(PastRun { outcome, .. }) = self.next.runs.last_mut()
            && let RunOutcome::Made { post } = *outcome
        {
            *outcome = RunOutcome::Waits { post };
            self.events.push(EventData::SeriesRunWaits(self.next.facts(Some((&run, Some(post))), Some(reason))));
        }
        self.step = RunStep::Draft { run };
        self.paused(reason, now)
    }

    /// The same step with the series paused by the machine for `reason`, unless it is over.
    pub fn paused(mut self, reason: &str, now: Timestamp) -> Self {
        if self.next.status == SeriesStatus::Active {
            self.events.push(EventData::SeriesPaused(self.next.facts(None, Some(reason))));
            self.next = self.next.paused(reason, now);
        }
        self
    }
}
