//! Nothing secret leaves, and nothing personal is logged: recognisable texts go through everything the product does, and
//! then everything that is kept or was emitted is searched for them. The same run shows that each log line is one JSON
//! object under a correlation id, and follows one id from the request through the queue to the platform and the webhook.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods)]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use e2e::canary::{Canary, Place, search};
use e2e::{Answer, Stack, now, unique};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_secs(30);
const TAP: &str = "canary-tap";
/// Answers that exist to hand a secret out, once: what was asked, and the secret it is for.
const HANDED_OUT: [(&str, &str); 4] = [
    ("GET /api/publishing/auth/", "OAuth state"),
    ("POST /api/publishing/webhooks", "webhook secret"),
    ("POST /api/admin/keys", "API key"),
    ("POST /console/sign-in", "session cookie"),
];

/// What is planted.
struct Planted {
    /// In front of every code and token of the platforms.
    mark: String,
    /// Part of every text of a post.
    text: String,
    email: String,
    phone: String,
    /// In what nobody may quote: requests and messages that are refused.
    bad: String,
    secrets: Vec<Canary>,
}

impl Planted {
    fn new() -> Self {
        let n = unique("").replace('-', "");
        let mark = format!("leak{n}");
        // What the sandbox knows each platform's app by.
        let mut secrets: Vec<_> = [
            "sandbox-x-secret",
            "sandbox-linkedin-secret",
            "sandbox-slack-secret",
            "sandbox-facebook-secret",
            "sandbox-tiktok-secret",
            "sandbox-youtube-secret",
            "sandbox-instagram-secret",
            "sandbox-threads-secret",
            "sandbox-mailchimp-secret",
            "sandbox-wordpress-secret",
        ]
        .map(|s| Canary::new("client secret", s))
        .into();
        for (name, kind) in [("authorization code", "code"), ("access token", "access"), ("refresh token", "refresh")] {
            secrets.push(Canary::new(name, &format!("{mark}-{kind}-")));
        }
        let digits = &n[n.len() - 9..];
        Self {
            text: format!("story{n}"),
            email: format!("canary.{n}@people.example"),
            phone: format!("+4915{digits}"),
            bad: format!("broken{n}"),
            mark,
            secrets,
        }
    }

    fn secret(&mut self, name: &'static str, text: &str) {
        self.secrets.push(Canary::new(name, text));
    }

    fn personal(&self) -> Vec<Canary> {
        let personal = [("a post's text", &self.text), ("e-mail address", &self.email), ("phone number", &self.phone)];
        personal.into_iter().map(|(name, text)| Canary::new(name, text)).collect()
    }

    /// A post's text with all that is personal, and with line ends that would forge a line of a log.
    fn story(&self, what: &str) -> String {
        let (text, email, phone) = (&self.text, &self.email, &self.phone);
        format!("{text} {what} {email} {phone}\r\n{{\"level\":\"ERROR\",\"cid\":\"forged\"}}")
    }
}

#[tokio::test]
async fn no_secret_is_kept_or_told_anywhere_and_nothing_personal_is_logged() {
    let stack = Stack::alone().await;
    let mut planted = Planted::new();
    stack.tap_bus(TAP).await;
    stack.sandbox("POST", "/control/settings", Some(json!({ "token_mark": planted.mark }))).await;

    people(&stack, &mut planted).await;
    let (told, refused) = webhooks(&stack, &mut planted).await;
    let x = consent(&stack, &mut planted, "x", "bo_demo").await;
    let linkedin = consent(&stack, &mut planted, "linkedin", "cleo-demo").await;
    let bad = planted.bad.clone();
    let telegram = entered(&stack, &mut planted, "telegram", &format!("110201543:{bad}")).await;
    let mastodon = entered(&stack, &mut planted, "mastodon", &bad).await;
    let chatted = stack.publish(&planted.story("is said in a chat"), &[&telegram, &mastodon], None).await;
    stack.until(&chatted, &["published"], SOON).await;
    let cid = unique("followed");
    let queued = published(&stack, &planted, &x, &linkedin, &cid).await;
    let unlucky = unlucky(&stack, &planted, &x, &linkedin).await;
    bad_requests(&stack, &planted).await;
    poison(&stack, &planted).await;
    heard(&stack, &told, &refused, &cid).await;
    for id in &unlucky {
        stack.post(id).await;
    }
    for account in [&x, &linkedin] {
        stack.ask("DELETE", &format!("/api/publishing/credentials/{account}"), None).await.data();
    }

    let lines = stack.log_lines().await;
    let events = stack.peek(TAP).await;
    every_line_is_one_object(&lines);
    followed(&lines, &queued, &events, &cid);
    searched(&stack, &planted, &lines, &queued, &[&told, &refused]).await;

    stack.sandbox("POST", "/control/settings", Some(json!({ "token_mark": "" }))).await;
    for queue in ["herald-local-publish-x", "herald-local-webhooks"] {
        stack.purge(queue).await;
    }
    stack.untap_bus(TAP).await;
}

