//! Every row of the bad-input table that any endpoint has, mass assignment (S3), resource
//! limits (S4), methods and headers (S30).

use super::document::{every_form_is_closed, every_route_is_there, is_id, methods, operations, parameters};
use super::{Bench, Route};
use crate::api::{Ask, Routes};
use http::Response;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Debug;

/// Largest body in bytes.
const MOST_BYTES: usize = 256 * 1024;
/// What belongs to us alone, under the names that the ledger and the API have for it.
const OURS: [&str; 9] = ["tenant_id", "tenant", "state", "status", "fence", "id", "rev", "created_at", "created_by"];
/// Takes parameters it does not know: a platform sends some of its own along (RFC 6749, 4.1.2).
const OPEN_QUERY: &str = "/api/publishing/auth/{platform}/callback";

/// Every row, for every route of the bench; and that the bench has every route of the function's document.
pub async fn rows_of_the_table<S, B>(bench: &Bench<S>)
where
    S: Routes<Response = Response<B>>,
    B: BodyExt,
    B::Error: Debug,
{
    every_route_is_there(&bench.all, &bench.document);
    let taken = every_form_is_closed(&bench.document);
    assert!(taken > 0 || bench.all.iter().all(|route| route.body.is_none()), "no form of a body was looked at");
    let (operations, methods) = (operations(&bench.document), methods(&bench.document));
    for route in &bench.all {
        let operation = operations[&route.name()];
        wrong_methods(bench, route, &methods[route.template]).await;
        wrong_ids(bench, route).await;
        wrong_parameters(bench, route, operation).await;
        if let Some(body) = &route.body {
            wrong_bodies(bench, route, body).await;
        } else if route.keyed {
            // An action without a body takes none that says something.
            for field in OURS {
                let ask = mine(bench, route, route.ask("k").json(&json!({ field: "mine" })));
                bench.refused(ask, 400, "validation").await;
            }
        }
    }
}

fn mine<S>(bench: &Bench<S>, route: &Route, ask: Ask) -> Ask {
    if route.public { ask } else { ask.by(&bench.owner) }
}

/// 405 with exactly the methods there are, whoever asks; HEAD is GET without a body.
async fn wrong_methods<S, B>(bench: &Bench<S>, route: &Route, described: &BTreeSet<String>)
where
    S: Routes<Response = Response<B>>,
    B: BodyExt,
    B::Error: Debug,
{
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW"] {
        if described.contains(method) {
            continue;
        }
        let answer = bench.refused(Ask::new(method, &route.path), 405, "method_not_allowed").await;
        let allowed = answer.header("allow").split(',').map(|m| m.trim().to_owned()).filter(|m| m != "HEAD");
        assert_eq!(&allowed.collect::<BTreeSet<_>>(), described, "{method} {}", route.template);
    }
    if route.method == "GET" {
        let get = bench.send(mine(bench, route, route.ask("k"))).await;
        let head = bench.send(mine(bench, route, Ask::new("HEAD", &route.path))).await;
        assert_eq!((head.status, head.text.as_str()), (get.status, ""), "HEAD {}", route.template);
    }
}

/// An id in the address that is none is 400, each on its own.
async fn wrong_ids<S, B>(bench: &Bench<S>, route: &Route)
where
    S: Routes<Response = Response<B>>,
    B: BodyExt,
    B::Error: Debug,
{
    let (path, query) = route.path.split_once('?').map_or((route.path.as_str(), None), |(p, q)| (p, Some(q)));
    let pieces: Vec<&str> = path.split('/').collect();
    for (at, name) in route.template.split('/').enumerate().filter(|(_, piece)| piece.ends_with("_id}")) {
        let good = pieces[at];
        assert!(is_id(good), "{}: {name} is {good}", route.name());
        let (prefix, hex) = good.split_once('_').unwrap();
        for bad in [
            "1".to_owned(),
            format!("other_{hex}"),
            format!("{prefix}_{}", &hex[1..]),
            format!("{prefix}_{hex}0"),
            good.to_uppercase(),
            format!("{prefix}_%00{}", &hex[3..]),
            format!("{prefix}_{}g", &hex[1..]),
            "%FF".to_owned(),
            format!("{good}%2F..%2F{good}"),
        ] {
            let mut pieces = pieces.clone();
            pieces[at] = &bad;
            let path = format!("{}?{}", pieces.join("/"), query.unwrap_or_default());
            let route = Route { path: path.trim_end_matches('?').to_owned(), ..route.clone() };
            bench.refused(mine(bench, &route, route.ask("k")), 400, "bad_id").await;
        }
    }
}

