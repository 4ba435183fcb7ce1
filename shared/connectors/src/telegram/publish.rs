//! Publishing on Telegram: one request per part, with its media in it; each part of a thread a reply to the one before.

use super::api::{
    Envelope, InputMediaPhoto, InputPollOption, LinkPreviewOptions, NewMessage, NewPoll, ReplyParameters, Sent,
    WhichMessage,
};
use super::error::refusal;
use super::{Telegram, WEB, method, web};
use async_trait::async_trait;
use connector_kit::http::{Files, repeatable};
use connector_kit::{Answer, Call, answered, files, is_id};
use domain::accounts::Account;
use domain::platform::DedupeClass;
use domain::publishing::{Failure, Finding, MediaKind, Poll, Probe, Receipt};
use jiff::Timestamp;
use ports::{Delete, Find, PlatformApp, Publish, PublishCall, Published, Wording};

/// Where addresses of messages point that people copy.
const HOSTS: [&str; 2] = ["t.me", "telegram.me"];
/// Largest request in bytes.
pub(super) const REQUEST: u64 = 50_000_000;

fn receipt(app: &PlatformApp, account: &Account, id: String) -> Receipt {
    let profile = &account.profile;
    Receipt { url: web(app, &profile.external_id, profile.handle.as_deref(), &id), id: Some(id) }
}

/// A poll with the text as what is said beside its question. Nobody sees who chose what: in channels there are no other polls.
fn poll<'a>(
    asked: &'a Poll,
    chat_id: &'a str,
    text: &'a str,
    reply_parameters: Option<ReplyParameters>,
) -> NewPoll<'a> {
    NewPoll {
        chat_id,
        question: asked.question.as_deref().unwrap_or_default(),
        options: asked.options.iter().map(|text| InputPollOption { text }).collect(),
        is_anonymous: true,
        allows_multiple_answers: asked.multiple,
        open_period: asked.duration_minutes.saturating_mul(60),
        description: text,
        reply_parameters,
    }
}

/// The request of a part.
async fn request(call: &PublishCall<'_>) -> Result<Call, Failure> {
    let text = call.variant.full_text(call.part, false);
    let chat_id = call.account.profile.external_id.as_str();
    // Never sent as if it answered nothing: a thread would fall apart.
    let unsupported = |_| Failure::Unsupported { detail: "the id of the part before is none of a message".into() };
    let named = |given: &str| message(call.app, call.account, given);
    let unnamed =
        "what is answered is named by no message of this chat: copy the link of the message, or give its number";
    let answered = answered(call, named, unnamed)?.map(|id| id.parse()).transpose().map_err(unsupported)?;
    let reply_parameters = answered.map(|message_id| ReplyParameters { message_id });
    // A token that is none was kept by mistake; nothing but a new one helps.
    let method = |name: &str| method(call.app, call.token, name).ok_or(Failure::Unauthorized);
    if let Some(asked) = call.variant.poll.as_ref().filter(|_| call.part == 0) {
        return Ok(method("sendPoll")?.json(&poll(asked, chat_id, &text, reply_parameters)));
    }
    if call.variant.media_of(call.part).is_empty() {
        // The post's own link is the one that is shown as a card, wherever in the text others stand.
        let link = call.variant.link.as_ref().filter(|_| call.part == 0);
        let link_preview_options = link.map(|link| LinkPreviewOptions { url: &link.url });
        let message = NewMessage { chat_id, text: &text, reply_parameters, link_preview_options };
        return Ok(method("sendMessage")?.json(&message));
    }
    let (name, fields, files) = media(call, chat_id, text, reply_parameters.as_ref()).await?;
    Ok(method(name)?.files(fields, files))
}

/// The method that sends this medium alone, and the name of the form's file.
fn alone(probe: &Probe) -> (&'static str, &'static str) {
    match probe.kind() {
        MediaKind::Video => ("sendVideo", "video"),
        // Captions alone are refused before.
        MediaKind::Document | MediaKind::Captions => ("sendDocument", "document"),
        MediaKind::Picture if probe.media_type == "image/gif" => ("sendAnimation", "animation"),
        MediaKind::Picture => ("sendPhoto", "photo"),
    }
}

/// The method, the fields and the files of a part with media: of one alone, or of an album of pictures.
async fn media(
    call: &PublishCall<'_>,
    chat_id: &str,
    text: String,
    reply: Option<&ReplyParameters>,
) -> Result<(&'static str, Vec<(&'static str, String)>, Files), Failure> {
    let json = |value: serde_json::Result<String>| value.map_err(|_| Failure::Unavailable);
    let mut files = files(call).await?.within(text.len(), REQUEST)?;
    let mut fields = vec![("chat_id", chat_id.to_owned())];
    if let Some(reply) = reply {
        fields.push(("reply_parameters", json(serde_json::to_string(reply))?));
    }
    let first = call.variant.media_of(call.part).first().and_then(|only| call.media.iter().find(|m| m.id == only.id));
    let first = first.and_then(|medium| medium.probe.as_ref());
    if let ([file], Some(probe)) = (files.list.as_mut_slice(), first) {
        let (method, name) = alone(probe);
        name.clone_into(&mut file.name);
        if name == "video" {
            let seconds = probe.duration_ms.unwrap_or_default().div_ceil(1_000);
            fields.push(("duration", seconds.to_string()));
        }
        if matches!(name, "video" | "animation") {
            let shape = [("width", probe.width), ("height", probe.height)];
            fields.extend(shape.map(|(name, pixels)| (name, pixels.to_string())));
        }
        fields.push(("caption", text));
        return Ok((method, fields, files));
    }
    // The caption of the first picture stands below the album.
    let caption = |n: usize| (n == 0 && !text.is_empty()).then_some(text.as_str());
    let media = files.list.iter().enumerate().map(|(n, file)| InputMediaPhoto {
        kind: "photo",
        media: format!("attach://{}", file.name),
        caption: caption(n),
    });
    fields.push(("media", json(serde_json::to_string(&media.collect::<Vec<_>>()))?));
    Ok(("sendMediaGroup", fields, files))
}

