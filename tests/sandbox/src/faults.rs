//! Faults on request. They sit in front of every imitated endpoint as one middleware, so that the endpoints
//! themselves know nothing about them and every operation can fail in every way.

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::{Json, extract};
use futures_util::StreamExt as _;
use futures_util::future::ready;
use futures_util::stream::once;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

use crate::net::Line;
use crate::ops::{self, Op, Platform, Target};
use crate::site;
use crate::state::{State, World};

/// Orders waiting at once.
const MAX_ORDERS: usize = 1_000;

/// What goes wrong.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// The call takes effect, then the connection ends without an answer.
    CommitThenDrop,
    /// The connection ends without effect and without an answer.
    DropBeforeCommit,
    /// The call takes effect, then the connection ends in the middle of the answer.
    CutBody,
    /// Answers `params.code`; takes effect only with `params.commit`.
    Status,
    /// Waits `params.ms` before the call, or with `params.commit` between effect and answer.
    DelayMs,
    /// 200 with an HTML page; takes effect only with `params.commit`.
    Garbage,
    /// Takes effect, the success answer lacks the identifier.
    NoId,
    /// Answers `params.code` (503) at once and takes effect `params.ms` later.
    LateCommitMs,
    /// A listing does not show what was posted within the last `params.ms`.
    LagReadsMs,
    /// All access tokens of the platform expire before the call is looked at.
    ExpireTokens,
    /// All grants of the platform are revoked before the call is looked at.
    RevokeFamily,
}

/// Details of a fault.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Params {
    code: Option<u16>,
    retry_after: Option<u64>,
    /// X only: `x-rate-limit-reset` this many seconds from now; negative lies in the past.
    reset_in_s: Option<i64>,
    headers: BTreeMap<String, String>,
    body: Option<Value>,
    ms: u64,
    commit: bool,
    /// A dropped connection ends with RST instead of FIN.
    reset: bool,
}

/// A fault ordered through `POST /control/faults`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Order {
    platform: Platform,
    op: Target,
    kind: Kind,
    /// Calls it hits; 0 = until cleared.
    #[serde(default = "one")]
    times: u32,
    /// Matching calls it lets pass first.
    #[serde(default)]
    skip: u32,
    #[serde(default)]
    params: Params,
}

fn one() -> u32 {
    1
}

/// The orders in the sequence they were given.
#[derive(Default, Serialize)]
#[serde(transparent)]
pub(crate) struct Faults(Vec<Order>);

