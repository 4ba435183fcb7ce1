//! Faults on request. They sit in front of every imitated endpoint as one middleware, so that the endpoints
//! themselves know nothing about them and every operation can fail in every way.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract;
use axum::extract::{ConnectInfo, Extension, Request};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

use crate::net::Line;
use crate::ops::{self, Op, Platform, Target};
use crate::state::{State, World, now_ms};
use answers::{answer, cut, hang_up, without_id};

mod answers;

/// Orders waiting at once.
const MAX_ORDERS: usize = 1_000;
/// Calls held at once, each with its whole body.
const MAX_HELD: usize = 100;

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
    /// The connection ends without an answer; the call takes effect when it is released.
    LateCommit,
    /// Answers `params.code` (503) at once and takes effect `params.ms` later.
    LateCommitMs,
    /// A listing does not show what was posted since this was ordered.
    LagReads,
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
    /// When it was given, in ms since the epoch.
    #[serde(skip)]
    given_ms: i64,
}

impl Order {
    /// Whether it parts what was made before it from what is made after it.
    pub(crate) fn parts_time(&self) -> bool {
        self.kind == Kind::LagReads
    }
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
            self.0.push(Order { given_ms: now_ms(), ..order });
        }
        fits
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// The first order that hits this call, counted off.
    fn take(&mut self, platform: Platform, op: Op) -> Option<Order> {
        let matches = |order: &Order| {
            let fits_kind = !matches!(order.kind, Kind::LagReads | Kind::LagReadsMs) || op == Op::List;
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

/// Set on a request whose listing must lag: what was made after this, in ms since the epoch, is not shown.
#[derive(Clone, Copy)]
pub(crate) struct Lag(i64);

impl Lag {
    /// The newest that a listing shows, in ms since the epoch.
    pub(crate) fn newest_ms(lag: Option<Extension<Self>>) -> i64 {
        lag.map_or(i64::MAX, |Extension(Self(at_ms))| at_ms)
    }
}

/// Calls whose clients were left without an answer, and which take effect when they are released, oldest first.
#[derive(Default)]
pub(crate) struct Held(Vec<(Next, Request)>);

impl Held {
    /// Has them take effect; how many there were.
    pub(crate) async fn release(state: &State) -> usize {
        let Self(calls) = std::mem::take(&mut state.world().held);
        let count = calls.len();
        for (next, request) in calls {
            next.run(request).await;
        }
        count
    }
}

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
        Kind::LateCommit => {
            let Held(calls) = &mut state.world().held;
            if calls.len() >= MAX_HELD {
                return StatusCode::INSUFFICIENT_STORAGE.into_response();
            }
            calls.push((next, request));
            hang_up(line, params.reset)
        }
        Kind::LateCommitMs => {
            tokio::spawn(async move {
                pause(ms).await;
                next.run(request).await;
            });
            answer(platform, params, 503)
        }
        Kind::LagReads | Kind::LagReadsMs => {
            let young_ms = i64::try_from(ms).unwrap_or(i64::MAX);
            let newest = if order.kind == Kind::LagReads { order.given_ms } else { now_ms() - young_ms };
            request.extensions_mut().insert(Lag(newest));
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
