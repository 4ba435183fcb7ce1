//! A webhook receiver: the demo customer's endpoint. It records what arrives and says whether the Standard Webhooks
//! signature holds.

use std::collections::{BTreeMap, VecDeque};

use aws_lc_rs::hmac::{HMAC_SHA256, Key, verify};
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router, extract};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::state::{State, now_ms, rfc3339};

/// Receivers remembered.
const MAX_INBOXES: usize = 100;
/// Deliveries remembered per receiver.
const MAX_RECORDS: usize = 500;
/// Bytes of a body remembered; the signature is checked over what was remembered, so larger ones are refused.
const MAX_RECORD_BYTES: usize = 1024 * 1024;
/// Age of a signature at which it no longer counts, in seconds (Standard Webhooks reference libraries).
const TOLERANCE_S: i64 = 300;

struct Record {
    number: u64,
    received_ms: i64,
    headers: HeaderMap,
    body: Bytes,
    answered: u16,
}

#[derive(Default)]
struct Inbox {
    /// Decoded keys; several while a secret rotates.
    secrets: Vec<Vec<u8>>,
    status: Option<u16>,
    /// Answers for the next deliveries, before `status` applies.
    statuses: VecDeque<u16>,
    retry_after: Option<u64>,
    consents: Option<Consent>,
    records: VecDeque<Record>,
    received: u64,
}

/// All receivers by name.
#[derive(Default)]
pub(crate) struct Hooks(BTreeMap<String, Inbox>);

impl Hooks {
    fn inbox(&mut self, name: &str) -> Option<&mut Inbox> {
        if !self.0.contains_key(name) && (self.0.len() >= MAX_INBOXES || name.len() > 100) {
            return None;
        }
        Some(self.0.entry(name.to_owned()).or_default())
    }

    /// Deliveries per receiver, for `GET /control/state` and the front page.
    pub(crate) fn report(&self) -> Value {
        self.0
            .iter()
            .map(|(name, inbox)| (name.clone(), json!(inbox.received)))
            .collect::<serde_json::Map<_, _>>()
            .into()
    }
}

pub(crate) fn routes() -> Router<State> {
    Router::new()
        .route("/hooks/{name}", post(receive).get(list).options(asked))
        .route("/control/hooks/{name}", post(configure))
}

/// Whether it wants to be told (CloudEvents 1.0.2, HTTP web hooks, 4): as it is configured, and not at all when it is not.
async fn asked(extract::State(state): extract::State<State>, Path(name): Path<String>, headers: HeaderMap) -> Response {
    let mut world = state.world();
    let consents = world.hooks.inbox(&name).and_then(|inbox| inbox.consents);
    let (Some(consents), Some(origin)) = (consents, headers.get("webhook-request-origin")) else {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    };
    let mut response = StatusCode::OK.into_response();
    response.headers_mut().insert("webhook-allowed-origin", origin.clone());
    if let Some(rate) = consents.rate {
        response.headers_mut().insert("webhook-allowed-rate", HeaderValue::from(rate));
    }
    response
}

