//! The one address. What its callers are told is the platform's to ask for, so the answers are no envelopes of ours; what is not
//! believed gets one answer, whatever was wrong.

// The OpenAPI macro writes the types of its parameters in full.
#![allow(unused_qualifications)]

use crate::Inbox;
use app::inbound::{Received, receive, refuse_large};
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use domain::inbound::MAX_CALL;
use http::StatusCode;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use ports::Ask;
use runtime::http::{Problem, base_url};

type Answer = Result<Response, Problem>;

/// Answer a platform that asks whether the address of a source is ours.
///
/// For the platform itself: whoever makes a source enters its address there. Not proved, or no source of ours: 401.
#[utoipa::path(
    get, operation_id = "greet_source", path = "/api/inbound/{platform}/{source}", tag = "inbound", security(()),
    params(("platform" = String, Path, description = "Who calls"), ("source" = String, Path, description = "The source's secret name")),
    responses((status = 200, description = "What the platform wants to hear", body = String, content_type = "text/plain"),
        (status = 401, description = "Not proved, or no source"))
)]
pub(crate) async fn greet(State(inbox): State<Inbox>, Path(which): Path<(String, String)>, request: Request) -> Answer {
    answer(&inbox, which, request).await
}

/// Take a call of a source: what its platform tells.
///
/// For the platform itself. The call is kept before it is answered, once however often it comes, and read afterwards.
#[utoipa::path(
    post, operation_id = "call_source", path = "/api/inbound/{platform}/{source}", tag = "inbound", security(()),
    params(("platform" = String, Path, description = "Who calls"), ("source" = String, Path, description = "The source's secret name")),
    responses((status = 200, description = "Kept", body = String, content_type = "text/plain"),
        (status = 401, description = "Not proved, or no source"),
        (status = 413, description = "The body has more than 3 MiB, or is not to be made small enough to be kept"),
        (status = 503, description = "Not kept: call again"))
)]
pub(crate) async fn take(State(inbox): State<Inbox>, Path(which): Path<(String, String)>, request: Request) -> Answer {
    answer(&inbox, which, request).await
}

/// Answer a system that asks whether it may send CloudEvents to the address of a source.
///
/// For the system itself (CloudEvents 1.0.2, HTTP web hooks, 4), at sources of `standard`. It needs no proof but the address: each call is
/// proved all the same.
#[utoipa::path(
    options, operation_id = "ask_source", path = "/api/inbound/{platform}/{source}", tag = "inbound", security(()),
    params(("platform" = String, Path, description = "Who calls"), ("source" = String, Path, description = "The source's secret name"),
        ("WebHook-Request-Origin" = String, Header, description = "What names the system in the DNS"),
        ("WebHook-Request-Rate" = Option<String>, Header, description = "How many calls a minute it asks for")),
    responses((status = 200, description = "It may", headers(
            ("WebHook-Allowed-Origin" = String, description = "What it asked for"),
            ("WebHook-Allowed-Rate" = String, description = "How many calls a minute it may make at most"))),
        (status = 401, description = "It may not, or there is no source"))
)]
pub(crate) async fn allow(State(inbox): State<Inbox>, Path(which): Path<(String, String)>, request: Request) -> Answer {
    answer(&inbox, which, request).await
}

async fn answer(inbox: &Inbox, (platform, token): (String, String), request: Request) -> Answer {
    let (parts, body) = request.into_parts();
    // What is signed are the bytes that came; nothing is decompressed.
    if parts.headers.get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(Problem::unsupported_media_type("send the body uncompressed"));
    }
    let Ok(body) = axum::body::to_bytes(body, MAX_CALL).await else {
        refuse_large(&inbox.deps, &token).await?;
        return Err(Problem::too_large(MAX_CALL));
    };
    let address = base_url(&parts, &inbox.address);
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let text = |value: &http::HeaderValue| value.to_str().unwrap_or_default().to_owned();
    let headers: Vec<(String, String)> =
        parts.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
    let ask = Ask {
        method: parts.method.as_str(),
        url: &format!("{address}{path}"),
        query: parts.uri.query().unwrap_or_default(),
        headers: &headers,
        body: &body,
    };
    match receive(&inbox.deps, &platform, &token, &ask, &runtime::cid::current()).await? {
        Received::Answered(said) => {
            let status = StatusCode::from_u16(said.status).unwrap_or(StatusCode::OK);
            let mut response = (status, [(CONTENT_TYPE, said.content_type)], said.body).into_response();
            for (name, value) in said.headers {
                let value = http::HeaderValue::try_from(value).map_err(|_| Problem::internal())?;
                response.headers_mut().insert(name, value);
            }
            Ok(response)
        }
        Received::TooLarge => Err(Problem::too_large(MAX_CALL)),
        Received::Refused => Err(Problem::new(
            StatusCode::UNAUTHORIZED,
            "not_proved",
            "this call does not prove whose it is, or there is no such source",
        )),
    }
}
