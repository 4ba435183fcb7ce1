//! Secrets Manager: one secret per connected account under the stack's prefix. What is put here is sealed already.

use crate::Aws;
use crate::config::why;
use async_trait::async_trait;
use aws_sdk_secretsmanager::operation::create_secret::CreateSecretError;
use aws_sdk_secretsmanager::operation::delete_secret::DeleteSecretError;
use aws_sdk_secretsmanager::operation::put_secret_value::PutSecretValueError;
use ports::{SecretError, Secrets};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::sync::Arc;
use zeroize::Zeroizing;

/// [`Secrets`] over Secrets Manager.
///
/// Writes carry the SDK's request token: random per call and the same for all tries of it, so that a repeated try makes
/// no second version. It is not derived from the value, because a value that comes back after another one must become
/// the current version again.
#[derive(Debug)]
pub struct TokenSecrets {
    aws: Arc<Aws>,
    prefix: String,
}

impl TokenSecrets {
    /// Secrets whose names start with `prefix` (`herald/<env>/tokens/`).
    pub fn new(aws: Arc<Aws>, prefix: impl Into<String>) -> Self {
        Self { aws, prefix: prefix.into() }
    }

    fn id(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }
}

#[async_trait]
impl Secrets for TokenSecrets {
    async fn get(&self, name: &str) -> Result<Option<SecretString>, SecretError> {
        read(&self.aws, &self.id(name)).await
    }

    /// Most writes replace (a refresh), so that is tried first; the secret is made when it is not there.
    async fn put(&self, name: &str, value: &SecretString) -> Result<(), SecretError> {
        let (id, client) = (self.id(name), self.aws.secrets().await);
        let put = || client.put_secret_value().secret_id(&id).secret_string(value.expose_secret()).send();
        match put().await {
            Ok(_) => return Ok(()),
            Err(error)
                if error.as_service_error().is_some_and(PutSecretValueError::is_resource_not_found_exception) => {}
            Err(error) => return Err(SecretError::Unavailable(why(&error))),
        }
        match client.create_secret().name(&id).secret_string(value.expose_secret()).send().await {
            Ok(_) => Ok(()),
            // Somebody else made it in between.
            Err(error) if error.as_service_error().is_some_and(CreateSecretError::is_resource_exists_exception) => {
                put().await.map(drop).map_err(|error| SecretError::Unavailable(why(&error)))
            }
            Err(error) => Err(SecretError::Unavailable(why(&error))),
        }
    }

    /// For good, without the recovery window: a disconnected account's tokens must be gone, not hidden.
    async fn delete(&self, name: &str) -> Result<(), SecretError> {
        let delete = self.aws.secrets().await.delete_secret().secret_id(self.id(name));
        match delete.force_delete_without_recovery(true).send().await {
            Ok(_) => Ok(()),
            Err(error) if error.as_service_error().is_some_and(DeleteSecretError::is_resource_not_found_exception) => {
                Ok(())
            }
            Err(error) => Err(SecretError::Unavailable(why(&error))),
        }
    }
}

/// The text of a secret; none when there is no such secret (or it is being deleted).
pub(crate) async fn read(aws: &Aws, id: &str) -> Result<Option<SecretString>, SecretError> {
    match aws.secrets().await.get_secret_value().secret_id(id).send().await {
        Ok(answer) => {
            let text = Zeroizing::new(answer.secret_string.ok_or(SecretError::Malformed("a secret holds no text"))?);
            Ok(Some(SecretString::from(text.as_str())))
        }
        Err(error)
            if error
                .as_service_error()
                .is_some_and(|e| e.is_resource_not_found_exception() || e.is_invalid_request_exception()) =>
        {
            Ok(None)
        }
        Err(error) => Err(SecretError::Unavailable(why(&error))),
    }
}

