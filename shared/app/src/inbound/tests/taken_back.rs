//! A platform says that an access was taken back.

use super::*;
use domain::AccountId;
use domain::accounts::{Account, AccountKind, AccountStatus, Profile, TokenState};
use domain::events::EventData;
use ports::{Record, Write};
use uuid::Uuid;

/// An account with this id there, connected now.
fn connected(loft: &Loft, owner: &Caller, platform: &str, n: u128, external_id: &str) -> Account {
    let now = loft.deps.clock.now();
    let (name, kind) = ("A bird".to_owned(), AccountKind::Person);
    Account {
        id: AccountId::from_uuid(Uuid::from_u128(n)),
        tenant: owner.tenant,
        platform: platform.parse().unwrap(),
        profile: Profile { external_id: external_id.into(), name, handle: None, kind, home: None },
        status: AccountStatus::Active,
        connected_by: owner.member,
        connected_at: now,
        consented_at: Some(now),
        scopes: Vec::new(),
        token: TokenState::none(1),
        holder: None,
    }
}

async fn stored(loft: &Loft, account: Account) -> Account {
    loft.deps.ledger.commit(vec![Write::create(Record::Account(account.clone()))]).await.unwrap();
    account
}

/// One of the owner's at the pigeons'.
pub(super) async fn bird(loft: &Loft, n: u128, external_id: &str) -> Account {
    stored(loft, connected(loft, &loft.owner, "pigeons", n, external_id)).await
}

pub(super) async fn status_of(loft: &Loft, account: &Account) -> AccountStatus {
    loft.deps.ledger.account(account.tenant, account.id).await.unwrap().unwrap().value.status
}

pub(super) fn left(id: &str, to: &str, at: Option<Timestamp>) -> Leaf {
    Leaf { id: id.into(), at, to: Some(to.into()), what: What::Unknown { kind: "left the loft".into() } }
}

/// Reads one call with these; what the accounts say that it came to.
async fn told(loft: &Loft, all: &[Leaf]) {
    assert!(matches!(loft.call(&leaves(all)).await.unwrap(), Received::Answered(_)));
    loft.read().await.unwrap();
}

pub(super) fn marked(loft: &Loft) -> Vec<(AccountId, Option<String>)> {
    let events = loft.world.outbound.told.lock().unwrap().clone();
    let mark = |data| match data {
        EventData::AccountNeedsReconnect(facts) => Some((facts.account_id, facts.reason)),
        _ => None,
    };
    events.into_iter().filter_map(|event| mark(event.data)).collect()
}

#[tokio::test]
async fn an_access_that_was_taken_back_asks_a_person_at_once_and_tells_once() {
    let loft = Loft::new().await;
    let account = bird(&loft, 1, "b1").await;
    loft.world.clock.pass(60);
    let leaf = [left("e1", "b1", Some(loft.deps.clock.now()))];
    told(&loft, &leaf).await;
    told(&loft, &leaf).await;
    told(&loft, &[left("e2", "b1", Some(loft.deps.clock.now()))]).await;
    let AccountStatus::NeedsReconnect { reason, .. } = status_of(&loft, &account).await else {
        panic!("it is not marked")
    };
    assert_eq!(reason, "left");
    assert_eq!(marked(&loft), [(account.id, Some("left".to_owned()))]);
    assert_eq!(loft.incoming().await.len(), 2, "they are listed, too");
    let audited = loft.world.audited(loft.owner.tenant).await;
    assert_eq!(audited.iter().filter(|action| *action == "account.needs_reconnect").count(), 1);
}

#[tokio::test]
async fn what_is_told_of_a_place_ends_the_access_to_all_that_is_in_it_and_to_nothing_else() {
    let loft = Loft::new().await;
    let mut all = Vec::new();
    for (n, id) in [(1, "t1/a"), (2, "t1/b"), (3, "t10/a"), (4, "t2/a")] {
        all.push(bird(&loft, n, id).await);
    }
    loft.world.clock.pass(60);
    told(&loft, &[left("e1", "t1", Some(loft.deps.clock.now()))]).await;
    let mut active = Vec::new();
    for account in &all {
        active.push(status_of(&loft, account).await == AccountStatus::Active);
    }
    assert_eq!(active, [false, false, true, true]);
}

#[tokio::test]
async fn what_is_older_than_the_present_access_or_does_not_say_when_ends_nothing() {
    let loft = Loft::new().await;
    let before = loft.deps.clock.now();
    loft.world.clock.pass(60);
    let account = bird(&loft, 1, "b1").await;
    let same = loft.deps.clock.now();
    told(&loft, &[left("e1", "b1", Some(before)), left("e2", "b1", Some(same)), left("e3", "b1", None)]).await;
    assert_eq!(status_of(&loft, &account).await, AccountStatus::Active);
    let after = same + SignedDuration::from_secs(1);
    told(&loft, &[left("e4", "b1", Some(after))]).await;
    assert_ne!(status_of(&loft, &account).await, AccountStatus::Active);
}

/// The whole life: taken back, connected anew, and then the old call comes again.
#[tokio::test]
async fn a_call_that_comes_again_after_a_person_connected_anew_ends_nothing() {
    let loft = Loft::new().await;
    let account = bird(&loft, 1, "b1").await;
    loft.world.clock.pass(60);
    let leaf = [left("e1", "b1", Some(loft.deps.clock.now()))];
    told(&loft, &leaf).await;
    loft.world.clock.pass(60);
    let old = loft.deps.ledger.account(account.tenant, account.id).await.unwrap().unwrap();
    let anew = Account { consented_at: Some(loft.deps.clock.now()), ..account.clone() };
    loft.deps.ledger.commit(vec![Write::replace(&old, Record::Account(anew))]).await.unwrap();
    told(&loft, &leaf).await;
    // In another call, which is not known yet.
    told(&loft, &[left("e9", "b1", leaf[0].at), comment("c1")]).await;
    assert_eq!(status_of(&loft, &account).await, AccountStatus::Active);
}

#[tokio::test]
async fn neither_an_unproved_call_nor_one_of_another_tenant_or_platform_or_of_something_else_ends_an_access() {
    let loft = Loft::new().await;
    let mine = bird(&loft, 1, "b1").await;
    let stranger = loft.world.owner(2).await;
    let theirs = stored(&loft, connected(&loft, &stranger, "pigeons", 2, "b1")).await;
    let elsewhere = stored(&loft, connected(&loft, &loft.owner, "doves", 3, "b1")).await;
    loft.world.clock.pass(60);
    let now = Some(loft.deps.clock.now());
    let forged = leaves(&[left("e1", "b1", now)]);
    let headers = [("x-ring".to_owned(), "wrong".to_owned())];
    let ask = Ask { method: "POST", url: "", query: "", headers: &headers, body: &forged };
    assert_eq!(receive(&loft.deps, "pigeons", &loft.token, &ask, "cid").await.unwrap(), Received::Refused);
    loft.read().await.unwrap();
    let other = Leaf { what: What::Unknown { kind: "came home".into() }, ..left("e2", "b1", now) };
    told(&loft, &[other, left("e3", "b2", now), left("e4", "b", now), comment("c1")]).await;
    for account in [&mine, &theirs, &elsewhere] {
        assert_eq!(status_of(&loft, account).await, AccountStatus::Active);
    }
    told(&loft, &[left("e5", "b1", now)]).await;
    assert_ne!(status_of(&loft, &mine).await, AccountStatus::Active);
    for account in [&theirs, &elsewhere] {
        assert_eq!(status_of(&loft, account).await, AccountStatus::Active, "another tenant's, another platform's");
    }
}
