//! The table service in memory, exact in what the store relies on: conditions, transactions, sparse indexes, page sizes,
//! items that outlive their time-to-live. A hook decides before every operation what goes wrong with it.

mod faults;

pub use faults::{Call, Fault, Faults, NoFaults};

use crate::backend::{
    Answer, Backend, Change, Condition, Failure, Index, Key, Kind, Op, Position, Query, Row, Rows, Table, one_by_one,
};
use crate::item::Item;
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use ports::Clock;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

/// How long undo information for stale indexes is kept, in milliseconds.
const HISTORY_MS: i64 = 60_000;

type Items = BTreeMap<(Table, Key), Item>;

/// Items as they were, none where there was none.
type Before<'a> = BTreeMap<&'a (Table, Key), Option<&'a Item>>;

struct Undo {
    at: Timestamp,
    place: (Table, Key),
    before: Option<Item>,
}

#[derive(Default)]
struct State {
    items: Items,
    history: VecDeque<Undo>,
    late: Vec<Vec<Change>>,
    tokens: BTreeSet<String>,
}

/// A table service in memory. Shared by every process of a simulated world through an `Arc`.
pub struct Memory {
    state: Mutex<State>,
    clock: Arc<dyn Clock>,
    faults: Arc<dyn Faults>,
    page: usize,
}

impl Memory {
    /// An empty one, without faults. `clock` is the service's own clock.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { state: Mutex::default(), clock, faults: Arc::new(NoFaults), page: usize::MAX }
    }

    /// With faults.
    #[must_use]
    pub fn with_faults(self, faults: Arc<dyn Faults>) -> Self {
        Self { faults, ..self }
    }

    /// With pages of at most so many rows, as if items were large (`DynamoDB` ends a page at 1 MB).
    #[must_use]
    pub fn with_page(self, rows: usize) -> Self {
        Self { page: rows.max(1), ..self }
    }

    /// Applies what was under way, in the order it was sent; what has lost its condition meanwhile falls away.
    pub fn land(&self) {
        let now = self.clock.now();
        self.with(|state| {
            for changes in std::mem::take(&mut state.late) {
                let _ = state.apply(&changes, now);
            }
        });
    }

    /// Every item of a table in the order of its keys, for assertions over a whole world.
    pub fn items(&self, table: Table) -> Vec<Item> {
        self.look(table, |items| items.cloned().collect())
    }

    /// Looks over every item of a table without a copy: a simulated world does after each of its steps.
    pub fn look<T>(&self, table: Table, look: impl FnOnce(&mut dyn Iterator<Item = &Item>) -> T) -> T {
        self.with(|state| look(&mut of_table(&state.items, table)))
    }

    fn with<T>(&self, f: impl FnOnce(&mut State) -> T) -> T {
        // A panic of another test thread leaves plain data behind.
        f(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn answer<T>(&self, value: T) -> Answer<T> {
        Answer { value, store_now: self.clock.now() }
    }

    fn read<T>(&self, call: Call<'_>, f: impl FnOnce(&mut State) -> T) -> Result<Answer<T>, Failure> {
        let fault = self.faults.before(call);
        let result = if fault == Fault::None {
            Ok(self.answer(self.with(f)))
        } else {
            Err(Failure { kind: Kind::Other, doubtful: false, detail: "simulated".into() })
        };
        self.faults.after(call, result.is_ok());
        result
    }

    fn change(
        &self,
        call: Call<'_>,
        changes: &[Change],
        token: Option<&str>,
        apply: impl Fn(&mut State, Timestamp) -> Result<(), usize>,
    ) -> Result<Answer<()>, Failure> {
        let fail = |kind, doubtful| Failure { kind, doubtful, detail: "simulated".into() };
        let now = self.clock.now();
        let fault = self.faults.before(call);
        let (effective, result) = match fault {
            Fault::Refused => (false, Err(fail(Kind::Other, false))),
            Fault::Busy => (false, Err(fail(Kind::Busy, false))),
            Fault::LostRequest => (false, Err(fail(Kind::Other, true))),
            Fault::Late => {
                self.with(|state| state.late.push(changes.to_vec()));
                (false, Err(fail(Kind::Other, true)))
            }
            Fault::None | Fault::LostAnswer | Fault::Repeated => {
                let applied = self.with(|state| {
                    if token.is_some_and(|t| state.tokens.contains(t)) {
                        return Ok(());
                    }
                    apply(state, now)?;
                    state.tokens.extend(token.map(str::to_owned));
                    Ok(())
                });
                let heard = match (applied, fault) {
                    (_, Fault::LostAnswer) => Err(fail(Kind::Other, true)),
                    // A repeated transaction is recognised by its token; a repeated write meets itself.
                    (Ok(()), Fault::Repeated) if token.is_none() => match self.with(|state| apply(state, now)) {
                        Ok(()) => Ok(self.answer(())),
                        Err(index) => Err(fail(Kind::Condition(index), true)),
                    },
                    (Err(index), Fault::Repeated) => Err(fail(Kind::Condition(index), true)),
                    (Err(index), _) => Err(fail(Kind::Condition(index), false)),
                    (Ok(()), _) => Ok(self.answer(())),
                };
                (applied.is_ok(), heard)
            }
        };
        self.faults.after(call, effective);
        result
    }
}

impl State {
    fn set(&mut self, place: (Table, Key), item: Option<Item>, now: Timestamp) {
        let before = match item {
            Some(item) => self.items.insert(place.clone(), item),
            None => self.items.remove(&place),
        };
        self.history.push_back(Undo { at: now, place, before });
        let horizon = now - SignedDuration::from_millis(HISTORY_MS);
        while self.history.front().is_some_and(|undo| undo.at < horizon) {
            self.history.pop_front();
        }
    }

    fn holds(&self, change: &Change) -> bool {
        let found = self.items.get(&(change.table, change.key().clone()));
        match &change.condition {
            Condition::Absent => found.is_none(),
            Condition::Rev(rev) => found.is_some_and(|item| item.rev == *rev),
            Condition::Same { rev, by } => found.is_some_and(|item| item.rev == *rev && item.by == *by),
            Condition::Nothing => true,
        }
    }

    /// Applies all or none; the error is the first change whose condition does not hold.
    fn apply(&mut self, changes: &[Change], now: Timestamp) -> Result<(), usize> {
        if let Some(index) = changes.iter().position(|change| !self.holds(change)) {
            return Err(index);
        }
        for change in changes {
            let item = match &change.op {
                Op::Put(item) => Some(Item::clone(item)),
                Op::Delete(_) => None,
            };
            self.set((change.table, change.key().clone()), item, now);
        }
        Ok(())
    }

    fn clear(&mut self, place: (Table, Key), rev: u64, now: Timestamp) -> Result<(), usize> {
        let Some(mut item) = self.items.get(&place).filter(|item| item.rev == rev).cloned() else { return Err(0) };
        item.outbox = None;
        item.ob = None;
        self.set(place, Some(item), now);
        Ok(())
    }

    /// What was written after `then`, as it was before.
    fn before(&self, then: Timestamp) -> Before<'_> {
        let later = self.history.iter().rev().take_while(|undo| undo.at > then);
        // From the newest to the oldest: the last that is kept of a place is how it was at `then`.
        later.map(|undo| (&undo.place, undo.before.as_ref())).collect()
    }
}

