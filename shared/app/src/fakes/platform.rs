//! A platform whose authorization server revokes the whole family when a spent refresh token comes again.

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::PlatformId;
use domain::accounts::{Account, AccountKind, Profile};
use domain::platform::{Address, ClientAuth, Descriptor, KeyField, KeyForm, KeyKind, Limits, OAuth};
use domain::publishing::{Failure, Receipt};
use domain::text::TextRule;
use ports::{
    Auth, AuthFailure, AuthorizeRequest, Connect, Connector, Entries, KeyFailure, Keys, PlatformApp, PlatformApps,
    SecretError, TokenPair, Wording,
};
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// What the authorization server knows and counts.
#[derive(Default)]
pub(crate) struct Server {
    /// Codes that can be exchanged, with the challenge they were given for.
    codes: BTreeMap<String, Option<String>>,
    /// Grants by number: the live refresh token, and whether the family is dead.
    grants: Vec<(String, bool)>,
    pub(crate) token_calls: u32,
    pub(crate) refresh_calls: u32,
    pub(crate) family_kills: u32,
    pub(crate) revoked: Vec<String>,
    /// What the next refresh answers instead.
    pub(crate) refresh_fails: Option<AuthFailure>,
    pub(crate) revoke_fails: bool,
    /// Everybody of a place lives on one access: nobody is asked to take it back.
    pub(crate) installs: bool,
    /// Whether answers carry refresh tokens.
    pub(crate) no_refresh: bool,
    /// After how many seconds its tokens are to be renewed, though they live longer.
    pub(crate) renew_in_s: Option<u32>,
    pub(crate) profiles: Vec<Profile>,
    /// Whose servers were asked to renew or to forget.
    pub(crate) asked: Vec<String>,
    /// What was entered and asked about.
    pub(crate) entered: Vec<Vec<(String, String)>>,
    /// What reading the profiles fails with.
    pub(crate) profiles_fail: Option<Failure>,
    /// The profiles that have a token of their own.
    pub(crate) own: Vec<&'static str>,
    /// What telling those tokens fails with.
    pub(crate) own_fail: Option<Failure>,
    pub(crate) seen: Vec<AuthorizeRequest>,
}

/// A platform whose accounts are connected by a server and a token. The token `canary-key` is good for ever;
/// `canary-password` gives a pair that ends, and is renewed by the server that was entered with it.
pub(crate) struct Keyed(Arc<FakePlatform>, Descriptor, KeyForm);

impl Keyed {
    pub(crate) fn new(platform: &Arc<FakePlatform>) -> Self {
        let fields = vec![
            KeyField::new(KeyKind::Server, "server", "Server", "perch.example"),
            KeyField::new(KeyKind::Secret, "token", "Token", "a1b2c3"),
        ];
        let form = KeyForm { help: "Open the settings of your perch.".into(), fields };
        let id = "perch".parse().unwrap();
        Self(Arc::clone(platform), Descriptor { id, aliases: Vec::new(), ..platform.descriptor.clone() }, form)
    }
}

impl Connector for Keyed {
    fn descriptor(&self) -> &Descriptor {
        &self.1
    }
    fn hosts(&self) -> &'static [&'static str] {
        &[]
    }
}

impl Wording for Keyed {
    fn named(&self, _: &PlatformApp, _: &Account, _: &str) -> Option<Receipt> {
        None
    }
}

impl Connect for Keyed {
    fn keys(&self) -> Option<&dyn Keys> {
        Some(self)
    }
}

