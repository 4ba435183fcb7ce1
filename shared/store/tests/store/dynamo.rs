//! The sentences on DynamoDB itself, in an emulator: plainly, and again over a wire that loses every third answer.

use crate::fixtures::{Turned, World, counted};
use crate::wire::{Every, Loss, Wire, client};
use crate::{arrivals, audience, campaigns, commits, lists, outbox};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType,
};
use ports::Clock;
use std::io::Write as _;
use std::sync::Arc;
use store::{Dynamo, Index, Tables};

/// Where the emulator listens; without it there is nothing to test against.
const ENDPOINT: &str = "HERALD_DYNAMODB_ENDPOINT";

fn say(line: &str) {
    // Past the test harness, which swallows what a passing test prints.
    std::io::stderr().write_all(format!("{line}\n").as_bytes()).unwrap();
}

#[allow(clippy::disallowed_methods)] // only whoever runs the tests knows where the emulator is
fn endpoint() -> Option<String> {
    std::env::var(ENDPOINT).ok()
}

fn element(name: &str, kind: KeyType) -> KeySchemaElement {
    KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap()
}

async fn create(client: &Client, name: &str, indexes: &[Index]) {
    let names = ["PK", "SK"].into_iter().chain(indexes.iter().flat_map(|i| <[&str; 2]>::from(i.attributes())));
    let definition =
        |n| AttributeDefinition::builder().attribute_name(n).attribute_type(ScalarAttributeType::S).build().unwrap();
    let index = |i: &Index| {
        let (pk, sk) = i.attributes();
        let kind = if i.keys_only() { ProjectionType::KeysOnly } else { ProjectionType::Include };
        let kept = i.kept().iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let projection = Projection::builder().projection_type(kind);
        let projection = projection.set_non_key_attributes((!kept.is_empty()).then_some(kept));
        GlobalSecondaryIndex::builder()
            .index_name(i.name())
            .key_schema(element(pk, KeyType::Hash))
            .key_schema(element(sk, KeyType::Range))
            .projection(projection.build())
            .build()
            .unwrap()
    };
    let indexes: Vec<_> = indexes.iter().map(index).collect();
    client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .set_attribute_definitions(Some(names.map(definition).collect()))
        .key_schema(element("PK", KeyType::Hash))
        .key_schema(element("SK", KeyType::Range))
        .set_global_secondary_indexes((!indexes.is_empty()).then_some(indexes))
        .send()
        .await
        .unwrap();
}

/// A world on tables of its own.
async fn world(endpoint: &str, name: &str, wire: &Arc<Wire>) -> World<Dynamo> {
    let clock = Turned::at_start();
    let inner = aws_smithy_http_client::Builder::new().build_http();
    let client = client(endpoint, inner, wire);
    let table = |what: &str| format!("store-test-{}-{name}-{what}", std::process::id());
    let tables = Tables { core: table("core"), ephemeral: table("ephemeral"), audit: table("audit") };
    create(&client, &tables.core, &[Index::Due, Index::Outbox, Index::List]).await;
    create(&client, &tables.ephemeral, &[]).await;
    create(&client, &tables.audit, &[]).await;
    World::new(Dynamo::new(client, tables, Arc::clone(&clock) as Arc<dyn Clock>), clock, counted())
}

macro_rules! all_sentences {
    ($($module:ident { $($sentence:ident,)* })*) => {
        async fn all(endpoint: &str, name: &str, wire: &Arc<Wire>) -> usize {
            let mut count = 0;
            let mut w = world(endpoint, name, wire).await;
            $($(
                // A tenant of its own, so that the sentences do not see each other.
                w = World { tenant: domain::TenantId::from_uuid(crate::fixtures::fresh()), ..w };
                $module::$sentence(&w).await;
                count += 1;
            )*)*
            count
        }
    };
}

crate::sentences!(all_sentences);

#[tokio::test]
async fn every_sentence_holds_on_dynamodb() {
    let Some(endpoint) = endpoint() else {
        return say(&format!("SKIPPED: the store on DynamoDB was not tested, {ENDPOINT} is not set"));
    };
    let wire = Arc::new(Wire::default());
    let count = Box::pin(all(&endpoint, "plain", &wire)).await;
    say(&format!("{count} sentences hold on DynamoDB at {endpoint}"));
}

#[tokio::test]
async fn every_sentence_holds_on_dynamodb_when_requests_are_lost() {
    let Some(endpoint) = endpoint() else {
        return say(&format!("SKIPPED: the store on a lossy wire was not tested, {ENDPOINT} is not set"));
    };
    for (name, loss) in [("request", Loss::Request), ("throttled", Loss::Throttled)] {
        // Each request is a third one of one of the three.
        for after in 0..3 {
            let wire = Arc::new(Wire::default());
            *wire.every.lock().unwrap() = Some(Every { n: 3, after, loss });
            let count = Box::pin(all(&endpoint, &format!("{name}-{after}"), &wire)).await;
            say(&format!("{count} sentences hold with every third request lost ({name}, {after} on)"));
        }
    }
}

/// Deletions are left out: one whose answer was lost is rightly called unclear.
#[tokio::test]
async fn no_lost_answer_is_misread_on_dynamodb() {
    use ports::{Accounts, Record, StoreError, Write};
    let Some(endpoint) = endpoint() else {
        return say(&format!("SKIPPED: lost answers of DynamoDB were not tested, {ENDPOINT} is not set"));
    };
    let wire = Arc::new(Wire::default());
    let w = world(&endpoint, "answers", &wire).await;
    for (n, loss) in [(2, Loss::Answer), (3, Loss::AnswerWith500)] {
        *wire.every.lock().unwrap() = Some(Every { n, after: 0, loss });
        for _ in 0..20 {
            let (a, b) = (w.account(), w.account());
            w.create(Record::Account(a.clone())).await;
            let old = w.store.account(w.tenant, a.id).await.unwrap().unwrap();
            w.commit([Write::replace(&old, Record::Account(a.clone())), Write::create(Record::Account(b.clone()))])
                .await
                .unwrap();
            let stale = w.commit([Write::replace(&old, Record::Account(a.clone()))]).await;
            assert_eq!(stale, Err(StoreError::Conflict { index: 0 }));
            let twice = [Write::create(Record::Account(w.account())), Write::create(Record::Account(b))];
            assert_eq!(w.commit(twice).await, Err(StoreError::Conflict { index: 1 }));
            assert_eq!(w.store.account(w.tenant, a.id).await.unwrap().unwrap().rev, 2);
        }
    }
    say(&format!("{} writes over a wire that loses answers: none misread", wire.sent.lock().unwrap().len()));
}
