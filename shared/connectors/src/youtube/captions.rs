//! Captions of the video, while it is private. YouTube tells which tracks a video has, so that none that is there is sent again,
//! whoever heard of it.

use super::api::{Caption, CaptionSnippet, List, NewCaption};
use super::error::{is_about, refusal};
use super::{YouTube, api, upload};
use connector_kit::http::repeatable;
use connector_kit::{Call, own_name, whole};
use domain::publishing::{CaptionTrack, Failure};
use ports::PublishCall;

/// The tracks of the post's video, in order.
pub(super) fn of<'a>(call: &PublishCall<'a>) -> &'a [CaptionTrack] {
    let mut media = call.variant.media_of(call.part).iter();
    media.find(|reference| !reference.captions.is_empty()).map_or(&[], |reference| &reference.captions)
}

/// Lets the video have the track.
pub(super) async fn set(
    youtube: &YouTube,
    call: &PublishCall<'_>,
    video: &str,
    track: &CaptionTrack,
) -> Result<(), Failure> {
    let name = track.name.as_deref().unwrap_or_default();
    let url = api(call.app, &format!("captions?part=snippet&videoId={video}"));
    let listed = youtube.ask(call, Call::get(url)).await?.json::<List<Caption>>().ok_or(Failure::Unavailable)?;
    let is_it = |held: &Caption| {
        let held = &held.snippet;
        held.track_kind != "ASR" && held.language.eq_ignore_ascii_case(&track.language) && held.name == name
    };
    if let Some(held) = listed.items.iter().find(|held| is_it(held)) {
        return readable(held);
    }
    let missing = || Failure::Rejected { code: "media_not_found".into(), detail: "the captions are not stored".into() };
    let medium = call.media.iter().find(|medium| medium.id == track.id).ok_or_else(missing)?;
    let file = whole(call, medium).await?;
    let snippet = CaptionSnippet { video_id: video, language: &track.language, name, is_draft: false };
    let said = serde_json::to_vec(&NewCaption { snippet }).map_err(|_| Failure::Unavailable)?;
    let boundary = own_name(&call.key);
    let head = format!("--{boundary}\r\ncontent-type: application/json; charset=utf-8\r\n\r\n");
    let middle = format!("\r\n--{boundary}\r\ncontent-type: application/octet-stream\r\n\r\n");
    let end = format!("\r\n--{boundary}--\r\n");
    let body = [head.as_bytes(), &said, middle.as_bytes(), &file, end.as_bytes()].concat();
    let request = Call::post(upload(call.app, "captions?uploadType=multipart&part=snippet"))
        .bearer(call.token)
        .bytes(&format!("multipart/related; boundary={boundary}"), body);
    let answer = youtube.http.call(request).await.map_err(|lost| repeatable(lost.into()))?;
    match answer.json::<Caption>() {
        Some(made) if answer.is_success() => readable(&made),
        _ if answer.is_success() => Err(Failure::Unavailable),
        // An earlier request was taken, and the list did not tell it yet.
        _ if is_about(&answer, "captionExists") => Ok(()),
        _ => Err(repeatable(refusal(&answer, call.now))),
    }
}

/// Whether YouTube could read a track that it has.
fn readable(held: &Caption) -> Result<(), Failure> {
    if held.snippet.status == "failed" {
        let why = connector_kit::words(&held.snippet.failure_reason);
        let detail = format!("YouTube could not process the captions: {why}");
        return Err(Failure::Rejected { code: "media_processing_failed".into(), detail });
    }
    Ok(())
}
