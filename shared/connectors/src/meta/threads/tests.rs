#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::tests::{Connected, Facts, Known, egress, picture, quotas, thread};
use connector_kit::contract::{self, Case, Fault, Harness as _, Picture};
use domain::publishing::{Failure, Finding, LinkCard, MediaRef, Receipt, Variant};
use jiff::SignedDuration;
use ports::{Prepared, Publish, PublishCall, Wording as _};
use serde_json::{Value, json};

mod answers;
mod connecting;
mod containers;
mod doubts;
mod rules;

const ACCOUNT: &str = "17841400000000001";

fn connector() -> Threads {
    Threads::new(Http::new(egress()))
}

async fn connected(threads: &Threads) -> (Connected, Picture) {
    let server = Connected::start(threads, "harbour.coffee.demo", 0).await;
    let png = server.sandbox.hosted("a.png", picture("image/png", 30_000)).await;
    (server, png)
}

fn with_pictures(text: &str, count: usize, picture: &Picture) -> Variant {
    let mut variant = Variant::text(text);
    variant.parts[0].media = vec![MediaRef::new(picture.0.id); count];
    variant
}

fn missing() -> Value {
    json!({"code": 400, "body": {"error": {"message": "words", "code": 100, "error_subcode": 33}}})
}

impl Known for Threads {
    const FACTS: Facts = Facts::USUAL;
}

#[tokio::test]
async fn threads_keeps_the_contract() {
    let threads = connector();
    let (server, png) = connected(&threads).await;
    contract::run(&threads, &server, &png).await;
}

#[test]
fn the_posts_of_a_day_are_counted_before_they_leave() {
    let threads = connector();
    assert_eq!(quotas(threads.descriptor()), [("posts-24h", QuotaScope::Account, 250, 86_400)]);
    assert_eq!(threads.descriptor().limits.counted(2, true), 2, "a first comment is one more post");
}

/// The one post with this text.
async fn said(server: &Connected, text: &str) -> Value {
    let live = server.live().await;
    let [post] = live.iter().filter(|post| post["text"] == text).collect::<Vec<_>>()[..] else { panic!("{live:?}") };
    post.clone()
}

#[tokio::test]
async fn a_post_says_who_may_reply_what_it_quotes_and_where_its_link_leads() {
    let threads = connector();
    let (server, png) = connected(&threads).await;
    let link = LinkCard { url: "https://example.com/a".into(), title: None, description: None };
    for (restriction, control) in [
        (ReplyRestriction::Everyone, Value::Null),
        (ReplyRestriction::Following, json!("accounts_you_follow")),
        (ReplyRestriction::Mentioned, json!("mentioned_only")),
    ] {
        let text = format!("for {restriction:?}");
        let variant = Variant {
            reply_restriction: restriction,
            quote: Some("123".into()),
            link: Some(link.clone()),
            ..Variant::text(&text)
        };
        assert_eq!(threads.render(&variant).join("\n"), text, "the link is a card");
        Case::new(&threads, &server, variant, &png).publish().await.unwrap();
        let post = said(&server, &text).await;
        assert_eq!((&post["visibility"], &post["asked"]["quote_post_id"]), (&control, &json!("123")));
        assert_eq!(post["card"]["url"], link.url);
    }
    let bare = Variant { link: Some(link.clone()), ..Variant::text("") };
    Case::new(&threads, &server, bare, &png).publish().await.unwrap();
    said(&server, &link.url).await;
}

#[tokio::test]
async fn the_parts_of_a_thread_answer_each_other_and_the_first_alone_has_card_quote_and_audience() {
    let threads = connector();
    let (server, png) = connected(&threads).await;
    let mut variant = Variant {
        link: Some(LinkCard { url: "https://example.com/a".into(), title: None, description: None }),
        quote: Some("123".into()),
        reply_restriction: ReplyRestriction::Mentioned,
        ..thread(&["one", "two", "three"])
    };
    variant.parts[1].media = vec![MediaRef { alt_text: Some("a wave".into()), ..MediaRef::new(png.0.id) }];
    let mut case = Case::new(&threads, &server, variant, &png);
    for _ in 0..3 {
        case.publish().await.unwrap();
    }
    let (one, two, three) = (said(&server, "one").await, said(&server, "two").await, said(&server, "three").await);
    assert_eq!((&two["reply_to"], &three["reply_to"]), (&one["id"], &two["id"]));
    assert_eq!(two["media"][0]["alt"], "a wave");
    assert_eq!(server.shown(&two["media"][0]).await, png.1);
    for later in [two, three] {
        let none = (&later["visibility"], &later["card"], &later["asked"]);
        assert_eq!(none, (&Value::Null, &Value::Null, &Value::Null));
    }
}

