//! What LinkedIn tells of an organisation: notifications of social actions, signed with the application's client secret
//! (<https://learn.microsoft.com/en-us/linkedin/shared/api-guide/webhook-validation>,
//! <https://learn.microsoft.com/en-us/linkedin/marketing/community-management/organizations/organization-social-action-notifications>).
//! The question whether the address is ours comes again each two hours.

use connector_kit::hmac_hex;
use connector_kit::inbound::{Tree, hex_of, hmac_sha256, is_secret, param, unreadable};
use domain::inbound::{Changed, Heard, Said, What};
use jiff::Timestamp;
use ports::{Ask, Call, Greeting, Inbound, Made, Proofs, Proved, Refused, SourceField, SourceForm};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

/// What people enter for it.
pub(crate) const FORM: SourceForm = SourceForm {
    slug: "linkedin",
    name: "LinkedIn",
    help: "In your app, under Webhooks, create a webhook with the address, and subscribe the organisation to ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS.",
    fields: &[SourceField {
        name: "client_secret",
        what: "the Client Secret of the app",
        made: Made::Nothing,
        check: is_secret,
    }],
};

/// What stands before a body when it is signed.
const SIGNED: &[u8] = b"hmacsha256=";

/// Its webhooks.
pub(crate) struct Notifications;

impl Inbound for Notifications {
    fn form(&self) -> &'static SourceForm {
        &FORM
    }

    /// The question proves nothing, and its answer tells whoever asks the signature of a text of theirs. So only an id is
    /// answered, which is none of what a signed body begins with.
    fn greet(&self, ask: &Ask<'_>, proofs: &Proofs, _: Timestamp) -> Result<Option<Greeting>, Refused> {
        if ask.method != "GET" {
            return Ok(None);
        }
        let id = |code: &String| {
            (1..=64).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        let code = param(ask.query, "challengeCode").filter(id).ok_or(Refused::Unproved)?;
        let response = hmac_hex(proofs.of("client_secret").expose_secret().as_bytes(), code.as_bytes());
        Ok(Some(Greeting::json(&json!({ "challengeCode": code, "challengeResponse": response }))))
    }

    fn prove(&self, ask: &Ask<'_>, proofs: &Proofs, _: Timestamp) -> Result<Proved, Refused> {
        let tag = ask.header("x-li-signature").ok_or(Refused::Unproved)?;
        // Some have seen it with this before it.
        let tag = tag.strip_prefix("hmacsha256=").unwrap_or(tag);
        hmac_sha256(proofs.of("client_secret").expose_secret().as_bytes(), &[SIGNED, ask.body], hex_of(tag))?;
        Ok(Proved::default())
    }

    fn read(&self, call: &Call<'_>) -> Vec<Heard> {
        let Ok(body) = serde_json::from_slice::<Value>(call.body) else { return unreadable(call.name) };
        let heard: Vec<Heard> = Tree(&body).at("notifications").list().filter_map(notification).collect();
        if heard.is_empty() { unreadable(call.name) } else { heard }
    }
}

