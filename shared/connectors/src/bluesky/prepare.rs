//! Everything that comes before a post: uploading its pictures or its video, finding out whom it mentions, and which versions of which
//! posts it answers and quotes. All of it may be repeated without harm, and each step is kept.

use super::api::{Blob, Record, Reply, Resolved, StrongRef, Uploaded};
use super::others::{Named, Role};
use super::record_key::is_tid;
use super::{Bluesky, POSTS, did, error, facets, home, is_did, others, xrpc};
use connector_kit::{Allowance, Call, is_word, media_failure, progress, segment};
use domain::publishing::{Failure, MediaRef};
use jiff::{SignedDuration, Timestamp};
use ports::{MediaBytes, Prepared, PublishCall};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Most handles of a part that are looked up; later ones stay text.
const MAX_MENTIONS: usize = 20;
/// Minutes for which an upload is relied upon. A server keeps for an hour what no record refers to yet.
const FRESH: SignedDuration = SignedDuration::from_mins(45);

/// What is kept between wake-ups.
#[derive(Serialize, Deserialize, Clone)]
pub(super) struct Progress {
    /// The part that this is about.
    part: usize,
    /// When its first picture was uploaded.
    at: Timestamp,
    /// The pictures, in their order.
    pub(super) blobs: Vec<Blob>,
    /// Whom the mentioned handles stand for; none for nobody.
    pub(super) handles: BTreeMap<String, Option<String>>,
    /// What it answers.
    pub(super) reply: Option<Reply>,
    /// What it quotes.
    #[serde(default)]
    pub(super) quote: Option<StrongRef>,
}

/// What is known of the part so far.
pub(super) fn progress(call: &PublishCall<'_>) -> Progress {
    let kept = progress::kept::<Progress>(call);
    let ours = kept.filter(|kept| kept.part == call.part);
    let mut progress = ours.unwrap_or_else(|| Progress {
        part: call.part,
        at: call.now,
        blobs: Vec::new(),
        handles: BTreeMap::new(),
        reply: None,
        quote: None,
    });
    if call.now.duration_since(progress.at) > FRESH {
        progress.blobs.clear();
    }
    progress
}

/// The next thing to do for a part.
enum Step<'a> {
    Upload(&'a MediaRef),
    Resolve(String),
    Refer(usize),
    Answer(Result<Named, Failure>),
    Quote(Result<Named, Failure>),
}

/// Before `step` may read the post that is named: whose a handle is.
fn named<'a>(
    kept: &Progress,
    wanted: Result<Named, Failure>,
    step: fn(Result<Named, Failure>) -> Step<'a>,
) -> Step<'a> {
    match wanted {
        Ok(named) if !is_did(&named.who) && !kept.handles.contains_key(&named.who) => Step::Resolve(named.who),
        wanted => step(wanted),
    }
}

/// Where the post that is named lies: the repository and the key.
fn place(kept: &Progress, named: Result<Named, Failure>, role: Role) -> Result<(String, String), Failure> {
    let Named { who, key } = named?;
    let did = kept.handles.get(&who).cloned().unwrap_or_else(|| Some(who).filter(|who| is_did(who)));
    Ok((did.ok_or_else(|| others::gone(role))?, key))
}

fn next<'a>(call: &PublishCall<'a>, kept: &Progress) -> Option<Step<'a>> {
    // Before anything else: what names no post is not worth an upload.
    if kept.reply.is_none()
        && let Some(wanted) = others::answered(call)
    {
        return Some(named(kept, wanted, Step::Answer));
    }
    if kept.quote.is_none()
        && let Some(wanted) = others::quoted(call)
    {
        return Some(named(kept, wanted, Step::Quote));
    }
    let text = call.variant.full_text(call.part, true);
    let mut handles = facets::mentions(&text).map(|(_, handle)| handle).take(MAX_MENTIONS);
    if let Some(handle) = handles.find(|handle| !kept.handles.contains_key(handle)) {
        return Some(Step::Resolve(handle));
    }
    if kept.reply.is_none()
        && let Some(parent) = call.part.checked_sub(1)
    {
        return Some(Step::Refer(parent));
    }
    // The pictures last: they do not keep.
    call.variant.media_of(call.part).get(kept.blobs.len()).map(Step::Upload)
}

/// Whether something is to be done before the part can be sent.
pub(super) fn is_needed(call: &PublishCall<'_>) -> bool {
    next(call, &progress(call)).is_some()
}

/// Does the next step.
pub(super) async fn prepare(bluesky: &Bluesky, call: &PublishCall<'_>) -> Result<Prepared, Failure> {
    let (mut kept, time) = (progress(call), Allowance::of(call));
    match next(call, &kept) {
        None => return Ok(Prepared::Ready(call.progress.cloned())),
        Some(Step::Resolve(handle)) => {
            let found = time.run(resolve(bluesky, call, &handle)).await?;
            kept.handles.insert(handle, found);
        }
        Some(Step::Refer(parent)) => kept.reply = Some(time.run(refer(bluesky, call, parent)).await?),
        Some(Step::Answer(named)) => {
            let (did, key) = place(&kept, named, Role::Answered)?;
            kept.reply = Some(time.run(others::answer(bluesky, call, (&did, &key))).await?);
        }
        Some(Step::Quote(named)) => {
            let (did, key) = place(&kept, named, Role::Quoted)?;
            kept.quote = Some(time.run(others::quote(bluesky, call, (&did, &key))).await?);
        }
        Some(Step::Upload(reference)) => {
            let blob = time.run(upload(bluesky, call, reference, time)).await?;
            if kept.blobs.is_empty() {
                kept.at = call.now;
            }
            kept.blobs.push(blob);
        }
    }
    // Its own shape always serialises.
    let value = serde_json::to_value(&kept).unwrap_or_default();
    Ok(if next(call, &kept).is_some() { Prepared::More(value) } else { Prepared::Ready(Some(value)) })
}

