//! Posts in lists, and one post with the life of its deliveries.

use super::approvals::contents;
use super::calendar::moves as movable;
use super::{Book, Reader, approval_view};
use crate::view::{
    Action, ActionStyle, Badge, DeliveryView, Fact, Mover, PostPage, PostRow, TimelineEntry, UnknownOutcome,
};
use crate::words;
use app::publishing::PostView;
use domain::access::{Member, Permission};
use domain::publishing::{Delivery, Entry, Media, Note, Post, PostStatus, Standing, State, Variant};
use jiff::{SignedDuration, Timestamp};

/// Characters of a text that lists show.
const EXCERPT: usize = 140;
/// Minutes before its time from which on a post's page looks again by itself.
const MOVES_BEFORE_MIN: i64 = 2;

/// The beginning of a text, on one line.
pub fn excerpt(variant: &Variant) -> String {
    let text = variant.parts.first().map_or("", |part| part.text.as_str());
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= EXCERPT {
        return text;
    }
    let start: String = text.chars().take(EXCERPT).collect();
    format!("{}…", start.trim_end())
}

fn address(post: &Post) -> String {
    format!("/console/posts/{}", post.id)
}

/// A post in a list.
pub fn row(reader: &Reader<'_>, book: &Book, view: &PostView) -> PostRow {
    let at_risk = book.at_risk(view).map(|d| {
        let account = book.account(d.account, &d.platform);
        format!("{} Reconnect it; the post keeps its time.", words::ends_before(&account))
    });
    let note = view.deliveries.iter().find_map(|d| {
        let name = book.account(d.account, &d.platform).name;
        let platform = book.platform(&d.platform).name;
        match &d.state {
            State::Failed { code, detail, .. } | State::Partial { code, detail, .. } => {
                Some(format!("{name} on {platform}: {}", words::ended(code, detail)))
            }
            State::Missed { .. } => {
                Some(format!("Its time had passed for {name} on {platform}; nothing was sent. {}", words::MISSED))
            }
            State::BlockedAuth { .. } => Some(format!("{name} on {platform} must be connected again.")),
            State::Attention { .. } => Some(format!("Somebody has to look at {name} on {platform}.")),
            _ => None,
        }
    });
    PostRow {
        href: address(&view.post),
        excerpt: excerpt(&view.post.content),
        when: view.post.schedule.due_at().map(|at| reader.moment(at)),
        state: state(view),
        accounts: view.post.targets.iter().map(|t| book.account(t.account, &t.platform)).collect(),
        note: note.or(at_risk),
    }
}

/// A post's state; while it only waits, how its approval stands says more.
fn state(view: &PostView) -> Badge {
    held(view).unwrap_or_else(|| words::post(view.status))
}

/// How the approval of a post that only waits stands, where it keeps the post from going out.
pub(super) fn held(view: &PostView) -> Option<Badge> {
    let approval = view.approval.as_ref().filter(|_| view.status == PostStatus::Scheduled)?;
    match approval.standing {
        standing @ (Standing::Waiting | Standing::Rejected) => {
            let (label, tone) = words::standing(standing);
            Some(Badge::new(label, tone))
        }
        Standing::Approved | Standing::CalledOff => None,
    }
}

/// A post's page. `media` are the media of its content that are still there.
pub fn page(
    reader: &Reader<'_>,
    book: &Book,
    view: &PostView,
    members: &[Member],
    media: &[Media],
    editable: bool,
) -> PostPage {
    let post = &view.post;
    let author = members.iter().find(|m| m.id == post.created_by);
    PostPage {
        id: post.id.to_string(),
        state: state(view),
        moving: view.deliveries.iter().any(|d| moves(d, reader.now)),
        said: contents(book, &post.targets, &post.content, &post.variants, Some(media)),
        when: post.schedule.due_at().map(|at| reader.moment(at)),
        why_then: post.schedule.best_time().map(|best| words::sentence(&best.reason.to_string())),
        created: reader.moment(post.created_at),
        author: author.map_or_else(|| "Somebody who has left".into(), |m| m.name.clone()),
        edit_href: (editable && may_edit(reader, view)).then(|| format!("/console/compose?post={}", post.id)),
        amend_href: (editable && may_amend(reader, book, view)).then(|| format!("{}/words", address(post))),
        mover: post.schedule.due_at().and_then(|at| movable(reader, view, at)).map(|moves| Mover {
            idempotency_key: reader.fresh(),
            back: "post".into(),
            zone: reader.zone.to_owned(),
            of: Some(moves),
        }),
        actions: actions(reader, view),
        approval: approval_view(reader, view, members, "post"),
        deliveries: view.deliveries.iter().map(|d| delivery(reader, book, post, d)).collect(),
    }
}

