//! Publishing on a page: one post, with pictures or a link, or neither; or a video.

use super::super::error::{Problem, refusal};
use super::super::usage;
use super::api::{Attached, Counted, Done, Made, NewComment, NewPost, NewStory, Told};
use super::{Facebook, WEB, is_id, is_post, media, page, video};
use async_trait::async_trait;
use connector_kit::http::repeatable;
use connector_kit::{Call, is_shown, path_on};
use domain::accounts::Account;
use domain::platform::DedupeClass;
use domain::publishing::{ContentKind, Failure, Finding, Receipt, Variant};
use jiff::Timestamp;
use ports::{Delete, EngagementCall, Find, PlatformApp, Prepared, Publish, PublishCall, Published, Wording};
use std::collections::BTreeMap;

/// Where addresses of posts point that people copy.
const HOSTS: [&str; 3] = ["www.facebook.com", "facebook.com", "m.facebook.com"];

/// The text of a step as it is sent. A link is a card, not part of it; a story shows no words.
pub(super) fn message(variant: &Variant, step: usize) -> String {
    let wordless = variant.kind == ContentKind::Story && !variant.is_comment(step);
    // A comment has no card.
    if wordless { String::new() } else { variant.full_text(step, !variant.is_below(step)) }
}

/// What a comment stands below: a first comment below its post, an answer below the comment or post that a person named.
pub(super) fn parent<'a>(call: &'a PublishCall<'_>) -> Result<&'a str, Failure> {
    if let Some(given) = call.variant.reply_to.as_deref() {
        return Some(given).filter(|id| is_post(id)).ok_or_else(|| Failure::Rejected {
            code: "not_found".into(),
            detail:
                "what is answered is named by no id of a comment on Facebook: give the id that came with the comment"
                    .into(),
        });
    }
    let id = call.before.last().and_then(|receipt| receipt.id.as_deref());
    // A video of which no post is told is commented itself.
    let id = id.filter(|id| is_post(id) || is_id(id));
    id.ok_or_else(|| Failure::Rejected {
        code: "thread_parent_unknown".into(),
        detail: "the post's id is not known, so there is nothing to comment".into(),
    })
}

/// The proof for a post. The address that Facebook gives, if it is one on its own site; else the short one, which leads there.
pub(super) fn receipt(app: &PlatformApp, id: String, permalink: Option<String>) -> Receipt {
    let own = |url: &String| is_shown(url) && path_on(url, &HOSTS, &WEB.of(app)).is_some();
    let url = permalink.filter(own).unwrap_or_else(|| format!("{}/{id}", WEB.of(app)));
    Receipt { id: Some(id), url: Some(url) }
}

/// The proof for a story.
pub(super) fn story(app: &PlatformApp, id: String) -> Receipt {
    Receipt { url: Some(format!("{}/stories/{id}", WEB.of(app))), id: Some(id) }
}

/// As what a post is left that nobody sees yet; none of one that is published.
pub(super) fn unpublished(variant: &Variant) -> Option<&'static str> {
    variant.draft.then_some("DRAFT")
}

fn nameless() -> Failure {
    Failure::Unconfirmed { detail: "a success that names no post".into() }
}

#[async_trait]
impl Publish for Facebook {
    fn needs_preparing(&self, call: &PublishCall<'_>) -> bool {
        !call.variant.media_of(call.part).is_empty()
    }

    async fn prepare(&self, call: &PublishCall<'_>) -> Result<Prepared, Failure> {
        if video::is_asked(call) { video::prepare(self, call).await } else { media::prepare(self, call).await }
    }

