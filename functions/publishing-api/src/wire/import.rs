//! `POST /api/publishing/posts/import`: posts as rows of a CSV file.

use super::content::{ContentBody, LinkItem, MediaItem};
use super::place::Places as _;
use super::publish::{PublishBody, PublishOption, ViolationBody};
use app::Error;
use app::publishing::{Import, MAX_ROWS, Row, RowOutcome};
use domain::publishing::Violation;
use http::Method;
use runtime::http::{Problem, fingerprint};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::str::FromStr;
use utoipa::ToSchema;

/// The columns, in the order in which a file for people has them.
pub const COLUMNS: [&str; 14] = [
    "text",
    "platforms",
    "accounts",
    "option",
    "scheduled_at",
    "timezone",
    "link",
    "link_title",
    "title",
    "summary",
    "hashtags",
    "first_comment",
    "media",
    "alt_texts",
];

/// Posts to import.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportBody {
    /// The file (RFC 4180), separated by commas or semicolons; its first line names the columns, in any order: `text`,
    /// `platforms`, `accounts`, `option`, `scheduled_at`, `timezone`, `link`, `link_title`, `title`, `summary`, `hashtags`,
    /// `first_comment`, `media`, `alt_texts`. Several values of a cell are separated by spaces, alternative texts by `|`.
    #[schema(example = "text,option\nHello,draft\n")]
    pub csv: String,
    /// Makes the posts of the good rows, whatever the others are; without it nothing is made unless all are good.
    #[serde(default)]
    pub partial: bool,
    /// Only looks.
    #[serde(default)]
    pub dry_run: bool,
}

/// A row and what became of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RowBody {
    /// Its number; the first below the names of the columns is 1.
    pub row: usize,
    /// The post that it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pack_id: Option<String>,
    /// What is wrong, by column.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ViolationBody>,
}

/// What became of the rows.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ImportedBody {
    /// How many rows are posts now.
    pub made: usize,
    /// How many were refused.
    pub refused: usize,
    /// All of them.
    pub rows: Vec<RowBody>,
}

impl ImportBody {
    /// What is to be done.
    pub fn how(&self) -> Import {
        match (self.dry_run, self.partial) {
            (true, _) => Import::DryRun,
            (false, true) => Import::Partial,
            (false, false) => Import::Whole,
        }
    }

    /// The rows, each with what it means, and how many accounts each names. What is no table at all is an error of the whole.
    pub fn rows(&self) -> Result<(Vec<Row>, Vec<usize>), Error> {
        let wrong = |detail: String| Error::invalid("not_a_table", "/csv", detail);
        let text = self.csv.strip_prefix('\u{feff}').unwrap_or(&self.csv);
        let head = text.lines().next().unwrap_or_default();
        // Spreadsheets write what the country writes.
        let delimiter = if head.contains(';') && !head.contains(',') { b';' } else { b',' };
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
        let columns = reader.headers().map_err(|e| wrong(told(&e)))?.clone();
        let known = |name: &str| COLUMNS.contains(&name.trim());
        if let Some(name) = columns.iter().find(|name| !known(name)) {
            let name: String = name.chars().take(40).collect();
            return Err(wrong(format!("there is no column \"{name}\": the columns are {}", COLUMNS.join(", "))));
        }
        let (mut rows, mut accounts) = (Vec::new(), Vec::new());
        for record in reader.records() {
            let record = record.map_err(|e| wrong(told(&e)))?;
            if rows.len() == MAX_ROWS {
                let detail = format!("an import has at most {MAX_ROWS} rows: split the file");
                return Err(Error::invalid("too_many_rows", "/csv", detail));
            }
            let cell = |name: &str| {
                let at = columns.iter().position(|column| column.trim() == name)?;
                record.get(at).map(str::trim).filter(|cell| !cell.is_empty())
            };
            let cells: Vec<Option<&str>> = COLUMNS.map(cell).into();
            let fingerprint = fingerprint(&Method::POST, "row", json!(cells).to_string().as_bytes());
            accounts.push(words(cell("accounts")).count());
            rows.push(Row { command: command(&cell), fingerprint });
        }
        if rows.is_empty() {
            return Err(wrong("there is no row below the names of the columns".into()));
        }
        Ok((rows, accounts))
    }
}

/// What is wrong with a file, without what it says.
fn told(error: &csv::Error) -> String {
    let line = error.position().map_or(1, csv::Position::line);
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!(
                "line {line} has {len} cells where the first has {expected_len}: put cells with separators in quotes"
            )
        }
        _ => format!("line {line} cannot be read as CSV"),
    }
}

fn words(cell: Option<&str>) -> impl Iterator<Item = &str> {
    cell.unwrap_or_default().split([' ', '\n', '\t', '|', ';', ',']).filter(|word| !word.is_empty())
}

