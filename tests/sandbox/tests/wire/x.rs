//! Posting, reading and media on X.

use reqwest::multipart::{Form, Part};
use serde_json::json;

use crate::harness::{PNG, Server, read};

#[tokio::test]
async fn the_same_text_twice_is_refused_until_the_first_is_deleted() {
    let server = Server::start().await;
    let token = server.token("x", "ada_demo").await;
    let id = server.tweeted(&token, &json!({"text": "once"})).await;
    let second = server.tweet(&token, &json!({"text": "once"})).send().await.unwrap();
    assert_eq!(second.status(), 403);
    let body = read(second).await;
    assert_eq!(body["detail"], "You are not allowed to create a Tweet with duplicate content.");
    let other = server.token("x", "bo_demo").await;
    server.tweeted(&other, &json!({"text": "once"})).await;
    let delete = server.http.delete(server.url(&format!("/x/api/2/tweets/{id}"))).bearer_auth(&token);
    assert_eq!(read(delete.send().await.unwrap()).await["data"]["deleted"], true);
    server.tweeted(&token, &json!({"text": "once"})).await;
    let timeline = server.json("/x/timeline.json").await;
    assert_eq!((&timeline["committed"], &timeline["live"]), (&json!(3), &json!(2)));
    assert_eq!(timeline["posts"][0]["deleted"], true);
}

#[tokio::test]
async fn length_is_weighted_and_only_premium_may_write_more() {
    let server = Server::start().await;
    let token = server.token("x", "ada_demo").await;
    let link = format!("https://example.com/{}", "a".repeat(400));
    server.tweeted(&token, &json!({"text": format!("{link} {}", "b".repeat(256))})).await;
    for text in ["a".repeat(281), "日".repeat(141)] {
        let refused = server.tweet(&token, &json!({"text": text})).send().await.unwrap();
        assert_eq!(refused.status(), 403);
        assert_eq!(read(refused).await["detail"], "You are not permitted to perform this action.");
    }
    let premium = server.token("x", "cleo_demo").await;
    server.tweeted(&premium, &json!({"text": "a".repeat(281)})).await;
}

#[tokio::test]
async fn a_thread_grows_under_ones_own_post_and_not_under_a_strangers() {
    let server = Server::start().await;
    let token = server.token("x", "ada_demo").await;
    let first = server.tweeted(&token, &json!({"text": "one"})).await;
    let reply = |to: &str, text: &str| json!({"text": text, "reply": {"in_reply_to_tweet_id": to}});
    let second = server.tweeted(&token, &reply(&first, "two")).await;
    assert!(second.parse::<u64>().unwrap() > first.parse::<u64>().unwrap(), "identifiers rise");
    let stranger = server.token("x", "bo_demo").await;
    assert_eq!(server.tweet(&stranger, &reply(&first, "hi")).send().await.unwrap().status(), 403);
    let summons = server.tweeted(&token, &json!({"text": "ask @bo_demo"})).await;
    server.tweeted(&stranger, &reply(&summons, "hi")).await;
    assert_eq!(server.tweet(&token, &reply("1", "lost")).send().await.unwrap().status(), 403);
    let page = server.page("/x/timeline").await;
    let (one, two) = (page.find(&first).unwrap(), page.find(&second).unwrap());
    assert!(one < two, "the thread reads downwards");
}

#[tokio::test]
async fn every_answer_counts_down_the_rate_and_429_names_the_reset() {
    let server = Server::start().await;
    server.control("settings", json!({"x_rate_limits": {"create_post": 1}})).await;
    let token = server.token("x", "ada_demo").await;
    let first = server.tweet(&token, &json!({"text": "one"})).send().await.unwrap();
    let number = |response: &reqwest::Response, name: &str| -> i64 {
        response.headers()[&format!("x-rate-limit-{name}")[..]].to_str().unwrap().parse().unwrap()
    };
    assert_eq!((number(&first, "limit"), number(&first, "remaining")), (1, 0));
    let second = server.tweet(&token, &json!({"text": "two"})).send().await.unwrap();
    assert_eq!(second.status(), 429);
    let ahead_s = number(&second, "reset") - jiff::Timestamp::now().as_second();
    assert!((1..=901).contains(&ahead_s), "{ahead_s}");
    assert!(second.headers().get("retry-after").is_none());
    let other = server.token("x", "bo_demo").await;
    server.tweeted(&other, &json!({"text": "two"})).await;
    assert_eq!(server.json("/x/timeline.json").await["committed"], 2);
}

