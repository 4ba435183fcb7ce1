//! How much of its limits a call has used up, as the answer's headers tell: in percent, and in minutes until there is room.

use connector_kit::Answer;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Percent of a limit from which on an account is left alone: at a hundred every further call is refused and counted.
const FULL: f64 = 95.0;
/// Minutes an account is left alone when nothing says how many.
const PAUSE_MIN: i64 = 15;
/// Most minutes that are believed.
const MAX_MIN: i64 = 24 * 60;

/// The use of one kind of limit.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Usage {
    call_count: f64,
    total_cputime: f64,
    total_time: f64,
    estimated_time_to_regain_access: f64,
}

impl Usage {
    fn is_full(&self) -> bool {
        [self.call_count, self.total_cputime, self.total_time].iter().any(|percent| *percent >= FULL)
    }
}

/// Every use that the headers tell of: of the application, of the page, and by business.
fn told(answer: &Answer) -> Vec<Usage> {
    let read = |name: &str| serde_json::from_str::<Value>(answer.header(name)?).ok();
    let usage = |value: Value| serde_json::from_value::<Usage>(value).ok();
    let plain = ["x-app-usage", "x-page-usage"].into_iter().filter_map(read).filter_map(usage);
    let business = read("x-business-use-case-usage");
    let business = business.and_then(|value| serde_json::from_value::<BTreeMap<String, Vec<Value>>>(value).ok());
    let business = business.into_iter().flatten().flat_map(|(_, uses)| uses).filter_map(usage);
    plain.chain(business).collect()
}

fn after(now: Timestamp, minutes: i64) -> Timestamp {
    now + SignedDuration::from_mins(minutes.clamp(1, MAX_MIN))
}

/// When calls are taken again, if the answer says that they are not.
pub(super) fn regained(answer: &Answer, now: Timestamp) -> Option<Timestamp> {
    let minutes = told(answer).iter().map(|usage| usage.estimated_time_to_regain_access).fold(0.0, f64::max);
    // A float that does not fit is cut at the ends, and a day is the most that is believed.
    #[allow(clippy::cast_possible_truncation)]
    (minutes > 0.0).then(|| after(now, minutes.ceil() as i64))
}

/// Until when the account shall be left alone, though this call was taken.
pub(super) fn quiet_until(answer: &Answer, now: Timestamp) -> Option<Timestamp> {
    regained(answer, now).or_else(|| told(answer).iter().any(Usage::is_full).then(|| after(now, PAUSE_MIN)))
}