/// The id of the message that an answer proves: of the account's own chat.
fn proven(answer: &Answer, account: &Account) -> Option<String> {
    let Envelope { ok: true, result: Some(sent) } = answer.json::<Envelope<Sent>>()? else { return None };
    let message = sent.first()?;
    let ours = message.chat.id.to_string() == account.profile.external_id && message.message_id > 0;
    ours.then(|| message.message_id.to_string())
}

#[async_trait]
impl Publish for Telegram {
    async fn publish(&self, call: &PublishCall<'_>) -> Result<Published, Failure> {
        let answer = self.http.call(request(call).await?).await?;
        if !answer.is_success() {
            return Err(refusal(&answer, call.part, call.now));
        }
        let Some(id) = proven(&answer, call.account) else {
            let detail = format!("HTTP {} without a message of this chat", answer.status);
            return Err(Failure::Unconfirmed { detail });
        };
        Ok(Published { receipt: receipt(call.app, call.account, id), quiet_until: None })
    }
}

#[async_trait]
impl Find for Telegram {
    fn dedupe(&self, _: &Account) -> DedupeClass {
        DedupeClass::WriteOnly
    }

    async fn find(&self, _: &PublishCall<'_>, _: Timestamp) -> Result<Finding, Failure> {
        // A bot cannot list what stands in a chat.
        Ok(Finding::Unreadable)
    }
}

#[async_trait]
impl Delete for Telegram {
    async fn delete(&self, call: &PublishCall<'_>, receipt: &Receipt) -> Result<(), Failure> {
        let unsupported = |detail: &str| Failure::Unsupported { detail: detail.into() };
        let id = receipt.id.as_deref().and_then(|id| id.parse().ok());
        let message_id = id.ok_or_else(|| unsupported("the message's id on Telegram is not known"))?;
        // The ids of an album's other pictures are not kept, and to delete only its first would be worse than nothing.
        if call.variant.media_of(call.part).len() > 1 {
            return Err(unsupported("an album cannot be deleted from here: delete it on Telegram"));
        }
        let which = WhichMessage { chat_id: &call.account.profile.external_id, message_id };
        let request = method(call.app, call.token, "deleteMessage").ok_or(Failure::Unauthorized)?.json(&which);
        let answer = self.http.call(request).await.map_err(|lost| repeatable(lost.into()))?;
        if answer.json::<Envelope<bool>>().is_some_and(|e| answer.is_success() && e.ok && e.result == Some(true)) {
            return Ok(());
        }
        match refusal(&answer, 0, call.now) {
            Failure::Rejected { detail, .. } if detail.contains("message to delete not found") => Ok(()),
            Failure::Rejected { detail, .. } if detail.contains("can't be deleted") => {
                Err(unsupported("Telegram lets bots delete messages of the last 48 hours only: delete it there"))
            }
            other => Err(repeatable(other)),
        }
    }
}

/// The number of a message of the account's own chat that is named by it, by its address, or with its chat, as messages that come in are.
fn message(app: &PlatformApp, account: &Account, post: &str) -> Option<String> {
    let own = format!("{}/", WEB.of(app));
    let with_chat = post.strip_prefix(account.profile.external_id.as_str()).and_then(|rest| rest.strip_prefix('/'));
    let post = with_chat.unwrap_or(post);
    let path = connector_kit::path_on(post, &HOSTS, &own);
    let path: Vec<&str> = path.iter().flatten().map(String::as_str).collect();
    let profile = &account.profile;
    let named = |name: &str| profile.handle.as_deref().is_some_and(|handle| handle.eq_ignore_ascii_case(name));
    let numbered = |number: &str| profile.external_id.strip_prefix("-100") == Some(number);
    let id = match path.as_slice() {
        ["c", number, id] if numbered(number) => id,
        ["s", name, id] | [name, id] if named(name) => id,
        [] => post,
        _ => return None,
    };
    // What a message's number can be: what is sent answers it.
    (is_id(id) && id.parse::<i64>().is_ok()).then(|| id.to_owned())
}

impl Wording for Telegram {
    fn named(&self, app: &PlatformApp, account: &Account, post: &str) -> Option<Receipt> {
        message(app, account, post).map(|id| receipt(app, account, id))
    }
}
