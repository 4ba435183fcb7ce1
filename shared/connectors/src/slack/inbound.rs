//! What Slack tells through its Events API: a signed POST for each event, within whose answer it allows three seconds
//! (<https://docs.slack.dev/apis/events-api/>, <https://docs.slack.dev/authentication/verifying-requests-from-slack/>). The
//! events themselves: <https://docs.slack.dev/reference/events/message>, `app_mention`, `reaction_added`.

use connector_kit::inbound::{Tree, fresh, hex_of, hmac_sha256, is_secret, question, seconds, unknown, unreadable};
use domain::inbound::{Changed, Heard, Said, What};
use jiff::Timestamp;
use ports::{Ask, Call, Greeting, Inbound, Made, Proofs, Proved, Refused, SourceField, SourceForm};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

/// What people enter for it.
pub(crate) const FORM: SourceForm = SourceForm {
    slug: "slack",
    name: "Slack",
    help: "In your app's settings, under Event Subscriptions, enter the address as Request URL, and subscribe to the bot events message.channels, message.im, app_mention, reaction_added, app_uninstalled and tokens_revoked.",
    fields: &[SourceField {
        name: "signing_secret",
        what: "the Signing Secret of the app, from Basic Information",
        made: Made::Nothing,
        check: is_secret,
    }],
};

/// Its Events API.
pub(crate) struct Events;

impl Inbound for Events {
    fn form(&self) -> &'static SourceForm {
        &FORM
    }

    /// The question whether the address is ours is signed like every other call, and answered with what it holds.
    fn greet(&self, ask: &Ask<'_>, proofs: &Proofs, now: Timestamp) -> Result<Option<Greeting>, Refused> {
        let asks = |body: &Value| body["type"] == "url_verification";
        let Some(body) = question(ask).filter(asks) else { return Ok(None) };
        self.prove(ask, proofs, now)?;
        Ok(Some(Greeting::json(&json!({ "challenge": body["challenge"] }))))
    }

    fn prove(&self, ask: &Ask<'_>, proofs: &Proofs, now: Timestamp) -> Result<Proved, Refused> {
        let at = ask.header("x-slack-request-timestamp").ok_or(Refused::Unproved)?;
        let tag = ask.header("x-slack-signature").and_then(|it| it.strip_prefix("v0=")).ok_or(Refused::Unproved)?;
        fresh(at, now)?;
        let key = proofs.of("signing_secret").expose_secret().as_bytes();
        hmac_sha256(key, &[b"v0:", at.as_bytes(), b":", ask.body], hex_of(tag))?;
        Ok(Proved::default())
    }

    fn read(&self, call: &Call<'_>) -> Vec<Heard> {
        let Ok(body) = serde_json::from_slice::<Value>(call.body) else { return unreadable(call.name) };
        let (tree, event) = (Tree(&body), Tree(&body).at("event"));
        let id = tree.text("event_id").unwrap_or_else(|| call.name.to_owned());
        let kind = event.text("type").or(tree.text("type")).unwrap_or_default();
        // What is told of the application concerns every channel of the workspace.
        let of_app = matches!(kind.as_str(), APP_GONE | TOKENS_REVOKED);
        let channel = event.text("channel").or_else(|| event.at("item").text("channel"));
        let team = tree.text("team_id");
        let to = if of_app { team } else { channel.zip(team).map(|(channel, team)| format!("{team}/{channel}")) };
        let at = tree.seconds("event_time").or_else(|| event.text("event_ts").and_then(|ts| seconds(&ts)));
        match what(&kind, event) {
            Ok(what) => vec![Heard { id, at, to, what }],
            Err(kind) => vec![Heard { at, to, ..unknown(id, kind) }],
        }
    }

    fn ends_access(&self, kind: &str) -> Option<&'static str> {
        match kind {
            APP_GONE => Some("app_uninstalled"),
            BOT_REVOKED => Some("token_revoked"),
            _ => None,
        }
    }
}

/// The app left the workspace (<https://docs.slack.dev/reference/events/app_uninstalled>).
const APP_GONE: &str = "app_uninstalled";
/// Tokens of the app were revoked (<https://docs.slack.dev/reference/events/tokens_revoked>): those of people, which Herald has none of,
/// or its bot's.
const TOKENS_REVOKED: &str = "tokens_revoked";
const BOT_REVOKED: &str = "tokens_revoked.bot";

/// What an event says in our words, or what it is called where we have none.
fn what(kind: &str, event: Tree<'_>) -> Result<What, String> {
    match kind {
        "app_mention" => Ok(What::Mention(said(event, event.text("thread_ts"), Changed::Added))),
        "reaction_added" => Ok(What::Reaction(reaction(event, Changed::Added))),
        "reaction_removed" => Ok(What::Reaction(reaction(event, Changed::Removed))),
        "message" => message(event),
        TOKENS_REVOKED if event.at("tokens").at("bot").list().next().is_some() => Err(BOT_REVOKED.into()),
        other => Err(other.to_owned()),
    }
}

