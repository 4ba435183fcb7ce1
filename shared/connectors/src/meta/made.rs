//! What Instagram and Threads say of something that was made: its id, and where people see it.

use super::container::is_id;
use super::graph::Graph;
use super::usage;
use connector_kit::{Allowance, Answer};
use domain::publishing::{Failure, Receipt};
use jiff::Timestamp;
use ports::{PublishCall, Published};
use serde::Deserialize;

#[derive(Deserialize)]
struct Made {
    id: Option<String>,
}

#[derive(Deserialize)]
struct Link {
    permalink: Option<String>,
}

/// The id of what was made; none where the answer names none.
pub(super) fn id(answer: &Answer) -> Option<String> {
    answer.json::<Made>().and_then(|made| made.id).filter(|id| is_id(id))
}

/// What a success of publishing comes to. `what` is what it should name.
///
/// # Errors
/// It names nothing, so that nobody knows what was published.
pub(super) fn published(answer: &Answer, what: &str, now: Timestamp) -> Result<Published, Failure> {
    let Some(id) = id(answer) else {
        return Err(Failure::Unconfirmed { detail: format!("a success that names no {what}") });
    };
    let quiet_until = usage::quiet_until(answer, now);
    Ok(Published { receipt: Receipt { id: Some(id), url: None }, quiet_until })
}

/// Where people see what has this receipt, as the platform says; none where it does not.
pub(super) async fn permalink(graph: &Graph<'_>, call: &PublishCall<'_>, receipt: &Receipt) -> Option<String> {
    let id = receipt.id.as_deref().filter(|id| is_id(id))?;
    let asked = graph.get(id, &[("fields", "permalink")], call.token, call.now);
    let answer = Allowance::of(call).run(asked).await.ok()?;
    answer.json::<Link>()?.permalink
}
