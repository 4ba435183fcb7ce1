//! Pages: which a person may act for, photos, posts, stories.

use axum::extract::{FromRequest as _, Multipart, Path, Query, Request};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::{Json, extract};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Asked, LINKED, Who, body, missing, name_of, page_token, refused, who};
use crate::directory::{self, FACEBOOK_PEOPLE, INSTAGRAM_ACCOUNTS, Organization};
use crate::ops::Platform;
use crate::state::{State, World, now_ms, rfc3339};
use crate::store::{Attached, Card, Media, Post, Stage, sniff};

/// Characters of a message.
const MAX_MESSAGE: usize = 63_206;
/// Bytes of a photo.
const MAX_PHOTO: usize = 4_000_000;

/// The page with this id, if the person has a role there.
pub(super) fn of(actor: &str, id: &str) -> Option<&'static Organization> {
    let person = directory::find(FACEBOOK_PEOPLE, actor)?;
    person.roles.iter().find(|(page, _)| *page == id).and_then(|(page, _)| directory::organization(page))
}

pub(super) async fn accounts(
    extract::State(state): extract::State<State>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    let world = state.world();
    let caller = match who(&world, Platform::Facebook, &headers) {
        Ok(who) if who.page.is_none() => who,
        Ok(_) => return missing("me"),
        Err(refusal) => return refusal,
    };
    if let Err(refusal) = caller.may("pages_show_list") {
        return refusal;
    }
    let token = crate::x::bearer(&headers).unwrap_or_default();
    let fields = asked.get("fields").map_or("", String::as_str);
    let roles = directory::find(FACEBOOK_PEOPLE, caller.actor).map_or(&[][..], |person| person.roles);
    let pages: Vec<Value> = roles
        .iter()
        .filter_map(|(id, task)| Some(shown_page(directory::organization(id)?, task, fields, token)))
        .collect();
    super::page_of(pages, &asked, "/me/accounts")
}

fn shown_page(page: &Organization, task: &str, fields: &str, token: &str) -> Value {
    let mut out = json!({ "id": page.id });
    for name in fields.split([',', '{', '}']) {
        match name {
            "name" => out["name"] = json!(page.name),
            "username" => out["username"] = json!(page.vanity),
            "tasks" => out["tasks"] = json!([task]),
            "access_token" => out["access_token"] = json!(page_token(page.id, token)),
            "instagram_business_account" => {
                let linked = LINKED.iter().find(|(of, _)| *of == page.id);
                let linked = linked.and_then(|(_, id)| directory::find(INSTAGRAM_ACCOUNTS, id));
                if let Some(account) = linked {
                    let body = json!({ "id": account.id, "name": account.name, "username": account.handle });
                    out["instagram_business_account"] = body;
                }
            }
            _ => {}
        }
    }
    out
}

/// Whether the call is the page's own.
pub(super) fn own(who: &Who, id: &str) -> Result<(), Response> {
    match who.page {
        Some(page) if page == id => who.may("pages_manage_posts"),
        None if of(who.actor, id).is_some() => Err(refused(403, 210, 0, "A page access token is required.")),
        _ => Err(missing(id)),
    }
}

