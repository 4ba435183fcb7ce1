//! Slack's Web API for a bot. Facts (methods, arguments, errors, limits) follow docs.slack.dev and its daily copy
//! slack-ruby/slack-api-ref of August 2026. Everything is answered with a 200 whose body says `ok`.

mod files;
mod oauth;
mod read;
mod say;

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{Path, RawQuery};
use axum::http::{HeaderMap, Method as Verb, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router, extract};
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::faults::Lag;
use crate::oauth::{BadToken, Caller};
use crate::ops::{Op, Platform};
use crate::site::Site;
use crate::state::{State, now_ms};

pub(crate) use oauth::{FLOW, answer as token_answer, rules};

const PLATFORM: Platform = Platform::Slack;
/// The app in every workspace.
const APP_ID: &str = "A0HERALD01";
const BOT_ID: &str = "B0HERALD01";
const BOT_USER: &str = "U0HERALD01";

/// The platform.
pub(crate) const SITE: Site = Site {
    platform: PLATFORM,
    title: "Slack",
    brand: "#4a154b",
    keyholders: &[],
    entries: |_, _| json!({}),
    routes,
    op,
    problem,
};

/// A channel of a workspace.
struct Channel {
    team: &'static str,
    id: &'static str,
    name: &'static str,
    private: bool,
    /// Whether the bot is in it.
    member: bool,
    archived: bool,
    /// What a message that starts a thread is refused with.
    forbids: Option<&'static str>,
    /// What a reply is refused with.
    forbids_replies: Option<&'static str>,
}

/// A channel that anybody may write into.
const fn channel(team: &'static str, id: &'static str, name: &'static str) -> Channel {
    Channel { team, id, name, private: false, member: true, archived: false, forbids: None, forbids_replies: None }
}

const HARBOUR: &str = "T0HARBOUR1";
const CHANNELS: [Channel; 10] = [
    channel(HARBOUR, "C0GENERAL1", "general"),
    Channel { member: false, ..channel(HARBOUR, "C0RANDOM01", "random") },
    Channel { private: true, ..channel(HARBOUR, "G0STAFF001", "staff") },
    Channel { private: true, member: false, ..channel(HARBOUR, "G0BOARD001", "board") },
    Channel { archived: true, ..channel(HARBOUR, "C0OLDNEWS1", "old-news") },
    Channel { forbids: Some("restricted_action"), ..channel(HARBOUR, "C0CLOSED01", "closed") },
    Channel { forbids: Some("restricted_action_read_only_channel"), ..channel(HARBOUR, "C0RULES001", "rules") },
    Channel { forbids: Some("restricted_action_thread_only_channel"), ..channel(HARBOUR, "C0FORUM001", "forum") },
    Channel {
        forbids_replies: Some("restricted_action_non_threadable_channel"),
        ..channel(HARBOUR, "C0TICKER01", "ticker")
    },
    channel("T0LIGHTHO1", "C0LABS0001", "labs"),
];

/// What came with a call, by name.
type Arguments = BTreeMap<String, Value>;

/// A refusal: its error, and what else the body says.
struct Refusal(&'static str, Value);

impl From<&'static str> for Refusal {
    fn from(error: &'static str) -> Self {
        Self(error, json!({}))
    }
}

/// One call of a method.
struct Call<'a> {
    state: &'a State,
    caller: &'a Caller,
    arguments: &'a Arguments,
    /// Messages that are younger than this, in ms since the epoch, are not listed.
    newest_ms: i64,
}

impl Call<'_> {
    fn text(&self, name: &str) -> &str {
        self.arguments.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    fn needed(&self, name: &str) -> Result<&str, Refusal> {
        Some(self.text(name)).filter(|text| !text.is_empty()).ok_or(Refusal::from("invalid_arguments"))
    }

    /// What is an object or array in JSON, and the text of one in a form.
    fn value(&self, name: &str) -> Result<Option<Value>, Refusal> {
        match self.arguments.get(name) {
            Some(Value::String(text)) => serde_json::from_str(text).map(Some).map_err(|_| "invalid_arguments".into()),
            other => Ok(other.cloned()),
        }
    }

    fn scope(&self, scope: &str) -> Result<(), Refusal> {
        if self.caller.may(scope) {
            return Ok(());
        }
        Err(Refusal("missing_scope", json!({"needed": scope, "provided": self.caller.scopes.join(",")})))
    }

    /// The channel named, if the bot sees it: a private one it is not in is not there.
    fn channel(&self) -> Result<&'static Channel, Refusal> {
        self.channel_in("channel")
    }

    fn channel_in(&self, argument: &str) -> Result<&'static Channel, Refusal> {
        let id = self.needed(argument)?;
        let known = CHANNELS.iter().find(|channel| channel.id == id && channel.team == self.caller.actor);
        known.filter(|channel| channel.member || !channel.private).ok_or(Refusal::from("channel_not_found"))
    }
}

/// A method of the API.
struct Method {
    name: &'static str,
    scope: Option<&'static str>,
    /// Whether it takes JSON beside forms.
    json: bool,
    takes: &'static [&'static str],
    run: fn(&Call<'_>) -> Result<Value, Refusal>,
}

