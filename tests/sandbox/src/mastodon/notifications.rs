//! What an account is told of: statuses of others that name it, by `methods/notifications` of the documentation.

use axum::extract::RawQuery;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json, extract};
use serde_json::{Value, json};

use super::{Caller, PLATFORM, SITE, account, base, statuses, text};
use crate::faults::Lag;
use crate::state::{State, rfc3339};
use crate::store::Post;

const MOST: usize = 80;
const USUALLY: usize = 40;

/// The newest first. Ids are numbers of their own, and rise.
pub(super) async fn list(
    extract::State(state): extract::State<State>,
    Extension(Caller(holder)): Extension<Caller>,
    lag: Option<Extension<Lag>>,
    RawQuery(query): RawQuery,
) -> Response {
    let pairs: Vec<(String, String)> =
        url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
    let number =
        |name: &str| pairs.iter().find(|(key, _)| key == name).and_then(|(_, value)| value.parse::<u64>().ok());
    let types: Vec<&str> = pairs.iter().filter(|(key, _)| key == "types[]").map(|(_, value)| value.as_str()).collect();
    let limit = number("limit").and_then(|n| usize::try_from(n).ok()).unwrap_or(USUALLY).clamp(1, MOST);
    let (newest_ms, base) = (Lag::newest_ms(lag), base(&state));
    let world = state.world();
    let mentions = |post: &&Post| {
        let private = post.visibility.as_deref() == Some("private");
        let wanted = types.is_empty() || types.contains(&"mention");
        wanted
            && !private
            && post.author != holder.id
            && text::names(&post.text, holder.handle)
            && post.created_ms <= newest_ms
    };
    let all: Vec<(u64, &Post)> = (34_975_001..).zip(world.look(PLATFORM).wall.live().filter(mentions)).collect();
    let within = |(id, _): &&(u64, &Post)| {
        number("max_id").is_none_or(|max| *id < max)
            && number("since_id").is_none_or(|since| *id > since)
            && number("min_id").is_none_or(|min| *id > min)
    };
    let page: Vec<&(u64, &Post)> = if number("min_id").is_some() {
        let next: Vec<_> = all.iter().filter(within).take(limit).collect();
        next.into_iter().rev().collect()
    } else {
        all.iter().rev().filter(within).take(limit).collect()
    };
    let told = |(id, post): &&(u64, &Post)| -> Value {
        let author = SITE.keyholders.iter().find(|holder| holder.id == post.author);
        json!({
            "id": id.to_string(), "type": "mention", "created_at": rfc3339(post.created_ms),
            "account": author.map(|author| account::describe(&base, author)),
            "status": statuses::describe(&world, &base, post),
        })
    };
    let mut response = Json(page.iter().map(told).collect::<Vec<_>>()).into_response();
    if let Some((last, _)) = page.last().filter(|_| page.len() == limit) {
        let link = format!("<{base}/api/v1/notifications?limit={limit}&max_id={last}>; rel=\"next\"");
        if let Ok(value) = HeaderValue::try_from(link) {
            response.headers_mut().insert(header::LINK, value);
        }
    }
    response
}
