//! What was made since an instant, read to its end from lists that begin with the newest.

use super::graph::{Graph, instant};
use super::login::Paging;
use connector_kit::earliest;
use domain::publishing::Failure;
use jiff::Timestamp;
use ports::PublishCall;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Entries per page of a list: the most.
const PAGE: &str = "100";
/// Pages read before giving up: where more than this was made in the window nobody can judge.
const PAGES: usize = 10;

/// An entry that says when it was made.
pub(super) trait Dated {
    /// As the API writes it.
    fn at(&self) -> &str;
}

#[derive(Deserialize)]
struct List<T> {
    data: Vec<T>,
    #[serde(default)]
    paging: Paging,
}

/// The page of the list that begins after this cursor.
async fn page<T: DeserializeOwned>(
    graph: &Graph<'_>,
    call: &PublishCall<'_>,
    path: &str,
    query: &[(&str, &str)],
    after: Option<&str>,
) -> Result<List<T>, Failure> {
    let mut asked = query.to_vec();
    asked.push(("limit", PAGE));
    asked.extend(after.map(|cursor| ("after", cursor)));
    graph.get(path, &asked, call.token, call.now).await?.json().ok_or(Failure::Unavailable)
}

/// The entries of the list at `path` that were made since shortly before `since`.
///
/// # Errors
/// The list could not be read to its end: only a whole one can prove that something is not in it.
pub(super) async fn newest_first<T: DeserializeOwned + Dated>(
    graph: &Graph<'_>,
    call: &PublishCall<'_>,
    path: &str,
    query: &[(&str, &str)],
    since: Timestamp,
) -> Result<Vec<T>, Failure> {
    let from = earliest(since);
    let (mut all, mut after): (Vec<T>, Option<String>) = (Vec::new(), None);
    for _ in 0..PAGES {
        let List { data, paging } = page(graph, call, path, query, after.as_deref()).await?;
        // One that was pinned may stand before the newest: the last one tells how far the page goes back.
        let mut reaches_back = false;
        for entry in data {
            reaches_back = instant(T::at(&entry)).ok_or(Failure::Unavailable)? < from;
            if !reaches_back {
                all.push(entry);
            }
        }
        if reaches_back || paging.is_end() {
            return Ok(all);
        }
        after = Some(paging.next().ok_or(Failure::Unavailable)?);
    }
    Err(Failure::Unavailable)
}

/// The entries of the list at `path` that were made since shortly before `since`, of a platform that is asked for them by their time: in
/// whatever order they come, the list is read to its end, which is where no other cursor follows.
///
/// # Errors
/// The list could not be read to its end: only a whole one can prove that something is not in it.
pub(super) async fn by_time<T: DeserializeOwned + Dated>(
    graph: &Graph<'_>,
    call: &PublishCall<'_>,
    path: &str,
    fields: &str,
    since: Timestamp,
) -> Result<Vec<T>, Failure> {
    let from = earliest(since);
    let begins = from.as_second().to_string();
    in_any_order(graph, call, path, &[("fields", fields), ("since", begins.as_str())], since).await
}

/// The entries of the list at `path` that were made since shortly before `since`, of a list that is read to its end, for nobody says in
/// what order it comes. Its end is where no other cursor follows.
///
/// # Errors
/// The list could not be read to its end: only a whole one can prove that something is not in it.
pub(super) async fn in_any_order<T: DeserializeOwned + Dated>(
    graph: &Graph<'_>,
    call: &PublishCall<'_>,
    path: &str,
    query: &[(&str, &str)],
    since: Timestamp,
) -> Result<Vec<T>, Failure> {
    let from = earliest(since);
    let (mut all, mut after): (Vec<T>, Option<String>) = (Vec::new(), None);
    for _ in 0..PAGES {
        let List { data, paging } = page(graph, call, path, query, after.as_deref()).await?;
        for entry in data {
            if instant(T::at(&entry)).ok_or(Failure::Unavailable)? >= from {
                all.push(entry);
            }
        }
        let next = paging.cursor();
        if next.is_none() || next == after {
            return Ok(all);
        }
        after = next;
    }
    Err(Failure::Unavailable)
}