#[async_trait]
impl Keys for Keyed {
    fn form(&self) -> &KeyForm {
        &self.2
    }
    async fn check(&self, _: &PlatformApp, entries: &Entries) -> Result<ports::Keyed, KeyFailure> {
        let seen = entries.iter().map(|(name, entry)| (name.clone(), entry.expose_secret().to_owned())).collect();
        self.0.server(|server| server.entered.push(seen));
        let home = Some(entries["server"].expose_secret().to_owned());
        let profile = Profile { home, ..profile("1", AccountKind::Organisation) };
        match entries["token"].expose_secret() {
            "canary-key" => Ok(ports::Keyed::lasting(entries["token"].clone(), profile)),
            "canary-password" => Ok(ports::Keyed { pair: self.0.server(Server::grants), profile }),
            "slow" => Err(KeyFailure::Unavailable),
            _ => Err(KeyFailure::Refused { field: "token", detail: "it is not known there".into() }),
        }
    }
    async fn refresh(
        &self,
        _: &PlatformApp,
        whose: &Profile,
        refresh: &SecretString,
    ) -> Result<TokenPair, AuthFailure> {
        self.0.server(|server| server.asked.push(whose.home.clone().unwrap_or_default()));
        self.0.renews(refresh).await
    }
    async fn revoke(&self, app: &PlatformApp, whose: &Profile, pair: &TokenPair) -> Result<(), AuthFailure> {
        self.0.server(|server| server.asked.push(whose.home.clone().unwrap_or_default()));
        if pair.access.expose_secret() == "canary-key" {
            return Ok(());
        }
        Auth::revoke(self.0.as_ref(), app, pair).await
    }
}

pub(crate) struct FakePlatform {
    descriptor: Descriptor,
    oauth: OAuth,
    /// The same, where nobody can be asked to take an access back.
    installed: OAuth,
    pub(crate) server: Mutex<Server>,
    pub(crate) configured: AtomicBool,
}

pub(crate) fn profile(external_id: &str, kind: AccountKind) -> Profile {
    Profile { external_id: external_id.into(), name: format!("{external_id} by name"), handle: None, kind, home: None }
}

fn address(path: &str) -> Address {
    Address { base: "web".into(), default: "https://chirp.example".into(), path: path.into() }
}

impl FakePlatform {
    pub(crate) fn new() -> Self {
        let descriptor = Descriptor {
            id: "chirp".parse().unwrap(),
            aliases: vec!["bird".into()],
            name: "Chirp".into(),
            color: "#000000".into(),
            queue: "chirp".into(),
            limits: Limits::text_only(TextRule::Chars { limit: 100 }),
            settle_s: 900,
        };
        let oauth = OAuth {
            authorize: address("/authorize"),
            token: address("/token"),
            revoke: Some(address("/revoke")),
            scopes: vec!["write".into()],
            pkce: true,
            client_auth: ClientAuth::Basic,
            default_access_life_s: 7_200,
            extra: Vec::new(),
        };
        let server = Server { profiles: vec![profile("ada", AccountKind::Person)], ..Server::default() };
        let installed = OAuth { revoke: None, ..oauth.clone() };
        Self { descriptor, oauth, installed, server: Mutex::new(server), configured: AtomicBool::new(true) }
    }

    /// The person consents to the latest request: the code the browser brings back.
    pub(crate) fn consents(&self) -> String {
        let mut server = self.server.lock().unwrap();
        let request = server.seen.last().unwrap().clone();
        let code = format!("code-{}", request.state);
        server.codes.insert(code.clone(), request.challenge);
        code
    }

    /// Answers a refresh.
    pub(crate) async fn renews(&self, refresh: &SecretString) -> Result<TokenPair, AuthFailure> {
        self.server.lock().unwrap().refresh_calls += 1;
        // Time for others to come in between.
        for _ in 0..20 {
            std::thread::yield_now();
            tokio::task::yield_now().await;
        }
        let mut server = self.server.lock().unwrap();
        if let Some(failure) = server.refresh_fails.take() {
            return Err(failure);
        }
        let text = refresh.expose_secret();
        let mut parts = text.trim_start_matches("canary-refresh-").split('-').map(|n| n.parse().unwrap());
        let (grant, turn): (u32, u32) = (parts.next().unwrap(), parts.next().unwrap());
        let grant = usize::try_from(grant).unwrap();
        if server.grants[grant].0 != text || server.grants[grant].1 {
            server.family_kills += u32::from(!server.grants[grant].1);
            server.grants[grant].1 = true;
            return Err(AuthFailure::Refused);
        }
        Ok(server.hand_out(grant, turn + 1))
    }

    pub(crate) fn server<T>(&self, look: impl FnOnce(&mut Server) -> T) -> T {
        look(&mut self.server.lock().unwrap())
    }
}

impl Server {
    /// Whether every grant was revoked.
    pub(crate) fn nothing_granted(&self) -> bool {
        self.grants.iter().all(|(_, dead)| *dead)
    }

