//! After a consent for several profiles: the person ticks what to connect.

use super::form::{Posted, follow, goes};
use super::session::Session;
use super::trouble::{Trouble, see_other};
use super::{Answer, Console, Shared};
use crate::map::choices;
use crate::view::{ChoosePage, FieldError};
use crate::words::{Said, sentence};
use app::accounts::Offer;
use app::{Error, Reply};
use axum::extract::{Path, State};

/// Where one goes when there is nothing to choose any more.
const TOO_LATE: &str = "/console/accounts?error=oauth_state";

/// `GET /console/accounts/choose/{platform}/{choice}`.
pub(super) async fn page(
    State(console): State<Shared>,
    Path((platform, id)): Path<(String, String)>,
    session: Session,
) -> Answer {
    match app::accounts::offered(&console.deps, &session.caller, &platform, &id).await {
        Ok(offer) => show(&console, &session, 200, &offer, None, Vec::new()).await,
        Err(error) => gone(error),
    }
}

/// `POST /console/accounts/choose/{platform}/{choice}`. What was chosen counts once by itself, so the form needs no key of
/// its own.
pub(super) async fn submit(
    State(console): State<Shared>,
    Path((platform, id)): Path<(String, String)>,
    posted: Posted,
) -> Answer {
    let ticked: Vec<String> = posted.form.all("choice").map(str::to_owned).collect();
    let caller = &posted.session.caller;
    let offer = match app::accounts::offered(&console.deps, caller, &platform, &id).await {
        Ok(offer) => offer,
        Err(error) => return gone(error),
    };
    match app::accounts::choose(&console.deps, caller, &platform, &id, &ticked).await {
        Ok(done) => Ok(follow(&Reply::new(goes(&done.return_to, Said::Connected)))),
        Err(Error::Invalid(violations)) => {
            let error = |text: String| FieldError { field: "choices".into(), text };
            let errors = violations.iter().map(|v| error(sentence(&v.detail))).collect();
            show(&console, &posted.session, 422, &offer, Some(&ticked), errors).await
        }
        Err(error) => gone(error),
    }
}

fn gone(error: Error) -> Answer {
    match error {
        Error::NotFound(_) => Ok(see_other(TOO_LATE)),
        other => Err(Trouble::from(other)),
    }
}

async fn show(
    console: &Console,
    session: &Session,
    status: u16,
    offer: &Offer,
    ticked: Option<&[String]>,
    errors: Vec<FieldError>,
) -> Answer {
    let frame = session.frame(console).await?;
    let book = frame.book().await?;
    let view = ChoosePage { errors, ..choices(&frame.reader(), &book, offer, ticked) };
    frame.page(status, &view)
}
