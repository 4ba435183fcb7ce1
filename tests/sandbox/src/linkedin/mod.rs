//! LinkedIn's versioned API: posts, images, videos, pages. Facts follow learn.microsoft.com/linkedin and the behaviour that
//! public clients document.

mod comments;
mod content;
mod images;
mod oauth;
mod orgs;
mod posts;
mod targets;
pub(crate) mod text;
mod videos;

use axum::extract::{OriginalUri, Request};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Extension, Json, Router, extract};
use serde_json::{Value, json};

use crate::directory::{self, LINKEDIN_MEMBERS};
use crate::oauth::{BadToken, Caller};
use crate::ops::Platform;
use crate::state::{Settings, State, now_ms};

pub(crate) use oauth::{FLOW, answer as token_answer, rules};

const PLATFORM: Platform = Platform::Linkedin;
const PERSON: &str = "urn:li:person:";
const ORGANIZATION: &str = "urn:li:organization:";

/// The endpoints of LinkedIn.
pub(crate) fn routes(state: &State) -> Router<State> {
    let rest = Router::new()
        .route("/linkedin/api/rest/posts", post(posts::create).get(posts::list))
        .route("/linkedin/api/rest/posts/{urn}", get(posts::by_urn).post(posts::amend).delete(posts::delete))
        .route("/linkedin/api/rest/socialActions/{urn}/comments", post(comments::create).get(comments::list))
        .route("/linkedin/api/rest/socialActions/{urn}/comments/{id}", get(comments::one).delete(comments::delete))
        .route("/linkedin/api/rest/images", post(images::initialize))
        .route("/linkedin/api/rest/images/{urn}", get(images::status))
        .route("/linkedin/api/rest/documents", post(images::initialize))
        .route("/linkedin/api/rest/documents/{urn}", get(images::status))
        .route("/linkedin/api/rest/videos", post(videos::act))
        .route("/linkedin/api/rest/videos/{urn}", get(videos::status))
        .route("/linkedin/api/rest/organizationAcls", get(orgs::acls))
        .route("/linkedin/api/rest/organizations/{id}", get(orgs::by_id))
        .route_layer(axum::middleware::from_fn(encoded_keys))
        .route_layer(from_fn_with_state(state.clone(), versioned));
    let plain = Router::new()
        .route("/linkedin/api/v2/userinfo", get(userinfo))
        .route("/linkedin/upload/{id}", put(images::upload))
        .route("/linkedin/upload/{id}/{part}", put(videos::upload));
    rest.merge(plain).route_layer(from_fn_with_state(state.clone(), guard)).merge(oauth::routes())
}

/// An error body.
pub(crate) fn problem(status: StatusCode, code: &str, message: &str) -> Response {
    (status, Json(json!({"status": status.as_u16(), "code": code, "message": message}))).into_response()
}

fn denied(message: &str) -> Response {
    problem(StatusCode::FORBIDDEN, "ACCESS_DENIED", message)
}

/// Authenticates.
async fn guard(extract::State(state): extract::State<State>, mut request: Request, next: Next) -> Response {
    let token = crate::x::bearer(request.headers());
    let result = state.world().linkedin.oauth.authenticate(token, now_ms());
    let (code, number, message) = match result {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            return next.run(request).await;
        }
        Err(BadToken::Missing) => ("EMPTY_ACCESS_TOKEN", 65_604, "Empty oauth2 access token"),
        Err(BadToken::Unknown) => ("INVALID_ACCESS_TOKEN", 65_600, "Invalid access token"),
        Err(BadToken::Revoked) => {
            ("REVOKED_ACCESS_TOKEN", 65_601, "The token used in the request has been revoked by the user")
        }
        Err(BadToken::Expired) => ("EXPIRED_ACCESS_TOKEN", 65_602, "The token used in the request has expired"),
    };
    let body = json!({"status": 401, "serviceErrorCode": number, "code": code, "message": message});
    (StatusCode::UNAUTHORIZED, Json(body)).into_response()
}

