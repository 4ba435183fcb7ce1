//! Posts from a file, row by row.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[allow(dead_code)]
mod desk;

use desk::{Desk, IMPORT, POSTS, SLOTS, desk};
use domain::publishing::{Media, MediaSource, Probe};
use ports::{Record, Write};
use serde_json::{Value, json};
use testing::api::{Answer, Ask};

async fn import(desk: &Desk, key: &str, body: Value) -> Answer {
    desk.bench.owner(Ask::new("POST", IMPORT).once(key).json(&body)).await
}

async fn count(desk: &Desk) -> usize {
    let ask = Ask::new("GET", &format!("{POSTS}?limit=100"));
    desk.bench.owner(ask).await.data()["items"].as_array().unwrap().len()
}

#[tokio::test]
async fn each_good_row_is_a_post_and_the_same_key_again_makes_none() {
    let desk = desk().await;
    let before = count(&desk).await;
    let account = &desk.account;
    // A spreadsheet's file: a mark at its start, cells with lines and separators, spaces around names.
    let csv = format!(
        "\u{feff}text, accounts,hashtags,link,link_title,option\r\n\"One, with\ntwo lines\",{account},a #b,,,draft\r\n\
         Two,,,https://example.com/a,A page,\r\n"
    );
    let made = import(&desk, "file", json!({ "csv": csv })).await;
    assert_eq!((made.status, &made.data()["made"], &made.data()["refused"]), (200, &json!(2), &json!(0)), "{made:?}");
    let id = made.data()["rows"][0]["pack_id"].as_str().unwrap();
    let post = desk.bench.owner(Ask::new("GET", &format!("{POSTS}/{id}"))).await;
    assert_eq!(post.data()["content"]["text"], "One, with\ntwo lines #a #b");
    assert_eq!((count(&desk).await, &post.data()["status"]), (before + 2, &json!("draft")));
    let again = import(&desk, "file", json!({ "csv": csv })).await;
    assert_eq!((again.data(), count(&desk).await), (made.data(), before + 2));
}

#[tokio::test]
async fn one_bad_row_stops_all_unless_those_that_are_good_are_wanted() {
    let desk = desk().await;
    let before = count(&desk).await;
    let csv = "text;platforms;scheduled_at;timezone;accounts\ngood;readable;;;\n;readable;;;\nlate;readable;2020-01-01T09:00:00;Europe/Berlin;\n\
               x;myspace;;;\nno id;;;;abc\n";
    let refused = import(&desk, "whole", json!({ "csv": csv })).await;
    assert_eq!(refused.problem(), (422, "rows_refused"));
    assert_eq!(count(&desk).await, before, "nothing is made");
    let of = |rows: &Value| -> Vec<(u64, String, String)> {
        let told = |row: &Value| {
            let error = &row["errors"][0];
            let word = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
            (row["row"].as_u64().unwrap(), word("code"), word("field"))
        };
        rows.as_array().unwrap().iter().map(told).collect()
    };
    let row = |n: u64, code: &str, field: &str| (n, code.to_owned(), field.to_owned());
    let expected = [
        row(1, "", ""),
        row(2, "content_empty", "text"),
        row(3, "due_in_past", "scheduled_at"),
        row(4, "unknown_platform", "platforms"),
        row(5, "not_an_id", "accounts"),
    ];
    assert_eq!(of(&refused.body["rows"]), expected);
    let dry = import(&desk, "dry", json!({ "csv": csv, "dry_run": true })).await;
    assert_eq!((dry.status, of(&dry.data()["rows"]), count(&desk).await), (200, expected.to_vec(), before));
    let partial = import(&desk, "partial", json!({ "csv": csv, "partial": true })).await;
    assert_eq!((of(&partial.data()["rows"]), count(&desk).await), (expected.to_vec(), before + 1));
    assert!(partial.data()["rows"][0]["pack_id"].is_string());
}

#[tokio::test]
async fn an_interrupted_import_goes_on_with_the_rows_that_are_no_posts_yet() {
    let desk = desk().await;
    let csv = |rows: usize| {
        let rows = (0..rows).map(|n| format!("row {n},readable\n"));
        json!({ "csv": format!("text,platforms\n{}", rows.collect::<String>()), "partial": true })
    };
    let whole = import(&desk, "file", csv(3)).await;
    let (before, first) = (count(&desk).await, whole.data()["rows"].clone());
    // As if the whole's answer had not been kept: only its rows' were.
    let route = format!("POST {IMPORT}");
    let tenant = desk.bench.world.caller.tenant;
    let now = desk.bench.world.engine.now();
    let ledger = desk.bench.world.process().deps.base.ledger;
    let kept = ledger.remembered(tenant, &route, "file", now).await.unwrap().unwrap();
    ledger.commit(vec![Write::delete(&kept, Record::Idempotency(kept.value.clone()))]).await.unwrap();
    let other = import(&desk, "file", csv(5)).await;
    assert_eq!(other.problem(), (422, "idempotency_key_reused"), "the key is the first file's, whatever is left of it");
    let again = import(&desk, "file", csv(3)).await;
    assert_eq!((&again.data()["rows"], count(&desk).await), (&first, before));
}

