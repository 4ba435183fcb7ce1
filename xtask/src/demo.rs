//! `cargo xtask demo`: the product's main job through its public API, each step said in words. It plays three people:
//! the customer at the API, the account's owner at the platform's consent page, and the customer's webhook receiver.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::http::{self, Answer};
use crate::up::{self, Options, Stack};

const ASK: Duration = Duration::from_secs(35);
/// How far ahead the post is scheduled: near enough to wait for, far enough to be seen waiting.
const AHEAD_S: i64 = 15;
/// Longest wait for both platforms.
const PATIENCE: Duration = Duration::from_mins(2);
/// The platforms of the demo, each with the sandbox user who gives consent.
const ACCOUNTS: [(&str, &str); 2] = [("x", "ada_demo"), ("linkedin", "ada-demo")];
const RECEIVER: &str = "demo";

/// `cargo xtask demo`.
pub(crate) fn run(options: Options) -> Result<()> {
    println!("Starting the product on this machine.");
    let stack = up::up(options)?;
    println!("\nThe main job, through the public API:");
    let demo = Demo::new(&stack);
    // A fault that somebody ordered from the sandbox before is not the demo's.
    http::send("DELETE", &format!("http://127.0.0.1:{}/control/faults", stack.sandbox_port), &[], None, ASK)?;
    let mut accounts = Vec::new();
    for (platform, actor) in ACCOUNTS {
        accounts.push(demo.connect(platform, actor)?);
    }
    demo.register_webhook()?;
    let post = demo.schedule(&accounts)?;
    demo.wait(&post)?;
    demo.look_at_platforms()?;
    demo.look_at_webhooks()?;
    println!("\nSee for yourself:");
    println!("  {}/posts/{post}", stack.console_url);
    for (platform, _) in ACCOUNTS {
        println!("  {}/{platform}/timeline", stack.sandbox_url);
    }
    println!("  {}/hooks/{RECEIVER}", stack.sandbox_url);
    up::print(&stack);
    Ok(())
}

/// A customer of the local stack.
pub(crate) struct Demo<'a> {
    stack: &'a Stack,
    run: String,
    calls: std::cell::Cell<u32>,
}

impl<'a> Demo<'a> {
    /// The owner of the stack's tenant.
    pub(crate) fn new(stack: &'a Stack) -> Self {
        Self { stack, run: format!("{:x}", std::process::id()), calls: 0.into() }
    }

    /// The OAuth dance: ask the API for the consent page, consent as the account's owner, follow the way back.
    pub(crate) fn connect(&self, platform: &str, actor: &str) -> Result<String> {
        let begun = self.call("GET", &format!("/api/publishing/auth/{platform}"), None)?;
        let page = text(&begun, "auth_url")?;
        let (address, query) = page.split_once('?').context("a consent page without a question")?;
        let form = format!("{query}&actor={actor}&decision=allow");
        let consent =
            http::send("POST", address, &[("Content-Type", "application/x-www-form-urlencoded")], Some(&form), ASK)?;
        let back = consent
            .header("location")
            .with_context(|| format!("{platform} refused: {} {}", consent.status, consent.body))?;
        // A browser with a session would be let in by the redirect; an API client hands code and state over itself.
        let (code, state) = (parameter(back, "code")?, parameter(back, "state")?);
        let path = format!("/api/publishing/auth/{platform}/callback");
        let back = self.call("POST", &path, Some(json!({ "code": code, "state": state })))?;
        if let Some(choice) = back["choice"]["choice_id"].as_str() {
            // The person may speak for pages too, and picks themselves.
            let profiles = back["choice"]["profiles"].as_array().context("no profiles to choose from")?;
            let chosen = profiles.first().context("no profile to choose")?;
            println!("  {actor} may publish for {} there, and picks {}", profiles.len(), show(&chosen["name"]));
            let path = format!("/api/publishing/auth/{platform}/choices/{choice}");
            self.call("POST", &path, Some(json!({ "selection": [chosen["profile_id"]] })))?;
        }
        let list = self.call("GET", "/api/publishing/credentials", None)?;
        let accounts = list["items"].as_array().context("no list of credentials")?;
        let account = accounts
            .iter()
            .find(|account| account["platform"] == platform)
            .context("the account is not in the list")?;
        println!("  {actor} connected the account at {platform}");
        text(account, "account_id")
    }

    /// Registers the sandbox's receiver for what is published, and nothing twice; its id.
    pub(crate) fn register_webhook(&self) -> Result<String> {
        let sandbox = format!("http://127.0.0.1:{}", self.stack.sandbox_port);
        let url = format!("{sandbox}/hooks/{RECEIVER}");
        // An earlier demo's endpoint would get every event as well, signed with a secret that the receiver forgets now.
        let earlier = self.call("GET", "/api/publishing/webhooks", None)?;
        for endpoint in earlier["items"].as_array().context("no list of endpoints")? {
            if endpoint["url"] == url.as_str() {
                self.call("DELETE", &format!("/api/publishing/webhooks/{}", text(endpoint, "webhook_id")?), None)?;
            }
        }
        let body = json!({ "name": "demo", "url": url, "events": ["post.published"] });
        let made = self.call("POST", "/api/publishing/webhooks", Some(body))?;
        let secret = json!({ "secret": text(&made, "secret")? }).to_string();
        let headers = [("Content-Type", "application/json")];
        expect(http::send("POST", &format!("{sandbox}/control/hooks/{RECEIVER}"), &headers, Some(&secret), ASK)?)?;
        println!("  a receiver is registered and knows the secret that signs");
        text(&made, "webhook_id")
    }

