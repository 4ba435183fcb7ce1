//! Lost answers: what the container and the lists say.

use super::*;

#[tokio::test]
async fn a_doubt_is_settled_by_the_container_and_the_list_says_where_it_is() {
    let threads = connector();
    let (server, png) = connected(&threads).await;
    for (variant, words) in [
        (Variant::text("words alone"), "words alone"),
        (with_pictures("a picture", 1, &png), "a picture"),
        (with_pictures("several together", 3, &png), "several together"),
    ] {
        let mut case = Case::new(&threads, &server, variant, &png);
        server.fault(Fault::DropBeforeCommit).await;
        case.publish().await.unwrap_err();
        assert_eq!(case.find().await, Ok(Finding::Absent), "it is finished, and not published");
        let made = server.calls("media").await;
        server.fault(Fault::CommitThenDrop).await;
        case.publish().await.unwrap_err();
        assert_eq!(server.calls("media").await, made, "the same container is published by the next try");
        let Ok(Finding::Live(receipt)) = case.find().await else { panic!("not found") };
        assert_eq!(receipt.id.as_deref(), said(&server, words).await["id"].as_str());
        assert!(receipt.url.unwrap().contains("/threads/web/@harbour.coffee.demo/post/D"));
        assert_eq!(case.publish().await, Err(Failure::Duplicate { existing: None }), "it is never published twice");
    }
    assert_eq!(server.live().await.len(), 3);
}

#[tokio::test]
async fn a_published_container_is_proof_though_the_list_lags_or_shows_two_of_the_same_words() {
    let threads = connector();
    let (server, png) = connected(&threads).await;
    let mut case = Case::new(&threads, &server, Variant::text("the same"), &png);
    server.fault(Fault::CommitThenDrop).await;
    case.publish().await.unwrap_err();
    server.order("list", "lag_reads_ms", json!({"ms": 60_000})).await;
    assert_eq!(case.find().await, Err(Failure::Unavailable), "it will show up");
    Case::new(&threads, &server, Variant::text("the same"), &png).publish().await.unwrap();
    assert_eq!(case.find().await, Ok(Finding::Proved(Receipt::NAMELESS)));
    for (op, kind) in
        [("list", "status"), ("list", "garbage"), ("media_status", "status"), ("media_status", "cut_body")]
    {
        server.order(op, kind, json!({"code": 503})).await;
        assert_eq!(case.find().await, Err(Failure::Unavailable), "{op} {kind}");
    }
}

#[tokio::test]
async fn an_unpublished_container_and_the_same_words_in_the_list_are_for_a_person_to_look_at() {
    let threads = connector();
    let (server, png) = connected(&threads).await;
    let mut case = Case::new(&threads, &server, Variant::text("our office opens"), &png);
    server.fault(Fault::DropBeforeCommit).await;
    case.publish().await.unwrap_err();
    let other = Case::new(&threads, &server, Variant::text("our office opens"), &png).publish().await;
    assert_eq!(case.find().await, Ok(Finding::Resembling(1)));
    case.elsewhere.extend(other.unwrap().receipt.id);
    assert_eq!(case.find().await, Ok(Finding::Absent), "another delivery holds it");
}

#[tokio::test]
async fn where_the_container_is_gone_the_list_decides_and_pictures_without_words_are_for_a_person() {
    let threads = connector();
    let (server, png) = connected(&threads).await;
    let mut told = Vec::new();
    for text in ["with words", ""] {
        let mut case = Case::new(&threads, &server, with_pictures(text, 1, &png), &png);
        server.fault(Fault::CommitThenDrop).await;
        case.publish().await.unwrap_err();
        server.order("media_status", "status", missing()).await;
        told.push(case.find().await);
        assert_eq!(case.publish().await, Err(Failure::Duplicate { existing: None }), "the container stands again");
    }
    assert!(matches!(told[0], Ok(Finding::Found(_))), "{:?}", told[0]);
    assert_eq!(told[1], Ok(Finding::Resembling(1)));
    let mut wordless = Case::new(&threads, &server, with_pictures("", 1, &png), &png);
    server.fault(Fault::DropBeforeCommit).await;
    wordless.publish().await.unwrap_err();
    assert_eq!(wordless.find().await, Ok(Finding::Absent), "somebody's picture is not this one");
}

