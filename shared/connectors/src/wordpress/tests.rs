#![allow(clippy::unwrap_used, clippy::panic)]

mod amend;
mod answers;
mod comments;
mod consent;
mod library;
mod listening;
mod rules;

use super::*;
use crate::tests::{Connected, Facts, Known, Sandbox, egress, picture};
use connector_kit::contract::{self, Case, Fault, Harness as _, Picture};
use connector_kit::{Egress, Guard, MAX_ADDRESS};
use domain::publishing::{Finding, LinkCard, MediaRef, Receipt, Variant, check};
use ports::{Entries, KeyFailure, Wording};
use serde_json::{Value, json};

fn connector() -> WordPress {
    WordPress::new(Http::new(egress()))
}

async fn connected(wordpress: &WordPress) -> Connected {
    Connected::start(wordpress, "ada", 0).await
}

fn small() -> Picture {
    picture("image/png", 100)
}

fn entries(server: &str, user: &str, password: &str) -> Entries {
    let entry = |text: &str| SecretString::from(text.to_owned());
    let all = [("server", entry(server)), ("user", entry(user)), ("password", entry(password))];
    all.into_iter().map(|(name, entry)| (name.to_owned(), entry)).collect()
}

impl Connected {
    fn site(&self) -> Site<'_> {
        Site::of(&self.app, &self.account, &self.token).unwrap()
    }

    /// What a person does on the site.
    async fn person(&self, call: Call) -> Value {
        let answer = Http::new(egress()).call(call).await.unwrap();
        assert!(answer.is_success(), "{}", String::from_utf8_lossy(&answer.body));
        answer.json().unwrap()
    }

    async fn media(&self) -> usize {
        usize::try_from(self.sandbox.json("/control/state").await["wordpress"]["media"].as_u64().unwrap()).unwrap()
    }

    /// The post's draft, which must be there.
    async fn draft(&self, case: &Case<'_>) -> (u64, Value) {
        let id = case.progress.as_ref().unwrap()["post"].as_u64().unwrap();
        (id, self.person(self.site().get(&format!("wp/v2/posts/{id}?context=edit"))).await)
    }
}

/// A post is read by its id; comments on a site are no posts, and on no timeline.
impl Known for WordPress {
    const FACTS: Facts = Facts { reads_lists: false, shows_comments: false, repeats_comments: false, ..Facts::USUAL };
}

#[tokio::test]
async fn wordpress_keeps_the_contract() {
    let wordpress = connector();
    let server = connected(&wordpress).await;
    contract::run(&wordpress, &server, &picture("image/png", 3_000)).await;
}

#[tokio::test]
async fn only_a_user_who_may_publish_with_an_application_password_is_connected() {
    let wordpress = connector();
    let sandbox = Sandbox::start().await;
    let app = sandbox.app("wordpress");
    let good = sandbox.keys("wordpress", "ada").await;
    let text = |name: &str| good[name].expose_secret().to_owned();
    let (home, password) = (text("server"), text("password"));
    let keyed = wordpress.check(&app, &good).await.unwrap();
    assert_eq!((keyed.profile.name.as_str(), keyed.profile.external_id.as_str()), ("Harbour Coffee & Friends", "2"));
    assert_eq!(keyed.profile.home, Some(format!("{home}/wp-json")));
    assert_eq!(keyed.pair.access.expose_secret(), format!("ada:{}", password.replace(' ', "")));
    let cleo = sandbox.keys("wordpress", "cleo").await["password"].expose_secret().to_owned();
    let elsewhere = home.replace("/wordpress", "/discord");
    for (server, user, key, wrong) in [
        (home.as_str(), "ada", "aaaa bbbb cccc dddd eeee ffff", "password"),
        (&home, "nobody", &password, "password"),
        (&home, "ada", "the one to sign in with", "password"),
        (&home, "a:da", &password, "user"),
        (&home, "cleo", &cleo, "user"),
        (&elsewhere, "ada", &password, "server"),
        ("http://127.0.0.1:1", "ada", &password, "server"),
    ] {
        let failure = wordpress.check(&app, &entries(server, user, key)).await.unwrap_err();
        let KeyFailure::Refused { field, detail } = failure else { panic!("{server} {user}: {failure:?}") };
        assert_eq!(field, wrong, "{server} {user}: {detail}");
        assert!(!detail.contains(key), "{detail}");
    }
}

