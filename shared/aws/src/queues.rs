//! Wake-ups over SQS.

use crate::Aws;
use crate::config::why;
use async_trait::async_trait;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use futures_util::StreamExt;
use ports::{Job, Queues, WakeUp};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Messages per `SendMessageBatch` (SQS quota). Ids only, so that ten stay far below the size quota.
const BATCH: usize = 10;
/// Longest `DelaySeconds` (SQS quota).
const MAX_DELAY_S: u16 = 900;
/// Calls in flight.
const CALLS: usize = 4;

/// Where the queues are.
#[derive(Debug, Clone, Default)]
pub struct QueueUrls {
    /// Publish queues by platform family.
    pub publish: BTreeMap<String, String>,
    /// The webhook queue, for functions that send to it.
    pub webhooks: Option<String>,
    /// The ingest queue, for functions that send to it.
    pub ingest: Option<String>,
}

impl QueueUrls {
    fn of(&self, job: &Job) -> Option<&str> {
        match job {
            Job::Publish { queue, .. } => self.publish.get(queue).map(String::as_str),
            Job::Webhook(_) | Job::Recover(_) => self.webhooks.as_deref(),
            Job::Ingest(_) => self.ingest.as_deref(),
        }
    }
}

/// [`Queues`] over SQS.
#[derive(Debug)]
pub struct SqsQueues {
    aws: Arc<Aws>,
    urls: QueueUrls,
}

struct Entry {
    /// Place among the wake-ups asked for.
    at: usize,
    body: String,
    /// Fair queues: a tenant's flood on a standard queue delays the others less when messages name their tenant.
    group: String,
    delay_s: u16,
}

impl SqsQueues {
    /// Queues at these addresses.
    pub fn new(aws: Arc<Aws>, urls: QueueUrls) -> Self {
        Self { aws, urls }
    }

    /// Sends one batch; the places of those that were taken.
    async fn send_batch(&self, url: &str, batch: Vec<Entry>) -> Vec<usize> {
        let entries: Vec<_> = batch
            .into_iter()
            .filter_map(|entry| {
                SendMessageBatchRequestEntry::builder()
                    .id(entry.at.to_string())
                    .message_body(entry.body)
                    .message_group_id(entry.group)
                    .delay_seconds(entry.delay_s.min(MAX_DELAY_S).into())
                    .build()
                    .ok()
            })
            .collect();
        let sent = self.aws.sqs().await.send_message_batch().queue_url(url).set_entries(Some(entries)).send().await;
        match sent {
            Ok(answer) => {
                for failed in answer.failed() {
                    tracing::warn!(code = failed.code(), "a wake-up was not taken; the tick will find it");
                }
                answer.successful().iter().filter_map(|taken| taken.id().parse().ok()).collect()
            }
            Err(error) => {
                tracing::warn!(why = why(&error), "wake-ups were not sent; the tick will find them");
                Vec::new()
            }
        }
    }
}

#[async_trait]
impl Queues for SqsQueues {
    async fn send(&self, wake_ups: Vec<WakeUp>) -> Vec<bool> {
        let mut taken = vec![false; wake_ups.len()];
        let mut by_url: BTreeMap<&str, Vec<Entry>> = BTreeMap::new();
        for (at, WakeUp { job, delay_s }) in wake_ups.into_iter().enumerate() {
            let Some(url) = self.urls.of(&job) else {
                tracing::error!("a wake-up for a queue this function does not know");
                continue;
            };
            let (body, tenant) = match &job {
                Job::Publish { job, .. } => (serde_json::to_string(job), job.tenant),
                Job::Webhook(job) => (serde_json::to_string(job), job.tenant),
                Job::Recover(job) => (serde_json::to_string(job), job.tenant),
                Job::Ingest(job) => (serde_json::to_string(job), job.tenant),
            };
            if let Ok(body) = body {
                by_url.entry(url).or_default().push(Entry { at, body, group: tenant.to_string(), delay_s });
            }
        }
        let mut calls = Vec::new();
        for (url, entries) in by_url {
            let mut entries = entries.into_iter().peekable();
            while entries.peek().is_some() {
                calls.push(self.send_batch(url, entries.by_ref().take(BATCH).collect()));
            }
        }
        let mut calls = futures_util::stream::iter(calls).buffer_unordered(CALLS);
        while let Some(places) = calls.next().await {
            for place in places {
                if let Some(taken) = taken.get_mut(place) {
                    *taken = true;
                }
            }
        }
        taken
    }

