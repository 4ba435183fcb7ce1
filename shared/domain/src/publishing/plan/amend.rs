//! The check of what is to be said instead of what is live: the words may change as far as the platform lets them, and nothing else.

use super::Violation;
use crate::platform::{Descriptor, Feature};
use crate::publishing::{ContentKind, Variant};

/// What a platform where `says` is live would say of `wanted`: of titles and summaries, which not every platform has, it keeps those that
/// nobody sees there. Where it is `says`, there is nothing to change on that platform.
#[must_use]
pub fn amended_there(says: &Variant, wanted: &Variant, descriptor: &Descriptor) -> Variant {
    let limits = descriptor.limits.of_content(wanted);
    let mut there = wanted.clone();
    // Some show one with pictures alone; what is pictures is not known here, so it counts as seen.
    if limits.title.is_none() && limits.pictures.as_ref().is_none_or(|rule| rule.title.is_none()) {
        there.title.clone_from(&says.title);
    }
    if limits.summary.is_none() {
        there.summary.clone_from(&says.summary);
    }
    there
}

/// Every rule that a change from `says` to `wanted` breaks on a platform where the former is live. What the latter is by itself is
/// checked elsewhere ([`super::check`]). `at` is the JSON Pointer of the variant in the request.
pub fn check_amend(says: &Variant, wanted: &Variant, descriptor: &Descriptor, at: &str) -> Vec<Violation> {
    let (name, wanted) = (&descriptor.name, &amended_there(says, wanted, descriptor));
    // An answer that is a comment is changed as comments are.
    let answer = descriptor.limits.of_answer(wanted).map(|_| descriptor.of_content(wanted));
    let descriptor = answer.as_deref().unwrap_or(descriptor);
    let Some(rule) = descriptor.limits.amend else {
        return vec![Violation::unsupported(descriptor, Feature::Amend, at.to_owned())];
    };
    let mut out = Vec::new();
    let mut refused = |field: &str, detail: String| {
        out.push(Violation::of(descriptor, "not_amendable", format!("{at}{field}"), detail));
    };
    if says.without_words() != wanted.without_words() {
        let detail =
            "it is live: only its texts, title and summary can be changed; all else must stay as it is".to_owned();
        refused("", detail);
        return out;
    }
    for (i, (old, new)) in
        says.parts.iter().zip(&wanted.parts).enumerate().filter(|(_, (old, new))| old.text != new.text)
    {
        let field = format!("/parts/{i}/text");
        if new.text.trim().is_empty() != old.text.trim().is_empty() {
            refused(&field, format!("{name} changes a live text only to another text, and adds none: write one"));
        } else if !old.media.is_empty() && !rule.beside_media {
            refused(&field, format!("{name} does not change the text beside pictures and videos once it is live"));
        } else if wanted.poll.is_some() && i == 0 {
            refused(&field, format!("{name} does not change what a poll says once it is live"));
        } else if wanted.kind == ContentKind::Story {
            refused(&field, format!("{name} shows a story without words: there are none to change"));
        }
    }
    for (field, old, new) in [("/title", &says.title, &wanted.title), ("/summary", &says.summary, &wanted.summary)] {
        if old != new && !rule.titles {
            refused(field, format!("{name} changes the text of a live post only: leave this as it was"));
        }
    }
    out
}