#[tokio::test]
async fn what_keeps_a_site_from_being_connected_is_said() {
    let wordpress = connector();
    let sandbox = Sandbox::start().await;
    let (app, good) = (sandbox.app("wordpress"), sandbox.keys("wordpress", "ada").await);
    let said = |code: &str| json!({ "code": code, "message": "No.", "data": { "status": 401 } });
    let index =
        |authentication: Value| json!({ "name": "S", "namespaces": ["wp/v2"], "authentication": authentication });
    let me =
        |may: bool| json!({ "id": 2, "slug": "ada", "capabilities": { "publish_posts": true, "upload_files": may } });
    // The index is asked first, and then for the user.
    for (skip, code, body, expected) in [
        (0, 404, json!("<html>nothing</html>"), Some(("server", "no WordPress"))),
        (0, 200, json!("<html>please wait</html>"), Some(("server", "no WordPress"))),
        (0, 403, json!("<html>blocked</html>"), Some(("server", "firewall"))),
        (0, 404, said("rest_no_route"), Some(("server", "switched off"))),
        (0, 401, said("rest_login_required"), Some(("user", "No."))),
        (0, 503, json!("<html>maintenance</html>"), None),
        (0, 200, index(json!([])), Some(("server", "https"))),
        (0, 200, json!({ "namespaces": ["other/v1"] }), Some(("server", "no WordPress"))),
        (1, 401, said("rest_not_logged_in"), Some(("password", "Authorization header"))),
        (1, 401, said("incorrect_password"), Some(("password", "make a new one"))),
        (1, 401, said("invalid_username"), Some(("user", "no user"))),
        (1, 401, said("application_passwords_disabled_for_user"), Some(("password", "switched off"))),
        (1, 401, json!("<html>sign in</html>"), Some(("server", "before WordPress"))),
        (1, 429, json!("<html>slower</html>"), None),
        (1, 200, me(false), Some(("user", "upload files"))),
        (1, 200, json!({ "id": 2 }), None),
    ] {
        let params = json!({ "code": code, "body": body });
        let order = json!({ "platform": "wordpress", "op": "me", "kind": "status", "skip": skip, "params": params });
        sandbox.control("faults", &order).await;
        let failure = wordpress.check(&app, &good).await.unwrap_err();
        match (expected, failure) {
            (Some((wanted, words)), KeyFailure::Refused { field, detail }) => {
                assert!(field == wanted && detail.contains(words), "{order}: {field}: {detail}");
            }
            (None, failure) => assert_eq!(failure, KeyFailure::Unavailable, "{order}"),
            (_, failure) => panic!("{order}: {failure:?}"),
        }
    }
    assert!(wordpress.check(&app, &good).await.is_ok());
}

#[tokio::test]
async fn an_answer_lost_while_preparing_leaves_no_second_draft_and_no_second_picture() {
    let wordpress = connector();
    let server = connected(&wordpress).await;
    let small = small();
    let mut variant = Variant::text("prepared in spite of everything");
    variant.parts[0].media = vec![MediaRef { alt_text: Some("a <b>".into()), ..MediaRef::new(small.0.id) }; 2];
    let mut case = Case::new(&wordpress, &server, variant, &small);
    for (op, kind) in
        [("media", "commit_then_drop"), ("draft", "cut_body"), ("media_status", "garbage"), ("list", "garbage")]
    {
        server.order(op, kind, json!({})).await;
        assert_eq!(case.prepare().await.unwrap_err(), Failure::Unavailable, "{op}");
    }
    case.prepare().await.unwrap();
    assert_eq!(server.media().await, 2);
    assert_eq!(server.draft(&case).await.0, 3, "two pictures, and one draft");
    assert!(server.live().await.is_empty(), "nobody sees it yet");
    case.publish().await.unwrap();
}

