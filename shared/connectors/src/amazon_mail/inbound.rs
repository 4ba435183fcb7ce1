//! What Amazon SES tells of mails: events of a configuration set, or notifications of an identity, published to a topic of Amazon SNS
//! that calls us over HTTPS. SNS signs the values of a message, not its bytes, with the key of a certificate that lies at an address
//! of its own (<https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html>), and calls nobody before they have
//! said yes (<https://docs.aws.amazon.com/sns/latest/dg/http-subscription-confirmation-json.html>).

mod events;

use connector_kit::inbound::{Tree, base64_of, param, rsa_sha256, unknown, unreadable};
use domain::inbound::Heard;
use jiff::{SignedDuration, Timestamp};
use ports::{Ask, Call, Greeting, Inbound, Made, Proofs, Proved, Refused, SourceField, SourceForm};
use secrecy::ExposeSecret as _;
use serde_json::Value;

/// What people enter for it.
pub(crate) const FORM: SourceForm = SourceForm {
    slug: "amazon-mail",
    name: "Amazon SES",
    help: "Set the topic's attribute SignatureVersion to 2, make the topic a destination of your configuration set's events, and then subscribe the address to it: protocol HTTPS, raw message delivery off. The subscription is confirmed by itself.",
    fields: &[SourceField {
        name: "topics",
        what: "the ARN of the topic, or of up to ten with commas between them and no spaces",
        made: Made::Nothing,
        check: are_topics,
    }],
};

/// Topics of one source; ours.
const MAX_TOPICS: usize = 10;
/// How old a message may be. SNS repeats one for an hour at most
/// (<https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html>) and signs it once; a call is known again for longer
/// than this day, which is ours.
const MAX_AGE: SignedDuration = SignedDuration::from_hours(24);
/// How far ahead the clock of a message may be; ours.
const MAX_AHEAD: SignedDuration = SignedDuration::from_secs(300);

/// A topic, as far as its address says where its messages are signed.
struct Topic<'a> {
    partition: &'a str,
    region: &'a str,
}

impl<'a> Topic<'a> {
    /// `arn:<partition>:sns:<region>:<account>:<name>`.
    fn of(arn: &'a str) -> Option<Self> {
        let mut parts = arn.split(':');
        let [arn, partition, service, region, account, name] =
            std::array::from_fn(|_| parts.next().unwrap_or_default());
        let word = |text: &str, most: usize, also: &[u8]| {
            let is = |byte: u8| byte.is_ascii_alphanumeric() || also.contains(&byte);
            (1..=most).contains(&text.len()) && text.bytes().all(is)
        };
        let whole = arn == "arn" && service == "sns" && parts.next().is_none();
        let numbered = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        let placed = word(partition, 16, b"-") && word(region, 32, b"-");
        (whole && placed && numbered && word(name, 256, b"-_.")).then_some(Self { partition, region })
    }

    /// Where SNS of this region is. Every address that a message names must begin with exactly this, so that nothing else in it can
    /// be taken for a host.
    fn place(&self) -> String {
        let end = if self.partition == "aws-cn" { ".cn" } else { "" };
        format!("https://sns.{}.amazonaws.com{end}/", self.region)
    }
}

fn are_topics(text: &str) -> bool {
    let all: Vec<&str> = text.split(',').collect();
    all.len() <= MAX_TOPICS && all.iter().all(|arn| Topic::of(arn).is_some())
}

/// A message of SNS.
struct Message<'a>(Tree<'a>);

