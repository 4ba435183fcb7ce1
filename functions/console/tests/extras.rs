//! What a post has besides text, link and media, through the composer.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod site;

use axum::body::Bytes;
use domain::access::Role;
use domain::publishing::{CaptionTrack, LinkCard, MediaRef, Targeting, Template, Variant};
use site::{PNG, Site, video};
use testing::{Mutant, VIDEOS, Weather, World};

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

const CAPTIONS: &str = "WEBVTT\n\n00:01.000 --> 00:02.500\nHello\n";

/// A world with a platform that has all of it, an account there, and files of the library.
async fn videos() -> (Site, String) {
    let site = Site::of(World::with(7, Weather::calm(), &[VIDEOS], Mutant::None));
    let account = site.world.connect(site.deps(), "videos", "ada").await.unwrap().id.to_string();
    (site, account)
}

async fn stored(site: &Site, bytes: Bytes) -> domain::MediaId {
    app::publishing::upload_media(site.deps(), &site.world.caller, bytes, "").await.unwrap().id
}

#[tokio::test]
async fn a_video_has_its_captions_from_the_library_and_the_instant_of_its_cover_which_are_kept_and_changed() {
    let (site, account) = videos().await;
    let mut editor = site.signed_in(Role::Editor).await;
    let video = stored(&site, video()).await;
    let captions = stored(&site, Bytes::from_static(CAPTIONS.as_bytes())).await;
    let (other, track_id) =
        (stored(&site, Bytes::from_static(CAPTIONS.as_bytes())).await.to_string(), captions.to_string());
    let page = editor.get(&format!("/console/compose?media={video}")).await;
    assert!(
        page.body.contains("name=\"media_0_cover\"") && page.body.contains(&format!("<option value=\"{track_id}\""))
    );
    let words = [("text", "See"), ("target", &*account), ("when", "draft")];
    let said = |cover, language| {
        let more = [("media_0_cover", cover), ("media_0_captions_0", &*track_id), ("media_0_language_0", language)];
        [words.as_slice(), more.as_slice()].concat()
    };
    let made = editor.send_form(&page, "/console/compose", &said("1,5", "en")).await;
    assert_eq!(made.status, 303, "{}", made.body);
    let track = |id, language: &str| CaptionTrack { id, language: language.into(), name: None };
    let expected = MediaRef { captions: vec![track(captions, "en")], cover_ms: Some(1_500), ..MediaRef::new(video) };
    let post = site.posts().await.remove(0).post;
    assert_eq!(post.content.parts[0].media, [expected]);

    let here = format!("/console/compose?post={}", post.id);
    let form = editor.get(&here).await;
    assert!(
        form.body.contains("value=\"1.5\"") && form.body.contains(&format!("<option value=\"{track_id}\" selected"))
    );
    assert!(form.body.contains("name=\"media_0_captions_1\""), "there is room for one more language");
    let more = [("media_0_captions_1", &*other), ("media_0_language_1", "de"), ("media_0_name_1", "Alle")];
    let both = [said("2", "en").as_slice(), more.as_slice()].concat();
    let saved = editor.send_form(&form, &here, &both).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    let medium = site.posts().await.remove(0).post.content.parts[0].media[0].clone();
    assert_eq!((medium.cover_ms, medium.captions[1].name.as_deref()), (Some(2_000), Some("Alle")));
    let full = editor.get(&here).await;
    assert!(!full.body.contains("name=\"media_0_captions_2\""), "the platform takes two");
}

#[tokio::test]
async fn what_is_wrong_with_captions_covers_and_parts_is_told_beside_the_video_and_nothing_typed_is_lost() {
    let (site, account) = videos().await;
    let mut editor = site.signed_in(Role::Editor).await;
    let video = stored(&site, video()).await;
    let (captions, nobodys) =
        (stored(&site, Bytes::from_static(CAPTIONS.as_bytes())).await.to_string(), video.to_string());
    let gone = domain::MediaId::from_uuid(uuid::Uuid::from_u128(99)).to_string();
    let page = editor.get(&format!("/console/compose?media={video}")).await;
    let words = [("text", "See"), ("target", &*account), ("when", "draft")];
    let cases: [(&[(&str, &str)], &str); 8] = [
        (&[("media_0_cover", "soon")], "in seconds"),
        (&[("media_0_cover", "65")], "plays 65000 milliseconds"),
        (&[("media_0_language_0", "en")], "Choose the file"),
        (&[("media_0_captions_0", &captions)], "name the language"),
        (&[("media_0_captions_0", &nobodys), ("media_0_language_0", "en")], "SubRip or WebVTT"),
        (&[("media_0_captions_0", &gone), ("media_0_language_0", "en")], "was deleted"),
        (&[("media_0_part", "0")], "1 is the first"),
        (&[("media_0_part", "2")], "No chosen platform has this part"),
    ];
    for (typed, told) in cases {
        let refused = editor.send_form(&page, "/console/compose", &[words.as_slice(), typed].concat()).await;
        assert_eq!(refused.status, 422, "{typed:?}");
        let error = refused.error_of("media_0").unwrap_or_else(|| panic!("{typed:?}: {}", refused.body));
        assert!(error.to_lowercase().contains(&told.to_lowercase()), "{typed:?}: {error}");
        for (name, value) in typed {
            let field = refused.body.split(&format!("name=\"{name}\"")).nth(1).unwrap();
            let field = field.split("</div>").next().unwrap();
            let chosen = format!("value=\"{value}\"");
            assert!(field.contains(&chosen), "{name} has lost {value}: {field}");
        }
    }
    assert!(site.posts().await.is_empty(), "nothing is written");
}

