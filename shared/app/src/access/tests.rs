#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;
use crate::Error;
use crate::fakes::{World, once, scoped, shown};
use domain::access::{Caller, Permission, Role};
use domain::{KeyId, MemberId};
use jiff::SignedDuration;
use ports::StoredReply;
use secrecy::ExposeSecret;
use std::sync::Mutex;

fn first() -> FirstTenant {
    FirstTenant { tenant: " Acme ".into(), zone: "Europe/Berlin".into(), owner: "Ada".into() }
}

async fn boot(world: &World, token: &str, first: &FirstTenant) -> Result<(crate::Reply, Option<Bootstrapped>), Error> {
    let made = Mutex::new(None);
    let encode = |new: &Bootstrapped| {
        *made.lock().unwrap() = Some(new.clone());
        StoredReply { status: 201, body: new.secret.expose_secret().to_owned() }
    };
    let fingerprint = format!("{first:?}");
    let reply = bootstrap(&world.deps, &"let me in".into(), token, first, &fingerprint, "test", &encode).await?;
    Ok((reply, made.into_inner().unwrap()))
}

async fn booted(world: &World) -> Bootstrapped {
    boot(world, "let me in", &first()).await.unwrap().1.unwrap()
}

async fn caller_of(world: &World, key: &str) -> Option<Caller> {
    by_key(&world.deps, key, "test").await.unwrap()
}

/// Makes a key and answers with its text.
async fn key_for(world: &World, caller: &Caller, new: &NewKey, key: &str) -> Result<String, Error> {
    let encode = |made: &KeyMade| StoredReply { status: 201, body: made.secret.expose_secret().to_owned() };
    create_key(&world.deps, caller, new, &once(key), &encode).await.map(|r| r.stored.body)
}

fn new_key(scopes: &[Permission]) -> NewKey {
    NewKey { name: "ci".into(), member: None, scopes: scopes.to_vec(), expires_at: None }
}

#[tokio::test]
async fn the_bootstrap_works_once_and_only_with_the_stacks_secret() {
    let world = World::new();
    for wrong in ["", "let me i", "let me in "] {
        let refused = boot(&world, wrong, &first()).await.unwrap_err();
        assert_eq!(refused, Error::Forbidden("bootstrap"));
    }
    let nowhere = FirstTenant { zone: "Mars/Olympus".into(), ..first() };
    let bad_zone = boot(&world, "let me in", &nowhere).await.unwrap_err();
    assert!(matches!(bad_zone, Error::Invalid(v) if v[0].code == "unknown_zone"));
    assert!(world.items().is_empty(), "nothing is written until it succeeds");

    let made = booted(&world).await;
    assert_eq!((made.tenant.name.as_str(), made.owner.role), ("Acme", Role::Owner));
    let caller = caller_of(&world, made.secret.expose_secret()).await.unwrap();
    assert_eq!((caller.tenant, caller.member), (made.tenant.id, made.owner.id));
    let other = FirstTenant { owner: "Bob".into(), ..first() };
    let again = boot(&world, "let me in", &other).await.unwrap_err();
    assert!(matches!(again, Error::Conflict { code: "already_bootstrapped", .. }));
}

#[tokio::test]
async fn a_lost_answer_to_the_bootstrap_is_given_again_for_a_day_and_lies_sealed() {
    let world = World::new();
    let made = booted(&world).await;
    let key = made.secret.expose_secret();
    let again = boot(&world, "let me in", &first()).await.unwrap().0;
    assert_eq!((again.stored.body.as_str(), again.replayed), (key, true));
    assert!(caller_of(&world, &again.stored.body).await.is_some());
    assert_eq!(boot(&world, "let me i", &first()).await.unwrap_err(), Error::Forbidden("bootstrap"));
    let stored = format!("{:?}", world.items());
    assert!(!stored.contains(key) && !stored.contains("let me in"));
    world.clock.pass(24 * 3_600);
    let late = boot(&world, "let me in", &first()).await.unwrap_err();
    assert!(matches!(late, Error::Conflict { code: "already_bootstrapped", .. }));
}

