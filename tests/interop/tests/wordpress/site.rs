//! The real site as the contract's harness: a proxy in front of it brings the trouble, and people's eyes are its API.

use async_trait::async_trait;
use bytes::Bytes;
use connector_kit::contract::{Duplicates, Fault, Harness, Nameless, Picture, Seen};
use connector_kit::{Egress, Guard};
use connectors::Registry;
use domain::accounts::{Account, AccountStatus, TokenState};
use domain::publishing::{Media, MediaSource, Probe};
use domain::{AccountId, MediaId, MemberId, TenantId};
use interop::{Proxy, Request, Trouble};
use jiff::Timestamp;
use ports::{AllRoles, Entries, KeyFailure, Keyed, PlatformApp};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};
use tokio::sync::{Mutex, OwnedMutexGuard};
use uuid::Uuid;

/// What `cargo xtask interop` tells of the site.
#[derive(Deserialize)]
struct Told {
    /// Port of the site's address.
    front: u16,
    /// Port of its server.
    back: u16,
    people: BTreeMap<String, Person>,
}

#[derive(Deserialize)]
struct Person {
    password: String,
}

// Tests have no boot: what is told them comes by the environment.
#[allow(clippy::disallowed_methods)]
fn told() -> Told {
    let file = std::env::var("HERALD_WORDPRESS").expect("these tests are run by `cargo xtask interop`");
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

/// There is one site, with one address, and the proxy listens at it. Whoever holds the lock has the site.
static TURN: LazyLock<Arc<Mutex<()>>> = LazyLock::new(Arc::default);
static PROXY: LazyLock<Arc<Proxy>> = LazyLock::new(|| {
    let (told, local) = (told(), |port| SocketAddr::from(([127, 0, 0, 1], port)));
    Arc::new(Proxy::start(local(told.front), local(told.back)).unwrap())
});

/// The site, and one user of it who is connected.
pub(crate) struct Site {
    pub(crate) front: String,
    back: String,
    pub(crate) proxy: Arc<Proxy>,
    connector: Arc<dyn AllRoles>,
    http: reqwest::Client,
    people: Arc<BTreeMap<String, Person>>,
    /// Who looks at the site.
    user: String,
    account: Account,
    token: SecretString,
    turn: Option<Arc<OwnedMutexGuard<()>>>,
}

impl Site {
    /// The site with this user connected, and nobody else using it.
    // The tests stand outside the system, with a plain client.
    #[allow(clippy::disallowed_methods)]
    pub(crate) async fn start(user: &str) -> Self {
        let turn = Arc::clone(&TURN).lock_owned().await;
        let (told, proxy) = (told(), Arc::clone(&PROXY));
        proxy.reset();
        proxy.count(is_publishing);
        let registry = Registry::new(Egress::new(Guard::new(true)));
        let nobody = Account {
            id: AccountId::from_uuid(Uuid::nil()),
            tenant: TenantId::from_uuid(Uuid::nil()),
            platform: "wordpress".parse().unwrap(),
            profile: domain::accounts::Profile {
                external_id: String::new(),
                name: String::new(),
                handle: None,
                kind: domain::accounts::AccountKind::Organisation,
                home: None,
            },
            status: AccountStatus::Active,
            connected_by: MemberId::from_uuid(Uuid::nil()),
            connected_at: Timestamp::UNIX_EPOCH,
            consented_at: None,
            scopes: Vec::new(),
            token: TokenState::none(1),
            holder: None,
        };
        let site = Self {
            front: format!("http://127.0.0.1:{}", told.front),
            back: format!("http://127.0.0.1:{}", told.back),
            proxy,
            connector: registry.all_roles().named("wordpress").unwrap(),
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            people: Arc::new(told.people),
            user: user.to_owned(),
            account: nobody,
            token: String::new().into(),
            turn: Some(Arc::new(turn)),
        };
        Self::of(&site, user).await
    }

    /// The same site with another user connected.
    pub(crate) async fn of(site: &Self, user: &str) -> Self {
        let keyed = site.keyed(&site.front, user, &site.password(user)).await.unwrap();
        Self { user: user.to_owned(), ..site.with(keyed) }
    }

    /// The same site in other hands.
    pub(crate) fn with(&self, keyed: Keyed) -> Self {
        Self {
            front: self.front.clone(),
            back: self.back.clone(),
            proxy: Arc::clone(&self.proxy),
            connector: Arc::clone(&self.connector),
            http: self.http.clone(),
            people: Arc::clone(&self.people),
            user: self.user.clone(),
            account: Account { profile: keyed.profile, ..self.account.clone() },
            token: keyed.pair.access,
            turn: self.turn.clone(),
        }
    }

    pub(crate) fn connector(&self) -> &dyn AllRoles {
        self.connector.as_ref()
    }

    pub(crate) fn account_mut(&mut self) -> &mut Account {
        &mut self.account
    }

    /// The application password as the profile shows it.
    pub(crate) fn password(&self, user: &str) -> String {
        self.people[user].password.clone()
    }

    /// Connects.
    pub(crate) async fn keyed(&self, server: &str, user: &str, password: &str) -> Result<Keyed, KeyFailure> {
        let entry = |text: &str| SecretString::from(text.to_owned());
        let entries = [("server", entry(server)), ("user", entry(user)), ("password", entry(password))];
        let entries: Entries = entries.into_iter().map(|(name, entry)| (name.to_owned(), entry)).collect();
        self.connector.keys().unwrap().check(&self.app(), &entries).await
    }

    /// The API as a person's browser uses it, past the proxy.
    pub(crate) async fn api(&self, method: reqwest::Method, route: &str, body: Option<Value>) -> Value {
        let request = self.http.request(method, format!("{}/wp-json/wp/v2/{route}", self.back));
        let request = request.basic_auth(&self.user, Some(self.password(&self.user)));
        let request = if let Some(body) = body { request.json(&body) } else { request };
        let response = request.send().await.unwrap();
        assert!(response.status().is_success(), "{route}: {}", response.text().await.unwrap());
        response.json().await.unwrap()
    }

    async fn list(&self, route: &str) -> Vec<Value> {
        let all = self.api(reqwest::Method::GET, route, None).await;
        all.as_array().unwrap().clone()
    }
}

/// The request that publishes: it changes the state of a post.
pub(crate) fn is_publishing(request: &Request<'_>) -> bool {
    let body: Value = serde_json::from_slice(request.body).unwrap_or_default();
    request.method == "POST" && request.target.contains("/wp/v2/posts/") && body["status"].is_string()
}

pub(crate) async fn posts(site: &Site) -> Vec<Value> {
    site.list("posts?per_page=100&orderby=id&order=asc").await
}

pub(crate) async fn drafts(site: &Site) -> Vec<Value> {
    site.list("posts?per_page=100&status=draft").await
}

pub(crate) async fn media(site: &Site) -> Vec<Value> {
    site.list("media?per_page=100").await
}

#[async_trait]
impl Harness for Site {
    fn app(&self) -> PlatformApp {
        PlatformApp {
            client_id: String::new(),
            client_secret: String::new().into(),
            bases: BTreeMap::new(),
            settings: BTreeMap::new(),
        }
    }
    fn unreachable(&self) -> (PlatformApp, Account) {
        let mut account = self.account.clone();
        account.profile.home = Some("http://127.0.0.1:1".into());
        (self.app(), account)
    }
    fn account(&self) -> &Account {
        &self.account
    }
    fn token(&self) -> &SecretString {
        &self.token
    }
    async fn fault(&self, fault: Fault) {
        let refusal = |code| json!({ "code": "rest_error", "message": "no", "data": { "status": code } });
        self.proxy.order(Trouble::of(fault, refusal), is_publishing);
    }
    async fn release(&self) {
        self.proxy.release().await.unwrap();
    }
    async fn lists_lag(&self, _: bool) {}
    fn reads_lists(&self) -> bool {
        false
    }
    fn shows_comments(&self) -> bool {
        false
    }
    fn shows_answers(&self) -> bool {
        false
    }
    async fn posts(&self) -> Vec<Seen> {
        let library = media(self).await;
        let shown = |id: &Value| {
            let file = library.iter().find(|file| file["id"] == *id);
            // As a theme writes it: without tags, and with entities left as they are.
            file.map(|file| text_of(file["alt_text"].as_str().unwrap())).into_iter()
        };
        let seen = |post: &Value| {
            let html = post["content"]["rendered"].as_str().unwrap();
            Seen {
                id: post["id"].to_string(),
                text: text_of(html),
                alts: shown(&post["featured_media"]).chain(alts_of(html)).collect(),
            }
        };
        posts(self).await.iter().map(seen).collect()
    }
    async fn requests(&self) -> u64 {
        self.proxy.counted()
    }
    // The server has the real clock.
    #[allow(clippy::disallowed_methods)]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
    fn without_id(&self) -> Nameless {
        Nameless::Unconfirmed
    }
    fn duplicates(&self) -> Duplicates {
        Duplicates::Taken
    }
    async fn shows(&self, url: &str, id: &str) -> bool {
        // Its permalinks are words, so the page itself is opened, as anybody does. What it shows is the theme's affair, and there is
        // none here; whose page it is, WordPress says beside it.
        let page = self.http.get(url).send().await.unwrap();
        let links = page.headers().get_all("link").iter().filter_map(|link| link.to_str().ok());
        let named: Vec<&str> = links.collect();
        page.status().is_success() && named.iter().any(|link| link.contains(&format!("/wp/v2/posts/{id}>")))
    }
}

/// What a browser makes of the entities that occur here.
fn decoded(text: &str) -> String {
    let mut pieces = text.split('&');
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let found = piece.split_once(';').and_then(|(entity, rest)| {
            let c = match entity {
                "amp" => Some('&'),
                "lt" => Some('<'),
                "gt" => Some('>'),
                "quot" => Some('"'),
                "nbsp" => Some('\u{a0}'),
                number => number.strip_prefix('#').and_then(|n| n.parse().ok()).and_then(char::from_u32),
            };
            c.map(|c| (c, rest))
        });
        if let Some((c, rest)) = found {
            out.push(c);
            out.push_str(rest);
        } else {
            out.push('&');
            out.push_str(piece);
        }
    }
    out
}

