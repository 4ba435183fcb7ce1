//! Everything before the last bytes: what became of earlier uploads, what the account may publish, and all other bytes.

use super::api::{Creator, Nothing, privacy};
use super::status::{self, All, Standing, Upload};
use super::upload::{self, PIECE, Run, Way};
use super::{TikTok, photo};
use connector_kit::{Allowance, progress};
use domain::publishing::{Failure, Media, Probe};
use jiff::{SignedDuration, Timestamp};
use ports::{Prepared, PublishCall};
use serde::{Deserialize, Serialize};

/// Uploads begun for one part, after which it is given up: what ended the others will end the next.
const MOST: u8 = 4;
/// When TikTok is asked again that counted less than it took; ours.
const RECOUNT: SignedDuration = SignedDuration::from_mins(1);

/// What is kept between wake-ups.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Progress {
    /// The uploads that TikTok may still publish, oldest first: [`domain::publishing::FORMER`], so that they outlast whatever
    /// people decide.
    #[serde(default)]
    pub(super) former: Vec<Upload>,
    /// Where the last of them takes its bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) way: Option<Way>,
    /// Uploads begun so far.
    #[serde(default)]
    begun: u8,
    /// When TikTok said first that it will publish none of them, though the last bytes of one may have left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    denied_at: Option<Timestamp>,
    /// What the account may do with pictures, once it was asked: from then on their request may leave, until its answer has named
    /// what TikTok makes of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) terms: Option<Terms>,
}

/// What a creator's terms say of a post.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) struct Terms {
    /// It takes no comments.
    pub(super) silent: bool,
}

impl Progress {
    pub(super) fn of(call: &PublishCall<'_>) -> Self {
        progress::kept(call).unwrap_or_default()
    }

    fn more(&self) -> Prepared {
        Prepared::More(progress::value(self))
    }

    fn wait(&self, until: Timestamp) -> Prepared {
        Prepared::Wait { progress: progress::value(self), until }
    }

    /// The last bytes of the newest upload may leave from now on.
    fn offers(&mut self) {
        if let Some(newest) = self.former.last_mut() {
            newest.offered = true;
        }
    }

    /// Until when it must not be believed that none of the uploads will be published.
    fn doubted(&mut self, now: Timestamp) -> Option<Timestamp> {
        let offered = self.former.iter().any(|upload| upload.offered);
        if offered { progress::twice(&mut self.denied_at, now) } else { None }
    }
}

/// There is nothing to show.
pub(super) fn missing() -> Failure {
    Failure::Rejected { code: "media_not_found".into(), detail: "the post has no video and no picture".into() }
}

/// The video.
pub(super) fn medium<'a>(call: &PublishCall<'a>) -> Result<(&'a Media, &'a Probe), Failure> {
    let reference = call.variant.media_of(call.part).first().ok_or_else(missing)?;
    let medium = call.media.iter().find(|medium| medium.id == reference.id).ok_or_else(missing)?;
    Ok((medium, medium.probe.as_ref().ok_or(Failure::Unavailable)?))
}

/// The next step.
pub(super) async fn prepare(tiktok: &TikTok, call: &PublishCall<'_>) -> Result<Prepared, Failure> {
    let time = Allowance::of(call);
    let mut kept = Progress::of(call);
    let video = medium(call);
    if let (Some(way), Some(current), Ok(video)) = (kept.way.clone(), kept.former.last().cloned(), &video) {
        return go_on(tiktok, call, *video, (kept, current, way), time).await;
    }
    // Nothing goes up while TikTok may publish what it has.
    match time.run(status::of_all(tiktok, call, &kept.former)).await? {
        All::None(_) => {
            if let Some(until) = kept.doubted(call.now) {
                return Ok(kept.wait(until));
            }
        }
        All::Live(existing) => return Err(Failure::Duplicate { existing: Some(existing) }),
        All::Nameless => return Err(Failure::Duplicate { existing: None }),
        All::Taken(detail) => return Err(Failure::taken(detail)),
    }
    let (_, probe) = video?;
    // Those whose addresses take nothing any more are over.
    kept.denied_at = None;
    kept.former.retain(|upload| call.now < upload.until);
    if photo::is_of_pictures(call) {
        return photo::prepare(tiktok, call, kept, time).await;
    }
    // The bytes of a video have a name before they leave.
    kept.terms = None;
    if kept.begun >= MOST {
        let detail = format!("{MOST} uploads of the video did not come to an end");
        return Err(Failure::Rejected { code: "media_refused".into(), detail });
    }
    let creator = terms(tiktok, call, time).await?;
    if let Some(creator) = &creator {
        allowed(call, Some(probe), creator)?;
    }
    let (begun, way) = time.run(upload::begin(tiktok, call, (probe, creator.as_ref()))).await?;
    kept.former.push(begun);
    (kept.way, kept.begun) = (Some(way), kept.begun + 1);
    Ok(kept.more())
}

