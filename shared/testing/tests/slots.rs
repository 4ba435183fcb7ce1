//! A post that leaves its slot of the tenant's queue frees it, in the same commit; nobody frees another post's slot, nor
//! one that has passed.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use app::publishing::{
    Accepted, Edit, NewSlots, PublishCommand, TargetSpec, When, cancel, edit, next_slot, remove, request, set_slots,
};
use app::{Error, Once, Reply};
use domain::publishing::{Delivery, Post, SlotPlan, SlotTime, Variant};
use domain::{AccountId, PostId};
use jiff::civil::Weekday;
use jiff::{SignedDuration, Timestamp};
use ports::{Record, Slot, StoreError, StoredReply, Write};
use std::collections::BTreeMap;
use testing::{Process, World, now};

fn accepted(accepted: &Accepted) -> StoredReply {
    StoredReply { status: 202, body: accepted.post.id.to_string() }
}

fn changed(_: &[Delivery]) -> StoredReply {
    StoredReply { status: 200, body: String::new() }
}

struct Scene {
    world: World,
    process: Process,
    account: AccountId,
    asked: u32,
}

impl Scene {
    async fn new() -> Self {
        let world = World::new(7);
        let process = world.process();
        let account = world.connect(&process.deps, "readable", "ada").await.unwrap().id;
        Self { world, process, account, asked: 0 }
    }

    fn once(&mut self) -> Once {
        self.asked += 1;
        Once { route: "test".into(), key: self.asked.to_string(), fingerprint: "f".into() }
    }

    async fn queued(&mut self) -> Post {
        self.queued_to(&[self.account]).await.unwrap()
    }

    async fn queued_to(&mut self, accounts: &[AccountId]) -> Result<Post, Error> {
        let command = PublishCommand {
            content: Variant::text("in the queue"),
            variants: BTreeMap::new(),
            targets: accounts.iter().map(|account| TargetSpec::Account(*account)).collect(),
            when: When::Queue,
            max_lateness_s: None,
        };
        let once = self.once();
        let reply = request(&self.process.deps, &self.world.caller, &command, &once, &accepted).await?;
        Ok(self.post(reply.stored.body.parse().unwrap()).await)
    }

    /// Gives an account its own slots, in UTC.
    async fn slots_of(&mut self, account: AccountId, times: &[(i8, i8)]) {
        let each = |(hour, minute): &(i8, i8)| {
            let at = jiff::civil::time(*hour, *minute, 0, 0);
            [Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday]
                .map(|weekday| SlotTime { weekday, at })
        };
        let new = NewSlots { zone: "UTC".into(), times: times.iter().flat_map(each).collect() };
        let once = self.once();
        let encode = |_: &SlotPlan| changed(&[]);
        set_slots(&self.process.deps, &self.world.caller, account, &new, &once, &encode).await.unwrap();
    }

    async fn next(&self, account: AccountId) -> Timestamp {
        next_slot(&self.process.deps, &self.world.caller, account).await.unwrap()
    }

    async fn second_account(&self) -> AccountId {
        self.world.connect(&self.process.deps, "write-only", "bob").await.unwrap().id
    }

    async fn post(&self, id: PostId) -> Post {
        self.process.deps.ledger.post(self.world.caller.tenant, id).await.unwrap().unwrap().value
    }

    async fn cancel(&mut self, post: &Post) -> Result<Reply, Error> {
        let once = self.once();
        cancel(&self.process.deps, &self.world.caller, post.id, &once, &changed).await
    }

    async fn edit(&mut self, post: &Post, change: Edit) -> Result<Reply, Error> {
        let once = self.once();
        let rev = self.process.deps.ledger.post(post.tenant, post.id).await.unwrap().unwrap().rev;
        edit(&self.process.deps, &self.world.caller, post.id, rev, &change, &once, &accepted).await
    }

    async fn remove(&mut self, post: &Post) -> Result<Reply, Error> {
        let once = self.once();
        remove(&self.process.managing(), &self.world.caller, post.id, false, &once, &changed(&[])).await
    }

    /// Who has the slot.
    async fn holder(&self, at: Timestamp) -> Option<PostId> {
        let slot = self.process.deps.ledger.slot(self.world.caller.tenant, at).await.unwrap();
        slot.filter(|slot| !slot.value.free).map(|slot| slot.value.post)
    }
}

fn at(post: &Post) -> Timestamp {
    post.schedule.slot().unwrap_or_else(|| panic!("not in the queue: {post:?}"))
}

