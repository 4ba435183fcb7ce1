//! A video's way up: a session is begun, takes the file piece by piece, and ends in a private video. The session itself tells what it
//! has, so that a lost answer is no doubt, and no more than one piece is held at a time.

use super::api::{PRIVATE, Said, Snippet, Status, Video};
use super::error::{levels, refusal};
use super::{YouTube, is_video, upload};
use bytes::Bytes;
use connector_kit::http::repeatable;
use connector_kit::{Allowance, Call, is_own, piece};
use domain::publishing::{Failure, Media, Piece};
use jiff::{SignedDuration, Timestamp};
use ports::PublishCall;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// Bytes of a piece: a multiple of 256 KiB, as all but the last must be.
pub(super) const PIECE: u64 = 4 * 1024 * 1024;
/// Most pieces sent before the session is asked again what it has.
const RUN: u32 = 8;
/// A session lives for about a week; a new one is begun before.
const USABLE: SignedDuration = SignedDuration::from_hours(6 * 24);
/// Longest address of a session that is kept, in bytes; ours.
const MAX_SESSION: usize = 4_096;
/// Where sessions lie.
const DOMAINS: [&str; 1] = ["googleapis.com"];

/// A session that takes the file.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Session {
    /// Its address, which the upload hangs on.
    pub(super) url: String,
    /// When a new one is begun instead.
    pub(super) until: Timestamp,
    /// How many bytes it has, as it said last: that an upload gets on is seen by what is kept.
    #[serde(default)]
    pub(super) sent: u64,
}

/// What a step came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It has so many bytes, and there is more to send.
    Sending(u64),
    /// YouTube has all of it, as this video.
    Sent(String),
    /// The session is there no more. Whether it had become a video by then it does not say.
    Gone,
}

/// What a session says it has.
enum Held {
    /// So many bytes from the first.
    Bytes(u64),
    All(String),
    Nothing,
}

/// Announces the file. The video that comes of it is private, and has `name` for its only tag until it is published.
pub(super) async fn begin(
    youtube: &YouTube,
    call: &PublishCall<'_>,
    (medium, name, category): (&Media, &str, &str),
) -> Result<Session, Failure> {
    let probe = medium.probe.as_ref().ok_or(Failure::Unavailable)?;
    let text = super::publish::description(call.variant);
    let said = Said {
        id: None,
        snippet: Snippet {
            title: super::publish::title(call.variant),
            description: &text,
            tags: vec![name],
            category_id: category,
            default_language: None,
            default_audio_language: None,
        },
        status: Status { privacy_status: PRIVATE, self_declared_made_for_kids: call.variant.made_for_kids },
    };
    let url = upload(call.app, "videos?uploadType=resumable&part=snippet,status");
    let request = Call::post(url)
        .bearer(call.token)
        .json(&said)
        .header("x-upload-content-type", &probe.media_type)
        .header("x-upload-content-length", probe.bytes.to_string());
    let answer = youtube.http.call(request).await.map_err(|lost| repeatable(lost.into()))?;
    if !answer.is_success() {
        call.tells(levels(&answer, call.now));
        return Err(repeatable(refusal(&answer, call.now)));
    }
    let own = |url: &&str| url.len() <= MAX_SESSION && is_own(call.app, url, &DOMAINS);
    let url = answer.header("location").filter(own).ok_or(Failure::Unavailable)?.to_owned();
    Ok(Session { url, until: call.now + USABLE, sent: 0 })
}

/// Asks what the session has, and sends what comes next.
pub(super) async fn step(
    youtube: &YouTube,
    call: &PublishCall<'_>,
    (medium, session): (&Media, &Session),
    time: Allowance,
) -> Result<Step, Failure> {
    let probe = medium.probe.as_ref().ok_or(Failure::Unavailable)?;
    let send = async |range: String, bytes: Bytes| {
        let content_range = format!("bytes {range}/{}", probe.bytes);
        time.run(put(youtube, call, session, (&probe.media_type, content_range, bytes), probe.bytes)).await
    };
    let from = match send("*".into(), Bytes::new()).await? {
        // One that forgets what it has said to have would take the same pieces for ever: another is begun, of which there are few.
        Held::Bytes(held) if held < session.sent => return Ok(Step::Gone),
        Held::Bytes(held) => held,
        Held::All(video) => return Ok(Step::Sent(video)),
        Held::Nothing => return Ok(Step::Gone),
    };
    let mut at = from;
    for _ in 0..RUN {
        // It has every byte and has not said yet what became of them.
        let Some(left) = probe.bytes.checked_sub(at).filter(|left| *left > 0) else { break };
        let next = Piece { offset: at, length: PIECE.min(left) };
        let range = format!("{}-{}", next.offset, next.offset + next.length - 1);
        let answer = match time.run(piece(call, medium, next)).await {
            Ok(bytes) => send(range, bytes).await,
            Err(failure) => Err(failure),
        };
        match answer {
            Ok(Held::All(video)) => return Ok(Step::Sent(video)),
            Ok(Held::Nothing) => return Ok(Step::Gone),
            Ok(Held::Bytes(held)) if held > at => at = held,
            Ok(Held::Bytes(_)) => break,
            // What it has by now it tells whoever goes on, and they meet the failure again.
            Err(_) if at > from => break,
            Err(failure) => return Err(failure),
        }
    }
    if at > from { Ok(Step::Sending(at)) } else { Err(Failure::Unavailable) }
}

async fn put(
    youtube: &YouTube,
    call: &PublishCall<'_>,
    session: &Session,
    (media_type, content_range, bytes): (&str, String, Bytes),
    total: u64,
) -> Result<Held, Failure> {
    let request = Call::put(&session.url)
        .bearer(call.token)
        .hiding(&SecretString::from(session.url.as_str()))
        .header("content-range", content_range)
        .bytes(media_type, bytes.to_vec());
    let answer = youtube.http.call(request).await.map_err(|lost| repeatable(lost.into()))?;
    match answer.status {
        200 | 201 => {
            let video = answer.json::<Video>().filter(|video| is_video(&video.id));
            video.map(|video| Held::All(video.id)).ok_or(Failure::Unavailable)
        }
        308 => match answer.header("range") {
            None => Ok(Held::Bytes(0)),
            Some(range) => held(range, total).map(Held::Bytes).ok_or(Failure::Unavailable),
        },
        404 | 410 => Ok(Held::Nothing),
        _ => Err(repeatable(refusal(&answer, call.now))),
    }
}

/// How many bytes `bytes=0-N` are, if it can be.
fn held(range: &str, total: u64) -> Option<u64> {
    let last: u64 = range.trim().strip_prefix("bytes=0-")?.parse().ok()?;
    last.checked_add(1).filter(|bytes| *bytes <= total)
}

#[cfg(test)]
mod tests {
    use super::held;

    #[test]
    fn what_a_session_has_is_believed_only_from_the_first_byte_and_within_the_file() {
        for (range, expected) in [
            ("bytes=0-0", Some(1)),
            (" bytes=0-99 ", Some(100)),
            ("bytes=0-100", None),
            ("bytes=1-50", None),
            ("bytes=0-", None),
            ("bytes=0--1", None),
            ("0-50", None),
            ("bytes=0-18446744073709551615", None),
        ] {
            assert_eq!(held(range, 100), expected, "{range}");
        }
    }
}
