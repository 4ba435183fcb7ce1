//! A post that was deleted is not sent any more: nothing sets it going again, not even at the same moment. What is scheduled is
//! neither deleted nor made a draft.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use app::accounts::disconnect;
use app::publishing::{
    Accepted, Edit, PublishCommand, TargetSpec, When, cancel, edit, execute, remove, request, retry,
};
use app::{Error, Once, Reply};
use domain::publishing::{Delivery, Part, State, Variant};
use domain::{AccountId, PostId};
use futures_util::FutureExt;
use jiff::SignedDuration;
use ports::{PublishJob, Record, StoredReply, Write};
use std::collections::BTreeMap;
use testing::sim::{Body, together};
use testing::{Fates, Mutant, Process, READABLE, Rules, Weather, World, now};

fn once(key: &str) -> Once {
    Once { route: "test".into(), key: key.into(), fingerprint: "f".into() }
}

fn plain() -> StoredReply {
    StoredReply { status: 200, body: String::new() }
}

fn changed(_: &[Delivery]) -> StoredReply {
    plain()
}

/// The code of a conflict, and what is said of it.
fn conflict(answer: &Result<Reply, Error>) -> (&'static str, &str) {
    let Err(Error::Conflict { code, detail }) = answer else { panic!("no conflict: {answer:?}") };
    (code, detail)
}

/// A post that was missed: over, and what a person would try again.
async fn missed(seed: u64) -> (World, Process, PostId) {
    let (world, process, post, account) = scheduled(seed).await;
    world.engine.advance_ms(2 * 3_600_000);
    let job = PublishJob { v: 1, tenant: world.caller.tenant, post, account, cid: "test".into() };
    execute(&process.publishing(), &job, world.engine.now() + SignedDuration::from_mins(1)).await.unwrap();
    (world, process, post)
}

/// A post for a minute from now.
async fn scheduled(seed: u64) -> (World, Process, PostId, AccountId) {
    let world = World::new(seed);
    let process = world.process();
    let account = world.connect(&process.deps, "readable", "ada").await.unwrap().id;
    let command = PublishCommand {
        content: Variant::text("hello"),
        variants: BTreeMap::new(),
        targets: vec![TargetSpec::Account(account)],
        when: When::At(world.engine.now() + SignedDuration::from_mins(1)),
        max_lateness_s: None,
    };
    let id = |accepted: &Accepted| StoredReply { status: 202, body: accepted.post.id.to_string() };
    let reply = request(&process.deps, &world.caller, &command, &once("post"), &id).await.unwrap();
    let post: PostId = reply.stored.body.parse().unwrap();
    (world, process, post, account)
}

fn refused_as_deleted(answer: &Result<Reply, Error>) {
    assert!(matches!(answer, Err(Error::Conflict { code: "deleted", .. })), "{answer:?}");
}

#[test]
fn a_deleted_post_cannot_be_tried_again_edited_or_called_off() {
    let (world, process, post) = now(missed(7));
    let deps = process.managing();
    let caller = &world.caller;
    now(remove(&deps, caller, post, false, &once("d"), &plain())).unwrap();
    let rev = now(deps.ledger.post(caller.tenant, post)).unwrap().unwrap().rev;
    refused_as_deleted(&now(retry(&deps, caller, post, None, &[], &once("r"), &changed)));
    refused_as_deleted(&now(cancel(&deps, caller, post, &once("c"), &changed)));
    let accepted = |_: &Accepted| plain();
    let change = Edit { when: Some(When::Now), ..Edit::default() };
    refused_as_deleted(&now(edit(&deps, caller, post, rev, &change, &once("e"), &accepted)));
    assert_eq!(now(deps.ledger.deliveries(caller.tenant, post)).unwrap()[0].value.state.name(), "missed");
}

