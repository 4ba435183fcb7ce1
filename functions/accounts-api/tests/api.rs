//! The accounts API over a world in memory: its routes, and every row of the bad-input table that touches them.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use axum::Router;
use domain::access::Role;
use http::Method;
use ports::{IdempotencyRecord, Record, Write};
use runtime::config::PublicAddress;
use runtime::http::{Api, fingerprint};
use serde_json::{Value, json};
use std::sync::atomic::Ordering;
use testing::api::{Answer, Ask, Bench, Person, Route, foreign_is_absent, replays};
use testing::{EITHER, KEYED, Mutant, Process, READABLE, Weather, World};

const BEGIN: &str = "/api/publishing/auth/{platform}";
const CALLBACK: &str = "/api/publishing/auth/{platform}/callback";
const CHOICE: &str = "/api/publishing/auth/{platform}/choices/{choice}";
const PLATFORMS: &str = "/api/publishing/platforms";
const KEY: &str = "/api/publishing/auth/{platform}/key";
const CREDENTIALS: &str = "/api/publishing/credentials";
const ONE: &str = "/api/publishing/credentials/{platform}";
const ABSENT: &str = "/api/publishing/credentials/acc_00000000000000000000000000000bad";

struct Desk {
    bench: Bench<Router>,
    process: Process,
    /// The path of the one connected account.
    account: String,
}

async fn desk() -> Desk {
    over(World::new(7)).await
}

async fn over(world: World) -> Desk {
    let process = world.process();
    let account = world.connect(&process.deps, "readable", "ada").await.unwrap();
    let account = format!("{CREDENTIALS}/{}", account.id);
    let owner = world.person(1, Role::Owner, &[]).await;
    let address = PublicAddress { base_url: Some("https://herald.test".into()), local: false };
    let routes = accounts_api::router(Api::new(process.deps.clone(), address));
    let all = vec![
        Route::get(BEGIN, "/api/publishing/auth/readable"),
        Route::get(CALLBACK, "/api/publishing/auth/readable/callback?state=s&code=ada"),
        Route::change(
            "POST",
            CALLBACK,
            "/api/publishing/auth/readable/callback",
            Some(json!({ "state": "s", "code": "ada" })),
        )
        .unkeyed(),
        Route::get(PLATFORMS, ""),
        Route::change("POST", KEY, "/api/publishing/auth/readable/key", Some(json!({ "entries": { "token": "t" } })))
            .unkeyed(),
        Route::get(CREDENTIALS, ""),
        Route::change("DELETE", ONE, &account, None),
        Route::get(CHOICE, "/api/publishing/auth/readable/choices/none"),
        Route::change(
            "POST",
            CHOICE,
            "/api/publishing/auth/readable/choices/none",
            Some(json!({ "selection": ["ada"] })),
        )
        .unkeyed(),
    ];
    Desk {
        bench: Bench { world, routes, owner, all, document: serde_json::to_value(accounts_api::openapi()).unwrap() },
        process,
        account,
    }
}

impl Desk {
    /// The `state` of a consent begun by this person.
    async fn begin(&self, person: &Person) -> String {
        let answer = self.bench.send(Ask::new("GET", "/api/publishing/auth/readable").by(person)).await;
        answer.data()["state"].as_str().unwrap().to_owned()
    }

    async fn back(&self, platform: &str, body: Value, person: &Person) -> Answer {
        let path = format!("/api/publishing/auth/{platform}/callback");
        self.bench.send(Ask::new("POST", &path).json(&body).by(person)).await
    }

    async fn browser(&self, query: &str, cookie: &str) -> Answer {
        let path = format!("/api/publishing/auth/readable/callback?{query}");
        self.bench.send(Ask::new("GET", &path).header("cookie", cookie).header("sec-fetch-site", "cross-site")).await
    }

