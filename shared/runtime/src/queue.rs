//! A batch of queue messages, each on its own: one that fails, panics or cannot be read is given back to the queue alone
//! (partial batch response), and the others are done.

use crate::{Error, cid};
use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use futures_util::{FutureExt, StreamExt};
use jiff::Timestamp;
use lambda_runtime::{Context, LambdaEvent};
use ports::Clock;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;
use tracing::Instrument;

/// Milliseconds below which a message is not begun any more but given back: less would not see a platform call through.
const LEAST_MS: i64 = 3_000;

/// Code of a message that is not done with, though nothing went wrong.
const LATER: &str = "later";

/// One message.
#[derive(Debug, Clone)]
pub struct Message<T> {
    /// What it says.
    pub body: T,
    /// SQS's id of it.
    pub id: String,
    /// What it is hidden by while it is worked on.
    pub receipt: String,
    /// How many times it has been received, this time included.
    pub receives: u32,
    /// Its correlation id (its own, else SQS's id).
    pub cid: String,
    /// When this process will be stopped.
    pub deadline: Timestamp,
}

/// Why a message goes back to its queue; after five times the queue puts it aside as dead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// Stable code, for the log.
    pub code: &'static str,
    /// What happened, free of customer data.
    pub detail: String,
}

impl Failed {
    /// A failure.
    pub fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }

    /// Nothing went wrong: the message is to come again later, and was hidden until then.
    pub fn later() -> Self {
        Self::new(LATER, "it comes again in a while")
    }

    /// A message that no try will make readable: an unknown version, a contradiction.
    pub fn poison(detail: impl Into<String>) -> Self {
        Self::new("poison", detail)
    }
}

/// Serves a queue: at most `concurrency` messages of a batch at a time go to `handler`.
///
/// # Errors
/// When the Lambda runtime stops.
pub async fn serve<T, F, Fut>(clock: Arc<dyn Clock>, concurrency: usize, handler: F) -> Result<(), Error>
where
    T: DeserializeOwned,
    F: Fn(Message<T>) -> Fut,
    Fut: Future<Output = Result<(), Failed>>,
{
    serve_batches(clock, concurrency, || (), |(), message| handler(message)).await
}

/// Likewise; what `shared` makes is made anew for each batch, after it was received, and its messages are handed it.
///
/// # Errors
/// When the Lambda runtime stops.
pub async fn serve_batches<T, S, F, Fut>(
    clock: Arc<dyn Clock>,
    concurrency: usize,
    shared: impl Fn() -> S,
    handler: F,
) -> Result<(), Error>
where
    T: DeserializeOwned,
    S: Clone,
    F: Fn(S, Message<T>) -> Fut,
    Fut: Future<Output = Result<(), Failed>>,
{
    let (clock, shared, handler) = (clock.as_ref(), &shared, &handler);
    lambda_runtime::run(lambda_runtime::service_fn(|event: LambdaEvent<SqsEvent>| async move {
        let deadline = deadline_of(&event.context);
        let shared = shared();
        // What belongs to no single message is found under the invocation.
        let span = tracing::info_span!("batch", cid = event.context.request_id);
        let one = |message| handler(shared.clone(), message);
        Ok::<_, Error>(process(event.payload, deadline, clock, concurrency, one).instrument(span).await)
    }))
    .await
}

/// Works one batch.
pub async fn process<T, F, Fut>(
    event: SqsEvent,
    deadline: Timestamp,
    clock: &dyn Clock,
    concurrency: usize,
    handler: F,
) -> SqsBatchResponse
where
    T: DeserializeOwned,
    F: Fn(Message<T>) -> Fut,
    Fut: Future<Output = Result<(), Failed>>,
{
    let total = event.records.len();
    let handler = &handler;
    let results = futures_util::stream::iter(event.records)
        .map(|record| one(record, deadline, clock, handler))
        .buffer_unordered(concurrency.max(1))
        .collect::<Vec<_>>()
        .await;
    let failures: Vec<_> = results.into_iter().flatten().collect();
    tracing::info!(total, failed = failures.len(), "batch");
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = failures;
    response
}

async fn one<T, F, Fut>(
    record: SqsMessage,
    deadline: Timestamp,
    clock: &dyn Clock,
    handler: &F,
) -> Option<BatchItemFailure>
where
    T: DeserializeOwned,
    F: Fn(Message<T>) -> Fut,
    Fut: Future<Output = Result<(), Failed>>,
{
    // An empty identifier makes Lambda give the whole batch back, which is right for a message without an id.
    let id = record.message_id.unwrap_or_default();
    let text = record.body.unwrap_or_default();
    let receipt = record.receipt_handle.unwrap_or_default();
    let cid = cid_of(&text).unwrap_or_else(|| id.clone());
    let receives = record.attributes.get("ApproximateReceiveCount").and_then(|n| n.parse().ok()).unwrap_or(1);
    let span = tracing::info_span!("message", cid, message_id = id, receives);
    let message_id = id.clone();
    let work = async {
        let started = Instant::now();
        let result = match serde_json::from_str(&text) {
            // The parser's own words could quote the body.
            Err(error) => Err(Failed::poison(format!("not a message of this queue, at column {}", error.column()))),
            Ok(_) if time_left_ms(deadline, clock.now()) < LEAST_MS => {
                Err(Failed::new("no_time", "given back unbegun"))
            }
            Ok(body) => {
                let message = Message { body, id: message_id, receipt, receives, cid: cid::current(), deadline };
                // The handler itself may panic before its future exists.
                AssertUnwindSafe(async { handler(message).await })
                    .catch_unwind()
                    .await
                    .unwrap_or_else(|_| Err(Failed::new("panic", "a defect of ours; the line before tells where")))
            }
        };
        let ms = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
        match &result {
            Ok(()) => tracing::info!(ms, "message done"),
            Err(failed) if failed.code == LATER => tracing::info!(ms, "message kept for later"),
            Err(failed) => tracing::warn!(ms, code = failed.code, detail = failed.detail, "message given back"),
        }
        result
    };
    cid::scope(cid, work).instrument(span).await.err().map(|_| {
        let mut failure = BatchItemFailure::default();
        failure.item_identifier = id;
        failure
    })
}

