//! Taking a person back from a platform's consent page. The consent is used up before any call to the platform, so a
//! replayed callback, however fast, cannot spend a code twice.

use super::choose::{Offer, offer};
use super::connect::{by_consent, place, registered};
use super::pair::{self, Pair};
use super::{TRIES, commit, facts, leftover, unpark};
use crate::audit::entry;
use crate::mutate::require;
use crate::{AccountDeps, Deps, Error, relay, sha256_hex};
use aws_lc_rs::digest::{SHA256, digest};
use domain::access::{Caller, Permission};
use domain::accounts::{Account, AccountStatus, Consent, Profile, TokenState};
use domain::events::EventData;
use domain::publishing::Failure;
use domain::{AccountId, PlatformId, TenantId};
use ports::{Auth, AuthFailure, AuthorizeRequest, Connector, PlatformApp, Record, StoreError, Versioned, Write};
use serde_json::json;
use url::Url;

/// What the platform sent the browser back with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Callback {
    /// `state`.
    pub state: Option<String>,
    /// `code`.
    pub code: Option<String>,
    /// `error`.
    pub error: Option<String>,
    /// `iss` (RFC 9207).
    pub iss: Option<String>,
    /// The platform's ids of the profiles to connect; when not said and there are several, the person is asked.
    pub selection: Option<Vec<String>>,
}

/// What a person came back with.
#[derive(Debug, Clone, PartialEq)]
pub enum Returned {
    /// Connected: there was nothing to choose, or it was chosen before.
    Connected(Finished),
    /// There are several profiles: the person chooses.
    Choose(Offer),
}

impl Returned {
    /// What was connected, if nobody has to be asked.
    pub fn connected(self) -> Option<Finished> {
        match self {
            Self::Connected(finished) => Some(finished),
            Self::Choose(_) => None,
        }
    }
}

/// A consent that was finished.
#[derive(Debug, Clone, PartialEq)]
pub struct Finished {
    /// The connected accounts, the person first.
    pub accounts: Vec<Account>,
    /// Where the browser goes now: a path of our console.
    pub return_to: String,
}

/// Takes back whom [`super::begin`] sent off, for the same caller only.
pub async fn finish(
    deps: &AccountDeps,
    caller: &Caller,
    platform: &str,
    callback: &Callback,
) -> Result<Returned, Error> {
    require(caller, Permission::ManageAccounts)?;
    let (connector, app) = registered(deps, platform).await?;
    let auth = by_consent(connector.as_ref())?;
    let (state_hash, consent) = used_up(deps, caller, &*connector, callback).await?;
    if callback.error.is_some() {
        return Err(Error::conflict("consent_denied", "access was not given: start again and confirm it"));
    }
    if let Some(iss) = &callback.iss
        && !is_issuer(auth, &app, iss)
    {
        return Err(Error::bad_request("oauth_mixup", "the answer comes from another issuer: start again"));
    }
    let code = callback.code.as_deref().filter(|c| !c.is_empty());
    let code = code.ok_or_else(|| Error::bad_request("oauth_code", "the code is missing: start again"))?;
    let verifier = deps.sealer.open(&place(consent.tenant, &state_hash), &consent.verifier).await?;
    let verifier = auth.oauth().pkce.then_some(&verifier);
    let asked_at = deps.clock.now();
    let answer = auth.exchange(&app, code, verifier, &consent.redirect_uri).await.map_err(|e| exchange_failed(&e))?;
    let mut pair = Pair::answered(answer, auth.oauth().default_access_life_s, asked_at, None);
    if pair.scopes.is_empty() {
        // RFC 6749 5.1: scopes that are not named are those that were asked for.
        pair.scopes.clone_from(&auth.oauth().scopes);
    }
    let profiles = auth.profiles(&app, &pair.access).await.map_err(|e| profiles_failed(&e));
    let chosen = match profiles.and_then(|profiles| chosen(profiles, callback.selection.as_deref())) {
        Ok(chosen) => chosen,
        Err(error) => return Err(given_back(&consent.platform, (auth, &app), &pair, error).await),
    };
    if callback.selection.is_none() && chosen.len() > 1 {
        return match offer(deps, &consent, &pair, chosen).await {
            Ok(offer) => Ok(Returned::Choose(offer)),
            Err(error) => Err(given_back(&consent.platform, (auth, &app), &pair, error).await),
        };
    }
    let speakers = match speakers(deps, auth, &app, &pair, chosen).await {
        Ok(speakers) => speakers,
        Err(error) => return Err(given_back(&consent.platform, (auth, &app), &pair, error).await),
    };
    let accounts = connect(deps, caller, &consent.platform, &pair, speakers).await?;
    Ok(Returned::Connected(Finished { accounts, return_to: consent.return_to }))
}

/// The error that a consent ends in after its code was exchanged: nobody will use the access, so it is given back, where the platform
/// takes back with it what this consent gave alone.
async fn given_back(platform: &PlatformId, (auth, app): (&dyn Auth, &PlatformApp), pair: &Pair, error: Error) -> Error {
    if auth.oauth().revoke.is_some()
        && let Err(failure) = auth.revoke(app, &pair.as_answer()).await
    {
        tracing::warn!(%platform, error = %failure, "an access that is of no use was not revoked");
    }
    error
}

