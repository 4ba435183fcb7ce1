//! TikTok's Login Kit and Content Posting API at wire level.

use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Server, read};

const CHUNK: usize = 5 * 1024 * 1024;
const BACK: &str = "http://127.0.0.1:9/back";
/// An hour, which no test lives.
const LONG_MS: u64 = 3_600_000;

/// A post that was begun.
struct Begun {
    id: String,
    url: String,
}

impl Server {
    /// A call of the API: its status and the whole answer.
    async fn tiktok(&self, path: &str, token: &str, body: Value) -> (u16, Value) {
        let request = self.http.post(self.url(&format!("/tiktok/api/v2/{path}"))).bearer_auth(token).json(&body);
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap_or_default())
    }

    async fn begin(&self, token: &str, level: &str, size: usize) -> Begun {
        let (status, told) = self.tiktok("post/publish/video/init/", token, new(level, size)).await;
        assert_eq!((status, &told["error"]["code"]), (200, &json!("ok")), "{told}");
        let text = |name: &str| told["data"][name].as_str().unwrap().to_owned();
        Begun { id: text("publish_id"), url: text("upload_url") }
    }

    async fn refusal(&self, token: &str, body: Value) -> (u16, String) {
        let (status, told) = self.tiktok("post/publish/video/init/", token, body).await;
        assert_eq!(told["data"], json!({}));
        assert!(told["error"]["log_id"].is_string() && told["error"]["message"].is_string());
        (status, told["error"]["code"].as_str().unwrap().to_owned())
    }

    async fn try_chunk(&self, url: &str, range: &str, bytes: &[u8]) -> reqwest::Result<Response> {
        let request = self.http.put(url).header("content-type", "video/mp4").header("content-range", range);
        request.body(bytes.to_vec()).send().await
    }

    async fn chunk(&self, url: &str, range: &str, bytes: &[u8]) -> StatusCode {
        self.try_chunk(url, range, bytes).await.unwrap().status()
    }

    /// A whole small film; its post.
    async fn filmed(&self, token: &str, level: &str) -> Begun {
        let begun = self.begin(token, level, 99).await;
        assert_eq!(self.chunk(&begun.url, "bytes 0-98/99", &film(99)).await, 201);
        begun
    }

    async fn became(&self, token: &str, begun: &Begun) -> Value {
        let (status, told) = self.tiktok("post/publish/status/fetch/", token, json!({"publish_id": begun.id})).await;
        assert_eq!(status, 200, "{told}");
        told["data"].clone()
    }

    async fn token_call(&self, form: &[(&str, &str)]) -> (u16, Value) {
        let client = [("client_key", "sandbox-tiktok"), ("client_secret", "sandbox-tiktok-secret")];
        let form: Vec<_> = client.iter().chain(form).collect();
        let response = self.http.post(self.url("/tiktok/api/v2/oauth/token/")).form(&form).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    async fn user(&self, token: &str, fields: &str) -> (u16, Value) {
        let url = self.url(&format!("/tiktok/api/v2/user/info/?fields={fields}"));
        let response = self.http.get(url).bearer_auth(token).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }
}

fn film(size: usize) -> Vec<u8> {
    let mut film = b"\0\0\0\x18ftypmp42".to_vec();
    film.resize(size, 7);
    film
}

fn cut(size: usize, chunk: usize, count: usize) -> Value {
    json!({"source": "FILE_UPLOAD", "video_size": size, "chunk_size": chunk, "total_chunk_count": count})
}

fn new(level: &str, size: usize) -> Value {
    let chunk = CHUNK.min(size);
    json!({"post_info": {"title": "A film #one", "privacy_level": level}, "source_info": cut(size, chunk, size / chunk)})
}

