//! Media of LinkedIn: announced, sent to the address it names, and attached once it has processed them. Videos go up over several
//! steps (`video.rs`).

use super::api::{ImageStatus, InitializeUpload, Owner, Upload, Value};
use super::publish::author;
use super::video::{self, Sending, Step, VIDEO};
use super::{LinkedIn, api, is_asset};
use connector_kit::http::repeatable;
use connector_kit::{Allowance, Call, is_own, media_failure, progress, segment};
use domain::accounts::AccountKind;
use domain::publishing::{Failure, Media, MediaKind, MediaRef};
use jiff::{SignedDuration, Timestamp};
use ports::{MediaBytes, Prepared, PublishCall};
use serde::{Deserialize, Serialize};

/// Seconds until a member's picture can be taken for processed: members may not ask, and clients wait 20 to 30.
const GRACE_S: i64 = 30;
/// Seconds between two questions about a page's picture.
const CHECK_AFTER_S: i64 = 5;
/// Seconds between two questions about a video, which is processed for longer.
const VIDEO_CHECK_AFTER_S: i64 = 30;
/// How long what was finished a moment ago may be unknown where one asks about it (our own figure: nothing is documented).
const SETTLES: SignedDuration = SignedDuration::from_mins(2);
/// Domains that LinkedIn lets media be sent to.
pub(super) const DOMAINS: [&str; 2] = ["linkedin.com", "licdn.com"];

/// The code of what LinkedIn could not process.
const NOT_PROCESSED: &str = "media_processing_failed";

/// How URNs of documents begin.
const DOCUMENT: &str = "urn:li:document:";

fn is_document(medium: &Media) -> bool {
    medium.probe.as_ref().is_some_and(|probe| probe.kind() == MediaKind::Document)
}

/// What is kept between wake-ups.
#[derive(Serialize, Deserialize)]
struct Progress {
    /// URNs of what was uploaded, in the order of the media. (The name is from when there were pictures only.)
    images: Vec<String>,
    /// How many of them, from the first, are known to be available.
    available: usize,
    /// When the last was uploaded.
    at: Timestamp,
    /// The next one, where it is a video of which LinkedIn has a part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sending: Option<Sending>,
}

fn progress(call: &PublishCall<'_>) -> Option<Progress> {
    let progress: Progress = progress::kept(call)?;
    progress.images.iter().all(|urn| is_asset(urn)).then_some(progress)
}

/// The URNs of the media; none while they are not all available.
pub(super) fn ready(call: &PublishCall<'_>) -> Option<Vec<String>> {
    let wanted = call.variant.media().count();
    let kept = progress(call)?;
    (kept.images.len() == wanted && kept.available == wanted).then_some(kept.images)
}

/// Uploads what is not uploaded yet, and finds out whether all is available.
pub(super) async fn prepare(linkedin: &LinkedIn, call: &PublishCall<'_>) -> Result<Prepared, Failure> {
    let (owner, time) = (author(call.account)?, Allowance::of(call));
    let mut kept = progress(call).unwrap_or(Progress { images: Vec::new(), available: 0, at: call.now, sending: None });
    if let Some(reference) = call.variant.media().nth(kept.images.len()) {
        let medium = stored(call, reference)?;
        if medium.is_video() {
            match video::step(linkedin, call, (owner, medium), kept.sending.take(), time).await? {
                Step::Sent(urn) => kept.images.push(urn),
                Step::Sending(sending) => kept.sending = Some(sending),
            }
            kept.at = call.now;
            // That it is there is kept before anything is asked about it.
            return Ok(Prepared::More(progress::value(&kept)));
        }
        kept.images.push(time.run(upload(linkedin, call, owner, medium)).await?);
        kept.at = call.now;
    }
    if kept.images.len() < call.variant.media().count() {
        return Ok(Prepared::More(progress::value(&kept)));
    }
    let video = kept.images.iter().any(|urn| urn.starts_with(VIDEO));
    let wait_s = match call.account.profile.kind {
        AccountKind::Person if !video => {
            let left = GRACE_S - call.now.duration_since(kept.at).as_secs();
            if left <= 0 {
                kept.available = kept.images.len();
            }
            left
        }
        // Members may ask about videos.
        AccountKind::Person | AccountKind::Organisation => {
            while let Some(image) = kept.images.get(kept.available) {
                match time.run(is_available(linkedin, call, image)).await {
                    Ok(true) => kept.available += 1,
                    Ok(false) => break,
                    // It may not be everywhere yet.
                    Err(Failure::Rejected { code, .. })
                        if code != NOT_PROCESSED && call.now.duration_since(kept.at) < SETTLES =>
                    {
                        break;
                    }
                    // What is known so far is known to the next worker, too.
                    Err(_) if time.is_over() => return Ok(Prepared::More(progress::value(&kept))),
                    Err(failure) => return Err(failure),
                }
            }
            if video { VIDEO_CHECK_AFTER_S } else { CHECK_AFTER_S }
        }
    };
    let all = kept.available == kept.images.len();
    let progress = progress::value(&kept);
    Ok(if all {
        Prepared::Ready(Some(progress))
    } else {
        Prepared::Wait { progress, until: call.now + SignedDuration::from_secs(wait_s) }
    })
}

