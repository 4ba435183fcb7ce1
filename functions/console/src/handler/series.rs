//! Series: the list, the page of one, and what may be done with it. They are made in the composer.

use super::form::{Posted, follow, goes};
use super::posts::media_of;
use super::session::Session;
use super::trouble::{Trouble, encoded};
use super::{Answer, Console, Shared};
use crate::map::{RecurrenceDraft, Refused, TimesDraft, posts_of, series_href, series_page, series_row, times_errors};
use crate::view::{FieldError, Flash, SeriesListPage};
use crate::words::{Explained, Said, told};
use app::publishing::{NewSeries, SeriesEdit, SeriesView};
use app::{Error, Once, Reply};
use axum::extract::{Path, Query, State};
use domain::SeriesId;
use domain::access::Caller;
use runtime::http::{open_cursor, seal_cursor};
use serde::Deserialize;

/// Series of one page.
const PAGE: u32 = 25;
/// Where the list is.
const HERE: &str = "/console/series";
/// The list that a cursor belongs to.
const LIST: &str = "console-series";

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    after: Option<String>,
}

/// A series, as an address names it.
pub(super) fn id(text: &str) -> Result<SeriesId, Trouble> {
    text.parse().map_err(|_| Trouble::Status(404))
}

/// `GET /console/series`.
pub(super) async fn page(State(console): State<Shared>, Query(asked): Query<Asked>, session: Session) -> Answer {
    let after = asked.after.as_deref().map(|after| open_cursor(LIST, after)).transpose();
    let after = after.map_err(|_| Trouble::Status(404))?;
    let found = app::publishing::all_series(&console.deps, &session.caller, after.as_deref(), PAGE).await?;
    let frame = session.frame(&console).await?;
    let book = frame.book().await?;
    let view = SeriesListPage {
        items: found.items.iter().map(|series| series_row(&book, series)).collect(),
        more_href: found.next.map(|cursor| format!("{HERE}?after={}", encoded(&seal_cursor(LIST, &cursor)))),
        first_href: after.is_some().then(|| HERE.to_owned()),
    };
    frame.page(200, &view)
}

/// `GET /console/series/{series_id}`.
pub(super) async fn one(State(console): State<Shared>, Path(series): Path<String>, session: Session) -> Answer {
    show(&console, &session, id(&series)?, 200, None, Refused::default()).await
}

