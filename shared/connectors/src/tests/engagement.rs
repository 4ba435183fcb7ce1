//! What is asked of every platform that tells how posts did.

use super::Connected;
use crate::Registry;
use connector_kit::contract::{Case, Harness as _, Picture};
use domain::accounts::{AccountKind, Profile};
use domain::publishing::{Failure, Variant};
use ports::{AllRoles, EngagementCall};
use serde_json::json;
use std::collections::BTreeMap;

/// A post is told with what people did with it since, and one that is not there is left out; what is not an answer is none.
pub(crate) async fn is_told(
    connector: &dyn AllRoles,
    server: &Connected,
    variant: Variant,
    picture: &Picture,
    never: &str,
) {
    let mut case = Case::new(connector, server, variant, picture);
    let id = case.publish().await.unwrap().receipt.id.unwrap();
    let asked = async |id: &str| {
        let Connected { app, account, token, .. } = server;
        let call = EngagementCall { app, account, token, now: server.now() };
        connector.engagement(&call, &[id]).await
    };
    let of = |people: u64| Ok(BTreeMap::from([(id.clone(), people)]));
    assert_eq!(asked(&id).await, of(0));
    server.set(json!({"liked": {id.clone(): 7}})).await;
    assert_eq!(asked(&id).await, of(7));
    assert_eq!(asked(never).await, Ok(BTreeMap::new()));
    assert_eq!(asked("../me").await, Ok(BTreeMap::new()), "what is no id is not asked for");
    server.sandbox.control("tokens/revoke", &json!({"platform": server.platform})).await;
    assert!(matches!(asked(&id).await, Err(Failure::Unauthorized | Failure::Revoked { .. })), "{:?}", asked(&id).await);
}

#[tokio::test]
async fn four_platforms_are_asked_how_posts_did_and_the_others_say_that_they_are_not() {
    let mut asked = Vec::new();
    for connector in Registry::new(super::egress()).all_roles().all() {
        let descriptor = connector.descriptor();
        if descriptor.limits.engagement_of.is_some() {
            asked.push(descriptor.id.to_string());
            continue;
        }
        let (app, token) = (super::app_of(descriptor.id.as_str()), "t".into());
        let whose = Profile {
            external_id: "1".into(),
            name: "Ada".into(),
            handle: None,
            kind: AccountKind::Person,
            home: None,
        };
        let account = super::account(&descriptor.id, whose);
        let call = EngagementCall { app: &app, account: &account, token: &token, now: account.connected_at };
        let told = connector.engagement(&call, &["1"]).await;
        assert!(matches!(&told, Err(Failure::Unsupported { detail }) if detail.contains(&descriptor.name)), "{told:?}");
    }
    assert_eq!(asked, ["mastodon", "facebook", "instagram", "youtube"]);
}