#[test]
fn of_a_deletion_and_another_try_at_the_same_moment_one_is_refused() {
    let (mut deleted, mut revived) = (0, 0);
    for seed in 0..200 {
        let (world, one, post) = now(missed(seed));
        let two = world.process();
        world.engine.schedule(Fates::default(), None);
        let (deps, caller) = (one.managing(), world.caller.clone());
        let removal: Body<Result<Reply, Error>> =
            Box::pin(async move { remove(&deps, &caller, post, false, &once("d"), &plain()).await });
        let (deps, caller) = (two.deps.clone(), world.caller.clone());
        let tries: Body<Result<Reply, Error>> =
            Box::pin(async move { retry(&deps, &caller, post, None, &[], &once("r"), &changed).await });
        let ends = together(&world, vec![(one, removal), (two, tries)]);
        assert_eq!(ends.iter().filter(|end| matches!(end, Some(Ok(_)))).count(), 1, "{seed}: {ends:?}");
        let process = world.process();
        let archived = ends[0].as_ref().is_some_and(Result::is_ok);
        let read = async { process.deps.ledger.deliveries(world.caller.tenant, post).await };
        world.engine.calm();
        let over = now(read).unwrap()[0].value.state.is_terminal();
        assert_eq!(archived, over, "{seed}: deleted and under way");
        (deleted, revived) = (deleted + u32::from(archived), revived + u32::from(!archived));
    }
    assert!(deleted > 0 && revived > 0, "one of the two always came first: {deleted} and {revived}");
}

fn thread(texts: &[&str]) -> Variant {
    let parts = texts.iter().map(|text| Part { text: (*text).into(), media: Vec::new() }).collect();
    Variant { parts, ..Variant::default() }
}

/// A thread of these texts that is live on a platform.
async fn live(seed: u64, texts: &[&str]) -> (World, Process, PostId) {
    let world = World::new(seed);
    let process = world.process();
    let account = world.connect(&process.deps, "readable", "ada").await.unwrap().id;
    let command = PublishCommand {
        content: thread(texts),
        variants: BTreeMap::new(),
        targets: vec![TargetSpec::Account(account)],
        when: When::Now,
        max_lateness_s: None,
    };
    let id = |accepted: &Accepted| StoredReply { status: 202, body: accepted.post.id.to_string() };
    let reply = request(&process.deps, &world.caller, &command, &once("post"), &id).await.unwrap();
    let post: PostId = reply.stored.body.parse().unwrap();
    let job = PublishJob { v: 1, tenant: world.caller.tenant, post, account, cid: "test".into() };
    execute(&process.publishing(), &job, world.engine.now() + SignedDuration::from_mins(1)).await.unwrap();
    (world, process, post)
}

#[test]
fn what_a_platform_never_deletes_keeps_no_other_part_from_being_deleted_there() {
    let (world, process, post) = now(live(11, &["one", "two stays", "three"]));
    let texts = || -> Vec<String> {
        let truth = world.platforms[0].truth();
        truth.posted.iter().map(|post| post.text.clone()).collect()
    };
    assert_eq!(texts(), ["one", "two stays", "three"]);
    let refused = now(remove(&process.managing(), &world.caller, post, true, &once("d"), &plain()));
    let (code, detail) = conflict(&refused);
    assert!(code == "not_deleted" && detail.starts_with("ada on "), "{detail}");
    assert_eq!(texts(), ["two stays"]);
    let (world, process, post) = now(live(11, &["one", "two"]));
    now(remove(&process.managing(), &world.caller, post, true, &once("d"), &plain())).unwrap();
    assert!(world.platforms[0].truth().posted.is_empty());
}

#[test]
fn what_is_scheduled_becomes_no_draft_and_gets_no_other_targets_and_is_not_told_that_it_has_left() {
    let (world, process, post, account) = now(scheduled(7));
    let rev = now(process.deps.ledger.post(world.caller.tenant, post)).unwrap().unwrap().rev;
    let targets = Some(vec![TargetSpec::Account(account)]);
    for change in [Edit { when: Some(When::Draft), ..Edit::default() }, Edit { targets, ..Edit::default() }] {
        let refused = now(edit(&process.deps, &world.caller, post, rev, &change, &once("e"), &|_: &Accepted| plain()));
        assert_eq!(conflict(&refused).0, "no_draft");
    }
}

#[test]
fn what_is_not_over_is_not_deleted_and_the_refusal_names_the_account_and_how_it_stands_in_words() {
    let (world, process, post, _) = now(scheduled(7));
    let refused = now(remove(&process.managing(), &world.caller, post, false, &once("d"), &plain()));
    let (code, detail) = conflict(&refused);
    assert_eq!(code, "still_open");
    assert!(detail.starts_with("ada on ") && detail.contains("\"Scheduled\""), "{detail}");
}