#[tokio::test]
async fn all_users_together_have_a_limit_of_a_day_that_is_told_on_posts_alone() {
    let server = Server::start().await;
    server.control("settings", json!({"x_app_posts_24h": 1})).await;
    let (ada, bo) = (server.token("x", "ada_demo").await, server.token("x", "bo_demo").await);
    let first = server.tweet(&ada, &json!({"text": "one"})).send().await.unwrap();
    let number = |response: &reqwest::Response, name: &str| -> i64 {
        response.headers()[&format!("x-app-limit-24hour-{name}")[..]].to_str().unwrap().parse().unwrap()
    };
    assert_eq!((number(&first, "limit"), number(&first, "remaining")), (1, 0));
    let second = server.tweet(&bo, &json!({"text": "two"})).send().await.unwrap();
    assert_eq!((second.status().as_u16(), number(&second, "remaining")), (429, 0));
    let ahead_s = number(&second, "reset") - jiff::Timestamp::now().as_second();
    assert!((86_000..=86_401).contains(&ahead_s), "{ahead_s}");
    assert_eq!(second.headers()["x-rate-limit-remaining"], second.headers()["x-rate-limit-limit"], "it was not taken");
    let me = server.http.get(server.url("/x/api/2/users/me")).bearer_auth(&ada).send().await.unwrap();
    assert!(!me.headers().contains_key("x-app-limit-24hour-limit"));
}

#[tokio::test]
async fn what_is_posted_can_be_found_by_author_since_an_id() {
    let server = Server::start().await;
    let token = server.token("x", "ada_demo").await;
    let first = server.tweeted(&token, &json!({"text": "one"})).await;
    let text = "two https://example.com/page & more";
    let second = server.tweeted(&token, &json!({"text": text})).await;
    let path =
        format!("/x/api/2/users/1800000000000000001/tweets?since_id={first}&max_results=5&tweet.fields=entities");
    let list = read(server.http.get(server.url(&path)).bearer_auth(&token).send().await.unwrap()).await;
    assert_eq!((&list["meta"]["result_count"], &list["data"][0]["id"]), (&json!(1), &json!(second)));
    let wire = list["data"][0]["text"].as_str().unwrap();
    assert!(wire.starts_with("two https://t.co/") && wire.ends_with(" &amp; more"), "{wire}");
    assert_eq!(list["data"][0]["entities"]["urls"][0]["expanded_url"], "https://example.com/page");
    let ids = format!("/x/api/2/tweets?ids={first},77&tweet.fields=author_id");
    let found = read(server.http.get(server.url(&ids)).bearer_auth(&token).send().await.unwrap()).await;
    assert_eq!((&found["data"][0]["id"], &found["errors"][0]["resource_id"]), (&json!(first), &json!("77")));
    assert_eq!(server.json("/x/timeline.json").await["posts"][1]["text"], text, "people see the true address");
}

