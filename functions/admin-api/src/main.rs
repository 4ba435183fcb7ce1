//! Starts the administration API.

use admin_api::{BootstrapToken, router};
use runtime::config::{BootstrapSecret, PublicAddress};
use runtime::http::{Api, serve};
use std::process::ExitCode;
use std::sync::Arc;
use wiring::Concern::{Bus, KeyRing, Tokens};

fn main() -> ExitCode {
    runtime::boot("admin-api", async |boot| {
        let (deps, aws) = wiring::deps(&boot, &[Bus, KeyRing, Tokens])?;
        let secret: Arc<str> = boot.read::<BootstrapSecret>()?.0.into();
        let token: BootstrapToken = Arc::new(move || {
            let (aws, secret) = (Arc::clone(&aws), Arc::clone(&secret));
            Box::pin(async move { wiring::bootstrap_token(&aws, &secret).await })
        });
        serve(router(Api::new(deps, boot.read::<PublicAddress>()?), token)).await
    })
}
