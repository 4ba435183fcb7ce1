#![allow(clippy::unwrap_used)]
use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A table like those of the requirement documents.
fn habits(evidence: Evidence) -> Habits {
    Habits { table: Some(GoodTimes::new(&[(7, 30), (12, 0), (17, 30)], &[(10, 0), (19, 0)])), evidence, is_read: true }
}

fn ranked(accounts: &[Habits], zone: &str, from: &str, to: &str) -> Vec<(Timestamp, BestTime)> {
    best_times(accounts, zone, at(from), at(to)).unwrap()
}

fn best(accounts: &[Habits], from: &str, to: &str) -> String {
    ranked(accounts, "Europe/Berlin", from, to)[0].1.wall.local.to_string()
}

/// Monday to Friday of one week.
const WEEK: (&str, &str) = ("2027-01-11T00:00:00Z", "2027-01-15T22:00:00Z");

#[test]
fn without_evidence_the_earliest_time_of_the_table_is_the_best_and_of_the_others_those_next_to_it() {
    let found = ranked(&[habits(Evidence::none())], "Europe/Berlin", WEEK.0, "2027-01-11T22:00:00Z");
    let times: Vec<String> = found.iter().take(6).map(|(_, time)| time.wall.local.time().to_string()).collect();
    assert_eq!(times, ["07:30:00", "12:00:00", "17:30:00", "08:00:00", "18:00:00", "11:00:00"]);
    assert_eq!(found.len(), 23, "one of each hour from one in the morning to eleven in the evening");
    let reason = &found[0].1.reason;
    assert_eq!((reason.named, reason.measured, reason.percent), (1, 0, 60));
    assert!(
        reason.to_string().starts_with("no post of this account is known to have done better or worse than the others"),
        "{reason}"
    );
    assert!(found[3].1.reason.to_string().contains("no better one of the range is free"));
}

#[test]
fn on_weekends_the_table_of_weekends_holds() {
    assert_eq!(
        best(&[habits(Evidence::none())], "2027-01-16T07:00:00Z", "2027-01-17T22:00:00Z"),
        "2027-01-16T10:00:00"
    );
    assert_eq!(
        best(&[habits(Evidence::none())], "2027-01-16T10:00:00Z", "2027-01-17T07:00:00Z"),
        "2027-01-16T19:00:00"
    );
}

#[test]
fn a_few_posts_of_its_own_do_not_change_an_accounts_best_time_and_many_do() {
    let evidence = |posts, good| Evidence::none().and(Weekday::Wednesday, 15, posts, good);
    for (posts, good, expected) in [(1, 1, "07:30:00"), (5, 5, "07:30:00"), (20, 18, "15:00:00"), (200, 90, "07:30:00")]
    {
        let found = best(&[habits(evidence(posts, good))], WEEK.0, WEEK.1);
        assert_eq!(found, format!("2027-01-11T{expected}"), "{good} of {posts}");
    }
    let found = ranked(&[habits(evidence(20, 18))], "Europe/Berlin", WEEK.0, WEEK.1);
    let reason = &found[0].1.reason;
    assert_eq!((reason.measured, reason.posts, reason.good, reason.named), (20, 20, 18, 0));
    let next = found.iter().find(|(_, time)| time.reason.hour == 12).unwrap().1.reason.to_string();
    assert!(next.contains("no post of this account that is measured went out then"), "{next}");
    assert_eq!(reason.percent, 73, "(4 + 18) of (10 + 20)");
    assert!(reason.to_string().contains("18 of the 20 posts of this account"), "{reason}");
}

#[test]
fn a_time_of_the_table_at_which_an_account_does_badly_is_not_its_best() {
    let bad = Evidence::none().and(Weekday::Monday, 7, 4, 0).and(Weekday::Friday, 7, 4, 0);
    assert_eq!(best(&[habits(bad)], WEEK.0, WEEK.1), "2027-01-11T12:00:00");
    // What is known of weekends says nothing of weekdays.
    let weekend = Evidence::none().and(Weekday::Sunday, 7, 40, 0);
    assert_eq!(best(&[habits(weekend)], WEEK.0, WEEK.1), "2027-01-11T07:30:00");
}

