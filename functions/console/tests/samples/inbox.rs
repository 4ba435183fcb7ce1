//! Sample data of the inbox.

use console::view::{ActionStyle, Badge, ConversationPage, InboxFilters, InboxItem, InboxPage, StateFilter, Tone};

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

pub fn conversation() -> ConversationPage {
    let one = InboxItem { current: true, ..item("ada", Some("When do you open?"), Badge::new("Open", Tone::Info)) };
    ConversationPage {
        item: one.clone(),
        post_href: Some("/console/posts/post_1".into()),
        reactions: "3 reactions".into(),
        said: vec![item("bob", Some("Lovely"), Badge::new("Answered", Tone::Good)), one],
        actions: vec![
            action("/console/inbox/int_1", "Assign to me", ActionStyle::Primary, None),
            action("/console/inbox/int_1", "It is answered", ActionStyle::Plain, None),
        ],
    }
}
