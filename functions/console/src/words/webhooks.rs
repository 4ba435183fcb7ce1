//! Endpoints, what was sent to them, and what was asked to be sent again.

use super::counted;
use crate::view::{Badge, Tone};
use app::webhooks::{DestinationKind, Health};
use domain::webhooks::{
    ASKED_TO_WAIT, BY_HAND, DELETED, DISABLED, Destination, EXHAUSTED, Endpoint, EndpointStatus, FAILING, Format,
    GIVEN_UP, GONE, LANE_FULL, LINE_FULL, Order, Recovery, Signature, WebhookMessage, WebhookState,
};

/// Whether an endpoint gets events.
pub fn endpoint(endpoint: &Endpoint, health: &Health) -> Badge {
    match &endpoint.status {
        EndpointStatus::Active if health.failing_since.is_some() => Badge::new("Failing", Tone::Warn),
        EndpointStatus::Active if health.quiet_until.is_some() => Badge::new("Left alone", Tone::Info),
        EndpointStatus::Active => Badge::new("Active", Tone::Good),
        EndpointStatus::Disabled { reason, .. } if reason == GONE => {
            Badge::new("Switched off: it answered that it is gone", Tone::Bad)
        }
        EndpointStatus::Disabled { reason, .. } if reason == FAILING => {
            Badge::new("Switched off: it took nothing for days", Tone::Bad)
        }
        EndpointStatus::Disabled { reason, .. } if reason == BY_HAND => {
            Badge::new("Switched off by hand", Tone::Neutral)
        }
        EndpointStatus::Disabled { .. } => Badge::new("Switched off", Tone::Bad),
    }
}

/// What is the matter with an endpoint, and what to do: how it is meant, a title that a time follows, and the rest.
pub fn matter(endpoint: &Endpoint, health: &Health) -> Option<(Tone, &'static str, &'static str)> {
    Some(match &endpoint.status {
        EndpointStatus::Disabled { reason, .. } if reason == GONE => (
            Tone::Bad,
            "It has been off since",
            "It answered with the status 410, which says that it is gone. Give its new address, or switch it on again if that answer \
             was a mistake. What has happened since is kept and can be sent.",
        ),
        EndpointStatus::Disabled { reason, .. } if reason == FAILING => (
            Tone::Bad,
            "It has been off since",
            "It took nothing for days. The log says what it answered: put that right, switch it on, and send again what it was not \
             told. All of it is kept.",
        ),
        EndpointStatus::Disabled { .. } => (
            Tone::Neutral,
            "It has been off since",
            "Somebody switched it off. What happens meanwhile is kept, and can be sent once it is on.",
        ),
        EndpointStatus::Active if health.failing_since.is_some() => (
            Tone::Warn,
            "It has taken nothing since",
            "The log says what it answers. Each message is tried ten times in about three days; after five days in which it takes \
             nothing it is switched off.",
        ),
        EndpointStatus::Active if health.quiet_until.is_some() => (
            Tone::Info,
            "Nothing is sent to it until",
            "It asked for that, or had too much to do. What waits goes out afterwards.",
        ),
        EndpointStatus::Active => return None,
    })
}

/// Where a message stands.
pub fn message(message: &WebhookMessage) -> Badge {
    match &message.state {
        WebhookState::Delivered { .. } => Badge::new("Delivered", Tone::Good),
        WebhookState::Dead { .. } => Badge::new("Gave up", Tone::Bad),
        WebhookState::Sending { .. } => Badge::new("Being sent", Tone::Info),
        // Those before it was sent again are not of this round.
        WebhookState::Pending if message.attempts.len() > usize::try_from(message.before).unwrap_or_default() => {
            Badge::new("Will retry", Tone::Warn)
        }
        WebhookState::Pending if message.wake.is_none() => Badge::new("Waits for those before it", Tone::Info),
        WebhookState::Pending => Badge::new("Waits", Tone::Info),
    }
}

