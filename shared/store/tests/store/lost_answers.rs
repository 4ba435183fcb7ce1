//! The SDK repeats what it got no answer to, and the repetition of a conditional write meets its own first attempt (faults
//! F6 and F23). Run over a table of JSON in this process, which knows the store's conditions and nothing else.

use crate::fixtures::{Turned, World, counted};
use crate::wire::{Loss, Wire, answer, client, operation};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use futures_util::future::join_all;
use ports::{Accounts, Clock, Outbox, Record, StoreError, UnitOfWork, Write};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use store::{Dynamo, Tables};

#[derive(Debug, Default)]
struct Json {
    items: BTreeMap<String, Value>,
    tokens: BTreeSet<String>,
    /// Statements that are throttled, in a request that is answered all the same.
    throttled: usize,
}

/// A table service that takes the SDK's requests.
#[derive(Debug, Clone, Default)]
struct JsonTable(Arc<Mutex<Json>>);

impl HttpConnector for JsonTable {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let asked: Value = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
        let mut json = self.0.lock().unwrap();
        HttpConnectorFuture::ready(Ok(json.handle(&operation(&request), &asked)))
    }
}

fn place(request: &Value) -> String {
    let key = request.get("Item").or_else(|| request.get("Key")).unwrap();
    format!("{}|{}|{}", request["TableName"], key["PK"]["S"], key["SK"]["S"])
}

impl Json {
    fn holds(&self, request: &Value) -> bool {
        let found = self.items.get(&place(request));
        let rev = &request["ExpressionAttributeValues"][":r"]["N"];
        match request["ConditionExpression"].as_str() {
            None => true,
            Some("attribute_not_exists(#p)") => found.is_none(),
            Some("#r = :r") => found.is_some_and(|item| item["rev"]["N"] == *rev),
            Some(other) => panic!("no such condition here: {other}"),
        }
    }

    fn apply(&mut self, request: &Value) {
        match request.get("Item") {
            Some(item) => drop(self.items.insert(place(request), item.clone())),
            None => drop(self.items.remove(&place(request))),
        }
    }

