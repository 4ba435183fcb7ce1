//! The inbox as the API shows it.

use app::inbox::{AnswerSeen, Conversation, InboxEdit, InboxFilter};
use domain::inbox::{InboxState, Interaction, InteractionKind};
use domain::{AccountId, MemberId, PlatformId};
use jiff::Timestamp;
use runtime::openapi::one_of;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::openapi::schema::{Object, ObjectBuilder, SchemaType, Type};
use utoipa::{IntoParams, ToSchema};

/// Something that somebody said or did.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InteractionBody {
    /// Id.
    pub interaction_id: String,
    /// `open` until somebody of yours called it done; none of a reaction.
    #[schema(example = "open")]
    pub state: Option<&'static str>,
    /// `comment`, `mention`, `message` or `reaction`.
    #[schema(example = "comment")]
    pub kind: &'static str,
    /// Where it was said.
    pub platform: String,
    /// The account that it concerns, where one of yours has the id that it names.
    pub account_id: Option<String>,
    /// Where it came in.
    pub source_id: String,
    /// The platform's id of it.
    pub external_id: String,
    /// The platform's id of what it is on: the post or the comment commented on, the message answered.
    pub on: Option<String>,
    /// The platform's id of who said it.
    pub author: Option<String>,
    /// Their name, as the platform last showed it.
    pub handle: Option<String>,
    /// Whether the account itself said it, which needs no answer.
    pub own: bool,
    /// The words as they were last edited, or the reaction; none of what was taken back.
    pub text: Option<String>,
    /// When it was said.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// When it first came in.
    #[schema(value_type = String, format = DateTime)]
    pub received_at: Timestamp,
    /// When it was last edited.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub edited_at: Option<Timestamp>,
    /// When it was taken back.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub removed_at: Option<Timestamp>,
    /// Who of yours sees to it.
    pub assignee_id: Option<String>,
    /// When somebody of yours called it done.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub done_at: Option<Timestamp>,
    /// Who did.
    pub done_by: Option<String>,
    /// When it was answered from here, or somebody of yours said that it was.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub responded_at: Option<Timestamp>,
    /// The post that answers it, the latest where there are several: it may still be on its way, and may have failed.
    pub answer_post_id: Option<String>,
}

impl From<&Interaction> for InteractionBody {
    fn from(one: &Interaction) -> Self {
        Self {
            interaction_id: one.id.to_string(),
            state: one.state().map(InboxState::name),
            kind: one.kind.name(),
            platform: one.platform.to_string(),
            account_id: one.account.map(|id| id.to_string()),
            source_id: one.source.to_string(),
            external_id: one.external_id.clone(),
            on: one.on.clone(),
            author: one.author.id.clone(),
            handle: one.author.handle.as_ref().map(|handle| handle.value.clone()),
            own: one.own,
            text: one.text.as_ref().map(|text| text.value.clone()),
            at: one.at,
            received_at: one.received_at,
            edited_at: one.edited_at,
            removed_at: one.removed_at(),
            assignee_id: one.assignee.map(|id| id.to_string()),
            done_at: one.done.map(|done| done.at),
            done_by: one.done.map(|done| done.by.to_string()),
            responded_at: one.responded_at,
            answer_post_id: one.answers.last().map(|answer| answer.post.to_string()),
        }
    }
}

/// A page of the inbox.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InboxBody {
    /// What was said, the newest first.
    pub items: Vec<InteractionBody>,
    /// Where the next page starts; none at the end.
    pub next_cursor: Option<String>,
}

/// A post that answers an interaction.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AnsweredBody {
    /// The post.
    pub post_id: String,
    /// When it was written.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Who wrote it.
    pub member_id: String,
    /// What it says; none where the post was deleted.
    pub text: Option<String>,
    /// The state of its delivery in one word; none where there is none.
    #[schema(example = "published")]
    pub status: Option<&'static str>,
    /// Where people see it.
    pub url: Option<String>,
}

impl From<&AnswerSeen> for AnsweredBody {
    fn from(seen: &AnswerSeen) -> Self {
        let receipt = seen.delivery.as_ref().and_then(|d| d.parts.first()?.receipt.as_ref());
        Self {
            post_id: seen.answered.post.to_string(),
            at: seen.answered.at,
            member_id: seen.answered.by.to_string(),
            text: seen.text.clone(),
            status: seen.delivery.as_ref().map(|d| d.state.name()),
            url: receipt.and_then(|receipt| receipt.url.clone()),
        }
    }
}

