//! WhatsApp's Cloud API at wire level.

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::harness::Server;

const KEY: &str = "EAAGHarbourDemoOfTheSandbox";
const PHONE: &str = "106540352242922";
const BUSINESS: &str = "102290129340398";

impl Server {
    fn whatsapp(&self, path: &str) -> String {
        self.url(&format!("/whatsapp/graph/v23.0/{path}"))
    }

    async fn read(&self, path: &str) -> (u16, Value) {
        let response = self.http.get(self.whatsapp(path)).bearer_auth(KEY).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap_or_default())
    }

    async fn message(&self, kind: &str, content: Value) -> (u16, Value) {
        let mut body = json!({ "messaging_product": "whatsapp", "recipient_type": "individual", "to": "16505551234", "type": kind });
        body[kind] = content;
        let sent = self
            .http
            .post(self.whatsapp(&format!("{PHONE}/messages")))
            .bearer_auth(KEY)
            .json(&body)
            .send()
            .await
            .unwrap();
        (sent.status().as_u16(), sent.json().await.unwrap_or_default())
    }

    async fn upload(&self, mime: &str, bytes: Vec<u8>) -> (u16, Value) {
        let file = Part::bytes(bytes).file_name("file").mime_str(mime).unwrap();
        let form = Form::new().text("messaging_product", "whatsapp").part("file", file);
        let sent = self
            .http
            .post(self.whatsapp(&format!("{PHONE}/media")))
            .bearer_auth(KEY)
            .multipart(form)
            .send()
            .await
            .unwrap();
        (sent.status().as_u16(), sent.json().await.unwrap_or_default())
    }

    async fn told(&self, id: &str) -> Value {
        let fields = "id,message_id,events%7Bdelivery_status,error_description%7D";
        self.read(&format!("{PHONE}/message_history?message_id={}&fields={fields}", id.replace('=', "%3D"))).await.1
    }
}

fn order(parameters: &[&str]) -> Value {
    let parameters: Vec<Value> = parameters.iter().map(|text| json!({ "type": "text", "text": text })).collect();
    json!({ "name": "order_ready", "language": { "code": "en_US" }, "components": [{ "type": "body", "parameters": parameters }] })
}

#[tokio::test]
async fn the_number_and_its_templates_are_read_by_name_and_page_by_page() {
    let server = Server::start().await;
    assert_eq!(server.read(PHONE).await.1["verified_name"], "Harbour Coffee Demo");
    let (_, list) = server.read(&format!("{BUSINESS}/message_templates?name=order_ready")).await;
    let all: Vec<(&str, &str)> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["name"].as_str().unwrap(), one["language"].as_str().unwrap()))
        .collect();
    assert_eq!(all, [("order_ready", "en_US"), ("order_ready", "de"), ("order_ready_soon", "fr")]);
    server.control("settings", json!({ "whatsapp_page": 2 })).await;
    let (_, first) = server.read(&format!("{BUSINESS}/message_templates?name=order_ready")).await;
    let after = first["paging"]["cursors"]["after"].as_str().unwrap();
    assert!(first["paging"]["next"].is_string());
    let (_, rest) = server.read(&format!("{BUSINESS}/message_templates?name=order_ready&after={after}")).await;
    assert_eq!((rest["data"].as_array().unwrap().len(), &rest["paging"]["next"]), (1, &Value::Null));
}

#[tokio::test]
async fn a_template_reaches_anybody_and_a_free_message_whoever_has_written() {
    let server = Server::start().await;
    let (status, sent) = server.message("template", order(&["Ada", "42"])).await;
    assert_eq!((status, &sent["messages"][0]["message_status"]), (200, &json!("accepted")));
    let (status, refused) = server.message("text", json!({ "body": "hello" })).await;
    assert_eq!((status, &refused["error"]["code"]), (400, &json!(131_047)));
    server.control("settings", json!({ "whatsapp_written": true })).await;
    assert_eq!(server.message("text", json!({ "body": "hello" })).await.0, 200);
    let timeline = server.json("/whatsapp/timeline.json").await;
    let texts: Vec<&str> =
        timeline["posts"].as_array().unwrap().iter().map(|post| post["text"].as_str().unwrap()).collect();
    assert!(texts.contains(&"Hi Ada, your order 42 is ready at the harbour.") && texts.contains(&"hello"), "{texts:?}");
    assert!(!server.page("/whatsapp/timeline").await.is_empty());
}

