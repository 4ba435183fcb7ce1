//! The publishing API over a world in memory: its routes, and every row of the bad-input table that touches them.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod desk;

use app::publishing::execute;
use axum::Router;
use desk::{APPROVALS, BRAND, Desk, POSTS, PREVIEW, PUBLISH, SERIES, desk};
use domain::access::Role;
use domain::platform::QuotaScope;
use ports::PublishJob;
use runtime::config::PublicAddress;
use runtime::http::Api;
use serde_json::{Value, json};
use testing::api::{Ask, Bench, foreign_is_absent};
use testing::{Cap, Mutant, READABLE, Rules, Weather, World};

async fn bench() -> Bench<Router> {
    desk().await.bench
}

testing::api_suite!("publishing-api", openapi: publishing_api::openapi, bench: bench, keyed_changes: 20);

#[tokio::test]
async fn another_tenants_post_account_or_medium_is_answered_as_an_absent_one() {
    assert_eq!(Box::pin(foreign_is_absent(bench)).await, 49);
}

#[tokio::test]
async fn a_draft_is_kept_read_listed_and_deleted_and_has_nothing_to_cancel() {
    let Desk { bench, draft: id, .. } = desk().await;
    let one = format!("{POSTS}/{id}");
    let read = bench.owner(Ask::new("GET", &one)).await;
    assert_eq!((&read.data()["status"], &read.data()["content"]["text"]), (&json!("draft"), &json!("first")));
    assert!(!read.header("etag").is_empty());
    let listed = async || bench.owner(Ask::new("GET", POSTS)).await.data()["items"].as_array().unwrap().len();
    let before = listed().await;
    bench.refused(Ask::new("POST", &format!("{one}/cancel")).once("c").by(&bench.owner), 409, "wrong_state").await;
    assert_eq!(bench.owner(Ask::new("DELETE", &one).once("d")).await.status, 200);
    assert_eq!(listed().await, before - 1);
}

/// Body, status, code, and the field that is named.
type Row<'a> = (Value, u16, &'a str, &'a str);

