//! Starts the accounts API.

use accounts_api::router;
use runtime::config::PublicAddress;
use runtime::http::{Api, serve};
use std::process::ExitCode;
use wiring::Concern::{Bus, KeyRing, Platforms};

fn main() -> ExitCode {
    runtime::boot("accounts-api", async |boot| {
        let (deps, _) = wiring::deps(&boot, &[Bus, KeyRing, Platforms])?;
        serve(router(Api::new(deps, boot.read::<PublicAddress>()?))).await
    })
}
