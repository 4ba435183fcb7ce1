//! The consent pages. Plain HTML forms, so that a person, a headless browser or an HTTP client can answer them.

use std::collections::BTreeMap;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use url::{Host, Url};

use crate::directory::{self, Actor};
use crate::oauth::Consent;
use crate::ops::Platform;
use crate::state::{State, now_ms};

/// The query of an authorization request.
pub(crate) type Fields = BTreeMap<String, String>;

/// Longest `state` X takes, in characters.
const MAX_STATE: usize = 500;

/// One platform's way of asking for consent.
pub(crate) struct Flow {
    pub(crate) platform: Platform,
    /// The platform's name on the page.
    pub(crate) title: &'static str,
    /// Colour of its buttons and, behind the card, of its page, as CSS has them.
    pub(crate) brand: &'static str,
    pub(crate) ground: &'static str,
    pub(crate) client_id: &'static str,
    pub(crate) actors: &'static [Actor],
    /// Every scope it knows and what that means in words; none where a consent is for everything.
    pub(crate) scopes: &'static [(&'static str, &'static str)],
    /// What stands between two scopes.
    pub(crate) separator: char,
    /// PKCE S256 and `state` are required (X); otherwise a challenge is ignored (LinkedIn).
    pub(crate) strict: bool,
    /// The error of an unknown scope.
    pub(crate) scope_error: &'static str,
}

/// Why there is no consent page.
enum Bad {
    /// The client or its return address is wrong: redirecting would hand the answer to a stranger.
    Page(&'static str),
    /// Everything else goes back to the client.
    Back(&'static str, &'static str),
}

/// The page, or what is wrong with the request.
pub(crate) fn show(state: &State, flow: &Flow, fields: &Fields) -> Response {
    if let Err(bad) = check(flow, fields) {
        return refuse(state, flow, fields, &bad);
    }
    let asked: Vec<Value> = scopes(flow, fields)
        .filter_map(|name| flow.scopes.iter().find(|(known, _)| *known == name))
        .map(|(name, words)| json!({"name": name, "words": words}))
        .collect();
    let actors: Vec<Value> = flow
        .actors
        .iter()
        .map(|actor| {
            let pages: Vec<String> = actor
                .roles
                .iter()
                .filter_map(|(id, role)| Some(format!("{} ({role})", directory::organization(id)?.name)))
                .collect();
            json!({"id": actor.id, "handle": actor.handle, "name": actor.name, "about": actor.about, "pages": pages})
        })
        .collect();
    let hidden: Vec<(&String, &String)> = fields.iter().filter(|(name, _)| !is_choice(name)).collect();
    page(state, flow, json!({"client": flow.client_id, "scopes": asked, "actors": actors, "hidden": hidden}))
}

/// The template knows no platform: what differs comes with the flow.
fn page(state: &State, flow: &Flow, mut context: Value) -> Response {
    context["look"] = json!({"title": flow.title, "brand": flow.brand, "ground": flow.ground});
    state.pages().html("consent.html", &context)
}

/// The pressed button: back to the client with a code, or with a refusal.
pub(crate) fn decide(state: &State, flow: &Flow, fields: &Fields) -> Response {
    if let Err(bad) = check(flow, fields) {
        return refuse(state, flow, fields, &bad);
    }
    if field(fields, "decision") != "allow" {
        return refuse(state, flow, fields, &Bad::Back("access_denied", "The user denied the request"));
    }
    let Some(actor) = directory::find(flow.actors, field(fields, "actor")) else {
        return error_page(state, flow, "Choose an account.");
    };
    let consent = Consent {
        redirect_uri: field(fields, "redirect_uri").to_owned(),
        scopes: scopes(flow, fields).map(str::to_owned).collect(),
        actor: actor.id,
        challenge: flow.strict.then(|| field(fields, "code_challenge").to_owned()),
    };
    let code = state.world().side(flow.platform).oauth.issue_code(consent, now_ms());
    back(fields, &[("code", &code)])
}

fn is_choice(name: &str) -> bool {
    matches!(name, "actor" | "decision")
}

fn field<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.get(name).map_or("", String::as_str)
}

fn scopes<'a>(flow: &Flow, fields: &'a Fields) -> impl Iterator<Item = &'a str> + use<'a> {
    field(fields, "scope").split(flow.separator).filter(|scope| !scope.is_empty())
}

fn check(flow: &Flow, fields: &Fields) -> Result<(), Bad> {
    if field(fields, "client_id") != flow.client_id {
        return Err(Bad::Page("This client id is not known."));
    }
    if !redirect_allowed(field(fields, "redirect_uri")) {
        return Err(Bad::Page(
            "This redirect_uri is not registered: the sandbox takes localhost, 127.0.0.1, *.localhost.",
        ));
    }
    if field(fields, "response_type") != "code" {
        return Err(Bad::Back("unsupported_response_type", "response_type must be code"));
    }
    if scopes(flow, fields).next().is_none() && !flow.scopes.is_empty() {
        return Err(Bad::Back("invalid_request", "scope is missing"));
    }
    if !scopes(flow, fields).all(|name| flow.scopes.iter().any(|(known, _)| *known == name)) {
        return Err(Bad::Back(flow.scope_error, "a requested scope is not known"));
    }
    if flow.strict {
        if field(fields, "code_challenge_method") != "S256" || field(fields, "code_challenge").len() != 43 {
            return Err(Bad::Back("invalid_request", "code_challenge with method S256 is required"));
        }
        if !(1..=MAX_STATE).contains(&field(fields, "state").chars().count()) {
            return Err(Bad::Back("invalid_request", "state is required, at most 500 characters"));
        }
    }
    Ok(())
}

fn redirect_allowed(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    let local = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    local && matches!(url.scheme(), "http" | "https") && url.fragment().is_none()
}

fn refuse(state: &State, flow: &Flow, fields: &Fields, bad: &Bad) -> Response {
    match bad {
        Bad::Page(why) => error_page(state, flow, why),
        Bad::Back(error, why) => back(fields, &[("error", error), ("error_description", why)]),
    }
}

fn error_page(state: &State, flow: &Flow, why: &str) -> Response {
    (StatusCode::BAD_REQUEST, page(state, flow, json!({"error": why}))).into_response()
}

/// A redirect to the client with `state` echoed.
fn back(fields: &Fields, answer: &[(&str, &str)]) -> Response {
    let Ok(mut url) = Url::parse(field(fields, "redirect_uri")) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    url.query_pairs_mut().extend_pairs(answer);
    if let Some(state) = fields.get("state") {
        url.query_pairs_mut().append_pair("state", state);
    }
    (StatusCode::FOUND, [(header::LOCATION, String::from(url)), (header::CACHE_CONTROL, "no-store".to_owned())])
        .into_response()
}
