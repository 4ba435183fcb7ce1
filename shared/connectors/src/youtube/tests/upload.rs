//! A video's way up, of which every answer may be lost.

use super::*;

/// Three pieces.
const SIZE: usize = 9 * 1024 * 1024 + 7;

/// Prepares as workers do of whom each meets a failure that passes.
async fn up(case: &mut Case<'_>) -> Result<u32, Failure> {
    for _ in 0..200 {
        match case.prepare().await {
            Err(Failure::Unavailable) => {}
            other => return other,
        }
    }
    panic!("it ends some time")
}

/// Published, the one video has the film, to the byte.
async fn shows_it_once(server: &Connected, case: &mut Case<'_>, film: &Picture, why: &str) {
    case.publish().await.unwrap();
    let live = server.live().await;
    let [post] = live.as_slice() else { panic!("{why}: {live:?}") };
    let path = post["media"][0]["url"].as_str().unwrap().split_once("/media/").unwrap().1;
    assert!(server.sandbox.bytes(&format!("/media/{path}")).await == film.1, "{why}: other bytes arrived");
}

async fn order(server: &Connected, op: &str, kind: &str, skip: u32, params: Value) {
    let order = json!({"platform": "youtube", "op": op, "kind": kind, "skip": skip, "params": params});
    server.sandbox.control("faults", &order).await;
}

/// How many videos the channel has, private ones included.
async fn videos(server: &Connected) -> usize {
    let url = api(&server.app, "playlistItems?part=contentDetails&maxResults=50&playlistId=UUharbourCoffeeDemo00001");
    let answer = Http::new(egress()).call(Call::get(url).bearer(&server.token)).await.unwrap();
    answer.json::<Value>().unwrap()["items"].as_array().unwrap().len()
}

#[tokio::test]
async fn whatever_call_of_an_upload_is_lost_one_video_comes_of_it_whole() {
    let youtube = connector();
    let film = film(SIZE);
    // Asked, three pieces of which the last one ends it.
    for skip in 0..4 {
        for kind in ["commit_then_drop", "drop_before_commit", "cut_body", "garbage"] {
            let why = format!("call {skip}: {kind}");
            let server = Connected::start(&youtube, ADA, 0).await;
            order(&server, "media", kind, skip, json!({})).await;
            let mut case = Case::new(&youtube, &server, of_film(&film), &film);
            up(&mut case).await.unwrap();
            assert_eq!((server.calls("draft").await, videos(&server).await), (1, 1), "{why}");
            shows_it_once(&server, &mut case, &film, &why).await;
        }
    }
}

#[tokio::test]
async fn an_upload_goes_on_from_what_youtube_kept_which_may_be_less_than_came() {
    let youtube = connector();
    let server = Connected::start(&youtube, ADA, 0).await;
    let film = film(SIZE);
    server.set(json!({"youtube_kept_bytes": 3 * 256 * 1024})).await;
    let mut case = Case::new(&youtube, &server, of_film(&film), &film);
    case.prepare().await.unwrap();
    assert_eq!((server.calls("draft").await, videos(&server).await), (1, 1));
    shows_it_once(&server, &mut case, &film, "by small steps").await;

    // A server that keeps nothing is no endless loop: it costs a try.
    server.set(json!({"youtube_kept_bytes": 0})).await;
    let mut case = Case::new(&youtube, &server, of_film(&film), &film);
    case.key.push_str(" again");
    assert_eq!(case.prepare().await, Err(Failure::Unavailable));
}

#[tokio::test]
async fn a_last_piece_that_takes_effect_late_ends_in_one_video() {
    let youtube = connector();
    let server = Connected::start(&youtube, ADA, 0).await;
    let film = film(3_000);
    order(&server, "media", "late_commit_ms", 1, json!({"ms": 200})).await;
    let mut case = Case::new(&youtube, &server, of_film(&film), &film);
    assert_eq!(case.prepare().await, Err(Failure::Unavailable), "nobody knows");
    up(&mut case).await.unwrap();
    shows_it_once(&server, &mut case, &film, "late").await;
    assert_eq!((server.calls("draft").await, videos(&server).await), (1, 1));
}

#[tokio::test]
async fn a_session_that_is_gone_is_followed_by_another_unless_a_video_came_of_it() {
    let youtube = connector();
    let film = film(SIZE);
    let gone = json!({"code": 404, "body": "Not Found"});
    // In the middle: nothing came of it.
    let server = Connected::start(&youtube, ADA, 0).await;
    order(&server, "media", "status", 2, gone.clone()).await;
    let mut case = Case::new(&youtube, &server, of_film(&film), &film);
    up(&mut case).await.unwrap();
    assert_eq!((server.calls("draft").await, videos(&server).await), (2, 1));
    shows_it_once(&server, &mut case, &film, "the second session").await;

    // After the last piece, whose answer was lost: the video is there under the part's name.
    let server = Connected::start(&youtube, ADA, 0).await;
    order(&server, "media", "commit_then_drop", 3, json!({})).await;
    order(&server, "media", "status", 3, gone).await;
    let mut case = Case::new(&youtube, &server, of_film(&film), &film);
    up(&mut case).await.unwrap();
    assert_eq!((server.calls("draft").await, videos(&server).await), (1, 1));
    shows_it_once(&server, &mut case, &film, "found by its name").await;

    // It forgets what it said it has.
    let server = Connected::start(&youtube, ADA, 0).await;
    let mut case = Case::new(&youtube, &server, of_film(&film), &film);
    order(&server, "media", "status", 4, json!({"code": 308, "headers": {"range": "bytes=0-9"}, "body": ""})).await;
    up(&mut case).await.unwrap();
    shows_it_once(&server, &mut case, &film, "a session that forgets").await;

    // Again and again: that ends.
    let server = Connected::start(&youtube, ADA, 0).await;
    server.set(json!({"youtube_sessions_gone": true})).await;
    let mut case = Case::new(&youtube, &server, of_film(&film), &film);
    assert_eq!(up(&mut case).await.unwrap_err().code(), "media_refused");
    assert_eq!(server.calls("draft").await, 4);
}

