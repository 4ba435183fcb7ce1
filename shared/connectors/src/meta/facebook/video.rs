//! Videos of a page: announced, sent, and ended by the one request that publishes them, as a post (`chunks.rs`), a reel or a story
//! (`whole.rs`). Facebook names a video when it is announced: by that id, which no other delivery has, it is asked what became of it.

use super::super::error::{Problem, refusal};
use super::super::usage;
use super::api::{Done, Told};
use super::chunks::{self, Next};
use super::publish::story;
use super::standing::{Standing, look};
use super::{Facebook, is_id, is_post, page, whole};
use connector_kit::http::repeatable;
use connector_kit::{Allowance, Answer, Call, progress};
use domain::publishing::{ContentKind, Failure, Finding, Media, MediaKind, MediaRef, Probe, Receipt};
use jiff::{SignedDuration, Timestamp};
use ports::{Prepared, PublishCall, Published};
use serde::{Deserialize, Serialize};

/// Uploads begun for one video, after which it is given up: what ended the others will end the next.
pub(super) const MOST: u8 = 4;
/// For how long an upload is gone on with, and offered again; ours.
const LIVES: SignedDuration = SignedDuration::from_hours(12);
/// For how long an offered video that Facebook does not show stops the next one; ours. It answers the same where a permission is
/// missing, so that one answer proves nothing.
const HIDDEN: SignedDuration = SignedDuration::from_hours(48);

/// What is kept between wake-ups.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Progress {
    /// The uploads that may be published still, oldest first: [`domain::publishing::FORMER`], so that they outlast whatever people
    /// decide.
    #[serde(default)]
    pub(super) former: Vec<Upload>,
    /// Which bytes of the last of them Facebook wants next, where it wants chunks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) next: Option<Next>,
    /// How often it was asked after since all of it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) asked: Option<usize>,
    /// Uploads begun so far.
    #[serde(default)]
    pub(super) begun: u8,
    /// When Facebook said first that it has published nothing of what was offered, and works on none of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    denied_at: Option<Timestamp>,
}

impl Progress {
    /// Facebook has every byte of the newest.
    pub(super) fn is_whole(&mut self) {
        if let Some(upload) = self.former.last_mut() {
            upload.whole = true;
        }
    }
}

/// An upload that was begun.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Upload {
    pub(super) video: String,
    /// The session that takes its chunks.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) session: String,
    /// The address that takes all of it, where it ends as a reel or a story.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) url: Option<String>,
    pub(super) at: Timestamp,
    /// Whether Facebook has every byte.
    #[serde(default)]
    pub(super) whole: bool,
    /// Whether the request that publishes it may have left.
    #[serde(default)]
    pub(super) offered: bool,
}

impl Upload {
    pub(super) fn new(video: String, at: Timestamp) -> Self {
        Self { video, session: String::new(), url: None, at, whole: false, offered: false }
    }

    /// Whether it can be gone on with, and ends as what the post is now.
    fn serves(&self, call: &PublishCall<'_>) -> bool {
        call.now < self.at + LIVES && self.url.is_none() == is_chunked(call)
    }
}

/// Whether it goes up by chunks.
fn is_chunked(call: &PublishCall<'_>) -> bool {
    !matches!(call.variant.kind, ContentKind::Reel | ContentKind::Story)
}

fn video<'a>(call: &PublishCall<'a>) -> Option<(&'a MediaRef, &'a Media, &'a Probe)> {
    let reference = call.variant.media_of(call.part).first()?;
    let medium = call.media.iter().find(|medium| medium.id == reference.id)?;
    let probe = medium.probe.as_ref().filter(|probe| probe.kind() == MediaKind::Video)?;
    Some((reference, medium, probe))
}

/// Its title, where it has one.
pub(super) fn title(reference: &MediaRef) -> Option<&str> {
    reference.title.as_deref().filter(|title| !title.trim().is_empty())
}

/// Whether the part is a video.
pub(super) fn is_asked(call: &PublishCall<'_>) -> bool {
    video(call).is_some()
}

fn kept(call: &PublishCall<'_>) -> Progress {
    let fits = |upload: &Upload| {
        let way = upload.url.as_ref().map_or_else(|| is_id(&upload.session), |url| whole::is_way(call, url));
        is_id(&upload.video) && way
    };
    progress::kept::<Progress>(call).filter(|kept| kept.former.iter().all(fits)).unwrap_or_default()
}

