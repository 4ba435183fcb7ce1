//! Posting, reading and images on LinkedIn.

use serde_json::{Value, json};

use crate::harness::{LINKEDIN_VERSION, PNG, Server, read, share_body};

const ADA: &str = "urn:li:person:demoAda001";
const PAGE: &str = "urn:li:organization:5001001";

fn encoded(urn: &str) -> String {
    urn.replace(':', "%3A")
}

#[tokio::test]
async fn both_version_headers_are_demanded() {
    let server = Server::start().await;
    let token = server.token("linkedin", "ada-demo").await;
    for (version, protocol, status, code) in [
        (None, Some("2.0.0"), 400, "VERSION_MISSING"),
        (Some("202001"), Some("2.0.0"), 426, "NONEXISTENT_VERSION"),
        (Some("202613"), Some("2.0.0"), 426, "NONEXISTENT_VERSION"),
        (Some(LINKEDIN_VERSION), None, 400, "INVALID_PROTOCOL_VERSION"),
    ] {
        let mut request = server.http.post(server.url("/linkedin/api/rest/posts")).bearer_auth(&token);
        for (name, value) in [("LinkedIn-Version", version), ("X-Restli-Protocol-Version", protocol)] {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        let response = request.json(&share_body(ADA, "hello")).send().await.unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(read(response).await["code"], code);
    }
}

#[tokio::test]
async fn a_post_is_a_201_without_a_body_and_its_urn_in_a_header() {
    let server = Server::start().await;
    let token = server.token("linkedin", "ada-demo").await;
    let response = server.share(&token, ADA, "Hello \\(world\\)").send().await.unwrap();
    assert_eq!(response.status(), 201);
    let urn = response.headers()["x-restli-id"].to_str().unwrap().to_owned();
    assert!(urn.starts_with("urn:li:share:"));
    assert_eq!(response.text().await.unwrap(), "");
    let posts = server.json("/linkedin/timeline.json").await["posts"].clone();
    assert_eq!((&posts[0]["id"], &posts[0]["text"]), (&json!(urn), &json!("Hello (world)")));
    assert!(server.page("/linkedin/timeline").await.contains("Hello (world)"));
}

#[tokio::test]
async fn an_unescaped_reserved_character_silently_cuts_what_people_see() {
    let server = Server::start().await;
    let token = server.token("linkedin", "ada-demo").await;
    let response = server.share(&token, ADA, "Prices rise (again) by 5%").send().await.unwrap();
    assert_eq!(response.status(), 201, "the platform says it worked");
    let posts = server.json("/linkedin/timeline.json").await["posts"].clone();
    assert_eq!((&posts[0]["text"], &posts[0]["truncated"]), (&json!("Prices rise "), &json!(true)));
    let page = server.page("/linkedin/timeline").await;
    assert!(page.contains("Prices rise") && !page.contains("again"));
}

#[tokio::test]
async fn a_duplicate_is_refused_with_the_urn_of_the_first() {
    let server = Server::start().await;
    let token = server.token("linkedin", "ada-demo").await;
    let first = server.share(&token, ADA, "same").send().await.unwrap();
    let urn = first.headers()["x-restli-id"].to_str().unwrap().to_owned();
    let second = server.share(&token, ADA, "same").send().await.unwrap();
    assert_eq!(second.status(), 422);
    let body = read(second).await;
    assert_eq!(body["message"], format!("Content is a duplicate of {urn}"));
    assert_eq!(body["errorDetails"]["inputErrors"][0]["code"], "DUPLICATE_POST");
    assert_eq!(server.share(&token, PAGE, "same").send().await.unwrap().status(), 201, "another author may say it");
    let gone = server.rest("DELETE", &format!("posts/{}", encoded(&urn)), &token).send().await.unwrap();
    assert_eq!(gone.status(), 204);
    server.control("settings", json!({"linkedin_ghost_duplicates": true})).await;
    assert_eq!(server.share(&token, ADA, "same").send().await.unwrap().status(), 422, "the ghost still counts");
    server.control("settings", json!({"linkedin_ghost_duplicates": false})).await;
    assert_eq!(server.share(&token, ADA, "same").send().await.unwrap().status(), 201);
}

#[tokio::test]
async fn a_member_cannot_read_its_posts_back_and_a_page_can() {
    let server = Server::start().await;
    let token = server.token("linkedin", "ada-demo").await;
    for (author, status) in [(ADA, 403), (PAGE, 200)] {
        let posted = server.share(&token, author, "read me").send().await.unwrap();
        let urn = posted.headers()["x-restli-id"].to_str().unwrap().to_owned();
        let one = server.rest("GET", &format!("posts/{}", encoded(&urn)), &token).send().await.unwrap();
        assert_eq!(one.status(), status);
        let list = format!("posts?q=author&author={}&count=5", encoded(author));
        let list = server.rest("GET", &list, &token).send().await.unwrap();
        assert_eq!(list.status(), status);
        if status == 200 {
            assert_eq!(read(list).await["elements"][0]["id"], urn);
        }
        let raw = server.rest("GET", &format!("posts/{urn}"), &token).send().await.unwrap();
        assert_eq!(raw.status(), 400, "a URN in a path must be encoded");
    }
}

#[tokio::test]
async fn only_administrators_speak_for_a_page() {
    let server = Server::start().await;
    let bo = server.token("linkedin", "bo-demo").await;
    assert_eq!(server.share(&bo, PAGE, "mine now").send().await.unwrap().status(), 403);
    assert_eq!(server.share(&bo, "urn:li:organization:5001002", "ours").send().await.unwrap().status(), 201);
    assert_eq!(server.share(&bo, ADA, "as ada").send().await.unwrap().status(), 403);
    let ada = server.token("linkedin", "ada-demo").await;
    let acls = "organizationAcls?q=roleAssignee&role=ADMINISTRATOR&state=APPROVED";
    let acls = read(server.rest("GET", acls, &ada).send().await.unwrap()).await;
    assert_eq!(acls["elements"][0]["organization"], PAGE);
    assert_eq!(acls["elements"].as_array().unwrap().len(), 2);
    let page = read(server.rest("GET", "organizations/5001001", &ada).send().await.unwrap()).await;
    assert_eq!(page["localizedName"], "Harbour Coffee Demo");
}

#[tokio::test]
async fn an_image_is_attached_once_it_is_available() {
    let server = Server::start().await;
    let token = server.token("linkedin", "ada-demo").await;
    let new = json!({"initializeUploadRequest": {"owner": PAGE}});
    let new = server.rest("POST", "images?action=initializeUpload", &token).json(&new).send().await.unwrap();
    let value = read(new).await["value"].clone();
    let image = value["image"].as_str().unwrap();
    let mut body = share_body(PAGE, "with a picture");
    body["content"] = json!({"media": {"id": image, "altText": "a harbour"}});
    let early = server.rest("POST", "posts", &token).json(&body).send().await.unwrap();
    assert_eq!(early.status(), 400);
    let put = server.http.put(value["uploadUrl"].as_str().unwrap()).body(PNG).bearer_auth(&token);
    assert_eq!(put.send().await.unwrap().status(), 201);
    let status = server.rest("GET", &format!("images/{}", encoded(image)), &token).send().await.unwrap();
    assert_eq!(read(status).await["status"], "AVAILABLE");
    assert_eq!(server.rest("POST", "posts", &token).json(&body).send().await.unwrap().status(), 201);
    assert!(server.page("/linkedin/timeline").await.contains("a harbour"));
    body["author"] = json!(ADA);
    let foreign = server.rest("POST", "posts", &token).json(&body).send().await.unwrap();
    assert_eq!(foreign.status(), 422, "the owner of the image must be the author");
}

#[tokio::test]
async fn a_video_is_sent_to_the_addresses_that_are_named_and_is_attached_once_it_is_available() {
    let server = Server::start().await;
    server.control("settings", json!({"linkedin_part_bytes": 8})).await;
    let token = server.token("linkedin", "ada-demo").await;
    let new = |owner: &str| json!({"initializeUploadRequest": {"owner": owner, "fileSizeBytes": 12}});
    let act = |name: &str, body: Value| {
        server.rest("POST", &format!("videos?action={name}Upload"), &token).json(&body).send()
    };
    assert_eq!(act("initialize", new("urn:li:organization:1")).await.unwrap().status(), 403);
    let value = read(act("initialize", new(ADA)).await.unwrap()).await["value"].clone();
    let (video, parts) = (value["video"].as_str().unwrap(), value["uploadInstructions"].as_array().unwrap());
    let bounds: Vec<_> = parts.iter().map(|part| (part["firstByte"].clone(), part["lastByte"].clone())).collect();
    assert_eq!(bounds, [(json!(0), json!(7)), (json!(8), json!(11))]);
    let status = || async {
        let status = server.rest("GET", &format!("videos/{}", encoded(video)), &token).send().await.unwrap();
        read(status).await["status"].clone()
    };
    assert_eq!(status().await, "WAITING_UPLOAD", "a member may ask");
    let put = |n: usize, bytes: &'static [u8]| {
        server.http.put(parts[n]["uploadUrl"].as_str().unwrap()).bearer_auth(&token).body(bytes).send()
    };
    assert_eq!(put(1, b"a part of another size").await.unwrap().status(), 400);
    let mut tags = Vec::new();
    for (n, bytes) in [b"\0\0\0\x18ftyp".as_slice(), b"mp42"].into_iter().enumerate() {
        let answer = put(n, bytes).await.unwrap();
        tags.push(answer.headers()["etag"].to_str().unwrap().to_owned());
    }
    let finish = |ids: &[String]| {
        let body = json!({"video": video, "uploadToken": value["uploadToken"], "uploadedPartIds": ids});
        act("finalize", json!({"finalizeUploadRequest": body}))
    };
    let turned = [tags[1].clone(), tags[0].clone()];
    assert_eq!(finish(&turned).await.unwrap().status(), 400, "in their order");
    assert_eq!(finish(&tags).await.unwrap().status(), 200);
    assert_eq!(status().await, "AVAILABLE");
    let mut body = share_body(ADA, "with a film");
    body["content"] = json!({"media": {"id": video, "title": "The harbour"}});
    assert_eq!(server.rest("POST", "posts", &token).json(&body).send().await.unwrap().status(), 201);
    assert!(server.page("/linkedin/timeline").await.contains("<video"));
}

