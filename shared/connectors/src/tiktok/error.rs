//! What TikTok's refusals mean.

use super::api::Refusal;
use connector_kit::{Answer, words};
use domain::publishing::Failure;
use jiff::{SignedDuration, Timestamp};

/// Minutes until the next look after a limit that counts posts or people of a day: there may be room again at any time.
const FULL_MIN: i64 = 60;
/// Longest wait believed that an answer asks for, in seconds.
const FURTHEST_S: i64 = 25 * 3_600;

/// Limits of a day.
const FULL: [&str; 3] = ["spam_risk_too_many_posts", "spam_risk_too_many_pending_share", "reached_active_user_cap"];

/// What an answer that is no success means.
pub(super) fn refusal(answer: &Answer, now: Timestamp) -> Failure {
    let wait = answer.number("retry-after").filter(|s| (0..=FURTHEST_S).contains(s));
    let until = wait.map(|s| now + SignedDuration::from_secs(s));
    // A refusal counts only in the platform's own words: a proxy on the way could have sent the rest.
    let told = answer.json::<Refusal>().map(|told| told.error).filter(|told| !told.is_ok());
    let Some(told) = told else {
        return match answer.status {
            401 => Failure::Unauthorized,
            429 => Failure::RateLimited { until },
            status => Failure::Unconfirmed { detail: format!("HTTP {status}") },
        };
    };
    let detail = answer.words(&format!("{}: {}", told.code, told.message));
    // The server behind the API failed: whether before or after, it does not say.
    if answer.status >= 500 || matches!(answer.status, 300..400 | 408) || told.code == "internal_error" {
        return Failure::Unconfirmed { detail: format!("HTTP {}: {detail}", answer.status) };
    }
    let code = match (answer.status, told.code.as_str()) {
        (_, "access_token_invalid") => return Failure::Unauthorized,
        // Who consents may leave out what is asked for.
        (_, "scope_not_authorized" | "scope_permission_missed") => return Failure::Revoked { detail },
        (_, code) if FULL.contains(&code) => {
            return Failure::RateLimited { until: Some(now + SignedDuration::from_mins(FULL_MIN)) };
        }
        (_, "rate_limit_exceeded") | (429, _) => return Failure::RateLimited { until },
        (_, "unaudited_client_can_only_post_to_private_accounts") => {
            let detail = "TikTok has not audited this application: until it has, it may publish only privately, for accounts that are \
                          private themselves";
            return Failure::Misconfigured { detail: detail.into() };
        }
        (_, "url_ownership_unverified") => {
            let detail = "TikTok does not take the address of the pictures for verified: have the operator verify VerifiedMediaUrl in the \
                          application's URL properties at TikTok, for the same application";
            return Failure::Misconfigured { detail: detail.into() };
        }
        (_, "privacy_level_option_mismatch") => "unsupported",
        (_, "invalid_file_upload") => "media_refused",
        (_, "spam_risk_user_banned_from_posting") | (403, _) => "forbidden",
        (401, _) => return Failure::Unauthorized,
        (404, _) => "not_found",
        _ => "invalid_request",
    };
    Failure::Rejected { code: code.into(), detail }
}

/// The refusal of a draft for the inbox. That the account was connected without what it needs is no reason to take it from posts.
pub(super) fn of_inbox(failure: Failure) -> Failure {
    match failure {
        Failure::Revoked { .. } => {
            let detail = "the account was connected without the scope video.upload, which drafts need: have the operator set \
                          `drafts` of TikTok's application to true, and connect the account again; or publish it directly";
            Failure::Rejected { code: "access_denied".into(), detail: detail.into() }
        }
        failure => failure,
    }
}

/// What an answer to bytes that is not 201 means. The address is its own key: that it is refused without TikTok's words says nothing
/// of the account, and nothing of what it has.
pub(super) fn of_bytes(answer: &Answer, now: Timestamp) -> Failure {
    let told = answer.json::<Refusal>().is_some_and(|told| !told.error.is_ok());
    if told { refusal(answer, now) } else { Failure::Unconfirmed { detail: format!("HTTP {}", answer.status) } }
}

/// What a reason for which TikTok did not publish what it had taken means: a code of ours, and its words.
pub(super) fn ended(reason: Option<&str>) -> (String, String) {
    let reason = words(reason.unwrap_or("without a reason"));
    if reason == "photo_pull_failed" {
        let detail = format!(
            "TikTok could not fetch a picture ({reason}): where that happens to every picture, VerifiedMediaUrl does not answer with \
             them, so tell whoever operates Herald"
        );
        return ("media_unreachable".into(), detail);
    }
    let code = match reason.as_str() {
        "internal" => "platform_failed",
        // The consent that it was sent under was taken back meanwhile.
        "auth_removed" => "forbidden",
        risk if risk.starts_with("spam_risk") => "forbidden",
        _ => "media_refused",
    };
    (code.into(), format!("TikTok did not publish it: {reason}"))
}
