//! Events told to a customer's endpoint: the notifier's real use cases over ports that count, and the messages that the release
//! function is given.

use crate::life::metered;
use crate::meter::{Meter, Unit};
use app::webhooks::{Batch, NewEndpoint, Registered, Visit, fan_out, register};
use app::{Deps, Once};
use async_trait::async_trait;
use aws_lambda_events::event::sqs::SqsEvent;
use domain::access::Caller;
use domain::egress::EgressPolicy;
use domain::events::Event;
use domain::webhooks::Order;
use jiff::{SignedDuration, Timestamp};
use ports::{Agreed, NotAgreed, StoredReply, UrlNotAllowed, ValidationCall, WebhookAnswer, WebhookCall, WebhookSender};
use runtime::queue::{Failed, Message, process};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use testing::{Listener, Mood, Mutant, READABLE, Weather, World};

/// Messages of one batch, as the template has it.
const BATCH: usize = 10;
const HOOK: &str = "https://endpoint.test/hook";

/// How the endpoint is that is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taker {
    /// It takes each event at once.
    AtOnce,
    /// It refuses each once, and takes it when it is told again after some seconds.
    AtTheSecondTry,
    /// It is told in order, and takes each event at once.
    InOrder,
}

impl Taker {
    /// Each.
    pub const ALL: [Self; 3] = [Self::AtOnce, Self::AtTheSecondTry, Self::InOrder];

    /// As the document's table calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AtOnce => "at the first try",
            Self::AtTheSecondTry => "at the second try",
            Self::InOrder => "at the first try, in order",
        }
    }
}

/// An event as they mostly are: a post went out.
pub fn published(deps: &Deps, caller: &Caller) -> Event {
    let sample: Event = serde_json::from_str(include_str!("../../../events/domain/post.published.v1.json")).unwrap();
    deps.events(caller.tenant, "bench", [sample.data]).remove(0)
}

/// Registers an endpoint that hears of everything.
pub async fn listen(deps: &Deps, caller: &Caller, url: &str, order: Order) {
    let new = NewEndpoint { name: "bench".into(), url: url.into(), order, ..NewEndpoint::default() };
    let once = Once { route: "bench".into(), key: "listen".into(), fingerprint: "listen".into() };
    let encode = |made: &Registered| StoredReply { status: 201, body: made.endpoint.id.to_string() };
    register(deps, caller, &new, "https://herald.test", &once, &encode).await.unwrap();
}

/// What it takes to tell an endpoint of so many events.
pub async fn told(taker: Taker, events: usize) -> Arc<Meter> {
    let world = World::with(11, Weather::calm(), &[READABLE], Mutant::None);
    let mut process = world.process();
    let order = if taker == Taker::InOrder { Order::Key } else { Order::None };
    listen(&process.deps, &world.caller, HOOK, order).await;
    let meter = Arc::new(Meter::default());
    process.deps.base = metered(&world, &process.deps, &meter);
    let deps = &process.deps;
    let all: Vec<Event> = (0..events).map(|_| published(deps, &world.caller)).collect();
    // The bus's rule writes one message for each.
    meter.add(Unit::Sqs, "send by the rule", events as f64);
    if taker == Taker::AtTheSecondTry {
        world.listener.is(HOOK, Mood::Broken);
        batches(deps, &meter, &all, Visit::FIRST, Some("hide")).await;
        world.engine.advance_ms(SignedDuration::from_secs(10).as_millis() as i64);
        world.listener.is(HOOK, Mood::Well);
        batches(deps, &meter, &all, Visit { receives: 2 }, None).await;
    } else {
        batches(deps, &meter, &all, Visit::FIRST, None).await;
    }
    assert_eq!(taken(&world.listener), events);
    meter
}

/// Brings the events in batches; `hidden` where each message goes back to its queue for a while.
async fn batches(deps: &Deps, meter: &Meter, events: &[Event], visit: Visit, hidden: Option<&str>) {
    for batch in events.chunks(BATCH) {
        meter.batch(batch.len() as u64);
        let shared = Batch::default();
        for event in batch {
            let told = fan_out(&shared, deps, event, visit).await.unwrap();
            assert_eq!((told.wanting, told.again_at.is_some()), (1, hidden.is_some()));
            meter.add(Unit::Sqs, hidden.unwrap_or_default(), f64::from(u8::from(hidden.is_some())));
        }
    }
}