async fn refused_rows(rows: Vec<Row<'_>>) {
    let Desk { bench, .. } = desk().await;
    for (body, status, code, field) in rows {
        let ask = Ask::new("POST", PUBLISH).once("k").json(&body).by(&bench.owner);
        let answer = bench.refused(ask, status, code).await;
        assert_eq!(answer.body["errors"][0]["field"], field, "{body}: {answer:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_published_is_refused_with_its_code_and_place_and_nothing_is_written() {
    let account = desk().await.account;
    let to = |content: Value| json!({ "content": content, "accounts": [account] });
    let text = |text: &str| to(json!({ "text": text }));
    let thread = |n: usize| to(json!({ "thread": vec![json!({ "text": "a" }); n] }));
    let many: Vec<String> = (0..51).map(|n| format!("acc_{n:032x}")).collect();
    let none = "acc_00000000000000000000000000000bad";
    let medium = json!([{ "media_id": "med_00000000000000000000000000000bad" }]);
    Box::pin(refused_rows(vec![
        (text(""), 422, "content_empty", "/content/text"),
        (text(&" \n\t".repeat(9)), 422, "content_empty", "/content/text"),
        (text(&"x".repeat(5_000)), 422, "content_too_long", "/content/text"),
        (thread(26), 422, "too_many_parts", "/content/thread"),
        (json!({ "content": { "text": "a" } }), 422, "targets_missing", "/accounts"),
        (json!({ "content": { "text": "a" }, "platforms": ["myspace"] }), 422, "unknown_platform", "/platforms/0"),
        (
            json!({ "content": { "text": "a" }, "platforms": ["write-only"] }),
            422,
            "account_not_connected",
            "/platforms/0",
        ),
        (json!({ "content": { "text": "a" }, "accounts": [none] }), 422, "account_not_found", "/accounts/0"),
        (json!({ "content": { "text": "a" }, "accounts": ["bad"] }), 400, "validation", "/accounts/0"),
        (json!({ "content": { "text": "a" }, "accounts": many }), 422, "too_many_targets", "/accounts"),
        (json!({ "content": { "text": "a" }, "accounts": [account, account] }), 422, "duplicate_target", "/accounts/1"),
        (
            json!({ "content": { "text": "a" }, "accounts": [account], "platforms": ["readable"] }),
            422,
            "duplicate_target",
            "/platforms/0",
        ),
        (
            json!({ "content": { "text": "a" }, "accounts": [account], "variants": { "my/space": {} } }),
            422,
            "unknown_platform",
            "/variants/my~1space",
        ),
        (to(json!({ "text": "a", "media": medium })), 422, "media_not_found", "/content/media/0"),
        (
            to(json!({ "text": "a", "link": { "url": "javascript:alert(1)" } })),
            422,
            "url_not_allowed",
            "/content/link/url",
        ),
        (
            json!({ "content": { "text": "a", "thread": [{ "text": "b" }] }, "option": "draft" }),
            422,
            "content_ambiguous",
            "/content/thread",
        ),
        (
            json!({ "content": { "text": "a" }, "option": "draft", "max_lateness_seconds": 5 }),
            422,
            "out_of_range",
            "/max_lateness_seconds",
        ),
        (json!({ "content": { "text": "a" }, "option": "yesterday" }), 400, "validation", "/option"),
        (json!({ "content": { "text": "a", "visibility": "secret" } }), 400, "validation", "/content/visibility"),
        (json!({ "content": { "text": "a", "media": [{}] } }), 400, "validation", "/content/media/0/media_id"),
        (json!({}), 400, "validation", "/content"),
    ]))
    .await;
}

#[tokio::test]
async fn a_length_is_told_with_the_platform_its_limit_and_what_was_given() {
    let Desk { bench, account, .. } = desk().await;
    let body = json!({ "content": { "text": "x".repeat(5_000) }, "accounts": [account] });
    let answer =
        bench.refused(Ask::new("POST", PUBLISH).once("k").json(&body).by(&bench.owner), 422, "content_too_long").await;
    assert_eq!((&answer.body["platform"], &answer.body["actual"]), (&json!("readable"), &json!(5_000)));
    assert!(answer.body["limit"].as_u64().unwrap() < 5_000);
}

#[tokio::test]
async fn a_time_that_cannot_be_is_refused_and_one_that_a_zone_skips_moves_only_when_asked() {
    let Desk { bench, account, .. } = desk().await;
    let at = |time: &str, zone: Option<&str>| json!({ "content": { "text": "a" }, "accounts": [account], "option": "scheduled", "scheduled_at": time, "timezone": zone });
    let past = (bench.world.engine.now() - jiff::SignedDuration::from_mins(6)).to_string();
    let far = (bench.world.engine.now() + jiff::SignedDuration::from_hours(24 * 367)).to_string();
    let berlin = Some("Europe/Berlin");
    let now = bench.world.engine.now().in_tz("Europe/Berlin").unwrap().date();
    // The last Sunday of the next March but one before a year is over: clocks go from two to three.
    let year = if now.month() < 3 { now.year() } else { now.year() + 1 };
    let march = jiff::civil::date(year, 3, 31);
    let sunday = march - jiff::Span::new().days(i64::from(march.weekday().to_sunday_zero_offset()));
    let gap = format!("{sunday}T02:30:00");
    for (body, status, code, field) in [
        (at(&past, None), 422, "due_in_past", "/scheduled_at"),
        (at(&far, None), 422, "due_too_far", "/scheduled_at"),
        (at("2027-01-15T09:00:00", None), 422, "timezone_missing", "/scheduled_at"),
        (at("2027-01-15T09:00:00Z", berlin), 422, "time_ambiguous", "/scheduled_at"),
        (at("2027-01-15T09:00:00-04:00", berlin), 422, "time_ambiguous", "/scheduled_at"),
        (at(&gap, berlin), 422, "time_in_gap", "/scheduled_at"),
        (at(&gap, Some("Mars/Olympus")), 422, "unknown_zone", "/timezone"),
        (at("2026-02-30T00:00:00Z", None), 400, "validation", "/scheduled_at"),
        (at("2026-02-30T00:00:00", berlin), 400, "validation", "/scheduled_at"),
        (at("2026-12-31T23:59:60Z", None), 400, "validation", "/scheduled_at"),
        (at("soon", None), 400, "validation", "/scheduled_at"),
        (at("", None), 400, "validation", "/scheduled_at"),
        (json!({ "content": { "text": "a" }, "option": "scheduled" }), 422, "scheduled_at_missing", "/scheduled_at"),
        (
            json!({ "content": { "text": "a" }, "option": "draft", "scheduled_at": far }),
            422,
            "scheduled_at_unused",
            "/scheduled_at",
        ),
    ] {
        let ask = Ask::new("POST", PUBLISH).once("k").json(&body).by(&bench.owner);
        let answer = bench.refused(ask, status, code).await;
        assert_eq!(answer.body["errors"][0]["field"], field, "{body}");
    }
    let mut shifted = at(&gap, berlin);
    shifted["on_gap"] = json!("shift");
    let made = bench.owner(Ask::new("POST", PUBLISH).once("shift").json(&shifted)).await;
    assert_eq!((made.status, made.data()["warnings"].as_array().unwrap().len()), (202, 1), "{made:?}");
}

#[tokio::test]
async fn a_preflight_tells_every_broken_rule_and_every_text_and_writes_nothing() {
    let Desk { bench, account, .. } = desk().await;
    let posts = || async { bench.owner(Ask::new("GET", POSTS)).await.data()["items"].as_array().unwrap().len() };
    let before = posts().await;
    let look = |body: Value| Ask::new("POST", "/api/publishing/preflight").json(&body);
    let due = bench.world.engine.now() + jiff::SignedDuration::from_hours(48);
    let good = json!({
        "content": { "text": "hello", "title": "A title" },
        "accounts": [account], "option": "scheduled", "scheduled_at": due.to_string(),
    });
    let seen = bench.owner(look(good.clone())).await;
    let data = seen.data();
    assert_eq!((seen.status, &data["acceptable"], &data["violations"]), (200, &json!(true), &json!([])), "{seen:?}");
    assert_eq!(data["targets"][0]["account_id"], json!(account));
    assert_eq!(data["targets"][0]["steps"], json!([{ "text": "hello", "length": 5, "limit": 280 }]));
    assert_eq!(data["warnings"].as_array().unwrap().len(), 1, "there are no titles there: {data}");
    assert_eq!(data["targets"][0]["cost_usd_micros"], json!(15));
    let linked = json!({ "content": { "text": "see https://example.com" }, "accounts": [account], "option": "draft" });
    let seen = bench.owner(look(linked)).await;
    assert_eq!(seen.data()["targets"][0]["cost_usd_micros"], json!(200), "a link costs more: {seen:?}");
    assert_eq!(data["due_at"], json!(due.to_string()));

    let mut bad = good;
    bad["content"] = json!({ "text": "x".repeat(281), "poll": { "options": ["a", "b"] } });
    bad["scheduled_at"] = json!("2020-01-01T09:00:00Z");
    bad["platforms"] = json!(["nowhere"]);
    let seen = bench.owner(look(bad)).await;
    let told: Vec<_> = seen.data()["violations"].as_array().unwrap().iter().map(|v| v["field"].clone()).collect();
    assert_eq!(told, ["/platforms/0", "/content/text", "/content/poll", "/scheduled_at"], "{seen:?}");
    assert_eq!((seen.status, &seen.data()["acceptable"]), (200, &json!(false)));
    assert_eq!(posts().await, before);
}

#[tokio::test]
async fn a_preflight_tells_what_is_left_of_each_quota_and_when_a_post_beyond_it_goes_out() {
    const CAPS: &[Cap] = &[
        Cap { scope: QuotaScope::Account, limit: 3, window_s: 900, documented: Some(3), told: false },
        Cap { scope: QuotaScope::App, limit: 100, window_s: 86_400, documented: Some(100), told: false },
    ];
    let world = World::with(1, Weather::calm(), &[Rules { caps: CAPS, ..READABLE }], Mutant::None);
    let (deps, caller) = (world.deps(), world.caller.clone());
    let account = world.connect(&deps, "readable", "ada").await.unwrap();
    let address = PublicAddress { base_url: Some("https://herald.test".into()), local: false };
    let process = world.process();
    let routes = publishing_api::router(Api::new(process.managing(), address));
    let owner = world.person(1, Role::Owner, &[]).await;
    let ask = async |path: &str, key: &str, body: Value| {
        let ask = Ask::new("POST", path).once(key).by(&owner).json(&body);
        testing::api::send(&routes, ask).await.data().clone()
    };
    let body = |text: &str| json!({ "content": { "text": text }, "accounts": [account.id.to_string()] });
    let tenant = caller.tenant;
    let mut waits = None;
    for n in 0..4 {
        let made = ask(PUBLISH, &format!("post-{n}"), body(&format!("number {n}"))).await;
        let post = made["pack_id"].as_str().unwrap().parse().unwrap();
        let job = PublishJob { v: 1, tenant, post, account: account.id, cid: "test".into() };
        let deadline = deps.clock.now() + jiff::SignedDuration::from_mins(1);
        execute(&process.publishing(), &job, deadline).await.unwrap();
        waits = Some(deps.ledger.delivery(tenant, post, account.id).await.unwrap().unwrap().value);
    }
    let waits = waits.unwrap();
    assert_eq!((waits.state.name(), world.platforms[0].truth().requests), ("retry", 3));
    let seen = ask("/api/publishing/preflight", "look", body("one more")).await;
    let target = &seen["targets"][0];
    let left: Vec<_> = target["quotas"].as_array().unwrap().iter().map(|q| (&q["scope"], &q["left"])).collect();
    // The tenant may have nine times what it leaves: 87 of the 97, told in twentieths, since others share it.
    assert_eq!(left, [(&json!("account"), &json!(0)), (&json!("app"), &json!(85))], "{target}");
    let at = |value: &Value| value.as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    let expected = at(&target["expected_at"]);
    assert!(expected > waits.expected_at().unwrap(), "it comes after what waits: {expected}");
    assert!(target["warnings"][0].as_str().unwrap().contains(&expected.to_string()), "{target}");
    let shown =
        testing::api::send(&routes, Ask::new("GET", &format!("/api/publishing/status/{}", waits.post)).by(&owner));
    assert_eq!(at(&shown.await.data()["deliveries"][0]["expected_at"]), waits.expected_at().unwrap());
}

#[tokio::test]
async fn a_series_that_cannot_be_is_refused_with_its_code_and_place_and_nothing_is_written() {
    let desk = desk().await;
    let series = |change: &dyn Fn(&mut Value)| {
        let mut body = desk.weekly();
        change(&mut body);
        body
    };
    let rule = |rule: &str| series(&|body| body["recurrence"]["rule"] = json!(rule));
    let start = |start: &str| series(&|body| body["recurrence"]["start"] = json!(start));
    let far = (desk.bench.world.engine.now() + jiff::SignedDuration::from_hours(24 * 367)).to_string();
    for (body, status, code, field) in [
        (rule("every monday"), 422, "rule_malformed", "/recurrence/rule"),
        (rule("FREQ=DAILY;COUNT=2;UNTIL=20300101"), 422, "rule_malformed", "/recurrence/rule"),
        (rule("FREQ=MINUTELY"), 422, "rule_too_often", "/recurrence/rule"),
        (rule("FREQ=DAILY;BYSECOND=1"), 422, "rule_unsupported", "/recurrence/rule"),
        (rule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), 422, "no_run", "/recurrence/rule"),
        (rule("FREQ=DAILY;UNTIL=20200101"), 422, "no_run", "/recurrence/rule"),
        (start("tomorrow"), 400, "validation", "/recurrence/start"),
        (start("2027-01-15T09:00:00Z"), 400, "validation", "/recurrence/start"),
        (start("1970-01-01T09:00:00"), 422, "out_of_range", "/recurrence/start"),
        (start(&far[..19]), 422, "out_of_range", "/recurrence/start"),
        (series(&|b| b["recurrence"]["timezone"] = json!("Mars/Olympus")), 422, "unknown_zone", "/recurrence/timezone"),
        (series(&|b| b["recurrence"]["on_gap"] = json!("reject")), 400, "validation", "/recurrence/on_gap"),
        (series(&|b| b["missed_run"] = json!({ "policy": "later" })), 400, "validation", "/missed_run/policy"),
        (
            series(&|b| b["missed_run"] = json!({ "policy": "send", "at_most_seconds": 5 })),
            422,
            "out_of_range",
            "/missed_run/at_most_seconds",
        ),
        (series(&|b| b["accounts"] = json!([])), 422, "targets_missing", "/accounts"),
        (series(&|b| b["content"]["text"] = json!("x".repeat(5_000))), 422, "content_too_long", "/content/text"),
    ] {
        let ask = Ask::new("POST", SERIES).once("k").json(&body).by(&desk.bench.owner);
        let answer = desk.bench.refused(ask, status, code).await;
        assert_eq!(answer.body["errors"][0]["field"], field, "{body}: {answer:?}");
    }
    for (count, status) in [(0, 422), (51, 422)] {
        let body = json!({ "recurrence": desk.weekly()["recurrence"], "count": count });
        let answer = desk.bench.refused(Ask::new("POST", PREVIEW).json(&body).by(&desk.bench.owner), status, "").await;
        assert_eq!(answer.body["errors"][0]["field"], "/count");
    }
}

#[tokio::test]
async fn a_preview_shows_each_run_in_utc_and_in_the_zone_and_what_the_clocks_do_to_it() {
    let Desk { bench, .. } = desk().await;
    let at = |policy: Value| {
        let mut recurrence =
            json!({ "rule": "FREQ=DAILY", "start": "2027-03-27T02:30:00", "timezone": "Europe/Berlin" });
        recurrence.as_object_mut().unwrap().extend(policy.as_object().unwrap().clone());
        json!({ "recurrence": recurrence, "after": "2027-03-27T00:00:00Z", "count": 3 })
    };
    let moved = bench.owner(Ask::new("POST", PREVIEW).json(&at(json!({})))).await;
    let run = |n: usize, field: &str| moved.data()["runs"][n][field].clone();
    assert_eq!(run(0, "at"), "2027-03-27T01:30:00Z");
    assert_eq!((run(0, "shown"), run(0, "clock_change")), (json!("2027-03-27T02:30:00+01:00"), Value::Null));
    assert_eq!((run(1, "local_time"), run(1, "clock_change")), (json!("2027-03-28T02:30:00"), json!("shifted")));
    assert_eq!(run(1, "shown"), "2027-03-28T03:30:00+02:00");
    assert_eq!(
        (moved.data()["ended"].clone(), moved.data()["tzdb"].clone()),
        (json!(false), json!(domain::time::tzdb()))
    );
    let skipped = bench.owner(Ask::new("POST", PREVIEW).json(&at(json!({ "on_gap": "skip" })))).await;
    assert_eq!(skipped.data()["skipped"], json!(["2027-03-28T02:30:00"]));
    assert_eq!(skipped.data()["runs"][1]["at"], "2027-03-29T00:30:00Z");
}

#[tokio::test]
async fn a_series_is_shown_changed_only_as_it_was_read_and_ended() {
    let Desk { bench, series: id, .. } = desk().await;
    let one = format!("{SERIES}/{id}");
    let read = bench.owner(Ask::new("GET", &one)).await;
    assert_eq!((&read.data()["status"], &read.data()["missed_run"]), (&json!("active"), &json!({ "policy": "ask" })));
    assert!(read.data()["next_run"]["shown"].as_str().unwrap().contains("T09:00:00+"), "{read:?}");
    let patch = |tag: &str| {
        let change = json!({ "recurrence": { "rule": "FREQ=DAILY;COUNT=3", "start": read.data()["recurrence"]["start"], "timezone": "UTC" } });
        Ask::new("PATCH", &one).once("p").header("if-match", tag).json(&change)
    };
    bench.refused(patch("\"99\"").by(&bench.owner), 412, "precondition_failed").await;
    let changed = bench.owner(patch(read.header("etag"))).await;
    assert!(changed.data()["next_run"]["shown"].as_str().unwrap().ends_with("T09:00:00+00:00"), "{changed:?}");
    assert_eq!(bench.owner(Ask::new("DELETE", &one).once("d")).await.status, 200);
    bench.refused(Ask::new("GET", &one).by(&bench.owner), 404, "not_found").await;
    assert_eq!(bench.owner(Ask::new("GET", SERIES)).await.data()["items"], json!([]));
}

#[tokio::test]
async fn whom_a_post_is_shown_to_is_named_as_the_platform_does_and_no_persons_post_has_it() {
    let Desk { bench, .. } = desk().await;
    let soon = (bench.world.engine.now() + jiff::SignedDuration::from_hours(1)).to_string();
    for (region, code, field) in [
        // And at all: the account is a person's.
        ("EU", "validation", "/content/targeting/regions/0"),
        ("region:1", "unsupported", "/content/targeting"),
    ] {
        let content = json!({ "text": "a", "targeting": { "regions": [region] } });
        let body = json!({ "content": content, "schedule_for": soon });
        let path = "/api/v1/communication/social/readable/content";
        let answer = bench.refused(Ask::new("POST", path).once("k").json(&body).by(&bench.owner), 422, code).await;
        assert_eq!(answer.body["errors"][0]["field"], field, "{answer:?}");
    }
}

#[tokio::test]
async fn a_text_that_is_too_long_is_formatted_as_a_thread_unless_it_is_to_stay_one_text() {
    let Desk { bench, .. } = desk().await;
    let long = format!("{}end", "word ".repeat(60));
    let ask = |body: Value| Ask::new("POST", "/api/publishing/format/readable").json(&body);
    let split =
        bench.owner(ask(json!({ "content": { "text": long, "link": { "url": "https://example.com" } } }))).await;
    let data = split.data();
    let texts: Vec<&str> = data["parts"].as_array().unwrap().iter().map(|p| p["text"].as_str().unwrap()).collect();
    assert_eq!((texts.len(), texts[0].len(), &data["violations"]), (2, 279, &json!([])), "{split:?}");
    assert!(texts[1].ends_with("end\nhttps://example.com"), "{texts:?}");
    let whole = bench.owner(ask(json!({ "content": { "text": long }, "split": false }))).await;
    let (parts, told) = (whole.data()["parts"].as_array().unwrap().len(), &whole.data()["violations"][0]["code"]);
    assert_eq!((parts, told), (1, &json!("content_too_long")), "{whole:?}");
}

#[tokio::test]
async fn the_other_two_forms_name_their_own_fields() {
    let Desk { bench, .. } = desk().await;
    let soon = (bench.world.engine.now() + jiff::SignedDuration::from_hours(1)).to_string();
    let past = "2020-01-01T00:00:00Z";
    let social = |content: &str, platform: &str, at: &str| json!({ "content": content, "platforms": [platform], "scheduledAt": at });
    let v1 = |content: Value, at: &str| json!({ "content": content, "schedule_for": at });
    let content = "/api/v1/communication/social/readable/content";
    let schedule = "/api/social/posts/schedule";
    for (path, body, status, code, field) in [
        (schedule, social("", "readable", &soon), 422, "content_empty", "/content"),
        (schedule, social(&"x".repeat(3_001), "readable", &soon), 422, "content_too_long", "/content"),
        (schedule, social("a", "myspace", &soon), 422, "unknown_platform", "/platforms/0"),
        (schedule, social("a", "readable", past), 422, "due_in_past", "/scheduledAt"),
        (schedule, social("a", "readable", "soon"), 400, "validation", "/scheduledAt"),
        (content, v1(json!({ "text": "" }), &soon), 422, "content_empty", "/content/text"),
        (content, v1(json!({}), &soon), 422, "content_empty", "/content/text"),
        (
            content,
            v1(json!({ "text": "a", "contentType": "video" }), &soon),
            422,
            "content_empty",
            "/content/contentType",
        ),
        (
            content,
            v1(json!({ "text": "a", "contentType": "quote" }), &soon),
            422,
            "content_empty",
            "/content/quoteTweet",
        ),
        (content, v1(json!({ "text": "a", "quoteTweet": "1" }), &soon), 422, "unsupported", "/content/quoteTweet"),
        (content, v1(json!({ "text": "a", "replyTo": "1" }), &soon), 422, "unsupported", "/content/replyTo"),
        (
            content,
            v1(json!({ "text": "a", "settings": { "sensitive": true } }), &soon),
            422,
            "unsupported",
            "/content/settings/sensitive",
        ),
        (
            content,
            v1(json!({ "text": "a", "settings": { "promotable": true } }), &soon),
            422,
            "unsupported",
            "/content/settings/promotable",
        ),
        (
            content,
            v1(json!({ "text": "a", "title": { "de": "a", "en": "b" } }), &soon),
            422,
            "language_missing",
            "/language",
        ),
        (
            content,
            json!({ "content": { "text": "a" }, "media": { "poll": { "options": ["a", "b"] } }, "schedule_for": &soon }),
            422,
            "unsupported",
            "/media/poll",
        ),
        (content, v1(json!({ "text": "a", "visibility": "secret" }), &soon), 422, "unsupported", "/content/visibility"),
        (content, v1(json!({ "text": { "de": "a", "en": "b" } }), &soon), 422, "language_missing", "/language"),
        (content, v1(json!({ "text": "a" }), past), 422, "due_in_past", "/schedule_for"),
        (content, v1(json!({ "text": "a" }), "soon"), 400, "validation", "/schedule_for"),
        (
            content,
            v1(
                json!({ "thread": { "tweets": [{ "text": "x".repeat(5_000), "order": 2 }, { "text": "a", "order": 1 }] } }),
                &soon,
            ),
            422,
            "content_too_long",
            "/content/thread/tweets/0/text",
        ),
    ] {
        let ask = Ask::new("POST", path).once("k").json(&body).by(&bench.owner);
        let answer = bench.refused(ask, status, code).await;
        let found = &answer.body["errors"][0]["field"];
        // A language that is missing is missing beside the content.
        assert_eq!(found, field, "{body}: {answer:?}");
    }
    for (absent, why) in
        [("pigeons", "pigeons carry no posts: name one of "), ("myspace", "there is no such platform here: ")]
    {
        let body =
            json!({ "content": { "text": "a" }, "platforms": [absent], "variants": { absent: { "text": "b" } } });
        let ask = Ask::new("POST", "/api/publishing/publish").once(absent).json(&body).by(&bench.owner);
        let answer = bench.refused(ask, 422, "validation").await;
        let told: Vec<&str> =
            answer.body["errors"].as_array().unwrap().iter().filter_map(|e| e["detail"].as_str()).collect();
        assert!(told.len() == 2 && told.iter().all(|told| told.starts_with(why)), "{answer:?}");
    }
    let elsewhere = Ask::new("POST", "/api/v1/communication/social/myspace/content").once("k");
    bench
        .refused(elsewhere.json(&json!({ "content": { "text": "a" } })).by(&bench.owner), 422, "unknown_platform")
        .await;
    let format = Ask::new("POST", "/api/publishing/format/myspace").json(&json!({ "content": {} }));
    bench.refused(format.by(&bench.owner), 404, "not_found").await;
}

#[tokio::test]
async fn an_account_that_must_be_connected_again_is_409() {
    let Desk { bench, account, .. } = desk().await;
    let deps = bench.world.deps();
    let mut found = deps.ledger.account(bench.owner.caller.tenant, account.parse().unwrap()).await.unwrap().unwrap();
    found.value.status =
        domain::accounts::AccountStatus::NeedsReconnect { since: deps.clock.now(), reason: "revoked".into() };
    deps.ledger.commit(vec![ports::Write::put(ports::Record::Account(found.value))]).await.unwrap();
    let body = json!({ "content": { "text": "a" }, "accounts": [account] });
    let ask = Ask::new("POST", PUBLISH).once("k").json(&body).by(&bench.owner);
    bench.refused(ask, 409, "account_needs_reauth").await;
}

#[tokio::test]
async fn a_picture_from_an_address_that_may_not_be_read_is_refused_with_one_code() {
    let Desk { bench, .. } = desk::guarded().await;
    for url in [
        "http://example.com/a.png",
        "https://127.0.0.1/a.png",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::ffff:a9fe:a9fe]/",
        "https://2130706433/",
        "https://user:pass@example.com/a.png",
        "https://example.com:22/a.png",
        "file:///etc/passwd",
        "not an address",
        "",
    ] {
        let ask = Ask::new("POST", "/api/publishing/media").once("k").json(&json!({ "url": url })).by(&bench.owner);
        let answer = bench.refused(ask, 422, "url_not_allowed").await;
        assert_eq!(answer.body["errors"][0]["field"], "/url");
    }
    for (body, code, field) in [
        (json!({}), "media_source", "/url"),
        (json!({ "url": "https://example.com/a.png", "content_type": "image/png" }), "media_source", "/url"),
        (json!({ "content_type": "image/svg+xml" }), "media_type", "/content_type"),
    ] {
        let ask = Ask::new("POST", "/api/publishing/media").once("k").json(&body).by(&bench.owner);
        assert_eq!(bench.refused(ask, 422, code).await.body["errors"][0]["field"], field);
    }
}

