//! Webhook endpoints: the list, making one, trying one out, deleting one.

use super::form::{Form, Posted, follow, goes};
use super::session::Session;
use super::trouble::Trouble;
use super::{Answer, Console, Shared};
use crate::map::{Book, EndpointDraft, Reader, endpoint_href, endpoint_row, new_secret, typed_headers};
use crate::view::{EndpointForm, FieldError, NewSecret, WebhooksPage};
use crate::words::{Said, told};
use app::Error;
use app::webhooks::{LogFilter, NewEndpoint, Registered, TestSent};
use axum::extract::{Path, State};
use domain::EndpointId;
use domain::access::Permission;
use domain::webhooks::Endpoint;
use ports::StoredReply;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

/// Where the list is.
pub(super) const HERE: &str = "/console/webhooks";

/// An endpoint, as an address names it.
pub(super) fn id(text: &str) -> Result<EndpointId, Trouble> {
    text.parse().map_err(|_| Trouble::Status(404))
}

/// `GET /console/webhooks`.
pub(super) async fn page(State(console): State<Shared>, session: Session) -> Answer {
    show(&console, &session, 200, WebhooksPage::default(), &EndpointDraft::default()).await
}

async fn show(
    console: &Console,
    session: &Session,
    status: u16,
    mut view: WebhooksPage,
    draft: &EndpointDraft,
) -> Answer {
    let frame = session.frame(console).await?;
    let reader = frame.reader();
    if reader.may(Permission::ManageWebhooks) {
        let book = frame.book().await?;
        view.form = Some(form(console, draft, (&reader, &book), HERE.to_owned(), None));
    }
    for (endpoint, health) in app::webhooks::endpoints_with_health(&console.deps, &session.caller).await? {
        let last = app::webhooks::messages(&console.deps, &session.caller, endpoint.id, &LogFilter::default(), None, 1)
            .await?;
        view.endpoints.push(endpoint_row(&reader, &endpoint, &health, last.items.first()));
    }
    frame.page(status, &view)
}

