//! Recurrence rules: `RRULE` of RFC 5545, section 3.3.10, as text and as data.
//!
//! What a rule says is local: "the last Friday of each month". When that is on the world's clock is told by
//! [`Recurrence`](super::Recurrence).

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Weekday};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Longest text of a rule, in bytes: the longest list that says something (every day of a year) takes less than half.
pub(super) const MAX_RULE_BYTES: usize = 4_096;
/// Most runs that `COUNT` may name: three years of a daily rule. What is meant to go on has no `COUNT`.
pub const MAX_COUNT: u32 = 1_000;
/// Most units between two periods (`INTERVAL`).
pub(super) const MAX_INTERVAL: u16 = 1_000;
/// Most times of one day: hourly. What comes more often is no recurring post.
pub(super) const MAX_A_DAY: usize = 24;

/// What a rule counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Freq {
    /// Hours.
    Hourly,
    /// Days.
    Daily,
    /// Weeks.
    Weekly,
    /// Months.
    Monthly,
    /// Years.
    Yearly,
}

/// A value of `BYDAY`: each such weekday, or the n-th of the month or year (from its end when negative).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByDay {
    /// Which of them; each when none.
    pub nth: Option<i8>,
    /// The weekday.
    pub weekday: Weekday,
}

/// `UNTIL`: the last moment at which a run may lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// An instant (`…Z`).
    Instant(Timestamp),
    /// A local time.
    Local(DateTime),
    /// To the end of a local date.
    Date(Date),
}

/// A recurrence rule. Empty lists are parts that the rule does not have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Rule {
    /// What it counts in.
    pub freq: Freq,
    /// Units between two periods.
    pub interval: u16,
    /// Most runs.
    pub count: Option<u32>,
    /// The end.
    pub until: Option<Until>,
    /// Months, 1 to 12.
    pub by_month: Vec<i16>,
    /// Weeks of the year, 1 to 53, from its end when negative.
    pub by_week_no: Vec<i16>,
    /// Days of the year, 1 to 366, from its end when negative.
    pub by_year_day: Vec<i16>,
    /// Days of the month, 1 to 31, from its end when negative.
    pub by_month_day: Vec<i16>,
    /// Weekdays.
    pub by_day: Vec<ByDay>,
    /// Hours, 0 to 23.
    pub by_hour: Vec<i16>,
    /// Minutes, 0 to 59.
    pub by_minute: Vec<i16>,
    /// Which of a period's times count, from the end when negative.
    pub by_set_pos: Vec<i16>,
    /// The day on which weeks begin.
    pub week_start: Weekday,
}

/// A text that is no rule, or none that is carried out here; each with what is wrong, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadRule {
    /// RFC 5545 has no such rule.
    #[error("{0}")]
    Malformed(String),
    /// A rule, but not one that is carried out here.
    #[error("{0}")]
    Unsupported(String),
    /// It comes more often than a post should.
    #[error("{0}")]
    TooOften(String),
}

fn malformed(detail: impl Into<String>) -> BadRule {
    BadRule::Malformed(detail.into())
}

fn unsupported(detail: impl Into<String>) -> BadRule {
    BadRule::Unsupported(detail.into())
}

const DAYS: [(&str, Weekday); 7] = [
    ("MO", Weekday::Monday),
    ("TU", Weekday::Tuesday),
    ("WE", Weekday::Wednesday),
    ("TH", Weekday::Thursday),
    ("FR", Weekday::Friday),
    ("SA", Weekday::Saturday),
    ("SU", Weekday::Sunday),
];

/// The two letters that RFC 5545 writes a weekday with.
pub fn weekday_code(day: Weekday) -> &'static str {
    DAYS.iter().find(|(_, known)| *known == day).map_or("", |(code, _)| code)
}

/// The weekday that these two letters mean.
pub fn weekday_of(code: &str) -> Option<Weekday> {
    DAYS.iter().find(|(known, _)| *known == code).map(|(_, day)| *day)
}

