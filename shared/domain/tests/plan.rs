//! What a platform's link cards ask for is data of its descriptor, each rule on its own.
#![allow(missing_docs, clippy::unwrap_used)]

use domain::MediaId;
use domain::platform::{Descriptor, Limits, LinkCards};
use domain::publishing::{LinkCard, MediaRef, Variant, check};
use domain::text::TextRule;
use uuid::Uuid;

fn platform(link_card: Option<LinkCards>) -> Descriptor {
    Descriptor {
        id: "sample".parse().unwrap(),
        aliases: Vec::new(),
        name: "Sample".into(),
        color: "#000000".into(),
        queue: "sample".into(),
        limits: Limits {
            images: 4,
            image_bytes: 1_000,
            alt_text: 100,
            link_card,
            ..Limits::text_only(TextRule::Chars { limit: 100 })
        },
        settle_s: 900,
    }
}

/// The codes about the link of a post with this title and, perhaps, a picture.
fn broken(link_card: Option<LinkCards>, title: Option<&str>, picture: bool) -> Vec<String> {
    let link = LinkCard { url: "https://example.com".into(), title: title.map(str::to_owned), description: None };
    let mut variant = Variant { link: Some(link), ..Variant::text("look") };
    if picture {
        variant.parts[0].media.push(MediaRef { id: MediaId::from_uuid(Uuid::nil()), alt_text: None });
    }
    let found = check(&variant, &platform(link_card), &[], "/content");
    found.into_iter().filter(|v| v.field.starts_with("/content/link")).map(|v| v.code).collect()
}

#[test]
fn a_card_needs_a_title_and_excludes_pictures_only_where_the_platform_says_so() {
    let cards = |needs_title, beside_media| Some(LinkCards { needs_title, beside_media });
    for (link_card, title, picture, expected) in [
        (None, None, true, [].as_slice()),
        (cards(false, true), None, true, &[]),
        (cards(true, true), None, true, &["link_title_missing"]),
        (cards(true, true), Some(" \n"), true, &["link_title_missing"]),
        (cards(true, true), Some("A title"), true, &[]),
        (cards(false, false), None, true, &["link_and_media"]),
        (cards(false, false), None, false, &[]),
        (cards(true, false), None, true, &["link_title_missing", "link_and_media"]),
    ] {
        assert_eq!(broken(link_card, title, picture), expected, "{link_card:?} {title:?} {picture}");
    }
}
