//! What people look at: the front page, the two timelines, pictures. And the timelines as JSON for tests.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Json, Router, extract};
use jiff::Timestamp;
use minijinja::Environment;
use serde::Serialize;
use serde_json::{Value, json};

use crate::ops::Platform;
use crate::site::{SITES, Site};
use crate::state::{Side, State, World, rfc3339};
use crate::store::{Post, is_paper, sniff};
use crate::{linkedin, x};

/// The compiled templates.
pub(crate) struct Pages(Environment<'static>);

impl Pages {
    pub(crate) fn new() -> Self {
        let mut env = Environment::new();
        for (name, source) in [
            ("base.html", include_str!("../templates/base.html")),
            ("index.html", include_str!("../templates/index.html")),
            ("consent.html", include_str!("../templates/consent.html")),
            ("post.html", include_str!("../templates/post.html")),
            ("x.html", include_str!("../templates/x.html")),
            ("feed.html", include_str!("../templates/feed.html")),
            ("hooks.html", include_str!("../templates/hooks.html")),
        ] {
            if let Err(error) = env.add_template(name, source) {
                tracing::error!(name, %error, "template does not compile");
            }
        }
        Self(env)
    }

    /// The rendered page; 500 with the reason in the log when a template fails.
    pub(crate) fn html(&self, name: &str, context: &impl Serialize) -> Response {
        match self.0.get_template(name).and_then(|template| template.render(minijinja::value::Serde(context))) {
            Ok(text) => ([(header::CACHE_CONTROL, "no-store")], Html(text)).into_response(),
            Err(error) => {
                tracing::error!(name, %error, "page cannot be rendered");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

pub(crate) fn routes() -> Router<State> {
    Router::new()
        .route("/", get(index))
        .route("/health", get(async || "ok\n"))
        .route("/guide", get(async || ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], crate::GUIDE)))
        .route("/x/timeline", get(x_page))
        .route("/x/timeline.json", get(x_json))
        .route("/linkedin/timeline", get(linkedin_page))
        .route("/linkedin/timeline.json", get(linkedin_json))
        .route("/{site}/timeline", get(site_page))
        .route("/{site}/timeline.json", get(site_json))
        .route("/media/{platform}/{id}", get(picture))
        // The forms of the platforms' own links to a post.
        .route("/x/{handle}/status/{id}", get(async |Path((_, id)): Path<(String, String)>| to_post("x", &id)))
        .route("/linkedin/feed/update/{urn}", get(async |Path(urn): Path<String>| to_post("linkedin", &urn)))
        .route("/linkedin/feed/update/{urn}/", get(async |Path(urn): Path<String>| to_post("linkedin", &urn)))
}

fn to_post(platform: &str, id: &str) -> Redirect {
    let anchor: String = id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == ':').collect();
    Redirect::to(&format!("/{platform}/timeline#{anchor}"))
}

async fn index(extract::State(state): extract::State<State>) -> Response {
    let context = {
        let world = state.world();
        let site = |site: &Site| json!({"name": site.platform.name(), "title": site.title, "live": world.look(site.platform).wall.live().count()});
        json!({"base": state.public_url(), "sites": SITES.map(site), "x": world.x.wall.live().count(),
               "linkedin": world.linkedin.wall.live().count(), "hooks": world.hooks.report()})
    };
    state.pages().html("index.html", &context)
}

async fn x_page(extract::State(state): extract::State<State>) -> Response {
    let items = threads(&state.world());
    state.pages().html("x.html", &json!({"items": items}))
}

async fn linkedin_page(extract::State(state): extract::State<State>) -> Response {
    let flow = &linkedin::FLOW;
    feed(&state, flow.platform, &json!({"title": flow.title, "brand": flow.brand, "below": "Reshare of"}))
}

/// A timeline, the newest post first. `look` says what the platform is called, its colour, and what a post is to the one that
/// it refers to.
fn feed(state: &State, platform: Platform, look: &Value) -> Response {
    let mut context = look.clone();
    context["items"] = {
        let world = state.world();
        world.look(platform).wall.live().rev().map(|post| view(&world, platform, post)).collect()
    };
    state.pages().html("feed.html", &context)
}

async fn site_page(extract::State(state): extract::State<State>, Path(name): Path<String>) -> Response {
    let Some(site) = named(&name) else { return StatusCode::NOT_FOUND.into_response() };
    feed(&state, site.platform, &json!({"title": site.title, "brand": site.brand, "below": "In answer to"}))
}

async fn site_json(extract::State(state): extract::State<State>, Path(name): Path<String>) -> Response {
    let Some(site) = named(&name) else { return StatusCode::NOT_FOUND.into_response() };
    let world = state.world();
    Json(listing(world.look(site.platform), site.platform, state.public_url())).into_response()
}

fn named(name: &str) -> Option<&'static Site> {
    SITES.into_iter().find(|site| site.platform.name() == name)
}

/// The X timeline in reading order: newest thread first, inside a thread from its first post down.
fn threads(world: &World) -> Vec<Value> {
    let wall = &world.x.wall;
    let is_root = |post: &&Post| post.reply_to.as_deref().is_none_or(|parent| wall.get(parent).is_none());
    let mut items = Vec::new();
    for root in wall.live().rev().filter(is_root) {
        let mut open = vec![(root, false)];
        while let Some((post, is_reply)) = open.pop() {
            let replies = wall.live().filter(|reply| reply.reply_to.as_deref() == Some(&post.id));
            let before = open.len();
            open.extend(replies.rev().map(|reply| (reply, true)));
            let mut item = view(world, Platform::X, post);
            item["is_reply"] = json!(is_reply);
            item["continues"] = json!(open.len() > before);
            item["orphan"] = json!(!is_reply && post.reply_to.is_some());
            items.push(item);
        }
    }
    items
}

/// A post as the templates want it.
fn view(world: &World, platform: Platform, post: &Post) -> Value {
    let (name, sub) = match platform {
        Platform::Linkedin => linkedin::name_of(&post.author),
        Platform::X | Platform::Hooks => x::person(&post.author),
        _ => (post.author_name.as_str(), ""),
    };
    let shelf = &world.look(platform).shelf;
    let media: Vec<Value> = post
        .media
        .iter()
        .map(|item| {
            let kept = shelf.get(&item.id);
            let video = kept.is_some_and(|media| media.mime.starts_with("video/"));
            let paper = kept.is_some_and(|media| is_paper(&media.bytes));
            json!({"url": media_path(platform, &item.id), "alt": item.alt, "video": video, "paper": paper})
        })
        .collect();
    let initials: String = name.split(' ').filter_map(|word| word.chars().next()).take(2).collect();
    let hue = post.author.bytes().fold(0_u32, |sum, byte| (sum * 31 + u32::from(byte)) % 360);
    let card = post.card.as_ref().map(|card| {
        json!({"url": card.url, "title": card.title, "description": card.description,
               "image": card.thumbnail.as_deref().map(|id| media_path(platform, id))})
    });
    let time = Timestamp::from_millisecond(post.created_ms).unwrap_or_default();
    json!({
        "id": post.id, "name": name, "sub": sub, "initials": initials, "hue": hue, "media": media, "card": card,
        "poll": post.poll, "parts": parts(&post.text), "truncated": post.truncated, "visibility": post.visibility,
        "reshare": post.reply_to, "page": post.author.contains("organization"),
        "iso": rfc3339(post.created_ms), "time": time.strftime("%e %b %Y, %H:%M:%S UTC").to_string(),
    })
}

fn media_path(platform: Platform, id: &str) -> String {
    format!("/media/{}/{id}", platform.name())
}

/// The text cut into plain pieces, links and tags, for colouring.
fn parts(text: &str) -> Vec<Value> {
    let mut out = Vec::new();
    let mut at = 0;
    for link in x::text::links(text) {
        tags(&text[at..link.start], &mut out);
        out.push(json!({"kind": "link", "text": &text[link.clone()]}));
        at = link.end;
    }
    tags(&text[at..], &mut out);
    out
}

fn tags(mut text: &str, out: &mut Vec<Value>) {
    while let Some(start) = text.find(['#', '@']) {
        let word = text[start + 1..].find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len() - start - 1);
        let end = start + 1 + word;
        out.push(json!({"kind": "text", "text": &text[..start]}));
        out.push(json!({"kind": if word > 0 { "tag" } else { "text" }, "text": &text[start..end]}));
        text = &text[end..];
    }
    out.push(json!({"kind": "text", "text": text}));
}

