//! The seal over a key ring that lies in Secrets Manager.
//!
//! The ring is read once and used for five minutes; a value sealed under a key that is not in it makes it be read again
//! at once, so that a rotation elsewhere never shows as a failure here.

use crate::Aws;
use crate::cached::Cached;
use crate::config::why;
use crate::ring::{Ring, RingText};
use async_trait::async_trait;
use aws_lc_rs::digest::{SHA256, digest};
use ports::{Clock, Entropy, Sealer, SecretError};
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use zeroize::Zeroizing;

/// [`Sealer`] over the ring secret.
pub struct SecretKeyRing {
    aws: Arc<Aws>,
    entropy: Arc<dyn Entropy>,
    secret_id: String,
    ring: Cached<Ring>,
}

impl SecretKeyRing {
    /// The ring in the secret of this id.
    pub fn new(aws: Arc<Aws>, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>, secret_id: impl Into<String>) -> Self {
        Self { aws, entropy, secret_id: secret_id.into(), ring: Cached::new(clock) }
    }

    async fn ring(&self) -> Result<Arc<Ring>, SecretError> {
        self.ring.get(async || self.read().await?.0.ring()).await
    }

    async fn reload(&self) -> Result<Arc<Ring>, SecretError> {
        self.ring.renewed(async || self.read().await?.0.ring()).await
    }

    /// The ring that has the key of `sealed`, reading again if the one held has not. Sealed values come from our own
    /// records, so that nobody can make us read at will.
    async fn ring_for(&self, sealed: &str) -> Result<Arc<Ring>, SecretError> {
        let ring = self.ring().await?;
        if ring.knows(sealed) { Ok(ring) } else { self.reload().await }
    }

    /// The ring and the version of the secret it was read from.
    async fn read(&self) -> Result<(RingText, String), SecretError> {
        let answer = self
            .aws
            .secrets()
            .await
            .get_secret_value()
            .secret_id(&self.secret_id)
            .send()
            .await
            .map_err(|error| SecretError::Unavailable(why(&error)))?;
        let version = answer.version_id.unwrap_or_default();
        let text = Zeroizing::new(answer.secret_string.unwrap_or_default());
        Ok((RingText::parse(&SecretString::from(text.as_str()))?, version))
    }
}

#[async_trait]
impl Sealer for SecretKeyRing {
    async fn seal(&self, aad: &str, plain: &SecretString) -> Result<String, SecretError> {
        self.ring().await?.seal(aad, plain)
    }

    async fn open(&self, aad: &str, sealed: &str) -> Result<SecretString, SecretError> {
        self.ring_for(sealed).await?.open(aad, sealed)
    }

    async fn is_stale(&self, sealed: &str) -> Result<bool, SecretError> {
        self.ring_for(sealed).await?.is_stale(sealed)
    }

