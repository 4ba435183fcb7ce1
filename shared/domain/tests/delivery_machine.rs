//! The delivery machine, move by move: what may happen, what may not, and what is told.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use domain::platform::Limits;
use domain::publishing::*;
use domain::text::TextRule;
use domain::{AccountId, DeliveryId, PostId, TenantId};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

const SETTLE_S: u32 = 900;

fn t0() -> Timestamp {
    "2026-12-01T08:00:00Z".parse().unwrap()
}

fn secs(n: i64) -> SignedDuration {
    SignedDuration::from_secs(n)
}

fn accepted(parts: usize) -> Delivery {
    let id = Uuid::from_u128(1);
    let new = NewDelivery {
        id: DeliveryId::from_uuid(id),
        tenant: TenantId::from_uuid(id),
        post: PostId::from_uuid(id),
        account: AccountId::from_uuid(id),
        platform: "sample".parse().unwrap(),
        content_hash: "h".into(),
        parts,
        due_at: t0(),
        max_lateness_s: 3600,
        settle_s: SETTLE_S,
    };
    Delivery::accepted(new, t0() - secs(600))
}

fn claimed(d: &Delivery, owner: &str, now: Timestamp) -> Delivery {
    match d.wakened(owner, now) {
        Wakened::Claimed(moved) => moved.next,
        other => panic!("not claimed: {other:?}"),
    }
}

fn dispatched(d: &Delivery, now: Timestamp) -> Delivery {
    claimed(d, "w", now).dispatching("w", now, now).unwrap().next
}

fn receipt() -> Receipt {
    Receipt { id: Some("1".into()), url: None }
}

fn unconfirmed() -> Failure {
    Failure::Unconfirmed { detail: "no answer".into() }
}

#[test]
fn nothing_is_claimed_before_its_time_and_a_second_worker_finds_it_held() {
    let d = accepted(1);
    assert!(matches!(d.wakened("a", t0() - secs(5)), Wakened::Idle(_)));
    let held = claimed(&d, "a", t0());
    assert!(matches!(held.wakened("b", t0() + secs(1)), Wakened::Idle(_)));
    assert_eq!(claimed(&held, "b", t0() + secs(LEASE_S + 1)).fence, held.fence + 1);
}

#[test]
fn a_delivery_first_seen_too_late_is_missed_and_told() {
    let Wakened::Ended(moved) = accepted(1).wakened("a", t0() + secs(3601)) else { panic!("not ended") };
    assert!(matches!(moved.next.state, State::Missed { .. }));
    assert_eq!(moved.events[0].kind(), "post.missed");
}

#[test]
fn a_worker_that_vanishes_while_the_request_is_out_leaves_an_unknown_outcome_and_never_a_queued_one() {
    let d = dispatched(&accepted(1), t0());
    assert!(matches!(d.wakened("b", t0() + secs(10)), Wakened::Idle(_)));
    let Wakened::Ended(moved) = d.wakened("b", t0() + secs(LEASE_S + 1)) else { panic!("not ended") };
    assert!(matches!(moved.next.state, State::Unknown { part: 0, .. }));
}

#[test]
fn a_lost_answer_is_unknown_and_late_proof_makes_it_published() {
    let d = dispatched(&accepted(1), t0());
    let unknown = d.outcome(d.fence, 0, &Err(unconfirmed()), t0(), 0).unwrap().next;
    assert!(matches!(unknown.state, State::Unknown { .. }));
    assert!(matches!(unknown.wakened("b", t0() + secs(3000)), Wakened::Idle(_)), "no wake-up sends it again");
    let live = unknown.outcome(d.fence, 0, &Ok(receipt()), t0() + secs(90), 0).unwrap();
    assert!(matches!(live.next.state, State::Published { .. }));
    assert_eq!(live.events[0].kind(), "post.published");
    assert!(live.next.outcome(d.fence, 0, &Err(unconfirmed()), t0(), 0).is_err(), "published is final");
}

#[test]
fn absence_is_proved_only_by_three_spaced_looks_after_everything_has_settled() {
    let d = dispatched(&accepted(1), t0());
    let mut d = d.outcome(d.fence, 0, &Err(unconfirmed()), t0(), 0).unwrap().next;
    let mut now = t0();
    let mut looks = 0;
    while matches!(d.state, State::Unknown { .. }) {
        now += secs(300);
        looks += 1;
        d = d.reconciled(&Ok(Finding::Absent), now, now).unwrap().next;
    }
    assert!(matches!(d.state, State::Retry { .. }));
    assert!(looks >= 3 && now.duration_since(t0()) > secs(i64::from(SETTLE_S) + WORKER_LIFE_S));
}

#[test]
fn looks_in_quick_succession_do_not_add_up() {
    let d = dispatched(&accepted(1), t0());
    let mut d = d.outcome(d.fence, 0, &Err(unconfirmed()), t0(), 0).unwrap().next;
    let late = t0() + secs(7200);
    for i in 0..10 {
        d = d.reconciled(&Ok(Finding::Absent), late + secs(i), late + secs(i)).unwrap().next;
    }
    assert!(matches!(d.state, State::Unknown { neg_reads: 1, .. }));
}

#[test]
fn a_jump_of_our_own_clock_proves_nothing() {
    let d = dispatched(&accepted(1), t0());
    let mut d = d.outcome(d.fence, 0, &Err(unconfirmed()), t0(), 0).unwrap().next;
    for i in 1..=5 {
        // Our clock runs ahead by hours; the store's has moved a minute.
        d = d.reconciled(&Ok(Finding::Absent), t0() + secs(60), t0() + secs(3600 * i)).unwrap().next;
    }
    assert!(matches!(d.state, State::Unknown { .. }));
}

#[test]
fn what_cannot_be_read_or_is_seen_twice_is_for_people() {
    let d = dispatched(&accepted(1), t0());
    let unknown = d.outcome(d.fence, 0, &Err(unconfirmed()), t0(), 0).unwrap().next;
    for finding in [Finding::Unreadable, Finding::Several(2)] {
        let asked = unknown.reconciled(&Ok(finding), t0(), t0()).unwrap();
        assert!(matches!(asked.next.state, State::Attention { .. }));
        assert_eq!(asked.events[0].kind(), "post.outcome_unknown");
        let question = asked.next.question().unwrap();
        let live = asked.next.decided(question, Some(Receipt::NAMELESS), t0(), t0()).unwrap().next;
        assert!(matches!(live.state, State::Published { .. }));
        let late = t0() + secs(i64::from(SETTLE_S) + WORKER_LIFE_S + 1);
        assert!(matches!(asked.next.decided(question, None, late, late).unwrap().next.state, State::Retry { .. }));
        assert_eq!(asked.next.retry_asked(&[], late, late), Err(Refused::OutcomeUnknown));
        assert!(asked.next.retry_asked(&[question], late, late).is_ok());
    }
}

