//! Posts from a file: looked at first, then made; and posts into a file.

use serde::Serialize;

use super::{Badge, Fact, FieldError, Tone};

/// `GET /console/import`; also the answer to a file that was looked at, and to one that was not made.
///
/// `POST /console/import` takes `file`, or `csv` with the rows themselves, and makes nothing. `POST /console/import/make` takes `csv` and `how`
/// (`whole`: all rows or none; `partial`: the good ones). Error field: `file`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ImportPage {
    /// A fresh key per rendering.
    pub idempotency_key: String,
    /// How large a file may be, in words.
    pub limits: String,
    /// The same in bytes, for the script that looks before a file is sent.
    pub max_bytes: usize,
    /// The rows as they were sent.
    pub csv: String,
    /// What the columns hold.
    pub columns: Vec<Fact>,
    /// What was wrong with the last try.
    pub errors: Vec<FieldError>,
    /// What the rows would be.
    pub report: Option<ImportReport>,
    /// The second step; absent where no row is good.
    pub make: Option<ImportMake>,
}

/// What was found in the rows.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ImportReport {
    /// It all in a few words.
    pub title: String,
    /// What it means and what to do.
    pub text: String,
    /// How it is meant.
    pub tone: Tone,
    /// Each row.
    pub rows: Vec<ImportRow>,
}

/// A row.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ImportRow {
    /// Its number; the first below the names of the columns is 1.
    pub row: usize,
    /// The beginning of the text; may be empty.
    pub excerpt: String,
    /// Where it goes.
    pub accounts: Vec<String>,
    /// When it goes out, in words.
    pub due: String,
    /// `Good`, `Wrong`, or how its post stands.
    pub state: Badge,
    /// What is wrong.
    pub problems: Vec<CellProblem>,
    /// What would be, or was, done differently than asked.
    pub warnings: Vec<String>,
    /// Its post.
    pub href: Option<String>,
}

/// What is wrong with a row.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CellProblem {
    /// The column; absent where the row as a whole is meant.
    pub column: Option<String>,
    /// How to put it right.
    pub text: String,
}

/// The form that makes posts of the rows that were looked at.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ImportMake {
    /// A key per file that was looked at: sent again, it goes on and makes nothing twice.
    pub idempotency_key: String,
    /// `whole` or `partial`.
    pub how: String,
    /// The rows.
    pub csv: String,
    /// What the button says.
    pub label: String,
    /// What it does.
    pub hint: String,
}

/// `GET /console/import/{key}`: what became of the rows.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ImportedPage {
    /// Each row.
    pub report: ImportReport,
}

/// `GET /console/export`, where there are more posts than one file holds.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ExportPage {
    /// What was looked at, and how much of it belongs into the file.
    pub text: String,
    /// The file.
    pub take_href: String,
    /// What the link to it says.
    pub take: String,
    /// The posts after those.
    pub further_href: String,
}
