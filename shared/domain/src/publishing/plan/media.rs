//! The check of a part's pictures, videos and documents.

use super::Violation;
use super::captions::captions;
use super::video::{Asked, cover, video};
use crate::platform::{Descriptor, DocumentRule, Feature, Limits, Ratios};
use crate::publishing::{ContentKind, Media, MediaKind, MediaRef, Part, Probe, Variant, media_name};

pub(super) fn check(
    part: &Part,
    post: ContentKind,
    descriptor: &Descriptor,
    media: &[Media],
    field: &str,
    out: &mut Vec<Violation>,
) {
    let limits = &descriptor.limits;
    let asked = Asked::of(post, part.media.len(), limits);
    if limits.needs_video {
        needs_a_video(part, descriptor, media, field, out);
    } else if limits.needs_media && part.media.is_empty() {
        let detail = format!("{} takes no text alone: add a picture or a video", descriptor.name);
        out.push(Violation::of(descriptor, "media_missing", format!("{field}/media"), detail));
    }
    let probe = |reference: &MediaRef| media.iter().find(|m| m.id == reference.id).and_then(|m| m.probe.as_ref());
    let bytes: u64 = part.media.iter().filter_map(probe).map(|probe| probe.bytes).fold(0, u64::saturating_add);
    if let Some(most) = limits.media_bytes.filter(|most| bytes > *most) {
        let detail = format!(
            "{} takes media of {} together in one post; these have {}: use smaller ones, or fewer",
            descriptor.name,
            at_most(most),
            at_least(bytes)
        );
        out.push(Violation::of(descriptor, "media_too_large", format!("{field}/media"), detail).figures(most, bytes));
    }
    let mut kinds = Vec::new();
    for (j, reference) in part.media.iter().enumerate() {
        let field = format!("{field}/media/{j}");
        let probe = media.iter().find(|m| m.id == reference.id).map(|m| m.probe.as_ref());
        let most = alt_chars(probe.flatten(), descriptor);
        if let Some(alt) = &reference.alt_text
            && !is_left_out(probe.flatten(), post, descriptor)
            && alt.chars().count() > usize::from(most)
        {
            let detail = format!("{} takes {most} characters of alternative text here: shorten it", descriptor.name);
            let v = Violation::of(descriptor, "alt_text_too_long", format!("{field}/alt_text"), detail);
            out.push(v.figures(most.into(), alt.chars().count() as u64));
        }
        match probe {
            None => out.push(Violation::new(
                "media_not_found",
                field,
                "there is no such medium: register or upload it, and name its id",
            )),
            Some(None) => {
                let detail = "its bytes have not arrived: upload them first";
                out.push(Violation::new("media_not_ready", field, detail));
            }
            Some(Some(probe)) => {
                let kind = probe.kind();
                captions(reference, kind, asked.as_ref(), (descriptor, media), &field, out);
                match lacking(kind, limits) {
                    None => one(reference, probe, asked.as_ref(), descriptor, &field, out),
                    // What a second one would be told is told already.
                    Some(_) if kinds.contains(&kind) => {}
                    Some(feature) => out.push(Violation::unsupported(descriptor, feature, field)),
                }
                kinds.push(kind);
            }
        }
    }
    let is_gif = |m: &Media| m.probe.as_ref().is_some_and(is_gif);
    let gifs = part.media.iter().any(|reference| media.iter().any(|m| m.id == reference.id && is_gif(m)));
    together(&kinds, (part.media.len(), gifs), asked.as_ref(), descriptor, field, out);
}

/// Whether it is a picture that can move.
fn is_gif(probe: &Probe) -> bool {
    probe.media_type == "image/gif"
}

/// What the platform does not take at all, where such a medium is one.
fn lacking(kind: MediaKind, limits: &Limits) -> Option<Feature> {
    match kind {
        MediaKind::Picture => (limits.images == 0).then_some(Feature::Picture),
        MediaKind::Video => limits.video.is_none().then_some(Feature::Video),
        MediaKind::Document => limits.document.is_none().then_some(Feature::Document),
        // It is told that they are no medium by themselves.
        MediaKind::Captions => None,
    }
}

