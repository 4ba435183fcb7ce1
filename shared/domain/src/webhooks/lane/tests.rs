#![allow(clippy::unwrap_used)]
use super::*;
use crate::events::{EVENT_TYPES, EndpointFacts, InteractionFacts, PostFacts, SeriesFacts};
use crate::inbound::Changed;
use crate::{IncomingId, PostId, SeriesId};
use std::collections::BTreeSet;
use uuid::Uuid;

fn lane() -> (Lane, Timestamp) {
    let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    (Lane::new(TenantId::from_uuid(Uuid::nil()), EndpointId::from_uuid(Uuid::nil()), "k", now), now)
}

fn event(n: u128) -> EventId {
    EventId::from_uuid(Uuid::from_u128(n))
}

/// Every order of 1 to n.
fn permutations(n: u128) -> Vec<Vec<u128>> {
    if n == 0 {
        return vec![Vec::new()];
    }
    let within = |shorter: &Vec<u128>| {
        let shorter = shorter.clone();
        (0..=shorter.len()).map(move |at| {
            let mut longer = shorter.clone();
            longer.insert(at, n);
            longer
        })
    };
    permutations(n - 1).iter().flat_map(within).collect()
}

#[test]
fn whoever_comes_in_whatever_order_the_first_stays_first_and_the_others_stand_as_they_happened() {
    let all = permutations(6);
    assert_eq!(all.len(), 720);
    for arrivals in all {
        let (mut lane, now) = lane();
        for n in &arrivals {
            lane = lane.joins(event(*n), now).unwrap();
            assert_eq!(lane.head(), Some(event(arrivals[0])), "{arrivals:?}");
            assert_eq!(lane.joins(event(*n), now).as_ref(), Some(&lane), "once, however often it comes");
        }
        assert_eq!(lane.line.len(), arrivals.len());
        assert!(lane.line[1..].is_sorted(), "{arrivals:?}: {lane:?}");
    }
}

#[test]
fn whatever_joins_and_leaves_in_between_each_is_head_once_and_none_is_passed_by_one_that_happened_and_came_later() {
    // After each arrival the head may end: of six arrivals every pattern of that, over every order.
    for arrivals in permutations(6) {
        for pattern in 0..(1_u32 << arrivals.len()) {
            let (mut lane, now) = lane();
            let mut ended = Vec::new();
            for (at, n) in arrivals.iter().enumerate() {
                lane = lane.joins(event(*n), now).unwrap();
                if pattern & (1 << at) != 0 {
                    ended.push((lane.head().unwrap(), at));
                    lane = lane.leaves(lane.head().unwrap(), now).unwrap();
                }
            }
            while let Some(head) = lane.head() {
                ended.push((head, arrivals.len()));
                lane = lane.leaves(head, now).unwrap();
            }
            let once: BTreeSet<EventId> = ended.iter().map(|(event, _)| *event).collect();
            assert_eq!((once.len(), ended.len()), (arrivals.len(), arrivals.len()));
            let came = |of: EventId| arrivals.iter().position(|n| event(*n) == of).unwrap();
            for (k, (first, _)) in ended.iter().enumerate() {
                for (later, _) in &ended[k + 1..] {
                    assert!(!(later < first && came(*later) < came(*first)), "{arrivals:?} {pattern:b}: {ended:?}");
                }
            }
        }
    }
}

#[test]
fn a_lane_takes_two_hundred_and_not_one_more_and_who_does_not_stand_in_it_does_not_leave_it() {
    let (mut lane, now) = lane();
    for n in 1..=MAX_LANE as u128 {
        lane = lane.joins(event(n), now).unwrap();
    }
    assert_eq!(lane.joins(event(1_000), now), None);
    assert_eq!(lane.joins(event(7), now).as_ref(), Some(&lane), "who stands in it is in it");
    assert_eq!(lane.leaves(event(1_000), now), None);
    let later = now + jiff::SignedDuration::from_secs(5);
    let less = lane.leaves(event(7), later).unwrap();
    assert_eq!((less.head(), less.line.len(), less.at), (Some(event(1)), MAX_LANE - 1, later));
    assert_eq!(less.joins(event(1_000), now).unwrap().line.last(), Some(&event(1_000)));
}

#[test]
fn a_lane_is_stored_by_its_names_and_an_empty_one_without_a_line() {
    let (lane, now) = lane();
    let stored = serde_json::to_value(&lane).unwrap();
    assert!(stored.get("line").is_none());
    assert_eq!(serde_json::from_value::<Lane>(stored).unwrap(), lane);
    let one = lane.joins(event(1), now).unwrap();
    assert_eq!(serde_json::from_value::<Lane>(serde_json::to_value(&one).unwrap()).unwrap(), one);
    let full = (2..=MAX_LANE as u128).fold(one, |lane, n| lane.joins(event(n), now).unwrap());
    assert!(serde_json::to_string(&full).unwrap().len() <= 8 * 1024 + 512, "what the limit is reckoned by");
    let names = [Order::None, Order::Key].map(|order| (order.name(), serde_json::to_value(order).unwrap()));
    assert!(names.iter().map(|(name, _)| *name).eq(Order::NAMES.iter().copied()));
    assert!(names.iter().all(|(name, stored)| stored == name));
}

#[test]
fn what_belongs_together_has_one_key_and_a_test_has_none() {
    let (post_id, series_id) = (PostId::from_uuid(Uuid::from_u128(1)), SeriesId::from_uuid(Uuid::from_u128(2)));
    let (account, source_id) = (AccountId::from_uuid(Uuid::from_u128(3)), SourceId::from_uuid(Uuid::from_u128(4)));
    let endpoint_id = EndpointId::from_uuid(Uuid::from_u128(5));
    let came = |account_id| {
        EventData::InteractionReceived(InteractionFacts {
            incoming_id: IncomingId::from_uuid(Uuid::from_u128(6)),
            source_id,
            account_id,
            platform: "chirp".parse().unwrap(),
            kind: "comment".into(),
            change: Changed::Added,
        })
    };
    let run = SeriesFacts { series_id, due_at: None, post_id: Some(post_id), reason: None };
    let off = EndpointFacts { endpoint_id, reason: "failing".into() };
    let keys = [
        (EventData::PostScheduled(PostFacts { post_id, due_at: None }), Some(post_id.to_string())),
        (EventData::SeriesRunWaits(run), Some(series_id.to_string())),
        (came(Some(account)), Some(account.to_string())),
        (came(None), Some(source_id.to_string())),
        (EventData::EndpointFailing(off.clone()), Some(endpoint_id.to_string())),
        (EventData::WebhookTest(off), None),
    ];
    for (data, key) in keys {
        assert!(EVENT_TYPES.contains(&data.kind()));
        assert_eq!(order_key(&data), key, "{}", data.kind());
    }
}
