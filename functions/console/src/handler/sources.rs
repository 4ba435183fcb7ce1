//! Sources: who may call Herald, making one, deleting one, and what came in.

use super::form::{Posted, follow, goes};
use super::session::Session;
use super::trouble::{Trouble, encoded};
use super::{Answer, Console, Shared};
use crate::map::{
    SOURCES_HREF, ask_action, incoming_row, secret_field, source_errors, source_form, source_options, source_row,
};
use crate::view::{FieldError, MadeSource, ShownOnce, SourcePage, SourcesPage};
use crate::words::{Said, told};
use app::Error;
use app::inbound::{Listed, NewAsked, NewSource, SourceMade};
use axum::extract::{Path, Query, State};
use domain::access::Permission;
use domain::accounts::Account;
use domain::{AccountId, SourceId};
use ports::{SourceForm, StoredReply};
use runtime::http::{open_cursor, seal_cursor};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Events of one page.
const PAGE: u32 = 50;

fn id(text: &str) -> Result<SourceId, Trouble> {
    text.parse().map_err(|_| Trouble::Status(404))
}

fn form_of(console: &Console, platform: &str) -> Result<&'static SourceForm, Trouble> {
    console.deps.sources.iter().copied().find(|form| form.slug == platform).ok_or(Trouble::Status(404))
}

/// `GET /console/webhooks/sources`.
pub(super) async fn page(State(console): State<Shared>, session: Session) -> Answer {
    show(&console, &session, None).await
}

async fn show(console: &Console, session: &Session, made: Option<MadeSource>) -> Answer {
    let sources = app::inbound::sources(&console.deps, &session.caller).await?;
    let frame = session.frame(console).await?;
    let (reader, forms) = (frame.reader(), &console.deps.sources);
    let view = SourcesPage {
        items: sources.iter().map(|source| source_row(&reader, forms, source)).collect(),
        options: source_options(&reader, forms),
        askable: askable(console, session, &sources)
            .await?
            .iter()
            .map(|account| ask_action(&reader, account))
            .collect(),
        made,
    };
    frame.page(200, &view)
}

/// The accounts that can be asked and are not yet.
async fn askable(console: &Console, session: &Session, sources: &[Listed]) -> Result<Vec<Account>, Error> {
    if !session.caller.may(Permission::ManageWebhooks) {
        return Ok(Vec::new());
    }
    let is_asked = |account: &Account| {
        console.deps.connectors.get(&account.platform).is_some_and(|it| it.descriptor().limits.asked.is_some())
    };
    let mut accounts = app::accounts::accounts(&console.deps, &session.caller).await?;
    accounts.retain(|account| {
        account.is_active() && is_asked(account) && sources.iter().all(|it| it.source.account != Some(account.id))
    });
    Ok(accounts)
}

/// `POST /console/webhooks/sources/ask/{account_id}`.
pub(super) async fn ask(State(console): State<Shared>, Path(account): Path<String>, posted: Posted) -> Answer {
    let id: AccountId = account.parse().map_err(|_| Trouble::Status(404))?;
    let (deps, caller, once) = (&console.deps, &posted.session.caller, posted.once()?);
    let found = app::accounts::accounts(deps, caller).await?.into_iter().find(|account| account.id == id);
    let platform = found.ok_or(Trouble::Status(404))?.platform.to_string();
    let new = NewAsked { platform, name: String::new(), account: id, every_min: None };
    let encode = |_: &Listed| goes(SOURCES_HREF, Said::SourceAsked);
    Ok(follow(&app::inbound::ask_source(deps, caller, &new, once, &encode).await?))
}

/// `GET /console/webhooks/sources/new/{platform}`.
pub(super) async fn form(State(console): State<Shared>, Path(platform): Path<String>, session: Session) -> Answer {
    show_form(&console, &session, form_of(&console, &platform)?, 200, "", Vec::new()).await
}

async fn show_form(
    console: &Console,
    session: &Session,
    form: &SourceForm,
    status: u16,
    name: &str,
    errors: Vec<FieldError>,
) -> Answer {
    if !session.caller.may(Permission::ManageWebhooks) {
        return Err(Error::Forbidden("manage_webhooks").into());
    }
    let frame = session.frame(console).await?;
    frame.page(status, &source_form(&frame.reader(), form, name, errors))
}

/// What making a source answers, and answers again when the form is sent again.
#[derive(Serialize, Deserialize)]
struct Remembered {
    name: String,
    url: String,
    help: String,
    secrets: BTreeMap<String, String>,
}

