//! Comments below posts of pages and media of Instagram.

use axum::Json;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::page::instant;
use super::{Who, body, missing, name_of, refused};
use crate::directory::{self, INSTAGRAM_ACCOUNTS};
use crate::ops::Platform;
use crate::state::{State, now_ms};
use crate::store::Post;

/// Characters of a comment on Instagram.
const MAX_COMMENT: usize = 300;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewComment {
    message: String,
}

pub(super) async fn create(state: &State, who: &Who, id: &str, request: Request) -> Result<Response, Response> {
    let NewComment { message } = body(request).await?;
    let mut world = state.world();
    let platform = if id.contains('_') { Platform::Facebook } else { Platform::Instagram };
    let author = world.look(platform).wall.get(id).map(|post| post.author.clone()).ok_or_else(|| missing(id))?;
    if platform == Platform::Facebook {
        who.may("pages_manage_engagement")?;
        if who.page != Some(author.as_str()) {
            return Err(missing(id));
        }
    } else {
        let scope = if who.page.is_some() { "instagram_manage_comments" } else { "instagram_business_manage_comments" };
        who.may(scope)?;
        if !who.holds(&author) {
            return Err(missing(id));
        }
    }
    if message.trim().is_empty() || platform == Platform::Instagram && message.chars().count() > MAX_COMMENT {
        return Err(refused(400, 100, 0, "Invalid parameter: message"));
    }
    let side = world.side(platform);
    let number = side.next_number();
    let comment = match id.split_once('_') {
        Some((_, post)) => format!("{post}_{}", 800_000_000_000 + number),
        None => format!("1810{number:013}"),
    };
    side.wall.commit(Post {
        id: comment.clone(),
        author_name: name_of(&author).to_owned(),
        author,
        raw: message.clone(),
        text: message,
        truncated: false,
        media: Vec::new(),
        card: None,
        poll: Vec::new(),
        asked: None,
        reply_to: Some(id.to_owned()),
        visibility: None,
        created_ms: now_ms(),
        targets: Vec::new(),
        deleted: false,
    });
    Ok(Json(json!({ "id": comment })).into_response())
}

pub(super) fn shown(platform: Platform, post: &Post) -> Value {
    if platform == Platform::Facebook {
        let from = json!({ "id": post.author, "name": post.author_name });
        return json!({ "id": post.id, "message": post.text, "created_time": instant(post.created_ms), "from": from });
    }
    let username = directory::find(INSTAGRAM_ACCOUNTS, &post.author).map(|account| account.handle);
    json!({ "id": post.id, "text": post.text, "timestamp": instant(post.created_ms), "username": username })
}
