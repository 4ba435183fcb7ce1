//! A router in Lambda, behind an HTTP API (payload format 2.0).

use crate::Error;
use crate::config::PublicAddress;
use axum::Router;
use http::header::HOST;
use http::request::Parts;
use http::uri::PathAndQuery;
use lambda_http::RequestExt;
use lambda_http::request::RequestContext;
use tower::ServiceExt;

/// Serves a finished router (see [`super::finish`]).
///
/// # Errors
/// When the Lambda runtime stops.
pub async fn serve(router: Router) -> Result<(), Error> {
    lambda_http::run(lambda_http::service_fn(move |request: lambda_http::Request| {
        router.clone().oneshot(without_stage(request))
    }))
    .await
}

/// `lambda_http` puts the name of a stage in front of the path; routes know nothing of it.
fn without_stage(mut request: lambda_http::Request) -> lambda_http::Request {
    let stage = match request.extensions().request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => context.stage.as_deref().filter(|stage| *stage != "$default"),
        _ => None,
    };
    let Some(prefix) = stage.map(|stage| format!("/{stage}")) else { return request };
    let mut uri = request.uri().clone().into_parts();
    let Some(rest) = uri.path_and_query.as_ref().and_then(|whole| whole.as_str().strip_prefix(&prefix)) else {
        return request;
    };
    let rest = if rest.starts_with('/') { rest.to_owned() } else { format!("/{rest}") };
    if let Ok(rest) = PathAndQuery::try_from(rest) {
        uri.path_and_query = Some(rest);
        if let Ok(uri) = http::Uri::from_parts(uri) {
            *request.uri_mut() = uri;
        }
    }
    request
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
            let uri = without_stage(event(stage, path)).uri().clone();
            assert_eq!((uri.path(), uri.query()), ("/api/x", Some("a=%20b")), "{stage} {path}");
        }
        assert_eq!(without_stage(event("dev", "/")).uri().path(), "/");
        assert_eq!(without_stage(event("$default", "/a b/ü")).uri().path(), "/a%20b/%C3%BC");
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
