//! The slots of an account's queue: the times of a week at which its posts leave when their author names none.

use crate::time::{OnGap, WallTime, WallTimeError, weekday_code, weekday_of};
use crate::{AccountId, TenantId};
use jiff::civil::{Date, Time, Weekday, time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

/// Most slots of a week: hourly, day and night.
pub const MAX_SLOTS: usize = 168;
/// Days ahead in which a free slot is looked for.
pub const SLOT_DAYS: i64 = 60;
/// The local times of the slots of each day that an account has until somebody gives it its own.
const STANDARD: [Time; 3] = [time(9, 0, 0, 0), time(13, 0, 0, 0), time(17, 0, 0, 0)];
/// The days of a week.
const WEEK: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];

/// A time of each week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotTime {
    /// The weekday, as RFC 5545 writes it: `MO` to `SU`.
    #[serde(with = "code")]
    pub weekday: Weekday,
    /// The local time.
    pub at: Time,
}

mod code {
    use super::{Weekday, weekday_code, weekday_of};
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    #[allow(clippy::trivially_copy_pass_by_ref)] // as serde calls it
    pub(super) fn serialize<S: Serializer>(day: &Weekday, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(weekday_code(*day))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Weekday, D::Error> {
        let code = String::deserialize(from)?;
        weekday_of(&code).ok_or_else(|| D::Error::custom("not a weekday"))
    }
}

/// The slots of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotPlan {
    /// Tenant.
    pub tenant: TenantId,
    /// Account.
    pub account: AccountId,
    /// IANA zone of the times.
    pub zone: String,
    /// The times, by weekday and time, each once.
    pub times: Vec<SlotTime>,
}

impl SlotPlan {
    /// A plan in order.
    pub fn new(tenant: TenantId, account: AccountId, zone: String, mut times: Vec<SlotTime>) -> Self {
        times.sort_by_key(|slot| (slot.weekday.to_monday_zero_offset(), slot.at));
        times.dedup();
        Self { tenant, account, zone, times }
    }

    /// The plan of an account that has none of its own: 09:00, 13:00 and 17:00 of each day.
    pub fn standard(tenant: TenantId, account: AccountId, zone: String) -> Self {
        let times = WEEK.into_iter().flat_map(|weekday| STANDARD.map(|at| SlotTime { weekday, at }));
        Self::new(tenant, account, zone, times.collect())
    }

    /// The instants of its slots from `from` on, in order, for sixty days. A time that the zone skips is moved by the gap;
    /// one that it has twice is the first.
    pub fn instants(&self, from: Timestamp) -> Result<Vec<Timestamp>, WallTimeError> {
        let zone = TimeZone::get(&self.zone).map_err(|_| WallTimeError::UnknownZone(self.zone.clone()))?;
        let first = zone.to_datetime(from).date();
        let mut out = Vec::new();
        for day in 0..SLOT_DAYS {
            let Ok(date) = first.checked_add(day.days()) else { break };
            for local in self.times.iter().filter(|slot| slot.weekday == date.weekday()).map(|slot| slot.at) {
                out.push(self.instant(date, local)?);
            }
        }
        out.retain(|at| *at >= from);
        out.sort_unstable();
        out.dedup();
        Ok(out)
    }

    fn instant(&self, date: Date, local: Time) -> Result<Timestamp, WallTimeError> {
        let wall = WallTime { local: date.to_datetime(local), zone: self.zone.clone() };
        wall.resolve(OnGap::Shift).map(|found| found.at)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use uuid::Uuid;

    fn plan(zone: &str, times: &[(Weekday, i8, i8)]) -> SlotPlan {
        let id = Uuid::from_u128(1);
        let times =
            times.iter().map(|(weekday, hour, minute)| SlotTime { weekday: *weekday, at: time(*hour, *minute, 0, 0) });
        SlotPlan::new(TenantId::from_uuid(id), AccountId::from_uuid(id), zone.into(), times.collect())
    }

    #[test]
    fn slots_are_local_times_of_a_week_over_changes_of_clocks() {
        let nine = plan("Europe/Berlin", &[(Weekday::Monday, 9, 0), (Weekday::Sunday, 2, 30), (Weekday::Monday, 9, 0)]);
        assert_eq!(nine.times.len(), 2, "each once");
        let found = nine.instants("2026-03-23T08:00:01Z".parse().unwrap()).unwrap();
        let texts: Vec<String> = found.iter().take(3).map(Timestamp::to_string).collect();
        assert_eq!(texts, ["2026-03-29T01:30:00Z", "2026-03-30T07:00:00Z", "2026-04-05T00:30:00Z"]);
    }

    #[test]
    fn the_standard_plan_is_nine_one_and_five_of_each_day() {
        let id = Uuid::from_u128(1);
        let plan = SlotPlan::standard(TenantId::from_uuid(id), AccountId::from_uuid(id), "UTC".into());
        assert_eq!(plan.instants("2026-01-01T00:00:00Z".parse().unwrap()).unwrap().len(), 180);
        let text = serde_json::to_string(&plan.times[0]).unwrap();
        assert_eq!(text, r#"{"weekday":"MO","at":"09:00:00"}"#);
        assert_eq!(serde_json::from_str::<SlotTime>(&text).unwrap(), plan.times[0]);
    }
}
