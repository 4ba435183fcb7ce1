//! The way of one request: what differs between destinations. Records, waits, pace and log are the same for all.

use super::destination::announcer;
use super::{seal, told};
use crate::Deps;
use domain::PlatformId;
use domain::egress::EgressPolicy;
use domain::webhooks::{Destination, Endpoint, WebhookMessage};
use jiff::Timestamp;
use ports::{CloudCall, CloudTarget, WebhookAnswer, WebhookCall};
use secrecy::ExposeSecret;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Sends a message to where its endpoint is, once.
pub(super) async fn send(
    deps: &Deps,
    endpoint: &Endpoint,
    message: &WebhookMessage,
    opened: &seal::Opened,
    policy: &EgressPolicy,
    at: Timestamp,
) -> WebhookAnswer {
    match &endpoint.destination {
        Destination::Https => {
            let call = WebhookCall {
                url: &endpoint.url,
                policy,
                headers: &opened.headers,
                id: message.event.to_string(),
                timestamp: at.as_second(),
                body: &message.body,
                content_headers: &message.content_headers,
                secrets: &opened.secrets,
            };
            deps.webhooks.send(call).await
        }
        Destination::Queue { role_arn } => {
            to_cloud(deps, endpoint, message, CloudTarget::Queue(&endpoint.url), role_arn).await
        }
        Destination::Bus { role_arn } => {
            to_cloud(deps, endpoint, message, CloudTarget::Bus(&endpoint.url), role_arn).await
        }
        Destination::Chat { platform, .. } => to_chat(deps, platform, message, opened, policy, at).await,
    }
}

async fn to_cloud(
    deps: &Deps,
    endpoint: &Endpoint,
    message: &WebhookMessage,
    target: CloudTarget<'_>,
    role_arn: &str,
) -> WebhookAnswer {
    let call = CloudCall {
        target,
        role_arn,
        external_id: &message.tenant.to_string(),
        id: &message.event.to_string(),
        kind: &message.kind,
        group: &group(endpoint, message),
        body: &message.body,
    };
    deps.targets.send(call).await
}

/// What keeps its order: the events of one post, and all that concern no post.
fn group(endpoint: &Endpoint, message: &WebhookMessage) -> String {
    #[derive(Deserialize)]
    struct Data {
        post_id: Option<String>,
    }
    #[derive(Deserialize)]
    struct Body {
        data: Data,
    }
    let post = serde_json::from_str::<Body>(&message.body).ok().and_then(|body| body.data.post_id);
    post.unwrap_or_else(|| endpoint.id.to_string())
}

async fn to_chat(
    deps: &Deps,
    platform: &PlatformId,
    message: &WebhookMessage,
    opened: &seal::Opened,
    policy: &EgressPolicy,
    at: Timestamp,
) -> WebhookAnswer {
    let (Some(place), Some(address)) = (announcer(deps, platform), &opened.address) else {
        return WebhookAnswer { excerpt: "not sent: nobody is told there any more".into(), ..WebhookAnswer::default() };
    };
    let call = WebhookCall {
        url: &place.target(address.expose_secret()),
        policy,
        headers: &place.headers(),
        id: message.event.to_string(),
        timestamp: at.as_second(),
        body: &place.body(&told::of(message)).to_string(),
        content_headers: &BTreeMap::new(),
        secrets: &[],
    };
    let answer = deps.webhooks.send(call).await;
    let failed = answer.status.is_some_and(|status| status >= 300);
    let wait = answer.retry_after_s.or_else(|| place.wait_s(&answer.excerpt).filter(|_| failed));
    WebhookAnswer { retry_after_s: wait, ..answer }
}
