#![allow(clippy::unwrap_used, clippy::expect_used)]

mod by_key;
mod choose;
mod consent;
mod crash;
mod disconnect;
mod expiring;
mod horizon;
mod keys;
mod own;
mod pairs;
mod reconnect;
mod refresh;

use super::*;
use crate::fakes::World;
use domain::access::Caller;
use domain::accounts::Account;
use jiff::SignedDuration;
use ports::Versioned;

/// Sends the caller through a consent.
pub(super) async fn connect(world: &World, caller: &Caller) -> Vec<Account> {
    let callback = consented(world, caller).await;
    match finish(&world.deps, caller, "chirp", &callback).await.unwrap() {
        Returned::Connected(finished) => finished.accounts,
        Returned::Choose(offer) => {
            let all: Vec<String> = offer.profiles.iter().map(|o| o.profile.external_id.clone()).collect();
            choose(&world.deps, caller, "chirp", &offer.id, &all).await.unwrap().accounts
        }
    }
}

/// A consent up to the point at which the browser comes back.
pub(super) async fn consented(world: &World, caller: &Caller) -> Callback {
    let begun = begin(&world.deps, caller, "chirp", "https://herald.example", None).await.unwrap();
    let code = world.platform.consents();
    Callback { state: Some(begun.state), code: Some(code), ..Callback::default() }
}

/// The account as the ledger has it.
pub(super) async fn stored(world: &World, account: &Account) -> Versioned<Account> {
    world.deps.ledger.account(account.tenant, account.id).await.unwrap().unwrap()
}

pub(super) fn ids(words: &[&str]) -> Vec<String> {
    words.iter().map(|w| (*w).to_owned()).collect()
}

/// A consent that connects these profiles.
pub(super) async fn connect_these(world: &World, caller: &Caller, profiles: &[&str]) -> Vec<Account> {
    let callback = Callback { selection: Some(ids(profiles)), ..consented(world, caller).await };
    finish(&world.deps, caller, "chirp", &callback).await.unwrap().connected().unwrap().accounts
}

/// A token from a process that remembers nothing.
pub(super) async fn cold(
    world: &World,
    account: &Account,
    refused: Option<u32>,
) -> Result<(String, u32), TokenTrouble> {
    token(world, &TokenCache::default(), account, refused).await
}

/// A token and its version.
pub(super) async fn token(
    world: &World,
    cache: &TokenCache,
    account: &Account,
    refused: Option<u32>,
) -> Result<(String, u32), TokenTrouble> {
    use secrecy::ExposeSecret;
    let account = stored(world, account).await;
    let (token, now) = fresh_token(
        &world.deps,
        cache,
        &account,
        refused,
        world.deps.clock.now() + SignedDuration::from_mins(1),
        "test",
    )
    .await?;
    Ok((token.expose_secret().to_owned(), now.value.token.version))
}
