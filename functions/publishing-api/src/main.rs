//! Starts the publishing API.

use publishing_api::router;
use runtime::config::PublicAddress;
use runtime::http::{Api, serve};
use std::process::ExitCode;
use wiring::Concern::{Bus, KeyRing, Media, Platforms, PublishQueues};

fn main() -> ExitCode {
    runtime::boot("publishing-api", async |boot| {
        let (deps, _) = wiring::deps(&boot, &[Bus, KeyRing, Media, Platforms, PublishQueues])?;
        serve(router(Api::new(deps, boot.read::<PublicAddress>()?))).await
    })
}