impl Faults {
    /// Adds an order; false when there are too many.
    pub(crate) fn add(&mut self, order: Order) -> bool {
        let fits = self.0.len() < MAX_ORDERS;
        if fits {
            self.0.push(order);
        }
        fits
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// The first order that hits this call, counted off.
    fn take(&mut self, platform: Platform, op: Op) -> Option<Order> {
        let matches = |order: &Order| {
            let fits_kind = order.kind != Kind::LagReadsMs || op == Op::List;
            order.platform == platform && order.op.covers(op) && fits_kind
        };
        for index in 0..self.0.len() {
            let order = &mut self.0[index];
            if !matches(order) {
                continue;
            }
            if order.skip > 0 {
                order.skip -= 1;
                continue;
            }
            let hit = order.clone();
            match order.times {
                0 => {}
                1 => drop(self.0.remove(index)),
                _ => order.times -= 1,
            }
            return Some(hit);
        }
        None
    }
}

/// Set on a request whose listing must lag: posts younger than this many ms are not shown.
#[derive(Clone, Copy)]
pub(crate) struct Lag(pub(crate) i64);

/// The middleware: counts the call, and applies the fault ordered for it.
pub(crate) async fn apply(extract::State(state): extract::State<State>, request: Request, next: Next) -> Response {
    let Some((platform, mut op)) = ops::asked(&request) else {
        return next.run(request).await;
    };
    let mut request = request;
    if ops::told_by_body(request.uri().path()) {
        let (parts, body) = request.into_parts();
        let Ok(bytes) = to_bytes(body, crate::MAX_BODY_BYTES).await else {
            return StatusCode::PAYLOAD_TOO_LARGE.into_response();
        };
        if ops::publishes(parts.uri.path(), &bytes) {
            op = Op::CreatePost;
        }
        request = Request::from_parts(parts, Body::from(bytes));
    }
    let Some(order) = note(&mut state.world(), platform, op) else { return next.run(request).await };
    let line = request.extensions().get::<ConnectInfo<Line>>().map(|info| info.0.clone());
    let (parts, body) = request.into_parts();
    // The client must have sent all of its request before it can be left in doubt about it.
    let Ok(bytes) = to_bytes(body, crate::MAX_BODY_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let mut request = Request::from_parts(parts, Body::from(bytes));
    let params = &order.params;
    let ms = params.ms;
    match order.kind {
        Kind::CommitThenDrop => {
            next.run(request).await;
            hang_up(line, params.reset)
        }
        Kind::DropBeforeCommit => hang_up(line, params.reset),
        Kind::CutBody => cut(next.run(request).await).await,
        Kind::Status => {
            if params.commit {
                next.run(request).await;
            }
            answer(platform, params, 500)
        }
        Kind::DelayMs if params.commit => {
            let response = next.run(request).await;
            pause(ms).await;
            response
        }
        Kind::DelayMs => {
            pause(ms).await;
            next.run(request).await
        }
        Kind::Garbage => {
            if params.commit {
                next.run(request).await;
            }
            ([(header::CONTENT_TYPE, "text/html")], "<html><body><h1>Please wait</h1></body></html>").into_response()
        }
        Kind::NoId => without_id(platform, next.run(request).await),
        Kind::LateCommitMs => {
            tokio::spawn(async move {
                pause(ms).await;
                next.run(request).await;
            });
            answer(platform, params, 503)
        }
        Kind::LagReadsMs => {
            request.extensions_mut().insert(Lag(i64::try_from(params.ms).unwrap_or(i64::MAX)));
            next.run(request).await
        }
        Kind::ExpireTokens => {
            state.world().side(platform).oauth.expire_all();
            next.run(request).await
        }
        Kind::RevokeFamily => {
            state.world().side(platform).oauth.revoke_all();
            next.run(request).await
        }
    }
}

/// Waits in real time. The one place that does: a slow platform is what it imitates.
#[allow(clippy::disallowed_methods)]
pub(crate) async fn pause(ms: u64) {
    tokio::time::sleep(Duration::from_millis(ms)).await;
}

fn note(world: &mut World, platform: Platform, op: Op) -> Option<Order> {
    *world.calls.entry(format!("{}.{}", platform.name(), op.name())).or_default() += 1;
    world.faults.take(platform, op)
}

/// Ends the connection without an answer. Without our own listener only the body can be broken.
fn hang_up(line: Option<Line>, reset: bool) -> Response {
    if let Some(line) = line {
        line.cut(reset);
        return StatusCode::OK.into_response();
    }
    broken_body(Bytes::new())
}

fn broken_body(first: Bytes) -> Response {
    let end = async {
        // The server flushes while the body is pending; without the pause nothing at all would be sent.
        tokio::task::yield_now().await;
        Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))
    };
    Body::from_stream(once(ready(Ok(first))).chain(once(end))).into_response()
}

/// Announces the whole answer and sends half of it.
async fn cut(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let whole = to_bytes(body, crate::MAX_BODY_BYTES).await.unwrap_or_default();
    // At least one byte must be missing, also where the true answer has no body.
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(whole.len().max(1)));
    Response::from_parts(parts, broken_body(whole.slice(..whole.len() / 2)).into_body())
}

fn without_id(platform: Platform, mut response: Response) -> Response {
    response.headers_mut().remove("x-restli-id");
    if site::of(platform).is_some() && response.status().is_success() {
        return site::nameless();
    }
    if platform == Platform::X && response.status().is_success() {
        return (response.status(), Json(json!({"data": {}}))).into_response();
    }
    response
}

/// The ordered answer. Only what was ordered: a 429 has no headers unless the order names them.
fn answer(platform: Platform, params: &Params, default_code: u16) -> Response {
    let status = StatusCode::from_u16(params.code.unwrap_or(default_code)).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = match &params.body {
        Some(Value::String(text)) => (status, text.clone()).into_response(),
        Some(body) => (status, Json(body)).into_response(),
        None => usual(platform, status),
    };
    let headers = response.headers_mut();
    if let Some(seconds) = params.retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Some(seconds) = params.reset_in_s {
        headers.insert("x-rate-limit-reset", HeaderValue::from(crate::state::now_ms() / 1_000 + seconds));
        headers.insert("x-rate-limit-remaining", HeaderValue::from(0));
    }
    for (name, value) in &params.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    }
    response
}

/// The body a platform usually sends with such a status.
fn usual(platform: Platform, status: StatusCode) -> Response {
    let reason = status.canonical_reason().unwrap_or("Error");
    match platform {
        Platform::X => crate::x::problem(status, reason),
        Platform::Linkedin if status == StatusCode::TOO_MANY_REQUESTS => {
            let message = "Resource level throttle APPLICATION DAY limit for calls to this resource is reached.";
            crate::linkedin::problem(status, "TOO_MANY_REQUESTS", message)
        }
        Platform::Linkedin => crate::linkedin::problem(status, &reason.to_uppercase().replace(' ', "_"), reason),
        other => site::of(other).map_or_else(|| status.into_response(), |site| (site.problem)(status, reason)),
    }
}
