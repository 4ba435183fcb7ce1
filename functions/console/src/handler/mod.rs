//! The routes of the console and what surrounds them.
//!
//! Every page works without scripts: links are `GET`, everything that changes something is a form, and every form answers
//! with a redirect to a page, so that a reload never sends it again. What each answer needs (policy headers, an error
//! that is a page) is put around the routes once, in [`router`].

mod accept;
mod accounts;
mod amend;
mod approvals;
mod attention;
mod brand;
mod calendar;
mod choose;
mod compose;
mod composed;
mod egress;
mod endpoint;
mod enter;
mod event_types;
mod export;
mod form;
mod frame;
mod gate;
mod home;
mod import;
mod inbox;
mod library;
mod messages;
mod posts;
mod queue;
mod rewrite;
mod sent;
mod series;
mod session;
mod slots;
mod sources;
mod statics;
mod team;
mod trouble;
mod webhooks;

use app::PlatformDeps;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header::{CONTENT_TYPE, COOKIE};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use ports::Manage;
use runtime::config::{PublicAddress, Stage};
use std::sync::Arc;

use crate::map::MAX_UPLOAD;
use crate::pages::HEADERS;
use crate::words::{Explained, of_status};
use trouble::Trouble;

/// What the handlers work with.
pub struct Console {
    /// The outside. Posts can be deleted on platforms from here, and nothing can be published.
    pub deps: PlatformDeps<dyn Manage>,
    /// Which deployment this is.
    pub stage: Stage,
    /// Where the world reaches us.
    pub address: PublicAddress,
}

/// The state of every handler.
type Shared = Arc<Console>;
/// What every handler answers.
type Answer = Result<Response, Trouble>;

/// Bytes of a form beside its pictures.
const MAX_TEXTS: usize = 300_000;

