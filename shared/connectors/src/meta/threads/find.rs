//! Reading Threads back. The container says whether it was published, which decides; the account's list of posts, or of replies, says
//! under which id and address.

use super::super::container::{self, Containers as _, Stage};
use super::super::found::{Listed, alike, by_container, concluded};
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
    // Nothing is older than the container that it was made of.
    let from = sent.map_or(since, |(_, made)| since.max(made));
    let parent = answered(call)?;
    let (list, fields) = match parent {
        None => ("threads", "id,text,timestamp,permalink"),
        Some(_) => ("replies", "id,text,timestamp,permalink,replied_to"),
    };
    let path = format!("{}/{list}", user(call.account)?);
    let mut listed: Vec<Listed> = recent::by_time(&threads.graph(call.app), call, &path, fields, from).await?;
    // What it answers is not told of every reply; one that answers another post is not the one.
    listed.retain(|post| post.replied_to.as_ref().is_none_or(|answered| Some(&answered.id) == parent.as_ref()));
    let alike = alike(call, &text, listed, |permalink| shown(call.app, permalink));
    concluded(stage, is_wordless, alike, (since, call.now))
}
