//! What the Cloud API's refusals mean. They are told by a code (`developers.facebook.com`, "WhatsApp Business Platform, Error
//! codes"), in the answer or, of a message that was taken, in words later on.

use super::super::error::{Problem, is_ended};
use super::super::usage;
use connector_kit::{Answer, words};
use domain::publishing::Failure;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

/// Minutes to wait when calls are too many and nothing says how long.
const THROTTLED_MIN: i64 = 10;
/// Seconds to wait after too many messages of a number in a second; ours.
const BUSY_S: i64 = 60;
/// Seconds between two messages to the same recipient.
const PAIR_S: i64 = 6;

/// Limits of calls: of the application, of the business account.
const THROTTLES: [i64; 2] = [4, 80_007];
/// Too many messages of a number.
const BUSY: i64 = 130_429;
/// Too many to the same recipient.
const PAIR: i64 = 131_056;
/// Not done, and to be tried later: no service, under maintenance.
const LATER: [i64; 3] = [131_016, 131_057, 133_004];
/// Nobody knows what came of it.
const TRANSIENT: [i64; 4] = [1, 2, -1, 131_000];
/// The token is none, or not any more.
const TOKENS: [i64; 2] = [0, 190];
/// What only the business can put right with Meta: locked, nothing to pay with, not registered.
const BUSINESS: [i64; 4] = [131_031, 131_042, 131_045, 133_010];
/// The recipient did not write within 24 hours.
const WINDOW: i64 = 131_047;

/// How to mend it that the window is over.
const ANSWERS: &str = "the recipient has not written within 24 hours: send a template that WhatsApp has approved, or wait until they write";

/// More than the message says, where there is more.
#[derive(Deserialize)]
struct Body {
    error: Details,
}

#[derive(Deserialize)]
struct Details {
    error_data: Option<Data>,
}

#[derive(Deserialize)]
struct Data {
    details: Option<String>,
}

/// What of a message is refused for good, by its code.
fn lasting(number: i64) -> Option<&'static str> {
    let code = match number {
        WINDOW => "outside_window",
        131_026 | 131_030 => "recipient_unreachable",
        131_049 => "recipient_limit",
        131_050 => "recipient_opted_out",
        368 | 131_048 | 132_007 => "blocked_by_policy",
        131_051..=131_053 => "media_refused",
        132_000 | 132_012 => "template_parameters",
        132_001 => "template_missing",
        132_005 => "content_too_long",
        132_015 | 132_016 => "template_not_approved",
        803 => "not_found",
        _ => return None,
    };
    Some(code)
}

fn told(number: i64, code: &'static str, said: &str) -> (String, String) {
    let detail = if number == WINDOW { ANSWERS.to_owned() } else { said.to_owned() };
    (code.to_owned(), detail)
}

/// What an answer that is no success means.
pub(super) fn refusal(answer: &Answer, now: Timestamp) -> Failure {
    let later =
        |wait: SignedDuration| Failure::RateLimited { until: Some(usage::regained(answer, now).unwrap_or(now + wait)) };
    // A refusal counts only in the platform's own words: a proxy on the way could have sent the rest.
    let Some(problem) = Problem::of(answer) else {
        return match answer.status {
            401 => Failure::Unauthorized,
            429 => later(SignedDuration::from_mins(THROTTLED_MIN)),
            status => Failure::Unconfirmed { detail: format!("HTTP {status}") },
        };
    };
    let details = answer.json::<Body>().and_then(|body| body.error.error_data?.details);
    let said = answer.words(details.as_deref().unwrap_or(&problem.message));
    let unknown = || Failure::Unconfirmed { detail: format!("HTTP {}: {said}", answer.status) };
    if !(400..500).contains(&answer.status) || answer.status == 408 {
        return unknown();
    }
    let number = problem.code;
    if let Some(code) = lasting(number) {
        let (code, detail) = told(number, code, &said);
        return Failure::Rejected { code, detail };
    }
    match number {
        PAIR => Failure::RateLimited { until: Some(now + SignedDuration::from_secs(PAIR_S)) },
        BUSY => later(SignedDuration::from_secs(BUSY_S)),
        n if THROTTLES.contains(&n) || answer.status == 429 => later(SignedDuration::from_mins(THROTTLED_MIN)),
        n if LATER.contains(&n) => Failure::Unavailable,
        n if TRANSIENT.contains(&n) => unknown(),
        _ if is_ended(&problem) => Failure::Revoked { detail: said },
        n if TOKENS.contains(&n) => Failure::Unauthorized,
        3 | 10 | 200..=299 => Failure::Revoked { detail: said },
        n if BUSINESS.contains(&n) => Failure::Misconfigured {
            detail: format!("the business must settle this with Meta (error {number}): {said}"),
        },
        _ => Failure::Rejected { code: "invalid_request".into(), detail: said },
    }
}

/// What it means that a message was taken and then failed, by what is told of it: a code of ours, and what to do. Only words are told,
/// and perhaps the number in them.
pub(super) fn ended(said: Option<&str>, free: bool) -> (String, String) {
    let said = words(said.unwrap_or_default());
    let numbers = said.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse::<i64>().ok());
    let of_words = said.to_lowercase().contains("24 hours have passed").then_some(WINDOW);
    let number = numbers.filter(|number| *number > 130_000).find(|number| lasting(*number).is_some()).or(of_words);
    let why = if said.is_empty() { "and does not say why".to_owned() } else { format!("and says: {said}") };
    let code = match number.and_then(lasting) {
        None => "not_delivered",
        Some(code) => code,
    };
    let hint = ". A free message is delivered only within 24 hours after the recipient last wrote";
    let hint = if number.is_none() && free { hint } else { "" };
    told(number.unwrap_or_default(), code, &format!("WhatsApp did not deliver it, {why}{hint}"))
}
