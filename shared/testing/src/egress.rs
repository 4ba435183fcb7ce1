//! The outside besides the platforms: media, uploads and metrics, which the simulator does not shake, and customers' endpoints,
//! which it does.

use crate::{Engine, Mutant, Weather};
use async_trait::async_trait;
use bytes::Bytes;
use domain::egress::EgressPolicy;
use domain::publishing::{Media, Piece};
use futures_util::stream::{self, BoxStream, StreamExt};
use ports::{
    Agreed, Measure, MediaBytes, MediaError, MediaReader, Metrics, NotAgreed, Object, Peek, Uploads, UrlNotAllowed,
    ValidationCall, WebhookAnswer, WebhookCall, WebhookSender,
};
use secrecy::SecretString;
use std::collections::BTreeMap;
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
    /// Which endpoint.
    pub url: String,
    /// When it arrived, in milliseconds of true time.
    pub at_ms: i64,
    /// Until when its answer asked to be left alone.
    pub asked_ms: Option<i64>,
}

/// Whoever listens at the endpoints: takes everything in calm weather.
pub struct Listener {
    engine: Arc<Engine>,
    weather: Weather,
    mutant: Mutant,
    heard: Mutex<Vec<Heard>>,
    moods: Mutex<BTreeMap<String, Mood>>,
}

/// How an endpoint is for a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// It takes everything.
    Well,
    /// It answers 500.
    Broken,
    /// It answers 429 or 503 and asks to be left alone for so many seconds.
    Busy(u64),
    /// It takes everything, and its answers are lost.
    Mute,
    /// It takes a half, and of the other half each thing happens to some.
    Moody,
    /// It answers 410.
    Gone,
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
        Self { engine, weather, mutant, heard: Mutex::default(), moods: Mutex::default() }
    }

    /// Every request that arrived.
    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From now on the endpoint at this address is so.
    pub fn is(&self, url: &str, mood: Mood) {
        self.moods.lock().unwrap_or_else(PoisonError::into_inner).insert(url.to_owned(), mood);
    }

    fn mood(&self, url: &str) -> Option<Mood> {
        self.moods.lock().unwrap_or_else(PoisonError::into_inner).get(url).copied()
    }

    /// What becomes of a request to an endpoint in this mood, and how long it asks to be left alone.
    fn moved(&self, mood: Mood) -> (Course, Option<u64>) {
        let busy = |s| (Course::Refused(if s % 2 == 0 { 429 } else { 503 }), Some(s));
        match mood {
            Mood::Well => (Course::Taken, None),
            Mood::Broken => (Course::Refused(500), None),
            Mood::Busy(s) => busy(s),
            Mood::Mute => (Course::Unanswered, None),
            Mood::Gone => (Course::Refused(410), None),
            Mood::Moody => {
                let kinds = [(5, 0), (2, 1), (1, 2), (2, 3), (1, 4)];
                match self.engine.chance(|rng| (rng.weighted(&kinds), rng.between(2, 900).unsigned_abs())) {
                    (Some(1), _) => (Course::Unanswered, None),
                    (Some(2), _) => (Course::Lost, None),
                    (Some(3), _) => (Course::Refused(500), None),
                    (Some(4), s) => busy(s),
                    _ => (Course::Taken, None),
                }
            }
        }
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

    async fn validate(&self, _call: ValidationCall<'_>) -> Result<Agreed, NotAgreed> {
        Ok(Agreed { rate: None })
    }

    async fn send(&self, call: WebhookCall<'_>) -> WebhookAnswer {
        self.engine.point("endpoint request", 5, 200, false).await;
        let (course, asked_s) = match self.mood(call.url) {
            Some(mood) => self.moved(mood),
            None => match self.course() {
                busy @ Course::Refused(429) => (busy, Some(30)),
                other => (other, None),
            },
        };
        let at_ms = self.engine.now_ms();
        if course != Course::Lost {
            let taken = matches!(course, Course::Taken | Course::Unanswered);
            let asked_ms = asked_s.and_then(|s| Some(at_ms + i64::try_from(s).ok()? * 1000));
            let (url, body) = (call.url.to_owned(), call.body.to_owned());
            let heard = Heard { id: call.id, body, taken, url, at_ms, asked_ms };
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
        let cut = |s| if self.mutant == Mutant::RetryAfterCut { s / 10 } else { s };
        let retry_after_s = asked_s.map(cut);
        WebhookAnswer { status, retry_after_s, ..WebhookAnswer::default() }
    }
}
