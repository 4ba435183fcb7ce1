//! A server of the AT Protocol at wire level.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::harness::{PNG, Server, read};

const DID: &str = "did:plc:harbourcoffeedemo2222222";
const KEY: &str = "3jzfcijpj2z2a";
const POST: &str = "app.bsky.feed.post";

impl Server {
    fn xrpc(&self, method: Method, path: &str, token: Option<&str>) -> RequestBuilder {
        let request = self.http.request(method, self.url(&format!("/bluesky/xrpc/com.atproto.{path}")));
        token.into_iter().fold(request, RequestBuilder::bearer_auth)
    }

    async fn at(&self, path: &str, token: Option<&str>, body: &Value) -> (u16, Value) {
        let response = self.xrpc(Method::POST, path, token).json(body).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap_or_default())
    }

    async fn login(&self) -> (String, String) {
        let body = json!({ "identifier": "harbour.test", "password": "harb-our2-coff-ee22" });
        let (status, session) = self.at("server.createSession", None, &body).await;
        assert_eq!((status, &session["did"], &session["active"]), (200, &json!(DID), &json!(true)));
        let text = |name: &str| session[name].as_str().unwrap().to_owned();
        (text("accessJwt"), text("refreshJwt"))
    }

    async fn record(&self, key: &str) -> (u16, Value) {
        let path = format!("repo.getRecord?repo={DID}&collection={POST}&rkey={key}");
        let response = self.xrpc(Method::GET, &path, None).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }
}

fn post(text: &str) -> Value {
    json!({ "$type": POST, "text": text, "createdAt": "2026-11-28T12:00:00.000Z" })
}

fn create(key: &str, record: &Value) -> Value {
    json!({ "repo": DID, "collection": POST, "rkey": key, "record": record })
}

#[tokio::test]
async fn a_record_lies_under_its_key_once_and_can_be_read_by_everybody_until_it_is_deleted() {
    let server = Server::start().await;
    let (token, _) = server.login().await;
    let (status, made) = server.at("repo.createRecord", Some(&token), &create(KEY, &post("hello"))).await;
    assert_eq!((status, &made["uri"]), (200, &json!(format!("at://{DID}/{POST}/{KEY}"))));
    let (status, again) = server.at("repo.createRecord", Some(&token), &create(KEY, &post("other"))).await;
    assert_eq!((status, &again["error"]), (500, &json!("InternalServerError")));
    let (status, found) = server.record(KEY).await;
    assert_eq!((status, &found["value"]["text"], &found["cid"]), (200, &json!("hello"), &made["cid"]));
    assert!(server.page("/bluesky/timeline").await.contains("hello"));
    let which = json!({ "repo": DID, "collection": POST, "rkey": KEY });
    for _ in 0..2 {
        assert_eq!(server.at("repo.deleteRecord", Some(&token), &which).await.0, 200, "what is not there is deleted");
        let (status, gone) = server.record(KEY).await;
        assert_eq!((status, &gone["error"]), (400, &json!("RecordNotFound")));
    }
    assert_eq!(server.at("repo.createRecord", Some(&token), &create(KEY, &post("anew"))).await.0, 200);
    let free = json!({ "repo": DID, "collection": POST, "record": post("without a key") });
    let (first, second) = (
        server.at("repo.createRecord", Some(&token), &free).await.1,
        server.at("repo.createRecord", Some(&token), &free).await.1,
    );
    assert_ne!(first["uri"], second["uri"]);
}

#[tokio::test]
async fn what_breaks_a_lexicon_is_refused_and_nothing_is_written() {
    let server = Server::start().await;
    let (token, _) = server.login().await;
    let with = |name: &str, value: Value| {
        let mut record = post("hello");
        record[name] = value;
        record
    };
    let image = json!({ "alt": "a", "image": { "$type": "blob", "ref": { "$link": "bafy" }, "mimeType": "image/png", "size": 1 } });
    for (key, record, words) in [
        ("my-key", post("x"), "Invalid record key"),
        ("zzzzzzzzzzzzz", post("x"), "Invalid record key"),
        (KEY, post(&"x".repeat(301)), "grapheme too big (maximum 300, got 301)"),
        (KEY, post(&"👨‍👩‍👧‍👦".repeat(121)), "string too big (maximum 3000, got 3025)"),
        (KEY, json!({ "$type": POST, "createdAt": "2026-11-28T12:00:00Z" }), "Missing required key \"text\""),
        (KEY, json!({ "$type": POST, "text": "x", "createdAt": "yesterday" }), "Invalid datetime"),
        (KEY, with("facets", json!([{ "index": { "byteStart": 0 } }])), "a facet is malformed"),
        (KEY, with("reply", json!({ "root": { "uri": "at://x" } })), "a reference is malformed"),
        (KEY, with("embed", json!({ "$type": "app.bsky.embed.other" })), "an unknown embed"),
        (KEY, with("embed", json!({ "$type": "app.bsky.embed.external", "external": { "uri": "x" } })), "\"title\""),
        (KEY, with("embed", json!({ "$type": "app.bsky.embed.images", "images": [image] })), "Could not find blob"),
    ] {
        let (status, answer) = server.at("repo.createRecord", Some(&token), &create(key, &record)).await;
        assert_eq!(status, 400, "{record}");
        assert!(answer["message"].as_str().unwrap().contains(words), "{answer}");
    }
    let mut foreign = create(KEY, &post("x"));
    foreign["repo"] = json!("did:plc:lighthouselabsdemo222222");
    assert_eq!(server.at("repo.createRecord", Some(&token), &foreign).await.0, 401);
    assert_eq!(server.json("/bluesky/timeline.json").await["committed"], 0);
}

