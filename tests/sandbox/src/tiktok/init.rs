//! The beginning of a post: what is said of it, how its file comes, and what TikTok refuses before a byte is sent.

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::{Extension, extract};
use serde::Deserialize;
use serde_json::json;

use super::publish::{Publish, upload_token};
use super::{EVERYONE, INBOX, LEVELS, PLATFORM, SELF, bad, creator, means, needs, problem, read, refused, told};
use crate::directory::Actor;
use crate::oauth::Caller;
use crate::state::{Settings, State, World, now_ms};

/// UTF-16 units of a title, hashtags included.
const MAX_TITLE: usize = 2_200;
/// The largest video (4 GB).
const MAX_BYTES: u64 = 4 * 1024 * 1024 * 1024;
/// A chunk's bytes: 5 to 64 MB. TikTok does not say which megabytes, so here a chunk must fit by both readings. The last one
/// takes what is left over, and is so less than two chunks, which is within the 128 MB that it may have.
const MIN_CHUNK: u64 = 5 * 1024 * 1024;
const MAX_CHUNK: u64 = 64_000_000;
const MAX_CHUNKS: u64 = 1_000;
/// Videos that may lie in an inbox.
pub(super) const MAX_PENDING: usize = 5;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    post_info: PostInfo,
    source_info: Source,
}

/// A video for the inbox: nothing is said of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewDraft {
    source_info: Source,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
// They are known, checked for their kind, and kept as they came.
#[allow(dead_code, clippy::struct_excessive_bools)]
struct PostInfo {
    #[serde(default)]
    title: String,
    privacy_level: String,
    #[serde(default)]
    disable_duet: bool,
    #[serde(default)]
    disable_comment: bool,
    #[serde(default)]
    disable_stitch: bool,
    video_cover_timestamp_ms: Option<u64>,
    #[serde(default)]
    brand_content_toggle: bool,
    #[serde(default)]
    brand_organic_toggle: bool,
    #[serde(default)]
    is_aigc: bool,
}

#[derive(Deserialize)]
#[serde(tag = "source", rename_all = "SCREAMING_SNAKE_CASE", deny_unknown_fields)]
enum Source {
    FileUpload(File),
    PullFromUrl {
        #[allow(dead_code)]
        video_url: String,
    },
}

/// A file and how it is cut.
#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) video_size: u64,
    pub(super) chunk_size: u64,
    pub(super) total_chunk_count: u64,
}

impl File {
    /// No file comes.
    pub(super) const NONE: Self = Self { video_size: 0, chunk_size: 1, total_chunk_count: 0 };

    /// What is wrong with the way it is cut.
    fn check(self) -> Result<(), &'static str> {
        let Self { video_size, chunk_size, total_chunk_count } = self;
        if !(1..=MAX_BYTES).contains(&video_size) {
            return Err("The video_size is invalid");
        }
        let whole = chunk_size == video_size && chunk_size <= MAX_CHUNK;
        if !whole && !(MIN_CHUNK..=MAX_CHUNK.min(video_size)).contains(&chunk_size) {
            return Err("The chunk_size is invalid");
        }
        if total_chunk_count != video_size / chunk_size || total_chunk_count > MAX_CHUNKS {
            return Err("The total_chunk_count is invalid");
        }
        Ok(())
    }

    /// First and last byte of the chunk that follows so many bytes.
    pub(super) fn next(self, received: u64) -> (u64, u64) {
        let is_last = received / self.chunk_size + 1 == self.total_chunk_count;
        (received, if is_last { self.video_size } else { received + self.chunk_size } - 1)
    }
}

pub(super) fn forbidden(code: &str, message: &str) -> Response {
    refused(StatusCode::FORBIDDEN, code, message)
}

fn of_file(source: &Source) -> Result<File, Response> {
    let Source::FileUpload(file) = source else {
        let message = "Please review our URL ownership verification rules";
        return Err(forbidden("url_ownership_unverified", message));
    };
    file.check().map_err(bad)?;
    Ok(*file)
}

