//! SendGrid's API at wire level.

use serde_json::{Value, json};

use crate::harness::Server;

const KEY: &str = "SG.harbour-demo.of-the-sandbox";
const LIST: &str = "199abb98-0af3-4a8d-b371-6811ff85d062";

impl Server {
    async fn sendgrid(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let mut request = self.http.request(method.parse().unwrap(), self.url(&format!("/sendgrid/{path}")));
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.bearer_auth(KEY).send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.json().await.unwrap_or_default())
    }

    async fn single(&self, name: &str, config: Value) -> String {
        let send = json!({ "name": name, "send_to": { "list_ids": [LIST] }, "email_config": config });
        let (status, made) = self.sendgrid("POST", "marketing/singlesends", Some(&send)).await;
        assert_eq!((status, &made["status"]), (201, &json!("draft")));
        format!("marketing/singlesends/{}", made["id"].as_str().unwrap())
    }
}

fn whole() -> Value {
    json!({ "subject": "Hi {{first_name}}!", "sender_id": 4_200_001, "suppression_group_id": 100,
            "html_content": "<p>a &amp; b<br>c</p><footer><p>{{Sender_Name}}, {{ sender_city }}</p><a href=\"{{{unsubscribe}}}\">x</a></footer>" })
}

#[tokio::test]
async fn a_single_send_is_a_draft_until_it_is_scheduled_and_goes_out_once() {
    let server = Server::start().await;
    let one = server.single("one", whole()).await;
    let schedule = format!("{one}/schedule");
    let now = json!({ "send_at": "now" });
    let (status, told) = server.sendgrid("PUT", &schedule, Some(&now)).await;
    assert_eq!((status, &told["status"]), (201, &json!("scheduled")));
    assert_eq!(server.sendgrid("GET", &one, None).await.1["status"], "triggered");
    assert_eq!(server.sendgrid("PUT", &schedule, Some(&now)).await.0, 400, "and not again");
    assert_eq!(server.sendgrid("PATCH", &one, Some(&json!({ "name": "other" }))).await.0, 400);
    assert_eq!(server.sendgrid("DELETE", &schedule, None).await.0, 404, "it is out");
    let timeline = server.json("/sendgrid/timeline.json").await;
    let post = &timeline["posts"][0];
    assert_eq!((&timeline["committed"], &post["text"]), (&json!(1), &json!("a & b\nc")));
    assert_eq!(post["card"]["title"], "Hi !", "a tag that names nothing leaves nothing");
    let raw: Value = serde_json::from_str(post["raw"].as_str().unwrap()).unwrap();
    assert_eq!(raw["footer"], "Harbour Coffee, Port\nx");
}

#[tokio::test]
async fn a_draft_is_changed_in_what_is_said_and_what_is_blank_or_missing_stays() {
    let server = Server::start().await;
    let one = server.single("one", whole()).await;
    let change = async |body: Value| server.sendgrid("PATCH", &one, Some(&body)).await;
    let (status, changed) = change(json!({ "email_config": { "subject": "Ho", "html_content": "" } })).await;
    let config = &changed["email_config"];
    assert_eq!((status, &config["subject"], &config["sender_id"]), (202, &json!("Ho"), &json!(4_200_001)));
    assert_eq!(config["html_content"], whole()["html_content"]);
    change(json!({ "send_to": { "segment_ids": ["dad84de3-bec4-4e04-b132-2cbfd4bb3789"] } })).await;
    let (_, changed) = change(json!({ "send_to": { "segment_ids": [], "all": true } })).await;
    assert_eq!(changed["send_to"]["segment_ids"].as_array().unwrap().len(), 1);
    assert_eq!((&changed["send_to"]["all"], &changed["send_to"]["list_ids"]), (&json!(true), &json!([LIST])));
    assert_eq!(change(json!({ "colour": "red" })).await.0, 400);
    assert_eq!(change(json!({ "send_to": { "list_ids": ["none"] } })).await.0, 400);
}

