//! The wire types of the versioned API, named as LinkedIn names them.

use super::targeting::TargetEntity;
use serde::{Deserialize, Serialize};

/// `POST /rest/posts`. Every key is needed, `content` excepted.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Post<'a> {
    pub(super) author: &'a str,
    pub(super) commentary: &'a str,
    pub(super) visibility: &'static str,
    pub(super) distribution: Distribution<'a>,
    pub(super) lifecycle_state: &'static str,
    pub(super) is_reshare_disabled_by_author: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content: Option<Content>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reshare_context: Option<Reshare<'a>>,
}

/// The post that is shown again below this one.
#[derive(Serialize)]
pub(super) struct Reshare<'a> {
    pub(super) parent: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
// The names are LinkedIn's.
#[allow(clippy::struct_field_names)]
pub(super) struct Distribution<'a> {
    pub(super) feed_distribution: &'static str,
    /// One, or none: whoever matches any of several would see the post.
    pub(super) target_entities: Vec<TargetEntity<'a>>,
    pub(super) third_party_distribution_channels: [(); 0],
}

/// What a post carries beside its text.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Content {
    /// One picture, document or video.
    Media(Image),
    /// Two to twenty.
    MultiImage { images: Vec<Image> },
    /// A link card.
    Article(Article),
    /// A poll.
    Poll(Poll),
    /// Anything that this connector does not publish.
    #[serde(untagged)]
    Other(serde_json::Value),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Image {
    pub(super) id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) alt_text: Option<String>,
    /// Of a document or a video.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) title: Option<String>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Poll {
    pub(super) question: String,
    pub(super) options: Vec<PollOption>,
    pub(super) settings: PollSettings,
}

#[derive(Serialize, Deserialize)]
pub(super) struct PollOption {
    pub(super) text: String,
}

#[derive(Serialize, Deserialize)]
pub(super) struct PollSettings {
    pub(super) duration: String,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Article {
    pub(super) source: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) title: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
}

/// `GET /rest/posts?q=author`.
#[derive(Deserialize)]
pub(super) struct Elements<T> {
    pub(super) elements: Vec<T>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Element {
    pub(super) id: String,
    #[serde(default)]
    pub(super) commentary: String,
    /// Milliseconds.
    pub(super) created_at: i64,
    /// Milliseconds; the order of the listing.
    pub(super) last_modified_at: Option<i64>,
    pub(super) content: Option<Content>,
}

/// `POST /rest/socialActions/{urn}/comments`.
#[derive(Serialize)]
pub(super) struct NewComment<'a> {
    pub(super) actor: &'a str,
    pub(super) object: &'a str,
    pub(super) message: Message,
    /// The comment that it answers.
    #[serde(rename = "parentComment", skip_serializing_if = "Option::is_none")]
    pub(super) parent_comment: Option<&'a str>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Message {
    pub(super) text: String,
}

/// A comment as it is read back.
#[derive(Deserialize)]
pub(super) struct Comment {
    #[serde(rename = "commentUrn")]
    pub(super) urn: Option<String>,
    #[serde(rename = "$URN")]
    pub(super) id: Option<String>,
    pub(super) actor: String,
    pub(super) message: Message,
    pub(super) created: Created,
    /// The comment that it answers.
    #[serde(rename = "parentComment")]
    pub(super) parent: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Created {
    /// Milliseconds.
    pub(super) time: i64,
}

/// What the answer to a new comment says of its name.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Named {
    pub(super) comment_urn: Option<String>,
}

/// `POST /rest/images?action=initializeUpload`, and of documents and videos.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InitializeUpload<T> {
    pub(super) initialize_upload_request: T,
}

#[derive(Serialize)]
pub(super) struct Owner<'a> {
    pub(super) owner: &'a str,
}

/// What is announced of a video.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewVideo<'a> {
    pub(super) owner: &'a str,
    pub(super) file_size_bytes: u64,
    pub(super) upload_captions: bool,
    pub(super) upload_thumbnail: bool,
}

#[derive(Deserialize)]
pub(super) struct Value<T> {
    pub(super) value: T,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Upload {
    pub(super) upload_url: String,
    #[serde(alias = "image", alias = "document")]
    pub(super) asset: String,
}

/// Where a video goes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct VideoUpload {
    pub(super) video: String,
    #[serde(default)]
    pub(super) upload_token: String,
    pub(super) upload_instructions: Vec<Instruction>,
    /// Milliseconds.
    pub(super) upload_urls_expire_at: Option<i64>,
}

/// Where a part of it goes, both bytes included.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Instruction {
    pub(super) upload_url: String,
    pub(super) first_byte: u64,
    pub(super) last_byte: u64,
}

/// `POST /rest/videos?action=finalizeUpload`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FinalizeUpload<'a> {
    pub(super) finalize_upload_request: FinishedVideo<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FinishedVideo<'a> {
    pub(super) video: &'a str,
    pub(super) upload_token: &'a str,
    pub(super) uploaded_part_ids: &'a [String],
}

/// `GET /rest/images/{urn}`, and of documents and videos.
#[derive(Deserialize)]
pub(super) struct ImageStatus {
    pub(super) status: String,
}

/// `GET /v2/userinfo`.
#[derive(Deserialize)]
pub(super) struct UserInfo {
    pub(super) sub: String,
    #[serde(default)]
    pub(super) name: String,
}

/// An element of `GET /rest/organizationAcls`.
#[derive(Deserialize)]
pub(super) struct Acl {
    pub(super) organization: String,
    #[serde(default)]
    pub(super) role: String,
}

/// `GET /rest/organizations/{id}`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Organization {
    #[serde(default)]
    pub(super) localized_name: String,
    pub(super) vanity_name: Option<String>,
}

/// An error body.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Problem {
    #[serde(default)]
    pub(super) message: String,
    #[serde(default)]
    pub(super) code: String,
    #[serde(default)]
    pub(super) error_details: ErrorDetails,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ErrorDetails {
    pub(super) input_errors: Vec<InputError>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct InputError {
    pub(super) code: String,
    pub(super) description: String,
}

/// A partial update of a post.
#[derive(Serialize)]
pub(super) struct Patch {
    pub(super) patch: Patched,
}

#[derive(Serialize)]
pub(super) struct Patched {
    #[serde(rename = "$set")]
    pub(super) set: NewWords,
}

#[derive(Serialize)]
pub(super) struct NewWords {
    pub(super) commentary: String,
}
