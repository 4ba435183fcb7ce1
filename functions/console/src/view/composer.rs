//! The composer: one post, for several accounts, now or later.

use serde::Serialize;

use super::{AccountRef, ExtraFields, FieldError, LibraryItem, Pick, Platform, RecurrenceFields, ZoneGroup};

/// `GET /console/compose`, with `?post=…` to edit one, and `GET /console/series/{series_id}/content`; also the answer to a form with errors.
///
/// The form is `multipart/form-data` and posts: `text`, `link`, `link_title`, `target` (an account id, once per ticked account),
/// `link_description`; what else a content can have, as [`ExtraFields`] says; `variant_{slug}` per platform (empty = the common text), per media row i: `media_{i}_id`, `media_{i}_url`,
/// `media_{i}_file`, `media_{i}_alt`, `media_{i}_title`, `media_{i}_part` (of a thread, from 1), `media_{i}_cover` (seconds), of its captions k
/// `media_{i}_captions_{k}` (the file's id), `media_{i}_language_{k}`, `media_{i}_name_{k}`; `media_{i}_remove`; `when` (`now`, `at`, `queue`, `best`, `series`, `draft`), `date` (YYYY-MM-DD),
/// `time` (HH:MM), `zone` (IANA); of a series the fields of [`RecurrenceFields`]; `csrf`, `idempotency_key`, `rev` on edits; `action=add_media` instead of `save` when
/// a row is asked for without scripts.
///
/// Error fields: `composer` (the whole form), `text`, `link`, `link_title`, `link_description`, those of [`ExtraFields`], `targets`, `variant_{slug}`, `media_{i}`, `when`, `date`, `time`, `zone`,
/// `every`, `freq`, `until`, `count`, `missed`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ComposerPage {
    /// Where the form posts to.
    pub action: String,
    /// A fresh key per rendering.
    pub idempotency_key: String,
    /// The revision that is edited; absent for a new post.
    pub rev: Option<u64>,
    /// Everything that is wrong, at once.
    pub errors: Vec<FieldError>,
    /// The common text.
    pub text: String,
    /// A link to attach.
    pub link: String,
    /// The title of the link's card, for platforms that do not read the page.
    pub link_title: String,
    /// The text on the link's card.
    pub link_description: String,
    /// What else the content can have.
    pub extras: ExtraFields,
    /// Whether its accounts stay as they are, and it does not become a draft again.
    pub fixed: bool,
    /// The connected accounts.
    pub targets: Vec<Target>,
    /// The platforms of those accounts, each once.
    pub platforms: Vec<PlatformBlock>,
    /// Media so far, and one empty row to fill (rows beyond what every platform takes are refused with an error).
    pub media: Vec<MediaRow>,
    /// What a row of media can have besides.
    pub media_has: MediaFields,
    /// The newest media of the library, to take along: `media_pick` with an id, once per ticked one.
    pub library: Vec<LibraryItem>,
    /// How many rows may be added at most.
    pub max_media: u32,
    /// The `accept` attribute of the file field, such as `image/jpeg,image/png`.
    pub accept: String,
    /// What may be uploaded, in words with the size, such as `JPEG, PNG, GIF or WebP, up to 4 MB`.
    pub upload_note: String,
    /// When it goes out.
    pub when: When,
    /// The day, YYYY-MM-DD, in the zone.
    pub date: String,
    /// The time, HH:MM, in the zone.
    pub time: String,
    /// The chosen zone.
    pub zone: String,
    /// All zones, see [`super::zone_groups`].
    pub zones: Vec<ZoneGroup>,
    /// The next free slot in words; absent when the tenant has no queue slots, and then the choice is not offered.
    pub queue_note: Option<String>,
    /// How often, of a series; absent where the post is there already.
    pub again: Option<RecurrenceFields>,
    /// The page of the series whose content this is: it has times of its own, and none are asked for.
    pub series_href: Option<String>,
    /// The page of the live post whose words these are: nothing else of it can be changed.
    pub live_href: Option<String>,
    /// What else to know before one saves.
    pub note: Option<String>,
}

/// When a post goes out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// As soon as it is accepted.
    #[default]
    Now,
    /// At a date and time in a zone.
    At,
    /// In the next free slot.
    Queue,
    /// At the best time that is free.
    Best,
    /// Again and again.
    Series,
    /// Not before somebody says so.
    Draft,
}

/// An account that can be ticked.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Target {
    /// The account's id.
    pub id: String,
    /// Who it is.
    pub account: AccountRef,
    /// Whether it is ticked.
    pub checked: bool,
    /// Why it cannot be used now, with what to do; absent when it can.
    pub blocked: Option<String>,
    /// Whether the tick stays as it is.
    pub fixed: bool,
}

/// What the composer knows of one platform.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PlatformBlock {
    /// Which.
    pub platform: Platform,
    /// The most that one part may hold.
    pub limit: u32,
    /// What any link counts as; absent where links count like other text.
    pub url_length: Option<u32>,
    /// A line that splits the text into a thread, such as `---`; absent where there are no threads.
    pub separator: Option<String>,
    /// The text of its own, empty for the common text.
    pub variant: String,
    /// The name on the preview.
    pub author: String,
    /// The handle on the preview.
    pub handle: Option<String>,
    /// What the text comes to now.
    pub count: Count,
}

/// What a text comes to on one platform, by the platform's rule: in the page, and told to its script while one types.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// The platform's slug.
    pub slug: String,
    /// The count in words, such as `164 / 280` or `120 + 80 of 280 each (2 parts)`.
    pub words: String,
    /// Whether a part holds more than fits.
    pub over: bool,
    /// Whether a part is nearly full.
    pub near: bool,
    /// The text of each part, as the preview shows it.
    pub parts: Vec<String>,
    /// Which of the platform's rules it breaks, and how to mend it. That nothing is written yet is none of them.
    pub problems: Vec<String>,
    /// What is not as one may think, and no reason to refuse it: what is left out there, whom it may not reach, what it may cost.
    pub hints: Vec<String>,
}

/// One medium.
#[derive(Debug, Clone, Default, Serialize)]
pub struct MediaRow {
    /// The id of what is uploaded already.
    pub id: Option<String>,
    /// What is uploaded already, in words (name, type, size).
    pub label: Option<String>,
    /// A picture of it that may be shown.
    pub thumbnail: Option<String>,
    /// The address it is fetched from, when it is not an upload.
    pub url: String,
    /// The text for those who do not see it.
    pub alt: String,
    /// The title of a video or a document.
    pub title: String,
    /// The part of a thread that it stands in, from 1; empty: the first.
    pub part: String,
    /// Whether it is a video, or may be one.
    pub video: bool,
    /// The instant of its cover, in seconds.
    pub cover: String,
    /// Its captions, and empty ones where more can be added.
    pub tracks: Vec<TrackRow>,
}

/// What rows of media can have besides, each with the connected platforms that have it, with commas; empty where none does.
#[derive(Debug, Clone, Default, Serialize)]
pub struct MediaFields {
    /// Threads, in which each part has media of its own.
    pub threads: String,
    /// An instant of a video for its cover.
    pub covers: String,
    /// Captions of a video.
    pub captions: String,
    /// The files of captions to choose from.
    pub files: Vec<Pick>,
}

/// Captions of a video.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TrackRow {
    /// The id of the file.
    pub file: String,
    /// The language.
    pub language: String,
    /// What viewers choose them by.
    pub name: String,
}
