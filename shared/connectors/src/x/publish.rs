//! Publishing on X: one request per part, each part of a thread a reply to the one before it. Articles are in `article.rs`.

use super::api::{Deleted, Identified, NewPoll, NewTweet, One, Reply, TweetMedia};
use super::error::{levels, quiet_until, refusal};
use super::rows::rows;
use super::{X, api, article, media, web};
use async_trait::async_trait;
use connector_kit::http::repeatable;
use connector_kit::{Call, is_id, is_number, parent};
use domain::accounts::Account;
use domain::platform::DedupeClass;
use domain::publishing::{ContentKind, Failure, Finding, Receipt, ReplyRestriction, Variant};
use jiff::Timestamp;
use ports::{Amend, Delete, Find, PlatformApp, Prepared, Publish, PublishCall, Published, Wording};

/// Where addresses of posts point that people copy.
const HOSTS: [&str; 6] = ["x.com", "www.x.com", "mobile.x.com", "twitter.com", "www.twitter.com", "mobile.twitter.com"];

/// The proof for a post id.
pub(super) fn receipt(app: &PlatformApp, account: &Account, id: String) -> Receipt {
    let path = match &account.profile.handle {
        Some(handle) => format!("{handle}/status/{id}"),
        None => format!("i/web/status/{id}"),
    };
    Receipt { url: Some(web(app, &path)), id: Some(id) }
}

#[async_trait]
impl Publish for X {
    fn needs_preparing(&self, call: &PublishCall<'_>) -> bool {
        !call.variant.media_of(call.part).is_empty() || (article::is_one(call) && !call.variant.draft)
    }

    async fn prepare(&self, call: &PublishCall<'_>) -> Result<Prepared, Failure> {
        if article::is_one(call) { article::prepare(self, call).await } else { media::prepare(self, call).await }
    }

    async fn publish(&self, call: &PublishCall<'_>) -> Result<Published, Failure> {
        if article::is_one(call) {
            return article::publish(self, call).await;
        }
        let text = call.variant.full_text(call.part, false);
        let media_ids = media::ready(call);
        if media_ids.is_none() && self.needs_preparing(call) {
            // Nothing leaves without its pictures; the next try prepares them again.
            return Err(Failure::Unavailable);
        }
        let reply_settings = match call.variant.reply_restriction {
            // A thread has the settings of its first post.
            _ if call.part > 0 => None,
            ReplyRestriction::Everyone => None,
            ReplyRestriction::Following => Some("following"),
            ReplyRestriction::Mentioned => Some("mentionedUsers"),
        };
        let body = NewTweet {
            text: &text,
            media: media_ids.map(|media_ids| TweetMedia { media_ids }),
            poll: call
                .variant
                .poll
                .as_ref()
                .filter(|_| call.part == 0)
                .map(|poll| NewPoll { options: &poll.options, duration_minutes: poll.duration_minutes }),
            reply: parent(call)?.map(|in_reply_to_tweet_id| Reply { in_reply_to_tweet_id }),
            reply_settings,
        };
        let answer = self.http.call(Call::post(api(call.app, "tweets")).bearer(call.token).json(&body)).await?;
        call.tells(levels(&answer, call.now));
        if !answer.is_success() {
            return Err(refusal(&answer, call.part, call.now));
        }
        // Errors beside the data do not matter: the id is the proof.
        let id = answer.json::<One<Identified>>().map(|one| one.data.id).filter(|id| is_number(id, 20));
        let Some(id) = id else {
            let detail = format!("HTTP {} without the id of a post", answer.status);
            return Err(Failure::Unconfirmed { detail });
        };
        let receipt = receipt(call.app, call.account, id);
        Ok(Published { receipt, quiet_until: quiet_until(&answer, call.now) })
    }
}

#[async_trait]
impl Find for X {
    fn dedupe(&self, _: &Account) -> DedupeClass {
        DedupeClass::Readable
    }

    async fn find(&self, call: &PublishCall<'_>, since: Timestamp) -> Result<Finding, Failure> {
        super::find::find(self, call, since).await
    }
}

#[async_trait]
impl Delete for X {
    async fn delete(&self, call: &PublishCall<'_>, receipt: &Receipt) -> Result<(), Failure> {
        if article::is_one(call) && call.variant.draft {
            let detail = "X's API deletes no drafts of articles: delete it in X's editor";
            return Err(Failure::Unsupported { detail: detail.into() });
        }
        let Some(id) = receipt.id.as_deref().filter(|id| is_number(id, 20)) else {
            return Err(Failure::Unsupported { detail: "the post's id on X is not known".into() });
        };
        let request = Call::delete(api(call.app, &format!("tweets/{id}"))).bearer(call.token);
        let answer = self.http.call(request).await.map_err(|lost| repeatable(lost.into()))?;
        match answer.status {
            404 => Ok(()),
            _ if !answer.is_success() => Err(repeatable(refusal(&answer, 0, call.now))),
            _ if answer.json::<One<Deleted>>().is_some_and(|one| one.data.deleted) => Ok(()),
            _ => Err(Failure::Unavailable),
        }
    }
}

impl Amend for X {}

impl Wording for X {
    fn named(&self, app: &PlatformApp, account: &Account, post: &str) -> Option<Receipt> {
        let path = connector_kit::path_on(post, &HOSTS, &web(app, ""));
        let path: Vec<&str> = path.iter().flatten().map(String::as_str).collect();
        let (author, id) = match path.as_slice() {
            ["i", "status", id] | ["i", "web", "status", id] => (None, *id),
            [author, "status", id] | [author, "status", id, "photo" | "video", _] => (Some(*author), *id),
            _ => (None, post),
        };
        // A thread goes on below this post, so it must not be somebody else's.
        let theirs = author.zip(account.profile.handle.as_deref()).is_none_or(|(a, own)| a.eq_ignore_ascii_case(own));
        (theirs && is_id(id)).then(|| receipt(app, account, id.to_owned()))
    }

    fn render(&self, variant: &Variant) -> Vec<String> {
        let text = |part| match variant.full_text(part, false) {
            // Its title stands above it.
            text if part == 0 && variant.kind == ContentKind::Article => rows(&text).collect::<Vec<_>>().join("\n"),
            text => text,
        };
        (0..variant.steps()).map(text).collect()
    }
}