#[tokio::test]
async fn a_file_without_its_text_is_of_no_use() {
    let wordpress = connector();
    let server = connected(&wordpress).await;
    let small = small();
    let mut variant = Variant::text("with a picture");
    variant.parts[0].media = vec![MediaRef { alt_text: Some("the harbour".into()), ..MediaRef::new(small.0.id) }];
    let half = json!([{ "id": 99, "alt_text": "", "source_url": "https://s.example/a.png" }]);
    server.order("media_status", "status", json!({ "code": 200, "body": half })).await;
    Case::new(&wordpress, &server, variant, &small).publish().await.unwrap();
    assert_eq!(server.live().await[0]["media"][0]["alt"], "the harbour");
}

#[tokio::test]
async fn a_deployed_stack_does_not_even_knock_at_a_private_address() {
    let door = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    door.set_nonblocking(true).unwrap();
    let deployed = WordPress::new(Http::new(Egress::new(Guard::new(false))));
    let home = format!("https://{}", door.local_addr().unwrap());
    let server = connected(&connector()).await;
    let refused =
        deployed.check(&server.app, &entries(&home, "ada", "abcd EFGH 1234 ijkl MNOP 6789")).await.unwrap_err();
    assert!(matches!(refused, KeyFailure::Refused { field: "server", .. }), "{refused:?}");
    let mut inside = server.with(server.token.clone());
    inside.account.profile.home = Some(home);
    let small = small();
    let mut case = Case::new(&deployed, &inside, Variant::text("n"), &small);
    assert_eq!(case.publish().await, Err(Failure::Unavailable));
    case.progress = Some(json!({ "post": 5 }));
    assert_eq!(case.find().await, Err(Failure::Unavailable));
    assert!(door.accept().is_err(), "nobody came");
}

#[tokio::test]
async fn publishing_may_be_repeated_and_the_address_stays() {
    let wordpress = connector();
    let server = connected(&wordpress).await;
    let small = small();
    let mut case = Case::new(&wordpress, &server, Variant::text("said once"), &small);
    server.fault(Fault::CommitThenDrop).await;
    assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
    let Ok(Finding::Proved(found)) = case.find().await else { panic!("it is live") };
    assert_eq!(case.publish().await.unwrap().receipt, found);
    assert_eq!(server.live().await.len(), 1);
    assert!(!found.url.unwrap().contains("herald"), "people see no key of ours");
}

#[tokio::test]
async fn a_reading_says_what_the_site_says_of_the_very_post() {
    let wordpress = connector();
    let server = connected(&wordpress).await;
    let small = small();
    let mut case = Case::new(&wordpress, &server, Variant::text("in doubt"), &small);
    case.prepare().await.unwrap();
    let (id, _) = server.draft(&case).await;
    let route = format!("wp/v2/posts/{id}");
    assert_eq!(case.find().await, Ok(Finding::Absent));
    let held_back = server.site().post(&route).json(&json!({ "status": "pending" }));
    server.person(held_back).await;
    assert_eq!(case.find().await, Ok(Finding::Resembling(1)), "somebody had a hand in it");
    for (op, kind) in [("lookup", "garbage"), ("lookup", "drop_before_commit")] {
        server.order(op, kind, json!({})).await;
        assert_eq!(case.find().await, Err(Failure::Unavailable), "{kind}");
    }
    let another = json!({ "id": id + 1, "status": "publish", "link": "https://x.example/" });
    server.order("lookup", "status", json!({ "code": 200, "body": another })).await;
    assert_eq!(case.find().await, Err(Failure::Unavailable), "another post is no proof");
    let by_hand = server.site().post(&route).json(&json!({ "status": "publish" }));
    server.person(by_hand).await;
    assert!(matches!(case.find().await, Ok(Finding::Proved(_))), "whoever published it, it is live");
    server.person(server.site().delete(&route)).await;
    assert_eq!(case.find().await, Ok(Finding::Resembling(1)), "in the bin");
    server.person(server.site().delete(&format!("{route}?force=true"))).await;
    assert_eq!(case.find().await, Ok(Finding::Unreadable));
    case.progress = None;
    assert_eq!(case.find().await, Ok(Finding::Unreadable), "which post it was is not known");
}

