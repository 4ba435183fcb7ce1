//! Writing a post, and changing one that still waits.

use super::form::{Posted, follow};
use super::sent::Sent;
use super::session::Session;
use super::trouble::Trouble;
use super::{Answer, Console, Shared};
use crate::map::{self, Book, Draft, Reader, Row, composer, is_shown, library_item};
use crate::view::{LibraryItem, MediaRow, When};
use app::Error;
use app::publishing::PostView;
use axum::Json;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use domain::PostId;
use domain::access::Permission;
use domain::publishing::{Media, PostStatus};
use serde::Deserialize;

/// Media of the library that the composer offers.
const PICKED_FROM: u32 = 12;

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    post: Option<String>,
    date: Option<String>,
    media: Option<String>,
    series: Option<String>,
}

/// `GET /console/compose`; with `post`, the form of that post; with `series`, for one that goes out again and again.
pub(super) async fn page(State(console): State<Shared>, Query(asked): Query<Asked>, session: Session) -> Answer {
    writes(&session)?;
    let frame = session.frame(&console).await?;
    let rules = app::publishing::rules(&console.deps, &session.caller).await?;
    let Some(post) = asked.post else {
        let day = asked.date.as_deref().and_then(|day| day.parse().ok());
        let book = frame.book().await?;
        let mut draft = Draft::fresh(day, &frame.zone, frame.now);
        if asked.series.is_some() {
            draft.when = When::Series;
        }
        // With one account there is nothing to choose.
        let mut usable = book.connected().filter(|account| account.is_active());
        if let (Some(only), None) = (usable.next(), usable.next()) {
            draft.targets.push(only.id.to_string());
        }
        let mut media = Vec::new();
        if let Some(id) = asked.media.as_deref().and_then(|id| id.parse().ok()) {
            let medium = app::publishing::media(&console.deps, &session.caller, id).await?;
            draft.rows.push(Row::of(&medium));
            media.push(medium);
        }
        let mut page = composer(&frame.reader(), &book, &draft, &media, &rules.brand, Vec::new(), false);
        page.library = library(&console, &session, &frame.reader(), &draft).await?;
        return frame.page(200, &page);
    };
    let view = editable(&console, &session, &post).await?;
    let media = super::posts::media_of(&console, &session.caller, &view.post.content, &view.post.variants).await?;
    let draft = Draft::of(&view.post, &frame.zone, frame.now);
    let fixed = !view.post.is_draft();
    let book = frame.book().await?;
    let mut page = composer(&frame.reader(), &book, &draft, &media, &rules.brand, Vec::new(), fixed);
    page.action = format!("/console/compose?post={}", view.post.id);
    page.rev = Some(view.rev);
    page.again = None;
    page.library = library(&console, &session, &frame.reader(), &draft).await?;
    frame.page(200, &page)
}

/// The newest media of the library that can be taken along and are not there yet.
pub(super) async fn library(
    console: &Console,
    session: &Session,
    reader: &Reader<'_>,
    draft: &Draft,
) -> Result<Vec<LibraryItem>, Trouble> {
    let found = app::publishing::library(&console.deps, &session.caller, None, PICKED_FROM).await?;
    let fresh = |medium: &&Media| is_shown(medium) && !draft.rows.iter().any(|row| row.id == Some(medium.id));
    Ok(found.items.iter().filter(fresh).map(|medium| library_item(reader, medium)).collect())
}

/// Refuses who may not write posts.
pub(super) fn writes(session: &Session) -> Result<(), Trouble> {
    if session.caller.may(Permission::Publish) { Ok(()) } else { Err(Error::Forbidden("publish").into()) }
}

/// A post this form can change.
async fn editable(console: &Console, session: &Session, id: &str) -> Result<PostView, Trouble> {
    let id: PostId = id.parse().map_err(|_| Trouble::Status(404))?;
    let view = app::publishing::status(&console.deps, &session.caller, id).await?;
    if !matches!(view.status, PostStatus::Draft | PostStatus::Scheduled) || view.post.archived {
        return Err(Error::conflict("too_late", "the post has left").into());
    }
    if !Draft::can_show(&view.post) {
        let detail = "it was written through the API and holds more than this form can show: change it there";
        return Err(Error::conflict("more_than_the_form", detail).into());
    }
    Ok(view)
}

/// `POST /console/compose`.
pub(super) async fn submit(State(console): State<Shared>, Query(asked): Query<Asked>, posted: Posted) -> Answer {
    let session = &posted.session;
    writes(session)?;
    if let Some(earlier) = posted.sent_before(&console, Permission::Publish).await? {
        return Ok(earlier);
    }
    let frame = session.frame(&console).await?;
    let book = frame.book().await?;
    let old = match &asked.post {
        Some(id) => Some(editable(&console, session, id).await?),
        None => None,
    };
    let fixed = old.as_ref().is_some_and(|old| !old.post.is_draft());
    let mut sent = Sent::read(&posted.form, &book);
    if let Some(old) = old.as_ref().filter(|_| fixed) {
        sent.draft.targets = old.post.targets.iter().map(|t| t.account.to_string()).collect();
    }
    sent.gather(&console, &posted).await?;
    let asks_for_a_row = posted.form.get("action") == "add_media";
    let mut status = 200;
    if !asks_for_a_row {
        match sent.accept(&console, &posted, &book, old.as_ref()).await? {
            Ok(reply) => return Ok(follow(&reply)),
            Err(refused) => status = refused,
        }
    }
    let rules = app::publishing::rules(&console.deps, &session.caller).await?;
    let mut page = composer(&frame.reader(), &book, &sent.draft, &sent.media, &rules.brand, sent.errors, fixed);
    if asks_for_a_row && page.media.len() < page.max_media as usize && page.media.len() == sent.draft.rows.len() {
        page.media.push(MediaRow::default());
    }
    page.library = library(&console, session, &frame.reader(), &sent.draft).await?;
    if let Some(old) = old {
        page.action = format!("/console/compose?post={}", old.post.id);
        page.rev = posted.form.get("rev").parse().ok().or(Some(old.rev));
        page.again = None;
    }
    frame.page(status, &page)
}

/// `POST /console/compose/count`: what the form's content comes to on each platform, as JSON for the page's script. The rules
/// are the platforms' and the tenant's own, and the browser knows none of them; nothing is stored.
pub(super) async fn count(State(console): State<Shared>, posted: Posted) -> Answer {
    writes(&posted.session)?;
    let book = Book::new(Vec::new(), console.deps.connect.all());
    let draft = Sent::read(&posted.form, &book).draft;
    let mut media = Vec::new();
    for id in draft.rows.iter().filter_map(|row| row.id) {
        match app::publishing::media(&console.deps, &posted.session.caller, id).await {
            Ok(medium) => media.push(medium),
            Err(Error::NotFound(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let brand = app::publishing::rules(&console.deps, &posted.session.caller).await?.brand;
    let count = |descriptor| map::count(descriptor, &draft, &media, &brand);
    let counts: Vec<_> = book.platforms.iter().map(count).collect();
    Ok(Json(counts).into_response())
}
