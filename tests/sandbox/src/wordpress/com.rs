//! WordPress.com: consent, tokens that are for one site, and its API over the same simulated site. Consent, tokens and scopes follow
//! `developer.wordpress.com/docs/api/oauth2`; what is told of sites and their users follows the vendor's reference of its REST API 1.1.
//! What a token of another site, or one without a scope, is told is documented by its status alone; the words here are our own.

use axum::extract::{Path, Query, Request};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router, extract};
use serde::Deserialize;
use serde_json::json;

use super::{Caller, PLATFORM, SITE, content, content_op, home, refused};
use crate::consent::{self, Fields, Flow};
use crate::directory::WORDPRESS_USERS;
use crate::oauth::{self, Issued, Rules};
use crate::ops::Op;
use crate::state::{State, now_ms};

const CLIENT_ID: &str = "sandbox-wordpress";
const CLIENT_SECRET: &str = "sandbox-wordpress-secret";

/// How WordPress.com asks for consent. Which site it is for follows from who consents.
pub(crate) const FLOW: Flow = Flow {
    platform: PLATFORM,
    title: "WordPress.com",
    brand: "#3858e9",
    ground: "#f0f0f0",
    client_id: CLIENT_ID,
    actors: WORDPRESS_USERS,
    scopes: &[
        ("sites", "View general site information and options"),
        ("users", "View user information"),
        ("posts", "View and manage posts"),
        ("media", "Manage site media"),
        ("taxonomy", "View and manage tags and categories"),
        ("comments", "View and manage post comments"),
    ],
    separator: ' ',
    strict: false,
    scope_error: "invalid_scope",
};

/// Tokens of a code do not end: here they live longer than a test does.
pub(crate) const RULES: Rules =
    Rules { code_ms: 600_000, access_ms: 10 * 365 * 86_400_000, refresh_ms: None, rotates: false };

/// The site that somebody consents for.
fn site_of(actor: &str) -> &'static str {
    if actor == "3" { "9002" } else { "9001" }
}

pub(super) fn routes(state: &State) -> Router<State> {
    Router::new()
        .merge(content("/wordpress/com/wp/v2/sites/{site}"))
        .route("/wordpress/com/rest/v1.1/sites/{site}", get(site))
        .route_layer(from_fn_with_state(state.clone(), admitted))
        .route("/wordpress/com/oauth2/authorize", get(ask).post(decide))
        .route("/wordpress/com/oauth2/token", post(token))
        .route("/wordpress/com/oauth2/token-info", get(token_info))
}

pub(super) fn op(method: &Method, path: &str) -> Option<Op> {
    match path {
        "oauth2/token" => return Some(Op::Token),
        "oauth2/token-info" => return Some(Op::Orgs),
        _ if path.starts_with("rest/v1.1/sites/") => return Some(Op::Me),
        _ => {}
    }
    content_op(method, path.strip_prefix("wp/v2/sites/")?.split_once('/')?.1)
}

async fn ask(extract::State(state): extract::State<State>, Query(fields): Query<Fields>) -> Response {
    consent::show(&state, &FLOW, &fields)
}

async fn decide(extract::State(state): extract::State<State>, Form(fields): Form<Fields>) -> Response {
    consent::decide(&state, &FLOW, &fields)
}

/// A refusal in the words of OAuth, and of the REST API 1.1.
fn error(status: StatusCode, error: &str, message: &str) -> Response {
    (status, Json(json!({ "error": error, "error_description": message, "message": message }))).into_response()
}

async fn token(extract::State(state): extract::State<State>, Form(form): Form<Fields>) -> Response {
    let field = |name: &str| form.get(name).map_or("", String::as_str);
    if (field("client_id"), field("client_secret")) != (CLIENT_ID, CLIENT_SECRET) {
        return error(StatusCode::BAD_REQUEST, "invalid_client", "Unknown client.");
    }
    if field("grant_type") != "authorization_code" {
        return error(StatusCode::BAD_REQUEST, "unsupported_grant_type", "Unsupported grant type.");
    }
    let mut world = state.world();
    let book = &mut world.side(PLATFORM).oauth;
    match book.redeem(field("code"), field("redirect_uri"), None, &RULES, now_ms()) {
        Ok(issued) => {
            let caller = book.authenticate(Some(&issued.access), now_ms());
            answer(&issued, caller.map_or("", |caller| caller.actor), &home(&state))
        }
        Err(_) => error(StatusCode::BAD_REQUEST, "invalid_grant", "Invalid or expired authorization code."),
    }
}

/// The token answer, also for the control interface.
pub(crate) fn answer(issued: &Issued, actor: &str, home: &str) -> Response {
    let body = json!({
        "access_token": issued.access, "token_type": "bearer", "blog_id": site_of(actor), "blog_url": home,
    });
    ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

#[derive(Deserialize)]
struct Asked {
    client_id: String,
    token: String,
}

async fn token_info(extract::State(state): extract::State<State>, Query(asked): Query<Asked>) -> Response {
    match state.world().look(PLATFORM).oauth.authenticate(Some(&asked.token), now_ms()) {
        Ok(oauth::Caller { actor, scopes }) if asked.client_id == CLIENT_ID => Json(json!({
            "client_id": CLIENT_ID, "user_id": actor, "blog_id": site_of(actor), "scope": scopes.join(","),
        }))
        .into_response(),
        _ => error(StatusCode::BAD_REQUEST, "invalid_token", "The token was not authorized for your application."),
    }
}

/// The scope of a route.
fn scope(path: &str) -> &'static str {
    let mut segments = path.split('/').skip_while(|segment| *segment != "sites").skip(2);
    match segments.next() {
        Some("posts") => "posts",
        Some("media") => "media",
        Some("comments") => "comments",
        Some("tags" | "categories") => "taxonomy",
        Some("users") => "users",
        _ => "sites",
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

/// Lets in whom a token of this site speaks for.
async fn admitted(extract::State(state): extract::State<State>, mut request: Request, next: Next) -> Response {
    let known = state.world().look(PLATFORM).oauth.authenticate(bearer(request.headers()), now_ms());
    let path = request.uri().path();
    let Ok(caller) = known else {
        return refused(StatusCode::UNAUTHORIZED, "rest_unauthorized", "Authentication required.");
    };
    let named = path.split('/').skip_while(|segment| *segment != "sites").nth(1);
    if named != Some(site_of(caller.actor)) || !caller.may(scope(path)) {
        return refused(StatusCode::FORBIDDEN, "rest_forbidden", "Sorry, you are not allowed to do that.");
    }
    let holder = SITE.keyholders.iter().find(|holder| holder.id == caller.actor);
    request.extensions_mut().insert(Caller(holder));
    next.run(request).await
}

#[derive(Deserialize)]
struct Named {
    site: u64,
}

async fn site(
    extract::State(state): extract::State<State>,
    extract::Extension(caller): extract::Extension<Caller>,
    Path(Named { site }): Path<Named>,
) -> Response {
    let name = if site == 9001 { "Harbour Coffee &amp; Friends" } else { "Bo&#039;s Notes" };
    let may = |capability: &str| caller.may(capability);
    Json(json!({
        "ID": site, "name": name, "URL": home(&state), "jetpack": false,
        "capabilities": { "edit_posts": may("edit_posts"), "publish_posts": may("publish_posts"),
                          "upload_files": may("upload_files") },
    }))
    .into_response()
}
