//! Pictures of a page: uploaded one by one, unpublished, each with its alternative text, and then attached to the one post.

use super::api::Made;
use super::{Facebook, page};
use connector_kit::{Allowance, Call, file, is_number, progress};
use domain::publishing::{Failure, MediaRef};
use ports::{Prepared, PublishCall};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What is kept between wake-ups.
#[derive(Serialize, Deserialize, Default)]
struct Progress {
    /// Ids of the photos, in the order of the pictures.
    photos: Vec<String>,
}

fn progress(call: &PublishCall<'_>) -> Progress {
    let kept = progress::kept::<Progress>(call);
    kept.filter(|kept| kept.photos.iter().all(|id| is_number(id, 20))).unwrap_or_default()
}

/// The ids of the uploaded photos; none while they are not all uploaded.
pub(super) fn ready(call: &PublishCall<'_>) -> Option<Vec<String>> {
    let (photos, wanted) = (progress(call).photos, call.variant.media_of(call.part).len());
    // A first comment has none, whatever the post before it had.
    if wanted == 0 { Some(Vec::new()) } else { (photos.len() == wanted).then_some(photos) }
}

/// Uploads the next picture that is not uploaded yet.
pub(super) async fn prepare(facebook: &Facebook, call: &PublishCall<'_>) -> Result<Prepared, Failure> {
    let (mut kept, time) = (progress(call), Allowance::of(call));
    let wanted = call.variant.media_of(call.part);
    if let Some(reference) = wanted.get(kept.photos.len()) {
        let photo = time.run(upload(facebook, call, kept.photos.len(), reference, time)).await?;
        kept.photos.push(photo);
    }
    // Its own shape always serialises.
    let value: Value = serde_json::to_value(&kept).unwrap_or_default();
    Ok(if kept.photos.len() == wanted.len() { Prepared::Ready(Some(value)) } else { Prepared::More(value) })
}

async fn upload(
    facebook: &Facebook,
    call: &PublishCall<'_>,
    nth: usize,
    reference: &MediaRef,
    time: Allowance,
) -> Result<String, Failure> {
    let mut fields = vec![("published", "false".to_owned())];
    fields.extend(reference.alt_text.clone().filter(|text| !text.is_empty()).map(|text| ("alt_text_custom", text)));
    let files = file(call, nth, "source", time).await?;
    let graph = facebook.graph(call.app);
    let url = graph.at(&format!("{}/photos", page(call.account)?), &[], call.token);
    let answer = graph.ask(call.token, Call::post(url).files(fields, files), call.now).await?;
    let id = answer.json::<Made>().and_then(|made| made.id);
    id.filter(|id| is_number(id, 20)).ok_or(Failure::Unavailable)
}
