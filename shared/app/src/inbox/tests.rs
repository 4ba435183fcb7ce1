#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::fakes::{World, once, scoped, shown};
use crate::inbound::{interaction_id, thread};
use crate::{Error, Once, Reply};
use domain::access::{Caller, Permission, Role};
use domain::inbound::{Changed, Incoming, Said, What};
use domain::inbox::{InboxState, Interaction, InteractionKind};
use domain::publishing::{Delivery, NewDelivery, PartRecord, Post, Receipt, Schedule, Target, Variant};
use domain::{AccountId, IncomingId, InteractionId, MemberId, PostId, SourceId};
use ports::{Record, Write};
use uuid::Uuid;

/// A tenant, its one account on a platform, and a source that tells of it.
struct Desk {
    world: World,
    owner: Caller,
    account: AccountId,
    source: SourceId,
}

impl Desk {
    async fn new() -> Self {
        let world = World::new();
        let owner = world.owner(1).await;
        let (account, source) = (AccountId::from_uuid(Uuid::from_u128(3)), SourceId::from_uuid(Uuid::from_u128(4)));
        Self { world, owner, account, source }
    }

    /// Stores what one event tells of something said, and its id.
    async fn told(&self, what: What) -> InteractionId {
        let now = self.world.deps.clock.now();
        let incoming = Incoming {
            id: IncomingId::from_uuid(self.world.deps.uuid()),
            tenant: self.owner.tenant,
            source: self.source,
            platform: "acme-social".parse().unwrap(),
            receipt: domain::ReceiptId::from_uuid(Uuid::from_u128(5)),
            account: Some(self.account),
            at: now,
            received_at: now,
            what,
        };
        let (_, said) = Interaction::said(&incoming.what).unwrap();
        let id = interaction_id(self.source, Some("page"), &said.external_id);
        let mut one = Interaction::told(id, &incoming, Some("page")).unwrap();
        one.thread = thread(&one.conversation());
        self.commit(Write::create(Record::Interaction(Box::new(one)))).await;
        self.world.clock.pass(1);
        id
    }

    async fn comment(&self, external_id: &str, on: &str) -> InteractionId {
        self.told(What::Comment(said(external_id, Some(on), "u1"))).await
    }

    async fn commit(&self, write: Write) {
        self.world.deps.ledger.commit(vec![write]).await.unwrap();
    }

    /// A post that is live under this id, due now.
    async fn post(&self, n: u128, live_as: &[Option<&str>], account: AccountId) -> PostId {
        let (now, id, tenant) = (self.world.deps.clock.now(), PostId::from_uuid(Uuid::from_u128(n)), self.owner.tenant);
        let platform: domain::PlatformId = "acme-social".parse().unwrap();
        let new = NewDelivery {
            id: domain::DeliveryId::from_uuid(Uuid::from_u128(n)),
            tenant,
            post: id,
            account,
            platform: platform.clone(),
            content_hash: "h".into(),
            parts: live_as.len(),
            due_at: now,
            max_lateness_s: 3_600,
            settle_s: 900,
        };
        let part = |id: Option<&str>| PartRecord {
            receipt: Some(Receipt { id: id.map(str::to_owned), url: None }),
            ..PartRecord::default()
        };
        let delivery = Delivery { parts: live_as.iter().copied().map(part).collect(), ..Delivery::accepted(new, now) };
        self.commit(Write::create(Record::Delivery(delivery))).await;
        let post = Post {
            id,
            tenant,
            created_by: self.owner.member,
            created_at: now,
            content: Variant::default(),
            variants: [].into(),
            schedule: Schedule::Now { at: now },
            targets: vec![Target { account, platform }],
            max_lateness_s: 3_600,
            series: None,
            amended: false,
            interaction: None,
            sent_again_at: None,
            removing_until: None,
            archived: false,
        };
        self.commit(Write::create(Record::Post(post))).await;
        self.world.clock.pass(1);
        id
    }

    async fn listed(&self, filter: &InboxFilter) -> Vec<InteractionId> {
        let page = interactions(&self.world.deps, &self.owner, filter, None, 100).await.unwrap();
        page.items.into_iter().map(|one| one.id).collect()
    }

