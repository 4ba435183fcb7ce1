//! The media of the campaign design's form: pictures, a video, a document, an animated picture, and those of single tweets.

use super::{SocialContentBody, ThreadItem};
use domain::MediaId;
use domain::publishing::{CaptionTrack, MediaRef};
use runtime::http::whole_number;
use serde::Deserialize;
use utoipa::ToSchema;

/// A picture.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SocialImage {
    /// A public address, or the id of a registered medium.
    pub url: String,
    /// What it shows.
    #[serde(default)]
    pub alt_text: Option<String>,
    /// Its title: pictures have none anywhere, so that it is left out, with a warning.
    #[serde(default)]
    pub title: Option<String>,
    /// Whom it shows: refused, since nobody is marked in pictures from here.
    #[serde(default)]
    pub tags: Vec<String>,
}

/// A video.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SocialVideo {
    /// A public address, or the id of a registered medium.
    pub url: String,
    /// Its title, where videos have one.
    #[serde(default)]
    pub title: Option<String>,
    /// The address of a picture that stands for it: left out, with a warning.
    #[serde(default)]
    pub thumbnail: Option<String>,
    /// How long it is, in seconds; the file itself says so, too, and counts.
    #[serde(default)]
    pub duration: Option<f64>,
    /// Captions: the address or the id of a SubRip or WebVTT file. Without their language they are left out, with a warning.
    #[serde(default)]
    pub captions: Option<Captions>,
    /// The language of the captions, as a BCP 47 tag.
    #[serde(default)]
    #[schema(example = "en")]
    pub captions_language: Option<String>,
}

impl SocialVideo {
    /// Where its captions are, and their language, if both are said.
    fn track(&self) -> Option<(&String, &String)> {
        match &self.captions {
            Some(Captions::At(name)) => Some((name, self.captions_language.as_ref()?)),
            _ => None,
        }
    }
}

/// Captions of a video: whether there are any, or where.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Captions {
    /// Whether there are any.
    Any(bool),
    /// Their address.
    At(String),
}

/// A document.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SocialDocument {
    /// A public address, or the id of a registered medium.
    pub url: String,
    /// Its title.
    #[serde(default)]
    pub title: Option<String>,
    /// What it is about: left out, with a warning.
    #[serde(default)]
    pub description: Option<String>,
    /// How many pages it has; nobody is told.
    #[serde(default, deserialize_with = "whole_number")]
    pub pages: Option<u32>,
}

/// A poll. The text is its question.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SocialPoll {
    /// The answers.
    pub options: Vec<String>,
    /// How long it is open, in minutes; a day when left out.
    #[serde(default, deserialize_with = "whole_number")]
    pub duration: Option<u32>,
    /// The question, where the platform shows it apart from the text.
    #[serde(default)]
    pub question: Option<String>,
}

/// What stands beside the text.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SocialMedia {
    /// Pictures.
    #[serde(default)]
    pub images: Vec<SocialImage>,
    /// A video.
    #[serde(default)]
    pub video: Option<SocialVideo>,
    /// A document.
    #[serde(default)]
    pub document: Option<SocialDocument>,
    /// An animated picture.
    #[serde(default)]
    pub gif: Option<SocialImage>,
    /// A poll.
    #[serde(default)]
    pub poll: Option<SocialPoll>,
}

/// A medium that the form names.
pub struct Named<'a> {
    /// Its address or id.
    pub name: &'a str,
    /// Where the form has it: the object that holds its `url`, or the item of a tweet's list.
    pub place: String,
    alt_text: Option<&'a String>,
    title: Option<&'a String>,
    /// The language of captions, which belong to the medium before them.
    language: Option<&'a String>,
    /// Index of the tweet that it belongs to, as the form has them.
    tweet: Option<usize>,
}

impl<'a> Named<'a> {
    fn plain(name: &'a str, place: String) -> Self {
        Self { name, place, alt_text: None, title: None, language: None, tweet: None }
    }

    fn picture(image: &'a SocialImage, place: String) -> Self {
        Self { alt_text: image.alt_text.as_ref(), title: image.title.as_ref(), ..Self::plain(&image.url, place) }
    }

    /// The field that names it.
    pub fn field(&self) -> String {
        if self.tweet.is_some() || self.language.is_some() { self.place.clone() } else { format!("{}/url", self.place) }
    }
}