/// The token that `POST /api/admin/bootstrap` asks for: field `token` of the bootstrap secret.
///
/// # Errors
/// [`SecretError::Malformed`] when the secret is missing or has no such field, [`SecretError::Unavailable`] when the
/// secret store does not answer.
pub async fn bootstrap_token(aws: &Aws, secret_id: &str) -> Result<SecretString, SecretError> {
    #[derive(Deserialize)]
    struct Bootstrap {
        token: Zeroized,
    }
    #[derive(Deserialize)]
    #[serde(transparent)]
    struct Zeroized(String);
    impl Drop for Zeroized {
        fn drop(&mut self) {
            zeroize::Zeroize::zeroize(&mut self.0);
        }
    }
    const BAD: SecretError = SecretError::Malformed("the bootstrap secret is not {\"token\":\"…\"}");
    let text = read(aws, secret_id).await?.ok_or(BAD)?;
    let bootstrap: Bootstrap = serde_json::from_str(text.expose_secret()).map_err(|_| BAD)?;
    if bootstrap.token.0.is_empty() { Err(BAD) } else { Ok(SecretString::from(bootstrap.token.0.as_str())) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::loopback::{Answer, Loopback};
    use serde_json::json;
    use std::collections::BTreeMap;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Secrets Manager with create, put, get and delete.
    async fn manager() -> Loopback {
        let secrets: Mutex<BTreeMap<String, String>> = Mutex::default();
        Loopback::start(move |request| {
            let (body, mut secrets) = (request.json(), secrets.lock().unwrap());
            let id = body["SecretId"].as_str().or(body["Name"].as_str()).unwrap().to_owned();
            let (there, text) = (secrets.contains_key(&id), body["SecretString"].as_str().map(str::to_owned));
            match (request.operation(), there) {
                ("CreateSecret", true) => return Answer::error(400, "ResourceExistsException"),
                ("CreateSecret", false) | ("PutSecretValue", true) => drop(secrets.insert(id, text.unwrap())),
                ("GetSecretValue", true) => return Answer::json(200, &json!({"SecretString": secrets[&id]})),
                ("DeleteSecret", true) => {
                    assert_eq!(body["ForceDeleteWithoutRecovery"], true);
                    secrets.remove(&id);
                }
                _ => return Answer::error(400, "ResourceNotFoundException"),
            }
            Answer::json(200, &json!({}))
        })
        .await
    }

    #[tokio::test]
    async fn a_secret_is_made_replaced_read_and_deleted_under_the_prefix() {
        let server = manager().await;
        let secrets = TokenSecrets::new(server.aws().await, "herald/local/tokens/");
        assert!(secrets.get("acc_1").await.unwrap().is_none());
        for value in ["one", "two"] {
            secrets.put("acc_1", &SecretString::from(value)).await.unwrap();
            assert_eq!(secrets.get("acc_1").await.unwrap().unwrap().expose_secret(), value);
        }
        secrets.delete("acc_1").await.unwrap();
        secrets.delete("acc_1").await.unwrap();
        assert!(secrets.get("acc_1").await.unwrap().is_none());
        assert!(server.requests().iter().all(|r| r.body.contains("herald/local/tokens/acc_1")));
    }

    #[tokio::test]
    async fn the_tries_of_one_write_carry_one_token_and_another_write_another() {
        let calls = AtomicUsize::new(0);
        let server = Loopback::start(move |_| match calls.fetch_add(1, Ordering::Relaxed) {
            0 => Answer::error(500, "InternalServiceError"),
            _ => Answer::json(200, &json!({})),
        })
        .await;
        let secrets = TokenSecrets::new(server.aws().await, "p/");
        secrets.put("a", &SecretString::from("same")).await.unwrap();
        secrets.put("a", &SecretString::from("same")).await.unwrap();
        let tokens: Vec<_> =
            server.requests().iter().map(|r| r.json()["ClientRequestToken"].as_str().unwrap().to_owned()).collect();
        assert_eq!(tokens.len(), 3);
        assert_eq!(tokens[0], tokens[1]);
        assert_ne!(tokens[1], tokens[2]);
    }

    #[tokio::test]
    async fn an_error_names_the_code_and_nothing_of_the_secret() {
        let server = Loopback::start(|_| Answer::error(400, "AccessDeniedException")).await;
        let secrets = TokenSecrets::new(server.aws().await, "p/");
        let error = secrets.put("acc_9", &SecretString::from("hush")).await.unwrap_err();
        assert_eq!(error.to_string(), "the secret store is not available: AccessDeniedException");
    }

    #[tokio::test]
    async fn the_bootstrap_token_is_a_field_of_its_secret() {
        let server = Loopback::start(|request| {
            let text = if request.body.contains("good") { r#"{"token":"t0"}"# } else { r#"{"token":""}"# };
            Answer::json(200, &json!({"SecretString": text}))
        })
        .await;
        let aws = server.aws().await;
        assert_eq!(bootstrap_token(&aws, "good").await.unwrap().expose_secret(), "t0");
        assert!(matches!(bootstrap_token(&aws, "bad").await, Err(SecretError::Malformed(_))));
    }
}
