//! Posting, reading and media on Mastodon.

use reqwest::multipart::{Form, Part};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};

use crate::harness::{PNG, Server, read};

/// What a keyholder enters.
async fn keys(server: &Server, actor: &str) -> (String, String) {
    let body = json!({"platform": "mastodon", "actor": actor});
    let entries = read(server.http.post(server.url("/control/keys")).json(&body).send().await.unwrap()).await;
    let text = |name: &str| entries[name].as_str().unwrap().to_owned();
    (text("server"), text("token"))
}

fn post(server: &Server, token: &str, body: &Value) -> RequestBuilder {
    server.http.post(server.url("/mastodon/api/v1/statuses")).bearer_auth(token).json(body)
}

async fn posted(server: &Server, token: &str, body: &Value) -> Value {
    let response = post(server, token, body).send().await.unwrap();
    assert_eq!(response.status(), 200, "{body}");
    read(response).await
}

async fn get(server: &Server, token: &str, path: &str) -> Response {
    server.http.get(server.url(&format!("/mastodon/api/{path}"))).bearer_auth(token).send().await.unwrap()
}

async fn upload(server: &Server, token: &str, bytes: Vec<u8>, kind: &str, description: &str) -> Response {
    let file = Part::bytes(bytes).file_name("a").mime_str(kind).unwrap();
    let form = Form::new().text("description", description.to_owned()).part("file", file);
    let request = server.http.post(server.url("/mastodon/api/v2/media")).bearer_auth(token).multipart(form);
    request.send().await.unwrap()
}

#[tokio::test]
async fn a_key_tells_whose_it_is_until_all_are_revoked() {
    let server = Server::start().await;
    let (home, token) = keys(&server, "ada").await;
    assert_eq!(home, server.url("/mastodon"));
    let account = read(get(&server, &token, "v1/accounts/verify_credentials").await).await;
    assert_eq!((&account["username"], &account["acct"]), (&json!("ada"), &json!("ada")));
    assert_eq!(get(&server, "nonsense", "v1/accounts/verify_credentials").await.status(), 401);
    server.control("tokens/revoke", json!({"platform": "mastodon"})).await;
    let refused = get(&server, &token, "v1/accounts/verify_credentials").await;
    assert_eq!(refused.status(), 401);
    assert_eq!(read(refused).await, json!({"error": "The access token was revoked"}));
}

#[tokio::test]
async fn the_server_tells_its_limits_to_everyone() {
    let server = Server::start().await;
    let instance = server.json("/mastodon/api/v2/instance").await;
    let statuses = json!({"max_characters": 500, "max_media_attachments": 4, "characters_reserved_per_url": 23});
    assert_eq!((&instance["domain"], &instance["configuration"]["statuses"]), (&json!("social.example"), &statuses));
}

#[tokio::test]
async fn a_token_that_may_only_read_reads_and_does_not_write() {
    let server = Server::start().await;
    let (_, token) = keys(&server, "cleo").await;
    assert_eq!(get(&server, &token, "v1/accounts/verify_credentials").await.status(), 200);
    assert_eq!(read(get(&server, &token, "v1/apps/verify_credentials").await).await["scopes"], json!(["read"]));
    let refused = post(&server, &token, &json!({"status": "a"})).send().await.unwrap();
    assert_eq!(refused.status(), 403);
    assert_eq!(read(refused).await["error"], "This action is outside the authorized scopes");
}

#[tokio::test]
async fn the_same_key_answers_with_the_first_status_and_the_same_text_makes_another() {
    let server = Server::start().await;
    let ((_, ada), (_, bo)) = (keys(&server, "ada").await, keys(&server, "bo").await);
    let keyed = async |token: &str, key: &str| {
        let request = post(&server, token, &json!({"status": "once"})).header("Idempotency-Key", key);
        request.send().await.unwrap()
    };
    let first = read(keyed(&ada, "k").await).await;
    assert_eq!(read(keyed(&ada, "k").await).await["id"], first["id"]);
    let others = [read(keyed(&ada, "l").await).await, read(keyed(&bo, "k").await).await];
    assert!(others.iter().all(|other| other["id"] != first["id"]), "a key is one account's");
    assert_ne!(posted(&server, &ada, &json!({"status": "once"})).await["id"], first["id"]);
    let path = format!("/mastodon/api/v1/statuses/{}", first["id"].as_str().unwrap());
    let delete = async |token: &str| server.http.delete(server.url(&path)).bearer_auth(token).send().await.unwrap();
    assert_eq!(delete(&bo).await.status(), 404, "somebody else's");
    assert_eq!(read(delete(&ada).await).await["text"], "once");
    assert_eq!(delete(&ada).await.status(), 404);
    assert_eq!(keyed(&ada, "k").await.status(), 404);
    assert_eq!(server.json("/mastodon/timeline.json").await["live"], 3);
}

