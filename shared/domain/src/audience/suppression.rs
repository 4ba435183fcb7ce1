//! Why a person is left alone on a channel, and what they agreed to.

use crate::{ListId, MemberId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Most characters of what a suppression is proved by, and of the reason for which one is lifted.
pub const MAX_EVIDENCE: usize = 200;
/// Most characters of the name of a wording's version.
pub const MAX_WORDING: usize = 100;
/// Most characters of where a consent was given.
pub const MAX_SOURCE: usize = 200;

/// A way to reach a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// E-mail.
    Email,
    /// Text messages to a telephone.
    Sms,
    /// Calls.
    Voice,
    /// Messages to an app.
    Push,
    /// Messages in a chat.
    Chat,
}

impl Channel {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Email, Self::Sms, Self::Voice, Self::Push, Self::Chat];
    /// Their names, as they stand on the wire.
    pub const NAMES: [&'static str; 5] = ["email", "sms", "voice", "push", "chat"];

    /// In one word.
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.name() == name)
    }
}

/// Why a person is left alone on a channel. Of two reasons the later one here counts: it takes more to lift it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuppressionReason {
    /// One of ours wants it so.
    Manual,
    /// The person wants nothing more on this channel. What they themselves caused, such as a receipt, still goes out.
    Unsubscribed,
    /// There is nobody at this address, or it takes nothing for good.
    Bounced,
    /// The person called what they got spam.
    Complained,
    /// The person was forgotten, at their own wish or at ours.
    Erased,
}

impl SuppressionReason {
    /// All of them, the weakest first.
    pub const ALL: [Self; 5] = [Self::Manual, Self::Unsubscribed, Self::Bounced, Self::Complained, Self::Erased];
    /// Their names, as they stand on the wire.
    pub const NAMES: [&'static str; 5] = ["manual", "unsubscribed", "bounced", "complained", "erased"];

    /// In one word.
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }

    /// Whether lifting it must be justified: the person, or the law, said no, and not one of ours.
    pub fn needs_a_reason_to_lift(self) -> bool {
        self >= Self::Complained
    }
}

/// That a person is left alone on a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppression {
    /// Why.
    pub reason: SuppressionReason,
    /// Since when.
    pub since: Timestamp,
    /// What proves it: a provider's event, a letter, a ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
}

impl Suppression {
    /// Both taken together: the stronger reason, of two that are equal the earlier one. Whatever the order in which they are told, the same
    /// is left.
    #[must_use]
    pub fn merged(self, other: Self) -> Self {
        let stronger = other.reason > self.reason;
        let earlier = other.reason == self.reason && (other.since, &other.evidence) < (self.since, &self.evidence);
        if stronger || earlier { other } else { self }
    }
}

/// That one of ours lifted a suppression: kept beside the contact, since it is them who may ask why they are written to again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lifted {
    /// The suppression that there was.
    pub was: Suppression,
    /// When it was lifted.
    pub at: Timestamp,
    /// By whom.
    pub by: MemberId,
    /// Why; empty where that was not asked.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// That a person agreed to be written to: enough to show it when somebody asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactConsent {
    /// Its number within the contact.
    pub n: u32,
    /// To what channel.
    pub channel: Channel,
    /// To which list; none where it is for the channel as such.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<ListId>,
    /// The version of the words that they read.
    pub wording: String,
    /// Where they read them: a form, a shop, an event.
    pub source: String,
    /// When they agreed.
    pub at: Timestamp,
    /// The address from which they did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip: Option<IpAddr>,
    /// When they took it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn_at: Option<Timestamp>,
}

/// A consent that is to be kept; its number is given where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewConsent {
    /// The version of the words that they read.
    pub wording: String,
    /// Where they read them.
    pub source: String,
    /// When they agreed.
    pub at: Timestamp,
    /// The address from which they did.
    pub ip: Option<IpAddr>,
}