#[tokio::test]
async fn several_writes_are_one_commit_or_none() {
    let server = Server::start().await;
    let (token, _) = server.login().await;
    let write = |collection: &str, value: &Value| json!({ "$type": "com.atproto.repo.applyWrites#create", "collection": collection, "rkey": KEY, "value": value });
    let gate = |post: &str, rule: &str| {
        json!({ "$type": "app.bsky.feed.threadgate", "post": post, "createdAt": "2026-11-28T12:00:00Z",
            "allow": [{ "$type": format!("app.bsky.feed.threadgate#{rule}") }] })
    };
    let at = format!("at://{DID}/{POST}/{KEY}");
    for wrong in [gate(&at, "otherRule"), gate("at://did:plc:x/app.bsky.feed.post/y", "mentionRule")] {
        let writes = [write(POST, &post("x")), write("app.bsky.feed.threadgate", &wrong)];
        let (status, _) = server.at("repo.applyWrites", Some(&token), &json!({ "repo": DID, "writes": writes })).await;
        assert_eq!((status, server.record(KEY).await.0), (400, 400));
    }
    let writes = [write(POST, &post("x")), write("app.bsky.feed.threadgate", &gate(&at, "mentionRule"))];
    let body = json!({ "repo": DID, "writes": writes });
    let (status, done) = server.at("repo.applyWrites", Some(&token), &body).await;
    assert_eq!((status, &done["results"][0]["uri"]), (200, &json!(at)));
    assert_eq!(server.json("/bluesky/timeline.json").await["posts"][0]["visibility"], "mentionRule");
    assert_eq!(server.at("repo.applyWrites", Some(&token), &body).await.0, 500);
}

