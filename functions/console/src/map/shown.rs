//! Which part of the calendar is shown: its days, its address, and what lies beside it.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan, tz::TimeZone};

/// What part of the calendar is shown, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// A month as a grid of days; its first day.
    Month(Date),
    /// A week as a grid of hours; its Monday.
    Week(Date),
    /// A month as a list; its first day.
    List(Date),
}

use Shown::{List, Month, Week};

impl Shown {
    /// What an address asks for: `month=YYYY-MM`, `week=YYYY-MM-DD` or `list=YYYY-MM`.
    pub fn parse(name: &str, value: &str) -> Option<Self> {
        // Arithmetic around the ends of the calendar would only make odd pages.
        let day = |text: &str| text.parse::<Date>().ok().filter(|day| (1970..=9000).contains(&day.year()));
        let first = || day(&format!("{value}-01")).filter(|_| value.len() == 7);
        match name {
            "month" => first().map(Month),
            "list" => first().map(List),
            "week" => day(value).filter(|_| value.len() == 10).map(Self::week_of),
            _ => None,
        }
    }

    /// The month of a day.
    pub fn month_of(day: Date) -> Self {
        Month(day.first_of_month())
    }

    /// The week of a day.
    pub fn week_of(day: Date) -> Self {
        Week(day.saturating_sub(i64::from(day.weekday().to_monday_zero_offset()).days()))
    }

    /// Whether it is a month as a grid.
    pub fn is_month(self) -> bool {
        matches!(self, Month(_))
    }

    /// Whether it is a list.
    pub fn is_list(self) -> bool {
        matches!(self, List(_))
    }

    /// What an address asks for it with.
    pub fn slug(self) -> String {
        match self {
            Month(first) => first.strftime("month=%Y-%m").to_string(),
            Week(monday) => format!("week={monday}"),
            List(first) => first.strftime("list=%Y-%m").to_string(),
        }
    }

    /// Its address.
    pub fn href(self) -> String {
        format!("/console/calendar?{}", self.slug())
    }

    pub(super) fn moved(self, steps: i32) -> Self {
        match self {
            Month(first) => Month(first.saturating_add(steps.months())),
            Week(monday) => Week(monday.saturating_add(steps.weeks())),
            List(first) => List(first.saturating_add(steps.months())),
        }
    }

    /// The same kind of view of another day.
    pub(super) fn at(self, day: Date) -> Self {
        match self {
            Month(_) => Self::month_of(day),
            Week(_) => Self::week_of(day),
            List(_) => List(day.first_of_month()),
        }
    }

    pub(super) fn title(self) -> String {
        match self {
            Month(first) | List(first) => first.strftime("%B %Y").to_string(),
            Week(monday) => {
                let sunday = monday.saturating_add(6.days());
                let from = if monday.year() == sunday.year() { "%-d %b" } else { "%-d %b %Y" };
                format!("{} to {}", monday.strftime(from), sunday.strftime("%-d %b %Y"))
            }
        }
    }

    /// The days shown. Those of a month begin with the Monday on or before the first and end with a Sunday.
    pub fn days(self) -> Vec<Date> {
        let (first, last) = match self {
            Month(first) => {
                let last = first.last_of_month();
                let back = i64::from(first.weekday().to_monday_zero_offset());
                let on = i64::from(6 - last.weekday().to_monday_zero_offset());
                (first.saturating_sub(back.days()), last.saturating_add(on.days()))
            }
            Week(monday) => (monday, monday.saturating_add(6.days())),
            List(first) => (first, first.last_of_month()),
        };
        let mut days = Vec::with_capacity(42);
        let mut day = first;
        while day <= last {
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

    /// The day a view of another kind is taken of: today, where it is shown, else the first day.
    pub(super) fn anchor(self, today: Date) -> Date {
        match self {
            Month(first) | List(first) if first == today.first_of_month() => today,
            Week(monday) if Self::week_of(today) == self => today.max(monday),
            Month(first) | List(first) => first,
            Week(monday) => monday,
        }
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
    use jiff::civil::Weekday;

    #[test]
    fn a_month_is_shown_in_whole_weeks_from_monday_to_sunday() {
        for month in ["2026-02", "2026-03", "2027-02", "2024-02", "2026-08"] {
            let days = Shown::parse("month", month).unwrap().days();
            assert_eq!(days.len() % 7, 0, "{month}");
            assert_eq!(days[0].weekday(), Weekday::Monday);
            assert!(days.windows(2).all(|two| two[0].tomorrow().unwrap() == two[1]));
            let first: Date = format!("{month}-01").parse().unwrap();
            assert!(days.contains(&first) && days.contains(&first.last_of_month()));
        }
        assert_eq!(Shown::parse("month", "2027-02").unwrap().days().len(), 28);
        assert_eq!(Shown::parse("list", "2027-02").unwrap().days().len(), 28);
    }

    #[test]
    fn a_week_is_named_by_any_of_its_days_and_begins_on_monday() {
        for day in ["2025-12-29", "2026-01-01", "2026-01-04"] {
            let week = Shown::parse("week", day).unwrap();
            assert_eq!((week.slug(), week.days().len()), ("week=2025-12-29".to_owned(), 7), "{day}");
            assert_eq!(week.title(), "29 Dec 2025 to 4 Jan 2026");
            assert_eq!(week.moved(1).slug(), "week=2026-01-05");
        }
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
    fn only_what_is_a_part_of_the_calendar_is_shown() {
        for bad in ["", "2026", "2026-13", "2026-3", "9999-12", "2026-03-01", "../../x"] {
            assert_eq!(Shown::parse("month", bad), None, "{bad}");
        }
        for bad in ["", "2026-03", "2026-02-30", "9999-01-01", "20260301", "2026-03-01T00"] {
            assert_eq!(Shown::parse("week", bad), None, "{bad}");
        }
        assert_eq!(Shown::parse("year", "2026-03"), None);
    }
}
