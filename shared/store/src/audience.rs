//! Contacts, and what belongs to them.

use crate::backend::{Backend, Index, Position, Query, Range, Table};
use crate::placed::kind;
use crate::read::{MAX_PAGE, Span};
use crate::{Store, keys};
use async_trait::async_trait;
use domain::audience::{AttributeSet, AudienceKey, Contact, ContactList, Segment};
use domain::{ContactId, ListId, SegmentId, TenantId};
use ports::{Audience, ContactPage, StoreError, SuppressedPage, Versioned};

#[async_trait]
impl<B: Backend> Audience for Store<B> {
    async fn audience_key(&self, tenant: TenantId) -> Result<Option<Versioned<AudienceKey>>, StoreError> {
        self.one(Table::Core, keys::audience_key(tenant), kind::AUDIENCE_KEY).await
    }

    async fn attributes(&self, tenant: TenantId) -> Result<Option<Versioned<AttributeSet>>, StoreError> {
        self.one(Table::Core, keys::attributes(tenant), kind::ATTRIBUTES).await
    }

    async fn contact(&self, tenant: TenantId, id: ContactId) -> Result<Option<Versioned<Contact>>, StoreError> {
        self.one(Table::Core, keys::contact(tenant, id), kind::CONTACT).await
    }

    async fn contacts(
        &self,
        tenant: TenantId,
        shard: u8,
        after: Option<ContactId>,
        limit: u32,
    ) -> Result<ContactPage, StoreError> {
        let pk = keys::contacts_pk(tenant, shard);
        // A contact of another partition marks a place in this one all the same: before all of it, or behind.
        let after = after.map(|id| keys::contact(tenant, id).sk);
        let after = after.map(|sk| Position { sort: sk.clone(), key: crate::Key { pk: pk.clone(), sk } });
        let range = Range::Between(keys::FIRST.to_owned(), keys::last_contact());
        let limit = limit.clamp(1, MAX_PAGE);
        let query = Query { table: Table::Core, index: None, pk, range, ascending: true, after, limit };
        let rows = self.heard(self.backend.query(&query).await?);
        let more = rows.more;
        let items: Vec<Versioned<Contact>> = (rows.rows.into_iter().filter_map(|row| row.item))
            .map(|item| item.decode(kind::CONTACT))
            .collect::<Result<_, _>>()?;
        let next = items.last().filter(|_| more).map(|last| last.value.id);
        Ok(ContactPage { items, next })
    }

    async fn suppressed(
        &self,
        tenant: TenantId,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<SuppressedPage, StoreError> {
        let span = Span::indexed(Index::Due, keys::suppressed_pk(tenant), keys::FIRST, keys::LAST).newest_first();
        let page = self.rows(&span, cursor, limit).await?;
        let items = page.items.iter().filter_map(|row| keys::parse_contact(&row.at.key)).collect();
        Ok(SuppressedPage { items, next: page.next })
    }

    async fn contact_list(&self, tenant: TenantId, id: ListId) -> Result<Option<Versioned<ContactList>>, StoreError> {
        self.one(Table::Core, keys::contact_list(tenant, id), kind::CONTACT_LIST).await
    }

    async fn contact_lists(&self, tenant: TenantId) -> Result<Vec<Versioned<ContactList>>, StoreError> {
        self.all(&Span::of(Table::Core, keys::tenant_pk(tenant), keys::contact_lists()), kind::CONTACT_LIST).await
    }

    async fn segment(&self, tenant: TenantId, id: SegmentId) -> Result<Option<Versioned<Segment>>, StoreError> {
        self.one(Table::Core, keys::segment(tenant, id), kind::SEGMENT).await
    }

    async fn segments(&self, tenant: TenantId) -> Result<Vec<Versioned<Segment>>, StoreError> {
        self.all(&Span::of(Table::Core, keys::tenant_pk(tenant), keys::segments()), kind::SEGMENT).await
    }
}