#[tokio::test]
async fn a_picture_is_uploaded_and_then_shown() {
    let server = Server::start().await;
    let (token, _) = server.login().await;
    let upload = |bytes: Vec<u8>| {
        server
            .xrpc(Method::POST, "repo.uploadBlob", Some(&token))
            .header("content-type", "image/png")
            .body(bytes)
            .send()
    };
    let blob = read(upload(PNG.to_vec()).await.unwrap()).await["blob"].clone();
    assert_eq!((&blob["mimeType"], &blob["size"]), (&json!("image/png"), &json!(PNG.len())));
    assert_eq!(upload(vec![0; 6 * 1024 * 1024]).await.unwrap().status(), 413);
    let mut large = PNG.to_vec();
    large.resize(1_000_001, 0);
    let large = read(upload(large).await.unwrap()).await["blob"].clone();
    let shown = |blob: &Value| {
        let mut record = post("look");
        record["embed"] = json!({ "$type": "app.bsky.embed.images", "images": [{ "alt": "a cup", "image": blob }] });
        create(KEY, &record)
    };
    let (status, refused) = server.at("repo.createRecord", Some(&token), &shown(&large)).await;
    assert!(status == 400 && refused["message"].as_str().unwrap().contains("blob too big"), "{refused}");
    assert_eq!(server.at("repo.createRecord", Some(&token), &shown(&blob)).await.0, 200);
    let posts = server.json("/bluesky/timeline.json").await;
    assert_eq!(posts["posts"][0]["media"][0]["alt"], "a cup");
    let picture = server.http.get(posts["posts"][0]["media"][0]["url"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(picture.headers()["content-type"], "image/png");
}

#[tokio::test]
async fn a_video_is_shown_as_the_lexicon_has_it_and_an_upload_has_a_largest_size() {
    let server = Server::start().await;
    let (token, _) = server.login().await;
    let upload = async |bytes: Vec<u8>, kind: &str| {
        let request = server.xrpc(Method::POST, "repo.uploadBlob", Some(&token)).header("content-type", kind);
        read(request.body(bytes).send().await.unwrap()).await["blob"].clone()
    };
    let film = upload(b"\0\0\0\x18ftypmp42".to_vec(), "video/mp4").await;
    assert_eq!(film["mimeType"], "video/mp4");
    let still = upload(PNG.to_vec(), "image/png").await;
    let shown = |embed: Value| {
        let mut record = post("look");
        record["embed"] = embed;
        record["embed"]["$type"] = json!("app.bsky.embed.video");
        create(KEY, &record)
    };
    for (embed, words) in [
        (json!({}), "expected a blob"),
        (json!({ "video": still }), "video/mp4"),
        (json!({ "video": film, "alt": "x".repeat(1_001) }), "string too big"),
        (json!({ "video": film, "aspectRatio": { "width": 0, "height": 1 } }), "integer too small"),
        (json!({ "video": film, "unknown": 1 }), "not imitated"),
    ] {
        let (status, answer) = server.at("repo.createRecord", Some(&token), &shown(embed.clone())).await;
        assert!(status == 400 && answer["message"].as_str().unwrap().contains(words), "{embed} {answer}");
    }
    let embed = json!({ "video": film, "alt": "ships", "aspectRatio": { "width": 16, "height": 9 } });
    assert_eq!(server.at("repo.createRecord", Some(&token), &shown(embed)).await.0, 200);
    assert_eq!(server.json("/bluesky/timeline.json").await["posts"][0]["media"][0]["alt"], "ships");
    server.control("settings", json!({ "bluesky_blob_bytes": 10 })).await;
    let large = server.xrpc(Method::POST, "repo.uploadBlob", Some(&token)).header("content-type", "video/mp4");
    assert_eq!(large.body(vec![0; 11]).send().await.unwrap().status(), 413);
}

#[tokio::test]
async fn a_renewal_token_works_once_and_tokens_are_told_apart() {
    let server = Server::start().await;
    let (access, refresh) = server.login().await;
    let me = async |token: Option<&str>| {
        let response = server.xrpc(Method::GET, "server.getSession", token).send().await.unwrap();
        (response.status().as_u16(), read(response).await)
    };
    assert_eq!(me(Some(&access)).await.1["handle"], "harbour.test");
    for (token, status, error) in [
        (None, 401, "AuthMissing"),
        (Some("rubbish"), 400, "InvalidToken"),
        (Some(refresh.as_str()), 400, "InvalidToken"),
    ] {
        let (found, answer) = me(token).await;
        assert_eq!((found, &answer["error"]), (status, &json!(error)));
    }
    let renew = async |token: &str| server.at("server.refreshSession", Some(token), &json!(null)).await;
    let (status, next) = renew(&refresh).await;
    assert_eq!(status, 200);
    assert_eq!(me(next["accessJwt"].as_str()).await.0, 200);
    assert_eq!(renew(&access).await.1["error"], "InvalidToken");
    let (status, spent) = renew(&refresh).await;
    assert_eq!((status, &spent["error"]), (400, &json!("ExpiredToken")));

    let (access, refresh) = server.login().await;
    server.control("tokens/expire", json!({ "platform": "bluesky" })).await;
    assert_eq!(me(Some(&access)).await.1["error"], "ExpiredToken");
    assert_eq!(server.at("server.deleteSession", Some(&refresh), &json!(null)).await.0, 200);
    assert_eq!(renew(&refresh).await.1["error"], "ExpiredToken");
    server.control("tokens/revoke", json!({ "platform": "bluesky" })).await;
    let body = json!({ "identifier": "harbour.test", "password": "harb-our2-coff-ee22" });
    assert_eq!(server.at("server.createSession", None, &body).await.0, 401);
}

#[tokio::test]
async fn sessions_of_one_account_are_limited_and_the_headers_say_until_when() {
    let server = Server::start().await;
    let body = json!({ "identifier": "harbour.test", "password": "wrong" });
    for left in (0..30).rev() {
        let response = server.xrpc(Method::POST, "server.createSession", None).json(&body).send().await.unwrap();
        assert_eq!(
            (response.status().as_u16(), &response.headers()["ratelimit-remaining"]),
            (401, &left.to_string().parse::<reqwest::header::HeaderValue>().unwrap())
        );
    }
    let response = server.xrpc(Method::POST, "server.createSession", None).json(&body).send().await.unwrap();
    let reset: i64 = response.headers()["ratelimit-reset"].to_str().unwrap().parse().unwrap();
    assert!(reset > 1_700_000_000, "an instant in seconds");
    assert_eq!((response.status().as_u16(), read(response).await["error"].clone()), (429, json!("RateLimitExceeded")));
    let other = json!({ "identifier": "lighthouse.test", "password": "ligh-thou-selt-abs2" });
    assert_eq!(server.at("server.createSession", None, &other).await.0, 200);
}

#[tokio::test]
async fn handles_resolve_to_identifiers() {
    let server = Server::start().await;
    let ask = |handle: &str| server.xrpc(Method::GET, &format!("identity.resolveHandle?handle={handle}"), None).send();
    assert_eq!(read(ask("Harbour.test").await.unwrap()).await, json!({ "did": DID }));
    let unknown = ask("nobody.test").await.unwrap();
    assert_eq!(unknown.status(), 400);
}

#[tokio::test]
async fn connected_accounts_stay_connected_over_a_reset_that_keeps_grants() {
    let server = Server::start().await;
    let (access, _) = server.login().await;
    let me = async || server.xrpc(Method::GET, "server.getSession", Some(&access)).send().await.unwrap().status();
    server.control("reset", json!({ "keep_grants": true })).await;
    assert_eq!(me().await, 200);
    server.control("reset", json!({})).await;
    assert_eq!(me().await, 400);
}