impl Rule {
    /// A rule that only says how often.
    pub fn every(freq: Freq) -> Self {
        Self {
            freq,
            interval: 1,
            count: None,
            until: None,
            by_month: Vec::new(),
            by_week_no: Vec::new(),
            by_year_day: Vec::new(),
            by_month_day: Vec::new(),
            by_day: Vec::new(),
            by_hour: Vec::new(),
            by_minute: Vec::new(),
            by_set_pos: Vec::new(),
            week_start: Weekday::Monday,
        }
    }

    fn read(&mut self, name: &str, value: &str) -> Result<(), BadRule> {
        match name {
            "INTERVAL" => self.interval = number(name, value, 1, i32::from(MAX_INTERVAL))?,
            "COUNT" => self.count = Some(number(name, value, 1, i32::try_from(MAX_COUNT).unwrap_or(i32::MAX))?),
            "UNTIL" => self.until = Some(until(value)?),
            "WKST" => {
                self.week_start =
                    weekday_of(value).ok_or_else(|| malformed("WKST is one of MO, TU, WE, TH, FR, SA, SU"))?;
            }
            "BYMONTH" => self.by_month = numbers(name, value, 1, 12, false)?,
            "BYWEEKNO" => self.by_week_no = numbers(name, value, 1, 53, true)?,
            "BYYEARDAY" => self.by_year_day = numbers(name, value, 1, 366, true)?,
            "BYMONTHDAY" => self.by_month_day = numbers(name, value, 1, 31, true)?,
            "BYHOUR" => self.by_hour = numbers(name, value, 0, 23, false)?,
            "BYMINUTE" => self.by_minute = numbers(name, value, 0, 59, false)?,
            "BYSETPOS" => self.by_set_pos = numbers(name, value, 1, 366, true)?,
            "BYDAY" => {
                for day in value.split(',').map(by_day) {
                    let day = day?;
                    if !self.by_day.contains(&day) {
                        self.by_day.push(day);
                    }
                }
            }
            "BYSECOND" => return Err(unsupported("BYSECOND: the seconds are those of the start")),
            _ => return Err(malformed("a part that no RRULE has: see RFC 5545, section 3.3.10")),
        }
        Ok(())
    }

    /// What RFC 5545 forbids together, and what would come too often.
    fn agrees(self) -> Result<Self, BadRule> {
        let has = |list: &[i16]| !list.is_empty();
        if self.count.is_some() && self.until.is_some() {
            return Err(malformed("COUNT and UNTIL exclude each other"));
        }
        if has(&self.by_week_no) && self.freq != Freq::Yearly {
            return Err(malformed("BYWEEKNO goes with FREQ=YEARLY only"));
        }
        if has(&self.by_year_day) && matches!(self.freq, Freq::Daily | Freq::Weekly | Freq::Monthly) {
            return Err(malformed("BYYEARDAY goes with FREQ=YEARLY or HOURLY only"));
        }
        if has(&self.by_month_day) && self.freq == Freq::Weekly {
            return Err(malformed("BYMONTHDAY does not go with FREQ=WEEKLY"));
        }
        let numbered = self.by_day.iter().any(|day| day.nth.is_some());
        if numbered && (!matches!(self.freq, Freq::Monthly | Freq::Yearly) || has(&self.by_week_no)) {
            return Err(malformed("a number before a weekday goes with FREQ=MONTHLY or YEARLY, and not with BYWEEKNO"));
        }
        let lists =
            [&self.by_month, &self.by_week_no, &self.by_year_day, &self.by_month_day, &self.by_hour, &self.by_minute];
        if has(&self.by_set_pos) && self.by_day.is_empty() && !lists.into_iter().any(|list| has(list)) {
            return Err(malformed("BYSETPOS needs another BY… part to choose from"));
        }
        if has(&self.by_set_pos) && self.freq == Freq::Hourly {
            return Err(unsupported("BYSETPOS with FREQ=HOURLY: name the hours with FREQ=DAILY and BYHOUR"));
        }
        let hours = match (self.freq, self.by_hour.len()) {
            (Freq::Hourly, 0) => 24_usize.div_ceil(usize::from(self.interval)),
            (_, 0) => 1,
            (_, hours) => hours,
        };
        if hours * self.by_minute.len().max(1) > MAX_A_DAY {
            return Err(BadRule::TooOften(format!("at most {MAX_A_DAY} times a day: name fewer hours or minutes")));
        }
        Ok(self)
    }
}