fn remembered(made: &SourceMade) -> StoredReply {
    let secrets = made.made.iter().map(|(name, secret)| (name.clone(), secret.expose_secret().to_owned()));
    let made = Remembered {
        name: made.source.name.clone(),
        url: made.url.clone(),
        help: made.help.into(),
        secrets: secrets.collect(),
    };
    // Strings always serialise.
    StoredReply { status: 201, body: serde_json::to_string(&made).unwrap_or_default() }
}

fn shown(reply: &app::Reply) -> Result<MadeSource, Error> {
    let made: Remembered = serde_json::from_str(&reply.stored.body)
        .map_err(|_| Error::Internal("a remembered answer cannot be read".into()))?;
    let all = std::iter::once(("Address".to_owned(), made.url)).chain(made.secrets);
    let one = |(i, (label, value)): (usize, (String, String))| ShownOnce { id: format!("once-{i}"), label, value };
    Ok(MadeSource { name: made.name, help: made.help, shown: all.enumerate().map(one).collect() })
}

/// `POST /console/webhooks/sources/new/{platform}`. The answer is a page and no redirect: what it shows must not stand in an address.
pub(super) async fn make(State(console): State<Shared>, Path(platform): Path<String>, posted: Posted) -> Answer {
    let (form, session) = (form_of(&console, &platform)?, &posted.session);
    let secret = |field: &ports::SourceField| {
        let given = posted.form.get(&secret_field(field.name)).trim().to_owned();
        (!given.is_empty()).then(|| (field.name.to_owned(), given.into()))
    };
    let name = posted.form.get("name").trim();
    let new = NewSource { platform, name: name.to_owned(), secrets: form.fields.iter().filter_map(secret).collect() };
    let (deps, caller, once) = (&console.deps, &session.caller, posted.once()?);
    let errors = match app::inbound::register_source(deps, caller, &new, &posted.base_url, once, &remembered).await {
        Ok(reply) => return show(&console, session, Some(shown(&reply)?)).await,
        Err(Error::Invalid(violations)) => source_errors(form, &violations),
        Err(error @ (Error::Conflict { .. } | Error::KeyReused)) => {
            vec![FieldError { field: "source".into(), text: told(&error).text }]
        }
        Err(error) => return Err(error.into()),
    };
    show_form(&console, session, form, 422, name, retyped(form, &posted, errors)).await
}

/// What was entered has to be entered again: a page never shows a secret.
fn retyped(form: &SourceForm, posted: &Posted, mut errors: Vec<FieldError>) -> Vec<FieldError> {
    for field in form.fields.iter().map(|field| secret_field(field.name)) {
        if !posted.form.get(&field).is_empty() && !errors.iter().any(|error| error.field == field) {
            errors.push(FieldError { field, text: "Enter this again: a page never shows it.".into() });
        }
    }
    errors
}

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    after: Option<String>,
}

/// `GET /console/webhooks/sources/{source_id}`; of one that was deleted, too, as long as what came in is kept.
pub(super) async fn one(
    State(console): State<Shared>,
    Path(source): Path<String>,
    Query(asked): Query<Asked>,
    session: Session,
) -> Answer {
    let (deps, caller, id) = (&console.deps, &session.caller, id(&source)?);
    let list = format!("console-incoming-{id}");
    let after = asked.after.map(|after| open_cursor(&list, &after)).transpose().map_err(|_| Trouble::Status(404))?;
    let page = app::inbound::incoming(deps, caller, id, after.as_deref(), PAGE).await?;
    let sources = app::inbound::sources(deps, caller).await?;
    let frame = session.frame(&console).await?;
    let (reader, book) = (frame.reader(), frame.book().await?);
    let here = format!("{SOURCES_HREF}/{id}");
    let found = sources.iter().find(|listed| listed.source.id == id);
    let view = SourcePage {
        row: found.map(|source| source_row(&reader, &deps.sources, source)),
        incoming: page.items.iter().map(|incoming| incoming_row(&reader, &book, incoming)).collect(),
        older_href: page.next.map(|cursor| format!("{here}?after={}", encoded(&seal_cursor(&list, &cursor)))),
        newest_href: after.is_some().then_some(here),
    };
    frame.page(200, &view)
}

/// `POST /console/webhooks/sources/{source_id}/delete`.
pub(super) async fn delete(State(console): State<Shared>, Path(source): Path<String>, posted: Posted) -> Answer {
    let encode = |_: &Listed| goes(SOURCES_HREF, Said::SourceDeleted);
    let (caller, once) = (&posted.session.caller, posted.once()?);
    Ok(follow(&app::inbound::remove_source(&console.deps, caller, id(&source)?, once, &encode).await?))
}
