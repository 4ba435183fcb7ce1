//! Series: each run gets one post in time, whatever ticks do; what is too late follows the policy; and nothing that becomes
//! of its accounts stops a series in silence. A run is held to the tenant's rules as any post is.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use app::access::remove_member;
use app::publishing::{
    NewSeries, PostView, RecurrenceSpec, SeriesEdit, SeriesView, TargetSpec, Verdict, approve, cancel, create_series,
    edit_series, end_series, execute, set_approval_rule, set_brand_rules, tick,
};
use app::{Deps, Once};
use domain::access::{Caller, Member, Role};
use domain::accounts::AccountStatus;
use domain::publishing::{
    Approval, ApprovalRule, BrandRules, Delivery, MAX_SERIES, Media, MediaRef, MediaSource, MissedRun, Post, Probe,
    Rules, RunOutcome, Schedule, Series, SeriesStatus, State, Variant,
};
use domain::time::{GapPolicy, OverlapPolicy, WallTime};
use domain::{AccountId, MediaId, SeriesId};
use jiff::{SignedDuration, Timestamp};
use ports::{Clock, Job, Measure, Record, StoredReply, Write};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use store::{Memory, Store};
use testing::sim::{Body, together};
use testing::{Mutant, Process, READABLE, WRITE_ONLY, Weather, World, now};

struct Scene {
    world: World,
    process: Process,
    account: AccountId,
    asked: u32,
}

fn encode(view: &SeriesView) -> StoredReply {
    StoredReply { status: 201, body: view.series.id.to_string() }
}

fn done() -> StoredReply {
    StoredReply { status: 200, body: String::new() }
}

impl Scene {
    async fn new() -> Self {
        Self::over(World::new(7)).await
    }

    async fn over(world: World) -> Self {
        let process = world.process();
        let account = world.connect(&process.deps, "readable", "ada").await.unwrap().id;
        Self { world, process, account, asked: 0 }
    }

    fn once(&mut self) -> Once {
        self.asked += 1;
        Once { route: "test".into(), key: self.asked.to_string(), fingerprint: "f".into() }
    }

    /// The time of the world's clock on its next day, in Berlin.
    fn spec(&self, rule: &str) -> RecurrenceSpec {
        let tomorrow = self.world.engine.now().in_tz("Europe/Berlin").unwrap().tomorrow().unwrap();
        let start = tomorrow.date().at(9, 0, 0, 0);
        let (on_gap, on_overlap) = (GapPolicy::Shift, OverlapPolicy::First);
        RecurrenceSpec { rule: rule.into(), start, zone: "Europe/Berlin".into(), on_gap, on_overlap }
    }

    async fn series(&mut self, rule: &str, missed: MissedRun) -> SeriesId {
        let owner = self.world.caller.clone();
        self.series_of(&owner, rule, missed).await
    }

    async fn series_of(&mut self, by: &Caller, rule: &str, missed: MissedRun) -> SeriesId {
        let new = NewSeries {
            content: Variant::text("again and again"),
            variants: BTreeMap::new(),
            targets: vec![TargetSpec::Account(self.account)],
            recurrence: self.spec(rule),
            missed,
        };
        let once = self.once();
        let made = create_series(&self.process.deps, by, &new, &once, &encode).await.unwrap();
        made.stored.body.parse().unwrap()
    }

    async fn found(&self, id: SeriesId) -> Series {
        self.process.deps.ledger.series(self.world.caller.tenant, id).await.unwrap().unwrap().value
    }

    async fn next(&self, id: SeriesId) -> Timestamp {
        self.found(id).await.next.unwrap().run.at
    }

    /// Sets the clock.
    fn at(&self, at: Timestamp) {
        let wait = at.duration_since(self.world.engine.now()).as_millis();
        self.world.engine.advance_ms(i64::try_from(wait).unwrap());
    }

    async fn tick(&self) {
        self.tick_until(60).await;
    }

    /// A tick that is stopped after so many seconds.
    async fn tick_until(&self, seconds: i64) -> app::publishing::Swept {
        let deadline = self.process.deps.clock.now() + SignedDuration::from_secs(seconds);
        tick(&self.process.deps, deadline, "test").await.unwrap()
    }

    /// Works through what was sent to the queues, as if it were its time.
    async fn work(&self) {
        for message in self.world.queues.take() {
            if let Job::Publish { job, .. } = message.job {
                let deadline = self.process.deps.clock.now() + SignedDuration::from_secs(60);
                execute(&self.process.publishing(), &job, deadline).await.unwrap();
            }
        }
    }

    async fn edit(&mut self, id: SeriesId, change: SeriesEdit) -> Result<app::Reply, app::Error> {
        let owner = self.world.caller.clone();
        self.edit_by(&owner, id, change).await
    }

