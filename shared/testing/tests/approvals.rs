//! Approvals, end to end over the real store: nothing leaves that nobody approved as it is, whoever does what at the same
//! moment. What happens "meanwhile" happens between a use case's reading and its commit, where its answer is made.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use app::access::{change_role, remove_member};
use app::publishing::{
    Accepted, Edit, PostView, PublishCommand, TargetSpec, Verdict, When, approvals, approve, ask_approval, cancel,
    edit, execute, reject, request, retry, set_approval_rule, set_brand_rules, status, tick,
};
use app::{Error, Once, Reply};
use domain::access::{Caller, Member, Role};
use domain::publishing::{
    ApprovalAct, ApprovalRule, BrandRules, Clearance, Delivery, Media, MediaRef, MediaSource, Probe, Rules, Standing,
    State, Variant, Wake,
};
use domain::{AccountId, MediaId, PostId};
use jiff::SignedDuration;
use ports::{Job, Record, StoredReply, Write};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use testing::{Process, World, now};

const MIN: i64 = 60_000;

struct Scene {
    world: World,
    process: Process,
    account: AccountId,
    owner: Caller,
    editor: Caller,
    approver: Caller,
    keys: AtomicU32,
}

fn done<T>(_: &T) -> StoredReply {
    StoredReply { status: 200, body: String::new() }
}

fn code(result: Result<Reply, Error>) -> &'static str {
    match result {
        Ok(_) => "ok",
        Err(Error::Conflict { code, .. }) => code,
        Err(Error::Forbidden(_)) => "forbidden",
        Err(Error::NotFound(_)) => "not_found",
        Err(other) => panic!("{other:?}"),
    }
}

impl Scene {
    /// A tenant whose editors' posts need an approval.
    fn new() -> Self {
        let world = World::new(7);
        let process = world.process();
        let account = now(world.connect(&process.deps, "readable", "ada")).unwrap().id;
        let person = |role| now(world.person(1, role, &[])).caller;
        let (editor, approver) = (person(Role::Editor), person(Role::Approver));
        let owner = world.caller.clone();
        let scene = Self { world, process, account, owner, editor, approver, keys: AtomicU32::default() };
        scene.rule(ApprovalRule::Editors);
        scene
    }

    fn once(&self) -> Once {
        let key = self.keys.fetch_add(1, Ordering::Relaxed).to_string();
        Once { route: "test".into(), key, fingerprint: "f".into() }
    }

    fn rule(&self, rule: ApprovalRule) {
        let once = self.once();
        let set = set_approval_rule(&self.process.deps, &self.owner, rule, &once, &done::<Rules>);
        now(set).unwrap();
    }

    fn posted(&self, by: &Caller, when: When) -> PostId {
        let command = PublishCommand {
            content: Variant::text("good morning"),
            variants: BTreeMap::new(),
            targets: vec![TargetSpec::Account(self.account)],
            when,
            max_lateness_s: Some(600),
        };
        let id = |accepted: &Accepted| StoredReply { status: 202, body: accepted.post.id.to_string() };
        let reply = now(request(&self.process.deps, by, &command, &self.once(), &id)).unwrap();
        reply.stored.body.parse().unwrap()
    }

    /// The editor's post, due in an hour.
    fn waiting(&self) -> PostId {
        self.posted(&self.editor, When::At(self.world.engine.now() + SignedDuration::from_hours(1)))
    }

    fn view(&self, post: PostId) -> PostView {
        now(status(&self.process.deps, &self.owner, post)).unwrap()
    }

    fn hash(&self, post: PostId) -> String {
        self.view(post).approval.unwrap().hash
    }

    fn delivery(&self, post: PostId) -> Delivery {
        self.view(post).deliveries.remove(0)
    }

    fn verdict(&self, post: PostId) -> Verdict {
        Verdict { hash: self.hash(post), comment: Some("as agreed".into()) }
    }

