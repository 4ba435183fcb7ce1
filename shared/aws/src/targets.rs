//! Queues and buses of customers' own accounts, by a role that the customer made for us there.
//!
//! Three kinds of request, each signed and sent once; why without the services' clients is in docs/decisions/0044. What is too long for
//! a queue or a bus is none of what is sent: both take 256 KiB, and a body has at most 20 KB.

use crate::Aws;
use crate::sessions::{Refused, Sessions, element};
use crate::signed::{Answer, NoAnswer, Post, Signed};
use async_trait::async_trait;
use domain::webhooks::{TIMEOUT_S, bus_region, is_fifo, queue_region};
use ports::{Clock, CloudCall, CloudTarget, CloudTargets, WebhookAnswer};
use serde::Serialize;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// The `source` of our events on a customer's bus.
const SOURCE: &str = "herald";
/// Why nothing is sent by a role that anybody may have Herald take on.
const OPEN_ROLE: &str = "not sent: the role's trust policy does not ask for the external id; without that another customer could name this role";

/// [`CloudTargets`] over SQS and EventBridge.
pub struct CustomerTargets {
    aws: Arc<Aws>,
    clock: Arc<dyn Clock>,
    signed: Signed,
    sessions: Sessions,
    limit: Duration,
}

impl CustomerTargets {
    /// Takes on roles with our own credentials.
    pub fn new(aws: Arc<Aws>, clock: Arc<dyn Clock>) -> Self {
        let limit = Duration::from_secs(TIMEOUT_S);
        Self { aws, clock, signed: Signed::default(), sessions: Sessions::default(), limit }
    }

    async fn sent(&self, call: &CloudCall<'_>) -> WebhookAnswer {
        let now = self.clock.now();
        let Some(request) = Request::of(call) else {
            return unanswered("not sent: this is no address of a queue or bus");
        };
        let session = self.sessions.of(&self.aws, &self.signed, call.role_arn, call.external_id, now).await;
        let credentials = match session {
            Ok(credentials) => credentials,
            Err(Refused::Said(answer)) => return role_refused(&answer),
            Err(Refused::Open) => return WebhookAnswer { status: Some(403), ..unanswered(OPEN_ROLE) },
            Err(Refused::Silent(NoAnswer::Unsent(why) | NoAnswer::Lost(why))) => {
                return unanswered(&format!("not sent, since the role could not be taken on: {why}"));
            }
        };
        let address = self.aws.service(request.service, request.region).await;
        let headers = [("content-type", request.media_type), ("x-amz-target", request.operation)];
        let (service, region, body) = (request.service, request.region, request.body.to_string());
        let post = Post { service, region, address: &address, headers: &headers, body };
        match self.signed.post(post, credentials, now).await {
            Ok(answer) => {
                let told = said(&answer);
                // A role's credentials that ended early: the next attempt takes it on anew.
                if told.excerpt.starts_with("ExpiredToken") || told.excerpt.starts_with("InvalidClientTokenId") {
                    self.sessions.forget(call.role_arn, call.external_id);
                }
                told
            }
            Err(NoAnswer::Unsent(why)) => unanswered(&format!("not sent: {why}")),
            Err(NoAnswer::Lost(why)) => unanswered(why),
        }
    }
}

#[async_trait]
impl CloudTargets for CustomerTargets {
    async fn send(&self, call: CloudCall<'_>) -> WebhookAnswer {
        match timeout(self.limit, self.sent(&call)).await {
            Ok(answer) => answer,
            Err(_) => unanswered(&format!("no answer within {TIMEOUT_S} s")),
        }
    }
}

/// What is asked of a service.
struct Request<'a> {
    service: &'static str,
    region: &'a str,
    operation: &'static str,
    media_type: &'static str,
    body: Value,
}

