//! Publishing on the platform: what it does and what it answers are two things.

use super::{Arrival, FakePlatform, MEASURED_AT_ONCE, Posted};
use crate::mutant::Mutant;
use async_trait::async_trait;
use domain::accounts::Account;
use domain::platform::{DedupeClass, Descriptor};
use domain::publishing::{FORMER, Failure, Finding, Receipt, Variant};
use jiff::{SignedDuration, Timestamp};
use ports::{
    Amend, Auth, Connect, Connector, Delete, EngagementCall, Find, Keys, PlatformApp, Prepared, Publish, PublishCall,
    Published, Wording,
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use std::collections::BTreeMap;

/// What becomes of a publish request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Fine,
    FineWithoutId,
    NeverArrived,
    LostBefore,
    LostAfter,
    Late,
    BrokenBefore,
    BrokenAfter,
    GarbageAfter,
    Throttled,
    Unauthorized,
    Rejected,
}

const TROUBLE: [(u32, Fate); 11] = [
    (13, Fate::NeverArrived),
    (14, Fate::LostBefore),
    (15, Fate::LostAfter),
    (12, Fate::Late),
    (10, Fate::BrokenBefore),
    (9, Fate::BrokenAfter),
    (6, Fate::GarbageAfter),
    (5, Fate::FineWithoutId),
    (10, Fate::Throttled),
    (4, Fate::Unauthorized),
    (2, Fate::Rejected),
];

/// Whether a platform that takes posts has this one.
fn took_by(fate: Fate) -> bool {
    matches!(fate, Fate::Fine | Fate::FineWithoutId | Fate::LostAfter | Fate::BrokenAfter | Fate::GarbageAfter)
}

/// Counts a publish request as under way while it lives.
struct UnderWay<'a>(&'a FakePlatform, String);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        if let Some(n) = self.0.truth().under_way.get_mut(&self.1) {
            *n = n.saturating_sub(1);
        }
    }
}

