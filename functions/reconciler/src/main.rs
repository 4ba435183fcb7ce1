//! Starts the reconciler: every five minutes, unknown outcomes are looked up.

mod handler;

use app::accounts::TokenCache;
use std::process::ExitCode;
use wiring::Concern::{Bus, KeyRing, Platforms};

fn main() -> ExitCode {
    runtime::boot("reconciler", async |boot| {
        let (deps, _) = wiring::deps(&boot, &[Bus, KeyRing, Platforms])?;
        let tokens = TokenCache::default();
        runtime::schedule::serve(|tick| handler::run(&deps, &tokens, tick)).await
    })
}
