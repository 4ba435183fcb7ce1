//! Telegram's Bot API. Facts (methods, limits, error texts) follow the Bot API 10.1.

mod amend;
mod chats;
mod form;
mod poll;
mod send;

use axum::extract::{Path, Request};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, extract};
use serde_json::{Value, json};

use crate::ops::{Op, Platform};
use crate::site::{Keyholder, Site};
use crate::state::{State, World, now_ms};
use chats::{Chat, chat};
use form::Fields;

const PLATFORM: Platform = Platform::Telegram;
/// Largest request in bytes: 50 MB.
const MAX_REQUEST: usize = 50 * 1024 * 1024;
/// How long a message can be deleted.
const DELETABLE_MS: i64 = 48 * 3_600_000;

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
        "sendMessage" | "sendPhoto" | "sendVideo" | "sendDocument" | "sendAnimation" | "sendMediaGroup"
        | "sendPoll" => Op::CreatePost,
        "deleteMessage" => Op::DeletePost,
        "editMessageText" | "editMessageCaption" => Op::Amend,
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
    if fields.bytes() > MAX_REQUEST {
        return refused(413, "Request Entity Too Large");
    }
    let mut world = state.world();
    let chat = match chat(bot, fields.text("chat_id")) {
        _ if method == "getMe" => None,
        Some(chat) if chat.status == "kicked" => {
            return refused(403, &format!("Forbidden: bot was kicked from the {} chat", chat.kind));
        }
        Some(chat) => Some(chat),
        None => return refused(400, "Bad Request: chat not found"),
    };
    match (method.as_str(), chat) {
        ("getMe", _) => result(&json!({ "id": bot.id.parse::<i64>().unwrap_or_default(), "is_bot": true,
            "first_name": bot.name, "username": bot.handle })),
        ("getChat", Some(chat)) => result(&chat.json_in_full()),
        ("getChatMember", Some(chat)) if fields.text("user_id") == bot.id => result(&chat.member(bot.id)),
        ("getChatMember", Some(_)) => refused(400, "Bad Request: user not found"),
        ("sendMessage", Some(chat)) => send::message(&mut world, chat, &fields),
        ("sendPhoto", Some(chat)) => send::photo(&mut world, chat, &fields),
        ("sendVideo", Some(chat)) => send::video(&mut world, chat, &fields),
        ("sendDocument", Some(chat)) => send::document(&mut world, chat, &fields),
        ("sendAnimation", Some(chat)) => send::animation(&mut world, chat, &fields),
        ("sendMediaGroup", Some(chat)) => send::album(&mut world, chat, &fields),
        ("sendPoll", Some(chat)) => poll::send(&mut world, chat, &fields),
        ("editMessageText" | "editMessageCaption", Some(chat)) => amend::edit(&mut world, chat, &method, &fields),
        ("deleteMessage", Some(chat)) => delete(&mut world, chat, &fields),
        _ => refused(404, "Not Found"),
    }
}

fn delete(world: &mut World, chat: &Chat, fields: &Fields) -> Response {
    let id = fields.text("message_id");
    let older_ms = world.settings.telegram_older_s.saturating_mul(1_000);
    let wall = &mut world.side(PLATFORM).wall;
    let Some(message) = wall.get(id).filter(|message| message.author == chat.id.to_string()) else {
        return refused(400, "Bad Request: message to delete not found");
    };
    if now_ms() - message.created_ms + older_ms >= DELETABLE_MS {
        return refused(400, "Bad Request: message can't be deleted for everyone");
    }
    wall.delete(id);
    result(&Value::Bool(true))
}
