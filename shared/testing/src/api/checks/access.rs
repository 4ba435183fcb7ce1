//! Who gets in (S2), what a role may do (S5), and whose things are whose (S1, I28).

use super::document::{absent, ids_of, operations, renamed};
use super::{Bench, Route};
use crate::api::{Answer, Ask, Person, Routes};
use domain::TenantId;
use domain::access::{Permission, Role};
use http::Response;
use http_body_util::BodyExt;
use ports::{Record, Write};
use std::collections::BTreeMap;
use std::fmt::Debug;
use uuid::Uuid;

/// Without a key that holds there is a 401 at every route that is not open to everybody, one answer for every reason.
/// Returns how many were refused.
pub async fn nobody_gets_in<S, B>(bench: &Bench<S>) -> usize
where
    S: Routes<Response = Response<B>>,
    B: BodyExt,
    B::Error: Debug,
{
    let wrong = keys_that_do_not_hold(bench).await;
    let mut refused = 0;
    for route in bench.all.iter().filter(|route| !route.public) {
        bench.refused(route.ask("k"), 401, "unauthenticated").await;
        let mut answers = Vec::new();
        for credential in &wrong {
            let ask = route.ask("k").header("x-correlation-id", "same");
            let ask = credential.iter().fold(ask, |ask, (name, value)| ask.header(name, value));
            let answer = bench.refused(ask, 401, "unauthenticated").await;
            assert!(answer.header("www-authenticate").starts_with("Bearer"), "{}", route.name());
            answers.push(answer.text);
            refused += 1;
        }
        answers.dedup();
        assert_eq!(answers.len(), 1, "{}: the reasons can be told apart: {answers:?}", route.name());
    }
    for name in operations(&bench.document).keys().filter(|name| name.starts_with("POST") || name.starts_with("DELETE"))
    {
        let open = bench.all.iter().any(|route| route.name() == *name && route.public);
        assert!(!open || name == "POST /api/admin/bootstrap", "{name} changes things and is open to everybody");
    }
    refused
}