#[test]
fn an_answer_counts_only_for_the_question_that_was_asked() {
    let d = dispatched(&accepted(2), t0());
    let unknown = d.outcome(d.fence, 0, &Err(unconfirmed()), t0(), 0).unwrap().next;
    let asked = unknown.reconciled(&Ok(Finding::Unreadable), t0(), t0()).unwrap().next;
    let first = asked.question().unwrap();
    assert_eq!(unknown.question(), Some(first), "handing it to people does not change what is asked");
    // The first part is live after all; the second one's outcome is unknown as well.
    let now = t0() + secs(10);
    let resumed = asked.decided(first, Some(Receipt::NAMELESS), now, now).unwrap().next;
    let second = dispatched(&resumed, now);
    let unknown = second.outcome(second.fence, 1, &Err(unconfirmed()), now, 0).unwrap().next;
    let late = now + secs(7200);
    for seen in [Some(receipt()), None] {
        assert_eq!(unknown.decided(first, seen, late, late), Err(Refused::OtherQuestion));
    }
    assert_eq!(unknown.retry_asked(&[first], late, late), Err(Refused::OutcomeUnknown));
    // Sent again and lost again: the same part, another request.
    let again = unknown.decided(unknown.question().unwrap(), None, late, late).unwrap().next;
    let again = dispatched(&again, late);
    let lost = again.outcome(again.fence, 1, &Err(unconfirmed()), late, 0).unwrap().next;
    let later = late + secs(7200);
    assert_eq!(lost.decided(unknown.question().unwrap(), None, later, later), Err(Refused::OtherQuestion));
}

#[test]
fn the_post_that_a_person_names_is_what_the_next_part_answers() {
    let d = dispatched(&accepted(2), t0());
    let unknown = d.outcome(d.fence, 0, &Err(unconfirmed()), t0(), 0).unwrap().next;
    for seen in [receipt(), Receipt::NAMELESS] {
        let resumed = unknown.decided(unknown.question().unwrap(), Some(seen.clone()), t0(), t0()).unwrap().next;
        assert!(matches!(resumed.state, State::Retry { .. }), "the thread goes on either way");
        assert_eq!((resumed.parts[0].receipt.as_ref(), resumed.next_part()), (Some(&seen), Some(1)));
    }
}

#[test]
fn it_is_not_there_counts_only_after_everything_that_left_has_settled() {
    let d = dispatched(&accepted(1), t0());
    let unknown = d.outcome(d.fence, 0, &Err(unconfirmed()), t0(), 0).unwrap().next;
    let question = unknown.question().unwrap();
    let settled = t0() + secs(i64::from(SETTLE_S) + WORKER_LIFE_S);
    // Our clock may be hours ahead; the store's is what counts.
    let ahead = settled + secs(7200);
    assert_eq!(unknown.decided(question, None, settled, ahead), Err(Refused::NotSettled(settled)));
    assert!(unknown.decided(question, Some(Receipt::NAMELESS), t0(), t0()).is_ok(), "what is live was seen, whenever");
    assert!(unknown.decided(question, None, settled + secs(1), t0()).is_ok());
}

#[test]
fn what_a_person_sends_again_is_prepared_anew_and_what_readings_send_again_goes_on_from_what_is_kept() {
    let kept = Some(serde_json::json!({ "container": "1" }));
    let sent = Delivery { progress: kept.clone(), ..dispatched(&accepted(1), t0()) };
    let mut now = t0();
    let unknown = sent.outcome(sent.fence, 0, &Err(unconfirmed()), now, 0).unwrap().next;
    let late = t0() + secs(i64::from(SETTLE_S) + WORKER_LIFE_S + 1);
    let asked = unknown.decided(unknown.question().unwrap(), None, late, late).unwrap().next;
    assert_eq!(asked.progress, None, "it may be used up by the request that nobody saw an answer to");
    assert_eq!(unseen(&unknown, &mut now).progress, kept);
}

#[test]
fn what_fails_while_more_and_more_is_prepared_never_adds_up_to_a_failure() {
    let (mut d, mut now) = (accepted(1), t0());
    for step in 0..u32::from(MAX_ATTEMPTS) * 3 {
        let mut held = claimed(&d, "w", now);
        held.advances(serde_json::json!({ "segments": step }));
        d = held.held_back("w", &Failure::Unavailable, now, 0).unwrap().next;
        assert!(matches!(d.state, State::Retry { .. }) && d.attempts == 1, "{step}: {:?}", d.state);
        now = d.wake.as_ref().unwrap().at;
    }
    // Waiting for the platform is going on, too; standing still is not.
    let waits = claimed(&d, "w", now).processing("w", d.progress.clone(), now + secs(30), now).unwrap().next;
    assert_eq!(waits.attempts, 0);
    for _ in 1..MAX_ATTEMPTS {
        let mut held = claimed(&d, "w", now);
        held.advances(d.progress.clone().unwrap());
        d = held.held_back("w", &Failure::Unavailable, now, 0).unwrap().next;
        now = d.wake.as_ref().map_or(now, |wake| wake.at);
    }
    assert!(matches!(d.state, State::Failed { .. }), "{:?}", d.state);
}

#[test]
fn a_question_has_exactly_one_spelling() {
    let d = dispatched(&accepted(1), t0());
    let unknown = d.outcome(d.fence, 0, &Err(unconfirmed()), t0(), 0).unwrap().next;
    let question = unknown.question().unwrap();
    assert_eq!(question.to_string().parse(), Ok(question));
    let id = unknown.id;
    for bad in ["", "0.1", &format!("{id}.0"), &format!("{id}.0.1.2"), &format!("{id}.+0.1"), &format!("{id}.00.1")] {
        assert_eq!(bad.parse::<Question>(), Err(BadQuestion), "{bad}");
    }
}