    /// Two rotations at once must not both write a key 2: what was sealed under the overwritten one would be lost. The
    /// request token is therefore derived from the version that was read. Secrets Manager keeps a version per token and
    /// refuses a second content for it (`ResourceExistsException`), which makes the write a compare-and-set; the loser
    /// finds the ring rotated and answers with the winner's key.
    async fn rotate(&self) -> Result<u32, SecretError> {
        let (text, version) = self.read().await?;
        let before = text.active();
        let token = hex::encode(digest(&SHA256, format!("herald key ring after {version}").as_bytes()));
        let mut random = Zeroizing::new([0_u8; 32]);
        self.entropy.fill(random.as_mut_slice());
        let next = text.with_new(hex::encode(random.as_slice()));
        let put = self
            .aws
            .secrets()
            .await
            .put_secret_value()
            .secret_id(&self.secret_id)
            .client_request_token(token)
            .secret_string(next.to_secret().expose_secret())
            .send()
            .await;
        // Also after an error: the write may have happened, or somebody else's.
        let now_active = self.reload().await?.active();
        match put {
            Err(error) if now_active == before => Err(SecretError::Unavailable(why(&error))),
            _ => Ok(now_active),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::loopback::{Answer, Loopback, Request};
    use crate::{SystemClock, SystemEntropy};
    use serde_json::json;
    use std::collections::BTreeMap;
    use std::sync::Mutex;

    /// One secret that behaves as Secrets Manager's versions do.
    #[derive(Default)]
    struct Vault {
        versions: BTreeMap<String, String>,
        current: String,
    }

    impl Vault {
        fn shared(first: &str) -> Arc<Mutex<Self>> {
            let versions = [("v-first".to_owned(), first.to_owned())].into();
            Arc::new(Mutex::new(Self { versions, current: "v-first".into() }))
        }

        fn answer(&mut self, request: &Request) -> Answer {
            let body = request.json();
            if request.operation() == "GetSecretValue" {
                return Answer::json(
                    200,
                    &json!({"VersionId": self.current, "SecretString": self.versions[&self.current]}),
                );
            }
            let token = body["ClientRequestToken"].as_str().unwrap().to_owned();
            let text = body["SecretString"].as_str().unwrap().to_owned();
            if self.versions.get(&token).is_some_and(|there| *there != text) {
                return Answer::error(400, "ResourceExistsException");
            }
            self.versions.insert(token.clone(), text);
            self.current.clone_from(&token);
            Answer::json(200, &json!({"VersionId": token}))
        }
    }

    async fn vault(first: &str) -> (Loopback, Arc<Mutex<Vault>>) {
        let vault = Vault::shared(first);
        let inside = vault.clone();
        (Loopback::start(move |request| inside.lock().unwrap().answer(request)).await, vault)
    }

    async fn ring(server: &Loopback) -> SecretKeyRing {
        SecretKeyRing::new(server.aws().await, Arc::new(SystemClock), Arc::new(SystemEntropy), "ring")
    }

    #[tokio::test]
    async fn the_ring_is_read_once_for_many_seals() {
        let (server, _) = vault(r#"{"active":1,"1":"text"}"#).await;
        let ring = ring(&server).await;
        for n in 0..100 {
            let sealed = ring.seal("a", &SecretString::from(format!("t{n}"))).await.unwrap();
            assert_eq!(ring.open("a", &sealed).await.unwrap().expose_secret(), format!("t{n}"));
        }
        assert_eq!(server.requests().len(), 1);
    }

    #[tokio::test]
    async fn a_rotation_is_seen_by_others_as_soon_as_they_meet_the_new_key() {
        let (server, _) = vault(r#"{"active":1,"1":"text"}"#).await;
        let (here, there) = (ring(&server).await, ring(&server).await);
        let old = there.seal("a", &SecretString::from("old")).await.unwrap();
        assert_eq!(here.rotate().await.unwrap(), 2);
        let new = here.seal("a", &SecretString::from("new")).await.unwrap();
        assert!(new.starts_with("v1.2."));
        assert!(here.is_stale(&old).await.unwrap());
        for (sealed, plain) in [(&old, "old"), (&new, "new")] {
            assert_eq!(there.open("a", sealed).await.unwrap().expose_secret(), plain);
        }
    }

    #[tokio::test]
    async fn two_rotations_at_once_make_one_key() {
        let (server, vault) = vault(r#"{"active":1,"1":"text"}"#).await;
        let (one, two) = (ring(&server).await, ring(&server).await);
        // Both read before either writes: the loser's write carries the token of the version that both have read.
        let (text, version) = two.read().await.unwrap();
        assert_eq!((text.active(), version.as_str()), (1, "v-first"));
        let (first, second) = tokio::join!(one.rotate(), two.rotate());
        let (first, second) = (first.unwrap(), second.unwrap());
        let kept = vault.lock().unwrap();
        let ring = Ring::parse(&SecretString::from(kept.versions[&kept.current].as_str())).unwrap();
        assert_eq!((ring.active(), first, second), (2, 2, 2));
        assert_eq!(kept.versions.len(), 2);
    }

    #[tokio::test]
    async fn a_rotation_that_cannot_be_written_is_an_error_and_changes_nothing() {
        let server = Loopback::start(|request| match request.operation() {
            "GetSecretValue" => {
                Answer::json(200, &json!({"VersionId": "v", "SecretString": r#"{"active":1,"1":"text"}"#}))
            }
            _ => Answer::error(400, "AccessDeniedException"),
        })
        .await;
        let error = ring(&server).await.rotate().await.unwrap_err();
        assert_eq!(error, SecretError::Unavailable("AccessDeniedException".into()));
    }
}
