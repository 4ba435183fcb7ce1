//! What the Graph API's refusals mean. A refusal is told by two numbers, of which either may say what it is about.

use super::usage;
use connector_kit::Answer;
use domain::publishing::Failure;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

/// Minutes to wait when a throttle does not say how many: the windows are of an hour and more.
const THROTTLED_MIN: i64 = 10;
/// Minutes until the next look after a limit that counts posts of a day, or "too fast": there may be room again at any time.
const FULL_MIN: i64 = 60;

/// Limits of calls: of the application, the user, the page, the action, the business use case.
const THROTTLES: [i64; 7] = [4, 17, 32, 341, 613, 80_001, 80_002];
/// The posts of a day are used up; posting too fast.
const FULL: [i64; 2] = [2_207_042, 1_390_008];
/// Nobody knows what came of it.
const TRANSIENT: [i64; 4] = [1, 2, -1, -2];
/// The token is none, or not any more.
const TOKENS: [i64; 2] = [190, 102];
/// Why a token is none any more, where a fresh one would not help: the application was removed, the person must confirm
/// something, the password was changed, the person is not confirmed; and the page must be authorised to publish.
const ENDED: [i64; 5] = [458, 459, 460, 464, 1_404_078];
/// The container or the medium in it is not ready: nothing was published, and another try may succeed.
const NOT_READY: i64 = 2_207_027;
/// The container has expired or is not there: nothing was published, and it must be made anew.
const EXPIRED: [i64; 3] = [2_207_008, 2_207_020, 2_207_006];
/// Fetching or taking in a medium failed, and may succeed another time.
const MEDIA_TRANSIENT: [i64; 3] = [2_207_003, 2_207_053, 2_207_082];
/// A suspicion of spam, or an error of the server: which of the two nobody says, so it proves nothing.
const AMBIGUOUS: i64 = 2_207_001;
/// A picture or video that is not taken as it is: format, coding, number, a setting of it.
const MEDIA_REFUSED: [i64; 9] =
    [2_207_005, 2_207_023, 2_207_026, 2_207_028, 2_207_057, 2_207_077, 2_207_081, 1_349_125, 2_069_019];
/// A photo that is posted already: the request that had it was taken.
const PHOTOS_POSTED: i64 = 1_366_051;

/// The body of a refusal.
#[derive(Deserialize)]
struct Body {
    error: Problem,
}

#[derive(Deserialize)]
pub(super) struct Problem {
    #[serde(default)]
    pub(super) message: String,
    pub(super) code: i64,
    #[serde(default)]
    error_subcode: i64,
    error_user_msg: Option<String>,
    #[serde(default)]
    is_transient: bool,
}

impl Problem {
    pub(super) fn of(answer: &Answer) -> Option<Self> {
        answer.json::<Body>().map(|body| body.error)
    }

    pub(super) fn is(&self, codes: &[i64]) -> bool {
        codes.contains(&self.code) || codes.contains(&self.error_subcode)
    }

    /// Whether there is nothing under this id, or nothing that this token may see.
    pub(super) fn is_missing(&self) -> bool {
        self.code == 100 && self.error_subcode == 33 || self.code == 803
    }

    /// Whether the application or the person may not do this.
    pub(super) fn forbids(&self) -> bool {
        self.code == 10 || (200..300).contains(&self.code)
    }

    /// The same as [`Problem::is_missing`], of an account that was there when it was connected.
    pub(super) fn is_missing_account(&self) -> bool {
        self.code == 100 && self.error_subcode == 33
    }

    /// Whether nobody knows, and asking again may help.
    pub(super) fn is_transient(&self) -> bool {
        self.is_transient || TRANSIENT.contains(&self.code) || self.is(&THROTTLES)
    }
}

/// Whether the token is none any more, and no fresh one would help.
pub(super) fn is_ended(problem: &Problem) -> bool {
    problem.is(&ENDED)
}

/// The number that the status of a failed container names.
fn number_in(status: &str) -> Option<i64> {
    let numbers = status.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse::<i64>().ok());
    numbers.into_iter().find(|number| *number >= 36_003)
}

/// Whether the status of a failed container says that it has expired.
pub(super) fn is_expired(status: &str) -> bool {
    number_in(status).is_some_and(|number| EXPIRED.contains(&number))
}

/// Whether a new container may succeed where this number ended one.
fn is_passing(number: i64) -> bool {
    MEDIA_TRANSIENT.contains(&number) || EXPIRED.contains(&number) || [NOT_READY, AMBIGUOUS].contains(&number)
}

