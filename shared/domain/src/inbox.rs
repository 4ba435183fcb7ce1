//! The inbox: what people say to accounts, each thing once.
//!
//! An *incoming event* tells that a comment was written, edited or taken back; the *interaction* is the comment. Platforms tell more
//! than once and in any order, so what they tell is merged, not replaced: whatever the order, the same is left. What our own people
//! made of it (who sees to it, whether it is done) stands beside that, and no telling changes it.

#[cfg(test)]
mod tests;

use crate::inbound::{Changed, Incoming, Said, What};
use crate::{AccountId, IncomingId, InteractionId, MemberId, PlatformId, PostId, SourceId, TenantId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Days for which a reaction is kept: nobody answers it, it only counts. As long as the event that told of it.
pub const REACTION_D: i64 = crate::inbound::INCOMING_D;

/// What somebody did. The same thing may be told as several: the later one here counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InteractionKind {
    /// A like, or another reaction. It is counted, and nobody has to answer it.
    Reaction,
    /// A comment below a post.
    Comment,
    /// The account was named somewhere.
    Mention,
    /// A message to the account.
    Message,
}

impl InteractionKind {
    /// In one word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reaction => "reaction",
            Self::Comment => "comment",
            Self::Mention => "mention",
            Self::Message => "message",
        }
    }
}

/// Who said it. Apart from everything else, so that a person can be taken out of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// The platform's id of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Their name, as the platform last showed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handle: Option<Latest>,
}

/// Which telling something is from. Of two the larger one counts: the later one, then the one that says more. The event's id only
/// makes sure that there is a larger one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Telling {
    /// When that happened, as its platform says; when it came in, where it does not.
    pub at: Timestamp,
    /// What happened to the thing.
    pub change: Changed,
    /// The event that told it.
    pub event: IncomingId,
}

/// The latest known value of something that changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Latest {
    /// Which telling it is from.
    pub told: Telling,
    /// The value.
    pub value: String,
}

/// That somebody of ours called it done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: MemberId,
}

/// Most answers that an interaction keeps; of more, the latest.
pub const MAX_ANSWERS: usize = 10;

/// A post of ours that answers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// The post.
    pub post: PostId,
    /// When it was written.
    pub at: Timestamp,
    /// Who wrote it.
    pub by: MemberId,
    /// When it was live, as far as that has been told here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live_at: Option<Timestamp>,
}

/// Whether somebody still has to look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InboxState {
    /// Somebody has to.
    Open,
    /// Nobody has to any more.
    Done,
}

impl InboxState {
    /// In one word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Done => "done",
        }
    }
}

/// Something that somebody said or did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interaction {
    /// Made from its source, the account and the platform's id, so that every telling of it has the same.
    pub id: InteractionId,
    /// Tenant.
    pub tenant: TenantId,
    /// Where it came in.
    pub source: SourceId,
    /// Where it was said.
    pub platform: PlatformId,
    /// The platform's id of the account that it concerns, where it names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// That account, where one of the tenant's has this id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// What it is.
    pub kind: InteractionKind,
    /// The platform's id of it.
    pub external_id: String,
    /// The platform's id of what it belongs to: the post or the comment commented on, the message answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
    /// Hash (hex) of [`Interaction::conversation`]: what belongs together has the same.
    pub thread: String,
    /// Who said it.
    pub author: Author,
    /// Whether that is the account itself, which needs no answer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub own: bool,
    /// The words, or the reaction; none of what was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Latest>,
    /// When it was said: the earliest time that is told of it.
    pub at: Timestamp,
    /// When it first came in.
    pub received_at: Timestamp,
    /// The latest telling that it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub there: Option<Telling>,
    /// The latest telling that it was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed: Option<Telling>,
    /// When it was last edited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<Timestamp>,
    /// Who of ours sees to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<MemberId>,
    /// That somebody of ours called it done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<Done>,
    /// When it was answered from here, or one of ours said that it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub responded_at: Option<Timestamp>,
    /// The posts that answer it, the latest last; not all of them went out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answered>,
}

impl Interaction {
    /// The kind of what an event tells, and what it says; none of an event that tells of nothing said or done.
    pub fn said(what: &What) -> Option<(InteractionKind, &Said)> {
        match what {
            What::Comment(said) => Some((InteractionKind::Comment, said)),
            What::Mention(said) => Some((InteractionKind::Mention, said)),
            What::Message(said) => Some((InteractionKind::Message, said)),
            What::Reaction(said) => Some((InteractionKind::Reaction, said)),
            _ => None,
        }
    }

