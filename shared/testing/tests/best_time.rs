//! The best time: a post that is planned for it takes it as a slot, and says why it is that one.
#![allow(clippy::unwrap_used, clippy::panic)]

use app::publishing::{
    Accepted, Edit, Preflight, PublishCommand, Range, TargetSpec, When, best_time, cancel, edit, preflight, request,
};
use app::{Error, Once};
use domain::AccountId;
use domain::publishing::{Delivery, Post, Variant};
use jiff::{SignedDuration, Timestamp};
use ports::StoredReply;
use std::collections::BTreeMap;
use testing::{Process, World, now};

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

    /// Accepts the post, while `meanwhile` happens between reading and writing; its id.
    async fn publish_while(&self, command: &PublishCommand, once: &Once, meanwhile: impl Fn() + Sync) -> String {
        let encode = |a: &Accepted| {
            meanwhile();
            StoredReply { status: 202, body: a.post.id.to_string() }
        };
        request(&self.process.deps, &self.world.caller, command, once, &encode).await.unwrap().stored.body
    }

    async fn post(&self, id: &str) -> Post {
        self.process.deps.ledger.post(self.world.caller.tenant, id.parse().unwrap()).await.unwrap().unwrap().value
    }

    fn command(&self, range: Range) -> PublishCommand {
        PublishCommand {
            content: Variant::text("at its best"),
            variants: BTreeMap::new(),
            targets: vec![TargetSpec::Account(self.account)],
            when: When::Best(range),
            max_lateness_s: None,
        }
    }

    async fn publish(&mut self, range: Range) -> Result<Post, Error> {
        let (command, once) = (self.command(range), self.once());
        let encode = |a: &Accepted| StoredReply { status: 202, body: a.post.id.to_string() };
        let reply = request(&self.process.deps, &self.world.caller, &command, &once, &encode).await?;
        Ok(self.post(&reply.stored.body).await)
    }

    async fn best(&self, range: Range) -> Result<Timestamp, Error> {
        best_time(&self.process.deps, &self.world.caller, self.account, &range).await.map(|(at, _)| at)
    }

    async fn foreseen(&self, range: Range) -> Preflight {
        preflight(&self.process.deps, &self.world.caller, &self.command(range)).await.unwrap()
    }

    fn now(&self) -> Timestamp {
        self.process.deps.clock.now()
    }
}

fn due(post: &Post) -> Timestamp {
    post.schedule.due_at().unwrap()
}

fn hours(post: &Post) -> String {
    post.schedule.best_time().unwrap().wall.local.to_string()
}

fn code(result: Result<impl Sized, Error>) -> String {
    match result {
        Err(Error::Conflict { code, .. }) => code.into(),
        Err(Error::Invalid(violations)) => format!("{} {}", violations[0].code, violations[0].field),
        Err(other) => format!("{other}"),
        Ok(_) => "taken".into(),
    }
}

#[test]
fn posts_get_the_good_times_one_after_the_other_and_keep_the_reason() {
    now(async {
        let mut scene = Scene::new().await;
        let first = scene.best(Range::default()).await.unwrap();
        let foreseen = scene.foreseen(Range::default()).await;
        let mut told = Vec::new();
        for _ in 0..3 {
            let post = scene.publish(Range::default()).await.unwrap();
            assert_eq!(
                scene.process.deps.ledger.slot(post.tenant, due(&post)).await.unwrap().unwrap().value.post,
                post.id
            );
            told.push(post);
        }
        let times: Vec<String> = told.iter().map(hours).collect();
        assert_eq!(
            times,
            ["2026-10-19T12:00:00", "2026-10-19T17:00:00", "2026-10-20T12:00:00"],
            "by the tenant's clock"
        );
        assert_eq!((first, foreseen.due_at), (due(&told[0]), Some(first)), "as it was foreseen");
        let reason = told[0].schedule.best_time().unwrap().reason.clone();
        assert_eq!((reason.measured, reason.general), (0, 1));
        assert_eq!(foreseen.best.unwrap().reason, reason);
    });
}

#[test]
fn a_best_time_lies_in_its_range_and_zone_and_not_before_five_minutes_from_now() {
    now(async {
        let mut scene = Scene::new().await;
        let earliest = scene.now() + SignedDuration::from_mins(5);
        let hour = |n: i64| Some(scene.now() + SignedDuration::from_hours(n));
        // Nothing but full hours, of which the first is now.
        let range = Range { from: hour(-5), to: hour(1), ..Range::default() };
        assert_eq!(scene.best(range).await.unwrap(), hour(1).unwrap());
        let tokyo = scene.publish(Range { zone: Some("Asia/Tokyo".into()), ..Range::default() }).await.unwrap();
        assert_eq!(hours(&tokyo), "2026-10-19T17:00:00");
        assert!(due(&tokyo) > earliest);
    });
}

