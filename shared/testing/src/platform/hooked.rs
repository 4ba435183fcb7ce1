//! A platform with something put in its way: what happens while it is read, and what it answers whatever it is asked.

use async_trait::async_trait;
use domain::PlatformId;
use domain::accounts::Account;
use domain::platform::{DedupeClass, Descriptor};
use domain::publishing::{Failure, Finding, Receipt, Variant};
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use ports::{Auth, Connector, Connectors, PlatformApp, Prepared, Publish, PublishCall, Published};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The one platform of a stack, which does as the one below it but for what a test says.
#[derive(Clone)]
pub struct Hooked(Arc<Inside>);

struct Inside {
    below: Arc<dyn Connector>,
    before_reading: Mutex<Option<BoxFuture<'static, ()>>>,
    refusal: Mutex<Option<Failure>>,
    refused: Mutex<u64>,
    proves: AtomicBool,
}

impl Hooked {
    /// Over this platform.
    pub fn over(below: Arc<dyn Connector>) -> Self {
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

    #[allow(clippy::panic)] // a fault of the test itself
    fn publish_below(&self) -> &dyn Publish {
        self.0.below.publisher().unwrap_or_else(|| panic!("the platform below publishes nothing"))
    }
}

#[async_trait]
impl Publish for Hooked {
    fn dedupe(&self, account: &Account) -> DedupeClass {
        self.publish_below().dedupe(account)
    }

    fn needs_preparing(&self, call: &PublishCall<'_>) -> bool {
        self.publish_below().needs_preparing(call)
    }

    async fn prepare(&self, call: &PublishCall<'_>) -> Result<Prepared, Failure> {
        self.publish_below().prepare(call).await
    }

    async fn publish(&self, call: &PublishCall<'_>) -> Result<Published, Failure> {
        let refusal = self.0.refusal.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(refusal) = refusal else { return self.publish_below().publish(call).await };
        *self.0.refused.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        Err(refusal)
    }

    async fn find(&self, call: &PublishCall<'_>, since: Timestamp) -> Result<Finding, Failure> {
        let happens = self.0.before_reading.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(happens) = happens {
            happens.await;
        }
        match self.publish_below().find(call, since).await {
            Ok(Finding::Found(receipt)) if self.0.proves.load(Ordering::SeqCst) => Ok(Finding::Proved(receipt)),
            other => other,
        }
    }

    async fn delete(&self, call: &PublishCall<'_>, receipt: &Receipt) -> Result<(), Failure> {
        self.publish_below().delete(call, receipt).await
    }

    fn named(&self, app: &PlatformApp, account: &Account, post: &str) -> Option<Receipt> {
        self.publish_below().named(app, account, post)
    }

    fn render(&self, variant: &Variant) -> Vec<String> {
        self.publish_below().render(variant)
    }
}

impl Connector for Hooked {
    fn descriptor(&self) -> &Descriptor {
        self.0.below.descriptor()
    }

    fn auth(&self) -> Option<&dyn Auth> {
        self.0.below.auth()
    }

    fn publisher(&self) -> Option<&dyn Publish> {
        Some(self)
    }
}

impl Connectors for Hooked {
    fn get(&self, _: &PlatformId) -> Option<Arc<dyn Connector>> {
        Some(Arc::new(self.clone()))
    }

    fn named(&self, _: &str) -> Option<Arc<dyn Connector>> {
        Some(Arc::new(self.clone()))
    }

    fn all(&self) -> Vec<Arc<dyn Connector>> {
        vec![Arc::new(self.clone())]
    }
}
