//! Videos of a page: announced, sent chunk by chunk from where Facebook says, and finished by the one request that publishes
//! them. Facebook names a video when it is announced: by that id, which no other delivery has, it is asked what became of it.

use super::super::error::{Problem, refusal};
use super::super::usage;
use super::api::{Done, FinishVideo, Range, StartVideo, Started};
use super::publish::message;
use super::standing::{Standing, look};
use super::{Facebook, page};
use connector_kit::http::repeatable;
use connector_kit::{Allowance, Answer, Call, MAX_PIECE, is_number, piece, progress};
use domain::publishing::{Failure, Finding, Media, MediaKind, MediaRef, Piece, Probe, Receipt};
use jiff::{SignedDuration, Timestamp};
use ports::{Prepared, PublishCall, Published};
use serde::{Deserialize, Serialize};

/// Most chunks sent before it is written down that Facebook has them: a crash sends as many again.
const RUN: usize = 4;
/// Uploads begun for one video, after which it is given up: what ended the others will end the next.
const MOST: u8 = 4;
/// For how long an upload is gone on with, and offered again; ours.
const LIVES: SignedDuration = SignedDuration::from_hours(12);
/// For how long an offered video that Facebook does not show stops the next one; ours. It answers the same where a permission is
/// missing, so that one answer proves nothing.
const HIDDEN: SignedDuration = SignedDuration::from_hours(48);

/// What is kept between wake-ups.
#[derive(Default, Serialize, Deserialize)]
struct Progress {
    /// The uploads that may be published still, oldest first: [`domain::publishing::FORMER`], so that they outlast whatever people
    /// decide.
    #[serde(default)]
    former: Vec<Upload>,
    /// Which bytes of the last of them Facebook wants next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    next: Option<Next>,
    /// Uploads begun so far.
    #[serde(default)]
    begun: u8,
    /// When Facebook said first that it has published nothing of what was offered, and works on none of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    denied_at: Option<Timestamp>,
}

/// An upload that was begun.
#[derive(Clone, Serialize, Deserialize)]
struct Upload {
    video: String,
    session: String,
    at: Timestamp,
    /// Whether Facebook has every byte.
    #[serde(default)]
    whole: bool,
    /// Whether the request that publishes it may have left.
    #[serde(default)]
    offered: bool,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
struct Next {
    from: u64,
    to: u64,
}

fn video<'a>(call: &PublishCall<'a>) -> Option<(&'a MediaRef, &'a Media, &'a Probe)> {
    let reference = call.variant.media_of(call.part).first()?;
    let medium = call.media.iter().find(|medium| medium.id == reference.id)?;
    let probe = medium.probe.as_ref().filter(|probe| probe.kind() == MediaKind::Video)?;
    Some((reference, medium, probe))
}

/// Whether the part is a video.
pub(super) fn is_asked(call: &PublishCall<'_>) -> bool {
    video(call).is_some()
}

fn kept(call: &PublishCall<'_>) -> Progress {
    let fits = |upload: &Upload| is_number(&upload.video, 20) && is_number(&upload.session, 20);
    progress::kept::<Progress>(call).filter(|kept| kept.former.iter().all(fits)).unwrap_or_default()
}

/// The ids of the videos that may have been published.
pub(super) fn offered(call: &PublishCall<'_>) -> Vec<String> {
    kept(call).former.into_iter().filter(|upload| upload.offered).map(|upload| upload.video).collect()
}

fn more(kept: &Progress) -> Prepared {
    Prepared::More(progress::value(kept))
}

