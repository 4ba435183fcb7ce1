//! What the end-to-end scenarios have in common: the running stack, its API, its sandbox, and patience.
//!
//! The stack is the real template on the local emulator; `cargo xtask test` starts it and says where it is in
//! `HERALD_STACK`. Everything goes over real HTTP, queues and schedules.
// A test talks to a local server with a plain client and reads the real clock.
#![allow(clippy::disallowed_methods, clippy::missing_panics_doc, clippy::unwrap_used, clippy::expect_used)]

pub mod aws;
pub mod canary;

use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, MutexGuard};

/// One scenario at a time: they share the sandbox's faults and one clock.
static TURN: Mutex<()> = Mutex::const_new(());
static KEYS: AtomicU64 = AtomicU64::new(0);

/// An answer of the API.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: reqwest::header::HeaderMap,
    /// The body as it came.
    pub text: String,
    /// The body as JSON; null when it is none.
    pub json: Value,
}

impl Answer {
    /// `data` of a successful answer.
    pub fn data(&self) -> &Value {
        assert!((200..300).contains(&self.status), "{} {}", self.status, self.text);
        &self.json["data"]
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }
}

/// The running stack.
pub struct Stack {
    /// The API's address.
    pub api: String,
    /// The console's address.
    pub console: String,
    /// The sandbox's address, as our functions reach it.
    pub sandbox: String,
    /// The AWS emulator's address.
    pub emulator: String,
    /// An owner's key.
    pub key: String,
    /// Every answer of the API to this scenario, by what was asked, for those that search them afterwards.
    pub answers: std::sync::Mutex<Vec<(String, String)>>,
    http: reqwest::Client,
    _turn: MutexGuard<'static, ()>,
}

impl Stack {
    /// The stack, for one scenario alone.
    pub async fn alone() -> Self {
        let turn = TURN.lock().await;
        let file = std::env::var("HERALD_STACK")
            .expect("HERALD_STACK is not set: run `cargo xtask test`, which starts the stack");
        let text = std::fs::read_to_string(&file).expect("the local stack does not run: `cargo xtask up`");
        let saved: Value = serde_json::from_str(&text).unwrap();
        let part = |name: &str| saved[name].as_str().unwrap_or_default().to_owned();
        let stack = Self {
            api: part("api_url"),
            console: part("console_url"),
            sandbox: format!("http://127.0.0.1:{}", saved["sandbox_port"]),
            emulator: part("emulator_url"),
            key: part("api_key"),
            answers: std::sync::Mutex::default(),
            http: reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .timeout(Duration::from_secs(40))
                .build()
                .unwrap(),
            _turn: turn,
        };
        stack.sandbox("DELETE", "/control/faults", None).await;
        stack
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer { status, headers, text, json }
    }

