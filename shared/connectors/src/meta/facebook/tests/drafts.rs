//! Stories that are videos, and drafts.

use super::reels::{film, of, reel, says, uploads};
use super::*;

#[tokio::test]
async fn a_film_is_a_story_where_it_is_asked_for_and_a_doubt_of_it_is_for_a_person() {
    let facebook = connector();
    let server = connected(&facebook).await;
    let film = film();
    let story = |text: &str| of(ContentKind::Story, text, &film);
    assert_eq!(facebook.render(&story("unseen")), [""], "it is approved as it is shown");
    let published = Case::new(&facebook, &server, story("unseen"), &film).publish().await.unwrap().receipt;
    assert!(published.url.unwrap().contains("/stories/"));
    let live = server.live().await;
    assert_eq!((&live[0]["text"], &live[0]["visibility"]), (&json!(""), &json!("story")));
    assert!(server.shown(&live[0]["media"][0]).await == film.1);
    let mut case = Case::new(&facebook, &server, story("lost"), &film);
    server.fault(Fault::DropBeforeCommit).await;
    assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
    assert_eq!(case.find().await, Ok(Finding::Unreadable), "no list has stories");
    server.fault(Fault::CommitThenDrop).await;
    assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
    let Ok(Finding::Proved(receipt)) = case.find().await else { panic!("its own id says that it is out") };
    assert!(receipt.url.as_ref().unwrap().contains("/stories/"));
    assert_eq!(case.publish().await, Err(Failure::Duplicate { existing: Some(receipt) }));
    assert_eq!(server.live().await.len(), 2);
}

#[tokio::test]
async fn a_draft_is_seen_by_nobody_and_proved_only_where_its_video_says_so() {
    let facebook = connector();
    let server = connected(&facebook).await;
    let (film, png) = (film(), picture("image/png", 1_000));
    let draft = |variant: Variant| Variant { draft: true, ..variant };
    for (variant, medium) in [
        (Variant::text("words"), &png),
        (with_pictures("pictures", 2, &png), &png),
        (with_pictures("a film", 1, &film), &film),
        (reel("a reel", &film), &film),
    ] {
        let before = server.live().await.len();
        let mut case = Case::new(&facebook, &server, draft(variant), medium);
        let receipt = case.publish().await.unwrap().receipt;
        let live = server.live().await;
        assert_eq!((live.len(), &live[before]["visibility"]), (before + 1, &json!("draft")), "{receipt:?}");
        case.delete(&receipt).await.unwrap();
        assert_eq!(server.live().await.len(), before, "{receipt:?}");
    }
    let mut case = Case::new(&facebook, &server, draft(Variant::text("lost")), &png);
    server.fault(Fault::CommitThenDrop).await;
    case.publish().await.unwrap_err();
    assert_eq!(case.find().await, Ok(Finding::Unreadable), "no list has drafts");
    for variant in [reel("a lost reel", &film), with_pictures("a lost film", 1, &film)] {
        let mut case = Case::new(&facebook, &server, draft(variant), &film);
        server.fault(Fault::DropBeforeCommit).await;
        case.publish().await.unwrap_err();
        assert_eq!(case.find().await, Ok(Finding::Absent), "its upload was not ended, as it says itself");
        server.fault(Fault::CommitThenDrop).await;
        case.publish().await.unwrap_err();
        assert!(matches!(case.find().await, Ok(Finding::Proved(_))));
        let id = uploads(&case)[0].clone();
        let told = json!({ "id": id, "published": false, "status": { "video_status": "ready" } });
        says(&server, told).await;
        assert_eq!(case.find().await, Ok(Finding::Pending), "that it is ready proves no draft");
    }
}
