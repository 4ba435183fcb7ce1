//! Media of X. Pictures: uploaded in one piece when small, in chunks when not, never held whole; then their alternative text.
//! Videos go up over several steps (`video.rs`), and get their subtitles then (`subtitles.rs`).

use super::api::{AltText, Initialize, MediaMetadata, MediaUpload, Metadata, One};
use super::error::{refusal, said};
use super::subtitles::{self, Subtitled};
use super::video::{self, Sending, Step};
use super::{X, api};
use bytes::{Bytes, BytesMut};
use connector_kit::http::repeatable;
use connector_kit::{Allowance, Answer, Call, is_number, media_failure, progress};
use domain::publishing::{Failure, Media, MediaRef};
use futures_util::StreamExt as _;
use jiff::{SignedDuration, Timestamp};
use ports::{MediaBytes, Prepared, PublishCall};
use serde::{Deserialize, Serialize};

/// Bytes of a chunk. X's edge answers larger ones with an empty 413, so a picture of one piece has no more either.
pub(super) const CHUNK: usize = 1024 * 1024;
/// Uploaded media that no post uses expire; X says after how long, about a day. Half of that is safe.
pub(super) const USABLE: SignedDuration = SignedDuration::from_hours(12);
/// Seconds to wait for processing when X does not say.
const CHECK_AFTER_S: u32 = 5;

/// What is kept between wake-ups.
#[derive(Serialize, Deserialize)]
struct Progress {
    part: usize,
    /// When the first of them was uploaded.
    at: Timestamp,
    media: Vec<Uploaded>,
    /// The next one, where it is a video of which X has a part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sending: Option<Sending>,
}

#[derive(Serialize, Deserialize)]
struct Uploaded {
    id: String,
    ready: bool,
    /// Which of its captions it has.
    #[serde(default, skip_serializing_if = "Subtitled::is_none")]
    subtitled: Subtitled,
}

/// What is kept for this part, however old.
fn kept(call: &PublishCall<'_>) -> Option<Progress> {
    let progress: Progress = progress::kept(call)?;
    (progress.part == call.part).then_some(progress)
}

/// What is kept for this part and can still be attached.
fn progress(call: &PublishCall<'_>) -> Option<Progress> {
    kept(call).filter(|progress| call.now.duration_since(progress.at) < USABLE)
}

fn ids(call: &PublishCall<'_>, media: Vec<Uploaded>) -> Option<Vec<String>> {
    let wanted = call.variant.media_of(call.part);
    let is_whole = |(m, reference): (&Uploaded, &MediaRef)| {
        m.ready && is_number(&m.id, 20) && m.subtitled.next(&reference.captions).is_none()
    };
    let complete = !wanted.is_empty() && media.len() == wanted.len() && media.iter().zip(wanted).all(is_whole);
    complete.then(|| media.into_iter().map(|m| m.id).collect())
}

/// The uploaded media of the part as `media_ids`; none when it has none or they cannot be attached (any more).
pub(super) fn ready(call: &PublishCall<'_>) -> Option<Vec<String>> {
    ids(call, progress(call)?.media)
}

/// The media that a request for the part had, however long ago they were uploaded.
pub(super) fn sent(call: &PublishCall<'_>) -> Option<Vec<String>> {
    ids(call, kept(call)?.media)
}

/// Uploads what is not uploaded yet and asks about what X still processes.
pub(super) async fn prepare(x: &X, call: &PublishCall<'_>) -> Result<Prepared, Failure> {
    let mut kept =
        progress(call).unwrap_or(Progress { part: call.part, at: call.now, media: Vec::new(), sending: None });
    let (time, mut wait_s) = (Allowance::of(call), None);
    for at in 0..kept.media.len() {
        if kept.media[at].ready {
            continue;
        }
        match time.run(ask(x, call, status(call, &kept.media[at].id))).await {
            Ok(answer) => {
                let upload = media_of(&answer, Some(&kept.media[at].id))?;
                kept.media[at].ready = judge(&upload, &mut wait_s)?;
            }
            // What is known so far is known to the next worker, too.
            Err(_) if time.is_over() => return Ok(Prepared::More(progress::value(&kept))),
            Err(failure) => return Err(failure),
        }
    }
    let wanted = call.variant.media_of(call.part);
    if let Some(reference) = wanted.get(kept.media.len()) {
        let medium = stored(call, reference)?;
        let upload = if medium.is_video() {
            match video::step(x, call, medium, kept.sending.take(), time).await? {
                Step::Sent(upload) => upload,
                Step::Sending(sending) => {
                    kept.sending = Some(sending);
                    return Ok(Prepared::More(progress::value(&kept)));
                }
            }
        } else {
            time.run(whole(x, call, reference, medium)).await?
        };
        let ready = judge(&upload, &mut wait_s)?;
        kept.media.push(Uploaded { id: upload.id, ready, subtitled: Subtitled::default() });
    }
    if kept.media.len() == wanted.len() && wait_s.is_none() {
        let mut all = kept.media.iter_mut().zip(wanted);
        let next = all.find_map(|(uploaded, r)| uploaded.subtitled.next(&r.captions).map(|track| (uploaded, track)));
        if let Some((uploaded, track)) = next {
            wait_s = time.run(subtitles::step(x, call, &uploaded.id, &mut uploaded.subtitled, track)).await?;
            if wait_s.is_none() {
                return Ok(Prepared::More(progress::value(&kept)));
            }
        }
    }
    let progress = progress::value(&kept);
    if kept.media.len() < wanted.len() {
        return Ok(Prepared::More(progress));
    }
    Ok(match wait_s {
        Some(wait_s) => Prepared::Wait { progress, until: call.now + SignedDuration::from_secs(wait_s.into()) },
        None => Prepared::Ready(Some(progress)),
    })
}

