//! First comments and private posts against WordPress itself.

use crate::site::{Site, is_publishing, picture, posts};
use connector_kit::contract::{Case, Harness as _};
use domain::publishing::{Failure, Finding, Variant, Visibility};
use interop::{Request, Trouble};

/// The request that writes a comment.
fn is_commenting(request: &Request<'_>) -> bool {
    request.method == "POST" && request.target.contains("/wp/v2/comments")
}

#[tokio::test]
async fn a_lost_comment_is_found_by_its_words_and_a_second_one_is_refused() {
    // Who may moderate comments need not wait between two.
    let site = Site::start("owner").await;
    let picture = picture();
    let comment = "R&D \"now\": it's <b> & 3 ... [gallery]\nhttps://example.com/a?b=1&c -- end\n\nmore 👍";
    let variant = Variant { first_comment: Some(comment.into()), ..Variant::text("With a comment") };
    let mut case = Case::new(site.connector(), &site, variant, &picture);
    let post = case.publish().await.unwrap().receipt;
    site.proxy.order(Trouble::DropRequest, is_commenting);
    assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
    assert_eq!(case.find().await, Ok(Finding::Absent));
    site.proxy.order(Trouble::DropAnswer, is_commenting);
    assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
    let Ok(Finding::Found(found)) = case.find().await else { panic!("it is live") };
    assert_eq!(case.publish().await, Err(Failure::Duplicate { existing: None }));
    let id = found.id.clone().unwrap();
    let kept = site.api(reqwest::Method::GET, &format!("comments/{id}?context=edit"), None).await;
    assert_eq!(kept["post"].to_string(), post.id.clone().unwrap());
    assert!(found.url.as_deref().unwrap().ends_with(&format!("#comment-{id}")), "{found:?}");
    case.before.push(found.clone());
    case.delete(&found).await.unwrap();
    case.delete(&found).await.unwrap();
    case.before.pop();
    assert_eq!(case.find().await, Ok(Finding::Absent));
    case.delete(&post).await.unwrap();
}

#[tokio::test]
async fn a_private_post_is_proved_by_its_number_and_nobody_else_sees_it() {
    let site = Site::start("ada").await;
    let picture = picture();
    let variant = Variant { visibility: Visibility::Private, ..Variant::text("For us alone") };
    let mut case = Case::new(site.connector(), &site, variant, &picture);
    let before = posts(&site).await.len();
    for (trouble, found) in [(Trouble::DropRequest, false), (Trouble::DropAnswer, true)] {
        site.proxy.order(trouble, is_publishing);
        assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
        let finding = case.find().await.unwrap();
        assert_eq!(matches!(finding, Finding::Proved(_)), found, "{finding:?}");
    }
    let receipt = case.publish().await.unwrap().receipt;
    assert_eq!(posts(&site).await.len(), before, "it is in no list of what is live");
    assert!(!site.shows(receipt.url.as_deref().unwrap(), receipt.id.as_deref().unwrap()).await);
    case.delete(&receipt).await.unwrap();
}
