//! What people say to an account.

use super::*;
use crate::tests::listening::{Ear, large_pages_are_asked_for_in_smaller_ones, refusals_move_nothing, said};
use domain::inbound::What;
use jiff::SignedDuration;

const BO: &str = "sandbox-mastodon-token-bo";

/// A stranger says something; its number.
async fn says(mastodon: &Mastodon, server: &Connected, status: &Value) -> String {
    let home = server.account.profile.home.as_deref().unwrap();
    let call = Call::post(format!("{home}/api/v1/statuses")).json(status);
    let answer = mastodon.ask_as(&BO.into(), call).await.unwrap();
    answer.json::<Value>().unwrap()["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn answers_mentions_and_messages_are_heard_as_what_they_are() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    let small = picture("image/png", 9);
    let mut case = Case::new(&mastodon, &server, Variant::text("our post"), &small);
    let post = case.publish().await.unwrap().receipt.id.unwrap();
    let mut ear = Ear::new(&mastodon, &server);
    let comment = says(&mastodon, &server, &json!({"status": "@ada nice & <b>good</b>", "in_reply_to_id": post})).await;
    let deeper = says(&mastodon, &server, &json!({"status": "@ada and more", "in_reply_to_id": comment})).await;
    let mention = says(&mastodon, &server, &json!({"status": "look at @ada"})).await;
    let message = says(&mastodon, &server, &json!({"status": "@ada psst", "visibility": "direct"})).await;
    says(&mastodon, &server, &json!({"status": "nothing to do with anybody"})).await;
    let (all, _) = ear.all().await;
    let told: Vec<_> =
        all.iter().map(|heard| (heard.what.name(), said(heard).external_id.clone(), said(heard).on.clone())).collect();
    assert_eq!(
        told,
        [
            ("message", message, None),
            ("mention", mention, None),
            ("mention", deeper, Some(comment.clone())),
            ("comment", comment, Some(post)),
        ]
    );
    let first = said(&all[3]);
    assert_eq!(first.text.as_deref(), Some("@ada nice & <b>good</b>"), "as people read it");
    assert_eq!((first.author.as_deref(), first.handle.as_deref()), (Some("109348112233445502"), Some("bo")));
}

#[tokio::test]
async fn many_are_heard_page_by_page_and_an_hour_later_only_what_came_since() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    let mut ear = Ear::new(&mastodon, &server);
    let (begun, mut wanted) = (server.now() - SignedDuration::from_secs(1), Vec::new());
    for n in 0..81 {
        wanted.insert(0, says(&mastodon, &server, &json!({"status": format!("@ada {n}")})).await);
        if n == 39 {
            assert_eq!(
                Ear::since(&mastodon, &server, begun).all().await.1,
                2,
                "a page that is full, and none behind it"
            );
        }
    }
    let (all, pages) = ear.all().await;
    assert_eq!(all.iter().map(|heard| said(heard).external_id.clone()).collect::<Vec<_>>(), wanted);
    assert_eq!(pages, 4);
    ear.later = SignedDuration::from_hours(2);
    assert!(ear.ids().await.len() == 81, "within an hour of when it was last heard to its end");
    assert_eq!((ear.ids().await.len(), calls(&server, "listen").await), (0, 4 + 4 + 2 + 1));
}

#[tokio::test]
async fn nothing_of_before_the_source_is_heard() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    says(&mastodon, &server, &json!({"status": "@ada before"})).await;
    let mut ear = Ear::since(&mastodon, &server, server.now() + SignedDuration::from_secs(60));
    assert_eq!(ear.ids().await, Vec::<String>::new());
}

#[tokio::test]
async fn what_a_server_may_not_send_is_heard_another_time_and_what_others_write_may_be_anything() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    let at = server.now().to_string();
    let status = json!({"id": "7", "in_reply_to_id": null, "content": "<<<p>", "account": {"id": "8"}});
    let told = |id: &str, kind: &str, status: &Value| json!({"id": id, "type": kind, "created_at": at, "account": {}, "status": status});
    let page =
        json!([told("12", "mention", &status), told("11", "mention", &Value::Null), told("10", "dance", &status)]);
    server.order("listen", "status", json!({"code": 200, "body": page})).await;
    let heard = Ear::new(&mastodon, &server).page().await.unwrap().heard;
    assert_eq!(said(&heard[0]).text.as_deref(), Some("<<<p>"), "it is no HTML, and stays what it is");
    let kinds = heard[1..].iter().map(|heard| heard.what.clone()).collect::<Vec<_>>();
    assert_eq!(kinds, ["mention", "dance"].map(|kind| What::Unknown { kind: kind.into() }));
    server
        .order(
            "listen",
            "status",
            json!({"code": 403, "body": {"error": "This action is outside the authorized scopes"}}),
        )
        .await;
    let refused = Ear::new(&mastodon, &server).page().await;
    assert!(
        matches!(&refused, Err(Failure::Rejected { code, .. }) if code == "forbidden"),
        "publishing goes on: {refused:?}"
    );
    let rising = json!([told("10", "mention", &status), told("11", "mention", &status)]);
    let garbage = [json!({}), json!([{"id": "1"}]), rising, json!([told("1/../2", "mention", &status)])];
    refusals_move_nothing(&mastodon, &server, "listen", &garbage).await;
}

#[tokio::test]
async fn a_page_too_large_to_read_is_asked_for_in_smaller_ones() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    let one = json!([{"id": "7", "type": "waved", "created_at": server.now().to_string(), "account": {"id": "1", "acct": "bo"}}]);
    large_pages_are_asked_for_in_smaller_ones(&mastodon, &server, "listen", one).await;
}

#[tokio::test]
async fn what_is_heard_can_be_answered_by_its_id() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    let mut ear = Ear::new(&mastodon, &server);
    let first = says(&mastodon, &server, &json!({"status": "@ada good"})).await;
    says(&mastodon, &server, &json!({"status": "@ada and more", "in_reply_to_id": first})).await;
    let (ids, small) = (ear.ids().await, picture("image/png", 9));
    assert_eq!(ids.len(), 2);
    for id in ids {
        let variant = Variant { reply_to: Some(id.clone()), ..Variant::text(format!("thank you {id}")) };
        Case::new(&mastodon, &server, variant, &small).publish().await.unwrap();
        assert_eq!(server.live().await.last().unwrap()["reply_to"], json!(id));
    }
}
