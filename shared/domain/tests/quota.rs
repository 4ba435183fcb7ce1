//! Quotas: what a meter lets through, by example and over random histories.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::cast_possible_truncation)]

use domain::TenantId;
use domain::platform::{Level, Quota, QuotaScope, quotas_of};
use domain::publishing::{Asking, Governor, Meter, Meters};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use uuid::Uuid;

fn t0() -> Timestamp {
    "2027-01-15T09:00:00Z".parse().unwrap()
}

fn ms(n: i64) -> SignedDuration {
    SignedDuration::from_millis(n)
}

fn hour(scope: QuotaScope, limit: u32) -> Quota {
    Quota::new("hour", scope, limit, 3_600)
}

fn by(who: &str, n: u32) -> Asking<'_> {
    Asking { who, n, waited: false }
}

fn waited(who: &str, n: u32) -> Asking<'_> {
    Asking { waited: true, ..by(who, n) }
}

/// Numbers from a seed (`SplitMix64`, Steele et al. 2014).
struct Rng(u64);

impl Rng {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }

    fn quota(&mut self, least: u64) -> Quota {
        let scope = if self.below(2) == 0 { QuotaScope::Account } else { QuotaScope::App };
        Quota::new("any", scope, (least + self.below(60)) as u32, 1 + self.below(5_000) as u32)
    }
}

#[test]
fn no_window_ever_has_more_than_the_limit_whoever_asks_and_comes_back_when() {
    for seed in 0..400 {
        let mut rng = Rng(seed);
        let quota = rng.quota(1);
        let window = ms(i64::from(quota.window_s) * 1_000);
        let (mut meter, mut now, mut let_through) = (Meter::default(), t0(), Vec::new());
        for _ in 0..300 {
            now += ms(rng.below(u64::from(quota.window_s) * 1_000 / 20 + 2).cast_signed());
            let who = ["a", "b", "c"][rng.below(3) as usize];
            let asking = Asking { who, n: 1 + rng.below(5) as u32, waited: rng.below(2) == 0 };
            match meter.ask(&quota, asking, now) {
                Ok(n) => let_through.push((now, n)),
                Err(until) => assert!(until > now, "{seed}: told to come back at once"),
            }
        }
        assert!(!let_through.is_empty());
        for (end, _) in &let_through {
            let within = let_through.iter().filter(|(at, _)| *at <= *end && *at >= *end - window);
            let n: u32 = within.map(|(_, n)| n).sum();
            assert!(n <= quota.limit, "{seed}: {n} in a window of {quota:?}");
        }
    }
}

#[test]
fn whoever_comes_back_when_they_were_told_to_is_let_through() {
    for seed in 0..200 {
        let mut rng = Rng(seed);
        let quota = rng.quota(10);
        let mut meter = Meter::default();
        // All at once, and then each when it was told, with as many tries as it takes.
        let mut agenda: BTreeMap<(Timestamp, u64), u32> = (0..300).map(|n| ((t0(), n), 0)).collect();
        let mut last = t0();
        while let Some(((now, n), tries)) = agenda.pop_first() {
            assert!(tries < 2, "{seed}: {n} was put off again at {now} by {quota:?}");
            match meter.ask(&quota, Asking { who: "a", n: 1, waited: tries > 0 }, now) {
                Ok(_) => last = now,
                Err(until) => agenda.extend([((until, n), tries + 1)]),
            }
        }
        // A window is a twelfth longer than it is, and of a shared quota one has nine tenths.
        let most = if quota.scope == QuotaScope::App { quota.limit * 9 / 10 } else { quota.limit };
        let windows = f64::from(300 / most + 1) * 14.0 / 12.0;
        let took = last.duration_since(t0()).as_secs_f64();
        assert!(took <= windows * f64::from(quota.window_s) + 1.0, "{seed}: {took} s for {quota:?}");
    }
}

