//! Planning: the check of a post against every target's rules, all violations at once, before anything is written.

use super::{Media, ReplyRestriction, Variant, Visibility};
use crate::platform::Descriptor;
use serde::{Deserialize, Serialize};

/// Most targets of one post.
pub const MAX_TARGETS: usize = 50;
/// Most parts of a thread (requirement document 003; our own cap, not a platform's).
pub const MAX_THREAD_PARTS: usize = 25;

/// Most characters of one part: above what any platform takes.
pub const MAX_PART_CHARS: usize = 100_000;
/// Most bytes of a post's contents, escaped twice as JSON: a remembered answer holds them as text in text, and with fifty
/// deliveries around them it must fit the store's 400 KB.
pub const MAX_CONTENT_BYTES: usize = 256 * 1024;

/// One rule a post breaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// Stable code, e.g. `content_too_long`.
    pub code: String,
    /// JSON Pointer into the request, where one applies.
    pub field: String,
    /// The platform whose rule it is, where it is one's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// What is wrong and how to mend it.
    pub detail: String,
    /// The most that is allowed, for counted things.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// What was given, for counted things.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual: Option<u64>,
}

impl Violation {
    /// A violation without figures.
    pub fn new(code: &str, field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            field: field.into(),
            platform: None,
            detail: detail.into(),
            limit: None,
            actual: None,
        }
    }

    fn of(descriptor: &Descriptor, code: &str, field: String, detail: String) -> Self {
        Self { platform: Some(descriptor.id.to_string()), ..Self::new(code, field, detail) }
    }

    fn figures(self, limit: u64, actual: u64) -> Self {
        Self { limit: Some(limit), actual: Some(actual), ..self }
    }
}

/// What cannot be kept, whatever its platform: a part that is too long, or contents that are too large together. Each comes
/// with its JSON Pointer in the request.
pub fn check_size<'a>(variants: impl Iterator<Item = (String, &'a Variant)> + Clone) -> Vec<Violation> {
    let mut out = Vec::new();
    for (at, variant) in variants.clone() {
        for (i, part) in variant.parts.iter().enumerate() {
            let actual = part.text.chars().count();
            if actual > MAX_PART_CHARS {
                let detail = format!("a text has at most {MAX_PART_CHARS} characters: shorten it");
                let v = Violation::new("content_too_long", format!("{at}/parts/{i}/text"), detail);
                out.push(v.figures(MAX_PART_CHARS as u64, actual as u64));
            }
        }
    }
    let twice = |variant: &Variant| serde_json::to_string(&serde_json::to_string(variant).ok()?).ok();
    let bytes: usize = variants
        .map(|(_, variant)| twice(variant).map_or(usize::MAX, |text| text.len()))
        .fold(0, usize::saturating_add);
    if bytes > MAX_CONTENT_BYTES {
        let detail = "the texts of the post are too large together: shorten them, or make several posts";
        let v = Violation::new("content_too_large", "/content", detail);
        out.push(v.figures(MAX_CONTENT_BYTES as u64, bytes as u64));
    }
    out
}

