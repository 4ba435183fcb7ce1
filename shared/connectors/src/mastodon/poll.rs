//! Polls: what the account's own server takes of them, and how they are sent.

use super::api::{Configuration, NewPoll};
use super::{Mastodon, Place};
use domain::publishing::{Failure, Poll};
use ports::PublishCall;
use serde_json::Value;

/// The poll that the part of `call` asks.
pub(super) fn asked<'a>(call: &PublishCall<'a>) -> Option<&'a Poll> {
    call.variant.poll.as_ref().filter(|_| call.part == 0)
}

/// Seconds that a poll is open.
fn open_s(poll: &Poll) -> u64 {
    u64::from(poll.duration_minutes) * 60
}

/// The poll as it is sent: Mastodon counts its time in seconds.
pub(super) fn new(poll: &Poll) -> NewPoll<'_> {
    NewPoll { options: &poll.options, expires_in: open_s(poll), multiple: poll.multiple }
}

/// Refuses a poll that the account's own server does not take, by its own word, before it is sent. A server that does not say so decides
/// when it has it.
pub(super) async fn allowed(mastodon: &Mastodon, call: &PublishCall<'_>, poll: &Poll) -> Result<(), Failure> {
    match mastodon.configuration(call, &Place::of(call.account)?).await? {
        Some(told) => fits(poll, &told).map_err(|detail| Failure::Rejected { code: "poll_refused".into(), detail }),
        None => Ok(()),
    }
}

/// # Errors
/// What the server does not take, in words.
fn fits(poll: &Poll, told: &Configuration) -> Result<(), String> {
    let limit = |name: &str| told.polls.get(name).and_then(Value::as_u64);
    let over = |name: &str, actual: u64| limit(name).filter(|most| actual > *most);
    let longest = poll.options.iter().map(|option| option.chars().count() as u64).max().unwrap_or(0);
    let server = "the account's server takes polls";
    if let Some(most) = over("max_options", poll.options.len() as u64) {
        return Err(format!("{server} of at most {most} answers; this has {}", poll.options.len()));
    }
    if let Some(most) = over("max_characters_per_option", longest) {
        return Err(format!("{server} whose answers have at most {most} characters; one has {longest}"));
    }
    let seconds = open_s(poll);
    if let Some(most) = over("max_expiration", seconds) {
        return Err(format!("{server} that are open for at most {most} seconds; this is for {seconds}"));
    }
    if let Some(least) = limit("min_expiration").filter(|least| seconds < *least) {
        return Err(format!("{server} that are open for at least {least} seconds; this is for {seconds}"));
    }
    Ok(())
}
