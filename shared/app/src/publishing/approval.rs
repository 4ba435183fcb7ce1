//! Approval: asking for it, giving and refusing it, and what waits for it. What a delivery knows of it guards the sending
//! (`Delivery::is_cleared`); everything here commits deliveries and approval together, so that of an edit, two approvers and
//! a worker at the same moment one wins and the others are told.

use super::commit::wake;
use super::media::{kept, placed};
use super::query::view;
use super::request::{content_hash, soon};
use super::{PostView, When};
use crate::mutate::{Encode, require};
use crate::{Deps, Error, Once, Reply, audit, relay, sha256_short};
use domain::access::{Caller, Permission};
use domain::events::{ApprovalFacts, EventData};
use domain::publishing::{
    Approval, Clearance, Delivery, MAX_COMMENT_CHARS, Media, MediaSource, Post, PostStatus, Refused, Rules, Standing,
    ToApprove, Transition, Variant, Violation,
};
use domain::{MemberId, PostId};
use futures_util::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use ports::{Page, Record, Versioned, Write};
use serde_json::json;

/// What an approver says, about what they saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The hash that the approval showed.
    pub hash: String,
    /// What they write with it.
    pub comment: Option<String>,
}

/// What is asked to be approved of a post: what it says, to whom and when. None for a draft, which says nothing yet.
pub(super) fn to_approve(post: &Post, made_by: MemberId) -> Option<ToApprove> {
    let due_at = post.schedule.due_at()?;
    let said = |target: &domain::publishing::Target| {
        format!("{} {}\n", target.account, content_hash(post.variant_for(&target.platform)))
    };
    let mut all: Vec<String> = post.targets.iter().map(said).collect();
    all.sort();
    // What waits was hashed by an older release, and is hashed again: this form stays.
    let text = format!("{}\n{}", due_at.as_millisecond(), all.concat());
    let until = due_at + SignedDuration::from_secs(post.max_lateness_s.into());
    Some(ToApprove { hash: sha256_short(text.as_bytes()), until, made_by })
}

/// Whether what the caller plans for then is a post that somebody has to approve. A draft says nothing yet.
pub(super) fn is_needed(rules: &Rules, caller: &Caller, when: &When) -> bool {
    *when != When::Draft && rules.approval.binds_caller(caller)
}

/// The approval that a new post of `by`'s waits for, where it is `bound` to have one. None for a draft.
pub(super) fn awaited(post: &Post, by: MemberId, bound: bool) -> Option<Approval> {
    let asked = to_approve(post, by).filter(|_| bound)?;
    Some(Approval::asked((post.tenant, post.id), asked, by, None, post.created_at))
}

/// Whether deliveries and approval are of what the post says, all read at one moment between two commits.
pub(super) fn fits(post: &Post, deliveries: &[Delivery], approval: Option<&Approval>) -> bool {
    let hashed = |d: &Delivery| content_hash(d.content(post)) == d.content_hash;
    // What was approved was said; that somebody changed it since, who needs no approval, takes nothing of that back.
    let said = |a: &Approval| post.amended || to_approve(post, a.made_by).is_none_or(|says| says.hash == a.hash);
    deliveries.iter().all(hashed) && approval.is_none_or(said)
}

/// Whether any of these deliveries ever needed an approval; only then the post has a record of it.
pub(super) fn concerns<'a>(mut deliveries: impl Iterator<Item = &'a Delivery>) -> bool {
    deliveries.any(|d| d.clearance != Clearance::Free)
}

/// The approval of a post with these deliveries.
pub(super) async fn of(deps: &Deps, post: &Post, deliveries: &[Delivery]) -> Result<Option<Approval>, Error> {
    if !concerns(deliveries.iter()) {
        return Ok(None);
    }
    Ok(deps.ledger.approval(post.tenant, post.id).await?.map(|found| found.value))
}