/// Demands the two version headers.
async fn versioned(extract::State(state): extract::State<State>, request: Request, next: Next) -> Response {
    let settings = state.world().settings.clone();
    match version_problem(request.headers(), &settings) {
        Some(refusal) => refusal,
        None => next.run(request).await,
    }
}

fn version_problem(headers: &HeaderMap, settings: &Settings) -> Option<Response> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(version) = header("linkedin-version") else {
        let message = "A version must be present. Please specify a version by adding the LinkedIn-Version header.";
        return Some(problem(StatusCode::BAD_REQUEST, "VERSION_MISSING", message));
    };
    let month = version.parse::<u32>().ok().filter(|_| version.len() == 6).filter(|v| (1..=12).contains(&(v % 100)));
    if !month.is_some_and(|v| (settings.linkedin_version_min..=settings.linkedin_version_max).contains(&v)) {
        let message = format!("Requested version {version} is not active");
        return Some(problem(StatusCode::UPGRADE_REQUIRED, "NONEXISTENT_VERSION", &message));
    }
    if header("x-restli-protocol-version") != Some("2.0.0") {
        let message = "Invalid or missing X-RestLi-Protocol-Version header: 2.0.0 is required";
        return Some(problem(StatusCode::BAD_REQUEST, "INVALID_PROTOCOL_VERSION", message));
    }
    None
}

/// URNs in paths must come percent-encoded; a bare colon is a syntax error to Rest.li 2.0.
async fn encoded_keys(OriginalUri(uri): OriginalUri, request: Request, next: Next) -> Response {
    if uri.path().contains(':') {
        return problem(StatusCode::BAD_REQUEST, "ILLEGAL_ARGUMENT", "Syntax exception in path variables");
    }
    next.run(request).await
}

/// Whether the caller may act as the author or owner: the member itself, or a page it administers.
fn acts_as(caller: &Caller, urn: &str, member_scope: &str, page_scope: &str) -> bool {
    if let Some(id) = urn.strip_prefix(PERSON) {
        return id == caller.actor && caller.may(member_scope);
    }
    urn.strip_prefix(ORGANIZATION).is_some_and(|id| role(caller, id).is_some() && caller.may(page_scope))
}

fn role(caller: &Caller, organization: &str) -> Option<&'static str> {
    let member = directory::find(LINKEDIN_MEMBERS, caller.actor)?;
    member.roles.iter().find(|(id, _)| *id == organization).map(|(_, role)| *role)
}

/// The display name behind a person or page URN.
pub(crate) fn name_of(urn: &str) -> (&'static str, &'static str) {
    let person = urn.strip_prefix(PERSON).and_then(|id| directory::find(LINKEDIN_MEMBERS, id));
    let page = urn.strip_prefix(ORGANIZATION).and_then(directory::organization);
    match (person, page) {
        (Some(person), _) => (person.name, person.about),
        (_, Some(page)) => (page.name, page.about),
        _ => ("Unknown", ""),
    }
}

async fn userinfo(Extension(caller): Extension<Caller>) -> Response {
    if !caller.may("openid") {
        return denied("Not enough permissions to access: userinfo.GET.NO_VERSION");
    }
    let Some(member) = directory::find(LINKEDIN_MEMBERS, caller.actor) else {
        return denied("Unknown member");
    };
    let mut body = json!({"sub": member.id});
    if caller.may("profile") {
        let (given, family) = member.name.split_once(' ').unwrap_or((member.name, ""));
        body["name"] = json!(member.name);
        body["given_name"] = json!(given);
        body["family_name"] = json!(family);
        body["locale"] = json!({"country": "US", "language": "en"});
        body["picture"] = json!(format!("https://media.licdn.com/demo/{}.jpg", member.handle));
    }
    if caller.may("email") {
        body["email"] = json!(format!("{}@example.com", member.handle));
        body["email_verified"] = Value::Bool(true);
    }
    Json(body).into_response()
}
