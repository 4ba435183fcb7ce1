//! A post to accept, in our own form (the publishing plan's).

use crate::content::{ContentBody, variants};
use app::Error;
use app::publishing::{PublishCommand, Range, TargetSpec, When};
use domain::AccountId;
use domain::time::{OnGap, WallTime};
use jiff::Timestamp;
use jiff::civil::DateTime;
use runtime::http::whole_number;
use runtime::openapi::one_of;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa::openapi::Object;

/// How a post is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PublishOption {
    /// At once.
    #[default]
    Immediate,
    /// At `scheduled_at`, or at the best time where `optimize_time` asks for it.
    Scheduled,
    /// Kept, not sent.
    Draft,
    /// In the next free slot of the queue.
    Queue,
}

/// Where the best time is looked for.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RangeBody {
    /// From this instant on (RFC 3339); five minutes from now when left out.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub from: Option<Timestamp>,
    /// Until this instant; a week after its begin when left out, sixty days at most.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub to: Option<Timestamp>,
}

/// A time as clients write it: an instant (`2026-12-01T09:00:00Z`), or a local time with `timezone` beside it.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishBody {
    /// The content for every platform without a variant of its own.
    pub content: ContentBody,
    /// Content for single platforms, by name.
    #[serde(default)]
    pub variants: BTreeMap<String, ContentBody>,
    /// Accounts to publish to.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub accounts: Vec<AccountId>,
    /// Platforms to publish to, where exactly one account is connected.
    #[serde(default)]
    #[schema(example = json!(["twitter"]))]
    pub platforms: Vec<String>,
    /// How.
    #[serde(default)]
    pub option: PublishOption,
    /// When, for `scheduled`: an instant with `Z` or an offset, or a local time with `timezone`.
    #[serde(default)]
    #[schema(example = "2027-01-15T09:00:00")]
    pub scheduled_at: Option<String>,
    /// IANA zone of a local `scheduled_at`, or in which the hours of a best time are compared: the organisation's when left out.
    #[serde(default)]
    #[schema(example = "Europe/Berlin")]
    pub timezone: Option<String>,
    /// For `scheduled` without `scheduled_at`: at the best time of its accounts that no other post of theirs has taken
    /// which is queued or at its best time.
    #[serde(default)]
    pub optimize_time: bool,
    /// Where the best time is looked for.
    #[serde(default)]
    pub date_range: Option<RangeBody>,
    /// What to do when the zone skips the local time: `reject` (default) or `shift`.
    #[serde(default)]
    #[schema(schema_with = gaps)]
    pub on_gap: Option<OnGap>,
    /// Seconds it may start late before it counts as missed; 3600 when left out.
    #[serde(default, deserialize_with = "whole_number")]
    #[schema(minimum = 60, maximum = 86400)]
    pub max_lateness_seconds: Option<u32>,
}

fn gaps() -> Object {
    one_of(&["reject", "shift"])
}

/// The instant or wall time of a client's text.
pub fn when_of(text: &str, zone: Option<&str>, on_gap: OnGap, field: &str) -> Result<When, Error> {
    // A second that only leap seconds have is no time that anything can be planned for.
    if text.get(17..19) == Some("60") {
        return Err(not_a_time(field));
    }
    if let Some(zone) = zone {
        // Looked at first: a local time is read without a word about an offset behind it.
        if text.parse::<Timestamp>().is_ok() {
            return Err(Error::invalid(
                "time_ambiguous",
                field,
                "give an instant with Z or an offset, or a local time with timezone, not both",
            ));
        }
        let local: DateTime = text.parse().map_err(|_| not_a_time(field))?;
        return Ok(When::Wall(WallTime { local, zone: zone.to_owned() }, on_gap));
    }
    match text.parse::<Timestamp>() {
        Ok(at) => Ok(When::At(at)),
        Err(_) if text.parse::<DateTime>().is_ok() => {
            Err(Error::invalid("timezone_missing", field, "a local time needs timezone beside it, e.g. Europe/Berlin"))
        }
        Err(_) => Err(not_a_time(field)),
    }
}

fn not_a_time(field: &str) -> Error {
    Error::invalid("not_a_time", field, "write a time as 2027-01-15T09:00:00Z, or as a local time with timezone")
}

/// The best time that is asked for, if any: a time of one's own, at the field `at`, goes with it as little as a range without it.
pub fn best(
    asked: bool,
    at: Option<&str>,
    zone: Option<String>,
    within: Option<&RangeBody>,
    range_at: &str,
) -> Result<Option<When>, Error> {
    match (asked, at) {
        (true, Some(field)) => {
            Err(Error::invalid("time_ambiguous", field, "name a time or have the best one chosen, not both"))
        }
        (true, None) => Ok(Some(When::Best(range(zone, within)))),
        (false, _) if within.is_some() => {
            Err(Error::invalid("date_range_unused", range_at, "only a best time is looked for in a range"))
        }
        (false, _) => Ok(None),
    }
}

