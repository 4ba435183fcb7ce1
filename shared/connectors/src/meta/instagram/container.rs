//! Containers: what is made before anything is published. Making one may be repeated without harm: one that is not published
//! is gone after a day. Instagram fetches pictures and videos itself, from an address that it is given, so each step is a short call,
//! and waiting is another wake-up's.

use super::super::error::{Problem, is_expired, of_container, refusal};
use super::api::Status;
use super::making::{address, carousel, container_of};
use super::{Instagram, is_id};
use connector_kit::http::repeatable;
use connector_kit::{Allowance, Call, progress};
use domain::publishing::{ContentKind, Failure, Media, MediaRef, Variant};
use jiff::{SignedDuration, Timestamp};
use ports::{Prepared, PublishCall};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How long a container is used. Instagram keeps it for a day.
const USABLE: SignedDuration = SignedDuration::from_hours(20);
/// Seconds until a container is asked about again, by how often it was: the documentation asks for once a minute at most.
const WAITS_S: [i64; 4] = [5, 15, 30, 60];
/// Seconds until the next step, by how often containers were made anew already: what ended one may pass. After the last of
/// them it does not count as passing any more.
const ANEW_S: [i64; 3] = [60, 300, 900];

/// What is kept between wake-ups.
#[derive(Debug, Serialize, Deserialize)]
struct Progress {
    /// When the first container was made.
    at: Timestamp,
    /// The containers of the pictures and videos, in their order; that of a single one is the one that is published.
    items: Vec<String>,
    /// How many of a carousel's, from the first, are known to be finished.
    #[serde(default)]
    finished: usize,
    /// The container of the whole carousel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    carousel: Option<String>,
    /// Whether the one that is published was finished when it was last asked about.
    #[serde(default)]
    complete: bool,
    /// How often one was asked about that was not finished.
    #[serde(default)]
    asked: usize,
    /// How often all of them were made anew, since Instagram had lost, ended or failed one.
    #[serde(default)]
    anew: usize,
}

/// How far a container is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Instagram still works on it.
    InProgress,
    /// It can be published, and is not.
    Finished,
    /// It was published.
    Published,
    /// Its day is over, and it was not published.
    Expired,
    /// It cannot be published.
    Failed,
    /// Instagram does not know it, any more.
    Unknown,
}

/// The text of a step as it is sent: there are no link cards, so a link stands in it. A story shows no words.
pub(super) fn caption(variant: &Variant, step: usize) -> String {
    let wordless = variant.kind == ContentKind::Story && !variant.is_comment(step);
    if wordless { String::new() } else { variant.full_text(step, false) }
}

/// What has a container of its own, in its order: of a reel only the video, for the picture beside it is its cover.
fn shown<'a>(call: &'a PublishCall<'_>) -> Vec<&'a MediaRef> {
    let all = call.variant.media_of(0).iter();
    all.filter(|reference| !is_cover(call, reference)).collect()
}

pub(super) fn is_cover(call: &PublishCall<'_>, reference: &MediaRef) -> bool {
    call.variant.kind == ContentKind::Reel && medium(call, reference).is_ok_and(|medium| !medium.is_video())
}

/// What is kept, however old.
fn kept(call: &PublishCall<'_>) -> Option<Progress> {
    let kept: Progress = progress::kept(call)?;
    kept.items.iter().chain(&kept.carousel).all(|id| is_id(id)).then_some(kept)
}

impl Progress {
    fn new(now: Timestamp) -> Self {
        Self { at: now, items: Vec::new(), finished: 0, carousel: None, complete: false, asked: 0, anew: 0 }
    }

    fn value(&self) -> Value {
        progress::value(self)
    }

    /// The container that is published, finished or not.
    fn whole(&self, shown: usize) -> Option<&str> {
        if shown == 1 { self.items.first().map(String::as_str) } else { self.carousel.as_deref() }
    }

    /// What follows when a container that is needed is not finished.
    fn unfinished(mut self, now: Timestamp, (stage, failure): (Stage, Failure)) -> Result<Prepared, Failure> {
        self.complete = false;
        match stage {
            Stage::Finished | Stage::InProgress => {
                let [.., longest] = WAITS_S;
                let wait_s = WAITS_S.get(self.asked).copied().unwrap_or(longest);
                self.asked += 1;
                Ok(Prepared::Wait { progress: self.value(), until: now + SignedDuration::from_secs(wait_s) })
            }
            // An earlier request was taken after all.
            Stage::Published => Err(Failure::Duplicate { existing: None }),
            Stage::Expired | Stage::Unknown => self.begins_anew(now),
            Stage::Failed if failure == Failure::Unavailable => self.begins_anew(now),
            Stage::Failed => Err(failure),
        }
    }

