//! The server, started once for all tests of this process, and accounts on it.

use async_trait::async_trait;
use bytes::Bytes;
use connector_kit::contract::{Duplicates, Fault, Harness, Nameless, Picture, Seen};
use connector_kit::{Call, Egress, Guard, Http};
use connectors::Registry;
use domain::accounts::{Account, AccountStatus, Profile, TokenState};
use domain::publishing::{Media, MediaSource, Probe};
use domain::{AccountId, MediaId, MemberId, TenantId};
use interop::{Proxy, Request, Trouble};
use jiff::Timestamp;
use ports::{AllRoles, Entries, PlatformApp, TokenPair};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, OnceLock};
use uuid::Uuid;

/// The password that every account here was made with; no connector may send it.
pub(crate) const OWN_PASSWORD: &str = "an-accounts-own-password";

/// A running server. It ends with this process, whose end closes its standard input.
pub(crate) struct Server {
    pub(crate) url: String,
    _child: Child,
    _stdin: ChildStdin,
}

/// The server.
// Tests have no boot: what is told them comes by the environment.
#[allow(clippy::disallowed_methods)]
pub(crate) fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        let folder = std::env::var("HERALD_PDS").expect("run this by: cargo xtask interop");
        let data = format!("{folder}/data-{}", std::process::id());
        let mut node = Command::new("node");
        let node = node.args(["pds.cjs", &data]).current_dir(&folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = node.spawn().expect("node starts");
        let stdin = child.stdin.take().expect("it was asked for");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("it was asked for")).read_line(&mut line).unwrap();
        let told: Value = serde_json::from_str(&line).expect("the server says where it is");
        Server { url: told["url"].as_str().unwrap().to_owned(), _child: child, _stdin: stdin }
    })
}

/// The clients; those of a deployed stack would not speak to loopback.
fn http() -> Http {
    Http::new(Egress::new(Guard::new(true)))
}

/// What a person enters.
pub(crate) fn entries(server: &str, handle: &str, password: &str) -> Entries {
    let list = [("server", server), ("handle", handle), ("password", password)];
    list.map(|(name, text)| (name.to_owned(), text.to_owned().into())).into()
}

