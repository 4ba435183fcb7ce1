//! Reading Instagram back. The container says whether it was published, which decides; the list of media says under which id
//! and address. A comment has no container and is looked for below its post.

use super::super::container::{self, Containers as _, Stage};
use super::super::found::{Listed, alike, begins, by_container, concluded};
use super::super::graph::{Graph, folded};
use super::super::recent::{in_any_order, newest_first};
use super::api::{Comment, Top};
use super::making::caption;
use super::publish::{answered, parent, shown};
use super::{Instagram, is_id, user};
use domain::publishing::{ContentKind, Failure, Finding, Receipt};
use domain::text::resembles;
use jiff::Timestamp;
use ports::PublishCall;

pub(super) async fn find(instagram: &Instagram, call: &PublishCall<'_>, since: Timestamp) -> Result<Finding, Failure> {
    if call.variant.is_below(call.part) {
        return comment(instagram, call, since).await;
    }
    let sent = container::sent(instagram, call);
    let stage = match &sent {
        Some((container, _)) => instagram.stage(call, container).await?.0,
        None => Stage::Unknown,
    };
    if stage == Stage::InProgress {
        return Err(Failure::Unavailable);
    }
    if call.variant.kind == ContentKind::Story {
        // A story says nothing that could be compared, so the container is all there is.
        return Ok(by_container(stage).unwrap_or(Finding::Unreadable));
    }
    let text = caption(call.variant, 0);
    let is_wordless = text.trim().is_empty();
    if let Some(finding) = by_container(stage).filter(|_| is_wordless) {
        return Ok(finding);
    }
    let from = begins(stage, sent.map(|(_, made)| made), (since, call.now));
    let (path, query) = (format!("{}/media", user(call.account)?), [("fields", "id,caption,timestamp,permalink")]);
    let listed = newest_first::<Listed>(&instagram.graph(call.app), call, &path, &query, from).await?;
    let alike = alike(call, &text, listed, |permalink| shown(call.app, permalink));
    concluded(stage, is_wordless, alike, (since, call.now))
}

/// The comment below which Instagram puts an answer: that which is answered, or where it is an answer itself, the one that it answers.
async fn top(graph: &Graph<'_>, call: &PublishCall<'_>, answered: &str) -> Result<String, Failure> {
    let answer = graph.get(answered, &[("fields", "id,parent_id")], call.token, call.now).await?;
    let above = answer.json::<Top>().ok_or(Failure::Unavailable)?.parent_id;
    Ok(above.filter(|id| is_id(id)).unwrap_or_else(|| answered.to_owned()))
}

async fn comment(instagram: &Instagram, call: &PublishCall<'_>, since: Timestamp) -> Result<Finding, Failure> {
    let (graph, wanted) = (instagram.graph(call.app), folded(&caption(call.variant, call.part)));
    let query = [("fields", "id,text,timestamp,username")];
    let listed = if let Some(answered) = answered(call)? {
        // In which order answers come is not documented.
        let path = format!("{}/replies", top(&graph, call, answered).await?);
        in_any_order::<Comment>(&graph, call, &path, &query, since).await?
    } else {
        let path = format!("{}/comments", parent(call)?);
        newest_first::<Comment>(&graph, call, &path, &query, since).await?
    };
    let (mut found, mut resembling) = (Vec::new(), 0);
    for comment in listed {
        // A name is not who somebody is: the account may have been renamed since it was connected.
        let names = comment.username.as_ref().zip(call.account.profile.handle.as_ref());
        let other = names.is_some_and(|(theirs, ours)| theirs != ours);
        // Below somebody else's comment others say the same; without names it may be anybody's.
        let anybodys = names.is_none() && call.variant.reply_to.is_some();
        if call.elsewhere.contains(&comment.id) || !is_id(&comment.id) {
            continue;
        }
        let same = folded(&comment.text) == wanted;
        if same && !other && !anybodys {
            found.push(Receipt { id: Some(comment.id), url: None });
        } else {
            resembling += usize::from(same || !other && resembles(&wanted, &comment.text));
        }
    }
    Ok(Finding::of(found, resembling))
}
