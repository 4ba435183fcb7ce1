//! What SendGrid's refusals mean.

use super::api::{Error, Refused};
use connector_kit::Answer;
use connector_kit::http::repeatable;
use domain::publishing::Failure;
use jiff::{SignedDuration, Timestamp};

/// Longest wait believed, in seconds.
const LONGEST_S: i64 = 24 * 60 * 60;

/// The first error that a body names; none when it is not SendGrid that speaks.
pub(super) fn refused(answer: &Answer) -> Option<Error> {
    answer.json::<Refused>()?.errors.into_iter().next()
}

/// When its window begins anew: its header names a second of the clock.
fn reset(answer: &Answer, now: Timestamp) -> Option<Timestamp> {
    let at = answer.number("x-ratelimit-reset").and_then(|second| Timestamp::from_second(second).ok())?;
    (at >= now && at <= now + SignedDuration::from_secs(LONGEST_S)).then_some(at)
}

/// Until when nothing more may be sent, if the window of the sending request is used up.
pub(super) fn quiet_until(answer: &Answer, now: Timestamp) -> Option<Timestamp> {
    answer.number("x-ratelimit-remaining").filter(|left| *left <= 0).and_then(|_| reset(answer, now))
}

fn throttled(answer: &Answer, now: Timestamp) -> Failure {
    Failure::RateLimited { until: reset(answer, now) }
}

/// What an answer to the sending request means that is no success.
pub(super) fn refusal(answer: &Answer, now: Timestamp) -> Failure {
    match answer.status {
        401 => return Failure::Unauthorized,
        429 => return throttled(answer, now),
        _ => {}
    }
    // A refusal counts only in SendGrid's own words: anything on the way could have sent the rest.
    let Some(error) = refused(answer) else {
        return Failure::Unconfirmed { detail: format!("HTTP {}", answer.status) };
    };
    let field = error.field.filter(|field| !field.is_empty()).map(|field| format!("{field}: ")).unwrap_or_default();
    let detail = answer.words(&format!("{field}{}", error.message));
    if !(400..500).contains(&answer.status) || answer.status == 408 {
        return Failure::Unconfirmed { detail: format!("HTTP {}: {detail}", answer.status) };
    }
    let code = match answer.status {
        403 => "forbidden",
        404 => "not_found",
        413 => "content_too_long",
        _ => "invalid_request",
    };
    Failure::Rejected { code: code.into(), detail }
}

/// The same for requests that send nothing.
pub(super) fn not_done(answer: &Answer, now: Timestamp) -> Failure {
    repeatable(refusal(answer, now))
}
