//! What is the same for every route: RELIABILITY.md section 5's rows for any endpoint, S1 to S5, and I9.

use super::{Answer, Ask, Person, Routes, send};
use crate::World;
use domain::access::{Permission, Role};
use http::Response;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use store::{Item, Table};

/// Largest body in bytes, as the table of RELIABILITY.md section 5 has it.
const MOST_BYTES: usize = 256 * 1024;

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
        Self { method, template, path, body: None, keyed: false, public: false }
    }

    /// Without an `Idempotency-Key`.
    pub fn unkeyed(self) -> Self {
        Self { keyed: false, ..self }
    }

    /// For anybody.
    pub fn open(self) -> Self {
        Self { public: true, ..self }
    }

    /// Method and template.
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.template)
    }

    /// The request that works, by nobody yet.
    pub fn ask(&self, key: &str) -> Ask {
        let ask = Ask::new(self.method, &self.path);
        let ask = if self.keyed { ask.once(key) } else { ask };
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
}

impl<S, B> Bench<S>
where
    S: Routes<Response = Response<B>>,
    B: BodyExt,
    B::Error: Debug,
{
    /// Asks.
    pub async fn send(&self, ask: Ask) -> Answer {
        send(&self.routes, ask).await
    }

    /// Asks as the owner.
    pub async fn owner(&self, ask: Ask) -> Answer {
        self.send(ask.by(&self.owner)).await
    }

    fn items(&self) -> Vec<Item> {
        [Table::Core, Table::Ephemeral, Table::Audit].into_iter().flat_map(|t| self.world.memory.items(t)).collect()
    }

    /// Asks for what must be refused with this status (and code, unless empty), in the form of a problem, with nothing
    /// written.
    pub async fn refused(&self, ask: Ask, status: u16, code: &str) -> Answer {
        let before = self.items();
        let what = format!("{ask:.300?}");
        let answer = self.send(ask).await;
        assert_eq!(answer.status, status, "{what}: {answer:?}");
        if !code.is_empty() {
            assert_eq!(answer.body["code"], code, "{what}: {answer:?}");
        }
        assert_eq!(answer.header("content-type"), "application/problem+json", "{what}");
        assert_eq!(answer.body["success"], false, "{what}");
        assert_eq!(answer.body["status"], status, "{what}");
        assert!(answer.body["type"].as_str().unwrap().starts_with("/errors/"), "{what}");
        assert_eq!(answer.header("x-correlation-id"), answer.body["instance"], "{what}");
        assert!(self.items() == before, "{what}: something was written");
        answer
    }
}

/// Every row of the bad-input table that any endpoint has, for every route of the bench; and that the bench has every
/// route of `document`, the function's OpenAPI document.
pub async fn rows_of_the_table<S, B>(bench: &Bench<S>, document: &Value)
where
    S: Routes<Response = Response<B>>,
    B: BodyExt,
    B::Error: Debug,
{
    every_route_is_there(&bench.all, document);
    let stranger = Person { key: bench.owner.key.replacen("hk_0", "hk_1", 1), ..bench.owner.clone() };
    for route in &bench.all {
        let mine = |ask: Ask| if route.public { ask } else { ask.by(&bench.owner) };
        if !route.public {
            bench.refused(route.ask("k"), 401, "unauthenticated").await;
            bench.refused(route.ask("k").by(&stranger), 401, "unauthenticated").await;
            bench.refused(route.ask("k").header("authorization", "Bearer hk_x"), 401, "unauthenticated").await;
            bench.refused(route.ask("k").header("cookie", "__Host-herald=x"), 401, "unauthenticated").await;
        }
        for method in ["PUT", "TRACE", "BREW"] {
            let answer = bench.refused(mine(Ask::new(method, &route.path)), 405, "method_not_allowed").await;
            assert!(answer.header("allow").contains(route.method), "{}: {answer:?}", route.name());
        }
        if route.keyed {
            let keyless = Route { keyed: false, ..route.clone() };
            bench.refused(mine(keyless.ask("")), 400, "idempotency_key_missing").await;
            bench.refused(mine(route.ask(&"k".repeat(256))), 400, "idempotency_key_invalid").await;
        }
        if let Some(body) = &route.body {
            bodies(bench, &Route { body: None, ..route.clone() }, body, &mine).await;
        }
    }
}

async fn bodies<S, B>(bench: &Bench<S>, bare: &Route, good: &Value, mine: &impl Fn(Ask) -> Ask)
where
    S: Routes<Response = Response<B>>,
    B: BodyExt,
    B::Error: Debug,
{
    let with = |body: Vec<u8>| mine(bare.ask("k").raw("application/json", body));
    let text = good.to_string();
    let open = text.strip_suffix('}').unwrap();
    let comma = if open.len() > 1 { "," } else { "" };
    let deep = format!("{open}{comma}\"deep\":{}{}}}", "[".repeat(40), "]".repeat(40));
    let big = format!("{open}{comma}\"big\":\"{}\"}}", "A".repeat(MOST_BYTES));
    bench.refused(with(b"{\"a\":".to_vec()), 400, "malformed_json").await;
    bench.refused(with(b"{\"a\":\"\xff\"}".to_vec()), 400, "malformed_json").await;
    bench.refused(with(format!("{open}{comma}\"a\":NaN}}").into()), 400, "malformed_json").await;
    bench.refused(with(b"{\"a\":1,\"a\":2}".to_vec()), 400, "malformed_json").await;
    bench.refused(with(deep.into()), 400, "malformed_json").await;
    bench.refused(with(big.into()), 413, "too_large").await;
    bench.refused(mine(bare.ask("k").raw("text/plain", text.clone())), 415, "unsupported_media_type").await;
    bench.refused(with(b"[]".to_vec()), 400, "validation").await;
    for field in ["tenant_id", "tenant", "state", "fence", "id", "created_at"] {
        if good.get(field).is_some() {
            continue;
        }
        let mut body = good.clone();
        body[field] = json!("of my own");
        let answer = bench.refused(with(body.to_string().into()), 400, "validation").await;
        let error = &answer.body["errors"][0];
        assert_eq!((&error["code"], &error["field"]), (&json!("unknown_field"), &json!(format!("/{field}"))));
    }
    for (field, value) in good.as_object().into_iter().flatten() {
        let wrong = if value.is_object() { json!([1]) } else { json!({ "not": "this" }) };
        let mut body = good.clone();
        body[field] = wrong;
        let answer = bench.refused(with(body.to_string().into()), 400, "validation").await;
        let pointer = answer.body["errors"][0]["field"].as_str().unwrap();
        assert!(pointer.starts_with(&format!("/{field}")), "{}: {answer:?}", bare.name());
        if value.is_string() {
            let mut body = good.clone();
            body[field] = json!("a\u{7}b");
            bench.refused(with(body.to_string().into()), 400, "validation").await;
        }
    }
}

