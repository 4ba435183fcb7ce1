//! Answers to messages of others on Discord.

use super::*;
use domain::publishing::check;

/// What somebody said in the channel, by its id.
async fn said(discord: &Discord, server: &Connected, text: &str) -> Receipt {
    let small = picture("image/png", 100);
    Case::new(discord, server, Variant::text(text), &small).publish().await.unwrap().receipt
}

fn answering(text: &str, to: &str) -> Variant {
    Variant { reply_to: Some(to.into()), ..Variant::text(text) }
}

#[tokio::test]
async fn a_message_of_the_channel_is_answered_by_its_id_or_its_link_and_what_follows_answers_the_part_before() {
    let discord = connector();
    let server = connected(&discord).await;
    let small = picture("image/png", 100);
    let there = said(&discord, &server, "what they said").await;
    let id = there.id.unwrap();
    let link = format!("https://discord.com/channels/{}/{id}", server.account.profile.external_id);
    for name in [id.clone(), link, there.url.unwrap()] {
        let threaded = Variant { reply_to: Some(name.clone()), ..thread(&["one", "two"]) };
        let commented = Variant { first_comment: Some("more".into()), ..answering("three", &name) };
        for variant in [threaded, commented] {
            assert_eq!(check(&variant, discord.descriptor(), &[], "/content"), []);
            let mut case = Case::new(&discord, &server, variant, &small);
            case.key = format!("{name} {}", case.key);
            case.publish().await.unwrap();
            case.publish().await.unwrap();
            let live = server.live().await;
            let [.., first, second] = live.as_slice() else { panic!("two are live") };
            assert_eq!((&first["reply_to"], &second["reply_to"]), (&json!(id), &first["id"]), "{name}");
        }
    }
}

#[tokio::test]
async fn a_lost_answer_is_found_below_what_it_answers_and_not_taken_for_the_same_words_elsewhere() {
    let discord = connector();
    let server = connected(&discord).await;
    let small = picture("image/png", 100);
    let (to, other) =
        (said(&discord, &server, "this").await.id.unwrap(), said(&discord, &server, "that").await.id.unwrap());
    // The same words by the same bot: on their own, and below another message.
    for variant in [Variant::text("So it is today"), answering("So it is today", &other)] {
        let mut case = Case::new(&discord, &server, variant.clone(), &small);
        case.key = format!("{:?}", variant.reply_to);
        case.publish().await.unwrap();
    }
    let mut lost = Case::new(&discord, &server, answering("So it is today", &to), &small);
    lost.key = "lost".into();
    server.fault(Fault::DropBeforeCommit).await;
    lost.publish().await.unwrap_err();
    assert_eq!(lost.find().await, Ok(Finding::Absent));
    server.fault(Fault::CommitThenDrop).await;
    lost.publish().await.unwrap_err();
    let Ok(Finding::Found(receipt)) = lost.find().await else { panic!("it is found") };
    let live = server.live().await;
    assert_eq!((&live[4]["id"], &live[4]["reply_to"]), (&json!(receipt.id), &json!(to)));
    assert_eq!(live.len(), 5);
}

#[tokio::test]
async fn a_message_that_is_not_there_is_not_answered_and_a_bot_that_may_not_read_stays_connected() {
    let discord = connector();
    let server = connected(&discord).await;
    let small = picture("image/png", 100);
    for name in [
        "",
        "x",
        "0",
        "01",
        "https://discord.com/channels/1400000000000000001/1300000000000000002/1",
        "https://example.com/channels/1400000000000000001/1300000000000000001/1",
    ] {
        let refused = Case::new(&discord, &server, answering("n", name), &small).publish().await;
        let Err(Failure::Rejected { code, detail }) = refused else { panic!("{name}: {refused:?}") };
        assert!(code == "not_found" && detail.contains("no message of this channel"), "{name}: {detail}");
    }
    assert_eq!(server.requests().await, 0);
    let refused = Case::new(&discord, &server, answering("n", "999"), &small).publish().await;
    assert!(matches!(&refused, Err(Failure::Rejected { code, .. }) if code == "not_found"), "{refused:?}");
    assert_eq!((server.requests().await, server.live().await.len()), (1, 0), "nothing is sent twice");
    let body = json!({ "code": 160_002, "message": "Cannot reply without permission to read message history" });
    server.order("create_post", "status", json!({ "code": 403, "body": body })).await;
    let refused = Case::new(&discord, &server, answering("n", "999"), &small).publish().await;
    assert!(matches!(&refused, Err(Failure::Rejected { code, .. }) if code == "forbidden"), "{refused:?}");
}
