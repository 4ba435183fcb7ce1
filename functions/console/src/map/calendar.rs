//! The calendar, in the tenant's zone: a month in whole weeks from Monday to Sunday, a week by the hour, or a month's list.

use super::posts::held;
use super::shown::Shown::{self, List, Week};
use super::{Book, Reader, excerpt, row};
use crate::view::{CalendarPage, Day, DayPost, Hour, ListedPost, Mover, Moves, ViewLink};
use crate::words;
use app::publishing::PostView;
use domain::PostId;
use domain::access::Permission;
use domain::publishing::{Post, PostStatus, Standing};
use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use std::collections::BTreeMap;

/// Posts that a cell of a grid shows before it says how many more there are.
const PER_CELL: usize = 3;
/// Posts a grid shows at most; each costs reads.
const PER_PAGE: usize = 150;

/// The posts of a grid as they are planned, oldest first.
pub struct Read {
    /// The posts.
    pub posts: Vec<Post>,
    /// Whether there are more than were read.
    pub cut: bool,
}

/// A part of the calendar, for a reader.
pub struct Calendar<'a> {
    /// What is shown.
    pub shown: Shown,
    /// To whom.
    pub reader: &'a Reader<'a>,
    /// The accounts it can name.
    pub book: &'a Book,
}

/// Where in a grid a post stands: its day, and in a week its hour.
type Cell = (Date, i8);

