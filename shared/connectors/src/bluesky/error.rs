//! What a server's refusals mean.

use super::api::Refused;
use connector_kit::Answer;
use domain::publishing::Failure;
use jiff::{SignedDuration, Timestamp};

/// Longest wait believed.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);
/// Refusals of the token: servers send them with 400 as well as with 401.
const BAD_TOKEN: [&str; 4] = ["ExpiredToken", "InvalidToken", "AuthMissing", "AuthenticationRequired"];
/// Refusals of the account: it was taken down, suspended or switched off.
const SHUT_OUT: [&str; 5] =
    ["AccountTakedown", "AccountDeactivated", "RepoTakendown", "RepoSuspended", "RepoDeactivated"];

/// The refusal that a body describes; none when no server of the protocol speaks.
pub(super) fn refused(answer: &Answer) -> Option<Refused> {
    answer.json::<Refused>().filter(|refused| !refused.error.is_empty())
}

/// Whether an answer says that the token is of no use any more.
pub(super) fn is_bad_token(answer: &Answer) -> bool {
    matches!(answer.status, 400 | 401)
        && refused(answer).is_some_and(|refused| {
            BAD_TOKEN.contains(&refused.error.as_str()) || SHUT_OUT.contains(&refused.error.as_str())
        })
}

/// Until when the answer's headers want no more requests, if they do: `RateLimit-Remaining` and `RateLimit-Reset`, which
/// is an instant in seconds.
pub(super) fn quiet_until(answer: &Answer, now: Timestamp) -> Option<Timestamp> {
    let spent = answer.status == 429 || answer.number("ratelimit-remaining") == Some(0);
    let reset = answer.number("ratelimit-reset").filter(|_| spent);
    let wait = answer.number("retry-after").filter(|_| answer.status == 429);
    let at = reset.and_then(|at| Timestamp::from_second(at).ok());
    let at = at.or_else(|| Some(now + SignedDuration::from_secs(wait.filter(|s| (0..=86_400).contains(s))?)));
    at.filter(|at| *at <= now + LONGEST)
}

/// What an answer that is no success means.
pub(super) fn refusal(answer: &Answer, now: Timestamp) -> Failure {
    match answer.status {
        401 => return Failure::Unauthorized,
        429 => return Failure::RateLimited { until: quiet_until(answer, now) },
        _ => {}
    }
    // A refusal counts only in the protocol's own form: a proxy on the way could have sent the rest.
    let Some(refused) = refused(answer) else {
        return Failure::Unconfirmed { detail: format!("HTTP {}", answer.status) };
    };
    let detail = answer.words(&format!("{}: {}", refused.error, refused.message));
    if !(400..500).contains(&answer.status) || answer.status == 408 {
        // One of them is what a server says to a key that is taken already.
        return Failure::Unconfirmed { detail: format!("HTTP {}: {detail}", answer.status) };
    }
    let says = |words: &str| refused.message.contains(words);
    let code = match (answer.status, refused.error.as_str()) {
        (_, error) if BAD_TOKEN.contains(&error) => return Failure::Unauthorized,
        (_, error) if SHUT_OUT.contains(&error) => return Failure::Revoked { detail },
        (413, _) => "media_too_large",
        (_, "BlobNotFound") => "media_not_found",
        _ if says("blob too big") => "media_too_large",
        _ if says("too big") && says("record.text") => "content_too_long",
        (403, _) => "forbidden",
        (404, _) => "not_found",
        _ => "invalid_request",
    };
    Failure::Rejected { code: code.into(), detail }
}
