//! The thread that a part stands in. A reply to a message that is gone Slack takes as well, and puts it into the channel, where
//! everybody reads it: so the message is looked for before anything is sent.

use super::api::{Message, Page};
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
    /// It is there, and stands in the thread of another.
    Below,
    Gone,
    /// The channel cannot be read.
    Hidden,
}

async fn first(slack: &Slack, call: &PublishCall<'_>, root: &str) -> Result<First, Failure> {
    let asked = [("channel", channel(call.account)?), ("ts", root), ("limit", "1")];
    let request = get(call.app, "conversations.replies", &asked).bearer(call.token);
    let answer = slack.http.call(request).await.map_err(|lost| repeatable(lost.into()))?;
    if let Some(page) = good::<Page>(&answer) {
        let below = |m: &Message| m.thread_ts.as_deref().is_some_and(|thread| thread != root);
        let of_thread = page.messages.iter().any(|m| m.ts == root || m.thread_ts.as_deref() == Some(root));
        // Asked of a reply, Slack may tell the thread that it stands in.
        if page.messages.iter().any(below) {
            return Ok(First::Below);
        }
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
    // Of a content that answers nothing the first part has none.
    let own = usize::from(call.variant.reply_to.is_none());
    let mut urls = call.before.iter().skip(own).filter_map(|receipt| receipt.url.as_deref());
    urls.any(|url| !url.contains("?thread_ts="))
}

/// Lets a part be sent whose thread is there, or cannot be looked for. `prepared` is what its pictures came to.
pub(super) async fn checked(
    slack: &Slack,
    call: &PublishCall<'_>,
    prepared: Option<serde_json::Value>,
) -> Result<Prepared, Failure> {
    let Some(root) = root(call)? else { return Ok(Prepared::Ready(prepared)) };
    let rejected = |code: &str, detail: &str| Err(Failure::Rejected { code: code.into(), detail: detail.into() });
    match first(slack, call, &root).await? {
        First::There => return Ok(Prepared::Ready(prepared)),
        // Slack asks not to be given the id of a reply, and does not say where it would put what answers one.
        First::Below => {
            return rejected(
                "not_found",
                "the message to answer stands in a thread itself: give its link, which tells which",
            );
        }
        First::Hidden if call.part == 0 => {
            let detail = "the app may not read the channel, so it cannot be made sure that the message to answer is there, and Slack \
                          would put the answer to one that is not into the channel";
            return rejected("forbidden", detail);
        }
        First::Hidden if !is_astray(call) => return Ok(Prepared::Ready(prepared)),
        First::Hidden => {}
        First::Gone => {
            // What is of a time to come was never there.
            let posted = posted_at(&root).filter(|at| *at <= call.now + SignedDuration::from_mins(1));
            let shown_by = posted.map(|at| at + SignedDuration::from_secs(SHOWN_AFTER_S));
            if let Some(until) = shown_by.filter(|until| *until > call.now) {
                return Ok(Prepared::Wait { progress: prepared.unwrap_or_default(), until });
            }
        }
    }
    if call.part == 0 {
        return rejected("not_found", "the message to answer, or the first one of its thread, is not there");
    }
    let detail = "the thread's first message is not there any more, and Slack would put the reply into the channel";
    rejected("reply_refused", detail)
}