type Credential = Vec<(&'static str, String)>;

async fn keys_that_do_not_hold<S>(bench: &Bench<S>) -> Vec<Credential> {
    let (world, owner) = (&bench.world, &bench.owner);
    let ledger = world.deps().base.ledger;
    let changed = async |change: &dyn Fn(&mut domain::access::ApiKey)| {
        let person = world.person(1, Role::Owner, &[]).await;
        let mut key = ledger.key(person.caller.tenant, person.caller.key).await.unwrap().unwrap();
        change(&mut key.value);
        ledger.commit(vec![Write::put(Record::ApiKey(key.value))]).await.unwrap();
        person.key
    };
    let now = world.deps().clock.now();
    let expired = changed(&|key| key.expires_at = Some(now)).await;
    let nobodys = changed(&|key| key.member = domain::MemberId::from_uuid(Uuid::from_u128(0xbad))).await;
    let revoked = world.person(1, Role::Owner, &[]).await;
    let key = ledger.key(revoked.caller.tenant, revoked.caller.key).await.unwrap().unwrap();
    let gone = Write::delete(&key, Record::ApiKey(key.value.clone()));
    ledger.commit(vec![gone]).await.unwrap();
    // The same key under another tenant's name.
    let foreign = TenantId::from_uuid(Uuid::from_u128(2)).uuid().simple().to_string();
    let elsewhere = owner.key.replacen(&owner.caller.tenant.uuid().simple().to_string(), &foreign, 1);
    let (mut flipped, last) = (owner.key.clone(), if owner.key.ends_with('A') { 'B' } else { 'A' });
    flipped.pop();
    flipped.push(last);
    // {"alg":"none"}.{"sub":"owner"}.
    let token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJvd25lciJ9.".to_owned();
    let long = "h".repeat(10_000);
    let bearers = ["hk_x".to_owned(), token, long, expired, nobodys, revoked.key, elsewhere, flipped];
    let bearer = |key: &String| vec![("authorization", format!("Bearer {key}"))];
    let mut all: Vec<Credential> = bearers.iter().map(bearer).collect();
    all.push(vec![("authorization", format!("Basic {}", owner.key))]);
    all.push(vec![("authorization", owner.key.clone())]);
    // Two of them, of which one would hold.
    all.push(vec![("authorization", format!("Bearer {}", owner.key)), ("authorization", "Bearer hk_x".into())]);
    all.push(vec![("cookie", "__Host-herald=x".into())]);
    all.push(vec![("cookie", format!("__Host-herald={}", owner.key))]);
    all
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
    let described: Vec<String> = operations(&make().await.document).into_keys().collect();
    assert_eq!(matrix.keys().cloned().collect::<Vec<_>>(), described, "every route of the document has its row");
    serde_json::to_string_pretty(&matrix).unwrap() + "\n"
}

/// Another tenant's id is answered as one that does not exist: at every route that names things in its path or its body,
/// with the tenant's real ids, all of them or any of them, the answer is byte for byte what absent ids get, and nothing
/// changes. What lists things lists none of them. Returns how many pairs were compared.
pub async fn foreign_is_absent<S, B, M>(mut make: impl FnMut() -> M) -> usize
where
    M: Future<Output = Bench<S>>,
    S: Routes<Response = Response<B>>,
    B: BodyExt,
    B::Error: Debug,
{
    let bench = make().await;
    let foreigner = bench.world.person(2, Role::Owner, &[]).await;
    let all_ids: Vec<String> = bench.all.iter().flat_map(ids_of).collect();
    let mut compared = 0;
    for (index, route) in bench.all.iter().enumerate().filter(|(_, route)| !route.public) {
        let ids = ids_of(route);
        if ids.is_empty() {
            if route.method == "GET" {
                let answer = bench.send(route.ask("k").by(&foreigner)).await;
                let seen = all_ids.iter().find(|id| answer.text.contains(*id));
                assert!(seen.is_none(), "{}: {seen:?} is seen by another tenant", route.name());
            }
            continue;
        }
        // The ids are real: whoever they belong to is not told that there is no such thing.
        let own = make().await;
        let mine = own.owner(own.all[index].ask("own")).await;
        assert!(
            mine.status < 400 || mine.status == 409,
            "{}: the bench's request does not work: {mine:?}",
            route.name()
        );
        let nothing = renamed(route, absent);
        let expected = absent_answer(&bench, &nothing, &foreigner).await;
        let alone = ids.iter().map(|kept| renamed(route, |id| if id == kept { id.to_owned() } else { absent(id) }));
        for theirs in alone.chain([route.clone()]) {
            let ask = theirs.ask("k").header("x-correlation-id", "same").by(&foreigner);
            let answer = told(&bench, ask, expected.0, "").await;
            assert_eq!(answer.text, expected.1, "{}: another tenant's thing can be told from none", route.name());
            compared += 1;
        }
        let at_home = absent_answer(&bench, &nothing, &bench.owner).await;
        assert_eq!(at_home, expected, "{}: it matters who asks for nothing", route.name());
    }
    compared
}

async fn absent_answer<S, B>(bench: &Bench<S>, nothing: &Route, by: &Person) -> (u16, String)
where
    S: Routes<Response = Response<B>>,
    B: BodyExt,
    B::Error: Debug,
{
    let ask: Ask = nothing.ask("k").header("x-correlation-id", "same").by(by);
    // A thing in the address is not found; one in the body makes the body wrong, where the route's own rule says so.
    let in_path = nothing.path.contains("_00000000");
    let status = if in_path { 404 } else { bench.send(ask.clone()).await.status };
    // A route that only looks may tell what is wrong with a thing instead of refusing the request.
    let looks = status == 200 && !nothing.keyed;
    assert!(status == 404 || ((status == 422 || looks) && !in_path), "{}: {status}", nothing.name());
    let answer = told(bench, ask, status, if status == 404 { "not_found" } else { "" }).await;
    assert!(!looks || answer.text.contains("_not_found"), "{}: it does not say that nothing is there", nothing.name());
    (status, answer.text)
}

/// The answer to a request about nothing: a refusal, unless this route tells it as what it looked for.
async fn told<S, B>(bench: &Bench<S>, ask: Ask, status: u16, code: &str) -> Answer
where
    S: Routes<Response = Response<B>>,
    B: BodyExt,
    B::Error: Debug,
{
    if status != 200 {
        return bench.refused(ask, status, code).await;
    }
    let answer = bench.send(ask).await;
    assert_eq!(answer.status, status, "{answer:?}");
    answer
}
