//! The sandbox as the contract's harness.

use super::Connected;
use async_trait::async_trait;
use connector_kit::contract::{Duplicates, Fault, Harness, Nameless, Seen};
use domain::accounts::Account;
use jiff::Timestamp;
use ports::PlatformApp;
use secrecy::SecretString;
use serde_json::{Value, json};

/// What is particular to a platform, as the contract asks for it ([`Harness`] tells what each means). What is not true of a platform
/// fails its contract.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::struct_excessive_bools)] // facts that have nothing to do with each other
pub(crate) struct Facts {
    pub(crate) reads_lists: bool,
    pub(crate) shows_comments: bool,
    pub(crate) repeats_comments: bool,
    pub(crate) without_id: Nameless,
    pub(crate) duplicates: Duplicates,
    pub(crate) bears_token: bool,
    pub(crate) deletes: bool,
    pub(crate) has_addresses: bool,
    /// How the address where people see a post has the post's id.
    pub(crate) shown_as: fn(&str) -> String,
}

impl Facts {
    /// Of a platform like most.
    pub(crate) const USUAL: Self = Self {
        reads_lists: true,
        shows_comments: true,
        repeats_comments: true,
        without_id: Nameless::Unconfirmed,
        duplicates: Duplicates::Taken,
        bears_token: true,
        deletes: true,
        has_addresses: true,
        shown_as: str::to_owned,
    };
}

/// A connector whose tests say what is particular to its platform: without that none of its accounts is connected here.
pub(crate) trait Known {
    /// What is particular.
    const FACTS: Facts;
}

#[async_trait]
impl Harness for Connected {
    fn app(&self) -> PlatformApp {
        self.app.clone()
    }
    fn unreachable(&self) -> (PlatformApp, Account) {
        let (mut app, mut account) = (self.app.clone(), self.account.clone());
        for base in app.bases.values_mut().chain(account.profile.home.as_mut()) {
            "http://127.0.0.1:1".clone_into(base);
        }
        (app, account)
    }
    fn account(&self) -> &Account {
        &self.account
    }
    fn token(&self) -> &SecretString {
        &self.token
    }
    async fn fault(&self, fault: Fault) {
        let (kind, params) = match fault {
            Fault::CommitThenDrop => ("commit_then_drop", json!({})),
            Fault::DropBeforeCommit => ("drop_before_commit", json!({})),
            Fault::LateCommit => ("late_commit", json!({})),
            Fault::CutBody => ("cut_body", json!({})),
            Fault::NoId => ("no_id", json!({})),
            Fault::Garbage => ("garbage", json!({})),
            Fault::Status(code) => ("status", json!({"code": code})),
            Fault::Bare(code) => ("status", json!({"code": code, "body": "<html>blocked</html>"})),
        };
        self.order("create_post", kind, params).await;
    }
    async fn release(&self) {
        self.sandbox.control("release", &json!({})).await;
    }
    async fn lists_lag(&self, lag: bool) {
        if lag {
            let order = json!({"platform": self.host(), "op": "list", "kind": "lag_reads", "times": 0});
            self.sandbox.control("faults", &order).await;
        } else {
            self.sandbox.calm().await;
        }
    }
    fn reads_lists(&self) -> bool {
        self.facts.reads_lists
    }
    fn shows_comments(&self) -> bool {
        self.facts.shows_comments
    }
    fn repeats_comments(&self) -> bool {
        self.facts.repeats_comments
    }
    async fn posts(&self) -> Vec<Seen> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let alts = |post: &Value| post["media"].as_array().unwrap().iter().map(|m| text(&m["alt"])).collect();
        let seen = |post: &Value| Seen { id: text(&post["id"]), text: text(&post["text"]), alts: alts(post) };
        self.live().await.iter().map(seen).collect()
    }
    async fn requests(&self) -> u64 {
        self.calls("create_post").await
    }
    // The sandbox has the real clock.
    #[allow(clippy::disallowed_methods)]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
    fn without_id(&self) -> Nameless {
        self.facts.without_id
    }
    fn duplicates(&self) -> Duplicates {
        self.facts.duplicates
    }
    fn bears_token(&self) -> bool {
        self.facts.bears_token
    }
    fn deletes(&self) -> bool {
        self.facts.deletes
    }
    fn has_addresses(&self) -> bool {
        self.facts.has_addresses
    }
    async fn shows(&self, url: &str, id: &str) -> bool {
        url.contains(&(self.facts.shown_as)(id))
    }
}
