//! Planning: the check of a post against every target's rules, all violations at once, before anything is written.

mod access;
mod amend;
mod captions;
mod filled;
mod media;
mod options;
mod pictures;
mod repeats;
mod shown;
mod targeting;
mod template;
mod video;
mod warnings;

pub use access::check_access;
pub use amend::{amended_there, check_amend};
pub(crate) use pictures::is_of_pictures;
pub use repeats::said_again;
pub(super) use shown::shown;
pub use targeting::check_author;
pub use template::without_template;
pub use video::may_be_refused;
pub use warnings::{cost, left_out, undescribed, warnings};

use super::{ContentKind, Media, Variant};
use crate::platform::{Descriptor, Feature};
use crate::text::{TextRule, cashtags, links, marked};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

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

    /// The platform, or Herald on it, has no such thing: in its own words, where there are any.
    pub fn unsupported(descriptor: &Descriptor, feature: Feature, field: String) -> Self {
        let name = &descriptor.name;
        let detail = match descriptor.limits.reasons.get(&feature) {
            Some(reason) => reason.clone(),
            None => {
                format!("{name} has no {}: leave it out, or give this platform a content of its own", feature.words())
            }
        };
        Self::of(descriptor, "unsupported", field, detail)
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

/// Every rule of `platform` that `variant` breaks. `media` are the probed media of the variant; `at` is the JSON
/// Pointer of the variant in the request.
pub fn check(variant: &Variant, platform: &Descriptor, media: &[Media], at: &str) -> Vec<Violation> {
    let mut out = Vec::new();
    let descriptor = &*platform.of_content(variant);
    let limits = &descriptor.limits;
    let name = &descriptor.name;
    let most = usize::from(limits.thread_parts).min(MAX_THREAD_PARTS);
    if variant.parts.len() > most {
        let detail = match (most, platform.limits.thread_parts) {
            (1, 1) => format!("{name} has no threads: give one text"),
            (1, _) => format!("an article on {name} is one text: give it in one part, or make a thread of posts"),
            _ => format!("a thread on {name} has at most {most} parts: join some, or make several posts"),
        };
        let v = Violation::of(descriptor, "too_many_parts", format!("{at}/parts"), detail);
        out.push(v.figures(most as u64, variant.parts.len() as u64));
    }
    for (i, part) in variant.parts.iter().enumerate() {
        let field = format!("{at}/parts/{i}");
        let text = variant.full_text(i, limits.link_card.is_some());
        // A question that stands apart is something to show; else the text is what the poll asks.
        let asks = limits.poll.as_ref().is_some_and(|rule| rule.question_chars.is_some()) && variant.poll.is_some();
        let approved = limits.template.is_some() && variant.template.is_some();
        let more = i == 0 && (variant.link.is_some() || asks || approved);
        if text.trim().is_empty() && part.media.is_empty() && !more {
            let detail = if limits.images > 0 { "write a text or add a picture" } else { "write a text" };
            out.push(Violation::of(descriptor, "content_empty", format!("{field}/text"), detail.into()));
        }
        check_length(&text, limits.text_of(variant, i, media), descriptor, format!("{field}/text"), &mut out);
        check_marks(&text, descriptor, &format!("{field}/text"), &mut out);
        let card = variant.link.as_ref().filter(|_| i == 0 && limits.link_card.is_some());
        check_links(&text, card.map(|card| card.url.as_str()), descriptor, format!("{field}/text"), &mut out);
        check_characters(&text, descriptor, format!("{field}/text"), &mut out);
        media::check(part, variant.kind, descriptor, media, &field, &mut out);
        if variant.kind != ContentKind::Story && !limits.has_cover(variant.kind) {
            media::shapes(part, descriptor, media, &field, &mut out);
        }
    }
    options::check(variant, descriptor, platform, media, at, &mut out);
    pictures::check(variant, descriptor, media, at, &mut out);
    targeting::check(variant, descriptor, at, &mut out);
    repeats::check(variant, descriptor, at, &mut out);
    filled::check(variant, descriptor, at, &mut out);
    out
}

/// Characters that a platform takes nowhere.
fn check_characters(text: &str, descriptor: &Descriptor, field: String, out: &mut Vec<Violation>) {
    let forbidden = &descriptor.limits.forbidden;
    if let Some(found) = text.chars().find(|c| forbidden.contains(*c)) {
        let all: Vec<String> = forbidden.chars().map(String::from).collect();
        let detail = format!(
            "{} takes none of {} here, and this has {found}: write it otherwise",
            descriptor.name,
            all.join(" ")
        );
        out.push(Violation::of(descriptor, "characters_refused", field, detail));
    }
}

/// Hashtags, mentions and cashtags.
fn check_marks(text: &str, descriptor: &Descriptor, field: &str, out: &mut Vec<Violation>) {
    let (limits, name) = (&descriptor.limits, &descriptor.name);
    let over = |sign: char, most: Option<u16>| {
        let (most, actual) = (u64::from(most?), marked(text, sign) as u64);
        (actual > most).then_some((most, actual))
    };
    if let Some((most, actual)) = over('#', limits.hashtags) {
        let detail = format!("{name} takes at most {most} hashtags in one text; this has {actual}: leave some out");
        out.push(Violation::of(descriptor, "too_many_hashtags", field.into(), detail).figures(most, actual));
    }
    if let Some((most, actual)) = over('@', limits.mentions) {
        let detail = format!("{name} takes at most {most} mentions in one text; this has {actual}: leave some out");
        out.push(Violation::of(descriptor, "too_many_mentions", field.into(), detail).figures(most, actual));
    }
    let actual = cashtags(text) as u64;
    if let Some(most) = limits.cashtags.map(u64::from).filter(|most| actual > *most) {
        let plain = || format!("{name} takes at most {most} cashtags in one text; this has {actual}: leave some out");
        let detail = limits.reasons.get(&Feature::Cashtags).cloned().unwrap_or_else(plain);
        out.push(Violation::of(descriptor, "too_many_cashtags", field.into(), detail).figures(most, actual));
    }
}

/// Links, each once however often it stands there, and that of a card with them.
fn check_links(text: &str, card: Option<&str>, descriptor: &Descriptor, field: String, out: &mut Vec<Violation>) {
    let Some(most) = descriptor.limits.links.map(u64::from) else { return };
    let all: BTreeSet<String> =
        links(text).map(|link| link.as_str().to_owned()).chain(card.map(str::to_owned)).collect();
    let actual = all.len() as u64;
    if actual > most {
        let detail = format!(
            "{} takes at most {most} links in one text with its card; this has {actual}: leave some out",
            descriptor.name
        );
        out.push(Violation::of(descriptor, "too_many_links", field, detail).figures(most, actual));
    }
}

fn check_length(text: &str, rule: &TextRule, descriptor: &Descriptor, field: String, out: &mut Vec<Violation>) {
    let (limit, actual) = (rule.limit(), rule.count(text));
    if actual > limit {
        let name = &descriptor.name;
        let detail = format!(
            "{name} takes {limit} of its units here and the text has {actual}: shorten it by {}",
            actual - limit
        );
        let v = Violation::of(descriptor, "content_too_long", field, detail);
        out.push(v.figures(limit.into(), actual.into()));
    }
}
