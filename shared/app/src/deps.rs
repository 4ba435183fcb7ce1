//! The ports a process holds. A function fills the ones it uses at boot; the rest answer "not available".

use crate::accounts::TokenCache;
use domain::events::{Event, EventData};
use domain::{EventId, PlatformId, TenantId};
use jiff::Timestamp;
use ports::{
    Announce, Bus, Clock, CloudTargets, Connect, Connectors, Entropy, Ledger, Measure, MediaReader, Metrics,
    PlatformApp, PlatformApps, Queues, Sealer, SecretError, Secrets, SourceForm, Uploads, WebhookSender,
};
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// The outside, as the use cases see it. What platforms are is known to all of them ([`Deps::connectors`]); a use case that asks
/// platforms wants [`AccountDeps`] or [`PlatformDeps`], which a function has only if it was wired with that role.
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
    pub connectors: Arc<Connectors>,
    pub media: Arc<dyn MediaReader>,
    pub uploads: Arc<dyn Uploads>,
    pub webhooks: Arc<dyn WebhookSender>,
    /// Customers' own cloud accounts; reached by who tells them of events alone.
    pub targets: Arc<dyn CloudTargets>,
    /// Where people can be told of events.
    pub announcers: Arc<[&'static dyn Announce]>,
    /// Who can be let in, as people choose it; what they do is known to those who have [`crate::inbound::InboundDeps`].
    pub sources: Arc<[&'static SourceForm]>,
}

impl Deps {
    /// A new UUID for now.
    pub fn uuid(&self) -> uuid::Uuid {
        self.entropy.uuid(self.clock.now())
    }

    /// Wraps event data for the outbox. Their ids sort as they are given.
    pub fn events(&self, tenant: TenantId, cid: &str, data: impl IntoIterator<Item = EventData>) -> Vec<Event> {
        let at = self.clock.now();
        let data: Vec<EventData> = data.into_iter().collect();
        let mut ids: Vec<EventId> = data.iter().map(|_| EventId::from_uuid(self.entropy.uuid(at))).collect();
        ids.sort();
        let wrap = |(data, id)| Event { id, tenant, at, cid: cid.to_owned(), data };
        data.into_iter().zip(ids).map(wrap).collect()
    }

    /// Measures a call to a platform that began then and is answered now.
    pub(crate) fn platform_called(&self, platform: &PlatformId, op: &'static str, began: Timestamp) {
        let ms = i64::try_from(self.clock.now().duration_since(began).as_millis()).unwrap_or(i64::MAX);
        self.metrics.measure(Measure::PlatformCall { platform: platform.clone(), op, ms });
    }
}

/// The outside of a function that connects accounts, or speaks for them.
#[derive(Clone)]
pub struct AccountDeps {
    /// What every function has.
    pub base: Deps,
    /// The platforms, to connect accounts and keep their access.
    pub connect: Arc<Connectors<dyn Connect>>,
}

impl AccountDeps {
    /// Our registration with a platform. Where accounts bring their own keys, none is needed.
    pub(crate) async fn app_of(&self, platform: &PlatformId) -> Result<Option<PlatformApp>, SecretError> {
        let app = self.apps.app(platform).await?;
        let brings_keys = || self.connect.get(platform).is_some_and(|connector| connector.keys().is_some());
        Ok(app.or_else(|| brings_keys().then(PlatformApp::none)))
    }
}

/// The outside of a function that does on platforms what the role `R` can do, in the name of accounts.
pub struct PlatformDeps<R: ?Sized> {
    /// What it takes to speak for accounts.
    pub accounts: AccountDeps,
    /// The platforms in this role.
    pub platforms: Arc<Connectors<R>>,
    /// Access tokens that this process knows.
    pub tokens: Arc<TokenCache>,
}

impl<R: ?Sized> PlatformDeps<R> {
    /// Those of a process that knows no token yet.
    pub fn new(accounts: AccountDeps, platforms: Connectors<R>) -> Self {
        Self { accounts, platforms: Arc::new(platforms), tokens: Arc::default() }
    }
}

impl<R: ?Sized> Clone for PlatformDeps<R> {
    fn clone(&self) -> Self {
        let (platforms, tokens) = (Arc::clone(&self.platforms), Arc::clone(&self.tokens));
        Self { accounts: self.accounts.clone(), platforms, tokens }
    }
}

// Whoever has more is taken where less is asked for.
impl Deref for AccountDeps {
    type Target = Deps;
    fn deref(&self) -> &Deps {
        &self.base
    }
}

impl DerefMut for AccountDeps {
    fn deref_mut(&mut self) -> &mut Deps {
        &mut self.base
    }
}

impl<R: ?Sized> Deref for PlatformDeps<R> {
    type Target = AccountDeps;
    fn deref(&self) -> &AccountDeps {
        &self.accounts
    }
}

impl AsRef<Deps> for Deps {
    fn as_ref(&self) -> &Deps {
        self
    }
}

impl AsRef<Deps> for AccountDeps {
    fn as_ref(&self) -> &Deps {
        self
    }
}

impl<R: ?Sized> AsRef<Deps> for PlatformDeps<R> {
    fn as_ref(&self) -> &Deps {
        self
    }
}
