//! A platform with something put in its way: what happens while it is read, and what it answers whatever it is asked.

use super::FakePlatform;
use crate::engine::Engine;
use async_trait::async_trait;
use domain::accounts::Account;
use domain::platform::{DedupeClass, Descriptor};
use domain::publishing::{Failure, Finding, Part, Receipt};
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use ports::{Connector, Find, PlatformApp, Prepared, Publish, PublishCall, Published, Wording};
use serde_json::json;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Milliseconds by which a step that is cut is longer than it may be.
const OVERSHOOT_MS: i64 = 100;

/// The one platform that is published to and read back, which does as the one below it but for what a test says.
#[derive(Clone)]
pub struct Hooked(Arc<Inside>);

struct Inside {
    below: Arc<FakePlatform>,
    before_reading: Mutex<Option<BoxFuture<'static, ()>>>,
    refusal: Mutex<Option<Failure>>,
    refused: Mutex<u64>,
    never_arrives: Mutex<Option<(Failure, BoxFuture<'static, ()>)>>,
    loses_answers: AtomicBool,
    proves: Mutex<Option<Proof>>,
    uploading: Mutex<Option<Uploading>>,
}

/// What a reading says that found a post.
type Proof = fn(Receipt) -> Finding;

struct Uploading {
    engine: Arc<Engine>,
    first: Option<BoxFuture<'static, ()>>,
    steps: u64,
}

impl Hooked {
    /// Over this platform.
    pub fn over(below: Arc<FakePlatform>) -> Self {
        Self(Arc::new(Inside {
            below,
            before_reading: Mutex::default(),
            refusal: Mutex::default(),
            refused: Mutex::default(),
            never_arrives: Mutex::default(),
            loses_answers: AtomicBool::new(false),
            proves: Mutex::default(),
            uploading: Mutex::default(),
        }))
    }

    /// The next reading begins with this.
    pub fn before_reading(&self, happens: BoxFuture<'static, ()>) {
        *self.0.before_reading.lock().unwrap_or_else(PoisonError::into_inner) = Some(happens);
    }

    /// From now on every request to publish is answered so.
    pub fn refuse(&self, failure: Failure) {
        *self.0.refusal.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
    }

    /// The next request to publish does not arrive: its worker is told `failure`, and before that all of this happens.
    pub fn never_arrives(&self, failure: Failure, meanwhile: BoxFuture<'static, ()>) {
        *self.0.never_arrives.lock().unwrap_or_else(PoisonError::into_inner) = Some((failure, meanwhile));
    }

    /// From now on requests to publish take effect, and nobody hears of it.
    pub fn lose_answers(&self) {
        self.0.loses_answers.store(true, Ordering::Relaxed);
    }

    /// From now on what is found was read under an id of the delivery's own.
    pub fn prove(&self, finding: Proof) {
        *self.0.proves.lock().unwrap_or_else(PoisonError::into_inner) = Some(finding);
    }

    /// From now on a text that says `upload` is prepared in steps that never come to an end, each as long as it may be and a bit
    /// longer; during the first of them this happens.
    pub fn upload(&self, engine: Arc<Engine>, first: BoxFuture<'static, ()>) {
        *self.uploading() = Some(Uploading { engine, first: Some(first), steps: 0 });
    }

    /// How many such steps there were.
    pub fn steps(&self) -> u64 {
        self.uploading().as_ref().map_or(0, |uploading| uploading.steps)
    }

    fn uploading(&self) -> MutexGuard<'_, Option<Uploading>> {
        self.0.uploading.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many requests were.
    pub fn refused(&self) -> u64 {
        *self.0.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Publish for Hooked {
    fn needs_preparing(&self, call: &PublishCall<'_>) -> bool {
        let says = |part: &Part| part.text.contains("upload");
        match &*self.uploading() {
            Some(_) => call.variant.parts.iter().any(says),
            None => self.0.below.needs_preparing(call),
        }
    }

    async fn prepare(&self, call: &PublishCall<'_>) -> Result<Prepared, Failure> {
        let (first, step) = match &mut *self.uploading() {
            Some(uploading) => {
                uploading.steps += 1;
                let allowed = i64::try_from(call.until.duration_since(call.now).as_millis()).unwrap_or_default();
                uploading.engine.advance_ms(allowed + OVERSHOOT_MS);
                (uploading.first.take(), Some(uploading.steps))
            }
            None => (None, None),
        };
        if let Some(happens) = first {
            happens.await;
        }
        match step {
            Some(step) => Ok(Prepared::More(json!({ "steps": step }))),
            None => self.0.below.prepare(call).await,
        }
    }

    async fn publish(&self, call: &PublishCall<'_>) -> Result<Published, Failure> {
        let never_arrives = self.0.never_arrives.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((failure, meanwhile)) = never_arrives {
            meanwhile.await;
            return Err(failure);
        }
        let refusal = self.0.refusal.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(refusal) = refusal else {
            let answer = self.0.below.publish(call).await;
            let is_lost = self.0.loses_answers.load(Ordering::Relaxed);
            return if is_lost { Err(Failure::Unconfirmed { detail: "timeout".into() }) } else { answer };
        };
        *self.0.refused.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        Err(refusal)
    }
}

#[async_trait]
impl Find for Hooked {
    fn dedupe(&self, account: &Account) -> DedupeClass {
        self.0.below.dedupe(account)
    }

    async fn find(&self, call: &PublishCall<'_>, since: Timestamp) -> Result<Finding, Failure> {
        let happens = self.0.before_reading.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(happens) = happens {
            happens.await;
        }
        let found = self.0.below.find(call, since).await;
        match (found, *self.0.proves.lock().unwrap_or_else(PoisonError::into_inner)) {
            (Ok(Finding::Found(receipt)), Some(proves)) => Ok(proves(receipt)),
            (other, _) => other,
        }
    }
}

impl Wording for Hooked {
    fn named(&self, app: &PlatformApp, account: &Account, post: &str) -> Option<Receipt> {
        self.0.below.named(app, account, post)
    }
}

impl Connector for Hooked {
    fn descriptor(&self) -> &Descriptor {
        self.0.below.descriptor()
    }
    fn hosts(&self) -> &'static [&'static str] {
        self.0.below.hosts()
    }
}
