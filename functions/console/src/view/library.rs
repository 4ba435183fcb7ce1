//! The media library.

use serde::Serialize;

use super::{FieldError, Moment};

/// `GET /console/media?after=…`; also the answer to a form with an error.
///
/// Without scripts a file is sent with the form (`file`, `alt`). With them each goes straight to the bucket, and the page
/// shows how far it is: `POST /console/media/begin` gives the address, `POST /console/media/{id}/arrived` looks at what
/// came. Error field: `file`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LibraryPage {
    /// The media, newest first.
    pub items: Vec<LibraryItem>,
    /// How more come in; absent for who may not.
    pub uploader: Option<Uploader>,
    /// What was wrong with the last try.
    pub errors: Vec<FieldError>,
    /// The next page, when there is one.
    pub older_href: Option<String>,
    /// The first page, when this is not it.
    pub newest_href: Option<String>,
}

/// A medium of the library: a picture, a video, a document or captions.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LibraryItem {
    /// Its id.
    pub id: String,
    /// An address the browser may load; absent while nothing has arrived, and for what is too large to show.
    pub src: Option<String>,
    /// What it is, in words.
    pub label: String,
    /// What it shows; empty when nobody has said.
    pub alt: String,
    /// When it came.
    pub created: Moment,
    /// The composer with it; absent while it cannot be used.
    pub use_href: Option<String>,
    /// The key of the form that says what it shows; absent for who may not.
    pub describe_key: Option<String>,
}

/// How media come into the library.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Uploader {
    /// A fresh key per rendering.
    pub idempotency_key: String,
    /// The `accept` attribute of the file field.
    pub accept: String,
    /// What may be uploaded, in words.
    pub note: String,
}
