//! The outside that the simulator does not shake: media, uploads, customers' endpoints, metrics.

use async_trait::async_trait;
use bytes::Bytes;
use domain::publishing::Media;
use futures_util::stream::{self, BoxStream, StreamExt};
use ports::{
    Measure, MediaBytes, MediaError, MediaReader, Metrics, Uploads, UrlNotAllowed, WebhookAnswer, WebhookCall,
    WebhookSender,
};
use std::sync::{Mutex, PoisonError};

/// Remembers every measurement.
#[derive(Debug, Default)]
pub struct RecordingMetrics(Mutex<Vec<Measure>>);

impl RecordingMetrics {
    /// All measurements so far.
    pub fn all(&self) -> Vec<Measure> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Metrics for RecordingMetrics {
    fn measure(&self, measure: Measure) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(measure);
    }
}

/// Media that are always the same few bytes.
#[derive(Debug, Default)]
pub struct SameMedia;

const BYTES: &[u8] = b"a picture";

fn stream_of(bytes: &'static [u8]) -> BoxStream<'static, Result<Bytes, MediaError>> {
    stream::iter([Ok(Bytes::from_static(bytes))]).boxed()
}

#[async_trait]
impl MediaReader for SameMedia {
    async fn open(&self, _media: &Media) -> Result<MediaBytes, MediaError> {
        let length = Some(BYTES.len() as u64);
        Ok(MediaBytes { length, media_type: Some("image/png".into()), stream: stream_of(BYTES) })
    }

    async fn peek(&self, _media: &Media, _n: u32) -> Result<(Bytes, Option<u64>), MediaError> {
        Ok((Bytes::from_static(BYTES), Some(BYTES.len() as u64)))
    }
}

#[async_trait]
impl Uploads for SameMedia {
    async fn presign_put(&self, object: &str, _media_type: &str) -> Result<String, MediaError> {
        Ok(format!("https://bucket.test/{object}"))
    }

    async fn read(
        &self,
        _object: &str,
        _length: Option<u32>,
    ) -> Result<(u64, BoxStream<'static, Result<Bytes, MediaError>>), MediaError> {
        Ok((BYTES.len() as u64, stream_of(BYTES)))
    }
}

/// An endpoint that takes everything; remembers ids and bodies.
#[derive(Debug, Default)]
pub struct WillingEndpoint(Mutex<Vec<(String, String)>>);

impl WillingEndpoint {
    /// `webhook-id` and body of every call.
    pub fn calls(&self) -> Vec<(String, String)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl WebhookSender for WillingEndpoint {
    async fn check(&self, _url: &str) -> Result<(), UrlNotAllowed> {
        Ok(())
    }

    async fn send(&self, call: WebhookCall<'_>) -> WebhookAnswer {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((call.id, call.body.to_owned()));
        WebhookAnswer { status: Some(200), excerpt: String::new(), retry_after_s: None }
    }
}
