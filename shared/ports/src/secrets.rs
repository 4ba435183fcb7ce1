//! Secrets: where tokens lie, and the seal they lie under.

use async_trait::async_trait;
use domain::PlatformId;
use secrecy::SecretString;
use std::collections::BTreeMap;

/// Why a secret could not be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// The secret store did not answer.
    #[error("the secret store is not available: {0}")]
    Unavailable(String),
    /// The seal does not open: wrong key, wrong place, or changed bytes.
    #[error("the sealed value does not open here")]
    Unsealed,
    /// A secret does not have the form it should.
    #[error("a secret is malformed: {0}")]
    Malformed(&'static str),
}

/// The store of secrets (Secrets Manager). What is put here is already sealed.
#[async_trait]
pub trait Secrets: Send + Sync {
    /// The sealed tokens of an account, under `name` relative to the stack's prefix.
    async fn get(&self, name: &str) -> Result<Option<SecretString>, SecretError>;
    /// Stores them.
    async fn put(&self, name: &str, value: &SecretString) -> Result<(), SecretError>;
    /// Deletes them for good.
    async fn delete(&self, name: &str) -> Result<(), SecretError>;
}

/// Seals and opens values: AES-256-GCM under the active key of the ring. What was sealed for one place (`aad` names
/// tenant, thing, field and version) opens in no other (I30).
#[async_trait]
pub trait Sealer: Send + Sync {
    /// Seals.
    async fn seal(&self, aad: &str, plain: &SecretString) -> Result<String, SecretError>;
    /// Opens, whichever key of the ring it was sealed under.
    async fn open(&self, aad: &str, sealed: &str) -> Result<SecretString, SecretError>;
    /// Whether it was sealed under an older key than the active one.
    async fn is_stale(&self, sealed: &str) -> Result<bool, SecretError>;
    /// Adds a key to the ring and makes it the active one; the older ones still open. Returns its number.
    async fn rotate(&self) -> Result<u32, SecretError>;
}

/// Our registration with a platform.
#[derive(Debug, Clone)]
pub struct PlatformApp {
    /// OAuth client id.
    pub client_id: String,
    /// OAuth client secret.
    pub client_secret: SecretString,
    /// Base addresses that replace the platform's own, by name (`api`, `oauth`, …): the sandbox, a proxy.
    pub bases: BTreeMap<String, String>,
    /// Other settings of the connector, by name.
    pub settings: BTreeMap<String, String>,
}

impl PlatformApp {
    /// Whether it can ask people for consent; else it only says where the platform is.
    pub fn is_registration(&self) -> bool {
        !self.client_id.is_empty()
    }

    /// For a platform that knows no registrations: its accounts bring their own keys.
    pub fn none() -> Self {
        Self {
            client_id: String::new(),
            client_secret: SecretString::default(),
            bases: BTreeMap::new(),
            settings: BTreeMap::new(),
        }
    }
}

/// Our registrations.
#[async_trait]
pub trait PlatformApps: Send + Sync {
    /// The registration with a platform; none when the operator has not entered one.
    async fn app(&self, platform: &PlatformId) -> Result<Option<PlatformApp>, SecretError>;
}
