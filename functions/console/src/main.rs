//! Starts the console.

use console::handler::{Console, router};
use runtime::config::PublicAddress;
use runtime::http::{finish, serve};
use std::process::ExitCode;
use wiring::Concern::{Bus, KeyRing, Media, PublishQueues, WebhooksQueue};

fn main() -> ExitCode {
    runtime::boot("console", async |boot| {
        let deps = wiring::managing(&boot, &[Bus, KeyRing, Media, PublishQueues, WebhooksQueue])?;
        let address = boot.read::<PublicAddress>()?;
        let console = Console { deps, stage: boot.stage, address };
        serve(finish(router(console))).await
    })
}
