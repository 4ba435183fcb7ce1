//! How the posts of accounts did: read by the reconciler two days after they went out, for accounts whose best time somebody asks.

mod page;

use super::CALL_AND_RECORD_S;
use crate::accounts::fresh_token;
use crate::shares::{Walk, Within};
use crate::{Deps, Error, PlatformDeps};
use domain::accounts::Account;
use domain::platform::Limits;
use domain::publishing::{
    Delivery, Did, Engagement, Evidence, Failure, Note, Post, Receipt, State, Target, Variant, Visibility,
};
use domain::{AccountId, TenantId};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use page::Page;
use ports::{DueRef, DueSubject, EngagementCall, Find, PostQuery, Record, StoreError, Versioned, Write};

/// Posts of an account that are read at a time: so few that a slow platform, asked for each, has answered before the run ends.
const MOST: u32 = 10;
/// Pages of the tenant's list looked at for one account at a time.
const PAGES: usize = 10;

/// What a run came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Measured {
    /// Accounts whose time for a reading had come.
    pub looked_at: u64,
    /// Posts of theirs that were read.
    pub posts: u64,
}

/// What an account's own posts prove, on these clocks.
pub(super) async fn evidence(
    deps: &Deps,
    tenant: TenantId,
    account: AccountId,
    clocks: &TimeZone,
) -> Result<Evidence, StoreError> {
    let found = deps.ledger.engagement(tenant, account).await?;
    Ok(found.map_or_else(Evidence::none, |known| known.value.evidence(clocks)))
}

/// Whether the platform is asked how posts of this target did.
pub(super) fn is_asked(deps: &Deps, target: &Target) -> bool {
    let connector = deps.connectors.get(&target.platform);
    connector.is_some_and(|connector| connector.descriptor().limits.engagement_of.is_some())
}

/// Notes that somebody asked for the best time of these targets, so that their posts are read from now on. Nothing depends on it: a
/// note that is lost is made by the next who asks.
pub(super) async fn note(deps: &Deps, tenant: TenantId, targets: &[Target]) {
    for target in targets.iter().filter(|target| is_asked(deps, target)) {
        if let Err(error) = note_one(deps, tenant, target).await {
            tracing::info!(account = %target.account, %error, "that its best time was asked for was not noted");
        }
    }
}

async fn note_one(deps: &Deps, tenant: TenantId, target: &Target) -> Result<(), StoreError> {
    let now = deps.clock.now();
    let write = if let Some(known) = deps.ledger.engagement(tenant, target.account).await? {
        let Some(again) = known.value.asked_again(now) else { return Ok(()) };
        Write::replace(&known, Record::Engagement(again))
    } else {
        let first = Engagement::asked_first(tenant, target.account, target.platform.clone(), now);
        Write::create(Record::Engagement(first))
    };
    deps.ledger.commit(vec![write]).await.map(drop)
}

/// Reads how posts did, of every account whose time for it has come, until `deadline`. Nothing waits for it: what fails is tried again.
///
/// # Errors
/// That of the index, where a shard of it cannot be read; the others are read all the same.
pub async fn measure(deps: &PlatformDeps<dyn Find>, deadline: Timestamp, cid: &str) -> Result<Measured, Error> {
    let mut run = Measured::default();
    let mut walk = Walk::through(deps, Within::Ahead, |subject| matches!(subject, DueSubject::Engagement(_)));
    while let Some(due) = walk.next().await {
        let DueSubject::Engagement(account) = due.subject else { continue };
        if deps.clock.now() + SignedDuration::from_secs(CALL_AND_RECORD_S) > deadline {
            return Ok(run);
        }
        run.looked_at += 1;
        match one(deps, &due, account, deadline, cid).await {
            Ok(posts) => run.posts += posts,
            Err(error) => tracing::warn!(%account, %error, "how posts did could not be read; a later run tries"),
        }
    }
    walk.end()?;
    Ok(run)
}

/// One reading of an account; how many posts of it were read.
async fn one(
    deps: &PlatformDeps<dyn Find>,
    due: &DueRef,
    account: AccountId,
    deadline: Timestamp,
    cid: &str,
) -> Result<u64, Error> {
    let now = deps.clock.now();
    let Some(known) = deps.ledger.engagement(due.tenant, account).await? else { return Ok(0) };
    if known.value.wake_at.is_none_or(|at| at > now) {
        return Ok(0);
    }
    let Some(account) = deps.ledger.account(due.tenant, account).await? else {
        // It was removed, and nobody will ask for its best time any more.
        deps.ledger.commit(vec![Write::delete(&known, Record::Engagement(known.value.clone()))]).await?;
        return Ok(0);
    };
    let (next, count) = match read(deps, &known.value, account, deadline, cid).await? {
        // It is due still, and nobody failed: the next run begins this page anew.
        Ok(None) => return Ok(0),
        Ok(Some((did, cursor))) => {
            let count = did.len() as u64;
            (known.value.read(did, cursor, deps.clock.now()), count)
        }
        Err(failure) => {
            // Not its words, which a server of anybody's chose.
            let code = failure.code();
            tracing::info!(account = %known.value.account, code, "how posts did could not be read");
            let next = if failure == Failure::Unavailable { Engagement::failed } else { Engagement::put_off };
            (next(&known.value, deps.clock.now()), 0)
        }
    };
    // Posts and how far they are read are written at once: whoever else is at it, and comes later, counts nothing twice.
    deps.ledger.commit(vec![Write::replace(&known, Record::Engagement(next))]).await?;
    Ok(count)
}

