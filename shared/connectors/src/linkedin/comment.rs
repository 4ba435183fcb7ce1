//! Comments on LinkedIn: a first comment by whoever wrote the post, or an answer to a comment or a post. Writing them, reading them back,
//! deleting them.

use super::api::{Comment, Elements, Message, Named, NewComment};
use super::error::refusal;
use super::publish::{author, written};
use super::{LinkedIn, api, is_post, text, web};
use connector_kit::{Call, earliest, is_number, segment};
use domain::accounts::AccountKind;
use domain::publishing::{Failure, Finding, Receipt};
use domain::text::resembles;
use jiff::Timestamp;
use ports::{PublishCall, Published};

/// Comments per page of the listing.
const PAGE: usize = 100;
/// Pages read before giving up: a post below which more is said cannot be judged.
const PAGES: usize = 10;

/// What a comment stands below.
struct Above<'a> {
    /// The post, as the comment that is answered names it, if one is.
    post: &'a str,
    /// The comment that is answered.
    comment: Option<&'a str>,
}

impl<'a> Above<'a> {
    fn of(call: &'a PublishCall<'_>) -> Result<Self, Failure> {
        let Some(given) = call.variant.reply_to.as_deref() else {
            return Ok(Self { post: parent(call)?, comment: None });
        };
        if is_post(given) {
            return Ok(Self { post: given, comment: None });
        }
        entity(given).filter(|_| is_comment(given)).map(|post| Self { post, comment: Some(given) }).ok_or_else(|| {
            let detail =
                "what is answered is named by no URN of a comment or a post: give the one that came with the comment";
            Failure::Rejected { code: "not_found".into(), detail: detail.into() }
        })
    }

    /// What is commented, by its URN.
    fn urn(&self) -> &'a str {
        self.comment.unwrap_or(self.post)
    }
}

/// The post that a first comment stands below.
fn parent<'a>(call: &'a PublishCall<'_>) -> Result<&'a str, Failure> {
    let urn = call.before.last().and_then(|receipt| receipt.id.as_deref()).filter(|urn| is_post(urn));
    urn.ok_or_else(|| Failure::Rejected {
        code: "thread_parent_unknown".into(),
        detail: "the post's URN is not known, so there is nothing to comment".into(),
    })
}

/// The proof for a comment: people see it below its post.
fn receipt(call: &PublishCall<'_>, post: &str, urn: Option<String>) -> Receipt {
    Receipt { url: Some(web(call.app, post)), id: urn }
}

fn comments(call: &PublishCall<'_>, post: &str) -> String {
    api(call.app, &format!("rest/socialActions/{}/comments", segment(post)))
}

pub(super) async fn publish(linkedin: &LinkedIn, call: &PublishCall<'_>) -> Result<Published, Failure> {
    let (actor, above) = (author(call.account)?, Above::of(call)?);
    let object = above.post;
    let message = Message { text: written(call.variant, call.part) };
    let body = NewComment { actor, object, message, parent_comment: above.comment };
    let request = Call::post(comments(call, above.urn())).json(&body);
    let answer = linkedin.rest(call.app, call.token, request).await?;
    match answer.status {
        // The status is the proof, as it is of a post.
        201 => {
            let header = || answer.header("x-resourceidentity-urn").map(|urn| urn.trim().to_owned());
            let urn = answer.json::<Named>().and_then(|named| named.comment_urn).or_else(header);
            let receipt = receipt(call, object, urn.filter(|urn| is_comment(urn)));
            Ok(Published { receipt, quiet_until: None })
        }
        200..300 => Err(Failure::Unconfirmed { detail: format!("HTTP {} instead of 201", answer.status) }),
        _ => Err(match refusal(call.app, &answer, call.now) {
            // What it names, if anything, is no comment that is known to be this one.
            Failure::Duplicate { .. } => Failure::Duplicate { existing: None },
            other => other,
        }),
    }
}

/// Whose lists show what stands where the comment of `call` does: the post's, or those of the comment that is answered and, where that is
/// an answer itself, of the one that it answers. None where that cannot be read.
async fn lists(linkedin: &LinkedIn, call: &PublishCall<'_>, above: &Above<'_>) -> Result<Option<Vec<String>>, Failure> {
    let mut lists = vec![above.urn().to_owned()];
    if let Some((entity, id)) = above.comment.and_then(named) {
        let request = Call::get(format!("{}/{id}", comments(call, entity)));
        let answer = match linkedin.ask(call.app, call.token, request, call.now).await {
            Err(Failure::Rejected { .. }) => return Ok(None),
            other => other?,
        };
        lists.extend(answer.json::<Comment>().ok_or(Failure::Unavailable)?.parent.filter(|urn| is_comment(urn)));
    }
    Ok(Some(lists))
}

