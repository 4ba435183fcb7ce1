//! What Herald sends to customers' endpoints, verified by the libraries that customers use: those of Standard Webhooks in three
//! languages, and Svix's. Nothing is changed on its way from Herald's socket to them. And the way back: what such libraries and
//! those of platforms sign, verified by Herald.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cloudevents;
mod herald;
mod inbound;
mod witness;

use domain::webhooks::{Format, Signature};
use herald::{Delivery, every_event, now_s, sent, told, told_by};
use witness::{Verdict, programs_say, verdicts};

/// Secrets of 24, 32 and 64 bytes, the least, the usual and the most that an endpoint may have, with every sign that base64 has
/// beside letters and digits.
const SECRETS: [&str; 3] = [
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "whsec_+/8AECAwQFBgcICQoLDA0ODw8PDw8PDw8PDw8PDw8P4=",
    "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+/w==",
];
/// A text with signs of one, two, three and four bytes.
const BODY: &str =
    r#"{"id":"evt_0198","type":"webhook.test","timestamp":"2026-12-01T08:00:01Z","data":{"reason":"Grüße – 🎉\n"}}"#;
/// How long a message counts with each library, in seconds either way.
const TOLERANCE_S: i64 = 300;

fn all_take(secret: &str, delivery: &Delivery, which: &str) {
    for (library, verdict) in verdicts(secret, delivery) {
        assert_eq!(verdict, Verdict::Holds(true), "{library}, {which}: {:?}", delivery.headers);
    }
}

/// Each refuses it, with one of these words in its reason.
fn all_refuse(secret: &str, delivery: &Delivery, words: &[&str], which: &str) {
    for (library, verdict) in verdicts(secret, delivery) {
        let Verdict::Refused(why) = &verdict else { panic!("{library}, {which}: {verdict:?}") };
        assert!(words.iter().any(|word| why.contains(word)), "{library}, {which}: {why}");
    }
}

#[tokio::test]
async fn every_event_is_verified_as_it_comes_with_the_secret_that_the_customer_was_shown() {
    let events = every_event();
    assert!(events.len() >= domain::events::EVENT_TYPES.len(), "{}", events.len());
    for event in events {
        let kind = event.kind();
        for format in [Format::Standard, Format::Cloudevents, Format::CloudeventsBinary] {
            let (delivery, secret) = told(event.clone(), format).await;
            let body: serde_json::Value = serde_json::from_slice(&delivery.body).unwrap();
            let (named, content_type) = match format {
                Format::Standard => (body["type"].clone(), "application/json"),
                Format::Cloudevents => (body["type"].clone(), "application/cloudevents+json"),
                Format::CloudeventsBinary => (delivery.headers["ce-type"].clone().into(), "application/json"),
            };
            let expected = if format == Format::Standard { kind.to_owned() } else { format!("herald.{kind}.v1") };
            assert_eq!((named, &*delivery.headers["content-type"]), (expected.into(), content_type));
            all_take(&secret, &delivery, kind);
        }
    }
}

#[tokio::test]
async fn a_secret_of_any_length_that_an_endpoint_may_have_verifies_its_messages_and_no_other() {
    for secret in SECRETS {
        let delivery = sent(BODY, now_s(), &[secret]).await;
        all_take(secret, &delivery, secret);
        for other in SECRETS.into_iter().filter(|other| *other != secret) {
            all_refuse(other, &delivery, &["No matching signature", "signature invalid"], other);
        }
    }
}

