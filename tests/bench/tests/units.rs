//! What a published delivery costs in units, and that a tick reads only what is due. The figures are bounds: a change
//! that costs more fails here, and one that costs less lowers them.
// Units are whole numbers or halves, which floats hold exactly.
#![allow(missing_docs, clippy::unwrap_used, clippy::float_cmp, clippy::cast_precision_loss)]

use bench::cost::{PRICES, dollars, per_delivery};
use bench::life::{Life, immediate, scheduled, scheduled_under};
use bench::meter::Unit;
use domain::platform::QuotaScope;
use testing::Cap;

const POSTS: usize = 100;

fn publish(step: &str) -> bool {
    step != "tell"
}

/// Units per delivery of one step, for what contains `what`.
fn of(life: &Life, n: usize, step: &str, unit: Unit, what: &str) -> f64 {
    let lines = life.meter.lines();
    let found = lines.iter().filter(|((s, u, w), _)| *s == step && *u == unit && w.contains(what));
    found.map(|(_, count)| count).sum::<f64>() / n as f64
}

#[tokio::test]
async fn a_scheduled_delivery_writes_no_unit_that_no_promise_needs() {
    let life = scheduled(POSTS, 10).await;
    let write = |step, what| of(&life, POSTS, step, Unit::Write, what);
    // Post, delivery and remembered answer exist together or not at all: a transaction, which doubles.
    assert_eq!(write("accept", "delivery (×2)"), 4.0, "the delivery and its due entry");
    assert_eq!(write("accept", "post (×2)"), 8.0, "the post with its event, its entries in list and outbox");
    assert_eq!(write("accept", "idempotency (×2)"), 4.0, "the answer, remembered");
    // Sending an event writes the item and its outbox entry, and no other index.
    assert_eq!(write("accept", "outbox cleared"), 3.0);
    assert_eq!(write("publish", "outbox cleared"), 3.0);
    // DISPATCHING before the request, the outcome after it; the due entry is written by neither before the outcome.
    assert_eq!(write("publish", "delivery") - write("publish", "outbox cleared"), 5.0);
    // One delivery of an account at a time.
    assert_eq!(write("publish", "gate"), 2.0);
    assert!(write("wake", "") <= 0.01, "a tick writes its mark and nothing else");
    assert_eq!(per_delivery(&life, POSTS, Unit::Write, publish), 29.01);
}

#[tokio::test]
async fn a_quota_of_the_accounts_own_costs_no_unit_and_one_that_all_share_a_read_and_a_write() {
    const OWN: Cap = Cap { scope: QuotaScope::Account, limit: 500, window_s: 900, documented: Some(500), told: true };
    const SHARED: Cap = Cap { scope: QuotaScope::App, window_s: 86_400, ..OWN };
    let units = |life: &Life| [Unit::Write, Unit::Read].map(|unit| per_delivery(life, POSTS, unit, publish));
    let none = units(&scheduled(POSTS, 10).await);
    assert_eq!(units(&scheduled_under(&[OWN], POSTS, 10).await), none);
    let life = scheduled_under(&[OWN, SHARED], POSTS, 10).await;
    assert_eq!(of(&life, POSTS, "publish", Unit::Write, "governor"), 1.0);
    assert_eq!(of(&life, POSTS, "publish", Unit::Read, "governor"), 1.0);
    let [writes, reads] = units(&life);
    assert!((writes - none[0] - 1.0).abs() < 0.001 && (reads - none[1] - 1.0).abs() < 0.001, "{writes} {reads}");
}

#[tokio::test]
async fn deliveries_that_come_due_together_share_their_requests_to_the_queue_and_their_worker() {
    let life = scheduled(POSTS, 10).await;
    // Receive and delete in tens; the tick sends each shard's in tens, so that the last batch of a shard is not full.
    assert_eq!(of(&life, POSTS, "publish", Unit::Sqs, ""), 0.2);
    assert!(of(&life, POSTS, "wake", Unit::Sqs, "send") <= 0.1 + f64::from(ports::DUE_SHARDS) / POSTS as f64);
    assert_eq!(of(&life, POSTS, "publish", Unit::Invocation, ""), 0.1);
    assert_eq!(per_delivery(&life, POSTS, Unit::Event, publish), 2.0);
}

#[tokio::test]
async fn a_warm_worker_asks_for_no_secret() {
    let life = scheduled(POSTS, 10).await;
    assert_eq!(per_delivery(&life, POSTS, Unit::Secret, publish), 0.0);
    let cold = Life::new(10).await;
    cold.accept(10, None).await;
    cold.execute(10).await;
    assert_eq!(of(&cold, 10, "", Unit::Secret, "get"), 1.0, "a worker that has never spoken for an account asks once");
}

#[tokio::test]
async fn a_post_for_now_tells_once_and_has_its_requests_to_itself() {
    let life = immediate(20, 10).await;
    assert_eq!(per_delivery(&life, 20, Unit::Event, publish), 1.0);
    assert_eq!(per_delivery(&life, 20, Unit::Sqs, publish), 3.0);
    assert_eq!(per_delivery(&life, 20, Unit::Write, publish), 22.0);
}

#[tokio::test]
async fn the_documents_worked_sum_is_what_is_measured() {
    let text = include_str!("../../../docs/costs.md");
    for (_, name, price) in PRICES {
        let row = text.lines().find(|line| line.ends_with(&format!("| `{name}` |"))).unwrap();
        assert!(
            row.contains(&format!("${price:.2} per million")) || row.contains(&format!("${price} per million")),
            "{row}"
        );
    }
    for (name, life, n) in [("scheduled", scheduled(POSTS, 10).await, POSTS), ("at once", immediate(20, 10).await, 20)]
    {
        let sums = PRICES.map(|(unit, ..)| format!("{:.2}", per_delivery(&life, n, unit, publish)));
        let row = format!("| {name} | {} | ${:.2} |", sums.join(" | "), dollars(&life, n, publish));
        assert!(text.contains(&row), "docs/costs.md lacks the measured row\n{row}");
    }
}

#[tokio::test]
async fn a_tick_reads_what_is_due_however_much_is_scheduled() {
    let few = bench::due::reads(1_000, 100).await;
    assert_eq!((few.seen, few.sent), (100, 100));
    assert_eq!(few, bench::due::reads(100_000, 100).await);
}
