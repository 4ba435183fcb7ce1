//! Starts the audience API.

use audience_api::router;
use runtime::config::PublicAddress;
use runtime::http::{Api, serve};
use std::process::ExitCode;
use wiring::Concern::KeyRing;

fn main() -> ExitCode {
    runtime::boot("audience-api", async |boot| {
        let (deps, _) = wiring::deps(&boot, &[KeyRing])?;
        serve(router(Api::new(deps, boot.read::<PublicAddress>()?))).await
    })
}
