//! Another title and description for a video that is live. What is not said of a video is taken from it, so that the rest of what it
//! says is read first and said again.

use super::api::{Renamed, Snippet, Video};
use super::error::refusal;
use super::publish::{description, title};
use super::{YouTube, api, is_video, prepare, reply};
use async_trait::async_trait;
use connector_kit::Call;
use domain::publishing::{Failure, Receipt, Variant};
use ports::{Amend, PublishCall};

#[async_trait]
impl Amend for YouTube {
    async fn amend(&self, call: &PublishCall<'_>, _: Option<&Variant>, receipt: &Receipt) -> Result<(), Failure> {
        if call.variant.reply_to.is_some() {
            return reply::amend(self, call, receipt).await;
        }
        let Some(id) = receipt.id.as_deref().filter(|id| is_video(id)) else {
            return Err(Failure::Unsupported { detail: "the video's id on YouTube is not known".into() });
        };
        let gone =
            || Failure::Rejected { code: "not_found".into(), detail: "YouTube has no such video any more".into() };
        let shown = prepare::read(self, call, id).await?.ok_or_else(gone)?;
        let text = description(call.variant);
        let said = Renamed {
            id,
            snippet: Snippet {
                title: title(call.variant),
                description: &text,
                tags: shown.snippet.tags.iter().map(String::as_str).collect(),
                category_id: &shown.snippet.category_id,
                default_language: shown.snippet.default_language.as_deref(),
                default_audio_language: shown.snippet.default_audio_language.as_deref(),
            },
        };
        let request = Call::put(api(call.app, "videos?part=snippet")).bearer(call.token).json(&said);
        let answer = self.http.call(request).await?;
        if !answer.is_success() {
            return Err(refusal(&answer, call.now));
        }
        let named = answer.json::<Video>().is_some_and(|video| video.id == id);
        named.then_some(()).ok_or_else(|| Failure::Unconfirmed { detail: "an answer without the video".into() })
    }
}