#[tokio::test]
async fn pictures_with_alt_text_appear_on_the_timeline() {
    let server = Server::start().await;
    let token = server.token("x", "ada_demo").await;
    let form = || {
        let file = Part::bytes(PNG).file_name("a.png").mime_str("image/png").unwrap();
        Form::new().part("media", file).text("media_category", "tweet_image")
    };
    let upload = server.http.post(server.url("/x/api/2/media/upload")).bearer_auth(&token).multipart(form());
    let media = read(upload.send().await.unwrap()).await;
    let id = media["data"]["id"].as_str().unwrap();
    let alt = json!({"id": id, "metadata": {"alt_text": {"text": "a red square"}}});
    let set = server.http.post(server.url("/x/api/2/media/metadata")).bearer_auth(&token).json(&alt);
    assert_eq!(set.send().await.unwrap().status(), 200);
    server.tweeted(&token, &json!({"text": "look", "media": {"media_ids": [id]}})).await;
    let posts = server.json("/x/timeline.json").await["posts"].clone();
    assert_eq!(posts[0]["media"][0]["alt"], "a red square");
    let picture = server.http.get(posts[0]["media"][0]["url"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(picture.bytes().await.unwrap(), PNG);
    assert!(server.page("/x/timeline").await.contains("alt=\"a red square\""));
    let stranger = server.token("x", "bo_demo").await;
    for ids in [json!([id]), json!(["1"]), json!([]), json!(["1", "2", "3", "4", "5"])] {
        let body = json!({"text": "mine", "media": {"media_ids": ids}});
        assert_eq!(server.tweet(&stranger, &body).send().await.unwrap().status(), 400);
    }
}

#[tokio::test]
async fn a_video_is_uploaded_in_pieces_and_is_usable_once_processed() {
    let server = Server::start().await;
    let token = server.token("x", "ada_demo").await;
    let post =
        |path: String| server.http.post(server.url(&format!("/x/api/2/media/upload/{path}"))).bearer_auth(&token);
    let new = json!({"media_type": "video/mp4", "total_bytes": 12, "media_category": "tweet_video"});
    let media = read(post("initialize".into()).json(&new).send().await.unwrap()).await;
    let id = media["data"]["id"].as_str().unwrap();
    let piece = |index: &'static str, bytes: Vec<u8>| {
        Form::new().text("segment_index", index).part("media", Part::bytes(bytes))
    };
    let large = post(format!("{id}/append")).multipart(piece("0", vec![0; 1_048_577])).send().await.unwrap();
    assert_eq!(large.status(), 413);
    for (index, bytes) in [("1", b"ypmp42"), ("0", b"\0\0\0\x18ft")] {
        let part = post(format!("{id}/append")).multipart(piece(index, bytes.to_vec()));
        assert_eq!(part.send().await.unwrap().status(), 200);
    }
    let done = read(post(format!("{id}/finalize")).send().await.unwrap()).await;
    assert_eq!(done["data"]["processing_info"]["state"], "pending");
    assert_eq!(post(format!("{id}/finalize")).send().await.unwrap().status(), 400, "once");
    let body = json!({"text": "film", "media": {"media_ids": [id]}});
    assert_eq!(server.tweet(&token, &body).send().await.unwrap().status(), 400, "still being processed");
    for state in ["in_progress", "succeeded"] {
        let url = server.url(&format!("/x/api/2/media/upload?command=STATUS&media_id={id}"));
        let status = read(server.http.get(url).bearer_auth(&token).send().await.unwrap()).await;
        assert_eq!(status["data"]["processing_info"]["state"], state);
    }
    server.tweeted(&token, &body).await;
}

#[tokio::test]
async fn unknown_and_forbidden_fields_are_refused_before_anything_is_posted() {
    let server = Server::start().await;
    let token = server.token("x", "ada_demo").await;
    for (body, status) in [
        (json!({"text": "a", "colour": "red"}), 400),
        (json!({"text": "a", "quote_tweet_id": "1"}), 403),
        (json!({"text": " "}), 400),
        (json!({"text": "a", "reply_settings": "nobody"}), 400),
    ] {
        assert_eq!(server.tweet(&token, &body).send().await.unwrap().status(), status, "{body}");
    }
    assert_eq!(server.tweet("nonsense", &json!({"text": "a"})).send().await.unwrap().status(), 401);
    assert_eq!(server.json("/x/timeline.json").await["committed"], 0);
}

/// An article with this one row.
fn article(title: &str, row: &serde_json::Value) -> serde_json::Value {
    json!({"title": title, "content_state": {"blocks": [row], "entities": []}})
}

#[tokio::test]
async fn an_article_is_drafted_by_premium_accounts_published_once_and_told_by_its_post() {
    let server = Server::start().await;
    let token = server.token("x", "cleo_demo").await;
    let send = async |token: &str, path: &str, body: &serde_json::Value| {
        let call = server.http.post(server.url(&format!("/x/api/2/articles/{path}"))).bearer_auth(token).json(body);
        let answer = call.send().await.unwrap();
        (answer.status().as_u16(), read(answer).await)
    };
    let fine = article("Harbour", &json!({"text": "One row", "type": "unstyled"}));
    let ada = server.token("x", "ada_demo").await;
    let (status, refused) = send(&ada, "draft", &fine).await;
    assert_eq!(status, 403);
    assert!(refused["errors"][0]["message"].as_str().unwrap().ends_with("A Premium subscription is required."));
    for bad in [
        json!({"text": "two\nrows", "type": "unstyled"}),
        json!({"text": "x", "type": "code"}),
        json!({"text": "x"}),
        json!({"text": "x", "type": "unstyled", "entity_ranges": [{"key": 0, "offset": 0, "length": 1}]}),
        json!({"text": "@a", "type": "unstyled", "data": {"mentions": [{"from_index": 0, "to_index": 2, "text": "b"}]}}),
        json!({"text": "@a", "type": "unstyled", "data": {"mentions": [{"from_index": 0, "to_index": 9, "text": "a"}]}}),
    ] {
        assert_eq!(send(&token, "draft", &article("Harbour", &bad)).await.0, 400, "{bad}");
    }
    assert_eq!(send(&token, "draft", &article("", &json!({"text": "x", "type": "unstyled"}))).await.0, 400);
    let (status, made) = send(&token, "draft", &fine).await;
    assert_eq!((status, &made["data"]["title"]), (201, &json!("Harbour")));
    let id = made["data"]["id"].as_str().unwrap().to_owned();
    assert_eq!(server.json("/x/timeline.json").await["drafts"][0]["id"], id);
    let publish = format!("{id}/publish");
    let (status, published) = send(&token, &publish, &json!({})).await;
    assert_eq!(status, 200);
    let post = published["data"]["post_id"].as_str().unwrap().to_owned();
    assert_eq!(send(&token, &publish, &json!({})).await.0, 400, "it is a draft no more");
    let fields = "tweet.fields=article,entities";
    let told = server.http.get(server.url(&format!("/x/api/2/tweets/{post}?{fields}"))).bearer_auth(&token);
    let told = read(told.send().await.unwrap()).await["data"].clone();
    assert_eq!(told["article"]["title"], "Harbour");
    assert_eq!(told["entities"]["urls"][0]["expanded_url"], format!("https://x.com/i/article/{id}"));
    let timeline = server.json("/x/timeline.json").await;
    assert_eq!((&timeline["drafts"], &timeline["posts"][0]["card"]["description"]), (&json!([]), &json!("One row")));
}
