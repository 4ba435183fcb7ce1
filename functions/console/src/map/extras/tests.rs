//! The form keeps what a content has, and shows nothing that it would not keep.
#![allow(clippy::unwrap_used)]
use super::*;
use crate::map::Draft;
use domain::publishing::{CaptionTrack, LinkCard, MediaRef, Part};
use domain::{MediaId, PlatformId};
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
        ("answers", "https://platform.example/2"),
        ("quote", "https://platform.example/1"),
        ("thread_delay", "90"),
        ("poll_question", "Where to?"),
        ("poll_options", "North\r\n\r\n South \n"),
        ("poll_minutes", "60"),
        ("poll_multiple", "1"),
        ("template_name", "order_ready"),
        ("template_language", "en_US"),
        ("template_parameters", "Ada\r\n Tuesday \r\n"),
        ("targeting_industries", "industry:1, industry:2"),
        ("targeting_regions", "region:7"),
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
        reply_to: Some("https://platform.example/2".into()),
        quote: Some("https://platform.example/1".into()),
        thread_delay_s: 90,
        poll: Some(poll),
        template: Some(Template {
            name: "order_ready".into(),
            language: "en_US".into(),
            parameters: vec!["Ada".into(), "Tuesday".into()],
        }),
        targeting: Targeting {
            industries: vec!["industry:1".into(), "industry:2".into()],
            regions: vec!["region:7".into()],
            ..Targeting::default()
        },
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
    let template = |parameter: &str| {
        let parameters = vec!["Ada".into(), parameter.into(), "Bob".into()];
        let template = Template { name: "ready".into(), language: "en".into(), parameters };
        Variant { template: Some(template), ..Variant::text("") }
    };
    assert!(fits(&template("on Tuesday")) && fits(&template("")), "what would be refused is shown to be mended");
    assert!(!fits(&template("on\nTuesday")), "a line is a parameter");
    let only = |region: &str| {
        let targeting = Targeting { regions: vec![region.into()], ..Targeting::default() };
        Variant { targeting, ..Variant::text("text") }
    };
    assert!(fits(&only("region:1")) && !fits(&only("region:1, region:2")));
}

#[test]
fn media_of_a_post_are_shown_with_all_that_is_said_of_them_and_the_part_that_they_stand_in() {
    let id = |n: u128| MediaId::from_uuid(uuid::Uuid::from_u128(n));
    let track = CaptionTrack { id: id(9), language: "pt-BR".into(), name: Some("All".into()) };
    let video = MediaRef {
        alt_text: Some("A harbour".into()),
        title: Some("Ships".into()),
        captions: vec![track],
        cover_ms: Some(1_050),
        ..MediaRef::new(id(1))
    };
    let media = vec![video, MediaRef::new(id(2)), MediaRef::new(id(3))];
    let thread = |layout: &[&[usize]]| Variant {
        parts: layout
            .iter()
            .enumerate()
            .map(|(i, of)| Part { text: i.to_string(), media: of.iter().map(|m| media[*m].clone()).collect() })
            .collect(),
        ..Variant::default()
    };
    let single =
        Variant { parts: vec![Part { text: "0\n---\n1\n---\n2".into(), media: media.clone() }], ..Variant::default() };
    let on = |variants: &[(&str, Variant)]| -> BTreeMap<PlatformId, Variant> {
        variants.iter().map(|(slug, variant)| (slug.parse().unwrap(), variant.clone())).collect()
    };
    let long = thread(&[&[0], &[], &[1, 2]]);
    let all = on(&[("one", long.clone()), ("two", thread(&[&[0], &[1, 2]]))]);
    assert!(Draft::can_say(&single, &all), "where there are fewer parts it stands in the last");
    let draft = Draft::saying(&single, &all, &[]);
    let shown: Vec<&str> = draft.rows.iter().map(|row| row.part.as_str()).collect();
    assert_eq!((shown, draft.rows[0].cover.as_str()), (vec!["", "3", "3"], "1.05"));
    let references = draft.references();
    assert_eq!(references.iter().map(|(_, medium)| medium.clone()).collect::<Vec<_>>(), media);
    assert!(Draft::can_say(&long, &BTreeMap::new()), "a thread on every platform");
    let torn = on(&[("one", long.clone()), ("two", thread(&[&[0, 1], &[2]]))]);
    assert!(!Draft::can_say(&single, &torn), "no part of its own has it so on both");
    let mut worded = single.clone();
    worded.parts[0].media[0].captions[0].language = " en".into();
    assert!(!Draft::can_say(&worded, &BTreeMap::new()), "it would come back without the space");
}