#[tokio::test]
async fn what_has_left_is_not_called_off_edited_or_tried_again() {
    let Desk { bench, published, .. } = desk().await;
    let one = format!("{POSTS}/{published}");
    let edit =
        Ask::new("PATCH", &one).once("e").header("if-match", "*").json(&json!({ "content": { "text": "late" } }));
    bench.refused(edit.by(&bench.owner), 409, "too_late").await;
    bench.refused(Ask::new("POST", &format!("{one}/cancel")).once("c").by(&bench.owner), 409, "too_late").await;
    let again = Ask::new("POST", &format!("/api/publishing/retry/{published}")).once("r").json(&json!({}));
    bench.refused(again.by(&bench.owner), 409, "wrong_state").await;
}

#[tokio::test]
async fn what_may_be_live_is_not_tried_again_without_a_persons_word() {
    let Desk { bench, unknown, .. } = desk().await;
    let again = Ask::new("POST", &format!("/api/publishing/retry/{unknown}")).once("r").json(&json!({}));
    bench.refused(again.by(&bench.owner), 409, "outcome_unknown").await;
}

#[tokio::test]
async fn a_list_refuses_a_range_that_ends_before_it_begins_and_another_lists_cursor() {
    let Desk { bench, .. } = desk().await;
    for list in [POSTS, "/api/social/posts"] {
        let ask = |query: &str| Ask::new("GET", &format!("{list}?{query}")).by(&bench.owner);
        bench.refused(ask("from=2027-01-02T00:00:00Z&to=2027-01-01T00:00:00Z"), 422, "range").await;
        let page = bench.send(ask("limit=1")).await;
        let cursor = [&page.body["data"]["next_cursor"], &page.body["nextCursor"]].into_iter().find_map(Value::as_str);
        let cursor = cursor.unwrap_or_else(|| panic!("{list} has a second page: {page:?}")).to_owned();
        assert_eq!(bench.send(ask(&format!("limit=1&cursor={cursor}"))).await.status, 200);
        let other = if list == POSTS { "/api/social/posts" } else { POSTS };
        let elsewhere = Ask::new("GET", &format!("{other}?cursor={cursor}")).by(&bench.owner);
        bench.refused(elsewhere, 400, "bad_cursor").await;
        let foreigner = bench.world.person(2, Role::Owner, &[]).await;
        bench.refused(Ask::new("GET", &format!("{list}?cursor={cursor}")).by(&foreigner), 400, "bad_cursor").await;
    }
}

