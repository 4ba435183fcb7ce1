//! Comments, mentions, reactions and messages of pages and professional accounts.

use connector_kit::inbound::Tree;
use domain::inbound::{Changed, MessageStanding, Said, Standing, What};
use jiff::Timestamp;

/// A change of a field: what it says in our words, or what it is called.
pub(super) fn change(field: &str, value: Tree<'_>) -> Result<What, String> {
    match (field, value.word("item").as_str()) {
        ("feed", "comment") => Ok(What::Comment(feed(value, value.word("comment_id"), value.text("message")))),
        ("feed", item @ ("reaction" | "like")) => {
            let (on, who) = (value.text("comment_id").or(value.text("post_id")), value.at("from").word("id"));
            let id = format!("{}/{who}", on.as_deref().unwrap_or_default());
            let kind = value.text("reaction_type").unwrap_or_else(|| item.to_owned());
            Ok(What::Reaction(Said { on, ..feed(value, id, Some(kind)) }))
        }
        ("feed", item) => Err(format!("feed.{item}")),
        ("mention", _) => {
            let id = value.text("comment_id").or(value.text("post_id")).unwrap_or_default();
            Ok(What::Mention(feed(value, id, value.text("message"))))
        }
        ("comments" | "live_comments", _) => {
            let from = value.at("from");
            Ok(What::Comment(Said {
                external_id: value.word("id"),
                on: value.text("parent_id").or_else(|| value.at("media").text("id")),
                author: from.text("id"),
                handle: from.text("username"),
                text: value.text("text"),
                change: Changed::Added,
            }))
        }
        ("mentions", _) => {
            let external_id = value.text("comment_id").or(value.text("media_id")).unwrap_or_default();
            Ok(What::Mention(Said { external_id, on: value.text("media_id"), ..Said::default() }))
        }
        (other, _) => Err(other.to_owned()),
    }
}

/// What the feed of a page says of something: whose it is, below what, and whether it is new.
fn feed(value: Tree<'_>, external_id: String, text: Option<String>) -> Said {
    let from = value.at("from");
    let change = match value.word("verb").as_str() {
        "edited" | "edit" => Changed::Edited,
        "remove" | "hide" => Changed::Removed,
        _ => Changed::Added,
    };
    let on = value.text("parent_id").or(value.text("post_id"));
    Said {
        external_id,
        on,
        author: from.text("id").or(value.text("sender_id")),
        handle: from.text("name"),
        text,
        change,
    }
}

/// What one element of `messaging` says: a delivery may name several messages.
pub(super) fn messages(it: Tree<'_>) -> Vec<(&'static str, Result<What, String>)> {
    let author = it.at("sender").text("id");
    let (message, reaction, delivery) = (it.at("message"), it.at("reaction"), it.at("delivery"));
    if message.is() {
        return vec![("message", self::message(message, author))];
    }
    if reaction.is() {
        let on = reaction.text("mid");
        let said = Said {
            external_id: format!("{}/{}", reaction.word("mid"), author.as_deref().unwrap_or_default()),
            on,
            author,
            handle: None,
            text: reaction.text("emoji").or(reaction.text("reaction")),
            change: if reaction.word("action") == "unreact" { Changed::Removed } else { Changed::Added },
        };
        return vec![("reaction", Ok(What::Reaction(said)))];
    }
    let at = delivery.seconds("watermark").or_else(|| it.seconds("timestamp")).unwrap_or(Timestamp::UNIX_EPOCH);
    let standing = || Standing { status: MessageStanding::Delivered, at, code: None };
    let mids = delivery.at("mids").0.as_array().into_iter().flatten().filter_map(|mid| mid.as_str());
    let delivered: Vec<_> = mids
        .map(|mid| What::Status { message: mid.to_owned(), recipient: author.clone(), standing: standing() })
        .map(|what| ("delivery", Ok(what)))
        .collect();
    if !delivered.is_empty() {
        return delivered;
    }
    let known = ["delivery", "read", "postback", "optin", "referral", "sender", "recipient", "timestamp"];
    let kind = known.into_iter().take(5).find(|name| it.at(name).is()).unwrap_or("other");
    vec![("messaging", Err(format!("messaging.{kind}")))]
}

/// A message from somebody. What we sent comes back as an echo, which tells nothing new.
fn message(message: Tree<'_>, author: Option<String>) -> Result<What, String> {
    if message.at("is_echo").0 == &serde_json::Value::Bool(true) {
        return Err("message.echo".into());
    }
    let gone = message.at("is_deleted").0 == &serde_json::Value::Bool(true);
    Ok(What::Message(Said {
        external_id: message.word("mid"),
        on: message.at("reply_to").text("mid"),
        author,
        handle: None,
        text: message.text("text"),
        change: if gone { Changed::Removed } else { Changed::Added },
    }))
}
