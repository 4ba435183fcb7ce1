//! A first comment on YouTube, by the channel whose video it is: writing it, reading it back, deleting it. An answer to a comment
//! (`reply.rs`) is published and read alike.

use super::api::{CommentSnippet, CommentThread, NewComment, NewThread, Page, ThreadSnippet, ToldComment};
use super::error::{is_about, refusal};
use super::{YouTube, api, is_video, web};
use connector_kit::{Answer, Call, is_word, segment};
use domain::publishing::{Failure, Finding, Receipt};
use domain::text::resembles;
use ports::{PublishCall, Published};
use serde::de::DeserializeOwned;

/// Comments of a page of the list: the most.
const PAGE: usize = 100;
/// Pages read before giving up: a video below which more is said cannot be judged.
const PAGES: usize = 10;
/// Where comments are listed that nobody sees but the channel.
pub(super) const HELD: [&str; 2] = ["heldForReview", "likelySpam"];

/// The video that the comment stands below.
fn parent<'a>(call: &'a PublishCall<'_>) -> Result<&'a str, Failure> {
    let id = call.before.last().and_then(|receipt| receipt.id.as_deref()).filter(|id| is_video(id));
    id.ok_or_else(|| Failure::Rejected {
        code: "thread_parent_unknown".into(),
        detail: "the video's id is not known, so there is nothing to comment".into(),
    })
}

/// The proof for a comment: its address opens the video with the comment on top.
pub(super) fn receipt(call: &PublishCall<'_>, video: &str, id: &str) -> Receipt {
    Receipt { id: Some(id.to_owned()), url: Some(format!("{}&lc={id}", web(call.app, video))) }
}

/// Whether it can be the id of a comment that begins a thread.
pub(super) fn is_comment(id: &str) -> bool {
    id.len() > 11 && is_word(id, 100)
}

/// Whether it can be the id of any comment. Those of answers have been seen with a full stop, behind the id of what they answer.
pub(super) fn is_any(id: &str) -> bool {
    is_comment(&id.replacen('.', "", 1))
}

/// What an answer to a comment says that is no success.
pub(super) fn refused(answer: &Answer, call: &PublishCall<'_>) -> Failure {
    if answer.status == 403 && is_about(answer, "commentsDisabled") {
        let detail =
            "comments are off below this video: its channel turned them off, or it is private or made for children";
        return Failure::Rejected { code: "forbidden".into(), detail: detail.into() };
    }
    refusal(answer, call.now)
}

pub(super) async fn publish(youtube: &YouTube, call: &PublishCall<'_>) -> Result<Published, Failure> {
    let video = parent(call)?;
    let text = call.variant.full_text(call.part, true);
    let top_level_comment = NewComment { snippet: CommentSnippet { text_original: &text } };
    let said = NewThread { snippet: ThreadSnippet { video_id: video, top_level_comment } };
    let request = Call::post(api(call.app, "commentThreads?part=snippet")).bearer(call.token).json(&said);
    let answer = youtube.http.call(request).await?;
    if !answer.is_success() {
        return Err(refused(&answer, call));
    }
    let made = answer.json::<CommentThread>().filter(|made| is_comment(&made.id));
    let made = made.ok_or_else(nameless)?;
    shown(&answer, made.comment())?;
    Ok(Published { receipt: receipt(call, video, &made.id), quiet_until: None })
}

/// What a success comes to that names no comment.
pub(super) fn nameless() -> Failure {
    Failure::Unconfirmed { detail: "a success without the comment".into() }
}

/// Whether people see a comment that was just made.
///
/// # Errors
/// YouTube holds it back.
pub(super) fn shown(answer: &Answer, made: &ToldComment) -> Result<(), Failure> {
    match made.moderation_status.as_str() {
        "" | "published" => Ok(()),
        state => {
            let state = answer.words(state);
            Err(Failure::Unconfirmed { detail: format!("YouTube holds the comment back as {state:?}") })
        }
    }
}

