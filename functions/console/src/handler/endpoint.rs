//! One webhook endpoint: its page with the log, changing it, switching it, another secret, and sending again.

use super::form::{Posted, follow, goes};
use super::session::Session;
use super::trouble::Trouble;
use super::webhooks::{self, HERE, beside, chat, id, own_secret, remembered, shown, typed};
use super::{Answer, Console, Shared};
use crate::map::{
    AgainDraft, EndpointDraft, LogDraft, endpoint_facts, endpoint_href, endpoint_row, is_open, matter, message_row,
    missed_since, public_keys, recovery_row, rotate_form, secret_errors, snippets, switches, typed_headers,
};
use crate::view::{EndpointEditPage, EndpointPage, FieldError, NewSecret};
use crate::words::{Said, told};
use app::Error;
use app::webhooks::{EndpointEdit, LogFilter, Rotation};
use axum::extract::{Path, Query, State};
use domain::EndpointId;
use domain::access::Permission;
use domain::webhooks::{Endpoint, Recovery};
use jiff::Timestamp;
use runtime::http::{open_cursor, seal_cursor};
use serde::Deserialize;

/// Messages of one page.
const PAGE: u32 = 25;

/// What an address asks of the log.
#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    state: String,
    #[serde(default)]
    event: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    after: Option<String>,
    /// From when on something is offered to be sent again.
    since: Option<Timestamp>,
}

/// What a form left behind.
#[derive(Default)]
struct Left {
    made: Option<NewSecret>,
    errors: Vec<FieldError>,
    again: Option<AgainDraft>,
}

/// `GET /console/webhooks/{webhook_id}`.
pub(super) async fn page(
    State(console): State<Shared>,
    Path(webhook): Path<String>,
    Query(asked): Query<Asked>,
    session: Session,
) -> Answer {
    show(&console, &session, id(&webhook)?, 200, asked, Left::default()).await
}

async fn show(
    console: &Console,
    session: &Session,
    id: EndpointId,
    status: u16,
    asked: Asked,
    mut left: Left,
) -> Answer {
    let (deps, caller) = (&console.deps, &session.caller);
    let (found, health) = app::webhooks::endpoint_with_health(deps, caller, id).await?;
    let endpoint = found.value;
    let frame = session.frame(console).await?;
    let reader = frame.reader();
    let log = LogDraft { state: asked.state, event: asked.event, from: asked.from, to: asked.to };
    let filter = log.filter(&frame.zone).unwrap_or_else(|errors| {
        left.errors.extend(errors);
        LogFilter::default()
    });
    let list = format!("console-attempts-{id}");
    let after = asked.after.map(|after| open_cursor(&list, &after)).transpose().map_err(|_| Trouble::Status(404))?;
    let messages = app::webhooks::messages(deps, caller, id, &filter, after.as_deref(), PAGE).await?;
    let recoveries = app::webhooks::recoveries(deps, caller, id).await?;
    let book = frame.book().await?;
    let here = endpoint_href(&endpoint);
    let manages = reader.may(Permission::ManageWebhooks);
    let goes_on = messages.items.iter().any(is_open) || recoveries.iter().any(|one| one.ended_at.is_none());
    // A page that shows a secret, or what was typed, must not be loaded anew by itself.
    let moving = goes_on && left.made.is_none() && left.errors.is_empty();
    let again = left
        .again
        .unwrap_or_else(|| AgainDraft::since(&reader, asked.since.or_else(|| missed_since(&endpoint, &health))));
    let view = EndpointPage {
        created: reader.moment(endpoint.created_at),
        matter: matter(&reader, &endpoint, &health),
        made: left.made,
        facts: endpoint_facts(&book, &endpoint, app::webhooks::limit_of(deps, &endpoint)),
        public_keys: public_keys(&endpoint, reader.now),
        edit_href: manages.then(|| format!("{here}/edit")),
        switches: switches(&reader, &endpoint, &health),
        rotate: rotate_form(&reader, &endpoint),
        moving,
        filter: log.form(&endpoint, &frame.zone),
        messages: messages.items.iter().map(|message| message_row(&reader, Some(&endpoint), message)).collect(),
        older_href: messages.next.map(|cursor| format!("{here}?{}", log.query(&seal_cursor(&list, &cursor)))),
        newest_href: after.is_some().then(|| format!("{here}?{}", log.query(""))),
        again: again.form(&reader, &endpoint),
        recoveries: recoveries.iter().map(|recovery| recovery_row(&reader, recovery)).collect(),
        snippets: snippets(&endpoint),
        endpoint: endpoint_row(&reader, &endpoint, &health, messages.items.first()),
        errors: left.errors,
    };
    frame.page(status, &view)
}

