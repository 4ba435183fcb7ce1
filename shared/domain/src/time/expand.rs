//! The local times of a rule: RFC 5545, section 3.3.10, on the calendar alone, without a zone.
//!
//! A rule goes from period to period (a day, week, month or year, `INTERVAL` apart). The days of a period that every `BY…`
//! part lets through, at the hours and minutes it names, are its times; `BYSETPOS` picks from them. An hourly rule is a
//! daily one whose hours lie `INTERVAL` apart.

use super::rule::{ByDay, Freq, Rule};
use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Time, Weekday, date};

const EACH_HOUR: [i16; 24] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23];

/// The times of one period.
pub(super) struct Period {
    /// Its first day: no time of this or of a later period lies before.
    pub first: Date,
    /// The times, in order, not before the start of the rule.
    pub times: Vec<DateTime>,
}

impl Rule {
    /// Period number `k` of the rule that starts at `start`. None beyond the calendar.
    pub(super) fn period(&self, start: DateTime, k: i64) -> Option<Period> {
        let step = k.checked_mul(self.interval.into())?;
        let (first, days) = match self.freq {
            // Each day, whatever the interval: that is between its hours.
            Freq::Hourly => (start.date().checked_add(k.days()).ok()?, 1),
            Freq::Daily => (start.date().checked_add(step.days()).ok()?, 1),
            Freq::Weekly => {
                let back = i64::from(start.weekday().since(self.week_start));
                (start.date().checked_sub(back.days()).ok()?.checked_add(step.checked_mul(7)?.days()).ok()?, 7)
            }
            Freq::Monthly => {
                let month = i64::from(start.year()) * 12 + i64::from(start.month()) - 1 + step;
                let first = first_of(month.div_euclid(12), month.rem_euclid(12) + 1)?;
                (first, first.days_in_month().into())
            }
            Freq::Yearly => {
                let first = first_of(i64::from(start.year()) + step, 1)?;
                (first, first.days_in_year())
            }
        };
        let mut times = Vec::new();
        let mut day = Some(first);
        for _ in 0..days {
            let Some(this) = day else { break };
            if self.lets_through(start, this) {
                self.times_of(start, this, &mut times);
            }
            day = this.tomorrow().ok();
        }
        if !self.by_set_pos.is_empty() {
            times = self.picked(&times);
        }
        times.retain(|time| *time >= start);
        Some(Period { first, times })
    }

    /// A period that begins before `local`, so that none of what comes after it is left out; as late as that can be told.
    pub(super) fn period_before(&self, start: DateTime, local: DateTime) -> i64 {
        let (interval, step) = (i64::from(self.interval), |units: i64, by: i64| (units / by - 1).max(0));
        let days = i64::from(start.date().until(local.date()).map_or(0, |span| span.get_days()));
        match self.freq {
            Freq::Hourly => step(days, 1),
            Freq::Daily => step(days, interval),
            Freq::Weekly => step(days, 7 * interval),
            // Rounded down: no month is longer than 31 days, no year than 366.
            Freq::Monthly => step(days / 31, interval),
            Freq::Yearly => step(days / 366, interval),
        }
    }

    fn lets_through(&self, start: DateTime, day: Date) -> bool {
        let has = |list: &[i16], value: i16| list.is_empty() || list.contains(&value);
        // Days counted from the end of something with `of` of them.
        let either = |list: &[i16], value: i16, of: i16| has(list, value) || list.contains(&(value - of - 1));
        let unnamed = self.by_week_no.is_empty()
            && self.by_year_day.is_empty()
            && self.by_month_day.is_empty()
            && self.by_day.is_empty();
        // What the rule does not say is as at its start.
        let as_started = match self.freq {
            Freq::Yearly if unnamed => {
                day.day() == start.day() && (!self.by_month.is_empty() || day.month() == start.month())
            }
            Freq::Monthly if unnamed => day.day() == start.day(),
            Freq::Weekly if unnamed => day.weekday() == start.weekday(),
            Freq::Yearly if self.by_year_day.is_empty() && self.by_month_day.is_empty() && self.by_day.is_empty() => {
                day.weekday() == start.weekday()
            }
            _ => true,
        };
        as_started
            && has(&self.by_month, day.month().into())
            && either(&self.by_month_day, day.day().into(), day.days_in_month().into())
            && either(&self.by_year_day, day.day_of_year(), day.days_in_year())
            && (self.by_week_no.is_empty() || {
                let (week, weeks) = week_of(day, self.week_start);
                either(&self.by_week_no, week, weeks)
            })
            && (self.by_day.is_empty() || self.by_day.iter().any(|named| self.is(*named, day)))
    }

