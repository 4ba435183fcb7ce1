//! Starts ingest: what came in is read.

use std::process::ExitCode;
use std::sync::Arc;
use wiring::Concern::Bus;

/// Messages of a batch that are worked on side by side: what the largest bodies tell fits the memory twice.
const SIDE_BY_SIDE: usize = 2;

fn main() -> ExitCode {
    runtime::boot("ingest", async |boot| {
        let deps = wiring::receiving(&boot, &[Bus])?;
        runtime::queue::serve(Arc::clone(&deps.clock), SIDE_BY_SIDE, |m| ingest::read(&deps, m)).await
    })
}