#[test]
fn the_slots_are_at_nine_one_and_five_by_the_tenants_clock() {
    now(async {
        let mut scene = Scene::new().await;
        for _ in 0..6 {
            let post = scene.queued().await;
            let local = at(&post).in_tz("Europe/Berlin").unwrap().time();
            assert!([(9, 0), (13, 0), (17, 0)].contains(&(local.hour(), local.minute())), "{local}");
            assert_eq!(scene.holder(at(&post)).await, Some(post.id));
        }
    });
}

#[test]
fn a_canceled_post_frees_its_slot_for_the_next_and_canceling_it_again_frees_nothing() {
    now(async {
        let mut scene = Scene::new().await;
        let (first, second) = (scene.queued().await, scene.queued().await);
        scene.cancel(&first).await.unwrap();
        assert_eq!(scene.holder(at(&first)).await, None);
        assert_eq!(scene.holder(at(&second)).await, Some(second.id), "no other slot is touched");
        let third = scene.queued().await;
        assert_eq!(at(&third), at(&first));
        scene.cancel(&first).await.unwrap();
        assert_eq!(scene.holder(at(&third)).await, Some(third.id), "it is another post's by now");
    });
}

#[test]
fn a_post_that_is_given_another_time_frees_its_slot_and_one_whose_text_changes_keeps_it() {
    now(async {
        let mut scene = Scene::new().await;
        let post = scene.queued().await;
        scene.edit(&post, Edit { content: Some(Variant::text("better")), ..Edit::default() }).await.unwrap();
        assert_eq!(scene.holder(at(&post)).await, Some(post.id));
        scene.edit(&post, Edit { when: Some(When::Queue), ..Edit::default() }).await.unwrap();
        assert_eq!(at(&scene.post(post.id).await), at(&post), "its own slot is free for it");
        assert_eq!(scene.holder(at(&post)).await, Some(post.id));
        let later = at(&post) + SignedDuration::from_hours(1);
        scene.edit(&post, Edit { when: Some(When::At(later)), ..Edit::default() }).await.unwrap();
        assert_eq!(scene.holder(at(&post)).await, None);
        assert_eq!(at(&scene.queued().await), at(&post));
    });
}

#[test]
fn a_post_that_moves_up_in_the_queue_has_one_slot() {
    now(async {
        let mut scene = Scene::new().await;
        let (first, second) = (scene.queued().await, scene.queued().await);
        scene.cancel(&first).await.unwrap();
        scene.edit(&second, Edit { when: Some(When::Queue), ..Edit::default() }).await.unwrap();
        assert_eq!(scene.holder(at(&first)).await, Some(second.id));
        assert_eq!(scene.holder(at(&second)).await, None);
    });
}

#[test]
fn a_deleted_post_leaves_no_slot_behind() {
    now(async {
        let mut scene = Scene::new().await;
        let post = scene.queued().await;
        scene.cancel(&post).await.unwrap();
        // As canceled posts were stored before slots were freed.
        let left = Slot { tenant: post.tenant, at: at(&post), post: post.id, taken: BTreeMap::new(), free: false };
        scene.process.deps.ledger.commit(vec![Write::put(Record::Slot(left))]).await.unwrap();
        scene.remove(&post).await.unwrap();
        assert_eq!(scene.holder(at(&post)).await, None);
    });
}

#[test]
fn a_deleted_post_does_not_free_the_slot_that_another_has_taken() {
    now(async {
        let mut scene = Scene::new().await;
        let post = scene.queued().await;
        scene.cancel(&post).await.unwrap();
        let next = scene.queued().await;
        assert_eq!(at(&next), at(&post));
        scene.remove(&post).await.unwrap();
        assert_eq!(scene.holder(at(&post)).await, Some(next.id));
    });
}

#[test]
fn a_slot_that_has_passed_is_history() {
    now(async {
        let mut scene = Scene::new().await;
        let post = scene.queued().await;
        let wait = at(&post).duration_since(scene.world.engine.now()).as_millis() + 1_000;
        scene.world.engine.advance_ms(i64::try_from(wait).unwrap());
        scene.cancel(&post).await.unwrap();
        assert_eq!(scene.holder(at(&post)).await, Some(post.id));
    });
}

