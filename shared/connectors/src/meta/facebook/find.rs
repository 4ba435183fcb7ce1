//! Reading a page back: which of its posts, or of the comments below one, is the one in question.

use super::super::graph::folded;
use super::super::recent::newest_first;
use super::api::{Answered, Attachment, Comment, Post};
use super::publish::{message, parent, receipt};
use super::{Facebook, is_post, media, page, video};
use domain::publishing::{ContentKind, Failure, Finding};
use domain::text::resembles;
use jiff::Timestamp;
use ports::PublishCall;

/// What is asked of each post.
const FIELDS: &str =
    "id,message,created_time,permalink_url,attachments{unshimmed_url,target{id},subattachments{target{id}}}";

pub(super) async fn find(facebook: &Facebook, call: &PublishCall<'_>, since: Timestamp) -> Result<Finding, Failure> {
    let graph = facebook.graph(call.app);
    let page = page(call.account)?;
    let wanted = Wanted::of(call);
    let (mut found, mut resembling) = (Vec::new(), 0);
    if call.variant.is_below(call.part) {
        return comment(facebook, call, since, &wanted.text).await;
    }
    if call.variant.kind == ContentKind::Story || call.variant.draft {
        // No list of a page's stories is known for certain, and none has drafts.
        return Ok(Finding::Unreadable);
    }
    let path = format!("{page}/published_posts");
    for post in newest_first::<Post>(&graph, call, &path, &[("fields", FIELDS)], since).await? {
        if call.elsewhere.contains(&post.id) {
            continue;
        }
        if wanted.is(&post) {
            found.push(receipt(call.app, post.id, post.permalink_url));
        } else {
            resembling += usize::from(wanted.may_be(&post));
        }
    }
    Ok(Finding::of(found, resembling))
}

/// Looks for a comment of the page, as `wanted` reads, below what it stands below.
async fn comment(
    facebook: &Facebook,
    call: &PublishCall<'_>,
    since: Timestamp,
    wanted: &str,
) -> Result<Finding, Failure> {
    let (graph, page) = (facebook.graph(call.app), page(call.account)?);
    let (above, root) = above(facebook, call, page).await?;
    let query = [
        ("fields", "id,message,created_time,from,parent{id}"),
        ("filter", "stream"),
        ("order", "reverse_chronological"),
    ];
    let (mut found, mut resembling) = (Vec::new(), 0);
    for comment in newest_first::<Comment>(&graph, call, &format!("{root}/comments"), &query, since).await? {
        let from = comment.from.and_then(|from| from.id);
        if from.as_deref().is_some_and(|from| from != page) || call.elsewhere.contains(&comment.id) {
            continue;
        }
        let same = folded(&comment.message) == wanted;
        // What answers another comment than this one should was written by somebody, whatever it says.
        let answered = comment.parent.and_then(|parent| parent.id);
        let there = match above {
            Above::Post => answered.is_none(),
            Above::Comment(named) => answered.is_some_and(|id| id == named || id == root),
        };
        if same && from.is_some() && there && is_post(&comment.id) {
            found.push(receipt(call.app, comment.id, None));
        } else {
            resembling += usize::from(same || resembles(wanted, &comment.message));
        }
    }
    Ok(Finding::of(found, resembling))
}

/// What a comment stands below.
#[derive(Clone, Copy)]
enum Above<'a> {
    Post,
    /// The comment with this id.
    Comment(&'a str),
}

/// What the comment of `call` stands below, and whose list of comments shows it: an answer to an answer may stand below the comment that
/// began it, or below the answer.
async fn above<'a>(facebook: &Facebook, call: &'a PublishCall<'_>, page: &str) -> Result<(Above<'a>, String), Failure> {
    let id = parent(call)?;
    let on_page = id.split_once('_').is_some_and(|(of, _)| of == page);
    if call.variant.reply_to.is_none() || on_page {
        return Ok((Above::Post, id.to_owned()));
    }
    let answer = facebook.graph(call.app).get(id, &[("fields", "id,parent{id}")], call.token, call.now).await?;
    let named = answer.json::<Answered>().ok_or(Failure::Unavailable)?;
    let root = named.parent.and_then(|parent| parent.id).filter(|id| is_post(id));
    Ok((Above::Comment(id), root.unwrap_or_else(|| id.to_owned())))
}

/// Whether a photo, a video or an album is attached: an attachment with an id of its own, or with parts.
fn shows_photos(post: &Post) -> bool {
    let has_id = |attachment: &Attachment| attachment.target.as_ref().is_some_and(|target| target.id.is_some());
    post.attachments.data.iter().any(|attachment| has_id(attachment) || !attachment.subattachments.data.is_empty())
}

/// What the post looks like when read back.
struct Wanted<'a> {
    text: String,
    link: Option<&'a str>,
    /// Ids of its photos: no other post has them.
    photos: Vec<String>,
    /// Ids of its video, one for each upload that may be published: nor these.
    videos: Vec<String>,
}

impl<'a> Wanted<'a> {
    fn of(call: &PublishCall<'a>) -> Self {
        Self {
            text: folded(&message(call.variant, call.part)),
            link: call.variant.link.as_ref().map(|link| link.url.as_str()),
            photos: media::ready(call).unwrap_or_default(),
            videos: video::offered(call),
        }
    }

    fn same_link(&self, post: &Post) -> bool {
        let bare = |url: &str| url.trim_end_matches('/').to_owned();
        let links = post.attachments.data.iter().filter_map(|a| a.unshimmed_url.as_deref());
        self.link.is_some_and(|link| links.map(bare).any(|shown| shown == bare(link)))
    }

    fn has_media(&self, post: &Post) -> bool {
        let attachments = || post.attachments.data.iter();
        let inner = attachments().flat_map(|a| &a.subattachments.data).filter_map(|part| part.target.as_ref());
        let targets = attachments().filter_map(|a| a.target.as_ref()).chain(inner);
        let ids: Vec<&str> = targets.filter_map(|target| target.id.as_deref()).collect();
        let shown = |id: &String| ids.contains(&id.as_str());
        let photos = !self.photos.is_empty() && self.photos.iter().all(shown);
        photos || self.videos.iter().any(shown)
    }

    fn is(&self, post: &Post) -> bool {
        let alike = if self.photos.is_empty() && self.videos.is_empty() {
            let bare = self.link.is_none() && !shows_photos(post);
            self.text == folded(&post.message) && (bare || self.same_link(post))
        } else {
            self.has_media(post)
        };
        is_post(&post.id) && alike
    }

    /// Whether it may be the post after somebody changed it, or shown otherwise than it was sent.
    fn may_be(&self, post: &Post) -> bool {
        let same_text = !self.text.is_empty() && self.text == folded(&post.message);
        // Whether a post says what its video says, and names the video, is not documented.
        let wordless = !self.videos.is_empty() && shows_photos(post) && post.message.trim().is_empty();
        same_text || wordless || self.same_link(post) || resembles(&self.text, &post.message)
    }
}
