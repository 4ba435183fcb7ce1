//! Mailchimp's Marketing API at wire level.

use serde_json::{Value, json};

use crate::harness::Server;

const KEY: &str = "0123456789abcdef0123456789abcdef-us6";

impl Server {
    async fn mailchimp(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let mut request = self.http.request(method.parse().unwrap(), self.url(&format!("/mailchimp/{path}")));
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.basic_auth("any", Some(KEY)).send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.json().await.unwrap_or_default())
    }

    async fn made(&self, settings: Value) -> String {
        let campaign = json!({ "type": "regular", "recipients": { "list_id": "a1b2c3d4e5" }, "settings": settings });
        let (status, made) = self.mailchimp("POST", "campaigns", Some(&campaign)).await;
        assert_eq!((status, &made["status"]), (200, &json!("save")));
        made["id"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn a_campaign_is_sent_once_when_it_has_all_it_needs() {
    let server = Server::start().await;
    let whole = json!({ "subject_line": "Hi", "from_name": "A", "reply_to": "a@b.example", "auto_footer": true });
    let id = server.made(whole).await;
    let (_, before) = server.mailchimp("GET", &format!("campaigns/{id}/send-checklist"), None).await;
    assert_eq!((&before["is_ready"], &before["items"][0]["heading"]), (&json!(false), &json!("Content")));
    let send = format!("campaigns/{id}/actions/send");
    assert_eq!(server.mailchimp("POST", &send, None).await.0, 400);
    let content = json!({ "html": "<p>a &amp; b<br>c</p>" });
    assert_eq!(server.mailchimp("PUT", &format!("campaigns/{id}/content"), Some(&content)).await.0, 200);
    assert_eq!(server.mailchimp("GET", &format!("campaigns/{id}/send-checklist"), None).await.1["is_ready"], true);
    assert_eq!(server.mailchimp("POST", &send, None).await.0, 204);
    assert_eq!(server.mailchimp("POST", &send, None).await.0, 400, "and not again");
    assert_eq!(server.mailchimp("PUT", &format!("campaigns/{id}/content"), Some(&content)).await.0, 400);
    let timeline = server.json("/mailchimp/timeline.json").await;
    assert_eq!((&timeline["committed"], &timeline["posts"][0]["text"]), (&json!(1), &json!("a & b\nc")));
}

#[tokio::test]
async fn a_campaign_is_changed_in_what_is_named_and_a_segment_stays_with_its_audience() {
    let server = Server::start().await;
    let whole = json!({ "subject_line": "Hi", "from_name": "A", "reply_to": "a@b.example", "auto_footer": true });
    let id = server.made(whole).await;
    let route = format!("campaigns/{id}");
    let change = async |body: Value| server.mailchimp("PATCH", &route, Some(&body)).await;
    let opts = json!({ "saved_segment_id": 7 });
    change(json!({ "recipients": { "list_id": "a1b2c3d4e5", "segment_opts": opts } })).await;
    let (_, changed) = change(json!({ "settings": { "subject_line": "Ho" } })).await;
    assert_eq!((&changed["settings"]["subject_line"], &changed["settings"]["from_name"]), (&json!("Ho"), &json!("A")));
    let (_, changed) = change(json!({ "recipients": { "list_id": "a1b2c3d4e5" } })).await;
    assert_eq!(changed["recipients"]["segment_opts"], opts);
    let (_, changed) = change(json!({ "recipients": { "list_id": "b1b2c3d4e5" } })).await;
    assert_eq!((&changed["recipients"]["list_id"], &changed["emails_sent"]), (&json!("b1b2c3d4e5"), &json!(0)));
    assert!(changed["recipients"].get("segment_opts").is_none() && changed["send_time"] == "", "{changed}");
    assert_eq!(change(json!({ "settings": { "colour": "red" } })).await.0, 400);
    server.mailchimp("PUT", &format!("{route}/content"), Some(&json!({ "html": "<p>a</p>" }))).await;
    assert_eq!(server.mailchimp("POST", &format!("{route}/actions/send"), None).await.0, 204);
    let (_, sent) = server.mailchimp("GET", &route, None).await;
    assert!(sent["status"] == "sending" && sent["emails_sent"] == 2 && sent["send_time"] != "", "{sent}");
    assert_eq!(change(json!({ "settings": { "subject_line": "Late" } })).await.0, 400);
}

#[tokio::test]
async fn what_is_wrong_is_a_problem_in_mailchimps_words() {
    let server = Server::start().await;
    let id = server.made(json!({ "subject_line": "Hi", "from_name": "A", "reply_to": "a@b.example" })).await;
    let content = json!({ "html": "<p>a</p>" });
    server.mailchimp("PUT", &format!("campaigns/{id}/content"), Some(&content)).await;
    let (_, checklist) = server.mailchimp("GET", &format!("campaigns/{id}/send-checklist"), None).await;
    assert_eq!(checklist["items"][0]["heading"], "Unsubscribe");
    for (method, path, body, status) in [
        ("GET", "campaigns/none".to_owned(), None, 404),
        ("GET", "lists/none".into(), None, 404),
        ("POST", format!("campaigns/{id}/actions/send"), None, 400),
        ("POST", "campaigns".into(), Some(json!({ "type": "absplit" })), 400),
        ("POST", "campaigns".into(), Some(json!({ "type": "regular", "recipients": { "list_id": "none" } })), 400),
    ] {
        let (code, problem) = server.mailchimp(method, &path, body.as_ref()).await;
        assert_eq!((code, &problem["status"]), (status, &json!(status)), "{path}");
        assert!(problem["title"].is_string() && problem["detail"].is_string(), "{problem}");
    }
    let stranger = server.http.get(server.url("/mailchimp/lists")).bearer_auth("none").send().await.unwrap();
    assert_eq!(
        (stranger.status().as_u16(), stranger.headers()["content-type"].to_str().unwrap()),
        (401, "application/problem+json; charset=utf-8")
    );
}

#[tokio::test]
async fn a_consent_without_scopes_gives_a_token_that_does_not_end_and_tells_its_data_centre() {
    let server = Server::start().await;
    let grant = json!({ "platform": "mailchimp", "actor": "harbour" });
    let given = server.http.post(server.url("/control/grants")).json(&grant).send().await.unwrap();
    let given: Value = given.json().await.unwrap();
    assert_eq!((&given["expires_in"], &given["scope"], given.get("refresh_token")), (&json!(0), &Value::Null, None));
    let token = given["access_token"].as_str().unwrap();
    let told = |scheme: &str| {
        let request = server.http.get(server.url("/mailchimp/oauth2/metadata"));
        request.header("authorization", format!("{scheme} {token}")).send()
    };
    assert_eq!(told("Bearer").await.unwrap().status(), 401);
    let told: Value = told("OAuth").await.unwrap().json().await.unwrap();
    assert_eq!((&told["dc"], &told["api_endpoint"]), (&json!("us6"), &json!("https://us6.api.mailchimp.com")));
    let lists = |request: reqwest::RequestBuilder| async { request.send().await.unwrap().status().as_u16() };
    let address = server.url("/mailchimp/lists");
    assert_eq!(lists(server.http.get(&address).bearer_auth(token)).await, 200);
    assert_eq!(lists(server.http.get(&address).basic_auth("any", Some(token))).await, 401, "it is no key");
    let form = [("client_id", "sandbox-mailchimp"), ("client_secret", "wrong"), ("grant_type", "authorization_code")];
    let refused = server.http.post(server.url("/mailchimp/oauth2/token")).form(&form).send().await.unwrap();
    assert_eq!(refused.status(), 401);
}