/// An interaction among what belongs to it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ConversationBody {
    /// The interaction.
    #[serde(flatten)]
    pub interaction: InteractionBody,
    /// The post that it is about, where that is one of yours.
    pub post_id: Option<String>,
    /// The conversation, the oldest first: what it is on, what else is on that, itself, and what is on it; of a message everything with
    /// the same person. Of each the newest 50.
    pub thread: Vec<InteractionBody>,
    /// The posts that answer it, the oldest first; the latest 10.
    pub answers: Vec<AnsweredBody>,
    /// Why it cannot be answered from here as it stands, in words.
    pub not_answerable: Option<String>,
    /// Reactions to it; at most 1000 are counted.
    pub reactions: u32,
    /// Reactions to what it is on; at most 1000 are counted.
    pub reactions_around: u32,
}

impl From<&Conversation> for ConversationBody {
    fn from(seen: &Conversation) -> Self {
        Self {
            interaction: (&seen.interaction.value).into(),
            post_id: seen.post.map(|id| id.to_string()),
            thread: seen.said.iter().map(Into::into).collect(),
            answers: seen.answers.iter().map(Into::into).collect(),
            not_answerable: seen.refusal.clone(),
            reactions: seen.reactions,
            reactions_around: seen.reactions_around,
        }
    }
}

/// What to change of an interaction; what is left out stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(clippy::option_option)] // null is something else than what is left out
pub struct InboxEditBody {
    /// Who sees to it: the id of a member, or null for nobody.
    #[serde(default, deserialize_with = "given")]
    #[schema(schema_with = member_or_nobody)]
    pub assignee_id: Option<Option<MemberId>>,
    /// `done` when nobody has to look at it any more, `open` when somebody has to again.
    #[schema(schema_with = states)]
    pub state: Option<InboxState>,
    /// True when it was answered, here or at the platform: it is done with that, and `responded_at` is kept of the first time.
    pub responded: Option<bool>,
}

/// What was given, also where that is null: leaving a field out is something else.
#[allow(clippy::option_option)]
fn given<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<MemberId>>, D::Error> {
    Option::deserialize(from).map(Some)
}

fn member_or_nobody() -> Object {
    let kinds = SchemaType::from_iter([Type::String, Type::Null]);
    ObjectBuilder::new().schema_type(kinds).pattern(Some("^mem_[0-9a-f]{32}$")).build()
}

fn states() -> Object {
    one_of(&["open", "done"])
}

fn kinds() -> Object {
    one_of(&["comment", "mention", "message"])
}

impl From<InboxEditBody> for InboxEdit {
    fn from(body: InboxEditBody) -> Self {
        Self { assignee: body.assignee_id, state: body.state, responded: body.responded.unwrap_or_default() }
    }
}

/// What stands in the inbox; reactions are counted and not listed.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // each is the kind of its name
pub enum ListedKind {
    Comment,
    Mention,
    Message,
}

impl From<ListedKind> for InteractionKind {
    fn from(kind: ListedKind) -> Self {
        match kind {
            ListedKind::Comment => Self::Comment,
            ListedKind::Mention => Self::Mention,
            ListedKind::Message => Self::Message,
        }
    }
}

/// Which page of the inbox, and of what.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct InboxQuery {
    /// Those that stand so; `open` when left out.
    #[param(schema_with = states)]
    pub state: Option<InboxState>,
    /// Only those of this platform: its slug or an alias.
    #[param(value_type = Option<String>, pattern = "^[a-z0-9-]{1,32}$")]
    pub platform: Option<PlatformId>,
    /// Only those that concern this account.
    #[param(value_type = Option<String>)]
    pub account_id: Option<AccountId>,
    /// Only those of this kind.
    #[param(schema_with = kinds)]
    pub kind: Option<ListedKind>,
    /// Only those that this member sees to.
    #[param(value_type = Option<String>)]
    pub assignee_id: Option<MemberId>,
    /// True for only those that nobody sees to.
    pub unassigned: Option<bool>,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// Items per page, 1 to 100; 20 when left out. With a filter a page may hold fewer before the last.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u32>,
}

impl From<&InboxQuery> for InboxFilter {
    fn from(query: &InboxQuery) -> Self {
        Self {
            state: query.state.unwrap_or(InboxState::Open),
            platform: query.platform.clone(),
            account: query.account_id,
            kind: query.kind.map(Into::into),
            assignee: query.assignee_id,
            unassigned: query.unassigned.unwrap_or_default(),
        }
    }
}
