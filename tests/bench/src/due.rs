//! The due scan: what a tick reads, and how fast a page of the index becomes typed entries.

use crate::cpu;
use crate::meter::{Meter, Metered, Unit};
use app::Deps;
use app::publishing::tick;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region, SharedHttpClient};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use domain::publishing::{Delivery, NewDelivery};
use domain::{AccountId, DeliveryId, PostId};
use jiff::{SignedDuration, Timestamp};
use ports::{Due, Record, Write};
use std::sync::Arc;
use std::time::Duration;
use store::{Store, Tables};
use testing::World;
use uuid::Uuid;

/// What one tick read and did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reads {
    /// Entries it looked at.
    pub seen: u64,
    /// Messages it sent.
    pub sent: u64,
    /// Rows its queries answered with.
    pub rows: u64,
    /// Read units.
    pub units: f64,
}

/// A tick over `scheduled` posts of which `due` come due now and the rest over the year.
pub async fn reads(scheduled: usize, due: usize) -> Reads {
    let world = World::new(5);
    let deps = world.process().deps.base;
    let now = world.engine.now();
    let plain = Store::new(Arc::clone(&world.memory), Arc::clone(&deps.entropy), Arc::clone(&deps.clock));
    for n in 0..scheduled {
        let ahead = if n < due { 60 } else { 3_600 + (n as i64 * 37) % 30_000_000 };
        let delivery = delivery(n as u128, &world, now, now + SignedDuration::from_secs(ahead));
        ports::UnitOfWork::commit(&plain, vec![Write::create(Record::Delivery(delivery))]).await.unwrap();
    }
    let meter = Arc::new(Meter::default());
    let backend = Metered::new(Arc::clone(&world.memory), Arc::clone(&meter));
    let ledger = Store::new(backend, Arc::clone(&deps.entropy), Arc::clone(&deps.clock));
    let deps = Deps { ledger: Arc::new(ledger), ..deps };
    let deadline = deps.clock.now() + SignedDuration::from_mins(1);
    let swept = tick(&deps, deadline, "tick").await.unwrap();
    let units = meter.lines().iter().filter(|((_, unit, _), _)| *unit == Unit::Read).map(|(_, n)| n).sum();
    Reads { seen: swept.seen, sent: swept.sent, rows: meter.rows(), units }
}

fn delivery(n: u128, world: &World, now: Timestamp, due_at: Timestamp) -> Delivery {
    // Ids spread over the shards as random ones do.
    let id = |salt: u128| Uuid::from_u128((n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835) ^ salt);
    let new = NewDelivery {
        id: DeliveryId::from_uuid(id(1)),
        tenant: world.caller.tenant,
        post: PostId::from_uuid(id(2)),
        account: AccountId::from_uuid(id(3)),
        platform: "readable".parse().unwrap(),
        content_hash: "0123456789abcdef0123456789abcdef".into(),
        parts: 1,
        due_at,
        max_lateness_s: 3600,
        settle_s: 600,
    };
    Delivery::accepted(new, now)
}

/// Entries of a page of the due index, as many as one answer of the tick's queries holds.
pub const PAGE: usize = 500;

/// `DynamoDB`'s answer to the tick's query: a full page of the index, of one shard.
pub async fn page() -> String {
    let world = World::new(5);
    let deps = world.process().deps.base;
    let now = world.engine.now();
    let plain = Store::new(Arc::clone(&world.memory), Arc::clone(&deps.entropy), Arc::clone(&deps.clock));
    for n in 0..PAGE * 12 {
        let delivery = delivery(n as u128, &world, now, now + SignedDuration::from_secs(60));
        ports::UnitOfWork::commit(&plain, vec![Write::create(Record::Delivery(delivery))]).await.unwrap();
    }
    let items = world.memory.items(store::Table::Core);
    let entries = items.iter().filter_map(|item| Some((&item.key, item.due.as_ref()?)));
    let first = entries.clone().next().unwrap().1.pk.clone();
    let rows: Vec<_> = entries
        .filter(|(_, due)| due.pk == first)
        .take(PAGE)
        .map(|(key, due)| {
            serde_json::json!({
                "PK": {"S": key.pk}, "SK": {"S": key.sk}, "gsi1pk": {"S": due.pk}, "gsi1sk": {"S": due.sk},
            })
        })
        .collect();
    assert_eq!(rows.len(), PAGE);
    serde_json::json!({ "Count": PAGE, "ScannedCount": PAGE, "Items": rows }).to_string()
}

/// Answers every request with the same page.
#[derive(Debug, Clone)]
struct Replay(bytes::Bytes);

impl HttpConnector for Replay {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        let body = SdkBody::from(self.0.clone());
        HttpConnectorFuture::ready(Ok(HttpResponse::new(200.try_into().unwrap(), body)))
    }
}

/// Entries per second of processor time, from the request to typed entries, through the SDK's own deserialiser.
pub async fn speed(least: Duration) -> f64 {
    let page = bytes::Bytes::from(page().await);
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("AKID", "secret", None, None, "bench"))
        .http_client(SharedHttpClient::new(http_client_fn(move |_: &HttpConnectorSettings, _| {
            SharedHttpConnector::new(Replay(page.clone()))
        })))
        .build();
    let world = World::new(5);
    let deps = world.process().deps.base;
    let tables = Tables { core: "core".into(), ephemeral: "ephemeral".into(), audit: "audit".into() };
    let client = aws_sdk_dynamodb::Client::from_conf(config);
    let ledger = Store::dynamo(client, tables, deps.entropy, deps.clock);
    let until = world.engine.now() + SignedDuration::from_hours(1);
    cpu::per_second(least, async || ledger.due(0, until, None).await.unwrap().items.len() as u64).await
}
