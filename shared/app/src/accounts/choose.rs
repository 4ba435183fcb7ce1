//! Choosing which of a consent's profiles to connect. A person may speak for pages besides themselves, and what they do
//! not pick must not be connected. Until they pick, the token pair is kept sealed with what they may pick from, for ten
//! minutes, for this member only; a choice is used up before anything is connected, so that it counts once.

use super::connect::{by_consent, random, registered};
use super::finish::{Finished, connect, speakers};
use super::pair::{self, Pair};
use crate::mutate::require;
use crate::{AccountDeps, Deps, Error, sha256_hex};
use domain::access::{Caller, Permission};
use domain::accounts::{CONSENT_LIFE_S, Consent, Found, Profile};
use domain::{PlatformId, TenantId};
use jiff::{SignedDuration, Timestamp};
use ports::{Connector, Record, StoreError, Versioned, Write};
use secrecy::ExposeSecret;

/// What a person may choose from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Names this choice; of use to the member who gave the consent only.
    pub id: String,
    /// Platform.
    pub platform: PlatformId,
    /// The profiles, the person first.
    pub profiles: Vec<Offered>,
    /// Where the browser goes afterwards: a path of our console.
    pub return_to: String,
    /// Until when one may choose.
    pub expires_at: Timestamp,
}

/// One profile of several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// Who it is.
    pub profile: Profile,
    /// Whether it is connected already; choosing it renews the access.
    pub connected: bool,
}

/// Keeps what a consent turned out to be for until the person chooses.
pub(super) async fn offer(deps: &Deps, consent: &Consent, pair: &Pair, profiles: Vec<Profile>) -> Result<Offer, Error> {
    let id = random(deps).expose_secret().to_owned();
    let hash = hash(&id);
    let expires_at = deps.clock.now() + SignedDuration::from_secs(CONSENT_LIFE_S);
    let sealed = pair.seal_for(deps, &place(consent.tenant, &hash)).await?;
    let waiting = Consent {
        verifier: String::new(),
        expires_at,
        found: Some(Found { sealed, profiles: profiles.clone() }),
        ..consent.clone()
    };
    deps.ledger.commit(vec![Write::create(Record::Consent(hash, waiting.clone()))]).await?;
    shown(deps, &id, &waiting, &profiles).await
}

/// What a person may still choose from.
pub async fn offered(deps: &AccountDeps, caller: &Caller, platform: &str, id: &str) -> Result<Offer, Error> {
    require(caller, Permission::ManageAccounts)?;
    let (connector, _) = registered(deps, platform).await?;
    let (_, consent, found) = waiting(deps, caller, &*connector, id).await?;
    shown(deps, id, &consent.value, &found.profiles).await
}

/// Connects the chosen profiles, named by the platform's ids.
pub async fn choose(
    deps: &AccountDeps,
    caller: &Caller,
    platform: &str,
    id: &str,
    selection: &[String],
) -> Result<Finished, Error> {
    require(caller, Permission::ManageAccounts)?;
    let (connector, app) = registered(deps, platform).await?;
    let (hash, consent, found) = waiting(deps, caller, &*connector, id).await?;
    if selection.is_empty() {
        return Err(Error::invalid("selection_missing", "/selection", "choose at least one profile"));
    }
    if selection.iter().any(|id| found.profiles.iter().all(|p| p.external_id != *id)) {
        return Err(Error::invalid("profile_unknown", "/selection", "only profiles of this consent can be chosen"));
    }
    let pair = pair::open_for(deps, &place(caller.tenant, &hash), &found.sealed).await?;
    let chosen = found.profiles.into_iter().filter(|p| selection.contains(&p.external_id)).collect();
    // Before the choice is used up: should the platform not answer, one may choose again.
    let speakers = speakers(deps, by_consent(connector.as_ref())?, &app, &pair, chosen).await?;
    let gone = Write::delete(&consent, Record::Consent(hash, consent.value.clone()));
    match deps.ledger.commit(vec![gone]).await {
        Err(StoreError::Conflict { .. }) => return Err(Error::NotFound("choice")),
        done => done?,
    };
    let accounts = connect(deps, caller, &consent.value.platform, &pair, speakers).await?;
    Ok(Finished { accounts, return_to: consent.value.return_to })
}

/// The open choice under an id. Used, too old, another member's or another platform's: it is not there.
async fn waiting(
    deps: &Deps,
    caller: &Caller,
    connector: &dyn Connector,
    id: &str,
) -> Result<(String, Versioned<Consent>, Found), Error> {
    let absent = || Error::NotFound("choice");
    let hash = hash(id);
    let consent = deps.ledger.consent(&hash).await?.ok_or_else(absent)?;
    let Consent { tenant, member, platform, expires_at, found, .. } = &consent.value;
    let theirs = (*tenant, *member) == (caller.tenant, caller.member) && *platform == connector.descriptor().id;
    let found = found.clone().filter(|_| theirs && *expires_at > deps.clock.now()).ok_or_else(absent)?;
    Ok((hash, consent, found))
}

async fn shown(deps: &Deps, id: &str, consent: &Consent, profiles: &[Profile]) -> Result<Offer, Error> {
    let known = deps.ledger.accounts(consent.tenant).await?;
    let connected = |profile: &Profile| {
        known.iter().map(|a| &a.value).any(|account| {
            account.platform == consent.platform
                && account.profile.external_id == profile.external_id
                && !account.is_disconnected()
        })
    };
    let profiles = profiles.iter().map(|p| Offered { profile: p.clone(), connected: connected(p) }).collect();
    let Consent { platform, return_to, expires_at, .. } = consent.clone();
    Ok(Offer { id: id.to_owned(), platform, profiles, return_to, expires_at })
}

/// The key of a choice. A `state` never has the same one, even if it were the same text.
fn hash(id: &str) -> String {
    sha256_hex(format!("choice|{id}").as_bytes())
}

/// The place the pair is sealed for.
fn place(tenant: TenantId, hash: &str) -> String {
    format!("choice|{tenant}|{hash}")
}