/// What the account may publish. Of a draft it is not asked, which has neither words nor readers yet: its creator chooses them.
pub(super) async fn terms(
    tiktok: &TikTok,
    call: &PublishCall<'_>,
    time: Allowance,
) -> Result<Option<Creator>, Failure> {
    if call.variant.draft {
        return Ok(None);
    }
    time.run(tiktok.ask(call, "post/publish/creator_info/query/", &Nothing {})).await.map(Some)
}

/// Whether the account may publish this, now; `probe` is of its video.
pub(super) fn allowed(call: &PublishCall<'_>, probe: Option<&Probe>, creator: &Creator) -> Result<(), Failure> {
    let wanted = privacy(call.variant.visibility);
    if !creator.privacy_level_options.iter().any(|option| option == wanted) {
        let offered = connector_kit::words(&creator.privacy_level_options.join(", "));
        let detail = format!("TikTok does not offer {wanted} to this account, only {offered}");
        return Err(Failure::Rejected { code: "unsupported".into(), detail });
    }
    let longest = creator.max_video_post_duration_sec.unwrap_or(u64::MAX).saturating_mul(1_000);
    if probe.and_then(|probe| probe.duration_ms).is_some_and(|played| played > longest) {
        let detail = format!("this account may publish videos of at most {} seconds on TikTok", longest / 1_000);
        return Err(Failure::Rejected { code: "media_refused".into(), detail });
    }
    Ok(())
}

/// Asks what the upload has, and sends what comes next.
async fn go_on(
    tiktok: &TikTok,
    call: &PublishCall<'_>,
    (medium, probe): (&Media, &Probe),
    (mut kept, current, mut way): (Progress, Upload, Way),
    time: Allowance,
) -> Result<Prepared, Failure> {
    let over = call.now >= current.until;
    let held = match time.run(status::of(tiktok, call, &current)).await? {
        Standing::Live(id) => {
            let existing = id.map(|id| super::publish::receipt(call, &id, false));
            return Err(Failure::Duplicate { existing });
        }
        Standing::Taken(detail) => return Err(Failure::taken(detail)),
        Standing::Never(code, detail) => return Err(Failure::Rejected { code, detail }),
        Standing::Open(None) => way.sent,
        // It counts whole pieces; what it has of the next is sent again.
        Standing::Open(Some(bytes)) => bytes.min(upload::last(current.size)) / PIECE * PIECE,
        Standing::Forgotten => 0,
    };
    // It may count late. One that forgets what it had would take the same pieces for ever: another is begun, of which there are few.
    let behind = held < way.sent;
    if behind && !way.behind && !over {
        way.behind = true;
        kept.way = Some(way);
        return Ok(kept.wait(call.now + RECOUNT));
    }
    let gone = over || behind || current.size != probe.bytes;
    (way.sent, way.behind) = (held, false);
    let run = if gone { Run::Gone } else { upload::run(tiktok, call, (medium, probe, &way), time).await? };
    match run {
        Run::Gone => {
            kept.way = None;
            Ok(kept.more())
        }
        // It says that it has all of it, whatever it was sent: from now on it is asked as if the last bytes had left.
        Run::Whole => {
            kept.offers();
            kept.way = None;
            Ok(kept.more())
        }
        Run::Sent(sent) => {
            let ready = sent >= upload::last(current.size);
            way.sent = sent;
            kept.way = Some(way);
            if !ready {
                return Ok(kept.more());
            }
            kept.offers();
            Ok(Prepared::Ready(Some(progress::value(&kept))))
        }
    }
}
