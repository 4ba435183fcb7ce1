//! Connecting channels of a workspace: a bot is added to it, and speaks in each.

use super::api::{Channel, Channels, Me};
use super::{API, Slack, WEB, WORKSPACES, get, is_id};
use async_trait::async_trait;
use connector_kit::oauth::Flow;
use connector_kit::words;
use domain::accounts::{AccountKind, Profile};
use domain::platform::{ClientAuth, OAuth};
use domain::publishing::Failure;
use jiff::Timestamp;
use ports::{Auth, AuthFailure, AuthorizeRequest, PlatformApp, TokenPair};
use secrecy::SecretString;
use url::Url;

/// What Slack answers about dead codes and refresh tokens, without further words.
const REFUSALS: [(&str, &str); 4] =
    [("invalid_code", ""), ("invalid_refresh_token", ""), ("token_expired", ""), ("token_revoked", "")];
/// What passes.
const PASSING: [&str; 8] = [
    "fatal_error",
    "internal_error",
    "org_login_required",
    "rate_limited",
    "ratelimited",
    "request_timeout",
    "service_unavailable",
    "team_added_to_org",
];
/// Channels per page of the list: Slack's own recommendation.
const PAGE: &str = "200";
/// Pages read: what a workspace has beyond them is not offered.
const PAGES: usize = 25;
/// Channels offered, those first that the bot is in.
const CHANNELS: usize = 500;

/// How Slack does OAuth.
pub(super) fn profile() -> OAuth {
    OAuth {
        authorize: WEB.at("/oauth/v2/authorize"),
        token: API.at("/oauth.v2.access"),
        // It would end the bot for every channel of the workspace, whoever connected them.
        revoke: None,
        scopes: crate::words(&[
            "channels:history",
            "channels:read",
            "chat:write",
            "chat:write.public",
            "files:read",
            "files:write",
            "groups:history",
            "groups:read",
        ]),
        // It would make the registration one of a public client, for good.
        pkce: false,
        client_auth: ClientAuth::Basic,
        // Without token rotation a token does not end; with it the answer says when.
        default_access_life_s: 0,
        extra: Vec::new(),
    }
}

/// What the shared calls do not know: which of Slack's errors pass.
fn passing(failure: AuthFailure) -> AuthFailure {
    match failure {
        AuthFailure::Misconfigured(error) if PASSING.contains(&error.as_str()) => AuthFailure::Transient,
        other => other,
    }
}

impl Slack {
    fn flow<'a>(&'a self, app: &'a PlatformApp) -> Flow<'a> {
        Flow { http: &self.http, app, oauth: &self.oauth, refusals: &REFUSALS }
    }

    async fn channels(&self, app: &PlatformApp, access: &SecretString) -> Result<Vec<Channel>, Failure> {
        let (mut all, mut cursor) = (Vec::new(), String::new());
        for _ in 0..PAGES {
            let asked = [
                ("types", "public_channel,private_channel"),
                ("exclude_archived", "true"),
                ("limit", PAGE),
                ("cursor", cursor.as_str()),
            ];
            let asked = if cursor.is_empty() { &asked[..3] } else { &asked[..] };
            let call = get(app, "conversations.list", asked);
            let page: Channels = self.ask(access, call, Timestamp::UNIX_EPOCH).await?;
            all.extend(page.channels);
            cursor = page.response_metadata.next_cursor;
            if cursor.is_empty() {
                break;
            }
        }
        // Into private ones only members write.
        all.retain(|channel| is_id(&channel.id) && !channel.is_archived && (channel.is_member || !channel.is_private));
        all.sort_by(|a, b| (!a.is_member, &a.name, &a.id).cmp(&(!b.is_member, &b.name, &b.id)));
        all.dedup_by(|a, b| a.id == b.id);
        all.truncate(CHANNELS);
        Ok(all)
    }
}

/// The name of a workspace in its address.
fn workspace(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let name = url.host_str()?.strip_suffix(WORKSPACES)?;
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.');
    ((1..=100).contains(&name.len()) && name.bytes().all(fits)).then(|| name.to_owned())
}

#[async_trait]
impl Auth for Slack {
    fn oauth(&self) -> &OAuth {
        &self.oauth
    }

    fn authorize_url(&self, app: &PlatformApp, request: &AuthorizeRequest) -> String {
        // Slack separates scopes by commas.
        self.flow(app).authorize_url(request, &[self.oauth.scopes.join(",")])
    }

    async fn exchange(
        &self,
        app: &PlatformApp,
        code: &str,
        verifier: Option<&SecretString>,
        redirect_uri: &str,
    ) -> Result<TokenPair, AuthFailure> {
        self.flow(app).exchange(code, verifier, redirect_uri).await.map_err(passing)
    }

    async fn refresh(&self, app: &PlatformApp, refresh: &SecretString) -> Result<TokenPair, AuthFailure> {
        self.flow(app).refresh(refresh).await.map_err(passing)
    }

    async fn revoke(&self, _app: &PlatformApp, _pair: &TokenPair) -> Result<(), AuthFailure> {
        Ok(())
    }

    async fn profiles(&self, app: &PlatformApp, access: &SecretString) -> Result<Vec<Profile>, Failure> {
        let me: Me = self.ask(access, get(app, "auth.test", &[]), Timestamp::UNIX_EPOCH).await?;
        if !is_id(&me.team_id) {
            return Err(Failure::Unavailable);
        }
        let handle = workspace(&me.url);
        let channels = self.channels(app, access).await?.into_iter().map(|channel| Profile {
            external_id: format!("{}/{}", me.team_id, channel.id),
            name: words(&format!("#{} ({})", channel.name, me.team)),
            handle: handle.clone(),
            kind: AccountKind::Organisation,
            home: None,
        });
        Ok(channels.collect())
    }
}
