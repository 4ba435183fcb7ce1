//! The overview.

use super::session::Session;
use super::{Answer, Shared};
use crate::map::{self, cards};
use crate::view::{Figure, HomePage, Notice, SetupStep, Tone};
use crate::words::WAITS;
use app::publishing::PostView;
use axum::extract::State;
use domain::access::{Caller, Permission};
use domain::publishing::PostStatus;
use jiff::SignedDuration;
use ports::PostQuery;

/// Posts looked at on either side of now.
const LOOKED_AT: u32 = 25;
/// Posts shown on either side of now.
const SHOWN: usize = 5;
/// Days the figures cover.
const DAYS: i64 = 7;

/// `GET /console`.
pub(super) async fn page(State(console): State<Shared>, session: Session) -> Answer {
    let (deps, caller) = (&console.deps, &session.caller);
    let frame = session.frame(&console).await?;
    let book = frame.book().await?;
    let span = SignedDuration::from_hours(24 * DAYS);
    let soon = PostQuery {
        from: Some(frame.now),
        to: Some(frame.now + span),
        ascending: true,
        limit: LOOKED_AT,
        cursor: None,
    };
    let past = PostQuery { from: Some(frame.now - span), to: Some(frame.now), ascending: false, ..soon.clone() };
    let (next, recent) =
        tokio::try_join!(app::publishing::posts(deps, caller, &soon), app::publishing::posts(deps, caller, &past))?;
    let reader = frame.reader();
    let accounts = cards(&reader, &book, &app::accounts::horizon(deps, caller).await?);
    let broken = accounts.iter().filter(|card| card.status.tone == Tone::Bad).count() as u64;
    let figure = |label: &str, value: u64, href: &str| Figure { label: label.into(), value, href: href.into() };
    let mut figures = Vec::new();
    // A page that goes on would be counted short; then no number is better than a wrong one.
    if next.next.is_none() {
        let waits = |v: &&PostView| matches!(v.status, PostStatus::Scheduled | PostStatus::Publishing);
        let waiting = next.items.iter().filter(waits).count() as u64;
        figures.push(figure("going out in 7 days", waiting, "/console/queue?state=upcoming"));
    }
    if recent.next.is_none() {
        let out = recent.items.iter().filter(|v| v.deliveries.iter().any(domain::publishing::Delivery::any_live));
        figures.push(figure("published in 7 days", out.count() as u64, "/console/queue?state=published"));
    }
    figures.push(figure("waiting for you", frame.shell.attention.into(), "/console/attention"));
    figures.push(figure("accounts connected", accounts.len() as u64 - broken, "/console/accounts"));
    let drafts = |view: &&PostView| !view.post.is_draft();
    let row = |view: &PostView| map::row(&reader, &book, view);
    let nothing_yet = next.items.is_empty() && recent.items.is_empty();
    let view = HomePage {
        notices: notices(frame.shell.attention.into(), broken),
        steps: if nothing_yet { steps(caller, !accounts.is_empty()) } else { Vec::new() },
        figures: if nothing_yet { Vec::new() } else { figures },
        next: next.items.iter().take(SHOWN).map(row).collect(),
        recent: recent.items.iter().filter(drafts).take(SHOWN).map(row).collect(),
        accounts,
    };
    frame.page(200, &view)
}

fn notices(unknown: u64, broken: u64) -> Vec<Notice> {
    let mut out = Vec::new();
    if unknown > 0 {
        out.push(Notice {
            tone: Tone::Warn,
            title: format!("{unknown} {} your decision", if unknown == 1 { "post needs" } else { "posts need" }),
            text: "Herald could not find out whether they are live, and sends nothing again on a guess.".into(),
            href: "/console/attention".into(),
            link: "Decide".into(),
        });
    }
    if broken > 0 {
        out.push(Notice {
            tone: Tone::Bad,
            title: format!("{broken} {} be reconnected", if broken == 1 { "account must" } else { "accounts must" }),
            text: format!("The platform ended Herald’s access. {WAITS}"),
            href: "/console/accounts".into(),
            link: "Reconnect".into(),
        });
    }
    out
}

/// What is left to do, for whom may do it.
fn steps(caller: &Caller, connected: bool) -> Vec<SetupStep> {
    let step = |needs, done, title: &str, text: &str, href: &str| {
        let step = SetupStep { done, title: title.into(), text: text.into(), href: href.into() };
        caller.may(needs).then_some(step)
    };
    let all = [
        step(Permission::Read, true, "Sign in", "You are here.", "/console"),
        step(
            Permission::ManageAccounts,
            connected,
            "Connect an account",
            "The profiles and pages you publish to. You allow Herald there, or enter a key made for Herald; your password stays with the platform.",
            "/console/accounts",
        ),
        step(
            Permission::Publish,
            false,
            "Write your first post",
            "For all accounts at once, each within its own limits.",
            "/console/compose",
        ),
        step(
            Permission::ManageWebhooks,
            false,
            "Let your systems know",
            "A webhook tells them what happened to every post.",
            "/console/webhooks",
        ),
    ];
    all.into_iter().flatten().collect()
}
