//! Comments below posts of pages and media of Instagram, and answers to comments.

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
use crate::store::{Post, Wall};

/// Characters of a comment on Instagram.
const MAX_COMMENT: usize = 300;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewComment {
    message: String,
}

/// A comment below a post, or below a comment that it answers: what answers an answer stands below the comment that began it.
pub(super) async fn create(state: &State, who: &Who, id: &str, request: Request) -> Result<Response, Response> {
    let NewComment { message } = body(request).await?;
    let mut world = state.world();
    let platform = if id.contains('_') { Platform::Facebook } else { Platform::Instagram };
    let wall = &world.look(platform).wall;
    let above = wall.get(id).ok_or_else(|| missing(id))?;
    let is_comment = |id: &str| wall.get(id).is_some_and(|post| post.reply_to.is_some());
    let below = above.reply_to.clone().filter(|above| is_comment(above)).unwrap_or_else(|| id.to_owned());
    let (author, answers) = (above.author.clone(), above.reply_to.is_some());
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
        // Named by the post that all of them stand below.
        Some((post, _)) if answers => format!("{post}_{}", 800_000_000_000 + number),
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
        reply_to: Some(below),
        visibility: None,
        created_ms: now_ms(),
        targets: Vec::new(),
        deleted: false,
    });
    Ok(Json(json!({ "id": comment })).into_response())
}

/// A comment, with the one that it answers, if it does.
pub(super) fn shown(wall: &Wall, platform: Platform, post: &Post) -> Value {
    let answered = post.reply_to.as_deref().filter(|id| wall.get(id).is_some_and(|above| above.reply_to.is_some()));
    let mut out = if platform == Platform::Facebook {
        let from = json!({ "id": post.author, "name": post.author_name });
        json!({ "id": post.id, "message": post.text, "created_time": instant(post.created_ms), "from": from })
    } else {
        let username = directory::find(INSTAGRAM_ACCOUNTS, &post.author).map(|account| account.handle);
        json!({ "id": post.id, "text": post.text, "timestamp": instant(post.created_ms), "username": username })
    };
    match (answered, platform) {
        (Some(id), Platform::Facebook) => out["parent"] = json!({ "id": id }),
        (Some(id), _) => out["parent_id"] = json!(id),
        (None, _) => {}
    }
    out
}

/// Whether a comment stands below what has this id: right below it, or on a page at any depth, where all are asked for.
pub(super) fn is_below(wall: &Wall, post: &Post, id: &str, all: bool) -> bool {
    let above = post.reply_to.as_deref();
    above == Some(id) || all && above.and_then(|above| wall.get(above)?.reply_to.as_deref()) == Some(id)
}
