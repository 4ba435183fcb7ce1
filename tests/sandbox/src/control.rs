//! The control interface: faults, settings, tokens without a browser, state and reset. See `GUIDE.md`.

use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router, extract};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::directory;
use crate::faults::{Held, Order, pause};
use crate::ops::Platform;
use crate::state::{Settings, State, now_ms};
use crate::store::sniff;
use crate::{linkedin, mailchimp, meta, site, slack, tiktok, wordpress, x, youtube};

/// Files kept at once.
const MAX_FILES: usize = 100;

pub(crate) fn routes() -> Router<State> {
    Router::new()
        .route("/control/faults", post(add_faults).delete(clear_faults))
        .route("/control/release", post(release))
        .route("/control/settings", post(change_settings))
        .route("/control/grants", post(grant))
        .route("/control/keys", post(keys))
        .route("/control/files/{name}", put(keep_file))
        .route("/files/{name}", get(file))
        .route("/control/say", post(say))
        .route("/control/tokens/expire", post(expire))
        .route("/control/tokens/revoke", post(revoke))
        .route("/control/reset", post(reset))
        .route("/control/state", get(report))
}

/// One order or a list of them.
#[derive(Deserialize)]
#[serde(untagged)]
enum Orders {
    Many(Vec<Order>),
    One(Box<Order>),
}

async fn add_faults(extract::State(state): extract::State<State>, Json(orders): Json<Orders>) -> Response {
    let orders = match orders {
        Orders::Many(orders) => orders,
        Orders::One(order) => vec![*order],
    };
    let parts_time = orders.iter().any(Order::parts_time);
    let answer = {
        let mut world = state.world();
        if !orders.into_iter().all(|order| world.faults.add(order)) {
            return (StatusCode::INSUFFICIENT_STORAGE, "too many faults are waiting\n").into_response();
        }
        json!({"faults": world.faults})
    };
    if parts_time {
        // Posts have their instants in milliseconds: whoever knows of the order makes none in that of the order itself.
        pause(2).await;
    }
    (StatusCode::CREATED, Json(answer)).into_response()
}

async fn clear_faults(extract::State(state): extract::State<State>) -> StatusCode {
    state.world().faults.clear();
    StatusCode::NO_CONTENT
}

/// What was held takes effect now.
async fn release(extract::State(state): extract::State<State>) -> Json<Value> {
    Json(json!({"released": Held::release(&state).await}))
}

