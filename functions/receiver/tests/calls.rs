//! The receiver over a world in memory, with the real proofs of who calls: from a signed request to what is stored.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use app::inbound::{InboundDeps, Ingested, NewSource, SourceMade, incoming, ingest, register_source};
use app::{Once, Reply};
use axum::Router;
use connector_kit::hmac_hex;
use domain::SourceId;
use domain::inbound::{Incoming, MAX_CALL, What};
use ports::{Job, Measure, StoredReply};
use receiver::{Inbox, router};
use runtime::config::PublicAddress;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use testing::api::{Answer, Ask, send};
use testing::{MemoryDocuments, Mutant, READABLE, Weather, World};

const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";

/// A world with a source, and the router that is called.
struct Desk {
    world: World,
    deps: InboundDeps,
    routes: Router,
    source: SourceId,
    /// Path and query of the source's address.
    path: String,
    made: BTreeMap<String, String>,
}

impl Desk {
    async fn over(world: World, platform: &str, secrets: &[(&str, &str)]) -> Self {
        let mut base = world.deps().base;
        base.sources = connectors::sources();
        let documents = Arc::new(MemoryDocuments::default());
        let deps = InboundDeps { base, inlets: connectors::inlets(), documents };
        let seen: Mutex<Option<SourceMade>> = Mutex::default();
        let encode = |made: &SourceMade| {
            *seen.lock().unwrap() = Some(made.clone());
            StoredReply { status: 201, body: "{}".into() }
        };
        let secrets = secrets.iter().map(|(name, secret)| ((*name).to_owned(), (*secret).to_owned().into())).collect();
        let new = NewSource { platform: platform.into(), name: String::new(), secrets };
        let once = Once { route: "r".into(), key: "k".into(), fingerprint: "f".into() };
        let made: Result<Reply, _> =
            register_source(&deps.base, &world.caller, &new, "https://herald.test", &once, &encode).await;
        made.unwrap();
        let made = seen.lock().unwrap().take().unwrap();
        let path = made.url.strip_prefix("https://herald.test").unwrap().to_owned();
        let address = PublicAddress { base_url: Some("https://herald.test".into()), local: false };
        let routes = router(Inbox { deps: deps.clone(), address });
        let shown = made.made.iter().map(|(name, secret)| (name.clone(), secret.expose_secret().to_owned())).collect();
        Self { world, deps, routes, source: made.source.id, path, made: shown }
    }

    async fn of(platform: &str, secrets: &[(&str, &str)]) -> Self {
        Self::over(World::new(7), platform, secrets).await
    }

    async fn slack() -> Self {
        Self::of("slack", &[("signing_secret", SECRET)]).await
    }

    /// What was counted of calls that were not kept.
    fn counted(&self) -> Vec<&'static str> {
        let name = |measure| match measure {
            Measure::CallTooLarge => Some("too large"),
            Measure::CallFailed => Some("failed"),
            _ => None,
        };
        self.world.metrics.all().into_iter().filter_map(name).collect()
    }

    async fn send(&self, ask: Ask) -> Answer {
        send(&self.routes, ask).await
    }

    /// A call that Slack signed now.
    fn signed(&self, body: &[u8]) -> Ask {
        let at = self.deps.clock.now().as_second();
        let tag = hmac_hex(SECRET.as_bytes(), &[format!("v0:{at}:").as_bytes(), body].concat());
        Ask::new("POST", &self.path)
            .header("X-Slack-Request-Timestamp", &at.to_string())
            .header("X-SLACK-Signature", &format!("v0={tag}"))
            .raw("application/json", body)
    }

    /// Reads what was kept; what each call came to.
    async fn read(&self) -> Vec<Ingested> {
        let mut all = Vec::new();
        for wake_up in self.world.queues.take() {
            let Job::Ingest(job) = wake_up.job else { panic!("nobody else was woken") };
            all.push(ingest(&self.deps, &job, self.deps.clock.now() + Duration::from_mins(1)).await.unwrap());
        }
        all
    }

    async fn incoming(&self) -> Vec<Incoming> {
        incoming(&self.deps, &self.world.caller, self.source, None, 100).await.unwrap().items
    }
}

fn mention() -> Vec<u8> {
    json!({
        "team_id": "T1", "type": "event_callback", "event_id": "Ev1", "event_time": 1_800_000_000,
        "event": { "type": "app_mention", "user": "U1", "text": "<@U0> hello", "ts": "1.2", "channel": "C1" },
    })
    .to_string()
    .into_bytes()
}

#[test]
fn the_document_is_what_the_code_says() {
    let text = receiver::openapi().to_pretty_json().unwrap() + "\n";
    testing::api::golden("docs/openapi/receiver-api.json", &text);
}