    async fn edit_by(&mut self, by: &Caller, id: SeriesId, change: SeriesEdit) -> Result<app::Reply, app::Error> {
        let once = self.once();
        let rev = self.process.deps.ledger.series(self.world.caller.tenant, id).await.unwrap().unwrap().rev;
        edit_series(&self.process.deps, by, id, rev, &change, &once, &|view| StoredReply {
            status: 200,
            body: view.warnings.join("\n"),
        })
        .await
    }

    async fn asks_for_approvals(&mut self, rule: ApprovalRule) {
        let once = self.once();
        let (deps, owner) = (&self.process.deps, &self.world.caller);
        set_approval_rule(deps, owner, rule, &once, &|_: &Rules| done()).await.unwrap();
    }

    /// Nine o'clock of the same days in another zone.
    fn elsewhere(&self, zone: &str) -> SeriesEdit {
        let recurrence = RecurrenceSpec { zone: zone.into(), ..self.spec("FREQ=DAILY") };
        SeriesEdit { recurrence: Some(recurrence), ..SeriesEdit::default() }
    }

    async fn person(&self, role: Role) -> Caller {
        self.world.person(1, role, &[]).await.caller
    }

    /// The approval of the first run, an hour before its time.
    async fn approval(&self, id: SeriesId) -> Option<Approval> {
        self.at(self.next(id).await - HOUR);
        self.tick().await;
        let post = self.posts().remove(0);
        let found = self.process.deps.ledger.approval(post.tenant, post.id).await.unwrap();
        found.map(|found| found.value)
    }

    fn posts(&self) -> Vec<Post> {
        self.world.posts().into_iter().map(|(post, _)| post).collect()
    }

    fn states(&self) -> Vec<&'static str> {
        self.world.posts().iter().flat_map(|(_, deliveries)| deliveries).map(|d| d.state.name()).collect()
    }

    fn told(&self, kind: &str) -> usize {
        self.world.bus.taken().iter().filter(|event| event.data.kind() == kind).count()
    }
}

const HOUR: SignedDuration = SignedDuration::from_hours(1);

#[test]
fn a_run_gets_its_post_two_hours_ahead_once_however_often_it_ticks_and_goes_out_at_its_second() {
    now(async {
        let mut scene = Scene::new().await;
        let id = scene.series("FREQ=DAILY", MissedRun::default()).await;
        let first = scene.next(id).await;
        scene.at(first - HOUR * 2 - SignedDuration::from_mins(5));
        scene.tick().await;
        assert_eq!(scene.posts(), [], "not yet");
        scene.at(first - HOUR * 2);
        for _ in 0..3 {
            scene.tick().await;
        }
        let posts = scene.posts();
        let [post] = &posts[..] else { panic!("{posts:?}") };
        let Schedule::At { at, wall: Some(wall), tzdb: Some(tzdb) } = &post.schedule else { panic!("{post:?}") };
        assert_eq!((*at, wall.zone.as_str(), wall.local.hour()), (first, "Europe/Berlin", 9));
        assert_eq!((post.series, tzdb.as_str()), (Some(id), domain::time::tzdb()));
        assert_eq!(scene.told("post.scheduled"), 1);
        scene.at(first);
        scene.tick().await;
        scene.work().await;
        assert_eq!(scene.states(), ["published"]);
        assert_eq!(
            scene.next(id).await.in_tz("Europe/Berlin").unwrap().hour(),
            9,
            "the next day at nine, whatever the clocks do"
        );
        let made = scene.found(id).await.runs;
        assert_eq!(made.last().unwrap().outcome, RunOutcome::Made { post: post.id });
    });
}

#[test]
fn a_series_says_where_its_words_would_be_refused_when_they_come_again() {
    for (refuses_duplicates, told) in [(false, false), (true, true)] {
        let rules = [testing::Rules { refuses_duplicates, ..READABLE }];
        now(async {
            let mut scene = Scene::over(World::with(7, Weather::calm(), &rules, Mutant::None)).await;
            let id = scene.series("FREQ=DAILY", MissedRun::default()).await;
            let other = SeriesEdit { content: Some(Variant::text("once more")), ..SeriesEdit::default() };
            let warned = scene.edit(id, other).await.unwrap().stored.body;
            assert_eq!(warned.contains("refuses words that the account has said before"), told, "{warned}");
        });
    }
}

