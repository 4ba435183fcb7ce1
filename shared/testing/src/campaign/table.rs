//! The table service of a life: it keeps when each claim was asked for, and does without the guard that is missing.

use super::Missing;
use crate::backend::FarMemory;
use crate::{Engine, Kind};
use async_trait::async_trait;
use domain::campaigns::ChunkKey;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use store::{Answer, Backend, Change, Condition, Failure, Item, Key, Memory, Op, Query, Row, Rows, Table};

/// When each claim was first asked for, in milliseconds, by the shard's key and the chunk's.
pub(super) type Claims = Mutex<BTreeMap<(Key, String), i64>>;

/// The table service as one process sees it.
pub(super) struct Watched {
    pub(super) far: FarMemory,
    pub(super) engine: Arc<Engine>,
    pub(super) memory: Arc<Memory>,
    pub(super) kind: Kind,
    pub(super) missing: Missing,
    pub(super) claims: Arc<Claims>,
}

fn parsed(item: &Item) -> Value {
    serde_json::from_str(&item.doc).unwrap_or_default()
}

impl Watched {
    fn seen(&self, mut item: Item) -> Item {
        if item.kind != "shard" || self.kind != Kind::Worker {
            return item;
        }
        let mut doc = parsed(&item);
        let Some(fields) = doc.as_object_mut() else { return item };
        match self.missing {
            Missing::ControlUnseen => {
                fields.remove("control");
            }
            Missing::UnknownAgain => {
                let flight = fields.remove("flight");
                let key = flight.and_then(|f| f["key"].as_str().and_then(|key| key.parse::<ChunkKey>().ok()));
                if let Some(key) = key {
                    let before = match key.seq.checked_sub(1) {
                        Some(seq) => ChunkKey { seq, ..key },
                        None => ChunkKey { not_before_ms: key.not_before_ms - 1, seq: u32::MAX },
                    };
                    fields.insert("claimed".into(), before.to_string().into());
                }
            }
            _ => return item,
        }
        item.doc = doc.to_string();
        item
    }

    fn changed(&self, change: &Change) -> Change {
        let mut change = change.clone();
        let Op::Put(item) = &mut change.op else { return change };
        let new = change.condition == Condition::Absent;
        let open = match self.missing {
            Missing::LateOwnerOverwrites => item.kind == "chunk" && !new,
            Missing::NoRevisions => item.kind == "shard" && !new,
            _ => false,
        };
        if open {
            change.condition = Condition::Nothing;
        } else if self.missing == Missing::CountedTwice && item.kind == "shard" {
            let key = &item.key;
            let old = self.memory.look(Table::Core, |items| items.filter(|old| old.key == *key).map(parsed).last());
            let (mut doc, old) = (parsed(item), old.unwrap_or_default());
            let n = |doc: &Value| doc["tally"]["a"].as_u64().unwrap_or(0);
            if !old["flight"].is_null() && doc["flight"]["key"] != old["flight"]["key"] && n(&doc) > n(&old) {
                doc["tally"]["a"] = (2 * n(&doc) - n(&old)).into();
                item.doc = doc.to_string();
            }
        }
        change
    }

    /// Notes a claim that is asked for.
    fn claim(&self, change: &Change) {
        let Op::Put(item) = &change.op else { return };
        if item.kind != "shard" || self.kind != Kind::Worker {
            return;
        }
        let doc = parsed(item);
        let Some(key) = doc["flight"]["key"].as_str() else { return };
        let mut claims = self.claims.lock().unwrap_or_else(PoisonError::into_inner);
        claims.entry((item.key.clone(), key.to_owned())).or_insert_with(|| self.engine.now_ms());
    }
}

#[async_trait]
impl Backend for Watched {
    async fn get(&self, table: Table, key: &Key) -> Result<Answer<Option<Item>>, Failure> {
        let found = self.far.get(table, key).await?;
        Ok(Answer { value: found.value.map(|item| self.seen(item)), store_now: found.store_now })
    }

    async fn query(&self, query: &Query) -> Result<Answer<Rows>, Failure> {
        let found = self.far.query(query).await?;
        let seen = |row: Row| Row { item: row.item.map(|item| self.seen(item)), ..row };
        let rows = found.value.rows.into_iter().map(seen).collect();
        Ok(Answer { value: Rows { rows, more: found.value.more }, store_now: found.store_now })
    }

    async fn write(&self, change: &Change) -> Result<Answer<()>, Failure> {
        self.claim(change);
        self.far.write(&self.changed(change)).await
    }

    async fn each(&self, changes: &[Change]) -> Vec<Result<Answer<()>, Failure>> {
        self.far.each(changes).await
    }

    async fn transact(&self, changes: &[Change], token: &str) -> Result<Answer<()>, Failure> {
        let changes: Vec<Change> = changes.iter().map(|change| self.changed(change)).collect();
        if self.missing == Missing::PositionApart && self.kind == Kind::Tick {
            let mut done = Answer { value: (), store_now: self.engine.now() };
            // The shard comes last in the commit, and here first.
            for change in changes.iter().rev() {
                done = self.far.write(change).await?;
            }
            return Ok(done);
        }
        self.far.transact(&changes, token).await
    }

    async fn clear_outbox(&self, key: &Key, rev: u64) -> Result<Answer<()>, Failure> {
        self.far.clear_outbox(key, rev).await
    }
}
