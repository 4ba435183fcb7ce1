//! Fills the loopback cloud through the real use cases: a tenant with its key, connected accounts, posts that are due.

use crate::cloud::HOOK;
use crate::hooks;
use crate::speed::{publish_event, sqs_event};
use app::access::{Bootstrapped, FirstTenant, bootstrap, by_key};
use app::accounts::{Callback, begin, finish};
use app::publishing::{Accepted, PublishCommand, TargetSpec, When, request};
use app::{Deps, Once};
use domain::access::Caller;
use domain::publishing::{Part, Variant};
use ports::{PublishJob, StoredReply};
use runtime::boot::Boot;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Mutex;
use wiring::Concern::{Bus, KeyRing, Media, PublishQueues};

/// Fills the cloud at this address, and tells the events that the functions are then given: the publish queue's messages in
/// batches of ten, as many requests to the API, and as many events that a customer's endpoint is told of.
pub async fn fill(boot: &Boot, cloud: &str, accounts: usize, posts: usize) -> Value {
    let deps = wiring::accounts(boot, &[Bus, KeyRing, Media, PublishQueues]).unwrap();
    let first = FirstTenant { tenant: "Bench".into(), zone: "Europe/Berlin".into(), owner: "Owner".into() };
    let secret = SecretString::from("bootstrap");
    let encode = |made: &Bootstrapped| StoredReply { status: 201, body: made.secret.expose_secret().to_owned() };
    let made = bootstrap(&deps, &secret, "bootstrap", &first, "seed", "seed", &encode).await.unwrap();
    let key = made.stored.body;
    let caller = by_key(&deps, &key, "seed").await.unwrap().unwrap();
    let mut connected = Vec::new();
    for n in 0..accounts {
        let begun = begin(&deps, &caller, "x", "http://127.0.0.1:1", None).await.unwrap();
        let code = Some((1_000 + n).to_string());
        let callback = Callback { state: Some(begun.state), code, ..Callback::default() };
        connected.push(finish(&deps, &caller, "x", &callback).await.unwrap().connected().unwrap().accounts[0].id);
    }
    let mut jobs = Vec::new();
    for n in 0..posts {
        let target = TargetSpec::Account(connected[n % connected.len()]);
        jobs.extend(accept(&deps, &caller, target, n).await);
    }
    let jobs: Vec<String> = jobs.chunks(10).map(sqs_event).collect();
    let request = |n: usize| publish_event(&key, &connected[n % connected.len()].to_string(), n);
    let told = hooks::batched(&deps, &caller, &format!("{cloud}{HOOK}"), posts).await;
    json!({ "jobs": jobs, "requests": (0..posts).map(request).collect::<Vec<_>>(), "events": told })
}

async fn accept(deps: &Deps, caller: &Caller, target: TargetSpec, n: usize) -> Vec<PublishJob> {
    let part = Part { text: format!("{} {n}", crate::life::TEXT), ..Part::default() };
    let command = PublishCommand {
        content: Variant { parts: vec![part], ..Variant::default() },
        variants: BTreeMap::new(),
        targets: vec![target],
        when: When::Now,
        max_lateness_s: None,
    };
    let once = Once { route: "seed".into(), key: format!("seed-{n}"), fingerprint: n.to_string() };
    let jobs = Mutex::new(Vec::new());
    let encode = |accepted: &Accepted| {
        let job = |d: &domain::publishing::Delivery| PublishJob {
            v: 1,
            tenant: d.tenant,
            post: d.post,
            account: d.account,
            cid: format!("bench-{n}"),
        };
        jobs.lock().unwrap().extend(accepted.deliveries.iter().map(job));
        StoredReply { status: 202, body: "{}".into() }
    };
    request(deps, caller, &command, &once, &encode).await.unwrap();
    jobs.into_inner().unwrap()
}
