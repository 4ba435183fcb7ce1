//! One run.

use app::accounts::TokenCache;
use app::{Deps, publishing};
use runtime::queue::Failed;
use runtime::schedule::Tick;

/// Reads the platforms for deliveries whose outcome is unknown.
pub(crate) async fn run(deps: &Deps, tokens: &TokenCache, tick: Tick) -> Result<(), Failed> {
    let run = publishing::reconcile(deps, tokens, tick.deadline, &tick.cid).await;
    let run = run.map_err(|error| Failed::new("reconcile", error.to_string()))?;
    tracing::info!(looked_at = run.looked_at, decided = run.decided, "reconciled");
    Ok(())
}
