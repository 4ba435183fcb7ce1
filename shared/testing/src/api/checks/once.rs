//! One effect per `Idempotency-Key` (I9).

use super::{Bench, Route};
use crate::api::{Answer, Ask, Routes};
use domain::access::Role;
use http::Response;
use http_body_util::BodyExt;
use ports::{IdempotencyRecord, Record, Write};
use std::fmt::Debug;

/// Every changing route of the bench: without a key, or with one that is none, it refuses; a repetition is answered byte
/// for byte and has no effect; another request under the key is refused, and so is the same one while the first is under
/// way; another tenant's same key is another key. Returns how many routes there are.
pub async fn every_change_is_made_once<S, B, M>(mut make: impl FnMut() -> M) -> usize
where
    M: Future<Output = Bench<S>>,
    S: Routes<Response = Response<B>>,
    B: BodyExt,
    B::Error: Debug,
{
    let mut routes = 0;
    for index in 0..make().await.all.len() {
        let bench = make().await;
        let route = bench.all[index].clone();
        if !route.keyed {
            continue;
        }
        routes += 1;
        let keyless = Route { keyed: false, ..route.clone() };
        bench.refused(keyless.ask("").by(&bench.owner), 400, "idempotency_key_missing").await;
        for bad in ["k".repeat(256), "two words".into(), "\"open".into()] {
            bench.refused(route.ask(&bad).by(&bench.owner), 400, "idempotency_key_invalid").await;
        }
        replays(&bench, &route, &other(&route)).await;
        under_way(&bench, &route).await;
        let foreigner = bench.world.person(2, Role::Owner, &[]).await;
        let theirs = bench.send(route.ask("the-key").by(&foreigner)).await;
        assert_eq!(theirs.header("idempotent-replayed"), "", "{}: a key counts for its tenant", route.name());
        // Not even the answer that somebody else got to the very same request.
        let viewer = bench.world.person(1, Role::Viewer, &[]).await;
        let seen = bench.send(route.ask("the-key").by(&viewer)).await;
        assert_eq!(seen.status, 403, "{}: a viewer changes nothing", route.name());
    }
    routes
}

/// The same address with another body.
fn other(route: &Route) -> Ask {
    let bare = Route { body: None, keyed: false, ..route.clone() };
    // A space more means the same and is another body: what was signed for is what was sent.
    bare.ask("").raw("application/json", route.body.as_ref().map_or_else(|| "{}".into(), |body| format!("{body} ")))
}

/// The same request while the first is still being worked on, as it looks when the first has only reserved its key.
async fn under_way<S, B>(bench: &Bench<S>, route: &Route)
where
    S: Routes<Response = Response<B>>,
    B: BodyExt,
    B::Error: Debug,
{
    let (deps, tenant) = (bench.world.deps(), bench.owner.caller.tenant);
    let found = deps.ledger.remembered(tenant, &route.name(), "the-key", deps.clock.now()).await.unwrap().unwrap();
    let reserved = IdempotencyRecord { reply: None, ..found.value };
    deps.ledger.commit(vec![Write::put(Record::Idempotency(reserved))]).await.unwrap();
    let busy = bench.refused(route.ask("the-key").by(&bench.owner), 409, "idempotency_key_in_flight").await;
    assert_eq!((busy.header("retry-after"), &busy.body["retryable"]), ("1", &true.into()), "{}", route.name());
}

/// A changing route repeats its answer byte for byte, has its effect once, and refuses the key for another request.
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
    assert!(route.goes_on || bench.items() == after, "{}: a repeated request wrote something", route.name());
    bench.refused(other.clone().once("the-key").by(&bench.owner), 422, "idempotency_key_reused").await;
    first
}
