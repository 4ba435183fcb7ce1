//! A first comment on LinkedIn.

use super::*;

fn commented(text: &str, comment: &str) -> Variant {
    Variant { first_comment: Some(comment.into()), ..Variant::text(text) }
}

#[tokio::test]
async fn the_author_says_it_below_the_post_by_one_request_and_both_can_be_deleted() {
    let linkedin = connector();
    let small = picture("image/png", 5_000);
    for nth in [MEMBER, PAGE] {
        let server = Connected::start(&linkedin, "ada-demo", nth).await;
        let mut variant = commented("look", "More (all of it): https://example.com/a_b");
        variant.parts[0].media.push(MediaRef::new(small.0.id));
        let mut case = Case::new(&linkedin, &server, variant, &small);
        let post = case.publish().await.unwrap().receipt;
        let before = server.requests().await;
        let said = case.publish().await.unwrap().receipt;
        assert_eq!(server.requests().await - before, 1);
        let live = server.live().await;
        let comment = &live[1];
        assert_eq!((&comment["id"], &comment["reply_to"]), (&json!(said.id), &json!(post.id)));
        assert_eq!(comment["text"], "More (all of it): https://example.com/a_b", "to the letter");
        assert_eq!((&comment["author"], said.url == post.url), (&live[0]["author"], true));
        case.delete(&said).await.unwrap();
        case.delete(&said).await.unwrap();
        assert_eq!(server.live().await.len(), 1);
        case.delete(&post).await.unwrap();
        assert!(server.live().await.is_empty());
    }
}

#[tokio::test]
async fn a_lost_answer_is_settled_by_reading_below_the_post_of_a_page() {
    let linkedin = connector();
    let server = Connected::start(&linkedin, "ada-demo", PAGE).await;
    let small = picture("image/png", 100);
    let mut case = Case::new(&linkedin, &server, commented("look", "and (more) #news"), &small);
    case.publish().await.unwrap();
    server.fault(Fault::DropBeforeCommit).await;
    case.publish().await.unwrap_err();
    assert_eq!(case.find().await, Ok(Finding::Absent), "the post itself is none of its comments");
    server.fault(Fault::CommitThenDrop).await;
    assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
    let live = server.live().await;
    let comment = live[1]["id"].as_str().unwrap().to_owned();
    let Ok(Finding::Found(receipt)) = case.find().await else { panic!("not found") };
    assert_eq!(receipt.id.as_deref(), Some(comment.as_str()));
    case.elsewhere = vec![comment];
    assert_eq!(case.find().await, Ok(Finding::Absent), "another delivery's");
    case.elsewhere.clear();
    case.variant.first_comment = Some("and (more) #old news".into());
    assert_eq!(case.find().await, Ok(Finding::Resembling(1)), "somebody may have changed it there");
    for (kind, params) in [("status", json!({"code": 503})), ("garbage", json!({})), ("cut_body", json!({}))] {
        server.order("list", kind, params).await;
        assert_eq!(case.find().await, Err(Failure::Unavailable), "{kind}");
    }
}

#[tokio::test]
async fn a_list_of_many_comments_is_read_to_its_end_and_two_of_the_same_words_prove_nothing() {
    let linkedin = connector();
    let server = Connected::start(&linkedin, "ada-demo", PAGE).await;
    let small = picture("image/png", 100);
    let mut case = Case::new(&linkedin, &server, commented("look", "the last"), &small);
    case.publish().await.unwrap();
    for n in 0..101 {
        let mut other = Case::new(&linkedin, &server, commented("look", &format!("other {n}")), &small);
        other.before.clone_from(&case.before);
        other.publish().await.unwrap();
    }
    assert_eq!(case.find().await, Ok(Finding::Absent));
    case.publish().await.unwrap();
    case.before.truncate(1);
    assert!(matches!(case.find().await, Ok(Finding::Found(_))), "on the second page");
    case.publish().await.unwrap();
    case.before.truncate(1);
    assert!(!matches!(case.find().await, Ok(Finding::Found(_) | Finding::Absent)));
}

#[tokio::test]
async fn where_comments_cannot_be_read_the_doubt_stays() {
    let linkedin = connector();
    let small = picture("image/png", 100);
    for nth in [MEMBER, PAGE] {
        let server = Connected::start(&linkedin, "ada-demo", nth).await;
        let writes = ["openid", "profile", "w_member_social", "w_organization_social"];
        let server = server.with(server.sandbox.grant("linkedin", "ada-demo", Some(&writes)).await);
        let mut case = Case::new(&linkedin, &server, commented("look", "more"), &small);
        case.publish().await.unwrap();
        server.fault(Fault::CommitThenDrop).await;
        case.publish().await.unwrap_err();
        assert_eq!(case.find().await, Ok(Finding::Unreadable));
    }
}