/// The write of an approval that was just asked for, or of one whose post was changed, with its news.
pub(super) fn asks(deps: &Deps, cid: &str, old: Option<&Versioned<Approval>>, next: &Approval) -> Write {
    let news = EventData::PostApprovalRequested(ApprovalFacts::of(next, next.asked_by));
    written(old, next).telling(deps.events(next.tenant, cid, [news]))
}

fn written(old: Option<&Versioned<Approval>>, next: &Approval) -> Write {
    let record = Record::Approval(next.clone());
    old.map_or_else(|| Write::create(record.clone()), |old| Write::replace(old, record.clone()))
}

/// The write that takes a post which is called off from what waits for an approver; none where nothing does.
pub(super) async fn called_off(deps: &Deps, caller: &Caller, post: &Post) -> Result<Option<Write>, Error> {
    let found = deps.ledger.approval(post.tenant, post.id).await?;
    let open = found.filter(|found| found.value.standing != Standing::CalledOff);
    Ok(open.map(|old| written(Some(&old), &old.value.called_off(caller.member, deps.clock.now()))))
}

/// A comment as it is kept: trimmed, none when empty.
fn comment(text: Option<&str>) -> Result<Option<String>, Error> {
    let text = text.unwrap_or_default().trim();
    if text.chars().count() > MAX_COMMENT_CHARS {
        let detail = format!("a comment has at most {MAX_COMMENT_CHARS} characters: shorten it");
        return Err(Error::invalid("comment_too_long", "/comment", detail));
    }
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        let detail = "a comment has no control characters but line breaks and tabs: take them out";
        return Err(Error::invalid("comment_invalid", "/comment", detail));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// What a use case finds of a post that is to be approved.
struct Found {
    post: Versioned<Post>,
    deliveries: Vec<Versioned<Delivery>>,
    approval: Option<Versioned<Approval>>,
}

impl Found {
    async fn read(deps: &Deps, caller: &Caller, id: PostId) -> Result<Self, Error> {
        let post = deps.ledger.post(caller.tenant, id).await?.ok_or(Error::NotFound("post"))?;
        if post.value.archived {
            return Err(Error::deleted());
        }
        let deliveries = deps.ledger.deliveries(caller.tenant, id).await?;
        let approval = deps.ledger.approval(caller.tenant, id).await?;
        Ok(Self { post, deliveries, approval })
    }

    /// The approval to say something of.
    fn asked(&self) -> Result<&Versioned<Approval>, Error> {
        let missing = || Error::conflict("wrong_state", "nobody was asked to approve this post");
        let found = self.approval.as_ref().ok_or_else(missing)?;
        let says = self.says(found.value.made_by)?;
        if says.is_some_and(|says| says.hash == found.value.hash) {
            Ok(found)
        } else {
            Err(Refused::OtherContent.into())
        }
    }

    /// What there is to approve; none of a draft. An edit commits post, deliveries and approval together: what does not fit
    /// was read a moment too early or too late.
    fn says(&self, made_by: MemberId) -> Result<Option<ToApprove>, Error> {
        let hashed = |d: &Delivery| content_hash(d.content(&self.post.value)) == d.content_hash;
        if !self.deliveries.iter().all(|d| hashed(&d.value)) {
            return Err(Refused::OtherContent.into());
        }
        Ok(to_approve(&self.post.value, made_by))
    }

    /// Commits what somebody did: the approval, the deliveries that `moved` moves, the audit entry and the answer.
    async fn commit(
        &self,
        deps: &Deps,
        caller: &Caller,
        done: Done<'_>,
        once: &Once,
        encode: Encode<'_, PostView>,
    ) -> Result<Reply, Error> {
        let Done { action, next, news, moved, guard } = done;
        let now = deps.clock.now();
        let mut writes =
            vec![written(self.approval.as_ref(), &next).telling(deps.events(caller.tenant, &caller.cid, [news]))];
        writes.extend(guard);
        let mut after = Vec::new();
        for old in &self.deliveries {
            match moved(&old.value, now).transpose()? {
                Some(moved) => {
                    let next = soon(moved.next, now);
                    writes.push(Write::replace(old, Record::Delivery(next.clone())));
                    after.push(next);
                }
                None => after.push(old.value.clone()),
            }
        }
        let facts = json!({ "hash": next.hash });
        writes.push(audit::entry(deps, caller, action, self.post.value.id, Some(facts)));
        let status = PostStatus::of(after.iter().map(|d| &d.state));
        let (post, rev) = (self.post.value.clone(), self.post.rev);
        let reply = encode(&PostView { post, rev, deliveries: after.clone(), status, approval: Some(next) });
        writes.push(once.remember(deps, caller.tenant, &reply));
        match deps.ledger.commit(writes).await {
            Ok(committed) => {
                wake(deps, &after, &caller.cid).await;
                relay(deps, &committed.outbox).await;
                Ok(Reply::new(reply))
            }
            Err(error) => once.after_conflict(deps, caller.tenant, error).await,
        }
    }
}

type Moves = fn(&Delivery, Timestamp) -> Option<Result<Transition, Refused>>;

/// What somebody did about an approval.
struct Done<'a> {
    action: &'a str,
    next: Approval,
    news: EventData,
    moved: Moves,
    /// A write that holds what must still be true.
    guard: Option<Write>,
}