#[tokio::test]
async fn a_quoted_post_that_is_named_by_its_address_is_refused_before_anything_leaves() {
    let threads = connector();
    let (server, png) = connected(&threads).await;
    let quote = Some("https://www.threads.com/@ada/post/DAbc".to_owned());
    let mut case = Case::new(&threads, &server, Variant { quote, ..Variant::text("look") }, &png);
    let Err(Failure::Rejected { code, detail }) = case.publish().await else { panic!("it is taken") };
    assert_eq!(code, "not_found");
    assert!(detail.contains("by its id"), "{detail}");
    assert_eq!((server.calls("media").await, server.requests().await), (0, 0));
}

#[test]
fn a_post_is_named_by_its_id_or_its_address_and_not_by_somebody_elses() {
    let threads = connector();
    let app = crate::tests::app_of("threads");
    let account = crate::tests::account(
        &threads.descriptor().id,
        domain::accounts::Profile {
            external_id: ACCOUNT.into(),
            name: "Harbour".into(),
            handle: Some("harbour.coffee.demo".into()),
            kind: domain::accounts::AccountKind::Person,
            home: None,
        },
    );
    let named = |post: &str| threads.named(&app, &account, post);
    assert_eq!(named("1801"), Some(Receipt { id: Some("1801".into()), url: None }));
    for host in ["www.threads.com", "threads.com", "www.threads.net", "threads.net"] {
        let receipt = named(&format!("https://{host}/@harbour.coffee.demo/post/DAbc_1?x=1")).unwrap();
        assert_eq!(
            receipt,
            Receipt { id: None, url: Some("https://threads.com/@harbour.coffee.demo/post/DAbc_1".into()) }
        );
    }
    for other in [
        "https://www.threads.com/@ada/post/DAbc",
        "https://example.com/@harbour.coffee.demo/post/DAbc",
        "https://www.threads.com/@harbour.coffee.demo",
        "words",
    ] {
        assert_eq!(named(other), None, "{other}");
    }
}

#[tokio::test]
async fn what_may_not_be_replied_or_deleted_says_nothing_of_the_account() {
    let threads = connector();
    let (server, png) = connected(&threads).await;
    let token = server.sandbox.grant("threads", ACCOUNT, Some(&["threads_basic", "threads_content_publish"])).await;
    let server = server.with(token);
    let mut case = Case::new(&threads, &server, thread(&["one", "two"]), &png);
    let receipt = case.publish().await.unwrap().receipt;
    assert_eq!(case.publish().await.unwrap_err().code(), "forbidden", "replies are not allowed");
    let kept = case.delete(&receipt).await;
    assert!(matches!(&kept, Err(Failure::Unsupported { detail }) if detail.contains("connect")), "{kept:?}");
    assert_eq!(server.live().await.len(), 1);
}

#[tokio::test]
async fn what_cannot_be_deleted_is_not_called_gone_and_what_is_gone_is_no_error() {
    let threads = connector();
    let (server, png) = connected(&threads).await;
    let mut case = Case::new(&threads, &server, Variant::text("stays"), &png);
    let receipt = case.publish().await.unwrap().receipt;
    server.order("delete_post", "status", missing()).await;
    assert!(matches!(case.delete(&receipt).await, Err(Failure::Unsupported { .. })), "it is still there");
    for op in ["delete_post", "lookup", "lookup"] {
        server.order(op, "status", missing()).await;
    }
    let unseen = case.delete(&receipt).await;
    assert!(matches!(unseen, Err(Failure::Revoked { .. })), "{unseen:?}");
    server.order("delete_post", "commit_then_drop", json!({})).await;
    assert_eq!(case.delete(&receipt).await, Err(Failure::Unavailable), "its answer is lost");
    case.delete(&receipt).await.unwrap();
}
