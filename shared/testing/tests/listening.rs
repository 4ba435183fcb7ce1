//! Accounts whose platform calls nobody: they are asked, each in its rhythm, and what they say comes in once, whatever happens between.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod listening {
    pub(crate) mod talk;
}

use app::inbound::{
    InboundDeps, Ingested, Listed, Listened, NewAsked, ask_source, ingest, listen, remove_source, sources,
};
use app::inbox::{InboxFilter, interactions};
use app::{Error, Once, PlatformDeps};
use domain::accounts::AccountStatus;
use domain::inbound::Asking;
use domain::inbox::{InboxState, Interaction};
use domain::publishing::Failure;
use domain::{AccountId, SourceId};
use jiff::SignedDuration;
use listening::talk::{Talk, Writes};
use ports::{Connectors, Find, Inlets, Job, StoredReply};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use store::{Fault, Memory, Store};
use testing::{MemoryDocuments, Process, World, now};

/// A tenant whose account is asked every fifteen minutes.
struct Scene {
    world: World,
    process: Process,
    talk: Arc<Talk>,
    writes: Arc<Writes>,
    account: AccountId,
    source: SourceId,
}

fn once(key: &str) -> Once {
    Once { route: "test".into(), key: key.into(), fingerprint: key.into() }
}

impl Scene {
    fn new() -> Self {
        let world = World::new(7);
        let mut process = world.process();
        let writes = Arc::new(Writes::default());
        let memory =
            Memory::new(Arc::clone(&process.deps.clock)).with_faults(Arc::clone(&writes) as Arc<dyn store::Faults>);
        let entropy = Arc::clone(&process.deps.entropy);
        let clock = Arc::clone(&process.deps.clock);
        process.deps.base.ledger = Arc::new(Store::new(Arc::new(memory), entropy, clock));
        let account = now(world.connect(&process.deps, "readable", "ada")).unwrap().id;
        let talk = Arc::new(Talk::new(Arc::clone(&world.platforms[0]), Arc::clone(&world.engine)));
        let source = made(&world, &process, account, "first").unwrap();
        Self { world, process, talk, writes, account, source }
    }

    fn finding(&self) -> PlatformDeps<dyn Find> {
        let mut deps = self.process.finding();
        deps.platforms = Arc::new(Connectors::new(vec![Arc::clone(&self.talk) as Arc<dyn Find>]));
        deps
    }

    fn run(&self) -> Result<Listened, Error> {
        now(listen(&self.finding(), self.world.engine.now() + SignedDuration::from_mins(4), "t"))
    }

    /// What a run hears that was not heard before.
    fn hears(&self) -> u64 {
        self.run().unwrap().heard
    }

    /// So many minutes later.
    fn passes(&self, minutes: i64) {
        self.world.engine.advance_ms(minutes * 60_000);
    }

    /// What was kept is read, as far as the store lets it.
    fn reads(&self) {
        let documents = Arc::new(MemoryDocuments::default());
        let deps = InboundDeps { base: self.process.deps.base.clone(), inlets: Inlets::new(Vec::new()), documents };
        let deadline = self.world.engine.now() + SignedDuration::from_mins(1);
        let _ = now(app::publishing::tick(&self.process.deps, deadline, "t"));
        for message in self.world.queues.messages() {
            if let Job::Ingest(job) = message.job {
                let _: Result<Ingested, Error> = now(ingest(&deps, &job, deadline));
            }
        }
    }

    fn inbox(&self) -> Vec<Interaction> {
        let open = InboxFilter::of(InboxState::Open);
        let page = interactions(&self.process.deps, &self.world.caller, &open, None, 100);
        now(page).unwrap().items
    }

    /// The ids of what stands in the inbox.
    fn ids(&self) -> Vec<String> {
        let mut ids: Vec<String> = self.inbox().into_iter().map(|one| one.external_id).collect();
        ids.sort();
        ids
    }