/// `GET /console/webhooks/{webhook_id}/edit`.
pub(super) async fn edit(State(console): State<Shared>, Path(webhook): Path<String>, session: Session) -> Answer {
    show_edit(&console, &session, id(&webhook)?, 200, None, Vec::new()).await
}

/// The form, as it was typed; without that, as the endpoint is.
async fn show_edit(
    console: &Console,
    session: &Session,
    id: EndpointId,
    status: u16,
    draft: Option<(EndpointDraft, u64)>,
    errors: Vec<FieldError>,
) -> Answer {
    if !session.caller.may(Permission::ManageWebhooks) {
        return Err(Error::Forbidden("manage_webhooks").into());
    }
    let found = app::webhooks::endpoint(&console.deps, &session.caller, id).await?;
    let endpoint = found.value;
    // Of a form that is sent again the old revision: else it would override, unasked, what somebody else did.
    let (draft, rev) = draft.unwrap_or_else(|| (EndpointDraft::of(&endpoint), found.rev));
    let frame = session.frame(console).await?;
    let (reader, book, back) = (frame.reader(), frame.book().await?, endpoint_href(&endpoint));
    let form = webhooks::form(console, &draft, (&reader, &book), format!("{back}/edit"), Some((&endpoint, rev)));
    frame.page(status, &EndpointEditPage { back_href: back, url: endpoint.url, form, errors })
}

/// `POST /console/webhooks/{webhook_id}/edit`. Only what differs is changed.
pub(super) async fn save(State(console): State<Shared>, Path(webhook): Path<String>, posted: Posted) -> Answer {
    let (id, form, session) = (id(&webhook)?, &posted.form, &posted.session);
    let rev: u64 = form.get("rev").parse().map_err(|_| Trouble::Status(400))?;
    let (deps, caller, once) = (&console.deps, &session.caller, posted.once()?);
    if let Some(answer) = posted.sent_before(&console, Permission::ManageWebhooks).await? {
        return Ok(answer);
    }
    let mut draft = typed(form)?;
    let old = app::webhooks::endpoint(deps, caller, id).await?.value;
    let edit = draft.edit(&old, chat(form)).ok_or(Trouble::Status(400))?;
    let errors = match typed_headers(form.get("headers")) {
        Err(error) => vec![error],
        Ok(set) => {
            let dropped = form.all("drop").map(|name| (name.to_owned(), None));
            let headers = dropped.chain(set.into_iter().map(|(name, value)| (name, Some(value)))).collect();
            let edit = EndpointEdit { headers, ..edit };
            let encode = |saved: &Endpoint| goes(&endpoint_href(saved), Said::EndpointSaved);
            match app::webhooks::edit_endpoint(deps, caller, id, rev, &edit, &posted.base_url, once, &encode).await {
                Ok(reply) => return Ok(follow(&reply)),
                Err(Error::Invalid(violations)) => draft.errors(&violations),
                Err(Error::Conflict { code: "changed_meanwhile", .. }) => {
                    let text = "Somebody changed this endpoint after you opened the page, or Herald switched it off. Nothing of yours was \
                                applied: you see now how it stands.";
                    let errors = vec![FieldError { field: "endpoint".into(), text: text.into() }];
                    return show_edit(&console, session, id, 409, None, errors).await;
                }
                Err(error @ (Error::Conflict { .. } | Error::KeyReused)) => {
                    vec![FieldError { field: "endpoint".into(), text: told(&error).text }]
                }
                Err(error) => return Err(error.into()),
            }
        }
    };
    show_edit(&console, session, id, 422, Some((draft, rev)), beside(errors, form)).await
}