#[test]
fn each_account_has_its_own_queue_and_a_slot_that_one_leaves_stays_the_others() {
    now(async {
        let mut scene = Scene::new().await;
        let (ada, bob) = (scene.account, scene.second_account().await);
        let (first, theirs) = (scene.queued().await, scene.queued_to(&[bob]).await.unwrap());
        assert_eq!(at(&first), at(&theirs), "side by side");
        assert!(scene.next(ada).await > at(&first) && scene.next(bob).await > at(&first));
        let both = scene.queued_to(&[ada, bob]).await.unwrap();
        assert!(at(&both) > at(&first), "free for both of them");
        scene.cancel(&first).await.unwrap();
        assert_eq!(scene.next(ada).await, at(&first));
        assert!(scene.next(bob).await > at(&first), "not his");
        assert_eq!(scene.holder(at(&first)).await, Some(theirs.id));
        scene.cancel(&theirs).await.unwrap();
        assert_eq!(scene.holder(at(&first)).await, None);
    });
}

#[test]
fn an_account_with_slots_of_its_own_is_queued_into_them_and_accounts_without_a_common_one_are_refused() {
    now(async {
        let mut scene = Scene::new().await;
        let (ada, bob) = (scene.account, scene.second_account().await);
        scene.slots_of(ada, &[(8, 30), (12, 0)]).await;
        let queued = scene.queued().await;
        let local = at(&queued).in_tz("UTC").unwrap();
        assert!([(8, 30), (12, 0)].contains(&(local.hour(), local.minute())), "{local}");
        assert!(local.weekday().to_monday_one_offset() <= 5, "{local}");
        scene.slots_of(bob, &[(15, 45)]).await;
        let refused = scene.queued_to(&[ada, bob]).await;
        assert!(matches!(refused, Err(Error::Conflict { code: "no_common_slot", .. })), "{refused:?}");
        scene.slots_of(bob, &[(12, 0), (15, 45)]).await;
        let both = scene.queued_to(&[ada, bob]).await.unwrap();
        assert_eq!(at(&both).in_tz("UTC").unwrap().hour(), 12);
    });
}

#[test]
fn a_slot_stored_by_an_earlier_release_is_taken_for_every_account() {
    now(async {
        let mut scene = Scene::new().await;
        let first = scene.next(scene.account).await;
        let post = PostId::from_uuid(scene.process.deps.uuid());
        let old = Slot { tenant: scene.world.caller.tenant, at: first, post, taken: BTreeMap::new(), free: false };
        scene.process.deps.ledger.commit(vec![Write::create(Record::Slot(old))]).await.unwrap();
        assert!(at(&scene.queued().await) > first);
    });
}

#[test]
fn a_queue_of_more_taken_slots_than_are_read_at_once_still_finds_the_free_one() {
    now(async {
        let mut scene = Scene::new().await;
        let hours: Vec<(i8, i8)> = (0..24).map(|hour| (hour, 0)).collect();
        scene.slots_of(scene.account, &hours).await;
        let first = scene.next(scene.account).await;
        let (tenant, post) = (scene.world.caller.tenant, PostId::from_uuid(scene.process.deps.uuid()));
        // Every hour of the next six weeks.
        let slots = (0..24 * 42).map(|hour| first + SignedDuration::from_hours(hour));
        let slots: Vec<Write> = slots
            .map(|at| Write::create(Record::Slot(Slot { tenant, at, post, taken: BTreeMap::new(), free: false })))
            .collect();
        for some in slots.chunks(100) {
            scene.process.deps.ledger.commit(some.to_vec()).await.unwrap();
        }
        assert!(scene.next(scene.account).await >= first + SignedDuration::from_hours(24 * 42));
    });
}

#[test]
fn whoever_read_a_slot_before_it_was_freed_and_taken_again_does_not_write_over_its_new_holder() {
    now(async {
        let mut scene = Scene::new().await;
        let first = scene.queued().await;
        let (tenant, ledger) = (scene.world.caller.tenant, scene.process.deps.ledger.clone());
        let read = ledger.slot(tenant, at(&first)).await.unwrap().unwrap();
        scene.cancel(&first).await.unwrap();
        let second = scene.queued().await;
        assert_eq!(at(&second), at(&first));
        let bob = scene.second_account().await;
        let late = read.value.with(PostId::from_uuid(scene.process.deps.uuid()), [bob].into_iter());
        let written = ledger.commit(vec![Write::replace(&read, Record::Slot(late))]).await;
        assert!(matches!(written, Err(StoreError::Conflict { .. })), "{written:?}");
        assert_eq!(scene.holder(at(&second)).await, Some(second.id));
    });
}
