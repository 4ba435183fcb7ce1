//! What is the same for every route of every function: what is malformed, who gets in, whose things are whose, and that a
//! request has its effect once. The routes come from the function's OpenAPI document, so that a new route is tried as soon
//! as it is described, and fails as long as the bench has no request for it.

mod access;
mod document;
mod once;
mod table;

pub use access::{foreign_is_absent, nobody_gets_in, role_matrix};
pub use once::{every_change_is_made_once, replays};
pub use table::rows_of_the_table;

use super::{Answer, Ask, Person, Routes, send};
use crate::World;
use http::Response;
use http_body_util::BodyExt;
use serde_json::Value;
use std::fmt::Debug;
use store::{Item, Table};

/// One route with a request that works.
#[derive(Debug, Clone)]
pub struct Route {
    /// Method.
    pub method: &'static str,
    /// The path as the description has it.
    pub template: &'static str,
    /// The path to ask.
    pub path: String,
    /// The body, where it takes one.
    pub body: Option<Value>,
    /// Whether it wants an `Idempotency-Key`.
    pub keyed: bool,
    /// Whether anybody may ask.
    pub public: bool,
    /// Headers beside the usual ones.
    pub headers: Vec<(&'static str, String)>,
    /// Whether a repetition goes on with work that the first one left.
    pub goes_on: bool,
}

impl Route {
    /// A reading route of a caller. `path` fills in the parameters of `template`; empty means there are none.
    pub fn get(template: &'static str, path: &str) -> Self {
        Self::of("GET", template, path)
    }

    /// A changing route with an `Idempotency-Key`.
    pub fn change(method: &'static str, template: &'static str, path: &str, body: Option<Value>) -> Self {
        Self { body, keyed: true, ..Self::of(method, template, path) }
    }

    fn of(method: &'static str, template: &'static str, path: &str) -> Self {
        let path = if path.is_empty() { template.to_owned() } else { path.to_owned() };
        Self { method, template, path, body: None, keyed: false, public: false, headers: Vec::new(), goes_on: false }
    }

    /// Without an `Idempotency-Key`.
    pub fn unkeyed(self) -> Self {
        Self { keyed: false, ..self }
    }

    /// For anybody.
    pub fn open(self) -> Self {
        Self { public: true, ..self }
    }

    /// With a header that it needs.
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// A repetition goes on with work that the first one left.
    pub fn going_on(self) -> Self {
        Self { goes_on: true, ..self }
    }

    /// Method and template.
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.template)
    }

    /// The request that works, by nobody yet.
    pub fn ask(&self, key: &str) -> Ask {
        let ask = Ask::new(self.method, &self.path);
        let ask = if self.keyed { ask.once(key) } else { ask };
        let ask = self.headers.iter().fold(ask, |ask, (name, value)| ask.header(name, value));
        match &self.body {
            Some(body) => ask.json(body),
            None => ask,
        }
    }
}

/// A function over a world, with one request of each of its routes that an owner may make.
pub struct Bench<S> {
    /// The world.
    pub world: World,
    /// The function.
    pub routes: S,
    /// An owner of the world's tenant.
    pub owner: Person,
    /// Every route.
    pub all: Vec<Route>,
    /// The function's OpenAPI document.
    pub document: Value,
}

impl<S, B> Bench<S>
where
    S: Routes<Response = Response<B>>,
    B: BodyExt,
    B::Error: Debug,
{
    /// Asks. Every answer, whatever it says, has the headers that every answer has (S30).
    pub async fn send(&self, ask: Ask) -> Answer {
        let what = format!("{ask:.300?}");
        let answer = send(&self.routes, ask).await;
        assert!(answer.header("strict-transport-security").starts_with("max-age="), "{what}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{what}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{what}");
        assert_eq!(answer.header("cache-control"), "no-store", "{what}");
        assert!(answer.header("content-security-policy").starts_with("default-src 'none'"), "{what}");
        assert!(!answer.header("x-correlation-id").is_empty(), "{what}");
        for told in ["server", "x-powered-by", "access-control-allow-origin"] {
            assert!(!answer.headers.contains_key(told), "{what}: {told}");
        }
        answer
    }

    /// Asks as the owner.
    pub async fn owner(&self, ask: Ask) -> Answer {
        self.send(ask.by(&self.owner)).await
    }

    fn items(&self) -> Vec<Item> {
        [Table::Core, Table::Ephemeral, Table::Audit].into_iter().flat_map(|t| self.world.memory.items(t)).collect()
    }

    /// Asks for what must be refused with this status (and code, unless empty), in the form of a problem that says what is
    /// wrong, where, and how to mend it, with nothing written.
    pub async fn refused(&self, ask: Ask, status: u16, code: &str) -> Answer {
        let before = self.items();
        let what = format!("{ask:.300?}");
        let sent: Value = serde_json::from_slice(&ask.body).unwrap_or_default();
        let answer = self.send(ask).await;
        assert_eq!(answer.status, status, "{what}: {answer:?}");
        if !code.is_empty() {
            assert_eq!(answer.body["code"], code, "{what}: {answer:?}");
        }
        is_a_problem(&answer, &what);
        for error in answer.body["errors"].as_array().into_iter().flatten() {
            let field = error["field"].as_str().unwrap();
            assert!(!error["code"].as_str().unwrap().is_empty(), "{what}: {error}");
            assert!(!error["detail"].as_str().unwrap().is_empty(), "{what}: {error}");
            // The place is one of the request: what stands there, or what is missing there.
            let place = field.rsplit_once('/').map_or(field, |(parent, _)| parent);
            let there = field.starts_with('?') || sent.is_null() || sent.pointer(place).is_some();
            assert!(there, "{what}: {field} leads nowhere: {answer:?}");
        }
        assert!(self.items() == before, "{what}: something was written");
        answer
    }
}

fn is_a_problem(answer: &Answer, what: &str) {
    assert_eq!(answer.header("content-type"), "application/problem+json", "{what}");
    assert_eq!((&answer.body["success"], &answer.body["status"]), (&false.into(), &answer.status.into()), "{what}");
    let code = answer.body["code"].as_str().unwrap();
    assert_eq!(answer.body["type"], format!("/errors/{code}"), "{what}");
    assert!(!answer.body["detail"].as_str().unwrap().is_empty(), "{what}: how is it to be mended?");
    assert_eq!(answer.header("x-correlation-id"), answer.body["instance"], "{what}");
    for inner in ["arn:", "panicked", "src/", "dynamodb", "#POST", "TEN#"] {
        assert!(!answer.text.to_lowercase().contains(&inner.to_lowercase()), "{what}: {}", answer.text);
    }
}