    /// What one event tells of a thing, as if nothing else were known of it. `to` is the platform's id of the account that it
    /// concerns. Its thread is left to be named, after what is known was merged.
    pub fn told(id: InteractionId, incoming: &Incoming, to: Option<&str>) -> Option<Self> {
        let (kind, said) = Self::said(&incoming.what)?;
        let told = Telling { at: incoming.at, change: said.change, event: incoming.id };
        let latest = |value: &Option<String>| value.clone().map(|value| Latest { told, value });
        let removed = said.change == Changed::Removed;
        Some(Self {
            id,
            tenant: incoming.tenant,
            source: incoming.source,
            platform: incoming.platform.clone(),
            to: to.map(str::to_owned),
            account: incoming.account,
            kind,
            external_id: said.external_id.clone(),
            on: said.on.clone(),
            thread: String::new(),
            author: Author { id: said.author.clone(), handle: latest(&said.handle) },
            own: said.author.is_some() && said.author.as_deref() == to,
            text: latest(&said.text).filter(|_| !removed),
            at: incoming.at,
            received_at: incoming.received_at,
            there: (!removed).then_some(told),
            removed: removed.then_some(told),
            edited_at: (said.change == Changed::Edited).then_some(incoming.at),
            assignee: None,
            done: None,
            responded_at: None,
            answers: Vec::new(),
        })
    }

    /// Both tellings taken together; what our people made of it is the first one's. What does not change on a platform (who said it,
    /// below what) is taken from whichever knows it.
    #[must_use]
    pub fn merged(mut self, other: &Self) -> Self {
        self.kind = self.kind.max(other.kind);
        self.account = self.account.max(other.account);
        self.on = self.on.max(other.on.clone());
        self.author.id = self.author.id.max(other.author.id.clone());
        self.author.handle = self.author.handle.max(other.author.handle.clone());
        self.own |= other.own;
        self.at = self.at.min(other.at);
        self.received_at = self.received_at.min(other.received_at);
        self.there = self.there.max(other.there);
        self.removed = self.removed.max(other.removed);
        self.edited_at = self.edited_at.max(other.edited_at);
        // Words of before it was taken back are not kept, whichever of the two is told first.
        let gone = self.removed;
        self.text = self.text.max(other.text.clone()).filter(|text| Some(text.told) > gone);
        self
    }

    /// With one answer more.
    #[must_use]
    pub fn answering(mut self, answer: Answered) -> Self {
        self.answers.push(answer);
        let more = self.answers.len().saturating_sub(MAX_ANSWERS);
        self.answers.drain(..more);
        self
    }

    /// As it is when this post of its answers is live: answered, and done. None where that was told before, or the post is none of
    /// its answers: what somebody has opened again since stays open.
    pub fn answered(mut self, post: PostId, at: Timestamp) -> Option<Self> {
        let answer = self.answers.iter_mut().find(|answer| answer.post == post && answer.live_at.is_none())?;
        answer.live_at = Some(at);
        let by = answer.by;
        self.responded_at = self.responded_at.or(Some(at));
        self.done = self.done.or(Some(Done { at, by }));
        Some(self)
    }

    /// What names the conversation that it belongs to: of a message who it is with, of everything else what it is on, which is itself
    /// where it is on nothing.
    pub fn conversation(&self) -> String {
        let with = self.author.id.as_ref().filter(|_| self.kind == InteractionKind::Message);
        match with {
            Some(author) => format!("{}|with|{author}", self.scope()),
            None => self.on_what(self.on.as_deref().unwrap_or(&self.external_id)),
        }
    }

    /// What names the conversation below a thing of its account.
    pub fn on_what(&self, external_id: &str) -> String {
        format!("{}|on|{external_id}", self.scope())
    }

    /// Platforms' ids name something within an account; where none is known, within a source.
    fn scope(&self) -> String {
        self.account.map_or_else(|| self.source.to_string(), |account| account.to_string())
    }

    /// Whether it is there to be read: it was told of, and not taken back since.
    pub fn is_there(&self) -> bool {
        self.there.is_some() && self.there > self.removed
    }

    /// Whether anybody could have to answer it: not what was taken back, what the account said itself, or a reaction.
    pub fn can_be_open(&self) -> bool {
        self.is_there() && !self.own && self.kind != InteractionKind::Reaction
    }

    /// Where it stands in the inbox; none of a reaction, and of what was only ever told to be gone.
    pub fn state(&self) -> Option<InboxState> {
        let listed = self.kind != InteractionKind::Reaction && self.there.is_some();
        let open = self.can_be_open() && self.done.is_none();
        listed.then_some(if open { InboxState::Open } else { InboxState::Done })
    }

    /// When it was taken back, unless it is there again.
    pub fn removed_at(&self) -> Option<Timestamp> {
        self.removed.filter(|_| !self.is_there()).map(|told| told.at)
    }
}
