//! How a video of a page stands, by its own id.

use super::super::error::{Problem, refusal};
use super::api::{Phase, Video, VideoStatus};
use super::publish::{receipt, story};
use super::{Facebook, WEB, is_post, page};
use connector_kit::http::repeatable;
use connector_kit::{Answer, Call, is_number};
use domain::publishing::{ContentKind, Failure, Receipt};
use ports::PublishCall;

/// What is asked of a video.
const FIELDS: &str = "id,published,post_id,permalink_url,status";

/// What Facebook says of a video.
pub(super) enum Standing {
    /// It is published, and this is the proof.
    Live(Receipt),
    /// It works on it.
    Working,
    /// It could not be processed, and never will be there: what Facebook says of it.
    Failed(String),
    /// It is not published.
    Idle,
    /// There is none under this id.
    Missing,
}

/// What Facebook tells of a video; none where there is none under this id.
async fn read(facebook: &Facebook, call: &PublishCall<'_>, id: &str) -> Result<Option<(Answer, Video)>, Failure> {
    let graph = facebook.graph(call.app);
    let request = Call::get(graph.at(id, &[("fields", FIELDS)], call.token));
    let answer = graph.call(call.token, request).await.map_err(repeatable)?;
    if !answer.is_success() {
        let missing = Problem::of(&answer).is_some_and(|problem| problem.is_missing());
        return if missing { Ok(None) } else { Err(repeatable(refusal(&answer, call.now))) };
    }
    let told = answer.json::<Video>().filter(|told| told.id == id).ok_or(Failure::Unavailable)?;
    Ok(Some((answer, told)))
}

/// Why a video could not be processed, in Facebook's words where it has any.
fn reason(answer: &Answer, status: &VideoStatus) -> String {
    let plain = || "Facebook could not process the video".to_owned();
    status.words().map_or_else(plain, |words| format!("Facebook could not process the video: {}", answer.words(words)))
}

/// Asks how a video stands.
pub(super) async fn look(facebook: &Facebook, call: &PublishCall<'_>, id: &str) -> Result<Standing, Failure> {
    let Some((answer, told)) = read(facebook, call, id).await? else { return Ok(Standing::Missing) };
    let status = told.status.as_ref().ok_or(Failure::Unavailable)?;
    // A draft is out when it is one.
    let is_left = |phase: &Phase| phase.publish_status.as_deref() == Some("draft") && phase.is("complete");
    let is_draft = call.variant.draft && status.publishing_phase.as_ref().is_some_and(is_left);
    let is_out = told.published == Some(true) || told.post_id.is_some() || is_draft;
    Ok(match status.word.as_deref() {
        Some("ready") if is_out => Standing::Live(proof(call, told)?),
        Some("upload_complete" | "uploading") => Standing::Idle,
        // What is done with it, and not out, is about to be.
        Some("processing" | "ready") => Standing::Working,
        // What people can see did not fail, whatever became of its video: a person looks.
        Some("error" | "expired") if is_out => return Err(Failure::Unavailable),
        Some("error" | "expired") => Standing::Failed(reason(&answer, status)),
        // Nothing is concluded from a word that is not known, or from none.
        _ => return Err(Failure::Unavailable),
    })
}

/// How far a video is that goes up.
pub(super) enum Arrival {
    /// Facebook has every byte.
    Whole,
    /// It has not, or does not know it yet.
    Underway,
    /// It does not take it: what it says of it.
    Failed(String),
}

/// Asks whether a video has arrived.
pub(super) async fn arrival(facebook: &Facebook, call: &PublishCall<'_>, id: &str) -> Result<Arrival, Failure> {
    let Some((answer, told)) = read(facebook, call, id).await? else { return Ok(Arrival::Underway) };
    let Some(status) = told.status else { return Ok(Arrival::Underway) };
    let is_whole = match &status.uploading_phase {
        Some(phase) => phase.is("complete"),
        None => status.is("upload_complete") || status.is("ready"),
    };
    let phases = status.uploading_phase.iter().chain(&status.processing_phase);
    let has_failed =
        ["error", "expired"].iter().any(|word| status.is(word)) || phases.into_iter().any(|p| p.is("error"));
    Ok(match (has_failed, is_whole) {
        (true, _) => Arrival::Failed(reason(&answer, &status)),
        (false, true) => Arrival::Whole,
        (false, false) => Arrival::Underway,
    })
}

/// The proof for a video: the post that shows it, or itself where Facebook names none.
fn proof(call: &PublishCall<'_>, told: Video) -> Result<Receipt, Failure> {
    let (page, site) = (page(call.account)?, WEB.of(call.app));
    if call.variant.kind == ContentKind::Story {
        return Ok(story(call.app, told.post_id.unwrap_or(told.id)));
    }
    let permalink = told.permalink_url.map(|url| if url.starts_with('/') { format!("{site}{url}") } else { url });
    let post = told.post_id.map(|id| if is_number(&id, 20) { format!("{page}_{id}") } else { id });
    if let Some(id) = post.filter(|id| is_post(id)) {
        return Ok(receipt(call.app, id, permalink));
    }
    let reel = format!("{site}/reel/{}", told.id);
    Ok(receipt(call.app, told.id, permalink.or(Some(reel))))
}
