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
async fn what_a_bot_may_send_depends_on_the_chat() {
    let server = Server::start().await;
    for (chat, kind, status, words) in [
        (-1_001_000_000_004_i64, "text", 400, "Bad Request: not enough rights to send text messages to the chat"),
        (-1_001_000_000_005, "photo", 400, "Bad Request: not enough rights to send photos to the chat"),
        (-1_001_000_000_006, "text", 400, "Bad Request: not enough rights to send text messages to the chat"),
        (-1_001_000_000_007, "photo", 400, "Bad Request: not enough rights to send photos to the chat"),
        (-1_001_000_000_008, "text", 403, "Forbidden: bot was kicked from the supergroup chat"),
        (-1_001_000_000_010, "text", 403, "Forbidden: bot is not a member of the supergroup chat"),
    ] {
        let method = if kind == "text" { "sendMessage" } else { "sendPhoto" };
        let (code, answer) = server.bot(method, &json!({ "chat_id": chat, "text": "x" })).await;
        assert_eq!((code, answer["description"].as_str().unwrap()), (status, words), "{chat}");
    }
    for chat in [-1_001_000_000_005_i64, -1_001_000_000_007, -1_001_000_000_009] {
        assert_eq!(server.bot("sendMessage", &json!({ "chat_id": chat, "text": "x" })).await.0, 200, "{chat}");
    }
    let full = server.bot("getChat", &json!({ "chat_id": -1_001_000_000_005_i64 })).await.1;
    let permissions = json!({
        "can_send_messages": true, "can_send_photos": false, "can_send_documents": false,
        "can_send_other_messages": false, "can_send_polls": false,
    });
    assert_eq!(full["result"]["permissions"], permissions);
    let which = json!({ "chat_id": -1_001_000_000_007_i64, "user_id": 110_201_543 });
    let member = server.bot("getChatMember", &which).await.1["result"].clone();
    assert_eq!((&member["status"], &member["can_send_photos"]), (&json!("restricted"), &json!(false)));
}

#[tokio::test]
async fn a_poll_stands_in_its_channel_and_one_that_breaks_a_rule_does_not() {
    let server = Server::start().await;
    let poll = |question: &str, options: Value, open: u64| json!({ "chat_id": CHANNEL, "question": question, "options": options, "open_period": open, "description": "why" });
    let two = json!([{ "text": "Tea" }, { "text": "Coffee" }]);
    let (status, sent) = server.bot("sendPoll", &poll("Which?", two.clone(), 60)).await;
    assert_eq!((status, &sent["result"]["chat"]["id"]), (200, &json!(CHANNEL)));
    let shown = server.json("/telegram/timeline.json").await["posts"][0].clone();
    assert_eq!((&shown["text"], &shown["poll"]), (&json!("why"), &json!(["Tea", "Coffee"])));
    let mut named = poll("Which?", two.clone(), 60);
    named["is_anonymous"] = json!(false);
    for body in [
        poll("", two.clone(), 60),
        poll(&"x".repeat(301), two.clone(), 60),
        poll("Which?", json!([]), 60),
        poll("Which?", json!([{ "text": "x".repeat(101) }]), 60),
        poll("Which?", two.clone(), 4),
        poll("Which?", two, 2_628_001),
        named,
    ] {
        let (status, answer) = server.bot("sendPoll", &body).await;
        assert_eq!((status, &answer["ok"]), (400, &json!(false)), "{body}");
    }
    let unasked = json!({ "chat_id": -1_001_000_000_011_i64, "question": "Which?", "options": [{ "text": "Tea" }] });
    let words = "Bad Request: not enough rights to send polls to the chat";
    assert_eq!(server.bot("sendPoll", &unasked).await.1["description"], json!(words));
    assert_eq!(server.json("/telegram/timeline.json").await["committed"], 1);
}

#[tokio::test]
async fn a_message_can_be_deleted_for_48_hours() {
    let server = Server::start().await;
    let sent = server.bot("sendMessage", &json!({ "chat_id": CHANNEL, "text": "x" })).await.1;
    let which = json!({ "chat_id": CHANNEL, "message_id": sent["result"]["message_id"] });
    let elsewhere = json!({ "chat_id": -4_001, "message_id": sent["result"]["message_id"] });
    assert_eq!(server.bot("deleteMessage", &elsewhere).await.0, 400, "another chat's");
    server.control("settings", json!({ "telegram_older_s": 172_800 })).await;
    let (status, refused) = server.bot("deleteMessage", &which).await;
    assert_eq!((status, &refused["description"]), (400, &json!("Bad Request: message can't be deleted for everyone")));
    server.control("settings", json!({ "telegram_older_s": 172_700 })).await;
    assert_eq!(server.bot("deleteMessage", &which).await.0, 200);
}