#[test]
fn a_flood_leaves_something_for_whoever_comes_late() {
    for seed in 0..200 {
        let mut rng = Rng(seed);
        let quota = hour(QuotaScope::App, 100 + rng.below(200) as u32);
        let mut meter = Meter::default();
        for _ in 0..2_000 {
            let who = ["a", "b", "c", "d", "e"][rng.below(5) as usize];
            let _ = meter.ask(&quota, waited(who, 1 + rng.below(3) as u32), t0());
        }
        assert_eq!(meter.ask(&quota, by("late", 1), t0()), Ok(1), "{seed}: {quota:?}");
    }
}

#[test]
fn one_alone_gets_nine_tenths_of_a_shared_quota_two_share_it_evenly_and_an_account_has_all_of_its_own() {
    let taken = |quota: &Quota, who: &[&str]| -> Vec<u32> {
        let mut meter = Meter::default();
        let mut of: BTreeMap<&str, u32> = BTreeMap::new();
        for _ in 0..1_000 {
            for who in who {
                *of.entry(who).or_default() += meter.ask(quota, waited(who, 1), t0()).unwrap_or(0);
            }
        }
        of.into_values().collect()
    };
    assert_eq!(taken(&hour(QuotaScope::Account, 100), &["a"]), [100]);
    assert_eq!(taken(&hour(QuotaScope::App, 100), &["a"]), [90]);
    assert_eq!(taken(&hour(QuotaScope::App, 190), &["a", "b"]), [90, 90]);
    assert_eq!(taken(&hour(QuotaScope::App, 1), &["a"]), [1], "however small it is");
}

#[test]
fn the_line_of_one_delays_nobody_else() {
    let quota = hour(QuotaScope::App, 100);
    let mut meter = Meter::default();
    let told: Vec<_> = (0..900).map(|_| meter.ask(&quota, by("flood", 1), t0())).collect();
    let last = told.last().unwrap().unwrap_err();
    assert!(last > t0() + SignedDuration::from_hours(8), "{last}");
    assert_eq!(meter.ask(&quota, by("calm", 3), t0()), Ok(3));
    assert!(
        meter.ask(&quota, by("flood", 1), t0()).unwrap_err() > last,
        "who comes now goes to the end of its own line"
    );
}

#[test]
fn others_who_wait_for_little_do_not_slow_a_line_and_nothing_is_told_a_time_long_after_there_is_room() {
    let quota = Quota::new("day", QuotaScope::App, 10_000, 86_400);
    let mut meter = Meter::default();
    let half_a_day_ago = t0() - SignedDuration::from_hours(12);
    assert_eq!(meter.ask(&quota, by("many", 5_000), half_a_day_ago), Ok(5_000));
    while meter.ask(&quota, waited("rest", 50), half_a_day_ago).is_ok() {}
    for one in ["c", "d", "e"] {
        let _ = meter.ask(&quota, by(one, 500), t0());
        assert!(meter.ask(&quota, by(one, 500), t0()).is_err(), "{one} stands in line");
    }
    let told: Vec<_> = (0..2_000).filter_map(|_| meter.ask(&quota, by("many", 1), t0()).err()).collect();
    let room = told.iter().map(|at| meter.room(&quota, "many", *at)).min().unwrap();
    assert!(room > 0, "each is told a time at which there is room");
    let last = *told.iter().max().unwrap();
    assert!(last <= t0() + SignedDuration::from_hours(15), "all of it frees twelve hours from now: {last}");
}

#[test]
fn what_was_spent_in_one_minute_is_there_again_a_day_later_and_not_two_hours_after_that() {
    let quota = Quota::new("day", QuotaScope::App, 10_000, 86_400);
    for minute in [0, 59, 119] {
        let (mut meter, spent) = (Meter::default(), t0() + SignedDuration::from_mins(minute));
        assert_eq!(meter.ask(&quota, by("a", 9_000), spent), Ok(9_000));
        let told: Vec<_> = (0..500).map(|_| meter.ask(&quota, by("a", 1), spent).unwrap_err()).collect();
        let day_after = |at: &Timestamp| at.duration_since(spent) - SignedDuration::from_hours(24);
        assert!(day_after(&told[0]) < SignedDuration::from_secs(1), "{:?}", told[0]);
        assert!(day_after(&told[499]) < SignedDuration::from_mins(15), "{:?}", told[499]);
    }
}

