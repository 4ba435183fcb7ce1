//! Time, chance, secrets, queues and receivers, with the faults the tests need.

use crate::sha256_hex;
use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::egress::EgressPolicy;
use domain::events::Event;
use domain::publishing::{Media, Piece};
use jiff::{SignedDuration, Timestamp};
use ports::{
    Agreed, Announce, Bus, ChatWords, Clock, CloudCall, CloudTarget, CloudTargets, Documents, Entropy, Measure,
    MediaBytes, MediaError, MediaReader, Metrics, NoDocument, NotAgreed, Object, Peek, Queues, Sealer, SecretError,
    Secrets, Uploads, UrlNotAllowed, ValidationCall, WakeUp, WebhookAnswer, WebhookCall, WebhookSender,
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use store::{Call, Fault, Faults};
use url::Url;

/// Its time, and the seconds that every look at it takes.
pub(crate) struct FakeClock(Mutex<Timestamp>, AtomicU32);

impl FakeClock {
    pub(crate) fn at(at: &str) -> Self {
        Self(Mutex::new(at.parse().unwrap()), AtomicU32::new(0))
    }
    pub(crate) fn pass(&self, seconds: i64) {
        *self.0.lock().unwrap() += SignedDuration::from_secs(seconds);
    }
    /// From now on every look takes so many seconds.
    pub(crate) fn hurry(&self, seconds: u32) {
        self.1.store(seconds, Ordering::SeqCst);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        self.pass(i64::from(self.1.load(Ordering::SeqCst)));
        *self.0.lock().unwrap()
    }
}

/// Documents of platforms that proofs rely on. Every address can be visited.
#[derive(Default)]
pub(crate) struct Library {
    pub(crate) there: BTreeMap<String, Vec<u8>>,
    pub(crate) down: bool,
    pub(crate) asked: Mutex<Vec<String>>,
}

impl Library {
    /// What was read or visited, in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

#[async_trait]
impl Documents for Library {
    async fn read(&self, url: &str) -> Result<Vec<u8>, NoDocument> {
        self.visit(url).await?;
        self.there.get(url).cloned().ok_or(NoDocument::Absent)
    }
    async fn visit(&self, url: &str) -> Result<(), NoDocument> {
        self.asked.lock().unwrap().push(url.to_owned());
        if self.down { Err(NoDocument::Unavailable) } else { Ok(()) }
    }
}

/// Never the same twice, and the same in every run.
#[derive(Default)]
pub(crate) struct Counter(AtomicU64);

impl Entropy for Counter {
    fn fill(&self, bytes: &mut [u8]) {
        let n = self.0.fetch_add(1, Ordering::SeqCst);
        let digest = sha256_hex(&n.to_le_bytes());
        for (byte, from) in bytes.iter_mut().zip(digest.bytes().cycle()) {
            *byte = from;
        }
    }
}

/// Counts what the store is asked, and lets writes fail.
#[derive(Default)]
pub(crate) struct Switch {
    pub(crate) writes_fail: AtomicBool,
    /// Of these alone, by how their sort keys end.
    pub(crate) some_fail: Mutex<Option<&'static str>>,
    pub(crate) writes: AtomicU32,
    pub(crate) calls: AtomicU32,
    /// Writes that still go well before they fail; 0 where that is not counted.
    left: AtomicU32,
}

impl Switch {
    /// After so many more writes none goes well.
    pub(crate) fn fail_writes_after(&self, n: u32) {
        self.left.store(n + 1, Ordering::SeqCst);
    }
}

impl Faults for Switch {
    fn before(&self, call: Call<'_>) -> Fault {
        let write = matches!(call, Call::Write(_) | Call::Transact(_));
        self.calls.fetch_add(1, Ordering::SeqCst);
        self.writes.fetch_add(u32::from(write), Ordering::SeqCst);
        let left = self.left.load(Ordering::SeqCst);
        if write && left > 0 {
            self.left.store(left - 1, Ordering::SeqCst);
            self.writes_fail.fetch_or(left == 1, Ordering::SeqCst);
        }
        let some = self.some_fail.lock().unwrap();
        let named = |end: &str| matches!(call, Call::Write(change) if change.key().sk.ends_with(end));
        let fails = write && (self.writes_fail.load(Ordering::SeqCst) || some.is_some_and(named));
        if fails { Fault::Refused } else { Fault::None }
    }
}

#[derive(Default)]
pub(crate) struct FakeSecrets {
    pub(crate) held: Mutex<BTreeMap<String, String>>,
    pub(crate) reads: AtomicU32,
    pub(crate) puts_fail: AtomicBool,
    pub(crate) deletes_fail: AtomicBool,
    pub(crate) all_fails: AtomicBool,
    /// Called once, before a value is read.
    pub(crate) on_get: Mutex<Option<Box<dyn FnOnce() + Send>>>,
    /// Called before a value is put.
    pub(crate) on_put: Mutex<Option<Box<dyn Fn() + Send>>>,
}

impl FakeSecrets {
    fn up(&self) -> Result<(), SecretError> {
        if self.all_fails.load(Ordering::SeqCst) { Err(SecretError::Unavailable("down".into())) } else { Ok(()) }
    }
}

#[async_trait]
impl Secrets for FakeSecrets {
    async fn get(&self, name: &str) -> Result<Option<SecretString>, SecretError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        self.up()?;
        // Taken out first, so that the hook may set the next one.
        let hook = self.on_get.lock().unwrap().take();
        if let Some(hook) = hook {
            hook();
        }
        tokio::task::yield_now().await;
        Ok(self.held.lock().unwrap().get(name).map(|v| v.clone().into()))
    }
    async fn put(&self, name: &str, value: &SecretString) -> Result<(), SecretError> {
        self.up()?;
        if let Some(hook) = self.on_put.lock().unwrap().as_ref() {
            hook();
        }
        if self.puts_fail.load(Ordering::SeqCst) {
            return Err(SecretError::Unavailable("puts fail".into()));
        }
        tokio::task::yield_now().await;
        self.held.lock().unwrap().insert(name.to_owned(), value.expose_secret().to_owned());
        Ok(())
    }
    async fn delete(&self, name: &str) -> Result<(), SecretError> {
        self.up()?;
        if self.deletes_fail.load(Ordering::SeqCst) {
            return Err(SecretError::Unavailable("deletes fail".into()));
        }
        self.held.lock().unwrap().remove(name);
        Ok(())
    }
}

/// A sealed text that is not opened at the moment.
pub(crate) const UNAVAILABLE: &str = "the key cannot be had";

/// Hides the plain text and opens only in its place; numbers its keys.
pub(crate) struct FakeSealer(AtomicU32);

impl Default for FakeSealer {
    fn default() -> Self {
        Self(AtomicU32::new(1))
    }
}

#[async_trait]
impl Sealer for FakeSealer {
    async fn seal(&self, aad: &str, plain: &SecretString) -> Result<String, SecretError> {
        let key = self.0.load(Ordering::SeqCst);
        Ok(format!("{key}.{}.{}", sha256_hex(aad.as_bytes()), STANDARD.encode(plain.expose_secret())))
    }
    async fn open(&self, aad: &str, sealed: &str) -> Result<SecretString, SecretError> {
        if sealed == UNAVAILABLE {
            return Err(SecretError::Unavailable("down".into()));
        }
        let mut parts = sealed.splitn(3, '.').skip(1);
        let place = parts.next() == Some(sha256_hex(aad.as_bytes()).as_str());
        let plain = parts.next().and_then(|b| STANDARD.decode(b).ok()).and_then(|b| String::from_utf8(b).ok());
        plain.filter(|_| place).map(Into::into).ok_or(SecretError::Unsealed)
    }
    async fn is_stale(&self, sealed: &str) -> Result<bool, SecretError> {
        Ok(!sealed.starts_with(&format!("{}.", self.0.load(Ordering::SeqCst))))
    }
    async fn rotate(&self) -> Result<u32, SecretError> {
        Ok(self.0.fetch_add(1, Ordering::SeqCst) + 1)
    }
}

/// A webhook request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Arrived {
    pub(crate) id: String,
    pub(crate) url: String,
    pub(crate) timestamp: i64,
    pub(crate) body: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) content_headers: BTreeMap<String, String>,
    pub(crate) secret: String,
    /// All secrets that signed it.
    pub(crate) secrets: Vec<String>,
}