#[tokio::test]
async fn what_is_too_long_empty_or_answers_nothing_is_refused() {
    let server = Server::start().await;
    let (_, token) = keys(&server, "ada").await;
    let link = format!("https://example.com/{}", "a".repeat(400));
    let domain = link.trim_start_matches("https://");
    posted(&server, &token, &json!({"status": format!("{link} {}", "b".repeat(476))})).await;
    posted(&server, &token, &json!({"status": format!("@ada@social.example {}", "b".repeat(495))})).await;
    for (body, status, error) in [
        (json!({"status": "a".repeat(501)}), 422, "Validation failed: Text character limit of 500 exceeded"),
        (
            json!({"status": format!("{domain} {}", "b".repeat(100))}),
            422,
            "Validation failed: Text character limit of 500 exceeded",
        ),
        (json!({"status": " \n"}), 422, "Validation failed: Text can't be blank"),
        (
            json!({"status": "a", "visibility": "friends"}),
            422,
            "Validation failed: Visibility is not included in the list",
        ),
        (
            json!({"status": "a", "in_reply_to_id": "1"}),
            404,
            "The post you are trying to reply to does not appear to exist.",
        ),
    ] {
        let response = post(&server, &token, &body).send().await.unwrap();
        assert_eq!((response.status().as_u16(), &read(response).await["error"]), (status, &json!(error)), "{body}");
    }
    assert_eq!(server.json("/mastodon/timeline.json").await["committed"], 2);
}

#[tokio::test]
async fn a_listing_has_the_newest_first_and_pages_of_at_most_forty() {
    let server = Server::start().await;
    let (_, token) = keys(&server, "ada").await;
    let first = posted(&server, &token, &json!({"status": "a < b\nhttps://www.example.com/a?b=c&d=e"})).await;
    let author = first["account"]["id"].as_str().unwrap().to_owned();
    for n in 0..41 {
        let reply = json!({"status": format!("{n}"), "in_reply_to_id": first["id"], "visibility": "private"});
        posted(&server, &token, &reply).await;
    }
    let page = get(&server, &token, &format!("v1/accounts/{author}/statuses?limit=80")).await;
    let link = page.headers()["link"].to_str().unwrap().to_owned();
    let page = read(page).await;
    let (newest, last) = (&page[0], &page[39]);
    assert_eq!(page.as_array().unwrap().len(), 40);
    assert_eq!((&newest["content"], &newest["in_reply_to_id"]), (&json!("<p>40</p>"), &first["id"]));
    assert!(link.contains(&format!("max_id={}>; rel=\"next\"", last["id"].as_str().unwrap())), "{link}");
    let rest = format!("v1/accounts/{author}/statuses?limit=40&max_id={}", last["id"].as_str().unwrap());
    let rest = get(&server, &token, &rest).await;
    assert!(!rest.headers()["link"].to_str().unwrap().contains("next"));
    let rest = read(rest).await;
    assert_eq!(rest.as_array().unwrap().len(), 2);
    let html = rest[1]["content"].as_str().unwrap();
    assert!(html.starts_with("<p>a &lt; b<br /><a href=\"https://www.example.com/a?b=c&amp;d=e\""), "{html}");
    let after = format!("v1/accounts/{author}/statuses?limit=1&min_id={}", first["id"].as_str().unwrap());
    assert_eq!(read(get(&server, &token, &after).await).await[0]["content"], "<p>0</p>", "what came next");
    let (_, stranger) = keys(&server, "bo").await;
    let public = read(get(&server, &stranger, &format!("v1/accounts/{author}/statuses")).await).await;
    assert_eq!(public.as_array().unwrap().len(), 1, "strangers see what is public");
    assert_eq!(get(&server, &token, "v1/accounts/1/statuses").await.status(), 404);
}

