//! Another text for a post that is live.

use super::super::error::refusal;
use super::api::{Done, NewMessage};
use super::publish::message;
use super::{Facebook, is_post};
use async_trait::async_trait;
use connector_kit::Call;
use domain::publishing::{Failure, Receipt, Variant};
use ports::{Amend, PublishCall};

#[async_trait]
impl Amend for Facebook {
    async fn amend(&self, call: &PublishCall<'_>, _: Option<&Variant>, receipt: &Receipt) -> Result<(), Failure> {
        // What says what stands beside a video is documented for none of them.
        let Some(id) = receipt.id.as_deref().filter(|id| is_post(id)) else {
            let detail = "only the text of a post can be changed from here: change it on Facebook";
            return Err(Failure::Unsupported { detail: detail.into() });
        };
        let graph = self.graph(call.app);
        let text = message(call.variant, call.part);
        let request = Call::post(graph.at(id, &[], call.token)).json(&NewMessage { message: &text });
        let answer = graph.call(call.token, request).await?;
        if !answer.is_success() {
            return Err(refusal(&answer, call.now));
        }
        let done = answer.json::<Done>().is_some_and(|done| done.success);
        done.then_some(()).ok_or_else(|| Failure::Unconfirmed { detail: "an answer without success".into() })
    }
}
