//! A contact, and everything that can become of it.

use super::{
    Address, AttributeValue, Channel, ContactConsent, ContactList, Lifted, NewConsent, OptIn, Subscription,
    SubscriptionState, Suppression, SuppressionReason,
};
use crate::{ContactId, ListId, MemberId, TenantId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Most tags of a contact.
pub const MAX_TAGS: usize = 30;
/// Most characters of a tag.
pub const MAX_TAG: usize = 50;
/// Most lists that a contact is on, was on, or was asked about.
pub const MAX_SUBSCRIPTIONS: usize = 30;
/// Most consents that are kept of a contact; more than lists, so that there is always one that nothing rests on.
pub const MAX_CONSENTS: usize = 40;
/// Most topics that a person has a say in.
pub const MAX_TOPICS: usize = 30;
/// Most bytes of a contact as it is stored (JSON). A write of it takes a unit for each kilobyte, and everybody who sends to an audience reads it.
pub const MAX_CONTACT: usize = 24 * 1024;

/// Who a contact is: all that goes when they are forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Where mail goes. It never changes: another address is another contact.
    pub address: Address,
    /// Given name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    /// Family name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family_name: Option<String>,
    /// IANA zone that they live in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// The language they read, as a BCP 47 tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// What the tenant keeps about them, by the names it declared.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, AttributeValue>,
    /// Words that they are grouped by.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub tags: BTreeSet<String>,
}

impl Person {
    /// Of whom only the address is known.
    pub fn at(address: Address) -> Self {
        let (given_name, family_name, zone, locale) = (None, None, None, None);
        Self { address, given_name, family_name, zone, locale, attributes: BTreeMap::new(), tags: BTreeSet::new() }
    }
}

/// What a person wants to be told, beside the lists they are on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preferences {
    /// Channels that they switched off. (A suppression is ours, or a server's; this is theirs, and they switch it on again.)
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub off: BTreeSet<Channel>,
    /// Until when they want nothing that they did not cause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused_until: Option<Timestamp>,
    /// Topics, by name: whether they want to hear of it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub topics: BTreeMap<String, bool>,
}

impl Preferences {
    fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// What the person did with what they were sent. Machines that open and click are not counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Responses {
    /// Mails that were sent to them.
    #[serde(default, skip_serializing_if = "crate::is_zero")]
    pub mails: u32,
    /// Those that they opened.
    #[serde(default, skip_serializing_if = "crate::is_zero")]
    pub opens: u32,
    /// Those in which they clicked.
    #[serde(default, skip_serializing_if = "crate::is_zero")]
    pub clicks: u32,
    /// When they were last sent one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_mail_at: Option<Timestamp>,
    /// When they last opened one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_open_at: Option<Timestamp>,
    /// When they last clicked in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_click_at: Option<Timestamp>,
}

impl Responses {
    fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// A person of a tenant's audience; or, once they were forgotten, what keeps them from being written to again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Made from the address ([`super::contact_id`]).
    pub id: ContactId,
    /// Tenant.
    pub tenant: TenantId,
    /// When it was made; of one that was forgotten and came again, when it came.
    pub created_at: Timestamp,
    /// Who it is; none once they were forgotten, and of an address that is only left alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Person>,
    /// When they were forgotten, if they were and did not come again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erased_at: Option<Timestamp>,
    /// How they stand to lists.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub subscriptions: BTreeMap<ListId, Subscription>,
    /// Channels on which they are left alone.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub suppressions: BTreeMap<Channel, Suppression>,
    /// The suppression that was last lifted on a channel.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lifted: BTreeMap<Channel, Lifted>,
    /// What they agreed to, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consents: Vec<ContactConsent>,
    /// What they want.
    #[serde(default, skip_serializing_if = "Preferences::is_nothing")]
    pub preferences: Preferences,
    /// What they did.
    #[serde(default, skip_serializing_if = "Responses::is_nothing")]
    pub responses: Responses,
}

/// What the ids of a tenant's contacts are made with: 32 random bytes, made before its first contact and never changed, or every address would
/// have another id than before. The key ring may change as it likes: it only seals them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AudienceKey {
    /// Tenant.
    pub tenant: TenantId,
    /// The bytes in base64, sealed.
    pub sealed: String,
}

/// A contact is on as many lists as it can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a contact stands to at most {MAX_SUBSCRIPTIONS} lists")]
pub struct TooManyLists;

impl Contact {
    /// A contact of whom nothing is known but who they are.
    pub fn new(id: ContactId, tenant: TenantId, person: Person, now: Timestamp) -> Self {
        Self { person: Some(person), ..Self::stranger(id, tenant, now) }
    }

    /// Somebody of whom nothing is kept: their address is to be left alone, and was never a contact.
    pub fn stranger(id: ContactId, tenant: TenantId, now: Timestamp) -> Self {
        Self {
            id,
            tenant,
            created_at: now,
            person: None,
            erased_at: None,
            subscriptions: BTreeMap::new(),
            suppressions: BTreeMap::new(),
            lifted: BTreeMap::new(),
            consents: Vec::new(),
            preferences: Preferences::default(),
            responses: Responses::default(),
        }
    }

    /// Somebody who was forgotten, or only ever left alone, comes: with nothing but what keeps them from being written to.
    #[must_use]
    pub fn again(self, person: Person, now: Timestamp) -> Self {
        Self { suppressions: self.suppressions, ..Self::new(self.id, self.tenant, person, now) }
    }

