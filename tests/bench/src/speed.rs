//! How much of a processor our own logic takes: the functions' handlers over memory, so that no network is in the figure.

use crate::cpu;
use crate::life::TEXT;
use app::publishing::{Executed, execute};
use aws_lambda_events::event::sqs::SqsEvent;
use domain::access::Role;
use http_body_util::BodyExt;
use jiff::SignedDuration;
use ports::{Job, PublishJob};
use runtime::config::PublicAddress;
use runtime::http::Api;
use runtime::queue::{Failed, Message, process};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use testing::api::Person;
use testing::{Process, World};
use tower::ServiceExt;

const ACCOUNTS: usize = 50;
/// Posts of one round.
const ROUND: usize = 500;

struct Desk {
    world: World,
    process: Process,
    owner: Person,
    accounts: Vec<String>,
}

async fn desk() -> Desk {
    let world = World::new(3);
    let mut process = world.process();
    let deps = &mut process.deps;
    deps.ledger = Arc::new(Store::new(Arc::clone(&world.memory), Arc::clone(&deps.entropy), Arc::clone(&deps.clock)));
    let owner = world.person(1, Role::Owner, &[]).await;
    let mut accounts = Vec::new();
    for n in 0..ACCOUNTS {
        accounts.push(world.connect(&process.deps, "readable", &format!("author {n}")).await.unwrap().id.to_string());
    }
    Desk { world, process, owner, accounts }
}

/// The event API Gateway makes of a request to publish at once.
pub fn publish_event(key: &str, account: &str, n: usize) -> String {
    let body = json!({ "content": { "text": format!("{TEXT} {n}") }, "accounts": [account] }).to_string();
    json!({
        "version": "2.0", "routeKey": "POST /api/publishing/publish", "rawPath": "/api/publishing/publish",
        "rawQueryString": "",
        "headers": {
            "authorization": format!("Bearer {key}"), "content-type": "application/json",
            "idempotency-key": format!("0198c000-0000-7000-8000-{n:012}"), "host": "api.example.com",
            "content-length": body.len().to_string(), "user-agent": "bench", "x-forwarded-for": "192.0.2.1",
        },
        "requestContext": {
            "accountId": "000000000000", "apiId": "bench", "domainName": "api.example.com", "stage": "$default",
            "requestId": format!("request-{n}"), "time": "02/Mar/2026:09:00:00 +0000", "timeEpoch": 1_772_442_000_000_i64,
            "http": {
                "method": "POST", "path": "/api/publishing/publish", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1",
                "userAgent": "bench",
            },
        },
        "body": body, "isBase64Encoded": false,
    })
    .to_string()
}

/// Requests to publish, per second of processor time: event text in, response text out.
pub async fn api(least: Duration) -> f64 {
    let desk = desk().await;
    let address = PublicAddress { base_url: Some("https://herald.test".into()), local: false };
    let routes = publishing_api::router(Api::new(desk.process.managing(), address));
    let mut n = 0;
    cpu::per_second(least, async || {
        for _ in 0..100 {
            n += 1;
            let event = publish_event(&desk.owner.key, &desk.accounts[n % ACCOUNTS], n);
            let request = lambda_http::request::from_str(&event).unwrap();
            let (parts, body) = routes.clone().oneshot(request).await.unwrap().into_parts();
            assert_eq!(parts.status, 202);
            let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
            let headers: Vec<_> = parts.headers.iter().map(|(k, v)| (k.as_str(), v.to_str().unwrap())).collect();
            let answer = json!({ "statusCode": 202, "headers": headers.into_iter().collect::<std::collections::BTreeMap<_, _>>(),
                                 "body": text, "isBase64Encoded": false, "cookies": [] });
            assert!(!answer.to_string().is_empty());
        }
        100
    })
    .await
}

/// The event SQS makes of messages.
pub fn sqs_event(jobs: &[PublishJob]) -> String {
    let record = |job: &PublishJob| {
        json!({
            "messageId": format!("059f36b4-87a3-44ab-83d2-{}", job.cid), "receiptHandle": "sample",
            "body": serde_json::to_string(job).unwrap(),
            "attributes": { "ApproximateReceiveCount": "1", "SentTimestamp": "1772442000000",
                            "SenderId": "000000000000", "ApproximateFirstReceiveTimestamp": "1772442000100" },
            "messageAttributes": {}, "md5OfBody": "00000000000000000000000000000000", "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:herald-dev-publish", "awsRegion": "us-east-1",
        })
    };
    json!({ "Records": jobs.iter().map(record).collect::<Vec<Value>>() }).to_string()
}

/// Publish jobs per second of processor time: event text of ten in, partial batch response text out.
pub async fn publish(rounds: usize) -> f64 {
    let desk = desk().await;
    let publisher = desk.process.publishing();
    let address = PublicAddress { base_url: Some("https://herald.test".into()), local: false };
    let routes = publishing_api::router(Api::new(desk.process.managing(), address));
    let (mut spent, mut done) = (Duration::ZERO, 0);
    for round in 0..rounds {
        for n in 0..ROUND {
            let n = round * ROUND + n;
            let event = publish_event(&desk.owner.key, &desk.accounts[n % ACCOUNTS], n);
            let request = lambda_http::request::from_str(&event).unwrap();
            assert_eq!(routes.clone().oneshot(request).await.unwrap().status(), 202);
        }
        let mut jobs = Vec::new();
        for message in desk.world.queues.take() {
            if let Job::Publish { job, .. } = message.job {
                jobs.push(job);
            }
        }
        let events: Vec<String> = jobs.chunks(10).map(sqs_event).collect();
        let deadline = publisher.clock.now() + SignedDuration::from_secs(60);
        let start = cpu::spent();
        for event in events {
            let event: SqsEvent = serde_json::from_str(&event).unwrap();
            let answer =
                process(event, deadline, publisher.clock.as_ref(), 10, async |message: Message<PublishJob>| {
                    match execute(&publisher, &message.body, message.deadline).await {
                        Ok(Executed::Done) => Ok(()),
                        other => Err(Failed::new("internal", format!("{other:?}"))),
                    }
                })
                .await;
            assert!(answer.batch_item_failures.is_empty());
            assert!(!serde_json::to_string(&answer).unwrap().is_empty());
        }
        // The first round fills the token cache.
        if round > 0 {
            spent += cpu::spent() - start;
            done += jobs.len();
        }
    }
    assert_eq!(desk.world.platforms[0].truth().posted.len(), rounds * ROUND);
    done as f64 / spent.as_secs_f64()
}
