//! Posts from a file, in two steps: first it is looked at and told what each row would be; what was looked at is then made.

use super::compose::writes;
use super::form::{Form, Posted, plain};
use super::session::Session;
use super::trouble::{Trouble, see_other};
use super::{Answer, Console, Shared};
use crate::map::{MAX_FILE, Sheet, import_how, import_page, imported_report};
use crate::view::{FieldError, ImportMake, ImportPage, ImportedPage};
use crate::words::{sentence, size};
use app::Error;
use app::publishing::{Import, Imported, RowOutcome};
use axum::extract::{Path, State};
use domain::PostId;
use ports::StoredReply;
use serde_json::json;
use wire::import::ImportedBody;

/// Where imports are.
const HERE: &str = "/console/import";
/// The route under which the second step is remembered.
const MADE: &str = "POST /console/import/make";

/// `GET /console/import`.
pub(super) async fn page(State(console): State<Shared>, session: Session) -> Answer {
    writes(&session)?;
    show(&console, &session, String::new(), 200, None).await
}

/// The page with the rows as they were sent, and what is wrong with all of them.
async fn show(console: &Console, session: &Session, csv: String, status: u16, wrong: Option<String>) -> Answer {
    let frame = session.frame(console).await?;
    let errors = wrong.map(|text| FieldError { field: "file".into(), text }).into_iter().collect();
    frame.page(status, &ImportPage { errors, ..import_page(&frame.reader(), csv) })
}

/// The file that a form brings, or what is wrong with it.
fn file(form: &Form) -> Result<String, String> {
    let large = |bytes: usize| {
        format!(
            "The file has {}, and Herald takes {} at once. Nothing was read: split it.",
            size(bytes as u64),
            size(MAX_FILE as u64)
        )
    };
    let text = match form.file("file") {
        Some(bytes) if bytes.len() > MAX_FILE => return Err(large(bytes.len())),
        Some(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => plain(text.trim_start_matches('\u{feff}')),
            Err(_) => {
                return Err("The file is not written in UTF-8, so its letters cannot be told. Nothing was read: save it as “CSV UTF-8”, or \
                            copy its rows and paste them here."
                    .into());
            }
        },
        None => form.get("csv").to_owned(),
    };
    match text.len() {
        _ if text.trim().is_empty() => Err("Choose a file, or paste its rows.".into()),
        bytes if bytes > MAX_FILE => Err(large(bytes)),
        _ => Ok(text),
    }
}

/// `POST /console/import`: the first step. Nothing is made.
pub(super) async fn check(State(console): State<Shared>, posted: Posted) -> Answer {
    let session = &posted.session;
    writes(session)?;
    match file(&posted.form) {
        Ok(csv) => look(&console, &posted, csv, 200, None).await,
        Err(wrong) => show(&console, session, posted.form.get("csv").to_owned(), 422, Some(wrong)).await,
    }
}

/// Tells what the rows would be; `wrong` is what was wrong with making them.
async fn look(console: &Console, posted: &Posted, csv: String, status: u16, wrong: Option<String>) -> Answer {
    let (deps, caller) = (&console.deps, &posted.session.caller);
    let frame = posted.session.frame(console).await?;
    let (reader, book) = (frame.reader(), frame.book().await?);
    let mut sheet = match Sheet::read(&reader, &book, csv) {
        Ok(sheet) => sheet,
        Err((csv, error)) => return show(console, &posted.session, csv, 422, Some(of_the_whole(error)?)).await,
    };
    let never = |_: &[RowOutcome]| StoredReply { status: 500, body: String::new() };
    let looked = app::publishing::import(deps, caller, sheet.take(), Import::DryRun, posted.once()?, &never).await;
    let outcomes = match looked {
        Ok(Imported::Nothing(outcomes)) => outcomes,
        Ok(Imported::Done(_)) => return Err(Error::Internal("a file that was only looked at was made".into()).into()),
        Err(Error::Unavailable(_)) => {
            let text = "Herald did not get through all rows in the time that one request has. Nothing was made: check them once more, or \
                        split the file.";
            return show(console, &posted.session, sheet.csv, 503, Some(text.into())).await;
        }
        Err(error) => return Err(error.into()),
    };
    let waits = app::publishing::rules(deps, caller).await?.approval.binds_caller(caller);
    let (report, make, csv) = sheet.found(&reader, &outcomes, waits);
    let errors = wrong.map(|text| FieldError { field: "report".into(), text }).into_iter().collect();
    let page = ImportPage { errors, report: Some(report), make, ..import_page(&reader, csv) };
    frame.page(status, &page)
}

