//! How posts did: read two days later for accounts whose best time somebody asks, and then the best time is theirs.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use app::Once;
use app::publishing::{
    Accepted, Measured, PublishCommand, Range, TargetSpec, When, best_time, execute, measure, request,
};
use domain::publishing::{BestTime, Delivery, Engagement, State, Variant};
use domain::{AccountId, PostId};
use jiff::{SignedDuration, Timestamp};
use ports::{PublishJob, Record, StoredReply, Write};
use std::collections::BTreeMap;
use testing::{Process, World, now};

struct Scene {
    world: World,
    process: Process,
    account: AccountId,
    asked: u32,
}

impl Scene {
    fn on(platform: &str) -> Self {
        let world = World::new(7);
        let process = world.process();
        let account = now(world.connect(&process.deps, platform, "ada")).unwrap().id;
        Self { world, process, account, asked: 0 }
    }

    /// A post that is out, and on which as many people do something as it ends with.
    fn published(&mut self, text: &str) -> PostId {
        self.asked += 1;
        let command = PublishCommand {
            content: Variant::text(text),
            variants: BTreeMap::new(),
            targets: vec![TargetSpec::Account(self.account)],
            when: When::Now,
            max_lateness_s: None,
        };
        let id = |accepted: &Accepted| StoredReply { status: 202, body: accepted.post.id.to_string() };
        let once = Once { route: "test".into(), key: self.asked.to_string(), fingerprint: "f".into() };
        let reply = now(request(&self.process.deps, &self.world.caller, &command, &once, &id)).unwrap();
        let post = reply.stored.body.parse().unwrap();
        let tenant = self.world.caller.tenant;
        let job = PublishJob { v: 1, tenant, post, account: self.account, cid: "t".into() };
        now(execute(&self.process.publishing(), &job, self.deadline())).unwrap();
        post
    }

    /// On each of ten days one post at this hour from now, each with one more than the one before.
    fn daily(&mut self, hour: i64, people: u64) {
        for day in 0..10 {
            self.passes(if day == 0 { hour } else { 24 });
            self.published(&format!("day {day}, and so many: {}", people + day));
        }
        self.passes(24 - hour);
    }

    fn passes(&self, hours: i64) {
        self.world.engine.advance_ms(hours * 3_600_000);
    }

    fn deadline(&self) -> Timestamp {
        self.world.engine.now() + SignedDuration::from_mins(5)
    }

    fn best(&self) -> BestTime {
        // Without summer time, which ends in the first week of the world.
        let range = Range { zone: Some("UTC".into()), ..Range::default() };
        now(best_time(&self.process.deps, &self.world.caller, self.account, &range)).unwrap().1
    }

    fn measured(&self) -> Measured {
        now(measure(&self.process.finding(), self.deadline(), "t")).unwrap()
    }

    fn kept(&self) -> Option<Engagement> {
        let found = now(self.process.deps.ledger.engagement(self.world.caller.tenant, self.account)).unwrap();
        found.map(|found| found.value)
    }
}

#[test]
fn nothing_is_read_before_somebody_asks_for_a_best_time_and_then_each_post_once_two_days_later() {
    let mut scene = Scene::on("readable");
    scene.published("early 3");
    scene.passes(72);
    assert_eq!((scene.measured(), scene.kept()), (Measured::default(), None));
    assert_eq!(scene.best().reason.measured, 0);
    assert_eq!(scene.measured(), Measured { looked_at: 1, posts: 1 }, "what was out before is read as well");
    assert_eq!(scene.measured(), Measured::default(), "until a day later");
    scene.published("later 8");
    scene.passes(47);
    assert_eq!(scene.measured(), Measured { looked_at: 1, posts: 0 }, "too young");
    scene.passes(24);
    assert_eq!(scene.measured(), Measured { looked_at: 1, posts: 1 });
    let people: Vec<u64> = scene.kept().unwrap().posts.iter().map(|did| did.people).collect();
    assert_eq!(people, [3, 8]);
    scene.passes(24);
    assert_eq!(scene.measured(), Measured { looked_at: 1, posts: 0 }, "and never twice");
}

