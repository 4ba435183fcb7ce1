//! Series of posts and their recurrences.

use app::Error;
use app::publishing::{NewSeries, RecurrenceSpec, SeriesEdit, SeriesView, TargetSpec};
use domain::AccountId;
use domain::publishing::{DEFAULT_LATENESS_S, MissedRun, RunOutcome, Series, SeriesStatus};
use domain::time::{Fall, GapPolicy, Occurrence, OverlapPolicy, Recurrence, Runs, tzdb};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use runtime::http::whole_number;
use runtime::openapi::one_of;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa::openapi::Object;
use wire::content::{ContentBody, variants};

/// When something happens again and again: local times of a zone.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecurrenceBody {
    /// `RRULE` of RFC 5545, with `FREQ` from `HOURLY` to `YEARLY`.
    #[schema(example = "FREQ=WEEKLY;BYDAY=MO,WE,FR", max_length = 4096)]
    pub rule: String,
    /// The local time it starts from, without an offset (`DTSTART`): nothing runs before, and what the rule leaves open, such
    /// as the time of day, is as here.
    #[schema(example = "2027-01-15T09:00:00")]
    pub start: String,
    /// IANA zone.
    #[schema(example = "Europe/Berlin")]
    pub timezone: String,
    /// A local time that the zone skips is moved forward by the gap (`shift`, the default) or left out (`skip`).
    #[serde(default)]
    #[schema(schema_with = gaps)]
    pub on_gap: Option<GapPolicy>,
    /// A local time that the zone has twice means its `first` occurrence (the default), its `second`, or `both`.
    #[serde(default)]
    #[schema(schema_with = overlaps)]
    pub on_overlap: Option<OverlapPolicy>,
}

fn gaps() -> Object {
    one_of(&["shift", "skip"])
}

fn overlaps() -> Object {
    one_of(&["first", "second", "both"])
}

impl RecurrenceBody {
    /// The recurrence this body means.
    pub fn spec(&self) -> Result<RecurrenceSpec, Error> {
        // Looked at first: a local time is read without a word about an offset behind it.
        let start = match (self.start.parse::<jiff::Timestamp>(), self.start.parse::<DateTime>()) {
            (Err(_), Ok(start)) if self.start.get(17..19) != Some("60") => start,
            _ => {
                let detail = "write a local time without an offset, as 2027-01-15T09:00:00";
                return Err(Error::invalid("not_a_time", "/recurrence/start", detail));
            }
        };
        Ok(RecurrenceSpec {
            rule: self.rule.clone(),
            start,
            zone: self.timezone.clone(),
            on_gap: self.on_gap.unwrap_or_default(),
            on_overlap: self.on_overlap.unwrap_or_default(),
        })
    }

    fn of(recurrence: &Recurrence) -> Self {
        Self {
            rule: recurrence.rule.to_string(),
            start: recurrence.start.to_string(),
            timezone: recurrence.zone.clone(),
            on_gap: Some(recurrence.on_gap),
            on_overlap: Some(recurrence.on_overlap),
        }
    }
}

/// What becomes of a run whose time has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MissedPolicy {
    /// It is sent, if it is not later than `at_most_seconds`.
    #[default]
    Send,
    /// Its post waits as a draft for a person.
    Ask,
    /// It is left out.
    Skip,
}

/// What becomes of a run whose time has passed.
#[derive(Debug, Clone, Copy, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MissedBody {
    /// What.
    #[serde(default)]
    pub policy: MissedPolicy,
    /// For `send`: how late it may start; 3600 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "whole_number")]
    #[schema(minimum = 60, maximum = 86400)]
    pub at_most_seconds: Option<u32>,
}

impl MissedBody {
    fn policy(self) -> MissedRun {
        match self.policy {
            MissedPolicy::Send => MissedRun::Send { at_most_s: self.at_most_seconds.unwrap_or(DEFAULT_LATENESS_S) },
            MissedPolicy::Ask => MissedRun::Ask,
            MissedPolicy::Skip => MissedRun::Skip,
        }
    }

