use super::*;
use ports::Amend as _;

#[tokio::test]
async fn another_title_and_description_leave_the_rest_of_a_video_as_it_is() {
    let youtube = connector();
    let server = Connected::start(&youtube, ADA, 0).await;
    let film = film(3_000);
    let variant = Variant { tags: vec!["harbour".into(), "two words".into()], ..of_film(&film) };
    let mut case = Case::new(&youtube, &server, variant, &film);
    let receipt = case.publish().await.unwrap().receipt;
    let before = said(&server).await;
    case.variant.title = Some("A better film".into());
    case.variant.parts[0].text = "How it really was".into();
    case.amend(&receipt).await.unwrap();
    let after = said(&server).await;
    assert_eq!(after["title"], "A better film");
    assert_eq!(after["tags"], json!(["harbour", "two words"]));
    assert_eq!((&after["categoryId"], &after["thumbnail"]), (&before["categoryId"], &before["thumbnail"]));
    let live = server.live().await;
    assert_eq!((&live[0]["text"], &live[0]["visibility"]), (&json!("How it really was"), &json!("public")));
}

#[tokio::test]
async fn a_lost_answer_to_a_change_is_no_proof_of_either() {
    let youtube = connector();
    let server = Connected::start(&youtube, ADA, 0).await;
    let film = film(3_000);
    let mut case = Case::new(&youtube, &server, of_film(&film), &film);
    let receipt = case.publish().await.unwrap().receipt;
    for fault in [Fault::CommitThenDrop, Fault::DropBeforeCommit, Fault::Garbage] {
        server.fault(fault).await;
        let lost = youtube.amend(&case.call(), None, &receipt).await;
        assert!(matches!(lost, Err(Failure::Unconfirmed { .. })), "{fault:?}: {lost:?}");
    }
    case.before.clear();
    case.amend(&receipt).await.unwrap();
}

#[tokio::test]
async fn the_languages_that_people_gave_a_video_stay_when_its_words_change() {
    let youtube = connector();
    let server = Connected::start(&youtube, ADA, 0).await;
    let film = film(3_000);
    let mut case = Case::new(&youtube, &server, of_film(&film), &film);
    let receipt = case.publish().await.unwrap().receipt;
    let snippet = json!({ "title": "A film", "description": "", "categoryId": said(&server).await["categoryId"],
                          "defaultLanguage": "de", "defaultAudioLanguage": "nl" });
    let there =
        Call::put(api(&server.app, "videos?part=snippet")).json(&json!({ "id": receipt.id, "snippet": snippet }));
    assert_eq!(server.by_hand(there).await, 200);
    case.variant.parts[0].text = "How it really was".into();
    case.amend(&receipt).await.unwrap();
    let after = said(&server).await;
    assert_eq!((&after["defaultLanguage"], &after["defaultAudioLanguage"]), (&json!("de"), &json!("nl")));
    assert_eq!(server.live().await[0]["text"], "How it really was");
}