#[test]
fn two_ticks_at_once_make_one_post_also_when_their_writes_fail_or_their_answers_are_lost() {
    let (mut storms, mut posts_made) = (0, 0);
    for seed in 0..60 {
        let weather = Weather { store_throttled: 150, store_ambiguous: 150, ..Weather::calm() };
        let world = World::with(seed, weather, &[READABLE, WRITE_ONLY], Mutant::None);
        let mut scene = now(Scene::over(world));
        let id = now(scene.series("FREQ=DAILY", MissedRun::default()));
        scene.at(now(scene.next(id)) - HOUR);
        scene.world.engine.storm(true);
        let bodies = (0..3).map(|_| {
            let process = scene.world.process();
            let deps = process.deps.clone();
            let deadline = deps.clock.now() + SignedDuration::from_secs(60);
            let body: Body<bool> = Box::pin(async move { tick(&deps, deadline, "storm").await.is_ok() });
            (process, body)
        });
        let ends = together(&scene.world, bodies.collect());
        storms += ends.iter().filter(|end| **end != Some(true)).count();
        scene.world.engine.calm();
        scene.world.memory.land();
        now(scene.tick());
        let (posts, series) = (scene.posts(), now(scene.found(id)));
        assert_eq!((posts.len(), series.runs.len()), (1, 1), "seed {seed}");
        assert_eq!(series.runs[0].outcome, RunOutcome::Made { post: posts[0].id }, "seed {seed}");
        posts_made += posts.len();
    }
    assert!(storms > 5 && posts_made == 60, "{storms} ticks failed");
}

#[test]
fn an_outage_of_three_days_ends_every_run_as_the_policy_says_and_no_run_is_lost() {
    now(async {
        for (missed, drafts, missed_posts, told) in [
            (MissedRun::Send { at_most_s: 3_600 }, 0, 3, "post.missed"),
            (MissedRun::Ask, 3, 0, "series.run_waits"),
            (MissedRun::Skip, 0, 0, "series.run_skipped"),
        ] {
            let mut scene = Scene::new().await;
            let id = scene.series("FREQ=DAILY", missed).await;
            let first = scene.next(id).await;
            // Nothing ticks until noon of the third day.
            scene.at(first + HOUR * 51);
            for _ in 0..3 {
                scene.tick().await;
                scene.work().await;
            }
            let series = scene.found(id).await;
            assert_eq!(series.runs.len(), 3, "{missed:?}: each run was dealt with");
            assert_eq!(scene.posts().iter().filter(|post| post.is_draft()).count(), drafts, "{missed:?}");
            assert_eq!(scene.states(), vec!["missed"; missed_posts], "{missed:?}");
            assert_eq!(scene.told(told), 3, "{missed:?}");
            assert!(scene.next(id).await > scene.world.engine.now());
        }
    });
}

#[test]
fn a_run_that_is_late_within_its_policy_still_goes_out() {
    now(async {
        let mut scene = Scene::new().await;
        let id = scene.series("FREQ=DAILY", MissedRun::Send { at_most_s: 7_200 }).await;
        scene.at(scene.next(id).await + HOUR);
        scene.tick().await;
        scene.work().await;
        assert_eq!(scene.states(), ["published"]);
    });
}

#[test]
fn an_edit_changes_the_runs_without_a_post_and_names_the_one_that_has_one() {
    now(async {
        let mut scene = Scene::new().await;
        let id = scene.series("FREQ=DAILY", MissedRun::default()).await;
        let first = scene.next(id).await;
        scene.at(first - HOUR);
        scene.tick().await;
        let better = SeriesEdit { content: Some(Variant::text("better")), ..SeriesEdit::default() };
        let warned = scene.edit(id, better).await.unwrap().stored.body;
        assert!(warned.contains(&scene.posts()[0].id.to_string()), "{warned}");
        scene.at(first + HOUR * 23);
        scene.tick().await;
        let texts: Vec<_> = scene.posts().iter().map(|post| post.content.parts[0].text.clone()).collect();
        assert_eq!(texts, ["again and again", "better"]);
        // Another rule that says the time of a run which has its post already brings that run not back.
        let rule = SeriesEdit { recurrence: Some(scene.spec("FREQ=DAILY;INTERVAL=2")), ..SeriesEdit::default() };
        scene.edit(id, rule).await.unwrap();
        assert!(scene.next(id).await > first + HOUR * 24);
        scene.tick().await;
        assert_eq!(scene.posts().len(), 2);
    });
}

