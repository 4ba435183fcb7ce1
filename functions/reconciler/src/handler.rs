//! One run.

use app::{PlatformDeps, publishing};
use ports::Find;
use runtime::queue::Failed;
use runtime::schedule::Tick;

/// Reads the platforms for deliveries whose outcome is unknown.
pub(crate) async fn run(deps: &PlatformDeps<dyn Find>, tick: Tick) -> Result<(), Failed> {
    let run = publishing::reconcile(deps, tick.deadline, &tick.cid).await;
    let run = run.map_err(|error| Failed::new("reconcile", error.to_string()))?;
    tracing::info!(looked_at = run.looked_at, decided = run.decided, "reconciled");
    Ok(())
}
