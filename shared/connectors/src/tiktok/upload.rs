//! A video's way up: it is announced, and takes its bytes in pieces, one after another. With the last of them TikTok publishes it,
//! so that the last leaves as the one request that publishes.

use super::api::{Begun, Creator, InboxInit, Init, PostInfo, SourceInfo, privacy};
use super::{TikTok, error, status};
use bytes::{Bytes, BytesMut};
use connector_kit::http::repeatable;
use connector_kit::{Allowance, Answer, Call, Lost, MAX_PIECE, is_own, piece};
use domain::publishing::{Failure, Media, Piece, Probe};
use jiff::SignedDuration;
use ports::PublishCall;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// Bytes of a piece: the least that TikTok takes of all but the last, which has up to twice as many.
pub(super) const PIECE: u64 = 5 * 1024 * 1024;
/// Most pieces sent before TikTok is asked again what it has.
const RUN: u32 = 8;
/// How long an address takes bytes.
const USABLE: SignedDuration = SignedDuration::from_mins(55);
/// Longest name of an upload, and longest address, that are kept, in bytes; ours.
const MAX_NAME: usize = 256;
const MAX_ADDRESS: usize = 4_096;
/// Where the addresses lie.
const DOMAINS: [&str; 1] = ["tiktokapis.com"];

/// Where the newest upload takes its bytes.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Way {
    /// The address, which is its own key.
    pub(super) url: String,
    /// How many bytes it has, as far as is known.
    pub(super) sent: u64,
    /// Whether TikTok counted fewer when it was asked last.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) behind: bool,
}

/// How a video is cut: bytes of a piece, and how many pieces there are. The last takes what is left, so none is smaller than TikTok
/// allows.
pub(super) fn cut(size: u64) -> (u64, u64) {
    match size / PIECE {
        0 | 1 => (size, 1),
        pieces => (PIECE, pieces),
    }
}

/// Where the last piece begins.
pub(super) fn last(size: u64) -> u64 {
    let (piece, pieces) = cut(size);
    piece * (pieces - 1)
}

/// Announces the video: for everybody that its creator chose, or without a creator's terms for the inbox.
pub(super) async fn begin(
    tiktok: &TikTok,
    call: &PublishCall<'_>,
    (probe, creator): (&Probe, Option<&Creator>),
) -> Result<(status::Upload, Way), Failure> {
    let (chunk_size, total_chunk_count) = cut(probe.bytes);
    let source_info = SourceInfo { source: "FILE_UPLOAD", video_size: probe.bytes, chunk_size, total_chunk_count };
    let begun = if let Some(creator) = creator {
        post(tiktok, call, creator, source_info).await?
    } else {
        let begun = tiktok.ask(call, "post/publish/inbox/video/init/", &InboxInit { source_info }).await;
        begun.map_err(error::of_inbox)?
    };
    let own = begun.upload_url.len() <= MAX_ADDRESS && is_own(call.app, &begun.upload_url, &DOMAINS);
    if !is_name(&begun.publish_id) || !own {
        return Err(Failure::Unavailable);
    }
    let (id, until) = (begun.publish_id, call.now + USABLE);
    let upload =
        status::Upload { id, size: probe.bytes, until, offered: false, inbox: creator.is_none(), pictures: false };
    Ok((upload, Way { url: begun.upload_url, sent: 0, behind: false }))
}

/// Whether it can be TikTok's name of a post on its way.
pub(super) fn is_name(publish_id: &str) -> bool {
    (1..=MAX_NAME).contains(&publish_id.len()) && publish_id.chars().all(|c| c.is_ascii_graphic())
}

/// Announces a post.
async fn post(
    tiktok: &TikTok,
    call: &PublishCall<'_>,
    creator: &Creator,
    source_info: SourceInfo,
) -> Result<Begun, Failure> {
    let title = call.variant.full_text(0, false);
    let init = Init {
        post_info: PostInfo {
            title: &title,
            privacy_level: privacy(call.variant.visibility),
            disable_comment: creator.comment_disabled,
            disable_duet: creator.duet_disabled,
            disable_stitch: creator.stitch_disabled,
            video_cover_timestamp_ms: call.variant.media_of(call.part).first().and_then(|video| video.cover_ms),
            brand_content_toggle: false,
            brand_organic_toggle: false,
        },
        source_info,
    };
    tiktok.ask(call, "post/publish/video/init/", &init).await
}

/// What a run of pieces came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Run {
    /// It has so many bytes now.
    Sent(u64),
    /// The address takes no more.
    Gone,
    /// TikTok says that it has all of it, before the last piece left.
    Whole,
}

/// Sends what comes next, up to the last piece.
pub(super) async fn run(
    tiktok: &TikTok,
    call: &PublishCall<'_>,
    (medium, probe, way): (&Media, &Probe, &Way),
    time: Allowance,
) -> Result<Run, Failure> {
    let (end, mut at) = (last(probe.bytes), way.sent);
    for _ in 0..RUN {
        if at >= end {
            break;
        }
        let send = async {
            let bytes = read(call, medium, at, PIECE).await?;
            put(tiktok, &way.url, probe, (at, bytes), time).await.map_err(|lost| repeatable(lost.into()))
        };
        let answer = match time.run(send).await {
            Ok(answer) => answer,
            // What it has by now is kept first; who goes on meets the failure again.
            Err(_) if at > way.sent => break,
            Err(failure) => return Err(failure),
        };
        match answer.status {
            206 => at += PIECE,
            201 => return Ok(Run::Whole),
            403 | 404 | 410 => return Ok(Run::Gone),
            _ if at > way.sent => break,
            // It may have this piece already: it is asked what it has before anything else is sent.
            _ => return Err(Failure::Unavailable),
        }
    }
    Ok(Run::Sent(at))
}

/// Bytes of the video, in pieces that may be read at once.
pub(super) async fn read(call: &PublishCall<'_>, medium: &Media, offset: u64, length: u64) -> Result<Bytes, Failure> {
    let mut all = BytesMut::new();
    let mut at = offset;
    while at < offset + length {
        let next = Piece { offset: at, length: MAX_PIECE.min(offset + length - at) };
        all.extend_from_slice(&piece(call, medium, next).await?);
        at += next.length;
    }
    Ok(all.freeze())
}

/// Sends a piece, within the time there is.
pub(super) async fn put(
    tiktok: &TikTok,
    url: &str,
    probe: &Probe,
    (offset, bytes): (u64, Bytes),
    time: Allowance,
) -> Result<Answer, Lost> {
    let range = format!("bytes {offset}-{}/{}", (offset + bytes.len() as u64).saturating_sub(1), probe.bytes);
    let request = Call::put(url)
        .hiding(&SecretString::from(url))
        .header("content-range", range)
        .bytes(&probe.media_type, bytes.to_vec())
        .within(time.left());
    tiktok.http.call(request).await
}

#[cfg(test)]
mod tests {
    use super::{PIECE, cut, last};

    #[test]
    fn a_video_is_cut_as_tiktok_counts_and_its_last_piece_has_what_is_left() {
        for (size, piece, pieces) in [
            (1, 1, 1),
            (PIECE - 1, PIECE - 1, 1),
            (2 * PIECE - 1, 2 * PIECE - 1, 1),
            (2 * PIECE, PIECE, 2),
            (3 * PIECE - 1, PIECE, 2),
            (4_000_000_000, PIECE, 762),
        ] {
            assert_eq!(cut(size), (piece, pieces), "{size}");
            assert_eq!(size / piece, pieces, "{size}: TikTok's own formula");
            assert!(size - last(size) < 2 * PIECE && size > last(size), "{size}");
        }
    }
}