/// Looks for the comment among those of a page; below a member's post nothing may be read.
pub(super) async fn find(linkedin: &LinkedIn, call: &PublishCall<'_>, since: Timestamp) -> Result<Finding, Failure> {
    if call.account.profile.kind == AccountKind::Person {
        return Ok(Finding::Unreadable);
    }
    let (actor, above) = (author(call.account)?, Above::of(call)?);
    let Some(lists) = lists(linkedin, call, &above).await? else { return Ok(Finding::Unreadable) };
    // A comment may be named below a post or below its activity: its number is the same.
    let number = |urn: &str| named(urn).map(|(_, id)| id.to_owned());
    let there = |parent: Option<&str>| match (above.comment, parent) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(_), Some(parent)) => lists.iter().any(|list| number(list) == number(parent)),
    };
    let wanted = text::plain(&written(call.variant, call.part));
    let from_ms = earliest(since).as_millisecond();
    let (mut found, mut resembling) = (Vec::new(), 0);
    for list in &lists {
        let Some(all) = listed(linkedin, call, list).await? else { return Ok(Finding::Unreadable) };
        let ours = |comment: &Comment| {
            comment.actor == actor && comment.created.time >= from_ms && there(comment.parent.as_deref())
        };
        for comment in all.into_iter().filter(ours) {
            let shown = text::plain(&comment.message.text);
            let urn = comment.urn.or(comment.id).filter(|urn| is_comment(urn));
            if urn.as_ref().is_some_and(|urn| call.elsewhere.contains(urn)) {
                continue;
            }
            match urn {
                Some(urn) if shown == wanted => {
                    let receipt = receipt(call, above.post, Some(urn));
                    // One that moved between two pages, or stands in two lists, is seen twice.
                    if !found.contains(&receipt) {
                        found.push(receipt);
                    }
                }
                _ => resembling += usize::from(shown == wanted || resembles(&wanted, &shown)),
            }
        }
    }
    Ok(Finding::of(found, resembling))
}

/// All comments in the list of a post or a comment; none where they may not be read: they may be posted without.
async fn listed(linkedin: &LinkedIn, call: &PublishCall<'_>, urn: &str) -> Result<Option<Vec<Comment>>, Failure> {
    let mut all: Vec<Comment> = Vec::new();
    for _ in 0..PAGES {
        let request = Call::get(format!("{}?start={}&count={PAGE}", comments(call, urn), all.len()));
        let answer = match linkedin.ask(call.app, call.token, request, call.now).await {
            Err(Failure::Rejected { code, .. }) if code == "access_denied" => return Ok(None),
            other => other?,
        };
        let elements = answer.json::<Elements<Comment>>().ok_or(Failure::Unavailable)?.elements;
        // In which order they come is not documented, nor that a page which is not full is the last: only an empty one is.
        if elements.is_empty() {
            return Ok(Some(all));
        }
        all.extend(elements);
    }
    Err(Failure::Unavailable)
}

/// Of a comment's URN, what it stands below and its number there.
fn named(urn: &str) -> Option<(&str, &str)> {
    urn.strip_prefix("urn:li:comment:(")?.strip_suffix(')')?.rsplit_once(',')
}

/// Whether it names a comment: `urn:li:comment:(urn:li:activity:1,2)`.
pub(super) fn is_comment(urn: &str) -> bool {
    named(urn).is_some_and(|(post, id)| is_post(post) && is_number(id, 20))
}

/// What a comment stands below, by its URN.
pub(super) fn entity(urn: &str) -> Option<&str> {
    named(urn).map(|(entity, _)| entity).filter(|entity| is_post(entity))
}

/// Deletes a comment of this author.
pub(super) async fn delete(linkedin: &LinkedIn, call: &PublishCall<'_>, urn: &str) -> Result<(), Failure> {
    let (entity, id) = named(urn).ok_or_else(|| Failure::Unsupported { detail: "this names no comment".into() })?;
    let actor = segment(author(call.account)?);
    let request = Call::delete(format!("{}/{id}?actor={actor}", comments(call, entity)));
    match linkedin.ask(call.app, call.token, request, call.now).await {
        Err(Failure::Rejected { code, .. }) if code == "not_found" => Ok(()),
        result => result.map(drop),
    }
}
