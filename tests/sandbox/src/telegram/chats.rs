//! The chats that bots can be in, and what a bot may do there.

use serde_json::{Value, json};

use crate::site::Keyholder;

/// What is sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Photo,
    Document,
    /// Among others that have no permission of their own.
    Animation,
    Poll,
}

/// What may be sent.
#[derive(Clone, Copy)]
pub(super) struct Rights(&'static [Kind]);

const ALL: Rights = Rights(&[Kind::Text, Kind::Photo, Kind::Document, Kind::Animation, Kind::Poll]);
const TEXTS: Rights = Rights(&[Kind::Text]);
const PLAIN: Rights = Rights(&[Kind::Text, Kind::Photo]);
const NONE: Rights = Rights(&[]);

impl Rights {
    fn have(self, kind: Kind) -> bool {
        self.0.contains(&kind)
    }

    fn json(self) -> Value {
        json!({
            "can_send_messages": self.have(Kind::Text), "can_send_photos": self.have(Kind::Photo),
            "can_send_documents": self.have(Kind::Document), "can_send_other_messages": self.have(Kind::Animation),
            "can_send_polls": self.have(Kind::Poll),
        })
    }
}

pub(super) struct Chat {
    pub(super) id: i64,
    pub(super) kind: &'static str,
    pub(super) title: &'static str,
    pub(super) username: Option<&'static str>,
    /// What Harbour Bot is there.
    pub(super) status: &'static str,
    /// What it may do as that: as an administrator of a channel, or as one who is restricted.
    own: Rights,
    /// What members may do, in groups.
    members: Rights,
}

const fn chat_of(id: i64, kind: &'static str, title: &'static str, status: &'static str) -> Chat {
    Chat { id, kind, title, username: None, status, own: ALL, members: ALL }
}

const CHATS: [Chat; 13] = [
    Chat {
        username: Some("harbour_coffee_demo"),
        ..chat_of(-1_001_000_000_001, "channel", "Harbour Coffee Demo", "administrator")
    },
    chat_of(-1_001_000_000_002, "channel", "Harbour Staff Demo", "administrator"),
    Chat {
        username: Some("lighthouse_labs_demo"),
        own: NONE,
        ..chat_of(-1_001_000_000_003, "channel", "Lighthouse Labs Demo", "administrator")
    },
    chat_of(-4_001, "group", "Roasters Demo", "member"),
    Chat { username: Some("ada_demo"), ..chat_of(7_001, "private", "", "member") },
    Chat { members: NONE, ..chat_of(-1_001_000_000_004, "supergroup", "Readers Demo", "member") },
    Chat { members: TEXTS, ..chat_of(-1_001_000_000_005, "supergroup", "Texts Demo", "member") },
    Chat { own: NONE, ..chat_of(-1_001_000_000_006, "supergroup", "Muted Demo", "restricted") },
    Chat { own: TEXTS, ..chat_of(-1_001_000_000_007, "supergroup", "Half Muted Demo", "restricted") },
    chat_of(-1_001_000_000_008, "supergroup", "Closed Demo", "kicked"),
    Chat { members: NONE, ..chat_of(-1_001_000_000_009, "supergroup", "Led Demo", "administrator") },
    Chat { members: PLAIN, ..chat_of(-1_001_000_000_011, "supergroup", "Unasked Demo", "member") },
    Chat { username: Some("left_demo"), ..chat_of(-1_001_000_000_010, "supergroup", "Left Demo", "left") },
];

/// The chat that `chat_id` names, if this bot may know of it.
pub(super) fn chat(bot: &Keyholder, chat_id: &str) -> Option<&'static Chat> {
    let named = |chat: &&Chat| {
        chat.id.to_string() == chat_id || chat.username.is_some_and(|name| chat_id.strip_prefix('@') == Some(name))
    };
    CHATS.iter().find(named).filter(|chat| bot.handle == "harbour_bot" && chat.kind != "private" || chat.id > 0)
}

impl Chat {
    /// As messages carry it.
    pub(super) fn json(&self) -> Value {
        let mut chat = json!({ "id": self.id, "type": self.kind, "title": self.title });
        if let Some(name) = self.username {
            chat["username"] = json!(name);
        }
        chat
    }

    /// `ChatFullInfo`: groups tell what their members may do.
    pub(super) fn json_in_full(&self) -> Value {
        let mut chat = self.json();
        if self.kind.ends_with("group") {
            chat["permissions"] = self.members.json();
        }
        chat
    }

    /// `ChatMember`, of Harbour Bot.
    pub(super) fn member(&self, id: &str) -> Value {
        let mut member = match self.status {
            "restricted" => self.own.json(),
            "administrator" if self.kind == "channel" => json!({ "can_post_messages": self.own.have(Kind::Text) }),
            _ => json!({}),
        };
        if self.status == "restricted" {
            member["is_member"] = json!(true);
        }
        member["status"] = json!(self.status);
        member["user"] = json!({ "id": id });
        member
    }

    /// Why the bot may not send this: the status and Telegram's words.
    pub(super) fn refusal(&self, kind: Kind) -> Option<(u16, String)> {
        let what = match kind {
            Kind::Text => "text messages",
            Kind::Photo => "photos",
            Kind::Document => "documents",
            Kind::Animation => "animations",
            Kind::Poll => "polls",
        };
        let poor = || (400, format!("Bad Request: not enough rights to send {what} to the chat"));
        match (self.status, self.kind) {
            ("left", _) => Some((403, format!("Forbidden: bot is not a member of the {} chat", self.kind))),
            (_, "channel") => {
                let words = "Bad Request: need administrator rights in the channel chat";
                (!self.own.have(Kind::Text)).then(|| (400, words.to_owned()))
            }
            ("administrator", _) => None,
            _ => (!self.own.have(kind) || !self.members.have(kind)).then(poor),
        }
    }
}
