//! The month grid: whole weeks from Monday to Sunday, in the tenant's zone.

use super::{Book, Reader, excerpt};
use crate::view::{CalendarPage, Day, DayPost};
use crate::words;
use app::publishing::PostView;
use domain::access::Permission;
use jiff::civil::{Date, Weekday};
use jiff::{SignedDuration, Timestamp, ToSpan, tz::TimeZone};

/// Posts a day shows before it says how many more there are.
const PER_DAY: usize = 3;

/// A month in a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Month {
    first: Date,
}

impl Month {
    /// The month written `YYYY-MM`, when it is one.
    pub fn parse(text: &str) -> Option<Self> {
        let first: Date = format!("{text}-01").parse().ok()?;
        // Arithmetic around the ends of the calendar would only make odd pages.
        (text.len() == 7 && (1970..=9000).contains(&first.year())).then_some(Self { first })
    }

    /// The month of a day.
    pub fn of(day: Date) -> Self {
        Self { first: day.first_of_month() }
    }

    fn slug(self) -> String {
        self.first.strftime("%Y-%m").to_string()
    }

    fn moved(self, months: i32) -> Self {
        Self { first: self.first.saturating_add(months.months()) }
    }

    /// The days shown: from the Monday on or before the first to the Sunday on or after the last.
    pub fn days(self) -> Vec<Date> {
        let back = i64::from(self.first.weekday().to_monday_zero_offset());
        let last = self.first.last_of_month();
        let on = i64::from(6 - last.weekday().to_monday_zero_offset());
        let (mut day, end) = (self.first.saturating_sub(back.days()), last.saturating_add(on.days()));
        let mut days = Vec::with_capacity(42);
        while day <= end {
            days.push(day);
            day = day.saturating_add(1.day());
        }
        days
    }

    /// The instants the shown days span in `zone`.
    pub fn span(self, zone: &str) -> Option<(Timestamp, Timestamp)> {
        let days = self.days();
        Some((day_span(*days.first()?, zone)?.0, day_span(*days.last()?, zone)?.1))
    }

    /// The page. `posts` are those of the span, oldest first.
    pub fn page(self, reader: &Reader<'_>, book: &Book, posts: &[PostView], upcoming: &[PostView]) -> CalendarPage {
        let today = reader.local(reader.now).date();
        let href = |month: Self| format!("/console/calendar?month={}", month.slug());
        let days: Vec<Day> = self.days().into_iter().map(|date| self.day(reader, book, posts, date, today)).collect();
        CalendarPage {
            title: self.first.strftime("%B %Y").to_string(),
            zone: reader.zone.to_owned(),
            previous_href: href(self.moved(-1)),
            next_href: href(self.moved(1)),
            today_href: "/console/calendar".into(),
            weekdays: Weekday::Monday.cycle_forward().take(7).map(short).map(str::to_owned).collect(),
            weeks: days.chunks(7).map(<[Day]>::to_vec).collect(),
            upcoming: upcoming.iter().map(|view| super::row(reader, book, view)).collect(),
        }
    }

    fn day(self, reader: &Reader<'_>, book: &Book, posts: &[PostView], date: Date, today: Date) -> Day {
        let due_here = |view: &&PostView| view.post.schedule.due_at().is_some_and(|at| reader.local(at).date() == date);
        let here: Vec<&PostView> = posts.iter().filter(due_here).collect();
        let chip = |view: &&PostView| DayPost {
            href: format!("/console/posts/{}", view.post.id),
            when: view.post.schedule.due_at().map(|at| reader.moment(at)).unwrap_or_default(),
            excerpt: excerpt(&view.post.content),
            state: words::post(view.status),
            accounts: view.post.targets.iter().map(|t| book.account(t.account, &t.platform)).collect(),
        };
        Day {
            number: date.day().unsigned_abs(),
            label: date.strftime("%A %-d %B").to_string(),
            in_month: date.first_of_month() == self.first,
            today: date == today,
            posts: here.iter().take(PER_DAY).map(chip).collect(),
            more: u32::try_from(here.len().saturating_sub(PER_DAY)).unwrap_or(u32::MAX),
            href: format!("/console/queue?day={date}"),
            compose_href: (date >= today && reader.may(Permission::Publish))
                .then(|| format!("/console/compose?date={date}")),
            date: date.to_string(),
        }
    }
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

/// The instants a day spans in a zone; days of 23 or 25 hours are as long as they are.
pub fn day_span(day: Date, zone: &str) -> Option<(Timestamp, Timestamp)> {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let start = day.to_zoned(zone.clone()).ok()?.timestamp();
    let end = day.checked_add(SignedDuration::from_hours(24)).ok()?.to_zoned(zone).ok()?.timestamp();
    Some((start, end))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_month_is_shown_in_whole_weeks_from_monday_to_sunday() {
        for month in ["2026-02", "2026-03", "2027-02", "2024-02", "2026-08"] {
            let days = Month::parse(month).unwrap().days();
            assert_eq!(days.len() % 7, 0, "{month}");
            assert_eq!(days[0].weekday(), Weekday::Monday);
            assert!(days.windows(2).all(|two| two[0].tomorrow().unwrap() == two[1]));
            let first: Date = format!("{month}-01").parse().unwrap();
            assert!(days.contains(&first) && days.contains(&first.last_of_month()));
        }
        assert_eq!(Month::parse("2027-02").unwrap().days().len(), 28);
    }

    #[test]
    fn a_day_on_which_clocks_change_is_as_long_as_it_is() {
        let hours = |day: &str| {
            let (start, end) = day_span(day.parse().unwrap(), "Europe/Berlin").unwrap();
            end.duration_since(start).as_hours()
        };
        assert_eq!((hours("2026-03-29"), hours("2026-03-30"), hours("2026-10-25")), (23, 24, 25));
    }

    #[test]
    fn only_a_month_is_a_month() {
        for bad in ["", "2026", "2026-13", "2026-3", "9999-12", "2026-03-01", "../../x"] {
            assert_eq!(Month::parse(bad), None, "{bad}");
        }
    }
}
