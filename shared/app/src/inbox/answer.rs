//! Answering by hand: an ordinary post of the account that something was said to, which answers it. It is accepted, approved, sent and
//! proved like every other; the interaction only keeps which post it is, and is done when that is live.

use crate::mutate::{require, seen};
use crate::publishing::{self, Accepted, PublishCommand, TargetSpec, When};
use crate::{Deps, Error, Once, Reply};
use domain::access::{Caller, Permission};
use domain::events::{Event, EventData};
use domain::inbox::{Answered, Interaction};
use domain::platform::Feature;
use domain::publishing::{Delivery, LATENESS_S, State, Variant, Violation};
use domain::{AccountId, InteractionId, PostId};
use ports::{Record, StoreError, StoredReply, Versioned, Write};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Times an interaction is tried again when something else has just changed it.
const TRIES: usize = 5;

/// Answers an interaction as it was at revision `rev`: a post of its account, due now. `encode` makes the answer that is sent and, with
/// the effect, remembered under the client's key.
///
/// # Errors
/// It is none that can be answered, an answer is under way or live, or the post is refused as every other would be.
pub async fn answer(
    deps: &Deps,
    caller: &Caller,
    id: InteractionId,
    rev: u64,
    text: &str,
    once: &Once,
    encode: &(dyn Fn(&Accepted) -> StoredReply + Sync),
) -> Result<Reply, Error> {
    require(caller, Permission::Publish)?;
    if let Some(reply) = once.earlier(deps, caller.tenant).await? {
        return Ok(reply);
    }
    let found = deps.ledger.interaction(caller.tenant, id).await?.ok_or(Error::NotFound("interaction"))?;
    seen(&found, rev, "it was changed, here or where it was said: read it again before you answer it")?;
    let last = last_delivery(deps, &found.value).await?;
    let (account, to) = addressed(deps, &found.value, last.as_ref().map(|delivery| &delivery.state))?;
    let text = naming(deps, &found.value, text);
    publishing::answer(deps, caller, &command(account, to, &text), &found, once, encode).await
}

/// The delivery of the latest answer.
pub(super) async fn last_delivery(deps: &Deps, one: &Interaction) -> Result<Option<Delivery>, Error> {
    let Some(last) = one.answers.last() else { return Ok(None) };
    delivery(deps, one, last).await
}

/// The delivery of an answer, which has one. It is found by the post alone: which account an interaction concerns may be told otherwise
/// later, and what is under way is under way all the same.
pub(super) async fn delivery(deps: &Deps, one: &Interaction, of: &Answered) -> Result<Option<Delivery>, Error> {
    Ok(deps.ledger.deliveries(one.tenant, of.post).await?.into_iter().next().map(|found| found.value))
}

/// The text, with the name of whom it answers before it where its platform tells only those who are named, and it does not name them.
/// Whose name is not known, or no name that a text can hold, is not named.
fn naming<'a>(deps: &Deps, one: &Interaction, text: &'a str) -> Cow<'a, str> {
    let in_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '@');
    let names = deps.connectors.get(&one.platform).is_some_and(|it| it.descriptor().limits.names_answered);
    let handle = one.author.handle.as_ref().map(|handle| handle.value.trim_start_matches('@'));
    let Some(handle) = handle.filter(|it| names && !it.is_empty() && it.chars().all(in_name)) else {
        return Cow::Borrowed(text);
    };
    let mut words = text.split(|c| !in_name(c)).filter_map(|word| word.strip_prefix('@'));
    if words.any(|word| word.trim_end_matches(['.', '-']).to_lowercase() == handle.to_lowercase()) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("@{handle} {text}"))
}

fn command(account: AccountId, to: String, text: &str) -> PublishCommand {
    PublishCommand {
        content: Variant { reply_to: Some(to), ..Variant::text(text) },
        variants: BTreeMap::new(),
        targets: vec![TargetSpec::Account(account)],
        when: When::Now,
        // Nobody waits for its second: what waits for an approval, or for a platform that is down, is an answer on the next day, too.
        max_lateness_s: Some(*LATENESS_S.end()),
    }
}

/// Why an interaction cannot be answered from here, in words; none where it can. `last` is how its latest answer stands.
pub(super) fn refusal(deps: &Deps, one: &Interaction, last: Option<&State>) -> Option<String> {
    match addressed(deps, one, last).err()? {
        Error::Invalid(violations) => violations.into_iter().next().map(|violation| violation.detail),
        other => Some(other.to_string()),
    }
}