    /// Whether `day` is this weekday, and the n-th of its month, or of its year where the rule names no month.
    fn is(&self, named: ByDay, day: Date) -> bool {
        if named.weekday != day.weekday() {
            return false;
        }
        let Some(nth) = named.nth.map(i16::from) else { return true };
        let of_year = self.freq == Freq::Yearly && self.by_month.is_empty();
        let (at, of) = if of_year {
            (day.day_of_year(), day.days_in_year())
        } else {
            (i16::from(day.day()), i16::from(day.days_in_month()))
        };
        if nth > 0 { (at - 1) / 7 + 1 == nth } else { (of - at) / 7 + 1 == -nth }
    }

    fn times_of(&self, start: DateTime, day: Date, times: &mut Vec<DateTime>) {
        let hourly = self.freq == Freq::Hourly;
        let (own_hour, own_minute) = ([i16::from(start.hour())], [i16::from(start.minute())]);
        let hours: &[i16] = match self.by_hour.as_slice() {
            [] if hourly => &EACH_HOUR,
            [] => &own_hour,
            named => named,
        };
        let minutes = if self.by_minute.is_empty() { own_minute.as_slice() } else { &self.by_minute };
        for hour in hours {
            for minute in minutes {
                let (Ok(hour), Ok(minute)) = (i8::try_from(*hour), i8::try_from(*minute)) else { continue };
                if hourly && !self.in_step(start, day, hour) {
                    continue;
                }
                if let Ok(time) = Time::new(hour, minute, start.second(), 0) {
                    times.push(day.to_datetime(time));
                }
            }
        }
    }

    /// Whether a whole number of intervals of an hourly rule lies between its start and this hour.
    fn in_step(&self, start: DateTime, day: Date, hour: i8) -> bool {
        let days = start.date().until(day).map_or(0, |span| span.get_days());
        let hours = i64::from(days) * 24 + i64::from(hour) - i64::from(start.hour());
        hours % i64::from(self.interval) == 0
    }

    fn picked(&self, times: &[DateTime]) -> Vec<DateTime> {
        let of = i16::try_from(times.len()).unwrap_or(i16::MAX);
        let chosen = |at: usize| {
            let at = i16::try_from(at).unwrap_or(i16::MAX) + 1;
            self.by_set_pos.contains(&at) || self.by_set_pos.contains(&(at - of - 1))
        };
        times.iter().enumerate().filter(|(at, _)| chosen(*at)).map(|(_, time)| *time).collect()
    }
}

fn first_of(year: i64, month: i64) -> Option<Date> {
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, 1).ok()
}

/// The week of its year that a day lies in, and how many that year has. The first week is the first with four days in the
/// year (RFC 5545, `BYWEEKNO`; ISO 8601 where weeks begin on Monday).
fn week_of(day: Date, week_start: Weekday) -> (i16, i16) {
    // The day of its week that decides to which year the week belongs.
    let middle = day
        .checked_sub(i64::from(day.weekday().since(week_start)).days())
        .and_then(|first| first.checked_add(3.days()))
        .unwrap_or(day);
    let week = (middle.day_of_year() - 1) / 7 + 1;
    let last = date(middle.year(), 12, 31);
    let back = last.weekday().since(week_start);
    // The year's last week is that of 31 December if it has four days or more in it, else the one before.
    let last_middle =
        if back >= 3 { last.day_of_year() - i16::from(back) + 3 } else { last.day_of_year() - i16::from(back) - 4 };
    (week, (last_middle - 1) / 7 + 1)
}
