//! The queue slots of an account: seeing them, and giving it others.

use super::form::{Posted, follow, goes};
use super::session::Session;
use super::trouble::Trouble;
use super::{Answer, Console, Shared};
use crate::map::{WeekDraft, slots_errors, slots_href, slots_page};
use crate::view::{FieldError, SlotsPage};
use crate::words::{Said, sentence, told};
use app::Error;
use axum::extract::{Path, State};
use domain::AccountId;
use domain::publishing::SlotPlan;

fn id(account: &str) -> Result<AccountId, Trouble> {
    account.parse().map_err(|_| Trouble::Status(404))
}

/// `GET /console/accounts/{account_id}/slots`.
pub(super) async fn page(State(console): State<Shared>, Path(account): Path<String>, session: Session) -> Answer {
    show(&console, &session, id(&account)?, 200, None, Vec::new()).await
}

async fn show(
    console: &Console,
    session: &Session,
    account: AccountId,
    status: u16,
    typed: Option<WeekDraft>,
    errors: Vec<FieldError>,
) -> Answer {
    let (deps, caller) = (&console.deps, &session.caller);
    let plan = app::publishing::slots(deps, caller, account).await?;
    let (next, none_free) = match app::publishing::next_slot(deps, caller, account).await {
        Ok(at) => (Some(at), None),
        Err(Error::Conflict { detail, .. }) => (None, Some(sentence(&detail))),
        Err(error) => return Err(error.into()),
    };
    let frame = session.frame(console).await?;
    let book = frame.book().await?;
    let found = book.connected().find(|known| known.id == account).ok_or(Trouble::Status(404))?;
    let draft = typed.unwrap_or_else(|| WeekDraft::of(&plan));
    // The slots that are there are told in their own zone, whatever zone the form asks for.
    let next = next.map(|at| crate::view::Moment::new(at, &plan.zone));
    let view = SlotsPage { next, none_free, ..slots_page(&frame.reader(), &book, found, &draft, errors) };
    frame.page(status, &view)
}

/// `POST /console/accounts/{account_id}/slots`: the whole week anew. Posts that have a slot keep it.
pub(super) async fn save(State(console): State<Shared>, Path(account): Path<String>, posted: Posted) -> Answer {
    let (account, session) = (id(&account)?, &posted.session);
    let draft = WeekDraft::typed(|name| posted.form.get(name));
    let errors = match draft.slots() {
        Err(wrong) => wrong,
        Ok(new) => {
            let encode = |_: &SlotPlan| goes(&slots_href(account), Said::SlotsSaved);
            let once = posted.once()?;
            match app::publishing::set_slots(&console.deps, &session.caller, account, &new, once, &encode).await {
                Ok(reply) => return Ok(follow(&reply)),
                Err(Error::Invalid(violations)) => slots_errors(&violations),
                Err(error @ (Error::Conflict { .. } | Error::KeyReused)) => {
                    vec![FieldError { field: "slots".into(), text: told(&error).text }]
                }
                Err(error) => return Err(error.into()),
            }
        }
    };
    show(&console, session, account, 422, Some(draft), errors).await
}
