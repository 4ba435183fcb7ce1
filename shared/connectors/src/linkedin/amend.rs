//! Another text for a post that is live.

use super::api::{NewWords, Patch, Patched};
use super::error::refusal;
use super::publish::commentary;
use super::{LinkedIn, api, is_post};
use async_trait::async_trait;
use connector_kit::{Call, segment};
use domain::publishing::{Failure, Receipt, Variant};
use ports::{Amend, PublishCall};

#[async_trait]
impl Amend for LinkedIn {
    async fn amend(&self, call: &PublishCall<'_>, _: Option<&Variant>, receipt: &Receipt) -> Result<(), Failure> {
        let Some(urn) = receipt.id.as_deref().filter(|urn| is_post(urn)) else {
            return Err(Failure::Unsupported { detail: "the post's URN on LinkedIn is not known".into() });
        };
        let body = Patch { patch: Patched { set: NewWords { commentary: commentary(call.variant) } } };
        let url = api(call.app, &format!("rest/posts/{}", segment(urn)));
        let request = Call::post(url).header("x-restli-method", "PARTIAL_UPDATE").json(&body);
        let answer = self.rest(call.app, call.token, request).await?;
        match answer.status {
            204 => Ok(()),
            200..300 => Err(Failure::Unconfirmed { detail: format!("HTTP {} instead of 204", answer.status) }),
            _ => Err(refusal(call.app, &answer, call.now)),
        }
    }
}