impl FakePlatform {
    fn enter(&self, author: &str, text: &str, access: &SecretString) -> UnderWay<'_> {
        let now = self.engine.now_ms();
        let mut truth = self.truth();
        truth.requests += 1;
        let access_until_ms = truth.ends.get(access.expose_secret()).copied().unwrap_or(i64::MAX);
        truth.arrivals.push(Arrival { author: author.to_owned(), at_ms: now, access_until_ms });
        truth.last_sent.insert(text.to_owned(), now);
        truth.first_sent.entry(text.to_owned()).or_insert(now);
        let under_way = truth.under_way.entry(author.to_owned()).or_default();
        *under_way += 1;
        if *under_way > 1 {
            truth.overlaps += 1;
        }
        UnderWay(self, author.to_owned())
    }

    /// The post takes effect at `at_ms`.
    fn commits(&self, author: &str, text: &str, part: usize, at_ms: i64) -> Receipt {
        // Without that weather nothing is rolled: the stories of the other worlds stay as they are.
        let unrecognised = self.weather.unrecognised > 0 && self.strikes(self.weather.unrecognised);
        let mut truth = self.truth();
        truth.next += 1;
        let id = format!("{}", truth.next);
        let sent_ms = self.engine.now_ms();
        let (author, text, said) = (author.into(), text.into(), text.into());
        truth.posted.push(Posted { author, text, said, part, at_ms, sent_ms, id: id.clone(), unrecognised });
        Receipt { url: Some(format!("https://platform.test/{id}")), id: Some(id) }
    }

    /// What becomes of a request, by the weather.
    fn fate(&self) -> Fate {
        if !self.strikes(self.weather.platform) {
            return Fate::Fine;
        }
        self.engine.chance(|rng| rng.weighted(&TROUBLE)).unwrap_or(Fate::Fine)
    }

    /// Other words take effect that were to by now.
    pub(crate) fn words_arrive(&self, now: i64) {
        let mut truth = self.truth();
        let (mut arrived, to_come): (Vec<_>, Vec<_>) =
            std::mem::take(&mut truth.to_come).into_iter().partition(|(at, ..)| *at <= now);
        truth.to_come = to_come;
        arrived.sort_by_key(|(at, ..)| *at);
        for (_, id, text) in arrived {
            if let Some(post) = truth.posted.iter_mut().find(|post| post.id == id) {
                post.text = text;
            }
        }
    }

    fn existing(&self, author: &str, text: &str) -> Option<String> {
        let now = self.engine.now_ms();
        self.words_arrive(now);
        let truth = self.truth();
        truth.posted.iter().find(|p| p.author == author && p.text == text && p.at_ms <= now).map(|p| p.id.clone())
    }

    /// Whether the part answers the one before it, as far as its id is known.
    fn follows(&self, call: &PublishCall<'_>) -> bool {
        let truth = self.truth();
        let known = |r: &Receipt| r.id.as_ref().is_none_or(|id| truth.posted.iter().any(|p| p.id == *id));
        call.before.len() == call.part && call.before.iter().all(known)
    }

    async fn once(&self, call: &PublishCall<'_>) -> Result<Published, Failure> {
        let text = call.variant.full_text(call.part, false);
        let author = call.account.profile.external_id.clone();
        self.engine.point("publish", 5, 50, false).await;
        let here = self.enter(&author, &text, call.token);
        if self.author_of(call.token)? != author {
            return Err(Failure::Unauthorized);
        }
        self.counted(call)?;
        let ready = || call.progress.is_some_and(|p| p["ready"] == true);
        if !self.follows(call) || (self.needs_preparing(call) && !ready()) {
            self.truth().misplaced += 1;
        }
        let fate = self.fate();
        self.engine.log("publish", |t| *t = format!("{author} {text} {fate:?}"));
        let now = self.engine.now_ms();
        let arrives = !matches!(fate, Fate::NeverArrived | Fate::Throttled | Fate::Unauthorized);
        if arrives
            && self.rules.refuses_duplicates
            && let Some(id) = self.existing(&author, &text)
        {
            self.engine.point("publish refused", 50, 1_000, true).await;
            let named = self.engine.chance(|rng| rng.permille(300));
            return Err(Failure::Duplicate { existing: named.then_some(Receipt { id: Some(id), url: None }) });
        }
        let slow = self.strikes(self.weather.slow_answers);
        let quick = self.engine.chance(|rng| if slow { rng.between(1_500, 19_000) } else { rng.between(80, 1_500) });
        let took = match fate {
            Fate::LostBefore | Fate::LostAfter | Fate::Late => 20_000,
            _ => quick,
        };
        let commit = |at_ms| self.commits(&author, &text, call.part, at_ms);
        let receipt = match fate {
            _ if self.rules.takes && arrives && took_by(fate) => self.takes(&text, commit),
            Fate::Fine | Fate::FineWithoutId | Fate::LostAfter | Fate::BrokenAfter | Fate::GarbageAfter => {
                Some(commit(now + self.engine.chance(|rng| rng.between(0, quick))))
            }
            Fate::Late => Some(commit(now + self.engine.chance(|rng| rng.between(0, self.weather.late_commit_ms)))),
            _ => None,
        };
        self.engine.point("publish answered", took, took + 20, true).await;
        drop(here);
        let silence = |detail: &str| Err(Failure::Unconfirmed { detail: detail.into() });
        match (fate, receipt) {
            (Fate::Fine | Fate::FineWithoutId, _) if self.rules.takes => Err(self.taken(&text)),
            (Fate::Fine, Some(receipt)) => Ok(Published { receipt, quiet_until: None }),
            (Fate::FineWithoutId, _) => Ok(Published { receipt: Receipt { id: None, url: None }, quiet_until: None }),
            (Fate::NeverArrived, _) => Err(Failure::Unavailable),
            (Fate::Throttled, _) => Err(Failure::RateLimited { until: self.throttle_until() }),
            (Fate::Unauthorized, _) => Err(Failure::Unauthorized),
            (Fate::Rejected, _) => Err(Failure::Rejected { code: "policy".into(), detail: "no".into() }),
            (Fate::BrokenBefore | Fate::BrokenAfter, _) => silence("503"),
            (Fate::GarbageAfter, _) => silence("200 with a page"),
            _ => silence("timeout"),
        }
    }

    /// `Retry-After` is missing, sensible, or in the past.
    fn throttle_until(&self) -> Option<Timestamp> {
        let (kind, s) = self.engine.chance(|rng| (rng.between(0, 2), rng.between(10, 900)));
        let now = self.engine.now();
        match kind {
            0 => None,
            1 => Some(now + SignedDuration::from_secs(s)),
            _ => Some(now - SignedDuration::from_secs(s)),
        }
    }
}

#[async_trait]
impl Publish for FakePlatform {
    fn needs_preparing(&self, call: &PublishCall<'_>) -> bool {
        call.variant.parts.get(call.part).is_some_and(|p| p.text.contains("prepare"))
    }

