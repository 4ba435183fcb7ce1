//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07): a structured-field string, quoted as the draft has
//! it or bare as most clients send it.

use super::problem::Problem;
use aws_lc_rs::digest::{Context, SHA256};
use axum::extract::{FromRequestParts, MatchedPath};
use http::Method;
use http::request::Parts;

const HEADER: &str = "idempotency-key";
/// Longest key in characters.
const MAX: usize = 255;

/// The key of a mutating request. Without one there is a 400: a client that cannot repeat a request safely will one day
/// publish twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// The key.
    pub key: String,
    /// Method and route template, within which the key counts.
    pub route: String,
}

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let mut values = parts.headers.get_all(HEADER).iter();
        let (first, second) = (values.next(), values.next());
        let Some(value) = first.filter(|value| !value.is_empty()) else {
            let detail = "send an Idempotency-Key header with a new value for each intended effect, like a UUID";
            return Err(Problem::bad_request("idempotency_key_missing", detail));
        };
        let key = value.to_str().ok().and_then(parse).filter(|_| second.is_none()).ok_or_else(|| {
            let detail = format!("an Idempotency-Key is one value of 1 to {MAX} visible ASCII characters");
            Problem::bad_request("idempotency_key_invalid", detail)
        })?;
        let path = parts.extensions.get::<MatchedPath>().map_or(parts.uri.path(), MatchedPath::as_str);
        Ok(Self { key, route: format!("{} {path}", parts.method) })
    }
}

fn parse(text: &str) -> Option<String> {
    let text = text.trim_matches([' ', '\t']);
    let key = match text.strip_prefix('"') {
        None => text.to_owned(),
        Some(rest) => unquote(rest.strip_suffix('"')?)?,
    };
    let fits = (1..=MAX).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
    fits.then_some(key)
}

/// The inside of a structured-field string (RFC 9651, 3.3.3): only `\"` and `\\` are escapes.
fn unquote(text: &str) -> Option<String> {
    let (mut key, mut chars) = (String::with_capacity(text.len()), text.chars());
    while let Some(c) = chars.next() {
        match c {
            '"' => return None,
            '\\' => key.push(chars.next().filter(|c| matches!(c, '"' | '\\'))?),
            other => key.push(other),
        }
    }
    Some(key)
}

/// SHA-256 (hex) of method, path and body: two requests with one key must be the same request.
pub fn fingerprint(method: &Method, path: &str, body: &[u8]) -> String {
    let mut context = Context::new(&SHA256);
    for piece in [method.as_str().as_bytes(), path.as_bytes()] {
        context.update(piece);
        // A separator that occurs in neither, so that no two requests run together.
        context.update(&[0]);
    }
    context.update(body);
    hex::encode(context.finish())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    async fn extract(values: &[&[u8]]) -> Result<String, String> {
        let mut builder = http::Request::post("/api/x");
        for value in values {
            builder = builder.header(HEADER, http::HeaderValue::from_bytes(value).unwrap());
        }
        let mut parts = builder.body(()).unwrap().into_parts().0;
        let key = IdempotencyKey::from_request_parts(&mut parts, &()).await;
        key.map(|k| k.key).map_err(|p| format!("{} {}", p.status().as_u16(), p.code()))
    }

    #[tokio::test]
    async fn a_key_is_taken_quoted_or_bare() {
        let longest = "k".repeat(255);
        for (given, key) in [
            ("abc-123", "abc-123"),
            ("\"abc-123\"", "abc-123"),
            (r#""a\"b\\c""#, r#"a"b\c"#),
            (" padded ", "padded"),
            (longest.as_str(), longest.as_str()),
        ] {
            assert_eq!(extract(&[given.as_bytes()]).await, Ok(key.to_owned()), "{given}");
        }
    }

    #[tokio::test]
    async fn a_missing_key_and_an_unusable_one_are_400() {
        let missing = Err("400 idempotency_key_missing".to_owned());
        assert_eq!(extract(&[]).await, missing);
        assert_eq!(extract(&[b""]).await, missing);
        let long = "k".repeat(256);
        let invalid: &[&[&[u8]]] = &[
            &[b"\"\""],
            &[b"\"open"],
            &[b"\"a\"b\""],
            &[b"\"a\\n\""],
            &[b"two words"],
            &["ä".as_bytes()],
            &[long.as_bytes()],
            &[b"a", b"b"],
            &[b"\"a\";p=1"],
        ];
        for values in invalid {
            assert_eq!(extract(values).await, Err("400 idempotency_key_invalid".to_owned()), "{values:?}");
        }
    }

    #[test]
    fn a_fingerprint_tells_method_path_and_body_apart() {
        let one = fingerprint(&Method::POST, "/a", b"b");
        assert_eq!(one, fingerprint(&Method::POST, "/a", b"b"));
        for other in [
            fingerprint(&Method::PUT, "/a", b"b"),
            fingerprint(&Method::POST, "/ab", b""),
            fingerprint(&Method::POST, "/a", b"c"),
        ] {
            assert_ne!(one, other);
        }
    }
}
