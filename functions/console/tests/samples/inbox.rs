//! Sample data of the inbox.

use console::view::{
    ActionStyle, AnswerItem, Badge, ConversationPage, FieldError, GiveForm, InboxFilters, InboxItem, InboxPage,
    SelectOption, StateFilter, Tone,
};

use super::content::{action, at, on_x, x};

fn item(author: &str, text: Option<&str>, state: Badge) -> InboxItem {
    InboxItem {
        href: "/console/inbox/int_1".into(),
        kind: "Comment".into(),
        author: author.into(),
        text: text.map(Into::into),
        note: text.is_none().then(|| "It was taken back where it was said.".into()),
        platform: x(),
        account: Some(on_x()),
        when: at("2026-03-10T08:00:02Z"),
        state: Some(state),
        assignee: Some("Jonas Ek".into()),
        current: false,
    }
}

pub fn inbox() -> InboxPage {
    let link = |label: &str, current| StateFilter {
        label: label.into(),
        href: "/console/inbox?state=open".into(),
        count: None,
        current,
    };
    InboxPage {
        filters: vec![InboxFilters {
            label: "Where it stands".into(),
            links: vec![link("Open", true), link("Done", false)],
        }],
        items: vec![
            item("ada", Some("When do you open on Sunday?"), Badge::new("Open", Tone::Info)),
            item("נועה לוי", None, Badge::new("Taken back", Tone::Neutral)),
            InboxItem { account: None, assignee: None, state: None, ..item("u1", Some("👍"), Badge::default()) },
        ],
        newest_href: Some("/console/inbox".into()),
        older_href: Some("/console/inbox?after=abc".into()),
    }
}

fn answered(text: Option<&str>, state: Badge) -> AnswerItem {
    AnswerItem {
        href: "/console/posts/post_2".into(),
        text: text.map(Into::into),
        author: "Jonas Ek".into(),
        when: at("2026-03-10T08:05:00Z"),
        state: Some(state),
        summary: Some("It is live since Tue 10 Mar 2026, 09:05.".into()),
        live_url: text.map(|_| "https://x.com/acme/status/1".into()),
    }
}

pub fn conversation() -> ConversationPage {
    let one = InboxItem { current: true, ..item("ada", Some("When do you open?"), Badge::new("Open", Tone::Info)) };
    ConversationPage {
        item: one.clone(),
        post_href: Some("/console/posts/post_1".into()),
        reactions: "3 reactions".into(),
        said: vec![item("bob", Some("Lovely"), Badge::new("Answered", Tone::Good)), one],
        answers: vec![
            answered(None, Badge::new("Failed", Tone::Bad)),
            answered(Some("At ten, all week."), Badge::new("Published", Tone::Good)),
        ],
        answer: Some(action("/console/inbox/int_1/answers", "Answer", ActionStyle::Primary, None)),
        refusal: None,
        text: "At ten".into(),
        errors: vec![FieldError { field: "text".into(), text: "Shorten it.".into() }],
        give: Some(GiveForm {
            action: action("/console/inbox/int_1", "Assign", ActionStyle::Plain, None),
            members: vec![SelectOption { value: "mem_2".into(), label: "Lea Roth".into(), selected: false }],
        }),
        actions: vec![
            action("/console/inbox/int_1", "Assign to me", ActionStyle::Primary, None),
            action("/console/inbox/int_1", "It is answered", ActionStyle::Plain, None),
        ],
    }
}
