//! How much of a quota is used: a sliding window of slices, for each who shares it, corrected by what the platform tells.

use crate::platform::{Level, Quota, QuotaScope};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Slices of a window. What was spent counts until the last of its slice is a window old, so at most a twelfth longer than it must.
const SLICES: i64 = 12;
/// How many times what it leaves for everybody else one who shares a quota may have: the dynamic threshold of Choudhury and
/// Hahne (IEEE/ACM Transactions on Networking 6(2), 1998). One alone gets nine tenths, two get nine nineteenths each, and
/// whoever comes late always finds something.
const SHARE: u64 = 9;
/// Sharers that are told apart in one slice, or have a line. It bounds the record.
const NAMED: usize = 32;
/// Under whom those are counted who spent least in a slice with more than [`NAMED`].
const OTHERS: &str = "+";

/// The use of one quota.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meter {
    /// What was spent, by the slice of time.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    spent: BTreeMap<i64, Slice>,
    /// The limit, where the platform tells another than it documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    limit: Option<u32>,
    /// What the platform said is left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    told: Option<Told>,
    /// The line of each who waits.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    lines: BTreeMap<String, Line>,
}

/// What was spent in a slice of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Slice {
    /// When the last of it was.
    last: Timestamp,
    /// By whom.
    by: BTreeMap<String, u32>,
}

/// Requests that were told when to come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Line {
    booked: u32,
    /// When the last of them comes.
    end: Timestamp,
}

/// What the platform said is left, less what left us since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Told {
    left: u32,
    until: Timestamp,
}

/// One who asks of a quota.
#[derive(Debug, Clone, Copy)]
pub struct Asking<'a> {
    /// Who: of a quota that several share, whose share it is.
    pub who: &'a str,
    /// Requests wanted. As many as there are in a whole window are the most that count.
    pub n: u32,
    /// Whether they stood in line before, or must go on with what is live in part: then they do not go to its end.
    pub waited: bool,
}

impl Meter {
    /// Takes requests, all that are asked for, as far as a window has so many: how many were taken. Or when to ask again: the
    /// end of the line, at which there will be room if everybody keeps to it.
    ///
    /// # Errors
    /// There is no room now; the error is when to come back. The line is longer by who did not wait before.
    pub fn ask(&mut self, quota: &Quota, asking: Asking<'_>, now: Timestamp) -> Result<u32, Timestamp> {
        self.forget(quota, now);
        let n = asking.n.clamp(1, self.most(quota));
        let asking = Asking { n, ..asking };
        let at = self.expects(quota, asking, now);
        if at <= now {
            let slice = self.spent.entry(index(quota, now)).or_insert(Slice { last: now, by: BTreeMap::new() });
            slice.last = slice.last.max(now);
            slice.add(asking.who, n);
            if let Some(told) = &mut self.told {
                told.left = told.left.saturating_sub(n);
            }
            if let Some(line) = self.lines.get_mut(asking.who).filter(|_| asking.waited) {
                line.booked = line.booked.saturating_sub(n);
            }
            return Ok(n);
        }
        if !asking.waited {
            let line = self.line_of(asking.who, now);
            line.booked = line.booked.saturating_add(n);
            line.end = line.end.max(at);
        }
        Err(at)
    }

    /// The line of one. Where too many have one, the one that ends first is forgotten: who stands in it keeps its time.
    fn line_of(&mut self, who: &str, now: Timestamp) -> &mut Line {
        if self.lines.len() >= NAMED && !self.lines.contains_key(who) {
            let first = self.lines.iter().min_by_key(|(_, line)| line.end).map(|(name, _)| name.clone());
            first.map(|name| self.lines.remove(&name));
        }
        self.lines.entry(who.to_owned()).or_insert(Line { booked: 0, end: now })
    }

    /// Gives back requests that did not leave.
    pub fn give_back(&mut self, who: &str, n: u32) {
        let mut rest = n;
        for slice in self.spent.values_mut().rev() {
            let who = if slice.by.contains_key(who) { who } else { OTHERS };
            if let Some(spent) = slice.by.get_mut(who) {
                let back = rest.min(*spent);
                (rest, *spent) = (rest - back, *spent - back);
            }
            slice.by.retain(|_, spent| *spent > 0);
        }
        if let Some(told) = &mut self.told {
            told.left = told.left.saturating_add(n - rest);
        }
    }