#[tokio::test]
async fn an_edit_needs_the_tag_that_was_read() {
    let Desk { bench, draft: id, .. } = desk().await;
    let one = format!("{POSTS}/{id}");
    let body = json!({ "content": { "text": "better" } });
    let edit = |key: &str| Ask::new("PATCH", &one).once(key).json(&body).by(&bench.owner);
    bench.refused(edit("1"), 428, "precondition_required").await;
    bench.refused(edit("2").header("if-match", "\"999\""), 412, "precondition_failed").await;
    let tag = bench.owner(Ask::new("GET", &one)).await.header("etag").to_owned();
    let done = bench.send(edit("3").header("if-match", &tag)).await;
    assert_eq!(done.data()["content"]["text"], "better");
}

#[tokio::test]
async fn who_saw_the_post_may_name_it_and_what_names_none_is_refused() {
    let Desk { bench, account, unknown, .. } = desk().await;
    let status = bench.owner(Ask::new("GET", &format!("/api/publishing/status/{unknown}"))).await;
    let question = &status.data()["deliveries"][0]["question"];
    let path = format!("{POSTS}/{unknown}/deliveries/{account}/resolve");
    let answer =
        |decision: &str, post: Value| json!({ "question": question, "decision": decision, "platform_post_id": post });
    for (body, status, code) in [
        (answer("it_is_live", json!("")), 422, "post_not_recognised"),
        (answer("it_is_live", json!("https://elsewhere.test/1")), 422, "post_not_recognised"),
        (answer("it_is_live", json!("9".repeat(501))), 422, "post_not_recognised"),
        (answer("send_again", json!("1")), 422, "decision_ambiguous"),
        (answer("it_is_live", json!(1)), 400, "validation"),
    ] {
        let refused = bench.refused(Ask::new("POST", &path).once("k").json(&body).by(&bench.owner), status, code).await;
        assert_eq!(refused.body["errors"][0]["field"], "/platform_post_id", "{refused:?}");
    }
    let body = answer("it_is_live", json!("https://platform.test/4711"));
    let done = bench.owner(Ask::new("POST", &path).once("live").json(&body)).await;
    let delivery = &done.data()[0];
    assert_eq!((&delivery["status"], &delivery["platform_post_ids"]), (&json!("published"), &json!(["4711"])));
    assert_eq!(delivery["url"], "https://platform.test/4711");
}

