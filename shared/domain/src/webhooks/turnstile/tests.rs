#![allow(clippy::unwrap_used)]
use super::*;
use std::collections::BTreeMap;
use uuid::Uuid;

fn begin() -> Timestamp {
    "2026-01-01T00:00:02Z".parse().unwrap()
}

fn turnstile(rate: u32) -> Turnstile {
    Turnstile::new(TenantId::from_uuid(Uuid::nil()), EndpointId::from_uuid(Uuid::nil()), rate, begin())
}

fn after(ms: i64) -> Timestamp {
    begin() + SignedDuration::from_millis(ms)
}

/// The most of these instants, in milliseconds, within any minute.
fn most_in_a_minute(at: &[i64]) -> usize {
    let mut sorted = at.to_vec();
    sorted.sort_unstable();
    sorted
        .iter()
        .map(|from| sorted.iter().filter(|at| (*from..*from + 60_000).contains(*at)).count())
        .max()
        .unwrap_or(0)
}

/// Random numbers that are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(self.0 >> 33).unwrap() % n
    }
}

/// What became of messages that each come when their place says, this much too late and by clocks that are off by this much.
struct Flow {
    sent_ms: Vec<i64>,
    looks: usize,
    /// The longest that one was sent after its first place.
    after_place_ms: i64,
}

/// One of eight comes up to as late as this, the others by two seconds at most.
const SOME_LATE: i64 = 20_001;

fn flow(rate: u32, comes_ms: &[i64], late_ms: i64, skew_ms: i64, dice: &mut Dice) -> Flow {
    let mut turnstile = turnstile(rate);
    let mut due: BTreeMap<(i64, usize), bool> = comes_ms.iter().enumerate().map(|(n, at)| ((*at, n), false)).collect();
    let (mut sent_ms, mut looks, mut after_place_ms) = (Vec::new(), 0, 0);
    let mut first = vec![None; comes_ms.len()];
    let ms = |at: Timestamp| i64::try_from(at.duration_since(begin()).as_millis()).unwrap();
    while let Some(((here, n), booked)) = due.pop_first() {
        looks += 1;
        let now = after(here + if skew_ms == 0 { 0 } else { dice.below(2 * skew_ms) - skew_ms });
        if let Some(next) = turnstile.pass(rate, booked, now) {
            turnstile = next;
            sent_ms.push(here);
            after_place_ms = max(after_place_ms, first[n].map_or(0, |place: i64| here - place));
            continue;
        }
        #[allow(clippy::cast_precision_loss)]
        let spread = dice.below(1_000) as f64 / 1_000.0;
        let at = if let Some(at) = turnstile.frees(rate, spread, now).filter(|_| booked) {
            at
        } else {
            let (next, at) = turnstile.book(rate, spread, None, now).unwrap();
            turnstile = next;
            first[n].get_or_insert(ms(at));
            at
        };
        // No queue is late with all for long, unless it stands.
        let late_ms = if late_ms == SOME_LATE && dice.below(8) > 0 { 2_000 } else { late_ms };
        let lateness = if late_ms == 0 { 0 } else { dice.below(late_ms) };
        due.insert((ms(at) + lateness, n), true);
        assert!(looks < comes_ms.len() * 20, "they go round and round");
    }
    Flow { sent_ms, looks, after_place_ms }
}

#[test]
fn as_many_as_the_limit_pass_at_once_and_no_more_within_a_minute() {
    for rate in [1, 2, 7, 60, MAX_RATE] {
        let mut turnstile = turnstile(rate);
        for _ in 0..rate {
            turnstile = turnstile.pass(rate, false, begin()).unwrap();
        }
        for ms in [0, 1, 30_000, 59_999, 60_000, 64_999] {
            assert!(turnstile.pass(rate, true, after(ms)).is_none(), "{rate} {ms}");
        }
        assert!(turnstile.pass(rate, true, after(70_000)).is_some(), "{rate}");
    }
}

#[test]
fn whoever_comes_when_no_minute_has_more_than_the_limit() {
    for seed in 0..300 {
        let mut dice = Dice(seed);
        let rate = [1, 2, 3, 5, 14, 15, 16, 60, 100][usize::try_from(dice.below(9)).unwrap()];
        let comes: Vec<i64> = (0..=dice.below(200)).map(|_| dice.below(3) * dice.below(300_000)).collect();
        let late = [0, 2_000, 20_000, 200_000][usize::try_from(dice.below(4)).unwrap()];
        let flow = flow(rate, &comes, late, 2_000 * dice.below(2), &mut dice);
        assert_eq!(flow.sent_ms.len(), comes.len());
        let most = most_in_a_minute(&flow.sent_ms);
        assert!(most <= rate as usize, "seed {seed}: {most} of {rate}");
    }
}

