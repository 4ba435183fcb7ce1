//! A platform with something put in its way: what happens while it is read, and what it answers whatever it is asked.

use super::FakePlatform;
use async_trait::async_trait;
use domain::accounts::Account;
use domain::platform::{DedupeClass, Descriptor};
use domain::publishing::{Failure, Finding, Receipt};
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use ports::{Connector, Find, PlatformApp, Prepared, Publish, PublishCall, Published, Wording};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The one platform that is published to and read back, which does as the one below it but for what a test says.
#[derive(Clone)]
pub struct Hooked(Arc<Inside>);

struct Inside {
    below: Arc<FakePlatform>,
    before_reading: Mutex<Option<BoxFuture<'static, ()>>>,
    refusal: Mutex<Option<Failure>>,
    refused: Mutex<u64>,
    proves: AtomicBool,
}

impl Hooked {
    /// Over this platform.
    pub fn over(below: Arc<FakePlatform>) -> Self {
        Self(Arc::new(Inside {
            below,
            before_reading: Mutex::default(),
            refusal: Mutex::default(),
            refused: Mutex::default(),
            proves: AtomicBool::new(false),
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

    /// From now on what is found was read under an id of the delivery's own.
    pub fn prove(&self) {
        self.0.proves.store(true, Ordering::SeqCst);
    }

    /// How many requests were.
    pub fn refused(&self) -> u64 {
        *self.0.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Publish for Hooked {
    fn needs_preparing(&self, call: &PublishCall<'_>) -> bool {
        self.0.below.needs_preparing(call)
    }

    async fn prepare(&self, call: &PublishCall<'_>) -> Result<Prepared, Failure> {
        self.0.below.prepare(call).await
    }

    async fn publish(&self, call: &PublishCall<'_>) -> Result<Published, Failure> {
        let refusal = self.0.refusal.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(refusal) = refusal else { return self.0.below.publish(call).await };
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
        match self.0.below.find(call, since).await {
            Ok(Finding::Found(receipt)) if self.0.proves.load(Ordering::SeqCst) => Ok(Finding::Proved(receipt)),
            other => other,
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
}
