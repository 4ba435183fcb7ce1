//! Two posts that say the same, minutes apart on one account: neither takes the other's post for its own.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use app::Once;
use app::publishing::{
    Accepted, Answer, Decision, PublishCommand, TargetSpec, When, execute, reconcile, remove, request, resolve, retry,
};
use domain::accounts::{Account, TokenState};
use domain::publishing::{
    Delivery, Doubt, FORMER, Failure, Finding, LinkCard, PartRecord, Receipt, State, Variant, Wake,
};
use domain::{AccountId, PostId};
use futures_util::FutureExt;
use jiff::SignedDuration;
use ports::{PublishJob, Record, StoredReply, Write};
use std::collections::BTreeMap;
use std::sync::Arc;
use testing::sim::{Body, together};
use testing::{Fates, Hooked, Process, World, now};

struct Scene {
    world: World,
    process: Process,
    account: AccountId,
}

impl Scene {
    fn new() -> Self {
        Self::on("readable")
    }

    fn on(platform: &str) -> Self {
        Self::seeded(7, platform)
    }

    fn seeded(seed: u64, platform: &str) -> Self {
        let world = World::new(seed);
        let process = world.process();
        let account = now(world.connect(&process.deps, platform, "ada")).unwrap().id;
        Self { world, process, account }
    }

    fn asked(&self, key: &str) -> PostId {
        self.asked_for(key, Variant::text("good morning"), self.account)
    }

    fn asked_for(&self, key: &str, content: Variant, account: AccountId) -> PostId {
        let command = PublishCommand {
            content,
            variants: BTreeMap::new(),
            targets: vec![TargetSpec::Account(account)],
            when: When::Now,
            max_lateness_s: None,
        };
        let id = |accepted: &Accepted| StoredReply { status: 202, body: accepted.post.id.to_string() };
        let once = Once { route: "test".into(), key: key.into(), fingerprint: "f".into() };
        let reply = now(request(&self.process.deps, &self.world.caller, &command, &once, &id)).unwrap();
        reply.stored.body.parse().unwrap()
    }

    fn delivery(&self, post: PostId) -> Delivery {
        now(self.process.deps.ledger.delivery(self.world.caller.tenant, post, self.account)).unwrap().unwrap().value
    }

    fn put(&self, next: Delivery) {
        let deps = &self.process.deps;
        let old = now(deps.ledger.delivery(next.tenant, next.post, next.account)).unwrap().unwrap();
        now(deps.ledger.commit(vec![Write::replace(&old, Record::Delivery(next))])).unwrap();
    }

    fn published(&self, key: &str) -> PostId {
        let post = self.asked(key);
        self.worked(post);
        assert_eq!(self.delivery(post).state.name(), "published");
        post
    }

    /// A worker takes it.
    fn worked(&self, post: PostId) {
        self.worked_for(post, self.account);
    }

    fn worked_for(&self, post: PostId, account: AccountId) {
        let job = PublishJob { v: 1, tenant: self.world.caller.tenant, post, account, cid: "t".into() };
        let deadline = self.world.engine.now() + SignedDuration::from_mins(1);
        now(execute(&self.process.publishing(), &job, deadline)).unwrap();
    }

    /// A post that nobody took in time.
    fn missed(&self, key: &str) -> PostId {
        let post = self.asked(key);
        self.passes(3 * 24);
        self.worked(post);
        assert_eq!(self.delivery(post).state.name(), "missed");
        post
    }

    fn passes(&self, hours: i64) {
        self.world.engine.advance_ms(hours * 3_600_000);
    }

    fn once(key: &str) -> Once {
        Once { route: "person".into(), key: key.into(), fingerprint: "f".into() }
    }

    /// A person sends it again.
    fn retried(&self, post: PostId) {
        let changed = |_: &[Delivery]| StoredReply { status: 200, body: String::new() };
        let (deps, caller) = (&self.process.deps, &self.world.caller);
        now(retry(deps, caller, post, None, &[], &Scene::once(&post.to_string()), &changed)).unwrap();
    }

    /// A person deletes it from Herald's lists; on the platform it stays.
    fn deleted(&self, post: PostId) {
        let reply = StoredReply { status: 200, body: String::new() };
        let (deps, caller) = (&self.process.managing(), &self.world.caller);
        now(remove(deps, caller, post, false, &Scene::once(&format!("delete {post}")), &reply)).unwrap();
    }

    /// The lost post is not there for a reading: what is there is another's.
    fn stays_unknown(&self, lost: PostId) {
        self.read();
        let read = self.delivery(lost);
        assert!(matches!(read.state, State::Unknown { neg_reads: 1, .. }), "{:?}", read.state);
    }

