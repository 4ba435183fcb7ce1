//! Series: how often, whether they go on, and what became of their runs.

use super::counted;
use crate::view::{Badge, Tone};
use domain::publishing::{MissedRun, SeriesStatus};
use domain::time::{ByDay, Fall, Freq, GapPolicy, OverlapPolicy, Recurrence, Rule, Until};
use jiff::civil::Weekday;

/// The days of a week: the code of RFC 5545, the name, and which it is.
pub const WEEKDAYS: [(&str, &str, Weekday); 7] = [
    ("MO", "Monday", Weekday::Monday),
    ("TU", "Tuesday", Weekday::Tuesday),
    ("WE", "Wednesday", Weekday::Wednesday),
    ("TH", "Thursday", Weekday::Thursday),
    ("FR", "Friday", Weekday::Friday),
    ("SA", "Saturday", Weekday::Saturday),
    ("SU", "Sunday", Weekday::Sunday),
];

/// Whether a rule says no more than the console's form has fields for: so many days, weeks (on some weekdays) or months, to a
/// day or so many times.
pub fn is_plain(rule: &Rule) -> bool {
    let known = Rule {
        interval: rule.interval,
        count: rule.count,
        until: rule.until.filter(|until| matches!(until, Until::Date(_))),
        by_day: if rule.freq == Freq::Weekly { rule.by_day.clone() } else { Vec::new() },
        ..Rule::every(rule.freq)
    };
    *rule == known && matches!(rule.freq, Freq::Daily | Freq::Weekly | Freq::Monthly)
}

/// How often, such as `Every 2 weeks on Monday and Friday at 09:00, 10 times`. What is not plain is told as the rule it is.
pub fn recurrence(recurrence: &Recurrence) -> String {
    let (rule, start) = (&recurrence.rule, recurrence.start);
    if !is_plain(rule) {
        return format!("By the rule {rule}, from {}", start.strftime("%-d %b %Y, %H:%M"));
    }
    let every = |unit: &str| match rule.interval {
        1 => format!("Every {unit}"),
        n => format!("Every {n} {unit}s"),
    };
    let often = match rule.freq {
        Freq::Weekly => format!("{} on {}", every("week"), weekdays(&rule.by_day, start.weekday())),
        Freq::Monthly => format!("{} on day {}", every("month"), start.day()),
        Freq::Hourly | Freq::Daily | Freq::Yearly => every("day"),
    };
    let clock = if start.second() == 0 { "%H:%M" } else { "%H:%M:%S" };
    let end = match (rule.until, rule.count) {
        (Some(Until::Date(day)), _) => format!(", until {}", day.strftime("%-d %b %Y")),
        (_, Some(count)) => format!(", {}", counted(count as usize, "time")),
        _ => String::new(),
    };
    format!("{often} at {}{end}", start.strftime(clock))
}

fn weekdays(days: &[ByDay], start: Weekday) -> String {
    let on = |day: Weekday| if days.is_empty() { day == start } else { days.iter().any(|by| by.weekday == day) };
    let names: Vec<&str> = WEEKDAYS.iter().filter(|(.., day)| on(*day)).map(|(_, name, _)| *name).collect();
    match names.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        _ => names.concat(),
    }
}

/// Whether a series goes on, and if it does not, why and what to do.
pub fn series(status: &SeriesStatus) -> (Badge, Option<String>) {
    let (label, tone, why) = match status {
        SeriesStatus::Active => ("Goes on", Tone::Info, None),
        SeriesStatus::Ended { .. } => ("Ended", Tone::Neutral, Some("It has had its last run.".to_owned())),
        SeriesStatus::Paused { reason, .. } => {
            let (tone, why) = match reason.as_str() {
                "asked" => (Tone::Warn, "Somebody paused it. Runs of this time are left out.".to_owned()),
                "account_disconnected" => (
                    Tone::Bad,
                    "An account of it was disconnected. Connect it again, then resume the series.".to_owned(),
                ),
                "brand_rules" => (
                    Tone::Bad,
                    "What it says breaks the brand rules: its last run waits as a draft. Change what it says, or the rules, \
                     then resume the series."
                        .to_owned(),
                ),
                "media_not_pinned" => (
                    Tone::Bad,
                    "Somebody has to approve its runs, and its media lie at an address, where they can be replaced \
                     afterwards: its last run waits as a draft. Upload them, then resume the series."
                        .to_owned(),
                ),
                "unknown_zone" => {
                    (Tone::Bad, "Its time zone does not exist any more. Give it another one, then resume it.".to_owned())
                }
                other => (Tone::Bad, format!("It paused by itself ({other}). Runs of this time are left out.")),
            };
            ("Paused", tone, Some(why))
        }
    };
    (Badge::new(label, tone), why)
}

