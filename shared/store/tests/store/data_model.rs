//! Holds `docs/data-model.md` to the code.

use crate::fixtures::{Turned, World, counted};
use domain::events::{Event, EventData, PostFacts};
use domain::publishing::{Delivery, NewDelivery, Post, Target};
use domain::{AccountId, DeliveryId, EventId, MemberId, PostId, TenantId};
use ports::{IdempotencyRecord, Record, Write};
use serde_json::{Value, json};
use std::sync::Arc;
use store::{Index, Item, Memory, PREFIXES, Table};
use uuid::Uuid;

const DOC: &str = include_str!("../../../../docs/data-model.md");
const PORTS: &str = include_str!("../../../ports/src/storage.rs");
const ARRIVALS: &str = include_str!("../../../ports/src/arrivals.rs");
const AUDIENCE: &str = include_str!("../../../ports/src/audience.rs");
const CAMPAIGNS: &str = include_str!("../../../ports/src/campaigns.rs");
const IDEMPOTENCY: &str = include_str!("../../../ports/src/idempotency.rs");
const INFRA: &str = include_str!("../../../../infra/tables.yaml");

/// The words after `start` in each line that has it.
fn names<'a>(text: &'a str, start: &'a str) -> impl Iterator<Item = &'a str> {
    text.lines().filter_map(move |line| line.trim_start().strip_prefix(start)).map(|rest| {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        &rest[..end]
    })
}

#[test]
fn every_port_method_has_a_row_among_the_access_patterns() {
    let patterns = DOC.split("## Access patterns").nth(1).unwrap();
    let ports = [PORTS, ARRIVALS, AUDIENCE, CAMPAIGNS, IDEMPOTENCY];
    let methods: Vec<&str> = ports.into_iter().flat_map(|port| names(port, "async fn ")).chain(["store_now"]).collect();
    assert!(methods.len() > 30, "{methods:?}");
    for method in &methods {
        assert!(patterns.contains(&format!("\n| `{method}` |")), "`{method}` has no row");
    }
    for row in names(patterns, "| `") {
        assert!(methods.contains(&row), "`{row}` is no port method any more");
    }
}

#[test]
fn every_piece_of_a_key_is_explained() {
    for prefix in PREFIXES {
        let alone = [format!("`{prefix}"), format!(">{prefix}")].iter().any(|text| DOC.contains(text.as_str()));
        assert!(alone, "`{prefix}` does not appear");
    }
}

#[test]
fn every_kind_of_record_has_its_key() {
    let records = PORTS.split("pub enum Record {").nth(1).unwrap().split("\n}").next().unwrap();
    let kinds: Vec<&str> = (records.lines().map(str::trim).filter(|line| !line.starts_with("//") && !line.is_empty()))
        .map(|line| line.split('(').next().unwrap())
        .collect();
    assert!(kinds.len() > 15, "{kinds:?}");
    for kind in kinds {
        assert!(DOC.contains(&format!("\n| {kind} | ")), "{kind} has no row");
    }
}

#[test]
fn the_template_has_the_indexes_the_code_asks() {
    for index in [Index::Due, Index::Outbox, Index::List] {
        let (pk, sk) = index.attributes();
        let at = INFRA.find(&format!("IndexName: {}", index.name())).expect("the index is in the template");
        let text = &INFRA[at..(at + 600).min(INFRA.len())];
        assert!(text.contains(&format!("AttributeName: {pk}, KeyType: HASH")));
        assert!(text.contains(&format!("AttributeName: {sk}, KeyType: RANGE")));
        let projection = text.split("ProjectionType: ").nth(1).unwrap();
        assert_eq!(projection.starts_with("KEYS_ONLY"), index.keys_only());
        assert!(index.keys_only() || projection.contains(&format!("NonKeyAttributes: [{}]", index.kept().join(", "))));
        assert!(DOC.contains(&format!("`{pk}` `{sk}`")) && DOC.contains(&format!("`{}`", index.name())));
    }
}

fn id(n: u128) -> Uuid {
    Uuid::from_u128(0x0198_c000_0000_7000_8000_0000_0000_0000 + n)
}

fn rendered(item: &Item) -> Value {
    let doc: Value = serde_json::from_str(&item.doc).unwrap();
    let mut out = json!({
        "PK": item.key.pk, "SK": item.key.sk, "t": item.kind, "v": item.schema, "rev": item.rev,
        "by": "…", "created_at": item.created_at, "updated_at": item.updated_at, "doc": doc,
    });
    let indexes = [(Index::Due, &item.due), (Index::Outbox, &item.outbox), (Index::List, &item.list)];
    for (index, key) in indexes.into_iter().filter_map(|(index, key)| Some((index, key.as_ref()?))) {
        let (pk, sk) = index.attributes();
        out[pk] = key.pk.clone().into();
        out[sk] = key.sk.clone().into();
    }
    if let Some(ttl) = item.ttl {
        out["ttl"] = ttl.into();
    }
    if let Some(ob) = &item.ob {
        out["ob"] = serde_json::from_str(ob).unwrap();
    }
    out
}

#[tokio::test]
async fn the_examples_are_what_the_code_writes() {
    let clock = Turned::at_start();
    let mut w = World::new(Memory::new(Arc::clone(&clock) as _), clock, counted());
    w.tenant = TenantId::from_uuid(id(1));
    let (account, post_id) = (AccountId::from_uuid(id(2)), PostId::from_uuid(id(3)));
    let target = Target { account, platform: crate::fixtures::platform() };
    let member = MemberId::from_uuid(id(4));
    let post = Post { id: post_id, created_by: member, targets: vec![target.clone()], ..w.post(w.in_s(60)) };
    let new = NewDelivery {
        id: DeliveryId::from_uuid(id(5)),
        tenant: w.tenant,
        post: post_id,
        account,
        platform: target.platform,
        content_hash: "0123456789abcdef0123456789abcdef".into(),
        parts: 1,
        due_at: w.in_s(60),
        max_lateness_s: 3600,
        settle_s: 900,
    };
    let delivery = Delivery::accepted(new, w.now()).with_message_sent();
    let data = EventData::PostScheduled(PostFacts { post_id, due_at: Some(w.in_s(60)) });
    let event = Event { id: EventId::from_uuid(id(6)), tenant: w.tenant, at: w.now(), cid: "req-1".into(), data };
    let idempotency = IdempotencyRecord { reply: Some(crate::fixtures::reply()), ..w.idempotency("order-17", 86_400) };
    w.commit([
        Write::create(Record::Post(post)).telling([event]),
        Write::create(Record::Delivery(delivery)),
        Write::create(Record::Idempotency(idempotency)),
    ])
    .await
    .unwrap();
    let memory = w.store.backend();
    let items = memory.items(Table::Core).into_iter().chain(memory.items(Table::Ephemeral));
    let blocks = DOC.split("```json\n").skip(1).map(|text| text.split("```").next().unwrap());
    // As values: the order of fields is a matter of taste.
    let shown: Vec<Value> = blocks.map(|block| serde_json::from_str(block).unwrap_or_default()).collect();
    for item in items {
        let example = rendered(&item);
        let pretty = serde_json::to_string_pretty(&example).unwrap();
        assert!(shown.contains(&example), "the example of a {} is now:\n{pretty}", item.kind);
    }
}
