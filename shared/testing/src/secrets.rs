//! Secrets in memory, under a seal that checks its place.

use crate::{Engine, Weather};
use async_trait::async_trait;
use domain::PlatformId;
use ports::{PlatformApp, PlatformApps, Sealer, SecretError, Secrets};
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The secret store.
pub struct MemorySecrets {
    engine: Arc<Engine>,
    weather: Weather,
    values: Mutex<BTreeMap<String, String>>,
}

impl MemorySecrets {
    pub(crate) fn new(engine: Arc<Engine>, weather: Weather) -> Self {
        Self { engine, weather, values: Mutex::default() }
    }

    fn values(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What lies under a name, for assertions.
    pub fn peek(&self, name: &str) -> Option<String> {
        self.values().get(name).cloned()
    }

    async fn call<T>(&self, what: &'static str, act: impl FnOnce() -> T) -> Result<T, SecretError> {
        self.engine.point(what, 5, 40, false).await;
        // A call fails before it did anything, or its answer is lost after.
        if self.engine.strikes(self.weather.secrets_down) {
            return Err(SecretError::Unavailable("simulated".into()));
        }
        let done = act();
        self.engine.point("secret store answered", 1, 10, false).await;
        if self.engine.strikes(self.weather.secrets_down) {
            Err(SecretError::Unavailable("simulated".into()))
        } else {
            Ok(done)
        }
    }
}

#[async_trait]
impl Secrets for MemorySecrets {
    async fn get(&self, name: &str) -> Result<Option<SecretString>, SecretError> {
        self.call("secret get", || self.values().get(name).map(|v| SecretString::from(v.clone()))).await
    }

    async fn put(&self, name: &str, value: &SecretString) -> Result<(), SecretError> {
        self.call("secret put", || drop(self.values().insert(name.to_owned(), value.expose_secret().to_owned()))).await
    }

    async fn delete(&self, name: &str) -> Result<(), SecretError> {
        self.call("secret delete", || drop(self.values().remove(name))).await
    }
}

/// A seal that hides nothing but, like the real one, opens only at the place it was made for.
#[derive(Debug)]
pub struct PlaceSeal {
    active: AtomicU32,
}

impl Default for PlaceSeal {
    fn default() -> Self {
        Self { active: AtomicU32::new(1) }
    }
}

impl PlaceSeal {
    fn parts(sealed: &str) -> Result<(u32, String, String), SecretError> {
        serde_json::from_str(sealed).map_err(|_| SecretError::Malformed("a sealed value"))
    }
}

#[async_trait]
impl Sealer for PlaceSeal {
    async fn seal(&self, aad: &str, plain: &SecretString) -> Result<String, SecretError> {
        let sealed = (self.active.load(Ordering::Relaxed), aad, plain.expose_secret());
        serde_json::to_string(&sealed).map_err(|_| SecretError::Malformed("a sealed value"))
    }

    async fn open(&self, aad: &str, sealed: &str) -> Result<SecretString, SecretError> {
        let (_, place, plain) = Self::parts(sealed)?;
        if place == aad { Ok(plain.into()) } else { Err(SecretError::Unsealed) }
    }

    async fn is_stale(&self, sealed: &str) -> Result<bool, SecretError> {
        Ok(Self::parts(sealed)?.0 < self.active.load(Ordering::Relaxed))
    }

    async fn rotate(&self) -> Result<u32, SecretError> {
        Ok(self.active.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

/// A registration with every platform.
#[derive(Debug, Default)]
pub struct AnyApp;

#[async_trait]
impl PlatformApps for AnyApp {
    async fn app(&self, _platform: &PlatformId) -> Result<Option<PlatformApp>, SecretError> {
        let (bases, settings) = (BTreeMap::new(), BTreeMap::new());
        Ok(Some(PlatformApp { client_id: "client".into(), client_secret: "secret".into(), bases, settings }))
    }
}
