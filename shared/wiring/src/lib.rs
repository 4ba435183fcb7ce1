//! Which adapter stands behind which port, in one place for every function.
//!
//! Nothing is built here but handles: SDK clients, the connection pool and the key ring come to life at their first use,
//! so a function pays at its start only for what its first event needs. What a function may touch is decided by its role
//! in `template.yaml`, not by what is linked: each names the concerns it has, and an adapter of any other answers "not
//! available".
//!
//! What a function does on platforms is what it is wired with: each function here gives ports of another type, the use cases
//! ask for the type they need, and the connectors' code of every other role is not linked
//! (docs/decisions/0026-the-port-is-parted.md).

mod lazy;

pub use aws::bootstrap_token;

use app::inbound::InboundDeps;
use app::{AccountDeps, Deps, PlatformDeps};
use aws::{
    Aws, CustomerTargets, EventBridgeBus, QueueUrls, S3Uploads, SecretKeyRing, SecretPlatformApps, SqsQueues,
    SystemClock, SystemEntropy, TokenSecrets,
};
use connector_kit::{Documents, Egress, Guard, Reader, Served, Webhooks};
use connectors::Registry;
use lazy::LazyDynamo;
use ports::{Clock, Connectors, Entropy, Find, Manage, NoTargets, Publish, Uploads};
use runtime::boot::Boot;
use runtime::config::{self, ConfigError};
use std::collections::{BTreeMap, BTreeSet};
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
    /// Keeps the accounts' tokens without speaking for them: moves them to another key. Whoever speaks for them has this
    /// concern without naming it.
    Tokens,
    /// Keeps uploaded media.
    Media,
    /// Wakes who reads what came in.
    IngestQueue,
}

impl Concern {
    /// Every concern.
    pub const ALL: [Self; 7] = [
        Self::Bus,
        Self::PublishQueues,
        Self::WebhooksQueue,
        Self::KeyRing,
        Self::Tokens,
        Self::Media,
        Self::IngestQueue,
    ];
}

/// The publish queues that the platforms of this build go through.
pub fn publish_queues() -> BTreeSet<String> {
    queues_of(&Registry::new(Egress::new(Guard::new(false))).describe())
}

fn queues_of(connectors: &Connectors) -> BTreeSet<String> {
    connectors.all().iter().map(|connector| connector.descriptor().queue.clone()).collect()
}

/// A function that wakes deliveries knows a queue for each platform: without one it would accept posts that nobody sends.
fn all_have_a_queue(urls: &BTreeMap<String, String>, connectors: &Connectors) -> Result<(), ConfigError> {
    let lacks = |queue: &String| urls.get(queue).is_none_or(String::is_empty);
    match queues_of(connectors).into_iter().find(lacks) {
        Some(queue) => Err(ConfigError::NoQueue { queue }),
        None => Ok(()),
    }
}

/// The production ports of a function with these concerns that asks platforms nothing: it knows what they are.
///
/// # Errors
/// [`ConfigError`], naming the missing variable, or the platform family that has no queue.
pub fn deps(boot: &Boot, concerns: &[Concern]) -> Result<(Deps, Arc<Aws>), ConfigError> {
    common(boot, concerns, &outward(boot)?, String::new())
}

/// Those of a function that connects accounts.
///
/// # Errors
/// As [`deps`]; also without our registrations with the platforms, or a place for the accounts' tokens.
pub fn accounts(boot: &Boot, concerns: &[Concern]) -> Result<AccountDeps, ConfigError> {
    speaking(boot, concerns, &outward(boot)?)
}

/// Those of a function that publishes.
///
/// # Errors
/// As [`accounts`].
pub fn publishing(boot: &Boot, concerns: &[Concern]) -> Result<PlatformDeps<dyn Publish>, ConfigError> {
    let out = outward(boot)?;
    Ok(PlatformDeps::new(speaking(boot, concerns, &out)?, out.registry.publish()))
}

