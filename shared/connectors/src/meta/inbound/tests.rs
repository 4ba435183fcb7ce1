#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::meta::conversation::account_id;
use connector_kit::hmac_hex;
use connector_kit::inbound::suite::{Headers, Scheme, holds};
use domain::inbound::{Changed, MessageStanding};
use serde_json::json;

const FORMS: [&SourceForm; 3] = [&FACEBOOK, &INSTAGRAM, &WHATSAPP];

fn signed(_: i64, body: &[u8]) -> Headers {
    vec![("x-hub-signature-256".to_owned(), format!("sha256={}", hmac_hex(b"app-secret", body)))]
}

#[test]
fn its_scheme_holds_in_every_case_of_the_suite() {
    let (proofs, others) =
        ([("app_secret", "app-secret"), ("verify_token", "v")], [("app_secret", "another"), ("verify_token", "v")]);
    let body = r#"{"object":"page","entry":[{"id":"1","time":1,"changes":[]}]}"#;
    for form in FORMS {
        let hooks = Hooks(form);
        // It tells no time.
        let scheme = Scheme { timed: false, ..Scheme::of(&hooks) };
        assert!(holds(&Scheme { proofs: &proofs, others: &others, body, sign: &signed, ..scheme }) > 130);
    }
}

#[test]
fn the_older_signature_proves_nothing() {
    let proofs = Proofs::new([("app_secret".to_owned(), "app-secret".to_owned().into())].into());
    let headers = [("x-hub-signature".to_owned(), format!("sha1={}", "0".repeat(40)))];
    let ask = Ask { method: "POST", url: "", query: "", headers: &headers, body: b"{}" };
    assert_eq!(Hooks(&FACEBOOK).prove(&ask, &proofs, Timestamp::UNIX_EPOCH), Err(Refused::Unproved));
}

#[test]
fn the_challenge_is_given_back_for_the_right_word_only() {
    let proofs = Proofs::new([("verify_token".to_owned(), "the word".to_owned().into())].into());
    let greet = |method, query: &str| {
        let ask = Ask { method, url: "", query, headers: &[], body: b"" };
        Hooks(&INSTAGRAM).greet(&ask, &proofs, Timestamp::UNIX_EPOCH)
    };
    let good = "hub.mode=subscribe&hub.verify_token=the%20word&hub.challenge=1158201444";
    assert_eq!(greet("GET", good), Ok(Some(Greeting::text("1158201444"))));
    assert_eq!(greet("POST", good), Ok(None));
    for bad in [
        "",
        "hub.mode=subscribe&hub.verify_token=the%20word",
        "hub.mode=subscribe&hub.verify_token=the+wore&hub.challenge=1",
        "hub.mode=unsubscribe&hub.verify_token=the+word&hub.challenge=1",
        "hub.mode=subscribe&hub.verify_token=the+word&hub.challenge=%3Cscript%3E%20",
        "hub.mode=subscribe&hub.verify_token=x&hub.verify_token=the+word&hub.challenge=1",
    ] {
        assert!(greet("GET", bad).is_err(), "{bad}");
    }
}

fn read(body: &Value) -> Vec<Heard> {
    let body = body.to_string();
    Hooks(&FACEBOOK).read(&Call { name: "rcp", content_type: "application/json", body: body.as_bytes() })
}

fn of_page(changes: &Value) -> Value {
    json!({ "object": "page", "entry": [{ "id": "P1", "time": 1_800_000_000, "changes": changes }] })
}

