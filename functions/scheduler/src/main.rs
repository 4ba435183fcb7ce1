//! Starts the scheduler: each minute, what comes due gets its message.

mod handler;

use std::process::ExitCode;
use wiring::Concern::{Bus, IngestQueue, PublishQueues, WebhooksQueue};

fn main() -> ExitCode {
    runtime::boot("scheduler", async |boot| {
        let (deps, _) = wiring::deps(&boot, &[Bus, PublishQueues, WebhooksQueue, IngestQueue])?;
        runtime::schedule::serve(|tick| handler::tick(&deps, tick)).await
    })
}
