//! Publishing on Instagram: the container that was made and is finished, by its id.

use super::super::error::{gone, refusal};
use super::super::{container, made};
use super::api::{Counted, NewComment, Publish as Body};
use super::making::caption;
use super::{Instagram, Login, WEB, is_id, user};
use async_trait::async_trait;
use connector_kit::{Call, is_shown, is_word, path_on};
use domain::accounts::Account;
use domain::platform::DedupeClass;
use domain::publishing::{Failure, Finding, Receipt, Variant};
use jiff::Timestamp;
use ports::{Amend, Delete, EngagementCall, Find, PlatformApp, Prepared, Publish, PublishCall, Published, Wording};
use std::collections::BTreeMap;

/// Where addresses of posts point that people copy.
const HOSTS: [&str; 2] = ["www.instagram.com", "instagram.com"];

/// An address that Instagram gave, if it is one on its own site.
pub(super) fn shown(app: &PlatformApp, permalink: Option<String>) -> Option<String> {
    permalink.filter(|url| is_shown(url) && path_on(url, &HOSTS, &WEB.of(app)).is_some())
}

/// The comment that an answer is to stand below; none where nothing is answered.
pub(super) fn answered<'a>(call: &'a PublishCall<'_>) -> Result<Option<&'a str>, Failure> {
    let Some(given) = call.variant.reply_to.as_deref() else { return Ok(None) };
    let unnamed = || Failure::Rejected {
        code: "not_found".into(),
        detail: "what is answered is named by no id of a comment on Instagram: give the id that came with the comment"
            .into(),
    };
    Some(given).filter(|id| is_id(id)).map(Some).ok_or_else(unnamed)
}

/// The post that a first comment stands below.
pub(super) fn parent<'a>(call: &'a PublishCall<'_>) -> Result<&'a str, Failure> {
    connector_kit::parent(call)?.ok_or_else(|| Failure::Unsupported { detail: "a comment stands below a post".into() })
}

#[async_trait]
impl Publish for Instagram {
    fn needs_preparing(&self, call: &PublishCall<'_>) -> bool {
        !call.variant.is_below(call.part)
    }

    async fn prepare(&self, call: &PublishCall<'_>) -> Result<Prepared, Failure> {
        container::prepare(self, call).await
    }

    async fn publish(&self, call: &PublishCall<'_>) -> Result<Published, Failure> {
        let graph = self.graph(call.app);
        let request = if call.variant.is_below(call.part) {
            let text = caption(call.variant, call.part);
            let path = match answered(call)? {
                Some(comment) => format!("{comment}/replies"),
                None => format!("{}/comments", parent(call)?),
            };
            let url = graph.at(&path, &[], call.token);
            Call::post(url).json(&NewComment { message: &text })
        } else {
            // Nothing leaves without a finished container; the next try prepares it again.
            let creation_id = container::ready(self, call).ok_or(Failure::Unavailable)?;
            let url = graph.at(&format!("{}/media_publish", user(call.account)?), &[], call.token);
            Call::post(url).json(&Body { creation_id: &creation_id })
        };
        let answer = graph.call(call.token, request).await?;
        if !answer.is_success() {
            // What is not there is the account, or the post or comment that somebody deleted: that says nothing of the account.
            let to_account = !call.variant.is_below(call.part);
            return Err(if to_account { gone(&answer, call.now) } else { refusal(&answer, call.now) });
        }
        made::published(&answer, "medium", call.now)
    }

    async fn locate(&self, call: &PublishCall<'_>, receipt: &Receipt) -> Option<String> {
        if call.variant.is_below(call.part) {
            return None;
        }
        shown(call.app, made::permalink(&self.graph(call.app), call, receipt).await)
    }
}

#[async_trait]
impl Find for Instagram {
    fn dedupe(&self, _account: &Account) -> DedupeClass {
        DedupeClass::Readable
    }

    async fn find(&self, call: &PublishCall<'_>, since: Timestamp) -> Result<Finding, Failure> {
        super::find::find(self, call, since).await
    }

    async fn engagement(&self, call: &EngagementCall<'_>, posts: &[&str]) -> Result<BTreeMap<String, u64>, Failure> {
        let posts = posts.iter().copied().filter(|id| is_id(id));
        self.graph(call.app).engagement::<Counted>(call.token, posts, "like_count,comments_count", call.now).await
    }
}

#[async_trait]
impl Delete for Instagram {
    async fn delete(&self, call: &PublishCall<'_>, receipt: &Receipt) -> Result<(), Failure> {
        let unsupported = |detail: &str| Err(Failure::Unsupported { detail: detail.into() });
        // Comments are deleted with either login.
        if Login::of(call.app) == Login::Own && !call.variant.is_below(call.part) {
            return unsupported("Instagram lets nobody but the person delete a post: delete it there");
        }
        let Some(id) = receipt.id.as_deref().filter(|id| is_id(id)) else {
            return unsupported("the post's id on Instagram is not known");
        };
        self.graph(call.app).delete(call.token, id, user(call.account)?, call.now).await
    }
}

impl Amend for Instagram {}

impl Wording for Instagram {
    fn named(&self, app: &PlatformApp, account: &Account, post: &str) -> Option<Receipt> {
        if is_id(post) {
            return Some(Receipt { id: Some(post.to_owned()), url: None });
        }
        let path = path_on(post, &HOSTS, &WEB.of(app))?;
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let is_ours = |name: &str| account.profile.handle.as_deref().is_none_or(|handle| handle == name);
        let (kind, code) = match path.as_slice() {
            [kind, code] => (*kind, *code),
            [name, kind, code] if is_ours(name) => (*kind, *code),
            _ => return None,
        };
        // The code in an address is not what the API knows the post by.
        let known = matches!(kind, "p" | "reel") && is_word(code, 30);
        known.then(|| Receipt { id: None, url: Some(format!("{}/{kind}/{code}/", WEB.of(app))) })
    }

    fn render(&self, variant: &Variant) -> Vec<String> {
        (0..variant.steps()).map(|step| caption(variant, step)).collect()
    }
}
