//! How late posts leave that are all due in one second, woken by the tick, and how soon a customer's endpoint is told of each:
//! through the real template on the local stack.

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
/// How long before the second the workers are woken, where they are.
const WARM_UP_S: i64 = 12;
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
    let endpoint = owner.register_webhook()?;
    for (workers, warm) in [("cold", false), ("warm", true)] {
        let late_ms = round(owner, &accounts, warm)?;
        let mut figure = |name: &str, at: usize, goal| {
            table.figure("lateness", &format!("workers {workers}: {name}"), late_ms[at], "ms", goal);
        };
        figure("p50 of 100 posts due in one second, sent by the tick", POSTS / 2, None);
        figure("p99", POSTS - 2, Some(2_000.0));
        figure("the latest", POSTS - 1, None);
    }
    let told_ms = told(owner, &endpoint)?;
    for (name, at) in [("p50", told_ms.len() / 2), ("p99", told_ms.len() * 99 / 100)] {
        let name = format!("from an event to the first try at an endpoint: {name} of {}", told_ms.len());
        table.figure("lateness", &name, told_ms[at], "ms", None);
    }
    Ok(())
}

/// Milliseconds from the making of each event, committed with what it tells of, to its first try at the endpoint, in order.
fn told(owner: &Demo<'_>, endpoint: &str) -> Result<Vec<f64>> {
    process::step("wait until the endpoint is told of all", || {
        let start = Instant::now();
        loop {
            let path = format!("/api/publishing/webhooks/{endpoint}/attempts?limit=100");
            let page = owner.call("GET", &path, None)?;
            let messages = page["items"].as_array().context("no list of attempts")?;
            let tried = messages.iter().filter(|message| message["attempts"][0]["at"].is_string());
            let mut ms = tried.map(first_try).collect::<Result<Vec<_>>>()?;
            if ms.len() >= POSTS {
                ms.sort_by(f64::total_cmp);
                return Ok((ms, String::new()));
            }
            if start.elapsed() > PATIENCE {
                bail!("only {} of {POSTS} events were told", ms.len());
            }
            std::thread::sleep(Duration::from_millis(500));
        }
    })
}

fn first_try(message: &Value) -> Result<f64> {
    let id = message["event_id"].as_str().context("no event's id")?;
    // A UUID of version 7 begins with 48 bits of milliseconds (RFC 9562, section 5.7).
    let made = id.strip_prefix("evt_").and_then(|id| id.get(..12)).context("no id of an event")?;
    let made = Timestamp::from_millisecond(i64::from_str_radix(made, 16)?)?;
    let tried: Timestamp = message["attempts"][0]["at"].as_str().context("no time")?.parse()?;
    Ok(tried.duration_since(made).as_secs_f64() * 1000.0)
}

/// Milliseconds after its second at which each of a hundred posts left, the latest last. `warm` lets the workers send a few
/// posts shortly before, as they would have on a busy day.
fn round(owner: &Demo<'_>, accounts: &[&str], warm: bool) -> Result<Vec<f64>> {
    let due = Timestamp::from_second(Timestamp::now().as_second() + AHEAD_S)?;
    let posts = process::step("schedule posts for one second", || {
        let at = Some(due);
        let posts =
            (0..POSTS).map(|n| publish(owner, n, accounts[n % accounts.len()], at)).collect::<Result<Vec<_>>>()?;
        if Timestamp::now() + SignedDuration::from_secs(LOOK_AHEAD_S) > due {
            bail!(
                "this machine took so long to accept {POSTS} posts that the API woke some itself: nothing to measure"
            );
        }
        Ok((posts, format!("{POSTS} posts, {} accounts, left to the tick", accounts.len())))
    })?;
    if warm {
        let before = due - SignedDuration::from_secs(WARM_UP_S);
        std::thread::sleep(Duration::try_from(before.duration_since(Timestamp::now())).unwrap_or_default());
        process::step("wake the workers", || {
            let posts = (0..2 * accounts.len()).map(|n| publish(owner, POSTS + n, accounts[n % accounts.len()], None));
            let posts = posts.collect::<Result<Vec<_>>>()?;
            sent(owner, &posts)?;
            Ok(((), format!("{} posts for now", posts.len())))
        })?;
    }
    process::step("wait for all of them", || {
        let sent = sent(owner, &posts)?;
        let late = |at: Timestamp| at.duration_since(due).as_secs_f64() * 1000.0;
        let mut late_ms: Vec<f64> = sent.into_iter().map(late).collect();
        late_ms.sort_by(f64::total_cmp);
        Ok((late_ms, String::new()))
    })
}

/// Asks for one post, at this time or now; its id.
fn publish(owner: &Demo<'_>, n: usize, account: &str, due: Option<Timestamp>) -> Result<String> {
    let mut body = json!({
        "content": { "text": format!("Number {n} of {} at {}", std::process::id(), Timestamp::now()) },
        "accounts": [account], "option": "immediate",
    });
    if let Some(due) = due {
        body["option"] = "scheduled".into();
        body["scheduled_at"] = due.to_string().into();
    }
    let made = owner.call("POST", "/api/publishing/publish", Some(body))?;
    Ok(made["pack_id"].as_str().context("no pack_id")?.to_owned())
}

/// Waits until all of these are published, and says when each left.
fn sent(owner: &Demo<'_>, posts: &[String]) -> Result<Vec<Timestamp>> {
    let (start, mut sent) = (Instant::now(), Vec::new());
    for post in posts {
        loop {
            let status = owner.call("GET", &format!("/api/publishing/status/{post}"), None)?;
            let delivery = &status["deliveries"][0];
            if delivery["status"] == "published" {
                sent.push(sent_at(delivery)?);
                break;
            }
            if start.elapsed() > PATIENCE {
                bail!("{post} is not published: {delivery}");
            }
            std::thread::sleep(Duration::from_millis(500));
        }
    }
    Ok(sent)
}

/// When the request left, as the delivery's timeline has it.
fn sent_at(delivery: &Value) -> Result<Timestamp> {
    let timeline = delivery["timeline"].as_array().context("no timeline")?;
    let sent = timeline.iter().find(|entry| entry["event"] == "sent").context("nothing was sent")?;
    Ok(sent["at"].as_str().context("no time")?.parse()?)
}
