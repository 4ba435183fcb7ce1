//! Posts from a file: what each row would be, and what became of it.

use super::{Book, Reader, excerpt, row as post_row};
use crate::view::{Badge, CellProblem, Fact, ImportMake, ImportPage, ImportReport, ImportRow, Moment, PostRow, Tone};
use crate::words::{self, Tally, sentence};
use app::Error;
use app::publishing::{Import, MAX_ROWS, PostView, PublishCommand, Row, RowOutcome, When};
use domain::publishing::Variant;
use runtime::http::MAX_BODY_BYTES;
use wire::import::{ImportBody, ImportedBody, RowBody};
use wire::publish::{PublishBody, PublishOption};

/// Bytes of a file: as many as the API takes.
pub const MAX_FILE: usize = MAX_BODY_BYTES;

/// The rows of a file, before it is known what is said of them.
pub struct Sheet {
    /// As they were sent.
    pub csv: String,
    /// What they ask for.
    pub rows: Vec<Row>,
    /// Each as a post's own form.
    pub bodies: Vec<PublishBody>,
    previews: Vec<Preview>,
}

/// What a row says, as far as it can be read.
struct Preview {
    goes: Goes,
    row: ImportRow,
}

/// When a row goes out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Goes {
    Now,
    Later,
    Never,
}

impl Sheet {
    /// Reads a file. One that is no table, or has too many rows, is an error of the whole.
    pub fn read(reader: &Reader<'_>, book: &Book, csv: String) -> Result<Self, (String, Error)> {
        let body = ImportBody { csv, partial: false, dry_run: true };
        match body.rows() {
            Ok((rows, bodies)) => {
                let each = rows.iter().zip(&bodies).enumerate();
                let previews = each.map(|(index, (row, body))| preview(reader, book, index, row, body)).collect();
                Ok(Self { csv: body.csv, rows, bodies, previews })
            }
            Err(error) => Err((body.csv, error)),
        }
    }

    /// The rows, to be handed over once.
    pub fn take(&mut self) -> Vec<Row> {
        std::mem::take(&mut self.rows)
    }

    /// What was found, and the second step where one is possible. `waits` tells whether what the reader writes waits for an approval.
    pub fn found(
        self,
        reader: &Reader<'_>,
        outcomes: &[RowOutcome],
        waits: bool,
    ) -> (ImportReport, Option<ImportMake>, String) {
        let told = ImportedBody::of(outcomes, &self.bodies);
        let mut tally = Tally::default();
        let mut rows = Vec::with_capacity(self.previews.len());
        for (preview, found) in self.previews.into_iter().zip(told.rows) {
            let good = found.errors.is_empty();
            match (good, preview.goes) {
                (false, _) => tally.wrong += 1,
                (true, Goes::Now) => tally.now += 1,
                (true, Goes::Later) => tally.later += 1,
                (true, Goes::Never) => tally.drafts += 1,
            }
            let state = if good { Badge::new("Good", Tone::Good) } else { Badge::new("Wrong", Tone::Bad) };
            rows.push(ImportRow { state, ..filled(preview.row, found) });
        }
        let mut text = vec!["Nothing is made yet.".to_owned(), tally.becomes()];
        if waits && tally.now + tally.later > 0 {
            text.push("What is no draft waits until somebody approves it; nothing goes out before.".into());
        }
        text.retain(|sentence| !sentence.is_empty());
        let make = (tally.good() > 0).then(|| make(reader.fresh(), tally, &self.csv));
        let tone = match (tally.good(), tally.wrong) {
            (0, _) => Tone::Bad,
            (_, 0) => Tone::Info,
            _ => Tone::Warn,
        };
        (ImportReport { title: tally.title(), text: text.join(" "), tone, rows }, make, self.csv)
    }
}

/// The second step, for the rows that are good.
fn make(idempotency_key: String, tally: Tally, csv: &str) -> ImportMake {
    let (how, label, hint) = if tally.wrong == 0 {
        let label =
            if tally.good() == 1 { "Import the row".to_owned() } else { format!("Import all {} rows", tally.good()) };
        ("whole", label, "All of them become posts, or, if one has become wrong meanwhile, none.")
    } else {
        let label = match tally.good() {
            1 => "Import the good row only".to_owned(),
            _ => format!("Import the {} good rows only", tally.good()),
        };
        ("partial", label, "The others are left out. To import all at once, put them right below and check again.")
    };
    ImportMake { idempotency_key, how: how.into(), csv: csv.to_owned(), label, hint: hint.into() }
}

/// The word of a form for what is to be done.
pub fn how(word: &str) -> Option<Import> {
    match word {
        "whole" => Some(Import::Whole),
        "partial" => Some(Import::Partial),
        _ => None,
    }
}

/// The page without anything on it but `csv`.
pub fn import_page(reader: &Reader<'_>, csv: String) -> ImportPage {
    let fact = |(label, value): (&str, &str)| Fact { label: label.into(), value: value.into() };
    ImportPage {
        idempotency_key: reader.fresh(),
        limits: format!(
            "Up to {MAX_ROWS} rows and {} in UTF-8, separated by commas, semicolons or tabs. Split what is larger.",
            words::size(MAX_FILE as u64)
        ),
        max_bytes: MAX_FILE,
        csv,
        columns: words::columns().map(fact).collect(),
        ..ImportPage::default()
    }
}

