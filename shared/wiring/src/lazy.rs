//! DynamoDB's client, built at the first read or write.

use async_trait::async_trait;
use aws::Aws;
use aws_sdk_dynamodb::Client;
use ports::Clock;
use std::sync::Arc;
use store::{Answer, Backend, Change, Dynamo, Failure, Item, Key, Query, Rows, Table, Tables};
use tokio::sync::OnceCell;

/// [`Dynamo`], once it is needed.
pub(crate) struct LazyDynamo {
    aws: Arc<Aws>,
    tables: Tables,
    clock: Arc<dyn Clock>,
    dynamo: OnceCell<Dynamo>,
}

impl LazyDynamo {
    pub(crate) fn new(aws: Arc<Aws>, tables: Tables, clock: Arc<dyn Clock>) -> Self {
        Self { aws, tables, clock, dynamo: OnceCell::new() }
    }

    async fn dynamo(&self) -> &Dynamo {
        let build =
            async || Dynamo::new(Client::new(self.aws.config().await), self.tables.clone(), Arc::clone(&self.clock));
        self.dynamo.get_or_init(build).await
    }
}

#[async_trait]
impl Backend for LazyDynamo {
    async fn get(&self, table: Table, key: &Key) -> Result<Answer<Option<Item>>, Failure> {
        self.dynamo().await.get(table, key).await
    }
    async fn query(&self, query: &Query) -> Result<Answer<Rows>, Failure> {
        self.dynamo().await.query(query).await
    }
    async fn write(&self, change: &Change) -> Result<Answer<()>, Failure> {
        self.dynamo().await.write(change).await
    }
    async fn each(&self, changes: &[Change]) -> Vec<Result<Answer<()>, Failure>> {
        self.dynamo().await.each(changes).await
    }
    async fn transact(&self, changes: &[Change], token: &str) -> Result<Answer<()>, Failure> {
        self.dynamo().await.transact(changes, token).await
    }
    async fn clear_outbox(&self, key: &Key, rev: u64) -> Result<Answer<()>, Failure> {
        self.dynamo().await.clear_outbox(key, rev).await
    }
}
