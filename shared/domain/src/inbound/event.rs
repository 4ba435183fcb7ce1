//! What others tell of, in our own words, whoever tells it.

use super::{MessageStatus, Standing};
use crate::events::{AddressFacts, EventData, InteractionFacts, StatusFacts};
use crate::{AccountId, IncomingId, PlatformId, ReceiptId, SourceId, TenantId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Most characters kept of a text, a name or an id that somebody else wrote.
const MAX_TEXT: usize = 10_000;
const MAX_WORD: usize = 512;

/// An event as its connector read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    /// What names it at its source: the same at every repetition, another for every other event.
    pub id: String,
    /// When it happened; none when it does not say.
    pub at: Option<Timestamp>,
    /// The platform's id of the account that it concerns.
    pub to: Option<String>,
    /// What happened.
    pub what: What,
}

/// An event that came in, stored once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incoming {
    /// Made from its source and what names it there.
    pub id: IncomingId,
    /// Tenant.
    pub tenant: TenantId,
    /// Where it came in.
    pub source: SourceId,
    /// Who told it.
    pub platform: PlatformId,
    /// The call that told it.
    pub receipt: ReceiptId,
    /// The account that it concerns, where one of the tenant's has the id that it names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// When it happened; when it came in, if it does not say.
    pub at: Timestamp,
    /// When it came in.
    pub received_at: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
}

/// What somebody said or did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// The platform's id of it.
    pub external_id: String,
    /// The platform's id of what it belongs to: the post commented on, the message reacted to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
    /// The platform's id of who did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// Their name, as the platform shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handle: Option<String>,
    /// The words, or the reaction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Whether it is new, or was changed or taken back.
    pub change: Changed,
}

/// What became of something said. Of two that are told of the same instant, the later one here counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Changed {
    /// It is new.
    #[default]
    Added,
    /// It was edited.
    Edited,
    /// It was taken back.
    Removed,
}

/// Somebody who can be written to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Their address, number or id.
    pub address: String,
    /// Why, as a stable code of the platform's, where it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The platform's id of the message that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum What {
    /// A comment below a post.
    Comment(Said),
    /// The account was named somewhere.
    Mention(Said),
    /// A message to the account.
    Message(Said),
    /// A like, or another reaction.
    Reaction(Said),
    /// What became of a message that was sent.
    Status {
        /// The platform's id of the message.
        message: String,
        /// To whom it went.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        recipient: Option<String>,
        /// Where it stands.
        standing: Standing,
    },
    /// Somebody wants no more messages.
    OptOut(Person),
    /// Somebody wants messages again.
    OptIn(Person),
    /// A mail came back.
    Bounce {
        /// Whether every other one would, too.
        permanent: bool,
        /// Whose.
        #[serde(flatten)]
        person: Person,
    },
    /// Somebody called a mail spam.
    Complaint(Person),
    /// Something that Herald has no word for. Its call keeps what it says.
    Unknown {
        /// What the platform calls it.
        kind: String,
    },
}

impl What {
    /// In one word.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Comment(_) => "comment",
            Self::Mention(_) => "mention",
            Self::Message(_) => "message",
            Self::Reaction(_) => "reaction",
            Self::Status { .. } => "status",
            Self::OptOut(_) => "opt_out",
            Self::OptIn(_) => "opt_in",
            Self::Bounce { .. } => "bounce",
            Self::Complaint(_) => "complaint",
            Self::Unknown { .. } => "unknown",
        }
    }

    /// The same, with when it came in for the time of a status that tells none ([`Standing::untimed`]).
    #[must_use]
    pub fn timed(mut self, received_at: Timestamp) -> Self {
        if let Self::Status { standing, .. } = &mut self
            && standing.at == Timestamp::UNIX_EPOCH
        {
            standing.at = received_at;
        }
        self
    }

    /// The same with everything that others wrote cut to what is kept of it: an item has 400 KB.
    #[must_use]
    pub fn cut(mut self) -> Self {
        match &mut self {
            Self::Comment(said) | Self::Mention(said) | Self::Message(said) | Self::Reaction(said) => {
                shorten(&mut said.external_id, MAX_WORD);
                for word in [&mut said.on, &mut said.author, &mut said.handle] {
                    maybe(word, MAX_WORD);
                }
                maybe(&mut said.text, MAX_TEXT);
            }
            Self::Status { message, recipient, standing } => {
                shorten(message, MAX_WORD);
                maybe(recipient, MAX_WORD);
                maybe(&mut standing.code, MAX_WORD);
            }
            Self::OptOut(person) | Self::OptIn(person) | Self::Complaint(person) | Self::Bounce { person, .. } => {
                shorten(&mut person.address, MAX_WORD);
                maybe(&mut person.reason, MAX_WORD);
                maybe(&mut person.message, MAX_WORD);
            }
            Self::Unknown { kind } => shorten(kind, MAX_WORD),
        }
        self
    }
}

fn maybe(text: &mut Option<String>, most: usize) {
    if let Some(text) = text {
        shorten(text, most);
    }
}

