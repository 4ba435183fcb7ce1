//! Approval: what leaves only when somebody approved exactly what it says.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use domain::publishing::*;
use domain::{AccountId, DeliveryId, MemberId, PostId, TenantId};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

const LATENESS_S: i64 = 3600;

fn due() -> Timestamp {
    "2026-12-01T08:00:00Z".parse().unwrap()
}

fn after(seconds: i64) -> Timestamp {
    due() + SignedDuration::from_secs(seconds)
}

fn awaiting() -> Delivery {
    let id = Uuid::from_u128(1);
    let new = NewDelivery {
        id: DeliveryId::from_uuid(id),
        tenant: TenantId::from_uuid(id),
        post: PostId::from_uuid(id),
        account: AccountId::from_uuid(id),
        platform: "sample".parse().unwrap(),
        content_hash: "first".into(),
        parts: 1,
        due_at: due(),
        max_lateness_s: u32::try_from(LATENESS_S).unwrap(),
        settle_s: 900,
    };
    Delivery::accepted(new, after(-600)).awaiting(after(-600))
}

fn approved() -> Delivery {
    awaiting().approved(after(-60)).unwrap().next
}

fn claims(d: &Delivery, now: Timestamp) -> bool {
    matches!(d.wakened("w", now), Wakened::Claimed(_))
}

#[test]
fn what_nobody_approved_is_not_claimed_at_any_time_and_is_missed_visibly_when_its_time_is_over() {
    let d = awaiting();
    // Not even by a wake-up that comes as if it were due.
    let woken = Delivery { wake: Some(Wake { at: due(), set_at: due(), sent: true }), ..d.clone() };
    for at in [-600, 0, 60, LATENESS_S] {
        assert!(matches!(woken.wakened("w", after(at)), Wakened::Idle(_)), "at {at}");
        assert!(matches!(d.wakened("w", after(at)), Wakened::Idle("not yet")), "nothing wakes it before its end");
    }
    let Wakened::Ended(missed) = d.wakened("w", after(LATENESS_S + 1)) else { panic!("not ended") };
    assert!(matches!(missed.next.state, State::Missed { .. }));
    assert_eq!(missed.events[0].kind(), "post.missed");
    assert_eq!(d.wake.unwrap().at, after(LATENESS_S + 1), "it is looked at exactly then");
}

#[test]
fn what_was_approved_leaves_at_its_time_or_when_that_has_come_at_once() {
    let early = approved();
    assert!(!claims(&early, after(-60)) && claims(&early, due()));
    let late = awaiting().approved(after(100)).unwrap().next;
    assert!(claims(&late, after(100)));
    assert_eq!(awaiting().approved(after(LATENESS_S + 1)), Err(Refused::TimeOver), "never beyond its lateness");
}

#[test]
fn an_edit_takes_the_approval_back_whatever_it_changes() {
    for (at, hash) in [(due(), "second"), (after(600), "first"), (due(), "first")] {
        let edited = approved().edited(at, 1, hash.into(), after(-30)).unwrap().next;
        assert_eq!(edited.clearance, Clearance::Awaited);
        assert!(!claims(&edited, at), "{hash} at {at}");
    }
}

#[test]
fn an_approval_of_another_content_lets_nothing_leave() {
    let other = Delivery { content_hash: "second".into(), ..approved() };
    assert!(matches!(other.wakened("w", due()), Wakened::Idle("waiting for an approval")));
    let Wakened::Claimed(held) = approved().wakened("w", due()) else { panic!("not claimed") };
    assert!(held.next.dispatching("w", due(), due()).is_ok());
    let other = Delivery { content_hash: "second".into(), ..held.next };
    assert_eq!(other.dispatching("w", due(), due()), Err(Refused::NotApproved), "not even under a claim");
}

#[test]
fn what_a_worker_has_taken_is_approved_and_taken_back_by_nobody_any_more() {
    let Wakened::Claimed(held) = approved().wakened("w", due()) else { panic!("not claimed") };
    assert_eq!(held.next.approved(due()), Err(Refused::TooLate("leased")));
    assert_eq!(held.next.held_for_approval(due()), Err(Refused::TooLate("leased")));
    let back = approved().held_for_approval(after(-30)).unwrap().next;
    assert!(!claims(&back, due()));
}

#[test]
fn what_was_missed_is_not_tried_again_at_a_time_that_nobody_approved() {
    for d in [awaiting(), approved()] {
        let Wakened::Ended(missed) = d.wakened("w", after(LATENESS_S + 1)) else { panic!("not ended") };
        assert_eq!(missed.next.retry_asked(&[], due(), after(5000)), Err(Refused::NotApproved));
    }
    // A failure was on its way at its time: another try is of the same thing.
    let failed = State::Failed { at: due(), code: "no".into(), detail: "no".into() };
    let failed = Delivery { state: failed, started: true, ..approved() };
    assert!(claims(&failed.retry_asked(&[], due(), after(100)).unwrap().next, after(100)));
}

#[test]
fn a_delivery_that_needs_no_approval_is_written_as_before() {
    let text = serde_json::to_string(&Delivery { clearance: Clearance::Free, ..awaiting() }).unwrap();
    assert!(!text.contains("clearance"), "{text}");
    let read: Delivery = serde_json::from_str(&serde_json::to_string(&approved()).unwrap()).unwrap();
    assert_eq!(read, approved());
}