/// Longest alternative text of such a medium.
fn alt_chars(probe: Option<&Probe>, descriptor: &Descriptor) -> u16 {
    let of_video = descriptor.limits.video.as_ref().and_then(|rule| rule.alt_chars);
    let is_video = probe.is_some_and(|probe| probe.kind() == MediaKind::Video);
    of_video.filter(|_| is_video).unwrap_or(descriptor.limits.alt_text)
}

/// Whether the alternative text of such a medium has no place in such a post on the platform.
pub(super) fn is_left_out(probe: Option<&Probe>, post: ContentKind, descriptor: &Descriptor) -> bool {
    let limits = &descriptor.limits;
    let of_video = limits.video.as_ref().is_some_and(|rule| rule.alt_text);
    let is_bare = |probe: &Probe| match probe.kind() {
        MediaKind::Video => !of_video,
        MediaKind::Picture => limits.has_cover(post),
        MediaKind::Document | MediaKind::Captions => false,
    };
    limits.alt_text == 0 || probe.is_some_and(is_bare)
}

/// Whether the title of such a medium has a place on the platform. What is not known yet may have one.
pub(super) fn is_titled(probe: Option<&Probe>, descriptor: &Descriptor) -> bool {
    let of_video = descriptor.limits.video.as_ref().is_some_and(|rule| rule.title);
    match probe.map(Probe::kind) {
        Some(MediaKind::Picture) => false,
        Some(MediaKind::Video) => of_video,
        Some(MediaKind::Document | MediaKind::Captions) | None => true,
    }
}

/// Whether the chosen cover of such a medium has a place in such a post on the platform: an instant of a video that stands
/// alone, for a picture beside it is the cover, or shown, too. What is not known yet may have one.
pub(super) fn is_covered(probe: Option<&Probe>, variant: &Variant, descriptor: &Descriptor) -> bool {
    let rule = descriptor.limits.video_of(variant.kind);
    let is_video = probe.is_none_or(|probe| probe.kind() == MediaKind::Video);
    let bare = variant.draft && descriptor.limits.wordless_drafts;
    is_video && !bare && rule.is_some_and(|rule| rule.cover_at) && variant.media().count() == 1
}

/// A post that is a video. What is not known yet may be one: it is refused anyway, as is what the platform takes nowhere.
fn needs_a_video(part: &Part, descriptor: &Descriptor, media: &[Media], field: &str, out: &mut Vec<Violation>) {
    let probe = |reference: &MediaRef| media.iter().find(|m| m.id == reference.id).and_then(|m| m.probe.as_ref());
    let limits = &descriptor.limits;
    let enough = |kind| kind == MediaKind::Video || lacking(kind, limits).is_some();
    if part.media.iter().any(|reference| probe(reference).is_none_or(|probe| enough(probe.kind()))) {
        return;
    }
    let detail = match limits.reasons.get(&Feature::Picture) {
        Some(reason) if !part.media.is_empty() => reason.clone(),
        _ => format!("{} publishes videos, and nothing without one: add a video", descriptor.name),
    };
    out.push(Violation::of(descriptor, "video_missing", format!("{field}/media"), detail));
}

