//! The edge around every route: correlation id, log line, security headers, panics, unknown routes and methods.

use super::problem::Problem;
use crate::cid;
use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use lambda_http::RequestExt;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use tracing::Instrument;

/// The header a correlation id comes in and goes out by.
const CORRELATION: HeaderName = HeaderName::from_static("x-correlation-id");

/// Finishes a router: every answer of it, also to unknown routes, methods and after a panic, has the common form.
pub fn finish(router: Router) -> Router {
    router
        .fallback(async || Problem::not_found("address"))
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .layer(middleware::from_fn(edge))
}

async fn edge(request: Request, next: Next) -> Response {
    let cid = cid_of(&request);
    let route = request.extensions().get::<MatchedPath>().map_or("(none)", MatchedPath::as_str).to_owned();
    let span = tracing::info_span!("request", cid, method = %known(request.method()), route);
    let work = async {
        let started = Instant::now();
        let mut response = AssertUnwindSafe(next.run(request))
            .catch_unwind()
            .await
            .unwrap_or_else(|_| Problem::internal().into_response());
        secure(response.headers_mut());
        if let Ok(value) = HeaderValue::try_from(cid::current()) {
            response.headers_mut().insert(CORRELATION, value);
        }
        let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let status = response.status().as_u16();
        if status >= 500 {
            tracing::error!(status, ms, "request");
        } else {
            tracing::info!(status, ms, "request");
        }
        response
    };
    cid::scope(cid, work).instrument(span).await
}

/// The client's, if it is usable; else Lambda's request id; else (outside of Lambda) a count.
fn cid_of(request: &Request) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let given = request.headers().get(CORRELATION).and_then(|value| value.to_str().ok());
    let lambdas = || request.extensions().lambda_context_ref().map(|context| context.request_id.as_str());
    given
        .filter(|text| cid::is_valid(text))
        .or_else(|| lambdas().filter(|text| cid::is_valid(text)))
        .map_or_else(|| format!("local-{}", COUNT.fetch_add(1, Ordering::Relaxed)), str::to_owned)
}

/// The method for the log: a made-up one is a text of the client's choosing.
fn known(method: &http::Method) -> &str {
    match method.as_str() {
        name @ ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS" | "TRACE" | "CONNECT") => name,
        _ => "(other)",
    }
}

