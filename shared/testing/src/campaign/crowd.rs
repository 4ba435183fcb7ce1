//! The people of a life: their contacts, and who says no when.

use super::{Campaign, Missing};
use crate::{Engine, Rng};
use app::campaigns::Letters;
use async_trait::async_trait;
use bytes::Bytes;
use domain::audience::{
    Address, AttributeSet, AudienceKey, Contact, ContactList, MailKind, Person, Segment, Subscription,
    SubscriptionState,
};
use domain::campaigns::{EntryRef, Reason, Selection, Verdict};
use domain::{ContactId, ListId, SegmentId, TenantId};
use jiff::Timestamp;
use ports::{Audience, ContactPage, Mail, StoreError, SuppressedPage, Versioned};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use uuid::Uuid;

/// The lists that get the run, and the one that it excludes.
fn list(n: u128) -> ListId {
    ListId::from_uuid(Uuid::from_u128(n))
}

/// Somebody, and since when they want no more.
#[derive(Debug, Clone)]
pub(super) struct One {
    contact: Contact,
    /// When they said no, in milliseconds.
    pub(super) no_since: Option<i64>,
}

/// Everybody.
pub(super) struct Crowd {
    engine: Arc<Engine>,
    people: Mutex<BTreeMap<ContactId, One>>,
    throttled: u32,
}

impl Crowd {
    pub(super) fn gathered(engine: &Arc<Engine>, tenant: TenantId, campaign: &Campaign) -> Self {
        let at = engine.now();
        let draw = |rng: &mut Rng, n: u32| {
            let shard = u128::from(rng.draw() % u64::from(campaign.shards.max(1)));
            let id = ContactId::from_uuid(Uuid::from_u128(shard << 124 | u128::from(rng.draw()) << 32 | u128::from(n)));
            let address = Address::parse(&format!("p{n}@people.example")).map(Person::at).ok()?;
            let mut contact = Contact::new(id, tenant, address, at);
            // Most are on two of the lists, which overlap; some left, or never confirmed.
            for (on, permille) in [(1, 700), (2, 600), (3, 60)] {
                if rng.permille(permille) {
                    let state = match rng.between(0, 19) {
                        0 => SubscriptionState::Pending,
                        1 => SubscriptionState::Unsubscribed,
                        _ => SubscriptionState::Subscribed,
                    };
                    contact.subscriptions.insert(list(on), Subscription { state, since: at, consent: None });
                }
            }
            Some((id, One { contact, no_since: None }))
        };
        let people = engine.chance(|rng| (0..campaign.people).filter_map(|n| draw(rng, n)).collect());
        Self { engine: Arc::clone(engine), people: Mutex::new(people), throttled: campaign.weather.store_throttled }
    }

    pub(super) fn people(&self) -> MutexGuard<'_, BTreeMap<ContactId, One>> {
        self.people.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Those whom the run is meant for.
    pub(super) fn concerned(&self) -> Vec<ContactId> {
        let people = self.people();
        let of = people.iter().filter(|(_, one)| is_concerned(&one.contact));
        of.map(|(id, _)| *id).collect()
    }

    /// Somebody wants no more, from now on: it is committed.
    pub(super) fn leave(&self, n: usize) {
        let now = self.engine.now();
        let mut people = self.people();
        let at = n % people.len().max(1);
        if let Some((_, one)) = people.iter_mut().nth(at) {
            one.no_since = one.no_since.or(Some(now.as_millisecond()));
            for subscription in one.contact.subscriptions.values_mut() {
                *subscription = Subscription { state: SubscriptionState::Unsubscribed, since: now, consent: None };
            }
        }
    }
}

fn is_concerned(contact: &Contact) -> bool {
    [1, 2].iter().any(|on| contact.subscriptions.contains_key(&list(*on)))
}

/// The crowd as one process sees it.
pub(super) struct Seen {
    pub(super) crowd: Arc<Crowd>,
    pub(super) missing: Missing,
    /// When the process began, in milliseconds.
    pub(super) since: i64,
}

impl Seen {
    fn faulty(&self) -> Result<(), StoreError> {
        if self.crowd.engine.strikes(self.crowd.throttled) {
            return Err(StoreError::Unavailable("throttled".into()));
        }
        Ok(())
    }