/// How many there are of each kind, and what stands beside what.
fn together(
    kinds: &[MediaKind],
    (all, gifs): (usize, bool),
    asked: Option<&Asked>,
    descriptor: &Descriptor,
    field: &str,
    out: &mut Vec<Violation>,
) {
    let (limits, name) = (&descriptor.limits, &descriptor.name);
    let field = format!("{field}/media");
    // What the platform takes none of was refused one by one: no number of it would do.
    let count = |kind: MediaKind| kinds.iter().filter(|k| **k == kind && lacking(kind, limits).is_none()).count();
    let (videos, documents) = (count(MediaKind::Video), count(MediaKind::Document));
    // What is not known yet counts as a picture: it is refused anyway.
    let unknown = if limits.images > 0 { all - kinds.len() } else { 0 };
    let pictures = count(MediaKind::Picture) + unknown;
    let mut too_many = |what: &str, most: u16, actual: usize| {
        if actual > usize::from(most) {
            let plain = || format!("{name} takes at most {most} {what} here: leave some out");
            // A platform that takes none has refused them one by one.
            let reason = limits.reasons.get(&Feature::Picture).filter(|_| what == "pictures");
            let detail = reason.cloned().unwrap_or_else(plain);
            let v = Violation::of(descriptor, "media_too_many", field.clone(), detail);
            out.push(v.figures(most.into(), actual as u64));
        }
    };
    too_many("pictures", limits.images, pictures);
    if let Some(asked) = asked {
        too_many("videos", asked.rule.most, videos);
        let mixed = limits.mixed.filter(|_| videos > 0 && videos <= usize::from(asked.rule.most));
        if let Some(mixed) = mixed.filter(|_| pictures > 0 && pictures <= usize::from(limits.images)) {
            too_many("pictures and videos", mixed.most, videos + pictures);
        }
    }
    if let Some(rule) = &limits.document {
        too_many("documents", rule.most, documents);
    }
    let video_alone = asked.is_some_and(|asked| !asked.rule.beside_pictures) && videos > 0 && pictures > 0;
    let document_alone =
        limits.document.as_ref().is_some_and(|rule| !rule.beside_others) && documents > 0 && pictures + videos > 0;
    if video_alone || document_alone {
        let plain = || match limits.document {
            Some(_) => format!(
                "{name} shows pictures, a video or a document, not several of these in one post: leave some out, or make several posts"
            ),
            None => {
                format!("{name} shows pictures or a video, not both in one post: leave some out, or make several posts")
            }
        };
        let detail = limits.reasons.get(&Feature::Mixed).filter(|_| video_alone).cloned().unwrap_or_else(plain);
        out.push(Violation::of(descriptor, "media_mixed", field, detail));
    } else if gifs && pictures > 1 && limits.gif.is_some_and(|rule| rule.alone) {
        let detail = format!("{name} shows a GIF alone: give it a post of its own, or leave the other pictures out");
        out.push(Violation::of(descriptor, "media_mixed", field, detail));
    }
}

fn one(
    reference: &MediaRef,
    probe: &Probe,
    asked: Option<&Asked>,
    descriptor: &Descriptor,
    field: &str,
    out: &mut Vec<Violation>,
) {
    match (probe.kind(), asked, &descriptor.limits.document) {
        (MediaKind::Picture, ..) => picture(probe, descriptor, field, out),
        (MediaKind::Video, Some(asked), _) => {
            video(asked, probe, descriptor, field, out);
            cover(reference.cover_ms, probe, field, out);
        }
        (MediaKind::Document, _, Some(rule)) => document(rule, reference, probe, descriptor, field, out),
        (MediaKind::Captions, ..) => {
            let detail = "these are captions: give them with their video, not as a medium by themselves";
            out.push(Violation::new("media_type", field, detail));
        }
        // `lacking` has said it.
        (MediaKind::Video, None, _) | (MediaKind::Document, _, None) => {}
    }
}

/// A limit in bytes in the unit that people read; what is not more than it says is within the limit.
fn at_most(bytes: u64) -> String {
    in_units(bytes, bytes / 100_000)
}

/// A size in bytes in the unit that people read; it says more than a limit that the size is over.
fn at_least(bytes: u64) -> String {
    in_units(bytes, bytes.div_ceil(100_000))
}

/// Some tenths of a megabyte; what is less than one of these, in bytes.
fn in_units(bytes: u64, tenths: u64) -> String {
    match (bytes, tenths % 10) {
        (..100_000, _) => format!("{bytes} bytes"),
        (_, 0) => format!("{} MB", tenths / 10),
        (_, tenth) => format!("{}.{tenth} MB", tenths / 10),
    }
}

pub(super) fn of_type(types: &[String], probe: &Probe, descriptor: &Descriptor, field: &str, out: &mut Vec<Violation>) {
    if !types.contains(&probe.media_type) {
        let names: Vec<&str> = types.iter().map(|name| media_name(name)).collect();
        let (takes, is) = (names.join(", "), media_name(&probe.media_type));
        let detail = format!("{} takes {takes}; this is {is}: give it as one of these", descriptor.name);
        out.push(Violation::of(descriptor, "media_type", field.into(), detail));
    }
}

pub(super) fn of_size(
    what: &str,
    most: u64,
    probe: &Probe,
    descriptor: &Descriptor,
    field: &str,
    out: &mut Vec<Violation>,
) {
    if probe.bytes > most {
        let (takes, has) = (at_most(most), at_least(probe.bytes));
        let detail = format!("{} takes {what} of at most {takes}; this has {has}: make it smaller", descriptor.name);
        out.push(Violation::of(descriptor, "media_too_large", field.into(), detail).figures(most, probe.bytes));
    }
}