#[test]
fn a_range_without_a_free_time_or_that_cannot_be_is_refused_and_writes_nothing() {
    now(async {
        let mut scene = Scene::new().await;
        let hour = |n: i64| Some(scene.now() + SignedDuration::from_hours(n));
        let range = |from, to| Range { from, to, ..Range::default() };
        let ranges = [
            range(hour(3), hour(3)),
            range(hour(-3), hour(0)),
            range(hour(2), hour(1)),
            range(hour(1), hour(24 * 61)),
            range(hour(24 * 367), None),
        ];
        let [one, past, backwards, long, far] = ranges;
        scene.publish(one.clone()).await.unwrap();
        let rows = [
            (one.clone(), "no_free_time"),
            (past, "out_of_range /range"),
            (far, "due_too_far /range"),
            (backwards, "out_of_range /range"),
            (long, "out_of_range /range"),
            (Range { zone: Some("Mars/Olympus".into()), ..Range::default() }, "unknown_zone /when"),
        ];
        for (range, expected) in rows {
            assert_eq!(code(scene.publish(range.clone()).await), expected, "{range:?}");
            assert_eq!(code(scene.best(range).await), expected);
        }
        let foreseen = scene.foreseen(one).await;
        assert_eq!((foreseen.due_at, foreseen.violations[0].code.as_str()), (None, "no_free_time"));
        assert_eq!(scene.world.posts().len(), 1);
    });
}

#[test]
fn a_post_that_leaves_its_best_time_frees_it_and_one_that_asks_for_it_again_keeps_it() {
    now(async {
        let mut scene = Scene::new().await;
        let post = scene.publish(Range::default()).await.unwrap();
        let change = Edit { when: Some(When::Best(Range::default())), ..Edit::default() };
        let encode = |_: &Accepted| StoredReply { status: 200, body: String::new() };
        let once = scene.once();
        let rev = scene.process.deps.ledger.post(post.tenant, post.id).await.unwrap().unwrap().rev;
        edit(&scene.process.deps, &scene.world.caller, post.id, rev, &change, &once, &encode).await.unwrap();
        let slot = async || scene.process.deps.ledger.slot(post.tenant, due(&post)).await.unwrap().unwrap().value;
        assert!(!slot().await.free && slot().await.post == post.id);
        assert!(scene.best(Range::default()).await.unwrap() > due(&post), "it is taken for others");
        let changed = |_: &[Delivery]| StoredReply { status: 200, body: String::new() };
        cancel(&scene.process.deps, &scene.world.caller, post.id, &Once { key: "c".into(), ..once }, &changed)
            .await
            .unwrap();
        assert_eq!(scene.best(Range::default()).await.unwrap(), due(&post));
    });
}

#[test]
fn of_two_posts_that_ask_at_once_each_gets_a_time_of_its_own_and_a_repeated_request_gets_the_first_ones() {
    let mut scene = now(Scene::new());
    let (first, second) = (scene.once(), scene.once());
    let command = scene.command(Range::default());
    let asked = std::sync::atomic::AtomicBool::new(false);
    let other = std::sync::Mutex::new(String::new());
    let id = now(scene.publish_while(&command, &first, || {
        if !asked.swap(true, std::sync::atomic::Ordering::SeqCst) {
            *other.lock().unwrap() = now(scene.publish_while(&command, &second, || ()));
        }
    }));
    let (late, early) = (now(scene.post(&id)), now(scene.post(&other.lock().unwrap())));
    assert_eq!((hours(&early), hours(&late)), ("2026-10-19T12:00:00".into(), "2026-10-19T17:00:00".into()));
    assert_eq!(now(scene.publish_while(&command, &first, || ())), id, "the same request again");
    assert_eq!(scene.world.posts().len(), 2);
    assert_eq!(now(scene.best(Range::default())).unwrap().to_string(), "2026-10-20T10:00:00Z", "and took no time");
}

#[test]
fn a_post_to_several_accounts_takes_a_time_that_none_of_them_has_and_each_of_them_has_it_then() {
    now(async {
        let mut scene = Scene::new().await;
        let bob = scene.world.connect(&scene.process.deps, "write-only", "bob").await.unwrap().id;
        let noon = scene.publish(Range::default()).await.unwrap();
        let mut command = scene.command(Range::default());
        command.targets.push(TargetSpec::Account(bob));
        let once = scene.once();
        let both = scene.publish_while(&command, &once, || ()).await;
        let both = scene.post(&both).await;
        assert_eq!((hours(&noon), hours(&both)), ("2026-10-19T12:00:00".into(), "2026-10-19T17:00:00".into()));
        assert_eq!(both.schedule.best_time().unwrap().reason.accounts, 2);
        let of = async |account| best_time(&scene.process.deps, &scene.world.caller, account, &Range::default()).await;
        assert_eq!(of(bob).await.unwrap().0, due(&noon), "noon is free for whom the first post does not go to");
        assert!(of(scene.account).await.unwrap().0 > due(&both));
    });
}

#[test]
fn without_an_account_a_range_and_a_zone_that_cannot_be_are_refused_all_the_same_and_no_time_is_foreseen() {
    now(async {
        let scene = Scene::new().await;
        let foreseen = async |range| {
            let command = PublishCommand { targets: Vec::new(), ..scene.command(range) };
            preflight(&scene.process.deps, &scene.world.caller, &command).await.unwrap()
        };
        let nothing = foreseen(Range::default()).await;
        assert_eq!((nothing.due_at, &nothing.best), (None, &None));
        let codes = |found: Preflight| found.violations.into_iter().map(|v| v.code).collect::<Vec<_>>();
        let missing = codes(nothing);
        let zone = codes(foreseen(Range { zone: Some("Mars/Olympus".into()), ..Range::default() }).await);
        let past = codes(foreseen(Range { to: Some(scene.now()), ..Range::default() }).await);
        assert_eq!(zone, [missing.clone(), vec!["unknown_zone".into()]].concat());
        assert_eq!(past, [missing, vec!["out_of_range".into()]].concat());
    });
}
