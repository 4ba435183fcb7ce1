use super::*;
use ports::{Amend as _, PublishCall};

#[tokio::test]
async fn another_title_and_text_leave_the_terms_the_address_and_the_pictures_of_a_post_as_they_are() {
    let wordpress = connector();
    let owner = Connected::start(&wordpress, "owner", 0).await;
    let small = small();
    let mut case = Case::new(&wordpress, &owner, article("Openning soon"), &small);
    let receipt = case.publish().await.unwrap().receipt;
    let before = owner.live().await.remove(0);
    case.variant.title = Some("Opening <soon>".into());
    case.variant.summary = Some("Shorter".into());
    case.variant.parts[0].text = "One & only paragraph [gallery]".into();
    case.amend(&receipt).await.unwrap();
    let after = owner.live().await.remove(0);
    let raw = |post: &Value| -> Value { serde_json::from_str(post["raw"].as_str().unwrap()).unwrap() };
    assert_eq!((&after["card"]["title"], &after["card"]["description"]), (&json!("Opening <soon>"), &json!("Shorter")));
    assert!(after["text"].as_str().unwrap().starts_with("One & only paragraph [gallery]"), "{after}");
    for same in ["tags", "categories", "slug"] {
        assert_eq!(raw(&before)[same], raw(&after)[same]);
    }
    assert_eq!(before["card"]["url"], after["card"]["url"], "people find it where it was");
}

#[tokio::test]
async fn of_a_post_with_pictures_the_title_changes_and_the_text_stays() {
    let wordpress = connector();
    let owner = Connected::start(&wordpress, "owner", 0).await;
    let small = small();
    let mut variant = article("One");
    variant.parts[0].media = vec![MediaRef::new(small.0.id), MediaRef::new(small.0.id)];
    let mut case = Case::new(&wordpress, &owner, variant, &small);
    let receipt = case.publish().await.unwrap().receipt;
    let before = owner.live().await.remove(0);
    case.variant.title = Some("Two".into());
    case.amend(&receipt).await.unwrap();
    let after = owner.live().await.remove(0);
    assert_eq!(after["card"]["title"], "Two");
    assert_eq!((&before["text"], &before["media"]), (&after["text"], &after["media"]));
}

#[tokio::test]
async fn what_stays_as_it_was_is_not_sent_so_that_what_people_there_made_of_it_stays() {
    let wordpress = connector();
    let owner = Connected::start(&wordpress, "owner", 0).await;
    let small = small();
    let mut case = Case::new(&wordpress, &owner, article("One"), &small);
    case.variant.summary = Some("A summary".into());
    let receipt = case.publish().await.unwrap().receipt;
    let says = case.variant.clone();
    let theirs = json!({ "title": "Theirs", "content": "<p>Their text</p>", "excerpt": "Their summary" });
    let id = receipt.id.clone().unwrap();
    owner.person(owner.site().post(&format!("wp/v2/posts/{id}")).json(&theirs)).await;
    let shown = async || {
        let post = owner.live().await.remove(0);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        [text(&post["card"]["title"]), text(&post["text"]), text(&post["card"]["description"])]
    };
    let mut expected = ["Theirs".to_owned(), "Their text".to_owned(), "Their summary".to_owned()];
    for n in 0..3 {
        let mut next = says.clone();
        match n {
            0 => next.title = Some("Ours".into()),
            1 => next.parts[0].text = "Our text".into(),
            _ => next.summary = Some("Our summary".into()),
        }
        (case.variant, expected[n]) = (next, ["Ours", "Our text", "Our summary"][n].to_owned());
        wordpress.amend(&PublishCall { part: 0, ..case.call() }, Some(&says), &receipt).await.unwrap();
        let now = shown().await;
        assert!(now[0] == expected[0] && now[2] == expected[2], "{now:?}, not {expected:?}");
        assert!(now[1].starts_with(&expected[1]), "{now:?}, not {expected:?}");
    }
    // Where it is not known what it says, all of it is said.
    wordpress.amend(&PublishCall { part: 0, ..case.call() }, None, &receipt).await.unwrap();
    assert_eq!(shown().await[0], "One");
}
