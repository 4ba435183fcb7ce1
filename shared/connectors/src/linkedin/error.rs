//! What LinkedIn's refusals mean.

use super::api::Problem;
use super::publish::receipt;
use connector_kit::Answer;
use domain::publishing::Failure;
use jiff::{SignedDuration, Timestamp};
use ports::PlatformApp;

const DAY_S: i64 = 86_400;

/// The limits are per UTC day, and no header tells when; a `Retry-After`, should one come, is believed within a day.
fn throttled(answer: &Answer, now: Timestamp) -> Failure {
    let tomorrow = || Timestamp::from_second((now.as_second().div_euclid(DAY_S) + 1) * DAY_S).ok();
    Failure::RateLimited { until: asked(answer, now).or_else(tomorrow) }
}

fn asked(answer: &Answer, now: Timestamp) -> Option<Timestamp> {
    let seconds = answer.number("retry-after").filter(|s| (0..=DAY_S).contains(s));
    seconds.map(|seconds| now + SignedDuration::from_secs(seconds))
}

/// What the answer of a host that media are sent to means when it is no success. It is not the API, whose limits are those of a
/// day.
pub(super) fn of_upload(app: &PlatformApp, answer: &Answer, now: Timestamp) -> Failure {
    match answer.status {
        429 => Failure::RateLimited { until: asked(answer, now) },
        _ => refusal(app, answer, now),
    }
}

/// The existing post that a duplicate refusal names.
fn existing(problem: &Problem) -> Option<String> {
    let texts = problem.error_details.input_errors.iter().map(|error| error.description.as_str());
    let mut places = texts
        .chain([problem.message.as_str()])
        .flat_map(|text| text.match_indices("urn:li:").map(|(at, _)| &text[at..]));
    places.find_map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != ':').unwrap_or(rest.len());
        let urn = rest[..end].trim_end_matches(':');
        super::is_post(urn).then(|| urn.to_owned())
    })
}

/// What an answer that is no success means.
pub(super) fn refusal(app: &PlatformApp, answer: &Answer, now: Timestamp) -> Failure {
    if answer.status == 429 {
        return throttled(answer, now);
    }
    let problem = answer.json::<Problem>().filter(|p| !p.message.is_empty() || !p.code.is_empty());
    // A refusal counts only in the platform's own words; a refused token is the one that needs none.
    let Some(problem) = problem else {
        let detail = format!("HTTP {}", answer.status);
        return if answer.status == 401 { Failure::Unauthorized } else { Failure::Unconfirmed { detail } };
    };
    let detail = answer.words(if problem.message.is_empty() { &problem.code } else { &problem.message });
    if !(400..500).contains(&answer.status) || answer.status == 408 {
        return Failure::Unconfirmed { detail: format!("HTTP {}: {detail}", answer.status) };
    }
    let named = |code: &str| problem.code == code || problem.error_details.input_errors.iter().any(|e| e.code == code);
    if named("DUPLICATE_POST") || problem.message.contains("is a duplicate of") {
        return Failure::Duplicate { existing: existing(&problem).map(|urn| receipt(app, Some(urn))) };
    }
    let code = match answer.status {
        401 if named("REVOKED_ACCESS_TOKEN") => return Failure::Revoked { detail },
        401 => return Failure::Unauthorized,
        426 => return Failure::Misconfigured { detail },
        _ if named("VERSION_MISSING") || named("NONEXISTENT_VERSION") => return Failure::Misconfigured { detail },
        // Nothing was created, and the same request may succeed a little later.
        409 => return Failure::Unavailable,
        _ if named("MEDIA_ASSET_NOT_AVAILABLE") => return Failure::Unavailable,
        _ if named("FIELD_LENGTH_TOO_LONG") => "content_too_long",
        403 => "access_denied",
        404 => "not_found",
        _ => "invalid_request",
    };
    Failure::Rejected { code: code.into(), detail }
}
