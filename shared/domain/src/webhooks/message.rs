//! The delivery of one event to one endpoint.

use crate::publishing::Wake;
use crate::{EndpointId, EventId, TenantId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Seconds an endpoint has to answer (Standard Webhooks recommends 15 to 30).
pub const TIMEOUT_S: u64 = 15;
/// Bytes of an answer that are kept for the delivery log.
pub const KEPT_BODY: usize = 16 * 1024;
/// Seconds a worker may hold an attempt; longer than the timeout.
pub const ATTEMPT_LEASE_S: i64 = 60;
/// Waits between attempts, in seconds: the first attempt is at once; the schedule of Standard Webhooks, about three days.
pub const WAITS_S: [i64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
/// Longest wait that an endpoint may ask for, in seconds: the longest of ours. So a message that is put off at every attempt
/// still ends, within ten days.
pub const MAX_ASKED_S: i64 = 86_400;

/// One try to deliver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookAttempt {
    /// When it was made.
    pub at: Timestamp,
    /// The status code; none when there was no answer.
    pub status: Option<u16>,
    /// How long it took in milliseconds.
    pub latency_ms: u32,
    /// The beginning of the answer's body, or what went wrong.
    pub excerpt: String,
}

/// Where the delivery of one event to one endpoint stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum WebhookState {
    /// Waits for its next attempt.
    Pending,
    /// A worker is at it.
    Sending {
        /// The worker's token.
        owner: String,
        /// When others may take over.
        lease_until: Timestamp,
    },
    /// The endpoint took it.
    Delivered {
        /// When.
        at: Timestamp,
    },
    /// Given up; visible in the log of the endpoint, and not sent again.
    Dead {
        /// When.
        at: Timestamp,
        /// Stable code: `exhausted`, `gone`, `disabled`, `deleted`.
        reason: String,
    },
}

/// The delivery of one event to one endpoint. Webhooks are at-least-once: after doubt it is sent again, with the same id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookMessage {
    /// The event; `webhook-id` on the wire.
    pub event: EventId,
    /// The endpoint.
    pub endpoint: EndpointId,
    /// Tenant.
    pub tenant: TenantId,
    /// The event's type.
    pub kind: String,
    /// The exact bytes sent and signed, every time.
    pub body: String,
    /// Where it stands.
    #[serde(flatten)]
    pub state: WebhookState,
    /// The attempts.
    pub attempts: Vec<WebhookAttempt>,
    /// When the machine looks at it next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wake: Option<Wake>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What an attempt came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The try.
    pub attempt: WebhookAttempt,
    /// How long the endpoint asked us to wait.
    pub retry_after_s: Option<u32>,
}

impl WebhookMessage {
    /// Takes the next attempt; none when it is not due, is held, or has ended.
    pub fn claimed(&self, owner: &str, now: Timestamp) -> Option<Self> {
        let due = self.wake.is_some_and(|w| w.at <= now + crate::publishing::EARLY);
        let free = match &self.state {
            WebhookState::Pending => due,
            WebhookState::Sending { lease_until, .. } => *lease_until < now,
            WebhookState::Delivered { .. } | WebhookState::Dead { .. } => false,
        };
        let lease_until = now + SignedDuration::from_secs(ATTEMPT_LEASE_S);
        free.then(|| Self { state: WebhookState::Sending { owner: owner.into(), lease_until }, ..self.clone() })
    }

    /// Records an attempt. `jitter` is in [-0.2, 0.2] and spreads the retries. 2xx is success, 410 means stop, and
    /// everything else, redirects too, is tried again; a wait the endpoint asks for is kept up to a day.
    pub fn answered(&self, answer: Answer, jitter: f64, now: Timestamp) -> Self {
        let mut next = self.clone();
        let status = answer.attempt.status;
        next.attempts.push(answer.attempt);
        next.wake = None;
        next.state = match status {
            Some(200..=299) => WebhookState::Delivered { at: now },
            Some(410) => WebhookState::Dead { at: now, reason: "gone".into() },
            _ => match WAITS_S.get(next.attempts.len() - 1) {
                None => WebhookState::Dead { at: now, reason: "exhausted".into() },
                Some(&wait) => {
                    #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
                    // at most a day in milliseconds
                    let spread_ms = (wait as f64 * 1000.0 * (1.0 + jitter.clamp(-0.2, 0.2))) as i64;
                    let asked_ms = i64::from(answer.retry_after_s.unwrap_or(0)).min(MAX_ASKED_S) * 1000;
                    let at = now + SignedDuration::from_millis(spread_ms.max(asked_ms));
                    next.wake = Some(Wake { at, set_at: now, sent: false });
                    WebhookState::Pending
                }
            },
        };
        next
    }

    /// Given up because the endpoint is switched off or deleted.
    pub fn dead(&self, reason: &str, now: Timestamp) -> Self {
        Self { state: WebhookState::Dead { at: now, reason: reason.into() }, wake: None, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use uuid::Uuid;

    fn message() -> (WebhookMessage, Timestamp) {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let m = WebhookMessage {
            event: EventId::from_uuid(Uuid::nil()),
            endpoint: EndpointId::from_uuid(Uuid::nil()),
            tenant: TenantId::from_uuid(Uuid::nil()),
            kind: "post.published".into(),
            body: "{}".into(),
            state: WebhookState::Pending,
            attempts: vec![],
            wake: Some(Wake { at: now, set_at: now, sent: true }),
            created_at: now,
        };
        (m, now)
    }

    fn answer(status: Option<u16>, retry_after_s: Option<u32>, at: Timestamp) -> Answer {
        Answer { attempt: WebhookAttempt { at, status, latency_ms: 1, excerpt: String::new() }, retry_after_s }
    }

    #[test]
    fn a_failing_endpoint_is_tried_ten_times_over_three_days_and_then_given_up_visibly() {
        let (mut m, mut now) = message();
        let start = now;
        while let Some(wake) = m.wake {
            now = wake.at;
            m = m.claimed("w", now).unwrap().answered(answer(Some(500), None, now), 0.0, now);
        }
        assert_eq!(m.attempts.len(), 10);
        assert!(matches!(&m.state, WebhookState::Dead { reason, .. } if reason == "exhausted"));
        assert_eq!(now.duration_since(start).as_secs(), WAITS_S.iter().sum::<i64>());
    }

    #[test]
    fn a_redirect_is_a_failure_gone_ends_it_and_a_wait_asked_for_is_kept_up_to_a_day() {
        let (m, now) = message();
        let redirected = m.answered(answer(Some(302), None, now), -0.2, now);
        assert_eq!(redirected.state, WebhookState::Pending);
        assert!(matches!(m.answered(answer(Some(410), None, now), 0.0, now).state, WebhookState::Dead { .. }));
        let slowed = m.answered(answer(Some(429), Some(3600), now), -0.2, now);
        assert_eq!(slowed.wake.unwrap().at, now + SignedDuration::from_secs(3600));
        for asked in [86_400, 86_401, u32::MAX] {
            let put_off = m.answered(answer(Some(503), Some(asked), now), 0.2, now);
            assert_eq!(put_off.wake.unwrap().at, now + SignedDuration::from_secs(86_400), "{asked}");
        }
    }

    #[test]
    fn two_workers_do_not_send_the_same_attempt_at_once() {
        let (m, now) = message();
        let held = m.claimed("a", now).unwrap();
        assert!(held.claimed("b", now).is_none());
        assert!(held.claimed("b", now + SignedDuration::from_secs(ATTEMPT_LEASE_S + 1)).is_some());
    }
}