    fn of(missed: MissedRun) -> Self {
        let (policy, at_most_seconds) = match missed {
            MissedRun::Send { at_most_s } => (MissedPolicy::Send, Some(at_most_s)),
            MissedRun::Ask => (MissedPolicy::Ask, None),
            MissedRun::Skip => (MissedPolicy::Skip, None),
        };
        Self { policy, at_most_seconds }
    }
}

/// A series to make.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSeriesBody {
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
    /// When.
    pub recurrence: RecurrenceBody,
    /// What becomes of a run whose time has passed.
    #[serde(default)]
    pub missed_run: MissedBody,
}

impl NewSeriesBody {
    /// The series this body means.
    pub fn new_series(&self) -> Result<NewSeries, Error> {
        let accounts = self.accounts.iter().map(|a| TargetSpec::Account(*a));
        let platforms = self.platforms.iter().map(|p| TargetSpec::Platform(p.clone()));
        Ok(NewSeries {
            content: self.content.variant("/content")?,
            variants: variants(&self.variants)?,
            targets: accounts.chain(platforms).collect(),
            recurrence: self.recurrence.spec()?,
            missed: self.missed_run.policy(),
        })
    }
}

/// Whether a series goes on, as a client may set it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GoesOn {
    /// It goes on.
    Active,
    /// No run gets a post until it is active again.
    Paused,
}

/// A change of a series; what is left out stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeriesEditBody {
    /// New content.
    #[serde(default)]
    pub content: Option<ContentBody>,
    /// New content of single platforms; replaces all of them.
    #[serde(default)]
    pub variants: Option<BTreeMap<String, ContentBody>>,
    /// New accounts.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>)]
    pub accounts: Option<Vec<AccountId>>,
    /// A new recurrence.
    #[serde(default)]
    pub recurrence: Option<RecurrenceBody>,
    /// Another missed-run policy.
    #[serde(default)]
    pub missed_run: Option<MissedBody>,
    /// Pause or resume it.
    #[serde(default)]
    pub status: Option<GoesOn>,
}

impl SeriesEditBody {
    /// The change this body means.
    pub fn edit(&self) -> Result<SeriesEdit, Error> {
        Ok(SeriesEdit {
            content: self.content.as_ref().map(|content| content.variant("/content")).transpose()?,
            variants: self.variants.as_ref().map(variants).transpose()?,
            targets: self.accounts.as_ref().map(|a| a.iter().map(|id| TargetSpec::Account(*id)).collect()),
            recurrence: self.recurrence.as_ref().map(RecurrenceBody::spec).transpose()?,
            missed: self.missed_run.map(MissedBody::policy),
            paused: self.status.map(|status| status == GoesOn::Paused),
        })
    }
}

/// One run.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RunBody {
    /// The local time that the rule says.
    pub local_time: String,
    /// What it means.
    pub at: String,
    /// What the clock in the zone shows then, with its offset from UTC.
    pub shown: String,
    /// Where the zone does not have the local time exactly once: `shifted`, `first` or `second` (of two).
    pub clock_change: Option<String>,
}

impl RunBody {
    fn of(run: &Occurrence, zone: &str) -> Self {
        let shown = TimeZone::get(zone).map(|zone| run.at.to_zoned(zone).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string());
        let clock_change = match run.fall {
            Fall::Plain => None,
            Fall::Shifted => Some("shifted"),
            Fall::First => Some("first"),
            Fall::Second => Some("second"),
        };
        Self {
            local_time: run.local.to_string(),
            at: run.at.to_string(),
            shown: shown.unwrap_or_default(),
            clock_change: clock_change.map(str::to_owned),
        }
    }
}

/// A run that was dealt with.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PastRunBody {
    /// The local time that the rule says.
    pub local_time: String,
    /// What it meant.
    pub at: String,
    /// `made`: it has a post. `waits`: it was too late or broke the brand rules, and its post waits as a draft. `skipped`: it was left out.
    pub outcome: String,
    /// Its post.
    pub post_id: Option<String>,
}

