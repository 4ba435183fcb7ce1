//! Connected accounts: seeing them, connecting more, giving access back.

use super::form::{Posted, follow, goes};
use super::session::Session;
use super::trouble::{Trouble, see_other};
use super::{Answer, Shared, enter};
use crate::map::{cards, options};
use crate::view::AccountsPage;
use crate::words::{Said, said, told, trouble_said};
use app::Error;
use axum::extract::{Path, Query, Request, State};
use domain::AccountId;
use runtime::http::base_url;
use serde::Deserialize;

/// What the consent's callback sends the browser back with.
#[derive(Default, Deserialize)]
pub(super) struct Back {
    connected: Option<String>,
    error: Option<String>,
}

/// `GET /console/accounts`.
pub(super) async fn page(State(console): State<Shared>, Query(back): Query<Back>, session: Session) -> Answer {
    let flash = match back {
        Back { error: Some(code), .. } => Some(trouble_said(&code)),
        Back { connected: Some(_), .. } => said(Said::Connected.code()),
        Back { .. } => None,
    };
    let frame = session.frame(&console).await?.saying(flash);
    let book = frame.book().await?;
    let mut set_up = Vec::new();
    for connector in console.deps.connect.all() {
        if app::accounts::can_connect(&console.deps, connector.as_ref()).await? {
            set_up.push(connector.descriptor().id.clone());
        }
    }
    let reader = frame.reader();
    let horizons = app::accounts::horizon(&console.deps, &session.caller).await?;
    let view = AccountsPage { accounts: cards(&reader, &book, &horizons), platforms: options(&reader, &book, &set_up) };
    frame.page(200, &view)
}

/// `GET /console/accounts/connect/{platform}`: to our form where a key can be entered, which leads to the consent page where there is
/// one as well; else off to the consent page.
pub(super) async fn connect(
    State(console): State<Shared>,
    Path(platform): Path<String>,
    session: Session,
    request: Request,
) -> Answer {
    if console.deps.connect.named(&platform).is_some_and(|connector| connector.keys().is_some()) {
        return enter::page(&console, &session, &platform).await;
    }
    consent(State(console), Path(platform), session, request).await
}

/// `GET /console/accounts/connect/{platform}/consent`: off to the platform's consent page. It is a link and not a form, because the
/// policy lets no form lead to another site. Following it from elsewhere does no harm: nothing is connected before the person
/// consents there.
pub(super) async fn consent(
    State(console): State<Shared>,
    Path(platform): Path<String>,
    session: Session,
    request: Request,
) -> Answer {
    let (parts, _) = request.into_parts();
    let base = base_url(&parts, &console.address);
    match app::accounts::begin(&console.deps, &session.caller, &platform, &base, None).await {
        Ok(begun) => Ok(see_other(&begun.authorize_url)),
        Err(Error::Conflict { code, .. }) => Ok(see_other(&format!("/console/accounts?error={code}"))),
        Err(error) => Err(error.into()),
    }
}

/// `POST /console/accounts/{account_id}/disconnect`.
pub(super) async fn disconnect(State(console): State<Shared>, Path(id): Path<String>, posted: Posted) -> Answer {
    let id: AccountId = id.parse().map_err(|_| Trouble::Status(404))?;
    let encode = |_: &app::accounts::Disconnected| goes("/console/accounts", Said::Disconnected);
    let caller = &posted.session.caller;
    let done = app::accounts::disconnect(&console.deps, caller, &id.to_string(), posted.once()?, &encode).await;
    match done {
        Ok(reply) => Ok(follow(&reply)),
        Err(error @ Error::Conflict { .. }) => {
            let session = posted.session;
            let told = told(&error);
            let frame = session.frame(&console).await?.saying(Some((&told).into()));
            let book = frame.book().await?;
            let horizons = app::accounts::horizon(&console.deps, &session.caller).await?;
            let view = AccountsPage { accounts: cards(&frame.reader(), &book, &horizons), ..AccountsPage::default() };
            frame.page(told.status, &view)
        }
        Err(error) => Err(error.into()),
    }
}
