//! What waits for an approver, and what approvers and authors say about it.

use super::form::{Posted, follow, goes};
use super::session::Session;
use super::trouble::Trouble;
use super::{Answer, Shared};
use crate::map::approval_item;
use crate::view::ApprovalsPage;
use crate::words::{APPROVAL_RULES, Said};
use app::publishing::{PostView, Verdict};
use axum::extract::{Path, Query, State};
use domain::PostId;
use domain::publishing::Rules;
use runtime::http::{open_cursor, seal_cursor};
use serde::Deserialize;

/// Posts on a page: each is shown whole.
const SHOWN: u32 = 20;

/// Which page.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    after: Option<String>,
}

/// `GET /console/approvals`.
pub(super) async fn page(State(console): State<Shared>, Query(asked): Query<Asked>, session: Session) -> Answer {
    let (deps, caller) = (&console.deps, &session.caller);
    let list = format!("approvals {}", caller.tenant);
    let after = asked.after.as_deref().map(|cursor| open_cursor(&list, cursor)).transpose();
    let after = after.map_err(|_| Trouble::Status(404))?;
    let frame = session.frame(&console).await?;
    let book = frame.book().await?;
    let members = app::access::members(deps, caller).await?;
    let found = app::publishing::approvals(deps, caller, after.as_deref(), SHOWN).await?;
    let reader = frame.reader();
    let items = found.items.iter().filter_map(|view| approval_item(&reader, &book, view, &members)).collect();
    let more_href = found.next.map(|cursor| format!("/console/approvals?after={}", seal_cursor(&list, &cursor)));
    frame.page(200, &ApprovalsPage { items, more_href })
}

fn id(text: &str) -> Result<PostId, Trouble> {
    text.parse().map_err(|_| Trouble::Status(404))
}

fn back(posted: &Posted, post: PostId) -> String {
    match posted.form.get("back") {
        "approvals" => "/console/approvals".into(),
        _ => format!("/console/posts/{post}"),
    }
}

fn verdict(posted: &Posted) -> Verdict {
    Verdict { hash: posted.form.get("hash").into(), comment: Some(posted.form.get("comment").into()) }
}

/// `POST /console/posts/{post_id}/approve`: a "yes" to what has the `hash`, with a `comment` if there is one.
pub(super) async fn approve(State(console): State<Shared>, Path(post): Path<String>, posted: Posted) -> Answer {
    let post = id(&post)?;
    let encode = |_: &PostView| goes(&back(&posted, post), Said::Approved);
    let (caller, once) = (&posted.session.caller, posted.once()?);
    let verdict = verdict(&posted);
    Ok(follow(&app::publishing::approve(&console.deps, caller, post, &verdict, once, &encode).await?))
}

/// `POST /console/posts/{post_id}/reject`: a "no" to what has the `hash`, with the `comment` that says why.
pub(super) async fn reject(State(console): State<Shared>, Path(post): Path<String>, posted: Posted) -> Answer {
    let post = id(&post)?;
    let encode = |_: &PostView| goes(&back(&posted, post), Said::Rejected);
    let (caller, once) = (&posted.session.caller, posted.once()?);
    let verdict = verdict(&posted);
    Ok(follow(&app::publishing::reject(&console.deps, caller, post, &verdict, once, &encode).await?))
}

/// `POST /console/posts/{post_id}/ask`: asks for an approval, with a `comment` if there is one.
pub(super) async fn ask(State(console): State<Shared>, Path(post): Path<String>, posted: Posted) -> Answer {
    let post = id(&post)?;
    let encode = |_: &PostView| goes(&back(&posted, post), Said::Asked);
    let (caller, once) = (&posted.session.caller, posted.once()?);
    let comment = Some(posted.form.get("comment"));
    Ok(follow(&app::publishing::ask_approval(&console.deps, caller, post, comment, once, &encode).await?))
}

/// `POST /console/team/approval-rule`: whose posts somebody has to approve, `required_for`.
pub(super) async fn rule(State(console): State<Shared>, posted: Posted) -> Answer {
    let chosen = posted.form.get("required_for");
    let rule = APPROVAL_RULES.iter().find(|(slug, ..)| *slug == chosen).ok_or(Trouble::Status(400))?.2;
    let encode = |_: &Rules| goes("/console/team", Said::RuleChanged);
    let (caller, once) = (&posted.session.caller, posted.once()?);
    Ok(follow(&app::publishing::set_approval_rule(&console.deps, caller, rule, once, &encode).await?))
}