#[test]
fn a_paused_series_makes_nothing_until_it_is_resumed_and_an_ended_one_never_again() {
    now(async {
        let mut scene = Scene::new().await;
        let id = scene.series("FREQ=DAILY", MissedRun::default()).await;
        let first = scene.next(id).await;
        scene.edit(id, SeriesEdit { paused: Some(true), ..SeriesEdit::default() }).await.unwrap();
        scene.at(first + HOUR * 25);
        scene.tick().await;
        assert_eq!(scene.posts(), []);
        scene.edit(id, SeriesEdit { paused: Some(false), ..SeriesEdit::default() }).await.unwrap();
        let next = scene.next(id).await;
        assert!(next > scene.world.engine.now(), "what lay in the pause is left out");
        scene.at(next - HOUR);
        scene.tick().await;
        assert_eq!(scene.posts().len(), 1);
        let once = scene.once();
        end_series(&scene.process.deps, &scene.world.caller, id, &once, &done()).await.unwrap();
        scene.at(next + HOUR * 49);
        scene.tick().await;
        assert_eq!(scene.posts().len(), 1, "and the run that has its post keeps it");
    });
}

#[test]
fn a_series_whose_account_is_gone_makes_a_last_post_that_ends_visibly_and_is_paused() {
    now(async {
        let mut scene = Scene::new().await;
        let id = scene.series("FREQ=DAILY", MissedRun::default()).await;
        let (tenant, deps) = (scene.world.caller.tenant, scene.process.deps.clone());
        let mut account = deps.ledger.account(tenant, scene.account).await.unwrap().unwrap();
        account.value.status = AccountStatus::Disconnected { since: deps.clock.now() };
        deps.ledger.commit(vec![Write::put(Record::Account(account.value))]).await.unwrap();
        let first = scene.next(id).await;
        scene.at(first);
        scene.tick().await;
        let SeriesStatus::Paused { reason, .. } = scene.found(id).await.status else { panic!("not paused") };
        assert_eq!((reason.as_str(), scene.told("series.paused")), ("account_disconnected", 1));
        for hours in [0, 2] {
            scene.at(first + HOUR * hours);
            scene.tick().await;
            scene.work().await;
        }
        let posts = scene.world.posts();
        assert!(matches!(posts[0].1[0].state, State::Missed { .. }), "{posts:?}");
        let resumed = scene.edit(id, SeriesEdit { paused: Some(false), ..SeriesEdit::default() }).await;
        assert!(matches!(resumed, Err(app::Error::Conflict { code: "account_disconnected", .. })), "{resumed:?}");
    });
}

#[test]
fn a_run_whose_post_exists_already_does_not_hold_the_series_up() {
    now(async {
        let mut scene = Scene::new().await;
        let id = scene.series("FREQ=DAILY", MissedRun::default()).await;
        let (tenant, ledger) = (scene.world.caller.tenant, &scene.process.deps.ledger);
        let before = ledger.series(tenant, id).await.unwrap().unwrap().value;
        scene.at(scene.next(id).await - HOUR);
        scene.tick().await;
        // As if an older copy of the series had come back.
        ledger.commit(vec![Write::put(Record::Series(Box::new(before.clone())))]).await.unwrap();
        scene.tick().await;
        assert_eq!(scene.posts().len(), 1);
        assert!(scene.next(id).await > before.next.unwrap().run.at);
    });
}

#[test]
fn who_may_not_publish_makes_no_series() {
    now(async {
        let scene = Scene::new().await;
        let viewer = Caller { role: Role::Viewer, ..scene.world.caller.clone() };
        let new = NewSeries {
            content: Variant::text("a"),
            variants: BTreeMap::new(),
            targets: vec![TargetSpec::Account(scene.account)],
            recurrence: scene.spec("FREQ=DAILY"),
            missed: MissedRun::default(),
        };
        let once = Once { route: "test".into(), key: "k".into(), fingerprint: "f".into() };
        let refused = create_series(&scene.process.deps, &viewer, &new, &once, &encode).await;
        assert!(matches!(refused, Err(app::Error::Forbidden(_))), "{refused:?}");
    });
}

#[test]
fn a_run_waits_for_an_approval_if_the_rule_asks_for_one_of_its_author_or_its_last_editor() {
    now(async {
        for (author, editor, waits) in [
            (Role::Owner, None, false),
            (Role::Owner, Some(Role::Owner), false),
            (Role::Editor, None, true),
            (Role::Owner, Some(Role::Editor), true),
            (Role::Editor, Some(Role::Owner), true),
        ] {
            let mut scene = Scene::new().await;
            scene.asks_for_approvals(ApprovalRule::Editors).await;
            let author = scene.person(author).await;
            let id = scene.series_of(&author, "FREQ=DAILY", MissedRun::default()).await;
            let mut last = author;
            if let Some(role) = editor {
                last = scene.person(role).await;
                let better = SeriesEdit { content: Some(Variant::text("better")), ..SeriesEdit::default() };
                scene.edit_by(&last, id, better).await.unwrap();
            }
            // Who pauses and resumes it is not its author.
            for paused in [true, false] {
                scene.edit(id, SeriesEdit { paused: Some(paused), ..SeriesEdit::default() }).await.unwrap();
            }
            let first = scene.next(id).await;
            let approval = scene.approval(id).await;
            assert_eq!(approval.as_ref().map(|a| (a.made_by, a.asked_by)), waits.then_some((last.member, last.member)));
            assert_eq!(scene.told("post.approval_requested"), usize::from(waits));
            scene.at(first);
            scene.tick().await;
            scene.work().await;
            let Some(approval) = approval else {
                assert_eq!(scene.states(), ["published"]);
                continue;
            };
            assert_eq!(scene.states(), ["scheduled"]);
            let (verdict, once) = (Verdict { hash: approval.hash, comment: None }, scene.once());
            let (deps, owner) = (&scene.process.deps, &scene.world.caller);
            approve(deps, owner, approval.post, &verdict, &once, &|_: &PostView| done()).await.unwrap();
            scene.work().await;
            assert_eq!(scene.states(), ["published"]);
        }
    });
}