#[tokio::test]
async fn a_medium_stands_in_the_part_of_a_thread_that_is_named_and_stays_there() {
    let site = Site::new();
    let mut editor = site.signed_in(Role::Editor).await;
    let account = site.world.connect(site.deps(), "readable", "ada").await.unwrap().id.to_string();
    let picture = || stored(&site, Bytes::from_static(PNG));
    let (first, second) = (picture().await, picture().await);
    let (one, two) = (first.to_string(), second.to_string());
    let page = editor.get("/console/compose").await;
    // The form has the later one first.
    let fields = [
        ("text", "One\n---\nTwo"),
        ("media_0_id", &*two),
        ("media_0_part", "2"),
        ("media_1_id", &*one),
        ("target", &*account),
        ("when", "draft"),
    ];
    let made = editor.send_form(&page, "/console/compose", &fields).await;
    assert_eq!(made.status, 303, "{}", made.body);
    let post = site.posts().await.remove(0).post;
    let media = |post: &domain::publishing::Post| -> Vec<Vec<domain::MediaId>> {
        let thread = post.variants.values().next().unwrap();
        thread.parts.iter().map(|part| part.media.iter().map(|medium| medium.id).collect()).collect()
    };
    assert_eq!(media(&post), [[first], [second]]);
    let here = format!("/console/compose?post={}", post.id);
    let form = editor.get(&here).await;
    assert!(form.body.contains("name=\"media_1_part\" value=\"2\""), "{}", form.body);
    let kept = [("text", "One\n---\nTwo"), ("target", &*account), ("media_1_part", "2"), ("when", "draft")];
    let saved = editor.send_form(&form, &here, &kept).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    assert_eq!(media(&site.posts().await.remove(0).post), [[first], [second]]);
}

#[tokio::test]
async fn an_approved_template_and_whom_a_post_is_shown_to_are_filled_in_kept_and_refused_beside_their_fields() {
    let (site, account) = videos().await;
    let mut editor = site.signed_in(Role::Editor).await;
    let page = editor.get("/console/compose").await;
    for name in ["template_name", "targeting_regions"] {
        assert!(page.body.contains(&format!("name=\"{name}\"")), "a connected platform has it: {name}");
    }
    let words = [("target", &*account), ("when", "draft"), ("template_name", "order_ready")];
    let wrong = [("template_parameters", "Ada\n\nBob"), ("targeting_regions", "Europe")];
    let refused =
        editor.send_form(&page, "/console/compose", &[words, [wrong[0], wrong[1], ("kind", "story")]].concat()).await;
    assert_eq!(refused.status, 422);
    for field in ["template_language", "template_parameters", "targeting_regions"] {
        assert!(refused.error_of(field).is_some(), "{field}: {}", refused.body);
    }
    assert!(refused.body.contains("Ada\n\nBob</textarea>") && refused.body.contains("value=\"Europe\""));
    // Only posts of pages are shown to some alone.
    let person = [words.as_slice(), &[("template_language", "en"), ("targeting_regions", "region:1")]].concat();
    let refused = editor.send_form(&page, "/console/compose", &person).await;
    assert!(refused.error_of("targeting_industries").unwrap().contains("pages"), "{}", refused.body);

    let right = [words.as_slice(), &[("template_language", "en"), ("template_parameters", "Ada\nBob")]].concat();
    let made = editor.send_form(&page, "/console/compose", &right).await;
    assert_eq!(made.status, 303, "{}", made.body);
    let post = site.posts().await.remove(0).post;
    let template = |parameters: &[&str]| Template {
        name: "order_ready".into(),
        language: "en".into(),
        parameters: parameters.iter().map(|parameter| (*parameter).to_owned()).collect(),
    };
    assert_eq!(post.content, Variant { template: Some(template(&["Ada", "Bob"])), ..Variant::text("") });
    let here = format!("/console/compose?post={}", post.id);
    let form = editor.get(&here).await;
    assert!(form.body.contains("Ada\nBob</textarea>") && form.body.contains("value=\"order_ready\""));
    let less = [words.as_slice(), &[("template_language", "en")]].concat();
    assert_eq!(editor.send_form(&form, &here, &less).await.status, 303);
    let post = site.posts().await.remove(0).post;
    assert_eq!((post.content.template, post.content.targeting), (Some(template(&[])), Targeting::default()));

    let plain = Site::new();
    plain.world.connect(plain.deps(), "readable", "ada").await.unwrap();
    let mut editor = plain.signed_in(Role::Editor).await;
    let page = editor.get("/console/compose").await;
    for name in ["template_name", "media_0_cover", "media_0_captions_0"] {
        assert!(!page.body.contains(name), "no connected platform has it: {name}");
    }
}