/// Asks for an approval: of a post that waits for its time and needed none, or again after a "no".
pub async fn ask_approval(
    deps: &Deps,
    caller: &Caller,
    id: PostId,
    text: Option<&str>,
    once: &Once,
    encode: Encode<'_, PostView>,
) -> Result<Reply, Error> {
    require(caller, Permission::Publish)?;
    if let Some(reply) = once.earlier(deps, caller.tenant).await? {
        return Ok(reply);
    }
    let text = comment(text)?;
    let (found, now) = (Found::read(deps, caller, id).await?, deps.clock.now());
    let (next, moved): (_, Moves) = if let Some(old) = &found.approval {
        (old.value.asked_again(caller.member, text, now)?, |_, _| None)
    } else {
        let draft = || Error::conflict("wrong_state", "it is a draft: give it a time, then ask");
        let asked = found.says(found.post.value.created_by)?.ok_or_else(draft)?;
        let next = Approval::asked((caller.tenant, id), asked, caller.member, text, now);
        (next, |d, now| Some(d.held_for_approval(now)))
    };
    let news = EventData::PostApprovalRequested(ApprovalFacts::of(&next, caller.member));
    let done = Done { action: "post.approval_requested", next, news, moved, guard: None };
    found.commit(deps, caller, done, once, encode).await
}

/// What forbids to approve a content with these media: what lies at somebody's address may be other bytes by the time at which
/// it goes out, and nobody saw those. An upload is pinned to its bytes.
pub(super) fn not_pinned(at: &str, variant: &Variant, media: &[Media]) -> Vec<Violation> {
    let lies_elsewhere = |id| media.iter().any(|m| m.id == id && matches!(m.source, MediaSource::Url { .. }));
    let elsewhere = placed(at, variant).into_iter().filter(|(_, id)| lies_elsewhere(*id));
    let detail = "somebody has to approve this post, and what lies at an address can be replaced afterwards: upload it";
    elsewhere.map(|(place, _)| Violation::new("media_not_pinned", place, detail)).collect()
}

/// Whether everything that the post shows is pinned: asked again when it is approved, for a rule may be younger than the post.
async fn pinned(deps: &Deps, post: &Post) -> Result<(), Error> {
    let media = kept(deps, post.tenant, std::iter::once(&post.content).chain(post.variants.values())).await?;
    let said = post.targets.iter().map(|target| post.variant_for(&target.platform));
    match said.flat_map(|variant| not_pinned("/content", variant, &media)).next() {
        None => Ok(()),
        Some(found) => Err(Error::conflict("media_not_pinned", found.detail)),
    }
}

