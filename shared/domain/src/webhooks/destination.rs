//! Where an endpoint's messages go, if not to an https address.

use super::Endpoint;
use crate::PlatformId;
use serde::{Deserialize, Serialize};

/// What the name of a role begins with that we may take on in a customer's account. Our own permission says the same.
pub const ROLE_PREFIX: &str = "herald-events-";

/// The way to an endpoint. Its address, as people may see it, is [`super::Endpoint::url`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Destination {
    /// Requests to an https address, signed.
    #[default]
    Https,
    /// Messages in a queue of the customer's cloud account.
    Queue {
        /// The role there by which they are sent.
        role_arn: String,
    },
    /// Events on a bus of the customer's cloud account.
    Bus {
        /// The role there by which they are sent.
        role_arn: String,
    },
    /// Messages for people, in a channel of a platform.
    Chat {
        /// The platform.
        platform: PlatformId,
        /// The address that takes them, sealed: whoever knows it can write there.
        address: String,
    },
}

impl Destination {
    /// Its name on the wire.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Https => "https",
            Self::Queue { .. } => "queue",
            Self::Bus { .. } => "bus",
            Self::Chat { .. } => "chat",
        }
    }

    /// Whether its requests are ours alone: signed, in a form of choice, with headers of the customer's.
    pub fn is_https(&self) -> bool {
        *self == Self::Https
    }

    /// The role by which it is reached in the customer's account.
    pub fn role_arn(&self) -> Option<&str> {
        match self {
            Self::Queue { role_arn } | Self::Bus { role_arn } => Some(role_arn),
            Self::Https | Self::Chat { .. } => None,
        }
    }
}

/// The region and the account of a queue by its address, if it is one of the service's own
/// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html>). Only the region is
/// taken from it when messages are sent: no host that a customer names is called.
pub fn queue_region(url: &str) -> Option<&str> {
    let (host, path) = url.strip_prefix("https://sqs.")?.split_once('/')?;
    let region = host.strip_suffix(".amazonaws.com").or_else(|| host.strip_suffix(".amazonaws.com.cn"))?;
    let (account, name) = path.split_once('/')?;
    let stem = name.strip_suffix(".fifo").unwrap_or(name);
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    let named = !stem.is_empty() && name.len() <= 80 && stem.bytes().all(fits);
    (is_region(region) && is_account(account) && named).then_some(region)
}

/// Whether a queue keeps order and leaves doubles out, which its name says.
pub fn is_fifo(queue: &str) -> bool {
    queue.strip_suffix(".fifo").is_some()
}

/// The region of a bus by its ARN
/// (<https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html>).
pub fn bus_region(arn: &str) -> Option<&str> {
    let (rest, name) = arn.split_once(":event-bus/")?;
    let mut parts = rest.split(':');
    let [Some("arn"), Some(partition), Some("events"), Some(region), Some(account), None] =
        [parts.next(), parts.next(), parts.next(), parts.next(), parts.next(), parts.next()]
    else {
        return None;
    };
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'/');
    let named = (1..=256).contains(&name.len()) && name.bytes().all(fits);
    (is_partition(partition) && is_region(region) && is_account(account) && named).then_some(region)
}

/// Whether this is the ARN of a role that we may take on: without a path, its name beginning with [`ROLE_PREFIX`]
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>).
pub fn is_role(arn: &str) -> bool {
    let Some((rest, name)) = arn.split_once(":role/") else { return false };
    let mut parts = rest.split(':');
    let [Some("arn"), Some(partition), Some("iam"), Some(""), Some(account), None] =
        [parts.next(), parts.next(), parts.next(), parts.next(), parts.next(), parts.next()]
    else {
        return false;
    };
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"+=,.@_-".contains(&b);
    let ours = name.strip_prefix(ROLE_PREFIX).is_some_and(|rest| !rest.is_empty());
    is_partition(partition) && is_account(account) && ours && name.len() <= 64 && name.bytes().all(fits)
}

fn is_partition(text: &str) -> bool {
    text == "aws" || text.strip_prefix("aws-").is_some_and(is_words)
}

fn is_region(text: &str) -> bool {
    text.contains('-') && text.len() <= 32 && is_words(text)
}

fn is_words(text: &str) -> bool {
    text.split('-').all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()))
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

