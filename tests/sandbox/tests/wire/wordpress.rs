//! WordPress's REST API at wire level.

use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};

use crate::harness::{PNG, Server};

const ADA: (&str, &str) = ("ada", "adaA utho r111 1111 1111 11ww");
const OWNER: (&str, &str) = ("owner", "ownerAdmin11111111111www");
const CLEO: (&str, &str) = ("cleo", "cleoContrib3333333333www");
const NOBODY: (&str, &str) = ("ada", "wrong");

impl Server {
    fn wp(&self, who: (&str, &str), method: Method, route: &str) -> RequestBuilder {
        let request = self.http.request(method, self.url(&format!("/wordpress/wp-json/wp/v2/{route}")));
        request.basic_auth(who.0, Some(who.1))
    }

    async fn wp_post(&self, who: (&str, &str), route: &str, body: &Value) -> (u16, Value) {
        told(self.wp(who, Method::POST, route).json(body).send().await.unwrap()).await
    }

    async fn wp_get(&self, who: (&str, &str), route: &str) -> (u16, Value) {
        told(self.wp(who, Method::GET, route).send().await.unwrap()).await
    }

    async fn wp_delete(&self, who: (&str, &str), route: &str) -> (u16, Value) {
        told(self.wp(who, Method::DELETE, route).send().await.unwrap()).await
    }
}