#[test]
fn no_more_posts_did_well_than_there_are() {
    let evidence = Evidence::none().and(Weekday::Monday, 3, 2, u32::MAX).and(Weekday::Monday, 3, u32::MAX, u32::MAX);
    assert_eq!(evidence.of(Days::Weekdays, 3), Tally { posts: u32::MAX, good: u32::MAX });
    assert_eq!(habits(evidence).believed(Days::Weekdays, 3).mean, 999_999, "and nothing overflows");
}

#[test]
fn several_accounts_get_the_time_that_is_good_for_most() {
    let other = |weekdays: &[(i8, i8)]| Habits {
        table: Some(GoodTimes::new(weekdays, &[])),
        evidence: Evidence::none(),
        is_read: true,
    };
    let accounts = [habits(Evidence::none()), other(&[(8, 0), (12, 0)])];
    let found = ranked(&accounts, "Europe/Berlin", WEEK.0, WEEK.1);
    assert_eq!(found[0].1.wall.local.to_string(), "2027-01-11T12:00:00");
    assert_eq!((found[0].1.reason.accounts, found[0].1.reason.named), (2, 2));
}

#[test]
fn a_platform_without_a_table_has_the_hours_that_the_known_tables_share_and_the_reason_says_so() {
    let unknown = Habits { table: None, evidence: Evidence::none(), is_read: true };
    let found = ranked(&[unknown], "Europe/Berlin", WEEK.0, WEEK.1);
    assert_eq!(found[0].1.wall.local.to_string(), "2027-01-11T12:00:00");
    assert!(found[0].1.reason.to_string().contains("there is none for this platform"), "{}", found[0].1.reason);
}

#[test]
fn a_time_that_the_zone_skips_is_moved_by_the_gap_and_one_that_it_has_twice_is_the_first() {
    let night = Habits { table: Some(GoodTimes::new(&[], &[(2, 30)])), evidence: Evidence::none(), is_read: true };
    let gap = ranked(std::slice::from_ref(&night), "Europe/Berlin", "2026-03-29T00:00:00Z", "2026-03-29T03:00:00Z");
    let told = |found: &[(Timestamp, BestTime)]| -> Vec<(String, String)> {
        found.iter().map(|(at, time)| (at.to_string(), time.wall.local.time().to_string())).collect()
    };
    let pair = |at: &str, local: &str| (at.to_owned(), local.to_owned());
    // Half past two is half past three, where the table says nothing; so nothing of it is called good.
    assert_eq!(gap[0].1.reason.named, 0);
    assert!(told(&gap).contains(&pair("2026-03-29T01:30:00Z", "03:30:00")), "{gap:?}");
    let fold = ranked(&[night], "Europe/Berlin", "2026-10-24T22:00:00Z", "2026-10-25T03:00:00Z");
    assert_eq!(told(&fold)[0], pair("2026-10-25T00:30:00Z", "02:30:00"));
    assert!(!fold.iter().any(|(at, _)| *at == tests::at("2026-10-25T01:30:00Z")));
}

#[test]
fn of_equally_good_hours_none_of_the_night_is_chosen_while_one_of_the_day_is_there() {
    let found = ranked(&[habits(Evidence::none())], "Europe/Berlin", WEEK.0, WEEK.1);
    let hours: Vec<i8> = found.iter().map(|(_, time)| time.wall.local.hour()).collect();
    let first_of_night = hours.iter().position(|hour| (0..5).contains(hour)).unwrap();
    assert!(hours[first_of_night..].iter().all(|hour| !(7..20).contains(hour)), "{hours:?}");
}

#[test]
fn a_range_begins_and_ends_where_it_says_and_one_without_a_time_has_none() {
    let accounts = [habits(Evidence::none())];
    let found = ranked(&accounts, "Europe/Berlin", "2027-01-11T10:59:00Z", "2027-01-11T22:00:00Z");
    assert_eq!(found[0].0, at("2027-01-11T11:00:00Z"), "noon in Berlin");
    assert!(found.iter().all(|(time, _)| *time >= at("2027-01-11T10:59:00Z")));
    assert!(ranked(&accounts, "Europe/Berlin", "2027-01-11T10:05:00Z", "2027-01-11T10:55:00Z").is_empty());
    assert!(ranked(&accounts, "Europe/Berlin", "2027-01-12T00:00:00Z", "2027-01-11T00:00:00Z").is_empty());
    let unknown = best_times(&accounts, "Mars/Olympus", at(WEEK.0), at(WEEK.1));
    assert!(matches!(unknown, Err(WallTimeError::UnknownZone(_))));
}