#[test]
fn waiting_for_a_quota_costs_neither_claim_nor_attempt_and_what_was_not_tried_is_missed_at_its_latest_start() {
    let d = claimed(&accepted(1), "w", t0());
    let waits = d.waits_for_quota("w", t0() + secs(3_000), t0()).unwrap().next;
    assert_eq!(waits.state, State::Retry { reason: RetryReason::Throttled });
    assert_eq!((waits.claims, waits.attempts, waits.expected_at()), (0, 0, Some(t0() + secs(3_000))));
    assert!(waits.goes_before() && !accepted(1).goes_before());
    assert!(d.waits_for_quota("somebody else", t0() + secs(3_000), t0()).is_err());
    let again = claimed(&waits, "w", t0() + secs(3_000));
    let last = again.waits_for_quota("w", t0() + secs(1_000_000), t0() + secs(3_000)).unwrap().next;
    let at = last.wake.unwrap().at;
    assert_eq!(
        (at, last.expected_at()),
        (last.latest_start() + secs(1), None),
        "nobody is told a time that never comes"
    );
    let Wakened::Ended(ended) = last.wakened("w", at) else { panic!("not ended") };
    assert!(matches!(&ended.next.state, State::Missed { .. }), "{:?}", ended.next.state);
}

#[test]
fn what_is_live_or_prepared_in_part_or_was_tried_waits_for_a_quota_until_its_horizon() {
    let sent = dispatched(&accepted(2), t0());
    let half = sent.outcome(sent.fence, 0, &Ok(receipt()), t0(), 0).unwrap().next;
    let tried = dispatched(&accepted(1), t0());
    let tried = tried.outcome(tried.fence, 0, &Err(Failure::Unavailable), t0(), 0).unwrap().next;
    let now = tried.wake.unwrap().at;
    let prepared = Delivery { progress: Some(serde_json::json!({ "video": 1 })), ..claimed(&accepted(1), "w", now) };
    for held in [half, claimed(&tried, "w", now), prepared] {
        let last = held.waits_for_quota("w", t0() + secs(1_000_000), now).unwrap().next;
        assert_eq!(last.wake.unwrap().at, last.horizon(), "it is asked for once more when its time is over");
        let Wakened::Ended(ended) = last.wakened("w", last.horizon() + secs(1)) else { panic!("not ended") };
        let (State::Failed { code, .. } | State::Partial { code, .. }) = &ended.next.state else {
            panic!("{:?}", ended.next)
        };
        assert_eq!(code, "exhausted");
    }
}

#[test]
fn a_doubt_that_came_from_preparing_can_be_denied_once_it_is_settled() {
    let held = claimed(&accepted(1), "w", t0());
    let doubt = held.held_back("w", &Failure::Duplicate { existing: None }, t0(), 0).unwrap().next;
    let question = doubt.question().unwrap();
    assert!(matches!(doubt.decided(question, None, t0(), t0()), Err(Refused::NotSettled(_))));
    let late = t0() + secs(i64::from(SETTLE_S) + WORKER_LIFE_S + 1);
    assert!(matches!(doubt.decided(question, None, late, late).unwrap().next.state, State::Retry { .. }));
}

#[test]
fn a_claim_makes_the_requests_that_do_not_wait_for_one_another() {
    assert_eq!(accepted(3).requests_ahead(3), 3);
    let spaced = accepted(4).spaced(Some(Spacing { delay_s: 60, parts: 3 }));
    assert_eq!(spaced.requests_ahead(4), 1, "the second part waits");
    let mut live = spaced;
    for part in &mut live.parts[..2] {
        part.receipt = Some(receipt());
    }
    assert!(live.goes_before());
    assert_eq!(live.requests_ahead(4), 2, "the comment below the last part does not");
}

#[test]
fn a_first_comment_is_counted_only_where_it_is_a_post_like_any_other() {
    let thread = Limits { thread_parts: 2, ..Limits::text_only(TextRule::Chars { limit: 9 }) };
    let alone = Limits { thread_parts: 1, ..thread.clone() };
    let mut d = accepted(2);
    d.commented = true;
    let ahead = |d: &Delivery| [&thread, &alone].map(|of| d.requests_ahead(of.counted(d.parts.len(), d.commented)));
    assert_eq!(ahead(&d), [2, 1]);
    d.parts[0].receipt = Some(receipt());
    assert_eq!(ahead(&d), [1, 0], "the comment alone is left");
    d.parts[1].receipt = Some(receipt());
    assert_eq!(ahead(&d), [0, 0]);
    assert_eq!((alone.counted(0, true), alone.counted(2, false)), (0, 2));
}

#[test]
fn a_throttle_costs_neither_claim_nor_attempt() {
    let mut d = accepted(1);
    let mut now = t0();
    for _ in 0..20 {
        let sent = dispatched(&d, now);
        d = sent.outcome(sent.fence, 0, &Err(Failure::RateLimited { until: None }), now, 0).unwrap().next;
        assert!(matches!(d.state, State::Retry { .. }));
        now = d.wake.unwrap().at;
    }
    assert_eq!((d.claims, d.attempts), (0, 0));
}

#[test]
fn a_duplicate_refusal_is_a_failure_at_first_and_a_doubt_after_a_doubt_whatever_post_it_names() {
    let d = dispatched(&accepted(1), t0());
    let duplicate = || Err(Failure::Duplicate { existing: Some(receipt()) });
    assert!(matches!(d.outcome(d.fence, 0, &duplicate(), t0(), 0).unwrap().next.state, State::Failed { .. }));
    for doubt in [Doubt::Denied, Doubt::Unseen, Doubt::Duplicate] {
        let doubted = Delivery { doubt, ..d.clone() };
        // What it names may be another delivery's post, or one that was deleted: only reading, or a person, can tell.
        for answer in [duplicate(), Err(Failure::Duplicate { existing: None })] {
            let refused = doubted.outcome(doubted.fence, 0, &answer, t0(), 0).unwrap().next;
            assert!(matches!(refused.state, State::Unknown { .. }), "{doubt:?}");
            assert_eq!(refused.doubt, Doubt::Duplicate);
        }
    }
}

#[test]
fn a_duplicate_after_definite_refusals_only_is_an_older_post_and_proves_nothing() {
    let d = dispatched(&accepted(1), t0());
    let refused = d.outcome(d.fence, 0, &Err(Failure::Unauthorized), t0(), 0).unwrap().next;
    let again = dispatched(&refused, t0() + secs(5));
    for existing in [Some(receipt()), None] {
        let older = Err(Failure::Duplicate { existing });
        let ended = again.outcome(again.fence, 0, &older, t0() + secs(6), 0).unwrap().next;
        assert!(matches!(&ended.state, State::Failed { code, .. } if code == "duplicate_content"), "{:?}", ended.state);
    }
}

