//! What a platform asks of the things that not every platform has: titles, videos, documents, polls.

use crate::text::TextRule;
use serde::{Deserialize, Serialize};

/// Things that a content can ask for and that a platform may not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    /// Articles.
    Article,
    /// Stories.
    Story,
    /// Reels.
    Reel,
    /// Pictures.
    Picture,
    /// Videos.
    Video,
    /// Documents.
    Document,
    /// Polls.
    Poll,
    /// Texts that were approved before.
    Template,
    /// Titles.
    Title,
    /// Summaries.
    Summary,
    /// Tags.
    Tags,
    /// Categories.
    Categories,
    /// A first comment.
    FirstComment,
    /// Answering a post of somebody else.
    Reply,
    /// Quoting a post.
    Quote,
    /// Drafts on the platform.
    Draft,
    /// Declaring that something is made for children.
    MadeForKids,
    /// Being shown to somebody else than to everybody.
    Visibility,
    /// A video beside pictures.
    Mixed,
    /// More cashtags (`$NAME`) than its limit.
    Cashtags,
    /// Changing the words of what is live.
    Amend,
    /// Choosing whom a post is shown to.
    Targeting,
    /// Captions of videos.
    Captions,
}

impl Feature {
    /// What people call it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Article => "articles",
            Self::Story => "stories",
            Self::Reel => "reels",
            Self::Picture => "pictures",
            Self::Video => "videos",
            Self::Document => "documents",
            Self::Poll => "polls",
            Self::Template => "approved templates",
            Self::Title => "titles",
            Self::Summary => "summaries",
            Self::Tags => "tags beside the text",
            Self::Categories => "categories",
            Self::FirstComment => "first comments through its API",
            Self::Reply => "answers to other people's posts through its API",
            Self::Quote => "quotes through its API",
            Self::Draft => "drafts through its API",
            Self::MadeForKids => "mark for what is made for children",
            Self::Visibility => "such visibility",
            Self::Mixed => "posts of pictures and videos together",
            Self::Cashtags => "so many cashtags",
            Self::Amend => "changes of what is live through its API",
            Self::Targeting => "choice of whom a post is shown to",
            Self::Captions => "captions of videos",
        }
    }
}

/// What of a live post can be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AmendRule {
    /// Whether the text beside media can be changed, too.
    pub beside_media: bool,
    /// Whether title and summary can be changed with it, where posts have them.
    pub titles: bool,
}

/// Whom a post may be shown to, of those who follow its author.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetingRule {
    /// Most entries of one list.
    pub most: u16,
    /// What an entry begins with, before its number, of each list in the order of
    /// [`Targeting::lists`](crate::publishing::Targeting::lists).
    pub prefixes: [String; 4],
    /// Whether only posts of pages and organisations can have it.
    pub organisations_only: bool,
}

/// What a platform charges for publishing, in millionths of a US dollar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// For a step without a link.
    pub step_usd_micros: u64,
    /// For a step whose text has a link.
    pub link_usd_micros: u64,
}

/// What the title of a post may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TitleRule {
    /// How it is counted, and how long it may be.
    pub text: TextRule,
    /// Whether a post needs one.
    pub required: bool,
}

/// What is asked of a post that shows pictures and nothing else, where the platform makes such posts otherwise than others, and fetches
/// the pictures itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PictureRule {
    /// How its text is counted, and how much of it there may be.
    pub text: TextRule,
    /// How its title is counted; none where it has none.
    pub title: Option<TextRule>,
    /// The address below which a picture lies that was given by its address. Uploads are served there.
    pub below: String,
}

/// How many tags a post has, and how long they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagRule {
    /// Most tags of a post.
    pub most: u16,
    /// Longest tag in characters.
    pub chars: u16,
    /// Most characters of all of them together, if limited: with a comma between two, and with two quotation marks around one
    /// that has a space.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub together: Option<u16>,
}

impl TagRule {
    /// So many tags, none longer than this.
    pub const fn new(most: u16, chars: u16) -> Self {
        Self { most, chars, together: None }
    }
}

