//! A composer's form that was sent: its media are stored first, so that a mistake elsewhere does not cost them, and whatever is
//! refused is told beside its field.

use super::Console;
use super::form::{Form, Posted};
use super::trouble::Trouble;
use crate::map::{Book, Draft, Extras, MAX_ROWS, RecurrenceDraft, Row, parts, post_errors};
use crate::view::{FieldError, When as Chosen};
use crate::words::{sentence, told};
use app::Error;
use app::publishing::TargetSpec;
use domain::MediaId;
use domain::access::Caller;
use domain::platform::Descriptor;
use domain::publishing::{Media, MediaRef, Variant, Violation, check};
use std::collections::BTreeMap;

/// The number of a row that the form does not have: its medium was picked from the library.
const FROM_LIBRARY: usize = usize::MAX;

/// A form that was sent, while it becomes a post.
pub(super) struct Sent {
    pub(super) draft: Draft,
    /// For each row of the draft, its number in the form.
    numbers: Vec<usize>,
    /// The media of the rows and the files of their captions, as they are stored.
    pub(super) media: Vec<Media>,
    /// What is stored of the rows, with the part that it stands in.
    references: Vec<(usize, MediaRef)>,
    /// For each reference, its row.
    rows: Vec<usize>,
    pub(super) errors: Vec<FieldError>,
}

impl Sent {
    pub(super) fn read(form: &Form, book: &Book) -> Self {
        let (extras, mut errors) = Extras::typed(|name| form.get(name));
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
        let mut rows = Vec::new();
        for i in (0..usize::from(MAX_ROWS)).filter(|i| form.has_any(&format!("media_{i}_"))) {
            let row = Row::typed(|name| form.get(&format!("media_{i}_{name}")));
            let file = form.file(&format!("media_{i}_file")).is_some();
            let empty = row == Row::default() && !file;
            if !empty && !form.has(&format!("media_{i}_remove")) {
                rows.push((i, row));
            }
        }
        let picked = form.all("media_pick").filter_map(|id| id.parse::<MediaId>().ok());
        for id in picked.take(MAX_ROWS.into()) {
            if !rows.iter().any(|(_, row)| row.id == Some(id)) {
                rows.push((FROM_LIBRARY, Row { id: Some(id), ..Row::default() }));
            }
        }
        rows.sort_by_key(|(_, row)| row.part());
        for (i, (_, row)) in rows.iter().enumerate() {
            errors.extend(row.unread().into_iter().map(|text| beside(i, text)));
        }
        let numbers;
        (numbers, draft.rows) = rows.into_iter().unzip();
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
                    self.references.extend(row.reference().map(|reference| (row.part(), reference)));
                    self.rows.push(i);
                    self.media.push(medium);
                    self.errors
                        .extend(captions(console, caller, row, &mut self.media).await?.map(|text| beside(i, text)));
                }
                Err(Error::Invalid(violations)) => {
                    let texts = violations.iter().map(|v| sentence(&v.detail)).collect::<Vec<_>>().join(" ");
                    self.errors.push(beside(i, texts));
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

    /// Media of a part that the text has nowhere.
    fn lost_parts(&self, platforms: &[Descriptor]) -> Vec<FieldError> {
        let count = |d: &Descriptor| parts(self.draft.text_for(&d.id), d.limits.of(self.draft.extras.kind())).len();
        let most = platforms.iter().map(count).max().unwrap_or(1);
        let lost = |(i, row): (usize, &Row)| {
            let text = "No chosen platform has this part of the thread: a line with only --- begins the next part.";
            (row.part() >= most).then(|| beside(i, text.into()))
        };
        self.draft.rows.iter().enumerate().filter_map(lost).collect()
    }

    /// Whether nothing is wrong yet. Else it adds what else is wrong, so that a person who mends one field does not meet the next
    /// error only then.
    pub(super) async fn is_sound(
        &mut self,
        console: &Console,
        posted: &Posted,
        platforms: &[Descriptor],
    ) -> Result<bool, Trouble> {
        self.errors.extend(self.lost_parts(platforms));
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

/// Looks up the files of a row's captions for `media`, and tells what is missing.
async fn captions(
    console: &Console,
    caller: &Caller,
    row: &Row,
    media: &mut Vec<Media>,
) -> Result<Option<String>, Trouble> {
    let mut missing = None;
    for id in row.captions() {
        if media.iter().any(|known| known.id == id) {
            continue;
        }
        match app::publishing::media(&console.deps, caller, id).await {
            Ok(medium) => media.push(medium),
            Err(Error::NotFound(_)) => missing = Some("This file of captions was deleted: choose another.".to_owned()),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(missing)
}

/// What is wrong with a row of media.
fn beside(row: usize, text: String) -> FieldError {
    FieldError { field: format!("media_{row}"), text }
}