#[test]
fn what_is_found_published_while_it_is_prepared_is_looked_up_and_proof_ends_it() {
    let refused = dispatched(&accepted(1), t0()).outcome(1, 0, &Err(Failure::Unavailable), t0(), 0).unwrap().next;
    let leased = claimed(&refused, "w", t0() + secs(60));
    let doubted = leased.held_back("w", &Failure::Duplicate { existing: None }, t0() + secs(61), 0).unwrap().next;
    assert!(matches!(doubted.state, State::Unknown { part: 0, .. }), "{:?}", doubted.state);
    let proved = doubted.reconciled(&Ok(Finding::Proved(Receipt::NAMELESS)), t0() + secs(90), t0() + secs(90)).unwrap();
    assert!(matches!(proved.next.state, State::Published { .. }));
}

/// A delivery that the platform took, without having published it.
fn taken(d: &Delivery, now: Timestamp) -> Delivery {
    let answer = Err(Failure::taken("being processed"));
    d.outcome(d.fence, 0, &answer, now, 0).unwrap().next
}

#[test]
fn what_the_platform_took_is_looked_for_and_never_sent_again_whatever_is_read() {
    let sent = dispatched(&accepted(1), t0());
    let late = sent.outcome(sent.fence, 0, &Err(unconfirmed()), t0(), 0).unwrap().next;
    for d in [taken(&sent, t0()), taken(&late, t0())] {
        assert!(matches!(d.state, State::Unknown { part: 0, .. }) && d.doubt == Doubt::Taken, "{d:?}");
        let mut read = d.clone();
        let mut now = t0();
        while matches!(read.state, State::Unknown { .. }) {
            now += secs(300);
            read = read.reconciled(&Ok(Finding::Absent), now, now).unwrap().next;
        }
        assert!(matches!(read.state, State::Attention { .. }), "a listing without it proves nothing: {:?}", read.state);
        let proved = d.reconciled(&Ok(Finding::Proved(receipt())), t0() + secs(90), t0() + secs(90)).unwrap();
        assert!(matches!(proved.next.state, State::Published { .. }));
        assert!(matches!(
            d.decided(d.question().unwrap(), None, t0() + secs(90), t0() + secs(90)),
            Err(Refused::NotSettled(_))
        ));
    }
    let silent = taken(&sent, t0());
    let day = t0() + secs(86_401);
    let asked = silent.reconciled(&Err(Failure::Unavailable), day, day).unwrap().next;
    assert!(matches!(&asked.state, State::Attention { reason, .. } if reason.contains("did not say in time")));
}

#[test]
fn what_the_platform_took_and_never_publishes_fails_with_its_reason_when_two_readings_say_so() {
    let never = Ok(Finding::Refused { code: "media_refused".into(), detail: "too long".into() });
    let mut d = taken(&dispatched(&accepted(1), t0()), t0());
    for (after, ended) in [(60, false), (90, false), (310, true)] {
        let now = t0() + secs(after);
        d = d.reconciled(&never, now, now).unwrap().next;
        assert_eq!(d.state.is_terminal(), ended, "after {after} s: {:?}", d.state);
    }
    assert!(matches!(&d.state, State::Failed { code, detail, .. } if code == "media_refused" && detail == "too long"));
    // Another try is one that nobody doubts.
    assert!(d.retry_asked(&[], t0(), t0()).is_ok() && d.doubt == Doubt::Clear);
}

#[test]
fn that_the_platform_has_it_counts_for_more_than_what_was_read_before_and_for_a_day() {
    let never = Ok(Finding::Refused { code: "media_refused".into(), detail: "too long".into() });
    let lost = dispatched(&accepted(1), t0()).outcome(1, 0, &Err(unconfirmed()), t0(), 0).unwrap().next;
    let read = |d: &Delivery, finding: &Result<Finding, Failure>, after: i64| {
        d.reconciled(finding, t0() + secs(after), t0() + secs(after)).unwrap().next
    };
    let refused = read(&lost, &never, 60);
    let has_it = read(&refused, &Ok(Finding::Pending), 360);
    assert_eq!(has_it.doubt, Doubt::Taken, "though its worker died before it wrote that down");
    let again = read(&has_it, &never, 660);
    assert!(matches!(again.state, State::Unknown { never: true, .. }), "two words, not in a row: {:?}", again.state);
    let mut absent = has_it;
    let mut after = 660;
    while matches!(absent.state, State::Unknown { .. }) {
        after += 300;
        absent = read(&absent, &Ok(Finding::Absent), after);
    }
    assert!(matches!(absent.state, State::Attention { .. }), "no listing proves it absent: {:?}", absent.state);
    let day = read(&lost, &Ok(Finding::Pending), 86_401);
    assert!(matches!(&day.state, State::Attention { reason, .. } if reason.contains("did not say in time")));
}

#[test]
fn what_the_platform_may_still_publish_is_not_called_off_and_does_not_end_whatever_a_person_saw() {
    let sent = taken(&dispatched(&accepted(1), t0()), t0());
    let late = t0() + secs(i64::from(SETTLE_S) + WORKER_LIFE_S + 1);
    let denied = sent.decided(sent.question().unwrap(), None, late, late).unwrap().next;
    assert!(matches!(denied.state, State::Retry { .. }) && denied.doubt == Doubt::Taken, "{denied:?}");
    let leased = claimed(&denied, "w", late);
    for d in [&denied, &leased] {
        assert_eq!(d.canceled(late), Err(Refused::TooLate("taken")));
    }
    let asks = |d: &Delivery| matches!(d.state, State::Attention { .. });
    let revoked = Failure::Revoked { detail: "x".into() };
    let parked = leased.held_back("w", &revoked, late, 0).unwrap().next;
    assert!(asks(&parked.unparked(late + secs(86_400 * 9)).unwrap().next), "nobody connected its account");
    let missing = Failure::Rejected { code: "media_not_found".into(), detail: "gone".into() };
    assert!(asks(&leased.held_back("w", &missing, late, 0).unwrap().next));
    let (mut tired, mut now) = (denied.clone(), late);
    for _ in 0..MAX_ATTEMPTS {
        now = tired.wake.unwrap().at.max(now);
        tired = claimed(&tired, "w", now).held_back("w", &Failure::Unavailable, now, 0).unwrap().next;
    }
    assert!(asks(&tired), "{:?}", tired.state);

    // A worker may have died before it wrote down that the platform took it.
    let silent = Delivery { progress: Some(serde_json::json!({ FORMER: ["v1"] })), ..dispatched(&accepted(1), t0()) };
    let silent = silent.outcome(silent.fence, 0, &Err(unconfirmed()), t0(), 0).unwrap().next;
    assert_eq!(silent.decided(silent.question().unwrap(), None, late, late).unwrap().next.doubt, Doubt::Taken);

    // Its connector goes on only when the platform says that nothing of it will be published: then the person was right.
    let mut prepared = leased.clone();
    prepared.advances(serde_json::json!({ FORMER: ["v1"] }));
    assert_eq!(prepared.doubt, Doubt::Denied);
    assert!(matches!(prepared.canceled(late).unwrap().next.state, State::Canceled { .. }));
    assert_eq!(leased.dispatching("w", late, late).unwrap().next.doubt, Doubt::Denied);
}

