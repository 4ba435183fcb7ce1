//! The check of a video, by what is asked of it in a post of its kind and beside others.

use super::Violation;
use super::media::{of_shape, of_size, of_type};
use crate::platform::{Descriptor, EncodingRule, Limits, VideoRule};
use crate::publishing::{ContentKind, Media, MediaRef, Probe, Variant};

/// What is asked of the videos of a part.
pub(super) struct Asked {
    pub(super) rule: VideoRule,
    /// What they are called.
    what: &'static str,
}

impl Asked {
    /// Of a post of this kind, with so many media in the part; none where the platform takes none.
    pub(super) fn of(kind: ContentKind, media: usize, limits: &Limits) -> Option<Self> {
        let mut rule = limits.video_of(kind)?.clone();
        if limits.kind_rule(kind).is_some() {
            let what = match kind {
                ContentKind::Reel => "reels",
                ContentKind::Story => "stories",
                ContentKind::Post | ContentKind::Article => "videos",
            };
            return Some(Self { rule, what });
        }
        let beside = limits.mixed.filter(|_| media > 1);
        rule.max_ms = beside.map_or(rule.max_ms, |mixed| mixed.max_ms.min(rule.max_ms));
        Some(Self { rule, what: if beside.is_some() { "videos beside others" } else { "videos" } })
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
    let (Asked { rule, what }, name) = (asked, &descriptor.name);
    of_type(&rule.types, probe, descriptor, field, out);
    of_size(what, rule.bytes, probe, descriptor, field, out);
    if let Some(played) = probe.duration_ms
        && !(rule.min_ms..=rule.max_ms).contains(&played)
    {
        let seconds = |ms: u64| format!("{}.{:03}", ms / 1_000, ms % 1_000);
        let (shortest, longest) = (seconds(rule.min_ms), seconds(rule.max_ms));
        let mend = if played > rule.max_ms { "cut it" } else { "give a longer one" };
        let detail =
            format!("{name} takes {what} of {shortest} to {longest} seconds; this plays {}: {mend}", seconds(played));
        out.push(Violation::of(descriptor, "video_duration", field.into(), detail).figures(rule.max_ms, played));
    }
    if let Some(codec) = probe.codec.as_ref().filter(|codec| !rule.codecs.is_empty() && !rule.codecs.contains(codec)) {
        let detail =
            format!("{name} takes {what} coded as {}; this is {codec}: export it with another", rule.codecs.join(", "));
        out.push(Violation::of(descriptor, "media_type", field.into(), detail));
    }
    if let Some(ratios) = rule.shape {
        of_shape(what, ratios, probe, descriptor, field, out);
    }
    pixels(what, &rule.encoding, probe, descriptor, field, out);
    encoding(what, &rule.encoding, probe, descriptor, field, out);
}

fn pixels(
    what: &str,
    rule: &EncodingRule,
    probe: &Probe,
    descriptor: &Descriptor,
    field: &str,
    out: &mut Vec<Violation>,
) {
    let (name, width, height) = (&descriptor.name, probe.width, probe.height);
    let mut wrong = |detail: String| out.push(Violation::of(descriptor, "media_dimensions", field.into(), detail));
    if let Some((w, h)) = rule.min_pixels.filter(|(w, h)| width < *w || height < *h) {
        wrong(format!(
            "{name} takes {what} of at least {w} x {h} pixels; this has {width} x {height}: give a larger one"
        ));
    }
    if let Some(most) = rule.max_width.filter(|most| width > *most) {
        wrong(format!("{name} takes {what} of at most {most} pixels in a row; this has {width}: make it smaller"));
    }
}

/// What the index tells of pictures and sound. What it does not tell is the platform's to judge.
fn encoding(
    what: &str,
    rule: &EncodingRule,
    probe: &Probe,
    descriptor: &Descriptor,
    field: &str,
    out: &mut Vec<Violation>,
) {
    let name = &descriptor.name;
    if let (Some((fewest, most)), Some(shown)) = (rule.frame_rate, probe.frame_rate_milli) {
        // An average of 59.94 or 60.01 is what 60 pictures a second come to.
        let rounded = shown.saturating_add(500) / 1_000;
        if !(fewest..=most).contains(&rounded) {
            let shown = format!("{}.{:02}", shown / 1_000, shown % 1_000 / 10);
            let detail = format!(
                "{name} takes {what} of {fewest} to {most} pictures a second; this has {shown}: export it with another frame rate"
            );
            let v = Violation::of(descriptor, "video_frames", field.into(), detail);
            out.push(v.figures(most.into(), rounded.into()));
        }
    }
    let Some(audio) = &probe.audio else { return };
    if !rule.audio_codecs.is_empty() && !rule.audio_codecs.contains(&audio.codec) {
        let (takes, is) = (rule.audio_codecs.join(", "), &audio.codec);
        let detail =
            format!("{name} takes {what} whose sound is coded as {takes}; this is {is}: export it with another");
        out.push(Violation::of(descriptor, "media_type", field.into(), detail));
    }
    if let (Some(most), Some(rate)) = (rule.max_sample_rate_hz, audio.sample_rate_hz)
        && rate > most
    {
        let detail = format!(
            "{name} takes {what} whose sound has at most {most} samples a second; this has {rate}: export it with fewer"
        );
        out.push(Violation::of(descriptor, "media_type", field.into(), detail).figures(most.into(), rate.into()));
    }
}

/// What the platform asks of a video and does not refuse every one for, in words.
pub fn may_be_refused(variant: &Variant, descriptor: &Descriptor, media: &[Media]) -> Option<String> {
    let rule = descriptor.limits.of_content(variant).video_of(variant.kind).filter(|rule| rule.encoding.index_first)?;
    let probe = |reference: &MediaRef| media.iter().find(|m| m.id == reference.id).and_then(|m| m.probe.as_ref());
    let late =
        variant.media().filter_map(probe).any(|probe| rule.types.contains(&probe.media_type) && probe.index_last);
    late.then(|| {
        format!(
            "{name} asks for videos whose index stands before their pictures, and this one's is at the end: export it for the web \
             (fast start) if {name} refuses it",
            name = descriptor.name
        )
    })
}
