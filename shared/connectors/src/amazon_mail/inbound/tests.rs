#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use connector_kit::inbound::suite::{Headers, Scheme, at, holds};
use domain::inbound::{MessageStanding, Person, Standing, What};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject as _;
use serde_json::json;

/// Certificates of an authority that was made for these tests, and forgotten.
const CERTIFICATE: &[u8] = include_bytes!("certs/signer.pem");
const KEY: &[u8] = include_bytes!("certs/signer.key.pem");
const OTHER_CERTIFICATE: &[u8] = include_bytes!("certs/other.pem");
const OTHER_KEY: &[u8] = include_bytes!("certs/other.key.pem");

const TOPIC: &str = "arn:aws:sns:us-west-2:123456789012:mails";
const ANOTHER: &str = "arn:aws:sns:us-west-2:123456789012:others";
const CERTIFICATE_URL: &str =
    "https://sns.us-west-2.amazonaws.com/SimpleNotificationService-9c6465fa7f48f5cacd23014631ec1136.pem";
const TOKEN: &str = "2336412f37fb687f5d51e6e2425f004aec26";

fn subscribe_url(topic: &str) -> String {
    format!("https://sns.us-west-2.amazonaws.com/?Action=ConfirmSubscription&TopicArn={topic}&Token={TOKEN}")
}

fn signature(key: &[u8], text: &str) -> String {
    let der = PrivatePkcs8KeyDer::from_pem_slice(key).unwrap();
    let pair = RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).unwrap();
    let mut tag = vec![0; pair.public_modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut tag).unwrap();
    STANDARD.encode(tag)
}

