//! The wire types of the AT Protocol, named as its lexicons name them.

use serde::{Deserialize, Serialize};

/// The body of a refusal.
#[derive(Deserialize)]
pub(super) struct Refused {
    pub(super) error: String,
    #[serde(default)]
    pub(super) message: String,
}

/// `com.atproto.server.createSession`.
#[derive(Serialize)]
pub(super) struct CreateSession<'a> {
    pub(super) identifier: &'a str,
    pub(super) password: &'a str,
}

/// What creating and refreshing a session answers.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Session {
    pub(super) access_jwt: String,
    pub(super) refresh_jwt: String,
    pub(super) handle: String,
    pub(super) did: String,
    pub(super) did_doc: Option<DidDocument>,
    pub(super) active: Option<bool>,
}

/// What is read of the document of an identifier.
#[derive(Deserialize)]
pub(super) struct DidDocument {
    #[serde(default)]
    pub(super) service: Vec<Service>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Service {
    pub(super) id: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    /// Usually a text; other services' may be anything.
    #[serde(rename = "serviceEndpoint")]
    pub(super) endpoint: serde_json::Value,
}

/// `com.atproto.identity.resolveHandle`.
#[derive(Deserialize)]
pub(super) struct Resolved {
    pub(super) did: String,
}

/// `com.atproto.repo.getRecord`.
#[derive(Deserialize)]
pub(super) struct Record<T> {
    pub(super) uri: String,
    pub(super) cid: Option<String>,
    pub(super) value: T,
}

/// What is read of a post.
#[derive(Deserialize)]
pub(super) struct Said {
    pub(super) text: String,
}

/// What creating a record answers; in a list where several are created together.
#[derive(Deserialize)]
pub(super) struct Created {
    pub(super) uri: String,
    pub(super) cid: String,
}

/// `com.atproto.repo.applyWrites` answers.
#[derive(Deserialize)]
pub(super) struct Applied {
    pub(super) results: Vec<Created>,
}

/// `com.atproto.repo.createRecord`.
#[derive(Serialize)]
pub(super) struct CreateRecord<'a> {
    pub(super) repo: &'a str,
    pub(super) collection: &'static str,
    pub(super) rkey: &'a str,
    pub(super) record: Post<'a>,
}

/// `com.atproto.repo.deleteRecord`.
#[derive(Serialize)]
pub(super) struct DeleteRecord<'a> {
    pub(super) repo: &'a str,
    pub(super) collection: &'static str,
    pub(super) rkey: &'a str,
}

/// `com.atproto.repo.applyWrites`.
#[derive(Serialize)]
pub(super) struct ApplyWrites<'a> {
    pub(super) repo: &'a str,
    pub(super) writes: [Write<'a>; 2],
}

/// One of its writes.
#[derive(Serialize)]
#[serde(tag = "$type")]
pub(super) enum Write<'a> {
    #[serde(rename = "com.atproto.repo.applyWrites#create")]
    Create { collection: &'static str, rkey: &'a str, value: Value<'a> },
}

/// What is created.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Value<'a> {
    Post(Post<'a>),
    Gate(ThreadGate),
}

/// `app.bsky.feed.post`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Post<'a> {
    #[serde(rename = "$type")]
    pub(super) kind: &'static str,
    pub(super) text: &'a str,
    pub(super) created_at: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) facets: Vec<Facet>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) embed: Option<Box<Embed<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reply: Option<Reply>,
}

/// `app.bsky.feed.threadgate`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ThreadGate {
    #[serde(rename = "$type")]
    pub(super) kind: &'static str,
    pub(super) post: String,
    pub(super) allow: [Allow; 1],
    pub(super) created_at: String,
}

/// Who may reply.
#[derive(Serialize)]
#[serde(tag = "$type")]
pub(super) enum Allow {
    #[serde(rename = "app.bsky.feed.threadgate#followingRule")]
    Following {},
    #[serde(rename = "app.bsky.feed.threadgate#mentionRule")]
    Mentioned {},
}

/// `app.bsky.richtext.facet`.
#[derive(Serialize)]
pub(super) struct Facet {
    pub(super) index: ByteSlice,
    pub(super) features: [Feature; 1],
}

/// Bytes of the text in UTF-8, the last one not included.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ByteSlice {
    pub(super) byte_start: usize,
    pub(super) byte_end: usize,
}

#[derive(Serialize, Clone)]
#[serde(tag = "$type")]
pub(super) enum Feature {
    #[serde(rename = "app.bsky.richtext.facet#link")]
    Link { uri: String },
    #[serde(rename = "app.bsky.richtext.facet#tag")]
    Tag { tag: String },
    #[serde(rename = "app.bsky.richtext.facet#mention")]
    Mention { did: String },
}

/// What is shown below the text.
#[derive(Serialize)]
#[serde(tag = "$type")]
pub(super) enum Embed<'a> {
    #[serde(rename = "app.bsky.embed.images")]
    Images { images: Vec<Image<'a>> },
    #[serde(rename = "app.bsky.embed.video", rename_all = "camelCase")]
    Video {
        video: Blob,
        #[serde(skip_serializing_if = "Option::is_none")]
        alt: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        aspect_ratio: Option<AspectRatio>,
    },
    #[serde(rename = "app.bsky.embed.external")]
    External { external: External<'a> },
    #[serde(rename = "app.bsky.embed.record")]
    Record { record: StrongRef },
    #[serde(rename = "app.bsky.embed.recordWithMedia")]
    RecordWithMedia { record: Quoted, media: Box<Embed<'a>> },
}

/// `app.bsky.embed.record`, where it stands beside something else.
#[derive(Serialize)]
pub(super) struct Quoted {
    #[serde(rename = "$type")]
    pub(super) kind: &'static str,
    pub(super) record: StrongRef,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Image<'a> {
    #[serde(rename = "image")]
    pub(super) blob: Blob,
    pub(super) alt: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) aspect_ratio: Option<AspectRatio>,
}

#[derive(Serialize)]
pub(super) struct AspectRatio {
    pub(super) width: u32,
    pub(super) height: u32,
}

#[derive(Serialize)]
pub(super) struct External<'a> {
    pub(super) uri: &'a str,
    pub(super) title: &'a str,
    pub(super) description: &'a str,
}

/// `com.atproto.repo.uploadBlob` answers.
#[derive(Deserialize)]
pub(super) struct Uploaded {
    pub(super) blob: Blob,
}

/// A blob as records refer to it.
#[derive(Serialize, Deserialize, Clone)]
#[serde(rename_all = "camelCase")]
pub(super) struct Blob {
    #[serde(rename = "$type")]
    pub(super) kind: String,
    #[serde(rename = "ref")]
    pub(super) content: Link,
    pub(super) mime_type: String,
    pub(super) size: u64,
}

#[derive(Serialize, Deserialize, Clone)]
pub(super) struct Link {
    #[serde(rename = "$link")]
    pub(super) cid: String,
}

/// What a post answers.
#[derive(Serialize, Deserialize, Clone)]
pub(super) struct Reply {
    pub(super) root: StrongRef,
    pub(super) parent: StrongRef,
}

/// A record in one of its versions.
#[derive(Serialize, Deserialize, Clone)]
pub(super) struct StrongRef {
    pub(super) uri: String,
    pub(super) cid: String,
}
