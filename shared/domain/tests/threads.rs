//! A text that is too long for one part becomes a thread.
#![allow(clippy::unwrap_used)]

use domain::MediaId;
use domain::platform::{Limits, LinkCards};
use domain::publishing::{LinkCard, MediaRef, Variant};
use domain::text::TextRule;
use uuid::Uuid;

const LINK: &str = "https://a.example/";

/// Threads of parts of twenty characters, of ten beside media.
fn limits(cards: bool) -> Limits {
    let card = LinkCards { needs_title: false, beside_media: false };
    Limits {
        thread_parts: 5,
        caption: Some(TextRule::Chars { limit: 10 }),
        link_card: cards.then_some(card),
        ..Limits::text_only(TextRule::Chars { limit: 20 })
    }
}

fn texts(variant: &Variant) -> Vec<&str> {
    variant.parts.iter().map(|part| part.text.as_str()).collect()
}

fn linked(text: &str) -> Variant {
    let link = LinkCard { url: LINK.into(), title: Some("A page".into()), description: None };
    Variant { link: Some(link), ..Variant::text(text) }
}

#[test]
fn a_text_that_fits_stays_one_part_and_one_more_character_makes_two() {
    let fits = Variant::text("one two three four f");
    assert_eq!(fits.clone().in_parts(&limits(false), &[]), fits);
    assert_eq!(
        texts(&Variant::text("one two three four fi").in_parts(&limits(false), &[])),
        ["one two three four", "fi"]
    );
    let alone = Limits { thread_parts: 1, ..limits(false) };
    let long = Variant::text("one two three four five");
    assert_eq!(long.clone().in_parts(&alone, &[]), long, "where there are no threads");
}

#[test]
fn a_link_in_the_text_ends_the_last_part_and_a_card_stays_with_the_first() {
    let long = linked("one two three four five");
    let split = long.clone().in_parts(&limits(false), &[]);
    assert_eq!((texts(&split).last().copied(), split.link.as_ref()), (Some(LINK), None), "it is said once");
    let split = long.clone().in_parts(&limits(true), &[]);
    assert_eq!((texts(&split), &split.link), (vec!["one two three four", "five"], &long.link), "and so is a card");
}

#[test]
fn what_stands_beside_media_is_cut_at_the_limit_of_captions_and_the_rest_is_not() {
    let mut long = Variant::text("one two three four five six seven");
    long.parts[0].media = vec![MediaRef::new(MediaId::from_uuid(Uuid::nil()))];
    let split = long.in_parts(&limits(false), &[]);
    assert_eq!(texts(&split), ["one two", "three four five six", "seven"]);
    assert_eq!(split.parts.iter().map(|part| part.media.len()).collect::<Vec<_>>(), [1, 0, 0]);
}