const METHODS: [Method; 12] = [
    Method { name: "auth.test", scope: None, json: true, takes: &[], run: read::me },
    Method { name: "auth.revoke", scope: None, json: false, takes: &["test"], run: oauth::revoke },
    Method { name: "chat.postMessage", scope: Some("chat:write"), json: true, takes: &say::TAKES, run: say::message },
    Method {
        name: "chat.update",
        scope: Some("chat:write"),
        json: true,
        takes: &["channel", "ts", "text", "blocks", "metadata", "as_user", "link_names", "parse"],
        run: say::amend,
    },
    Method {
        name: "chat.delete",
        scope: Some("chat:write"),
        json: true,
        takes: &["channel", "ts", "as_user"],
        run: say::delete,
    },
    Method { name: "conversations.list", scope: None, json: false, takes: &read::LIST_TAKES, run: read::channels },
    Method { name: "conversations.history", scope: None, json: false, takes: &read::TAKES, run: read::history },
    Method { name: "conversations.replies", scope: None, json: false, takes: &read::TAKES, run: read::replies },
    Method {
        name: "files.getUploadURLExternal",
        scope: Some("files:write"),
        json: false,
        takes: &["filename", "length", "alt_txt", "snippet_type"],
        run: files::announce,
    },
    Method {
        name: "files.completeUploadExternal",
        scope: Some("files:write"),
        json: true,
        takes: &["files", "channel_id", "initial_comment", "thread_ts"],
        run: files::complete,
    },
    Method { name: "files.delete", scope: Some("files:write"), json: true, takes: &["file"], run: files::delete },
    Method { name: "files.info", scope: Some("files:read"), json: false, takes: &["file"], run: files::info },
];

fn routes(_: &State) -> Router<State> {
    Router::new()
        .route("/slack/api/{method}", get(call).post(call))
        .route("/slack/upload/{id}", post(files::upload))
        .merge(oauth::routes())
        // The form of the platform's own links to a message.
        .route(
            "/slack/archives/{channel}/{message}",
            get(async |Path((_, message)): Path<(String, String)>| {
                let digits: String = message.chars().filter(char::is_ascii_digit).collect();
                let (s, us) = digits.split_at(digits.len().saturating_sub(6));
                Redirect::to(&format!("/slack/timeline#{s}.{us}"))
            }),
        )
}

fn op(_: &Verb, path: &str) -> Option<Op> {
    if path.starts_with("upload/") {
        return Some(Op::Media);
    }
    Some(match path.strip_prefix("api/")? {
        "oauth.v2.access" => Op::Token,
        "auth.revoke" => Op::Revoke,
        "auth.test" => Op::Me,
        "chat.postMessage" => Op::CreatePost,
        "chat.update" => Op::Amend,
        "chat.delete" | "files.delete" => Op::DeletePost,
        "conversations.list" => Op::Orgs,
        "conversations.history" | "conversations.replies" => Op::List,
        "files.info" => Op::MediaStatus,
        "files.getUploadURLExternal" | "files.completeUploadExternal" => Op::Media,
        _ => return None,
    })
}

/// Whether the completion of an upload shares its files, and so publishes them. (JSON, which the method takes too, is not looked at.)
pub(crate) fn is_shared(body: &[u8]) -> bool {
    form_urlencoded::parse(body).any(|(name, value)| name == "channel_id" && !value.is_empty())
}

fn problem(status: StatusCode, _: &str) -> Response {
    let error = match status.as_u16() {
        401 => "invalid_auth",
        403 => "access_denied",
        404 => "unknown_method",
        408 => "request_timeout",
        429 => "ratelimited",
        500..=599 => "internal_error",
        _ => "invalid_arguments",
    };
    (status, Json(json!({"ok": false, "error": error}))).into_response()
}

fn refused(Refusal(error, mut body): Refusal) -> Response {
    body["ok"] = json!(false);
    body["error"] = json!(error);
    Json(body).into_response()
}

/// The arguments of a call: of its address, and of its form or JSON.
fn arguments(method: &Method, query: &str, headers: &HeaderMap, body: &[u8]) -> Result<Arguments, Refusal> {
    let text = |bytes: &[u8]| -> Arguments {
        form_urlencoded::parse(bytes).into_owned().map(|(name, value)| (name, Value::String(value))).collect()
    };
    let mut arguments = text(query.as_bytes());
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match kind.split(';').next().unwrap_or_default() {
        "" if body.is_empty() => {}
        "application/x-www-form-urlencoded" => arguments.extend(text(body)),
        "application/json" if method.json => {
            let sent: Arguments = serde_json::from_slice(body).map_err(|_| Refusal::from("invalid_json"))?;
            arguments.extend(sent);
        }
        _ => return Err("invalid_post_type".into()),
    }
    let known = arguments.keys().all(|name| method.takes.contains(&name.as_str()));
    if known { Ok(arguments) } else { Err("invalid_arg_name".into()) }
}

async fn call(
    extract::State(state): extract::State<State>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    lag: Option<Extension<Lag>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let token = crate::x::bearer(&headers);
    let known = state.world().side(PLATFORM).oauth.authenticate(token, now_ms());
    let caller = match known {
        Ok(caller) => caller,
        Err(BadToken::Missing) => return refused("not_authed".into()),
        Err(BadToken::Unknown) => return refused("invalid_auth".into()),
        Err(BadToken::Expired) => return refused("token_expired".into()),
        Err(BadToken::Revoked) => return refused("token_revoked".into()),
    };
    let Some(method) = METHODS.iter().find(|method| method.name == name) else {
        return refused("unknown_method".into());
    };
    let arguments = match arguments(method, &query.unwrap_or_default(), &headers, &body) {
        Ok(arguments) => arguments,
        Err(refusal) => return refused(refusal),
    };
    let newest_ms = Lag::newest_ms(lag);
    let call = Call { state: &state, caller: &caller, arguments: &arguments, newest_ms };
    let done = method.scope.map_or(Ok(()), |scope| call.scope(scope)).and_then(|()| (method.run)(&call));
    match done {
        Ok(mut body) => {
            body["ok"] = json!(true);
            Json(body).into_response()
        }
        Err(refusal) => refused(refusal),
    }
}
