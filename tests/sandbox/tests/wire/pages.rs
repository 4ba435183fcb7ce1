//! Pages for people.

use serde_json::json;

use crate::harness::Server;

#[tokio::test]
async fn every_page_opens_while_empty() {
    let server = Server::start().await;
    for path in [
        "/",
        "/x/timeline",
        "/linkedin/timeline",
        "/telegram/timeline",
        "/discord/timeline",
        "/mastodon/timeline",
        "/slack/timeline",
        "/hooks/new",
        "/guide",
        "/health",
    ] {
        assert!(!server.page(path).await.is_empty(), "{path}");
    }
}

#[tokio::test]
async fn text_on_the_timeline_is_text_and_never_markup() {
    let server = Server::start().await;
    let token = server.token("x", "ada_demo").await;
    server.tweeted(&token, &json!({"text": "<script>alert(1)</script> #tag https://example.com/?a=1&b=2"})).await;
    let page = server.page("/x/timeline").await;
    assert!(!page.contains("<script>"));
    assert!(page.contains("<span class=\"tag\">#tag</span>"));
    assert!(page.contains("http-equiv=\"refresh\""));
}

#[tokio::test]
async fn the_platforms_own_links_lead_to_the_post() {
    let server = Server::start().await;
    let token = server.token("x", "ada_demo").await;
    let id = server.tweeted(&token, &json!({"text": "here"})).await;
    for (path, target) in [
        (format!("/x/ada_demo/status/{id}"), format!("/x/timeline#{id}")),
        ("/slack/archives/C0GENERAL1/p1503435956000247".to_owned(), "/slack/timeline#1503435956.000247".to_owned()),
        ("/linkedin/feed/update/urn:li:share:1/".to_owned(), "/linkedin/timeline#urn:li:share:1".to_owned()),
    ] {
        let response = server.http.get(server.url(&path)).send().await.unwrap();
        assert_eq!(response.headers()["location"], target);
    }
}
