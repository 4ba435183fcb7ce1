//! Threads as chains of replies, and answers to posts of others.

use crate::words::is_number;
use domain::publishing::Failure;
use ports::PublishCall;

/// The post that the part of `call` answers, by its number; none for the first part.
///
/// # Errors
/// The part before it has no number: a person said that it is live, and did not name it.
pub fn parent<'a>(call: &'a PublishCall<'_>) -> Result<Option<&'a str>, Failure> {
    let Some(index) = call.part.checked_sub(1) else { return Ok(None) };
    let id = call.before.get(index).and_then(|receipt| receipt.id.as_deref()).filter(|id| is_number(id, 20));
    id.map(Some).ok_or_else(|| Failure::Rejected {
        code: "thread_parent_unknown".into(),
        detail: "the id of the part before this one is not known, so there is nothing to reply to".into(),
    })
}

/// The post that the part of `call` answers, by its id: the part before it; for the first part what the content answers, by the id that
/// `named` reads from what a person gave. None where it answers nothing.
///
/// # Errors
/// What was given names no post, which `unnamed` says in words (`not_found`); or as of [`parent`].
pub fn answered(
    call: &PublishCall<'_>,
    named: impl FnOnce(&str) -> Option<String>,
    unnamed: &str,
) -> Result<Option<String>, Failure> {
    if let Some(before) = parent(call)? {
        return Ok(Some(before.to_owned()));
    }
    let Some(given) = call.variant.reply_to.as_deref() else { return Ok(None) };
    let unnamed = || Failure::Rejected { code: "not_found".into(), detail: unnamed.into() };
    named(given).map(Some).ok_or_else(unnamed)
}
