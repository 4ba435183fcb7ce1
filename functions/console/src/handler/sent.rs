//! A composer's form on its way to a post: its media are stored first, so that a mistake elsewhere does not cost them;
//! then the post is handed over, and whatever is refused is told beside its field.

use super::Console;
use super::form::{Form, Posted, goes};
use super::series;
use super::trouble::Trouble;
use crate::map::{Book, Draft, Extras, RecurrenceDraft, Row, Wall, WrongTime, post_errors};
use crate::view::{FieldError, When as Chosen};
use crate::words::{Said, sentence, told};
use app::publishing::{Accepted, Edit, NewSeries, PostView, PublishCommand, Range, RecurrenceSpec, TargetSpec, When};
use app::{Error, Reply};
use domain::MediaId;
use domain::platform::Descriptor;
use domain::publishing::{Media, MediaRef, Post, Schedule, Variant, Violation, check};
use domain::time::OnGap;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Rows of media a form is read for; every platform takes fewer.
const MAX_ROWS: usize = 50;
/// The number of a row that the form does not have: its medium was picked from the library.
const FROM_LIBRARY: usize = usize::MAX;

/// When a form wants to be sent.
enum Time {
    Once(When),
    Again(RecurrenceSpec),
}

/// A form that was sent, while it becomes a post.
pub(super) struct Sent {
    pub(super) draft: Draft,
    /// For each row of the draft, its number in the form.
    numbers: Vec<usize>,
    /// The media of the rows, as they are stored.
    pub(super) media: Vec<Media>,
    references: Vec<MediaRef>,
    /// For each reference, its row.
    rows: Vec<usize>,
    pub(super) errors: Vec<FieldError>,
}

impl Sent {
    pub(super) fn read(form: &Form, book: &Book) -> Self {
        let (extras, errors) = Extras::typed(|name| form.get(name));
        let mut draft = Draft {
            text: form.get("text").to_owned(),
            link: form.get("link").trim().to_owned(),
            link_title: form.get("link_title").to_owned(),
            link_description: form.get("link_description").to_owned(),
            extras,
            targets: form.all("target").map(str::to_owned).collect(),
            when: match form.get("when") {
                "at" => Chosen::At,
                "queue" => Chosen::Queue,
                "best" => Chosen::Best,
                "series" => Chosen::Series,
                "draft" => Chosen::Draft,
                _ => Chosen::Now,
            },
            date: form.get("date").to_owned(),
            time: form.get("time").to_owned(),
            zone: form.get("zone").to_owned(),
            often: RecurrenceDraft::typed(|name| form.get(name), form.all("weekday").map(str::to_owned).collect()),
            ..Draft::default()
        };
        for descriptor in &book.platforms {
            let own = form.get(&format!("variant_{}", descriptor.id));
            if !own.trim().is_empty() {
                draft.variants.insert(descriptor.id.to_string(), own.to_owned());
            }
        }
        let mut numbers = Vec::new();
        for i in 0..MAX_ROWS {
            let field = |name: &str| form.get(&format!("media_{i}_{name}")).trim();
            let id = field("id").parse().ok();
            let row = Row { id, url: field("url").into(), alt: field("alt").into(), title: field("title").into() };
            let file = form.file(&format!("media_{i}_file")).is_some();
            let empty = row == Row::default() && !file;
            if !empty && !form.has(&format!("media_{i}_remove")) {
                numbers.push(i);
                draft.rows.push(row);
            }
        }
        let picked = form.all("media_pick").filter_map(|id| id.parse::<MediaId>().ok());
        for id in picked.take(MAX_ROWS) {
            if !draft.rows.iter().any(|row| row.id == Some(id)) {
                numbers.push(FROM_LIBRARY);
                draft.rows.push(Row { id: Some(id), ..Row::default() });
            }
        }
        Self { draft, numbers, media: vec![], references: vec![], rows: vec![], errors }
    }

