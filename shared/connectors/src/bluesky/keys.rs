//! Connecting an account: its server, its handle and an app password, which together give a session. The session is what is
//! kept, and renewed; the app password is not.

use super::api::{CreateSession, DidDocument, Record, Session};
use super::error::{is_bad_token, refused as refusal};
use super::{Bluesky, is_did, is_handle, xrpc};
use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use connector_kit::{Answer, Call, segment, words};
use domain::accounts::{AccountKind, Profile};
use domain::platform::{KeyField, KeyForm, KeyKind};
use ports::{AuthFailure, Entries, KeyFailure, Keyed, Keys, PlatformApp, TokenPair};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

const SERVER: &str = "server";
const HANDLE: &str = "handle";
const PASSWORD: &str = "password";
/// Longest token taken, in bytes: more does not fit into a header.
const MAX_TOKEN: usize = 8 * 1024;

/// What is asked for.
pub(super) fn form() -> KeyForm {
    KeyForm {
        help: "Make an app password in the settings of Bluesky (Privacy and security, App passwords) and enter it here with your \
               handle. The server is bsky.social unless your account lives on another one."
            .into(),
        fields: vec![
            KeyField::new(KeyKind::Server, SERVER, "Server", "bsky.social"),
            KeyField::new(KeyKind::Text, HANDLE, "Handle", "alice.bsky.social"),
            KeyField::new(KeyKind::Secret, PASSWORD, "App password", "abcd-efgh-ijkl-mnop"),
        ],
    }
}

fn refused(field: &'static str, detail: &str) -> KeyFailure {
    KeyFailure::Refused { field, detail: detail.into() }
}

/// Whether it looks like an app password: four groups of four. An account's own password does more than posting needs, and
/// must not even be sent.
fn is_app_password(text: &str) -> bool {
    let group = |group: &str| group.len() == 4 && group.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    text.split('-').count() == 4 && text.split('-').all(group)
}

/// The claims of a token about its time, in seconds since the epoch.
#[derive(Deserialize)]
struct Claims {
    iat: i64,
    exp: i64,
}

/// Seconds that a token lives by its own claims. None when they cannot be read: then it is used until it is refused.
fn life_s(token: &str) -> Option<u32> {
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let Claims { iat, exp } = serde_json::from_slice(&claims).ok()?;
    u32::try_from(exp.checked_sub(iat)?).ok().filter(|life| *life > 0)
}

/// A session as a token pair; none when a token could not stand in a header.
fn pair(session: &Session) -> Option<TokenPair> {
    let usable = |token: &str| (1..=MAX_TOKEN).contains(&token.len()) && token.bytes().all(|b| b.is_ascii_graphic());
    let (access, refresh) = (&session.access_jwt, &session.refresh_jwt);
    (usable(access) && usable(refresh)).then(|| TokenPair {
        access: access.clone().into(),
        refresh: Some(refresh.clone().into()),
        expires_in_s: life_s(access),
        refresh_expires_in_s: life_s(refresh),
        renew_in_s: None,
        scopes: Vec::new(),
    })
}

/// The server that an identifier's document names: the one that was entered may only be the door to it.
fn endpoint(document: &DidDocument) -> Option<String> {
    let ours = |id: &str| id.ends_with("#atproto_pds");
    let service = document.service.iter().find(|s| ours(&s.id) && s.kind == "AtprotoPersonalDataServer")?;
    let url = Url::parse(service.endpoint.as_str()?).ok()?;
    let plain =
        url.query().is_none() && url.fragment().is_none() && url.username().is_empty() && url.password().is_none();
    (plain && url.has_host()).then(|| url.as_str().trim_end_matches('/').to_owned())
}

impl Bluesky {
    async fn door(&self, call: Call) -> Result<Answer, KeyFailure> {
        self.http.call(call.theirs()).await.map_err(|_| KeyFailure::Unavailable)
    }

    async fn session(&self, server: &str, handle: &str, password: &SecretString) -> Result<Session, KeyFailure> {
        let body = CreateSession { identifier: handle, password: password.expose_secret() };
        let call = Call::post(xrpc(server, "com.atproto.server.createSession")).json(&body).hiding(password);
        let answer = self.door(call).await?;
        let said = refusal(&answer).map(|refused| refused.error).unwrap_or_default();
        match (answer.status, said.as_str()) {
            (200, _) => answer.json().ok_or(KeyFailure::Unavailable),
            (_, "AccountTakedown") => Err(refused(HANDLE, "the server has taken this account down")),
            (401, "AuthFactorTokenRequired") => {
                Err(refused(PASSWORD, "this is not an app password: make one in the settings, and enter it here"))
            }
            (401, "AuthenticationRequired") => {
                Err(refused(PASSWORD, "the server does not know this handle with this app password: check both"))
            }
            (400, "InvalidRequest") => Err(refused(HANDLE, "the server does not take this handle")),
            (404, "") => Err(refused(SERVER, "no server of the AT Protocol answers there: check the address")),
            _ => Err(KeyFailure::Unavailable),
        }
    }

    /// Whose session it is.
    async fn profile(&self, session: Session, home: &str) -> Result<Profile, KeyFailure> {
        if !is_did(&session.did) {
            return Err(KeyFailure::Unavailable);
        }
        if session.active == Some(false) {
            return Err(refused(HANDLE, "this account is not active: switch it on again first"));
        }
        let name = self.display_name(home, &session.did).await?.map(|name| words(&name));
        Ok(Profile {
            name: name.filter(|name| !name.is_empty()).unwrap_or_else(|| session.handle.clone()),
            external_id: session.did,
            handle: Some(session.handle).filter(|handle| is_handle(handle)),
            kind: AccountKind::Person,
            home: Some(home.to_owned()),
        })
    }