/// Every rule of `descriptor` that `variant` breaks. `media` are the probed media of the variant; `at` is the JSON
/// Pointer of the variant in the request.
pub fn check(variant: &Variant, descriptor: &Descriptor, media: &[Media], at: &str) -> Vec<Violation> {
    let mut out = Vec::new();
    let limits = &descriptor.limits;
    let name = &descriptor.name;
    let most = usize::from(limits.thread_parts).min(MAX_THREAD_PARTS);
    if variant.parts.len() > most {
        let detail = if most == 1 {
            format!("{name} has no threads: give one text")
        } else {
            format!("a thread on {name} has at most {most} parts")
        };
        let v = Violation::of(descriptor, "too_many_parts", format!("{at}/parts"), detail);
        out.push(v.figures(most as u64, variant.parts.len() as u64));
    }
    for (i, part) in variant.parts.iter().enumerate() {
        let field = format!("{at}/parts/{i}");
        let text = variant.full_text(i, limits.link_card.is_some());
        if text.trim().is_empty() && part.media.is_empty() && !(i == 0 && variant.link.is_some()) {
            out.push(Violation::of(
                descriptor,
                "content_empty",
                format!("{field}/text"),
                "write a text or add a picture".into(),
            ));
        }
        let rule = limits.text_beside(part.media.len());
        let (limit, actual) = (rule.limit(), rule.count(&text));
        if actual > limit {
            let detail = format!(
                "{name} takes {limit} of its units here and the text has {actual}: shorten it by {}",
                actual - limit
            );
            out.push(
                Violation::of(descriptor, "content_too_long", format!("{field}/text"), detail)
                    .figures(limit.into(), actual.into()),
            );
        }
        if part.media.len() > usize::from(limits.images) {
            let detail = format!("{name} takes at most {} pictures here", limits.images);
            let v = Violation::of(descriptor, "media_too_many", format!("{field}/media"), detail);
            out.push(v.figures(limits.images.into(), part.media.len() as u64));
        }
        for (j, reference) in part.media.iter().enumerate() {
            let field = format!("{field}/media/{j}");
            if let Some(alt) = &reference.alt_text
                && alt.chars().count() > usize::from(limits.alt_text)
            {
                let detail = format!("{name} takes {} characters of alternative text", limits.alt_text);
                let v = Violation::of(descriptor, "alt_text_too_long", format!("{field}/alt_text"), detail);
                out.push(v.figures(limits.alt_text.into(), alt.chars().count() as u64));
            }
            match media.iter().find(|m| m.id == reference.id) {
                None => out.push(Violation::new("media_not_found", field, "there is no such medium")),
                Some(medium) => check_medium(medium, descriptor, &field, &mut out),
            }
        }
    }
    check_options(variant, descriptor, at, &mut out);
    out
}

fn check_options(variant: &Variant, descriptor: &Descriptor, at: &str, out: &mut Vec<Violation>) {
    let (limits, name) = (&descriptor.limits, &descriptor.name);
    if variant.visibility != Visibility::Public && !limits.visibilities.contains(&variant.visibility) {
        let detail = format!("{name} has no such visibility; use public");
        out.push(Violation::of(descriptor, "unsupported", format!("{at}/visibility"), detail));
    }
    let reply = variant.reply_restriction;
    if reply != ReplyRestriction::Everyone && !limits.reply_restrictions.contains(&reply) {
        let detail = format!("{name} cannot restrict replies like this");
        out.push(Violation::of(descriptor, "unsupported", format!("{at}/reply_restriction"), detail));
    }
    if let Some(link) = &variant.link {
        if !(link.url.starts_with("https://") || link.url.starts_with("http://")) {
            out.push(Violation::new(
                "url_not_allowed",
                format!("{at}/link/url"),
                "a link starts with https:// or http://",
            ));
        }
        let title_missing = link.title.as_deref().is_none_or(|t| t.trim().is_empty());
        if limits.link_card.is_some_and(|card| card.needs_title) && title_missing {
            let detail = format!("{name} does not read the page: give the card a title");
            out.push(Violation::of(descriptor, "link_title_missing", format!("{at}/link/title"), detail));
        }
        if limits.link_card.is_some_and(|card| !card.beside_media) && variant.media().next().is_some() {
            let detail = format!("{name} shows a link card or pictures, not both");
            out.push(Violation::of(descriptor, "link_and_media", format!("{at}/link"), detail));
        }
    }
}

fn check_medium(medium: &Media, descriptor: &Descriptor, field: &str, out: &mut Vec<Violation>) {
    let (limits, name) = (&descriptor.limits, &descriptor.name);
    let Some(probe) = &medium.probe else {
        out.push(Violation::new("media_not_ready", field, "its bytes have not arrived: upload them first"));
        return;
    };
    if !limits.image_types.contains(&probe.media_type) {
        let detail = format!("{name} takes {}; this is {}", limits.image_types.join(", "), probe.media_type);
        out.push(Violation::of(descriptor, "media_type", field.into(), detail));
    }
    if probe.bytes > limits.image_bytes {
        let detail = format!("{name} takes pictures of at most {} bytes", limits.image_bytes);
        out.push(
            Violation::of(descriptor, "media_too_large", field.into(), detail).figures(limits.image_bytes, probe.bytes),
        );
    }
    let pixels = u64::from(probe.width) * u64::from(probe.height);
    if let Some(most) = limits.image_pixels
        && pixels > most
    {
        let detail = format!("{name} takes pictures of at most {most} pixels");
        out.push(Violation::of(descriptor, "media_too_large", field.into(), detail).figures(most, pixels));
    }
}
