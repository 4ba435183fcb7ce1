//! Webhook endpoints and their attempts.

use super::form::{Form, Posted, follow, goes};
use super::session::Session;
use super::trouble::{Trouble, encoded};
use super::{Answer, Console, Shared};
use crate::map::{attempts, endpoint_errors, endpoint_row, event_options};
use crate::view::{EndpointPage, FieldError, NewSecret, WebhooksPage};
use crate::words::{Said, told};
use app::Error;
use app::webhooks::{LogFilter, NewEndpoint, Registered, TestSent};
use axum::extract::{Path, Query, State};
use domain::EndpointId;
use domain::access::Permission;
use domain::webhooks::Endpoint;
use ports::StoredReply;
use runtime::http::{open_cursor, seal_cursor};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};

/// Messages of one page.
const PAGE: u32 = 25;

fn id(text: &str) -> Result<EndpointId, Trouble> {
    text.parse().map_err(|_| Trouble::Status(404))
}

/// `GET /console/webhooks`.
pub(super) async fn page(State(console): State<Shared>, session: Session) -> Answer {
    show(&console, &session, 200, WebhooksPage::default(), &[]).await
}

async fn show(console: &Console, session: &Session, status: u16, mut view: WebhooksPage, ticked: &[String]) -> Answer {
    let frame = session.frame(console).await?;
    let reader = frame.reader();
    view.create_action = reader.may(Permission::ManageWebhooks).then(|| "/console/webhooks".to_owned());
    view.idempotency_key = reader.fresh();
    view.events = event_options(ticked);
    for endpoint in app::webhooks::endpoints(&console.deps, &session.caller).await? {
        let last = app::webhooks::messages(&console.deps, &session.caller, endpoint.id, &LogFilter::default(), None, 1)
            .await?;
        view.endpoints.push(endpoint_row(&reader, &endpoint, last.items.first()));
    }
    frame.page(status, &view)
}

/// What a registration answers, and answers again when the form is sent again.
#[derive(Serialize, Deserialize)]
struct Created {
    url: String,
    secret: String,
}

/// `POST /console/webhooks`. The answer is a page and no redirect: the secret it shows must not stand in an address.
pub(super) async fn create(State(console): State<Shared>, posted: Posted) -> Answer {
    let (form, session) = (&posted.form, &posted.session);
    let events: Vec<String> = form.all("event").map(str::to_owned).collect();
    let new = NewEndpoint {
        name: form.get("description").trim().to_owned(),
        url: form.get("url").trim().to_owned(),
        events: events.clone(),
        ..NewEndpoint::default()
    };
    let encode = |made: &Registered| {
        let created = Created {
            url: made.endpoint.url.clone(),
            secret: made.secret.as_ref().map(|secret| secret.expose_secret().to_owned()).unwrap_or_default(),
        };
        // Two strings always serialise.
        StoredReply { status: 201, body: serde_json::to_string(&created).unwrap_or_default() }
    };
    let done =
        app::webhooks::register(&console.deps, &session.caller, &new, &posted.base_url, posted.once()?, &encode).await;
    match done {
        Ok(reply) => {
            let created: Created = serde_json::from_str(&reply.stored.body)
                .map_err(|_| Error::Internal("a remembered answer cannot be read".into()))?;
            let created = Some(NewSecret { url: created.url, secret: created.secret });
            show(&console, session, 200, WebhooksPage { created, ..WebhooksPage::default() }, &[]).await
        }
        Err(error) => {
            let errors = match &error {
                Error::Invalid(violations) => endpoint_errors(violations),
                Error::Conflict { .. } | Error::KeyReused => {
                    vec![FieldError { field: "url".into(), text: told(&error).text }]
                }
                _ => return Err(error.into()),
            };
            let view = WebhooksPage { errors, ..typed(form) };
            show(&console, session, 422, view, &events).await
        }
    }
}

fn typed(form: &Form) -> WebhooksPage {
    WebhooksPage {
        url: form.get("url").to_owned(),
        description: form.get("description").to_owned(),
        ..WebhooksPage::default()
    }
}

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    after: Option<String>,
}

/// `GET /console/webhooks/{webhook_id}`.
pub(super) async fn endpoint(
    State(console): State<Shared>,
    Path(webhook): Path<String>,
    Query(asked): Query<Asked>,
    session: Session,
) -> Answer {
    let (deps, caller, id) = (&console.deps, &session.caller, id(&webhook)?);
    let all = app::webhooks::endpoints(deps, caller).await?;
    let endpoint = all.into_iter().find(|endpoint| endpoint.id == id).ok_or(Trouble::Status(404))?;
    let list = format!("console-attempts-{id}");
    let after = asked.after.map(|after| open_cursor(&list, &after)).transpose().map_err(|_| Trouble::Status(404))?;
    let messages = app::webhooks::messages(deps, caller, id, &LogFilter::default(), after.as_deref(), PAGE).await?;
    let frame = session.frame(&console).await?;
    let reader = frame.reader();
    let view = EndpointPage {
        endpoint: endpoint_row(&reader, &endpoint, messages.items.first()),
        created: reader.moment(endpoint.created_at),
        attempts: attempts(&reader, &messages.items),
        older_href: messages
            .next
            .map(|cursor| format!("/console/webhooks/{id}?after={}", encoded(&seal_cursor(&list, &cursor)))),
    };
    frame.page(200, &view)
}

/// `POST /console/webhooks/{webhook_id}/test`.
pub(super) async fn test(State(console): State<Shared>, Path(webhook): Path<String>, posted: Posted) -> Answer {
    let id = id(&webhook)?;
    let encode = |_: &TestSent| goes(&format!("/console/webhooks/{id}"), Said::Tested);
    let (caller, once) = (&posted.session.caller, posted.once()?);
    Ok(follow(&app::webhooks::send_test(&console.deps, caller, id, None, once, &encode).await?))
}

/// `POST /console/webhooks/{webhook_id}/delete`.
pub(super) async fn delete(State(console): State<Shared>, Path(webhook): Path<String>, posted: Posted) -> Answer {
    let encode = |_: &Endpoint| goes("/console/webhooks", Said::EndpointDeleted);
    let (caller, once) = (&posted.session.caller, posted.once()?);
    Ok(follow(&app::webhooks::remove_endpoint(&console.deps, caller, id(&webhook)?, once, &encode).await?))
}
