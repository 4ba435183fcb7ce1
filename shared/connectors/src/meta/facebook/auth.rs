//! Connecting pages of Facebook: a person gives access, and each page that they choose brings its own token.

use super::super::login;
use super::{Facebook, GRAPH, WEB};
use async_trait::async_trait;
use domain::accounts::{AccountKind, Profile};
use domain::platform::{ClientAuth, OAuth};
use domain::publishing::Failure;
use ports::{Auth, AuthFailure, AuthorizeRequest, PlatformApp, TokenPair};
use secrecy::SecretString;
use std::collections::BTreeMap;

/// Without this one nothing is said below a post.
pub(super) const ENGAGES: &str = "pages_manage_engagement";

/// How Facebook Login does OAuth.
pub(super) fn profile() -> OAuth {
    OAuth {
        // The version stands in the path, so the connector makes these addresses itself.
        authorize: WEB.at("/dialog/oauth"),
        token: GRAPH.at("/oauth/access_token"),
        // A page's token is taken back with everything that the person gave, their other pages included, or not at all.
        revoke: None,
        scopes: crate::words(&["pages_show_list", "pages_read_engagement", "pages_manage_posts", ENGAGES]),
        pkce: false,
        client_auth: ClientAuth::Body,
        default_access_life_s: 5_184_000,
        extra: Vec::new(),
    }
}

#[async_trait]
impl Auth for Facebook {
    fn oauth(&self) -> &OAuth {
        &self.oauth
    }

    fn authorize_url(&self, app: &PlatformApp, request: &AuthorizeRequest) -> String {
        login::dialog(app, WEB, request, &self.oauth.scopes)
    }

    async fn exchange(
        &self,
        app: &PlatformApp,
        code: &str,
        _verifier: Option<&SecretString>,
        redirect_uri: &str,
    ) -> Result<TokenPair, AuthFailure> {
        login::exchange(&self.graph(app), code, redirect_uri, &self.oauth.scopes).await
    }

    async fn refresh(&self, _app: &PlatformApp, _refresh: &SecretString) -> Result<TokenPair, AuthFailure> {
        Err(AuthFailure::Refused)
    }

    async fn revoke(&self, _app: &PlatformApp, _pair: &TokenPair) -> Result<(), AuthFailure> {
        Ok(())
    }

    async fn profiles(&self, app: &PlatformApp, access: &SecretString) -> Result<Vec<Profile>, Failure> {
        let pages = login::pages(&self.graph(app), access, "id,name,username,tasks").await?;
        let profile = |page: login::Page| Profile {
            name: login::name_or(&page.name, &page.id),
            external_id: page.id,
            handle: page.username.filter(|name| connector_kit::is_word(&name.replace('.', "_"), 100)),
            kind: AccountKind::Organisation,
            home: None,
        };
        Ok(pages.into_iter().map(profile).collect())
    }

    async fn own_tokens(
        &self,
        app: &PlatformApp,
        access: &SecretString,
        profiles: &[Profile],
    ) -> Result<BTreeMap<String, TokenPair>, Failure> {
        let pages = login::pages(&self.graph(app), access, "id,access_token,tasks").await?;
        let wanted: Vec<String> = profiles.iter().map(|profile| profile.external_id.clone()).collect();
        login::own_tokens(pages, &wanted, |page| Some(&page.id))
    }
}
