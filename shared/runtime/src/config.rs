//! The environment, typed. One struct per concern, so that a function's wiring names exactly what it needs and a missing
//! variable stops it at boot with a sentence that says how to set it, instead of at the first customer's request.
//!
//! This is the only place that reads the environment. [`NAMES`] is held against `template.yaml` by a test.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Every variable of ours that is read here. Lambda's own (`AWS_…`) are not listed, nor `SSL_CERT_FILE`, which the TLS
/// library reads.
pub const NAMES: &[&str] = &[
    "HERALD_ENV",
    "CORE_TABLE",
    "EPHEMERAL_TABLE",
    "AUDIT_TABLE",
    "EVENT_BUS",
    "KEY_RING_SECRET",
    "PLATFORM_APPS_SECRET",
    "TOKEN_SECRET_PREFIX",
    "PUBLISH_QUEUES",
    "WEBHOOKS_QUEUE_URL",
    "INGEST_QUEUE_URL",
    "MEDIA_BUCKET",
    "BOOTSTRAP_SECRET",
    "PUBLIC_BASE_URL",
    "ALLOW_PRIVATE_URLS",
    "VERIFIED_MEDIA_URL",
];

/// What is wrong with the environment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A variable is missing or empty.
    #[error(
        "{name} is not set: {what}. template.yaml sets it for the functions that need it; by hand, export {name}=…"
    )]
    Missing {
        /// Which.
        name: &'static str,
        /// What it holds.
        what: &'static str,
    },
    /// Deliveries of this family would be accepted and never sent.
    #[error(
        "PUBLISH_QUEUES has no queue `{queue}`, which a platform of this build publishes through: \
         template.yaml names its address there, and the queue as an event of the publisher"
    )]
    NoQueue {
        /// The queue, as the platform's descriptor names it.
        queue: String,
    },
    /// A variable has no usable value.
    #[error("{name} is wrong: {why}")]
    Invalid {
        /// Which.
        name: &'static str,
        /// What it should be.
        why: &'static str,
    },
}

/// Where variables come from: the process, or a table in tests. An empty one counts as absent, because a template cannot
/// leave a variable out by condition.
#[derive(Clone)]
pub struct Env(Arc<Lookup>);

type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;

impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Env")
    }
}

impl Env {
    /// The environment of this process.
    #[allow(clippy::disallowed_methods)] // the one place
    pub fn process() -> Self {
        Self(Arc::new(|name| std::env::var(name).ok()))
    }

    /// A given environment.
    pub fn of<const N: usize>(pairs: [(&str, &str); N]) -> Self {
        let pairs: BTreeMap<String, String> = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Self::asking(move |name| pairs.get(name).cloned())
    }

    /// An environment that asks `lookup` for each variable, so that a test can see which ones are read.
    pub fn asking(lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(lookup))
    }

    /// Reads one concern.
    ///
    /// # Errors
    /// [`ConfigError`], naming the variable and what to do.
    pub fn read<T: FromEnv>(&self) -> Result<T, ConfigError> {
        T::from_env(self)
    }

    fn get(&self, name: &str) -> Option<String> {
        (self.0)(name).filter(|value| !value.is_empty())
    }

    fn need(&self, name: &'static str, what: &'static str) -> Result<String, ConfigError> {
        self.get(name).ok_or(ConfigError::Missing { name, what })
    }

    /// The lowest level that is logged, as Lambda's logging configuration names it.
    pub(crate) fn log_level(&self) -> tracing::Level {
        match self.get("AWS_LAMBDA_LOG_LEVEL").as_deref() {
            Some("TRACE") => tracing::Level::TRACE,
            Some("DEBUG") => tracing::Level::DEBUG,
            Some("WARN") => tracing::Level::WARN,
            Some("ERROR" | "FATAL") => tracing::Level::ERROR,
            _ => tracing::Level::INFO,
        }
    }
}

/// A concern that can be read from the environment.
pub trait FromEnv: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// [`ConfigError`], naming the variable and what to do.
    fn from_env(env: &Env) -> Result<Self, ConfigError>;
}

/// Which deployment this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// One machine with emulator and sandbox.
    Local,
    /// Development.
    Dev,
    /// Rehearsal.
    Staging,
    /// The real one.
    Prod,
}

impl Stage {
    /// The name, as in resource names and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Dev => "dev",
            Self::Staging => "staging",
            Self::Prod => "prod",
        }
    }
}

impl FromEnv for Stage {
    fn from_env(env: &Env) -> Result<Self, ConfigError> {
        match env.need("HERALD_ENV", "which deployment this is")?.as_str() {
            "local" => Ok(Self::Local),
            "dev" => Ok(Self::Dev),
            "staging" => Ok(Self::Staging),
            "prod" => Ok(Self::Prod),
            _ => Err(ConfigError::Invalid { name: "HERALD_ENV", why: "local, dev, staging or prod" }),
        }
    }
}

