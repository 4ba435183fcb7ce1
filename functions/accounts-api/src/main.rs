//! Starts the accounts API.

use accounts_api::{Api, router};
use runtime::config::PublicAddress;
use runtime::http::serve;
use std::process::ExitCode;
use wiring::Concern::{Bus, KeyRing};

fn main() -> ExitCode {
    runtime::boot("accounts-api", async |boot| {
        let deps = wiring::accounts(&boot, &[Bus, KeyRing])?;
        serve(router(Api::new(deps, boot.read::<PublicAddress>()?))).await
    })
}
