//! Posts, their deliveries, media, gates, governors and queue slots.

use crate::backend::{Backend, Index, Range, Table};
use crate::placed::kind;
use crate::read::Span;
use crate::{Store, keys};
use async_trait::async_trait;
use domain::publishing::{Approval, Delivery, Engagement, Gate, Governor, Media, Post, Rules, Series, SlotPlan};
use domain::{AccountId, MediaId, PlatformId, PostId, SeriesId, TenantId};
use jiff::Timestamp;
use ports::{Page, PostQuery, Posts, Slot, StoreError, Versioned};

#[async_trait]
impl<B: Backend> Posts for Store<B> {
    async fn post(&self, tenant: TenantId, id: PostId) -> Result<Option<Versioned<Post>>, StoreError> {
        self.one(Table::Core, keys::post(tenant, id), kind::POST).await
    }

    async fn delivery(
        &self,
        tenant: TenantId,
        post: PostId,
        account: AccountId,
    ) -> Result<Option<Versioned<Delivery>>, StoreError> {
        self.one(Table::Core, keys::delivery(tenant, post, account), kind::DELIVERY).await
    }

    async fn deliveries(&self, tenant: TenantId, post: PostId) -> Result<Vec<Versioned<Delivery>>, StoreError> {
        self.all(&Span::of(Table::Core, keys::post_pk(tenant, post), keys::targets()), kind::DELIVERY).await
    }

    async fn list_posts(&self, tenant: TenantId, query: &PostQuery) -> Result<Page<Post>, StoreError> {
        // Sort keys go on after the time, so the bare time of `to` lies before every post of that millisecond.
        let low = query.from.map_or_else(|| keys::FIRST.to_owned(), keys::ms);
        let high = query.to.map_or_else(|| keys::LAST.to_owned(), keys::ms);
        let span = Span::indexed(Index::List, keys::posts_pk(tenant), low, high);
        let span = Span { ascending: query.ascending, ..span };
        self.page(&span, kind::POST, query.cursor.as_deref(), query.limit).await
    }

    async fn posts_aside(
        &self,
        tenant: TenantId,
        from: Timestamp,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<PostId>, StoreError> {
        let span = Span::indexed(Index::Due, keys::aside_pk(tenant), keys::ms(from), keys::LAST).newest_first();
        let (mut items, mut next) = (Vec::new(), cursor.map(str::to_owned));
        loop {
            let left = limit.saturating_sub(u32::try_from(items.len()).unwrap_or(u32::MAX));
            let page = self.rows(&span, next.as_deref(), left).await?;
            items.extend(page.items.iter().filter_map(|row| keys::parse_post(&row.at.key)));
            next = page.next;
            // A page may hold fewer than were asked for and not be the last.
            if next.is_none() || items.len() >= limit as usize {
                return Ok(Page { items, next });
            }
        }
    }

    async fn attention(
        &self,
        tenant: TenantId,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<Delivery>, StoreError> {
        let span = Span::indexed(Index::List, keys::attention_pk(tenant), keys::FIRST, keys::LAST);
        self.page(&span, kind::DELIVERY, cursor, limit).await
    }

    async fn parked(&self, tenant: TenantId, account: AccountId) -> Result<Vec<Delivery>, StoreError> {
        let span = Span::indexed(Index::List, keys::parked_pk(tenant, account), keys::FIRST, keys::LAST);
        Ok(self.all(&span, kind::DELIVERY).await?.into_iter().map(|found| found.value).collect())
    }

    async fn approval(&self, tenant: TenantId, post: PostId) -> Result<Option<Versioned<Approval>>, StoreError> {
        self.one(Table::Core, keys::approval(tenant, post), kind::APPROVAL).await
    }

    async fn approvals(
        &self,
        tenant: TenantId,
        from: Timestamp,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<Approval>, StoreError> {
        // A cursor stays good when its row has become too late since.
        let low = cursor.map_or_else(|| keys::ms(from), |_| keys::FIRST.to_owned());
        let span = Span::indexed(Index::List, keys::approvals_pk(tenant), low, keys::LAST);
        self.page(&span, kind::APPROVAL, cursor, limit).await
    }

    async fn rules(&self, tenant: TenantId) -> Result<Option<Versioned<Rules>>, StoreError> {
        self.one(Table::Core, keys::rules(tenant), kind::RULES).await
    }

    async fn series(&self, tenant: TenantId, id: SeriesId) -> Result<Option<Versioned<Series>>, StoreError> {
        self.one(Table::Core, keys::series(tenant, id), kind::SERIES).await
    }

    async fn all_series(&self, tenant: TenantId, cursor: Option<&str>, limit: u32) -> Result<Page<Series>, StoreError> {
        let span = Span::of(Table::Core, keys::tenant_pk(tenant), keys::all_series());
        self.page(&span, kind::SERIES, cursor, limit).await
    }

    async fn media(&self, tenant: TenantId, id: MediaId) -> Result<Option<Versioned<Media>>, StoreError> {
        self.one(Table::Core, keys::media(tenant, id), kind::MEDIA).await
    }

    async fn list_media(&self, tenant: TenantId, cursor: Option<&str>, limit: u32) -> Result<Page<Media>, StoreError> {
        let span = Span::indexed(Index::List, keys::library_pk(tenant), keys::FIRST, keys::LAST).newest_first();
        self.page(&span, kind::MEDIA, cursor, limit).await
    }

    async fn gate(&self, tenant: TenantId, account: AccountId) -> Result<Option<Versioned<Gate>>, StoreError> {
        self.one(Table::Ephemeral, keys::gate(tenant, account), kind::GATE).await
    }

    async fn governor(&self, platform: &PlatformId) -> Result<Option<Versioned<Governor>>, StoreError> {
        self.one(Table::Ephemeral, keys::governor(platform), kind::GOVERNOR).await
    }

    async fn slot(&self, tenant: TenantId, at: Timestamp) -> Result<Option<Versioned<Slot>>, StoreError> {
        self.one(Table::Core, keys::slot(tenant, at), kind::SLOT).await
    }

    async fn engagement(
        &self,
        tenant: TenantId,
        account: AccountId,
    ) -> Result<Option<Versioned<Engagement>>, StoreError> {
        self.one(Table::Core, keys::engagement(tenant, account), kind::ENGAGEMENT).await
    }

    async fn slot_plan(&self, tenant: TenantId, account: AccountId) -> Result<Option<Versioned<SlotPlan>>, StoreError> {
        self.one(Table::Core, keys::slot_plan(tenant, account), kind::SLOT_PLAN).await
    }

    async fn slots(&self, tenant: TenantId, from: Timestamp, limit: u32) -> Result<Vec<Slot>, StoreError> {
        let range = Range::Between(keys::ms(from), keys::LAST.to_owned());
        let span = Span { table: Table::Core, index: None, pk: keys::slots_pk(tenant), range, ascending: true };
        let (mut found, mut cursor) = (Vec::new(), None);
        loop {
            let left = limit.saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
            let page = self.page(&span, kind::SLOT, cursor.as_deref(), left).await?;
            found.extend(page.items);
            cursor = page.next;
            // A page may hold fewer than were asked for and not be the last.
            if cursor.is_none() || found.len() >= limit as usize {
                return Ok(found);
            }
        }
    }
}
