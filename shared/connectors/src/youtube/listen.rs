//! What people say below the videos of a channel, and to the channel itself.

use super::api::{CommentThread, OneComment, ToldComment};
use super::comment::{is_any, is_comment};
use super::error::refusal;
use super::{YouTube, api};
use connector_kit::http::repeatable;
use connector_kit::{Back, Call, is_word, segment};
use domain::inbound::{Changed, Heard, Said, What};
use domain::publishing::Failure;
use jiff::Timestamp;
use ports::{HeardPage, ListenCall};
use serde::Deserialize;

/// Threads of a page: the most. A page costs one unit, however many it has.
const PAGE: usize = 100;
/// What is told of each, without spaces between: of a lively channel the rest would be more than is read.
const FIELDS: &str = "prettyPrint=false&fields=nextPageToken,items(id,snippet(videoId,topLevelComment(id,snippet)),replies(comments(id,snippet)))";

/// A page of `commentThreads.list`. Without its items it is none.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    items: Vec<CommentThread>,
    #[serde(default)]
    next_page_token: String,
}

/// One page of the threads, the newest first, each with some answers. All that is told of the page is looked at by its own time: an old
/// comment may have a new answer, or other words.
pub(super) async fn listen(youtube: &YouTube, call: &ListenCall<'_>) -> Result<HeardPage, Failure> {
    let (back, channel) = (Back::of(call), call.account.profile.external_id.as_str());
    if !is_word(channel, 100) {
        return Err(Failure::Misconfigured { detail: "the account has no channel".into() });
    }
    let after = back.page().map(|page| format!("&pageToken={}", segment(page))).unwrap_or_default();
    let query = format!(
        "commentThreads?part=snippet%2Creplies&allThreadsRelatedToChannelId={channel}&order=time&textFormat=plainText&maxResults={}&{FIELDS}{after}",
        back.size(PAGE)
    );
    let request = back.asks(Call::get(api(call.app, &query)).bearer(call.token));
    let answer = youtube.http.call(request).await.map_err(|lost| repeatable(lost.into()))?;
    if answer.status == 400 && back.page().is_some() {
        // Whatever is said of a page token that is not good any more.
        return Ok(back.anew());
    }
    if !answer.is_success() {
        return Err(match repeatable(refusal(&answer, call.now)) {
            // Publishing may go on without this one.
            Failure::Revoked { detail } => Failure::Rejected { code: "forbidden".into(), detail },
            other => other,
        });
    }
    if let Some(page) = back.too_large(&answer, PAGE) {
        return Ok(page);
    }
    let page = answer.json::<Listed>().filter(|_| answer.status == 200).ok_or(Failure::Unavailable)?;
    if page.items.iter().any(|thread| !is_comment(&thread.id)) {
        return Err(Failure::Unavailable);
    }
    let is_old = |at: Option<Timestamp>| at.is_some_and(|at| at < back.from());
    // The last, since a comment that is pinned may stand before newer ones.
    let is_over = page.items.last().is_some_and(|last| is_old(last.comment().published_at));
    let next =
        Some(page.next_page_token).filter(|next| !next.is_empty() && !is_over && Some(next.as_str()) != back.page());
    let mut heard = Vec::new();
    for thread in &page.items {
        let video = Some(thread.video()).filter(|video| !video.is_empty());
        heard.push(told(&thread.id, thread.comment(), video));
        let answers = thread.answers().iter().filter(|answer| is_any(&answer.id));
        heard.extend(answers.map(|OneComment { id, snippet }| told(id, snippet, Some(&thread.id))));
    }
    heard.retain(|one| !is_old(one.at));
    Ok(back.read(heard, next))
}

fn told(id: &str, comment: &ToldComment, on: Option<&str>) -> Heard {
    let edited = comment.updated_at.filter(|at| Some(*at) > comment.published_at);
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let said = Said {
        external_id: id.to_owned(),
        on: on.map(str::to_owned),
        author: some(&comment.author_channel_id.value),
        handle: some(&comment.author_display_name),
        text: Some(comment.said().to_owned()),
        change: if edited.is_some() { Changed::Edited } else { Changed::Added },
    };
    // Each edit is another event.
    let name = edited.map_or_else(|| id.to_owned(), |at| format!("{id}@{at}"));
    Heard { id: name, at: edited.or(comment.published_at), to: None, what: What::Comment(said) }
}