    fn handle(&mut self, operation: &str, asked: &Value) -> HttpResponse {
        match operation {
            "GetItem" => match self.items.get(&place(asked)) {
                Some(item) => answer(200, &json!({ "Item": item }).to_string()),
                None => answer(200, "{}"),
            },
            "PutItem" | "DeleteItem" | "UpdateItem" if !self.holds(asked) => {
                answer(400, r#"{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"}"#)
            }
            "PutItem" | "DeleteItem" => {
                self.apply(asked);
                answer(200, "{}")
            }
            "UpdateItem" => {
                assert_eq!(asked["UpdateExpression"], "REMOVE #o, #p, #s");
                let item = self.items.get_mut(&place(asked)).unwrap().as_object_mut().unwrap();
                for name in ["ob", "gsi2pk", "gsi2sk"] {
                    item.remove(name);
                }
                answer(200, "{}")
            }
            "TransactWriteItems" => self.transact(asked),
            "BatchExecuteStatement" => self.statements(asked),
            other => panic!("no such operation here: {other}"),
        }
    }

    /// Inserts, each by itself.
    fn statements(&mut self, asked: &Value) -> HttpResponse {
        let mut done = Vec::new();
        for statement in asked["Statements"].as_array().unwrap() {
            let text = statement["Statement"].as_str().unwrap();
            let (table, fields) = text.strip_prefix("INSERT INTO \"").unwrap().split_once("\" VALUE {").unwrap();
            let names = fields
                .strip_suffix('}')
                .unwrap()
                .split(',')
                .map(|field| field.strip_prefix('\'').unwrap().strip_suffix("':?").unwrap().to_owned());
            let values = statement["Parameters"].as_array().unwrap().iter().cloned();
            let item: serde_json::Map<String, Value> = names.zip(values).collect();
            let put = json!({ "TableName": table, "Item": item });
            if self.throttled > 0 {
                self.throttled -= 1;
                done.push(json!({ "Error": { "Code": "ThrottlingError" } }));
                continue;
            }
            done.push(if self.items.contains_key(&place(&put)) {
                json!({ "TableName": table, "Error": { "Code": "DuplicateItem", "Message": "words that quote a key" } })
            } else {
                self.apply(&put);
                json!({ "TableName": table })
            });
        }
        answer(200, &json!({ "Responses": done }).to_string())
    }

    fn transact(&mut self, asked: &Value) -> HttpResponse {
        let token = asked["ClientRequestToken"].as_str().unwrap().to_owned();
        assert!((1..=36).contains(&token.len()));
        if self.tokens.contains(&token) {
            return answer(200, "{}");
        }
        let requests: Vec<Value> = (asked["TransactItems"].as_array().unwrap().iter())
            .map(|item| item.get("Put").or_else(|| item.get("Delete")).unwrap().clone())
            .collect();
        let held: Vec<bool> = requests.iter().map(|request| self.holds(request)).collect();
        if held.contains(&false) {
            let code = |ok: &bool| json!({"Code": if *ok { "None" } else { "ConditionalCheckFailed" }});
            let reasons: Vec<Value> = held.iter().map(code).collect();
            let body = json!({"__type": "TransactionCanceledException", "CancellationReasons": reasons});
            return answer(400, &body.to_string());
        }
        for request in &requests {
            self.apply(request);
        }
        self.tokens.insert(token);
        answer(200, "{}")
    }
}

fn world() -> (World<Dynamo>, Arc<Wire>) {
    world_over(JsonTable::default())
}

fn world_over(table: JsonTable) -> (World<Dynamo>, Arc<Wire>) {
    let (clock, wire) = (Turned::at_start(), Arc::new(Wire::default()));
    let inner: SharedHttpClient = http_client_fn(move |_, _| SharedHttpConnector::new(table.clone()));
    let tables = Tables { core: "core".into(), ephemeral: "ephemeral".into(), audit: "audit".into() };
    let client = client("http://table.example", inner, &wire);
    let dynamo = Dynamo::new(client, tables, Arc::clone(&clock) as Arc<dyn Clock>);
    (World::new(dynamo, clock, counted()), wire)
}

/// Ways to lose the answer to a write that was applied.
const LOST: [Loss; 2] = [Loss::Answer, Loss::AnswerWith500];

#[tokio::test]
async fn the_sdk_meets_its_own_first_attempt_and_the_store_reports_success() {
    for lost in LOST {
        let (w, wire) = world();
        let account = w.account();
        wire.loses([lost]);
        let made = w.commit([Write::create(Record::Account(account.clone())).telling([w.event()])]).await.unwrap();
        assert_eq!(*wire.sent.lock().unwrap(), ["PutItem", "PutItem"], "the SDK repeated it");
        assert_eq!(made.outbox.len(), 1);

        wire.loses([lost]);
        let old = w.store.account(w.tenant, account.id).await.unwrap().unwrap();
        w.commit([Write::replace(&old, Record::Account(account.clone()))]).await.unwrap();
        assert_eq!(w.store.account(w.tenant, account.id).await.unwrap().unwrap().rev, 2);
    }
}

#[tokio::test]
async fn a_write_that_was_applied_and_never_answered_is_looked_up() {
    let (w, wire) = world();
    let account = w.account();
    // Every attempt that the SDK makes by itself.
    wire.loses([Loss::Answer; 3]);
    w.create(Record::Account(account.clone())).await;
    assert_eq!(wire.sent.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn a_write_that_never_arrived_is_unavailable() {
    let (w, wire) = world();
    let account = w.account();
    wire.loses([Loss::Request; 3]);
    let lost = w.commit([Write::create(Record::Account(account.clone()))]).await;
    assert!(matches!(lost, Err(StoreError::Unavailable(_))), "{lost:?}");
    assert_eq!(w.store.account(w.tenant, account.id).await.unwrap(), None);
}

#[tokio::test]
async fn another_writers_revision_is_a_conflict_even_when_our_answers_are_lost() {
    for lost in [Loss::Answer, Loss::AnswerWith500, Loss::Request, Loss::Throttled] {
        let (w, wire) = world();
        let account = w.account();
        w.create(Record::Account(account.clone())).await;
        let old = w.store.account(w.tenant, account.id).await.unwrap().unwrap();
        w.commit([Write::replace(&old, Record::Account(account.clone()))]).await.unwrap();
        wire.loses([lost]);
        let second = w.commit([Write::replace(&old, Record::Account(account))]).await;
        assert_eq!(second, Err(StoreError::Conflict { index: 0 }), "{lost:?}");
    }
}

#[tokio::test]
async fn a_throttled_write_is_repeated_by_the_sdk_and_happens_once() {
    let (w, wire) = world();
    wire.loses([Loss::Throttled, Loss::Throttled]);
    w.create(Record::Account(w.account())).await;
    wire.loses([Loss::Throttled; 3]);
    let refused = w.commit([Write::create(Record::Account(w.account()))]).await;
    assert_eq!(refused, Err(StoreError::Unavailable("ThrottlingException".into())));
}

#[tokio::test]
async fn a_transaction_whose_answer_was_lost_happened_once() {
    for lost in LOST {
        let (w, wire) = world();
        let (a, b) = (w.account(), w.account());
        let both = || [Write::create(Record::Account(a.clone())), Write::create(Record::Account(b.clone()))];
        wire.loses([lost]);
        w.commit(both()).await.unwrap();
        wire.loses([lost]);
        assert_eq!(w.commit(both()).await, Err(StoreError::Conflict { index: 0 }));
        let c = [Write::create(Record::Account(w.account())), Write::create(Record::Account(b.clone()))];
        assert_eq!(w.commit(c).await, Err(StoreError::Conflict { index: 1 }));
    }
}

#[tokio::test]
async fn of_writes_that_leave_together_each_is_told_from_anothers_even_when_the_answer_is_lost() {
    for lost in LOST.into_iter().chain([Loss::Request, Loss::Throttled, Loss::None]) {
        let (w, wire) = world();
        let (known, a, b) = (w.account(), w.account(), w.account());
        w.create(Record::Account(known.clone())).await;
        wire.sent.lock().unwrap().clear();
        wire.loses([lost]);
        let writes = [&a, &known, &b].map(|account| Write::create(Record::Account(account.clone())));
        let done = join_all(w.store.commit_each(writes.into()).await).await;
        assert_eq!(done.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true], "{lost:?}: {done:?}");
        assert_eq!(done[1], Err(StoreError::Conflict { index: 0 }), "{lost:?}");
        let sent = 1 + usize::from(lost != Loss::None);
        assert_eq!(*wire.sent.lock().unwrap(), vec!["BatchExecuteStatement"; sent], "{lost:?}");
    }
    let (w, wire) = world();
    wire.loses([Loss::Request; 3]);
    let writes = [w.account(), w.account()].map(|account| Write::create(Record::Account(account)));
    let done = join_all(w.store.commit_each(writes.into()).await).await;
    assert!(done.iter().all(|done| matches!(done, Err(StoreError::Unavailable(_)))), "{done:?}");
}

#[tokio::test]
async fn a_statement_that_is_throttled_goes_once_more_alone_and_keeps_no_other() {
    let table = JsonTable::default();
    let (w, wire) = world_over(table.clone());
    table.0.lock().unwrap().throttled = 2;
    let accounts = [w.account(), w.account(), w.account()];
    let writes = accounts.each_ref().map(|account| Write::create(Record::Account(account.clone())));
    let done = join_all(w.store.commit_each(writes.into()).await).await;
    assert!(done.iter().all(Result::is_ok), "{done:?}");
    assert_eq!(*wire.sent.lock().unwrap(), ["BatchExecuteStatement", "PutItem", "PutItem"]);
    for account in &accounts {
        assert_eq!(w.store.account(w.tenant, account.id).await.unwrap().unwrap().rev, 1);
    }
}

#[tokio::test]
async fn a_deletion_that_met_itself_stays_open() {
    let (w, wire) = world();
    let account = w.account();
    w.create(Record::Account(account.clone())).await;
    let old = w.store.account(w.tenant, account.id).await.unwrap().unwrap();
    wire.loses([Loss::Answer]);
    let gone = w.commit([Write::delete(&old, Record::Account(account.clone()))]).await;
    assert!(matches!(gone, Err(StoreError::Unavailable(_))), "{gone:?}");
    assert_eq!(w.store.account(w.tenant, account.id).await.unwrap(), None);
}

#[tokio::test]
async fn clearing_twice_because_of_a_lost_answer_is_harmless() {
    let (w, wire) = world();
    let account = w.account();
    let made = w.commit([Write::create(Record::Account(account.clone())).telling([w.event()])]).await.unwrap();
    wire.loses([Loss::Answer]);
    w.store.clear(&made.outbox[0].0).await.unwrap();
    assert_eq!(w.store.account(w.tenant, account.id).await.unwrap().unwrap().unsent, []);
}

#[tokio::test]
async fn the_stores_clock_is_the_date_of_its_answers() {
    let (w, _wire) = world();
    assert_eq!(w.store.store_now(), None);
    let date = "2026-03-01T12:00:07Z".parse().unwrap();
    let made = w.commit([Write::create(Record::Account(w.account()))]).await.unwrap();
    assert_eq!((made.store_now, w.store.store_now()), (date, Some(date)));
}
