//! The table service that is DynamoDB.

mod attributes;
mod each;
mod watch;

use crate::backend::{
    Answer, Backend, Change, Condition, Failure, Index, Key, Kind, Op, Position, Query, Range, Row, Rows, Table,
    one_by_one,
};
use crate::item::Item;
use async_trait::async_trait;
use attributes::{Attributes, from_attributes, key_attributes, text, to_attributes};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, CancellationReason, Delete, Put, TransactWriteItem};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use ports::Clock;
use std::collections::HashMap;
use std::sync::Arc;
use watch::Watch;

/// The names of the tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tables {
    /// What lasts.
    pub core: String,
    /// What expires.
    pub ephemeral: String,
    /// The audit log.
    pub audit: String,
}

/// DynamoDB.
pub struct Dynamo {
    client: Client,
    tables: Tables,
    clock: Arc<dyn Clock>,
}

impl Dynamo {
    /// Over a client and three tables that exist. `clock` stands in when an answer has no `Date`.
    pub fn new(client: Client, tables: Tables, clock: Arc<dyn Clock>) -> Self {
        Self { client, tables, clock }
    }

    fn name(&self, table: Table) -> &str {
        match table {
            Table::Core => &self.tables.core,
            Table::Ephemeral => &self.tables.ephemeral,
            Table::Audit => &self.tables.audit,
        }
    }

    fn answer<T>(&self, watch: &Watch, value: T) -> Answer<T> {
        let now = || self.clock.now();
        Answer { value, store_now: watch.date().unwrap_or_else(now) }
    }

    fn item(&self, change: &Change, op: &Op) -> Result<TransactWriteItem, Failure> {
        let table = self.name(change.table);
        let when = Guard::of(&change.condition);
        let built = match op {
            Op::Put(item) => Put::builder()
                .table_name(table)
                .set_item(Some(to_attributes(item)))
                .set_condition_expression(when.expression)
                .set_expression_attribute_names(when.names)
                .set_expression_attribute_values(when.values)
                .build()
                .map(|put| TransactWriteItem::builder().put(put).build()),
            Op::Delete(key) => Delete::builder()
                .table_name(table)
                .set_key(Some(key_attributes(key)))
                .set_condition_expression(when.expression)
                .set_expression_attribute_names(when.names)
                .set_expression_attribute_values(when.values)
                .build()
                .map(|delete| TransactWriteItem::builder().delete(delete).build()),
        };
        built.map_err(|_| Failure { kind: Kind::Other, doubtful: false, detail: "request not built".into() })
    }
}

/// A condition as DynamoDB spells it.
#[derive(Default)]
struct Guard {
    expression: Option<String>,
    names: Option<HashMap<String, String>>,
    values: Option<Attributes>,
}

impl Guard {
    fn of(condition: &Condition) -> Self {
        let number = |n: &u64| AttributeValue::N(n.to_string());
        let (expression, names, values): (_, &[_], Vec<_>) = match condition {
            Condition::Nothing => return Self::default(),
            Condition::Absent => ("attribute_not_exists(#p)", &[("#p", "PK")], vec![]),
            Condition::Rev(rev) => ("#r = :r", &[("#r", "rev")], vec![(":r", number(rev))]),
            Condition::Same { rev, by } => {
                ("#r = :r AND #b = :b", &[("#r", "rev"), ("#b", "by")], vec![(":r", number(rev)), (":b", text(by))])
            }
        };
        let values: Attributes = values.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
        Self {
            expression: Some(expression.to_owned()),
            names: Some(names.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()),
            values: (!values.is_empty()).then_some(values),
        }
    }
}

/// What an SDK error means. Only codes are kept: messages may quote keys.
fn failure<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>, watch: &Watch) -> Failure {
    let (refused, what) = match error {
        SdkError::ConstructionFailure(_) => (true, "request not built"),
        SdkError::ServiceError(e) => (e.raw().status().is_client_error(), "service error"),
        SdkError::TimeoutError(_) => (false, "timed out"),
        SdkError::DispatchFailure(_) => (false, "not reached"),
        _ => (false, "no readable answer"),
    };
    let code = error.code().unwrap_or(what);
    let kind = match code {
        "ConditionalCheckFailedException" => Kind::Condition(0),
        // The second is ours: an earlier attempt of the same transaction is still under way.
        "TransactionConflictException" | "TransactionInProgressException" => Kind::Busy,
        _ => Kind::Other,
    };
    Failure { kind, doubtful: !refused || watch.doubt(), detail: code.to_owned() }
}

/// Why a transaction was cancelled: a failed condition outweighs a conflict, which outweighs the rest.
fn cancelled(reasons: &[CancellationReason]) -> Option<(Kind, &str)> {
    let with = |code: &str| reasons.iter().position(|reason| reason.code() == Some(code));
    let (condition, conflict) = ("ConditionalCheckFailed", "TransactionConflict");
    if let Some(index) = with(condition) {
        return Some((Kind::Condition(index), condition));
    }
    if with(conflict).is_some() {
        return Some((Kind::Busy, conflict));
    }
    reasons.iter().filter_map(CancellationReason::code).find(|code| *code != "None").map(|code| (Kind::Other, code))
}

#[async_trait]
impl Backend for Dynamo {
    async fn get(&self, table: Table, key: &Key) -> Result<Answer<Option<Item>>, Failure> {
        let watch = Watch::default();
        let sent = self
            .client
            .get_item()
            .table_name(self.name(table))
            .set_key(Some(key_attributes(key)))
            .consistent_read(true)
            .customize()
            .interceptor(watch.clone())
            .send()
            .await;
        let found = sent.map_err(|e| read_failure(failure(&e, &watch)))?;
        let item = found.item.map(from_attributes).transpose()?;
        Ok(self.answer(&watch, item))
    }

