//! A personal data server of the AT Protocol, as Bluesky's are. Facts (methods, shapes, names of errors, limits) follow the
//! lexicons and the protocol's specification; what a session looks like follows the reference server.

mod notifications;
mod record;
mod repo;

use axum::extract::{Path, Query, Request};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router, extract};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::oauth::{BadToken, Issued, Rules};
use crate::ops::{Op, Platform};
use crate::site::{Keyholder, Site};
use crate::state::{State, Window, World, now_ms};

const PLATFORM: Platform = Platform::Bluesky;
/// Sessions that may be made of one account in five minutes.
const LOGINS: u32 = 30;
const LOGINS_MS: i64 = 300_000;

/// How sessions live: access for two hours, renewal for ninety days; each renewal token works once.
const RULES: Rules = Rules { code_ms: 0, access_ms: 7_200_000, refresh_ms: Some(90 * 86_400_000), rotates: true };

/// The platform.
pub(crate) const SITE: Site = Site {
    platform: PLATFORM,
    title: "Bluesky",
    brand: "#1185fe",
    keyholders: &[
        Keyholder {
            handle: "harbour.test",
            id: "did:plc:harbourcoffeedemo2222222",
            name: "Harbour Coffee Demo",
            key: "harb-our2-coff-ee22",
        },
        Keyholder {
            handle: "lighthouse.test",
            id: "did:plc:lighthouselabsdemo222222",
            name: "Lighthouse Labs Demo",
            key: "ligh-thou-selt-abs2",
        },
    ],
    entries,
    routes,
    op,
    problem,
};

fn entries(state: &State, holder: &Keyholder) -> Value {
    json!({ "server": home(state), "handle": holder.handle, "password": holder.key })
}

/// Where the server is.
fn home(state: &State) -> String {
    format!("{}/bluesky", state.public_url())
}

fn routes(state: &State) -> Router<State> {
    Router::new()
        .route("/bluesky/xrpc/com.atproto.server.getSession", get(get_session))
        .route("/bluesky/xrpc/app.bsky.notification.listNotifications", get(notifications::list))
        .route("/bluesky/xrpc/com.atproto.repo.createRecord", post(repo::create_record))
        .route("/bluesky/xrpc/com.atproto.repo.applyWrites", post(repo::apply_writes))
        .route("/bluesky/xrpc/com.atproto.repo.deleteRecord", post(repo::delete_record))
        .route("/bluesky/xrpc/com.atproto.repo.uploadBlob", post(repo::upload_blob))
        .route_layer(from_fn_with_state(state.clone(), guard))
        .route("/bluesky/xrpc/com.atproto.server.createSession", post(create_session))
        .route("/bluesky/xrpc/com.atproto.server.refreshSession", post(refresh_session))
        .route("/bluesky/xrpc/com.atproto.server.deleteSession", post(delete_session))
        .route("/bluesky/xrpc/com.atproto.identity.resolveHandle", get(resolve_handle))
        .route("/bluesky/xrpc/com.atproto.repo.getRecord", get(repo::get_record))
        // The form of the app's own links to a post.
        .route(
            "/bluesky/profile/{who}/post/{key}",
            get(async |Path((_, key)): Path<(String, String)>| {
                let anchor: String = key.chars().filter(char::is_ascii_alphanumeric).collect();
                Redirect::to(&format!("/bluesky/timeline#{anchor}"))
            }),
        )
}

fn op(_: &Method, path: &str) -> Option<Op> {
    Some(match path.strip_prefix("xrpc/")? {
        "com.atproto.repo.createRecord" | "com.atproto.repo.applyWrites" => Op::CreatePost,
        "app.bsky.notification.listNotifications" => Op::Listen,
        "com.atproto.repo.deleteRecord" => Op::DeletePost,
        "com.atproto.repo.getRecord" => Op::Lookup,
        "com.atproto.repo.uploadBlob" => Op::Media,
        "com.atproto.identity.resolveHandle" | "com.atproto.server.getSession" => Op::Me,
        "com.atproto.server.createSession" | "com.atproto.server.refreshSession" => Op::Token,
        "com.atproto.server.deleteSession" => Op::Revoke,
        _ => return None,
    })
}

