//! Any system that signs as Standard Webhooks 1.0.0 asks (<https://www.standardwebhooks.com>): its `v1` (HMAC-SHA256) and its
//! `v1a` (Ed25519). Such a system may tell in Herald's own words what Herald has words for; the rest is kept.

use super::verify::{base64_of, ed25519, fresh, hmac_sha256};
use super::{Tree, unknown, unreadable};
use domain::inbound::{Heard, What};
use jiff::Timestamp;
use ports::{Ask, Call, Greeting, Inbound, Made, Proofs, Proved, Refused, SourceField, SourceForm};
use secrecy::ExposeSecret as _;
use serde_json::Value;

/// What people enter for it.
pub const STANDARD: SourceForm = SourceForm {
    slug: "standard",
    name: "Standard Webhooks",
    help: "Enter the address in the system that calls, and the secret where it asks for one.",
    fields: &[SourceField {
        name: "secret",
        what: "the signing secret, `whsec_` and base64, or the public key, `whpk_` and base64",
        made: Made::WebhookSecret,
        check: is_key,
    }],
};

/// Signatures of a call that are looked at: while keys are replaced there are two. Each costs a reading of the whole body, also for
/// whoever has no source here.
const MAX_SIGNATURES: usize = 16;

/// Bytes of a secret that Standard Webhooks allows.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

fn is_key(text: &str) -> bool {
    match (text.strip_prefix("whsec_"), text.strip_prefix("whpk_")) {
        (Some(secret), _) => base64_of(secret).is_some_and(|bytes| SECRET_BYTES.contains(&bytes.len())),
        (_, Some(public)) => base64_of(public).is_some_and(|bytes| bytes.len() == 32),
        _ => false,
    }
}

/// Calls in a minute that whoever asks is allowed: those of all together that the gateway lets through (`RouteSettings` of the template).
const RATE: u32 = 3_000;

/// Whether this can be what names a system in the DNS.
fn is_origin(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':');
    (1..=253).contains(&text.len()) && text.bytes().all(plain)
}

/// Such a system.
#[derive(Debug, Clone, Copy)]
pub struct Standard;

impl Inbound for Standard {
    fn form(&self) -> &'static SourceForm {
        &STANDARD
    }

    /// Who sends CloudEvents asks first whether it may (CloudEvents 1.0.2, HTTP web hooks, 4): whoever knows the address may, no faster
    /// than the gateway lets calls through. That says nothing of who it is: each call is proved all the same.
    fn greet(&self, ask: &Ask<'_>, _: &Proofs, _: Timestamp) -> Result<Option<Greeting>, Refused> {
        if ask.method != "OPTIONS" {
            return Ok(None);
        }
        let origin =
            ask.header("webhook-request-origin").filter(|origin| is_origin(origin)).ok_or(Refused::Unproved)?;
        let asked = ask.header("webhook-request-rate").and_then(|rate| rate.parse().ok()).filter(|rate| *rate > 0);
        let rate = asked.map_or(RATE, |asked: u32| asked.min(RATE));
        let headers = vec![
            ("allow", "POST, OPTIONS".to_owned()),
            ("webhook-allowed-origin", origin.to_owned()),
            ("webhook-allowed-rate", rate.to_string()),
        ];
        Ok(Some(Greeting { headers, ..Greeting::empty(200) }))
    }

    fn prove(&self, ask: &Ask<'_>, proofs: &Proofs, now: Timestamp) -> Result<Proved, Refused> {
        let header = |name| ask.header(name).filter(|value| !value.is_empty()).ok_or(Refused::Unproved);
        let (id, at, signatures) = (header("webhook-id")?, header("webhook-timestamp")?, header("webhook-signature")?);
        fresh(at, now)?;
        let signed = [id.as_bytes(), b".", at.as_bytes(), b".", ask.body];
        let key = proofs.of("secret").expose_secret();
        // Of several keys, each signs: one that holds is enough.
        let holds = |signature: &str| match (signature.split_once(','), key.strip_prefix("whpk_")) {
            (Some(("v1", tag)), None) => {
                let secret = key.strip_prefix("whsec_").and_then(base64_of).unwrap_or_default();
                hmac_sha256(&secret, &signed, base64_of(tag)).is_ok() && !secret.is_empty()
            }
            (Some(("v1a", tag)), Some(public)) => ed25519(base64_of(public), &signed.concat(), base64_of(tag)).is_ok(),
            _ => false,
        };
        if signatures.split(' ').take(MAX_SIGNATURES).any(holds) {
            Ok(Proved { call: Some(id.to_owned()) })
        } else {
            Err(Refused::Wrong)
        }
    }

    fn read(&self, call: &Call<'_>) -> Vec<Heard> {
        let Ok(body) = serde_json::from_slice::<Value>(call.body) else { return unreadable(call.name) };
        let tree = Tree(&body);
        let Some(kind) = tree.text("type") else { return unreadable(call.name) };
        let at = tree.text("timestamp").and_then(|text| text.parse().ok());
        let to = tree.at("data").text("account");
        match what(&kind, tree.at("data")) {
            Some(what) => vec![Heard { id: call.name.to_owned(), at, to, what }],
            None => vec![Heard { at, ..unknown(call.name, kind) }],
        }
    }
}

