//! Discord's API v10 at wire level.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::harness::Server;

const KEY: &str = "MTIwMDAwMDAwMDAwMDAwMDAwMQ.GabcDE.harbour-bot-of-the-sandbox";
const MESSAGES: &str = "channels/1300000000000000001/messages";

impl Server {
    fn as_bot(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, self.url(&format!("/discord/{path}")));
        request.header("authorization", format!("Bot {KEY}")).header("user-agent", "DiscordBot (test, 1)")
    }

    async fn said(&self, body: &Value) -> (u16, Value) {
        let response = self.as_bot(Method::POST, MESSAGES).json(body).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }
}

#[tokio::test]
async fn a_message_is_listed_newest_first_and_can_be_deleted() {
    let server = Server::start().await;
    for text in ["one", "two", "three"] {
        assert_eq!(server.said(&json!({ "content": text })).await.0, 200);
    }
    let list = |query: &str| server.as_bot(Method::GET, &format!("{MESSAGES}?{query}")).send();
    let page: Value = list("limit=2").await.unwrap().json().await.unwrap();
    assert_eq!((&page[0]["content"], &page[1]["content"]), (&json!("three"), &json!("two")));
    let before = page[1]["id"].as_str().unwrap();
    let rest: Value = list(&format!("before={before}")).await.unwrap().json().await.unwrap();
    assert_eq!((rest.as_array().unwrap().len(), &rest[0]["content"]), (1, &json!("one")));
    let one = format!("{MESSAGES}/{before}");
    assert_eq!(server.as_bot(Method::DELETE, &one).send().await.unwrap().status(), 204);
    let gone = server.as_bot(Method::DELETE, &one).send().await.unwrap();
    assert_eq!(gone.json::<Value>().await.unwrap()["code"], 10_008);
    assert!(server.page("/discord/timeline").await.contains("three"));
}

#[tokio::test]
async fn a_nonce_that_is_enforced_gives_the_first_message_again() {
    let server = Server::start().await;
    let body = json!({ "content": "once", "nonce": "n1", "enforce_nonce": true });
    let (first, second) = (server.said(&body).await.1, server.said(&body).await.1);
    assert_eq!(first["id"], second["id"]);
    let free = json!({ "content": "once", "nonce": "n1" });
    assert_ne!(server.said(&free).await.1["id"], first["id"], "unless it is not enforced");
}

#[tokio::test]
async fn a_poll_is_listed_as_it_was_asked_and_one_that_breaks_a_rule_is_refused() {
    let server = Server::start().await;
    let answer = |text: &str| json!({ "poll_media": { "text": text } });
    let poll = |question: &str, answers: &[Value], hours: i64| json!({ "poll": { "question": { "text": question }, "answers": answers, "duration": hours } });
    let (status, sent) = server.said(&poll("Which?", &[answer("Tea"), answer("Coffee")], 1)).await;
    assert_eq!((status, &sent["content"]), (200, &json!("")));
    let list: Value = server.as_bot(Method::GET, MESSAGES).send().await.unwrap().json().await.unwrap();
    let shown = &list[0]["poll"];
    assert_eq!((&shown["question"]["text"], &shown["answers"][1]["answer_id"]), (&json!("Which?"), &json!(2)));
    assert_eq!(
        (&shown["allow_multiselect"], &shown["answers"][1]["poll_media"]),
        (&json!(false), &json!({ "text": "Coffee" }))
    );
    for body in [
        poll("", &[answer("Tea")], 1),
        poll(&"x".repeat(301), &[answer("Tea")], 1),
        poll("Which?", &[], 1),
        poll("Which?", &[answer(&"x".repeat(56))], 1),
        poll("Which?", &vec![answer("Tea"); 11], 1),
        poll("Which?", &[answer("Tea")], 0),
        poll("Which?", &[answer("Tea")], 769),
    ] {
        let (status, answer) = server.said(&body).await;
        assert_eq!((status, &answer["code"]), (400, &json!(50_035)), "{body}");
    }
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_by_its_code() {
    let server = Server::start().await;
    for (body, code) in [
        (json!({ "content": " " }), 50_006),
        (json!({ "content": "x".repeat(2_001) }), 50_035),
        (json!({ "content": "x", "nonce": "n".repeat(26) }), 50_035),
        (json!({ "content": "x", "unknown": 1 }), 50_035),
        (json!({ "content": "x", "message_reference": { "message_id": "9" } }), 50_035),
    ] {
        let (status, answer) = server.said(&body).await;
        assert_eq!((status, &answer["code"]), (400, &json!(code)), "{body}");
    }
    for (channel, status, code) in
        [("1300000000000000003", 403, 50_013), ("1300000000000000005", 403, 50_001), ("9", 404, 10_003)]
    {
        let path = format!("channels/{channel}/messages");
        let answer = server.as_bot(Method::POST, &path).json(&json!({ "content": "x" })).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status);
        assert_eq!(answer.json::<Value>().await.unwrap()["code"], code);
    }
    assert_eq!(server.json("/discord/timeline.json").await["committed"], 0);
}