#[tokio::test]
async fn a_draft_that_somebody_deleted_is_made_anew_and_one_that_was_changed_is_published_as_it_was_approved() {
    let wordpress = connector();
    let server = connected(&wordpress).await;
    let small = small();
    let mut case = Case::new(&wordpress, &server, Variant::text("as approved"), &small);
    case.prepare().await.unwrap();
    let (first, _) = server.draft(&case).await;
    server.person(server.site().delete(&format!("wp/v2/posts/{first}"))).await;
    case.prepare().await.unwrap();
    let (second, _) = server.draft(&case).await;
    assert_ne!(first, second);
    // The delivery ended, and with it what it had kept; its draft is on the site still, and out of date.
    case.progress = None;
    server.person(server.site().post(&format!("wp/v2/posts/{second}")).json(&json!({ "content": "old" }))).await;
    case.publish().await.unwrap();
    let live = server.live().await;
    assert_eq!((live.len(), &live[0]["text"], &live[0]["id"]), (1, &json!("as approved"), &json!(second.to_string())));
}

#[tokio::test]
async fn nothing_leaves_without_its_draft() {
    let wordpress = connector();
    let server = connected(&wordpress).await;
    let small = small();
    let mut case = Case::new(&wordpress, &server, Variant::text("n"), &small);
    server.order("draft", "status", json!({ "code": 503, "body": "<html>maintenance</html>" })).await;
    let requests = server.requests().await;
    assert_eq!(case.publish().await, Err(Failure::Unavailable));
    assert_eq!(server.requests().await, requests);
}

#[tokio::test]
async fn a_user_who_may_not_any_more_is_no_fault_of_the_post() {
    let wordpress = connector();
    let server = connected(&wordpress).await;
    let small = small();
    for (op, code) in [("create_post", "rest_cannot_publish"), ("draft", "rest_cannot_create")] {
        let body = json!({ "code": code, "message": "Sorry.", "data": { "status": 403 } });
        server.order(op, "status", json!({ "code": 403, "body": body })).await;
        let failure = Case::new(&wordpress, &server, Variant::text(op), &small).publish().await.unwrap_err();
        assert!(matches!(failure, Failure::Revoked { .. }), "{op}: {failure:?}");
    }
    let mut prepared = Case::new(&wordpress, &server, Variant::text("prepared"), &small);
    prepared.prepare().await.unwrap();
    server.sandbox.revoke("wordpress").await;
    assert_eq!(prepared.find().await, Err(Failure::Unauthorized));
    assert_eq!(prepared.prepare().await.unwrap_err(), Failure::Unauthorized);
    // A stranger who asks for drafts is told that the question is wrong.
    let mut late = Case::new(&wordpress, &server, Variant::text("late"), &small);
    assert_eq!(late.prepare().await.unwrap_err(), Failure::Unauthorized);
}

#[tokio::test]
async fn what_stands_before_wordpress_is_told_from_it() {
    let wordpress = connector();
    let server = connected(&wordpress).await;
    let small = small();
    let html = "<html>blocked</html>";
    for (op, code, body, expected) in [
        ("draft", 403, json!(html), "access_denied"),
        ("draft", 406, json!(html), "access_denied"),
        ("draft", 500, json!(html), "unavailable"),
        ("draft", 503, json!(html), "unavailable"),
        ("draft", 400, json!({ "code": "empty_content", "message": "Empty." }), "invalid_request"),
        ("draft", 201, json!(html), "unavailable"),
        ("create_post", 403, json!(html), "unconfirmed"),
        ("create_post", 503, json!(html), "unconfirmed"),
        ("create_post", 404, json!({ "code": "rest_post_invalid_id", "message": "Invalid post ID." }), "not_found"),
    ] {
        server.order(op, "status", json!({ "code": code, "body": body })).await;
        let text = format!("{op} {code} {expected}");
        let failure = Case::new(&wordpress, &server, Variant::text(&text), &small).publish().await.unwrap_err();
        assert_eq!(failure.code(), expected, "{text}: {failure:?}");
    }
}