async fn x_json(extract::State(state): extract::State<State>) -> Json<Value> {
    let world = state.world();
    let mut listed = listing(&world.x, Platform::X, state.public_url());
    listed["drafts"] = json!(world.x.drafts);
    Json(listed)
}

async fn linkedin_json(extract::State(state): extract::State<State>) -> Json<Value> {
    Json(listing(&state.world().linkedin, Platform::Linkedin, state.public_url()))
}

/// Every remembered post in the order of commitment, deleted ones included.
fn listing(side: &Side, platform: Platform, base: &str) -> Value {
    let wall = &side.wall;
    let posts: Vec<Value> = wall
        .all()
        .map(|post| {
            let mut item = json!(post);
            item["created_at"] = json!(rfc3339(post.created_ms));
            for media in item["media"].as_array_mut().into_iter().flatten() {
                let id = media["id"].as_str().unwrap_or_default();
                let captions = side.shelf.captions(id);
                let url = format!("{base}{}", media_path(platform, id));
                if !captions.is_empty() {
                    media["captions"] = json!(captions);
                }
                media["url"] = json!(url);
            }
            item
        })
        .collect();
    json!({"platform": platform.name(), "committed": wall.committed(), "live": wall.live().count(), "posts": posts})
}

/// An uploaded picture or video. Nothing else is served, so that an upload cannot become a page of this host.
async fn picture(
    extract::State(state): extract::State<State>,
    Path((platform, id)): Path<(String, String)>,
) -> Response {
    let world = state.world();
    let platform = match platform.as_str() {
        "linkedin" => Platform::Linkedin,
        other => named(other).map_or(Platform::X, |site| site.platform),
    };
    let shelf = &world.look(platform).shelf;
    let Some(media) = shelf.get(&id) else { return StatusCode::NOT_FOUND.into_response() };
    let film = media.mime.starts_with("video/").then_some("video/mp4");
    let paper = is_paper(&media.bytes).then_some("application/pdf");
    let Some(mime) = sniff(&media.bytes).or(film).or(paper) else { return StatusCode::NOT_FOUND.into_response() };
    let headers = [(header::CONTENT_TYPE, mime), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")];
    (headers, media.bytes.clone()).into_response()
}
