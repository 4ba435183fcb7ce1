//! The repository of an account: records under collection and key.

use axum::body::Bytes;
use axum::extract::Query;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json, extract};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

use super::record::{self, GATE, POST, Shown, Wrong, cid, is_tid};
use super::{Author, PLATFORM, counted, holder, invalid, refused, slow_down};
use crate::ops::Op;
use crate::site::Keyholder;
use crate::state::{State, World, now_ms};
use crate::store::{Media, Post, Stage, sniff};

/// Points that the records of one account may cost in an hour, and what making and deleting one costs.
const POINTS: u32 = 5_000;
const POINTS_MS: i64 = 3_600_000;
const CREATES: u32 = 3;
const DELETES: u32 = 1;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateRecord {
    repo: String,
    collection: String,
    rkey: Option<String>,
    #[serde(rename = "validate")]
    _validate: Option<bool>,
    record: Value,
    #[serde(rename = "swapCommit")]
    _swap_commit: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DeleteRecord {
    repo: String,
    collection: String,
    rkey: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ApplyWrites {
    repo: String,
    #[serde(rename = "validate")]
    _validate: Option<bool>,
    writes: Vec<Write>,
}

#[derive(Deserialize)]
#[serde(tag = "$type")]
enum Write {
    #[serde(rename = "com.atproto.repo.applyWrites#create")]
    Create { collection: String, rkey: Option<String>, value: Value },
    #[serde(rename = "com.atproto.repo.applyWrites#delete")]
    Delete { collection: String, rkey: String },
}

/// A record that may be committed.
enum Checked {
    Post(String, Shown, Value),
    Gate(String, String, Value),
}

fn uri(holder: &Keyholder, collection: &str, key: &str) -> String {
    format!("at://{}/{collection}/{key}", holder.id)
}

/// Where a post is, of whoever wrote it: keys are an account's own.
fn find<'a>(world: &'a World, author: &str, key: &str) -> Option<&'a Post> {
    world.look(PLATFORM).wall.live().find(|post| post.id == key && post.author == author)
}

/// The key that a client gave, or the next of the server's own.
fn key_or_next(world: &mut World, key: Option<String>) -> String {
    key.unwrap_or_else(|| {
        let number = world.side(PLATFORM).next_number();
        record::tid((now_ms() * 1_000).unsigned_abs() << 10 | number.unsigned_abs() & 1_023)
    })
}

