//! Answers from the inbox, end to end over the real store: nobody is answered twice by mistake, whoever does what at the same moment and
//! whatever becomes of the post, and what was said is done exactly when an answer is live. What happens "meanwhile" happens between a use
//! case's reading and its commit, where its answer is made.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use app::accounts::{Disconnected, disconnect};
use app::inbox::{Conversation, InboxEdit, answer, answered, change, interaction};
use app::publishing::{
    Accepted, Answer, Decision, Edit, PostView, Verdict, When, approve, cancel, edit, execute, reconcile, resolve,
    retry, set_approval_rule, status, tick,
};
use app::{Error, Once, Reply};
use domain::access::{Caller, Role};
use domain::accounts::Account;
use domain::inbound::{Said, What};
use domain::inbox::{InboxState, Interaction};
use domain::publishing::{ApprovalRule, Delivery, Failure, Part, Question, Rules, State, Variant};
use domain::{AccountId, InteractionId, PostId};
use jiff::SignedDuration;
use ports::{PublishJob, Record, StoredReply, Write};
use std::collections::BTreeSet;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use testing::sim::{Body, together};
use testing::{ANSWERED, Fates, Hooked, Kind, Mutant, Process, Weather, World, now};
use uuid::Uuid;

const HOUR: i64 = 3_600_000;

fn done<T>(_: &T) -> StoredReply {
    StoredReply { status: 200, body: String::new() }
}

fn encode(accepted: &Accepted) -> StoredReply {
    StoredReply { status: 202, body: accepted.post.id.to_string() }
}

fn code(result: &Result<Reply, Error>) -> String {
    match result {
        Ok(_) => "ok".into(),
        Err(Error::Conflict { code, .. }) => (*code).into(),
        Err(Error::Invalid(violations)) => format!("{} {}", violations[0].code, violations[0].field),
        Err(Error::NotFound(_)) => "not_found".into(),
        Err(other) => panic!("{other:?}"),
    }
}

fn post_of(result: Result<Reply, Error>) -> PostId {
    result.unwrap().stored.body.parse().unwrap()
}

fn named(key: &str) -> Once {
    Once { route: "test".into(), key: key.into(), fingerprint: "f".into() }
}

/// An account on a platform where posts answer, and a comment that somebody made.
struct Scene {
    world: World,
    process: Process,
    account: Account,
    comment: InteractionId,
    keys: AtomicU32,
}

impl Scene {
    fn new() -> Self {
        Self::of(7, Weather::calm())
    }

    fn of(seed: u64, weather: Weather) -> Self {
        let said = Said { external_id: "c1".into(), text: Some("When?".into()), ..Said::default() };
        Self::said(World::with(seed, weather, &[ANSWERED], Mutant::None), said)
    }

    fn said(world: World, said: Said) -> Self {
        let process = world.process();
        let account = now(world.connect(&process.deps, "answered", "ada")).unwrap();
        let comment = now(world.told(&account.platform, Some(account.id), What::Comment(said)));
        Self { world, process, account, comment, keys: AtomicU32::default() }
    }

    fn once(&self) -> Once {
        named(&self.keys.fetch_add(1, Ordering::Relaxed).to_string())
    }

    fn seen(&self) -> Conversation {
        now(interaction(&self.process.deps, &self.world.caller, self.comment)).unwrap()
    }

    fn kept(&self) -> Interaction {
        self.seen().interaction.value
    }

    /// Whether it is open, and whether it counts as answered.
    fn stands(&self) -> (bool, bool) {
        let kept = self.kept();
        (kept.state() == Some(InboxState::Open), kept.responded_at.is_some())
    }

    fn answers_by(&self, by: &Caller, text: &str) -> Result<Reply, Error> {
        let rev = self.seen().interaction.rev;
        now(answer(&self.process.deps, by, self.comment, rev, text, &self.once(), &encode))
    }

    fn answers(&self, text: &str) -> Result<Reply, Error> {
        self.answers_by(&self.world.caller, text)
    }

    fn says(&self, what: InboxEdit) -> Result<Reply, Error> {
        let rev = self.seen().interaction.rev;
        now(change(&self.process.deps, &self.world.caller, self.comment, rev, what, &self.once(), &done))
    }

