//! Connecting channels of YouTube. Who has several chooses one of them on Google's own page, and the token is for that one.

use super::api::{Channel, List};
use super::error::refusal;
use super::{ACCOUNTS, TOKENS, YouTube, api};
use async_trait::async_trait;
use connector_kit::http::repeatable;
use connector_kit::oauth::Flow;
use connector_kit::{Call, is_word, words};
use domain::accounts::{AccountKind, Profile};
use domain::platform::{ClientAuth, OAuth};
use domain::publishing::Failure;
use jiff::Timestamp;
use ports::{Auth, AuthFailure, AuthorizeRequest, PlatformApp, TokenPair};
use secrecy::SecretString;

/// What Google answers about a token that is dead already, beside `invalid_grant`.
const REFUSALS: [(&str, &str); 1] = [("invalid_token", "")];

/// How Google does OAuth.
pub(super) fn profile() -> OAuth {
    let extra = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    OAuth {
        authorize: ACCOUNTS.at("/o/oauth2/v2/auth"),
        token: TOKENS.at("/token"),
        // Google knows one grant for a person and an application: it would end every other account that speaks for the same
        // channel, whoever connected it.
        revoke: None,
        // The only one that uploads, changes, deletes and reads: the narrower ones cannot change a video.
        scopes: crate::words(&["https://www.googleapis.com/auth/youtube.force-ssl"]),
        pkce: true,
        client_auth: ClientAuth::Body,
        default_access_life_s: 3_600,
        // Without the first there is no refresh token; without the second only at the very first consent.
        extra: vec![extra("access_type", "offline"), extra("prompt", "consent")],
    }
}

impl YouTube {
    fn flow<'a>(&'a self, app: &'a PlatformApp) -> Flow<'a> {
        Flow { http: &self.http, app, oauth: &self.oauth, refusals: &REFUSALS }
    }
}

/// Whether it can be the id of a channel or of a playlist.
pub(super) fn is_place(id: &str) -> bool {
    is_word(id, 64)
}

#[async_trait]
impl Auth for YouTube {
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

    async fn revoke(&self, _app: &PlatformApp, _pair: &TokenPair) -> Result<(), AuthFailure> {
        Ok(())
    }

    async fn profiles(&self, app: &PlatformApp, access: &SecretString) -> Result<Vec<Profile>, Failure> {
        let request = Call::get(api(app, "channels?part=snippet&mine=true&maxResults=50")).bearer(access);
        let answer = self.http.call(request).await.map_err(|lost| repeatable(lost.into()))?;
        if !answer.is_success() {
            // Nobody waits while an account is being connected.
            return Err(repeatable(refusal(&answer, Timestamp::UNIX_EPOCH)));
        }
        let channels = answer.json::<List<Channel>>().ok_or(Failure::Unavailable)?.items;
        let profile = |Channel { id, snippet, .. }: Channel| {
            let (title, handle) = (words(&snippet.title), snippet.custom_url.trim_start_matches('@'));
            let plain = |c: char| c.is_alphanumeric() || "._-·".contains(c);
            let handle = Some(handle).filter(|h| (1..=100).contains(&h.len()) && h.chars().all(plain));
            let name = if title.is_empty() { id.clone() } else { title };
            let handle = handle.map(str::to_owned);
            Profile { external_id: id, name, handle, kind: AccountKind::Organisation, home: None }
        };
        Ok(channels.into_iter().filter(|channel| is_place(&channel.id)).map(profile).collect())
    }
}