fn picture(probe: &Probe, descriptor: &Descriptor, field: &str, out: &mut Vec<Violation>) {
    let (limits, name) = (&descriptor.limits, &descriptor.name);
    of_type(&limits.image_types, probe, descriptor, field, out);
    let (what, bytes) = match limits.gif.filter(|_| is_gif(probe)) {
        Some(rule) => ("GIFs", rule.bytes),
        None => ("pictures", limits.image_bytes),
    };
    of_size(what, bytes, probe, descriptor, field, out);
    let most = limits.gif.filter(|_| is_gif(probe)).and_then(|rule| rule.max_pixels);
    if let Some((width, height)) = most.filter(|(width, height)| probe.width > *width || probe.height > *height) {
        let (w, h) = (probe.width, probe.height);
        let detail =
            format!("{name} takes {what} of at most {width} x {height} pixels; this has {w} x {h}: make it smaller");
        out.push(Violation::of(descriptor, "media_dimensions", field.into(), detail));
    }
    let pixels = u64::from(probe.width) * u64::from(probe.height);
    if let Some(most) = limits.image_pixels
        && pixels > most
    {
        let detail = format!("{name} takes pictures of at most {most} pixels; this has {pixels}: make it smaller");
        out.push(Violation::of(descriptor, "media_too_large", field.into(), detail).figures(most, pixels));
    }
    let (long, short) = (u64::from(probe.width.max(probe.height)), u64::from(probe.width.min(probe.height)));
    if let Some(most) = limits.image_sides.map(u64::from)
        && long + short > most
    {
        let detail =
            format!("{name} takes pictures whose width and height come to at most {most} pixels: make it smaller");
        let v = Violation::of(descriptor, "media_dimensions", field.into(), detail);
        out.push(v.figures(most, long + short));
    }
    if let Some(most) = limits.image_ratio.map(u64::from)
        && long > short * most
    {
        let detail = format!("{name} takes pictures whose longer side is at most {most} times the shorter one: cut it");
        let v = Violation::of(descriptor, "media_dimensions", field.into(), detail);
        out.push(v.figures(most, long.div_ceil(short.max(1))));
    }
}

/// The shapes of the pictures, where not every one is taken.
pub(super) fn shapes(part: &Part, descriptor: &Descriptor, media: &[Media], field: &str, out: &mut Vec<Violation>) {
    let Some(ratios) = descriptor.limits.image_shape else { return };
    for (j, reference) in part.media.iter().enumerate() {
        let probe = media.iter().find(|m| m.id == reference.id).and_then(|m| m.probe.as_ref());
        let Some(probe) = probe.filter(|p| p.kind() == MediaKind::Picture) else { continue };
        of_shape("pictures", ratios, probe, descriptor, &format!("{field}/media/{j}"), out);
    }
}

pub(super) fn of_shape(
    what: &str,
    ratios: Ratios,
    probe: &Probe,
    descriptor: &Descriptor,
    field: &str,
    out: &mut Vec<Violation>,
) {
    if !ratios.take(probe.width, probe.height) {
        let ((a, b), (c, d)) = (ratios.narrowest, ratios.widest);
        let shapes = if (a, b) == (c, d) { format!("of {a}:{b}") } else { format!("from {a}:{b} to {c}:{d}") };
        let detail = format!(
            "{} takes {what} {shapes}, width to height; this has {} x {} pixels: crop it",
            descriptor.name, probe.width, probe.height
        );
        out.push(Violation::of(descriptor, "media_shape", field.into(), detail));
    }
}

fn document(
    rule: &DocumentRule,
    reference: &MediaRef,
    probe: &Probe,
    descriptor: &Descriptor,
    field: &str,
    out: &mut Vec<Violation>,
) {
    of_type(&rule.types, probe, descriptor, field, out);
    of_size("documents", rule.bytes, probe, descriptor, field, out);
    if rule.needs_title && reference.title.as_deref().is_none_or(|title| title.trim().is_empty()) {
        let detail = format!("{} shows a document under its title: give one", descriptor.name);
        out.push(Violation::of(descriptor, "title_missing", format!("{field}/title"), detail));
    }
}