#[tokio::test]
async fn what_is_no_table_is_refused_as_a_whole() {
    let desk = desk().await;
    let many = format!("text\n{}", "a\n".repeat(101));
    for (csv, code) in [
        ("", "not_a_table"),
        ("text,platforms\n", "not_a_table"),
        ("text,colour\na,b\n", "not_a_table"),
        ("text,platforms\na,b,c\n", "not_a_table"),
        (many.as_str(), "too_many_rows"),
    ] {
        let refused = import(&desk, "k", json!({ "csv": csv })).await;
        assert_eq!(refused.problem(), (422, code), "{csv:.40}");
        assert_eq!(refused.body["errors"][0]["field"], "/csv");
    }
}

#[tokio::test]
async fn a_file_whose_quotes_or_columns_are_not_what_they_seem_is_no_table() {
    let desk = desk().await;
    let before = count(&desk).await;
    for csv in [
        // A reader that guesses makes one post of both rows.
        "platforms,option,text\nreadable,immediate,\"We open at nine\nreadable,immediate,Second\n",
        "text,platforms\n\"one\" and more,readable\n",
        "text,platforms\n5\" pipe,readable\n",
        "text,platforms, text\na,readable,b\n",
    ] {
        let refused = import(&desk, "k", json!({ "csv": csv, "partial": true })).await;
        assert_eq!(refused.problem(), (422, "not_a_table"), "{csv}");
    }
    assert_eq!(count(&desk).await, before);
    let good = "text,platforms\n\"a \"\"b\"\", c\nd\",readable\r\n\"\",\n";
    let dry = import(&desk, "k", json!({ "csv": good, "dry_run": true })).await;
    assert_eq!(dry.data()["rows"][0], json!({ "row": 1 }), "{dry:?}");
}

#[tokio::test]
async fn cells_that_were_copied_from_a_spreadsheet_are_separated_by_tabs() {
    let desk = desk().await;
    let csv = "text\tplatforms\toption\nOne, two; three\treadable\tdraft\n\"a\tb\nc\"\t\t\n";
    let made = import(&desk, "k", json!({ "csv": csv })).await;
    assert_eq!(made.data()["made"], 2, "{made:?}");
    let text = async |row: usize| {
        let id = made.data()["rows"][row]["pack_id"].as_str().unwrap();
        let post = desk.bench.owner(Ask::new("GET", &format!("{POSTS}/{id}"))).await;
        post.data()["content"]["text"].as_str().unwrap().to_owned()
    };
    assert_eq!((text(0).await, text(1).await), ("One, two; three".to_owned(), "a\tb\nc".to_owned()));
}

#[tokio::test]
async fn what_a_cell_says_is_never_left_out_silently() {
    let desk = desk().await;
    let rows = [
        ("link_title", "A page", "cell_unused"),
        ("alt_texts", "what it shows", "cell_unused"),
        ("content", "{\"\"text\"\":\"\"a\"\",\"\"text\"\":\"\"b\"\"}", "not_a_content"),
        ("content", "{\"\"poll\"\":{\"\"options\"\":[\"\"a\\u0000\"\"]}}", "not_a_content"),
        ("content", "{\"\"colour\"\":\"\"red\"\"}", "not_a_content"),
        ("variants", "{\"\"readable\"\":1}", "not_a_content"),
    ];
    for (column, cell, code) in rows {
        let csv = format!("platforms,option,{column}\nreadable,draft,\"{cell}\"\n");
        let told = import(&desk, "k", json!({ "csv": csv, "dry_run": true })).await;
        assert_eq!(told.data()["rows"][0]["errors"][0]["code"], code, "{told:?}");
    }
    let summary = "text,summary,platforms,option\na,short,readable,draft\n";
    for (key, dry) in [("dry", true), ("made", false)] {
        let told = import(&desk, key, json!({ "csv": summary, "dry_run": dry })).await;
        let warnings = told.data()["rows"][0]["warnings"].as_array().cloned().unwrap_or_default();
        assert_eq!(warnings.len(), 1, "the platform shows no summary: {told:?}");
    }
}