fn range(zone: Option<String>, body: Option<&RangeBody>) -> Range {
    let RangeBody { from, to } = body.cloned().unwrap_or_default();
    Range { zone, from, to }
}

impl PublishBody {
    fn when(&self) -> Result<When, Error> {
        let at = self.scheduled_at.as_ref().map(|_| "/scheduled_at");
        let best = best(self.optimize_time, at, self.timezone.clone(), self.date_range.as_ref(), "/date_range")?;
        Ok(match (self.option, &self.scheduled_at, best) {
            (PublishOption::Scheduled, None, Some(best)) => best,
            (_, _, Some(_)) => {
                let detail = "only the option scheduled takes a best time";
                return Err(Error::invalid("optimize_time_unused", "/optimize_time", detail));
            }
            (PublishOption::Immediate, None, None) => When::Now,
            (PublishOption::Draft, None, None) => When::Draft,
            (PublishOption::Queue, None, None) => When::Queue,
            (PublishOption::Scheduled, Some(text), None) => {
                when_of(text, self.timezone.as_deref(), self.on_gap.unwrap_or_default(), "/scheduled_at")?
            }
            (PublishOption::Scheduled, None, None) => {
                let detail = "say when, have the best time chosen, or choose another option";
                return Err(Error::invalid("scheduled_at_missing", "/scheduled_at", detail));
            }
            (_, Some(_), None) => {
                let detail = "only the option scheduled takes a time";
                return Err(Error::invalid("scheduled_at_unused", "/scheduled_at", detail));
            }
        })
    }

    /// The command this body means.
    pub fn command(&self) -> Result<PublishCommand, Error> {
        let accounts = self.accounts.iter().map(|a| TargetSpec::Account(*a));
        let platforms = self.platforms.iter().map(|p| TargetSpec::Platform(p.clone()));
        Ok(PublishCommand {
            content: self.content.variant("/content")?,
            variants: variants(&self.variants)?,
            targets: accounts.chain(platforms).collect(),
            when: self.when()?,
            max_lateness_s: self.max_lateness_seconds,
        })
    }
}

/// A rule the content breaks.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
pub struct ViolationBody {
    /// Stable code.
    pub code: String,
    /// JSON Pointer.
    pub field: String,
    /// What is wrong and how to mend it.
    pub detail: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_an_instant_or_a_local_time_in_a_zone_and_never_a_guess() {
        assert!(matches!(when_of("2027-01-15T09:00:00Z", None, OnGap::Reject, "/t"), Ok(When::At(_))));
        assert!(matches!(when_of("2027-01-15T09:00:00+02:00", None, OnGap::Reject, "/t"), Ok(When::At(_))));
        assert!(matches!(
            when_of("2027-01-15T09:00:00", Some("Europe/Berlin"), OnGap::Reject, "/t"),
            Ok(When::Wall(..))
        ));
        for (text, zone) in [
            ("2027-01-15T09:00:00", None),
            ("2026-02-30T09:00:00Z", None),
            ("tomorrow", None),
            ("2026-12-31T23:59:60Z", None),
            ("2027-01-15T09:00:00Z", Some("Europe/Berlin")),
            ("2027-01-15T09:00:00-04:00", Some("Europe/Berlin")),
        ] {
            assert!(when_of(text, zone, OnGap::Reject, "/t").is_err(), "{text} {zone:?}");
        }
    }

    #[test]
    fn options_and_times_must_agree() {
        let body = |option, at: Option<&str>| PublishBody {
            option,
            scheduled_at: at.map(str::to_owned),
            ..PublishBody::default()
        };
        assert!(body(PublishOption::Scheduled, None).command().is_err());
        assert!(body(PublishOption::Immediate, Some("2027-01-15T09:00:00Z")).command().is_err());
        assert!(body(PublishOption::Draft, None).command().is_ok());
        let best = |option, at| PublishBody { optimize_time: true, ..body(option, at) }.command().map(|c| c.when);
        assert!(matches!(best(PublishOption::Scheduled, None), Ok(When::Best(_))));
        assert!(best(PublishOption::Scheduled, Some("2027-01-15T09:00:00Z")).is_err());
        assert!(best(PublishOption::Immediate, None).is_err());
        let range = PublishBody { date_range: Some(RangeBody::default()), ..body(PublishOption::Draft, None) };
        assert!(range.command().is_err(), "a range without a best time");
    }
}