/// The consent under the callback's `state`, which no other callback can use any more.
async fn used_up(
    deps: &Deps,
    caller: &Caller,
    connector: &dyn Connector,
    callback: &Callback,
) -> Result<(String, Consent), Error> {
    let refused = || Error::bad_request("oauth_state", "this consent is unknown, used or too old: start again");
    let state_hash = sha256_hex(callback.state.as_deref().ok_or_else(refused)?.as_bytes());
    let found = deps.ledger.consent(&state_hash).await?.ok_or_else(refused)?;
    let Consent { tenant, member, platform, expires_at, found: chosen_from, .. } = &found.value;
    let theirs = (*tenant, *member) == (caller.tenant, caller.member) && *platform == connector.descriptor().id;
    if !theirs || chosen_from.is_some() || *expires_at <= deps.clock.now() {
        return Err(refused());
    }
    let gone = Write::delete(&found, Record::Consent(state_hash.clone(), found.value.clone()));
    match deps.ledger.commit(vec![gone]).await {
        Ok(_) => Ok((state_hash, found.value)),
        Err(StoreError::Conflict { .. }) => Err(refused()),
        Err(other) => Err(other.into()),
    }
}

/// Whether `iss` is where we sent the person (the same origin): an answer of another server is a mix-up attack.
fn is_issuer(auth: &dyn Auth, app: &PlatformApp, iss: &str) -> bool {
    let request = AuthorizeRequest { state: String::new(), challenge: None, redirect_uri: String::new() };
    let sent_to = Url::parse(&auth.authorize_url(app, &request));
    matches!((sent_to, Url::parse(iss)), (Ok(a), Ok(b)) if a.origin() == b.origin())
}

fn exchange_failed(failure: &AuthFailure) -> Error {
    match failure {
        AuthFailure::Refused => Error::bad_request("oauth_code", "the platform refused the code: start again"),
        AuthFailure::Transient => Error::Unavailable("the platform did not answer: start again".into()),
        AuthFailure::Misconfigured(_) => Error::conflict(
            "platform_misconfigured",
            "the platform refuses our registration: check client id and secret",
        ),
    }
}

fn profiles_failed(failure: &Failure) -> Error {
    match failure {
        Failure::Unavailable | Failure::RateLimited { .. } | Failure::Unconfirmed { .. } | Failure::Taken { .. } => {
            Error::Unavailable("the platform did not say whose account it is: start again".into())
        }
        _ => Error::conflict("no_profile", "the platform does not say whose account it is: check the registration"),
    }
}

fn chosen(profiles: Vec<Profile>, selection: Option<&[String]>) -> Result<Vec<Profile>, Error> {
    let wanted = |p: &Profile| selection.is_none_or(|ids| ids.contains(&p.external_id));
    let mut chosen: Vec<Profile> = Vec::new();
    for profile in profiles {
        if wanted(&profile) && chosen.iter().all(|c| c.external_id != profile.external_id) {
            chosen.push(profile);
        }
    }
    if chosen.is_empty() {
        return Err(Error::conflict("no_profile", "there is no profile to connect"));
    }
    Ok(chosen)
}

/// A profile to connect, and the token pair it has of its own, where its platform gives it one.
pub(super) struct Speaker {
    pub(super) profile: Profile,
    pub(super) own: Option<Pair>,
}

/// The chosen profiles with what they have of their own. Nothing is kept yet, so it may be asked again.
pub(super) async fn speakers(
    deps: &Deps,
    auth: &dyn Auth,
    app: &PlatformApp,
    pair: &Pair,
    chosen: Vec<Profile>,
) -> Result<Vec<Speaker>, Error> {
    let asked_at = deps.clock.now();
    let mut own = auth.own_tokens(app, &pair.access, &chosen).await.map_err(|e| profiles_failed(&e))?;
    let speaker = |profile: Profile| {
        let own = own.remove(&profile.external_id).map(|answer| {
            let scopes = if answer.scopes.is_empty() { pair.scopes.clone() } else { answer.scopes.clone() };
            // Without a word about its life it lives until somebody ends it.
            Pair { scopes, ..Pair::answered(answer, 0, asked_at, None) }
        });
        Speaker { profile, own }
    };
    Ok(chosen.into_iter().map(speaker).collect())
}

