//! Answers that are comments: what answering a comment comes to.

use super::{Case, Harness, Picture, Texts, same};
use domain::publishing::Failure;
use ports::AllRoles;

/// The id of a comment that is live and may be answered: the account's own, below its own post.
pub(super) async fn comment(
    connector: &dyn AllRoles,
    harness: &dyn Harness,
    picture: &Picture,
    texts: &Texts,
) -> String {
    let mut variant = texts.next();
    variant.first_comment = Some(texts.next().parts.remove(0).text);
    let mut case = Case::new(connector, harness, variant, picture);
    case.publish().await.expect("the post is published");
    case.publish().await.expect("its comment is published").receipt.id.expect("the comment's id")
}

/// Where answers are comments, one is one request; it is changed where the descriptor says so, and deleted where anything is. What names
/// nothing is refused, and nobody is asked.
pub(super) async fn comments_are_answered(
    connector: &dyn AllRoles,
    harness: &dyn Harness,
    picture: &Picture,
    texts: &Texts,
) {
    let Some(limits) = connector.descriptor().limits.answer.as_deref().filter(|_| harness.shows_answers()) else {
        return;
    };
    let to = comment(connector, harness, picture, texts).await;
    let mut case = Case::new(connector, harness, texts.answering(&to), picture);
    let requests = harness.requests().await;
    let receipt = case.publish().await.expect("a comment is answered").receipt;
    assert_eq!(harness.requests().await, requests + 1, "exactly one request");
    let id = receipt.id.clone().expect("an id");
    let shown = async || harness.posts().await.into_iter().find(|post| post.id == id);
    let seen = shown().await.expect("it is live");
    assert!(same(&seen.text, &case.variant.parts[0].text), "readers see what was written: {}", seen.text);

    case.variant.parts[0].text = texts.next().parts.remove(0).text;
    let changed = case.amend(&receipt).await;
    if limits.amend.is_some() {
        changed.expect("it is changed");
        let seen = shown().await.expect("it is still live");
        assert!(same(&seen.text, &case.variant.parts[0].text), "readers see {}", seen.text);
    } else {
        assert!(matches!(changed, Err(Failure::Unsupported { .. })), "{changed:?}");
    }
    if harness.deletes() {
        case.delete(&receipt).await.expect("it is deleted");
        assert_eq!(shown().await, None, "it is gone");
        case.delete(&receipt).await.expect("deleting again is no failure");
    }
    for name in ["", "no id", "https://example.com/1", "1/../2"] {
        let requests = harness.requests().await;
        let refused = Case::new(connector, harness, texts.answering(name), picture).publish().await;
        let unnamed = matches!(&refused, Err(Failure::Rejected { code, .. }) if code == "not_found");
        assert!(unnamed, "{name:?}: {refused:?}");
        assert_eq!(harness.requests().await, requests, "{name:?}: nobody is asked");
    }
}
