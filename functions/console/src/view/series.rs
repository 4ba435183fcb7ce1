//! Series: one content that goes out again and again.

use serde::Serialize;

use super::{AccountRef, Action, Badge, Fact, FieldError, Moment, Said, SelectOption, ZoneGroup};

/// `GET /console/series`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SeriesListPage {
    /// The series, in the order they were made.
    pub items: Vec<SeriesRow>,
    /// The next page.
    pub more_href: Option<String>,
    /// The first page, when this is not it.
    pub first_href: Option<String>,
}

/// A series in the list.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SeriesRow {
    /// Its page.
    pub href: String,
    /// The beginning of the text; may be empty.
    pub excerpt: String,
    /// Where it goes.
    pub accounts: Vec<AccountRef>,
    /// How often, in words.
    pub rule: String,
    /// The zone of its times.
    pub zone: String,
    /// `Goes on`, `Paused`, `Ended`.
    pub status: Badge,
    /// Why it does not go on, and what to do.
    pub why: Option<String>,
    /// The run to come.
    pub next: Option<Moment>,
    /// The latest run that was dealt with.
    pub last: Option<Moment>,
}

/// `GET /console/series/{series_id}`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SeriesPage {
    /// What the list says of it.
    pub row: SeriesRow,
    /// What else is known: since when, what of late runs, what of changes of clocks.
    pub facts: Vec<Fact>,
    /// Everything that it says.
    pub said: Vec<Said>,
    /// The next runs.
    pub runs: Vec<RunView>,
    /// Local times before the last of them that are left out, since clocks skip them.
    pub skipped: Vec<String>,
    /// The runs that were dealt with, the latest first.
    pub past: Vec<PastRunView>,
    /// Pauses it.
    pub pause: Option<Action>,
    /// Resumes it.
    pub resume: Option<Action>,
    /// Ends it; asks first.
    pub end: Option<Action>,
    /// Gives it other times.
    pub edit: Option<RecurrenceForm>,
    /// Why its times cannot be changed here.
    pub no_edit: Option<String>,
    /// Where one changes what it says.
    pub content_href: Option<String>,
    /// Why that cannot be done here.
    pub no_content: Option<String>,
    /// What was wrong with the last try.
    pub errors: Vec<FieldError>,
}

/// A run to come.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RunView {
    /// When.
    pub at: Moment,
    /// What a change of clocks does to it.
    pub note: Option<String>,
}

/// A run that was dealt with.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PastRunView {
    /// When.
    pub at: Moment,
    /// What became of it.
    pub state: Badge,
    /// Its post.
    pub href: Option<String>,
}

/// A form with a recurrence.
///
/// Posts `date` (the first day), `time`, `zone`, the fields of [`RecurrenceFields`], `rev`, `csrf`, `idempotency_key`, and `over` with a
/// revision to put what was typed in the place of what stood there then. Error fields are those names, and `recurrence` for the whole
/// form.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RecurrenceForm {
    /// Where it posts to.
    pub href: String,
    /// A fresh key per rendering.
    pub idempotency_key: String,
    /// The revision that is edited.
    pub rev: u64,
    /// What somebody else made of it meanwhile.
    pub meanwhile: Option<Meanwhile>,
    /// The day from which on it runs, YYYY-MM-DD.
    pub date: String,
    /// The time of day, HH:MM.
    pub time: String,
    /// The chosen zone.
    pub zone: String,
    /// The zones to choose from.
    pub zones: Vec<ZoneGroup>,
    /// How often.
    pub fields: RecurrenceFields,
}

/// What stands there now, where somebody changed it after the form was opened.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Meanwhile {
    /// The revision that this is told of: what is put in its place takes the place of this and of nothing later.
    pub rev: u64,
    /// In words.
    pub now: String,
}

/// How often: `every`, `freq`, `weekday` (once per ticked one), `until` (YYYY-MM-DD), `count`, `missed`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RecurrenceFields {
    /// Every so many.
    pub every: String,
    /// Days, weeks or months.
    pub freqs: Vec<SelectOption>,
    /// The days of the week.
    pub weekdays: Vec<SelectOption>,
    /// The last day.
    pub until: String,
    /// How many times.
    pub count: String,
    /// What becomes of a run whose time has passed.
    pub missed: Vec<SelectOption>,
}
