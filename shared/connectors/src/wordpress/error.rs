//! What WordPress's refusals mean.

use super::api::Refused;
use connector_kit::Answer;
use connector_kit::http::repeatable;
use domain::publishing::Failure;
use jiff::{SignedDuration, Timestamp};

/// Longest wait believed, in seconds.
const LONGEST_S: i64 = 24 * 60 * 60;
/// The user has not the role any more that was there when the account was connected.
const DEMOTED: [&str; 2] = ["rest_cannot_publish", "rest_cannot_create"];
/// There is no such comment.
pub(super) const UNKNOWN_COMMENT: &str = "rest_comment_invalid_id";
/// There is no such post.
pub(super) const UNKNOWN_POST: &str = "rest_post_invalid_id";

/// The refusal that a body describes; none when it is not WordPress that speaks.
pub(super) fn refused(answer: &Answer) -> Option<Refused> {
    answer.json::<Refused>().filter(|refused| !refused.code.is_empty())
}

fn throttled(answer: &Answer, now: Timestamp) -> Failure {
    let wait = answer.number("retry-after").filter(|wait| (0..=LONGEST_S).contains(wait));
    Failure::RateLimited { until: wait.map(|wait| now + SignedDuration::from_secs(wait)) }
}

/// What an answer to the publishing request means that is no success.
pub(super) fn refusal(answer: &Answer, now: Timestamp) -> Failure {
    match answer.status {
        401 => return Failure::Unauthorized,
        429 => return throttled(answer, now),
        _ => {}
    }
    // A refusal counts only in WordPress's own words: a firewall on the way could have sent the rest.
    let Some(refused) = refused(answer) else {
        return Failure::Unconfirmed { detail: format!("HTTP {}", answer.status) };
    };
    let detail = answer.words(&format!("{} ({})", refused.message, refused.code));
    if !(400..500).contains(&answer.status) || answer.status == 408 {
        return Failure::Unconfirmed { detail: format!("HTTP {}: {detail}", answer.status) };
    }
    let code = match (answer.status, refused.code.as_str()) {
        (403, code) if DEMOTED.contains(&code) => return Failure::Revoked { detail },
        (403, _) => "forbidden",
        (404, _) => "not_found",
        _ => "invalid_request",
    };
    Failure::Rejected { code: code.into(), detail }
}

/// Seconds between two comments of a user who may not moderate them (`wp_throttle_comment_flood`).
const FLOOD_S: i64 = 15;

/// The same of a comment.
pub(super) fn comment_refusal(answer: &Answer, now: Timestamp) -> Failure {
    match refused(answer) {
        // It says this and who said it, and not which one is there: another delivery's, or this one's.
        Some(said) if answer.status == 409 && said.code == "comment_duplicate" => Failure::Duplicate { existing: None },
        Some(said) if matches!(answer.status, 400 | 429) && said.code == "comment_flood" => {
            Failure::RateLimited { until: Some(now + SignedDuration::from_secs(FLOOD_S)) }
        }
        _ => refusal(answer, now),
    }
}

/// The same for requests that publish nothing.
pub(super) fn not_done(answer: &Answer, now: Timestamp) -> Failure {
    let refused = refused(answer);
    if refused.as_ref().is_some_and(|refused| !refused.data["params"]["status"].is_null()) {
        // Only people who are signed in may ask for drafts, and this is how the others are told so.
        return Failure::Unauthorized;
    }
    if matches!(answer.status, 403 | 406) && refused.is_none() {
        let detail = format!("something before WordPress, such as a firewall, refused it: HTTP {}", answer.status);
        return Failure::Rejected { code: "access_denied".into(), detail };
    }
    repeatable(refusal(answer, now))
}
