//! Telegram's Bot API at wire level.

use serde_json::{Value, json};

use crate::harness::{PNG, Server};

const CHANNEL: i64 = -1_001_000_000_001;

impl Server {
    async fn bot(&self, method: &str, body: &Value) -> (u16, Value) {
        let url = self.url(&format!("/telegram/bot110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/{method}"));
        let response = self.http.post(url).json(body).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }
}

#[tokio::test]
async fn a_message_stands_in_its_channel_until_it_is_deleted() {
    let server = Server::start().await;
    let (status, sent) = server.bot("sendMessage", &json!({ "chat_id": CHANNEL, "text": "<b>hello</b>" })).await;
    assert_eq!((status, &sent["ok"], &sent["result"]["chat"]["id"]), (200, &json!(true), &json!(CHANNEL)));
    let id = sent["result"]["message_id"].clone();
    let page = server.page("/telegram/timeline").await;
    assert!(page.contains("Harbour Coffee Demo") && page.contains("&lt;b&gt;hello"), "{page}");
    let which = json!({ "chat_id": CHANNEL, "message_id": id });
    assert_eq!(server.bot("deleteMessage", &which).await.1, json!({ "ok": true, "result": true }));
    let (status, again) = server.bot("deleteMessage", &which).await;
    assert_eq!((status, &again["description"]), (400, &json!("Bad Request: message to delete not found")));
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_in_telegrams_words() {
    let server = Server::start().await;
    for (body, words) in [
        (json!({ "chat_id": CHANNEL, "text": " " }), "Bad Request: message text is empty"),
        (json!({ "chat_id": CHANNEL, "text": "x".repeat(4_097) }), "Bad Request: message is too long"),
        (json!({ "chat_id": "@nobody", "text": "x" }), "Bad Request: chat not found"),
        (
            json!({ "chat_id": "@lighthouse_labs_demo", "text": "x" }),
            "Bad Request: need administrator rights in the channel chat",
        ),
        (
            json!({ "chat_id": CHANNEL, "text": "x", "reply_parameters": { "message_id": 9 } }),
            "Bad Request: message to be replied not found",
        ),
    ] {
        let (status, answer) = server.bot("sendMessage", &body).await;
        assert_eq!((status, answer["description"].as_str().unwrap()), (400, words));
        assert_eq!((&answer["ok"], &answer["error_code"]), (&json!(false), &json!(400)));
    }
    assert_eq!(server.json("/telegram/timeline.json").await["committed"], 0);
}

#[tokio::test]
async fn a_photo_comes_in_a_form_and_is_shown() {
    let server = Server::start().await;
    let url = server.url("/telegram/bot110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/sendPhoto");
    let photo = reqwest::multipart::Part::bytes(PNG).file_name("a.png");
    let form = reqwest::multipart::Form::new().text("chat_id", CHANNEL.to_string()).text("caption", "look");
    let sent = server.http.post(url).multipart(form.part("photo", photo)).send().await.unwrap();
    assert_eq!(sent.status(), 200);
    let posts = server.json("/telegram/timeline.json").await;
    let shown = posts["posts"][0]["media"][0]["url"].as_str().unwrap();
    let picture = server.http.get(shown).send().await.unwrap();
    assert_eq!(picture.headers()["content-type"], "image/png");
}

#[tokio::test]
async fn a_token_that_is_unknown_or_revoked_is_unauthorized() {
    let server = Server::start().await;
    let unknown = server.http.post(server.url("/telegram/bot1:x/getMe")).send().await.unwrap();
    assert_eq!(unknown.status(), 401);
    assert_eq!(server.bot("getMe", &json!({})).await.1["result"]["username"], "harbour_bot");
    server.control("tokens/revoke", json!({ "platform": "telegram" })).await;
    assert_eq!(server.bot("getMe", &json!({})).await.0, 401);
}