/// The console's routes. [`runtime::http::finish`] goes around them.
pub fn router(console: Console) -> Router {
    let console = Arc::new(console);
    let to = |path: &'static str| get(async move || trouble::see_other(path));
    Router::new()
        .route("/", to("/console"))
        .route("/console/", to("/console"))
        .route("/console/sign-in", get(gate::page).post(gate::sign_in))
        .route("/console/sign-out", post(gate::sign_out))
        .route("/console/assets/{*path}", get(statics::asset))
        .route("/console/media", get(library::page).post(library::upload))
        .route("/console/media/begin", post(library::begin))
        .route("/console/media/{media_id}", get(statics::medium))
        .route("/console/media/{media_id}/arrived", post(library::arrived))
        .route("/console/media/{media_id}/describe", post(library::describe))
        .route("/console", get(home::page))
        .route("/console/accounts", get(accounts::page))
        .route("/console/accounts/connect/{platform}", get(accounts::connect).post(enter::submit))
        .route("/console/accounts/connect/{platform}/consent", get(accounts::consent))
        .route("/console/accounts/choose/{platform}/{choice}", get(choose::page).post(choose::submit))
        .route("/console/accounts/{account_id}/disconnect", post(accounts::disconnect))
        .route("/console/accounts/{account_id}/slots", get(slots::page).post(slots::save))
        .route("/console/compose", get(compose::page).post(compose::submit))
        .route("/console/compose/count", post(compose::count))
        .route("/console/calendar", get(calendar::page))
        .route("/console/calendar/move", post(calendar::shift))
        .route("/console/queue", get(queue::page))
        .route("/console/export", get(export::page))
        .route("/console/import", get(import::page).post(import::check))
        .route("/console/import/make", get(import::page).post(import::make))
        .route("/console/import/{key}", get(import::done))
        .route("/console/series", get(series::page))
        .route("/console/series/{series_id}", get(series::one))
        .route("/console/series/{series_id}/pause", post(series::pause))
        .route("/console/series/{series_id}/resume", post(series::resume))
        .route("/console/series/{series_id}/end", post(series::end))
        .route("/console/series/{series_id}/times", post(series::times))
        .route("/console/series/{series_id}/content", get(rewrite::page).post(rewrite::submit))
        .route("/console/approvals", get(approvals::page))
        .route("/console/attention", get(attention::page))
        .route("/console/inbox", get(inbox::page))
        .route("/console/inbox/{interaction_id}", get(inbox::one).post(inbox::act))
        .route("/console/inbox/{interaction_id}/answers", post(inbox::answer))
        .route("/console/posts/{post_id}", get(posts::page))
        .route("/console/posts/{post_id}/words", get(amend::page).post(amend::submit))
        .route("/console/posts/{post_id}/cancel", post(posts::cancel))
        .route("/console/posts/{post_id}/retry", post(posts::retry))
        .route("/console/posts/{post_id}/resolve", post(posts::resolve))
        .route("/console/posts/{post_id}/approve", post(approvals::approve))
        .route("/console/posts/{post_id}/reject", post(approvals::reject))
        .route("/console/posts/{post_id}/ask", post(approvals::ask))
        .route("/console/posts/{post_id}/delete", post(posts::delete))
        .route("/console/webhooks", get(webhooks::page).post(webhooks::create))
        .route("/console/webhooks/events", get(event_types::page))
        .route("/console/webhooks/events/{event_type}", get(event_types::one).post(event_types::send))
        .route("/console/webhooks/sources", get(sources::page))
        .route("/console/webhooks/sources/new/{platform}", get(sources::form).post(sources::make))
        .route("/console/webhooks/sources/ask/{account_id}", post(sources::ask))
        .route("/console/webhooks/sources/{source_id}", get(sources::one))
        .route("/console/webhooks/sources/{source_id}/delete", post(sources::delete))
        .route("/console/webhooks/{webhook_id}", get(endpoint::page))
        .route("/console/webhooks/{webhook_id}/edit", get(endpoint::edit).post(endpoint::save))
        .route("/console/webhooks/{webhook_id}/switch", post(endpoint::switch))
        .route("/console/webhooks/{webhook_id}/rotate", post(endpoint::rotate))
        .route("/console/webhooks/{webhook_id}/recover", post(endpoint::recover))
        .route("/console/webhooks/{webhook_id}/messages/{event_id}", get(messages::page))
        .route("/console/webhooks/{webhook_id}/messages/{event_id}/resend", post(messages::resend))
        .route("/console/webhooks/{webhook_id}/messages/{event_id}/give_up", post(messages::give_up))
        .route("/console/webhooks/{webhook_id}/test", post(webhooks::test))
        .route("/console/webhooks/{webhook_id}/delete", post(webhooks::delete))
        .route("/console/team", get(team::page))
        .route("/console/team/approval-rule", post(approvals::rule))
        .route("/console/team/brand-rules", post(brand::save))
        .route("/console/team/egress-policy", post(egress::save))
        .route("/console/team/members", post(team::add_member))
        .route("/console/team/members/{member_id}/role", post(team::change_role))
        .route("/console/team/members/{member_id}/remove", post(team::remove_member))
        .route("/console/team/keys", post(team::create_key))
        .route("/console/team/keys/{key_id}/revoke", post(team::revoke_key))
        // Whatever else arrives here: the runtime's own answer to it would be one for programs.
        .route("/console/{*path}", get(nowhere).post(nowhere))
        .method_not_allowed_fallback(async || Trouble::Status(405))
        .layer(middleware::from_fn_with_state(Arc::clone(&console), dress))
        .layer(DefaultBodyLimit::max(MAX_UPLOAD + MAX_TEXTS))
        .with_state(console)
}

async fn nowhere() -> Trouble {
    Trouble::Status(404)
}

/// Makes a page of every failure, and puts the pages' headers on every answer that has not its own.
async fn dress(State(console): State<Shared>, request: Request, next: Next) -> Response {
    let mut cookies = HeaderMap::new();
    for cookie in request.headers().get_all(COOKIE) {
        cookies.append(COOKIE, cookie.clone());
    }
    let mut response = next.run(request).await;
    let status = response.status();
    let is_page = |response: &Response| {
        response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
    };
    if (status.is_client_error() || status.is_server_error()) && !is_page(&response) {
        let told = response.extensions_mut().remove::<Explained>().unwrap_or_else(|| of_status(status.as_u16()));
        let headers = std::mem::take(response.headers_mut());
        response = trouble::page(&console, &cookies, &told).await;
        for (name, value) in headers.iter().filter(|(name, _)| *name == axum::http::header::ALLOW) {
            response.headers_mut().append(name, value.clone());
        }
    }
    for (name, value) in HEADERS {
        response.headers_mut().entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
    response
}