#[tokio::test]
async fn of_two_bootstraps_at_once_one_makes_the_tenant() {
    let world = World::new();
    let other = FirstTenant { owner: "Bob".into(), ..first() };
    let mine = first();
    let (one, two) =
        futures_util::future::join(boot(&world, "let me in", &mine), boot(&world, "let me in", &other)).await;
    assert_eq!(usize::from(one.is_ok()) + usize::from(two.is_ok()), 1);
    assert!(matches!(one.and(two).unwrap_err(), Error::Conflict { code: "already_bootstrapped", .. }));
}

#[tokio::test]
async fn a_key_is_shown_once_stored_as_a_hash_and_has_the_documented_form() {
    let world = World::new();
    let made = booted(&world).await;
    let text = made.secret.expose_secret();
    let parts: Vec<&str> = text.splitn(4, '_').collect();
    assert_eq!((parts[0], parts[1].len(), parts[2].len(), parts[3].len()), ("hk", 32, 32, 43));
    assert!(!format!("{:?}", world.items()).contains(parts[3]));
    assert!(!format!("{made:?}").contains(parts[3]));
}

#[tokio::test]
async fn an_unknown_a_wrong_an_expired_and_an_orphaned_key_get_the_same_answer() {
    let world = World::new();
    let made = booted(&world).await;
    let right = made.secret.expose_secret().to_owned();
    let owner = caller_of(&world, &right).await.unwrap();
    let wrong = format!("{}{}", &right[..right.len() - 1], if right.ends_with('A') { 'B' } else { 'A' });
    let stranger = right.replacen(&right[3..35], &"0".repeat(32), 1);
    for bad in ["", "hk_", "hk_x_y_z", &right[..60], &format!("{right}x"), &wrong, &stranger, &right.to_uppercase()] {
        assert_eq!(caller_of(&world, bad).await, None, "{bad}");
    }
    let soon = world.deps.clock.now() + SignedDuration::from_secs(60);
    let passing = key_for(&world, &owner, &NewKey { expires_at: Some(soon), ..new_key(&[]) }, "a").await.unwrap();
    let reply = StoredReply { status: 200, body: String::new() };
    let new = NewMember { name: "Bob".into(), role: Role::Editor };
    create_member(&world.deps, &owner, &new, &once("b"), &|_| reply.clone()).await.unwrap();
    let bob = members(&world.deps, &owner).await.unwrap().into_iter().find(|m| m.name == "Bob").unwrap();
    let bobs = key_for(&world, &owner, &NewKey { member: Some(bob.id), ..new_key(&[]) }, "c").await.unwrap();
    assert_eq!(caller_of(&world, &bobs).await.unwrap().role, Role::Editor);
    assert!(caller_of(&world, &passing).await.is_some());

    world.clock.pass(60);
    assert_eq!(caller_of(&world, &passing).await, None);
    remove_member(&world.deps, &owner, bob.id, &once("d"), &shown).await.unwrap();
    assert_eq!(caller_of(&world, &bobs).await, None);
    assert!(keys(&world.deps, &owner).await.unwrap().iter().all(|k| k.member != bob.id));
}

#[tokio::test]
async fn a_key_may_neither_exceed_its_member_nor_its_maker() {
    let world = World::new();
    let owner = world.owner(1).await;
    let viewer = world.member(1, 101, Role::Viewer).await;
    let for_viewer = NewKey { member: Some(viewer.member), ..new_key(&[Permission::Read, Permission::Publish]) };
    let over = key_for(&world, &owner, &for_viewer, "a").await.unwrap_err();
    assert!(matches!(over, Error::Invalid(v) if v[0].code == "scope_exceeds_role"));

    let limited = scoped(&owner, &[Permission::Read, Permission::Administer]);
    assert!(matches!(key_for(&world, &limited, &new_key(&[]), "b").await, Err(Error::Forbidden(_))));
    let publish = new_key(&[Permission::Publish]);
    assert_eq!(key_for(&world, &limited, &publish, "c").await, Err(Error::Forbidden("publish")));
    let text = key_for(&world, &limited, &new_key(&[Permission::Read]), "d").await.unwrap();
    let caller = caller_of(&world, &text).await.unwrap();
    assert!(caller.may(Permission::Read) && !caller.may(Permission::Publish));
    assert_eq!(key_for(&world, &viewer, &new_key(&[]), "e").await, Err(Error::Forbidden("administer")));
    let foreign = NewKey { member: Some(world.owner(2).await.member), ..new_key(&[]) };
    assert_eq!(key_for(&world, &owner, &foreign, "f").await, Err(Error::NotFound("member")));
}