async fn show(
    console: &Console,
    session: &Session,
    id: SeriesId,
    status: u16,
    told: Option<&Explained>,
    refused: Refused,
) -> Answer {
    let (deps, caller) = (&console.deps, &session.caller);
    let view = app::publishing::series(deps, caller, id).await?;
    let posts = match app::publishing::views(deps, caller, &posts_of(&view.series)).await {
        Ok(posts) => posts,
        // One of them is gone: the others are told without their states, each still with the way to it.
        Err(Error::NotFound(_)) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    let media = media_of(console, caller, &view.series.content, &view.series.variants).await?;
    let frame = session.frame(console).await?.saying(told.map(Flash::from));
    let book = frame.book().await?;
    frame.page(status, &series_page(&frame.reader(), &book, &view, &posts, &media, refused))
}

/// What became of a change; a refusal that no field can mend is told on top of the page.
async fn answer(console: &Console, session: &Session, id: SeriesId, done: Result<Reply, Error>) -> Answer {
    let error = match done {
        Ok(reply) => return Ok(follow(&reply)),
        Err(error @ (Error::Conflict { .. } | Error::Invalid(_) | Error::KeyReused)) => error,
        Err(error) => return Err(error.into()),
    };
    let told = told(&error);
    show(console, session, id, told.status, Some(&told), Refused::default()).await
}

fn rev_of(posted: &Posted, field: &str) -> Result<u64, Trouble> {
    posted.form.get(field).parse().map_err(|_| Trouble::Status(400))
}

async fn edited(
    console: &Console,
    posted: &Posted,
    id: SeriesId,
    rev: u64,
    edit: &SeriesEdit,
    said: Said,
) -> Result<Result<Reply, Error>, Trouble> {
    let encode = |_: &SeriesView| goes(&series_href(id), said);
    let (caller, once) = (&posted.session.caller, posted.once()?);
    Ok(app::publishing::edit_series(&console.deps, caller, id, rev, edit, once, &encode).await)
}

/// `POST /console/series/{series_id}/pause`.
pub(super) async fn pause(State(console): State<Shared>, Path(series): Path<String>, posted: Posted) -> Answer {
    let (id, edit) = (id(&series)?, SeriesEdit { paused: Some(true), ..SeriesEdit::default() });
    let done = edited(&console, &posted, id, rev_of(&posted, "rev")?, &edit, Said::SeriesPaused).await?;
    answer(&console, &posted.session, id, done).await
}

/// `POST /console/series/{series_id}/resume`.
pub(super) async fn resume(State(console): State<Shared>, Path(series): Path<String>, posted: Posted) -> Answer {
    let (id, edit) = (id(&series)?, SeriesEdit { paused: Some(false), ..SeriesEdit::default() });
    let done = edited(&console, &posted, id, rev_of(&posted, "rev")?, &edit, Said::SeriesResumed).await?;
    answer(&console, &posted.session, id, done).await
}

/// `POST /console/series/{series_id}/end`.
pub(super) async fn end(State(console): State<Shared>, Path(series): Path<String>, posted: Posted) -> Answer {
    let (id, reply) = (id(&series)?, goes(HERE, Said::SeriesEnded));
    let (caller, once) = (&posted.session.caller, posted.once()?);
    let done = app::publishing::end_series(&console.deps, caller, id, once, &reply).await;
    answer(&console, &posted.session, id, done).await
}

/// `POST /console/series/{series_id}/times`: another recurrence, for the runs that have no post yet. What somebody else changed
/// after the form was opened is shown beside what was typed, and is overridden only by who says so (`over`, with its revision).
pub(super) async fn times(State(console): State<Shared>, Path(series): Path<String>, posted: Posted) -> Answer {
    let (id, form) = (id(&series)?, &posted.form);
    let field = |name: &str| form.get(name);
    let often = RecurrenceDraft::typed(field, form.all("weekday").map(str::to_owned).collect());
    let typed =
        TimesDraft { date: field("date").into(), time: field("time").into(), zone: field("zone").into(), often };
    let rev = rev_of(&posted, if form.has("over") { "over" } else { "rev" })?;
    let mut stale = false;
    let errors = match typed.often.spec(&typed.date, &typed.time, &typed.zone) {
        Err(errors) => errors,
        Ok(spec) => {
            let edit = SeriesEdit { recurrence: Some(spec), missed: Some(typed.often.missed), ..SeriesEdit::default() };
            match edited(&console, &posted, id, rev, &edit, Said::SeriesMoved).await? {
                Ok(reply) => return Ok(follow(&reply)),
                Err(Error::Invalid(violations)) => times_errors(&violations),
                Err(Error::Conflict { code: "changed_meanwhile", .. }) => {
                    stale = true;
                    let text = "Somebody changed this series, or a run of it got its post, after you opened this page. Nothing of yours was \
                                applied. You see now how it stands, and what you typed is still in the form.";
                    vec![FieldError { field: "recurrence".into(), text: text.into() }]
                }
                Err(error @ (Error::Conflict { .. } | Error::KeyReused)) => {
                    vec![FieldError { field: "recurrence".into(), text: told(&error).text }]
                }
                Err(error) => return Err(error.into()),
            }
        }
    };
    let refused = Refused { errors, typed: Some(typed), rev: Some(rev), stale };
    show(&console, &posted.session, id, if stale { 409 } else { 422 }, None, refused).await
}

/// Makes a series of what stands in the composer.
pub(super) async fn make(console: &Console, caller: &Caller, new: &NewSeries, once: &Once) -> Result<Reply, Error> {
    let deps = &console.deps;
    let waits = app::publishing::rules(deps, caller).await?.approval.binds_caller(caller);
    let said = if waits { Said::SeriesWaits } else { Said::SeriesMade };
    let encode = |made: &SeriesView| goes(&series_href(made.series.id), said);
    app::publishing::create_series(deps, caller, new, once, &encode).await
}