/// The ids of the videos that may have been published.
pub(super) fn offered(call: &PublishCall<'_>) -> Vec<String> {
    kept(call).former.into_iter().filter(|upload| upload.offered).map(|upload| upload.video).collect()
}

pub(super) fn more(kept: &Progress) -> Prepared {
    Prepared::More(progress::value(kept))
}

/// The next step: what became of earlier uploads, more of this one, or the word that Facebook has all of it.
pub(super) async fn prepare(facebook: &Facebook, call: &PublishCall<'_>) -> Result<Prepared, Failure> {
    let time = Allowance::of(call);
    let mut kept = kept(call);
    let (_, medium, probe) = video(call).ok_or(Failure::Unavailable)?;
    if let Some(current) = kept.former.last().filter(|upload| upload.serves(call) && !upload.whole).cloned() {
        match (kept.next, &current.url) {
            (Some(next), None) => {
                return chunks::go_on(facebook, call, (medium, probe), (kept, &current, next), time).await;
            }
            // Where nothing is kept of how it went on, a person asked for another try.
            (_, Some(_)) if kept.begun > 0 => {
                return whole::go_on(facebook, call, (medium, probe), (kept, &current), time).await;
            }
            _ => {}
        }
    }
    // Nothing goes up, and nothing is offered again, while Facebook may publish what it has.
    let over = match time.run(all(facebook, call, &kept.former)).await? {
        All::Live(existing) => return Err(Failure::Duplicate { existing: Some(existing) }),
        All::Working => return Err(Failure::taken("it is being processed")),
        All::Quiet { hidden: true, .. } => return Err(Failure::Unavailable),
        All::Quiet { over, .. } => over,
    };
    if kept.former.iter().any(|upload| upload.offered)
        && let Some(until) = progress::twice(&mut kept.denied_at, call.now)
    {
        return Ok(Prepared::Wait { progress: progress::value(&kept), until });
    }
    kept.denied_at = None;
    kept.former.retain(|upload| !over.contains(&upload.video));
    if let Some(upload) = kept.former.last_mut().filter(|upload| upload.whole && upload.serves(call)) {
        upload.offered = true;
        return Ok(Prepared::Ready(Some(progress::value(&kept))));
    }
    // What was never offered was never published.
    kept.former.retain(|upload| upload.offered);
    if kept.begun >= MOST {
        let detail = format!("{MOST} uploads of the video did not come to an end");
        return Err(Failure::Rejected { code: "media_refused".into(), detail });
    }
    let begin = async {
        if is_chunked(call) {
            return chunks::begin(facebook, call, probe).await;
        }
        Ok((whole::begin(facebook, call).await?, None))
    };
    let (upload, next) = time.run(begin).await?;
    kept.former.push(upload);
    (kept.next, kept.asked, kept.begun) = (next, None, kept.begun + 1);
    Ok(more(&kept))
}

/// What offered uploads come to, all of them together.
enum All {
    /// One is published, and this is the proof.
    Live(Receipt),
    /// Facebook works on one.
    Working,
    /// None is published, and none is worked on.
    Quiet {
        /// Those of which nothing will come.
        over: Vec<String>,
        /// Why Facebook could not process any of them.
        failed: Option<String>,
        /// Whether one is not shown, which proves nothing of it.
        hidden: bool,
    },
}

/// Asks how those that were offered stand. That one cannot be asked after hides nothing that is said of another.
async fn all(facebook: &Facebook, call: &PublishCall<'_>, uploads: &[Upload]) -> Result<All, Failure> {
    let (mut over, mut working, mut unasked, mut hidden) = (Vec::new(), false, None, false);
    let offered: Vec<&Upload> = uploads.iter().filter(|upload| upload.offered).collect();
    let mut failures = Vec::new();
    for upload in &offered {
        match look(facebook, call, &upload.video).await {
            Ok(Standing::Live(receipt)) => return Ok(All::Live(receipt)),
            Ok(Standing::Working) => working = true,
            Ok(Standing::Failed(reason)) => {
                failures.push(reason);
                over.push(upload.video.clone());
            }
            Ok(Standing::Missing) if call.now < upload.at + HIDDEN => hidden = true,
            Ok(Standing::Missing) => over.push(upload.video.clone()),
            Ok(Standing::Idle) => {}
            Err(failure) => unasked = Some(failure),
        }
    }
    match (working, unasked) {
        (true, _) => Ok(All::Working),
        (false, Some(failure)) => Err(failure),
        (false, None) => {
            let failed = if failures.len() == offered.len() { failures.pop() } else { None };
            Ok(All::Quiet { over, failed, hidden })
        }
    }
}