    /// Stores what was uploaded and registers what has an address, so that neither is asked for again.
    pub(super) async fn gather(&mut self, console: &Console, posted: &Posted) -> Result<(), Trouble> {
        let (deps, caller) = (&console.deps, &posted.session.caller);
        for (i, row) in self.draft.rows.iter_mut().enumerate() {
            let file = posted.form.file(&format!("media_{}_file", self.numbers[i]));
            let found = match (row.id, file) {
                (Some(id), _) => app::publishing::media(deps, caller, id).await.map_err(|error| match error {
                    Error::NotFound(_) => Error::invalid("media_not_found", "", "this file was deleted: remove it"),
                    other => other,
                }),
                (None, Some(bytes)) => app::publishing::upload_media(deps, caller, bytes.clone(), "").await,
                (None, None) if row.url.is_empty() => {
                    Err(Error::invalid("media_missing", "", "choose a file or give its address"))
                }
                (None, None) => match app::publishing::named_media(deps, caller, &row.url, "").await {
                    Ok(id) => app::publishing::media(deps, caller, id).await,
                    Err(error) => Err(error),
                },
            };
            match found {
                Ok(medium) => {
                    if self.numbers[i] == FROM_LIBRARY {
                        *row = Row::of(&medium);
                    }
                    row.id = Some(medium.id);
                    row.url.clear();
                    self.references.extend(row.reference());
                    self.rows.push(i);
                    self.media.push(medium);
                }
                Err(Error::Invalid(violations)) => {
                    let texts = violations.iter().map(|v| sentence(&v.detail)).collect::<Vec<_>>().join(" ");
                    self.errors.push(FieldError { field: format!("media_{i}"), text: texts });
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// The platforms of the ticked accounts, and those with a text of their own.
    pub(super) fn platforms(&self, book: &Book) -> Vec<Descriptor> {
        let ticked = |d: &Descriptor| {
            book.accounts.iter().any(|a| a.platform == d.id && self.draft.targets.contains(&a.id.to_string()))
        };
        let own = |d: &Descriptor| self.draft.variants.contains_key(d.id.as_str());
        book.platforms.iter().filter(|d| ticked(d) || own(d)).cloned().collect()
    }

    /// What the form says for these platforms, and where it goes.
    pub(super) fn says(&self, platforms: &[Descriptor]) -> (Variant, BTreeMap<String, Variant>, Vec<TargetSpec>) {
        let (content, variants) = self.draft.content(platforms, &self.references);
        let targets = self.draft.targets.iter().filter_map(|id| id.parse().ok().map(TargetSpec::Account)).collect();
        (content, variants, targets)
    }

    /// Hands the post over. When it is refused, all that is wrong stands in `errors`, and the answer is the status.
    pub(super) async fn accept(
        &mut self,
        console: &Console,
        posted: &Posted,
        book: &Book,
        old: Option<&PostView>,
    ) -> Result<Result<Reply, u16>, Trouble> {
        let platforms = self.platforms(book);
        let (content, variants, targets) = self.says(&platforms);
        let time = match old.and_then(|old| self.shown_time(&old.post)) {
            Some(at) => Time::Once(When::At(at)),
            None => self.time(old.is_none()),
        };
        if !self.is_sound(console, posted, &platforms).await? {
            return Ok(Err(422));
        }
        let (deps, caller, once) = (&console.deps, &posted.session.caller, posted.once()?);
        let done = match (old, time) {
            (_, Time::Again(recurrence)) => {
                let new = NewSeries { content, variants, targets, recurrence, missed: self.draft.often.missed };
                series::make(console, caller, &new, once).await
            }
            (None, Time::Once(when)) => {
                let command = PublishCommand { content, variants, targets, when, max_lateness_s: None };
                let encode = |accepted: &Accepted| goes(&address(accepted), said(accepted));
                app::publishing::request(deps, caller, &command, once, &encode).await
            }
            (Some(old), Time::Once(when)) => {
                let rev = posted.form.get("rev").parse().map_err(|_| Trouble::Status(400))?;
                let stays = matches!(
                    (&old.post.schedule, &when),
                    (Schedule::Draft, When::Draft)
                        | (Schedule::At { .. }, When::At(_))
                        | (Schedule::Queue { best: None, .. }, When::Queue)
                        | (Schedule::Queue { best: Some(_), .. }, When::Best(_))
                );
                let edit = Edit {
                    content: Some(content),
                    variants: Some(variants),
                    targets: old.post.is_draft().then_some(targets),
                    when: (!stays).then_some(when),
                };
                let waits =
                    |accepted: &Accepted| if accepted.approval.is_some() { Said::SavedWaits } else { Said::Saved };
                let encode = |accepted: &Accepted| goes(&address(accepted), waits(accepted));
                app::publishing::edit(deps, caller, old.post.id, rev, &edit, once, &encode).await
            }
        };
        match done {
            Ok(reply) => Ok(Ok(reply)),
            Err(error) => self.refused(error).map(Err),
        }
    }

    /// The instant of a post whose form comes back with the time that it showed. Read anew, the second of an hour that comes twice
    /// would be the first, and what a run was moved over a gap for would be no time at all.
    fn shown_time(&self, post: &Post) -> Option<Timestamp> {
        let Schedule::At { at, .. } = &post.schedule else { return None };
        let shown = Draft::of(post, &self.draft.zone, *at);
        let told = |draft: &Draft| (draft.when, [&draft.date, &draft.time, &draft.zone].map(String::clone));
        (told(&shown) == told(&self.draft)).then_some(*at)
    }

    /// The chosen time; one that is none becomes an error beside its field.
    fn time(&mut self, is_new: bool) -> Time {
        if self.draft.when != Chosen::Series {
            return Time::Once(self.when());
        }
        let Draft { date, time, zone, often, .. } = &self.draft;
        let errors = match often.spec(date, time, zone) {
            Ok(spec) if is_new => return Time::Again(spec),
            Ok(_) => {
                let text = "A post that is there already becomes no series: compose a new one.".into();
                vec![FieldError { field: "when".into(), text }]
            }
            Err(errors) => errors,
        };
        self.errors.extend(errors);
        Time::Once(When::Draft)
    }

    fn when(&mut self) -> When {
        match self.draft.when {
            Chosen::Now => When::Now,
            Chosen::Queue => When::Queue,
            // In the organisation's zone, within a week.
            Chosen::Best => When::Best(Range::default()),
            Chosen::Draft | Chosen::Series => When::Draft,
            Chosen::At => {
                let Draft { date, time, zone, .. } = &self.draft;
                match (Wall { date, time, zone }).read() {
                    Ok(wall) => When::Wall(wall, OnGap::Reject),
                    Err(WrongTime { field, text }) => {
                        self.errors.push(FieldError { field: field.into(), text });
                        When::Draft
                    }
                }
            }
        }
    }

    /// Whether nothing is wrong yet. Else it adds what else is wrong, so that a person who mends one field does not meet the next
    /// error only then.
    pub(super) async fn is_sound(
        &mut self,
        console: &Console,
        posted: &Posted,
        platforms: &[Descriptor],
    ) -> Result<bool, Trouble> {
        if self.errors.is_empty() {
            return Ok(true);
        }
        let rules = app::publishing::rules(&console.deps, &posted.session.caller).await?;
        let (content, variants) = self.draft.content(platforms, &self.references);
        let mut violations = Vec::new();
        if self.draft.targets.is_empty() && self.draft.when != Chosen::Draft {
            violations.push(Violation::new("targets_missing", "/targets", "choose at least one account"));
        }
        for descriptor in platforms {
            let own = variants.get(descriptor.id.as_str());
            let at = own.map_or_else(|| "/content".to_owned(), |_| format!("/variants/{}", descriptor.id));
            violations.extend(check(own.unwrap_or(&content), descriptor, &self.media, &at));
            violations.extend(rules.brand.check_on(descriptor, own.unwrap_or(&content), &self.media, &at));
        }
        self.errors.extend(post_errors(&violations, &self.draft, &self.rows));
        Ok(false)
    }

    /// Takes what was refused for errors beside their fields.
    pub(super) fn refused(&mut self, error: Error) -> Result<u16, Trouble> {
        let field = match &error {
            Error::Invalid(violations) => {
                self.errors.extend(post_errors(violations, &self.draft, &self.rows));
                return Ok(422);
            }
            Error::Conflict { code: "account_needs_reauth", .. } => "targets",
            Error::Conflict { code: "queue_full" | "no_common_slot" | "no_free_time", .. } => "when",
            Error::Conflict { .. } | Error::Unavailable(_) => "composer",
            Error::KeyReused => {
                let text = "This form was sent before with other content, and that counted. If you mean a second post, \
                            press the button once more.";
                self.errors.push(FieldError { field: "composer".into(), text: text.into() });
                return Ok(409);
            }
            _ => return Err(error.into()),
        };
        let told = told(&error);
        self.errors.push(FieldError { field: field.into(), text: told.text });
        Ok(told.status)
    }
}

fn address(accepted: &Accepted) -> String {
    format!("/console/posts/{}", accepted.post.id)
}

fn said(accepted: &Accepted) -> Said {
    if accepted.approval.is_some() {
        return Said::Waits;
    }
    match accepted.post.schedule {
        Schedule::Now { .. } => Said::Posted,
        Schedule::At { .. } => Said::Scheduled,
        Schedule::Queue { best: Some(_), .. } => Said::Best,
        Schedule::Queue { best: None, .. } => Said::Queued,
        Schedule::Draft => Said::Draft,
    }
}
