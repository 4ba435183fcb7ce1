//! Starts the publisher: each message names one delivery.

mod handler;
mod turns;

use std::process::ExitCode;
use std::sync::Arc;
use turns::Turns;
use wiring::Concern::{Bus, KeyRing, Media};

/// Messages of a batch that are worked on side by side, if they name different accounts: a whole batch, since each mostly waits
/// for its platform.
const SIDE_BY_SIDE: usize = 10;

fn main() -> ExitCode {
    runtime::boot("publisher", async |boot| {
        let deps = wiring::publishing(&boot, &[Bus, KeyRing, Media])?;
        let turns = Turns::default();
        runtime::queue::serve(Arc::clone(&deps.clock), SIDE_BY_SIDE, |message| handler::publish(&deps, &turns, message))
            .await
    })
}
