//! Telegram's Bot API. Facts (methods, limits, error texts) follow the Bot API 10.1.

mod form;
mod send;

use axum::extract::{Path, Request};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, extract};
use serde_json::{Value, json};

use crate::ops::{Op, Platform};
use crate::site::{Keyholder, Site};
use crate::state::{State, World};
use form::Fields;

const PLATFORM: Platform = Platform::Telegram;

/// The platform.
pub(crate) const SITE: Site = Site {
    platform: PLATFORM,
    title: "Telegram",
    brand: "#2aabee",
    keyholders: &[
        Keyholder {
            handle: "harbour_bot",
            id: "110201543",
            name: "Harbour Bot",
            key: "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw",
        },
        Keyholder {
            handle: "stranger_bot",
            id: "220302644",
            name: "Stranger Bot",
            key: "220302644:BBHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw",
        },
    ],
    entries,
    routes,
    op,
    problem,
};

/// A chat that bots can be in.
pub(super) struct Chat {
    pub(super) id: i64,
    pub(super) kind: &'static str,
    pub(super) title: &'static str,
    pub(super) username: Option<&'static str>,
    /// What Harbour Bot is there.
    status: &'static str,
    can_post: bool,
}

const CHATS: [Chat; 5] = [
    Chat {
        id: -1_001_000_000_001,
        kind: "channel",
        title: "Harbour Coffee Demo",
        username: Some("harbour_coffee_demo"),
        status: "administrator",
        can_post: true,
    },
    Chat {
        id: -1_001_000_000_002,
        kind: "channel",
        title: "Harbour Staff Demo",
        username: None,
        status: "administrator",
        can_post: true,
    },
    Chat {
        id: -1_001_000_000_003,
        kind: "channel",
        title: "Lighthouse Labs Demo",
        username: Some("lighthouse_labs_demo"),
        status: "administrator",
        can_post: false,
    },
    Chat { id: -4_001, kind: "group", title: "Roasters Demo", username: None, status: "member", can_post: false },
    Chat { id: 7_001, kind: "private", title: "", username: Some("ada_demo"), status: "member", can_post: false },
];

impl Chat {
    pub(super) fn json(&self) -> Value {
        let mut chat = json!({ "id": self.id, "type": self.kind, "title": self.title });
        if let Some(name) = self.username {
            chat["username"] = json!(name);
        }
        chat
    }

    pub(super) fn writable(&self) -> bool {
        self.can_post || self.kind == "group"
    }
}

/// The chat that `chat_id` names, if this bot is in it.
pub(super) fn chat(bot: &Keyholder, chat_id: &str) -> Option<&'static Chat> {
    let named = |chat: &&Chat| {
        chat.id.to_string() == chat_id || chat.username.is_some_and(|name| chat_id.strip_prefix('@') == Some(name))
    };
    CHATS.iter().find(named).filter(|chat| bot.handle == "harbour_bot" && chat.kind != "private" || chat.id > 0)
}

fn entries(_: &State, holder: &Keyholder) -> Value {
    json!({ "token": holder.key, "chat": "@harbour_coffee_demo" })
}

fn routes(_: &State) -> Router<State> {
    Router::new()
        .route("/telegram/{bot}/{method}", post(called).get(called))
        // The forms of the platform's own links to a message.
        .route("/telegram/c/{chat}/{id}", get(async |Path((_, id)): Path<(String, String)>| to_message(&id)))
}

fn to_message(id: &str) -> axum::response::Redirect {
    let anchor: String = id.chars().filter(char::is_ascii_digit).collect();
    axum::response::Redirect::to(&format!("/telegram/timeline#{anchor}"))
}

fn op(_: &Method, path: &str) -> Option<Op> {
    let (bot, method) = path.split_once('/')?;
    bot.starts_with("bot").then_some(())?;
    Some(match method {
        "sendMessage" | "sendPhoto" | "sendMediaGroup" => Op::CreatePost,
        "deleteMessage" => Op::DeletePost,
        "getMe" | "getChat" | "getChatMember" => Op::Me,
        _ => return None,
    })
}

fn problem(status: StatusCode, reason: &str) -> Response {
    let body = json!({ "ok": false, "error_code": status.as_u16(), "description": reason });
    (status, Json(body)).into_response()
}

/// A refusal in the words that Telegram uses.
pub(super) fn refused(status: u16, description: &str) -> Response {
    problem(StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST), description)
}

fn result(value: &Value) -> Response {
    Json(json!({ "ok": true, "result": value })).into_response()
}

/// Every method, under the bot that its address names.
async fn called(
    extract::State(state): extract::State<State>,
    Path((bot, method)): Path<(String, String)>,
    request: Request,
) -> Response {
    let Some(token) = bot.strip_prefix("bot") else {
        // A link to a message in a public chat.
        return to_message(&method).into_response();
    };
    let revoked = state.world().side(PLATFORM).keys_revoked;
    let Some(bot) = SITE.holder(token).filter(|_| !revoked) else { return refused(401, "Unauthorized") };
    let fields = match form::read(request).await {
        Ok(fields) => fields,
        Err(refusal) => return refusal,
    };
    let mut world = state.world();
    match method.as_str() {
        "getMe" => result(&json!({ "id": bot.id.parse::<i64>().unwrap_or_default(), "is_bot": true,
            "first_name": bot.name, "username": bot.handle })),
        "getChat" => match chat(bot, fields.text("chat_id")) {
            Some(chat) => result(&chat.json()),
            None => refused(400, "Bad Request: chat not found"),
        },
        "getChatMember" => match chat(bot, fields.text("chat_id")) {
            Some(chat) if fields.text("user_id") == bot.id => {
                result(&json!({ "status": chat.status, "can_post_messages": chat.can_post, "user": { "id": bot.id } }))
            }
            Some(_) => refused(400, "Bad Request: user not found"),
            None => refused(400, "Bad Request: chat not found"),
        },
        "sendMessage" => send::message(&mut world, bot, &fields),
        "sendPhoto" => send::photo(&mut world, bot, &fields),
        "sendMediaGroup" => send::album(&mut world, bot, &fields),
        "deleteMessage" => delete(&mut world, bot, &fields),
        _ => refused(404, "Not Found"),
    }
}

fn delete(world: &mut World, bot: &Keyholder, fields: &Fields) -> Response {
    if chat(bot, fields.text("chat_id")).is_none() {
        return refused(400, "Bad Request: chat not found");
    }
    if world.side(PLATFORM).wall.delete(fields.text("message_id")) {
        result(&Value::Bool(true))
    } else {
        refused(400, "Bad Request: message to delete not found")
    }
}
