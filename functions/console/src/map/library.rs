//! Media: those of the library, and how a page shows one.

use super::{Book, MAX_UPLOAD, Reader};
use crate::view::{LibraryItem, MediaView, Uploader};
use crate::words;
use domain::access::Permission;
use domain::publishing::{Media, MediaKind, MediaSource};

/// Largest upload a page shows itself, in bytes: a function's answer holds 6 MB, and base64 takes a third of it.
const SHOWN: u64 = 4_000_000;

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

/// Whether it has arrived and is a picture, a video or a document: what the composer's form can take along.
pub fn is_shown(medium: &Media) -> bool {
    [MediaKind::Picture, MediaKind::Video, MediaKind::Document].into_iter().any(|kind| is(medium, kind))
}

fn is(medium: &Media, kind: MediaKind) -> bool {
    medium.probe.as_ref().is_some_and(|probe| probe.kind() == kind)
}

/// How more come in: what any platform takes.
pub fn uploader(reader: &Reader<'_>, book: &Book) -> Option<Uploader> {
    let limits = book.platforms.iter().map(|descriptor| &descriptor.limits);
    let videos = limits.clone().filter_map(|limits| limits.video.as_ref()).flat_map(|rule| &rule.types);
    let types = media_types(limits.flat_map(|limits| &limits.image_types).chain(videos));
    let named = types.iter().map(|kind| words::media_type(kind)).collect::<Vec<_>>().join(", ");
    reader.may(Permission::Publish).then(|| Uploader {
        idempotency_key: reader.fresh(),
        accept: types.join(","),
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

/// A medium of a post; nothing of one that was deleted meanwhile. A page shows pictures itself, and leads to the others.
pub fn media_view(medium: Option<&Media>, alt: Option<&str>) -> MediaView {
    let alt = alt.unwrap_or_default().to_owned();
    let Some(medium) = medium else { return MediaView { alt, label: "Deleted".into(), ..MediaView::default() } };
    let (src, href) = match &medium.source {
        _ if !is_shown(medium) => (None, None),
        MediaSource::Url { url } if is(medium, MediaKind::Picture) => (Some(url.clone()), None),
        MediaSource::Url { url } => (None, Some(url.clone())),
        MediaSource::Upload { .. } => {
            let here = format!("/console/media/{}", medium.id);
            let small = medium.probe.as_ref().is_some_and(|probe| probe.bytes <= SHOWN);
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
            let (kind, size) = (words::media_type(&probe.media_type), words::size(probe.bytes));
            let pixels = match (probe.width, probe.height) {
                // A document has no size.
                (0, 0) => String::new(),
                (width, height) => format!(", {width} × {height}"),
            };
            let played = probe.duration_ms.map(words::played).map(|played| format!(", {played}")).unwrap_or_default();
            format!("{kind}{pixels}{played}, {size}")
        }
    }
}
