//! The calls that make containers, and what their refusals mean.

use super::super::error::{Problem, refusal};
use super::api::{Made, NewContainer};
use super::container::{caption, is_cover, medium};
use super::{Instagram, is_id, user};
use connector_kit::http::repeatable;
use connector_kit::{Answer, Call, media_failure};
use domain::publishing::{ContentKind, Failure, MediaRef};
use jiff::Timestamp;
use ports::PublishCall;
use secrecy::{ExposeSecret, SecretString};

/// The address where a medium is fetched.
pub(super) async fn address(call: &PublishCall<'_>, reference: &MediaRef) -> Result<SecretString, Failure> {
    call.bytes.public_address(medium(call, reference)?).await.map_err(|error| media_failure(&error))
}

/// Makes the container of a picture or a video: one of a carousel, or what is published.
pub(super) async fn container_of(
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

/// Makes the container of a carousel of these.
pub(super) async fn carousel(
    instagram: &Instagram,
    call: &PublishCall<'_>,
    items: &[String],
) -> Result<String, Failure> {
    let caption = caption(call.variant, 0);
    let body = NewContainer {
        media_type: Some("CAROUSEL"),
        children: items.iter().map(String::as_str).collect(),
        caption: &caption,
        ..NewContainer::default()
    };
    make(instagram, call, |request| request.json(&body)).await
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
    answer.json::<Made>().and_then(|made| made.id).filter(|id| is_id(id)).ok_or(Failure::Unavailable)
}

/// The failure without any address in its words: one that opens the bucket may come back written otherwise than it was sent.
fn without_addresses(failure: Failure) -> Failure {
    let cut = |detail: String| {
        let shown = |word: &str| if word.contains("://") { "…".to_owned() } else { word.to_owned() };
        detail.split_whitespace().map(shown).collect::<Vec<_>>().join(" ")
    };
    match failure {
        Failure::Rejected { code, detail } => Failure::Rejected { code, detail: cut(detail) },
        Failure::Revoked { detail } => Failure::Revoked { detail: cut(detail) },
        other => other,
    }
}

/// A refusal of a call to the account itself: that there is none under its id means that we may not see it any more.
pub(super) fn gone(answer: &Answer, now: Timestamp) -> Failure {
    match (refusal(answer, now), Problem::of(answer)) {
        (Failure::Rejected { detail, .. }, Some(problem)) if problem.is_missing_account() => {
            Failure::Revoked { detail }
        }
        (failure, _) => failure,
    }
}