#[tokio::test]
async fn a_throttle_is_believed_for_a_day_at_most() {
    let wordpress = connector();
    let server = connected(&wordpress).await;
    let small = small();
    for (op, params, believed) in [
        ("create_post", json!({ "code": 429, "retry_after": 120 }), Some(120)),
        ("draft", json!({ "code": 429, "retry_after": 30, "body": "<html>slow</html>" }), Some(30)),
        ("create_post", json!({ "code": 429, "retry_after": 90_000 }), None),
        ("create_post", json!({ "code": 429, "headers": { "retry-after": "-5" } }), None),
        ("create_post", json!({ "code": 429 }), None),
    ] {
        server.order(op, "status", params.clone()).await;
        let now = server.now();
        let mut case = Case::new(&wordpress, &server, Variant::text(params.to_string()), &small);
        let failure = case.publish().await.unwrap_err();
        let Failure::RateLimited { until } = failure else { panic!("{failure:?}") };
        let wait = until.map(|at| at.duration_since(now).as_secs());
        assert!(wait.zip(believed).map_or(wait == believed, |(a, b)| (a - b).abs() <= 2), "{params}: {wait:?}");
    }
}

#[tokio::test]
async fn a_success_counts_only_for_the_post_itself_in_the_state_that_was_asked_for() {
    let wordpress = connector();
    let server = connected(&wordpress).await;
    let small = small();
    for (post, status, link) in [(0, "publish", ""), (1, "pending", ""), (1, "future", "")] {
        let mut case = Case::new(&wordpress, &server, Variant::text(format!("{post} {status}")), &small);
        case.prepare().await.unwrap();
        let id = server.draft(&case).await.0 * post;
        let body = json!({ "id": id, "status": status, "link": link });
        server.order("create_post", "status", json!({ "code": 200, "body": body })).await;
        let failure = case.publish().await.unwrap_err();
        assert!(matches!(failure, Failure::Unconfirmed { .. }), "{body}: {failure:?}");
    }
    let mut case = Case::new(&wordpress, &server, Variant::text("no address"), &small);
    case.prepare().await.unwrap();
    let (id, _) = server.draft(&case).await;
    for link in ["javascript:alert(1)".to_owned(), format!("https://blog.example/{}", "a".repeat(MAX_ADDRESS))] {
        let body = json!({ "id": id, "status": "publish", "link": link });
        server.order("create_post", "status", json!({ "code": 200, "body": body })).await;
        let receipt = case.publish().await.unwrap().receipt;
        assert!(receipt.url.unwrap().ends_with(&format!("/wordpress/?p={id}")), "it is not shown: {link}");
        case.before.clear();
    }
}

#[tokio::test]
async fn a_file_that_the_site_refuses_is_refused_for_its_reason() {
    let wordpress = connector();
    let server = connected(&wordpress).await;
    let said = |code: &str, message: &str| json!({ "code": code, "message": message, "data": { "status": 500 } });
    let large = "The uploaded file exceeds the upload_max_filesize directive in php.ini.";
    for (status, body, expected) in [
        (500, said("rest_upload_unknown_error", large), "media_too_large"),
        (400, said("rest_upload_no_data", "No data supplied."), "media_too_large"),
        (413, json!("<html>too large</html>"), "media_too_large"),
        (500, said("rest_upload_unknown_error", "Sorry, this file type."), "media_processing_failed"),
        (400, said("rest_upload_user_quota_exceeded", "You have used your space."), "media_processing_failed"),
        (500, json!("<html>out of memory</html>"), "unavailable"),
        (201, json!({ "id": "x" }), "unavailable"),
    ] {
        let small = small();
        let mut variant = Variant::text(format!("{status} {expected}"));
        variant.parts[0].media = vec![MediaRef::new(small.0.id)];
        server.order("media", "status", json!({ "code": status, "body": body })).await;
        let failure = Case::new(&wordpress, &server, variant, &small).publish().await.unwrap_err();
        assert_eq!(failure.code(), expected, "{status}: {failure:?}");
    }
}