impl Calendar<'_> {
    fn cell(&self, at: Timestamp) -> Cell {
        let local = self.reader.local(at);
        (local.date(), if self.shown.is_month() { 0 } else { local.hour() })
    }

    /// The posts that a grid shows: the first of each cell.
    pub fn wanted<'p>(&self, posts: &'p [Post]) -> Vec<&'p Post> {
        let mut full: BTreeMap<Cell, usize> = BTreeMap::new();
        let fits = |post: &&Post| {
            let Some(at) = post.schedule.due_at() else { return false };
            let count = full.entry(self.cell(at)).or_default();
            *count += 1;
            *count <= PER_CELL
        };
        posts.iter().filter(fits).take(PER_PAGE).collect()
    }

    /// The page of a month or a week. `views` are those that [`Self::wanted`] chose, as they stand now.
    pub fn grid(&self, read: &Read, views: &[PostView]) -> CalendarPage {
        let shown = |id: PostId| views.iter().any(|view| view.post.id == id);
        let mut chips: BTreeMap<Cell, Vec<DayPost>> = BTreeMap::new();
        for view in views {
            // Where it stands now: the list of what is planned may be a moment behind.
            if let Some(at) = view.post.schedule.due_at() {
                chips.entry(self.cell(at)).or_default().push(self.chip(view, at));
            }
        }
        let mut more: BTreeMap<Cell, u32> = BTreeMap::new();
        for post in read.posts.iter().filter(|post| !shown(post.id)) {
            if let Some(at) = post.schedule.due_at() {
                *more.entry(self.cell(at)).or_default() += 1;
            }
        }
        let cut = read.posts.last().filter(|_| read.cut).and_then(|post| post.schedule.due_at());
        let cut = cut.map(|at| self.reader.local(at).date());
        let mut days: Vec<Day> = self.shown.days().into_iter().map(|date| self.day(date, cut)).collect();
        for (day, date) in days.iter_mut().zip(self.shown.days()) {
            let hours = if self.shown.is_month() { 0..1 } else { 0..24 };
            let mut cells = hours.map(|hour| Hour {
                label: format!("{hour:02}"),
                posts: chips.remove(&(date, hour)).unwrap_or_default(),
                more: more.remove(&(date, hour)).unwrap_or_default(),
            });
            if self.shown.is_month() {
                let whole = cells.next().unwrap_or_default();
                (day.posts, day.more) = (whole.posts, whole.more);
            } else {
                day.hours = cells.collect();
            }
            for posts in std::iter::once(&mut day.posts).chain(day.hours.iter_mut().map(|hour| &mut hour.posts)) {
                posts.sort_by(|a, b| a.when.iso.cmp(&b.when.iso));
            }
        }
        let short = days.iter().find(|day| day.cut).map(|day| {
            format!(
                "There are more posts than this page counts. From {} on, each day’s own list has all of them.",
                day.label
            )
        });
        let mut page = CalendarPage { short, ..self.page() };
        if self.shown.is_month() {
            page.weeks = days.chunks(7).map(<[Day]>::to_vec).collect();
        } else {
            page.days = days;
        }
        page
    }

    /// The page of a list. `views` are in the order of time; `next` leads to those that follow.
    pub fn list(&self, views: &[PostView], next: Option<String>, goes_on: bool) -> CalendarPage {
        let mut days: Vec<Day> = Vec::new();
        for view in views {
            let Some(at) = view.post.schedule.due_at() else { continue };
            let date = self.reader.local(at).date();
            if days.last().is_none_or(|day| day.date != date.to_string()) {
                days.push(self.day(date, None));
            }
            if let Some(day) = days.last_mut() {
                let listed = ListedPost { row: row(self.reader, self.book, view), moves: self.moves(view, at) };
                day.listed.push(listed);
            }
        }
        CalendarPage {
            list: true,
            days,
            more_href: next,
            first_href: goes_on.then(|| self.shown.href()),
            ..self.page()
        }
    }

    fn page(&self) -> CalendarPage {
        let today = self.reader.local(self.reader.now).date();
        let anchor = self.shown.anchor(today);
        let view = |label: &str, other: Shown| ViewLink {
            label: label.into(),
            href: other.href(),
            current: std::mem::discriminant(&other) == std::mem::discriminant(&self.shown),
        };
        CalendarPage {
            title: self.shown.title(),
            step: if matches!(self.shown, Week(_)) { "Week" } else { "Month" }.into(),
            zone: self.reader.zone.to_owned(),
            views: vec![
                view("Month", Shown::month_of(anchor)),
                view("Week", Shown::week_of(anchor)),
                view("List", List(anchor.first_of_month())),
            ],
            previous_href: self.shown.moved(-1).href(),
            next_href: self.shown.moved(1).href(),
            today_href: self.shown.at(today).href(),
            weekdays: Weekday::Monday.cycle_forward().take(7).map(short).map(str::to_owned).collect(),
            mover: self.reader.may(Permission::Publish).then(|| Mover {
                idempotency_key: self.reader.fresh(),
                back: self.shown.slug(),
                zone: self.reader.zone.to_owned(),
                ..Mover::default()
            }),
            ..CalendarPage::default()
        }
    }

    /// A day without its posts. From the day `cut` on not all of them are known.
    fn day(&self, date: Date, cut: Option<Date>) -> Day {
        let today = self.reader.local(self.reader.now).date();
        Day {
            number: date.day().unsigned_abs(),
            label: date.strftime("%A %-d %B").to_string(),
            in_month: !self.shown.is_month() || self.shown.at(date) == self.shown,
            today: date == today,
            cut: cut.is_some_and(|cut| date >= cut),
            href: format!("/console/queue?day={date}"),
            compose_href: (date >= today && self.reader.may(Permission::Publish))
                .then(|| format!("/console/compose?date={date}")),
            date: date.to_string(),
            ..Day::default()
        }
    }

    fn chip(&self, view: &PostView, at: Timestamp) -> DayPost {
        let at_risk = || self.book.at_risk(view).map(|_| words::at_risk());
        DayPost {
            href: format!("/console/posts/{}", view.post.id),
            when: self.reader.moment(at),
            excerpt: excerpt(&view.post.content),
            // What nobody approved does not go out, whatever else may be in its way.
            state: held(view).or_else(at_risk).unwrap_or_else(|| words::post(view.status)),
            accounts: view.post.targets.iter().map(|t| self.book.account(t.account, &t.platform)).collect(),
            moves: self.moves(view, at),
        }
    }

    fn moves(&self, view: &PostView, at: Timestamp) -> Option<Moves> {
        moves(self.reader, view, at)
    }
}

/// What moving a post starts from, while it may be moved.
pub(super) fn moves(reader: &Reader<'_>, view: &PostView, at: Timestamp) -> Option<Moves> {
    let waits = view.status == PostStatus::Scheduled && !view.post.archived;
    let approved = view.approval.as_ref().is_some_and(|approval| approval.standing == Standing::Approved);
    let local = reader.local(at);
    (waits && reader.may(Permission::Publish)).then(|| Moves {
        id: view.post.id.to_string(),
        rev: view.rev,
        date: local.date().to_string(),
        time: local.strftime(if local.second() == 0 { "%H:%M" } else { "%H:%M:%S" }).to_string(),
        note: approved.then(|| words::TAKES_BACK.into()),
    })
}

fn short(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Mon",
        Weekday::Tuesday => "Tue",
        Weekday::Wednesday => "Wed",
        Weekday::Thursday => "Thu",
        Weekday::Friday => "Fri",
        Weekday::Saturday => "Sat",
        Weekday::Sunday => "Sun",
    }
}