#[tokio::test]
async fn a_picture_that_nobody_described_is_warned_of_before_anything_is_sent() {
    let desk = desk().await;
    let id = "med_0198c0ffee0070008000000000000002";
    let medium = Media {
        id: id.parse().unwrap(),
        tenant: desk.bench.world.caller.tenant,
        created_by: desk.bench.world.caller.member,
        created_at: desk.bench.world.engine.now(),
        source: MediaSource::Url { url: "https://example.com/a.png".into() },
        probe: Some(Probe::picture("image/png", 100, 1, 1)),
        alt_text: None,
    };
    let ledger = &desk.bench.world.process().deps.ledger;
    ledger.commit(vec![Write::create(Record::Media(medium))]).await.unwrap();
    for (described, expected) in
        [(json!({ "media_id": id }), 1), (json!({ "media_id": id, "alt_text": "a harbour" }), 0)]
    {
        let body = json!({ "content": { "text": "look", "media": [described] }, "accounts": [desk.account] });
        let seen = desk.bench.owner(Ask::new("POST", "/api/publishing/preflight").json(&body)).await;
        let warnings = seen.data()["warnings"].as_array().unwrap();
        let told = warnings.iter().filter(|warning| warning.as_str().unwrap().contains("no alternative text"));
        assert_eq!((seen.status, told.count()), (200, expected), "{seen:?}");
    }
}

#[tokio::test]
async fn a_whole_import_is_refused_for_what_only_accepting_would_find() {
    let desk = desk().await;
    let before = count(&desk).await;
    let id = "med_0198c0ffee0070008000000000000001";
    let medium = Media {
        id: id.parse().unwrap(),
        tenant: desk.bench.world.caller.tenant,
        created_by: desk.bench.world.caller.member,
        created_at: desk.bench.world.engine.now(),
        source: MediaSource::Url { url: "https://editor.example/a.png".into() },
        probe: Some(Probe::picture("image/png", 100, 1, 1)),
        alt_text: None,
    };
    let ledger = &desk.bench.world.process().deps.ledger;
    ledger.commit(vec![Write::create(Record::Media(medium))]).await.unwrap();
    let account = &desk.account;
    let soon = desk.bench.world.engine.now() + jiff::SignedDuration::from_hours(2);
    let csv = format!("text,accounts,scheduled_at,media\nplain,{account},{soon},\nb,{account},{soon},{id}\n");
    let ask = Ask::new("POST", IMPORT).once("file").json(&json!({ "csv": csv }));
    let refused = desk.bench.send(ask.by(&desk.editor)).await;
    assert_eq!(refused.problem(), (422, "rows_refused"), "{refused:?}");
    assert_eq!(refused.body["rows"][1]["errors"][0]["code"], "media_not_pinned");
    assert_eq!(count(&desk).await, before, "nothing is made");
}

#[tokio::test]
async fn a_report_of_many_errors_tells_the_first_of_each_row_and_is_kept() {
    let desk = desk().await;
    let words: Vec<String> = (0..45).map(|n| format!("word{n}")).collect();
    let bad = format!("a,{}\n", words.join(" ")).repeat(99);
    let csv = format!("text,platforms\ngood,readable\n{bad}");
    let made = import(&desk, "file", json!({ "csv": csv, "partial": true })).await;
    assert_eq!((made.status, &made.data()["made"]), (200, &json!(1)));
    assert_eq!(made.data()["rows"][1]["errors"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn rows_for_the_queue_are_refused_as_a_whole_where_it_has_no_slot_for_each() {
    let desk = desk().await;
    let before = count(&desk).await;
    // Eight or nine times in the sixty days that the queue reaches.
    let weekly = json!({ "timezone": "Europe/Berlin", "slots": [{ "weekday": "MO", "time": "08:30" }] });
    let set = Ask::new("PUT", &SLOTS.replace("{account_id}", &desk.account)).once("slots").json(&weekly);
    assert_eq!(desk.bench.owner(set).await.status, 200);
    let csv = |rows: usize| {
        let rows = (0..rows).map(|n| format!("row {n},{},queue\n", desk.account));
        json!({ "csv": format!("text,accounts,option\n{}", rows.collect::<String>()) })
    };
    let refused = import(&desk, "many", csv(12)).await;
    assert_eq!(refused.problem(), (422, "rows_refused"), "{refused:?}");
    let codes: Vec<&str> = (0..12).filter_map(|n| refused.body["rows"][n]["errors"][0]["code"].as_str()).collect();
    assert!(codes.len() >= 3 && codes.iter().all(|code| *code == "queue_full"), "{refused:?}");
    assert_eq!(count(&desk).await, before, "nothing is made");
    let made = import(&desk, "few", csv(12 - codes.len())).await;
    assert_eq!((made.status, count(&desk).await), (200, before + 12 - codes.len()), "{made:?}");
}