#[tokio::test]
async fn incomplete_and_overlong_posts_are_refused() {
    let server = Server::start().await;
    let token = server.token("linkedin", "ada-demo").await;
    let mut body = share_body(ADA, "hello");
    body.as_object_mut().unwrap().remove("visibility");
    assert_eq!(server.rest("POST", "posts", &token).json(&body).send().await.unwrap().status(), 422);
    let long = server.share(&token, ADA, &"a".repeat(3_001)).send().await.unwrap();
    assert_eq!(long.status(), 400);
    assert_eq!(read(long).await["code"], "FIELD_LENGTH_TOO_LONG");
    assert_eq!(server.share(&token, ADA, &"\\(".repeat(3_000)).send().await.unwrap().status(), 201);
    assert_eq!(server.share("nonsense", ADA, "hello").send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn a_comment_stands_below_its_post_and_is_read_by_pages_only() {
    let server = Server::start().await;
    let token = server.token("linkedin", "ada-demo").await;
    let mut posts = Vec::new();
    for author in [ADA, PAGE] {
        let posted = server.share(&token, author, "look").send().await.unwrap();
        posts.push(posted.headers()["x-restli-id"].to_str().unwrap().to_owned());
    }
    let comment = |post: &str, actor: &str, object: &str, text: &str| {
        let body = json!({"actor": actor, "object": object, "message": {"text": text}});
        server.rest("POST", &format!("socialActions/{}/comments", encoded(post)), &token).json(&body).send()
    };
    for (actor, object, text, status) in [
        (PAGE, posts[1].as_str(), "\\(more\\)", 201),
        (ADA, &posts[1], "mine", 201),
        ("urn:li:organization:1", &posts[1], "foreign", 403),
        (PAGE, &posts[0], "of another post", 422),
        (PAGE, &posts[1], " ", 422),
        (PAGE, &posts[1], &"x".repeat(1_251), 400),
    ] {
        assert_eq!(comment(&posts[1], actor, object, text).await.unwrap().status(), status, "{actor} {text}");
    }
    assert_eq!(comment("urn:li:share:1", PAGE, "urn:li:share:1", "x").await.unwrap().status(), 404);
    let below = |post: &str, query: &str| {
        server.rest("GET", &format!("socialActions/{}/comments{query}", encoded(post)), &token).send()
    };
    assert_eq!(below(&posts[0], "").await.unwrap().status(), 403, "a member's");
    let all = read(below(&posts[1], "?start=0&count=1").await.unwrap()).await;
    assert_eq!((&all["paging"]["total"], all["elements"].as_array().unwrap().len()), (&json!(2), 1));
    let first = &all["elements"][0];
    assert_eq!((&first["actor"], &first["message"]["text"]), (&json!(PAGE), &json!("\\(more\\)")));
    let list = format!("posts?q=author&author={}", encoded(PAGE));
    let listed = read(server.rest("GET", &list, &token).send().await.unwrap()).await;
    assert_eq!(listed["elements"].as_array().unwrap().len(), 1, "a comment is no post");
    let shown = server.json("/linkedin/timeline.json").await["posts"].clone();
    assert_eq!((&shown[2]["text"], &shown[2]["reply_to"]), (&json!("(more)"), &json!(posts[1])));
    let id = first["id"].as_str().unwrap();
    let delete = |actor: &str| {
        let path = format!("socialActions/{}/comments/{id}?actor={}", encoded(&posts[1]), encoded(actor));
        server.rest("DELETE", &path, &token).send()
    };
    assert_eq!(delete(ADA).await.unwrap().status(), 403);
    assert_eq!(delete(PAGE).await.unwrap().status(), 204);
    assert_eq!(delete(PAGE).await.unwrap().status(), 404);
    let gone = server.rest("DELETE", &format!("posts/{}", encoded(&posts[1])), &token).send().await.unwrap();
    assert_eq!((gone.status().as_u16(), below(&posts[1], "").await.unwrap().status().as_u16()), (204, 404));
    let left = server.json("/linkedin/timeline.json").await["live"].clone();
    assert_eq!(left, 1, "what was said below it is gone with it");
}

#[tokio::test]
async fn a_pages_post_is_shown_to_some_by_urns_of_the_right_kind_if_they_are_enough() {
    let server = Server::start().await;
    let token = server.token("linkedin", "ada-demo").await;
    let post = async |author: &str, text: &str, targets: &Value| {
        let mut body = share_body(author, text);
        body["distribution"]["targetEntities"] = targets.clone();
        let request = server.http.post(server.url("/linkedin/api/rest/posts")).bearer_auth(&token).json(&body);
        let request = request.header("LinkedIn-Version", LINKEDIN_VERSION);
        request.header("X-Restli-Protocol-Version", "2.0.0").send().await.unwrap().status().as_u16()
    };
    let good = json!([{
        "industries": ["urn:li:industry:4"], "seniorities": ["urn:li:seniority:3"], "jobFunctions": ["urn:li:function:8"],
        "geoLocations": ["urn:li:geo:101", "urn:li:geo:102"],
    }]);
    assert_eq!(post(PAGE, "for some", &good).await, 201);
    assert_eq!(server.json("/linkedin/timeline.json").await["posts"][0]["targets"], good);
    assert_eq!(post(ADA, "a member's", &good).await, 422);
    for (n, wrong) in [
        json!([{}]),
        json!([{ "regions": ["urn:li:geo:1"] }]),
        json!([{ "geoLocations": [] }]),
        json!([{ "geoLocations": ["urn:li:industry:1"] }]),
        json!([{ "industries": ["1"] }]),
    ]
    .iter()
    .enumerate()
    {
        assert_eq!(post(PAGE, &format!("wrong {n}"), wrong).await, 422, "{wrong}");
    }
    for (audience, status) in [(299, 422), (300, 201)] {
        server.control("settings", json!({ "linkedin_audience": audience })).await;
        assert_eq!(post(PAGE, &format!("for {audience}"), &good).await, status);
    }
}

#[tokio::test]
async fn a_comment_is_answered_below_itself_and_told_by_its_number() {
    let server = Server::start().await;
    let token = server.token("linkedin", "ada-demo").await;
    let posted = server.share(&token, PAGE, "look").send().await.unwrap();
    let post = posted.headers()["x-restli-id"].to_str().unwrap().to_owned();
    let say = |below: &str, object: &str, parent: Option<&str>, text: &str| {
        let mut body = json!({"actor": PAGE, "object": object, "message": {"text": text}});
        if let Some(parent) = parent {
            body["parentComment"] = json!(parent);
        }
        server.rest("POST", &format!("socialActions/{}/comments", encoded(below)), &token).json(&body).send()
    };
    let first = read(say(&post, &post, None, "one").await.unwrap()).await["commentUrn"].as_str().unwrap().to_owned();
    let activity = first.split(['(', ',']).nth(1).unwrap().to_owned();
    assert_eq!(say(&first, &activity, None, "two").await.unwrap().status(), 422, "it names no parent");
    assert_eq!(say(&first, "urn:li:activity:1", Some(&first), "two").await.unwrap().status(), 422, "of another post");
    let answer = read(say(&first, &activity, Some(&first), "two").await.unwrap()).await;
    assert_eq!(answer["parentComment"], json!(first));
    let below = |urn: &str| server.rest("GET", &format!("socialActions/{}/comments", encoded(urn)), &token).send();
    let (above, under) = (read(below(&post).await.unwrap()).await, read(below(&first).await.unwrap()).await);
    assert_eq!((&above["paging"]["total"], &under["paging"]["total"]), (&json!(1), &json!(1)));
    let number = answer["id"].as_str().unwrap();
    let one =
        |id: &str| server.rest("GET", &format!("socialActions/{}/comments/{id}", encoded(&activity)), &token).send();
    assert_eq!(read(one(number).await.unwrap()).await["parentComment"], json!(first));
    assert_eq!(one("1").await.unwrap().status(), 404);
}