    fn schedule(&self, accounts: &[String]) -> Result<String> {
        let now = jiff::Timestamp::now().as_second();
        let due = jiff::Timestamp::from_second(now + AHEAD_S)?.to_string();
        let body = json!({
            "content": { "text": format!("The house stands. Sent once, to two places, in its second. (run {})", self.run) },
            "accounts": accounts,
            "option": "scheduled",
            "scheduled_at": due,
        });
        let made = self.call("POST", "/api/publishing/publish", Some(body))?;
        let post = text(&made, "pack_id")?;
        println!("  post {post} is scheduled for {due}");
        Ok(post)
    }

    fn wait(&self, post: &str) -> Result<()> {
        let start = Instant::now();
        let mut said = String::new();
        loop {
            let status = self.call("GET", &format!("/api/publishing/status/{post}"), None)?;
            let deliveries = status["deliveries"].as_array().context("no deliveries")?;
            let line = deliveries
                .iter()
                .map(|one| format!("{}: {}", show(&one["platform"]), show(&one["status"])))
                .collect::<Vec<_>>()
                .join(", ");
            if line != said {
                println!("  {:>5.1} s  {line}", start.elapsed().as_secs_f32());
                said = line;
            }
            if deliveries.iter().all(|one| one["status"] == "published") {
                return Ok(());
            }
            if start.elapsed() > PATIENCE {
                bail!("not published within {} s: {status}", PATIENCE.as_secs());
            }
            std::thread::sleep(Duration::from_millis(500));
        }
    }

    fn look_at_platforms(&self) -> Result<()> {
        for (platform, _) in ACCOUNTS {
            let url = format!("http://127.0.0.1:{}/{platform}/timeline.json", self.stack.sandbox_port);
            let timeline = expect(http::send("GET", &url, &[], None, ASK)?)?.json()?;
            let mine =
                |post: &&Value| post["text"].as_str().is_some_and(|text| text.contains(&format!("(run {})", self.run)));
            let seen = timeline["posts"].as_array().context("no timeline")?.iter().filter(mine).count();
            println!("  {platform} shows it {seen} time(s)");
            if seen != 1 {
                bail!("it must be there exactly once");
            }
        }
        Ok(())
    }

    fn look_at_webhooks(&self) -> Result<()> {
        let url = format!("http://127.0.0.1:{}/hooks/{RECEIVER}", self.stack.sandbox_port);
        let start = Instant::now();
        loop {
            let answer = expect(http::send("GET", &url, &[("Accept", "application/json")], None, ASK)?)?;
            if answer.body.contains("post.published") && answer.body.contains("\"verified\":true") {
                println!("  the receiver was told, with a signature it could check");
                return Ok(());
            }
            if start.elapsed() > PATIENCE {
                bail!("no webhook arrived at {url}");
            }
            std::thread::sleep(Duration::from_millis(500));
        }
    }

    /// One call as the tenant's owner; the answer's `data`.
    pub(crate) fn call(&self, method: &str, path: &str, body: Option<Value>) -> Result<Value> {
        self.calls.set(self.calls.get() + 1);
        let authorization = format!("Bearer {}", self.stack.api_key);
        let key = format!("demo-{}-{}", self.run, self.calls.get());
        let headers =
            [("Content-Type", "application/json"), ("Authorization", &authorization), ("Idempotency-Key", &key)];
        let text = body.map(|body| body.to_string());
        let answer =
            expect(http::send(method, &format!("{}{path}", self.stack.api_url), &headers, text.as_deref(), ASK)?)
                .with_context(|| format!("{method} {path}"))?;
        Ok(answer.json()?["data"].take())
    }
}

fn expect(answer: Answer) -> Result<Answer> {
    if answer.status >= 400 {
        bail!("{} {}", answer.status, answer.body);
    }
    Ok(answer)
}

/// A parameter of an address. Codes and states are made of characters that need no escape.
fn parameter(address: &str, name: &str) -> Result<String> {
    let query = address.split_once('?').map_or("", |(_, query)| query);
    let found = query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name);
    found.map(|(_, value)| value.to_owned()).with_context(|| format!("no {name} on the way back"))
}

/// The field `name`, which holds text.
fn text(value: &Value, name: &str) -> Result<String> {
    value[name].as_str().map(str::to_owned).with_context(|| format!("no {name} in {value}"))
}

fn show(value: &Value) -> &str {
    value.as_str().unwrap_or("?")
}
