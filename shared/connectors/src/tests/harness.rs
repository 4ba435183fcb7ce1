//! The sandbox as the contract's harness.

use super::Connected;
use async_trait::async_trait;
use connector_kit::contract::{Duplicates, Fault, Harness, Nameless, Seen};
use domain::accounts::Account;
use jiff::Timestamp;
use ports::PlatformApp;
use secrecy::SecretString;
use serde_json::{Value, json};

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
        let by_id = ["bluesky", "mailchimp", "sendgrid", "tiktok", "wordpress", "youtube"];
        !by_id.contains(&self.platform.as_str())
    }
    fn shows_comments(&self) -> bool {
        // On a site they are no posts, and on no timeline; below a video they are found in a list, as the video is not.
        !matches!(self.platform.as_str(), "wordpress" | "youtube")
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
        if self.platform == "linkedin" { Nameless::Published } else { Nameless::Unconfirmed }
    }
    fn duplicates(&self) -> Duplicates {
        match self.platform.as_str() {
            "linkedin" => Duplicates::Named,
            "x" | "facebook" => Duplicates::Refused,
            _ => Duplicates::Taken,
        }
    }
    fn bears_token(&self) -> bool {
        self.platform != "tiktok"
    }
    fn deletes(&self) -> bool {
        // Instagram's own hosts have no such call, and Facebook's have one for what is on Instagram.
        !matches!(self.host(), "instagram" | "mailchimp" | "medium" | "sendgrid" | "tiktok" | "whatsapp")
    }
    fn has_addresses(&self) -> bool {
        !matches!(self.platform.as_str(), "sendgrid" | "whatsapp")
    }
    async fn shows(&self, url: &str, id: &str) -> bool {
        url.contains(&match (self.platform.as_str(), id.split_once('_')) {
            // Slack's ids are numbers with a point, and its addresses do without it.
            ("slack", _) => format!("/p{}", id.replace('.', "")),
            ("facebook", Some((page, post))) => format!("/{page}/posts/{post}/"),
            _ => id.to_owned(),
        })
    }
}
