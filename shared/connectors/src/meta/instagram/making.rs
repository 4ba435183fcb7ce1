//! Containers as Instagram has them: what they are made of, and how far one is.

use super::super::container::{Containers, Stage, address, medium};
use super::super::error::{Problem, gone, is_expired, of_container, refusal, without_addresses};
use super::super::made;
use super::api::{NewContainer, Status};
use super::{Instagram, user};
use async_trait::async_trait;
use connector_kit::Call;
use connector_kit::http::repeatable;
use domain::publishing::{ContentKind, Failure, MediaRef, Variant};
use ports::PublishCall;
use secrecy::{ExposeSecret, SecretString};

/// The text of a step as it is sent: there are no link cards, so a link stands in it. A story shows no words.
pub(super) fn caption(variant: &Variant, step: usize) -> String {
    let wordless = variant.kind == ContentKind::Story && !variant.is_comment(step);
    if wordless { String::new() } else { variant.full_text(step, false) }
}

fn is_cover(call: &PublishCall<'_>, reference: &MediaRef) -> bool {
    call.variant.kind == ContentKind::Reel && medium(call, reference).is_ok_and(|medium| !medium.is_video())
}

#[async_trait]
impl Containers for Instagram {
    fn shown<'a>(&self, call: &'a PublishCall<'_>) -> Vec<&'a MediaRef> {
        // Of a reel only the video: the picture beside it is its cover.
        let all = call.variant.media_of(0).iter();
        all.filter(|reference| !is_cover(call, reference)).collect()
    }

    async fn item(
        &self,
        call: &PublishCall<'_>,
        medium: Option<&MediaRef>,
        is_carousel_item: bool,
    ) -> Result<String, Failure> {
        let missing = || Failure::Unsupported { detail: "a post on Instagram has a picture or a video".into() };
        container_of(self, call, medium.ok_or_else(missing)?, is_carousel_item).await
    }

    async fn carousel(&self, call: &PublishCall<'_>, items: &[String]) -> Result<String, Failure> {
        let caption = caption(call.variant, 0);
        let body = NewContainer {
            media_type: Some("CAROUSEL"),
            children: items.iter().map(String::as_str).collect(),
            caption: &caption,
            ..NewContainer::default()
        };
        make(self, call, |request| request.json(&body)).await
    }

    async fn stage(&self, call: &PublishCall<'_>, container: &str) -> Result<(Stage, Failure), Failure> {
        let graph = self.graph(call.app);
        let url = graph.at(container, &[("fields", "status_code,status")], call.token);
        let answer = graph.call(call.token, Call::get(url)).await.map_err(repeatable)?;
        if !answer.is_success() {
            let unknown = Problem::of(&answer).is_some_and(|problem| problem.is_missing());
            let failure = repeatable(refusal(&answer, call.now));
            return if unknown { Ok((Stage::Unknown, failure)) } else { Err(failure) };
        }
        let Status { status_code, status } = answer.json().ok_or(Failure::Unavailable)?;
        let stage = Stage::named(&status_code).ok_or(Failure::Unavailable)?;
        let stage = if stage == Stage::Failed && is_expired(&status) { Stage::Expired } else { stage };
        Ok((stage, of_container(&status)))
    }
}

async fn container_of(
    instagram: &Instagram,
    call: &PublishCall<'_>,
    reference: &MediaRef,
    is_carousel_item: bool,
) -> Result<String, Failure> {
    let address_of = address(call, reference).await?;
    let cover = match call.variant.media_of(0).iter().find(|reference| is_cover(call, reference)) {
        Some(cover) => Some(address(call, cover).await?),
        None => None,
    };
    let (caption, address_text) = (caption(call.variant, 0), Some(address_of.expose_secret()));
    let is_video = medium(call, reference)?.is_video();
    let is_story = call.variant.kind == ContentKind::Story;
    let body = NewContainer {
        media_type: match (is_story, is_video, is_carousel_item) {
            (true, ..) => Some("STORIES"),
            (false, true, true) => Some("VIDEO"),
            (false, true, false) => Some("REELS"),
            (false, false, _) => None,
        },
        image_url: address_text.filter(|_| !is_video),
        video_url: address_text.filter(|_| is_video),
        cover_url: cover.as_ref().map(ExposeSecret::expose_secret),
        // Only of a reel, and a picture beside it goes before.
        thumb_offset: reference.cover_ms.filter(|_| is_video && !is_story && !is_carousel_item && cover.is_none()),
        is_carousel_item,
        // Only pictures have one; a story shows neither.
        alt_text: reference.alt_text.as_deref().filter(|text| !text.is_empty() && !is_video && !is_story),
        caption: if is_carousel_item { "" } else { &caption },
        ..NewContainer::default()
    };
    // The addresses open the bucket for these objects: nobody is told them.
    let hide = |request: Call, secret: &SecretString| request.hiding(secret);
    make(instagram, call, |request| {
        [Some(&address_of), cover.as_ref()].into_iter().flatten().fold(request.json(&body), hide)
    })
    .await
}

async fn make(
    instagram: &Instagram,
    call: &PublishCall<'_>,
    fill: impl FnOnce(Call) -> Call,
) -> Result<String, Failure> {
    let graph = instagram.graph(call.app);
    let url = graph.at(&format!("{}/media", user(call.account)?), &[], call.token);
    let answer = graph.call(call.token, fill(Call::post(url))).await.map_err(repeatable)?;
    if !answer.is_success() {
        return Err(without_addresses(repeatable(gone(&answer, call.now))));
    }
    made::id(&answer).ok_or(Failure::Unavailable)
}
