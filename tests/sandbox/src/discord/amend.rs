//! Another text for a message.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json, extract};
use serde::Deserialize;
use serde_json::Value;

use super::post::MAX_CONTENT;
use super::{Bot, PLATFORM, message, of_channel, refused, visible};
use crate::state::State;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Edited {
    content: String,
    #[serde(rename = "allowed_mentions")]
    _mentions: Value,
}

pub(super) async fn amend(
    extract::State(state): extract::State<State>,
    Extension(Bot(bot)): Extension<Bot>,
    Path((channel, id)): Path<(String, String)>,
    Json(edited): Json<Edited>,
) -> Response {
    if let Err(refusal) = visible(&channel) {
        return refusal;
    }
    if edited.content.encode_utf16().count() > MAX_CONTENT {
        return refused(StatusCode::BAD_REQUEST, 50_035, "Invalid Form Body");
    }
    let mut world = state.world();
    let author = of_channel(&world, &channel).find(|post| post.id == id).map(|post| post.author.clone());
    match author.as_deref().and_then(|author| author.split_once('/')) {
        None => refused(StatusCode::NOT_FOUND, 10_008, "Unknown Message"),
        // Not even who may delete it.
        Some((_, author)) if author != bot.id => {
            refused(StatusCode::FORBIDDEN, 50_005, "Cannot edit a message authored by another user")
        }
        Some(_) => {
            let Some(shown) = world.side(PLATFORM).wall.get_mut(&id) else {
                return refused(StatusCode::NOT_FOUND, 10_008, "Unknown Message");
            };
            shown.text.clone_from(&edited.content);
            shown.raw = edited.content;
            Json(message(shown)).into_response()
        }
    }
}
