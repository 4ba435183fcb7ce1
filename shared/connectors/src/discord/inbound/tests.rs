#![allow(clippy::unwrap_used)]

use super::*;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use connector_kit::inbound::suite::{Headers, Scheme, at, holds};
use domain::inbound::What;
use std::fmt::Write as _;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        write!(out, "{byte:02x}").unwrap();
        out
    })
}

fn pair(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
}

fn signed(pair: &Ed25519KeyPair, at: i64, body: &[u8]) -> Headers {
    let tag = pair.sign(&[at.to_string().as_bytes(), body].concat());
    vec![("x-signature-timestamp".to_owned(), at.to_string()), ("x-signature-ed25519".to_owned(), hex(tag.as_ref()))]
}

const BODY: &str = r#"{"version":1,"application_id":"1","type":1,"event":{"type":"APPLICATION_AUTHORIZED","timestamp":"2024-10-18T14:42:53.064834"}}"#;

#[test]
fn its_scheme_holds_in_every_case_of_the_suite() {
    let (ours, theirs) = (pair(1), pair(2));
    let (key, other) = (hex(ours.public_key().as_ref()), hex(theirs.public_key().as_ref()));
    let sign = |at: i64, body: &[u8]| signed(&ours, at, body);
    let (proofs, others) = ([("public_key", key.as_str())], [("public_key", other.as_str())]);
    let scheme = Scheme { proofs: &proofs, others: &others, body: BODY, sign: &sign, ..Scheme::of(&Events) };
    assert!(holds(&scheme) > 270);
    assert!(is_key(&key) && !is_key(&key[2..]) && !is_key("key"));
}

#[test]
fn a_ping_is_answered_in_its_kind_if_it_is_signed() {
    let ours = pair(1);
    let key = hex(ours.public_key().as_ref());
    let proofs = Proofs::new([("public_key".to_owned(), key.into())].into());
    let now = Timestamp::from_second(at(0)).unwrap();
    let greet = |pair: &Ed25519KeyPair, body: &str| {
        let headers = signed(pair, at(0), body.as_bytes());
        let ask = Ask { method: "POST", url: "", query: "", headers: &headers, body: body.as_bytes() };
        Events.greet(&ask, &proofs, now)
    };
    assert_eq!(greet(&ours, r#"{"type":0}"#), Ok(Some(Greeting::empty(204))));
    assert_eq!(greet(&ours, r#"{"type":1}"#).unwrap().unwrap().body, r#"{"type":1}"#);
    assert_eq!(greet(&ours, BODY), Ok(None), "an event is of type 1, too");
    assert_eq!(greet(&pair(2), r#"{"type":0}"#), Err(Refused::Wrong));
}

#[test]
fn an_event_is_kept_under_its_own_name() {
    let heard = Events.read(&Call { name: "rcp", content_type: "", body: BODY.as_bytes() }).remove(0);
    assert_eq!(heard.what, What::Unknown { kind: "APPLICATION_AUTHORIZED".into() });
    let heard = Events.read(&Call { name: "rcp", content_type: "", body: b"{}" }).remove(0);
    assert_eq!(heard.what, What::Unknown { kind: "unreadable".into() });
}
