//! Whether a contact may be written to. The one question that is asked right before anything leaves.

use super::{Channel, Contact, SubscriptionState, SuppressionReason};
use crate::ListId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a mail is, as far as the person has a say in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailKind {
    /// It is sent because we want it: it takes a yes of the person.
    Marketing,
    /// The person caused it: a receipt, a password to set.
    Transactional,
}

/// Why somebody is not written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exclusion {
    /// The person was forgotten, or was never there: no address is kept.
    Erased,
    /// One of ours wants them left alone.
    Suppressed,
    /// Wants nothing more by mail.
    OptedOut,
    /// The address takes nothing for good.
    Bounced,
    /// Called what they got spam.
    Complained,
    /// Was forgotten once, and has not come back by themselves.
    ForgottenBefore,
    /// Switched mail off in their preferences.
    ChannelOff,
    /// Wants no mail for a time that is not over.
    Paused,
    /// Left the list.
    Unsubscribed,
    /// Has not said yes to being on the list yet.
    Unconfirmed,
    /// Is on none of the lists.
    NotOnList,
    /// Is on no list at all, and agreed to nothing.
    NoConsent,
}

impl Exclusion {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Erased,
        Self::Suppressed,
        Self::OptedOut,
        Self::Bounced,
        Self::Complained,
        Self::ForgottenBefore,
        Self::ChannelOff,
        Self::Paused,
        Self::Unsubscribed,
        Self::Unconfirmed,
        Self::NotOnList,
        Self::NoConsent,
    ];
    /// Their names, as they stand on the wire.
    pub const NAMES: [&'static str; 12] = [
        "erased",
        "suppressed",
        "opted_out",
        "bounced",
        "complained",
        "forgotten_before",
        "channel_off",
        "paused",
        "unsubscribed",
        "unconfirmed",
        "not_on_list",
        "no_consent",
    ];

    /// In one word.
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }
}

impl From<SuppressionReason> for Exclusion {
    fn from(reason: SuppressionReason) -> Self {
        match reason {
            SuppressionReason::Manual => Self::Suppressed,
            SuppressionReason::Unsubscribed => Self::OptedOut,
            SuppressionReason::Bounced => Self::Bounced,
            SuppressionReason::Complained => Self::Complained,
            SuppressionReason::Erased => Self::ForgottenBefore,
        }
    }
}

impl Contact {
    /// Whether a mail of this kind may go to the contact now, as one of those on any of `lists`; with none named, as one of the whole
    /// audience, which takes a list that they are on or a consent to mail.
    ///
    /// # Errors
    /// Why not: the reason that takes most to change.
    pub fn may_be_mailed(&self, kind: MailKind, lists: &[ListId], now: Timestamp) -> Result<(), Exclusion> {
        if self.person.is_none() {
            return Err(Exclusion::Erased);
        }
        let ours = kind == MailKind::Marketing;
        if let Some(suppression) = self.suppressions.get(&Channel::Email)
            && (ours || suppression.reason != SuppressionReason::Unsubscribed)
        {
            return Err(suppression.reason.into());
        }
        if !ours {
            return Ok(());
        }
        if self.preferences.off.contains(&Channel::Email) {
            return Err(Exclusion::ChannelOff);
        }
        if self.preferences.paused_until.is_some_and(|until| now < until) {
            return Err(Exclusion::Paused);
        }
        if lists.is_empty() { self.agreed_to_mail() } else { self.on_one_of(lists) }
    }

    fn on_one_of(&self, lists: &[ListId]) -> Result<(), Exclusion> {
        let states = || lists.iter().filter_map(|list| self.subscriptions.get(list)).map(|s| s.state);
        let any = |state| states().any(|found| found == state);
        if any(SubscriptionState::Subscribed) {
            Ok(())
        } else if any(SubscriptionState::Unsubscribed) {
            Err(Exclusion::Unsubscribed)
        } else if any(SubscriptionState::Pending) {
            Err(Exclusion::Unconfirmed)
        } else {
            Err(Exclusion::NotOnList)
        }
    }

    fn agreed_to_mail(&self) -> Result<(), Exclusion> {
        let on_a_list = self.subscriptions.values().any(|s| s.state == SubscriptionState::Subscribed);
        // What was agreed to for a list ends with the list.
        let agreed =
            (self.consents.iter()).any(|c| c.channel == Channel::Email && c.list.is_none() && c.withdrawn_at.is_none());
        if on_a_list || agreed { Ok(()) } else { Err(Exclusion::NoConsent) }
    }
}