#[tokio::test]
async fn consent_names_the_client_by_its_key_and_refresh_tokens_rotate() {
    let server = Server::start().await;
    let form = [
        ("client_key", "sandbox-tiktok"),
        ("redirect_uri", BACK),
        ("response_type", "code"),
        ("scope", "user.info.basic,video.publish"),
        ("state", "s"),
        ("actor", "bo-demo"),
        ("decision", "allow"),
    ];
    let address = server.url("/tiktok/web/v2/auth/authorize/");
    let query = "client_key=sandbox-tiktok&response_type=code&state=s&scope=user.info.basic,video.publish";
    assert!(
        server.page(&format!("/tiktok/web/v2/auth/authorize/?{query}&redirect_uri={BACK}")).await.contains("Bo Demo")
    );
    for wrong in [
        format!("{query}&redirect_uri={BACK}%3Fa=b"),
        format!("{}&redirect_uri={BACK}", query.replace("client_key", "client_id")),
    ] {
        assert_eq!(server.http.get(format!("{address}?{wrong}")).send().await.unwrap().status(), 400, "{wrong}");
    }
    let page = server.http.post(&address).form(&form).send().await.unwrap();
    let back = page.headers()["location"].to_str().unwrap().to_owned();
    assert!(back.ends_with("&state=s"), "{back}");
    let code = back.split("code=").nth(1).unwrap().split('&').next().unwrap();
    let redeem = [("grant_type", "authorization_code"), ("redirect_uri", BACK), ("code", code)];
    let (status, first) = server.token_call(&redeem).await;
    assert_eq!((status, &first["open_id"]), (200, &json!("7a1c0f3e-0000-4000-8000-00000000c002")));
    assert_eq!((&first["expires_in"], &first["refresh_expires_in"]), (&json!(7_200), &json!(15_552_000)));
    assert_eq!((&first["scope"], &first["token_type"]), (&json!("user.info.basic,video.publish"), &json!("Bearer")));
    let (status, again) = server.token_call(&redeem).await;
    assert_eq!((status, &again["error"]), (400, &json!("invalid_grant")));
    assert!(again["error_description"].is_string() && again["log_id"].is_string());
    let old = [("grant_type", "refresh_token"), ("refresh_token", first["refresh_token"].as_str().unwrap())];
    let (status, second) = server.token_call(&old).await;
    assert_eq!((status, &second["open_id"]), (200, &first["open_id"]));
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    assert_eq!(server.token_call(&old).await.1["error"], "invalid_grant");
    let access = second["access_token"].as_str().unwrap();
    assert_eq!(server.user(access, "open_id").await.0, 200, "an old token ends nothing but itself");
    let revoke = [("client_key", "sandbox-tiktok"), ("client_secret", "sandbox-tiktok-secret"), ("token", access)];
    let revoked = server.http.post(server.url("/tiktok/api/v2/oauth/revoke/")).form(&revoke).send().await.unwrap();
    assert_eq!(revoked.status(), 200);
    let (status, told) = server.user(access, "open_id").await;
    assert_eq!((status, &told["error"]["code"]), (401, &json!("access_token_invalid")));
    let next = [("grant_type", "refresh_token"), ("refresh_token", second["refresh_token"].as_str().unwrap())];
    assert_eq!(server.token_call(&next).await.1["error"], "invalid_grant");
    let stranger = [("client_key", "other"), ("client_secret", "other"), ("grant_type", "refresh_token")];
    let refused = server.http.post(server.url("/tiktok/api/v2/oauth/token/")).form(&stranger).send().await.unwrap();
    assert_eq!(
        (refused.status(), read(refused).await["error"].clone()),
        (StatusCode::UNAUTHORIZED, json!("invalid_client"))
    );
}