    fn read(&self, one: &One) -> Versioned<Contact> {
        let mut value = one.contact.clone();
        // As it was when the process began, before any of its claims.
        if self.missing == Missing::AskedBeforeClaim && one.no_since.is_some_and(|at| at > self.since) {
            for subscription in value.subscriptions.values_mut() {
                subscription.state = SubscriptionState::Subscribed;
            }
        }
        Versioned { value, rev: 1, unsent: Vec::new() }
    }
}

#[async_trait]
impl Audience for Seen {
    async fn audience_key(&self, _: TenantId) -> Result<Option<Versioned<AudienceKey>>, StoreError> {
        Ok(None)
    }

    async fn attributes(&self, _: TenantId) -> Result<Option<Versioned<AttributeSet>>, StoreError> {
        Ok(None)
    }

    async fn contact(&self, _: TenantId, id: ContactId) -> Result<Option<Versioned<Contact>>, StoreError> {
        self.crowd.engine.point("contact asked", 1, 12, true).await;
        self.faulty()?;
        let found = self.crowd.people().get(&id).map(|one| self.read(one));
        self.crowd.engine.point("contact read", 1, 12, true).await;
        Ok(found)
    }

    async fn contacts(
        &self,
        _: TenantId,
        shard: u8,
        after: Option<ContactId>,
        limit: u32,
    ) -> Result<ContactPage, StoreError> {
        self.crowd.engine.point("contacts asked", 1, 12, false).await;
        self.faulty()?;
        // Pages of any length, as large contacts make them.
        let short = self.crowd.engine.chance(|rng| rng.between(1, 120));
        let limit = usize::try_from(short.min(i64::from(limit))).unwrap_or(1);
        let page = {
            let people = self.crowd.people();
            let behind = people.iter().filter(|(id, _)| domain::audience::contact_shard(**id) == shard);
            let mut behind =
                behind.filter(|(id, _)| after.is_none_or(|after| **id > after)).map(|(_, one)| self.read(one));
            let items: Vec<_> = behind.by_ref().take(limit).collect();
            let next = behind.next().and(items.last()).map(|last| last.value.id);
            ContactPage { items, next }
        };
        self.crowd.engine.point("contacts read", 1, 12, false).await;
        Ok(page)
    }

    async fn suppressed(&self, _: TenantId, _: Option<&str>, _: u32) -> Result<SuppressedPage, StoreError> {
        Ok(SuppressedPage { items: Vec::new(), next: None })
    }

    async fn contact_list(&self, _: TenantId, _: ListId) -> Result<Option<Versioned<ContactList>>, StoreError> {
        Ok(None)
    }

    async fn contact_lists(&self, _: TenantId) -> Result<Vec<Versioned<ContactList>>, StoreError> {
        Ok(Vec::new())
    }

    async fn segment(&self, _: TenantId, _: SegmentId) -> Result<Option<Versioned<Segment>>, StoreError> {
        Ok(None)
    }

    async fn segments(&self, _: TenantId) -> Result<Vec<Versioned<Segment>>, StoreError> {
        Ok(Vec::new())
    }
}

/// The run: to two lists, without a third, at three instants.
pub(super) struct Edition {
    pub(super) starts: Timestamp,
}

impl Selection for Edition {
    fn judge(&self, contact: &Contact, now: Timestamp) -> Verdict {
        if !is_concerned(contact) {
            return Verdict::Unconcerned;
        }
        if contact.subscriptions.contains_key(&list(3)) {
            return Verdict::Out(Reason::Excluded);
        }
        if let Err(reason) = self.still(contact, now) {
            return Verdict::Out(reason);
        }
        let n = contact.id.uuid().as_u128() % 7;
        let minutes = [0, 0, 0, 0, 0, 20, 90][usize::try_from(n).unwrap_or(0)];
        let not_before = self.starts + jiff::SignedDuration::from_mins(minutes);
        Verdict::In { variant: u8::try_from(n % 2).unwrap_or(0), not_before }
    }

    fn still(&self, contact: &Contact, now: Timestamp) -> Result<(), Reason> {
        Ok(contact.may_be_mailed(MailKind::Marketing, &[list(1), list(2)], now)?)
    }
}

impl Letters for Edition {
    fn letter(&self, contact: &Contact, _: u8, entry: &EntryRef) -> Result<Mail, Reason> {
        let to = contact.person.as_ref().ok_or(Reason::NotMade)?.address.as_str().to_owned();
        let from = "news@us.example".to_owned();
        Ok(Mail { from, to, raw: Bytes::new(), tags: entry.tags() })
    }
}
