//! API functions in process: their routers over a [`World`], people of two tenants with keys, and what every route of
//! every function must answer to what is wrong in the same way everywhere.
//!
//! A panic here is a failed test, which is what it is for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::missing_panics_doc)]

mod checks;
mod golden;
mod people;
mod suite;

pub use checks::{
    Bench, Route, every_change_is_made_once, foreign_is_absent, nobody_gets_in, replays, role_matrix, rows_of_the_table,
};
pub use golden::golden;
pub use people::Person;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Full};
use serde_json::Value;
use std::convert::Infallible;
use std::fmt::Debug;
use tower::{Service, ServiceExt};

/// A request to make.
#[derive(Debug, Clone)]
pub struct Ask {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Ask {
    /// A request.
    pub fn new(method: &str, path: &str) -> Self {
        Self { method: method.into(), path: path.into(), headers: Vec::new(), body: Vec::new() }
    }

    /// By this person's key.
    pub fn by(self, person: &Person) -> Self {
        let bearer = format!("Bearer {}", person.key);
        self.header("authorization", &bearer)
    }

    /// With this `Idempotency-Key`.
    pub fn once(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// With a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// With a JSON body.
    pub fn json(self, body: &Value) -> Self {
        self.raw("application/json", body.to_string())
    }

    /// With any body.
    pub fn raw(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.header("content-type", content_type)
    }
}

/// An answer that came.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub text: String,
    /// The body as JSON; null when it is none.
    pub body: Value,
}

impl Answer {
    /// Status and code of a problem.
    pub fn problem(&self) -> (u16, &str) {
        (self.status, self.body["code"].as_str().unwrap_or_default())
    }

    /// `data` of a success.
    pub fn data(&self) -> &Value {
        assert_eq!(self.body["success"], true, "{self:?}");
        &self.body["data"]
    }

    /// A header's text; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The body without what names this very request.
    pub fn without_cid(&self) -> Value {
        let mut body = self.body.clone();
        if let Some(fields) = body.as_object_mut() {
            fields.remove("instance");
        }
        body
    }
}

/// A finished router of a function.
pub trait Routes: Service<Request<Full<Bytes>>, Error = Infallible> + Clone {}
impl<S: Service<Request<Full<Bytes>>, Error = Infallible> + Clone> Routes for S {}

/// Asks a router.
pub async fn send<S, B>(routes: &S, ask: Ask) -> Answer
where
    S: Routes<Response = Response<B>>,
    B: BodyExt,
    B::Error: Debug,
{
    let mut request = Request::builder().method(ask.method.as_str()).uri(&ask.path);
    for (name, value) in &ask.headers {
        request = request.header(name, value);
    }
    let request = request.body(Full::new(Bytes::from(ask.body))).unwrap();
    let (parts, body) = routes.clone().oneshot(request).await.unwrap().into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let body = serde_json::from_str(&text).unwrap_or_default();
    Answer { status: parts.status.as_u16(), headers: parts.headers, text, body }
}