/// Those of a function that reads back what may have been published, and cannot publish.
///
/// # Errors
/// As [`accounts`].
pub fn finding(boot: &Boot, concerns: &[Concern]) -> Result<PlatformDeps<dyn Find>, ConfigError> {
    let out = outward(boot)?;
    Ok(PlatformDeps::new(speaking(boot, concerns, &out)?, out.registry.find()))
}

/// Those of a function that changes and deletes what is live on platforms, and cannot publish.
///
/// # Errors
/// As [`accounts`].
pub fn managing(boot: &Boot, concerns: &[Concern]) -> Result<PlatformDeps<dyn Manage>, ConfigError> {
    let out = outward(boot)?;
    Ok(PlatformDeps::new(speaking(boot, concerns, &out)?, out.registry.manage()))
}

/// Those of a function that is called by platforms and other systems. It asks none of them anything but for what proves a call, and
/// says yes where one asks for that.
///
/// # Errors
/// As [`deps`].
pub fn receiving(boot: &Boot, concerns: &[Concern]) -> Result<InboundDeps, ConfigError> {
    let out = outward(boot)?;
    let (base, _) = common(boot, concerns, &out, String::new())?;
    let documents = Arc::new(Documents::new(out.egress));
    Ok(InboundDeps { base, inlets: connectors::inlets(), documents })
}

/// Those of a function that tells customers what happened, also in their own cloud accounts.
///
/// # Errors
/// As [`deps`].
pub fn telling(boot: &Boot, concerns: &[Concern]) -> Result<Deps, ConfigError> {
    let (mut deps, aws) = deps(boot, concerns)?;
    deps.targets = Arc::new(CustomerTargets::new(aws, Arc::clone(&deps.clock)));
    Ok(deps)
}

/// The platforms, and the clients through which everything leaves.
struct Outward {
    egress: Arc<Egress>,
    registry: Registry,
}

fn outward(boot: &Boot) -> Result<Outward, ConfigError> {
    let url = boot.read::<config::VerifiedMedia>()?.url;
    let parsed = |url: String| Served::parse(&url).ok_or(config::VerifiedMedia::WRONG);
    let served = url.map(parsed).transpose()?;
    let egress = Egress::serving(Guard::new(boot.read::<config::Egress>()?.allow_private_urls), served);
    Ok(Outward { registry: Registry::new(Arc::clone(&egress)), egress })
}

/// The ports of a function that speaks for accounts: our registrations with the platforms, and the accounts' tokens.
fn speaking(boot: &Boot, concerns: &[Concern], out: &Outward) -> Result<AccountDeps, ConfigError> {
    let concerns: Vec<Concern> = concerns.iter().copied().chain([Concern::Tokens]).collect();
    let apps = boot.read::<config::PlatformAppsSecret>()?.0;
    let (base, _) = common(boot, &concerns, out, apps)?;
    Ok(AccountDeps { base, connect: Arc::new(out.registry.connect()) })
}