#[test]
fn the_best_time_of_an_account_becomes_the_hour_at_which_its_own_posts_did_well() {
    let mut scene = Scene::on("readable");
    let first = scene.best();
    assert_eq!((first.reason.measured, first.reason.unread, first.reason.named), (0, 0, 1));
    // The world begins in a morning. What is said in the afternoon does well, and nobody hears what is said at the table's time.
    let starts = jiff::tz::TimeZone::UTC.to_datetime(scene.world.engine.now()).hour();
    let from_now = |hour: i8| i64::from(hour - starts);
    let (afternoon, named) = (from_now(15), from_now(first.wall.local.hour()));
    scene.daily(afternoon, 90);
    scene.daily(named, 1);
    scene.passes(72);
    assert_eq!(scene.measured().posts, 10);
    scene.world.engine.advance_ms(300_000);
    assert_eq!(scene.measured().posts, 10);
    let best = scene.best();
    assert_eq!(best.wall.local.hour(), 15, "{}", best.reason);
    assert!(best.reason.posts >= 6 && best.reason.good == best.reason.posts, "{}", best.reason);
    assert!(best.reason.to_string().contains("did better than the middle one"), "{}", best.reason);
}

#[test]
fn a_platform_that_is_not_asked_is_not_read_and_the_reason_says_so() {
    let scene = Scene::on("write-only");
    let reason = scene.best().reason;
    assert_eq!((reason.unread, reason.accounts), (1, 1));
    assert!(
        reason.to_string().starts_with("Herald does not ask its platform how posts of this account did"),
        "{reason}"
    );
    assert_eq!((scene.kept(), scene.measured()), (None, Measured::default()));
}

#[test]
fn a_platform_that_does_not_answer_is_asked_an_hour_later_and_nothing_is_left_out() {
    let mut scene = Scene::on("readable");
    scene.published("before 3");
    let unread = scene.published("unreadable 5");
    scene.published("after 4");
    scene.passes(72);
    scene.best();
    assert_eq!(scene.measured(), Measured { looked_at: 1, posts: 0 });
    assert_eq!((scene.measured().looked_at, scene.kept().unwrap().posts), (0, vec![]));
    let delivery = now(scene.process.deps.ledger.delivery(scene.world.caller.tenant, unread, scene.account)).unwrap();
    let id = delivery.unwrap().value.parts[0].receipt.clone().unwrap().id.unwrap();
    scene.world.platforms[0].truth().posted.retain(|posted| posted.id != id);
    scene.passes(1);
    assert_eq!(scene.measured(), Measured { looked_at: 1, posts: 2 }, "what is gone is left out");
}

#[test]
fn a_post_that_cannot_be_read_is_passed_over_after_three_hours_and_holds_no_other_up() {
    let mut scene = Scene::on("readable");
    for text in ["before 3", "unreadable 5", "after 4"] {
        scene.published(text);
        scene.passes(1);
    }
    scene.passes(72);
    scene.best();
    for _ in 0..3 {
        assert_eq!(scene.measured(), Measured { looked_at: 1, posts: 0 });
        scene.passes(1);
    }
    assert_eq!(scene.measured(), Measured { looked_at: 1, posts: 2 }, "each is asked for by itself");
    scene.passes(1);
    assert_eq!(scene.measured(), Measured::default(), "until a day later");
    scene.passes(23);
    assert_eq!(scene.measured(), Measured { looked_at: 1, posts: 0 }, "and never that one again");
    assert_eq!(scene.kept().unwrap().failures, 0);
}

