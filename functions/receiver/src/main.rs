//! Starts the receiver: platforms and other systems call, and their calls are kept.

use receiver::{Inbox, router};
use runtime::config::PublicAddress;
use runtime::http::serve;
use std::process::ExitCode;
use wiring::Concern::{IngestQueue, KeyRing};

fn main() -> ExitCode {
    runtime::boot("receiver", async |boot| {
        let deps = wiring::receiving(&boot, &[IngestQueue, KeyRing])?;
        serve(router(Inbox { deps, address: boot.read::<PublicAddress>()? })).await
    })
}
