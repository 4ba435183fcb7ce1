//! Items as DynamoDB's attributes.

use crate::backend::{Failure, Index, Key, Kind};
use crate::item::Item;
use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::HashMap;
use std::str::FromStr;

/// An item's attributes by name.
pub(super) type Attributes = HashMap<String, AttributeValue>;

pub(super) fn text(s: impl Into<String>) -> AttributeValue {
    AttributeValue::S(s.into())
}

pub(super) fn key_attributes(key: &Key) -> Attributes {
    HashMap::from([("PK".to_owned(), text(&key.pk)), ("SK".to_owned(), text(&key.sk))])
}

pub(super) fn to_attributes(item: &Item) -> Attributes {
    let number = |n: String| AttributeValue::N(n);
    let mut out = key_attributes(&item.key);
    let mut set = |name: &str, value| drop(out.insert(name.to_owned(), value));
    set("t", text(&item.kind));
    set("v", number(item.schema.to_string()));
    set("rev", number(item.rev.to_string()));
    set("by", text(&item.by));
    set("created_at", number(item.created_at.to_string()));
    set("updated_at", number(item.updated_at.to_string()));
    set("doc", text(&item.doc));
    for (index, key) in [(Index::Due, &item.due), (Index::Outbox, &item.outbox), (Index::List, &item.list)] {
        if let Some(key) = key {
            let (pk, sk) = index.attributes();
            set(pk, text(&key.pk));
            set(sk, text(&key.sk));
        }
    }
    if let Some(ttl) = item.ttl {
        set("ttl", number(ttl.to_string()));
    }
    if let Some(ob) = &item.ob {
        set("ob", text(ob));
    }
    out
}

pub(super) fn from_attributes(mut from: Attributes) -> Result<Item, Failure> {
    let mut index = |index: Index| {
        let (pk, sk) = index.attributes();
        match (take(&mut from, pk), take(&mut from, sk)) {
            (Some(pk), Some(sk)) => Some(Key { pk, sk }),
            _ => None,
        }
    };
    let (due, outbox, list) = (index(Index::Due), index(Index::Outbox), index(Index::List));
    Ok(Item {
        key: Key { pk: string(&from, "PK")?, sk: string(&from, "SK")? },
        kind: string(&from, "t")?,
        schema: number(&from, "v")?,
        rev: number(&from, "rev")?,
        by: string(&from, "by")?,
        created_at: number(&from, "created_at")?,
        updated_at: number(&from, "updated_at")?,
        doc: take(&mut from, "doc").ok_or_else(|| missing("doc"))?,
        due,
        outbox,
        list,
        ttl: number(&from, "ttl").ok(),
        ob: take(&mut from, "ob"),
    })
}

fn take(from: &mut Attributes, name: &str) -> Option<String> {
    match from.remove(name) {
        Some(AttributeValue::S(s)) => Some(s),
        _ => None,
    }
}

pub(super) fn string(from: &Attributes, name: &'static str) -> Result<String, Failure> {
    from.get(name).and_then(|value| value.as_s().ok()).cloned().ok_or_else(|| missing(name))
}

fn number<T: FromStr>(from: &Attributes, name: &'static str) -> Result<T, Failure> {
    let found = from.get(name).and_then(|value| value.as_n().ok()).and_then(|n| n.parse().ok());
    found.ok_or_else(|| missing(name))
}

fn missing(name: &'static str) -> Failure {
    Failure { kind: Kind::Corrupt, doubtful: false, detail: format!("an item without a readable {name}") }
}