fn every_route_is_there(all: &[Route], document: &Value) {
    let listed: BTreeSet<String> = all.iter().map(Route::name).collect();
    let mut described = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap().iter().filter(|(_, o)| o["responses"].is_object()) {
            let name = format!("{} {path}", method.to_uppercase());
            let route = all.iter().find(|r| r.name() == name).unwrap_or_else(|| panic!("{name} is not on the bench"));
            let keyed =
                operation["parameters"].as_array().into_iter().flatten().any(|p| p["name"] == "Idempotency-Key");
            assert_eq!(keyed, route.keyed, "{name}: is its Idempotency-Key described?");
            assert_eq!(operation["requestBody"].is_object(), route.body.is_some(), "{name}: is its body described?");
            assert_eq!(operation["security"] == json!([{}]), route.public, "{name}: is it open to everybody?");
            described.insert(name);
        }
    }
    assert_eq!(listed, described);
}

/// What each role, and an owner's key that may only read, gets from each route, as the text of a golden file (S5). Each
/// request is the first of a new world.
pub async fn role_matrix<S, B, M>(mut make: impl FnMut() -> M) -> String
where
    M: Future<Output = Bench<S>>,
    S: Routes<Response = Response<B>>,
    B: BodyExt,
    B::Error: Debug,
{
    const WHO: [(&str, Role, &[Permission]); 5] = [
        ("viewer", Role::Viewer, &[]),
        ("approver", Role::Approver, &[]),
        ("editor", Role::Editor, &[]),
        ("owner", Role::Owner, &[]),
        ("owner with a reading key", Role::Owner, &[Permission::Read]),
    ];
    let mut matrix: BTreeMap<String, BTreeMap<&str, u16>> = BTreeMap::new();
    let count = make().await.all.len();
    for index in 0..count {
        for (name, role, scopes) in WHO {
            let bench = make().await;
            let person = bench.world.person(1, role, scopes).await;
            let route = bench.all[index].clone();
            let before = bench.items();
            let answer = bench.send(route.ask("k").by(&person)).await;
            assert!(answer.status != 401 && answer.status < 500, "{}: {answer:?}", route.name());
            if answer.status == 403 {
                assert_eq!(answer.body["code"], "forbidden", "{}", route.name());
                assert!(bench.items() == before, "{}: refused, and something was written", route.name());
            }
            matrix.entry(route.name()).or_default().insert(name, answer.status);
        }
    }
    serde_json::to_string_pretty(&matrix).unwrap() + "\n"
}

/// Another tenant's id is answered as one that does not exist (S1, I28). Each route names a thing of the world's tenant;
/// `absent` is the same route naming nothing. Returns how many were compared.
pub async fn foreign_is_absent<S, B>(bench: &Bench<S>, pairs: &[(Route, Route)]) -> usize
where
    S: Routes<Response = Response<B>>,
    B: BodyExt,
    B::Error: Debug,
{
    let foreigner = bench.world.person(2, Role::Owner, &[]).await;
    for (theirs, absent) in pairs {
        let one = bench.refused(theirs.ask("k1").by(&foreigner), 404, "not_found").await;
        let two = bench.refused(absent.ask("k2").by(&foreigner), 404, "not_found").await;
        assert_eq!(one.without_cid(), two.without_cid(), "{}", theirs.name());
        bench.refused(absent.ask("k3").by(&bench.owner), 404, "not_found").await;
    }
    pairs.len()
}

/// A changing route repeats its answer byte for byte, has its effect once, and refuses the key for another request (I9).
/// `other` is the same route with another request. Returns the first answer.
pub async fn replays<S, B>(bench: &Bench<S>, route: &Route, other: &Ask) -> Answer
where
    S: Routes<Response = Response<B>>,
    B: BodyExt,
    B::Error: Debug,
{
    let first = bench.owner(route.ask("the-key")).await;
    assert!((200..300).contains(&first.status), "{}: {first:?}", route.name());
    assert_eq!(first.header("idempotent-replayed"), "");
    let after = bench.items();
    let again = bench.owner(route.ask("\"the-key\"")).await;
    assert_eq!((again.status, &again.text), (first.status, &first.text), "{}", route.name());
    assert_eq!(again.header("content-type"), first.header("content-type"));
    assert_eq!(again.header("idempotent-replayed"), "true", "{}", route.name());
    assert!(bench.items() == after, "{}: a repeated request wrote something", route.name());
    bench.refused(other.clone().once("the-key").by(&bench.owner), 422, "idempotency_key_reused").await;
    first
}