/// The tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tables {
    /// Everything lasting.
    pub core: String,
    /// What ends by itself.
    pub ephemeral: String,
    /// The audit log.
    pub audit: String,
}

impl FromEnv for Tables {
    fn from_env(env: &Env) -> Result<Self, ConfigError> {
        Ok(Self {
            core: env.need("CORE_TABLE", "the name of the main table")?,
            ephemeral: env.need("EPHEMERAL_TABLE", "the name of the table of sessions and idempotency keys")?,
            audit: env.need("AUDIT_TABLE", "the name of the audit table")?,
        })
    }
}

/// The queues that deliveries go through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishQueues {
    /// Queue addresses by platform family.
    pub urls: BTreeMap<String, String>,
}

impl FromEnv for PublishQueues {
    fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let text = env.need("PUBLISH_QUEUES", "the publish queues as {\"family\":\"queue URL\"}")?;
        let why = "a JSON object of queue URLs by family, like {\"x\":\"https://…\"}";
        let urls = serde_json::from_str(&text).map_err(|_| ConfigError::Invalid { name: "PUBLISH_QUEUES", why })?;
        Ok(Self { urls })
    }
}

/// Where the world reaches us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicAddress {
    /// The address as configured, without a trailing slash; none means the API's own.
    pub base_url: Option<String>,
    /// Whether this is a local stack, where the `Host` header says it.
    pub local: bool,
}

impl FromEnv for PublicAddress {
    fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let local = Stage::from_env(env)? == Stage::Local;
        let base_url = env.get("PUBLIC_BASE_URL");
        let fits = |url: &String| {
            let secure = url.starts_with("https://") || (local && url.starts_with("http://"));
            secure && !url.ends_with('/') && !url.contains(char::is_whitespace)
        };
        if base_url.as_ref().is_none_or(fits) {
            return Ok(Self { base_url, local });
        }
        Err(ConfigError::Invalid { name: "PUBLIC_BASE_URL", why: "an https address without a trailing slash" })
    }
}

/// Where the world reads uploaded media below an address that platforms have verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedMedia {
    /// The address as configured, with its slash at the end; none where the operator has none.
    pub url: Option<String>,
}

impl VerifiedMedia {
    /// What is wrong with an address that is none of these.
    pub const WRONG: ConfigError = ConfigError::Invalid {
        name: "VERIFIED_MEDIA_URL",
        why: "an https address with a slash at its end, like https://media.example.com/, without a query",
    };
}

impl FromEnv for VerifiedMedia {
    fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let local = Stage::from_env(env)? == Stage::Local;
        let url = env.get("VERIFIED_MEDIA_URL");
        let secure = |url: &String| url.starts_with("https://") || (local && url.starts_with("http://"));
        if url.as_ref().is_none_or(secure) { Ok(Self { url }) } else { Err(Self::WRONG) }
    }
}

/// Another address of AWS than its own: an emulator's. The name is that of AWS's own tools.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsEndpoint(pub Option<String>);

impl FromEnv for AwsEndpoint {
    fn from_env(env: &Env) -> Result<Self, ConfigError> {
        Ok(Self(env.get("AWS_ENDPOINT_URL")))
    }
}

/// What the guarded client may reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Egress {
    /// Whether loopback and private addresses may be called: the sandbox on a local stack, and nowhere else.
    pub allow_private_urls: bool,
}

impl FromEnv for Egress {
    fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let name = "ALLOW_PRIVATE_URLS";
        match (env.get(name).as_deref(), Stage::from_env(env)?) {
            (None | Some("false"), _) => Ok(Self { allow_private_urls: false }),
            (Some("true"), Stage::Local) => Ok(Self { allow_private_urls: true }),
            (Some("true"), _) => Err(ConfigError::Invalid {
                name,
                why: "true would let customers' addresses reach this network: only a local stack may have it",
            }),
            (Some(_), _) => Err(ConfigError::Invalid { name, why: "true or false" }),
        }
    }
}

