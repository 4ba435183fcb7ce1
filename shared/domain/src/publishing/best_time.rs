//! The best time to publish: a table of good times is believed until the account's own posts say otherwise.
//!
//! Each hour of weekdays and of weekends has the share of posts in it that do better than the account's middle one. What is
//! believed of that share is a Beta distribution. The table is its prior: it counts as [`PRIOR_POSTS`] posts, of which more did well
//! in the hours that it names. The account's own posts are added to them, and the hour with the highest mean is the best.

use crate::time::{OnGap, WallTime, WallTimeError, tzdb};
use jiff::civil::{Date, DateTime, Time, Weekday, time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Longest range in which a best time is looked for, as far as slots are looked for.
pub const MAX_RANGE: SignedDuration = SignedDuration::from_hours(24 * super::SLOT_DAYS);
/// How long the range is that nobody names: a week has every hour of weekdays and weekends.
pub const USUAL_RANGE: SignedDuration = SignedDuration::from_hours(24 * 7);
/// As many posts in each hour a table counts for. Ours: some ten posts of its own in an hour say as much of an account as a
/// table does that knows nothing of it.
pub const PRIOR_POSTS: u32 = 10;
/// Of those the ones that did better than the middle, in an hour that the table names and in any other. Ours: around the half that
/// does so by definition.
const PRIOR_GOOD: (u32, u32) = (6, 4);

/// The days of a week that have good times of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Days {
    /// Monday to Friday.
    Weekdays,
    /// Saturday and Sunday.
    Weekends,
}

impl Days {
    /// The kind of a weekday.
    pub fn of(weekday: Weekday) -> Self {
        if matches!(weekday, Weekday::Saturday | Weekday::Sunday) { Self::Weekends } else { Self::Weekdays }
    }

    /// As it is read.
    pub fn name(self) -> &'static str {
        match self {
            Self::Weekdays => "weekdays",
            Self::Weekends => "weekends",
        }
    }
}

/// Local times at which posts on a platform are said to do well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoodTimes {
    /// Of Monday to Friday.
    pub weekdays: Vec<Time>,
    /// Of Saturday and Sunday.
    pub weekends: Vec<Time>,
}

impl GoodTimes {
    /// Those of hours and minutes.
    pub fn new(weekdays: &[(i8, i8)], weekends: &[(i8, i8)]) -> Self {
        let times = |of: &[(i8, i8)]| of.iter().map(|(hour, minute)| time(*hour, *minute, 0, 0)).collect();
        Self { weekdays: times(weekdays), weekends: times(weekends) }
    }

    /// Those of a platform without a table of its own: the hours that the tables of the requirement documents, of two platforms, share.
    pub fn general() -> Self {
        Self::new(&[(12, 0), (17, 0)], &[(19, 0)])
    }

    fn on(&self, days: Days) -> &[Time] {
        match days {
            Days::Weekdays => &self.weekdays,
            Days::Weekends => &self.weekends,
        }
    }
}

/// Posts that went out in an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Tally {
    /// All of them: the trials.
    posts: u32,
    /// Those that did better than the account's middle post: the successes.
    good: u32,
}

/// How an account's own posts did, by the weekday and the local hour at which they went out. A post did well if it has more
/// engagement of people, not of machines, than the account's middle post.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Evidence(BTreeMap<(i8, i8), Tally>);

impl Evidence {
    /// Of an account of which nothing is measured.
    pub fn none() -> Self {
        Self::default()
    }

    /// Counts `posts` of an hour more, `good` of which did well; never more of them than there are.
    #[must_use]
    pub fn and(mut self, weekday: Weekday, hour: i8, posts: u32, good: u32) -> Self {
        let tally = self.0.entry((weekday.to_monday_zero_offset(), hour)).or_default();
        tally.posts = tally.posts.saturating_add(posts);
        tally.good = tally.good.saturating_add(good).min(tally.posts);
        self
    }

    fn sum(&self, counts: impl Fn(i8, i8) -> bool) -> Tally {
        let found = self.0.iter().filter(|((weekday, hour), _)| counts(*weekday, *hour));
        found.fold(Tally::default(), |sum, (_, tally)| Tally {
            posts: sum.posts.saturating_add(tally.posts),
            good: sum.good.saturating_add(tally.good),
        })
    }