#[tokio::test]
async fn making_a_key_twice_with_one_idempotency_key_shows_the_same_key_and_stores_it_sealed() {
    let world = World::new();
    let owner = world.owner(1).await;
    let first = key_for(&world, &owner, &new_key(&[]), "same").await.unwrap();
    assert_eq!(key_for(&world, &owner, &new_key(&[]), "same").await.unwrap(), first);
    assert_eq!(keys(&world.deps, &owner).await.unwrap().len(), 1);
    let secret = first.splitn(4, '_').last().unwrap().to_owned();
    assert!(!format!("{:?}", world.items()).contains(&secret));
    let other = crate::Once { fingerprint: "another body".into(), ..once("same") };
    assert_eq!(create_key(&world.deps, &owner, &new_key(&[]), &other, &shown).await, Err(Error::KeyReused));
}

#[tokio::test]
async fn a_revoked_key_ends_its_sessions_and_a_session_ends_after_twelve_hours_or_by_hand() {
    let world = World::new();
    let owner = caller_of(&world, booted(&world).await.secret.expose_secret()).await.unwrap();
    let text = key_for(&world, &owner, &new_key(&[]), "a").await.unwrap();
    let key = caller_of(&world, &text).await.unwrap().key;
    let open = || async { sign_in(&world.deps, &text, "test").await.unwrap().unwrap().cookie };
    let come = |cookie: secrecy::SecretString| {
        let deps = world.deps.clone();
        async move { by_session(&deps, cookie.expose_secret(), "test").await.unwrap().map(|c| c.member) }
    };
    let (one, two, three) = (open().await, open().await, open().await);
    assert_eq!(come(one.clone()).await, Some(owner.member));
    sign_out(&world.deps, one.expose_secret(), "test").await.unwrap();
    sign_out(&world.deps, one.expose_secret(), "test").await.unwrap();
    assert_eq!(come(one).await, None);
    assert_eq!(come(two.clone()).await, Some(owner.member));
    let (tampered, foreign) = (two.expose_secret().replace('.', ".0"), two.expose_secret().replacen('0', "1", 1));
    assert_eq!(come(tampered.into()).await, None);
    assert_eq!(come(foreign.into()).await, None);
    world.clock.pass(SESSION_LIFE_S);
    assert_eq!(come(two).await, None);
    assert_eq!(come(three).await, None);
    let four = open().await;
    revoke_key(&world.deps, &owner, key, &once("b"), &shown).await.unwrap();
    assert_eq!(come(four).await, None);
    assert!(sign_in(&world.deps, &text, "test").await.unwrap().is_none());
}

#[tokio::test]
async fn the_last_owner_stays_even_when_two_owners_demote_each_other_at_once() {
    let world = World::new();
    let owner = world.owner(1).await;
    let role = |id: MemberId, role: Role, key: &'static str| {
        let (deps, caller) = (world.deps.clone(), owner.clone());
        async move { change_role(&deps, &caller, id, role, &once(key), &shown).await }
    };
    let last = |e: Error| matches!(e, Error::Conflict { code: "last_owner", .. });
    assert!(last(role(owner.member, Role::Editor, "a").await.unwrap_err()));
    let removed = remove_member(&world.deps, &owner, owner.member, &once("b"), &shown).await;
    assert!(last(removed.unwrap_err()));
    assert!(role(owner.member, Role::Owner, "c").await.is_ok(), "staying an owner is no change");

    let second = world.member(1, 101, Role::Owner).await;
    let mutual = Interleaved::both(&world, &owner, &second).await;
    assert_eq!(mutual, 1, "one of the two demotions is refused");
    let left = members(&world.deps, &owner).await.unwrap();
    assert_eq!(left.iter().filter(|m| m.role == Role::Owner).count(), 1);
}

