//! Tags and categories.

use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json, extract};
use serde::Deserialize;
use serde_json::{Value, json};

use super::blog::Term;
use super::{Caller, PLATFORM, markup, not_allowed, refused};
use crate::state::State;

#[derive(Deserialize)]
pub(super) struct Search {
    #[serde(default)]
    search: String,
}

#[derive(Deserialize)]
pub(super) struct New {
    name: String,
}

fn view(term: &Term) -> Value {
    json!({ "id": term.id, "name": term.name, "slug": markup::slug(&term.name), "count": 0 })
}

fn found(state: &State, kind: &str, search: &str) -> Response {
    let world = state.world();
    let wanted = search.to_lowercase();
    let fits = |term: &&Term| term.kind == kind && term.name.to_lowercase().contains(&wanted);
    Json(world.look(PLATFORM).blog.terms.iter().filter(fits).map(view).collect::<Vec<_>>()).into_response()
}

fn made(state: &State, caller: Caller, kind: &'static str, capability: &str, name: &str) -> Response {
    if !caller.may(capability) {
        return not_allowed(
            caller,
            "rest_cannot_create",
            "Sorry, you are not allowed to create terms in this taxonomy.",
        );
    }
    let name = markup::name(name);
    if name.is_empty() {
        return refused(StatusCode::BAD_REQUEST, "empty_term_name", "A name is required for this term.");
    }
    let mut world = state.world();
    let side = world.side(PLATFORM);
    // Letters of ASCII only: PHP's own lower case, and what the database thinks is another matter.
    let same = |term: &&Term| term.kind == kind && term.name.eq_ignore_ascii_case(&name);
    if let Some(there) = side.blog.terms.iter().find(same) {
        let data = json!({ "status": 400, "term_id": there.id });
        let message = "A term with the name provided already exists in this taxonomy.";
        let body = json!({ "code": "term_exists", "message": message, "data": data, "additional_data": [there.id] });
        return (StatusCode::BAD_REQUEST, Json(body)).into_response();
    }
    // 1 is "Uncategorized".
    let term = Term { id: u64::try_from(side.next_number()).unwrap_or_default() + 1, kind, name };
    let answer = Json(view(&term));
    if side.blog.sort_by(term) {
        (StatusCode::CREATED, answer).into_response()
    } else {
        StatusCode::INSUFFICIENT_STORAGE.into_response()
    }
}

pub(super) async fn tags(extract::State(state): extract::State<State>, Query(asked): Query<Search>) -> Response {
    found(&state, "tags", &asked.search)
}

pub(super) async fn categories(extract::State(state): extract::State<State>, Query(asked): Query<Search>) -> Response {
    found(&state, "categories", &asked.search)
}

pub(super) async fn new_tag(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Json(new): Json<New>,
) -> Response {
    made(&state, caller, "tags", "edit_posts", &new.name)
}

pub(super) async fn new_category(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Json(new): Json<New>,
) -> Response {
    made(&state, caller, "categories", "manage_categories", &new.name)
}