    fn becomes(&self, what: InboxEdit) {
        self.says(what).unwrap();
    }

    fn opens(&self) {
        self.becomes(InboxEdit { state: Some(InboxState::Open), ..InboxEdit::default() });
    }

    /// One of ours says that it was answered elsewhere.
    fn was_answered(&self) {
        self.becomes(InboxEdit { responded: true, ..InboxEdit::default() });
    }

    /// Whoever said it takes it back.
    fn is_taken_back(&self) {
        let found = self.seen().interaction;
        let gone = Interaction { removed: found.value.there, there: None, text: None, ..found.value.clone() };
        let write = Write::replace(&found, Record::Interaction(Box::new(gone)));
        now(self.process.deps.ledger.commit(vec![write])).unwrap();
    }

    fn retries(&self, post: PostId, not_live: &[Question]) -> Result<Reply, Error> {
        now(retry(&self.process.deps, &self.world.caller, post, None, not_live, &self.once(), &|_| plain()))
    }

    fn cancels(&self, post: PostId) -> Result<Reply, Error> {
        now(cancel(&self.process.deps, &self.world.caller, post, &self.once(), &|_| plain()))
    }

    fn decides(&self, post: PostId, decision: Decision) -> Result<Reply, Error> {
        let question = self.delivery(post).question().unwrap();
        let said = Answer { account: self.account.id, question, decision };
        let once = self.once();
        now(resolve(&self.process.deps, &self.world.caller, post, &said, "/post", &once, &|_| plain()))
    }

    fn view(&self, post: PostId) -> PostView {
        now(status(&self.process.deps, &self.world.caller, post)).unwrap()
    }

    fn delivery(&self, post: PostId) -> Delivery {
        self.view(post).deliveries.remove(0)
    }

    /// A worker gets the post's message, and the platform does as `hooked` has it.
    fn works_with(&self, post: PostId, hooks: impl FnOnce(&Hooked)) {
        let mut process = self.world.process();
        let hooked = Hooked::over(self.world.platforms[0].clone());
        hooks(&hooked);
        process.hook(&hooked);
        self.works_as(&process, post);
    }

    fn works(&self, post: PostId) {
        self.works_as(&self.process, post);
    }

    fn works_as(&self, process: &Process, post: PostId) {
        let deadline = self.world.engine.now() + SignedDuration::from_mins(1);
        now(execute(&process.publishing(), &self.job(post), deadline)).unwrap();
    }

    fn job(&self, post: PostId) -> PublishJob {
        PublishJob { v: 1, tenant: self.world.caller.tenant, post, account: self.account.id, cid: "test".into() }
    }

    /// Everybody hears of everything that happened; what was heard before is heard again.
    fn is_told(&self) {
        for event in self.world.bus.taken() {
            now(answered(&self.process.deps, &event)).unwrap();
        }
    }

    /// What stands on the platform.
    fn live(&self) -> Vec<String> {
        self.world.platforms[0].truth().posted.iter().map(|post| post.text.clone()).collect()
    }

    fn state(&self, post: PostId) -> &'static str {
        self.delivery(post).state.name()
    }
}

fn plain() -> StoredReply {
    done(&())
}

/// What one person asks for, in a process of its own, who read the comment at `rev`.
fn asks(scene: &Scene, rev: u64, text: &str, key: &str) -> (Process, Body<Result<Reply, Error>>) {
    let (process, caller, id) = (scene.world.process(), scene.world.caller.clone(), scene.comment);
    let (deps, text, once) = (process.deps.clone(), text.to_owned(), named(key));
    (process, Box::pin(async move { answer(&deps, &caller, id, rev, &text, &once, &encode).await }))
}

