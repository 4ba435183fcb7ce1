//! How often something goes out again: what stands in the form, and back.

use crate::view::{FieldError, RecurrenceFields, SelectOption};
use crate::words::{self, WEEKDAYS};
use app::publishing::RecurrenceSpec;
use domain::publishing::{DEFAULT_LATENESS_S, MissedRun};
use domain::time::{ByDay, Freq, GapPolicy, MAX_COUNT, OverlapPolicy, Recurrence, Rule, Until};
use jiff::civil::{Date, DateTime, Time};

/// Units: the name in forms, what people call it, which it is.
const FREQS: [(&str, &str, Freq); 3] = [
    ("day", "days", Freq::Daily),
    ("week", "weeks, on the days ticked below", Freq::Weekly),
    ("month", "months, on the day of the date", Freq::Monthly),
];
/// Most days, weeks or months between two runs that this form takes: beyond it a typing mistake is likelier than a plan.
const MOST_EVERY: u16 = 100;

/// What stands in the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecurrenceDraft {
    /// Every so many.
    pub every: String,
    /// Days, weeks or months.
    pub freq: String,
    /// The ticked weekdays, as RFC 5545 writes them.
    pub weekdays: Vec<String>,
    /// The last day.
    pub until: String,
    /// How many times.
    pub count: String,
    /// What becomes of a run whose time has passed.
    pub missed: MissedRun,
}

impl Default for RecurrenceDraft {
    /// Each week.
    fn default() -> Self {
        Self {
            every: "1".into(),
            freq: "week".into(),
            weekdays: Vec::new(),
            until: String::new(),
            count: String::new(),
            missed: MissedRun::default(),
        }
    }
}