fn said(message: Tree<'_>, on: Option<String>, change: Changed) -> Said {
    let (external_id, author, text) = (message.word("ts"), message.text("user"), message.text("text"));
    Said { external_id, on, author, handle: None, text, change }
}

fn reaction(event: Tree<'_>, change: Changed) -> Said {
    let on = event.at("item").text("ts");
    let external_id =
        format!("{}/{}/{}", on.as_deref().unwrap_or_default(), event.word("user"), event.word("reaction"));
    Said { external_id, on, author: event.text("user"), handle: None, text: event.text("reaction"), change }
}

/// A message: to the app itself, or an answer in a thread. What apps write, ours too, and what starts a thread is no answer to
/// us.
fn message(event: Tree<'_>) -> Result<What, String> {
    let subtype = event.word("subtype");
    let (message, change) = match subtype.as_str() {
        "" | "file_share" | "thread_broadcast" | "me_message" => (event, Changed::Added),
        "message_changed" => (event.at("message"), Changed::Edited),
        "message_deleted" => (event.at("previous_message"), Changed::Removed),
        other => return Err(format!("message.{other}")),
    };
    if message.at("bot_id").is() {
        return Err("message.app".into());
    }
    let on = message.text("thread_ts").filter(|root| *root != message.word("ts"));
    match (event.word("channel_type").as_str(), on) {
        ("im" | "mpim", on) => Ok(What::Message(said(message, on, change))),
        (_, Some(on)) => Ok(What::Comment(said(message, Some(on), change))),
        _ => Err("message.channel".into()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use connector_kit::hmac_hex;
    use connector_kit::inbound::suite::{Headers, Scheme, at, holds};

    const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";

    fn signed(secret: &str, at: i64, body: &[u8]) -> Headers {
        let tag = hmac_hex(secret.as_bytes(), &[format!("v0:{at}:").as_bytes(), body].concat());
        vec![
            ("x-slack-request-timestamp".to_owned(), at.to_string()),
            ("x-slack-signature".to_owned(), format!("v0={tag}")),
        ]
    }

    fn proofs() -> Proofs {
        Proofs::new([("signing_secret".to_owned(), SECRET.to_owned().into())].into())
    }

    /// The example of Slack's own page on verifying requests.
    #[test]
    fn the_signature_is_that_of_the_published_example() {
        let body = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
        let tag = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
        let headers = signed(SECRET, 1_531_420_618, body.as_bytes());
        assert_eq!(headers[1].1, tag);
        let ask = Ask { method: "POST", url: "", query: "", headers: &headers, body: body.as_bytes() };
        let then = Timestamp::from_second(1_531_420_618).unwrap();
        assert_eq!(Events.prove(&ask, &proofs(), then), Ok(Proved::default()));
    }

    #[test]
    fn its_scheme_holds_in_every_case_of_the_suite() {
        let body = r#"{"type":"event_callback","event_id":"Ev1","event":{"type":"app_mention"}}"#;
        let sign = |at: i64, body: &[u8]| signed(SECRET, at, body);
        let (proofs, others) = ([("signing_secret", SECRET)], [("signing_secret", "another")]);
        let scheme = Scheme { proofs: &proofs, others: &others, body, sign: &sign, ..Scheme::of(&Events) };
        assert!(holds(&scheme) > 150);
    }

    #[test]
    fn the_question_whether_it_is_ours_is_answered_only_if_it_is_signed() {
        let now = Timestamp::from_second(at(0)).unwrap();
        let body = br#"{"token":"t","challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P","type":"url_verification"}"#;
        let headers = signed(SECRET, at(0), body);
        let ask = Ask { method: "POST", url: "", query: "", headers: &headers, body };
        let greeting = Events.greet(&ask, &proofs(), now).unwrap().unwrap();
        assert_eq!(greeting.body, r#"{"challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}"#);
        let forged = signed("another", at(0), body);
        assert_eq!(Events.greet(&Ask { headers: &forged, ..ask }, &proofs(), now), Err(Refused::Wrong));
        assert_eq!(Events.greet(&Ask { body: b"{}", ..ask }, &proofs(), now), Ok(None));
    }

    fn read(event: &Value) -> Heard {
        let body = json!({
            "token": "t", "team_id": "T1", "api_app_id": "A1", "type": "event_callback", "event_id": "Ev1",
            "event_time": 1_355_517_523, "event": event,
        });
        let body = body.to_string();
        let call = Call { name: "rcp", content_type: "application/json", body: body.as_bytes() };
        let [heard] = <[Heard; 1]>::try_from(Events.read(&call)).unwrap();
        heard
    }

    #[test]
    fn each_event_is_read_into_our_words() {
        let heard = read(&json!({
            "type": "message", "channel": "C1", "user": "U1", "text": "Nice", "ts": "1355517524.000006",
            "thread_ts": "1355517523.000005", "channel_type": "channel",
        }));
        assert_eq!((heard.id.as_str(), heard.to.as_deref()), ("Ev1", Some("T1/C1")));
        assert_eq!(heard.at.unwrap().as_second(), 1_355_517_523);
        let What::Comment(said) = heard.what else { panic!("{heard:?}") };
        assert_eq!((said.external_id.as_str(), said.on.as_deref()), ("1355517524.000006", Some("1355517523.000005")));
        assert_eq!((said.author.as_deref(), said.text.as_deref()), (Some("U1"), Some("Nice")));
        let mention = json!({"type": "app_mention", "user": "U1", "text": "<@U0>", "ts": "1.2", "channel": "C1"});
        assert!(matches!(read(&mention).what, What::Mention(said) if said.on.is_none()));
        let direct =
            json!({"type": "message", "channel": "D1", "user": "U1", "text": "Hi", "ts": "1.2", "channel_type": "im"});
        assert!(matches!(read(&direct).what, What::Message(_)));
        let item = json!({"type": "message", "channel": "C1", "ts": "9.9"});
        let reaction =
            json!({"type": "reaction_removed", "user": "U1", "reaction": "thumbsup", "item": item, "event_ts": "1.2"});
        let heard = read(&reaction);
        assert_eq!(heard.to.as_deref(), Some("T1/C1"));
        let What::Reaction(said) = heard.what else { panic!("{heard:?}") };
        assert_eq!(
            (said.on.as_deref(), said.text.as_deref(), said.change),
            (Some("9.9"), Some("thumbsup"), Changed::Removed)
        );
    }

    #[test]
    fn an_app_that_left_or_whose_bots_token_was_revoked_ends_the_access_to_the_workspace() {
        let revoked = |tokens: Value| json!({ "type": "tokens_revoked", "tokens": tokens });
        for (event, kind, ends) in [
            (json!({ "type": "app_uninstalled" }), "app_uninstalled", Some("app_uninstalled")),
            (revoked(json!({ "oauth": ["U1"], "bot": ["U2"] })), "tokens_revoked.bot", Some("token_revoked")),
            (revoked(json!({ "oauth": ["U1"] })), "tokens_revoked", None),
            (revoked(json!({ "bot": [] })), "tokens_revoked", None),
            (json!({ "type": "channel_left", "channel": "C1" }), "channel_left", None),
        ] {
            let heard = read(&event);
            assert_eq!(heard.what, What::Unknown { kind: kind.into() });
            assert_eq!(Events.ends_access(kind), ends, "{kind}");
            assert_eq!(heard.to.as_deref(), Some(if kind == "channel_left" { "T1/C1" } else { "T1" }), "{kind}");
            assert_eq!(heard.at.unwrap().as_second(), 1_355_517_523);
        }
    }

    #[test]
    fn a_changed_answer_is_told_as_changed_and_what_is_no_answer_to_us_is_kept_as_unknown() {
        let answer = json!({"type": "message", "user": "U1", "text": "Better", "ts": "2.1", "thread_ts": "1.1"});
        let changed = json!({"type": "message", "subtype": "message_changed", "channel": "C1", "channel_type": "channel", "message": answer});
        assert!(
            matches!(read(&changed).what, What::Comment(said) if said.change == Changed::Edited && said.external_id == "2.1")
        );
        let gone = json!({"type": "message", "subtype": "message_deleted", "channel": "C1", "channel_type": "channel", "previous_message": answer});
        assert!(matches!(read(&gone).what, What::Comment(said) if said.change == Changed::Removed));
        for (event, kind) in [
            (
                json!({"type": "message", "channel": "C1", "bot_id": "B1", "text": "ours", "ts": "1.1", "thread_ts": "1.0"}),
                "message.app",
            ),
            (
                json!({"type": "message", "channel": "C1", "user": "U1", "text": "hello all", "ts": "1.1"}),
                "message.channel",
            ),
            (json!({"type": "message", "subtype": "channel_join", "channel": "C1"}), "message.channel_join"),
            (json!({"type": "app_uninstalled"}), "app_uninstalled"),
            (Value::Null, "event_callback"),
        ] {
            assert_eq!(read(&event).what, What::Unknown { kind: kind.into() }, "{event}");
        }
    }
}
