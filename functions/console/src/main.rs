//! Starts the console.

use console::handler::{Console, router};
use runtime::config::PublicAddress;
use runtime::http::{finish, serve};
use std::process::ExitCode;
use std::sync::Arc;
use wiring::Concern::{Bus, KeyRing, Media, Platforms, PublishQueues, WebhooksQueue};

fn main() -> ExitCode {
    runtime::boot("console", async |boot| {
        let (deps, _) = wiring::deps(&boot, &[Bus, KeyRing, Media, Platforms, PublishQueues, WebhooksQueue])?;
        let address = boot.read::<PublicAddress>()?;
        let console = Console { deps, tokens: Arc::default(), stage: boot.stage, address };
        serve(finish(router(console))).await
    })
}
