//! Recurrence rules: the examples of RFC 5545 itself, a second implementation as a witness over drawn rules, and the
//! declared answers where clocks change.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use domain::time::{Fall, GapPolicy, MAX_SKIPPED, Occurrence, OverlapPolicy, Recurrence, Rule, Runs};
use jiff::civil::DateTime;
use jiff::{Timestamp, ToSpan};

fn recurrence(rule: &str, start: &str, zone: &str) -> Recurrence {
    Recurrence {
        rule: rule.parse().unwrap(),
        start: start.parse().unwrap(),
        zone: zone.into(),
        on_gap: GapPolicy::Shift,
        on_overlap: OverlapPolicy::First,
    }
}

fn locals(runs: &Runs) -> Vec<String> {
    runs.runs.iter().map(|run| run.local.strftime("%Y-%m-%d %H:%M").to_string()).collect()
}

/// The first `n` runs from the start on, as local times.
fn first(rule: &str, start: &str, n: usize) -> Vec<String> {
    locals(&recurrence(rule, start, "America/New_York").runs(Timestamp::MIN, n).unwrap())
}

/// Dates at nine, which the examples are mostly about.
fn at_nine(dates: &[&str]) -> Vec<String> {
    dates.iter().map(|date| format!("{date} 09:00")).collect()
}

