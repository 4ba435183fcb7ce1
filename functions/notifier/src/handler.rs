//! One message: an event from the bus, or a webhook message whose time for another attempt has come.

use app::{Deps, webhooks};
use domain::events::Event;
use ports::WebhookJob;
use runtime::queue::{Failed, Message};
use serde::Deserialize;

/// What the webhook queue carries.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Notice {
    /// The bus's envelope around an event.
    Event {
        /// The event.
        detail: Box<Event>,
    },
    /// Another attempt.
    Again(WebhookJob),
}

/// Delivers. What an endpoint answers is recorded and never fails the message; only a store that does not answer does.
pub(crate) async fn notify(deps: &Deps, message: Message<Notice>) -> Result<(), Failed> {
    let done = match &message.body {
        Notice::Event { detail } => webhooks::fan_out(deps, detail).await.map(drop),
        Notice::Again(job) if job.v != 1 => {
            return Err(Failed::poison(format!("version {} of a webhook message", job.v)));
        }
        Notice::Again(job) => webhooks::attempt(deps, job.tenant, job.endpoint, job.event, &job.cid).await.map(drop),
    };
    done.map_err(|error| Failed::new("unavailable", error.to_string()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_queue_carries_the_buss_envelopes_and_our_own_jobs() {
        let event = include_str!("../../../events/domain/post.published.v1.json");
        let envelope =
            format!(r#"{{"version":"0","id":"1","detail-type":"post.published","source":"herald","detail":{event}}}"#);
        assert!(matches!(serde_json::from_str(&envelope).unwrap(), Notice::Event { .. }));
        let id = "0198c0ffee0070008000000000000001";
        let job = format!(r#"{{"v":1,"tenant":"ten_{id}","endpoint":"ep_{id}","event":"evt_{id}","cid":"c"}}"#);
        assert!(matches!(serde_json::from_str(&job).unwrap(), Notice::Again(_)));
        assert!(serde_json::from_str::<Notice>("{}").is_err());
    }
}
