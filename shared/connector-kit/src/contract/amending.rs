//! The contract of changing what is live.

use super::{Case, Harness, Picture, Texts, same};
use domain::publishing::{Failure, MediaRef, Receipt};
use ports::AllRoles;

/// Where the descriptor says that the words of what is live can be changed, they are, as often as they are sent; nothing is published
/// by it. Elsewhere nobody is asked.
pub(super) async fn what_is_live_is_changed(
    connector: &dyn AllRoles,
    harness: &dyn Harness,
    picture: &Picture,
    texts: &Texts,
) {
    let limits = &connector.descriptor().limits;
    if limits.images > 0 && limits.amend.is_some_and(|rule| rule.beside_media) {
        beside_a_picture(connector, harness, picture, texts).await;
    }
    let mut case = Case::new(connector, harness, texts.next(), picture);
    let receipt = case.publish().await.expect("it is published").receipt;
    let (requests, posts) = (harness.requests().await, harness.posts().await.len());
    let next = texts.next();
    case.variant.parts[0].text.clone_from(&next.parts[0].text);
    case.variant.title = next.title;
    let Some(rule) = limits.amend else {
        let refused = case.amend(&receipt).await;
        assert!(matches!(refused, Err(Failure::Unsupported { .. })), "{refused:?}");
        assert_eq!(harness.requests().await, requests, "nobody is asked");
        return;
    };
    assert!(rule.beside_media || !limits.needs_media, "there is a text to change");
    for time in ["once", "and once more, as after a lost answer"] {
        case.amend(&receipt).await.unwrap_or_else(|failure| panic!("changed {time}: {failure:?}"));
        let all = harness.posts().await;
        assert_eq!(all.len(), posts, "{time}: nothing is published by it");
        let shown = all.iter().find(|post| Some(&post.id) == receipt.id.as_ref()).expect("it is still live");
        assert!(same(&shown.text, &case.variant.parts[0].text), "{time}: readers see {}", shown.text);
    }
    let unknown = case.amend(&Receipt::NAMELESS).await;
    assert!(matches!(unknown, Err(Failure::Unsupported { .. })), "{unknown:?}");
    let reached = case.app.clone();
    let whose = case.account.clone();
    (case.app, case.account) = harness.unreachable();
    assert_eq!(case.amend(&receipt).await, Err(Failure::Unavailable), "nothing left, so nothing changed");
    (case.app, case.account) = (reached, whose);
    if !harness.deletes() || case.delete(&receipt).await.is_err() {
        return;
    }
    let gone = case.amend(&receipt).await;
    assert!(matches!(gone, Err(Failure::Rejected { .. })), "what is gone cannot be changed: {gone:?}");
}

/// The text changes, and what is beside it stays.
async fn beside_a_picture(connector: &dyn AllRoles, harness: &dyn Harness, picture: &Picture, texts: &Texts) {
    let mut variant = texts.next();
    variant.parts[0].media = vec![MediaRef::new(picture.0.id)];
    let mut case = Case::new(connector, harness, variant, picture);
    let receipt = case.publish().await.expect("it is published with its picture").receipt;
    let shown = async || {
        let all = harness.posts().await;
        all.into_iter().find(|post| Some(&post.id) == receipt.id.as_ref()).expect("it is live")
    };
    let before = shown().await;
    case.variant.parts[0].text = texts.next().parts.remove(0).text;
    case.amend(&receipt).await.expect("its text is changed");
    let after = shown().await;
    assert!(same(&after.text, &case.variant.parts[0].text), "readers see {}", after.text);
    assert_eq!(after.alts, before.alts, "the picture is still there");
}
