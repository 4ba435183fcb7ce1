//! Posts as a file, and back.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[allow(dead_code)]
mod desk;

use desk::{Desk, EXPORT, IMPORT, POSTS, PUBLISH, desk};
use domain::publishing::{Post, Schedule};
use domain::time::WallTime;
use jiff::SignedDuration;
use ports::{Record, Write};
use serde_json::{Value, json};
use testing::api::{Answer, Ask};

async fn export(desk: &Desk, path: &str) -> Answer {
    let answer = desk.bench.owner(Ask::new("GET", path)).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/csv; charset=utf-8"), "{answer:?}");
    answer
}

async fn posts(desk: &Desk) -> Vec<Value> {
    let answer = desk.bench.owner(Ask::new("GET", &format!("{POSTS}?limit=100"))).await;
    answer.data()["items"].as_array().unwrap().clone()
}

/// The address of the page after this one, as `Link` has it.
fn next(answer: &Answer) -> Option<String> {
    let link = answer.headers.get("link")?.to_str().unwrap();
    Some(link.strip_prefix('<')?.strip_suffix(">; rel=\"next\"")?.to_owned())
}

#[tokio::test]
async fn every_post_is_one_row_of_some_page_with_what_became_of_it() {
    let desk = desk().await;
    let (mut rows, mut path, mut pages) = (Vec::new(), Some(format!("{EXPORT}?limit=3&ascending=true")), 0);
    while let Some(page) = path {
        let answer = export(&desk, &page).await;
        assert_eq!(answer.header("content-disposition"), "attachment; filename=\"posts.csv\"");
        let mut reader = csv::Reader::from_reader(answer.text.as_bytes());
        let columns = reader.headers().unwrap().clone();
        assert_eq!((&columns[0], &columns[4]), ("pack_id", "text"));
        rows.extend(reader.records().map(|record| {
            let record = record.unwrap();
            (record[0].to_owned(), record[1].to_owned(), record[3].to_owned())
        }));
        (path, pages) = (next(&answer), pages + 1);
    }
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let shown = |post: &Value| (word(&post["pack_id"]), word(&post["status"]), word(&post["deliveries"][0]["url"]));
    let mut expected: Vec<_> = posts(&desk).await.iter().map(shown).collect();
    assert_eq!(pages, expected.len().div_ceil(3));
    assert!(rows.iter().any(|(_, status, url)| status == "published" && url.starts_with("https://")), "{rows:?}");
    rows.sort();
    expected.sort();
    assert_eq!(rows, expected);
}

#[tokio::test]
async fn an_exported_file_imports_as_the_same_posts_and_holds_no_formula() {
    let desk = desk().await;
    let account = &desk.account;
    let from = (desk.bench.world.engine.now() + SignedDuration::from_hours(100)).to_string();
    let day =
        (desk.bench.world.engine.now() + SignedDuration::from_hours(30 * 24)).in_tz("Europe/Berlin").unwrap().date();
    let local = format!("{day}T09:30:00");
    let at =
        json!({ "option": "scheduled", "scheduled_at": local, "timezone": "Europe/Berlin", "accounts": [account] });
    let contents = [
        json!({ "content": { "text": "=HYPERLINK(\"https://example.com\")" } }),
        json!({ "content": { "text": "'@ada, two\nlines; \"said\"", "link": { "url": "https://example.com/a", "title": "-A" } } }),
        json!({ "content": { "text": "a", "link": { "url": "https://example.com/a", "title": "A", "description": "B" } } }),
        json!({ "content": { "text": "for all" }, "variants": { "readable": { "text": "for those" } } }),
    ];
    for (n, content) in contents.into_iter().enumerate() {
        let mut body = at.clone();
        body.as_object_mut().unwrap().extend(content.as_object().unwrap().clone());
        let made = desk.bench.owner(Ask::new("POST", PUBLISH).once(&format!("n{n}")).json(&body)).await;
        assert_eq!(made.status, 202, "{made:?}");
    }
    let page = format!("{EXPORT}?from={from}&ascending=true");
    let file = export(&desk, &page).await.text;
    for record in csv::Reader::from_reader(file.as_bytes()).records() {
        assert!(record.unwrap().iter().all(|cell| !cell.starts_with(['=', '+', '-', '@'])), "{file}");
    }
    let made = desk.bench.owner(Ask::new("POST", IMPORT).once("back").json(&json!({ "csv": file }))).await;
    assert_eq!((made.status, &made.data()["made"]), (200, &json!(4)), "{made:?}");
    let said =
        |post: &Value| json!([post["content"], post["variants"], post["local_time"], post["timezone"]]).to_string();
    let all = posts(&desk).await;
    let mut said: Vec<String> = all.iter().filter(|post| post["local_time"] == local).map(said).collect();
    said.sort();
    assert_eq!(said.len(), 8);
    for pair in said.chunks(2) {
        assert_eq!(pair[0], pair[1]);
    }
}

#[tokio::test]
async fn a_local_time_that_an_import_would_take_otherwise_is_exported_as_its_instant() {
    let desk = desk().await;
    let ledger = &desk.bench.world.process().deps.base.ledger;
    let tenant = desk.bench.world.caller.tenant;
    let made =
        desk.bench.owner(Ask::new("POST", PUBLISH).once("one").json(&desk.at(SignedDuration::from_hours(1)))).await;
    let id = made.data()["pack_id"].as_str().unwrap().parse().unwrap();
    for (due, local, cells) in [
        ("2026-10-25T00:30:00Z", "2026-10-25T02:30:00", ("2026-10-25T02:30:00", "Europe/Berlin")),
        ("2026-10-25T01:30:00Z", "2026-10-25T02:30:00", ("2026-10-25T01:30:00Z", "")),
        ("2027-03-28T01:30:00Z", "2027-03-28T02:30:00", ("2027-03-28T01:30:00Z", "")),
    ] {
        let old = ledger.post(tenant, id).await.unwrap().unwrap();
        let wall = WallTime { local: local.parse().unwrap(), zone: "Europe/Berlin".into() };
        let schedule = Schedule::wall(due.parse().unwrap(), wall);
        let next = Post { schedule, ..old.value.clone() };
        ledger.commit(vec![Write::replace(&old, Record::Post(next))]).await.unwrap();
        let file = export(&desk, &format!("{EXPORT}?from={due}&limit=1&ascending=true")).await.text;
        let mut reader = csv::Reader::from_reader(file.as_bytes());
        let columns = reader.headers().unwrap().clone();
        let record = reader.records().next().unwrap().unwrap();
        let cell = |name: &str| &record[columns.iter().position(|column| column == name).unwrap()];
        assert_eq!((cell("scheduled_at"), cell("timezone")), cells, "{file}");
        let back = desk.bench.owner(Ask::new("POST", IMPORT).once(due).json(&json!({ "csv": file }))).await;
        assert_eq!((back.status, &back.data()["made"]), (200, &json!(1)), "{back:?}");
        let copy = back.data()["rows"][0]["pack_id"].as_str().unwrap().parse().unwrap();
        let copy = ledger.post(tenant, copy).await.unwrap().unwrap().value;
        assert_eq!(copy.schedule.due_at(), Some(due.parse().unwrap()), "it goes out when it did");
    }
}