impl SocialContentBody {
    /// The media that the form names: those of the whole, then those of each tweet.
    pub fn named(&self) -> Vec<Named<'_>> {
        let media = &self.media;
        let images = media.images.iter().enumerate();
        let mut out: Vec<Named<'_>> =
            images.map(|(i, image)| Named::picture(image, format!("/media/images/{i}"))).collect();
        if let Some(video) = &media.video {
            out.push(Named { title: video.title.as_ref(), ..Named::plain(&video.url, "/media/video".to_owned()) });
            out.extend(video.track().map(|(name, language)| Named {
                language: Some(language),
                ..Named::plain(name, "/media/video/captions".to_owned())
            }));
        }
        out.extend(media.document.iter().map(|document| Named {
            title: document.title.as_ref(),
            ..Named::plain(&document.url, "/media/document".to_owned())
        }));
        out.extend(media.gif.iter().map(|gif| Named::picture(gif, "/media/gif".to_owned())));
        for (tweet, item) in self.tweets().iter().enumerate() {
            out.extend(item.media.iter().enumerate().map(|(i, name)| Named {
                tweet: Some(tweet),
                ..Named::plain(name, format!("/content/thread/tweets/{tweet}/media/{i}"))
            }));
        }
        out
    }

    fn tweets(&self) -> &[ThreadItem] {
        self.content.thread.as_ref().map_or(&[], |thread| &thread.tweets)
    }

    /// Indexes of the tweets, as the form has them, in the order in which they are published.
    pub(in crate::wire) fn order(&self) -> Vec<usize> {
        let tweets = self.tweets();
        let mut order: Vec<usize> = (0..tweets.len()).collect();
        order.sort_by_key(|at| tweets[*at].order.unwrap_or(0));
        order
    }

    /// The media of one part: those of the whole go with the first. `ids` are all that are named, registered, in order.
    pub(super) fn of_part(&self, part: usize, ids: &[MediaId]) -> Vec<MediaRef> {
        let mut out: Vec<MediaRef> = Vec::new();
        for (named, id) in self.named().into_iter().zip(ids).filter(|(named, _)| self.belongs(named, part)) {
            match (named.language, out.last_mut()) {
                (Some(language), Some(video)) => {
                    video.captions.push(CaptionTrack { id: *id, language: language.clone(), name: None });
                }
                _ => out.push(MediaRef {
                    alt_text: named.alt_text.cloned(),
                    title: named.title.cloned(),
                    ..MediaRef::new(*id)
                }),
            }
        }
        out
    }

    fn belongs(&self, named: &Named<'_>, part: usize) -> bool {
        match named.tweet {
            None => part == 0,
            Some(tweet) => self.order().get(part) == Some(&tweet),
        }
    }

    /// Where the form has the n-th medium of a part.
    pub(in crate::wire) fn place_of(&self, part: usize, n: usize) -> Option<String> {
        let media = self.named().into_iter().filter(|named| named.language.is_none());
        media.filter(|named| self.belongs(named, part)).nth(n).map(|named| named.place)
    }

    /// Which of the links is the card: the first that asks for one. There is one in a post.
    pub(super) fn card(&self) -> Option<usize> {
        self.content.formatting.links.iter().position(|link| link.preview)
    }

    /// What of media and links has no place anywhere and only describes them, in words.
    pub fn left_out(&self) -> Vec<String> {
        let others = self.content.formatting.links.iter().enumerate().filter(|(n, _)| Some(*n) != self.card());
        let plain = others.filter_map(|(n, link)| {
            let asked = if link.preview {
                "there is one card in a post, and this link stands in the text alone"
            } else if link.display_text.is_some() {
                "its displayText is not sent: a link without a card stands in the text as its address"
            } else {
                return None;
            };
            Some(format!("/content/formatting/links/{n}: {asked}"))
        });
        let SocialMedia { video, document, .. } = &self.media;
        let video = video.as_ref();
        let told = [
            (
                video.is_some_and(|video| video.thumbnail.is_some()),
                "the video's thumbnail is not sent: give it as a picture beside the video, where the platform takes one",
            ),
            (
                video.is_some_and(|video| matches!(video.captions, Some(Captions::Any(true)))),
                "the video's captions are not sent: say where they are, and their language",
            ),
            (
                video.is_some_and(|v| matches!(v.captions, Some(Captions::At(_))) && v.captions_language.is_none()),
                "the video's captions are not sent: say their language as captionsLanguage",
            ),
            (
                document.as_ref().is_some_and(|document| document.description.is_some()),
                "the document's description is not sent: put it into the text",
            ),
        ];
        told.into_iter().filter(|(given, _)| *given).map(|(_, words)| words.to_owned()).chain(plain).collect()
    }
}