    async fn show(&self, id: InteractionId) -> Conversation {
        interaction(&self.world.deps, &self.owner, id).await.unwrap()
    }

    async fn edit(&self, id: InteractionId, edit: InboxEdit, key: &Once) -> Result<Reply, Error> {
        let rev = self.show(id).await.interaction.rev;
        change(&self.world.deps, &self.owner, id, rev, edit, key, &shown).await
    }
}

fn said(external_id: &str, on: Option<&str>, author: &str) -> Said {
    Said {
        external_id: external_id.into(),
        on: on.map(str::to_owned),
        author: Some(author.into()),
        text: Some("Nice".into()),
        ..Said::default()
    }
}

const OPEN: InboxFilter = InboxFilter {
    state: InboxState::Open,
    platform: None,
    account: None,
    kind: None,
    assignee: None,
    unassigned: false,
};

#[tokio::test]
async fn what_was_said_is_listed_newest_first_by_where_it_stands() {
    let desk = Desk::new().await;
    let (first, second) = (desk.comment("c1", "p1").await, desk.comment("c2", "p1").await);
    desk.told(What::Reaction(said("l1", Some("p1"), "u2"))).await;
    assert_eq!(desk.listed(&OPEN).await, [second, first], "a reaction waits for nobody");
    let done = InboxEdit { state: Some(InboxState::Done), ..InboxEdit::default() };
    desk.edit(first, done, &once("1")).await.unwrap();
    assert_eq!(desk.listed(&OPEN).await, [second]);
    assert_eq!(desk.listed(&InboxFilter::of(InboxState::Done)).await, [first]);
    let open = InboxEdit { state: Some(InboxState::Open), ..InboxEdit::default() };
    desk.edit(first, open, &once("2")).await.unwrap();
    assert_eq!(desk.listed(&OPEN).await, [second, first]);
    let foreigner = desk.world.owner(2).await;
    assert!(interactions(&desk.world.deps, &foreigner, &OPEN, None, 100).await.unwrap().items.is_empty());
    assert_eq!(interaction(&desk.world.deps, &foreigner, first).await, Err(Error::NotFound("interaction")));
}

#[tokio::test]
async fn the_list_is_filtered_and_paged_and_a_filter_that_leaves_little_reads_on() {
    let desk = Desk::new().await;
    let comment = desk.comment("c1", "p1").await;
    let message = desk.told(What::Message(said("m1", None, "u1"))).await;
    let mine = InboxEdit { assignee: Some(Some(desk.owner.member)), ..InboxEdit::default() };
    desk.edit(message, mine, &once("1")).await.unwrap();
    let other = AccountId::from_uuid(Uuid::from_u128(99));
    for (filter, expected) in [
        (InboxFilter { kind: Some(InteractionKind::Message), ..OPEN }, vec![message]),
        (InboxFilter { kind: Some(InteractionKind::Mention), ..OPEN }, vec![]),
        (InboxFilter { account: Some(desk.account), ..OPEN }, vec![message, comment]),
        (InboxFilter { account: Some(other), ..OPEN }, vec![]),
        (InboxFilter { platform: Some("acme-social".parse().unwrap()), ..OPEN }, vec![message, comment]),
        (InboxFilter { platform: Some("elsewhere".parse().unwrap()), ..OPEN }, vec![]),
        (InboxFilter { assignee: Some(desk.owner.member), ..OPEN }, vec![message]),
        (InboxFilter { unassigned: true, ..OPEN }, vec![comment]),
    ] {
        assert_eq!(desk.listed(&filter).await, expected, "{filter:?}");
    }
    for n in 0..5 {
        desk.told(What::Mention(said(&format!("x{n}"), None, "u1"))).await;
    }
    let comments = InboxFilter { kind: Some(InteractionKind::Comment), ..OPEN };
    let page =
        async |cursor: Option<&str>| interactions(&desk.world.deps, &desk.owner, &comments, cursor, 1).await.unwrap();
    let first = page(None).await;
    assert!(first.items.is_empty() && first.next.is_some(), "five reads, and the next page goes on");
    let second = page(first.next.as_deref()).await;
    assert_eq!((second.items[0].id, second.next), (comment, None));
}