    fn incoming(&self) -> usize {
        now(app::inbound::incoming(&self.process.deps, &self.world.caller, self.source, None, 100)).unwrap().items.len()
    }

    fn kept(&self) -> Asking {
        now(self.process.deps.ledger.asking(self.world.caller.tenant, self.account)).unwrap().unwrap().value
    }

    fn failing(&self) -> Option<String> {
        let all = now(sources(&self.process.deps, &self.world.caller)).unwrap();
        all.into_iter().find_map(|listed| listed.asking).and_then(|asking| asking.failing).map(|failing| failing.code)
    }

    fn removed(&self) {
        let shown = |_: &Listed| StoredReply { status: 200, body: "gone".into() };
        now(remove_source(&self.process.deps, &self.world.caller, self.source, &once("gone"), &shown)).unwrap();
    }
}

fn made(world: &World, process: &Process, account: AccountId, key: &str) -> Result<SourceId, Error> {
    let new = NewAsked { platform: "readable".into(), name: String::new(), account, every_min: Some(15) };
    let id = |listed: &Listed| StoredReply { status: 201, body: listed.source.id.to_string() };
    let reply = now(ask_source(&process.deps, &world.caller, &new, &once(key), &id))?;
    Ok(reply.stored.body.parse().unwrap())
}

#[test]
fn what_is_said_after_a_source_was_made_comes_in_and_nothing_of_before() {
    let scene = Scene::new();
    scene.talk.says_before("c0", "old");
    scene.talk.says("c1", "new");
    assert_eq!(scene.run().unwrap(), Listened { looked_at: 1, heard: 1 });
    scene.reads();
    let all = scene.inbox();
    assert_eq!(all.len(), 1);
    assert_eq!((all[0].external_id.as_str(), all[0].account, all[0].source), ("c1", Some(scene.account), scene.source));
    assert_eq!(all[0].text.as_ref().unwrap().value, "new");
    assert_eq!(scene.run().unwrap(), Listened::default(), "until its time has come");
}

#[test]
fn an_account_is_asked_in_its_rhythm_and_what_was_heard_is_not_heard_again() {
    let scene = Scene::new();
    let mut heard = Vec::new();
    for n in 0..9 {
        scene.talk.says(&format!("c{n}"), "here");
        heard.push(scene.hears());
        scene.passes(5);
    }
    assert_eq!(heard, [1, 0, 0, 3, 0, 0, 3, 0, 0]);
    scene.passes(10);
    scene.hears();
    scene.reads();
    assert_eq!((scene.inbox().len(), scene.incoming()), (9, 9));
    assert!(scene.talk.answered() > 9, "the platform told most of it several times");
}

#[test]
fn what_the_account_says_itself_is_done_from_the_start() {
    let scene = Scene::new();
    scene.talk.says_as("ada", "c1", "thank you");
    scene.talk.says("c2", "welcome");
    scene.hears();
    scene.reads();
    assert_eq!(scene.ids(), ["c2"]);
}

#[test]
fn an_edit_is_merged_into_what_was_said_before() {
    let scene = Scene::new();
    scene.talk.says("c1", "nise");
    scene.hears();
    scene.reads();
    scene.passes(15);
    scene.talk.edits("c1", "nice");
    assert_eq!(scene.hears(), 1);
    scene.reads();
    let all = scene.inbox();
    assert_eq!((all.len(), all[0].text.as_ref().unwrap().value.as_str()), (1, "nice"));
    assert!(all[0].edited_at.is_some());
}

#[test]
fn many_pages_are_heard_in_several_visits_and_each_thing_once() {
    let scene = Scene::new();
    for n in 10..40 {
        scene.talk.says(&format!("c{n}"), "here");
    }
    let mut heard = Vec::new();
    for _ in 0..4 {
        heard.push(scene.hears());
    }
    // Two of a page, and five pages of a visit.
    assert_eq!(heard, [10, 10, 10, 0]);
    scene.reads();
    assert_eq!((scene.inbox().len(), scene.incoming()), (30, 30));
}

