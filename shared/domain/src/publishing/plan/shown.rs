//! What of a content people read on a platform.

use super::{media, pictures};
use crate::platform::{Descriptor, LinkWords};
use crate::publishing::{ContentKind, LinkCard, Media, MediaRef, Variant};
use crate::text::has_link;

/// `variant` without the texts that [`super::left_out`] tells of, and without the title and description of a link where the
/// platform shows its address alone. A story keeps no words at all but the alternative text of what it shows.
pub(in super::super) fn shown(variant: &Variant, descriptor: &Descriptor, media: &[Media]) -> Variant {
    let descriptor = &*descriptor.of_content(variant);
    let limits = &descriptor.limits;
    let is_story = variant.kind == ContentKind::Story;
    let wordless = is_story || (variant.draft && limits.wordless_drafts);
    let mut shown = variant.clone();
    let probe = |reference: &MediaRef| media.iter().find(|m| m.id == reference.id).and_then(|m| m.probe.as_ref());
    for part in &mut shown.parts {
        if wordless {
            part.text.clear();
        }
        for reference in &mut part.media {
            if media::is_left_out(probe(reference), variant.kind, descriptor) {
                reference.alt_text = None;
            }
            if is_story || !media::is_titled(probe(reference), descriptor) {
                reference.title = None;
            }
            // What tracks are called is the platform's menu, and nobody's text.
            reference.captions.clear();
        }
    }
    if wordless {
        shown.link = None;
    }
    let has_address = |link: &LinkCard| variant.parts.first().is_some_and(|part| has_link(&part.text, &link.url));
    if let Some(link) = &mut shown.link {
        let words = match limits.link_card {
            Some(card) if card.needs_title => LinkWords::All,
            // It reads the page itself.
            Some(_) => LinkWords::None,
            None if has_address(link) => LinkWords::None,
            None => limits.link_words,
        };
        link.title = link.title.take().filter(|_| words != LinkWords::None);
        link.description = link.description.take().filter(|_| words == LinkWords::All);
    }
    let titled = limits.title.is_some() || pictures::are_titled(variant, limits, media);
    shown.title = shown.title.filter(|_| titled && !is_story);
    shown.summary = shown.summary.filter(|_| limits.summary.is_some() && !is_story);
    if limits.tags.is_none() || is_story {
        shown.tags.clear();
    }
    if limits.categories.is_none() || is_story {
        shown.categories.clear();
    }
    shown.template = shown.template.filter(|_| limits.template.is_some() && !is_story);
    shown
}
