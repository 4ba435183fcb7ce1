//! Publishing on Slack: one `chat.postMessage` per part, or the completion of a video or a document; the parts of a thread are replies to the
//! first.

use super::api::{Block, Done, Mrkdwn, NewMessage, NewMetadata, Payload, Posted, SlackFile};
use super::error::{refusal, refused};
use super::{API, Slack, WEB, WORKSPACES, file, good, is_ts, media, place, post, text, thread, web};
use async_trait::async_trait;
use connector_kit::http::repeatable;
use connector_kit::{Allowance, Call, short_key};
use domain::accounts::{Account, Profile};
use domain::platform::DedupeClass;
use domain::publishing::{Failure, Finding, Receipt, Variant};
use jiff::Timestamp;
use ports::{Delete, Find, PlatformApp, Prepared, Publish, PublishCall, Published, Wording};
use url::Url;

/// The kind of our messages' metadata.
pub(super) const EVENT: &str = "herald_post";
/// Digits of the key in it.
const KEY: usize = 40;
/// What stands for a picture that nobody described: a block of an image must have a text.
const UNDESCRIBED: &str = "Picture";

/// The proof for a message; `root` is the message it answers.
pub(super) fn receipt(app: &PlatformApp, profile: &Profile, ts: String, root: Option<&str>) -> Receipt {
    Receipt { url: web(app, profile, &ts, root), id: Some(ts) }
}

/// The account's channel. The id of an account is ours, so only a record that cannot be has none.
pub(super) fn channel(account: &Account) -> Result<&str, Failure> {
    let channel = place(&account.profile.external_id).map(|(_, channel)| channel);
    channel.ok_or_else(|| Failure::Misconfigured { detail: "the account names no channel".into() })
}

/// What names the part in its message, the same at every try.
pub(super) fn key(call: &PublishCall<'_>) -> String {
    short_key(&call.key, KEY)
}

/// The first message of the thread that the part of `call` stands in: a thread has one level. It is the one that the content answers, or
/// below which that stands, and of a content that answers nothing its own first part. None for that one.
///
/// # Errors
/// What is answered is named by no message of this channel (`not_found`), or the first part has no id.
pub(super) fn root(call: &PublishCall<'_>) -> Result<Option<String>, Failure> {
    let rejected = |code: &str, detail: &str| Failure::Rejected { code: code.into(), detail: detail.into() };
    if let Some(given) = call.variant.reply_to.as_deref() {
        let unnamed = "what is answered is named by no message of this channel: copy the link of the message";
        let (ts, root) = message(call.app, call.account, given).ok_or_else(|| rejected("not_found", unnamed))?;
        return Ok(Some(root.unwrap_or(ts)));
    }
    if call.part == 0 {
        return Ok(None);
    }
    let ts = call.before.first().and_then(|receipt| receipt.id.clone()).filter(|ts| is_ts(ts));
    let unknown = "the id of the thread's first part is not known, so there is nothing to reply to";
    ts.map(Some).ok_or_else(|| rejected("thread_parent_unknown", unknown))
}

/// The id of a message of the account's own channel that is named by it, or by its address, and of the thread that the address tells.
fn message(app: &PlatformApp, account: &Account, post: &str) -> Option<(String, Option<String>)> {
    let (_, channel) = place(&account.profile.external_id)?;
    let host = account.profile.handle.as_deref().map(|workspace| format!("{workspace}{WORKSPACES}"));
    let path = connector_kit::path_on(post, &[host.as_deref().unwrap_or_default()], &format!("{}/", WEB.of(app)));
    let path: Vec<&str> = path.iter().flatten().map(String::as_str).collect();
    let (ts, root) = match path.as_slice() {
        ["archives", in_channel, message] if *in_channel == channel => {
            let digits = message.strip_prefix('p')?;
            let (s, us) = digits.split_at_checked(digits.len().checked_sub(6)?)?;
            let asked = Url::parse(post).ok()?;
            let root = asked.query_pairs().find(|(name, root)| name == "thread_ts" && is_ts(root));
            (format!("{s}.{us}"), root.map(|(_, root)| root.into_owned()))
        }
        [] => (post.to_owned(), None),
        _ => return None,
    };
    is_ts(&ts).then_some((ts, root))
}

/// The text of a part as it is sent.
pub(super) fn written(variant: &Variant, part: usize) -> String {
    text::escape(&variant.full_text(part, false))
}

/// Text and pictures as blocks; none where there are no pictures, since a text without them is a plain message.
fn blocks<'a>(call: &'a PublishCall<'_>, files: &'a [String]) -> Vec<Block<'a>> {
    if files.is_empty() {
        return Vec::new();
    }
    let sections = text::sections(&call.variant.full_text(call.part, false)).into_iter();
    let sections = sections.map(|text| Block::Section { text: Mrkdwn { kind: "mrkdwn", text, verbatim: true } });
    let images = call.variant.media_of(call.part).iter().zip(files).map(|(picture, id)| Block::Image {
        slack_file: SlackFile { id },
        alt_text: picture.alt_text.as_deref().filter(|text| !text.is_empty()).unwrap_or(UNDESCRIBED),
    });
    sections.chain(images).collect()
}

