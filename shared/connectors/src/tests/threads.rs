//! What becomes of a text that is too long for one part, by the rules of platforms that differ in it.

use super::*;
use domain::publishing::{LinkCard, MediaRef};

const LINK: &str = "https://example.com/a";

/// A text of some letters, no word twice, and a link, as a thread on a platform.
fn split(platform: &str, letters: usize, media: usize) -> (Variant, Vec<String>) {
    let registry = Registry::new(egress());
    let found = registry.publish();
    let connector = found.all().iter().find(|c| c.descriptor().id.as_str() == platform).unwrap();
    let words: Vec<String> = (0..letters / 9).map(|n| format!("word{n:04} ")).collect();
    let words = words.concat();
    let mut long = Variant::text(&words);
    long.link = Some(LinkCard { url: LINK.into(), title: Some("A page".into()), description: None });
    let shown = picture("image/jpeg", 1_000).0;
    long.parts[0].media = vec![MediaRef::new(shown.id); media];
    let thread = long.in_parts(&connector.descriptor().limits, &[]);
    let broken = check(&thread, connector.descriptor(), &[shown], "");
    (thread, broken.into_iter().map(|violation| violation.code).collect())
}

#[test]
fn where_a_link_stands_in_the_text_it_ends_the_last_part() {
    let (thread, broken) = split("x", 1_000, 0);
    assert!(thread.parts.len() > 3 && thread.parts.last().unwrap().text.ends_with(LINK), "{thread:?}");
    assert_eq!((thread.link, broken), (None, Vec::<String>::new()));
}

#[test]
fn where_a_link_is_a_card_the_thread_keeps_it() {
    for platform in ["bluesky", "threads"] {
        let (thread, broken) = split(platform, 1_500, 0);
        assert!(thread.parts.len() > 2 && !thread.parts.iter().any(|part| part.text.contains(LINK)), "{thread:?}");
        assert_eq!((thread.link.unwrap().url, broken), (LINK.to_owned(), Vec::<String>::new()), "{platform}");
    }
}

#[test]
fn what_stands_beside_a_picture_is_cut_where_captions_end() {
    let (thread, broken) = split("telegram", 3_000, 1);
    let lengths: Vec<usize> = thread.parts.iter().map(|part| part.text.chars().count()).collect();
    assert!(lengths.len() == 2 && lengths[0] <= 1_024 && lengths[1] > 1_024, "{lengths:?}");
    assert_eq!(broken, Vec::<String>::new());
}
