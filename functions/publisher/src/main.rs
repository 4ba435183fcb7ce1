//! Starts the publisher: each message names one delivery.

mod handler;

use app::accounts::TokenCache;
use std::process::ExitCode;
use std::sync::Arc;
use wiring::Concern::{Bus, KeyRing, Media, Platforms};

/// Messages of a batch that are worked on side by side: a whole batch, since each mostly waits for its platform.
const SIDE_BY_SIDE: usize = 10;

fn main() -> ExitCode {
    runtime::boot("publisher", async |boot| {
        let (deps, _) = wiring::deps(&boot, &[Bus, KeyRing, Media, Platforms])?;
        let tokens = TokenCache::default();
        runtime::queue::serve(Arc::clone(&deps.clock), SIDE_BY_SIDE, |m| handler::publish(&deps, &tokens, m)).await
    })
}
