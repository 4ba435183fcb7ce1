//! What Medium's refusals mean.

use super::api::{Error, Refused};
use connector_kit::Answer;
use domain::publishing::Failure;
use jiff::{SignedDuration, Timestamp};

/// Longest wait believed, in seconds.
const LONGEST_S: i64 = 24 * 60 * 60;
/// Medium knows the user, or the application that it takes a token for, no more.
pub(super) const FORGOTTEN: [i64; 2] = [6_004, 6_005];

/// The first error that a body names; none when it is not Medium that speaks.
pub(super) fn refused(answer: &Answer) -> Option<Error> {
    answer.json::<Refused>()?.errors.into_iter().next()
}

/// What an answer to the publishing request means that is no success.
pub(super) fn refusal(answer: &Answer, now: Timestamp) -> Failure {
    match answer.status {
        401 => return Failure::Unauthorized,
        429 => {
            let wait = answer.number("retry-after").filter(|wait| (0..=LONGEST_S).contains(wait));
            return Failure::RateLimited { until: wait.map(|wait| now + SignedDuration::from_secs(wait)) };
        }
        _ => {}
    }
    // A refusal counts only in Medium's own words: anything on the way could have sent the rest.
    let Some(error) = refused(answer) else {
        return Failure::Unconfirmed { detail: format!("HTTP {}", answer.status) };
    };
    let detail = answer.words(&format!("{} ({})", error.message, error.code));
    if !(400..500).contains(&answer.status) || answer.status == 408 {
        return Failure::Unconfirmed { detail: format!("HTTP {}: {detail}", answer.status) };
    }
    if FORGOTTEN.contains(&error.code) {
        return Failure::Revoked { detail };
    }
    let code = match answer.status {
        403 => "forbidden",
        404 => "not_found",
        _ => "invalid_request",
    };
    Failure::Rejected { code: code.into(), detail }
}
