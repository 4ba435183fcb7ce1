//! Publishing on Threads: the container that was made and is finished, by its id.

use super::super::{container, made};
use super::making::{answered, refused, text};
use super::{Threads, WEB, is_id, user};
use async_trait::async_trait;
use connector_kit::{Call, is_shown, is_word, path_on};
use domain::accounts::Account;
use domain::platform::DedupeClass;
use domain::publishing::{Failure, Finding, Receipt, Variant};
use jiff::Timestamp;
use ports::{Amend, Delete, Find, PlatformApp, Prepared, Publish, PublishCall, Published, Wording};

/// Where addresses of posts point that people copy.
const HOSTS: [&str; 4] = ["www.threads.com", "threads.com", "www.threads.net", "threads.net"];

/// An address that Threads gave, if it is one on its own site.
pub(super) fn shown(app: &PlatformApp, permalink: Option<String>) -> Option<String> {
    permalink.filter(|url| is_shown(url) && path_on(url, &HOSTS, &WEB.of(app)).is_some())
}

#[async_trait]
impl Publish for Threads {
    fn needs_preparing(&self, _: &PublishCall<'_>) -> bool {
        true
    }

    async fn prepare(&self, call: &PublishCall<'_>) -> Result<Prepared, Failure> {
        // Before anything else: what names no post is worth no container.
        answered(call)?;
        container::prepare(self, call).await
    }

    async fn publish(&self, call: &PublishCall<'_>) -> Result<Published, Failure> {
        let graph = self.graph(call.app);
        // Nothing leaves without a finished container; the next try prepares it again.
        let creation_id = container::ready(self, call).ok_or(Failure::Unavailable)?;
        let url = graph.at(&format!("{}/threads_publish", user(call.account)?), &[], call.token);
        let request = Call::post(url).fields([("creation_id", creation_id.as_str())]);
        let answer = graph.call(call.token, request).await?;
        if !answer.is_success() {
            return Err(refused(&answer, call));
        }
        made::published(&answer, "post", call.now)
    }

    async fn locate(&self, call: &PublishCall<'_>, receipt: &Receipt) -> Option<String> {
        shown(call.app, made::permalink(&self.graph(call.app), call, receipt).await)
    }
}

#[async_trait]
impl Find for Threads {
    fn dedupe(&self, _account: &Account) -> DedupeClass {
        DedupeClass::Readable
    }

    async fn find(&self, call: &PublishCall<'_>, since: Timestamp) -> Result<Finding, Failure> {
        super::find::find(self, call, since).await
    }
}

#[async_trait]
impl Delete for Threads {
    async fn delete(&self, call: &PublishCall<'_>, receipt: &Receipt) -> Result<(), Failure> {
        let Some(id) = receipt.id.as_deref().filter(|id| is_id(id)) else {
            return Err(Failure::Unsupported { detail: "the post's id on Threads is not known".into() });
        };
        self.graph(call.app).delete(call.token, id, user(call.account)?, call.now).await
    }
}

impl Amend for Threads {}

impl Wording for Threads {
    fn named(&self, app: &PlatformApp, account: &Account, post: &str) -> Option<Receipt> {
        if is_id(post) {
            return Some(Receipt { id: Some(post.to_owned()), url: None });
        }
        let path = path_on(post, &HOSTS, &WEB.of(app))?;
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let [author, "post", code] = path.as_slice() else { return None };
        let name = author.strip_prefix('@')?;
        let is_ours = account.profile.handle.as_deref().is_none_or(|handle| handle == name);
        // The code in an address is not what the API knows the post by.
        let url = || format!("{}/@{name}/post/{code}", WEB.of(app));
        (is_ours && is_word(&name.replace('.', "_"), 100) && is_word(code, 30))
            .then(|| Receipt { id: None, url: Some(url()) })
    }

    fn render(&self, variant: &Variant) -> Vec<String> {
        (0..variant.steps()).map(|step| text(variant, step)).collect()
    }
}