#[tokio::test]
async fn nothing_is_told_of_a_message_before_something_became_of_it() {
    let server = Server::start().await;
    server.control("settings", json!({ "whatsapp_send_ms": 600_000 })).await;
    let (_, sent) = server.message("template", order(&["Ada", "42"])).await;
    let id = sent["messages"][0]["id"].as_str().unwrap();
    assert_eq!(server.told(id).await["data"], json!([]));
    assert_eq!(server.json("/whatsapp/timeline.json").await["committed"], 0);
    server.control("settings", json!({ "whatsapp_send_ms": 0 })).await;
    let told = server.told(id).await;
    assert_eq!(
        (&told["data"][0]["message_id"], &told["data"][0]["events"]["data"][0]["delivery_status"]),
        (&json!(id), &json!("SENT"))
    );
    assert_eq!(server.told("wamid.other").await["data"], json!([]));

    server.control("settings", json!({ "whatsapp_failure": "131026" })).await;
    let (_, sent) = server.message("template", order(&["Bo", "43"])).await;
    let event = server.told(sent["messages"][0]["id"].as_str().unwrap()).await["data"][0]["events"]["data"][0].clone();
    assert_eq!((&event["delivery_status"], &event["error_description"]), (&json!("FAILED"), &json!("131026")));

    server.control("settings", json!({ "whatsapp_failure": null, "whatsapp_told_late": true })).await;
    let (status, sent) = server.message("text", json!({ "body": "hello" })).await;
    let told = server.told(sent["messages"][0]["id"].as_str().unwrap()).await;
    assert_eq!((status, &told["data"][0]["events"]["data"][0]["delivery_status"]), (200, &json!("FAILED")));
    assert_eq!(server.json("/whatsapp/timeline.json").await["committed"], 1);
}

#[tokio::test]
async fn what_is_wrong_is_told_by_its_number() {
    let server = Server::start().await;
    server.control("settings", json!({ "whatsapp_written": true })).await;
    let named = |name: &str, language: &str| json!({ "name": name, "language": { "code": language } });
    let photo = [b"\x89PNG\r\n\x1a\n".as_slice(), &[0; 90]].concat();
    let (_, kept) = server.upload("image/png", photo.clone()).await;
    let id = kept["id"].as_str().unwrap();
    for (kind, content, number) in [
        ("text", json!({}), 131_008),
        ("text", json!({ "body": "" }), 131_009),
        ("text", json!({ "body": "x".repeat(4_097) }), 131_009),
        ("text", json!({ "body": "x", "bold": true }), 100),
        ("image", json!({ "id": "1" }), 131_053),
        ("video", json!({ "id": id }), 131_053),
        ("image", json!({ "id": id, "caption": "x".repeat(1_025) }), 131_009),
        ("image", json!({ "id": id, "filename": "a.png" }), 100),
        ("image", json!({ "link": "https://example.com/a.png" }), 131_008),
        ("poll", json!({ "question": "?" }), 131_051),
        ("template", named("nothing", "en_US"), 132_001),
        ("template", named("order_ready", "fr"), 132_001),
        ("template", named("winter_sale", "en_US"), 132_001),
        ("template", named("summer_sale", "en_US"), 132_015),
        ("template", named("spring_sale", "en_US"), 132_016),
        ("template", named("order_ready", "en_US"), 132_000),
        ("template", order(&["Ada"]), 132_000),
        ("template", order(&["Ada", &"x".repeat(1_024)]), 132_005),
        ("template", named("tour", "en_US"), 132_012),
        ("template", named("tracking", "en_US"), 132_000),
    ] {
        let (status, told) = server.message(kind, content.clone()).await;
        assert_eq!(told["error"]["code"], number, "{status} {content}");
    }
    assert_eq!(server.message("image", json!({ "id": id, "caption": "Look" })).await.0, 200);
    for (mime, bytes) in [("image/gif", photo.clone()), ("image/jpeg", photo.clone()), ("application/pdf", photo)] {
        assert_eq!(server.upload(mime, bytes).await.1["error"]["code"], 131_053, "{mime}");
    }
    assert_eq!(
        server.upload("image/png", [b"\x89PNG".as_slice(), &vec![0; 5_000_000]].concat()).await.1["error"]["code"],
        131_053
    );
    for (key, status) in [("other", 401), ("EAAGStrangerDemoOfTheSandbox", 403)] {
        let answer = server.http.get(server.whatsapp(PHONE)).bearer_auth(key).send().await.unwrap();
        assert_eq!(answer.status(), status);
    }
    assert_eq!(server.read("1").await.0, 400);
}