#[test]
fn of_people_who_answer_at_once_one_does_and_who_clicks_twice_gets_the_same_answer() {
    let mut first = BTreeSet::new();
    for seed in 0..100 {
        let scene = Scene::of(seed, Weather::calm());
        let rev = scene.seen().interaction.rev;
        scene.world.engine.schedule(Fates::default(), None);
        let clicks = ["a", "a", "b", "b"];
        let all = clicks.map(|key| asks(&scene, rev, &format!("{key} says at ten"), key));
        let ends: Vec<Result<Reply, Error>> =
            together(&scene.world, all.into()).into_iter().map(Option::unwrap).collect();
        scene.world.engine.calm();
        let codes: Vec<String> = ends.iter().map(code).collect();
        let won = usize::from(codes[2] == "ok") * 2;
        assert_eq!(codes[won..won + 2], ["ok", "ok"], "{seed}: who clicks twice is told the same");
        assert_eq!(codes[2 - won..4 - won], ["changed_meanwhile", "changed_meanwhile"], "{seed}");
        assert_eq!(ends[won].as_ref().unwrap().stored, ends[won + 1].as_ref().unwrap().stored, "{seed}");
        let kept: Vec<PostId> = scene.kept().answers.iter().map(|it| it.post).collect();
        let posts: Vec<PostId> = scene.world.posts().iter().map(|(post, _)| post.id).collect();
        assert_eq!((posts.len(), &posts), (1, &kept), "{seed}: one post, and the comment keeps it");
        first.insert(won);
    }
    assert_eq!(first.len(), 2, "either may be first");
}

#[test]
fn through_a_storm_people_who_answer_again_and_again_make_one_post_and_the_comment_keeps_it() {
    let mut codes = BTreeSet::new();
    for seed in 0..200 {
        let scene = Scene::of(seed, Weather::storm(200));
        scene.world.engine.schedule(Fates::default(), None);
        scene.world.engine.storm(true);
        for _ in 0..3 {
            let asks = |n: u32| {
                let (process, caller, id) = (scene.world.process(), scene.world.caller.clone(), scene.comment);
                let (deps, once) = (process.deps.clone(), named(&(n % 4).to_string()));
                let body: Body<Result<Reply, Error>> = Box::pin(async move {
                    let rev = app::inbox::revision(&deps, &caller, id).await?;
                    answer(&deps, &caller, id, rev, "at ten", &once, &encode).await
                });
                (process, body)
            };
            for end in together(&scene.world, (0..12).map(asks).collect()).into_iter().flatten() {
                match &end {
                    Err(Error::Unavailable(_)) => drop(codes.insert("unavailable".to_owned())),
                    end => drop(codes.insert(code(end))),
                }
            }
        }
        scene.world.engine.calm();
        scene.world.memory.land();
        let kept: Vec<PostId> = scene.kept().answers.iter().map(|it| it.post).collect();
        let posts: Vec<PostId> = scene.world.posts().iter().map(|(post, _)| post.id).collect();
        assert_eq!((posts.len(), &posts), (1, &kept), "{seed}");
    }
    println!("answers: 200 stormy worlds x 36 requests with four keys: 1 post each, told {codes:?}");
    assert!(codes.contains("answer_under_way") && codes.contains("ok"), "{codes:?}");
}

#[test]
fn a_crash_anywhere_between_the_answer_and_its_end_says_it_once_and_closes_what_it_answers() {
    let scene = |crash_at| {
        let scene = Scene::of(1, Weather::calm());
        let rev = scene.seen().interaction.rev;
        scene.world.engine.schedule(Fates::default(), crash_at);
        let (process, bus) = (scene.world.process(), scene.world.bus.clone());
        let (deps, publishing, caller) = (process.deps.clone(), process.publishing(), scene.world.caller.clone());
        let (id, job) = (scene.comment, scene.job(PostId::from_uuid(Uuid::nil())));
        // One life after the other: the request, the worker, and whoever is told.
        let body: Body<()> = Box::pin(async move {
            let reply = answer(&deps, &caller, id, rev, "at ten", &named("a"), &encode).await;
            let job = PublishJob { post: post_of(reply), ..job };
            let deadline = deps.clock.now() + SignedDuration::from_secs(40);
            execute(&publishing, &job, deadline).await.unwrap();
            for event in bus.taken() {
                answered(&deps, &event).await.unwrap();
            }
        });
        let ends = together(&scene.world, vec![(process, body)]);
        scene.world.engine.calm();
        (scene, rev, ends[0].is_some())
    };
    let (whole, _, ended) = scene(None);
    assert!(ended && whole.stands() == (false, true), "{:?}", whole.kept());
    let points = whole.world.engine.points(Kind::Api);
    for k in 1..=points {
        let (scene, rev, ended) = scene(Some((Kind::Api, k)));
        assert!(!ended, "{k}");
        // The client asks again as it did, the queue and the bus repeat themselves, and what is in doubt is read back.
        let (deps, caller) = (&scene.process.deps, &scene.world.caller);
        let post = post_of(now(answer(deps, caller, scene.comment, rev, "at ten", &named("a"), &encode)));
        for _ in 0..6 {
            scene.works(post);
            scene.world.engine.advance_ms(20 * 60_000);
            let deadline = scene.world.engine.now() + SignedDuration::from_mins(5);
            now(tick(deps, deadline, "test")).unwrap();
            now(reconcile(&scene.process.finding(), deadline, "test")).unwrap();
        }
        scene.is_told();
        assert_eq!((scene.live(), scene.state(post)), (vec!["at ten".to_owned()], "published"), "{k}");
        assert_eq!((scene.stands(), scene.kept().answers.len()), ((false, true), 1), "{k}");
        assert_eq!(scene.world.posts().len(), 1, "{k}");
    }
    println!("answers: {points} points, 1 post and 1 closed comment each");
    assert!(points > 30, "{points}");
}