fn ids<T: FromStr>(column: &str, cell: Option<&str>) -> Result<Vec<T>, Error> {
    let wrong = |()| Error::invalid("not_an_id", &format!("/{column}"), "write ids as the API shows them");
    words(cell).map(|word| word.parse().map_err(|_| ())).collect::<Result<_, ()>>().map_err(wrong)
}

fn command<'a>(cell: &dyn Fn(&str) -> Option<&'a str>) -> Result<app::publishing::PublishCommand, Error> {
    let owned = |name: &str| cell(name).map(str::to_owned);
    let option = match cell("option") {
        Some("immediate") => PublishOption::Immediate,
        Some("scheduled") => PublishOption::Scheduled,
        Some("draft") => PublishOption::Draft,
        Some("queue") => PublishOption::Queue,
        Some(_) => return Err(Error::invalid("unsupported", "/option", "immediate, scheduled, draft or queue")),
        None if cell("scheduled_at").is_some() => PublishOption::Scheduled,
        None => PublishOption::Draft,
    };
    let mut alt_texts = cell("alt_texts").unwrap_or_default().split('|').map(str::trim);
    let media = ids("media", cell("media"))?.into_iter().map(|media_id| MediaItem {
        media_id,
        alt_text: alt_texts.next().filter(|text| !text.is_empty()).map(str::to_owned),
        title: None,
    });
    let media = media.collect();
    let body = PublishBody {
        content: ContentBody {
            text: owned("text"),
            media,
            link: owned("link").map(|url| LinkItem { url, title: owned("link_title"), description: None }),
            hashtags: words(cell("hashtags")).map(str::to_owned).collect(),
            title: owned("title"),
            summary: owned("summary"),
            first_comment: owned("first_comment"),
            ..ContentBody::default()
        },
        accounts: ids("accounts", cell("accounts"))?,
        platforms: words(cell("platforms")).map(str::to_owned).collect(),
        option,
        scheduled_at: owned("scheduled_at"),
        timezone: owned("timezone"),
        ..PublishBody::default()
    };
    body.command()
}

/// The column that a field of a post's own form comes from.
fn column(field: &str) -> &str {
    let inner = field.strip_prefix("/content/").or_else(|| field.strip_prefix('/')).unwrap_or(field);
    let mut pieces = inner.split('/');
    match (pieces.next().unwrap_or_default(), pieces.next_back()) {
        ("link", Some("title")) => "link_title",
        ("media", Some("alt_text")) => "alt_texts",
        (first, _) => first,
    }
}

/// Where in a post's own form something is wrong that a row says: it has no variants and no thread, and accounts come first.
fn place(code: &str, field: &str, accounts: usize) -> String {
    if let Some(target) = field.strip_prefix("/targets") {
        let index = target.get(1..).and_then(|n| n.parse::<usize>().ok());
        let of_accounts = index.map_or(accounts > 0, |index| index < accounts);
        return if of_accounts { "/accounts" } else { "/platforms" }.to_owned();
    }
    PublishBody::default().place(code, field)
}

fn errors(error: &Error, accounts: usize) -> Vec<ViolationBody> {
    if let Error::Invalid(violations) = error {
        let told = |v: &Violation| {
            let place = place(&v.code, &v.field, accounts);
            ViolationBody { code: v.code.clone(), field: column(&place).to_owned(), detail: v.detail.clone() }
        };
        return violations.iter().map(told).collect();
    }
    let problem = Problem::from(error.clone());
    vec![ViolationBody { code: problem.code().into(), field: String::new(), detail: problem.detail().into() }]
}

impl ImportedBody {
    /// The report of these rows, with how many accounts each names.
    pub fn of(outcomes: &[RowOutcome], accounts: &[usize]) -> Self {
        let row = |(index, outcome): (usize, &RowOutcome)| {
            let (pack_id, errors) = match outcome {
                RowOutcome::Made(post) => (Some(post.to_string()), Vec::new()),
                RowOutcome::Good => (None, Vec::new()),
                RowOutcome::Refused(error) => (None, errors(error, accounts.get(index).copied().unwrap_or(0))),
            };
            RowBody { row: index + 1, pack_id, errors }
        };
        Self {
            made: outcomes.iter().filter(|o| matches!(o, RowOutcome::Made(_))).count(),
            refused: outcomes.iter().filter(|o| matches!(o, RowOutcome::Refused(_))).count(),
            rows: outcomes.iter().enumerate().map(row).collect(),
        }
    }

    /// The problem that a whole import has whose rows are not all good.
    pub fn problem(&self) -> Problem {
        let detail = format!("{} of {} rows are wrong, and nothing was made: see rows", self.refused, self.rows.len());
        Problem::unprocessable("rows_refused", detail).with("rows", json!(self.rows))
    }
}
