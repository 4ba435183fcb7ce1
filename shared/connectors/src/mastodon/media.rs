//! Pictures and videos: uploaded one by one while they are read, with their descriptions; those that a server still processes are
//! asked about.

use super::api::Identified;
use super::error::refusal;
use super::{Mastodon, Place};
use connector_kit::http::repeatable;
use connector_kit::{Allowance, Call, file, is_id, progress};
use domain::publishing::{Failure, MediaKind, MediaRef};
use jiff::{SignedDuration, Timestamp};
use ports::{Prepared, PublishCall};
use serde::{Deserialize, Serialize};

/// Media that no status uses are removed after about a day. Half of that is safe.
const USABLE: SignedDuration = SignedDuration::from_hours(12);
/// Shortest and longest time until a medium that is being processed is asked about again; Mastodon does not say how long it takes.
const CHECK_AFTER: (SignedDuration, SignedDuration) = (SignedDuration::from_secs(5), SignedDuration::from_secs(60));

/// What is kept between wake-ups.
#[derive(Serialize, Deserialize)]
struct Progress {
    part: usize,
    /// When the first of them was uploaded.
    at: Timestamp,
    media: Vec<Uploaded>,
}

#[derive(Serialize, Deserialize)]
struct Uploaded {
    id: String,
    ready: bool,
}

/// What is kept for this part, however old.
fn kept(call: &PublishCall<'_>) -> Option<Progress> {
    let progress: Progress = progress::kept(call)?;
    (progress.part == call.part && progress.media.iter().all(|media| is_id(&media.id))).then_some(progress)
}

/// What is kept for this part and can still be attached.
fn progress(call: &PublishCall<'_>) -> Option<Progress> {
    kept(call).filter(|progress| call.now.duration_since(progress.at) < USABLE)
}

fn ids(call: &PublishCall<'_>, media: Vec<Uploaded>) -> Option<Vec<String>> {
    let wanted = call.variant.media_of(call.part).len();
    let complete = wanted > 0 && media.len() == wanted && media.iter().all(|media| media.ready);
    complete.then(|| media.into_iter().map(|media| media.id).collect())
}

/// The uploaded media of the part as `media_ids`; none when it has none or they cannot be attached (any more).
pub(super) fn ready(call: &PublishCall<'_>) -> Option<Vec<String>> {
    ids(call, progress(call)?.media)
}

/// The media that a request for the part had, however long ago they were uploaded.
pub(super) fn sent(call: &PublishCall<'_>) -> Option<Vec<String>> {
    ids(call, kept(call)?.media)
}

/// Uploads the next picture or video, once all before it are known to be ready or are being processed.
pub(super) async fn prepare(mastodon: &Mastodon, call: &PublishCall<'_>) -> Result<Prepared, Failure> {
    let place = Place::of(call.account)?;
    let mut kept = progress(call).unwrap_or(Progress { part: call.part, at: call.now, media: Vec::new() });
    let time = Allowance::of(call);
    for at in 0..kept.media.len() {
        if kept.media[at].ready {
            continue;
        }
        match time.run(is_ready(mastodon, call, &place, &kept.media[at].id)).await {
            Ok(ready) => kept.media[at].ready = ready,
            // What is known so far is known to the next worker, too.
            Err(_) if time.is_over() => return Ok(Prepared::More(progress::value(&kept))),
            Err(failure) => return Err(failure),
        }
    }
    let wanted = call.variant.media_of(call.part);
    let nth = kept.media.len();
    if let Some(reference) = wanted.get(nth) {
        kept.media.push(time.run(upload(mastodon, call, &place, (nth, reference), time)).await?);
    }
    let progress = progress::value(&kept);
    Ok(if kept.media.len() < wanted.len() {
        Prepared::More(progress)
    } else if kept.media.iter().all(|media| media.ready) {
        Prepared::Ready(Some(progress))
    } else {
        let elapsed = call.now.duration_since(kept.at);
        Prepared::Wait { progress, until: call.now + (elapsed / 4).clamp(CHECK_AFTER.0, CHECK_AFTER.1) }
    })
}

/// Refuses a video that the account's own server does not take, by its own word, before any of it is sent. A server that does not
/// say so decides when it has it.
async fn allowed(
    mastodon: &Mastodon,
    call: &PublishCall<'_>,
    place: &Place<'_>,
    reference: &MediaRef,
) -> Result<(), Failure> {
    let medium = call.media.iter().find(|medium| medium.id == reference.id);
    let probe = medium.and_then(|medium| medium.probe.as_ref()).filter(|probe| probe.kind() == MediaKind::Video);
    let Some(probe) = probe else { return Ok(()) };
    let told = mastodon.configuration(call, place).await?;
    let Some(limits) = told.map(|told| told.media_attachments) else { return Ok(()) };
    if let Some(most) = limits.video_size_limit.filter(|most| probe.bytes > *most) {
        let detail = format!("the account's server takes videos of at most {most} bytes; this has {}", probe.bytes);
        return Err(Failure::Rejected { code: "media_too_large".into(), detail });
    }
    let types = &limits.supported_mime_types;
    if !types.is_empty() && !types.contains(&probe.media_type) {
        let detail = format!("the account's server takes no files of the type {}", probe.media_type);
        return Err(Failure::Rejected { code: "media_refused".into(), detail });
    }
    Ok(())
}

/// Whether a medium is processed.
async fn is_ready(mastodon: &Mastodon, call: &PublishCall<'_>, place: &Place<'_>, id: &str) -> Result<bool, Failure> {
    let answer = mastodon.ask(call, Call::get(place.api(&format!("v1/media/{id}")))).await?;
    match answer.status {
        206 => Ok(false),
        200 if answer.json::<Identified>().is_some_and(|media| media.id == id) => Ok(true),
        200..300 => Err(Failure::Unavailable),
        _ => Err(match repeatable(refusal(&answer, 0, call.now)) {
            Failure::Rejected { code, detail } if code == "invalid_request" => {
                Failure::Rejected { code: "media_processing_failed".into(), detail }
            }
            failure => failure,
        }),
    }
}

/// Uploads the `nth` picture or video of the part.
async fn upload(
    mastodon: &Mastodon,
    call: &PublishCall<'_>,
    place: &Place<'_>,
    (nth, reference): (usize, &MediaRef),
    time: Allowance,
) -> Result<Uploaded, Failure> {
    allowed(mastodon, call, place, reference).await?;
    let files = file(call, nth, "file", time).await?;
    let length: u64 = files.list.iter().map(|file| file.length).sum();
    let alt = reference.alt_text.clone().filter(|alt| !alt.is_empty());
    let fields = alt.map(|alt| ("description", alt)).into_iter().collect();
    let answer = mastodon.ask(call, Call::post(place.api("v2/media")).files(fields, files)).await?;
    match answer.status {
        200 | 202 => {
            let media = answer.json::<Identified>().filter(|media| is_id(&media.id)).ok_or(Failure::Unavailable)?;
            Ok(Uploaded { id: media.id, ready: answer.status == 200 })
        }
        // What stands before the server says so in no shape of Mastodon's; an upload leaves nothing in doubt.
        413 => {
            let detail = format!("the server takes no file of {length} bytes");
            Err(Failure::Rejected { code: "media_too_large".into(), detail })
        }
        200..300 => Err(Failure::Unavailable),
        _ => Err(repeatable(refusal(&answer, 0, call.now))),
    }
}
