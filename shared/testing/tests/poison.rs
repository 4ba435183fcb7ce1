//! Workers that die before they write anything into a delivery are counted at its account's gate, and it ends.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use app::Once;
use app::publishing::{Accepted, PublishCommand, TargetSpec, When, execute, request};
use domain::publishing::{Gate, State, Variant};
use jiff::SignedDuration;
use ports::{PublishJob, Record, StoredReply, Write};
use std::collections::BTreeMap;
use testing::{World, now};

/// What becomes of a delivery for which so many workers went in before and never left.
fn after(lost: u8) -> State {
    let world = World::new(7);
    let process = world.process();
    let (deps, tenant) = (&process.deps, world.caller.tenant);
    let account = now(world.connect(deps, "readable", "ada")).unwrap().id;
    let command = PublishCommand {
        content: Variant::text("hello"),
        variants: BTreeMap::new(),
        targets: vec![TargetSpec::Account(account)],
        when: When::Now,
        max_lateness_s: None,
    };
    let id = |accepted: &Accepted| StoredReply { status: 202, body: accepted.post.id.to_string() };
    let once = Once { route: "test".into(), key: "k".into(), fingerprint: "f".into() };
    let post = now(request(deps, &world.caller, &command, &once, &id)).unwrap().stored.body.parse().unwrap();
    let until = world.engine.now() - SignedDuration::from_secs(1);
    // The last of them is among the lost as soon as the next one comes.
    let gate =
        Gate { owner: Some("gone".into()), inside: Some(post), lost: lost - 1, until, ..Gate::new(tenant, account) };
    now(deps.ledger.commit(vec![Write::create(Record::Gate(gate))])).unwrap();
    let job = PublishJob { v: 1, tenant, post, account, cid: "t".into() };
    now(execute(&process.publishing(), &job, world.engine.now() + SignedDuration::from_mins(1))).unwrap();
    now(deps.ledger.delivery(tenant, post, account)).unwrap().unwrap().value.state
}

#[test]
fn a_delivery_whose_workers_die_before_sending_ends_after_eight_of_them() {
    assert!(matches!(after(7), State::Published { .. }));
    let ended = after(8);
    assert!(matches!(&ended, State::Failed { code, .. } if code == "poison"), "{ended:?}");
}
