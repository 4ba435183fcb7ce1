//! `POST /api/publishing/format/{platform}`: a content as one platform will get it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wire::content::ContentBody;
use wire::publish::ViolationBody;

/// A content to format.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FormatBody {
    /// The content.
    pub content: ContentBody,
    /// Whether a text that is too long becomes a thread; true when left out.
    #[serde(default)]
    pub split: Option<bool>,
}

/// One part as it is sent.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FormattedPart {
    /// The text exactly as the platform gets it.
    pub text: String,
    /// Its length by the platform's own rule.
    pub length: u32,
}

/// A formatted content.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FormattedBody {
    /// Platform slug.
    pub platform: String,
    /// The most one part may hold, in the platform's units.
    pub limit: u32,
    /// The parts.
    pub parts: Vec<FormattedPart>,
    /// The rules it breaks as it stands here: with `split`, as the thread that it became.
    pub violations: Vec<ViolationBody>,
}
