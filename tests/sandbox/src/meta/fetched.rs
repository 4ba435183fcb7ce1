//! What Instagram and Threads fetch from the addresses that it is given.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::Bytes;

use crate::store::{Media, Stage, is_mp4, sniff};

/// Bytes of a picture.
const MAX_PICTURE: usize = 8 * 1024 * 1024;

/// What lies at an address, or the number of what is wrong with it. The sandbox stands outside the system and calls as the
/// platform does.
#[allow(clippy::disallowed_methods)]
pub(super) async fn fetch(url: &str, is_video: bool, pictures: &[&str]) -> Result<(Bytes, &'static str), u32> {
    let client =
        reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(10)).build().map_err(|_| 2_207_052_u32)?;
    let answer = client.get(url).send().await.map_err(|_| 2_207_052_u32)?;
    if !answer.status().is_success() {
        return Err(2_207_052);
    }
    let bytes = answer.bytes().await.map_err(|_| 2_207_003_u32)?;
    if is_video {
        return if is_mp4(&bytes) { Ok((bytes, "video/mp4")) } else { Err(2_207_026) };
    }
    match sniff(&bytes) {
        _ if bytes.len() > MAX_PICTURE => Err(2_207_004),
        Some(mime) if pictures.contains(&mime) => Ok((bytes, mime)),
        _ => Err(2_207_005),
    }
}

/// What was fetched, as it is kept.
pub(super) fn held((id, owner): (&str, &str), (bytes, mime): (Bytes, &str), category: &str) -> Media {
    Media {
        id: id.to_owned(),
        owner: owner.to_owned(),
        mime: mime.to_owned(),
        category: category.to_owned(),
        announced: 0,
        parts: BTreeMap::new(),
        bytes,
        stage: Stage::ReadyAt(0),
        alt: None,
    }
}