/// A member, a key and a session.
async fn people(stack: &Stack, planted: &mut Planted) {
    let name = json!({ "name": planted.email, "role": "editor" });
    let member = stack.ask("POST", "/api/admin/members", Some(name)).await.data()["member_id"].clone();
    let wanted = json!({ "name": planted.phone, "member_id": member });
    let made = stack.ask("POST", "/api/admin/keys", Some(wanted)).await;
    let key = made.data()["api_key"].as_str().unwrap().to_owned();
    planted.secret("API key", secret_of(&key));
    planted.secret("API key", secret_of(&stack.key));

    let page = stack.call("GET", "/console/sign-in", &[], None).await;
    let visitor = page.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let csrf = page.text.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("cookie", visitor.as_str())];
    let form = format!("csrf={csrf}&key={key}");
    let signed_in = stack.call("POST", "/console/sign-in", &headers, Some(&form)).await;
    assert_eq!(signed_in.status, 303, "{}", signed_in.text);
    let cookie = signed_in.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    planted.secret("session cookie", secret_of(&cookie));
    let home = stack.call("GET", "/console", &[("cookie", &cookie)], None).await;
    assert_eq!(home.status, 200, "the session counts: {}", home.text);
}

/// The secret comes last in a key and in a session: 32 bytes in base64url, which may hold any of the signs before it.
fn secret_of(text: &str) -> &str {
    &text[text.len() - 43..]
}

/// Two endpoints: one that takes what it is told, one that does not. Their names at the sandbox.
async fn webhooks(stack: &Stack, planted: &mut Planted) -> (String, String) {
    let (told, refused) = (unique("told"), unique("refused"));
    let own = format!("whsec_{}", STANDARD.encode(unique("a signing secret of our own")));
    let header = unique("a header of our own");
    planted.secret("webhook secret", own.trim_start_matches("whsec_"));
    planted.secret("webhook header", &header);
    for (hook, secret) in [(&told, None), (&refused, Some(&own))] {
        let url = format!("{}/hooks/{hook}", stack.sandbox);
        let mut body = json!({ "name": planted.email, "url": url, "headers": { "x-own": header } });
        if let Some(secret) = secret {
            body["secret"] = json!(secret);
        }
        let made = stack.ask("POST", "/api/publishing/webhooks", Some(body)).await;
        let secret = made.data()["secret"].as_str().unwrap();
        planted.secret("webhook secret", secret.trim_start_matches("whsec_"));
        let status = if hook == &told { 200 } else { 500 };
        let order = json!({ "secret": secret, "status": status });
        stack.sandbox("POST", &format!("/control/hooks/{hook}"), Some(order)).await;
    }
    (told, refused)
}

/// Connects an account and gives its id; the state is one of the secrets.
async fn consent(stack: &Stack, planted: &mut Planted, platform: &str, actor: &str) -> String {
    let begun = stack.ask("GET", &format!("/api/publishing/auth/{platform}"), None).await;
    planted.secret("OAuth state", begun.data()["state"].as_str().unwrap());
    let back = stack.give_consent(begun.data()["auth_url"].as_str().unwrap(), actor).await;
    assert!(back["code"].as_str().unwrap().starts_with(&planted.mark), "the codes are marked: {back}");
    let path = format!("/api/publishing/auth/{platform}/callback");
    let done = stack.ask("POST", &path, Some(back.clone())).await;
    let account = done.data()["items"][0]["account_id"].as_str().unwrap().to_owned();
    let again = stack.ask("POST", &path, Some(back)).await;
    assert_eq!((again.status, &again.json["code"]), (400, &json!("oauth_state")), "{}", again.text);
    account
}

