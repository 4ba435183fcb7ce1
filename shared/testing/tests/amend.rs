//! Other words for what is live: the platform shows them, or the delivery says what it shows instead; and where nobody knows, nothing
//! else may follow before it is known.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use app::publishing::{
    Accepted, Edit, PublishCommand, TargetSpec, When, amend, execute, remove, request, retry, set_approval_rule, status,
};
use app::{Error, Once, Reply};
use domain::PostId;
use domain::access::{Caller, Role};
use domain::events::{EventData, PostFacts};
use domain::publishing::{
    AmendOutcome, Approval, ApprovalRule, Clearance, Delivery, Part, PartRecord, Post, Rules, State, ToApprove, Variant,
};
use jiff::SignedDuration;
use ports::{PublishJob, Record, StoredReply, Write};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use testing::sim::{Body, together};
use testing::{Fates, Process, World, now};

static KEYS: AtomicU32 = AtomicU32::new(0);

fn once() -> Once {
    let key = KEYS.fetch_add(1, Ordering::Relaxed).to_string();
    Once { route: "test".into(), key, fingerprint: "f".into() }
}

fn done<T>(_: &T) -> StoredReply {
    StoredReply { status: 200, body: String::new() }
}

fn thread(texts: &[&str]) -> Variant {
    let parts = texts.iter().map(|text| Part { text: (*text).into(), media: Vec::new() }).collect();
    Variant { parts, ..Variant::default() }
}

struct Scene {
    world: World,
    process: Process,
    post: PostId,
}

impl Scene {
    /// A thread that is live on a platform.
    async fn live(seed: u64, platform: &str, texts: &[&str]) -> Self {
        let world = World::new(seed);
        let process = world.process();
        let account = world.connect(&process.deps, platform, "ada").await.unwrap().id;
        let command = PublishCommand {
            content: thread(texts),
            variants: BTreeMap::new(),
            targets: vec![TargetSpec::Account(account)],
            when: When::Now,
            max_lateness_s: None,
        };
        let id = |accepted: &Accepted| StoredReply { status: 202, body: accepted.post.id.to_string() };
        let reply = request(&process.deps, &world.caller, &command, &once(), &id).await.unwrap();
        let post: PostId = reply.stored.body.parse().unwrap();
        let job = PublishJob { v: 1, tenant: world.caller.tenant, post, account, cid: "test".into() };
        execute(&process.publishing(), &job, world.engine.now() + SignedDuration::from_mins(1)).await.unwrap();
        Self { world, process, post }
    }

    fn now(platform: &str, texts: &[&str]) -> Self {
        now(Self::live(11, platform, texts))
    }

    fn is(&self) -> (Post, u64, Delivery) {
        let (ledger, tenant) = (&self.process.deps.ledger, self.world.caller.tenant);
        let post = now(ledger.post(tenant, self.post)).unwrap().unwrap();
        let delivery = now(ledger.deliveries(tenant, self.post)).unwrap().remove(0).value;
        (post.value, post.rev, delivery)
    }

    fn shown(&self) -> Vec<String> {
        let truth = self.world.platforms.iter().map(|platform| platform.truth());
        truth.flat_map(|truth| truth.posted.iter().map(|post| post.text.clone()).collect::<Vec<_>>()).collect()
    }

    fn amends_as(&self, caller: &Caller, edit: &Edit) -> Result<Reply, Error> {
        let rev = self.is().1;
        now(amend(&self.process.managing(), caller, self.post, rev, edit, &once(), &done::<Accepted>))
    }

    fn amends(&self, texts: &[&str]) -> Result<Reply, Error> {
        self.amends_as(&self.world.caller, &Edit { content: Some(thread(texts)), ..Edit::default() })
    }

    fn outcome(&self) -> AmendOutcome {
        self.is().2.amendment.unwrap().outcome
    }

    /// What the delivery says, and the parts of which that is not certain.
    fn says(&self) -> (Vec<String>, Vec<u16>) {
        let (post, _, delivery) = self.is();
        let texts = delivery.content(&post).parts.iter().map(|part| part.text.clone()).collect();
        (texts, delivery.amendment.map(|a| a.unsure()).unwrap_or_default())
    }
}