fn taken(listener: &Listener) -> usize {
    listener.heard().iter().filter(|heard| heard.taken).count()
}

/// The event that SQS makes of messages of the bus's rule.
pub fn sqs_event(events: &[Event]) -> String {
    let record = |event: &Event| {
        let body = json!({
            "version": "0", "id": event.id.to_string(), "detail-type": event.data.kind(), "source": "herald",
            "account": "000000000000", "time": event.at.to_string(), "region": "us-east-1", "resources": [], "detail": event,
        });
        json!({
            "messageId": event.id.to_string(), "receiptHandle": "sample", "body": body.to_string(),
            "attributes": { "ApproximateReceiveCount": "1", "SentTimestamp": "1772442000000",
                            "SenderId": "000000000000", "ApproximateFirstReceiveTimestamp": "1772442000100" },
            "messageAttributes": {}, "md5OfBody": "00000000000000000000000000000000", "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:herald-dev-webhooks", "awsRegion": "us-east-1",
        })
    };
    json!({ "Records": events.iter().map(record).collect::<Vec<Value>>() }).to_string()
}

/// Whoever listens takes everything, and nothing is sent.
struct TakesAll;

#[async_trait]
impl WebhookSender for TakesAll {
    async fn check(&self, _url: &str, _policy: &EgressPolicy) -> Result<(), UrlNotAllowed> {
        Ok(())
    }

    async fn validate(&self, _call: ValidationCall<'_>) -> Result<Agreed, NotAgreed> {
        Ok(Agreed { rate: None })
    }

    async fn send(&self, _call: WebhookCall<'_>) -> WebhookAnswer {
        WebhookAnswer { status: Some(200), ..WebhookAnswer::default() }
    }
}

/// What the bus puts around an event.
#[derive(Deserialize)]
struct Envelope {
    detail: Event,
}

/// Deliveries per second of processor time: event text of ten in, partial batch response text out, without signature, network and
/// table service.
pub async fn speed(least: Duration) -> f64 {
    let world = World::new(11);
    let mut bench = world.process();
    listen(&bench.deps, &world.caller, HOOK, Order::None).await;
    let base = &bench.deps.base;
    bench.deps.base = Deps {
        ledger: Arc::new(Store::new(Arc::clone(&world.memory), Arc::clone(&base.entropy), Arc::clone(&base.clock))),
        webhooks: Arc::new(TakesAll),
        ..base.clone()
    };
    let deps = &bench.deps;
    crate::cpu::per_second(least, async || {
        let events: Vec<Event> = (0..BATCH).map(|_| published(deps, &world.caller)).collect();
        let event: SqsEvent = serde_json::from_str(&sqs_event(&events)).unwrap();
        let shared = Batch::default();
        let one = async |message: Message<Envelope>| {
            let told = fan_out(&shared, deps, &message.body.detail, Visit::FIRST).await;
            told.map(drop).map_err(|error| Failed::new("unavailable", error.to_string()))
        };
        let answer = process(event, Timestamp::MAX, deps.clock.as_ref(), BATCH, one).await;
        assert!(answer.batch_item_failures.is_empty());
        assert!(!serde_json::to_string(&answer).unwrap().is_empty());
        BATCH as u64
    })
    .await
}

/// Batches of events that this many customers' endpoints are told of.
pub async fn batched(deps: &Deps, caller: &Caller, url: &str, events: usize) -> Vec<String> {
    listen(deps, caller, url, Order::None).await;
    // They are told some minutes after this, and as fresh as those that come in time are.
    let fresh = |event: Event| Event { at: event.at + SignedDuration::from_hours(1), ..event };
    let all: Vec<Event> = (0..events).map(|_| fresh(published(deps, caller))).collect();
    all.chunks(BATCH).map(sqs_event).collect()
}
