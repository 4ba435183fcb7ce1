//! Starts the webhooks API.

use runtime::config::PublicAddress;
use runtime::http::{Api, serve};
use std::process::ExitCode;
use webhooks_api::router;
use wiring::Concern::{Bus, KeyRing, WebhooksQueue};

fn main() -> ExitCode {
    runtime::boot("webhooks-api", async |boot| {
        let (deps, _) = wiring::deps(&boot, &[Bus, KeyRing, WebhooksQueue])?;
        serve(router(Api::new(deps, boot.read::<PublicAddress>()?))).await
    })
}