    fn approves(&self, by: &Caller, post: PostId) -> &'static str {
        code(now(approve(&self.process.deps, by, post, &self.verdict(post), &self.once(), &done::<PostView>)))
    }

    /// Approves, while `meanwhile` happens between reading and writing.
    fn approves_while(&self, by: &Caller, post: PostId, meanwhile: impl Fn() + Sync) -> &'static str {
        let verdict = self.verdict(post);
        let encode = |view: &PostView| {
            meanwhile();
            done(view)
        };
        code(now(approve(&self.process.deps, by, post, &verdict, &self.once(), &encode)))
    }

    fn rejects(&self, by: &Caller, post: PostId) -> &'static str {
        code(now(reject(&self.process.deps, by, post, &self.verdict(post), &self.once(), &done::<PostView>)))
    }

    fn edits(&self, by: &Caller, post: PostId, text: &str) -> &'static str {
        let change = Edit { content: Some(Variant::text(text)), ..Edit::default() };
        let rev = self.view(post).rev;
        code(now(edit(&self.process.deps, by, post, rev, &change, &self.once(), &done::<Accepted>)))
    }

    /// Lets so many minutes pass, a tick and every message of it in each.
    fn pass(&self, minutes: i64) {
        for _ in 0..minutes {
            self.world.engine.advance_ms(MIN);
            let deadline = self.process.deps.clock.now() + SignedDuration::from_mins(1);
            now(tick(&self.process.deps, deadline, "t")).unwrap();
            self.work();
        }
    }

    fn work(&self) {
        for message in self.world.queues.take() {
            let Job::Publish { job, .. } = message.job else { continue };
            let deadline = self.world.engine.now() + SignedDuration::from_mins(1);
            now(execute(&self.process.publishing(), &job, deadline)).unwrap();
        }
    }

    fn inbox(&self) -> Vec<PostId> {
        let page = now(approvals(&self.process.deps, &self.approver, None, 50)).unwrap();
        page.items.iter().map(|view| view.post.id).collect()
    }

    fn told(&self, kind: &str) -> usize {
        self.world.bus.taken().iter().filter(|event| event.data.kind() == kind).count()
    }

    fn acts(&self, post: PostId) -> Vec<ApprovalAct> {
        self.view(post).approval.unwrap().steps.iter().map(|step| step.act).collect()
    }
}

#[test]
fn what_an_editor_wrote_waits_until_somebody_approves_it_and_then_goes_out_once() {
    let scene = Scene::new();
    let post = scene.waiting();
    assert_eq!((scene.inbox(), scene.told("post.approval_requested")), (vec![post], 1));
    assert_eq!(scene.approves(&scene.editor, post), "forbidden");
    assert_eq!(scene.approves(&scene.approver, post), "ok");
    assert_eq!((scene.inbox(), scene.told("post.approved")), (vec![], 1));
    scene.pass(59);
    assert_eq!(scene.delivery(post).state.name(), "scheduled", "approved, and not before its time");
    scene.pass(3);
    assert_eq!(scene.delivery(post).state.name(), "published");
    let step = &scene.view(post).approval.unwrap().steps[1];
    assert_eq!((step.by, step.comment.as_deref()), (scene.approver.member, Some("as agreed")));
}

#[test]
fn what_nobody_approved_is_missed_when_its_time_is_over_and_told_and_never_sent() {
    let scene = Scene::new();
    let post = scene.waiting();
    scene.pass(69);
    assert_eq!(scene.delivery(post).state.name(), "scheduled", "it may still be approved");
    assert_eq!(scene.inbox(), [post]);
    scene.pass(3);
    assert!(matches!(scene.delivery(post).state, State::Missed { .. }));
    assert_eq!((scene.inbox(), scene.told("post.missed")), (vec![], 1));
    assert_eq!(scene.approves(&scene.approver, post), "time_over");
    let once = scene.once();
    let again = retry(&scene.process.deps, &scene.editor, post, None, &[], &once, &|_: &[Delivery]| done(&()));
    assert_eq!(code(now(again)), "not_approved");
    scene.pass(30);
    assert!(scene.world.platforms[0].truth().posted.is_empty());
}

