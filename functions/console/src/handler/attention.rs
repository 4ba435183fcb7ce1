//! What waits for a person.

use super::session::Session;
use super::{Answer, Shared};
use crate::map::{cards, excerpt, unknown};
use crate::view::{AttentionPage, Notice, Tone};
use crate::words::{MISSED, ended};
use app::publishing::PostView;
use axum::extract::State;
use domain::publishing::State as DeliveryState;
use jiff::SignedDuration;
use ports::PostQuery;

/// Questions shown at once; answering them brings the next.
const SHOWN: u32 = 50;
/// Days for which a failed post is worth a look.
const DAYS: i64 = 7;

/// `GET /console/attention`.
pub(super) async fn page(State(console): State<Shared>, session: Session) -> Answer {
    let (deps, caller) = (&console.deps, &session.caller);
    let frame = session.frame(&console).await?;
    let book = frame.book().await?;
    let reader = frame.reader();
    let waiting = app::publishing::attention(deps, caller, None, SHOWN).await?;
    let mut view = AttentionPage::default();
    for delivery in &waiting.items {
        let post = app::publishing::status(deps, caller, delivery.post).await?.post;
        match unknown(&reader, &book, &post, delivery, "attention") {
            Some(question) => view.unknown.push(question),
            None => view.notices.push(Notice {
                tone: Tone::Warn,
                title: "Somebody has to look whether a post is live".into(),
                text: format!(
                    "“{}”. Your role does not decide this; an approver, editor or owner can.",
                    excerpt(&post.content)
                ),
                href: format!("/console/posts/{}", post.id),
                link: "Look".into(),
            }),
        }
    }
    let horizons = app::accounts::horizon(deps, caller).await?;
    for card in cards(&reader, &book, &horizons).into_iter().filter(|card| card.status.tone != Tone::Good) {
        view.notices.push(Notice {
            tone: card.status.tone,
            title: format!("{} on {}: {}", card.account.name, card.account.platform.name, card.status.label),
            text: card.explanation.unwrap_or_default(),
            href: "/console/accounts".into(),
            link: "Accounts".into(),
        });
    }
    let since = frame.now - SignedDuration::from_hours(24 * DAYS);
    let query = PostQuery { from: Some(since), to: Some(frame.now), limit: SHOWN, ..PostQuery::default() };
    let recent = app::publishing::posts(deps, caller, &query).await?;
    view.notices.extend(recent.items.iter().filter_map(ended_badly));
    frame.page(200, &view)
}

fn ended_badly(view: &PostView) -> Option<Notice> {
    let (tone, title, why) = view.deliveries.iter().find_map(|d| match &d.state {
        DeliveryState::Failed { code, detail, .. } => Some((Tone::Bad, "A post failed", ended(code, detail))),
        DeliveryState::Partial { code, detail, .. } => {
            Some((Tone::Warn, "Only a part of a post is live", ended(code, detail)))
        }
        DeliveryState::Missed { .. } => {
            Some((Tone::Warn, "A post was missed", format!("Its time had passed; nothing was sent. {MISSED}")))
        }
        _ => None,
    })?;
    let start = excerpt(&view.post.content);
    Some(Notice {
        tone,
        title: title.into(),
        text: if start.is_empty() { why } else { format!("“{start}”: {why}") },
        href: format!("/console/posts/{}", view.post.id),
        link: "Look".into(),
    })
}
