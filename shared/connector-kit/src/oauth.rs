//! The OAuth 2.0 calls that all platforms share: consent address, code exchange, refresh (RFC 6749, PKCE by RFC 7636)
//! and revocation (RFC 7009). What a platform does otherwise is data of its connector. Bodies are never logged.

use crate::http::{Answer, Call, Http, locate};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::platform::{ClientAuth, OAuth};
use http::{StatusCode, header};
use oauth2::basic::{
    BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType,
};
use oauth2::{
    AccessToken, AuthType, AuthUrl, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken, EndpointNotSet,
    EndpointSet, HttpRequest, HttpResponse, PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError, Scope,
    StandardRevocableToken, TokenResponse, TokenUrl,
};
use ports::{AuthFailure, AuthorizeRequest, PlatformApp, TokenPair};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::time::Duration;
use url::form_urlencoded;

/// Longest token taken, in bytes: more does not fit into a header.
const MAX_TOKEN: usize = 8 * 1024;

/// Longest error code told, in bytes: the longest registered ones have some thirty.
const MAX_CODE: usize = 40;

/// One platform's OAuth for one registration.
pub struct Flow<'a> {
    /// Makes the calls.
    pub http: &'a Http,
    /// Our registration.
    pub app: &'a PlatformApp,
    /// The platform's profile; its addresses, as the registration's bases have them, are where the calls go.
    pub oauth: &'a OAuth,
    /// What else than `invalid_grant` this platform answers about a dead code or token: the error and words that its
    /// description contains.
    pub refusals: &'a [(&'static str, &'static str)],
}

/// A token answer, read leniently: platforms omit `token_type`, separate scopes by commas, and some without scopes say `null`.
#[derive(Debug, Serialize, Deserialize)]
struct Tokens {
    access_token: AccessToken,
    #[serde(default = "bearer")]
    token_type: BasicTokenType,
    expires_in: Option<u64>,
    refresh_token: Option<RefreshToken>,
    refresh_token_expires_in: Option<u64>,
    scope: Option<String>,
}

fn bearer() -> BasicTokenType {
    BasicTokenType::Bearer
}

impl TokenResponse for Tokens {
    type TokenType = BasicTokenType;
    fn access_token(&self) -> &AccessToken {
        &self.access_token
    }
    fn token_type(&self) -> &BasicTokenType {
        &self.token_type
    }
    fn expires_in(&self) -> Option<Duration> {
        self.expires_in.map(Duration::from_secs)
    }
    fn refresh_token(&self) -> Option<&RefreshToken> {
        self.refresh_token.as_ref()
    }
    fn scopes(&self) -> Option<&Vec<Scope>> {
        None
    }
}

type OAuthClient = Client<
    BasicErrorResponse,
    Tokens,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// The token address gave no answer that means anything.
#[derive(Debug, thiserror::Error)]
#[error("no answer from the token address")]
struct NoAnswer;

type TokenError = RequestTokenError<NoAnswer, BasicErrorResponse>;

fn misconfigured(what: &str) -> AuthFailure {
    AuthFailure::Misconfigured(what.to_owned())
}

