//! Approvals: what waits, how one stands, and what the reader may do about it.

use super::posts::texts;
use super::{Book, Reader, media_view};
use crate::view::{
    Action, ActionStyle, ApprovalItem, ApprovalView, Badge, Fact, MediaView, Platform, Said, TimelineEntry, Tone,
};
use crate::words;
use app::publishing::PostView;
use domain::access::{Member, Permission};
use domain::publishing::{
    Approval, ApprovalStep, CaptionTrack, ContentKind, Media, MediaRef, ReplyRestriction, Standing, State, Target,
    Variant, Visibility,
};
use domain::{MemberId, PlatformId};
use std::collections::BTreeMap;

fn name(members: &[Member], id: MemberId) -> String {
    members.iter().find(|m| m.id == id).map_or_else(|| "Somebody who has left".into(), |m| m.name.clone())
}

/// A post that waits, for the list of those that do.
pub fn approval_item(reader: &Reader<'_>, book: &Book, view: &PostView, members: &[Member]) -> Option<ApprovalItem> {
    let approval = view.approval.as_ref()?;
    let post = &view.post;
    Some(ApprovalItem {
        href: format!("/console/posts/{}", post.id),
        said: contents(book, &post.targets, &post.content, &post.variants, None),
        accounts: post.targets.iter().map(|t| book.account(t.account, &t.platform)).collect(),
        when: post.schedule.due_at().map(|at| reader.moment(at)),
        author: name(members, approval.made_by),
        approval: approval_view(reader, view, members, "approvals")?,
    })
}

/// Everything that a post says. `media` are those that are still there, on a page that shows them; else they are named.
pub(super) fn contents(
    book: &Book,
    targets: &[Target],
    content: &Variant,
    variants: &BTreeMap<PlatformId, Variant>,
    media: Option<&[Media]>,
) -> Vec<Said> {
    let goes_to = |platform: &PlatformId| targets.iter().any(|t| t.platform == *platform);
    // The common content is shown where it goes somewhere; of a draft, which goes nowhere yet, everything.
    let nowhere = targets.is_empty();
    let common = nowhere || targets.iter().any(|t| !variants.contains_key(&t.platform));
    let own = variants.iter().filter(|(id, _)| nowhere || goes_to(id));
    let common = common.then(|| said_by(None, content, media));
    common.into_iter().chain(own.map(|(id, variant)| said_by(Some(book.platform(id)), variant, media))).collect()
}

/// A content, with everything of it that people read or that changes who sees it.
fn said_by(platform: Option<Platform>, variant: &Variant, media: Option<&[Media]>) -> Said {
    let mut facts = Vec::new();
    let mut add = |label: &str, value: Option<String>| {
        facts.extend(value.filter(|v| !v.is_empty()).map(|value| Fact { label: label.into(), value }));
    };
    let kind = match variant.kind {
        ContentKind::Post => None,
        ContentKind::Article => Some("Article"),
        ContentKind::Story => Some("Story"),
        ContentKind::Reel => Some("Reel"),
    };
    add("Kind", kind.map(Into::into));
    add("Title", variant.title.clone());
    add("Summary", variant.summary.clone());
    add("Link’s title", variant.link.as_ref().and_then(|link| link.title.clone()));
    add("Link’s text", variant.link.as_ref().and_then(|link| link.description.clone()));
    let named = |m: &MediaRef| {
        let words = m.title.iter().chain(&m.alt_text).cloned().collect::<Vec<_>>().join(": ");
        if words.is_empty() { "no alt text".into() } else { words }
    };
    if media.is_none() {
        add("Media", Some(variant.media().map(named).collect::<Vec<String>>().join(" · ")));
    }
    let spoken = |track: &CaptionTrack| match &track.name {
        Some(name) => format!("{} ({name})", track.language),
        None => track.language.clone(),
    };
    let captions: Vec<String> = variant.media().flat_map(|m| &m.captions).map(spoken).collect();
    add("Captions", Some(captions.join(", ")));
    let covers: Vec<String> =
        variant.media().filter_map(|m| m.cover_ms).map(|ms| format!("{}.{:03} s", ms / 1_000, ms % 1_000)).collect();
    add("Cover, at", Some(covers.join(", ")));
    add("Between its parts", variant.spacing().map(|spacing| format!("{} seconds", spacing.delay_s)));
    if let Some(poll) = &variant.poll {
        add("Poll", poll.question.clone());
        add("Answers", Some(poll.options.join(" · ")));
        add("Poll is open", Some(format!("{} minutes", poll.duration_minutes)));
    }
    if let Some(template) = &variant.template {
        add("Approved template", Some(format!("{} ({})", template.name, template.language)));
        add("Its parameters", Some(template.parameters.join(" · ")));
    }
    add("First comment", variant.first_comment.clone());
    add("Tags", Some(variant.tags.join(", ")));
    add("Categories", Some(variant.categories.join(", ")));
    add("Answers the post", variant.reply_to.clone());
    add("Quotes the post", variant.quote.clone());
    let seen = match variant.visibility {
        Visibility::Public => None,
        Visibility::Connections => Some("The author’s connections"),
        Visibility::LoggedIn => Some("Everyone who is signed in"),
        Visibility::Unlisted => Some("Everyone who has its address"),
        Visibility::Private => Some("The author alone"),
    };
    add("Who sees it", seen.map(Into::into));
    for (name, entries) in variant.targeting.lists() {
        add(&format!("Only for these {name}"), Some(entries.join(", ")));
    }
    let reply = match variant.reply_restriction {
        ReplyRestriction::Everyone => None,
        ReplyRestriction::Following => Some("Accounts the author follows"),
        ReplyRestriction::Mentioned => Some("Accounts it mentions"),
    };
    add("Who may reply", reply.map(Into::into));
    add("Made for children", variant.made_for_kids.then(|| "Declared so where the platform asks".into()));
    add("Left as a draft", variant.draft.then(|| "Somebody publishes it on the platform".into()));
    let shown = |media: &[Media]| -> Vec<MediaView> {
        let found = |id| media.iter().find(|m| m.id == id);
        let view = |r: &MediaRef| {
            let captions = r.captions.iter().map(|track| media_view(found(track.id), Some(&track.language)));
            std::iter::once(media_view(found(r.id), r.alt_text.as_deref())).chain(captions).collect::<Vec<_>>()
        };
        variant.media().flat_map(view).collect()
    };
    let media = media.map(shown).unwrap_or_default();
    Said { platform, text: texts(variant), link: variant.link.as_ref().map(|link| link.url.clone()), facts, media }
}