/// Changes the settings that are named and leaves the others.
async fn change_settings(extract::State(state): extract::State<State>, Json(change): Json<Value>) -> Response {
    let Value::Object(change) = change else {
        return (StatusCode::BAD_REQUEST, "an object is needed\n").into_response();
    };
    let mut world = state.world();
    let mut merged = json!(world.settings);
    for (name, value) in change {
        merged[name] = value;
    }
    match serde_json::from_value::<Settings>(merged) {
        Ok(settings) => {
            world.set(settings);
            Json(json!(world.settings)).into_response()
        }
        Err(error) => (StatusCode::BAD_REQUEST, format!("{error}\n")).into_response(),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewGrant {
    platform: Platform,
    /// Id or handle of a demo user.
    actor: String,
    /// Every scope of the platform when left out.
    scopes: Option<Vec<String>>,
}

/// A token as if the person had just consented, for tests that are not about consent.
async fn grant(extract::State(state): extract::State<State>, Json(new): Json<NewGrant>) -> Response {
    let flow = match new.platform {
        Platform::X => &x::FLOW,
        Platform::Linkedin => &linkedin::FLOW,
        Platform::Slack => &slack::FLOW,
        Platform::Facebook => &meta::FACEBOOK_FLOW,
        Platform::Instagram => &meta::INSTAGRAM_FLOW,
        Platform::Threads => &meta::THREADS_FLOW,
        Platform::Youtube => &youtube::FLOW,
        Platform::Tiktok => &tiktok::FLOW,
        Platform::Mailchimp => &mailchimp::FLOW,
        Platform::Wordpress => &wordpress::FLOW,
        _ => return (StatusCode::BAD_REQUEST, "there is no consent here: see /control/keys\n").into_response(),
    };
    let Some(actor) = directory::find(flow.actors, &new.actor) else {
        return (StatusCode::NOT_FOUND, "no such demo user\n").into_response();
    };
    let scopes = new.scopes.unwrap_or_else(|| flow.scopes.iter().map(|(name, _)| (*name).to_owned()).collect());
    let mut world = state.world();
    let rules = match new.platform {
        Platform::X => x::rules(&world.settings, &scopes),
        Platform::Slack => slack::rules(&world.settings),
        Platform::Facebook | Platform::Instagram | Platform::Threads => meta::long_rules(),
        Platform::Youtube => youtube::rules(&scopes),
        Platform::Tiktok => tiktok::RULES,
        Platform::Mailchimp => mailchimp::RULES,
        Platform::Wordpress => wordpress::RULES,
        _ => linkedin::rules(&world.settings),
    };
    let issued = world.side(new.platform).oauth.grant(actor.id, scopes, &rules, now_ms());
    match new.platform {
        Platform::X => x::token_answer(&issued),
        Platform::Slack => slack::token_answer(&issued, actor),
        Platform::Facebook | Platform::Instagram | Platform::Threads => meta::token_answer(&issued),
        Platform::Youtube => youtube::token_answer(&issued),
        Platform::Tiktok => tiktok::token_answer(&issued, actor),
        Platform::Mailchimp => mailchimp::token_answer(&issued),
        Platform::Wordpress => wordpress::token_answer(&issued, actor.id, &wordpress::home(&state)),
        _ => linkedin::token_answer(&issued),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Holder {
    platform: Platform,
    /// Handle of a keyholder; the first one when left out.
    actor: Option<String>,
}

/// What a keyholder enters to connect their account.
async fn keys(extract::State(state): extract::State<State>, Json(which): Json<Holder>) -> Response {
    let Some(site) = site::of(which.platform) else {
        return (StatusCode::BAD_REQUEST, "there are no keys here: see /control/grants\n").into_response();
    };
    let named = |handle: &str| which.actor.as_deref().is_none_or(|actor| actor == handle);
    match site.keyholders.iter().find(|holder| named(holder.handle)) {
        Some(holder) => Json((site.entries)(&state, holder)).into_response(),
        None => (StatusCode::NOT_FOUND, "no such keyholder\n").into_response(),
    }
}

/// Keeps a file for whoever has its address, as any server of pictures does.
async fn keep_file(extract::State(state): extract::State<State>, Path(name): Path<String>, bytes: Bytes) -> Response {
    let mut world = state.world();
    if world.files.len() >= MAX_FILES {
        return (StatusCode::INSUFFICIENT_STORAGE, "too many files\n").into_response();
    }
    world.files.insert(name.clone(), bytes);
    (StatusCode::CREATED, Json(json!({"url": format!("{}/files/{name}", state.public_url())}))).into_response()
}

/// Only pictures and videos by their first bytes, so that a file cannot become a page of this host.
async fn file(extract::State(state): extract::State<State>, Path(name): Path<String>) -> Response {
    let Some(bytes) = state.world().files.get(&name).cloned() else { return StatusCode::NOT_FOUND.into_response() };
    let mime = sniff(&bytes).unwrap_or("application/octet-stream");
    ([(header::CONTENT_TYPE, mime), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")], bytes).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    platform: Platform,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    platform: Platform,
    /// The video or post, or the comment.
    on: String,
    text: String,
    /// Who says it.
    author: String,
}

/// Somebody who has no account here says something below what is there, where people comment without one of ours.
async fn say(extract::State(state): extract::State<State>, Json(words): Json<Words>) -> Response {
    let mut world = state.world();
    let id = match words.platform {
        Platform::Youtube => youtube::stranger(&mut world, &words.on, &words.author, words.text),
        Platform::Wordpress => wordpress::visitor(&mut world, &words.on, &words.author, &words.text),
        _ => None,
    };
    match id {
        Some(id) => (StatusCode::CREATED, Json(json!({"id": id}))).into_response(),
        None => (StatusCode::NOT_FOUND, "there is nothing to comment\n").into_response(),
    }
}

async fn expire(extract::State(state): extract::State<State>, Json(which): Json<Which>) -> StatusCode {
    state.world().side(which.platform).oauth.expire_all();
    StatusCode::NO_CONTENT
}

async fn revoke(extract::State(state): extract::State<State>, Json(which): Json<Which>) -> StatusCode {
    let mut world = state.world();
    let side = world.side(which.platform);
    side.oauth.revoke_all();
    side.keys_revoked = true;
    StatusCode::NO_CONTENT
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Reset {
    /// Connected accounts stay connected.
    keep_grants: bool,
}

async fn reset(extract::State(state): extract::State<State>, body: Option<Json<Reset>>) -> StatusCode {
    let keep_grants = body.is_some_and(|Json(reset)| reset.keep_grants);
    state.world().reset(state.boot_ms(), keep_grants);
    StatusCode::NO_CONTENT
}

async fn report(extract::State(state): extract::State<State>) -> Json<Value> {
    let world = state.world();
    let side = |side: &crate::state::Side| {
        json!({"committed": side.wall.committed(), "live": side.wall.live().count(), "media": side.shelf.len(),
               "oauth": side.oauth.report()})
    };
    let mut report = json!({
        "settings": world.settings, "faults": world.faults, "calls": world.calls, "hooks": world.hooks.report(),
        "x": side(&world.x), "linkedin": side(&world.linkedin),
    });
    for site in site::SITES {
        report[site.platform.name()] = side(world.look(site.platform));
    }
    Json(report)
}
