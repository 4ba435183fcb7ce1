//! What generic code knows of a platform: data. Names, limits and addresses live in the platform's own folder
//! (`connectors/<platform>`), which hands out one [`Descriptor`].

use crate::publishing::{ContentKind, GoodTimes, Media, Variant, is_of_pictures};
use crate::text::TextRule;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

mod kinds;
mod quota;
mod rules;

pub use kinds::*;
pub use quota::*;
pub use rules::*;

/// A platform's slug: lower-case letters, digits and dashes, 1 to 32 characters.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PlatformId(String);

/// A string that is not a platform slug.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a platform is named by lower-case letters, digits and dashes")]
pub struct BadPlatformId;

impl PlatformId {
    /// The slug.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PlatformId {
    type Err = BadPlatformId;
    fn from_str(s: &str) -> Result<Self, BadPlatformId> {
        let ok =
            (1..=32).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if ok { Ok(Self(s.to_owned())) } else { Err(BadPlatformId) }
    }
}

impl TryFrom<String> for PlatformId {
    type Error = BadPlatformId;
    fn try_from(s: String) -> Result<Self, BadPlatformId> {
        s.parse()
    }
}

impl From<PlatformId> for String {
    fn from(id: PlatformId) -> String {
        id.0
    }
}

impl fmt::Display for PlatformId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for PlatformId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a machine may do when it cannot know whether a post went out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DedupeClass {
    /// Posts can be listed: the outcome is found by reading.
    Readable,
    /// Without an id that the platform gave nothing can be read back: after a lost answer only a person can tell.
    WriteOnly,
}

/// Everything generic code needs to know of one platform.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Descriptor {
    /// The slug.
    pub id: PlatformId,
    /// Other names the requirement documents use for it on the wire.
    pub aliases: Vec<String>,
    /// The name people know.
    pub name: String,
    /// Brand colour as `#rrggbb`, for the console's badges.
    pub color: String,
    /// The publish queue (platform family) its deliveries go through.
    pub queue: String,
    /// What it can carry and how much.
    pub limits: Limits,
    /// Seconds after which a request that left us has either taken effect or never will: Δ.
    pub settle_s: u32,
}

/// An address of a platform, below a base that configuration may replace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// The name under which configuration replaces the base.
    pub base: String,
    /// The base unless it does, without a slash at its end.
    pub default: String,
    /// What follows the base, with its slash.
    pub path: String,
}

/// The OAuth 2.0 profile of a platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OAuth {
    /// Where the person consents.
    pub authorize: Address,
    /// Where codes and refresh tokens are exchanged.
    pub token: Address,
    /// Where a token is revoked (RFC 7009 form), if the platform has it and takes back with it what one consent gave alone. None
    /// where other accounts live on the same access, whatever consent brought it: they may be another tenant's.
    pub revoke: Option<Address>,
    /// Minimal scopes, asked at every consent.
    pub scopes: Vec<String>,
    /// Whether the platform takes PKCE; S256 is then always sent.
    pub pkce: bool,
    /// How the client authenticates at the token address.
    pub client_auth: ClientAuth,
    /// Seconds an access token lives when the answer does not say.
    pub default_access_life_s: u32,
    /// What the consent address says besides, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extra: Vec<(String, String)>,
}

/// What a person enters to connect an account: a bot's token, an application password. Forms are made from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyForm {
    /// Where to get what is asked for, in a sentence.
    pub help: String,
    /// What is asked for, in this order; all of it is needed.
    pub fields: Vec<KeyField>,
}

/// One entry of a [`KeyForm`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyField {
    /// Its name on the wire.
    pub name: String,
    /// What people read before it.
    pub label: String,
    /// What it may look like, in a word or two.
    pub example: String,
    /// What kind of entry it is.
    pub kind: KeyKind,
}

impl KeyField {
    /// An entry of this kind.
    pub fn new(kind: KeyKind, name: &str, label: &str, example: &str) -> Self {
        Self { name: name.into(), label: label.into(), example: example.into(), kind }
    }
}

/// What kind of entry a [`KeyField`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    /// Something that must not be seen: a token, a password.
    Secret,
    /// A name, an id.
    Text,
    /// An address of a server that this account lives on: `https://…`.
    Server,
}

/// How an OAuth client proves itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuth {
    /// HTTP Basic.
    Basic,
    /// `client_id` and `client_secret` in the form body.
    Body,
}