#[tokio::test]
async fn what_is_scheduled_for_later_waits_and_may_be_called_off() {
    let server = Server::start().await;
    let one = server.single("one", whole()).await;
    let schedule = format!("{one}/schedule");
    assert_eq!(server.sendgrid("PUT", &schedule, Some(&json!({ "send_at": "2020-01-01T00:00:00Z" }))).await.0, 400);
    assert_eq!(server.sendgrid("PUT", &schedule, Some(&json!({ "send_at": "2999-01-01T00:00:00Z" }))).await.0, 201);
    let (_, waits) = server.sendgrid("GET", &one, None).await;
    assert_eq!((&waits["status"], &waits["send_at"]), (&json!("scheduled"), &json!("2999-01-01T00:00:00.000Z")));
    assert_eq!(server.sendgrid("DELETE", &schedule, None).await.1["status"], "draft");
    assert_eq!(server.json("/sendgrid/timeline.json").await["committed"], 0);
}

#[tokio::test]
async fn what_a_mail_must_have_is_asked_for_when_it_is_scheduled() {
    let server = Server::start().await;
    for (lacks, field) in [
        ("sender_id", "sender_id"),
        ("subject", "subject"),
        ("html_content", "html_content"),
        ("suppression_group_id", "suppression_group_id"),
    ] {
        let mut config = whole();
        config.as_object_mut().unwrap().remove(lacks);
        let one = server.single(lacks, config).await;
        let schedule = format!("{one}/schedule");
        let (status, told) = server.sendgrid("PUT", &schedule, Some(&json!({ "send_at": "now" }))).await;
        assert_eq!((status, &told["errors"][0]["field"]), (400, &json!(field)));
    }
    for (field, value) in [("html_content", json!("<p>no way out</p>")), ("sender_id", json!(4_200_002))] {
        let mut config = whole();
        config[field] = value;
        let one = server.single(field, config).await;
        let schedule = format!("{one}/schedule");
        let (status, told) = server.sendgrid("PUT", &schedule, Some(&json!({ "send_at": "now" }))).await;
        assert_eq!((status, &told["errors"][0]["field"]), (400, &json!(field)));
    }
}

#[tokio::test]
async fn a_search_finds_names_that_contain_it_page_by_page() {
    let server = Server::start().await;
    for name in ["herald-1", "herald-2", "another"] {
        server.single(name, json!({})).await;
    }
    let search = "marketing/singlesends/search?page_size=1";
    let (_, first) = server.sendgrid("POST", search, Some(&json!({ "name": "rald" }))).await;
    assert_eq!((&first["result"][0]["name"], &first["_metadata"]["count"]), (&json!("herald-1"), &json!(2)));
    let next = first["_metadata"]["next"].as_str().unwrap();
    let token = next.rsplit_once("page_token=").unwrap().1;
    let (_, last) =
        server.sendgrid("POST", &format!("{search}&page_token={token}"), Some(&json!({ "name": "rald" }))).await;
    assert_eq!((&last["result"][0]["name"], &last["_metadata"]["next"]), (&json!("herald-2"), &Value::Null));
}

#[tokio::test]
async fn what_is_wrong_is_told_in_sendgrids_shape() {
    let server = Server::start().await;
    let named = |list: &str| json!({ "name": "n", "send_to": { "list_ids": [list] } });
    for (method, path, body, status) in [
        ("GET", "marketing/singlesends/none", None, 404),
        ("PUT", "marketing/singlesends/none/schedule", Some(json!({ "send_at": "now" })), 404),
        ("POST", "marketing/singlesends", Some(json!({ "name": "" })), 400),
        ("POST", "marketing/singlesends", Some(named("none")), 400),
    ] {
        let (code, told) = server.sendgrid(method, path, body.as_ref()).await;
        assert_eq!(code, status, "{path}");
        assert!(told["errors"][0]["message"].is_string(), "{told}");
    }
    for (key, status) in [("SG.nobody", 401), ("SG.mailer-demo.of-the-sandbox", 403)] {
        let answer = server.http.get(server.url("/sendgrid/marketing/lists")).bearer_auth(key).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status);
        assert!(answer.json::<Value>().await.unwrap()["errors"].is_array());
    }
}