    async fn hide(&self, receipt: &str, seconds: u16) -> bool {
        let Some(url) = &self.urls.webhooks else { return false };
        let call = self.aws.sqs().await.change_message_visibility().queue_url(url).receipt_handle(receipt);
        match call.visibility_timeout(seconds.into()).send().await {
            Ok(_) => true,
            Err(error) => {
                tracing::warn!(
                    why = why(&error),
                    "a message could not be hidden for a while; the tick will find what it is for"
                );
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::loopback::{Answer, Loopback};
    use domain::{AccountId, EndpointId, EventId, PostId, TenantId};
    use ports::{PublishJob, WebhookJob};
    use serde_json::{Value, json};

    fn nil<T>(make: impl Fn(uuid::Uuid) -> T) -> T {
        make(uuid::Uuid::from_u128(7))
    }

    fn publish(queue: &str, delay_s: u16) -> WakeUp {
        let job = PublishJob {
            v: 1,
            tenant: nil(TenantId::from_uuid),
            post: nil(PostId::from_uuid),
            account: nil(AccountId::from_uuid),
            cid: "c".into(),
        };
        WakeUp { job: Job::Publish { queue: queue.into(), job }, delay_s }
    }

    fn webhook() -> WakeUp {
        let job = WebhookJob {
            v: 1,
            tenant: nil(TenantId::from_uuid),
            endpoint: nil(EndpointId::from_uuid),
            event: nil(EventId::from_uuid),
            cid: "c".into(),
        };
        WakeUp { job: Job::Webhook(job), delay_s: 0 }
    }

    fn urls(base: &str) -> QueueUrls {
        let publish = [("x".to_owned(), format!("{base}/1/x"))].into();
        QueueUrls { publish, webhooks: Some(format!("{base}/1/w")), ingest: Some(format!("{base}/1/i")) }
    }

    /// Takes all but the entries that ask for a delay of 13 s.
    fn picky(body: &Value) -> Answer {
        let (bad, good): (Vec<_>, Vec<_>) =
            body["Entries"].as_array().unwrap().iter().partition(|entry| entry["DelaySeconds"] == 13);
        let good: Vec<_> =
            good.iter().map(|e| json!({"Id": e["Id"], "MessageId": "m", "MD5OfMessageBody": md5_stub()})).collect();
        let bad: Vec<_> =
            bad.iter().map(|e| json!({"Id": e["Id"], "Code": "InternalError", "SenderFault": false})).collect();
        Answer::json(200, &json!({"Successful": good, "Failed": bad}))
    }

    fn md5_stub() -> &'static str {
        "d41d8cd98f00b204e9800998ecf8427e"
    }

    #[tokio::test]
    async fn each_wake_up_is_answered_for_itself_in_batches_of_ten_per_queue() {
        let server = Loopback::start(|request| picky(&request.json())).await;
        let queues = SqsQueues::new(server.aws().await, urls(&server.url));
        let mut wake_ups: Vec<_> = (0..12).map(|n| publish("x", n * 100)).collect();
        wake_ups.extend([publish("x", 13), publish("unknown", 0), webhook()]);
        let taken = queues.send(wake_ups).await;
        let mut expected = vec![true; 15];
        expected[12] = false;
        expected[13] = false;
        assert_eq!(taken, expected);
        let requests = server.requests();
        let mut sizes: Vec<_> = requests.iter().map(|r| r.json()["Entries"].as_array().unwrap().len()).collect();
        sizes.sort_unstable();
        assert_eq!(sizes, [1, 3, 10]);
        let delays: Vec<_> = requests
            .iter()
            .flat_map(|r| r.json()["Entries"].as_array().unwrap().clone())
            .map(|e| e["DelaySeconds"].as_u64().unwrap_or(0))
            .collect();
        assert!(delays.iter().all(|&d| d <= 900) && delays.contains(&900), "{delays:?}");
        assert!(requests.iter().any(|r| r.json()["QueueUrl"] == format!("{}/1/w", server.url)));
    }

    #[tokio::test]
    async fn a_message_is_hidden_by_its_receipt_in_its_queue_and_a_failure_is_said() {
        let server = Loopback::start(|request| match request.json()["ReceiptHandle"].as_str() {
            Some("r1") => Answer::json(200, &json!({})),
            _ => Answer::error(400, "com.amazonaws.sqs#MessageNotInflight"),
        })
        .await;
        let queues = SqsQueues::new(server.aws().await, urls(&server.url));
        assert!(queues.hide("r1", 5).await && !queues.hide("r2", 5).await);
        let asked = server.requests()[0].json();
        assert_eq!(
            (&asked["VisibilityTimeout"], &asked["QueueUrl"]),
            (&json!(5), &json!(format!("{}/1/w", server.url)))
        );
        let nowhere = SqsQueues::new(server.aws().await, QueueUrls::default());
        assert!(!nowhere.hide("r1", 5).await, "a function without the queue");
    }

    #[tokio::test]
    async fn nothing_is_said_to_be_taken_when_the_service_fails_and_nothing_is_sent_for_nothing() {
        let server = Loopback::start(|_| Answer::error(400, "AWS.SimpleQueueService.NonExistentQueue")).await;
        let queues = SqsQueues::new(server.aws().await, urls(&server.url));
        assert!(queues.send(Vec::new()).await.is_empty());
        assert!(server.requests().is_empty());
        assert_eq!(queues.send(vec![publish("x", 0), webhook()]).await, [false, false]);
    }
}
