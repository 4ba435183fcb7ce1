//! Looking: posts, what became of them, and what waits for people.

use super::approval;
use crate::mutate::require;
use crate::{Deps, Error};
use domain::access::{Caller, Permission};
use domain::publishing::{Approval, Delivery, Post, PostStatus};
use domain::{AccountId, PostId, TenantId};
use futures_util::future::try_join_all;
use ports::{Page, PostQuery};

/// A post with its deliveries.
#[derive(Debug, Clone, PartialEq)]
pub struct PostView {
    /// The post.
    pub post: Post,
    /// Its revision: the entity tag of an edit.
    pub rev: u64,
    /// Its deliveries.
    pub deliveries: Vec<Delivery>,
    /// Their sum in one word.
    pub status: PostStatus,
    /// Its approval, where it needed one.
    pub approval: Option<Approval>,
}

/// One post.
pub async fn status(deps: &Deps, caller: &Caller, id: PostId) -> Result<PostView, Error> {
    require(caller, Permission::Read)?;
    view(deps, caller.tenant, id).await
}

/// Times a post under approval is read before its reader is told to come again.
const READ_TRIES: usize = 4;

/// One post, for somebody who may read. An edit commits the post, its deliveries and its approval together, and they are read
/// one after another: until they fit they are read again, so that nobody approves by one hash what they saw as another text.
pub(super) async fn view(deps: &Deps, tenant: TenantId, id: PostId) -> Result<PostView, Error> {
    for _ in 0..READ_TRIES {
        let view = read(deps, tenant, id).await?;
        let concerned = approval::concerns(view.deliveries.iter()) && !view.post.archived;
        if !concerned || approval::fits(&view.post, &view.deliveries, view.approval.as_ref()) {
            return Ok(view);
        }
    }
    Err(Error::Unavailable("the post is being changed at this moment: read it again".into()))
}

async fn read(deps: &Deps, tenant: TenantId, id: PostId) -> Result<PostView, Error> {
    let found = deps.ledger.post(tenant, id).await?.ok_or(Error::NotFound("post"))?;
    let found_deliveries = deps.ledger.deliveries(tenant, id).await?;
    let now = deps.ledger.store_now().unwrap_or_else(|| deps.clock.now());
    let deliveries: Vec<Delivery> = found_deliveries.into_iter().map(|d| d.value.told_at(now)).collect();
    let status = PostStatus::of(deliveries.iter().map(|d| &d.state));
    let approval = approval::of(deps, &found.value, &deliveries).await?;
    Ok(PostView { post: found.value, rev: found.rev, deliveries, status, approval })
}

/// A page of posts.
pub async fn posts(deps: &Deps, caller: &Caller, query: &PostQuery) -> Result<Page<PostView>, Error> {
    require(caller, Permission::Read)?;
    let page = deps.ledger.list_posts(caller.tenant, query).await?;
    let items = try_join_all(page.items.iter().map(|p| status(deps, caller, p.id))).await?;
    Ok(Page { items, next: page.next })
}

/// Posts read at once while several are looked up.
const AT_ONCE: usize = 50;

/// These posts with their deliveries, in the same order.
pub async fn views(deps: &Deps, caller: &Caller, ids: &[PostId]) -> Result<Vec<PostView>, Error> {
    require(caller, Permission::Read)?;
    let mut found = Vec::with_capacity(ids.len());
    for some in ids.chunks(AT_ONCE) {
        found.extend(try_join_all(some.iter().map(|id| status(deps, caller, *id))).await?);
    }
    Ok(found)
}

/// A page of posts as they were planned, without what became of them: one read, however many they are.
pub async fn planned(deps: &Deps, caller: &Caller, query: &PostQuery) -> Result<Page<Post>, Error> {
    require(caller, Permission::Read)?;
    Ok(deps.ledger.list_posts(caller.tenant, query).await?)
}

/// One delivery.
pub async fn delivery(deps: &Deps, caller: &Caller, post: PostId, account: AccountId) -> Result<Delivery, Error> {
    require(caller, Permission::Read)?;
    let found = deps.ledger.delivery(caller.tenant, post, account).await?;
    found.map(|d| d.value).ok_or(Error::NotFound("delivery"))
}

/// Deliveries that wait for a person.
pub async fn attention(
    deps: &Deps,
    caller: &Caller,
    cursor: Option<&str>,
    limit: u32,
) -> Result<Page<Delivery>, Error> {
    require(caller, Permission::Read)?;
    Ok(deps.ledger.attention(caller.tenant, cursor, limit).await?)
}
