//! Other words for a post that is live.

use super::compose::writes;
use super::composed::Shown;
use super::form::{Posted, follow, goes};
use super::posts::media_of;
use super::sent::Sent;
use super::session::Session;
use super::trouble::Trouble;
use super::{Answer, Console, Shared};
use crate::map::{Book, Draft};
use crate::view::ComposerPage;
use crate::words::Said;
use app::Error;
use app::publishing::{Accepted, Edit, PostView};
use axum::extract::{Path, State};
use domain::access::Permission;
use domain::publishing::{AmendOutcome, Delivery, amended_there};
use domain::{PlatformId, PostId};
use std::collections::BTreeSet;

/// A post whose words this form can change.
async fn live(console: &Console, session: &Session, id: &str) -> Result<PostView, Trouble> {
    writes(session)?;
    let id: PostId = id.parse().map_err(|_| Trouble::Status(404))?;
    let view = app::publishing::status(&console.deps, &session.caller, id).await?;
    if !Draft::can_show(&view.post) {
        let detail = "it was written through the API and holds more than this form can show: change it there";
        return Err(Error::conflict("more_than_the_form", detail).into());
    }
    Ok(view)
}

fn address(id: PostId) -> String {
    format!("/console/posts/{id}")
}

/// The platforms on which it says what it says, whatever is changed: they change nothing, or no account is connected there.
fn fixed<'a>(book: &Book, view: &'a PostView) -> BTreeSet<&'a PlatformId> {
    let connected = |platform: &PlatformId| book.connected().any(|account| account.platform == *platform);
    let changes = |platform: &PlatformId| book.amends(platform) && connected(platform);
    view.post.targets.iter().map(|target| &target.platform).filter(|platform| !changes(platform)).collect()
}

/// `GET /console/posts/{post_id}/words`.
pub(super) async fn page(State(console): State<Shared>, Path(id): Path<String>, session: Session) -> Answer {
    let view = live(&console, &session, &id).await?;
    let media = media_of(&console, &session.caller, &view.post.content, &view.post.variants).await?;
    let draft = Draft::saying(&view.post.content, &view.post.variants, &view.post.targets);
    show(&console, &session, &view, 200, Shown::of(draft, media, Some(view.rev))).await
}

async fn show(console: &Console, session: &Session, view: &PostView, status: u16, shown: Shown) -> Answer {
    let frame = session.frame(console).await?;
    let book = frame.book().await?;
    let (href, fixed) = (address(view.post.id), fixed(&book, view));
    let names: Vec<String> = fixed.iter().map(|platform| book.platform(platform).name).collect();
    let note = format!("What is live on {} cannot be changed: it stays there as it is.", names.join(" and "));
    let mut page = ComposerPage {
        action: format!("{href}/words"),
        again: None,
        live_href: Some(href),
        note: (!names.is_empty()).then_some(note),
        ..shown.without_library(console, session, &frame, &book, true).await?
    };
    let changes = |slug: &str| !fixed.iter().any(|platform| platform.as_str() == slug);
    page.targets.retain(|target| target.checked && changes(&target.account.platform.slug));
    let ticked: Vec<String> = page.targets.iter().map(|target| target.account.platform.slug.clone()).collect();
    page.platforms.retain(|block| ticked.contains(&block.platform.slug));
    for target in &mut page.targets {
        target.blocked = None;
    }
    frame.page(status, &page)
}

/// `POST /console/posts/{post_id}/words`.
pub(super) async fn submit(State(console): State<Shared>, Path(id): Path<String>, posted: Posted) -> Answer {
    let (deps, session) = (&console.deps, &posted.session);
    writes(session)?;
    if let Some(earlier) = posted.sent_before(&console, Permission::Publish).await? {
        return Ok(earlier);
    }
    let view = live(&console, session, &id).await?;
    let rev: u64 = posted.form.get("rev").parse().map_err(|_| Trouble::Status(400))?;
    let book = session.frame(&console).await?.book().await?;
    let mut sent = Sent::read(&posted.form, &book);
    sent.draft.targets = view.post.targets.iter().map(|target| target.account.to_string()).collect();
    let said_there = Draft::saying(&view.post.content, &view.post.variants, &view.post.targets);
    for platform in fixed(&book, &view) {
        sent.draft.variants.insert(platform.to_string(), said_there.text_for(platform).to_owned());
    }
    sent.gather(&console, &posted).await?;
    let platforms = sent.platforms(&book);
    let status = if sent.is_sound(&console, &posted, &platforms).await? {
        let (content, mut variants, _) = sent.says(&platforms);
        for platform in fixed(&book, &view) {
            let (slug, stays) = (platform.as_str(), view.post.variant_for(platform));
            let asked = variants.get(slug).unwrap_or(&content);
            let descriptor = book.platforms.iter().find(|known| known.id == *platform);
            let there = descriptor.map_or_else(|| asked.clone(), |known| amended_there(stays, asked, known));
            // Where its title is seen, it keeps that as well; the form cannot show such a post again.
            if there != *stays {
                variants.insert(slug.to_owned(), stays.clone());
            }
        }
        let edit = Edit { content: Some(content), variants: Some(variants), ..Edit::default() };
        let encode = |accepted: &Accepted| goes(&address(accepted.post.id), said(accepted));
        let (caller, once) = (&session.caller, posted.once()?);
        match Box::pin(app::publishing::amend(deps, caller, view.post.id, rev, &edit, once, &encode)).await {
            Ok(reply) => return Ok(follow(&reply)),
            Err(error) => sent.refused(error)?,
        }
    } else {
        422
    };
    show(&console, session, &view, status, Shown::again(sent, Some(rev), false)).await
}

fn said(accepted: &Accepted) -> Said {
    let done = |d: &Delivery| d.amendment.as_ref().is_none_or(|latest| latest.outcome == AmendOutcome::Done);
    if accepted.deliveries.iter().all(done) { Said::Amended } else { Said::AmendedInPart }
}
