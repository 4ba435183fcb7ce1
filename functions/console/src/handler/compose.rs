//! Writing a post, and changing one that still waits.

use super::composed::Shown;
use super::form::{Posted, follow};
use super::sent::Sent;
use super::session::Session;
use super::trouble::Trouble;
use super::{Answer, Console, Shared};
use crate::map::{self, Book, Draft, Row};
use crate::view::{ComposerPage, When};
use app::Error;
use app::publishing::PostView;
use axum::Json;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use domain::PostId;
use domain::access::Permission;
use domain::publishing::PostStatus;
use serde::Deserialize;

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
    let book = frame.book().await?;
    let Some(post) = asked.post else {
        let day = asked.date.as_deref().and_then(|day| day.parse().ok());
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
        let page = Shown::of(draft, media, None).page(&console, &session, &frame, &book, false).await?;
        return frame.page(200, &page);
    };
    let view = editable(&console, &session, &post).await?;
    let media = super::posts::media_of(&console, &session.caller, &view.post.content, &view.post.variants).await?;
    let draft = Draft::of(&view.post, &frame.zone, frame.now);
    let shown = Shown::of(draft, media, Some(view.rev));
    let page = shown.page(&console, &session, &frame, &book, !view.post.is_draft()).await?;
    frame.page(200, &editing(&view, page))
}

/// The page as that of a post that is there already.
fn editing(view: &PostView, page: ComposerPage) -> ComposerPage {
    ComposerPage { action: format!("/console/compose?post={}", view.post.id), again: None, ..page }
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
    let row = posted.form.get("action") == "add_media";
    let mut status = 200;
    if !row {
        match sent.accept(&console, &posted, &book, old.as_ref()).await? {
            Ok(reply) => return Ok(follow(&reply)),
            Err(refused) => status = refused,
        }
    }
    let rev = old.as_ref().map(|old| posted.form.get("rev").parse().unwrap_or(old.rev));
    let page = Shown::again(sent, rev, row).page(&console, session, &frame, &book, fixed).await?;
    match &old {
        Some(old) => frame.page(status, &editing(old, page)),
        None => frame.page(status, &page),
    }
}

/// `POST /console/compose/count`: what the form's content comes to on each platform, as JSON for the page's script. The rules
/// are the platforms' and the tenant's own, and the browser knows none of them; nothing is stored.
pub(super) async fn count(State(console): State<Shared>, posted: Posted) -> Answer {
    writes(&posted.session)?;
    let book = Book::new(Vec::new(), console.deps.connect.all());
    let draft = Sent::read(&posted.form, &book).draft;
    let mut media = Vec::new();
    for id in draft.rows.iter().flat_map(|row| row.id.into_iter().chain(row.captions())) {
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
