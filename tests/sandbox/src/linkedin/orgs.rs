//! Which pages a member may act for, and their names.

use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{ORGANIZATION, PERSON, denied, problem, role};
use crate::directory::{self, LINKEDIN_MEMBERS};
use crate::oauth::Caller;

#[derive(Deserialize)]
pub(super) struct Acls {
    #[serde(default)]
    q: String,
    role: Option<String>,
    state: Option<String>,
}

pub(super) async fn acls(Extension(caller): Extension<Caller>, Query(query): Query<Acls>) -> Response {
    if query.q != "roleAssignee" {
        return problem(StatusCode::BAD_REQUEST, "ILLEGAL_ARGUMENT", "q must be roleAssignee");
    }
    if !caller.may("rw_organization_admin") {
        return denied("Not enough permissions to access: organizationAcls.FINDER-roleAssignee");
    }
    let roles = directory::find(LINKEDIN_MEMBERS, caller.actor).map_or(&[][..], |member| member.roles);
    let approved = query.state.as_deref().is_none_or(|state| state == "APPROVED");
    let elements: Vec<Value> = roles
        .iter()
        .filter(|(_, role)| approved && query.role.as_deref().is_none_or(|asked| asked == *role))
        .map(|(id, role)| {
            json!({"organization": format!("{ORGANIZATION}{id}"), "role": role, "state": "APPROVED",
                   "roleAssignee": format!("{PERSON}{}", caller.actor)})
        })
        .collect();
    let paging = json!({"start": 0, "count": 10, "links": [], "total": elements.len()});
    Json(json!({"paging": paging, "elements": elements})).into_response()
}

pub(super) async fn by_id(Extension(caller): Extension<Caller>, Path(id): Path<String>) -> Response {
    let Some(page) = directory::organization(&id) else {
        return problem(StatusCode::NOT_FOUND, "RESOURCE_NOT_FOUND", "Organization not found");
    };
    if !caller.may("rw_organization_admin") || role(&caller, &id).is_none() {
        return denied("Not enough permissions to access: organizations.GET");
    }
    Json(json!({
        "id": page.id.parse::<u64>().unwrap_or_default(),
        "$URN": format!("{ORGANIZATION}{}", page.id),
        "localizedName": page.name,
        "vanityName": page.vanity,
        "name": {"localized": {"en_US": page.name}, "preferredLocale": {"country": "US", "language": "en"}},
        "localizedDescription": page.about,
    }))
    .into_response()
}