#[tokio::test]
async fn a_message_with_one_byte_changed_is_refused_by_each() {
    let delivery = sent(BODY, now_s(), &[SECRETS[0]]).await;
    all_take(SECRETS[0], &delivery, "as it came");
    for at in 0..delivery.body.len() {
        let mut changed = delivery.clone();
        // The lowest bit: what was UTF-8 stays UTF-8, so that only the signature can tell.
        changed.body[at] ^= 1;
        all_refuse(SECRETS[0], &changed, &["No matching signature", "signature invalid"], &format!("byte {at}"));
    }
    for (name, from) in [("webhook-id", 0), ("webhook-timestamp", 0), ("webhook-signature", "v1,".len())] {
        let value = &delivery.headers[name];
        for at in from..value.trim_end_matches('=').len() {
            let mut bytes = value.clone().into_bytes();
            bytes[at] = match (name, bytes[at]) {
                // Another digit of base64, and one that differs in the bits that its last digit has.
                ("webhook-signature", b'A') => b'Q',
                ("webhook-signature", _) => b'A',
                (_, byte) => byte ^ 1,
            };
            let mut changed = delivery.clone();
            changed.headers.insert(name.into(), String::from_utf8(bytes).unwrap());
            let words = ["No matching signature", "signature invalid", "too old", "too new", "too far in future"];
            all_refuse(SECRETS[0], &changed, &words, &format!("{name}, byte {at}"));
        }
    }
}

#[tokio::test]
async fn while_a_secret_is_replaced_the_new_and_the_old_one_verify_and_no_third() {
    let [new, old, other] = SECRETS;
    let delivery = sent(BODY, now_s(), &[new, old]).await;
    all_take(new, &delivery, "new");
    all_take(old, &delivery, "old");
    all_refuse(other, &delivery, &["No matching signature", "signature invalid"], "other");
    let mut changed = delivery;
    changed.body[0] ^= 1;
    for secret in [new, old] {
        all_refuse(secret, &changed, &["No matching signature", "signature invalid"], "changed");
    }
}

#[tokio::test]
async fn a_message_counts_for_five_minutes_and_one_that_is_older_or_of_later_is_refused() {
    let at = async |offset_s: i64| sent(BODY, now_s() + offset_s, &[SECRETS[0]]).await;
    // Ten seconds for the test itself.
    for fresh in [10 - TOLERANCE_S, TOLERANCE_S] {
        all_take(SECRETS[0], &at(fresh).await, &fresh.to_string());
    }
    all_refuse(SECRETS[0], &at(-TOLERANCE_S - 1).await, &["too old"], "old");
    all_refuse(SECRETS[0], &at(TOLERANCE_S + 10).await, &["too new", "too far in future"], "of later");
}

#[tokio::test]
async fn the_programs_that_the_console_gives_take_what_herald_sends_and_nothing_else() {
    for signature in [Signature::V1, Signature::V1a] {
        let (_, other) = told_by(every_event().remove(0), Format::Standard, signature).await;
        for format in [Format::Standard, Format::Cloudevents, Format::CloudeventsBinary] {
            let (delivery, key) = told_by(every_event().remove(0), format, signature).await;
            for (language, verdict) in programs_say(signature, &key, &delivery) {
                assert_eq!(verdict, Verdict::Holds(true), "{language}, {signature:?}, {format:?}");
            }
            let mut changed = delivery.clone();
            changed.body[0] ^= 1;
            let mut old = delivery.clone();
            old.headers.insert("webhook-timestamp".into(), (now_s() - TOLERANCE_S - 1).to_string());
            let unsigned = ["No matching signature", "signature invalid", "no signature is right"];
            for (key, delivery, words) in
                [(&other, &delivery, &unsigned[..]), (&key, &changed, &unsigned[..]), (&key, &old, &["too old"][..])]
            {
                for (language, verdict) in programs_say(signature, key, delivery) {
                    let Verdict::Refused(why) = &verdict else { panic!("{language}, {signature:?}: {verdict:?}") };
                    assert!(words.iter().any(|word| why.contains(word)), "{language}, {signature:?}: {why}");
                }
            }
        }
    }
}

#[tokio::test]
async fn the_programs_that_the_console_gives_take_either_secret_while_one_is_replaced() {
    let [new, old, other] = SECRETS;
    let delivery = sent(BODY, now_s(), &[new, old]).await;
    for (secret, holds) in [(new, true), (old, true), (other, false)] {
        for (language, verdict) in programs_say(Signature::V1, secret, &delivery) {
            assert_eq!(verdict == Verdict::Holds(true), holds, "{language}: {verdict:?}");
        }
    }
}
