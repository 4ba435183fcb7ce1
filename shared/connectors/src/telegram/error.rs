//! What Telegram's refusals mean.

use super::api::Refused;
use connector_kit::Answer;
use domain::publishing::Failure;
use jiff::{SignedDuration, Timestamp};

/// Longest wait believed, in seconds: clients have seen minutes, in rare cases hours.
const LONGEST_S: i64 = 24 * 3_600;
/// Words about a chat the bot may write nothing to any more, whoever took the right away.
const SHUT_OUT: [&str; 8] = [
    "bot was kicked",
    "bot was blocked",
    "bot is not a member",
    "chat not found",
    "need administrator rights",
    "not enough rights to send text messages",
    "have no rights to send a message",
    "chat was deleted",
];
/// Words about one kind of content, pictures say, that the bot may not send there: another post may still go out.
const NOT_ALLOWED: &str = "not enough rights";

/// What an answer that is no success means. `part` is the part of the thread that was sent, 0 for anything else.
pub(super) fn refusal(answer: &Answer, part: usize, now: Timestamp) -> Failure {
    let refused = answer.json::<Refused>().filter(|refused| !refused.ok);
    match answer.status {
        401 => return Failure::Unauthorized,
        429 => {
            let seconds = refused.and_then(|r| r.parameters.retry_after).filter(|s| (0..=LONGEST_S).contains(s));
            return Failure::RateLimited { until: seconds.map(|s| now + SignedDuration::from_secs(s)) };
        }
        _ => {}
    }
    // A refusal counts only in the platform's own words: a proxy on the way could have sent the rest.
    let Some(refused) = refused.filter(|refused| !refused.description.is_empty()) else {
        return Failure::Unconfirmed { detail: format!("HTTP {}", answer.status) };
    };
    let detail = answer.words(&refused.description);
    if !(400..500).contains(&answer.status) || answer.status == 408 {
        return Failure::Unconfirmed { detail: format!("HTTP {}: {detail}", answer.status) };
    }
    if refused.parameters.migrate_to_chat_id.is_some() {
        let detail = format!("the group has become a supergroup with another id: connect it again ({detail})");
        return Failure::Revoked { detail };
    }
    let said = detail.to_lowercase();
    if matches!(answer.status, 400 | 403) && SHUT_OUT.iter().any(|words| said.contains(words)) {
        return Failure::Revoked { detail };
    }
    let code = match answer.status {
        400 if said.contains("repl") && said.contains("not found") => {
            if part > 0 {
                "reply_refused"
            } else {
                "not_found"
            }
        }
        403 => "forbidden",
        400 if said.contains(NOT_ALLOWED) => "forbidden",
        404 => "not_found",
        413 => "media_too_large",
        _ => "invalid_request",
    };
    Failure::Rejected { code: code.into(), detail }
}