/// Each parameter of the query with what its schema does not allow, one that is not known, one given twice.
async fn wrong_parameters<S, B>(bench: &Bench<S>, route: &Route, operation: &Value)
where
    S: Routes<Response = Response<B>>,
    B: BodyExt,
    B::Error: Debug,
{
    let known = parameters(operation, "query");
    let path = route.path.split('?').next().unwrap_or_default();
    let ask = |query: String| {
        let route = Route { path: format!("{path}?{query}"), ..route.clone() };
        mine(bench, &route, route.ask("k"))
    };
    for (name, schema) in &known {
        let (kind, format) = (schema["type"].to_string(), &schema["format"]);
        let most = schema["maximum"].as_i64();
        let mut bad: Vec<String> = Vec::new();
        if *name == "cursor" {
            for cursor in ["a", "", "%00", "AAAAAAAAAAAAAAAAAAAAAAAA"] {
                bench.refused(ask(format!("cursor={cursor}")), 400, "bad_cursor").await;
            }
        } else if kind.contains("integer") {
            let least = schema["minimum"].as_i64().unwrap() - 1;
            bad.extend([
                "ten".to_owned(),
                "1.5".into(),
                String::new(),
                "99999999999999999999".into(),
                least.to_string(),
            ]);
            bad.extend(most.map(|most| (most + 1).to_string()));
            assert!(most.is_some(), "{}: how large may {name} be?", route.name());
        } else if kind.contains("boolean") {
            bad.extend(["maybe", "1", ""].map(String::from));
        } else if format == "date-time" {
            bad.extend(["yesterday", "2026-02-30T00:00:00Z", "2026-01-01", ""].map(String::from));
        }
        for value in bad {
            let answer = bench.refused(ask(format!("{name}={value}")), 400, "validation").await;
            assert_eq!(answer.body["errors"][0]["field"], format!("?{name}"), "{}", route.name());
        }
    }
    if let Some((name, _)) = known.first() {
        let answer = bench.refused(ask(format!("{name}=1&{name}=1")), 400, "validation").await;
        assert_eq!(answer.body["errors"][0]["field"], format!("?{name}"), "{}", route.name());
        if route.template != OPEN_QUERY {
            bench.refused(ask("tenant_id=1".into()), 400, "validation").await;
        }
    }
}

/// What is no JSON, no JSON of this route, too large, too deep, or somebody else's to say.
async fn wrong_bodies<S, B>(bench: &Bench<S>, route: &Route, good: &Value)
where
    S: Routes<Response = Response<B>>,
    B: BodyExt,
    B::Error: Debug,
{
    let bare = Route { body: None, ..route.clone() };
    let raw = |kind: &str, body: Vec<u8>| mine(bench, route, bare.ask("k").raw(kind, body));
    let with = |body: Vec<u8>| raw("application/json", body);
    let text = good.to_string();
    let open = text.strip_suffix('}').unwrap();
    let comma = if open.len() > 1 { "," } else { "" };
    let deep = format!("{open}{comma}\"deep\":{}{}}}", "[".repeat(40), "]".repeat(40));
    let big = format!("{open}{comma}\"big\":\"{}\"}}", "A".repeat(MOST_BYTES));
    for body in [
        b"{\"a\":".to_vec(),
        b"{\"a\":\"\xff\"}".to_vec(),
        format!("{open}{comma}\"a\":NaN}}").into(),
        format!("{text} {{}}").into(),
        format!("\u{feff}{text}").into(),
        b"{\"a\":1,\"a\":2}".to_vec(),
        deep.into(),
    ] {
        bench.refused(with(body), 400, "malformed_json").await;
    }
    bench.refused(with(big.into()), 413, "too_large").await;
    for kind in
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/json; charset=utf-16"]
    {
        bench.refused(raw(kind, text.clone().into()), 415, "unsupported_media_type").await;
    }
    let packed = bare.ask("k").header("content-encoding", "gzip").raw("application/json", text.clone());
    bench.refused(mine(bench, route, packed), 415, "unsupported_media_type").await;
    for body in ["[]", "\"text\"", "1"] {
        bench.refused(with(body.into()), 400, "validation").await;
    }
    for field in OURS {
        if good.get(field).is_none() {
            let mut body = good.clone();
            body[field] = json!("of my own");
            let answer = bench.refused(with(body.to_string().into()), 400, "validation").await;
            let error = &answer.body["errors"][0];
            assert_eq!((&error["code"], &error["field"]), (&json!("unknown_field"), &json!(format!("/{field}"))));
        }
    }
    let mut values = Vec::new();
    places(good, "", &mut values);
    for at in values {
        let value = good.pointer(&at).unwrap();
        // A text may stand for a text by language, so that an object need not be wrong in its place.
        let lists = value.is_object() || value.is_string();
        let mut wrong = vec![if lists { json!([[1]]) } else { json!({ "not": "this" }) }];
        if value.is_string() {
            wrong.extend([json!("a\u{7}b"), json!(1), json!(true)]);
        } else if value.is_number() {
            wrong.extend([json!("1"), json!(-1), json!(1e300), json!(1.5)]);
        }
        for wrong in wrong {
            let mut body = good.clone();
            *body.pointer_mut(&at).unwrap() = wrong;
            let answer = bench.refused(with(body.to_string().into()), 400, "validation").await;
            let field = answer.body["errors"][0]["field"].as_str().unwrap();
            assert!(field.starts_with(&at), "{}: {at} is wrong, and {field} is named", route.name());
        }
    }
}

/// The pointer of everything below a value.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    let below: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(name, value)| (format!("{at}/{name}"), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(n, value)| (format!("{at}/{n}"), value)).collect(),
        _ => Vec::new(),
    };
    for (at, value) in below {
        found.push(at.clone());
        places(value, &at, found);
    }
}
