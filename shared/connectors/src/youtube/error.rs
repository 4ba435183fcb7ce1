//! What YouTube's refusals mean.

use super::UPLOADS_24H;
use super::api::{Problem, Told};
use connector_kit::Answer;
use domain::platform::Level;
use domain::publishing::Failure;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

/// Where the day of a quota ends at midnight.
const QUOTA_ZONE: &str = "America/Los_Angeles";
/// Longest wait believed that an answer asks for.
const FURTHEST_S: i64 = 25 * 3_600;

/// What passes with the quota's day.
const SPENT: [&str; 3] = ["quotaExceeded", "dailyLimitExceeded", "uploadLimitExceeded"];
/// What passes sooner.
const THROTTLED: [&str; 2] = ["rateLimitExceeded", "userRateLimitExceeded"];

/// When the quota's day ends: the next midnight in California.
pub(super) fn next_day(now: Timestamp) -> Option<Timestamp> {
    let local = now.to_zoned(TimeZone::get(QUOTA_ZONE).ok()?);
    Some(local.checked_add(1.day()).ok()?.start_of_day().ok()?.timestamp())
}

fn problem(answer: &Answer) -> Option<Told> {
    answer.json::<Problem>().map(|problem| problem.error).filter(|told| told.code == answer.status)
}

/// Whether an answer is a refusal for this reason.
pub(super) fn is_about(answer: &Answer, reason: &str) -> bool {
    problem(answer).is_some_and(|told| told.errors.iter().any(|error| error.reason == reason))
}

/// How the quota of uploads stands, where an answer to the beginning of one says that there is none left.
pub(super) fn levels(answer: &Answer, now: Timestamp) -> Option<Level> {
    let told = problem(answer)?;
    let spent = told.errors.iter().any(|error| matches!(error.reason.as_str(), "quotaExceeded" | "dailyLimitExceeded"));
    let resets_at = next_day(now).filter(|_| spent)?;
    Some(Level { quota: UPLOADS_24H.into(), limit: None, left: 0, resets_at })
}

/// What an answer that is no success means.
pub(super) fn refusal(answer: &Answer, now: Timestamp) -> Failure {
    let wait = answer.number("retry-after").filter(|s| (0..=FURTHEST_S).contains(s));
    let until = wait.map(|s| now + SignedDuration::from_secs(s));
    // A refusal counts only in the platform's own words: a proxy on the way could have sent the rest.
    let told = problem(answer);
    let reason = told.as_ref().and_then(|told| told.errors.first()).map_or("", |error| error.reason.as_str());
    match (answer.status, reason) {
        (401, "youtubeSignupRequired") => {}
        (401, _) => return Failure::Unauthorized,
        (400..500, reason) if SPENT.contains(&reason) => return Failure::RateLimited { until: next_day(now) },
        (429, _) => return Failure::RateLimited { until },
        (403, reason) if THROTTLED.contains(&reason) => return Failure::RateLimited { until },
        _ => {}
    }
    let Some(told) = &told else { return Failure::Unconfirmed { detail: format!("HTTP {}", answer.status) } };
    let words = answer.words(&told.message);
    let detail = if reason.is_empty() { words } else { answer.words(&format!("{reason}: {words}")) };
    // The server behind the API failed: whether before or after, it does not say.
    if !(400..500).contains(&answer.status) || answer.status == 408 || reason == "backendError" {
        return Failure::Unconfirmed { detail: format!("HTTP {}: {detail}", answer.status) };
    }
    let code = match (answer.status, reason) {
        // Who consents may leave out what is asked for.
        (403, "insufficientPermissions") => return Failure::Revoked { detail },
        (_, "youtubeSignupRequired") => "account_invalid",
        (_, "processingFailure") => "media_processing_failed",
        (403, _) => "forbidden",
        (404, _) => "not_found",
        _ => "invalid_request",
    };
    Failure::Rejected { code: code.into(), detail }
}