#[tokio::test]
async fn a_signed_call_ends_as_one_stored_event_however_often_it_comes() {
    let desk = Desk::slack().await;
    for _ in 0..3 {
        let answer = desk.send(desk.signed(&mention())).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, ""));
    }
    assert_eq!(desk.read().await, [Ingested::Read(1)]);
    let [one] = <[Incoming; 1]>::try_from(desk.incoming().await).unwrap();
    assert!(matches!(one.what, What::Mention(said) if said.text.as_deref() == Some("<@U0> hello")));
    let told: Vec<_> = desk.world.bus.taken().iter().map(|event| event.data.kind()).collect();
    assert_eq!(told, ["interaction.received"]);
}

#[tokio::test]
async fn a_call_that_is_not_believed_and_one_of_no_source_get_one_answer_and_are_not_written() {
    let desk = Desk::slack().await;
    let body = mention();
    let good = desk.signed(&body);
    let at = desk.deps.clock.now().as_second();
    let asks = [
        Ask::new("POST", &desk.path).raw("application/json", body.clone()),
        desk.signed(b"{}").raw("application/json", body.clone()),
        good.clone().header("x-slack-signature", "v0=00"),
        good.clone().header("x-slack-request-timestamp", &at.to_string()),
        Ask::new("POST", "/api/inbound/slack/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        Ask::new("POST", &desk.path.replace("/slack/", "/telegram/")),
        Ask::new("POST", &desk.path.replace("/slack/", "/nobody/")),
        Ask::new("POST", "/api/inbound/slack/%2E%2E"),
        Ask::new("GET", &desk.path),
        Ask::new("POST", "/api/inbound/slack/x").raw("text/plain", vec![0xff; 100]),
    ];
    let mut answers: Vec<Value> = Vec::new();
    for ask in asks {
        let answer = desk.send(ask).await;
        assert_eq!(answer.problem(), (401, "not_proved"));
        answers.push(answer.without_cid());
    }
    answers.dedup();
    assert_eq!(answers.len(), 1);
    assert!(desk.read().await.is_empty() && desk.incoming().await.is_empty());
    desk.world.engine.advance_ms(301_000);
    assert_eq!(desk.send(good).await.status, 401, "five minutes later it is too old");
}

#[tokio::test]
async fn the_largest_body_is_taken_and_a_byte_more_is_not() {
    let desk = Desk::slack().await;
    let mut body = mention();
    body.resize(MAX_CALL, b' ');
    assert_eq!(desk.send(desk.signed(&body)).await.status, 200);
    body.push(b' ');
    let elsewhere = Ask::new("POST", "/api/inbound/slack/nowhere").raw("application/json", body.clone());
    assert_eq!(desk.send(elsewhere).await.problem(), (413, "too_large"));
    assert!(desk.counted().is_empty(), "whoever knows no address wakes nobody");
    assert_eq!(desk.send(desk.signed(&body)).await.problem(), (413, "too_large"));
    assert_eq!(desk.counted(), ["too large"]);
    assert_eq!(desk.read().await, [Ingested::Read(1)]);
    let packed = desk.signed(&mention()).header("content-encoding", "gzip");
    assert_eq!(desk.send(packed).await.problem(), (415, "unsupported_media_type"));
}

#[tokio::test]
async fn every_other_method_is_refused() {
    let desk = Desk::slack().await;
    for method in ["PUT", "PATCH", "DELETE", "TRACE", "BREW"] {
        let answer = desk.send(Ask::new(method, &desk.path)).await;
        assert_eq!(answer.problem(), (405, "method_not_allowed"), "{method}");
    }
}

#[tokio::test]
async fn a_call_that_cannot_be_kept_is_refused_for_now_and_taken_when_it_comes_again() {
    let weather = Weather { store_throttled: 1_000, ..Weather::calm() };
    let desk =
        Desk::over(World::with(7, weather, &[READABLE], Mutant::None), "slack", &[("signing_secret", SECRET)]).await;
    desk.world.engine.storm(true);
    assert_eq!(desk.send(desk.signed(&mention())).await.problem(), (503, "unavailable"));
    assert_eq!(desk.counted(), ["failed"]);
    desk.world.engine.storm(false);
    assert_eq!(desk.send(desk.signed(&mention())).await.status, 200);
    assert_eq!(desk.read().await, [Ingested::Read(1)]);
}

#[tokio::test]
async fn a_call_by_the_address_of_another_tenants_source_with_ones_own_secret_is_refused() {
    let desk = Desk::slack().await;
    let at = desk.deps.clock.now().as_second();
    let tag = hmac_hex(b"ones-own", &[format!("v0:{at}:").as_bytes(), &mention()[..]].concat());
    let ask = Ask::new("POST", &desk.path)
        .header("x-slack-request-timestamp", &at.to_string())
        .header("x-slack-signature", &format!("v0={tag}"))
        .raw("application/json", mention());
    assert_eq!(desk.send(ask).await.problem(), (401, "not_proved"));
}

#[tokio::test]
async fn a_platform_that_asks_whether_the_address_is_ours_is_answered_in_its_words() {
    let desk = Desk::slack().await;
    let question = br#"{"type":"url_verification","challenge":"c1"}"#;
    let answer = desk.send(desk.signed(question)).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, r#"{"challenge":"c1"}"#));
    assert!(answer.header("content-type").starts_with("application/json"));
    let desk = Desk::of("whatsapp", &[("app_secret", "s")]).await;
    let token = &desk.made["verify_token"];
    let ask = |token: &str| {
        let query = format!("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={token}");
        Ask::new("GET", &format!("{}?{query}", desk.path))
    };
    let answer = desk.send(ask(token)).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, "1158201444"));
    assert_eq!(
        (answer.header("content-type"), answer.header("x-content-type-options")),
        ("text/plain; charset=utf-8", "nosniff")
    );
    assert_eq!(desk.send(ask("wrong")).await.problem(), (401, "not_proved"));
    assert!(desk.read().await.is_empty());
}

