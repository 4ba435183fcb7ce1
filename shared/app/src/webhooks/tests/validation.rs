//! Receivers that are asked first whether they want to be told.

use super::*;
use crate::fakes::shown;
use ports::Agreed;

fn asking(url: &str) -> NewEndpoint {
    NewEndpoint { validate: true, ..new(url, &[]) }
}

fn agrees(world: &World, rates: &[Option<u32>]) {
    world.outbound.agreed.lock().unwrap().extend(rates.iter().map(|rate| Ok(Agreed { rate: *rate })));
}

fn asked(world: &World) -> Vec<(String, String, Option<u32>)> {
    std::mem::take(&mut *world.outbound.asked.lock().unwrap())
}

fn refusal(done: Result<(), Error>) -> (String, String, String) {
    let Error::Invalid(mut found) = done.unwrap_err() else { panic!("another refusal") };
    let first = found.remove(0);
    (first.code, first.field, first.detail)
}

async fn edited(world: &World, owner: &Caller, id: EndpointId, edit: EndpointEdit, key: &str) -> Result<(), Error> {
    let found = world.deps.ledger.endpoint(owner.tenant, id).await.unwrap().unwrap();
    let base = "https://herald.example";
    edit_endpoint(&world.deps, owner, id, found.rev, &edit, base, &once(key), &shown).await.map(drop)
}

async fn agreed(world: &World, owner: &Caller, id: EndpointId) -> Option<Option<u32>> {
    let found = world.deps.ledger.endpoint(owner.tenant, id).await.unwrap().unwrap();
    found.value.validated.map(|validated| validated.rate)
}

#[tokio::test]
async fn without_agreement_nothing_is_registered_and_with_it_the_receivers_own_limit_holds() {
    let world = World::new();
    let owner = world.owner(1).await;
    let done = registered(&world, &owner, &asking("https://a.example"), "no").await.map(drop);
    let (code, field, detail) = refusal(done);
    assert_eq!((code.as_str(), field.as_str()), ("not_validated", "/url"));
    assert!(detail.ends_with("it said nothing"), "{detail}");
    assert!(endpoints(&world.deps, &owner).await.unwrap().is_empty());
    assert_eq!(asked(&world), [("https://a.example".into(), "herald.example".into(), None)]);
    for (n, given, agreed_to, passes) in
        [(0, None, None, 9), (1, None, Some(3), 3), (2, Some(2), Some(3), 2), (3, Some(5), Some(u32::MAX), 5)]
    {
        let world = World::new();
        let owner = world.owner(1).await;
        agrees(&world, &[agreed_to]);
        let new = NewEndpoint { rate_per_minute: given, ..asking("https://a.example") };
        registered(&world, &owner, &new, &n.to_string()).await.unwrap();
        assert_eq!(asked(&world)[0].2, given);
        for _ in 0..9 {
            fan_out(&Batch::default(), &world.deps, &happened(&world, &owner), Visit::FIRST).await.unwrap();
        }
        assert_eq!(world.outbound.arrived.lock().unwrap().len(), passes, "{n}");
    }
}

#[tokio::test]
async fn an_agreement_is_to_an_address_another_one_is_asked_anew_and_nothing_else_asks() {
    let world = World::new();
    let owner = world.owner(1).await;
    agrees(&world, &[Some(60)]);
    let (id, _) = registered(&world, &owner, &asking("https://a.example"), "a").await.unwrap();
    asked(&world);
    let url = |url: &str| EndpointEdit { url: Some(url.into()), ..EndpointEdit::default() };
    let refused = refusal(edited(&world, &owner, id, url("https://b.example"), "b").await);
    assert_eq!(refused.0, "not_validated");
    assert_eq!(agreed(&world, &owner, id).await, Some(Some(60)), "and it stays as it was");
    agrees(&world, &[None]);
    edited(&world, &owner, id, url("https://c.example"), "c").await.unwrap();
    assert_eq!(agreed(&world, &owner, id).await, Some(None));
    asked(&world);
    let named = EndpointEdit { name: Some("CRM".into()), on: Some(true), ..EndpointEdit::default() };
    edited(&world, &owner, id, named, "d").await.unwrap();
    let validate = |validate| EndpointEdit { validate: Some(validate), ..EndpointEdit::default() };
    edited(&world, &owner, id, validate(false), "e").await.unwrap();
    edited(&world, &owner, id, url("https://d.example"), "f").await.unwrap();
    assert_eq!((agreed(&world, &owner, id).await, asked(&world).len()), (None, 0));
    agrees(&world, &[Some(5)]);
    edited(&world, &owner, id, validate(true), "g").await.unwrap();
    assert_eq!(agreed(&world, &owner, id).await, Some(Some(5)));
}

#[tokio::test]
async fn nobody_is_asked_whose_address_may_not_be_called_or_while_something_else_is_wrong() {
    let world = World::new();
    let owner = world.owner(1).await;
    for new in [
        asking("https://private.example"),
        asking("http://a.example"),
        NewEndpoint { events: vec!["no.such".into()], ..asking("https://a.example") },
    ] {
        assert!(registered(&world, &owner, &new, "x").await.is_err());
    }
    assert_eq!(asked(&world), []);
}
