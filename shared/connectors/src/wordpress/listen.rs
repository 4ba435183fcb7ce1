//! What people say below the posts of a site.

use super::api::ListedComment;
use super::error::not_done;
use super::{Site, WordPress};
use connector_kit::html::text;
use connector_kit::{Back, is_id};
use domain::inbound::{Changed, Heard, Said, What};
use domain::publishing::Failure;
use ports::{HeardPage, ListenCall};

/// Comments of a page: the most.
const PAGE: usize = 100;
/// What is asked of each.
const FIELDS: &str = "_fields=id,post,parent,author,author_name,date_gmt,content";

/// What a comment is named by: a comment and a post may have the same number.
pub(super) const COMMENT: &str = "comment-";

/// One page of the site's comments, the newest first, those that wait for approval among them. A page begins with the last comment of
/// the one before it, so that it shows whether something above was deleted meanwhile and moved all up: then the walk begins anew.
pub(super) async fn listen(wordpress: &WordPress, call: &ListenCall<'_>) -> Result<HeardPage, Failure> {
    let (site, back) = (Site::of(call.app, call.account, call.token)?, Back::of(call));
    let begins = back.page().and_then(|page| page.split_once('/')).filter(|(_, last)| is_id(last));
    let begins = begins.and_then(|(offset, last)| Some((offset.parse::<usize>().ok()?, last.parse::<u64>().ok()?)));
    let (offset, last) = begins.map_or((0, None), |(offset, last)| (offset, Some(last)));
    // With the one that it begins with, which was heard.
    let most = back.size(PAGE).saturating_add(usize::from(last.is_some())).min(PAGE);
    let route =
        format!("wp/v2/comments?status=all&orderby=date_gmt&order=desc&per_page={most}&offset={offset}&{FIELDS}");
    let answer = wordpress.ask(back.asks(site.get(&route))).await?;
    if !answer.is_success() {
        return Err(not_done(&answer, call.now));
    }
    if let Some(page) = back.too_large(&answer, PAGE) {
        return Ok(page);
    }
    let all: Vec<ListedComment> = answer.json().filter(|_| answer.status == 200).ok_or(Failure::Unavailable)?;
    if last.is_some_and(|last| all.iter().all(|comment| comment.id != last)) {
        return Ok(back.anew());
    }
    // A comment without a time that can be read is as good as new: its record is known.
    let is_old = |comment: &ListedComment| comment.at().is_some_and(|at| at < back.from());
    // A page may be shorter than it could be without being the last, and the last of all is the one that it begins with.
    let is_over = all.iter().any(is_old) || all.len() <= usize::from(last.is_some());
    let next = all.last().filter(|_| !is_over).map(|oldest| format!("{}/{}", offset + all.len() - 1, oldest.id));
    let new = all.iter().filter(|comment| !is_old(comment) && Some(comment.id) != last);
    let heard = new.map(|comment| heard(comment, site.user, &call.account.profile.external_id)).collect();
    Ok(back.read(heard, next))
}

fn heard(comment: &ListedComment, user: &str, account: &str) -> Heard {
    let author = comment.author.to_string();
    let on = if comment.parent == 0 { comment.post.to_string() } else { format!("{COMMENT}{}", comment.parent) };
    let html = &comment.content.rendered;
    let said = Said {
        external_id: format!("{COMMENT}{}", comment.id),
        on: Some(on),
        // Who has no user on the site has no number.
        author: (comment.author != 0).then(|| if author == user { account.to_owned() } else { author }),
        handle: Some(text(&comment.author_name).unwrap_or_else(|| comment.author_name.clone()))
            .filter(|name| !name.is_empty()),
        text: Some(text(html).unwrap_or_else(|| html.clone()).trim().to_owned()),
        change: Changed::Added,
    };
    Heard { id: comment.id.to_string(), at: comment.at(), to: None, what: What::Comment(said) }
}