/// The protocol's name for an error with such a status.
fn problem(status: StatusCode, reason: &str) -> Response {
    let error = match status.as_u16() {
        401 => "AuthenticationRequired",
        403 => "Forbidden",
        404 => "XRPCNotSupported",
        413 => "PayloadTooLarge",
        429 => "RateLimitExceeded",
        501 => "MethodNotImplemented",
        502 => "UpstreamFailure",
        503 => "NotEnoughResources",
        504 => "UpstreamTimeout",
        500..600 => "InternalServerError",
        _ => "InvalidRequest",
    };
    refused(status, error, reason)
}

/// A refusal in the protocol's form.
fn refused(status: StatusCode, error: &str, message: &str) -> Response {
    (status, Json(json!({ "error": error, "message": message }))).into_response()
}

fn invalid(message: &str) -> Response {
    refused(StatusCode::BAD_REQUEST, "InvalidRequest", message)
}

/// Who calls.
#[derive(Clone, Copy)]
struct Author(&'static Keyholder);

fn holder(id: &str) -> Option<&'static Keyholder> {
    SITE.keyholders.iter().find(|holder| holder.id == id || holder.handle == id)
}

/// A token as the reference server writes it: three words of base64, of which the second says whom it is for and how long it
/// lives. The third is what this server knows it by.
fn token(scope: &str, holder: &str, life_s: i64, text: &str) -> String {
    let now = now_ms() / 1_000;
    let claims = json!({ "scope": scope, "sub": holder, "iat": now, "exp": now + life_s });
    let word = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{text}", word(&json!({ "typ": "at+jwt", "alg": "HS256" })), word(&claims))
}

/// What a token says that it is good for, and what this server knows it by.
fn opened(headers: &HeaderMap) -> Result<(String, String), Response> {
    let missing = || refused(StatusCode::UNAUTHORIZED, "AuthMissing", "Authentication Required");
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let jwt = value.and_then(|value| value.strip_prefix("Bearer ")).ok_or_else(missing)?;
    let words: Vec<&str> = jwt.splitn(3, '.').collect();
    let claims = words.get(1).and_then(|claims| URL_SAFE_NO_PAD.decode(claims).ok());
    let claims: Option<Value> = claims.and_then(|claims| serde_json::from_slice(&claims).ok());
    match (claims, words.get(2)) {
        (Some(claims), Some(text)) => Ok((claims["scope"].as_str().unwrap_or_default().to_owned(), (*text).to_owned())),
        _ => Err(refused(StatusCode::BAD_REQUEST, "InvalidToken", "Token could not be verified")),
    }
}

const ACCESS: &str = "com.atproto.appPass";
const REFRESH: &str = "com.atproto.refresh";

fn opened_as(headers: &HeaderMap, scope: &str) -> Result<String, Response> {
    let (found, text) = opened(headers)?;
    if found == scope { Ok(text) } else { Err(refused(StatusCode::BAD_REQUEST, "InvalidToken", "Invalid token type")) }
}

async fn guard(extract::State(state): extract::State<State>, mut request: Request, next: Next) -> Response {
    let text = match opened_as(request.headers(), ACCESS) {
        Ok(text) => text,
        Err(refusal) => return refusal,
    };
    let found = state.world().side(PLATFORM).oauth.authenticate(Some(&text), now_ms());
    match found.map(|caller| holder(caller.actor)) {
        Ok(Some(author)) => {
            request.extensions_mut().insert(Author(author));
            next.run(request).await
        }
        Err(BadToken::Expired) => refused(StatusCode::BAD_REQUEST, "ExpiredToken", "Token has expired"),
        Err(BadToken::Revoked) => refused(StatusCode::BAD_REQUEST, "ExpiredToken", "Token has been revoked"),
        _ => refused(StatusCode::BAD_REQUEST, "InvalidToken", "Token could not be verified"),
    }
}

fn session(state: &State, holder: &Keyholder, issued: &Issued) -> Response {
    let (refresh, life_s) = issued.refresh.clone().unwrap_or_default();
    let pds = json!({ "id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": home(state) });
    Json(json!({
        "accessJwt": token(ACCESS, holder.id, issued.expires_s, &issued.access),
        "refreshJwt": token(REFRESH, holder.id, life_s, &refresh),
        "handle": holder.handle, "did": holder.id, "active": true,
        "didDoc": { "id": holder.id, "alsoKnownAs": [format!("at://{}", holder.handle)], "service": [pds] },
    }))
    .into_response()
}

