//! The table service as one process sees it: with latency, with crashes before and after every operation, and with the
//! mutants that take a guard of the ledger away.

use crate::engine::{Engine, Happening};
use crate::mutant::Mutant;
use crate::{SkewedClock, Weather};
use async_trait::async_trait;
use ports::Clock;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use store::{
    Answer, Backend, Call, Change, Condition, Failure, Fault, Faults, Item, Key, Memory, Op, Query, Rows, Table,
    one_by_one,
};

/// Decides what goes wrong with the table service.
pub(crate) struct StoreWeather {
    pub(crate) engine: Arc<Engine>,
    pub(crate) weather: Weather,
}

impl Faults for StoreWeather {
    fn before(&self, call: Call<'_>) -> Fault {
        if !self.engine.stormy() {
            return Fault::None;
        }
        let writes = matches!(call, Call::Write(_) | Call::Transact(_));
        let fault = self.engine.chance(|rng| {
            if rng.permille(self.weather.store_throttled) {
                return if writes && rng.permille(200) { Fault::Busy } else { Fault::Refused };
            }
            if writes && rng.permille(self.weather.store_ambiguous) {
                let kinds = [(3, Fault::LostAnswer), (3, Fault::Repeated), (2, Fault::LostRequest), (2, Fault::Late)];
                return rng.weighted(&kinds).unwrap_or_default();
            }
            Fault::None
        });
        if fault == Fault::Late {
            let delay = self.engine.chance(|rng| rng.between(50, 5_000));
            self.engine.after(delay, Happening::Land);
        }
        fault
    }

    fn index_lag_ms(&self) -> i64 {
        if !self.engine.stormy() || self.weather.index_lag_ms == 0 {
            return 0;
        }
        self.engine.chance(|rng| if rng.permille(700) { 0 } else { rng.between(0, self.weather.index_lag_ms) })
    }
}

/// The table service behind a network.
pub(crate) struct FarMemory {
    pub(crate) engine: Arc<Engine>,
    pub(crate) memory: Arc<Memory>,
    pub(crate) weather: Weather,
    pub(crate) mutant: Mutant,
    pub(crate) clock: Arc<SkewedClock>,
    /// The fence each delivery had when this process last wrote it, for a mutant.
    pub(crate) fences: Mutex<BTreeMap<Key, String>>,
}

impl FarMemory {
    async fn send(&self, what: &'static str) {
        let slow = self.engine.strikes(self.weather.store_slow);
        let high = if slow { 10_000 } else { 12 };
        self.engine.point(what, 1, high, false).await;
    }

    async fn answer<T>(&self, what: &'static str, result: Result<Answer<T>, Failure>) -> Result<Answer<T>, Failure> {
        self.engine.point(what, 1, 12, false).await;
        result.map(|mut answer| {
            if self.mutant == Mutant::SettleOnOwnClock {
                answer.store_now = self.clock.now();
            }
            answer
        })
    }

    /// What is left of a change when a guard is missing.
    fn mutated(&self, change: &Change) -> Change {
        let mut change = change.clone();
        let Op::Put(item) = &mut change.op else { return change };
        if self.mutant == Mutant::ParkedForgotten && item.doc.contains("\"state\":\"blocked_auth\"") {
            item.due = None;
        }
        let stops = self.mutant == Mutant::RecoveryForgets && item.kind == "recovery";
        if stops && over_at_once(&mut item.doc) {
            item.due = None;
        }
        let woken = self.mutant == Mutant::EndWakesNobody && item.kind == "message";
        if woken && not_woken(&mut item.doc) {
            item.due = None;
        }
        let open = match self.mutant {
            Mutant::NoRevisions => item.kind == "delivery" && change.condition != Condition::Absent,
            Mutant::NoGate => item.kind == "gate",
            Mutant::TurnstileOpen => item.kind == "turnstile",
            Mutant::NoIdempotency => item.kind == "idempotency",
            _ => false,
        };
        if open {
            change.condition = Condition::Nothing;
        }
        if self.mutant == Mutant::NoFence {
            let mut fences = self.fences.lock().unwrap_or_else(PoisonError::into_inner);
            if item.kind == "delivery" && item.doc.contains("\"state\":\"dispatching\"") {
                fences.insert(item.key.clone(), fence_of(&item.doc).to_owned());
            }
        }
        change
    }

    fn seen(&self, key: &Key, found: Option<Item>) -> Option<Item> {
        let mut item = found?;
        match self.mutant {
            Mutant::NoGate if item.kind == "gate" => {
                item.doc = item.doc.replace("\"owner\":", "\"nobody\":");
            }
            Mutant::NoIdempotency if item.kind == "idempotency" => return None,
            Mutant::LaneSkipsHead if item.kind == "lane" => empty(&mut item.doc),
            Mutant::DueAtOnce if item.kind == "message" => due_at_once(&mut item.doc),
            Mutant::EndUnseen if item.kind == "account" => without_end(&mut item.doc),
            Mutant::DisconnectUnseen if item.kind == "account" => {
                item.doc = item.doc.replace("\"status\":\"needs_reconnect\"", "\"status\":\"active\"");
            }
            Mutant::NoFence if item.kind == "delivery" => {
                let fences = self.fences.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(mine) = fences.get(key) {
                    item.doc = item.doc.replacen(fence_of(&item.doc), mine, 1);
                }
            }
            _ => {}
        }
        Some(item)
    }

