#![allow(clippy::unwrap_used)]

use super::*;
use crate::now;
use app::Once;
use app::publishing::{PublishCommand, TargetSpec, When, execute, request};
use domain::publishing::Part;
use jiff::SignedDuration;
use ports::{PublishJob, Record, StoredReply, Write};

/// A world with one published thread of two parts, and what its judge is to know.
fn published() -> (World, PostId, AccountId) {
    let world = World::new(7);
    let process = world.process();
    let account = now(world.connect(&process.deps, "readable", "ada")).unwrap().id;
    let part = |text: &str| Part { text: text.into(), media: Vec::new() };
    let command = PublishCommand {
        content: Variant { parts: vec![part("one"), part("two")], ..Variant::default() },
        variants: BTreeMap::new(),
        targets: vec![TargetSpec::Account(account)],
        when: When::Now,
        max_lateness_s: None,
    };
    let once = Once { route: "test".into(), key: "k".into(), fingerprint: "f".into() };
    let id = |accepted: &app::publishing::Accepted| StoredReply { status: 202, body: accepted.post.id.to_string() };
    let reply = now(request(&process.deps, &world.caller, &command, &once, &id)).unwrap();
    let post: PostId = reply.stored.body.parse().unwrap();
    let job = PublishJob { v: 1, tenant: world.caller.tenant, post, account, cid: "t".into() };
    for _ in 0..2 {
        let deadline = world.engine.now() + SignedDuration::from_mins(5);
        now(execute(&process.publishing(), &job, deadline)).unwrap();
    }
    (world, post, account)
}

fn judged(world: &World, post: PostId, account: AccountId) -> Verdict {
    let author = world.platforms[0].truth().posted[0].author.clone();
    let witness = Witness {
        world,
        accounts: &[(account, 0, author)],
        posts: &BTreeMap::from([(post, 0)]),
        canceled: &BTreeMap::new(),
        asked: &BTreeMap::new(),
        endpoint: None,
        tolerance_ms: 20_000,
    };
    witness.judge().verdict
}

#[test]
fn a_thread_whose_delivery_has_lost_its_last_part_is_not_whole() {
    let (world, post, account) = published();
    let good = judged(&world, post, account);
    assert_eq!((good.uneven, good.false_published, good.wrong_words), (0, 0, 0));
    // It was never said, and nothing in the ledger knows of it.
    world.platforms[0].truth().posted.pop();
    let deps = world.process().deps;
    let old = now(deps.ledger.delivery(world.caller.tenant, post, account)).unwrap().unwrap();
    let mut cut = old.value.clone();
    assert_eq!(cut.state.name(), "published");
    cut.parts.pop();
    now(deps.ledger.commit(vec![Write::replace(&old, Record::Delivery(cut))])).unwrap();
    let verdict = judged(&world, post, account);
    assert_eq!((verdict.uneven, verdict.false_published), (1, 1));
}
