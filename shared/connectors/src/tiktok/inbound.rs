//! What TikTok tells of an application's posts and people: one event a call, signed with the client secret
//! (<https://developers.tiktok.com/doc/webhooks-overview>, <https://developers.tiktok.com/doc/webhooks-verification>). Comments are
//! not among it. Its events are kept under TikTok's own names: what they say of posts, Herald reads itself. That a person took the
//! application away, or TikTok the person, ends the account's access (<https://developers.tiktok.com/doc/webhooks-events/>).

use connector_kit::inbound::{Tree, fresh, hex_of, hmac_sha256, is_secret, unknown, unreadable};
use domain::inbound::Heard;
use jiff::Timestamp;
use ports::{Ask, Call, Inbound, Made, Proofs, Proved, Refused, SourceField, SourceForm};
use secrecy::ExposeSecret as _;
use serde_json::Value;

/// What people enter for it.
pub(crate) const FORM: SourceForm = SourceForm {
    slug: "tiktok",
    name: "TikTok",
    help: "In your app's settings, enter the address as Callback URL of its webhooks.",
    fields: &[SourceField {
        name: "client_secret",
        what: "the Client secret of the app",
        made: Made::Nothing,
        check: is_secret,
    }],
};

/// Its webhooks.
pub(crate) struct Callbacks;

impl Inbound for Callbacks {
    fn form(&self) -> &'static SourceForm {
        &FORM
    }

    fn prove(&self, ask: &Ask<'_>, proofs: &Proofs, now: Timestamp) -> Result<Proved, Refused> {
        let header = ask.header("tiktok-signature").ok_or(Refused::Unproved)?;
        let (at, tag) = header.split_once(',').ok_or(Refused::Unproved)?;
        let at = at.strip_prefix("t=").ok_or(Refused::Unproved)?;
        let tag = tag.strip_prefix("s=").ok_or(Refused::Unproved)?;
        fresh(at, now)?;
        let key = proofs.of("client_secret").expose_secret().as_bytes();
        hmac_sha256(key, &[at.as_bytes(), b".", ask.body], hex_of(tag))?;
        Ok(Proved::default())
    }

    fn read(&self, call: &Call<'_>) -> Vec<Heard> {
        let Ok(body) = serde_json::from_slice::<Value>(call.body) else { return unreadable(call.name) };
        let tree = Tree(&body);
        let Some(kind) = tree.text("event") else { return unreadable(call.name) };
        vec![Heard { at: tree.seconds("create_time"), to: tree.text("user_openid"), ..unknown(call.name, kind) }]
    }

    fn ends_access(&self, kind: &str) -> Option<&'static str> {
        (kind == "authorization.removed").then_some("authorization_removed")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use connector_kit::hmac_hex;
    use connector_kit::inbound::suite::{Scheme, holds};
    use domain::inbound::What;

    const BODY: &str = r#"{"client_key":"k","event":"post.publish.complete","create_time":1615338610,"user_openid":"act.1","content":"{}"}"#;

    #[test]
    fn its_scheme_holds_in_every_case_of_the_suite() {
        let sign = |at: i64, body: &[u8]| {
            let tag = hmac_hex(b"client", &[format!("{at}.").as_bytes(), body].concat());
            vec![("tiktok-signature".to_owned(), format!("t={at},s={tag}"))]
        };
        let (ours, others) = ([("client_secret", "client")], [("client_secret", "another")]);
        let scheme = Scheme { proofs: &ours, others: &others, body: BODY, sign: &sign, ..Scheme::of(&Callbacks) };
        assert!(holds(&scheme) > 190);
    }

    #[test]
    fn an_event_is_kept_under_its_own_name() {
        let heard = Callbacks.read(&Call { name: "rcp", content_type: "", body: BODY.as_bytes() }).remove(0);
        assert_eq!((heard.id.as_str(), heard.to.as_deref()), ("rcp", Some("act.1")));
        assert_eq!(heard.at.unwrap().as_second(), 1_615_338_610);
        assert_eq!(heard.what, What::Unknown { kind: "post.publish.complete".into() });
        assert_eq!(Callbacks.ends_access("post.publish.complete"), None);
    }

    /// The example of TikTok's page.
    #[test]
    fn an_application_that_was_taken_away_ends_the_access_of_its_person() {
        let body = r#"{"client_key":"bwo2m45353a6k85","event":"authorization.removed","create_time":1615338610,
            "user_openid":"act.example12345Example12345Example","content":"{\"reason\": 1 }"}"#;
        let heard = Callbacks.read(&Call { name: "rcp", content_type: "", body: body.as_bytes() }).remove(0);
        assert_eq!(heard.to.as_deref(), Some("act.example12345Example12345Example"));
        assert_eq!(heard.at.unwrap().as_second(), 1_615_338_610);
        let What::Unknown { kind } = heard.what else { unreachable!() };
        assert_eq!(Callbacks.ends_access(&kind), Some("authorization_removed"));
    }
}
