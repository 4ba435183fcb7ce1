//! What a server's refusals mean.

use super::api::Problem;
use connector_kit::Answer;
use domain::platform::Level;
use domain::publishing::Failure;
use jiff::{SignedDuration, Timestamp};

/// Furthest reset believed: the longest window known has 24 hours, and clocks differ.
const FURTHEST: SignedDuration = SignedDuration::from_hours(25);
/// What a 403 says that only connecting again, or the server's moderators, can mend; in English, as servers are set up.
const OVER: [&str; 5] = [
    "suspended",
    "login is currently disabled",
    "login is missing a confirmed",
    "login is currently pending",
    "outside the authorized scopes",
];

/// How the account's quota stands, as far as the answer tells: that of the window that is nearest to its end.
pub(super) fn level(answer: &Answer, now: Timestamp) -> Option<Level> {
    let number = |header: &str| answer.number(header).and_then(|n| u32::try_from(n).ok());
    let (left, resets_at) = (number("x-ratelimit-remaining")?, reset(answer, now)?);
    Some(Level { quota: super::CALLS_5MIN.into(), limit: number("x-ratelimit-limit"), left, resets_at })
}

/// Until when nothing more may be sent, if the window that is nearest to its end is used up.
pub(super) fn quiet_until(answer: &Answer, now: Timestamp) -> Option<Timestamp> {
    answer.number("x-ratelimit-remaining").filter(|left| *left <= 0).and_then(|_| reset(answer, now))
}

/// When the window starts again: an instant as ISO 8601 has it.
fn reset(answer: &Answer, now: Timestamp) -> Option<Timestamp> {
    let at: Timestamp = answer.header("x-ratelimit-reset")?.trim().parse().ok()?;
    (at > now && at <= now + FURTHEST).then_some(at)
}

fn throttled(answer: &Answer, now: Timestamp) -> Failure {
    let asked = answer.number("retry-after").filter(|s| (0..=FURTHEST.as_secs()).contains(s));
    Failure::RateLimited { until: reset(answer, now).or_else(|| asked.map(|s| now + SignedDuration::from_secs(s))) }
}

/// The server's words, if it is Mastodon that speaks.
pub(super) fn said(answer: &Answer) -> Option<String> {
    answer.json::<Problem>().map(|problem| answer.words(&problem.error)).filter(|words| !words.is_empty())
}

/// What an answer that is no success means. `part` is the part of the thread that was sent, 0 for anything else.
pub(super) fn refusal(answer: &Answer, part: usize, now: Timestamp) -> Failure {
    match answer.status {
        401 => return Failure::Unauthorized,
        429 => return throttled(answer, now),
        _ => {}
    }
    // A refusal counts only in the platform's own shape: a proxy on the way could have sent the rest.
    let Some(detail) = said(answer) else {
        return Failure::Unconfirmed { detail: format!("HTTP {}", answer.status) };
    };
    if !(400..500).contains(&answer.status) || answer.status == 408 {
        return Failure::Unconfirmed { detail: format!("HTTP {}: {detail}", answer.status) };
    }
    let low = detail.to_lowercase();
    let code = match answer.status {
        // Gone is how servers told of a suspension once.
        410 => return Failure::Revoked { detail },
        403 if OVER.iter().any(|words| low.contains(words)) => return Failure::Revoked { detail },
        // Nothing was published, and the same request may succeed a little later.
        422 if low.contains("not finished processing") => return Failure::Unavailable,
        403 | 404 if part > 0 => "reply_refused",
        403 => "forbidden",
        404 => "not_found",
        413 => "media_too_large",
        _ => "invalid_request",
    };
    Failure::Rejected { code: code.into(), detail }
}
