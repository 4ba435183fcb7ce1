//! One effect for one key, however often and at once it is asked for (I9).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use app::publishing::{Accepted, PublishCommand, TargetSpec, When, request};
use app::{Error, Once, Reply};
use domain::AccountId;
use domain::publishing::Variant;
use ports::StoredReply;
use std::collections::{BTreeMap, BTreeSet};
use testing::sim::{Body, together};
use testing::{Fates, Mutant, Process, READABLE, Weather, World, now};

const AT_ONCE: usize = 50;

fn command(account: AccountId, text: &str, when: When) -> PublishCommand {
    PublishCommand {
        content: Variant::text(text),
        variants: BTreeMap::new(),
        targets: vec![TargetSpec::Account(account)],
        when,
        max_lateness_s: None,
    }
}

fn encode(accepted: &Accepted) -> StoredReply {
    StoredReply { status: 202, body: format!("{} {:?}", accepted.post.id, accepted.post.schedule) }
}

fn once(key: &str, fingerprint: &str) -> Once {
    Once { route: "POST /publish".into(), key: key.into(), fingerprint: fingerprint.into() }
}

fn asks(world: &World, command: &PublishCommand, once: &Once) -> (Process, Body<Result<Reply, Error>>) {
    let (process, caller) = (world.process(), world.caller.clone());
    let (deps, command, once) = (process.deps.clone(), command.clone(), once.clone());
    (process, Box::pin(async move { request(&deps, &caller, &command, &once, &encode).await }))
}

fn opened(seed: u64, weather: Weather) -> (World, AccountId) {
    let world = World::with(seed, weather, &[READABLE], Mutant::None);
    let account = now(world.connect(&world.deps(), "readable", "author")).unwrap().id;
    world.engine.schedule(Fates::default(), None);
    (world, account)
}

#[test]
fn fifty_requests_with_one_key_make_one_post_and_get_one_answer() {
    for seed in 0..50 {
        let (world, account) = opened(seed, Weather::calm());
        let (command, key) = (command(account, "hello", When::Now), once("k", "f"));
        let ends = together(&world, (0..AT_ONCE).map(|_| asks(&world, &command, &key)).collect());
        let replies: Vec<Reply> = ends.into_iter().map(|e| e.unwrap().unwrap()).collect();
        assert!(replies.iter().all(|r| r.stored == replies[0].stored), "{seed}");
        assert_eq!(replies.iter().filter(|r| !r.replayed).count(), 1, "{seed}");
        assert_eq!(world.posts().len(), 1, "{seed}");
        let other = together(&world, vec![asks(&world, &command, &once("k", "another body"))]);
        assert_eq!(other.into_iter().next().unwrap(), Some(Err(Error::KeyReused)));
    }
    println!("once: 50 worlds x {AT_ONCE} requests at once: 1 post and 1 answer each");
}

#[test]
fn fifty_requests_with_one_key_through_a_storm_make_at_most_one_post() {
    let (mut answered, mut refused) = (0, 0);
    for seed in 0..200 {
        let (world, account) = opened(seed, Weather::storm(200));
        world.engine.storm(true);
        let (command, key) = (command(account, "hello", When::Now), once("k", "f"));
        let mut given: BTreeSet<String> = BTreeSet::new();
        for _ in 0..3 {
            for end in together(&world, (0..AT_ONCE).map(|_| asks(&world, &command, &key)).collect()) {
                match end {
                    Some(Ok(reply)) => {
                        answered += 1;
                        given.insert(reply.stored.body);
                    }
                    Some(Err(Error::Unavailable(_) | Error::InFlight)) => refused += 1,
                    other => panic!("{seed}: {other:?}"),
                }
            }
        }
        world.engine.storm(false);
        world.memory.land();
        assert_eq!((given.len(), world.posts().len()), (1, 1), "{seed}");
    }
    println!(
        "once: 200 stormy worlds x 150 requests: {answered} answered alike, {refused} told to ask again, 1 post each"
    );
}

#[test]
fn posts_asked_for_at_once_never_share_a_slot_of_the_queue() {
    for seed in 0..50 {
        let (world, account) = opened(seed, Weather::calm());
        let ask = |n: usize| {
            let key = once(&format!("k{n}"), "f");
            asks(&world, &command(account, &format!("post {n}"), When::Queue), &key)
        };
        let ends = together(&world, (0..12).map(ask).collect());
        let done = ends.into_iter().flatten().flatten().count();
        let posts = world.posts();
        let slots: BTreeSet<_> = posts.iter().map(|(p, _)| p.schedule.due_at().unwrap()).collect();
        assert_eq!((posts.len(), slots.len()), (done, done), "{seed}");
        assert!(done > 0);
    }
}