/// An event as it went to a customer's own cloud account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sent {
    /// The queue's address or the bus's ARN, behind which of the two it is.
    pub(crate) target: String,
    pub(crate) role_arn: String,
    pub(crate) external_id: String,
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) group: String,
    pub(crate) body: String,
}

/// Everything that leaves, recorded.
#[derive(Default)]
pub(crate) struct Outbound {
    pub(crate) woken: Mutex<Vec<WakeUp>>,
    pub(crate) told: Mutex<Vec<Event>>,
    /// The process dies while it tells the bus for this many times; 0 for never.
    pub(crate) dies_after: AtomicU32,
    pub(crate) arrived: Mutex<Vec<Arrived>>,
    /// What went to customers' own cloud accounts.
    pub(crate) sent: Mutex<Vec<Sent>>,
    /// What receivers answer, in order; then 204.
    pub(crate) answers: Mutex<VecDeque<WebhookAnswer>>,
    /// Address, origin and rate of each question whether a receiver wants to be told.
    pub(crate) asked: Mutex<Vec<(String, String, Option<u32>)>>,
    /// What they say to that, in order; then nothing.
    pub(crate) agreed: Mutex<VecDeque<Result<Agreed, NotAgreed>>>,
    pub(crate) measured: Mutex<Vec<Measure>>,
}

impl Outbound {
    pub(crate) fn answer(&self, status: Option<u16>) {
        self.answers.lock().unwrap().push_back(WebhookAnswer {
            status,
            excerpt: String::new(),
            ..WebhookAnswer::default()
        });
    }
    pub(crate) fn told_kinds(&self) -> Vec<&'static str> {
        self.told.lock().unwrap().iter().map(|e| e.data.kind()).collect()
    }
}