fn notification(one: Tree<'_>) -> Option<Heard> {
    let (id, action) = (one.text("notificationId")?, one.word("action"));
    let source = one.at("generatedActivity").text("urn").or(one.text("generatedActivity"));
    let said = |change, text: Option<String>| Said {
        external_id: source.clone().unwrap_or_else(|| id.clone()),
        on: one.at("decoratedSourcePost").text("entity").or(one.text("sourcePost")),
        author: one.at("decoratedGeneratedActivity").at("comment").text("owner"),
        handle: None,
        text,
        change,
    };
    let words = one.at("decoratedGeneratedActivity").at("comment").text("text");
    let what = match action.as_str() {
        "COMMENT" => What::Comment(said(Changed::Added, words)),
        "COMMENT_EDIT" => What::Comment(said(Changed::Edited, words)),
        "COMMENT_DELETE" => What::Comment(said(Changed::Removed, None)),
        "SHARE_MENTION" => What::Mention(said(Changed::Added, None)),
        "LIKE" | "SHARE" => What::Reaction(said(Changed::Added, Some(action.to_ascii_lowercase()))),
        _ => What::Unknown { kind: action },
    };
    Some(Heard { id, at: one.seconds("lastModifiedAt"), to: one.text("organizationalEntity"), what })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use connector_kit::inbound::suite::{Scheme, holds};

    const BODY: &str = r#"{"type":"ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS","notifications":[{"notificationId":7}]}"#;

    fn proofs() -> Proofs {
        Proofs::new([("client_secret".to_owned(), "client".to_owned().into())].into())
    }

    #[test]
    fn its_scheme_holds_in_every_case_of_the_suite_with_and_without_the_word_before_it() {
        let (ours, others) = ([("client_secret", "client")], [("client_secret", "another")]);
        for before in ["", "hmacsha256="] {
            let sign = |_: i64, body: &[u8]| {
                let tag = hmac_hex(b"client", &[SIGNED, body].concat());
                vec![("x-li-signature".to_owned(), format!("{before}{tag}"))]
            };
            // It tells no time.
            let scheme = Scheme { timed: false, ..Scheme::of(&Notifications) };
            assert!(holds(&Scheme { proofs: &ours, others: &others, body: BODY, sign: &sign, ..scheme }) > 150);
        }
    }

    #[test]
    fn the_question_is_answered_with_its_signature_and_never_that_of_a_body() {
        let greet = |query: &str| {
            let ask = Ask { method: "GET", url: "", query, headers: &[], body: b"" };
            Notifications.greet(&ask, &proofs(), Timestamp::UNIX_EPOCH)
        };
        let code = "890e4665-4dfe-4ab1-b689-ed553bceeed0";
        let said = greet(&format!("challengeCode={code}&applicationId=1")).unwrap().unwrap();
        let expected = json!({ "challengeCode": code, "challengeResponse": hmac_hex(b"client", code.as_bytes()) });
        assert_eq!(said.body, expected.to_string());
        for bad in ["", "challengeCode=", "challengeCode=hmacsha256%3D%7B%7D"] {
            assert!(greet(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn each_notification_is_read_and_named_by_its_id() {
        let one = |id: u32, action: &str| {
            json!({ "notificationId": id, "action": action, "sourcePost": "urn:li:share:1",
            "organizationalEntity": "urn:li:organization:5", "generatedActivity": "urn:li:comment:(urn:li:activity:1,9)",
            "lastModifiedAt": 1_800_000_000_123_i64,
            "decoratedGeneratedActivity": { "comment": { "owner": "urn:li:person:a", "text": "Nice" } } })
        };
        let actions = ["COMMENT", "COMMENT_EDIT", "COMMENT_DELETE", "SHARE_MENTION", "LIKE", "ADMIN_COMMENT"];
        let all: Vec<Value> = actions.iter().zip(1..).map(|(action, id)| one(id, action)).collect();
        let body = json!({ "type": "x", "notifications": all }).to_string();
        let heard = Notifications.read(&Call { name: "rcp", content_type: "", body: body.as_bytes() });
        let names: Vec<_> = heard.iter().map(|one| (one.id.as_str(), one.what.name())).collect();
        let expected = [
            ("1", "comment"),
            ("2", "comment"),
            ("3", "comment"),
            ("4", "mention"),
            ("5", "reaction"),
            ("6", "unknown"),
        ];
        assert_eq!(names, expected);
        let What::Comment(said) = &heard[0].what else { panic!("{heard:?}") };
        assert_eq!((said.on.as_deref(), said.text.as_deref()), (Some("urn:li:share:1"), Some("Nice")));
        assert_eq!(heard[0].to.as_deref(), Some("urn:li:organization:5"));
        assert!(
            matches!(&heard[2].what, What::Comment(said) if said.change == Changed::Removed && said.text.is_none())
        );
    }
}