#[test]
fn while_an_outcome_is_unknown_it_stays_open_and_is_answered_by_nobody_and_what_is_found_closes_it() {
    let scene = Scene::new();
    let post = post_of(scene.answers("at ten"));
    scene.works_with(post, Hooked::lose_answers);
    scene.is_told();
    assert_eq!((scene.state(post), scene.stands()), ("unknown", (true, false)));
    assert_eq!(code(&scene.answers("at nine")), "answer_under_way");
    assert!(scene.seen().refusal.unwrap().contains("is not over"));
    assert_eq!(code(&scene.cancels(post)), "too_late");
    scene.world.engine.advance_ms(HOUR);
    let deadline = scene.world.engine.now() + SignedDuration::from_mins(5);
    now(reconcile(&scene.process.finding(), deadline, "test")).unwrap();
    scene.is_told();
    assert_eq!((scene.state(post), scene.stands(), scene.live().len()), ("published", (false, true), 1));
}

#[test]
fn while_an_answer_may_still_go_out_by_itself_nobody_says_that_it_was_answered_or_is_done() {
    let answered_elsewhere = InboxEdit { responded: true, ..InboxEdit::default() };
    let called_done = InboxEdit { state: Some(InboxState::Done), ..InboxEdit::default() };
    let nobodys = InboxEdit { assignee: Some(None), ..InboxEdit::default() };
    // The request is lost: it is in doubt, the reading finds nothing there, and it is sent again by itself.
    let scene = Scene::new();
    let post = post_of(scene.answers("at ten"));
    let lost = Failure::Unconfirmed { detail: "no answer".into() };
    scene.works_with(post, |hooked| hooked.never_arrives(lost, Box::pin(async {})));
    assert_eq!((scene.state(post), scene.live().len()), ("unknown", 0));
    for said in [answered_elsewhere, called_done] {
        assert_eq!(code(&scene.says(said)), "answer_under_way");
    }
    assert_eq!(code(&scene.says(nobodys)), "ok", "who sees to it may be said");
    for _ in 0..3 {
        scene.world.engine.advance_ms(HOUR);
        let deadline = scene.world.engine.now() + SignedDuration::from_mins(5);
        now(reconcile(&scene.process.finding(), deadline, "test")).unwrap();
        if scene.state(post) == "retry" {
            break;
        }
    }
    assert_eq!(scene.state(post), "retry", "it was found absent");
    assert_eq!(code(&scene.says(answered_elsewhere)), "answer_under_way");
    scene.works(post);
    scene.is_told();
    assert_eq!((scene.live().len(), scene.stands()), (1, (false, true)));
    // The platform is down, or the account has to be connected again: it is called off first, and then answered there.
    let down = [(Failure::Unavailable, "retry"), (Failure::Revoked { detail: "no".into() }, "blocked_auth")];
    for (failure, state) in down {
        let scene = Scene::new();
        let post = post_of(scene.answers("at ten"));
        assert_eq!(code(&scene.says(called_done)), "answer_under_way", "it is accepted, and nobody sent it yet");
        scene.works_with(post, |hooked| hooked.refuse(failure.clone()));
        assert_eq!((scene.state(post), code(&scene.says(answered_elsewhere))), (state, "answer_under_way".into()));
        assert_eq!(code(&scene.cancels(post)), "ok");
        assert_eq!(code(&scene.says(answered_elsewhere)), "ok");
        scene.works(post);
        scene.is_told();
        assert_eq!((scene.live().len(), scene.stands()), (0, (false, true)), "it was answered there, and only there");
    }
}