#[test]
fn what_only_the_answer_told_is_kept_with_it_and_outlasts_the_end() {
    let kept = serde_json::json!({ FORMER: ["m1"], "upload": "u" });
    let sent = Delivery { progress: Some(serde_json::json!({ "upload": "u" })), ..dispatched(&accepted(1), t0()) };
    let answer = Err(Failure::Taken { detail: "accepted".into(), kept: Some(kept.clone()) });
    let taken = sent.outcome(sent.fence, 0, &answer, t0(), 0).unwrap().next;
    assert_eq!(taken.progress, Some(kept));
    let never = Ok(Finding::Refused { code: "outside_window".into(), detail: "no".into() });
    let once = taken.reconciled(&never, t0() + secs(60), t0() + secs(60)).unwrap().next;
    let ended = once.reconciled(&never, t0() + secs(400), t0() + secs(400)).unwrap().next;
    assert!(matches!(&ended.state, State::Failed { code, .. } if code == "outside_window"), "{:?}", ended.state);
    assert_eq!(ended.progress, Some(serde_json::json!({ FORMER: ["m1"] })));
}

#[test]
fn an_answer_that_it_was_taken_counts_whenever_it_arrives() {
    let sent = dispatched(&accepted(1), t0());
    let mut asked = sent.outcome(sent.fence, 0, &Err(unconfirmed()), t0(), 0).unwrap().next;
    asked = asked.reconciled(&Ok(Finding::Unreadable), t0(), t0()).unwrap().next;
    assert!(matches!(asked.state, State::Attention { .. }));
    assert!(matches!(taken(&asked, t0() + secs(9)).state, State::Unknown { .. }));
    let prepared = claimed(&accepted(1), "w", t0());
    let failure = Failure::taken("being processed");
    let found = prepared.held_back("w", &failure, t0(), 0).unwrap().next;
    assert!(matches!(found.state, State::Unknown { .. }) && found.doubt == Doubt::Taken && found.base_date.is_some());
}

#[test]
fn the_names_of_earlier_requests_outlast_every_end_but_success() {
    let kept = serde_json::json!({ FORMER: ["v1"], "upload": "u" });
    let sent = Delivery { progress: Some(kept.clone()), ..dispatched(&accepted(1), t0()) };
    let former = Some(serde_json::json!({ FORMER: ["v1"] }));
    let no = Err(Failure::Rejected { code: "policy".into(), detail: "no".into() });
    let failed = sent.outcome(sent.fence, 0, &no, t0(), 0).unwrap().next;
    assert!(failed.state.is_terminal() && failed.progress == former);
    assert_eq!(failed.retry_asked(&[], t0(), t0()).unwrap().next.progress, former);

    let doubt = taken(&sent, t0());
    assert_eq!(doubt.progress, Some(kept), "while it is looked for, all of it is there");
    let late = t0() + secs(i64::from(SETTLE_S) + WORKER_LIFE_S + 1);
    let denied = doubt.decided(doubt.question().unwrap(), None, late, late).unwrap().next;
    assert_eq!(denied.progress, former, "whoever says that it is not there may be early");
    assert_eq!(sent.outcome(sent.fence, 0, &Ok(receipt()), t0(), 0).unwrap().next.progress, None);
    let plain = Delivery { progress: Some(serde_json::json!({ "upload": "u" })), ..sent };
    assert_eq!(plain.outcome(plain.fence, 0, &no, t0(), 0).unwrap().next.progress, None);
}

#[test]
fn what_a_part_left_says_nothing_of_the_next_one_once_the_part_is_live() {
    let kept = serde_json::json!({ FORMER: ["v1"], DRAFT: { "id": "1" }, "upload": "u" });
    let sent = Delivery { progress: Some(kept), ..dispatched(&accepted(2), t0()) };
    let half = sent.outcome(sent.fence, 0, &Ok(receipt()), t0(), 0).unwrap().next;
    assert_eq!(half.progress, Some(serde_json::json!({ "upload": "u" })));

    let comment = half.dispatching("w", t0(), t0()).unwrap().next;
    let lost = comment.outcome(comment.fence, 1, &Err(unconfirmed()), t0(), 0).unwrap().next;
    let late = t0() + secs(i64::from(SETTLE_S) + WORKER_LIFE_S + 1);
    let denied = lost.decided(lost.question().unwrap(), None, late, late).unwrap().next;
    assert_eq!(denied.doubt, Doubt::Denied, "no request for the comment has a name");
    assert!(matches!(denied.canceled(late).unwrap().next.state, State::Partial { .. }));
    let revoked = Failure::Revoked { detail: "no".into() };
    let parked = claimed(&denied, "w", late).held_back("w", &revoked, late, 0).unwrap().next;
    let over = parked.parked_until() + secs(1);
    let Wakened::Ended(ended) = parked.wakened("w", over) else { panic!("not ended") };
    assert!(matches!(ended.next.state, State::Partial { .. }), "{:?}", ended.next.state);
}