    async fn prepare(&self, call: &PublishCall<'_>) -> Result<Prepared, Failure> {
        self.engine.point("prepare", 100, 3_000, false).await;
        if self.strikes(self.weather.listing_fails) {
            return Err(Failure::Unavailable);
        }
        let steps = call.progress.and_then(|p| p["steps"].as_u64()).unwrap_or(0);
        let step = self.engine.chance(|rng| if steps >= 3 { 0 } else { rng.between(0, 3) });
        self.engine.point("prepared", 5, 50, false).await;
        let progress = json!({ "steps": steps + 1 });
        match step {
            0 | 1 => Ok(Prepared::Ready(Some(json!({ "ready": true })))),
            2 => Ok(Prepared::More(progress)),
            _ => {
                let until = call.now + SignedDuration::from_secs(self.engine.chance(|rng| rng.between(5, 120)));
                Ok(Prepared::Wait { progress, until })
            }
        }
    }

    async fn publish(&self, call: &PublishCall<'_>) -> Result<Published, Failure> {
        if self.mutant == Mutant::CommentForgotten && call.variant.is_comment(call.part) {
            return Ok(Published { receipt: Receipt { id: None, url: None }, quiet_until: None });
        }
        let mut answer = self.once(call).await;
        if self.mutant == Mutant::PostTwice && matches!(answer, Err(Failure::Unconfirmed { .. })) {
            answer = self.once(call).await;
        }
        match answer {
            Err(Failure::Unconfirmed { .. }) if self.mutant == Mutant::SilenceIsRefusal => Err(Failure::Unavailable),
            Err(Failure::Duplicate { .. }) if self.mutant == Mutant::DuplicateIsRefusal => {
                Err(Failure::Rejected { code: "duplicate".into(), detail: "no".into() })
            }
            other => other,
        }
    }
}

#[async_trait]
impl Find for FakePlatform {
    fn dedupe(&self, _account: &Account) -> DedupeClass {
        self.rules.class
    }

    async fn find(&self, call: &PublishCall<'_>, since: Timestamp) -> Result<Finding, Failure> {
        let is_named = call.progress.is_some_and(|kept| !kept[FORMER].is_null());
        if self.rules.class == DedupeClass::WriteOnly && !is_named {
            return Ok(Finding::Unreadable);
        }
        self.engine.point("find", 50, 500, false).await;
        if self.strikes(self.weather.listing_fails) {
            return Err(Failure::Unavailable);
        }
        self.author_of(call.token)?;
        let text = call.variant.full_text(call.part, false);
        if let Some(told) = self.rules.takes.then(|| self.tells(&text)).flatten() {
            return told;
        }
        let author = &call.account.profile.external_id;
        let lag =
            if self.strikes(500) { self.engine.chance(|rng| rng.between(0, self.weather.list_lag_ms)) } else { 0 };
        let seen_until = self.engine.now_ms() - lag;
        self.words_arrive(self.engine.now_ms());
        let since = since.as_millisecond();
        let found: Vec<Receipt> = {
            let truth = self.truth();
            let alike = |p: &Posted| {
                p.author == *author && p.text == text && !p.unrecognised && !call.elsewhere.contains(&p.id)
            };
            let hit = |p: &&Posted| alike(p) && p.at_ms <= seen_until && p.at_ms >= since;
            truth.posted.iter().filter(hit).map(|p| Receipt { id: Some(p.id.clone()), url: None }).collect()
        };
        self.engine.log("find", |t| *t = format!("{text}: {}", found.len()));
        self.engine.point("found", 50, 2_000, true).await;
        Ok(match found.as_slice() {
            [] => Finding::Absent,
            [only] => Finding::Found(only.clone()),
            several => Finding::Several(several.len()),
        })
    }

    /// As many people as a post ends with, which says so.
    async fn engagement(&self, call: &EngagementCall<'_>, posts: &[&str]) -> Result<BTreeMap<String, u64>, Failure> {
        assert!(posts.len() <= MEASURED_AT_ONCE, "{posts:?}");
        self.author_of(call.token)?;
        let truth = self.truth();
        let asked: Vec<&Posted> = truth.posted.iter().filter(|posted| posts.contains(&posted.id.as_str())).collect();
        if asked.iter().any(|posted| posted.text.contains("unreadable")) {
            return Err(Failure::Unavailable);
        }
        if asked.iter().any(|posted| posted.text.contains("refused")) {
            return Err(Failure::Rejected { code: "forbidden".into(), detail: "not of this post".into() });
        }
        if asked.iter().any(|posted| posted.text.contains("slow")) {
            self.engine.advance_ms(20_000);
        }
        let people = |text: &str| text.rsplit(' ').next().and_then(|word| word.parse().ok());
        Ok(asked.iter().filter_map(|posted| Some((posted.id.clone(), people(&posted.text)?))).collect())
    }
}