/// What TikTok refuses of it, and how the file comes.
fn check(new: &New, levels: &[&str], settings: &Settings, posted: usize) -> Result<File, Response> {
    if new.post_info.title.encode_utf16().count() > MAX_TITLE {
        return Err(bad("The title is too long"));
    }
    let level = new.post_info.privacy_level.as_str();
    if !LEVELS.contains(&level) {
        return Err(bad("Invalid privacy_level"));
    }
    let file = of_file(&new.source_info)?;
    of_level(level, levels, settings, posted)?;
    Ok(file)
}

/// Whether a creator who posted so many, and may choose of these levels, may post for these people.
pub(super) fn of_level(level: &str, levels: &[&str], settings: &Settings, posted: usize) -> Result<(), Response> {
    if !LEVELS.contains(&level) {
        return Err(bad("Invalid privacy_level"));
    }
    if settings.tiktok_posts_a_day.is_some_and(|most| posted >= most) {
        let message = "The daily post cap from the API is reached for the current user.";
        return Err(forbidden("spam_risk_too_many_posts", message));
    }
    if settings.tiktok_unaudited && level != SELF {
        let message = "Please review our integration guidelines";
        return Err(forbidden("unaudited_client_can_only_post_to_private_accounts", message));
    }
    if !levels.contains(&level) {
        let message = "Privacy level is not among the privacy level options in creator info";
        return Err(forbidden("privacy_level_option_mismatch", message));
    }
    Ok(())
}

pub(super) async fn init(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refusal) = needs(&caller, "video.publish") {
        return refusal;
    }
    let new: New = match read(&headers, &body) {
        Ok(new) => new,
        Err(refusal) => return refusal,
    };
    let Some(actor) = creator(caller.actor) else { return problem(StatusCode::UNAUTHORIZED, "no such user") };
    let mut world = state.world();
    let posted = world.tiktok.posted(actor.id);
    let file = match check(&new, means(actor.handle).levels, &world.settings, posted) {
        Ok(file) => file,
        Err(refusal) => return refusal,
    };
    let New { post_info: PostInfo { title, privacy_level, .. }, .. } = new;
    begin(&state, &mut world, actor, (title, privacy_level), file, &body)
}

/// Begins a video for the inbox of its creator, who finishes it in the app.
pub(super) async fn inbox(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refusal) = needs(&caller, "video.upload") {
        return refusal;
    }
    let file = match read::<NewDraft>(&headers, &body).and_then(|new| of_file(&new.source_info)) {
        Ok(file) => file,
        Err(refusal) => return refusal,
    };
    let Some(actor) = creator(caller.actor) else { return problem(StatusCode::UNAUTHORIZED, "no such user") };
    let mut world = state.world();
    if world.tiktok.pending(actor.id) >= MAX_PENDING {
        let message = "There may be at most 5 pending shares within any 24-hour period";
        return forbidden("spam_risk_too_many_pending_share", message);
    }
    begin(&state, &mut world, actor, (String::new(), INBOX.into()), file, &body)
}

fn begin(
    state: &State,
    world: &mut World,
    actor: &'static Actor,
    (title, level): (String, String),
    file: File,
    body: &[u8],
) -> Response {
    let number = world.side(PLATFORM).next_number();
    let publish = Publish {
        id: if level == INBOX { format!("v_inbox_file~v2.{number}") } else { format!("v_pub_file~v2-1.{number}") },
        creator: actor,
        raw: String::from_utf8_lossy(body).into_owned(),
        title,
        level,
        upload_id: number.to_string(),
        upload_token: upload_token(state.boot_ms(), number),
        file,
        mime: String::new(),
        bytes: Vec::new(),
        received: 0,
        sound: false,
        pictures: None,
        failed: None,
        created_ms: now_ms(),
        complete_ms: None,
        outcome: None,
    };
    let (id, token) = (publish.id.clone(), publish.upload_token.clone());
    world.tiktok.keep(publish);
    let address = format!("{}/tiktok/upload/video/?upload_id={number}&upload_token={token}", state.public_url());
    told(&json!({"publish_id": id, "upload_url": address}))
}

/// Whether a post of this kind ever gets an id.
pub(super) fn is_public(level: &str) -> bool {
    level == EVERYONE
}
