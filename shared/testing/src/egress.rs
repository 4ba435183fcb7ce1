//! The outside besides the platforms: media, uploads and metrics, which the simulator does not shake, and customers' endpoints,
//! which it does.

use crate::{Engine, Mutant, Weather};
use async_trait::async_trait;
use bytes::Bytes;
use domain::egress::EgressPolicy;
use domain::publishing::{Media, Piece};
use futures_util::stream::{self, BoxStream, StreamExt};
use ports::{
    Measure, MediaBytes, MediaError, MediaReader, Metrics, Object, Peek, Uploads, UrlNotAllowed, WebhookAnswer,
    WebhookCall, WebhookSender,
};
use secrecy::SecretString;
use std::sync::{Arc, Mutex, PoisonError};

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

    async fn peek(&self, _media: &Media, _n: u32) -> Result<Peek, MediaError> {
        Ok(Peek { head: Bytes::from_static(BYTES), length: Some(BYTES.len() as u64), version: None })
    }

    async fn public_address(&self, media: &Media) -> Result<SecretString, MediaError> {
        Ok(format!("https://bucket.test/{}", media.id).into())
    }
}

#[async_trait]
impl Uploads for SameMedia {
    async fn presign_put(&self, object: &str, _media_type: &str) -> Result<String, MediaError> {
        Ok(format!("https://bucket.test/{object}"))
    }

    async fn presign_get(&self, object: &str) -> Result<SecretString, MediaError> {
        Ok(format!("https://bucket.test/{object}").into())
    }

    async fn read(&self, _object: &str, _piece: Option<Piece>, _version: Option<&str>) -> Result<Object, MediaError> {
        Ok(Object { length: BYTES.len() as u64, version: None, stream: stream_of(BYTES) })
    }
}

/// What an endpoint was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// `webhook-id`.
    pub id: String,
    /// Body.
    pub body: String,
    /// Whether the endpoint did what it does with an event; what it refused it forgot.
    pub taken: bool,
}

/// Whoever listens at the endpoints: takes everything in calm weather.
pub struct Listener {
    engine: Arc<Engine>,
    weather: Weather,
    mutant: Mutant,
    heard: Mutex<Vec<Heard>>,
}

/// What becomes of a request to an endpoint.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Course {
    #[default]
    Taken,
    /// Taken, and the answer is lost.
    Unanswered,
    /// It never arrived.
    Lost,
    /// Refused with this status.
    Refused(u16),
}

impl Listener {
    pub(crate) fn new(engine: Arc<Engine>, weather: Weather, mutant: Mutant) -> Self {
        Self { engine, weather, mutant, heard: Mutex::default() }
    }

    /// Every request that arrived.
    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn course(&self) -> Course {
        if !self.engine.strikes(self.weather.endpoint) {
            return Course::Taken;
        }
        let kinds = [(3, Course::Unanswered), (2, Course::Lost), (2, Course::Refused(500)), (1, Course::Refused(429))];
        self.engine.chance(|rng| rng.weighted(&kinds)).unwrap_or_default()
    }
}

#[async_trait]
impl WebhookSender for Listener {
    async fn check(&self, _url: &str, _policy: &EgressPolicy) -> Result<(), UrlNotAllowed> {
        Ok(())
    }

    async fn send(&self, call: WebhookCall<'_>) -> WebhookAnswer {
        self.engine.point("endpoint request", 5, 200, false).await;
        let course = self.course();
        if course != Course::Lost {
            let taken = matches!(course, Course::Taken | Course::Unanswered);
            let heard = Heard { id: call.id, body: call.body.to_owned(), taken };
            self.heard.lock().unwrap_or_else(PoisonError::into_inner).push(heard);
        }
        let silent = matches!(course, Course::Unanswered | Course::Lost);
        let high = if silent { 15_000 } else { 400 };
        self.engine.point("endpoint answer", 5, high, true).await;
        let status = match course {
            Course::Taken => Some(200),
            Course::Unanswered | Course::Lost => (self.mutant == Mutant::SilenceIsTaken).then_some(200),
            Course::Refused(status) => Some(status),
        };
        let retry_after_s = (status == Some(429)).then_some(30);
        WebhookAnswer { status, retry_after_s, ..WebhookAnswer::default() }
    }
}
