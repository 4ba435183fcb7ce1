//! How late posts leave that are all due in one second, woken by the tick: through the real template on the local stack.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::table::Table;
use crate::demo::Demo;
use crate::{process, up};

const POSTS: usize = 100;
/// Seconds that the API looks ahead: what is due sooner, it wakes itself (`LOOK_AHEAD_S` of the use cases).
const LOOK_AHEAD_S: i64 = 120;
/// Seconds ahead: enough to accept them all while they are still beyond the look-ahead, so that the tick sends them.
const AHEAD_S: i64 = LOOK_AHEAD_S + 120;
const ACTORS: [(&str, &str); 6] = [
    ("x", "ada_demo"),
    ("x", "bo_demo"),
    ("x", "cleo_demo"),
    ("linkedin", "ada-demo"),
    ("linkedin", "bo-demo"),
    ("linkedin", "cleo-demo"),
];
const PATIENCE: Duration = Duration::from_mins(7);

/// Starts the stack, measures, stops it.
pub(super) fn measure(options: up::Options, table: &mut Table) -> Result<()> {
    let stack = up::up(options)?;
    let result = on(&Demo::new(&stack), table);
    up::down()?;
    result
}

fn on(owner: &Demo<'_>, table: &mut Table) -> Result<()> {
    for (platform, actor) in ACTORS {
        owner.connect(platform, actor)?;
    }
    let list = owner.call("GET", "/api/publishing/credentials", None)?;
    let list = list.as_array().or_else(|| list["items"].as_array()).context("no list of credentials")?.clone();
    let accounts: Vec<&str> =
        list.iter().filter_map(|account| account["account_id"].as_str().or_else(|| account["id"].as_str())).collect();
    let due = Timestamp::from_second(Timestamp::now().as_second() + AHEAD_S)?;
    let posts = process::step("schedule posts for one second", || {
        let mut posts = Vec::new();
        for n in 0..POSTS {
            let body = json!({
                "content": { "text": format!("One of a hundred, number {n} of {}", std::process::id()) },
                "accounts": [accounts[n % accounts.len()]], "option": "scheduled", "scheduled_at": due.to_string(),
            });
            let made = owner.call("POST", "/api/publishing/publish", Some(body))?;
            posts.push(made["pack_id"].as_str().context("no pack_id")?.to_owned());
        }
        if Timestamp::now() + SignedDuration::from_secs(LOOK_AHEAD_S) > due {
            bail!(
                "this machine took so long to accept {POSTS} posts that the API woke some itself: nothing to measure"
            );
        }
        Ok((posts, format!("{POSTS} posts, {} accounts, left to the tick", accounts.len())))
    })?;
    let mut late_ms = process::step("wait for all of them", || {
        let (start, mut late) = (Instant::now(), Vec::new());
        for post in &posts {
            loop {
                let status = owner.call("GET", &format!("/api/publishing/status/{post}"), None)?;
                let delivery = &status["deliveries"][0];
                if delivery["status"] == "published" {
                    late.push(sent_at(delivery)?.duration_since(due).as_secs_f64() * 1000.0);
                    break;
                }
                if start.elapsed() > PATIENCE {
                    bail!("{post} is not published: {delivery}");
                }
                std::thread::sleep(Duration::from_millis(500));
            }
        }
        Ok((late, String::new()))
    })?;
    late_ms.sort_by(f64::total_cmp);
    table.figure("lateness", "p50 of 100 posts due in one second, sent by the tick", late_ms[POSTS / 2], "ms", None);
    table.figure("lateness", "p99", late_ms[POSTS - 2], "ms", Some(2_000.0));
    table.figure("lateness", "the latest", late_ms[POSTS - 1], "ms", None);
    Ok(())
}

/// When the request left, as the delivery's timeline has it.
fn sent_at(delivery: &Value) -> Result<Timestamp> {
    let timeline = delivery["timeline"].as_array().context("no timeline")?;
    let sent = timeline.iter().find(|entry| entry["event"] == "sent").context("nothing was sent")?;
    Ok(sent["at"].as_str().context("no time")?.parse()?)
}