/// What became of rows. `posts` are the posts that were made, as far as they are still there.
pub fn imported_report(reader: &Reader<'_>, book: &Book, told: ImportedBody, posts: &[PostView]) -> ImportReport {
    let (title, text) = words::imported(told.made, told.refused);
    let tone = if told.refused == 0 { Tone::Good } else { Tone::Warn };
    let rows = told.rows.into_iter().map(|found| {
        let made = found.pack_id.clone();
        let view = posts.iter().find(|view| Some(view.post.id.to_string()) == made);
        let base = match (view.map(|view| post_row(reader, book, view)), &made) {
            (Some(PostRow { excerpt, when, state, accounts, href, .. }), _) => ImportRow {
                excerpt,
                accounts: accounts
                    .iter()
                    .map(|account| format!("{} on {}", account.name, account.platform.name))
                    .collect(),
                due: when.map_or_else(|| "No date yet".into(), |when| format!("{} {}", when.text, when.zone)),
                state,
                href: Some(href),
                ..ImportRow::default()
            },
            (None, Some(post)) => ImportRow {
                state: Badge::new("Made", Tone::Good),
                href: Some(format!("/console/posts/{post}")),
                ..ImportRow::default()
            },
            (None, None) => ImportRow { state: Badge::new("Left out", Tone::Bad), ..ImportRow::default() },
        };
        filled(base, found)
    });
    ImportReport { title, text, tone, rows: rows.collect() }
}

fn filled(base: ImportRow, found: RowBody) -> ImportRow {
    let problem = |error: wire::publish::ViolationBody| CellProblem {
        column: Some(error.field).filter(|column| !column.is_empty()),
        text: sentence(&error.detail),
    };
    ImportRow {
        row: found.row,
        problems: found.errors.into_iter().map(problem).collect(),
        warnings: found.warnings.iter().map(|warning| sentence(warning)).collect(),
        ..base
    }
}

fn preview(reader: &Reader<'_>, book: &Book, index: usize, row: &Row, body: &PublishBody) -> Preview {
    let (goes, due) = match &row.command {
        Ok(command) => due(reader, &command.when),
        Err(_) => (Goes::Never, typed(body)),
    };
    let says = row.command.as_ref().map_or_else(|_| body.content.text.clone().unwrap_or_default(), said);
    let row = ImportRow {
        row: index + 1,
        excerpt: excerpt(&Variant::text(&says)),
        accounts: accounts(book, body),
        due,
        ..ImportRow::default()
    };
    Preview { goes, row }
}

/// The text of a post, or, where only single platforms get one, the first of those.
fn said(command: &PublishCommand) -> String {
    let all = std::iter::once(&command.content).chain(command.variants.values());
    let texts = all.filter_map(|variant| variant.parts.first()).map(|part| part.text.as_str());
    texts.into_iter().find(|text| !text.is_empty()).unwrap_or_default().to_owned()
}

fn due(reader: &Reader<'_>, when: &When) -> (Goes, String) {
    match when {
        When::Now => (Goes::Now, "At once".into()),
        When::Draft => (Goes::Never, "Draft".into()),
        When::Queue => (Goes::Later, "Next free slot".into()),
        When::Best(_) => (Goes::Later, "Best time".into()),
        When::At(at) => {
            let Moment { text, zone, .. } = reader.moment(*at);
            (Goes::Later, format!("{text} {zone}"))
        }
        When::Wall(wall, _) => (Goes::Later, format!("{} {}", wall.local.strftime("%a %-d %b %Y, %H:%M"), wall.zone)),
    }
}

/// A time as it was typed, where it is none.
fn typed(body: &PublishBody) -> String {
    let time = body.scheduled_at.iter().chain(&body.timezone).map(String::as_str).collect::<Vec<_>>().join(" ");
    if time.is_empty() && body.option == PublishOption::Draft { "Draft".into() } else { time }
}

/// Where a row goes, in words; what is not known is named as it was written.
fn accounts(book: &Book, body: &PublishBody) -> Vec<String> {
    let account = |id: &domain::AccountId| {
        let found = book.connected().find(|account| account.id == *id).map(|account| book.named(account));
        found.map_or_else(|| id.to_string(), |account| format!("{} on {}", account.name, account.platform.name))
    };
    let platform = |name: &String| {
        let Some(descriptor) = book.platforms.iter().find(|descriptor| descriptor.answers_to(name)) else {
            return name.clone();
        };
        let mut those = book.connected().filter(|account| account.platform == descriptor.id);
        match (those.next(), those.next()) {
            (Some(only), None) => format!("{} on {}", only.profile.name, descriptor.name),
            _ => descriptor.name.clone(),
        }
    };
    body.accounts.iter().map(account).chain(body.platforms.iter().map(platform)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_step_takes_all_rows_or_only_the_good_ones_and_no_other() {
        let tally = |wrong, later| Tally { wrong, later, ..Tally::default() };
        let step = |tally| {
            let made = make("key".into(), tally, "text\na\n");
            (made.how, made.label)
        };
        assert_eq!(step(tally(0, 1)), ("whole".into(), "Import the row".into()));
        assert_eq!(step(tally(0, 3)), ("whole".into(), "Import all 3 rows".into()));
        assert_eq!(step(tally(2, 1)), ("partial".into(), "Import the good row only".into()));
        assert!(how("whole") == Some(Import::Whole) && how("partial") == Some(Import::Partial) && how("dry").is_none());
    }
}