    /// A post whose request left and never arrived, while its answer was lost.
    fn lost(&self, key: &str) -> PostId {
        self.loses(self.asked(key))
    }

    fn loses(&self, post: PostId) -> PostId {
        let at = self.world.engine.now();
        let state =
            State::Unknown { part: 0, since: at, neg_reads: 0, last_neg_at: None, resembled: false, never: false };
        let wake = Some(Wake { at, set_at: at, sent: false });
        let next =
            Delivery { state, wake, started: true, fence: 1, attempts: 1, base_date: Some(at), ..self.delivery(post) };
        self.put(next);
        post
    }

    fn read(&self) {
        self.world.engine.advance_ms(300_000);
        let deadline = self.world.engine.now() + SignedDuration::from_mins(5);
        now(reconcile(&self.process.finding(), deadline, "t")).unwrap();
    }
}

#[test]
fn a_lost_post_does_not_take_the_post_of_one_that_says_the_same() {
    let scene = Scene::new();
    scene.published("first");
    let lost = scene.lost("second");
    scene.read();
    let read = scene.delivery(lost);
    assert!(matches!(read.state, State::Unknown { neg_reads: 1, .. }), "{:?}", read.state);
}

#[test]
fn a_lost_post_does_not_take_the_post_of_one_that_was_sent_again_days_after_its_time() {
    let scene = Scene::new();
    let late = scene.missed("late");
    scene.retried(late);
    scene.worked(late);
    assert_eq!(scene.delivery(late).state.name(), "published");
    scene.stays_unknown(scene.lost("lost"));
}

#[test]
fn a_lost_post_does_not_take_the_post_of_one_whose_doubt_a_person_ended_days_later() {
    let scene = Scene::new();
    let late = scene.lost("late");
    let doubt = scene.delivery(late);
    let state = State::Attention { part: 0, reason: "nobody knows".into(), since: scene.world.engine.now() };
    scene.put(Delivery { state, wake: None, ..doubt });
    scene.passes(3 * 24);
    let question = scene.delivery(late).question().unwrap();
    let answer = Answer { account: scene.account, question, decision: Decision::SendAgain };
    let changed = |_: &[Delivery]| StoredReply { status: 200, body: String::new() };
    let deps = &scene.process.deps;
    now(resolve(deps, &scene.world.caller, late, &answer, "f", &Scene::once("again"), &changed)).unwrap();
    scene.worked(late);
    assert_eq!(scene.delivery(late).state.name(), "published");
    scene.stays_unknown(scene.lost("lost"));
}

#[test]
fn a_lost_post_does_not_take_the_post_of_one_that_was_deleted_from_the_lists() {
    let scene = Scene::new();
    let first = scene.published("first");
    let lost = scene.lost("second");
    scene.deleted(first);
    scene.stays_unknown(lost);
}

#[test]
fn what_was_sent_again_late_and_then_deleted_from_the_lists_is_still_no_other_posts() {
    let scene = Scene::new();
    let late = scene.missed("late");
    scene.retried(late);
    scene.worked(late);
    let lost = scene.lost("lost");
    scene.deleted(late);
    scene.stays_unknown(lost);
}

#[test]
fn where_more_was_sent_again_than_is_looked_at_a_person_is_asked() {
    let scene = Scene::new();
    let late: Vec<PostId> = (0..501).map(|n| scene.asked(&format!("late {n}"))).collect();
    scene.passes(3 * 24);
    for post in &late {
        scene.worked(*post);
        scene.retried(*post);
        // The first is the one too many.
        scene.world.engine.advance_ms(10);
    }
    scene.worked(late[0]);
    assert_eq!(scene.delivery(late[0]).state.name(), "published");
    let lost = scene.lost("lost");
    for _ in 0..5 {
        scene.read();
    }
    assert_eq!(scene.delivery(lost).state.name(), "attention");
}

/// A post whose link stands beside its words.
fn with_card(url: &str) -> Variant {
    let link = LinkCard { url: url.into(), title: None, description: None };
    Variant { link: Some(link), ..Variant::text("New post") }
}

#[test]
fn of_two_posts_with_links_beside_the_same_words_neither_takes_the_others() {
    let scene = Scene::new();
    let first = scene.asked_for("first", with_card("https://one.example/a/long/way/to/the/first"), scene.account);
    scene.worked(first);
    let second = with_card("https://two.example/another/path/that/leads/elsewhere");
    // A platform that lists words alone shows the same of both.
    scene.world.platforms[0].truth().posted[0].text = second.full_text(0, false);
    scene.stays_unknown(scene.loses(scene.asked_for("second", second, scene.account)));
}

