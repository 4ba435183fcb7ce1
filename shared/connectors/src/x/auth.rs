//! Connecting accounts of X.

use super::api::{One, User};
use super::error::refusal;
use super::{API, WEB, X, api};
use async_trait::async_trait;
use connector_kit::http::repeatable;
use connector_kit::oauth::Flow;
use connector_kit::{Call, is_number, is_word, words};
use domain::accounts::{AccountKind, Profile};
use domain::platform::{ClientAuth, OAuth};
use domain::publishing::Failure;
use jiff::Timestamp;
use ports::{Auth, AuthFailure, AuthorizeRequest, PlatformApp, TokenPair};
use secrecy::SecretString;

/// X answers `invalid_request` where RFC 6749 has `invalid_grant`; these are its words about dead codes and tokens.
const REFUSALS: [(&str, &str); 3] = [
    ("invalid_request", "authorization code was invalid"),
    ("invalid_request", "token was invalid"),
    ("invalid_request", "code verifier"),
];

/// How X does OAuth.
pub(super) fn profile() -> OAuth {
    OAuth {
        authorize: WEB.at("/i/oauth2/authorize"),
        token: API.at("/2/oauth2/token"),
        revoke: Some(API.at("/2/oauth2/revoke")),
        scopes: crate::words(&["tweet.read", "tweet.write", "users.read", "offline.access", "media.write"]),
        pkce: true,
        client_auth: ClientAuth::Basic,
        default_access_life_s: 7_200,
        extra: Vec::new(),
    }
}

impl X {
    fn flow<'a>(&'a self, app: &'a PlatformApp) -> Flow<'a> {
        Flow { http: &self.http, app, oauth: &self.oauth, refusals: &REFUSALS }
    }
}

#[async_trait]
impl Auth for X {
    fn oauth(&self) -> &OAuth {
        &self.oauth
    }

    fn authorize_url(&self, app: &PlatformApp, request: &AuthorizeRequest) -> String {
        self.flow(app).authorize_url(request, &self.oauth.scopes)
    }

    async fn exchange(
        &self,
        app: &PlatformApp,
        code: &str,
        verifier: Option<&SecretString>,
        redirect_uri: &str,
    ) -> Result<TokenPair, AuthFailure> {
        self.flow(app).exchange(code, verifier, redirect_uri).await
    }

    async fn refresh(&self, app: &PlatformApp, refresh: &SecretString) -> Result<TokenPair, AuthFailure> {
        self.flow(app).refresh(refresh).await
    }

    async fn revoke(&self, app: &PlatformApp, pair: &TokenPair) -> Result<(), AuthFailure> {
        self.flow(app).revoke(pair).await
    }

    async fn profiles(&self, app: &PlatformApp, access: &SecretString) -> Result<Vec<Profile>, Failure> {
        let url = format!("{}?user.fields=username,name", api(app, "users/me"));
        let answer = self.http.call(Call::get(url).bearer(access)).await.map_err(|lost| repeatable(lost.into()))?;
        if !answer.is_success() {
            // A reset far in the past is as good as none: nobody waits while an account is being connected.
            return Err(repeatable(refusal(&answer, 0, Timestamp::UNIX_EPOCH)));
        }
        let user = answer.json::<One<User>>().map(|one| one.data).filter(|user| is_number(&user.id, 20));
        let user = user.ok_or(Failure::Unavailable)?;
        let handle = is_word(&user.username, 50).then_some(user.username);
        let name = words(&user.name);
        Ok(vec![Profile { external_id: user.id, name, handle, kind: AccountKind::Person, home: None }])
    }
}
