//! Media: those of the library, and how a page shows one.

use super::{Book, MAX_UPLOAD, Reader};
use crate::view::{LibraryItem, MediaView, Pick, Uploader};
use crate::words;
use domain::access::Permission;
use domain::platform::Limits;
use domain::publishing::{Media, MediaKind, MediaSource, SUBRIP, WEBVTT, media_name};

/// Largest upload a page shows itself, in bytes: a function's answer holds 6 MB, and base64 takes a third of it.
pub const MAX_SHOWN: u64 = 4_000_000;

/// A picture, for a reader.
pub fn library_item(reader: &Reader<'_>, medium: &Media) -> LibraryItem {
    let writes = reader.may(Permission::Publish);
    LibraryItem {
        id: medium.id.to_string(),
        src: media_view(Some(medium), None).src,
        label: media_label(medium),
        alt: medium.alt_text.clone().unwrap_or_default(),
        created: reader.moment(medium.created_at),
        use_href: (writes && is_shown(medium)).then(|| format!("/console/compose?media={}", medium.id)),
        describe_key: writes.then(|| reader.fresh()),
    }
}

/// Whether it has arrived and is a picture, a video or a document: what a post takes along, and people look at.
pub fn is_shown(medium: &Media) -> bool {
    [MediaKind::Picture, MediaKind::Video, MediaKind::Document].into_iter().any(|kind| is(medium, kind))
}

/// Whether it has arrived and is a file of captions.
pub fn is_captions(medium: &Media) -> bool {
    is(medium, MediaKind::Captions)
}

/// A file of captions to choose, by what is said of it and when it came: files have no names here.
pub fn captions_pick(reader: &Reader<'_>, medium: &Media) -> Pick {
    let said = medium.alt_text.clone().unwrap_or_else(|| media_label(medium));
    let label = format!("{said}, of {}", reader.moment(medium.created_at).text);
    Pick { value: medium.id.to_string(), label, chosen: false }
}

pub(super) fn is(medium: &Media, kind: MediaKind) -> bool {
    medium.probe.as_ref().is_some_and(|probe| probe.kind() == kind)
}

/// Types of files that a post takes along on a platform: pictures, videos, documents.
pub(super) fn post_types(limits: &Limits) -> impl Iterator<Item = &String> {
    let videos = limits.video.iter().flat_map(|rule| &rule.types);
    let documents = limits.document.iter().flat_map(|rule| &rule.types);
    limits.image_types.iter().chain(videos).chain(documents)
}

/// Types of files that a platform takes: those, and captions of videos.
pub fn file_types(limits: &Limits) -> impl Iterator<Item = &String> {
    let captions = limits.video.iter().filter_map(|rule| rule.captions.as_ref()).flat_map(|rule| &rule.types);
    post_types(limits).chain(captions)
}

/// How more come in: what any platform takes.
pub fn uploader(reader: &Reader<'_>, book: &Book) -> Option<Uploader> {
    let types = media_types(book.platforms.iter().flat_map(|descriptor| file_types(&descriptor.limits)));
    // Browsers know captions by the end of a file's name, and few by their type.
    let endings = [(SUBRIP, ".srt"), (WEBVTT, ".vtt")];
    let endings = endings.iter().filter(|(kind, _)| types.iter().any(|named| named == kind)).map(|(_, ending)| *ending);
    let accept: Vec<&str> = types.iter().map(String::as_str).chain(endings).collect();
    let named = named_types(types.iter());
    reader.may(Permission::Publish).then(|| Uploader {
        idempotency_key: reader.fresh(),
        accept: accept.join(","),
        note: format!("{named}. Without scripts, one at a time and up to {}.", words::size(MAX_UPLOAD as u64)),
    })
}

/// Media types, each once.
pub(super) fn media_types<'a>(types: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut types: Vec<String> = types.cloned().collect();
    types.sort_unstable();
    types.dedup();
    types
}

/// Media types as people call them, each once, with commas.
pub fn named_types<'a>(types: impl Iterator<Item = &'a String>) -> String {
    media_types(types).iter().map(|kind| media_name(kind)).collect::<Vec<_>>().join(", ")
}

/// A medium of a post; nothing of one that was deleted meanwhile. A page shows pictures itself, and leads to the others.
pub fn media_view(medium: Option<&Media>, alt: Option<&str>) -> MediaView {
    let alt = alt.unwrap_or_default().to_owned();
    let Some(medium) = medium else { return MediaView { alt, label: "Deleted".into(), ..MediaView::default() } };
    let (src, href) = match &medium.source {
        // They are read, and not seen.
        MediaSource::Upload { .. } if is(medium, MediaKind::Captions) => {
            (None, Some(format!("/console/media/{}", medium.id)))
        }
        _ if !is_shown(medium) => (None, None),
        MediaSource::Url { url } if is(medium, MediaKind::Picture) => (Some(url.clone()), None),
        MediaSource::Url { url } => (None, Some(url.clone())),
        MediaSource::Upload { .. } => {
            let here = format!("/console/media/{}", medium.id);
            let small = medium.probe.as_ref().is_some_and(|probe| probe.bytes <= MAX_SHOWN);
            if is(medium, MediaKind::Picture) { (small.then_some(here), None) } else { (None, Some(here)) }
        }
    };
    MediaView { src, href, alt, label: media_label(medium) }
}

/// A medium in words: type, size, and how long it plays.
pub fn media_label(medium: &Media) -> String {
    match &medium.probe {
        None => "Not arrived yet".into(),
        Some(probe) => {
            let (kind, size) = (media_name(&probe.media_type), words::size(probe.bytes));
            let pixels = match (probe.width, probe.height) {
                // Documents and captions have no size.
                (0, 0) => String::new(),
                (width, height) => format!(", {width} × {height}"),
            };
            let played = probe.duration_ms.map(words::played).map(|played| format!(", {played}")).unwrap_or_default();
            format!("{kind}{pixels}{played}, {size}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::platform::{CaptionRule, DocumentRule, EncodingRule, VideoRule};
    use domain::text::TextRule;

    #[test]
    fn whatever_kind_of_file_a_platform_takes_may_come_into_the_library() {
        let plain = Limits::text_only(TextRule::Chars { limit: 100 });
        assert_eq!(file_types(&plain).count(), 0);
        let types = |kind: &str| vec![kind.to_owned()];
        let captions = CaptionRule { most: 1, bytes: 1, types: types(WEBVTT), two_letters: false, by_name: false };
        let video = VideoRule {
            most: 1,
            bytes: 1,
            min_ms: 0,
            max_ms: 1,
            types: types("video/mp4"),
            codecs: Vec::new(),
            beside_pictures: false,
            alt_text: false,
            title: false,
            alt_chars: None,
            shape: None,
            captions: Some(captions),
            cover_at: false,
            encoding: EncodingRule::default(),
        };
        let document = DocumentRule {
            most: 1,
            bytes: 1,
            types: types("application/pdf"),
            needs_title: true,
            beside_others: false,
        };
        let all = Limits { image_types: types("image/png"), video: Some(video), document: Some(document), ..plain };
        let found: Vec<&str> = file_types(&all).map(String::as_str).collect();
        assert_eq!(found, ["image/png", "video/mp4", "application/pdf", WEBVTT]);
    }
}