/// The limits a post is checked against before anything is sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
// Each tells of another habit of the platform.
#[allow(clippy::struct_excessive_bools)]
pub struct Limits {
    /// How text is counted and how much of it one part holds.
    pub text: TextRule,
    /// The same where the part has media, if that is less.
    pub caption: Option<TextRule>,
    /// Most parts of a thread; 1 where there are no threads.
    pub thread_parts: u16,
    /// Most pictures in one part.
    pub images: u16,
    /// Largest picture in bytes.
    pub image_bytes: u64,
    /// Largest picture in pixels (width × height), if limited.
    pub image_pixels: Option<u64>,
    /// Longest picture in pixels along both sides (width + height), if limited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_sides: Option<u32>,
    /// How many times its shorter side a picture's longer one may be, if limited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_ratio: Option<u32>,
    /// How narrow and how wide a picture may be, stories excepted; none where every shape is taken.
    pub image_shape: Option<Ratios>,
    /// Picture types taken, as media types.
    pub image_types: Vec<String>,
    /// What is asked of a GIF instead; none where it is a picture like any other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gif: Option<GifRule>,
    /// Most bytes of all media of one part together, if limited: they are one request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_bytes: Option<u64>,
    /// Posts of pictures alone; none where they are like others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pictures: Option<PictureRule>,
    /// Longest alternative text in characters.
    pub alt_text: u16,
    /// How a link is published as a card beside the text; none where it is part of the text.
    pub link_card: Option<LinkCards>,
    /// What of a link that is no card is shown beside its address.
    #[serde(default, skip_serializing_if = "LinkWords::are_none")]
    pub link_words: LinkWords,
    /// Visibilities a post can ask for, in our words; empty where the platform has only "public".
    pub visibilities: Vec<crate::publishing::Visibility>,
    /// Reply restrictions a post can ask for.
    pub reply_restrictions: Vec<crate::publishing::ReplyRestriction>,
    /// Kinds of posts it has.
    pub kinds: Vec<ContentKind>,
    /// What holds of articles instead, where they are made otherwise than posts are. Kinds, quotas, good times, changes of what is
    /// live and scopes are the platform's own, and what is said below an article is a post.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub article: Option<Box<Limits>>,
    /// What holds of an answer instead, where it is a comment below what it answers, and no post ([`Limits::of_comment`]). What an account
    /// must have been granted is the platform's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Box<Limits>>,
    /// Whether a part needs a picture or a video.
    pub needs_media: bool,
    /// Whether each post is a video, and nothing is published without one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub needs_video: bool,
    /// Videos; none where it takes none.
    pub video: Option<VideoRule>,
    /// What is asked of videos instead, in posts of some kinds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kind_rules: Vec<KindRule>,
    /// What is asked where several media stand together and videos are among them; none where nothing more is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mixed: Option<MixedRule>,
    /// Documents; none where it takes none.
    pub document: Option<DocumentRule>,
    /// Polls; none where it has none.
    pub poll: Option<PollRule>,
    /// Texts that it approved before; none where it knows no such.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<TemplateRule>,
    /// Titles; none where posts have none.
    pub title: Option<TitleRule>,
    /// Summaries; none where posts have none.
    pub summary: Option<TextRule>,
    /// Tags; none where they are part of the text.
    pub tags: Option<TagRule>,
    /// Categories; none where it has none.
    pub categories: Option<TagRule>,
    /// A first comment. Where there are threads it is one more part and counted like it.
    pub first_comment: Option<TextRule>,
    /// Visibilities with which a post takes no comments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uncommented: Vec<crate::publishing::Visibility>,
    /// What a post that answers another cannot have besides.
    pub answers_without: Vec<Feature>,
    /// What of the inbox a post cannot answer there, though posts answer: another way leads to it, which Herald does not go.
    pub unanswered: Vec<crate::inbox::InteractionKind>,
    /// Whether its threads have one level, so that what answers something in a thread names what the thread is below.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub flat_threads: bool,
    /// Whether somebody is told of an answer only where its text names them (`@handle`), so that an answer from the inbox does.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub names_answered: bool,
    /// Most hashtags in one text, if limited.
    pub hashtags: Option<u16>,
    /// Most mentions (`@name`) in one text, if limited.
    pub mentions: Option<u16>,
    /// Most cashtags (`$NAME`) in one text, if limited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cashtags: Option<u16>,
    /// Most different links in one text and its card together, if limited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub links: Option<u16>,
    /// Characters that neither a title nor a text may have.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub forbidden: String,
    /// Beginnings of what the platform fills in: neither a title, a summary, a text nor a link may have them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filled_in: Vec<String>,
    /// Whether it refuses words that the account has said before. Within one post that holds where there are threads.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refuses_repeats: bool,
    /// Hosts that the link of a card may not lead to, nor to one below them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unlinked_hosts: Vec<String>,
    /// What an account must have been granted for what not every consent includes: one of these scopes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub scopes: BTreeMap<Feature, Vec<String>>,
    /// Whom a post may be shown to, where its author may choose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub targeting: Option<TargetingRule>,
    /// Whether a draft there is its media alone: what is written with it is not sent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub wordless_drafts: bool,
    /// What else it has, of the features without rules of their own: replies, quotes, drafts, what is made for children.
    pub has: Vec<Feature>,
    /// What of a live post can be changed; none where nothing can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amend: Option<AmendRule>,
    /// What it charges; none where it charges nothing, or no figure is known.
    pub price: Option<Price>,
    /// That it charges something of which no figure is known, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charges: Option<String>,
    /// How much may be published through it in what time, as far as it documents that; what nobody documents is learned from
    /// its refusals.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quotas: Vec<Quota>,
    /// When posts on it are said to do well; none where no table is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub good_times: Option<GoodTimes>,
    /// Of how many posts one request tells what people did with them; none where Herald does not ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engagement_of: Option<usize>,
    /// How often it may be asked what was said to an account; none where Herald does not ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<AskRule>,
    /// Why it does not have something that people expect: the rule, since when, and what to do instead.
    pub reasons: BTreeMap<Feature, String>,
}