/// Why a message was given up.
pub fn gave_up(message: &WebhookMessage) -> Option<&'static str> {
    let WebhookState::Dead { reason, .. } = &message.state else { return None };
    Some(match reason.as_str() {
        EXHAUSTED => "Ten tries failed.",
        ASKED_TO_WAIT => "The endpoint asked to wait for longer than a message is kept waiting.",
        LINE_FULL => "The line before the endpoint was three days long already.",
        LANE_FULL => "Too many that belong with it were to go before it.",
        GONE => "The endpoint answered that it is gone.",
        DISABLED => "The endpoint was off.",
        DELETED => "The endpoint was deleted.",
        GIVEN_UP => "Somebody gave it up.",
        _ => "It is not tried any more.",
    })
}

/// Who gave a message up.
pub fn given_up_by(name: &str) -> String {
    format!("{name} gave it up.")
}

/// What the body of a message is; of an endpoint that was deleted nothing is known.
pub fn body(destination: Option<&Destination>) -> &'static str {
    match destination {
        Some(Destination::Https) => "The body of every try, byte for byte as it is signed.",
        Some(Destination::Chat { .. }) => "The event, whose words the chat is told.",
        Some(Destination::Queue { .. } | Destination::Bus { .. }) | None => "The body of every try, byte for byte.",
    }
}

/// The states that a log can be narrowed to: name in addresses, and words.
pub const MESSAGE_STATES: [(&str, &str); 4] =
    [("pending", "Waiting"), ("sending", "Being sent"), ("delivered", "Delivered"), ("dead", "Gave up")];

/// How far a recovery is.
pub fn recovery(recovery: &Recovery) -> (Badge, String) {
    let sent = counted(usize::try_from(recovery.sent).unwrap_or(usize::MAX), "message");
    match (&recovery.stopped, recovery.ended_at) {
        (Some(why), _) => {
            let why = if why == DELETED { "deleted" } else { "switched off" };
            (Badge::new("Stopped", Tone::Bad), format!("{sent} until the endpoint was {why}."))
        }
        (None, Some(_)) => (Badge::new("Done", Tone::Good), format!("{sent} sent again.")),
        (None, None) => (Badge::new("Under way", Tone::Info), format!("{sent} until now.")),
    }
}

/// The forms of a request.
pub const FORMATS: [(Format, &str); 3] = [
    (Format::Standard, "Standard Webhooks"),
    (Format::Cloudevents, "CloudEvents, structured: all in the body"),
    (Format::CloudeventsBinary, "CloudEvents, binary: data in the body, the rest in headers"),
];

/// Where an endpoint can be; none is an address of one's own.
pub const WAYS: [(Option<DestinationKind>, &str); 4] = [
    (None, "A server of yours (https)"),
    (Some(DestinationKind::Queue), "A queue of yours (Amazon SQS)"),
    (Some(DestinationKind::Bus), "An event bus of yours (Amazon EventBridge)"),
    (Some(DestinationKind::Chat), "A chat that people read"),
];

/// Whether an endpoint is told in order.
pub const ORDERS: [(Order, &str); 2] = [
    (Order::None, "As soon as each can go"),
    (Order::Key, "In order, of each post, series and account: one waits for those before it"),
];

/// The kinds of key.
pub const SIGNATURES: [(Signature, &str); 2] = [
    (Signature::V1, "A secret that both sides know (v1, HMAC-SHA256)"),
    (Signature::V1a, "A key pair of which you get the public key (v1a, Ed25519)"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_form_order_and_kind_of_key_can_be_chosen() {
        assert_eq!(
            &WAYS[1..].iter().filter_map(|(kind, _)| Some(kind.as_ref()?.name())).collect::<Vec<_>>(),
            DestinationKind::NAMES
        );
        assert_eq!(FORMATS.map(|(format, _)| format.name()), Format::NAMES);
        assert_eq!(ORDERS.map(|(order, _)| order.name()), Order::NAMES);
        assert_eq!(SIGNATURES.map(|(signature, _)| signature.name()), Signature::NAMES);
    }
}