/// A step of an upload, which publishes nothing.
pub(super) async fn ask(facebook: &Facebook, call: &PublishCall<'_>, request: Call) -> Result<Answer, Failure> {
    let answer = facebook.graph(call.app).call(call.token, request).await.map_err(repeatable)?;
    if answer.is_success() { Ok(answer) } else { Err(repeatable(of_video(&answer, call.now))) }
}

/// What a refusal means. That videos are not allowed is no word about the account's other posts.
pub(super) fn of_video(answer: &Answer, now: Timestamp) -> Failure {
    let forbids = Problem::of(answer).is_some_and(|problem| problem.forbids());
    match refusal(answer, now) {
        Failure::Revoked { detail } if forbids => {
            let detail = format!("the application or the person's role does not allow videos on this page: {detail}");
            Failure::Rejected { code: "forbidden".into(), detail }
        }
        other => other,
    }
}

/// Where a page takes videos of some kind.
pub(super) fn address(facebook: &Facebook, call: &PublishCall<'_>, edge: &str) -> Result<String, Failure> {
    Ok(facebook.graph(call.app).at(&format!("{}/{edge}", page(call.account)?), &[], call.token))
}

/// The one request: ends the upload, which publishes it or leaves it as a draft.
pub(super) async fn publish(facebook: &Facebook, call: &PublishCall<'_>) -> Result<Published, Failure> {
    let (time, kept) = (Allowance::of(call), kept(call));
    // Nothing leaves but what Facebook has every byte of; the next try prepares it again.
    let is_ready = |upload: &&Upload| upload.whole && upload.offered && upload.url.is_none() == is_chunked(call);
    let current = kept.former.last().filter(|upload| kept.next.is_none() && is_ready(upload));
    let (Some(current), Some((reference, ..))) = (current, video(call)) else { return Err(Failure::Unavailable) };
    let (finish, part) = (is_chunked(call), (current, reference));
    let request = if finish { chunks::finish(facebook, call, part) } else { whole::finish(facebook, call, part) }?;
    let answer = facebook.graph(call.app).call(call.token, request).await?;
    if !answer.is_success() {
        return Err(of_video(&answer, call.now));
    }
    if !answer.json::<Done>().is_some_and(|done| done.success) {
        return Err(Failure::Unconfirmed { detail: format!("HTTP {} without the word of success", answer.status) });
    }
    let quiet_until = usage::quiet_until(&answer, call.now);
    let named = answer.json::<Told>().and_then(|told| told.post_id).filter(|id| is_id(id) || is_post(id));
    if let Some(id) = named.filter(|_| call.variant.kind == ContentKind::Story) {
        return Ok(Published { receipt: story(call.app, id), quiet_until });
    }
    // It has it. What follows is a reading.
    match time.run(look(facebook, call, &current.video)).await {
        Ok(Standing::Live(receipt)) => Ok(Published { receipt, quiet_until }),
        _ => Err(Failure::taken("it is being processed")),
    }
}

/// Asks of the videos themselves, and then reads the page, where a post tells what it shows.
pub(super) async fn find(facebook: &Facebook, call: &PublishCall<'_>, since: Timestamp) -> Result<Finding, Failure> {
    if offered(call).is_empty() {
        return Ok(Finding::Unreadable);
    }
    let hidden = match all(facebook, call, &kept(call).former).await? {
        All::Live(receipt) => return Ok(Finding::Proved(receipt)),
        // Of what Facebook has nobody says that it is not there.
        All::Working => return Ok(Finding::Pending),
        All::Quiet { failed: Some(detail), .. } => {
            return Ok(Finding::Refused { code: "media_processing_failed".into(), detail });
        }
        All::Quiet { hidden, .. } => hidden,
    };
    if call.variant.draft {
        // No list has drafts: that it was not ended is its own word.
        return Ok(if hidden { Finding::Unreadable } else { Finding::Absent });
    }
    match super::find::find(facebook, call, since).await {
        // The page shows nothing that is being processed: without the video's own word it proves nothing.
        Ok(Finding::Absent) if hidden => Ok(Finding::Unreadable),
        found => found,
    }
}
