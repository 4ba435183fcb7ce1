//! The one shared state behind a mutex, its settings and its clock.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::faults::{Faults, Held};
use crate::hooks::Hooks;
use crate::mailchimp::Campaigns;
use crate::meta::{Container, ThreadsContainer};
use crate::oauth::Book;
use crate::ops::{Op, Platform};
use crate::pages::Pages;
use crate::sendgrid::Sends;
use crate::site::SITES;
use crate::store::{Once, Shelf, Wall};
use crate::tiktok;
use crate::whatsapp;
use crate::wordpress::Blog;
use crate::x::Drafts;
use crate::youtube::Videos;

/// The first millisecond of X identifiers (the published snowflake epoch).
const X_EPOCH_MS: i64 = 1_288_834_974_657;

/// How to start the server.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The address other programs use for it, without a slash at the end; by default `http://` and the listener's.
    pub public_url: Option<String>,
}

/// What can be changed while it runs, through `POST /control/settings`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
// Switches of three platforms, each on its own.
#[allow(clippy::struct_excessive_bools)]
pub(crate) struct Settings {
    /// What stands in front of every code and token issued from now on, so that a leak scan can look for it.
    pub(crate) token_mark: String,
    /// How many people liked posts, by their ids, where the platform tells it.
    pub(crate) liked: BTreeMap<String, u64>,
    /// Life of an X access token in seconds (the platform's: 7200).
    pub(crate) x_access_token_s: i64,
    /// Life of an X authorization code in seconds (the platform's: 30).
    pub(crate) x_code_s: i64,
    /// Calls per user and window, by operation name; operations not named keep the platform's number.
    pub(crate) x_rate_limits: BTreeMap<String, u32>,
    /// Length of the rate window in seconds (the platform's: 900).
    pub(crate) x_rate_window_s: i64,
    /// A segment of an upload to X that is sent again is refused, instead of taking the place of the first.
    pub(crate) x_segments_once: bool,
    /// What X tells of the post of an article names nothing of the article.
    pub(crate) x_articles_untold: bool,
    /// The post of an article on X has no link to it.
    pub(crate) x_articles_unlinked: bool,
    /// Posts on X of all users together in 24 hours, told by the `x-app-limit-24hour-*` headers; without it there is no such
    /// limit and no such header.
    pub(crate) x_app_posts_24h: Option<u32>,
    /// Life of a LinkedIn access token in seconds (the platform's: 60 days).
    pub(crate) linkedin_access_token_s: i64,
    /// Whether LinkedIn gives refresh tokens, as it does for approved applications only.
    pub(crate) linkedin_refresh_tokens: bool,
    /// Time between the upload of an image, document or video and its being usable, in ms.
    pub(crate) linkedin_image_ms: i64,
    /// Bytes of a part of a video (the platform's: 4 MB).
    pub(crate) linkedin_part_bytes: usize,
    /// Deleted posts still count as duplicates, as they do at LinkedIn for a day or two.
    pub(crate) linkedin_ghost_duplicates: bool,
    /// Followers that a targeted post of a page on LinkedIn would reach.
    pub(crate) linkedin_audience: u32,
    /// Oldest accepted `LinkedIn-Version` (YYYYMM). Fixed, so that a test does not begin to fail by the calendar.
    pub(crate) linkedin_version_min: u32,
    /// Newest accepted `LinkedIn-Version` (YYYYMM).
    pub(crate) linkedin_version_max: u32,
    /// By how many seconds messages on Telegram are older than they are.
    pub(crate) telegram_older_s: i64,
    /// Calls per account and window on Mastodon, by bucket: `all`, `media`, `delete_post`. Buckets not named keep the
    /// documented number.
    pub(crate) mastodon_rate_limits: BTreeMap<String, u32>,
    /// How many times a moving picture or a video on Mastodon is asked after before it is processed.
    pub(crate) mastodon_polls: u8,
    /// Largest video in bytes that the server of Mastodon takes, and tells that it does.
    pub(crate) mastodon_video_bytes: usize,
    /// Largest upload in bytes that the server of Bluesky takes (the reference server's own is 5 MiB).
    pub(crate) bluesky_blob_bytes: usize,
    /// Whether the registration with Slack has token rotation turned on.
    pub(crate) slack_rotation: bool,
    /// Life of a rotating Slack access token in seconds (the platform's: 12 hours).
    pub(crate) slack_access_token_s: i64,
    /// Time between the completion of an upload to Slack and its being usable, in ms.
    pub(crate) slack_file_ms: i64,
    /// Time between the sharing of a file on Slack and its being told of the file as which message, in ms.
    pub(crate) slack_share_ms: i64,
    /// Most items of a page of Slack's lists, whatever was asked for.
    pub(crate) slack_page: usize,
    /// Whether the WordPress site has a bin for what is deleted.
    pub(crate) wordpress_trash: bool,
    /// WordPress: whether posts take comments.
    pub(crate) wordpress_comments: bool,
    /// Most bytes of a chunk of a video for a page, which are asked for.
    pub(crate) facebook_chunk_bytes: usize,
    /// Time between the end of an upload of a video for a page and its being processed, in ms.
    pub(crate) facebook_video_ms: i64,
    /// Videos for pages cannot be processed.
    pub(crate) facebook_video_fails: bool,
    /// Reels that a page may publish in a day (the platform's: 30).
    pub(crate) facebook_reels_a_day: usize,
    /// Time between the making of a container of Instagram and its being finished, in ms.
    pub(crate) instagram_container_ms: i64,
    /// Time between the making of a container of Threads and its being finished, in ms.
    pub(crate) threads_container_ms: i64,
    /// How old a token of Threads must be to be renewed, in seconds (the platform's: a day).
    pub(crate) threads_token_min_age_s: i64,
    /// Most posts in a page of a list of Threads (the platform's: 100).
    pub(crate) threads_page: usize,
    /// Whether the list of replies on Threads says what each answers.
    pub(crate) threads_tells_parents: bool,
    /// How old a token of Instagram must be to be renewed, in seconds (the platform's: a day).
    pub(crate) instagram_token_min_age_s: i64,
    /// Uploads to YouTube that may be begun before the quota is exceeded (the platform's: 100 a day).
    pub(crate) youtube_uploads_a_day: u32,
    /// How many times a video on YouTube is asked after before it is processed.
    pub(crate) youtube_polls: u8,
    /// What processing comes to on YouTube when it is no success: `failed:codec`, `rejected:duplicate`.
    pub(crate) youtube_outcome: Option<String>,
    /// YouTube keeps every video private, as it does for projects that it has not audited.
    pub(crate) youtube_locked: bool,
    /// Most bytes of a piece that YouTube keeps before the last one; the client must go on from there.
    pub(crate) youtube_kept_bytes: Option<usize>,
    /// Sessions of uploads to YouTube are gone when they are next asked for.
    pub(crate) youtube_sessions_gone: bool,
    /// YouTube: whether videos take comments.
    pub(crate) youtube_comments: bool,
    /// How long a file may be uploaded to TikTok after its post was begun, in seconds (the platform's: an hour).
    pub(crate) tiktok_upload_s: i64,
    /// Time between the last chunk of a file and its post on TikTok, in ms.
    pub(crate) tiktok_publish_ms: i64,
    /// Time between a post that everybody may see on TikTok and its being told by its id, in ms.
    pub(crate) tiktok_moderation_ms: i64,
    /// Why posts on TikTok fail when they are processed: `duration_check_failed`.
    pub(crate) tiktok_outcome: Option<String>,
    /// TikTok does not tell how much of a file it has.
    pub(crate) tiktok_no_uploaded_bytes: bool,
    /// The address below which pictures may lie that TikTok fetches, as its owner verified it there; none without it.
    pub(crate) tiktok_verified: Option<String>,
    /// TikTok takes posts only that nobody but their author sees, as it does of clients that it has not audited.
    pub(crate) tiktok_unaudited: bool,
    /// Files that a creator on TikTok may send before no more posts are taken, counted from the start.
    pub(crate) tiktok_posts_a_day: Option<usize>,
    /// The recipients of messages on WhatsApp have written within 24 hours, so that they get other messages than templates, too.
    pub(crate) whatsapp_written: bool,
    /// WhatsApp accepts messages to recipients who have not, and tells afterwards that they failed.
    pub(crate) whatsapp_told_late: bool,
    /// Time between a message on WhatsApp being accepted and sent, in ms.
    pub(crate) whatsapp_send_ms: i64,
    /// Why messages on WhatsApp fail after they were accepted; empty where that is not told.
    pub(crate) whatsapp_failure: Option<String>,
    /// Templates of WhatsApp in one page of their list.
    pub(crate) whatsapp_page: usize,
}