#[test]
fn what_a_person_finds_out_closes_it_and_is_not_sent_again_where_it_was_answered_otherwise_meanwhile() {
    let scene = Scene::new();
    let post = post_of(scene.answers("at ten"));
    scene.works_with(post, Hooked::lose_answers);
    scene.is_taken_back();
    scene.world.engine.advance_ms(HOUR);
    let question = scene.delivery(post).question().unwrap();
    assert_eq!(code(&scene.retries(post, &[question])), "answered_otherwise");
    assert_eq!((scene.state(post), scene.live().len()), ("unknown", 1));
    assert_eq!(code(&scene.decides(post, Decision::ItIsLive(None))), "ok");
    scene.is_told();
    assert_eq!((scene.state(post), scene.kept().responded_at.is_some()), ("published", true));
}

#[test]
fn a_doubt_about_what_awaits_no_answer_any_more_ends_as_called_off_when_a_person_finds_nothing_there() {
    let scene = Scene::new();
    let post = post_of(scene.answers("at ten"));
    let lost = Failure::Unconfirmed { detail: "no answer".into() };
    scene.works_with(post, |hooked| hooked.never_arrives(lost, Box::pin(async {})));
    scene.is_taken_back();
    let early = scene.decides(post, Decision::SendAgain);
    assert!(matches!(early, Err(Error::Conflict { code: "not_settled", .. })), "it may still appear: {early:?}");
    scene.world.engine.advance_ms(HOUR);
    assert_eq!(code(&scene.decides(post, Decision::SendAgain)), "ok");
    assert_eq!((scene.state(post), scene.live().len()), ("canceled", 0));
    scene.works(post);
    scene.is_told();
    assert_eq!(
        (scene.live().len(), scene.kept().responded_at),
        (0, None),
        "nothing is sent, and nothing is said to be"
    );
}

#[test]
fn where_only_those_are_told_who_are_named_an_answer_names_whom_it_answers_once_and_the_name_counts_in_the_limit() {
    let answering = |handle: Option<&str>, names_answered: bool| {
        let rules = testing::Rules { names_answered, ..ANSWERED };
        let said = Said { external_id: "c1".into(), handle: handle.map(str::to_owned), ..Said::default() };
        Scene::said(World::with(7, Weather::calm(), &[rules], Mutant::None), said)
    };
    let far = Some("Bo@far.example");
    for (handle, names, text, sent) in [
        (far, true, "at ten", "@Bo@far.example at ten"),
        (far, true, "at ten, @bo@FAR.example.", "at ten, @bo@FAR.example."),
        (far, true, "at ten, @bo", "@Bo@far.example at ten, @bo"),
        (Some("bo"), true, "@bo@far.example is another", "@bo @bo@far.example is another"),
        (Some("bo"), true, "@bob and x@bo are others", "@bo @bob and x@bo are others"),
        (Some("@bo"), true, "(@bo) at ten", "(@bo) at ten"),
        (Some("Bo the Great"), true, "at ten", "at ten"),
        (None, true, "at ten", "at ten"),
        (far, false, "at ten", "at ten"),
    ] {
        let scene = answering(handle, names);
        let post = post_of(scene.answers(text));
        scene.works(post);
        assert_eq!(scene.live(), [sent], "{handle:?}");
    }
    // 280 characters with the name and a space.
    assert_eq!(code(&answering(far, true).answers(&"x".repeat(264))), "ok");
    assert_eq!(code(&answering(far, true).answers(&"x".repeat(265))), "content_too_long /content/parts/0/text");
}