impl Endpoint {
    /// What a trust policy of the customer's has to ask for: it tells our tenants apart, so that none is reached in the name of
    /// another. None where no role is taken on.
    pub fn external_id(&self) -> Option<String> {
        self.destination.role_arn().map(|_| self.tenant.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_is_one_of_the_services_own_addresses_and_tells_its_region() {
        let long = format!("https://sqs.eu-west-1.amazonaws.com/123456789012/{}", "q".repeat(80));
        for (url, region) in [
            ("https://sqs.eu-west-1.amazonaws.com/123456789012/orders", Some("eu-west-1")),
            ("https://sqs.us-gov-west-1.amazonaws.com/123456789012/a_b-C.fifo", Some("us-gov-west-1")),
            ("https://sqs.cn-north-1.amazonaws.com.cn/123456789012/orders", Some("cn-north-1")),
            (long.as_str(), Some("eu-west-1")),
            (&format!("{long}q"), None),
            ("http://sqs.eu-west-1.amazonaws.com/123456789012/orders", None),
            ("https://sqs.eu-west-1.amazonaws.com.evil.example/123456789012/orders", None),
            ("https://sqs.evil.example/x.amazonaws.com/123456789012/orders", None),
            ("https://sqs.a.b.amazonaws.com/123456789012/orders", None),
            ("https://sqs.eu-west-1@evil.amazonaws.com/123456789012/orders", None),
            ("https://sqs.eu-west-1.amazonaws.com/12345678901/orders", None),
            ("https://sqs.eu-west-1.amazonaws.com/123456789012/", None),
            ("https://sqs.eu-west-1.amazonaws.com/123456789012/.fifo", None),
            ("https://sqs.eu-west-1.amazonaws.com/123456789012/a/b", None),
            ("https://sqs.eu-west-1.amazonaws.com/123456789012/a?b=c", None),
            ("https://queue.amazonaws.com/123456789012/orders", None),
        ] {
            assert_eq!(queue_region(url), region, "{url}");
        }
        assert!(is_fifo("https://x/q.fifo") && !is_fifo("https://x/q"));
    }

    #[test]
    fn a_bus_is_named_by_its_arn_which_tells_its_region() {
        for (arn, region) in [
            ("arn:aws:events:eu-west-1:123456789012:event-bus/default", Some("eu-west-1")),
            ("arn:aws-us-gov:events:us-gov-west-1:123456789012:event-bus/a.b/c_D-1", Some("us-gov-west-1")),
            ("arn:aws:events:eu-west-1:123456789012:event-bus/", None),
            ("arn:aws:events:eu-west-1:123456789012:rule/default", None),
            ("arn:aws:sqs:eu-west-1:123456789012:event-bus/default", None),
            ("arn:aws:events:eu.west:123456789012:event-bus/default", None),
            ("arn:aws:events:eu-west-1:1234:event-bus/default", None),
            ("arn:aws:events:eu-west-1:123456789012:more:event-bus/default", None),
            ("arn:bws:events:eu-west-1:123456789012:event-bus/default", None),
        ] {
            assert_eq!(bus_region(arn), region, "{arn}");
        }
    }

    #[test]
    fn a_role_has_the_name_that_our_permission_has_and_no_path() {
        let named = |name: &str| format!("arn:aws:iam::123456789012:role/{name}");
        for (arn, fine) in [
            (named("herald-events-a"), true),
            (named("herald-events-A+=,.@_-9"), true),
            (named(&format!("{ROLE_PREFIX}{}", "a".repeat(64 - ROLE_PREFIX.len()))), true),
            (named(&format!("{ROLE_PREFIX}{}", "a".repeat(65 - ROLE_PREFIX.len()))), false),
            ("arn:aws-cn:iam::123456789012:role/herald-events-a".to_owned(), true),
            (named("herald-events-"), false),
            (named("admin"), false),
            (named("team/herald-events-a"), false),
            (named("herald-events-a/b"), false),
            (named("herald-events-*"), false),
            ("arn:aws:iam::12345678901:role/herald-events-a".to_owned(), false),
            ("arn:aws:iam:eu-west-1:123456789012:role/herald-events-a".to_owned(), false),
            ("arn:aws:iam::123456789012:user/herald-events-a".to_owned(), false),
        ] {
            assert_eq!(is_role(&arn), fine, "{arn}");
        }
    }
}