fn check(world: &World, author: &Keyholder, collection: &str, key: &str, value: &Value) -> Result<Checked, Response> {
    let told = |(error, message): Wrong| refused(StatusCode::BAD_REQUEST, error, &message);
    if !is_tid(key) {
        return Err(invalid(&format!("Invalid record key for {collection}: Invalid TID string (got \"{key}\") at $")));
    }
    let checked = match collection {
        POST => Checked::Post(key.to_owned(), record::post(world, value).map_err(told)?, value.clone()),
        GATE => Checked::Gate(key.to_owned(), record::gate(value, key).map_err(told)?, value.clone()),
        _ => return Err(invalid(&format!("Lexicon not found: {collection}"))),
    };
    let taken = match &checked {
        Checked::Post(..) => find(world, author.id, key).is_some(),
        Checked::Gate(..) => find(world, author.id, key).is_some_and(|post| post.visibility.is_some()),
    };
    if taken {
        // The reference server has no name for it.
        return Err(refused(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", "Internal Server Error"));
    }
    Ok(checked)
}

/// Commits a checked record; what the answer says of it.
fn commit(world: &mut World, author: &Keyholder, checked: Checked) -> Value {
    let (collection, key, value) = match checked {
        Checked::Post(key, shown, value) => {
            world.side(PLATFORM).wall.commit(Post {
                id: key.clone(),
                author: author.id.to_owned(),
                author_name: author.name.to_owned(),
                text: shown.text,
                raw: value.to_string(),
                truncated: false,
                media: shown.media,
                card: shown.card,
                poll: Vec::new(),
                asked: None,
                reply_to: shown.reply_to,
                visibility: None,
                created_ms: now_ms(),
                targets: Vec::new(),
                deleted: false,
            });
            (POST, key, value)
        }
        Checked::Gate(key, rules, value) => {
            world.side(PLATFORM).wall.restrict(author.id, &key, Some(rules));
            (GATE, key, value)
        }
    };
    json!({ "uri": uri(author, collection, &key), "cid": cid(value.to_string().as_bytes()), "validationStatus": "valid" })
}

fn foreign(author: &Keyholder, repo: &str) -> Option<Response> {
    let theirs = repo != author.id && repo != author.handle;
    theirs.then(|| refused(StatusCode::UNAUTHORIZED, "AuthenticationRequired", "Authentication Required"))
}

pub(super) async fn create_record(
    extract::State(state): extract::State<State>,
    Extension(Author(author)): Extension<Author>,
    body: Result<Json<CreateRecord>, extract::rejection::JsonRejection>,
) -> Response {
    let new = match body {
        Ok(Json(new)) => new,
        Err(error) => return invalid(&error.body_text()),
    };
    if let Some(refusal) = foreign(author, &new.repo) {
        return refusal;
    }
    let mut world = state.world();
    let (headers, over) = counted(&mut world, author.id, Op::CreatePost, CREATES, POINTS, POINTS_MS);
    if over {
        return slow_down(headers);
    }
    let key = key_or_next(&mut world, new.rkey);
    match check(&world, author, &new.collection, &key, &new.record) {
        Ok(checked) => {
            let mut answer = commit(&mut world, author, checked);
            answer["commit"] = json!({ "cid": answer["cid"], "rev": "3222222222222" });
            (headers, Json(answer)).into_response()
        }
        Err(refusal) => (headers, refusal).into_response(),
    }
}

pub(super) async fn apply_writes(
    extract::State(state): extract::State<State>,
    Extension(Author(author)): Extension<Author>,
    body: Result<Json<ApplyWrites>, extract::rejection::JsonRejection>,
) -> Response {
    let new = match body {
        Ok(Json(new)) => new,
        Err(error) => return invalid(&error.body_text()),
    };
    if let Some(refusal) = foreign(author, &new.repo) {
        return refusal;
    }
    let mut world = state.world();
    // All of them or none.
    let mut checked = Vec::new();
    for write in new.writes {
        match write {
            Write::Create { collection, rkey, value } => {
                let key = key_or_next(&mut world, rkey);
                match check(&world, author, &collection, &key, &value) {
                    Ok(create) => checked.push(Ok(create)),
                    Err(refusal) => return refusal,
                }
            }
            Write::Delete { collection, rkey } => checked.push(Err((collection, rkey))),
        }
    }
    let mut results = Vec::new();
    for write in checked {
        results.push(match write {
            Ok(create) => {
                let mut result = commit(&mut world, author, create);
                result["$type"] = json!("com.atproto.repo.applyWrites#createResult");
                result
            }
            Err((collection, key)) => {
                delete(&mut world, author, &collection, &key);
                json!({ "$type": "com.atproto.repo.applyWrites#deleteResult" })
            }
        });
    }
    Json(json!({ "results": results, "commit": { "cid": cid(b"commit"), "rev": "3222222222222" } })).into_response()
}

fn delete(world: &mut World, author: &Keyholder, collection: &str, key: &str) {
    let wall = &mut world.side(PLATFORM).wall;
    match collection {
        POST if wall.live().any(|post| post.id == key && post.author == author.id) => {
            wall.delete(key);
        }
        GATE => wall.restrict(author.id, key, None),
        _ => {}
    }
}

pub(super) async fn delete_record(
    extract::State(state): extract::State<State>,
    Extension(Author(author)): Extension<Author>,
    body: Result<Json<DeleteRecord>, extract::rejection::JsonRejection>,
) -> Response {
    let gone = match body {
        Ok(Json(gone)) => gone,
        Err(error) => return invalid(&error.body_text()),
    };
    if let Some(refusal) = foreign(author, &gone.repo) {
        return refusal;
    }
    let mut world = state.world();
    let (headers, over) = counted(&mut world, author.id, Op::CreatePost, DELETES, POINTS, POINTS_MS);
    if over {
        return slow_down(headers);
    }
    // What is not there is deleted.
    delete(&mut world, author, &gone.collection, &gone.rkey);
    (headers, Json(json!({}))).into_response()
}

#[derive(Deserialize)]
pub(super) struct Which {
    repo: String,
    collection: String,
    rkey: String,
}

pub(super) async fn get_record(extract::State(state): extract::State<State>, Query(which): Query<Which>) -> Response {
    let Some(author) = holder(&which.repo) else { return invalid("Could not locate record") };
    let uri = uri(author, &which.collection, &which.rkey);
    let world = state.world();
    let value = match (which.collection.as_str(), which.rkey.as_str()) {
        ("app.bsky.actor.profile", "self") => {
            Some(json!({ "$type": "app.bsky.actor.profile", "displayName": author.name }))
        }
        (POST, key) => find(&world, author.id, key).and_then(|post| serde_json::from_str(&post.raw).ok()),
        _ => None,
    };
    match value {
        Some(value) => {
            let cid = cid(value.to_string().as_bytes());
            Json(json!({ "uri": uri, "cid": cid, "value": value })).into_response()
        }
        None => refused(StatusCode::BAD_REQUEST, "RecordNotFound", &format!("Could not locate record: {uri}")),
    }
}

pub(super) async fn upload_blob(
    extract::State(state): extract::State<State>,
    Extension(Author(author)): Extension<Author>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    if bytes.len() > state.world().settings.bluesky_blob_bytes {
        return refused(StatusCode::PAYLOAD_TOO_LARGE, "PayloadTooLarge", "request entity too large");
    }
    let said = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("*/*");
    // What it is by its first bytes counts, where they say so.
    let mime = sniff(&bytes).unwrap_or(said).to_owned();
    let id = cid(&bytes);
    let blob = json!({ "$type": "blob", "ref": { "$link": id }, "mimeType": mime, "size": bytes.len() });
    state.world().side(PLATFORM).shelf.add(Media {
        id,
        owner: author.id.to_owned(),
        mime,
        category: String::new(),
        announced: bytes.len(),
        parts: BTreeMap::new(),
        bytes,
        stage: Stage::Polls(0),
        alt: None,
    });
    Json(json!({ "blob": blob })).into_response()
}
