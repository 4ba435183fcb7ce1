//! The check of a video's captions.

use super::Violation;
use super::media::{of_size, of_type};
use super::video::Asked;
use crate::platform::{CaptionRule, Descriptor, Feature};
use crate::publishing::{CaptionTrack, Media, MediaKind, MediaRef, media_name};

/// Longest name of a track, in characters; ours.
const MAX_NAME: usize = 150;
/// Longest language tag, in characters: as long as tags need be that are kept in a fixed size (RFC 5646, 4.4.1).
const MAX_LANGUAGE: usize = 35;

pub(super) fn captions(
    reference: &MediaRef,
    kind: MediaKind,
    asked: Option<&Asked>,
    (descriptor, media): (&Descriptor, &[Media]),
    field: &str,
    out: &mut Vec<Violation>,
) {
    if reference.captions.is_empty() {
        return;
    }
    let (field, name) = (format!("{field}/captions"), &descriptor.name);
    if kind != MediaKind::Video {
        out.push(Violation::new("captions_invalid", field, "only videos have captions: leave them out"));
        return;
    }
    // That the platform takes no videos is told already.
    let Some(asked) = asked else { return };
    let Some(rule) = &asked.rule.captions else {
        // Most platforms have captions, in their own apps at least: none is told to have no such thing.
        let not_yet = || {
            format!(
                "Herald sends no captions to {name} yet: leave them out, or give this platform a content of its own"
            )
        };
        let detail = descriptor.limits.reasons.get(&Feature::Captions).cloned().unwrap_or_else(not_yet);
        out.push(Violation::of(descriptor, "unsupported", field, detail));
        return;
    };
    if reference.captions.len() > usize::from(rule.most) {
        let detail = format!("a video on {name} has captions of at most {} tracks here: leave some out", rule.most);
        let v = Violation::of(descriptor, "media_too_many", field.clone(), detail);
        out.push(v.figures(rule.most.into(), reference.captions.len() as u64));
    }
    for (k, track) in reference.captions.iter().enumerate() {
        let field = format!("{field}/{k}");
        let found = media.iter().find(|medium| medium.id == track.id).map(|medium| medium.probe.as_ref());
        match found {
            None => out.push(Violation::new(
                "media_not_found",
                field.clone(),
                "there are no such captions: register or upload their file, and name its id",
            )),
            Some(None) => {
                let detail = "the bytes of the captions have not arrived: upload them first";
                out.push(Violation::new("media_not_ready", field.clone(), detail));
            }
            Some(Some(probe)) if probe.kind() != MediaKind::Captions => {
                let detail = format!(
                    "captions are a SubRip or WebVTT file; this is {}: give such a file",
                    media_name(&probe.media_type)
                );
                out.push(Violation::new("media_type", field.clone(), detail));
            }
            Some(Some(probe)) => {
                of_type(&rule.types, probe, descriptor, &field, out);
                of_size("captions", rule.bytes, probe, descriptor, &field, out);
            }
        }
        words(rule, &reference.captions[..k], track, descriptor, &field, out);
    }
}

/// The language and the name of a track, after those before it.
fn words(
    rule: &CaptionRule,
    before: &[CaptionTrack],
    track: &CaptionTrack,
    descriptor: &Descriptor,
    field: &str,
    out: &mut Vec<Violation>,
) {
    let (platform, language) = (&descriptor.name, &track.language);
    let mut wrong = |field: String, detail: String| {
        out.push(Violation::of(descriptor, "captions_invalid", field, detail));
    };
    if !is_language(language) {
        wrong(format!("{field}/language"), "name the language by its tag, such as en or pt-BR".into());
    } else if rule.two_letters && language.len() != 2 {
        let detail = format!("{platform} names the language of captions by two letters: give such as en or pt");
        wrong(format!("{field}/language"), detail);
    }
    if track.name.as_ref().is_some_and(|name| name.chars().count() > MAX_NAME) {
        wrong(format!("{field}/name"), format!("the name of captions has at most {MAX_NAME} characters: shorten it"));
    }
    let same = |other: &CaptionTrack| {
        other.language.eq_ignore_ascii_case(language) && (!rule.by_name || other.name == track.name)
    };
    if before.iter().any(same) {
        let how = if rule.by_name { "give each a name of its own, or leave one out" } else { "leave one out" };
        wrong(field.to_owned(), format!("there are captions in this language already: {how}"));
    }
}

/// Whether it has the form of a language tag (RFC 5646): a language of two to eight letters, and what says more of it.
fn is_language(tag: &str) -> bool {
    let mut subtags = tag.split('-');
    let language = subtags.next().unwrap_or_default();
    tag.len() <= MAX_LANGUAGE
        && (2..=8).contains(&language.len())
        && language.bytes().all(|b| b.is_ascii_alphabetic())
        && subtags.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::is_language;

    #[test]
    fn a_language_is_named_by_a_tag_of_its_form() {
        for tag in ["en", "EN", "pt-BR", "zh-Hant-TW", "gsw", "es-419", "sl-rozaj-biske-1994"] {
            assert!(is_language(tag), "{tag}");
        }
        for no in ["", "e", "English language", "en_US", "en-", "-en", "12", "en-toolongpart", "deutsches", "日本"] {
            assert!(!is_language(no), "{no}");
        }
        assert!(!is_language(&["en"; 13].join("-")), "longer than a tag need be");
    }
}
