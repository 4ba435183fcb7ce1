//! Connecting a site at WordPress.com, or one of Jetpack's, by consent: one token for one user of one site, which the person chooses
//! there.

use super::api::{ComSite, ComToken, User};
use super::error::not_done;
use super::{CAPABILITIES, COM, Site, WordPress, html};
use async_trait::async_trait;
use connector_kit::oauth::Flow;
use connector_kit::{Answer, Call, is_id, is_shown, is_word, segment, words};
use domain::accounts::{AccountKind, Profile};
use domain::platform::{ClientAuth, OAuth};
use domain::publishing::Failure;
use jiff::Timestamp;
use ports::{Auth, AuthFailure, AuthorizeRequest, PlatformApp, TokenPair};
use secrecy::{ExposeSecret as _, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

/// What is asked for, in the words of WordPress.com: general information of the site and its user, and to manage posts, media, tags
/// and categories, and comments.
const SCOPES: [&str; 6] = ["sites", "users", "posts", "media", "taxonomy", "comments"];

/// How WordPress.com does OAuth: the tokens of a code do not end, and nothing renews them.
pub(super) fn profile() -> OAuth {
    OAuth {
        authorize: COM.at("/oauth2/authorize"),
        token: COM.at("/oauth2/token"),
        // None is documented for these tokens: people end them in their account.
        revoke: None,
        scopes: crate::words(&SCOPES),
        pkce: false,
        client_auth: ClientAuth::Body,
        default_access_life_s: 0,
        extra: Vec::new(),
    }
}

/// An id, which is told as a number or as text; none where there is none.
fn id(told: &Value) -> Option<String> {
    let text = told.as_str().map_or_else(|| told.to_string(), str::to_owned);
    Some(text).filter(|text| is_id(text))
}

fn useless(detail: &str) -> Failure {
    Failure::Rejected { code: "forbidden".into(), detail: detail.into() }
}

/// Where people read the site. It stands in front of what they are shown, and nothing is sent there.
fn home(address: &str) -> Option<String> {
    let url = Url::parse(address).ok().filter(|_| is_shown(address))?;
    let plain = url.username().is_empty() && url.password().is_none() && url.query().is_none();
    (plain && url.fragment().is_none()).then(|| url.as_str().trim_end_matches('/').to_owned())
}

/// What an answer tells.
fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T, Failure> {
    if answer.status != 200 {
        return Err(not_done(answer, Timestamp::UNIX_EPOCH));
    }
    answer.json().ok_or(Failure::Unavailable)
}

impl WordPress {
    fn flow<'a>(&'a self, app: &'a PlatformApp) -> Flow<'a> {
        Flow { http: &self.http, app, oauth: &self.oauth, refusals: &[] }
    }

    /// The number of the site that a token speaks for, which has to be ours and to open all that is needed.
    async fn spoken_for(&self, app: &PlatformApp, token: &SecretString) -> Result<String, Failure> {
        let query = format!("client_id={}&token={}", segment(&app.client_id), segment(token.expose_secret()));
        let call = Call::get(format!("{}/oauth2/token-info?{query}", COM.of(app))).hiding(token);
        let answer = self.ask(call).await?;
        if answer.status == 400 {
            // "An error" is all that is documented of a token that is none, or another application's.
            return Err(Failure::Unauthorized);
        }
        let told: ComToken = read(&answer)?;
        if id(&told.client_id).is_some_and(|client| client != app.client_id) {
            return Err(useless("the token was given to another application"));
        }
        let held: Vec<&str> = told.scope.split([' ', ',']).collect();
        if let Some(lacking) = SCOPES.iter().find(|scope| !held.contains(scope)) {
            return Err(useless(&format!("WordPress.com did not give the scope {lacking}")));
        }
        id(&told.blog_id).ok_or_else(|| useless("the token is for no site"))
    }
}

#[async_trait]
impl Auth for WordPress {
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
        _verifier: Option<&SecretString>,
        redirect_uri: &str,
    ) -> Result<TokenPair, AuthFailure> {
        let pair = self.flow(app).exchange(code, None, redirect_uri).await?;
        // Nothing renews it. Should an answer name an end, it is believed.
        let expires_in_s = pair.expires_in_s.filter(|seconds| *seconds > 0);
        Ok(TokenPair { expires_in_s, scopes: pair.scopes, ..TokenPair::lasting(pair.access) })
    }

    async fn refresh(&self, _app: &PlatformApp, _refresh: &SecretString) -> Result<TokenPair, AuthFailure> {
        Err(AuthFailure::Refused)
    }

    async fn revoke(&self, _app: &PlatformApp, _pair: &TokenPair) -> Result<(), AuthFailure> {
        Ok(())
    }

    /// The one site, if the user may publish there.
    async fn profiles(&self, app: &PlatformApp, access: &SecretString) -> Result<Vec<Profile>, Failure> {
        let number = self.spoken_for(app, access).await?;
        let address = format!("{}/rest/v1.1/sites/{number}?fields=ID,name,URL,capabilities", COM.of(app));
        let told: ComSite = read(&self.ask(Call::get(address).bearer(access)).await?)?;
        if id(&told.id).as_ref() != Some(&number) {
            return Err(Failure::Unavailable);
        }
        let may = |name: &&str| told.capabilities.get(*name).is_some_and(|held| *held == Value::Bool(true));
        if !CAPABILITIES.iter().all(may) {
            return Ok(Vec::new());
        }
        let home = home(&told.address).ok_or(Failure::Unavailable)?;
        let site = Site::at_com(app, &number, &home, access);
        let me: User = read(&self.ask(site.get("wp/v2/users/me?context=edit")).await?)?;
        if me.id == 0 {
            return Err(Failure::Unavailable);
        }
        // A foreign text may hold anything, the token, too.
        let name = words(&html::unescape(&told.name)).replace(access.expose_secret(), "…");
        let host = Url::parse(&home).ok().and_then(|url| url.host_str().map(str::to_owned));
        Ok(vec![Profile {
            external_id: format!("{number}/{}", me.id),
            name: if name.is_empty() { host.unwrap_or_default() } else { name },
            handle: Some(me.slug).filter(|slug| is_word(slug, 50)),
            kind: AccountKind::Organisation,
            home: Some(home),
        }])
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use serde_json::json;

    #[test]
    fn an_id_is_a_number_or_its_digits_and_nothing_is_no_id() {
        for told in [json!(9001), json!("9001")] {
            assert_eq!(id(&told).as_deref(), Some("9001"), "{told}");
        }
        for told in [json!(null), json!(0), json!("0"), json!(""), json!("../9001"), json!("9001/2"), json!([9001])] {
            assert_eq!(id(&told), None, "{told}");
        }
    }

    #[test]
    fn where_people_read_a_site_is_an_address_without_anything_else() {
        assert_eq!(home("https://harbour.wordpress.com/").unwrap(), "https://harbour.wordpress.com");
        assert_eq!(home("https://example.com/blog").unwrap(), "https://example.com/blog");
        for address in
            ["", "harbour.wordpress.com", "javascript:1", "https://a:b@e.org", "https://e.org/?p=1", "https://e.org/#a"]
        {
            assert_eq!(home(address), None, "{address}");
        }
    }
}
