//! JSON bodies, read strictly: what is not exactly what the route takes is refused with the place where it is wrong.

use super::fields::FieldError;
use super::idempotency::fingerprint;
use super::problem::Problem;
use super::strict;
use axum::extract::{FromRequest, OriginalUri, Request};
use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http::request::Parts;
use serde::de::{DeserializeOwned, Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;

/// Largest body in bytes. The largest legitimate one (fifty targets with long texts) has a tenth of it.
pub const MAX_BODY_BYTES: usize = 256 * 1024;

/// A JSON body that must be there. The type says `#[serde(deny_unknown_fields)]`.
#[derive(Debug, Clone)]
pub struct ApiJson<T> {
    /// What it says.
    pub body: T,
    /// SHA-256 (hex) of method, path and body, for the idempotency record.
    pub fingerprint: String,
}

/// A JSON body that may be missing, for actions whose every field is optional.
#[derive(Debug, Clone)]
pub struct OptionalJson<T> {
    /// What it says; the default when there is none.
    pub body: T,
    /// SHA-256 (hex) of method, path and body, for the idempotency record.
    pub fingerprint: String,
}

/// The body of an action that takes none; `{}` is let pass.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for ApiJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, bytes) = read(request).await?;
        media_type(&parts)?;
        Ok(Self { body: parse(&bytes)?, fingerprint: fingerprint_of(&parts, &bytes) })
    }
}

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for OptionalJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, bytes) = read(request).await?;
        let fingerprint = fingerprint_of(&parts, &bytes);
        if bytes.is_empty() {
            return Ok(Self { body: T::default(), fingerprint });
        }
        media_type(&parts)?;
        // What may be left out may be null, in a body as in a field.
        if bytes.trim_ascii() == b"null" {
            return Ok(Self { body: T::default(), fingerprint });
        }
        Ok(Self { body: parse(&bytes)?, fingerprint })
    }
}

fn fingerprint_of(parts: &Parts, bytes: &[u8]) -> String {
    // The whole path, also when the route lies in a nested router.
    let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0);
    fingerprint(&parts.method, uri.path(), bytes)
}

async fn read(request: Request) -> Result<(Parts, Bytes), Problem> {
    let (parts, body) = request.into_parts();
    let declared = parts.headers.get(CONTENT_LENGTH).and_then(|n| n.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|n| n > MAX_BODY_BYTES) {
        return Err(Problem::too_large(MAX_BODY_BYTES));
    }
    // Nothing is decompressed: a small body could become a large one.
    if parts.headers.get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(Problem::unsupported_media_type("send the body uncompressed"));
    }
    let bytes = axum::body::to_bytes(body, MAX_BODY_BYTES).await.map_err(|_| Problem::too_large(MAX_BODY_BYTES))?;
    Ok((parts, bytes))
}

/// `application/json` or `application/<something>+json`, in UTF-8.
fn media_type(parts: &Parts) -> Result<(), Problem> {
    let given = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut pieces = given.split(';').map(|piece| piece.trim().to_ascii_lowercase());
    let essence = pieces.next().unwrap_or_default();
    let json = essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"));
    let mut parameters = pieces.filter(|piece| piece.starts_with("charset="));
    let utf8 =
        parameters.all(|charset| matches!(charset.trim_start_matches("charset=").trim_matches('"'), "utf-8" | "utf8"));
    if json && utf8 { Ok(()) } else { Err(Problem::unsupported_media_type("send `Content-Type: application/json`")) }
}

