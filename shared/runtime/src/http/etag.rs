//! `ETag` and `If-Match`: two people who edit one post do not overwrite each other.

use super::problem::Problem;
use axum::extract::FromRequestParts;
use http::header::IF_MATCH;
use http::request::Parts;
use http::{HeaderValue, StatusCode};

/// The entity tag of a revision.
pub fn etag(rev: u64) -> HeaderValue {
    HeaderValue::try_from(format!("\"{rev}\"")).unwrap_or(HeaderValue::from_static("\"0\""))
}

/// The revisions a change may apply to. Without the header there is a 428 (RFC 6585).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IfMatch {
    /// `*`: whatever it is now.
    Any,
    /// One of these.
    Revs(Vec<u64>),
}

impl IfMatch {
    /// Whether a revision is one of them.
    ///
    /// # Errors
    /// 412 `precondition_failed`.
    pub fn check(&self, rev: u64) -> Result<(), Problem> {
        match self {
            Self::Any => Ok(()),
            Self::Revs(revs) if revs.contains(&rev) => Ok(()),
            Self::Revs(_) => Err(Self::failed()),
        }
    }

    /// 412 `precondition_failed`.
    pub fn failed() -> Problem {
        let detail = "somebody changed it since you read it: read it again, then change that";
        Problem::new(StatusCode::PRECONDITION_FAILED, "precondition_failed", detail)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let mut tags = Vec::new();
        for value in parts.headers.get_all(IF_MATCH) {
            tags.extend(value.to_str().unwrap_or_default().split(',').map(str::trim).filter(|tag| !tag.is_empty()));
        }
        if tags.is_empty() {
            let detail = "send If-Match with the ETag you read, so that nobody's change is overwritten";
            return Err(Problem::new(StatusCode::PRECONDITION_REQUIRED, "precondition_required", detail));
        }
        if tags.contains(&"*") {
            return Ok(Self::Any);
        }
        // A weak or foreign tag matches nothing, as RFC 9110 (13.1.1) has it.
        let rev = |tag: &str| tag.strip_prefix('"')?.strip_suffix('"')?.parse().ok();
        Ok(Self::Revs(tags.into_iter().filter_map(rev).collect()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    async fn extract(value: Option<&str>) -> Result<IfMatch, Problem> {
        let mut builder = http::Request::patch("/");
        if let Some(value) = value {
            builder = builder.header(IF_MATCH, value);
        }
        IfMatch::from_request_parts(&mut builder.body(()).unwrap().into_parts().0, &()).await
    }

    #[tokio::test]
    async fn a_change_needs_the_tag_that_was_read() {
        assert_eq!(extract(None).await.unwrap_err().status().as_u16(), 428);
        assert_eq!(extract(Some(etag(7).to_str().unwrap())).await.unwrap(), IfMatch::Revs(vec![7]));
        assert_eq!(extract(Some("\"6\", \"7\"")).await.unwrap(), IfMatch::Revs(vec![6, 7]));
        assert_eq!(extract(Some("*")).await.unwrap(), IfMatch::Any);
        for stale in ["\"6\"", "W/\"7\"", "7", "\"x\""] {
            let problem = extract(Some(stale)).await.unwrap().check(7).unwrap_err();
            assert_eq!((problem.status().as_u16(), problem.code()), (412, "precondition_failed"), "{stale}");
        }
        assert!(extract(Some("\"7\"")).await.unwrap().check(7).is_ok());
        assert!(IfMatch::Any.check(9).is_ok());
    }
}