/// The next step: what became of earlier uploads, another chunk, or the word that Facebook has all of it.
pub(super) async fn prepare(facebook: &Facebook, call: &PublishCall<'_>) -> Result<Prepared, Failure> {
    let time = Allowance::of(call);
    let mut kept = kept(call);
    let (_, medium, probe) = video(call).ok_or(Failure::Unavailable)?;
    let is_young = |upload: &&Upload| call.now < upload.at + LIVES;
    let current = kept.former.last().filter(is_young).cloned();
    if let (Some(next), Some(current)) = (kept.next, &current) {
        return go_on(facebook, call, (medium, probe), (kept, current, next), time).await;
    }
    // Nothing goes up, and nothing is offered again, while Facebook may publish what it has.
    let over = match time.run(all(facebook, call, &kept.former)).await? {
        All::Live(existing) => return Err(Failure::Duplicate { existing: Some(existing) }),
        All::Working => return Err(Failure::Taken { detail: "it is being processed".into() }),
        All::Quiet { hidden: true, .. } => return Err(Failure::Unavailable),
        All::Quiet { over, .. } => over,
    };
    if kept.former.iter().any(|upload| upload.offered)
        && let Some(until) = progress::twice(&mut kept.denied_at, call.now)
    {
        return Ok(Prepared::Wait { progress: progress::value(&kept), until });
    }
    kept.denied_at = None;
    kept.former.retain(|upload| !over.contains(&upload.video));
    if let Some(upload) = kept.former.last_mut().filter(|upload| upload.whole && call.now < upload.at + LIVES) {
        upload.offered = true;
        return Ok(Prepared::Ready(Some(progress::value(&kept))));
    }
    // What was never offered was never published.
    kept.former.retain(|upload| upload.offered);
    if kept.begun >= MOST {
        let detail = format!("{MOST} uploads of the video did not come to an end");
        return Err(Failure::Rejected { code: "media_refused".into(), detail });
    }
    let (upload, next) = time.run(begin(facebook, call, probe)).await?;
    kept.former.push(upload);
    (kept.next, kept.begun) = (Some(next), kept.begun + 1);
    Ok(more(&kept))
}

/// What offered uploads come to, all of them together.
enum All {
    /// One is published, and this is the proof.
    Live(Receipt),
    /// Facebook works on one.
    Working,
    /// None is published, and none is worked on.
    Quiet {
        /// Those of which nothing will come.
        over: Vec<String>,
        /// Whether Facebook could not process any of them.
        failed: bool,
        /// Whether one is not shown, which proves nothing of it.
        hidden: bool,
    },
}

/// Asks how those that were offered stand. That one cannot be asked after hides nothing that is said of another.
async fn all(facebook: &Facebook, call: &PublishCall<'_>, uploads: &[Upload]) -> Result<All, Failure> {
    let (mut over, mut working, mut unasked, mut hidden) = (Vec::new(), false, None, false);
    let offered: Vec<&Upload> = uploads.iter().filter(|upload| upload.offered).collect();
    let mut failures = 0;
    for upload in &offered {
        match look(facebook, call, &upload.video).await {
            Ok(Standing::Live(receipt)) => return Ok(All::Live(receipt)),
            Ok(Standing::Working) => working = true,
            Ok(Standing::Failed) => {
                failures += 1;
                over.push(upload.video.clone());
            }
            Ok(Standing::Missing) if call.now < upload.at + HIDDEN => hidden = true,
            Ok(Standing::Missing) => over.push(upload.video.clone()),
            Ok(Standing::Idle) => {}
            Err(failure) => unasked = Some(failure),
        }
    }
    match (working, unasked) {
        (true, _) => Ok(All::Working),
        (false, Some(failure)) => Err(failure),
        (false, None) => Ok(All::Quiet { over, failed: failures > 0 && failures == offered.len(), hidden }),
    }
}