/// What has become of something that was uploaded, in LinkedIn's word.
pub(super) async fn state(linkedin: &LinkedIn, call: &PublishCall<'_>, urn: &str) -> Result<String, Failure> {
    let path = match urn {
        _ if urn.starts_with(DOCUMENT) => "documents",
        _ if urn.starts_with(VIDEO) => "videos",
        _ => "images",
    };
    let request = Call::get(api(call.app, &format!("rest/{path}/{}", segment(urn))));
    let answer = linkedin.ask(call.app, call.token, request, call.now).await?;
    Ok(answer.json::<ImageStatus>().ok_or(Failure::Unavailable)?.status)
}

async fn is_available(linkedin: &LinkedIn, call: &PublishCall<'_>, urn: &str) -> Result<bool, Failure> {
    let status = state(linkedin, call, urn).await?;
    if status == "PROCESSING_FAILED" {
        let detail = "LinkedIn could not process the picture, video or document".to_owned();
        return Err(Failure::Rejected { code: NOT_PROCESSED.into(), detail });
    }
    Ok(status == "AVAILABLE")
}

fn missing(detail: &str) -> Failure {
    Failure::Rejected { code: "media_not_found".into(), detail: detail.into() }
}

fn stored<'a>(call: &PublishCall<'a>, reference: &MediaRef) -> Result<&'a Media, Failure> {
    let medium = call.media.iter().find(|medium| medium.id == reference.id);
    medium.ok_or_else(|| missing("the post has a medium that is not stored"))
}

async fn upload(linkedin: &LinkedIn, call: &PublishCall<'_>, owner: &str, medium: &Media) -> Result<String, Failure> {
    let MediaBytes { length, stream, .. } = call.bytes.open(medium).await.map_err(|error| media_failure(&error))?;
    let length = length.or(medium.probe.as_ref().map(|probe| probe.bytes));
    let length = length.ok_or_else(|| missing("the medium's size is not known"))?;

    let path = if is_document(medium) { "rest/documents" } else { "rest/images" };
    let url = format!("{}?action=initializeUpload", api(call.app, path));
    let body = InitializeUpload { initialize_upload_request: Owner { owner } };
    let answer = linkedin.ask(call.app, call.token, Call::post(url).json(&body), call.now).await?;
    let upload = answer.json::<Value<Upload>>().map(|answer| answer.value);
    let upload = upload.filter(|upload| {
        let right = is_asset(&upload.asset) && upload.asset.starts_with(DOCUMENT) == is_document(medium);
        right && is_own(call.app, &upload.upload_url, &DOMAINS)
    });
    let upload = upload.ok_or(Failure::Unavailable)?;

    let request = Call::put(upload.upload_url).bearer(call.token).stream("application/octet-stream", length, stream);
    let answer = linkedin.http.call(request).await.map_err(|lost| repeatable(lost.into()))?;
    if answer.is_success() {
        Ok(upload.asset)
    } else {
        Err(repeatable(super::error::of_upload(call.app, &answer, call.now)))
    }
}
