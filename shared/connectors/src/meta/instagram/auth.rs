//! Connecting accounts of Instagram: at Instagram itself, or through the page of Facebook that an account belongs to.

use super::super::{lasting, login};
use super::api::{Me, Permissions, Short};
use super::{API, GRAPH, Instagram, Login, PAGE_WEB, WEB, is_id};
use async_trait::async_trait;
use connector_kit::{Call, encoded, is_word};
use domain::accounts::{AccountKind, Profile};
use domain::platform::{ClientAuth, OAuth};
use domain::publishing::Failure;
use jiff::Timestamp;
use ports::{Auth, AuthFailure, AuthorizeRequest, PlatformApp, TokenPair};
use secrecy::{ExposeSecret as _, SecretString};
use std::collections::BTreeMap;

/// What is asked for at Facebook.
const PAGE_SCOPES: [&str; 5] =
    ["instagram_basic", "instagram_content_publish", COMMENTS[1], "pages_show_list", "pages_read_engagement"];
/// Without this one nothing can be published.
const PUBLISHES: &str = "instagram_business_content_publish";
/// Either of these lets an account comment, by the way in which it was connected.
pub(super) const COMMENTS: [&str; 2] = ["instagram_business_manage_comments", "instagram_manage_comments"];

/// How Instagram does OAuth.
pub(super) fn profile() -> OAuth {
    OAuth {
        authorize: WEB.at("/oauth/authorize"),
        token: API.at("/oauth/access_token"),
        // None is documented; through a page it would take back the person's pages with it.
        revoke: None,
        scopes: crate::words(&["instagram_business_basic", "instagram_business_content_publish", COMMENTS[0]]),
        pkce: false,
        client_auth: ClientAuth::Body,
        default_access_life_s: 5_184_000,
        extra: Vec::new(),
    }
}

impl Instagram {
    fn scopes(&self, app: &PlatformApp) -> Vec<String> {
        match Login::of(app) {
            Login::Own => self.oauth.scopes.clone(),
            Login::Page => crate::words(&PAGE_SCOPES),
        }
    }
}

#[async_trait]
impl Auth for Instagram {
    fn oauth(&self) -> &OAuth {
        &self.oauth
    }

    fn authorize_url(&self, app: &PlatformApp, request: &AuthorizeRequest) -> String {
        let scopes = self.scopes(app);
        if Login::of(app) == Login::Page {
            return login::dialog(app, PAGE_WEB, request, &scopes);
        }
        let query = encoded([
            ("client_id", app.client_id.as_str()),
            ("redirect_uri", &request.redirect_uri),
            ("response_type", "code"),
            ("scope", &scopes.join(",")),
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
        let scopes = self.scopes(app);
        if Login::of(app) == Login::Page {
            return login::exchange(&self.graph(app), code, redirect_uri, &scopes).await;
        }
        let fields = [
            ("client_id", app.client_id.as_str()),
            ("client_secret", app.client_secret.expose_secret()),
            ("grant_type", "authorization_code"),
            ("redirect_uri", redirect_uri),
            // Its address may come back with this fragment at its end.
            ("code", code.strip_suffix("#_").unwrap_or(code)),
        ];
        let call = Call::post(format!("{}/oauth/access_token", API.of(app))).fields(fields);
        let Short { access_token, permissions } = login::token(&self.http, call.hiding(&app.client_secret)).await?;
        let granted = permissions.map_or(scopes, Permissions::list);
        if !granted.iter().any(|scope| scope == PUBLISHES) {
            // The person took it out of what they gave: an account that cannot publish is of no use here.
            return Err(AuthFailure::Refused);
        }
        lasting::exchanged(&self.http, app, &GRAPH.of(app), "ig_exchange_token", &access_token, granted).await
    }

    async fn refresh(&self, app: &PlatformApp, refresh: &SecretString) -> Result<TokenPair, AuthFailure> {
        if Login::of(app) == Login::Page {
            return Err(AuthFailure::Refused);
        }
        lasting::refreshed(&self.http, &GRAPH.of(app), "ig_refresh_token", refresh).await
    }

    async fn revoke(&self, _app: &PlatformApp, _pair: &TokenPair) -> Result<(), AuthFailure> {
        Ok(())
    }

    async fn profiles(&self, app: &PlatformApp, access: &SecretString) -> Result<Vec<Profile>, Failure> {
        let graph = self.graph(app);
        let profile = |id: String, name: &str, username: Option<String>| Profile {
            name: login::name_or(name, username.as_deref().unwrap_or(&id)),
            external_id: id,
            handle: username.filter(|name| is_word(&name.replace('.', "_"), 100)),
            kind: AccountKind::Organisation,
            home: None,
        };
        if Login::of(app) == Login::Page {
            let fields = "id,tasks,instagram_business_account{id,name,username}";
            let linked = login::pages(&graph, access, fields).await?.into_iter().filter_map(|page| page.linked);
            let linked = linked.filter(|account| is_id(&account.id));
            return Ok(linked.map(|account| profile(account.id, &account.name, account.username)).collect());
        }
        let answer = graph.get("me", &[("fields", "user_id,username,name")], access, Timestamp::UNIX_EPOCH).await?;
        let me = answer.json::<Me>().filter(|me| is_id(&me.user_id)).ok_or(Failure::Unavailable)?;
        Ok(vec![profile(me.user_id, &me.name, me.username)])
    }

    async fn own_tokens(
        &self,
        app: &PlatformApp,
        access: &SecretString,
        profiles: &[Profile],
    ) -> Result<BTreeMap<String, TokenPair>, Failure> {
        if Login::of(app) == Login::Own {
            return Ok(BTreeMap::new());
        }
        let fields = "id,access_token,tasks,instagram_business_account{id}";
        let pages = login::pages(&self.graph(app), access, fields).await?;
        let wanted: Vec<String> = profiles.iter().map(|profile| profile.external_id.clone()).collect();
        login::own_tokens(pages, &wanted, |page| page.linked.as_ref().map(|account| account.id.as_str()))
    }
}
