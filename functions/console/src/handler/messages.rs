//! One message to an endpoint: what was sent and what was answered, sending it again, and giving it up.

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
use domain::webhooks::{WebhookMessage, WebhookState};
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
    let by = match &message.state {
        WebhookState::Dead { by: Some(by), .. } => {
            let members = app::access::members(deps, caller).await?;
            members.into_iter().find(|member| member.id == *by).map(|member| member.name)
        }
        _ => None,
    };
    frame.page(200, &message_page(&frame.reader(), endpoint.as_ref(), &message, by.as_deref()))
}

/// `POST /console/webhooks/{webhook_id}/messages/{event_id}/resend`.
pub(super) async fn resend(State(console): State<Shared>, Path(at): Path<(String, String)>, posted: Posted) -> Answer {
    let (id, event) = ids(&at)?;
    let encode = |sent: &TestSent| goes(&href(sent.endpoint, sent.event), Said::Resent);
    let (caller, once) = (&posted.session.caller, posted.once()?);
    Ok(follow(&app::webhooks::resend(&console.deps, caller, id, event, once, &encode).await?))
}

/// `POST /console/webhooks/{webhook_id}/messages/{event_id}/give_up`.
pub(super) async fn give_up(State(console): State<Shared>, Path(at): Path<(String, String)>, posted: Posted) -> Answer {
    let (id, event) = ids(&at)?;
    let encode = |ended: &WebhookMessage| goes(&href(ended.endpoint, ended.event), Said::GivenUp);
    let (caller, once) = (&posted.session.caller, posted.once()?);
    Ok(follow(&app::webhooks::give_up(&console.deps, caller, id, event, once, &encode).await?))
}
