//! Reading Instagram back. The container says whether it was published, which decides; the list of media says under which id
//! and address. A comment has no container and is looked for below its post.

use super::super::graph::folded;
use super::super::recent::recent;
use super::api::{Comment, Listed};
use super::container::{self, Stage, caption};
use super::publish::{parent, shown};
use super::{Instagram, is_id, user};
use domain::publishing::{ContentKind, Failure, Finding, LEASE_S, Receipt};
use domain::text::resembles;
use jiff::{SignedDuration, Timestamp};
use ports::PublishCall;

/// How long the list may lag behind a container: so long a published one is looked for before it is taken without its id.
const LAG: SignedDuration = SignedDuration::from_secs(900 + LEASE_S);

pub(super) async fn find(instagram: &Instagram, call: &PublishCall<'_>, since: Timestamp) -> Result<Finding, Failure> {
    if call.variant.is_comment(call.part) {
        return comment(instagram, call, since).await;
    }
    let sent = container::sent(call);
    let stage = match &sent {
        Some((container, _)) => container::stage(instagram, call, container).await?.0,
        None => Stage::Unknown,
    };
    if stage == Stage::InProgress {
        return Err(Failure::Unavailable);
    }
    if call.variant.kind == ContentKind::Story {
        // A story says nothing that could be compared, so the container is all there is.
        return Ok(match stage {
            Stage::Published => Finding::Proved(Receipt::NAMELESS),
            Stage::Unknown => Finding::Unreadable,
            _ => Finding::Absent,
        });
    }
    let wordless = caption(call.variant, 0).trim().is_empty();
    if wordless && stage != Stage::Unknown {
        // Nothing tells one picture without words from another, so the container says it alone.
        return Ok(if stage == Stage::Published { Finding::Proved(Receipt::NAMELESS) } else { Finding::Absent });
    }
    // Nothing is older than the container that it was made of.
    let from = sent.map_or(since, |(_, made)| since.max(made));
    let (mut found, resembling) = list(instagram, call, from).await?;
    Ok(match stage {
        Stage::Published if found.len() == 1 => Finding::Live(found.remove(0)),
        // It is live, and the list does not show it yet.
        Stage::Published if found.is_empty() && call.now < since + LAG => return Err(Failure::Unavailable),
        // It is live, and which of them it is nobody can tell; or somebody has deleted it or changed its words since.
        Stage::Published => Finding::Proved(Receipt::NAMELESS),
        // The container is gone, so the list decides alone; where there are no words to compare it does not.
        Stage::Unknown if wordless => Finding::of(Vec::new(), found.len() + resembling),
        Stage::Unknown => Finding::of(found, resembling),
        // It was not published. Should the same words stand there all the same, a person shall look.
        _ => Finding::of(Vec::new(), found.len() + resembling),
    })
}

/// The media since the baseline that say the same, and how many resemble it; those of other deliveries are left out.
async fn list(
    instagram: &Instagram,
    call: &PublishCall<'_>,
    since: Timestamp,
) -> Result<(Vec<Receipt>, usize), Failure> {
    let (graph, wanted) = (instagram.graph(call.app), folded(&caption(call.variant, 0)));
    let (path, query) = (format!("{}/media", user(call.account)?), [("fields", "id,caption,timestamp,permalink")]);
    let (mut found, mut resembling) = (Vec::new(), 0);
    for medium in recent::<Listed>(&graph, call, &path, &query, since).await? {
        if call.elsewhere.contains(&medium.id) || !is_id(&medium.id) {
            continue;
        }
        if folded(&medium.caption) == wanted {
            found.push(Receipt { id: Some(medium.id), url: shown(call.app, medium.permalink) });
        } else {
            resembling += usize::from(resembles(&wanted, &medium.caption));
        }
    }
    Ok((found, resembling))
}

async fn comment(instagram: &Instagram, call: &PublishCall<'_>, since: Timestamp) -> Result<Finding, Failure> {
    let (graph, wanted) = (instagram.graph(call.app), folded(&caption(call.variant, call.part)));
    let (path, query) = (format!("{}/comments", parent(call)?), [("fields", "id,text,timestamp,username")]);
    let (mut found, mut resembling) = (Vec::new(), 0);
    for comment in recent::<Comment>(&graph, call, &path, &query, since).await? {
        // A name is not who somebody is: the account may have been renamed since it was connected.
        let other = match (&comment.username, &call.account.profile.handle) {
            (Some(theirs), Some(ours)) => theirs != ours,
            _ => false,
        };
        if call.elsewhere.contains(&comment.id) || !is_id(&comment.id) {
            continue;
        }
        let same = folded(&comment.text) == wanted;
        if same && !other {
            found.push(Receipt { id: Some(comment.id), url: None });
        } else {
            resembling += usize::from(same || !other && resembles(&wanted, &comment.text));
        }
    }
    Ok(Finding::of(found, resembling))
}