#[tokio::test]
async fn a_picture_that_somebody_deleted_from_the_library_does_not_leave_a_hole_in_the_post() {
    let wordpress = connector();
    let server = connected(&wordpress).await;
    let small = small();
    let mut variant = Variant::text("two pictures");
    variant.parts[0].media = vec![MediaRef::new(small.0.id); 2];
    // Twice it is looked for what an earlier try left, and then for both.
    let order = json!({ "platform": "wordpress", "op": "media_status", "kind": "status", "skip": 2,
                        "params": { "code": 200, "body": [] } });
    server.sandbox.control("faults", &order).await;
    let failure = Case::new(&wordpress, &server, variant, &small).publish().await.unwrap_err();
    assert_eq!(failure.code(), "media_not_found");
}

#[tokio::test]
async fn what_is_deleted_goes_to_the_bin_or_for_good_where_there_is_none_and_strangers_delete_nothing() {
    let wordpress = connector();
    let server = connected(&wordpress).await;
    let small = small();
    let publish =
        async |text: &str| Case::new(&wordpress, &server, Variant::text(text), &small).publish().await.unwrap().receipt;
    let ours = Case::new(&wordpress, &server, Variant::text("ours"), &small);
    let binned = publish("to the bin").await;
    ours.delete(&binned).await.unwrap();
    let kept = server.person(server.site().get(&format!("wp/v2/posts/{}", binned.id.unwrap()))).await;
    assert_eq!(kept["status"], "trash");
    server.sandbox.control("settings", &json!({ "wordpress_trash": false })).await;
    ours.delete(&publish("for good").await).await.unwrap();
    assert!(server.live().await.is_empty());
    let bo = server.with(SecretString::from("bo:boAuthor22222222222222ww"));
    let theirs = Case::new(&wordpress, &bo, Variant::text("theirs"), &small).publish().await.unwrap().receipt;
    assert_eq!(ours.delete(&theirs).await.unwrap_err().code(), "forbidden");
    server.order("delete_post", "status", json!({ "code": 502, "body": "<html/>" })).await;
    assert_eq!(ours.delete(&theirs).await.unwrap_err(), Failure::Unavailable);
    let nameless = ours.delete(&Receipt { id: Some("1/../2".into()), url: None }).await.unwrap_err();
    assert!(matches!(nameless, Failure::Unsupported { .. }));
}

fn article(title: &str) -> Variant {
    Variant {
        title: Some(title.into()),
        summary: Some("In short: \"coffee\" & <cake>".into()),
        tags: vec!["R&D".into(), " harbour ".into()],
        categories: vec!["News & views".into()],
        kind: ContentKind::Article,
        link: Some(LinkCard { url: "https://example.com/more".into(), title: Some("More".into()), description: None }),
        ..Variant::text("First paragraph.\nSecond line.\n\nSecond paragraph.")
    }
}

