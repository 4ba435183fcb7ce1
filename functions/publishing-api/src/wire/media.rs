//! `POST /api/publishing/media` and `GET /api/publishing/media/{media_id}`.

use app::Error;
use app::publishing::{NewMedia, Unread};
use domain::publishing::{Media, SUBRIP, WEBVTT};
use runtime::openapi::one_of;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::Object;

/// A medium to register: an address to read from, or the type of what will be uploaded.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MediaRequest {
    /// A public https address.
    #[serde(default)]
    pub url: Option<String>,
    /// The media type of the upload.
    #[serde(default)]
    #[schema(schema_with = types)]
    pub content_type: Option<String>,
}

/// Media types that can be uploaded.
const TYPES: [&str; 9] = [
    "image/jpeg",
    "image/png",
    "image/gif",
    "image/webp",
    "application/pdf",
    "video/mp4",
    "video/quicktime",
    SUBRIP,
    WEBVTT,
];

fn types() -> Object {
    one_of(&TYPES)
}

impl MediaRequest {
    /// The medium this body means.
    pub fn new_media(&self) -> Result<NewMedia, Error> {
        match (&self.url, &self.content_type) {
            (Some(url), None) => Ok(NewMedia::Url(url.clone())),
            (None, Some(kind)) if TYPES.contains(&kind.as_str()) => Ok(NewMedia::Upload { media_type: kind.clone() }),
            (None, Some(_)) => {
                Err(Error::invalid("media_type", "/content_type", format!("one of {}", TYPES.join(", "))))
            }
            _ => Err(Error::invalid("media_source", "/url", "give url, or content_type for an upload, and not both")),
        }
    }
}

/// A medium.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MediaBody {
    /// Id.
    pub media_id: String,
    /// Whether its bytes are known and it can be published.
    pub ready: bool,
    /// Where to PUT the bytes, for 15 minutes, with the header `content-type` as registered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upload_url: Option<String>,
    /// Media type, from the bytes.
    pub content_type: Option<String>,
    /// Size in bytes.
    pub bytes: Option<u64>,
    /// Width in pixels; 0 of a document and of captions.
    pub width: Option<u32>,
    /// Height in pixels; 0 of a document and of captions.
    pub height: Option<u32>,
    /// How long a video plays, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// How a video's pictures are coded: `h264`, `hevc`, `vp9`, `av1`, or as the file calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub codec: Option<String>,
    /// Why it is not ready, of one that was asked for again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<MediaProblem>,
}

/// Why a medium cannot be published.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MediaProblem {
    /// For machines; `media_not_ready` while its bytes have not arrived.
    pub code: String,
    /// What is wrong, and how to mend it.
    pub detail: String,
}

impl MediaBody {
    /// The body of a medium.
    pub fn of(media: &Media, upload_url: Option<&str>) -> Self {
        let probe = media.probe.as_ref();
        Self {
            media_id: media.id.to_string(),
            ready: probe.is_some(),
            upload_url: upload_url.map(str::to_owned),
            content_type: probe.map(|p| p.media_type.clone()),
            bytes: probe.map(|p| p.bytes),
            width: probe.map(|p| p.width),
            height: probe.map(|p| p.height),
            duration_ms: probe.and_then(|p| p.duration_ms),
            codec: probe.and_then(|p| p.codec.clone()),
            problem: None,
        }
    }

    /// The same with what is wrong with it.
    pub fn unread(self, unread: Option<Unread>) -> Self {
        let problem = unread.map(|Unread { code, detail }| MediaProblem { code: code.into(), detail });
        Self { problem, ..self }
    }
}
