//! Readings that end in time.

use crate::media::Allowance;
use async_trait::async_trait;
use domain::accounts::Account;
use domain::platform::{DedupeClass, Descriptor};
use domain::publishing::{Failure, Finding, Receipt, Variant};
use jiff::Timestamp;
use ports::{Connector, EngagementCall, Find, HeardPage, ListenCall, PlatformApp, PublishCall, Wording};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A connector that reads no longer than the call allows: a platform of a hundred slow pages, or a server of somebody's own that
/// wants to be slow, must not be what ends the worker that reads for others as well.
pub struct InTime<C>(pub Arc<C>);

impl<C: Find> Wording for InTime<C> {
    fn named(&self, app: &PlatformApp, account: &Account, post: &str) -> Option<Receipt> {
        self.0.named(app, account, post)
    }

    fn render(&self, variant: &Variant) -> Vec<String> {
        self.0.render(variant)
    }
}

impl<C: Find> Connector for InTime<C> {
    fn descriptor(&self) -> &Descriptor {
        self.0.descriptor()
    }
    fn hosts(&self) -> &'static [&'static str] {
        self.0.hosts()
    }
}

#[async_trait]
impl<C: Find> Find for InTime<C> {
    fn dedupe(&self, account: &Account) -> DedupeClass {
        self.0.dedupe(account)
    }

    async fn find(&self, call: &PublishCall<'_>, since: Timestamp) -> Result<Finding, Failure> {
        Allowance::of(call).run(self.0.find(call, since)).await
    }

    // One request, which has a limit of its own.
    async fn engagement(&self, call: &EngagementCall<'_>, posts: &[&str]) -> Result<BTreeMap<String, u64>, Failure> {
        self.0.engagement(call, posts).await
    }

    // So has this.
    async fn listen(&self, call: &ListenCall<'_>) -> Result<HeardPage, Failure> {
        self.0.listen(call).await
    }
}
