//! An endpoint's own limit of requests: how many went through lately, and which places in line are given away.

use crate::{EndpointId, TenantId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::cmp::max;

/// Most requests a minute that a limit may allow. One record is written before each, so that many more would only get into each
/// other's way.
pub const MAX_RATE: u32 = 1_000;
/// Days ahead for which places in line are given: as long as a message is tried. What comes when the line is longer is not taken
/// into it.
pub const LINE_D: i64 = 3;
/// Seconds of a step, in which requests and places are counted.
const STEP_S: i64 = 5;
/// Steps that count against the limit, with the one that has begun: the last 65 seconds at least. Those beyond the minute are
/// for clocks that differ, and for the way from the count to the request.
const COUNTED: i64 = 14;
/// Steps over which the places of a minute's limit are spread. One more than count, so that who comes a step late to its place
/// still has it.
const SPREAD: i64 = 15;

/// Steps that somebody who has a place waits for room before it takes another.
const REACH: i64 = 5;

/// So many of a step, which is numbered from the beginning of Unix time.
type Step = (i64, u32);

/// What an endpoint's own limit has let through, and who stands before it. There is none where no limit is set.
///
/// The two are apart on purpose. What passes is counted when it does, and that count alone keeps the limit, whoever comes when. A
/// place in line only says when it is worth coming: each message books one, once, and looks again at that time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turnstile {
    /// The endpoint.
    pub endpoint: EndpointId,
    /// Tenant.
    pub tenant: TenantId,
    /// The limit as it was when somebody came last.
    pub rate: u32,
    /// Requests that passed in the last steps, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passed: Vec<Step>,
    /// The last places in line that were given away, soonest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub line: Vec<Step>,
    /// When this was written.
    pub at: Timestamp,
}

impl Turnstile {
    /// One through which nobody has gone.
    pub fn new(tenant: TenantId, endpoint: EndpointId, rate: u32, now: Timestamp) -> Self {
        Self { endpoint, tenant, rate, passed: Vec::new(), line: Vec::new(), at: now }
    }

    /// Lets one request through; none when there were as many as `rate` allows, or when others stand in line and who comes has
    /// no place of its own (`booked`).
    pub fn pass(&self, rate: u32, booked: bool, now: Timestamp) -> Option<Self> {
        let (mut next, here) = (self.seen(rate, now), step_of(now));
        // Whoever has a place in a step that has come is still on the way, and what has no place leaves room for it.
        let taken = |step| if booked { count(&next.passed, step) } else { next.load(step) };
        let newest = next.passed.last().map_or(here, |(step, _)| max(*step, here));
        let before: u32 = (here - COUNTED + 1..=newest).map(taken).sum();
        if before >= rate || (!booked && next.last_place().is_some_and(|last| last > here)) {
            return None;
        }
        add(&mut next.passed, here);
        Some(next)
    }

    /// When it is worth coming again for one who has a place, comes late and finds no room because others were late as well: as soon
    /// as what went through counts no more. None when that is further away than a place reaches, as it is after an outage: then it
    /// takes a new place.
    pub fn frees(&self, rate: u32, spread: f64, now: Timestamp) -> Option<Timestamp> {
        let (known, here) = (self.seen(rate, now), step_of(now));
        let newest = known.passed.last().map_or(here, |(step, _)| max(*step, here));
        let counted =
            |step: i64| (step - COUNTED + 1..=max(step, newest)).map(|s| count(&known.passed, s)).sum::<u32>();
        let step = (here + 1..=here + REACH).find(|step| counted(*step) < rate)?;
        // At its beginning: else one that was late would make each after it a little later still.
        within(step, spread / 5.0)
    }

    /// Gives away the first place in line that is free. `spread` says when in its five seconds, from 0 to 1. None when it is
    /// further away than `most`: then nothing has changed.
    pub fn book(
        &self,
        rate: u32,
        spread: f64,
        most: Option<SignedDuration>,
        now: Timestamp,
    ) -> Option<(Self, Timestamp)> {
        let (mut next, here) = (self.seen(rate, now), step_of(now));
        let at_once = rate.div_ceil(u32::try_from(SPREAD).unwrap_or(1)).max(1);
        let mut step = next.last_place().map_or(here + 1, |last| max(last, here + 1));
        // Within as many steps as are looked back over everything that counts now is behind.
        while count(&next.line, step) >= at_once
            || (step - SPREAD + 1..=step).map(|s| next.load(s)).sum::<u32>() >= rate
        {
            step += 1;
        }
        add(&mut next.line, step);
        let at = within(step, spread)?;
        most.is_none_or(|most| at.duration_since(now) <= most).then_some((next, at))
    }

    /// When the last place in line is over.
    pub fn until(&self) -> Option<Timestamp> {
        Timestamp::from_second((self.last_place()? + 1) * STEP_S).ok()
    }

    /// As somebody finds it now. A limit that was raised makes the line anew: what stands in it keeps its time, and who comes does
    /// not have to stand behind places that were given by the lower one.
    fn seen(&self, rate: u32, now: Timestamp) -> Self {
        let mut next = Self { rate, at: max(now, self.at), ..self.clone() };
        let here = step_of(now);
        if rate > self.rate {
            next.line.retain(|(step, _)| *step <= here);
        }
        let far = next.last_place().map_or(here, |last| max(last, here));
        next.passed.retain(|(step, _)| *step > here - SPREAD);
        next.line.retain(|(step, _)| *step > far - SPREAD);
        next
    }

    fn last_place(&self) -> Option<i64> {
        self.line.last().map(|(step, _)| *step)
    }

    /// How many requests a step has, or will have.
    fn load(&self, step: i64) -> u32 {
        max(count(&self.passed, step), count(&self.line, step))
    }
}

/// An instant of a step.
fn within(step: i64, spread: f64) -> Option<Timestamp> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)] // a few seconds in milliseconds
    let within = ((STEP_S * 1_000) as f64 * spread.clamp(0.0, 1.0)) as i64;
    Timestamp::from_millisecond(step * STEP_S * 1_000 + within).ok()
}

fn step_of(at: Timestamp) -> i64 {
    at.as_second().div_euclid(STEP_S)
}

fn count(steps: &[Step], step: i64) -> u32 {
    steps.iter().find(|(known, _)| *known == step).map_or(0, |(_, n)| *n)
}

fn add(steps: &mut Vec<Step>, step: i64) {
    match steps.binary_search_by_key(&step, |(known, _)| *known) {
        Ok(i) => steps[i].1 = steps[i].1.saturating_add(1),
        Err(i) => steps.insert(i, (step, 1)),
    }
}

#[cfg(test)]
mod tests;
