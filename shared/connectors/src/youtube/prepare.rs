//! Everything before the one request that publishes: the category, the private video, what YouTube makes of it, its
//! captions, its thumbnail.

use super::api::{Category, Channel, List, PRIVATE, PUBLIC, PlaylistItem, UNLISTED, Video, privacy};
use super::auth::is_place;
use super::video::{self, Session, Step};
use super::{YouTube, api, captions, is_video, thumbnail};
use connector_kit::{Allowance, Call, own_name, progress, segment};
use domain::publishing::{Failure, Media, MediaKind};
use jiff::{SignedDuration, Timestamp};
use ports::{Prepared, PublishCall};
use serde::{Deserialize, Serialize};

/// "People & Blogs": what a video is filed under that names no category.
const CATEGORY: &str = "22";
/// Uploads begun for one part, after which it is given up: what ended the others will end the next.
const MOST: u8 = 4;
/// Newest uploads of a channel among which one is looked for: a page.
const PAGE: usize = 50;
/// How long a video may be missing after it came before somebody is taken to have deleted it.
const LAG: SignedDuration = SignedDuration::from_mins(5);
/// Readings in a row without it after that, before it counts as deleted: a listing may be late.
const MISSES: u8 = 3;
/// Seconds between two questions about a video: at first, and once it takes longer than that.
const CHECKS_S: (i64, i64) = (30, 120);

/// What is kept between wake-ups.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Progress {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) category: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    session: Option<Session>,
    /// Uploads begun so far.
    #[serde(default)]
    begun: u8,
    /// The video that is there, private.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) video: Option<String>,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<Timestamp>,
    /// How many readings in a row did not tell it.
    #[serde(default, skip_serializing_if = "is_none_yet")]
    missed: u8,
    /// How many tracks of captions it has.
    #[serde(default, skip_serializing_if = "is_none_yet")]
    captions: u8,
    /// Whether it has its thumbnail.
    #[serde(default)]
    thumbnail: bool,
}

// Serde hands over a reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_none_yet(count: &u8) -> bool {
    *count == 0
}

impl Progress {
    pub(super) fn of(call: &PublishCall<'_>) -> Self {
        let kept: Option<Self> = progress::kept(call);
        kept.filter(|kept| kept.video.as_deref().is_none_or(is_video)).unwrap_or_default()
    }

    fn value(&self) -> serde_json::Value {
        progress::value(self)
    }

    fn more(&self) -> Prepared {
        Prepared::More(self.value())
    }
}

/// The name of this delivery's video, its only tag until it is published: the same at every try.
pub(super) fn name(call: &PublishCall<'_>) -> String {
    own_name(&call.key)
}

/// The first medium of this kind.
pub(super) fn medium<'a>(call: &PublishCall<'a>, kind: MediaKind) -> Option<&'a Media> {
    let mut all = call.variant.media_of(call.part).iter();
    all.find_map(|reference| {
        let is_it = |m: &&Media| m.id == reference.id && m.probe.as_ref().is_some_and(|probe| probe.kind() == kind);
        call.media.iter().find(is_it)
    })
}

/// The next step.
pub(super) async fn prepare(youtube: &YouTube, call: &PublishCall<'_>) -> Result<Prepared, Failure> {
    let time = Allowance::of(call);
    let mut kept = Progress::of(call);
    if let Some(video) = kept.video.clone() {
        return look(youtube, call, kept, &video, time).await;
    }
    let missing = || Failure::Rejected { code: "media_not_found".into(), detail: "the post has no video".into() };
    let medium = medium(call, MediaKind::Video).ok_or_else(missing)?;
    if let Some(mut session) = kept.session.clone().filter(|session| call.now < session.until) {
        match video::step(youtube, call, (medium, &session), time).await? {
            Step::Sending(sent) => {
                session.sent = sent;
                kept.session = Some(session);
            }
            Step::Sent(video) => (kept.session, kept.video, kept.since) = (None, Some(video), Some(call.now)),
            Step::Gone => kept.session = None,
        }
        return Ok(kept.more());
    }
    let category = match kept.category.take() {
        Some(category) => category,
        None => time.run(category(youtube, call)).await?,
    };
    kept.session = None;
    // A session that is gone may have become a video before, and so may one of an earlier try.
    if let Some(video) = time.run(named(youtube, call)).await? {
        (kept.video, kept.since) = (Some(video), Some(call.now));
    } else if kept.begun >= MOST {
        let detail = format!("{MOST} uploads of the video did not come to an end, or what came of them was deleted");
        return Err(Failure::Rejected { code: "media_refused".into(), detail });
    } else {
        let session = time.run(video::begin(youtube, call, (medium, &name(call), &category))).await?;
        (kept.session, kept.begun) = (Some(session), kept.begun + 1);
    }
    kept.category = Some(category);
    Ok(kept.more())
}