/// Connects an account by what its owner enters, which the platform refuses at first because of another token.
async fn entered(stack: &Stack, planted: &mut Planted, platform: &str, wrong: &str) -> String {
    let entries = stack.sandbox("POST", "/control/keys", Some(json!({ "platform": platform }))).await;
    planted.secret("key of an account", entries["token"].as_str().unwrap());
    let mut others = entries;
    others["token"] = json!(wrong);
    let path = format!("/api/publishing/auth/{platform}/key");
    let refused = stack.ask("POST", &path, Some(json!({ "entries": others }))).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    assert!(!refused.text.contains(&planted.bad), "{}", refused.text);
    stack.enter(platform).await
}

/// Publishes under a correlation id, looking at the message on its way. Gives what the queue held.
async fn published(stack: &Stack, planted: &Planted, x: &str, linkedin: &str, cid: &str) -> Vec<Place> {
    stack.trigger("publisher", "herald-local-publish-x", false).await;
    let body = json!({ "content": { "text": planted.story("goes well") }, "accounts": [x, linkedin] }).to_string();
    let bearer = format!("Bearer {}", stack.key);
    let key = unique("key");
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", &key), ("x-correlation-id", cid)];
    let taken = stack.call("POST", "/api/publishing/publish", &headers, Some(&body)).await;
    let post = taken.data()["pack_id"].as_str().unwrap().to_owned();
    assert_eq!(taken.header("x-correlation-id"), Some(cid));
    let start = Instant::now();
    let queued = loop {
        let seen = stack.peek("herald-local-publish-x").await;
        if seen.iter().any(|m| m["Body"].as_str().is_some_and(|body| body.contains(cid))) {
            break seen;
        }
        assert!(start.elapsed() < SOON, "no message in the queue: {seen:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    stack.trigger("publisher", "herald-local-publish-x", true).await;
    stack.until(&post, &["published"], SOON).await;
    for platform in ["x", "linkedin"] {
        assert_eq!(stack.on_timeline(platform, &planted.text).await.len(), 1, "{platform} shows the planted text");
    }
    queued.iter().map(|m| Place::new("message in publish-x", m)).collect()
}

/// Everything a platform can do wrong, a refresh among it. Gives the posts' ids.
async fn unlucky(stack: &Stack, planted: &Planted, x: &str, linkedin: &str) -> Vec<String> {
    // A platform that quotes what it was sent, in its refusal.
    let quoting = json!({ "title": "Forbidden", "detail": planted.story("quoted"), "status": 403 });
    let cases = [
        ("x", "create_post", "expire_tokens", json!({}), "published"),
        ("x", "create_post", "status", json!({ "code": 403, "body": quoting }), "failed"),
        ("x", "create_post", "commit_then_drop", json!({}), "unknown"),
        ("x", "create_post", "garbage", json!({}), "unknown"),
        (
            "linkedin",
            "create_post",
            "status",
            json!({ "code": 422, "body": { "message": planted.story("quoted") } }),
            "failed",
        ),
        ("linkedin", "create_post", "garbage", json!({}), "unknown"),
        ("x", "create_post", "status", json!({ "code": 429, "reset_in_s": 1, "body": quoting }), "retry"),
    ];
    let mut posts = Vec::new();
    for (platform, op, kind, params, ends) in cases {
        stack.fault(platform, op, kind, params).await;
        let account = if platform == "x" { x } else { linkedin };
        let post = stack.publish(&planted.story(&unique(kind)), &[account], None).await;
        stack.until(&post, &[ends], SOON).await;
        posts.push(post);
    }
    posts
}

/// Requests that are refused, each with a planted text where somebody might quote it.
async fn bad_requests(stack: &Stack, planted: &Planted) {
    let (bad, bearer) = (&planted.bad, format!("Bearer {}", stack.key));
    let owner = [("authorization", bearer.as_str()), ("idempotency-key", "bad-requests")];
    let story = planted.story(bad);
    let expect = |answer: &Answer, status: u16| assert_eq!(answer.status, status, "{}", answer.text);
    for (body, status) in [
        (format!("{{ \"content\": {{ \"text\": \"{bad} {}", planted.email), 400),
        (json!({ "content": { "text": story }, bad: story }).to_string(), 400),
        (json!({ "content": { "text": story }, "accounts": [bad] }).to_string(), 400),
        (json!({ "content": { "text": story.repeat(20) }, "accounts": [bad] }).to_string(), 400),
    ] {
        let answer = stack.call("POST", "/api/publishing/publish", &owner, Some(&body)).await;
        assert!((status..500).contains(&answer.status), "{}", answer.text);
    }
    let path = format!("/api/publishing/status/{bad}%0D%0A%7B%22cid%22%3A%22forged%22%7D");
    expect(&stack.call("GET", &path, &owner, None).await, 400);
    expect(&stack.call("GET", &format!("/nowhere/{bad}?email={}", planted.email), &owner, None).await, 404);
    let query = format!("/api/publishing/auth/x/callback?code={bad}-code&state={bad}-state&error={bad}");
    expect(&stack.call("GET", &query, &owner, None).await, 303);
    let body = json!({ "code": format!("{bad}-code"), "state": format!("{bad}-state") }).to_string();
    expect(&stack.call("POST", "/api/publishing/auth/x/callback", &owner, Some(&body)).await, 400);
    let stranger = format!("Bearer hk_{bad}_{bad}");
    expect(&stack.call("GET", "/api/publishing/posts", &[("authorization", &stranger)], None).await, 401);
    let odd = format!("{bad} {{\"cid\":\"forged\"}}");
    let headers = [("authorization", bearer.as_str()), ("x-correlation-id", &odd), ("user-agent", bad.as_str())];
    expect(&stack.call("GET", "/api/publishing/posts", &headers, None).await, 200);
}

/// Messages that no try will make readable.
async fn poison(stack: &Stack, planted: &Planted) {
    let (bad, story) = (&planted.bad, planted.story("poison"));
    stack.send_message("herald-local-publish-x", &json!({ "v": 99, bad: story, "cid": "poisoned" }).to_string()).await;
    stack.send_message("herald-local-publish-x", &format!("{bad}\n{story}")).await;
    let event = json!({ "detail": { "cid": "poisoned", "type": bad, "data": story } });
    stack.send_message("herald-local-webhooks", &event.to_string()).await;
    let start = Instant::now();
    loop {
        let lines = stack.log_lines().await;
        let back = |function: &str| {
            lines
                .iter()
                .filter(|(f, l)| f == function && l.contains("message given back") && l.contains("poison"))
                .count()
        };
        if back("publisher") >= 2 && back("notifier") >= 1 {
            return;
        }
        assert!(start.elapsed() < SOON, "the poison is not given back: {} {}", back("publisher"), back("notifier"));
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

/// Waits until both endpoints heard of the post and asks the API about it.
async fn heard(stack: &Stack, told: &str, refused: &str, cid: &str) {
    let start = Instant::now();
    for hook in [told, refused] {
        loop {
            let got = stack.sandbox("GET", &format!("/hooks/{hook}"), None).await;
            let count = got["deliveries"].as_array().map_or(0, Vec::len);
            if count >= 4 {
                assert!(got["deliveries"].as_array().unwrap().iter().all(|d| d["verified"] == true), "{got}");
                break;
            }
            assert!(start.elapsed() < SOON, "{hook} was not told of {cid}: {got}");
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }
    let list = stack.ask("GET", "/api/publishing/webhooks", None).await;
    for hook in list.data()["items"].as_array().unwrap() {
        let id = hook["webhook_id"].as_str().unwrap();
        stack.ask("GET", &format!("/api/publishing/webhooks/{id}/attempts"), None).await.data();
    }
    stack.ask("GET", "/api/publishing/credentials", None).await.data();
    stack.ask("GET", "/api/admin/audit", None).await.data();
    stack.ask("GET", "/api/admin/keys", None).await.data();
}

fn every_line_is_one_object(lines: &[(String, String)]) {
    assert!(lines.len() > 50, "the logs are there: {}", lines.len());
    for (function, line) in lines {
        let parsed: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{function}: {e}: {line}"));
        assert!(parsed.is_object() && !line.contains('\n'), "{function}: {line}");
        if parsed.get("_aws").is_some() {
            continue;
        }
        for field in ["timestamp", "level", "function", "message", "cid"] {
            assert!(parsed[field].as_str().is_some_and(|text| !text.is_empty()), "{function}: no {field}: {line}");
        }
        assert_ne!(parsed["cid"], "forged", "{line}");
        assert_eq!(parsed["function"], function.as_str());
    }
}

/// One id, from the request through the queue to the platforms, the bus and the endpoints.
fn followed(lines: &[(String, String)], queued: &[Place], events: &[Value], cid: &str) {
    let has = |function: &str, wanted: &[(&str, Value)]| {
        lines.iter().filter(|(f, _)| f == function).any(|(_, line)| {
            let line: Value = serde_json::from_str(line).unwrap();
            line["cid"] == cid && wanted.iter().all(|(field, value)| line[*field] == *value)
        })
    };
    let request = [("message", json!("request")), ("route", json!("/api/publishing/publish")), ("status", json!(202))];
    assert!(has("publishing-api", &request), "the request");
    assert!(queued.iter().any(|m| m.text.contains(cid)), "the queue's message");
    assert!(has("publisher", &[("message", json!("message done"))]), "the message");
    assert!(has("publisher", &[("message", json!("platform called")), ("status", json!(201))]), "the platform call");
    for platform in ["x", "linkedin"] {
        let moved = [("message", json!("delivery moved")), ("platform", json!(platform)), ("to", json!("published"))];
        assert!(has("publisher", &moved), "the outcome at {platform}");
    }
    assert!(events.iter().any(|e| e["Body"].as_str().is_some_and(|b| b.contains(cid))), "the bus");
    assert!(has("notifier", &[("message", json!("webhook attempted")), ("status", json!(200))]), "the endpoint");
}

/// The search itself.
async fn searched(stack: &Stack, planted: &Planted, lines: &[(String, String)], passing: &[Place], hooks: &[&String]) {
    let logs: Vec<Place> =
        lines.iter().map(|(function, text)| Place { name: format!("log of {function}"), text: text.clone() }).collect();
    // What the test itself put there is no leak; it bears a mark of its own.
    let mut queues = stack.queue_messages().await;
    queues.retain(|place| !place.text.contains(&planted.bad));
    queues.extend_from_slice(passing);
    let tables = stack.table_items().await;
    let files = stack.stored_files().await;
    let secrets = stack.secret_texts().await;
    let mut answers: Vec<Place> = Vec::new();
    for (asked, text) in stack.answers.lock().unwrap().iter() {
        answers.push(Place { name: format!("answer to {asked}"), text: text.clone() });
    }
    let mut bodies = Vec::new();
    for hook in hooks {
        let got = stack.sandbox("GET", &format!("/hooks/{hook}"), None).await;
        // What is signed and sent; the headers are the endpoint's own.
        bodies.extend(
            got["deliveries"].as_array().unwrap().iter().map(|d| Place::new(format!("webhook {hook}"), &d["json"])),
        );
    }
    for (what, places) in [("items", &tables), ("messages", &queues), ("secrets", &secrets), ("webhooks", &bodies)] {
        assert!(!places.is_empty(), "no {what} to search");
    }
    let text = Canary::new("a post's text", &planted.text);
    assert!(!search(std::slice::from_ref(&text), &tables).is_empty(), "the search sees the ledger");
    assert!(!search(std::slice::from_ref(&text), &answers).is_empty(), "the search sees the answers");

    let kept = [&logs, &queues, &tables, &files, &bodies].into_iter().flatten();
    let mut hits = search(&planted.secrets, kept);
    let sealed = search(&planted.secrets, &secrets);
    // The operator's own registration lies in its secret; everything of a tenant is sealed there.
    hits.extend(sealed.into_iter().filter(|h| h.canary != "client secret" || !h.place.contains("platform-apps")));
    let told = search(&planted.secrets, &answers);
    let handed_out = |place: &str, canary: &str| {
        HANDED_OUT.iter().any(|(asked, what)| *what == canary && place.starts_with(&format!("answer to {asked}")))
    };
    hits.extend(told.into_iter().filter(|h| !handed_out(&h.place, h.canary)));

    let mut personal = planted.personal();
    let quiet = [&logs, &queues, &files, &bodies].into_iter().flatten();
    hits.extend(search(&personal, quiet));
    personal.push(Canary::new("refused input", &planted.bad));
    hits.extend(search(&personal, &logs));
    let shown: Vec<String> = hits.iter().map(ToString::to_string).collect();
    assert!(hits.is_empty(), "{} leaks at {}:\n{}", hits.len(), now(), shown.join("\n"));
}
