//! What the network's index tells an account: by `app.bsky.notification.listNotifications` of the lexicons.

use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json, extract};
use serde::Deserialize;
use serde_json::{Value, json};

use super::record::{POST, cid};
use super::{Author, PLATFORM, SITE, invalid};
use crate::faults::Lag;
use crate::site::Keyholder;
use crate::state::{State, rfc3339};
use crate::store::Post;

#[derive(Deserialize)]
pub(super) struct Listing {
    limit: Option<usize>,
    cursor: Option<String>,
}

/// Why somebody is told of a record, and of which of theirs it is about.
fn reason(record: &Value, who: &Keyholder) -> Option<(&'static str, Value)> {
    let theirs = |uri: &Value| uri.as_str().is_some_and(|uri| uri.starts_with(&format!("at://{}/", who.id)));
    let parent = &record["reply"]["parent"]["uri"];
    if theirs(parent) {
        return Some(("reply", parent.clone()));
    }
    let quoted = &record["embed"]["record"]["uri"];
    if theirs(quoted) {
        return Some(("quote", quoted.clone()));
    }
    let facets = record["facets"].as_array().into_iter().flatten();
    let mut features = facets.flat_map(|facet| facet["features"].as_array().into_iter().flatten());
    features.any(|feature| feature["did"] == who.id).then_some(("mention", Value::Null))
}

pub(super) async fn list(
    extract::State(state): extract::State<State>,
    Extension(Author(who)): Extension<Author>,
    lag: Option<Extension<Lag>>,
    Query(listing): Query<Listing>,
) -> Response {
    let limit = listing.limit.unwrap_or(50);
    if !(1..=100).contains(&limit) {
        return invalid("Error: limit must be between 1 and 100");
    }
    let Ok(from) = listing.cursor.as_deref().map_or(Ok(0), str::parse::<usize>) else {
        return invalid("Malformed cursor");
    };
    let newest_ms = Lag::newest_ms(lag);
    let world = state.world();
    let told = |post: &Post| {
        let record: Value = serde_json::from_str(&post.raw).ok()?;
        let (reason, subject) =
            reason(&record, who).filter(|_| post.author != who.id && post.created_ms <= newest_ms)?;
        let author = SITE.keyholders.iter().find(|holder| holder.id == post.author)?;
        let mut told = json!({
            "uri": format!("at://{}/{POST}/{}", post.author, post.id), "cid": cid(post.raw.as_bytes()),
            "author": { "did": author.id, "handle": author.handle, "displayName": author.name },
            "reason": reason, "record": record, "isRead": false, "indexedAt": rfc3339(post.created_ms),
        });
        if !subject.is_null() {
            told["reasonSubject"] = subject;
        }
        Some(told)
    };
    let all: Vec<Value> = world.look(PLATFORM).wall.live().rev().filter_map(told).collect();
    let page: Vec<&Value> = all.iter().skip(from).take(limit).collect();
    let mut answer = json!({ "notifications": page });
    if from + page.len() < all.len() {
        answer["cursor"] = json!((from + page.len()).to_string());
    }
    Json(answer).into_response()
}
