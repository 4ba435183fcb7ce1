//! The picture beside the video: its thumbnail. It is set on the private video, and setting it again changes nothing.

use super::{YouTube, upload};
use connector_kit::{Call, media_failure};
use domain::publishing::{Failure, Media, MediaKind};
use ports::{MediaBytes, PublishCall};

/// The picture of the post, if it has one.
pub(super) fn of<'a>(call: &PublishCall<'a>) -> Option<&'a Media> {
    super::prepare::medium(call, MediaKind::Picture)
}

pub(super) async fn set(
    youtube: &YouTube,
    call: &PublishCall<'_>,
    video: &str,
    picture: &Media,
) -> Result<(), Failure> {
    let probe = picture.probe.as_ref().ok_or(Failure::Unavailable)?;
    let MediaBytes { length, stream, .. } = call.bytes.open(picture).await.map_err(|error| media_failure(&error))?;
    let url = upload(call.app, &format!("thumbnails/set?videoId={video}"));
    let request = Call::post(url).stream(&probe.media_type, length.unwrap_or(probe.bytes), stream);
    youtube.ask(call, request).await.map(drop)
}
