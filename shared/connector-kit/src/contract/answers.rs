//! What publishing comes to, and what each answer is taken for.

use super::{Case, Duplicates, Fault, Harness, Nameless, Picture, Texts, is_unconfirmed, same};
use domain::publishing::{Failure, MediaRef};
use ports::AllRoles;

pub(super) async fn publishes_and_deletes(
    connector: &dyn AllRoles,
    harness: &dyn Harness,
    picture: &Picture,
    texts: &Texts,
) {
    let mut case = Case::new(connector, harness, texts.next(), picture);
    let requests = harness.requests().await;
    let published = case.publish().await.expect("a text is published");
    assert_eq!(harness.requests().await, requests + 1, "exactly one request");
    let id = published.receipt.id.clone().expect("an id");
    match case.locate(&published.receipt).await {
        Some(url) => assert!(harness.shows(&url, &id).await, "people can open it: {url} for {id}"),
        None => assert!(!harness.has_addresses(), "an address"),
    }
    let posts = harness.posts().await;
    let seen = posts.iter().find(|post| post.id == id).expect("it is live");
    assert!(same(&seen.text, &case.variant.parts[0].text), "readers see what was written: {}", seen.text);
    if !harness.deletes() {
        let refused = case.delete(&published.receipt).await;
        assert!(matches!(refused, Err(Failure::Unsupported { .. })), "{refused:?}");
        assert!(harness.posts().await.iter().any(|post| post.id == id), "it is still there");
        return;
    }
    case.delete(&published.receipt).await.expect("it can be deleted");
    assert!(harness.posts().await.iter().all(|post| post.id != id), "it is gone");
    case.delete(&published.receipt).await.expect("deleting again is no failure");
}

pub(super) async fn carries_pictures_with_their_alternative_text(
    connector: &dyn AllRoles,
    harness: &dyn Harness,
    picture: &Picture,
    texts: &Texts,
) {
    let limits = &connector.descriptor().limits;
    for count in 1..=usize::from(limits.images).min(2) {
        let mut variant = texts.next();
        let described = limits.alt_text > 0;
        let alt = |n: usize| if described { format!("picture {n}: <b> & \"quotes\"") } else { String::new() };
        variant.parts[0].media.clear();
        for n in 0..count {
            variant.parts[0]
                .media
                .push(MediaRef { alt_text: described.then(|| alt(n)), ..MediaRef::new(picture.0.id) });
        }
        let mut case = Case::new(connector, harness, variant, picture);
        let published = case.publish().await.expect("a post with pictures is published");
        let posts = harness.posts().await;
        let seen = posts.iter().find(|post| Some(&post.id) == published.receipt.id.as_ref()).expect("it is live");
        assert_eq!(seen.alts, (0..count).map(alt).collect::<Vec<_>>());
    }
}

pub(super) async fn answers_are_classified(
    connector: &dyn AllRoles,
    harness: &dyn Harness,
    picture: &Picture,
    texts: &Texts,
) {
    let faults = [
        (Fault::Status(400), "rejected"),
        (Fault::Status(401), "unauthorized"),
        (Fault::Status(403), "rejected"),
        (Fault::Status(404), "rejected"),
        (Fault::Status(408), "unconfirmed"),
        (Fault::Status(429), "rate_limited"),
        (Fault::Status(500), "unconfirmed"),
        (Fault::Status(502), "unconfirmed"),
        (Fault::Status(503), "unconfirmed"),
        (Fault::Status(504), "unconfirmed"),
        (Fault::Status(302), "unconfirmed"),
        (Fault::Bare(400), "unconfirmed"),
        (Fault::Bare(401), "unauthorized"),
        (Fault::Bare(403), "unconfirmed"),
        (Fault::Bare(404), "unconfirmed"),
        (Fault::Bare(418), "unconfirmed"),
        (Fault::Bare(429), "rate_limited"),
        (Fault::Garbage, "unconfirmed"),
    ];
    for (fault, expected) in faults {
        let bare = matches!(fault, Fault::Bare(401 | 429));
        let expected = if bare && !harness.bears_token() { "unconfirmed" } else { expected };
        let mut case = Case::new(connector, harness, texts.next(), picture);
        harness.fault(fault).await;
        let (requests, live) = (harness.requests().await, harness.posts().await.len());
        let failure = case.publish().await.expect_err("it fails");
        let kind = match &failure {
            Failure::Rejected { .. } => "rejected",
            other => other.code(),
        };
        assert_eq!(kind, expected, "{fault:?}: {failure:?}");
        assert_eq!(harness.requests().await, requests + 1, "{fault:?}: exactly one request, none repeated");
        assert_eq!(harness.posts().await.len(), live, "{fault:?}: nothing was published");
    }
}

pub(super) async fn an_unreachable_platform_is_unavailable(
    connector: &dyn AllRoles,
    harness: &dyn Harness,
    picture: &Picture,
    texts: &Texts,
) {
    let mut case = Case::new(connector, harness, texts.next(), picture);
    (case.app, case.account) = harness.unreachable();
    assert_eq!(case.publish().await, Err(Failure::Unavailable));
}

pub(super) async fn success_without_an_id(
    connector: &dyn AllRoles,
    harness: &dyn Harness,
    picture: &Picture,
    texts: &Texts,
) {
    let mut case = Case::new(connector, harness, texts.next(), picture);
    harness.fault(Fault::NoId).await;
    let result = case.publish().await;
    match harness.without_id() {
        Nameless::Published => assert_eq!(result.expect("it is published").receipt.id, None),
        Nameless::Unconfirmed => assert!(is_unconfirmed(&result), "{result:?}"),
    }
}

pub(super) async fn duplicates_are_told(
    connector: &dyn AllRoles,
    harness: &dyn Harness,
    picture: &Picture,
    texts: &Texts,
) {
    let variant = texts.next();
    let mut first = Case::new(connector, harness, variant.clone(), picture);
    let receipt = first.publish().await.expect("the first is published").receipt;
    let mut second = Case::new(connector, harness, variant, picture);
    second.key.push_str(" again");
    let answer = second.publish().await;
    match (harness.duplicates(), answer) {
        (Duplicates::Named, Err(Failure::Duplicate { existing })) => assert_eq!(existing, Some(receipt)),
        (Duplicates::Refused, Err(Failure::Duplicate { existing })) => assert_eq!(existing, None),
        (Duplicates::Taken, Ok(again)) => assert_ne!(again.receipt.id, receipt.id),
        (expected, other) => panic!("{expected:?}: {other:?}"),
    }
}
