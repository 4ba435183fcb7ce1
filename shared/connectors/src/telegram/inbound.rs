//! What Telegram tells a bot: one update a call, proved by the secret that the webhook was set with, which stands in a header of
//! each (<https://core.telegram.org/bots/api#setwebhook>, `#update`, `#message`, `#messagereactionupdated`,
//! `#chatmemberupdated`). There is no signature: who knows the secret can say anything.

use connector_kit::inbound::{Tree, same, unknown, unreadable};
use domain::inbound::{Changed, Heard, Person, Said, What};
use jiff::Timestamp;
use ports::{Ask, Call, Inbound, Made, Proofs, Proved, Refused, SourceField, SourceForm};
use secrecy::ExposeSecret as _;
use serde_json::Value;

/// What people enter for it.
pub(crate) const FORM: SourceForm = SourceForm {
    slug: "telegram",
    name: "Telegram",
    help: "Call setWebhook of your bot with the address as url, the secret as secret_token, and allowed_updates message, edited_message, business_message, message_reaction and my_chat_member.",
    fields: &[SourceField {
        name: "secret_token",
        what: "1 to 256 letters, digits, _ and -",
        made: Made::Token,
        check: is_token,
    }],
};

/// Longest `secret_token`.
const MAX_TOKEN: usize = 256;

fn is_token(text: &str) -> bool {
    (1..=MAX_TOKEN).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

/// Its webhook.
pub(crate) struct Updates;

impl Inbound for Updates {
    fn form(&self) -> &'static SourceForm {
        &FORM
    }

    fn prove(&self, ask: &Ask<'_>, proofs: &Proofs, _: Timestamp) -> Result<Proved, Refused> {
        let sent = ask.header("x-telegram-bot-api-secret-token").ok_or(Refused::Unproved)?;
        same(proofs.of("secret_token").expose_secret().as_bytes(), sent.as_bytes())?;
        Ok(Proved::default())
    }

    fn read(&self, call: &Call<'_>) -> Vec<Heard> {
        let Ok(body) = serde_json::from_slice::<Value>(call.body) else { return unreadable(call.name) };
        let tree = Tree(&body);
        let Some(id) = tree.text("update_id") else { return unreadable(call.name) };
        // An update has its number and one thing more, which is named by what it is.
        let kind = body.as_object().and_then(|fields| fields.keys().find(|name| *name != "update_id")).cloned();
        let kind = kind.unwrap_or_default();
        let update = tree.at(&kind);
        let at = update.seconds("edit_date").or_else(|| update.seconds("date"));
        let to = update.at("chat").text("id");
        match what(&kind, update) {
            Ok((to_channel, what)) => vec![Heard { id, at, to: to_channel.or(to), what }],
            Err(kind) => vec![Heard { at, to, ..unknown(id, kind) }],
        }
    }

    /// A bot that was removed from a channel or a group can say nothing there. A chat of one person is another thing ([`member`]).
    fn ends_access(&self, kind: &str) -> Option<&'static str> {
        matches!(kind, "my_chat_member.kicked" | "my_chat_member.left").then_some("bot_removed")
    }
}

/// What an update says in our words, with the channel that it concerns if it is not its own chat; or what it is called.
fn what(kind: &str, update: Tree<'_>) -> Result<(Option<String>, What), String> {
    match kind {
        "message" | "business_message" => message(kind, update, Changed::Added),
        "edited_message" | "edited_business_message" => message(kind, update, Changed::Edited),
        "message_reaction" => Ok((None, What::Reaction(reaction(update)))),
        "my_chat_member" => member(update).map(|what| (None, what)),
        other => Err(other.to_owned()),
    }
}

fn said(message: Tree<'_>, on: Option<String>, change: Changed) -> Said {
    let from = message.at("from");
    Said {
        external_id: format!("{}/{}", message.at("chat").word("id"), message.word("message_id")),
        on,
        author: from.text("id"),
        handle: from.text("username").or_else(|| from.text("first_name")),
        text: message.text("text").or_else(|| message.text("caption")),
        change,
    }
}

/// A message to the bot, or a comment: an answer, in the group of a channel, to what the channel sent there by itself.
fn message(kind: &str, message: Tree<'_>, change: Changed) -> Result<(Option<String>, What), String> {
    if message.at("chat").word("type") == "private" {
        return Ok((None, What::Message(said(message, None, change))));
    }
    let root = message.at("reply_to_message");
    if root.at("is_automatic_forward").0 == &Value::Bool(true) {
        let on = root.at("forward_origin").text("message_id");
        return Ok((root.at("sender_chat").text("id"), What::Comment(said(message, on, change))));
    }
    let named = message.at("entities").list().any(|entity| entity.word("type") == "mention");
    if named && message.at("from").at("is_bot").0 != &Value::Bool(true) {
        return Ok((None, What::Mention(said(message, root.text("message_id"), change))));
    }
    Err(format!("{kind}.group"))
}

/// Somebody's reactions to a message as they are now; none is left of what they took back.
fn reaction(update: Tree<'_>) -> Said {
    let now: Vec<String> =
        update.at("new_reaction").list().filter_map(|one| one.text("emoji").or(one.text("type"))).collect();
    let (on, user) = (update.text("message_id"), update.at("user"));
    let external_id = format!("{}/{}/{}", update.at("chat").word("id"), update.word("message_id"), user.word("id"));
    Said {
        external_id,
        on,
        author: user.text("id"),
        handle: user.text("username").or_else(|| user.text("first_name")),
        change: if now.is_empty() { Changed::Removed } else { Changed::Added },
        text: (!now.is_empty()).then(|| now.join(" ")),
    }
}

