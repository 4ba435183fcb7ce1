//! One run.

use app::{PlatformDeps, accounts, inbound, publishing};
use jiff::SignedDuration;
use ports::Find;
use runtime::queue::Failed;
use runtime::schedule::Tick;

/// Seconds of a run that are left to keeping accesses, however much there is to read.
const KEEPING_S: i64 = 30;
/// Seconds of a run that are left to reading how posts did, however slow those are who are asked what was said.
const MEASURING_S: i64 = 30;

/// Reads the platforms for deliveries whose outcome is unknown, renews the pairs that would end for want of use, asks what was said to
/// accounts whose platform calls nobody, and then reads how posts did: in the order of what it would cost to miss.
pub(crate) async fn run(deps: &PlatformDeps<dyn Find>, tick: Tick) -> Result<(), Failed> {
    let reading = tick.deadline - SignedDuration::from_secs(KEEPING_S);
    let run = Box::pin(publishing::reconcile(deps, reading, &tick.cid)).await;
    let kept = Box::pin(accounts::renew_ahead(deps, &deps.tokens, tick.deadline, &tick.cid)).await;
    let listening = tick.deadline - SignedDuration::from_secs(MEASURING_S);
    let heard = Box::pin(inbound::listen(deps, listening, &tick.cid)).await;
    let did = Box::pin(publishing::measure(deps, tick.deadline, &tick.cid)).await;
    let run = run.map_err(|error| Failed::new("reconcile", error.to_string()))?;
    tracing::info!(looked_at = run.looked_at, decided = run.decided, "reconciled");
    let kept = kept.map_err(|error| Failed::new("renew_ahead", error.to_string()))?;
    tracing::info!(looked_at = kept.looked_at, renewed = kept.renewed, warned = kept.warned, "renewed ahead");
    let heard = heard.map_err(|error| Failed::new("listen", error.to_string()))?;
    tracing::info!(looked_at = heard.looked_at, heard = heard.heard, "listened");
    let did = did.map_err(|error| Failed::new("measure", error.to_string()))?;
    tracing::info!(looked_at = did.looked_at, posts = did.posts, "measured");
    Ok(())
}