#[test]
fn what_a_platform_shows_late_is_heard_within_an_hour() {
    let scene = Scene::new();
    scene.talk.says("c1", "shown late");
    scene.talk.hide("c1");
    assert_eq!(scene.hears(), 0);
    scene.passes(45);
    scene.talk.show("c1");
    assert_eq!(scene.hears(), 1);
}

#[test]
fn of_two_workers_at_once_one_asks() {
    let scene = Scene::new();
    scene.talk.says("c1", "here");
    let other = scene.finding();
    let until = scene.world.engine.now() + SignedDuration::from_mins(4);
    scene
        .talk
        .meanwhile(move || assert_eq!(now(listen(&other, until, "t")).unwrap(), Listened { looked_at: 0, heard: 0 }));
    assert_eq!(scene.hears(), 1);
    assert_eq!(scene.talk.asked(), 1);
}

#[test]
fn a_worker_that_is_held_up_beyond_its_lease_keeps_nothing_of_what_it_heard() {
    let scene = Scene::new();
    scene.talk.says("c1", "here");
    let (other, engine) = (scene.finding(), Arc::clone(&scene.world.engine));
    scene.talk.meanwhile(move || {
        engine.advance_ms(6 * 60_000);
        let until = engine.now() + SignedDuration::from_mins(4);
        assert_eq!(now(listen(&other, until, "t")).unwrap(), Listened { looked_at: 1, heard: 1 });
    });
    assert_eq!(scene.hears(), 0, "the other one had it");
    scene.reads();
    assert_eq!((scene.ids(), scene.incoming()), (vec!["c1".to_owned()], 1));
}

#[test]
fn a_worker_that_dies_after_the_answer_is_followed_by_one_that_hears_the_same() {
    let scene = Scene::new();
    scene.talk.says("c1", "here");
    scene.talk.meanwhile(|| panic!("the process ends"));
    assert!(catch_unwind(AssertUnwindSafe(|| scene.run())).is_err());
    assert_eq!(scene.run().unwrap(), Listened::default(), "its lease lasts");
    scene.passes(5);
    assert_eq!(scene.run().unwrap(), Listened { looked_at: 1, heard: 1 });
    scene.reads();
    assert_eq!((scene.ids(), scene.incoming()), (vec!["c1".to_owned()], 1));
}

/// How far the account is heard moves with the commit that keeps what was heard, and by no other.
#[test]
fn a_crash_before_or_after_any_write_loses_nothing_and_doubles_nothing() {
    let mut hit = 0;
    for fault in [Fault::Refused, Fault::LostRequest, Fault::LostAnswer, Fault::Repeated] {
        for n in 0..12 {
            let scene = Scene::new();
            for c in 0..5 {
                scene.talk.says(&format!("c{c}"), "here");
            }
            scene.writes.fail(n, fault);
            for _ in 0..6 {
                let _ = scene.run();
                scene.passes(6);
                scene.reads();
            }
            scene.passes(15);
            let _ = scene.run();
            scene.reads();
            hit += u32::from(scene.writes.has_hit());
            assert_eq!(scene.ids(), ["c0", "c1", "c2", "c3", "c4"], "{fault:?} of write {n}");
            assert_eq!(scene.incoming(), 5, "{fault:?} of write {n}");
        }
    }
    assert_eq!(hit, 48, "each write was there");
}

#[test]
fn a_page_that_could_not_be_kept_is_heard_again() {
    let scene = Scene::new();
    scene.talk.says("c1", "here");
    // The first write takes the account, the second keeps the page.
    scene.writes.fail(1, Fault::Refused);
    assert_eq!(scene.run().unwrap(), Listened { looked_at: 1, heard: 0 });
    assert_eq!((scene.kept().cursor, scene.kept().heard_at), (None, None), "it is not heard any further");
    scene.passes(5);
    assert_eq!(scene.hears(), 1);
}