    /// Ends a session.
    async fn end(&self, home: &str, pair: &TokenPair) -> Result<(), AuthFailure> {
        let Some(refresh) = &pair.refresh else { return Ok(()) };
        let call = Call::post(xrpc(home, "com.atproto.server.deleteSession")).bearer(refresh).theirs();
        let answer = self.http.call(call).await.map_err(|_| AuthFailure::Transient)?;
        // A session that has ended already is no failure.
        if answer.is_success() || is_bad_token(&answer) { Ok(()) } else { Err(AuthFailure::Transient) }
    }

    /// The name that the account shows, read from the server that it lives on.
    async fn display_name(&self, home: &str, did: &str) -> Result<Option<String>, KeyFailure> {
        let query = format!("repo={}&collection=app.bsky.actor.profile&rkey=self", segment(did));
        let answer = self.door(Call::get(format!("{}?{query}", xrpc(home, "com.atproto.repo.getRecord")))).await?;
        match (answer.status, refusal(&answer)) {
            (200, _) => {
                let record = answer.json::<Record<Value>>().ok_or(KeyFailure::Unavailable)?;
                Ok(record.value["displayName"].as_str().map(str::to_owned))
            }
            (400, Some(refused)) if refused.error == "RecordNotFound" => Ok(None),
            _ => Err(KeyFailure::Unavailable),
        }
    }
}

#[async_trait]
impl Keys for Bluesky {
    fn form(&self) -> &KeyForm {
        &self.form
    }

    async fn check(&self, _: &PlatformApp, entries: &Entries) -> Result<Keyed, KeyFailure> {
        let entry = |name: &str| entries.get(name).cloned().unwrap_or_default();
        let (server, handle, password) = (entry(SERVER), entry(HANDLE), entry(PASSWORD));
        let handle = handle.expose_secret().trim_start_matches('@').to_ascii_lowercase();
        if !is_handle(&handle) && !is_did(&handle) {
            return Err(refused(HANDLE, "a handle is a name like alice.bsky.social"));
        }
        if !is_app_password(password.expose_secret()) {
            let detail = "an app password is four groups of four letters and digits: make one in the settings, do not use your own";
            return Err(refused(PASSWORD, detail));
        }
        let server = server.expose_secret();
        let session = self.session(server, &handle, &password).await?;
        let pair = pair(&session).ok_or(KeyFailure::Unavailable)?;
        let home = session.did_doc.as_ref().and_then(endpoint).unwrap_or_else(|| server.to_owned());
        match self.profile(session, &home).await {
            Ok(profile) => Ok(Keyed { pair, profile }),
            Err(failure) => {
                // Nobody will hold this session. Should it not end, then it ends by itself.
                let _ = self.end(&home, &pair).await;
                Err(failure)
            }
        }
    }

    async fn refresh(
        &self,
        _: &PlatformApp,
        whose: &Profile,
        refresh: &SecretString,
    ) -> Result<TokenPair, AuthFailure> {
        let home = whose.home.as_deref().ok_or(AuthFailure::Refused)?;
        let call = Call::post(xrpc(home, "com.atproto.server.refreshSession")).bearer(refresh).theirs();
        let answer = self.http.call(call).await.map_err(|_| AuthFailure::Transient)?;
        if is_bad_token(&answer) {
            return Err(AuthFailure::Refused);
        }
        let session = answer.json::<Session>().filter(|s| answer.is_success() && s.did == whose.external_id);
        session.as_ref().and_then(pair).ok_or(AuthFailure::Transient)
    }

    async fn revoke(&self, _: &PlatformApp, whose: &Profile, pair: &TokenPair) -> Result<(), AuthFailure> {
        match &whose.home {
            Some(home) => self.end(home, pair).await,
            None => Ok(()),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_token_lives_as_long_as_it_says_or_until_it_is_refused() {
        let token = |claims: &str| format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(claims));
        assert_eq!(life_s(&token(r#"{"iat":1000,"exp":8200,"sub":"x"}"#)), Some(7_200));
        for text in ["opaque".to_owned(), String::new(), token("{}"), token(r#"{"iat":9,"exp":9}"#), "a.%%.b".into()] {
            assert_eq!(life_s(&text), None, "{text}");
        }
    }

    #[test]
    fn the_server_of_an_account_is_what_its_document_names() {
        let document = |id: &str, kind: &str, endpoint: Value| -> DidDocument {
            serde_json::from_value(json!({ "service": [
                { "id": "#other", "type": "Other", "serviceEndpoint": { "a": 1 } },
                { "id": id, "type": kind, "serviceEndpoint": endpoint },
            ] }))
            .unwrap()
        };
        let pds = "AtprotoPersonalDataServer";
        let found = |endpoint_: &str| endpoint(&document("did:plc:x#atproto_pds", pds, json!(endpoint_)));
        assert_eq!(found("https://pds.example/").as_deref(), Some("https://pds.example"));
        for wrong in ["pds.example", "https://pds.example/?a", "https://me@pds.example", "https://pds.example/#a", ""] {
            assert_eq!(found(wrong), None, "{wrong}");
        }
        assert_eq!(endpoint(&document("#bsky_fg", pds, json!("https://pds.example"))), None);
        assert_eq!(endpoint(&document("#atproto_pds", "Else", json!("https://pds.example"))), None);
    }
}