    /// A call with any headers; the owner's key is not added.
    pub async fn call(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&str>) -> Answer {
        let mut request = self.http.request(method.parse().unwrap(), format!("{}{path}", self.api));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            if headers.iter().all(|(name, _)| *name != "content-type") {
                request = request.header("content-type", "application/json");
            }
            request = request.body(body.to_owned());
        }
        let answer = self.send(request).await;
        let shown = format!("{} {:?}\n{}", answer.status, answer.headers, answer.text);
        self.answers.lock().unwrap().push((format!("{method} {path}"), shown));
        answer
    }

    /// A call as the owner, with a new idempotency key.
    pub async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let key = unique("key");
        self.ask_once(method, path, body, &key).await
    }

    /// A call as the owner under this idempotency key.
    pub async fn ask_once(&self, method: &str, path: &str, body: Option<Value>, key: &str) -> Answer {
        let bearer = format!("Bearer {}", self.key);
        let body = body.map(|b| b.to_string());
        self.call(method, path, &[("authorization", &bearer), ("idempotency-key", key)], body.as_deref()).await
    }

    /// A call to the sandbox.
    pub async fn sandbox(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let mut request = self.http.request(method.parse().unwrap(), format!("{}{path}", self.sandbox));
        if let Some(body) = body {
            request = request.json(&body);
        }
        self.send(request).await.json
    }

    /// Orders a fault of a platform.
    pub async fn fault(&self, platform: &str, op: &str, kind: &str, params: Value) {
        let order = json!({ "platform": platform, "op": op, "kind": kind, "times": 1, "params": params });
        self.sandbox("POST", "/control/faults", Some(order)).await;
    }

    /// Posts on a platform's timeline whose text contains `mark`.
    pub async fn on_timeline(&self, platform: &str, mark: &str) -> Vec<Value> {
        let timeline = self.sandbox("GET", &format!("/{platform}/timeline.json"), None).await;
        let posts = timeline["posts"].as_array().cloned().unwrap_or_default();
        posts.into_iter().filter(|p| p["text"].as_str().is_some_and(|t| t.contains(mark))).collect()
    }

    /// Says yes on a consent page, as a browser would. Gives `code` and `state` of the way back.
    pub async fn give_consent(&self, page: &str, actor: &str) -> Value {
        let (address, query) = page.split_once('?').unwrap();
        let form = format!("{query}&actor={actor}&decision=allow");
        let consent = self.http.post(address).header("content-type", "application/x-www-form-urlencoded").body(form);
        let consent = self.send(consent).await;
        let back = consent
            .header("location")
            .unwrap_or_else(|| panic!("no way back: {} {}", consent.status, consent.text))
            .to_owned();
        let url = reqwest::Url::parse(&back).unwrap();
        let of =
            |name: &str| url.query_pairs().find(|(k, _)| k == name).map(|(_, v)| v.into_owned()).unwrap_or_default();
        json!({ "code": of("code"), "state": of("state") })
    }

    /// Connects an account through the consent page, as a browser would. Returns the ids of the accounts it connected.
    pub async fn connect(&self, platform: &str, actor: &str) -> Vec<String> {
        let begun = self.ask("GET", &format!("/api/publishing/auth/{platform}"), None).await;
        let page = begun.data()["auth_url"].as_str().expect("an address of the consent page").to_owned();
        let body = self.give_consent(&page, actor).await;
        let done = self.ask("POST", &format!("/api/publishing/auth/{platform}/callback"), Some(body)).await;
        if let Some(choice) = done.data()["choice"]["choice_id"].as_str() {
            let all = done.data()["choice"]["profiles"].as_array().unwrap().iter();
            let all: Vec<_> = all.map(|profile| profile["profile_id"].clone()).collect();
            let path = format!("/api/publishing/auth/{platform}/choices/{choice}");
            self.ask("POST", &path, Some(json!({ "selection": all }))).await.data();
        }
        let list = self.ask("GET", "/api/publishing/credentials", None).await;
        let items = list.data().as_array().or_else(|| list.data()["items"].as_array()).cloned().unwrap();
        items
            .iter()
            .filter(|a| a["platform"] == platform)
            .map(|a| a["account_id"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Connects an account by what a keyholder of the sandbox enters. Returns its id.
    pub async fn enter(&self, platform: &str) -> String {
        let entries = self.sandbox("POST", "/control/keys", Some(json!({ "platform": platform }))).await;
        let path = format!("/api/publishing/auth/{platform}/key");
        let done = self.ask("POST", &path, Some(json!({ "entries": entries }))).await;
        done.data()["items"][0]["account_id"].as_str().unwrap().to_owned()
    }

    /// The first account of a platform, connected if there is none.
    pub async fn account(&self, platform: &str, actor: &str) -> String {
        let list = self.ask("GET", "/api/publishing/credentials", None).await;
        let items = list.data().as_array().or_else(|| list.data()["items"].as_array()).cloned().unwrap();
        let found = items.iter().find(|a| a["platform"] == platform && a["status"] == "active");
        match found {
            Some(account) => account["account_id"].as_str().unwrap().to_owned(),
            None => self.connect(platform, actor).await.remove(0),
        }
    }

    /// An account of a person on LinkedIn, whose posts cannot be read back.
    pub async fn person(&self) -> String {
        self.connect("linkedin", "ada-demo").await;
        let list = self.ask("GET", "/api/publishing/credentials", None).await;
        let items = list.data().as_array().or_else(|| list.data()["items"].as_array()).cloned().unwrap();
        let found = items.iter().find(|a| a["platform"] == "linkedin" && a["kind"] == "person");
        found.expect("a person's account")["account_id"].as_str().unwrap().to_owned()
    }

    /// Publishes at once or at `due`, and gives the post's id.
    pub async fn publish(&self, text: &str, accounts: &[&str], due: Option<jiff::Timestamp>) -> String {
        let mut body = json!({ "content": { "text": text }, "accounts": accounts });
        if let Some(due) = due {
            body["option"] = "scheduled".into();
            body["scheduled_at"] = due.to_string().into();
        }
        let answer = self.ask("POST", "/api/publishing/publish", Some(body)).await;
        answer.data()["pack_id"].as_str().unwrap().to_owned()
    }

    /// The post as the API tells of it.
    pub async fn post(&self, id: &str) -> Value {
        self.ask("GET", &format!("/api/publishing/status/{id}"), None).await.data().clone()
    }

    /// Waits until every delivery of a post has one of these states.
    pub async fn until(&self, post: &str, states: &[&str], patience: Duration) -> Value {
        let start = Instant::now();
        loop {
            let seen = self.post(post).await;
            let deliveries = seen["deliveries"].as_array().unwrap();
            if deliveries.iter().all(|d| states.iter().any(|s| d["status"] == *s)) {
                return seen;
            }
            assert!(start.elapsed() < patience, "not {states:?} after {patience:?}: {seen:#}");
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }

    /// Runs the reconciler until every delivery of a post has one of these states. It first reads an unknown outcome a
    /// minute after it, so the runs before that find nothing to do.
    pub async fn reconciled(&self, post: &str, states: &[&str]) -> Value {
        let start = Instant::now();
        loop {
            self.invoke("reconciler").await;
            let seen = self.post(post).await;
            let deliveries = seen["deliveries"].as_array().unwrap();
            if deliveries.iter().all(|d| states.iter().any(|s| d["status"] == *s)) {
                return seen;
            }
            let waiting = deliveries.iter().all(|d| d["status"] == "unknown");
            assert!(waiting && start.elapsed() < Duration::from_mins(2), "not {states:?}: {seen:#}");
            tokio::time::sleep(Duration::from_secs(3)).await;
        }
    }

    /// Runs the reconciler until it has heard that every delivery of a post is published: of platforms that publish what
    /// they took in their own time.
    pub async fn heard_of(&self, post: &str) -> Value {
        let start = Instant::now();
        loop {
            let seen = self.post(post).await;
            let deliveries = seen["deliveries"].as_array().unwrap();
            if deliveries.iter().all(|d| d["status"] == "published") {
                return seen;
            }
            assert!(start.elapsed() < Duration::from_mins(4), "not published: {seen:#}");
            self.invoke("reconciler").await;
            tokio::time::sleep(Duration::from_secs(3)).await;
        }
    }

    /// Invokes a function of the stack by hand, as its schedule would.
    pub async fn invoke(&self, function: &str) {
        let url = format!("{}/2015-03-31/functions/herald-local-{function}/invocations", self.emulator);
        let authorization =
            "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0";
        let request = self.http.post(url).header("authorization", authorization).body("{}");
        let answer = self.send(request).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
}

/// A text that occurs nowhere else.
pub fn unique(name: &str) -> String {
    let n = KEYS.fetch_add(1, Ordering::Relaxed);
    format!("{name}-{}-{}-{n}", std::process::id(), jiff::Timestamp::now().as_millisecond())
}

/// Now.
pub fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}