/// Whether something becomes of a delivery within minutes, without anybody doing anything.
fn moves(delivery: &Delivery, now: Timestamp) -> bool {
    match delivery.state {
        State::Scheduled => {
            delivery.is_cleared() && delivery.due_at <= now + SignedDuration::from_mins(MOVES_BEFORE_MIN)
        }
        State::Attention { .. } | State::BlockedAuth { .. } => false,
        _ => !delivery.state.is_terminal(),
    }
}

/// A text with its parts as the composer separates them.
pub(super) fn texts(variant: &Variant) -> String {
    variant.parts.iter().map(|p| p.text.as_str()).collect::<Vec<_>>().join("\n---\n")
}

fn may_edit(reader: &Reader<'_>, view: &PostView) -> bool {
    let waits = matches!(view.status, PostStatus::Draft | PostStatus::Scheduled);
    reader.may(Permission::Publish) && waits && !view.post.archived
}

/// Whether the words of what is live can be changed: by this reader, and somewhere.
fn may_amend(reader: &Reader<'_>, book: &Book, view: &PostView) -> bool {
    let over = view.deliveries.iter().all(|d| d.state.is_terminal());
    let shown = view.deliveries.iter().filter(|d| d.any_live() && d.removed_at.is_none());
    reader.may(Permission::Publish)
        && !view.post.archived
        && over
        && shown.into_iter().any(|d| book.amends(&d.platform))
}

fn actions(reader: &Reader<'_>, view: &PostView) -> Vec<Action> {
    if !reader.may(Permission::Publish) || view.post.archived {
        return Vec::new();
    }
    let (at, mut out) = (address(&view.post), Vec::new());
    let states = || view.deliveries.iter();
    if states().any(|d| d.canceled(reader.now).is_ok() && !matches!(d.state, State::Canceled { .. })) {
        let action = reader.action(format!("{at}/cancel"), "Cancel", ActionStyle::Danger);
        out.push(action.asking("What has not left yet will not leave. What is live stays live."));
    }
    if states().filter(|d| tries_again(reader, d)).count() > 1 {
        out.push(reader.action(format!("{at}/retry"), "Try all again", ActionStyle::Plain));
    }
    if states().all(|d| d.state.is_terminal()) {
        let live = states().any(|d| d.any_live() && d.removed_at.is_none());
        let action = reader.action(format!("{at}/delete"), "Delete", ActionStyle::Danger);
        out.push(action.asking(if live {
            "It leaves Herald’s lists. What is live on the platforms stays there."
        } else {
            "It leaves Herald’s lists."
        }));
        if live {
            let action = reader.action(format!("{at}/delete"), "Delete everywhere", ActionStyle::Danger);
            out.push(action.with("everywhere", "yes").asking(
                "It is deleted on the platforms first, then from Herald’s lists. People who saw it may have copies.",
            ));
        }
    }
    out
}

/// Whether another try of what ended without success is offered: not of what needs an approval for another time.
fn tries_again(reader: &Reader<'_>, d: &Delivery) -> bool {
    let ended = matches!(d.state, State::Failed { .. } | State::Partial { .. } | State::Missed { .. });
    ended && d.retry_asked(&[], reader.now, reader.now).is_ok()
}

/// Whether its first part, to which its address leads, was not deleted again.
fn is_there(d: &Delivery) -> bool {
    d.removed_at.is_none() && d.parts.first().is_some_and(|part| part.removed_at.is_none())
}