pub(super) async fn photo(state: &State, who: &Who, id: &str, request: Request) -> Result<Response, Response> {
    own(who, id)?;
    let broken = |words: String| refused(400, 100, 0, &words);
    let (mut bytes, mut alt, mut published) = (None, None, true);
    let mut form = Multipart::from_request(request, &()).await.map_err(|e| broken(e.body_text()))?;
    while let Some(field) = form.next_field().await.map_err(|e| broken(e.body_text()))? {
        match field.name().unwrap_or_default() {
            "source" => bytes = Some(field.bytes().await.map_err(|e| broken(e.body_text()))?),
            "alt_text_custom" => alt = Some(field.text().await.map_err(|e| broken(e.body_text()))?),
            "published" => published = field.text().await.map_err(|e| broken(e.body_text()))? != "false",
            _ => return Err(broken("an unknown field".into())),
        }
    }
    let bytes = bytes.ok_or_else(|| broken("source is missing".into()))?;
    let mime = sniff(&bytes).filter(|mime| matches!(*mime, "image/png" | "image/jpeg"));
    let Some(mime) = mime.filter(|_| bytes.len() <= MAX_PHOTO) else {
        return Err(refused(400, 100, 1_366_046, "Your photos couldn't be uploaded: they should be less than 4 MB."));
    };
    if published {
        return Err(broken("this server takes unpublished photos only".into()));
    }
    let mut world = state.world();
    let side = world.side(Platform::Facebook);
    let photo = format!("1220{:012}", side.next_number());
    side.shelf.add(Media {
        id: photo.clone(),
        owner: id.to_owned(),
        mime: mime.to_owned(),
        category: "photo".to_owned(),
        announced: 0,
        parts: std::collections::BTreeMap::new(),
        bytes,
        stage: Stage::ReadyAt(0),
        alt,
    });
    Ok(Json(json!({ "id": photo })).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPost {
    #[serde(default)]
    message: String,
    link: Option<String>,
    #[serde(default)]
    attached_media: Vec<Photo>,
    published: Option<bool>,
    unpublished_content_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Photo {
    media_fbid: String,
}

pub(super) async fn post(
    state: &State,
    who: &Who,
    id: &str,
    asked: &Asked,
    request: Request,
) -> Result<Response, Response> {
    own(who, id)?;
    let new: NewPost = body(request).await?;
    let seen = super::videos::unseen(new.published, new.unpublished_content_type.as_deref())?;
    let mut world = state.world();
    let media = check(&world, id, &new)?;
    let card = new.link.map(|url| Card { title: url.clone(), url, description: None, thumbnail: None });
    let post = commit(&mut world, id, new.message, media, card, seen);
    let mut answer = json!({ "id": post.id });
    if asked.get("fields").is_some_and(|fields| fields.contains("permalink_url")) {
        answer["permalink_url"] = json!(permalink(state, &post));
    }
    let usage = [("x-app-usage", r#"{"call_count":3,"total_cputime":1,"total_time":2}"#)];
    Ok((usage, Json(answer)).into_response())
}

fn check(world: &World, page: &str, new: &NewPost) -> Result<Vec<Attached>, Response> {
    if new.message.is_empty() && new.link.is_none() && new.attached_media.is_empty() {
        return Err(refused(400, 100, 0, "You must provide a message, a link or media"));
    }
    if new.message.chars().count() > MAX_MESSAGE {
        return Err(refused(400, 100, 0, "The message is too long"));
    }
    if new.link.as_ref().is_some_and(|link| url::Url::parse(link).is_err() || link.contains("facebook.com")) {
        return Err(refused(400, 100, 1_609_005, "The link could not be read"));
    }
    let side = world.look(Platform::Facebook);
    let mut media = Vec::new();
    for Photo { media_fbid } in &new.attached_media {
        let known = side.shelf.get(media_fbid).filter(|photo| photo.owner == page);
        let Some(photo) = known else { return Err(refused(400, 100, 0, "Invalid parameter: attached_media")) };
        if side.wall.all().any(|post| post.media.iter().any(|media| media.id == *media_fbid)) {
            return Err(refused(400, 100, 1_366_051, "These photos were already posted."));
        }
        media.push(Attached { id: photo.id.clone(), alt: photo.alt.clone() });
    }
    let last = side.wall.live().rev().find(|post| post.author == page && post.reply_to.is_none());
    let link = |post: &Post| post.card.as_ref().map(|card| card.url.clone());
    let again = |post: &Post| post.text == new.message && link(post) == new.link && post.media.is_empty();
    if media.is_empty() && last.is_some_and(again) {
        return Err(refused(400, 506, 1_455_006, "Duplicate status message"));
    }
    Ok(media)
}

pub(super) fn commit(
    world: &mut World,
    page: &str,
    text: String,
    media: Vec<Attached>,
    card: Option<Card>,
    visibility: Option<String>,
) -> Post {
    let side = world.side(Platform::Facebook);
    let post = Post {
        id: format!("{page}_{}", 700_000_000_000 + side.next_number()),
        author: page.to_owned(),
        author_name: name_of(page).to_owned(),
        raw: text.clone(),
        text,
        truncated: false,
        media,
        card,
        poll: Vec::new(),
        asked: None,
        reply_to: None,
        visibility,
        created_ms: now_ms(),
        targets: Vec::new(),
        deleted: false,
    };
    side.wall.commit(post.clone());
    post
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewStory {
    photo_id: String,
}

pub(super) async fn story(state: &State, who: &Who, id: &str, request: Request) -> Result<Response, Response> {
    own(who, id)?;
    let NewStory { photo_id } = body(request).await?;
    let mut world = state.world();
    let known = world.look(Platform::Facebook).shelf.get(&photo_id).filter(|photo| photo.owner == id);
    let photo = known.map(|photo| Attached { id: photo.id.clone(), alt: photo.alt.clone() });
    let photo = photo.ok_or_else(|| refused(400, 100, 0, "Invalid parameter: photo_id"))?;
    let post = commit(&mut world, id, String::new(), vec![photo], None, Some("story".into()));
    Ok(Json(json!({ "success": true, "post_id": post.id })).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewMessage {
    message: String,
}

/// Other words for a post.
pub(super) async fn amend(
    extract::State(state): extract::State<State>,
    Path((_, id)): Path<(String, String)>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let changed = async {
        let who = who(&state.world(), Platform::Facebook, &headers)?;
        let new: NewMessage = body(request).await?;
        let mut world = state.world();
        let found = world.side(Platform::Facebook).wall.get_mut(&id);
        let post = found.filter(|post| post.id.contains('_')).ok_or_else(|| missing(&id))?;
        own(&who, &post.author)?;
        if new.message.chars().count() > MAX_MESSAGE {
            return Err(refused(400, 100, 0, "The message is too long"));
        }
        (post.text, post.raw) = (new.message.clone(), new.message);
        Ok(Json(json!({ "success": true })).into_response())
    };
    changed.await.unwrap_or_else(|refusal: Response| refusal)
}

pub(super) fn permalink(state: &State, post: &Post) -> String {
    let (page, number) = post.id.split_once('_').unwrap_or_default();
    format!("{}/facebook/web/{page}/posts/{number}/", state.public_url())
}

/// An instant as the Graph API writes it.
pub(super) fn instant(ms: i64) -> String {
    let text = rfc3339(ms);
    format!("{}+0000", text.split('.').next().unwrap_or_default())
}

pub(super) fn shown(state: &State, post: &Post) -> Value {
    let photos: Vec<Value> = post.media.iter().map(|photo| json!({ "target": { "id": photo.id } })).collect();
    let attachments = match (&post.card, photos.as_slice()) {
        (Some(card), _) => vec![json!({ "type": "share", "unshimmed_url": card.url, "target": {} })],
        (None, []) => Vec::new(),
        (None, [one]) => vec![json!({ "type": "photo", "target": one["target"] })],
        (None, _) => vec![json!({ "type": "album", "target": { "id": "1" }, "subattachments": { "data": photos } })],
    };
    let mut out = json!({
        "id": post.id, "created_time": instant(post.created_ms), "permalink_url": permalink(state, post),
    });
    if !post.text.is_empty() {
        out["message"] = json!(post.text);
    }
    if !attachments.is_empty() {
        out["attachments"] = json!({ "data": attachments });
    }
    out
}

/// With what others did with it, where that is asked for. What nobody did is left out.
pub(super) fn counted(mut post: Value, asked: &Asked, likes: u64) -> Value {
    if asked.get("fields").is_some_and(|fields| fields.contains("reactions.summary(total_count)")) {
        post["reactions"] = json!({ "data": [], "summary": { "total_count": likes } });
        post["comments"] = json!({ "data": [], "summary": { "total_count": 0 } });
    }
    post
}