#[test]
fn a_limited_platform_is_not_asked_before_it_said_however_late_that_is() {
    let scene = Scene::new();
    scene.talk.says("c1", "here");
    let until = scene.world.engine.now() + SignedDuration::from_hours(30);
    scene.talk.fails(Failure::RateLimited { until: Some(until) });
    assert_eq!(scene.hears(), 0);
    assert_eq!(scene.failing().as_deref(), Some("rate_limited"));
    scene.passes(30 * 60 - 1);
    assert_eq!((scene.run().unwrap(), scene.talk.asked()), (Listened::default(), 1));
    scene.passes(16);
    assert_eq!(scene.hears(), 1, "and nothing of the time between is lost");
    assert_eq!(scene.failing(), None);
}

#[test]
fn a_platform_that_does_not_answer_is_asked_more_seldom_and_is_failing_until_it_does() {
    let scene = Scene::new();
    for _ in 0..4 {
        scene.talk.fails(Failure::Unavailable);
    }
    let mut asked = Vec::new();
    for _ in 0..60 {
        scene.run().unwrap();
        asked.push(scene.talk.asked());
        scene.passes(5);
    }
    let at = |n: u32| asked.iter().position(|asked| *asked == n).unwrap() * 5;
    assert_eq!([1, 2, 3, 4, 5].map(at), [0, 15, 45, 105, 180]);
    assert_eq!(scene.failing(), None);
}

#[test]
fn a_list_that_refuses_every_token_stops_no_publishing_and_has_none_renewed_at_each_asking() {
    let scene = Scene::new();
    scene.talk.says("c1", "here");
    // The first is answered with a fresh token.
    for _ in 0..4 {
        scene.talk.fails(Failure::Unauthorized);
    }
    assert_eq!((scene.hears(), scene.talk.asked()), (0, 2));
    let account = || now(scene.process.deps.ledger.account(scene.world.caller.tenant, scene.account)).unwrap().unwrap();
    let version = account().value.token.version;
    assert_eq!((account().value.status, scene.failing().as_deref()), (AccountStatus::Active, Some("unauthorized")));
    for (asked, minutes) in [(3, 15), (4, 30)] {
        scene.passes(minutes);
        assert_eq!((scene.hears(), scene.talk.asked()), (0, asked));
    }
    assert_eq!(account().value.token.version, version);
    scene.passes(75);
    assert_eq!((scene.hears(), scene.failing()), (1, None), "and what was said meanwhile is heard");
}

#[test]
fn an_account_that_must_be_connected_again_is_not_asked_until_it_is() {
    let scene = Scene::new();
    let deps = &scene.process.deps;
    let account = || now(deps.ledger.account(scene.world.caller.tenant, scene.account)).unwrap().unwrap();
    let parked = account().value.needs_reconnect("revoked", scene.world.engine.now());
    now(deps.ledger.commit(vec![ports::Write::replace(&account(), ports::Record::Account(parked))])).unwrap();
    scene.talk.says("c1", "here");
    for _ in 0..20 {
        assert_eq!((scene.hears(), scene.talk.asked()), (0, 0));
        scene.passes(15);
    }
    assert_eq!(scene.failing().as_deref(), Some("needs_reconnect"));
    now(scene.world.connect(&scene.process.deps, "readable", "ada")).unwrap();
    scene.passes(15);
    assert_eq!((scene.hears(), scene.failing()), (1, None), "and what was said meanwhile is heard");
}

#[test]
fn a_slow_platform_with_more_to_tell_goes_on_at_its_next_asking_and_not_at_once() {
    let scene = Scene::new();
    for n in 0..6 {
        scene.talk.says(&format!("c{n}"), "here");
    }
    scene.talk.pages_of(1);
    scene.talk.takes(19);
    assert_eq!((scene.hears(), scene.talk.asked()), (2, 2), "twenty seconds are over");
    assert_eq!(scene.run().unwrap(), Listened::default());
    scene.passes(15);
    assert_eq!(scene.hears(), 2);
    scene.passes(15);
    assert_eq!(scene.hears(), 2);
}

