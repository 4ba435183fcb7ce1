//! Starts the reconciler: every five minutes, unknown outcomes are looked up, and pairs that nobody uses are renewed.

mod handler;

use std::process::ExitCode;
use wiring::Concern::{Bus, KeyRing};

fn main() -> ExitCode {
    runtime::boot("reconciler", async |boot| {
        let deps = wiring::finding(&boot, &[Bus, KeyRing])?;
        runtime::schedule::serve(|tick| handler::run(&deps, tick)).await
    })
}
