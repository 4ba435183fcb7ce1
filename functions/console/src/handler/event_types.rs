//! The catalogue of events, and sending a sample of it.

use super::form::{Posted, follow, goes};
use super::session::Session;
use super::trouble::Trouble;
use super::webhooks::id;
use super::{Answer, Console, Shared, messages};
use crate::map::{event_type_page, event_type_row};
use crate::view::{EventTypesPage, FieldError};
use crate::words::{Said, told};
use app::Error;
use app::webhooks::TestSent;
use axum::extract::{Path, State};

/// `GET /console/webhooks/events`.
pub(super) async fn page(State(console): State<Shared>, session: Session) -> Answer {
    let types = app::webhooks::event_types(&session.caller)?;
    let view = EventTypesPage { items: types.iter().map(event_type_row).collect() };
    session.frame(&console).await?.page(200, &view)
}

/// `GET /console/webhooks/events/{event_type}`.
pub(super) async fn one(State(console): State<Shared>, Path(name): Path<String>, session: Session) -> Answer {
    show(&console, &session, &name, 200, "", Vec::new()).await
}

async fn show(
    console: &Console,
    session: &Session,
    name: &str,
    status: u16,
    chosen: &str,
    errors: Vec<FieldError>,
) -> Answer {
    let kind = app::webhooks::event_type(&session.caller, name)?;
    let endpoints = app::webhooks::endpoints(&console.deps, &session.caller).await?;
    let frame = session.frame(console).await?;
    frame.page(status, &event_type_page(&frame.reader(), kind, &endpoints, chosen, errors)?)
}

/// `POST /console/webhooks/events/{event_type}`: the sample goes to one endpoint, as a test.
pub(super) async fn send(State(console): State<Shared>, Path(name): Path<String>, posted: Posted) -> Answer {
    let (session, chosen) = (&posted.session, posted.form.get("endpoint"));
    let endpoint = id(chosen).map_err(|_| Trouble::Status(400))?;
    let encode = |sent: &TestSent| goes(&messages::href(sent.endpoint, sent.event), Said::Tested);
    let (deps, caller, once) = (&console.deps, &session.caller, posted.once()?);
    let kind = app::webhooks::event_type(caller, &name)?;
    match app::webhooks::send_test(deps, caller, endpoint, Some(kind.name), once, &encode).await {
        Ok(reply) => Ok(follow(&reply)),
        Err(error @ (Error::Conflict { .. } | Error::KeyReused)) => {
            let errors = vec![FieldError { field: "endpoint".into(), text: told(&error).text }];
            show(&console, session, &name, 409, chosen, errors).await
        }
        Err(error) => Err(error.into()),
    }
}