#[test]
fn what_failed_or_was_called_off_leaves_it_open_and_may_be_answered_anew_once() {
    for called_off in [false, true] {
        let scene = Scene::new();
        let first = post_of(scene.answers("at ten"));
        if called_off {
            assert_eq!(code(&scene.cancels(first)), "ok");
        } else {
            let no = || Failure::Rejected { code: "policy".into(), detail: "no".into() };
            scene.works_with(first, |hooked| hooked.refuse(no()));
        }
        scene.is_told();
        assert_eq!(scene.state(first), if called_off { "canceled" } else { "failed" });
        assert_eq!((scene.stands(), scene.seen().refusal), ((true, false), None));
        let second = post_of(scene.answers("at nine"));
        assert_eq!(code(&scene.answers("at eight")), "answer_under_way");
        assert_ne!(code(&scene.retries(first, &[])), "ok", "the one before is not sent any more");
        scene.works(first);
        scene.works(second);
        scene.is_told();
        assert_eq!((scene.live(), scene.stands()), (vec!["at nine".to_owned()], (false, true)));
    }
}

#[test]
fn of_another_try_and_another_answer_at_the_same_moment_one_is_refused() {
    let failed = || {
        let scene = Scene::new();
        let post = post_of(scene.answers("at ten"));
        let no = Failure::Rejected { code: "policy".into(), detail: "no".into() };
        scene.works_with(post, |hooked| hooked.refuse(no));
        (scene, post)
    };
    let (scene, post) = failed();
    let meanwhile = OnceLock::new();
    let while_retried = |_: &[Delivery]| {
        meanwhile.get_or_init(|| code(&scene.answers("at nine")));
        plain()
    };
    let tried = now(retry(&scene.process.deps, &scene.world.caller, post, None, &[], &named("r"), &while_retried));
    assert_eq!((code(&tried), meanwhile.get().unwrap().as_str()), ("changed_meanwhile".into(), "ok"));
    let (scene, post) = failed();
    let (rev, meanwhile) = (scene.seen().interaction.rev, OnceLock::new());
    let while_answered = |accepted: &Accepted| {
        meanwhile.get_or_init(|| code(&scene.retries(post, &[])));
        encode(accepted)
    };
    let (deps, caller) = (&scene.process.deps, &scene.world.caller);
    let said = now(answer(deps, caller, scene.comment, rev, "at nine", &named("a"), &while_answered));
    assert_eq!((code(&said), meanwhile.get().unwrap().as_str()), ("changed_meanwhile".into(), "ok"));
    assert_eq!(scene.world.posts().len(), 1);
}

#[test]
fn what_was_answered_elsewhere_since_is_not_tried_again_before_somebody_opens_it() {
    let scene = Scene::new();
    let post = post_of(scene.answers("at ten"));
    let no = Failure::Rejected { code: "policy".into(), detail: "no".into() };
    scene.works_with(post, |hooked| hooked.refuse(no));
    scene.was_answered();
    assert_eq!(code(&scene.retries(post, &[])), "answered_otherwise");
    scene.opens();
    assert_eq!(code(&scene.retries(post, &[])), "ok");
    assert_eq!(code(&scene.answers("at nine")), "answer_under_way");
    scene.works(post);
    scene.is_told();
    assert_eq!((scene.live().len(), scene.stands()), (1, (false, true)));
}

#[test]
fn an_answer_whose_end_was_never_told_can_be_followed_by_another_when_somebody_closed_it_and_opened_it_again() {
    let scene = Scene::new();
    let post = post_of(scene.answers("at ten"));
    scene.works(post);
    assert_eq!((scene.state(post), scene.stands()), ("published", (true, false)));
    assert_eq!(code(&scene.answers("at nine")), "answered_already");
    scene.opens();
    assert_eq!(code(&scene.answers("at nine")), "answered_already", "it was open all the time");
    scene.world.engine.advance_ms(1);
    scene.was_answered();
    assert_eq!(code(&scene.answers("at nine")), "answered_already");
    scene.opens();
    assert_eq!(code(&scene.answers("and on Sundays")), "ok");
}

