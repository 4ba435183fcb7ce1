//! Starts the publisher: each message names one delivery.

mod handler;
mod turns;

use app::accounts::TokenCache;
use std::process::ExitCode;
use std::sync::Arc;
use turns::Turns;
use wiring::Concern::{Bus, KeyRing, Media, Platforms};

/// Messages of a batch that are worked on side by side, if they name different accounts: a whole batch, since each mostly waits
/// for its platform.
const SIDE_BY_SIDE: usize = 10;

fn main() -> ExitCode {
    runtime::boot("publisher", async |boot| {
        let (deps, _) = wiring::deps(&boot, &[Bus, KeyRing, Media, Platforms])?;
        let tokens = TokenCache::default();
        let turns = Turns::default();
        runtime::queue::serve(Arc::clone(&deps.clock), SIDE_BY_SIDE, |message| {
            handler::publish(&deps, &tokens, &turns, message)
        })
        .await
    })
}
