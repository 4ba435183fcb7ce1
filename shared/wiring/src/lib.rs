//! Which adapter stands behind which port, in one place for every function.
//!
//! Nothing is built here but handles: SDK clients, the connection pool and the key ring come to life at their first use,
//! so a function pays at its start only for what its first event needs. What a function may touch is decided by its role
//! in `template.yaml`, not by what is linked: each names the concerns it has, and an adapter of any other answers "not
//! available".

mod lazy;

pub use aws::bootstrap_token;

use app::Deps;
use aws::{
    Aws, EventBridgeBus, QueueUrls, S3Uploads, SecretKeyRing, SecretPlatformApps, SqsQueues, SystemClock,
    SystemEntropy, TokenSecrets,
};
use connector_kit::{Egress, Guard, Reader, Webhooks};
use connectors::Registry;
use lazy::LazyDynamo;
use ports::{Clock, Entropy, Uploads};
use runtime::boot::Boot;
use runtime::config::{self, ConfigError};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{Store, Tables};

/// A concern of a function beyond the tables, which all have. A named one must be configured, or the function does not
/// start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Concern {
    /// Tells events.
    Bus,
    /// Wakes deliveries.
    PublishQueues,
    /// Wakes webhook messages.
    WebhooksQueue,
    /// Seals and opens.
    KeyRing,
    /// Speaks for accounts: our registrations and the accounts' tokens.
    Platforms,
    /// Keeps the accounts' tokens without speaking for them: moves them to another key.
    Tokens,
    /// Keeps uploaded media.
    Media,
}

/// The production ports of a function with these concerns.
///
/// # Errors
/// [`ConfigError`], naming the missing variable.
pub fn deps(boot: &Boot, concerns: &[Concern]) -> Result<(Deps, Arc<Aws>), ConfigError> {
    let has = |concern| concerns.contains(&concern);
    let aws = Aws::new(boot.read::<config::AwsEndpoint>()?.0);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
    let config::Tables { core, ephemeral, audit } = boot.read()?;
    let dynamo = LazyDynamo::new(Arc::clone(&aws), Tables { core, ephemeral, audit }, Arc::clone(&clock));
    let publish =
        if has(Concern::PublishQueues) { boot.read::<config::PublishQueues>()?.urls } else { BTreeMap::new() };
    let webhooks = if has(Concern::WebhooksQueue) { Some(boot.read::<config::WebhooksQueue>()?.0) } else { None };
    let bus = if has(Concern::Bus) { boot.read::<config::EventBus>()?.0 } else { String::new() };
    let key_ring = if has(Concern::KeyRing) { boot.read::<config::KeyRingSecret>()?.0 } else { String::new() };
    let bucket = if has(Concern::Media) { boot.read::<config::MediaBucket>()?.0 } else { String::new() };
    let apps = if has(Concern::Platforms) { boot.read::<config::PlatformAppsSecret>()?.0 } else { String::new() };
    let keeps_tokens = has(Concern::Platforms) || has(Concern::Tokens);
    let tokens = if keeps_tokens { boot.read::<config::TokenSecretPrefix>()?.0 } else { String::new() };
    let egress = Egress::new(Guard::new(boot.read::<config::Egress>()?.allow_private_urls));
    let uploads: Arc<dyn Uploads> = Arc::new(S3Uploads::new(Arc::clone(&aws), bucket));
    let deps = Deps {
        metrics: Arc::new(boot.metrics()),
        ledger: Arc::new(Store::new(dynamo, Arc::clone(&entropy), Arc::clone(&clock))),
        queues: Arc::new(SqsQueues::new(Arc::clone(&aws), QueueUrls { publish, webhooks })),
        bus: Arc::new(EventBridgeBus::new(Arc::clone(&aws), bus)),
        secrets: Arc::new(TokenSecrets::new(Arc::clone(&aws), tokens)),
        sealer: Arc::new(SecretKeyRing::new(Arc::clone(&aws), Arc::clone(&clock), Arc::clone(&entropy), key_ring)),
        apps: Arc::new(SecretPlatformApps::new(Arc::clone(&aws), Arc::clone(&clock), apps)),
        connectors: Arc::new(Registry::new(Arc::clone(&egress))),
        media: Arc::new(Reader::new(Arc::clone(&egress), Arc::clone(&uploads))),
        webhooks: Arc::new(Webhooks::new(egress)),
        uploads,
        clock,
        entropy,
    };
    Ok((deps, aws))
}