#[tokio::test]
async fn a_system_that_asks_whether_it_may_send_is_told_so_at_its_source_and_nowhere_else() {
    let secret = format!("whsec_{}", "A".repeat(32));
    let desk = Desk::of("standard", &[("secret", secret.as_str())]).await;
    let asks = |path: &str| {
        let ask = Ask::new("OPTIONS", path).header("WebHook-Request-Origin", "events.example.com");
        ask.header("WebHook-Request-Rate", "100").header("WebHook-Request-Callback", "https://events.example.com/yes")
    };
    let said = desk.send(asks(&desk.path)).await;
    assert_eq!((said.status, said.text.as_str()), (200, ""));
    let told = ["allow", "webhook-allowed-origin", "webhook-allowed-rate"].map(|name| said.header(name));
    assert_eq!(told, ["POST, OPTIONS", "events.example.com", "100"]);
    let unknown = format!("/api/inbound/standard/{}", "A".repeat(43));
    let slack = Desk::slack().await;
    for (desk, ask) in [
        (&desk, asks(&unknown)),
        (&desk, asks(&desk.path.replace("/standard/", "/slack/"))),
        (&desk, Ask::new("OPTIONS", &desk.path)),
        (&slack, asks(&slack.path)),
    ] {
        let said = desk.send(ask).await;
        assert_eq!(said.problem(), (401, "not_proved"));
    }
    assert!(desk.read().await.is_empty() && desk.incoming().await.is_empty());
}

/// One call of each platform, from its proof to its event.
#[tokio::test]
async fn each_platforms_call_ends_as_a_stored_event() {
    let update =
        json!({ "update_id": 1, "message": { "message_id": 5, "chat": { "id": 7, "type": "private" }, "text": "Hi" } });
    let hook = json!({ "object": "page", "entry": [{ "id": "P1", "time": 1, "changes": [
        { "field": "feed", "value": { "item": "comment", "verb": "add", "comment_id": "c1", "message": "Nice" } }] }] });
    let standard = json!({ "type": "message", "data": { "external_id": "m1", "text": "Hi", "change": "added" } });
    let meta = |body: &str| vec![("x-hub-signature-256", format!("sha256={}", hmac_hex(b"s", body.as_bytes())))];
    let secret = format!("whsec_{}", "A".repeat(32));
    let signed = |body: &str, at: i64| {
        let tag = connector_kit::sign(&secret.clone().into(), "msg_1", at, body).unwrap();
        vec![("webhook-id", "msg_1".to_owned()), ("webhook-timestamp", at.to_string()), ("webhook-signature", tag)]
    };
    for (platform, secrets, body, what) in [
        ("telegram", vec![("secret_token", "t")], &update, "message"),
        ("facebook", vec![("app_secret", "s")], &hook, "comment"),
        ("instagram", vec![("app_secret", "s")], &hook, "comment"),
        ("whatsapp", vec![("app_secret", "s")], &hook, "comment"),
        ("standard", vec![("secret", secret.as_str())], &standard, "message"),
    ] {
        let desk = Desk::of(platform, &secrets).await;
        let text = body.to_string();
        let headers = match platform {
            "telegram" => vec![("x-telegram-bot-api-secret-token", "t".to_owned())],
            "standard" => signed(&text, desk.deps.clock.now().as_second()),
            _ => meta(&text),
        };
        let call = Ask::new("POST", &desk.path).json(body);
        let call = headers.iter().fold(call, |call, (name, value)| call.header(name, value));
        for _ in 0..2 {
            assert_eq!(desk.send(call.clone()).await.status, 200, "{platform}");
        }
        desk.read().await;
        let kinds: Vec<_> = desk.incoming().await.iter().map(|one| one.what.name()).collect();
        assert_eq!(kinds, [what], "{platform}");
    }
}
