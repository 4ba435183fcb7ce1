//! What people say below the videos of a channel.

use super::*;
use crate::tests::listening::{Ear, large_pages_are_asked_for_in_smaller_ones, refusals_move_nothing, said};
use domain::inbound::Changed;

/// Somebody else says something; its id.
async fn says(server: &Connected, on: &str, text: &str) -> String {
    let words = json!({"platform": "youtube", "on": on, "text": text, "author": "stranger"});
    server.sandbox.control("say", &words).await["id"].as_str().unwrap().to_owned()
}

async fn video(youtube: &YouTube, server: &Connected) -> String {
    let clip = film(2_000);
    Case::new(youtube, server, of_film(&clip), &clip).publish().await.unwrap().receipt.id.unwrap()
}

#[tokio::test]
async fn comments_and_their_answers_are_heard_and_the_channels_own_are_its_own() {
    let youtube = connector();
    let server = Connected::start(&youtube, ADA, 0).await;
    let video = video(&youtube, &server).await;
    let mut ear = Ear::new(&youtube, &server);
    let before = server.calls("list").await;
    let first = says(&server, &video, "nice <b>one</b>").await;
    let answer = says(&server, &first, "indeed").await;
    let (all, pages) = ear.all().await;
    let told: Vec<_> = all.iter().map(|heard| (said(heard).external_id.clone(), said(heard).on.clone())).collect();
    assert_eq!((told, pages), (vec![(first.clone(), Some(video)), (answer, Some(first.clone()))], 1));
    let one = said(&all[0]);
    assert_eq!((one.author.as_deref(), one.handle.as_deref()), (Some("UCstranger"), Some("@stranger")));
    assert_eq!((one.text.as_deref(), one.change), (Some("nice <b>one</b>"), Changed::Added));
    assert_eq!(server.calls("list").await - before, 1, "one unit");
}

#[tokio::test]
async fn many_are_heard_page_by_page_and_a_new_answer_to_an_old_comment_with_them() {
    let youtube = connector();
    let server = Connected::start(&youtube, ADA, 0).await;
    let video = video(&youtube, &server).await;
    let mut ear = Ear::new(&youtube, &server);
    let mut wanted = Vec::new();
    for n in 0..101 {
        wanted.insert(0, says(&server, &video, &format!("number {n}")).await);
        if n == 99 {
            assert_eq!(Ear::new(&youtube, &server).all().await.1, 1, "a page that is full, and the last");
        }
    }
    let (all, pages) = ear.all().await;
    assert_eq!(all.iter().map(|heard| said(heard).external_id.clone()).collect::<Vec<_>>(), wanted);
    assert_eq!(pages, 2);
    let answer = says(&server, &wanted[50], "late").await;
    let mut later = Ear::since(&youtube, &server, all[0].at.unwrap() + SignedDuration::from_millis(1));
    assert_eq!(later.ids().await, [answer], "by its own time");
}

#[tokio::test]
async fn other_words_are_another_event_and_a_page_that_is_gone_begins_the_walk_anew() {
    let youtube = connector();
    let server = Connected::start(&youtube, ADA, 0).await;
    let (then, now) = ((server.now() - SignedDuration::from_hours(48)).to_string(), server.now().to_string());
    let snippet =
        json!({"textDisplay": "better", "publishedAt": then, "updatedAt": now, "authorChannelId": {"value": "UC1"}});
    let thread = json!({"id": "Ugx00000000000000000001AaABAg", "snippet": {"topLevelComment": {"snippet": snippet}}});
    server.order("list", "status", json!({"code": 200, "body": {"items": [thread]}})).await;
    let heard = Ear::new(&youtube, &server).page().await.unwrap().heard;
    assert_eq!(
        (said(&heard[0]).change, said(&heard[0]).on.as_deref()),
        (Changed::Edited, None),
        "to the channel itself"
    );
    assert!(heard[0].id.contains('@') && heard[0].at.unwrap() > server.now() - SignedDuration::from_mins(1));
    let mut ear = Ear::new(&youtube, &server);
    let fresh = json!({"id": "Ugx00000000000000000002AaABAg", "snippet": {"topLevelComment": {"snippet": {"publishedAt": now}}}});
    server.order("list", "status", json!({"code": 200, "body": {"items": [fresh], "nextPageToken": "gone"}})).await;
    assert!(ear.page().await.unwrap().more);
    let error = json!({"error": {"code": 400, "message": "no", "errors": [{"reason": "invalidPageToken"}]}});
    server.order("list", "status", json!({"code": 400, "body": error})).await;
    let anew = ear.page().await.unwrap();
    assert_eq!((anew.heard.len(), anew.more), (0, false));
    assert!(!ear.page().await.unwrap().more, "from the first page");
}

#[tokio::test]
async fn a_spent_day_is_waited_out_and_a_permission_that_lacks_ends_no_publishing() {
    let youtube = connector();
    let server = Connected::start(&youtube, ADA, 0).await;
    let refused = |code: u16, reason: &str| json!({"code": code, "body": {"error": {"code": code, "message": "no", "errors": [{"reason": reason}]}}});
    server.order("list", "status", refused(403, "quotaExceeded")).await;
    let Err(Failure::RateLimited { until: Some(until) }) = Ear::new(&youtube, &server).page().await else {
        panic!("not limited")
    };
    assert_eq!(Some(until), error::next_day(server.now()), "midnight in California");
    server.order("list", "status", refused(403, "insufficientPermissions")).await;
    let lacks = Ear::new(&youtube, &server).page().await;
    assert!(matches!(&lacks, Err(Failure::Rejected { code, .. }) if code == "forbidden"), "{lacks:?}");
    let garbage = [json!([]), json!({"items": [{"id": "../me"}]})];
    refusals_move_nothing(&youtube, &server, "list", &garbage).await;
}

#[tokio::test]
async fn a_page_too_large_to_read_is_asked_for_in_smaller_ones() {
    let youtube = connector();
    let server = Connected::start(&youtube, ADA, 0).await;
    let snippet = json!({"publishedAt": server.now().to_string()});
    let thread = json!({"id": "Ugx00000000000000000002AaABAg", "snippet": {"topLevelComment": {"snippet": snippet}}});
    large_pages_are_asked_for_in_smaller_ones(&youtube, &server, "list", json!({"items": [thread]})).await;
}

#[tokio::test]
async fn what_is_heard_can_be_answered_by_its_id() {
    let youtube = connector();
    let server = Connected::start(&youtube, ADA, 0).await;
    let video = video(&youtube, &server).await;
    let mut ear = Ear::new(&youtube, &server);
    let first = says(&server, &video, "nice").await;
    says(&server, &first, "indeed").await;
    let ids = ear.ids().await;
    assert_eq!(ids.len(), 2);
    let film = film(2_000);
    for id in ids {
        let variant = Variant { reply_to: Some(id.clone()), ..Variant::text(format!("thank you {id}")) };
        Case::new(&youtube, &server, variant, &film).publish().await.unwrap();
        assert_eq!(server.live().await.last().unwrap()["reply_to"], json!(first), "{id}");
    }
}
