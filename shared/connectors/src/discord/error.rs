//! What Discord's refusals mean.

use super::api::{Refused, Throttled};
use connector_kit::Answer;
use domain::publishing::Failure;
use jiff::{SignedDuration, Timestamp};

/// Longest wait believed.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);
/// Code of a permission that the bot does not have.
pub(super) const MISSING_PERMISSIONS: i64 = 50_013;
/// Codes about a place the bot may not write to any more: unknown channel, unknown guild, missing access, missing
/// permissions, no reply without reading the history.
const SHUT_OUT: [i64; 5] = [10_003, 10_004, 50_001, MISSING_PERMISSIONS, UNREADABLE];
/// Code of a reply by a bot that may not read what was said.
pub(super) const UNREADABLE: i64 = 160_002;
/// Codes of limits that pass: slow mode, and what may be written into a channel.
const SLOWED: [i64; 2] = [20_016, 20_028];
/// Code of an unknown message.
pub(super) const UNKNOWN_MESSAGE: i64 = 10_008;
/// Code of a request that is too large.
const TOO_LARGE: i64 = 40_005;

fn throttled(answer: &Answer, now: Timestamp) -> Failure {
    let said = answer.json::<Throttled>().map(|body| body.retry_after);
    let seconds = said.or_else(|| answer.header("retry-after")?.trim().parse().ok());
    let wait = seconds.filter(|s| s.is_finite() && *s >= 0.0).and_then(|s| SignedDuration::try_from_secs_f64(s).ok());
    Failure::RateLimited { until: wait.filter(|wait| *wait <= LONGEST).map(|wait| now + wait) }
}

/// The refusal that a body describes; none when it is not Discord that speaks.
pub(super) fn refused(answer: &Answer) -> Option<Refused> {
    answer.json::<Refused>().filter(|refused| !refused.message.is_empty())
}

/// What an answer that is no success means. `part` is the part of the thread that was sent, 0 for anything else.
pub(super) fn refusal(answer: &Answer, part: usize, now: Timestamp) -> Failure {
    match answer.status {
        401 => return Failure::Unauthorized,
        429 => return throttled(answer, now),
        _ => {}
    }
    // A refusal counts only in the platform's own words: a proxy on the way could have sent the rest.
    let Some(refused) = refused(answer) else {
        return Failure::Unconfirmed { detail: format!("HTTP {}", answer.status) };
    };
    let more = if refused.errors.is_null() { String::new() } else { format!(" {}", refused.errors) };
    let names = |error: &str| more.contains(error);
    let detail = answer.words(&format!("{} ({}){more}", refused.message, refused.code));
    if !(400..500).contains(&answer.status) || answer.status == 408 {
        return Failure::Unconfirmed { detail: format!("HTTP {}: {detail}", answer.status) };
    }
    let code = match (answer.status, refused.code) {
        (_, code) if SHUT_OUT.contains(&code) => return Failure::Revoked { detail },
        (_, code) if SLOWED.contains(&code) => return throttled(answer, now),
        (_, TOO_LARGE) | (413, _) => "media_too_large",
        (400, _) if names("MESSAGE_REFERENCE_UNKNOWN_MESSAGE") => {
            if part > 0 {
                "reply_refused"
            } else {
                "not_found"
            }
        }
        (400, _) if names("BASE_TYPE_MAX_LENGTH") && !refused.errors["content"].is_null() => "content_too_long",
        (403, _) => "forbidden",
        (404, _) => "not_found",
        _ => "invalid_request",
    };
    Failure::Rejected { code: code.into(), detail }
}