#[test]
fn of_an_answer_in_two_parts_of_which_one_is_live_neither_the_rest_nor_another_is_said_by_mistake() {
    let scene = Scene::new();
    let editor = now(scene.world.person(1, Role::Editor, &[])).caller;
    let approver = now(scene.world.person(1, Role::Approver, &[])).caller;
    let once = scene.once();
    let (deps, owner) = (&scene.process.deps, &scene.world.caller);
    now(set_approval_rule(deps, owner, ApprovalRule::Editors, &once, &done::<Rules>)).unwrap();
    let post = post_of(scene.answers_by(&editor, "at ten"));
    let part = |text: &str| Part { text: text.into(), media: Vec::new() };
    let parts = Variant {
        parts: vec![part("at ten"), part("on Sundays, too")],
        thread_delay_s: 600,
        ..scene.view(post).post.content
    };
    let wanted = Edit { content: Some(parts), ..Edit::default() };
    let rev = scene.view(post).rev;
    now(edit(deps, &editor, post, rev, &wanted, &scene.once(), &encode)).unwrap();
    assert_eq!(code(&scene.answers("at nine")), "answer_under_way", "it waits for somebody");
    let verdict = Verdict { hash: scene.view(post).approval.unwrap().hash, comment: None };
    now(approve(deps, &approver, post, &verdict, &scene.once(), &done::<PostView>)).unwrap();
    scene.works(post);
    scene.is_told();
    assert_eq!((scene.live().len(), scene.stands()), (1, (true, false)), "it is not over");
    assert_eq!(code(&scene.cancels(post)), "ok");
    scene.is_told();
    assert_eq!((scene.state(post), scene.stands()), ("partial", (true, false)));
    assert_eq!(code(&scene.answers("at nine")), "answered_already");
    assert!(scene.seen().refusal.unwrap().contains("try the rest again, or say that this was answered"));
    scene.was_answered();
    assert_eq!(code(&scene.answers("at nine")), "answered_already");
    assert_eq!(code(&scene.retries(post, &[])), "answered_otherwise", "somebody says that it was answered as it is");
    scene.opens();
    assert_eq!(code(&scene.answers("at nine")), "ok");
    assert_eq!(code(&scene.retries(post, &[])), "answered_otherwise");
}

#[test]
fn an_answer_at_a_later_time_is_under_way_until_it_left_and_closes_it_then() {
    let scene = Scene::new();
    let editor = now(scene.world.person(1, Role::Editor, &[])).caller;
    let approver = now(scene.world.person(1, Role::Approver, &[])).caller;
    let (deps, owner) = (&scene.process.deps, &scene.world.caller);
    now(set_approval_rule(deps, owner, ApprovalRule::Editors, &scene.once(), &done::<Rules>)).unwrap();
    let post = post_of(scene.answers_by(&editor, "at ten"));
    let later = scene.world.engine.now() + SignedDuration::from_hours(5);
    let wanted = Edit { when: Some(When::At(later)), ..Edit::default() };
    now(edit(deps, &editor, post, scene.view(post).rev, &wanted, &scene.once(), &encode)).unwrap();
    let verdict = Verdict { hash: scene.view(post).approval.unwrap().hash, comment: None };
    now(approve(deps, &approver, post, &verdict, &scene.once(), &done::<PostView>)).unwrap();
    scene.works(post);
    assert_eq!((scene.live().len(), scene.stands()), (0, (true, false)));
    assert_eq!(code(&scene.answers("at nine")), "answer_under_way");
    scene.world.engine.advance_ms(5 * HOUR);
    scene.works(post);
    scene.is_told();
    assert_eq!((scene.live().len(), scene.stands()), (1, (false, true)));
}

#[test]
fn what_was_edited_or_taken_back_since_it_was_read_is_not_answered_and_what_is_under_way_goes_on() {
    let scene = Scene::new();
    let read = scene.seen().interaction;
    let ledger = &scene.process.deps.ledger;
    let store = |next: Interaction| {
        let found = scene.seen().interaction;
        now(ledger.commit(vec![Write::replace(&found, Record::Interaction(Box::new(next)))])).unwrap();
    };
    let text = read.value.text.clone().map(|text| domain::inbox::Latest { value: "When on Sundays?".into(), ..text });
    store(Interaction { text, ..read.value.clone() });
    let (deps, caller) = (&scene.process.deps, &scene.world.caller);
    let stale = now(answer(deps, caller, scene.comment, read.rev, "at ten", &scene.once(), &encode));
    assert_eq!(code(&stale), "changed_meanwhile");
    let post = post_of(scene.answers("never on Sundays"));
    store(Interaction { removed: read.value.there, there: None, text: None, ..scene.kept() });
    assert_eq!(code(&scene.answers("at ten")), "nothing_to_answer");
    // The platform decides whether it takes what answers something that is gone: this one does.
    scene.works(post);
    scene.is_told();
    let kept = scene.kept();
    assert_eq!((scene.live().len(), kept.answers.len(), kept.answers[0].live_at.is_some()), (1, 1, true));
    assert_eq!(kept.state(), None, "it was only ever told to be gone");
}

