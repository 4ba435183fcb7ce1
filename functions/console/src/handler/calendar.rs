//! Posts by day: a month, a week, or a list of the month; and moving one of them to another time.

use super::form::{Posted, follow, goes};
use super::session::Session;
use super::trouble::{Trouble, encoded};
use super::{Answer, Console, Shared};
use crate::map::{Calendar, Read, Shown, Wall, row};
use crate::view::Flash;
use crate::words::{Explained, Said, moving};
use app::publishing::{Accepted, Edit, When};
use app::{Error, Once, Reply};
use axum::extract::{Query, State};
use domain::PostId;
use domain::publishing::Post;
use domain::time::{OnGap, WallTime};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use ports::PostQuery;
use runtime::http::{open_cursor, seal_cursor};
use serde::Deserialize;

/// Posts of one read of a grid, and such reads: what is beyond is not counted, and the page says so.
const GRID: (u32, usize) = (500, 2);
/// Posts of one page of the list.
const LISTED: u32 = 50;
/// The list that a cursor of the calendar's list belongs to.
const LIST: &str = "console-calendar";
/// Posts shown below the month.
const UPCOMING: u32 = 5;

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    month: Option<String>,
    week: Option<String>,
    list: Option<String>,
    after: Option<String>,
}

impl Asked {
    fn shown(&self) -> Option<Shown> {
        let of = |name: &str, value: &Option<String>| Shown::parse(name, value.as_deref()?);
        of("month", &self.month).or_else(|| of("week", &self.week)).or_else(|| of("list", &self.list))
    }
}

/// `GET /console/calendar`, with `month=YYYY-MM`, `week=YYYY-MM-DD` (any day of it) or `list=YYYY-MM`.
pub(super) async fn page(State(console): State<Shared>, Query(asked): Query<Asked>, session: Session) -> Answer {
    show(&console, &session, asked.shown(), asked.after.as_deref(), None).await
}

/// The calendar; with what a move came to, when it was refused.
async fn show(
    console: &Console,
    session: &Session,
    shown: Option<Shown>,
    after: Option<&str>,
    told: Option<&Explained>,
) -> Answer {
    let (deps, caller) = (&console.deps, &session.caller);
    let frame = session.frame(console).await?.saying(told.map(Flash::from));
    let book = frame.book().await?;
    let reader = frame.reader();
    let shown = shown.unwrap_or_else(|| Shown::month_of(reader.local(frame.now).date()));
    let (from, to) = shown.span(&frame.zone).unzip();
    let calendar = Calendar { shown, reader: &reader, book: &book };
    let mut page = if shown.is_list() {
        let cursor = after.map(|after| open_cursor(LIST, after).map_err(|_| Trouble::Status(404))).transpose()?;
        let query = PostQuery { from, to, ascending: true, limit: LISTED, cursor };
        let found = app::publishing::posts(deps, caller, &query).await?;
        let next = found.next.map(|cursor| {
            let sealed = encoded(&seal_cursor(LIST, &cursor));
            format!("{}&after={sealed}", shown.href())
        });
        calendar.list(&found.items, next, after.is_some())
    } else {
        let read = grid(console, session, from, to).await?;
        let ids: Vec<PostId> = calendar.wanted(&read.posts).iter().map(|post| post.id).collect();
        let views = app::publishing::views(deps, caller, &ids).await?;
        calendar.grid(&read, &views)
    };
    if shown.is_month() {
        let soon = PostQuery { from: Some(frame.now), ascending: true, limit: UPCOMING, ..PostQuery::default() };
        let upcoming = app::publishing::posts(deps, caller, &soon).await?;
        page.upcoming = upcoming.items.iter().map(|view| row(&reader, &book, view)).collect();
    }
    frame.page(told.map_or(200, |told| told.status), &page)
}

/// The posts of a grid, as they are planned. What became of them is read only of those that are shown.
async fn grid(
    console: &Console,
    session: &Session,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
) -> Result<Read, Trouble> {
    let (limit, reads) = GRID;
    let mut query = PostQuery { from, to, ascending: true, limit, cursor: None };
    let mut posts: Vec<Post> = Vec::new();
    for _ in 0..reads {
        let page = app::publishing::planned(&console.deps, &session.caller, &query).await?;
        posts.extend(page.items);
        query.cursor = page.next;
        if query.cursor.is_none() {
            break;
        }
    }
    Ok(Read { posts, cut: query.cursor.is_some() })
}

/// `POST /console/calendar/move`: another time for a post that waits, as it was when the page was made (`rev`). What is
/// refused leaves everything as it was, and the page says why and shows how it stands now.
pub(super) async fn shift(State(console): State<Shared>, posted: Posted) -> Answer {
    let form = &posted.form;
    let id: PostId = form.get("post").parse().map_err(|_| Trouble::Status(404))?;
    let rev = form.get("rev").parse().map_err(|_| Trouble::Status(400))?;
    let back = form.get("back").split_once('=').and_then(|(name, value)| Shown::parse(name, value));
    let on_its_page = form.get("back") == "post";
    let to = match (on_its_page, back) {
        (true, _) => format!("/console/posts/{id}"),
        (false, Some(shown)) => shown.href(),
        (false, None) => "/console/calendar".into(),
    };
    let told = match moved(&console, &posted, posted.once()?, (id, rev), &to).await {
        Ok(reply) => return Ok(follow(&reply)),
        Err(error @ (Error::Forbidden(_) | Error::NotFound(_) | Error::Internal(_) | Error::Unavailable(_))) => {
            return Err(error.into());
        }
        Err(error) => moving(&error),
    };
    if on_its_page {
        return super::posts::show(&console, &posted.session, id, Some(&told)).await;
    }
    show(&console, &posted.session, back, None, Some(&told)).await
}

async fn moved(
    console: &Console,
    posted: &Posted,
    once: &Once,
    (id, rev): (PostId, u64),
    to: &str,
) -> Result<Reply, Error> {
    let field = |name: &str| posted.form.get(name);
    let wall = Wall { date: field("date"), time: field("time"), zone: field("zone") };
    let wall = wall.read().map_err(|wrong| Error::invalid("out_of_range", wrong.field, wrong.text))?;
    let found = app::publishing::status(&console.deps, &posted.session.caller, id).await?;
    let when = (!shows(&found.post, &wall)).then_some(When::Wall(wall, OnGap::Reject));
    let edit = Edit { when, ..Edit::default() };
    let said = |accepted: &Accepted| if accepted.approval.is_some() { Said::MovedWaits } else { Said::Moved };
    let encode = |accepted: &Accepted| goes(to, said(accepted));
    app::publishing::edit(&console.deps, &posted.session.caller, id, rev, &edit, once, &encode).await
}

/// Whether the post is due when this is shown: read anew, the second of an hour that comes twice would be the first.
fn shows(post: &Post, wall: &WallTime) -> bool {
    let (Some(at), Ok(zone)) = (post.schedule.due_at(), TimeZone::get(&wall.zone)) else { return false };
    let second = |local: DateTime| local.with().subsec_nanosecond(0).build().ok();
    second(at.to_zoned(zone).datetime()) == second(wall.local)
}