/// A whole number without a sign, written as RFC 5545 writes digits.
fn digits(name: &str, text: &str) -> Result<i32, BadRule> {
    let plain = !text.is_empty() && text.len() <= 5 && text.bytes().all(|b| b.is_ascii_digit());
    let number = plain.then(|| text.parse().ok()).flatten();
    number.ok_or_else(|| malformed(format!("{name} is not a number")))
}

fn number<T: TryFrom<i32>>(name: &str, text: &str, low: i32, high: i32) -> Result<T, BadRule> {
    let found = Some(digits(name, text)?).filter(|n| (low..=high).contains(n)).and_then(|n| T::try_from(n).ok());
    found.ok_or_else(|| malformed(format!("{name} lies between {low} and {high}")))
}

/// Numbers in order, each once; `signed` lets them be counted from the end.
fn numbers(name: &str, text: &str, low: i32, high: i32, signed: bool) -> Result<Vec<i16>, BadRule> {
    let mut out = Vec::new();
    for item in text.split(',') {
        let (sign, bare) = match (item.strip_prefix('-'), item.strip_prefix('+')) {
            (Some(bare), _) if signed => (-1, bare),
            (None, Some(bare)) if signed => (1, bare),
            _ => (1, item),
        };
        out.push(sign * number::<i16>(name, bare, low, high)?);
    }
    out.sort_unstable();
    out.dedup();
    Ok(out)
}

fn by_day(text: &str) -> Result<ByDay, BadRule> {
    let bad = || malformed("BYDAY names weekdays: MO, TU, WE, TH, FR, SA, SU, with a number before them such as -1FR");
    let at = text.len().checked_sub(2).filter(|at| text.is_char_boundary(*at)).ok_or_else(bad)?;
    let (nth, code) = text.split_at(at);
    let weekday = weekday_of(code).ok_or_else(bad)?;
    if nth.is_empty() {
        return Ok(ByDay { nth: None, weekday });
    }
    let nth = numbers("BYDAY", nth, 1, 53, true)?.first().copied().and_then(|n| i8::try_from(n).ok());
    Ok(ByDay { nth: Some(nth.ok_or_else(bad)?), weekday })
}

fn until(text: &str) -> Result<Until, BadRule> {
    let bad =
        || malformed("UNTIL is written 20271231T220000Z, 20271231T230000 (local) or 20271231 (local, the whole day)");
    let local = text.strip_suffix('Z').unwrap_or(text);
    let shaped = local.bytes().enumerate().all(|(at, b)| if at == 8 { b == b'T' } else { b.is_ascii_digit() });
    match (local.len(), text.len() - local.len()) {
        (8, 0) if shaped => local.parse().map(Until::Date).map_err(|_| bad()),
        (15, z) if shaped => {
            let at: DateTime = local.parse().map_err(|_| bad())?;
            if z == 0 {
                return Ok(Until::Local(at));
            }
            let utc = jiff::tz::TimeZone::UTC.to_timestamp(at);
            utc.map(Until::Instant).map_err(|_| bad())
        }
        _ => Err(bad()),
    }
}

impl FromStr for Rule {
    type Err = BadRule;
    /// Reads the value of an `RRULE`; the name before it may be there. Letters count as capitals (RFC 5545, section 2).
    fn from_str(text: &str) -> Result<Self, BadRule> {
        if text.len() > MAX_RULE_BYTES {
            return Err(malformed("the rule is too long"));
        }
        let text = text.trim().to_ascii_uppercase();
        let text = text.strip_prefix("RRULE:").unwrap_or(&text);
        let mut parts: Vec<(&str, &str)> = Vec::new();
        for part in text.split(';').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').ok_or_else(|| malformed("each part is written NAME=VALUE"))?;
            if parts.iter().any(|(known, _)| *known == name) {
                return Err(malformed("a part stands there twice"));
            }
            parts.push((name, value));
        }
        let freq = match parts.iter().find(|(name, _)| *name == "FREQ").map(|(_, value)| *value) {
            Some("HOURLY") => Freq::Hourly,
            Some("DAILY") => Freq::Daily,
            Some("WEEKLY") => Freq::Weekly,
            Some("MONTHLY") => Freq::Monthly,
            Some("YEARLY") => Freq::Yearly,
            Some("MINUTELY" | "SECONDLY") => {
                let detail = "a post recurs hourly at most: FREQ=HOURLY, DAILY, WEEKLY, MONTHLY or YEARLY";
                return Err(BadRule::TooOften(detail.into()));
            }
            _ => return Err(malformed("a rule says FREQ=HOURLY, DAILY, WEEKLY, MONTHLY or YEARLY")),
        };
        let mut rule = Self::every(freq);
        for (name, value) in parts.into_iter().filter(|(name, _)| *name != "FREQ") {
            rule.read(name, value)?;
        }
        rule.agrees()
    }
}

