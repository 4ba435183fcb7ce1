//! Starts the reconciler: every five minutes, unknown outcomes are looked up.

mod handler;

use app::accounts::TokenCache;
use std::process::ExitCode;
use wiring::Concern::{Bus, KeyRing, Media, Platforms, PublishQueues};

fn main() -> ExitCode {
    runtime::boot("reconciler", async |boot| {
        let (deps, _) = wiring::deps(&boot, &[Bus, KeyRing, Media, Platforms, PublishQueues])?;
        let tokens = TokenCache::default();
        runtime::schedule::serve(|tick| handler::run(&deps, &tokens, tick)).await
    })
}