#[test]
fn of_what_is_taken_back_at_the_moment_of_the_answer_nothing_is_said() {
    let scene = Scene::new();
    let (read, meanwhile) = (scene.seen().interaction, OnceLock::new());
    let ledger = &scene.process.deps.ledger;
    let taken_back = |accepted: &Accepted| {
        meanwhile.get_or_init(|| {
            let gone = Interaction { removed: read.value.there, there: None, text: None, ..read.value.clone() };
            now(ledger.commit(vec![Write::replace(&read, Record::Interaction(Box::new(gone)))])).unwrap();
        });
        encode(accepted)
    };
    let (deps, caller) = (&scene.process.deps, &scene.world.caller);
    let said = now(answer(deps, caller, scene.comment, read.rev, "at ten", &named("a"), &taken_back));
    assert_eq!((code(&said), scene.world.posts().len()), ("changed_meanwhile".into(), 0));
}

#[test]
fn an_account_that_is_disconnected_answers_nothing_and_what_waits_for_it_is_under_way() {
    let scene = Scene::new();
    let leaves = |scene: &Scene| {
        let (deps, id) = (&scene.process.deps, scene.account.id.to_string());
        now(disconnect(deps, &scene.world.caller, &id, &scene.once(), &done::<Disconnected>)).unwrap();
    };
    leaves(&scene);
    assert_eq!(code(&scene.answers("at ten")), "account_not_found /targets/0");
    assert!(scene.kept().answers.is_empty());
    let scene = Scene::new();
    let post = post_of(scene.answers("at ten"));
    leaves(&scene);
    scene.works(post);
    scene.is_told();
    assert_eq!((scene.state(post), scene.stands(), scene.live().len()), ("blocked_auth", (true, false), 0));
    assert_eq!(code(&scene.answers("at nine")), "answer_under_way");
    // Nobody connects it within the day for which an answer may be late.
    scene.world.engine.advance_ms(25 * HOUR);
    scene.works(post);
    scene.is_told();
    assert_eq!((scene.state(post), scene.stands()), ("missed", (true, false)));
}

#[test]
fn what_is_under_way_is_so_also_where_another_account_is_told_to_be_the_one_that_it_concerns() {
    let scene = Scene::new();
    let post = post_of(scene.answers("at ten"));
    let found = scene.seen().interaction;
    // It was connected anew, under another id, and the comment was told again.
    let other = Interaction { account: Some(AccountId::from_uuid(Uuid::max())), ..found.value.clone() };
    now(scene.process.deps.ledger.commit(vec![Write::replace(&found, Record::Interaction(Box::new(other)))])).unwrap();
    assert_eq!(code(&scene.answers("at nine")), "answer_under_way");
    assert_eq!(scene.seen().answers[0].delivery.as_ref().unwrap().post, post);
}

#[test]
fn another_tenants_comment_is_not_there_to_be_answered() {
    let scene = Scene::new();
    let foreigner = now(scene.world.person(2, Role::Owner, &[])).caller;
    let rev = scene.seen().interaction.rev;
    let said = now(answer(&scene.process.deps, &foreigner, scene.comment, rev, "no", &scene.once(), &encode));
    assert_eq!((code(&said), scene.world.posts().len()), ("not_found".into(), 0));
}

#[test]
fn what_is_told_twice_or_of_another_post_closes_nothing_that_somebody_opened() {
    let scene = Scene::new();
    let post = post_of(scene.answers("at ten"));
    scene.works(post);
    scene.is_told();
    scene.opens();
    scene.is_told();
    assert_eq!(scene.stands(), (true, true), "an event that comes again closes nothing");
    let more = post_of(scene.answers("and on Sundays"));
    scene.is_told();
    assert_eq!(scene.stands(), (true, true), "the first one's event says nothing of the second");
    scene.works(more);
    scene.is_told();
    assert_eq!((scene.stands(), scene.live().len()), ((false, true), 2));
    assert!(matches!(scene.delivery(more).state, State::Published { .. }));
}
