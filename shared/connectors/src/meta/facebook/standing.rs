//! How a video of a page stands, by its own id.

use super::super::error::{Problem, refusal};
use super::api::Video;
use super::publish::receipt;
use super::{Facebook, WEB, is_post, page};
use connector_kit::http::repeatable;
use connector_kit::{Call, is_number};
use domain::publishing::{Failure, Receipt};
use ports::PublishCall;

/// What is asked of a video.
const FIELDS: &str = "id,published,post_id,permalink_url,status";

/// What Facebook says of a video.
pub(super) enum Standing {
    /// It is published, and this is the proof.
    Live(Receipt),
    /// It works on it.
    Working,
    /// It could not be processed, and never will be there.
    Failed,
    /// It is not published.
    Idle,
    /// There is none under this id.
    Missing,
}

/// Asks how a video stands.
pub(super) async fn look(facebook: &Facebook, call: &PublishCall<'_>, id: &str) -> Result<Standing, Failure> {
    let graph = facebook.graph(call.app);
    let request = Call::get(graph.at(id, &[("fields", FIELDS)], call.token));
    let answer = graph.call(call.token, request).await.map_err(repeatable)?;
    if !answer.is_success() {
        let missing = Problem::of(&answer).is_some_and(|problem| problem.is_missing());
        return if missing { Ok(Standing::Missing) } else { Err(repeatable(refusal(&answer, call.now))) };
    }
    let told = answer.json::<Video>().filter(|told| told.id == id).ok_or(Failure::Unavailable)?;
    let is_out = told.published == Some(true) || told.post_id.is_some();
    Ok(match told.status.as_ref().and_then(|status| status.video_status.as_deref()) {
        Some("ready") if is_out => Standing::Live(proof(call, told)?),
        Some("upload_complete" | "uploading") => Standing::Idle,
        // What is done with it, and not out, is about to be.
        Some("processing" | "ready") => Standing::Working,
        Some("error") => Standing::Failed,
        // Nothing is concluded from a word that is not known, or from none.
        _ => return Err(Failure::Unavailable),
    })
}

/// The proof for a video: the post that shows it, or itself where Facebook names none.
fn proof(call: &PublishCall<'_>, told: Video) -> Result<Receipt, Failure> {
    let (page, site) = (page(call.account)?, WEB.of(call.app));
    let permalink = told.permalink_url.map(|url| if url.starts_with('/') { format!("{site}{url}") } else { url });
    let post = told.post_id.map(|id| if is_number(&id, 20) { format!("{page}_{id}") } else { id });
    if let Some(id) = post.filter(|id| is_post(id)) {
        return Ok(receipt(call.app, id, permalink));
    }
    let reel = format!("{site}/reel/{}", told.id);
    Ok(receipt(call.app, told.id, permalink.or(Some(reel))))
}