/// `POST /console/webhooks/{webhook_id}/switch`: off, or on, which forgets failures and waits of one that is on, too.
pub(super) async fn switch(State(console): State<Shared>, Path(webhook): Path<String>, posted: Posted) -> Answer {
    let id = id(&webhook)?;
    let on = match posted.form.get("on") {
        "1" => true,
        "0" => false,
        _ => return Err(Trouble::Status(400)),
    };
    let (deps, caller, once) = (&console.deps, &posted.session.caller, posted.once()?);
    if let Some(answer) = posted.sent_before(&console, Permission::ManageWebhooks).await? {
        return Ok(answer);
    }
    let (found, health) = app::webhooks::endpoint_with_health(deps, caller, id).await?;
    let here = endpoint_href(&found.value);
    let to = match missed_since(&found.value, &health).filter(|_| on) {
        Some(since) => (format!("{here}?since={since}#again"), Said::SwitchedOn),
        None if on => (here, Said::SwitchedOn),
        None => (here, Said::SwitchedOff),
    };
    let edit = EndpointEdit { on: Some(on), ..EndpointEdit::default() };
    let encode = |_: &Endpoint| goes(&to.0, to.1);
    // Whatever else somebody changed meanwhile, it is to be off, or on.
    let done = app::webhooks::edit_endpoint(deps, caller, id, found.rev, &edit, &posted.base_url, once, &encode).await;
    Ok(follow(&done?))
}

/// `POST /console/webhooks/{webhook_id}/rotate`. The answer is a page and no redirect: the secret it shows must not stand in an address.
pub(super) async fn rotate(State(console): State<Shared>, Path(webhook): Path<String>, posted: Posted) -> Answer {
    let (id, form, session) = (id(&webhook)?, &posted.form, &posted.session);
    let rotation = Rotation { secret: own_secret(form), force: form.has("force") };
    let (deps, caller, once) = (&console.deps, &session.caller, posted.once()?);
    let (status, left) = match app::webhooks::rotate_secret(deps, caller, id, &rotation, once, &remembered).await {
        Ok(reply) => (200, Left { made: Some(shown(&reply)?), ..Left::default() }),
        Err(Error::Invalid(violations)) => (422, Left { errors: secret_errors(&violations), ..Left::default() }),
        Err(error @ (Error::Conflict { .. } | Error::KeyReused)) => {
            let text = match &error {
                Error::Conflict { code: "rotation_under_way", .. } => {
                    "The secret before this one still signs. Wait for its end, or tick that it ends now.".to_owned()
                }
                _ => told(&error).text,
            };
            (409, Left { errors: vec![FieldError { field: "rotate".into(), text }], ..Left::default() })
        }
        Err(error) => return Err(error.into()),
    };
    show(&console, session, id, status, Asked::default(), left).await
}

/// `POST /console/webhooks/{webhook_id}/recover`: what failed of a time, or all of it, goes out again.
pub(super) async fn recover(State(console): State<Shared>, Path(webhook): Path<String>, posted: Posted) -> Answer {
    let (id, form, session) = (id(&webhook)?, &posted.form, &posted.session);
    let typed = AgainDraft {
        since: form.get("since").trim().to_owned(),
        until: form.get("until").trim().to_owned(),
        every: form.has("every"),
    };
    let zone = session.frame(&console).await?.zone;
    let (status, errors) = match typed.range(&zone) {
        Err(errors) => (422, errors),
        Ok(range) => {
            let encode = |_: &Recovery| goes(&format!("{HERE}/{id}#again"), Said::Recovering);
            let (deps, caller, once) = (&console.deps, &session.caller, posted.once()?);
            match app::webhooks::recover(deps, caller, id, range, once, &encode).await {
                Ok(reply) => return Ok(follow(&reply)),
                Err(Error::Invalid(violations)) => {
                    let since = |text: String| FieldError { field: "since".into(), text };
                    (422, violations.iter().map(|wrong| since(crate::words::sentence(&wrong.detail))).collect())
                }
                Err(error @ (Error::Conflict { .. } | Error::KeyReused)) => {
                    (409, vec![FieldError { field: "again".into(), text: told(&error).text }])
                }
                Err(error) => return Err(error.into()),
            }
        }
    };
    let left = Left { errors, again: Some(typed), ..Left::default() };
    show(&console, session, id, status, Asked::default(), left).await
}