#[test]
fn what_is_approved_after_its_time_leaves_at_once_within_its_lateness() {
    let scene = Scene::new();
    let post = scene.posted(&scene.editor, When::Now);
    scene.pass(5);
    assert_eq!(scene.delivery(post).attempts, 0);
    assert_eq!(scene.approves(&scene.approver, post), "ok");
    scene.work();
    assert_eq!(scene.delivery(post).state.name(), "published");
}

#[test]
fn a_wake_up_that_comes_all_the_same_sends_nothing_that_is_not_approved() {
    let scene = Scene::new();
    let post = scene.waiting();
    scene.world.engine.advance_ms(61 * MIN);
    // As if it had been given a wake-up like any other; and as if an approval of something else had been left on it.
    for clearance in [Clearance::Awaited, Clearance::Approved("0".repeat(32))] {
        let deps = &scene.process.deps;
        let old = now(deps.ledger.delivery(scene.owner.tenant, post, scene.account)).unwrap().unwrap();
        let wake = Some(Wake { at: old.value.due_at, set_at: old.value.due_at, sent: false });
        let next = Delivery { clearance, wake, ..old.value.clone() };
        now(deps.ledger.commit(vec![Write::replace(&old, Record::Delivery(next))])).unwrap();
        now(tick(deps, deps.clock.now() + SignedDuration::from_mins(1), "t")).unwrap();
        scene.work();
        assert_eq!(scene.delivery(post).state.name(), "scheduled");
    }
    assert!(scene.world.platforms[0].truth().posted.is_empty());
    // The guard and nothing else held it back: without it the same wake-up sends.
    let deps = &scene.process.deps;
    let old = now(deps.ledger.delivery(scene.owner.tenant, post, scene.account)).unwrap().unwrap();
    let next = Delivery { clearance: Clearance::Free, ..old.value.clone() };
    now(deps.ledger.commit(vec![Write::replace(&old, Record::Delivery(next))])).unwrap();
    scene.pass(2);
    assert_eq!(scene.delivery(post).state.name(), "published");
}

#[test]
fn an_edit_takes_the_approval_back_and_asks_again() {
    let scene = Scene::new();
    let post = scene.waiting();
    assert_eq!(scene.approves(&scene.approver, post), "ok");
    let seen = scene.verdict(post);
    assert_eq!(scene.edits(&scene.editor, post, "good evening"), "ok");
    assert_eq!((scene.inbox(), scene.told("post.approval_requested")), (vec![post], 2));
    let once = scene.once();
    let late = approve(&scene.process.deps, &scene.approver, post, &seen, &once, &done::<PostView>);
    assert_eq!(code(now(late)), "content_changed", "what was seen is not what it says now");
    // An owner's edit as well: what was approved was something else.
    assert_eq!(scene.approves(&scene.approver, post), "ok");
    assert_eq!(scene.edits(&scene.owner, post, "good night"), "ok");
    let (approved, changed) = (ApprovalAct::Approved, ApprovalAct::Changed);
    assert_eq!(scene.acts(post), [ApprovalAct::Asked, approved, changed, approved, changed]);
    scene.pass(75);
    assert!(matches!(scene.delivery(post).state, State::Missed { .. }));
}

#[test]
fn an_edit_of_the_time_takes_the_approval_back_too() {
    let scene = Scene::new();
    let post = scene.waiting();
    assert_eq!(scene.approves(&scene.approver, post), "ok");
    let later = When::At(scene.world.engine.now() + SignedDuration::from_hours(2));
    let change = Edit { when: Some(later), ..Edit::default() };
    let rev = scene.view(post).rev;
    now(edit(&scene.process.deps, &scene.editor, post, rev, &change, &scene.once(), &done::<Accepted>)).unwrap();
    assert_eq!(scene.delivery(post).clearance, Clearance::Awaited);
    scene.pass(125);
    assert_eq!(scene.delivery(post).attempts, 0);
}