#[test]
fn an_only_post_that_cannot_be_read_is_passed_over_after_a_day_and_not_before() {
    let mut scene = Scene::on("readable");
    scene.published("unreadable 5");
    scene.passes(72);
    scene.best();
    for hours in 1..=24 {
        scene.measured();
        assert_eq!(scene.kept().unwrap().failures, hours);
        scene.passes(1);
    }
    scene.measured();
    assert_eq!((scene.kept().unwrap().failures, scene.kept().unwrap().posts), (0, vec![]));
    scene.passes(1);
    assert_eq!(scene.measured(), Measured::default(), "until a day later");
}

#[test]
fn what_the_run_has_no_time_to_finish_is_not_written_and_stays_due() {
    let mut scene = Scene::on("readable");
    for n in 0..6 {
        scene.published(&format!("slow {n}"));
    }
    scene.passes(72);
    scene.best();
    let before = scene.kept();
    let soon = scene.world.engine.now() + SignedDuration::from_mins(1);
    let cut = now(measure(&scene.process.finding(), soon, "t")).unwrap();
    assert_eq!((cut, scene.kept()), (Measured { looked_at: 1, posts: 0 }, before), "the platform did not fail");
    assert_eq!(scene.measured(), Measured { looked_at: 1, posts: 6 });
}

#[test]
fn a_refusal_about_a_post_leaves_it_out_and_the_account_is_read_on() {
    let mut scene = Scene::on("readable");
    // Asked for together, two at a time.
    for text in ["with it 3", "refused 5", "after 4"] {
        scene.published(text);
        scene.passes(1);
    }
    scene.passes(72);
    scene.best();
    assert_eq!(scene.measured(), Measured { looked_at: 1, posts: 1 });
    scene.passes(1);
    assert_eq!(scene.measured(), Measured::default(), "it is not tried again after an hour");
}

#[test]
fn a_post_counts_at_the_hour_at_which_its_request_left_however_late_it_was_proved() {
    let mut scene = Scene::on("readable");
    let left = scene.world.engine.now();
    let post = scene.published("its answer was lost 3");
    scene.passes(3);
    let ledger = &scene.process.deps.ledger;
    let old = now(ledger.delivery(scene.world.caller.tenant, post, scene.account)).unwrap().unwrap();
    // As a reading leaves it that finds the post three hours later.
    let proved = Delivery { state: State::Published { at: scene.world.engine.now() }, ..old.value.clone() };
    now(ledger.commit(vec![Write::replace(&old, Record::Delivery(proved))])).unwrap();
    scene.passes(72);
    scene.best();
    assert_eq!(scene.measured().posts, 1);
    let at = scene.kept().unwrap().posts[0].at;
    assert!(at.duration_since(left) < SignedDuration::from_hours(1), "{left}: {at}");
}

#[test]
fn many_posts_are_read_in_several_runs_and_each_of_them_once() {
    let mut scene = Scene::on("readable");
    for n in 0..60 {
        scene.published(&format!("post {n}"));
    }
    scene.passes(72);
    scene.best();
    let mut runs = Vec::new();
    while runs.len() < 9 {
        runs.push(scene.measured().posts);
        scene.world.engine.advance_ms(300_000);
    }
    assert_eq!(runs, [10, 10, 10, 10, 10, 10, 0, 0, 0]);
    let mut people: Vec<u64> = scene.kept().unwrap().posts.iter().map(|did| did.people).collect();
    people.sort_unstable();
    assert_eq!(people, (0..60).collect::<Vec<_>>());
}

#[test]
fn of_two_runs_at_once_one_counts() {
    let mut scene = Scene::on("readable");
    scene.published("post 3");
    scene.passes(72);
    scene.best();
    let before = now(scene.process.deps.ledger.engagement(scene.world.caller.tenant, scene.account)).unwrap().unwrap();
    assert_eq!(scene.measured().posts, 1);
    // The other one read the same, and comes to write.
    let late = Write::replace(&before, Record::Engagement(before.value.failed(scene.world.engine.now())));
    assert!(now(scene.process.deps.ledger.commit(vec![late])).is_err());
    assert_eq!(scene.kept().unwrap().posts.len(), 1);
}
