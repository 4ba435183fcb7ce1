//! The operator's registrations with the platforms, from one secret that is filled in by hand.

use crate::Aws;
use crate::cached::Cached;
use crate::secrets::read;
use async_trait::async_trait;
use domain::PlatformId;
use ports::{Clock, PlatformApp, PlatformApps, SecretError};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::sync::Arc;
use zeroize::Zeroizing;

/// [`PlatformApps`] over a secret: `{"<slug>":{"client_id","client_secret","bases":{},"settings":{}}}`.
pub struct SecretPlatformApps {
    aws: Arc<Aws>,
    secret_id: String,
    apps: Cached<BTreeMap<String, PlatformApp>>,
}

impl SecretPlatformApps {
    /// The registrations in the secret of this id.
    pub fn new(aws: Arc<Aws>, clock: Arc<dyn Clock>, secret_id: impl Into<String>) -> Self {
        Self { aws, secret_id: secret_id.into(), apps: Cached::new(clock) }
    }

    async fn load(&self) -> Result<BTreeMap<String, PlatformApp>, SecretError> {
        match read(&self.aws, &self.secret_id).await? {
            None => Ok(BTreeMap::new()),
            Some(text) => parse(&text),
        }
    }
}

#[async_trait]
impl PlatformApps for SecretPlatformApps {
    async fn app(&self, platform: &PlatformId) -> Result<Option<PlatformApp>, SecretError> {
        let apps = self.apps.get(async || self.load().await).await?;
        Ok(apps.get(platform.as_str()).cloned())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    #[serde(default)]
    client_id: String,
    #[serde(default = "nothing", deserialize_with = "secret")]
    client_secret: SecretString,
    #[serde(default)]
    bases: BTreeMap<String, String>,
    #[serde(default)]
    settings: BTreeMap<String, String>,
}

fn nothing() -> SecretString {
    SecretString::from("")
}

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    let text = Zeroizing::new(String::deserialize(deserializer)?);
    Ok(SecretString::from(text.as_str()))
}

/// Entries without a client id are places the operator has not filled in yet: no registration. Where accounts bring their own
/// keys there is none to fill in, but the platform may be found elsewhere than at its own address.
fn parse(text: &SecretString) -> Result<BTreeMap<String, PlatformApp>, SecretError> {
    const BAD: SecretError = SecretError::Malformed(
        "platform apps are not {\"<slug>\":{\"client_id\",\"client_secret\",\"bases\":{},\"settings\":{}}}",
    );
    let entries: BTreeMap<String, Entry> = serde_json::from_str(text.expose_secret()).map_err(|_| BAD)?;
    let filled = entries.into_iter().filter(|(_, entry)| !(entry.client_id.is_empty() && entry.bases.is_empty()));
    Ok(filled
        .map(|(slug, Entry { client_id, client_secret, bases, settings })| {
            (slug, PlatformApp { client_id, client_secret, bases, settings })
        })
        .collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::SystemClock;
    use crate::loopback::{Answer, Loopback};
    use serde_json::json;

    #[tokio::test]
    async fn a_registration_is_found_by_slug_and_read_once() {
        let text = r#"{"x":{"client_id":"i","client_secret":"s","bases":{"api":"http://127.0.0.1:1"},"settings":{"a":"b"}},"linkedin":{"client_id":""}}"#;
        let server = Loopback::start(move |_| Answer::json(200, &json!({"SecretString": text}))).await;
        let apps = SecretPlatformApps::new(server.aws().await, Arc::new(SystemClock), "apps");
        let x = apps.app(&"x".parse().unwrap()).await.unwrap().unwrap();
        assert_eq!((x.client_id.as_str(), x.client_secret.expose_secret()), ("i", "s"));
        assert_eq!((x.bases["api"].as_str(), x.settings["a"].as_str()), ("http://127.0.0.1:1", "b"));
        assert!(apps.app(&"linkedin".parse().unwrap()).await.unwrap().is_none());
        assert!(apps.app(&"mastodon".parse().unwrap()).await.unwrap().is_none());
        assert_eq!(server.requests().len(), 1);
    }

    #[test]
    fn a_typing_error_in_the_secret_is_told_instead_of_taken_for_an_absent_registration() {
        for bad in ["", "[]", r#"{"x":{"client":"i"}}"#, r#"{"x":{"client_id":5}}"#] {
            assert!(matches!(parse(&SecretString::from(bad)), Err(SecretError::Malformed(_))), "{bad}");
        }
        assert!(parse(&SecretString::from("{}")).unwrap().is_empty());
    }
}