/// What was read, and where to go on; none where the run's own end came first.
type Read = Option<(Vec<Did>, Option<String>)>;

/// The next posts of the account as its platform tells how they did.
async fn read(
    deps: &PlatformDeps<dyn Find>,
    known: &Engagement,
    account: Versioned<Account>,
    deadline: Timestamp,
    cid: &str,
) -> Result<Result<Read, Failure>, Error> {
    let missing = || Failure::Misconfigured { detail: "the platform is not configured in this stack".into() };
    let Some(connector) = deps.platforms.get(&known.platform) else { return Ok(Err(missing())) };
    let Some(at_once) = connector.descriptor().limits.engagement_of else { return Ok(Err(missing())) };
    let Some(app) = deps.app_of(&known.platform).await? else { return Ok(Err(missing())) };
    let Ok((token, account)) = fresh_token(deps, &deps.tokens, &account, None, deadline, cid).await else {
        return Ok(Err(Failure::Unauthorized));
    };
    let (posts, cursor) = published(deps, known).await?;
    let mut page = Page::of(known, &posts, at_once);
    while let Some(posts) = page.next() {
        let now = deps.clock.now();
        if now + SignedDuration::from_secs(CALL_AND_RECORD_S) > deadline {
            return Ok(page.cut().map(|did| did.map(|did| (did, cursor))));
        }
        let call = EngagementCall { app: &app, account: &account.value, token: &token, now };
        let ids: Vec<&str> = posts.iter().map(|(id, _)| id.as_str()).collect();
        let told = connector.engagement(&call, &ids).await;
        deps.platform_called(&known.platform, "engagement", now);
        if let Err(failure) = page.hears(told) {
            return Ok(Err(failure));
        }
    }
    Ok(page.whole().map(|did| Some((did, cursor))))
}

/// When the request for its first part left, or was proved to have arrived where no request is noted any more.
fn left_at(delivery: &Delivery, proved: Timestamp) -> Timestamp {
    let sent = delivery.timeline.iter().rfind(|entry| matches!(entry.note, Note::Sent { part: 0, .. }));
    sent.map_or(proved, |entry| entry.at)
}

/// Whether it is a post that others than its author may have seen. An answer that is a comment is none.
fn is_shown(variant: &Variant, limits: Option<&Limits>) -> bool {
    let is_comment = limits.is_some_and(|limits| limits.of_answer(variant).is_some());
    !variant.draft && variant.visibility != Visibility::Private && !is_comment
}

/// The account's posts that are next to be read: their ids on the platform, and when they went out.
async fn published(deps: &Deps, known: &Engagement) -> Result<(Vec<(String, Timestamp)>, Option<String>), StoreError> {
    let (from, to, cursor) = known.window(deps.clock.now());
    let mut query =
        PostQuery { from: Some(from), to: Some(to), ascending: true, cursor: cursor.map(str::to_owned), limit: MOST };
    let connector = deps.connectors.get(&known.platform);
    let limits = connector.as_ref().map(|connector| &connector.descriptor().limits);
    let mut found = Vec::new();
    for _ in 0..PAGES {
        let page = deps.ledger.list_posts(known.tenant, &query).await?;
        let is_theirs = |post: &&Post| post.targets.iter().any(|target| target.account == known.account);
        let shown = |post: &&Post| is_shown(post.variant_for(&known.platform), limits);
        for post in page.items.iter().filter(is_theirs).filter(shown) {
            let Some(delivery) = deps.ledger.delivery(known.tenant, post.id, known.account).await? else { continue };
            let State::Published { at } = delivery.value.state else { continue };
            let receipt = delivery.value.parts.first().and_then(|part| part.receipt.clone());
            if let Some(Receipt { id: Some(id), .. }) = receipt {
                found.push((id, left_at(&delivery.value, at)));
            }
        }
        query.cursor = page.next;
        query.limit = MOST.saturating_sub(u32::try_from(found.len()).unwrap_or(MOST));
        if query.cursor.is_none() || query.limit == 0 {
            break;
        }
    }
    Ok((found, query.cursor))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::text::TextRule;

    #[test]
    fn an_answer_is_measured_where_it_is_a_post_and_not_where_it_is_a_comment() {
        let posts = Limits::text_only(TextRule::Chars { limit: 10 });
        let comment = Limits::of_comment(TextRule::Chars { limit: 10 }, "leave it out: words alone");
        let comments = Limits { answer: Some(Box::new(comment)), ..posts.clone() };
        let answer = Variant { reply_to: Some("1".into()), ..Variant::text("so it is") };
        assert!(is_shown(&answer, Some(&posts)) && !is_shown(&answer, Some(&comments)));
        assert!(is_shown(&Variant::text("look"), Some(&comments)));
    }
}