/// What a video may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
// Each tells of another thing whether it has a place.
#[allow(clippy::struct_excessive_bools)]
pub struct VideoRule {
    /// Most videos in one part.
    pub most: u16,
    /// Largest in bytes.
    pub bytes: u64,
    /// Shortest in milliseconds.
    pub min_ms: u64,
    /// Longest in milliseconds.
    pub max_ms: u64,
    /// Types taken, as media types.
    pub types: Vec<String>,
    /// Codings of the pictures taken; empty where nothing is documented.
    pub codecs: Vec<String>,
    /// Whether pictures may stand beside it.
    pub beside_pictures: bool,
    /// Whether it has a place for an alternative text.
    #[serde(default)]
    pub alt_text: bool,
    /// Whether it has a place for a title of its own, beside the post's.
    #[serde(default)]
    pub title: bool,
    /// Longest alternative text of one in characters, where it is not as long as a picture's may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alt_chars: Option<u16>,
    /// How narrow and how wide it may be; none where every shape is taken, or none is documented.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shape: Option<Ratios>,
    /// Captions of it; none where Herald sends none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub captions: Option<CaptionRule>,
    /// Whether an instant of it can be chosen for its cover.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cover_at: bool,
    /// What its pictures and its sound must be.
    #[serde(default)]
    pub encoding: EncodingRule,
}

/// What a video must be besides its type, size and length. Nothing is asked where nothing is documented, nor of what a file
/// does not tell.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct EncodingRule {
    /// Fewest pixels, width and height.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_pixels: Option<(u32, u32)>,
    /// Most pixels in a row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_width: Option<u32>,
    /// Fewest and most pictures in a second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frame_rate: Option<(u32, u32)>,
    /// Codings of the sound taken; empty where nothing is documented. A silent video is taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub audio_codecs: Vec<String>,
    /// Most samples of the sound in a second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_sample_rate_hz: Option<u32>,
    /// Whether the platform asks for the index before the pictures: warned of, and never refused.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub index_first: bool,
}

/// What the captions of a video may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptionRule {
    /// Most tracks of one video.
    pub most: u16,
    /// Largest file in bytes.
    pub bytes: u64,
    /// Types taken, as media types.
    pub types: Vec<String>,
    /// Whether a language is two letters, and nothing that says more.
    pub two_letters: bool,
    /// Whether two tracks of one language are told apart by their names.
    pub by_name: bool,
}

/// What a picture may be that can move (`image/gif`), where other rules hold than for those that stand still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GifRule {
    /// Largest in bytes.
    pub bytes: u64,
    /// Whether nothing may stand beside it.
    pub alone: bool,
    /// Most pixels, width and height, if limited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_pixels: Option<(u32, u32)>,
}

/// What a document may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentRule {
    /// Most documents in one part.
    pub most: u16,
    /// Largest in bytes.
    pub bytes: u64,
    /// Types taken, as media types.
    pub types: Vec<String>,
    /// Whether it needs a title.
    pub needs_title: bool,
    /// Whether pictures and videos may stand beside it.
    pub beside_others: bool,
}

/// What a poll may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PollRule {
    /// Fewest and most answers.
    pub options: (u16, u16),
    /// Longest answer, in characters.
    pub option_chars: u16,
    /// Longest question, in characters, where it stands apart from the text; it is then needed.
    pub question_chars: Option<u16>,
    /// How long it may be open, in minutes: the shortest and the longest.
    pub minutes: (u32, u32),
    /// The only times it may be open, in minutes, where there is a choice of them.
    pub durations: Vec<u32>,
    /// Whether it is open for whole hours only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub whole_hours: bool,
    /// Whether several answers may be chosen.
    pub multiple: bool,
    /// Whether media or a link card may stand beside it.
    pub beside_media: bool,
    /// How the text beside it is counted, and how long it may be, where that is not as elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<TextRule>,
}

/// What a template may be that the platform has approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateRule {
    /// Most characters of all its parameters together.
    pub chars: u16,
    /// What is to be known of a content without one, in words.
    pub without: String,
}

/// The shapes of pictures, or of videos, that a platform takes. Each end is a ratio of whole numbers, width to height, and is taken itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ratios {
    /// The narrowest: (4, 5).
    pub narrowest: (u32, u32),
    /// The widest: (191, 100).
    pub widest: (u32, u32),
}

impl Ratios {
    /// Whether a picture or video of so many pixels has such a shape.
    pub fn take(&self, width: u32, height: u32) -> bool {
        let (width, height) = (u64::from(width), u64::from(height));
        let at_least = |(w, h): (u32, u32)| width * u64::from(h) >= height * u64::from(w);
        let at_most = |(w, h): (u32, u32)| width * u64::from(h) <= height * u64::from(w);
        at_least(self.narrowest) && at_most(self.widest)
    }
}
