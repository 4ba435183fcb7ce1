//! What the platforms remember: the wall of posts, the shelf of uploads. Both are bounded.

use std::collections::{BTreeMap, VecDeque};

use axum::body::Bytes;
use serde::Serialize;

/// Posts kept per platform; the oldest leaves first, the count of all posts ever committed stays.
const MAX_POSTS: usize = 10_000;
/// Uploads kept per platform.
const MAX_MEDIA: usize = 1_000;
/// Bytes of uploads kept per platform.
const MAX_MEDIA_BYTES: usize = 128 * 1024 * 1024;

/// A media item of a post.
#[derive(Clone, Serialize)]
pub(crate) struct Attached {
    pub(crate) id: String,
    pub(crate) alt: Option<String>,
}

/// A link card (LinkedIn article).
#[derive(Clone, Serialize)]
pub(crate) struct Card {
    pub(crate) url: String,
    pub(crate) title: String,
    pub(crate) description: Option<String>,
    pub(crate) thumbnail: Option<String>,
}

/// A post as it was committed.
#[derive(Clone, Serialize)]
pub(crate) struct Post {
    pub(crate) id: String,
    /// X: user id. LinkedIn: author URN.
    pub(crate) author: String,
    pub(crate) author_name: String,
    /// What a reader sees.
    pub(crate) text: String,
    /// What the client sent.
    pub(crate) raw: String,
    /// LinkedIn cut the text at an unescaped reserved character.
    pub(crate) truncated: bool,
    pub(crate) media: Vec<Attached>,
    pub(crate) card: Option<Card>,
    /// Poll options.
    pub(crate) poll: Vec<String>,
    /// The poll as the client sent it, where it is read back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) asked: Option<serde_json::Value>,
    pub(crate) reply_to: Option<String>,
    pub(crate) visibility: Option<String>,
    /// Whom LinkedIn shows it to, as the client sent it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) targets: Vec<serde_json::Value>,
    #[serde(skip)]
    pub(crate) created_ms: i64,
    pub(crate) deleted: bool,
}

/// All posts of a platform in the order they were committed.
#[derive(Default)]
pub(crate) struct Wall {
    posts: VecDeque<Post>,
    committed: u64,
}

impl Wall {
    pub(crate) fn commit(&mut self, post: Post) {
        self.posts.push_back(post);
        self.committed += 1;
        if self.posts.len() > MAX_POSTS {
            self.posts.pop_front();
        }
    }

    /// How many posts were ever committed, deleted and forgotten ones included.
    pub(crate) fn committed(&self) -> u64 {
        self.committed
    }

    /// Every remembered post, oldest first.
    pub(crate) fn all(&self) -> impl DoubleEndedIterator<Item = &Post> {
        self.posts.iter()
    }

    /// Posts that were not deleted, oldest first.
    pub(crate) fn live(&self) -> impl DoubleEndedIterator<Item = &Post> {
        self.posts.iter().filter(|post| !post.deleted)
    }

    /// The post, unless it was deleted.
    pub(crate) fn get(&self, id: &str) -> Option<&Post> {
        self.live().find(|post| post.id == id)
    }

    /// The same, to change it.
    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut Post> {
        self.posts.iter_mut().find(|post| post.id == id && !post.deleted)
    }

    /// Notes on an author's live post who may see or answer it.
    pub(crate) fn restrict(&mut self, author: &str, id: &str, to: Option<String>) {
        if let Some(post) = self.posts.iter_mut().find(|post| post.id == id && post.author == author && !post.deleted) {
            post.visibility = to;
        }
    }

    /// Marks the post deleted; false when there is none.
    pub(crate) fn delete(&mut self, id: &str) -> bool {
        let found = self.posts.iter_mut().find(|post| post.id == id && !post.deleted);
        found.map(|post| post.deleted = true).is_some()
    }
}

/// How far an upload is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stage {
    /// Bytes are still expected.
    Waiting,
    /// Being processed; ready after this many more status calls.
    Polls(u8),
    /// Being processed; ready at this instant (ms since the epoch).
    ReadyAt(i64),
    Failed,
}

/// One upload.
pub(crate) struct Media {
    pub(crate) id: String,
    /// X: user id. LinkedIn: owner URN.
    pub(crate) owner: String,
    pub(crate) mime: String,
    pub(crate) category: String,
    /// Bytes announced by `initialize`; 0 when unknown.
    pub(crate) announced: usize,
    pub(crate) parts: BTreeMap<u32, Bytes>,
    pub(crate) bytes: Bytes,
    pub(crate) stage: Stage,
    pub(crate) alt: Option<String>,
}