    fn grants(&mut self) -> TokenPair {
        self.grants.push((String::new(), false));
        let grant = self.grants.len() - 1;
        self.hand_out(grant, 0)
    }

    fn hand_out(&mut self, grant: usize, turn: u32) -> TokenPair {
        let refresh = format!("canary-refresh-{grant}-{turn}");
        self.grants[grant].0.clone_from(&refresh);
        TokenPair {
            access: format!("canary-access-{grant}-{turn}").into(),
            refresh: (!self.no_refresh).then(|| refresh.into()),
            expires_in_s: Some(7_200),
            refresh_expires_in_s: None,
            renew_in_s: self.renew_in_s,
            scopes: vec!["write".into()],
        }
    }
}

impl Connector for FakePlatform {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }
    fn hosts(&self) -> &'static [&'static str] {
        &["api.chirp.example"]
    }
}

impl Wording for FakePlatform {
    fn named(&self, _: &PlatformApp, _: &Account, _: &str) -> Option<Receipt> {
        None
    }
}

impl Connect for FakePlatform {
    fn auth(&self) -> Option<&dyn Auth> {
        Some(self)
    }
}

#[async_trait]
impl Auth for FakePlatform {
    fn oauth(&self) -> &OAuth {
        if self.server(|server| server.installs) { &self.installed } else { &self.oauth }
    }

    fn authorize_url(&self, _: &PlatformApp, request: &AuthorizeRequest) -> String {
        if !request.state.is_empty() {
            self.server.lock().unwrap().seen.push(request.clone());
        }
        format!("https://chirp.example/authorize?state={}", request.state)
    }

    async fn exchange(
        &self,
        _: &PlatformApp,
        code: &str,
        verifier: Option<&SecretString>,
        _: &str,
    ) -> Result<TokenPair, AuthFailure> {
        let mut server = self.server.lock().unwrap();
        server.token_calls += 1;
        let challenge = server.codes.remove(code).ok_or(AuthFailure::Refused)?;
        let proof = verifier.map(|v| {
            let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, v.expose_secret().as_bytes());
            URL_SAFE_NO_PAD.encode(hash)
        });
        if challenge != proof {
            return Err(AuthFailure::Refused);
        }
        Ok(server.grants())
    }

    async fn refresh(&self, _: &PlatformApp, refresh: &SecretString) -> Result<TokenPair, AuthFailure> {
        self.renews(refresh).await
    }

    async fn revoke(&self, _: &PlatformApp, pair: &TokenPair) -> Result<(), AuthFailure> {
        let mut server = self.server.lock().unwrap();
        if server.revoke_fails {
            return Err(AuthFailure::Transient);
        }
        let access = pair.access.expose_secret().to_owned();
        let grant: usize = access.split('-').nth(2).unwrap().parse().unwrap();
        server.grants[grant].1 = true;
        server.revoked.push(access);
        Ok(())
    }

    async fn profiles(&self, _: &PlatformApp, _: &SecretString) -> Result<Vec<Profile>, Failure> {
        let server = self.server.lock().unwrap();
        server.profiles_fail.clone().map_or_else(|| Ok(server.profiles.clone()), Err)
    }

    async fn own_tokens(
        &self,
        _: &PlatformApp,
        access: &SecretString,
        profiles: &[Profile],
    ) -> Result<BTreeMap<String, TokenPair>, Failure> {
        let server = self.server.lock().unwrap();
        if let Some(failure) = server.own_fail.clone() {
            return Err(failure);
        }
        let ids = profiles.iter().map(|p| p.external_id.clone()).filter(|id| server.own.contains(&id.as_str()));
        let own = |id: String| {
            let access = format!("{}-of-{id}", access.expose_secret());
            (id, TokenPair::lasting(access.into()))
        };
        Ok(ids.map(own).collect())
    }
}

#[async_trait]
impl PlatformApps for FakePlatform {
    async fn app(&self, _: &PlatformId) -> Result<Option<PlatformApp>, SecretError> {
        let app = PlatformApp {
            client_id: "client".into(),
            client_secret: "canary-client-secret".into(),
            bases: BTreeMap::new(),
            settings: BTreeMap::new(),
        };
        Ok(self.configured.load(Ordering::SeqCst).then_some(app))
    }
}