/// What the data say in Herald's own words, if the type is one of them.
fn what(kind: &str, data: Tree<'_>) -> Option<What> {
    let mut fields = data.0.as_object()?.clone();
    fields.remove("account");
    fields.insert("what".into(), kind.into());
    let what = serde_json::from_value(fields.into()).ok()?;
    (!matches!(what, What::Unknown { .. })).then_some(what)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use crate::inbound::suite::{Scheme, at, holds};
    use crate::sign;
    use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD as BASE64;
    use domain::inbound::{MessageStanding, Said};

    /// The example of the specification's reference libraries.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const OTHER: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const AT: &str = "1614265330";
    const BODY: &str = r#"{"test": 2432232314}"#;

    fn pair() -> Ed25519KeyPair {
        let seed = BASE64.decode("VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk=").unwrap();
        Ed25519KeyPair::from_seed_unchecked(&seed).unwrap()
    }

    fn public(pair: &Ed25519KeyPair) -> String {
        format!("whpk_{}", BASE64.encode(pair.public_key()))
    }

    fn headers(id: &str, at: &str, signature: &str) -> Vec<(String, String)> {
        [("webhook-id", id), ("webhook-timestamp", at), ("webhook-signature", signature)]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec()
    }

    fn proved(secret: &str, signature: &str) -> Result<Proved, Refused> {
        let proofs = Proofs::new([("secret".to_owned(), secret.to_owned().into())].into());
        let headers = headers(ID, AT, signature);
        let ask = Ask { method: "POST", url: "", query: "", headers: &headers, body: BODY.as_bytes() };
        Standard.prove(&ask, &proofs, "2021-02-25T15:02:10Z".parse().unwrap())
    }

    #[test]
    fn both_published_examples_hold_and_one_that_holds_is_enough() {
        let v1 = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        let v1a = "v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag==";
        let key = public(&pair());
        assert_eq!(proved(SECRET, v1), Ok(Proved { call: Some(ID.to_owned()) }));
        assert!(proved(&key, v1a).is_ok());
        for both in [format!("{v1} {v1a}"), format!("{v1a} {v1}"), format!("v2,x v1, {v1} {v1a}")] {
            assert!(proved(SECRET, &both).is_ok() && proved(&key, &both).is_ok(), "{both}");
        }
        for (secret, signature) in [(SECRET, v1a), (key.as_str(), v1), (OTHER, v1), ("", v1), ("whsec_", v1)] {
            assert_eq!(proved(secret, signature), Err(Refused::Wrong), "{secret} {signature}");
        }
    }

    #[test]
    fn the_sixteenth_signature_still_counts_and_no_further_one_is_tried() {
        let v1 = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        let behind = |others: usize| format!("{}{v1}", "v1,AAAA ".repeat(others));
        assert!(proved(SECRET, &behind(15)).is_ok());
        assert_eq!(proved(SECRET, &behind(16)), Err(Refused::Wrong));
    }

    #[test]
    fn a_secret_that_is_empty_proves_nothing() {
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, b"");
        let tag = aws_lc_rs::hmac::sign(&key, format!("{ID}.{AT}.{BODY}").as_bytes());
        let signature = format!("v1,{}", BASE64.encode(tag));
        for none in ["", "whsec_", "whsec_!", "none"] {
            assert_eq!(proved(none, &signature), Err(Refused::Wrong), "{none}");
        }
    }

    #[test]
    fn both_schemes_hold_in_every_case_of_the_suite() {
        let hmac = |then: i64, body: &[u8]| {
            let signed = sign(&SECRET.to_owned().into(), ID, then, std::str::from_utf8(body).unwrap()).unwrap();
            headers(ID, &then.to_string(), &signed)
        };
        let pair = pair();
        let key = public(&pair);
        let ed = |then: i64, body: &[u8]| {
            let tag = pair.sign(&[format!("{ID}.{then}.").as_bytes(), body].concat());
            headers(ID, &then.to_string(), &format!("v1a,{}", BASE64.encode(tag)))
        };
        let other = public(&Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap());
        let of = |secret: &'static str| [("secret", secret)];
        let scheme =
            Scheme { proofs: &of(SECRET), others: &of(OTHER), body: BODY, sign: &hmac, ..Scheme::of(&Standard) };
        assert!(holds(&scheme) > 120);
        let (proofs, others) = ([("secret", key.as_str())], [("secret", other.as_str())]);
        assert!(holds(&Scheme { proofs: &proofs, others: &others, sign: &ed, ..scheme }) > 160);
        assert_eq!(at(0), 1_800_000_000);
    }

    fn allowed(headers: &[(&str, &str)]) -> Result<Option<Greeting>, Refused> {
        let headers: Vec<_> = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let ask = Ask { method: "OPTIONS", url: "", query: "", headers: &headers, body: b"" };
        Standard.greet(&ask, &Proofs::none(), Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn who_asks_whether_it_may_call_is_told_that_and_how_often() {
        const ORIGIN: (&str, &str) = ("webhook-request-origin", "eventemitter.example.com");
        for (asked, rate) in [
            (None, "3000"),
            (Some("120"), "120"),
            (Some("3000"), "3000"),
            (Some("3001"), "3000"),
            (Some("0"), "3000"),
            (Some("*"), "3000"),
            (Some("99999999999"), "3000"),
        ] {
            let headers: Vec<_> =
                [ORIGIN].into_iter().chain(asked.map(|rate| ("webhook-request-rate", rate))).collect();
            let said = allowed(&headers).unwrap().unwrap();
            let told = |name| said.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
            assert_eq!((said.status, told("allow")), (200, Some("POST, OPTIONS")));
            assert_eq!(told("webhook-allowed-origin"), Some(ORIGIN.1));
            assert_eq!(told("webhook-allowed-rate"), Some(rate), "{asked:?}");
        }
        let longest = "a".repeat(253);
        assert!(allowed(&[("webhook-request-origin", &longest)]).is_ok());
        let longer = "a".repeat(254);
        for bad in ["", "a b", "a\r\nset-cookie: b", "é", "https://example.com/x", "*", &longer] {
            assert_eq!(allowed(&[("webhook-request-origin", bad)]), Err(Refused::Unproved), "{bad}");
        }
        assert_eq!(allowed(&[ORIGIN, ORIGIN]), Err(Refused::Unproved));
        assert_eq!(allowed(&[]), Err(Refused::Unproved));
    }

    fn read(body: &str) -> Vec<Heard> {
        Standard.read(&Call { name: "rcp_1", content_type: "application/json", body: body.as_bytes() })
    }

    #[test]
    fn what_it_tells_in_our_words_is_understood_and_the_rest_is_kept() {
        let heard = read(
            r#"{"type":"comment","timestamp":"2026-01-01T00:00:00Z","data":{"account":"42","external_id":"c1","on":"p1","author":"u1","text":"Hello","change":"added"}}"#,
        );
        let said = Said {
            external_id: "c1".into(),
            on: Some("p1".into()),
            author: Some("u1".into()),
            text: Some("Hello".into()),
            ..Said::default()
        };
        let at = "2026-01-01T00:00:00Z".parse().ok();
        assert_eq!(heard, [Heard { id: "rcp_1".into(), at, to: Some("42".into()), what: What::Comment(said) }]);
        let heard = read(
            r#"{"type":"status","data":{"message":"m1","standing":{"status":"delivered","at":"2026-01-01T00:00:00Z"}}}"#,
        );
        let What::Status { standing, .. } = &heard[0].what else { panic!("{heard:?}") };
        assert_eq!(standing.status, MessageStanding::Delivered);
        for (body, kind) in [
            (r#"{"type":"invoice.paid","data":{"amount":1}}"#, "invoice.paid"),
            (r#"{"type":"comment","data":{}}"#, "comment"),
            (r#"{"type":"unknown","data":{"kind":"x"}}"#, "unknown"),
            (r#"{"data":{}}"#, "unreadable"),
            ("", "unreadable"),
            ("\u{0}", "unreadable"),
        ] {
            assert_eq!(read(body)[0].what, What::Unknown { kind: kind.into() }, "{body}");
        }
    }

    #[test]
    fn a_secret_is_one_of_the_two_forms() {
        for good in [SECRET, &public(&pair())] {
            assert!(is_key(good), "{good}");
        }
        for bad in ["", "whsec_", "whsec_QQ==", "whpk_QQ==", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] {
            assert!(!is_key(bad), "{bad}");
        }
    }
}
