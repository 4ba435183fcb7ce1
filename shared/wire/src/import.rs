//! Posts as rows of a CSV file, and what became of each: an import.

use crate::columns::{self, COLUMNS, TOLD, content, meant, variants, words};
use crate::place::Places as _;
use crate::publish::{PublishBody, PublishOption, ViolationBody};
use app::Error;
use app::publishing::{Import, MAX_ROWS, Row, RowOutcome};
use domain::MediaId;
use domain::publishing::Violation;
use http::Method;
use runtime::http::{Problem, fingerprint};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::str::FromStr;
use utoipa::ToSchema;

/// Posts to import.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportBody {
    /// The file (RFC 4180), separated by commas, semicolons or tabs; its first line names the columns, in any order: `text`,
    /// `platforms`, `accounts`, `option`, `scheduled_at`, `timezone`, `link`, `link_title`, `title`, `summary`, `hashtags`,
    /// `first_comment`, `media`, `alt_texts`, `content`, `variants`. Several values of a cell are separated by spaces, alternative
    /// texts by `|`; `content` and `variants` are JSON as in the API, for what has no column. What an export tells beside
    /// (`pack_id`, `status`, `created_at`, `urls`) is passed over.
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
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
pub struct RowBody {
    /// Its number; the first below the names of the columns is 1.
    pub row: usize,
    /// The post that it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pack_id: Option<String>,
    /// What is wrong, by column; of very many things the first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ViolationBody>,
    /// Things done differently than asked; of very many the first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// Most errors and warnings of one row that a report tells: more help nobody.
const MAX_TOLD: usize = 5;
/// Most bytes of a report, escaped as the text that it is remembered as: an answer is kept as one item of 400 KB at most.
const MAX_REPORT: usize = 300 * 1024;

/// What became of the rows.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
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

    /// The rows, each with what it means, and as a post's own form, empty where a row means nothing. What is no table at all is
    /// an error of the whole.
    pub fn rows(&self) -> Result<(Vec<Row>, Vec<PublishBody>), Error> {
        let wrong = |detail: String| Error::invalid("not_a_table", "/csv", detail);
        let text = self.csv.strip_prefix('\u{feff}').unwrap_or(&self.csv);
        let head = text.lines().next().unwrap_or_default();
        // Spreadsheets write what the country writes, and copy cells with tabs between them.
        let delimiter = match head {
            _ if head.contains(',') => b',',
            _ if head.contains('\t') => b'\t',
            _ if head.contains(';') => b';',
            _ => b',',
        };
        if let Err(line) = columns::quotes_in_pairs(text, char::from(delimiter)) {
            let detail = "a cell with quotes stands in quotes, and quotes within it are doubled";
            return Err(wrong(format!("the quotes of line {line} are not in pairs: {detail}")));
        }
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
        let columns = reader.headers().map_err(|e| wrong(told(&e)))?.clone();
        let known = |name: &str| COLUMNS.iter().chain(&TOLD).any(|column| *column == name.trim());
        if let Some(name) = columns.iter().find(|name| !known(name)) {
            let name: String = name.chars().take(40).collect();
            return Err(wrong(format!("there is no column \"{name}\": the columns are {}", COLUMNS.join(", "))));
        }
        let twice =
            columns.iter().enumerate().find(|(at, name)| columns.iter().take(*at).any(|n| n.trim() == name.trim()));
        if let Some((_, name)) = twice {
            return Err(wrong(format!("two columns are named \"{}\"", name.trim())));
        }
        let (mut rows, mut bodies) = (Vec::new(), Vec::new());
        for record in reader.records() {
            let record = record.map_err(|e| wrong(told(&e)))?;
            if rows.len() == MAX_ROWS {
                let detail = format!("an import has at most {MAX_ROWS} rows: split the file");
                return Err(Error::invalid("too_many_rows", "/csv", detail));
            }
            let cell = |name: &str| {
                let at = columns.iter().position(|column| column.trim() == name)?;
                record.get(at).map(|cell| meant(cell.trim())).filter(|cell| !cell.is_empty())
            };
            let cells: Vec<Option<&str>> = COLUMNS.map(cell).into();
            let fingerprint = fingerprint(&Method::POST, "row", json!(cells).to_string().as_bytes());
            let (command, body) = match body(&cell) {
                Ok(body) => (body.command(), body),
                Err(error) => (Err(error), PublishBody::default()),
            };
            rows.push(Row { command, fingerprint });
            bodies.push(body);
        }
        if rows.is_empty() {
            return Err(wrong("there is no row below the names of the columns".into()));
        }
        Ok((rows, bodies))
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

fn ids<T: FromStr>(column: &str, cell: Option<&str>) -> Result<Vec<T>, Error> {
    let wrong = |()| Error::invalid("not_an_id", &format!("/{column}"), "write ids as the API shows them");
    words(cell).map(|word| word.parse().map_err(|_| ())).collect::<Result<_, ()>>().map_err(wrong)
}

fn body<'a>(cell: &dyn Fn(&str) -> Option<&'a str>) -> Result<PublishBody, Error> {
    let option = match cell("option") {
        Some("immediate") => PublishOption::Immediate,
        Some("scheduled") => PublishOption::Scheduled,
        Some("draft") => PublishOption::Draft,
        Some("queue") => PublishOption::Queue,
        Some(_) => return Err(Error::invalid("unsupported", "/option", "immediate, scheduled, draft or queue")),
        None if cell("scheduled_at").is_some() => PublishOption::Scheduled,
        None => PublishOption::Draft,
    };
    let _: Vec<MediaId> = ids("media", cell("media"))?;
    Ok(PublishBody {
        content: content(cell)?,
        variants: variants(cell("variants"))?,
        accounts: ids("accounts", cell("accounts"))?,
        platforms: words(cell("platforms")).map(str::to_owned).collect(),
        option,
        scheduled_at: cell("scheduled_at").map(str::to_owned),
        timezone: cell("timezone").map(str::to_owned),
        ..PublishBody::default()
    })
}

/// The column that a field of a post's own form comes from.
fn column(field: &str) -> &str {
    let inner = field.strip_prefix("/content/").or_else(|| field.strip_prefix('/')).unwrap_or(field);
    let mut pieces = inner.split('/');
    match (pieces.next().unwrap_or_default(), pieces.next_back()) {
        ("link", Some("title")) => "link_title",
        ("media", Some("alt_text")) => "alt_texts",
        (first, _) => COLUMNS.iter().find(|column| **column == first).unwrap_or(&"content"),
    }
}

fn errors(error: &Error, body: Option<&PublishBody>, most: usize) -> Vec<ViolationBody> {
    if let Error::Invalid(violations) = error {
        let told = |v: &Violation| {
            let place = body.map_or_else(|| v.field.clone(), |body| body.place(&v.code, &v.field));
            ViolationBody { code: v.code.clone(), field: column(&place).to_owned(), detail: v.detail.clone() }
        };
        return violations.iter().take(most.max(1)).map(told).collect();
    }
    let problem = Problem::from(error.clone());
    vec![ViolationBody { code: problem.code().into(), field: String::new(), detail: problem.detail().into() }]
}

impl ImportedBody {
    /// The report of these rows, each beside its form. What would make it too large to be remembered is not told: a report
    /// that cannot be would turn an import that is made into an error, for ever.
    pub fn of(outcomes: &[RowOutcome], bodies: &[PublishBody]) -> Self {
        let mut reports = (1..=MAX_TOLD).rev().map(|most| Self::telling(outcomes, bodies, most));
        reports.find(Self::is_kept).unwrap_or_else(|| Self::telling(outcomes, bodies, 0))
    }