/// The ports that every function has. `apps` is the secret of our registrations; empty where there is no use for it.
fn common(boot: &Boot, concerns: &[Concern], out: &Outward, apps: String) -> Result<(Deps, Arc<Aws>), ConfigError> {
    let has = |concern| concerns.contains(&concern);
    let aws = Aws::new(boot.read::<config::AwsEndpoint>()?.0);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
    let config::Tables { core, ephemeral, audit } = boot.read()?;
    let dynamo = LazyDynamo::new(Arc::clone(&aws), Tables { core, ephemeral, audit }, Arc::clone(&clock));
    let webhooks = if has(Concern::WebhooksQueue) { Some(boot.read::<config::WebhooksQueue>()?.0) } else { None };
    let ingest = if has(Concern::IngestQueue) { Some(boot.read::<config::IngestQueue>()?.0) } else { None };
    let bus = if has(Concern::Bus) { boot.read::<config::EventBus>()?.0 } else { String::new() };
    let key_ring = if has(Concern::KeyRing) { boot.read::<config::KeyRingSecret>()?.0 } else { String::new() };
    let bucket = if has(Concern::Media) { boot.read::<config::MediaBucket>()?.0 } else { String::new() };
    let tokens = if has(Concern::Tokens) { boot.read::<config::TokenSecretPrefix>()?.0 } else { String::new() };
    let connectors = out.registry.describe();
    let mut publish = BTreeMap::new();
    if has(Concern::PublishQueues) {
        publish = boot.read::<config::PublishQueues>()?.urls;
        all_have_a_queue(&publish, &connectors)?;
    }
    let uploads: Arc<dyn Uploads> = Arc::new(S3Uploads::new(Arc::clone(&aws), bucket));
    let deps = Deps {
        metrics: Arc::new(boot.metrics()),
        ledger: Arc::new(Store::new(dynamo, Arc::clone(&entropy), Arc::clone(&clock))),
        queues: Arc::new(SqsQueues::new(Arc::clone(&aws), QueueUrls { publish, webhooks, ingest })),
        bus: Arc::new(EventBridgeBus::new(Arc::clone(&aws), bus)),
        secrets: Arc::new(TokenSecrets::new(Arc::clone(&aws), tokens)),
        sealer: Arc::new(SecretKeyRing::new(Arc::clone(&aws), Arc::clone(&clock), Arc::clone(&entropy), key_ring)),
        apps: Arc::new(SecretPlatformApps::new(Arc::clone(&aws), Arc::clone(&clock), apps)),
        connectors: Arc::new(connectors),
        media: Arc::new(Reader::new(Arc::clone(&out.egress), Arc::clone(&uploads))),
        webhooks: Arc::new(Webhooks::new(Arc::clone(&out.egress))),
        targets: Arc::new(NoTargets),
        announcers: connectors::announcers(),
        sources: connectors::sources(),
        uploads,
        clock,
        entropy,
    };
    Ok((deps, aws))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use runtime::config::Env;

    fn start(queues: &str) -> Result<(), ConfigError> {
        let queues = queues.to_owned();
        let env = Env::asking(move |name| {
            Some(match name {
                "HERALD_ENV" => "local".to_owned(),
                "PUBLISH_QUEUES" => queues.clone(),
                "ALLOW_PRIVATE_URLS" => "false".to_owned(),
                "VERIFIED_MEDIA_URL" => "https://media.example.com/".to_owned(),
                other => other.to_lowercase(),
            })
        });
        deps(&Boot::new("test", env)?, &[Concern::PublishQueues]).map(|_| ())
    }

    /// What a worker must still have left before it sends, and what a refresher's lease must last, count with one time of an
    /// answer; the client keeps it.
    #[test]
    fn the_clients_time_limit_is_the_one_that_the_use_cases_count_with() {
        let seconds = |n: i64| std::time::Duration::from_secs(n.unsigned_abs());
        assert_eq!(connector_kit::http::TIMEOUT, seconds(app::publishing::CALL_TIMEOUT_S));
    }

    #[test]
    fn a_function_that_wakes_deliveries_does_not_start_without_a_queue_for_each_platform() {
        let all: BTreeMap<String, String> = publish_queues().into_iter().map(|queue| (queue, "u".to_owned())).collect();
        assert!(all.len() > 1, "{all:?}");
        let text = |urls: &BTreeMap<String, String>| serde_json::to_string(urls).unwrap();
        start(&text(&all)).unwrap();
        for queue in all.keys() {
            let said = ConfigError::NoQueue { queue: queue.clone() };
            let mut less = all.clone();
            less.remove(queue);
            assert_eq!(start(&text(&less)), Err(said.clone()));
            less.insert(queue.clone(), String::new());
            assert_eq!(start(&text(&less)), Err(said.clone()), "an empty address is none");
            assert!(said.to_string().contains(&format!("no queue `{queue}`")), "{said}");
        }
    }
}