#[tokio::test]
async fn a_reply_is_told_from_the_same_words_below_another_post_and_from_posts() {
    let threads = connector();
    let (server, png) = connected(&threads).await;
    let pair = || thread(&["a question", "an answer"]);
    let mut other = Case::new(&threads, &server, pair(), &png);
    other.publish().await.unwrap();
    other.publish().await.unwrap();
    Case::new(&threads, &server, Variant::text("an answer"), &png).publish().await.unwrap();
    let mut case = Case::new(&threads, &server, pair(), &png);
    case.publish().await.unwrap();
    server.fault(Fault::DropBeforeCommit).await;
    case.publish().await.unwrap_err();
    assert_eq!(case.find().await, Ok(Finding::Absent), "nobody answered this one");
    server.fault(Fault::CommitThenDrop).await;
    case.publish().await.unwrap_err();
    let Ok(Finding::Live(receipt)) = case.find().await else { panic!("not found") };
    let newest = server.live().await.last().unwrap()["id"].clone();
    assert_eq!(receipt.id.as_deref(), newest.as_str());
}

#[tokio::test]
async fn a_list_is_read_to_its_end_by_its_cursors_alone_and_one_without_an_end_proves_nothing() {
    let threads = connector();
    let (server, png) = connected(&threads).await;
    let mut case = Case::new(&threads, &server, Variant::text("the first of many"), &png);
    server.fault(Fault::CommitThenDrop).await;
    case.publish().await.unwrap_err();
    for n in 0..10 {
        Case::new(&threads, &server, Variant::text(format!("other {n}")), &png).publish().await.unwrap();
    }
    server.set(json!({"threads_page": 3})).await;
    assert!(matches!(case.find().await, Ok(Finding::Live(_))), "it stands on the fourth page");
    assert_eq!(server.calls("list").await, 4);
    server.set(json!({"threads_page": 1})).await;
    assert_eq!(case.find().await, Err(Failure::Unavailable), "more than is read");
}

#[tokio::test]
async fn where_no_reply_says_what_it_answers_the_parts_before_it_are_not_the_lost_one() {
    let threads = connector();
    let (server, png) = connected(&threads).await;
    server.set(json!({"threads_tells_parents": false})).await;
    let mut case = Case::new(&threads, &server, thread(&["a", "x", "x"]), &png);
    for _ in 0..2 {
        case.publish().await.unwrap();
    }
    server.fault(Fault::DropBeforeCommit).await;
    case.publish().await.unwrap_err();
    assert_eq!(case.find().await, Ok(Finding::Absent), "the one before it says the same");
    server.fault(Fault::CommitThenDrop).await;
    case.publish().await.unwrap_err();
    let Ok(Finding::Live(receipt)) = case.find().await else { panic!("not found") };
    let newest = server.live().await.last().unwrap()["id"].clone();
    assert_eq!(receipt.id.as_deref(), newest.as_str());
    server.order("media_status", "status", missing()).await;
    assert_eq!(case.find().await, Ok(Finding::Resembling(1)), "it may answer another post");
}

#[tokio::test]
async fn a_worker_whose_clock_ran_ahead_when_the_container_was_made_hides_no_post() {
    let threads = connector();
    let (server, png) = connected(&threads).await;
    let ahead = server.now() + SignedDuration::from_mins(20);
    let mut case = Case::new(&threads, &server, Variant::text("ahead of its time"), &png);
    case.prepare().await.unwrap();
    case.progress.as_mut().unwrap()["at"] = json!(ahead);
    server.fault(Fault::CommitThenDrop).await;
    case.publish().await.unwrap_err();
    let own = said(&server, "ahead of its time").await["id"].clone();
    let since = server.now() - SignedDuration::from_mins(1);
    let read = async |now| ports::Find::find(&threads, &PublishCall { now, ..case.call() }, since).await;
    assert_eq!(read(server.now()).await, Err(Failure::Unavailable), "a newer one may still show up");
    let Ok(Finding::Live(receipt)) = read(ahead).await else { panic!("not found") };
    assert_eq!(receipt.id.as_deref(), own.as_str());
    server.order("media_status", "status", missing()).await;
    assert!(matches!(read(server.now()).await, Ok(Finding::Found(_))), "the container is gone");
}