#[async_trait]
impl Publish for Slack {
    fn needs_preparing(&self, call: &PublishCall<'_>) -> bool {
        call.part > 0 || call.variant.reply_to.is_some() || !call.variant.media_of(call.part).is_empty()
    }

    async fn prepare(&self, call: &PublishCall<'_>) -> Result<Prepared, Failure> {
        // Before anything else: what names no message is not worth an upload.
        root(call)?;
        if file::is_asked(call) {
            // Before it is offered: from then on it counts as perhaps taken.
            let there = thread::checked(self, call, call.progress.cloned());
            return match Allowance::of(call).run(there).await? {
                Prepared::Ready(_) => file::prepare(self, call).await,
                not_yet => Ok(not_yet),
            };
        }
        match media::prepare(self, call).await? {
            Prepared::Ready(prepared) => Allowance::of(call).run(thread::checked(self, call, prepared)).await,
            not_yet => Ok(not_yet),
        }
    }

    async fn publish(&self, call: &PublishCall<'_>) -> Result<Published, Failure> {
        if file::is_asked(call) {
            return file::publish(self, call).await;
        }
        let (channel, root) = (channel(call.account)?, root(call)?);
        // Nothing leaves without its pictures; the next try prepares them again.
        let files = media::ready(call).ok_or(Failure::Unavailable)?;
        let message = NewMessage {
            channel,
            text: &written(call.variant, call.part),
            blocks: blocks(call, &files),
            thread_ts: root.as_deref(),
            // A link becomes a card.
            unfurl_links: true,
            unfurl_media: true,
            metadata: NewMetadata { event_type: EVENT, event_payload: Payload { part: key(call) } },
        };
        let body = serde_json::to_vec(&message).map_err(|_| Failure::Unavailable)?;
        let request = Call::post(format!("{}/chat.postMessage", API.of(call.app)));
        let request = request.bytes("application/json; charset=utf-8", body).bearer(call.token);
        let answer = self.http.call(request).await?;
        if !answer.is_success() || refused(&answer).is_some() {
            return Err(refusal(&answer, call.now));
        }
        let Some(posted) = good::<Posted>(&answer).filter(|p| p.channel == channel && is_ts(&p.ts)) else {
            let detail = format!("HTTP {} without a message of this channel", answer.status);
            return Err(Failure::Unconfirmed { detail });
        };
        // A reply to what is gone stands in the channel. It is published, and this is where; no other part follows it there.
        let root = root.filter(|root| posted.message.thread_ts.as_ref() == Some(root));
        let receipt = receipt(call.app, &call.account.profile, posted.ts, root.as_deref());
        Ok(Published { receipt, quiet_until: None })
    }
}

#[async_trait]
impl Find for Slack {
    fn dedupe(&self, _: &Account) -> DedupeClass {
        DedupeClass::Readable
    }

    async fn find(&self, call: &PublishCall<'_>, since: Timestamp) -> Result<Finding, Failure> {
        if file::is_asked(call) {
            return file::find(self, call, since).await;
        }
        super::find::find(self, call, since).await
    }
}

#[async_trait]
impl Delete for Slack {
    async fn delete(&self, call: &PublishCall<'_>, receipt: &Receipt) -> Result<(), Failure> {
        let Some(ts) = receipt.id.as_deref().filter(|ts| is_ts(ts)) else {
            return Err(Failure::Unsupported { detail: "the message's id on Slack is not known".into() });
        };
        let request = post(call.app, "chat.delete", &[("channel", channel(call.account)?), ("ts", ts)]);
        let answer = self.http.call(request.bearer(call.token)).await.map_err(|lost| repeatable(lost.into()))?;
        match refused(&answer) {
            _ if good::<Done>(&answer).is_some() => Ok(()),
            Some(refused) if refused.error == "message_not_found" => Ok(()),
            // A person may have named a message that somebody else wrote. The account is none the worse for it.
            Some(refused) if refused.error == "cant_delete_message" => {
                Err(Failure::Rejected { code: "forbidden".into(), detail: answer.words(&refused.error) })
            }
            _ => Err(repeatable(refusal(&answer, call.now))),
        }
    }
}

impl Wording for Slack {
    fn named(&self, app: &PlatformApp, account: &Account, post: &str) -> Option<Receipt> {
        let (ts, root) = message(app, account, post)?;
        Some(receipt(app, &account.profile, ts, root.as_deref()))
    }

    fn render(&self, variant: &Variant) -> Vec<String> {
        (0..variant.steps()).map(|part| written(variant, part)).collect()
    }
}
