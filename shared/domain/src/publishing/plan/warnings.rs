//! What people are told of a content that is taken all the same.

use super::{may_be_refused, media, pictures, without_template};
use crate::platform::{Descriptor, Feature};
use crate::publishing::{ContentKind, Media, MediaKind, MediaRef, Variant, Visibility};
use crate::text::links;

/// What of `variant` is not as its author may think, in words: what is not sent to the platform, what it may refuse, whom it does
/// not reach, and what is charged for it. No reason to refuse the post.
pub fn warnings(variant: &Variant, descriptor: &Descriptor, media: &[Media]) -> Vec<String> {
    let mut out = left_out(variant, descriptor, media);
    out.extend(undescribed(variant, descriptor, media));
    out.extend(may_be_refused(variant, descriptor, media));
    out.extend(without_template(variant, descriptor));
    out.extend(descriptor.limits.of_content(variant).charges.clone());
    out
}

/// What `variant` costs where a price is known, in millionths of a US dollar: of each step, whose `texts` these are as they are sent, what the
/// platform charges for it, more where it has a link. None where nothing is known.
pub fn cost<'a>(variant: &Variant, descriptor: &Descriptor, texts: impl IntoIterator<Item = &'a str>) -> Option<u64> {
    let of = |(step, text): (usize, &str)| {
        // A comment is a post, whatever it stands below.
        let limits = if variant.is_comment(step) { &descriptor.limits } else { descriptor.limits.of_content(variant) };
        let price = limits.price?;
        Some(if links(text).next().is_some() { price.link_usd_micros } else { price.step_usd_micros })
    };
    texts.into_iter().enumerate().map(of).sum()
}

/// What the platform would tell those who do not see a picture or video, and nobody wrote, in words.
pub fn undescribed(variant: &Variant, descriptor: &Descriptor, media: &[Media]) -> Vec<String> {
    let descriptor = &*descriptor.of_content(variant);
    let probe = |reference: &MediaRef| media.iter().find(|m| m.id == reference.id).and_then(|m| m.probe.as_ref());
    let silent = |reference: &&MediaRef| reference.alt_text.as_deref().is_none_or(|text| text.trim().is_empty());
    let has_place = |reference: &&MediaRef| {
        let shown = probe(reference).filter(|probe| matches!(probe.kind(), MediaKind::Picture | MediaKind::Video));
        shown.is_some() && !media::is_left_out(shown, variant.kind, descriptor)
    };
    let count = variant.media().filter(silent).filter(has_place).count();
    let name = &descriptor.name;
    let told = || {
        format!(
            "{count} of the pictures and videos have no alternative text, which {name} tells those who do not see them"
        )
    };
    (count > 0).then(told).into_iter().collect()
}

/// What of `variant` the platform has no place for, so that it is left out there, in words: it describes the content, and the
/// post says the same without it; or it is written with a story, which shows its picture or video alone.
pub fn left_out(variant: &Variant, descriptor: &Descriptor, media: &[Media]) -> Vec<String> {
    let descriptor = &*descriptor.of_content(variant);
    let limits = &descriptor.limits;
    let says = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.trim().is_empty());
    let given = [
        (
            Feature::Title,
            says(&variant.title) && limits.title.is_none() && !pictures::are_titled(variant, limits, media),
        ),
        (Feature::Summary, says(&variant.summary) && limits.summary.is_none()),
        (Feature::Tags, !variant.tags.is_empty() && limits.tags.is_none()),
        (Feature::Categories, !variant.categories.is_empty() && limits.categories.is_none()),
        (Feature::MadeForKids, variant.made_for_kids && !limits.has.contains(&Feature::MadeForKids)),
    ];
    let name = &descriptor.name;
    let missing = given.into_iter().filter(|(_, missing)| *missing);
    let words = |feature: Feature| match limits.reasons.get(&feature) {
        Some(reason) => format!("not sent to {name}: {reason}"),
        None => format!("{name} has no {}: not sent there", feature.words()),
    };
    let mut out: Vec<String> = missing.map(|(feature, _)| words(feature)).collect();
    let probe = |reference: &MediaRef| media.iter().find(|m| m.id == reference.id).and_then(|m| m.probe.as_ref());
    let described = |reference: &&MediaRef| says(&reference.alt_text);
    let is_left_out = |r: &&MediaRef| media::is_left_out(probe(r), variant.kind, descriptor);
    let unseen = variant.media().filter(described).filter(is_left_out).count();
    if unseen > 0 {
        out.push(format!("{name} takes no alternative text of {unseen} of the pictures and videos: not sent there"));
    }
    let titled = |reference: &&MediaRef| says(&reference.title);
    let unnamed = variant.media().filter(titled).filter(|r| !media::is_titled(probe(r), descriptor)).count();
    if unnamed > 0 {
        out.push(format!("{name} has no titles of {unnamed} of the pictures and videos: not sent there"));
    }
    let chosen = |reference: &&MediaRef| reference.cover_ms.is_some();
    let uncovered =
        variant.media().filter(chosen).filter(|r| !media::is_covered(probe(r), variant, descriptor)).count();
    if uncovered > 0 {
        out.push(format!("the chosen cover of {uncovered} of the videos is not sent to {name}"));
    }
    if variant.draft && variant.visibility != Visibility::Public && limits.has.contains(&Feature::Draft) {
        out.push(format!("nobody sees a draft on {name}: who may see the post is chosen when it is published there"));
    }
    let worded = variant.link.is_some() || variant.parts.iter().any(|part| !part.text.trim().is_empty());
    if variant.draft && limits.wordless_drafts && worded {
        out.push(format!(
            "a draft on {name} has no words: its text is not sent there, and written when it is published"
        ));
    }
    if variant.kind == ContentKind::Story && worded {
        out.push(format!("{name} shows a story without words: its text is not sent there"));
    }
    out
}