async fn told(response: Response) -> (u16, Value) {
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn a_site_names_its_api_in_a_header_also_to_who_asks_for_nothing_else() {
    let server = Server::start().await;
    for method in [Method::GET, Method::HEAD] {
        let front = server.http.request(method, server.url("/wordpress/")).send().await.unwrap();
        let link = format!("<{}>; rel=\"https://api.w.org/\"", server.url("/wordpress/wp-json/"));
        assert_eq!((front.status().as_u16(), front.headers()["link"].to_str().unwrap()), (200, link.as_str()));
    }
    let index = server.json("/wordpress/wp-json/").await;
    assert_eq!(index["name"], "Harbour Coffee &amp; Friends");
    assert!(index["authentication"]["application-passwords"].is_object());
}

#[tokio::test]
async fn who_is_not_known_is_told_so_only_where_somebody_is_needed() {
    let server = Server::start().await;
    assert_eq!(server.wp_get(ADA, "users/me?context=edit").await.1["capabilities"]["publish_posts"], true);
    assert_eq!(server.wp_get(CLEO, "users/me?context=edit").await.1["capabilities"]["publish_posts"], json!(null));
    for (route, status, code) in [
        ("users/me", 401, "rest_not_logged_in"),
        ("posts?slug=a&status=any", 400, "rest_invalid_param"),
        ("posts?slug=a&context=edit", 401, "rest_forbidden_context"),
        ("posts/9", 404, "rest_post_invalid_id"),
    ] {
        let (got, answer) = server.wp_get(NOBODY, route).await;
        assert_eq!((got, &answer["code"]), (status, &json!(code)), "{route}");
    }
    assert_eq!(server.wp_get(NOBODY, "posts?slug=a").await, (200, json!([])), "what is live is for everybody");
    for route in ["posts", "tags"] {
        let (status, answer) = server.wp_post(NOBODY, route, &json!({ "title": "a", "name": "a" })).await;
        assert_eq!((status, &answer["code"]), (401, &json!("rest_cannot_create")), "{route}");
    }
    server.control("tokens/revoke", json!({ "platform": "wordpress" })).await;
    assert_eq!(server.wp_get(ADA, "users/me").await.0, 401);
}

#[tokio::test]
async fn a_draft_is_found_by_its_name_and_gets_another_when_it_is_published() {
    let server = Server::start().await;
    let (status, made) = server
        .wp_post(
            ADA,
            "posts",
            &json!({ "status": "draft", "slug": "mine", "title": "A &amp; B", "content": "<p>a</p>" }),
        )
        .await;
    assert_eq!((status, &made["slug"], &made["status"]), (201, &json!("mine"), &json!("draft")));
    assert_eq!(server.json("/wordpress/timeline.json").await["committed"], 0);
    let found = server.wp_get(ADA, "posts?slug=mine&status=any&context=edit").await.1;
    assert_eq!(found[0]["id"], made["id"]);
    assert_eq!(server.wp_get(ADA, "posts?slug=mine").await.1, json!([]), "others see no drafts");
    let route = format!("posts/{}", made["id"]);
    for _ in 0..2 {
        let (status, live) = server.wp_post(ADA, &route, &json!({ "status": "publish", "slug": "" })).await;
        assert_eq!((status, &live["slug"], &live["status"]), (200, &json!("a-b"), &json!("publish")));
        assert!(live["link"].as_str().unwrap().ends_with("/a-b/"));
    }
    let timeline = server.json("/wordpress/timeline.json").await;
    assert_eq!((&timeline["committed"], &timeline["posts"][0]["text"]), (&json!(1), &json!("a")));
    assert!(server.page("/wordpress/timeline").await.contains("A &amp; B"));
    let (_, another) =
        server.wp_post(ADA, "posts", &json!({ "status": "publish", "title": "A B", "content": "b" })).await;
    assert_eq!(another["slug"], "a-b-2");
    server.wp_post(ADA, &route, &json!({ "content": "<p>changed</p>" })).await;
    assert_eq!(server.json("/wordpress/timeline.json").await["posts"][0]["text"], "changed");
}

#[tokio::test]
async fn who_may_do_what_follows_the_roles() {
    let server = Server::start().await;
    let draft = json!({ "status": "draft", "title": "a" });
    let (_, cleos) = server.wp_post(CLEO, "posts", &draft).await;
    let route = format!("posts/{}", cleos["id"]);
    let code = |(status, answer): (u16, Value)| (status, answer["code"].as_str().unwrap_or_default().to_owned());
    let refused = |status: u16, code: &str| (status, code.to_owned());
    let publish = json!({ "status": "publish" });
    assert_eq!(code(server.wp_post(CLEO, &route, &publish).await), refused(403, "rest_cannot_publish"));
    assert_eq!(code(server.wp_post(ADA, &route, &publish).await), refused(403, "rest_cannot_edit"));
    assert_eq!(
        code(server.wp_get(ADA, &format!("{route}?context=edit")).await),
        refused(403, "rest_forbidden_context")
    );
    assert_eq!(code(server.wp_delete(ADA, &route).await), refused(403, "rest_cannot_delete"));
    assert_eq!(code(server.wp_post(OWNER, &route, &publish).await), refused(200, ""));
    assert_eq!(
        code(server.wp_post(ADA, "categories", &json!({ "name": "n" })).await),
        refused(403, "rest_cannot_create")
    );
    assert_eq!(code(server.wp_post(ADA, "posts", &json!({ "status": "draft" })).await), refused(400, "empty_content"));
    assert_eq!(
        code(server.wp_post(ADA, "posts", &json!({ "status": "x", "title": "a" })).await),
        refused(400, "rest_invalid_param")
    );
    let (_, acting) = server.wp_post(ADA, "posts", &json!({ "content": "<p>a<script>b</script></p>" })).await;
    assert_eq!(acting["content"]["raw"], "<p>ab</p>", "an author's markup does not act");
}

#[tokio::test]
async fn what_is_deleted_lies_in_the_bin_unless_there_is_none() {
    let server = Server::start().await;
    let make = async |title: &str| -> String {
        let (_, made) = server.wp_post(ADA, "posts", &json!({ "status": "publish", "title": title })).await;
        format!("posts/{}", made["id"])
    };
    let first = make("first").await;
    assert_eq!(server.wp_delete(ADA, &first).await.1["status"], "trash");
    assert_eq!(server.wp_delete(ADA, &first).await.1["code"], "rest_already_trashed");
    assert_eq!(server.wp_get(ADA, "posts?slug=first&status=any").await.1, json!([]));
    assert_eq!(server.wp_delete(ADA, &format!("{first}?force=true")).await.1["deleted"], true);
    assert_eq!(server.wp_delete(ADA, &first).await.0, 404);
    server.control("settings", json!({ "wordpress_trash": false })).await;
    let second = make("second").await;
    assert_eq!(server.wp_delete(ADA, &second).await.1["code"], "rest_trash_not_supported");
    assert_eq!(server.json("/wordpress/timeline.json").await["live"], 1);
}

#[tokio::test]
async fn a_file_is_kept_under_a_name_of_its_own_and_its_text_as_one_line_without_tags() {
    let server = Server::start().await;
    let upload = async |bytes: Vec<u8>, name: &str| {
        let part = reqwest::multipart::Part::bytes(bytes).file_name(name.to_owned());
        let form =
            reqwest::multipart::Form::new().text("slug", "mine").text("alt_text", "a <b>\n 50%af").part("file", part);
        told(server.wp(ADA, Method::POST, "media").multipart(form).send().await.unwrap()).await
    };
    let (status, first) = upload(PNG.to_vec(), "a.png").await;
    assert_eq!((status, &first["slug"], &first["alt_text"]), (201, &json!("mine"), &json!("a 50")));
    let (_, second) = upload(PNG.to_vec(), "a.png").await;
    assert_eq!(second["slug"], "mine-2");
    assert_eq!(server.wp_get(ADA, "media?slug=mine").await.1[0]["id"], first["id"]);
    let both = server.wp_get(ADA, &format!("media?include={},{}", first["id"], second["id"])).await.1;
    assert_eq!(both.as_array().unwrap().len(), 2);
    let picture = server.http.get(first["source_url"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(picture.bytes().await.unwrap(), PNG);
    for (bytes, name, words) in [
        (PNG.to_vec(), "a.php", "not allowed"),
        (b"text".to_vec(), "a.png", "not allowed"),
        ([PNG, &vec![0; 16 << 20]].concat(), "a.png", "upload_max_filesize"),
    ] {
        let (status, answer) = upload(bytes, name).await;
        assert_eq!((status, &answer["code"]), (500, &json!("rest_upload_unknown_error")), "{name}");
        assert!(answer["message"].as_str().unwrap().contains(words), "{answer}");
    }
}

#[tokio::test]
async fn a_term_is_made_once_and_found_by_what_is_kept_of_its_name() {
    let server = Server::start().await;
    let (status, made) = server.wp_post(ADA, "tags", &json!({ "name": "R&D <x>" })).await;
    assert_eq!((status, &made["name"]), (201, &json!("R&amp;D")));
    let (status, again) = server.wp_post(ADA, "tags", &json!({ "name": "r&d" })).await;
    assert_eq!((status, &again["code"], &again["data"]["term_id"]), (400, &json!("term_exists"), &made["id"]));
    assert_eq!(server.wp_get(ADA, "tags?search=r%26amp;d").await.1[0]["id"], made["id"]);
    assert_eq!(server.wp_get(ADA, "tags?search=r%26d").await.1, json!([]));
    assert_eq!(server.wp_get(ADA, "categories?search=R").await.1, json!([]));
    assert_eq!(server.wp_post(OWNER, "categories", &json!({ "name": " " })).await.1["code"], "empty_term_name");
}

#[tokio::test]
async fn users_comment_what_is_live_and_say_nothing_twice() {
    let server = Server::start().await;
    let post = |status: &str| json!({ "status": status, "title": status, "content": "<p>a</p>" });
    let live = server.wp_post(ADA, "posts", &post("publish")).await.1["id"].clone();
    let draft = server.wp_post(ADA, "posts", &post("draft")).await.1["id"].clone();
    let comment = |post: &Value, content: &str| json!({ "post": post, "content": content });
    for (who, body, status, code) in [
        (NOBODY, comment(&live, "a"), 401, "rest_comment_login_required"),
        (ADA, comment(&json!(9_999), "a"), 403, "rest_comment_invalid_post_id"),
        (ADA, comment(&draft, "a"), 403, "rest_comment_draft_post"),
        (ADA, comment(&live, ""), 400, "rest_comment_content_invalid"),
        (ADA, comment(&live, &"a".repeat(65_526)), 400, "comment_content_column_length"),
    ] {
        let (got, answer) = server.wp_post(who, "comments", &body).await;
        assert_eq!((got, &answer["code"]), (status, &json!(code)));
    }
    let (status, made) = server.wp_post(ADA, "comments", &comment(&live, "it&#039;s <script>x</script> on")).await;
    assert_eq!((status, &made["status"]), (201, &json!("approved")));
    assert_eq!(made["content"]["rendered"], "<p>it&#8217;s x on</p>\n");
    let again = server.wp_post(ADA, "comments", &comment(&live, "it&#039;s <script>x</script> on")).await;
    assert_eq!((again.0, &again.1["code"]), (409, &json!("comment_duplicate")));
    let held = server.wp_post(CLEO, "comments", &comment(&live, "mine")).await.1;
    assert_eq!(held["status"], "hold", "of a stranger to the post");
    let route = format!("comments?post={live}&author=2&status=all&per_page=100");
    let listed = server.wp(ADA, Method::GET, &route).send().await.unwrap();
    assert_eq!(listed.headers()["x-wp-totalpages"], "1");
    assert_eq!(listed.json::<Value>().await.unwrap(), json!([made]));
    assert_eq!(server.wp_get(NOBODY, &route).await.1["code"], "rest_forbidden_param");
    assert_eq!(server.wp_get(NOBODY, &format!("comments?post={live}")).await.1, json!([made]));
    let one = format!("comments/{}", made["id"]);
    assert_eq!(server.wp_delete(CLEO, &one).await.1["code"], "rest_cannot_delete");
    let spam = json!({ "status": "spam" });
    assert_eq!(server.wp_post(CLEO, &one, &spam).await.1["code"], "rest_cannot_edit");
    assert_eq!(server.wp_post(ADA, &one, &spam).await.1["status"], "spam");
    assert_eq!(server.wp_get(ADA, &route).await.1, json!([]), "what was taken for spam is not among all");
    assert_eq!(server.wp_get(ADA, &route.replace("=all", "=spam")).await.1[0]["id"], made["id"]);
    assert_eq!(server.wp_delete(ADA, &one).await.1["status"], "trash");
    assert_eq!(server.wp_delete(ADA, &one).await.0, 410);
    assert_eq!(server.wp_delete(ADA, "comments/9999").await.1["code"], "rest_comment_invalid_id");
    server.control("settings", json!({ "wordpress_comments": false })).await;
    assert_eq!(server.wp_post(ADA, "comments", &comment(&live, "b")).await.1["code"], "rest_comment_closed");
}

#[tokio::test]
async fn a_private_post_is_its_authors_and_whose_who_may_edit_it() {
    let server = Server::start().await;
    let body = json!({ "status": "private", "title": "Ours", "content": "<p>a</p>" });
    let made = server.wp_post(ADA, "posts", &body).await.1;
    assert_eq!((&made["status"], &made["slug"]), (&json!("private"), &json!("ours")));
    let route = format!("posts/{}", made["id"]);
    for (who, status) in [(ADA, 200), (OWNER, 200), (CLEO, 403), (NOBODY, 401)] {
        assert_eq!(server.wp_get(who, &route).await.0, status, "{}", who.0);
    }
    assert_eq!(server.wp_post(CLEO, "posts", &body).await.1["code"], "rest_cannot_publish");
    assert_eq!(server.json("/wordpress/timeline.json").await["posts"][0]["visibility"], "private");
}

#[tokio::test]
async fn a_consent_at_wordpress_com_is_for_one_site_and_for_what_its_scopes_say() {
    let server = Server::start().await;
    let given = server.tokens("wordpress", "ada").await;
    assert_eq!((&given["blog_id"], &given["token_type"]), (&json!("9001"), &json!("bearer")));
    assert_eq!((given.get("expires_in"), given.get("refresh_token")), (None, None), "it does not end");
    let token = given["access_token"].as_str().unwrap();
    let com =
        |token: &str, route: &str| server.http.get(server.url(&format!("/wordpress/com/{route}"))).bearer_auth(token);
    let told_of = async |token: &str| {
        let route = format!("oauth2/token-info?client_id=sandbox-wordpress&token={token}");
        told(com("", &route).send().await.unwrap()).await
    };
    let (status, info) = told_of(token).await;
    assert_eq!((status, &info["blog_id"], &info["user_id"]), (200, &json!("9001"), &json!("2")));
    assert_eq!(info["scope"], "sites,users,posts,media,taxonomy,comments");
    assert_eq!(told_of("unknown").await.0, 400);
    let draft = server.http.post(server.url("/wordpress/com/wp/v2/sites/9001/posts")).bearer_auth(token);
    let (status, made) = told(draft.json(&json!({ "title": "A", "slug": "mine" })).send().await.unwrap()).await;
    assert_eq!((status, &made["status"]), (201, &json!("draft")));
    let posts = |site: u64| format!("wp/v2/sites/{site}/posts/{}?context=edit", made["id"]);
    let (_, same) = server.wp_get(ADA, &format!("posts/{}?context=edit", made["id"])).await;
    assert_eq!(same["slug"], "mine", "it is the same site");
    let elsewhere = server.token("wordpress", "bo").await;
    let narrow = json!({ "platform": "wordpress", "actor": "ada", "scopes": ["media"] });
    let narrow = server.http.post(server.url("/control/grants")).json(&narrow).send().await.unwrap();
    let narrow: Value = narrow.json().await.unwrap();
    for (token, site, status) in [
        (token, 9001, 200),
        (token, 9002, 403),
        (&elsewhere, 9001, 403),
        (narrow["access_token"].as_str().unwrap(), 9001, 403),
        ("unknown", 9001, 401),
    ] {
        assert_eq!(com(token, &posts(site)).send().await.unwrap().status().as_u16(), status, "{site}");
    }
    let (_, site) = told(com(token, "rest/v1.1/sites/9001").send().await.unwrap()).await;
    assert_eq!((&site["ID"], &site["capabilities"]["publish_posts"]), (&json!(9001), &json!(true)));
    server.control("tokens/revoke", json!({ "platform": "wordpress" })).await;
    assert_eq!(com(token, &posts(9001)).send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn who_says_no_at_wordpress_com_comes_back_without_a_code() {
    let server = Server::start().await;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    for (decision, scope, expected) in [
        ("deny", "posts", "error=access_denied"),
        ("allow", "everything", "error=invalid_scope"),
        ("allow", "posts media", "code="),
    ] {
        let form = [
            ("response_type", "code"),
            ("client_id", "sandbox-wordpress"),
            ("redirect_uri", "http://127.0.0.1:9/callback"),
            ("scope", scope),
            ("state", "s"),
            ("actor", "ada"),
            ("decision", decision),
        ];
        let back = client.post(server.url("/wordpress/com/oauth2/authorize")).form(&form).send().await.unwrap();
        let location = back.headers()["location"].to_str().unwrap();
        assert!(location.contains(expected) && location.ends_with("state=s"), "{location}");
    }
}

#[tokio::test]
async fn a_comment_answers_another_is_read_by_its_number_and_says_something_else() {
    let server = Server::start().await;
    let post = json!({ "status": "publish", "title": "a", "content": "<p>a</p>" });
    let post = server.wp_post(ADA, "posts", &post).await.1["id"].clone();
    let first = server.wp_post(ADA, "comments", &json!({ "post": post, "content": "one" })).await.1;
    let answer = json!({ "post": post, "parent": first["id"], "content": "one" });
    let (status, made) = server.wp_post(ADA, "comments", &answer).await;
    assert_eq!((status, &made["parent"]), (201, &first["id"]), "the same words below another are no repetition");
    let one = format!("comments/{}", made["id"]);
    assert_eq!(server.wp_get(NOBODY, &one).await.1["post"], post);
    let changed = json!({ "content": "two" });
    assert_eq!(server.wp_post(CLEO, &one, &changed).await.1["code"], "rest_cannot_edit");
    assert_eq!(server.wp_post(ADA, &one, &changed).await.1["content"]["rendered"], "<p>two</p>\n");
    let shown = server.json("/wordpress/timeline.json").await["posts"].clone();
    let said = shown.as_array().unwrap().iter().find(|post| post["text"] == "two").unwrap();
    assert_eq!((&said["id"], &said["reply_to"]), (&json!(made["id"].to_string()), &json!(first["id"].to_string())));
    assert_eq!(server.wp_get(ADA, "comments/9999").await.1["code"], "rest_comment_invalid_id");
}