#[tokio::test]
async fn a_user_is_told_by_the_fields_that_are_asked_for_and_allowed() {
    let server = Server::start().await;
    let token = server.token("tiktok", "harbour-coffee-demo").await;
    let (_, told) = server.user(&token, "open_id,username").await;
    let expected = json!({"open_id": "7a1c0f3e-0000-4000-8000-00000000c001", "username": "harbour_coffee_demo"});
    assert_eq!((&told["data"]["user"], &told["error"]["code"]), (&expected, &json!("ok")));
    for fields in ["", "open_id,secrets"] {
        assert_eq!(server.user(&token, fields).await.0, 400, "{fields}");
    }
    let grant = json!({"platform": "tiktok", "actor": "bo-demo", "scopes": ["user.info.basic"]});
    let tokens = read(server.http.post(server.url("/control/grants")).json(&grant).send().await.unwrap()).await;
    let basic = tokens["access_token"].as_str().unwrap();
    assert_eq!(server.user(basic, "open_id,display_name,avatar_url").await.0, 200);
    let (status, told) = server.user(basic, "open_id,username").await;
    assert_eq!((status, &told["error"]["code"]), (403, &json!("scope_not_authorized")));
    let (status, code) = server.refusal(basic, new("SELF_ONLY", 99)).await;
    assert_eq!((status, code.as_str()), (403, "scope_not_authorized"));
}

