use super::*;

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
