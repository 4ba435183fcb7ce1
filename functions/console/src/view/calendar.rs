//! The calendar and the queue.

use serde::Serialize;

use super::{AccountRef, Badge, Moment, PostRow, SlotsLink};

/// `GET /console/calendar`, with `month=YYYY-MM`, `week=YYYY-MM-DD` or `list=YYYY-MM`.
///
/// A post that waits is moved by dragging it to another day (in a week: hour), or by its date and time; both post
/// [`Mover`]'s form.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CalendarPage {
    /// The month or week in words, such as `March 2026`.
    pub title: String,
    /// What the pager goes by: `Month` or `Week`.
    pub step: String,
    /// The zone the days are told in.
    pub zone: String,
    /// The ways to look at it.
    pub views: Vec<ViewLink>,
    /// The month or week before.
    pub previous_href: String,
    /// The one after.
    pub next_href: String,
    /// The one of today.
    pub today_href: String,
    /// Weekday names in the order of the columns: short, as the head of a column.
    pub weekdays: Vec<String>,
    /// Of a month: the weeks, each of as many days as there are weekdays.
    pub weeks: Vec<Vec<Day>>,
    /// Of a week: its days, with hours. Of a list: the days that have posts.
    pub days: Vec<Day>,
    /// Whether it is a list.
    pub list: bool,
    /// Of a list: the posts that follow, when there are more.
    pub more_href: Option<String>,
    /// Of a list: its beginning, when this is not it.
    pub first_href: Option<String>,
    /// Said when there are more posts than are counted.
    pub short: Option<String>,
    /// The next posts, soonest first.
    pub upcoming: Vec<PostRow>,
    /// How posts are moved; absent for who may not.
    pub mover: Option<Mover>,
}

/// A way to look at the calendar.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ViewLink {
    /// `Month`, `Week` or `List`.
    pub label: String,
    /// Its address.
    pub href: String,
    /// Whether it is the one shown.
    pub current: bool,
}

/// One day.
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
    /// Of a month: its posts by time.
    pub posts: Vec<DayPost>,
    /// Of a month: how many more there are than are shown.
    pub more: u32,
    /// Of a week: its hours.
    pub hours: Vec<Hour>,
    /// Of a list: its posts by time.
    pub listed: Vec<ListedPost>,
    /// Whether it may have posts that were not counted.
    pub cut: bool,
    /// Where all of its posts are listed.
    pub href: String,
    /// The composer for that day, onto which posts may be moved, too; absent for days that are over.
    pub compose_href: Option<String>,
}

/// One hour of a day.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Hour {
    /// Two digits.
    pub label: String,
    /// Its posts by time.
    pub posts: Vec<DayPost>,
    /// How many more there are than are shown.
    pub more: u32,
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
    /// What moving it starts from, while it may be moved.
    pub moves: Option<Moves>,
}

/// One post in the calendar's list.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ListedPost {
    /// The post.
    pub row: PostRow,
    /// What moving it starts from, while it may be moved.
    pub moves: Option<Moves>,
}

/// What moving a post starts from.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Moves {
    /// The post's id.
    pub id: String,
    /// Its revision as it is shown: a move of what somebody else changed meanwhile is refused.
    pub rev: u64,
    /// Its day, YYYY-MM-DD, in the zone of the page.
    pub date: String,
    /// Its time, HH:MM or HH:MM:SS.
    pub time: String,
    /// What moving it does beside giving it another time; it is asked before, not told after.
    pub note: Option<String>,
}

/// The form that moves a post: `POST /console/calendar/move` with `post`, `rev`, `date`, `time`, `zone`, `back`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Mover {
    /// A fresh key per rendering.
    pub idempotency_key: String,
    /// Where to go afterwards: a part of the calendar, such as `month=2026-03`, or `post`.
    pub back: String,
    /// The zone that the date and time are meant in.
    pub zone: String,
    /// What it moves; on the calendar, the script fills it in.
    pub of: Option<Moves>,
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
    /// The ways to the slots of the accounts; on the first page.
    pub slots: Vec<SlotsLink>,
    /// The posts of the filter as a file; absent where there are none.
    pub export_href: Option<String>,
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
