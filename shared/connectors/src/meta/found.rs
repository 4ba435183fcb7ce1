//! What a container and a list say together of whether a post is live: the container decides, the list tells id and address.

use super::container::{Stage, is_id};
use super::graph::folded;
use super::recent::Dated;
use domain::publishing::{Failure, Finding, LEASE_S, Receipt};
use domain::text::resembles;
use jiff::{SignedDuration, Timestamp};
use ports::PublishCall;
use serde::Deserialize;

/// How long the list may lag behind a container: so long a published one is looked for before it is taken without its id.
const LAG: SignedDuration = SignedDuration::from_secs(900 + LEASE_S);

/// An entry of an account's list of posts.
#[derive(Deserialize)]
pub(super) struct Listed {
    pub(super) id: String,
    /// What it says; Instagram calls it `caption`.
    #[serde(default, alias = "caption")]
    text: String,
    timestamp: String,
    permalink: Option<String>,
    /// What it answers, where that is told.
    pub(super) replied_to: Option<Answered>,
}

/// The post that another answers.
#[derive(Deserialize)]
pub(super) struct Answered {
    pub(super) id: String,
}

impl Dated for Listed {
    fn at(&self) -> &str {
        &self.timestamp
    }
}

/// From when on the list is read for a request that was made at `since`, of a container that was made at `made`. Nothing is older than its
/// container. That instant is of a worker's clock, though, which may have run ahead: where it could hide a post that is live, it counts
/// only while a newer one may still show up, or not at all.
pub(super) fn begins(stage: Stage, made: Option<Timestamp>, (since, now): (Timestamp, Timestamp)) -> Timestamp {
    match stage {
        Stage::Unknown => since,
        Stage::Published if now >= since + LAG => since,
        _ => made.map_or(since, |made| since.max(made)),
    }
}

/// Those that say `text`, and how many resemble it; those of other deliveries, and the parts before it, are left out. `shown` takes an
/// address of the platform's own, and no other.
pub(super) fn alike(
    call: &PublishCall<'_>,
    text: &str,
    listed: Vec<Listed>,
    shown: impl Fn(Option<String>) -> Option<String>,
) -> (Vec<Receipt>, usize) {
    let (wanted, mut found, mut resembling) = (folded(text), Vec::new(), 0);
    let is_before = |id: &str| call.before.iter().any(|receipt| receipt.id.as_deref() == Some(id));
    let is_another = |id: &String| call.elsewhere.contains(id) || is_before(id);
    for post in listed.into_iter().filter(|post| is_id(&post.id) && !is_another(&post.id)) {
        if folded(&post.text) == wanted {
            found.push(Receipt { id: Some(post.id), url: shown(post.permalink) });
        } else {
            resembling += usize::from(resembles(&wanted, &post.text));
        }
    }
    (found, resembling)
}

/// What the container says of a post without words, which no list tells from another; none where it is not known.
pub(super) fn by_container(stage: Stage) -> Option<Finding> {
    match stage {
        Stage::Published => Some(Finding::Proved(Receipt::NAMELESS)),
        Stage::Unknown => None,
        _ => Some(Finding::Absent),
    }
}

/// What follows of both for a request that was made at `since`.
///
/// # Errors
/// It is live, and the list does not show it yet.
pub(super) fn concluded(
    stage: Stage,
    is_wordless: bool,
    (mut found, resembling): (Vec<Receipt>, usize),
    (since, now): (Timestamp, Timestamp),
) -> Result<Finding, Failure> {
    Ok(match stage {
        Stage::Published if found.len() == 1 => Finding::Live(found.remove(0)),
        Stage::Published if found.is_empty() && now < since + LAG => return Err(Failure::Unavailable),
        // It is live, and which of them it is nobody can tell; or somebody has deleted it or changed its words since.
        Stage::Published => Finding::Proved(Receipt::NAMELESS),
        // The container is gone, so the list decides alone; where there are no words to compare it does not.
        Stage::Unknown if is_wordless => Finding::of(Vec::new(), found.len() + resembling),
        Stage::Unknown => Finding::of(found, resembling),
        // It was not published. Should the same words stand there all the same, a person shall look.
        _ => Finding::of(Vec::new(), found.len() + resembling),
    })
}