/// The message of a queue
/// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html>).
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SendMessage<'a> {
    queue_url: &'a str,
    message_body: &'a str,
    /// Of a queue that keeps order.
    #[serde(skip_serializing_if = "Option::is_none")]
    message_group_id: Option<&'a str>,
    /// Within five minutes such a queue takes an id once.
    #[serde(skip_serializing_if = "Option::is_none")]
    message_deduplication_id: Option<&'a str>,
}

impl<'a> Request<'a> {
    /// The request of a call; none when its target has no region.
    fn of(call: &CloudCall<'a>) -> Option<Self> {
        match call.target {
            CloudTarget::Queue(url) => {
                let fifo = is_fifo(url);
                let body = SendMessage {
                    queue_url: url,
                    message_body: call.body,
                    message_group_id: fifo.then_some(call.group),
                    message_deduplication_id: fifo.then_some(call.id),
                };
                Some(Self {
                    service: "sqs",
                    region: queue_region(url)?,
                    operation: "AmazonSQS.SendMessage",
                    media_type: "application/x-amz-json-1.0",
                    body: serde_json::to_value(body).ok()?,
                })
            }
            // <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html>
            CloudTarget::Bus(arn) => {
                let entry =
                    json!({ "Source": SOURCE, "DetailType": call.kind, "Detail": call.body, "EventBusName": arn });
                Some(Self {
                    service: "events",
                    region: bus_region(arn)?,
                    operation: "AWSEvents.PutEvents",
                    media_type: "application/x-amz-json-1.1",
                    body: json!({ "Entries": [entry] }),
                })
            }
        }
    }
}

/// What a service said of a message: of a queue its id, of a bus what became of the one entry, of a refusal its code.
fn said(answer: &Answer) -> WebhookAnswer {
    let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    if answer.status != 200 {
        let code = text(&body["__type"]).unwrap_or_default();
        let message = text(&body["message"]).or_else(|| text(&body["Message"]));
        // The code stands behind the name of the service's interface.
        return refused(answer.status, code.rsplit('#').next().unwrap_or_default(), &message.unwrap_or_default());
    }
    let entry = &body["Entries"][0];
    if let Some(code) = text(&entry["ErrorCode"]) {
        return refused(500, &code, &text(&entry["ErrorMessage"]).unwrap_or_default());
    }
    match text(&body["MessageId"]).or_else(|| text(&entry["EventId"])) {
        Some(id) => WebhookAnswer { status: Some(200), excerpt: format!("taken as {id}"), ..WebhookAnswer::default() },
        None => unanswered("the answer could not be read"),
    }
}

/// A role that may not be taken on, is not there, or asks for another external id.
fn role_refused(answer: &Answer) -> WebhookAnswer {
    let text = |name| element(&answer.body, name).unwrap_or_default();
    let told = refused(answer.status, text("Code"), text("Message"));
    WebhookAnswer { excerpt: format!("not sent, since the role could not be taken on: {}", told.excerpt), ..told }
}

/// A refusal, with the status that an endpoint would have answered: the services have few of their own.
fn refused(status: u16, code: &str, message: &str) -> WebhookAnswer {
    let has = |parts: &[&str]| parts.iter().any(|part| code.contains(part));
    let told = if has(&["AccessDenied", "NotAuthorized"]) {
        Some(403)
    } else if has(&["QueueDoesNotExist", "NonExistentQueue", "ResourceNotFound"]) {
        Some(404)
    } else if has(&["Throttl", "TooManyRequests"]) {
        Some(429)
    } else {
        // Of all successes only 200, with an id, says that something was taken.
        (!(200..=299).contains(&status)).then_some(status)
    };
    let code = if code.is_empty() { format!("HTTP {status}") } else { code.to_owned() };
    let excerpt = if message.is_empty() { code } else { format!("{code}: {message}") };
    WebhookAnswer { status: told, excerpt, ..WebhookAnswer::default() }
}

fn unanswered(why: &str) -> WebhookAnswer {
    WebhookAnswer { excerpt: why.to_owned(), ..WebhookAnswer::default() }
}

#[cfg(test)]
mod tests;