    fn of(&self, days: Days, hour: i8) -> Tally {
        self.sum(|weekday, at| at == hour && (weekday >= 5) == (days == Days::Weekends))
    }

    fn posts(&self) -> u32 {
        self.sum(|_, _| true).posts
    }
}

/// What is known of when to publish through an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Habits {
    /// The table of its platform; none where there is no such table.
    pub table: Option<GoodTimes>,
    /// Its own posts.
    pub evidence: Evidence,
    /// Whether its platform is asked how its posts did.
    pub is_read: bool,
}

/// What speaks for an hour on some days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Belief {
    /// The mean of what is believed, in millionths.
    mean: u64,
    is_named: bool,
    tally: Tally,
}

impl Habits {
    fn table(&self) -> std::borrow::Cow<'_, GoodTimes> {
        self.table.as_ref().map_or_else(|| std::borrow::Cow::Owned(GoodTimes::general()), std::borrow::Cow::Borrowed)
    }

    fn believed(&self, days: Days, hour: i8) -> Belief {
        let is_named = self.table().on(days).iter().any(|time| time.hour() == hour);
        let tally = self.evidence.of(days, hour);
        let prior = if is_named { PRIOR_GOOD.0 } else { PRIOR_GOOD.1 };
        let (good, posts) = (u64::from(prior) + u64::from(tally.good), u64::from(PRIOR_POSTS) + u64::from(tally.posts));
        Belief { mean: good * 1_000_000 / posts, is_named, tally }
    }
}

/// A time that was chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BestTime {
    /// What the clock on the wall shows, and its zone.
    pub wall: WallTime,
    /// The release of the tz database that resolved it.
    pub tzdb: String,
    /// Why it is this one.
    pub reason: Reason,
}

/// Why a time was chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// On which days it lies.
    pub days: Days,
    /// Its local hour, 0 to 23.
    pub hour: i8,
    /// How many accounts it was chosen for.
    pub accounts: u32,
    /// For how many of them the table names this hour.
    pub named: u32,
    /// How many have no table of their platform, but the general one.
    pub general: u32,
    /// How many are on platforms that are not asked how posts did: for those the table decides for good.
    #[serde(default)]
    pub unread: u32,
    /// Posts of theirs that are measured and did better or worse than the middle one, whenever they went out.
    pub measured: u32,
    /// Posts of theirs that went out in this hour of such days.
    pub posts: u32,
    /// Those of them that did better than the middle post of their account.
    pub good: u32,
    /// The mean of what is believed by all this: how many of a hundred posts at this time do better than the middle one.
    pub percent: u8,
}