#[test]
fn a_lost_first_comment_does_not_take_the_same_comment_below_another_post() {
    let scene = Scene::new();
    let commented = |text: &str| Variant { first_comment: Some("#coffee #harbour".into()), ..Variant::text(text) };
    let first = scene.asked_for("first", commented("good morning"), scene.account);
    scene.worked(first);
    assert_eq!(scene.delivery(first).state.name(), "published");
    let lost = scene.loses(scene.asked_for("second", commented("we open at nine"), scene.account));
    let mut doubt = scene.delivery(lost);
    doubt.parts[0].receipt = Some(Receipt { id: Some("1000".into()), url: None });
    if let State::Unknown { part, .. } = &mut doubt.state {
        *part = 1;
    }
    scene.put(doubt);
    scene.stays_unknown(lost);
}

#[test]
fn a_lost_first_comment_is_found_though_another_post_with_the_same_comment_waits_for_a_person() {
    // The other's comment was not sent yet, or it may be what is found.
    for (part, state) in [(0, "published"), (1, "unknown")] {
        let scene = Scene::new();
        let commented = |text: &str| Variant { first_comment: Some("#coffee #harbour".into()), ..Variant::text(text) };
        let elder = scene.loses(scene.asked_for("elder", commented("good morning"), scene.account));
        let mut waits = Delivery {
            state: State::Attention { part, reason: "nobody knows".into(), since: scene.world.engine.now() },
            wake: None,
            ..scene.delivery(elder)
        };
        if part == 1 {
            waits.parts[0].receipt = Some(Receipt { id: Some("1000".into()), url: None });
        }
        scene.put(waits);
        let younger = scene.asked_for("younger", commented("we open at nine"), scene.account);
        scene.worked(younger);
        assert_eq!(scene.delivery(younger).state.name(), "published");
        let mut lost = scene.delivery(younger);
        lost.parts[1].receipt = None;
        scene.put(lost);
        scene.loses(younger);
        let mut doubt = scene.delivery(younger);
        if let State::Unknown { part, .. } = &mut doubt.state {
            *part = 1;
        }
        scene.put(doubt);
        scene.read();
        assert_eq!(scene.delivery(younger).state.name(), state);
    }
}

#[test]
fn a_doubt_does_not_wait_for_an_elder_that_is_in_doubt_about_something_else() {
    let scene = Scene::new();
    let mut thread = Variant::text("good morning");
    thread.parts.extend(Variant::text("and a second part, of other things").parts);
    let elder = scene.asked_for("elder", thread, scene.account);
    scene.worked(elder);
    scene.worked(elder);
    assert_eq!(scene.delivery(elder).state.name(), "published");
    // Its second part never arrived; the first, which says the same as the younger post, is proved.
    scene.world.platforms[0].truth().posted.retain(|posted| !posted.text.contains("second part"));
    scene.loses(elder);
    let mut doubt = scene.delivery(elder);
    doubt.parts[1].receipt = None;
    if let State::Unknown { part, .. } = &mut doubt.state {
        *part = 1;
    }
    scene.put(doubt);
    scene.world.engine.advance_ms(60_000);
    let younger = scene.published("younger");
    let mut lost = scene.delivery(younger);
    lost.parts[0].receipt = None;
    scene.put(lost);
    scene.loses(younger);
    scene.read();
    let names = [elder, younger].map(|post| scene.delivery(post).state.name());
    assert_eq!(names, ["unknown", "published"]);
}

#[test]
fn a_reading_that_ends_too_late_to_look_again_is_no_evidence() {
    let mut scene = Scene::new();
    let twin = scene.published("twin");
    let lost = scene.lost("lost");
    // It stands in no list, so that what it holds is known only after the reading.
    scene.deleted(twin);
    let engine = Arc::clone(&scene.world.engine);
    let hooked = Hooked::over(Arc::clone(&scene.world.platforms[0]));
    hooked.before_reading(async move { engine.advance_ms(7_000) }.boxed());
    scene.process.hook(&hooked);
    scene.world.engine.advance_ms(300_000);
    let deadline = scene.world.engine.now() + SignedDuration::from_secs(31);
    now(reconcile(&scene.process.finding(), deadline, "t")).unwrap();
    let read = scene.delivery(lost);
    assert!(matches!(read.state, State::Unknown { resembled: false, neg_reads: 0, .. }), "{:?}", read.state);
}

