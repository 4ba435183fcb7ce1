//! Containers, step by step, and what becomes of those that fail.

use super::*;

fn call_of<'a>(server: &'a Connected, variant: &'a Variant, picture: &'a Picture) -> PublishCall<'a> {
    PublishCall {
        app: &server.app,
        account: &server.account,
        token: &server.token,
        variant,
        part: 0,
        key: "key".into(),
        made_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        before: &[],
        elsewhere: &[],
        progress: None,
        media: std::slice::from_ref(&picture.0),
        bytes: picture,
        now: server.now(),
        until: server.now() + SignedDuration::from_secs(30),
        levels: None,
    }
}

#[tokio::test]
async fn each_step_of_a_container_is_kept_nothing_waits_in_it_and_no_step_is_made_twice() {
    let threads = connector();
    let (server, png) = connected(&threads).await;
    server.set(json!({"threads_container_ms": 600_000})).await;
    let variants = [(Variant::text("words alone"), 1, 5), (with_pictures("a carousel", 2, &png), 2, 6)];
    for (variant, containers, steps) in variants {
        let before = server.calls("media").await;
        let mut progress: Option<Value> = None;
        let mut waits = Vec::new();
        for _ in 0..steps {
            let call = PublishCall { progress: progress.as_ref(), ..call_of(&server, &variant, &png) };
            match threads.prepare(&call).await {
                Ok(Prepared::More(kept)) => progress = Some(kept),
                Ok(Prepared::Wait { progress: kept, until }) => {
                    waits.push(until.duration_since(call.now).as_secs());
                    progress = Some(kept);
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(waits, [5, 15, 30, 60], "asked less and less often, by other wake-ups");
        assert_eq!(server.calls("media").await - before, containers, "however often it was looked at");
        let call = PublishCall { progress: progress.as_ref(), ..call_of(&server, &variant, &png) };
        assert_eq!(threads.publish(&call).await, Err(Failure::Unavailable), "nothing leaves before it is finished");
        let other = PublishCall { part: 1, ..call };
        assert_eq!(threads.publish(&other).await, Err(Failure::Unavailable), "nor another part's container");
    }
    assert_eq!(server.requests().await, 0);
}

#[tokio::test]
async fn a_carousel_shows_pictures_and_videos_in_their_order_with_their_words() {
    let threads = connector();
    let (server, png) = connected(&threads).await;
    let mut film = picture("video/mp4", 20_000);
    film.0.id = domain::MediaId::from_uuid(uuid::Uuid::from_u128(7));
    let film = server.sandbox.hosted("a.mp4", film).await;
    let mut variant = with_pictures("both", 1, &png);
    variant.parts[0].media[0].alt_text = Some("a wave".into());
    variant.parts[0].media.push(MediaRef { alt_text: Some("it moves".into()), ..MediaRef::new(film.0.id) });
    Case::new(&threads, &server, variant, &png).with(&film).publish().await.unwrap();
    let post = said(&server, "both").await;
    let alts: Vec<&str> = post["media"].as_array().unwrap().iter().map(|m| m["alt"].as_str().unwrap()).collect();
    assert_eq!(alts, ["a wave", "it moves"]);
    assert_eq!(server.shown(&post["media"][1]).await, film.1);
    let alone = Variant {
        parts: vec![domain::publishing::Part { text: "film".into(), media: vec![MediaRef::new(film.0.id)] }],
        ..Variant::default()
    };
    Case::new(&threads, &server, alone, &png).with(&film).publish().await.unwrap();
    assert_eq!(server.shown(&said(&server, "film").await["media"][0]).await, film.1);
}

#[tokio::test]
async fn a_container_that_failed_in_passing_is_made_anew_after_a_while_and_not_without_end() {
    let threads = connector();
    let (server, png) = connected(&threads).await;
    let variant = with_pictures("unlucky", 1, &png);
    for body in [
        json!({"status": "ERROR", "error_message": "FAILED_DOWNLOADING_VIDEO"}),
        json!({"status": "ERROR", "error_message": "UNKNOWN"}),
        json!({"status": "EXPIRED"}),
    ] {
        let before = server.calls("media").await;
        let mut progress: Option<Value> = None;
        let mut waits = Vec::new();
        let ended = loop {
            let call = PublishCall { progress: progress.as_ref(), ..call_of(&server, &variant, &png) };
            let now = call.now;
            match threads.prepare(&call).await {
                Ok(Prepared::More(kept)) => {
                    progress = Some(kept);
                    server.order("media_status", "status", json!({"code": 200, "body": body})).await;
                }
                Ok(Prepared::Wait { progress: kept, until }) => {
                    waits.push(until.duration_since(now).as_secs());
                    progress = Some(kept);
                }
                other => break other,
            }
        };
        assert_eq!(waits, [60, 300, 900], "{body}");
        assert_eq!(ended.unwrap_err().code(), "media_processing_failed");
        assert_eq!(server.calls("media").await - before, 4, "a new one each time");
    }
}

#[tokio::test]
async fn what_threads_does_not_take_of_a_medium_is_told_in_its_word() {
    let threads = connector();
    let (server, png) = connected(&threads).await;
    for (word, expected) in [
        ("INVALID_ASPEC_RATIO", "media_shape"),
        ("INVALID_BIT_RATE", "media_refused"),
        ("INVALID_DURATION", "media_refused"),
        ("INVALID_FRAME_RATE", "media_refused"),
        ("INVALID_AUDIO_CHANNELS", "media_refused"),
        ("INVALID_AUDIO_CHANNEL_LAYOUT", "media_refused"),
        ("FAILED_PROCESSING_AUDIO", "media_processing_failed"),
        ("FAILED_PROCESSING_VIDEO", "media_processing_failed"),
    ] {
        let body = json!({"status": "ERROR", "error_message": word});
        server.order("media_status", "status", json!({"code": 200, "body": body})).await;
        let result = Case::new(&threads, &server, with_pictures("n", 1, &png), &png).publish().await;
        let Err(Failure::Rejected { code, detail }) = result else { panic!("{result:?}") };
        assert_eq!((code.as_str(), detail.contains(word)), (expected, true), "{detail}");
    }
    assert_eq!(server.requests().await, 0);
}

#[tokio::test]
async fn refusals_of_containers_and_of_publishing_are_told_apart() {
    let threads = connector();
    let (server, png) = connected(&threads).await;
    for (op, code, subcode, expected) in [
        ("media", 1, 0, "unavailable"),
        ("media", 4, 0, "rate_limited"),
        ("media", 10, 0, "revoked"),
        ("media", 100, 0, "invalid_request"),
        ("media", 100, 33, "revoked"),
        ("media", 190, 0, "unauthorized"),
        ("create_post", 4, 0, "rate_limited"),
        ("create_post", -1, 0, "unconfirmed"),
        ("create_post", 10, 0, "revoked"),
        ("create_post", 24, 4_279_009, "unavailable"),
        ("create_post", 100, 33, "revoked"),
        ("create_post", 190, 0, "unauthorized"),
        ("create_post", 190, 460, "revoked"),
        ("create_post", 100, 0, "invalid_request"),
    ] {
        let error = json!({"message": "words", "code": code, "error_subcode": subcode});
        server.order(op, "status", json!({"code": 400, "body": {"error": error}})).await;
        let failure = Case::new(&threads, &server, with_pictures("n", 1, &png), &png).publish().await.unwrap_err();
        assert_eq!(failure.code(), expected, "{op} {code} {subcode}");
    }
    let quoting = Variant { quote: Some("1".into()), ..Variant::text("n") };
    let mut answering = Case::new(&threads, &server, thread(&["one", "two"]), &png);
    answering.publish().await.unwrap();
    for mut case in [Case::new(&threads, &server, quoting, &png), answering] {
        server.order("media", "status", missing()).await;
        assert_eq!(case.publish().await.unwrap_err().code(), "not_found", "the other post, and not the account");
    }
    let message = "cannot read https://bucket.example/a?X-Amz-Signature=abc, try again";
    let error = json!({"message": message, "code": 100});
    server.order("media", "status", json!({"code": 400, "body": {"error": error}})).await;
    let result = Case::new(&threads, &server, with_pictures("n", 1, &png), &png).publish().await;
    let Err(Failure::Rejected { detail, .. }) = result else { panic!("{result:?}") };
    assert_eq!(detail, "cannot read … try again", "no address is told");
}

#[tokio::test]
async fn a_lost_answer_to_making_a_container_publishes_nothing_and_another_is_made() {
    let threads = connector();
    let (server, png) = connected(&threads).await;
    let mut case = Case::new(&threads, &server, Variant::text("lost"), &png);
    server.order("media", "commit_then_drop", json!({})).await;
    assert_eq!(case.publish().await, Err(Failure::Unavailable));
    assert_eq!(server.requests().await, 0);
    case.publish().await.unwrap();
    assert_eq!((server.calls("media").await, server.live().await.len()), (2, 1));
}