#[test]
fn an_edit_at_the_moment_of_the_approval_wins_and_what_it_says_is_not_approved() {
    let scene = Scene::new();
    let post = scene.waiting();
    let meanwhile = || assert_eq!(scene.edits(&scene.editor, post, "good evening"), "ok");
    assert_eq!(scene.approves_while(&scene.approver, post, meanwhile), "changed_meanwhile");
    assert_eq!(scene.delivery(post).clearance, Clearance::Awaited);
    assert_eq!(scene.inbox(), [post]);
}

#[test]
fn of_two_approvers_at_once_one_approves_and_the_other_is_told() {
    let scene = Scene::new();
    let post = scene.waiting();
    let meanwhile = || assert_eq!(scene.approves(&scene.owner, post), "ok");
    assert_eq!(scene.approves_while(&scene.approver, post, meanwhile), "changed_meanwhile");
    assert_eq!(scene.approves(&scene.approver, post), "wrong_state");
    assert_eq!(scene.view(post).approval.unwrap().steps.len(), 2);
    assert_eq!(scene.told("post.approved"), 1);
    // A "no" at the moment of a "yes" is no different.
    let post = scene.waiting();
    let meanwhile = || assert_eq!(scene.rejects(&scene.owner, post), "ok");
    assert_eq!(scene.approves_while(&scene.approver, post, meanwhile), "changed_meanwhile");
    assert_eq!(scene.view(post).approval.unwrap().standing, Standing::Rejected);
}

#[test]
fn what_is_missed_at_the_moment_of_the_approval_stays_missed() {
    let scene = Scene::new();
    let post = scene.waiting();
    // The approver's clock is within the lateness, the worker's a moment beyond it.
    scene.world.engine.advance_ms(70 * MIN);
    let meanwhile = || {
        let deps = &scene.process.deps;
        let old = now(deps.ledger.delivery(scene.owner.tenant, post, scene.account)).unwrap().unwrap();
        let late = old.value.latest_start() + SignedDuration::from_secs(1);
        let domain::publishing::Wakened::Ended(moved) = old.value.wakened("w", late) else { unreachable!() };
        now(deps.ledger.commit(vec![Write::replace(&old, Record::Delivery(moved.next))])).unwrap();
    };
    assert_eq!(scene.approves_while(&scene.approver, post, meanwhile), "changed_meanwhile");
    assert!(matches!(scene.delivery(post).state, State::Missed { .. }));
    assert_eq!(scene.approves(&scene.approver, post), "too_late");
}

#[test]
fn who_stops_being_an_approver_at_the_moment_of_the_approval_approves_nothing() {
    let scene = Scene::new();
    let post = scene.waiting();
    let (deps, id) = (&scene.process.deps, scene.approver.member);
    let leaves = || {
        now(remove_member(deps, &scene.owner, id, &scene.once(), &done::<Member>)).unwrap();
    };
    assert_eq!(scene.approves_while(&scene.approver, post, leaves), "changed_meanwhile");
    assert_eq!(scene.delivery(post).clearance, Clearance::Awaited);
    // Their session outlives them by a request at most, and it is worth nothing.
    assert_eq!(scene.approves(&scene.approver, post), "forbidden");
    let second = now(scene.world.person(1, Role::Approver, &[])).caller;
    let demoted = || {
        now(change_role(deps, &scene.owner, second.member, Role::Viewer, &scene.once(), &done::<Member>)).unwrap();
    };
    assert_eq!(scene.approves_while(&second, post, demoted), "changed_meanwhile");
    assert_eq!(scene.approves(&second, post), "forbidden");
}

#[test]
fn an_approval_stands_when_its_approver_leaves_later() {
    let scene = Scene::new();
    let post = scene.waiting();
    assert_eq!(scene.approves(&scene.approver, post), "ok");
    let once = scene.once();
    let leaves = remove_member(&scene.process.deps, &scene.owner, scene.approver.member, &once, &done::<Member>);
    now(leaves).unwrap();
    scene.pass(62);
    assert_eq!(scene.delivery(post).state.name(), "published");
}