#[tokio::test]
async fn a_request_has_at_most_50_mb_and_a_photo_sides_that_telegram_takes() {
    let server = Server::start().await;
    let url = server.url("/telegram/bot110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/sendMediaGroup");
    let media = json!(["a", "b"].map(|name| json!({ "type": "photo", "media": format!("attach://{name}") })));
    for (megabytes, status, words) in [
        // Read to its end, and then found to have no pictures.
        (40, 400, "Bad Request: IMAGE_PROCESS_FAILED"),
        (51, 413, "Request Entity Too Large"),
    ] {
        let form =
            reqwest::multipart::Form::new().text("chat_id", CHANNEL.to_string()).text("media", media.to_string());
        let part = |bytes: usize| reqwest::multipart::Part::bytes(vec![0; bytes]).file_name("a.png");
        let form = form.part("a", part(9)).part("b", part(9)).part("c", part(megabytes << 20));
        let answer = server.http.post(&url).multipart(form).send().await.unwrap();
        assert_eq!(answer.status(), status, "{megabytes}");
        assert_eq!(answer.json::<Value>().await.unwrap()["description"], words);
    }
    let url = url.replace("sendMediaGroup", "sendPhoto");
    for (width, height, status) in
        [(9_999_u32, 501_u32, 400), (9_000, 1_000, 200), (100, 2_001, 400), (100, 2_000, 200)]
    {
        let header = [b"\0\0\0\rIHDR".as_slice(), &width.to_be_bytes(), &height.to_be_bytes()].concat();
        let photo = reqwest::multipart::Part::bytes([&PNG[..8], &header].concat()).file_name("a.png");
        let form = reqwest::multipart::Form::new().text("chat_id", CHANNEL.to_string()).part("photo", photo);
        let answer = server.http.post(&url).multipart(form).send().await.unwrap();
        assert_eq!(answer.status(), status, "{width} x {height}");
    }
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
async fn a_document_and_an_animation_come_in_forms_of_their_own() {
    let server = Server::start().await;
    let send = async |chat: i64, method: &str, name: &'static str, file: &str, caption: usize| {
        let url = server.url(&format!("/telegram/bot110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/{method}"));
        let part = reqwest::multipart::Part::bytes(file.as_bytes().to_vec()).file_name("Menu of May.pdf");
        let form = reqwest::multipart::Form::new().text("chat_id", chat.to_string());
        let form = form.text("caption", "x".repeat(caption)).part(name, part);
        let answer = server.http.post(url).multipart(form).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json::<Value>().await.unwrap()["description"].as_str().unwrap_or_default().to_owned())
    };
    for (method, name, file, caption, status) in [
        ("sendDocument", "document", "%PDF-1.7", 1_024, 200),
        ("sendDocument", "document", "any type is taken", 1, 200),
        ("sendDocument", "document", "", 1, 400),
        ("sendDocument", "document", "%PDF-1.7", 1_025, 400),
        ("sendDocument", "photo", "%PDF-1.7", 1, 400),
        ("sendAnimation", "animation", "GIF89a", 1, 200),
        ("sendAnimation", "animation", "%PDF-1.7", 1, 400),
        ("sendAnimation", "animation", "GIF89a", 1_025, 400),
        ("sendPhoto", "photo", "GIF89a", 1, 400),
    ] {
        assert_eq!(send(CHANNEL, method, name, file, caption).await.0, status, "{method} {name} {file} {caption}");
    }
    let shown = server.json("/telegram/timeline.json").await;
    assert_eq!((&shown["committed"], &shown["posts"][0]["media"][0]["alt"]), (&json!(3), &json!("Menu of May.pdf")));
    for (method, name, file, what) in
        [("sendDocument", "document", "%PDF-1.7", "documents"), ("sendAnimation", "animation", "GIF89a", "animations")]
    {
        let (status, words) = send(-1_001_000_000_011, method, name, file, 1).await;
        assert_eq!((status, words), (400, format!("Bad Request: not enough rights to send {what} to the chat")));
    }
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