/// Whether a medium is ready; raises the wait when it is not.
pub(super) fn judge(upload: &MediaUpload, wait_s: &mut Option<u32>) -> Result<bool, Failure> {
    match upload.processing_info.as_ref().map(|info| (info.state.as_str(), info.check_after_secs)) {
        None | Some(("succeeded", _)) => Ok(true),
        Some(("pending" | "in_progress", after)) => {
            *wait_s = (*wait_s).max(Some(after.unwrap_or(CHECK_AFTER_S).clamp(1, 300)));
            Ok(false)
        }
        Some(_) => {
            let mut detail = "X could not process the picture, the video or its subtitles".to_owned();
            if !upload.said.is_empty() {
                detail = format!("{detail}: {}", upload.said);
            }
            Err(Failure::Rejected { code: "media_processing_failed".into(), detail })
        }
    }
}

/// Asks how far X is with an upload.
pub(super) fn status(call: &PublishCall<'_>, id: &str) -> Call {
    Call::get(format!("{}?command=STATUS&media_id={id}", api(call.app, "media/upload")))
}

/// A call that publishes nothing.
pub(super) async fn ask(x: &X, call: &PublishCall<'_>, request: Call) -> Result<Answer, Failure> {
    let answer = x.http.call(request.bearer(call.token)).await.map_err(|lost| repeatable(lost.into()))?;
    if answer.is_success() { Ok(answer) } else { Err(repeatable(refusal(&answer, 0, call.now))) }
}

/// The upload that an answer tells of, with what X says about it: this one, where one was asked about.
pub(super) fn media_of(answer: &Answer, asked: Option<&str>) -> Result<MediaUpload, Failure> {
    let right = |media: &MediaUpload| is_number(&media.id, 20) && asked.is_none_or(|id| media.id == id);
    let media = answer.json::<One<MediaUpload>>().map(|one| one.data).filter(right);
    let media = media.ok_or(Failure::Unavailable)?;
    let of_it = media.processing_info.as_ref().and_then(|info| info.error.as_ref());
    let said = of_it.map_or_else(|| said(answer), |error| answer.words(&error.message));
    Ok(MediaUpload { said, ..media })
}

fn missing(detail: &str) -> Failure {
    Failure::Rejected { code: "media_not_found".into(), detail: detail.into() }
}

fn stored<'a>(call: &PublishCall<'a>, reference: &MediaRef) -> Result<&'a Media, Failure> {
    let medium = call.media.iter().find(|medium| medium.id == reference.id);
    medium.ok_or_else(|| missing("the post has a picture or video that is not stored"))
}

/// A picture with its alternative text.
async fn whole(x: &X, call: &PublishCall<'_>, reference: &MediaRef, medium: &Media) -> Result<MediaUpload, Failure> {
    let upload = upload(x, call, medium).await?;
    if let Some(alt) = reference.alt_text.as_deref().filter(|alt| !alt.is_empty()) {
        let metadata = Metadata { alt_text: AltText { text: alt } };
        let body = MediaMetadata { id: &upload.id, metadata };
        ask(x, call, Call::post(api(call.app, "media/metadata")).json(&body)).await?;
    }
    Ok(upload)
}

async fn upload(x: &X, call: &PublishCall<'_>, medium: &Media) -> Result<MediaUpload, Failure> {
    let MediaBytes { length, media_type, mut stream } =
        call.bytes.open(medium).await.map_err(|error| media_failure(&error))?;
    let probed = medium.probe.as_ref();
    let total = length.or(probed.map(|probe| probe.bytes)).ok_or_else(|| missing("the picture's size is not known"))?;
    let kind = probed.map(|probe| probe.media_type.clone()).or(media_type).unwrap_or_default();
    let gif = kind == "image/gif";

    let mut chunk = BytesMut::new();
    let mut upload: Option<(String, u32)> = None;
    while let Some(piece) = stream.next().await {
        let mut piece = piece.map_err(|error| media_failure(&error))?;
        while !piece.is_empty() {
            if chunk.len() == CHUNK {
                let full = std::mem::take(&mut chunk).freeze();
                upload = Some(append(x, call, upload, (&kind, total, gif), full).await?);
            }
            let room = CHUNK - chunk.len();
            chunk.extend_from_slice(&piece.split_to(piece.len().min(room)));
        }
    }
    let last = chunk.freeze();
    if upload.is_none() && !gif {
        let fields = [("media_category", "tweet_image".to_owned())];
        let request = Call::post(api(call.app, "media/upload")).form(&fields, ("media", last));
        return media_of(&ask(x, call, request).await?, None);
    }
    let (id, _) = append(x, call, upload, (&kind, total, gif), last).await?;
    let finalize = Call::post(api(call.app, &format!("media/upload/{id}/finalize")));
    media_of(&ask(x, call, finalize).await?, Some(&id))
}

/// Sends the next chunk, announcing the upload before the first.
async fn append(
    x: &X,
    call: &PublishCall<'_>,
    upload: Option<(String, u32)>,
    (kind, total_bytes, gif): (&str, u64, bool),
    chunk: Bytes,
) -> Result<(String, u32), Failure> {
    let (id, index) = if let Some(upload) = upload {
        upload
    } else {
        let media_category = if gif { "tweet_gif" } else { "tweet_image" };
        let body = Initialize { media_type: kind, total_bytes, media_category };
        let request = Call::post(api(call.app, "media/upload/initialize")).json(&body);
        (media_of(&ask(x, call, request).await?, None)?.id, 0)
    };
    let fields = [("segment_index", index.to_string())];
    let request = Call::post(api(call.app, &format!("media/upload/{id}/append"))).form(&fields, ("media", chunk));
    ask(x, call, request).await?;
    Ok((id, index + 1))
}
