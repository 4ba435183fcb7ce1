//! One recipient of a run, and what is known of their message.

use crate::ContactId;
use crate::audience::Exclusion;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Why somebody of the audience was not written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Reason {
    /// They may not be written to.
    May(Exclusion),
    /// The campaign excludes them.
    Excluded,
    /// They are among those whom a test leaves out on purpose.
    HeldOut,
    /// No time is left in which they may be written to.
    NoWindow,
    /// The message could not be made for them.
    NotMade,
    /// The run was cancelled before their turn. Only sums say so: nothing is written of each.
    Cancelled,
}

/// A text that names no reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no such reason")]
pub struct BadReason;

impl Reason {
    /// Those of a campaign's own.
    const OWN: [Self; 5] = [Self::Excluded, Self::HeldOut, Self::NoWindow, Self::NotMade, Self::Cancelled];

    /// Every reason.
    pub fn all() -> impl Iterator<Item = Self> {
        Exclusion::ALL.into_iter().map(Self::May).chain(Self::OWN)
    }

    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::May(exclusion) => exclusion.name(),
            Self::Excluded => "excluded",
            Self::HeldOut => "held_out",
            Self::NoWindow => "no_window",
            Self::NotMade => "not_made",
            Self::Cancelled => "cancelled",
        }
    }
}

impl From<Exclusion> for Reason {
    fn from(exclusion: Exclusion) -> Self {
        Self::May(exclusion)
    }
}

impl TryFrom<String> for Reason {
    type Error = BadReason;
    fn try_from(name: String) -> Result<Self, BadReason> {
        Self::all().find(|reason| reason.name() == name).ok_or(BadReason)
    }
}

impl From<Reason> for String {
    fn from(reason: Reason) -> Self {
        reason.name().to_owned()
    }
}

/// What is known of a recipient's message. The order is that of evidence: of two things that were learned, in whatever order and however
/// often, the greater stays ([`EntryState::joined`]). Names are short because there are ten of them in a kilobyte.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum EntryState {
    /// Nothing was done for them yet. As long as their chunk is in flight they may have been written to.
    #[default]
    #[serde(rename = "p")]
    Planned,
    /// Whoever claimed them never said what came of it. Never sent again by machine.
    #[serde(rename = "u")]
    Unknown {
        /// Since when that is known, in milliseconds since 1970.
        #[serde(rename = "t")]
        since_ms: i64,
    },
    /// Nothing was sent to them, for this reason.
    #[serde(rename = "s")]
    Skipped(Reason),
    /// The provider refused the message for good.
    #[serde(rename = "r")]
    Rejected {
        /// The provider's code.
        #[serde(rename = "k")]
        code: String,
    },
    /// The provider took the message.
    #[serde(rename = "a")]
    Accepted,
    /// The recipient's server took it.
    #[serde(rename = "d")]
    Delivered,
    /// It came back.
    #[serde(rename = "b")]
    Bounced {
        /// Whether the address is said to be no good at all.
        #[serde(rename = "f", default, skip_serializing_if = "crate::is_zero")]
        permanent: bool,
        /// The provider's code.
        #[serde(rename = "k")]
        code: String,
    },
    /// The recipient called it spam.
    #[serde(rename = "c")]
    Complained,
    /// The provider said "not now": they stand in a later chunk, which alone counts. The last, so that nothing is ever learned of this one.
    #[serde(rename = "m")]
    Moved,
}

/// Which of a run's sums a recipient counts in; each in one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Not written to yet, or under way.
    Open,
    /// Nobody knows.
    Unknown,
    /// Not written to.
    Skipped(Reason),
    /// Refused.
    Rejected,
    /// Taken by the provider, and nothing bad was heard.
    Accepted,
    /// Came back.
    Bounced,
    /// Called spam.
    Complained,
    /// In another chunk.
    Elsewhere,
}

impl EntryState {
    /// What is known when both are: the greater.
    #[must_use]
    pub fn joined(&self, other: &Self) -> Self {
        self.max(other).clone()
    }

    /// Which sum it counts in.
    pub fn class(&self) -> Class {
        match self {
            Self::Planned => Class::Open,
            Self::Unknown { .. } => Class::Unknown,
            Self::Skipped(reason) => Class::Skipped(*reason),
            Self::Rejected { .. } => Class::Rejected,
            Self::Accepted | Self::Delivered => Class::Accepted,
            Self::Bounced { .. } => Class::Bounced,
            Self::Complained => Class::Complained,
            Self::Moved => Class::Elsewhere,
        }
    }
}

/// Something that was learned of one recipient's message: by who sent it, or by an event of the provider's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub state: EntryState,
    /// The provider's id of the message, where it was told.
    pub message: Option<String>,
}

impl Finding {
    /// Without an id.
    pub fn of(state: EntryState) -> Self {
        Self { state, message: None }
    }

    /// The provider took it, under this id.
    pub fn accepted(id: impl Into<String>) -> Self {
        Self { state: EntryState::Accepted, message: Some(id.into()) }
    }

    /// Nobody can tell since then.
    pub fn unknown(since: Timestamp) -> Self {
        Self::of(EntryState::Unknown { since_ms: since.as_millisecond() })
    }

    /// The provider refused it.
    pub fn rejected(code: impl Into<String>) -> Self {
        Self::of(EntryState::Rejected { code: code.into() })
    }

    /// Nothing was sent.
    pub fn skipped(reason: Reason) -> Self {
        Self::of(EntryState::Skipped(reason))
    }
}

/// One recipient, in a chunk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Who. In hex without the prefix.
    #[serde(rename = "c", with = "hex")]
    pub contact: ContactId,
    /// Which of the campaign's variants they get.
    #[serde(rename = "v", default, skip_serializing_if = "crate::is_zero")]
    pub variant: u8,
    /// What is known of their message.
    #[serde(rename = "s", default, skip_serializing_if = "crate::is_zero")]
    pub state: EntryState,
    /// The provider's id of it.
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl Entry {
    /// Somebody to be written to.
    pub fn planned(contact: ContactId, variant: u8) -> Self {
        Self { contact, variant, state: EntryState::Planned, message: None }
    }

    /// Somebody who will not be.
    pub fn skipped(contact: ContactId, reason: Reason) -> Self {
        Self { contact, variant: 0, state: EntryState::Skipped(reason), message: None }
    }

    /// With what was found.
    #[must_use]
    pub fn learned(&self, found: &Finding) -> Self {
        // What happens to somebody who stands elsewhere is told there.
        if self.state == EntryState::Moved {
            return self.clone();
        }
        let message = self.message.as_ref().max(found.message.as_ref()).cloned();
        Self { state: self.state.joined(&found.state), message, ..self.clone() }
    }

    /// Whether nothing was done for them yet.
    pub fn is_planned(&self) -> bool {
        self.state == EntryState::Planned
    }
}

/// A contact's id as its 32 hex digits.
mod hex {
    use crate::ContactId;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    #[allow(clippy::trivially_copy_pass_by_ref)] // serde asks for a reference
    pub(super) fn serialize<S: Serializer>(id: &ContactId, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&id.uuid().simple())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<ContactId, D::Error> {
        let digits = String::deserialize(from)?;
        format!("{}_{digits}", ContactId::PREFIX).parse().map_err(D::Error::custom)
    }
}
