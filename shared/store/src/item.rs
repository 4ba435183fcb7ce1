//! An item as it lies in a table: metadata as attributes, the entity as compact JSON.

use crate::backend::Index;
use crate::{Key, keys};
use domain::events::Event;
use ports::{StoreError, Versioned};
use serde::de::DeserializeOwned;

/// Version of the documents this code writes; a newer one is not guessed at.
pub(crate) const SCHEMA: u32 = 1;

/// Largest item DynamoDB takes, in bytes (service quota "item size").
pub(crate) const MAX_BYTES: usize = 400 * 1024;

/// One item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Primary key (`PK`, `SK`).
    pub key: Key,
    /// Type of the entity (`t`).
    pub kind: String,
    /// Version of the document's schema (`v`).
    pub schema: u32,
    /// Revision (`rev`).
    pub rev: u64,
    /// The token of the write that made this revision (`by`).
    pub by: String,
    /// When the entity was made, in milliseconds since 1970, if it tells; else when this revision was written.
    pub created_at: i64,
    /// When this revision was written, in milliseconds since 1970.
    pub updated_at: i64,
    /// The entity as JSON.
    pub doc: String,
    /// Keys in the due index.
    pub due: Option<Key>,
    /// Keys in the outbox index.
    pub outbox: Option<Key>,
    /// Keys in the list index.
    pub list: Option<Key>,
    /// When DynamoDB may delete it, in seconds since 1970. It deletes late and is never relied on.
    pub ttl: Option<i64>,
    /// Events not yet confirmed as sent, as JSON (`ob`).
    pub ob: Option<String>,
}

/// What an index keeps of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its key in the index.
    pub key: Key,
    /// The item as far as it is projected; none where only keys are.
    pub item: Option<Item>,
    /// Bytes DynamoDB counts.
    pub bytes: usize,
}

impl Item {
    /// Bytes DynamoDB counts: names and values of all attributes (developer guide, "Item sizes and formats"). One write
    /// unit is 1,024 of them.
    pub fn bytes(&self) -> usize {
        let number = |n: u64| 1 + n.to_string().len().div_ceil(2);
        let positive = |n: i64| number(n.unsigned_abs());
        let index = |key: &Option<Key>| key.as_ref().map_or(0, |k| 12 + k.pk.len() + k.sk.len());
        let fixed = "PKSKtvrevbycreated_atupdated_atdoc".len();
        fixed
            + self.key.pk.len()
            + self.key.sk.len()
            + self.kind.len()
            + number(self.schema.into())
            + number(self.rev)
            + self.by.len()
            + positive(self.created_at)
            + positive(self.updated_at)
            + self.doc.len()
            + index(&self.due)
            + index(&self.outbox)
            + index(&self.list)
            + self.ttl.map_or(0, |t| 3 + positive(t))
            + self.ob.as_ref().map_or(0, |ob| 2 + ob.len())
    }

    /// Its entry in an index, if it has one.
    pub fn entry(&self, index: Index) -> Option<Entry> {
        let key = match index {
            Index::Due => &self.due,
            Index::Outbox => &self.outbox,
            Index::List => &self.list,
        };
        let key = key.clone()?;
        let (pk, sk) = index.attributes();
        let keys = [&self.key.pk, &self.key.sk, &key.pk, &key.sk].into_iter().map(String::len).sum::<usize>();
        // As `infra/tables.yaml` has it: a list needs the record, not the keys of other indexes nor events on their way, so
        // that sending those does not write the entry again.
        let item = (!index.keys_only()).then(|| Self { due: None, outbox: None, ob: None, ..self.clone() });
        let bytes = item.as_ref().map_or("PKSK".len() + pk.len() + sk.len() + keys, Self::bytes);
        Some(Entry { key, item, bytes })
    }

    /// The entity with its revision and unsent events.
    pub(crate) fn decode<T: DeserializeOwned>(&self, kind: &str) -> Result<Versioned<T>, StoreError> {
        if self.kind != kind || self.schema > SCHEMA {
            let found = format!("expected {kind} up to version {SCHEMA}, found {} {}", self.kind, self.schema);
            return Err(StoreError::Corrupt(found));
        }
        let value = match keys::ids(kind, &self.key) {
            Some(ids) => self.with_ids(ids),
            None => serde_json::from_str(&self.doc),
        };
        let value = value.map_err(|e| corrupt(kind, &e))?;
        Ok(Versioned { value, rev: self.rev, unsent: self.events()? })
    }

    /// A document that is written often has no ids: they are in its key.
    fn with_ids<T: DeserializeOwned>(&self, ids: Vec<(&str, String)>) -> Result<T, serde_json::Error> {
        let mut fields: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&self.doc)?;
        fields.extend(ids.into_iter().map(|(name, id)| (name.to_owned(), id.into())));
        serde_json::from_value(fields.into())
    }

    /// The unsent events.
    pub(crate) fn events(&self) -> Result<Vec<Event>, StoreError> {
        match &self.ob {
            None => Ok(Vec::new()),
            Some(ob) => serde_json::from_str(ob).map_err(|e| corrupt("outbox", &e)),
        }
    }
}

/// Where a document breaks, without quoting it: it may hold what people wrote.
fn corrupt(kind: &str, e: &serde_json::Error) -> StoreError {
    StoreError::Corrupt(format!("{kind}: {:?} error at column {}", e.classify(), e.column()))
}
