#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use connector_kit::inbound::suite::{Scheme, holds};
use serde_json::json;

fn key(pair: &EcdsaKeyPair) -> String {
    STANDARD.encode(AsDer::<aws_lc_rs::encoding::PublicKeyX509Der<'_>>::as_der(pair.public_key()).unwrap().as_ref())
}

#[test]
fn its_scheme_holds_in_every_case_of_the_suite() {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
    let another = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
    let sign = |at: i64, body: &[u8]| {
        let signed = [at.to_string().as_bytes(), body].concat();
        let tag = pair.sign(&SystemRandom::new(), &signed).unwrap();
        vec![
            ("x-twilio-email-event-webhook-timestamp".to_owned(), at.to_string()),
            ("x-twilio-email-event-webhook-signature".to_owned(), STANDARD.encode(tag.as_ref())),
        ]
    };
    let (ours, theirs) = (key(&pair), key(&another));
    let (proofs, others) = ([("public_key", ours.as_str())], [("public_key", theirs.as_str())]);
    let body = r#"[{"email":"a@example.com","event":"open","sg_event_id":"1"}]"#;
    let scheme = Scheme { proofs: &proofs, others: &others, body, sign: &sign, ..Scheme::of(&Events) };
    assert!(holds(&scheme) > 150);
}

/// The example of the vendor's own helper libraries.
#[test]
fn the_signature_is_that_of_the_published_example() {
    let key = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEDr2LjtURuePQzplybdC+u4CwrqDqBaWjcMMsTbhdbcwHBcepxo7yAQGhHPTnlvFYPAZFceEu/1FwCM/QmGUhA==";
    let tag = "MEUCIQCtIHJeH93Y+qpYeWrySphQgpNGNr/U+UyUlBkU6n7RAwIgJTz2C+8a8xonZGi6BpSzoQsbVRamr2nlxFDWYNH2j/0=";
    let headers = [
        ("x-twilio-email-event-webhook-timestamp".to_owned(), "1588788367".to_owned()),
        ("x-twilio-email-event-webhook-signature".to_owned(), tag.to_owned()),
    ];
    let body = br#"{"category":"example_payload","event":"test_event","message_id":"message_id"}"#;
    let ask = Ask { method: "POST", url: "", query: "", headers: &headers, body };
    let proofs = Proofs::new([("public_key".to_owned(), key.to_owned().into())].into());
    let then = Timestamp::from_second(1_588_788_367).unwrap();
    assert_eq!(Events.prove(&ask, &proofs, then), Ok(Proved::default()));
}

#[test]
fn each_event_is_read_and_named_by_its_id() {
    let one = |id: &str, event: &str, kind: Option<&str>| {
        json!({ "email": "a@example.com", "timestamp": 1_800_000_000, "event": event, "sg_event_id": id,
            "sg_message_id": "m.1", "status": "5.0.0", "type": kind })
    };
    let body = json!([
        one("1", "processed", None),
        one("2", "delivered", None),
        one("3", "bounce", Some("bounce")),
        one("4", "bounce", Some("blocked")),
        one("5", "spamreport", None),
        one("6", "unsubscribe", None),
        one("7", "group_resubscribe", None),
        one("8", "open", None),
    ])
    .to_string();
    let heard = Events.read(&Call { name: "rcp", content_type: "", body: body.as_bytes() });
    let names: Vec<_> = heard.iter().map(|one| (one.id.as_str(), one.what.name())).collect();
    let expected = [
        ("1", "status"),
        ("2", "status"),
        ("3", "bounce"),
        ("4", "bounce"),
        ("5", "complaint"),
        ("6", "opt_out"),
        ("7", "opt_in"),
        ("8", "unknown"),
    ];
    assert_eq!(names, expected);
    for (at, permanent) in [(2, true), (3, false)] {
        let What::Bounce { permanent: is, person } = &heard[at].what else { panic!("{heard:?}") };
        assert_eq!(
            (*is, person.address.as_str(), person.reason.as_deref()),
            (permanent, "a@example.com", Some("5.0.0"))
        );
    }
    for none in ["{}", "[]", "x"] {
        let heard = Events.read(&Call { name: "rcp", content_type: "", body: none.as_bytes() });
        assert_eq!(heard[0].what, What::Unknown { kind: "unreadable".into() }, "{none}");
    }
}