/// A number without a fraction that may be left out, however it is written: JSON knows one kind of number, and some
/// writers put `60.0` where others put `60`.
///
/// # Errors
/// Anything else, as the reader of bodies tells it.
pub fn whole_number<'de, D, N>(deserializer: D) -> Result<Option<N>, D::Error>
where
    D: Deserializer<'de>,
    N: TryFrom<u32>,
{
    struct Whole;
    impl<'de> Visitor<'de> for Whole {
        type Value = Option<u32>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a whole number from 0 to 4294967295")
        }
        fn visit_none<E>(self) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
            deserializer.deserialize_any(self)
        }
        fn visit_u64<E: Error>(self, n: u64) -> Result<Self::Value, E> {
            u32::try_from(n).map(Some).map_err(|_| E::invalid_value(Unexpected::Unsigned(n), &self))
        }
        fn visit_i64<E: Error>(self, n: i64) -> Result<Self::Value, E> {
            Err(E::invalid_value(Unexpected::Signed(n), &self))
        }
        fn visit_f64<E: Error>(self, n: f64) -> Result<Self::Value, E> {
            if n.fract() != 0.0 {
                return Err(E::invalid_type(Unexpected::Float(n), &self));
            }
            // Past the bounds the conversion would stop at them; written out, nothing is lost.
            format!("{n:.0}").parse().map(Some).map_err(|_| E::invalid_value(Unexpected::Float(n), &self))
        }
    }
    let whole = deserializer.deserialize_option(Whole)?;
    let held = |n: u32| N::try_from(n).map_err(|_| D::Error::invalid_value(Unexpected::Unsigned(n.into()), &Whole));
    whole.map(held).transpose()
}

