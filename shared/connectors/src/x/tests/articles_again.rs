//! Articles that are tried again: their deliveries as the machine moves them, with what X answers.

use super::articles::{article, drafts, premium};
use super::*;
use domain::publishing::{Delivery, NewDelivery, State, Wakened};
use domain::{AccountId, DeliveryId, PostId, TenantId};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

/// X's words for a draft that is published, deleted or somebody else's.
const GONE: &str = "The specified article could not be found or is not owned by the authenticated user.";

/// A delivery of the article, due now.
fn accepted(now: Timestamp) -> Delivery {
    let id = Uuid::from_u128(1);
    let new = NewDelivery {
        id: DeliveryId::from_uuid(id),
        tenant: TenantId::from_uuid(id),
        post: PostId::from_uuid(id),
        account: AccountId::from_uuid(id),
        platform: "x".parse().unwrap(),
        content_hash: "h".into(),
        parts: 1,
        due_at: now,
        max_lateness_s: 3_600,
        settle_s: 1_800,
    };
    Delivery::accepted(new, now)
}

/// A try, as a worker makes it.
async fn tried(case: &mut Case<'_>, delivery: &Delivery, now: Timestamp) -> Delivery {
    let Wakened::Claimed(claimed) = delivery.wakened("w", now) else { panic!("not claimed: {:?}", delivery.state) };
    let mut held = claimed.next;
    case.progress = held.progress.take();
    case.prepare().await.unwrap();
    held.progress = case.progress.clone();
    let sent = held.dispatching("w", now, now).unwrap().next;
    let answer = case.publish().await.map(|published| published.receipt);
    sent.outcome(sent.fence, 0, &answer, now, 0).unwrap().next
}

/// Readings, until they come to an end.
async fn read(case: &Case<'_>, mut delivery: Delivery, now: &mut Timestamp) -> Delivery {
    while matches!(delivery.state, State::Unknown { .. }) {
        *now += SignedDuration::from_mins(10);
        delivery = delivery.reconciled(&case.find().await, *now, *now).unwrap().next;
    }
    delivery
}

#[tokio::test]
async fn a_draft_that_is_gone_when_people_err_and_have_it_sent_again_is_for_people_and_never_a_failure() {
    let x = connector();
    let server = premium(&x).await;
    server.set(json!({"x_articles_untold": true})).await;
    let (none, mut now) = (picture("image/png", 100), server.now());
    let mut case = Case::new(&x, &server, article("Once", "text"), &none);
    server.fault(Fault::CommitThenDrop).await;
    let lost = tried(&mut case, &accepted(now), now).await;
    let asked = read(&case, lost, &mut now).await;
    assert!(matches!(asked.state, State::Attention { .. }), "{:?}", asked.state);

    let again = asked.decided(asked.question().unwrap(), None, now, now).unwrap().next;
    let refused = tried(&mut case, &again, now).await;
    assert!(matches!(refused.state, State::Unknown { .. }), "X's words speak for the first: {:?}", refused.state);
    let asked = read(&case, refused, &mut now).await;
    assert!(matches!(asked.state, State::Attention { .. }), "{:?}", asked.state);
    assert_eq!((server.calls("draft").await, server.live().await.len()), (1, 1));
}

#[tokio::test]
async fn a_draft_that_is_gone_before_anything_was_in_doubt_ends_the_try_and_the_next_one_makes_another() {
    let x = connector();
    let server = premium(&x).await;
    let (none, now) = (picture("image/png", 100), server.now());
    let mut case = Case::new(&x, &server, article("Deleted there", "text"), &none);
    let gone = json!({"code": 400, "body": {"errors": [{"message": GONE, "code": 400}]}});
    server.order("create_post", "status", gone).await;
    let failed = tried(&mut case, &accepted(now), now).await;
    assert!(matches!(failed.state, State::Failed { .. }), "{:?}", failed.state);
    let again = failed.retry_asked(&[], now, now).unwrap().next;
    let published = tried(&mut case, &again, now).await;
    assert!(matches!(published.state, State::Published { .. }), "{:?}", published.state);
    assert_eq!((server.calls("draft").await, server.live().await.len()), (2, 1));
}

#[tokio::test]
async fn an_article_that_was_refused_takes_other_words_and_without_them_keeps_its_draft() {
    let x = connector();
    let server = premium(&x).await;
    let (none, now) = (picture("image/png", 100), server.now());
    let mut case = Case::new(&x, &server, article("Amended", "old words"), &none);
    let no =
        json!({"code": 403, "body": {"errors": [{"message": "A Premium subscription is required.", "code": 403}]}});
    let mut failed = accepted(now);
    for _ in 0..2 {
        server.order("create_post", "status", no.clone()).await;
        let due = if failed.state.is_terminal() { failed.retry_asked(&[], now, now).unwrap().next } else { failed };
        failed = tried(&mut case, &due, now).await;
        assert!(matches!(&failed.state, State::Failed { code, .. } if code == "premium_needed"), "{:?}", failed.state);
    }
    assert_eq!(drafts(&server).await.len(), 1, "the same draft was tried twice");

    let wanted = article("Amended", "better words");
    let hash = |_: &Variant| "h2".to_owned();
    let amended = failed.keeps_or_takes(&case.variant, &wanted, &hash);
    assert_eq!((&amended.says, amended.content_hash.as_str()), (&None, "h2"), "nothing of the old words can be live");
    case.variant = wanted;
    let published = tried(&mut case, &amended.retry_asked(&[], now, now).unwrap().next, now).await;
    assert!(matches!(published.state, State::Published { .. }), "{:?}", published.state);
    let live = server.live().await;
    assert_eq!((live.len(), &live[0]["card"]["description"]), (1, &json!("better words")));
}
