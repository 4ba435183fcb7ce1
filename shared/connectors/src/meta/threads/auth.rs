//! Connecting accounts of Threads: a code, a token of an hour, and one of sixty days that renews itself.

use super::super::{lasting, login};
use super::api::{Me, Short};
use super::{GRAPH, Threads, WEB, is_id};
use async_trait::async_trait;
use connector_kit::{Call, encoded, is_word};
use domain::accounts::{AccountKind, Profile};
use domain::platform::{ClientAuth, OAuth};
use domain::publishing::Failure;
use jiff::Timestamp;
use ports::{Auth, AuthFailure, AuthorizeRequest, PlatformApp, TokenPair};
use secrecy::{ExposeSecret as _, SecretString};

/// How Threads does OAuth.
pub(super) fn profile() -> OAuth {
    OAuth {
        authorize: WEB.at("/oauth/authorize"),
        token: GRAPH.at("/oauth/access_token"),
        // None is documented.
        revoke: None,
        // Publishing, replying (threads, first comments), reading replies back, deleting.
        scopes: crate::words(&[
            "threads_basic",
            "threads_content_publish",
            "threads_manage_replies",
            "threads_read_replies",
            "threads_delete",
        ]),
        pkce: false,
        client_auth: ClientAuth::Body,
        default_access_life_s: 5_184_000,
        extra: Vec::new(),
    }
}

#[async_trait]
impl Auth for Threads {
    fn oauth(&self) -> &OAuth {
        &self.oauth
    }

    fn authorize_url(&self, app: &PlatformApp, request: &AuthorizeRequest) -> String {
        let query = encoded([
            ("client_id", app.client_id.as_str()),
            ("redirect_uri", &request.redirect_uri),
            ("scope", &self.oauth.scopes.join(",")),
            ("response_type", "code"),
            ("state", &request.state),
        ]);
        format!("{}/oauth/authorize?{query}", WEB.of(app))
    }

    async fn exchange(
        &self,
        app: &PlatformApp,
        code: &str,
        _verifier: Option<&SecretString>,
        redirect_uri: &str,
    ) -> Result<TokenPair, AuthFailure> {
        let fields = [
            ("client_id", app.client_id.as_str()),
            ("client_secret", app.client_secret.expose_secret()),
            ("grant_type", "authorization_code"),
            ("redirect_uri", redirect_uri),
            // Its address may come back with this fragment at its end.
            ("code", code.strip_suffix("#_").unwrap_or(code)),
        ];
        let call = Call::post(format!("{}/oauth/access_token", GRAPH.of(app))).fields(fields);
        let Short { access_token } = login::token(&self.http, call.hiding(&app.client_secret)).await?;
        // The answer does not say what the person gave of what was asked for.
        let scopes = self.oauth.scopes.clone();
        lasting::exchanged(&self.http, app, &GRAPH.of(app), "th_exchange_token", &access_token, scopes).await
    }

    async fn refresh(&self, app: &PlatformApp, refresh: &SecretString) -> Result<TokenPair, AuthFailure> {
        lasting::refreshed(&self.http, &GRAPH.of(app), "th_refresh_token", refresh).await
    }

    async fn revoke(&self, _app: &PlatformApp, _pair: &TokenPair) -> Result<(), AuthFailure> {
        Ok(())
    }

    async fn profiles(&self, app: &PlatformApp, access: &SecretString) -> Result<Vec<Profile>, Failure> {
        let query = [("fields", "id,username,name")];
        let answer = self.graph(app).get("me", &query, access, Timestamp::UNIX_EPOCH).await?;
        let Me { id, name, username } = answer.json::<Me>().filter(|me| is_id(&me.id)).ok_or(Failure::Unavailable)?;
        Ok(vec![Profile {
            name: login::name_or(&name, username.as_deref().unwrap_or(&id)),
            external_id: id,
            handle: username.filter(|name| is_word(&name.replace('.', "_"), 100)),
            kind: AccountKind::Person,
            home: None,
        }])
    }
}
