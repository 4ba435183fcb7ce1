//! Containers, in which two platforms of the house take posts: what is made before anything is published. Making one may be repeated
//! without harm: one that is not published is gone after a day. The platform fetches pictures and videos itself, from an address that
//! it is given, so each step is a short call, and waiting is another wake-up's.

use async_trait::async_trait;
use connector_kit::{Allowance, is_number, media_failure, progress};
use domain::publishing::{Failure, Media, MediaRef};
use jiff::{SignedDuration, Timestamp};
use ports::{Prepared, PublishCall};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How long a container is used. Both keep it for a day.
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
    /// The step of the post that they are for.
    #[serde(default)]
    part: usize,
    /// The containers of the pictures and videos, in their order; that of a single one is the one that is published, and so is that of
    /// words alone.
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
    /// How often all of them were made anew, since the platform had lost, ended or failed one.
    #[serde(default)]
    anew: usize,
}

/// How far a container is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// The platform still works on it.
    InProgress,
    /// It can be published, and is not.
    Finished,
    /// It was published.
    Published,
    /// Its day is over, and it was not published.
    Expired,
    /// It cannot be published.
    Failed,
    /// The platform does not know it, any more.
    Unknown,
}

impl Stage {
    /// By the word that both have for it.
    pub(super) fn named(word: &str) -> Option<Self> {
        Some(match word {
            "IN_PROGRESS" => Self::InProgress,
            "FINISHED" => Self::Finished,
            "PUBLISHED" => Self::Published,
            "EXPIRED" => Self::Expired,
            "ERROR" => Self::Failed,
            _ => return None,
        })
    }
}

/// What differs between those that take posts in containers.
#[async_trait]
pub(super) trait Containers: Sync {
    /// What has a container of its own, in its order; nothing where the words are all.
    fn shown<'a>(&self, call: &'a PublishCall<'_>) -> Vec<&'a MediaRef>;

    /// Makes the container of a picture or a video, or without one that of the words: one of a carousel, or what is published.
    async fn item(
        &self,
        call: &PublishCall<'_>,
        medium: Option<&MediaRef>,
        is_carousel_item: bool,
    ) -> Result<String, Failure>;

    /// Makes the container of a carousel of these.
    async fn carousel(&self, call: &PublishCall<'_>, items: &[String]) -> Result<String, Failure>;

    /// How far a container is; and for one that failed, what that means.
    async fn stage(&self, call: &PublishCall<'_>, container: &str) -> Result<(Stage, Failure), Failure>;
}

/// Whether it can be the id of an account, a container or a medium.
pub(super) fn is_id(id: &str) -> bool {
    is_number(id, 20)
}

/// What is kept, however old.
fn kept(call: &PublishCall<'_>) -> Option<Progress> {
    let kept: Progress = progress::kept(call)?;
    let fits = kept.part == call.part && kept.items.iter().chain(&kept.carousel).all(|id| is_id(id));
    fits.then_some(kept)
}

impl Progress {
    fn new(now: Timestamp, part: usize) -> Self {
        Self { at: now, part, items: Vec::new(), finished: 0, carousel: None, complete: false, asked: 0, anew: 0 }
    }

    fn value(&self) -> Value {
        progress::value(self)
    }

    /// The container that is published, finished or not.
    fn whole(&self, shown: usize) -> Option<&str> {
        if shown <= 1 { self.items.first().map(String::as_str) } else { self.carousel.as_deref() }
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
        let fresh = Self { anew: self.anew + 1, ..Self::new(now, self.part) };
        Ok(Prepared::Wait { progress: fresh.value(), until: now + SignedDuration::from_secs(*wait_s) })
    }
}

/// The container that the request publishes, once it is finished.
pub(super) fn ready(platform: &dyn Containers, call: &PublishCall<'_>) -> Option<String> {
    let (kept, shown) = (kept(call)?, platform.shown(call).len());
    kept.whole(shown).filter(|_| kept.complete).map(str::to_owned)
}

/// The container that a request published or was to publish, and when the first of its containers was made.
pub(super) fn sent(platform: &dyn Containers, call: &PublishCall<'_>) -> Option<(String, Timestamp)> {
    let kept = kept(call)?;
    let whole = kept.whole(platform.shown(call).len()).map(str::to_owned)?;
    Some((whole, kept.at))
}

/// One step: makes the next container, or asks about those that are not known to be finished.
pub(super) async fn prepare(platform: &dyn Containers, call: &PublishCall<'_>) -> Result<Prepared, Failure> {
    let (shown, time) = (platform.shown(call), Allowance::of(call));
    let fresh = kept(call).filter(|kept| call.now.duration_since(kept.at) < USABLE);
    let mut kept = fresh.unwrap_or_else(|| Progress::new(call.now, call.part));
    if kept.items.len() < shown.len().max(1) {
        let medium = shown.get(kept.items.len()).copied();
        kept.items.push(time.run(platform.item(call, medium, shown.len() > 1)).await?);
        return Ok(Prepared::More(kept.value()));
    }
    if kept.carousel.is_none() && shown.len() > 1 {
        while let Some(item) = kept.items.get(kept.finished) {
            match time.run(platform.stage(call, item)).await {
                Ok((Stage::Finished, _)) => kept.finished += 1,
                Ok(other) => return kept.unfinished(call.now, other),
                // What is known so far is known to the next worker, too.
                Err(_) if time.is_over() => return Ok(Prepared::More(kept.value())),
                Err(failure) => return Err(failure),
            }
        }
        kept.carousel = Some(time.run(platform.carousel(call, &kept.items)).await?);
        return Ok(Prepared::More(kept.value()));
    }
    // What was finished once is asked about again before each request: it may be published or expired meanwhile.
    let whole = kept.whole(shown.len()).ok_or(Failure::Unavailable)?;
    match time.run(platform.stage(call, whole)).await? {
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

/// Whether what the platform fetched is still what was looked at: it read later than we did, and who may upload may replace.
async fn unchanged(call: &PublishCall<'_>) -> Result<(), Failure> {
    for reference in call.variant.media_of(call.part) {
        address(call, reference).await?;
    }
    Ok(())
}

/// The medium that is meant.
pub(super) fn medium<'a>(call: &'a PublishCall<'_>, reference: &MediaRef) -> Result<&'a Media, Failure> {
    call.media.iter().find(|medium| medium.id == reference.id).ok_or_else(|| Failure::Rejected {
        code: "media_not_found".into(),
        detail: "the post has a medium that is not stored".into(),
    })
}

/// The address where a medium is fetched.
pub(super) async fn address(call: &PublishCall<'_>, reference: &MediaRef) -> Result<SecretString, Failure> {
    call.bytes.public_address(medium(call, reference)?).await.map_err(|error| media_failure(&error))
}