#[test]
fn a_run_that_nobody_approves_is_missed_and_the_next_one_is_asked_for() {
    now(async {
        let mut scene = Scene::new().await;
        scene.asks_for_approvals(ApprovalRule::Everyone).await;
        let id = scene.series("FREQ=DAILY", MissedRun::default()).await;
        let first = scene.next(id).await;
        assert!(scene.approval(id).await.is_some());
        for hours in [0, 2, 23] {
            scene.at(first + HOUR * hours);
            scene.tick().await;
            scene.work().await;
        }
        let mut states = scene.states();
        states.sort_unstable();
        assert_eq!((states, scene.told("post.approval_requested")), (vec!["missed", "scheduled"], 2));
    });
}

#[test]
fn a_run_of_somebody_who_left_waits_for_an_approval_where_the_rule_asks_for_any() {
    now(async {
        for (rule, waits) in [(ApprovalRule::Nobody, false), (ApprovalRule::Editors, true)] {
            let mut scene = Scene::new().await;
            let author = scene.person(Role::Owner).await;
            let id = scene.series_of(&author, "FREQ=DAILY", MissedRun::default()).await;
            let once = scene.once();
            let (deps, owner) = (&scene.process.deps, &scene.world.caller);
            remove_member(deps, owner, author.member, &once, &|_: &Member| done()).await.unwrap();
            scene.asks_for_approvals(rule).await;
            assert_eq!(scene.approval(id).await.is_some(), waits, "{rule:?}");
        }
    });
}

#[test]
fn a_run_that_breaks_the_brand_rules_of_its_time_waits_as_a_draft_and_its_series_is_paused() {
    now(async {
        let mut scene = Scene::new().await;
        let id = scene.series("FREQ=DAILY", MissedRun::default()).await;
        let brand = BrandRules { forbidden_words: vec!["again".into()], ..BrandRules::default() };
        let once = scene.once();
        let (deps, owner) = (&scene.process.deps, &scene.world.caller);
        set_brand_rules(deps, owner, &brand, &once, &|_: &Rules| done()).await.unwrap();
        scene.at(scene.next(id).await - HOUR);
        scene.tick().await;
        let (posts, series) = (scene.posts(), scene.found(id).await);
        assert!(matches!(&posts[..], [post] if post.is_draft()), "{posts:?}");
        assert_eq!(series.runs[0].outcome, RunOutcome::Waits { post: posts[0].id });
        assert!(matches!(&series.status, SeriesStatus::Paused { reason, .. } if reason == "brand_rules"), "{series:?}");
        assert_eq!((scene.told("series.run_waits"), scene.told("series.paused")), (1, 1));
        let mended = SeriesEdit { content: Some(Variant::text("once")), paused: Some(false), ..SeriesEdit::default() };
        scene.edit(id, mended).await.unwrap();
        let next = scene.next(id).await;
        for at in [next - HOUR, next] {
            scene.at(at);
            scene.tick().await;
            scene.work().await;
        }
        assert_eq!(scene.states(), ["published"]);
    });
}

#[test]
fn a_series_that_moves_to_another_zone_makes_the_post_of_the_same_local_time_there() {
    now(async {
        let mut scene = Scene::new().await;
        let id = scene.series("FREQ=DAILY", MissedRun::default()).await;
        let berlin = scene.next(id).await;
        let there = scene.elsewhere("America/New_York");
        scene.at(berlin - HOUR * 2);
        scene.tick().await;
        let first = scene.posts().remove(0);
        scene.edit(id, there).await.unwrap();
        let once = scene.once();
        let (deps, owner) = (&scene.process.deps, &scene.world.caller);
        cancel(deps, owner, first.id, &once, &|_: &[Delivery]| done()).await.unwrap();
        let next = scene.next(id).await;
        assert!(next.duration_since(berlin) < HOUR * 8, "the same morning");
        for at in [next - HOUR, next] {
            scene.at(at);
            scene.tick().await;
            scene.work().await;
        }
        let mut states = scene.states();
        states.sort_unstable();
        assert_eq!(states, ["canceled", "published"]);
        let second = scene.posts().into_iter().find(|post| post.id != first.id).unwrap();
        let outcomes: Vec<_> = scene.found(id).await.runs.iter().map(|past| past.outcome).collect();
        assert_eq!(outcomes, [RunOutcome::Made { post: first.id }, RunOutcome::Made { post: second.id }]);
    });
}