/// Connects the profiles. Each that has a pair of its own holds it; of the others the first one's account holds the consent's
/// pair for all of them.
pub(super) async fn connect(
    deps: &Deps,
    caller: &Caller,
    platform: &PlatformId,
    pair: &Pair,
    speakers: Vec<Speaker>,
) -> Result<Vec<Account>, Error> {
    let known: Vec<Account> = deps.ledger.accounts(caller.tenant).await?.into_iter().map(|a| a.value).collect();
    let id_of = |profile: &Profile| {
        let same = |a: &&Account| a.platform == *platform && a.profile.is_same(profile);
        known.iter().find(same).map_or_else(|| derived(caller.tenant, platform, profile), |a| a.id)
    };
    let moving: Vec<AccountId> = speakers.iter().map(|speaker| id_of(&speaker.profile)).collect();
    let staying: Vec<Account> = known.iter().filter(|a| !moving.contains(&a.id)).cloned().collect();
    let (mut connected, mut first) = (Vec::new(), None);
    for (id, Speaker { profile, own }) in moving.into_iter().zip(speakers) {
        let holder = if own.is_some() { None } else { first };
        if own.is_none() {
            first = first.or(Some(id));
        }
        let pair = own.as_ref().unwrap_or(pair);
        connected.push(Consented { deps, caller, platform, pair, id, holder }.connect(profile, &staying).await?);
    }
    leftover::clear_all(deps, caller.tenant, platform).await;
    for account in &connected {
        unpark(deps, account.tenant, account.id, &caller.cid).await?;
    }
    Ok(connected)
}

/// The id of a new account follows from whom it speaks for: two callbacks at once cannot make two accounts of one.
fn derived(tenant: TenantId, platform: &PlatformId, profile: &Profile) -> AccountId {
    let issuer = profile.issuer().map(|server| format!("|{server}")).unwrap_or_default();
    let whom = digest(&SHA256, format!("{tenant}|{platform}|{}{issuer}", profile.external_id).as_bytes());
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&whom.as_ref()[..16]);
    AccountId::from_uuid(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

struct Consented<'a> {
    deps: &'a Deps,
    caller: &'a Caller,
    platform: &'a PlatformId,
    pair: &'a Pair,
    id: AccountId,
    holder: Option<AccountId>,
}

impl Consented<'_> {
    /// Connects one profile; `staying` are the accounts that this consent does not touch.
    async fn connect(&self, profile: Profile, staying: &[Account]) -> Result<Account, Error> {
        let mut last = StoreError::Conflict { index: 0 };
        for _ in 0..TRIES {
            let old = self.deps.ledger.account(self.caller.tenant, self.id).await?;
            let before = old.as_ref().map(|o| &o.value);
            let token = match self.holder {
                None => self.stored(before.map(|a| &a.token)).await?,
                // Others live on the pair this account had; it keeps it for them.
                Some(_) => match before {
                    Some(before) if leftover::feeds(before, staying) => before.token.clone(),
                    _ => TokenState::none(before.map_or(0, |a| a.token.version)),
                },
            };
            let account = Account {
                id: self.id,
                tenant: self.caller.tenant,
                platform: self.platform.clone(),
                profile: profile.clone(),
                status: AccountStatus::Active,
                connected_by: self.caller.member,
                connected_at: before.map_or_else(|| self.deps.clock.now(), |a| a.connected_at),
                consented_at: Some(self.deps.clock.now()),
                scopes: self.pair.scopes.clone(),
                token,
                holder: self.holder,
            };
            match self.commit(old.as_ref(), account.clone()).await {
                Ok(()) => return Ok(account),
                Err(error @ StoreError::Conflict { .. }) => last = error,
                Err(error) => return Err(error.into()),
            }
        }
        Err(last.into())
    }

    /// Stores the pair. The version steps by two: a refresh of the old pair that is still under way would take the next
    /// one. While such a refresh could overwrite the secret store, the account carries the new pair as well.
    async fn stored(&self, before: Option<&TokenState>) -> Result<TokenState, Error> {
        let version = before.map_or(1, |t| t.version + 2);
        let at = (self.caller.tenant, self.id);
        let sealed = self.pair.seal(self.deps, at, version).await?;
        let in_store = pair::put(self.deps, at, version, &sealed).await;
        if let Err(error) = &in_store {
            tracing::warn!(account = %self.id, %error, "the account carries its tokens until the secret store takes them");
        }
        let refreshing = before.and_then(|t| t.lease.clone()).filter(|l| l.until > self.deps.clock.now());
        let mut token = self.pair.state(&TokenState::none(version), version);
        token.rescue = (in_store.is_err() || refreshing.is_some()).then_some(sealed);
        // The lease stays until it runs out: so long the copy must not be taken for superfluous.
        token.lease = refreshing;
        Ok(token)
    }

    async fn commit(&self, old: Option<&Versioned<Account>>, account: Account) -> Result<(), StoreError> {
        let cid = &self.caller.cid;
        let event = EventData::AccountConnected(facts(&account, None));
        let told = json!({ "platform": account.platform, "version": account.token.version, "holder": account.holder });
        let audit = entry(self.deps, self.caller, "account.connected", account.id, Some(told));
        if let Some(old) = old {
            return commit(self.deps, old, account, Some(event), vec![audit], cid).await.map(drop);
        }
        let events = self.deps.events(account.tenant, cid, [event]);
        let write = Write::create(Record::Account(account)).telling(events);
        let committed = self.deps.ledger.commit(vec![write, audit]).await?;
        relay(self.deps, &committed.outbox).await;
        Ok(())
    }
}