#[test]
fn what_was_deleted_of_other_accounts_leaves_no_doubt_about_this_one() {
    let scene = Scene::new();
    let other = now(scene.world.connect(&scene.process.deps, "readable", "bea")).unwrap().id;
    for n in 0..101 {
        let post = scene.asked_for(&format!("other {n}"), Variant::text("good morning"), other);
        scene.worked_for(post, other);
        scene.deleted(post);
    }
    let live = scene.published("live");
    let mut doubt = scene.delivery(live);
    doubt.parts[0].receipt = None;
    scene.put(doubt);
    scene.loses(live);
    scene.read();
    assert_eq!(scene.delivery(live).state.name(), "published");
}

#[test]
fn a_post_that_goes_out_while_the_platform_is_read_is_not_taken_for_the_lost_one() {
    let mut scene = Scene::new();
    let lost = scene.lost("lost");
    let other = scene.asked("other");
    let deps = scene.process.publishing();
    let (tenant, account) = (scene.world.caller.tenant, scene.account);
    let goes_out = async move {
        let job = PublishJob { v: 1, tenant, post: other, account, cid: "t".into() };
        let deadline = deps.clock.now() + SignedDuration::from_mins(1);
        execute(&deps, &job, deadline).await.unwrap();
    };
    let hooked = Hooked::over(Arc::clone(&scene.world.platforms[0]));
    hooked.before_reading(goes_out.boxed());
    scene.process.hook(&hooked);
    scene.read();
    assert_eq!(scene.delivery(other).state.name(), "published");
    assert_eq!(scene.delivery(lost).state.name(), "unknown", "it holds the other's post");
}

#[test]
fn what_a_write_only_platform_calls_there_already_is_asked_of_by_its_name_and_without_one_a_person_is_asked() {
    for (is_named, state) in [(true, "published"), (false, "attention")] {
        let scene = Scene::on("write-only");
        let there = scene.published("there");
        let at = scene.world.engine.now();
        // Its first request was lost, and what was prepared for the second was published already, as the platform says.
        let leased = State::Leased { owner: "w".into(), lease_until: at };
        let progress = is_named.then(|| serde_json::json!({ FORMER: ["good morning"] }));
        let parts = vec![PartRecord::default()];
        let again = Delivery { state: leased, parts, progress, doubt: Doubt::Unseen, ..scene.delivery(there) };
        let refused = again.held_back("w", &Failure::Duplicate { existing: None }, at, 0).unwrap().next;
        assert_eq!((refused.state.name(), refused.doubt), ("unknown", Doubt::Duplicate));
        scene.put(refused);
        scene.read();
        let read = scene.delivery(there);
        assert_eq!(read.state.name(), state, "{:?}", read.state);
        assert_eq!(read.parts[0].receipt.as_ref().is_some_and(|receipt| receipt.id.is_some()), is_named);
    }
}

#[test]
fn a_doubt_whose_look_always_fails_is_for_a_person_after_a_day() {
    let scene = Scene::new();
    let lost = scene.lost("lost");
    let stored = scene.delivery(lost);
    // What it was accepted with is not what the post says: no look can succeed.
    scene.put(Delivery { content_hash: "0".repeat(32), ..stored });
    for _ in 0..400 {
        scene.read();
    }
    assert_eq!(scene.delivery(lost).state.name(), "attention");
}

#[test]
fn where_the_others_id_is_not_known_a_person_is_asked() {
    let scene = Scene::new();
    let first = scene.published("first");
    let mut nameless = scene.delivery(first);
    nameless.parts[0].receipt = Some(Receipt { id: None, url: None });
    scene.put(nameless);
    let lost = scene.lost("second");
    for _ in 0..5 {
        scene.read();
    }
    let read = scene.delivery(lost);
    assert!(matches!(read.state, State::Attention { .. }), "{:?}", read.state);
}

#[test]
fn what_is_proved_to_be_live_is_no_doubt_whatever_others_say_the_same_and_takes_no_id_of_theirs() {
    // What was found by its looks may be the other's; an id of its own is not.
    for (finding, is_named) in [(Finding::Live as fn(Receipt) -> Finding, false), (Finding::Proved, true)] {
        proves(finding, is_named);
    }
}

