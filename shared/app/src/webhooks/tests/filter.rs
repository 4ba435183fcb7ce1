//! Endpoints that want to hear of some accounts and platforms only.

use super::delivery::attempted;
use super::*;
use crate::fakes::shown;
use domain::events::{InteractionFacts, PostFacts};
use domain::inbound::Changed;
use domain::{AccountId, IncomingId, PlatformId, PostId, SourceId};
use ports::SourceForm;

static FORM: SourceForm = SourceForm { slug: "caller", name: "Caller", help: "", fields: &[] };

fn platform(slug: &str) -> PlatformId {
    slug.parse().unwrap()
}

fn account(n: u128) -> AccountId {
    AccountId::from_uuid(Uuid::from_u128(n))
}

/// What happened on an account, on a platform, and on neither.
fn events() -> [(&'static str, EventData); 5] {
    let connected = |n, slug: &str| {
        EventData::AccountConnected(AccountFacts { account_id: account(n), platform: platform(slug), reason: None })
    };
    let interaction = InteractionFacts {
        incoming_id: IncomingId::from_uuid(Uuid::nil()),
        source_id: SourceId::from_uuid(Uuid::nil()),
        account_id: None,
        platform: platform("chirp"),
        kind: "comment".into(),
        change: Changed::Added,
    };
    let post = PostFacts { post_id: PostId::from_uuid(Uuid::nil()), due_at: None };
    [
        ("9 on chirp", connected(9, "chirp")),
        ("8 on chirp", connected(8, "chirp")),
        ("9 on other", connected(9, "other")),
        ("chirp, no account", EventData::InteractionReceived(interaction)),
        ("neither", EventData::PostScheduled(post)),
    ]
}

#[tokio::test]
async fn an_endpoint_hears_of_the_accounts_and_platforms_that_it_named_and_of_what_carries_none() {
    let world = World::new();
    let owner = world.owner(1).await;
    let (id, _) = registered(&world, &owner, &new("https://a.example", &[]), "a").await.unwrap();
    let found = world.deps.ledger.endpoint(owner.tenant, id).await.unwrap().unwrap().value;
    for (accounts, platforms, heard) in [
        (vec![], vec![], vec!["9 on chirp", "8 on chirp", "9 on other", "chirp, no account", "neither"]),
        (vec![account(9)], vec![], vec!["9 on chirp", "9 on other", "chirp, no account", "neither"]),
        (vec![], vec![platform("chirp")], vec!["9 on chirp", "8 on chirp", "chirp, no account", "neither"]),
        (vec![account(9)], vec![platform("chirp")], vec!["9 on chirp", "chirp, no account", "neither"]),
        (vec![account(7)], vec![platform("third")], vec!["neither"]),
    ] {
        let endpoint = domain::webhooks::Endpoint { accounts, platforms, ..found.clone() };
        let minded = events().into_iter().filter(|(_, data)| endpoint.minds(data)).map(|(name, _)| name);
        assert_eq!(minded.collect::<Vec<_>>(), heard);
    }
}

#[tokio::test]
async fn what_an_endpoint_does_not_want_to_hear_of_makes_no_message() {
    let world = World::new();
    let owner = world.owner(1).await;
    let wanted = NewEndpoint { platforms: vec![platform("bird"), platform("chirp")], ..new("https://a.example", &[]) };
    let (id, _) = registered(&world, &owner, &wanted, "a").await.unwrap();
    assert_eq!(endpoint(&world.deps, &owner, id).await.unwrap().value.platforms, [platform("chirp")]);
    let [_, _, (_, other), ..] = events();
    let event = world.deps.events(owner.tenant, "test", [other]).remove(0);
    assert_eq!(fan_out(&Batch::default(), &world.deps, &event, Visit::FIRST).await.unwrap(), FanOut::default());
    assert_eq!(attempted(&world, &event, id).await, Attempted::Idle);
}

#[tokio::test]
async fn an_account_or_a_platform_that_there_is_none_of_is_refused_and_changes_nothing() {
    let world = World::new();
    let owner = world.owner(1).await;
    let (accounts, platforms) = (vec![account(9)], vec![platform("chirp"), platform("nowhere")]);
    let wanted =
        NewEndpoint { accounts: accounts.clone(), platforms: platforms.clone(), ..new("https://a.example", &[]) };
    let (id, _) = registered(&world, &owner, &new("https://a.example", &[]), "a").await.unwrap();
    let edit = EndpointEdit { accounts: Some(accounts), platforms: Some(platforms), ..EndpointEdit::default() };
    let base = "https://herald.example";
    let refused = [
        registered(&world, &owner, &wanted, "b").await.unwrap_err(),
        edit_endpoint(&world.deps, &owner, id, 1, &edit, base, &once("c"), &shown).await.unwrap_err(),
    ];
    for error in refused {
        let Error::Invalid(found) = error else { panic!("{error:?}") };
        let found: Vec<_> = found.iter().map(|v| (v.code.as_str(), v.field.as_str())).collect();
        assert_eq!(found, [("account_not_found", "/accounts/0"), ("unknown_platform", "/platforms/1")]);
    }
}

#[tokio::test]
async fn who_only_calls_and_is_posted_to_by_nobody_is_a_platform_to_hear_of_too() {
    let mut world = World::new();
    let owner = world.owner(1).await;
    let wanted = NewEndpoint { platforms: vec![platform("caller")], ..new("https://a.example", &[]) };
    let refused = registered(&world, &owner, &wanted, "a").await.unwrap_err();
    assert!(matches!(&refused, Error::Invalid(found) if found[0].code == "unknown_platform"), "{refused:?}");
    world.deps.sources = std::sync::Arc::new([&FORM]);
    registered(&world, &owner, &wanted, "b").await.unwrap();
}

#[tokio::test]
async fn a_list_that_is_too_long_is_told_of_once_and_not_part_by_part() {
    let world = World::new();
    let owner = world.owner(1).await;
    let headers = |n: usize| (0..n).map(|n| (format!("Bad Name {n}"), "v".to_owned())).collect();
    let long = |n: usize| NewEndpoint {
        events: vec!["post.exploded".into(); n],
        accounts: vec![account(9); n],
        platforms: vec![platform("nowhere"); n],
        headers: headers(n / 10),
        ..new("https://a.example", &[])
    };
    let Error::Invalid(found) = registered(&world, &owner, &long(110), "a").await.unwrap_err() else { panic!() };
    let found: Vec<_> = found.iter().map(|v| (v.code.as_str(), v.field.as_str())).collect();
    let out = "out_of_range";
    assert_eq!(found, [(out, "/events"), ("too_many_headers", "/headers"), (out, "/accounts"), (out, "/platforms")]);
    let Error::Invalid(found) = registered(&world, &owner, &long(100), "b").await.unwrap_err() else { panic!() };
    assert_eq!(found.len(), 3 * 100 + 10, "each part of lists that are as long as they may be");
    let known = NewEndpoint { events: vec!["post.failed".into(); 100], ..new("https://a.example", &[]) };
    registered(&world, &owner, &known, "c").await.unwrap();
}