#[test]
fn those_who_wait_for_a_full_quota_are_told_as_many_moments_as_they_are_whoever_filled_it() {
    let quota = hour(QuotaScope::App, 100);
    let mut meter = Meter::default();
    for who in ["a", "b", "c", "d", "e", "f", "g", "h", "i"] {
        while meter.ask(&quota, waited(who, 1), t0()).is_ok() {}
    }
    let mut told: Vec<_> = (0..300).filter_map(|_| meter.ask(&quota, by("calm", 1), t0()).err()).collect();
    told.sort_unstable();
    told.dedup();
    assert!(told.len() >= 298, "{} moments", told.len());
}

#[test]
fn with_more_sharers_than_are_told_apart_the_greedy_one_is_and_leaves_a_tenth() {
    let quota = Quota::new("day", QuotaScope::App, 10_000, 86_400);
    let mut meter = Meter::default();
    for n in 0..40 {
        assert_eq!(meter.ask(&quota, by(&format!("calm {n}"), 1), t0()), Ok(1));
    }
    let greedy: u32 = (0..12_000).map(|_| meter.ask(&quota, waited("greedy", 1), t0()).unwrap_or(0)).sum();
    assert!((8_900..=9_000).contains(&greedy), "{greedy}");
    for n in 0..20 {
        assert_eq!(meter.ask(&quota, by(&format!("late {n}"), 1), t0()), Ok(1));
    }
    assert!(meter.ask(&quota, waited("greedy", 1), t0()).is_err(), "it is still known");
}

#[test]
fn a_line_whose_deliveries_were_called_off_keeps_nobody() {
    let quota = hour(QuotaScope::Account, 10);
    let mut meter = Meter::default();
    for _ in 0..500 {
        let _ = meter.ask(&quota, by("", 1), t0());
    }
    let later = t0() + SignedDuration::from_hours(2);
    assert_eq!(meter.ask(&quota, by("", 1), later), Ok(1));
}

#[test]
fn a_thread_leaves_when_all_of_it_fits_and_one_that_never_fits_goes_by_windows() {
    let quota = hour(QuotaScope::Account, 10);
    let mut meter = Meter::default();
    assert_eq!(meter.ask(&quota, by("", 8), t0()), Ok(8));
    let until = meter.ask(&quota, by("", 5), t0()).unwrap_err();
    assert_eq!(meter.room(&quota, "", t0()), 2, "what waits has taken nothing");
    assert_eq!(meter.ask(&quota, waited("", 5), until), Ok(5));
    let long = meter.ask(&quota, by("", 25), until).unwrap_err();
    assert_eq!(meter.ask(&quota, waited("", 25), long), Ok(10));
}

#[test]
fn what_did_not_leave_is_given_back() {
    let quota = hour(QuotaScope::Account, 10);
    let mut meter = Meter::default();
    assert_eq!(meter.ask(&quota, by("", 10), t0()), Ok(10));
    meter.give_back("", 4);
    assert_eq!(meter.room(&quota, "", t0()), 4);
    meter.give_back("somebody else", 4);
    assert_eq!(meter.room(&quota, "", t0()), 4);
}

fn level(limit: Option<u32>, left: u32, in_s: i64) -> Level {
    Level { quota: "hour".into(), limit, left, resets_at: t0() + SignedDuration::from_secs(in_s) }
}

