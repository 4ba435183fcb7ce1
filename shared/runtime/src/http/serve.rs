//! A router in Lambda, behind an HTTP API (payload format 2.0).

use crate::Error;
use crate::config::PublicAddress;
use axum::Router;
use http::header::HOST;
use http::request::Parts;
use http::uri::PathAndQuery;
use lambda_http::RequestExt;
use lambda_http::request::RequestContext;
use std::fmt::Write;
use tower::ServiceExt;

/// Serves a finished router (see [`super::finish`]).
///
/// # Errors
/// When the Lambda runtime stops.
pub async fn serve(router: Router) -> Result<(), Error> {
    lambda_http::run(lambda_http::service_fn(move |request: lambda_http::Request| {
        router.clone().oneshot(as_asked(request))
    }))
    .await
}

/// The path as it was asked for. `lambda_http` puts the name of a stage in front of it, and the gateway hands it over
/// decoded, so that `%3F` and `%23` would become a query and a fragment, and `%2E%2E` a way to another route.
fn as_asked(mut request: lambda_http::Request) -> lambda_http::Request {
    let stage = match request.extensions().request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => context.stage.as_deref().filter(|stage| *stage != "$default"),
        _ => return request,
    };
    let raw = request.raw_http_path();
    let cut = stage.and_then(|stage| raw.strip_prefix('/')?.strip_prefix(stage)).filter(|rest| rest.starts_with('/'));
    let mut whole = encoded(cut.unwrap_or(raw));
    let query = if raw.contains(['?', '#']) {
        Some(request.query_string_parameters().to_query_string()).filter(|query| !query.is_empty())
    } else {
        request.uri().query().map(str::to_owned)
    };
    if let Some(query) = query {
        whole.push('?');
        whole.push_str(&query);
    }
    let mut uri = request.uri().clone().into_parts();
    if let Ok(whole) = PathAndQuery::try_from(whole) {
        uri.path_and_query = Some(whole);
        if let Ok(uri) = http::Uri::from_parts(uri) {
            *request.uri_mut() = uri;
        }
    }
    request
}

/// A path with everything escaped that has another meaning in an address, or none (RFC 3986, 3.3). What is escaped already
/// stays so.
fn encoded(path: &str) -> String {
    let mut out = String::with_capacity(path.len() + 1);
    let bytes = path.as_bytes();
    for (at, &byte) in bytes.iter().enumerate() {
        let escape = byte == b'%' && bytes.get(at + 1..at + 3).is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit));
        if escape || byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=:@".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing into a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    if out.is_empty() { "/".to_owned() } else { out }
}

/// Where the world reaches us, without a trailing slash: as configured, else the API's own name, which API Gateway tells.
/// Only a local stack believes the `Host` header: elsewhere it is the client's to write.
pub fn base_url(parts: &Parts, address: &PublicAddress) -> String {
    if let Some(configured) = &address.base_url {
        return configured.clone();
    }
    if address.local {
        let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
        return format!("http://{host}");
    }
    let domain = match parts.extensions.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => context.domain_name.as_deref(),
        _ => None,
    };
    format!("https://{}", domain.unwrap_or("localhost"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    fn event(stage: &str, path: &str) -> lambda_http::Request {
        let event = json!({
            "version": "2.0", "routeKey": "GET /x", "rawPath": path, "rawQueryString": "a=%20b",
            "headers": {"host": "evil.example"},
            "requestContext": {
                "stage": stage, "domainName": "abc.execute-api.eu-central-1.amazonaws.com", "timeEpoch": 0,
                "http": {"method": "GET", "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1"}
            },
            "isBase64Encoded": false
        });
        lambda_http::request::from_str(&event.to_string()).unwrap()
    }

    #[test]
    fn a_stage_is_no_part_of_the_path() {
        for (stage, path) in [("$default", "/api/x"), ("dev", "/api/x"), ("dev", "/dev/api/x"), ("api", "/api/api/x")] {
            let uri = as_asked(event(stage, path)).uri().clone();
            assert_eq!((uri.path(), uri.query()), ("/api/x", Some("a=%20b")), "{stage} {path}");
        }
        assert_eq!(as_asked(event("dev", "/")).uri().path(), "/");
        assert_eq!(as_asked(event("$default", "/a b/ü")).uri().path(), "/a%20b/%C3%BC");
    }

    #[test]
    fn a_path_that_was_decoded_on_the_way_stays_one_path() {
        for (decoded, path) in [
            ("/api/x?/callback", "/api/x%3F/callback"),
            ("/api/x#/callback", "/api/x%23/callback"),
            ("/api/posts/../admin", "/api/posts/../admin"),
            ("/api/a\\b", "/api/a%5Cb"),
            ("/api/100%", "/api/100%25"),
            ("/api/%2F", "/api/%2F"),
            ("/api/\u{0}", "/api/%00"),
        ] {
            let uri = as_asked(event("$default", decoded)).uri().clone();
            assert_eq!(
                (uri.path(), uri.query().map(|q| q.replace('+', "%20"))),
                (path, Some("a=%20b".into())),
                "{decoded}"
            );
        }
    }

    #[test]
    fn the_base_address_is_configured_or_the_gateways_and_the_hosts_only_locally() {
        let (parts, _) = event("$default", "/x").into_parts();
        let address = |base_url: Option<&str>, local| PublicAddress { base_url: base_url.map(str::to_owned), local };
        assert_eq!(base_url(&parts, &address(Some("https://h.example"), false)), "https://h.example");
        assert_eq!(base_url(&parts, &address(None, false)), "https://abc.execute-api.eu-central-1.amazonaws.com");
        assert_eq!(base_url(&parts, &address(None, true)), "http://evil.example");
    }
}
