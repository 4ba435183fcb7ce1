//! Sample data of what is planned ahead: the slots of a queue, and series.

use console::view::{
    ActionStyle, Badge, Fact, FieldError, Meanwhile, PastRunView, RecurrenceFields, RecurrenceForm, RunView,
    SelectOption, SeriesListPage, SeriesPage, SeriesRow, SlotDay, SlotsLink, SlotsPage, Tone, zone_groups,
};

use super::content::{action, at, mira, on_x};

/// The ways to the slots, on the queue's page.
pub fn slots_links() -> Vec<SlotsLink> {
    [mira(), on_x()].map(|account| SlotsLink { account, href: "/console/accounts/acc_1/slots".into() }).into()
}

pub fn slots() -> SlotsPage {
    let day = |id: &str, label: &str, times: &str| SlotDay { id: id.into(), label: label.into(), times: times.into() };
    SlotsPage {
        account: mira(),
        action: Some("/console/accounts/acc_1/slots".into()),
        idempotency_key: "key-slots".into(),
        errors: vec![FieldError {
            field: "tuesday".into(),
            text: "“25:00” is no time: write 09:00, and a comma between times.".into(),
        }],
        days: vec![
            day("monday", "Monday", "09:00, 13:00, 17:00"),
            day("tuesday", "Tuesday", "09:00, 25:00"),
            day("sunday", "Sunday", ""),
        ],
        zone: "Europe/Berlin".into(),
        zones: zone_groups(),
        next: Some(at("2026-03-10T08:00:00Z")),
        ..SlotsPage::default()
    }
}

/// The page as who may not change anything reads it.
pub fn slots_read() -> SlotsPage {
    let fact = |label: &str, value: &str| Fact { label: label.into(), value: value.into() };
    SlotsPage {
        action: None,
        errors: Vec::new(),
        next: None,
        none_free: Some("No slot of the next sixty days is free: name a time.".into()),
        facts: vec![fact("Monday", "09:00, 13:00, 17:00"), fact("Sunday", "None")],
        ..slots()
    }
}

/// How often, as the forms have it.
pub fn recurrence() -> RecurrenceFields {
    let option =
        |value: &str, label: &str, selected| SelectOption { value: value.into(), label: label.into(), selected };
    let days = [("MO", "Monday"), ("TU", "Tuesday"), ("WE", "Wednesday"), ("TH", "Thursday"), ("FR", "Friday")];
    RecurrenceFields {
        every: "2".into(),
        freqs: vec![option("day", "days", false), option("week", "weeks, on the days ticked below", true)],
        weekdays: days.iter().map(|(code, name)| option(code, name, *code == "MO")).collect(),
        until: "2026-12-31".into(),
        count: String::new(),
        missed: vec![
            option("send-3600", "Sent, if it is at most 1 hour late", true),
            option("skip", "Left out", false),
        ],
    }
}

fn series_row(status: Badge, why: Option<&str>) -> SeriesRow {
    SeriesRow {
        href: "/console/series/ser_1".into(),
        excerpt: "Fresh beans every other Monday, and the story of who grew them.".into(),
        accounts: vec![mira(), on_x()],
        rule: "Every 2 weeks on Monday at 09:00, until 31 Dec 2026".into(),
        zone: "Europe/Berlin".into(),
        next: why.is_none().then(|| at("2026-03-16T08:00:00Z")),
        last: Some(at("2026-03-02T08:00:00Z")),
        status,
        why: why.map(Into::into),
    }
}

pub fn series_list() -> SeriesListPage {
    let gone = "An account of it was disconnected. Connect it again, then resume the series.";
    SeriesListPage {
        items: vec![
            series_row(Badge::new("Goes on", Tone::Info), None),
            series_row(Badge::new("Paused", Tone::Bad), Some(gone)),
            SeriesRow {
                excerpt: String::new(),
                ..series_row(Badge::new("Ended", Tone::Neutral), Some("It has had its last run."))
            },
        ],
        more_href: Some("/console/series?after=abc".into()),
        first_href: Some("/console/series".into()),
    }
}

pub fn series() -> SeriesPage {
    let fact = |label: &str, value: &str| Fact { label: label.into(), value: value.into() };
    let run = |iso: &str, note: Option<&str>| RunView { at: at(iso), note: note.map(Into::into) };
    let past = |iso: &str, state, tone, href: Option<&str>| PastRunView {
        at: at(iso),
        state: Badge::new(state, tone),
        href: href.map(Into::into),
    };
    let end = "No run gets a post any more. Posts that are there already keep their times.";
    SeriesPage {
        row: series_row(Badge::new("Goes on", Tone::Info), None),
        facts: vec![fact("Starts", "Mon 2 Mar 2026, 09:00"), fact("Time zone", "Europe/Berlin")],
        said: super::posts::approvals().items.remove(0).said,
        runs: vec![
            run("2026-03-16T08:00:00Z", None),
            run("2026-03-30T07:00:00Z", Some("Clocks skip its time that day: it is moved forward.")),
        ],
        skipped: vec!["Sun 29 Mar 2026, 02:30".into()],
        past: vec![
            past("2026-03-02T08:00:00Z", "Published", Tone::Good, Some("/console/posts/post_1")),
            past("2026-02-16T08:00:00Z", "Left out", Tone::Warn, None),
        ],
        pause: Some(action("/console/series/ser_1/pause", "Pause", ActionStyle::Plain, None)),
        resume: None,
        end: Some(action("/console/series/ser_1/end", "End", ActionStyle::Danger, Some(end))),
        edit: Some(RecurrenceForm {
            href: "/console/series/ser_1/times".into(),
            idempotency_key: "key-times".into(),
            rev: 3,
            meanwhile: Some(Meanwhile {
                rev: 4,
                now: "Every 3 days at 10:30, in UTC. A run that is too late: Left out.".into(),
            }),
            date: "2026-03-02".into(),
            time: "09:00".into(),
            zone: "Europe/Berlin".into(),
            zones: zone_groups(),
            fields: recurrence(),
        }),
        no_edit: None,
        content_href: Some("/console/series/ser_1/content".into()),
        no_content: None,
        errors: vec![
            FieldError { field: "every".into(), text: "Give a whole number from 1 to 100.".into() },
            FieldError { field: "recurrence".into(), text: "Somebody else changed this at the same moment.".into() },
        ],
    }
}

/// A series that stands still, whose times the form cannot show.
pub fn series_paused() -> SeriesPage {
    SeriesPage {
        row: series_list().items.remove(1),
        runs: Vec::new(),
        skipped: Vec::new(),
        pause: None,
        resume: Some(action("/console/series/ser_1/resume", "Resume", ActionStyle::Primary, None)),
        edit: None,
        no_edit: Some("Its times were written through the API and say more than this form can show.".into()),
        content_href: None,
        no_content: Some("It was written through the API and says more than the form can show.".into()),
        errors: Vec::new(),
        ..series()
    }
}