#[test]
fn a_draft_outlasts_what_earlier_requests_outlast_and_is_no_request() {
    let kept = serde_json::json!({ DRAFT: { "id": "1" }, "upload": "u" });
    let draft = Some(serde_json::json!({ DRAFT: { "id": "1" } }));
    let sent = Delivery { progress: Some(kept), ..dispatched(&accepted(1), t0()) };
    let no = Err(Failure::Rejected { code: "policy".into(), detail: "no".into() });
    let failed = sent.outcome(sent.fence, 0, &no, t0(), 0).unwrap().next;
    assert!(failed.progress == draft && failed.takes_content());
    assert_eq!(failed.retry_asked(&[], t0(), t0()).unwrap().next.progress, draft);
    let lost = sent.outcome(sent.fence, 0, &Err(unconfirmed()), t0(), 0).unwrap().next;
    let late = t0() + secs(i64::from(SETTLE_S) + WORKER_LIFE_S + 1);
    let denied = lost.decided(lost.question().unwrap(), None, late, late).unwrap().next;
    assert_eq!((&denied.progress, denied.doubt), (&draft, Doubt::Denied), "people have the same one sent again");
    assert!(!denied.takes_content());

    // Refused as what is there already: nothing of it was in doubt, so another try makes another.
    let duplicate = Err(Failure::Duplicate { existing: None });
    assert_eq!(sent.outcome(sent.fence, 0, &duplicate, t0(), 0).unwrap().next.progress, None);
    let again = dispatched(&denied, late);
    let doubted = again.outcome(again.fence, 0, &duplicate, late, 0).unwrap().next;
    assert!(doubted.progress == draft && matches!(doubted.state, State::Unknown { .. }), "{:?}", doubted.state);
}

/// A lost answer, then readings without the post until its absence counts as proved.
fn unseen(d: &Delivery, now: &mut Timestamp) -> Delivery {
    let mut d = d.outcome(d.fence, 0, &Err(unconfirmed()), *now, 0).unwrap().next;
    while matches!(d.state, State::Unknown { .. }) {
        *now += secs(300);
        d = d.reconciled(&Ok(Finding::Absent), *now, *now).unwrap().next;
    }
    assert!(matches!(d.state, State::Retry { .. }), "{:?}", d.state);
    d
}

#[test]
fn a_duplicate_after_a_doubt_that_no_reading_shows_is_for_a_person() {
    let mut now = t0();
    let again = dispatched(&unseen(&dispatched(&accepted(1), now), &mut now), now);
    let duplicate = Err(Failure::Duplicate { existing: None });
    let mut d = again.outcome(again.fence, 0, &duplicate, now, 0).unwrap().next;
    while matches!(d.state, State::Unknown { .. }) {
        now += secs(300);
        d = d.reconciled(&Ok(Finding::Absent), now, now).unwrap().next;
    }
    assert!(matches!(d.state, State::Attention { .. }), "{:?}", d.state);
    let question = d.question().unwrap();
    assert_eq!(d.retry_asked(&[], now, now), Err(Refused::OutcomeUnknown), "another try needs the person's word");
    // They looked and it is not there: from now on a definite "no" is one.
    let denied = dispatched(&d.decided(question, None, now, now).unwrap().next, now);
    let no = Err(Failure::Rejected { code: "policy".into(), detail: "no".into() });
    let ended = denied.outcome(denied.fence, 0, &no, now, 0).unwrap().next;
    assert!(matches!(ended.state, State::Failed { .. }));
}

#[test]
fn what_resembles_the_post_forbids_to_call_it_absent() {
    let d = dispatched(&accepted(1), t0());
    let mut d = d.outcome(d.fence, 0, &Err(unconfirmed()), t0(), 0).unwrap().next;
    let (mut now, mut looks) = (t0(), 0);
    while matches!(d.state, State::Unknown { .. }) {
        (now, looks) = (now + secs(300), looks + 1);
        d = d.reconciled(&Ok(Finding::Resembling(1)), now, now).unwrap().next;
    }
    assert!(matches!(d.state, State::Attention { .. }), "{:?}", d.state);
    assert!(looks >= 3, "it may still show as it was written: {looks} looks");
}

#[test]
fn where_a_listing_need_not_show_it_no_number_of_readings_proves_it_absent_and_one_that_shows_it_proves_it() {
    let d = dispatched(&accepted(1), t0());
    let lost = d.outcome(d.fence, 0, &Err(unconfirmed()), t0(), 0).unwrap().next;
    let (mut d, mut now, mut looks) = (lost.clone(), t0(), 0);
    while matches!(d.state, State::Unknown { .. }) {
        (now, looks) = (now + secs(300), looks + 1);
        d = d.reconciled(&Ok(Finding::UNSHOWN), now, now).unwrap().next;
    }
    let State::Attention { reason, .. } = &d.state else { panic!("{:?}", d.state) };
    assert!(looks >= 3 && reason.contains("proves nothing"), "{looks} looks: {reason}");
    let read = lost.reconciled(&Ok(Finding::UNSHOWN), t0() + secs(300), t0() + secs(300)).unwrap().next;
    let receipt = Receipt { id: Some("p1".into()), url: None };
    let shown = read.reconciled(&Ok(Finding::Found(receipt)), t0() + secs(600), t0() + secs(600)).unwrap().next;
    assert!(matches!(shown.state, State::Published { .. }), "{:?}", shown.state);
}

#[test]
fn what_resembled_the_post_once_is_remembered_when_it_is_gone() {
    let d = dispatched(&accepted(1), t0());
    let mut d = d.outcome(d.fence, 0, &Err(unconfirmed()), t0(), 0).unwrap().next;
    let mut now = t0();
    for finding in [Finding::Resembling(1), Finding::Absent, Finding::Absent, Finding::Absent] {
        now += secs(300);
        d = d.reconciled(&Ok(finding), now, now).unwrap().next;
        if !matches!(d.state, State::Unknown { .. }) {
            break;
        }
    }
    assert!(matches!(d.state, State::Attention { .. }), "somebody saw it there: {:?}", d.state);
}

#[test]
fn the_reasons_of_the_first_records_can_be_read() {
    let words = ["throttled", "unavailable", "unconfirmed", "unauthorized", "reconnected"];
    let older = ["proved not to be live", "resuming the thread", "asked for by a person"];
    for word in words.iter().chain(&older) {
        let state = serde_json::from_value::<State>(serde_json::json!({ "state": "retry", "reason": word }));
        assert!(matches!(state, Ok(State::Retry { .. })), "{word}: {state:?}");
    }
}

#[test]
fn what_only_readings_called_absent_is_never_called_failed_or_missed() {
    let mut now = t0();
    let absent = unseen(&dispatched(&accepted(1), now), &mut now);
    let sent = dispatched(&absent, now);
    let no = Err(Failure::Rejected { code: "policy".into(), detail: "no".into() });
    let refused = sent.outcome(sent.fence, 0, &no, now, 0).unwrap();
    assert!(matches!(refused.next.state, State::Attention { .. }), "{:?}", refused.next.state);
    assert_eq!(refused.events[0].kind(), "post.outcome_unknown");
    let parked = revoked(&sent, 0, now);
    let Wakened::Ended(late) = parked.wakened("w", parked.latest_start() + secs(1)) else { panic!("not ended") };
    assert!(matches!(late.next.state, State::Attention { .. }), "{:?}", late.next.state);
    let Wakened::Ended(over) = absent.wakened("w", absent.horizon() + secs(1)) else { panic!("not ended") };
    assert!(matches!(over.next.state, State::Attention { .. }), "{:?}", over.next.state);
}