/// The account that answers, and what its platform calls what is answered. `last` is how the latest answer stands; none where there is
/// none, or where that is not there any more, of which nothing leaves.
fn addressed(deps: &Deps, one: &Interaction, last: Option<&State>) -> Result<(AccountId, String), Error> {
    if !one.can_be_open() {
        let detail = "nobody can answer it: it is a reaction, was taken back, or the account said it itself";
        return Err(Error::conflict("nothing_to_answer", detail));
    }
    if let (Some(latest), Some(state)) = (one.answers.last(), last) {
        is_over(one, latest, state)?;
    }
    let (Some(account), Some(connector)) = (one.account, deps.connectors.get(&one.platform)) else {
        let detail = "none of your accounts is known to be the one that it was said to: answer it where it was said";
        return Err(Error::invalid("no_account", "", detail));
    };
    let descriptor = connector.descriptor();
    let name = &descriptor.name;
    if !descriptor.limits.has.contains(&Feature::Reply) {
        return Err(Error::Invalid(vec![Violation::unsupported(descriptor, Feature::Reply, String::new())]));
    }
    if descriptor.limits.unanswered.contains(&one.kind) {
        let detail = format!("Herald answers no {}s on {name}: answer it there, and say so here", one.kind.name());
        return Err(Error::invalid("unsupported", "", detail));
    }
    let root = one.on.as_ref().filter(|_| descriptor.limits.flat_threads);
    let to = root.unwrap_or(&one.external_id);
    if to.is_empty() {
        let detail = format!("{name} did not tell what an answer would have to name: answer it there, and say so here");
        return Err(Error::invalid("unsupported", "", detail));
    }
    Ok((account, to.clone()))
}

/// Refused while the latest answer is under way, and when it is live or a part of it is, unless somebody has opened the interaction again
/// since.
fn is_over(one: &Interaction, latest: &Answered, state: &State) -> Result<(), Error> {
    let again = one.done.is_none();
    // Who says that it was answered closes it, also where that it is live was never told here.
    let said = || one.responded_at.is_some_and(|at| at >= latest.at);
    match state {
        State::Failed { .. } | State::Missed { .. } | State::Canceled { .. } => Ok(()),
        State::Published { .. } if again && (latest.live_at.is_some() || said()) => Ok(()),
        State::Partial { .. } if again && one.responded_at.is_some() => Ok(()),
        State::Published { .. } => {
            let detail = format!("the post {} answers it: open it again before you say more", latest.post);
            Err(Error::conflict("answered_already", detail))
        }
        State::Partial { .. } => {
            let detail = format!(
                "a part of the post {} is live: try the rest again, or say that this was answered and open it again",
                latest.post
            );
            Err(Error::conflict("answered_already", detail))
        }
        _ => {
            let detail =
                format!("the post {} answers it and is not over: wait for it, or cancel it first", latest.post);
            Err(Error::conflict("answer_under_way", detail))
        }
    }
}

/// Refused while the latest answer, of which this is the delivery, may still go out without anybody asking for it: whoever says that it
/// was answered elsewhere would have it answered twice. What only a person can decide is not sent again after that.
///
/// # Errors
/// It waits, is tried again, or its outcome is unknown and may be found to be none.
pub(super) fn none_under_way(last: Option<&Delivery>) -> Result<(), Error> {
    let waits = |it: &&Delivery| !it.state.is_terminal() && !matches!(it.state, State::Attention { .. });
    let Some(under_way) = last.filter(waits) else { return Ok(()) };
    let detail = format!(
        "the post {} answers it and may still go out: cancel it first, or wait until it is over",
        under_way.post
    );
    Err(Error::conflict("answer_under_way", detail))
}

/// What a post that is live does to what it answers: that is answered, and done. May be called any number of times for one event, and
/// changes nothing after the first.
///
/// # Errors
/// The store did not answer, or something else changed the interaction each time: the event must come again.
pub async fn answered(deps: &Deps, event: &Event) -> Result<(), Error> {
    let EventData::PostPublished(facts) = &event.data else { return Ok(()) };
    let Some(id) = facts.interaction_id else { return Ok(()) };
    let mut last = StoreError::Conflict { index: 0 };
    for _ in 0..TRIES {
        let Some(found) = deps.ledger.interaction(event.tenant, id).await? else { return Ok(()) };
        let Some(next) = found.value.clone().answered(facts.post_id, event.at) else { return Ok(()) };
        match deps.ledger.commit(vec![Write::replace(&found, Record::Interaction(Box::new(next)))]).await {
            Ok(_) => return Ok(()),
            Err(conflict @ StoreError::Conflict { .. }) => last = conflict,
            Err(other) => return Err(other.into()),
        }
    }
    Err(last.into())
}

/// The interaction that keeps `post` as one of its answers from now on.
pub(crate) fn keeping(deps: &Deps, caller: &Caller, to: &Versioned<Interaction>, post: PostId) -> Write {
    let answered = Answered { post, at: deps.clock.now(), by: caller.member, live_at: None };
    Write::replace(to, Record::Interaction(Box::new(to.value.clone().answering(answered))))
}

/// The write without which `post`, an answer that did not go out, is not sent again: nothing may have been answered otherwise since.
///
/// # Errors
/// Another answer was written since, somebody called it done, or what it answers is not there any more.
pub(crate) async fn still_the_answer(
    deps: &Deps,
    caller: &Caller,
    id: InteractionId,
    post: PostId,
) -> Result<Write, Error> {
    let found = deps.ledger.interaction(caller.tenant, id).await?;
    let awaits = |one: &Interaction| one.can_be_open() && one.done.is_none();
    let found =
        found.filter(|found| awaits(&found.value) && found.value.answers.last().is_some_and(|l| l.post == post));
    let otherwise = || {
        let detail =
            "what it answers was answered otherwise, is done or is not there any more: look at the conversation";
        Error::conflict("answered_otherwise", detail)
    };
    let found = found.ok_or_else(otherwise)?;
    Ok(Write::replace(&found, Record::Interaction(Box::new(found.value.clone()))))
}
