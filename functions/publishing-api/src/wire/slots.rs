//! The slots of accounts' queues.

use app::Error;
use app::publishing::NewSlots;
use domain::publishing::{SlotPlan, SlotTime};
use domain::time::{weekday_code, weekday_of};
use jiff::Timestamp;
use jiff::civil::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A time of each week.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SlotBody {
    /// `MO`, `TU`, `WE`, `TH`, `FR`, `SA` or `SU`.
    #[schema(example = "MO", pattern = "^(MO|TU|WE|TH|FR|SA|SU)$")]
    pub weekday: String,
    /// The local time, in whole minutes.
    #[schema(example = "09:00", pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    pub time: String,
}

/// The slots of an account.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SlotsBody {
    /// IANA zone of the times.
    #[schema(example = "Europe/Berlin")]
    pub timezone: String,
    /// The times of a week.
    #[schema(min_items = 1, max_items = 168)]
    pub slots: Vec<SlotBody>,
}

impl SlotsBody {
    /// The slots this body means.
    pub fn slots(&self) -> Result<NewSlots, Error> {
        let mut times = Vec::new();
        for (i, slot) in self.slots.iter().enumerate() {
            let weekday = weekday_of(&slot.weekday).ok_or_else(|| {
                let detail = "a weekday is MO, TU, WE, TH, FR, SA or SU";
                Error::invalid("slot_malformed", &format!("/slots/{i}/weekday"), detail)
            })?;
            let shaped = slot.time.len() == 5;
            let at: Time = slot.time.parse().ok().filter(|_| shaped).ok_or_else(|| {
                Error::invalid(
                    "slot_malformed",
                    &format!("/slots/{i}/time"),
                    "a time is written 09:00, from 00:00 to 23:59",
                )
            })?;
            times.push(SlotTime { weekday, at });
        }
        Ok(NewSlots { zone: self.timezone.clone(), times })
    }

    /// The body of a plan.
    pub fn of(plan: &SlotPlan) -> Self {
        let slot = |slot: &SlotTime| SlotBody {
            weekday: weekday_code(slot.weekday).into(),
            time: slot.at.strftime("%H:%M").to_string(),
        };
        Self { timezone: plan.zone.clone(), slots: plan.times.iter().map(slot).collect() }
    }
}

/// The next free slot.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct NextSlotBody {
    /// When.
    pub at: String,
}

impl NextSlotBody {
    /// The body of this instant.
    pub fn of(at: Timestamp) -> Self {
        Self { at: at.to_string() }
    }
}
