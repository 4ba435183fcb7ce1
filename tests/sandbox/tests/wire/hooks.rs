//! The webhook receiver.

use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::harness::Server;

const SECRET: &[u8] = b"twenty-four bytes of key";
const BODY: &str = "{\"type\":\"delivery.published\",\"n\":1}";

async fn deliver(server: &Server, key: &[u8], at_s: i64, body: &str) -> u16 {
    let tag = sign(&Key::new(HMAC_SHA256, key), format!("msg_1.{at_s}.{BODY}").as_bytes());
    let request = server
        .http
        .post(server.url("/hooks/demo"))
        .header("webhook-id", "msg_1")
        .header("webhook-timestamp", at_s)
        .header("webhook-signature", format!("v1,bm9uZQ== v1,{}", STANDARD.encode(tag)));
    request.body(body.to_owned()).send().await.unwrap().status().as_u16()
}

async fn configure(server: &Server, more: &Value) {
    let mut body = json!({"secret": format!("whsec_{}", STANDARD.encode(SECRET))});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    server.control("hooks/demo", body).await;
}

#[tokio::test]
async fn a_right_signature_is_verified_and_a_wrong_one_is_not() {
    let server = Server::start().await;
    let now = jiff::Timestamp::now().as_second();
    deliver(&server, SECRET, now, BODY).await;
    assert_eq!(server.json("/hooks/demo").await["deliveries"][0]["verified"], Value::Null, "no secret yet");
    configure(&server, &json!({})).await;
    deliver(&server, b"another key", now, BODY).await;
    deliver(&server, SECRET, now, "{\"changed\":true}").await;
    deliver(&server, SECRET, now - 3_600, BODY).await;
    let list = server.json("/hooks/demo").await;
    let verified: Vec<&Value> = list["deliveries"].as_array().unwrap().iter().map(|item| &item["verified"]).collect();
    assert_eq!(verified, [&json!(true), &json!(false), &json!(false), &json!(false)]);
    assert_eq!(list["deliveries"][0]["json"]["n"], 1);
    assert_eq!(list["deliveries"][0]["headers"]["webhook-id"], "msg_1");
    let page = server.page("/hooks/demo").await;
    assert!(page.contains("Signature verified") && page.contains("Signature not valid: no signature matches"));
}

#[tokio::test]
async fn the_answers_follow_the_script_and_every_attempt_is_recorded() {
    let server = Server::start().await;
    configure(&server, &json!({"status": 200, "statuses": [500, 429], "retry_after": 3})).await;
    let now = jiff::Timestamp::now().as_second();
    let mut answers = Vec::new();
    for _ in 0..3 {
        answers.push(deliver(&server, SECRET, now, BODY).await);
    }
    assert_eq!(answers, [500, 429, 200]);
    server.fault("hooks", "receive", "commit_then_drop", json!({})).await;
    server.http.post(server.url("/hooks/demo")).body("x").send().await.unwrap_err();
    assert_eq!(server.json("/hooks/demo").await["received"], 4);
}

#[tokio::test]
async fn a_malformed_secret_is_refused() {
    let server = Server::start().await;
    let request = server.http.post(server.url("/control/hooks/demo")).json(&json!({"secret": "plain"}));
    assert_eq!(request.send().await.unwrap().status(), 400);
}