#[test]
fn a_definite_no_to_the_very_request_in_doubt_ends_the_doubt() {
    let d = dispatched(&accepted(1), t0());
    let Wakened::Ended(moved) = d.wakened("b", t0() + secs(LEASE_S + 1)) else { panic!("not ended") };
    let no = Err(Failure::Rejected { code: "policy".into(), detail: "no".into() });
    let ended = moved.next.outcome(d.fence, 0, &no, t0() + secs(50), 0).unwrap().next;
    assert!(matches!(ended.state, State::Failed { .. }), "{:?}", ended.state);
}

#[test]
fn a_thread_goes_on_at_its_first_unconfirmed_part() {
    let d = dispatched(&accepted(3), t0());
    let first = d.outcome(d.fence, 0, &Ok(receipt()), t0(), 0).unwrap().next;
    assert!(matches!(first.state, State::Leased { .. }), "the same worker sends the next part");
    let second = first.dispatching("w", t0(), t0()).unwrap().next;
    assert!(matches!(second.state, State::Dispatching { part: 1, .. }));
    assert!(second.outcome(second.fence, 0, &Ok(receipt()), t0(), 0).is_err(), "part 0 is not confirmed twice");
    let no = Failure::Rejected { code: "policy".into(), detail: "no".into() };
    let ended = second.outcome(second.fence, 1, &Err(no), t0(), 0).unwrap();
    assert!(matches!(ended.next.state, State::Partial { .. }));
    let again = ended.next.retry_asked(&[], t0(), t0()).unwrap().next;
    assert_eq!(again.next_part(), Some(1));
}

#[test]
fn a_part_waits_after_the_one_before_where_the_thread_asks_for_it_and_a_first_comment_does_not() {
    let d = accepted(3).spaced(Some(Spacing { delay_s: 300, parts: 2 }));
    let sent = dispatched(&d, t0());
    let first = sent.outcome(sent.fence, 0, &Ok(receipt()), t0(), 0).unwrap().next;
    assert_eq!(first.state, State::Retry { reason: RetryReason::Resuming });
    assert!(matches!(first.wakened("b", t0() + secs(290)), Wakened::Idle("not yet")));
    let again = dispatched(&first, t0() + secs(300));
    let second = again.outcome(again.fence, 1, &Ok(receipt()), t0() + secs(301), 0).unwrap().next;
    assert!(matches!(second.state, State::Leased { .. }), "what is said below follows at once: {:?}", second.state);
    // Found by reading, the part before counts from when it was found.
    let lost = sent.outcome(sent.fence, 0, &Err(unconfirmed()), t0(), 0).unwrap().next;
    let found = lost.outcome(lost.fence, 0, &Ok(receipt()), t0() + secs(120), 0).unwrap().next;
    assert_eq!(found.wake.unwrap().at, t0() + secs(420));
}

#[test]
fn what_is_left_of_a_thread_can_be_called_off_while_it_waits_and_keeps_its_distance_when_it_is_tried_again() {
    let d = accepted(2).spaced(Some(Spacing { delay_s: 300, parts: 2 }));
    let sent = dispatched(&d, t0());
    let first = sent.outcome(sent.fence, 0, &Ok(receipt()), t0(), 0).unwrap().next;
    let off = first.canceled(t0() + secs(10)).unwrap();
    let State::Partial { code, .. } = &off.next.state else { panic!("{:?}", off.next.state) };
    assert_eq!((code.as_str(), off.events.len()), ("canceled", 1));
    assert!(matches!(off.next.wakened("b", t0() + secs(400)), Wakened::Idle(_)), "nothing more leaves");
    let again = off.next.retry_asked(&[], t0() + secs(20), t0() + secs(20)).unwrap().next;
    assert_eq!(again.wake.unwrap().at, t0() + secs(300), "five minutes after the part before, whoever asks");
    let late = off.next.retry_asked(&[], t0() + secs(900), t0() + secs(900)).unwrap().next;
    assert_eq!(late.wake.unwrap().at, t0() + secs(900));
}

#[test]
fn a_thread_whose_first_part_a_person_finds_after_a_day_goes_on() {
    let d = accepted(2).spaced(Some(Spacing { delay_s: 3_600, parts: 2 }));
    let sent = dispatched(&d, t0());
    let lost = sent.outcome(sent.fence, 0, &Err(unconfirmed()), t0(), 0).unwrap().next;
    let found = t0() + secs(24 * 3_600 + 1_800);
    let on = lost.decided(lost.question().unwrap(), Some(receipt()), found, found).unwrap().next;
    assert_eq!((on.state.name(), on.wake.unwrap().at), ("retry", found + secs(3_600)));
}

#[test]
fn cancelling_means_it_or_says_too_late() {
    let d = accepted(1);
    let off = d.canceled(t0()).unwrap();
    assert!(matches!(off.next.state, State::Canceled { .. }));
    assert!(matches!(off.next.wakened("a", t0()), Wakened::Idle(_)));
    assert!(off.next.canceled(t0()).unwrap().events.is_empty(), "cancelling twice is one cancel");
    assert!(matches!(claimed(&d, "a", t0()).canceled(t0()).unwrap().next.state, State::Canceled { .. }));
    assert_eq!(dispatched(&d, t0()).canceled(t0()), Err(Refused::TooLate("dispatching")));
}

/// Seconds from `now` until it is looked at again.
fn waits(d: &Delivery, now: Timestamp) -> i64 {
    d.wake.unwrap().at.duration_since(now).as_secs()
}

// What a person may rely on when a platform is down. The figures stand here as literals: who changes a constant changes
// this test, and what the documents say.
#[test]
fn what_was_not_taken_is_tried_six_times_after_longer_and_longer_waits() {
    let mut d = accepted(1);
    let (mut now, mut waited) = (t0(), Vec::new());
    let ended = loop {
        let sent = dispatched(&d, now);
        d = sent.outcome(sent.fence, 0, &Err(Failure::Unavailable), now, 0).unwrap().next;
        if d.state.is_terminal() {
            break d;
        }
        waited.push(waits(&d, now));
        now = d.wake.unwrap().at;
    };
    assert_eq!(waited, [30, 120, 480, 1_800, 7_200]);
    assert!(matches!(&ended.state, State::Failed { code, .. } if code == "exhausted"));
    assert_eq!(ended.attempts, 6);
    // The jitter comes on top.
    let sent = dispatched(&accepted(1), t0());
    let jittered = sent.outcome(sent.fence, 0, &Err(Failure::Unavailable), t0(), 5_000).unwrap().next;
    assert_eq!(waits(&jittered, t0()), 35);
}