#[tokio::test]
async fn an_article_has_its_title_summary_terms_pictures_and_link() {
    let wordpress = connector();
    let owner = Connected::start(&wordpress, "owner", 0).await;
    let small = small();
    for title in ["Opening <soon> & \"late\"", "Opening <soon> & \"late\""] {
        let mut variant = article(title);
        let shows = |what: &str| MediaRef { alt_text: Some(what.into()), ..MediaRef::new(small.0.id) };
        variant.parts[0].media = vec![shows("the harbour"), shows("the <bar>")];
        let mut case = Case::new(&wordpress, &owner, variant, &small);
        case.key.push_str(&owner.live().await.len().to_string());
        case.publish().await.unwrap();
    }
    let live = owner.live().await;
    let (first, second) = (&live[0], &live[1]);
    let lines: Vec<&str> = first["text"].as_str().unwrap().lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(lines, ["First paragraph.", "Second line.", "Second paragraph.", "More"]);
    assert_eq!(
        (&first["card"]["title"], &first["card"]["description"]),
        (&json!("Opening <soon> & \"late\""), &json!("In short: \"coffee\" & <cake>"))
    );
    assert_eq!((&first["media"][0]["alt"], &first["media"][1]["alt"]), (&json!("the harbour"), &json!("the <bar>")));
    let raw = |post: &Value| -> Value { serde_json::from_str(post["raw"].as_str().unwrap()).unwrap() };
    assert_eq!(raw(first)["tags"], json!(["R&amp;D", "harbour"]));
    assert_eq!(raw(first)["categories"], json!(["News &amp; views"]));
    let address = |post: &Value| post["card"]["url"].as_str().unwrap().to_owned();
    assert!(address(first).ends_with("/opening-soon-late/") && address(second).ends_with("/opening-soon-late-2/"));
    assert_eq!(raw(first)["tags"], raw(second)["tags"], "and the second time nothing is made that is there");
}

#[tokio::test]
async fn a_moving_picture_goes_as_it_is() {
    let wordpress = connector();
    let server = connected(&wordpress).await;
    let gif = picture("image/gif", 3_000);
    let mut variant = Variant { title: Some("It moves".into()), ..Variant::text("Look") };
    variant.parts[0].media.push(MediaRef { alt_text: Some("a wave".into()), ..MediaRef::new(gif.0.id) });
    Case::new(&wordpress, &server, variant, &gif).publish().await.unwrap();
    let live = server.live().await;
    let media = &live[0]["media"][0];
    assert_eq!((live.len(), &media["alt"]), (1, &json!("a wave")));
    assert!(server.shown(media).await == gif.1, "byte for byte");
}

#[tokio::test]
async fn an_author_uses_the_categories_there_are_and_makes_tags_only() {
    let wordpress = connector();
    let server = connected(&wordpress).await;
    let small = small();
    let failure = Case::new(&wordpress, &server, article("A"), &small).publish().await.unwrap_err();
    assert!(failure.code() == "category_unknown" && failure.to_string().contains("News & views"), "{failure}");
    let owner = server.with(SecretString::from("owner:ownerAdmin11111111111www"));
    owner.person(owner.site().post("wp/v2/categories").json(&json!({ "name": "news & VIEWS" }))).await;
    Case::new(&wordpress, &server, article("A"), &small).publish().await.unwrap();
    // Somebody makes the tag in the moment between looking and making.
    server.order("terms", "status", json!({ "code": 200, "body": [] })).await;
    Case::new(&wordpress, &server, article("B"), &small).publish().await.unwrap();
    let live = server.live().await;
    let tags = |post: &Value| serde_json::from_str::<Value>(post["raw"].as_str().unwrap()).unwrap()["tags"].clone();
    assert_eq!(tags(&live[0]), tags(&live[1]));
    for (op, code, body, expected) in [
        ("terms", 500, json!("<html>"), "unavailable"),
        ("terms", 403, json!("<html>"), "access_denied"),
        ("terms", 200, json!({}), "unavailable"),
    ] {
        server.order(op, "status", json!({ "code": code, "body": body })).await;
        let failure = Case::new(&wordpress, &server, article(expected), &small).publish().await.unwrap_err();
        assert_eq!(failure.code(), expected);
    }
}