/// Sends some chunks.
async fn go_on(
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
        if let Some(upload) = kept.former.last_mut() {
            upload.whole = true;
        }
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

/// A step of an upload, which publishes nothing.
async fn ask(facebook: &Facebook, call: &PublishCall<'_>, request: Call) -> Result<Answer, Failure> {
    let answer = facebook.graph(call.app).call(call.token, request).await.map_err(repeatable)?;
    if answer.is_success() { Ok(answer) } else { Err(repeatable(of_video(&answer, call.now))) }
}

/// What a refusal means. That videos are not allowed is no word about the account's other posts.
fn of_video(answer: &Answer, now: Timestamp) -> Failure {
    let forbids = Problem::of(answer).is_some_and(|problem| problem.code == 10 || (200..300).contains(&problem.code));
    match refusal(answer, now) {
        Failure::Revoked { detail } if forbids => {
            let detail = format!("the application or the person's role does not allow videos on this page: {detail}");
            Failure::Rejected { code: "forbidden".into(), detail }
        }
        other => other,
    }
}

fn address(facebook: &Facebook, call: &PublishCall<'_>) -> Result<String, Failure> {
    Ok(facebook.graph(call.app).at(&format!("{}/videos", page(call.account)?), &[], call.token))
}

async fn begin(facebook: &Facebook, call: &PublishCall<'_>, probe: &Probe) -> Result<(Upload, Next), Failure> {
    let body = StartVideo { upload_phase: "start", file_size: probe.bytes };
    let answer = ask(facebook, call, Call::post(address(facebook, call)?).json(&body)).await?;
    let started = answer.json::<Started>().ok_or(Failure::Unavailable)?;
    let (video, session) = (started.video_id, started.upload_session_id);
    let next = started.range.read().filter(|(from, to)| *from == 0 && to > from);
    let (Some((from, to)), true) = (next, is_number(&video, 20) && is_number(&session, 20)) else {
        return Err(Failure::Unavailable);
    };
    let upload = Upload { video, session, at: call.now, whole: false, offered: false };
    Ok((upload, Next { from, to }))
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
    let request = Call::post(address(facebook, call)?).form(&fields, ("video_file_chunk", bytes.into()));
    let answer = ask(facebook, call, request).await?;
    let (from, to) = answer.json::<Range>().and_then(|range| range.read()).ok_or(Failure::Unavailable)?;
    Ok(Next { from, to })
}

/// The one request: finishes the upload, with the text, as a published video.
pub(super) async fn publish(facebook: &Facebook, call: &PublishCall<'_>) -> Result<Published, Failure> {
    let (time, kept) = (Allowance::of(call), kept(call));
    // Nothing leaves but what Facebook has every byte of; the next try prepares it again.
    let current = kept.former.last().filter(|upload| upload.whole && upload.offered && kept.next.is_none());
    let (Some(current), Some((reference, ..))) = (current, video(call)) else { return Err(Failure::Unavailable) };
    let text = message(call.variant, call.part);
    let body = FinishVideo {
        upload_phase: "finish",
        upload_session_id: &current.session,
        description: &text,
        title: reference.title.as_deref().filter(|title| !title.trim().is_empty()),
        published: true,
    };
    let request = Call::post(address(facebook, call)?).json(&body);
    let answer = facebook.graph(call.app).call(call.token, request).await?;
    if !answer.is_success() {
        return Err(of_video(&answer, call.now));
    }
    if !answer.json::<Done>().is_some_and(|done| done.success) {
        return Err(Failure::Unconfirmed { detail: format!("HTTP {} without the word of success", answer.status) });
    }
    // It has it. What follows is a reading.
    match time.run(look(facebook, call, &current.video)).await {
        Ok(Standing::Live(receipt)) => Ok(Published { receipt, quiet_until: usage::quiet_until(&answer, call.now) }),
        _ => Err(Failure::Taken { detail: "it is being processed".into() }),
    }
}

/// Asks of the videos themselves, and then reads the page, where a post tells what it shows.
pub(super) async fn find(facebook: &Facebook, call: &PublishCall<'_>, since: Timestamp) -> Result<Finding, Failure> {
    if offered(call).is_empty() {
        return Ok(Finding::Unreadable);
    }
    let hidden = match all(facebook, call, &kept(call).former).await? {
        All::Live(receipt) => return Ok(Finding::Proved(receipt)),
        // Of what Facebook has nobody says that it is not there.
        All::Working => return Ok(Finding::Pending),
        All::Quiet { failed: true, .. } => {
            let detail = "Facebook could not process the video".to_owned();
            return Ok(Finding::Refused { code: "media_processing_failed".into(), detail });
        }
        All::Quiet { hidden, .. } => hidden,
    };
    match super::find::find(facebook, call, since).await {
        // The page shows nothing that is being processed: without the video's own word it proves nothing.
        Ok(Finding::Absent) if hidden => Ok(Finding::Unreadable),
        found => found,
    }
}