/// The form of an endpoint; `old` is the one that it changes, with its revision.
pub(super) fn form(
    console: &Console,
    draft: &EndpointDraft,
    (reader, book): (&Reader<'_>, &Book),
    href: String,
    old: Option<(&Endpoint, u64)>,
) -> EndpointForm {
    let chats: Vec<&str> = console.deps.announcers.iter().map(|place| place.help()).collect();
    draft.form(reader, book, (&console.deps.sources, chats.join(", or ")), href, old)
}

/// What a registration or a rotation answers, and answers again when the form is sent again.
#[derive(Serialize, Deserialize)]
struct Made {
    url: String,
    secret: String,
    public_key: Option<String>,
}

/// The answer that is remembered with a new secret; where nothing is signed, its page.
pub(super) fn remembered(made: &Registered) -> StoredReply {
    if made.secret.is_none() && made.endpoint.public_key.is_none() {
        return goes(&endpoint_href(&made.endpoint), Said::EndpointAdded);
    }
    let made = Made {
        url: made.endpoint.url.clone(),
        secret: made.secret.as_ref().map(|secret| secret.expose_secret().to_owned()).unwrap_or_default(),
        public_key: made.endpoint.public_key.clone(),
    };
    // Strings always serialise.
    StoredReply { status: 201, body: serde_json::to_string(&made).unwrap_or_default() }
}

/// What it shows.
pub(super) fn shown(reply: &app::Reply) -> Result<NewSecret, Error> {
    let made: Made = serde_json::from_str(&reply.stored.body)
        .map_err(|_| Error::Internal("a remembered answer cannot be read".into()))?;
    Ok(new_secret(made.url, made.secret, made.public_key))
}

/// A secret that somebody brings along.
pub(super) fn own_secret(form: &Form) -> Option<SecretString> {
    secret(form, "own_secret")
}

/// The address of a chat, which is a secret.
pub(super) fn chat(form: &Form) -> Option<SecretString> {
    secret(form, "chat")
}

fn secret(form: &Form, name: &str) -> Option<SecretString> {
    Some(form.get(name).trim()).filter(|secret| !secret.is_empty()).map(|secret| secret.to_owned().into())
}

/// What a form of an endpoint says.
pub(super) fn typed(form: &Form) -> Result<EndpointDraft, Trouble> {
    let all = |name: &str| form.all(name).map(str::to_owned).collect();
    EndpointDraft::typed(|name| form.get(name), all).ok_or(Trouble::Status(400))
}

/// What is wrong, beside its fields. What is never shown has to be typed again.
pub(super) fn beside(mut errors: Vec<FieldError>, form: &Form) -> Vec<FieldError> {
    let retype = |field: &str, text: &str| FieldError { field: field.into(), text: text.into() };
    if !form.get("headers").trim().is_empty() && !errors.iter().any(|error| error.field == "headers") {
        errors.push(retype("headers", "Type the headers again: a page never shows their values."));
    }
    if !form.get("own_secret").is_empty() && !errors.iter().any(|error| error.field == "own_secret") {
        errors.push(retype("own_secret", "Enter the secret again: a page never shows it."));
    }
    if form.get("to") == "chat" && !form.get("chat").is_empty() && !errors.iter().any(|error| error.field == "chat") {
        errors.push(retype("chat", "Enter the address again: a page never shows it."));
    }
    errors
}

/// `POST /console/webhooks`. The answer is a page and no redirect: the secret it shows must not stand in an address.
pub(super) async fn create(State(console): State<Shared>, posted: Posted) -> Answer {
    let (form, session) = (&posted.form, &posted.session);
    let mut draft = typed(form)?;
    let new = draft.new_endpoint(chat(form)).ok_or(Trouble::Status(400))?;
    let errors = match typed_headers(form.get("headers")) {
        Err(error) => vec![error],
        Ok(headers) => {
            let new = NewEndpoint { headers, secret: own_secret(form), ..new };
            let (deps, caller, once) = (&console.deps, &session.caller, posted.once()?);
            match app::webhooks::register(deps, caller, &new, &posted.base_url, once, &remembered).await {
                Ok(reply) if reply.stored.status == 303 => return Ok(follow(&reply)),
                Ok(reply) => {
                    let view = WebhooksPage { made: Some(shown(&reply)?), ..WebhooksPage::default() };
                    return show(&console, session, 200, view, &EndpointDraft::default()).await;
                }
                Err(Error::Invalid(violations)) => draft.errors(&violations),
                Err(error @ (Error::Conflict { .. } | Error::KeyReused)) => {
                    vec![FieldError { field: "endpoint".into(), text: told(&error).text }]
                }
                Err(error) => return Err(error.into()),
            }
        }
    };
    let view = WebhooksPage { errors: beside(errors, form), ..WebhooksPage::default() };
    show(&console, session, 422, view, &draft).await
}

/// `POST /console/webhooks/{webhook_id}/test`.
pub(super) async fn test(State(console): State<Shared>, Path(webhook): Path<String>, posted: Posted) -> Answer {
    let id = id(&webhook)?;
    let encode = |_: &TestSent| goes(&format!("{HERE}/{id}"), Said::Tested);
    let (caller, once) = (&posted.session.caller, posted.once()?);
    Ok(follow(&app::webhooks::send_test(&console.deps, caller, id, None, once, &encode).await?))
}

/// `POST /console/webhooks/{webhook_id}/delete`.
pub(super) async fn delete(State(console): State<Shared>, Path(webhook): Path<String>, posted: Posted) -> Answer {
    let encode = |_: &Endpoint| goes(HERE, Said::EndpointDeleted);
    let (caller, once) = (&posted.session.caller, posted.once()?);
    Ok(follow(&app::webhooks::remove_endpoint(&console.deps, caller, id(&webhook)?, once, &encode).await?))
}