/// The times from `from` to `to` at which posts of these accounts do well: the best first, of equally good ones those next to a time of
/// a table, and of these the earliest. There is one in each hour, and one at each time of a table. A time that the zone skips is moved
/// by the gap, and is then the time that the clocks show; one that it has twice is the first.
///
/// # Errors
///
/// A zone that is unknown, and days that no clock has.
pub fn best_times(
    accounts: &[Habits],
    zone: &str,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<(Timestamp, BestTime)>, WallTimeError> {
    let clocks = TimeZone::get(zone).map_err(|_| WallTimeError::UnknownZone(zone.to_owned()))?;
    let last = clocks.to_datetime(to).date();
    let mut day = Some(clocks.to_datetime(from).date()).filter(|_| from <= to);
    let mut found: BTreeMap<Timestamp, DateTime> = BTreeMap::new();
    while let Some(date) = day.filter(|date| *date <= last) {
        for local in times_of(accounts, date) {
            let at = WallTime { local, zone: zone.to_owned() }.resolve(OnGap::Shift)?.at;
            if from <= at && at <= to {
                found.insert(at, clocks.to_datetime(at));
            }
        }
        day = date.tomorrow().ok();
    }
    let mut beliefs: BTreeMap<(Days, i8), (u64, Reason)> = BTreeMap::new();
    let mut ranked = Vec::with_capacity(found.len());
    for (at, local) in found {
        let (days, hour) = (Days::of(local.weekday()), local.hour());
        let (sum, reason) = beliefs.entry((days, hour)).or_insert_with(|| weigh(accounts, days, hour));
        let wall = WallTime { local, zone: zone.to_owned() };
        let time = BestTime { wall, tzdb: tzdb().to_owned(), reason: reason.clone() };
        ranked.push((Reverse(*sum), off(accounts, local), at, time));
    }
    // Stable: what is equally good, and equally far from what is named, stays in the order of time.
    ranked.sort_by_key(|(sum, off, ..)| (*sum, *off));
    Ok(ranked.into_iter().map(|(_, _, at, time)| (at, time)).collect())
}

/// How many minutes lie between a time and the next one that a table names on such days. Of the hours of which nothing is known those in
/// the middle of the night would come first, if the earliest did.
fn off(accounts: &[Habits], local: DateTime) -> i16 {
    let minutes = |time: Time| i16::from(time.hour()) * 60 + i16::from(time.minute());
    let at = minutes(local.time());
    let days = Days::of(local.weekday());
    let named = accounts.iter().flat_map(|account| account.table().on(days).to_vec());
    named.map(|time| (minutes(time) - at).abs()).min().unwrap_or(0)
}

/// The local times of a day that are considered: those of the tables, and each full hour that has none.
fn times_of(accounts: &[Habits], date: Date) -> Vec<DateTime> {
    let days = Days::of(date.weekday());
    let mut times: BTreeSet<Time> = accounts.iter().flat_map(|account| account.table().on(days).to_vec()).collect();
    for hour in 0..24 {
        if !times.iter().any(|time| time.hour() == hour) {
            times.insert(time(hour, 0, 0, 0));
        }
    }
    times.into_iter().map(|time| date.to_datetime(time)).collect()
}

/// What is believed of an hour for all of the accounts, each of which counts alike, and in words.
fn weigh(accounts: &[Habits], days: Days, hour: i8) -> (u64, Reason) {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let beliefs: Vec<Belief> = accounts.iter().map(|account| account.believed(days, hour)).collect();
    let sum: u64 = beliefs.iter().map(|belief| belief.mean).sum();
    let mean = sum / u64::try_from(beliefs.len()).unwrap_or(1).max(1);
    let reason = Reason {
        days,
        hour,
        accounts: count(accounts.len()),
        named: count(beliefs.iter().filter(|belief| belief.is_named).count()),
        general: count(accounts.iter().filter(|account| account.table.is_none()).count()),
        unread: count(accounts.iter().filter(|account| !account.is_read).count()),
        measured: accounts.iter().map(|account| account.evidence.posts()).fold(0, u32::saturating_add),
        posts: beliefs.iter().map(|belief| belief.tally.posts).fold(0, u32::saturating_add),
        good: beliefs.iter().map(|belief| belief.tally.good).fold(0, u32::saturating_add),
        percent: u8::try_from((mean + 5_000) / 10_000).unwrap_or(100),
    };
    (sum, reason)
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { days, hour, accounts, named, general, unread, measured, posts, good, percent } = self;
        let (days, next, one) = (days.name(), (hour + 1) % 24, *accounts == 1);
        let whose = if one { "this account" } else { "these accounts" };
        if *measured == 0 && unread == accounts {
            let there = if one { "its platform" } else { "their platforms" };
            write!(f, "Herald does not ask {there} how posts of {whose} did, so the table of good times decides: ")?;
        } else if *measured == 0 {
            write!(
                f,
                "no post of {whose} is known to have done better or worse than the others, so the table of good times decides: "
            )?;
        }
        write!(f, "{hour:02}:00 to {next:02}:00 on {days} is ")?;
        match named {
            0 if *measured > 0 => f.write_str("none of the good times of the table")?,
            0 => f.write_str("none of its good times, and no better one of the range is free")?,
            _ if one => f.write_str("one of its good times")?,
            _ => write!(f, "one of its good times for {named} of {accounts} accounts")?,
        }
        if *general > 0 && one {
            f.write_str(" (there is none for this platform: these are the hours that those of other platforms share)")?;
        } else if *general > 0 {
            write!(f, " (for {general} there is none of their platform: the hours that others share count)")?;
        }
        if *measured > 0 {
            match posts {
                0 => write!(f, ", and no post of {whose} that is measured went out then: ")?,
                1 => write!(
                    f,
                    ", and {good} of the one post of {whose} that went out then did better than the middle one: "
                )?,
                _ => write!(
                    f,
                    ", and {good} of the {posts} posts of {whose} that went out then did better than the middle one: "
                )?,
            }
            write!(f, "with the table counted as {PRIOR_POSTS} posts, {percent} % are expected to")?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "best_time/tests.rs"]
mod tests;
