//! Subtitles of a video of X: each track is uploaded, and then made the video's, before a post has it. Which it has is kept with the
//! delivery; X tells nobody.

use super::api::{Initialize, NewSubtitles, SubtitleTrack};
use super::media::{ask, judge, media_of};
use super::{X, api};
use connector_kit::{Call, is_number, whole};
use domain::publishing::{CaptionTrack, Failure, SUBRIP};
use ports::PublishCall;
use serde::{Deserialize, Serialize};

/// How far a video is with its subtitles.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Subtitled {
    /// How many tracks it has, from the first.
    #[serde(default)]
    tracks: usize,
    /// The upload of the next one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    uploaded: Option<String>,
}

impl Subtitled {
    pub(super) fn is_none(&self) -> bool {
        self.tracks == 0 && self.uploaded.is_none()
    }

    /// The track that it needs next.
    pub(super) fn next<'a>(&self, tracks: &'a [CaptionTrack]) -> Option<&'a CaptionTrack> {
        tracks.get(self.tracks)
    }
}

/// Uploads the next track of the video, or makes it the video's. Seconds to wait, where X wants time for it.
pub(super) async fn step(
    x: &X,
    call: &PublishCall<'_>,
    video: &str,
    subtitled: &mut Subtitled,
    track: &CaptionTrack,
) -> Result<Option<u32>, Failure> {
    let Some(uploaded) = subtitled.uploaded.as_deref().filter(|id| is_number(id, 20)) else {
        let (id, wait_s) = upload(x, call, track).await?;
        subtitled.uploaded = Some(id);
        return Ok(wait_s);
    };
    let said = NewSubtitles {
        id: video,
        media_category: "TweetVideo",
        subtitles: SubtitleTrack {
            id: uploaded,
            language_code: track.language.to_ascii_uppercase(),
            display_name: track.name.as_deref(),
        },
    };
    // Said again after a lost answer, it says the same of the same two uploads.
    ask(x, call, Call::post(api(call.app, "media/subtitles")).json(&said)).await?;
    (subtitled.tracks, subtitled.uploaded) = (subtitled.tracks + 1, None);
    Ok(None)
}

/// Uploads a track: announced with its type, sent as one segment, finished. One that nobody uses expires.
async fn upload(x: &X, call: &PublishCall<'_>, track: &CaptionTrack) -> Result<(String, Option<u32>), Failure> {
    let missing = || Failure::Rejected { code: "media_not_found".into(), detail: "the captions are not stored".into() };
    let medium = call.media.iter().find(|medium| medium.id == track.id).ok_or_else(missing)?;
    let is_subrip = medium.probe.as_ref().is_some_and(|probe| probe.media_type == SUBRIP);
    let bytes = whole(call, medium).await?;
    let media_type = if is_subrip { "text/srt" } else { "text/vtt" };
    let body = Initialize { media_type, total_bytes: bytes.len() as u64, media_category: "subtitles" };
    let begun = ask(x, call, Call::post(api(call.app, "media/upload/initialize")).json(&body)).await?;
    let id = media_of(&begun, None)?.id;
    let url = |step: &str| api(call.app, &format!("media/upload/{id}/{step}"));
    ask(x, call, Call::post(url("append")).form(&[("segment_index", "0".to_owned())], ("media", bytes))).await?;
    let finished = media_of(&ask(x, call, Call::post(url("finalize"))).await?, Some(&id))?;
    let mut wait_s = None;
    judge(&finished, &mut wait_s)?;
    Ok((id, wait_s))
}
