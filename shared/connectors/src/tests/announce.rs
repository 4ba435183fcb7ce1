//! Events told in chats: the requests as a platform gets them, and its refusals as it words them.

use crate::announcers;
use crate::tests::egress;
use connector_kit::Webhooks;
use domain::egress::EgressPolicy;
use ports::{Announce, ChatWords, WebhookAnswer, WebhookCall, WebhookSender as _};
use std::collections::BTreeMap;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

fn named(platform: &str) -> &'static dyn Announce {
    announcers().iter().copied().find(|place| place.platform() == platform).unwrap()
}

fn told() -> ChatWords {
    ChatWords { title: "A post was called off.".into(), facts: vec![("Platform", "x".into())], link: None }
}

/// Tells a platform that answers with this; what it got, and what it was understood to say.
async fn tell(place: &dyn Announce, answer: String) -> (String, WebhookAnswer) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let served = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut got = Vec::new();
        let mut piece = [0_u8; 4096];
        while !got.ends_with(b"}") {
            let read = socket.read(&mut piece).await.unwrap();
            got.extend_from_slice(&piece[..read]);
        }
        socket.write_all(answer.as_bytes()).await.unwrap();
        String::from_utf8(got).unwrap()
    });
    let (headers, body, none) = (place.headers(), place.body(&told()).to_string(), BTreeMap::new());
    let call = WebhookCall {
        url: &url,
        policy: &EgressPolicy::STRICT,
        headers: &headers,
        id: "evt_1".into(),
        timestamp: 1_767_225_600,
        body: &body,
        content_headers: &none,
        secrets: &[],
    };
    let answer = Webhooks::new(egress()).send(call).await;
    (served.await.unwrap(), answer)
}

fn http(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n{body}", body.len())
}

#[tokio::test]
async fn a_chat_gets_plain_json_without_a_signature_and_is_told_who_calls_where_it_asks_for_that() {
    for (platform, body, agent) in [
        ("slack", "{\"text\":\"A post was called off.\\nPlatform: x\"}", "user-agent: Herald-Webhooks/1"),
        (
            "discord",
            "{\"allowed_mentions\":{\"parse\":[]},\"content\":\"A post was called off.\\nPlatform: x\"}",
            "user-agent: DiscordBot (Herald, ",
        ),
    ] {
        let (got, answer) = tell(named(platform), http("200 OK", "", "ok")).await;
        assert_eq!((answer.status, answer.excerpt.as_str()), (Some(200), "ok"));
        let (head, sent) = got.split_once("\r\n\r\n").unwrap();
        assert_eq!(sent, body);
        assert!(head.contains(agent) && head.contains("content-type: application/json"), "{head}");
        assert!(!head.contains("webhook-") && !head.contains("evt_1"), "{head}");
    }
}

#[tokio::test]
async fn refusals_keep_their_status_and_their_words() {
    for (platform, status, body) in [
        ("slack", "404 Not Found", "no_service"),
        ("slack", "410 Gone", "channel_is_archived"),
        ("slack", "400 Bad Request", "invalid_payload"),
        ("discord", "404 Not Found", r#"{"message": "Unknown Webhook", "code": 10015}"#),
    ] {
        let (_, answer) = tell(named(platform), http(status, "", body)).await;
        let code = status.split(' ').next().and_then(|code| code.parse().ok());
        assert_eq!((answer.status, answer.excerpt.as_str(), answer.retry_after_s), (code, body, None));
        assert_eq!(named(platform).wait_s(&answer.excerpt), None);
    }
    let busy = r#"{"message": "You are being rate limited.", "retry_after": 64.57, "global": false}"#;
    let (_, answer) = tell(named("discord"), http("429 Too Many Requests", "retry-after: 65\r\n", busy)).await;
    assert_eq!((answer.status, answer.retry_after_s), (Some(429), Some(65)));
    let (_, answer) = tell(named("discord"), http("429 Too Many Requests", "", busy)).await;
    assert_eq!((answer.retry_after_s, named("discord").wait_s(&answer.excerpt)), (None, Some(65)));
    let (_, answer) = tell(named("slack"), http("429 Too Many Requests", "retry-after: 30\r\n", "")).await;
    assert_eq!((answer.status, answer.retry_after_s), (Some(429), Some(30)));
}

#[test]
fn no_address_is_one_of_two_platforms_and_each_says_what_to_enter() {
    let all = announcers();
    for address in ["https://hooks.slack.com/services/T1/B2/c3", "https://discord.com/api/webhooks/1/a"] {
        assert_eq!(all.iter().filter(|place| place.shown(address).is_some()).count(), 1, "{address}");
    }
    let registry = crate::Registry::new(egress()).describe();
    for place in all.iter() {
        assert!(registry.named(place.platform()).is_some() && place.help().contains("https://"), "{}", place.help());
    }
}