    /// When requests asked for at `from` would be let through, if nobody else asks: then, or later.
    pub fn expects(&self, quota: &Quota, asking: Asking<'_>, from: Timestamp) -> Timestamp {
        let n = asking.n.clamp(1, self.most(quota));
        let line = self.lines.get(asking.who).filter(|line| line.end > from && !asking.waited);
        // A line whose deliveries were called off must not keep anybody for whom there is plenty of room.
        let plenty = || {
            2 * (self.used(quota, Some(asking.who), from) + n) <= self.most(quota)
                && self.room(quota, asking.who, from) >= n
        };
        let ahead = line.filter(|_| !plenty()).map_or(0, |line| line.booked);
        self.turn(quota, (asking.who, n), ahead, from)
    }

    /// How many requests one may take at `at`.
    pub fn room(&self, quota: &Quota, who: &str, at: Timestamp) -> u32 {
        let free = self.free(quota, at);
        if quota.scope == QuotaScope::Account {
            return free;
        }
        let mine = self.used(quota, Some(who), at);
        // The largest n with mine + n <= SHARE × (free - n).
        let share = (SHARE * u64::from(free)).saturating_sub(mine.into()) / (SHARE + 1);
        let share = u32::try_from(share).unwrap_or(u32::MAX);
        // Of a quota too small to be shared, whoever had nothing gets one.
        share.max(u32::from(mine == 0 && free > 0))
    }

    /// Requests that a window lets through: what the platform tells, or what it documents.
    pub fn limit(&self, quota: &Quota) -> u32 {
        self.limit.unwrap_or(quota.limit).max(1)
    }

    /// Takes in how the platform says that the quota stands, while `pending` requests are taken that have not left yet.
    pub fn hear(&mut self, quota: &Quota, level: &Level, pending: u32, now: Timestamp) {
        if level.resets_at <= now {
            return;
        }
        if let Some(limit) = level.limit.filter(|limit| *limit > 0) {
            self.limit = (limit != quota.limit).then_some(limit);
        }
        let left = level.left.saturating_sub(pending);
        // Within one window it only falls: an answer that comes late tells an older level.
        let left = match self.told {
            Some(told) if told.until == level.resets_at => told.left.min(left),
            _ => left,
        };
        self.told = Some(Told { left, until: level.resets_at });
    }

    /// Whether a level tells something that matters and is not known: another limit, that there is less than is counted here, by
    /// more than a twentieth of it, or that what is used up begins anew sooner than it would by this count.
    pub fn is_news(&self, quota: &Quota, level: &Level, now: Timestamp) -> bool {
        let limit = self.limit(quota);
        let free = self.free(quota, now);
        let other = level.limit.is_some_and(|told| told > 0 && told != limit);
        let less = level.left.saturating_add(limit / 20) < free || (level.left == 0 && free > 0);
        let known = self.told.is_some_and(|told| told.until == level.resets_at);
        let ours = self.spent.values().map(|slice| is_old(quota, slice)).min();
        let sooner = free <= limit / 20 && !known && ours.is_some_and(|ours| level.resets_at < ours);
        level.resets_at > now && (other || less || sooner)
    }

    /// The most that one may take of an untouched window.
    fn most(&self, quota: &Quota) -> u32 {
        let limit = self.limit(quota);
        match quota.scope {
            QuotaScope::Account => limit,
            QuotaScope::App => u32::try_from(SHARE * u64::from(limit) / (SHARE + 1)).unwrap_or(u32::MAX).max(1),
        }
    }

    /// What nobody has taken at `at`. While the platform's word holds, it counts and not what we know to have sent: others may
    /// publish through the same account or app.
    fn free(&self, quota: &Quota, at: Timestamp) -> u32 {
        match self.told {
            Some(told) if told.until > at => told.left,
            _ => self.limit(quota).saturating_sub(self.used(quota, None, at)),
        }
    }