    async fn cookie(&self, person: &Person) -> String {
        use secrecy::ExposeSecret;
        let signed = app::access::sign_in(&self.process.deps, &person.key, "test").await.unwrap().unwrap();
        format!("{}={}", runtime::http::SESSION_COOKIE, signed.cookie.expose_secret())
    }

    /// Accounts the platform has given tokens for.
    fn granted(&self) -> usize {
        self.bench.world.platforms[0].truth().grants.len()
    }
}

async fn bench() -> Bench<Router> {
    desk().await.bench
}

// Of the roles: the callbacks name a consent that is not there, and the entries are for a platform that takes none; who may
// connect gets as far as hearing that. The browser's way back always ends in the console, which has the words.
testing::api_suite!("accounts-api", openapi: accounts_api::openapi, bench: bench, keyed_changes: 1);

#[tokio::test]
async fn another_tenants_account_is_answered_as_an_absent_one() {
    assert_eq!(foreign_is_absent(bench).await, 2);
    let desk = desk().await;
    let none = Ask::new("DELETE", &format!("{CREDENTIALS}/none")).once("k").by(&desk.bench.owner);
    desk.bench.refused(none, 404, "not_found").await;
    let foreigner = desk.bench.world.person(2, Role::Owner, &[]).await;
    let list = desk.bench.send(Ask::new("GET", CREDENTIALS).by(&foreigner)).await;
    assert_eq!(list.data()["items"], json!([]));
    assert_eq!(desk.bench.owner(Ask::new("GET", CREDENTIALS)).await.data()["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_account_is_begun_connected_listed_and_disconnected() {
    let desk = desk().await;
    let begun = desk.bench.owner(Ask::new("GET", "/api/publishing/auth/readable?return_to=/console")).await;
    let data = begun.data();
    let state = data["state"].as_str().unwrap();
    assert!(data["auth_url"].as_str().unwrap().ends_with(&format!("state={state}")), "{data}");
    assert_eq!(data["expires_in"], 600);
    assert_eq!(data["redirect_uri"], "https://herald.test/api/publishing/auth/readable/callback");
    let connected = desk.back("readable", json!({ "state": state, "code": "grace" }), &desk.bench.owner).await;
    assert_eq!(connected.data()["return_to"], "/console");
    assert_eq!(connected.data()["items"][0]["name"], "grace");
    let list = desk.bench.owner(Ask::new("GET", CREDENTIALS)).await;
    let items = list.data()["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    let grace = items.iter().find(|i| i["name"] == "grace").unwrap();
    assert_eq!(
        (&grace["status"], &grace["kind"], &grace["platform"]),
        (&json!("active"), &json!("person"), &json!("readable"))
    );
    assert!(
        grace["credential_id"] == grace["account_id"] && grace["expires_at"].is_string() && grace["renews"] == true
    );
    for answer in [&begun, &connected, &list] {
        assert!(!answer.text.contains("access ") && !answer.text.contains("refresh "), "a token: {answer:?}");
    }
    let all = desk.bench.owner(Ask::new("DELETE", "/api/publishing/credentials/readable").once("1")).await;
    assert_eq!(all.data()["account_ids"].as_array().unwrap().len(), 2);
    assert_eq!(desk.bench.owner(Ask::new("GET", CREDENTIALS)).await.data()["items"], json!([]));
}

#[tokio::test]
async fn a_platform_says_what_to_enter_and_good_entries_connect_an_account() {
    let desk = over(World::with(7, Weather::calm(), &[READABLE, KEYED, EITHER], Mutant::None)).await;
    let list = desk.bench.owner(Ask::new("GET", PLATFORMS)).await;
    let items = list.data()["items"].as_array().unwrap();
    assert_eq!((&items[0]["by_consent"], &items[0]["key_form"]), (&json!(true), &Value::Null));
    assert_eq!((&items[1]["platform"], &items[1]["by_consent"]), (&json!("keyed"), &json!(false)));
    assert!(items[2]["by_consent"] == true && items[2]["key_form"].is_object(), "either way: {}", items[2]);
    let fields = items[1]["key_form"]["fields"].as_array().unwrap();
    let kinds: Vec<_> = fields.iter().map(|f| (f["name"].as_str().unwrap(), f["kind"].as_str().unwrap())).collect();
    assert_eq!(kinds, [("author", "text"), ("token", "secret")]);

    let enter = |entries: Value| {
        let body = json!({ "entries": entries });
        Ask::new("POST", "/api/publishing/auth/keyed/key").json(&body).by(&desk.bench.owner)
    };
    let nothing = desk.bench.refused(enter(json!({})), 422, "validation").await;
    assert_eq!(nothing.body["errors"][1]["field"], "/entries/token");
    let wrong = desk.bench.refused(enter(json!({ "author": "ada", "token": "canary" })), 422, "entry_refused").await;
    assert!(!wrong.text.contains("canary"));
    let connected = desk.bench.send(enter(json!({ "author": "ada", "token": "good" }))).await;
    assert_eq!((connected.status, &connected.data()["items"][0]["name"]), (200, &json!("ada")));
    assert_eq!(connected.data()["items"][0]["renews"], false);
    assert!(!connected.text.contains("good"));
    let begun = Ask::new("GET", "/api/publishing/auth/keyed").by(&desk.bench.owner);
    desk.bench.refused(begun, 409, "connected_by_key").await;
}

#[tokio::test]
async fn disconnecting_is_repeated_byte_for_byte_and_refused_while_it_is_under_way() {
    let desk = desk().await;
    let disconnect = format!("DELETE {ONE}");
    let route = desk.bench.all.iter().find(|route| route.name() == disconnect).unwrap();
    let first = replays(&desk.bench, route, &Ask::new("DELETE", ABSENT)).await;
    assert_eq!(first.data()["account_ids"].as_array().unwrap().len(), 1);

    let route = format!("DELETE {ONE}");
    let record = IdempotencyRecord {
        tenant: desk.bench.owner.caller.tenant,
        route,
        key: "busy".into(),
        fingerprint: fingerprint(&Method::DELETE, &desk.account, b""),
        reply: None,
        expires_at: desk.process.deps.clock.now() + jiff::SignedDuration::from_secs(30),
    };
    desk.process.deps.ledger.commit(vec![Write::create(Record::Idempotency(record))]).await.unwrap();
    let ask = Ask::new("DELETE", &desk.account).once("busy").by(&desk.bench.owner);
    let busy = desk.bench.refused(ask, 409, "idempotency_key_in_flight").await;
    assert_eq!((busy.header("retry-after"), &busy.body["retryable"]), ("1", &json!(true)));
}

#[tokio::test]
async fn begin_refuses_unknown_platforms_foreign_pages_and_wider_scopes() {
    let desk = desk().await;
    let begin = |rest: &str| Ask::new("GET", &format!("/api/publishing/auth/{rest}")).by(&desk.bench.owner);
    desk.bench.refused(begin("nowhere"), 404, "not_found").await;
    for page in ["https://evil.example", "//evil.example", "/console/../x", "/console/accounts?x=1", ""] {
        let page = page.replace('/', "%2F").replace('?', "%3F");
        desk.bench.refused(begin(&format!("readable?return_to={page}")), 400, "return_to_not_allowed").await;
    }
    desk.bench.refused(begin("readable?scope=everything"), 400, "validation").await;
    desk.bench.refused(begin("readable?return_to=/console&return_to=/console"), 400, "validation").await;
    desk.bench.refused(begin("%ff"), 400, "bad_id").await;
    let bad = Ask::new("DELETE", "/api/publishing/credentials/acc_1").once("1").by(&desk.bench.owner);
    desk.bench.refused(bad, 400, "bad_id").await;
}

#[tokio::test]
async fn a_state_that_is_missing_replayed_expired_or_anothers_is_refused_before_any_token_call() {
    let desk = desk().await;
    let owner = &desk.bench.owner;
    let colleague = desk.bench.world.person(1, Role::Owner, &[]).await;
    let foreigner = desk.bench.world.person(2, Role::Owner, &[]).await;
    let granted = desk.granted();
    let code = |state: &str| json!({ "state": state, "code": "eve" });
    let state = desk.begin(owner).await;
    let mut refused = vec![
        desk.back("readable", json!({ "code": "eve" }), owner).await,
        desk.back("readable", code("unknown"), owner).await,
        desk.back("readable", code(&state), &colleague).await,
        desk.back("readable", code(&state), &foreigner).await,
        desk.back("write-only", code(&state), owner).await,
    ];
    desk.process.offset.store(600_001, Ordering::Relaxed);
    refused.push(desk.back("readable", code(&state), owner).await);
    desk.process.offset.store(0, Ordering::Relaxed);
    assert_eq!(desk.granted(), granted, "no token call");
    let first = desk.back("readable", json!({ "state": state, "code": "grace" }), owner).await;
    assert_eq!(first.status, 200, "{first:?}");
    refused.push(desk.back("readable", code(&state), owner).await);
    assert_eq!(desk.granted(), granted + 1);
    for answer in &refused {
        assert_eq!(answer.problem(), (400, "oauth_state"), "{answer:?}");
        assert_eq!(answer.without_cid(), refused[0].without_cid());
    }
}

#[tokio::test]
async fn a_denied_consent_a_missing_code_and_another_issuer_are_told_apart() {
    let desk = desk().await;
    let granted = desk.granted();
    for (extra, status, code) in [
        (json!({ "error": "access_denied", "error_description": "<b>no</b>" }), 409, "consent_denied"),
        (json!({}), 400, "oauth_code"),
        (json!({ "code": "" }), 400, "oauth_code"),
        (json!({ "code": "eve", "iss": "https://evil.example" }), 400, "oauth_mixup"),
        (json!({ "code": "eve", "selection": ["somebody"] }), 409, "no_profile"),
    ] {
        let mut body = extra;
        body["state"] = desk.begin(&desk.bench.owner).await.into();
        let answer = desk.back("readable", body, &desk.bench.owner).await;
        assert_eq!(answer.problem(), (status, code));
        assert!(!answer.text.contains("<b>"));
    }
    assert_eq!(desk.granted(), granted + 1, "only the last one went as far as a token call");
    let state = desk.begin(&desk.bench.owner).await;
    let same = json!({ "state": state, "code": "grace", "iss": "https://platform.test" });
    assert_eq!(desk.back("readable", same, &desk.bench.owner).await.status, 200);
}

#[tokio::test]
async fn the_browsers_way_back_ends_in_the_console_with_a_code_of_ours_and_nothing_of_the_request() {
    let desk = desk().await;
    let cookie = desk.cookie(&desk.bench.owner).await;
    let state = desk.begin(&desk.bench.owner).await;
    let done = desk.browser(&format!("state={state}&code=grace&scope=a&scope=b&platforms_own=1"), &cookie).await;
    assert_eq!((done.status, done.header("location")), (303, "/console/accounts?connected=readable"));
    let again = desk.browser(&format!("state={state}&code=grace"), &cookie).await;
    assert_eq!((again.status, again.header("location")), (303, "/console/accounts?error=oauth_state"));
    let state = desk.begin(&desk.bench.owner).await;
    let denied = format!("state={state}&error=access_denied&error_description=%3Cscript%3E");
    let denied = desk.browser(&denied, &cookie).await;
    assert_eq!((denied.status, denied.header("location")), (303, "/console/accounts?error=consent_denied"));
    let missing = desk.browser("code=grace", &cookie).await;
    assert_eq!(missing.header("location"), "/console/accounts?error=oauth_state");
    let editor = desk.bench.world.person(1, Role::Editor, &[]).await;
    let forbidden = desk.browser("state=s&code=c", &desk.cookie(&editor).await).await;
    assert_eq!(forbidden.header("location"), "/console/accounts?error=forbidden");

    for doubled in ["state=a&state=b", "code=a&code=b", "error=a&error=b", "iss=a&iss=b"] {
        assert_eq!(desk.browser(doubled, &cookie).await.problem(), (400, "validation"), "{doubled}");
    }
    assert_eq!(desk.browser("state=a&code=b", "").await.problem(), (401, "unauthenticated"));
}

#[tokio::test]
async fn of_several_profiles_only_those_that_were_chosen_are_connected() {
    let desk = desk().await;
    let owner = &desk.bench.owner;
    let state = desk.begin(owner).await;
    let back = desk.back("readable", json!({ "state": state, "code": "grace+harbour+light" }), owner).await;
    let (data, choice) = (back.data(), &back.data()["choice"]);
    assert_eq!((&data["items"], &data["return_to"]), (&json!([]), &json!("/console/accounts")));
    assert_eq!((&choice["expires_in"], &choice["platform"]), (&json!(600), &json!("readable")));
    let profiles = json!([
        { "profile_id": "grace", "name": "grace", "handle": null, "kind": "person", "connected": false },
        { "profile_id": "harbour", "name": "harbour", "handle": null, "kind": "organisation", "connected": false },
        { "profile_id": "light", "name": "light", "handle": null, "kind": "organisation", "connected": false },
    ]);
    assert_eq!(choice["profiles"], profiles);
    let path = format!("/api/publishing/auth/readable/choices/{}", choice["choice_id"].as_str().unwrap());
    assert_eq!(&desk.bench.owner(Ask::new("GET", &path)).await.data()["profiles"], &profiles);

    let colleague = desk.bench.world.person(1, Role::Owner, &[]).await;
    let foreigner = desk.bench.world.person(2, Role::Owner, &[]).await;
    let pick = |ids: Value| Ask::new("POST", &path).json(&json!({ "selection": ids }));
    let unknown = Ask::new("GET", "/api/publishing/auth/readable/choices/none").by(owner);
    let unknown = desk.bench.refused(unknown, 404, "not_found").await.without_cid();
    for person in [&colleague, &foreigner] {
        for ask in [Ask::new("GET", &path), pick(json!(["harbour"]))] {
            let answer = desk.bench.refused(ask.by(person), 404, "not_found").await;
            assert_eq!(answer.without_cid(), unknown, "as if it were not there");
        }
    }
    desk.bench.refused(pick(json!([])).by(owner), 422, "selection_missing").await;
    desk.bench.refused(pick(json!(["harbour", "ada"])).by(owner), 422, "profile_unknown").await;
    let other = path.replace("readable", "write-only");
    desk.bench.refused(Ask::new("GET", &other).by(owner), 404, "not_found").await;

    let done = desk.bench.send(pick(json!(["harbour"])).by(owner)).await;
    assert_eq!((&done.data()["items"][0]["name"], &done.data()["items"][1]), (&json!("harbour"), &Value::Null));
    desk.bench.refused(pick(json!(["harbour"])).by(owner), 404, "not_found").await;
    let list = desk.bench.owner(Ask::new("GET", CREDENTIALS)).await;
    assert_eq!(list.data()["items"].as_array().unwrap().len(), 2, "with the one of before");
    for answer in [&back, &done, &list] {
        assert!(!answer.text.contains("access ") && !answer.text.contains("refresh "), "a token: {answer:?}");
    }
}

#[tokio::test]
async fn a_choice_ends_after_ten_minutes() {
    let desk = desk().await;
    let owner = &desk.bench.owner;
    let state = desk.begin(owner).await;
    let back = desk.back("readable", json!({ "state": state, "code": "grace+harbour" }), owner).await;
    let choice = back.data()["choice"]["choice_id"].as_str().unwrap().to_owned();
    let path = format!("/api/publishing/auth/readable/choices/{choice}");
    desk.process.offset.store(601_000, Ordering::Relaxed);
    desk.bench.refused(Ask::new("GET", &path).by(owner), 404, "not_found").await;
    let pick = Ask::new("POST", &path).json(&json!({ "selection": ["grace"] }));
    desk.bench.refused(pick.by(owner), 404, "not_found").await;
}

#[tokio::test]
async fn a_browser_is_sent_to_choose_and_a_selection_made_beforehand_asks_nothing() {
    let desk = desk().await;
    let cookie = desk.cookie(&desk.bench.owner).await;
    let state = desk.begin(&desk.bench.owner).await;
    let sent = desk.browser(&format!("state={state}&code=grace%2Bharbour"), &cookie).await;
    assert_eq!(sent.status, 303);
    let there = sent.header("location");
    let choice = there.strip_prefix("/console/accounts/choose/readable/").unwrap();
    let path = format!("/api/publishing/auth/readable/choices/{choice}");
    assert_eq!(desk.bench.owner(Ask::new("GET", &path)).await.status, 200);
    let state = desk.begin(&desk.bench.owner).await;
    let body = json!({ "state": state, "code": "grace+harbour", "selection": ["harbour"] });
    let done = desk.back("readable", body, &desk.bench.owner).await;
    assert_eq!((&done.data()["items"][0]["name"], &done.data()["choice"]), (&json!("harbour"), &Value::Null));
}

#[tokio::test]
async fn another_site_cannot_disconnect_with_the_browsers_session() {
    let desk = desk().await;
    let cookie = desk.cookie(&desk.bench.owner).await;
    let ask =
        |site| Ask::new("DELETE", &desk.account).once("1").header("cookie", &cookie).header("sec-fetch-site", site);
    desk.bench.refused(ask("cross-site"), 403, "forbidden").await;
    assert_eq!(desk.bench.send(ask("same-origin")).await.status, 200);
}

#[tokio::test]
async fn an_account_says_when_its_access_ends_and_what_is_planned_for_later() {
    use app::publishing::{Accepted, PublishCommand, TargetSpec, When, request};
    let desk = desk().await;
    let (deps, caller) = (&desk.process.deps, &desk.bench.world.caller);
    let listed = async || desk.bench.owner(Ask::new("GET", CREDENTIALS)).await.data()["items"][0].clone();
    let renewed = listed().await;
    assert!(renewed.get("access_ends_at").is_none() && renewed.get("posts_at_risk").is_none(), "{renewed}");

    let account = desk.account.rsplit('/').next().unwrap().parse().unwrap();
    let due = deps.clock.now() + jiff::SignedDuration::from_hours(9);
    let command = PublishCommand {
        content: serde_json::from_value(
            json!({ "parts": [{ "text": "a" }], "visibility": "public", "reply_restriction": "everyone" }),
        )
        .unwrap(),
        variants: [].into(),
        targets: vec![TargetSpec::Account(account)],
        when: When::At(due),
        max_lateness_s: None,
    };
    let once = app::Once { route: "test".into(), key: "plan".into(), fingerprint: String::new() };
    let encode = |made: &Accepted| ports::StoredReply { status: 0, body: made.post.id.to_string() };
    let post = request(deps, caller, &command, &once, &encode).await.unwrap().stored.body;
    let old = deps.ledger.account(caller.tenant, account).await.unwrap().unwrap();
    let mut ending = old.value.clone();
    (ending.token.expires_at, ending.token.refreshable) = (Some(due), false);
    deps.ledger.commit(vec![Write::replace(&old, Record::Account(ending))]).await.unwrap();

    let told = listed().await;
    assert_eq!(told["access_ends_at"], due.to_string());
    assert_eq!(
        told["posts_at_risk"],
        json!({ "items": [{ "pack_id": post, "due_at": due.to_string() }], "more": false })
    );
}