/// A post that is live on two platforms, of which this one keeps it.
async fn on_two(keeps: &str) -> (World, Process, PostId) {
    on_two_saying(keeps, &["goes"]).await
}

async fn on_two_saying(keeps: &str, texts: &[&str]) -> (World, Process, PostId) {
    let rules = [READABLE, Rules { slug: "other", ..READABLE }];
    let world = World::with(11, Weather::calm(), &rules, Mutant::None);
    let process = world.process();
    let mut targets = Vec::new();
    for platform in ["readable", "other"] {
        targets.push(world.connect(&process.deps, platform, "ada").await.unwrap().id);
    }
    let command = PublishCommand {
        content: thread(texts),
        variants: (!keeps.is_empty()).then(|| (keeps.to_owned(), Variant::text("stays"))).into_iter().collect(),
        targets: targets.iter().copied().map(TargetSpec::Account).collect(),
        when: When::Now,
        max_lateness_s: None,
    };
    let id = |accepted: &Accepted| StoredReply { status: 202, body: accepted.post.id.to_string() };
    let reply = request(&process.deps, &world.caller, &command, &once("post"), &id).await.unwrap();
    let post: PostId = reply.stored.body.parse().unwrap();
    for account in targets {
        let job = PublishJob { v: 1, tenant: world.caller.tenant, post, account, cid: "test".into() };
        execute(&process.publishing(), &job, world.engine.now() + SignedDuration::from_mins(1)).await.unwrap();
    }
    (world, process, post)
}

#[test]
fn a_platform_that_keeps_the_post_keeps_no_other_from_deleting_it_and_the_answer_tells_of_each() {
    for keeps in ["readable", "other"] {
        let (world, process, post) = now(on_two(keeps));
        let refused = now(remove(&process.managing(), &world.caller, post, true, &once("d"), &plain()));
        let (code, detail) = conflict(&refused);
        let goes = if keeps == "other" { "readable" } else { "other" };
        assert!(code == "not_deleted" && detail.starts_with(&format!("ada on {keeps}: ")), "{detail}");
        assert!(detail.contains(&format!("; it was deleted for ada on {goes}; nothing was deleted from")), "{detail}");
        let shown: Vec<usize> = world.platforms.iter().map(|platform| platform.truth().posted.len()).collect();
        assert_eq!(shown, if keeps == "other" { [0, 1] } else { [1, 0] });
        let deliveries = now(process.deps.ledger.deliveries(world.caller.tenant, post)).unwrap();
        for delivery in deliveries.iter().map(|found| &found.value) {
            assert_eq!(delivery.removed_at.is_some(), delivery.platform.as_str() == goes);
        }
    }
}

#[test]
fn who_cannot_be_reached_at_all_keeps_no_other_from_being_deleted_either() {
    for gone in ["readable", "other"] {
        let (world, process, post) = now(on_two(""));
        now(disconnect(&process.deps, &world.caller, gone, &once("x"), &|_| plain())).unwrap();
        let refused = now(remove(&process.managing(), &world.caller, post, true, &once("d"), &plain()));
        let (code, detail) = conflict(&refused);
        assert!(code == "not_deleted" && detail.contains("; it was deleted for ada on "), "{detail}");
        let left: usize = world.platforms.iter().map(|platform| platform.truth().posted.len()).sum();
        assert_eq!(left, 1);
    }
}

#[test]
fn who_deleted_on_a_platform_while_somebody_else_wrote_is_not_told_that_nothing_was_done() {
    let mut in_part = 0;
    for seed in 0..200 {
        let (world, one, post) = now(live(seed, &["one"]));
        let two = world.process();
        world.engine.schedule(Fates::default(), None);
        let bodies = [(&one, "a"), (&two, "b")].map(|(process, key)| -> Body<Result<Reply, Error>> {
            let (deps, caller) = (process.managing(), world.caller.clone());
            Box::pin(async move { remove(&deps, &caller, post, true, &once(key), &plain()).await })
        });
        let [first, second] = bodies;
        for end in together(&world, vec![(one, first), (two, second)]).into_iter().flatten() {
            let Err(Error::Conflict { code, detail }) = end else { continue };
            assert_ne!(code, "changed_meanwhile", "{detail}");
            in_part += u32::from(code == "deleted_in_part" && detail.contains("ada on "));
        }
    }
    assert!(in_part > 0);
}

