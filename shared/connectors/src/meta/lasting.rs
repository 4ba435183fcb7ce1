//! Tokens of those whose people log in at the platform itself: one of an hour, and for it one of sixty days that renews itself.

use super::login;
use connector_kit::oauth::usable;
use connector_kit::{Call, Http, encoded};
use ports::{AuthFailure, PlatformApp, TokenPair};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

/// Seconds after which a token is renewed before it is used. It lives for sixty days and is its own refresh token, which must
/// be a day old at least and alive: were it kept to its end, an account that publishes nothing in its last minutes was lost.
const RENEW_AFTER_S: u32 = 7 * 86_400;

/// The answer to a token that shall live longer.
#[derive(Deserialize)]
struct Long {
    access_token: SecretString,
    expires_in: u32,
}

/// The call for a token that lives for sixty days. Its address carries secrets, as is documented, so they are kept out of what is
/// told.
fn call(base: &str, path: &str, kind: &str, secrets: &[(&str, &SecretString)]) -> Call {
    let told = secrets.iter().map(|(name, secret)| (*name, secret.expose_secret()));
    let asked = encoded(std::iter::once(("grant_type", kind)).chain(told));
    let call = Call::get(format!("{base}/{path}?{asked}"));
    secrets.iter().fold(call, |call, (_, secret)| call.hiding(secret))
}

/// The pair of a token that is its own refresh token.
fn renewable(long: Long, scopes: Vec<String>) -> Result<TokenPair, AuthFailure> {
    if !usable(long.access_token.expose_secret()) {
        return Err(AuthFailure::Transient);
    }
    Ok(TokenPair {
        refresh: Some(long.access_token.clone()),
        access: long.access_token,
        expires_in_s: Some(long.expires_in),
        refresh_expires_in_s: Some(long.expires_in),
        renew_in_s: Some(RENEW_AFTER_S),
        scopes,
    })
}

/// The token of sixty days for one of an hour.
pub(super) async fn exchanged(
    http: &Http,
    app: &PlatformApp,
    base: &str,
    kind: &str,
    short: &SecretString,
    scopes: Vec<String>,
) -> Result<TokenPair, AuthFailure> {
    let secrets = [("client_secret", &app.client_secret), ("access_token", short)];
    renewable(login::token(http, call(base, "access_token", kind, &secrets)).await?, scopes)
}

/// The next token of sixty days. No scopes stand for those that it had.
pub(super) async fn refreshed(
    http: &Http,
    base: &str,
    kind: &str,
    refresh: &SecretString,
) -> Result<TokenPair, AuthFailure> {
    let call = call(base, "refresh_access_token", kind, &[("access_token", refresh)]);
    renewable(login::renewed(http, call).await?, Vec::new())
}
