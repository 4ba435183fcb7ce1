//! The calendar and the queue.

use serde::Serialize;

use super::{AccountRef, Badge, Moment, PostRow};

/// `GET /console/calendar?month=YYYY-MM`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CalendarPage {
    /// The month in words, such as `March 2026`.
    pub title: String,
    /// The zone the days are told in.
    pub zone: String,
    /// The month before.
    pub previous_href: String,
    /// The month after.
    pub next_href: String,
    /// The month of today.
    pub today_href: String,
    /// Weekday names in the order of the columns: short, as the head of a column.
    pub weekdays: Vec<String>,
    /// The weeks, each of as many days as there are weekdays.
    pub weeks: Vec<Vec<Day>>,
    /// The next posts, soonest first.
    pub upcoming: Vec<PostRow>,
}

/// One day of the grid.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Day {
    /// YYYY-MM-DD.
    pub date: String,
    /// The day of the month.
    pub number: u8,
    /// The day in words, such as `Monday 2 March`.
    pub label: String,
    /// Whether it belongs to the month shown.
    pub in_month: bool,
    /// Whether it is today.
    pub today: bool,
    /// Its posts by time.
    pub posts: Vec<DayPost>,
    /// How many more there are than are shown.
    pub more: u32,
    /// Where all of its posts are listed.
    pub href: String,
    /// The composer for that day; absent for days that are over.
    pub compose_href: Option<String>,
}

/// One post in the grid.
#[derive(Debug, Clone, Default, Serialize)]
pub struct DayPost {
    /// The post's page.
    pub href: String,
    /// When it goes out.
    pub when: Moment,
    /// The beginning of the text.
    pub excerpt: String,
    /// Its state.
    pub state: Badge,
    /// Where it goes.
    pub accounts: Vec<AccountRef>,
}

/// `GET /console/queue?state=…&after=…`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct QueuePage {
    /// The states one can look at.
    pub filters: Vec<StateFilter>,
    /// The posts, in the order of the filter.
    pub posts: Vec<PostRow>,
    /// The next page, when there is one.
    pub older_href: Option<String>,
    /// The first page, when this is not it.
    pub newest_href: Option<String>,
}

/// A way to look at the queue.
#[derive(Debug, Clone, Default, Serialize)]
pub struct StateFilter {
    /// What it shows.
    pub label: String,
    /// Its address.
    pub href: String,
    /// How many, when that is known cheaply.
    pub count: Option<u64>,
    /// Whether it is the one shown.
    pub current: bool,
}
