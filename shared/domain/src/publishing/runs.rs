//! A step of a series: what becomes of its next run.

use super::{PastRun, RunOutcome, Series, SeriesStatus};
use crate::events::EventData;
use crate::time::Occurrence;
use jiff::Timestamp;

/// Most runs that are left out one by one at once; as many events ride on one commit.
pub const MAX_LEFT_OUT: usize = 50;

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

impl Series {
    /// The same series with every run left out whose time had come by `now` and that nobody had dealt with yet, and what is
    /// told of them: whoever plans it anew or stops it jumps over none in silence. Of more than [`MAX_LEFT_OUT`] the last
    /// that is told stands for those after it as well (`missed_and_later`).
    pub fn caught_up(mut self, now: Timestamp) -> (Self, Vec<EventData>) {
        let mut told = Vec::new();
        let mut due = self.next.as_ref().map(|next| next.run.clone());
        while let Some(run) = due.filter(|run| run.at <= now && told.len() < MAX_LEFT_OUT) {
            // In a zone that is gone no other run can be found.
            due = self.recurrence.runs(run.at, 1).ok().and_then(|found| found.runs.into_iter().next());
            let goes_on = told.len() + 1 == MAX_LEFT_OUT && due.as_ref().is_some_and(|next| next.at <= now);
            let reason = if goes_on { "missed_and_later" } else { "missed" };
            told.push(EventData::SeriesRunSkipped(self.facts(Some((&run, None)), Some(reason))));
            self.remember(run, RunOutcome::Skipped);
        }
        (self, told)
    }
}

impl Stepped {
    /// The same step, but that its run is left out: what bears the id of its post is not this run's.
    pub fn left_out(mut self, reason: &str) -> Self {
        let (RunStep::Make { run, .. } | RunStep::Draft { run }) = self.step else { return self };
        // Behind it may be others, which a pause has left out.
        if let Some(past) = self.next.runs.iter_mut().rev().find(|past| past.run == run) {
            past.outcome = RunOutcome::Skipped;
        }
        self.events.retain(|event| !matches!(event, EventData::SeriesRunWaits(_)));
        for event in &mut self.events {
            if let EventData::SeriesEnded(facts) = event {
                facts.post_id = None;
            }
        }
        self.events.push(EventData::SeriesRunSkipped(self.next.facts(Some((&run, None)), Some(reason))));
        self.step = RunStep::Nothing;
        self
    }

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

    /// The same step with the series paused by the machine for `reason`, unless it is over. The runs that are overdue are
    /// left out.
    pub fn paused(mut self, reason: &str, now: Timestamp) -> Self {
        if self.next.status == SeriesStatus::Active {
            let (caught_up, told) = self.next.caught_up(now);
            self.events.extend(told);
            self.events.push(EventData::SeriesPaused(caught_up.facts(None, Some(reason))));
            self.next = caught_up.paused(reason, now);
        }
        self
    }
}
