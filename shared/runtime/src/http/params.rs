//! Path and query parameters, refused the way bodies are.

use super::fields::FieldError;
use super::problem::Problem;
use axum::extract::path::ErrorKind;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{FromRequestParts, Path, Query};
use http::request::Parts;
use serde::de::DeserializeOwned;
use std::error::Error;

/// Path parameters: an id, a tuple of ids, or a struct. Bad syntax is 400 `bad_id`; whether such a thing exists is the
/// use case's to say.
#[derive(Debug, Clone, Copy)]
pub struct ApiPath<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for ApiPath<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(value)) => Ok(Self(value)),
            Err(PathRejection::FailedToDeserializePathParams(failed)) => Err(match failed.kind() {
                // How many parameters a route has is ours to know.
                ErrorKind::WrongNumberOfParameters { .. } | ErrorKind::UnsupportedType { .. } => Problem::internal(),
                ErrorKind::Message(expected) => Problem::bad_request("bad_id", expected.clone()),
                ErrorKind::DeserializeError { message, .. } => Problem::bad_request("bad_id", message.clone()),
                _ => Problem::bad_request("bad_id", "the address holds something that is no id"),
            }),
            Err(_) => Err(Problem::internal()),
        }
    }
}

/// Query parameters. The type says `#[serde(deny_unknown_fields)]`; a parameter given twice is refused.
#[derive(Debug, Clone, Copy)]
pub struct ApiQuery<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for ApiQuery<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Query::try_from_uri(&parts.uri).map(|Query(value)| Self(value)).map_err(|rejection| query_problem(&rejection))
    }
}

fn query_problem(rejection: &QueryRejection) -> Problem {
    type Located = serde_path_to_error::Error<serde::de::value::Error>;
    let mut source: Option<&(dyn Error + 'static)> = Some(rejection);
    while let Some(error) = source {
        if let Some(located) = error.downcast_ref::<Located>() {
            let mut field = FieldError::from_serde(located.path(), &located.inner().to_string());
            field.field = format!("?{}", field.field.trim_start_matches('/'));
            return Problem::validation(vec![field]);
        }
        source = error.source();
    }
    Problem::validation(vec![FieldError::new("?", "value", "the query cannot be read")])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use axum::Router;
    use axum::body::Body;
    use axum::routing::get;
    use domain::{AccountId, PostId};
    use serde::Deserialize;
    use serde_json::Value;
    use tower::ServiceExt;

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Filter {
        limit: Option<u32>,
        #[allow(dead_code)]
        from: Option<jiff::Timestamp>,
    }

    async fn ask(uri: &str) -> (u16, Value) {
        let router: Router = Router::new()
            .route("/posts/{id}", get(async |ApiPath(id): ApiPath<PostId>| id.to_string()))
            .route(
                "/posts/{id}/deliveries/{account}",
                get(async |ApiPath((post, account)): ApiPath<(PostId, AccountId)>| format!("{post} {account}")),
            )
            .route("/list", get(async |ApiQuery(filter): ApiQuery<Filter>| format!("{:?}", filter.limit)));
        let response = router.oneshot(http::Request::get(uri).body(Body::empty()).unwrap()).await.unwrap();
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }

    #[tokio::test]
    async fn an_id_with_bad_syntax_is_400() {
        let (post, account) = ("post_00000000000000000000000000000001", "acc_00000000000000000000000000000001");
        assert_eq!(ask(&format!("/posts/{post}")).await.0, 200);
        assert_eq!(ask(&format!("/posts/{post}/deliveries/{account}")).await.0, 200);
        for bad in [
            "/posts/1".to_owned(),
            format!("/posts/{account}"),
            format!("/posts/{}", post.to_uppercase()),
            "/posts/%ff".to_owned(),
            "/posts/post_%00".to_owned(),
            format!("/posts/{post}/deliveries/{post}"),
            format!("/posts/x/deliveries/{account}"),
        ] {
            let (status, body) = ask(&bad).await;
            assert_eq!((status, &body["code"]), (400, &"bad_id".into()), "{bad}: {body}");
        }
        assert_eq!(ask("/posts/1").await.1["detail"], "expected an id like post_0198…");
    }

    #[tokio::test]
    async fn a_query_is_refused_with_the_name_of_its_parameter() {
        assert_eq!(ask("/list?limit=5").await.0, 200);
        for (bad, field, code) in [
            ("limit=five", "?limit", "value"),
            ("limit=-1", "?limit", "value"),
            ("from=yesterday", "?from", "value"),
            ("tenant=1", "?tenant", "unknown_field"),
            ("limit=1&limit=2", "?limit", "duplicate"),
        ] {
            let (status, body) = ask(&format!("/list?{bad}")).await;
            assert_eq!(status, 400, "{bad}");
            assert_eq!((&body["code"], &body["errors"][0]["field"]), (&"validation".into(), &field.into()), "{body}");
            assert_eq!(body["errors"][0]["code"], code, "{body}");
        }
    }
}