#[test]
fn a_rejection_says_why_and_the_post_waits_until_it_is_changed_or_asked_for_again() {
    let scene = Scene::new();
    let post = scene.waiting();
    let silent = Verdict { comment: Some("  ".into()), ..scene.verdict(post) };
    let refused = now(reject(&scene.process.deps, &scene.approver, post, &silent, &scene.once(), &done::<PostView>));
    assert!(matches!(refused, Err(Error::Invalid(v)) if v[0].code == "comment_missing"));
    let long = Verdict { comment: Some("x".repeat(501)), ..scene.verdict(post) };
    let refused = now(approve(&scene.process.deps, &scene.approver, post, &long, &scene.once(), &done::<PostView>));
    assert!(matches!(refused, Err(Error::Invalid(v)) if v[0].code == "comment_too_long"));
    assert_eq!(scene.rejects(&scene.approver, post), "ok");
    assert_eq!((scene.inbox(), scene.told("post.rejected")), (vec![], 1));
    assert_eq!(scene.approves(&scene.approver, post), "wrong_state");
    let ask = || {
        code(now(ask_approval(
            &scene.process.deps,
            &scene.editor,
            post,
            Some("please look again"),
            &scene.once(),
            &done::<PostView>,
        )))
    };
    assert_eq!((ask(), ask()), ("ok", "wrong_state"));
    assert_eq!(scene.inbox(), [post]);
    assert_eq!(scene.rejects(&scene.approver, post), "ok");
    assert_eq!(scene.edits(&scene.editor, post, "better"), "ok");
    assert_eq!(scene.inbox(), [post]);
    assert_eq!(scene.approves(&scene.approver, post), "ok");
}

#[test]
fn a_yes_can_be_taken_back_until_the_post_leaves() {
    let scene = Scene::new();
    let post = scene.waiting();
    assert_eq!((scene.approves(&scene.approver, post), scene.rejects(&scene.owner, post)), ("ok", "ok"));
    scene.pass(61);
    assert_eq!(scene.delivery(post).attempts, 0);
    let post = scene.posted(&scene.editor, When::Now);
    assert_eq!(scene.approves(&scene.approver, post), "ok");
    scene.work();
    assert_eq!(scene.rejects(&scene.approver, post), "too_late");
    assert_eq!(scene.delivery(post).state.name(), "published");
}

#[test]
fn nobody_approves_what_they_wrote_or_asked_for_unless_nobody_else_may() {
    let scene = Scene::new();
    scene.rule(ApprovalRule::Everyone);
    let post = scene.posted(&scene.owner, When::At(scene.world.engine.now() + SignedDuration::from_hours(1)));
    assert_eq!(scene.approves(&scene.owner, post), "own_request");
    assert_eq!(scene.approves(&scene.approver, post), "ok");
    // Somebody else's change makes it nobody else's text.
    assert_eq!(scene.edits(&scene.editor, post, "changed"), "ok");
    assert_eq!(scene.approves(&scene.owner, post), "own_request");
    assert_eq!(scene.approves(&scene.approver, post), "ok");
    let alone = scene.posted(&scene.owner, When::At(scene.world.engine.now() + SignedDuration::from_hours(1)));
    let once = scene.once();
    let leaves = remove_member(&scene.process.deps, &scene.owner, scene.approver.member, &once, &done::<Member>);
    now(leaves).unwrap();
    assert_eq!(scene.approves(&scene.owner, alone), "ok");
}

#[test]
fn a_post_that_is_called_off_waits_for_nobody_and_cannot_be_approved() {
    let scene = Scene::new();
    let post = scene.waiting();
    let once = scene.once();
    let off = cancel(&scene.process.deps, &scene.editor, post, &once, &|_: &[Delivery]| done(&()));
    now(off).unwrap();
    assert_eq!(scene.inbox(), []);
    assert_eq!(scene.approves(&scene.approver, post), "wrong_state");
    assert_eq!(scene.view(post).approval.unwrap().standing, Standing::CalledOff);
    // And called off at the very moment of the approval.
    let post = scene.waiting();
    let meanwhile = || {
        now(cancel(&scene.process.deps, &scene.editor, post, &scene.once(), &|_: &[Delivery]| done(&()))).unwrap();
    };
    assert_eq!(scene.approves_while(&scene.approver, post, meanwhile), "changed_meanwhile");
    scene.pass(62);
    assert_eq!(scene.delivery(post).attempts, 0);
}