/// How the approval of a post stands; none where it never needed one and nobody is offered to ask. `back` is the page the
/// answers are given on.
pub fn approval_view(reader: &Reader<'_>, view: &PostView, members: &[Member], back: &str) -> Option<ApprovalView> {
    let at = format!("/console/posts/{}", view.post.id);
    let waits = !view.deliveries.is_empty() && view.deliveries.iter().all(|d| d.state == State::Scheduled);
    let ask = |label: &str| reader.action(format!("{at}/ask"), label, ActionStyle::Plain);
    let Some(approval) = &view.approval else {
        let ask = (waits && reader.may(Permission::Publish)).then(|| ask("Ask for an approval"))?;
        let state = Badge::new("Not needed", Tone::Neutral);
        let text = "It goes out at its time. You can ask somebody to approve it first.".into();
        return Some(ApprovalView {
            id: view.post.id.to_string(),
            state,
            text,
            ask: Some(ask),
            ..ApprovalView::default()
        });
    };
    let open = waits && reader.now <= approval.until;
    let answers = open && reader.may(Permission::Approve);
    let approvers: Vec<MemberId> = members.iter().filter(|m| m.role.may(Permission::Approve)).map(|m| m.id).collect();
    let own = !approval.is_answered_by(reader.caller.member, view.post.created_by, &approvers);
    let answer = |what: &str, label: &str, style| -> Action {
        reader.action(format!("{at}/{what}"), label, style).with("hash", approval.hash.clone()).with("back", back)
    };
    let waiting = approval.standing == Standing::Waiting;
    let (label, tone) = words::standing(approval.standing);
    let no = if waiting { "Reject" } else { "Take the approval back" };
    Some(ApprovalView {
        id: view.post.id.to_string(),
        state: Badge::new(label, tone),
        text: said(approval, open, own && answers),
        until: (waiting && open).then(|| reader.moment(approval.until)),
        comment: approval.steps.last().and_then(|step| step.comment.clone()),
        approve: (waiting && answers && !own).then(|| answer("approve", "Approve", ActionStyle::Primary)),
        reject: ((waiting || approval.standing == Standing::Approved) && answers)
            .then(|| answer("reject", no, ActionStyle::Danger)),
        ask: (approval.standing == Standing::Rejected && open && reader.may(Permission::Publish))
            .then(|| ask("Ask again")),
        steps: approval.steps.iter().map(|s| step(reader, members, s)).collect(),
    })
}

fn said(approval: &Approval, open: bool, own: bool) -> String {
    match approval.standing {
        Standing::Waiting if own => {
            "You wrote it or asked for it, so somebody else has to approve it. Nothing goes out before.".into()
        }
        Standing::Waiting if open => "It goes out only when somebody approves it as it is now.".into(),
        Standing::Waiting => "Nobody approved it in time, so nothing was sent.".into(),
        Standing::Approved if open => {
            "It goes out as it is. Whoever changes its content or time takes the approval back.".into()
        }
        Standing::Approved => "It was approved as it is.".into(),
        Standing::Rejected => "It does not go out, unless it is changed, or asked for again, and then approved.".into(),
        Standing::CalledOff => "The post was called off.".into(),
    }
}

fn step(reader: &Reader<'_>, members: &[Member], step: &ApprovalStep) -> TimelineEntry {
    let (title, tone) = words::approval_act(step.act);
    TimelineEntry {
        at: reader.precise(step.at),
        tone,
        title: format!("{title} by {}", name(members, step.by)),
        text: step.comment.clone(),
        facts: Vec::new(),
    }
}