macro_rules! names {
    ($($(#[$doc:meta])* $type:ident = $name:literal, $what:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $type(pub String);

        impl FromEnv for $type {
            fn from_env(env: &Env) -> Result<Self, ConfigError> {
                env.need($name, $what).map(Self)
            }
        }
    )*};
}

names! {
    /// The name of the event bus.
    EventBus = "EVENT_BUS", "the name of the event bus";
    /// The id of the secret that holds the key ring.
    KeyRingSecret = "KEY_RING_SECRET", "the id of the secret that holds the key ring";
    /// The id of the secret that holds our registrations with the platforms.
    PlatformAppsSecret = "PLATFORM_APPS_SECRET", "the id of the secret that holds the platform registrations";
    /// What the names of account token secrets start with.
    TokenSecretPrefix = "TOKEN_SECRET_PREFIX", "what the names of account token secrets start with";
    /// The address of the webhook queue.
    WebhooksQueue = "WEBHOOKS_QUEUE_URL", "the address of the webhook queue";
    /// The address of the ingest queue.
    IngestQueue = "INGEST_QUEUE_URL", "the address of the queue of what came in";
    /// The bucket of uploaded media.
    MediaBucket = "MEDIA_BUCKET", "the bucket of uploaded media";
    /// The id of the secret that the first tenant is made with.
    BootstrapSecret = "BOOTSTRAP_SECRET", "the id of the secret that holds the bootstrap token";
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_missing_variable_is_named_with_what_to_do() {
        let error = Env::of([("EVENT_BUS", "")]).read::<EventBus>().unwrap_err().to_string();
        assert!(error.starts_with("EVENT_BUS is not set: the name of the event bus."), "{error}");
        assert!(error.contains("template.yaml") && error.contains("export EVENT_BUS="), "{error}");
    }

    #[test]
    fn private_addresses_are_refused_at_boot_everywhere_but_locally() {
        let read = |stage, allow| Env::of([("HERALD_ENV", stage), ("ALLOW_PRIVATE_URLS", allow)]).read::<Egress>();
        assert!(read("local", "true").unwrap().allow_private_urls);
        assert!(!read("local", "").unwrap().allow_private_urls);
        assert!(!read("prod", "false").unwrap().allow_private_urls);
        for stage in ["dev", "staging", "prod"] {
            assert!(read(stage, "true").is_err(), "{stage}");
        }
        assert!(read("local", "yes").is_err());
        assert!(read("production", "false").is_err());
    }

    #[test]
    fn the_public_address_is_https_or_absent() {
        let read = |stage, url| Env::of([("HERALD_ENV", stage), ("PUBLIC_BASE_URL", url)]).read::<PublicAddress>();
        assert_eq!(read("prod", "").unwrap().base_url, None);
        assert_eq!(read("prod", "https://a.example").unwrap().base_url.unwrap(), "https://a.example");
        assert!(read("local", "http://localhost:1").is_ok());
        for bad in ["http://a.example", "https://a.example/", "a.example", "https://a b"] {
            assert!(read("prod", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_verified_address_of_media_is_https_or_absent() {
        let read = |stage, url| Env::of([("HERALD_ENV", stage), ("VERIFIED_MEDIA_URL", url)]).read::<VerifiedMedia>();
        assert_eq!(read("prod", "").unwrap().url, None);
        assert_eq!(read("prod", "https://a.example/").unwrap().url.unwrap(), "https://a.example/");
        assert!(read("local", "http://localhost:1/").is_ok());
        for bad in ["http://a.example/", "a.example", "any"] {
            assert_eq!(read("prod", bad), Err(VerifiedMedia::WRONG), "{bad}");
        }
    }

    #[test]
    fn queues_are_a_json_object() {
        let read = |text| Env::of([("PUBLISH_QUEUES", text)]).read::<PublishQueues>();
        assert_eq!(read(r#"{"x":"u"}"#).unwrap().urls["x"], "u");
        assert!(read("x=u").is_err() && read("[]").is_err() && read("").is_err());
    }

    #[test]
    fn every_name_that_is_read_is_listed() {
        let asked = Arc::new(std::sync::Mutex::new(std::collections::BTreeSet::new()));
        let log = asked.clone();
        let env = Env::asking(move |name| {
            log.lock().unwrap().insert(name.to_owned());
            Some(if name == "HERALD_ENV" { "local".to_owned() } else { "{}".to_owned() })
        });
        let _ = (env.read::<Stage>(), env.read::<Tables>(), env.read::<PublishQueues>(), env.read::<PublicAddress>());
        let _ = (env.read::<Egress>(), env.read::<EventBus>(), env.read::<KeyRingSecret>(), env.read::<MediaBucket>());
        let _ = (env.read::<PlatformAppsSecret>(), env.read::<TokenSecretPrefix>(), env.read::<WebhooksQueue>());
        let _ = (env.read::<BootstrapSecret>(), env.read::<IngestQueue>(), env.read::<VerifiedMedia>());
        let listed = NAMES.iter().map(|&name| name.to_owned()).collect();
        assert_eq!(*asked.lock().unwrap(), listed);
    }
}