impl Flow<'_> {
    fn client(&self) -> Result<OAuthClient, AuthFailure> {
        let authorize = AuthUrl::new(locate(self.app, &self.oauth.authorize));
        let token = TokenUrl::new(locate(self.app, &self.oauth.token));
        let auth_type = match self.oauth.client_auth {
            ClientAuth::Basic => AuthType::BasicAuth,
            ClientAuth::Body => AuthType::RequestBody,
        };
        Ok(Client::new(ClientId::new(self.app.client_id.clone()))
            .set_client_secret(ClientSecret::new(self.app.client_secret.expose_secret().to_owned()))
            .set_auth_type(auth_type)
            .set_auth_uri(authorize.map_err(|_| misconfigured("the authorize address is no address"))?)
            .set_token_uri(token.map_err(|_| misconfigured("the token address is no address"))?))
    }

    /// The consent address with these scopes. Empty when a configured address is none; the exchange would tell why.
    pub fn authorize_url(&self, request: &AuthorizeRequest, scopes: &[String]) -> String {
        let (Ok(client), Ok(back)) = (self.client(), RedirectUrl::new(request.redirect_uri.clone())) else {
            return String::new();
        };
        let mut url = client
            .authorize_url(|| CsrfToken::new(request.state.clone()))
            .set_redirect_uri(Cow::Owned(back))
            .add_scopes(scopes.iter().cloned().map(Scope::new));
        for (name, value) in &self.oauth.extra {
            url = url.add_extra_param(name.clone(), value.clone());
        }
        if let Some(challenge) = request.challenge.as_deref().filter(|_| self.oauth.pkce) {
            url = url
                .add_extra_param("code_challenge", challenge.to_owned())
                .add_extra_param("code_challenge_method", "S256");
        }
        url.url().0.into()
    }

    /// Exchanges a code, once.
    ///
    /// # Errors
    /// See [`AuthFailure`].
    pub async fn exchange(
        &self,
        code: &str,
        verifier: Option<&SecretString>,
        redirect_uri: &str,
    ) -> Result<TokenPair, AuthFailure> {
        let client = self.client()?;
        let back =
            RedirectUrl::new(redirect_uri.to_owned()).map_err(|_| misconfigured("the redirect is no address"))?;
        let http = self.http.clone();
        let call = move |request: HttpRequest| send(http.clone(), request);
        let mut request =
            client.exchange_code(AuthorizationCode::new(code.to_owned())).set_redirect_uri(Cow::Owned(back));
        if let Some(verifier) = verifier.filter(|_| self.oauth.pkce) {
            request = request.set_pkce_verifier(PkceCodeVerifier::new(verifier.expose_secret().to_owned()));
        }
        let answer = request.request_async(&call).await;
        answer.map_err(|error| self.classify(error)).and_then(|tokens| pair(&tokens))
    }

    /// Refreshes, once.
    ///
    /// # Errors
    /// See [`AuthFailure`].
    pub async fn refresh(&self, refresh: &SecretString) -> Result<TokenPair, AuthFailure> {
        let client = self.client()?;
        let token = RefreshToken::new(refresh.expose_secret().to_owned());
        let http = self.http.clone();
        let call = move |request: HttpRequest| send(http.clone(), request);
        let answer = client.exchange_refresh_token(&token).request_async(&call).await;
        answer.map_err(|error| self.classify(error)).and_then(|tokens| pair(&tokens))
    }

    /// Takes the access back: first the refresh token, which ends the grant, then the access token. A token that is dead
    /// already is no failure.
    ///
    /// # Errors
    /// The platform did not confirm it, or our registration is wrong.
    pub async fn revoke(&self, pair: &TokenPair) -> Result<(), AuthFailure> {
        let Some(url) = &self.oauth.revoke.as_ref().map(|at| locate(self.app, at)) else { return Ok(()) };
        let mut result = Ok(());
        for (token, hint) in [(pair.refresh.as_ref(), "refresh_token"), (Some(&pair.access), "access_token")] {
            if let Some(token) = token {
                result = result.and(self.revoke_one(self.revocation(url, token, hint)).await);
            }
        }
        result
    }

    // By hand: the library refuses revocation over http, which a local stack needs.
    fn revocation(&self, url: &str, token: &SecretString, hint: &str) -> Call {
        let (id, secret) = (self.app.client_id.as_str(), self.app.client_secret.expose_secret());
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("token", token.expose_secret()).append_pair("token_type_hint", hint);
        let mut call = Call::post(url);
        match self.oauth.client_auth {
            ClientAuth::Body => {
                form.append_pair("client_id", id).append_pair("client_secret", secret);
            }
            ClientAuth::Basic => {
                let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
                let credentials = STANDARD.encode(format!("{}:{}", encode(id), encode(secret)));
                call = call.header("authorization", format!("Basic {credentials}"));
            }
        }
        call.bytes("application/x-www-form-urlencoded", form.finish().into_bytes())
    }

    async fn revoke_one(&self, call: Call) -> Result<(), AuthFailure> {
        let answer = self.http.call(call).await.map_err(|_| AuthFailure::Transient)?;
        if answer.is_success() {
            return Ok(());
        }
        match self.refusal_of(&answer) {
            AuthFailure::Refused => Ok(()),
            other => Err(other),
        }
    }

    fn refusal_of(&self, answer: &Answer) -> AuthFailure {
        if is_transient(answer.status) {
            return AuthFailure::Transient;
        }
        match answer.json::<BasicErrorResponse>() {
            Some(error) => self.classify(RequestTokenError::ServerResponse(error)),
            None => AuthFailure::Transient,
        }
    }

    fn classify(&self, error: TokenError) -> AuthFailure {
        let RequestTokenError::ServerResponse(answer) = error else { return AuthFailure::Transient };
        let code = answer.error().as_ref().to_owned();
        let description = answer.error_description().map_or("", String::as_str);
        let dead = self.refusals.iter().any(|(error, words)| *error == code && description.contains(words));
        match code.as_str() {
            "invalid_grant" => AuthFailure::Refused,
            _ if dead => AuthFailure::Refused,
            "server_error" | "temporarily_unavailable" => AuthFailure::Transient,
            _ => misconfigured(named(&code)),
        }
    }
}

