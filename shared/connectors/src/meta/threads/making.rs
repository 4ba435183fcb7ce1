//! Containers as Threads has them: what they are made of, and how far one is.

use super::super::container::{Containers, Stage, address, medium};
use super::super::error::{Problem, gone, refusal, without_addresses};
use super::super::made;
use super::api::Status;
use super::{Threads, is_id, user};
use async_trait::async_trait;
use connector_kit::http::repeatable;
use connector_kit::{Answer, Call};
use domain::publishing::{Failure, LinkCard, MediaRef, ReplyRestriction, Variant};
use ports::PublishCall;
use secrecy::{ExposeSecret as _, SecretString};

/// What is sent beside the words.
type Fields<'a> = Vec<(&'a str, &'a str)>;

/// The text of a step as it is sent: a link is a card, and where there is nothing else the text, too, without which none is taken.
pub(super) fn text(variant: &Variant, step: usize) -> String {
    let is_bare = variant.media_of(step).is_empty() && variant.full_text(step, true).trim().is_empty();
    variant.full_text(step, !is_bare)
}

#[async_trait]
impl Containers for Threads {
    fn shown<'a>(&self, call: &'a PublishCall<'_>) -> Vec<&'a MediaRef> {
        call.variant.media_of(call.part).iter().collect()
    }

    async fn item(
        &self,
        call: &PublishCall<'_>,
        reference: Option<&MediaRef>,
        is_carousel_item: bool,
    ) -> Result<String, Failure> {
        let text = text(call.variant, call.part);
        let answered = answered(call)?;
        let mut fields = if is_carousel_item {
            vec![("is_carousel_item", "true")]
        } else {
            published(call, &text, answered.as_deref())?
        };
        let Some(reference) = reference else {
            fields.push(("media_type", "TEXT"));
            fields.extend(card(call).map(|link| ("link_attachment", link.url.as_str())));
            return make(self, call, fields, None).await;
        };
        let fetched = address(call, reference).await?;
        let (kind, name) =
            if medium(call, reference)?.is_video() { ("VIDEO", "video_url") } else { ("IMAGE", "image_url") };
        fields.extend([("media_type", kind), (name, fetched.expose_secret())]);
        fields.extend(reference.alt_text.as_deref().filter(|text| !text.is_empty()).map(|text| ("alt_text", text)));
        make(self, call, fields, Some(&fetched)).await
    }

    async fn carousel(&self, call: &PublishCall<'_>, items: &[String]) -> Result<String, Failure> {
        let (text, children) = (text(call.variant, call.part), items.join(","));
        let answered = answered(call)?;
        let mut fields = published(call, &text, answered.as_deref())?;
        fields.extend([("media_type", "CAROUSEL"), ("children", children.as_str())]);
        make(self, call, fields, None).await
    }

    async fn stage(&self, call: &PublishCall<'_>, container: &str) -> Result<(Stage, Failure), Failure> {
        let graph = self.graph(call.app);
        let url = graph.at(container, &[("fields", "status,error_message")], call.token);
        let answer = graph.call(call.token, Call::get(url)).await.map_err(repeatable)?;
        if !answer.is_success() {
            let unknown = Problem::of(&answer).is_some_and(|problem| problem.is_missing());
            let failure = repeatable(refusal(&answer, call.now));
            return if unknown { Ok((Stage::Unknown, failure)) } else { Err(failure) };
        }
        let Status { status, error_message } = answer.json().ok_or(Failure::Unavailable)?;
        Ok((Stage::named(&status).ok_or(Failure::Unavailable)?, failed(&error_message)))
    }
}

/// The link that is shown as a card: that of the first part, which alone has one.
fn card<'a>(call: &'a PublishCall<'_>) -> Option<&'a LinkCard> {
    call.variant.link.as_ref().filter(|_| call.part == 0)
}

