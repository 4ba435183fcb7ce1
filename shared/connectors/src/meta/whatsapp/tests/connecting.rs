//! Connecting a conversation: what is entered, what is asked of Meta, and what is told of the recipient.

use super::*;
use crate::tests::Sandbox;
use ports::{Entries, KeyFailure, Keyed};

async fn entered(change: &[(&str, &str)]) -> (Sandbox, Result<Keyed, KeyFailure>) {
    let (whatsapp, sandbox) = (connector(), Sandbox::start().await);
    let mut entries: Entries = sandbox.keys("whatsapp", HARBOUR).await;
    for (name, value) in change {
        entries.insert((*name).into(), (*value).into());
    }
    let checked = whatsapp.check(&sandbox.app("whatsapp"), &entries).await;
    (sandbox, checked)
}

#[tokio::test]
async fn a_conversation_is_connected_without_a_message_and_shows_three_digits_of_its_recipient() {
    let (sandbox, keyed) = entered(&[]).await;
    let Keyed { pair, profile } = keyed.unwrap();
    assert_eq!(profile.name, "Harbour Coffee Demo to …234");
    assert_eq!(pair.access.expose_secret(), "16505551234:EAAGHarbourDemoOfTheSandbox");
    let told = format!("{profile:?}");
    assert!(!told.contains("6505551"), "{told}");
    let state = sandbox.json("/control/state").await;
    assert_eq!(
        (state["calls"]["whatsapp.create_post"].as_u64(), state["whatsapp"]["committed"].as_u64()),
        (None, Some(0))
    );
}

#[tokio::test]
async fn the_same_number_however_it_is_written_is_the_same_account_and_another_is_another() {
    let id = async |number: &str| entered(&[("recipient", number)]).await.1.unwrap().profile.external_id;
    let first = id("+1 650 555 1234").await;
    for same in ["16505551234", "+1 (650) 555-1234", " 1.650.555.1234 "] {
        assert_eq!(id(same).await, first, "{same}");
    }
    assert_ne!(id("+1 650 555 1235").await, first);
}

#[tokio::test]
async fn what_is_wrong_is_told_at_the_field_it_stands_in() {
    for (field, value, words) in [
        ("token", "", "copy all of it"),
        ("token", "two words", "copy all of it"),
        ("token", "EAAGunknown", "does not take this token"),
        ("token", "EAAGStrangerDemoOfTheSandbox", "needs the WhatsApp account"),
        ("phone", "+15555550100", "digits only"),
        ("phone", "106540352242923", "nothing under this id"),
        ("business", "shop", "digits only"),
        ("business", "102290129340399", "nothing under this id"),
        ("recipient", "", "with its country code"),
        ("recipient", "0650 555 1234", "with its country code"),
        ("recipient", "123456", "with its country code"),
        ("recipient", "1234567890123456", "with its country code"),
        ("recipient", "ada", "with its country code"),
    ] {
        let (_, refused) = entered(&[(field, value)]).await;
        let Err(KeyFailure::Refused { field: at, detail }) = refused else { panic!("{field} {value}: {refused:?}") };
        assert_eq!(at, field, "{value}: {detail}");
        assert!(detail.contains(words), "{value}: {detail}");
        assert!(value.len() < 5 || !detail.contains(value), "nothing that was entered is repeated");
    }
}

#[tokio::test]
async fn a_platform_that_fails_connects_nothing_and_blames_nobody() {
    for (op, kind, params) in [
        ("me", "status", json!({"code": 500})),
        ("terms", "garbage", json!({})),
        ("me", "drop_before_commit", json!({})),
    ] {
        let (whatsapp, sandbox) = (connector(), Sandbox::start().await);
        let entries = sandbox.keys("whatsapp", HARBOUR).await;
        sandbox.fault("whatsapp", op, kind, params).await;
        let checked = whatsapp.check(&sandbox.app("whatsapp"), &entries).await;
        assert!(matches!(checked, Err(KeyFailure::Unavailable)), "{op} {kind}: {checked:?}");
    }
}