#[test]
// A table.
#[allow(clippy::too_many_lines)]
fn the_examples_of_rfc_5545_come_out_as_it_lists_them() {
    let start = "1997-09-02T09:00";
    for (rule, start, dates) in [
        (
            "FREQ=DAILY;INTERVAL=10;COUNT=5",
            start,
            vec!["1997-09-02", "1997-09-12", "1997-09-22", "1997-10-02", "1997-10-12"],
        ),
        (
            "FREQ=YEARLY;UNTIL=19980102T000000Z;BYMONTH=1,9;BYDAY=TH",
            "1997-09-02T09:00",
            vec!["1997-09-04", "1997-09-11", "1997-09-18", "1997-09-25", "1998-01-01"],
        ),
        (
            "FREQ=WEEKLY;INTERVAL=2;WKST=SU",
            start,
            vec!["1997-09-02", "1997-09-16", "1997-09-30", "1997-10-14", "1997-10-28", "1997-11-11"],
        ),
        (
            "FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH",
            start,
            vec![
                "1997-09-02",
                "1997-09-04",
                "1997-09-09",
                "1997-09-11",
                "1997-09-16",
                "1997-09-18",
                "1997-09-23",
                "1997-09-25",
                "1997-09-30",
                "1997-10-02",
            ],
        ),
        (
            "FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH",
            start,
            vec![
                "1997-09-02",
                "1997-09-04",
                "1997-09-16",
                "1997-09-18",
                "1997-09-30",
                "1997-10-02",
                "1997-10-14",
                "1997-10-16",
            ],
        ),
        (
            "FREQ=MONTHLY;COUNT=10;BYDAY=1FR",
            "1997-09-05T09:00",
            vec![
                "1997-09-05",
                "1997-10-03",
                "1997-11-07",
                "1997-12-05",
                "1998-01-02",
                "1998-02-06",
                "1998-03-06",
                "1998-04-03",
                "1998-05-01",
                "1998-06-05",
            ],
        ),
        (
            "FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU",
            "1997-09-07T09:00",
            vec![
                "1997-09-07",
                "1997-09-28",
                "1997-11-02",
                "1997-11-30",
                "1998-01-04",
                "1998-01-25",
                "1998-03-01",
                "1998-03-29",
                "1998-05-03",
                "1998-05-31",
            ],
        ),
        (
            "FREQ=MONTHLY;COUNT=6;BYDAY=-2MO",
            "1997-09-22T09:00",
            vec!["1997-09-22", "1997-10-20", "1997-11-17", "1997-12-22", "1998-01-19", "1998-02-16"],
        ),
        (
            "FREQ=MONTHLY;BYMONTHDAY=-3",
            "1997-09-28T09:00",
            vec!["1997-09-28", "1997-10-29", "1997-11-28", "1997-12-29", "1998-01-29", "1998-02-26"],
        ),
        (
            "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15",
            start,
            vec![
                "1997-09-02",
                "1997-09-15",
                "1997-10-02",
                "1997-10-15",
                "1997-11-02",
                "1997-11-15",
                "1997-12-02",
                "1997-12-15",
                "1998-01-02",
                "1998-01-15",
            ],
        ),
        (
            "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1",
            "1997-09-30T09:00",
            vec![
                "1997-09-30",
                "1997-10-01",
                "1997-10-31",
                "1997-11-01",
                "1997-11-30",
                "1997-12-01",
                "1997-12-31",
                "1998-01-01",
                "1998-01-31",
                "1998-02-01",
            ],
        ),
        (
            "FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15",
            "1997-09-10T09:00",
            vec![
                "1997-09-10",
                "1997-09-11",
                "1997-09-12",
                "1997-09-13",
                "1997-09-14",
                "1997-09-15",
                "1999-03-10",
                "1999-03-11",
                "1999-03-12",
                "1999-03-13",
            ],
        ),
        (
            "FREQ=YEARLY;COUNT=10;BYMONTH=6,7",
            "1997-06-10T09:00",
            vec![
                "1997-06-10",
                "1997-07-10",
                "1998-06-10",
                "1998-07-10",
                "1999-06-10",
                "1999-07-10",
                "2000-06-10",
                "2000-07-10",
                "2001-06-10",
                "2001-07-10",
            ],
        ),
        (
            "FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200",
            "1997-01-01T09:00",
            vec![
                "1997-01-01",
                "1997-04-10",
                "1997-07-19",
                "2000-01-01",
                "2000-04-09",
                "2000-07-18",
                "2003-01-01",
                "2003-04-10",
                "2003-07-19",
                "2006-01-01",
            ],
        ),
        ("FREQ=YEARLY;BYDAY=20MO", "1997-05-19T09:00", vec!["1997-05-19", "1998-05-18", "1999-05-17"]),
        ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "1997-05-12T09:00", vec!["1997-05-12", "1998-05-11", "1999-05-17"]),
        (
            "FREQ=YEARLY;BYMONTH=3;BYDAY=TH",
            "1997-03-13T09:00",
            vec!["1997-03-13", "1997-03-20", "1997-03-27", "1998-03-05"],
        ),
        (
            "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
            start,
            vec!["1998-02-13", "1998-03-13", "1998-11-13", "1999-08-13", "2000-10-13"],
        ),
        (
            "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13",
            "1997-09-13T09:00",
            vec!["1997-09-13", "1997-10-11", "1997-11-08", "1997-12-13"],
        ),
        (
            "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
            "1996-11-05T09:00",
            vec!["1996-11-05", "2000-11-07", "2004-11-02"],
        ),
        (
            "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3",
            "1997-09-04T09:00",
            vec!["1997-09-04", "1997-10-07", "1997-11-06"],
        ),
        (
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2",
            "1997-09-29T09:00",
            vec!["1997-09-29", "1997-10-30", "1997-11-27", "1997-12-30", "1998-01-29"],
        ),
        (
            "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO",
            "1997-08-05T09:00",
            vec!["1997-08-05", "1997-08-10", "1997-08-19", "1997-08-24"],
        ),
        (
            "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU",
            "1997-08-05T09:00",
            vec!["1997-08-05", "1997-08-17", "1997-08-19", "1997-08-31"],
        ),
        (
            "FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5",
            "2007-01-15T09:00",
            vec!["2007-01-15", "2007-01-30", "2007-02-15", "2007-03-15", "2007-03-30"],
        ),
    ] {
        assert_eq!(first(rule, start, dates.len()), at_nine(&dates), "{rule}");
    }
    let hours = ["1997-09-02 09:00", "1997-09-02 12:00", "1997-09-02 15:00"];
    assert_eq!(first("FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T190000Z", start, 9), hours, "until five in New York");
}

