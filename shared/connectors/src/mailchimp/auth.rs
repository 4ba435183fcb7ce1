//! Connecting by consent: one token for all of a person's Mailchimp account, whose audiences are then chosen from.

use super::api::{List, Metadata};
use super::error::not_done;
use super::{LOGIN, MAX_ID, Mailchimp, data_centre, is_centre, root};
use async_trait::async_trait;
use connector_kit::oauth::Flow;
use connector_kit::{Call, is_word};
use domain::accounts::{AccountKind, Profile};
use domain::platform::{ClientAuth, OAuth};
use domain::publishing::Failure;
use jiff::Timestamp;
use ports::{Auth, AuthFailure, AuthorizeRequest, PlatformApp, TokenPair};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

/// What follows a data centre in the host of its API.
const DOMAIN: &str = ".api.mailchimp.com";

/// How Mailchimp does OAuth: without scopes, and with tokens that do not end.
pub(super) fn profile() -> OAuth {
    OAuth {
        authorize: LOGIN.at("/oauth2/authorize"),
        token: LOGIN.at("/oauth2/token"),
        // None is documented.
        revoke: None,
        scopes: Vec::new(),
        pkce: false,
        client_auth: ClientAuth::Body,
        default_access_life_s: 0,
        extra: Vec::new(),
    }
}

impl Mailchimp {
    fn flow<'a>(&'a self, app: &'a PlatformApp) -> Flow<'a> {
        Flow { http: &self.http, app, oauth: &self.oauth, refusals: &[] }
    }

    /// The data centre that a token is of.
    async fn centre(&self, app: &PlatformApp, token: &SecretString) -> Result<String, Failure> {
        let call = Call::get(format!("{}/oauth2/metadata", LOGIN.of(app)));
        let call = call.header("authorization", format!("OAuth {}", token.expose_secret())).hiding(token);
        let answer = self.ask(call).await?;
        if answer.status != 200 {
            return Err(not_done(&answer, Timestamp::UNIX_EPOCH));
        }
        let told = answer.json::<Metadata>().ok_or(Failure::Unavailable)?;
        // What is not Mailchimp's own is not believed, and nothing is asked there.
        admitted(&told).map(str::to_owned).ok_or(Failure::Unavailable)
    }
}

/// The data centre that is told of, if it is one: the token goes there, so that its address must be Mailchimp's own.
fn admitted(told: &Metadata) -> Option<&str> {
    let is_its = |address: &String| {
        let url = Url::parse(address).ok();
        url.is_some_and(|url| {
            let plain = url.username().is_empty() && url.password().is_none() && url.port().is_none();
            plain
                && url.scheme() == "https"
                && url.host_str().and_then(|host| host.strip_suffix(DOMAIN)) == Some(&told.dc)
        })
    };
    (is_centre(&told.dc) && told.api_endpoint.as_ref().is_none_or(is_its)).then_some(told.dc.as_str())
}

/// The account of an audience. Names are shown to people, who must be able to tell two of one name apart.
pub(super) fn profile_of(centre: &str, list: &List, alone: bool) -> Profile {
    Profile {
        external_id: format!("{centre}/{}", list.id),
        name: if alone { list.name.clone() } else { format!("{} ({})", list.name, list.id) },
        handle: None,
        kind: AccountKind::Organisation,
        home: None,
    }
}

#[async_trait]
impl Auth for Mailchimp {
    fn oauth(&self) -> &OAuth {
        &self.oauth
    }

    fn authorize_url(&self, app: &PlatformApp, request: &AuthorizeRequest) -> String {
        self.flow(app).authorize_url(request, &[])
    }

    async fn exchange(
        &self,
        app: &PlatformApp,
        code: &str,
        _verifier: Option<&SecretString>,
        redirect_uri: &str,
    ) -> Result<TokenPair, AuthFailure> {
        let pair = self.flow(app).exchange(code, None, redirect_uri).await?;
        // Only their form tells tokens from keys, which go with another header. What looks like a key is no token of Mailchimp's.
        if data_centre(&pair.access).is_some() {
            return Err(AuthFailure::Transient);
        }
        // Nothing renews it, whatever else is answered.
        Ok(TokenPair::lasting(pair.access))
    }

    async fn refresh(&self, _app: &PlatformApp, _refresh: &SecretString) -> Result<TokenPair, AuthFailure> {
        Err(AuthFailure::Refused)
    }

    async fn revoke(&self, _app: &PlatformApp, _pair: &TokenPair) -> Result<(), AuthFailure> {
        Ok(())
    }

    /// The audiences that campaigns can go to: those with a default sender.
    async fn profiles(&self, app: &PlatformApp, access: &SecretString) -> Result<Vec<Profile>, Failure> {
        let centre = self.centre(app, access).await?;
        let mut all = self.audiences(&root(app, &centre), access).await?;
        all.retain(|list| is_word(&list.id, MAX_ID) && list.campaign_defaults.is_whole());
        let alone = |list: &List| all.iter().filter(|other| other.name == list.name).count() == 1;
        Ok(all.iter().map(|list| profile_of(&centre, list, alone(list))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_goes_to_a_data_centre_of_mailchimps_and_nowhere_else() {
        let centre = |dc: &str, at: Option<&str>| {
            let told = Metadata { dc: dc.into(), api_endpoint: at.map(str::to_owned) };
            admitted(&told).map(str::to_owned)
        };
        for at in [None, Some("https://us6.api.mailchimp.com"), Some("https://us6.api.mailchimp.com/3.0/")] {
            assert_eq!(centre("us6", at).as_deref(), Some("us6"), "{at:?}");
        }
        for (dc, at) in [
            ("us6", "https://us7.api.mailchimp.com"),
            ("us6", "https://evil.example"),
            ("us6", "https://us6.api.mailchimp.com.evil.example"),
            ("us6", "https://us6.api.mailchimp.com@evil.example"),
            ("us6", "https://a:b@us6.api.mailchimp.com"),
            ("us6", "https://us6.api.mailchimp.com:8443"),
            ("us6", "http://us6.api.mailchimp.com"),
            ("us6", "us6.api.mailchimp.com"),
            ("us6", ""),
            ("", "https://.api.mailchimp.com"),
            ("evil.example/", "https://evil.example/.api.mailchimp.com"),
            ("US6", "https://us6.api.mailchimp.com"),
            ("us6.x", "https://us6.x.api.mailchimp.com"),
            ("us6us6us6", "https://us6us6us6.api.mailchimp.com"),
        ] {
            assert_eq!(centre(dc, Some(at)), None, "{dc} {at}");
        }
    }
}