#[tokio::test]
async fn pictures_with_descriptions_appear_on_the_timeline_and_a_moving_one_takes_its_time() {
    let server = Server::start().await;
    let ((_, token), (_, stranger)) = (keys(&server, "ada").await, keys(&server, "bo").await);
    let still = upload(&server, &token, PNG.to_vec(), "image/png", "a <red> square").await;
    assert_eq!(still.status(), 200);
    let still = read(still).await["id"].clone();
    let moving = upload(&server, &token, b"GIF89a".to_vec(), "image/gif", "").await;
    assert_eq!(moving.status(), 202);
    let moving = read(moving).await;
    assert_eq!(moving["url"], json!(null));
    let with = |ids: Value| json!({"media_ids": ids});
    for (token, ids) in [
        (&token, json!([moving["id"]])),
        (&token, json!([still, moving["id"]])),
        (&token, json!(["1"])),
        (&token, json!(["1", "2", "3", "4", "5"])),
        (&stranger, json!([still])),
    ] {
        assert_eq!(post(&server, token, &with(ids.clone())).send().await.unwrap().status(), 422, "{ids}");
    }
    let path = format!("v1/media/{}", moving["id"].as_str().unwrap());
    assert_eq!(get(&server, &stranger, &path).await.status(), 404);
    assert_eq!(get(&server, &token, &path).await.status(), 206);
    assert_eq!(get(&server, &token, &path).await.status(), 200);
    posted(&server, &token, &with(json!([moving["id"]]))).await;
    posted(&server, &token, &with(json!([still]))).await;
    assert_eq!(post(&server, &token, &with(json!([still]))).send().await.unwrap().status(), 422, "attached already");
    let posts = server.json("/mastodon/timeline.json").await["posts"].clone();
    assert_eq!(posts[1]["media"][0]["alt"], "a <red> square");
    let picture = server.http.get(posts[1]["media"][0]["url"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(picture.bytes().await.unwrap(), PNG);
    assert!(server.page("/mastodon/timeline").await.contains("a &lt;red&gt; square"));
}

#[tokio::test]
async fn a_video_is_processed_for_a_while_stands_alone_and_is_as_large_as_the_server_says() {
    let server = Server::start().await;
    let (_, token) = keys(&server, "ada").await;
    server.control("settings", json!({"mastodon_polls": 3, "mastodon_video_bytes": 1_000})).await;
    let instance = server.json("/mastodon/api/v2/instance").await;
    assert_eq!(instance["configuration"]["media_attachments"]["video_size_limit"], 1_000);
    let film = |size: usize| [b"\0\0\0\x18ftypmp42".as_slice(), &vec![0; size - 12]].concat();
    let sent = upload(&server, &token, film(1_000), "video/mp4", "ships").await;
    assert_eq!(sent.status(), 202);
    let sent = read(sent).await;
    assert_eq!((&sent["type"], &sent["url"]), (&json!("video"), &json!(null)));
    let path = format!("v1/media/{}", sent["id"].as_str().unwrap());
    for status in [206, 206, 200] {
        assert_eq!(get(&server, &token, &path).await.status(), status);
    }
    let still = read(upload(&server, &token, PNG.to_vec(), "image/png", "").await).await["id"].clone();
    let both = json!({"media_ids": [still, sent["id"]]});
    assert_eq!(post(&server, &token, &both).send().await.unwrap().status(), 422);
    posted(&server, &token, &json!({"media_ids": [sent["id"]]})).await;
    for (bytes, kind) in [(film(1_001), "video/mp4"), (film(100), "image/png"), (PNG.to_vec(), "video/mp4")] {
        assert_eq!(upload(&server, &token, bytes, kind, "").await.status(), 422, "{kind}");
    }
}

#[tokio::test]
async fn a_file_that_is_not_what_it_says_too_large_or_described_at_length_is_refused() {
    let server = Server::start().await;
    let (_, token) = keys(&server, "ada").await;
    let of = |size: usize| [PNG, &vec![0; size - PNG.len()]].concat();
    let most = 16 * 1024 * 1024;
    assert_eq!(upload(&server, &token, of(most), "image/png", &"é".repeat(1_500)).await.status(), 200);
    for (bytes, kind, description) in [
        (of(most + 1), "image/png", String::new()),
        (of(100), "image/jpeg", String::new()),
        (b"<svg/>".to_vec(), "image/png", String::new()),
        (of(100), "image/png", "é".repeat(1_501)),
    ] {
        assert_eq!(upload(&server, &token, bytes, kind, &description).await.status(), 422, "{kind}");
    }
}

#[tokio::test]
async fn every_answer_tells_of_the_window_that_is_nearest_to_its_end() {
    let server = Server::start().await;
    let (_, token) = keys(&server, "ada").await;
    let header = |response: &Response, name: &str| {
        response.headers()[&*format!("x-ratelimit-{name}")].to_str().unwrap().to_owned()
    };
    let first = get(&server, &token, "v1/accounts/verify_credentials").await;
    assert_eq!(header(&first, "limit"), "300");
    let media = upload(&server, &token, PNG.to_vec(), "image/png", "").await;
    assert_eq!((header(&media, "limit"), header(&media, "remaining")), ("30".to_owned(), "29".to_owned()));
    server.control("settings", json!({"mastodon_rate_limits": {"all": 0}})).await;
    let refused = get(&server, &token, "v1/accounts/verify_credentials").await;
    assert_eq!((refused.status().as_u16(), header(&refused, "remaining")), (429, "0".to_owned()));
    let reset: jiff::Timestamp = header(&refused, "reset").parse().unwrap();
    let ahead_s = reset.as_second() - jiff::Timestamp::now().as_second();
    assert!((0..=300).contains(&ahead_s), "{ahead_s}");
    assert_eq!(read(refused).await, json!({"error": "Too many requests"}));
}

#[tokio::test]
async fn the_address_of_a_status_leads_to_it() {
    let server = Server::start().await;
    let (_, token) = keys(&server, "ada").await;
    let status = posted(&server, &token, &json!({"status": "here"})).await;
    let response = server.http.get(status["url"].as_str().unwrap()).send().await.unwrap();
    let anchor = format!("/mastodon/timeline#{}", status["id"].as_str().unwrap());
    assert_eq!(response.headers()["location"], anchor);
}

#[tokio::test]
async fn a_poll_has_two_to_four_answers_a_time_and_no_media_and_is_read_back() {
    let server = Server::start().await;
    let (_, token) = keys(&server, "ada").await;
    let told = server.json("/mastodon/api/v2/instance").await["configuration"]["polls"].clone();
    let limits = json!({
        "max_options": 4, "max_characters_per_option": 50, "min_expiration": 300, "max_expiration": 2_629_746,
    });
    assert_eq!(told, limits);
    let asks = |options: Value, seconds: Value| json!({ "status": "Tea?", "poll": { "options": options, "expires_in": seconds, "multiple": true } });
    for (options, seconds) in [(json!(["a", "é".repeat(50)]), 300), (json!(["a", "b", "c", " d "]), 2_629_746)] {
        let status = posted(&server, &token, &asks(options, json!(seconds))).await;
        assert_eq!((&status["poll"]["multiple"], &status["poll"]["options"][0]["title"]), (&json!(true), &json!("a")));
    }
    let picture = read(upload(&server, &token, PNG.to_vec(), "image/png", "").await).await["id"].clone();
    let mut beside = asks(json!(["a", "b"]), json!(300));
    beside["media_ids"] = json!([picture]);
    let mut silent = asks(json!(["a", "b"]), json!(300));
    silent["status"] = json!(" ");
    for (body, error) in [
        (asks(json!(["a", " "]), json!(300)), "Options must have more than one item"),
        (asks(json!(["a", "b", "c", "d", "e"]), json!(300)), "Options can't contain more than 4 items"),
        (asks(json!(["a", "é".repeat(51)]), json!(300)), "Options cannot be longer than 50 characters each"),
        (asks(json!(["a", "a"]), json!(300)), "Options contain duplicate items"),
        (asks(json!(["a", "b"]), json!(null)), "Expires at can't be blank"),
        (asks(json!(["a", "b"]), json!(299)), "Expires at is too soon"),
        (asks(json!(["a", "b"]), json!(2_629_747)), "Expires at is too far into the future"),
        (beside, "Cannot attach more than 4 files"),
        (silent, "Text can't be blank"),
    ] {
        let response = post(&server, &token, &body).send().await.unwrap();
        assert_eq!(response.status(), 422, "{body}");
        assert_eq!(read(response).await["error"], format!("Validation failed: {error}"));
    }
    let shown = server.json("/mastodon/timeline.json").await["posts"].clone();
    let last = shown.as_array().unwrap().iter().find(|post| post["poll"].as_array().unwrap().len() == 4).unwrap();
    assert_eq!((&last["poll"][3], &last["asked"]["expires_in"]), (&json!("d"), &json!(2_629_746)));
}
