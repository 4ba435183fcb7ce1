//! Events in the forms of `CloudEvents`.

use super::delivery::{attempted, message};
use super::*;
use crate::fakes::{Arrived, shown};
use domain::webhooks::{Format, Order};
use serde_json::{Value, json};

async fn listening(world: &World, owner: &Caller, format: Format) -> EndpointId {
    registered(world, owner, &NewEndpoint { format, ..new("https://a.example", &[]) }, "a").await.unwrap().0
}

async fn told(world: &World, event: &Event) -> Arrived {
    fan_out(&Batch::default(), &world.deps, event, Visit::FIRST).await.unwrap();
    world.outbound.arrived.lock().unwrap().last().unwrap().clone()
}

fn body(arrived: &Arrived) -> Value {
    serde_json::from_str(&arrived.body).unwrap()
}

fn about(event: &Event) -> Value {
    let account = domain::AccountId::from_uuid(Uuid::from_u128(9));
    json!({ "account_id": account, "platform": "chirp", "tenant_id": event.tenant })
}

#[tokio::test]
async fn in_structured_form_the_whole_event_is_in_the_body() {
    let world = World::new();
    let owner = world.owner(1).await;
    listening(&world, &owner, Format::Cloudevents).await;
    let event = happened(&world, &owner);
    let arrived = told(&world, &event).await;
    let expected = json!({
        "specversion": "1.0", "id": event.id, "source": format!("urn:uuid:{}", event.tenant.uuid()),
        "type": "herald.account.connected.v1", "time": event.at, "subject": about(&event)["account_id"],
        "datacontenttype": "application/json", "data": about(&event),
    });
    assert_eq!((body(&arrived), arrived.id), (expected, event.id.to_string()));
    let content = [("content-type".to_owned(), "application/cloudevents+json".to_owned())].into();
    assert_eq!(arrived.content_headers, content);
}

#[tokio::test]
async fn in_binary_form_the_body_is_the_data_and_the_rest_is_beside_it() {
    let world = World::new();
    let owner = world.owner(1).await;
    listening(&world, &owner, Format::CloudeventsBinary).await;
    let event = happened(&world, &owner);
    let arrived = told(&world, &event).await;
    assert_eq!(body(&arrived), about(&event));
    let account = about(&event)["account_id"].as_str().unwrap().to_owned();
    let expected = [
        ("content-type", "application/json".to_owned()),
        ("ce-specversion", "1.0".to_owned()),
        ("ce-id", event.id.to_string()),
        ("ce-source", format!("urn:uuid:{}", event.tenant.uuid())),
        ("ce-type", "herald.account.connected.v1".to_owned()),
        ("ce-time", event.at.to_string()),
        ("ce-subject", account),
    ];
    assert_eq!(arrived.content_headers, expected.map(|(name, value)| (name.to_owned(), value)).into());
}

#[tokio::test]
async fn a_message_keeps_the_form_in_which_it_was_made_over_retries_and_resends() {
    let world = World::new();
    let owner = world.owner(1).await;
    let id = listening(&world, &owner, Format::CloudeventsBinary).await;
    let event = happened(&world, &owner);
    world.outbound.answer(Some(500));
    let first = told(&world, &event).await;
    let rev = endpoint(&world.deps, &owner, id).await.unwrap().rev;
    let edit = EndpointEdit { format: Some(Format::Standard), ..EndpointEdit::default() };
    edit_endpoint(&world.deps, &owner, id, rev, &edit, "https://herald.example", &once("e"), &shown).await.unwrap();
    world.clock.pass(60);
    assert_eq!(attempted(&world, &event, id).await, Attempted::Delivered);
    resend(&world.deps, &owner, id, event.id, &once("r"), &shown).await.unwrap();
    assert_eq!(attempted(&world, &event, id).await, Attempted::Delivered);
    {
        let arrived = world.outbound.arrived.lock().unwrap();
        assert_eq!(arrived.len(), 3);
        for again in arrived.iter() {
            assert_eq!((&again.body, &again.content_headers), (&first.body, &first.content_headers));
        }
    }
    assert_eq!(message(&world, &event, id).await.content_headers, first.content_headers);
    let next = told(&world, &happened(&world, &owner)).await;
    assert_eq!((body(&next)["type"].as_str(), next.content_headers.len()), (Some("account.connected"), 0));
}

#[tokio::test]
async fn headers_of_cloudevents_are_not_the_customers() {
    let world = World::new();
    let owner = world.owner(1).await;
    for name in ["ce-type", "Ce-Source", "CE-"] {
        let headers = BTreeMap::from([(name.to_owned(), "theirs".to_owned())]);
        let form = NewEndpoint { headers, ..new("https://a.example", &[]) };
        let refused = registered(&world, &owner, &form, name).await.unwrap_err();
        let Error::Invalid(found) = refused else { panic!("{refused:?}") };
        assert_eq!(
            (found[0].code.as_str(), found[0].field.as_str()),
            ("header_reserved", &*format!("/headers/{name}"))
        );
    }
    let headers = BTreeMap::from([("cell".to_owned(), "theirs".to_owned())]);
    registered(&world, &owner, &NewEndpoint { headers, ..new("https://a.example", &[]) }, "a").await.unwrap();
}

#[tokio::test]
async fn who_is_told_in_order_is_told_with_what_an_event_belongs_and_nobody_else_is() {
    for (key, format) in [("a", Format::Cloudevents), ("b", Format::CloudeventsBinary)] {
        let world = World::new();
        let owner = world.owner(1).await;
        let new = NewEndpoint { format, order: Order::Key, ..new("https://a.example", &[]) };
        let (id, _) = registered(&world, &owner, &new, key).await.unwrap();
        let event = happened(&world, &owner);
        let arrived = told(&world, &event).await;
        let account = about(&event)["account_id"].clone();
        match format {
            Format::CloudeventsBinary => {
                assert_eq!(arrived.content_headers["ce-partitionkey"], account.as_str().unwrap());
                assert!(body(&arrived).get("partitionkey").is_none());
            }
            _ => assert_eq!(body(&arrived)["partitionkey"], account),
        }
        let encode = |test: &TestSent| StoredReply { status: 202, body: test.event.to_string() };
        let sent = send_test(&world.deps, &owner, id, None, &once("t"), &encode).await.unwrap();
        let test = Event { id: sent.stored.body.parse().unwrap(), ..event };
        assert_eq!(attempted(&world, &test, id).await, Attempted::Delivered);
        let arrived = world.outbound.arrived.lock().unwrap().last().unwrap().clone();
        assert!(
            body(&arrived).get("partitionkey").is_none() && !arrived.content_headers.contains_key("ce-partitionkey")
        );
    }
}