/// A series.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SeriesBody {
    /// Id.
    pub series_id: String,
    /// active, paused or ended.
    pub status: String,
    /// Of a paused one, why: `asked` by a person, `account_disconnected`, `brand_rules`, `media_not_pinned`, `unknown_zone`.
    pub reason: Option<String>,
    /// The content.
    pub content: ContentBody,
    /// Content of single platforms.
    pub variants: BTreeMap<String, ContentBody>,
    /// Where to.
    pub accounts: Vec<String>,
    /// When.
    pub recurrence: RecurrenceBody,
    /// What becomes of a run whose time has passed.
    pub missed_run: MissedBody,
    /// The next run that has no post yet.
    pub next_run: Option<RunBody>,
    /// The release of the tz database that resolved it.
    pub tzdb: Option<String>,
    /// The latest runs that were dealt with, oldest first.
    pub runs: Vec<PastRunBody>,
    /// When it was made.
    pub created_at: String,
    /// Things done differently than expected.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

impl SeriesBody {
    /// The body of a series.
    pub fn of(series: &Series) -> Self {
        let zone = &series.recurrence.zone;
        let (status, reason) = match &series.status {
            SeriesStatus::Active => ("active", None),
            SeriesStatus::Paused { reason, .. } => ("paused", Some(reason.clone())),
            SeriesStatus::Ended { .. } => ("ended", None),
        };
        let past = |outcome| match outcome {
            RunOutcome::Made { post } => ("made", Some(post.to_string())),
            RunOutcome::Waits { post } => ("waits", Some(post.to_string())),
            RunOutcome::Skipped => ("skipped", None),
        };
        let runs = series.runs.iter().map(|run| {
            let (outcome, post_id) = past(run.outcome);
            let (local_time, at) = (run.run.local.to_string(), run.run.at.to_string());
            PastRunBody { local_time, at, outcome: outcome.into(), post_id }
        });
        Self {
            series_id: series.id.to_string(),
            status: status.into(),
            reason,
            content: ContentBody::of(&series.content),
            variants: series.variants.iter().map(|(k, v)| (k.to_string(), ContentBody::of(v))).collect(),
            accounts: series.targets.iter().map(|t| t.account.to_string()).collect(),
            recurrence: RecurrenceBody::of(&series.recurrence),
            missed_run: MissedBody::of(series.missed),
            next_run: series.next.as_ref().map(|next| RunBody::of(&next.run, zone)),
            tzdb: series.next.as_ref().map(|next| next.tzdb.clone()),
            runs: runs.collect(),
            created_at: series.created_at.to_string(),
            warnings: Vec::new(),
        }
    }

    /// The body of a series with what its author should know.
    pub fn viewed(view: &SeriesView) -> Self {
        Self { warnings: view.warnings.clone(), ..Self::of(&view.series) }
    }
}

/// A recurrence to look at.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewBody {
    /// The recurrence.
    pub recurrence: RecurrenceBody,
    /// Runs after this instant; from now on when left out.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub after: Option<jiff::Timestamp>,
    /// How many; 10 when left out.
    #[serde(default, deserialize_with = "whole_number")]
    #[schema(minimum = 1, maximum = 50)]
    pub count: Option<u32>,
}

/// The runs to come of a recurrence.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PreviewedBody {
    /// The rule as it was understood.
    pub rule: String,
    /// The runs.
    pub runs: Vec<RunBody>,
    /// Local times among them that the zone skips, and that are left out.
    pub skipped: Vec<String>,
    /// Whether there are no more.
    pub ended: bool,
    /// The release of the tz database that resolved them.
    pub tzdb: String,
}

impl PreviewedBody {
    /// The body of these runs.
    pub fn of(recurrence: &Recurrence, runs: &Runs) -> Self {
        Self {
            rule: recurrence.rule.to_string(),
            runs: runs.runs.iter().map(|run| RunBody::of(run, &recurrence.zone)).collect(),
            skipped: runs.skipped.iter().map(DateTime::to_string).collect(),
            ended: runs.ended,
            tzdb: tzdb().into(),
        }
    }
}