fn code(result: &Result<Reply, Error>) -> String {
    match result {
        Ok(_) => "ok".into(),
        Err(Error::Conflict { code, .. }) => (*code).into(),
        Err(Error::Invalid(violations)) => format!("{} {}", violations[0].code, violations[0].field),
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn other_words_reach_the_platform_and_the_post_says_them() {
    let scene = Scene::now("readable", &["helo", "two"]);
    assert_eq!(code(&scene.amends(&["hello", "two"])), "ok");
    assert_eq!(scene.shown(), ["hello", "two"]);
    let (post, _, delivery) = scene.is();
    assert_eq!(post.content.parts[0].text, "hello");
    assert_eq!((delivery.says.as_ref(), scene.outcome()), (None, AmendOutcome::Done));
    assert_eq!(delivery.state.name(), "published");
    assert!(delivery.timeline.iter().any(|entry| entry.note.to_string() == "Changed on the platform"));
    assert_eq!(code(&scene.amends(&["hello", "two"])), "nothing_changes /content");
    // What is changed can still be deleted there.
    now(remove(&scene.process.managing(), &scene.world.caller, scene.post, true, &once(), &done(&()))).unwrap();
    assert!(scene.shown().is_empty());
}

#[test]
fn a_refusal_leaves_the_parts_after_it_as_they_were_and_the_delivery_says_what_is_shown() {
    let scene = Scene::now("readable", &["one", "two", "three"]);
    assert_eq!(code(&scene.amends(&["first", "refused", "third"])), "ok");
    assert_eq!(scene.shown(), ["first", "two", "three"]);
    assert!(matches!(scene.outcome(), AmendOutcome::Refused { code, .. } if code == "policy"));
    assert_eq!(scene.says().0, ["first", "two", "three"]);
    assert_eq!(code(&scene.amends(&["first", "second", "third"])), "ok");
    assert_eq!(scene.shown(), ["first", "second", "third"]);
    assert_eq!(scene.says(), (scene.shown(), vec![]));
}

#[test]
fn a_change_without_an_answer_may_be_repeated_and_followed_by_another_only_when_it_can_arrive_no_more() {
    for lost in ["unheard words", "unanswered words"] {
        let scene = Scene::now("readable", &["one"]);
        assert_eq!(code(&scene.amends(&[lost])), "ok");
        assert!(matches!(scene.outcome(), AmendOutcome::Unknown { .. }));
        assert_eq!(
            scene.says(),
            (vec!["one".into()], vec![0]),
            "it says for certain what it said, and is not sure of it"
        );
        assert_eq!(code(&scene.amends(&["other words"])), "not_settled");
        assert_eq!(code(&scene.amends(&["one"])), "not_settled", "not even what it said before");
        assert_eq!(code(&scene.amends(&[lost])), "ok", "the same words are harmless");
        let settle_s = i64::from(scene.is().2.settle_s) + 60;
        scene.world.engine.advance_ms((settle_s + 1) * 1_000);
        assert_eq!(code(&scene.amends(&["one"])), "ok", "its first words are sent again, though it may show them");
        assert_eq!((scene.shown(), scene.says()), (vec!["one".into()], (vec!["one".into()], vec![])));
    }
}

#[test]
fn a_refusal_after_a_lost_answer_does_not_forget_it() {
    let scene = Scene::now("readable", &["one", "two"]);
    assert_eq!(code(&scene.amends(&["unanswered", "two"])), "ok");
    assert_eq!(code(&scene.amends(&["refused", "two"])), "not_settled");
    scene.world.engine.advance_ms(3_600_000);
    assert_eq!(code(&scene.amends(&["refused", "two"])), "ok");
    assert!(matches!(scene.outcome(), AmendOutcome::Refused { .. }));
    assert_eq!(scene.says().1, [0], "whether it shows the lost words is still not known");
    assert_eq!(code(&scene.amends(&["one", "two"])), "ok");
    assert_eq!(scene.shown(), ["one", "two"]);
}

#[test]
fn only_words_change_and_only_where_the_platform_lets_them() {
    let scene = Scene::now("readable", &["one"]);
    let edit = Edit { when: Some(When::Now), ..Edit::default() };
    assert_eq!(code(&scene.amends_as(&scene.world.caller, &edit)), "too_late /publish_now");
    let edit = Edit { targets: Some(Vec::new()), ..Edit::default() };
    assert_eq!(code(&scene.amends_as(&scene.world.caller, &edit)), "too_late /accounts");
    assert_eq!(code(&scene.amends(&["one", "and two"])), "not_amendable /content");
    let long = "x".repeat(281);
    assert_eq!(code(&scene.amends(&[&long])), "content_too_long /content/parts/0/text");
    assert_eq!(scene.shown(), ["one"]);
    assert_eq!(scene.is().0.content.parts[0].text, "one", "what is refused is not written");
    let scene = Scene::now("write-only", &["one"]);
    assert_eq!(code(&scene.amends(&["two"])), "unsupported /content");
}

#[test]
fn a_title_where_the_platform_has_none_is_no_change_there() {
    let titled = |text: &str, title: &str| Edit {
        content: Some(Variant { title: Some(title.into()), ..thread(&[text]) }),
        ..Edit::default()
    };
    for platform in ["readable", "write-only"] {
        let scene = Scene::now(platform, &["one"]);
        let alone = scene.amends_as(&scene.world.caller, &titled("one", "One"));
        assert_eq!(code(&alone), "nothing_changes /content", "{platform}");
    }
    let scene = Scene::now("readable", &["one"]);
    assert_eq!(code(&scene.amends_as(&scene.world.caller, &titled("two", "Two"))), "ok");
    assert_eq!((scene.shown(), scene.says()), (vec!["two".into()], (vec!["two".into()], vec![])));
    let (post, _, delivery) = scene.is();
    assert!(post.content.title.as_deref() == Some("Two") && delivery.says.is_none());
}

#[test]
fn whose_posts_need_an_approval_changes_nothing_that_is_live() {
    let scene = Scene::now("readable", &["one"]);
    let (deps, key) = (&scene.process.deps, once());
    now(set_approval_rule(deps, &scene.world.caller, ApprovalRule::Editors, &key, &done::<Rules>)).unwrap();
    let editor = now(scene.world.person(1, Role::Editor, &[])).caller;
    let edit = Edit { content: Some(thread(&["two"])), ..Edit::default() };
    assert_eq!(code(&scene.amends_as(&editor, &edit)), "approval_needed");
    assert_eq!(code(&scene.amends_as(&scene.world.caller, &edit)), "ok");
    let viewer = now(scene.world.person(2, Role::Viewer, &[])).caller;
    assert!(matches!(scene.amends_as(&viewer, &edit), Err(Error::Forbidden("publish"))));
}

#[test]
fn what_did_not_go_out_takes_the_new_content_whole_for_its_next_try() {
    let scene = Scene::now("readable", &["one"]);
    let (post, _, delivery) = scene.is();
    let hash = |variant: &Variant| format!("{} parts", variant.parts.len());
    let (says, wanted) = (&post.content, Variant { thread_delay_s: 60, ..thread(&["one", "two"]) });
    let missed = Delivery { parts: vec![PartRecord::default()], ..delivery.clone() };
    let approved = Delivery { clearance: Clearance::Approved(delivery.content_hash.clone()), ..missed.clone() };
    let took = approved.keeps_or_takes(says, &wanted, &hash);
    assert_eq!((took.content_hash.as_str(), &took.says, took.parts.len()), ("2 parts", &None, 2));
    assert!(took.spacing.is_some() && took.is_cleared());
    let former = serde_json::json!({ "former": ["an upload"] });
    let kept = Delivery { progress: Some(former), ..missed }.keeps_or_takes(says, &wanted, &hash);
    assert_eq!(
        (kept.content_hash.as_str(), kept.parts.len()),
        ("1 parts", 1),
        "the platform is asked of it by what it said"
    );
    assert_eq!(kept.says.as_deref(), Some(says));
}

#[test]
fn what_was_approved_stays_readable_and_approved_when_its_words_are_changed() {
    let scene = Scene::now("readable", &["one"]);
    let (deps, tenant) = (&scene.process.deps, scene.world.caller.tenant);
    let (post, _, delivery) = scene.is();
    let found = now(deps.ledger.delivery(tenant, scene.post, delivery.account)).unwrap().unwrap();
    let cleared = Delivery { clearance: Clearance::Approved(delivery.content_hash.clone()), ..delivery };
    let asked = ToApprove { hash: "of the old words".into(), until: post.created_at, made_by: post.created_by };
    let approval = Approval::asked((tenant, scene.post), asked, post.created_by, None, post.created_at);
    let writes = vec![Write::replace(&found, Record::Delivery(cleared)), Write::create(Record::Approval(approval))];
    now(deps.ledger.commit(writes)).unwrap();
    assert_eq!(code(&scene.amends(&["other words"])), "ok");
    let view = now(status(deps, &scene.world.caller, scene.post)).unwrap();
    assert_eq!(view.post.content.parts[0].text, "other words");
    assert!(view.deliveries[0].is_cleared(), "it could go on where it stopped");
}

#[test]
fn an_event_that_has_not_left_yet_rides_on_through_a_change() {
    let scene = Scene::now("readable", &["one"]);
    let (deps, tenant) = (&scene.process.deps, scene.world.caller.tenant);
    let delivery = scene.is().2;
    let found = now(deps.ledger.delivery(tenant, scene.post, delivery.account)).unwrap().unwrap();
    let news = deps.events(tenant, "test", [EventData::PostScheduled(PostFacts { post_id: scene.post, due_at: None })]);
    let write = Write::replace(&found, Record::Delivery(delivery.clone())).telling(news.clone());
    now(deps.ledger.commit(vec![write])).unwrap();
    assert_eq!(code(&scene.amends(&["two"])), "ok");
    assert!(scene.world.bus.taken().contains(&news[0]), "it left with the next commit");
}

#[test]
fn a_thread_that_ended_halfway_goes_on_with_the_words_it_was_changed_to_though_the_live_ones_could_not_be() {
    let scene = Scene::now("readable", &["one", "two"]);
    let (deps, tenant) = (&scene.process.deps, scene.world.caller.tenant);
    let delivery = scene.is().2;
    let found = now(deps.ledger.delivery(tenant, scene.post, delivery.account)).unwrap().unwrap();
    let (at, mut parts) = (scene.world.engine.now(), delivery.parts.clone());
    parts[1] = PartRecord::default();
    let state = State::Partial { at, code: "account_needs_reauth".into(), detail: "gone".into() };
    let halfway = Delivery { state, parts, ..delivery.clone() };
    now(deps.ledger.commit(vec![Write::replace(&found, Record::Delivery(halfway))])).unwrap();
    assert_eq!(code(&scene.amends(&["refused", "second"])), "ok");
    assert_eq!(scene.says(), (vec!["one".into(), "second".into()], vec![]), "what is shown, and what is to come");
    let changed: &(dyn Fn(&[Delivery]) -> StoredReply + Sync) = &|_| done(&());
    now(retry(deps, &scene.world.caller, scene.post, None, &[], &once(), changed)).unwrap();
    let job = PublishJob { v: 1, tenant, post: scene.post, account: delivery.account, cid: "test".into() };
    scene.world.engine.advance_ms(60_000);
    let until = scene.world.engine.now() + SignedDuration::from_mins(1);
    now(execute(&scene.process.publishing(), &job, until)).unwrap();
    assert_eq!(scene.shown().last().unwrap(), "second");
}

#[test]
fn a_change_whose_sender_did_not_come_back_is_told_as_unknown_after_a_minute_and_keeps_deletions_and_retries_away_until_then()
 {
    let scene = Scene::now("readable", &["one"]);
    let (deps, tenant, caller) = (&scene.process.deps, scene.world.caller.tenant, &scene.world.caller);
    let delivery = scene.is().2;
    let found = now(deps.ledger.delivery(tenant, scene.post, delivery.account)).unwrap().unwrap();
    let at = deps.ledger.store_now().unwrap();
    let (says, hash) = (thread(&["one"]), |_: &Variant| delivery.content_hash.clone());
    let leaving = delivery.amending(&says, &thread(&["two"]), &hash, vec![0], at).unwrap().next;
    now(deps.ledger.commit(vec![Write::replace(&found, Record::Delivery(leaving))])).unwrap();
    let deleted = || now(remove(&scene.process.managing(), caller, scene.post, true, &once(), &done(&())));
    assert_eq!((code(&deleted()), code(&scene.amends(&["two"]))), ("still_open".into(), "wrong_state".into()));
    scene.world.engine.advance_ms(61_000);
    let view = now(status(deps, caller, scene.post)).unwrap();
    let told = view.deliveries[0].amendment.as_ref().unwrap();
    assert!(matches!(told.outcome, AmendOutcome::Unknown { .. }) && told.unsure() == [0], "{told:?}");
    assert_eq!(code(&deleted()), "ok");
}

#[test]
fn of_two_accounts_the_one_that_is_connected_changes_and_the_other_says_why_not() {
    let scene = Scene::now("readable", &["one"]);
    let (deps, tenant) = (&scene.process.deps, scene.world.caller.tenant);
    let account = scene.is().2.account;
    let found = now(deps.ledger.account(tenant, account)).unwrap().unwrap();
    let gone = found.value.needs_reconnect("revoked", scene.world.engine.now());
    now(deps.ledger.commit(vec![Write::replace(&found, Record::Account(gone))])).unwrap();
    assert_eq!(code(&scene.amends(&["two"])), "ok");
    assert!(matches!(scene.outcome(), AmendOutcome::Refused { code, .. } if code == "revoked"));
    assert_eq!(scene.says(), (vec!["one".into()], vec![]), "nothing left, so it is known what it says");
}

/// Two people change the words, workers die, answers come late: of every part the delivery says what the platform shows, or that it
/// does not know.
#[test]
fn whatever_happens_meanwhile_what_a_delivery_is_sure_of_is_what_people_see() {
    let (mut both, mut neither, mut unsure) = (0, 0, 0);
    for seed in 0..400 {
        let scene = now(Scene::live(seed, "readable", &["one", "two"]));
        let rev = scene.is().1;
        scene.world.engine.schedule(Fates { crash: 40, ..Fates::default() }, None);
        let body = |texts: &'static [&'static str]| -> (Process, Body<bool>) {
            let process = scene.world.process();
            let (deps, caller, post) = (process.managing(), scene.world.caller.clone(), scene.post);
            let edit = Edit { content: Some(thread(texts)), ..Edit::default() };
            let future = async move {
                Box::pin(amend(&deps, &caller, post, rev, &edit, &once(), &done::<Accepted>)).await.is_ok()
            };
            (process, Box::pin(future))
        };
        let ends = together(&scene.world, vec![body(&["first", "second"]), body(&["erste", "unanswered zweite"])]);
        scene.world.engine.calm();
        let won = ends.iter().filter(|end| **end == Some(true)).count();
        assert!(won < 2, "{seed}: both changed the same revision");
        (both, neither) = (both + usize::from(won == 1), neither + usize::from(won == 0));
        let (says, unsure_of) = scene.says();
        for (part, (says, shown)) in says.iter().zip(scene.shown()).enumerate() {
            let sure = !unsure_of.contains(&u16::try_from(part).unwrap());
            assert!(!sure || *says == shown, "{seed}: part {part} says {says}, people see {shown}");
        }
        unsure += usize::from(!unsure_of.is_empty());
        // Later somebody settles it.
        scene.world.engine.advance_ms(3_600_000);
        assert_eq!(code(&scene.amends(&["last", "words"])), "ok", "{seed}");
        assert_eq!((scene.shown(), scene.says().1), (vec!["last".into(), "words".into()], vec![]), "{seed}");
    }
    assert!(both > 50 && neither > 5 && unsure > 50, "{both} {neither} {unsure}");
}