/// Reads a body strictly.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    strict::check(bytes)?;
    // serde would take a list for an object, field by field in the order they happen to be declared.
    if bytes.iter().find(|b| !b.is_ascii_whitespace()) != Some(&b'{') {
        return Err(Problem::validation(vec![FieldError::new("", "type", "expected an object")]));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let message = error.inner().to_string();
        Problem::validation(vec![FieldError::from_serde(error.path(), &message)])
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use axum::body::Body;
    use domain::AccountId;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Post {
        text: String,
        #[serde(default)]
        targets: Vec<Target>,
        count: Option<u32>,
        on_gap: Option<domain::time::OnGap>,
        at: Option<jiff::Timestamp>,
        #[serde(default)]
        extra: serde_json::Value,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Target {
        account_id: AccountId,
    }

    fn request(content_type: Option<&str>, body: impl Into<Body>) -> Request {
        let mut builder = http::Request::post("/api/posts");
        if let Some(content_type) = content_type {
            builder = builder.header(CONTENT_TYPE, content_type);
        }
        builder.body(body.into()).unwrap()
    }

    async fn refused(content_type: Option<&str>, body: impl Into<Body>) -> (u16, String, Vec<(String, String)>) {
        let problem = ApiJson::<Post>::from_request(request(content_type, body), &()).await.unwrap_err();
        let errors = problem.errors().iter().map(|e| (e.field.clone(), e.code.clone())).collect();
        (problem.status().as_u16(), problem.code().to_owned(), errors)
    }

    fn nested(depth: usize) -> String {
        format!(r#"{{"text":"a","extra":{}{}}}"#, "[".repeat(depth), "]".repeat(depth))
    }

    /// Body, status, code, and pointer and code of each error.
    type Row<'a> = (&'a str, u16, &'a str, &'a [(&'a str, &'a str)]);

    #[tokio::test]
    async fn every_malformed_body_gets_its_status_code_and_pointer() {
        let big = format!(r#"{{"text":"{}"}}"#, "x".repeat(MAX_BODY_BYTES));
        let deep = nested(32);
        let very_deep = nested(100_000);
        let account = r#"{"account_id":"acc_00000000000000000000000000000001"}"#;
        let second_bad = format!(r#"{{"text":"a","targets":[{account},{{"account_id":"post_1"}}]}}"#);
        let second_extra = format!(r#"{{"text":"a","targets":[{account},{{"account_id":"x","tenant_id":1}}]}}"#);
        let table: Vec<Row<'_>> = vec![
            ("", 400, "malformed_json", &[]),
            ("not json", 400, "malformed_json", &[]),
            (r#"{"text":"a""#, 400, "malformed_json", &[]),
            (r#"{"text":"a"} trailing"#, 400, "malformed_json", &[]),
            (r#"{"text":"a",}"#, 400, "malformed_json", &[]),
            ("{'text':'a'}", 400, "malformed_json", &[]),
            ("\u{feff}{\"text\":\"a\"}", 400, "malformed_json", &[]),
            (r#"{"text":"a","count":NaN}"#, 400, "malformed_json", &[]),
            (r#"{"text":"a","count":Infinity}"#, 400, "malformed_json", &[]),
            (r#"{"text":"\ud800"}"#, 400, "malformed_json", &[]),
            ("{\"text\":\"raw \u{0} control\"}", 400, "malformed_json", &[]),
            (&deep, 400, "malformed_json", &[]),
            (&very_deep, 400, "malformed_json", &[]),
            (r#"{"text":"a","text":"b"}"#, 400, "malformed_json", &[("/text", "duplicate")]),
            (r#"{"text":"a","extra":[{"a/b":1,"a/b":1}]}"#, 400, "malformed_json", &[("/extra/0/a~1b", "duplicate")]),
            ("\"text\"", 400, "validation", &[("", "type")]),
            ("[]", 400, "validation", &[("", "type")]),
            (r#"["a",[],null,null,null,{}]"#, 400, "validation", &[("", "type")]),
            (r#"{"text":"a","targets":[5]}"#, 400, "validation", &[("/targets/0", "type")]),
            ("null", 400, "validation", &[("", "type")]),
            ("{}", 400, "validation", &[("/text", "required")]),
            (r#"{"text":5}"#, 400, "validation", &[("/text", "type")]),
            (r#"{"text":null}"#, 400, "validation", &[("/text", "type")]),
            (r#"{"text":"a","state":"published"}"#, 400, "validation", &[("/state", "unknown_field")]),
            (&second_extra, 400, "validation", &[("/targets/1/account_id", "value")]),
            (&second_bad, 400, "validation", &[("/targets/1/account_id", "value")]),
            (r#"{"text":"a","targets":[{}]}"#, 400, "validation", &[("/targets/0/account_id", "required")]),
            (r#"{"text":"a","targets":{}}"#, 400, "validation", &[("/targets", "type")]),
            (r#"{"text":"a","count":-1}"#, 400, "validation", &[("/count", "value")]),
            (r#"{"text":"a","count":4294967296}"#, 400, "validation", &[("/count", "value")]),
            (r#"{"text":"a","count":99999999999999999999}"#, 400, "validation", &[("/count", "type")]),
            (r#"{"text":"a","count":1e999}"#, 400, "validation", &[("/count", "value")]),
            (r#"{"text":"a","count":1.5}"#, 400, "validation", &[("/count", "type")]),
            (r#"{"text":"a","on_gap":"jump"}"#, 400, "validation", &[("/on_gap", "value")]),
            (r#"{"text":"a","at":"2026-02-30T00:00:00Z"}"#, 400, "validation", &[("/at", "value")]),
            (r#"{"text":"a\u0000b"}"#, 400, "validation", &[("/text", "control_character")]),
            (r#"{"text":"a","extra":["\u001b[31m"]}"#, 400, "validation", &[("/extra/0", "control_character")]),
            (r#"{"text":"a","ex\u0007tra":1}"#, 400, "validation", &[("/ex\u{7}tra", "control_character")]),
            (&big, 413, "too_large", &[]),
        ];
        for (body, status, code, errors) in table {
            let errors: Vec<_> = errors.iter().map(|(f, c)| ((*f).to_owned(), (*c).to_owned())).collect();
            let short: String = body.chars().take(80).collect();
            let got = refused(Some("application/json"), body.to_owned()).await;
            assert_eq!(got, (status, code.to_owned(), errors), "{short}");
        }
        let not_utf8 = b"{\"text\":\"\xff\"}".to_vec();
        assert_eq!(refused(Some("application/json"), not_utf8).await.1, "malformed_json");
    }

    #[tokio::test]
    async fn another_content_type_or_a_compressed_body_is_415() {
        for content_type in [
            None,
            Some("text/plain"),
            Some("application/x-www-form-urlencoded"),
            Some("application/json; charset=latin1"),
            Some("text/json"),
            Some("multipart/form-data"),
        ] {
            assert_eq!(refused(content_type, r#"{"text":"a"}"#).await.0, 415, "{content_type:?}");
        }
        let mut compressed = request(Some("application/json"), r#"{"text":"a"}"#);
        compressed.headers_mut().insert(CONTENT_ENCODING, "gzip".parse().unwrap());
        let problem = ApiJson::<Post>::from_request(compressed, &()).await.unwrap_err();
        assert_eq!(problem.status().as_u16(), 415);
    }

    #[tokio::test]
    async fn a_good_body_is_taken_with_any_spelling_of_its_type() {
        let body = "{\"text\":\"line\\nbreak\\tand 👩‍👩‍👧‍👦 \u{e000}\"}";
        for content_type in ["application/json", "Application/JSON; charset=UTF-8", "application/merge-patch+json"] {
            let taken = ApiJson::<Post>::from_request(request(Some(content_type), body), &()).await.unwrap();
            assert!(taken.body.text.starts_with("line\nbreak"));
            assert_eq!(taken.fingerprint.len(), 64);
        }
        let deepest = ApiJson::<Post>::from_request(request(Some("application/json"), nested(30)), &()).await;
        assert!(deepest.is_ok());
    }

    #[derive(Debug, Deserialize)]
    struct Counted {
        #[serde(default, deserialize_with = "whole_number")]
        count: Option<u32>,
    }

    #[test]
    fn a_whole_number_is_taken_however_it_is_written() {
        for (text, count) in [
            ("{}", None),
            (r#"{"count":null}"#, None),
            (r#"{"count":60}"#, Some(60)),
            (r#"{"count":60.0}"#, Some(60)),
            (r#"{"count":4.294967295e9}"#, Some(u32::MAX)),
        ] {
            assert_eq!(parse::<Counted>(text.as_bytes()).unwrap().count, count, "{text}");
        }
        for (text, code) in [
            (r#"{"count":60.5}"#, "type"),
            (r#"{"count":"60"}"#, "type"),
            (r#"{"count":-1}"#, "value"),
            (r#"{"count":-1.0}"#, "value"),
            (r#"{"count":4294967296}"#, "value"),
            (r#"{"count":1e300}"#, "value"),
        ] {
            let problem = parse::<Counted>(text.as_bytes()).unwrap_err();
            assert_eq!((problem.code(), problem.errors()[0].code.as_str()), ("validation", code), "{text}");
        }
    }

    #[tokio::test]
    async fn errors_never_repeat_what_was_given() {
        for body in
            [r#"{"text":"a","count":"s3cret"}"#, r#"{"text":"a","on_gap":"s3cret"}"#, r#"{"text":"a","at":"s3cret"}"#]
        {
            let problem =
                ApiJson::<Post>::from_request(request(Some("application/json"), body), &()).await.unwrap_err();
            assert!(!problem.body("c").to_string().contains("s3cret"), "{}", problem.body("c"));
        }
    }

    #[tokio::test]
    async fn an_optional_body_may_be_missing_and_an_empty_one_may_not_say_anything() {
        let none = OptionalJson::<Nothing>::from_request(request(None, ""), &()).await.unwrap();
        let empty = OptionalJson::<Nothing>::from_request(request(Some("application/json"), "{}"), &()).await.unwrap();
        let null =
            OptionalJson::<Nothing>::from_request(request(Some("application/json"), " null\n"), &()).await.unwrap();
        assert!(none.body == empty.body && none.body == null.body);
        assert_ne!(none.fingerprint, empty.fingerprint);
        let filled = OptionalJson::<Nothing>::from_request(request(Some("application/json"), r#"{"a":1}"#), &()).await;
        assert_eq!(filled.unwrap_err().code(), "validation");
    }
}
