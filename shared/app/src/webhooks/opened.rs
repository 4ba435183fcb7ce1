//! An endpoint whose secrets are opened: all that a request to it needs beside the message.

use super::{policy, redact, seal, transport};
use crate::{Deps, Error};
use domain::egress::EgressPolicy;
use domain::webhooks::{Answer, Endpoint, KEPT_BODY, WebhookAttempt, WebhookMessage};
use ports::{Measure, SecretError, WebhookAnswer};
use std::collections::BTreeMap;
use std::fmt;

/// An endpoint as it was found, ready to be called.
pub(super) struct OpenEndpoint(Result<Open, SecretError>);

struct Open {
    opened: seal::Opened,
    policy: EgressPolicy,
}

impl fmt::Debug for OpenEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpenEndpoint")
    }
}

impl OpenEndpoint {
    /// Opens an endpoint's secrets. `policy` reads what its tenant allows, for the few addresses that need it.
    ///
    /// # Errors
    /// When they cannot be opened now. Where they never open, that is known, and nothing can be sent.
    pub(super) async fn of(
        deps: &Deps,
        endpoint: &Endpoint,
        policy: impl AsyncFnOnce() -> Result<EgressPolicy, Error>,
    ) -> Result<Self, Error> {
        let opened = match seal::open(deps, endpoint).await {
            Ok(opened) => opened,
            Err(unavailable @ SecretError::Unavailable(_)) => return Err(unavailable.into()),
            Err(error) => return Ok(Self(Err(error))),
        };
        let policy = policy::for_endpoint(endpoint, policy).await?;
        Ok(Self(Ok(Open { opened, policy })))
    }

    /// One request. Where there is nothing to sign with, and nothing that comes by itself heals that, it counts as a try: the message ends,
    /// and people see why.
    pub(super) async fn send(&self, deps: &Deps, endpoint: &Endpoint, message: &WebhookMessage) -> Answer {
        match &self.0 {
            Ok(open) => open.send(deps, endpoint, message).await,
            Err(error) => {
                tracing::error!(endpoint = %endpoint.id, %error, "an endpoint's secrets do not open");
                let excerpt = "not sent: the secrets of this endpoint do not open; register it anew".into();
                let attempt = WebhookAttempt { at: deps.clock.now(), excerpt, ..Default::default() };
                Answer { attempt, retry_after_s: None }
            }
        }
    }

    /// Whether a request would be made at all.
    pub(super) fn can_be_called(&self) -> bool {
        self.0.is_ok()
    }
}

impl Open {
    async fn send(&self, deps: &Deps, endpoint: &Endpoint, message: &WebhookMessage) -> Answer {
        let at = deps.clock.now();
        let answer = transport::send(deps, endpoint, message, &self.opened, &self.policy, at).await;
        let WebhookAnswer { status, excerpt, retry_after_s, headers } = answer;
        let (excerpt, headers) = self.kept(excerpt, headers);
        let ms = deps.clock.now().duration_since(at).as_millis().max(0);
        let delivered = matches!(status, Some(200..=299));
        deps.metrics.measure(Measure::Webhook { delivered, ms: i64::try_from(ms).unwrap_or(i64::MAX) });
        let latency_ms = u32::try_from(ms).unwrap_or(u32::MAX);
        tracing::info!(
            event = %message.event, endpoint = %endpoint.id, attempt = message.attempts.len() + 1, status, latency_ms,
            "webhook attempted"
        );
        Answer { attempt: WebhookAttempt { at, status, latency_ms, excerpt, headers }, retry_after_s }
    }

    /// What of an answer stands in the log. Here and not before the request: what a worker's requests hold while they wait for their answers is
    /// multiplied by the endpoints of all tenants in its batch. Nothing waits in here, so one of these is there at a time.
    fn kept(&self, excerpt: String, headers: BTreeMap<String, String>) -> (String, BTreeMap<String, String>) {
        if excerpt.is_empty() && headers.is_empty() {
            return (excerpt, headers);
        }
        let secrets = redact::Secrets::of(&self.opened);
        let mut excerpt = secrets.excerpt(&excerpt);
        excerpt.truncate(excerpt.floor_char_boundary(KEPT_BODY));
        (excerpt, secrets.headers(headers))
    }
}