/// What becomes of a run whose time has passed.
pub fn missed(missed: MissedRun) -> String {
    match missed {
        MissedRun::Send { at_most_s } => format!("Sent, if it is at most {} late", lateness(at_most_s)),
        MissedRun::Ask => "Kept as a draft, for a person to decide".into(),
        MissedRun::Skip => "Left out".into(),
    }
}

fn lateness(seconds: u32) -> String {
    match seconds {
        s if s % 3_600 == 0 => counted(s as usize / 3_600, "hour"),
        s if s % 60 == 0 => counted(s as usize / 60, "minute"),
        s => counted(s as usize, "second"),
    }
}

/// What a change of clocks does to the runs.
pub fn clock_changes(gap: GapPolicy, overlap: OverlapPolicy) -> String {
    let gap = match gap {
        GapPolicy::Shift => "moved forward",
        GapPolicy::Skip => "left out",
    };
    let overlap = match overlap {
        OverlapPolicy::First => "its first",
        OverlapPolicy::Second => "its second",
        OverlapPolicy::Both => "both",
    };
    format!("A time that clocks skip is {gap}; of a time they have twice it is {overlap}")
}

/// What a change of clocks does to one run.
pub fn fall(fall: Fall) -> Option<&'static str> {
    match fall {
        Fall::Plain => None,
        Fall::Shifted => Some("Clocks skip its time that day: it is moved forward."),
        Fall::First => Some("Clocks have its time twice that day: this is the first."),
        Fall::Second => Some("Clocks have its time twice that day: this is the second."),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn of(rule: &str) -> Recurrence {
        Recurrence {
            rule: rule.parse().unwrap(),
            start: "2026-03-02T09:00".parse().unwrap(),
            zone: "UTC".into(),
            on_gap: GapPolicy::Shift,
            on_overlap: OverlapPolicy::First,
        }
    }

    #[test]
    fn a_rule_is_told_in_words_and_one_that_has_none_by_itself() {
        for (rule, words) in [
            ("FREQ=DAILY", "Every day at 09:00"),
            ("FREQ=DAILY;INTERVAL=3;COUNT=10", "Every 3 days at 09:00, 10 times"),
            ("FREQ=WEEKLY", "Every week on Monday at 09:00"),
            ("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR,MO,WE", "Every 2 weeks on Monday, Wednesday and Friday at 09:00"),
            ("FREQ=MONTHLY;UNTIL=20261231", "Every month on day 2 at 09:00, until 31 Dec 2026"),
            ("FREQ=MONTHLY;BYDAY=-1FR", "By the rule FREQ=MONTHLY;BYDAY=-1FR, from 2 Mar 2026, 09:00"),
            ("FREQ=DAILY;BYHOUR=9,17", "By the rule FREQ=DAILY;BYHOUR=9,17, from 2 Mar 2026, 09:00"),
            (
                "FREQ=DAILY;UNTIL=20261231T100000",
                "By the rule FREQ=DAILY;UNTIL=20261231T100000, from 2 Mar 2026, 09:00",
            ),
        ] {
            assert_eq!(recurrence(&of(rule)), words, "{rule}");
        }
    }

    #[test]
    fn how_late_a_run_may_be_is_told_in_the_largest_unit_that_fits() {
        let told = |at_most_s| missed(MissedRun::Send { at_most_s });
        assert_eq!(told(3_600), "Sent, if it is at most 1 hour late");
        assert_eq!(told(5_400), "Sent, if it is at most 90 minutes late");
        assert_eq!(told(61), "Sent, if it is at most 61 seconds late");
    }

    #[test]
    fn a_series_that_does_not_go_on_says_why() {
        let since = "2026-03-02T09:00:00Z".parse().unwrap();
        let paused = |reason: &str| SeriesStatus::Paused { since, reason: reason.into() };
        for reason in ["asked", "account_disconnected", "brand_rules", "media_not_pinned", "unknown_zone"] {
            let (badge, why) = series(&paused(reason));
            assert!(badge.label == "Paused" && !why.unwrap().contains(reason), "{reason}");
        }
        assert!(series(&paused("of_a_newer_release")).1.unwrap().contains("of_a_newer_release"));
        assert!(series(&SeriesStatus::Active).1.is_none() && series(&SeriesStatus::Ended { at: since }).1.is_some());
    }
}
