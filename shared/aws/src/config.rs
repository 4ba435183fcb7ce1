//! The handle on AWS: one shared SDK configuration, and each client built at its first use.

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::environment::region::EnvironmentVariableRegionProvider;
use aws_config::meta::region::ProvideRegion;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_sqs::config::SharedCredentialsProvider;
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OnceCell;

/// Tries of one call. Every call made here may safely be repeated: a second wake-up does nothing (the ledger decides),
/// a second event carries the same id, a second `PutSecretValue` carries the same request token.
const ATTEMPTS: u32 = 3;
/// Time to connect. Services in the same region answer in milliseconds.
const CONNECT: Duration = Duration::from_secs(2);
/// Time for one try, and for all of them together: well below the 30 s a function has.
const ATTEMPT: Duration = Duration::from_secs(5);
const OPERATION: Duration = Duration::from_secs(12);

/// AWS, for one process. Cheap to make, cheap to share.
#[derive(Debug, Default)]
pub struct Aws {
    endpoint: Option<String>,
    config: OnceCell<SdkConfig>,
    sqs: OnceCell<aws_sdk_sqs::Client>,
    events: OnceCell<aws_sdk_eventbridge::Client>,
    secrets: OnceCell<aws_sdk_secretsmanager::Client>,
}

impl Aws {
    /// A handle that takes region and credentials from the environment, as Lambda sets them, when it is first used.
    /// `endpoint` is another address than AWS's own: an emulator's.
    pub fn new(endpoint: Option<String>) -> Arc<Self> {
        Arc::new(Self { endpoint, ..Self::default() })
    }

    /// A handle over a given configuration: tests, tools.
    pub fn from_config(config: SdkConfig) -> Arc<Self> {
        Arc::new(Self { config: OnceCell::new_with(Some(config)), ..Self::default() })
    }

    /// The shared configuration, for clients that live elsewhere (the store owns DynamoDB's).
    pub async fn config(&self) -> &SdkConfig {
        self.config.get_or_init(async || load(self.endpoint.clone()).await).await
    }

    /// Where a service is in a region, for requests that no client makes: another address than AWS's own is that of all of them.
    pub(crate) async fn service(&self, name: &str, region: &str) -> String {
        if let Some(endpoint) = self.config().await.endpoint_url() {
            return format!("{}/", endpoint.trim_end_matches('/'));
        }
        let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        format!("https://{name}.{region}.{suffix}/")
    }

    pub(crate) async fn sqs(&self) -> &aws_sdk_sqs::Client {
        self.sqs.get_or_init(async || aws_sdk_sqs::Client::new(self.config().await)).await
    }

    pub(crate) async fn events(&self) -> &aws_sdk_eventbridge::Client {
        self.events.get_or_init(async || aws_sdk_eventbridge::Client::new(self.config().await)).await
    }

    pub(crate) async fn secrets(&self) -> &aws_sdk_secretsmanager::Client {
        self.secrets.get_or_init(async || aws_sdk_secretsmanager::Client::new(self.config().await)).await
    }
}

/// Built by hand, not by `aws_config`'s loader: profiles, SSO, roles of tokens and instance metadata are nothing a function
/// has, and the loader would link all of them, with a client of STS, into each.
async fn load(endpoint: Option<String>) -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(OPERATION)
        .build();
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .credentials_provider(SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new()))
        .region(EnvironmentVariableRegionProvider::new().region().await)
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .timeout_config(timeouts);
    config.set_endpoint_url(endpoint);
    config.build()
}

/// Why a call failed, in words fit for logs and errors: the service's error code, never its message, which may name
/// resources.
pub(crate) fn why<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> String {
    match error {
        SdkError::TimeoutError(_) => "no answer in time".to_owned(),
        SdkError::DispatchFailure(_) => "no connection, or no credentials".to_owned(),
        SdkError::ServiceError(failed) => failed.err().code().unwrap_or("an error without a code").to_owned(),
        SdkError::ConstructionFailure(_) => "the request could not be built".to_owned(),
        _ => "the answer could not be read".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn making_a_handle_builds_nothing() {
        let aws = Aws::new(None);
        assert!(aws.config.get().is_none() && aws.sqs.get().is_none());
    }

    #[tokio::test]
    async fn the_configuration_is_read_from_the_environment_alone_with_three_tries_and_limits() {
        let aws = Aws::new(None);
        let config = aws.config().await;
        assert_eq!(config.retry_config().map(RetryConfig::max_attempts), Some(3));
        assert_eq!(config.timeout_config().and_then(TimeoutConfig::operation_attempt_timeout), Some(ATTEMPT));
        assert!(config.credentials_provider().is_some() && config.endpoint_url().is_none());
        assert_eq!(aws.service("sts", "eu-west-1").await, "https://sts.eu-west-1.amazonaws.com/");
        assert_eq!(aws.service("sqs", "cn-north-1").await, "https://sqs.cn-north-1.amazonaws.com.cn/");
        let elsewhere = Aws::new(Some("http://127.0.0.1:4566".into()));
        assert_eq!(elsewhere.service("sqs", "eu-west-1").await, "http://127.0.0.1:4566/");
        assert_eq!(elsewhere.config().await.endpoint_url(), Some("http://127.0.0.1:4566"));
    }
}
