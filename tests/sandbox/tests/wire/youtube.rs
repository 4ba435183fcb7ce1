//! YouTube's Data API at wire level.

use reqwest::Response;
use serde_json::{Value, json};

use crate::harness::{Server, read};

const STEP: usize = 256 * 1024;

impl Server {
    async fn youtube(&self, method: &str, path: &str, token: &str, body: Option<Value>) -> (u16, Value) {
        let url = self.url(&format!("/youtube/api/youtube/v3/{path}"));
        let mut request = self.http.request(method.parse().unwrap(), url).bearer_auth(token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap_or_default())
    }

    async fn session(&self, token: &str, total: usize, snippet: &Value) -> Response {
        let url = self.url("/youtube/api/upload/youtube/v3/videos?uploadType=resumable&part=snippet,status");
        let request = self.http.post(url).bearer_auth(token).header("x-upload-content-type", "video/mp4");
        let body = json!({"snippet": snippet, "status": {"privacyStatus": "private"}});
        request.header("x-upload-content-length", total).json(&body).send().await.unwrap()
    }

    async fn piece(&self, token: &str, session: &str, range: &str, bytes: &[u8]) -> Response {
        let request = self.http.put(session).bearer_auth(token).header("content-range", range);
        request.body(bytes.to_vec()).send().await.unwrap()
    }
}

fn film(size: usize) -> Vec<u8> {
    let mut film = b"\0\0\0\x18ftypmp42".to_vec();
    film.resize(size, 7);
    film
}

fn snippet() -> Value {
    json!({"title": "A film", "description": "d", "categoryId": "22", "tags": ["one"]})
}

fn location(response: &Response) -> String {
    response.headers()["location"].to_str().unwrap().to_owned()
}

fn has(response: &Response) -> (u16, Option<String>) {
    let range = response.headers().get("range").map(|range| range.to_str().unwrap().to_owned());
    (response.status().as_u16(), range)
}

#[tokio::test]
async fn a_session_tells_what_it_has_takes_only_what_follows_and_ends_in_one_private_video() {
    let server = Server::start().await;
    let token = server.token("youtube", "harbour-coffee-demo").await;
    let film = film(2 * STEP + 5);
    let total = film.len();
    let session = location(&server.session(&token, total, &snippet()).await);
    let probe = format!("bytes */{total}");
    assert_eq!(has(&server.piece(&token, &session, &probe, b"").await), (308, None));
    let first = format!("bytes 0-{}/{total}", STEP - 1);
    let kept = (308, Some(format!("bytes=0-{}", STEP - 1)));
    assert_eq!(has(&server.piece(&token, &session, &first, &film[..STEP]).await), kept);
    assert_eq!(has(&server.piece(&token, &session, &probe, b"").await), kept);
    // The same again, a gap, a piece of an odd size, another total.
    for (range, bytes) in [
        (first.clone(), &film[..STEP]),
        (format!("bytes {}-{}/{total}", 2 * STEP, total - 1), &film[2 * STEP..]),
        (format!("bytes {STEP}-{}/{total}", STEP + 99), &film[STEP..STEP + 100]),
        (format!("bytes {STEP}-{}/{}", total, total + 1), &film[STEP..]),
    ] {
        assert_eq!(server.piece(&token, &session, &range, bytes).await.status(), 400, "{range}");
    }
    let rest = format!("bytes {STEP}-{}/{total}", total - 1);
    let made = read(server.piece(&token, &session, &rest, &film[STEP..]).await).await;
    let told = read(server.piece(&token, &session, &probe, b"").await).await;
    assert_eq!((&made["id"], &made["status"]["privacyStatus"]), (&told["id"], &json!("private")));
    let (_, list) = server
        .youtube("GET", "playlistItems?part=contentDetails&playlistId=UUharbourCoffeeDemo00001", &token, None)
        .await;
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    assert_eq!(server.json("/youtube/timeline.json").await["live"], 0, "nobody sees it");
    let gone = session.replace("upload_id=session", "upload_id=other");
    assert_eq!(server.piece(&token, &gone, &probe, b"").await.status(), 404);
    let other = server.token("youtube", "bo-demo").await;
    assert_eq!(server.piece(&other, &session, &probe, b"").await.status(), 404, "it is its owner's");
}

