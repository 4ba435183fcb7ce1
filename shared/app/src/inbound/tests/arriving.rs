//! From a call to what is stored and told.

use super::*;
use domain::events::EventData;

#[tokio::test]
async fn a_call_is_kept_then_read_and_what_it_tells_is_stored_and_told() {
    let loft = Loft::new().await;
    let body = leaves(&[comment("c1")]);
    assert_eq!(loft.call(&body).await.unwrap(), Received::Answered(Greeting::empty(200)));
    assert!(loft.incoming().await.is_empty(), "an answer waits for one write only");
    loft.read().await.unwrap();
    let [one] = <[Incoming; 1]>::try_from(loft.incoming().await).unwrap();
    assert_eq!((&one.what, one.at), (&What::Comment(said("c1")), loft.deps.clock.now()));
    let told = loft.world.outbound.told.lock().unwrap().clone();
    let [event] = <[_; 1]>::try_from(told).unwrap();
    let EventData::InteractionReceived(facts) = &event.data else { panic!("{event:?}") };
    assert_eq!((facts.incoming_id, facts.kind.as_str(), facts.change), (one.id, "comment", Changed::Added));
    let text = serde_json::to_string(&event).unwrap();
    assert!(!text.contains("coo") && !text.contains("c1"), "{text}");
}

#[tokio::test]
async fn a_message_of_the_queue_holds_ids_and_nothing_of_the_call() {
    let loft = Loft::new().await;
    loft.call(&leaves(&[comment("c1")])).await.unwrap();
    let [job] = <[IngestJob; 1]>::try_from(loft.jobs()).unwrap();
    let text = serde_json::to_string(&job).unwrap();
    assert!(!text.contains("coo") && !text.contains("c1") && text.len() < 300, "{text}");
}

#[tokio::test]
async fn what_is_delivered_twice_in_one_call_or_two_or_read_twice_counts_once() {
    let loft = Loft::new().await;
    let body = leaves(&[comment("c1"), comment("c1")]);
    for _ in 0..2 {
        loft.call(&body).await.unwrap();
    }
    let jobs = loft.jobs();
    assert_eq!(jobs.len(), 1, "the same call again wakes nobody");
    assert_eq!(ingest(&loft.deps, &jobs[0], Timestamp::MAX).await.unwrap(), Ingested::Read(1));
    assert_eq!(ingest(&loft.deps, &jobs[0], Timestamp::MAX).await.unwrap(), Ingested::Idle);
    // Another call that tells the same among other things.
    loft.call(&leaves(&[comment("c1"), comment("c2")])).await.unwrap();
    assert_eq!(ingest(&loft.deps, &loft.jobs()[0], Timestamp::MAX).await.unwrap(), Ingested::Read(1));
    assert_eq!((loft.incoming().await.len(), loft.told().len()), (2, 2));
}

#[tokio::test]
async fn an_event_counts_once_in_seven_days_and_the_same_name_at_another_source_is_another_event() {
    let loft = Loft::new().await;
    let body = leaves(&[comment("c1")]);
    loft.call(&body).await.unwrap();
    loft.read().await.unwrap();
    loft.world.clock.pass(7 * 86_400);
    loft.call(&body).await.unwrap();
    loft.read().await.unwrap();
    assert_eq!(loft.incoming().await.len(), 1);
    let (other, token) = make(&loft.deps, &loft.owner, "second").await;
    let other = Loft { source: other, token, ..loft };
    other.call(&body).await.unwrap();
    other.read().await.unwrap();
    assert_eq!((other.incoming().await.len(), other.told().len()), (1, 2));
}

#[tokio::test]
async fn a_call_that_names_itself_is_known_by_that_and_not_by_its_body() {
    let loft = Loft::new().await;
    let call = async |flight: &str| {
        let headers = [("x-ring", "right"), ("x-flight", flight)].map(|(n, v)| (n.to_owned(), v.to_owned()));
        let ask = Ask { method: "POST", url: "", query: "", headers: &headers, body: b"[]" };
        receive(&loft.deps, "pigeons", &loft.token, &ask, "cid").await.unwrap();
        loft.jobs().len()
    };
    assert_eq!((call("1").await, call("1").await, call("2").await), (1, 0, 1));
}