#[tokio::test]
async fn a_session_past_its_week_is_not_gone_on_with() {
    let youtube = connector();
    let server = Connected::start(&youtube, ADA, 0).await;
    let film = film(3_000);
    let case = Case::new(&youtube, &server, of_film(&film), &film);
    let ports::Prepared::More(kept) = youtube.prepare(&case.call()).await.unwrap() else { panic!("a session") };
    let later = server.now() + SignedDuration::from_hours(6 * 24 + 1);
    let until = later + SignedDuration::from_secs(30);
    let call = PublishCall { progress: Some(&kept), now: later, until, ..case.call() };
    let ports::Prepared::More(next) = youtube.prepare(&call).await.unwrap() else { panic!("another session") };
    assert_ne!(next["session"]["url"], kept["session"]["url"]);
    assert_eq!((server.calls("draft").await, server.calls("media").await), (2, 0));
}

#[tokio::test]
async fn a_list_that_lags_leaves_a_second_private_copy_and_never_a_second_public_one() {
    let youtube = connector();
    let server = Connected::start(&youtube, ADA, 0).await;
    let film = film(3_000);
    order(&server, "media", "commit_then_drop", 1, json!({})).await;
    order(&server, "media", "status", 1, json!({"code": 410, "body": ""})).await;
    // The first look is before anything went up; the second does not see what did.
    order(&server, "list", "lag_reads_ms", 1, json!({"ms": 60_000})).await;
    let mut case = Case::new(&youtube, &server, of_film(&film), &film);
    up(&mut case).await.unwrap();
    assert_eq!((server.calls("draft").await, videos(&server).await), (2, 2));

    // A person's retry prepares anew and meets two: it takes the older one, and nothing more goes up.
    let newer = case.progress.take().unwrap();
    up(&mut case).await.unwrap();
    assert_ne!(case.progress.as_ref().unwrap()["video"], newer["video"]);
    assert_eq!(server.calls("draft").await, 2);
    shows_it_once(&server, &mut case, &film, "two copies").await;
}

#[tokio::test]
async fn another_parts_video_or_one_of_no_use_is_not_taken_for_its_own() {
    let youtube = connector();
    let server = Connected::start(&youtube, ADA, 0).await;
    let film = film(3_000);
    let mut first = Case::new(&youtube, &server, of_film(&film), &film);
    first.prepare().await.unwrap();
    let mut second = Case::new(&youtube, &server, of_film(&film), &film);
    second.key.push_str(" another");
    second.prepare().await.unwrap();
    assert_eq!(server.calls("draft").await, 2, "another part has another name");
    // A video that could not be processed is not met again by a retry.
    server.set(json!({"youtube_outcome": "failed:codec"})).await;
    let mut third = Case::new(&youtube, &server, of_film(&film), &film);
    third.key.push_str(" third");
    assert_eq!(third.prepare().await.unwrap_err().code(), "media_processing_failed");
    third.progress = None;
    third.prepare().await.unwrap_err();
    assert_eq!(server.calls("draft").await, 4);
}

#[tokio::test]
async fn processing_is_waited_for_and_what_it_comes_to_is_told_in_youtubes_word() {
    let youtube = connector();
    let film = film(3_000);
    for (outcome, polls, expected) in [
        (None, 3, Ok(3)),
        (None, 0, Ok(0)),
        (Some("failed:codec"), 1, Err(("media_processing_failed", "codec"))),
        (Some("rejected:duplicate"), 1, Err(("media_refused", "duplicate"))),
        (Some("rejected:length"), 0, Err(("media_refused", "length"))),
    ] {
        let server = Connected::start(&youtube, ADA, 0).await;
        server.set(json!({"youtube_outcome": outcome, "youtube_polls": polls})).await;
        let mut case = Case::new(&youtube, &server, of_film(&film), &film);
        match (case.prepare().await, expected) {
            (Ok(waits), Ok(expected)) => assert_eq!(waits, expected),
            (Err(failure), Err((code, word))) => {
                assert!(failure.code() == code && failure.to_string().contains(word), "{outcome:?}: {failure:?}");
            }
            (other, _) => panic!("{outcome:?}: {other:?}"),
        }
        assert_eq!(server.requests().await, 0);
    }
}

#[tokio::test]
async fn a_session_elsewhere_than_at_google_gets_neither_bytes_nor_a_token() {
    let youtube = connector();
    let server = Connected::start(&youtube, ADA, 0).await;
    let film = film(3_000);
    for location in ["https://evil.example/upload", "http://www.googleapis.com/upload", "nonsense"] {
        order(&server, "draft", "status", 0, json!({"code": 200, "headers": {"location": location}, "body": ""})).await;
        let mut case = Case::new(&youtube, &server, of_film(&film), &film);
        assert_eq!(case.prepare().await, Err(Failure::Unavailable), "{location}");
    }
    assert_eq!(server.calls("media").await, 0);
}
