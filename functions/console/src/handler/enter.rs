//! Connecting an account by what its owner enters: the platform's form, and what came of it.

use super::form::{Posted, follow, goes};
use super::session::Session;
use super::trouble::Trouble;
use super::{Answer, Console, Shared};
use crate::map::key_page;
use crate::view::FieldError;
use crate::words::{Said, sentence, told};
use app::{Error, Reply};
use axum::extract::{Path, State};
use domain::access::Permission;
use std::collections::BTreeMap;

/// The page of a platform's form.
pub(super) async fn page(console: &Console, session: &Session, platform: &str) -> Answer {
    show(console, session, platform, 200, &BTreeMap::new(), Vec::new()).await
}

/// `POST /console/accounts/connect/{platform}`. Entering the same again connects the same account, so the form needs no key of
/// its own.
pub(super) async fn submit(State(console): State<Shared>, Path(platform): Path<String>, posted: Posted) -> Answer {
    let names = fields(&console, &platform)?;
    let entries: BTreeMap<String, String> =
        names.into_iter().map(|name| (name.clone(), posted.form.get(&name).to_owned())).collect();
    match app::accounts::connect_by_key(&console.deps, &posted.session.caller, &platform, &entries).await {
        Ok(_) => Ok(follow(&Reply::new(goes("/console/accounts", Said::Connected)))),
        Err(error @ (Error::Invalid(_) | Error::Unavailable(_))) => {
            let errors = match &error {
                Error::Invalid(violations) => violations.iter().map(of_violation).collect(),
                other => vec![FieldError { field: "entries".into(), text: told(other).text }],
            };
            show(&console, &posted.session, &platform, 422, &entries, errors).await
        }
        Err(error) => Err(error.into()),
    }
}

fn of_violation(violation: &domain::publishing::Violation) -> FieldError {
    let field = violation.field.rsplit('/').next().unwrap_or_default().to_owned();
    FieldError { field, text: sentence(&violation.detail) }
}

fn fields(console: &Console, platform: &str) -> Result<Vec<String>, Trouble> {
    let connector = console.deps.connect.named(platform).ok_or(Trouble::Status(404))?;
    let keys = connector.keys().ok_or(Trouble::Status(404))?;
    Ok(keys.form().fields.iter().map(|field| field.name.clone()).collect())
}

async fn show(
    console: &Console,
    session: &Session,
    platform: &str,
    status: u16,
    entries: &BTreeMap<String, String>,
    errors: Vec<FieldError>,
) -> Answer {
    let frame = session.frame(console).await?;
    let reader = frame.reader();
    if !reader.may(Permission::ManageAccounts) {
        return Err(Trouble::Status(403));
    }
    let connector = console.deps.connect.named(platform).ok_or(Trouble::Status(404))?;
    let keys = connector.keys().ok_or(Trouble::Status(404))?;
    let consents = app::accounts::can_consent(&console.deps, connector.as_ref()).await?;
    frame.page(status, &key_page(&reader, connector.descriptor(), (keys.form(), consents), entries, errors))
}