#[tokio::test]
async fn creators_tell_whom_they_may_post_to_and_nobody_else_is_taken() {
    let server = Server::start().await;
    for (creator, options, comments, longest_s) in [
        ("harbour-coffee-demo", json!(["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"]), false, 600),
        ("bo-demo", json!(["FOLLOWER_OF_CREATOR", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"]), true, 60),
        ("cleo-demo", json!(["SELF_ONLY"]), false, 600),
    ] {
        let token = server.token("tiktok", creator).await;
        let (_, told) = server.tiktok("post/publish/creator_info/query/", &token, json!({})).await;
        let info = &told["data"];
        assert_eq!(
            (&info["creator_username"], &info["privacy_level_options"]),
            (&json!(creator.replace('-', "_")), &options)
        );
        assert_eq!(
            (&info["comment_disabled"], &info["max_video_post_duration_sec"]),
            (&json!(comments), &json!(longest_s))
        );
        let other = if creator == "bo-demo" { "PUBLIC_TO_EVERYONE" } else { "FOLLOWER_OF_CREATOR" };
        let (status, code) = server.refusal(&token, new(other, 99)).await;
        assert_eq!((status, code.as_str()), (403, "privacy_level_option_mismatch"), "{creator}");
    }
}

#[tokio::test]
async fn what_is_said_of_a_post_and_how_its_file_is_cut_is_checked_before_a_byte_comes() {
    let server = Server::start().await;
    let token = server.token("tiktok", "harbour-coffee-demo").await;
    let said = |field: &str, value: Value| {
        let mut body = new("SELF_ONLY", 99);
        body["post_info"][field] = value;
        body
    };
    let filed = |source: Value| json!({"post_info": {"privacy_level": "SELF_ONLY"}, "source_info": source});
    for body in [
        said("title", json!("🎬".repeat(1_101))),
        said("privacy_level", json!("FRIENDS_ONLY")),
        said("privacy_level", Value::Null),
        said("disable_everything", json!(true)),
        filed(json!({"source": "FILE_UPLOAD", "video_size": 99})),
        filed(cut(0, 0, 0)),
        filed(cut(99, 99, 2)),
        filed(cut(99, 50, 1)),
        filed(cut(99, 100, 1)),
        filed(cut(2 * CHUNK, CHUNK - 1, 2)),
        filed(cut(2 * CHUNK + 5, CHUNK, 3)),
        filed(cut(70_000_000, 70_000_000, 1)),
        filed(cut(130_000_000, 64_000_001, 2)),
        filed(cut(4_294_967_297, 64_000_000, 67)),
    ] {
        assert_eq!(server.refusal(&token, body.clone()).await, (400, "invalid_params".to_owned()), "{body}");
    }
    let pulled = filed(json!({"source": "PULL_FROM_URL", "video_url": "https://example.com/film.mp4"}));
    assert_eq!(server.refusal(&token, pulled).await, (403, "url_ownership_unverified".to_owned()));
    for body in [
        said("title", json!("🎬".repeat(1_100))),
        filed(cut(50_000_123, 10_000_000, 5)),
        filed(cut(4_294_967_296, 64_000_000, 67)),
    ] {
        assert_eq!(server.tiktok("post/publish/video/init/", &token, body.clone()).await.0, 200, "{body}");
    }
    server.control("settings", json!({"tiktok_unaudited": true})).await;
    let refused = server.refusal(&token, new("PUBLIC_TO_EVERYONE", 99)).await;
    assert_eq!(refused, (403, "unaudited_client_can_only_post_to_private_accounts".to_owned()));
    server.control("settings", json!({"tiktok_posts_a_day": 1})).await;
    server.filmed(&token, "SELF_ONLY").await;
    let refused = server.refusal(&token, new("SELF_ONLY", 99)).await;
    assert_eq!(refused, (403, "spam_risk_too_many_posts".to_owned()));
    let other = server.token("tiktok", "bo-demo").await;
    server.filmed(&other, "SELF_ONLY").await;
}

#[tokio::test]
async fn chunks_follow_one_another_and_the_last_one_publishes() {
    let server = Server::start().await;
    let token = server.token("tiktok", "harbour-coffee-demo").await;
    let film = film(2 * CHUNK + 5);
    let total = film.len();
    let post = server.begin(&token, "PUBLIC_TO_EVERYONE", total).await;
    let first = format!("bytes 0-{}/{total}", CHUNK - 1);
    let rest = format!("bytes {CHUNK}-{}/{total}", total - 1);
    assert_eq!(server.chunk(&post.url, &rest, &film[CHUNK..]).await, 416, "not its turn");
    assert_eq!(server.became(&token, &post).await, json!({"status": "PROCESSING_UPLOAD", "uploaded_bytes": 0}));
    assert_eq!(server.chunk(&post.url, &first, &film[..CHUNK]).await, 206);
    assert_eq!(server.became(&token, &post).await["uploaded_bytes"], CHUNK);
    for (range, bytes) in [
        (first, &film[..CHUNK]),
        (format!("bytes {CHUNK}-{}/{total}", 2 * CHUNK - 1), &film[CHUNK..2 * CHUNK]),
        (format!("bytes {CHUNK}-{total}/{}", total + 1), &film[CHUNK..]),
        (rest.clone(), &film[..CHUNK]),
    ] {
        assert_eq!(server.chunk(&post.url, &range, bytes).await, 416, "{range}");
    }
    assert_eq!(server.chunk(&post.url, "bytes", &film[CHUNK..]).await, 400);
    let untyped = server.http.put(&post.url).header("content-range", &rest).body(film[CHUNK..].to_vec());
    assert_eq!(untyped.send().await.unwrap().status(), 400);
    assert_eq!(server.json("/tiktok/timeline.json").await["committed"], 0);
    assert_eq!(server.chunk(&post.url, &rest, &film[CHUNK..]).await, 201);
    let told = server.became(&token, &post).await;
    assert_eq!((&told["status"], &told["uploaded_bytes"]), (&json!("PUBLISH_COMPLETE"), &json!(total)));
    let id = told["publicaly_available_post_id"][0].as_i64().unwrap().to_string();
    assert_eq!(id.len(), 19);
    let timeline = server.json("/tiktok/timeline.json").await;
    let live = &timeline["posts"][0];
    assert_eq!((&timeline["live"], &live["id"], &live["text"]), (&json!(1), &json!(id), &json!("A film #one")));
    assert_eq!(live["visibility"], "PUBLIC_TO_EVERYONE");
    let kept = server.http.get(live["media"][0]["url"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(kept.bytes().await.unwrap(), film, "all of it came");
    assert_eq!(server.chunk(&post.url, &rest, &film[CHUNK..]).await, 400, "it is over");
    let link = server.http.get(server.url(&format!("/tiktok/web/@harbour_coffee_demo/video/{id}")));
    assert_eq!(link.send().await.unwrap().headers()["location"], format!("/tiktok/timeline#{id}"));
}

#[tokio::test]
async fn an_address_to_upload_to_is_a_secret_that_ends() {
    let server = Server::start().await;
    let token = server.token("tiktok", "harbour-coffee-demo").await;
    let post = server.begin(&token, "SELF_ONLY", 99).await;
    let (address, _) = post.url.split_once("&upload_token=").unwrap();
    let guessed = format!("{address}&upload_token=guessed");
    let refused = server.try_chunk(&guessed, "bytes 0-98/99", &film(99)).await.unwrap();
    assert_eq!(refused.status(), 403);
    assert!(read(refused).await["error"]["log_id"].is_string());
    server.control("settings", json!({"tiktok_upload_s": 0})).await;
    assert_eq!(server.chunk(&post.url, "bytes 0-98/99", &film(99)).await, 403);
    server.control("settings", json!({"tiktok_upload_s": 3_600})).await;
    assert_eq!(server.chunk(&post.url, "bytes 0-98/99", &film(99)).await, 201);
}

#[tokio::test]
async fn a_post_is_live_when_it_was_processed_and_has_an_id_when_it_was_moderated() {
    let server = Server::start().await;
    let token = server.token("tiktok", "harbour-coffee-demo").await;
    server.control("settings", json!({"tiktok_publish_ms": LONG_MS, "tiktok_moderation_ms": LONG_MS})).await;
    let (public, own) = (server.filmed(&token, "PUBLIC_TO_EVERYONE").await, server.filmed(&token, "SELF_ONLY").await);
    let waiting = json!({"status": "PROCESSING_UPLOAD", "uploaded_bytes": 99});
    assert_eq!(server.became(&token, &public).await, waiting);
    assert_eq!(server.json("/tiktok/timeline.json").await["live"], 0);
    server.control("settings", json!({"tiktok_publish_ms": 0})).await;
    assert_eq!(server.json("/tiktok/timeline.json").await["live"], 2);
    let complete = json!({"status": "PUBLISH_COMPLETE", "uploaded_bytes": 99});
    assert_eq!(server.became(&token, &public).await, complete, "it has no id yet");
    server.control("settings", json!({"tiktok_moderation_ms": 0, "tiktok_no_uploaded_bytes": true})).await;
    let told = server.became(&token, &public).await;
    assert!(told["publicaly_available_post_id"][0].is_i64() && told.get("uploaded_bytes").is_none(), "{told}");
    assert_eq!(server.became(&token, &own).await, json!({"status": "PUBLISH_COMPLETE"}), "it never has one");
    let other = server.token("tiktok", "bo-demo").await;
    for (token, id) in [(&other, public.id.as_str()), (&token, "v_pub_file~v2-1.none")] {
        let (status, told) = server.tiktok("post/publish/status/fetch/", token, json!({"publish_id": id})).await;
        assert_eq!((status, &told["error"]["code"]), (400, &json!("invalid_params")));
    }
}

#[tokio::test]
async fn what_fails_in_processing_says_why_and_is_nowhere() {
    let server = Server::start().await;
    let token = server.token("tiktok", "harbour-coffee-demo").await;
    let text = server.begin(&token, "PUBLIC_TO_EVERYONE", 99).await;
    assert_eq!(server.chunk(&text.url, "bytes 0-98/99", &[b'a'; 99]).await, 201);
    assert_eq!(server.became(&token, &text).await["fail_reason"], "file_format_check_failed");
    server.control("settings", json!({"tiktok_outcome": "duration_check_failed"})).await;
    let long = server.filmed(&token, "PUBLIC_TO_EVERYONE").await;
    let expected = json!({"status": "FAILED", "fail_reason": "duration_check_failed", "uploaded_bytes": 99});
    assert_eq!(server.became(&token, &long).await, expected);
    assert_eq!(server.json("/tiktok/timeline.json").await["committed"], 0);
}

#[tokio::test]
async fn a_creator_reads_back_their_public_videos_alone() {
    let server = Server::start().await;
    let token = server.token("tiktok", "harbour-coffee-demo").await;
    let mut ids = Vec::new();
    for level in ["PUBLIC_TO_EVERYONE", "SELF_ONLY", "PUBLIC_TO_EVERYONE"] {
        let post = server.filmed(&token, level).await;
        let told = server.became(&token, &post).await;
        ids.extend(told["publicaly_available_post_id"][0].as_i64().map(|id| id.to_string()));
    }
    let (_, told) = server.tiktok("video/list/?fields=id,title", &token, json!({"max_count": 1})).await;
    let page = &told["data"];
    assert_eq!(page["videos"], json!([{"id": ids[1], "title": "A film #one"}]));
    assert_eq!(page["has_more"], true);
    let wanted = json!({"filters": {"video_ids": [ids[0], "1"]}});
    let (_, told) = server.tiktok("video/query/?fields=id,view_count,share_url", &token, wanted.clone()).await;
    let share = format!("https://www.tiktok.com/@harbour-coffee-demo/video/{}", ids[0]);
    assert_eq!(told["data"]["videos"], json!([{"id": ids[0], "view_count": 0, "share_url": share}]));
    let other = server.token("tiktok", "bo-demo").await;
    let (_, told) = server.tiktok("video/query/?fields=id", &other, wanted).await;
    assert_eq!(told["data"]["videos"], json!([]));
    for (path, body) in [
        ("video/list/?fields=id", json!({"max_count": 21})),
        ("video/list/?fields=secrets", json!({})),
        ("video/query/", json!({"filters": {"video_ids": ["1"]}})),
        ("video/query/?fields=id", json!({"filters": {"video_ids": vec!["1"; 21]}})),
    ] {
        assert_eq!(server.tiktok(path, &token, body).await.0, 400, "{path}");
    }
    server.fault("tiktok", "list", "lag_reads_ms", json!({"ms": LONG_MS})).await;
    let (_, told) = server.tiktok("video/list/?fields=id", &token, json!({})).await;
    assert_eq!(told["data"]["videos"], json!([]));
}

#[tokio::test]
async fn faults_of_the_post_hit_the_chunk_that_ends_the_file_and_no_other() {
    let server = Server::start().await;
    let token = server.token("tiktok", "harbour-coffee-demo").await;
    let film = film(2 * CHUNK);
    let total = film.len();
    let (first, last) = (format!("bytes 0-{}/{total}", CHUNK - 1), format!("bytes {CHUNK}-{}/{total}", total - 1));
    for (kind, params, answered, live) in [
        ("drop_before_commit", json!({}), None, 0),
        ("commit_then_drop", json!({"reset": true}), None, 1),
        ("cut_body", json!({}), Some(201), 2),
        ("status", json!({"code": 500}), Some(500), 2),
        ("status", json!({"code": 502, "commit": true}), Some(502), 3),
        ("garbage", json!({}), Some(200), 3),
        ("no_id", json!({}), Some(200), 4),
    ] {
        server.fault("tiktok", "create_post", kind, params).await;
        let post = server.begin(&token, "SELF_ONLY", total).await;
        assert_eq!(server.chunk(&post.url, &first, &film[..CHUNK]).await, 206, "{kind}");
        let answer = server.try_chunk(&post.url, &last, &film[CHUNK..]).await;
        assert_eq!(answer.ok().map(|answer| answer.status().as_u16()), answered, "{kind}");
        assert_eq!(server.json("/tiktok/timeline.json").await["live"], live, "{kind}");
    }
    let calls = server.json("/control/state").await["calls"].clone();
    let counted = (&calls["tiktok.draft"], &calls["tiktok.media"], &calls["tiktok.create_post"]);
    assert_eq!(counted, (&json!(7), &json!(7), &json!(7)));
    server.fault("tiktok", "create_post", "late_commit_ms", json!({"ms": 300})).await;
    let post = server.begin(&token, "SELF_ONLY", 99).await;
    assert_eq!(server.chunk(&post.url, "bytes 0-98/99", &film[..99]).await, 503);
    assert_eq!(server.became(&token, &post).await["uploaded_bytes"], 0);
    for (op, path, body) in [
        ("terms", "post/publish/creator_info/query/", json!({})),
        ("draft", "post/publish/video/init/", new("SELF_ONLY", 99)),
        ("media_status", "post/publish/status/fetch/", json!({"publish_id": post.id})),
        ("lookup", "video/query/?fields=id", json!({"filters": {"video_ids": ["1"]}})),
    ] {
        server.fault("tiktok", op, "status", json!({"code": 429})).await;
        let (status, told) = server.tiktok(path, &token, body).await;
        assert_eq!((status, &told["error"]["code"]), (429, &json!("rate_limit_exceeded")), "{op}");
    }
    server.fault("tiktok", "me", "status", json!({"code": 503})).await;
    assert_eq!(server.user(&token, "open_id").await.1["error"]["code"], "internal_error");
    server.fault("tiktok", "draft", "no_id", json!({})).await;
    let (_, told) = server.tiktok("post/publish/video/init/", &token, new("SELF_ONLY", 99)).await;
    assert!(told.get("data").is_none(), "{told}");
    server.fault("tiktok", "media", "status", json!({"code": 500})).await;
    let post = server.begin(&token, "SELF_ONLY", total).await;
    assert_eq!(server.chunk(&post.url, &first, &film[..CHUNK]).await, 500);
}

#[tokio::test]
async fn a_video_for_the_inbox_has_no_words_and_five_of_them_wait_there() {
    let server = Server::start().await;
    let token = server.token("tiktok", "harbour-coffee-demo").await;
    let path = "post/publish/inbox/video/init/";
    let body = json!({ "source_info": cut(99, 99, 1) });
    let (status, told) = server.tiktok(path, &token, new("SELF_ONLY", 99)).await;
    assert_eq!((status, &told["error"]["code"]), (400, &json!("invalid_params")), "nothing is said of it");
    let grant = json!({"platform": "tiktok", "actor": "harbour-coffee-demo", "scopes": ["video.publish"]});
    let tokens = read(server.http.post(server.url("/control/grants")).json(&grant).send().await.unwrap()).await;
    let (status, told) = server.tiktok(path, tokens["access_token"].as_str().unwrap(), body.clone()).await;
    assert_eq!((status, &told["error"]["code"]), (403, &json!("scope_not_authorized")));
    for n in 0..5 {
        let (status, begun) = server.tiktok(path, &token, body.clone()).await;
        assert_eq!(status, 200, "{n}: {begun}");
        let url = begun["data"]["upload_url"].as_str().unwrap();
        assert_eq!(server.chunk(url, "bytes 0-98/99", &film(99)).await, 201, "{n}");
        let asked = json!({ "publish_id": begun["data"]["publish_id"] });
        let (_, told) = server.tiktok("post/publish/status/fetch/", &token, asked).await;
        assert_eq!(told["data"]["status"], "SEND_TO_USER_INBOX");
    }
    let (status, told) = server.tiktok(path, &token, body).await;
    assert_eq!((status, &told["error"]["code"]), (403, &json!("spam_risk_too_many_pending_share")));
    let posts = server.json("/tiktok/timeline.json").await["posts"].clone();
    assert!(posts.as_array().unwrap().iter().all(|post| post["visibility"] == "INBOX" && post["text"] == ""));
}