    /// One of them cannot be used any more, and never will be: others are made, after a while, and not without end.
    fn begins_anew(&self, now: Timestamp) -> Result<Prepared, Failure> {
        let Some(wait_s) = ANEW_S.get(self.anew) else {
            let detail = "the platform could not process the media, however often it was given them".to_owned();
            return Err(Failure::Rejected { code: "media_processing_failed".into(), detail });
        };
        let fresh = Self { anew: self.anew + 1, ..Self::new(now) };
        Ok(Prepared::Wait { progress: fresh.value(), until: now + SignedDuration::from_secs(*wait_s) })
    }
}

/// The container that the request publishes, once it is finished.
pub(super) fn ready(call: &PublishCall<'_>) -> Option<String> {
    let (kept, shown) = (kept(call)?, shown(call).len());
    kept.whole(shown).filter(|_| kept.complete).map(str::to_owned)
}

/// The container that a request published or was to publish, and when the first of its containers was made.
pub(super) fn sent(call: &PublishCall<'_>) -> Option<(String, Timestamp)> {
    let kept = kept(call)?;
    let whole = kept.whole(shown(call).len()).map(str::to_owned)?;
    Some((whole, kept.at))
}

/// One step: makes the next container, or asks about those that are not known to be finished.
pub(super) async fn prepare(instagram: &Instagram, call: &PublishCall<'_>) -> Result<Prepared, Failure> {
    let (shown, time) = (shown(call), Allowance::of(call));
    let fresh = kept(call).filter(|kept| call.now.duration_since(kept.at) < USABLE);
    let mut kept = fresh.unwrap_or_else(|| Progress::new(call.now));
    if let Some(item) = shown.get(kept.items.len()) {
        let item = time.run(container_of(instagram, call, item, shown.len() > 1)).await?;
        kept.items.push(item);
        return Ok(Prepared::More(kept.value()));
    }
    if kept.carousel.is_none() && shown.len() > 1 {
        while let Some(item) = kept.items.get(kept.finished) {
            match time.run(stage(instagram, call, item)).await {
                Ok((Stage::Finished, _)) => kept.finished += 1,
                Ok(other) => return kept.unfinished(call.now, other),
                // What is known so far is known to the next worker, too.
                Err(_) if time.is_over() => return Ok(Prepared::More(kept.value())),
                Err(failure) => return Err(failure),
            }
        }
        kept.carousel = Some(time.run(carousel(instagram, call, &kept.items)).await?);
        return Ok(Prepared::More(kept.value()));
    }
    // What was finished once is asked about again before each request: it may be published or expired meanwhile.
    let whole = kept.whole(shown.len()).ok_or(Failure::Unavailable)?;
    match time.run(stage(instagram, call, whole)).await? {
        (Stage::Finished, _) => {
            if !kept.complete {
                time.run(unchanged(call)).await?;
            }
            kept.complete = true;
            Ok(Prepared::Ready(Some(kept.value())))
        }
        other => kept.unfinished(call.now, other),
    }
}

/// Whether what Instagram fetched is still what was looked at: it read later than we did, and who may upload may replace.
async fn unchanged(call: &PublishCall<'_>) -> Result<(), Failure> {
    for reference in call.variant.media_of(0) {
        address(call, reference).await?;
    }
    Ok(())
}

pub(super) fn medium<'a>(call: &'a PublishCall<'_>, reference: &MediaRef) -> Result<&'a Media, Failure> {
    call.media.iter().find(|medium| medium.id == reference.id).ok_or_else(|| Failure::Rejected {
        code: "media_not_found".into(),
        detail: "the post has a medium that is not stored".into(),
    })
}

/// How far a container is; and for one that failed, what that means.
pub(super) async fn stage(
    instagram: &Instagram,
    call: &PublishCall<'_>,
    container: &str,
) -> Result<(Stage, Failure), Failure> {
    let graph = instagram.graph(call.app);
    let url = graph.at(container, &[("fields", "status_code,status")], call.token);
    let answer = graph.call(call.token, Call::get(url)).await.map_err(repeatable)?;
    if !answer.is_success() {
        let unknown = Problem::of(&answer).is_some_and(|problem| problem.is_missing());
        let failure = repeatable(refusal(&answer, call.now));
        return if unknown { Ok((Stage::Unknown, failure)) } else { Err(failure) };
    }
    let Status { status_code, status } = answer.json().ok_or(Failure::Unavailable)?;
    let stage = match status_code.as_str() {
        "IN_PROGRESS" => Stage::InProgress,
        "FINISHED" => Stage::Finished,
        "PUBLISHED" => Stage::Published,
        "EXPIRED" => Stage::Expired,
        "ERROR" if is_expired(&status) => Stage::Expired,
        "ERROR" => Stage::Failed,
        _ => return Err(Failure::Unavailable),
    };
    Ok((stage, of_container(&status)))
}
