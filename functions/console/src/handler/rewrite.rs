//! Another content for a series that is there: what it says and where it goes, for the runs that have no post yet.

use super::compose::writes;
use super::composed::Shown;
use super::form::{Posted, follow, goes};
use super::posts::media_of;
use super::sent::Sent;
use super::session::Session;
use super::trouble::Trouble;
use super::{Answer, Console, Shared, series};
use crate::map::{Book, Draft, series_href};
use crate::view::ComposerPage;
use crate::words::Said;
use app::publishing::{SeriesEdit, SeriesView, TargetSpec};
use app::{Error, Reply};
use axum::extract::{Path, State};
use domain::access::Permission;
use domain::publishing::Series;

/// A series whose content this form can change.
async fn writable(console: &Console, session: &Session, id: &str) -> Result<SeriesView, Trouble> {
    writes(session)?;
    let view = app::publishing::series(&console.deps, &session.caller, series::id(id)?).await?;
    if Draft::can_say(&view.series.content, &view.series.variants) {
        return Ok(view);
    }
    let detail = "it was written through the API and says more than this form can show: change it there";
    Err(Error::conflict("more_than_the_form", detail).into())
}

/// `GET /console/series/{series_id}/content`.
pub(super) async fn page(State(console): State<Shared>, Path(id): Path<String>, session: Session) -> Answer {
    let view = writable(&console, &session, &id).await?;
    let Series { content, variants, targets, .. } = &view.series;
    let media = media_of(&console, &session.caller, content, variants).await?;
    let shown = Shown::of(Draft::saying(content, variants, targets), media, Some(view.rev));
    show(&console, &session, &view, 200, shown).await
}

async fn show(console: &Console, session: &Session, view: &SeriesView, status: u16, shown: Shown) -> Answer {
    let frame = session.frame(console).await?;
    let book = frame.book().await?;
    let page = ComposerPage {
        action: format!("{}/content", series_href(view.series.id)),
        again: None,
        series_href: Some(series_href(view.series.id)),
        note: gone(&book, &view.series),
        ..shown.page(console, session, &frame, &book, false).await?
    };
    frame.page(status, &page)
}

/// Which accounts of the series cannot be ticked any more.
fn gone(book: &Book, series: &Series) -> Option<String> {
    let there = |id| book.connected().any(|account| account.id == id);
    let gone = series.targets.iter().filter(|target| !there(target.account));
    let names: Vec<String> = gone
        .map(|target| book.account(target.account, &target.platform))
        .map(|account| format!("{} on {}", account.name, account.platform.name))
        .collect();
    match names.as_slice() {
        [] => None,
        [one] => Some(format!("{one} was disconnected: saving leaves it out of the series.")),
        many => Some(format!("{} were disconnected: saving leaves them out of the series.", many.join(" and "))),
    }
}

/// `POST /console/series/{series_id}/content`.
pub(super) async fn submit(State(console): State<Shared>, Path(id): Path<String>, posted: Posted) -> Answer {
    let session = &posted.session;
    writes(session)?;
    if let Some(earlier) = posted.sent_before(&console, Permission::Publish).await? {
        return Ok(earlier);
    }
    let view = writable(&console, session, &id).await?;
    let rev = posted.form.get("rev").parse().map_err(|_| Trouble::Status(400))?;
    let book = session.frame(&console).await?.book().await?;
    let mut sent = Sent::read(&posted.form, &book);
    sent.gather(&console, &posted).await?;
    let row = posted.form.get("action") == "add_media";
    let mut status = 200;
    if !row {
        match accept(&console, &posted, &book, &view.series, rev, &mut sent).await? {
            Ok(reply) => return Ok(follow(&reply)),
            Err(refused) => status = refused,
        }
    }
    show(&console, session, &view, status, Shown::again(sent, Some(rev), row)).await
}

/// Hands over what is another than it was: who changes a part of a series joins those who wrote the others, and only who writes all
/// of it anew takes their place.
async fn accept(
    console: &Console,
    posted: &Posted,
    book: &Book,
    old: &Series,
    rev: u64,
    sent: &mut Sent,
) -> Result<Result<Reply, u16>, Trouble> {
    let platforms = sent.platforms(book);
    let (content, variants, targets) = sent.says(&platforms);
    if !sent.is_sound(console, posted, &platforms).await? {
        return Ok(Err(422));
    }
    let named = old.variants.iter().map(|(platform, variant)| (platform.to_string(), variant.clone())).collect();
    let before: Vec<TargetSpec> = old.targets.iter().map(|target| TargetSpec::Account(target.account)).collect();
    let same_targets = before.len() == targets.len() && before.iter().all(|target| targets.contains(target));
    let edit = SeriesEdit {
        content: (content != old.content).then_some(content),
        variants: (variants != named).then_some(variants),
        targets: (!same_targets).then_some(targets),
        ..SeriesEdit::default()
    };
    let encode = |_: &SeriesView| goes(&series_href(old.id), Said::SeriesRewritten);
    let (caller, once) = (&posted.session.caller, posted.once()?);
    match app::publishing::edit_series(&console.deps, caller, old.id, rev, &edit, once, &encode).await {
        Ok(reply) => Ok(Ok(reply)),
        Err(error) => sent.refused(error).map(Err),
    }
}
