//! The check of posts that are pictures alone, where the platform makes them otherwise than its other posts.

use super::{Violation, check_length};
use crate::platform::{Descriptor, Limits};
use crate::publishing::{Media, MediaKind, MediaSource, Part, Variant};

/// Whether a part shows pictures and nothing else, as far as is known.
pub(crate) fn is_of_pictures(part: &Part, media: &[Media]) -> bool {
    let kind = |id| media.iter().find(|medium| medium.id == id)?.probe.as_ref().map(super::super::Probe::kind);
    !part.media.is_empty() && part.media.iter().all(|reference| kind(reference.id) == Some(MediaKind::Picture))
}

/// Whether a content has a title on the platform because it shows pictures.
pub(super) fn are_titled(variant: &Variant, limits: &Limits, media: &[Media]) -> bool {
    let titled = limits.pictures.as_ref().is_some_and(|rule| rule.title.is_some());
    let bare = variant.draft && limits.wordless_drafts;
    titled && !bare && variant.parts.first().is_some_and(|part| is_of_pictures(part, media))
}

pub(super) fn check(variant: &Variant, descriptor: &Descriptor, media: &[Media], at: &str, out: &mut Vec<Violation>) {
    let Some(rule) = &descriptor.limits.pictures else { return };
    if let (Some(of_title), true) = (&rule.title, are_titled(variant, &descriptor.limits, media)) {
        let title = variant.title.as_deref().unwrap_or_default();
        check_length(title, of_title, descriptor, format!("{at}/title"), out);
    }
    let elsewhere = |medium: &Media| match &medium.source {
        MediaSource::Url { url } => !url.starts_with(&rule.below),
        MediaSource::Upload { .. } => false,
    };
    let is_picture = |medium: &Media| medium.probe.as_ref().is_some_and(|probe| probe.kind() == MediaKind::Picture);
    for (i, part) in variant.parts.iter().enumerate() {
        for (j, reference) in part.media.iter().enumerate() {
            let medium = media.iter().find(|medium| medium.id == reference.id);
            if medium.is_some_and(|medium| is_picture(medium) && elsewhere(medium)) {
                let detail = format!(
                    "{} fetches pictures itself, and only from below {}: upload this one instead",
                    descriptor.name, rule.below
                );
                out.push(Violation::of(descriptor, "url_not_allowed", format!("{at}/parts/{i}/media/{j}"), detail));
            }
        }
    }
}