#[tokio::test]
async fn somebody_sees_to_it_or_nobody_and_it_is_answered_once() {
    let desk = Desk::new().await;
    let id = desk.comment("c1", "p1").await;
    let now = async || desk.show(id).await.interaction.value;
    let nobody = MemberId::from_uuid(Uuid::from_u128(4_711));
    let absent = InboxEdit { assignee: Some(Some(nobody)), ..InboxEdit::default() };
    let Err(Error::Invalid(wrong)) = desk.edit(id, absent, &once("1")).await else { panic!("no such member") };
    assert_eq!((wrong[0].code.as_str(), wrong[0].field.as_str()), ("member_not_found", "/assignee_id"));
    let foreigner = desk.world.owner(2).await.member;
    let foreign = InboxEdit { assignee: Some(Some(foreigner)), ..InboxEdit::default() };
    assert!(matches!(desk.edit(id, foreign, &once("2")).await, Err(Error::Invalid(_))));
    let colleague = desk.world.member(1, 7, Role::Editor).await.member;
    let theirs = InboxEdit { assignee: Some(Some(colleague)), ..InboxEdit::default() };
    desk.edit(id, theirs, &once("3")).await.unwrap();
    assert_eq!((now().await.assignee, now().await.state()), (Some(colleague), Some(InboxState::Open)));
    desk.edit(id, InboxEdit { assignee: Some(None), ..InboxEdit::default() }, &once("4")).await.unwrap();
    assert_eq!(now().await.assignee, None);
    let answered = InboxEdit { responded: true, ..InboxEdit::default() };
    let at = desk.world.deps.clock.now();
    desk.edit(id, answered, &once("5")).await.unwrap();
    assert_eq!((now().await.responded_at, now().await.done.map(|done| done.at)), (Some(at), Some(at)));
    desk.world.clock.pass(60);
    desk.edit(id, answered, &once("6")).await.unwrap();
    assert_eq!((now().await.responded_at, now().await.done.map(|done| done.at)), (Some(at), Some(at)), "the first");
    let both = InboxEdit { state: Some(InboxState::Open), ..answered };
    let Err(Error::Invalid(wrong)) = desk.edit(id, both, &once("7")).await else { panic!("it cannot be both") };
    assert_eq!((wrong[0].code.as_str(), wrong[0].field.as_str()), ("answered_is_done", "/state"));
}

#[tokio::test]
async fn a_change_counts_for_what_was_read_and_the_same_request_changes_once() {
    let desk = Desk::new().await;
    let id = desk.comment("c1", "p1").await;
    let done = InboxEdit { state: Some(InboxState::Done), ..InboxEdit::default() };
    let (deps, owner) = (&desk.world.deps, &desk.owner);
    let first = change(deps, owner, id, 1, done, &once("1"), &shown).await.unwrap();
    let again = change(deps, owner, id, 1, done, &once("1"), &shown).await.unwrap();
    assert_eq!((first.stored == again.stored, again.replayed), (true, true));
    let stale = change(deps, owner, id, 1, done, &once("2"), &shown).await;
    assert!(matches!(stale, Err(Error::Conflict { code: "changed_meanwhile", .. })));
    for (caller, permission) in [
        (scoped(owner, &[Permission::Read]), "publish"),
        (desk.world.member(1, 8, Role::Viewer).await, "publish"),
        (desk.world.member(1, 9, Role::Approver).await, "publish"),
    ] {
        let refused = change(deps, &caller, id, 2, done, &once("3"), &shown).await;
        assert_eq!(refused, Err(Error::Forbidden(permission)));
    }
    let foreigner = desk.world.owner(2).await;
    let absent = change(deps, &foreigner, id, 2, done, &once("4"), &shown).await;
    assert_eq!(absent, Err(Error::NotFound("interaction")));
}

