//! A stored medium: what is known of a picture, a video, a document or captions before any platform sees it.

use super::captions::{SUBRIP, WEBVTT};
use crate::{MediaId, MemberId, TenantId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Where the bytes are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MediaSource {
    /// In our bucket, under this object key, uploaded through a presigned address.
    Upload {
        /// Object key.
        object: String,
    },
    /// At a public address, fetched when needed.
    Url {
        /// Absolute https address.
        url: String,
    },
}

/// What looking into the bytes found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// Media type, from the bytes and not from a file name.
    pub media_type: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Width in pixels; 0 of what has no size.
    pub width: u32,
    /// Height in pixels; 0 of what has no size.
    pub height: u32,
    /// How long a video plays, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// How a video's pictures are coded: `h264`, `hevc`, `vp9`, `av1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codec: Option<String>,
    /// How many pictures of a video are shown in a thousand seconds; none where it does not tell, or has no steady rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frame_rate_milli: Option<u32>,
    /// How a video's sound is coded, `aac`, and how often it was sampled; none of a silent one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio: Option<Audio>,
    /// Whether a video's index stands behind its pictures, so that it cannot be played before all of it is there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub index_last: bool,
    /// Which version of the object in our bucket was probed: who holds the upload's address may use it again until it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// The sound of a video.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audio {
    /// How it is coded: `aac`, `mp3`, `opus`.
    pub codec: String,
    /// Samples in a second; none where it does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample_rate_hz: Option<u32>,
}

/// What a medium is, by its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MediaKind {
    /// A picture, moving ones of its type among them.
    Picture,
    /// A video.
    Video,
    /// A document.
    Document,
    /// Captions of a video.
    Captions,
}

/// A media type as people call it; one that has no such name stands for itself.
pub fn media_name(media_type: &str) -> &str {
    match media_type {
        "image/jpeg" => "JPEG",
        "image/png" => "PNG",
        "image/gif" => "GIF",
        "image/webp" => "WebP",
        "video/mp4" => "MP4",
        "video/quicktime" => "QuickTime",
        "application/pdf" => "PDF",
        SUBRIP => "SubRip captions",
        WEBVTT => "WebVTT captions",
        other => other,
    }
}

impl Probe {
    /// What it is.
    pub fn kind(&self) -> MediaKind {
        match self.media_type.split('/').next() {
            Some("image") => MediaKind::Picture,
            Some("video") => MediaKind::Video,
            _ if self.media_type == SUBRIP || self.media_type == WEBVTT => MediaKind::Captions,
            _ => MediaKind::Document,
        }
    }

    /// A picture of this type and size.
    pub fn picture(media_type: &str, bytes: u64, width: u32, height: u32) -> Self {
        Self {
            media_type: media_type.into(),
            bytes,
            width,
            height,
            duration_ms: None,
            codec: None,
            frame_rate_milli: None,
            audio: None,
            index_last: false,
            version: None,
        }
    }
}

/// A medium of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// Id.
    pub id: MediaId,
    /// Tenant.
    pub tenant: TenantId,
    /// Who brought it.
    pub created_by: MemberId,
    /// When.
    pub created_at: Timestamp,
    /// Where the bytes are.
    pub source: MediaSource,
    /// What it is; none until it was probed.
    pub probe: Option<Probe>,
    /// What it shows, for those who do not see it: what a post that takes it from the library starts from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alt_text: Option<String>,
}

impl Media {
    /// Whether its bytes were looked at and are a video.
    pub fn is_video(&self) -> bool {
        self.probe.as_ref().is_some_and(|probe| probe.kind() == MediaKind::Video)
    }
}
