//! Answering by hand what somebody said: an ordinary post of the account, once, and done when it is live.
#![allow(missing_docs, clippy::unwrap_used)]

#[allow(dead_code)]
mod desk;

use app::inbox::{InboxEdit, change, interaction};
use desk::{Desk, POSTS, answers, desk};
use domain::access::{Permission, Role};
use domain::inbound::{Changed, Said, What};
use domain::inbox::{InboxState, Interaction};
use domain::{AccountId, InteractionId, PlatformId};
use ports::{Record, StoredReply, Write};
use serde_json::{Value, json};
use testing::api::{Answer, Ask};

fn answer(to: &str, key: &str, text: &str) -> Ask {
    Ask::new("POST", &answers(to)).once(key).header("if-match", "*").json(&json!({ "text": text }))
}

impl Desk {
    async fn kept(&self, id: &str) -> Interaction {
        let deps = self.bench.world.deps();
        interaction(&deps, &self.bench.owner.caller, id.parse().unwrap()).await.unwrap().interaction.value
    }

    /// Everything that is due leaves, and everybody is told.
    async fn everything_leaves(&self) {
        let process = self.bench.world.process();
        self.work(&process).await;
        for event in self.bench.world.bus.taken() {
            app::inbox::answered(&process.deps, &event).await.unwrap();
        }
    }

    async fn answered_account(&self) -> (PlatformId, AccountId) {
        let comment = self.kept(&self.comment).await;
        (comment.platform, comment.account.unwrap())
    }

    async fn said(&self, what: What) -> String {
        let (platform, account) = self.answered_account().await;
        self.bench.world.told(&platform, Some(account), what).await.to_string()
    }

    async fn opens(&self, id: &str, key: &str) {
        let (deps, caller) = (self.bench.world.deps(), &self.bench.owner.caller);
        let id: InteractionId = id.parse().unwrap();
        let rev = interaction(&deps, caller, id).await.unwrap().interaction.rev;
        let once = app::Once { route: "test".into(), key: key.into(), fingerprint: String::new() };
        let open = InboxEdit { state: Some(InboxState::Open), ..InboxEdit::default() };
        let encode = |_: &Interaction| StoredReply { status: 200, body: String::new() };
        change(&deps, caller, id, rev, open, &once, &encode).await.unwrap();
    }
}

fn said(external_id: &str) -> Said {
    Said { external_id: external_id.into(), text: Some("When?".into()), ..Said::default() }
}

