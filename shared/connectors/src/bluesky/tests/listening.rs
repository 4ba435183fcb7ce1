//! What people say to an account.

use super::*;
use crate::tests::listening::{Ear, large_pages_are_asked_for_in_smaller_ones, refusals_move_nothing, said};
use domain::inbound::What;

/// What a stranger is signed in with.
async fn stranger(bluesky: &Bluesky, server: &Connected) -> SecretString {
    let entries = server.sandbox.keys("bluesky", "lighthouse.test").await;
    bluesky.keys().unwrap().check(&server.app, &entries).await.unwrap().pair.access
}

/// A stranger writes a record; its address.
async fn says(bluesky: &Bluesky, server: &Connected, token: &SecretString, more: &Value) -> String {
    let home = server.account.profile.home.as_deref().unwrap();
    let mut record = json!({"$type": "app.bsky.feed.post", "text": "hello", "createdAt": "1999-01-01T00:00:00Z"});
    record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let body =
        json!({"repo": "did:plc:lighthouselabsdemo222222", "collection": "app.bsky.feed.post", "record": record});
    let call = Call::post(format!("{home}/xrpc/com.atproto.repo.createRecord")).theirs().bearer(token).json(&body);
    let answer = bluesky.ask(call, server.now()).await.unwrap();
    answer.json::<Value>().unwrap()["uri"].as_str().unwrap().to_owned()
}

fn answering(uri: &str) -> Value {
    let strong = json!({"uri": uri, "cid": "bafyreia"});
    json!({"reply": {"root": strong, "parent": strong}})
}

#[tokio::test]
async fn answers_mentions_and_quotes_are_heard_by_the_time_of_the_network_and_name_our_post_by_its_key() {
    let bluesky = connector();
    let server = connected(&bluesky).await;
    let small = picture("image/png", 9);
    let mut case = Case::new(&bluesky, &server, Variant::text("our post"), &small);
    let key = case.publish().await.unwrap().receipt.id.unwrap();
    let (post, token) = (format!("at://{DID}/app.bsky.feed.post/{key}"), stranger(&bluesky, &server).await);
    let mut ear = Ear::new(&bluesky, &server);
    let answer = says(&bluesky, &server, &token, &answering(&post)).await;
    says(&bluesky, &server, &token, &answering(&answer)).await;
    let facet = json!({"index": {"byteStart": 0, "byteEnd": 5}, "features": [{"$type": "app.bsky.richtext.facet#mention", "did": DID}]});
    let mention = says(&bluesky, &server, &token, &json!({"facets": [facet]})).await;
    let quoted = json!({"$type": "app.bsky.embed.record", "record": {"uri": post, "cid": "bafyreia"}});
    let quote = says(&bluesky, &server, &token, &json!({"embed": quoted})).await;
    let (all, _) = ear.all().await;
    let told: Vec<_> =
        all.iter().map(|heard| (heard.what.name(), said(heard).external_id.clone(), said(heard).on.clone())).collect();
    let ours = Some(key);
    assert_eq!(told, [("mention", quote, ours.clone()), ("mention", mention, None), ("comment", answer, ours)]);
    let first = said(&all[2]);
    assert_eq!((first.text.as_deref(), first.handle.as_deref()), (Some("hello"), Some("lighthouse.test")));
    assert!(
        all.iter().all(|heard| heard.at.unwrap() > server.now() - SignedDuration::from_mins(5)),
        "whatever a record claims"
    );
}