/// What is not set by the route itself (the console has its own policy and caches its assets).
fn secure(headers: &mut HeaderMap) {
    let mut set = |name: HeaderName, value| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    // Two years, as the preload list asks for.
    set(STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains");
    set(X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(REFERRER_POLICY, "no-referrer");
    set(CACHE_CONTROL, "no-store");
    set(CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'");
    // A body without a type would be guessed at.
    set(CONTENT_TYPE, "text/plain; charset=utf-8");
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use crate::http::ApiPath;
    use crate::logging::capture;
    use axum::body::Body;
    use axum::routing::{get, post};
    use domain::PostId;
    use http::header::ALLOW;
    use serde_json::Value;
    use tower::ServiceExt;

    fn router() -> Router {
        finish(
            Router::new()
                .route("/posts/{id}", get(async |ApiPath(_): ApiPath<PostId>| "a post").patch(async || "changed"))
                .route("/panic", post(async || -> &'static str { panic!("table core-prod, token {}", "s3cret") }))
                .route("/cid", get(async || cid::current()))
                .route("/cached", get(async || ([(CACHE_CONTROL, "max-age=60")], "asset"))),
        )
    }

    async fn send(request: http::Request<Body>) -> (Response<()>, String) {
        let (parts, body) = router().oneshot(request).await.unwrap().into_parts();
        let body = axum::body::to_bytes(body, 10_000).await.unwrap();
        (Response::from_parts(parts, ()), String::from_utf8(body.to_vec()).unwrap())
    }

    fn ask(method: &str, uri: &str) -> http::Request<Body> {
        http::Request::builder().method(method).uri(uri).body(Body::empty()).unwrap()
    }

    type Response<T> = http::Response<T>;

    #[tokio::test]
    async fn every_answer_carries_the_security_headers() {
        for (method, uri, status) in [
            ("GET", "/posts/post_00000000000000000000000000000001", 200),
            ("GET", "/posts/1", 400),
            ("GET", "/nowhere", 404),
            ("DELETE", "/cid", 405),
            ("POST", "/panic", 500),
        ] {
            let (response, _) = send(ask(method, uri)).await;
            let headers = response.headers();
            assert_eq!(response.status().as_u16(), status, "{method} {uri}");
            assert!(headers[STRICT_TRANSPORT_SECURITY].to_str().unwrap().starts_with("max-age="));
            assert_eq!(
                (&headers[X_CONTENT_TYPE_OPTIONS], &headers[CACHE_CONTROL]),
                (&"nosniff".parse().unwrap(), &"no-store".parse().unwrap())
            );
            assert!(headers.contains_key(CONTENT_TYPE) && headers.contains_key(CORRELATION));
            assert!(!headers.contains_key("access-control-allow-origin") && !headers.contains_key("server"));
        }
        let (cached, _) = send(ask("GET", "/cached")).await;
        assert_eq!(cached.headers()[CACHE_CONTROL], "max-age=60");
    }

    #[tokio::test]
    async fn an_unknown_address_is_404_and_an_unknown_method_405_with_allow() {
        let (_, body) = send(ask("GET", "/nowhere")).await;
        assert_eq!(serde_json::from_str::<Value>(&body).unwrap()["code"], "not_found");
        for method in ["DELETE", "TRACE", "OPTIONS", "BREW"] {
            let (response, body) = send(ask(method, "/posts/1")).await;
            assert_eq!(response.status().as_u16(), 405, "{method}");
            let allow = response.headers()[ALLOW].to_str().unwrap();
            assert!(allow.contains("GET") && allow.contains("PATCH") && !allow.contains("DELETE"), "{allow}");
            assert_eq!(serde_json::from_str::<Value>(&body).unwrap()["code"], "method_not_allowed");
        }
    }

    #[tokio::test]
    async fn a_panic_is_500_with_the_correlation_id_and_nothing_else() {
        let mut request = ask("POST", "/panic");
        request.headers_mut().insert(CORRELATION, "c-7".parse().unwrap());
        let (response, body) = send(request).await;
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(
            (response.status().as_u16(), &body["code"], &body["instance"]),
            (500, &"internal".into(), &"c-7".into())
        );
        assert!(!body.to_string().contains("s3cret") && !body.to_string().contains("core-prod"));
    }

    #[tokio::test]
    async fn the_correlation_id_is_the_clients_if_usable_and_is_told_back() {
        for (given, taken) in [("Good_id-1", true), ("bad id", false), ("", false)] {
            let mut request = ask("GET", "/cid");
            request.headers_mut().insert(CORRELATION, given.parse().unwrap());
            let (response, body) = send(request).await;
            assert_eq!(response.headers()[CORRELATION], body);
            assert_eq!(body == given, taken, "{given}: {body}");
        }
        let mut request = ask("GET", "/cid");
        let mut context = lambda_http::Context::default();
        context.request_id = "req-1".into();
        request.extensions_mut().insert(context);
        assert_eq!(send(request).await.1, "req-1");
    }

    #[tokio::test]
    async fn the_log_line_has_method_route_status_and_time_and_nothing_the_client_wrote() {
        let (seen, _guard) = capture::lines(tracing::Level::TRACE);
        let mut request = ask("GET", "/posts/post_00000000000000000000000000000001?code=s3cret");
        request.headers_mut().insert("authorization", "Bearer s3cret".parse().unwrap());
        request.headers_mut().insert(CORRELATION, "c1".parse().unwrap());
        send(request).await;
        send(ask("S3CRET", "/s3cret")).await;
        let seen = seen.lock().unwrap();
        assert_eq!(seen.len(), 2);
        let line: Value = serde_json::from_str(&seen[0]).unwrap();
        assert_eq!((&line["method"], &line["route"]), (&"GET".into(), &"/posts/{id}".into()));
        assert_eq!((&line["status"], &line["cid"]), (&200.into(), &"c1".into()));
        assert!(line["ms"].is_u64());
        assert!(!seen.concat().to_lowercase().contains("s3cret"), "{seen:?}");
    }
}
