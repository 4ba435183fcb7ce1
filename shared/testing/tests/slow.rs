//! A platform that takes its time over the posts of one tenant, beside the lost post of another.
#![allow(clippy::unwrap_used)]

use app::Once;
use app::publishing::{Accepted, PublishCommand, Reconciled, TargetSpec, When, reconcile, request};
use app::{Deps, PlatformDeps};
use async_trait::async_trait;
use domain::access::{Caller, Role};
use domain::accounts::Account;
use domain::platform::{DedupeClass, Descriptor};
use domain::publishing::{Delivery, Failure, Finding, Receipt, State, Variant, Wake};
use domain::{AccountId, TenantId};
use jiff::{SignedDuration, Timestamp};
use ports::{Connector, Connectors, Find, PlatformApp, PublishCall, Record, StoredReply, Wording, Write};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use testing::{Engine, FakePlatform, READABLE, World, connect_as, now};

/// Reads as the platform below, but of one tenant for as long as it may.
struct Slow {
    below: Arc<FakePlatform>,
    engine: Arc<Engine>,
    tenant: TenantId,
    /// Milliseconds that each of those readings was given.
    given_ms: Arc<Mutex<Vec<i128>>>,
}

impl Wording for Slow {
    fn named(&self, app: &PlatformApp, account: &Account, post: &str) -> Option<Receipt> {
        self.below.named(app, account, post)
    }
}

impl Connector for Slow {
    fn descriptor(&self) -> &Descriptor {
        self.below.descriptor()
    }

    fn hosts(&self) -> &'static [&'static str] {
        self.below.hosts()
    }
}

#[async_trait]
impl Find for Slow {
    fn dedupe(&self, account: &Account) -> DedupeClass {
        self.below.dedupe(account)
    }

    async fn find(&self, call: &PublishCall<'_>, since: Timestamp) -> Result<Finding, Failure> {
        if call.account.tenant != self.tenant {
            return self.below.find(call, since).await;
        }
        let given_ms = call.until.duration_since(call.now).as_millis();
        self.given_ms.lock().unwrap().push(given_ms);
        self.engine.advance_ms(i64::try_from(given_ms).unwrap());
        Err(Failure::Unavailable)
    }
}

/// A post whose request left and was not answered.
fn lost(world: &World, deps: &Deps, caller: &Caller, account: AccountId, key: usize) -> Delivery {
    let command = PublishCommand {
        content: Variant::text(format!("number {key}")),
        variants: BTreeMap::new(),
        targets: vec![TargetSpec::Account(account)],
        when: When::Now,
        max_lateness_s: None,
    };
    let id = |accepted: &Accepted| StoredReply { status: 202, body: accepted.post.id.to_string() };
    let once = Once { route: "test".into(), key: key.to_string(), fingerprint: "f".into() };
    let reply = now(request(deps, caller, &command, &once, &id)).unwrap();
    let post = reply.stored.body.parse().unwrap();
    let old = now(deps.ledger.delivery(caller.tenant, post, account)).unwrap().unwrap();
    let at = world.engine.now();
    let state = State::Unknown { part: 0, since: at, neg_reads: 0, last_neg_at: None, resembled: false, never: false };
    let wake = Some(Wake { at, set_at: at, sent: false });
    let next = Delivery { state, wake, started: true, fence: 1, attempts: 1, base_date: Some(at), ..old.value.clone() };
    now(deps.ledger.commit(vec![Write::replace(&old, Record::Delivery(next.clone()))])).unwrap();
    next
}

fn stored(deps: &Deps, delivery: &Delivery) -> Delivery {
    now(deps.ledger.delivery(delivery.tenant, delivery.post, delivery.account)).unwrap().unwrap().value
}

fn neg_reads(deps: &Deps, delivery: &Delivery) -> Option<u32> {
    match stored(deps, delivery).state {
        State::Unknown { neg_reads, .. } => Some(neg_reads.into()),
        _ => None,
    }
}

fn run(deps: &PlatformDeps<dyn Find>) -> Reconciled {
    let deadline = deps.clock.now() + SignedDuration::from_secs(90);
    now(reconcile(deps, deadline, "t")).unwrap()
}

#[test]
fn a_tenant_whose_platform_is_slow_takes_no_reading_of_anothers_lost_post_and_is_asked_itself_after_a_day() {
    for seed in 0..20 {
        let world = World::new(seed);
        let process = world.process();
        let deps = &process.deps;
        let theirs = now(world.connect(deps, READABLE.slug, "ada")).unwrap();
        let other = now(world.person(2, Role::Owner, &[])).caller;
        let account = now(connect_as(&other, deps, READABLE.slug, "bo")).unwrap();
        // They lost theirs first, so that theirs come first in each shard.
        let slow: Vec<_> = (0..30).map(|n| lost(&world, deps, &world.caller, theirs.id, n)).collect();
        world.engine.advance_ms(1_000);
        let fast = lost(&world, deps, &other, account.id, 0);
        world.engine.advance_ms(300_000);
        let given_ms = Arc::default();
        let reads = Slow {
            below: Arc::clone(&world.platforms[0]),
            engine: Arc::clone(&world.engine),
            tenant: theirs.tenant,
            given_ms: Arc::clone(&given_ms),
        };
        let finding = PlatformDeps {
            platforms: Arc::new(Connectors::new(vec![Arc::new(reads) as Arc<dyn Find>])),
            ..process.finding()
        };
        let begun = world.engine.now();
        run(&finding);
        assert_eq!(neg_reads(deps, &fast), Some(1), "seed {seed}: it was read in the first run");
        let took = world.engine.now().duration_since(begun);
        assert!(took <= SignedDuration::from_secs(90), "seed {seed}: the run took {took}");
        assert!(given_ms.lock().unwrap().iter().all(|ms| *ms <= 40_000), "{given_ms:?}");
        for _ in 0..700 {
            world.engine.advance_ms(300_000);
            run(&finding);
        }
        let left = slow.iter().filter(|one| stored(deps, one).state.name() != "attention").count();
        assert_eq!(left, 0, "seed {seed}: nobody is asked of {left}");
    }
}