/// Counts `points` in a window; what the headers say of it, and whether it was too much.
fn counted(world: &mut World, who: &str, op: Op, points: u32, limit: u32, window_ms: i64) -> (HeaderMap, bool) {
    let now = now_ms();
    let window: &mut Window = world.side(PLATFORM).windows.entry((who.to_owned(), op)).or_default();
    if now - window.start_ms >= window_ms {
        *window = Window { start_ms: now, used: 0 };
    }
    let over = window.used + points > limit;
    if !over {
        window.used += points;
    }
    let mut headers = HeaderMap::new();
    let reset = (window.start_ms + window_ms) / 1_000 + 1;
    headers.insert("ratelimit-limit", HeaderValue::from(limit));
    headers.insert("ratelimit-remaining", HeaderValue::from(if over { 0 } else { limit - window.used }));
    headers.insert("ratelimit-reset", HeaderValue::from(reset));
    (headers, over)
}

fn slow_down(headers: HeaderMap) -> Response {
    (headers, refused(StatusCode::TOO_MANY_REQUESTS, "RateLimitExceeded", "Rate Limit Exceeded")).into_response()
}

#[derive(Deserialize)]
struct Login {
    identifier: String,
    password: String,
}

async fn create_session(extract::State(state): extract::State<State>, body: Option<Json<Login>>) -> Response {
    let Some(Json(login)) = body else { return invalid("Missing required key \"identifier\" at $") };
    let mut world = state.world();
    let known = holder(&login.identifier);
    // Bounded: only the demo's accounts are counted.
    let (headers, over) = match known {
        Some(known) => counted(&mut world, known.id, Op::Token, 1, LOGINS, LOGINS_MS),
        None => (HeaderMap::new(), false),
    };
    if over {
        return slow_down(headers);
    }
    let side = world.side(PLATFORM);
    let good = known.filter(|known| known.key == login.password && !side.keys_revoked);
    let answer = match good {
        Some(holder) => {
            let issued = side.oauth.grant(holder.id, Vec::new(), &RULES, now_ms());
            session(&state, holder, &issued)
        }
        None => refused(StatusCode::UNAUTHORIZED, "AuthenticationRequired", "Invalid identifier or password"),
    };
    (headers, answer).into_response()
}

/// Whom a token of ours was made out for.
fn subject(headers: &HeaderMap) -> Option<&'static Keyholder> {
    let jwt = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(jwt.split('.').nth(1)?).ok()?).ok()?;
    holder(claims["sub"].as_str()?)
}

async fn refresh_session(extract::State(state): extract::State<State>, headers: HeaderMap) -> Response {
    let text = match opened_as(&headers, REFRESH) {
        Ok(text) => text,
        Err(refusal) => return refusal,
    };
    let refreshed = state.world().side(PLATFORM).oauth.refresh(&text, &RULES, now_ms());
    match (refreshed, subject(&headers)) {
        (Ok(issued), Some(holder)) => session(&state, holder, &issued),
        _ => refused(StatusCode::BAD_REQUEST, "ExpiredToken", "Token has been revoked"),
    }
}

async fn delete_session(extract::State(state): extract::State<State>, headers: HeaderMap) -> Response {
    match opened_as(&headers, REFRESH) {
        Ok(text) => {
            state.world().side(PLATFORM).oauth.revoke(&text);
            StatusCode::OK.into_response()
        }
        Err(refusal) => refusal,
    }
}

async fn get_session(Extension(Author(author)): Extension<Author>) -> Json<Value> {
    Json(json!({ "did": author.id, "handle": author.handle, "active": true }))
}

#[derive(Deserialize)]
struct Asked {
    handle: String,
}

async fn resolve_handle(Query(asked): Query<Asked>) -> Response {
    match SITE.keyholders.iter().find(|holder| holder.handle == asked.handle.to_ascii_lowercase()) {
        Some(holder) => Json(json!({ "did": holder.id })).into_response(),
        None => invalid("Unable to resolve handle"),
    }
}