    fn lied(&self, result: Result<Answer<()>, Failure>) -> Result<Answer<()>, Failure> {
        match result {
            Err(f) if f.doubtful && self.mutant == Mutant::DoubtfulIsDone => {
                Ok(Answer { value: (), store_now: self.engine.now() })
            }
            Err(f) if f.doubtful && self.mutant == Mutant::DoubtfulIsNotDone => Err(Failure { doubtful: false, ..f }),
            other => other,
        }
    }
}

/// Whether a change is one of a post that is there.
fn edits(change: &Change) -> bool {
    matches!(&change.op, Op::Put(item) if item.kind == "post") && change.condition != Condition::Absent
}

/// A message's document as if its next attempt were due since it was written.
fn due_at_once(doc: &mut String) {
    if let Ok(mut fields) = serde_json::from_str::<serde_json::Value>(doc)
        && fields["state"] == "pending"
        && !fields["wake"].is_null()
    {
        fields["wake"]["at"] = fields["wake"]["set_at"].clone();
        *doc = fields.to_string();
    }
}

/// A lane's document as if nobody stood in it.
fn empty(doc: &mut String) {
    if let Ok(serde_json::Value::Object(mut fields)) = serde_json::from_str(doc) {
        fields.remove("line");
        *doc = serde_json::Value::Object(fields).to_string();
    }
}

/// A message's document as if nobody had woken it in its lane; whether somebody had. Of those that stand in a lane and were never tried
/// only such a one is due at once and pending.
fn not_woken(doc: &mut String) -> bool {
    if let Ok(serde_json::Value::Object(mut fields)) = serde_json::from_str(doc)
        && fields.contains_key("lane")
        && fields["state"] == "pending"
        && fields["attempts"] == serde_json::json!([])
        && fields.get("wake").is_some_and(|wake| wake["at"] == wake["set_at"] && wake["sent"] == false)
    {
        fields.remove("wake");
        *doc = serde_json::Value::Object(fields).to_string();
        return true;
    }
    false
}

/// An account's document as if its access did not end.
fn without_end(doc: &mut String) {
    if let Ok(mut fields) = serde_json::from_str::<serde_json::Value>(doc) {
        fields["token"]["expires_at"] = serde_json::Value::Null;
        *doc = fields.to_string();
    }
}

/// A recovery's document as if there were nothing after its first step; whether there was.
fn over_at_once(doc: &mut String) -> bool {
    if let Ok(serde_json::Value::Object(mut fields)) = serde_json::from_str(doc)
        && fields.remove("cursor").is_some()
    {
        fields.remove("wake");
        if let Some(at) = fields.get("created_at").cloned() {
            fields.insert("ended_at".into(), at);
        }
        *doc = serde_json::Value::Object(fields).to_string();
        return true;
    }
    false
}

/// `"fence":n` of a delivery's document.
fn fence_of(doc: &str) -> &str {
    let Some(from) = doc.find("\"fence\":") else { return "" };
    let rest = &doc[from..];
    &rest[..rest.find(',').unwrap_or(rest.len())]
}

#[async_trait]
impl Backend for FarMemory {
    async fn get(&self, table: Table, key: &Key) -> Result<Answer<Option<Item>>, Failure> {
        self.send("store get").await;
        let found = self.memory.get(table, key).await.map(|a| Answer { value: self.seen(key, a.value), ..a });
        self.answer("store got", found).await
    }

    async fn query(&self, query: &Query) -> Result<Answer<Rows>, Failure> {
        self.send("store query").await;
        let found = self.memory.query(query).await;
        self.answer("store listed", found).await
    }

    async fn write(&self, change: &Change) -> Result<Answer<()>, Failure> {
        self.send("store write").await;
        if let (Mutant::DispatchingNotDurable, Op::Put(item)) = (self.mutant, &change.op)
            && item.doc.contains("\"state\":\"dispatching\"")
        {
            return self.answer("store wrote", Ok(Answer { value: (), store_now: self.engine.now() })).await;
        }
        if let (Mutant::SendingNotDurable, Op::Put(item)) = (self.mutant, &change.op)
            && item.kind == "message"
            && item.doc.contains("\"state\":\"sending\"")
        {
            return self.answer("store wrote", Ok(Answer { value: (), store_now: self.engine.now() })).await;
        }
        if let (Mutant::MessageNotDurable, Op::Put(item)) = (self.mutant, &change.op)
            && item.kind == "message"
        {
            return self.answer("store wrote", Ok(Answer { value: (), store_now: self.engine.now() })).await;
        }
        let done = self.memory.write(&self.mutated(change)).await;
        self.engine.log("write", |t| {
            t.push_str(&change.key().sk);
            t.push_str(if done.is_ok() { " ok" } else { " no" });
        });
        self.answer("store wrote", self.lied(done)).await
    }

    async fn each(&self, changes: &[Change]) -> Vec<Result<Answer<()>, Failure>> {
        one_by_one(self, changes).await
    }

    async fn transact(&self, changes: &[Change], token: &str) -> Result<Answer<()>, Failure> {
        self.send("store transact").await;
        if self.mutant == Mutant::EditNotDurable && changes.iter().any(edits) {
            return self.answer("store transacted", Ok(Answer { value: (), store_now: self.engine.now() })).await;
        }
        let changes: Vec<Change> = changes.iter().map(|c| self.mutated(c)).collect();
        let done = self.memory.transact(&changes, token).await;
        self.engine.log("transact", |t| t.push_str(if done.is_ok() { "ok" } else { "no" }));
        self.answer("store transacted", self.lied(done)).await
    }

    async fn clear_outbox(&self, key: &Key, rev: u64) -> Result<Answer<()>, Failure> {
        self.send("store clear").await;
        let done = self.memory.clear_outbox(key, rev).await;
        self.answer("store cleared", done).await
    }
}
