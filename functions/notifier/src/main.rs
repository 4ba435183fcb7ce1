//! Starts the notifier: events go to the customers' endpoints.

mod handler;

use app::webhooks::Batch;
use std::process::ExitCode;
use std::sync::Arc;
use wiring::Concern::{Bus, KeyRing, WebhooksQueue};

/// Messages of a batch that are worked on side by side.
const SIDE_BY_SIDE: usize = 10;

fn main() -> ExitCode {
    runtime::boot("notifier", async |boot| {
        let deps = wiring::telling(&boot, &[Bus, KeyRing, WebhooksQueue])?;
        let batch = || Arc::new(Batch::default());
        let one = async |batch: Arc<Batch>, message| handler::notify(&deps, &batch, message).await;
        runtime::queue::serve_batches(Arc::clone(&deps.clock), SIDE_BY_SIDE, batch, one).await
    })
}
