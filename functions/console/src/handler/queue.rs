//! Posts in a list.

use super::session::Session;
use super::trouble::{Trouble, encoded};
use super::{Answer, Shared};
use crate::map::{self, day_span};
use crate::view::{QueuePage, StateFilter};
use app::publishing::PostView;
use axum::extract::{Query, State};
use domain::publishing::PostStatus;
use jiff::Timestamp;
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
    pub(super) state: Option<String>,
    pub(super) day: Option<String>,
    pub(super) after: Option<String>,
    /// Of an export: the file up to this post, however many more there are.
    pub(super) until: Option<String>,
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

/// Which posts are asked for, by their state or their day.
pub(super) struct Filter {
    kind: Kind,
    day: Option<Date>,
    /// How it stands in an address.
    pub(super) asked: String,
    /// What reads the posts among which those are.
    pub(super) query: PostQuery,
}

impl Filter {
    pub(super) fn of(asked: &AskedPosts, zone: &str, now: Timestamp) -> Self {
        let wanted = asked.state.as_deref().unwrap_or_default();
        let day: Option<Date> = asked.day.as_deref().and_then(|day| day.parse().ok());
        let kind = KINDS.iter().find(|(name, ..)| *name == wanted).copied().unwrap_or(KINDS[0]);
        let (from, to) = day.and_then(|day| day_span(day, zone)).unzip();
        let ascending = day.is_some() || kind.0 == "upcoming";
        let from = from.or_else(|| (kind.0 == "upcoming").then_some(now));
        Self {
            kind,
            day,
            asked: day.map_or_else(|| format!("state={}", kind.0), |day| format!("day={day}")),
            query: PostQuery { from, to, ascending, limit: PAGE, cursor: None },
        }
    }

    /// Whether this is one of them.
    pub(super) fn fits(&self, view: &PostView) -> bool {
        (self.kind.2)(view)
    }

    /// What the file of these posts is called.
    pub(super) fn file(&self) -> String {
        self.day.map_or_else(|| format!("posts-{}.csv", self.kind.0), |day| format!("posts-{day}.csv"))
    }

    fn choices(&self) -> Vec<StateFilter> {
        let choice = |(kind, label, _): &Kind| StateFilter {
            label: (*label).into(),
            href: format!("/console/queue?state={kind}"),
            count: None,
            current: *kind == self.kind.0 && self.day.is_none(),
        };
        let mut choices: Vec<StateFilter> = KINDS.iter().map(choice).collect();
        choices.extend(self.day.map(|day| StateFilter {
            label: day.strftime("%A %-d %B %Y").to_string(),
            href: format!("/console/queue?{}", self.asked),
            count: None,
            current: true,
        }));
        choices
    }
}

/// `GET /console/queue`.
pub(super) async fn page(State(console): State<Shared>, Query(asked): Query<AskedPosts>, session: Session) -> Answer {
    let (deps, caller) = (&console.deps, &session.caller);
    let frame = session.frame(&console).await?;
    let book = frame.book().await?;
    let filter = Filter::of(&asked, &frame.zone, frame.now);
    let mut query = filter.query.clone();
    if let Some(after) = &asked.after {
        query.cursor = Some(open_cursor(LIST, after).map_err(|_| Trouble::Status(404))?);
    }
    let mut posts: Vec<PostView> = Vec::new();
    for _ in 0..READS {
        let page = app::publishing::posts(deps, caller, &query).await?;
        posts.extend(page.items.into_iter().filter(|view| filter.fits(view)));
        query.cursor = page.next;
        if query.cursor.is_none() || posts.len() >= LISTED {
            break;
        }
    }
    let here = format!("/console/queue?{}", filter.asked);
    let reader = frame.reader();
    let view = QueuePage {
        filters: filter.choices(),
        export_href: (!posts.is_empty()).then(|| format!("/console/export?{}", filter.asked)),
        posts: posts.iter().map(|view| map::row(&reader, &book, view)).collect(),
        older_href: query.cursor.map(|cursor| format!("{here}&after={}", encoded(&seal_cursor(LIST, &cursor)))),
        slots: if asked.after.is_none() { map::slots_links(&book) } else { Vec::new() },
        newest_href: asked.after.is_some().then_some(here),
    };
    frame.page(200, &view)
}