#[test]
fn a_pages_comments_reactions_and_mentions_are_read() {
    let from = json!({ "id": "U1", "name": "Ada" });
    let comment = json!({ "item": "comment", "verb": "edited", "comment_id": "P1_9_1", "post_id": "P1_9",
        "parent_id": "P1_9", "from": from, "message": "Nice", "created_time": 1_799_999_999 });
    let reaction =
        json!({ "item": "reaction", "verb": "remove", "reaction_type": "love", "post_id": "P1_9", "from": from });
    let mention = json!({ "item": "post", "verb": "add", "post_id": "U1_3", "sender_id": "U1", "message": "@us" });
    let heard = read(&of_page(&json!([
        { "field": "feed", "value": comment }, { "field": "feed", "value": reaction },
        { "field": "mention", "value": mention }, { "field": "feed", "value": { "item": "status", "verb": "add" } },
        { "field": "leadgen", "value": {} },
    ])));
    assert!(heard.iter().all(|one| one.to.as_deref() == Some("P1")));
    assert_eq!(heard[0].at.unwrap().as_second(), 1_799_999_999);
    let What::Comment(said) = &heard[0].what else { panic!("{heard:?}") };
    assert_eq!((said.external_id.as_str(), said.on.as_deref(), said.change), ("P1_9_1", Some("P1_9"), Changed::Edited));
    assert_eq!((said.handle.as_deref(), said.text.as_deref()), (Some("Ada"), Some("Nice")));
    assert!(
        matches!(&heard[1].what, What::Reaction(said) if said.change == Changed::Removed && said.text.as_deref() == Some("love"))
    );
    assert!(
        matches!(&heard[2].what, What::Mention(said) if said.external_id == "U1_3" && said.author.as_deref() == Some("U1"))
    );
    assert_eq!(heard[3].what, What::Unknown { kind: "feed.status".into() });
    assert_eq!(heard[4].what, What::Unknown { kind: "leadgen".into() });
}

#[test]
fn what_is_told_again_in_another_call_has_the_same_name_and_everything_else_another() {
    let change =
        |text: &str| json!([{ "field": "feed", "value": { "item": "comment", "comment_id": "c", "message": text } }]);
    let mut again = of_page(&change("a"));
    again["entry"][0]["time"] = json!(1_800_000_500);
    assert_eq!(read(&of_page(&change("a")))[0].id, read(&again)[0].id);
    assert_ne!(read(&of_page(&change("a")))[0].id, read(&of_page(&change("b")))[0].id);
}

#[test]
fn comments_and_mentions_of_a_professional_account_are_read() {
    let comment =
        json!({ "id": "17", "text": "Wow", "from": { "id": "U1", "username": "ada" }, "media": { "id": "M1" } });
    let body = json!({ "object": "instagram", "entry": [{ "id": "A1", "time": 1, "changes": [
        { "field": "comments", "value": comment }, { "field": "mentions", "value": { "media_id": "M2", "comment_id": "18" } },
    ] }] });
    let heard = read(&body);
    assert!(
        matches!(&heard[0].what, What::Comment(said) if said.on.as_deref() == Some("M1") && said.handle.as_deref() == Some("ada"))
    );
    assert!(
        matches!(&heard[1].what, What::Mention(said) if said.external_id == "18" && said.on.as_deref() == Some("M2"))
    );
}

#[test]
fn messages_are_read_and_our_own_are_not_taken_for_others() {
    let one = |what: Value| {
        let mut it =
            json!({ "sender": { "id": "U1" }, "recipient": { "id": "P1" }, "timestamp": 1_800_000_000_123_i64 });
        it.as_object_mut().unwrap().extend(what.as_object().unwrap().clone());
        it
    };
    let body = json!({ "object": "page", "entry": [{ "id": "P1", "time": 1, "messaging": [
        one(json!({ "message": { "mid": "m1", "text": "Hi" } })),
        one(json!({ "message": { "mid": "m2", "is_echo": true, "text": "ours" } })),
        one(json!({ "reaction": { "mid": "m1", "action": "react", "emoji": "❤" } })),
        one(json!({ "delivery": { "mids": ["m3", "m4"], "watermark": 1_800_000_000_000_i64 } })),
        one(json!({ "read": { "watermark": 1 } })),
    ] }] });
    let heard = read(&body);
    assert_eq!(heard.len(), 6);
    assert_eq!(heard[0].at.unwrap().as_millisecond(), 1_800_000_000_123);
    assert!(
        matches!(&heard[0].what, What::Message(said) if said.external_id == "m1" && said.author.as_deref() == Some("U1"))
    );
    assert_eq!(heard[1].what, What::Unknown { kind: "message.echo".into() });
    assert!(matches!(&heard[2].what, What::Reaction(said) if said.on.as_deref() == Some("m1")));
    for (heard, mid) in heard[3..5].iter().zip(["m3", "m4"]) {
        let What::Status { message, standing, .. } = &heard.what else { panic!("{heard:?}") };
        assert_eq!((message.as_str(), standing.status), (mid, MessageStanding::Delivered));
    }
    assert_ne!(heard[3].id, heard[4].id);
    assert_eq!(heard[5].what, What::Unknown { kind: "messaging.read".into() });
}