#[test]
fn a_run_whose_post_is_there_for_another_time_is_left_out_and_this_is_told() {
    now(async {
        let mut scene = Scene::new().await;
        let id = scene.series("FREQ=DAILY", MissedRun::default()).await;
        let (tenant, ledger) = (scene.world.caller.tenant, &scene.process.deps.ledger);
        let before = ledger.series(tenant, id).await.unwrap().unwrap().value;
        let due = scene.next(id).await;
        scene.at(due - HOUR);
        scene.tick().await;
        // As if an older copy of the series had come back, and somebody had moved the post meanwhile.
        let moved = Post { schedule: Schedule::wall(due + HOUR, wall()), ..scene.posts().remove(0) };
        let writes = vec![Write::put(Record::Series(Box::new(before))), Write::put(Record::Post(moved))];
        ledger.commit(writes).await.unwrap();
        scene.tick().await;
        assert_eq!(scene.found(id).await.runs[0].outcome, RunOutcome::Skipped);
        assert_eq!((scene.told("series.run_skipped"), scene.posts().len()), (1, 1));
        assert!(scene.next(id).await > due);
    });
}

fn wall() -> WallTime {
    WallTime { local: "2027-01-01T09:00".parse().unwrap(), zone: "Europe/Berlin".into() }
}

#[test]
fn runs_that_are_overdue_when_a_series_is_changed_paused_or_ended_are_left_out_in_the_open() {
    now(async {
        for what in ["changed", "paused", "ended"] {
            let mut scene = Scene::new().await;
            let id = scene.series("FREQ=DAILY", MissedRun::default()).await;
            let (first, elsewhere) = (scene.next(id).await, scene.elsewhere("America/New_York"));
            scene.at(first + HOUR * 25);
            match what {
                "changed" => drop(scene.edit(id, elsewhere).await.unwrap()),
                "paused" => {
                    let pause = SeriesEdit { paused: Some(true), ..SeriesEdit::default() };
                    scene.edit(id, pause).await.unwrap();
                }
                _ => {
                    let once = scene.once();
                    end_series(&scene.process.deps, &scene.world.caller, id, &once, &done()).await.unwrap();
                }
            }
            assert_eq!(scene.told("series.run_skipped"), 2, "{what}");
            if what != "ended" {
                let runs = scene.found(id).await.runs;
                assert_eq!(runs.iter().map(|past| past.outcome).collect::<Vec<_>>(), [RunOutcome::Skipped; 2]);
            }
        }
    });
}

#[test]
fn what_an_editor_wrote_waits_for_an_approval_until_all_of_it_is_replaced() {
    now(async {
        let content = || SeriesEdit { content: Some(Variant::text("better")), ..SeriesEdit::default() };
        let variants = || SeriesEdit { variants: Some(BTreeMap::new()), ..SeriesEdit::default() };
        let policy = || SeriesEdit { missed: Some(MissedRun::Ask), ..SeriesEdit::default() };
        for (by_editor, by_owner, all, waits) in [
            (content(), policy(), false, true),
            (content(), variants(), false, true),
            (content(), content(), false, true),
            (content(), content(), true, false),
            (policy(), policy(), false, false),
        ] {
            let mut scene = Scene::new().await;
            scene.asks_for_approvals(ApprovalRule::Editors).await;
            let author = scene.person(Role::Owner).await;
            let (editor, other) = (scene.person(Role::Editor).await, scene.person(Role::Owner).await);
            let id = scene.series_of(&author, "FREQ=DAILY", MissedRun::default()).await;
            scene.edit_by(&editor, id, by_editor.clone()).await.unwrap();
            let whole = SeriesEdit {
                variants: Some(BTreeMap::new()),
                targets: Some(vec![TargetSpec::Account(scene.account)]),
                ..by_owner.clone()
            };
            scene.edit_by(&other, id, if all { whole } else { by_owner.clone() }).await.unwrap();
            let approval = scene.approval(id).await;
            assert_eq!(approval.is_some(), waits, "{by_editor:?} {by_owner:?} {all}");
            let Some(approval) = approval else { continue };
            // Nor does one of its writers approve it alone, whoever changed it last.
            let deps = &scene.process.deps;
            let verdict = Verdict { hash: approval.hash, comment: None };
            let once = Once { route: "test".into(), key: "own".into(), fingerprint: "f".into() };
            let third = scene.person(Role::Owner).await;
            let own = approve(deps, &author, approval.post, &verdict, &once, &|_: &PostView| done()).await;
            assert!(matches!(own, Err(app::Error::Conflict { code: "own_request", .. })), "{own:?}");
            let yes = approve(deps, &third, approval.post, &verdict, &once, &|_: &PostView| done()).await;
            assert!(yes.is_ok(), "{yes:?}");
        }
    });
}

