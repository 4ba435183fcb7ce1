//! What X's refusals mean.

use super::api::Problem;
use connector_kit::Answer;
use domain::platform::Level;
use domain::publishing::Failure;
use jiff::{SignedDuration, Timestamp};

/// Furthest reset believed: the longest window has 24 hours, and clocks differ.
const FURTHEST: SignedDuration = SignedDuration::from_hours(25);
/// The windows of the rate limit: how many calls remain, and when it starts again (seconds since the epoch).
const WINDOWS: [(&str, &str); 3] = [
    ("x-rate-limit-remaining", "x-rate-limit-reset"),
    ("x-user-limit-24hour-remaining", "x-user-limit-24hour-reset"),
    ("x-app-limit-24hour-remaining", "x-app-limit-24hour-reset"),
];

/// The headers that tell how the quotas of the descriptor stand, on the answer to a post: limit, rest, and when it begins anew.
const LEVELS: [(&str, &str, &str, &str); 2] = [
    (super::POSTS_15MIN, "x-rate-limit-limit", "x-rate-limit-remaining", "x-rate-limit-reset"),
    (super::POSTS_24H, "x-app-limit-24hour-limit", "x-app-limit-24hour-remaining", "x-app-limit-24hour-reset"),
];

/// How the quotas stand, as far as the answer to a post tells.
pub(super) fn levels(answer: &Answer, now: Timestamp) -> Vec<Level> {
    let number = |header: &str| answer.number(header).and_then(|n| u32::try_from(n).ok());
    let level = |(quota, limit, left, reset): &(&str, &str, &str, &str)| {
        let (left, resets_at) = (number(left)?, instant(answer, reset, now)?);
        Some(Level { quota: (*quota).to_owned(), limit: number(limit), left, resets_at })
    };
    LEVELS.iter().filter_map(level).collect()
}

/// Until when nothing more may be sent, if a window is used up.
pub(super) fn quiet_until(answer: &Answer, now: Timestamp) -> Option<Timestamp> {
    let used_up = WINDOWS.iter().filter(|(remaining, _)| answer.number(remaining) == Some(0));
    used_up.filter_map(|(_, reset)| instant(answer, reset, now)).max()
}

fn instant(answer: &Answer, header: &str, now: Timestamp) -> Option<Timestamp> {
    let at = Timestamp::from_second(answer.number(header)?).ok()?;
    (at > now && at <= now + FURTHEST).then_some(at)
}

fn throttled(answer: &Answer, now: Timestamp) -> Failure {
    let waits = |header| answer.number(header).filter(|s| (0..=FURTHEST.as_secs()).contains(s));
    let until = quiet_until(answer, now)
        .or_else(|| instant(answer, "x-rate-limit-reset", now))
        .or_else(|| waits("retry-after").map(|s| now + SignedDuration::from_secs(s)));
    Failure::RateLimited { until }
}

/// The problem a body describes; none when it is not X that speaks.
fn problem(answer: &Answer) -> Option<Problem> {
    let problem: Problem = answer.json()?;
    let said = !problem.title.is_empty() || !problem.detail.is_empty() || !problem.errors.is_empty();
    said.then_some(problem)
}

/// All words of a problem in one line.
fn all_words(answer: &Answer, problem: &Problem) -> String {
    let first = if problem.detail.is_empty() { &problem.title } else { &problem.detail };
    let items = problem.errors.iter().map(|e| if e.message.is_empty() { &e.detail } else { &e.message });
    let list: Vec<&str> = std::iter::once(first).chain(items).map(String::as_str).filter(|w| !w.is_empty()).collect();
    answer.words(&list.join(" "))
}

/// What X says beside an answer, whatever its status; nothing where it says nothing.
pub(super) fn said(answer: &Answer) -> String {
    problem(answer).map(|problem| all_words(answer, &problem)).unwrap_or_default()
}

/// What an answer that is no success means. `part` is the part of the thread that was sent, 0 for anything else.
pub(super) fn refusal(answer: &Answer, part: usize, now: Timestamp) -> Failure {
    match answer.status {
        401 => return Failure::Unauthorized,
        429 => return throttled(answer, now),
        _ => {}
    }
    // A refusal counts only in the platform's own words: a proxy on the way could have sent the rest.
    let Some(problem) = problem(answer) else {
        return Failure::Unconfirmed { detail: format!("HTTP {}", answer.status) };
    };
    let detail = all_words(answer, &problem);
    if !(400..500).contains(&answer.status) || answer.status == 408 {
        return Failure::Unconfirmed { detail: format!("HTTP {}: {detail}", answer.status) };
    }
    let says = |words: &str| detail.to_lowercase().contains(words);
    let capped = problem.kind.ends_with("/usage-capped");
    let no_plan = says("not permitted to access this feature") || problem.kind.ends_with("/client-forbidden");
    if answer.status == 402 || capped || no_plan {
        return Failure::Misconfigured { detail };
    }
    let code = match answer.status {
        403 if says("duplicate content") => return Failure::Duplicate { existing: None },
        403 if says("suspended") || says("account is temporarily locked") => return Failure::Revoked { detail },
        403 if part > 0 => "reply_refused",
        403 => "forbidden",
        404 => "not_found",
        413 => "media_too_large",
        _ => "invalid_request",
    };
    Failure::Rejected { code: code.into(), detail }
}