impl Message<'_> {
    fn value(&self, name: &str) -> Option<&str> {
        self.0.0.get(name).and_then(Value::as_str)
    }

    fn kind(&self) -> &str {
        self.value("Type").unwrap_or_default()
    }

    /// Its topic, if it is one of the source's: only then anything that it names is looked at.
    fn topic(&self, proofs: &Proofs) -> Option<(&str, Topic<'_>)> {
        let arn = self.value("TopicArn")?;
        let known = proofs.of("topics").expose_secret().split(',').any(|known| known == arn);
        Topic::of(arn).filter(|_| known).map(|topic| (arn, topic))
    }

    /// The address of its certificate, if it is one of SNS in the topic's region.
    fn certificate(&self, proofs: &Proofs) -> Option<&str> {
        let (_, topic) = self.topic(proofs)?;
        let url = self.value("SigningCertURL")?;
        let file =
            url.strip_prefix(&topic.place())?.strip_prefix("SimpleNotificationService-")?.strip_suffix(".pem")?;
        let plain = (1..=64).contains(&file.len()) && file.bytes().all(|byte| byte.is_ascii_alphanumeric());
        plain.then_some(url)
    }

    /// What is signed: the names and values of these fields, in this order, each on a line of its own.
    fn signed(&self) -> Option<String> {
        let names: &[&str] = match self.kind() {
            "Notification" => &["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
            "SubscriptionConfirmation" | "UnsubscribeConfirmation" => {
                &["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
            }
            _ => return None,
        };
        let mut text = String::new();
        for name in names {
            match self.value(name) {
                Some(value) => text.extend([*name, "\n", value, "\n"]),
                None if *name == "Subject" => {}
                None => return None,
            }
        }
        Some(text)
    }

    /// The address whose reading confirms the subscription, if it does that for this topic and nothing else.
    fn yes(&self, proofs: &Proofs) -> Option<&str> {
        let (arn, topic) = self.topic(proofs)?;
        let url = self.value("SubscribeURL")?;
        let query = url.strip_prefix(&topic.place())?.strip_prefix('?')?;
        let is = |name, value| param(query, name).as_deref() == Some(value);
        let plain = query.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
        let confirms = is("Action", "ConfirmSubscription") && is("TopicArn", arn) && is("Token", self.value("Token")?);
        (plain && confirms).then_some(url)
    }
}

/// Bytes of a call beyond which it is none of SNS: a message has 256 KiB, and each of its signs at most two here.
const MAX_BODY: usize = 600 * 1024;

/// It must be read before it is proved, since values are signed: so only what SNS can send.
fn body(ask: &Ask<'_>) -> Value {
    if ask.body.len() > MAX_BODY { Value::Null } else { serde_json::from_slice(ask.body).unwrap_or_default() }
}

/// Its topics.
pub(crate) struct Topics;

impl Inbound for Topics {
    fn form(&self) -> &'static SourceForm {
        &FORM
    }

    fn relies_on(&self, ask: &Ask<'_>, proofs: &Proofs) -> Option<String> {
        Message(Tree(&body(ask))).certificate(proofs).map(str::to_owned)
    }

    /// A subscription is confirmed only where it is proved to be one of a topic of this source.
    fn greet(&self, ask: &Ask<'_>, proofs: &Proofs, now: Timestamp) -> Result<Option<Greeting>, Refused> {
        let body = body(ask);
        let message = Message(Tree(&body));
        if message.kind() != "SubscriptionConfirmation" {
            return Ok(None);
        }
        self.prove(ask, proofs, now)?;
        let visit = message.yes(proofs).ok_or(Refused::Wrong)?.to_owned();
        Ok(Some(Greeting { visit: Some(visit), ..Greeting::empty(200) }))
    }

    fn prove(&self, ask: &Ask<'_>, proofs: &Proofs, now: Timestamp) -> Result<Proved, Refused> {
        let body = body(ask);
        let message = Message(Tree(&body));
        message.certificate(proofs).ok_or(Refused::Unproved)?;
        // The other version is of SHA-1.
        if message.value("SignatureVersion") != Some("2") {
            return Err(Refused::Unproved);
        }
        let (signed, tag) =
            (message.signed().ok_or(Refused::Unproved)?, message.value("Signature").and_then(base64_of));
        rsa_sha256(proofs.document(), signed.as_bytes(), tag)?;
        let at: Timestamp = message.value("Timestamp").and_then(|at| at.parse().ok()).ok_or(Refused::Wrong)?;
        let age = now.duration_since(at);
        if age > MAX_AGE || age < -MAX_AHEAD {
            return Err(Refused::Stale);
        }
        Ok(Proved { call: message.value("MessageId").map(str::to_owned) })
    }

    /// Nothing is read of it but values that were signed.
    fn read(&self, call: &Call<'_>) -> Vec<Heard> {
        let Ok(body) = serde_json::from_slice::<Value>(call.body) else { return unreadable(call.name) };
        let message = Message(Tree(&body));
        match (message.kind(), message.value("Message")) {
            ("Notification", Some(text)) => events::read(call.name, text),
            (kind, _) => vec![unknown(call.name, kind)],
        }
    }
}

#[cfg(test)]
mod tests;