impl Metrics for Outbound {
    fn measure(&self, measure: Measure) {
        self.measured.lock().unwrap().push(measure);
    }
}

#[async_trait]
impl Queues for Outbound {
    async fn send(&self, wake_ups: Vec<WakeUp>) -> Vec<bool> {
        let taken = vec![true; wake_ups.len()];
        self.woken.lock().unwrap().extend(wake_ups);
        taken
    }
}

#[async_trait]
impl Bus for Outbound {
    async fn publish(&self, events: &[Event]) -> Vec<bool> {
        let left = self.dies_after.load(Ordering::SeqCst);
        self.dies_after.store(left.saturating_sub(1), Ordering::SeqCst);
        assert!(left != 1, "the process dies");
        self.told.lock().unwrap().extend(events.iter().cloned());
        vec![true; events.len()]
    }
}

#[async_trait]
impl WebhookSender for Outbound {
    async fn check(&self, url: &str, policy: &EgressPolicy) -> Result<(), UrlNotAllowed> {
        let allowed = Url::parse(url).is_ok_and(|url| policy.allows(&url));
        if allowed && !url.contains("private") { Ok(()) } else { Err(UrlNotAllowed) }
    }
    async fn validate(&self, call: ValidationCall<'_>) -> Result<Agreed, NotAgreed> {
        let asked = (call.url.to_owned(), call.origin.to_owned(), call.rate);
        self.asked.lock().unwrap().push(asked);
        let next = self.agreed.lock().unwrap().pop_front();
        next.unwrap_or_else(|| Err(NotAgreed("it said nothing".into())))
    }
    async fn send(&self, call: WebhookCall<'_>) -> WebhookAnswer {
        tokio::task::yield_now().await;
        if let Err(refused) = self.check(call.url, call.policy).await {
            return WebhookAnswer { excerpt: refused.to_string(), ..WebhookAnswer::default() };
        }
        self.arrived.lock().unwrap().push(Arrived {
            id: call.id,
            url: call.url.to_owned(),
            timestamp: call.timestamp,
            body: call.body.to_owned(),
            headers: call.headers.clone(),
            content_headers: call.content_headers.clone(),
            secret: call.secrets.first().map(|secret| secret.expose_secret().to_owned()).unwrap_or_default(),
            secrets: call.secrets.iter().map(|secret| secret.expose_secret().to_owned()).collect(),
        });
        let next = self.answers.lock().unwrap().pop_front();
        next.unwrap_or(WebhookAnswer { status: Some(204), excerpt: String::new(), ..WebhookAnswer::default() })
    }
}

#[async_trait]
impl CloudTargets for Outbound {
    async fn send(&self, call: CloudCall<'_>) -> WebhookAnswer {
        let target = match call.target {
            CloudTarget::Queue(url) => format!("queue {url}"),
            CloudTarget::Bus(arn) => format!("bus {arn}"),
        };
        self.sent.lock().unwrap().push(Sent {
            target,
            role_arn: call.role_arn.into(),
            external_id: call.external_id.into(),
            id: call.id.into(),
            kind: call.kind.into(),
            group: call.group.into(),
            body: call.body.into(),
        });
        let next = self.answers.lock().unwrap().pop_front();
        next.unwrap_or(WebhookAnswer { status: Some(200), ..WebhookAnswer::default() })
    }
}

/// A platform where people are told by addresses below `https://board.example/`.
pub(crate) struct Board;

impl Announce for Board {
    fn platform(&self) -> &'static str {
        "board"
    }
    fn hosts(&self) -> &'static [&'static str] {
        &["board.example"]
    }
    fn help(&self) -> &'static str {
        "an address of the board"
    }
    fn shown(&self, address: &str) -> Option<String> {
        let (room, _) = address.strip_prefix("https://board.example/")?.split_once('/')?;
        Some(format!("https://board.example/{room}/…"))
    }
    fn target(&self, address: &str) -> String {
        format!("{address}?sure")
    }
    fn headers(&self) -> BTreeMap<String, String> {
        BTreeMap::from([("x-board".into(), "1".into())])
    }
    fn body(&self, told: &ChatWords) -> Value {
        json!({ "says": told.lines(str::to_uppercase), "link": told.link })
    }
    fn most_a_minute(&self) -> Option<u32> {
        Some(30)
    }
    fn wait_s(&self, body: &str) -> Option<u64> {
        body.strip_prefix("wait ")?.parse().ok()
    }
}

#[async_trait]
impl MediaReader for Outbound {
    async fn open(&self, _: &Media) -> Result<MediaBytes, MediaError> {
        Err(MediaError::Absent)
    }
    async fn peek(&self, _: &Media, _: u32) -> Result<Peek, MediaError> {
        Err(MediaError::Absent)
    }
}

#[async_trait]
impl Uploads for Outbound {
    async fn presign_put(&self, _: &str, _: &str) -> Result<String, MediaError> {
        Err(MediaError::Absent)
    }
    async fn read(&self, _: &str, _: Option<Piece>, _: Option<&str>) -> Result<Object, MediaError> {
        Err(MediaError::Absent)
    }
}