#[test]
fn who_comes_in_time_looks_twice_at_most_however_long_the_line_is() {
    for (rate, n) in [(1, 400), (3, 400), (60, 2_000), (100, 3_000), (MAX_RATE, 6_000)] {
        for late in [0, 2_000] {
            let mut dice = Dice(u64::from(rate));
            let comes: Vec<i64> = (0..n).map(|_| dice.below(30_000)).collect();
            let flow = flow(rate, &comes, late, 0, &mut dice);
            assert!(flow.looks <= 2 * comes.len() + comes.len() / 50, "{rate}: {} looks for {n}", flow.looks);
            let took = flow.sent_ms.iter().max().unwrap() / 1_000;
            let ideal = i64::from(n) * 75 / i64::from(rate);
            // Where the limit is no multiple of what a step may have, and so a little is left over.
            assert!(took <= ideal + 90, "{rate}: {took} s, not {ideal}");
        }
    }
}

#[test]
fn who_comes_late_sends_nobody_who_is_on_time_to_the_end_of_the_line() {
    for rate in [1, 2, 20] {
        let mut dice = Dice(u64::from(rate) + 11);
        let comes = vec![0; 400];
        let flow = flow(rate, &comes, SOME_LATE, 0, &mut dice);
        assert!(flow.after_place_ms <= 60_000, "{rate}: {} s after its place", flow.after_place_ms / 1_000);
        assert!(flow.looks <= 3 * comes.len(), "{rate}: {} looks", flow.looks);
        assert!(most_in_a_minute(&flow.sent_ms) <= rate as usize);
    }
}

#[test]
fn what_an_outage_made_late_goes_as_fast_as_the_limit_allows_and_looks_once_more_each() {
    let mut dice = Dice(7);
    let comes = vec![0; 600];
    let flow = flow(60, &comes, 400_000, 0, &mut dice);
    assert!(most_in_a_minute(&flow.sent_ms) <= 60);
    assert!(flow.looks <= 4 * comes.len(), "{} looks", flow.looks);
}

#[test]
fn who_has_no_place_goes_behind_those_who_have_one() {
    let full = turnstile(2).pass(2, false, begin()).unwrap().pass(2, false, begin()).unwrap();
    let (line, first) = full.book(2, 0.0, None, after(1_000)).unwrap();
    let (line, second) = line.book(2, 0.0, None, after(1_000)).unwrap();
    assert!(first < second && first >= after(60_000));
    let ms = |at: Timestamp| i64::try_from(at.duration_since(begin()).as_millis()).unwrap();
    assert!(line.pass(2, false, after(ms(first))).is_none(), "the first has that place");
    assert!(line.pass(2, true, after(ms(first))).is_some());
}

#[test]
fn places_are_spread_and_no_step_has_more_than_its_share() {
    let mut line = turnstile(30);
    let mut steps: BTreeMap<i64, u32> = BTreeMap::new();
    for _ in 0..90 {
        let (next, at) = line.book(30, 0.5, None, begin()).unwrap();
        *steps.entry(step_of(at)).or_default() += 1;
        line = next;
    }
    assert!(steps.values().all(|n| *n <= 2), "{steps:?}");
    assert_eq!(steps.len(), 45, "and none is left out");
}

#[test]
fn the_line_has_an_end_and_who_does_not_get_into_it_changes_nothing() {
    let end = SignedDuration::from_hours(24 * LINE_D);
    let most = Some(end);
    let mut line = turnstile(1);
    let mut n = 0;
    while let Some((next, at)) = line.book(1, 0.0, most, begin()) {
        assert!(at.duration_since(begin()) <= end);
        line = next;
        n += 1;
    }
    assert_eq!(n, 3 * 86_400 / 75);
    assert!(line.book(1, 0.0, None, begin()).is_some(), "who stood in it before is taken into it");
}

#[test]
fn a_higher_limit_makes_the_line_anew_and_a_lower_one_holds_at_once() {
    let mut line = turnstile(1);
    for _ in 0..100 {
        line = line.book(1, 0.0, None, begin()).unwrap().0;
    }
    let lower = line.book(1, 0.0, None, begin()).unwrap().1;
    assert!(lower > after(7_000_000));
    assert!(line.pass(60, false, begin()).is_some(), "who comes now need not stand behind them");
    let (raised, at) = line.book(60, 0.0, None, begin()).unwrap();
    assert!(at < after(10_000) && raised.rate == 60);
    let mut busy = turnstile(60);
    for _ in 0..10 {
        busy = busy.pass(60, false, begin()).unwrap();
    }
    assert!(busy.pass(10, true, after(1_000)).is_none(), "what passed counts");
}

#[test]
fn what_is_kept_stays_small() {
    let mut turnstile = turnstile(MAX_RATE);
    for n in 0..20_000 {
        let now = after(n * 13);
        turnstile = match turnstile.pass(MAX_RATE, false, now) {
            Some(next) => next,
            None => turnstile.book(MAX_RATE, 0.5, None, now).unwrap().0,
        };
    }
    let bytes = serde_json::to_string(&turnstile).unwrap().len();
    assert!(bytes < 900, "{bytes} bytes: with its keys it costs one write unit");
}
