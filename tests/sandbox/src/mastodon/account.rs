//! Who the token belongs to, and what the server says about itself.

use axum::response::{IntoResponse, Response};
use axum::{Extension, Json, extract};
use serde_json::{Value, json};

use super::{Caller, DOMAIN, base, media, poll, scopes, text};
use crate::site::Keyholder;
use crate::state::State;

/// An account as statuses and credentials carry it.
pub(super) fn describe(base: &str, holder: &Keyholder) -> Value {
    json!({
        "id": holder.id, "username": holder.handle, "acct": holder.handle, "display_name": holder.name,
        "locked": false, "bot": false, "created_at": "2026-01-01T00:00:00.000Z", "note": "",
        "url": format!("{base}/@{}", holder.handle), "avatar": "", "avatar_static": "", "header": "",
        "header_static": "", "followers_count": 0, "following_count": 0, "statuses_count": 0,
        "last_status_at": null, "emojis": [], "fields": [],
    })
}

pub(super) async fn verify_credentials(
    extract::State(state): extract::State<State>,
    Extension(Caller(holder)): Extension<Caller>,
) -> Response {
    let mut account = describe(&base(&state), holder);
    account["source"] = json!({"privacy": "public", "sensitive": false, "language": "", "note": "", "fields": []});
    Json(account).into_response()
}

/// The application that the token is of: any token may ask.
pub(super) async fn application(Extension(Caller(holder)): Extension<Caller>) -> Json<Value> {
    Json(json!({
        "id": "1", "name": "sandbox", "website": null, "scopes": scopes(holder),
        "redirect_uris": ["urn:ietf:wg:oauth:2.0:oob"], "redirect_uri": "urn:ietf:wg:oauth:2.0:oob",
    }))
}

/// For everyone, without a token.
pub(super) async fn instance(extract::State(state): extract::State<State>) -> Json<Value> {
    let most = state.world().settings.mastodon_video_bytes;
    Json(json!({
        "domain": DOMAIN, "title": "Mastodon (sandbox)", "version": "4.4.0",
        "source_url": "https://github.com/mastodon/mastodon", "description": "", "languages": ["en"],
        "configuration": {
            "statuses": {
                "max_characters": text::MAX_CHARACTERS, "max_media_attachments": media::MAX_ATTACHED,
                "characters_reserved_per_url": text::LINK_CHARACTERS,
            },
            "media_attachments": {
                "supported_mime_types": media::TYPES, "image_size_limit": media::MAX_BYTES,
                "video_size_limit": most, "description_limit": media::MAX_DESCRIPTION,
            },
            "polls": {
                "max_options": poll::MAX_OPTIONS, "max_characters_per_option": poll::MAX_OPTION,
                "min_expiration": poll::OPEN_S.start(), "max_expiration": poll::OPEN_S.end(),
            },
        },
        "rules": [],
    }))
}