#[tokio::test]
async fn what_waits_for_an_approver_is_listed_with_its_hash_and_answered_by_it() {
    let desk = desk().await;
    let Desk { bench, asked, hash, .. } = &desk;
    let approver = bench.world.person(1, Role::Approver, &[]).await;
    let listed = bench.send(Ask::new("GET", APPROVALS).by(&approver)).await;
    let item = &listed.data()["items"][0];
    assert_eq!((&item["pack_id"], &item["approval"]["hash"]), (&json!(asked), &json!(hash)));
    assert_eq!((&item["approval"]["status"], &item["status"]), (&json!("waiting"), &json!("scheduled")));
    let answer = |what: &str, key: &str, body: Value| {
        Ask::new("POST", &format!("{POSTS}/{asked}/{what}")).once(key).json(&body).by(&approver)
    };
    bench.refused(answer("approve", "1", json!({ "hash": "0" })), 409, "content_changed").await;
    let long = json!({ "hash": hash, "comment": "x".repeat(501) });
    bench.refused(answer("approve", "2", long), 422, "comment_too_long").await;
    bench.refused(answer("reject", "3", json!({ "hash": hash })), 422, "comment_missing").await;
    let no = bench.send(answer("reject", "4", json!({ "hash": hash, "comment": "Which price?" }))).await;
    let steps = no.data()["approval"]["history"].as_array().unwrap();
    assert_eq!((&steps[0]["step"], &steps[1]["step"]), (&json!("asked"), &json!("rejected")));
    assert_eq!((&steps[1]["comment"], &steps[1]["hash"]), (&json!("Which price?"), &json!(hash)));
    assert_eq!(steps[1]["member_id"], approver.caller.member.to_string());
    assert_eq!(bench.send(Ask::new("GET", APPROVALS).by(&approver)).await.data()["items"], json!([]));
    let read = bench.send(Ask::new("GET", &format!("{POSTS}/{asked}")).by(&desk.editor)).await;
    assert_eq!(read.data()["approval"]["status"], "rejected");
    bench.refused(answer("approve", "5", json!({ "hash": hash })), 409, "wrong_state").await;
}

