//! What is asked of every platform that is asked what was said.

use super::Connected;
use crate::Registry;
use connector_kit::contract::Harness as _;
use domain::accounts::{AccountKind, Profile};
use domain::inbound::{Heard, Said};
use domain::inbox::Interaction;
use domain::publishing::Failure;
use jiff::{SignedDuration, Timestamp};
use ports::{AllRoles, HeardPage, ListenCall};
use secrecy::SecretString;
use serde_json::json;

/// Somebody who asks an account.
pub(crate) struct Ear<'a> {
    connector: &'a dyn AllRoles,
    server: &'a Connected,
    since: Timestamp,
    pub(crate) cursor: Option<String>,
    /// How much later than the sandbox's clock it is.
    pub(crate) later: SignedDuration,
}

impl<'a> Ear<'a> {
    /// One that hears from now on.
    pub(crate) fn new(connector: &'a dyn AllRoles, server: &'a Connected) -> Self {
        // The sandbox may note a thing in the same millisecond.
        Self::since(connector, server, server.now() - SignedDuration::from_secs(1))
    }

    pub(crate) fn since(connector: &'a dyn AllRoles, server: &'a Connected, since: Timestamp) -> Self {
        Self { connector, server, since, cursor: None, later: SignedDuration::ZERO }
    }

    /// One request.
    pub(crate) async fn page(&mut self) -> Result<HeardPage, Failure> {
        let Connected { app, account, token, .. } = self.server;
        let now = self.server.now() + self.later;
        let call = ListenCall { app, account, token, since: self.since, cursor: self.cursor.as_deref(), now };
        let page = self.connector.listen(&call).await?;
        self.cursor = Some(page.cursor.clone());
        Ok(page)
    }

    /// All that there is now, and how many requests that took.
    pub(crate) async fn all(&mut self) -> (Vec<Heard>, usize) {
        let (mut all, mut pages) = (Vec::new(), 0);
        loop {
            let page = self.page().await.unwrap();
            pages += 1;
            all.extend(page.heard);
            assert!(pages < 50, "it has no end");
            if !page.more {
                return (all, pages);
            }
        }
    }

    /// What was said, by the platform's ids.
    pub(crate) async fn ids(&mut self) -> Vec<String> {
        self.all().await.0.iter().map(|heard| said(heard).external_id.clone()).collect()
    }
}

pub(crate) fn said(heard: &Heard) -> &Said {
    Interaction::said(&heard.what).unwrap().1
}

/// Refusals, and answers that are none, are told apart as everywhere; none of them moves how far the account is heard.
pub(crate) async fn refusals_move_nothing(
    connector: &dyn AllRoles,
    server: &Connected,
    op: &str,
    garbage: &[serde_json::Value],
) {
    let mut ear = Ear::new(connector, server);
    ear.all().await;
    let before = ear.cursor.clone();
    for body in garbage {
        server.order(op, "status", json!({"code": 200, "body": body})).await;
        assert_eq!(ear.page().await, Err(Failure::Unavailable), "{body}");
    }
    server.order(op, "status", json!({"code": 503})).await;
    assert_eq!(ear.page().await, Err(Failure::Unavailable));
    server.order(op, "drop_before_commit", json!({})).await;
    assert_eq!(ear.page().await, Err(Failure::Unavailable));
    server.order(op, "status", json!({"code": 429, "headers": {"Retry-After": "120"}})).await;
    let Err(Failure::RateLimited { until: Some(until) }) = ear.page().await else { panic!("not limited") };
    assert!((until.duration_since(server.now()).as_secs() - 120).abs() <= 5, "{until}");
    assert_eq!(ear.cursor, before);
    server.sandbox.control("tokens/revoke", &json!({"platform": server.platform})).await;
    let revoked = ear.page().await;
    assert!(matches!(revoked, Err(Failure::Unauthorized | Failure::Revoked { .. })), "{revoked:?}");
}

#[tokio::test]
async fn the_platforms_that_call_nobody_are_asked_and_the_others_say_that_they_are_not() {
    let mut asked = Vec::new();
    for connector in Registry::new(super::egress()).all_roles().all() {
        let descriptor = connector.descriptor();
        if descriptor.limits.asked.is_some() {
            asked.push(descriptor.id.to_string());
            continue;
        }
        let (app, token) = (super::app_of(descriptor.id.as_str()), SecretString::from("t"));
        let (kind, name) = (AccountKind::Person, "Ada".to_owned());
        let whose = Profile { external_id: "1".into(), name, handle: None, kind, home: None };
        let account = super::account(&descriptor.id, whose);
        let now = account.connected_at;
        let call = ListenCall { app: &app, account: &account, token: &token, since: now, cursor: None, now };
        let told = connector.listen(&call).await;
        assert!(matches!(&told, Err(Failure::Unsupported { detail }) if detail.contains(&descriptor.name)), "{told:?}");
    }
    assert_eq!(asked, ["mastodon", "wordpress", "bluesky", "youtube"]);
}

/// A thing of so many bytes in each place of a page that others fill.
pub(crate) const LARGE: usize = 1024 * 1024 + 1;

/// A page that is more than is read is asked for in smaller ones, down to one thing, of which more is read; where even that is too
/// large, the walk ends with a word of it, and the next one hears what was said since.
pub(crate) async fn large_pages_are_asked_for_in_smaller_ones(
    connector: &dyn AllRoles,
    server: &Connected,
    op: &str,
    one: serde_json::Value,
) {
    let mut ear = Ear::new(connector, server);
    let (large, huge) = (json!({"x": "x".repeat(LARGE)}), json!({"x": "x".repeat(8 * LARGE)}));
    let mut cuts = 0;
    loop {
        server.order(op, "status", json!({"code": 200, "body": large})).await;
        // Of one thing more is read, and this is none.
        let Ok(page) = ear.page().await else { break };
        assert!(page.more && page.heard.is_empty() && cuts < 5, "{page:?}");
        cuts += 1;
    }
    assert!(cuts >= 3, "{cuts}");
    server.order(op, "status", json!({"code": 200, "body": huge})).await;
    let over = ear.page().await.unwrap();
    assert!(!over.more, "the walk is over");
    let kinds: Vec<_> = over.heard.iter().map(|heard| heard.what.clone()).collect();
    assert_eq!(kinds, [domain::inbound::What::Unknown { kind: "too_large".into() }]);
    server.order(op, "status", json!({"code": 200, "body": one})).await;
    assert_eq!(ear.page().await.unwrap().heard.len(), 1, "what is said later is heard");
}
