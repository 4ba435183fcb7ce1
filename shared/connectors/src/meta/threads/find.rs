//! Reading Threads back. The container says whether it was published, which decides; the account's list of posts, or of replies, says
//! under which id and address.

use super::super::container::{self, Containers as _, Stage};
use super::super::found::{Listed, alike, begins, by_container, concluded};
use super::super::recent;
use super::making::{answered, text};
use super::publish::shown;
use super::{Threads, user};
use domain::publishing::{Failure, Finding};
use jiff::Timestamp;
use ports::PublishCall;

pub(super) async fn find(threads: &Threads, call: &PublishCall<'_>, since: Timestamp) -> Result<Finding, Failure> {
    let sent = container::sent(threads, call);
    let stage = match &sent {
        Some((container, _)) => threads.stage(call, container).await?.0,
        None => Stage::Unknown,
    };
    if stage == Stage::InProgress {
        return Err(Failure::Unavailable);
    }
    let text = text(call.variant, call.part);
    let is_wordless = text.trim().is_empty();
    if let Some(finding) = by_container(stage).filter(|_| is_wordless) {
        return Ok(finding);
    }
    let from = begins(stage, sent.map(|(_, made)| made), (since, call.now));
    let parent = answered(call)?;
    let (list, fields) = match parent {
        None => ("threads", "id,text,timestamp,permalink"),
        Some(_) => ("replies", "id,text,timestamp,permalink,replied_to"),
    };
    let path = format!("{}/{list}", user(call.account)?);
    let listed: Vec<Listed> = recent::by_time(&threads.graph(call.app), call, &path, fields, from).await?;
    // One that answers another post is not the one, and what it answers is not told of every reply.
    let answers = |post: &Listed| post.replied_to.as_ref().map(|answered| Some(&answered.id) == parent.as_ref());
    let (told, others): (Vec<_>, Vec<_>) =
        listed.into_iter().partition(|post| answers(post).unwrap_or(parent.is_none()));
    let untold = others.into_iter().filter(|post| post.replied_to.is_none()).collect();
    let like = |listed| alike(call, &text, listed, |permalink| shown(call.app, permalink));
    let ((mut found, mut resembling), (unsure, resembling_too)) = (like(told), like(untold));
    resembling += resembling_too;
    // Such a reply may be below another post: it is the one only where the container says that there is one.
    if stage == Stage::Published && found.is_empty() {
        found = unsure;
    } else {
        resembling += unsure.len();
    }
    concluded(stage, is_wordless, (found, resembling), (since, call.now))
}
