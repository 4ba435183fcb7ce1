//! Connecting accounts of LinkedIn: a member, and the pages they may post for.

use super::api::{Acl, Elements, Organization, UserInfo};
use super::{LinkedIn, OAUTH, api, error, is_author};
use async_trait::async_trait;
use connector_kit::http::repeatable;
use connector_kit::oauth::Flow;
use connector_kit::{Call, is_word, words};
use domain::accounts::{AccountKind, Profile};
use domain::platform::{ClientAuth, OAuth};
use domain::publishing::Failure;
use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;
use ports::{Auth, AuthFailure, AuthorizeRequest, PlatformApp, TokenPair};
use secrecy::SecretString;

/// What LinkedIn answers about dead codes, beside `invalid_grant`.
const REFUSALS: [(&str, &str); 1] = [("invalid_request", "Unable to retrieve access token")];
/// Asked for too when the setting `organisations` is `true`: they need the Community Management product.
const PAGE_SCOPES: [&str; 3] = ["w_organization_social", "r_organization_social", "rw_organization_admin"];
/// Asked for too when the setting `comments` is `true`: the newer names of what comments need, which an application has that was
/// approved for them.
const COMMENT_SCOPE: &str = "w_member_social_feed";
/// The same of pages.
const PAGE_COMMENT_SCOPES: [&str; 2] = ["w_organization_social_feed", "r_organization_social_feed"];
/// The roles that may post for a page.
const POSTING_ROLES: [&str; 2] = ["ADMINISTRATOR", "CONTENT_ADMINISTRATOR"];
/// Pages taken over at most.
const MAX_PAGES: usize = 100;
/// Names asked for at once.
const AT_ONCE: usize = 5;

/// How LinkedIn does OAuth.
pub(super) fn profile() -> OAuth {
    OAuth {
        authorize: OAUTH.at("/authorization"),
        token: OAUTH.at("/accessToken"),
        revoke: Some(OAUTH.at("/revoke")),
        scopes: crate::words(&["openid", "profile", "w_member_social"]),
        // Confidential web applications do without; the PKCE flow is another one, on request only.
        pkce: false,
        client_auth: ClientAuth::Body,
        default_access_life_s: 5_184_000,
        extra: Vec::new(),
    }
}

impl LinkedIn {
    fn flow<'a>(&'a self, app: &'a PlatformApp) -> Flow<'a> {
        Flow { http: &self.http, app, oauth: &self.oauth, refusals: &REFUSALS }
    }

    async fn pages(&self, app: &PlatformApp, access: &SecretString) -> Result<Vec<Profile>, Failure> {
        let url = format!("{}?q=roleAssignee&state=APPROVED&count={MAX_PAGES}", api(app, "rest/organizationAcls"));
        let answer = self.rest(app, access, Call::get(url)).await.map_err(repeatable)?;
        if answer.status == 403 {
            // The application or the person did not grant pages: the member alone is connected.
            return Ok(Vec::new());
        }
        if !answer.is_success() {
            return Err(repeatable(error::refusal(app, &answer, Timestamp::UNIX_EPOCH)));
        }
        let acls = answer.json::<Elements<Acl>>().ok_or(Failure::Unavailable)?.elements;
        let mut urns: Vec<String> = acls
            .into_iter()
            .filter(|acl| POSTING_ROLES.contains(&acl.role.as_str()) && is_author(&acl.organization))
            .map(|acl| acl.organization)
            .collect();
        urns.sort();
        urns.dedup();
        urns.truncate(MAX_PAGES);
        let pages = stream::iter(urns).map(|urn| self.page(app, access, urn)).buffered(AT_ONCE);
        Ok(pages.collect().await)
    }

    /// A page by its URN; one whose name cannot be read keeps its number as its name.
    async fn page(&self, app: &PlatformApp, access: &SecretString, urn: String) -> Profile {
        let id = urn.rsplit(':').next().unwrap_or_default().to_owned();
        let call = Call::get(api(app, &format!("rest/organizations/{id}")));
        let answer = self.rest(app, access, call).await.ok().filter(connector_kit::Answer::is_success);
        let page = answer.and_then(|answer| answer.json::<Organization>());
        let name = page.as_ref().map(|page| words(&page.localized_name)).filter(|name| !name.is_empty());
        let handle = page.and_then(|page| page.vanity_name).filter(|handle| is_word(handle, 100));
        Profile { external_id: urn, name: name.unwrap_or(id), handle, kind: AccountKind::Organisation, home: None }
    }
}

#[async_trait]
impl Auth for LinkedIn {
    fn oauth(&self) -> &OAuth {
        &self.oauth
    }

    fn authorize_url(&self, app: &PlatformApp, request: &AuthorizeRequest) -> String {
        let mut scopes = self.oauth.scopes.clone();
        let set = |name: &str| app.settings.get(name).is_some_and(|value| value == "true");
        if set("organisations") {
            scopes.extend(PAGE_SCOPES.map(str::to_owned));
        }
        if set("comments") {
            scopes.push(COMMENT_SCOPE.to_owned());
        }
        if set("comments") && set("organisations") {
            scopes.extend(PAGE_COMMENT_SCOPES.map(str::to_owned));
        }
        self.flow(app).authorize_url(request, &scopes)
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
        let call = Call::get(api(app, "v2/userinfo"));
        let answer = self.ask(app, access, call, Timestamp::UNIX_EPOCH).await?;
        let user = answer.json::<UserInfo>().ok_or(Failure::Unavailable)?;
        let external_id = format!("urn:li:person:{}", user.sub);
        if !is_author(&external_id) {
            return Err(Failure::Unavailable);
        }
        let name = words(&user.name);
        let member = Profile { external_id, name, handle: None, kind: AccountKind::Person, home: None };
        let pages = self.pages(app, access).await?;
        Ok(std::iter::once(member).chain(pages).collect())
    }
}