/// The smallest PNG there is, with so many bytes after its end that it has this size.
pub(crate) fn picture(size: usize) -> Picture {
    const DOT: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\
        \0\0\0\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\0\x05\0\x01\xff\x89\x99=\x1d\0\0\0\0IEND\xaeB`\x82";
    let mut bytes = DOT.to_vec();
    bytes.resize(size.max(DOT.len()), 0);
    let probe = Probe::picture("image/png", bytes.len() as u64, 1, 1);
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

/// The requests that write records.
fn is_publishing(request: &Request<'_>) -> bool {
    let methods = ["/xrpc/com.atproto.repo.createRecord", "/xrpc/com.atproto.repo.applyWrites"];
    request.method == "POST" && methods.contains(&request.target)
}

/// An account, connected with an app password of its own; its calls go through a proxy that can misbehave.
pub(crate) struct Author {
    pub(crate) account: Account,
    pub(crate) pair: TokenPair,
    pub(crate) password: String,
    token: SecretString,
    home: String,
    proxy: Arc<Proxy>,
}

async fn answered(call: Call) -> Value {
    let answer = http().call(call).await.expect("the server answers");
    answer.json().unwrap_or_else(|| panic!("{}: {}", answer.status, String::from_utf8_lossy(&answer.body)))
}

impl Author {
    /// Makes the account `NAME.test` and connects it.
    pub(crate) async fn connected(name: &str) -> Self {
        let (url, handle) = (&server().url, format!("{name}.test"));
        let method = |name: &str| format!("{url}/xrpc/com.atproto.server.{name}");
        let new = json!({ "email": format!("{name}@example.test"), "handle": handle, "password": OWN_PASSWORD });
        let made = answered(Call::post(method("createAccount")).json(&new)).await;
        let owner: SecretString = made["accessJwt"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned().into();
        let call = Call::post(method("createAppPassword")).bearer(&owner).json(&json!({ "name": "herald" }));
        let password = answered(call).await["password"].as_str().unwrap().to_owned();
        let connector = connector();
        let entered = entries(url, &handle, &password);
        let keyed = connector.keys().unwrap().check(&PlatformApp::none(), &entered).await.unwrap();
        let home = keyed.profile.home.clone().unwrap();
        let server = url.trim_start_matches("http://").parse().unwrap();
        let proxy = Arc::new(Proxy::start(([127, 0, 0, 1], 0).into(), server).unwrap());
        proxy.count(is_publishing);
        let account = Account {
            id: AccountId::from_uuid(Uuid::nil()),
            tenant: TenantId::from_uuid(Uuid::nil()),
            platform: connector.descriptor().id.clone(),
            profile: Profile { home: Some(proxy.url()), ..keyed.profile },
            status: AccountStatus::Active,
            connected_by: MemberId::from_uuid(Uuid::nil()),
            connected_at: Timestamp::UNIX_EPOCH,
            consented_at: None,
            scopes: Vec::new(),
            token: TokenState::none(1),
            holder: None,
        };
        Self { account, token: keyed.pair.access.clone(), pair: keyed.pair, password, home, proxy }
    }

    /// The profile as it was connected, without the proxy.
    pub(crate) fn direct(&self) -> Profile {
        Profile { home: Some(self.home.clone()), ..self.account.profile.clone() }
    }

    /// The same account in the hands of whoever has this token.
    pub(crate) fn with(&self, token: SecretString) -> Self {
        let (account, pair, password) = (self.account.clone(), self.pair.clone(), self.password.clone());
        Self { account, pair, password, token, home: self.home.clone(), proxy: Arc::clone(&self.proxy) }
    }

    /// A call of the account's own, past the connector.
    pub(crate) async fn call(&self, method: &str, body: &Value) -> Value {
        answered(Call::post(format!("{}/xrpc/{method}", server().url)).bearer(&self.token).json(body)).await
    }

    /// A record of the account's, or the refusal.
    pub(crate) async fn record(&self, collection: &str, key: &str) -> Value {
        let query = format!("repo={}&collection={collection}&rkey={key}", self.account.profile.external_id);
        answered(Call::get(format!("{}/xrpc/com.atproto.repo.getRecord?{query}", server().url))).await
    }
}

/// The connector as it ships.
pub(crate) fn connector() -> Arc<dyn AllRoles> {
    Registry::new(Egress::new(Guard::new(true))).all_roles().named("bluesky").unwrap()
}

#[async_trait]
impl Harness for Author {
    fn app(&self) -> PlatformApp {
        PlatformApp::none()
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
        let refusal = |_| json!({ "error": "InvalidRequest", "message": "no" });
        self.proxy.order(Trouble::of(fault, refusal), is_publishing);
    }
    async fn release(&self) {
        self.proxy.release().await.unwrap();
    }
    async fn lists_lag(&self, _: bool) {}
    fn reads_lists(&self) -> bool {
        false
    }
    async fn posts(&self) -> Vec<Seen> {
        let did = &self.account.profile.external_id;
        let query = format!("repo={did}&collection=app.bsky.feed.post&limit=100");
        let listed = answered(Call::get(format!("{}/xrpc/com.atproto.repo.listRecords?{query}", server().url))).await;
        let mut records = listed["records"].as_array().unwrap().clone();
        records.sort_by_key(|record| record["value"]["createdAt"].as_str().unwrap().to_owned());
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let seen = |record: &Value| Seen {
            id: text(&record["uri"]).rsplit('/').next().unwrap_or_default().to_owned(),
            text: text(&record["value"]["text"]),
            alts: record["value"]["embed"]["images"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|i| text(&i["alt"]))
                .collect(),
        };
        records.iter().map(seen).collect()
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
}
