//! What a content means, and what it is shown as.
#![allow(clippy::unwrap_used, clippy::panic)]
use super::*;
use domain::MediaId;

#[test]
fn marks_are_added_once_and_only_when_the_text_lacks_them() {
    let tags = ["launch".to_owned(), "#news".to_owned(), " ".to_owned()];
    assert_eq!(with_marks("Big #Launch today", &tags, &["ada".to_owned()]), "Big #Launch today @ada #news");
    assert_eq!(with_marks("", &tags[..1], &[]), "#launch");
    assert_eq!(with_marks("Big #launch.", &tags[..1], &[]), "Big #launch.");
}

#[test]
fn a_name_with_dots_or_a_server_in_it_is_mentioned_once_and_is_not_a_shorter_one() {
    for (text, mention, after) in [
        ("Thanks @ada.bsky.social!", "ada.bsky.social", "Thanks @ada.bsky.social!"),
        ("Thanks (@ada@social.example).", "@ada@social.example", "Thanks (@ada@social.example)."),
        ("Thanks @ada.bsky.social", "ada", "Thanks @ada.bsky.social @ada"),
        ("Thanks @ada.", "ada", "Thanks @ada."),
        ("Thanks @ada,@bo", "bo", "Thanks @ada,@bo"),
    ] {
        assert_eq!(with_marks(text, &[], &[mention.to_owned()]), after);
    }
}

#[test]
fn a_content_survives_the_way_to_a_variant_and_back() {
    let body = ContentBody {
        thread: vec![ThreadPart { text: "a".into(), media: vec![] }, ThreadPart { text: "b".into(), media: vec![] }],
        ..ContentBody::default()
    };
    let variant = body.variant("/content").unwrap();
    assert_eq!(variant.parts.len(), 2);
    assert_eq!(ContentBody::of(&variant).variant("/content").unwrap(), variant);
}

#[test]
fn a_template_survives_it_with_its_parameters_in_their_order() {
    let parameters = vec!["Ada".to_owned(), "42".to_owned()];
    let template = TemplateItem { name: "order_ready".into(), language: "en_US".into(), parameters };
    let body = ContentBody { template: Some(template), ..ContentBody::default() };
    let variant = body.variant("/content").unwrap();
    assert_eq!(variant.template.as_ref().unwrap().parameters, ["Ada", "42"]);
    assert_eq!(ContentBody::of(&variant).variant("/content").unwrap(), variant);
}

#[test]
fn a_thread_beside_a_text_or_pictures_is_refused_wherever_it_stands() {
    let thread = vec![ThreadPart { text: "a".into(), media: vec![] }];
    let media_id: MediaId = "med_0198c0ffee0070008000000000000001".parse().unwrap();
    let picture = MediaItem { media_id, alt_text: None, title: None, captions: vec![], cover_ms: None };
    let text = ContentBody { text: Some("b".into()), thread: thread.clone(), ..ContentBody::default() };
    let media = ContentBody { media: vec![picture], thread, ..ContentBody::default() };
    for (body, field) in [(text, "/variants/x/thread"), (media, "/variants/x/media")] {
        let Err(Error::Invalid(told)) = body.variant("/variants/x") else { panic!("{body:?} is taken") };
        assert_eq!((told[0].code.as_str(), told[0].field.as_str()), ("content_ambiguous", field));
    }
}