/// Whom a handle stands for; none for nobody.
async fn resolve(bluesky: &Bluesky, call: &PublishCall<'_>, handle: &str) -> Result<Option<String>, Failure> {
    let query = format!("handle={}", segment(handle));
    let ask = Call::get(format!("{}?{query}", xrpc(home(call.account)?, "com.atproto.identity.resolveHandle")));
    let answer = bluesky.http.call(ask.theirs()).await.map_err(|_| Failure::Unavailable)?;
    match (answer.status, error::refused(&answer)) {
        (200, _) => {
            let found: Resolved = answer.json().ok_or(Failure::Unavailable)?;
            Ok(Some(found.did).filter(|did| is_did(did)))
        }
        (400 | 404, Some(_)) => Ok(None),
        (429, _) => Err(error::refusal(&answer, call.now)),
        _ => Err(Failure::Unavailable),
    }
}

/// What a part answers: the one before it, in the thread in which the first one stands.
async fn refer(bluesky: &Bluesky, call: &PublishCall<'_>, parent: usize) -> Result<Reply, Failure> {
    let (first, record) = reference(bluesky, call, 0).await?;
    let root = others::root(&first, &record);
    let parent = if parent == 0 { first } else { reference(bluesky, call, parent).await?.0 };
    Ok(Reply { root, parent })
}

/// A part that is live, in its present version, and its record.
async fn reference(bluesky: &Bluesky, call: &PublishCall<'_>, part: usize) -> Result<(StrongRef, Value), Failure> {
    let key = call.before.get(part).and_then(|receipt| receipt.id.as_deref()).filter(|key| is_tid(key));
    let rejected = |code: &str, detail: &str| Failure::Rejected { code: code.into(), detail: detail.into() };
    let Some(key) = key else {
        let detail = "the id of a part before this one is not known, so there is nothing to reply to";
        return Err(rejected("thread_parent_unknown", detail));
    };
    match record::<Value>(bluesky, call, key).await? {
        Some(Record { uri, cid: Some(cid), value }) if is_word(&cid, 128) => Ok((StrongRef { uri, cid }, value)),
        Some(_) => Err(Failure::Unavailable),
        None => Err(rejected("reply_refused", "a part before this one is not there any more")),
    }
}

/// The post under a key of the account's repository, as its server has it; none when there is none.
pub(super) async fn record<T: serde::de::DeserializeOwned>(
    bluesky: &Bluesky,
    call: &PublishCall<'_>,
    key: &str,
) -> Result<Option<Record<T>>, Failure> {
    at(bluesky, call, did(call.account)?, key).await
}

/// The post under a key of this repository, as the account's server tells it; none when there is none.
pub(super) async fn at<T: serde::de::DeserializeOwned>(
    bluesky: &Bluesky,
    call: &PublishCall<'_>,
    did: &str,
    key: &str,
) -> Result<Option<Record<T>>, Failure> {
    let query = format!("repo={}&collection={POSTS}&rkey={key}", segment(did));
    // Repositories are public. Without a token this cannot fail for one that has run out.
    let request = Call::get(format!("{}?{query}", xrpc(home(call.account)?, "com.atproto.repo.getRecord"))).theirs();
    let answer = bluesky.http.call(request).await.map_err(|_| Failure::Unavailable)?;
    if !answer.is_success() {
        let absent = answer.status == 400 && error::refused(&answer).is_some_and(|r| r.error == "RecordNotFound");
        return if absent { Ok(None) } else { Err(connector_kit::http::repeatable(error::refusal(&answer, call.now))) };
    }
    let whole = answer.json::<Record<T>>().filter(|record| record.uri == uri(did, key));
    whole.map(Some).ok_or(Failure::Unavailable)
}

/// The address of a post inside the protocol.
pub(super) fn uri(did: &str, key: &str) -> String {
    format!("at://{did}/{POSTS}/{key}")
}

async fn upload(
    bluesky: &Bluesky,
    call: &PublishCall<'_>,
    reference: &MediaRef,
    time: Allowance,
) -> Result<Blob, Failure> {
    let missing = |detail: &str| Failure::Rejected { code: "media_not_found".into(), detail: detail.into() };
    let medium = call.media.iter().find(|medium| medium.id == reference.id);
    let medium = medium.ok_or_else(|| missing("the post has a picture that is not stored"))?;
    let probe = medium.probe.as_ref().ok_or_else(|| missing("the picture is not known yet"))?;
    let MediaBytes { length, stream, .. } = call.bytes.open(medium).await.map_err(|error| media_failure(&error))?;
    let url = xrpc(home(call.account)?, "com.atproto.repo.uploadBlob");
    let request = Call::post(url).bearer(call.token).theirs();
    // A video takes as long as the worker has.
    let request = request.stream(&probe.media_type, length.unwrap_or(probe.bytes), stream).within(time.left());
    let blob = bluesky.ask(request, call.now).await?.json::<Uploaded>().map(|uploaded| uploaded.blob);
    blob.filter(|blob| blob.kind == "blob" && is_word(&blob.content.cid, 128)).ok_or(Failure::Unavailable)
}
