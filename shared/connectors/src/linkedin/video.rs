//! Videos of LinkedIn: announced, sent part by part to the addresses that the answer names, finished, and then processed by
//! LinkedIn for a while. What was sent is kept with the delivery, so that the next worker goes on from there, and no more than one
//! part is held at a time.

use super::api::{FinalizeUpload, FinishedVideo, InitializeUpload, Instruction, NewVideo, Value, VideoUpload};
use super::media::{DOMAINS, state};
use super::{LinkedIn, api, is_asset};
use connector_kit::http::repeatable;
use connector_kit::{Allowance, Call, MAX_PIECE, is_own, piece};
use domain::publishing::{Failure, Media, Piece};
use jiff::{SignedDuration, Timestamp};
use ports::{PlatformApp, PublishCall};
use serde::{Deserialize, Serialize};

/// How URNs of videos begin.
pub(super) const VIDEO: &str = "urn:li:video:";
/// Most parts sent before it is written down that LinkedIn has them: a crash sends as many again.
const RUN: usize = 4;
/// Most bytes that are kept of addresses, of the token and, later, of tags: a delivery has 400 KB of room. The largest video has
/// 120 parts.
const MAX_KEPT: usize = 128 * 1024;
/// Longest tag of a part that is kept, in bytes.
const MAX_TAG: usize = 512;
/// Most uploads announced for one video: addresses end before their time, or LinkedIn refuses a part that it may have had.
const MAX_UPLOADS: u8 = 4;
/// An upload is begun anew when its addresses end sooner than this.
const MARGIN: SignedDuration = SignedDuration::from_mins(5);

/// A video on its way.
#[derive(Serialize, Deserialize)]
pub(super) struct Sending {
    video: String,
    token: String,
    /// The parts that LinkedIn does not have yet.
    rest: Vec<Part>,
    /// The tags of those that it has, in order.
    tags: Vec<String>,
    /// When the addresses end, where LinkedIn says so.
    until: Option<Timestamp>,
    /// How many uploads were announced for it, this one included.
    uploads: u8,
}

#[derive(Serialize, Deserialize)]
struct Part {
    url: String,
    offset: u64,
    length: u64,
}

/// What a step came to.
pub(super) enum Step {
    /// There is more to send, or to finish.
    Sending(Sending),
    /// LinkedIn has all of this video.
    Sent(String),
}

/// Announces the video, or sends what comes next of it.
pub(super) async fn step(
    linkedin: &LinkedIn,
    call: &PublishCall<'_>,
    (owner, medium): (&str, &Media),
    sending: Option<Sending>,
    time: Allowance,
) -> Result<Step, Failure> {
    let in_time = |sending: &Sending| sending.until.is_none_or(|until| call.now + MARGIN < until);
    let uploads = sending.as_ref().map_or(0, |sending| sending.uploads);
    let Some(mut sending) = sending.filter(in_time) else {
        return time.run(begin(linkedin, call, owner, medium, uploads)).await;
    };
    let (mut sent, mut failed) = (0, None);
    while let Some(part) = sending.rest.first().filter(|_| sent < RUN && failed.is_none()) {
        let bytes = piece(call, medium, Piece { offset: part.offset, length: part.length });
        let bytes = match time.run(bytes).await {
            Ok(bytes) => bytes,
            // What LinkedIn has by now is kept first; who goes on meets the failure again.
            Err(_) if sent > 0 => return Ok(Step::Sending(sending)),
            Err(failure) => return Err(failure),
        };
        match time.run(put(linkedin, call, &part.url, bytes.to_vec())).await {
            Ok(tag) => {
                sending.rest.remove(0);
                sending.tags.push(tag);
                sent += 1;
            }
            Err(failure) => failed = Some(failure),
        }
    }
    if sent > 0 {
        return Ok(Step::Sending(sending));
    }
    let finished = match failed {
        None => time.run(finalize(linkedin, call, &sending)).await,
        Some(failure) => Err(failure),
    };
    match finished {
        Ok(()) => Ok(Step::Sent(sending.video)),
        // An address may have ended before its time, or its answer been lost. A new upload has new addresses, and nothing that
        // was sent before.
        Err(Failure::Rejected { .. }) if uploads < MAX_UPLOADS => {
            time.run(begin(linkedin, call, owner, medium, uploads)).await
        }
        Err(failure) => Err(failure),
    }
}

