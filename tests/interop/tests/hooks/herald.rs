//! Herald's side: its own use cases and its own sender, over the ledger in memory, a true clock and a real socket.

use app::Once;
use app::webhooks::{Batch, NewEndpoint, Registered, Visit, fan_out, register};
use connector_kit::{Egress, Guard, Webhooks};
use domain::egress::EgressPolicy;
use domain::events::{Event, EventData};
use domain::webhooks::{Format, Signature};
use jiff::Timestamp;
use ports::{Clock, StoredReply, WebhookCall, WebhookSender as _};
use secrecy::{ExposeSecret as _, SecretString};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use testing::World;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// The machine's own clock: the libraries have no other.
struct Now;

impl Clock for Now {
    // There is nobody to give them the time of a test.
    #[allow(clippy::disallowed_methods)]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// The second it is.
pub(crate) fn now_s() -> i64 {
    Now.now().as_second()
}

/// A request as it came out of the socket.
#[derive(Clone)]
pub(crate) struct Delivery {
    /// By their names in small letters.
    pub(crate) headers: BTreeMap<String, String>,
    /// The bytes.
    pub(crate) body: Vec<u8>,
}

/// Takes one request from a connection, and answers that all is well.
async fn take(mut socket: TcpStream) -> Delivery {
    let mut bytes = Vec::new();
    let (head, body_at, length) = loop {
        assert_ne!(socket.read_buf(&mut bytes).await.unwrap(), 0, "the request ends early");
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = headers(std::str::from_utf8(&bytes[..end]).unwrap());
            let length: usize = head["content-length"].parse().unwrap();
            break (head, end + 4, length);
        }
    };
    while bytes.len() < body_at + length {
        assert_ne!(socket.read_buf(&mut bytes).await.unwrap(), 0, "the body ends early");
    }
    socket.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").await.unwrap();
    let body = bytes.split_off(body_at);
    assert_eq!(body.len(), length, "more came than was announced");
    Delivery { headers: head, body }
}

fn headers(head: &str) -> BTreeMap<String, String> {
    let mut lines = head.split("\r\n");
    assert_eq!(lines.next(), Some("POST /hook?of=ours HTTP/1.1"));
    let mut out = BTreeMap::new();
    for line in lines {
        let (name, value) = line.split_once(": ").unwrap();
        let twice = out.insert(name.to_ascii_lowercase(), value.to_owned());
        assert_eq!(twice, None, "{name} came twice");
    }
    out
}

/// A customer's server on loopback.
struct Receiver {
    address: SocketAddr,
    taken: Arc<Mutex<Vec<Delivery>>>,
}

impl Receiver {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let taken: Arc<Mutex<Vec<_>>> = Arc::default();
        let all = Arc::clone(&taken);
        tokio::spawn(async move {
            loop {
                let delivery = take(listener.accept().await.unwrap().0).await;
                all.lock().unwrap().push(delivery);
            }
        });
        Self { address, taken }
    }

    fn url(&self) -> String {
        format!("http://{}/hook?of=ours", self.address)
    }

    /// What came, and nothing else did.
    fn only(&self) -> Delivery {
        let mut taken = self.taken.lock().unwrap();
        assert_eq!(taken.len(), 1);
        taken.remove(0)
    }
}

/// The sender as it ships; that of a deployed stack would not speak to loopback.
fn sender() -> Webhooks {
    Webhooks::new(Egress::new(Guard::new(true)))
}

/// One attempt, signed with all of these secrets at this second. The customer has headers of their own, also such as are ours.
pub(crate) async fn sent(body: &str, timestamp: i64, secrets: &[&str]) -> Delivery {
    let receiver = Receiver::start().await;
    let theirs = [("Authorization", "Bearer theirs"), ("Webhook-Id", "forged"), ("webhook-signature", "v1,Zm9yZ2Vk")];
    let headers = theirs.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let secrets: Vec<SecretString> = secrets.iter().map(|secret| (*secret).to_owned().into()).collect();
    let id = "evt_0198c0ffee0070008000000000000002".to_owned();
    let (url, policy) = (receiver.url(), EgressPolicy::STRICT);
    let call = WebhookCall {
        url: &url,
        policy: &policy,
        headers: &headers,
        id,
        timestamp,
        body,
        content_headers: &BTreeMap::new(),
        secrets: &secrets,
    };
    assert_eq!(sender().send(call).await.status, Some(204));
    receiver.only()
}

/// Each endpoint is in a world of its own: secrets are made from its seed.
static SEED: AtomicU64 = AtomicU64::new(1);

/// What an endpoint got of an event, from its registration on, and the secret that the customer was shown.
pub(crate) async fn told(event: EventData, format: Format) -> (Delivery, String) {
    told_by(event, format, Signature::V1).await
}

/// The same with a kind of key: the secret, or the public key of the pair.
pub(crate) async fn told_by(event: EventData, format: Format, signature: Signature) -> (Delivery, String) {
    let receiver = Receiver::start().await;
    let world = World::new(SEED.fetch_add(1, Ordering::Relaxed));
    let mut deps = world.deps().base;
    (deps.clock, deps.webhooks) = (Arc::new(Now), Arc::new(sender()));
    let new = NewEndpoint {
        name: "theirs".into(),
        url: receiver.url(),
        events: Vec::new(),
        format,
        signature,
        ..NewEndpoint::default()
    };
    let shown = |made: &Registered| {
        let secret = made.secret.as_ref().map(|secret| secret.expose_secret().to_owned());
        StoredReply { status: 201, body: secret.or_else(|| made.endpoint.public_key.clone()).unwrap() }
    };
    let once = Once { route: "POST".into(), key: "first".into(), fingerprint: String::new() };
    let reply = register(&deps, &world.caller, &new, "https://herald.test", &once, &shown).await.unwrap();
    let happened = deps.events(world.caller.tenant, "a-test", [event]).remove(0);
    assert_eq!(fan_out(&Batch::default(), &deps, &happened, Visit::FIRST).await.unwrap().wanting, 1);
    (receiver.only(), reply.stored.body)
}

/// One of every event that there is, as its golden file has it.
pub(crate) fn every_event() -> Vec<EventData> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events/domain");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
    files.map(|text| serde_json::from_str::<Event>(&text).unwrap().data).collect()
}
