//! Posts from their beginning to what became of them.

use std::collections::{BTreeMap, VecDeque};

use aws_lc_rs::digest::{SHA256, digest};
use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::{Extension, extract};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::json;

use super::init::{File, is_public};
use super::{INBOX, PLATFORM, bad, needs, read, told};
use crate::directory::Actor;
use crate::oauth::Caller;
use crate::state::{Settings, State, World, now_ms};
use crate::store::{Attached, Media, Post, Stage, is_mp4};

/// Posts kept; the oldest is forgotten first.
const MAX: usize = 1_000;
/// First bytes of a WebM file.
const WEBM: &[u8] = &[0x1A, 0x45, 0xDF, 0xA3];

/// One post on its way.
pub(super) struct Publish {
    pub(super) id: String,
    pub(super) creator: &'static Actor,
    /// The request that began it.
    pub(super) raw: String,
    pub(super) title: String,
    /// Who may see it.
    pub(super) level: String,
    pub(super) upload_id: String,
    pub(super) upload_token: String,
    pub(super) file: File,
    pub(super) mime: String,
    /// What has come of the file, until all of it has.
    pub(super) bytes: Vec<u8>,
    pub(super) received: u64,
    /// By its first bytes it is a video.
    pub(super) sound: bool,
    /// The pictures that were fetched, by their ids, where it has such.
    pub(super) pictures: Option<Vec<String>>,
    /// Why it will not be published, as far as that is known by now.
    pub(super) failed: Option<String>,
    pub(super) created_ms: i64,
    /// When the last chunk came.
    pub(super) complete_ms: Option<i64>,
    pub(super) outcome: Option<Outcome>,
}

/// What became of a post.
pub(super) enum Outcome {
    /// It is live; under this number, where everybody sees it.
    Live { number: i64, at_ms: i64 },
    /// The reason why not.
    Failed(String),
}

impl Publish {
    /// Number and instant of a post that everybody sees, once it was moderated.
    pub(super) fn public(&self, settings: &Settings, now: i64) -> Option<(i64, i64)> {
        match self.outcome {
            Some(Outcome::Live { number, at_ms })
                if is_public(&self.level) && now >= at_ms.saturating_add(settings.tiktok_moderation_ms) =>
            {
                Some((number, at_ms))
            }
            _ => None,
        }
    }
}

/// All posts, oldest first.
#[derive(Default)]
pub(crate) struct Publishes {
    pub(super) all: VecDeque<Publish>,
}

impl Publishes {
    pub(super) fn keep(&mut self, publish: Publish) {
        self.all.push_back(publish);
        if self.all.len() > MAX {
            self.all.pop_front();
        }
    }

    /// How many files a creator has sent.
    pub(super) fn posted(&self, creator: &str) -> usize {
        let of = |publish: &&Publish| publish.creator.id == creator && publish.level != INBOX;
        self.all.iter().filter(|publish| of(publish) && publish.complete_ms.is_some()).count()
    }

    /// How many files lie in the inbox of a creator. Nobody publishes one, and none grows old.
    pub(super) fn pending(&self, creator: &str) -> usize {
        let of = |publish: &&Publish| publish.creator.id == creator && publish.level == INBOX;
        self.all.iter().filter(|publish| of(publish) && publish.complete_ms.is_some()).count()
    }
}

/// What an address to upload to is known by, beside its number.
pub(super) fn upload_token(boot_ms: i64, number: i64) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, format!("tiktok{boot_ms}/{number}").as_bytes()))
}

/// Makes live what has been processed by now. Whoever looks at the world comes here first, so nothing has to run for it.
pub(crate) fn ripen(world: &mut World, now: i64) {
    let wait_ms = world.settings.tiktok_publish_ms;
    for at in 0..world.tiktok.all.len() {
        let publish = &world.tiktok.all[at];
        let Some(at_ms) = publish.complete_ms.map(|came_ms| came_ms.saturating_add(wait_ms)) else { continue };
        if publish.outcome.is_some() || now < at_ms {
            continue;
        }
        let unsound = (!publish.sound).then(|| "file_format_check_failed".to_owned());
        let outcome = match world.settings.tiktok_outcome.clone().or(unsound).or(publish.failed.clone()) {
            Some(why) => Outcome::Failed(why),
            None => show(world, at, at_ms),
        };
        world.tiktok.all[at].outcome = Some(outcome);
    }
}

/// Puts the post up for whoever may see it.
fn show(world: &mut World, at: usize, at_ms: i64) -> Outcome {
    let id = world.next_id(PLATFORM, at_ms);
    let number = id.parse().unwrap_or_default();
    let publish = &world.tiktok.all[at];
    let shown = publish.pictures.clone().unwrap_or_else(|| vec![publish.id.clone()]);
    let post = Post {
        // What nobody but some may see has no number that is ever told.
        id: if is_public(&publish.level) { id } else { publish.id.clone() },
        author: publish.creator.id.to_owned(),
        author_name: publish.creator.name.to_owned(),
        text: publish.title.clone(),
        raw: publish.raw.clone(),
        truncated: false,
        media: shown.into_iter().map(|id| Attached { id, alt: None }).collect(),
        card: None,
        poll: Vec::new(),
        asked: None,
        reply_to: None,
        visibility: Some(publish.level.clone()),
        created_ms: at_ms,
        targets: Vec::new(),
        deleted: false,
    };
    world.side(PLATFORM).wall.commit(post);
    Outcome::Live { number, at_ms }
}

/// The whole file is there: it is kept, and what is no video by its first bytes will not be published.
pub(super) fn complete(world: &mut World, at: usize, now: i64) {
    let publish = &mut world.tiktok.all[at];
    let bytes = Bytes::from(std::mem::take(&mut publish.bytes));
    publish.sound = is_mp4(&bytes) || bytes.starts_with(WEBM);
    publish.complete_ms = Some(now);
    let media = Media {
        id: publish.id.clone(),
        owner: publish.creator.id.to_owned(),
        mime: publish.mime.clone(),
        category: String::new(),
        announced: bytes.len(),
        parts: BTreeMap::new(),
        bytes,
        stage: Stage::Polls(0),
        alt: None,
    };
    world.side(PLATFORM).shelf.add(media);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    publish_id: String,
}

/// What became of a post, for its creator.
pub(super) async fn status(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refusal) = needs(&caller, "video.publish").or_else(|_| needs(&caller, "video.upload")) {
        return refusal;
    }
    let which: Which = match read(&headers, &body) {
        Ok(which) => which,
        Err(refusal) => return refusal,
    };
    let world = state.world();
    let own = |publish: &&Publish| publish.id == which.publish_id && publish.creator.id == caller.actor;
    let Some(publish) = world.tiktok.all.iter().find(own) else { return bad("Invalid publish_id") };
    let mut data = json!({"status": match &publish.outcome {
        None if publish.pictures.is_some() => "PROCESSING_DOWNLOAD",
        None => "PROCESSING_UPLOAD",
        Some(Outcome::Live { .. }) if publish.level == INBOX => "SEND_TO_USER_INBOX",
        Some(Outcome::Live { .. }) => "PUBLISH_COMPLETE",
        Some(Outcome::Failed(_)) => "FAILED",
    }});
    if let Some(Outcome::Failed(why)) = &publish.outcome {
        data["fail_reason"] = json!(why);
    }
    if !world.settings.tiktok_no_uploaded_bytes {
        data["uploaded_bytes"] = json!(publish.received);
    }
    if let Some((number, _)) = publish.public(&world.settings, now_ms()) {
        data["publicaly_available_post_id"] = json!([number]);
    }
    told(&data)
}
