//! A local time as a form has it: read, and when it is none, told which field is wrong and how to mend it.

use crate::view::{ZoneGroup, zone_groups};
use crate::words::sentence;
use domain::time::{OnGap, WallTime, WallTimeError};
use jiff::civil::{Date, DateTime, Time};

/// The three fields.
#[derive(Debug, Clone, Copy)]
pub struct Wall<'a> {
    /// The day, YYYY-MM-DD.
    pub date: &'a str,
    /// The time, HH:MM or HH:MM:SS.
    pub time: &'a str,
    /// The zone, by its IANA name.
    pub zone: &'a str,
}

/// What is wrong with a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongTime {
    /// The field: `date`, `time` or `zone`.
    pub field: &'static str,
    /// How to put it right.
    pub text: String,
}

impl Wall<'_> {
    /// The time, if there is one: the fields can be read, the zone is known, and its clocks do not skip the time.
    pub fn read(&self) -> Result<WallTime, WrongTime> {
        let missing = |field| WrongTime { field, text: format!("Give a {field}.") };
        let date: Date = self.date.parse().map_err(|_| missing("date"))?;
        let time: Time = self.time.parse().map_err(|_| missing("time"))?;
        let wall = WallTime { local: DateTime::from_parts(date, time), zone: self.zone.to_owned() };
        match wall.resolve(OnGap::Reject) {
            Ok(_) => Ok(wall),
            Err(error @ WallTimeError::UnknownZone(_)) => {
                Err(WrongTime { field: "zone", text: sentence(&error.to_string()) })
            }
            Err(error @ WallTimeError::Gap(..)) => {
                Err(WrongTime { field: "time", text: format!("{} Choose another time.", sentence(&error.to_string())) })
            }
            Err(error @ WallTimeError::OutOfRange) => {
                Err(WrongTime { field: "date", text: sentence(&error.to_string()) })
            }
        }
    }
}

/// The zones to choose from, with the chosen one among them whatever it is called: else the browser would choose another.
pub fn zones(chosen: &str) -> Vec<ZoneGroup> {
    let mut groups = zone_groups();
    if !chosen.is_empty() && !groups.iter().any(|group| group.zones.iter().any(|zone| zone == chosen)) {
        groups.insert(0, ZoneGroup { region: "Yours".into(), zones: vec![chosen.to_owned()] });
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_that_is_none_names_the_field_that_mends_it() {
        let read = |date, time, zone| Wall { date, time, zone }.read().map_err(|wrong| wrong.field);
        assert!(read("2026-03-28", "02:30", "Europe/Berlin").is_ok());
        assert_eq!(read("someday", "02:30", "Europe/Berlin"), Err("date"));
        assert_eq!(read("2026-03-28", "", "Europe/Berlin"), Err("time"));
        assert_eq!(read("2026-03-29", "02:30", "Europe/Berlin"), Err("time"));
        assert_eq!(read("2026-03-28", "02:30", "Mars/Olympus"), Err("zone"));
    }
}