impl Settings {
    /// How many people liked a post.
    pub(crate) fn likes_of(&self, post: &str) -> u64 {
        self.liked.get(post).copied().unwrap_or_default()
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            token_mark: String::new(),
            liked: BTreeMap::new(),
            x_access_token_s: 7_200,
            x_code_s: 30,
            x_rate_limits: BTreeMap::new(),
            x_rate_window_s: 900,
            x_segments_once: false,
            x_articles_untold: false,
            x_articles_unlinked: false,
            x_app_posts_24h: None,
            linkedin_access_token_s: 5_184_000,
            linkedin_refresh_tokens: true,
            linkedin_image_ms: 0,
            linkedin_part_bytes: 4 * 1024 * 1024,
            linkedin_ghost_duplicates: false,
            linkedin_audience: 1_000,
            linkedin_version_min: 202_512,
            linkedin_version_max: 202_612,
            telegram_older_s: 0,
            mastodon_rate_limits: BTreeMap::new(),
            mastodon_polls: 2,
            mastodon_video_bytes: 40 * 1024 * 1024,
            bluesky_blob_bytes: 5 * 1024 * 1024,
            slack_rotation: false,
            slack_access_token_s: 43_200,
            slack_file_ms: 0,
            slack_share_ms: 0,
            slack_page: 999,
            wordpress_trash: true,
            wordpress_comments: true,
            facebook_chunk_bytes: 1024 * 1024,
            facebook_video_ms: 0,
            facebook_video_fails: false,
            facebook_reels_a_day: 30,
            instagram_container_ms: 0,
            instagram_token_min_age_s: 86_400,
            threads_container_ms: 0,
            threads_token_min_age_s: 86_400,
            threads_page: 100,
            threads_tells_parents: true,
            youtube_uploads_a_day: 100,
            youtube_polls: 1,
            youtube_outcome: None,
            youtube_locked: false,
            youtube_kept_bytes: None,
            youtube_sessions_gone: false,
            youtube_comments: true,
            tiktok_upload_s: 3_600,
            tiktok_publish_ms: 0,
            tiktok_moderation_ms: 0,
            tiktok_outcome: None,
            tiktok_no_uploaded_bytes: false,
            tiktok_verified: None,
            tiktok_unaudited: false,
            tiktok_posts_a_day: None,
            whatsapp_written: false,
            whatsapp_told_late: false,
            whatsapp_send_ms: 0,
            whatsapp_failure: None,
            whatsapp_page: 25,
        }
    }
}