/// In a private chat the bot's own membership is the person's: who blocks it wants no more.
fn member(update: Tree<'_>) -> Result<What, String> {
    let status = update.at("new_chat_member").word("status");
    let person = Person { address: update.at("chat").word("id"), reason: Some(status.clone()), message: None };
    match (update.at("chat").word("type").as_str(), status.as_str()) {
        ("private", "kicked") => Ok(What::OptOut(person)),
        ("private", "member") => Ok(What::OptIn(person)),
        _ => Err(format!("my_chat_member.{status}")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use connector_kit::inbound::suite::{Scheme, holds};
    use serde_json::json;

    #[test]
    fn the_secret_holds_in_every_case_of_the_suite_that_is_about_it() {
        let sign = |_: i64, _: &[u8]| vec![("x-telegram-bot-api-secret-token".to_owned(), "s3cret_-Token".to_owned())];
        let (proofs, others) = ([("secret_token", "s3cret_-Token")], [("secret_token", "s3cret_-Tokem")]);
        // It neither tells a time nor covers the body.
        let scheme = Scheme { timed: false, whole: false, ..Scheme::of(&Updates) };
        assert!(holds(&Scheme { proofs: &proofs, others: &others, body: "{}", sign: &sign, ..scheme }) > 18);
        assert!(is_token("aZ0_-") && !is_token("") && !is_token("a b") && !is_token(&"a".repeat(257)));
    }

    fn read(update: &Value) -> Heard {
        let body = update.to_string();
        let call = Call { name: "rcp", content_type: "application/json", body: body.as_bytes() };
        let [heard] = <[Heard; 1]>::try_from(Updates.read(&call)).unwrap();
        heard
    }

    fn person() -> Value {
        json!({ "id": 77, "is_bot": false, "first_name": "Ada", "username": "ada" })
    }

    #[test]
    fn each_update_is_read_into_our_words() {
        let private = json!({ "id": 77, "type": "private" });
        let heard = read(
            &json!({ "update_id": 1, "message": { "message_id": 5, "from": person(), "chat": private, "date": 1_800_000_000, "text": "Hi" } }),
        );
        assert_eq!((heard.id.as_str(), heard.at.unwrap().as_second()), ("1", 1_800_000_000));
        let What::Message(said) = heard.what else { panic!("{heard:?}") };
        assert_eq!(
            (said.external_id.as_str(), said.handle.as_deref(), said.text.as_deref()),
            ("77/5", Some("ada"), Some("Hi"))
        );
        let root = json!({ "message_id": 9, "is_automatic_forward": true, "sender_chat": { "id": -1001, "type": "channel" },
            "forward_origin": { "type": "channel", "message_id": 42 } });
        let group = json!({ "id": -2002, "type": "supergroup" });
        let comment = json!({ "message_id": 10, "from": person(), "chat": group, "date": 1, "text": "Nice", "reply_to_message": root });
        let heard = read(&json!({ "update_id": 2, "edited_message": comment }));
        assert_eq!(heard.to.as_deref(), Some("-1001"), "the channel's, not its group's");
        assert!(
            matches!(heard.what, What::Comment(said) if said.on.as_deref() == Some("42") && said.change == Changed::Edited)
        );
        let reaction = json!({ "chat": { "id": -1001, "type": "channel" }, "message_id": 42, "user": person(), "date": 1,
            "old_reaction": [], "new_reaction": [{ "type": "emoji", "emoji": "👍" }] });
        let heard = read(&json!({ "update_id": 3, "message_reaction": reaction }));
        assert!(
            matches!(heard.what, What::Reaction(said) if said.on.as_deref() == Some("42") && said.text.as_deref() == Some("👍"))
        );
        let blocked = |status: &str| json!({ "update_id": 4, "my_chat_member": { "chat": { "id": 77, "type": "private" }, "date": 1, "new_chat_member": { "status": status } } });
        assert!(matches!(read(&blocked("kicked")).what, What::OptOut(person) if person.address == "77"));
        assert!(matches!(read(&blocked("member")).what, What::OptIn(_)));
    }

    #[test]
    fn a_bot_that_was_removed_from_a_channel_has_lost_its_access_to_it() {
        for (status, ends) in
            [("kicked", Some("bot_removed")), ("left", Some("bot_removed")), ("member", None), ("administrator", None)]
        {
            let channel = json!({ "id": -1001, "type": "channel" });
            let member = json!({ "chat": channel, "date": 1_800_000_000, "new_chat_member": { "status": status } });
            let heard = read(&json!({ "update_id": 5, "my_chat_member": member }));
            assert_eq!((heard.to.as_deref(), heard.at.unwrap().as_second()), (Some("-1001"), 1_800_000_000));
            let What::Unknown { kind } = heard.what else { panic!("{status}") };
            assert_eq!(Updates.ends_access(&kind), ends, "{status}");
        }
    }

    #[test]
    fn what_has_no_word_is_kept_under_its_own() {
        let group = json!({ "id": -2002, "type": "supergroup" });
        for (update, kind) in [
            (json!({ "update_id": 1, "channel_post": { "message_id": 1 } }), "channel_post"),
            (
                json!({ "update_id": 1, "message": { "message_id": 1, "chat": group, "text": "hello all" } }),
                "message.group",
            ),
            (
                json!({ "update_id": 1, "my_chat_member": { "chat": group, "new_chat_member": { "status": "kicked" } } }),
                "my_chat_member.kicked",
            ),
            (json!({ "update_id": 1 }), ""),
            (json!({ "message": {} }), "unreadable"),
            (json!([]), "unreadable"),
        ] {
            assert_eq!(read(&update).what, What::Unknown { kind: kind.into() }, "{update}");
        }
    }
}
