//! Answers to posts of others on Mastodon.

use super::*;
use domain::publishing::check;

/// What another account of the same server said.
async fn theirs(mastodon: &Mastodon, server: &Connected, text: &str) -> Receipt {
    let keyed = Keys::check(mastodon, &server.app, &server.sandbox.keys("mastodon", "bo").await).await.unwrap();
    let mut other = server.with(keyed.pair.access);
    other.account.profile = keyed.profile;
    let small = picture("image/png", 100);
    Case::new(mastodon, &other, Variant::text(text), &small).publish().await.unwrap().receipt
}

fn answering(text: &str, to: &str) -> Variant {
    Variant { reply_to: Some(to.into()), ..Variant::text(text) }
}

#[tokio::test]
async fn a_post_of_anybody_is_answered_by_its_number_or_its_address_on_the_accounts_own_server() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    let small = picture("image/png", 100);
    let there = theirs(&mastodon, &server, "what they said").await;
    let (id, home) = (there.id.unwrap(), server.account.profile.home.clone().unwrap());
    for (n, name) in [
        id.clone(),
        there.url.unwrap(),
        // As a server shows posts that came from elsewhere.
        format!("{home}/@bo@elsewhere.example/{id}"),
        format!("{home}/users/bo/statuses/{id}?x=y#z"),
    ]
    .iter()
    .enumerate()
    {
        let text = format!("so it is {n}");
        let mut case = Case::new(&mastodon, &server, answering(&text, name), &small);
        assert_eq!(check(&case.variant, mastodon.descriptor(), &[], "/content"), []);
        let receipt = case.publish().await.unwrap().receipt;
        let live = server.live().await;
        let said = live.iter().find(|post| post["id"] == json!(receipt.id)).unwrap();
        assert_eq!((&said["text"], &said["reply_to"]), (&json!(text), &json!(id)), "{name}");
        case.delete(&receipt).await.unwrap();
    }
    assert_eq!(server.live().await.len(), 1, "an answer is deleted like any post");
}

#[tokio::test]
async fn the_first_part_answers_the_other_post_and_what_follows_answers_the_part_before() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    let small = picture("image/png", 100);
    let to = theirs(&mastodon, &server, "what they said").await.id.unwrap();
    let threaded = Variant { reply_to: Some(to.clone()), ..thread(&["one", "two", "three"]) };
    let commented = Variant { first_comment: Some("more".into()), ..answering("four", &to) };
    for (variant, steps) in [(threaded, 3), (commented, 2)] {
        let mut case = Case::new(&mastodon, &server, variant, &small);
        let mut parent = json!(to);
        for _ in 0..steps {
            let receipt = case.publish().await.unwrap().receipt;
            let live = server.live().await;
            assert_eq!(live.last().unwrap()["reply_to"], parent);
            parent = json!(receipt.id);
        }
    }
}

#[tokio::test]
async fn a_lost_answer_is_found_below_what_it_answers_and_not_taken_for_the_same_words_elsewhere() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    let small = picture("image/png", 100);
    let (to, other) =
        (theirs(&mastodon, &server, "this").await.id.unwrap(), theirs(&mastodon, &server, "that").await.id.unwrap());
    // The same words by the same account: on their own, and below another post.
    for variant in [Variant::text("So it is today"), answering("So it is today", &other)] {
        let mut case = Case::new(&mastodon, &server, variant.clone(), &small);
        case.key = format!("{variant:?}");
        case.publish().await.unwrap();
    }
    let mut lost = Case::new(&mastodon, &server, answering("So it is today", &to), &small);
    lost.key = "lost".into();
    server.fault(Fault::DropBeforeCommit).await;
    assert!(matches!(lost.publish().await, Err(Failure::Unconfirmed { .. })));
    assert_eq!(lost.find().await, Ok(Finding::Absent));
    server.fault(Fault::CommitThenDrop).await;
    assert!(matches!(lost.publish().await, Err(Failure::Unconfirmed { .. })));
    let Ok(Finding::Found(receipt)) = lost.find().await else { panic!("it is found") };
    let live = server.live().await;
    assert_eq!(live.last().unwrap()["reply_to"], json!(to));
    assert_eq!((live.len(), receipt.id.as_deref()), (5, live[4]["id"].as_str()));
    // Nor are the same words below a post taken for a post of its own.
    let mut alone = Case::new(&mastodon, &server, answering("Something else today", &to), &small);
    alone.publish().await.unwrap();
    alone.variant.reply_to = None;
    alone.before.clear();
    assert_eq!(alone.find().await, Ok(Finding::Absent));
}

#[tokio::test]
async fn what_names_no_post_of_the_server_is_refused_before_anything_is_uploaded_or_sent() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    let small = picture("image/png", 100);
    let home = server.account.profile.home.clone().unwrap();
    for name in [
        "",
        "x",
        "0",
        "007",
        "1/../2",
        "https://elsewhere.example/@bo/109348112233445502",
        &home,
        &format!("{home}/@bo"),
        &format!("{home}/@/109348112233445502"),
        &format!("{home}/bo/109348112233445502"),
        &format!("{home}/@bo/109348112233445502/embed"),
        &format!("{home}/@bo/x"),
        &"1".repeat(5_000),
    ] {
        for pictures in [&[None][..], &[]] {
            let variant = Variant { reply_to: Some(name.into()), ..with_pictures("look", &small, pictures) };
            let refused = Case::new(&mastodon, &server, variant, &small).publish().await;
            assert!(
                matches!(&refused, Err(Failure::Rejected { code, .. }) if code == "not_found"),
                "{name}: {refused:?}"
            );
        }
    }
    assert_eq!((server.requests().await, server.calls("media").await), (0, 0));
}

#[tokio::test]
async fn an_answer_to_what_is_gone_or_may_not_be_answered_is_refused_for_good_in_the_servers_words() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    let small = picture("image/png", 100);
    let mut case = Case::new(&mastodon, &server, answering("so it is", "109348112233449999"), &small);
    let before = server.requests().await;
    let Err(Failure::Rejected { code, detail }) = case.publish().await else { panic!("it is taken") };
    assert_eq!((code.as_str(), server.requests().await - before), ("not_found", 1), "nothing is sent twice");
    assert!(detail.contains("does not appear to exist"), "{detail}");
    let to = theirs(&mastodon, &server, "what they said").await.id.unwrap();
    server.order("create_post", "status", json!({"code": 403, "body": {"error": "This action is not allowed"}})).await;
    let refused = Case::new(&mastodon, &server, answering("so it is", &to), &small).publish().await;
    assert!(matches!(&refused, Err(Failure::Rejected { code, .. }) if code == "forbidden"), "{refused:?}");
    assert_eq!(server.live().await.len(), 1);
}