/// What YouTube has made of the video, before every request that publishes it.
async fn look(
    youtube: &YouTube,
    call: &PublishCall<'_>,
    mut kept: Progress,
    video: &str,
    time: Allowance,
) -> Result<Prepared, Failure> {
    let age = call.now.duration_since(kept.since.unwrap_or(call.now));
    let wait = |kept: &Progress| {
        let seconds = if age < LAG { CHECKS_S.0 } else { CHECKS_S.1 };
        Prepared::Wait { progress: kept.value(), until: call.now + SignedDuration::from_secs(seconds) }
    };
    let found = match time.run(read(youtube, call, video)).await? {
        Some(found) if found.status.upload_status != "deleted" => found,
        // What was just made may not be told yet.
        None if age < LAG => return Ok(wait(&kept)),
        None if kept.missed + 1 < MISSES => {
            kept.missed += 1;
            return Ok(wait(&kept));
        }
        // Somebody deleted it.
        _ => {
            kept = Progress { category: kept.category, begun: kept.begun.max(1), ..Progress::default() };
            return Ok(kept.more());
        }
    };
    kept.missed = 0;
    match found.status.privacy_status.as_str() {
        PRIVATE if privacy(call.variant) != PRIVATE || found.is_tagged(&name(call)) => {}
        // An earlier request was taken, or its owner published it by hand.
        PRIVATE | PUBLIC | UNLISTED => return Err(Failure::Duplicate { existing: None }),
        // Nothing is concluded from a word that is not known, or from none.
        _ => return Err(Failure::Unavailable),
    }
    let ended = |code: &str, what: &str, why: &str| {
        let why = connector_kit::words(why);
        Err(Failure::Rejected { code: code.into(), detail: format!("YouTube {what}: {why}") })
    };
    match found.status.upload_status.as_str() {
        "processed" => {}
        "failed" => {
            return ended("media_processing_failed", "could not process the video", &found.status.failure_reason);
        }
        "rejected" => {
            // Of an upload whose end nobody heard of, and that is the one.
            if found.status.rejection_reason == "duplicate"
                && let Some(first) = time.run(named(youtube, call)).await?.filter(|first| first != video)
            {
                (kept.video, kept.since, kept.captions) = (Some(first), Some(call.now), 0);
                return Ok(kept.more());
            }
            return ended("media_refused", "rejected the video", &found.status.rejection_reason);
        }
        _ => return Ok(wait(&kept)),
    }
    if let Some(track) = captions::of(call).get(usize::from(kept.captions)) {
        time.run(captions::set(youtube, call, video, track)).await?;
        kept.captions += 1;
        return Ok(kept.more());
    }
    if let Some(picture) = thumbnail::of(call).filter(|_| !kept.thumbnail) {
        time.run(thumbnail::set(youtube, call, video, picture)).await?;
        kept.thumbnail = true;
        return Ok(kept.more());
    }
    Ok(Prepared::Ready(Some(kept.value())))
}

/// The video as it is now; none where there is none, or none that is told yet.
pub(super) async fn read(youtube: &YouTube, call: &PublishCall<'_>, video: &str) -> Result<Option<Video>, Failure> {
    let url = api(call.app, &format!("videos?part=snippet,status&id={video}"));
    let answer = youtube.ask(call, Call::get(url)).await?;
    let found = answer.json::<List<Video>>().ok_or(Failure::Unavailable)?.items;
    Ok(found.into_iter().find(|found| found.id == video))
}

/// The video that an earlier upload of this part left: the one that its owner has published by hand, if there is one, else the
/// oldest: nobody sees the others.
async fn named(youtube: &YouTube, call: &PublishCall<'_>) -> Result<Option<String>, Failure> {
    let answer = youtube.ask(call, Call::get(api(call.app, "channels?part=contentDetails&mine=true"))).await?;
    let channels = answer.json::<List<Channel>>().ok_or(Failure::Unavailable)?.items;
    let ours = channels.into_iter().find(|channel| channel.id == call.account.profile.external_id);
    let uploads = ours.map(|channel| channel.content_details.related_playlists.uploads);
    // A channel whose videos are another's than the account's: its token is not that of the account.
    let uploads = uploads.filter(|id| is_place(id)).ok_or(Failure::Unavailable)?;
    let url = api(call.app, &format!("playlistItems?part=contentDetails&maxResults={PAGE}&playlistId={uploads}"));
    let ids = match youtube.ask(call, Call::get(url)).await {
        Ok(answer) => answer.json::<List<PlaylistItem>>().ok_or(Failure::Unavailable)?.items,
        // A channel without a video may have no list yet.
        Err(Failure::Rejected { code, .. }) if code == "not_found" => Vec::new(),
        Err(failure) => return Err(failure),
    };
    let ids: Vec<String> =
        ids.into_iter().map(|item| item.content_details.video_id).filter(|id| is_video(id)).collect();
    if ids.is_empty() {
        return Ok(None);
    }
    let url = api(call.app, &format!("videos?part=snippet,status&id={}", segment(&ids.join(","))));
    let found = youtube.ask(call, Call::get(url)).await?.json::<List<Video>>().ok_or(Failure::Unavailable)?.items;
    let name = name(call);
    let usable = |video: &Video| {
        let going = matches!(video.status.upload_status.as_str(), "uploaded" | "processed");
        is_video(&video.id) && video.is_tagged(&name) && (going || !video.is_private())
    };
    let order = |video: &Video| (video.is_private(), video.snippet.published_at.clone(), video.id.clone());
    Ok(found.into_iter().filter(usable).min_by_key(order).map(|video| video.id))
}

/// The number of the category that the post names, by its number or by its English title.
async fn category(youtube: &YouTube, call: &PublishCall<'_>) -> Result<String, Failure> {
    let Some(given) = call.variant.categories.first().map(|name| name.trim()) else { return Ok(CATEGORY.into()) };
    let region = call.app.settings.get("youtube_region").map_or("US", String::as_str);
    let url = api(call.app, &format!("videoCategories?part=snippet&hl=en_US&regionCode={}", segment(region)));
    let answer = youtube.ask(call, Call::get(url)).await?;
    let all = answer.json::<List<Category>>().ok_or(Failure::Unavailable)?.items;
    let mut open = all.into_iter().filter(|category| category.snippet.assignable && is_place(&category.id));
    let found = open.find(|category| category.id == given || category.snippet.title.eq_ignore_ascii_case(given));
    found.map(|category| category.id).ok_or_else(|| Failure::Rejected {
        code: "category_unknown".into(),
        detail: format!("YouTube has no category {given:?} that videos may be put in: take one of its studio's list"),
    })
}
