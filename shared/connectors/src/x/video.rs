//! Videos of X: announced, sent segment by segment, finished, and then processed by X for a while. What X has is kept with the
//! delivery, so that the next worker goes on from there, and no more than one segment is held at a time.

use super::api::{Initialize, MediaUpload};
use super::media::{CHUNK, USABLE, ask, media_of, status};
use super::{X, api};
use bytes::Bytes;
use connector_kit::{Allowance, Call, piece};
use domain::publishing::{Failure, Media, Piece, Probe};
use jiff::{SignedDuration, Timestamp};
use ports::PublishCall;
use serde::{Deserialize, Serialize};

/// Bytes of a segment.
const SEGMENT: u64 = CHUNK as u64;
/// Most segments sent before it is written down that X has them: a crash sends as many again.
const RUN: u64 = 8;

/// Most uploads announced for one video: an upload ends before its time, or X refuses a segment that it may have had.
const MAX_UPLOADS: u8 = 4;

/// A video on its way.
#[derive(Serialize, Deserialize)]
pub(super) struct Sending {
    id: String,
    /// Segments that X has, from the first.
    segments: u64,
    /// When X forgets the upload.
    until: Timestamp,
    /// How many uploads were announced for it, this one included.
    uploads: u8,
}

/// What a step came to.
pub(super) enum Step {
    /// There is more to send, or to finish.
    Sending(Sending),
    /// X has all of it.
    Sent(MediaUpload),
}

/// Announces the video, or sends what comes next of it.
pub(super) async fn step(
    x: &X,
    call: &PublishCall<'_>,
    medium: &Media,
    sending: Option<Sending>,
    time: Allowance,
) -> Result<Step, Failure> {
    let probe = medium.probe.as_ref().ok_or(Failure::Unavailable)?;
    let uploads = sending.as_ref().map_or(0, |sending| sending.uploads);
    let Some(mut sending) = sending.filter(|sending| call.now < sending.until) else {
        return time.run(begin(x, call, probe, uploads)).await;
    };
    let (all, from) = (probe.bytes.div_ceil(SEGMENT), sending.segments);
    let mut failed = None;
    while failed.is_none() && sending.segments < all.min(from + RUN) {
        let offset = sending.segments * SEGMENT;
        let next = Piece { offset, length: SEGMENT.min(probe.bytes - offset) };
        let bytes = match time.run(piece(call, medium, next)).await {
            Ok(bytes) => bytes,
            // What X has by now is kept first; who goes on meets the failure again.
            Err(_) if sending.segments > from => return Ok(Step::Sending(sending)),
            Err(failure) => return Err(failure),
        };
        match time.run(append(x, call, &sending, bytes)).await {
            Ok(()) => sending.segments += 1,
            Err(failure) => failed = Some(failure),
        }
    }
    if sending.segments > from {
        return Ok(Step::Sending(sending));
    }
    let finished = match failed {
        None => time.run(finalize(x, call, &sending.id)).await.map(Step::Sent),
        Some(failure) => Err(failure),
    };
    match finished {
        // Its answer may have been lost before, and whether X takes a segment twice is not documented. A new upload has nothing
        // that was sent before.
        Err(Failure::Rejected { .. }) if uploads < MAX_UPLOADS => time.run(begin(x, call, probe, uploads)).await,
        other => other,
    }
}

/// Announces it, after so many uploads that came to nothing.
async fn begin(x: &X, call: &PublishCall<'_>, probe: &Probe, uploads: u8) -> Result<Step, Failure> {
    if uploads >= MAX_UPLOADS {
        let detail = format!("{MAX_UPLOADS} uploads of the video ended before X had all of it");
        return Err(Failure::Rejected { code: "media_refused".into(), detail });
    }
    let body = Initialize { media_type: &probe.media_type, total_bytes: probe.bytes, media_category: "tweet_video" };
    let request = Call::post(api(call.app, "media/upload/initialize")).json(&body);
    let upload = media_of(&ask(x, call, request).await?, None)?;
    let lives = upload.expires_after_secs.filter(|seconds| *seconds > 0).map(SignedDuration::from_secs);
    let until = call.now + lives.unwrap_or(USABLE).min(USABLE);
    Ok(Step::Sending(Sending { id: upload.id, segments: 0, until, uploads: uploads + 1 }))
}

async fn append(x: &X, call: &PublishCall<'_>, sending: &Sending, bytes: Bytes) -> Result<(), Failure> {
    let fields = [("segment_index", sending.segments.to_string())];
    let url = api(call.app, &format!("media/upload/{}/append", sending.id));
    ask(x, call, Call::post(url).form(&fields, ("media", bytes))).await.map(drop)
}

async fn finalize(x: &X, call: &PublishCall<'_>, id: &str) -> Result<MediaUpload, Failure> {
    let refused = match ask(x, call, Call::post(api(call.app, &format!("media/upload/{id}/finalize")))).await {
        Ok(answer) => return media_of(&answer, Some(id)),
        Err(refused @ Failure::Rejected { .. }) => refused,
        Err(other) => return Err(other),
    };
    // Perhaps it was finished before, and the answer was lost: then X tells how far it is with it.
    match ask(x, call, status(call, id)).await {
        Ok(answer) => media_of(&answer, Some(id)).ok().filter(|upload| upload.processing_info.is_some()).ok_or(refused),
        Err(Failure::Rejected { .. }) => Err(refused),
        Err(other) => Err(other),
    }
}