#[tokio::test]
async fn a_draft_stays_a_draft_for_people_there_to_publish() {
    let wordpress = connector();
    let server = connected(&wordpress).await;
    let small = small();
    let variant = Variant { draft: true, title: Some("Later".into()), ..Variant::text("a draft") };
    let mut case = Case::new(&wordpress, &server, variant, &small);
    server.fault(Fault::DropBeforeCommit).await;
    assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
    assert_eq!(case.find().await, Ok(Finding::Absent), "it has our name still");
    server.fault(Fault::CommitThenDrop).await;
    assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
    let Ok(Finding::Proved(found)) = case.find().await else { panic!("it is handed over") };
    assert_eq!(case.publish().await.unwrap().receipt, found);
    let (_, draft) = server.draft(&case).await;
    assert_eq!((&draft["status"], &draft["slug"]), (&json!("draft"), &json!("")));
    assert!(server.live().await.is_empty());
}

#[test]
fn what_a_site_does_not_have_is_told_before_the_posts_time() {
    let wordpress = connector();
    let codes = |variant: &Variant| -> Vec<String> {
        let broken = check(variant, wordpress.descriptor(), &[], "/content");
        broken.into_iter().map(|violation| violation.code.clone()).collect()
    };
    assert!(codes(&article("A")).is_empty());
    assert!(codes(&Variant { draft: true, ..article("A") }).is_empty());
    assert_eq!(codes(&Variant::text("no title")), ["title_missing"]);
    assert_eq!(codes(&article(&"x".repeat(201))), ["content_too_long"]);
    let tags = (0..21).map(|n| n.to_string()).collect();
    assert_eq!(codes(&Variant { tags, ..article("A") }), ["too_many_tags"]);
    assert_eq!(codes(&Variant { reply_to: Some("5".into()), ..article("A") }), ["unsupported"]);
}

#[tokio::test]
async fn a_person_names_posts_of_this_very_site_only() {
    let wordpress = connector();
    let server = connected(&wordpress).await;
    let named = |post: &str| wordpress.named(&server.app, &server.account, post);
    let home = site(server.account.profile.home.as_deref().unwrap()).to_owned();
    for post in ["5".to_owned(), format!("{home}/?p=5"), format!("{home}/wp-admin/post.php?post=5&action=edit")] {
        let receipt = named(&post).unwrap();
        assert_eq!((receipt.id.as_deref(), receipt.url), (Some("5"), Some(format!("{home}/?p=5"))), "{post}");
    }
    let permalink = format!("{home}/2026/11/hello-world/");
    assert_eq!(named(&permalink), Some(Receipt { id: None, url: Some(permalink.clone()) }));
    for post in [
        String::new(),
        "05".into(),
        "5 ".into(),
        home.clone(),
        format!("{home}/?p=05"),
        format!("{home}/?p=x"),
        format!("{home}/wp-admin/"),
        format!("{home}/wp-json/wp/v2/posts/5"),
        format!("{permalink}?x=1"),
        "https://evil.example/2026/11/hello-world/".into(),
        home.replace("/wordpress", "/2026/11/hello-world/"),
        "javascript:alert(1)".into(),
    ] {
        assert_eq!(named(&post), None, "{post}");
    }
}

#[test]
fn a_site_is_read_where_its_api_lies() {
    for (root, home) in [
        ("https://s.example/wp-json", "https://s.example"),
        ("https://s.example/blog/index.php/wp-json", "https://s.example/blog"),
        ("https://s.example/blog/index.php?rest_route=", "https://s.example/blog"),
        ("https://s.example/?rest_route=", "https://s.example"),
    ] {
        assert_eq!(site(root), home);
    }
}

#[tokio::test]
async fn an_account_that_names_no_user_of_a_site_asks_nobody() {
    let wordpress = connector();
    let server = connected(&wordpress).await;
    let small = small();
    for (id, home) in [("2/../1", server.account.profile.home.clone()), ("2", None)] {
        let mut other = server.with(server.token.clone());
        (other.account.profile.external_id, other.account.profile.home) = (id.into(), home);
        let failure = Case::new(&wordpress, &other, Variant::text("n"), &small).publish().await.unwrap_err();
        assert_eq!(failure.code(), "account_invalid");
    }
}