/// What the number of a failed container means, told in words that nobody else wrote: the platform's may repeat an address.
pub(super) fn of_container(status: &str) -> Failure {
    let Some(number) = number_in(status) else {
        let detail = "the platform could not process the medium".to_owned();
        return Failure::Rejected { code: "media_processing_failed".into(), detail };
    };
    if is_passing(number) {
        return Failure::Unavailable;
    }
    let code = lasting(number).unwrap_or("media_processing_failed");
    Failure::Rejected {
        code: code.into(),
        detail: format!("the platform could not process the medium (error {number})"),
    }
}

/// A reason that stays, by the number that tells it.
fn lasting(number: i64) -> Option<&'static str> {
    let code = match number {
        2_207_010 => "content_too_long",
        2_207_004 | 1_366_046 => "media_too_large",
        2_207_009 | 36_003 => "media_shape",
        n if MEDIA_REFUSED.contains(&n) => "media_refused",
        2_207_052 => "media_unreachable",
        1_609_005 | 1_609_008 => "link_refused",
        368 | 2_207_050 | 2_207_051 | 1_346_003 | 1_404_102 => "blocked_by_policy",
        4_854_002 => "access_denied",
        803 => "not_found",
        _ => return None,
    };
    Some(code)
}

fn after(now: Timestamp, minutes: i64) -> Timestamp {
    now + SignedDuration::from_mins(minutes)
}

/// What an answer that is no success means.
pub(super) fn refusal(answer: &Answer, now: Timestamp) -> Failure {
    let throttled = || Failure::RateLimited {
        until: Some(usage::regained(answer, now).unwrap_or_else(|| after(now, THROTTLED_MIN))),
    };
    let problem = Problem::of(answer);
    let lasts = problem.as_ref().is_some_and(|problem| lasting(problem.error_subcode).is_some());
    if answer.status == 429 && !lasts {
        return throttled();
    }
    // A refusal counts only in the platform's own words; a refused token is the one that needs none.
    let Some(problem) = problem else {
        let detail = format!("HTTP {}", answer.status);
        return if answer.status == 401 { Failure::Unauthorized } else { Failure::Unconfirmed { detail } };
    };
    let detail = answer.words(problem.error_user_msg.as_deref().unwrap_or(&problem.message));
    let unknown = |detail: &str| Failure::Unconfirmed { detail: format!("HTTP {}: {detail}", answer.status) };
    if !(400..500).contains(&answer.status) || answer.status == 408 {
        return unknown(&detail);
    }
    // A reason of its own says more than the general code it stands with: blocked for good is no throttle.
    if let Some(code) = lasting(problem.error_subcode) {
        return Failure::Rejected { code: code.into(), detail };
    }
    if problem.is(&FULL) {
        return Failure::RateLimited { until: Some(after(now, FULL_MIN)) };
    }
    if problem.is(&THROTTLES) {
        return throttled();
    }
    if problem.is(&ENDED) {
        return Failure::Revoked { detail };
    }
    if TOKENS.contains(&problem.code) {
        return Failure::Unauthorized;
    }
    if problem.is(&[NOT_READY]) || problem.is(&EXPIRED) {
        return Failure::Unavailable;
    }
    if problem.is(&MEDIA_TRANSIENT)
        || problem.is(&[AMBIGUOUS])
        || problem.is_transient() && !problem.is(&[PHOTOS_POSTED])
    {
        return unknown(&detail);
    }
    if problem.is(&[506, PHOTOS_POSTED]) {
        return Failure::Duplicate { existing: None };
    }
    let code = lasting(problem.code);
    if code.is_none() && problem.forbids() {
        return Failure::Revoked { detail };
    }
    let code = code.unwrap_or(if problem.is_missing() { "not_found" } else { "invalid_request" });
    Failure::Rejected { code: code.into(), detail }
}

/// The failure without any address in its words: one that opens the bucket may come back written otherwise than it was sent.
pub(super) fn without_addresses(failure: Failure) -> Failure {
    let cut = |detail: String| {
        let shown = |word: &str| if word.contains("://") { "…".to_owned() } else { word.to_owned() };
        detail.split_whitespace().map(shown).collect::<Vec<_>>().join(" ")
    };
    match failure {
        Failure::Rejected { code, detail } => Failure::Rejected { code, detail: cut(detail) },
        Failure::Revoked { detail } => Failure::Revoked { detail: cut(detail) },
        other => other,
    }
}

/// A refusal of a call to the account itself: that there is none under its id means that we may not see it any more.
pub(super) fn gone(answer: &Answer, now: Timestamp) -> Failure {
    match (refusal(answer, now), Problem::of(answer)) {
        (Failure::Rejected { detail, .. }, Some(problem)) if problem.is_missing_account() => {
            Failure::Revoked { detail }
        }
        (failure, _) => failure,
    }
}