/// Approves what the approver saw: it leaves at its time. Nobody approves what they wrote or asked for themselves, unless
/// nobody else of the tenant may approve.
pub async fn approve(
    deps: &Deps,
    caller: &Caller,
    id: PostId,
    verdict: &Verdict,
    once: &Once,
    encode: Encode<'_, PostView>,
) -> Result<Reply, Error> {
    require(caller, Permission::Approve)?;
    if let Some(reply) = once.earlier(deps, caller.tenant).await? {
        return Ok(reply);
    }
    let text = comment(verdict.comment.as_deref())?;
    let (found, now) = (Found::read(deps, caller, id).await?, deps.clock.now());
    let asked = &found.asked()?.value;
    pinned(deps, &found.post.value).await?;
    let next = asked.approved(&verdict.hash, caller.member, text, now)?;
    let mut approvers = deps.ledger.members(caller.tenant).await?;
    approvers.retain(|m| m.value.role.may(Permission::Approve));
    let approvers: Vec<MemberId> = approvers.iter().map(|m| m.value.id).collect();
    if !asked.is_answered_by(caller.member, found.post.value.created_by, &approvers) {
        let detail = "you wrote it, changed it or asked for it: another approver or owner must approve it";
        return Err(Error::conflict("own_request", detail));
    }
    let news = EventData::PostApproved(ApprovalFacts::of(&next, caller.member));
    let guard = Some(still_approver(deps, caller).await?);
    let done = Done { action: "post.approved", next, news, moved: |d, now| Some(d.approved(now)), guard };
    found.commit(deps, caller, done, once, encode).await
}

/// Rejects what the approver saw, with the reason, or takes back a "yes" while the post waits for its time. It does not
/// leave, unless it is changed or asked for again and then approved.
pub async fn reject(
    deps: &Deps,
    caller: &Caller,
    id: PostId,
    verdict: &Verdict,
    once: &Once,
    encode: Encode<'_, PostView>,
) -> Result<Reply, Error> {
    require(caller, Permission::Approve)?;
    if let Some(reply) = once.earlier(deps, caller.tenant).await? {
        return Ok(reply);
    }
    let missing = || Error::invalid("comment_missing", "/comment", "say why, so that its author can mend it");
    let text = comment(verdict.comment.as_deref())?.ok_or_else(missing)?;
    let (found, now) = (Found::read(deps, caller, id).await?, deps.clock.now());
    let next = found.asked()?.value.rejected(&verdict.hash, caller.member, text, now)?;
    let news = EventData::PostRejected(ApprovalFacts::of(&next, caller.member));
    let guard = Some(still_approver(deps, caller).await?);
    // What nobody approved waits already.
    let moved: Moves = |d, now| d.is_cleared().then(|| d.held_for_approval(now));
    found.commit(deps, caller, Done { action: "post.rejected", next, news, moved, guard }, once, encode).await
}

/// The write that fails if the caller stops being an approver, or a member at all, at this moment: whoever changes or removes
/// a member replaces the same record.
async fn still_approver(deps: &Deps, caller: &Caller) -> Result<Write, Error> {
    let me = deps.ledger.member(caller.tenant, caller.member).await?;
    let me =
        me.filter(|me| me.value.role.may(Permission::Approve)).ok_or(Error::Forbidden(Permission::Approve.name()))?;
    Ok(Write::replace(&me, Record::Member(me.value.clone())))
}

/// The posts that wait for an approver and still can be approved, the most urgent first.
pub async fn approvals(
    deps: &Deps,
    caller: &Caller,
    cursor: Option<&str>,
    limit: u32,
) -> Result<Page<PostView>, Error> {
    require(caller, Permission::Read)?;
    let now = deps.clock.now();
    let page = deps.ledger.approvals(caller.tenant, now, cursor, limit).await?;
    let mut items = try_join_all(page.items.iter().map(|listed| view(deps, caller.tenant, listed.post))).await?;
    // The index may be behind: the records decide.
    items.retain(|v| v.approval.as_ref().is_some_and(|a| a.standing == Standing::Waiting && a.until >= now));
    Ok(Page { items, next: page.next })
}
