//! WhatsApp's Cloud API. Facts (paths, shapes, which fields a message has, what is told of one afterwards) follow Meta's description of
//! Business Messaging, v23.0; numbers of errors and sizes of media its documentation of 2026.

mod media;
mod messages;
mod templates;

use axum::extract::{Path, Query, Request};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router, extract};
use serde_json::{Value, json};
use std::collections::BTreeMap;

use crate::ops::{Op, Platform};
use crate::site::{Keyholder, Site};
use crate::state::State;

pub(crate) use messages::{Messages, ripen};

const PLATFORM: Platform = Platform::Whatsapp;
/// The business's number: its id, its name, and itself.
const PHONE: (&str, &str, &str) = ("106540352242922", "Harbour Coffee Demo", "+1 555-555-0100");
/// The account that it belongs to, which has the templates.
const BUSINESS: &str = "102290129340398";

/// The platform.
pub(crate) const SITE: Site = Site {
    platform: PLATFORM,
    title: "WhatsApp",
    brand: "#25d366",
    keyholders: &[
        Keyholder { handle: "harbour", id: PHONE.0, name: "Harbour Coffee Demo", key: "EAAGHarbourDemoOfTheSandbox" },
        Keyholder { handle: "stranger", id: "0", name: "Of another business", key: "EAAGStrangerDemoOfTheSandbox" },
    ],
    entries,
    routes,
    op,
    problem,
};

fn entries(_: &State, holder: &Keyholder) -> Value {
    json!({ "token": holder.key, "phone": PHONE.0, "business": BUSINESS, "recipient": "+1 650 555 1234" })
}

fn routes(state: &State) -> Router<State> {
    Router::new()
        .route("/whatsapp/graph/{version}/{id}", get(number))
        .route("/whatsapp/graph/{version}/{id}/{edge}", get(list).post(act))
        .route_layer(from_fn_with_state(state.clone(), guard))
}

fn op(method: &Method, path: &str) -> Option<Op> {
    let segments: Vec<&str> = path.split('/').collect();
    Some(match (segments.as_slice(), method) {
        (["graph", _, _], _) => Op::Me,
        (["graph", _, _, "message_templates"], _) => Op::Terms,
        (["graph", _, _, "message_history"], _) => Op::Lookup,
        (["graph", _, _, "media"], _) => Op::Media,
        (["graph", _, _, "messages"], &Method::POST) => Op::CreatePost,
        _ => return None,
    })
}

fn problem(status: StatusCode, reason: &str) -> Response {
    let code = match status.as_u16() {
        401 => 190,
        403 => 368,
        404 => 803,
        429 => 130_429,
        500.. => 131_000,
        _ => 100,
    };
    refused(status.as_u16(), code, reason)
}

/// An error body.
fn refused(status: u16, code: i64, details: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    let error = json!({
        "message": format!("(#{code}) {details}"), "type": "OAuthException", "code": code,
        "error_data": { "messaging_product": "whatsapp", "details": details }, "fbtrace_id": "AbCdEfGhIjK",
    });
    (status, Json(json!({ "error": error }))).into_response()
}

fn missing(id: &str) -> Response {
    refused(400, 100, &format!("Object with ID '{id}' does not exist, or cannot be loaded due to missing permissions"))
}

fn bearer(headers: &HeaderMap) -> &str {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    value.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default()
}

async fn guard(extract::State(state): extract::State<State>, request: Request, next: Next) -> Response {
    let revoked = state.world().side(PLATFORM).keys_revoked;
    let Some(holder) = SITE.holder(bearer(request.headers())).filter(|_| !revoked) else {
        return refused(401, 190, "Invalid OAuth access token.");
    };
    if holder.handle == "stranger" {
        return refused(403, 200, "Your app doesn't have permission to access this resource");
    }
    next.run(request).await
}

async fn number(Path((_, id)): Path<(String, String)>) -> Response {
    let (own, name, shown) = PHONE;
    if id != own {
        return missing(&id);
    }
    let told = json!({ "id": own, "verified_name": name, "display_phone_number": shown, "quality_rating": "GREEN" });
    Json(told).into_response()
}

/// The query of a call.
type Asked = BTreeMap<String, String>;

async fn list(
    extract::State(state): extract::State<State>,
    Path((_, id, edge)): Path<(String, String, String)>,
    Query(asked): Query<Asked>,
) -> Response {
    match (id.as_str(), edge.as_str()) {
        (BUSINESS, "message_templates") => templates::list(&state, &asked),
        (own, "message_history") if own == PHONE.0 => messages::history(&state, &asked),
        _ => missing(&id),
    }
}

async fn act(
    extract::State(state): extract::State<State>,
    Path((_, id, edge)): Path<(String, String, String)>,
    request: Request,
) -> Response {
    let done = match (id.as_str(), edge.as_str()) {
        (own, "messages") if own == PHONE.0 => messages::send(&state, request).await,
        (own, "media") if own == PHONE.0 => media::keep(&state, request).await,
        _ => Err(missing(&id)),
    };
    done.unwrap_or_else(|refusal| refusal)
}
