//! What Mailchimp tells of an audience: one event a call, as a form, signed with the secret that the webhook was made with
//! (<https://mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks/>). Only a webhook with a secret is believed: those
//! of before 2026 have none.

use connector_kit::inbound::{Pairs, fresh, hex_of, hmac_sha256, is_secret, unknown, unreadable};
use domain::inbound::{Heard, Person, What};
use jiff::Timestamp;
use ports::{Ask, Call, Greeting, Inbound, Made, Proofs, Proved, Refused, SourceField, SourceForm};
use secrecy::ExposeSecret as _;

/// What people enter for it.
pub(crate) const FORM: SourceForm = SourceForm {
    slug: "mailchimp",
    name: "Mailchimp",
    help: "Make a webhook of the audience with POST /lists/{id}/webhooks; its answer has the signing_secret, once. Make the source with it, and set the webhook's url to the source's address.",
    fields: &[SourceField {
        name: "signing_secret",
        what: "the signing_secret from the answer to making the webhook",
        made: Made::Nothing,
        check: is_secret,
    }],
};

/// The webhooks of an audience.
pub(crate) struct Audience;

impl Inbound for Audience {
    fn form(&self) -> &'static SourceForm {
        &FORM
    }

    /// Before a webhook is made, Mailchimp asks whether anybody is there, and proves nothing.
    fn greet(&self, ask: &Ask<'_>, _: &Proofs, _: Timestamp) -> Result<Option<Greeting>, Refused> {
        Ok((ask.method == "GET").then(|| Greeting::empty(200)))
    }

    fn prove(&self, ask: &Ask<'_>, proofs: &Proofs, now: Timestamp) -> Result<Proved, Refused> {
        let header = ask.header("x-mailchimp-signature").ok_or(Refused::Unproved)?;
        let (at, tag) = header.split_once(',').ok_or(Refused::Unproved)?;
        let at = at.strip_prefix("t=").ok_or(Refused::Unproved)?;
        let tag = tag.strip_prefix("v1=").ok_or(Refused::Unproved)?;
        fresh(at, now)?;
        let key = proofs.of("signing_secret").expose_secret().as_bytes();
        hmac_sha256(key, &[at.as_bytes(), b".", ask.body], hex_of(tag))?;
        Ok(Proved::default())
    }

    fn read(&self, call: &Call<'_>) -> Vec<Heard> {
        let form = Pairs::of(call.body);
        let Some(kind) = form.get("type") else { return unreadable(call.name) };
        // `2009-03-26 21:35:57`, in UTC.
        let at = form.get("fired_at").and_then(|at| format!("{}Z", at.replacen(' ', "T", 1)).parse().ok());
        let to = form.get("data[list_id]").map(str::to_owned);
        let person = Person {
            address: form.get("data[email]").unwrap_or_default().to_owned(),
            reason: form.get("data[reason]").map(str::to_owned),
            message: form.get("data[campaign_id]").map(str::to_owned),
        };
        let what = match kind {
            "unsubscribe" if person.reason.as_deref() == Some("abuse") => What::Complaint(person),
            "unsubscribe" => What::OptOut(person),
            "subscribe" => What::OptIn(person),
            "cleaned" => What::Bounce { permanent: true, person },
            other => return vec![Heard { at, to, ..unknown(call.name, other) }],
        };
        vec![Heard { id: call.name.to_owned(), at, to, what }]
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use connector_kit::hmac_hex;
    use connector_kit::inbound::suite::{Scheme, holds};

    const BODY: &str = "type=unsubscribe&fired_at=2026-03-26+21%3A40%3A57&data%5Breason%5D=manual&data%5Bemail%5D=ada%40example.com&data%5Blist_id%5D=a6b5da1054";

    #[test]
    fn its_scheme_holds_in_every_case_of_the_suite() {
        let sign = |at: i64, body: &[u8]| {
            let tag = hmac_hex(b"s", &[format!("{at}.").as_bytes(), body].concat());
            vec![("x-mailchimp-signature".to_owned(), format!("t={at},v1={tag}"))]
        };
        let (proofs, others) = ([("signing_secret", "s")], [("signing_secret", "t")]);
        let scheme = Scheme { proofs: &proofs, others: &others, body: BODY, sign: &sign, ..Scheme::of(&Audience) };
        assert!(holds(&scheme) > 220);
    }

    fn read(body: &str) -> Heard {
        Audience.read(&Call { name: "rcp", content_type: "", body: body.as_bytes() }).remove(0)
    }

    #[test]
    fn each_event_of_an_audience_is_read_into_our_words() {
        let heard = read(BODY);
        assert_eq!((heard.id.as_str(), heard.to.as_deref()), ("rcp", Some("a6b5da1054")));
        assert_eq!(heard.at, "2026-03-26T21:40:57Z".parse().ok());
        assert!(matches!(heard.what, What::OptOut(person) if person.address == "ada@example.com"));
        let of = |kind: &str| read(&BODY.replace("unsubscribe", kind)).what;
        assert!(matches!(of("subscribe"), What::OptIn(_)));
        assert!(matches!(of("cleaned"), What::Bounce { permanent: true, .. }));
        assert!(matches!(read(&BODY.replace("manual", "abuse")).what, What::Complaint(_)));
        assert_eq!(of("upemail"), What::Unknown { kind: "upemail".into() });
        assert_eq!(read("{}").what, What::Unknown { kind: "unreadable".into() });
    }

    #[test]
    fn a_question_is_answered() {
        let ask = |method| Ask { method, url: "", query: "", headers: &[], body: b"" };
        let greet = |method| Audience.greet(&ask(method), &Proofs::none(), Timestamp::UNIX_EPOCH);
        assert_eq!(greet("GET"), Ok(Some(Greeting::empty(200))));
        assert_eq!(greet("POST"), Ok(None));
    }
}