fn shorten(text: &mut String, most: usize) {
    if let Some((end, _)) = text.char_indices().nth(most) {
        text.truncate(end);
    }
}

/// Whether this can be a code: what others give as a reason may be a sentence, with somebody's address in it.
fn is_code(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=64).contains(&text.len()) && text.bytes().all(plain)
}

impl Incoming {
    /// What customers are told of it; nothing of what has no word of its own. Neither texts nor names nor addresses leave, and a
    /// reason only where it is a code: the API has them. `moved` is whether the status of its message is another now.
    pub fn told(&self, moved: bool) -> Option<EventData> {
        let (incoming_id, source_id, account_id) = (self.id, self.source, self.account);
        let platform = self.platform.clone();
        let said = |said: &Said| {
            let kind = self.what.name().to_owned();
            EventData::InteractionReceived(InteractionFacts {
                incoming_id,
                source_id,
                account_id,
                platform: platform.clone(),
                kind,
                change: said.change,
            })
        };
        let address = |reason: Option<&String>| AddressFacts {
            incoming_id,
            source_id,
            account_id,
            platform: platform.clone(),
            reason: reason.filter(|reason| is_code(reason)).cloned(),
        };
        match &self.what {
            What::Comment(it) | What::Mention(it) | What::Message(it) | What::Reaction(it) => Some(said(it)),
            What::Status { standing, .. } => moved.then(|| {
                EventData::MessageStatusChanged(StatusFacts {
                    incoming_id,
                    source_id,
                    account_id,
                    platform: platform.clone(),
                    status: standing.status,
                    error_code: standing.code.clone().filter(|code| is_code(code)),
                })
            }),
            What::OptOut(person) => Some(EventData::ContactOptedOut(address(person.reason.as_ref()))),
            What::Bounce { person, .. } => Some(EventData::MailBounced(address(person.reason.as_ref()))),
            What::Complaint(person) => Some(EventData::MailComplained(address(person.reason.as_ref()))),
            What::OptIn(_) | What::Unknown { .. } => None,
        }
    }

    /// Where the message stands that it tells of, after this; none when it tells of none, or of nothing new.
    pub fn moves(&self, now: Option<&MessageStatus>) -> Option<Standing> {
        let What::Status { standing, .. } = &self.what else { return None };
        match now {
            None => Some(standing.clone()),
            Some(known) => {
                let merged = known.standing.clone().merged(standing.clone());
                (merged != known.standing).then_some(merged)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    #[test]
    fn what_others_wrote_is_kept_only_so_far() {
        let long = "ü".repeat(20_000);
        let said = Said { external_id: long.clone(), text: Some(long.clone()), ..Said::default() };
        let What::Comment(cut) = What::Comment(said).cut() else { unreachable!() };
        assert_eq!(cut.external_id.chars().count(), MAX_WORD);
        assert_eq!(cut.text.map(|text| text.chars().count()), Some(MAX_TEXT));
        let What::Unknown { kind } = (What::Unknown { kind: long }).cut() else { unreachable!() };
        assert_eq!(kind.chars().count(), MAX_WORD);
    }

    /// Free text in the place of a code, as mail servers give it, may hold an address.
    #[test]
    fn a_reason_is_told_only_where_it_is_a_code() {
        use crate::inbound::MessageStanding;
        let id = "0198c0ffee0070008000000000000001";
        let told = |what: What| {
            let incoming = Incoming {
                id: format!("inc_{id}").parse().unwrap(),
                tenant: format!("ten_{id}").parse().unwrap(),
                source: format!("src_{id}").parse().unwrap(),
                platform: "standard".parse().unwrap(),
                receipt: format!("rcp_{id}").parse().unwrap(),
                account: None,
                at: Timestamp::UNIX_EPOCH,
                received_at: Timestamp::UNIX_EPOCH,
                what,
            };
            match incoming.told(true) {
                Some(
                    EventData::MailBounced(facts)
                    | EventData::MailComplained(facts)
                    | EventData::ContactOptedOut(facts),
                ) => facts.reason,
                Some(EventData::MessageStatusChanged(facts)) => facts.error_code,
                other => panic!("{other:?}"),
            }
        };
        let longest = "a".repeat(64);
        let codes = ["550", "5.1.1", "131026", "hard_bounce", "General-Bounce", &longest];
        let longer = "a".repeat(65);
        let texts = ["", "550 5.1.1 <ada@example.com>: user unknown", "ada@example.com", "ünbekannt", "a\nb", &longer];
        for (reasons, is_told) in [(codes, true), (texts, false)] {
            for reason in reasons {
                let given = Some(reason.to_owned());
                let person = Person { reason: given.clone(), ..Person::default() };
                let code = given.clone();
                let standing = Standing { status: MessageStanding::Failed, at: Timestamp::UNIX_EPOCH, code };
                for what in [
                    What::Bounce { permanent: true, person: person.clone() },
                    What::Complaint(person.clone()),
                    What::OptOut(person),
                    What::Status { message: "m".into(), recipient: None, standing },
                ] {
                    assert_eq!(told(what), given.clone().filter(|_| is_told), "{reason}");
                }
            }
        }
    }
}
