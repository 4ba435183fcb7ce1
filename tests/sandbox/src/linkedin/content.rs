//! The `content` of a LinkedIn post: image, several images, link card, poll.

use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::problem;
use crate::state::{World, now_ms};
use crate::store::{Attached, Card};

/// Exactly one member may be set.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Content {
    media: Option<Image>,
    multi_image: Option<MultiImage>,
    article: Option<Article>,
    poll: Option<Poll>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Image {
    id: String,
    alt_text: Option<String>,
    title: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MultiImage {
    images: Vec<Image>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Article {
    source: String,
    title: Option<String>,
    description: Option<String>,
    thumbnail: Option<String>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Poll {
    question: String,
    options: Vec<PollOption>,
    settings: PollSettings,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct PollOption {
    text: String,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct PollSettings {
    duration: String,
}

/// What of the content a post keeps.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) media: Vec<Attached>,
    pub(super) card: Option<Card>,
    pub(super) poll: Vec<String>,
    /// The poll as it was given, for reading it back.
    pub(super) asked: Option<serde_json::Value>,
}

/// A 422 in the words of the platform's schema check.
pub(super) fn invalid(message: &str) -> Response {
    problem(StatusCode::UNPROCESSABLE_ENTITY, "INVALID_FIELD", &format!("ERROR :: {message}"))
}

impl Content {
    /// Checks the content for a post of `author`.
    pub(super) fn draft(&self, world: &World, author: &str) -> Result<Draft, Response> {
        match (&self.media, &self.multi_image, &self.article, &self.poll) {
            (Some(image), None, None, None) => {
                Ok(Draft { media: vec![attach(world, author, image)?], ..Draft::default() })
            }
            (None, Some(many), None, None) => {
                if !(2..=20).contains(&many.images.len()) {
                    return Err(invalid("/content/multiImage/images :: 2 to 20 images are required"));
                }
                let video = |image: &Image| world.linkedin.shelf.get(&image.id).is_some_and(|m| m.category == "video");
                if many.images.iter().any(video) {
                    return Err(invalid("/content/multiImage/images :: a video stands alone"));
                }
                let media = many.images.iter().map(|image| attach(world, author, image)).collect::<Result<_, _>>()?;
                Ok(Draft { media, ..Draft::default() })
            }
            (None, None, Some(article), None) => {
                Ok(Draft { card: Some(card(world, author, article)?), ..Draft::default() })
            }
            (None, None, None, Some(poll)) => poll_options(poll).map(|options| Draft {
                poll: options,
                asked: serde_json::to_value(poll).ok(),
                ..Draft::default()
            }),
            _ => Err(invalid("/content :: exactly one kind of content is allowed")),
        }
    }
}

/// An image may be attached by its owner, once it is available.
fn attach(world: &World, author: &str, image: &Image) -> Result<Attached, Response> {
    let media = world.linkedin.shelf.get(&image.id).filter(|media| media.owner == author);
    match media {
        None => Err(invalid("/content/media/id :: no such image of this author")),
        Some(media) if !media.ready(now_ms()) => {
            let message = "The image is not available yet or its processing failed";
            Err(problem(StatusCode::BAD_REQUEST, "MEDIA_ASSET_NOT_AVAILABLE", message))
        }
        Some(media) if media.category == "document" && image.title.as_deref().unwrap_or_default().is_empty() => {
            Err(invalid("/content/media/title :: a document needs a title"))
        }
        // No alternative text is documented for a video.
        Some(media) if media.category == "video" && image.alt_text.is_some() => {
            Err(invalid("/content/media/altText :: a video has none"))
        }
        Some(media) if media.category == "document" || media.category == "video" => {
            Ok(Attached { id: image.id.clone(), alt: image.title.clone() })
        }
        Some(_) => Ok(Attached { id: image.id.clone(), alt: image.alt_text.clone() }),
    }
}

fn card(world: &World, author: &str, article: &Article) -> Result<Card, Response> {
    let Some(title) = article.title.clone().filter(|title| !title.is_empty()) else {
        return Err(invalid("/content/article/title :: field is required but not found and has no default value"));
    };
    if !article.source.starts_with("https://") && !article.source.starts_with("http://") {
        return Err(invalid("/content/article/source :: not a web address"));
    }
    if let Some(id) = &article.thumbnail {
        attach(world, author, &Image { id: id.clone(), alt_text: None, title: None })?;
    }
    Ok(Card {
        url: article.source.clone(),
        title,
        description: article.description.clone(),
        thumbnail: article.thumbnail.clone(),
    })
}

fn poll_options(poll: &Poll) -> Result<Vec<String>, Response> {
    let within = |text: &str, most: usize| (1..=most).contains(&text.chars().count());
    let durations = ["ONE_DAY", "THREE_DAYS", "SEVEN_DAYS", "FOURTEEN_DAYS"];
    let options_fit =
        (2..=4).contains(&poll.options.len()) && poll.options.iter().all(|option| within(&option.text, 30));
    if !within(&poll.question, 140) || !options_fit || !durations.contains(&poll.settings.duration.as_str()) {
        return Err(invalid("/content/poll :: question, options or duration out of range"));
    }
    Ok(poll.options.iter().map(|option| option.text.clone()).collect())
}
