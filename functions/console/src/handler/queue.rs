//! Posts in a list.

use super::session::Session;
use super::trouble::{Trouble, encoded};
use super::{Answer, Shared};
use crate::map::{self, day_span};
use crate::view::{QueuePage, StateFilter};
use app::publishing::PostView;
use axum::extract::{Query, State};
use domain::publishing::PostStatus;
use jiff::civil::Date;
use ports::PostQuery;
use runtime::http::{open_cursor, seal_cursor};
use serde::Deserialize;

/// Posts of one read.
const PAGE: u32 = 50;
/// Reads for one page of a filtered list.
const READS: usize = 6;
/// Posts of a filtered list before the page ends.
const LISTED: usize = 25;
/// The list that a cursor of the queue belongs to.
const LIST: &str = "console-queue";

#[derive(Default, Deserialize)]
pub(super) struct AskedPosts {
    state: Option<String>,
    day: Option<String>,
    after: Option<String>,
}

/// The ways to look at the posts: name in addresses, words, whether it is a post of this kind.
type Kind = (&'static str, &'static str, fn(&PostView) -> bool);

const KINDS: [Kind; 6] = [
    ("all", "All", |_| true),
    ("upcoming", "Upcoming", |v| matches!(v.status, PostStatus::Scheduled | PostStatus::Publishing)),
    ("draft", "Drafts", |v| v.status == PostStatus::Draft),
    ("attention", "Need you", |v| v.status == PostStatus::Attention),
    ("published", "Published", |v| v.status == PostStatus::Published),
    ("failed", "Failed", |v| matches!(v.status, PostStatus::Failed | PostStatus::Partial)),
];

/// `GET /console/queue`.
pub(super) async fn page(State(console): State<Shared>, Query(asked): Query<AskedPosts>, session: Session) -> Answer {
    let (deps, caller) = (&console.deps, &session.caller);
    let frame = session.frame(&console).await?;
    let book = frame.book().await?;
    let wanted = asked.state.as_deref().unwrap_or_default();
    let (name, _, fits) = KINDS.iter().find(|(name, ..)| *name == wanted).copied().unwrap_or(KINDS[0]);
    let day: Option<Date> = asked.day.as_deref().and_then(|day| day.parse().ok());
    let (from, to) = day.and_then(|day| day_span(day, &frame.zone)).unzip();
    let ascending = day.is_some() || name == "upcoming";
    let from = from.or_else(|| (name == "upcoming").then_some(frame.now));
    let mut query = PostQuery { from, to, ascending, limit: PAGE, cursor: None };
    if let Some(after) = &asked.after {
        query.cursor = Some(open_cursor(LIST, after).map_err(|_| Trouble::Status(404))?);
    }
    let mut posts: Vec<PostView> = Vec::new();
    for _ in 0..READS {
        let page = app::publishing::posts(deps, caller, &query).await?;
        posts.extend(page.items.into_iter().filter(&fits));
        query.cursor = page.next;
        if query.cursor.is_none() || posts.len() >= LISTED {
            break;
        }
    }
    let here = match (&asked.day, day) {
        (Some(_), Some(day)) => format!("/console/queue?day={day}"),
        _ => format!("/console/queue?state={name}"),
    };
    let mut filters: Vec<StateFilter> = KINDS
        .iter()
        .map(|(kind, label, _)| StateFilter {
            label: (*label).into(),
            href: format!("/console/queue?state={kind}"),
            count: None,
            current: *kind == name && day.is_none(),
        })
        .collect();
    if let Some(day) = day {
        let label = day.strftime("%A %-d %B %Y").to_string();
        filters.push(StateFilter { label, href: here.clone(), count: None, current: true });
    }
    let reader = frame.reader();
    let view = QueuePage {
        filters,
        posts: posts.iter().map(|view| map::row(&reader, &book, view)).collect(),
        older_href: query.cursor.map(|cursor| format!("{here}&after={}", encoded(&seal_cursor(LIST, &cursor)))),
        slots: if asked.after.is_none() { map::slots_links(&book) } else { Vec::new() },
        newest_href: asked.after.is_some().then_some(here),
    };
    frame.page(200, &view)
}
