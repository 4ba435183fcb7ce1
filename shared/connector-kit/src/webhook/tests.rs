#![allow(clippy::unwrap_used)]

use super::*;
use crate::egress::Guard;
use crate::script::{Script, answer};
use std::collections::BTreeMap;

/// The example of the specification's reference libraries.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OTHER: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const BODY: &str = r#"{"test": 2432232314}"#;

async fn send(server: &Script, headers: &[(&str, &str)], secrets: &[&str]) -> WebhookAnswer {
    send_as(server, headers, &[], secrets).await
}

async fn send_as(
    server: &Script,
    headers: &[(&str, &str)],
    content: &[(&str, &str)],
    secrets: &[&str],
) -> WebhookAnswer {
    let map = |headers: &[(&str, &str)]| -> BTreeMap<String, String> {
        headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
    };
    let (headers, content_headers) = (map(headers), map(content));
    let secrets: Vec<SecretString> = secrets.iter().map(|secret| (*secret).to_owned().into()).collect();
    let call = WebhookCall {
        url: &server.url("/hook"),
        policy: &EgressPolicy::STRICT,
        headers: &headers,
        id: "msg_p5jXN8AQM9LWM0D4loKWxJek".into(),
        timestamp: 1_614_265_330,
        body: BODY,
        content_headers: &content_headers,
        secrets: &secrets,
    };
    Webhooks::new(Egress::new(Guard::new(true))).send(call).await
}

#[test]
fn the_signature_is_that_of_the_published_example() {
    let signature = sign(&SECRET.to_owned().into(), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, BODY);
    assert_eq!(signature.as_deref(), Ok("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    for bad in ["", "whsec_", "whsec_!", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] {
        assert_eq!(sign(&bad.to_owned().into(), "m", 1, ""), Err(BadSecret), "{bad}");
    }
}

#[test]
fn a_private_key_signs_as_the_published_library_does() {
    // The seed, the message and the signature of the tests of the specification's Go library.
    let seed = "whsk_VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk=";
    let signature = sign(&seed.to_owned().into(), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, BODY);
    let published = "v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag==";
    assert_eq!(signature.as_deref(), Ok(published));
    for bad in ["whsk_", "whsk_!", "whsk_c2hvcnQ=", "whpk_VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk="] {
        assert_eq!(sign(&bad.to_owned().into(), "m", 1, ""), Err(BadSecret), "{bad}");
    }
}

#[tokio::test]
async fn a_webhook_carries_its_headers_every_signature_and_the_exact_body() {
    let server = Script::json("{\"ok\":true}").await;
    let customer =
        [("X-Api-Key", "k1"), ("webhook-id", "forged"), ("Host", "evil"), ("content-length", "0"), ("b d", "")];
    let answer = send(&server, &customer, &[SECRET, OTHER]).await;
    assert_eq!(
        answer,
        WebhookAnswer { status: Some(200), excerpt: "{\"ok\":true}".into(), ..WebhookAnswer::default() }
    );
    let request = server.seen().remove(0);
    let second = sign(&OTHER.to_owned().into(), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, BODY).unwrap();
    for line in [
        "POST /hook HTTP/1.1",
        "x-api-key: k1",
        "webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp: 1614265330",
        &format!("webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= {second}"),
        "content-type: application/json",
        "user-agent: Herald-Webhooks/1",
    ] {
        assert!(request.lines().any(|l| l == line), "{line} is missing in:\n{request}");
    }
    assert!(request.ends_with(BODY) && !request.contains("forged") && !request.contains("evil"));
}

#[tokio::test]
async fn what_belongs_to_the_body_is_not_the_customers_to_say() {
    let theirs = [
        ("Ce-Type", "forged"),
        ("ce-specversion", "forged"),
        ("CE-Source", "forged"),
        ("Content-Type", "text/forged"),
        ("content-encoding", "forged"),
        ("x-ce-type", "theirs"),
    ];
    let server = Script::start(vec![answer("204 No Content", "", b""), answer("204 No Content", "", b"")]).await;
    send(&server, &theirs, &[SECRET]).await;
    let ours = [("content-type", "application/json"), ("ce-specversion", "1.0"), ("ce-type", "herald.post.failed.v1")];
    send_as(&server, &theirs, &ours, &[SECRET]).await;
    let seen = server.seen();
    for request in &seen {
        assert!(!request.contains("forged") && request.lines().any(|l| l == "x-ce-type: theirs"), "{request}");
        assert!(request.lines().any(|l| l == "content-type: application/json"), "{request}");
    }
    assert!(!seen[0].contains("\nce-"), "{}", seen[0]);
    for line in ["ce-specversion: 1.0", "ce-type: herald.post.failed.v1"] {
        assert!(seen[1].lines().any(|l| l == line), "{line} is missing in:\n{}", seen[1]);
    }
}

#[tokio::test]
async fn the_answer_is_kept_short_readable_and_with_its_wait() {
    let long = [b"a\x00b\x1b[1m\xff\n".as_slice(), &vec![b'z'; 40_000]].concat();
    let server = Script::start(vec![answer("503 Busy", "retry-after: 120\r\n", &long)]).await;
    let seen = send(&server, &[], &[SECRET]).await;
    assert_eq!((seen.status, seen.retry_after_s), (Some(503), Some(120)));
    assert!(seen.excerpt.starts_with("ab[1m\u{fffd}\nzzz") && seen.excerpt.len() <= KEPT_BODY + 3);
}

#[test]
fn a_wait_is_a_number_or_a_date() {
    let wait = |text: &'static str| wait(&HeaderValue::from_static(text), 784_111_767);
    assert_eq!(wait("7"), Some(7));
    assert_eq!(wait("Sun, 06 Nov 1994 08:49:37 GMT"), Some(10));
    assert_eq!(wait("Sun, 06 Nov 1994 08:49:00 GMT"), Some(0), "a date that has passed");
    assert_eq!((wait("soon"), wait("-1")), (None, None));
}

#[tokio::test]
async fn without_an_answer_it_says_what_happened_and_tries_once() {
    let server = Script::start(vec![Vec::new()]).await;
    let answer = send(&server, &[], &[SECRET]).await;
    assert_eq!((answer.status, answer.excerpt.as_str()), (None, "the connection broke before the answer"));
    assert_eq!(server.seen().len(), 1);
    assert_eq!(send(&server, &[], &["nonsense"]).await.excerpt, "the signing secret is malformed");
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn a_wait_is_read_in_full_in_every_form_it_may_have() {
    // Sun, 06 Nov 1994 08:49:37 GMT, the date of RFC 9110, 5.6.7.
    let now = 784_111_777;
    for (text, seconds) in [
        ("0", Some(0)),
        ("7", Some(7)),
        ("86401", Some(86_401)),
        ("4294967296", Some(4_294_967_296)),
        ("99999999999999999999999999", Some(u64::MAX)),
        ("Sun, 06 Nov 1994 08:49:37 GMT", Some(0)),
        ("Sun, 06 Nov 1994 08:50:37 GMT", Some(60)),
        ("Sunday, 06-Nov-94 08:50:37 GMT", Some(60)),
        ("Sun Nov  6 08:50:37 1994", Some(60)),
        ("Fri, 01 Jan 2100 00:00:00 GMT", Some(4_102_444_800 - 784_111_777)),
        ("Sun, 06 Nov 1994 08:49:36 GMT", Some(0)),
        ("-1", None),
        ("+5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
    ] {
        assert_eq!(wait(&HeaderValue::from_str(text).unwrap(), now), seconds, "{text}");
    }
}
