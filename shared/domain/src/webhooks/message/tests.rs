#![allow(clippy::unwrap_used)]
use super::*;
use uuid::Uuid;

fn message() -> (WebhookMessage, Timestamp) {
    let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    let m = WebhookMessage {
        event: EventId::from_uuid(Uuid::nil()),
        endpoint: EndpointId::from_uuid(Uuid::nil()),
        tenant: TenantId::from_uuid(Uuid::nil()),
        kind: "post.published".into(),
        body: "{}".into(),
        content_headers: BTreeMap::new(),
        state: WebhookState::Pending,
        attempts: vec![],
        before: 0,
        again_at: None,
        place: None,
        lane: None,
        stood_s: 0,
        wake: Some(Wake { at: now, set_at: now, sent: true }),
        created_at: now,
    };
    (m, now)
}

fn answer(status: Option<u16>, retry_after_s: Option<u64>, at: Timestamp) -> Answer {
    Answer { attempt: WebhookAttempt { at, status, latency_ms: 1, ..WebhookAttempt::default() }, retry_after_s }
}

fn again(jitter: f64) -> Again {
    Again { jitter, quiet_until: None, carried_s: 0 }
}

#[test]
fn a_failing_endpoint_is_tried_ten_times_over_three_days_and_then_given_up_visibly() {
    let (mut m, mut now) = message();
    let start = now;
    while let Some(wake) = m.wake {
        now = wake.at;
        m = m.claimed("w", now).unwrap().answered(answer(Some(500), None, now), again(0.0), now);
    }
    assert_eq!(m.attempts.len(), 10);
    assert!(matches!(&m.state, WebhookState::Dead { reason, .. } if reason == EXHAUSTED));
    assert_eq!(now.duration_since(start).as_secs(), WAITS_S.iter().sum::<i64>());
}

#[test]
fn each_wait_is_within_a_fifth_of_the_schedules() {
    for (tries, wait) in WAITS_S.into_iter().enumerate() {
        let (mut m, now) = message();
        m.attempts = vec![WebhookAttempt::default(); tries];
        for jitter in [-0.2, -0.11, 0.0, 0.09, 0.2] {
            let at = m.answered(answer(None, None, now), again(jitter), now).wake.unwrap().at;
            let (ms, wait) = (at.duration_since(now).as_millis(), i128::from(wait));
            assert!((wait * 800..=wait * 1200).contains(&ms), "{ms} ms of {wait} s");
        }
    }
}

#[test]
fn a_redirect_is_a_failure_gone_ends_it_and_a_wait_asked_for_is_kept_in_full() {
    let (m, now) = message();
    let redirected = m.answered(answer(Some(302), None, now), again(-0.2), now);
    assert_eq!(redirected.state, WebhookState::Pending);
    let gone = m.answered(answer(Some(410), None, now), again(0.0), now);
    assert!(matches!(gone.state, WebhookState::Dead { reason, .. } if reason == GONE));
    for asked in [60, 3600, 86_401, 9 * 86_400] {
        for jitter in [-0.2, 0.2] {
            let slowed = m.answered(answer(Some(503), Some(asked), now), again(jitter), now);
            let waits = slowed.wake.unwrap().at.duration_since(now).as_secs();
            assert_eq!(waits, i64::try_from(asked).unwrap(), "and no claim is early enough to be before it");
            let early = now + SignedDuration::from_secs(waits) - SignedDuration::from_millis(1);
            assert!(slowed.claimed("w", early).is_none(), "{asked}");
        }
    }
}

#[test]
fn a_wait_beyond_the_life_of_a_message_ends_it_and_says_so() {
    let (m, now) = message();
    for asked in [10 * 86_400, u64::from(u32::MAX) + 1, u64::MAX] {
        let ended = m.answered(answer(Some(429), Some(asked), now), again(0.0), now);
        assert!(matches!(&ended.state, WebhookState::Dead { reason, .. } if reason == ASKED_TO_WAIT), "{asked}");
        assert_eq!((ended.wake, ended.attempts.len()), (None, 1));
    }
    let put_off = m.put_off(Timestamp::MAX, again(0.2), now);
    assert!(matches!(put_off.state, WebhookState::Dead { reason, .. } if reason == ASKED_TO_WAIT));
}

