//! What Slack's refusals mean. They come as a 200 whose body says `ok: false` and names an error.

use super::api::Refused;
use connector_kit::Answer;
use domain::publishing::Failure;
use jiff::{SignedDuration, Timestamp};

/// Longest wait believed, in seconds.
const DAY_S: i64 = 86_400;
/// The token is no good; another one may be.
const NO_TOKEN: [&str; 3] = ["invalid_auth", "not_authed", "token_expired"];
/// The access is gone, or does not reach as far as is asked: only a person who consents again can mend it.
const ACCESS_GONE: [&str; 3] = ["account_inactive", "missing_scope", "token_revoked"];
/// The channel is gone, or the app may not write there (any more): no post is to blame.
pub(super) const SHUT_OUT: [&str; 8] = [
    "channel_is_limited_access",
    "channel_not_found",
    "is_archived",
    "no_permission",
    "not_in_channel",
    "restricted_action",
    "restricted_action_read_only_channel",
    "restricted_action_thread_only_channel",
];
/// Not now: nothing was done.
const LATER: [&str; 2] = ["org_login_required", "team_added_to_org"];
/// Too many messages.
const SLOWED: [&str; 3] = ["message_limit_exceeded", "rate_limited", "ratelimited"];
/// Slack gave up in the middle of it: what was asked for may have been done.
const GAVE_UP: [&str; 5] =
    ["fatal_error", "file_update_failed", "internal_error", "request_timeout", "service_unavailable"];
/// The operator's network or registration is not allowed.
const REGISTRATION: [&str; 2] = ["accesslimited", "app_access_restricted"];
/// The message that a reply was for takes none.
const NO_REPLY: [&str; 3] =
    ["cannot_reply_to_message", "restricted_action_non_threadable_channel", "restricted_action_thread_locked"];
/// Files that this workspace does not take.
const NO_FILES: [&str; 5] = [
    "file_type_not_allowed",
    "file_upload_size_restricted",
    "file_uploads_disabled",
    "file_uploads_except_images_disabled",
    "storage_limit_reached",
];
/// What was longer than Slack takes.
const TOO_LONG: [&str; 2] = ["msg_blocks_too_long", "msg_too_long"];
/// What a refused block says about its file while Slack still looks at that.
const NO_FILE: [&str; 2] = ["slack_file", "slack file"];

fn throttled(answer: &Answer, now: Timestamp) -> Failure {
    let asked = answer.number("retry-after").filter(|s| (0..=DAY_S).contains(s));
    Failure::RateLimited { until: asked.map(|seconds| now + SignedDuration::from_secs(seconds)) }
}

/// The refusal that a body describes; none when it is not Slack that speaks.
pub(super) fn refused(answer: &Answer) -> Option<Refused> {
    answer.json::<Refused>().filter(|refused| !refused.ok && !refused.error.is_empty())
}

/// What an answer that is no success means.
pub(super) fn refusal(answer: &Answer, now: Timestamp) -> Failure {
    match answer.status {
        401 => return Failure::Unauthorized,
        429 => return throttled(answer, now),
        _ => {}
    }
    // A refusal counts only in the platform's own words: a proxy on the way could have sent the rest.
    let Some(refused) = refused(answer) else {
        return Failure::Unconfirmed { detail: format!("HTTP {}", answer.status) };
    };
    let more = refused.response_metadata.messages.join(" ");
    let detail = answer.words(&format!("{} {} {more}", refused.error, refused.needed));
    let understood = matches!(answer.status, 200..=299 | 400..=499) && answer.status != 408;
    let is = |list: &[&str]| list.contains(&refused.error.as_str());
    if !understood || is(&GAVE_UP) {
        return Failure::Unconfirmed { detail: format!("HTTP {}: {detail}", answer.status) };
    }
    let code = match refused.error.as_str() {
        _ if is(&NO_TOKEN) => return Failure::Unauthorized,
        _ if is(&ACCESS_GONE) || is(&SHUT_OUT) => return Failure::Revoked { detail },
        _ if is(&SLOWED) => return throttled(answer, now),
        _ if is(&LATER) => return Failure::Unavailable,
        _ if is(&REGISTRATION) => return Failure::Misconfigured { detail },
        "invalid_blocks" if NO_FILE.iter().any(|words| more.contains(words)) => return Failure::Unavailable,
        _ if is(&NO_REPLY) => "reply_refused",
        _ if is(&TOO_LONG) => "content_too_long",
        _ if is(&NO_FILES) => "media_refused",
        "access_denied" | "ekm_access_denied" => "access_denied",
        _ => "invalid_request",
    };
    Failure::Rejected { code: code.into(), detail }
}
