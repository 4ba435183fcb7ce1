//! The pictures of the library.

use super::{Book, MAX_UPLOAD, Reader, media_label, media_view};
use crate::view::{LibraryItem, Uploader};
use crate::words;
use domain::access::Permission;
use domain::publishing::{Media, MediaKind};

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
