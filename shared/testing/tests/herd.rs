//! Five thousand posts due in one second, most of them one tenant's (F20).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::cast_precision_loss)]

mod common;

use app::Once;
use app::publishing::{Accepted, PublishCommand, TargetSpec, When, request};
use domain::TenantId;
use domain::access::{Caller, Tenant};
use domain::publishing::Variant;
use jiff::Timestamp;
use ports::{Record, StoredReply, Write};
use std::collections::BTreeMap;
use std::sync::Arc;
use testing::sim::{Setup, serve};
use testing::{Mutant, READABLE, START_MS, Weather, World, connect_as, now};
use uuid::Uuid;

const TENANTS: u128 = 200;
const FLOOD: usize = 4_000;
const FLOOD_ACCOUNTS: usize = 40;
/// Workers of one publish queue, as the template bounds them.
const WORKERS: usize = 10;

fn encode(accepted: &Accepted) -> StoredReply {
    StoredReply { status: 202, body: accepted.post.id.to_string() }
}

/// Fills the world: tenant 0 has `flood` posts on 40 accounts, each of the others 5 on one. All are due at nine.
fn fill(world: &World, due: Timestamp, flood: usize) {
    let deps = world.deps();
    for t in 0..TENANTS {
        let tenant = TenantId::from_uuid(Uuid::from_u128(1_000 + t));
        let caller = Caller { tenant, ..world.caller.clone() };
        let record = Tenant { id: tenant, name: format!("t{t}"), zone: "UTC".into(), created_at: due };
        now(deps.ledger.commit(vec![Write::create(Record::Tenant(record))])).unwrap();
        let (accounts, posts) = if t == 0 { (FLOOD_ACCOUNTS, flood) } else { (1, 5) };
        let ids: Vec<_> = (0..accounts)
            .map(|a| now(connect_as(&caller, &deps, "readable", &format!("t{t} a{a}"))).unwrap().id)
            .collect();
        for n in 0..posts {
            let command = PublishCommand {
                content: Variant::text(format!("t{t} post {n}")),
                variants: BTreeMap::new(),
                targets: vec![TargetSpec::Account(ids[n % accounts])],
                when: When::At(due),
                max_lateness_s: None,
            };
            let once = Once { route: "POST /publish".into(), key: format!("k{n}"), fingerprint: "f".into() };
            now(request(&deps, &caller, &command, &once, &encode)).unwrap();
        }
    }
}

fn percentile(sorted: &[i64], p: usize) -> f64 {
    sorted.get((sorted.len() * p / 100).min(sorted.len() - 1)).copied().unwrap_or(0) as f64 / 1000.0
}

/// Start delays in milliseconds, sorted: of the flood and of the others; and Jain's index over the others.
fn herd(flood: usize) -> (Vec<i64>, Vec<i64>, f64) {
    let world = Arc::new(World::with(9, Weather::calm(), &[READABLE], Mutant::None));
    let due_ms = START_MS + 3_600_000;
    fill(&world, Timestamp::from_millisecond(due_ms).unwrap(), flood);
    world.engine.advance_ms(3_600_000 - 240_000);
    let setup = Setup { workers: WORKERS, weather: Weather::calm(), ..common::stormy(vec![READABLE], 0) };
    serve(&world, &setup, due_ms + 2 * 3_600_000);
    let truth = world.platforms[0].truth();
    let posts = flood + 5 * (TENANTS as usize - 1);
    let mut texts: Vec<&String> = truth.posted.iter().map(|p| &p.text).collect();
    texts.sort();
    texts.dedup();
    assert_eq!((truth.posted.len(), texts.len()), (posts, posts), "every post is live exactly once");
    assert_eq!(truth.overlaps, 0);
    let mut delays: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for posted in &truth.posted {
        let tenant = posted.text.split(' ').next().unwrap();
        delays.entry(tenant).or_default().push(posted.sent_ms - due_ms);
    }
    assert!(delays.values().flatten().all(|ms| *ms >= -500), "nothing leaves early");
    let mut flood = delays.remove("t0").unwrap_or_default();
    let means: Vec<f64> = delays.values().map(|d| d.iter().sum::<i64>() as f64 / d.len() as f64).collect();
    let jain = means.iter().sum::<f64>().powi(2) / (means.len() as f64 * means.iter().map(|m| m * m).sum::<f64>());
    let mut others: Vec<i64> = delays.into_values().flatten().collect();
    flood.sort_unstable();
    others.sort_unstable();
    (flood, others, jain)
}

#[test]
fn a_flood_of_one_tenant_delays_the_others_by_a_bounded_factor_and_loses_nothing() {
    let (flood, others, jain) = herd(FLOOD);
    let (_, alone, _) = herd(0);
    for (name, d) in [("the flood", &flood), ("the others", &others), ("the others without the flood", &alone)] {
        let (p50, p95, max) = (percentile(d, 50), percentile(d, 95), percentile(d, 100));
        println!("herd: {name}: {} posts, start delay p50 {p50:.1} s, p95 {p95:.1} s, max {max:.1} s", d.len());
    }
    println!("herd: Jain index of the others' mean delays {jain:.3}");
    // A fair queue lets a noisy tenant have 30 messages in flight, of the hundred that ten workers can hold.
    let factor = percentile(&others, 95) / percentile(&alone, 95);
    println!("herd: the flood delays the others' p95 by a factor of {factor:.2}");
    assert!(factor <= 2.5, "{factor}");
    assert!(jain > 0.9);
}
