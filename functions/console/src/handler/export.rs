//! Posts into a file: those of the list, with the columns that an import reads.

use super::queue::{AskedPosts, Filter};
use super::session::Session;
use super::trouble::{Trouble, encoded};
use super::{Answer, Shared};
use crate::view::ExportPage;
use crate::words;
use app::publishing::PostView;
use axum::extract::{Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use domain::PostId;
use ports::PostQuery;
use runtime::http::{open_cursor, seal_cursor};
use wire::export::table;

/// Posts of one read.
const PAGE: u32 = 25;
/// Reads for one file: a request lives for half a minute.
const READS: usize = 40;
/// Reads more for a file whose last post is known: as many posts may have been written since.
const MORE_READS: usize = 4;
/// Bytes after which a file ends with the read that it is in. A function's answer holds 6 MB.
const MAX_BYTES: usize = 3_000_000;
/// The list that a cursor of an export belongs to.
const LIST: &str = "console-export";
/// What spreadsheets tell UTF-8 by.
const MARK: char = '\u{feff}';

/// `GET /console/export`, with the filters of the list: a file, or, where one does not hold all of them, the page that says so. With `until`
/// the file that ends with this post, so that the next begins where it ends whatever was written meanwhile.
pub(super) async fn page(State(console): State<Shared>, Query(asked): Query<AskedPosts>, session: Session) -> Answer {
    let frame = session.frame(&console).await?;
    let filter = Filter::of(&asked, &frame.zone, frame.now);
    let after = asked.after.as_deref().map(|after| open_cursor(LIST, after).map_err(|_| Trouble::Status(404)));
    let mut query = PostQuery { limit: PAGE, cursor: after.transpose()?, ..filter.query.clone() };
    let until = asked.until.as_deref().map(|id| id.parse().map_err(|_| Trouble::Status(404)));
    let until: Option<PostId> = until.transpose()?;
    let (mut posts, mut bytes, mut looked): (Vec<PostView>, usize, usize) = (Vec::new(), 0, 0);
    let mut last = None;
    for _ in 0..if until.is_some() { READS + MORE_READS } else { READS } {
        let mut page = app::publishing::posts(&console.deps, &session.caller, &query).await?;
        if let Some(at) = page.items.iter().position(|view| Some(view.post.id) == until) {
            page.items.truncate(at + 1);
            page.next = None;
        }
        looked += page.items.len();
        last = page.items.last().map(|view| view.post.id).or(last);
        let fitting: Vec<PostView> = page.items.into_iter().filter(|view| filter.fits(view)).collect();
        bytes += table(&fitting)?.len();
        posts.extend(fitting);
        query.cursor = page.next;
        if query.cursor.is_none() || bytes > MAX_BYTES && until.is_none() {
            break;
        }
    }
    if let (Some(cursor), Some(last), None) = (&query.cursor, last, until) {
        let here = format!("/console/export?{}", filter.asked);
        let from = asked.after.as_deref().map(|after| format!("&after={}", encoded(after))).unwrap_or_default();
        let newest = asked.after.is_none() && !query.ascending;
        return frame.page(
            200,
            &ExportPage {
                text: words::too_many_to_export(looked, posts.len(), newest),
                take_href: format!("{here}{from}&until={last}"),
                take: words::download(posts.len()),
                further_href: format!("{here}&after={}", encoded(&seal_cursor(LIST, cursor))),
            },
        );
    }
    let about = [
        // Media types may be written in capitals (RFC 9110, 8.3.1). What begins with "text" goes through Lambda as text, and loses the
        // mark by which spreadsheets know UTF-8.
        (CONTENT_TYPE, "Text/csv; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", filter.file())),
    ];
    Ok((about, format!("{MARK}{}", table(&posts)?)).into_response())
}