#[tokio::test]
async fn without_the_history_there_is_nothing_to_list_or_to_answer_and_the_channel_still_tells_its_last_message() {
    let server = Server::start().await;
    let press = "channels/1300000000000000006";
    let get =
        async |path: &str| -> Value { server.as_bot(Method::GET, path).send().await.unwrap().json().await.unwrap() };
    assert_eq!(get(press).await["last_message_id"], json!(null));
    let messages = format!("{press}/messages");
    let say = async |body: &Value| -> Value {
        server.as_bot(Method::POST, &messages).json(body).send().await.unwrap().json().await.unwrap()
    };
    let said = say(&json!({ "content": "one" })).await;
    assert_eq!(get(&messages).await, json!([]));
    assert_eq!(get(press).await["last_message_id"], said["id"]);
    let reply = say(&json!({ "content": "two", "message_reference": { "message_id": said["id"] } })).await;
    assert_eq!(reply["code"], 160_002);
}

#[tokio::test]
async fn a_request_has_a_largest_size_whatever_its_files_have() {
    let server = Server::start().await;
    let file = |size: usize| reqwest::multipart::Part::bytes(vec![0; size]).file_name("a.png");
    for (sizes, status) in [([8, 8, 8], 200), ([9, 9, 9], 413), ([11, 1, 1], 413)] {
        let attachments: Vec<Value> = (0..3).map(|id| json!({ "id": id })).collect();
        let payload = json!({ "content": "files", "attachments": attachments }).to_string();
        let form = sizes
            .iter()
            .enumerate()
            .fold(reqwest::multipart::Form::new().text("payload_json", payload), |form, (n, mib)| {
                form.part(format!("files[{n}]"), file(mib * 1024 * 1024))
            });
        let answer = server.as_bot(Method::POST, MESSAGES).multipart(form).send().await.unwrap();
        assert_eq!(answer.status(), status, "{sizes:?}");
    }
}

#[tokio::test]
async fn a_document_is_a_file_under_its_title_which_has_a_longest_length() {
    let server = Server::start().await;
    for (chars, status) in [(1_024, 200), (1_025, 400)] {
        let paper = reqwest::multipart::Part::bytes(b"%PDF-1.7".to_vec()).file_name("menu.pdf");
        let payload = json!({ "attachments": [{ "id": 0, "title": "é".repeat(chars) }] }).to_string();
        let form = reqwest::multipart::Form::new().text("payload_json", payload).part("files[0]", paper);
        let answer = server.as_bot(Method::POST, MESSAGES).multipart(form).send().await.unwrap();
        assert_eq!(answer.status(), status, "{chars}");
    }
    let shown = server.json("/discord/timeline.json").await["posts"][0].clone();
    assert!(shown["raw"].as_str().unwrap().contains("menu.pdf"), "{shown}");
    let file = server.http.get(shown["media"][0]["url"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(file.headers()["content-type"], "application/pdf");
}

#[tokio::test]
async fn a_client_that_does_not_say_what_it_is_or_has_no_good_token_is_turned_away() {
    let server = Server::start().await;
    let me = || server.http.get(server.url("/discord/users/@me"));
    let nameless = me().header("authorization", format!("Bot {KEY}")).send().await.unwrap();
    assert_eq!(nameless.status(), 403);
    for agent in ["DiscordBot", "DiscordBot (t)", "Herald/1"] {
        let vague =
            me().header("authorization", format!("Bot {KEY}")).header("user-agent", agent).send().await.unwrap();
        assert_eq!(vague.status(), 403, "{agent}");
    }
    let bearer = me().header("user-agent", "DiscordBot (t, 1)").bearer_auth(KEY).send().await.unwrap();
    assert_eq!(bearer.status(), 401);
    assert_eq!(server.as_bot(Method::GET, "users/@me").send().await.unwrap().status(), 200);
    server.control("tokens/revoke", json!({ "platform": "discord" })).await;
    assert_eq!(server.as_bot(Method::GET, "users/@me").send().await.unwrap().status(), 401);
}
