//! Answers to messages of others on Telegram.

use super::*;

/// What somebody said in the chat, by its number.
async fn said(telegram: &Telegram, server: &Connected, text: &str) -> String {
    let small = picture("image/png", 100);
    Case::new(telegram, server, Variant::text(text), &small).publish().await.unwrap().receipt.id.unwrap()
}

fn answering(text: &str, to: &str) -> Variant {
    Variant { reply_to: Some(to.into()), ..Variant::text(text) }
}

#[tokio::test]
async fn a_message_of_the_chat_is_answered_by_its_number_or_its_link_with_words_files_or_a_poll() {
    let telegram = connector();
    let server = connected(&telegram).await;
    let small = picture("image/png", 100);
    let id = said(&telegram, &server, "what they said").await;
    let pictures = |text: &str, count: usize| {
        let mut variant = answering(text, &id);
        variant.parts[0].media = vec![MediaRef::new(small.0.id); count];
        variant
    };
    let poll = Variant { reply_to: Some(id.clone()), ..crate::tests::poll("Which?", &["This", "That"], 60) };
    for (n, variant) in [
        answering("by its number", &id),
        answering("by its link", &format!("https://t.me/harbour_coffee_demo/{id}")),
        answering("by its number in links", &format!("https://t.me/c/1000000001/{id}")),
        answering("with its chat, as it came in", &format!("-1001000000001/{id}")),
        pictures("a picture", 1),
        pictures("an album", 2),
        poll,
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(check(&variant, telegram.descriptor(), std::slice::from_ref(&small.0), "/content"), [], "{n}");
        Case::new(&telegram, &server, variant, &small).publish().await.unwrap();
        assert_eq!(server.live().await.last().unwrap()["reply_to"], json!(id), "{n}");
    }
}

#[tokio::test]
async fn the_first_part_answers_the_other_message_and_what_follows_answers_the_part_before() {
    let telegram = connector();
    let server = connected(&telegram).await;
    let small = picture("image/png", 100);
    let id = said(&telegram, &server, "what they said").await;
    let threaded = Variant { reply_to: Some(id.clone()), ..thread(&["one", "two"]) };
    let commented = Variant { first_comment: Some("more".into()), ..answering("three", &id) };
    for variant in [threaded, commented] {
        let mut case = Case::new(&telegram, &server, variant, &small);
        case.publish().await.unwrap();
        case.publish().await.unwrap();
        let live = server.live().await;
        let [.., first, second] = live.as_slice() else { panic!("two are live") };
        assert_eq!((&first["reply_to"], &second["reply_to"]), (&json!(id), &first["id"]));
    }
}

#[tokio::test]
async fn a_message_that_is_not_there_is_not_answered_and_nothing_stands_alone_instead() {
    let telegram = connector();
    let server = connected(&telegram).await;
    let small = picture("image/png", 100);
    for name in [
        "",
        "x",
        "0",
        "01",
        "99999999999999999999",
        "https://t.me/lighthouse_labs_demo/1",
        "-1001000000002/1",
        "-1001000000001/",
        "https://t.me/harbour_coffee_demo",
        "https://example.com/harbour_coffee_demo/1",
    ] {
        let refused = Case::new(&telegram, &server, answering("n", name), &small).publish().await;
        let Err(Failure::Rejected { code, detail }) = refused else { panic!("{name}: {refused:?}") };
        assert!(code == "not_found" && detail.contains("no message of this chat"), "{name}: {detail}");
    }
    assert_eq!(server.requests().await, 0);
    let refused = Case::new(&telegram, &server, answering("n", "999"), &small).publish().await;
    let Err(Failure::Rejected { code, detail }) = refused else { panic!("{refused:?}") };
    assert!(code == "not_found" && detail.contains("replied not found"), "{detail}");
    assert_eq!((server.requests().await, server.live().await.len()), (1, 0), "nothing is sent twice");
}
