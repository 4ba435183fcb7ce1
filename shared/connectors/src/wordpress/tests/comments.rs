//! A first comment on WordPress.

use super::*;
use domain::publishing::Failure;

fn commented(text: &str, comment: &str) -> Variant {
    Variant { title: Some("A title".into()), first_comment: Some(comment.into()), ..Variant::text(text) }
}

#[tokio::test]
async fn the_author_says_it_below_the_post_by_one_request_and_both_can_be_deleted() {
    let wordpress = connector();
    let (server, small) = (connected(&wordpress).await, small());
    let text = "More <b>here</b> & there:\nhttps://example.com/a?b=1&c \"now\" [gallery]";
    for trash in [true, false] {
        server.set(json!({ "wordpress_trash": trash })).await;
        let mut case = Case::new(&wordpress, &server, commented(&format!("look {trash}"), text), &small);
        let post = case.publish().await.unwrap().receipt;
        let before = server.requests().await;
        let said = case.publish().await.unwrap().receipt;
        assert_eq!(server.requests().await - before, 1);
        let live = server.live().await;
        assert_eq!((&live[1]["id"], &live[1]["reply_to"]), (&json!(said.id), &json!(post.id)));
        assert_eq!(live[1]["text"], text, "to the letter");
        assert!(said.url.as_deref().unwrap().ends_with(&format!("#comment-{}", said.id.as_deref().unwrap())));
        case.delete(&said).await.unwrap();
        case.delete(&said).await.unwrap();
        assert_eq!(server.live().await.len(), 1);
        case.delete(&post).await.unwrap();
    }
}

#[tokio::test]
async fn a_lost_answer_is_settled_by_the_list_of_the_users_comments_below_the_post() {
    let wordpress = connector();
    let (server, small) = (connected(&wordpress).await, small());
    let mut case = Case::new(&wordpress, &server, commented("look", "It's \"more\" & more ... R&D"), &small);
    case.publish().await.unwrap();
    server.fault(Fault::DropBeforeCommit).await;
    case.publish().await.unwrap_err();
    assert_eq!(case.find().await, Ok(Finding::Absent));
    server.fault(Fault::CommitThenDrop).await;
    assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
    let said = server.live().await[1]["id"].as_str().unwrap().to_owned();
    let Ok(Finding::Found(receipt)) = case.find().await else { panic!("not found: {:?}", case.find().await) };
    assert_eq!(receipt.id.as_deref(), Some(said.as_str()));
    assert_eq!(case.publish().await, Err(Failure::Duplicate { existing: None }), "a second one is refused");
    case.elsewhere = vec![said];
    assert_eq!(case.find().await, Ok(Finding::Absent), "another delivery's");
    case.elsewhere.clear();
    case.variant.first_comment = Some("It's \"more\" & more ... R&D, says somebody".into());
    assert_eq!(case.find().await, Ok(Finding::Resembling(1)), "somebody may have changed it there");
    for (kind, params) in [("status", json!({"code": 503})), ("garbage", json!({})), ("cut_body", json!({}))] {
        server.order("list", kind, params).await;
        assert_eq!(case.find().await, Err(Failure::Unavailable), "{kind}");
    }
}

#[tokio::test]
async fn a_comment_that_the_site_took_for_spam_is_there_and_left_to_a_person() {
    let wordpress = connector();
    let (server, small) = (connected(&wordpress).await, small());
    let mut case = Case::new(&wordpress, &server, commented("look", "It's \"more\" & more"), &small);
    case.publish().await.unwrap();
    server.fault(Fault::CommitThenDrop).await;
    assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
    let said = server.live().await[1]["id"].as_str().unwrap().to_owned();
    let filtered = server.site().post(&format!("wp/v2/comments/{said}")).json(&json!({ "status": "spam" }));
    server.person(filtered).await;
    assert_eq!(server.live().await.len(), 1, "nobody reads it");
    assert_eq!(case.find().await, Ok(Finding::Resembling(1)), "and nothing says that it is absent");
    case.variant.first_comment = Some("Another thing".into());
    assert_eq!(case.find().await, Ok(Finding::Absent), "what else lies there is none of it");
    let order =
        json!({ "platform": "wordpress", "op": "list", "kind": "status", "skip": 1, "params": { "code": 503 } });
    server.sandbox.control("faults", &order).await;
    assert_eq!(case.find().await, Err(Failure::Unavailable), "without that list nothing is known");
}

#[tokio::test]
async fn a_list_of_many_comments_is_read_to_its_end() {
    let wordpress = connector();
    let (server, small) = (connected(&wordpress).await, small());
    let mut case = Case::new(&wordpress, &server, commented("look", "the first of them"), &small);
    let post = case.publish().await.unwrap().receipt;
    server.fault(Fault::CommitThenDrop).await;
    case.publish().await.unwrap_err();
    for n in 0..101 {
        let body = json!({ "post": post.id.as_deref().unwrap().parse::<u64>().unwrap(), "content": n.to_string() });
        server.person(server.site().post("wp/v2/comments").json(&body)).await;
    }
    assert!(matches!(case.find().await, Ok(Finding::Found(_))), "on the second page");
}

#[tokio::test]
async fn what_a_site_refuses_or_holds_back_is_told() {
    let wordpress = connector();
    let (server, small) = (connected(&wordpress).await, small());
    let mut case = Case::new(&wordpress, &server, commented("look", "more"), &small);
    let post = case.publish().await.unwrap().receipt;
    let said = |code: &str| json!({ "code": code, "message": "No.", "data": {} });
    for (status, body, expected) in [
        (403, said("rest_comment_closed"), "forbidden"),
        (401, said("rest_comment_login_required"), "unauthorized"),
        (400, said("comment_flood"), "rate_limited"),
        (429, said("comment_flood"), "rate_limited"),
        (400, said("comment_content_column_length"), "invalid_request"),
        (409, said("comment_duplicate"), "duplicate_content"),
        (500, said("rest_comment_failed_create"), "unconfirmed"),
        (403, json!("<html>blocked</html>"), "unconfirmed"),
        (201, json!({ "id": 9, "status": "hold" }), "unconfirmed"),
        (201, json!({}), "unconfirmed"),
    ] {
        server.order("create_post", "status", json!({ "code": status, "body": body })).await;
        let failure = case.publish().await.unwrap_err();
        assert_eq!(failure.code(), expected, "{status} {body}");
    }
    server.set(json!({ "wordpress_comments": false })).await;
    let closed = case.publish().await.unwrap_err();
    assert!(matches!(&closed, Failure::Rejected { code, detail } if code == "forbidden" && detail.contains("closed")));
    server.set(json!({ "wordpress_comments": true })).await;
    case.before[0].id = None;
    assert_eq!(case.publish().await.unwrap_err().code(), "thread_parent_unknown");
    case.before[0] = Receipt { id: Some("99999".into()), ..post };
    assert_eq!(case.publish().await.unwrap_err().code(), "forbidden");
}
