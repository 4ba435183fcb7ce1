//! Clients and people: they ask again until they are answered, and tell the truth.

use super::plan::{Act, Planned};
use crate::{FakePlatform, Process};
use app::publishing::{self, Accepted, Decision, Edit, When};
use app::webhooks::{NewEndpoint, Registered, register};
use app::{Deps, Error, Once, Reply};
use domain::access::Caller;
use domain::publishing::Delivery;
use domain::{AccountId, EndpointId, PostId};
use jiff::Timestamp;
use ports::StoredReply;
use std::sync::Arc;

/// What an act came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Done; the post's id or nothing.
    Done(String),
    /// Refused for good.
    Refused,
    /// To be asked again.
    Again,
}

pub(super) fn answer(result: Result<Reply, Error>) -> Answer {
    match result {
        Ok(reply) => Answer::Done(reply.stored.body),
        Err(Error::Unavailable(_) | Error::InFlight | Error::Internal(_)) => Answer::Again,
        Err(Error::Conflict { code: "changed_meanwhile", .. }) => Answer::Again,
        Err(_) => Answer::Refused,
    }
}

pub(super) fn once(route: &str, key: String) -> Once {
    Once { route: route.into(), fingerprint: format!("{route} {key}"), key }
}

fn accepted(accepted: &Accepted) -> StoredReply {
    StoredReply { status: 202, body: accepted.post.id.to_string() }
}

fn changed(_: &[Delivery]) -> StoredReply {
    StoredReply { status: 200, body: String::new() }
}

/// Registers an endpoint that wants every event.
pub(crate) async fn listen(deps: &Deps, caller: &Caller) -> Result<EndpointId, Error> {
    let new =
        NewEndpoint { name: "listener".into(), url: "https://listener.test/hook".into(), ..NewEndpoint::default() };
    let encode = |made: &Registered| StoredReply { status: 201, body: made.endpoint.id.to_string() };
    let once = once("POST /webhooks", "listen".into());
    let reply = register(deps, caller, &new, "https://herald.test", &once, &encode).await?;
    reply.stored.body.parse().map_err(|_| Error::Internal("no endpoint's id".into()))
}

/// Performs one act.
pub(crate) async fn act(
    process: &Process,
    caller: &Caller,
    act: &Act,
    posts: &[Planned],
    accounts: &[AccountId],
    known: Option<PostId>,
) -> Answer {
    let deps = &process.deps;
    match (act, known) {
        (Act::Publish(n), _) => {
            let command = posts[*n].command(*n, accounts);
            let once = once("POST /publish", format!("publish {n}"));
            answer(publishing::request(deps, caller, &command, &once, &accepted).await)
        }
        (Act::Edit(n), Some(id)) => {
            let found = match deps.ledger.post(caller.tenant, id).await {
                Ok(Some(found)) => found,
                _ => return Answer::Again,
            };
            let at = |ms| Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH);
            let edit = Edit {
                content: Some(posts[*n].content(*n, 1)),
                when: posts[*n].due_ms.map(|ms| When::At(at(ms + 600_000))),
                ..Edit::default()
            };
            let once = once("PATCH /posts", format!("edit {n}"));
            answer(publishing::edit(deps, caller, id, found.rev, &edit, &once, &accepted).await)
        }
        (Act::Amend { post, version, turn }, Some(id)) => {
            let found = match deps.ledger.post(caller.tenant, id).await {
                Ok(Some(found)) => found,
                _ => return Answer::Again,
            };
            let edit = Edit { content: Some(posts[*post].content(*post, *version)), ..Edit::default() };
            let once = once("PATCH /posts", format!("amend {post} {turn}"));
            let deps = process.managing();
            answer(publishing::amend(&deps, caller, id, found.rev, &edit, &once, &accepted).await)
        }
        (Act::Cancel(n), Some(id)) => {
            let once = once("POST /cancel", format!("cancel {n}"));
            answer(publishing::cancel(deps, caller, id, &once, &changed).await)
        }
        _ => Answer::Refused,
    }
}

/// A person decides one delivery whose outcome is open. They look when they like: it is for Herald to refuse a "not there"
/// that proves nothing yet.
pub(crate) async fn decide(
    process: &Process,
    caller: &Caller,
    delivery: &Delivery,
    platform: &Arc<FakePlatform>,
    text: &str,
    errs: bool,
    round: usize,
) {
    let Some(question) = delivery.question() else { return };
    let now = platform.engine.now_ms();
    let live = !errs && platform.truth().posted.iter().any(|p| p.text == text && p.at_ms <= now);
    let decision = if live { Decision::ItIsLive(None) } else { Decision::SendAgain };
    let answer = publishing::Answer { account: delivery.account, question, decision };
    let once = once("POST /resolve", format!("{} {} {round}", delivery.post, delivery.account));
    // Not answered: the next round decides.
    drop(publishing::resolve(&process.deps, caller, delivery.post, &answer, "/post", &once, &changed).await);
}

/// A person asks for another try of what failed.
pub(crate) async fn retry(process: &Process, caller: &Caller, delivery: &Delivery, round: usize) {
    let once = once("POST /retry", format!("{} {} {round}", delivery.post, delivery.account));
    let only = Some(delivery.account);
    drop(publishing::retry(&process.deps, caller, delivery.post, only, &[], &once, &changed).await);
}