/// What is wrong with a file as a whole.
fn of_the_whole(error: Error) -> Result<String, Trouble> {
    match error {
        Error::Invalid(violations) => {
            let texts: Vec<String> = violations.iter().map(|v| sentence(&v.detail)).collect();
            Ok(format!("{} Nothing was made.", texts.join(" ")))
        }
        error => Err(error.into()),
    }
}

/// `POST /console/import/make`: the second step. Sent again it makes nothing twice, and goes on where it was interrupted.
pub(super) async fn make(State(console): State<Shared>, posted: Posted) -> Answer {
    let (deps, session) = (&console.deps, &posted.session);
    writes(session)?;
    let (once, word) = (posted.once()?, posted.form.get("how"));
    let how = import_how(word).ok_or(Trouble::Status(400))?;
    let csv = match file(&posted.form) {
        Ok(csv) => csv,
        Err(wrong) => return show(&console, session, posted.form.get("csv").to_owned(), 422, Some(wrong)).await,
    };
    let frame = session.frame(&console).await?;
    let (reader, book) = (frame.reader(), frame.book().await?);
    let mut sheet = match Sheet::read(&reader, &book, csv) {
        Ok(sheet) => sheet,
        Err((csv, error)) => return show(&console, session, csv, 422, Some(of_the_whole(error)?)).await,
    };
    let rows = sheet.take();
    let encode = |outcomes: &[RowOutcome]| StoredReply {
        status: 200,
        body: json!(ImportedBody::of(outcomes, &sheet.bodies)).to_string(),
    };
    match app::publishing::import(deps, &session.caller, rows, how, once, &encode).await {
        Ok(Imported::Done(_)) => Ok(see_other(&format!("{HERE}/{}", once.key))),
        Ok(Imported::Nothing(_)) => {
            let text = "Some rows have become wrong since you looked at them, so nothing was made. You see now how they stand.";
            look(&console, &posted, sheet.csv, 409, Some(text.into())).await
        }
        Err(Error::Unavailable(_)) => {
            let text = "Herald did not get through all rows in the time that one request has. What was made stays made. Press the button \
                        again: it goes on where it stopped, and makes no post twice.";
            let make = ImportMake {
                idempotency_key: once.key.clone(),
                how: word.into(),
                csv: sheet.csv.clone(),
                label: "Go on".into(),
                hint: "With the rows that are no posts yet.".into(),
            };
            let errors = vec![FieldError { field: "make".into(), text: text.into() }];
            frame.page(503, &ImportPage { errors, make: Some(make), ..import_page(&reader, sheet.csv) })
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /console/import/{key}`: what became of the rows that were made under this key.
pub(super) async fn done(State(console): State<Shared>, Path(key): Path<String>, session: Session) -> Answer {
    writes(&session)?;
    let (deps, caller) = (&console.deps, &session.caller);
    let reply = app::publishing::imported(deps, caller, MADE, &key).await?;
    let told: ImportedBody = serde_json::from_str(&reply.body)
        .map_err(|_| Error::Internal("an import is remembered without its report".into()))?;
    let ids: Vec<PostId> = told.rows.iter().filter_map(|row| row.pack_id.as_deref()?.parse().ok()).collect();
    let posts = match app::publishing::views(deps, caller, &ids).await {
        Ok(posts) => posts,
        // One of them is gone: each is told by its link alone.
        Err(Error::NotFound(_)) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    let frame = session.frame(&console).await?;
    let book = frame.book().await?;
    frame.page(200, &ImportedPage { report: imported_report(&frame.reader(), &book, told, &posts) })
}
