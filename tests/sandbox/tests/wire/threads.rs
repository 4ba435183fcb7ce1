//! The Threads API at wire level.

use serde_json::{Value, json};

use crate::harness::{PNG, Server, read};

const ACCOUNT: &str = "17841400000000001";

impl Server {
    async fn threads(&self, path: &str, token: &str, form: &[(&str, &str)]) -> (u16, Value) {
        let url = self.url(&format!("/threads/graph/v1.0/{path}"));
        let request = if form.is_empty() { self.http.get(url) } else { self.http.post(url).form(form) };
        let response = request.bearer_auth(token).send().await.unwrap();
        (response.status().as_u16(), read(response).await)
    }
}

#[tokio::test]
async fn a_container_is_waited_for_published_once_listed_and_deleted() {
    let server = Server::start().await;
    let token = server.token("threads", "harbour.coffee.demo").await;
    let (containers, publish) = (format!("{ACCOUNT}/threads"), format!("{ACCOUNT}/threads_publish"));
    server.control("settings", json!({"threads_container_ms": 600_000})).await;
    let words: &[(&str, &str)] = &[("media_type", "TEXT"), ("text", "hello")];
    let (_, slow) = server.threads(&containers, &token, words).await;
    let slow = slow["id"].as_str().unwrap();
    assert_eq!(server.threads(slow, &token, &[]).await.1["status"], "IN_PROGRESS");
    assert_eq!(server.threads(&publish, &token, &[("creation_id", slow)]).await.0, 400);
    server.control("settings", json!({"threads_container_ms": 0})).await;

    let (_, made) = server.threads(&containers, &token, words).await;
    let container = made["id"].as_str().unwrap();
    assert_eq!(server.threads(container, &token, &[]).await.1["status"], "FINISHED");
    let (status, published) = server.threads(&publish, &token, &[("creation_id", container)]).await;
    assert_eq!(status, 200);
    let id = published["id"].as_str().unwrap();
    assert_eq!(server.threads(container, &token, &[]).await.1["status"], "PUBLISHED");
    assert_eq!(server.threads(&publish, &token, &[("creation_id", container)]).await.0, 400);

    let reply: &[(&str, &str)] = &[("media_type", "TEXT"), ("text", "and more"), ("reply_to_id", id)];
    let (_, made) = server.threads(&containers, &token, reply).await;
    server.threads(&publish, &token, &[("creation_id", made["id"].as_str().unwrap())]).await;
    let (_, posts) = server.threads(&format!("{containers}?since=1700000000"), &token, &[]).await;
    let (_, replies) = server.threads(&format!("{ACCOUNT}/replies"), &token, &[]).await;
    assert_eq!((posts["data"].as_array().unwrap().len(), &posts["data"][0]["text"]), (1, &json!("hello")));
    assert_eq!(
        (&replies["data"][0]["text"], &replies["data"][0]["replied_to"]["id"]),
        (&json!("and more"), &json!(id))
    );
    assert!(posts["data"][0]["permalink"].as_str().unwrap().contains("/@harbour.coffee.demo/post/D"));

    let other = server.token("threads", "ada.pictures.demo").await;
    assert_eq!(server.threads(&containers, &other, words).await.1["error"]["error_subcode"], 33);
    let url = server.url(&format!("/threads/graph/v1.0/{id}"));
    let gone = read(server.http.delete(url).bearer_auth(&token).send().await.unwrap()).await;
    assert_eq!(gone, json!({"success": true, "deleted_id": id}));
    assert_eq!(server.threads(id, &token, &[]).await.0, 400);
}

#[tokio::test]
async fn what_a_container_may_not_hold_is_refused_and_what_is_not_fetched_shows_as_an_error() {
    let server = Server::start().await;
    let token = server.token("threads", "harbour.coffee.demo").await;
    let containers = format!("{ACCOUNT}/threads");
    let (png, long) = (server.host("a.png", PNG).await, "x".repeat(501));
    let url = png.as_str();
    for wrong in [
        vec![("media_type", "TEXT")],
        vec![("media_type", "TEXT"), ("text", long.as_str())],
        vec![("media_type", "TEXT"), ("text", "a"), ("image_url", url)],
        vec![("media_type", "IMAGE"), ("text", "a")],
        vec![("media_type", "IMAGE"), ("image_url", url), ("link_attachment", "https://example.com")],
        vec![("media_type", "CAROUSEL"), ("children", "1")],
        vec![("media_type", "STORY"), ("text", "a")],
        vec![("media_type", "TEXT"), ("text", "a"), ("reply_control", "nobody")],
        vec![("media_type", "TEXT"), ("text", "a"), ("reply_to_id", "1")],
        vec![("media_type", "TEXT"), ("text", "a"), ("surprise", "1")],
    ] {
        assert_eq!(server.threads(&containers, &token, &wrong).await.0, 400, "{wrong:?}");
    }
    let nowhere = url.replace("a.png", "nothing.png");
    for (kind, name, address, expected) in [
        ("IMAGE", "image_url", url, (json!("FINISHED"), Value::Null)),
        ("IMAGE", "image_url", &nowhere, (json!("ERROR"), json!("UNKNOWN"))),
        ("VIDEO", "video_url", &nowhere, (json!("ERROR"), json!("FAILED_DOWNLOADING_VIDEO"))),
        ("VIDEO", "video_url", url, (json!("ERROR"), json!("FAILED_PROCESSING_VIDEO"))),
    ] {
        let (_, made) = server.threads(&containers, &token, &[("media_type", kind), (name, address)]).await;
        let (_, told) = server.threads(made["id"].as_str().unwrap(), &token, &[]).await;
        assert_eq!((told["status"].clone(), told["error_message"].clone()), expected, "{kind} {address}");
    }
}