    fn used(&self, quota: &Quota, who: Option<&str>, at: Timestamp) -> u32 {
        let counted = self.spent.iter().filter(|(index, slice)| self.counts(quota, **index, slice, at));
        let of = |slice: &Slice| match who {
            Some(who) => slice.by.get(who).copied().unwrap_or(0),
            None => slice.by.values().fold(0, |sum: u32, n| sum.saturating_add(*n)),
        };
        counted.fold(0, |sum: u32, (_, slice)| sum.saturating_add(of(slice)))
    }

    /// Whether what was spent in a slice counts at `at`: for a window, unless the platform said that the quota began anew since.
    fn counts(&self, quota: &Quota, index: i64, slice: &Slice, at: Timestamp) -> bool {
        let anew = self.told.is_some_and(|told| told.until <= at && begins(quota, index + 1) <= told.until);
        at < is_old(quota, slice) && !anew
    }

    /// When it is the turn of `n` requests from `from` on, if nobody else asks and so many go before them. As room comes they go
    /// one after the other, within a slice of time, and not all at one moment; what does not fit comes a window later.
    fn turn(&self, quota: &Quota, (who, n): (&str, u32), ahead: u32, from: Timestamp) -> Timestamp {
        let over = self.spent.values().map(|slice| is_old(quota, slice));
        let mut moments: Vec<Timestamp> =
            over.chain(self.told.map(|told| told.until)).filter(|at| *at > from).chain([from]).collect();
        moments.sort_unstable();
        let most = self.most(quota);
        let (mut windows, mut ahead) = (i64::from(ahead / most), ahead % most);
        if ahead + n > most {
            (windows, ahead) = (windows + 1, 0);
        }
        let (mut before, mut at) = (0, from);
        for moment in moments {
            let room = self.room(quota, who, moment);
            at = moment;
            if room >= ahead + n {
                let behind = i64::from(ahead.saturating_sub(before));
                at = later(moment, slice_ms(quota) * behind / i64::from((room - before).max(1)));
                break;
            }
            before = before.max(room);
        }
        later(at, windows * (SLICES + 1) * slice_ms(quota))
    }

    /// Drops what does not count any more.
    fn forget(&mut self, quota: &Quota, now: Timestamp) {
        let mut spent = std::mem::take(&mut self.spent);
        spent.retain(|index, slice| self.counts(quota, *index, slice, now));
        self.spent = spent;
        // A slice in which the quota began anew counts whole, until it is old.
        self.told = self.told.filter(|told| told.until > now);
        self.lines.retain(|_, line| line.end > now && line.booked > 0);
    }
}

impl Slice {
    /// Counts what one spent. Where there are too many, whoever spent least is not told apart any more: whoever takes much always
    /// is.
    fn add(&mut self, who: &str, n: u32) {
        if self.by.len() >= NAMED && !self.by.contains_key(who) {
            let named = self.by.iter().filter(|(name, _)| *name != OTHERS);
            let least = named.min_by_key(|(_, spent)| **spent).map(|(name, _)| name.clone());
            let folded = least.and_then(|name| self.by.remove(&name)).unwrap_or(0);
            *self.by.entry(OTHERS.to_owned()).or_default() += folded;
        }
        *self.by.entry(who.to_owned()).or_default() += n;
    }
}

/// When what was spent in a slice does not count any more.
fn is_old(quota: &Quota, slice: &Slice) -> Timestamp {
    later(slice.last, i64::from(quota.window_s) * 1_000 + 1)
}

/// Milliseconds of a slice, rounded up.
fn slice_ms(quota: &Quota) -> i64 {
    ((i64::from(quota.window_s) * 1000 + SLICES - 1) / SLICES).max(1)
}

fn index(quota: &Quota, at: Timestamp) -> i64 {
    at.as_millisecond().div_euclid(slice_ms(quota))
}

fn begins(quota: &Quota, slice: i64) -> Timestamp {
    Timestamp::from_millisecond(slice.saturating_mul(slice_ms(quota))).unwrap_or(Timestamp::MAX)
}

fn later(at: Timestamp, ms: i64) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond().saturating_add(ms)).unwrap_or(Timestamp::MAX)
}
