//! Comments: a first comment on a post, by the user who wrote it, or an answer to a comment. Writing them, reading them back, changing and
//! deleting them.

use super::api::{Answered, COMMENT_FIELDS, Comment, NewComment, NewWords};
use super::error::{UNKNOWN_COMMENT, comment_refusal, not_done, refused};
use super::listen::COMMENT;
use super::prepare::Progress;
use super::publish::by_id;
use super::{Site, WordPress};
use connector_kit::html::escape;
use connector_kit::{Made, is_id, is_shown, made};
use domain::publishing::{Failure, Finding, Receipt};
use domain::text::resembles;
use jiff::Timestamp;
use ports::{Prepared, PublishCall, Published};

/// Comments per page of the list: the most.
const PAGE: usize = 100;
/// Pages read before giving up: a post below which its author says more cannot be judged.
const PAGES: i64 = 10;
/// The state of a comment that everybody sees.
const APPROVED: &str = "approved";

/// The comment that is answered; 0, as WordPress counts, where none is.
///
/// # Errors
/// What a person gave names none.
fn answered(call: &PublishCall<'_>) -> Result<u64, Failure> {
    let Some(given) = call.variant.reply_to.as_deref() else { return Ok(0) };
    // As the inbox names it.
    Some(given.strip_prefix(COMMENT).unwrap_or(given)).filter(|id| is_id(id)).and_then(|id| id.parse().ok()).ok_or_else(
        || gone("what is answered is named by no number of a comment on the site: give the comment's number"),
    )
}

fn gone(detail: &str) -> Failure {
    Failure::Rejected { code: "not_found".into(), detail: detail.into() }
}

/// Looks up the post that an answer is to stand below: the one of the comment that it answers.
pub(super) async fn prepare(wordpress: &WordPress, call: &PublishCall<'_>) -> Result<Prepared, Failure> {
    let (site, id) = (Site::of(call.app, call.account, call.token)?, answered(call)?);
    if Progress::of(call).below.is_some() {
        return Ok(Prepared::Ready(None));
    }
    match post_of(wordpress, &site, call, id).await? {
        Some(post) => Ok(Prepared::Ready(Some(Progress::below(post).value()))),
        None => Err(gone("the site has no comment of this number any more")),
    }
}

/// The post below which a comment stands; none where it is gone.
async fn post_of(
    wordpress: &WordPress,
    site: &Site<'_>,
    call: &PublishCall<'_>,
    id: u64,
) -> Result<Option<u64>, Failure> {
    let answer = wordpress.ask(site.get(&format!("wp/v2/comments/{id}?_fields=id,post"))).await?;
    match (answer.status, refused(&answer)) {
        (200, None) => {
            let found = answer.json::<Answered>().filter(|found| found.id == id).ok_or(Failure::Unavailable)?;
            Ok(Some(found.post))
        }
        (404, Some(said)) if said.code == UNKNOWN_COMMENT => Ok(None),
        _ => Err(not_done(&answer, call.now)),
    }
}

/// The post that the comment stands below.
fn parent(call: &PublishCall<'_>) -> Result<u64, Failure> {
    if call.variant.reply_to.is_some() {
        // The next try looks it up again.
        return Progress::of(call).below.ok_or(Failure::Unavailable);
    }
    let id = call.before.last().and_then(|receipt| receipt.id.as_deref()).filter(|id| is_id(id));
    id.and_then(|id| id.parse().ok()).ok_or_else(|| Failure::Rejected {
        code: "thread_parent_unknown".into(),
        detail: "the post's number on the site is not known, so there is nothing to comment".into(),
    })
}

/// The comment as it is sent: themes make paragraphs and links of it themselves.
fn content(call: &PublishCall<'_>) -> String {
    escape(&call.variant.full_text(call.part, false))
}

fn receipt(site: &Site<'_>, post: u64, comment: &Comment) -> Receipt {
    let url = Some(comment.link.as_str()).filter(|link| is_shown(link)).map(str::to_owned);
    Receipt { url: url.or_else(|| Some(by_id(site.home, &post.to_string()))), id: Some(comment.id.to_string()) }
}

