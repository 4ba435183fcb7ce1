//! A worker that slept: what it learns is of its own claim, and of none that came after it. Only the fence says so, where the later
//! claim's request is out.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use app::Once;
use app::publishing::{Accepted, PublishCommand, TargetSpec, When, execute, reconcile, request};
use domain::publishing::{Failure, LEASE_S, State, Variant};
use futures_util::FutureExt;
use jiff::SignedDuration;
use ports::{PublishJob, StoredReply};
use std::collections::BTreeMap;
use std::sync::Arc;
use testing::{Engine, Hooked, Mutant, Process, READABLE, Weather, World, now};

/// Milliseconds between two readings.
const READING_MS: i64 = 300_000;

async fn works(process: &Process, engine: &Engine, job: &PublishJob) {
    // That its answer came too late is an error.
    drop(execute(&process.publishing(), job, engine.now() + SignedDuration::from_mins(1)).await);
}

async fn reads(process: &Process, engine: &Engine) {
    engine.advance_ms(READING_MS);
    let deadline = engine.now() + SignedDuration::from_mins(2);
    reconcile(&process.finding(), deadline, "t").await.unwrap();
}

/// The first request never arrived, and its worker learns so half an hour late: meanwhile it was read to be absent and was sent again,
/// and nobody knows yet that this request was taken. How often it is live in the end, and the delivery's state.
fn told_late(answer: Failure, mutant: Mutant) -> (usize, State) {
    let world = World::with(7, Weather::calm(), &[READABLE], mutant);
    let (mut sleeper, mut other) = (world.process(), world.process());
    let account = now(world.connect(&other.deps, "readable", "ada")).unwrap().id;
    let command = PublishCommand {
        content: Variant::text("good morning"),
        variants: BTreeMap::new(),
        targets: vec![TargetSpec::Account(account)],
        when: When::Now,
        max_lateness_s: None,
    };
    let once = Once { route: "test".into(), key: "k".into(), fingerprint: "f".into() };
    let id = |accepted: &Accepted| StoredReply { status: 202, body: accepted.post.id.to_string() };
    let post = now(request(&other.deps, &world.caller, &command, &once, &id)).unwrap().stored.body.parse().unwrap();
    let job = PublishJob { v: 1, tenant: world.caller.tenant, post, account, cid: "t".into() };

    let platform = || Hooked::over(Arc::clone(&world.platforms[0]));
    let (asleep, awake) = (platform(), platform());
    awake.lose_answers();
    sleeper.hook(&asleep);
    other.hook(&awake);
    let (engine, again, same) = (Arc::clone(&world.engine), other.clone(), job.clone());
    let meanwhile = async move {
        engine.advance_ms((LEASE_S + 1) * 1_000);
        works(&again, &engine, &same).await;
        for _ in 0..3 {
            reads(&again, &engine).await;
        }
        works(&again, &engine, &same).await;
    };
    asleep.never_arrives(answer, meanwhile.boxed());
    now(works(&sleeper, &world.engine, &job));
    assert_eq!(world.platforms[0].truth().posted.len(), 1, "it was sent again while the first worker slept");

    // Whatever the ledger calls for now.
    for _ in 0..3 {
        now(reads(&other, &world.engine));
        now(works(&other, &world.engine, &job));
    }
    let state = now(other.deps.ledger.delivery(job.tenant, post, account)).unwrap().unwrap().value.state;
    let live = world.platforms[0].truth().posted.len();
    (live, state)
}

/// Each "no" after which another try is made whatever is in doubt.
fn noes() -> [Failure; 3] {
    [Failure::Unavailable, Failure::RateLimited { until: None }, Failure::Unauthorized]
}

#[test]
fn what_a_worker_learns_after_its_claim_was_replaced_sends_nothing_again() {
    for answer in noes() {
        let (live, state) = told_late(answer.clone(), Mutant::None);
        assert!(live == 1 && matches!(state, State::Published { .. }), "{answer}: {live} live, {state:?}");
    }
}

#[test]
fn without_the_fence_it_would_be_live_twice() {
    for answer in noes() {
        let (live, state) = told_late(answer.clone(), Mutant::NoFence);
        assert!(live > 1, "{answer}: {live} live, {state:?}");
    }
}