#[tokio::test]
async fn what_is_said_of_a_video_is_checked_and_a_change_replaces_the_whole_part() {
    let server = Server::start().await;
    let token = server.token("youtube", "harbour-coffee-demo").await;
    for (field, value, reason) in [
        ("title", json!(""), "invalidTitle"),
        ("title", json!("x".repeat(101)), "invalidTitle"),
        ("title", json!("<b>"), "invalidTitle"),
        ("description", json!("é".repeat(2_501)), "invalidDescription"),
        ("description", json!("a > b"), "invalidDescription"),
        ("tags", json!(["x".repeat(250), "y".repeat(250)]), "invalidTags"),
        ("categoryId", json!("30"), "invalidCategoryId"),
    ] {
        let mut snippet = snippet();
        snippet[field] = value;
        let refused = read(server.session(&token, 9, &snippet).await).await;
        assert_eq!(refused["error"]["errors"][0]["reason"], reason, "{snippet}");
    }
    let film = film(99);
    let session = location(&server.session(&token, 99, &snippet()).await);
    let made = read(server.piece(&token, &session, "bytes 0-98/99", &film).await).await;
    let id = made["id"].as_str().unwrap();
    let one = format!("videos?part=snippet,status&id={id}");
    let state =
        async || server.youtube("GET", &one, &token, None).await.1["items"][0]["status"]["uploadStatus"].clone();
    assert_eq!((state().await, state().await), (json!("uploaded"), json!("processed")));
    let change =
        json!({"id": id, "snippet": {"title": "New", "categoryId": "27"}, "status": {"privacyStatus": "public"}});
    let (status, told) = server.youtube("PUT", "videos?part=snippet,status", &token, Some(change)).await;
    assert_eq!((status, &told["snippet"]["description"], &told["snippet"]["tags"]), (200, &json!(""), &Value::Null));
    let timeline = server.json("/youtube/timeline.json").await;
    assert_eq!((&timeline["live"], &timeline["posts"][0]["id"]), (&json!(1), &json!(id)));
    let other = server.token("youtube", "bo-demo").await;
    assert_eq!(server.youtube("DELETE", &format!("videos?id={id}"), &other, None).await.0, 404);
    assert_eq!(server.youtube("DELETE", &format!("videos?id={id}"), &token, None).await.0, 204);
    assert_eq!(server.youtube("DELETE", &format!("videos?id={id}"), &token, None).await.0, 404);
}

#[tokio::test]
async fn a_refresh_token_comes_only_with_offline_access_and_a_renewed_consent() {
    let server = Server::start().await;
    let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    for (access_type, prompt, expected) in
        [("offline", "consent", true), ("offline", "none", false), ("online", "consent", false)]
    {
        let form = [
            ("client_id", "sandbox-youtube"),
            ("redirect_uri", "http://127.0.0.1:9/back"),
            ("response_type", "code"),
            ("scope", "https://www.googleapis.com/auth/youtube.force-ssl"),
            ("state", "s"),
            ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
            ("code_challenge_method", "S256"),
            ("access_type", access_type),
            ("prompt", prompt),
            ("actor", "harbour-coffee-demo"),
            ("decision", "allow"),
        ];
        let page = server.http.post(server.url("/youtube/accounts/o/oauth2/v2/auth")).form(&form).send().await.unwrap();
        let back = location(&page);
        let code = back.split("code=").nth(1).unwrap().split('&').next().unwrap();
        let form = [
            ("client_id", "sandbox-youtube"),
            ("client_secret", "sandbox-youtube-secret"),
            ("grant_type", "authorization_code"),
            ("redirect_uri", "http://127.0.0.1:9/back"),
            ("code_verifier", verifier),
            ("code", code),
        ];
        let tokens = read(server.http.post(server.url("/youtube/oauth/token")).form(&form).send().await.unwrap()).await;
        assert_eq!(tokens["refresh_token"].is_string(), expected, "{access_type} {prompt}: {tokens}");
        assert_eq!(tokens["scope"], "https://www.googleapis.com/auth/youtube.force-ssl");
    }
}

#[tokio::test]
async fn an_answer_stands_below_the_comment_that_begins_a_thread_and_answers_none() {
    let server = Server::start().await;
    let token = server.token("youtube", "harbour-coffee-demo").await;
    let session = location(&server.session(&token, 100, &snippet()).await);
    let video = read(server.piece(&token, &session, "bytes 0-99/100", &film(100)).await).await;
    let state = format!("videos?part=snippet,status&id={}", video["id"].as_str().unwrap());
    for _ in 0..2 {
        server.youtube("GET", &state, &token, None).await;
    }
    let shown = json!({"id": video["id"], "snippet": snippet(),
        "status": {"privacyStatus": "public", "selfDeclaredMadeForKids": false}});
    assert_eq!(server.youtube("PUT", "videos?part=snippet,status", &token, Some(shown)).await.0, 200);
    let begun = json!({"snippet": {"videoId": video["id"],
        "topLevelComment": {"snippet": {"textOriginal": "one"}}}});
    let (_, thread) = server.youtube("POST", "commentThreads?part=snippet", &token, Some(begun)).await;
    let answer = |to: &Value| json!({"snippet": {"parentId": to, "textOriginal": "two"}});
    let say = |to: &Value| server.youtube("POST", "comments?part=snippet", &token, Some(answer(to)));
    let (status, made) = say(&thread["id"]).await;
    assert_eq!((status, &made["snippet"]["parentId"], &made["snippet"]["videoId"]), (200, &thread["id"], &video["id"]));
    assert_eq!(say(&made["id"]).await.0, 404, "there is one level");
    let list = format!("comments?part=snippet&parentId={}", thread["id"].as_str().unwrap());
    assert_eq!(server.youtube("GET", &list, &token, None).await.1["items"][0]["id"], made["id"]);
    let one = format!("commentThreads?part=snippet&id={}", thread["id"].as_str().unwrap());
    assert_eq!(server.youtube("GET", &one, &token, None).await.1["items"][0]["snippet"]["videoId"], video["id"]);
    let below = format!("commentThreads?part=snippet&videoId={}", video["id"].as_str().unwrap());
    assert_eq!(server.youtube("GET", &below, &token, None).await.1["items"].as_array().unwrap().len(), 1);
    let changed = json!({"id": made["id"], "snippet": {"textOriginal": "three"}});
    let (status, told) = server.youtube("PUT", "comments?part=snippet", &token, Some(changed)).await;
    assert_eq!((status, &told["snippet"]["textOriginal"]), (200, &json!("three")));
}