#[tokio::test]
async fn who_wrote_it_does_not_approve_it_while_somebody_else_may() {
    let Desk { bench, account, .. } = desk().await;
    let everyone = json!({ "required_for": "everyone" });
    bench.owner(Ask::new("PUT", "/api/publishing/approval-rules").once("rule-2").json(&everyone)).await;
    let at = (bench.world.engine.now() + jiff::SignedDuration::from_hours(1)).to_string();
    let body =
        json!({ "content": { "text": "mine" }, "accounts": [account], "option": "scheduled", "scheduled_at": at });
    let made = bench.owner(Ask::new("POST", PUBLISH).once("mine").json(&body)).await;
    let (id, hash) = (&made.data()["pack_id"], &made.data()["approval"]["hash"]);
    let path = format!("{POSTS}/{}/approve", id.as_str().unwrap());
    let ask = Ask::new("POST", &path).once("yes").json(&json!({ "hash": hash })).by(&bench.owner);
    bench.refused(ask, 409, "own_request").await;
}

#[tokio::test]
async fn brand_rules_are_checked_wherever_a_content_is_and_a_post_that_was_accepted_before_goes_out() {
    let desk = desk().await;
    let Desk { bench, account, .. } = &desk;
    let process = bench.world.process();
    let before = bench.owner(Ask::new("POST", PUBLISH).once("before").json(&desk.now("so cheap"))).await;
    let rules = json!({ "required_words": ["ad"], "forbidden_words": ["Cheap"], "allowed_domains": ["EXAMPLE.com"], "max_hashtags": 1 });
    let set = bench.owner(Ask::new("PUT", BRAND).once("rules").json(&rules)).await;
    assert_eq!(set.data()["allowed_domains"], json!(["example.com"]));
    desk.work(&process).await;
    let path = format!("/api/publishing/status/{}", before.data()["pack_id"].as_str().unwrap());
    assert_eq!(bench.owner(Ask::new("GET", &path)).await.data()["status"], "published");
    let text = "so CHEAP, see https://evil.test #a #b";
    let content = json!({ "text": text });
    let edit = Ask::new("PATCH", &format!("{POSTS}/{}", desk.draft)).once("edit").header("if-match", "*");
    let draft = json!({ "content": content, "option": "draft" });
    for ask in [
        Ask::new("POST", PUBLISH).once("p").json(&json!({ "content": content, "accounts": [account] })),
        Ask::new("POST", PUBLISH).once("d").json(&draft),
        edit.json(&json!({ "content": content })),
    ] {
        let answer = bench.refused(ask.by(&bench.owner), 422, "validation").await;
        let found: Vec<(&str, &str)> = answer.body["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|e| (e["code"].as_str().unwrap(), e["field"].as_str().unwrap()))
            .collect();
        let at = "/content/text";
        let all = ["brand_word_missing", "brand_word_forbidden", "brand_link_domain", "brand_hashtags"];
        assert_eq!(found, all.map(|code| (code, at)));
    }
    let format = Ask::new("POST", "/api/publishing/format/readable").json(&json!({ "content": content }));
    let formatted = bench.owner(format).await;
    assert_eq!(formatted.data()["violations"].as_array().unwrap().len(), 4);
    let look = Ask::new("POST", "/api/publishing/preflight");
    let seen = bench.owner(look.json(&json!({ "content": content, "accounts": [account] }))).await;
    assert_eq!(seen.data()["violations"].as_array().unwrap().len(), 4);
    let wrong = Ask::new("PUT", BRAND).once("bad").json(&json!({ "allowed_domains": ["https://example.com"] }));
    let answer = bench.refused(wrong.by(&bench.owner), 422, "brand_rule_invalid").await;
    assert_eq!(answer.body["errors"][0]["field"], "/allowed_domains/0");
}

#[tokio::test]
async fn a_post_that_waits_for_a_time_after_the_end_of_an_access_says_so_until_the_account_is_connected_again() {
    let Desk { bench, account, .. } = desk().await;
    let deps = bench.world.deps();
    let due = deps.clock.now() + jiff::SignedDuration::from_hours(9);
    let body = json!({ "content": { "text": "late" }, "accounts": [account], "option": "scheduled",
        "scheduled_at": due.to_string() });
    let made = bench.owner(Ask::new("POST", PUBLISH).once("late").json(&body)).await;
    let id = made.data()["pack_id"].as_str().unwrap().to_owned();
    let warning = async || {
        let one = bench.owner(Ask::new("GET", &format!("/api/publishing/status/{id}"))).await.data().clone();
        let list = bench.owner(Ask::new("GET", POSTS)).await;
        let listed = list.data()["items"].as_array().unwrap().iter().find(|post| post["pack_id"] == *id).unwrap();
        assert_eq!(one["deliveries"], listed["deliveries"], "the list and the post say different things");
        (one["deliveries"][0]["warning"].clone(), one["scheduled_at"].clone())
    };
    assert_eq!(warning().await.0, Value::Null);
    let old = deps.ledger.account(bench.owner.caller.tenant, account.parse().unwrap()).await.unwrap().unwrap();
    let mut ending = old.value.clone();
    (ending.token.expires_at, ending.token.refreshable) = (Some(due), false);
    deps.ledger.commit(vec![ports::Write::replace(&old, ports::Record::Account(ending))]).await.unwrap();
    let (told, before) = warning().await;
    assert_eq!(told["code"], "access_ends_before");
    bench.world.connect(&deps, "readable", "ada").await.unwrap();
    assert_eq!(warning().await, (Value::Null, before), "reconnecting keeps the schedule");
}