    /// The person forgotten. What is left says on which channels this id is left alone, why and since when; by mail in any case.
    #[must_use]
    pub fn erased(mut self, now: Timestamp) -> Self {
        let forgotten = Suppression { reason: SuppressionReason::Erased, since: now, evidence: None };
        self.suppress(Channel::Email, forgotten);
        // What proves a suppression may tell of the person.
        self.suppressions.values_mut().for_each(|suppression| suppression.evidence = None);
        Self {
            person: None,
            erased_at: self.erased_at.or(Some(now)),
            subscriptions: BTreeMap::new(),
            lifted: BTreeMap::new(),
            consents: Vec::new(),
            preferences: Preferences::default(),
            responses: Responses::default(),
            ..self
        }
    }

    /// Whether there is nobody: forgotten, or never there.
    pub fn is_erased(&self) -> bool {
        self.person.is_none()
    }

    /// Leaves the person alone on a channel, for this reason or the stronger one that there is.
    pub fn suppress(&mut self, channel: Channel, suppression: Suppression) {
        let merged = match self.suppressions.remove(&channel) {
            Some(known) => known.merged(suppression),
            None => suppression,
        };
        self.suppressions.insert(channel, merged);
    }

    /// Lifts the suppression of a channel; false where there is none.
    pub fn lift(&mut self, channel: Channel, by: MemberId, why: String, at: Timestamp) -> bool {
        let Some(was) = self.suppressions.remove(&channel) else { return false };
        self.lifted.insert(channel, Lifted { was, at, by, why });
        true
    }

    /// Puts the contact on a list: at once, or once they said yes where the list asks, unless that was proved already. Who is on it stays as
    /// they are, and a person who left comes back only with a consent, which the caller sees to.
    ///
    /// # Errors
    /// It stands to as many lists as it can.
    pub fn subscribe(
        &mut self,
        list: &ContactList,
        consent: Option<NewConsent>,
        proved: bool,
        now: Timestamp,
    ) -> Result<(), TooManyLists> {
        let known = self.subscriptions.get(&list.id).copied();
        if known.is_none() && self.subscriptions.len() >= MAX_SUBSCRIPTIONS {
            return Err(TooManyLists);
        }
        let state = match list.opt_in {
            OptIn::Double if !proved => SubscriptionState::Pending,
            OptIn::Single | OptIn::Double => SubscriptionState::Subscribed,
        };
        let stays = known.filter(|known| known.state == SubscriptionState::Subscribed || known.state == state);
        let consent = consent.map(|consent| self.consent(Channel::Email, Some(list.id), consent));
        let next = match stays {
            Some(known) => Subscription { consent: consent.or(known.consent), ..known },
            None => Subscription { state, since: now, consent },
        };
        self.subscriptions.insert(list.id, next);
        Ok(())
    }

    /// The person says yes to being on a list. False where nobody asked: they left meanwhile, or are on it already.
    pub fn confirm(&mut self, list: ListId, consent: NewConsent, now: Timestamp) -> bool {
        if self.subscriptions.get(&list).is_none_or(|known| known.state != SubscriptionState::Pending) {
            return false;
        }
        let consent = Some(self.consent(Channel::Email, Some(list), consent));
        self.subscriptions.insert(list, Subscription { state: SubscriptionState::Subscribed, since: now, consent });
        true
    }

    /// Takes the contact off a list, whether or not it was on it, and its consent to that back. False where it had left before.
    ///
    /// # Errors
    /// It was not on the list, and stands to as many as it can.
    pub fn unsubscribe(&mut self, list: ListId, now: Timestamp) -> Result<bool, TooManyLists> {
        let known = self.subscriptions.get(&list).copied();
        if known.is_some_and(|known| known.state == SubscriptionState::Unsubscribed) {
            return Ok(false);
        }
        if known.is_none() && self.subscriptions.len() >= MAX_SUBSCRIPTIONS {
            return Err(TooManyLists);
        }
        for consent in self.consents.iter_mut().filter(|consent| consent.list == Some(list)) {
            consent.withdrawn_at = consent.withdrawn_at.or(Some(now));
        }
        let consent = known.and_then(|known| known.consent);
        self.subscriptions.insert(list, Subscription { state: SubscriptionState::Unsubscribed, since: now, consent });
        Ok(true)
    }

    /// Keeps a consent, and tells its number. Of too many the oldest goes that no subscription rests on.
    pub fn consent(&mut self, channel: Channel, list: Option<ListId>, new: NewConsent) -> u32 {
        let n = self.consents.last().map_or(0, |last| last.n + 1);
        let NewConsent { wording, source, at, ip } = new;
        self.consents.push(ContactConsent { n, channel, list, wording, source, at, ip, withdrawn_at: None });
        if self.consents.len() > MAX_CONSENTS {
            let rested_on: BTreeSet<u32> = self.subscriptions.values().filter_map(|s| s.consent).collect();
            let spare = self.consents.iter().position(|c| c.n != n && !rested_on.contains(&c.n));
            self.consents.remove(spare.unwrap_or(0));
        }
        n
    }

    /// Whether it is within the size that a contact may have.
    pub fn is_bounded(&self) -> bool {
        serde_json::to_vec(self).is_ok_and(|json| json.len() <= MAX_CONTACT)
    }
}