/// An error code that may be told, since it can be nothing but a name: short, of small letters and underscores, as all that
/// RFC 6749 and its extensions register. Everything else of the answer may repeat what was sent, a token for one.
fn named(code: &str) -> &str {
    let name = (1..=MAX_CODE).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    if name { code } else { "an error without a known name" }
}

async fn send(http: Http, request: HttpRequest) -> Result<HttpResponse, NoAnswer> {
    let (parts, body) = request.into_parts();
    let mut call = Call::new(parts.method, parts.uri.to_string());
    if let Some(value) = parts.headers.get(header::AUTHORIZATION) {
        call = call.header("authorization", value.to_str().map_err(|_| NoAnswer)?);
    }
    let call = call.bytes("application/x-www-form-urlencoded", body);
    let answer = http.call(call).await.map_err(|_| NoAnswer)?;
    if is_transient(answer.status) || !answer.whole {
        return Err(NoAnswer);
    }
    let status = if refuses(&answer) { StatusCode::BAD_REQUEST.as_u16() } else { answer.status };
    let mut response = HttpResponse::new(answer.body.to_vec());
    *response.status_mut() = StatusCode::from_u16(status).map_err(|_| NoAnswer)?;
    *response.headers_mut() = answer.headers;
    Ok(response)
}

/// Whether it is a refusal, whatever its status: RFC 6749 5.2 wants a 400, and some platforms say 200.
fn refuses(answer: &Answer) -> bool {
    #[derive(Deserialize)]
    struct Said {
        access_token: Option<serde::de::IgnoredAny>,
    }
    answer.json::<BasicErrorResponse>().is_some() && answer.json::<Said>().is_some_and(|s| s.access_token.is_none())
}

fn is_transient(status: u16) -> bool {
    status >= 500 || matches!(status, 408 | 429)
}

/// Whether a text can be a token: it fits into a header, and has nothing in it that does not.
pub fn usable(token: &str) -> bool {
    (1..=MAX_TOKEN).contains(&token.len()) && token.bytes().all(|b| b.is_ascii_graphic())
}

fn pair(tokens: &Tokens) -> Result<TokenPair, AuthFailure> {
    let access = tokens.access_token.secret();
    let refresh = tokens.refresh_token.as_ref().map(RefreshToken::secret).filter(|token| !token.is_empty());
    if !usable(access) || refresh.is_some_and(|token| !usable(token)) {
        return Err(AuthFailure::Transient);
    }
    let seconds = |value: Option<u64>| value.map(|s| u32::try_from(s).unwrap_or(u32::MAX));
    let scope = tokens.scope.as_deref().unwrap_or_default();
    let scopes = scope.split([' ', ',']).filter(|scope| !scope.is_empty()).map(str::to_owned).collect();
    Ok(TokenPair {
        access: access.clone().into(),
        refresh: refresh.map(|token| token.clone().into()),
        expires_in_s: seconds(tokens.expires_in),
        refresh_expires_in_s: seconds(tokens.refresh_token_expires_in),
        renew_in_s: None,
        scopes,
    })
}
