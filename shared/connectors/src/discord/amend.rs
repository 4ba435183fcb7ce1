//! Another text for a message that is live. What is beside it stays: only what is named is changed.

use super::api::{AllowedMentions, EditedMessage, Message};
use super::error::{MISSING_PERMISSIONS, refusal, refused};
use super::publish::channel;
use super::{Discord, api, as_bot};
use async_trait::async_trait;
use connector_kit::{Call, is_number};
use domain::publishing::{Failure, Receipt, Variant};
use ports::{Amend, PublishCall};

/// What a change of somebody else's message is refused with.
const OTHERS_MESSAGE: i64 = 50_005;

#[async_trait]
impl Amend for Discord {
    async fn amend(&self, call: &PublishCall<'_>, _: Option<&Variant>, receipt: &Receipt) -> Result<(), Failure> {
        let Some(id) = receipt.id.as_deref().filter(|id| is_number(id, 20)) else {
            return Err(Failure::Unsupported { detail: "the message's id on Discord is not known".into() });
        };
        let content = call.variant.full_text(call.part, false);
        // Nobody is notified by a change either.
        let message = EditedMessage { content: &content, allowed_mentions: AllowedMentions { parse: [] } };
        let path = format!("channels/{}/messages/{id}", channel(call.account)?);
        let answer = self.http.call(as_bot(Call::patch(api(call.app, &path)), call.token).json(&message)).await?;
        match refused(&answer) {
            _ if answer.json::<Message>().is_some_and(|shown| answer.is_success() && shown.id == id) => Ok(()),
            _ if answer.is_success() => Err(Failure::Unconfirmed { detail: "an answer without the message".into() }),
            // A person may have named a message that somebody else wrote. The account is none the worse for it.
            Some(refused) if refused.code == MISSING_PERMISSIONS || refused.code == OTHERS_MESSAGE => {
                Err(Failure::Rejected { code: "forbidden".into(), detail: answer.words(&refused.message) })
            }
            _ => Err(refusal(&answer, 0, call.now)),
        }
    }
}
