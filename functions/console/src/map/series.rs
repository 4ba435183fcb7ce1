//! Series: rows, the page of one, and the form of its times.

use super::approvals::contents;
use super::recurrence::RecurrenceDraft;
use super::{Book, Draft, Reader, excerpt, zones};
use crate::view::{
    ActionStyle, Badge, Fact, FieldError, Meanwhile, Moment, PastRunView, RecurrenceForm, RunView, SeriesPage,
    SeriesRow, Tone,
};
use crate::words;
use app::publishing::{PostView, SeriesView};
use domain::PostId;
use domain::access::Permission;
use domain::publishing::{Media, PastRun, RunOutcome, Series, SeriesStatus, Violation};
use domain::time::Runs;

/// Runs that are shown ahead.
const SHOWN: usize = 10;
/// Where a person reads a local time.
const LOCAL: &str = "%a %-d %b %Y, %H:%M";

/// Where a series is seen.
pub fn series_href(series: domain::SeriesId) -> String {
    format!("/console/series/{series}")
}

/// A series in the list. Times are told in its own zone.
pub fn series_row(book: &Book, series: &Series) -> SeriesRow {
    let zone = &series.recurrence.zone;
    let (status, why) = words::series(&series.status);
    let only =
        series.targets.first().filter(|_| series.targets.iter().all(|t| series.variants.contains_key(&t.platform)));
    // What goes nowhere would say nothing of it.
    let content = only.and_then(|target| series.variants.get(&target.platform)).unwrap_or(&series.content);
    SeriesRow {
        href: series_href(series.id),
        excerpt: excerpt(content),
        accounts: series.targets.iter().map(|t| book.account(t.account, &t.platform)).collect(),
        rule: words::recurrence(&series.recurrence),
        zone: zone.clone(),
        status,
        why,
        next: series.next.as_ref().map(|next| Moment::new(next.run.at, zone)),
        last: series.runs.last().map(|past| Moment::new(past.run.at, zone)),
    }
}

/// What stands in the form of the times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimesDraft {
    /// The day from which on it runs.
    pub date: String,
    /// The time of day.
    pub time: String,
    /// The zone.
    pub zone: String,
    /// How often.
    pub often: RecurrenceDraft,
}

impl TimesDraft {
    /// As they are; none where they say more than the form has fields for.
    fn of(series: &Series) -> Option<Self> {
        let recurrence = &series.recurrence;
        let clock = if recurrence.start.second() == 0 { "%H:%M" } else { "%H:%M:%S" };
        Some(Self {
            date: recurrence.start.date().to_string(),
            time: recurrence.start.strftime(clock).to_string(),
            zone: recurrence.zone.clone(),
            often: RecurrenceDraft::of(recurrence, series.missed)?,
        })
    }
}

/// What is wrong with the form of the times, and what stood in it.
#[derive(Debug, Clone, Default)]
pub struct Refused {
    /// The errors, beside their fields.
    pub errors: Vec<FieldError>,
    /// The form, where it was sent.
    pub typed: Option<TimesDraft>,
    /// The revision that it was filled in for.
    pub rev: Option<u64>,
    /// Whether that is not the one any more which it has.
    pub stale: bool,
}