#[tokio::test]
async fn what_nobody_can_answer_is_not_opened() {
    let desk = Desk::new().await;
    let like = desk.told(What::Reaction(said("l1", Some("p1"), "u2"))).await;
    let own = desk.told(What::Comment(said("c1", Some("p1"), "page"))).await;
    let gone = desk.told(What::Comment(Said { change: Changed::Removed, ..said("c2", Some("p1"), "u1") })).await;
    let open = InboxEdit { state: Some(InboxState::Open), ..InboxEdit::default() };
    for (n, id) in [like, own, gone].into_iter().enumerate() {
        let refused = desk.edit(id, open, &once(&format!("k{n}"))).await;
        assert!(matches!(refused, Err(Error::Conflict { code: "nothing_to_answer", .. })), "{id}");
    }
    assert!(desk.listed(&OPEN).await.is_empty());
    assert_eq!(desk.listed(&InboxFilter::of(InboxState::Done)).await, [own], "what was never told is not listed");
}

#[tokio::test]
async fn a_conversation_is_all_that_is_on_the_same_and_what_is_above_and_below() {
    let desk = Desk::new().await;
    let root = desk.comment("c1", "p1").await;
    let beside = desk.comment("c2", "p1").await;
    let reply = desk.comment("c3", "c1").await;
    let deeper = desk.comment("c4", "c3").await;
    desk.comment("x1", "p2").await;
    for (n, on) in [("l1", "p1"), ("l2", "p1"), ("l3", "c1")] {
        desk.told(What::Reaction(said(n, Some(on), n))).await;
    }
    let ids = |conversation: &Conversation| conversation.said.iter().map(|one| one.id).collect::<Vec<_>>();
    let seen = desk.show(root).await;
    assert_eq!((ids(&seen), seen.reactions, seen.reactions_around), (vec![root, beside, reply], 1, 2));
    assert_eq!(ids(&desk.show(deeper).await), [root, reply, deeper]);
    let (hello, other) = (What::Message(said("m1", None, "u1")), What::Message(said("m2", None, "u2")));
    let (hello, _) = (desk.told(hello).await, desk.told(other).await);
    let more = desk.told(What::Message(said("m3", Some("m1"), "u1"))).await;
    assert_eq!(ids(&desk.show(more).await), [hello, more], "with one person");
}

#[tokio::test]
async fn a_thing_that_is_on_itself_or_in_a_circle_is_shown_all_the_same() {
    let desk = Desk::new().await;
    let own = desk.comment("c1", "c1").await;
    assert_eq!(desk.show(own).await.said.len(), 1);
    let (one, _) = (desk.comment("a", "b").await, desk.comment("b", "a").await);
    assert_eq!(desk.show(one).await.said.len(), 2);
}

#[tokio::test]
async fn a_conversation_is_about_the_post_that_is_live_under_that_id_whichever_part_and_level() {
    let desk = Desk::new().await;
    let other = AccountId::from_uuid(Uuid::from_u128(88));
    desk.post(21, &[Some("p9")], desk.account).await;
    let post = desk.post(22, &[Some("p1"), None, Some("p3")], desk.account).await;
    desk.post(23, &[Some("p5")], other).await;
    let (first, third) = (desk.comment("c1", "p1").await, desk.comment("c3", "p3").await);
    let reply = desk.comment("c4", "c3").await;
    for id in [first, third, reply] {
        assert_eq!(desk.show(id).await.post, Some(post));
    }
    let foreign = desk.comment("c5", "p5").await;
    assert_eq!(desk.show(foreign).await.post, None, "another account's");
    let alone = desk.told(What::Mention(said("x", None, "u1"))).await;
    assert_eq!(desk.show(alone).await.post, None);
}

#[tokio::test]
async fn a_post_is_looked_for_among_the_latest_hundred_that_were_due_before() {
    let desk = Desk::new().await;
    let post = desk.post(1_000, &[Some("p1")], desk.account).await;
    for n in 0..99 {
        desk.post(2_000 + n, &[Some("other")], desk.account).await;
    }
    let id = desk.comment("c1", "p1").await;
    assert_eq!(desk.show(id).await.post, Some(post));
    desk.world.clock.pass(-2);
    desk.post(3_000, &[Some("other")], desk.account).await;
    assert_eq!(desk.show(id).await.post, None);
}
