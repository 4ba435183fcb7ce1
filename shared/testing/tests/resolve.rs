//! A person answers a doubt about a part of a thread, and names the post they saw or does not.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use app::publishing::{Accepted, Answer, Decision, PublishCommand, TargetSpec, When, execute, request, resolve, retry};
use app::{Error, Once, Reply};
use domain::access::{Caller, Permission};
use domain::publishing::{Delivery, Part, Receipt, State, Variant};
use domain::{AccountId, PostId};
use jiff::SignedDuration;
use ports::{Job, Record, StoredReply, Versioned, Write};
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
        let account = world.connect(&process.deps, "write-only", "ada").await.unwrap().id;
        Self { world, process, account, asked: 0 }
    }

    fn once(&mut self) -> Once {
        self.asked += 1;
        Once { route: "test".into(), key: self.asked.to_string(), fingerprint: "f".into() }
    }

    async fn thread(&mut self, texts: &[&str]) -> PostId {
        let parts = texts.iter().map(|text| Part { text: (*text).into(), media: Vec::new() }).collect();
        let command = PublishCommand {
            content: Variant { parts, ..Variant::default() },
            variants: BTreeMap::new(),
            targets: vec![TargetSpec::Account(self.account)],
            when: When::Now,
            max_lateness_s: None,
        };
        let once = self.once();
        let reply = request(&self.process.deps, &self.world.caller, &command, &once, &accepted).await.unwrap();
        reply.stored.body.parse().unwrap()
    }

    async fn work(&self) {
        for message in self.world.queues.take() {
            if let Job::Publish { job, .. } = message.job {
                let deadline = self.process.deps.clock.now() + SignedDuration::from_secs(30);
                execute(&self.process.publishing(), &job, deadline).await.unwrap();
            }
        }
    }

    async fn stored(&self, post: PostId) -> Versioned<Delivery> {
        self.process.deps.ledger.delivery(self.world.caller.tenant, post, self.account).await.unwrap().unwrap()
    }

    /// The answer about the first part without a receipt was lost, and no machine can find out.
    async fn in_doubt(&self, post: PostId) {
        let old = self.stored(post).await;
        let since = self.process.deps.clock.now();
        let part = old.value.next_part().unwrap();
        let state = State::Attention { part, reason: "it cannot be read".into(), since };
        let next = Delivery { state, wake: None, started: true, fence: 1, ..old.value.clone() };
        self.process.deps.ledger.commit(vec![Write::replace(&old, Record::Delivery(next))]).await.unwrap();
    }

    async fn answers(&mut self, post: PostId, named: Option<&str>) -> Result<Reply, Error> {
        let question = self.stored(post).await.value.question().unwrap();
        let decision = Decision::ItIsLive(named.map(str::to_owned));
        let answer = Answer { account: self.account, question, decision };
        let once = self.once();
        resolve(&self.process.deps, &self.world.caller, post, &answer, "/post", &once, &changed).await
    }

    /// The ids of the confirmed parts.
    async fn ids(&self, post: PostId) -> Vec<Option<String>> {
        let parts = self.stored(post).await.value.parts;
        parts.into_iter().filter_map(|part| part.receipt).map(|receipt| receipt.id).collect()
    }
}

/// What a refusal names.
fn refusal(result: Result<Reply, Error>) -> (String, String) {
    let Err(Error::Invalid(violations)) = result else { panic!("not refused: {result:?}") };
    assert_eq!(violations.len(), 1);
    (violations[0].code.clone(), violations[0].field.clone())
}

#[test]
fn a_thread_goes_on_below_the_post_that_a_person_names() {
    now(async {
        let mut scene = Scene::new().await;
        let seen = scene.thread(&["what the person will see"]).await;
        scene.work().await;
        let id = scene.ids(seen).await.remove(0).unwrap();
        let post = scene.thread(&["one", "two"]).await;
        scene.in_doubt(post).await;
        scene.world.queues.take();
        scene.answers(post, Some(&format!(" https://platform.test/{id}\n"))).await.unwrap();
        let stored = scene.stored(post).await.value;
        let url = Some(format!("https://platform.test/{id}"));
        assert_eq!(stored.parts[0].receipt, Some(Receipt { id: Some(id.clone()), url }));
        scene.work().await;
        assert!(matches!(scene.stored(post).await.value.state, State::Published { .. }));
        let ids = scene.ids(post).await;
        assert_eq!((ids.len(), ids[0].as_deref()), (2, Some(id.as_str())));
    });
}

#[test]
fn a_key_that_may_only_publish_answers_no_doubt_by_asking_for_another_try() {
    now(async {
        let mut scene = Scene::new().await;
        let post = scene.thread(&["one"]).await;
        scene.in_doubt(post).await;
        let question = scene.stored(post).await.value.question().unwrap();
        let key = Caller { scopes: vec![Permission::Publish], ..scene.world.caller.clone() };
        let (once, deps) = (scene.once(), &scene.process.deps);
        let asked = retry(deps, &key, post, None, &[question], &once, &changed).await;
        assert!(matches!(asked, Err(Error::Forbidden(_))), "{asked:?}");
        assert!(matches!(scene.stored(post).await.value.state, State::Attention { .. }));
    });
}

#[test]
fn without_an_address_the_answer_counts_and_the_part_has_no_id() {
    now(async {
        let mut scene = Scene::new().await;
        let post = scene.thread(&["one", "two"]).await;
        scene.in_doubt(post).await;
        scene.answers(post, None).await.unwrap();
        let stored = scene.stored(post).await.value;
        assert_eq!((stored.parts[0].receipt.as_ref(), stored.next_part()), (Some(&Receipt::NAMELESS), Some(1)));
        assert!(matches!(stored.state, State::Retry { .. }));
    });
}

#[test]
fn what_names_no_post_is_refused_and_writes_nothing() {
    now(async {
        let mut scene = Scene::new().await;
        let post = scene.thread(&["one", "two"]).await;
        scene.in_doubt(post).await;
        let before = scene.stored(post).await;
        let long = format!("{}1", " ".repeat(3)) + &"0".repeat(600);
        for bad in ["", " ", "none", "https://elsewhere.test/1", long.as_str()] {
            let refused = refusal(scene.answers(post, Some(bad)).await);
            assert_eq!(refused, ("post_not_recognised".into(), "/post".into()), "{bad}");
        }
        assert_eq!(scene.stored(post).await, before);
    });
}

#[test]
fn an_earlier_part_of_the_thread_is_not_the_part_in_question() {
    now(async {
        let mut scene = Scene::new().await;
        let post = scene.thread(&["one", "two", "three"]).await;
        scene.in_doubt(post).await;
        scene.answers(post, Some("41")).await.unwrap();
        scene.in_doubt(post).await;
        assert_eq!(refusal(scene.answers(post, Some("41")).await).0, "post_not_recognised");
        assert_eq!(scene.ids(post).await.len(), 1);
        scene.answers(post, Some("42")).await.unwrap();
        assert_eq!(scene.ids(post).await, [Some("41".to_owned()), Some("42".to_owned())]);
    });
}