/// One user's use of one operation in the running window.
#[derive(Default)]
pub(crate) struct Window {
    pub(crate) start_ms: i64,
    pub(crate) used: u32,
}

/// One platform's memory.
pub(crate) struct Side {
    pub(crate) oauth: Book,
    pub(crate) wall: Wall,
    pub(crate) shelf: Shelf,
    /// Keys against doubles, where the platform takes them.
    pub(crate) once: Once,
    /// Drafts and terms, where the platform is a site with such.
    pub(crate) blog: Blog,
    /// Campaigns in every state, where the platform sends mail.
    pub(crate) campaigns: Campaigns,
    /// Single sends in every state, where its campaigns are such.
    pub(crate) sends: Sends,
    /// Videos and their uploads, where the platform has no other posts.
    pub(crate) videos: Videos,
    /// Articles that are not published, where the platform has such.
    pub(crate) drafts: Drafts,
    /// Key: user id and operation. Bounded by the demo users.
    pub(crate) windows: BTreeMap<(String, Op), Window>,
    /// Keys are not taken any more, where accounts bring keys.
    pub(crate) keys_revoked: bool,
    last_id: i64,
}

impl Side {
    fn new(name: &str, boot_ms: i64) -> Self {
        Self {
            oauth: Book::new(&format!("{name}{boot_ms}")),
            wall: Wall::default(),
            shelf: Shelf::default(),
            once: Once::default(),
            blog: Blog::default(),
            campaigns: Campaigns::default(),
            sends: Sends::default(),
            videos: Videos::default(),
            drafts: Drafts::default(),
            windows: BTreeMap::new(),
            keys_revoked: false,
            last_id: 0,
        }
    }

    /// A number that is at least this, and larger than every one before.
    pub(crate) fn rising(&mut self, at_least: i64) -> i64 {
        self.last_id = at_least.max(self.last_id + 1);
        self.last_id
    }

    /// The next of numbers that only rise.
    pub(crate) fn next_number(&mut self) -> i64 {
        self.last_id += 1;
        self.last_id
    }
}

/// Everything that changes.
pub(crate) struct World {
    pub(crate) settings: Settings,
    pub(crate) x: Side,
    pub(crate) linkedin: Side,
    /// The platforms that a [`crate::site::Site`] tells of.
    sites: BTreeMap<Platform, Side>,
    /// What Instagram was given to publish, oldest first.
    pub(crate) containers: VecDeque<Container>,
    /// What Threads was given to publish, oldest first.
    pub(crate) threads: VecDeque<ThreadsContainer>,
    /// What TikTok was given to publish.
    pub(crate) tiktok: tiktok::Publishes,
    /// What WhatsApp was given to send.
    pub(crate) whatsapp: whatsapp::Messages,
    /// What lies at `/files`, where anybody may get it.
    pub(crate) files: BTreeMap<String, Bytes>,
    pub(crate) faults: Faults,
    pub(crate) held: Held,
    pub(crate) hooks: Hooks,
    /// Calls by `platform.operation`, faulty ones included.
    pub(crate) calls: BTreeMap<String, u64>,
}

