//! Pictures: announced, sent to the address that Slack names, completed without a channel, and shown by a block of the message
//! once Slack has looked at them. Nobody but the app sees a file that no message shows.

use super::api::{Done, FileInfo, Upload};
use super::error::{refusal, refused};
use super::{Slack, get, good, is_id, post};
use connector_kit::http::repeatable;
use connector_kit::{Allowance, Call, is_own, media_failure, progress};
use domain::publishing::{Failure, Media, MediaRef};
use jiff::SignedDuration;
use ports::{MediaBytes, MediaError, Prepared, PublishCall};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Seconds between two questions about a picture.
const CHECK_AFTER_S: i64 = 3;
/// Where Slack lets files be sent to.
const UPLOAD_DOMAINS: [&str; 1] = ["slack.com"];
/// How often pictures are uploaded again, since Slack has one of them no more.
const MAX_ANEW: usize = 3;
/// What Slack answers about a file that is gone.
const GONE: [&str; 3] = ["file_deleted", "file_not_found", "not_visible"];
/// What a block can show.
const SHOWN: [&str; 3] = ["image/gif", "image/jpeg", "image/png"];

/// What is kept between wake-ups.
#[derive(Serialize, Deserialize)]
struct Progress {
    part: usize,
    /// Ids of the files, in the order of the pictures.
    files: Vec<String>,
    /// How many of them, from the first, Slack has looked at.
    ready: usize,
    /// How often some were uploaded again.
    #[serde(default)]
    anew: usize,
}

/// What Slack says of a file.
enum Seen {
    Ready,
    /// Slack still looks at it.
    Busy,
    Gone,
}

fn progress(call: &PublishCall<'_>) -> Option<Progress> {
    let progress: Progress = progress::kept(call)?;
    (progress.part == call.part && progress.files.iter().all(|id| is_id(id))).then_some(progress)
}

/// The ids of the part's files; none while they are not all ready.
pub(super) fn ready(call: &PublishCall<'_>) -> Option<Vec<String>> {
    let wanted = call.variant.media_of(call.part).len();
    if wanted == 0 {
        return Some(Vec::new());
    }
    progress(call).filter(|kept| kept.files.len() == wanted && kept.ready == wanted).map(|kept| kept.files)
}

/// Uploads what is not uploaded yet, and finds out whether Slack has looked at all of it, and has it still: hours may lie between two
/// tries.
pub(super) async fn prepare(slack: &Slack, call: &PublishCall<'_>) -> Result<Prepared, Failure> {
    let time = Allowance::of(call);
    let mut kept = progress(call).unwrap_or(Progress { part: call.part, files: Vec::new(), ready: 0, anew: 0 });
    let wanted = call.variant.media_of(call.part);
    if let Some(reference) = wanted.get(kept.files.len()) {
        kept.files.push(time.run(upload(slack, call, reference, time)).await?);
        return Ok(Prepared::More(progress::value(&kept)));
    }
    if kept.ready >= kept.files.len() {
        // All of them were ready for an earlier request.
        kept.ready = 0;
    }
    while let Some(file) = kept.files.get(kept.ready) {
        match time.run(look(slack, call, file)).await {
            Ok(Seen::Ready) => kept.ready += 1,
            // It is uploaded again, and so is what comes after it. A step costs no try, so this ends some time.
            Ok(Seen::Gone) if kept.anew < MAX_ANEW => {
                kept.files.truncate(kept.ready);
                kept.anew += 1;
                return Ok(Prepared::More(progress::value(&kept)));
            }
            Ok(Seen::Gone) => return Err(Failure::Unavailable),
            Ok(Seen::Busy) => {
                let until = call.now + SignedDuration::from_secs(CHECK_AFTER_S);
                return Ok(Prepared::Wait { progress: progress::value(&kept), until });
            }
            // What is known so far is known to the next worker, too.
            Err(_) if time.is_over() => return Ok(Prepared::More(progress::value(&kept))),
            Err(failure) => return Err(failure),
        }
    }
    Ok(Prepared::Ready(Some(progress::value(&kept))))
}

async fn look(slack: &Slack, call: &PublishCall<'_>, file: &str) -> Result<Seen, Failure> {
    let asked = get(call.app, "files.info", &[("file", file)]).bearer(call.token);
    let answer = slack.http.call(asked).await.map_err(|lost| repeatable(lost.into()))?;
    if refused(&answer).is_some_and(|refused| GONE.contains(&refused.error.as_str())) {
        return Ok(Seen::Gone);
    }
    let told: FileInfo = good(&answer).ok_or_else(|| repeatable(refusal(&answer, call.now)))?;
    match told.file.mimetype.as_str() {
        "" => Ok(Seen::Busy),
        kind if SHOWN.contains(&kind) => Ok(Seen::Ready),
        _ => {
            let detail = "Slack takes this file for no picture".to_owned();
            Err(Failure::Rejected { code: "media_processing_failed".into(), detail })
        }
    }
}

async fn upload(
    slack: &Slack,
    call: &PublishCall<'_>,
    reference: &MediaRef,
    time: Allowance,
) -> Result<String, Failure> {
    let missing = |detail: &str| Failure::Rejected { code: "media_not_found".into(), detail: detail.into() };
    let medium = call.media.iter().find(|medium| medium.id == reference.id);
    let medium = medium.ok_or_else(|| missing("the post has a picture that is not stored"))?;
    let probe = medium.probe.as_ref().ok_or_else(|| missing("nothing is known of the picture"))?;
    let name = format!("picture.{}", probe.media_type.rsplit('/').next().unwrap_or_default());
    let file = send(slack, call, medium, &name, time).await?;
    // Without a channel: completing it into one would publish it, and not below the text.
    let files = json!([{ "id": file }]).to_string();
    let complete = post(call.app, "files.completeUploadExternal", &[("files", files.as_str())]);
    slack.ask::<Done>(call.token, complete, call.now).await?;
    Ok(file)
}

/// Announces a file under this name, and sends its bytes while they are read. Its id: nobody sees a file that is not completed.
pub(super) async fn send(
    slack: &Slack,
    call: &PublishCall<'_>,
    medium: &Media,
    name: &str,
    time: Allowance,
) -> Result<String, Failure> {
    let MediaBytes { length, stream, .. } = call.bytes.open(medium).await.map_err(|error| media_failure(&error))?;
    let probed = medium.probe.as_ref().map(|probe| probe.bytes);
    let length = length.or(probed).ok_or(Failure::Unavailable)?;
    if probed.is_some_and(|probed| probed != length) {
        return Err(media_failure(&MediaError::Changed));
    }
    let bytes = length.to_string();
    let announced = post(call.app, "files.getUploadURLExternal", &[("filename", name), ("length", bytes.as_str())]);
    let to: Upload = slack.ask(call.token, announced, call.now).await?;
    if !is_id(&to.file_id) || !is_own(call.app, &to.upload_url, &UPLOAD_DOMAINS) {
        return Err(Failure::Unavailable);
    }
    let sent = Call::post(to.upload_url).stream("application/octet-stream", length, stream).within(time.left());
    // What the file store answers says nothing of the account.
    let answer = slack.http.call(sent).await.map_err(|lost| repeatable(lost.into()))?;
    if answer.is_success() { Ok(to.file_id) } else { Err(Failure::Unavailable) }
}
