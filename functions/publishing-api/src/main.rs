//! Starts the publishing API.

use publishing_api::{Api, router};
use runtime::config::PublicAddress;
use runtime::http::serve;
use std::process::ExitCode;
use wiring::Concern::{Bus, KeyRing, Media, PublishQueues};

fn main() -> ExitCode {
    runtime::boot("publishing-api", async |boot| {
        let deps = wiring::managing(&boot, &[Bus, KeyRing, Media, PublishQueues])?;
        serve(router(Api::new(deps, boot.read::<PublicAddress>()?))).await
    })
}