#[test]
fn what_waits_for_an_endpoint_spends_no_attempt_and_comes_after_the_wait_spread() {
    let (m, now) = message();
    let until = now + SignedDuration::from_secs(3_600);
    let mut waits = Vec::new();
    for jitter in [-0.2, 0.0, 0.2] {
        let waiting = m.put_off(until, again(jitter), now);
        assert_eq!((waiting.attempts.len(), &waiting.state), (0, &WebhookState::Pending));
        waits.push(waiting.wake.unwrap().at.duration_since(until).as_millis());
    }
    assert_eq!(waits, [500, 30_500, 60_500]);
}

#[test]
fn a_short_wait_ends_by_the_message_that_brought_it_and_a_long_one_by_the_tick() {
    let (m, now) = message();
    let carried = |asked| {
        let again = Again { carried_s: 120, ..again(0.0) };
        m.answered(answer(Some(500), asked, now), again, now).wake.unwrap().sent
    };
    assert_eq!((carried(None), carried(Some(119)), carried(Some(120))), (true, true, false));
    assert!(!m.answered(answer(Some(500), None, now), again(0.0), now).wake.unwrap().sent);
}

#[test]
fn a_person_gives_up_what_waits_and_nothing_that_is_under_way_or_over() {
    let (m, now) = message();
    let by = MemberId::from_uuid(Uuid::from_u128(7));
    let standing = WebhookMessage { lane: Some("post".into()), place: Some(now), ..m.clone() };
    for waits in [m.clone(), standing.clone(), standing.behind()] {
        let ended = waits.given_up(by, now).unwrap();
        assert_eq!(ended.state, WebhookState::Dead { at: now, reason: GIVEN_UP.into(), by: Some(by) });
        assert_eq!((ended.wake, ended.lane, ended.place), (None, None, None));
    }
    let held = m.claimed("w", now).unwrap();
    let lease = SignedDuration::from_secs(ATTEMPT_LEASE_S);
    assert!(held.given_up(by, now).is_err() && held.given_up(by, now + lease).is_err(), "a request may be under way");
    assert!(
        held.given_up(by, now + lease + SignedDuration::from_millis(1)).is_ok(),
        "its worker is not there any more"
    );
    let taken = held.answered(answer(Some(200), None, now), again(0.0), now);
    assert!(taken.given_up(by, now).is_err() && m.dead(GONE, now).given_up(by, now).is_err());
}

#[test]
fn only_the_newest_answers_stay_whole() {
    let (mut m, now) = message();
    for _ in 0..5 {
        let mut long = answer(Some(500), None, now);
        long.attempt.excerpt = "\u{e4}".repeat(4_000);
        m = m.answered(long, again(0.0), now);
    }
    let kept: Vec<_> = m.attempts.iter().map(|a| a.excerpt.len()).collect();
    assert_eq!(kept, [1_024, 1_024, 8_000, 8_000, 8_000]);
}

#[test]
fn two_workers_do_not_send_the_same_attempt_at_once() {
    let (m, now) = message();
    let held = m.claimed("a", now).unwrap();
    assert!(held.claimed("b", now).is_none());
    assert!(held.claimed("b", now + SignedDuration::from_secs(ATTEMPT_LEASE_S + 1)).is_some());
}

#[test]
fn one_that_is_sent_again_has_a_schedule_and_a_life_of_its_own() {
    let (mut m, mut now) = message();
    while let Some(wake) = m.wake {
        now = wake.at;
        assert_eq!(m.again(true, now), None, "it is still being tried");
        m = m.answered(answer(Some(500), None, now), again(0.0), now);
    }
    for round in 1..=3 {
        now += SignedDuration::from_hours(20 * 24);
        m = m.again(true, now).unwrap();
        assert_eq!((m.wake.unwrap().at, m.attempts.len(), &m.body), (now, 10, &"{}".to_owned()));
        while let Some(wake) = m.wake {
            now = wake.at;
            m = m.answered(answer(Some(500), None, now), again(0.0), now);
        }
        assert_eq!(m.attempts.len(), 20, "round {round}");
        assert!(matches!(&m.state, WebhookState::Dead { reason, .. } if reason == EXHAUSTED));
    }
    let taken = m.again(true, now).unwrap().answered(answer(Some(200), None, now), again(0.0), now);
    assert!(taken.again(true, now).is_some(), "what was taken can be sent again too");
}