/// The post that the part of `call` answers; none where it answers nothing.
///
/// # Errors
/// What is given is no id, or the part before has none.
pub(super) fn answered(call: &PublishCall<'_>) -> Result<Option<String>, Failure> {
    let detail = "Threads knows an answered post by its id, a number that is not in its address: give the id";
    connector_kit::answered(call, |given| is_id(given).then(|| given.to_owned()), detail)
}

/// What the container says that is published: the words, what it answers or quotes, who may reply.
fn published<'a>(call: &'a PublishCall<'_>, text: &'a str, answered: Option<&'a str>) -> Result<Fields<'a>, Failure> {
    let mut fields = Vec::new();
    if !text.is_empty() {
        fields.push(("text", text));
    }
    if let Some(answered) = answered {
        fields.push(("reply_to_id", answered));
        return Ok(fields);
    }
    fields.extend(match call.variant.reply_restriction {
        ReplyRestriction::Everyone => None,
        ReplyRestriction::Following => Some(("reply_control", "accounts_you_follow")),
        ReplyRestriction::Mentioned => Some(("reply_control", "mentioned_only")),
    });
    if let Some(quoted) = call.variant.quote.as_deref() {
        if !is_id(quoted) {
            let detail = "Threads knows a quoted post by its id, a number that is not in its address: give the id";
            return Err(Failure::Rejected { code: "not_found".into(), detail: detail.into() });
        }
        fields.push(("quote_post_id", quoted));
    }
    Ok(fields)
}

async fn make(
    threads: &Threads,
    call: &PublishCall<'_>,
    fields: Fields<'_>,
    fetched: Option<&SecretString>,
) -> Result<String, Failure> {
    let graph = threads.graph(call.app);
    let request = Call::post(graph.at(&format!("{}/threads", user(call.account)?), &[], call.token)).fields(fields);
    // The address opens the bucket for this object: nobody is told it.
    let request = fetched.into_iter().fold(request, Call::hiding);
    let answer = graph.call(call.token, request).await.map_err(repeatable)?;
    if !answer.is_success() {
        return Err(without_addresses(repeatable(refused(&answer, call))));
    }
    made::id(&answer).ok_or(Failure::Unavailable)
}

/// The container is said not to be there, which clients report of some that were finished: nothing was published.
const CONTAINER_MISSING: i64 = 4_279_009;

/// What a refusal means of making or publishing a container. That replies are not allowed is no word about the account's other posts;
/// and what is not there may be the post that is answered or quoted.
pub(super) fn refused(answer: &Answer, call: &PublishCall<'_>) -> Failure {
    let problem = Problem::of(answer);
    if problem.as_ref().is_some_and(|problem| problem.is(&[CONTAINER_MISSING])) {
        return Failure::Unavailable;
    }
    let answers = call.part > 0 || call.variant.reply_to.is_some();
    let forbids = answers && problem.is_some_and(|problem| problem.forbids());
    let names_another = answers || call.variant.quote.is_some();
    match if names_another { refusal(answer, call.now) } else { gone(answer, call.now) } {
        Failure::Revoked { detail } if forbids => {
            let detail = format!("replies, which threads and first comments are, too, are not allowed here: {detail}");
            Failure::Rejected { code: "forbidden".into(), detail }
        }
        failure => failure,
    }
}

/// What the word of a failed container means, told in words that nobody else wrote.
fn failed(word: &str) -> Failure {
    let code = match word {
        "INVALID_ASPEC_RATIO" | "INVALID_ASPECT_RATIO" => "media_shape",
        "INVALID_BIT_RATE"
        | "INVALID_DURATION"
        | "INVALID_FRAME_RATE"
        | "INVALID_AUDIO_CHANNELS"
        | "INVALID_AUDIO_CHANNEL_LAYOUT" => "media_refused",
        "FAILED_PROCESSING_AUDIO" | "FAILED_PROCESSING_VIDEO" => "media_processing_failed",
        // It could not be fetched, or nobody knows why: another container may succeed.
        _ => return Failure::Unavailable,
    };
    Failure::Rejected { code: code.into(), detail: format!("Threads could not process the medium ({word})") }
}
