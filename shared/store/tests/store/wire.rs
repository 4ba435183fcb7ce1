//! A wire that loses things, under the real SDK: its serialisation, its retries and its error types are all in play.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What happens to one changing request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loss {
    /// Nothing.
    None,
    /// It arrives and is applied; the connection breaks before the answer.
    Answer,
    /// It arrives and is applied; a proxy answers 500.
    AnswerWith500,
    /// It never arrives.
    Request,
    /// The service throttles it.
    Throttled,
}

/// What happens to the requests `n + after`, `2n + after` and so on: with every `after` below `n` it happens to each request in turn,
/// however many there were before it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Every {
    pub n: usize,
    pub after: usize,
    pub loss: Loss,
}

/// What has happened and is going to happen on a wire.
#[derive(Debug, Default)]
pub(crate) struct Wire {
    /// What happens to the next changing requests; then nothing does.
    pub losses: Mutex<VecDeque<Loss>>,
    /// If set, what happens to every n-th changing request, unless that is a deletion: a doubtful one is rightly unclear.
    pub every: Mutex<Option<Every>>,
    /// The changing requests that left, by operation.
    pub sent: Mutex<Vec<String>>,
}

impl Wire {
    pub(crate) fn loses(&self, losses: impl IntoIterator<Item = Loss>) {
        self.losses.lock().unwrap().extend(losses);
    }

    fn next(&self, operation: &str) -> Loss {
        let changing = ["PutItem", "DeleteItem", "UpdateItem", "TransactWriteItems", "BatchExecuteStatement"];
        if !changing.contains(&operation) {
            return Loss::None;
        }
        let mut sent = self.sent.lock().unwrap();
        sent.push(operation.to_owned());
        if let Some(Every { n, after, loss }) = *self.every.lock().unwrap()
            && (sent.len() + n - after).is_multiple_of(n)
            && operation != "DeleteItem"
        {
            return loss;
        }
        self.losses.lock().unwrap().pop_front().unwrap_or(Loss::None)
    }
}

/// An HTTP client whose connections go over a [`Wire`].
#[derive(Debug)]
struct Lossy {
    inner: SharedHttpClient,
    wire: Arc<Wire>,
}

#[derive(Debug)]
struct LossyConnector {
    inner: SharedHttpConnector,
    wire: Arc<Wire>,
}

impl HttpClient for Lossy {
    fn http_connector(&self, settings: &HttpConnectorSettings, parts: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, parts);
        SharedHttpConnector::new(LossyConnector { inner, wire: Arc::clone(&self.wire) })
    }
}

impl HttpConnector for LossyConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let operation = operation(&request);
        let loss = self.wire.next(&operation);
        let inner = self.inner.clone();
        let broken = || Err(ConnectorError::io("the connection broke".into()));
        HttpConnectorFuture::new(async move {
            match loss {
                Loss::None => inner.call(request).await,
                Loss::Request => broken(),
                Loss::Answer => {
                    inner.call(request).await?;
                    broken()
                }
                Loss::AnswerWith500 => {
                    inner.call(request).await?;
                    Ok(answer(500, r#"{"__type":"InternalServerError"}"#))
                }
                Loss::Throttled => Ok(answer(400, r#"{"__type":"ThrottlingException"}"#)),
            }
        })
    }
}

/// `PutItem` from `X-Amz-Target: DynamoDB_20120810.PutItem`.
pub(crate) fn operation(request: &HttpRequest) -> String {
    let target = request.headers().get("x-amz-target").unwrap_or_default();
    target.rsplit('.').next().unwrap_or_default().to_owned()
}

pub(crate) fn answer(status: u16, body: &str) -> HttpResponse {
    let mut response = HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::from(body));
    response.headers_mut().insert("date", "Sun, 01 Mar 2026 12:00:07 GMT");
    response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
    response
}

/// The real client over `inner` and `wire`, with the SDK's standard retries.
pub(crate) fn client(endpoint: &str, inner: SharedHttpClient, wire: &Arc<Wire>) -> Client {
    let retries = RetryConfig::standard().with_initial_backoff(Duration::from_millis(1));
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .endpoint_url(endpoint)
        .retry_config(retries)
        .http_client(SharedHttpClient::new(Lossy { inner, wire: Arc::clone(wire) }));
    Client::from_conf(config.build())
}