#[test]
fn standing_in_line_spends_no_attempt_and_no_part_of_a_messages_life() {
    let (m, now) = message();
    let days = |n: i64| SignedDuration::from_hours(24 * n);
    assert!(m.is_new());
    let mut standing = m.clone();
    for n in 1..=10 {
        // Three days in line each time: thirty in all, for a message that lives for ten.
        let here = now + days(3 * (n - 1));
        standing = standing.claimed("w", here).unwrap().stands(here + days(3), 120, here);
        assert_eq!((standing.attempts.len(), &standing.state), (0, &WebhookState::Pending));
        assert_eq!((standing.place, standing.wake.unwrap().at), (Some(here + days(3)), here + days(3)));
    }
    let here = now + days(30);
    assert!(!standing.is_new() && !standing.wake.unwrap().sent);
    assert!(
        standing.claimed("w", here - SignedDuration::from_secs(1)).is_none(),
        "before its place it is not looked at"
    );
    let failed =
        standing.claimed("w", here).unwrap().answered(answer(Some(500), Some(9 * 86_400), here), again(0.0), here);
    assert_eq!((&failed.state, failed.place), (&WebhookState::Pending, None), "nine days are within its life");
    let ended = failed.answered(answer(Some(500), Some(11 * 86_400), here), again(0.0), here);
    assert!(matches!(&ended.state, WebhookState::Dead { reason, .. } if reason == ASKED_TO_WAIT));
    let again = ended.again(true, here).unwrap();
    assert_eq!((again.place, again.stood_s, again.is_new()), (None, 0, true), "a round of its own");
}

#[test]
fn what_stands_behind_others_is_not_looked_at_until_it_is_woken_and_has_its_whole_life_after_that() {
    let (m, now) = message();
    let days = |n: i64| SignedDuration::from_hours(24 * n);
    let held = WebhookMessage { lane: Some("k".into()), ..m.claimed("w", now).unwrap() };
    let behind = held.behind();
    assert_eq!((&behind.state, behind.wake, behind.lane.as_deref()), (&WebhookState::Pending, None, Some("k")));
    assert!(behind.claimed("w", now + days(40)).is_none() && behind.again(true, now).is_none());
    let here = now + days(9);
    let woken = behind.woken(here);
    let at_once = behind.woken(behind.created_at);
    assert!(behind.is_new() && !woken.is_new() && !at_once.is_new(), "what once stood is always taken in");
    let wake = woken.wake.unwrap();
    assert_eq!((wake.at, wake.set_at, wake.sent, woken.stood_s), (here, here, false, 9 * 86_400));
    let failed =
        woken.claimed("w", here).unwrap().answered(answer(Some(500), Some(9 * 86_400), here), again(0.0), here);
    assert_eq!(
        (&failed.state, failed.lane.as_deref()),
        (&WebhookState::Pending, Some("k")),
        "it keeps its place in it"
    );
    let ended = [
        failed.answered(answer(Some(200), None, here), again(0.0), here),
        failed.answered(answer(Some(410), None, here), again(0.0), here),
        failed.put_off(Timestamp::MAX, again(0.0), here),
        failed.dead(DISABLED, here),
    ];
    for ended in ended {
        assert!(ended.has_ended() && ended.lane.is_none(), "{ended:?}");
        assert_eq!(ended.again(true, here).unwrap().lane, None, "what is sent again stands beside the order");
    }
}

#[test]
fn a_message_stored_before_the_newer_fields_reads_and_is_written_back_as_it_was() {
    const STORED: &str = r#"{"event":"evt_00000000000000000000000000000001","endpoint":"ep_00000000000000000000000000000002","tenant":"ten_00000000000000000000000000000003","kind":"post.failed","body":"{}","state":"dead","at":"2026-01-04T00:00:00Z","reason":"exhausted","attempts":[{"at":"2026-01-01T00:00:00Z","status":null,"latency_ms":15000,"excerpt":"no answer"}],"created_at":"2026-01-01T00:00:00Z"}"#;
    let message: WebhookMessage = serde_json::from_str(STORED).unwrap();
    assert_eq!(serde_json::to_string(&message).unwrap(), STORED);
}