#[test]
fn what_the_platform_says_counts_for_more_than_what_was_counted() {
    let quota = hour(QuotaScope::Account, 100);
    let mut meter = Meter::default();
    assert_eq!(meter.ask(&quota, by("", 3), t0()), Ok(3));
    // Somebody else publishes through the same account; one of the three has left.
    meter.hear(&quota, &level(Some(50), 7, 600), 2, t0());
    assert_eq!((meter.limit(&quota), meter.room(&quota, "", t0())), (50, 5));
    meter.hear(&quota, &level(Some(50), 6, 600), 1, t0());
    meter.hear(&quota, &level(Some(50), 40, 600), 0, t0());
    assert_eq!(meter.room(&quota, "", t0()), 5, "within a window it only falls");
    assert_eq!(meter.ask(&quota, by("", 5), t0()), Ok(5));
    let until = meter.ask(&quota, by("", 1), t0()).unwrap_err();
    assert_eq!(until, t0() + SignedDuration::from_secs(600), "it begins anew when the platform says");
    assert_eq!(meter.room(&quota, "", until), 50);
    meter.hear(&quota, &level(None, 0, -5), 0, t0());
    assert_eq!(meter.limit(&quota), 50, "what lies in the past says nothing");
}

#[test]
fn only_what_matters_is_news() {
    let quota = hour(QuotaScope::App, 100);
    let mut meter = Meter::default();
    assert_eq!(meter.ask(&quota, by("a", 10), t0()), Ok(10));
    for (level, news) in [
        (level(Some(100), 90, 600), false),
        (level(None, 85, 600), false),
        (level(None, 84, 600), true),
        (level(Some(80), 90, 600), true),
        (level(None, 0, 600), true),
        (level(None, 0, -1), false),
    ] {
        assert_eq!(meter.is_news(&quota, &level, t0()), news, "{level:?}");
    }
    meter.hear(&quota, &level(None, 0, 600), 0, t0());
    assert!(!meter.is_news(&quota, &level(None, 0, 600), t0()), "it is known");
    // What is used up here, too, may begin anew sooner there.
    let mut spent = Meter::default();
    assert_eq!(spent.ask(&quota, by("a", 90), t0()), Ok(90));
    while spent.ask(&quota, waited("b", 1), t0()).is_ok() {}
    let left = 100 - 90 - 9;
    assert!(spent.is_news(&quota, &level(None, left, 600), t0()));
    assert!(!spent.is_news(&quota, &level(None, left, 3_700), t0()), "later than by this count");
}

#[test]
fn requests_are_taken_of_every_quota_or_of_none() {
    let quotas =
        [Quota::new("day", QuotaScope::Account, 20, 86_400), Quota::new("hour", QuotaScope::Account, 5, 3_600)];
    let quotas = quotas_of(&quotas, QuotaScope::Account);
    let mut meters = Meters::default();
    assert_eq!(meters.ask(&quotas, by("", 25), t0()), Ok(5), "as many as the narrowest lets through");
    let room = |meters: &Meters| quotas.iter().map(|q| meters.of(q).room(q, "", t0())).collect::<Vec<_>>();
    assert_eq!(room(&meters), [15, 0]);
    let until = meters.ask(&quotas, by("", 1), t0()).unwrap_err();
    assert_eq!(room(&meters), [15, 0], "the other quota lost nothing");
    assert!(until > t0() + SignedDuration::from_mins(59) && until < t0() + SignedDuration::from_mins(66));
    let none = Meters::default();
    assert_eq!((none.clone().ask(&[], by("", 7), t0()), none.is_empty()), (Ok(7), true));
}

#[test]
fn a_meter_is_kept_and_reads_back_and_many_tenants_do_not_swell_it() {
    let quota = hour(QuotaScope::App, 100_000);
    let mut governor = Governor::new("chirp".parse().unwrap(), t0());
    for n in 0..13 * 300 {
        let share = Governor::share(TenantId::from_uuid(Uuid::from_u128(n)));
        let at = t0() + SignedDuration::from_secs(i64::try_from(n).unwrap());
        assert_eq!(governor.meters.ask(&[&quota], by(&share, 1), at), Ok(1));
    }
    let text = serde_json::to_string(&governor).unwrap();
    assert_eq!(serde_json::from_str::<Governor>(&text).unwrap(), governor);
    assert!(text.len() < 8 * 1024, "{}", text.len());
}
