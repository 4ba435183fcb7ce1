//! The Graph API at wire level.

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::harness::{PNG, Server, read};

const PAGE: &str = "61001";
const ACCOUNT: &str = "17841400000000001";
/// The smallest thing that is a JPEG by its first bytes.
const JPEG: &[u8] = b"\xff\xd8\xff\xe0rest";

impl Server {
    /// The page's own token.
    async fn page_token(&self) -> String {
        let token = self.token("facebook", "ada-demo").await;
        let url = self.url("/facebook/graph/v25.0/me/accounts?fields=id,access_token");
        let list = read(self.http.get(url).bearer_auth(token).send().await.unwrap()).await;
        list["data"][0]["access_token"].as_str().unwrap().to_owned()
    }

    async fn graph(&self, method: &str, path: &str, token: &str, body: Value) -> (u16, Value) {
        let request = self.http.request(method.parse().unwrap(), self.url(path)).bearer_auth(token);
        let request = if body.is_null() { request } else { request.json(&body) };
        let response = request.send().await.unwrap();
        (response.status().as_u16(), read(response).await)
    }

    pub(crate) async fn host(&self, name: &str, bytes: &'static [u8]) -> String {
        let put = self.http.put(self.url(&format!("/control/files/{name}"))).body(bytes);
        read(put.send().await.unwrap()).await["url"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn a_page_is_acted_for_with_its_own_token_only() {
    let server = Server::start().await;
    let (person, page) = (server.token("facebook", "ada-demo").await, server.page_token().await);
    let feed = format!("/facebook/graph/v25.0/{PAGE}/feed?fields=id,permalink_url");
    let (status, refused) = server.graph("POST", &feed, &person, json!({"message": "hello"})).await;
    assert_eq!((status, &refused["error"]["code"]), (403, &json!(210)));
    let (status, made) = server.graph("POST", &feed, &page, json!({"message": "hello"})).await;
    assert_eq!(status, 200);
    let id = made["id"].as_str().unwrap();
    assert!(id.starts_with("61001_") && made["permalink_url"].as_str().unwrap().contains("/61001/posts/"));
    let (_, again) = server.graph("POST", &feed, &page, json!({"message": "hello"})).await;
    assert_eq!(again["error"]["code"], 506);
    let list = format!("/facebook/graph/v25.0/{PAGE}/published_posts?fields=id,message,created_time");
    let (_, listed) = server.graph("GET", &list, &page, Value::Null).await;
    assert_eq!((&listed["data"][0]["id"], &listed["data"][0]["message"]), (&json!(id), &json!("hello")));
    assert!(listed["data"][0]["created_time"].as_str().unwrap().ends_with("+0000"));
    let one = format!("/facebook/graph/v25.0/{id}");
    assert_eq!(server.graph("DELETE", &one, &page, Value::Null).await, (200, json!({"success": true})));
    let (_, gone) = server.graph("DELETE", &one, &page, Value::Null).await;
    assert_eq!((&gone["error"]["code"], &gone["error"]["error_subcode"]), (&json!(100), &json!(33)));
    server.control("tokens/revoke", json!({"platform": "facebook"})).await;
    let (status, dead) = server.graph("POST", &feed, &page, json!({"message": "after"})).await;
    assert_eq!((status, &dead["error"]["code"]), (401, &json!(190)), "it dies with the person's");
}

#[tokio::test]
async fn a_video_is_sent_from_where_the_last_chunk_ended_and_is_published_by_its_end() {
    let server = Server::start().await;
    let page = server.page_token().await;
    server.control("settings", json!({"facebook_chunk_bytes": 8})).await;
    let videos = format!("/facebook/graph/v25.0/{PAGE}/videos");
    let film: &'static [u8] = b"\0\0\0\x18ftypmp42";
    let (_, begun) = server.graph("POST", &videos, &page, json!({"upload_phase": "start", "file_size": 12})).await;
    assert_eq!((&begun["start_offset"], &begun["end_offset"]), (&json!("0"), &json!("8")));
    let session = begun["upload_session_id"].as_str().unwrap();
    let video = format!("/facebook/graph/v25.0/{}?fields=status", begun["video_id"].as_str().unwrap());
    let chunk = async |from: usize, to: usize| {
        let form = Form::new().text("upload_phase", "transfer").text("upload_session_id", session.to_owned());
        let part = Part::bytes(&film[from..to]).file_name("chunk");
        let form = form.text("start_offset", from.to_string()).part("video_file_chunk", part);
        let request = server.http.post(server.url(&videos)).bearer_auth(&page).multipart(form);
        let response = request.send().await.unwrap();
        (response.status().as_u16(), read(response).await)
    };
    let finish =
        json!({"upload_phase": "finish", "upload_session_id": session, "description": "ships", "published": true});
    assert_eq!(chunk(0, 12).await.0, 400, "more than was asked for");
    assert_eq!(chunk(0, 8).await.1, json!({"start_offset": "8", "end_offset": "12"}));
    assert_eq!(chunk(0, 8).await.1["error"]["error_subcode"], 1_363_037, "no chunk is taken twice");
    assert_eq!(server.graph("POST", &videos, &page, finish.clone()).await.0, 400, "it is not whole");
    assert_eq!(chunk(8, 12).await.1, json!({"start_offset": "12", "end_offset": "12"}));
    assert_eq!(server.graph("GET", &video, &page, Value::Null).await.1["status"]["video_status"], "uploading");
    assert_eq!(server.json("/facebook/timeline.json").await["committed"], 0);
    server.control("settings", json!({"facebook_video_ms": 60_000})).await;
    assert_eq!(server.graph("POST", &videos, &page, finish.clone()).await, (200, json!({"success": true})));
    assert_eq!(server.graph("POST", &videos, &page, finish).await.0, 400, "an upload is finished once");
    let told = server.graph("GET", &video, &page, Value::Null).await.1;
    assert_eq!((&told["status"]["video_status"], &told["post_id"]), (&json!("processing"), &Value::Null));
    let list = format!("/facebook/graph/v25.0/{PAGE}/published_posts?fields=id,message,created_time");
    assert_eq!(server.graph("GET", &list, &page, Value::Null).await.1["data"], json!([]));
    server.control("settings", json!({"facebook_video_ms": 0})).await;
    assert_eq!(server.json("/control/state").await["calls"]["facebook.create_post"], 3);
    let person = server.token("facebook", "ada-demo").await;
    let start = json!({"upload_phase": "start", "file_size": 12});
    assert_eq!(server.graph("POST", &videos, &person, start).await.0, 403);
}

/// A video that goes up at once, sent with these headers and bytes.
async fn put(server: &Server, url: &str, token: &str, headers: [&str; 2], bytes: &[u8]) -> (u16, Value) {
    let request = server.http.post(url).header("authorization", format!("OAuth {token}"));
    let request = request.header("offset", headers[0]).header("file_size", headers[1]).body(bytes.to_vec());
    let response = request.send().await.unwrap();
    (response.status().as_u16(), read(response).await)
}

#[tokio::test]
async fn a_reel_takes_all_of_its_bytes_or_none_and_is_published_once_by_its_end() {
    let server = Server::start().await;
    let page = server.page_token().await;
    let reels = format!("/facebook/graph/v25.0/{PAGE}/video_reels");
    let film: &'static [u8] = b"\0\0\0\x18ftypmp42";
    let (_, begun) = server.graph("POST", &reels, &page, json!({"upload_phase": "START"})).await;
    let (video, url) = (begun["video_id"].as_str().unwrap(), begun["upload_url"].as_str().unwrap());
    let finish =
        json!({"upload_phase": "FINISH", "video_id": video, "video_state": "PUBLISHED", "description": "ships"});
    let status = async || {
        let path = format!("/facebook/graph/v25.0/{video}?fields=status");
        server.graph("GET", &path, &page, Value::Null).await.1["status"].clone()
    };
    assert_eq!(server.graph("POST", &reels, &page, finish.clone()).await.0, 400, "it has no bytes");
    assert_eq!(status().await["video_status"], "uploading");
    for (headers, bytes, kind) in [
        (["", "12"], film, "ParameterValidationError"),
        (["0", "12"], &film[..8], "PartialRequestError"),
        (["4", "12"], &film[4..], "OffsetInvalidError"),
    ] {
        let (code, told) = put(&server, url, &page, headers, bytes).await;
        assert_eq!((code, told["debug_info"]["type"].as_str()), (400, Some(kind)));
    }
    let person = server.token("facebook", "ada-demo").await;
    assert_eq!(put(&server, url, &person, ["0", "12"], film).await.0, 400, "it is the page's own");
    assert_eq!(put(&server, url, "none", ["0", "12"], film).await.0, 401);
    assert_eq!(put(&server, url, &page, ["0", "12"], film).await, (200, json!({"success": true})));
    assert_eq!(put(&server, url, &page, ["0", "12"], film).await.0, 400, "nor are bytes taken twice");
    assert_eq!(status().await["video_status"], "upload_complete");
    assert_eq!(status().await["uploading_phase"], json!({"status": "complete", "bytes_transfered": 12}));
    assert_eq!(server.json("/facebook/timeline.json").await["committed"], 0);
    assert_eq!(server.graph("POST", &reels, &page, finish.clone()).await, (200, json!({"success": true})));
    assert_eq!(server.graph("POST", &reels, &page, finish.clone()).await.0, 400, "a video is ended once");
    assert_eq!(status().await["publishing_phase"], json!({"status": "complete", "publish_status": "published"}));
    let list = format!("/facebook/graph/v25.0/{PAGE}/published_posts?fields=id,message,created_time");
    assert_eq!(server.graph("GET", &list, &page, Value::Null).await.1["data"][0]["message"], "ships");
    assert_eq!(server.json("/control/state").await["calls"]["facebook.create_post"], 3);
    server.control("settings", json!({"facebook_reels_a_day": 1})).await;
    let (_, begun) = server.graph("POST", &reels, &page, json!({"upload_phase": "START"})).await;
    assert_eq!(put(&server, begun["upload_url"].as_str().unwrap(), &page, ["0", "12"], film).await.0, 200);
    let second = json!({"upload_phase": "FINISH", "video_id": begun["video_id"], "video_state": "PUBLISHED"});
    assert_eq!(server.graph("POST", &reels, &page, second).await.1["error"]["code"], 613);
    let gone = format!("/facebook/graph/v25.0/{video}");
    assert_eq!(server.graph("DELETE", &gone, &page, Value::Null).await, (200, json!({"success": true})));
}

#[tokio::test]
async fn a_video_story_names_its_post_and_a_draft_is_in_no_list() {
    let server = Server::start().await;
    let page = server.page_token().await;
    let film: &'static [u8] = b"\0\0\0\x18ftypmp42";
    let stories = format!("/facebook/graph/v25.0/{PAGE}/video_stories");
    let (_, begun) = server.graph("POST", &stories, &page, json!({"upload_phase": "start"})).await;
    assert_eq!(put(&server, begun["upload_url"].as_str().unwrap(), &page, ["0", "12"], film).await.0, 200);
    let finish = json!({"upload_phase": "finish", "video_id": begun["video_id"]});
    let (code, told) = server.graph("POST", &stories, &page, finish.clone()).await;
    assert!(code == 200 && told["post_id"].as_str().unwrap().starts_with("61001_"), "{told}");
    assert_eq!(server.graph("POST", &stories, &page, finish).await.0, 400);
    let feed = format!("/facebook/graph/v25.0/{PAGE}/feed");
    let unpublished = json!({"message": "later", "published": false});
    assert_eq!(server.graph("POST", &feed, &page, unpublished).await.0, 400, "no word of what it is kept as");
    let draft = json!({"message": "later", "published": false, "unpublished_content_type": "DRAFT"});
    assert_eq!(server.graph("POST", &feed, &page, draft).await.0, 200);
    let list = format!("/facebook/graph/v25.0/{PAGE}/published_posts?fields=id,message,created_time");
    assert_eq!(server.graph("GET", &list, &page, Value::Null).await.1["data"], json!([]));
    assert_eq!(server.json("/facebook/timeline.json").await["committed"], 2);
}

#[tokio::test]
async fn photos_are_uploaded_unpublished_and_posted_once() {
    let server = Server::start().await;
    let page = server.page_token().await;
    let part = Part::bytes(PNG).file_name("a.png").mime_str("image/png").unwrap();
    let form = Form::new().text("published", "false").text("alt_text_custom", "a harbour").part("source", part);
    let url = server.url(&format!("/facebook/graph/v25.0/{PAGE}/photos"));
    let photo = read(server.http.post(url).bearer_auth(&page).multipart(form).send().await.unwrap()).await;
    let feed = format!("/facebook/graph/v25.0/{PAGE}/feed");
    let body = json!({"message": "look", "attached_media": [{"media_fbid": photo["id"]}]});
    assert_eq!(server.graph("POST", &feed, &page, body.clone()).await.0, 200);
    assert!(server.page("/facebook/timeline").await.contains("a harbour"));
    let (_, again) = server.graph("POST", &feed, &page, body).await;
    assert_eq!(again["error"]["error_subcode"], 1_366_051);
}

#[tokio::test]
async fn a_container_fetches_its_picture_is_waited_for_and_published_once() {
    let server = Server::start().await;
    let token = server.token("instagram", "harbour.coffee.demo").await;
    let (url, png) = (server.host("a.jpg", JPEG).await, server.host("b.png", PNG).await);
    server.control("settings", json!({"instagram_container_ms": 600_000})).await;
    let media = format!("/instagram/graph/v25.0/{ACCOUNT}/media");
    let publish = format!("/instagram/graph/v25.0/{ACCOUNT}/media_publish");
    let status = async |id: &Value| {
        let path = format!("/instagram/graph/v25.0/{}?fields=status_code,status", id.as_str().unwrap());
        server.graph("GET", &path, &token, Value::Null).await.1
    };
    let (_, slow) = server.graph("POST", &media, &token, json!({"image_url": url, "caption": "slow"})).await;
    assert_eq!(status(&slow["id"]).await["status_code"], "IN_PROGRESS");
    let (_, early) = server.graph("POST", &publish, &token, json!({"creation_id": slow["id"]})).await;
    assert_eq!(early["error"]["error_subcode"], 2_207_027);

    server.control("settings", json!({"instagram_container_ms": 0})).await;
    let (_, wrong) = server.graph("POST", &media, &token, json!({"image_url": png})).await;
    let told = status(&wrong["id"]).await;
    assert_eq!(told["status_code"], "ERROR");
    assert!(told["status"].as_str().unwrap().contains("2207005"), "{told}");

    let (_, made) = server.graph("POST", &media, &token, json!({"image_url": url, "caption": "quick"})).await;
    assert_eq!(status(&made["id"]).await["status_code"], "FINISHED");
    let (code, published) = server.graph("POST", &publish, &token, json!({"creation_id": made["id"]})).await;
    assert_eq!(code, 200);
    assert_eq!(status(&made["id"]).await["status_code"], "PUBLISHED");
    assert_eq!(server.graph("POST", &publish, &token, json!({"creation_id": made["id"]})).await.0, 400);
    let (_, listed) = server.graph("GET", &media, &token, Value::Null).await;
    assert_eq!((&listed["data"][0]["id"], &listed["data"][0]["caption"]), (&published["id"], &json!("quick")));
    let other = server.token("instagram", "ada.pictures.demo").await;
    let (_, foreign) = server.graph("POST", &media, &other, json!({"image_url": url})).await;
    assert_eq!(foreign["error"]["error_subcode"], 33);
}

#[tokio::test]
async fn a_carousel_has_two_to_ten_finished_pictures_or_videos_and_a_picture_is_no_reel() {
    let server = Server::start().await;
    let token = server.token("instagram", "harbour.coffee.demo").await;
    let url = server.host("a.jpg", JPEG).await;
    let media = format!("/instagram/graph/v25.0/{ACCOUNT}/media");
    let mut children = Vec::new();
    for _ in 0..2 {
        let item = json!({"image_url": url, "is_carousel_item": true});
        children.push(server.graph("POST", &media, &token, item).await.1["id"].clone());
    }
    let one = json!({"media_type": "CAROUSEL", "children": [children[0]], "caption": "c"});
    assert_eq!(server.graph("POST", &media, &token, one).await.1["error"]["error_subcode"], 2_207_028);
    let both = json!({"media_type": "CAROUSEL", "children": children, "caption": "c"});
    assert_eq!(server.graph("POST", &media, &token, both).await.0, 200);
    let clip = server.host("a.mp4", b"\0\0\0\x18ftypmp42").await;
    let child = json!({"media_type": "VIDEO", "video_url": clip, "is_carousel_item": true});
    children[1] = server.graph("POST", &media, &token, child).await.1["id"].clone();
    let mixed = json!({"media_type": "CAROUSEL", "children": children, "caption": "c"});
    assert_eq!(server.graph("POST", &media, &token, mixed).await.0, 200, "a video among them");
    for wrong in [
        json!({"video_url": clip, "is_carousel_item": true}),
        json!({"media_type": "VIDEO", "video_url": clip}),
        json!({"media_type": "VIDEO", "image_url": url, "is_carousel_item": true}),
        json!({"media_type": "STORIES", "video_url": clip, "cover_url": url}),
    ] {
        assert_eq!(server.graph("POST", &media, &token, wrong.clone()).await.0, 400, "{wrong}");
    }
    let film = json!({"media_type": "REELS", "image_url": url});
    assert_eq!(server.graph("POST", &media, &token, film).await.0, 400);
    let text = json!({"caption": "words alone"});
    assert_eq!(server.graph("POST", &media, &token, text).await.0, 400);
}

#[tokio::test]
async fn a_comment_of_a_page_is_answered_and_what_answers_an_answer_stands_below_the_first() {
    let server = Server::start().await;
    let page = server.page_token().await;
    let at = |path: &str| format!("/facebook/graph/v25.0/{path}");
    let (_, post) = server.graph("POST", &at(&format!("{PAGE}/feed")), &page, json!({"message": "look"})).await;
    let mut above = post["id"].as_str().unwrap().to_owned();
    let mut made = Vec::new();
    for words in ["one", "two", "three"] {
        let (status, told) =
            server.graph("POST", &at(&format!("{above}/comments")), &page, json!({"message": words})).await;
        assert_eq!(status, 200, "{words}: {told}");
        above = told["id"].as_str().unwrap().to_owned();
        made.push(above.clone());
    }
    let below = |id: &str, query: &str| at(&format!("{id}/comments?fields=id,message,parent{{id}}{query}"));
    let (_, first) = server.graph("GET", &below(post["id"].as_str().unwrap(), ""), &page, Value::Null).await;
    assert_eq!((first["data"].as_array().unwrap().len(), &first["data"][0]["parent"]), (1, &Value::Null));
    let (_, all) =
        server.graph("GET", &below(post["id"].as_str().unwrap(), "&filter=stream"), &page, Value::Null).await;
    assert_eq!(all["data"].as_array().unwrap().len(), 3, "at every level");
    let (_, under) = server.graph("GET", &below(&made[0], ""), &page, Value::Null).await;
    assert_eq!(under["data"].as_array().unwrap().len(), 2);
    assert!(under["data"].as_array().unwrap().iter().all(|told| told["parent"]["id"] == made[0].as_str()));
    let (_, last) = server.graph("GET", &at(&format!("{}?fields=id,parent{{id}}", made[2])), &page, Value::Null).await;
    assert_eq!(last["parent"]["id"], made[0].as_str());
}
