//! Another text, or another caption, for a message that is live.

use super::api::{Envelope, LinkPreviewOptions, NewCaption, NewText, Sent};
use super::error::refusal;
use super::{Telegram, method};
use async_trait::async_trait;
use domain::publishing::{Failure, Receipt, Variant};
use ports::{Amend, PublishCall};

#[async_trait]
impl Amend for Telegram {
    async fn amend(&self, call: &PublishCall<'_>, _: Option<&Variant>, receipt: &Receipt) -> Result<(), Failure> {
        let unsupported = || Failure::Unsupported { detail: "the message's id on Telegram is not known".into() };
        let message_id: i64 = receipt.id.as_deref().and_then(|id| id.parse().ok()).ok_or_else(unsupported)?;
        let chat_id = call.account.profile.external_id.as_str();
        let text = call.variant.full_text(call.part, false);
        let method = |name: &str| method(call.app, call.token, name).ok_or(Failure::Unauthorized);
        let request = if call.variant.media_of(call.part).is_empty() {
            // As it was sent: without it, another link might be shown as the card.
            let link = call.variant.link.as_ref().filter(|_| call.part == 0);
            let link_preview_options = link.map(|link| LinkPreviewOptions { url: &link.url });
            method("editMessageText")?.json(&NewText { chat_id, message_id, text: &text, link_preview_options })
        } else {
            method("editMessageCaption")?.json(&NewCaption { chat_id, message_id, caption: &text })
        };
        let answer = self.http.call(request).await?;
        if answer.is_success() {
            let sent = answer.json::<Envelope<Sent>>().filter(|envelope| envelope.ok).and_then(|e| e.result);
            let shown = sent.as_ref().and_then(Sent::first).is_some_and(|message| message.message_id == message_id);
            return shown
                .then_some(())
                .ok_or_else(|| Failure::Unconfirmed { detail: "an answer without the message".into() });
        }
        match refusal(&answer, 0, call.now) {
            // It says this already: an earlier request arrived.
            Failure::Rejected { detail, .. } if detail.contains("message is not modified") => Ok(()),
            other => Err(other),
        }
    }
}