#[async_trait]
impl Delete for FakePlatform {
    /// What comes of it the first time stands in the words.
    async fn delete(&self, call: &PublishCall<'_>, receipt: &Receipt) -> Result<(), Failure> {
        let text = call.variant.parts.get(call.part).map_or("", |part| part.text.as_str());
        if text.contains("stays") {
            return Err(Failure::Unsupported { detail: "it cannot be deleted from here".into() });
        }
        let asked_before = {
            let (mut truth, id) = (self.truth(), receipt.id.clone().unwrap_or_default());
            let before = truth.deletions.contains(&id);
            truth.deletions.push(id);
            before
        };
        if text.contains("not now") && !asked_before {
            return Err(Failure::RateLimited { until: None });
        }
        if text.contains("unanswered") && !asked_before {
            std::future::pending::<()>().await;
        }
        if text.contains("slow") {
            self.engine.advance_ms(5_000);
        }
        self.truth().posted.retain(|p| Some(&p.id) != receipt.id.as_ref());
        Ok(())
    }
}

#[async_trait]
impl Amend for FakePlatform {
    /// What comes of it stands in the words themselves, and else in the weather.
    async fn amend(&self, call: &PublishCall<'_>, _: Option<&Variant>, receipt: &Receipt) -> Result<(), Failure> {
        let text = call.variant.full_text(call.part, false);
        self.engine.point("amend", 50, 500, false).await;
        self.author_of(call.token)?;
        let fate = match &text {
            _ if text.contains("refused") => Fate::Rejected,
            _ if text.contains("unheard") => Fate::LostBefore,
            _ if text.contains("unanswered") => Fate::LostAfter,
            _ => self.fate(),
        };
        self.engine.log("amends", |t| *t = format!("{text} {fate:?}"));
        self.words_arrive(self.engine.now_ms());
        let Some(id) = receipt.id.as_ref().filter(|id| self.truth().posted.iter().any(|p| p.id == **id)) else {
            return Err(Failure::Rejected { code: "post_not_found".into(), detail: "there is no such post".into() });
        };
        match fate {
            Fate::NeverArrived => return Err(Failure::Unavailable),
            Fate::Throttled => return Err(Failure::RateLimited { until: self.throttle_until() }),
            Fate::Unauthorized => return Err(Failure::Unauthorized),
            Fate::Rejected => {
                return Err(Failure::Rejected { code: "policy".into(), detail: "not these words".into() });
            }
            Fate::LostBefore | Fate::BrokenBefore => {}
            Fate::Fine | Fate::FineWithoutId | Fate::LostAfter | Fate::BrokenAfter | Fate::GarbageAfter => {
                let now = self.engine.now_ms();
                self.truth().to_come.push((now, id.clone(), text));
                self.words_arrive(now);
            }
            Fate::Late => {
                let at = self.engine.now_ms() + self.engine.chance(|rng| rng.between(0, self.weather.late_commit_ms));
                self.truth().to_come.push((at, id.clone(), text));
            }
        }
        self.engine.point("amended", 50, 1_000, true).await;
        let answered = matches!(fate, Fate::Fine | Fate::FineWithoutId);
        answered.then_some(()).ok_or_else(|| Failure::Unconfirmed { detail: "timeout".into() })
    }
}

impl Wording for FakePlatform {
    fn named(&self, _: &PlatformApp, _: &Account, post: &str) -> Option<Receipt> {
        let id = post.strip_prefix("https://platform.test/").unwrap_or(post);
        let number = (1..=20).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_digit());
        number.then(|| Receipt { id: Some(id.into()), url: Some(format!("https://platform.test/{id}")) })
    }
}

impl Connector for FakePlatform {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }
    fn hosts(&self) -> &'static [&'static str] {
        &[]
    }
}

impl Connect for FakePlatform {
    fn auth(&self) -> Option<&dyn Auth> {
        self.rules.by_consent.then_some(self as &dyn Auth)
    }

    fn keys(&self) -> Option<&dyn Keys> {
        self.rules.by_key.then_some(self as &dyn Keys)
    }
}
