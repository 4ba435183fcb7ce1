//! Events told in a channel, by a webhook that was made for it there.

use super::AGENT;
use super::api::{AllowedMentions, Throttled};
use connector_kit::is_number;
use ports::{Announce, ChatWords};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Where webhooks are, as the settings of a channel give their addresses.
const HOOKS: [&str; 2] = ["https://discord.com/api/webhooks/", "https://discordapp.com/api/webhooks/"];
/// Most units of a message. Which unit is counted is not documented; UTF-16 units never count too little.
const LIMIT: usize = 2_000;
/// What makes Markdown, mentions and links of a text.
const MARKUP: &str = "\\*_~`|<>[]()#@:";

/// No number is documented, and what is refused counts: after 10,000 refusals in ten minutes the address of whoever asks is barred for all
/// (<https://discord.com/developers/docs/topics/rate-limits#invalid-request-limit-aka-cloudflare-bans>). Our own choice, low enough
/// that there is hardly one.
const MOST_A_MINUTE: u32 = 25;

/// The role.
pub(crate) struct Hook;

/// The body of "Execute Webhook".
#[derive(Serialize)]
struct Message {
    content: String,
    allowed_mentions: AllowedMentions,
}

/// Id and token of a webhook by its address.
fn parts(address: &str) -> Option<(&str, &str)> {
    let (id, token) = HOOKS.iter().find_map(|hooks| address.strip_prefix(hooks))?.split_once('/')?;
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    let token_fits = (1..=200).contains(&token.len()) && token.bytes().all(fits);
    (is_number(id, 20) && token_fits).then_some((id, token))
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if MARKUP.contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// The beginning of a text that has room, never half of what is escaped.
fn cut(text: &str, room: usize) -> String {
    if text.encode_utf16().count() <= room {
        return text.to_owned();
    }
    let mut left = room.saturating_sub(1);
    let fits = |c: &char| {
        let more = left.checked_sub(c.len_utf16());
        left = more.unwrap_or(0);
        more.is_some()
    };
    let mut out: String = text.chars().take_while(fits).collect();
    if out.chars().rev().take_while(|c| *c == '\\').count() % 2 == 1 {
        out.pop();
    }
    out.push('…');
    out
}

impl Announce for Hook {
    fn platform(&self) -> &'static str {
        "discord"
    }

    fn hosts(&self) -> &'static [&'static str] {
        &["discord.com", "discordapp.com"]
    }

    fn help(&self) -> &'static str {
        "the address of a channel's webhook on Discord (https://discord.com/api/webhooks/…)"
    }

    fn shown(&self, address: &str) -> Option<String> {
        parts(address).map(|(id, _)| format!("{}{id}/…", HOOKS[0]))
    }

    /// It is asked to wait until the message is saved: without that, one that is not saved looks like one that is.
    fn target(&self, address: &str) -> String {
        match parts(address) {
            Some((id, token)) => format!("{}{id}/{token}?wait=true", HOOKS[0]),
            None => address.to_owned(),
        }
    }

    fn headers(&self) -> BTreeMap<String, String> {
        BTreeMap::from([("user-agent".to_owned(), AGENT.to_owned())])
    }

    fn most_a_minute(&self) -> Option<u32> {
        Some(MOST_A_MINUTE)
    }

    fn body(&self, told: &ChatWords) -> Value {
        // In angle brackets no preview is made of it.
        let link = told.link.as_ref().map_or(String::new(), |link| format!("\n<{link}>"));
        let link = if link.encode_utf16().count() < LIMIT / 2 { link } else { String::new() };
        let content = cut(&told.lines(escape), LIMIT - link.encode_utf16().count()) + &link;
        let message = Message { content, allowed_mentions: AllowedMentions { parse: [] } };
        serde_json::to_value(message).unwrap_or_default()
    }

    fn wait_s(&self, body: &str) -> Option<u64> {
        let said = serde_json::from_str::<Throttled>(body).ok()?.retry_after;
        // A number of seconds with a fraction; a cast of one that is too large is the largest there is.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        (said.is_finite() && said >= 0.0).then(|| said.ceil() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const FINE: &str = "https://discord.com/api/webhooks/1300000000000000001/canary_canary-canary";

    #[test]
    fn a_webhooks_address_is_shown_without_its_token_and_no_other_is_taken() {
        let shown = "https://discord.com/api/webhooks/1300000000000000001/…";
        assert_eq!(Hook.shown(FINE).as_deref(), Some(shown));
        assert_eq!(Hook.shown(&FINE.replace("discord.com", "discordapp.com")).as_deref(), Some(shown));
        assert_eq!(Hook.target(FINE), format!("{FINE}?wait=true"));
        for other in [
            "http://discord.com/api/webhooks/1/a",
            "https://discord.com/api/webhooks/1",
            "https://discord.com/api/webhooks/1/",
            "https://discord.com/api/webhooks/x/a",
            "https://discord.com/api/webhooks/1/a/github",
            "https://discord.com/api/webhooks/1/a?thread_id=2",
            "https://discord.com/api/channels/1/messages",
            "https://discord.com@evil.example/api/webhooks/1/a",
            "https://discord.com.evil.example/api/webhooks/1/a",
        ] {
            assert_eq!(Hook.shown(other), None, "{other}");
        }
    }

    #[test]
    fn what_is_told_notifies_nobody_and_has_no_markup_of_its_own() {
        let told = ChatWords {
            title: "A post is live on one account.".into(),
            facts: vec![("Reason", "@everyone <@1> [a](https://evil.example) `x`".into())],
            link: Some("https://a.example/?a=1&b=2".into()),
        };
        let content = "A post is live on one account.\nReason: \\@everyone \\<\\@1\\> \\[a\\]\\(https\\://evil.example\\) \\`x\\`\n<https://a.example/?a=1&b=2>";
        assert_eq!(Hook.body(&told), json!({ "content": content, "allowed_mentions": { "parse": [] } }));
    }

    #[test]
    fn a_message_has_at_most_two_thousand_units_and_keeps_its_link() {
        let address = "https://a.example/p";
        let long = |n: usize, c: &str| ChatWords { title: c.repeat(n), facts: Vec::new(), link: Some(address.into()) };
        let link = "\n<https://a.example/p>";
        let room = LIMIT - link.len();
        for (n, c) in [(room, "a"), (room + 1, "a"), (3_000, "😀"), (3_000, "_")] {
            let body = Hook.body(&long(n, c));
            let content = body["content"].as_str().unwrap_or_default();
            assert!(content.encode_utf16().count() <= LIMIT && content.ends_with(link), "{n} {c}");
            assert_eq!(content.contains('…'), n > room, "{n} {c}");
            let before = content.trim_end_matches(link).trim_end_matches('…');
            assert!(c != "_" || before.ends_with("\\_"), "{before:?}");
        }
    }

    #[test]
    fn a_wait_is_read_from_the_body_and_rounded_up() {
        for (body, wait) in [
            (r#"{"message":"You are being rate limited.","retry_after":1.3,"global":false}"#, Some(2)),
            (r#"{"message":"m","retry_after":0.0}"#, Some(0)),
            (r#"{"message":"m","retry_after":1e30}"#, Some(u64::MAX)),
            (r#"{"message":"m","retry_after":-1}"#, None),
            (r#"{"message":"Unknown Webhook","code":10015}"#, None),
            ("<html>", None),
        ] {
            assert_eq!(Hook.wait_s(body), wait, "{body}");
        }
    }
}
