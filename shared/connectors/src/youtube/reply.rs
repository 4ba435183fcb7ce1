//! An answer to a comment on YouTube: writing it, reading it back, changing it. It is deleted as every comment is.

use super::api::{CommentThread, NewReply, OneComment, ReplySnippet};
use super::comment::{HELD, folded, is_any, is_comment, is_ours, listed, nameless, receipt, refused, shown};
use super::error::refusal;
use super::{YouTube, api, is_video};
use connector_kit::{Call, Made, made, segment};
use domain::publishing::{Failure, Finding, Receipt};
use domain::text::resembles;
use jiff::Timestamp;
use ports::{PublishCall, Published};

/// The comment that is answered. YouTube has one level of answers, so that an answer to an answer stands below the same comment, by whose
/// id the answer's begins.
fn answered<'a>(call: &'a PublishCall<'_>) -> Result<&'a str, Failure> {
    let named = call.variant.reply_to.as_deref().filter(|id| is_any(id));
    let thread = named.map(|id| id.split_once('.').map_or(id, |(thread, _)| thread));
    thread.filter(|id| is_comment(id)).ok_or_else(|| Failure::Rejected {
        code: "not_found".into(),
        detail: "what is answered is named by no id of a comment on YouTube".into(),
    })
}

/// The proof for an answer: without its video it has no address.
fn proof(call: &PublishCall<'_>, video: &str, id: &str) -> Receipt {
    if is_video(video) { receipt(call, video, id) } else { Receipt { id: Some(id.to_owned()), url: None } }
}

pub(super) async fn publish(youtube: &YouTube, call: &PublishCall<'_>) -> Result<Published, Failure> {
    let (parent_id, text) = (answered(call)?, call.variant.full_text(call.part, false));
    let said = NewReply { id: None, snippet: ReplySnippet { parent_id: Some(parent_id), text_original: &text } };
    let request = Call::post(api(call.app, "comments?part=snippet")).bearer(call.token).json(&said);
    let answer = youtube.http.call(request).await?;
    if !answer.is_success() {
        return Err(refused(&answer, call));
    }
    let made = answer.json::<OneComment>().filter(|made| is_any(&made.id)).ok_or_else(nameless)?;
    shown(&answer, &made.snippet)?;
    Ok(Published { receipt: proof(call, &made.snippet.video_id, &made.id), quiet_until: None })
}

/// Looks for the answer among the channel's own below the comment.
pub(super) async fn find(youtube: &YouTube, call: &PublishCall<'_>, since: Timestamp) -> Result<Finding, Failure> {
    let (to, wanted) = (answered(call)?, call.variant.full_text(call.part, false));
    let thread = format!("commentThreads?part=snippet&id={}", segment(to));
    let Some(threads) = listed::<CommentThread>(youtube, call, &thread).await? else { return Ok(Finding::Unreadable) };
    // What became of an answer whose thread is gone nobody can read.
    let Some(thread) = threads.into_iter().find(|thread| thread.id == to) else { return Ok(Finding::Unreadable) };
    let video = thread.video();
    let replies = format!("comments?part=snippet&parentId={}", segment(to));
    let Some(all) = listed::<OneComment>(youtube, call, &replies).await? else { return Ok(Finding::Unreadable) };
    let (mut found, mut resembling) = (Vec::new(), 0);
    for comment in all.iter().filter(|comment| is_ours(call, &comment.id, &comment.snippet)) {
        let said = comment.snippet.said();
        let (same, age) = (folded(said) == folded(&wanted), made(comment.snippet.published_at, since));
        if age == Made::LongBefore {
            continue;
        }
        if same && age == Made::Since && is_any(&comment.id) {
            let receipt = proof(call, video, &comment.id);
            if !found.contains(&receipt) {
                found.push(receipt);
            }
        } else {
            resembling += usize::from(same || resembles(&wanted, said));
        }
    }
    if found.is_empty() && resembling == 0 && !nothing_is_held(youtube, call, video, to).await? {
        return Ok(Finding::UNSHOWN);
    }
    Ok(Finding::of(found, resembling))
}

/// Whether YouTube holds back nothing of a thread: one in which it does stands in the list of what waits, or of what may be spam. Only
/// whoever has the video may read these.
async fn nothing_is_held(youtube: &YouTube, call: &PublishCall<'_>, video: &str, to: &str) -> Result<bool, Failure> {
    if !is_video(video) {
        return Ok(false);
    }
    for state in HELD {
        let query = format!("commentThreads?part=snippet&videoId={video}&moderationStatus={state}&order=time");
        match listed::<CommentThread>(youtube, call, &query).await {
            Ok(Some(held)) if held.iter().all(|thread| thread.id != to) => {}
            Ok(_) | Err(Failure::Rejected { .. }) => return Ok(false),
            Err(failure) => return Err(failure),
        }
    }
    Ok(true)
}

/// Has an answer say something else.
pub(super) async fn amend(youtube: &YouTube, call: &PublishCall<'_>, receipt: &Receipt) -> Result<(), Failure> {
    let Some(id) = receipt.id.as_deref().filter(|id| is_any(id)) else {
        return Err(Failure::Unsupported { detail: "the comment's id on YouTube is not known".into() });
    };
    let text = call.variant.full_text(call.part, false);
    let said = NewReply { id: Some(id), snippet: ReplySnippet { parent_id: None, text_original: &text } };
    let request = Call::put(api(call.app, "comments?part=snippet")).bearer(call.token).json(&said);
    let answer = youtube.http.call(request).await?;
    if !answer.is_success() {
        return Err(refusal(&answer, call.now));
    }
    let named = answer.json::<OneComment>().is_some_and(|comment| comment.id == id);
    named.then_some(()).ok_or_else(nameless)
}