/// The correlation id inside a body: its own, or that of the event an EventBridge envelope carries.
fn cid_of(body: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Carrier {
        cid: Option<String>,
        detail: Option<Detail>,
    }
    #[derive(Deserialize)]
    struct Detail {
        cid: Option<String>,
    }
    let carrier: Carrier = serde_json::from_str(body).ok()?;
    carrier.cid.or(carrier.detail.and_then(|detail| detail.cid)).filter(|cid| cid::is_valid(cid))
}

pub(crate) fn deadline_of(context: &Context) -> Timestamp {
    i64::try_from(context.deadline).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok()).unwrap_or(Timestamp::MAX)
}

fn time_left_ms(deadline: Timestamp, now: Timestamp) -> i64 {
    deadline.as_millisecond().saturating_sub(now.as_millisecond())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use crate::logging::capture;
    use serde_json::json;
    use std::sync::atomic::{AtomicUsize, Ordering};

    struct At(Timestamp);

    impl Clock for At {
        fn now(&self) -> Timestamp {
            self.0
        }
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Body {
        n: u32,
        #[allow(dead_code)]
        cid: Option<String>,
    }

    fn event(bodies: &[&str]) -> SqsEvent {
        let records: Vec<_> = bodies
            .iter()
            .enumerate()
            .map(|(n, body)| {
                json!({"messageId": format!("m{n}"), "body": body, "attributes": {"ApproximateReceiveCount": "2"}})
            })
            .collect();
        serde_json::from_value(json!({"Records": records})).unwrap()
    }

    fn failed(response: &SqsBatchResponse) -> Vec<&str> {
        let mut ids: Vec<_> = response.batch_item_failures.iter().map(|f| f.item_identifier.as_str()).collect();
        ids.sort_unstable();
        ids
    }

    #[tokio::test]
    async fn a_message_that_fails_panics_or_cannot_be_read_goes_back_alone() {
        let (seen, _guard) = capture::lines(tracing::Level::INFO);
        let bodies = [r#"{"n":0,"cid":"c0"}"#, r#"{"n":1}"#, r#"{"n":2}"#, "poison secret", r#"{"n":4,"x":1}"#, ""];
        let done = AtomicUsize::new(0);
        let now = At(Timestamp::UNIX_EPOCH);
        let response =
            process(event(&bodies), Timestamp::MAX, &now, 3, async |message: Message<Body>| match message.body.n {
                1 => Err(Failed::new("conflict", "no")),
                2 => panic!("a token in a message: {}", message.id),
                _ => {
                    assert_eq!((message.receives, message.cid.as_str(), cid::current().as_str()), (2, "c0", "c0"));
                    done.fetch_add(1, Ordering::Relaxed);
                    Ok(())
                }
            })
            .await;
        assert_eq!(failed(&response), ["m1", "m2", "m3", "m4", "m5"]);
        assert_eq!(done.load(Ordering::Relaxed), 1);
        let text = seen.lock().unwrap().concat();
        assert!(!text.contains("poison secret") && !text.contains("a token"), "{text}");
        assert!(text.contains(r#""cid":"c0""#) && text.contains(r#""cid":"m1""#));
        assert!(text.contains(r#""total":6,"failed":5"#), "{text}");
    }

    #[tokio::test]
    async fn no_message_is_begun_when_the_time_is_nearly_up() {
        let now = At(Timestamp::from_millisecond(10_000).unwrap());
        let deadline = Timestamp::from_millisecond(12_999).unwrap();
        let response =
            process(event(&[r#"{"n":1}"#]), deadline, &now, 1, async |_: Message<Body>| panic!("not begun")).await;
        assert_eq!(failed(&response), ["m0"]);
    }

    #[tokio::test]
    async fn messages_run_side_by_side_up_to_the_limit() {
        let (running, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let bodies = [r#"{"n":1}"#; 10];
        let now = At(Timestamp::UNIX_EPOCH);
        let response = process(event(&bodies), Timestamp::MAX, &now, 4, async |_: Message<Body>| {
            most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            for _ in 0..3 {
                tokio::task::yield_now().await;
            }
            running.fetch_sub(1, Ordering::SeqCst);
            Ok(())
        })
        .await;
        assert!(failed(&response).is_empty());
        assert_eq!(most.load(Ordering::SeqCst), 4);
    }

    #[tokio::test]
    async fn an_empty_batch_is_answered_and_logged() {
        let (seen, _guard) = capture::lines(tracing::Level::INFO);
        let now = At(Timestamp::UNIX_EPOCH);
        let response = process(event(&[]), Timestamp::MAX, &now, 4, async |_: Message<Body>| Ok(())).await;
        assert!(failed(&response).is_empty());
        assert_eq!(seen.lock().unwrap().len(), 1);
    }

    #[test]
    fn the_correlation_id_is_found_in_messages_and_in_event_envelopes() {
        assert_eq!(cid_of(r#"{"v":1,"cid":"c1"}"#).unwrap(), "c1");
        assert_eq!(cid_of(r#"{"source":"herald","detail":{"cid":"c2"}}"#).unwrap(), "c2");
        assert!(cid_of(r#"{"cid":"two words"}"#).is_none() && cid_of("{").is_none());
    }
}
