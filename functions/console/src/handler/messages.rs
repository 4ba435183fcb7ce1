//! One message to an endpoint: what was sent and what was answered, and sending it again.

use super::form::{Posted, follow, goes};
use super::session::Session;
use super::trouble::Trouble;
use super::webhooks::{HERE, id};
use super::{Answer, Shared};
use crate::map::message_page;
use crate::words::Said;
use app::Error;
use app::webhooks::TestSent;
use axum::extract::{Path, State};
use domain::{EndpointId, EventId};

fn ids((webhook, event): &(String, String)) -> Result<(EndpointId, EventId), Trouble> {
    Ok((id(webhook)?, event.parse().map_err(|_| Trouble::Status(404))?))
}

/// Where a message is looked at.
pub(super) fn href(endpoint: EndpointId, event: EventId) -> String {
    format!("{HERE}/{endpoint}/messages/{event}")
}

/// `GET /console/webhooks/{webhook_id}/messages/{event_id}`; of an endpoint that was deleted, too, as long as it is kept.
pub(super) async fn page(State(console): State<Shared>, Path(at): Path<(String, String)>, session: Session) -> Answer {
    let (id, event) = ids(&at)?;
    let (deps, caller) = (&console.deps, &session.caller);
    let message = app::webhooks::message(deps, caller, id, event).await?;
    let endpoint = match app::webhooks::endpoint(deps, caller, id).await {
        Ok(found) => Some(found.value),
        Err(Error::NotFound(_)) => None,
        Err(error) => return Err(error.into()),
    };
    let frame = session.frame(&console).await?;
    frame.page(200, &message_page(&frame.reader(), endpoint.as_ref(), &message))
}

/// `POST /console/webhooks/{webhook_id}/messages/{event_id}/resend`.
pub(super) async fn resend(State(console): State<Shared>, Path(at): Path<(String, String)>, posted: Posted) -> Answer {
    let (id, event) = ids(&at)?;
    let encode = |sent: &TestSent| goes(&href(sent.endpoint, sent.event), Said::Resent);
    let (caller, once) = (&posted.session.caller, posted.once()?);
    Ok(follow(&app::webhooks::resend(&console.deps, caller, id, event, once, &encode).await?))
}
