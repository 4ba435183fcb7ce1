//! Publishing on Discord: one request per part, with its media in it; each part of a thread a reply to the one before.

use super::api::{AllowedMentions, Message, NewAnswer, NewAttachment, NewMessage, NewPoll, NewPollMedia, Reference};
use super::error::{MISSING_PERMISSIONS, UNKNOWN_MESSAGE, UNREADABLE, refusal, refused};
use super::{Discord, WEB, api, as_bot, place, web};
use async_trait::async_trait;
use connector_kit::http::repeatable;
use connector_kit::{Call, is_id, is_number, short_key};
use domain::accounts::Account;
use domain::platform::DedupeClass;
use domain::publishing::{Failure, Finding, Media, MediaKind, MediaRef, Poll, Receipt};
use jiff::Timestamp;
use ports::{Delete, Find, PlatformApp, Publish, PublishCall, Published, Wording};

/// Where addresses of messages point that people copy.
const HOSTS: [&str; 3] = ["discord.com", "ptb.discord.com", "canary.discord.com"];
/// Longest nonce.
const NONCE: usize = 25;
/// Largest request in bytes.
pub(super) const REQUEST: u64 = 25 * 1024 * 1024;

/// The proof for a message id.
pub(super) fn receipt(app: &PlatformApp, account: &Account, id: String) -> Receipt {
    Receipt { url: Some(web(app, &account.profile.external_id, &id)), id: Some(id) }
}

/// The account's channel. The id of an account is ours, so only a record that cannot be has none.
pub(super) fn channel(account: &Account) -> Result<&str, Failure> {
    let channel = place(&account.profile.external_id).map(|(_, channel)| channel);
    channel.ok_or_else(|| Failure::Misconfigured { detail: "the account names no channel".into() })
}

/// The poll that the part of `call` asks.
pub(super) fn asked<'a>(call: &PublishCall<'a>) -> Option<&'a Poll> {
    call.variant.poll.as_ref().filter(|_| call.part == 0)
}

/// A poll, whose time Discord counts in hours.
fn poll(asked: &Poll) -> NewPoll<'_> {
    NewPoll {
        question: NewPollMedia { text: asked.question.as_deref().unwrap_or_default() },
        answers: asked.options.iter().map(|text| NewAnswer { poll_media: NewPollMedia { text } }).collect(),
        duration: asked.duration_minutes.div_ceil(60),
        allow_multiselect: asked.multiple,
    }
}

/// The id of a message of the account's own channel that is named by it, or by its address.
fn message(app: &PlatformApp, account: &Account, post: &str) -> Option<String> {
    let path = connector_kit::path_on(post, &HOSTS, &format!("{}/", WEB.of(app)));
    let path: Vec<&str> = path.iter().flatten().map(String::as_str).collect();
    let (guild, channel) = place(&account.profile.external_id)?;
    let id = match path.as_slice() {
        ["channels", in_guild, in_channel, id] if (*in_guild, *in_channel) == (guild, channel) => id,
        [] => post,
        _ => return None,
    };
    is_id(id).then(|| id.to_owned())
}

/// The message that the part of `call` answers; none where it answers nothing.
///
/// # Errors
/// What is given names no message of this channel, or the part before has no id.
pub(super) fn answered(call: &PublishCall<'_>) -> Result<Option<String>, Failure> {
    let unnamed = "what is answered is named by no message of this channel: copy the link of the message, or its id";
    connector_kit::answered(call, |given| message(call.app, call.account, given), unnamed)
}

