//! SendGrid's API v3 for single sends. Facts (routes, shapes, states, pages) follow `tsg_mc_singlesends_v3`, `tsg_mc_lists_v3`,
//! `tsg_verified_senders_v3` and `tsg_suppressions_v3` of github.com/twilio/sendgrid-oai; what a mail must have and which tags are
//! filled in, `senders.md` and `how-to-send-email-with-marketing-campaigns.md` of github.com/sendgrid/docs. The words of refusals are
//! not documented.

mod sends;

use axum::extract::{Query, Request};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router, extract};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::ops::{Op, Platform};
use crate::site::{Keyholder, Site};
use crate::state::State;

pub(crate) use sends::Sends;

const PLATFORM: Platform = Platform::Sendgrid;

/// The platform.
pub(crate) const SITE: Site = Site {
    platform: PLATFORM,
    title: "SendGrid",
    brand: "#1a82e2",
    keyholders: &[
        Keyholder {
            handle: "harbour",
            id: "harbour",
            name: "Harbour Coffee Demo",
            key: "SG.harbour-demo.of-the-sandbox",
        },
        Keyholder { handle: "mailer", id: "mailer", name: "Key for mail only", key: "SG.mailer-demo.of-the-sandbox" },
    ],
    entries,
    routes,
    op,
    problem,
};

/// Contact lists: id and name.
const LISTS: [(&str, &str); 4] = [
    ("199abb98-0af3-4a8d-b371-6811ff85d062", "Newsletter"),
    ("299abb98-0af3-4a8d-b371-6811ff85d062", "Staff"),
    ("399abb98-0af3-4a8d-b371-6811ff85d062", "Twins"),
    ("499abb98-0af3-4a8d-b371-6811ff85d062", "Twins"),
];

/// Whom mail is from.
struct Sender {
    id: u64,
    nickname: &'static str,
    email: &'static str,
    verified: bool,
}

const SENDERS: [Sender; 2] = [
    Sender { id: 4_200_001, nickname: "Harbour", email: "hello@harbour.example", verified: true },
    Sender { id: 4_200_002, nickname: "Annex", email: "annex@harbour.example", verified: false },
];

/// Unsubscribe groups: id and name.
const GROUPS: [(u64, &str); 2] = [(100, "Newsletters"), (101, "Offers")];

fn entries(_: &State, holder: &Keyholder) -> Value {
    json!({ "key": holder.key, "list": LISTS[0].1, "sender": SENDERS[0].email, "group": GROUPS[0].1 })
}

fn routes(state: &State) -> Router<State> {
    Router::new()
        .route("/sendgrid/marketing/lists", get(lists))
        .route("/sendgrid/verified_senders", get(senders))
        .route("/sendgrid/asm/groups", get(groups))
        .route("/sendgrid/marketing/singlesends", post(sends::create))
        .route("/sendgrid/marketing/singlesends/search", post(sends::search))
        .route("/sendgrid/marketing/singlesends/{id}", get(sends::one).patch(sends::update).delete(sends::delete))
        .route("/sendgrid/marketing/singlesends/{id}/schedule", put(sends::schedule).delete(sends::unschedule))
        .route_layer(from_fn_with_state(state.clone(), guard))
}

fn op(method: &Method, path: &str) -> Option<Op> {
    let segments: Vec<&str> = path.split('/').collect();
    Some(match (segments.as_slice(), method) {
        (["marketing", "lists"], _) => Op::Me,
        (["verified_senders"], _) => Op::Orgs,
        (["asm", "groups"], _) => Op::Terms,
        (["marketing", "singlesends", "search"], _) => Op::List,
        (["marketing", "singlesends"], _) | (["marketing", "singlesends", _], &Method::PATCH) => Op::Draft,
        (["marketing", "singlesends", _], &Method::DELETE) => Op::DeletePost,
        (["marketing", "singlesends", _], _) => Op::Lookup,
        (["marketing", "singlesends", _, "schedule"], &Method::PUT) => Op::CreatePost,
        _ => return None,
    })
}

fn problem(status: StatusCode, reason: &str) -> Response {
    refused(status, "", reason)
}

/// A refusal in SendGrid's shape.
fn refused(status: StatusCode, field: &str, message: &str) -> Response {
    (status, Json(json!({ "errors": [{ "field": field, "message": message, "error_id": "sandbox" }] }))).into_response()
}

fn unknown() -> Response {
    refused(StatusCode::NOT_FOUND, "id", "not found")
}

fn bearer(headers: &HeaderMap) -> &str {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    value.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default()
}

async fn guard(extract::State(state): extract::State<State>, request: Request, next: Next) -> Response {
    let revoked = state.world().side(PLATFORM).keys_revoked;
    let Some(holder) = SITE.holder(bearer(request.headers())).filter(|_| !revoked) else {
        return refused(
            StatusCode::UNAUTHORIZED,
            "",
            "The provided authorization grant is invalid, expired, or revoked",
        );
    };
    if holder.handle == "mailer" {
        return refused(StatusCode::FORBIDDEN, "", "access forbidden");
    }
    next.run(request).await
}

/// Which page of a listing is asked for.
#[derive(Deserialize)]
struct Page {
    page_size: Option<usize>,
    page_token: Option<String>,
}

impl Page {
    /// That page. The address of the next one stands in it as long as there is one.
    fn of(&self, state: &State, route: &str, all: &[Value]) -> Response {
        let size = self.page_size.unwrap_or(100).clamp(1, 1_000);
        let from: usize = self.page_token.as_deref().and_then(|token| token.parse().ok()).unwrap_or(0);
        let shown: Vec<&Value> = all.iter().skip(from).take(size).collect();
        let at = |from: usize| format!("{}/sendgrid/{route}?page_size={size}&page_token={from}", state.public_url());
        let mut about = json!({ "self": at(from), "count": all.len() });
        if from + size < all.len() {
            about["next"] = json!(at(from + size));
        }
        Json(json!({ "result": shown, "_metadata": about })).into_response()
    }
}

async fn lists(extract::State(state): extract::State<State>, Query(page): Query<Page>) -> Response {
    let all = LISTS.map(|(id, name)| json!({ "id": id, "name": name, "contact_count": 2 }));
    page.of(&state, "marketing/lists", &all)
}

async fn senders() -> Response {
    let view = |sender: &Sender| {
        json!({ "id": sender.id, "nickname": sender.nickname, "from_email": sender.email, "from_name": "Harbour Coffee",
                "reply_to": sender.email, "reply_to_name": "Harbour Coffee", "address": "1 Quay", "address2": "",
                "state": "", "city": "Port", "zip": "12345", "country": "Germany", "verified": sender.verified,
                "locked": false })
    };
    Json(json!({ "results": SENDERS.iter().map(view).collect::<Vec<_>>() })).into_response()
}

async fn groups() -> Response {
    let view =
        |(id, name)| json!({ "id": id, "name": name, "description": name, "is_default": false, "unsubscribes": 0 });
    Json(json!(GROUPS.map(view))).into_response()
}