/// The rule as RFC 5545 writes it, in one order, without what is left out anyway.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let freq = match self.freq {
            Freq::Hourly => "HOURLY",
            Freq::Daily => "DAILY",
            Freq::Weekly => "WEEKLY",
            Freq::Monthly => "MONTHLY",
            Freq::Yearly => "YEARLY",
        };
        write!(f, "FREQ={freq}")?;
        if self.interval != 1 {
            write!(f, ";INTERVAL={}", self.interval)?;
        }
        if let Some(count) = self.count {
            write!(f, ";COUNT={count}")?;
        }
        match self.until {
            None => {}
            Some(Until::Instant(at)) => write!(f, ";UNTIL={}", at.strftime("%Y%m%dT%H%M%SZ"))?,
            Some(Until::Local(at)) => write!(f, ";UNTIL={}", at.strftime("%Y%m%dT%H%M%S"))?,
            Some(Until::Date(date)) => write!(f, ";UNTIL={}", date.strftime("%Y%m%d"))?,
        }
        let lists = [
            ("BYMONTH", &self.by_month),
            ("BYWEEKNO", &self.by_week_no),
            ("BYYEARDAY", &self.by_year_day),
            ("BYMONTHDAY", &self.by_month_day),
            ("BYHOUR", &self.by_hour),
            ("BYMINUTE", &self.by_minute),
            ("BYSETPOS", &self.by_set_pos),
        ];
        for (name, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
            let items: Vec<String> = list.iter().map(i16::to_string).collect();
            write!(f, ";{name}={}", items.join(","))?;
        }
        if !self.by_day.is_empty() {
            let item = |day: &ByDay| {
                format!("{}{}", day.nth.map(|n| n.to_string()).unwrap_or_default(), weekday_code(day.weekday))
            };
            write!(f, ";BYDAY={}", self.by_day.iter().map(item).collect::<Vec<_>>().join(","))?;
        }
        if self.week_start != Weekday::Monday {
            write!(f, ";WKST={}", weekday_code(self.week_start))?;
        }
        Ok(())
    }
}

impl TryFrom<String> for Rule {
    type Error = BadRule;
    fn try_from(text: String) -> Result<Self, BadRule> {
        text.parse()
    }
}