#[test]
fn what_needs_no_approval_can_be_asked_for_and_a_draft_and_what_has_left_cannot() {
    let scene = Scene::new();
    let free = scene.posted(&scene.owner, When::At(scene.world.engine.now() + SignedDuration::from_hours(1)));
    let draft = scene.posted(&scene.owner, When::Draft);
    let out = scene.posted(&scene.owner, When::Now);
    scene.work();
    let ask =
        |post| code(now(ask_approval(&scene.process.deps, &scene.owner, post, None, &scene.once(), &done::<PostView>)));
    assert_eq!((ask(free), ask(draft), ask(out)), ("ok", "wrong_state", "too_late"));
    scene.pass(62);
    assert_eq!(scene.delivery(free).attempts, 0);
}

#[test]
fn the_rule_counts_for_what_is_accepted_or_changed_from_then_on() {
    let scene = Scene::new();
    scene.rule(ApprovalRule::Nobody);
    let before = scene.waiting();
    scene.rule(ApprovalRule::Editors);
    let after = scene.waiting();
    scene.rule(ApprovalRule::Nobody);
    let clearance = |post| scene.delivery(post).clearance;
    assert_eq!((clearance(before), clearance(after)), (Clearance::Free, Clearance::Awaited));
    scene.rule(ApprovalRule::Editors);
    assert_eq!(scene.edits(&scene.editor, before, "changed"), "ok");
    assert_eq!(clearance(before), Clearance::Awaited);
    // A draft has nothing to approve until it gets a time.
    let draft = scene.posted(&scene.editor, When::Draft);
    assert_eq!(scene.view(draft).approval, None);
    let at = Edit { when: Some(When::Now), ..Edit::default() };
    let rev = scene.view(draft).rev;
    now(edit(&scene.process.deps, &scene.editor, draft, rev, &at, &scene.once(), &done::<Accepted>)).unwrap();
    assert_eq!(clearance(draft), Clearance::Awaited);
}

#[test]
fn another_tenants_approver_finds_nothing() {
    let scene = Scene::new();
    let post = scene.waiting();
    let foreigner = now(scene.world.person(2, Role::Owner, &[])).caller;
    assert_eq!(scene.approves(&foreigner, post), "not_found");
    assert_eq!(scene.rejects(&foreigner, post), "not_found");
    let theirs = now(approvals(&scene.process.deps, &foreigner, None, 50)).unwrap();
    assert!(theirs.items.is_empty());
    assert_eq!(scene.inbox(), [post]);
}

#[test]
fn what_waits_is_listed_by_urgency_page_by_page_though_time_passes_between_them() {
    let scene = Scene::new();
    let at = |minutes| When::At(scene.world.engine.now() + SignedDuration::from_mins(minutes));
    let (second, first) = (scene.posted(&scene.editor, at(40)), scene.posted(&scene.editor, at(20)));
    let page = |cursor: Option<&str>| now(approvals(&scene.process.deps, &scene.approver, cursor, 1)).unwrap();
    let one = page(None);
    assert_eq!(one.items[0].post.id, first);
    scene.world.engine.advance_ms(31 * MIN);
    let two = page(one.next.as_deref());
    assert_eq!((two.items[0].post.id, two.next), (second, None));
}

#[test]
fn a_post_is_never_shown_with_the_approval_of_another_text() {
    let scene = Scene::new();
    let post = scene.waiting();
    let ledger = &scene.process.deps.ledger;
    let old = now(ledger.post(scene.owner.tenant, post)).unwrap().unwrap();
    let other = domain::publishing::Post { content: Variant::text("other"), ..old.value.clone() };
    now(ledger.commit(vec![Write::replace(&old, Record::Post(other))])).unwrap();
    let read = now(status(&scene.process.deps, &scene.owner, post));
    assert!(matches!(read, Err(Error::Unavailable(_))), "{read:?}");
}