impl World {
    fn new(boot_ms: i64) -> Self {
        let side = |platform: Platform| Side::new(platform.name(), boot_ms);
        Self {
            settings: Settings::default(),
            x: side(Platform::X),
            linkedin: side(Platform::Linkedin),
            sites: SITES.into_iter().map(|site| (site.platform, side(site.platform))).collect(),
            containers: VecDeque::new(),
            threads: VecDeque::new(),
            tiktok: tiktok::Publishes::default(),
            whatsapp: whatsapp::Messages::default(),
            files: BTreeMap::new(),
            faults: Faults::default(),
            held: Held::default(),
            hooks: Hooks::default(),
            calls: BTreeMap::new(),
        }
    }

    /// The memory of a platform. The webhook receiver has none of its own and is never asked for it.
    pub(crate) fn side(&mut self, platform: Platform) -> &mut Side {
        match platform {
            Platform::Linkedin => &mut self.linkedin,
            Platform::X | Platform::Hooks => &mut self.x,
            other => self.sites.entry(other).or_insert_with(|| Side::new(other.name(), 0)),
        }
    }

    /// The same, to look at.
    pub(crate) fn look(&self, platform: Platform) -> &Side {
        match platform {
            Platform::Linkedin => &self.linkedin,
            Platform::X | Platform::Hooks => &self.x,
            other => self.sites.get(&other).unwrap_or(&self.x),
        }
    }

    /// A new identifier: milliseconds in the upper bits, always rising.
    pub(crate) fn next_id(&mut self, platform: Platform, now_ms: i64) -> String {
        let since_ms = if platform == Platform::X { now_ms - X_EPOCH_MS } else { now_ms };
        let side = self.side(platform);
        side.last_id = (since_ms << 22).max(side.last_id + 1);
        side.last_id.to_string()
    }

    /// Changes the settings.
    pub(crate) fn set(&mut self, settings: Settings) {
        for side in [&mut self.x, &mut self.linkedin].into_iter().chain(self.sites.values_mut()) {
            side.oauth.mark(&settings.token_mark);
        }
        self.settings = settings;
    }

    /// Empties everything; with `keep_grants`, tokens stay valid so that connected accounts stay connected.
    pub(crate) fn reset(&mut self, boot_ms: i64, keep_grants: bool) {
        let mut fresh = Self::new(boot_ms);
        fresh.x.last_id = self.x.last_id;
        fresh.linkedin.last_id = self.linkedin.last_id;
        for (platform, side) in &mut self.sites {
            let next = fresh.side(*platform);
            next.last_id = side.last_id;
            next.oauth.follow(&mut side.oauth, keep_grants);
        }
        fresh.x.oauth.follow(&mut self.x.oauth, keep_grants);
        fresh.linkedin.oauth.follow(&mut self.linkedin.oauth, keep_grants);
        // With the grants came the old mark.
        fresh.set(Settings::default());
        *self = fresh;
    }
}

/// The server's state; clones share it.
#[derive(Clone)]
pub struct State(Arc<Inner>);

struct Inner {
    public_url: String,
    boot_ms: i64,
    world: Mutex<World>,
    pages: Pages,
}

impl State {
    /// An empty state for a server that others reach at `public_url` (no slash at the end).
    pub fn new(public_url: String) -> Self {
        let boot_ms = now_ms();
        Self(Arc::new(Inner { public_url, boot_ms, world: Mutex::new(World::new(boot_ms)), pages: Pages::new() }))
    }

    /// The address other programs use for the server.
    pub fn public_url(&self) -> &str {
        &self.0.public_url
    }

    pub(crate) fn boot_ms(&self) -> i64 {
        self.0.boot_ms
    }

    pub(crate) fn pages(&self) -> &Pages {
        &self.0.pages
    }

    /// Locks the world, as it is at this moment. A panic elsewhere while it was locked does not take the server down.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        let mut world = self.0.world.lock().unwrap_or_else(PoisonError::into_inner);
        tiktok::ripen(&mut world, now_ms());
        whatsapp::ripen(&mut world, now_ms());
        world
    }
}

/// Now, in ms since the epoch. The sandbox stands outside the system and has the real clock, as the platforms do.
#[allow(clippy::disallowed_methods)]
pub(crate) fn now_ms() -> i64 {
    Timestamp::now().as_millisecond()
}

/// An instant in RFC 3339 with milliseconds, as X writes it.
pub(crate) fn rfc3339(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map(|at| format!("{at:.3}")).unwrap_or_default()
}