impl RecurrenceDraft {
    /// As it was typed; `field` reads a field by its name.
    pub fn typed<'a>(field: impl Fn(&str) -> &'a str, weekdays: Vec<String>) -> Self {
        let known = Self::default();
        let or =
            |name: &str, known: String| Some(field(name).trim()).filter(|v| !v.is_empty()).map_or(known, Into::into);
        Self {
            every: or("every", known.every),
            freq: or("freq", known.freq),
            weekdays,
            until: field("until").trim().to_owned(),
            count: field("count").trim().to_owned(),
            missed: match field("missed") {
                "ask" => MissedRun::Ask,
                "skip" => MissedRun::Skip,
                send => MissedRun::Send {
                    at_most_s: send.strip_prefix("send-").and_then(|s| s.parse().ok()).unwrap_or(DEFAULT_LATENESS_S),
                },
            },
        }
    }

    /// As it is; none where it says more than the form has fields for.
    pub fn of(recurrence: &Recurrence, missed: MissedRun) -> Option<Self> {
        let rule = &recurrence.rule;
        let (freq, ..) = FREQS.iter().find(|(.., freq)| *freq == rule.freq)?;
        let plain = words::is_plain_rule(rule) && rule.interval <= MOST_EVERY;
        let usual = (recurrence.on_gap, recurrence.on_overlap) == (GapPolicy::default(), OverlapPolicy::default());
        let ticked = |(code, _, day): &(&str, &str, _)| {
            rule.by_day.iter().any(|by| by.weekday == *day).then(|| (*code).to_owned())
        };
        (plain && usual).then(|| Self {
            every: rule.interval.to_string(),
            freq: (*freq).into(),
            weekdays: WEEKDAYS.iter().filter_map(ticked).collect(),
            until: match rule.until {
                Some(Until::Date(day)) => day.to_string(),
                _ => String::new(),
            },
            count: rule.count.map(|count| count.to_string()).unwrap_or_default(),
            missed,
        })
    }

    /// The recurrence it asks for from `date` at `time` in `zone`, or everything that is wrong with the fields. A time that the zone
    /// skips on some day is moved forward there: of a series it is no mistake.
    pub fn spec(&self, date: &str, time: &str, zone: &str) -> Result<RecurrenceSpec, Vec<FieldError>> {
        let mut wrong = Vec::new();
        let mut refuse = |field: &str, text: String| wrong.push(FieldError { field: field.into(), text });
        let day = date.parse::<Date>().map_err(|_| refuse("date", "Give a date.".into())).ok();
        let clock = time.parse::<Time>().map_err(|_| refuse("time", "Give a time.".into())).ok();
        let unit = FREQS.iter().find(|(name, ..)| *name == self.freq).map(|(.., freq)| *freq);
        if unit.is_none() {
            refuse("freq", "Choose days, weeks or months.".into());
        }
        let freq = unit.unwrap_or(Freq::Weekly);
        let mut rule = Rule::every(freq);
        match self.every.parse() {
            Ok(every) if (1..=MOST_EVERY).contains(&every) => rule.interval = every,
            _ => refuse("every", format!("Give a whole number from 1 to {MOST_EVERY}.")),
        }
        if freq == Freq::Weekly {
            let ticked = |code: &str| self.weekdays.iter().any(|day| day == code);
            let days = WEEKDAYS.iter().filter(|(code, ..)| ticked(code));
            rule.by_day = days.map(|(.., weekday)| ByDay { nth: None, weekday: *weekday }).collect();
        }
        if !self.until.is_empty() {
            match self.until.parse() {
                Ok(until) if day.is_some_and(|day| until < day) => {
                    refuse("until", "It would end before it begins: give a later day.".into());
                }
                Ok(until) => rule.until = Some(Until::Date(until)),
                Err(_) => refuse("until", "Give a day, or leave it empty.".into()),
            }
        }
        if !self.count.is_empty() {
            match self.count.parse() {
                Ok(count) if (1..=MAX_COUNT).contains(&count) => rule.count = Some(count),
                _ => refuse("count", format!("Give a whole number from 1 to {MAX_COUNT}, or leave it empty.")),
            }
        }
        if rule.until.is_some() && rule.count.is_some() {
            refuse("count", "Give a last day or a number of times, not both.".into());
        }
        match (day, clock) {
            (Some(day), Some(clock)) if wrong.is_empty() => Ok(RecurrenceSpec {
                rule: rule.to_string(),
                start: DateTime::from_parts(day, clock),
                zone: zone.to_owned(),
                on_gap: GapPolicy::default(),
                on_overlap: OverlapPolicy::default(),
            }),
            _ => Err(wrong),
        }
    }

    /// The form's fields.
    pub fn fields(&self) -> RecurrenceFields {
        let option =
            |value: &str, label: &str, selected| SelectOption { value: value.into(), label: label.into(), selected };
        let kept = match self.missed {
            MissedRun::Send { at_most_s } => at_most_s,
            MissedRun::Ask | MissedRun::Skip => DEFAULT_LATENESS_S,
        };
        let missed = [
            (format!("send-{kept}"), MissedRun::Send { at_most_s: kept }),
            ("ask".to_owned(), MissedRun::Ask),
            ("skip".to_owned(), MissedRun::Skip),
        ];
        RecurrenceFields {
            every: self.every.clone(),
            freqs: FREQS.iter().map(|(value, label, _)| option(value, label, *value == self.freq)).collect(),
            weekdays: WEEKDAYS
                .iter()
                .map(|(code, name, _)| option(code, name, self.weekdays.iter().any(|day| day == code)))
                .collect(),
            until: self.until.clone(),
            count: self.count.clone(),
            missed: missed
                .iter()
                .map(|(value, one)| option(value, &words::missed_run(*one), *one == self.missed))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn of(rule: &str) -> Recurrence {
        Recurrence {
            rule: rule.parse().unwrap(),
            start: "2026-03-02T09:00".parse().unwrap(),
            zone: "Europe/Berlin".into(),
            on_gap: GapPolicy::Shift,
            on_overlap: OverlapPolicy::First,
        }
    }

    #[test]
    fn a_form_asks_for_the_recurrence_it_shows() {
        for rule in
            ["FREQ=DAILY", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR", "FREQ=MONTHLY;UNTIL=20261231", "FREQ=WEEKLY;COUNT=10"]
        {
            let draft = RecurrenceDraft::of(&of(rule), MissedRun::Ask).unwrap();
            let spec = draft.spec("2026-03-02", "09:00", "Europe/Berlin").unwrap();
            assert_eq!((spec.rule.as_str(), spec.start), (rule, of(rule).start));
            assert_eq!(draft.missed, MissedRun::Ask);
        }
        let more = Recurrence { on_gap: GapPolicy::Skip, ..of("FREQ=DAILY") };
        assert_eq!(RecurrenceDraft::of(&more, MissedRun::Ask), None);
        for more in ["FREQ=HOURLY", "FREQ=MONTHLY;BYDAY=-1FR", "FREQ=DAILY;BYHOUR=9,17", "FREQ=DAILY;INTERVAL=101"] {
            assert_eq!(RecurrenceDraft::of(&of(more), MissedRun::Ask), None, "{more}");
        }
    }

    #[test]
    fn weekdays_count_only_for_weeks_and_how_late_a_run_may_be_stays_as_it_was() {
        let typed = |freq: &'static str| {
            let field = move |name: &str| match name {
                "freq" => freq,
                "missed" => "send-7200",
                _ => "",
            };
            RecurrenceDraft::typed(field, vec!["TU".into(), "MO".into(), "XX".into()])
        };
        let rule = |freq| typed(freq).spec("2026-03-02", "09:00", "UTC").unwrap().rule;
        assert_eq!(rule("week"), "FREQ=WEEKLY;BYDAY=MO,TU");
        assert_eq!(rule("month"), "FREQ=MONTHLY");
        assert_eq!(typed("week").missed, MissedRun::Send { at_most_s: 7_200 });
        assert!(typed("week").fields().missed[0].selected);
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once_each_beside_its_field() {
        let draft = RecurrenceDraft {
            every: "0".into(),
            until: "2026-03-01".into(),
            count: "many".into(),
            ..RecurrenceDraft::default()
        };
        let fields = |draft: &RecurrenceDraft, date, time| -> Vec<String> {
            draft.spec(date, time, "UTC").unwrap_err().into_iter().map(|error| error.field).collect()
        };
        assert_eq!(fields(&draft, "2026-03-02", ""), ["time", "every", "until", "count"]);
        let both = RecurrenceDraft { until: "2026-03-02".into(), count: "3".into(), ..RecurrenceDraft::default() };
        assert_eq!(fields(&both, "2026-03-02", "09:00"), ["count"]);
        let hourly = RecurrenceDraft { freq: "hour".into(), ..RecurrenceDraft::default() };
        assert_eq!(fields(&hourly, "2026-03-02", "09:00"), ["freq"]);
        for every in ["101", "-1", "1.5", "65537", "two"] {
            let draft = RecurrenceDraft { every: every.into(), ..RecurrenceDraft::default() };
            assert_eq!(fields(&draft, "2026-03-02", "09:00"), ["every"], "{every}");
        }
    }
}
