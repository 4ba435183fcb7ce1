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
        src: media_view(Some(medium), None).src.filter(|_| is_picture(medium)),
        label: media_label(medium),
        alt: medium.alt_text.clone().unwrap_or_default(),
        created: reader.moment(medium.created_at),
        use_href: (writes && is_picture(medium)).then(|| format!("/console/compose?media={}", medium.id)),
        describe_key: writes.then(|| reader.fresh()),
    }
}

/// Whether it has arrived and is a picture: what the composer's form can take along.
pub fn is_picture(medium: &Media) -> bool {
    medium.probe.as_ref().is_some_and(|probe| probe.kind() == MediaKind::Picture)
}

/// How more come in: what any platform takes.
pub fn uploader(reader: &Reader<'_>, book: &Book) -> Option<Uploader> {
    let types = image_types(book.platforms.iter().flat_map(|descriptor| &descriptor.limits.image_types));
    let named = types.iter().map(|kind| words::media_type(kind)).collect::<Vec<_>>().join(", ");
    reader.may(Permission::Publish).then(|| Uploader {
        idempotency_key: reader.fresh(),
        accept: types.join(","),
        note: format!("{named}. Without scripts, one at a time and up to {}.", words::size(MAX_UPLOAD as u64)),
    })
}

/// Media types, each once.
pub(super) fn image_types<'a>(types: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut types: Vec<String> = types.cloned().collect();
    types.sort_unstable();
    types.dedup();
    types
}

/// A picture of a post; none when it was deleted meanwhile.
pub fn media_view(medium: Option<&Media>, alt: Option<&str>) -> MediaView {
    let alt = alt.unwrap_or_default().to_owned();
    let Some(medium) = medium else { return MediaView { src: None, alt, label: "Deleted".into() } };
    let src = match &medium.source {
        MediaSource::Url { url } => Some(url.clone()),
        MediaSource::Upload { .. } => {
            let small = medium.probe.as_ref().is_some_and(|probe| probe.bytes <= SHOWN);
            small.then(|| format!("/console/media/{}", medium.id))
        }
    };
    MediaView { src, alt, label: media_label(medium) }
}

/// A medium in words: type and size.
pub fn media_label(medium: &Media) -> String {
    match &medium.probe {
        None => "Not arrived yet".into(),
        Some(probe) => {
            let (kind, size) = (words::media_type(&probe.media_type), words::size(probe.bytes));
            match (probe.width, probe.height) {
                // A document has no size.
                (0, 0) => format!("{kind}, {size}"),
                (width, height) => format!("{kind}, {width} × {height}, {size}"),
            }
        }
    }
}