/// The text of a piece of HTML.
pub(crate) fn text_of(html: &str) -> String {
    let mut text = String::new();
    for piece in html.replace("<br", "\n<br").replace("</p>", "\n</p>").split('<').enumerate() {
        text.push_str(match piece {
            (0, first) => first,
            (_, tag) => tag.split_once('>').map_or("", |(_, rest)| rest),
        });
    }
    decoded(&text).trim().to_owned()
}

/// The alternative texts of its pictures.
fn alts_of(html: &str) -> Vec<String> {
    let tags = html.split("<img ").skip(1);
    tags.filter_map(|tag| tag.split_once("alt=\"")?.1.split_once('"')).map(|(alt, _)| decoded(alt)).collect()
}

/// A real PNG, one pixel, which a test can pad.
const PIXEL: [u8; 67] = [
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 1, 0, 0, 0, 1, 8,
    0, 0, 0, 0, 0x3a, 0x7e, 0x9b, 0x55, 0, 0, 0, 0x0a, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0x60, 0, 0, 0, 2, 0,
    1, 0x48, 0xaf, 0xa4, 0x71, 0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
];

fn file(bytes: Vec<u8>, media_type: &str) -> Picture {
    let probe = Probe::picture(media_type, bytes.len() as u64, 1, 1);
    let media = Media {
        id: MediaId::from_uuid(Uuid::nil()),
        tenant: TenantId::from_uuid(Uuid::nil()),
        created_by: MemberId::from_uuid(Uuid::nil()),
        created_at: Timestamp::UNIX_EPOCH,
        source: MediaSource::Upload { object: "picture".into() },
        probe: Some(probe),
        alt_text: None,
    };
    Picture(media, Bytes::from(bytes))
}

/// A picture.
pub(crate) fn picture() -> Picture {
    file(PIXEL.to_vec(), "image/png")
}

/// A picture of so many bytes.
pub(crate) fn sized(size: usize, media_type: &str) -> Picture {
    let mut bytes = PIXEL.to_vec();
    bytes.resize(size, 0);
    file(bytes, media_type)
}

/// Something that calls itself a picture of a kind that the site does not know.
pub(crate) fn text() -> Picture {
    file(b"<?php echo 1;".to_vec(), "image/x-php")
}
