//! One tick.

use app::{Deps, publishing};
use runtime::queue::Failed;
use runtime::schedule::Tick;

/// Wakes what is due and relays what is unsent.
pub(crate) async fn tick(deps: &Deps, tick: Tick) -> Result<(), Failed> {
    let swept = publishing::tick(deps, tick.deadline, &tick.cid).await;
    let swept = swept.map_err(|error| Failed::new("tick", error.to_string()))?;
    tracing::info!(
        seen = swept.seen,
        sent = swept.sent,
        lost = swept.lost,
        relayed = swept.relayed,
        made = swept.made,
        "swept"
    );
    Ok(())
}