#[test]
fn a_numbers_messages_and_statuses_are_read_each_under_its_own_name() {
    let body = json!({ "object": "whatsapp_business_account", "entry": [{ "id": "W1", "changes": [{ "field": "messages", "value": {
        "messaging_product": "whatsapp", "metadata": { "display_phone_number": "1", "phone_number_id": "N1" },
        "contacts": [{ "profile": { "name": "Ada" }, "wa_id": "49170" }],
        "messages": [
            { "from": "49170", "id": "wamid.1", "timestamp": "1800000000", "type": "text", "text": { "body": "Hi" } },
            { "from": "49170", "id": "wamid.2", "timestamp": "1800000001", "type": "reaction", "reaction": { "message_id": "wamid.0", "emoji": "👍" } },
        ],
        "statuses": [
            { "id": "wamid.0", "status": "delivered", "timestamp": "1800000002", "recipient_id": "49170" },
            { "id": "wamid.9", "status": "failed", "timestamp": "1800000003", "recipient_id": "49171", "errors": [{ "code": 131_050 }] },
            { "id": "wamid.9", "status": "warned", "timestamp": "1800000003" },
        ],
    } }] }] });
    let heard = read(&body);
    let ids: Vec<&str> = heard.iter().map(|one| one.id.as_str()).collect();
    let names =
        ["wamid.1", "wamid.2", "wamid.0/delivered", "wamid.9/failed/unwanted", "wamid.9/failed", "wamid.9/warned"];
    assert_eq!(ids, names);
    let with_ada = account_id("N1", "W1", "49170");
    let to: Vec<&str> = heard.iter().filter_map(|one| one.to.as_deref()).collect();
    assert_eq!(to, [&with_ada, &with_ada, "N1", "N1", "N1", "N1"], "what she says concerns the conversation with her");
    assert_ne!(with_ada, account_id("N1", "W1", "49171"));
    assert!(
        matches!(&heard[0].what, What::Message(said) if said.handle.as_deref() == Some("Ada") && said.text.as_deref() == Some("Hi"))
    );
    assert!(matches!(&heard[1].what, What::Reaction(said) if said.on.as_deref() == Some("wamid.0")));
    assert!(matches!(&heard[2].what, What::Status { standing, .. } if standing.status == MessageStanding::Delivered));
    assert!(matches!(&heard[3].what, What::OptOut(person) if person.address == "49171"));
    assert!(matches!(&heard[4].what, What::Status { standing, .. } if standing.code.as_deref() == Some("131050")));
    assert_eq!(heard[5].what, What::Unknown { kind: "status.warned".into() });
}

#[test]
fn a_body_of_another_form_is_kept_as_it_is() {
    for body in [json!({}), json!([]), json!({ "entry": [] }), json!({ "entry": "x" }), json!("x")] {
        assert_eq!(read(&body)[0].what, What::Unknown { kind: "unreadable".into() }, "{body}");
    }
    let body = json!({ "entry": [{ "changes": [{ "field": "messages", "value": { "metadata": {} } }] }] });
    assert_eq!(read(&body)[0].what, What::Unknown { kind: "messages".into() });
}
