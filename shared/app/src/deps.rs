//! The ports a process holds. A function fills the ones it uses at boot; the rest answer "not available".

use domain::events::{Event, EventData};
use domain::{EventId, PlatformId, TenantId};
use jiff::Timestamp;
use ports::{
    Bus, Clock, Connector, Connectors, Entropy, Ledger, Measure, MediaReader, Metrics, PlatformApp, PlatformApps,
    Queues, Sealer, SecretError, Secrets, Uploads, WebhookSender,
};
use std::sync::Arc;

/// The outside, as the use cases see it.
#[derive(Clone)]
#[allow(missing_docs)] // each field is the port of that name
pub struct Deps {
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    pub metrics: Arc<dyn Metrics>,
    pub ledger: Arc<dyn Ledger>,
    pub queues: Arc<dyn Queues>,
    pub bus: Arc<dyn Bus>,
    pub secrets: Arc<dyn Secrets>,
    pub sealer: Arc<dyn Sealer>,
    pub apps: Arc<dyn PlatformApps>,
    pub connectors: Arc<dyn Connectors>,
    pub media: Arc<dyn MediaReader>,
    pub uploads: Arc<dyn Uploads>,
    pub webhooks: Arc<dyn WebhookSender>,
}

impl Deps {
    /// A new UUID for now.
    pub fn uuid(&self) -> uuid::Uuid {
        self.entropy.uuid(self.clock.now())
    }

    /// Wraps event data for the outbox.
    pub fn events(&self, tenant: TenantId, cid: &str, data: impl IntoIterator<Item = EventData>) -> Vec<Event> {
        let at = self.clock.now();
        let wrap =
            |data| Event { id: EventId::from_uuid(self.entropy.uuid(at)), tenant, at, cid: cid.to_owned(), data };
        data.into_iter().map(wrap).collect()
    }

    /// Our registration with a connector's platform. Where accounts bring their own keys, none is needed.
    pub(crate) async fn app_of(&self, connector: &dyn Connector) -> Result<Option<PlatformApp>, SecretError> {
        let app = self.apps.app(&connector.descriptor().id).await?;
        Ok(app.or_else(|| connector.keys().map(|_| PlatformApp::none())))
    }

    /// Measures a call to a platform that began then and is answered now.
    pub(crate) fn platform_called(&self, platform: &PlatformId, op: &'static str, began: Timestamp) {
        let ms = i64::try_from(self.clock.now().duration_since(began).as_millis()).unwrap_or(i64::MAX);
        self.metrics.measure(Measure::PlatformCall { platform: platform.clone(), op, ms });
    }
}
