//! Signing in with a personal access key, and signing out.

use super::form::{is_ours, read};
use super::session::{Session, is_local, proves, token};
use super::trouble::{Trouble, html, see_other};
use super::{Answer, Console, Shared};
use crate::pages;
use crate::view::SignInPage;
use axum::extract::{Query, Request, State};
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use runtime::http::{base_url, clear_session_cookie, session_cookie, session_of};
use secrecy::ExposeSecret;
use serde::Deserialize;

/// Ties the sign-in form to the browser it was shown in, before there is a session to tie it to: another site must not
/// be able to sign somebody in to an account of its own.
const VISITOR_COOKIE: &str = "__Host-herald-visitor";

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    next: Option<String>,
    said: Option<String>,
}

/// `GET /console/sign-in`.
pub(super) async fn page(State(console): State<Shared>, Query(asked): Query<Asked>, headers: HeaderMap) -> Answer {
    let next = asked.next.filter(|next| is_local(next));
    if Session::of(&console, &headers).await?.is_some() {
        return Ok(see_other(next.as_deref().unwrap_or("/console")));
    }
    let notice = match (asked.said.as_deref(), session_of(&headers).is_some()) {
        (Some("signed-out"), _) => Some("You are signed out."),
        (_, true) => Some("Your session has ended. Sign in again to go on where you were."),
        _ => None,
    };
    show(&console, &headers, 200, SignInPage { next, notice: notice.map(str::to_owned), ..SignInPage::default() })
}

fn show(console: &Console, headers: &HeaderMap, status: u16, mut view: SignInPage) -> Answer {
    let known = visitor(headers);
    let visitor = known.clone().unwrap_or_else(|| console.deps.entropy.token());
    view.csrf = token(&visitor);
    let mut response = html(status, pages::render(None, &view)?);
    if known.is_none() {
        let cookie = format!("{VISITOR_COOKIE}={visitor}; Path=/; Secure; HttpOnly; SameSite=Lax");
        set_cookie(&mut response, HeaderValue::try_from(cookie).ok());
    }
    Ok(response)
}

fn visitor(headers: &HeaderMap) -> Option<String> {
    let texts = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(name, _)| *name == VISITOR_COOKIE)?;
    (value.len() == 32 && value.bytes().all(|b| b.is_ascii_hexdigit())).then(|| value.to_owned())
}

fn set_cookie(response: &mut Response, cookie: Option<HeaderValue>) {
    if let Some(cookie) = cookie {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}

/// `POST /console/sign-in`.
pub(super) async fn sign_in(State(console): State<Shared>, request: Request) -> Answer {
    let (parts, body) = request.into_parts();
    if !is_ours(&parts.headers, &base_url(&parts, &console.address)) {
        return Err(Trouble::Status(403));
    }
    let headers = parts.headers.clone();
    let form = read(Request::from_parts(parts, body)).await?;
    let next = Some(form.get("next").to_owned()).filter(|next| is_local(next));
    let again = |error: &str| {
        let view = SignInPage { next: next.clone(), error: Some(error.into()), ..SignInPage::default() };
        show(&console, &headers, 422, view)
    };
    if !visitor(&headers).is_some_and(|visitor| proves(&visitor, form.get("csrf"))) {
        return again("This page was too old, or your browser keeps no cookies for it. Please try once more.");
    }
    let cid = runtime::cid::current();
    match app::access::sign_in(&console.deps, form.get("key").trim(), &cid).await? {
        None => again("This key is not known, or it was revoked. Check that you copied all of it."),
        Some(signed_in) => {
            let mut response = see_other(next.as_deref().unwrap_or("/console"));
            set_cookie(&mut response, session_cookie(&signed_in.cookie, app::access::SESSION_LIFE_S));
            Ok(response)
        }
    }
}

/// `POST /console/sign-out`.
pub(super) async fn sign_out(State(console): State<Shared>, headers: HeaderMap, posted: super::form::Posted) -> Answer {
    drop(posted);
    if let Some(cookie) = session_of(&headers) {
        app::access::sign_out(&console.deps, cookie.expose_secret(), &runtime::cid::current()).await?;
    }
    let mut response = see_other("/console/sign-in?said=signed-out");
    set_cookie(&mut response, Some(clear_session_cookie()));
    Ok(response)
}
