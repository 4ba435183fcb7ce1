//! Everything before the one request that publishes: files, tags and categories, and the draft that it turns into a post.

use super::api::{NewPost, POST_FIELDS, Post};
use super::error::{UNKNOWN_POST, not_done, refused};
use super::terms::{self, Kind};
use super::{Site, WordPress, html, media};
use connector_kit::html::escape;
use connector_kit::{Allowance, own_name, progress};
use domain::publishing::{Failure, MediaKind};
use ports::{Prepared, PublishCall};
use serde::{Deserialize, Serialize};

/// What is kept between wake-ups.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Progress {
    /// The draft. Once it is there the rest is in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) post: Option<u64>,
    /// Ids of the files that are uploaded, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    media: Vec<u64>,
    /// Ids of the tags, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<u64>,
    /// Ids of the categories, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    categories: Vec<u64>,
    /// Of an answer, the post that the comment stands below which it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) below: Option<u64>,
}

impl Progress {
    pub(super) fn of(call: &PublishCall<'_>) -> Self {
        progress::kept(call).unwrap_or_default()
    }

    /// That an answer is to stand below this post.
    pub(super) fn below(post: u64) -> Self {
        Self { below: Some(post), ..Self::default() }
    }

    pub(super) fn value(&self) -> serde_json::Value {
        progress::value(self)
    }
}

/// The name of this delivery's draft: the same at every try, so that a draft whose answer was lost is found and not made again.
pub(super) fn slug(call: &PublishCall<'_>) -> String {
    own_name(&call.key)
}

/// The next step.
pub(super) async fn prepare(wordpress: &WordPress, call: &PublishCall<'_>) -> Result<Prepared, Failure> {
    let (site, time) = (Site::of(call.app, call.account, call.token)?, Allowance::of(call));
    let mut kept = Progress::of(call);
    if let Some(post) = kept.post {
        if time.run(is_there(wordpress, &site, call, post)).await? {
            return Ok(Prepared::Ready(Some(kept.value())));
        }
        // Somebody deleted it. What is in the library may be gone as well.
        return Ok(Prepared::More(Progress::default().value()));
    }
    if let Some(reference) = call.variant.media_of(call.part).get(kept.media.len()) {
        let upload = media::uploaded(wordpress, &site, call, kept.media.len(), reference, time);
        kept.media.push(time.run(upload).await?);
        return Ok(Prepared::More(kept.value()));
    }
    for (kind, names) in [(Kind::Tags, &call.variant.tags), (Kind::Categories, &call.variant.categories)] {
        while let Some(name) = names.get(kept.terms(kind).len()).map(|name| name.trim()) {
            match time.run(terms::numbered(wordpress, &site, call, kind, name)).await {
                Ok(id) => kept.terms(kind).push(id),
                // What is known so far is known to the next worker, too.
                Err(_) if time.is_over() => return Ok(Prepared::More(kept.value())),
                Err(failure) => return Err(failure),
            }
        }
    }
    let post = time.run(drafted(wordpress, &site, call, &kept)).await?;
    Ok(Prepared::Ready(Some(Progress { post: Some(post), ..Progress::default() }.value())))
}

impl Progress {
    fn terms(&mut self, kind: Kind) -> &mut Vec<u64> {
        match kind {
            Kind::Tags => &mut self.tags,
            Kind::Categories => &mut self.categories,
        }
    }
}

/// Whether the draft can be published. In the bin it cannot.
async fn is_there(wordpress: &WordPress, site: &Site<'_>, call: &PublishCall<'_>, post: u64) -> Result<bool, Failure> {
    Ok(read(wordpress, site, call, post).await?.is_some_and(|found| found.status != "trash"))
}

/// The post as it is now; none where there is none any more.
pub(super) async fn read(
    wordpress: &WordPress,
    site: &Site<'_>,
    call: &PublishCall<'_>,
    post: u64,
) -> Result<Option<Post>, Failure> {
    let answer = wordpress.ask(site.get(&format!("wp/v2/posts/{post}?context=edit&{POST_FIELDS}"))).await?;
    if answer.is_success() {
        let found = answer.json::<Post>().filter(|found| found.id == post);
        return found.map(Some).ok_or(Failure::Unavailable);
    }
    match refused(&answer) {
        Some(said) if answer.status == 404 && said.code == UNKNOWN_POST => Ok(None),
        _ => Err(not_done(&answer, call.now)),
    }
}

/// The draft with everything in it: the one that an earlier try left, or a new one. Its id.
async fn drafted(
    wordpress: &WordPress,
    site: &Site<'_>,
    call: &PublishCall<'_>,
    kept: &Progress,
) -> Result<u64, Failure> {
    let (slug, text) = (slug(call), |given: &Option<String>| given.as_deref().unwrap_or_default().trim().to_owned());
    let route = format!("wp/v2/posts?slug={slug}&status=any&context=edit&{POST_FIELDS}");
    let answer = wordpress.ask(site.get(&route)).await?;
    if !answer.is_success() {
        return Err(not_done(&answer, call.now));
    }
    let there = answer.json::<Vec<Post>>().ok_or(Failure::Unavailable)?.into_iter().next();
    let references = call.variant.media_of(call.part);
    let kinds: Vec<MediaKind> = references.iter().map(|reference| media::kind(call, reference)).collect();
    // The first picture stands for the post.
    let featured = kinds.iter().position(|kind| *kind == MediaKind::Picture);
    let inline = |at: usize| Some(at) != featured;
    let ids: Vec<u64> = kept.media.iter().enumerate().filter(|(at, _)| inline(*at)).map(|(_, id)| *id).collect();
    let files = media::shown(wordpress, site, call, &ids).await?;
    let places = references.iter().zip(kinds).enumerate().filter(|(at, _)| inline(*at));
    let inline: Vec<html::Shown<'_>> = files
        .into_iter()
        .zip(places)
        .map(|(file, (_, (reference, kind)))| html::Shown { file, kind, reference })
        .collect();
    let post = NewPost {
        // One that is there keeps its state: it may be live.
        status: there.is_none().then_some("draft"),
        slug: there.is_none().then_some(&slug),
        title: escape(&text(&call.variant.title)),
        content: html::content(call.variant, &inline),
        excerpt: escape(&text(&call.variant.summary)),
        featured_media: featured.and_then(|at| kept.media.get(at).copied()).unwrap_or_default(),
        tags: &kept.tags,
        categories: &kept.categories,
    };
    let route = there.map_or_else(|| "wp/v2/posts".to_owned(), |found| format!("wp/v2/posts/{}", found.id));
    let answer = wordpress.ask(site.post(&format!("{route}?{POST_FIELDS}")).json(&post)).await?;
    if !answer.is_success() {
        return Err(not_done(&answer, call.now));
    }
    answer.json::<Post>().map(|post| post.id).ok_or(Failure::Unavailable)
}