#[test]
fn what_a_rule_leaves_open_is_as_at_its_start() {
    assert_eq!(first("FREQ=YEARLY", "2024-02-29T08:15", 2), ["2024-02-29 08:15", "2028-02-29 08:15"]);
    assert_eq!(
        first("FREQ=MONTHLY", "2026-01-31T08:15", 3),
        ["2026-01-31 08:15", "2026-03-31 08:15", "2026-05-31 08:15"]
    );
    assert_eq!(first("FREQ=WEEKLY", "2026-01-31T08:15", 2), ["2026-01-31 08:15", "2026-02-07 08:15"]);
    assert_eq!(first("FREQ=YEARLY;BYWEEKNO=20", "1997-05-12T09:00", 2), ["1997-05-12 09:00", "1998-05-11 09:00"]);
    assert_eq!(first("FREQ=DAILY;BYHOUR=9,17", "2026-01-31T12:15", 2), ["2026-01-31 17:15", "2026-02-01 09:15"]);
}

#[test]
fn a_rule_that_never_comes_true_has_ended_and_one_that_rarely_does_has_not() {
    let never =
        recurrence("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "2026-01-01T09:00", "UTC").runs(Timestamp::MIN, 1).unwrap();
    assert_eq!((never.runs.len(), never.ended), (0, true));
    // A leap day that is a Monday: forty years apart over 2100, which has no leap day.
    let rare = recurrence("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO", "2072-02-29T09:00", "UTC");
    let runs = rare.runs(Timestamp::MIN, 2).unwrap();
    assert_eq!((locals(&runs), runs.ended), (vec!["2072-02-29 09:00".into(), "2112-02-29 09:00".into()], false));
}

fn falls(runs: &Runs) -> Vec<(String, Fall)> {
    runs.runs.iter().map(|run| (run.at.to_string(), run.fall)).collect()
}

#[test]
fn a_skipped_time_is_moved_or_left_out_and_then_not_counted() {
    let daily = Recurrence { ..recurrence("FREQ=DAILY;COUNT=3", "2026-03-28T02:30", "Europe/Berlin") };
    let moved = daily.runs(Timestamp::MIN, 9).unwrap();
    let expected = [
        ("2026-03-28T01:30:00Z", Fall::Plain),
        ("2026-03-29T01:30:00Z", Fall::Shifted),
        ("2026-03-30T00:30:00Z", Fall::Plain),
    ];
    assert_eq!(falls(&moved), expected.map(|(at, fall)| (at.to_owned(), fall)));
    assert!(moved.ended && moved.skipped.is_empty());
    let left_out = Recurrence { on_gap: GapPolicy::Skip, ..daily }.runs(Timestamp::MIN, 3).unwrap();
    assert_eq!(locals(&left_out), ["2026-03-28 02:30", "2026-03-30 02:30", "2026-03-31 02:30"]);
    assert_eq!(left_out.skipped, ["2026-03-29T02:30".parse::<DateTime>().unwrap()]);
}

#[test]
fn a_double_time_means_the_first_the_second_or_both_and_counts_once() {
    let daily = recurrence("FREQ=DAILY;COUNT=2", "2026-10-25T02:30", "Europe/Berlin");
    for (policy, expected) in [
        (OverlapPolicy::First, vec![("2026-10-25T00:30:00Z", Fall::First), ("2026-10-26T01:30:00Z", Fall::Plain)]),
        (OverlapPolicy::Second, vec![("2026-10-25T01:30:00Z", Fall::Second), ("2026-10-26T01:30:00Z", Fall::Plain)]),
        (
            OverlapPolicy::Both,
            vec![
                ("2026-10-25T00:30:00Z", Fall::First),
                ("2026-10-25T01:30:00Z", Fall::Second),
                ("2026-10-26T01:30:00Z", Fall::Plain),
            ],
        ),
    ] {
        let runs = Recurrence { on_overlap: policy, ..daily.clone() }.runs(Timestamp::MIN, 9).unwrap();
        let expected: Vec<_> = expected.into_iter().map(|(at, fall)| (at.to_owned(), fall)).collect();
        assert_eq!(falls(&runs), expected, "{policy:?}");
    }
}

#[test]
fn two_local_times_of_one_instant_are_one_run_and_a_moved_one_takes_its_place_in_order() {
    // 02:00 and 02:45 are moved to 03:00 and 03:45, which the rule names as well.
    let twice = recurrence("FREQ=DAILY;BYHOUR=2,3;BYMINUTE=0,45", "2026-03-29T00:00", "Europe/Berlin");
    let at: Vec<String> = twice.runs(Timestamp::MIN, 3).unwrap().runs.iter().map(|run| run.at.to_string()).collect();
    assert_eq!(at, ["2026-03-29T01:00:00Z", "2026-03-29T01:45:00Z", "2026-03-30T00:00:00Z"]);
    // In Nuuk the skipped hour is the last of the day: 23:45 is moved behind the next day's 00:15.
    let late = recurrence("FREQ=DAILY;BYHOUR=0,23;BYMINUTE=15,45", "2026-03-28T12:00", "America/Nuuk");
    let runs = late.runs(Timestamp::MIN, 4).unwrap();
    assert!(runs.runs.is_sorted_by(|a, b| a.at < b.at), "{runs:?}");
    assert_eq!(locals(&runs)[..2], ["2026-03-28 23:15", "2026-03-28 23:45"]);
}

#[test]
fn runs_go_on_after_any_moment_as_if_counted_from_the_start() {
    for rule in [
        "FREQ=DAILY;INTERVAL=3",
        "FREQ=HOURLY;INTERVAL=5",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR",
        "FREQ=MONTHLY;INTERVAL=5;BYDAY=-1FR",
        "FREQ=YEARLY;BYMONTH=3,10;BYDAY=-1SU;BYHOUR=2",
        "FREQ=DAILY;COUNT=40",
    ] {
        let every = recurrence(rule, "2024-02-29T02:30", "Europe/Berlin");
        let all = every.runs(Timestamp::MIN, 60).unwrap().runs;
        for (at, run) in all.iter().enumerate() {
            let next = every.runs(run.at, 1).unwrap().runs;
            assert_eq!(
                next.first(),
                all.get(at + 1).or(next.first().filter(|_| at + 1 == 60)),
                "{rule} after {}",
                run.at
            );
            let just_before = every.runs(run.at - jiff::SignedDuration::from_nanos(1), 1).unwrap().runs;
            assert_eq!(just_before.first(), Some(run), "{rule}");
        }
    }
}

#[test]
fn a_run_is_found_again_by_its_local_time() {
    let daily =
        Recurrence { on_overlap: OverlapPolicy::Both, ..recurrence("FREQ=DAILY", "2026-10-25T02:30", "Europe/Berlin") };
    for run in daily.runs(Timestamp::MIN, 3).unwrap().runs {
        assert_eq!(daily.again(&run).unwrap(), Some(run.clone()));
        let stale = Occurrence { at: run.at + jiff::SignedDuration::from_hours(1), ..run.clone() };
        assert_eq!(daily.again(&stale).unwrap(), Some(run), "by the zone as it is now");
    }
    let once = Recurrence { zone: "UTC".into(), ..daily.clone() };
    let second = daily.runs(Timestamp::MIN, 2).unwrap().runs.remove(1);
    assert_eq!(once.again(&second).unwrap(), None, "this zone has it only once");
}

/// Draws as the other tests do: a linear congruence is random enough to choose rules with.
struct Draw(u64);

impl Draw {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    fn list(&mut self, n: u64, low: i64, high: i64) -> String {
        let span = u64::try_from(high - low + 1).unwrap();
        let mut items = Vec::new();
        for _ in 0..=self.below(n) {
            let item = low + i64::try_from(self.below(span)).unwrap();
            items.push(if item == 0 { high } else { item });
        }
        items.sort_unstable();
        items.dedup();
        items.iter().map(i64::to_string).collect::<Vec<_>>().join(",")
    }

    fn days(&mut self, numbered: bool) -> String {
        let mut days = Vec::new();
        for _ in 0..=self.below(3) {
            let day = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"][usize::try_from(self.below(7)).unwrap()];
            let nth = ["", "1", "2", "-1", "-2", "5"][usize::try_from(self.below(6)).unwrap()];
            days.push(format!("{}{day}", if numbered { nth } else { "" }));
        }
        // The witness filters by numbered and plain days in turn; RFC 5545 joins them.
        if days.iter().any(|day| day.len() == 2) {
            days.retain(|day| day.len() == 2);
        }
        days.sort_unstable();
        days.dedup();
        days.join(",")
    }

    fn rule(&mut self) -> String {
        let freq = ["HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"][usize::try_from(self.below(5)).unwrap()];
        let mut rule = format!("FREQ={freq}");
        let mut add = |text: String| rule.push_str(&text);
        if self.below(2) == 0 {
            add(format!(";INTERVAL={}", 1 + self.below(5)));
        }
        if self.below(4) == 0 {
            add(format!(";WKST={}", ["SU", "TH", "MO"][usize::try_from(self.below(3)).unwrap()]));
        }
        if self.below(3) == 0 {
            add(format!(";BYMONTH={}", self.list(4, 1, 12)));
        }
        let weeks = freq == "YEARLY" && self.below(5) == 0;
        if weeks {
            add(format!(";BYWEEKNO={}", self.list(3, -53, 53)));
        }
        if matches!(freq, "YEARLY" | "HOURLY") && self.below(5) == 0 {
            add(format!(";BYYEARDAY={}", self.list(9, -366, 366)));
        }
        if freq != "WEEKLY" && self.below(3) == 0 {
            add(format!(";BYMONTHDAY={}", self.list(6, -31, 31)));
        }
        // A week without its days has all of them for the witness, and the start's for RFC 5545.
        let chosen = weeks || self.below(2) == 0;
        if chosen {
            add(format!(";BYDAY={}", self.days(matches!(freq, "MONTHLY" | "YEARLY") && !weeks)));
        }
        if self.below(3) == 0 {
            add(format!(";BYHOUR={}", self.list(3, 1, 23)));
        }
        if freq != "HOURLY" && self.below(4) == 0 {
            add(format!(";BYMINUTE={}", self.list(3, 1, 59)));
        }
        if freq != "HOURLY" && chosen && self.below(4) == 0 {
            add(format!(";BYSETPOS={}", self.list(2, -4, 4)));
        }
        rule
    }
}

#[test]
fn drawn_rules_come_out_as_a_second_implementation_has_them() {
    let (mut compared, mut runs) = (0, 0);
    let mut draw = Draw(42);
    for _ in 0..500 {
        let text = draw.rule();
        let day = 1 + draw.below(28);
        let (year, month) = (2023 + draw.below(4), 1 + draw.below(12));
        let start = format!("{year}-{month:02}-{day:02}T{:02}:{:02}:00", draw.below(24), draw.below(60));
        let ours: Rule = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        let bare = start.replace(['-', ':'], "");
        let Ok(theirs) = format!("DTSTART:{bare}Z\nRRULE:{text}").parse::<rrule::RRuleSet>() else {
            panic!("the witness does not read {text}")
        };
        // The witness gives up early on what hardly ever comes true.
        let theirs: Vec<String> =
            theirs.all(25).dates.iter().map(|at| at.format("%Y-%m-%d %H:%M").to_string()).collect();
        let found = Recurrence { rule: ours, ..recurrence("FREQ=DAILY", &start, "UTC") };
        let found = locals(&found.runs(Timestamp::MIN, 25).unwrap());
        // In a week that begins before the start the witness counts BYSETPOS from the start, in a month or year from its
        // first day; here it is the first day of each.
        let settled = if text.contains("WEEKLY") && text.contains("BYSETPOS") { 7 } else { 0 };
        let from = (start.parse::<DateTime>().unwrap() + settled.days()).strftime("%Y-%m-%d %H:%M").to_string();
        let later = |mut times: Vec<String>| {
            times.retain(|time| *time >= from);
            times
        };
        let (theirs, found) = (later(theirs), later(found));
        let both = theirs.len().min(found.len());
        assert_eq!(found[..both], theirs[..both], "{text} from {start}");
        assert!(found.len() + 2 >= theirs.len(), "{text} from {start}: {found:?} {theirs:?}");
        compared += 1;
        runs += both;
    }
    println!("recurrence: {compared} rules compared with a second implementation, {runs} runs");
    assert!(runs > 7_000, "{runs}");
}

#[test]
fn two_local_times_of_one_instant_count_once() {
    // 02:30 is moved to 03:30, which the rule names as well.
    let twice = recurrence("FREQ=DAILY;BYHOUR=2,3;BYMINUTE=30;COUNT=3", "2026-03-29T00:00", "Europe/Berlin");
    let at: Vec<String> = twice.runs(Timestamp::MIN, 9).unwrap().runs.iter().map(|run| run.at.to_string()).collect();
    assert_eq!(at, ["2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z", "2026-03-30T01:30:00Z"]);
    // Apia left out the 30th of December 2011: its nine o'clock is that of the 31st.
    let daily = recurrence("FREQ=DAILY;COUNT=3", "2011-12-29T09:00", "Pacific/Apia");
    let at: Vec<String> = daily.runs(Timestamp::MIN, 9).unwrap().runs.iter().map(|run| run.at.to_string()).collect();
    assert_eq!(at, ["2011-12-29T19:00:00Z", "2011-12-30T19:00:00Z", "2011-12-31T19:00:00Z"]);
}

#[test]
fn a_rule_whose_every_time_is_skipped_ends_after_fifty_years_and_lists_no_more_than_it_may() {
    // The night in which clocks go forward in Berlin is the last Sunday of March.
    for (minutes, skipped) in [("0", 50), ("0,1,2,3,4,5,6,7,8,9", MAX_SKIPPED)] {
        let rule = format!("FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU;BYHOUR=2;BYMINUTE={minutes}");
        let night = Recurrence { on_gap: GapPolicy::Skip, ..recurrence(&rule, "2026-03-01T02:00", "Europe/Berlin") };
        let runs = night.runs("2026-03-01T00:00:00Z".parse().unwrap(), 1).unwrap();
        assert_eq!((runs.runs.len(), runs.ended), (0, true));
        assert!(runs.skipped.len().abs_diff(skipped) <= 1, "{}", runs.skipped.len());
    }
}

#[test]
fn a_count_whose_next_run_is_too_far_away_is_given_up_after_fifty_years_however_late_runs_are_asked_for() {
    let next = recurrence("FREQ=YEARLY;INTERVAL=60;COUNT=3", "2026-01-01T09:00", "UTC");
    for after in ["2026-06-01T00:00:00Z", "2080-01-01T00:00:00Z", "9990-01-01T00:00:00Z"] {
        let runs = next.runs(after.parse().unwrap(), 1).unwrap();
        assert_eq!((runs.runs.len(), runs.ended), (0, true), "{after}");
    }
}