#[test]
fn what_needed_no_approval_and_failed_is_tried_again_by_the_rules_of_now() {
    let scene = Scene::new();
    let post = scene.posted(&scene.owner, When::At(scene.world.engine.now() + SignedDuration::from_hours(1)));
    let ledger = &scene.process.deps.ledger;
    let old = now(ledger.delivery(scene.owner.tenant, post, scene.account)).unwrap().unwrap();
    let at = scene.world.engine.now();
    let failed = State::Failed { at, code: "no".into(), detail: "no".into() };
    let failed = Delivery { state: failed, wake: None, started: true, ..old.value.clone() };
    now(ledger.commit(vec![Write::replace(&old, Record::Delivery(failed))])).unwrap();
    let tries = |by: &Caller| {
        let (deps, once) = (&scene.process.deps, scene.once());
        now(retry(deps, by, post, None, &[], &once, &|_: &[Delivery]| done(&())))
    };
    assert_eq!(code(tries(&scene.editor)), "not_approved");
    let brand = BrandRules { forbidden_words: vec!["morning".into()], ..BrandRules::default() };
    let sets = |brand: &BrandRules| {
        now(set_brand_rules(&scene.process.deps, &scene.owner, brand, &scene.once(), &done::<Rules>)).unwrap();
    };
    sets(&brand);
    let refused = tries(&scene.owner);
    assert!(matches!(&refused, Err(Error::Invalid(all)) if all[0].code == "brand_word_forbidden"), "{refused:?}");
    sets(&BrandRules::default());
    assert_eq!(code(tries(&scene.owner)), "ok");
}

#[test]
fn a_comment_with_control_characters_is_refused() {
    let scene = Scene::new();
    let post = scene.waiting();
    let says = |text: &str| {
        let verdict = Verdict { hash: scene.hash(post), comment: Some(text.into()) };
        now(approve(&scene.process.deps, &scene.approver, post, &verdict, &scene.once(), &done::<PostView>))
    };
    let refused = says("a\u{7}b");
    assert!(matches!(&refused, Err(Error::Invalid(all)) if all[0].code == "comment_invalid"), "{refused:?}");
    assert_eq!(code(says("a\n\tb")), "ok");
}

#[test]
fn what_lies_at_somebodys_address_is_not_approved_for_it_may_be_replaced_afterwards() {
    let scene = Scene::new();
    let post = scene.waiting();
    let medium = Media {
        id: MediaId::from_uuid(uuid::Uuid::from_u128(9)),
        tenant: scene.owner.tenant,
        created_by: scene.editor.member,
        created_at: scene.world.engine.now(),
        source: MediaSource::Url { url: "https://editor.example/a.png".into() },
        probe: Some(Probe::picture("image/png", 100, 1, 1)),
        alt_text: None,
    };
    now(scene.process.deps.ledger.commit(vec![Write::create(Record::Media(medium.clone()))])).unwrap();
    let mut content = Variant::text("with a picture");
    content.parts[0].media.push(MediaRef::new(medium.id));
    let change = Edit { content: Some(content.clone()), ..Edit::default() };
    let rev = scene.view(post).rev;
    let refused = now(edit(&scene.process.deps, &scene.editor, post, rev, &change, &scene.once(), &done::<Accepted>));
    let Err(Error::Invalid(violations)) = refused else { panic!("{refused:?}") };
    assert_eq!(
        (violations[0].code.as_str(), violations[0].field.as_str()),
        ("media_not_pinned", "/content/parts/0/media/0")
    );
    // A post of before the rule, for which somebody asks now.
    scene.rule(ApprovalRule::Nobody);
    let free = scene.waiting();
    let rev = scene.view(free).rev;
    now(edit(&scene.process.deps, &scene.editor, free, rev, &change, &scene.once(), &done::<Accepted>)).unwrap();
    let once = scene.once();
    now(ask_approval(&scene.process.deps, &scene.editor, free, None, &once, &done::<PostView>)).unwrap();
    assert_eq!(scene.approves(&scene.approver, free), "media_not_pinned");
}
