//! Many posts of one account that come due in one second leave in that second: nobody is left behind at the gate.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use app::publishing::{Accepted, Executed, PublishCommand, TargetSpec, When, execute, request};
use app::{AccountDeps, Error, Once};
use domain::publishing::{Delivery, Failure, State, Variant};
use jiff::SignedDuration;
use ports::{PublishJob, StoredReply};
use std::collections::BTreeMap;
use std::sync::Arc;
use testing::sim::{Body, together};
use testing::{Fates, Hooked, World, now};

const POSTS: usize = 40;

/// Many posts of one account, for now.
fn asked(world: &World, deps: &AccountDeps) -> Vec<PublishJob> {
    let texts: Vec<_> = (0..POSTS).map(|n| format!("number {n}")).collect();
    asked_for(world, deps, &texts)
}

fn asked_for(world: &World, deps: &AccountDeps, texts: &[String]) -> Vec<PublishJob> {
    let account = now(world.connect(deps, "readable", "ada")).unwrap().id;
    texts
        .iter()
        .enumerate()
        .map(|(n, text)| {
            let command = PublishCommand {
                content: Variant::text(text.clone()),
                variants: BTreeMap::new(),
                targets: vec![TargetSpec::Account(account)],
                when: When::Now,
                max_lateness_s: None,
            };
            let id = |accepted: &Accepted| StoredReply { status: 202, body: accepted.post.id.to_string() };
            let once = Once { route: "test".into(), key: n.to_string(), fingerprint: "f".into() };
            let reply = now(request(deps, &world.caller, &command, &once, &id)).unwrap();
            let (tenant, post) = (world.caller.tenant, reply.stored.body.parse().unwrap());
            PublishJob { v: 1, tenant, post, account, cid: "test".into() }
        })
        .collect()
}

/// How many of an account's posts are out once each was woken once, all at the same moment.
fn out(seed: u64) -> usize {
    let world = World::new(seed);
    let process = world.process();
    let deps = &process.deps;
    let jobs = asked(&world, deps);
    world.engine.schedule(Fates::default(), None);
    // Time enough for one worker to serve them all.
    let deadline = world.engine.now() + SignedDuration::from_mins(30);
    let workers = jobs.iter().cloned().map(|job| {
        let worker = world.process();
        let deps = worker.publishing();
        let body: Body<Result<Executed, Error>> = Box::pin(async move { execute(&deps, &job, deadline).await });
        (worker, body)
    });
    together(&world, workers.collect());
    world.engine.calm();
    let state =
        |job: &PublishJob| now(deps.ledger.delivery(job.tenant, job.post, job.account)).unwrap().unwrap().value.state;
    jobs.iter().filter(|job| matches!(state(job), State::Published { .. })).count()
}

#[test]
fn forty_posts_of_one_account_woken_at_once_all_leave_without_being_woken_again() {
    for seed in 0..20 {
        assert_eq!(out(seed), POSTS, "{seed}");
    }
}

#[test]
fn an_account_whose_platform_asks_to_slow_down_is_left_alone_whether_or_not_it_says_how_long() {
    for until in [None, Some(SignedDuration::from_secs(90)), Some(SignedDuration::from_secs(-90))] {
        let world = World::new(7);
        let mut process = world.process();
        let jobs = asked(&world, &process.deps);
        let hooked = Hooked::over(Arc::clone(&world.platforms[0]));
        hooked.refuse(Failure::RateLimited { until: until.map(|wait| world.engine.now() + wait) });
        process.hook(&hooked);
        for job in &jobs {
            let deadline = world.engine.now() + SignedDuration::from_mins(1);
            now(execute(&process.publishing(), job, deadline)).unwrap();
        }
        assert_eq!(hooked.refused(), 1, "{until:?}");
    }
}

/// What became of a post that came due while another of its account is uploaded, which takes as long as it may; how the worker
/// ended, and in how many steps.
fn during_an_upload(text: &str) -> (Executed, u64, Delivery) {
    let world = World::new(3);
    let mut process = world.process();
    let jobs = asked_for(&world, &process.deps, &["upload".to_owned(), text.to_owned()]);
    let (hooked, other, job) = (Hooked::over(Arc::clone(&world.platforms[0])), world.process(), jobs[1].clone());
    let deadline = world.engine.now() + SignedDuration::from_mins(1);
    hooked.upload(
        Arc::clone(&world.engine),
        Box::pin(async move {
            let listed = execute(&other.publishing(), &job, deadline).await.unwrap();
            assert_eq!(listed, Executed::Done, "it stands on the gate's list");
        }),
    );
    process.hook(&hooked);
    let ended = now(execute(&process.publishing(), &jobs[0], deadline)).unwrap();
    let found = now(process.deps.ledger.delivery(jobs[1].tenant, jobs[1].post, jobs[1].account)).unwrap();
    (ended, hooked.steps(), found.unwrap().value)
}

#[test]
fn a_text_that_comes_due_during_an_upload_leaves_by_the_worker_that_uploads() {
    let (ended, steps, text) = during_an_upload("only words");
    assert_eq!((ended, steps), (Executed::Done, 1));
    assert!(matches!(text.state, State::Published { .. }), "{:?}", text.state);
}

#[test]
fn no_step_is_begun_that_our_own_clock_would_cut_and_none_costs_an_attempt() {
    let (ended, steps, waits) = during_an_upload("another upload");
    assert_eq!((ended, steps), (Executed::NoTime, 1));
    assert_eq!((waits.state, waits.attempts, waits.claims), (State::Queued, 0, 0));
}
