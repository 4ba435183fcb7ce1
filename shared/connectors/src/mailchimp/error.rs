//! What Mailchimp's refusals mean.

use super::api::Refused;
use connector_kit::Answer;
use domain::publishing::Failure;
use jiff::{SignedDuration, Timestamp};

/// Longest wait believed, in seconds.
const LONGEST_S: i64 = 24 * 60 * 60;
/// The customer may not send, whatever it is.
const COMPLIANCE: &str = "Compliance Related";

/// The refusal that a body describes; none when it is not Mailchimp that speaks.
pub(super) fn refused(answer: &Answer) -> Option<Refused> {
    answer.json::<Refused>().filter(|refused| !refused.title.is_empty())
}

/// What an answer to the sending request means that is no success.
pub(super) fn refusal(answer: &Answer, now: Timestamp) -> Failure {
    match answer.status {
        401 => return Failure::Unauthorized,
        429 => {
            let wait = answer.number("retry-after").filter(|wait| (0..=LONGEST_S).contains(wait));
            return Failure::RateLimited { until: wait.map(|wait| now + SignedDuration::from_secs(wait)) };
        }
        _ => {}
    }
    // A refusal counts only in Mailchimp's own words: its own guard at the door answers 403 without them.
    let Some(refused) = refused(answer) else {
        return Failure::Unconfirmed { detail: format!("HTTP {}", answer.status) };
    };
    let detail = answer.words(&format!("{}: {}", refused.title, refused.detail));
    if !(400..500).contains(&answer.status) || answer.status == 408 {
        return Failure::Unconfirmed { detail: format!("HTTP {}: {detail}", answer.status) };
    }
    let code = match answer.status {
        403 if refused.title == COMPLIANCE => return Failure::Revoked { detail },
        403 => "forbidden",
        404 => "not_found",
        _ => "invalid_request",
    };
    Failure::Rejected { code: code.into(), detail }
}

/// The same for requests that send nothing.
pub(super) fn not_done(answer: &Answer, now: Timestamp) -> Failure {
    if answer.status == 403 && refused(answer).is_none() {
        // At high volume this is how Mailchimp asks to slow down.
        return Failure::RateLimited { until: None };
    }
    connector_kit::http::repeatable(refusal(answer, now))
}
