//! Another text for a message that is live.

use super::api::Posted;
use super::error::{refusal, refused};
use super::publish::{channel, written};
use super::{Slack, good, is_ts, post};
use async_trait::async_trait;
use domain::publishing::{Failure, Receipt, Variant};
use ports::{Amend, PublishCall};

#[async_trait]
impl Amend for Slack {
    async fn amend(&self, call: &PublishCall<'_>, _: Option<&Variant>, receipt: &Receipt) -> Result<(), Failure> {
        let Some(ts) = receipt.id.as_deref().filter(|ts| is_ts(ts)) else {
            return Err(Failure::Unsupported { detail: "the message's id on Slack is not known".into() });
        };
        let text = written(call.variant, call.part);
        // As messages are posted: without it, a change reads names and addresses in the text as the client does.
        let arguments = [("channel", channel(call.account)?), ("ts", ts), ("text", &text), ("parse", "none")];
        let answer = self.http.call(post(call.app, "chat.update", &arguments).bearer(call.token)).await?;
        match refused(&answer) {
            _ if good::<Posted>(&answer).is_some_and(|shown| shown.ts == ts) => Ok(()),
            // A person may have named a message that somebody else wrote. The account is none the worse for it.
            Some(refused) if refused.error == "cant_update_message" => {
                Err(Failure::Rejected { code: "forbidden".into(), detail: answer.words(&refused.error) })
            }
            _ => Err(refusal(&answer, call.now)),
        }
    }
}