#[test]
fn a_throttle_waits_at_least_half_a_minute_and_as_long_as_the_platform_says() {
    for (until, wait) in [(None, 30), (Some(-60), 30), (Some(29), 30), (Some(31), 31), (Some(900), 900)] {
        let sent = dispatched(&accepted(1), t0());
        let failure = Failure::RateLimited { until: until.map(|s| t0() + secs(s)) };
        let held = sent.outcome(sent.fence, 0, &Err(failure), t0(), 0).unwrap().next;
        assert_eq!(waits(&held, t0()), wait, "{until:?}");
    }
}

#[test]
fn a_refused_token_is_tried_again_at_once_and_a_lost_answer_is_read_after_a_minute() {
    let sent = dispatched(&accepted(1), t0());
    let refused = sent.outcome(sent.fence, 0, &Err(Failure::Unauthorized), t0(), 999).unwrap().next;
    assert_eq!(waits(&refused, t0()), 0);
    let unknown = sent.outcome(sent.fence, 0, &Err(unconfirmed()), t0(), 999).unwrap().next;
    assert_eq!(waits(&unknown, t0()), 60);
}

#[test]
fn a_claim_lasts_45_seconds_and_a_delivery_a_day_beyond_its_latest_start() {
    let lease = |d: &Delivery| match &d.state {
        State::Leased { lease_until, .. } | State::Dispatching { lease_until, .. } => lease_until.duration_since(t0()),
        other => panic!("{other:?}"),
    };
    let held = claimed(&accepted(1), "a", t0());
    assert_eq!((lease(&held), lease(&dispatched(&accepted(1), t0()))), (secs(45), secs(45)));
    assert!(matches!(held.wakened("b", t0() + secs(45)), Wakened::Idle(_)));
    assert!(matches!(held.wakened("b", t0() + secs(46)), Wakened::Claimed(_)));
    let horizon = t0() + secs(3_600 + 24 * 3_600);
    assert_eq!(held.horizon(), horizon);
    for (until, goes_on) in [(horizon, true), (horizon + secs(1), false)] {
        let sent = dispatched(&accepted(1), t0());
        let d = sent.outcome(sent.fence, 0, &Err(Failure::RateLimited { until: Some(until) }), t0(), 0).unwrap().next;
        assert_eq!(matches!(d.state, State::Retry { .. }), goes_on, "{until}");
    }
}

#[test]
fn poison_is_given_up_after_eight_claims_without_an_end() {
    let mut d = accepted(1);
    let mut now = t0();
    for _ in 0..8 {
        d = claimed(&d, "w", now);
        now += secs(LEASE_S + 1);
    }
    let Wakened::Ended(moved) = d.wakened("w", now) else { panic!("not ended") };
    assert!(matches!(&moved.next.state, State::Failed { code, .. } if code == "poison"));
}

fn revoked(d: &Delivery, part: u16, now: Timestamp) -> Delivery {
    d.outcome(d.fence, part, &Err(Failure::Revoked { detail: "gone".into() }), now, 0).unwrap().next
}

#[test]
fn a_parked_delivery_resumes_after_reconnecting_unless_it_is_too_late() {
    let parked = revoked(&dispatched(&accepted(1), t0()), 0, t0());
    assert!(matches!(parked.state, State::BlockedAuth { .. }));
    assert!(matches!(parked.unparked(t0() + secs(60)).unwrap().next.state, State::Retry { .. }));
    assert!(matches!(parked.unparked(t0() + secs(7200)).unwrap().next.state, State::Missed { .. }));
}

#[test]
fn a_parked_delivery_looks_at_its_account_by_itself_and_ends_when_its_time_is_over() {
    let mut parked = revoked(&dispatched(&accepted(1), t0()), 0, t0());
    let mut looks = 0;
    let ended = loop {
        let now = parked.wake.expect("something will look at it").at;
        match parked.wakened("w", now) {
            Wakened::Parked => parked = parked.still_parked(now).unwrap().next,
            Wakened::Ended(moved) => break moved,
            other => panic!("{other:?}"),
        }
        looks += 1;
    };
    assert!((2..20).contains(&looks), "{looks}");
    assert!(matches!(ended.next.state, State::Missed { at } if at > ended.next.latest_start()));
    assert_eq!(ended.events[0].kind(), "post.missed");
}

#[test]
fn a_thread_that_is_partly_live_is_parked_until_the_horizon_and_then_partial() {
    let d = dispatched(&accepted(2), t0());
    let first = d.outcome(d.fence, 0, &Ok(receipt()), t0(), 0).unwrap().next;
    let parked = revoked(&first.dispatching("w", t0(), t0()).unwrap().next, 1, t0());
    assert!(matches!(parked.wakened("w", parked.latest_start() + secs(700)), Wakened::Parked));
    let Wakened::Ended(ended) = parked.wakened("w", parked.horizon() + secs(1)) else { panic!("not ended") };
    assert!(matches!(&ended.next.state, State::Partial { code, .. } if code == "account_needs_reauth"));
}

#[test]
fn the_gate_lets_one_in_and_serves_the_others_in_due_order() {
    let id = Uuid::from_u128(1);
    let post = |n| PostId::from_uuid(Uuid::from_u128(n));
    let gate = Gate::new(TenantId::from_uuid(id), AccountId::from_uuid(id));
    let Knock::Enter(gate) = gate.knock("a", post(1), t0(), t0()) else { panic!("shut") };
    let Knock::Wait(gate) = gate.knock("b", post(3), t0() + secs(2), t0()) else { panic!("two inside") };
    let Knock::Wait(gate) = gate.knock("c", post(2), t0() + secs(1), t0()) else { panic!("two inside") };
    let (gate, next) = gate.leave(None, t0());
    assert_eq!(next.unwrap().post, post(2));
    let (gate, next) = gate.leave(Some(t0() + secs(60)), t0());
    assert_eq!(next, None, "nobody is served while the platform wants quiet");
    assert!(matches!(gate.knock("d", post(4), t0(), t0() + secs(1)), Knock::Quiet(_)));
}
