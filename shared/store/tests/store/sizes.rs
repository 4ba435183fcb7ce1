//! What a delivery costs: one write unit is 1,024 bytes, and a publish writes its delivery about five times.

use crate::fixtures::{Turned, World, counted};
use domain::platform::{Quota, QuotaScope};
use domain::publishing::{Asking, Delivery, Failure, Gate, Knock, Receipt, Wake, Wakened};
use domain::webhooks::{Lane, MAX_LANE, WebhookMessage};
use domain::{AccountId, EndpointId};
use ports::{Clock, Record};
use std::sync::Arc;
use store::{Memory, Table};
use uuid::Uuid;

fn world() -> World<Memory> {
    let clock = Turned::at_start();
    World::new(Memory::new(Arc::clone(&clock) as Arc<dyn Clock>), clock, counted())
}

async fn bytes(delivery: &Delivery) -> usize {
    let w = world();
    w.create(Record::Delivery(delivery.clone())).await;
    let items = w.store.backend().items(Table::Core);
    items[0].bytes()
}

/// A worker's token as `Entropy::token` makes it.
const OWNER: &str = "0123456789abcdef0123456789abcdef";

#[tokio::test]
async fn a_delivery_stays_small() {
    let w = world();
    let mut sizes = Vec::new();
    let accepted = w.delivery(w.now());
    sizes.push(("accepted", bytes(&accepted).await));
    let Wakened::Claimed(claimed) = accepted.wakened(OWNER, w.now()) else { panic!("not claimed") };
    sizes.push(("claimed", bytes(&claimed.next).await));
    let sent = claimed.next.dispatching(OWNER, w.now(), w.now()).unwrap().next;
    sizes.push(("dispatching", bytes(&sent).await));
    let receipt = Receipt {
        id: Some("1234567890123456789".into()),
        url: Some("https://social.example/i/web/status/1234567890123456789".into()),
    };
    let live = sent.outcome(sent.fence, 0, &Ok(receipt.clone()), w.now(), 0).unwrap().next;
    sizes.push(("published", bytes(&live).await));
    // Tried once in vain: seven entries.
    let failed = sent.outcome(sent.fence, 0, &Err(Failure::Unavailable), w.now(), 0).unwrap().next;
    w.clock.forward(3600);
    let Wakened::Claimed(again) = failed.wakened(OWNER, w.now()) else { panic!("not claimed") };
    sizes.push(("claimed again", bytes(&again.next).await));
    assert!(sizes.iter().take(4).all(|(_, n)| *n <= 1024), "one write unit each: {sizes:?}");
    assert!(sizes.iter().all(|(_, n)| *n <= 2048), "two write units at most: {sizes:?}");
}

#[tokio::test]
async fn a_webhook_message_with_an_ordinary_body_stays_small() {
    let w = world();
    let endpoint = EndpointId::from_uuid(crate::fixtures::fresh());
    // The bus's form of it is a little longer than what endpoints are told.
    let event: serde_json::Value =
        serde_json::from_str(include_str!("../../../../events/domain/post.published.v1.json")).unwrap();
    let wake = Wake { at: w.now(), set_at: w.now(), sent: true };
    let message = WebhookMessage { body: event.to_string(), ..w.message(endpoint, Some(wake)) };
    w.create(Record::WebhookMessage(message.claimed(OWNER, w.now()).unwrap())).await;
    let items = w.store.backend().items(Table::Core);
    assert!(items[0].bytes() <= 1024, "one write unit: {}", items[0].bytes());
}

#[tokio::test]
async fn a_lane_of_a_few_stays_small_a_full_one_is_bounded_and_none_in_which_something_stands_is_forgotten() {
    for (n, most, forgotten) in [(0, 1_024, true), (1, 1_024, false), (12, 1_024, false), (MAX_LANE, 9 * 1_024, false)]
    {
        let w = world();
        let (endpoint, key) = (EndpointId::from_uuid(crate::fixtures::fresh()), domain::PostId::from_uuid(Uuid::max()));
        let empty = Lane::new(w.tenant, endpoint, &key.to_string(), w.now());
        let join = |lane: Lane, _| lane.joins(domain::EventId::from_uuid(crate::fixtures::fresh()), w.now()).unwrap();
        w.create(Record::Lane((0..n).fold(empty, join))).await;
        let items = w.store.backend().items(Table::Core);
        assert!(items[0].bytes() <= most, "{n}: {}", items[0].bytes());
        let day = (w.now() + jiff::SignedDuration::from_hours(24)).as_second();
        assert_eq!(items[0].ttl, forgotten.then_some(day), "{n}");
    }
}

#[tokio::test]
async fn a_gate_stays_small() {
    let w = world();
    let gate = Gate::new(w.tenant, AccountId::from_uuid(crate::fixtures::fresh()));
    let Knock::Enter(gate) = gate.knock(OWNER, domain::PostId::from_uuid(crate::fixtures::fresh()), w.now(), w.now())
    else {
        panic!("it is open")
    };
    w.create(Record::Gate(gate.clone())).await;
    assert!(w.store.backend().items(Table::Ephemeral)[0].bytes() <= 1024);
    // With a quota that is used up all the time.
    let quota = Quota::new("posts-15min", QuotaScope::Account, 100, 900);
    let mut used = Gate { account: AccountId::from_uuid(crate::fixtures::fresh()), ..gate };
    for _ in 0..2_000 {
        w.clock.forward(1);
        let _ = used.meters.ask(&[&quota], Asking { who: "", n: 1, waited: false }, w.now());
    }
    w.create(Record::Gate(used)).await;
    assert!(w.store.backend().items(Table::Ephemeral).iter().all(|item| item.bytes() <= 1024));
}
