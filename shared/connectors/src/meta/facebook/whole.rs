//! A video's way up that ends as a reel or a story: it is announced, goes in one request to the address that Facebook names, and
//! is asked after until it has arrived. Nothing of it is seen before the request that ends it.

use super::api::{Announce, Announced, Done, EndUpload, Refused};
use super::publish::message;
use super::standing::{Arrival, arrival};
use super::video::{MOST, Progress, Upload, address, ask, more, of_video, title};
use super::{Facebook, is_id};
use connector_kit::http::repeatable;
use connector_kit::{Allowance, Answer, Call, is_own, media_failure, progress};
use domain::publishing::{ContentKind, Failure, Media, MediaRef, Probe};
use jiff::SignedDuration;
use ports::{MediaBytes, MediaError, Prepared, PublishCall};
use secrecy::ExposeSecret as _;

/// Where the addresses lie that take bytes.
const DOMAINS: [&str; 1] = ["facebook.com"];
/// Longest of them that is kept, in bytes; ours.
const MAX_ADDRESS: usize = 2_048;
/// Seconds until a video that was sent is asked after again, by how often it was; ours.
const WAITS_S: [i64; 4] = [5, 15, 30, 60];
/// How often it is, after which it goes up anew; ours.
const ASKED: usize = 30;

/// Where it goes, and the words of its two phases, as the specification writes them.
fn words(kind: ContentKind) -> (&'static str, &'static str, &'static str) {
    if kind == ContentKind::Story { ("video_stories", "start", "finish") } else { ("video_reels", "START", "FINISH") }
}

/// Whether the bytes of a video may go there, with the page's token.
pub(super) fn is_way(call: &PublishCall<'_>, url: &str) -> bool {
    url.len() <= MAX_ADDRESS && is_own(call.app, url, &DOMAINS)
}

/// Announces the video.
pub(super) async fn begin(facebook: &Facebook, call: &PublishCall<'_>) -> Result<Upload, Failure> {
    let (edge, upload_phase, _) = words(call.variant.kind);
    let request = Call::post(address(facebook, call, edge)?).json(&Announce { upload_phase });
    let told = ask(facebook, call, request).await?.json::<Announced>().ok_or(Failure::Unavailable)?;
    if !is_id(&told.video_id) || !is_way(call, &told.upload_url) {
        return Err(Failure::Unavailable);
    }
    Ok(Upload { url: Some(told.upload_url), ..Upload::new(told.video_id, call.now) })
}

/// The next step: asks whether it has arrived, and sends it if it was not sent.
pub(super) async fn go_on(
    facebook: &Facebook,
    call: &PublishCall<'_>,
    (medium, probe): (&Media, &Probe),
    (mut kept, current): (Progress, &Upload),
    time: Allowance,
) -> Result<Prepared, Failure> {
    // The answer to the request that sent it may have been lost, so it is asked after before anything is sent.
    match time.run(arrival(facebook, call, &current.video)).await? {
        Arrival::Whole => {
            kept.asked = None;
            kept.is_whole();
            return Ok(more(&kept));
        }
        Arrival::Failed(detail) => {
            return Err(Failure::Rejected { code: "media_processing_failed".into(), detail });
        }
        Arrival::Underway => {}
    }
    if let Some(asked) = kept.asked.filter(|asked| *asked < ASKED) {
        let [.., longest] = WAITS_S;
        let wait_s = WAITS_S.get(asked).copied().unwrap_or(longest);
        kept.asked = Some(asked + 1);
        return Ok(Prepared::Wait {
            progress: progress::value(&kept),
            until: call.now + SignedDuration::from_secs(wait_s),
        });
    }
    let sent = match kept.asked {
        Some(_) => Err(Failure::Rejected {
            code: "media_refused".into(),
            detail: "Facebook has the video, and never says that it is whole".into(),
        }),
        None => time.run(send(facebook, call, (medium, probe, current), time)).await,
    };
    match sent {
        Ok(()) => {
            kept.asked = Some(0);
            Ok(more(&kept))
        }
        // What Facebook says to bytes that it has already is not documented: another upload has none.
        Err(Failure::Rejected { .. }) if kept.begun < MOST => {
            kept.asked = None;
            kept.former.pop();
            Ok(more(&kept))
        }
        Err(failure) => Err(failure),
    }
}

/// Sends all of it.
async fn send(
    facebook: &Facebook,
    call: &PublishCall<'_>,
    (medium, probe, upload): (&Media, &Probe, &Upload),
    time: Allowance,
) -> Result<(), Failure> {
    let url = upload.url.as_deref().filter(|url| is_way(call, url)).ok_or(Failure::Unavailable)?;
    let MediaBytes { length, stream, .. } = call.bytes.open(medium).await.map_err(|error| media_failure(&error))?;
    if length.is_some_and(|length| length != probe.bytes) {
        return Err(media_failure(&MediaError::Changed));
    }
    let request = Call::post(url)
        .hiding(call.token)
        .header("authorization", format!("OAuth {}", call.token.expose_secret()))
        .header("offset", "0")
        .header("file_size", probe.bytes.to_string())
        .stream("application/octet-stream", probe.bytes, stream)
        .within(time.left());
    let answer = facebook.http.call(request).await.map_err(|lost| repeatable(lost.into()))?;
    if answer.is_success() {
        let done = answer.json::<Done>().is_some_and(|done| done.success);
        return if done { Ok(()) } else { Err(Failure::Unavailable) };
    }
    Err(refused(call, &answer))
}

/// What a refusal of the host means that takes the bytes: it has a form of its own, beside the API's.
fn refused(call: &PublishCall<'_>, answer: &Answer) -> Failure {
    match answer.json::<Refused>().filter(|_| (400..500).contains(&answer.status) && answer.status != 429) {
        Some(Refused { debug_info }) => {
            let detail = format!("Facebook does not take the video: {}", answer.words(&debug_info.message));
            Failure::Rejected { code: "media_refused".into(), detail }
        }
        None => repeatable(of_video(answer, call.now)),
    }
}

/// The request that ends the upload: as a reel with its text, published or left as a draft, or as a story.
pub(super) fn finish(
    facebook: &Facebook,
    call: &PublishCall<'_>,
    (upload, reference): (&Upload, &MediaRef),
) -> Result<Call, Failure> {
    let (edge, _, upload_phase) = words(call.variant.kind);
    let text = message(call.variant, call.part);
    let reel = EndUpload {
        upload_phase,
        video_id: &upload.video,
        video_state: Some(if call.variant.draft { "DRAFT" } else { "PUBLISHED" }),
        description: &text,
        title: title(reference),
    };
    let story = EndUpload { upload_phase, video_id: &upload.video, ..EndUpload::default() };
    let body = if call.variant.kind == ContentKind::Story { story } else { reel };
    Ok(Call::post(address(facebook, call, edge)?).json(&body))
}