/// Looks for the comment among the channel's own below the video.
pub(super) async fn find(youtube: &YouTube, call: &PublishCall<'_>) -> Result<Finding, Failure> {
    let (video, wanted) = (parent(call)?, call.variant.full_text(call.part, true));
    let (mut found, mut resembling) = (Vec::new(), 0);
    let Some(shown) = below(youtube, call, video, "published").await? else { return Ok(Finding::Unreadable) };
    for thread in &shown {
        let said = thread.comment().said();
        let same = folded(said) == folded(&wanted);
        if same && is_comment(&thread.id) {
            let receipt = receipt(call, video, &thread.id);
            // One that moved between two pages is seen twice.
            if !found.contains(&receipt) {
                found.push(receipt);
            }
        } else {
            resembling += usize::from(same || resembles(&wanted, said));
        }
    }
    for state in HELD.into_iter().filter(|_| found.is_empty()) {
        let held = below(youtube, call, video, state).await?.unwrap_or_default();
        resembling += held.iter().filter(|thread| folded(thread.comment().said()) == folded(&wanted)).count();
    }
    Ok(Finding::of(found, resembling))
}

/// White space at the ends, and how lines end, is nothing that people see.
pub(super) fn folded(text: &str) -> String {
    text.replace("\r\n", "\n").trim().to_owned()
}

/// Whether the channel said it, and no other delivery has it.
pub(super) fn is_ours(call: &PublishCall<'_>, id: &String, comment: &ToldComment) -> bool {
    comment.author_channel_id.value == call.account.profile.external_id && !call.elsewhere.contains(id)
}

/// The channel's own comments below a video in a state, those left out that other deliveries have; none where none may be read.
async fn below(
    youtube: &YouTube,
    call: &PublishCall<'_>,
    video: &str,
    state: &str,
) -> Result<Option<Vec<CommentThread>>, Failure> {
    let query = format!("commentThreads?part=snippet&videoId={video}&moderationStatus={state}&order=time");
    let all = listed::<CommentThread>(youtube, call, &query).await?;
    Ok(all.map(|all| all.into_iter().filter(|thread| is_ours(call, &thread.id, thread.comment())).collect()))
}

/// All that a list of comments has, to its end; none where comments are off, which they may be since.
///
/// # Errors
/// It could not be read to its end.
pub(super) async fn listed<T: DeserializeOwned>(
    youtube: &YouTube,
    call: &PublishCall<'_>,
    query: &str,
) -> Result<Option<Vec<T>>, Failure> {
    let (mut all, mut next) = (Vec::new(), String::new());
    for _ in 0..PAGES {
        let after = if next.is_empty() { next } else { format!("&pageToken={}", segment(&next)) };
        let url = api(call.app, &format!("{query}&textFormat=plainText&maxResults={PAGE}{after}"));
        let answer = youtube.http.call(Call::get(url).bearer(call.token)).await.map_err(|_| Failure::Unavailable)?;
        if answer.status == 403 && is_about(&answer, "commentsDisabled") {
            return Ok(None);
        }
        if !answer.is_success() {
            return Err(connector_kit::http::repeatable(refusal(&answer, call.now)));
        }
        let page = answer.json::<Page<T>>().ok_or(Failure::Unavailable)?;
        all.extend(page.items);
        next = page.next_page_token;
        if next.is_empty() {
            return Ok(Some(all));
        }
    }
    Err(Failure::Unavailable)
}

/// Deletes a comment of the channel.
pub(super) async fn delete(youtube: &YouTube, call: &PublishCall<'_>, receipt: &Receipt) -> Result<(), Failure> {
    let Some(id) = receipt.id.as_deref().filter(|id| is_any(id)) else {
        return Err(Failure::Unsupported { detail: "the comment's id on YouTube is not known".into() });
    };
    match youtube.ask(call, Call::delete(api(call.app, &format!("comments?id={id}")))).await {
        Err(Failure::Rejected { code, .. }) if code == "not_found" => Ok(()),
        result => result.map(drop),
    }
}