fn of_table(items: &Items, table: Table) -> impl Iterator<Item = &Item> {
    let first = Key { pk: String::new(), sk: String::new() };
    items.range((table, first)..).take_while(move |((of, _), _)| *of == table).map(|(_, item)| item)
}

fn index_key(item: &Item, index: Option<Index>) -> Option<&Key> {
    match index {
        None => Some(&item.key),
        Some(Index::Due) => item.due.as_ref(),
        Some(Index::Outbox) => item.outbox.as_ref(),
        Some(Index::List) => item.list.as_ref(),
    }
}

/// The rows of a query, over the items but for those that were written after the query's time.
fn select(items: &Items, before: &Before<'_>, query: &Query, page: usize) -> Rows {
    let first = if query.index.is_none() { query.pk.clone() } else { String::new() };
    let here = items
        .range((query.table, Key { pk: first, sk: String::new() })..)
        .take_while(|((table, key), _)| *table == query.table && (query.index.is_some() || key.pk == query.pk))
        .filter(|(place, _)| before.is_empty() || !before.contains_key(place))
        .map(|(_, item)| item);
    let then = before.iter().filter(|((table, _), _)| *table == query.table).filter_map(|(_, item)| *item);
    let mut found: Vec<(Position, &Item)> = here
        .chain(then)
        .filter_map(|item| Some((index_key(item, query.index)?, item)))
        .filter(|(key, _)| key.pk == query.pk && query.range.contains(&key.sk))
        .map(|(key, item)| (Position { sort: key.sk.clone(), key: item.key.clone() }, item))
        .filter(|(at, _)| {
            query.after.as_ref().is_none_or(|after| if query.ascending { at > after } else { at < after })
        })
        .collect();
    found.sort_by(|a, b| if query.ascending { a.0.cmp(&b.0) } else { b.0.cmp(&a.0) });
    let most = usize::try_from(query.limit).unwrap_or(usize::MAX).min(page);
    let more = found.len() > most;
    found.truncate(most);
    let kept = |item: &Item| match query.index {
        None => Some(item.clone()),
        Some(index) => item.entry(index).and_then(|entry| entry.item),
    };
    Rows { rows: found.into_iter().map(|(at, item)| Row { at, item: kept(item) }).collect(), more }
}

#[async_trait]
impl Backend for Memory {
    async fn get(&self, table: Table, key: &Key) -> Result<Answer<Option<Item>>, Failure> {
        self.read(Call::Get(table, key), |state| state.items.get(&(table, key.clone())).cloned())
    }

    async fn query(&self, query: &Query) -> Result<Answer<Rows>, Failure> {
        let lag_ms = if query.index.is_some() { self.faults.index_lag_ms() } else { 0 };
        let then = self.clock.now() - SignedDuration::from_millis(lag_ms);
        self.read(Call::Query(query), |state| {
            let before = if lag_ms > 0 { state.before(then) } else { Before::new() };
            select(&state.items, &before, query, self.page)
        })
    }

    async fn write(&self, change: &Change) -> Result<Answer<()>, Failure> {
        let changes = std::slice::from_ref(change);
        self.change(Call::Write(change), changes, None, |state, now| state.apply(changes, now))
    }

    async fn each(&self, changes: &[Change]) -> Vec<Result<Answer<()>, Failure>> {
        one_by_one(self, changes).await
    }

    async fn transact(&self, changes: &[Change], token: &str) -> Result<Answer<()>, Failure> {
        self.change(Call::Transact(changes), changes, Some(token), |state, now| state.apply(changes, now))
    }

    async fn clear_outbox(&self, key: &Key, rev: u64) -> Result<Answer<()>, Failure> {
        let place = (Table::Core, key.clone());
        self.change(Call::ClearOutbox(key), &[], None, |state, now| state.clear(place.clone(), rev, now))
    }
}