#[tokio::test]
async fn many_are_heard_page_by_page() {
    let bluesky = connector();
    let server = connected(&bluesky).await;
    let token = stranger(&bluesky, &server).await;
    let mut ear = Ear::new(&bluesky, &server);
    let post = format!("at://{DID}/app.bsky.feed.post/3kaaaaaaaaaaa");
    let mut wanted = Vec::new();
    for n in 0..101 {
        wanted.insert(0, says(&bluesky, &server, &token, &answering(&post)).await);
        if n == 99 {
            assert_eq!(Ear::new(&bluesky, &server).all().await.1, 1, "a page that is full, and the last");
        }
    }
    let (all, pages) = ear.all().await;
    assert_eq!(all.iter().map(|heard| said(heard).external_id.clone()).collect::<Vec<_>>(), wanted);
    assert_eq!(pages, 2);
    ear.later = SignedDuration::from_hours(2);
    ear.all().await;
    assert_eq!(ear.ids().await.len(), 101, "a day back: what a record claims may be hours ago");
    ear.later = SignedDuration::from_hours(25);
    ear.all().await;
    assert_eq!(ear.ids().await, Vec::<String>::new());
}

#[tokio::test]
async fn what_others_write_may_be_anything_and_what_is_no_page_is_heard_another_time() {
    let bluesky = connector();
    let server = connected(&bluesky).await;
    let at = server.now().to_string();
    let told = |reason: &str, record: Value| {
        json!({"uri": format!("at://did:plc:other/x/{reason}"), "cid": "c", "author": {"did": "did:plc:other"}, "reason": reason,
            "reasonSubject": format!("at://{DID}/app.bsky.feed.post/3kaaaaaaaaaaa"), "record": record, "isRead": true, "indexedAt": at})
    };
    let all = [
        told("like", json!(7)),
        told("repost", json!({})),
        told("reply", json!({"text": 5, "reply": []})),
        told("waved", Value::Null),
    ];
    server.order("listen", "status", json!({"code": 200, "body": {"notifications": all}})).await;
    let heard = Ear::new(&bluesky, &server).page().await.unwrap().heard;
    assert_eq!(
        heard.iter().map(|one| one.what.name()).collect::<Vec<_>>(),
        ["reaction", "reaction", "comment", "unknown"]
    );
    assert_eq!(said(&heard[0]).on.as_deref(), Some("3kaaaaaaaaaaa"));
    assert_eq!((said(&heard[2]).text.as_deref(), said(&heard[2]).on.as_deref()), (None, None));
    assert_eq!(heard[3].what, What::Unknown { kind: "waved".into() });
    let garbage = [json!([]), json!({}), json!({"notifications": [{"uri": "x"}]})];
    refusals_move_nothing(&bluesky, &server, "listen", &garbage).await;
}

#[tokio::test]
async fn a_page_too_large_to_read_is_asked_for_in_smaller_ones() {
    let bluesky = connector();
    let server = connected(&bluesky).await;
    let one = json!({"uri": "at://did:plc:other/x/y", "author": {"did": "did:plc:other"}, "reason": "waved",
        "record": {}, "indexedAt": server.now().to_string()});
    large_pages_are_asked_for_in_smaller_ones(&bluesky, &server, "listen", json!({"notifications": [one]})).await;
}

#[tokio::test]
async fn what_is_heard_can_be_answered_by_its_id() {
    let bluesky = connector();
    let server = connected(&bluesky).await;
    let small = picture("image/png", 9);
    let key =
        Case::new(&bluesky, &server, Variant::text("our post"), &small).publish().await.unwrap().receipt.id.unwrap();
    let (post, token) = (format!("at://{DID}/app.bsky.feed.post/{key}"), stranger(&bluesky, &server).await);
    let mut ear = Ear::new(&bluesky, &server);
    says(&bluesky, &server, &token, &answering(&post)).await;
    let facet = json!({"index": {"byteStart": 0, "byteEnd": 5}, "features": [{"$type": "app.bsky.richtext.facet#mention", "did": DID}]});
    says(&bluesky, &server, &token, &json!({"facets": [facet]})).await;
    let ids = ear.ids().await;
    assert_eq!(ids.len(), 2);
    for id in ids {
        let variant = Variant { reply_to: Some(id.clone()), ..Variant::text(format!("thank you {id}")) };
        Case::new(&bluesky, &server, variant, &small).publish().await.unwrap();
        assert_eq!(server.live().await.last().unwrap()["reply_to"], json!(id.rsplit('/').next()));
    }
}
