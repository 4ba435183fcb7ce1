//! A thread whose parts wait for each other, in a whole world: ticks, queue, worker, platform.
#![allow(clippy::unwrap_used)]

use app::publishing::{Accepted, PublishCommand, TargetSpec, When, execute, request, tick};
use app::{Once, Reply};
use domain::PostId;
use domain::publishing::{Delivery, Part, RetryReason, State, Variant};
use jiff::{SignedDuration, Timestamp};
use ports::{Job, StoredReply};
use std::collections::BTreeMap;
use testing::{Process, World, now};

const MINUTE_MS: i64 = 60_000;

fn accepted(accepted: &Accepted) -> StoredReply {
    StoredReply { status: 202, body: accepted.post.id.to_string() }
}

struct Scene {
    world: World,
    process: Process,
    post: PostId,
}

impl Scene {
    /// A thread of three parts and a first comment, which is due now.
    fn new(thread_delay_s: u32) -> Self {
        let world = World::new(7);
        let process = world.process();
        let account = now(world.connect(&process.deps, "readable", "ada")).unwrap().id;
        let parts = ["one", "two", "three"].map(|text| Part { text: text.into(), media: Vec::new() });
        let command = PublishCommand {
            content: Variant { parts: parts.into(), thread_delay_s, ..Variant::default() },
            variants: BTreeMap::new(),
            targets: vec![TargetSpec::Account(account)],
            when: When::Now,
            max_lateness_s: None,
        };
        let once = Once { route: "test".into(), key: "1".into(), fingerprint: "f".into() };
        let reply: Reply = now(request(&process.deps, &world.caller, &command, &once, &accepted)).unwrap();
        let post = reply.stored.body.parse().unwrap();
        Self { world, process, post }
    }

    fn work(&self) {
        for message in self.world.queues.take() {
            let Job::Publish { job, .. } = message.job else { continue };
            let deadline = self.world.engine.now() + SignedDuration::from_mins(1);
            now(execute(&self.process.publishing(), &job, deadline)).unwrap();
        }
    }

    fn pass(&self, minutes: u32) {
        for _ in 0..minutes {
            self.world.engine.advance_ms(MINUTE_MS);
            let deadline = self.world.engine.now() + SignedDuration::from_mins(1);
            now(tick(&self.process.deps, deadline, "t")).unwrap();
            self.work();
        }
    }

    fn delivery(&self) -> Delivery {
        let tenant = self.world.caller.tenant;
        now(self.process.deps.ledger.deliveries(tenant, self.post)).unwrap().remove(0).value
    }

    fn live(&self) -> usize {
        self.delivery().parts.iter().filter(|part| part.receipt.is_some()).count()
    }
}

#[test]
fn each_part_leaves_when_it_has_waited_after_the_one_before_and_the_platform_sees_each_once() {
    let scene = Scene::new(600);
    let start: Timestamp = scene.world.engine.now();
    scene.work();
    let waiting = scene.delivery();
    assert_eq!((scene.live(), &waiting.state), (1, &State::Retry { reason: RetryReason::Resuming }));
    let wait = waiting.wake.unwrap().at.duration_since(start);
    assert!((SignedDuration::from_mins(10)..SignedDuration::from_mins(11)).contains(&wait), "{wait}");
    scene.pass(8);
    assert_eq!(scene.live(), 1, "ten minutes are not over");
    scene.pass(4);
    assert_eq!(scene.live(), 2);
    scene.pass(12);
    assert!(matches!(scene.delivery().state, State::Published { .. }));
    assert_eq!(scene.delivery().claims, 0, "waiting costs no claim");
}

#[test]
fn without_a_delay_the_parts_leave_in_one_go() {
    let scene = Scene::new(0);
    scene.work();
    assert!(matches!(scene.delivery().state, State::Published { .. }));
}