async fn request(call: &PublishCall<'_>) -> Result<Call, Failure> {
    let content = call.variant.full_text(call.part, false);
    let files = call.variant.media_of(call.part).iter().enumerate();
    let is_paper = |medium: &&Media| medium.probe.as_ref().is_some_and(|probe| probe.kind() == MediaKind::Document);
    let paper = |reference: &MediaRef| call.media.iter().find(|medium| medium.id == reference.id).filter(is_paper);
    let answered = answered(call)?;
    let message = NewMessage {
        content: &content,
        // Nobody is notified: a text from outside must not wake a whole server.
        allowed_mentions: AllowedMentions { parse: [] },
        nonce: short_key(&call.key, NONCE),
        enforce_nonce: true,
        message_reference: answered.as_deref().map(|message_id| Reference { message_id }),
        attachments: files
            .map(|(id, file)| NewAttachment {
                id,
                description: file.alt_text.as_deref().filter(|t| !t.is_empty()),
                title: paper(file).and(file.title.as_deref()).filter(|title| !title.trim().is_empty()),
            })
            .collect(),
        poll: asked(call).map(poll),
    };
    let path = format!("channels/{}/messages", channel(call.account)?);
    let post = as_bot(Call::post(api(call.app, &path)), call.token);
    if message.attachments.is_empty() {
        return Ok(post.json(&message));
    }
    let payload = serde_json::to_string(&message).map_err(|_| Failure::Unavailable)?;
    let mut files = connector_kit::files(call).await?.within(payload.len(), REQUEST)?;
    for (n, file) in files.list.iter_mut().enumerate() {
        file.name = format!("files[{n}]");
    }
    Ok(post.files(vec![("payload_json", payload)], files))
}

#[async_trait]
impl Publish for Discord {
    async fn publish(&self, call: &PublishCall<'_>) -> Result<Published, Failure> {
        let channel = channel(call.account)?;
        let answer = self.http.call(request(call).await?).await?;
        if !answer.is_success() {
            let answers = call.part == 0 && call.variant.reply_to.is_some();
            if let Some(refused) = refused(&answer).filter(|refused| answers && refused.code == UNREADABLE) {
                // What answers nothing still goes out: the account is none the worse for it.
                return Err(Failure::Rejected { code: "forbidden".into(), detail: answer.words(&refused.message) });
            }
            return Err(refusal(&answer, call.part, call.now));
        }
        let message = answer.json::<Message>().filter(|m| m.channel_id == channel && is_number(&m.id, 20));
        let Some(message) = message else {
            let detail = format!("HTTP {} without a message of this channel", answer.status);
            return Err(Failure::Unconfirmed { detail });
        };
        Ok(Published { receipt: receipt(call.app, call.account, message.id), quiet_until: None })
    }
}

#[async_trait]
impl Find for Discord {
    fn dedupe(&self, _: &Account) -> DedupeClass {
        DedupeClass::Readable
    }

    async fn find(&self, call: &PublishCall<'_>, since: Timestamp) -> Result<Finding, Failure> {
        super::find::find(self, call, since).await
    }
}

#[async_trait]
impl Delete for Discord {
    async fn delete(&self, call: &PublishCall<'_>, receipt: &Receipt) -> Result<(), Failure> {
        let Some(id) = receipt.id.as_deref().filter(|id| is_number(id, 20)) else {
            return Err(Failure::Unsupported { detail: "the message's id on Discord is not known".into() });
        };
        let path = format!("channels/{}/messages/{id}", channel(call.account)?);
        let request = as_bot(Call::delete(api(call.app, &path)), call.token);
        let answer = self.http.call(request).await.map_err(|lost| repeatable(lost.into()))?;
        match (answer.status, refused(&answer)) {
            (204, _) => Ok(()),
            (404, Some(refused)) if refused.code == UNKNOWN_MESSAGE => Ok(()),
            // A person may have named a message that somebody else wrote. The account is none the worse for it.
            (403, Some(refused)) if refused.code == MISSING_PERMISSIONS => {
                Err(Failure::Rejected { code: "forbidden".into(), detail: answer.words(&refused.message) })
            }
            _ => Err(repeatable(refusal(&answer, 0, call.now))),
        }
    }
}

impl Wording for Discord {
    fn named(&self, app: &PlatformApp, account: &Account, post: &str) -> Option<Receipt> {
        message(app, account, post).map(|id| receipt(app, account, id))
    }
}