/// A clock that goes on by a second whenever it is read.
struct Slow(Timestamp, AtomicI64);

impl Clock for Slow {
    fn now(&self) -> Timestamp {
        self.0 + SignedDuration::from_secs(self.1.fetch_add(1, Ordering::Relaxed))
    }
}

#[test]
fn a_tick_begins_no_series_for_which_it_has_no_time_and_not_always_with_the_same() {
    now(async {
        let mut scene = Scene::new().await;
        let mut ids = Vec::new();
        for _ in 0..16 {
            ids.push(scene.series("FREQ=DAILY", MissedRun::default()).await);
        }
        let (tenant, ledger) = (scene.world.caller.tenant, scene.process.deps.ledger.clone());
        let mut before = Vec::new();
        for id in &ids {
            before.push(ledger.series(tenant, *id).await.unwrap().unwrap().value);
        }
        scene.at(scene.next(ids[0]).await - HOUR);
        assert_eq!(scene.tick_until(9).await.made, 0, "no time at all");
        let start = scene.world.engine.now();
        let mut begun = BTreeSet::new();
        for _ in 0..12 {
            let slow = Arc::new(Slow(start, AtomicI64::new(0)));
            let deps = Deps { clock: slow, ..scene.process.deps.base.clone() };
            tick(&deps, start + SignedDuration::from_secs(30), "slow").await.unwrap();
            let mut done = Vec::new();
            for (id, old) in ids.iter().zip(&before) {
                if scene.found(*id).await.next != old.next {
                    done.push(*id);
                }
            }
            assert!((1..16).contains(&done.len()), "{} of 16 series", done.len());
            begun.insert(done);
            // As they were, but for their posts.
            for old in &before {
                ledger.commit(vec![Write::put(Record::Series(Box::new(old.clone())))]).await.unwrap();
            }
        }
        assert!(begun.len() > 1, "always the same ones");
        scene.tick().await;
        assert_eq!(scene.posts().len(), 16, "those that were left are found by the next tick");
    });
}

#[test]
fn a_series_that_waits_for_the_tick_counts_as_overdue() {
    now(async {
        let mut scene = Scene::new().await;
        let id = scene.series("FREQ=DAILY", MissedRun::default()).await;
        scene.at(scene.next(id).await - HOUR);
        scene.tick().await;
        let oldest = scene.world.metrics.all().iter().rev().find_map(|measure| match measure {
            Measure::Tick { oldest_s, .. } => Some(*oldest_s),
            _ => None,
        });
        assert_eq!(oldest, Some(3_600), "its post is made two hours ahead");
    });
}

#[test]
fn a_tenant_has_no_more_series_than_it_may_however_few_the_table_gives_at_once() {
    now(async {
        let mut scene = Scene::new().await;
        let id = scene.series("FREQ=DAILY", MissedRun::default()).await;
        let (deps, tenant) = (scene.process.deps.clone(), scene.world.caller.tenant);
        let memory = Memory::new(Arc::clone(&deps.clock)).with_page(60);
        let paged = Store::new(Arc::new(memory), Arc::clone(&deps.entropy), Arc::clone(&deps.clock));
        let account = deps.ledger.account(tenant, scene.account).await.unwrap().unwrap().value;
        let mut writes = vec![Write::create(Record::Account(account))];
        let one = scene.found(id).await;
        let series = (0..MAX_SERIES).map(|_| Series { id: SeriesId::from_uuid(deps.uuid()), ..one.clone() });
        writes.extend(series.map(|series| Write::create(Record::Series(Box::new(series)))));
        for some in writes.chunks(100) {
            ports::UnitOfWork::commit(&paged, some.to_vec()).await.unwrap();
        }
        scene.process.deps.ledger = Arc::new(paged);
        let new = NewSeries {
            content: Variant::text("one more"),
            variants: BTreeMap::new(),
            targets: vec![TargetSpec::Account(scene.account)],
            recurrence: scene.spec("FREQ=DAILY"),
            missed: MissedRun::default(),
        };
        let key = scene.once();
        let refused = create_series(&scene.process.deps, &scene.world.caller, &new, &key, &encode).await;
        assert!(matches!(refused, Err(app::Error::Conflict { code: "too_many_series", .. })), "{refused:?}");
    });
}