fn delivery(reader: &Reader<'_>, book: &Book, post: &Post, d: &Delivery) -> DeliveryView {
    let platform = book.platform(&d.platform);
    let due = match &d.state {
        State::Scheduled => Some(d.due_at),
        State::Retry { .. } | State::Processing | State::Unknown { .. } => d.wake.map(|wake| wake.at),
        _ => None,
    };
    let mut actions = Vec::new();
    if reader.may(Permission::Publish) && tries_again(reader, d) && !post.archived {
        let again = reader.action(format!("{}/retry", address(post)), "Try again", ActionStyle::Plain);
        actions.push(again.with("account", d.account.to_string()));
    }
    DeliveryView {
        id: d.id.to_string(),
        account: book.account(d.account, &d.platform),
        state: words::delivery(d),
        summary: words::summary(d, &platform.name, reader.zone),
        warning: book.access_ends_at(d.account).filter(|end| d.outlives(*end)).map(|_| {
            let account = book.account(d.account, &d.platform);
            format!(
                "{} It would not go out. Reconnect the account before then: the post keeps its time.",
                words::ends_before(&account)
            )
        }),
        due: due.map(|at| reader.precise(at)),
        live_url: d.url().filter(|_| is_there(d)).map(str::to_owned),
        actions,
        unknown: unknown(reader, book, post, d, "post"),
        says: d.says.as_deref().filter(|_| d.any_live() && d.removed_at.is_none()).map(texts),
        unsure: d.amendment.as_ref().is_some_and(|latest| !latest.unsure().is_empty()),
        timeline: d.timeline.iter().map(|e| entry(reader, e)).collect(),
    }
}

/// The question to a person about a delivery only a person can settle, and its two answers. `back` is the page they are
/// given on. Who may not decide sees the state, without the buttons.
pub fn unknown(reader: &Reader<'_>, book: &Book, post: &Post, d: &Delivery, back: &str) -> Option<UnknownOutcome> {
    let State::Attention { reason, since, .. } = &d.state else { return None };
    if !reader.may(Permission::Resolve) {
        return None;
    }
    let question = d.question()?;
    // "It is not there" proves nothing while what was sent may still appear.
    let settled = d.settles_at().is_some_and(|at| reader.now > at);
    let answer = |live: &str, label: &str, style| {
        reader
            .action(format!("{}/resolve", address(post)), label, style)
            .with("account", d.account.to_string())
            .with("question", question.to_string())
            .with("answer", live)
            .with("back", back)
    };
    Some(UnknownOutcome {
        id: d.id.to_string(),
        post_href: format!("{}#{}", address(post), d.id),
        excerpt: excerpt(d.content(post)),
        account: book.account(d.account, &d.platform),
        sent: reader.precise(sent_at(d).unwrap_or(*since)),
        explanation: format!("{} Herald does not send it again on a guess.", words::sentence(reason)),
        look_url: d.url().map(str::to_owned),
        live_hint: live_hint(d, question.part),
        live: answer("live", "It is live", ActionStyle::Primary),
        again: settled.then(|| answer("again", "Send again", ActionStyle::Plain)),
        again_from: d.settles_at().filter(|_| !settled).map(|at| reader.moment(at)),
    })
}

/// What "it is live" leads to: the end, or the next part of a thread, which needs to know what to answer.
fn live_hint(d: &Delivery, part: u16) -> String {
    let (part, parts) = (usize::from(part) + 1, d.parts.len());
    if part == parts {
        return "Nothing is sent. The delivery counts as published.".into();
    }
    format!(
        "This is part {part} of {parts}, and it is not sent again. With its address the thread goes on below it. Without, \
         the parts that are left have nothing to answer, and the thread ends here."
    )
}

fn sent_at(d: &Delivery) -> Option<Timestamp> {
    d.timeline.iter().rev().find(|e| matches!(e.note, Note::Sent { .. })).map(|e| e.at)
}

fn entry(reader: &Reader<'_>, entry: &Entry) -> TimelineEntry {
    let (title, text) = words::title(&entry.note, reader.zone);
    let fact = |label: &str, value: String| Fact { label: label.into(), value };
    let facts = match &entry.note {
        Note::Answered { failure } => vec![fact("Code", failure.code().to_owned())],
        Note::GaveUp { code } => vec![fact("Code", code.clone())],
        Note::Sent { part, attempt } => {
            vec![fact("Part", (part + 1).to_string()), fact("Try", attempt.to_string())]
        }
        _ => Vec::new(),
    };
    TimelineEntry { at: reader.precise(entry.at), tone: words::tone(&entry.note), title, text, facts }
}