/// Two demotions that both read before either commits.
struct Interleaved;

impl Interleaved {
    async fn both(world: &World, a: &Caller, b: &Caller) -> usize {
        let ledger = &world.deps.ledger;
        let read = |id| async move { ledger.member(a.tenant, id).await.unwrap().unwrap() };
        let (first, second) = (read(a.member).await, read(b.member).await);
        let writes = |leaving: &ports::Versioned<domain::access::Member>| {
            let next = domain::access::Member { role: Role::Editor, ..leaving.value.clone() };
            ports::Write::replace(leaving, ports::Record::Member(next))
        };
        let guards = (
            members::another_owner_stays(&world.deps, &first).await.unwrap().unwrap(),
            members::another_owner_stays(&world.deps, &second).await.unwrap().unwrap(),
        );
        let done =
            [ledger.commit(vec![writes(&first), guards.0]).await, ledger.commit(vec![writes(&second), guards.1]).await];
        done.iter().filter(|d| d.is_ok()).count()
    }
}

#[tokio::test]
async fn members_and_keys_of_another_tenant_are_as_absent_as_unknown_ones() {
    let world = World::new();
    let (owner, stranger) = (world.owner(1).await, world.owner(2).await);
    key_for(&world, &owner, &new_key(&[]), "a").await.unwrap();
    let theirs = keys(&world.deps, &owner).await.unwrap()[0].id;
    let unknown = KeyId::from_uuid(uuid::Uuid::from_u128(77));
    let revoke = |id, key: &'static str| {
        let (deps, caller) = (world.deps.clone(), stranger.clone());
        async move { revoke_key(&deps, &caller, id, &once(key), &shown).await }
    };
    assert_eq!(revoke(theirs, "b").await, revoke(unknown, "c").await);
    let remove = remove_member(&world.deps, &stranger, owner.member, &once("d"), &shown).await;
    assert_eq!(remove, Err(Error::NotFound("member")));
    assert_eq!(members(&world.deps, &stranger).await.unwrap().len(), 1);
    assert!(keys(&world.deps, &stranger).await.unwrap().is_empty());
}

#[tokio::test]
async fn who_does_not_administer_changes_nothing_and_sees_only_their_own_keys() {
    let world = World::new();
    let owner = world.owner(1).await;
    let editor = world.member(1, 101, Role::Editor).await;
    key_for(&world, &owner, &new_key(&[]), "a").await.unwrap();
    key_for(&world, &owner, &NewKey { member: Some(editor.member), ..new_key(&[]) }, "b").await.unwrap();
    assert_eq!(keys(&world.deps, &owner).await.unwrap().len(), 2);
    assert_eq!(keys(&world.deps, &editor).await.unwrap().len(), 1);
    let no = Err(Error::Forbidden("administer"));
    let new = NewMember { name: "x".into(), role: Role::Owner };
    assert_eq!(create_member(&world.deps, &editor, &new, &once("c"), &shown).await, no);
    assert_eq!(change_role(&world.deps, &editor, editor.member, Role::Owner, &once("d"), &shown).await, no);
    assert_eq!(remove_member(&world.deps, &editor, owner.member, &once("e"), &shown).await, no);
    assert!(crate::audit::log(&world.deps, &editor, None, 10).await.is_err());
    let log = crate::audit::log(&world.deps, &owner, None, 10).await.unwrap().items;
    assert!(log.iter().all(|e| e.action == "key.created" && e.actor == Some(owner.member)));
}

#[tokio::test]
async fn names_are_one_line_of_reasonable_length() {
    let world = World::new();
    let owner = world.owner(1).await;
    for name in ["", "  ", "a\nb", &"x".repeat(101)] {
        let new = NewMember { name: name.into(), role: Role::Viewer };
        let bad = create_member(&world.deps, &owner, &new, &once(name), &shown).await.unwrap_err();
        assert!(matches!(bad, Error::Invalid(v) if v[0].code == "name_invalid"));
    }
}