pub(super) async fn publish(wordpress: &WordPress, call: &PublishCall<'_>) -> Result<Published, Failure> {
    let (site, parent, post) = (Site::of(call.app, call.account, call.token)?, answered(call)?, parent(call)?);
    let request = site.post(&format!("wp/v2/comments?{COMMENT_FIELDS}"));
    let answer = wordpress.http.call(request.json(&NewComment { post, parent, content: content(call) })).await?;
    if !answer.is_success() {
        return Err(comment_refusal(&answer, call.now));
    }
    match answer.json::<Comment>() {
        Some(made) if made.status == APPROVED => {
            Ok(Published { receipt: receipt(&site, post, &made), quiet_until: None })
        }
        Some(made) => {
            let state = answer.words(&made.status);
            Err(Failure::Unconfirmed { detail: format!("the site holds the comment back as {state:?}") })
        }
        None => Err(Failure::Unconfirmed { detail: format!("HTTP {} without the comment", answer.status) }),
    }
}

/// The letters and digits of HTML. Sites write quotation marks, dashes and addresses in their own way, and these in none.
fn bare(html: &str) -> String {
    let (mut out, mut rest) = (String::new(), html);
    while let Some(at) = rest.find(['<', '&']) {
        out.extend(rest[..at].chars().filter(|c| c.is_alphanumeric()));
        let end = if rest[at..].starts_with('<') { '>' } else { ';' };
        rest = rest[at..].find(end).map_or("", |length| &rest[at + length + 1..]);
    }
    out.extend(rest.chars().filter(|c| c.is_alphanumeric()));
    out
}

/// Looks for the comment among those of this user below the post.
pub(super) async fn find(wordpress: &WordPress, call: &PublishCall<'_>, since: Timestamp) -> Result<Finding, Failure> {
    let (site, answered) = (Site::of(call.app, call.account, call.token)?, answered(call)?);
    let post = match parent(call) {
        // A request left, so it was known: it is kept with the delivery.
        Err(Failure::Unavailable) => return Ok(Finding::Unreadable),
        known => known?,
    };
    let wanted = content(call);
    let (mut found, mut resembling) = (Vec::new(), 0);
    for comment in below(wordpress, &site, call, post, "all").await? {
        if comment.parent != answered || call.elsewhere.contains(&comment.id.to_string()) {
            continue;
        }
        let (shown, meant) = (bare(&comment.content.rendered), bare(&wanted));
        let age = made(comment.at(), since);
        if age == Made::LongBefore {
            continue;
        }
        if age == Made::Since && shown == meant && !meant.is_empty() && comment.status == APPROVED {
            found.push(receipt(&site, post, &comment));
        } else {
            // Held back, without a letter to compare, or older by the site's clock: somebody has to look.
            resembling += usize::from(shown == meant || resembles(&wanted, &comment.content.rendered));
        }
    }
    // What answers a comment that is deleted for good moves up, and nobody can tell that it answered it.
    if found.is_empty()
        && resembling == 0
        && answered != 0
        && post_of(wordpress, &site, call, answered).await?.is_none()
    {
        return Ok(Finding::Unreadable);
    }
    if found.is_empty() && resembling == 0 {
        // "All" are those that are shown or wait; what the site took for spam is a list of its own, and is there.
        let spam = below(wordpress, &site, call, post, "spam").await?;
        let same = |comment: &&Comment| {
            made(comment.at(), since) != Made::LongBefore && bare(&comment.content.rendered) == bare(&wanted)
        };
        resembling += spam.iter().filter(same).count();
        // What the list of a site at WordPress.com leaves out is documented nowhere: not to be there proves nothing.
        if resembling == 0 && site.is_com() {
            return Ok(Finding::UNSHOWN);
        }
    }
    Ok(Finding::of(found, resembling))
}

