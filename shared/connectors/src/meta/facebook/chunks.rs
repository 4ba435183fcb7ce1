//! A video's way up that ends as a post: a session, and chunks from where Facebook says.

use super::api::{FinishVideo, Range, StartVideo, Started};
use super::publish::{message, unpublished};
use super::video::{MOST, Progress, Upload, address, ask, more, title};
use super::{Facebook, is_id};
use connector_kit::{Allowance, Call, MAX_PIECE, piece};
use domain::publishing::{Failure, Media, MediaRef, Piece, Probe};
use ports::{Prepared, PublishCall};
use serde::{Deserialize, Serialize};

/// Most chunks sent before it is written down that Facebook has them: a crash sends as many again.
const RUN: usize = 4;
/// Where videos of a page go.
const EDGE: &str = "videos";

/// Which bytes are wanted.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) struct Next {
    from: u64,
    to: u64,
}

pub(super) async fn begin(
    facebook: &Facebook,
    call: &PublishCall<'_>,
    probe: &Probe,
) -> Result<(Upload, Option<Next>), Failure> {
    let body = StartVideo { upload_phase: "start", file_size: probe.bytes };
    let answer = ask(facebook, call, Call::post(address(facebook, call, EDGE)?).json(&body)).await?;
    let started = answer.json::<Started>().ok_or(Failure::Unavailable)?;
    let (video, session) = (started.video_id, started.upload_session_id);
    let next = started.range.read().filter(|(from, to)| *from == 0 && to > from);
    let (Some((from, to)), true) = (next, is_id(&video) && is_id(&session)) else {
        return Err(Failure::Unavailable);
    };
    let upload = Upload { session, ..Upload::new(video, call.now) };
    Ok((upload, Some(Next { from, to })))
}

/// Sends some chunks.
pub(super) async fn go_on(
    facebook: &Facebook,
    call: &PublishCall<'_>,
    (medium, probe): (&Media, &Probe),
    (mut kept, current, mut next): (Progress, &Upload, Next),
    time: Allowance,
) -> Result<Prepared, Failure> {
    let (mut sent, mut failed) = (0, None);
    while sent < RUN && next.from < probe.bytes && failed.is_none() {
        // As much as is asked for, and no more than can be held: from where Facebook then says it goes on.
        let length = next.to.min(probe.bytes).saturating_sub(next.from).min(MAX_PIECE);
        let bytes = match time.run(piece(call, medium, Piece { offset: next.from, length })).await {
            Ok(bytes) => bytes,
            // What Facebook has by now is kept first; who goes on meets the failure again.
            Err(_) if sent > 0 => break,
            Err(failure) => return Err(failure),
        };
        match time.run(transfer(facebook, call, current, (next, bytes.to_vec()))).await {
            Ok(told) if told.from > next.from && (told.from >= probe.bytes || told.to > told.from) => {
                (next, sent) = (told, sent + 1);
            }
            // It wants the same again, or nothing: another upload has nothing that was sent before.
            Ok(_) => failed = Some(again()),
            Err(failure) => failed = Some(failure),
        }
    }
    kept.next = Some(next);
    if next.from >= probe.bytes {
        kept.next = None;
        kept.is_whole();
        return Ok(more(&kept));
    }
    match failed {
        _ if sent > 0 => Ok(more(&kept)),
        // The answer to this chunk may have been lost before, and what Facebook says to a second one is not documented.
        Some(Failure::Rejected { .. }) if kept.begun < MOST => {
            kept.next = None;
            kept.former.pop();
            Ok(more(&kept))
        }
        Some(failure) => Err(failure),
        None => Ok(more(&kept)),
    }
}

fn again() -> Failure {
    Failure::Rejected { code: "media_refused".into(), detail: "Facebook does not go on with the upload".into() }
}

/// Sends a chunk; what Facebook wants next.
async fn transfer(
    facebook: &Facebook,
    call: &PublishCall<'_>,
    upload: &Upload,
    (at, bytes): (Next, Vec<u8>),
) -> Result<Next, Failure> {
    let fields = [
        ("upload_phase", "transfer".to_owned()),
        ("upload_session_id", upload.session.clone()),
        ("start_offset", at.from.to_string()),
    ];
    let request = Call::post(address(facebook, call, EDGE)?).form(&fields, ("video_file_chunk", bytes.into()));
    let answer = ask(facebook, call, request).await?;
    let (from, to) = answer.json::<Range>().and_then(|range| range.read()).ok_or(Failure::Unavailable)?;
    Ok(Next { from, to })
}

/// The request that finishes it, with the text, as a published video or as a draft.
pub(super) fn finish(
    facebook: &Facebook,
    call: &PublishCall<'_>,
    (upload, reference): (&Upload, &MediaRef),
) -> Result<Call, Failure> {
    let text = message(call.variant, call.part);
    let body = FinishVideo {
        upload_phase: "finish",
        upload_session_id: &upload.session,
        description: &text,
        title: title(reference),
        published: !call.variant.draft,
        unpublished_content_type: unpublished(call.variant),
    };
    Ok(Call::post(address(facebook, call, EDGE)?).json(&body))
}
