//! Mailchimp's Marketing API 3.0 for campaigns. Facts (routes, shapes, states) follow Mailchimp's OpenAPI description 3.0.55; what a
//! checklist says, and how a second sending is refused, its guides.

mod campaigns;
mod oauth;

use std::collections::BTreeMap;

use axum::extract::{Path, Request};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router, extract};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::ops::{Op, Platform};
use crate::site::{Keyholder, Site};
use crate::state::{State, now_ms};

pub(crate) use campaigns::Campaigns;
pub(crate) use oauth::{FLOW, RULES, answer as token_answer};

const PLATFORM: Platform = Platform::Mailchimp;

/// The platform.
pub(crate) const SITE: Site = Site {
    platform: PLATFORM,
    title: "Mailchimp",
    brand: "#ffe01b",
    keyholders: &[Keyholder {
        handle: "harbour",
        id: "harbour",
        name: "Harbour Coffee Demo",
        key: "0123456789abcdef0123456789abcdef-us6",
    }],
    entries,
    routes,
    op,
    problem,
};

/// An audience: its id, name and default sender.
struct List {
    id: &'static str,
    name: &'static str,
    from_name: &'static str,
    from_email: &'static str,
}

const LISTS: [List; 5] = [
    List { id: "a1b2c3d4e5", name: "Newsletter", from_name: "Harbour Coffee", from_email: "hello@harbour.example" },
    List { id: "b1b2c3d4e5", name: "Staff", from_name: "Harbour Coffee", from_email: "staff@harbour.example" },
    List { id: "c1b2c3d4e5", name: "Nobody's", from_name: "", from_email: "" },
    List { id: "d1b2c3d4e5", name: "Twins", from_name: "Harbour Coffee", from_email: "twins@harbour.example" },
    List { id: "e1b2c3d4e5", name: "Twins", from_name: "Harbour Coffee", from_email: "twins@harbour.example" },
];

fn entries(_: &State, holder: &Keyholder) -> Value {
    json!({ "key": holder.key, "audience": LISTS[0].name })
}

fn routes(state: &State) -> Router<State> {
    Router::new()
        .route("/mailchimp/lists", get(lists))
        .route("/mailchimp/lists/{id}", get(list))
        .route("/mailchimp/campaigns", get(campaigns::list).post(campaigns::create))
        .route("/mailchimp/campaigns/{id}", get(campaigns::one).patch(campaigns::update).delete(campaigns::delete))
        .route("/mailchimp/campaigns/{id}/content", put(campaigns::fill))
        .route("/mailchimp/campaigns/{id}/send-checklist", get(campaigns::checklist))
        .route("/mailchimp/campaigns/{id}/actions/send", post(campaigns::send))
        .route("/mailchimp/campaigns/{id}/actions/schedule", post(campaigns::schedule))
        .route_layer(from_fn_with_state(state.clone(), guard))
        .merge(oauth::routes())
        // Where people read it.
        .route(
            "/mailchimp/archive",
            get(async |query: extract::Query<BTreeMap<String, String>>| {
                let id = query.get("id").map(String::as_str).unwrap_or_default();
                let anchor: String = id.chars().filter(char::is_ascii_alphanumeric).collect();
                Redirect::to(&format!("/mailchimp/timeline#{anchor}"))
            }),
        )
}

fn op(method: &Method, path: &str) -> Option<Op> {
    let segments: Vec<&str> = path.split('/').collect();
    Some(match (segments.as_slice(), method) {
        (["oauth2", "token"], _) => Op::Token,
        (["oauth2", "metadata"], _) => Op::Me,
        (["lists"] | ["lists", _], _) => Op::Orgs,
        (["campaigns"], &Method::POST) | (["campaigns", _], &Method::PATCH) => Op::Draft,
        (["campaigns"], _) => Op::List,
        (["campaigns", _], &Method::DELETE) => Op::DeletePost,
        (["campaigns", _], _) => Op::Lookup,
        (["campaigns", _, "content"], _) => Op::Media,
        (["campaigns", _, "send-checklist"], _) => Op::MediaStatus,
        (["campaigns", _, "actions", "send" | "schedule"], _) => Op::CreatePost,
        _ => return None,
    })
}

fn problem(status: StatusCode, reason: &str) -> Response {
    let title = match status {
        StatusCode::BAD_REQUEST => "Invalid Resource",
        StatusCode::UNAUTHORIZED => "API Key Invalid",
        StatusCode::NOT_FOUND => "Resource Not Found",
        _ => reason,
    };
    refused(status, title, reason)
}

/// A refusal in Mailchimp's words.
fn refused(status: StatusCode, title: &str, detail: &str) -> Response {
    let body = json!({ "type": "https://mailchimp.com/developer/marketing/docs/errors/", "title": title,
                       "status": status.as_u16(), "detail": detail, "instance": "sandbox" });
    let kind = [(header::CONTENT_TYPE, "application/problem+json; charset=utf-8")];
    (status, kind, body.to_string()).into_response()
}

fn unknown() -> Response {
    refused(StatusCode::NOT_FOUND, "Resource Not Found", "The requested resource could not be found.")
}

/// Whether a request may pass: with a key as the password of Basic, whatever the name, or with a key or a consent's token as a
/// bearer token.
fn is_known(state: &State, headers: &HeaderMap) -> bool {
    let holds = |key: &str| SITE.holder(key).is_some() && !state.world().look(PLATFORM).keys_revoked;
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match value.strip_prefix("Bearer ") {
        Some(token) => {
            let consented = state.world().look(PLATFORM).oauth.authenticate(Some(token), now_ms()).is_ok();
            consented || holds(token)
        }
        None => key(value).is_some_and(|key| holds(&key)),
    }
}

/// The password of Basic.
fn key(value: &str) -> Option<String> {
    let text = String::from_utf8(STANDARD.decode(value.strip_prefix("Basic ")?).ok()?).ok()?;
    text.split_once(':').map(|(_, key)| key.to_owned())
}

async fn guard(extract::State(state): extract::State<State>, request: Request, next: Next) -> Response {
    if !is_known(&state, request.headers()) {
        let detail = "Your API key may be invalid, or you've attempted to access the wrong datacenter.";
        return refused(StatusCode::UNAUTHORIZED, "API Key Invalid", detail);
    }
    next.run(request).await
}

fn view(list: &List) -> Value {
    json!({ "id": list.id, "name": list.name, "campaign_defaults": {
        "from_name": list.from_name, "from_email": list.from_email, "subject": "", "language": "en" } })
}

#[derive(Deserialize)]
struct Page {
    count: Option<usize>,
    offset: Option<usize>,
}

async fn lists(extract::Query(page): extract::Query<Page>) -> Response {
    let shown = LISTS.iter().skip(page.offset.unwrap_or_default()).take(page.count.unwrap_or(10).min(1_000)).map(view);
    Json(json!({ "lists": shown.collect::<Vec<_>>(), "total_items": LISTS.len() })).into_response()
}

async fn list(Path(id): Path<String>) -> Response {
    LISTS.iter().find(|list| list.id == id).map_or_else(unknown, |list| Json(view(list)).into_response())
}
