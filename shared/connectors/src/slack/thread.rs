//! The thread that a part stands in. A reply to a message that is gone Slack takes as well, and puts it into the channel, where
//! everybody reads it: so the message is looked for before anything is sent.

use super::api::Page;
use super::error::{refusal, refused};
use super::publish::{channel, root};
use super::{Slack, get, good};
use connector_kit::http::repeatable;
use domain::publishing::Failure;
use jiff::{SignedDuration, Timestamp};
use ports::{Prepared, PublishCall};

/// Seconds after which a message that Slack does not show is gone: it may not show yet what it just took.
const SHOWN_AFTER_S: i64 = 60;

/// When the message was posted: its id begins with the second.
fn posted_at(ts: &str) -> Option<Timestamp> {
    Timestamp::from_second(ts.split_once('.')?.0.parse().ok()?).ok()
}

/// What the platform says of the thread's first message.
enum First {
    /// It is there, or what answered it is.
    There,
    Gone,
    /// The channel cannot be read.
    Hidden,
}

async fn first(slack: &Slack, call: &PublishCall<'_>, root: &str) -> Result<First, Failure> {
    let asked = [("channel", channel(call.account)?), ("ts", root), ("limit", "1")];
    let request = get(call.app, "conversations.replies", &asked).bearer(call.token);
    let answer = slack.http.call(request).await.map_err(|lost| repeatable(lost.into()))?;
    if let Some(page) = good::<Page>(&answer) {
        let of_thread = page.messages.iter().any(|m| m.ts == root || m.thread_ts.as_deref() == Some(root));
        return Ok(if of_thread { First::There } else { First::Gone });
    }
    if refused(&answer).is_some_and(|refused| refused.error == "thread_not_found") {
        return Ok(First::Gone);
    }
    match repeatable(refusal(&answer, call.now)) {
        // Reading is another right than writing: what is wrong with the access the request itself is told.
        Failure::Rejected { .. } | Failure::Revoked { .. } | Failure::Misconfigured { .. } => Ok(First::Hidden),
        passing => Err(passing),
    }
}

/// Whether Slack put a part before this one into the channel: its address has no thread.
fn is_astray(call: &PublishCall<'_>) -> bool {
    let mut urls = call.before.iter().skip(1).filter_map(|receipt| receipt.url.as_deref());
    urls.any(|url| !url.contains("?thread_ts="))
}

/// Lets a part be sent whose thread is there, or cannot be looked for. `prepared` is what its pictures came to.
pub(super) async fn checked(
    slack: &Slack,
    call: &PublishCall<'_>,
    prepared: Option<serde_json::Value>,
) -> Result<Prepared, Failure> {
    let Some(root) = root(call)? else { return Ok(Prepared::Ready(prepared)) };
    match first(slack, call, root).await? {
        First::There => return Ok(Prepared::Ready(prepared)),
        First::Hidden if !is_astray(call) => return Ok(Prepared::Ready(prepared)),
        First::Hidden => {}
        First::Gone => {
            let shown_by = posted_at(root).map(|at| at + SignedDuration::from_secs(SHOWN_AFTER_S));
            if let Some(until) = shown_by.filter(|until| *until > call.now) {
                return Ok(Prepared::Wait { progress: prepared.unwrap_or_default(), until });
            }
        }
    }
    let detail = "the thread's first message is not there any more, and Slack would put the reply into the channel";
    Err(Failure::Rejected { code: "reply_refused".into(), detail: detail.into() })
}