/// How often a platform may be asked what was said to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskRule {
    /// Fewest minutes between two askings of one account.
    pub least_min: u16,
    /// Whether each request costs of what all accounts of the application share: what does not fit into one visit waits for the next
    /// asking.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub scarce: bool,
}

/// What of a link that stands below the text is shown, besides its address. Where the text has the address, the link stands nowhere
/// else, and nothing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkWords {
    /// Nothing.
    #[default]
    None,
    /// Its title.
    Title,
    /// Its title and its description.
    All,
}

impl LinkWords {
    // serde hands over a reference.
    #[allow(clippy::trivially_copy_pass_by_ref)]
    fn are_none(&self) -> bool {
        *self == Self::None
    }
}

/// What a platform's link cards ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkCards {
    /// Whether the author must give the title, because the platform does not read the page.
    pub needs_title: bool,
    /// Whether a post can carry a card and pictures.
    pub beside_media: bool,
}

impl Limits {
    /// Those of a platform that takes one text, counted like this, and nothing else. A connector names what its platform has
    /// beyond it.
    pub fn text_only(text: TextRule) -> Self {
        Self {
            text,
            caption: None,
            thread_parts: 1,
            images: 0,
            image_bytes: 0,
            image_pixels: None,
            image_sides: None,
            image_ratio: None,
            image_shape: None,
            image_types: Vec::new(),
            gif: None,
            media_bytes: None,
            pictures: None,
            alt_text: 0,
            link_card: None,
            link_words: LinkWords::None,
            visibilities: Vec::new(),
            reply_restrictions: Vec::new(),
            kinds: vec![ContentKind::Post],
            article: None,
            answer: None,
            needs_media: false,
            needs_video: false,
            video: None,
            kind_rules: Vec::new(),
            mixed: None,
            document: None,
            poll: None,
            template: None,
            title: None,
            summary: None,
            tags: None,
            categories: None,
            first_comment: None,
            uncommented: Vec::new(),
            answers_without: Vec::new(),
            unanswered: vec![crate::inbox::InteractionKind::Message],
            flat_threads: false,
            names_answered: false,
            hashtags: None,
            mentions: None,
            cashtags: None,
            links: None,
            forbidden: String::new(),
            filled_in: Vec::new(),
            refuses_repeats: false,
            unlinked_hosts: Vec::new(),
            scopes: BTreeMap::new(),
            targeting: None,
            wordless_drafts: false,
            has: Vec::new(),
            amend: None,
            price: None,
            charges: None,
            quotas: Vec::new(),
            good_times: None,
            engagement_of: None,
            asked: None,
            reasons: BTreeMap::new(),
        }
    }

    /// How a first comment is counted; none where there is none.
    pub fn comment_rule(&self) -> Option<&TextRule> {
        self.first_comment.as_ref().or_else(|| (self.thread_parts > 1).then_some(&self.text))
    }

    /// How the text of a part with so many media is counted, and how much of it there may be.
    pub fn text_beside(&self, pictures: usize) -> &TextRule {
        self.caption.as_ref().filter(|_| pictures > 0).unwrap_or(&self.text)
    }

    /// How the text of a part is counted, and how much of it there may be: what stands beside a poll, or beside pictures alone, may have a
    /// rule of its own. `media` are those of the content, as far as they are known.
    pub fn text_of(&self, variant: &Variant, part: usize, media: &[Media]) -> &TextRule {
        let pictured = variant.parts.get(part).is_some_and(|part| is_of_pictures(part, media));
        if let Some(rule) = self.pictures.as_ref().filter(|_| pictured) {
            return &rule.text;
        }
        let poll = self.poll.as_ref().filter(|_| part == 0 && variant.poll.is_some());
        let beside_poll = poll.and_then(|rule| rule.text.as_ref());
        beside_poll.unwrap_or_else(|| self.text_beside(variant.media_of(part).len()))
    }
}

impl Descriptor {
    /// Whether `name`, from a request, means this platform.
    pub fn answers_to(&self, name: &str) -> bool {
        self.id.as_str() == name || self.aliases.iter().any(|a| a == name)
    }
}
