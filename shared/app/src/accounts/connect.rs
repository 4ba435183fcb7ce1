//! Sending a person off to a platform's consent page, with what is needed to know them again when they come back.

use crate::mutate::require;
use crate::{AccountDeps, Deps, Error, sha256_hex};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::access::{Caller, Permission};
use domain::accounts::{CONSENT_LIFE_S, Consent};
use domain::{PlatformId, TenantId};
use jiff::{SignedDuration, Timestamp};
use ports::{Auth, AuthorizeRequest, Connect, PlatformApp, Record, Write};
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;

/// Where the browser may be sent after a consent; the first is the default.
pub const CONSOLE_PATHS: [&str; 2] = ["/console/accounts", "/console"];

/// A consent that was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// The platform.
    pub platform: PlatformId,
    /// The platform's consent page for this consent.
    pub authorize_url: String,
    /// The `state` in it, which the callback must bring back.
    pub state: String,
    /// Where the platform sends the browser; it must be registered with the platform exactly so.
    pub redirect_uri: String,
    /// Until when the person must be back.
    pub expires_at: Timestamp,
}

/// Begins to connect an account. `base_url` is our own public address.
pub async fn begin(
    deps: &AccountDeps,
    caller: &Caller,
    platform: &str,
    base_url: &str,
    return_to: Option<&str>,
) -> Result<Begun, Error> {
    require(caller, Permission::ManageAccounts)?;
    let (connector, app) = registered(deps, platform).await?;
    let auth = by_consent(connector.as_ref())?;
    let return_to = return_to.unwrap_or(CONSOLE_PATHS[0]);
    if !CONSOLE_PATHS.contains(&return_to) {
        return Err(Error::bad_request("return_to_not_allowed", "return_to must be a page of the console"));
    }
    let descriptor = connector.descriptor();
    let (platform, base) = (descriptor.id.clone(), base_url.trim_end_matches('/'));
    let redirect_uri = format!("{base}/api/publishing/auth/{platform}/callback");
    let (state, verifier) = (random(deps), random(deps));
    let state_hash = sha256_hex(state.expose_secret().as_bytes());
    let expires_at = deps.clock.now() + SignedDuration::from_secs(CONSENT_LIFE_S);
    let consent = Consent {
        tenant: caller.tenant,
        member: caller.member,
        platform: platform.clone(),
        redirect_uri: redirect_uri.clone(),
        verifier: deps.sealer.seal(&place(caller.tenant, &state_hash), &verifier).await?,
        return_to: return_to.to_owned(),
        expires_at,
        found: None,
    };
    deps.ledger.commit(vec![Write::create(Record::Consent(state_hash, consent))]).await?;
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.expose_secret().as_bytes()));
    let state = state.expose_secret().to_owned();
    let challenge = auth.oauth().pkce.then_some(challenge);
    let request = AuthorizeRequest { state: state.clone(), challenge, redirect_uri: redirect_uri.clone() };
    let authorize_url = auth.authorize_url(&app, &request);
    Ok(Begun { platform, authorize_url, state, redirect_uri, expires_at })
}

/// Whether an account of this platform can be connected in this stack: by what its owner enters, or, once the operator has
/// entered our registration, on its consent page.
pub async fn can_connect(deps: &Deps, connector: &dyn Connect) -> Result<bool, Error> {
    Ok(connector.keys().is_some() || can_consent(deps, connector).await?)
}

/// Whether that can be on its consent page.
pub async fn can_consent(deps: &Deps, connector: &dyn Connect) -> Result<bool, Error> {
    let app = deps.apps.app(&connector.descriptor().id).await?;
    Ok(connector.auth().is_some() && app.is_some_and(|app| app.is_registration()))
}

/// How consent is asked for, where it can be.
pub(super) fn by_consent(connector: &dyn Connect) -> Result<&dyn Auth, Error> {
    let name = &connector.descriptor().name;
    connector.auth().ok_or_else(|| {
        let detail = format!("{name} has no consent page: connect it by entering its key");
        Error::conflict("connected_by_key", detail)
    })
}

/// The platform named by a request, which has a consent page, and our registration with it.
pub(super) async fn registered(deps: &AccountDeps, platform: &str) -> Result<(Arc<dyn Connect>, PlatformApp), Error> {
    let connector = deps.connect.named(platform).ok_or(Error::NotFound("platform"))?;
    let descriptor = connector.descriptor();
    by_consent(connector.as_ref())?;
    let Some(app) = deps.apps.app(&descriptor.id).await?.filter(PlatformApp::is_registration) else {
        let detail = format!(
            "{} is not set up: enter the client id and secret of your registration under \"{}\" in the secret of \
             platform registrations",
            descriptor.name, descriptor.id
        );
        return Err(Error::conflict("platform_not_configured", detail));
    };
    Ok((connector, app))
}

/// The place the verifier of a consent is sealed for.
pub(super) fn place(tenant: TenantId, state_hash: &str) -> String {
    format!("consent|{tenant}|{state_hash}")
}

/// 256 random bits in base64url: a `state`, or a code verifier (RFC 7636 asks for 43 to 128 characters).
pub(super) fn random(deps: &Deps) -> SecretString {
    let mut bytes = [0_u8; 32];
    deps.entropy.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes).into()
}
