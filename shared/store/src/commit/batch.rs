//! The changes of a commit.

use crate::backend::{Change, Condition, Op, Table};
use crate::item::{Item, MAX_BYTES, SCHEMA};
use crate::placed::Placed;
use crate::{Key, keys};
use jiff::Timestamp;
use ports::{OutboxRef, StoreError};
use std::collections::BTreeSet;

/// Most changes of one transaction (`DynamoDB` service quota for `TransactWriteItems`).
const MAX_CHANGES: usize = 100;

/// A change on its way, with what the commit must know of it.
pub(super) struct Prepared {
    pub(super) change: Change,
    /// The caller's write it belongs to.
    pub(super) index: usize,
    /// Whether an expired record counts as absent here.
    pub(super) expires: bool,
}

/// The changes of a commit, and where its events will lie.
pub(super) struct Batch {
    pub(super) changes: Vec<Prepared>,
    pub(super) outbox: Vec<(OutboxRef, Vec<domain::events::Event>)>,
    pub(super) token: String,
}

impl Batch {
    pub(super) fn item(
        &mut self,
        placed: Placed,
        rev: u64,
        events: Vec<domain::events::Event>,
        now: Timestamp,
    ) -> Result<Box<Item>, StoreError> {
        let mut item = Item {
            kind: placed.kind.to_owned(),
            schema: SCHEMA,
            rev,
            by: self.token.clone(),
            created_at: placed.created_at.unwrap_or(now).as_millisecond(),
            updated_at: now.as_millisecond(),
            doc: placed.doc,
            due: placed.due,
            list: placed.list,
            outbox: None,
            ob: None,
            ttl: placed.ttl.map(Timestamp::as_second),
            key: placed.key,
        };
        if !events.is_empty() {
            let ob = serde_json::to_string(&events).map_err(|_| StoreError::Corrupt("an event has no JSON".into()))?;
            item.ob = Some(ob);
            item.outbox = Some(keys::outbox(&item.key, now));
            self.outbox.push((keys::outbox_ref(&item.key, rev), events));
        }
        if item.bytes() > MAX_BYTES {
            return Err(StoreError::Corrupt(format!("a {} of {} bytes is too large", item.kind, item.bytes())));
        }
        Ok(Box::new(item))
    }

    pub(super) fn check(&self) -> Result<(), StoreError> {
        if self.changes.len() > MAX_CHANGES {
            return Err(StoreError::Corrupt(format!("{} changes are more than one commit takes", self.changes.len())));
        }
        let mut seen: BTreeSet<(Table, &Key)> = BTreeSet::new();
        if self.changes.iter().all(|p| seen.insert((p.change.table, p.change.key()))) {
            Ok(())
        } else {
            Err(StoreError::Corrupt("a commit changes a record twice".into()))
        }
    }

    pub(super) fn may_take_over(&self, at: usize) -> bool {
        self.changes.get(at).is_some_and(|p| {
            p.expires
                && matches!(p.change.op, Op::Put(_))
                && matches!(p.change.condition, Condition::Absent | Condition::Same { .. })
        })
    }

    pub(super) fn conflict(&self, at: usize) -> StoreError {
        StoreError::Conflict { index: self.changes.get(at).map_or(0, |p| p.index) }
    }

    pub(super) fn retoken(&mut self, token: String) {
        for prepared in &mut self.changes {
            if let Op::Put(item) = &mut prepared.change.op {
                item.by.clone_from(&token);
            }
        }
        self.token = token;
    }
}