fn proves(finding: fn(Receipt) -> Finding, is_named: bool) {
    let mut scene = Scene::new();
    let first = scene.published("first");
    let mut nameless = scene.delivery(first);
    nameless.parts[0].receipt = Some(Receipt { id: None, url: None });
    scene.put(nameless);
    let lost = scene.lost("second");
    let hooked = Hooked::over(Arc::clone(&scene.world.platforms[0]));
    hooked.prove(finding);
    scene.process.hook(&hooked);
    scene.read();
    let read = scene.delivery(lost);
    assert_eq!(read.state.name(), "published");
    assert_eq!(read.parts[0].receipt.as_ref().map(|receipt| receipt.id.is_some()), Some(is_named));
}

/// Two posts that say the same, whose answers were lost. The first is live, the second never arrived, and was sent so many seconds
/// later.
fn two_lost(scene: &Scene, later_s: i64) -> [PostId; 2] {
    let live = scene.published("first");
    let lost = scene.lost("second");
    let at = scene.world.engine.now();
    let state = State::Unknown { part: 0, since: at, neg_reads: 0, last_neg_at: None, resembled: false, never: false };
    let (wake, mut doubt) = (Some(Wake { at, set_at: at, sent: false }), scene.delivery(live));
    doubt.parts[0].receipt = None;
    let base_date = Some(at - SignedDuration::from_secs(later_s));
    scene.put(Delivery { state, wake, base_date, ..doubt });
    [live, lost]
}

#[test]
fn of_two_lost_posts_that_say_the_same_the_one_that_left_first_takes_what_is_found() {
    for (later_s, taker) in [(60, 0), (-60, 1)] {
        let scene = Scene::new();
        let both = two_lost(&scene, later_s);
        scene.read();
        let states = both.map(|post| scene.delivery(post).state.name());
        assert_eq!((states[taker], states[1 - taker]), ("published", "unknown"), "{later_s}");
    }
}

#[test]
fn two_readers_at_the_same_moment_do_not_give_one_post_to_two_that_say_the_same() {
    let mut taken = 0;
    for seed in 0..300 {
        let scene = Scene::seeded(seed, "readable");
        let both = two_lost(&scene, 60);
        scene.world.engine.advance_ms(300_000);
        scene.world.engine.schedule(Fates::default(), None);
        let deadline = scene.world.engine.now() + SignedDuration::from_mins(5);
        let readers = [scene.world.process(), scene.world.process()].map(|process| -> (Process, Body<()>) {
            let deps = process.finding();
            let reads = async move {
                reconcile(&deps, deadline, "t").await.unwrap();
            };
            (process, Box::pin(reads))
        });
        together(&scene.world, readers.into());
        scene.world.engine.calm();
        let held = both.map(|post| scene.delivery(post).parts[0].receipt.clone().and_then(|receipt| receipt.id));
        assert!(held[0].is_none() || held[0] != held[1], "{seed}: {held:?}");
        taken += held.iter().flatten().count();
    }
    assert!(taken > 200, "{taken}");
}

#[test]
fn two_lost_posts_that_say_the_same_do_not_share_one() {
    let scene = Scene::new();
    // One of the two is live: whichever takes it, the other is sent again.
    let [live, lost] = two_lost(&scene, 0);
    scene.read();
    let states = [live, lost].map(|post| scene.delivery(post).state.name());
    assert!(states.contains(&"published") && states.contains(&"unknown"), "{states:?}");
}

#[test]
fn an_account_that_is_refused_needs_a_person_though_it_lives_on_the_pair_of_another() {
    let mut scene = Scene::new();
    let deps = scene.process.deps.clone();
    let person = now(scene.world.connect(&deps, "readable", "bea")).unwrap().id;
    let own = now(deps.ledger.account(scene.world.caller.tenant, scene.account)).unwrap().unwrap();
    let shared = Account { holder: Some(person), token: TokenState::none(0), ..own.value.clone() };
    now(deps.ledger.commit(vec![Write::replace(&own, Record::Account(shared))])).unwrap();
    // By now the pair has been renewed.
    scene.world.engine.advance_ms(7_200_000);
    let hooked = Hooked::over(Arc::clone(&scene.world.platforms[0]));
    hooked.refuse(Failure::Revoked { detail: "taken back".into() });
    scene.process.hook(&hooked);
    let post = scene.asked("refused");
    let job = PublishJob { v: 1, tenant: scene.world.caller.tenant, post, account: scene.account, cid: "t".into() };
    let deadline = scene.world.engine.now() + SignedDuration::from_mins(1);
    now(execute(&scene.process.publishing(), &job, deadline)).unwrap();
    assert_eq!(scene.delivery(post).state.name(), "blocked_auth");
    let page = now(deps.ledger.account(scene.world.caller.tenant, scene.account)).unwrap().unwrap();
    assert!(!page.value.is_active(), "or every post of it would be tried until it is missed");
}