/// The page of a series. `posts` are the posts of its runs as far as they are known, `media` those of its contents.
pub fn series_page(
    reader: &Reader<'_>,
    book: &Book,
    view: &SeriesView,
    posts: &[PostView],
    media: &[Media],
    refused: Refused,
) -> SeriesPage {
    let (series, zone) = (&view.series, &view.series.recurrence.zone);
    let fact = |label: &str, value: String| Fact { label: label.into(), value };
    let facts = vec![
        fact("Starts", series.recurrence.start.strftime(LOCAL).to_string()),
        fact("Time zone", zone.clone()),
        fact("A run that is too late", words::missed_run(series.missed)),
        fact("Changes of clocks", words::clock_changes(series.recurrence.on_gap, series.recurrence.on_overlap)),
    ];
    let runs = ahead(reader, series);
    let run = |run: &domain::time::Occurrence| RunView {
        at: Moment::new(run.at, zone),
        note: words::fall(run.fall).map(Into::into),
    };
    let (writes, at) = (reader.may(Permission::Publish), series_href(series.id));
    let paused = matches!(series.status, SeriesStatus::Paused { .. });
    let act = |name: &str, label: &str, style| {
        reader.action(format!("{at}/{name}"), label, style).with("rev", view.rev.to_string())
    };
    let question =
        "No run gets a post any more. Posts that are there already keep their times: call them off by themselves.";
    let meanwhile = refused.stale.then(|| Meanwhile {
        rev: view.rev,
        now: format!(
            "{}, in {}. A run that is too late: {}.",
            words::recurrence(&series.recurrence),
            zone,
            words::missed_run(series.missed)
        ),
    });
    let draft = refused.typed.or_else(|| TimesDraft::of(series));
    let no_edit = (writes && draft.is_none()).then(|| {
        "Its times were written through the API and say more than this form can show: change them there.".to_owned()
    });
    let says = Draft::can_say(&series.content, &series.variants);
    SeriesPage {
        row: series_row(book, series),
        facts,
        said: contents(book, &series.targets, &series.content, &series.variants, Some(media)),
        runs: runs.runs.iter().map(run).collect(),
        skipped: runs.skipped.iter().map(|local| local.strftime(LOCAL).to_string()).collect(),
        past: series.runs.iter().rev().map(|past| past_run(past, zone, posts)).collect(),
        pause: (writes && series.status == SeriesStatus::Active).then(|| act("pause", "Pause", ActionStyle::Plain)),
        resume: (writes && paused).then(|| act("resume", "Resume", ActionStyle::Primary)),
        end: writes.then(|| reader.action(format!("{at}/end"), "End", ActionStyle::Danger).asking(question)),
        edit: draft.filter(|_| writes).map(|draft| RecurrenceForm {
            href: format!("{at}/times"),
            idempotency_key: reader.fresh(),
            // Of a form that is sent again the old one: else it would override, unasked, what somebody else did.
            rev: refused.rev.unwrap_or(view.rev),
            meanwhile,
            zones: zones(&draft.zone),
            fields: draft.often.fields(),
            date: draft.date,
            time: draft.time,
            zone: draft.zone,
        }),
        no_edit,
        content_href: (writes && says).then(|| format!("{at}/content")),
        no_content: (writes && !says).then(|| {
            "It was written through the API and says more than the form can show: change it there.".to_owned()
        }),
        errors: refused.errors,
    }
}

/// The runs after those that were dealt with. What is paused or over has none, and neither has a zone that is gone.
fn ahead(reader: &Reader<'_>, series: &Series) -> Runs {
    if series.status != SeriesStatus::Active {
        return Runs::default();
    }
    let after = series.ran_until.map_or(reader.now, |ran| ran.max(reader.now));
    series.recurrence.runs(after, SHOWN).unwrap_or_default()
}

fn past_run(past: &PastRun, zone: &str, posts: &[PostView]) -> PastRunView {
    let made = past.outcome.post();
    // Whoever scheduled the draft since has decided.
    let known = posts.iter().find(|view| Some(view.post.id) == made).map(|view| words::post(view.status));
    let unknown = || match past.outcome {
        RunOutcome::Made { .. } => Badge::new("Has its post", Tone::Neutral),
        RunOutcome::Waits { .. } => Badge::new("Waits for a person", Tone::Warn),
        RunOutcome::Skipped => Badge::new("Left out", Tone::Warn),
    };
    PastRunView {
        at: Moment::new(past.run.at, zone),
        state: known.unwrap_or_else(unknown),
        href: made.map(|post| format!("/console/posts/{post}")),
    }
}

/// Violations of a series' times, beside the fields of their form.
pub fn times_errors(violations: &[Violation]) -> Vec<FieldError> {
    let error = |violation: &Violation| FieldError {
        field: times_field(&violation.field).unwrap_or("recurrence").into(),
        text: words::sentence(&violation.detail),
    };
    violations.iter().map(error).collect()
}

/// The field of the form that mends what is wrong at this place of a series.
pub(super) fn times_field(place: &str) -> Option<&'static str> {
    match place {
        "/recurrence/start" => Some("date"),
        "/recurrence/timezone" => Some("zone"),
        "/recurrence/rule" => Some("freq"),
        place if place.starts_with("/missed_run") => Some("missed"),
        _ => None,
    }
}

/// The posts of the runs that a series remembers.
pub fn posts_of(series: &Series) -> Vec<PostId> {
    series.runs.iter().filter_map(|past| past.outcome.post()).collect()
}