    async fn query(&self, query: &Query) -> Result<Answer<Rows>, Failure> {
        let watch = Watch::default();
        let (pk, sk) = query.index.map_or(("PK", "SK"), Index::attributes);
        let (range, mut values) = match &query.range {
            Range::Prefix(prefix) => ("begins_with(#s, :a)", vec![(":a", text(prefix))]),
            Range::Between(low, high) => ("#s BETWEEN :a AND :b", vec![(":a", text(low)), (":b", text(high))]),
        };
        values.push((":p", text(&query.pk)));
        let sent = self
            .client
            .query()
            .table_name(self.name(query.table))
            .set_index_name(query.index.map(|index| index.name().to_owned()))
            .key_condition_expression(format!("#p = :p AND {range}"))
            .expression_attribute_names("#p", pk)
            .expression_attribute_names("#s", sk)
            .set_expression_attribute_values(Some(values.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()))
            .set_exclusive_start_key(query.after.as_ref().map(|after| start_key(query, after)))
            .scan_index_forward(query.ascending)
            .limit(i32::try_from(query.limit).unwrap_or(i32::MAX))
            .consistent_read(query.index.is_none())
            .customize()
            .interceptor(watch.clone())
            .send()
            .await;
        let found = sent.map_err(|e| read_failure(failure(&e, &watch)))?;
        let more = found.last_evaluated_key.is_some();
        let keys_only = query.index.is_some_and(Index::keys_only);
        let row = |attributes: Attributes| {
            let key = Key { pk: attributes::string(&attributes, "PK")?, sk: attributes::string(&attributes, "SK")? };
            let at = Position { sort: attributes::string(&attributes, sk)?, key };
            Ok(Row { at, item: if keys_only { None } else { Some(from_attributes(attributes)?) } })
        };
        let rows = found.items.unwrap_or_default().into_iter().map(row).collect::<Result<_, Failure>>()?;
        Ok(self.answer(&watch, Rows { rows, more }))
    }

    async fn write(&self, change: &Change) -> Result<Answer<()>, Failure> {
        let watch = Watch::default();
        let table = self.name(change.table);
        let when = Guard::of(&change.condition);
        let done = match &change.op {
            Op::Put(item) => {
                let put = self.client.put_item().table_name(table).set_item(Some(to_attributes(item)));
                let put = put
                    .set_condition_expression(when.expression)
                    .set_expression_attribute_names(when.names)
                    .set_expression_attribute_values(when.values);
                let sent = put.customize().interceptor(watch.clone()).send().await;
                sent.map(drop).map_err(|e| failure(&e, &watch))
            }
            Op::Delete(key) => {
                let delete = self.client.delete_item().table_name(table).set_key(Some(key_attributes(key)));
                let delete = delete
                    .set_condition_expression(when.expression)
                    .set_expression_attribute_names(when.names)
                    .set_expression_attribute_values(when.values);
                let sent = delete.customize().interceptor(watch.clone()).send().await;
                sent.map(drop).map_err(|e| failure(&e, &watch))
            }
        };
        done.map(|()| self.answer(&watch, ()))
    }

    async fn each(&self, changes: &[Change]) -> Vec<Result<Answer<()>, Failure>> {
        let mut done = Vec::with_capacity(changes.len());
        for some in changes.chunks(each::MOST) {
            done.extend(match self.inserts(some) {
                Some(statements) => self.together(statements).await,
                None => one_by_one(self, some).await,
            });
        }
        done
    }

    async fn transact(&self, changes: &[Change], token: &str) -> Result<Answer<()>, Failure> {
        let watch = Watch::default();
        let items = changes.iter().map(|change| self.item(change, &change.op)).collect::<Result<Vec<_>, _>>()?;
        let sent = self
            .client
            .transact_write_items()
            .set_transact_items(Some(items))
            .client_request_token(token)
            .customize()
            .interceptor(watch.clone())
            .send()
            .await;
        let Err(error) = sent else { return Ok(self.answer(&watch, ())) };
        let mut failure = failure(&error, &watch);
        if let Some(TransactWriteItemsError::TransactionCanceledException(e)) = error.as_service_error()
            && let Some((kind, code)) = cancelled(e.cancellation_reasons())
        {
            failure.kind = kind;
            code.clone_into(&mut failure.detail);
        }
        Err(failure)
    }

    async fn clear_outbox(&self, key: &Key, rev: u64) -> Result<Answer<()>, Failure> {
        let watch = Watch::default();
        let sent = self
            .client
            .update_item()
            .table_name(&self.tables.core)
            .set_key(Some(key_attributes(key)))
            .update_expression("REMOVE #o, #p, #s")
            .condition_expression("#r = :r")
            .expression_attribute_names("#o", "ob")
            .expression_attribute_names("#p", Index::Outbox.attributes().0)
            .expression_attribute_names("#s", Index::Outbox.attributes().1)
            .expression_attribute_names("#r", "rev")
            .expression_attribute_values(":r", AttributeValue::N(rev.to_string()))
            .customize()
            .interceptor(watch.clone())
            .send()
            .await;
        sent.map(|_| self.answer(&watch, ())).map_err(|e| failure(&e, &watch))
    }
}

fn read_failure(failure: Failure) -> Failure {
    Failure { doubtful: false, ..failure }
}

fn start_key(query: &Query, after: &Position) -> Attributes {
    let mut start = key_attributes(&after.key);
    if let Some((pk, sk)) = query.index.map(Index::attributes) {
        start.insert(pk.to_owned(), text(&query.pk));
        start.insert(sk.to_owned(), text(&after.sort));
    }
    start
}