#[tokio::test]
async fn a_comment_needs_the_posts_urn_and_its_refusals_are_told() {
    let linkedin = connector();
    let server = Connected::start(&linkedin, "ada-demo", PAGE).await;
    let small = picture("image/png", 100);
    let mut case = Case::new(&linkedin, &server, commented("look", "more"), &small);
    let post = case.publish().await.unwrap().receipt;
    case.before[0].id = None;
    let before = server.requests().await;
    let unknown = case.publish().await.unwrap_err();
    assert_eq!((unknown.code(), server.requests().await), ("thread_parent_unknown", before));
    case.before[0] = post.clone();
    case.variant.first_comment = Some("x".repeat(1_251));
    assert_eq!(case.publish().await.unwrap_err().code(), "content_too_long");
    case.variant.first_comment = Some("more".into());
    let named = json!({"status": 422, "code": "DUPLICATE_POST", "message": "is a duplicate of urn:li:share:1"});
    server.order("create_post", "status", json!({"code": 422, "body": named})).await;
    assert_eq!(case.publish().await, Err(Failure::Duplicate { existing: None }), "a post is no comment");
    server.order("create_post", "status", json!({"code": 200, "body": {}})).await;
    assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
    server.order("create_post", "status", json!({"code": 201, "body": {}})).await;
    assert_eq!(case.publish().await.unwrap().receipt, Receipt { id: None, url: post.url.clone() });
    case.before.truncate(1);
    case.delete(&post).await.unwrap();
    assert_eq!(case.publish().await.unwrap_err().code(), "not_found");
    let nameless = case.delete(&Receipt { id: None, url: post.url }).await;
    assert!(matches!(nameless, Err(Failure::Unsupported { .. })), "{nameless:?}");
}

#[tokio::test]
async fn a_page_whose_scopes_allow_no_comments_is_told_so() {
    let linkedin = connector();
    let server = Connected::start(&linkedin, "ada-demo", PAGE).await;
    let small = picture("image/png", 100);
    let mut case = Case::new(&linkedin, &server, commented("look", "more"), &small);
    case.publish().await.unwrap();
    let reads = server.with(server.sandbox.grant("linkedin", "ada-demo", Some(&["r_organization_social"])).await);
    let mut other = Case::new(&linkedin, &reads, commented("look", "more"), &small);
    other.before.clone_from(&case.before);
    assert_eq!(other.publish().await.unwrap_err().code(), "access_denied");
}

#[test]
fn the_newer_scopes_of_comments_are_asked_for_where_the_application_has_them() {
    let linkedin = connector();
    let request = AuthorizeRequest { state: "s".into(), challenge: None, redirect_uri: BACK.into() };
    let asked = |settings: &[&str]| {
        let mut app = PlatformApp::none();
        app.settings.extend(settings.iter().map(|name| ((*name).to_owned(), "true".to_owned())));
        let url = linkedin.auth().unwrap().authorize_url(&app, &request);
        ["w_member_social_feed", "w_organization_social_feed", "r_organization_social_feed"].map(|s| url.contains(s))
    };
    assert_eq!(asked(&["organisations"]), [false; 3]);
    assert_eq!(asked(&["comments"]), [true, false, false]);
    assert_eq!(asked(&["comments", "organisations"]), [true; 3]);
}

#[tokio::test]
async fn a_person_names_a_comment_by_its_urn() {
    let linkedin = connector();
    let server = Connected::start(&linkedin, "ada-demo", PAGE).await;
    let (app, account) = (PlatformApp::none(), &server.account);
    let urn = "urn:li:comment:(urn:li:activity:12,34)";
    let url = "https://www.linkedin.com/feed/update/urn:li:activity:12/".to_owned();
    assert_eq!(linkedin.named(&app, account, urn), Some(Receipt { id: Some(urn.into()), url: Some(url) }));
    for other in [
        "urn:li:comment:(activity:12,34)",
        "urn:li:comment:(urn:li:activity:12,x)",
        "urn:li:comment:(urn:li:activity:12,34",
        "urn:li:comment:12",
    ] {
        assert_eq!(linkedin.named(&app, account, other), None, "{other}");
    }
    let shown = linkedin.render(&commented("a (b)", "c (d)"));
    assert_eq!(shown, ["a \\(b\\)", "c \\(d\\)"]);
}