/// What a series says with a picture that lies at an address.
async fn with_a_picture_elsewhere(scene: &Scene) -> Variant {
    let medium = Media {
        id: MediaId::from_uuid(uuid::Uuid::from_u128(9)),
        tenant: scene.world.caller.tenant,
        created_by: scene.world.caller.member,
        created_at: scene.world.engine.now(),
        source: MediaSource::Url { url: "https://editor.example/a.png".into() },
        probe: Some(Probe::picture("image/png", 100, 1, 1)),
        alt_text: None,
    };
    scene.process.deps.ledger.commit(vec![Write::create(Record::Media(medium.clone()))]).await.unwrap();
    let mut content = Variant::text("with a picture");
    content.parts[0].media.push(MediaRef::new(medium.id));
    content
}

#[test]
fn a_series_that_nobody_could_approve_is_refused_with_the_place_of_what_is_wrong() {
    now(async {
        let mut scene = Scene::new().await;
        let editor = scene.person(Role::Editor).await;
        scene.asks_for_approvals(ApprovalRule::Editors).await;
        let content = with_a_picture_elsewhere(&scene).await;
        let wrong = |refused: Result<app::Reply, app::Error>| {
            let Err(app::Error::Invalid(all)) = refused else { panic!("{refused:?}") };
            all.into_iter().map(|v| (v.code, v.field)).collect::<Vec<_>>()
        };
        let expected = vec![("media_not_pinned".to_owned(), "/content/parts/0/media/0".to_owned())];
        let new = NewSeries {
            content: content.clone(),
            variants: BTreeMap::new(),
            targets: vec![TargetSpec::Account(scene.account)],
            recurrence: scene.spec("FREQ=DAILY"),
            missed: MissedRun::default(),
        };
        let once = scene.once();
        assert_eq!(wrong(create_series(&scene.process.deps, &editor, &new, &once, &encode).await), expected);
        let id = scene.series_of(&editor, "FREQ=DAILY", MissedRun::default()).await;
        let change = SeriesEdit { content: Some(content), ..SeriesEdit::default() };
        assert_eq!(wrong(scene.edit_by(&editor, id, change.clone()).await), expected);
        scene.edit(id, change).await.unwrap();
    });
}

#[test]
fn a_run_that_nobody_could_approve_by_a_younger_rule_waits_as_a_draft_and_its_series_is_paused() {
    now(async {
        let mut scene = Scene::new().await;
        let editor = scene.person(Role::Editor).await;
        let id = scene.series_of(&editor, "FREQ=DAILY", MissedRun::default()).await;
        let content = with_a_picture_elsewhere(&scene).await;
        let change = SeriesEdit { content: Some(content), ..SeriesEdit::default() };
        scene.edit_by(&editor, id, change).await.unwrap();
        scene.asks_for_approvals(ApprovalRule::Editors).await;
        assert_eq!(scene.approval(id).await, None, "nobody is asked for what nobody can give");
        let (posts, series) = (scene.posts(), scene.found(id).await);
        assert!(matches!(&posts[..], [post] if post.is_draft()), "{posts:?}");
        assert_eq!(series.runs[0].outcome, RunOutcome::Waits { post: posts[0].id });
        assert!(
            matches!(&series.status, SeriesStatus::Paused { reason, .. } if reason == "media_not_pinned"),
            "{series:?}"
        );
        assert_eq!((scene.told("series.run_waits"), scene.told("series.paused")), (1, 1));
    });
}

#[test]
fn a_run_whose_required_word_is_shown_nowhere_waits_as_a_draft() {
    now(async {
        let mut scene = Scene::new().await;
        let id = scene.series("FREQ=DAILY", MissedRun::default()).await;
        let titled = Variant { title: Some("Ad".into()), ..Variant::text("New shoes") };
        scene.edit(id, SeriesEdit { content: Some(titled), ..SeriesEdit::default() }).await.unwrap();
        let brand = BrandRules { required_words: vec!["Ad".into()], ..BrandRules::default() };
        let once = scene.once();
        let (deps, owner) = (&scene.process.deps, &scene.world.caller);
        set_brand_rules(deps, owner, &brand, &once, &|_: &Rules| done()).await.unwrap();
        scene.at(scene.next(id).await - HOUR);
        scene.tick().await;
        let (posts, series) = (scene.posts(), scene.found(id).await);
        assert!(matches!(&posts[..], [post] if post.is_draft()), "{posts:?}");
        assert!(matches!(&series.status, SeriesStatus::Paused { reason, .. } if reason == "brand_rules"), "{series:?}");
    });
}