    /// Whether it can be remembered.
    fn is_kept(&self) -> bool {
        let twice = serde_json::to_string(self).and_then(|text| serde_json::to_string(&text));
        twice.is_ok_and(|text| text.len() <= MAX_REPORT)
    }

    fn telling(outcomes: &[RowOutcome], bodies: &[PublishBody], most: usize) -> Self {
        let first = |warnings: &[String]| warnings.iter().take(most).cloned().collect();
        let row = |(index, outcome): (usize, &RowOutcome)| {
            let row = index + 1;
            let (pack_id, errors, warnings) = match outcome {
                RowOutcome::Made(made) => (Some(made.post.to_string()), Vec::new(), first(&made.warnings)),
                RowOutcome::Good(warnings) => (None, Vec::new(), first(warnings)),
                RowOutcome::Refused(error) => (None, errors(error, bodies.get(index), most), Vec::new()),
            };
            RowBody { row, pack_id, errors, warnings }
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use app::publishing::Made;

    /// What a store keeps of an answer at most.
    const ITEM: usize = 400 * 1024;

    fn report(warnings: usize, length: usize) -> ImportedBody {
        let made = |n: usize| {
            let post = format!("post_{n:032}").parse().unwrap();
            // What stands in quotes grows each time that it is escaped.
            RowOutcome::Made(Made { post, warnings: vec!["\"".repeat(length); warnings] })
        };
        ImportedBody::of(&(0..MAX_ROWS).map(made).collect::<Vec<_>>(), &[])
    }

    #[test]
    fn a_report_is_kept_however_much_there_is_to_warn_of_and_names_every_post() {
        for (warnings, length, told) in [(3, 40, 3), (9, 40, 5), (50, 300, 2), (50, 10_000, 0)] {
            let report = report(warnings, length);
            let kept = serde_json::to_string(&serde_json::to_string(&report).unwrap()).unwrap();
            assert!(kept.len() < ITEM, "{} bytes", kept.len());
            assert_eq!((report.made, report.rows.len()), (MAX_ROWS, MAX_ROWS));
            for row in &report.rows {
                assert!(row.pack_id.is_some());
                assert_eq!(row.warnings.len(), told, "{warnings} of {length}");
            }
        }
    }

    #[test]
    fn a_row_that_is_wrong_tells_what_is_wrong_even_in_the_shortest_report() {
        let refused = |_| {
            let violation = Violation::new("content_too_long", "/content/parts/0/text", "\"".repeat(500));
            RowOutcome::Refused(Error::Invalid(vec![violation; 9]))
        };
        let outcomes: Vec<RowOutcome> = (0..MAX_ROWS).map(refused).collect();
        let report = ImportedBody::of(&outcomes, &[]);
        assert!(report.is_kept() && report.rows.iter().all(|row| row.errors.len() == 1));
    }
}
