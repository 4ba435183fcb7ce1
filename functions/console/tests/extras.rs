//! What a post has besides text, link and media, through the composer.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod site;

use domain::access::Role;
use domain::publishing::{LinkCard, Variant};
use site::Site;

#[tokio::test]
async fn what_a_post_has_besides_its_text_is_filled_in_kept_and_changed_in_the_form() {
    let site = Site::new();
    let mut editor = site.signed_in(Role::Editor).await;
    let account = site.world.connect(site.deps(), "readable", "ada").await.unwrap().id.to_string();
    let page = editor.get("/console/compose").await;
    assert!(page.body.contains("name=\"first_comment\""), "a connected platform has it");
    assert!(!page.body.contains("name=\"categories\""), "no connected platform has it");
    let fields = [
        ("text", "One"),
        ("link", "https://example.com/beans"),
        ("link_title", "Beans"),
        ("link_description", "All of them"),
        ("first_comment", "More & more"),
        ("thread_delay", "90"),
        ("target", &*account),
        ("when", "draft"),
    ];
    let made = editor.send_form(&page, "/console/compose", &fields).await;
    assert_eq!(made.status, 303, "{}", made.body);
    let post = site.posts().await.remove(0).post;
    assert_eq!((post.content.first_comment.as_deref(), post.content.thread_delay_s), (Some("More & more"), 90));
    let card = LinkCard {
        url: "https://example.com/beans".into(),
        title: Some("Beans".into()),
        description: Some("All of them".into()),
    };
    assert_eq!(post.content.link, Some(card));
    let here = format!("/console/compose?post={}", post.id);
    let form = editor.get(&here).await;
    assert!(form.body.contains("More &amp; more</textarea>") && form.body.contains("value=\"90\""), "{}", form.body);
    let fields = [("text", "One"), ("first_comment", "Less"), ("target", &*account), ("when", "draft")];
    let saved = editor.send_form(&form, &here, &fields).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    let post = site.posts().await.remove(0).post;
    assert_eq!(post.content, Variant { first_comment: Some("Less".into()), ..Variant::text("One") });
}

#[tokio::test]
async fn what_a_platform_does_not_have_is_refused_beside_its_field_and_nothing_typed_is_lost() {
    let site = Site::new();
    let mut editor = site.signed_in(Role::Editor).await;
    let account = site.world.connect(site.deps(), "readable", "ada").await.unwrap().id.to_string();
    let page = editor.get("/console/compose").await;
    let fields = [
        ("text", "Hello"),
        ("kind", "story"),
        ("poll_options", "North\nSouth"),
        ("poll_minutes", "60"),
        ("visibility", "nobody"),
        ("target", &*account),
        ("when", "now"),
    ];
    let refused = editor.send_form(&page, "/console/compose", &fields).await;
    assert_eq!(refused.status, 422);
    for field in ["kind", "poll_options", "visibility"] {
        assert!(refused.error_of(field).is_some(), "{field}: {}", refused.body);
    }
    assert!(refused.body.contains("North\nSouth</textarea>") && refused.body.contains("id=\"extras\" open"));
    assert!(site.posts().await.is_empty(), "nothing is written");
}