fn post_of(answer: &Answer) -> String {
    assert_eq!(answer.status, 202, "{answer:?}");
    answer.data()["pack_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_answer_is_a_post_of_the_same_account_and_when_it_is_live_what_it_answers_is_done() {
    let desk = desk().await;
    let sent = desk.bench.owner(answer(&desk.comment, "a", "At ten.")).await;
    let post = post_of(&sent);
    assert_eq!(
        (&sent.data()["content"]["text"], &sent.data()["content"]["reply_to"]),
        (&json!("At ten."), &json!("c1"))
    );
    assert_eq!(sent.data()["interaction_id"], json!(desk.comment));
    let (_, account) = desk.answered_account().await;
    assert_eq!(sent.data()["deliveries"][0]["account_id"], json!(account.to_string()));
    let waits = desk.kept(&desk.comment).await;
    assert_eq!((waits.answers.len(), waits.answers[0].post.to_string()), (1, post.clone()));
    assert_eq!((waits.state(), waits.responded_at), (Some(InboxState::Open), None), "it is not live yet");
    desk.everything_leaves().await;
    let done = desk.kept(&desk.comment).await;
    assert_eq!((done.state(), done.done.unwrap().by), (Some(InboxState::Done), desk.bench.owner.caller.member));
    assert!(done.responded_at.is_some() && done.answers[0].live_at == done.responded_at);
    let live = desk.bench.owner(Ask::new("GET", &format!("{POSTS}/{post}"))).await;
    assert_eq!(live.data()["status"], "published");
}

#[tokio::test]
async fn the_same_request_answers_once_and_of_two_people_the_second_is_told() {
    let desk = desk().await;
    let first = desk.bench.owner(answer(&desk.comment, "a", "At ten.")).await;
    let again = desk.bench.owner(answer(&desk.comment, "a", "At ten.")).await;
    assert_eq!(post_of(&first), post_of(&again));
    let second = answer(&desk.comment, "b", "At nine.").by(&desk.bench.owner);
    desk.bench.refused(second, 409, "answer_under_way").await;
    let stale = Ask::new("POST", &answers(&desk.comment)).once("c").header("if-match", "\"1\"");
    let stale = stale.json(&json!({ "text": "At nine." })).by(&desk.bench.owner);
    desk.bench.refused(stale, 412, "precondition_failed").await;
    let blind = Ask::new("POST", &answers(&desk.comment)).once("d").json(&json!({ "text": "At nine." }));
    desk.bench.refused(blind.by(&desk.bench.owner), 428, "precondition_required").await;
    assert_eq!(desk.kept(&desk.comment).await.answers.len(), 1);
}

#[tokio::test]
async fn of_two_who_read_the_same_only_one_answers() {
    let desk = desk().await;
    let (deps, caller) = (desk.bench.world.deps(), &desk.bench.owner.caller);
    let id: InteractionId = desk.comment.parse().unwrap();
    let found = deps.ledger.interaction(caller.tenant, id).await.unwrap().unwrap();
    let process = desk.bench.world.process();
    let encode = |accepted: &app::publishing::Accepted| StoredReply { status: 202, body: accepted.post.id.to_string() };
    let mut made = Vec::new();
    for key in ["a", "b"] {
        let once = app::Once { route: "test".into(), key: key.into(), fingerprint: String::new() };
        made.push(app::inbox::answer(&process.deps, caller, id, found.rev, "At ten.", &once, &encode).await);
    }
    assert!(made[0].is_ok());
    assert!(matches!(made[1], Err(app::Error::Conflict { code: "changed_meanwhile", .. })), "{:?}", made[1]);
}

#[tokio::test]
async fn after_an_answer_is_live_more_is_said_only_when_somebody_opens_it_again_and_being_told_twice_closes_nothing() {
    let desk = desk().await;
    desk.bench.owner(answer(&desk.comment, "a", "At ten.")).await;
    desk.everything_leaves().await;
    let more = |key: &str| answer(&desk.comment, key, "On Sundays, too.").by(&desk.bench.owner);
    desk.bench.refused(more("b"), 409, "answered_already").await;
    desk.opens(&desk.comment, "open").await;
    let event = desk.bench.world.bus.taken();
    assert!(!event.is_empty());
    desk.everything_leaves().await;
    assert_eq!(
        desk.kept(&desk.comment).await.state(),
        Some(InboxState::Open),
        "an event that comes again closes nothing"
    );
    post_of(&desk.bench.send(more("c")).await);
    assert_eq!(desk.kept(&desk.comment).await.answers.len(), 2);
}

#[tokio::test]
async fn an_answer_that_did_not_go_out_may_be_written_anew_and_is_then_not_tried_again() {
    let desk = desk().await;
    let first = post_of(&desk.bench.owner(answer(&desk.comment, "a", "At ten.")).await);
    // It may start up to a day late, and nobody is there to send it.
    desk.bench.world.engine.advance_ms(25 * 3_600_000);
    desk.everything_leaves().await;
    let missed = desk.bench.owner(Ask::new("GET", &format!("{POSTS}/{first}"))).await;
    assert_eq!(missed.data()["deliveries"][0]["status"], "missed");
    let second = post_of(&desk.bench.owner(answer(&desk.comment, "b", "At nine.")).await);
    let retry = |post: &str, key: &str| Ask::new("POST", &format!("/api/publishing/retry/{post}")).once(key);
    desk.bench.refused(retry(&first, "r").by(&desk.bench.owner), 409, "answered_otherwise").await;
    desk.everything_leaves().await;
    let kept = desk.kept(&desk.comment).await;
    let live: Vec<(String, bool)> = kept.answers.iter().map(|a| (a.post.to_string(), a.live_at.is_some())).collect();
    assert_eq!(live, [(first, false), (second, true)]);
}

#[tokio::test]
async fn an_answer_that_waits_for_an_approval_is_under_way_and_goes_on_to_answer_that() {
    let desk = desk().await;
    let asked = desk.bench.send(answer(&desk.comment, "a", "At ten.").by(&desk.editor)).await;
    let post = post_of(&asked);
    assert_eq!(asked.data()["approval"]["status"], "waiting");
    desk.everything_leaves().await;
    assert_eq!(
        desk.kept(&desk.comment).await.state(),
        Some(InboxState::Open),
        "nothing leaves before somebody approves"
    );
    let edit = |key: &str, content: Value| {
        let ask = Ask::new("PATCH", &format!("{POSTS}/{post}")).once(key).header("if-match", "*");
        ask.json(&json!({ "content": content }))
    };
    for (key, content) in [("e", json!({ "text": "x", "reply_to": "c2" })), ("f", json!({ "text": "x" }))] {
        let refused = desk.bench.refused(edit(key, content).by(&desk.bench.owner), 422, "answer_fixed").await;
        assert_eq!(refused.body["errors"][0]["field"], "/content/reply_to");
    }
    let other_words = edit("g", json!({ "text": "At half past ten.", "reply_to": "c1" }));
    assert_eq!(desk.bench.send(other_words.by(&desk.bench.owner)).await.status, 200);
}

#[tokio::test]
async fn what_cannot_be_answered_is_refused_with_the_reason_and_nothing_is_written() {
    let desk = desk().await;
    let (platform, account) = desk.answered_account().await;
    let world = &desk.bench.world;
    let readable: PlatformId = "readable".parse().unwrap();
    let ada: AccountId = desk.account.parse().unwrap();
    let gone = Said { change: Changed::Removed, ..said("c2") };
    let rows = [
        (world.told(&readable, Some(ada), What::Comment(said("c3"))).await, 422, "unsupported"),
        (world.told(&platform, Some(account), What::Message(said("m1"))).await, 422, "unsupported"),
        (world.told(&platform, Some(account), What::Comment(said(""))).await, 422, "unsupported"),
        (world.told(&platform, None, What::Comment(said("c4"))).await, 422, "no_account"),
        (world.told(&platform, Some(account), What::Comment(gone)).await, 409, "nothing_to_answer"),
        (world.told(&platform, Some(account), What::Reaction(said("l1"))).await, 409, "nothing_to_answer"),
    ];
    for (id, status, code) in rows {
        let ask = answer(&id.to_string(), &id.to_string(), "At ten.").by(&desk.bench.owner);
        let refused = desk.bench.refused(ask, status, code).await;
        if status == 422 {
            assert_eq!(refused.body["errors"][0]["field"], "", "{refused:?}");
        }
        assert!(desk.kept(&id.to_string()).await.answers.is_empty());
    }
    for (key, text, code) in [("e", "", "content_empty"), ("l", &"x".repeat(281), "content_too_long")] {
        let ask = answer(&desk.comment, key, text).by(&desk.bench.owner);
        let refused = desk.bench.refused(ask, 422, code).await;
        assert_eq!(refused.body["errors"][0]["field"], "/text");
    }
    assert!(desk.kept(&desk.comment).await.answers.is_empty());
}

#[tokio::test]
async fn what_is_taken_back_between_reading_and_answering_is_not_answered() {
    let desk = desk().await;
    let id = desk.said(What::Comment(said("c9"))).await;
    let deps = desk.bench.world.deps();
    let found = deps.ledger.interaction(desk.bench.owner.caller.tenant, id.parse().unwrap()).await.unwrap().unwrap();
    let gone = Interaction { removed: found.value.there, there: None, text: None, ..found.value.clone() };
    deps.ledger.commit(vec![Write::replace(&found, Record::Interaction(Box::new(gone)))]).await.unwrap();
    let as_read = Ask::new("POST", &answers(&id)).once("a").header("if-match", &format!("\"{}\"", found.rev));
    let as_read = as_read.json(&json!({ "text": "At ten." })).by(&desk.bench.owner);
    desk.bench.refused(as_read, 412, "precondition_failed").await;
    desk.bench.refused(answer(&id, "b", "At ten.").by(&desk.bench.owner), 409, "nothing_to_answer").await;
}

#[tokio::test]
async fn who_may_not_write_and_another_tenant_answer_nothing() {
    let desk = desk().await;
    let world = &desk.bench.world;
    for (n, (role, scopes)) in [(Role::Viewer, vec![]), (Role::Approver, vec![]), (Role::Owner, vec![Permission::Read])]
        .into_iter()
        .enumerate()
    {
        let person = world.person(1, role, &scopes).await;
        desk.bench.refused(answer(&desk.comment, &n.to_string(), "No.").by(&person), 403, "forbidden").await;
    }
    let foreigner = world.person(2, Role::Owner, &[]).await;
    desk.bench.refused(answer(&desk.comment, "f", "No.").by(&foreigner), 404, "not_found").await;
    assert!(desk.kept(&desk.comment).await.answers.is_empty());
}
