//! Publishing on WordPress: one request turns the draft into a post. It may be repeated, and the post is read by its id. A comment
//! below it is another.

use super::api::{POST_FIELDS, Post, Publishing};
use super::error::{UNKNOWN_POST, not_done, refusal, refused};
use super::prepare::{self, Progress};
use super::{Site, WordPress, comment, site};
use async_trait::async_trait;
use connector_kit::{is_id, is_shown, path_on};
use domain::accounts::Account;
use domain::platform::DedupeClass;
use domain::publishing::{Failure, Finding, Receipt, Variant, Visibility};
use jiff::Timestamp;
use ports::{Delete, Find, HeardPage, ListenCall, PlatformApp, Prepared, Publish, PublishCall, Published, Wording};
use url::Url;

/// What of a site's addresses is no post.
const NO_POSTS: [&str; 5] = ["wp-admin", "wp-content", "wp-includes", "wp-json", "wp-login.php"];

/// The state a post ends in.
fn wanted(variant: &Variant) -> &'static str {
    match variant.visibility {
        _ if variant.draft => "draft",
        Visibility::Private => "private",
        _ => "publish",
    }
}

/// The proof for a post.
fn receipt(home: &str, post: &Post) -> Receipt {
    let url = Some(post.link.as_str()).filter(|link| is_shown(link)).map(str::to_owned);
    Receipt { url: url.or_else(|| Some(by_id(home, &post.id.to_string()))), id: Some(post.id.to_string()) }
}

/// Where every post is found, whatever the site's permalinks are like.
pub(super) fn by_id(home: &str, id: &str) -> String {
    format!("{}/?p={id}", site(home))
}

#[async_trait]
impl Publish for WordPress {
    fn needs_preparing(&self, call: &PublishCall<'_>) -> bool {
        !call.variant.is_comment(call.part)
    }

    async fn prepare(&self, call: &PublishCall<'_>) -> Result<Prepared, Failure> {
        if call.variant.reply_to.is_some() {
            return comment::prepare(self, call).await;
        }
        prepare::prepare(self, call).await
    }

    async fn publish(&self, call: &PublishCall<'_>) -> Result<Published, Failure> {
        if call.variant.is_below(call.part) {
            return comment::publish(self, call).await;
        }
        let site = Site::of(call.app, call.account, call.token)?;
        // Nothing leaves without its draft; the next try prepares it again.
        let post = Progress::of(call).post.ok_or(Failure::Unavailable)?;
        let status = wanted(call.variant);
        let request = site.post(&format!("wp/v2/posts/{post}?{POST_FIELDS}")).json(&Publishing { status, slug: "" });
        let answer = self.http.call(request).await?;
        if !answer.is_success() {
            return Err(refusal(&answer, call.now));
        }
        match answer.json::<Post>().filter(|found| found.id == post) {
            Some(found) if found.status == status => {
                Ok(Published { receipt: receipt(site.home, &found), quiet_until: None })
            }
            Some(found) => {
                let state = answer.words(&found.status);
                Err(Failure::Unconfirmed { detail: format!("the site holds the post back as {state:?}") })
            }
            None => Err(Failure::Unconfirmed { detail: format!("HTTP {} without the post", answer.status) }),
        }
    }
}

#[async_trait]
impl Find for WordPress {
    fn dedupe(&self, _: &Account) -> DedupeClass {
        DedupeClass::Readable
    }

    async fn find(&self, call: &PublishCall<'_>, since: Timestamp) -> Result<Finding, Failure> {
        if call.variant.is_below(call.part) {
            return comment::find(self, call, since).await;
        }
        let site = Site::of(call.app, call.account, call.token)?;
        // A request left, so there was a draft. Which one is kept with the delivery.
        let Some(post) = Progress::of(call).post else { return Ok(Finding::Unreadable) };
        let Some(found) = prepare::read(self, &site, call, post).await? else { return Ok(Finding::Unreadable) };
        // The request takes the draft's name away, and gives it the one that people see.
        let renamed = !found.slug.starts_with(&prepare::slug(call));
        Ok(match (found.status.as_str(), wanted(call.variant)) {
            // No other delivery has this id, whatever it says.
            ("publish", "publish") | ("private", "private") => Finding::Proved(receipt(site.home, &found)),
            ("draft", "draft") if renamed => Finding::Proved(receipt(site.home, &found)),
            ("draft", _) => Finding::Absent,
            // In the bin, held back, private when it was for everybody: somebody on the site had a hand in it.
            _ => Finding::Resembling(1),
        })
    }

    async fn listen(&self, call: &ListenCall<'_>) -> Result<HeardPage, Failure> {
        super::listen::listen(self, call).await
    }
}

#[async_trait]
impl Delete for WordPress {
    async fn delete(&self, call: &PublishCall<'_>, receipt: &Receipt) -> Result<(), Failure> {
        if call.variant.is_below(call.part) {
            return comment::delete(self, call, receipt).await;
        }
        let site = Site::of(call.app, call.account, call.token)?;
        let Some(id) = receipt.id.as_deref().filter(|id| is_id(id)) else {
            return Err(Failure::Unsupported { detail: "the post's id on the site is not known".into() });
        };
        let mut answer = self.ask(site.delete(&format!("wp/v2/posts/{id}?_fields=id"))).await?;
        if refused(&answer).is_some_and(|said| said.code == "rest_trash_not_supported") {
            answer = self.ask(site.delete(&format!("wp/v2/posts/{id}?force=true&_fields=deleted"))).await?;
        }
        match (answer.status, refused(&answer)) {
            (200, None) => Ok(()),
            (404, Some(said)) if said.code == UNKNOWN_POST => Ok(()),
            (410, Some(said)) if said.code == "rest_already_trashed" => Ok(()),
            _ => Err(not_done(&answer, call.now)),
        }
    }
}

impl Wording for WordPress {
    fn named(&self, _: &PlatformApp, account: &Account, post: &str) -> Option<Receipt> {
        let root = account.profile.home.as_deref()?;
        let named = |id: &str| Receipt { id: Some(id.to_owned()), url: Some(by_id(root, id)) };
        if is_id(post) {
            return Some(named(post));
        }
        let path = path_on(post, &[], &format!("{}/", site(root)))?;
        let url = Url::parse(post).ok()?;
        let asked = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, id)| id.into_owned());
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        match path.as_slice() {
            [] => asked("p").filter(|id| is_id(id)).map(|id| named(&id)),
            ["wp-admin", "post.php"] => asked("post").filter(|id| is_id(id)).map(|id| named(&id)),
            [first, ..] if NO_POSTS.contains(first) => None,
            // A permalink is the site's to choose, and does not tell the id.
            _ => url.query().is_none().then(|| Receipt { id: None, url: Some(post.to_owned()) }),
        }
    }
}
