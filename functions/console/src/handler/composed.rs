//! The composer's page, of whatever is written in it: a post, what a series says, the words of what is live.

use super::Console;
use super::frame::Frame;
use super::sent::Sent;
use super::session::Session;
use super::trouble::Trouble;
use crate::map::{Book, Draft, captions_pick, composer, is_captions, is_shown, library_item};
use crate::view::{ComposerPage, FieldError, MediaRow, TrackRow};
use domain::MediaId;
use domain::publishing::Media;

/// Media of the library that the composer offers.
const PICKED_FROM: usize = 12;
/// Media of the library among which it looks for those, and for files of captions.
const LOOKED_AT: u32 = 48;

/// What stands in the form.
pub(super) struct Shown {
    pub(super) draft: Draft,
    /// The stored media of its rows, and the files of their captions.
    pub(super) media: Vec<Media>,
    pub(super) errors: Vec<FieldError>,
    /// The revision that it was filled in for; none of a new post.
    pub(super) rev: Option<u64>,
    /// Whether another row of media was asked for.
    pub(super) row: bool,
}

impl Shown {
    /// What is there already.
    pub(super) fn of(draft: Draft, media: Vec<Media>, rev: Option<u64>) -> Self {
        Self { draft, media, errors: Vec::new(), rev, row: false }
    }

    /// What was sent, and comes back.
    pub(super) fn again(sent: Sent, rev: Option<u64>, row: bool) -> Self {
        Self { draft: sent.draft, media: sent.media, errors: sent.errors, rev, row }
    }

    /// The page, with what there is in the library to take along. `fixed` is a post whose accounts can no longer be
    /// changed.
    pub(super) async fn page(
        self,
        console: &Console,
        session: &Session,
        frame: &Frame<'_>,
        book: &Book,
        fixed: bool,
    ) -> Result<ComposerPage, Trouble> {
        let reader = frame.reader();
        let found = app::publishing::library(&console.deps, &session.caller, None, LOOKED_AT).await?.items;
        let taken: Vec<Option<MediaId>> = self.draft.rows.iter().map(|row| row.id).collect();
        let fresh = |medium: &&Media| is_shown(medium) && !taken.contains(&Some(medium.id));
        let mut page = self.without_library(console, session, frame, book, fixed).await?;
        page.library = found.iter().filter(fresh).take(PICKED_FROM).map(|m| library_item(&reader, m)).collect();
        for file in found.iter().filter(|medium| is_captions(medium)).map(|medium| captions_pick(&reader, medium)) {
            if !page.media_has.files.iter().any(|known| known.value == file.value) {
                page.media_has.files.push(file);
            }
        }
        Ok(page)
    }

    /// The same where no media are taken along.
    pub(super) async fn without_library(
        self,
        console: &Console,
        session: &Session,
        frame: &Frame<'_>,
        book: &Book,
        fixed: bool,
    ) -> Result<ComposerPage, Trouble> {
        let Self { draft, media, errors, rev, row } = self;
        let rules = app::publishing::rules(&console.deps, &session.caller).await?;
        let mut page = composer(&frame.reader(), book, &draft, &media, &rules.brand, errors, fixed);
        if row && page.media.len() < page.max_media as usize && page.media.len() == draft.rows.len() {
            let track = (!page.media_has.captions.is_empty()).then(TrackRow::default);
            page.media.push(MediaRow { video: true, tracks: track.into_iter().collect(), ..MediaRow::default() });
        }
        page.rev = rev;
        Ok(page)
    }
}
