//! What people said, as the pages show it.

use super::{Book, Reader};
use crate::view::{Action, ActionStyle, AnswerItem, Badge, ConversationPage, GiveForm, InboxItem, SelectOption, Tone};
use crate::words::{self, sentence};
use app::inbox::{AnswerSeen, Conversation, MAX_REACTIONS};
use domain::MemberId;
use domain::access::{Member, Permission};
use domain::inbox::{InboxState, Interaction, InteractionKind};

/// Characters of what was said that the list shows.
const EXCERPT: usize = 400;

fn kind(kind: InteractionKind) -> &'static str {
    match kind {
        InteractionKind::Comment => "Comment",
        InteractionKind::Mention => "Mention",
        InteractionKind::Message => "Message",
        InteractionKind::Reaction => "Reaction",
    }
}

fn name(members: &[Member], id: MemberId) -> String {
    members.iter().find(|m| m.id == id).map_or_else(|| "Somebody who has left".into(), |m| m.name.clone())
}

/// One thing that was said, the beginning of it.
pub fn inbox_item(reader: &Reader<'_>, book: &Book, members: &[Member], one: &Interaction) -> InboxItem {
    let whole = item(reader, book, members, one);
    InboxItem { text: whole.text.map(|text| text.chars().take(EXCERPT).collect()), ..whole }
}

fn item(reader: &Reader<'_>, book: &Book, members: &[Member], one: &Interaction) -> InboxItem {
    let handle = one.author.handle.as_ref().map(|handle| handle.value.clone());
    let own = one.own.then(|| "The account itself".to_owned());
    let state = one.state().map(|state| match (state, one.removed_at(), one.responded_at) {
        (_, Some(_), _) => Badge::new("Taken back", Tone::Neutral),
        (InboxState::Open, ..) => Badge::new("Open", Tone::Info),
        (InboxState::Done, _, Some(_)) => Badge::new("Answered", Tone::Good),
        (InboxState::Done, ..) => Badge::new("Done", Tone::Neutral),
    });
    InboxItem {
        href: format!("/console/inbox/{}", one.id),
        kind: kind(one.kind).into(),
        author: own.or(handle).or_else(|| one.author.id.clone()).unwrap_or_else(|| "Somebody".into()),
        text: one.text.as_ref().map(|text| text.value.clone()).filter(|text| !text.is_empty()),
        note: match (one.removed_at(), one.edited_at) {
            (Some(_), _) => Some("It was taken back where it was said.".into()),
            (None, Some(at)) => Some(format!("Edited {}", reader.moment(at).text)),
            (None, None) => None,
        },
        platform: book.platform(&one.platform),
        account: one.account.map(|account| book.account(account, &one.platform)),
        when: reader.moment(one.at),
        state,
        assignee: one.assignee.map(|member| name(members, member)),
        current: false,
    }
}

/// One thing that was said, whole, with its conversation.
pub fn conversation(reader: &Reader<'_>, book: &Book, members: &[Member], seen: &Conversation) -> ConversationPage {
    let one = &seen.interaction.value;
    let said = |it: &Interaction| InboxItem { current: it.id == one.id, ..item(reader, book, members, it) };
    ConversationPage {
        item: said(one),
        post_href: seen.post.map(|post| format!("/console/posts/{post}")),
        reactions: reactions(seen.reactions),
        said: seen.said.iter().map(said).collect(),
        answers: seen.answers.iter().map(|answer| answered(reader, book, members, one, answer)).collect(),
        answer: answer(reader, seen),
        refusal: seen.refusal.as_deref().filter(|_| reader.may(Permission::Publish)).map(sentence),
        text: String::new(),
        errors: Vec::new(),
        actions: actions(reader, one, seen.interaction.rev),
        give: give(reader, members, one, seen.interaction.rev),
    }
}

/// A post that answers it, as it stands.
fn answered(
    reader: &Reader<'_>,
    book: &Book,
    members: &[Member],
    one: &Interaction,
    answer: &AnswerSeen,
) -> AnswerItem {
    let (delivery, platform) = (answer.delivery.as_ref(), book.platform(&one.platform).name);
    let receipt = delivery.and_then(|delivery| delivery.parts.first()?.receipt.as_ref());
    AnswerItem {
        href: format!("/console/posts/{}", answer.answered.post),
        text: answer.text.clone(),
        author: name(members, answer.answered.by),
        when: reader.moment(answer.answered.at),
        state: delivery.map(words::delivery),
        summary: delivery.map(|delivery| words::summary(delivery, &platform, reader.zone)),
        live_url: receipt.and_then(|receipt| receipt.url.clone()),
    }
}

/// The button that answers it as the reader sees it.
fn answer(reader: &Reader<'_>, seen: &Conversation) -> Option<Action> {
    let one = &seen.interaction.value;
    let may = reader.may(Permission::Publish) && seen.refusal.is_none();
    let action = || reader.action(format!("/console/inbox/{}/answers", one.id), "Answer", ActionStyle::Primary);
    may.then(|| action().with("rev", seen.interaction.rev.to_string()))
}

/// Who else may see to it, where there is somebody.
fn give(reader: &Reader<'_>, members: &[Member], one: &Interaction, rev: u64) -> Option<GiveForm> {
    let others = members.iter().filter(|member| {
        member.role.may(Permission::Publish) && member.id != reader.caller.member && one.assignee != Some(member.id)
    });
    let option = |m: &Member| SelectOption { value: m.id.to_string(), label: m.name.clone(), selected: false };
    let members: Vec<SelectOption> = others.map(option).collect();
    let open = one.can_be_open() && one.done.is_none();
    (reader.may(Permission::Publish) && open && !members.is_empty()).then(|| GiveForm {
        action: reader
            .action(format!("/console/inbox/{}", one.id), "Assign", ActionStyle::Plain)
            .with("what", "give")
            .with("rev", rev.to_string()),
        members,
    })
}

fn reactions(count: u32) -> String {
    match count {
        0 => "No reactions".into(),
        1 => "One reaction".into(),
        MAX_REACTIONS.. => format!("{MAX_REACTIONS} reactions or more"),
        count => format!("{count} reactions"),
    }
}

/// What the reader may make of it, as they see it: at another revision it is something else.
fn actions(reader: &Reader<'_>, one: &Interaction, rev: u64) -> Vec<Action> {
    if !reader.may(Permission::Publish) || !one.can_be_open() {
        return Vec::new();
    }
    let action = |what: &str, label: &str, style| {
        let action = reader.action(format!("/console/inbox/{}", one.id), label, style);
        action.with("what", what).with("rev", rev.to_string())
    };
    let mine = one.assignee == Some(reader.caller.member);
    let mut all = Vec::new();
    if one.done.is_some() {
        all.push(action("open", "Open again", ActionStyle::Plain));
        return all;
    }
    if !mine {
        all.push(action("take", "Assign to me", ActionStyle::Primary));
    }
    if one.assignee.is_some() {
        all.push(action("leave", "Assign to nobody", ActionStyle::Plain));
    }
    all.push(action("answered", "It is answered", ActionStyle::Plain));
    all.push(action("done", "Done without an answer", ActionStyle::Plain));
    all
}