/// The message, signed: what is signed is spelled here anew.
fn signed_by(key: &[u8], mut message: Value) -> Value {
    let names: &[&str] = if message["Type"] == "Notification" {
        &["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
    } else {
        &["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    };
    let line = |name: &&str| message[*name].as_str().map(|value| format!("{name}\n{value}\n"));
    let text: String = names.iter().filter_map(line).collect();
    message["Signature"] = signature(key, &text).into();
    message
}

fn signed(message: Value) -> Value {
    signed_by(KEY, message)
}

fn moment(offset: i64) -> String {
    Timestamp::from_second(at(offset)).unwrap().to_string()
}

fn notification(text: &str) -> Value {
    json!({
        "Type": "Notification", "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324", "TopicArn": TOPIC, "Message": text,
        "Timestamp": moment(0), "SignatureVersion": "2", "SigningCertURL": CERTIFICATE_URL,
        "UnsubscribeURL": "https://sns.us-west-2.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=x",
    })
}

fn confirmation() -> Value {
    json!({
        "Type": "SubscriptionConfirmation", "MessageId": "165545c9-2a5c-472c-8df2-7ff2be2b3b1b", "Token": TOKEN, "TopicArn": TOPIC,
        "Message": "You have chosen to subscribe.\nTo confirm, visit the SubscribeURL.", "SubscribeURL": subscribe_url(TOPIC),
        "Timestamp": moment(0), "SignatureVersion": "2", "SigningCertURL": CERTIFICATE_URL,
    })
}

fn proofs(topics: &str, certificate: &[u8]) -> Proofs {
    Proofs::new([("topics".to_owned(), topics.to_owned().into())].into()).with(certificate.to_vec())
}

fn now() -> Timestamp {
    Timestamp::from_second(at(0)).unwrap()
}

fn asked<T>(message: &Value, ask: impl Fn(&Ask<'_>) -> T) -> T {
    let body = message.to_string();
    ask(&Ask { method: "POST", url: "", query: "", headers: &[], body: body.as_bytes() })
}

fn prove(message: &Value) -> Result<Proved, Refused> {
    asked(message, |ask| Topics.prove(ask, &proofs(TOPIC, CERTIFICATE), now()))
}

fn greet(message: &Value) -> Result<Option<Greeting>, Refused> {
    asked(message, |ask| Topics.greet(ask, &proofs(TOPIC, CERTIFICATE), now()))
}

#[test]
fn its_scheme_holds_in_every_case_of_the_suite_that_is_about_it() {
    let body = signed(notification("{}")).to_string();
    let sign = |_: i64, _: &[u8]| Headers::new();
    let (ours, others) = ([("topics", TOPIC)], [("topics", ANOTHER)]);
    // What is signed are values, and the time is one of them.
    let scheme = Scheme { timed: false, whole: false, document: CERTIFICATE, ..Scheme::of(&Topics) };
    assert_eq!(holds(&Scheme { proofs: &ours, others: &others, body: &body, sign: &sign, ..scheme }), 3);
}

/// What is not covered is not read either.
#[test]
fn a_byte_that_is_changed_anywhere_is_refused_or_changes_nothing_that_is_read() {
    let event = json!({ "eventType": "Delivery", "mail": { "messageId": "m" }, "delivery": { "recipients": ["a@example.com"] } });
    let body = signed(notification(&event.to_string())).to_string().into_bytes();
    let read = |body: &[u8]| Topics.read(&Call { name: "rcp", content_type: "", body });
    let (mut refused, mut same) = (0, 0);
    for place in 0..body.len() {
        for bit in [1, 2, 32] {
            let mut other = body.clone();
            other[place] ^= bit;
            let ask = Ask { method: "POST", url: "", query: "", headers: &[], body: &other };
            if Topics.prove(&ask, &proofs(TOPIC, CERTIFICATE), now()).is_err() {
                refused += 1;
            } else {
                assert_eq!(read(&other), read(&body), "byte {place}: {}", String::from_utf8_lossy(&other));
                same += 1;
            }
        }
    }
    assert!(refused > 2_000 && same > 0, "{refused} {same}");
}

#[test]
fn a_message_is_proved_by_its_certificate_and_named_by_its_id() {
    let with_subject = |text: &str| {
        let mut message = notification("{}");
        message["Subject"] = text.into();
        signed(message)
    };
    for message in
        [signed(notification("{}")), signed(notification("a\nb \"c\" ü")), with_subject("Amazon SES"), with_subject("")]
    {
        assert_eq!(prove(&message), Ok(Proved { call: Some("22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324".into()) }));
    }
    let several = proofs(&format!("{ANOTHER},{TOPIC}"), CERTIFICATE);
    assert!(asked(&signed(notification("{}")), |ask| Topics.prove(ask, &several, now())).is_ok());
}

#[test]
fn every_value_that_counts_is_covered() {
    let (good, question) = (signed(notification("{}")), signed(confirmation()));
    for (message, names) in [
        (
            &good,
            &[
                "Message",
                "MessageId",
                "Timestamp",
                "TopicArn",
                "Type",
                "Signature",
                "SignatureVersion",
                "SigningCertURL",
            ][..],
        ),
        (
            &question,
            &["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type", "Signature"][..],
        ),
    ] {
        for name in names {
            let mut other = message.clone();
            let value = other[*name].as_str().unwrap().to_owned();
            for changed in [json!(format!("{value} ")), json!(""), json!(1), Value::Null, json!([value])] {
                other[*name] = changed;
                assert!(prove(&other).is_err(), "{name} {other}");
            }
            other.as_object_mut().unwrap().remove(*name);
            assert!(prove(&other).is_err(), "without {name}");
        }
    }
    let mut more = good.clone();
    more["Subject"] = "Added".into();
    assert!(prove(&more).is_err());
}

#[test]
fn the_older_signature_another_key_and_another_certificate_prove_nothing() {
    for version in ["1", "3", "", "02"] {
        let mut message = notification("{}");
        message["SignatureVersion"] = version.into();
        assert_eq!(prove(&signed(message)), Err(Refused::Unproved), "{version}");
    }
    let forged = signed_by(OTHER_KEY, notification("{}"));
    assert_eq!(prove(&forged), Err(Refused::Wrong));
    let good = signed(notification("{}"));
    let text = String::from_utf8(CERTIFICATE.to_vec()).unwrap();
    for certificate in
        [&b""[..], OTHER_CERTIFICATE, KEY, b"{}", text.replace("BEGIN CERT", "BEGIN TRUSTED CERT").as_bytes()]
    {
        let said = asked(&good, |ask| Topics.prove(ask, &proofs(TOPIC, certificate), now()));
        assert_eq!(said, Err(Refused::Wrong));
    }
    assert!(asked(&forged, |ask| Topics.prove(ask, &proofs(TOPIC, OTHER_CERTIFICATE), now())).is_ok(), "its own");
}

#[test]
fn a_message_is_taken_for_a_day_and_five_minutes_ahead() {
    for (offset, taken) in
        [(0, true), (-86_400, true), (300, true), (-86_401, false), (301, false), (-9_000_000, false)]
    {
        let mut message = notification("{}");
        message["Timestamp"] = moment(offset).into();
        let expected = if taken { Ok(()) } else { Err(Refused::Stale) };
        assert_eq!(prove(&signed(message)).map(drop), expected, "{offset}");
    }
    let mut message = notification("{}");
    message["Timestamp"] = "today".into();
    assert_eq!(prove(&signed(message)), Err(Refused::Wrong));
}

#[test]
fn a_certificate_is_looked_for_at_the_topics_own_host_and_nowhere_else() {
    let named = |topic: &str, url: &str| {
        let mut message = notification("{}");
        (message["TopicArn"], message["SigningCertURL"]) = (topic.into(), url.into());
        asked(&message, |ask| Topics.relies_on(ask, &proofs(TOPIC, b"")))
    };
    assert_eq!(named(TOPIC, CERTIFICATE_URL).as_deref(), Some(CERTIFICATE_URL));
    assert_eq!(named(ANOTHER, CERTIFICATE_URL), None, "a topic that is not the source's");
    let file = "SimpleNotificationService-9c6465fa7f48f5cacd23014631ec1136.pem";
    for url in [
        format!("http://sns.us-west-2.amazonaws.com/{file}"),
        format!("https://sns.us-east-1.amazonaws.com/{file}"),
        format!("https://sns.us-west-2.amazonaws.com.example.com/{file}"),
        format!("https://example.com/sns.us-west-2.amazonaws.com/{file}"),
        format!("https://sns.us-west-2.amazonaws.com@example.com/{file}"),
        format!("https://a@sns.us-west-2.amazonaws.com/{file}"),
        format!("https://sns.us-west-2.amazonaws.com:444/{file}"),
        format!("https://sns.us-west-2.amazonaws.com\\@example.com/{file}"),
        format!("https://s3.us-west-2.amazonaws.com/{file}"),
        format!("https://sns.us-west-2.amazonaws.com/a/{file}"),
        format!("https://sns.us-west-2.amazonaws.com/../{file}"),
        format!("https://sns.us-west-2.amazonaws.com/{file}?a=.pem"),
        format!("https://sns.us-west-2.amazonaws.com/{file}#.pem"),
        format!("HTTPS://SNS.us-west-2.amazonaws.com/{file}"),
        format!(" https://sns.us-west-2.amazonaws.com/{file}"),
        "https://sns.us-west-2.amazonaws.com/SimpleNotificationService-.pem".into(),
        "https://sns.us-west-2.amazonaws.com/SimpleNotificationService-%2e%2e.pem".into(),
        "https://sns.us-west-2.amazonaws.com/x.pem".into(),
        "https://169.254.169.254/latest".into(),
        String::new(),
    ] {
        assert_eq!(named(TOPIC, &url), None, "{url}");
    }
    let china = "arn:aws-cn:sns:cn-north-1:123456789012:mails";
    let place = Topic::of(china).unwrap().place();
    assert_eq!(place, "https://sns.cn-north-1.amazonaws.com.cn/");
}

#[test]
fn a_subscription_to_a_topic_of_the_source_is_confirmed_once_it_is_proved() {
    let greeting = greet(&signed(confirmation())).unwrap().unwrap();
    assert_eq!((greeting.status, greeting.visit), (200, Some(subscribe_url(TOPIC))));
    assert_eq!(greet(&signed(notification("{}"))), Ok(None));
    assert_eq!(greet(&signed_by(OTHER_KEY, confirmation())), Err(Refused::Wrong));
    let mut elsewhere = confirmation();
    (elsewhere["TopicArn"], elsewhere["SubscribeURL"]) = (ANOTHER.into(), subscribe_url(ANOTHER).into());
    assert_eq!(greet(&signed(elsewhere)), Err(Refused::Unproved));
    let mut old = confirmation();
    old["SignatureVersion"] = "1".into();
    assert_eq!(greet(&signed(old)), Err(Refused::Unproved));
}

/// SNS itself would have to sign these; they are refused all the same.
#[test]
fn nothing_but_the_confirmation_of_this_topic_is_visited() {
    let good = subscribe_url(TOPIC);
    for url in [
        good.replace("us-west-2.", "us-east-1."),
        good.replace("amazonaws.com", "amazonaws.com.example.com"),
        good.replace("amazonaws.com/", "amazonaws.com@example.com/"),
        good.replace("amazonaws.com/?", "amazonaws.com/x?"),
        good.replace("https://", "http://"),
        good.replace("ConfirmSubscription", "DeleteTopic"),
        good.replace(":mails", ":others"),
        good.replace(TOKEN, "0000"),
        good.replace("&Token", "&Tokens"),
        format!("{good}&Action=DeleteTopic"),
        format!("{good}#"),
        format!("{good} "),
        format!("{good}\n"),
        String::new(),
    ] {
        let mut message = confirmation();
        message["SubscribeURL"] = url.clone().into();
        assert_eq!(greet(&signed(message)), Err(Refused::Wrong), "{url}");
    }
}

#[test]
fn topics_are_named_in_full() {
    let many = |n: usize| vec![TOPIC; n].join(",");
    for good in [TOPIC, "arn:aws-us-gov:sns:us-gov-west-1:123456789012:a_b-C.fifo", &many(2), &many(MAX_TOPICS)] {
        assert!(are_topics(good), "{good}");
    }
    for bad in [
        "",
        "mails",
        "arn:aws:sns:us-west-2:123456789012",
        "arn:aws:sqs:us-west-2:123456789012:mails",
        "arn:aws:sns:us-west-2:12345678901:mails",
        "arn:aws:sns::123456789012:mails",
        "arn:aws:sns:us-west-2/:123456789012:mails",
        "arn:aws:sns:us.west:123456789012:mails",
        "arn:aws:sns:us-west-2:123456789012:",
        "arn:aws:sns:us-west-2:123456789012:mails:0000",
        "arn:aws:sns:us-west-2:123456789012:*",
        &format!("{TOPIC}, {TOPIC}"),
        &format!("{TOPIC},"),
        &many(MAX_TOPICS + 1),
    ] {
        assert!(!are_topics(bad), "{bad}");
    }
}

fn read(event: &Value) -> Vec<Heard> {
    let body = signed(notification(&event.to_string())).to_string();
    Topics.read(&Call { name: "rcp", content_type: "", body: body.as_bytes() })
}

/// In the form of AWS's examples.
fn mail() -> Value {
    json!({ "timestamp": "2017-08-05T00:40:02.012Z", "messageId": "m1", "source": "sender@example.com",
        "destination": ["a@example.com", "b@example.com"] })
}

#[test]
fn a_bounce_is_permanent_only_if_it_says_so_and_each_recipient_is_an_event_of_its_own() {
    for (kind, sub, permanent) in
        [("Permanent", "General", true), ("Transient", "MailboxFull", false), ("Undetermined", "Undetermined", false)]
    {
        let bounce = json!({ "bounceType": kind, "bounceSubType": sub, "timestamp": "2017-08-05T00:41:02.669Z", "feedbackId": "f1",
            "bouncedRecipients": [{ "emailAddress": "a@example.com", "action": "failed", "status": "5.1.1" }, { "emailAddress": "b@example.com" }] });
        for name in ["eventType", "notificationType"] {
            let heard = read(&json!({ name: "Bounce", "bounce": bounce, "mail": mail() }));
            let person = |address: &str, reason: &str| Person {
                address: address.into(),
                reason: Some(reason.into()),
                message: Some("m1".into()),
            };
            let expected = |id: &str, person| Heard {
                id: id.into(),
                at: "2017-08-05T00:41:02.669Z".parse().ok(),
                to: None,
                what: What::Bounce { permanent, person },
            };
            let first = expected("Bounce/f1/a@example.com", person("a@example.com", "5.1.1"));
            assert_eq!(heard, [first, expected("Bounce/f1/b@example.com", person("b@example.com", sub))]);
        }
    }
}

#[test]
fn a_complaint_names_who_complained_and_why() {
    let complaint = json!({ "complainedRecipients": [{ "emailAddress": "a@example.com" }], "timestamp": "2017-08-05T00:41:02.669Z",
        "feedbackId": "f2", "complaintFeedbackType": "abuse" });
    let heard = read(&json!({ "eventType": "Complaint", "complaint": complaint, "mail": mail() }));
    let person = Person { address: "a@example.com".into(), reason: Some("abuse".into()), message: Some("m1".into()) };
    assert_eq!((heard.len(), heard[0].id.as_str()), (1, "Complaint/f2/a@example.com"));
    assert_eq!(heard[0].what, What::Complaint(person));
}

#[test]
fn what_became_of_a_mail_is_told_of_each_recipient() {
    let at = |second: u32| format!("2017-08-05T00:41:{second:02}.000Z");
    let cases = [
        (json!({ "eventType": "Send", "send": {} }), MessageStanding::Sent, 2, None),
        (
            json!({ "eventType": "Delivery", "delivery": { "recipients": ["a@example.com"], "timestamp": at(1) } }),
            MessageStanding::Delivered,
            1,
            None,
        ),
        (
            json!({ "eventType": "DeliveryDelay", "deliveryDelay": { "delayType": "TransientCommunicationFailure", "timestamp": at(2),
                "delayedRecipients": [{ "emailAddress": "a@example.com", "status": "4.4.1" }] } }),
            MessageStanding::Queued,
            1,
            Some("TransientCommunicationFailure"),
        ),
        (
            json!({ "eventType": "Reject", "reject": { "reason": "Bad content" } }),
            MessageStanding::Failed,
            2,
            Some("Bad content"),
        ),
        (
            json!({ "eventType": "Rendering Failure", "failure": { "errorMessage": "x" } }),
            MessageStanding::Failed,
            2,
            None,
        ),
    ];
    for (mut event, status, recipients, code) in cases {
        event["mail"] = mail();
        let heard = read(&event);
        assert_eq!(heard.len(), recipients, "{event}");
        let What::Status { message, recipient, standing } = &heard[0].what else { panic!("{heard:?}") };
        assert_eq!((message.as_str(), recipient.as_deref()), ("m1/a@example.com", Some("a@example.com")));
        let expected = Standing { status, at: heard[0].at.unwrap(), code: code.map(str::to_owned) };
        assert_eq!(standing, &expected);
        assert_eq!(read(&event), heard, "named the same each time");
    }
}

#[test]
fn who_leaves_a_list_has_opted_out_and_who_comes_back_has_opted_in() {
    let event = |before: Value, after: Value| {
        let mut mail = mail();
        mail["destination"] = json!(["a@example.com"]);
        let subscription = json!({ "contactList": "l", "timestamp": "2017-08-05T00:41:02.669Z",
            "oldTopicPreferences": { "unsubscribeAll": before }, "newTopicPreferences": { "unsubscribeAll": after } });
        read(&json!({ "eventType": "Subscription", "mail": mail, "subscription": subscription })).remove(0).what.name()
    };
    assert_eq!(event(json!(false), json!(true)), "opt_out");
    assert_eq!(event(json!(true), json!(false)), "opt_in");
    assert_eq!(event(json!(false), json!(false)), "unknown");
    assert_eq!(event(Value::Null, json!("true")), "unknown");
}

#[test]
fn what_has_no_word_is_kept_under_its_own_name() {
    for (event, kind) in [
        (json!({ "eventType": "Open", "mail": mail() }), "Open"),
        (json!({ "eventType": "Click", "mail": mail() }), "Click"),
        (json!({ "eventType": "Delivery", "mail": mail() }), "Delivery"),
        (json!({}), ""),
        (json!("Successfully validated SNS topic for Amazon SES event publishing."), ""),
    ] {
        assert_eq!(read(&event)[0].what, What::Unknown { kind: kind.into() }, "{event}");
    }
    let of = |body: &str| Topics.read(&Call { name: "rcp", content_type: "", body: body.as_bytes() }).remove(0).what;
    let plain = notification("Successfully validated SNS topic for Amazon SES event publishing.").to_string();
    assert_eq!(of(&plain), What::Unknown { kind: "text".into() });
    let ended = json!({ "Type": "UnsubscribeConfirmation", "Message": "You have chosen to deactivate subscription." })
        .to_string();
    assert_eq!(of(&ended), What::Unknown { kind: "UnsubscribeConfirmation".into() });
    assert_eq!(of("x"), What::Unknown { kind: "unreadable".into() });
}