fn member(n: u128) -> MemberId {
    MemberId::from_uuid(Uuid::from_u128(n))
}

fn to_approve(hash: &str, made_by: u128) -> ToApprove {
    ToApprove { hash: hash.into(), until: after(LATENESS_S), made_by: member(made_by) }
}

fn asked() -> Approval {
    let (tenant, post) = (TenantId::from_uuid(Uuid::nil()), PostId::from_uuid(Uuid::nil()));
    Approval::asked((tenant, post), to_approve("a", 1), member(1), None, after(-600))
}

#[test]
fn an_answer_counts_only_for_what_was_seen_while_it_waits_and_in_time() {
    let (waiting, now) = (asked(), after(0));
    assert_eq!(waiting.approved("b", member(2), None, now), Err(Refused::OtherContent));
    assert_eq!(waiting.rejected("b", member(2), "no".into(), now), Err(Refused::OtherContent));
    assert_eq!(waiting.approved("a", member(2), None, after(LATENESS_S + 1)), Err(Refused::TimeOver));
    let yes = waiting.approved("a", member(2), None, now).unwrap();
    assert_eq!(yes.approved("a", member(3), None, now), Err(Refused::Stands("approved")), "once");
    assert_eq!(yes.asked_again(member(1), None, now), Err(Refused::Stands("approved")));
    let no = yes.rejected("a", member(3), "not today".into(), now).unwrap();
    assert_eq!(no.standing, Standing::Rejected);
    assert_eq!(no.approved("a", member(3), None, now), Err(Refused::Stands("rejected")));
    assert_eq!(no.asked_again(member(4), None, now).unwrap().standing, Standing::Waiting);
    assert_eq!(no.changed(to_approve("b", 5), now).standing, Standing::Waiting);
}

#[test]
fn whoever_wrote_changed_or_asked_ever_answers_only_where_nobody_else_can() {
    let now = after(0);
    // 9 made the draft, 1 gave it a time and so asked, 5 changed it, 6 asked again.
    let changed = asked().changed(to_approve("b", 5), now);
    let again = changed.rejected("b", member(2), "no".into(), now).unwrap().asked_again(member(6), None, now).unwrap();
    let can = |by: u128, all: &[u128]| {
        let all: Vec<MemberId> = all.iter().map(|n| member(*n)).collect();
        again.is_answered_by(member(by), member(9), &all)
    };
    for author in [1, 5, 6, 9] {
        assert!(!can(author, &[author, 2]), "{author} had a hand in it, and 2 had not");
        assert!(can(2, &[author, 2]));
        assert!(can(author, &[author]), "nobody else may");
    }
    assert!(can(1, &[1, 5]) && !can(5, &[1, 5]), "both had a hand in it: not the one who was last");
    assert!(can(5, &[5, 6]) && can(6, &[5, 6]), "nobody is locked out");
}

#[test]
fn a_hand_in_it_is_known_although_its_step_is_not_kept() {
    let mut approval = asked().changed(to_approve("b", 5), after(0));
    for n in 0..100 {
        approval = approval.changed(to_approve(&format!("{n}"), 1), after(n));
    }
    assert!(!approval.steps.iter().any(|step| step.by == member(5)));
    assert!(!approval.is_answered_by(member(5), member(1), &[member(5), member(2)]));
    let read: Approval = serde_json::from_str(&serde_json::to_string(&approval).unwrap()).unwrap();
    assert_eq!(read, approval);
    assert!(!serde_json::to_string(&asked()).unwrap().contains("earlier"), "written as before");
}

#[test]
fn the_history_says_who_did_what_to_which_content_and_keeps_its_beginning_and_its_end() {
    let mut approval = asked();
    for n in 0..100 {
        approval = approval.changed(to_approve(&format!("{n}"), 5), after(n));
    }
    assert_eq!(approval.steps.len(), MAX_STEPS);
    let (first, last) = (&approval.steps[0], approval.steps.last().unwrap());
    assert_eq!((first.act, first.by, first.hash.as_str()), (ApprovalAct::Asked, member(1), "a"));
    assert_eq!((last.act, last.by, last.hash.as_str(), last.at), (ApprovalAct::Changed, member(5), "99", after(99)));
}

#[test]
fn the_rule_says_whose_posts_need_an_approval() {
    use domain::access::Role::{Editor, Owner};
    for (rule, bound) in [
        (ApprovalRule::Nobody, [false, false]),
        (ApprovalRule::Editors, [true, false]),
        (ApprovalRule::Everyone, [true, true]),
    ] {
        assert_eq!([rule.binds(Editor), rule.binds(Owner)], bound, "{rule:?}");
    }
}

#[test]
fn a_key_of_an_owners_that_may_not_approve_is_bound_as_an_editor() {
    use domain::access::{Caller, Permission, Role};
    let caller = |scopes| Caller {
        tenant: TenantId::from_uuid(Uuid::nil()),
        member: member(1),
        role: Role::Owner,
        key: domain::KeyId::from_uuid(Uuid::nil()),
        scopes,
        cid: String::new(),
    };
    let limited = caller(vec![Permission::Read, Permission::Publish]);
    assert!(ApprovalRule::Editors.binds_caller(&limited));
    assert!(!ApprovalRule::Editors.binds_caller(&caller(vec![])));
    assert!(!ApprovalRule::Nobody.binds_caller(&limited));
}
