//! What goes wrong in a handler, and the page that tells it.

use super::Console;
use super::session::Session;
use crate::pages;
use crate::render::RenderError;
use crate::view::ErrorPage;
use crate::words::{Explained, of_status, told};
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

/// Why there is no page.
#[derive(Debug)]
pub(super) enum Trouble {
    /// A use case said no.
    App(app::Error),
    /// A template does not fit its view: a defect of ours.
    Render(RenderError),
    /// Nobody is signed in; where to go afterwards.
    SignIn(Option<String>),
    /// A status that says enough.
    Status(u16),
}

impl From<app::Error> for Trouble {
    fn from(error: app::Error) -> Self {
        Self::App(error)
    }
}

impl From<ports::StoreError> for Trouble {
    fn from(error: ports::StoreError) -> Self {
        Self::App(error.into())
    }
}

impl From<RenderError> for Trouble {
    fn from(error: RenderError) -> Self {
        Self::Render(error)
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let told = match self {
            Self::SignIn(next) => {
                let next = next.map(|next| format!("?next={}", encoded(&next))).unwrap_or_default();
                return see_other(&format!("/console/sign-in{next}"));
            }
            Self::App(error) => {
                if let app::Error::Internal(why) | app::Error::Unavailable(why) = &error {
                    tracing::error!(why, "a use case failed");
                }
                told(&error)
            }
            Self::Render(error) => {
                tracing::error!(%error, "a page could not be rendered");
                of_status(500)
            }
            Self::Status(status) => of_status(status),
        };
        let status = StatusCode::from_u16(told.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        response.extensions_mut().insert(told);
        response
    }
}

/// 303: the browser goes on with `GET`.
pub(super) fn see_other(to: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let to = HeaderValue::try_from(to).unwrap_or(HeaderValue::from_static("/console"));
    response.headers_mut().insert(LOCATION, to);
    response
}

/// A page of HTML.
pub(super) fn html(status: u16, body: String) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    (status, [(CONTENT_TYPE, "text/html; charset=utf-8")], body).into_response()
}

/// The error page; inside a session with all that surrounds a page. It must come out whatever else fails.
pub(super) async fn page(console: &Console, cookies: &HeaderMap, told: &Explained) -> Response {
    let session = Session::of(console, cookies).await.ok().flatten();
    let frame = match &session {
        Some(session) => session.frame(console).await.ok(),
        None => None,
    };
    let (back_href, back_label) = match &frame {
        Some(_) => ("/console", "Go to the overview"),
        None => ("/console/sign-in", "Sign in"),
    };
    let view = ErrorPage {
        status: told.status,
        title: told.title.clone(),
        text: told.text.clone(),
        correlation_id: runtime::cid::current(),
        back_href: back_href.into(),
        back_label: back_label.into(),
    };
    match pages::render(frame.as_ref().map(|frame| &frame.shell), &view) {
        Ok(body) => html(told.status, body),
        Err(error) => {
            tracing::error!(%error, "the error page could not be rendered");
            html(500, "<!doctype html><title>Herald</title><p>Something went wrong on our side.".to_owned())
        }
    }
}

/// A text as part of a query.
pub(super) fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
