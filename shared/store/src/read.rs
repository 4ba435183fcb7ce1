//! Reading: one record, a whole partition, or a page with a cursor.

use crate::backend::{Backend, Failure, Index, Kind, Position, Query, Range, Row, Table};
use crate::{Item, Key, Store};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ports::{Page, StoreError, Versioned};
use serde::de::DeserializeOwned;

/// Rows asked for at once when all of a partition is wanted.
const CHUNK: u32 = 500;
/// Most rows of a page, whatever was asked.
pub(crate) const MAX_PAGE: u32 = 500;

impl From<Failure> for StoreError {
    fn from(f: Failure) -> Self {
        match f.kind {
            Kind::Corrupt => Self::Corrupt(f.detail),
            Kind::Condition(index) => Self::Conflict { index },
            Kind::Busy | Kind::Other => Self::Unavailable(f.detail),
        }
    }
}

/// One partition, as far as a read cares.
pub(crate) struct Span {
    pub table: Table,
    pub index: Option<Index>,
    pub pk: String,
    pub range: Range,
    pub ascending: bool,
}

impl Span {
    /// The records of a base partition whose sort keys start so, oldest first.
    pub(crate) fn of(table: Table, pk: String, prefix: &str) -> Self {
        Self { table, index: None, pk, range: Range::Prefix(prefix.into()), ascending: true }
    }

    /// Entries of an index between two sort keys, oldest first.
    pub(crate) fn indexed(index: Index, pk: String, low: impl Into<String>, high: impl Into<String>) -> Self {
        let range = Range::Between(low.into(), high.into());
        Self { table: Table::Core, index: Some(index), pk, range, ascending: true }
    }

    pub(crate) fn newest_first(self) -> Self {
        Self { ascending: false, ..self }
    }

    fn query(&self, after: Option<Position>, limit: u32) -> Query {
        Query {
            table: self.table,
            index: self.index,
            pk: self.pk.clone(),
            range: self.range.clone(),
            ascending: self.ascending,
            after,
            limit,
        }
    }
}

impl<B: Backend> Store<B> {
    /// One item, read consistently.
    pub(crate) async fn read(&self, table: Table, key: &Key) -> Result<Option<Item>, StoreError> {
        Ok(self.heard(self.backend.get(table, key).await?))
    }

    /// One record, read consistently.
    pub(crate) async fn one<T: DeserializeOwned>(
        &self,
        table: Table,
        key: Key,
        kind: &str,
    ) -> Result<Option<Versioned<T>>, StoreError> {
        self.read(table, &key).await?.map(|item| item.decode(kind)).transpose()
    }

    /// All records of a span.
    pub(crate) async fn all<T: DeserializeOwned>(
        &self,
        span: &Span,
        kind: &str,
    ) -> Result<Vec<Versioned<T>>, StoreError> {
        self.items(span).await?.into_iter().map(|item| item.decode(kind)).collect()
    }

    /// All items of a span, of whatever kind.
    pub(crate) async fn items(&self, span: &Span) -> Result<Vec<Item>, StoreError> {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let rows = self.heard(self.backend.query(&span.query(after, CHUNK)).await?);
            let last = rows.rows.last().map(|row| row.at.clone());
            found.extend(rows.rows.into_iter().filter_map(|row| row.item));
            match last {
                Some(last) if rows.more => after = Some(last),
                _ => return Ok(found),
            }
        }
    }

    /// A page of rows. One row more than asked is read, so that the last page knows that it is the last. A cursor that is
    /// not of this list yields an empty last page: it is a client's forgery, and nothing of anybody else's lies there.
    pub(crate) async fn rows(&self, span: &Span, cursor: Option<&str>, limit: u32) -> Result<Page<Row>, StoreError> {
        let limit = limit.clamp(1, MAX_PAGE);
        let after = cursor.map(parse_cursor);
        let foreign = match &after {
            None => false,
            Some(None) => true,
            Some(Some(at)) => {
                !span.range.contains(&at.sort)
                    || (span.index.is_none() && (at.key.pk != span.pk || at.key.sk != at.sort))
            }
        };
        if foreign || span.range.is_empty() {
            return Ok(Page { items: Vec::new(), next: None });
        }
        let answer = self.backend.query(&span.query(after.flatten(), limit + 1)).await?;
        let mut rows = self.heard(answer);
        let keep = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.more || rows.rows.len() > keep;
        rows.rows.truncate(keep);
        let next = rows.rows.last().filter(|_| more).map(|row| cursor_of(&row.at));
        Ok(Page { items: rows.rows, next })
    }

    /// A page of records.
    pub(crate) async fn page<T: DeserializeOwned>(
        &self,
        span: &Span,
        kind: &str,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<T>, StoreError> {
        let page = self.rows(span, cursor, limit).await?;
        let items = decode(page.items, kind)?.into_iter().map(|found| found.value).collect();
        Ok(Page { items, next: page.next })
    }
}

pub(crate) fn decode<T: DeserializeOwned>(rows: Vec<Row>, kind: &str) -> Result<Vec<Versioned<T>>, StoreError> {
    rows.into_iter().filter_map(|row| row.item).map(|item| item.decode(kind)).collect()
}

/// Opaque to clients; keys hold no line feed, except a client's own idempotency key, and those are never listed.
fn cursor_of(at: &Position) -> String {
    URL_SAFE_NO_PAD.encode(format!("{}\n{}\n{}", at.sort, at.key.pk, at.key.sk))
}

fn parse_cursor(cursor: &str) -> Option<Position> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let mut parts = text.split('\n').map(str::to_owned);
    let (sort, pk, sk) = (parts.next()?, parts.next()?, parts.next()?);
    let whole = parts.next().is_none() && !sort.is_empty() && !pk.is_empty() && !sk.is_empty();
    // DynamoDB takes partition keys of at most 2,048 and sort keys of at most 1,024 bytes.
    (whole && pk.len() <= 2048 && sk.len() <= 1024).then_some(Position { sort, key: Key { pk, sk } })
}