/// Every order of four statuses, each told twice.
#[tokio::test]
async fn whatever_the_order_in_which_statuses_arrive_the_same_is_left() {
    use MessageStanding::{Delivered, Queued, Read, Sent};
    let all = [(Queued, 4), (Sent, 1), (Delivered, 2), (Read, 3)];
    let mut orders = Vec::new();
    for n in 0..256 {
        let order = [n % 4, n / 4 % 4, n / 16 % 4, n / 64];
        if BTreeSet::from(order).len() == 4 {
            orders.push(order);
        }
    }
    assert_eq!(orders.len(), 24);
    for order in orders {
        let loft = Loft::new().await;
        for which in order.into_iter().chain(order) {
            let (standing, second) = all[which];
            loft.call(&leaves(&[status(&format!("s{which}"), standing, second)])).await.unwrap();
            loft.read().await.unwrap();
        }
        let hash = &crate::sha256_hex(b"m1")[..32];
        let status = loft.deps.ledger.message_status(loft.owner.tenant, loft.source, hash).await.unwrap().unwrap();
        assert_eq!(
            (status.value.standing.status, status.value.standing.at.as_second()),
            (Read, 1_800_000_003),
            "{order:?}"
        );
        assert_eq!(loft.incoming().await.len(), 4);
        // Only what moved it is told, so never a status that the one told before goes beyond.
        let told: Vec<MessageStanding> = (loft.world.outbound.told.lock().unwrap().iter())
            .map(|event| match &event.data {
                EventData::MessageStatusChanged(facts) => facts.status,
                other => panic!("{other:?}"),
            })
            .collect();
        assert!(told.is_sorted() && told.last() == Some(&Read), "{order:?}: {told:?}");
    }
}

#[tokio::test]
async fn what_has_no_word_is_kept_and_not_told_and_a_body_that_tells_nothing_is_read_too() {
    let loft = Loft::new().await;
    let what = What::Unknown { kind: "moult".into() };
    loft.call(&leaves(&[Leaf { id: "u".into(), to: None, at: None, what: what.clone() }])).await.unwrap();
    loft.call(b"\xff\x00 no leaf").await.unwrap();
    let jobs = loft.jobs();
    for job in &jobs {
        ingest(&loft.deps, job, Timestamp::MAX).await.unwrap();
    }
    assert_eq!(loft.incoming().await.into_iter().map(|one| one.what).collect::<Vec<_>>(), [what]);
    assert!(loft.told().is_empty());
    let receipt = async |job: &IngestJob| {
        loft.deps.ledger.receipt(job.tenant, job.source, job.receipt).await.unwrap().unwrap().value
    };
    let (first, second) = (receipt(&jobs[0]).await, receipt(&jobs[1]).await);
    assert_eq!(first.read.map(|reading| (reading.events, reading.unknown)), Some((1, 1)));
    assert_eq!((second.base64, second.read.map(|reading| reading.events)), (true, Some(0)));
    assert_eq!((first.wake, second.wake), (None, None), "nothing looks at them any more");
}

#[tokio::test]
async fn a_body_fits_an_item_whatever_its_bytes_and_comes_out_as_it_came() {
    for byte in [b'"', b'\\', 0, b'\n', b'a', 0xff] {
        for (n, deflated) in [(64 * 1024 - 1, false), (64 * 1024, true), (domain::inbound::MAX_CALL, true)] {
            let loft = Loft::new().await;
            let body = vec![byte; n];
            loft.call(&body).await.unwrap();
            let job = &loft.jobs()[0];
            let receipt = loft.deps.ledger.receipt(job.tenant, job.source, job.receipt).await.unwrap().unwrap().value;
            assert_eq!((receipt.base64, receipt.deflated), (deflated || byte != b'a', deflated), "{byte} {n}");
            assert!(packed::unpack(&receipt).unwrap().as_ref() == body, "{byte} {n}");
        }
    }
}

/// Bytes that nothing makes smaller.
fn noise(n: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let next = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    };
    (0..n).map(next).collect()
}

#[tokio::test]
async fn a_body_that_does_not_fit_even_deflated_is_refused_and_counted() {
    let loft = Loft::new().await;
    assert_eq!(loft.call(&noise(280_000)).await.unwrap(), Received::Answered(Greeting::empty(200)));
    loft.read().await.unwrap();
    let before = loft.world.items();
    assert!(loft.world.outbound.measured.lock().unwrap().is_empty());
    assert_eq!(loft.call(&noise(290_000)).await.unwrap(), Received::TooLarge);
    assert_eq!(loft.world.items(), before);
    assert!(loft.jobs().is_empty());
    assert!(matches!(loft.world.outbound.measured.lock().unwrap()[..], [ports::Measure::CallTooLarge]));
}

#[tokio::test]
async fn what_becomes_larger_than_any_call_is_not_unpacked() {
    let loft = Loft::new().await;
    loft.call(&vec![b' '; domain::inbound::MAX_CALL]).await.unwrap();
    let job = &loft.jobs()[0];
    let found = loft.deps.ledger.receipt(job.tenant, job.source, job.receipt).await.unwrap().unwrap();
    let mut bomb = found.value;
    bomb.body = packed::deflated(&vec![b' '; domain::inbound::MAX_CALL + 1]).unwrap();
    assert!(matches!(packed::unpack(&bomb), Err(Error::Internal(_))));
    bomb.body = "AAAA".into();
    assert!(matches!(packed::unpack(&bomb), Err(Error::Internal(_))), "and what is no such body is an error");
}