impl Media {
    /// Whether a post may use it now.
    pub(crate) fn ready(&self, now_ms: i64) -> bool {
        match self.stage {
            Stage::Polls(left) => left == 0,
            Stage::ReadyAt(at) => at <= now_ms,
            Stage::Waiting | Stage::Failed => false,
        }
    }

    fn held(&self) -> usize {
        self.bytes.len() + self.parts.values().map(Bytes::len).sum::<usize>()
    }
}

/// All uploads of a platform.
#[derive(Default)]
pub(crate) struct Shelf(VecDeque<Media>, BTreeMap<String, Vec<Captions>>);

/// Captions of a video in one language.
#[derive(Clone, Serialize)]
pub(crate) struct Captions {
    pub(crate) language: String,
    pub(crate) name: Option<String>,
    pub(crate) text: String,
}

impl Shelf {
    /// The captions of a video.
    pub(crate) fn captions(&self, video: &str) -> &[Captions] {
        self.1.get(video).map_or(&[], Vec::as_slice)
    }

    /// Adds captions to a video. Those that it has by the same language and name leave.
    pub(crate) fn caption(&mut self, video: &str, new: Captions) {
        let tracks = self.1.entry(video.to_owned()).or_default();
        tracks.retain(|held| (&held.language, &held.name) != (&new.language, &new.name));
        tracks.push(new);
    }

    pub(crate) fn add(&mut self, media: Media) {
        self.0.push_back(media);
        self.trim();
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Media> {
        self.0.iter().find(|media| media.id == id)
    }

    /// The upload of this category, where there is one of each.
    pub(crate) fn of_category(&self, category: &str) -> Option<&Media> {
        self.0.iter().find(|media| media.category == category)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut Media> {
        self.0.iter_mut().find(|media| media.id == id)
    }

    /// Takes an upload of this owner away; false when there is none.
    pub(crate) fn remove(&mut self, id: &str, owner: &str) -> bool {
        let at = self.0.iter().position(|media| media.id == id && media.owner == owner);
        at.and_then(|at| self.0.remove(at)).is_some()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Lets the oldest uploads go when there are too many or they are too large.
    pub(crate) fn trim(&mut self) {
        while self.0.len() > MAX_MEDIA
            || (self.0.len() > 1 && self.0.iter().map(Media::held).sum::<usize>() > MAX_MEDIA_BYTES)
        {
            let gone = self.0.pop_front();
            gone.and_then(|gone| self.1.remove(&gone.id));
        }
    }
}

/// Keys against doubles, kept for a while: the same key names the same post.
#[derive(Default)]
pub(crate) struct Once(VecDeque<(String, String, i64)>);

impl Once {
    /// The post that this key made, unless it was so long ago.
    pub(crate) fn post(&self, key: &str, now_ms: i64, kept_ms: i64) -> Option<&str> {
        let kept = |(name, _, at): &&(String, String, i64)| name == key && now_ms - at < kept_ms;
        self.0.iter().rev().find(kept).map(|(_, post, _)| post.as_str())
    }

    pub(crate) fn keep(&mut self, key: String, post: String, now_ms: i64) {
        self.0.push_back((key, post, now_ms));
        if self.0.len() > MAX_POSTS {
            self.0.pop_front();
        }
    }
}

/// The type of a picture by its first bytes, which is what the platforms go by.
pub(crate) fn sniff(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xFF, 0xD8, 0xFF, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

/// The words of a file of captions, by its beginning: SubRip or WebVTT.
pub(crate) fn captions(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    let numbered =
        text.lines().find(|line| !line.trim().is_empty()).is_some_and(|line| line.trim().parse::<u32>().is_ok());
    ((text.starts_with("WEBVTT") || numbered) && text.contains("-->")).then(|| text.to_owned())
}

/// Whether these are the first bytes of a PDF.
pub(crate) fn is_paper(bytes: &[u8]) -> bool {
    bytes.starts_with(b"%PDF-")
}

/// Whether these are the first bytes of an MP4 or QuickTime file.
pub(crate) fn is_mp4(bytes: &[u8]) -> bool {
    bytes.get(4..8) == Some(b"ftyp")
}