/// Its last part was refused: a person may try that part again.
async fn ends_in_part(world: &World, process: &Process, post: PostId) {
    let deliveries = process.deps.ledger.deliveries(world.caller.tenant, post).await.unwrap();
    let old = deliveries.iter().find(|found| found.value.platform.as_str() == "readable").unwrap();
    let (mut next, at) = (old.value.clone(), world.engine.now());
    let gone = next.parts[1].receipt.take().unwrap();
    next.state = State::Partial { at, code: "policy".into(), detail: "no".into() };
    world.platforms[0].truth().posted.retain(|live| Some(&live.id) != gone.id.as_ref());
    process.deps.ledger.commit(vec![Write::replace(old, Record::Delivery(next))]).await.unwrap();
}

#[test]
fn a_thread_that_was_deleted_where_it_was_live_does_not_go_on_there() {
    let (world, process, post) = now(on_two_saying("other", &["one", "two"]));
    now(ends_in_part(&world, &process, post));
    let refused = now(remove(&process.managing(), &world.caller, post, true, &once("d"), &plain()));
    assert_eq!(conflict(&refused).0, "not_deleted");
    world.engine.advance_ms(61_000);
    let deliveries = now(process.deps.ledger.deliveries(world.caller.tenant, post)).unwrap();
    let ended = deliveries.iter().find(|found| found.value.removed_at.is_some()).unwrap().value.account;
    let again = now(retry(&process.deps, &world.caller, post, Some(ended), &[], &once("r"), &changed));
    let (code, detail) = conflict(&again);
    assert!(code == "deleted" && detail.starts_with("it was deleted there"), "{detail}");
    assert!(world.platforms[0].truth().posted.is_empty());
}

#[test]
fn a_thread_does_not_go_on_while_it_is_being_deleted() {
    let (mut deleted, mut revived) = (0, 0);
    for seed in 0..200 {
        let (world, one, post) = now(live(seed, &["one", "two"]));
        now(ends_in_part(&world, &one, post));
        let two = world.process();
        world.engine.schedule(Fates::default(), None);
        let (deps, caller) = (one.managing(), world.caller.clone());
        let removal: Body<Result<Reply, Error>> =
            Box::pin(async move { remove(&deps, &caller, post, true, &once("d"), &plain()).await });
        let (deps, caller) = (two.deps.clone(), world.caller.clone());
        let tries: Body<Result<Reply, Error>> =
            Box::pin(async move { retry(&deps, &caller, post, None, &[], &once("r"), &changed).await });
        let ends = together(&world, vec![(one, removal), (two, tries)]);
        world.engine.calm();
        let goes_on = matches!(ends[1], Some(Ok(_)));
        let gone = world.platforms[0].truth().posted.is_empty();
        assert_ne!(goes_on, gone, "{seed}: {ends:?}");
        (deleted, revived) = (deleted + u32::from(gone), revived + u32::from(goes_on));
    }
    assert!(deleted > 0 && revived > 0, "one of the two always came first: {deleted} and {revived}");
}

/// The only delivery of a post.
fn delivery(process: &Process, world: &World, post: PostId) -> Delivery {
    now(process.deps.ledger.deliveries(world.caller.tenant, post)).unwrap().remove(0).value
}

/// Which of its parts are written down as gone.
fn gone(delivery: &Delivery) -> Vec<bool> {
    delivery.parts.iter().map(|part| part.removed_at.is_some()).collect()
}

/// The ids that the platform was asked to delete.
fn asked_to_delete(world: &World) -> Vec<String> {
    world.platforms[0].truth().deletions.clone()
}

fn everywhere(world: &World, process: &Process, post: PostId, key: &str) -> Result<Reply, Error> {
    now(remove(&process.managing(), &world.caller, post, true, &once(key), &plain()))
}