/// This user's comments below the post in a state, those that are held back among them.
async fn below(
    wordpress: &WordPress,
    site: &Site<'_>,
    call: &PublishCall<'_>,
    post: u64,
    status: &str,
) -> Result<Vec<Comment>, Failure> {
    let user = site.user;
    let (mut all, mut last, mut page) = (Vec::new(), 1, 1);
    while page <= last {
        if page > PAGES {
            return Err(Failure::Unavailable);
        }
        let route = format!(
            "wp/v2/comments?post={post}&author={user}&status={status}&per_page={PAGE}&page={page}&{COMMENT_FIELDS}"
        );
        let answer = wordpress.ask(site.get(&route)).await?;
        if !answer.is_success() {
            return Err(not_done(&answer, call.now));
        }
        // A page may be shorter than it could be without being the last.
        last = answer.number("x-wp-totalpages").ok_or(Failure::Unavailable)?;
        all.extend(answer.json::<Vec<Comment>>().ok_or(Failure::Unavailable)?);
        page += 1;
    }
    Ok(all)
}

/// Has an answer say something else.
pub(super) async fn amend(wordpress: &WordPress, call: &PublishCall<'_>, receipt: &Receipt) -> Result<(), Failure> {
    let site = Site::of(call.app, call.account, call.token)?;
    let Some(id) = receipt.id.as_deref().filter(|id| is_id(id)) else {
        return Err(Failure::Unsupported { detail: "the comment's number on the site is not known".into() });
    };
    let request = site.post(&format!("wp/v2/comments/{id}?{COMMENT_FIELDS}"));
    let answer = wordpress.http.call(request.json(&NewWords { content: content(call) })).await?;
    if !answer.is_success() {
        return Err(comment_refusal(&answer, call.now));
    }
    match answer.json::<Comment>().filter(|comment| comment.id.to_string() == id) {
        // It takes changes there, too, and nobody sees them.
        Some(comment) if comment.status == "trash" => {
            Err(gone("the comment lies in the site's bin: restore it there, or answer again"))
        }
        Some(_) => Ok(()),
        None => Err(Failure::Unconfirmed { detail: "an answer without the comment".into() }),
    }
}

/// Deletes a comment: into the bin, or for good where there is none.
pub(super) async fn delete(wordpress: &WordPress, call: &PublishCall<'_>, receipt: &Receipt) -> Result<(), Failure> {
    let site = Site::of(call.app, call.account, call.token)?;
    let Some(id) = receipt.id.as_deref().filter(|id| is_id(id)) else {
        return Err(Failure::Unsupported { detail: "the comment's number on the site is not known".into() });
    };
    let mut answer = wordpress.ask(site.delete(&format!("wp/v2/comments/{id}?_fields=id"))).await?;
    if refused(&answer).is_some_and(|said| said.code == "rest_trash_not_supported") {
        answer = wordpress.ask(site.delete(&format!("wp/v2/comments/{id}?force=true&_fields=deleted"))).await?;
    }
    match (answer.status, refused(&answer)) {
        (200, None) => Ok(()),
        (404, Some(said)) if said.code == UNKNOWN_COMMENT => Ok(()),
        (410, Some(said)) if said.code == "rest_already_trashed" => Ok(()),
        _ => Err(not_done(&answer, call.now)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_is_known_however_a_site_writes_its_marks() {
        let meant = bare(&escape("R&D \"now\": it's <b> & 3 ... https://e.org/a?b=1&c"));
        let shown = "<p>R&#038;D &#8220;now&#8221;: it&#8217;s &lt;b&gt; &amp; 3 &#8230; \
                     <a href=\"https://e.org/a?b=1&#038;c\" rel=\"nofollow ugc\">https://e.org/a?b=1&#038;c</a></p>";
        assert_eq!(bare(shown), meant);
        assert_ne!(bare("<p>R&#038;D then</p>"), meant);
        assert_eq!(bare("<p>👍</p>"), "");
        assert_eq!((bare("a <b"), bare("a & b")), ("a".into(), "a".into()), "what does not end is not read");
    }
}
