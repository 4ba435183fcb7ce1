//! The check of a video, by what is asked of it in a post of its kind and beside others.

use super::Violation;
use super::media::{of_shape, of_size, of_type};
use crate::platform::{Descriptor, Limits, VideoRule};
use crate::publishing::{ContentKind, Probe};

/// What is asked of the videos of a part.
pub(super) struct Asked {
    pub(super) rule: VideoRule,
    least: Option<(u32, u32)>,
    /// What they are called.
    what: &'static str,
}

impl Asked {
    /// Of a post of this kind, with so many media in the part; none where the platform takes none.
    pub(super) fn of(kind: ContentKind, media: usize, limits: &Limits) -> Option<Self> {
        let mut rule = limits.video_of(kind)?.clone();
        if let Some(own) = limits.kind_rule(kind) {
            let what = match kind {
                ContentKind::Reel => "reels",
                ContentKind::Story => "stories",
                ContentKind::Post | ContentKind::Article => "videos",
            };
            return Some(Self { rule, least: own.least, what });
        }
        let beside = limits.mixed.filter(|_| media > 1);
        rule.max_ms = beside.map_or(rule.max_ms, |mixed| mixed.max_ms.min(rule.max_ms));
        Some(Self { rule, least: None, what: if beside.is_some() { "videos beside others" } else { "videos" } })
    }
}

/// The instant of the cover lies within the video.
pub(super) fn cover(cover_ms: Option<u32>, probe: &Probe, field: &str, out: &mut Vec<Violation>) {
    let (Some(at), Some(played)) = (cover_ms.map(u64::from), probe.duration_ms) else { return };
    if at >= played {
        let detail = format!("the video plays {played} milliseconds: choose an instant before its end for the cover");
        let v = Violation::new("out_of_range", format!("{field}/cover_ms"), detail);
        out.push(v.figures(played.saturating_sub(1), at));
    }
}

pub(super) fn video(asked: &Asked, probe: &Probe, descriptor: &Descriptor, field: &str, out: &mut Vec<Violation>) {
    let (Asked { rule, least, what }, name) = (asked, &descriptor.name);
    of_type(&rule.types, probe, descriptor, field, out);
    of_size(what, rule.bytes, probe, descriptor, field, out);
    if let Some(played) = probe.duration_ms
        && !(rule.min_ms..=rule.max_ms).contains(&played)
    {
        let seconds = |ms: u64| format!("{}.{:03}", ms / 1_000, ms % 1_000);
        let (shortest, longest) = (seconds(rule.min_ms), seconds(rule.max_ms));
        let detail = format!("{name} takes {what} of {shortest} to {longest} seconds; this plays {}", seconds(played));
        out.push(Violation::of(descriptor, "video_duration", field.into(), detail).figures(rule.max_ms, played));
    }
    if let Some(codec) = probe.codec.as_ref().filter(|codec| !rule.codecs.is_empty() && !rule.codecs.contains(codec)) {
        let detail = format!("{name} takes {what} coded as {}; this is {codec}", rule.codecs.join(", "));
        out.push(Violation::of(descriptor, "media_type", field.into(), detail));
    }
    if let Some(ratios) = rule.shape {
        of_shape(what, ratios, probe, descriptor, field, out);
    }
    if let Some((width, height)) = least.filter(|(width, height)| probe.width < *width || probe.height < *height) {
        let (w, h) = (probe.width, probe.height);
        let detail = format!("{name} takes {what} of at least {width} x {height} pixels; this has {w} x {h}");
        out.push(Violation::of(descriptor, "media_dimensions", field.into(), detail));
    }
}