/// Announces it, after so many uploads that came to nothing.
async fn begin(
    linkedin: &LinkedIn,
    call: &PublishCall<'_>,
    owner: &str,
    medium: &Media,
    uploads: u8,
) -> Result<Step, Failure> {
    if uploads >= MAX_UPLOADS {
        let detail = format!("{MAX_UPLOADS} uploads of the video ended before LinkedIn had all of it");
        return Err(Failure::Rejected { code: "media_refused".into(), detail });
    }
    let bytes = medium.probe.as_ref().map(|probe| probe.bytes).ok_or(Failure::Unavailable)?;
    let new = NewVideo { owner, file_size_bytes: bytes, upload_captions: false, upload_thumbnail: false };
    let url = format!("{}?action=initializeUpload", api(call.app, "rest/videos"));
    let request = Call::post(url).json(&InitializeUpload { initialize_upload_request: new });
    let answer = linkedin.ask(call.app, call.token, request, call.now).await?;
    let upload = answer.json::<Value<VideoUpload>>().map(|answer| answer.value);
    let upload = upload.filter(|upload| is_asset(&upload.video) && upload.video.starts_with(VIDEO));
    let upload = upload.ok_or(Failure::Unavailable)?;
    let rest = parts(call.app, upload.upload_instructions, bytes).ok_or(Failure::Unavailable)?;
    let kept = upload.upload_token.len() + rest.iter().map(|part| part.url.len() + MAX_TAG).sum::<usize>();
    if kept > MAX_KEPT {
        let detail = format!("LinkedIn asks for more than {MAX_KEPT} bytes to be kept while the video goes up");
        return Err(Failure::Rejected { code: "media_refused".into(), detail });
    }
    let until = upload.upload_urls_expire_at.and_then(|ms| Timestamp::from_millisecond(ms).ok());
    let (video, token) = (upload.video, upload.upload_token);
    Ok(Step::Sending(Sending { video, token, rest, tags: Vec::new(), until, uploads: uploads + 1 }))
}

/// The parts, if they are the whole video in order, each of a size that can be held, and go to LinkedIn alone.
fn parts(app: &PlatformApp, instructions: Vec<Instruction>, bytes: u64) -> Option<Vec<Part>> {
    let (mut offset, mut parts) = (0, Vec::new());
    for Instruction { upload_url: url, first_byte, last_byte } in instructions {
        let length = last_byte.checked_add(1)?.checked_sub(first_byte)?;
        let right = first_byte == offset && (1..=MAX_PIECE).contains(&length);
        if !right || !is_own(app, &url, &DOMAINS) {
            return None;
        }
        parts.push(Part { url, offset, length });
        offset += length;
    }
    (offset == bytes && bytes > 0).then_some(parts)
}

/// Sends a part; the tag by which it is named at the end.
async fn put(linkedin: &LinkedIn, call: &PublishCall<'_>, url: &str, bytes: Vec<u8>) -> Result<String, Failure> {
    let request = Call::put(url).bearer(call.token).bytes("application/octet-stream", bytes);
    let answer = linkedin.http.call(request).await.map_err(|lost| repeatable(lost.into()))?;
    match answer.status {
        200..300 => {
            let tag = answer.header("etag").filter(|tag| (1..=MAX_TAG).contains(&tag.len()));
            tag.map(str::to_owned).ok_or(Failure::Unavailable)
        }
        401 | 408 | 429 | 500.. => Err(repeatable(super::error::of_upload(call.app, &answer, call.now))),
        status => {
            let detail = format!("LinkedIn did not take a part of the video: HTTP {status}");
            Err(Failure::Rejected { code: "media_refused".into(), detail })
        }
    }
}

async fn finalize(linkedin: &LinkedIn, call: &PublishCall<'_>, sending: &Sending) -> Result<(), Failure> {
    let Sending { video, token, tags, .. } = sending;
    let finished = FinishedVideo { video, upload_token: token, uploaded_part_ids: tags };
    let url = format!("{}?action=finalizeUpload", api(call.app, "rest/videos"));
    let request = Call::post(url).json(&FinalizeUpload { finalize_upload_request: finished });
    let refused = match linkedin.ask(call.app, call.token, request, call.now).await {
        Ok(_) => return Ok(()),
        Err(refused @ Failure::Rejected { .. }) => refused,
        Err(other) => return Err(other),
    };
    // Perhaps it was finished before, and the answer was lost: then it waits for nothing any more.
    match state(linkedin, call, video).await {
        Ok(state) if matches!(state.as_str(), "PROCESSING" | "AVAILABLE" | "PROCESSING_FAILED") => Ok(()),
        Ok(_) | Err(Failure::Rejected { .. }) => Err(refused),
        Err(other) => Err(other),
    }
}
