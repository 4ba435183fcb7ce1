//! The form keeps what a content has, and shows nothing that it would not keep.
#![allow(clippy::unwrap_used)]
use super::*;
use crate::map::Draft;
use domain::publishing::LinkCard;
use std::collections::BTreeMap;

fn typed(form: &[(&str, &str)]) -> (Extras, Vec<FieldError>) {
    let form: BTreeMap<&str, &str> = form.iter().copied().collect();
    Extras::typed(|name| form.get(name).copied().unwrap_or_default())
}

#[test]
fn what_is_typed_is_what_the_content_has_and_comes_back_as_it_was() {
    let (extras, errors) = typed(&[
        ("title", " Harbours "),
        ("summary", "Of ships"),
        ("tags", "ships, harbours"),
        ("categories", "News"),
        ("first_comment", "More below"),
        ("kind", "article"),
        ("visibility", "unlisted"),
        ("replies", "mentioned"),
        ("native_draft", "1"),
        ("made_for_kids", "1"),
        ("quote", "https://platform.example/1"),
        ("thread_delay", "90"),
        ("poll_question", "Where to?"),
        ("poll_options", "North\r\n\r\n South \n"),
        ("poll_minutes", "60"),
        ("poll_multiple", "1"),
    ]);
    assert!(errors.is_empty(), "{errors:?}");
    let mut variant = Variant::text("text");
    extras.write_into(&mut variant);
    let poll = Poll {
        question: Some("Where to?".into()),
        options: vec!["North".into(), "South".into()],
        duration_minutes: 60,
        multiple: true,
    };
    let expected = Variant {
        title: Some("Harbours".into()),
        summary: Some("Of ships".into()),
        tags: vec!["ships".into(), "harbours".into()],
        categories: vec!["News".into()],
        first_comment: Some("More below".into()),
        kind: ContentKind::Article,
        visibility: Visibility::Unlisted,
        reply_restriction: ReplyRestriction::Mentioned,
        draft: true,
        made_for_kids: true,
        quote: Some("https://platform.example/1".into()),
        thread_delay_s: 90,
        poll: Some(poll),
        ..Variant::text("text")
    };
    assert_eq!(variant, expected);
    let mut again = Variant::text("text");
    Extras::of(&variant).write_into(&mut again);
    assert_eq!(again, expected);
    let mut plain = expected;
    Extras::default().write_into(&mut plain);
    assert_eq!(plain, Variant::text("text"));
}

#[test]
fn what_is_no_choice_is_told_and_not_taken_for_what_most_people_see() {
    let (_, errors) = typed(&[("visibility", "nobody"), ("kind", "poem"), ("replies", "1"), ("thread_delay", "-1")]);
    let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["kind", "visibility", "replies", "thread_delay"]);
}

#[test]
fn what_a_browser_would_send_back_otherwise_is_not_shown_in_the_form() {
    let fits = |variant: &Variant| Draft::can_say(variant, &BTreeMap::new());
    let texts = |text: &str| Variant { first_comment: Some(text.into()), ..Variant::text("text") };
    assert!(fits(&texts("More\nbelow")));
    assert!(!fits(&texts("More below\n")), "it would come back without its last line break");
    let titled = |title: &str| Variant { title: Some(title.into()), ..Variant::text("text") };
    assert!(fits(&titled("Ships")) && !fits(&titled("Ships\nand harbours")) && !fits(&titled(" Ships")));
    let card = |description: &str| Variant {
        link: Some(LinkCard { url: "https://example.com".into(), title: None, description: Some(description.into()) }),
        ..Variant::text("text")
    };
    assert!(fits(&card("All of them")) && !fits(&card("All\nof them")));
    assert!(!fits(&Variant { tags: vec!["ships, harbours".into()], ..Variant::text("text") }), "a comma parts tags");
}
