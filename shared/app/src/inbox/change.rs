//! What our people make of an interaction: who sees to it, and whether it is done.

use super::answer::{last_delivery, none_under_way};
use crate::mutate::{Encode, commit, require, seen};
use crate::{Deps, Error, Once, Reply};
use domain::access::{Caller, Permission};
use domain::inbox::{Done, InboxState, Interaction};
use domain::{InteractionId, MemberId};
use ports::{Record, Write};

/// What to change of an interaction; what is left out stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(clippy::option_option)] // nobody is something else than what is left out
pub struct InboxEdit {
    /// Who sees to it from now on; nobody, where there is none within.
    pub assignee: Option<Option<MemberId>>,
    /// Whether it is done.
    pub state: Option<InboxState>,
    /// That it was answered, by us or at the platform: it is done with that.
    pub responded: bool,
}

/// Changes an interaction as it was at revision `rev`.
///
/// # Errors
/// It was changed since, an answer to what is called done may still go out, or nobody could answer what is opened.
pub async fn change(
    deps: &Deps,
    caller: &Caller,
    id: InteractionId,
    rev: u64,
    edit: InboxEdit,
    once: &Once,
    encode: Encode<'_, Interaction>,
) -> Result<Reply, Error> {
    require(caller, Permission::Publish)?;
    if let Some(reply) = once.earlier(deps, caller.tenant).await? {
        return Ok(reply);
    }
    let found = deps.ledger.interaction(caller.tenant, id).await?.ok_or(Error::NotFound("interaction"))?;
    seen(&found, rev, "it was changed, here or where it was said: read it again before you say what becomes of it")?;
    if let Some(Some(member)) = edit.assignee
        && deps.ledger.member(caller.tenant, member).await?.is_none()
    {
        return Err(Error::invalid("member_not_found", "/assignee_id", "there is no such member: name one of yours"));
    }
    if edit.state == Some(InboxState::Open) && edit.responded {
        return Err(Error::invalid("answered_is_done", "/state", "what was answered is done: leave the state out"));
    }
    if !found.value.can_be_open() && edit.state == Some(InboxState::Open) {
        let detail = "nobody can answer it: it is a reaction, was taken back, or the account said it itself";
        return Err(Error::conflict("nothing_to_answer", detail));
    }
    if edit.responded || edit.state == Some(InboxState::Done) {
        // What is over goes out again only with a write to the interaction, so that one of the two is refused.
        none_under_way(last_delivery(deps, &found.value).await?.as_ref())?;
    }
    let next = changed(deps, caller, &found.value, edit);
    let reply = encode(&next);
    let record = Record::Interaction(Box::new(next));
    commit(deps, caller.tenant, once, vec![Write::replace(&found, record)], reply).await
}

fn changed(deps: &Deps, caller: &Caller, known: &Interaction, edit: InboxEdit) -> Interaction {
    let now = deps.clock.now();
    let mut next = known.clone();
    if let Some(assignee) = edit.assignee {
        next.assignee = assignee;
    }
    if edit.responded {
        next.responded_at = next.responded_at.or(Some(now));
    }
    let done = next.done.or(Some(Done { at: now, by: caller.member }));
    match edit.state {
        Some(InboxState::Open) => next.done = None,
        Some(InboxState::Done) => next.done = done,
        None if edit.responded => next.done = done,
        None => {}
    }
    next
}
