//! Medium's API at wire level.

use serde_json::{Value, json};

use crate::harness::Server;

const ADA: &str = "181d415f34379af07b2c11d144dfbe35d";
const ME: &str = "users/5303d74c64f66366f00cb9b2a94f3251bf5";

impl Server {
    async fn medium(&self, token: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let url = self.url(&format!("/medium/{path}"));
        let request = body.map_or_else(|| self.http.get(&url), |body| self.http.post(&url).json(body));
        let response = request.bearer_auth(token).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }
}

fn story(status: &str) -> Value {
    json!({ "title": "Hi", "contentFormat": "html", "content": "<h1>Hi &amp; ho</h1><p>a<br>b</p>",
            "tags": ["a", "b", "c", "d"], "publishStatus": status })
}

#[tokio::test]
async fn a_story_is_read_at_its_address_and_a_draft_nowhere() {
    let server = Server::start().await;
    let (status, made) = server.medium(ADA, &format!("{ME}/posts"), Some(&story("public"))).await;
    assert_eq!(
        (status, &made["data"]["publishStatus"], &made["data"]["tags"]),
        (201, &json!("public"), &json!(["a", "b", "c"]))
    );
    let address = made["data"]["url"].as_str().unwrap();
    assert!(address.contains("/medium/@ada/hi-ho-"), "{address}");
    let lead = server.http.get(address).send().await.unwrap();
    assert_eq!(
        lead.headers()["location"].to_str().unwrap(),
        format!("/medium/timeline#{}", made["data"]["id"].as_str().unwrap())
    );
    assert!(server.page("/medium/timeline").await.contains("Hi &amp; ho"));
    assert_eq!(server.medium(ADA, &format!("{ME}/posts"), Some(&story("draft"))).await.0, 201);
    let timeline = server.json("/medium/timeline.json").await;
    assert_eq!((&timeline["live"], &timeline["posts"][0]["text"]), (&json!(1), &json!("a\nb")));
}

#[tokio::test]
async fn what_a_token_may_not_is_refused_in_mediums_shape() {
    let server = Server::start().await;
    let mut titleless = story("public");
    titleless.as_object_mut().unwrap().remove("title");
    let bo = "users/6403d74c64f66366f00cb9b2a94f3251bf6";
    for (token, path, body, status) in [
        ("none", "me".to_owned(), None, 401),
        (ADA, format!("{bo}/publications"), None, 404),
        (ADA, "publications/nobody/contributors".into(), None, 404),
        (ADA, format!("{bo}/posts"), Some(story("public")), 403),
        (ADA, "publications/b969ac62a2b/posts".into(), Some(story("public")), 403),
        (ADA, format!("{ME}/posts"), Some(story("scheduled")), 400),
        (ADA, format!("{ME}/posts"), Some(titleless), 400),
        (ADA, format!("{ME}/posts"), Some(json!({ "title": "", "contentFormat": "rtf", "content": "x" })), 400),
    ] {
        let (code, answer) = server.medium(token, &path, body.as_ref()).await;
        assert_eq!(code, status, "{path}: {answer}");
        assert!(answer["errors"][0]["message"].is_string() && answer["errors"][0]["code"].is_i64(), "{answer}");
    }
    let draft = server.medium(ADA, "publications/b969ac62a2b/posts", Some(&story("draft"))).await;
    assert_eq!(draft.0, 201, "a writer leaves drafts");
    assert_eq!(server.json("/medium/timeline.json").await["committed"], 0);
}