async fn receive(
    extract::State(state): extract::State<State>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if body.len() > MAX_RECORD_BYTES {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    let mut world = state.world();
    let Some(inbox) = world.hooks.inbox(&name) else { return StatusCode::INSUFFICIENT_STORAGE.into_response() };
    let answered = inbox.statuses.pop_front().or(inbox.status).unwrap_or(200);
    inbox.received += 1;
    inbox.records.push_back(Record { number: inbox.received, received_ms: now_ms(), headers, body, answered });
    if inbox.records.len() > MAX_RECORDS {
        inbox.records.pop_front();
    }
    let status = StatusCode::from_u16(answered).unwrap_or(StatusCode::OK);
    let mut response = (status, Json(json!({"received": status.is_success()}))).into_response();
    if let (Some(seconds), false) = (inbox.retry_after, status.is_success()) {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// That it wants to be told.
#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Consent {
    /// How often a minute.
    rate: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Configuration {
    /// `whsec_<base64>`.
    secret: Option<String>,
    #[serde(default)]
    secrets: Vec<String>,
    status: Option<u16>,
    #[serde(default)]
    statuses: VecDeque<u16>,
    retry_after: Option<u64>,
    /// It says yes to whoever asks; when left out it does not know the question.
    consents: Option<Consent>,
}

/// Replaces the receiver's configuration; what it received stays.
async fn configure(
    extract::State(state): extract::State<State>,
    Path(name): Path<String>,
    Json(new): Json<Configuration>,
) -> Response {
    let keys: Option<Vec<Vec<u8>>> = new.secret.iter().chain(&new.secrets).map(|secret| decode(secret)).collect();
    let Some(keys) = keys else {
        return (StatusCode::BAD_REQUEST, "a secret must be whsec_ and base64\n").into_response();
    };
    let mut world = state.world();
    let Some(inbox) = world.hooks.inbox(&name) else { return StatusCode::INSUFFICIENT_STORAGE.into_response() };
    inbox.secrets = keys;
    inbox.status = new.status;
    inbox.statuses = new.statuses;
    inbox.retry_after = new.retry_after;
    inbox.consents = new.consents;
    StatusCode::NO_CONTENT.into_response()
}

fn decode(secret: &str) -> Option<Vec<u8>> {
    STANDARD.decode(secret.strip_prefix("whsec_")?).ok()
}

/// JSON, or a page when a browser asks.
async fn list(extract::State(state): extract::State<State>, Path(name): Path<String>, headers: HeaderMap) -> Response {
    let answer = {
        let mut world = state.world();
        let Some(inbox) = world.hooks.inbox(&name) else { return StatusCode::NOT_FOUND.into_response() };
        let records: Vec<Value> = inbox.records.iter().map(|record| describe(record, &inbox.secrets)).collect();
        json!({"name": name, "received": inbox.received, "deliveries": records})
    };
    let browser = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    if browser.is_some_and(|accept| accept.contains("text/html")) {
        return state.pages().html("hooks.html", &answer);
    }
    Json(answer).into_response()
}

fn describe(record: &Record, secrets: &[Vec<u8>]) -> Value {
    let headers: serde_json::Map<String, Value> = record
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), json!(String::from_utf8_lossy(value.as_bytes()))))
        .collect();
    let result = if secrets.is_empty() { None } else { Some(check(record, secrets)) };
    let json_body = serde_json::from_slice::<Value>(&record.body).ok();
    let pretty = json_body.as_ref().and_then(|body| serde_json::to_string_pretty(body).ok());
    json!({
        "number": record.number,
        "received_at": rfc3339(record.received_ms),
        "headers": headers,
        "body": String::from_utf8_lossy(&record.body),
        "json": json_body,
        "pretty": pretty,
        "answered": record.answered,
        "verified": result.as_ref().map(Result::is_ok),
        "reason": match result { None => Some("no secret set"), Some(Ok(())) => None, Some(Err(why)) => Some(why) },
    })
}

/// The Standard Webhooks check: HMAC-SHA256 over `id.timestamp.body`, any of the `v1,` signatures, with any secret.
fn check(record: &Record, secrets: &[Vec<u8>]) -> Result<(), &'static str> {
    let header = |name: &str| record.headers.get(name).and_then(|value| value.to_str().ok());
    let id = header("webhook-id").ok_or("webhook-id is missing")?;
    let stamp = header("webhook-timestamp").ok_or("webhook-timestamp is missing")?;
    let signatures = header("webhook-signature").ok_or("webhook-signature is missing")?;
    let at_s: i64 = stamp.parse().map_err(|_| "webhook-timestamp is no number")?;
    if (record.received_ms / 1_000).abs_diff(at_s) > TOLERANCE_S.unsigned_abs() {
        return Err("webhook-timestamp is too far away");
    }
    let mut signed = format!("{id}.{stamp}.").into_bytes();
    signed.extend_from_slice(&record.body);
    let tags = signatures.split(' ').filter_map(|part| STANDARD.decode(part.strip_prefix("v1,")?).ok());
    let holds = |tag: Vec<u8>| secrets.iter().any(|key| verify(&Key::new(HMAC_SHA256, key), &signed, &tag).is_ok());
    if tags.into_iter().any(holds) { Ok(()) } else { Err("no signature matches") }
}
