//! Connecting accounts of TikTok: OAuth 2.0 with names of its own, `client_key` for one.

use super::api::{Info, good};
use super::error::refusal;
use super::{API, TikTok, WEB, api, is_name};
use async_trait::async_trait;
use connector_kit::http::repeatable;
use connector_kit::oauth::usable;
use connector_kit::{Answer, Call, encoded, is_word, words};
use domain::accounts::{AccountKind, Profile};
use domain::platform::{ClientAuth, OAuth};
use domain::publishing::Failure;
use jiff::Timestamp;
use ports::{Auth, AuthFailure, AuthorizeRequest, PlatformApp, TokenPair};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

/// Without this one nothing can be published.
const PUBLISHES: &str = "video.publish";
/// Without this one no draft can be left in the inbox. Asked for where the application has it: the setting `drafts`.
pub(super) const UPLOADS: &str = "video.upload";
/// What of our registration is wrong.
const OURS: [&str; 3] = ["invalid_client", "unauthorized_client", "invalid_scope"];

/// How TikTok does OAuth.
pub(super) fn profile() -> OAuth {
    OAuth {
        authorize: WEB.at("/v2/auth/authorize/"),
        token: API.at("/v2/oauth/token/"),
        // It disconnects the application from the person's account, and with it every other account that speaks for the same one,
        // whoever connected it: developers.tiktok.com, "Revoke a User Access Token".
        revoke: None,
        // The profile has the name in the addresses of posts.
        scopes: crate::words(&["user.info.basic", "user.info.profile", PUBLISHES]),
        // Asked of applications on phones and desktops only, and in a form of TikTok's own.
        pkce: false,
        client_auth: ClientAuth::Body,
        default_access_life_s: 7_200,
        extra: Vec::new(),
    }
}

#[derive(Deserialize)]
struct Tokens {
    access_token: SecretString,
    expires_in: Option<u32>,
    refresh_token: Option<SecretString>,
    refresh_expires_in: Option<u32>,
    scope: Option<String>,
}

#[derive(Deserialize)]
struct Refused {
    error: String,
}

impl TikTok {
    /// Posts a form with our registration in it.
    async fn form(&self, app: &PlatformApp, path: &str, fields: &[(&str, &str)]) -> Result<Answer, AuthFailure> {
        let ours = [("client_key", app.client_id.as_str()), ("client_secret", app.client_secret.expose_secret())];
        let call = Call::post(api(app, path)).fields(ours.into_iter().chain(fields.iter().copied()));
        self.http.call(call).await.map_err(|_| AuthFailure::Transient)
    }

    async fn tokens(&self, app: &PlatformApp, fields: &[(&str, &str)]) -> Result<TokenPair, AuthFailure> {
        let answer = self.form(app, "oauth/token/", fields).await?;
        if let Some(failure) = refused(&answer) {
            return Err(failure);
        }
        let tokens: Tokens = answer.json().ok_or(AuthFailure::Transient)?;
        let both = [Some(&tokens.access_token), tokens.refresh_token.as_ref()];
        if !both.into_iter().flatten().all(|token| usable(token.expose_secret())) {
            return Err(AuthFailure::Transient);
        }
        let scopes = tokens.scope.unwrap_or_default();
        Ok(TokenPair {
            access: tokens.access_token,
            refresh: tokens.refresh_token,
            expires_in_s: tokens.expires_in,
            refresh_expires_in_s: tokens.refresh_expires_in,
            renew_in_s: None,
            scopes: scopes.split([',', ' ']).filter(|scope| !scope.is_empty()).map(str::to_owned).collect(),
        })
    }
}

/// What is wrong, if something is: TikTok answers refusals of a grant with 200, too. Nothing of it is repeated, for it may echo
/// what was sent.
fn refused(answer: &Answer) -> Option<AuthFailure> {
    let said = answer.json::<Refused>();
    if said.is_none() && answer.is_success() {
        return None;
    }
    Some(match (answer.status, said) {
        (408 | 429 | 500.., _) | (_, None) => AuthFailure::Transient,
        (_, Some(Refused { error })) if error == "invalid_grant" => AuthFailure::Refused,
        (_, Some(Refused { error })) if OURS.contains(&error.as_str()) => AuthFailure::Misconfigured(error),
        (_, Some(Refused { error })) if matches!(error.as_str(), "server_error" | "temporarily_unavailable") => {
            AuthFailure::Transient
        }
        _ => AuthFailure::Misconfigured("an error without a known name".into()),
    })
}

#[async_trait]
impl Auth for TikTok {
    fn oauth(&self) -> &OAuth {
        &self.oauth
    }

    fn authorize_url(&self, app: &PlatformApp, request: &AuthorizeRequest) -> String {
        let drafts = app.settings.get("drafts").is_some_and(|value| value == "true").then_some(UPLOADS);
        let scopes: Vec<&str> = self.oauth.scopes.iter().map(String::as_str).chain(drafts).collect();
        let query = encoded([
            ("client_key", app.client_id.as_str()),
            ("response_type", "code"),
            ("scope", &scopes.join(",")),
            ("redirect_uri", &request.redirect_uri),
            ("state", &request.state),
        ]);
        format!("{}/v2/auth/authorize/?{query}", WEB.of(app))
    }

    async fn exchange(
        &self,
        app: &PlatformApp,
        code: &str,
        _verifier: Option<&SecretString>,
        redirect_uri: &str,
    ) -> Result<TokenPair, AuthFailure> {
        let fields = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect_uri)];
        let pair = self.tokens(app, &fields).await?;
        if !pair.scopes.is_empty() && !pair.scopes.iter().any(|scope| scope == PUBLISHES) {
            // The person took it out of what they gave: an account that cannot publish is of no use here.
            return Err(AuthFailure::Refused);
        }
        Ok(pair)
    }

    async fn refresh(&self, app: &PlatformApp, refresh: &SecretString) -> Result<TokenPair, AuthFailure> {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh.expose_secret())];
        self.tokens(app, &fields).await
    }

    async fn revoke(&self, _app: &PlatformApp, _pair: &TokenPair) -> Result<(), AuthFailure> {
        Ok(())
    }

    async fn profiles(&self, app: &PlatformApp, access: &SecretString) -> Result<Vec<Profile>, Failure> {
        let call = Call::get(api(app, "user/info/?fields=open_id,display_name,username")).bearer(access);
        let answer = self.http.call(call).await.map_err(|lost| repeatable(lost.into()))?;
        let Some(told) = good::<Info>(&answer) else {
            // Nobody waits while an account is being connected.
            return Err(repeatable(refusal(&answer, Timestamp::UNIX_EPOCH)));
        };
        let user = told.data.user;
        if !is_word(&user.open_id, 128) {
            return Err(Failure::Unavailable);
        }
        let handle = Some(user.username).filter(|name| is_name(name));
        let shown = words(&user.display_name);
        let name = if shown.is_empty() { handle.clone().unwrap_or_else(|| user.open_id.clone()) } else { shown };
        Ok(vec![Profile { external_id: user.open_id, name, handle, kind: AccountKind::Person, home: None }])
    }
}
