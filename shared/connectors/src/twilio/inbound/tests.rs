#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use connector_kit::inbound::suite::{Headers, Scheme, holds};

const URL: &str = "https://herald.test/api/inbound/twilio/token";
const BODY: &str = "MessageSid=SM1&MessageStatus=delivered&To=%2B491700000&AccountSid=AC1";

fn tag(token: &str, signed: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, token.as_bytes());
    STANDARD.encode(hmac::sign(&key, signed))
}

fn header(tag: String) -> Headers {
    vec![("x-twilio-signature".to_owned(), tag)]
}

fn prove(url: &str, body: &[u8], signature: &str) -> Result<Proved, Refused> {
    let proofs = Proofs::new([("auth_token".to_owned(), "12345".to_owned().into())].into());
    let headers = header(signature.to_owned());
    let query = url.split_once('?').map_or("", |(_, query)| query);
    Callbacks.prove(&Ask { method: "POST", url, query, headers: &headers, body }, &proofs, Timestamp::UNIX_EPOCH)
}

/// Both examples of the vendor's own helper libraries.
#[test]
fn the_signatures_are_those_of_the_published_examples() {
    let url = "https://mycompany.com/myapp.php?foo=1&bar=2";
    let form = "To=%2B18005551212&CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309";
    assert!(prove(url, form.as_bytes(), "RSOYDt4T1cUTdK1PDd93/VVr8B8=").is_ok());
    let json = br#"{"property": "value", "boolean": true}"#;
    let hash = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620";
    let hashed = format!("{url}&bodySHA256={hash}");
    assert!(prove(&hashed, json, "a9nBmqA0ju/hNViExpshrM61xv4=").is_ok());
    assert!(prove(&hashed, br#"{"property": "value", "boolean": 1}"#, "a9nBmqA0ju/hNViExpshrM61xv4=").is_err());
}

#[test]
fn its_scheme_holds_in_every_case_of_the_suite_with_and_without_a_port() {
    let (proofs, others) = ([("auth_token", "12345")], [("auth_token", "54321")]);
    for address in [URL, "https://herald.test:443/api/inbound/twilio/token"] {
        let sign = |_: i64, body: &[u8]| header(tag("12345", &[address.as_bytes(), &form(body)].concat()));
        // It tells no time, and of a form it covers what it says, not how it is written.
        let scheme = Scheme { timed: false, whole: false, url: URL, ..Scheme::of(&Callbacks) };
        assert!(holds(&Scheme { proofs: &proofs, others: &others, body: BODY, sign: &sign, ..scheme }) > 30);
    }
}

#[test]
fn a_field_that_was_changed_added_or_left_out_or_another_address_is_refused() {
    let good = tag("12345", &[URL.as_bytes(), &form(BODY.as_bytes())].concat());
    assert!(prove(URL, BODY.as_bytes(), &good).is_ok());
    for bad in [
        BODY.replace("delivered", "failed"),
        format!("{BODY}&Extra=1"),
        BODY.replace("&AccountSid=AC1", ""),
        String::new(),
    ] {
        assert!(prove(URL, bad.as_bytes(), &good).is_err(), "{bad}");
    }
    assert!(prove(&format!("{URL}?a=1"), BODY.as_bytes(), &good).is_err());
}

fn read(body: &str) -> Vec<Heard> {
    Callbacks.read(&Call { name: "rcp", content_type: "", body: body.as_bytes() })
}

#[test]
fn statuses_and_messages_are_read_each_under_its_own_name() {
    let heard = read(BODY);
    assert_eq!(heard[0].id, "SM1/delivered");
    assert!(matches!(&heard[0].what, What::Status { standing, .. } if standing.status == MessageStanding::Delivered));
    let heard = read("MessageSid=SM2&MessageStatus=failed&To=%2B49&ErrorCode=21610");
    assert!(matches!(&heard[0].what, What::OptOut(person) if person.address == "+49"));
    assert!(matches!(&heard[1].what, What::Status { standing, .. } if standing.code.as_deref() == Some("21610")));
    let heard = read("MessageSid=SM3&From=%2B49&To=%2B1&Body=STOP&OptOutType=STOP");
    assert!(matches!(&heard[0].what, What::OptOut(person) if person.address == "+49"));
    assert!(matches!(&heard[1].what, What::Message(said) if said.text.as_deref() == Some("STOP")));
    let heard = read("CallSid=CA1&CallStatus=no-answer");
    assert!(matches!(&heard[0].what, What::Status { standing, .. } if standing.status == MessageStanding::Failed));
    for (body, kind) in
        [("a=b", "unreadable"), ("MessageSid=SM4", "callback"), ("MessageSid=S&MessageStatus=new", "status.new")]
    {
        assert_eq!(read(body)[0].what, What::Unknown { kind: kind.into() }, "{body}");
    }
}