    async fn publish(&self, call: &PublishCall<'_>) -> Result<Published, Failure> {
        if video::is_asked(call) {
            return video::publish(self, call).await;
        }
        let (graph, text) = (self.graph(call.app), message(call.variant, call.part));
        let named = [("fields", "id,permalink_url")];
        let request = if call.variant.is_below(call.part) {
            let url = graph.at(&format!("{}/comments", parent(call)?), &named, call.token);
            Call::post(url).json(&NewComment { message: &text })
        } else {
            // Nothing leaves without its pictures; the next try prepares them again.
            let photos = media::ready(call).ok_or(Failure::Unavailable)?;
            let page = page(call.account)?;
            match (call.variant.kind, photos.as_slice()) {
                (ContentKind::Story, [photo]) => {
                    let url = graph.at(&format!("{page}/photo_stories"), &[], call.token);
                    Call::post(url).json(&NewStory { photo_id: photo })
                }
                _ => Call::post(graph.at(&format!("{page}/feed"), &named, call.token)).json(&NewPost {
                    message: &text,
                    link: call.variant.link.as_ref().map(|link| link.url.as_str()),
                    attached_media: photos.into_iter().map(|media_fbid| Attached { media_fbid }).collect(),
                    published: call.variant.draft.then_some(false),
                    unpublished_content_type: unpublished(call.variant),
                }),
            }
        };
        let answer = graph.call(call.token, request).await?;
        if !answer.is_success() {
            return Err(refusal(&answer, call.now));
        }
        let quiet_until = usage::quiet_until(&answer, call.now);
        if call.variant.kind == ContentKind::Story && !call.variant.is_comment(call.part) {
            let id = answer.json::<Told>().and_then(|told| told.post_id).filter(|id| is_id(id) || is_post(id));
            let receipt = id.map(|id| story(call.app, id));
            return receipt.map(|receipt| Published { receipt, quiet_until }).ok_or_else(nameless);
        }
        let made = answer.json::<Made>().and_then(|made| Some((made.id.filter(|id| is_post(id))?, made.permalink_url)));
        let (id, permalink) = made.ok_or_else(nameless)?;
        Ok(Published { receipt: receipt(call.app, id, permalink), quiet_until })
    }
}

#[async_trait]
impl Find for Facebook {
    fn dedupe(&self, _account: &Account) -> DedupeClass {
        DedupeClass::Readable
    }

    async fn find(&self, call: &PublishCall<'_>, since: Timestamp) -> Result<Finding, Failure> {
        if video::is_asked(call) {
            return video::find(self, call, since).await;
        }
        super::find::find(self, call, since).await
    }

    async fn engagement(&self, call: &EngagementCall<'_>, posts: &[&str]) -> Result<BTreeMap<String, u64>, Failure> {
        // Of a video or a story the API tells these by other names.
        let posts = posts.iter().copied().filter(|id| is_post(id));
        let fields = "shares,reactions.summary(total_count).limit(0),comments.summary(total_count).limit(0)";
        self.graph(call.app).engagement::<Counted>(call.token, posts, fields, call.now).await
    }
}

#[async_trait]
impl Delete for Facebook {
    async fn delete(&self, call: &PublishCall<'_>, receipt: &Receipt) -> Result<(), Failure> {
        let Some(id) = receipt.id.as_deref().filter(|id| is_post(id) || is_id(id)) else {
            return Err(Failure::Unsupported { detail: "the post's id on Facebook is not known".into() });
        };
        let graph = self.graph(call.app);
        let request = Call::delete(graph.at(id, &[], call.token));
        let answer = graph.call(call.token, request).await.map_err(repeatable)?;
        if answer.is_success() {
            let done = answer.json::<Done>().is_some_and(|done| done.success);
            return if done { Ok(()) } else { Err(Failure::Unavailable) };
        }
        if !Problem::of(&answer).is_some_and(|problem| problem.is_missing()) {
            return Err(repeatable(refusal(&answer, call.now)));
        }
        graph.confirms_deletion(call.token, id, page(call.account)?, call.now).await
    }
}

impl Wording for Facebook {
    fn named(&self, app: &PlatformApp, account: &Account, post: &str) -> Option<Receipt> {
        let page = account.profile.external_id.as_str();
        let ours = |id: &str| is_post(id) && id.split_once('_').is_some_and(|(of, _)| of == page);
        let known = |id: String| ours(&id).then(|| receipt(app, id, None));
        if is_post(post) {
            return known(post.to_owned());
        }
        let path = path_on(post, &HOSTS, &WEB.of(app))?;
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let is_page = |name: &str| name == page || account.profile.handle.as_deref() == Some(name);
        match path.as_slice() {
            [id] if is_post(id) => known((*id).to_owned()),
            [name, "posts", .., id] if is_page(name) && is_id(id) => known(format!("{page}_{id}")),
            [name, "videos", .., id] if is_page(name) && is_id(id) => {
                Some(receipt(app, (*id).to_owned(), Some(format!("{}/{page}/videos/{id}", WEB.of(app)))))
            }
            // An id that hides the number: it can be opened, and not deleted.
            [name, "posts", .., id] if is_page(name) && id.starts_with("pfbid") && connector_kit::is_word(id, 200) => {
                Some(Receipt { id: None, url: Some(format!("{}/{page}/posts/{id}", WEB.of(app))) })
            }
            _ => None,
        }
    }

    fn render(&self, variant: &Variant) -> Vec<String> {
        (0..variant.steps()).map(|step| message(variant, step)).collect()
    }
}