impl From<Rule> for String {
    fn from(rule: Rule) -> Self {
        rule.to_string()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_rule_is_read_in_any_order_and_written_in_one() {
        for (text, written) in [
            ("FREQ=DAILY", "FREQ=DAILY"),
            ("rrule:byday=mo,-1fr;freq=monthly;interval=1", "FREQ=MONTHLY;BYDAY=MO,-1FR"),
            ("FREQ=WEEKLY;WKST=SU;BYDAY=TU,TH;COUNT=10", "FREQ=WEEKLY;COUNT=10;BYDAY=TU,TH;WKST=SU"),
            ("FREQ=MONTHLY;BYDAY=MO,-1FR,MO,1MO,-1FR", "FREQ=MONTHLY;BYDAY=MO,-1FR,1MO"),
            ("FREQ=YEARLY;UNTIL=20291231T230000Z;BYMONTH=3,1,3", "FREQ=YEARLY;UNTIL=20291231T230000Z;BYMONTH=1,3"),
            ("FREQ=DAILY;UNTIL=20291231", "FREQ=DAILY;UNTIL=20291231"),
            (
                "FREQ=DAILY;UNTIL=20291231T230000;BYHOUR=9,17;BYMINUTE=0,30",
                "FREQ=DAILY;UNTIL=20291231T230000;BYHOUR=9,17;BYMINUTE=0,30",
            ),
            ("FREQ=MONTHLY;BYMONTHDAY=-1,+15;BYSETPOS=-1", "FREQ=MONTHLY;BYMONTHDAY=-1,15;BYSETPOS=-1"),
        ] {
            let rule: Rule = text.parse().unwrap();
            assert_eq!(rule.to_string(), written, "{text}");
            assert_eq!(written.parse::<Rule>().unwrap(), rule, "{text}");
            assert_eq!(serde_json::from_str::<Rule>(&serde_json::to_string(&rule).unwrap()).unwrap(), rule);
        }
    }

    #[test]
    fn what_is_no_rule_or_comes_too_often_is_refused() {
        const MALFORMED: &str = "malformed";
        const UNSUPPORTED: &str = "unsupported";
        const TOO_OFTEN: &str = "too often";
        let day_of_minutes: Vec<String> = (0..60).map(|n| n.to_string()).collect();
        let often = format!("FREQ=DAILY;BYMINUTE={}", day_of_minutes.join(","));
        for (text, why) in [
            ("", MALFORMED),
            ("DAILY", MALFORMED),
            ("FREQ=FORTNIGHTLY", MALFORMED),
            ("FREQ=DAILY;FREQ=DAILY", MALFORMED),
            ("FREQ=DAILY;INTERVAL=0", MALFORMED),
            ("FREQ=DAILY;INTERVAL=1001", MALFORMED),
            ("FREQ=DAILY;INTERVAL=-1", MALFORMED),
            ("FREQ=DAILY;COUNT=0", MALFORMED),
            ("FREQ=DAILY;COUNT=1001", MALFORMED),
            ("FREQ=DAILY;COUNT=3;UNTIL=20300101", MALFORMED),
            ("FREQ=DAILY;UNTIL=2030-01-01", MALFORMED),
            ("FREQ=DAILY;UNTIL=20300230", MALFORMED),
            ("FREQ=DAILY;UNTIL=20300101Z", MALFORMED),
            ("FREQ=DAILY;BYDAY=1MO", MALFORMED),
            ("FREQ=DAILY;BYDAY=ÄMO", MALFORMED),
            ("FREQ=MONTHLY;BYDAY=0MO", MALFORMED),
            ("FREQ=MONTHLY;BYDAY=54MO", MALFORMED),
            ("FREQ=MONTHLY;BYDAY=XX", MALFORMED),
            ("FREQ=WEEKLY;BYMONTHDAY=1", MALFORMED),
            ("FREQ=MONTHLY;BYWEEKNO=1", MALFORMED),
            ("FREQ=DAILY;BYYEARDAY=1", MALFORMED),
            ("FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO", MALFORMED),
            ("FREQ=MONTHLY;BYMONTHDAY=32", MALFORMED),
            ("FREQ=MONTHLY;BYMONTHDAY=0", MALFORMED),
            ("FREQ=DAILY;BYHOUR=24", MALFORMED),
            ("FREQ=DAILY;BYHOUR=-1", MALFORMED),
            ("FREQ=DAILY;BYHOUR=", MALFORMED),
            ("FREQ=DAILY;WKST=XX", MALFORMED),
            ("FREQ=DAILY;BYSETPOS=1", MALFORMED),
            ("FREQ=DAILY;BYEASTER=1", MALFORMED),
            ("FREQ=DAILY;BYSECOND=1", UNSUPPORTED),
            ("FREQ=HOURLY;BYHOUR=1,2;BYSETPOS=1", UNSUPPORTED),
            ("FREQ=MINUTELY", TOO_OFTEN),
            ("FREQ=SECONDLY;INTERVAL=86400", TOO_OFTEN),
            ("FREQ=HOURLY;BYMINUTE=0,30", TOO_OFTEN),
            (&often, TOO_OFTEN),
        ] {
            let found = match text.parse::<Rule>().map(|r| r.to_string()).unwrap_err() {
                BadRule::Malformed(_) => MALFORMED,
                BadRule::Unsupported(_) => UNSUPPORTED,
                BadRule::TooOften(_) => TOO_OFTEN,
            };
            assert_eq!(found, why, "{text}");
        }
    }
}