#[test]
fn a_deletion_that_stops_in_a_thread_is_told_by_the_delivery_and_the_answer_and_goes_on_with_what_is_left() {
    // What is refused, and what there is no time for.
    for (texts, why) in [
        (["one not now", "two", "three"], "asks to slow down"),
        (["one", "two slow", "three slow"], "no time was left"),
    ] {
        let (world, process, post) = now(live(11, &texts));
        let refused = everywhere(&world, &process, post, "d");
        let (code, detail) = conflict(&refused);
        assert!(code == "not_deleted" && detail.contains(why), "{detail}");
        assert!(detail.contains(" (2 of 3 parts are deleted); nothing was deleted from Herald's lists"), "{detail}");
        let told = delivery(&process, &world, post);
        assert_eq!((gone(&told), told.removed_at), (vec![false, true, true], None));
        assert_eq!(told.timeline.last().unwrap().note.to_string(), "Deleted from the platform: 2 of 3 parts");
        let before = asked_to_delete(&world).len();
        everywhere(&world, &process, post, "again").unwrap();
        assert_eq!(asked_to_delete(&world)[before..], [told.parts[0].receipt.clone().unwrap().id.unwrap()]);
        let told = delivery(&process, &world, post);
        assert!(told.removed_at.is_some() && gone(&told) == [true; 3] && world.platforms[0].truth().posted.is_empty());
    }
}

#[test]
fn what_a_platform_never_deletes_leaves_the_delivery_telling_of_the_parts_that_are_gone() {
    let (world, process, post) = now(live(11, &["one", "two stays"]));
    for key in ["d", "again"] {
        let refused = everywhere(&world, &process, post, key);
        let (code, detail) = conflict(&refused);
        assert!(code == "not_deleted" && detail.contains("(1 of 2 parts is deleted)"), "{detail}");
        assert_eq!(gone(&delivery(&process, &world, post)), [true, false]);
    }
    assert_eq!(asked_to_delete(&world).len(), 1);
    // Where nothing went, nothing is told to have gone.
    let (world, process, post) = now(live(11, &["one", "two not now"]));
    let before = delivery(&process, &world, post);
    let refused = everywhere(&world, &process, post, "d");
    assert!(!conflict(&refused).1.contains("deleted)"), "{refused:?}");
    assert_eq!(delivery(&process, &world, post), before);
}

#[test]
fn a_thread_that_was_deleted_in_part_does_not_go_on() {
    for (texts, refusal) in
        [(["one not now", "two", "three"], Some("deleted")), (["one", "two not now", "three"], None)]
    {
        let (world, process, post) = now(live(11, &texts));
        // Its last part was refused.
        let old = now(process.deps.ledger.deliveries(world.caller.tenant, post)).unwrap().remove(0);
        let (mut next, at) = (old.value.clone(), world.engine.now());
        let third = next.parts[2].receipt.take().unwrap();
        next.state = State::Partial { at, code: "policy".into(), detail: "no".into() };
        world.platforms[0].truth().posted.retain(|live| Some(&live.id) != third.id.as_ref());
        now(process.deps.ledger.commit(vec![Write::replace(&old, Record::Delivery(next))])).unwrap();
        assert_eq!(conflict(&everywhere(&world, &process, post, "d")).0, "not_deleted");
        world.engine.advance_ms(61_000);
        let again = now(retry(&process.deps, &world.caller, post, None, &[], &once("r"), &changed));
        assert_eq!(again.as_ref().err().map(|_| conflict(&again).0), refusal, "{texts:?}");
    }
}

#[test]
fn who_dies_between_two_parts_of_a_deletion_leaves_one_that_can_be_repeated() {
    let (world, process, post) = now(live(11, &["one", "two unanswered", "three"]));
    let managing = process.managing();
    let (key, reply) = (once("d"), plain());
    assert!(remove(&managing, &world.caller, post, true, &key, &reply).now_or_never().is_none());
    assert_eq!(asked_to_delete(&world).len(), 2);
    assert_eq!(world.platforms[0].truth().posted.len(), 2);
    world.engine.advance_ms(61_000);
    everywhere(&world, &process, post, "again").unwrap();
    // What was gone already was asked for once more.
    assert_eq!(asked_to_delete(&world).len(), 2 + 3);
    let told = delivery(&process, &world, post);
    assert!(told.removed_at.is_some() && world.platforms[0].truth().posted.is_empty());
}