#[test]
fn of_a_thousand_things_in_an_hour_none_is_kept_anew() {
    let scene = Scene::new();
    scene.talk.pages_of(250);
    for n in 0..900 {
        scene.talk.says(&format!("c{n}"), "here");
    }
    assert_eq!(scene.hears(), 900);
    scene.passes(15);
    assert_eq!((scene.hears(), scene.talk.answered()), (0, 1_800), "all of it was told again");
}

#[test]
fn a_token_that_is_refused_once_is_renewed_and_the_account_is_heard_in_the_same_visit() {
    let scene = Scene::new();
    scene.talk.says("c1", "here");
    scene.talk.fails(Failure::Unauthorized);
    assert_eq!((scene.hears(), scene.failing()), (1, None));
}

#[test]
fn a_disconnected_account_is_not_asked() {
    let scene = Scene::new();
    let shown = |_: &app::accounts::Disconnected| StoredReply { status: 200, body: String::new() };
    let id = scene.account.to_string();
    now(app::accounts::disconnect(&scene.process.deps, &scene.world.caller, &id, &once("off"), &shown)).unwrap();
    scene.talk.says("c1", "here");
    assert_eq!((scene.hears(), scene.talk.asked()), (0, 0));
    assert_eq!(scene.failing().as_deref(), Some("disconnected"));
}

#[test]
fn a_source_that_is_removed_while_its_account_is_asked_keeps_nothing_of_the_answer() {
    let scene = Arc::new(Scene::new());
    scene.talk.says("c1", "here");
    let same = Arc::clone(&scene);
    scene.talk.meanwhile(move || same.removed());
    assert_eq!(scene.hears(), 0);
    scene.reads();
    assert_eq!((scene.ids(), scene.kept().source, scene.kept().wake_at), (vec![], None, None));
    scene.passes(600);
    assert_eq!((scene.run().unwrap(), scene.talk.asked()), (Listened::default(), 1));
}

#[test]
fn a_source_that_was_removed_and_made_anew_hears_nothing_of_the_time_between() {
    let scene = Scene::new();
    scene.removed();
    scene.talk.says("c1", "between");
    scene.passes(1);
    let again = made(&scene.world, &scene.process, scene.account, "again").unwrap();
    scene.passes(1);
    scene.talk.says("c2", "after");
    assert_eq!(scene.hears(), 1);
    scene.reads();
    assert_eq!(
        scene.inbox().iter().map(|one| (one.external_id.as_str(), one.source)).collect::<Vec<_>>(),
        [("c2", again)]
    );
}

#[test]
fn an_account_has_one_source_that_asks() {
    let scene = Scene::new();
    let second = made(&scene.world, &scene.process, scene.account, "second");
    assert!(matches!(second, Err(Error::Conflict { code: "already_asked", .. })), "{second:?}");
    assert_eq!(made(&scene.world, &scene.process, scene.account, "first").unwrap(), scene.source, "the same answer");
}

#[test]
fn what_is_too_large_for_one_record_is_kept_in_several() {
    let scene = Scene::new();
    scene.talk.pages_of(60);
    for n in 0..60_u32 {
        // Nothing that could be packed.
        let text: String =
            (0..9_000_u32).filter_map(|c| char::from_u32(0x4e00 + (c * 7_919 + n * 104_729) % 20_000)).collect();
        scene.talk.says(&format!("c{n}"), &text);
    }
    assert_eq!(scene.hears(), 60);
    for _ in 0..6 {
        scene.reads();
        scene.passes(2);
    }
    assert_eq!((scene.inbox().len(), scene.incoming()), (60, 60));
}
